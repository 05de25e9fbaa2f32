/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pooling by inverse variances. */
#include "meta_private.h"
#include "meta_search.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"
#include "stroma/stats_linear_model.h"

#include <math.h>

static const stroma_meta_options defaults = STROMA_META_OPTIONS_INIT;

const char *stroma_meta_model_name(stroma_meta_model m)
{
    static const char *const names[] = { "fixed", "REML", "DerSimonian-Laird", "Paule-Mandel" };
    return (size_t)m < STROMA_META_MODELS ? names[m] : "";
}

void meta_clear(stroma_meta *out, const char *method)
{
    *out = (stroma_meta){ .tau2 = NAN,
                          .tau2_se = NAN,
                          .tau2_lower = NAN,
                          .tau2_upper = NAN,
                          .i2_frac = NAN,
                          .h2 = NAN,
                          .prediction_lower = NAN,
                          .prediction_upper = NAN,
                          .log_likelihood = NAN };
    out->pooled = stroma_stat_empty(method);
    out->heterogeneity = stroma_stat_empty("meta_heterogeneity");
    out->prediction_reason = "";
}

typedef struct studies {
    const double *y, *v;
    size_t k;
} studies;

/* Sums of powers of the weights 1/(v + tau2), the weighted mean, and Q about it. */
typedef struct sums {
    double w, w2, w3, mean, q, w2_squares;
} sums;

static sums sums_at(const studies *s, double tau2)
{
    sums out = { 0 };
    double wy = 0;
    for (size_t i = 0; i < s->k; i++) {
        const double w = 1 / (s->v[i] + tau2);
        out.w += w;
        out.w2 += w * w;
        out.w3 += w * w * w;
        wy += w * s->y[i];
    }
    out.mean = wy / out.w;
    for (size_t i = 0; i < s->k; i++) {
        const double w = 1 / (s->v[i] + tau2), r = s->y[i] - out.mean;
        out.q += w * r * r;
        out.w2_squares += w * w * r * r;
    }
    return out;
}

/* Restricted log-likelihood and its slope in tau2. */
static double restricted(double tau2, double *slope, void *context)
{
    const studies *s = context;
    const sums a = sums_at(s, tau2);
    double value =
        -(double)(s->k - 1) / 2 * log(2 * 3.14159265358979323846) - log(a.w) / 2 - a.q / 2;
    for (size_t i = 0; i < s->k; i++)
        value -= log(s->v[i] + tau2) / 2;
    value += log((double)s->k) / 2; /* log |X'X| / 2, as R's metafor counts it */
    *slope = (a.w2_squares - a.w + a.w2 / a.w) / 2;
    return value;
}

/* tau2 at which Q is @p target; 0 where it is below that already. */
static double at_q(const studies *s, double target, double scale)
{
    if (sums_at(s, 0).q <= target) return 0;
    double lo = 0, hi = scale;
    while (sums_at(s, hi).q > target && hi < 1e100) {
        lo = hi;
        hi *= 2;
    }
    for (int i = 0; i < 200 && hi - lo > 1e-15 * hi; i++) {
        const double mid = lo + (hi - lo) / 2;
        if (sums_at(s, mid).q > target)
            lo = mid;
        else
            hi = mid;
    }
    return lo + (hi - lo) / 2;
}

static double estimate_tau2(const studies *s, stroma_meta_model model, double scale)
{
    const double df = (double)(s->k - 1);
    const sums a = sums_at(s, 0);
    if (model == STROMA_META_PM) return at_q(s, df, scale);
    if (model == STROMA_META_DL) return fmax(0, (a.q - df) / (a.w - a.w2 / a.w));
    double spread = 0;
    for (size_t i = 0; i < s->k; i++)
        spread = fmax(spread, fabs(s->y[i] - s->y[0]));
    studies copy = *s;
    return meta_maximum(restricted, &copy, 1e-6 * scale, 10 * (scale + spread * spread), 120);
}

static void heterogeneity(const studies *s, const stroma_meta_options *o, double scale,
                          stroma_meta *out)
{
    const double df = (double)(s->k - 1), tail = (1 - o->level) / 2;
    const sums a = sums_at(s, 0);
    stroma_stat *h = &out->heterogeneity;
    if (s->k < 2) {
        h->not_estimable = true;
        h->reason = "one study has no heterogeneity";
        return;
    }
    h->n_used = s->k;
    h->statistic_name = "Q";
    h->statistic = a.q;
    h->df = df;
    h->p = stroma_chi2_sf(a.q, df);
    const double typical = df * a.w / (a.w * a.w - a.w2);
    if (o->model == STROMA_META_FIXED) {
        out->i2_frac = a.q > 0 ? fmax(0, (a.q - df) / a.q) : 0;
        out->h2 = a.q / df;
        return;
    }
    out->tau2 = estimate_tau2(s, o->model, scale);
    out->i2_frac = out->tau2 / (out->tau2 + typical);
    out->h2 = out->tau2 / typical + 1;
    out->tau2_lower = at_q(s, stroma_chi2_quantile(1 - tail, df), scale);
    out->tau2_upper = at_q(s, stroma_chi2_quantile(tail, df), scale);
    if (o->model != STROMA_META_REML) return;
    const sums b = sums_at(s, out->tau2);
    double slope = 0;
    studies copy = *s;
    out->tau2_se = sqrt(2 / (b.w2 - 2 * b.w3 / b.w + b.w2 * b.w2 / (b.w * b.w)));
    out->log_likelihood = restricted(out->tau2, &slope, &copy);
}

