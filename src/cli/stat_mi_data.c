/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stat_mi_data.h"

#include "stat_methods.h"

#include "stroma/memory.h"
#include "stroma/sort.h"

#include <math.h>
#include <string.h>

enum { COVARIATES_MAX = 32 };

typedef struct columns {
    size_t value, visit, subject, group, ice, ice_strategy, rule; /* SIZE_MAX: none */
    size_t covariate[COVARIATES_MAX];
    size_t covariates, visits, groups, subjects;
    bool group_optional;
    size_t *who; /* table rows: subject, SIZE_MAX when the row does not count */
    size_t *when;
} columns;

static stroma_status levels_of(stat_job *j, size_t column, bool is_group, const char ***names,
                               size_t *n, stroma_error *err)
{
    stroma_formula_levels *levels = NULL;
    size_t len = 0;
    const char *list = cli_text(j->cli, "levels");
    if (list != NULL && strchr(list, '=') == NULL) /* a plain list is of --group, as elsewhere */
        return stat_levels(j, column, is_group, names, n, err);
    STROMA_TRY(stat_formula_levels(j, &levels, &len, err));
    for (size_t k = 0; k < len; k++) {
        if (strcmp(levels[k].column, j->table->columns[column].name) != 0) continue;
        *n = levels[k].names_len;
        *names = stat_alloc(j, *n, sizeof **names, err);
        if (*names == NULL) return STROMA_E_NOMEM;
        for (size_t i = 0; i < *n; i++)
            (*names)[i] = levels[k].names[i];
        return STROMA_OK;
    }
    return stat_levels(j, column, false, names, n, err);
}

static stroma_status find_covariates(stat_job *j, columns *c, stroma_error *err)
{
    size_t at = 0;
    if (cli_given(j->cli, "baseline"))
        STROMA_TRY(stat_column(j, "baseline", &c->covariate[0], err));
    c->covariates = cli_given(j->cli, "baseline");
    for (const char *p = cli_text(j->cli, "covariates"); p != NULL && *p != '\0';) {
        const size_t len = strcspn(p, ",");
        const char *name = stroma_arena_strndup(&j->arena, p, len);
        if (name == NULL) return stroma_no_memory(err);
        at = stroma_table_find(j->table, name);
        if (at == SIZE_MAX)
            return stroma_fail(err, STROMA_E_USAGE, "no column \"%s\" in the file", name);
        if (c->covariates == COVARIATES_MAX)
            return stroma_fail(err, STROMA_E_USAGE, "more than %d covariates", COVARIATES_MAX);
        c->covariate[c->covariates++] = at;
        p += len + (p[len] == ',');
    }
    return STROMA_OK;
}

static stroma_status find_columns(stat_job *j, columns *c, mi_data *d, stroma_error *err)
{
    const struct {
        const char *option;
        size_t *at;
    } wanted[] = { { "value", &c->value },
                   { "visit", &c->visit },
                   { "subject", &c->subject },
                   { "group", &c->group } };
    c->group = SIZE_MAX;
    for (size_t i = 0; i < 4; i++)
        if (i < 3 || !c->group_optional || cli_given(j->cli, "group"))
            STROMA_TRY(stat_column(j, wanted[i].option, wanted[i].at, err));
    c->ice = c->ice_strategy = c->rule = SIZE_MAX;
    if (cli_given(j->cli, "ice")) STROMA_TRY(stat_column(j, "ice", &c->ice, err));
    STROMA_TRY(find_covariates(j, c, err));
    d->value_name = j->table->columns[c->value].name;
    d->visit_name = j->table->columns[c->visit].name;
    STROMA_TRY(levels_of(j, c->visit, false, &d->visits, &c->visits, err));
    if (c->group != SIZE_MAX) {
        d->group_name = j->table->columns[c->group].name;
        return levels_of(j, c->group, true, &d->groups, &c->groups, err);
    }
    c->groups = 1;
    d->groups = stat_alloc(j, 1, sizeof *d->groups, err);
    if (d->groups == NULL) return STROMA_E_NOMEM;
    d->groups[0] = d->group_name = "all";
    return STROMA_OK;
}

