/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Proportions with a normal random intercept on the logit scale. */
#include "meta_private.h"
#include "meta_search.h"
#include "profile_limit.h"

#include "stroma/models_meta.h"
#include "stroma/stats_distribution.h"

#include <math.h>

/* A study's likelihood is an integral over its effect u. The integrand is log-concave, but not like
 * a normal density: in an arm without an event it is a normal density cut off on one side, over a
 * width of 1/tau, and Gauss-Hermite nodes about the mode miss that. Here u = mode + spread ·
 * sinh(s) with equal steps in s: close about the mode, and out to where the prior alone is below
 * 1e-17. The trapezoidal rule then converges exponentially (Trefethen & Weideman 2014 SIAM Rev
 * 56:385), with steps that are shorter where the cut is sharper than the spread. */
enum { NODES = 1200, STRIDE_MAX = 10, GRID = 30, STEPS_MAX = 100 };
static const double least_step = 0.02, reach = 9;
static const stroma_meta_options defaults = STROMA_META_OPTIONS_INIT;

typedef struct binomial {
    const double *events, *n;
    size_t k;
    double sinh[NODES], cosh[NODES]; /* of s = 0, least_step, 2 least_step, … */
    double mean;                     /* where the last search ended; the next one starts there */
} binomial;

/* Log-likelihood at (mean, tau) with its derivatives. */
typedef struct slopes {
    double value, by_mean, by_tau;
    double mean_mean, mean_tau, tau_tau;
} slopes;

/* The mode of the random effect of one study, and the spread about it. The slope falls, and its
 * signs at the ends are known; Newton where that stays inside. */
static void centre(double events, double n, double mean, double tau, double *mode, double *spread)
{
    double u = 0, curve = 1, lo = tau * (events - n), hi = tau * events;
    for (int i = 0; i < STEPS_MAX; i++) {
        const double p = 1 / (1 + exp(-(mean + tau * u)));
        const double slope = tau * (events - n * p) - u;
        curve = tau * tau * n * p * (1 - p) + 1;
        if (slope > 0)
            lo = u;
        else
            hi = u;
        const double newton = u + slope / curve;
        const double next = newton > lo && newton < hi ? newton : lo + (hi - lo) / 2;
        const double moved = fabs(next - u);
        u = next;
        if (moved < 1e-10 / sqrt(curve)) break;
    }
    *mode = u;
    *spread = 1 / sqrt(curve);
}

/* A study's likelihood as a sum over nodes: weights that add up to `sum`, at u, with the chance
 * there.
 */
typedef struct cloud {
    double events, n, sum;
    size_t len;
    double weight[2 * NODES], u[2 * NODES], chance[2 * NODES];
} cloud;

static double height_at(cloud *c, double mean, double tau, double u)
{
    const double theta = mean + tau * u;
    const double small = exp(-fabs(theta)); /* the odds or their inverse: never overflows */
    c->u[c->len] = u;
    c->chance[c->len] = (theta > 0 ? 1 : small) / (1 + small);
    return c->events * theta - c->n * (fmax(theta, 0) + log1p(small)) - u * u / 2;
}

static double cloud_of(const binomial *b, size_t i, double mean, double tau, cloud *c)
{
    double mode = 0, spread = 1;
    c->events = b->events[i];
    c->n = b->n[i];
    c->sum = 0;
    c->len = 0;
    centre(c->events, c->n, mean, tau, &mode, &spread);
    const double top = height_at(c, mean, tau, mode),
                 sharp = fmax(1, fmin(STRIDE_MAX, tau * spread));
    const size_t stride = (size_t)(STRIDE_MAX / sharp);
    for (size_t k = 0; k < NODES && (k == 0 || spread * b->sinh[k - stride] < reach); k += stride)
        for (int side = k == 0 ? 1 : -1; side <= 1; side += 2) {
            const double h = height_at(c, mean, tau, mode + side * spread * b->sinh[k]);
            c->weight[c->len] = b->cosh[k] * exp(h - top);
            c->sum += c->weight[c->len++];
        }
    return stroma_log_choose(c->n, c->events) + top +
           log(c->sum * (double)stride * least_step * spread / sqrt(2 * 3.14159265358979323846));
}

