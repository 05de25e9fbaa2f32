/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a formula and a table to a design matrix. */
#include "double_double.h"

#include "stroma/memory.h"
#include "stroma/number.h"
#include "stroma/sort.h"
#include "stroma/stats_formula.h"

#include <math.h>
#include <string.h>

enum { LEVELS_MAX = 10000 };

/* Where a variable's values are. */
typedef struct source {
    size_t column[STROMA_FORMULA_VARIABLES_MAX];
    size_t response;
    size_t *codes; /* variables × rows used: level of each factor */
    const stroma_table *table;
} source;

static stroma_status find(const stroma_table *t, const char *name, size_t *out, stroma_error *err)
{
    *out = stroma_table_find(t, name);
    if (*out != SIZE_MAX) return STROMA_OK;
    return stroma_fail(err, STROMA_E_USAGE, "no column \"%s\" in the table", name);
}

static stroma_status exclude(stroma_formula_data *d, const char *column, const char *what,
                             stroma_error *err)
{
    const char *reason = stroma_arena_printf(&d->arena, "%s is %s", column, what);
    if (reason == NULL) return stroma_no_memory(err);
    size_t i = 0;
    while (i < d->excluded_len && strcmp(d->excluded[i].reason, reason) != 0)
        i++;
    if (i == STROMA_FORMULA_EXCLUDED_MAX) i--;
    if (i == d->excluded_len) {
        d->excluded[i].reason = reason;
        d->excluded_len++;
    }
    d->excluded[i].n++;
    return STROMA_OK;
}

/* The visit of us(visit | subject) names occasions, also when they are numbers. */
static bool is_visit(const stroma_formula *f, size_t v)
{
    return f->covariance != NULL && strcmp(f->covariance, "sp_exp") != 0 &&
           strcmp(f->covariance, "random_slope") != 0 && f->variables[v].power == 1 &&
           strcmp(f->variables[v].column, f->visit) == 0;
}

static stroma_status classify(const stroma_formula *f, const stroma_table *t,
                              stroma_formula_data *d, source *s, stroma_error *err)
{
    STROMA_TRY(find(t, f->response, &s->response, err));
    if (f->event == NULL && t->columns[s->response].type == STROMA_COLUMN_TEXT)
        return stroma_fail(err, STROMA_E_USAGE, "response \"%s\" is text, not a number",
                           f->response);
    for (size_t v = 0; v < f->variables_len; v++) {
        STROMA_TRY(find(t, f->variables[v].column, &s->column[v], err));
        const bool text = t->columns[s->column[v]].type == STROMA_COLUMN_TEXT;
        d->factors[v].is_factor = text || f->variables[v].as_factor || is_visit(f, v);
        if (text && f->variables[v].power > 1)
            return stroma_fail(err, STROMA_E_USAGE, "\"%s\" is text and has no power",
                               f->variables[v].column);
    }
    s->table = t;
    return STROMA_OK;
}

/* A response beyond a limit, where the caller knows what to do with one. */
static bool is_limit(const source *s, const stroma_formula *f, size_t column, size_t row)
{
    const stroma_cell_state state = stroma_table_state(s->table, column, row);
    return f->censored && f->event == NULL && column == s->response &&
           (state == STROMA_BELOW_LIMIT || state == STROMA_ABOVE_LIMIT);
}

/* Keep a row when every cell it needs is there and its levels are among those asked for. */
static stroma_status keep_row(const source *s, size_t row, const stroma_formula_levels *levels,
                              size_t levels_len, stroma_formula_data *d, bool *keep,
                              stroma_error *err)
{
    const stroma_formula *f = d->formula;
    *keep = false;
    for (size_t v = 0; v <= f->variables_len; v++) {
        const size_t column = v < f->variables_len ? s->column[v] : s->response;
        const stroma_cell_state state = stroma_table_state(s->table, column, row);
        const bool factor = v < f->variables_len && d->factors[v].is_factor;
        const bool worded = factor || (v == f->variables_len && f->event != NULL);
        if (v == f->variables_len && is_limit(s, f, column, row)) continue;
        if (state != STROMA_PRESENT)
            return exclude(d, s->table->columns[column].name, stroma_cell_state_name(state), err);
        if (!worded && !isfinite(stroma_table_number(s->table, column, row)))
            return exclude(d, s->table->columns[column].name, "not a number", err);
        for (size_t k = 0; factor && k < levels_len; k++) {
            char buf[64];
            bool named = strcmp(levels[k].column, f->variables[v].column) != 0;
            const char *text = stroma_table_cell_text(s->table, column, row, buf);
            for (size_t i = 0; i < levels[k].names_len; i++)
                named = named || strcmp(levels[k].names[i], text) == 0;
            if (!named)
                return exclude(d, s->table->columns[column].name, "not among the levels", err);
        }
    }
    *keep = true;
    return STROMA_OK;
}