/* ---- who is in ---- */

typedef struct person {
    const char *name;
    size_t row; /* the first one */
} person;

static int by_name(const void *a, const void *b, void *context)
{
    const person *p = a, *q = b;
    const int order = strcmp(p->name, q->name);
    (void)context;
    return order != 0 ? order : (p->row > q->row) - (p->row < q->row);
}

static int by_row(const void *a, const void *b, void *context)
{
    const person *p = a, *q = b;
    (void)context;
    return (p->row > q->row) - (p->row < q->row);
}

/* Subjects in order of first appearance; rows without visit, subject or group do not count. */
static stroma_status code_rows(stat_job *j, columns *c, mi_data *d, stroma_error *err)
{
    const stroma_table *t = j->table;
    char buf[STROMA_CELL_TEXT_MAX];
    person *all = stat_alloc(j, j->rows_len, sizeof *all, err);
    person *first = stat_alloc(j, j->rows_len, sizeof *first, err);
    size_t *number = stat_alloc(j, t->rows_len, sizeof *number, err);
    c->who = stat_alloc(j, t->rows_len, sizeof *c->who, err);
    c->when = stat_alloc(j, t->rows_len, sizeof *c->when, err);
    if (all == NULL || first == NULL || number == NULL || c->who == NULL || c->when == NULL)
        return STROMA_E_NOMEM;
    size_t n = 0, group = 0;
    for (size_t i = 0; i < j->rows_len; i++) {
        const size_t row = j->rows[i];
        c->who[row] = SIZE_MAX;
        if (stroma_table_state(t, c->subject, row) != STROMA_PRESENT) {
            stat_exclude(j, "no subject");
            continue;
        }
        if (!stat_code(j, c->visit, row, d->visits, c->visits, &c->when[row]) ||
            (c->group != SIZE_MAX && !stat_code(j, c->group, row, d->groups, c->groups, &group)))
            continue;
        all[n].name =
            stroma_arena_strdup(&j->arena, stroma_table_cell_text(t, c->subject, row, buf));
        if (all[n].name == NULL) return stroma_no_memory(err);
        all[n++].row = row;
    }
    STROMA_TRY(stroma_sort(all, n, sizeof *all, by_name, NULL, err));
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || strcmp(all[i].name, all[i - 1].name) != 0) first[c->subjects++] = all[i];
        c->who[all[i].row] = first[c->subjects - 1].row; /* for now: the row of the first */
    }
    STROMA_TRY(stroma_sort(first, c->subjects, sizeof *first, by_row, NULL, err));
    d->subjects = stat_alloc(j, c->subjects, sizeof *d->subjects, err);
    if (d->subjects == NULL) return STROMA_E_NOMEM;
    for (size_t k = 0; k < c->subjects; k++) {
        number[first[k].row] = k;
        d->subjects[k] = first[k].name;
    }
    for (size_t i = 0; i < n; i++)
        c->who[all[i].row] = number[c->who[all[i].row]];
    return STROMA_OK;
}

/* ---- values ---- */

static stroma_status take_value(stat_job *j, const columns *c, mi_data *d, size_t row,
                                stroma_error *err)
{
    const stroma_cell_state state = stroma_table_state(j->table, c->value, row);
    const size_t i = c->who[row], at = i * c->visits + c->when[row];
    if (state == STROMA_BELOW_LIMIT || state == STROMA_ABOVE_LIMIT) {
        (void)stroma_fail(err, STROMA_E_DEGENERATE,
                          "subject \"%s\", %s \"%s\": the value lies %s a detection limit and is "
                          "not missing",
                          d->subjects[i], d->visit_name, d->visits[c->when[row]],
                          state == STROMA_BELOW_LIMIT ? "below" : "above");
        stroma_hint(err, "values beyond a limit have methods of their own");
        return STROMA_E_DEGENERATE;
    }
    if (state != STROMA_PRESENT) return STROMA_OK;
    if (d->observed[at])
        return stroma_fail(err, STROMA_E_INCONSISTENT, "subject \"%s\" has two values at %s \"%s\"",
                           d->subjects[i], d->visit_name, d->visits[c->when[row]]);
    d->observed[at] = stat_number(j, c->value, row, &d->y[at]);
    return STROMA_OK;
}

