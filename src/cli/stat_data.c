/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From table columns to the arrays that statistics take; what is left out is counted and named. */
#include "stat_job.h"

#include "stroma/memory.h"
#include "stroma/number.h"
#include "stroma/sort.h"
#include "stroma/suggest.h"

#include <math.h>
#include <string.h>

void *stat_alloc(stat_job *j, size_t count, size_t size, stroma_error *err)
{
    void *p = stroma_arena_alloc(&j->arena, count == 0 ? 1 : count, size);
    if (p == NULL) (void)stroma_no_memory(err);
    return p;
}

void stat_exclude(stat_job *j, const char *reason)
{
    stat_excluded *e = &j->excluded;
    size_t i = 0;
    while (i < e->len && strcmp(e->reason[i], reason) != 0)
        i++;
    if (i == STAT_EXCLUDED_MAX) i--; /* the last one collects what does not fit */
    if (i == e->len) e->reason[e->len++] = reason;
    e->n[i]++;
}

stroma_status stat_column(const stat_job *j, const char *option, size_t *column, stroma_error *err)
{
    const char *name = cli_text(j->cli, option);
    if (j->table == NULL) return stroma_fail(err, STROMA_E_USAGE, "this method needs a file");
    if (name == NULL) {
        (void)stroma_fail(err, STROMA_E_USAGE, "option --%s is missing", option);
        stroma_hint(err, "name a column of the file: --%s COLUMN", option);
        return STROMA_E_USAGE;
    }
    *column = stroma_table_find(j->table, name);
    if (*column != SIZE_MAX) return STROMA_OK;
    const char **names = stroma_alloc_array(j->table->columns_len, sizeof *names);
    if (names == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < j->table->columns_len; i++)
        names[i] = j->table->columns[i].name;
    const char *near = stroma_nearest(name, names, j->table->columns_len);
    (void)stroma_fail(err, STROMA_E_USAGE, "no column \"%s\" in the file", name);
    if (near != NULL) stroma_hint(err, "did you mean \"%s\"?", near);
    stroma_free(names);
    return STROMA_E_USAGE;
}

static const char *reason(stat_job *j, size_t column, const char *what)
{
    const char *s =
        stroma_arena_printf(&j->arena, "%s is %s", j->table->columns[column].name, what);
    return s == NULL ? what : s;
}

/* A word among numbers makes its column text, and every row of it would be left out: the method
 * does not answer then. The first cell that is no number is named. */
static void note_text(stat_job *j, size_t column, size_t row)
{
    const stroma_table *t = j->table;
    char buf[64];
    double x = 0;
    for (; row < t->rows_len; row++) {
        if (stroma_table_state(t, column, row) != STROMA_PRESENT) continue;
        const char *text = stroma_table_cell_text(t, column, row, buf);
        if (stroma_parse_double(text, strlen(text), '.', &x)) continue;
        j->not_number =
            stroma_arena_printf(&j->arena, "column \"%s\", line %lld: \"%.80s\" is not a number",
                                t->columns[column].name, (long long)t->source_rows[row], text);
        return;
    }
}

bool stat_number(stat_job *j, size_t column, size_t row, double *out)
{
    const stroma_cell_state state = stroma_table_state(j->table, column, row);
    *out = stroma_table_number(j->table, column, row);
    if (state == STROMA_PRESENT && isfinite(*out)) return true;
    if (state == STROMA_PRESENT && j->not_number == NULL) note_text(j, column, row);
    stat_exclude(j,
                 reason(j, column,
                        state == STROMA_PRESENT ? "not a number" : stroma_cell_state_name(state)));
    return false;
}

bool stat_code(stat_job *j, size_t column, size_t row, const char *const *names, size_t k,
               size_t *out)
{
    char buf[64];
    const stroma_cell_state state = stroma_table_state(j->table, column, row);
    if (state != STROMA_PRESENT) {
        stat_exclude(j, reason(j, column, stroma_cell_state_name(state)));
        return false;
    }
    const char *text = stroma_table_cell_text(j->table, column, row, buf);
    for (*out = 0; *out < k; ++*out)
        if (strcmp(names[*out], text) == 0) return true;
    stat_exclude(j, reason(j, column, "not among --levels"));
    return false;
}

/* Numbers by value, else by bytes. */
static int by_level(const void *a, const void *b, void *context)
{
    const char *const *p = a, *const *q = b;
    (void)context;
    double x = 0, y = 0;
    if (stroma_parse_double(*p, strlen(*p), '.', &x) &&
        stroma_parse_double(*q, strlen(*q), '.', &y) && x != y)
        return x < y ? -1 : 1;
    return strcmp(*p, *q);
}

