/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stat_bayes.h"

#include "stat_members.h"

#include "stroma/number.h"

#include <math.h>
#include <string.h>

static const char not_mixed[] =
    "the chains have not mixed: ask for more --draws, or a prior with lighter tails";

/* "2.5)" or "7,2.5)": @p n numbers up to the bracket that ends the text. */
static bool numbers(const char *text, double *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        while (*text == ' ')
            text++;
        const size_t len = strcspn(text, i + 1 < n ? "," : ")");
        if (text[len] == '\0' || !stroma_parse_double(text, len, '.', &out[i])) return false;
        text += len + 1;
    }
    return *text == '\0';
}

stroma_status stat_bayes_prior(const stat_job *j, stroma_bayes_prior *out, stroma_error *err)
{
    static const stroma_bayes_prior prior = STROMA_BAYES_PRIOR_INIT;
    const char *text = cli_text(j->cli, "prior"), *scaling = cli_text(j->cli, "scaling");
    double x[2] = { 0, 0 };
    bool ok = true;
    *out = prior;
    out->intercept_scale = cli_number(j->cli, "prior-intercept", prior.intercept_scale);
    for (int k = 0; k <= STROMA_BAYES_SCALE_NONE; k++)
        if (strcmp(scaling, stroma_bayes_scaling_name((stroma_bayes_scaling)k)) == 0)
            out->scaling = (stroma_bayes_scaling)k;
    if (strncmp(text, "normal(", 7) == 0 && numbers(text + 7, x, 1)) {
        out->scale = x[0];
        out->df = 0;
    } else if (strncmp(text, "cauchy(", 7) == 0 && numbers(text + 7, x, 1)) {
        out->scale = x[0];
        out->df = 1;
    } else if (strncmp(text, "t(", 2) == 0 && numbers(text + 2, x, 2)) {
        out->df = x[0];
        out->scale = x[1];
        ok = x[0] > 0;
    } else {
        ok = false;
    }
    if (ok && out->scale > 0) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_USAGE, "--prior \"%s\" is not a prior", text);
    stroma_hint(err, "as 'normal(2.5)', 'cauchy(2.5)' or 't(7,2.5)': degrees of freedom, scale");
    return STROMA_E_USAGE;
}

typedef struct output {
    stat_job *j;
    const stroma_formula_data *d;
    const stroma_bayes_logistic_model *m;
    stroma_buffer members;
    stroma_json json;
} output;

static stroma_status put_row(output *w, const stroma_stat *s, const char *variant, size_t column,
                             stroma_error *err)
{
    const char *name = stroma_arena_strdup(&w->j->arena, w->d->design.names[column]);
    if (name == NULL) return stroma_no_memory(err);
    stat_result r = { .stat = *s, .label = name, .p_adjusted = NAN, .flat_only = true };
    r.stat.variant = variant;
    return stat_put_result(w->j, &r, err);
}

static void put_term(output *w, size_t column, const stroma_bayes_term *t)
{
    stroma_json *v = &w->json;
    stroma_json_begin_object(v);
    stroma_json_put_string(v, "term", w->d->design.names[column]);
    stroma_json_put_number(v, "prior_scale", t->prior_scale);
    stroma_json_put_number(v, "mode", t->mode);
    stroma_json_put_number(v, "laplace_se", t->laplace_se);
    stroma_json_put_number(v, "mean", t->mean);
    stroma_json_put_number(v, "sd", t->sd);
    stroma_json_put_number(v, "median", t->median);
    stroma_json_put_number(v, "lower", t->lower);
    stroma_json_put_number(v, "upper", t->upper);
    stroma_json_put_number(v, "positive", t->positive);
    stroma_json_put_number(v, "positive_mcse", t->positive_mcse);
    stroma_json_put_number(v, "mean_mcse", t->mean_mcse);
    stroma_json_put_number(v, "median_mcse", t->median_mcse);
    stroma_json_put_number(v, "rhat", t->rhat);
    stroma_json_put_number(v, "ess_bulk", t->ess_bulk);
    stroma_json_put_number(v, "ess_tail", t->ess_tail);
    stroma_json_end_object(v);
}

static void begin(output *w, const char *name)
{
    stat_member(&w->members, name);
    stroma_json_init(&w->json, &w->members, 0);
}

static void put_terms(output *w, const char *name, const stroma_bayes_term *terms)
{
    begin(w, name);
    stroma_json_begin_array(&w->json);
    for (size_t c = 0; c < w->m->columns; c++)
        put_term(w, c, &terms[c]);
    stroma_json_end_array(&w->json);
    stat_member_end(&w->members);
}

static void put_prior(output *w)
{
    const stroma_bayes_prior *p = &w->m->prior;
    begin(w, "prior");
    stroma_json_begin_object(&w->json);
    stroma_json_put_string(&w->json, "family", p->df > 0 && isfinite(p->df) ? "t" : "normal");
    stroma_json_put_number(&w->json, "df", p->df > 0 ? p->df : (double)NAN);
    stroma_json_put_number(&w->json, "scale", p->scale);
    stroma_json_put_number(&w->json, "intercept_scale", p->intercept_scale);
    stroma_json_put_string(&w->json, "scaling", stroma_bayes_scaling_name(p->scaling));
    stroma_json_end_object(&w->json);
    stat_member_end(&w->members);
}