static stroma_status take_groups(stat_job *j, const columns *c, mi_data *d, stroma_error *err)
{
    size_t *group = d->group;
    for (size_t i = 0; i < c->subjects; i++)
        group[i] = SIZE_MAX;
    for (size_t k = 0; k < j->rows_len; k++) {
        const size_t row = j->rows[k], i = c->who[row];
        size_t code = 0;
        if (i == SIZE_MAX) continue;
        if (c->group != SIZE_MAX && !stat_code(j, c->group, row, d->groups, c->groups, &code))
            continue;
        if (group[i] != SIZE_MAX && group[i] != code)
            return stroma_fail(err, STROMA_E_INCONSISTENT, "subject \"%s\" is in \"%s\" and \"%s\"",
                               d->subjects[i], d->groups[group[i]], d->groups[code]);
        group[i] = code;
    }
    return STROMA_OK;
}

/* A number of the subject, the same in every row that has it; NaN when no row has. */
static stroma_status of_subject(stat_job *j, const columns *c, const mi_data *d, size_t column,
                                double *x, size_t stride, stroma_error *err)
{
    for (size_t i = 0; i < c->subjects; i++)
        x[i * stride] = NAN;
    for (size_t k = 0; k < j->rows_len; k++) {
        const size_t row = j->rows[k], i = c->who[row];
        double own = 0;
        if (i == SIZE_MAX || stroma_table_state(j->table, column, row) != STROMA_PRESENT) continue;
        if (!stat_number(j, column, row, &own)) continue;
        if (!isnan(x[i * stride]) && x[i * stride] != own) {
            (void)stroma_fail(err, STROMA_E_INCONSISTENT, "subject \"%s\": \"%s\" is %g and %g",
                              d->subjects[i], j->table->columns[column].name, x[i * stride], own);
            stroma_hint(err, "a covariate is known before treatment and does not change");
            return STROMA_E_INCONSISTENT;
        }
        x[i * stride] = own;
    }
    return STROMA_OK;
}

/* A covariate: of a text column, its levels, else none. */
typedef struct covariate {
    size_t column, levels;
    const char **names;
} covariate;

/* Indicators of the levels of a text column but the first. */
static stroma_status indicators(stat_job *j, const columns *c, const mi_data *d,
                                const covariate *own_column, double *x, size_t stride,
                                stroma_error *err)
{
    const size_t column = own_column->column, n = own_column->levels;
    const char **names = own_column->names;
    for (size_t i = 0; i < c->subjects; i++)
        for (size_t l = 1; l < n; l++)
            x[i * stride + l - 1] = NAN;
    for (size_t k = 0; k < j->rows_len; k++) {
        const size_t row = j->rows[k], i = c->who[row];
        size_t code = 0;
        if (i == SIZE_MAX || stroma_table_state(j->table, column, row) != STROMA_PRESENT) continue;
        if (!stat_code(j, column, row, names, n, &code)) continue;
        for (size_t l = 1; l < n; l++) {
            const double own = code == l;
            double *at = x + i * stride + l - 1;
            if (isnan(*at)) *at = own;
            if (*at != own)
                return stroma_fail(err, STROMA_E_INCONSISTENT,
                                   "subject \"%s\" has two values of \"%s\"", d->subjects[i],
                                   j->table->columns[column].name);
        }
    }
    return STROMA_OK;
}

