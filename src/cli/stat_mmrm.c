/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat mmrm`: a mixed model for repeated measures by formula; `stroma stat lmm`: random
 * intercept and slope. */
#include "stat_members.h"
#include "stat_methods.h"

#include "stroma/models_mmrm.h"

#include <math.h>
#include <string.h>

/* Up to this many levels every pair is compared, beyond it each level with the first. */
enum { PAIRS_LEVELS_MAX = 6 };

/* What is freed together. */
typedef struct model {
    stroma_formula *formula;
    stroma_mmrm_table *rows;
    stroma_mmrm *fit;
    stroma_buffer members;
    stroma_formula_weights weights;
    const char *list;      /* list being written: variant of the flat rows */
    bool first;            /* nothing in it yet */
    const char *fell_back; /* note for every flat row when another structure was fitted, or NULL */
    const char *method;    /* "mmrm" or "lmm" */
} model;

static void model_free(model *m)
{
    stroma_buffer_clear(&m->members);
    stroma_mmrm_free(m->fit);
    stroma_mmrm_table_free(m->rows);
    stroma_formula_free(m->formula);
}

static void begin_list(model *m, const char *key, const char *variant)
{
    stat_member(&m->members, key);
    stroma_buffer_putc(&m->members, '[');
    m->list = variant;
    m->first = true;
}

static void end_list(model *m)
{
    stroma_buffer_putc(&m->members, ']');
    stat_member_end(&m->members);
}

/* One row of the flat forms, one object of the list that is being written. */
static stroma_status put_part(stat_job *j, model *m, const stroma_stat *s, const char *label,
                              stroma_error *err)
{
    if (label == NULL) return stroma_no_memory(err);
    if (!m->first) stroma_buffer_putc(&m->members, ',');
    m->first = false;
    stat_json_stat(&m->members, label, s);
    stat_result r = { .stat = *s, .label = label, .p_adjusted = NAN, .flat_only = true };
    r.stat.method = m->method;
    r.stat.variant = m->list;
    if (m->fell_back != NULL && r.stat.reason[0] == '\0') r.stat.reason = m->fell_back;
    return stat_put_result(j, &r, err);
}

static stroma_status put_coefficients(stat_job *j, model *m, stroma_error *err)
{
    begin_list(m, "coefficients", "coefficient");
    for (size_t c = 0; c < m->fit->columns; c++) {
        const stroma_stat s = stroma_mmrm_coefficient(m->fit, c, j->level);
        const char *name = stroma_arena_strdup(&j->arena, m->rows->model->design.names[c]);
        STROMA_TRY(put_part(j, m, &s, name, err));
    }
    end_list(m);
    return STROMA_OK;
}

/* A cell of the adjusted means: a level of one factor, and of the visit (SIZE_MAX: over all). */
typedef struct cell {
    size_t variable, level, visit_variable, visit;
} cell;

static void weights_of(const model *m, const cell *c, size_t level, double *l)
{
    size_t levels[STROMA_FORMULA_VARIABLES_MAX];
    for (size_t v = 0; v < STROMA_FORMULA_VARIABLES_MAX; v++)
        levels[v] = SIZE_MAX;
    if (c->visit != SIZE_MAX) levels[c->visit_variable] = c->visit;
    levels[c->variable] = level;
    stroma_formula_mean_at(m->rows->model, levels, m->weights, l);
}

/* The mean of a cell, or its difference from another level of its factor; @p l has room for two. */
static stroma_status put_cell(stat_job *j, model *m, const cell *c, size_t from, double *l,
                              stroma_error *err)
{
    const stroma_formula_data *d = m->rows->model;
    const size_t p = m->fit->columns;
    const char *label = m->formula->variables[c->variable].label;
    const char *const *levels = d->factors[c->variable].levels;
    weights_of(m, c, c->level, l);
    if (from == SIZE_MAX) {
        label = stroma_arena_printf(&j->arena, "%s: %s", label, levels[c->level]);
    } else {
        weights_of(m, c, from, l + p);
        for (size_t i = 0; i < p; i++)
            l[i] -= l[p + i];
        label =
            stroma_arena_printf(&j->arena, "%s: %s - %s", label, levels[c->level], levels[from]);
    }
    if (label != NULL && c->visit != SIZE_MAX)
        label = stroma_arena_printf(&j->arena, "%s, %s: %s", label,
                                    m->formula->variables[c->visit_variable].label,
                                    d->factors[c->visit_variable].levels[c->visit]);
    const stroma_stat s = stroma_mmrm_contrast(m->fit, l, 0, j->level);
    return put_part(j, m, &s, label, err);
}

static stroma_status put_factor(stat_job *j, model *m, cell c, bool contrasts, double *l,
                                stroma_error *err)
{
    const size_t n = m->rows->model->factors[c.variable].levels_len;
    for (c.level = contrasts ? 1 : 0; c.level < n; c.level++) {
        const size_t others = n > PAIRS_LEVELS_MAX ? 1 : c.level;
        if (!contrasts) STROMA_TRY(put_cell(j, m, &c, SIZE_MAX, l, err));
        for (size_t k = 0; contrasts && k < others; k++)
            STROMA_TRY(put_cell(j, m, &c, k, l, err));
    }
    return STROMA_OK;
}

/* Every factor over all visits, then at each visit. */
static stroma_status put_means(stat_job *j, model *m, bool contrasts, stroma_error *err)
{
    const stroma_formula_data *d = m->rows->model;
    size_t visit = SIZE_MAX;
    double *l = stat_alloc(j, 2 * m->fit->columns, sizeof *l, err);
    if (l == NULL) return STROMA_E_NOMEM;
    for (size_t v = 0; v < m->formula->variables_len; v++)
        if (d->factors[v].is_factor &&
            strcmp(m->formula->variables[v].column, m->formula->visit) == 0)
            visit = v;
    begin_list(m, contrasts ? "contrasts" : "ls_means", contrasts ? "contrast" : "adjusted mean");
    for (size_t v = 0; v < m->formula->variables_len; v++) {
        cell c = { .variable = v, .visit_variable = visit, .visit = SIZE_MAX };
        if (!d->factors[v].is_factor) continue;
        STROMA_TRY(put_factor(j, m, c, contrasts, l, err));
        if (visit == SIZE_MAX || v == visit) continue;
        for (c.visit = 0; c.visit < d->factors[visit].levels_len; c.visit++)
            STROMA_TRY(put_factor(j, m, c, contrasts, l, err));
    }
    end_list(m);
    return STROMA_OK;
}

/* The structure asked for, the one fitted, and why those between were given up. */
static void put_structure(model *m)
{
    const stroma_mmrm *fit = m->fit;
    stroma_json v;
    stat_member_text(&m->members, "covariance_structure",
                     stroma_mmrm_structure_name(fit->structure));
    stat_member(&m->members, "covariance_structures_failed");
    stroma_json_init(&v, &m->members, 0);
    stroma_json_begin_array(&v);
    for (size_t i = 0; i < fit->attempts_len; i++) {
        stroma_json_begin_object(&v);
        stroma_json_put_string(&v, "structure",
                               stroma_mmrm_structure_name(fit->attempts[i].structure));
        stroma_json_put_string(&v, "reason", fit->attempts[i].reason);
        stroma_json_end_object(&v);
    }
    stroma_json_end_array(&v);
    stat_member_end(&m->members);
}

/* "covariance ar1h: us, toeph could not be estimated" */
static stroma_status note_fallback(stat_job *j, model *m, stroma_error *err)
{
    const char *failed = "";
    for (size_t i = 0; failed != NULL && i < m->fit->attempts_len; i++)
        failed = stroma_arena_printf(&j->arena, "%s%s%s", failed, i == 0 ? "" : ", ",
                                     stroma_mmrm_structure_name(m->fit->attempts[i].structure));
    if (failed != NULL && m->fit->attempts_len > 0)
        failed = m->fell_back =
            stroma_arena_printf(&j->arena, "covariance %s: %s could not be estimated",
                                stroma_mmrm_structure_name(m->fit->structure), failed);
    return failed == NULL ? stroma_no_memory(err) : STROMA_OK;
}

static void put_visit_covariance(model *m)
{
    const stroma_mmrm *fit = m->fit;
    const size_t n = fit->visits;
    stroma_json v;
    stat_member(&m->members, "visit_covariance");
    stroma_json_init(&v, &m->members, 0);
    stroma_json_begin_array(&v);
    for (size_t g = 0; g < fit->groups; g++) {
        stroma_json_begin_object(&v);
        stroma_json_put_string(&v, "group", m->rows->groups == NULL ? NULL : m->rows->groups[g]);
        stroma_json_key(&v, "visits");
        stroma_json_begin_array(&v);
        for (size_t i = 0; i < n; i++)
            stroma_json_string(&v, m->rows->visits[i]);
        stroma_json_end_array(&v);
        stroma_json_key(&v, "matrix");
        stroma_json_begin_array(&v);
        for (size_t i = 0; i < n; i++) {
            stroma_json_begin_array(&v);
            for (size_t k = 0; k < n; k++)
                stroma_json_number(&v, fit->visit_covariance[(g * n + i) * n + k]);
            stroma_json_end_array(&v);
        }
        stroma_json_end_array(&v);
        stroma_json_end_object(&v);
    }
    stroma_json_end_array(&v);
    stat_member_end(&m->members);
}

/* Of a random intercept and slope. */
static void put_random_effects(model *m)
{
    const double *v = m->fit->random_effects;
    if (m->fit->structure != STROMA_MMRM_RANDOM_SLOPE) return;
    stroma_json j;
    stat_member(&m->members, "random_effects");
    stroma_json_init(&j, &m->members, 0);
    stroma_json_begin_object(&j);
    stroma_json_put_number(&j, "intercept_sd", sqrt(v[0]));
    stroma_json_put_number(&j, "slope_sd", sqrt(v[2]));
    stroma_json_put_number(&j, "correlation", v[1] / sqrt(v[0] * v[2]));
    stroma_json_put_number(&j, "residual_sd", sqrt(v[3]));
    stroma_json_end_object(&j);
    stat_member_end(&m->members);
}

static const char *df_name(stroma_mmrm_df df)
{
    return df == STROMA_MMRM_DF_KR_LINEAR    ? "kr-linear"
           : df == STROMA_MMRM_DF_KR         ? "kr"
           : df == STROMA_MMRM_DF_KR_NATURAL ? "kr-natural"
                                             : "satterthwaite";
}

static stroma_status parse_fallback(const stat_job *j, stroma_mmrm_options *o, stroma_error *err)
{
    const char *p = cli_text(j->cli, "fallback");
    while (p != NULL && *p != '\0') {
        char name[32];
        const size_t n = strcspn(p, ",");
        const size_t copied = n < sizeof name ? n : sizeof name - 1;
        memcpy(name, p, copied);
        name[copied] = '\0';
        if (o->fallback_len + 1 >= STROMA_MMRM_FALLBACK_MAX ||
            !stroma_mmrm_structure_find(name, &o->fallback[o->fallback_len++])) {
            (void)stroma_fail(err, STROMA_E_USAGE, "--fallback: no covariance structure \"%s\"",
                              name);
            stroma_hint(err, "up to %d of us, toeph, adh, ar1h, csh, toep, ad, ar1, cs, sp_exp",
                        STROMA_MMRM_FALLBACK_MAX - 1);
            return STROMA_E_USAGE;
        }
        p += n + (p[n] == ',');
    }
    return STROMA_OK;
}

static stroma_status parse_options(const stat_job *j, model *m, stroma_mmrm_options *o,
                                   stroma_error *err)
{
    const char *df = cli_text(j->cli, "df");
    if (!stroma_mmrm_structure_find(m->formula->covariance, &o->structure))
        return stroma_fail(err, STROMA_E_USAGE, "no covariance structure \"%s\"",
                           m->formula->covariance);
    for (int k = STROMA_MMRM_DF_SATTERTHWAITE; df != NULL && k <= STROMA_MMRM_DF_KR_NATURAL; k++)
        if (strcmp(df, df_name((stroma_mmrm_df)k)) == 0) o->df = (stroma_mmrm_df)k;
    o->ml = strcmp(cli_text(j->cli, "estimation"), "ml") == 0;
    m->weights = strcmp(cli_text(j->cli, "weights"), "observed") == 0 ? STROMA_WEIGHTS_OBSERVED
                                                                      : STROMA_WEIGHTS_EQUAL;
    return parse_fallback(j, o, err);
}

static stroma_status take_exclusions(stat_job *j, const stroma_mmrm_table *t, stroma_error *err)
{
    for (size_t i = 0; i < t->excluded_len; i++)
        for (size_t k = 0; k < t->excluded[i].n; k++)
            stat_exclude(j, t->excluded[i].reason);
    return stat_formula_exclusions(j, t->model, err);
}

static stroma_status put_whole(stat_job *j, model *m, const char *text, stroma_error *err)
{
    const stroma_mmrm *fit = m->fit;
    stroma_buffer *b = &m->members;
    put_structure(m);
    stat_member_text(b, "estimation", fit->ml ? "ml" : "reml");
    stat_member_text(b, "df_method", df_name(fit->df));
    stat_member_text(b, "weights", m->weights == STROMA_WEIGHTS_OBSERVED ? "observed" : "equal");
    stat_member_number(b, "subjects", (double)fit->subjects);
    stat_member_number(b, "covariance_parameters", (double)fit->parameters);
    stat_member_number(b, "aic", fit->aic);
    stat_member_number(b, "bic", fit->bic);
    stat_member_number(b, "iterations", (double)fit->iterations);
    put_visit_covariance(m);
    put_random_effects(m);
    stat_result r = { .stat = stroma_stat_empty(m->method), .label = text, .p_adjusted = NAN };
    STROMA_TRY(stat_members_keep(j, b, &r.members, err));
    r.json_only = true;
    if (m->fell_back != NULL) r.stat.reason = m->fell_back;
    r.stat.variant = stroma_mmrm_structure_name(fit->structure);
    r.stat.n_used = fit->rows;
    return stat_put_result(j, &r, err);
}

static stroma_status fill(stat_job *j, model *m, stroma_error *err)
{
    stroma_formula_levels *levels = NULL;
    stroma_mmrm_options o = STROMA_MMRM_OPTIONS_INIT;
    size_t n = 0;
    const char *text = cli_text(j->cli, "formula");
    if (text == NULL) {
        (void)stroma_fail(err, STROMA_E_USAGE, "option --formula is missing");
        stroma_hint(err, "as --formula '%s'",
                    strcmp(m->method, "lmm") == 0
                        ? "change ~ arm * week + (week | subject)"
                        : "change ~ baseline + arm * visit + us(visit | subject)");
        return STROMA_E_USAGE;
    }
    if (j->table == NULL) return stroma_fail(err, STROMA_E_USAGE, "this method needs a file");
    STROMA_TRY(stroma_formula_parse(text, &m->formula, err));
    if (strcmp(m->method, "lmm") == 0 &&
        (m->formula->covariance == NULL || strcmp(m->formula->covariance, "random_slope") != 0)) {
        (void)stroma_fail(err, STROMA_E_USAGE, "the formula has no random slope");
        stroma_hint(err, "add one, as (time | subject)");
        return STROMA_E_USAGE;
    }
    STROMA_TRY(stat_formula_levels(j, &levels, &n, err));
    STROMA_TRY(stroma_mmrm_table_read(m->formula, j->table, j->rows, j->rows_len, levels, n,
                                      &m->rows, err));
    STROMA_TRY(parse_options(j, m, &o, err));
    STROMA_TRY(take_exclusions(j, m->rows, err));
    STROMA_TRY(stroma_mmrm_fit(&m->rows->data, &o, &m->fit, err));
    STROMA_TRY(note_fallback(j, m, err));
    STROMA_TRY(put_coefficients(j, m, err));
    stat_member_matrix(&m->members, "covariance", m->fit->covariance, m->fit->columns);
    stat_member_number(&m->members, "minus2_log_likelihood", m->fit->minus2_log_likelihood);
    STROMA_TRY(put_means(j, m, false, err));
    STROMA_TRY(put_means(j, m, true, err));
    return put_whole(j, m, text, err);
}

static stroma_status run(stat_job *j, const char *method, stroma_error *err)
{
    model m = { .first = true, .method = method };
    if (cli_given(j->cli, "event"))
        return stroma_fail(err, STROMA_E_USAGE, "--event is for outcomes of two classes, not %s",
                           method);
    stroma_buffer_init(&m.members, STAT_MEMBERS_BYTES_MAX);
    const stroma_status s = fill(j, &m, err);
    model_free(&m);
    return s;
}

stroma_status stat_run_mmrm(stat_job *j, stroma_error *err)
{
    return run(j, "mmrm", err);
}

stroma_status stat_run_lmm(stat_job *j, stroma_error *err)
{
    return run(j, "lmm", err);
}
