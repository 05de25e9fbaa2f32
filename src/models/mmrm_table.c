/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a table and a formula with a covariance term to coded rows. */
#include "stroma/memory.h"
#include "stroma/models_mmrm.h"
#include "stroma/number.h"
#include "stroma/sort.h"

#include <math.h>
#include <string.h>

enum { ARENA_BYTES_LOG2 = 33 };

/* A value of one row, to be ordered. */
typedef struct item {
    const char *text;
    double number; /* NaN when the text is none */
    size_t row;
} item;

static int by_value(const void *a, const void *b, void *context)
{
    const item *p = a, *q = b;
    (void)context;
    if (isnan(p->number) != isnan(q->number)) return isnan(p->number) ? 1 : -1;
    if (p->number < q->number) return -1;
    if (p->number > q->number) return 1;
    return strcmp(p->text, q->text);
}

static stroma_status cell(stroma_mmrm_table *t, const stroma_table *table, size_t column,
                          size_t row, item *out, stroma_error *err)
{
    char buf[64];
    const char *text = stroma_table_cell_text(table, column, row, buf);
    out->text = stroma_arena_strdup(&t->arena, text);
    if (out->text == NULL) return stroma_no_memory(err);
    if (!stroma_parse_double(text, strlen(text), '.', &out->number)) out->number = NAN;
    return STROMA_OK;
}

static const stroma_formula_levels *order_of(const stroma_formula_levels *levels, size_t n,
                                             const char *column)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(levels[i].column, column) == 0) return &levels[i];
    return NULL;
}

static size_t place_in(const stroma_formula_levels *order, const char *text)
{
    for (size_t i = 0; i < order->names_len; i++)
        if (strcmp(order->names[i], text) == 0) return i;
    return SIZE_MAX;
}

/* Codes of a column over the design's rows, and the names behind them. */
typedef struct coded {
    size_t *codes;
    const char **names;
    double *numbers; /* of the names */
    size_t len;
} coded;

static stroma_status code_rows(stroma_mmrm_table *t, const stroma_table *table, size_t column,
                               const stroma_formula_levels *order, coded *out, stroma_error *err)
{
    const size_t n = t->model->design.rows;
    item *items = stroma_arena_alloc(&t->arena, n, sizeof *items);
    out->codes = stroma_arena_alloc(&t->arena, n, sizeof *out->codes);
    out->names = stroma_arena_alloc(&t->arena, n, sizeof *out->names);
    out->numbers = stroma_arena_alloc(&t->arena, n, sizeof *out->numbers);
    if (items == NULL || out->codes == NULL || out->names == NULL || out->numbers == NULL)
        return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++) {
        STROMA_TRY(cell(t, table, column, t->model->table_rows[i], &items[i], err));
        items[i].row = i;
        if (order != NULL) items[i].number = (double)place_in(order, items[i].text);
    }
    STROMA_TRY(stroma_sort(items, n, sizeof *items, by_value, NULL, err));
    out->len = 0;
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || strcmp(items[i].text, items[i - 1].text) != 0) {
            out->names[out->len] = items[i].text;
            if (!stroma_parse_double(items[i].text, strlen(items[i].text), '.',
                                     &out->numbers[out->len]))
                out->numbers[out->len] = NAN;
            out->len++;
        }
        out->codes[items[i].row] = out->len - 1;
    }
    return STROMA_OK;
}

/* Reasons are few, and the same text each time. */
static void exclude(stroma_mmrm_table *t, const char *reason)
{
    for (size_t i = 0; i < t->excluded_len; i++)
        if (t->excluded[i].reason == reason) {
            t->excluded[i].n++;
            return;
        }
    t->excluded[t->excluded_len].reason = reason;
    t->excluded[t->excluded_len++].n = 1;
}

typedef struct columns {
    size_t visit, subject, group; /* group SIZE_MAX: none */
    const stroma_formula_levels *visits;
} columns;

static stroma_status find_columns(const stroma_formula *f, const stroma_table *table, columns *c,
                                  stroma_error *err)
{
    const struct {
        const char *name;
        size_t *at;
    } wanted[] = { { f->visit, &c->visit }, { f->subject, &c->subject }, { f->group, &c->group } };
    for (size_t i = 0; i < 3; i++) {
        *wanted[i].at =
            wanted[i].name == NULL ? SIZE_MAX : stroma_table_find(table, wanted[i].name);
        if (wanted[i].name != NULL && *wanted[i].at == SIZE_MAX)
            return stroma_fail(err, STROMA_E_USAGE, "no column \"%s\" in the table",
                               wanted[i].name);
    }
    return STROMA_OK;
}

/* Rows with a visit, a subject and a group; the formula looks at the rest. */
static stroma_status keep_row(stroma_mmrm_table *t, const stroma_table *table, const columns *c,
                              size_t row, bool *keep, stroma_error *err)
{
    item visit = { .text = NULL };
    *keep = false;
    if (stroma_table_state(table, c->visit, row) != STROMA_PRESENT)
        exclude(t, "no visit");
    else if (stroma_table_state(table, c->subject, row) != STROMA_PRESENT)
        exclude(t, "no subject");
    else if (c->group != SIZE_MAX && stroma_table_state(table, c->group, row) != STROMA_PRESENT)
        exclude(t, "no covariance group");
    else
        *keep = true;
    if (!*keep || c->visits == NULL) return STROMA_OK;
    STROMA_TRY(cell(t, table, c->visit, row, &visit, err));
    *keep = place_in(c->visits, visit.text) != SIZE_MAX;
    if (!*keep) exclude(t, "visit not among the levels");
    return STROMA_OK;
}