static stroma_status levels_given(stat_job *j, const char *list, const char ***names, size_t *k,
                                  stroma_error *err)
{
    size_t n = 1;
    for (const char *p = list; *p != '\0'; p++)
        n += *p == ',';
    *names = stat_alloc(j, n, sizeof **names, err);
    if (*names == NULL) return STROMA_E_NOMEM;
    for (*k = 0; *k < n; ++*k) {
        const size_t len = strcspn(list, ",");
        (*names)[*k] = stroma_arena_strndup(&j->arena, list, len);
        if ((*names)[*k] == NULL) return stroma_no_memory(err);
        list += len + (list[len] == ',');
    }
    return STROMA_OK;
}

stroma_status stat_levels(stat_job *j, size_t column, bool use_option, const char ***names,
                          size_t *k, stroma_error *err)
{
    const char *list = use_option ? cli_text(j->cli, "levels") : NULL;
    if (list != NULL) return levels_given(j, list, names, k, err);
    size_t capacity = 0;
    const char **found = NULL;
    *k = 0;
    stroma_status s = STROMA_OK;
    for (size_t i = 0; s == STROMA_OK && i < j->rows_len; i++) {
        char buf[64];
        if (stroma_table_state(j->table, column, j->rows[i]) != STROMA_PRESENT) continue;
        const char *text = stroma_table_cell_text(j->table, column, j->rows[i], buf);
        size_t at = 0;
        while (at < *k && strcmp(found[at], text) != 0)
            at++;
        if (at < *k) continue;
        if (*k >= 10000)
            s = stroma_fail(err, STROMA_E_DEGENERATE, "column \"%s\" has more than 10000 levels",
                            j->table->columns[column].name);
        if (s == STROMA_OK) s = stroma_grow(&found, &capacity, *k + 1, sizeof *found, err);
        if (s != STROMA_OK) break;
        found[*k] = stroma_arena_strdup(&j->arena, text);
        if (found[(*k)++] == NULL) s = stroma_no_memory(err);
    }
    if (s == STROMA_OK) s = stroma_sort(found, *k, sizeof *found, by_level, NULL, err);
    *names = s == STROMA_OK ? stat_alloc(j, *k, sizeof **names, err) : NULL;
    if (s == STROMA_OK && *names == NULL) s = STROMA_E_NOMEM;
    for (size_t i = 0; s == STROMA_OK && i < *k; i++)
        (*names)[i] = found[i];
    stroma_free(found);
    return s;
}

stroma_status stat_read_values(stat_job *j, const char *option, double **values, size_t *n,
                               stroma_error *err)
{
    size_t column = 0;
    STROMA_TRY(stat_column(j, option, &column, err));
    *values = stat_alloc(j, j->rows_len, sizeof **values, err);
    if (*values == NULL) return STROMA_E_NOMEM;
    *n = 0;
    for (size_t i = 0; i < j->rows_len; i++) {
        double x = 0;
        if (stat_number(j, column, j->rows[i], &x)) (*values)[(*n)++] = x;
    }
    return STROMA_OK;
}

/* Two columns are two groups. */
static stroma_status groups_of_columns(stat_job *j, stat_groups *g, stroma_error *err)
{
    static const char *const options[] = { "x", "y" };
    *g = (stat_groups){ .k = 2 };
    g->values = stat_alloc(j, 2 * j->rows_len, sizeof *g->values, err);
    g->codes = stat_alloc(j, 2 * j->rows_len, sizeof *g->codes, err);
    g->names = stat_alloc(j, 2, sizeof *g->names, err);
    if (g->values == NULL || g->codes == NULL || g->names == NULL) return STROMA_E_NOMEM;
    for (size_t k = 0; k < 2; k++) {
        size_t column = 0;
        STROMA_TRY(stat_column(j, options[k], &column, err));
        g->names[k] = j->table->columns[column].name;
        for (size_t i = 0; i < j->rows_len; i++)
            if (stat_number(j, column, j->rows[i], &g->values[g->n])) g->codes[g->n++] = k;
    }
    return STROMA_OK;
}

stroma_status stat_read_groups(stat_job *j, stat_groups *g, stroma_error *err)
{
    if (cli_given(j->cli, "x") && !cli_given(j->cli, "value")) return groups_of_columns(j, g, err);
    size_t value = 0, group = 0;
    *g = (stat_groups){ 0 };
    STROMA_TRY(stat_column(j, "value", &value, err));
    STROMA_TRY(stat_column(j, "group", &group, err));
    STROMA_TRY(stat_levels(j, group, true, &g->names, &g->k, err));
    g->values = stat_alloc(j, j->rows_len, sizeof *g->values, err);
    g->codes = stat_alloc(j, j->rows_len, sizeof *g->codes, err);
    if (g->values == NULL || g->codes == NULL) return STROMA_E_NOMEM;
    for (size_t i = 0; i < j->rows_len; i++) {
        size_t code = 0;
        double x = 0;
        if (!stat_code(j, group, j->rows[i], g->names, g->k, &code)) continue;
        if (!stat_number(j, value, j->rows[i], &x)) continue;
        g->values[g->n] = x;
        g->codes[g->n++] = code;
    }
    return STROMA_OK;
}