static void pool(const studies *s, const stroma_meta_options *o, stroma_meta *out)
{
    stroma_stat *p = &out->pooled;
    const double tau2 = o->model == STROMA_META_FIXED || s->k < 2 ? 0 : out->tau2;
    const sums a = sums_at(s, tau2);
    const double df = (double)(s->k - 1);
    p->n_used = s->k;
    p->level = o->level;
    p->estimate_name = "pooled effect";
    p->estimate = a.mean;
    p->se = sqrt(1 / a.w);
    double width = stroma_normal_quantile(0.5 + o->level / 2);
    p->interval_method = "Wald";
    p->statistic_name = "z";
    if (o->knapp_hartung && s->k < 2) {
        p->reason = "one study has no spread for Knapp and Hartung";
        p->se = NAN;
    } else if (o->knapp_hartung) {
        p->se = sqrt(a.q / df / a.w);
        width = stroma_t_quantile(0.5 + o->level / 2, df);
        p->interval_method = "Knapp-Hartung";
        p->statistic_name = "t";
        p->df = df;
    }
    p->statistic = p->estimate / p->se;
    p->p = o->knapp_hartung ? stroma_t_two_sided(p->statistic, df)
                            : stroma_normal_two_sided(p->statistic);
    p->lower = p->estimate - width * p->se;
    p->upper = p->estimate + width * p->se;
}

void meta_predict(const stroma_meta_options *o, stroma_meta *out)
{
    const double df = (double)out->pooled.n_used - (o->knapp_hartung ? 1 : 2);
    out->prediction_reason = "";
    if (isnan(out->tau2))
        out->prediction_reason = "the fixed model has no other studies";
    else if (df < 1)
        out->prediction_reason = "too few studies for its t distribution";
    if (out->prediction_reason[0] != '\0') return;
    const double width = stroma_t_quantile(0.5 + o->level / 2, df) *
                         sqrt(out->tau2 + out->pooled.se * out->pooled.se);
    out->prediction_lower = out->pooled.estimate - width;
    out->prediction_upper = out->pooled.estimate + width;
}

static stroma_status check(const studies *s, double level, stroma_error *err)
{
    if (!(level > 0 && level < 1))
        return stroma_fail(err, STROMA_E_USAGE, "level %g is not between 0 and 1", level);
    if (s->k == 0) return stroma_fail(err, STROMA_E_DEGENERATE, "no study to pool");
    for (size_t i = 0; i < s->k; i++)
        if (!isfinite(s->y[i]) || !(s->v[i] > 0) || !isfinite(s->v[i]))
            return stroma_fail(err, STROMA_E_USAGE,
                               "study %zu has effect %g and variance %g: both must be finite, the "
                               "variance positive",
                               i + 1, s->y[i], s->v[i]);
    return STROMA_OK;
}

stroma_status stroma_meta_pool(const double *effect, const double *variance, size_t k,
                               const stroma_meta_options *options, double *weight, stroma_meta *out,
                               stroma_error *err)
{
    const stroma_meta_options *o = options == NULL ? &defaults : options;
    const studies s = { effect, variance, k };
    STROMA_TRY(check(&s, o->level, err));
    meta_clear(out, "meta");
    out->pooled.variant = stroma_meta_model_name(o->model);
    double scale = 0;
    for (size_t i = 0; i < k; i++)
        scale += variance[i] / (double)k;
    heterogeneity(&s, o, scale, out);
    pool(&s, o, out);
    meta_predict(o, out);
    const double tau2 = isnan(out->tau2) ? 0 : out->tau2, total = sums_at(&s, tau2).w;
    for (size_t i = 0; weight != NULL && i < k; i++)
        weight[i] = 1 / (variance[i] + tau2) / total;
    return STROMA_OK;
}

static stroma_status regression(const studies *s, double *x, double level, stroma_stat *out,
                                stroma_error *err)
{
    const stroma_design d = { .rows = s->k, .columns = 2, .x = x, .intercept = true };
    double *weights = x + 2 * s->k;
    stroma_linear_model *m = NULL;
    for (size_t i = 0; i < s->k; i++) {
        x[i] = 1;
        x[s->k + i] = sqrt(s->v[i]);
        weights[i] = 1 / s->v[i];
    }
    STROMA_TRY(stroma_linear_model_fit(&d, s->y, weights, &m, err));
    *out = stroma_linear_coefficient(m, 1, level);
    stroma_linear_model_free(m);
    return STROMA_OK;
}

stroma_status stroma_meta_small_studies(const double *effect, const double *variance, size_t k,
                                        double level, stroma_stat *out, stroma_error *err)
{
    const studies s = { effect, variance, k };
    STROMA_TRY(check(&s, level, err));
    *out = stroma_stat_cannot("meta_small_studies",
                              "fewer than 10 studies: the test could not tell anything");
    out->n_used = k;
    if (k < STROMA_META_SMALL_MIN) return STROMA_OK;
    double *x = stroma_alloc_array(3 * k, sizeof *x);
    if (x == NULL) return stroma_no_memory(err);
    const stroma_status status = regression(&s, x, level, out, err);
    stroma_free(x);
    out->method = "meta_small_studies";
    out->variant = "Egger";
    out->estimate_name = "slope on the standard error";
    out->n_used = k;
    if (out->not_estimable) out->reason = "all studies have the same standard error";
    return status;
}
