/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Proportions with a normal random intercept on the logit scale. */
#include "meta_private.h"
#include "meta_search.h"
#include "profile_limit.h"

#include "stroma/models_meta.h"
#include "stroma/stats_distribution.h"

#include <gsl/gsl_integration.h>
#include <math.h>

enum { NODES = 25, GRID = 30, STEPS_MAX = 100 };
static const stroma_meta_options defaults = STROMA_META_OPTIONS_INIT;

typedef struct binomial {
    const double *events, *n;
    size_t k;
    double node[NODES], weight[NODES]; /* weight · exp(node²) */
    double mean;                       /* where the last search ended; the next one starts there */
} binomial;

/* Log-likelihood at (mean, tau) with its derivatives. */
typedef struct slopes {
    double value, by_mean, by_tau;
    double mean_mean, mean_tau, tau_tau;
} slopes;

/* The mode of the random effect of one study, and the spread about it. */
static void centre(double events, double n, double mean, double tau, double *mode, double *spread)
{
    double u = 0, curve = 1;
    for (int i = 0; i < STEPS_MAX; i++) {
        const double p = 1 / (1 + exp(-(mean + tau * u)));
        curve = tau * tau * n * p * (1 - p) + 1;
        const double step = (tau * (events - n * p) - u) / curve;
        u += fmax(-2, fmin(2, step));
        if (fabs(step) < 1e-12) break;
    }
    *mode = u;
    *spread = 1 / sqrt(curve);
}

static void add_study(const binomial *b, double events, double n, double mean, double tau,
                      slopes *out)
{
    double mode = 0, spread = 1, sum = 0, r1 = 0, ru = 0, rr = 0, rru = 0, rruu = 0, w1 = 0, wu = 0,
           wuu = 0, top = -INFINITY, height[NODES], chance[NODES];
    centre(events, n, mean, tau, &mode, &spread);
    for (size_t q = 0; q < NODES; q++) {
        const double u = mode + sqrt(2) * spread * b->node[q], theta = mean + tau * u;
        const double small = exp(-fabs(theta)); /* the odds or their inverse: never overflows */
        chance[q] = (theta > 0 ? 1 : small) / (1 + small);
        height[q] = events * theta - n * (fmax(theta, 0) + log1p(small)) - u * u / 2;
        top = fmax(top, height[q]);
    }
    for (size_t q = 0; q < NODES; q++) {
        const double u = mode + sqrt(2) * spread * b->node[q], p = chance[q];
        const double g = b->weight[q] * exp(height[q] - top), r = events - n * p,
                     v = n * p * (1 - p);
        sum += g;
        r1 += g * r;
        ru += g * r * u;
        rr += g * r * r;
        rru += g * r * r * u;
        rruu += g * r * r * u * u;
        w1 += g * v;
        wu += g * v * u;
        wuu += g * v * u * u;
    }
    out->value +=
        stroma_log_choose(n, events) + top + log(sum * spread / sqrt(3.14159265358979323846));
    out->by_mean += r1 / sum;
    out->by_tau += ru / sum;
    out->mean_mean += (rr - w1) / sum - r1 * r1 / (sum * sum);
    out->mean_tau += (rru - wu) / sum - r1 * ru / (sum * sum);
    out->tau_tau += (rruu - wuu) / sum - ru * ru / (sum * sum);
}

static slopes at(const binomial *b, double mean, double tau)
{
    slopes s = { 0 };
    for (size_t i = 0; i < b->k; i++)
        add_study(b, b->events[i], b->n[i], mean, tau, &s);
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

static stroma_status nodes(binomial *b, stroma_error *err)
{
    gsl_integration_fixed_workspace *w =
        gsl_integration_fixed_alloc(gsl_integration_fixed_hermite, NODES, 0, 1, 0, 0);
    if (w == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < NODES; i++) {
        b->node[i] = gsl_integration_fixed_nodes(w)[i];
        b->weight[i] = gsl_integration_fixed_weights(w)[i] * exp(b->node[i] * b->node[i]);
    }
    gsl_integration_fixed_free(w);
    return STROMA_OK;
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
    out->pooled.variant = "random intercept, adaptive quadrature";
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
    STROMA_TRY(nodes(&b, err));
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