stroma_status stat_read_two(stat_job *j, stat_groups *g, size_t *first_n, stroma_error *err)
{
    STROMA_TRY(stat_read_groups(j, g, err));
    if (g->k != 2) {
        (void)stroma_fail(err, STROMA_E_DEGENERATE, "this method compares two groups, found %zu",
                          g->k);
        stroma_hint(err, "name the two with --levels a,b");
        return STROMA_E_DEGENERATE;
    }
    double *sorted = stat_alloc(j, g->n, sizeof *sorted, err);
    if (sorted == NULL) return STROMA_E_NOMEM;
    size_t n = 0;
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < g->n; i++)
            if (g->codes[i] == k) sorted[n++] = g->values[i];
        if (k == 0) *first_n = n;
    }
    g->values = sorted;
    for (size_t i = 0; i < g->n; i++)
        g->codes[i] = i >= *first_n;
    return STROMA_OK;
}

/* Code of a subject's row in blocks[subject][condition]; a second value of one cell is an error. */
stroma_status stat_read_blocks(stat_job *j, double **values, size_t *subjects, size_t *conditions,
                               const char ***names, stroma_error *err)
{
    size_t value = 0, group = 0, subject = 0;
    const char **who = NULL;
    STROMA_TRY(stat_column(j, "value", &value, err));
    STROMA_TRY(stat_column(j, "group", &group, err));
    STROMA_TRY(stat_column(j, "subject", &subject, err));
    STROMA_TRY(stat_levels(j, group, true, names, conditions, err));
    STROMA_TRY(stat_levels(j, subject, false, &who, subjects, err));
    const size_t k = *conditions;
    if (k > 0 && *subjects > SIZE_MAX / k) return stroma_no_memory(err);
    double *cells = stat_alloc(j, *subjects * k, sizeof *cells, err);
    if (cells == NULL) return STROMA_E_NOMEM;
    for (size_t i = 0; i < *subjects * k; i++)
        cells[i] = NAN;
    for (size_t i = 0; i < j->rows_len; i++) {
        size_t s = 0, c = 0;
        double x = 0;
        if (!stat_code(j, group, j->rows[i], *names, k, &c)) continue;
        if (!stat_code(j, subject, j->rows[i], who, *subjects, &s)) continue;
        if (!stat_number(j, value, j->rows[i], &x)) continue;
        if (!isnan(cells[s * k + c]))
            return stroma_fail(err, STROMA_E_INCONSISTENT,
                               "subject \"%s\" has two values under \"%s\"", who[s], (*names)[c]);
        cells[s * k + c] = x;
    }
    size_t kept = 0;
    for (size_t s = 0; s < *subjects; s++) {
        bool whole = true;
        for (size_t c = 0; c < k; c++)
            whole = whole && !isnan(cells[s * k + c]);
        if (whole && kept++ != s) memmove(cells + (kept - 1) * k, cells + s * k, k * sizeof *cells);
        if (!whole) stat_exclude(j, "subject is incomplete");
    }
    *values = cells;
    *subjects = kept;
    return STROMA_OK;
}

static stroma_status pairs_of_subjects(stat_job *j, stat_pairs *p, stroma_error *err)
{
    double *cells = NULL;
    size_t conditions = 0;
    const char **names = NULL;
    STROMA_TRY(stat_read_blocks(j, &cells, &p->n, &conditions, &names, err));
    if (conditions != 2) {
        (void)stroma_fail(err, STROMA_E_DEGENERATE, "pairs need two conditions, found %zu",
                          conditions);
        stroma_hint(err, "name the two with --levels a,b");
        return STROMA_E_DEGENERATE;
    }
    p->x = stat_alloc(j, p->n, sizeof *p->x, err);
    p->y = stat_alloc(j, p->n, sizeof *p->y, err);
    if (p->x == NULL || p->y == NULL) return STROMA_E_NOMEM;
    for (size_t i = 0; i < p->n; i++) {
        p->x[i] = cells[2 * i];
        p->y[i] = cells[2 * i + 1];
    }
    p->x_name = names[0];
    p->y_name = names[1];
    return STROMA_OK;
}

stroma_status stat_read_pairs(stat_job *j, stat_pairs *p, stroma_error *err)
{
    *p = (stat_pairs){ 0 };
    if (cli_given(j->cli, "value")) return pairs_of_subjects(j, p, err);
    size_t x = 0, y = 0;
    STROMA_TRY(stat_column(j, "x", &x, err));
    STROMA_TRY(stat_column(j, "y", &y, err));
    p->x_name = j->table->columns[x].name;
    p->y_name = j->table->columns[y].name;
    p->x = stat_alloc(j, j->rows_len, sizeof *p->x, err);
    p->y = stat_alloc(j, j->rows_len, sizeof *p->y, err);
    if (p->x == NULL || p->y == NULL) return STROMA_E_NOMEM;
    for (size_t i = 0; i < j->rows_len; i++)
        if (stat_number(j, x, j->rows[i], &p->x[p->n]) &&
            stat_number(j, y, j->rows[i], &p->y[p->n]))
            p->n++;
    return STROMA_OK;
}