static stroma_status take_covariates(stat_job *j, const columns *c, mi_data *d, stroma_error *err)
{
    covariate all[COVARIATES_MAX] = { { .names = NULL } };
    size_t width = 0, at = 0;
    for (size_t k = 0; k < c->covariates; k++) {
        covariate *own = &all[k];
        own->column = c->covariate[k];
        const bool text = j->table->columns[own->column].type == STROMA_COLUMN_TEXT;
        if (text) STROMA_TRY(levels_of(j, own->column, false, &own->names, &own->levels, err));
        if (text && own->levels < 2)
            return stroma_fail(err, STROMA_E_DEGENERATE, "covariate \"%s\" has one value only",
                               j->table->columns[own->column].name);
        width += text ? own->levels - 1 : 1;
    }
    double *x = stat_alloc(j, c->subjects * width, sizeof *x, err);
    double *baseline = stat_alloc(j, c->subjects, sizeof *baseline, err);
    if (x == NULL || baseline == NULL) return STROMA_E_NOMEM;
    for (size_t k = 0; k < c->covariates; k++) {
        const bool text = all[k].names != NULL;
        STROMA_TRY(text ? indicators(j, c, d, &all[k], x + at, width, err)
                        : of_subject(j, c, d, all[k].column, x + at, width, err));
        at += text ? all[k].levels - 1 : 1;
    }
    for (size_t i = 0; i < c->subjects; i++)
        baseline[i] = width > 0 ? x[i * width] : (double)NAN;
    if (cli_given(j->cli, "baseline")) d->baseline = baseline;
    d->covariate = x;
    d->data.covariates = width;
    return STROMA_OK;
}

/* ---- intercurrent events ---- */

static stroma_status find_strategy(stat_job *j, mi_data *d, stroma_strategy *out, stroma_error *err)
{
    const char *name = cli_text(j->cli, "ice-strategy");
    if (stroma_strategy_find(name, out)) {
        d->strategy = stroma_strategy_label(*out);
        return STROMA_OK;
    }
    (void)stroma_fail(err, STROMA_E_USAGE, "--ice-strategy: no strategy \"%s\"", name);
    stroma_hint(err, "treatment policy, hypothetical, composite or while on treatment");
    return STROMA_E_USAGE;
}

/* One event a subject: its first row that names the visit. */
static stroma_status take_events(stat_job *j, const columns *c, mi_data *d, stroma_error *err)
{
    stroma_strategy strategy = STROMA_STRATEGY_TREATMENT_POLICY;
    stroma_imputation_rule rule = STROMA_IMPUTE_MAR;
    if (c->ice == SIZE_MAX) return STROMA_OK;
    STROMA_TRY(find_strategy(j, d, &strategy, err));
    (void)stroma_imputation_rule_find(cli_text(j->cli, "strategy"), &rule);
    stroma_intercurrent *events = stat_alloc(j, c->subjects, sizeof *events, err);
    d->event = stat_alloc(j, c->subjects, sizeof *d->event, err);
    d->rule = stat_alloc(j, c->subjects, sizeof *d->rule, err);
    bool *seen = stat_alloc(j, c->subjects, sizeof *seen, err);
    d->nonresponse = stat_alloc(j, c->subjects * c->visits, sizeof *d->nonresponse, err);
    if (events == NULL || d->event == NULL || d->rule == NULL || seen == NULL ||
        d->nonresponse == NULL)
        return STROMA_E_NOMEM;
    size_t n = 0;
    for (size_t k = 0; k < j->rows_len; k++) {
        const size_t row = j->rows[k], i = c->who[row];
        size_t visit = 0;
        if (i == SIZE_MAX || seen[i] || stroma_table_state(j->table, c->ice, row) != STROMA_PRESENT)
            continue;
        if (!stat_code(j, c->ice, row, d->visits, c->visits, &visit)) {
            (void)stroma_fail(err, STROMA_E_INCONSISTENT,
                              "subject \"%s\": the event in \"%s\" names no visit of \"%s\"",
                              d->subjects[i], j->table->columns[c->ice].name, d->visit_name);
            stroma_hint(err,
                        "it holds the first visit after the event; leave it empty without one");
            return STROMA_E_INCONSISTENT;
        }
        seen[i] = true;
        events[n++] = (stroma_intercurrent){ i, visit, strategy, rule };
    }
    return stroma_intercurrent_apply(events, n, c->subjects, c->visits, d->y, d->observed, d->event,
                                     d->rule, d->nonresponse, err);
}