static int by_level(const void *a, const void *b, void *context)
{
    const char *const *p = a, *const *q = b;
    double x = 0, y = 0;
    (void)context;
    if (stroma_parse_double(*p, strlen(*p), '.', &x) &&
        stroma_parse_double(*q, strlen(*q), '.', &y) && x != y)
        return x < y ? -1 : 1;
    return strcmp(*p, *q);
}

/* The level of @p text among those found so far, or a new one. */
static stroma_status find_level(stroma_formula_data *d, const char ***found, size_t *capacity,
                                size_t *n, const char *text, stroma_error *err)
{
    for (size_t i = 0; i < *n; i++)
        if (strcmp((*found)[i], text) == 0) return STROMA_OK;
    if (*n == LEVELS_MAX)
        return stroma_fail(err, STROMA_E_DEGENERATE, "a factor has more than %d levels",
                           LEVELS_MAX);
    STROMA_TRY(stroma_grow(found, capacity, *n + 1, sizeof **found, err));
    (*found)[*n] = stroma_arena_strdup(&d->arena, text);
    return (*found)[(*n)++] == NULL ? stroma_no_memory(err) : STROMA_OK;
}

static stroma_status levels_of(stroma_formula_data *d, const source *s, size_t v,
                               const stroma_formula_levels *given, stroma_error *err)
{
    stroma_formula_factor *factor = &d->factors[v];
    const char **found = NULL;
    size_t capacity = 0, n = 0;
    stroma_status status = STROMA_OK;
    for (size_t i = 0; given != NULL && status == STROMA_OK && i < given->names_len; i++)
        status = find_level(d, &found, &capacity, &n, given->names[i], err);
    for (size_t i = 0; status == STROMA_OK && i < d->design.rows; i++) {
        char buf[64];
        status =
            find_level(d, &found, &capacity, &n,
                       stroma_table_cell_text(s->table, s->column[v], d->table_rows[i], buf), err);
    }
    if (status == STROMA_OK && given == NULL)
        status = stroma_sort(found, n, sizeof *found, by_level, NULL, err);
    if (status == STROMA_OK && n < 2)
        status = stroma_fail(err, STROMA_E_DEGENERATE, "factor \"%s\" has only one level",
                             d->formula->variables[v].column);
    factor->levels =
        status == STROMA_OK ? stroma_arena_alloc(&d->arena, n, sizeof *factor->levels) : NULL;
    if (status == STROMA_OK && factor->levels == NULL) status = stroma_no_memory(err);
    for (size_t i = 0; status == STROMA_OK && i < n; i++)
        factor->levels[i] = found[i];
    factor->levels_len = n;
    stroma_free(found);
    return status;
}

static void code_rows(stroma_formula_data *d, source *s, size_t v)
{
    const size_t n = d->design.rows;
    for (size_t i = 0; i < n; i++) {
        char buf[64];
        const char *text = stroma_table_cell_text(s->table, s->column[v], d->table_rows[i], buf);
        size_t k = 0;
        while (k + 1 < d->factors[v].levels_len && strcmp(d->factors[v].levels[k], text) != 0)
            k++;
        s->codes[v * n + i] = k;
    }
}

static double mean_of(const stroma_formula_data *d, const source *s, size_t v)
{
    dd sum = dd_from(0);
    for (size_t i = 0; i < d->design.rows; i++)
        sum = dd_add(sum, dd_from(stroma_table_number(s->table, s->column[v], d->table_rows[i])));
    return dd_value(dd_quotient(sum, dd_from((double)d->design.rows)));
}

static bool has_term(const stroma_formula *f, uint32_t term)
{
    if (term == 0) return f->intercept;
    for (size_t i = 0; i < f->terms_len; i++)
        if (f->terms[i] == term) return true;
    return false;
}

/* Columns a variable needs in a term: R's rule, contrasts where the margin is in the model. */
static size_t width(const stroma_formula_data *d, uint32_t term, size_t v, bool *full)
{
    *full = false;
    if (!d->factors[v].is_factor) return 1;
    *full = !has_term(d->formula, term & ~((uint32_t)1 << v));
    return d->factors[v].levels_len - (*full ? 0 : 1);
}

