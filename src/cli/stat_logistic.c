/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat logistic`: a yes/no outcome by formula. */
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
    stroma_logistic_model *fit;
    stroma_logistic_path *path;
    bool at_edge; /* the tuned penalty is the last of its path */
    stroma_buffer members;
} model;

static void model_free(model *m)
{
    stroma_buffer_clear(&m->members);
    stroma_logistic_path_free(m->path);
    stroma_logistic_free(m->fit);
    stroma_formula_data_free(m->data);
    stroma_formula_free(m->formula);
}

enum { ML, FIRTH, RIDGE, LASSO, ELASTIC_NET, BAYES, VARIANTS };
static const char *const variants[] = { "ml", "firth", "ridge", "lasso", "elastic-net", "bayes" };

static stroma_status variant_of(const stat_job *j, int *out, stroma_error *err)
{
    const char *text = cli_text(j->cli, "variant");
    for (*out = 0; *out < VARIANTS; ++*out)
        if (text == NULL || strcmp(text, variants[*out]) == 0) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_USAGE, "--variant \"%s\" is not known to this method", text);
    stroma_hint(err, "one of ml (default), firth, ridge, lasso, elastic-net, bayes");
    return STROMA_E_USAGE;
}

static stroma_status interval_of(const stat_job *j, stroma_logistic_interval *out,
                                 stroma_error *err)
{
    const char *text = cli_text(j->cli, "interval");
    *out = STROMA_LOGISTIC_PROFILE;
    if (text == NULL || strcmp(text, "profile") == 0) return STROMA_OK;
    *out = STROMA_LOGISTIC_WALD;
    if (strcmp(text, "wald") == 0) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_USAGE, "--interval \"%s\" is not known to this method", text);
    stroma_hint(err, "one of profile (default), wald");
    return STROMA_E_USAGE;
}

/* What to do about a separation, after why there is no estimate. */
static const char *advice(const stroma_logistic_model *fit, const char *reason)
{
    return fit->separation != STROMA_SEPARATION_NONE && !fit->firth && reason == fit->reason
               ? "the classes are separated: the maximum of the likelihood does not exist; use "
                 "--variant firth"
               : reason;
}

/* One row of the flat forms, one object of the list of coefficients. */
static stroma_status put_term(stat_job *j, model *m, const stroma_stat *s, size_t c,
                              stroma_error *err)
{
    const char *name = stroma_arena_strdup(&j->arena, m->data->design.names[c]);
    if (name == NULL) return stroma_no_memory(err);
    if (c > 0) stroma_buffer_putc(&m->members, ',');
    stat_json_stat(&m->members, name, s);
    stat_result r = { .stat = *s, .label = name, .p_adjusted = NAN, .flat_only = true };
    r.stat.variant = "coefficient";
    return stat_put_result(j, &r, err);
}

static stroma_status put_terms(stat_job *j, model *m, stroma_error *err)
{
    stat_member(&m->members, "coefficients");
    stroma_buffer_putc(&m->members, '[');
    for (size_t c = 0; c < m->fit->columns; c++) {
        stroma_stat s = m->fit->terms[c];
        s.reason = advice(m->fit, s.reason);
        STROMA_TRY(put_term(j, m, &s, c, err));
    }
    stroma_buffer_putc(&m->members, ']');
    stat_member_end(&m->members);
    return STROMA_OK;
}

static void infinite_member(model *m)
{
    stroma_json v;
    stat_member(&m->members, "infinite");
    stroma_json_init(&v, &m->members, 0);
    stroma_json_begin_array(&v);
    for (size_t c = 0; c < m->fit->columns; c++)
        if (m->fit->infinite[c]) stroma_json_string(&v, m->data->design.names[c]);
    stroma_json_end_array(&v);
    stat_member_end(&m->members);
}

static stroma_status put_fit(stat_job *j, model *m, stroma_error *err)
{
    const stroma_logistic_model *fit = m->fit;
    stroma_buffer *b = &m->members;
    STROMA_TRY(put_terms(j, m, err));
    stat_member_matrix(b, "covariance", fit->covariance, fit->columns);
    stat_member_number(b, "minus2_log_likelihood", -2 * fit->log_likelihood);
    stat_member_number(b, "minus2_log_likelihood_null", -2 * fit->log_likelihood_null);
    if (!fit->firth)
        stat_member_number(b, "aic", 2 * (double)fit->rank - 2 * fit->log_likelihood);
    else
        stat_member_number(b, "flic_intercept", fit->flic_intercept);
    stat_member_number(b, "brier", fit->brier);
    stat_member_number(b, "events", (double)fit->events);
    stat_member_text(b, "separation", stroma_separation_name(fit->separation));
    infinite_member(m);
    if (fit->separation != STROMA_SEPARATION_NONE && !fit->firth)
        stat_member_text(b, "hint",
                         "use --variant firth: its estimates exist for separated classes too");
    stat_result r = { .stat = fit->likelihood_ratio,
                      .label = cli_text(j->cli, "formula"),
                      .p_adjusted = NAN,
                      .json_only = true };
    r.stat.n_used = fit->rows;
    r.stat.n1 = fit->events;
    r.stat.n2 = fit->rows - fit->events;
    r.stat.reason = advice(fit, fit->reason[0] != '\0' ? fit->reason : r.stat.reason);
    STROMA_TRY(stat_members_keep(j, b, &r.members, err));
    return stat_put_result(j, &r, err);
}

static stroma_status put_path(stat_job *j, model *m, int variant, stroma_error *err)
{
    const stroma_logistic_path *p = m->path;
    stat_member(&m->members, "coefficients");
    stroma_buffer_putc(&m->members, '[');
    for (size_t c = 0; c < p->columns; c++) {
        stroma_stat s = stroma_stat_empty("logistic_penalised");
        s.estimate = p->coefficients[c];
        s.estimate_name = "log odds ratio";
        s.n_used = m->data->design.rows;
        s.reason = "a penalised coefficient has no standard error of use";
        STROMA_TRY(put_term(j, m, &s, c, err));
    }
    stroma_buffer_putc(&m->members, ']');
    stat_member_end(&m->members);
    stat_member_number(&m->members, "lambda", p->lambdas[0]);
    stat_member_number(&m->members, "nonzero", (double)p->nonzero[0]);
    stat_member_number(&m->members, "minus2_log_likelihood", -2 * p->log_likelihood[0]);
    stat_member_number(&m->members, "worst_kkt", p->worst_kkt);
    stat_result r = { .stat = stroma_stat_empty("logistic_penalised"),
                      .label = cli_text(j->cli, "formula"),
                      .p_adjusted = NAN,
                      .json_only = true };
    r.stat.variant = variants[variant];
    r.stat.n_used = m->data->design.rows;
    if (m->at_edge)
        r.stat.reason =
            "the least deviance lies at the end of the path of penalties: a smaller one "
            "may be better, or none is needed";
    STROMA_TRY(stat_members_keep(j, &m->members, &r.members, err));
    return stat_put_result(j, &r, err);
}

static void put_numbers(stroma_json *v, const char *key, const double *x, size_t n)
{
    stroma_json_key(v, key);
    stroma_json_begin_array(v);
    for (size_t i = 0; i < n; i++)
        stroma_json_number(v, x[i]);
    stroma_json_end_array(v);
}

/* --tune: the penalty by cross-validation, with what was seen on the way. */
static stroma_status tune(stat_job *j, model *m, const stroma_logistic_penalty *penalty,
                          double *lambda, stroma_error *err)
{
    stroma_tune_options o = STROMA_TUNE_OPTIONS_INIT;
    stroma_tuning t;
    stroma_json v;
    const bool one_se = strcmp(cli_text(j->cli, "tune-rule"), "1se") == 0;
    o.folds = (size_t)cli_count(j->cli, "tune", 10);
    o.seed = (uint64_t)cli_count(j->cli, "seed", 1);
    STROMA_TRY(stroma_logistic_tune(&m->data->design, m->data->y, penalty, &o, &t, err));
    *lambda = t.lambda[one_se ? t.one_se : t.best];
    m->at_edge = t.at_edge;
    stat_member(&m->members, "tuning");
    stroma_json_init(&v, &m->members, 0);
    stroma_json_begin_object(&v);
    stroma_json_put_int(&v, "folds", (int64_t)o.folds);
    stroma_json_put_string(&v, "rule", one_se ? "1se" : "min");
    stroma_json_put_number(&v, "lambda_min", t.lambda[t.best]);
    stroma_json_put_number(&v, "lambda_1se", t.lambda[t.one_se]);
    stroma_json_put_bool(&v, "at_edge_of_path", t.at_edge);
    put_numbers(&v, "lambda", t.lambda, t.lambdas_len);
    put_numbers(&v, "deviance", t.deviance, t.lambdas_len);
    put_numbers(&v, "deviance_se", t.se, t.lambdas_len);
    stroma_json_end_object(&v);
    stat_member_end(&m->members);
    stroma_tuning_clear(&t);
    return STROMA_OK;
}

static stroma_status penalised(stat_job *j, model *m, int variant, stroma_error *err)
{
    double lambda = cli_number(j->cli, "lambda", 0);
    const stroma_logistic_penalty penalty = { variant == RIDGE   ? 0
                                              : variant == LASSO ? 1
                                                                 : cli_number(j->cli, "alpha", 0.5),
                                              true };
    if (cli_given(j->cli, "lambda") == cli_given(j->cli, "tune")) {
        (void)stroma_fail(err, STROMA_E_USAGE,
                          cli_given(j->cli, "tune") ? "--lambda and --tune exclude each other"
                                                    : "option --lambda is missing");
        stroma_hint(err, "declare the weight of the penalty, or have it chosen in ten folds: "
                         "--tune 10");
        return STROMA_E_USAGE;
    }
    if (cli_given(j->cli, "tune")) STROMA_TRY(tune(j, m, &penalty, &lambda, err));
    STROMA_TRY(stroma_logistic_penalised(&m->data->design, m->data->y, &penalty, &lambda, 1,
                                         &m->path, err));
    return put_path(j, m, variant, err);
}

static bool response_is_text(const stat_job *j, const stroma_formula *f)
{
    if (f == NULL || f->event != NULL) return false;
    const size_t column = stroma_table_find(j->table, f->response);
    return column != SIZE_MAX && j->table->columns[column].type == STROMA_COLUMN_TEXT;
}

static stroma_status fill(stat_job *j, model *m, stroma_error *err)
{
    int variant = ML;
    stroma_logistic_options o = STROMA_LOGISTIC_OPTIONS_INIT;
    STROMA_TRY(variant_of(j, &variant, err));
    STROMA_TRY(interval_of(j, &o.interval, err));
    const stroma_status s = stat_formula_data(j, &m->formula, &m->data, err);
    if (s == STROMA_E_USAGE && m->data == NULL && response_is_text(j, m->formula))
        stroma_hint(err, "say which value is the event: --event VALUE");
    STROMA_TRY(s);
    if (variant == BAYES) return stat_bayes_logistic(j, m->data, err);
    if (variant > FIRTH) return penalised(j, m, variant, err);
    o.firth = variant == FIRTH;
    o.level = j->level;
    STROMA_TRY(stroma_logistic_fit(&m->data->design, m->data->y, &o, &m->fit, err));
    return put_fit(j, m, err);
}

stroma_status stat_run_logistic(stat_job *j, stroma_error *err)
{
    model m = { 0 };
    stroma_buffer_init(&m.members, STAT_MEMBERS_BYTES_MAX);
    const stroma_status s = fill(j, &m, err);
    model_free(&m);
    return s;
}