/* Subjects without a covariate cannot be imputed for: they leave, and are counted. */
static void drop_incomplete(stat_job *j, const columns *c, mi_data *d)
{
    const size_t m = c->visits, p = d->data.covariates;
    size_t kept = 0;
    for (size_t i = 0; i < c->subjects; i++) {
        bool whole = true;
        for (size_t k = 0; k < p; k++)
            whole = whole && !isnan(d->covariate[i * p + k]);
        if (!whole) {
            stat_exclude(j, "subject has no covariate");
            continue;
        }
        memmove(d->y + kept * m, d->y + i * m, m * sizeof *d->y);
        memmove(d->observed + kept * m, d->observed + i * m, m * sizeof *d->observed);
        memmove(d->covariate + kept * p, d->covariate + i * p, p * sizeof *d->covariate);
        if (d->nonresponse != NULL)
            memmove(d->nonresponse + kept * m, d->nonresponse + i * m, m * sizeof *d->nonresponse);
        if (d->event != NULL) d->event[kept] = d->event[i];
        if (d->rule != NULL) d->rule[kept] = d->rule[i];
        if (d->baseline != NULL) d->baseline[kept] = d->baseline[i];
        d->subjects[kept] = d->subjects[i];
        d->group[kept++] = d->group[i];
    }
    d->data.subjects = kept;
}

stroma_status mi_read(stat_job *j, mi_data *d, stroma_error *err)
{
    columns c = { .value = 0 };
    *d = (mi_data){ .baseline = NULL };
    STROMA_TRY(find_columns(j, &c, d, err));
    if (c.groups < 2) return stroma_fail(err, STROMA_E_DEGENERATE, "fewer than two groups");
    STROMA_TRY(code_rows(j, &c, d, err));
    d->y = stat_alloc(j, c.subjects * c.visits, sizeof *d->y, err);
    d->observed = stat_alloc(j, c.subjects * c.visits, sizeof *d->observed, err);
    d->group = stat_alloc(j, c.subjects, sizeof *d->group, err);
    if (d->y == NULL || d->observed == NULL || d->group == NULL) return STROMA_E_NOMEM;
    for (size_t k = 0; k < j->rows_len; k++)
        if (c.who[j->rows[k]] != SIZE_MAX) STROMA_TRY(take_value(j, &c, d, j->rows[k], err));
    STROMA_TRY(take_groups(j, &c, d, err));
    STROMA_TRY(take_covariates(j, &c, d, err));
    STROMA_TRY(take_events(j, &c, d, err));
    drop_incomplete(j, &c, d);
    d->data.visits = c.visits;
    d->data.groups = c.groups;
    d->data.y = d->y;
    d->data.observed = d->observed;
    d->data.group = d->group;
    d->data.covariate = d->covariate;
    d->data.event = d->event;
    d->data.rule = d->rule;
    return STROMA_OK;
}

stroma_status mi_read_states(stat_job *j, mi_data *d, uint8_t **states, stroma_error *err)
{
    columns c = { .group_optional = true };
    *d = (mi_data){ .baseline = NULL };
    STROMA_TRY(find_columns(j, &c, d, err));
    STROMA_TRY(code_rows(j, &c, d, err));
    *states = stat_alloc(j, c.subjects * c.visits, sizeof **states, err);
    bool *seen = stat_alloc(j, c.subjects * c.visits, sizeof *seen, err);
    d->group = stat_alloc(j, c.subjects, sizeof *d->group, err);
    if (*states == NULL || seen == NULL || d->group == NULL) return STROMA_E_NOMEM;
    memset(*states, STROMA_MISSING, c.subjects * c.visits);
    for (size_t k = 0; k < j->rows_len; k++) {
        const size_t row = j->rows[k], i = c.who[row];
        if (i == SIZE_MAX) continue;
        const size_t at = i * c.visits + c.when[row];
        if (seen[at])
            return stroma_fail(err, STROMA_E_INCONSISTENT,
                               "subject \"%s\" has two rows at %s \"%s\"", d->subjects[i],
                               d->visit_name, d->visits[c.when[row]]);
        seen[at] = true;
        (*states)[at] = (uint8_t)stroma_table_state(j->table, c.value, row);
    }
    STROMA_TRY(take_groups(j, &c, d, err));
    d->data.subjects = c.subjects;
    d->data.visits = c.visits;
    d->data.groups = c.groups;
    d->data.group = d->group;
    return STROMA_OK;
}