static stroma_status count_columns(stroma_formula_data *d, stroma_error *err)
{
    const stroma_formula *f = d->formula;
    size_t columns = f->intercept;
    for (size_t t = 0; t < f->terms_len; t++) {
        size_t n = 1;
        bool full = false;
        for (size_t v = 0; v < f->variables_len; v++)
            if (f->terms[t] >> v & 1) n *= width(d, f->terms[t], v, &full);
        columns += n;
        if (n > LEVELS_MAX || columns > LEVELS_MAX)
            return stroma_fail(err, STROMA_E_DEGENERATE, "the model has more than %d columns",
                               LEVELS_MAX);
    }
    if (columns == 0)
        return stroma_fail(err, STROMA_E_USAGE, "the formula has no term and no intercept");
    const size_t n = d->design.rows;
    d->design.x = stroma_arena_alloc(&d->arena, columns * n, sizeof *d->design.x);
    d->design.x_low = stroma_arena_alloc(&d->arena, columns * n, sizeof *d->design.x_low);
    d->design.names = stroma_arena_alloc(&d->arena, columns, sizeof *d->design.names);
    d->column_term = stroma_arena_alloc(&d->arena, columns, sizeof *d->column_term);
    d->column_level =
        stroma_arena_alloc(&d->arena, columns * (f->variables_len + 1), sizeof *d->column_level);
    if (d->design.x == NULL || d->design.x_low == NULL || d->design.names == NULL ||
        d->column_term == NULL || d->column_level == NULL)
        return stroma_no_memory(err);
    return STROMA_OK;
}

/* Multiply one variable's values into a column. */
static void multiply_in(stroma_formula_data *d, const source *s, size_t v, size_t level, dd *value)
{
    const size_t n = d->design.rows;
    for (size_t i = 0; i < n; i++) {
        if (d->factors[v].is_factor) {
            if (s->codes[v * n + i] != level) value[i] = dd_from(0);
            continue;
        }
        const double x = stroma_table_number(s->table, s->column[v], d->table_rows[i]);
        for (int k = 0; k < d->formula->variables[v].power; k++)
            value[i] = dd_multiply(value[i], dd_from(x));
    }
}

/* Column @p index of a term: the first factor's level varies fastest. */
static stroma_status one_column(stroma_formula_data *d, const source *s, size_t t, size_t index,
                                dd *value, stroma_error *err)
{
    const stroma_formula *f = d->formula;
    const size_t n = d->design.rows, c = d->design.columns;
    const char *label = "";
    for (size_t i = 0; i < n; i++)
        value[i] = dd_from(1);
    for (size_t v = 0; v < f->variables_len; v++) {
        if (!(f->terms[t] >> v & 1)) continue;
        bool full = false;
        const size_t w = width(d, f->terms[t], v, &full);
        const size_t level = index % w + (d->factors[v].is_factor && !full);
        index /= w;
        multiply_in(d, s, v, level, value);
        d->column_level[c * (f->variables_len + 1) + v] = (uint32_t)level;
        label = stroma_arena_printf(&d->arena, "%s%s%s%s", label, label[0] == '\0' ? "" : ":",
                                    f->variables[v].label,
                                    d->factors[v].is_factor ? d->factors[v].levels[level] : "");
        if (label == NULL) return stroma_no_memory(err);
    }
    for (size_t i = 0; i < n; i++) {
        d->design.x[c * n + i] = value[i].hi;
        d->design.x_low[c * n + i] = value[i].lo;
    }
    d->design.names[c] = label;
    d->column_term[c] = t;
    d->design.columns++;
    return STROMA_OK;
}

static stroma_status build(stroma_formula_data *d, const source *s, stroma_error *err)
{
    const stroma_formula *f = d->formula;
    const size_t n = d->design.rows;
    STROMA_TRY(count_columns(d, err));
    d->design.intercept = f->intercept;
    if (f->intercept) {
        for (size_t i = 0; i < n; i++)
            d->design.x[i] = 1;
        d->design.names[0] = "(Intercept)";
        d->column_term[0] = SIZE_MAX;
        d->design.columns = 1;
    }
    dd *value = stroma_arena_alloc(&d->arena, n, sizeof *value);
    if (value == NULL) return stroma_no_memory(err);
    for (size_t t = 0; t < f->terms_len; t++) {
        size_t columns = 1;
        bool full = false;
        for (size_t v = 0; v < f->variables_len; v++)
            if (f->terms[t] >> v & 1) columns *= width(d, f->terms[t], v, &full);
        for (size_t i = 0; i < columns; i++)
            STROMA_TRY(one_column(d, s, t, i, value, err));
    }
    return STROMA_OK;
}

static double response_of(const source *s, const stroma_formula *f, size_t row)
{
    char buf[STROMA_CELL_TEXT_MAX];
    if (is_limit(s, f, s->response, row)) return s->table->columns[s->response].numbers[row];
    if (f->event == NULL) return stroma_table_number(s->table, s->response, row);
    return strcmp(stroma_table_cell_text(s->table, s->response, row, buf), f->event) == 0;
}