/* The same term under half and twice the prior, as rows of the flat forms. */
static stroma_status put_other_priors(output *w, stroma_error *err)
{
    static const char *const names[] = { "prior scales x 0.5", "prior scales x 2" };
    for (size_t k = 0; k < 2; k++)
        for (size_t c = 0; c < w->m->columns; c++) {
            if (w->m->aliased[c]) continue;
            const stroma_bayes_term *t = &w->m->sensitivity[k].terms[c];
            stroma_stat s = w->m->stats[c];
            s.estimate = t->median;
            s.se = t->sd;
            s.lower = t->lower;
            s.upper = t->upper;
            s.effect = exp(t->median);
            s.effect_lower = exp(t->lower);
            s.effect_upper = exp(t->upper);
            STROMA_TRY(put_row(w, &s, names[k], c, err));
        }
    return STROMA_OK;
}

static stroma_status put_coefficients(output *w, stroma_error *err)
{
    stat_member(&w->members, "coefficients");
    stroma_buffer_putc(&w->members, '[');
    for (size_t c = 0; c < w->m->columns; c++) {
        stroma_stat s = w->m->stats[c];
        if (c > 0) stroma_buffer_putc(&w->members, ',');
        stat_json_stat(&w->members, w->d->design.names[c], &s);
        STROMA_TRY(put_row(w, &s, "coefficient", c, err));
    }
    stroma_buffer_putc(&w->members, ']');
    stat_member_end(&w->members);
    for (size_t c = 0; c < w->m->columns; c++) {
        if (w->m->aliased[c]) continue;
        stroma_stat s = stroma_stat_empty("logistic_bayes");
        s.n_used = w->m->rows;
        s.estimate_name = "P(coefficient > 0)";
        s.estimate = w->m->terms[c].positive;
        s.se = w->m->terms[c].positive_mcse;
        STROMA_TRY(put_row(w, &s, "P(coefficient > 0)", c, err));
    }
    return put_other_priors(w, err);
}

static stroma_status put_model(output *w, stroma_error *err)
{
    const stroma_bayes_logistic_model *m = w->m;
    stroma_buffer *b = &w->members;
    STROMA_TRY(put_coefficients(w, err));
    put_terms(w, "posterior", m->terms);
    put_terms(w, "posterior_half_prior", m->sensitivity[0].terms);
    put_terms(w, "posterior_double_prior", m->sensitivity[1].terms);
    put_prior(w);
    stat_member_matrix(b, "laplace_covariance", m->laplace_covariance, m->columns);
    stat_member_number(b, "laplace_gap_sd", m->laplace_gap);
    stat_member_number(b, "chains", (double)m->chains);
    stat_member_number(b, "draws_per_chain", (double)m->chain_draws);
    stat_member_number(b, "worst_rhat", m->worst_rhat);
    stat_member_number(b, "least_ess", m->least_ess);
    stat_member_number(b, "brier", m->brier);
    stat_member_number(b, "events", (double)m->events);
    stat_member_text(b, "separation", stroma_separation_name(m->separation));
    stat_result r = { .stat = stroma_stat_empty("logistic_bayes"),
                      .label = cli_text(w->j->cli, "formula"),
                      .p_adjusted = NAN,
                      .json_only = true };
    r.stat.variant = "posterior median";
    r.stat.n_used = m->rows;
    r.stat.n1 = m->events;
    r.stat.n2 = m->rows - m->events;
    if (!m->converged) r.stat.reason = not_mixed;
    STROMA_TRY(stat_members_keep(w->j, b, &r.members, err));
    return stat_put_result(w->j, &r, err);
}

stroma_status stat_bayes_logistic(stat_job *j, const stroma_formula_data *d, stroma_error *err)
{
    stroma_bayes_options o = STROMA_BAYES_OPTIONS_INIT;
    stroma_bayes_logistic_model *m = NULL;
    STROMA_TRY(stat_bayes_prior(j, &o.prior, err));
    o.level = j->level;
    o.draws = (size_t)cli_count(j->cli, "draws", 1000);
    o.warmup = o.draws / 2 > o.warmup ? o.draws / 2 : o.warmup;
    o.seed = (uint64_t)cli_count(j->cli, "seed", 1);
    o.threads = cli_threads(j->cli);
    o.sensitivity = true;
    STROMA_TRY(stroma_bayes_logistic_fit(&d->design, d->y, &o, &m, err));
    output w = { .j = j, .d = d, .m = m };
    stroma_buffer_init(&w.members, STAT_MEMBERS_BYTES_MAX);
    for (size_t c = 0; c < m->columns; c++)
        if (!m->converged && m->stats[c].reason[0] == '\0') m->stats[c].reason = not_mixed;
    const stroma_status s = put_model(&w, err);
    stroma_buffer_clear(&w.members);
    stroma_bayes_logistic_free(m);
    return s;
}