/* Derivatives (Louis 1982) through the counts: exact at tau 0, but with many subjects the terms are
 * large and cancel. */
static void add_by_counts(const cloud *c, slopes *out)
{
    double r1 = 0, ru = 0, rr = 0, rru = 0, rruu = 0;
    for (size_t q = 0; q < c->len; q++) {
        const double g = c->weight[q] / c->sum, u = c->u[q], r = c->events - c->n * c->chance[q],
                     v = c->n * c->chance[q] * (1 - c->chance[q]);
        r1 += g * r;
        ru += g * r * u;
        rr += g * (r * r - v);
        rru += g * (r * r - v) * u;
        rruu += g * (r * r - v) * u * u;
    }
    out->by_mean += r1;
    out->by_tau += ru;
    out->mean_mean += rr - r1 * r1;
    out->mean_tau += rru - r1 * ru;
    out->tau_tau += rruu - ru * ru;
}

/* The same through the normal density of the effects: no large terms, but divided by tau. */
static void add_by_effects(const cloud *c, double tau, slopes *out)
{
    double m1 = 0, m2 = 0, m3 = 0, m4 = 0;
    for (size_t q = 0; q < c->len; q++) {
        const double g = c->weight[q] / c->sum, u = c->u[q], square = u * u;
        m1 += g * u;
        m2 += g * square;
        m3 += g * square * u;
        m4 += g * square * square;
    }
    out->by_mean += m1 / tau;
    out->by_tau += (m2 - 1) / tau;
    out->mean_mean += (m2 - m1 * m1 - 1) / (tau * tau);
    out->mean_tau += (m3 - m1 * m2 - 2 * m1) / (tau * tau);
    out->tau_tau += (m4 - m2 * m2 + 1 - 3 * m2) / (tau * tau);
}

static slopes at(const binomial *b, double mean, double tau)
{
    slopes s = { 0 };
    for (size_t i = 0; i < b->k; i++) {
        cloud c;
        s.value += cloud_of(b, i, mean, tau, &c);
        if (tau > 0.1)
            add_by_effects(&c, tau, &s);
        else
            add_by_counts(&c, &s);
    }
    return s;
}

/* The best mean for one tau: the slope in the mean falls, so it is bracketed and halved, Newton
 * where that stays inside. */
static slopes best_mean(binomial *b, double tau)
{
    double lo = -800, hi = 800;
    slopes s = at(b, b->mean, tau);
    for (int i = 0; i < STEPS_MAX; i++) {
        if (s.by_mean > 0)
            lo = b->mean;
        else
            hi = b->mean;
        const double newton = b->mean - s.by_mean / s.mean_mean;
        const double next =
            s.mean_mean < 0 && newton > lo && newton < hi ? newton : lo + (hi - lo) / 2;
        const double moved = fabs(next - b->mean);
        b->mean = next;
        s = at(b, b->mean, tau);
        if (moved < 1e-12 * fmax(1, fabs(next))) break;
    }
    return s;
}

static double profile(double tau, double *slope, void *context)
{
    const slopes s = best_mean(context, tau);
    /* symmetric in tau: from 0 it rises when the second derivative does */
    *slope = tau > 0 ? s.by_tau : s.tau_tau;
    return s.value;
}

static double profile_value(double tau, void *context)
{
    return best_mean(context, fabs(tau)).value;
}

static void nodes(binomial *b)
{
    for (size_t k = 0; k < NODES; k++) {
        b->sinh[k] = sinh((double)k * least_step);
        b->cosh[k] = cosh((double)k * least_step);
    }
}

static void pooled(const binomial *b, const stroma_meta_options *o, const slopes *s,
                   stroma_meta *out)
{
    stroma_stat *p = &out->pooled;
    const double df = (double)(b->k - 1);
    const bool t = o->knapp_hartung && b->k > 1;
    /* at tau 0 nothing ties the mean to it; else the inverse of both */
    const double information = out->tau2 > 0 && s->tau_tau < 0
                                   ? -s->mean_mean + s->mean_tau * s->mean_tau / s->tau_tau
                                   : -s->mean_mean;
    const double width =
        t ? stroma_t_quantile(0.5 + o->level / 2, df) : stroma_normal_quantile(0.5 + o->level / 2);
    p->estimate_name = "logit of the proportion";
    p->estimate = b->mean;
    p->se = sqrt(1 / information);
    p->lower = p->estimate - width * p->se;
    p->upper = p->estimate + width * p->se;
    p->interval_method = t ? "Wald, t" : "Wald";
    p->effect_name = "proportion";
    p->effect = 1 / (1 + exp(-p->estimate));
    p->effect_lower = 1 / (1 + exp(-p->lower));
    p->effect_upper = 1 / (1 + exp(-p->upper));
    if (t) p->df = df;
}