static stroma_status fill(stroma_formula_data *d, const stroma_table *table, const size_t *rows,
                          size_t rows_len, const stroma_formula_levels *levels, size_t levels_len,
                          stroma_error *err)
{
    const stroma_formula *f = d->formula;
    source s = { .codes = NULL };
    STROMA_TRY(classify(f, table, d, &s, err));
    const size_t all = rows == NULL ? table->rows_len : rows_len;
    d->table_rows = stroma_arena_alloc(&d->arena, all + 1, sizeof *d->table_rows);
    if (d->table_rows == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < all; i++) {
        bool keep = false;
        const size_t row = rows == NULL ? i : rows[i];
        STROMA_TRY(keep_row(&s, row, levels, levels_len, d, &keep, err));
        if (keep) d->table_rows[d->design.rows++] = row;
    }
    const size_t n = d->design.rows;
    if (n == 0) return stroma_fail(err, STROMA_E_DEGENERATE, "no row has all cells of the formula");
    s.codes = stroma_arena_alloc(&d->arena, n * (f->variables_len + 1), sizeof *s.codes);
    d->y = stroma_arena_alloc(&d->arena, n, sizeof *d->y);
    if (s.codes == NULL || d->y == NULL) return stroma_no_memory(err);
    d->codes = s.codes;
    for (size_t i = 0; i < n; i++)
        d->y[i] = response_of(&s, f, d->table_rows[i]);
    for (size_t v = 0; v < f->variables_len; v++) {
        const stroma_formula_levels *given = NULL;
        for (size_t k = 0; k < levels_len; k++)
            if (strcmp(levels[k].column, f->variables[v].column) == 0) given = &levels[k];
        if (d->factors[v].is_factor) {
            STROMA_TRY(levels_of(d, &s, v, given, err));
            code_rows(d, &s, v);
        } else {
            d->factors[v].mean = mean_of(d, &s, v);
        }
    }
    return build(d, &s, err);
}

stroma_status stroma_formula_apply(const stroma_formula *f, const stroma_table *table,
                                   const size_t *rows, size_t rows_len,
                                   const stroma_formula_levels *levels, size_t levels_len,
                                   stroma_formula_data **out, stroma_error *err)
{
    *out = NULL;
    stroma_formula_data *d = stroma_alloc_array(1, sizeof *d);
    if (d == NULL) return stroma_no_memory(err);
    stroma_arena_init(&d->arena, (size_t)8 << 30);
    d->formula = f;
    const stroma_status s = fill(d, table, rows, rows_len, levels, levels_len, err);
    if (s == STROMA_OK)
        *out = d;
    else
        stroma_formula_data_free(d);
    return s;
}

void stroma_formula_data_free(stroma_formula_data *d)
{
    if (d == NULL) return;
    stroma_arena_clear(&d->arena);
    stroma_free(d);
}

/* A column's part of the mean: numbers at their means; a factor is at the level held, at the
 * level of row @p row (below SIZE_MAX), or at every level alike. */
static double part_of(const stroma_formula_data *d, size_t c, const size_t *levels, size_t row)
{
    const stroma_formula *f = d->formula;
    double part = 1;
    if (d->column_term[c] == SIZE_MAX) return part;
    const uint32_t term = f->terms[d->column_term[c]];
    for (size_t v = 0; v < f->variables_len; v++) {
        if (!(term >> v & 1)) continue;
        const size_t is = d->column_level[c * (f->variables_len + 1) + v];
        if (!d->factors[v].is_factor)
            part *= pow(d->factors[v].mean, f->variables[v].power);
        else if (levels[v] != SIZE_MAX)
            part *= is == levels[v];
        else if (row != SIZE_MAX)
            part *= is == d->codes[v * d->design.rows + row];
        else
            part /= (double)d->factors[v].levels_len;
    }
    return part;
}

void stroma_formula_mean_at(const stroma_formula_data *d, const size_t *levels,
                            stroma_formula_weights weights, double *l)
{
    for (size_t c = 0; c < d->design.columns; c++) {
        if (weights == STROMA_WEIGHTS_EQUAL) {
            l[c] = part_of(d, c, levels, SIZE_MAX);
            continue;
        }
        double sum = 0;
        for (size_t i = 0; i < d->design.rows; i++)
            sum += part_of(d, c, levels, i);
        l[c] = sum / (double)d->design.rows;
    }
}

void stroma_formula_ls_mean(const stroma_formula_data *d, size_t variable, size_t level, double *l)
{
    size_t levels[STROMA_FORMULA_VARIABLES_MAX];
    for (size_t v = 0; v < STROMA_FORMULA_VARIABLES_MAX; v++)
        levels[v] = v == variable ? level : SIZE_MAX;
    stroma_formula_mean_at(d, levels, STROMA_WEIGHTS_EQUAL, l);
}