typedef struct visit_row {
    size_t subject, visit, row;
} visit_row;

static int by_visit(const void *a, const void *b, void *context)
{
    const visit_row *p = a, *q = b;
    (void)context;
    if (p->subject != q->subject) return p->subject < q->subject ? -1 : 1;
    if (p->visit != q->visit) return p->visit < q->visit ? -1 : 1;
    return p->row < q->row ? -1 : p->row > q->row;
}

/* The fit refuses a visit that stands twice, but knows neither names nor lines. */
static stroma_status refuse_twice(stroma_mmrm_table *t, const stroma_table *table,
                                  const coded *subject, const coded *visit, stroma_error *err)
{
    const size_t n = t->model->design.rows;
    visit_row *v = stroma_arena_alloc(&t->arena, n + 1, sizeof *v);
    if (v == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++)
        v[i] = (visit_row){ subject->codes[i], visit->codes[i], i };
    STROMA_TRY(stroma_sort(v, n, sizeof *v, by_visit, NULL, err));
    for (size_t i = 1; i < n; i++) {
        if (v[i].subject != v[i - 1].subject || v[i].visit != v[i - 1].visit) continue;
        (void)stroma_fail(err, STROMA_E_INCONSISTENT,
                          "subject \"%s\" has two rows of visit \"%s\" (lines %lld and %lld)",
                          subject->names[v[i].subject], visit->names[v[i].visit],
                          (long long)table->source_rows[t->model->table_rows[v[i - 1].row]],
                          (long long)table->source_rows[t->model->table_rows[v[i].row]]);
        stroma_hint(err, "keep one record of each subject and visit");
        return STROMA_E_INCONSISTENT;
    }
    return STROMA_OK;
}

static stroma_status code_all(stroma_mmrm_table *t, const stroma_table *table, const columns *c,
                              const stroma_formula *f, stroma_error *err)
{
    coded visit = { .len = 0 }, subject = { .len = 0 }, group = { .len = 1 };
    STROMA_TRY(code_rows(t, table, c->visit, c->visits, &visit, err));
    STROMA_TRY(code_rows(t, table, c->subject, NULL, &subject, err));
    if (c->group != SIZE_MAX) STROMA_TRY(code_rows(t, table, c->group, NULL, &group, err));
    STROMA_TRY(refuse_twice(t, table, &subject, &visit, err));
    t->visits = visit.names;
    t->groups = group.names;
    t->data = (stroma_mmrm_data){ .design = &t->model->design,
                                  .y = t->model->y,
                                  .subject = subject.codes,
                                  .visit = visit.codes,
                                  .group = group.codes,
                                  .subjects = subject.len,
                                  .visits = visit.len,
                                  .groups = group.len };
    bool numbers = true;
    for (size_t i = 0; i < visit.len; i++)
        numbers = numbers && isfinite(visit.numbers[i]) &&
                  (i == 0 || visit.numbers[i] > visit.numbers[i - 1]);
    if (numbers) t->data.visit_time = visit.numbers;
    const bool timed =
        strcmp(f->covariance, "sp_exp") == 0 || strcmp(f->covariance, "random_slope") == 0;
    if (timed && !numbers)
        return stroma_fail(err, STROMA_E_USAGE, "%s: the visits \"%s\" are not times",
                           f->covariance, f->visit);
    return STROMA_OK;
}

static stroma_status fill(stroma_mmrm_table *t, const stroma_formula *f, const stroma_table *table,
                          const size_t *rows, size_t rows_len, columns *c, stroma_error *err)
{
    STROMA_TRY(find_columns(f, table, c, err));
    const size_t all = rows == NULL ? table->rows_len : rows_len;
    size_t *kept = stroma_arena_alloc(&t->arena, all + 1, sizeof *kept), n = 0;
    if (kept == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < all; i++) {
        bool keep = false;
        kept[n] = rows == NULL ? i : rows[i];
        STROMA_TRY(keep_row(t, table, c, kept[n], &keep, err));
        n += keep;
    }
    STROMA_TRY(stroma_formula_apply(f, table, kept, n, t->levels, t->levels_len, &t->model, err));
    return code_all(t, table, c, f, err);
}

stroma_status stroma_mmrm_table_read(const stroma_formula *f, const stroma_table *table,
                                     const size_t *rows, size_t rows_len,
                                     const stroma_formula_levels *levels, size_t levels_len,
                                     stroma_mmrm_table **out, stroma_error *err)
{
    *out = NULL;
    if (f->covariance == NULL) {
        (void)stroma_fail(err, STROMA_E_USAGE, "the formula has no covariance term");
        stroma_hint(err, "add one, as us(visit | subject)");
        return STROMA_E_USAGE;
    }
    stroma_mmrm_table *t = stroma_alloc_array(1, sizeof *t);
    if (t == NULL) return stroma_no_memory(err);
    stroma_arena_init(&t->arena, (size_t)1 << ARENA_BYTES_LOG2);
    t->levels = levels;
    t->levels_len = levels_len;
    columns c = { .visits = order_of(levels, levels_len, f->visit) };
    const stroma_status s = fill(t, f, table, rows, rows_len, &c, err);
    if (s == STROMA_OK)
        *out = t;
    else
        stroma_mmrm_table_free(t);
    return s;
}

void stroma_mmrm_table_free(stroma_mmrm_table *t)
{
    if (t == NULL) return;
    stroma_formula_data_free(t->model);
    stroma_arena_clear(&t->arena);
    stroma_free(t);
}