static void between_studies(binomial *b, const stroma_meta_options *o, double tau, double top,
                            stroma_meta *out)
{
    const double z = stroma_normal_quantile(0.5 + o->level / 2), none = profile_value(0, b);
    double saturated = 0;
    for (size_t i = 0; i < b->k; i++) {
        const double e = b->events[i], n = b->n[i];
        saturated += stroma_log_choose(n, e) + (e > 0 ? e * log(e / n) : 0) +
                     (e < n ? (n - e) * log((n - e) / n) : 0);
    }
    stroma_stat *h = &out->heterogeneity;
    h->variant = "likelihood ratio";
    h->statistic_name = "chi2";
    h->df = (double)(b->k - 1);
    h->statistic = fmax(0, 2 * (saturated - none));
    h->p = stroma_chi2_sf(h->statistic, h->df);
    out->tau2_lower = 0;
    if (2 * (top - none) > z * z) {
        const double low = profile_limit(profile_value, b, tau, top, -tau / 8, z);
        out->tau2_lower = low * low;
    }
    const double high = profile_limit(profile_value, b, tau, top, fmax(0.1, tau / 4), z);
    out->tau2_upper = high * high;
}

static stroma_status check(const binomial *b, double level, stroma_error *err)
{
    if (!(level > 0 && level < 1))
        return stroma_fail(err, STROMA_E_USAGE, "level %g is not between 0 and 1", level);
    if (b->k == 0) return stroma_fail(err, STROMA_E_DEGENERATE, "no study to pool");
    for (size_t i = 0; i < b->k; i++) {
        const stroma_meta_counts c = { .events1 = b->events[i], .n1 = b->n[i] };
        stroma_meta_effect e;
        const stroma_status s = stroma_meta_effect_of(STROMA_META_LOGIT_PROPORTION, &c, &e, err);
        if (s != STROMA_OK) return stroma_in(err, s, "study %zu", i + 1);
    }
    return STROMA_OK;
}

stroma_status stroma_meta_proportions(const double *events, const double *n, size_t k,
                                      const stroma_meta_options *options, stroma_meta *out,
                                      stroma_error *err)
{
    const stroma_meta_options *o = options == NULL ? &defaults : options;
    binomial b = { .events = events, .n = n, .k = k };
    double all = 0, subjects = 0;
    STROMA_TRY(check(&b, o->level, err));
    meta_clear(out, "meta_binomial");
    out->pooled.variant = "random intercept";
    out->pooled.level = o->level;
    out->pooled.n_used = out->heterogeneity.n_used = k;
    for (size_t i = 0; i < k; i++) {
        all += events[i];
        subjects += n[i];
    }
    if (!(all > 0) || all == subjects) {
        out->pooled.not_estimable = out->heterogeneity.not_estimable = true;
        out->pooled.reason = out->heterogeneity.reason = out->prediction_reason =
            all > 0 ? "nothing but events in all studies: the logit has no maximum"
                    : "no event in any study: the logit has no maximum";
        return STROMA_OK;
    }
    nodes(&b);
    b.mean = log(all / (subjects - all));
    double tau = 0;
    if (k > 1) tau = meta_maximum(profile, &b, 1e-2, 20, GRID);
    const slopes top = best_mean(&b, tau);
    out->tau2 = tau * tau;
    out->log_likelihood = top.value;
    pooled(&b, o, &top, out);
    if (k > 1) {
        between_studies(&b, o, tau, top.value, out);
    } else {
        out->tau2 = NAN;
        out->heterogeneity.not_estimable = true;
        out->heterogeneity.reason = "one study has no heterogeneity";
    }
    meta_predict(o, out);
    if (k < 2) out->prediction_reason = "too few studies for its t distribution";
    return STROMA_OK;
}
