/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat validate`: how good a logistic model's predictions are where it was not made. */
#include "stat_bayes.h"
#include "stat_members.h"
#include "stat_methods.h"

#include "stroma/models_validation.h"

#include <math.h>
#include <string.h>

/* What is freed together. */
typedef struct model {
    stroma_formula *formula;
    stroma_formula_data *data;
    stroma_logistic_recipe recipe;
    stroma_optimism optimism;
    stroma_cross_validation *cross;
    const char *note; /* what failed, or NULL */
    stroma_buffer members;
} model;

static stroma_status recipe_of(const stat_job *j, stroma_logistic_recipe *r, stroma_error *err)
{
    static const struct {
        const char *name;
        stroma_procedure_kind kind;
        double alpha;
    } variants[] = { { "ml", STROMA_PROCEDURE_ML, 0 },
                     { "firth", STROMA_PROCEDURE_FIRTH, 0 },
                     { "ridge", STROMA_PROCEDURE_PENALISED, 0 },
                     { "lasso", STROMA_PROCEDURE_PENALISED, 1 },
                     { "elastic-net", STROMA_PROCEDURE_PENALISED, NAN },
                     { "bayes", STROMA_PROCEDURE_BAYES, 0 } };
    const char *text = cli_text(j->cli, "variant");
    size_t k = 0;
    while (k < 6 && text != NULL && strcmp(text, variants[k].name) != 0)
        k++;
    if (k == 6) {
        (void)stroma_fail(err, STROMA_E_USAGE, "--variant \"%s\" is not known to this method",
                          text);
        stroma_hint(err, "one of ml (default), firth, ridge, lasso, elastic-net, bayes");
        return STROMA_E_USAGE;
    }
    r->kind = variants[k].kind;
    r->alpha = isnan(variants[k].alpha) ? cli_number(j->cli, "alpha", 0.5) : variants[k].alpha;
    r->lambda = cli_number(j->cli, "lambda", 0);
    if (cli_given(j->cli, "tune")) r->tune_folds = (size_t)cli_count(j->cli, "tune", 10);
    r->tune_one_se = strcmp(cli_text(j->cli, "tune-rule"), "1se") == 0;
    r->seed = (uint64_t)cli_count(j->cli, "seed", 1);
    if (r->kind == STROMA_PROCEDURE_PENALISED &&
        cli_given(j->cli, "lambda") == cli_given(j->cli, "tune")) {
        (void)stroma_fail(err, STROMA_E_USAGE,
                          cli_given(j->cli, "tune") ? "--lambda and --tune exclude each other"
                                                    : "option --lambda is missing");
        stroma_hint(err,
                    "declare the weight of the penalty, or have it chosen in ten folds of each "
                    "resample: --tune 10");
        return STROMA_E_USAGE;
    }
    return stat_bayes_prior(j, &r->prior, err);
}

/* One number of one measure; its SE is of the resampling only. */
typedef struct value {
    const char *variant;
    double estimate, se;
} value;

static stroma_status put_row(stat_job *j, const model *m, int measure, const value *x,
                             const char *reason, stroma_error *err)
{
    stat_result r = { .stat = stroma_stat_empty("validation"),
                      .label = stroma_measure_name((stroma_measure)measure),
                      .p_adjusted = NAN,
                      .flat_only = true };
    r.stat.variant = x->variant;
    r.stat.n_used = m->data->design.rows;
    r.stat.estimate_name = "value";
    r.stat.estimate = x->estimate;
    r.stat.se = x->se;
    if (isnan(x->estimate)) r.stat.reason = reason;
    if (m->note != NULL && r.stat.reason[0] == '\0') r.stat.reason = m->note;
    return stat_put_result(j, &r, err);
}

static void put_failures(model *m, const stroma_validation_failures *f)
{
    stroma_json v;
    stat_member(&m->members, "failed");
    stroma_json_init(&v, &m->members, 0);
    stroma_json_begin_object(&v);
    stroma_json_put_int(&v, "n", (int64_t)f->n);
    stroma_json_key(&v, "reasons");
    stroma_json_begin_array(&v);
    for (size_t k = 0; k < f->reasons_len; k++) {
        stroma_json_begin_object(&v);
        stroma_json_put_string(&v, "reason", f->reason[k]);
        stroma_json_put_int(&v, "n", (int64_t)f->count[k]);
        stroma_json_end_object(&v);
    }
    stroma_json_end_array(&v);
    stroma_json_end_object(&v);
    stat_member_end(&m->members);
}

static void put_validated(stroma_json *v, int k, const stroma_validated *x)
{
    stroma_json_begin_object(v);
    stroma_json_put_string(v, "measure", stroma_measure_name((stroma_measure)k));
    stroma_json_put_number(v, "apparent", x->apparent);
    stroma_json_put_number(v, "optimism", x->optimism);
    stroma_json_put_number(v, "optimism_sd", x->optimism_sd);
    stroma_json_put_number(v, "mcse", x->mcse);
    stroma_json_put_number(v, "corrected", x->corrected);
    stroma_json_put_int(v, "resamples", (int64_t)x->resamples);
    stroma_json_put_number(v, "out_of_bag", x->out_of_bag);
    stroma_json_put_number(v, "corrected_632", x->corrected_632);
    stroma_json_put_number(v, "corrected_632_plus", x->corrected_632_plus);
    if (x->reason[0] != '\0') stroma_json_put_string(v, "reason", x->reason);
    stroma_json_end_object(v);
}

static stroma_status put_rows(stat_job *j, const model *m, int measure, stroma_error *err)
{
    const stroma_validated *x = &m->optimism.measures[measure];
    const char *reason = m->optimism.reason[0] != '\0' ? m->optimism.reason : x->reason;
    const value values[] = { { "apparent", x->apparent, NAN },
                             { "optimism", x->optimism, x->mcse },
                             { "corrected", x->corrected, x->mcse },
                             { ".632+", x->corrected_632_plus, NAN } };
    for (size_t k = 0; k < (measure > STROMA_MEASURE_BRIER ? 3 : 4); k++)
        STROMA_TRY(put_row(j, m, measure, &values[k], reason, err));
    return STROMA_OK;
}

static stroma_status put_optimism(stat_job *j, model *m, stroma_error *err)
{
    const stroma_optimism *o = &m->optimism;
    stroma_json v;
    if (o->failed.n > 0) {
        m->note = stroma_arena_printf(&j->arena, "%zu of %zu resamples have no result: %s",
                                      o->failed.n, o->resamples, o->failed.reason[0]);
        if (m->note == NULL) return stroma_no_memory(err);
    }
    stat_member(&m->members, "measures");
    stroma_json_init(&v, &m->members, 0);
    stroma_json_begin_array(&v);
    for (int k = 0; k < STROMA_MEASURES; k++) {
        put_validated(&v, k, &o->measures[k]);
        STROMA_TRY(put_rows(j, m, k, err));
    }
    stroma_json_end_array(&v);
    stat_member_end(&m->members);
    put_failures(m, &o->failed);
    stat_member_number(&m->members, "resamples", (double)o->resamples);
    return STROMA_OK;
}

static stroma_status put_cross(stat_job *j, model *m, stroma_error *err)
{
    const stroma_cross_validation *c = m->cross;
    stroma_json v;
    if (c->failed.n > 0) {
        m->note = stroma_arena_printf(&j->arena, "%zu of %zu folds have no result: %s", c->failed.n,
                                      c->folds * c->repeats, c->failed.reason[0]);
        if (m->note == NULL) return stroma_no_memory(err);
    }
    stat_member(&m->members, "measures");
    stroma_json_init(&v, &m->members, 0);
    stroma_json_begin_array(&v);
    for (int k = 0; k < STROMA_MEASURES; k++) {
        const stroma_cross_validated *x = &c->measures[k];
        stroma_json_begin_object(&v);
        stroma_json_put_string(&v, "measure", stroma_measure_name((stroma_measure)k));
        stroma_json_put_number(&v, "mean", x->mean);
        stroma_json_put_number(&v, "sd_between_repeats", x->sd);
        stroma_json_put_int(&v, "repeats", (int64_t)x->repeats);
        stroma_json_end_object(&v);
        const double error = x->repeats > 1 ? x->sd / sqrt((double)x->repeats) : (double)NAN;
        const value row = { "cross-validated", x->mean, error };
        STROMA_TRY(put_row(j, m, k, &row, "no repeat has this measure", err));
    }
    stroma_json_end_array(&v);
    stat_member_end(&m->members);
    put_failures(m, &c->failed);
    stat_member_number(&m->members, "folds", (double)c->folds);
    stat_member_number(&m->members, "repeats", (double)c->repeats);
    return STROMA_OK;
}

static stroma_status validate(stat_job *j, model *m, stroma_error *err)
{
    const uint64_t seed = (uint64_t)cli_count(j->cli, "seed", 1);
    const size_t n = m->data->design.rows;
    if (!cli_given(j->cli, "folds")) {
        const stroma_validation_options o = { (size_t)cli_count(j->cli, "resamples", 2000), seed,
                                              cli_threads(j->cli), false };
        STROMA_TRY(stroma_logistic_validate(&m->recipe, &o, &m->optimism, err));
        return put_optimism(j, m, err);
    }
    const stroma_cross_options o = { (size_t)cli_count(j->cli, "folds", 10),
                                     (size_t)cli_count(j->cli, "repeats", 20), seed,
                                     cli_threads(j->cli) };
    STROMA_TRY(stroma_validate_cross(m->data->y, n, stroma_logistic_procedure, &m->recipe, &o,
                                     &m->cross, err));
    return put_cross(j, m, err);
}

static stroma_status fill(stat_job *j, model *m, stroma_error *err)
{
    STROMA_TRY(recipe_of(j, &m->recipe, err));
    STROMA_TRY(stat_formula_data(j, &m->formula, &m->data, err));
    m->recipe.design = &m->data->design;
    m->recipe.y = m->data->y;
    for (size_t i = 0; i < m->data->design.rows; i++)
        if (!(m->data->y[i] == 0 || m->data->y[i] == 1)) {
            (void)stroma_fail(err, STROMA_E_USAGE, "outcome of row %zu is %g, not 0 or 1", i + 1,
                              m->data->y[i]);
            stroma_hint(err, "say which value is the event: --event VALUE");
            return STROMA_E_USAGE;
        }
    STROMA_TRY(validate(j, m, err));
    stat_result r = { .stat = stroma_stat_empty("validation"),
                      .label = cli_text(j->cli, "formula"),
                      .p_adjusted = NAN,
                      .json_only = true };
    r.stat.variant = m->cross == NULL ? "optimism bootstrap" : "repeated cross-validation";
    r.stat.n_used = m->data->design.rows;
    if (m->cross == NULL && m->optimism.reason[0] != '\0') {
        r.stat.not_estimable = true;
        r.stat.reason = m->optimism.reason;
    } else if (m->note != NULL) {
        r.stat.reason = m->note;
    }
    STROMA_TRY(stat_members_keep(j, &m->members, &r.members, err));
    return stat_put_result(j, &r, err);
}

stroma_status stat_run_validate(stat_job *j, stroma_error *err)
{
    model m = { 0 };
    stroma_buffer_init(&m.members, STAT_MEMBERS_BYTES_MAX);
    const stroma_status s = fill(j, &m, err);
    stroma_buffer_clear(&m.members);
    stroma_cross_validation_free(m.cross);
    stroma_formula_data_free(m.data);
    stroma_formula_free(m.formula);
    return s;
}
