/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All questions of one data set, and the verdict by rule. */
#include "heterogeneity.h"

#include "stroma/memory.h"
#include "stroma/stats_multiplicity.h"
#include "stroma/stats_proportion.h"
#include "stroma/stats_summary.h"
#include "stroma/stats_variance.h"

#include <math.h>
#include <string.h>

static const char single_arm[] =
    "a single-arm trial: without a control arm nobody knows how much change varies untreated";

const char *stroma_heterogeneity_verdict_name(stroma_heterogeneity_verdict v)
{
    static const char *const names[] = { "cannot_judge", "compatible_with_one_effect",
                                         "heterogeneity_shown" };
    return (size_t)v < sizeof names / sizeof names[0] ? names[v] : "unknown";
}

/* The changes of an arm, or what its regression on baseline leaves of them. */
typedef struct arm {
    const double *x; /* n */
    size_t n;
    double *own; /* to free, or NULL */
} arm;

static double squared_correlation(const stroma_change_arm *a, double *slope, double *mean_change,
                                  double *mean_baseline)
{
    double sx = 0, sy = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < a->n; i++) {
        sx += a->baseline[i];
        sy += a->change[i];
    }
    *mean_baseline = sx / (double)a->n;
    *mean_change = sy / (double)a->n;
    for (size_t i = 0; i < a->n; i++) {
        const double dx = a->baseline[i] - *mean_baseline, dy = a->change[i] - *mean_change;
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    *slope = xx > 0 ? xy / xx : 0;
    return xx > 0 && yy > 0 ? xy * xy / (xx * yy) : (double)NAN;
}

/* Residuals, widened by √((n − 1)/(n − 2)) so that their variance has the right divisor. */
static stroma_status residuals(const stroma_change_arm *a, arm *out, stroma_error *err)
{
    double slope = 0, mean_change = 0, mean_baseline = 0;
    if (a->n < 3) return STROMA_OK; /* too few for any answer: the methods say so */
    out->own = stroma_alloc_array(a->n, sizeof *out->own);
    if (out->own == NULL) return stroma_no_memory(err);
    (void)squared_correlation(a, &slope, &mean_change, &mean_baseline);
    const double wider = sqrt(((double)a->n - 1) / ((double)a->n - 2));
    for (size_t i = 0; i < a->n; i++)
        out->own[i] =
            wider * (a->change[i] - mean_change - slope * (a->baseline[i] - mean_baseline));
    out->x = out->own;
    return STROMA_OK;
}

static stroma_status check_arm(const stroma_change_arm *a, const char *name, bool baseline,
                               stroma_error *err)
{
    stroma_summary m;
    stroma_status s = stroma_summary_compute(a->change, a->n, 0.95, &m, err);
    if (s != STROMA_OK) return stroma_in(err, s, "%s arm: change", name);
    if (a->baseline == NULL && baseline)
        return stroma_fail(err, STROMA_E_USAGE, "%s arm: no baseline is given to adjust for", name);
    if (a->baseline == NULL) return STROMA_OK;
    s = stroma_summary_compute(a->baseline, a->n, 0.95, &m, err);
    return s == STROMA_OK ? s : stroma_in(err, s, "%s arm: baseline", name);
}

static stroma_stat baseline_share(const stroma_change_arm *a)
{
    static const char method[] = "baseline_share";
    double slope = 0, change = 0, baseline = 0;
    if (a->baseline == NULL) return stroma_stat_cannot(method, "no baseline is given");
    if (a->n < 3) return stroma_stat_cannot(method, "fewer than 3 subjects");
    const double r2 = squared_correlation(a, &slope, &change, &baseline);
    if (isnan(r2)) return stroma_stat_cannot(method, "no variation of baseline or change");
    stroma_stat s = stroma_stat_empty(method);
    s.n_used = a->n;
    s.estimate_name = "part of the variance of change that goes with baseline";
    s.estimate = r2;
    s.effect_name = "change per unit of baseline";
    s.effect = slope;
    return s;
}

static stroma_status compare_arms(const arm *t, const arm *c, double level,
                                  stroma_heterogeneity *out, stroma_error *err)
{
    STROMA_TRY(heterogeneity_sd(t->x, t->n, level, &out->treated_sd, err));
    if (c == NULL) {
        out->control_sd = stroma_stat_cannot("sd_change", single_arm);
        out->sd_ratio = stroma_stat_cannot("sd_ratio", single_arm);
        out->f_test = stroma_stat_cannot("variance_ratio", single_arm);
        out->effect_sd = stroma_stat_cannot("effect_sd", single_arm);
        return STROMA_OK;
    }
    STROMA_TRY(heterogeneity_sd(c->x, c->n, level, &out->control_sd, err));
    STROMA_TRY(stroma_sd_ratio(t->x, t->n, c->x, c->n, level, &out->sd_ratio, err));
    STROMA_TRY(stroma_variance_ratio(t->x, t->n, c->x, c->n, level, &out->f_test, err));
    return stroma_effect_sd(t->x, t->n, c->x, c->n, level, &out->effect_sd, err);
}

static stroma_status both_mixtures(const arm *t, const arm *c,
                                   const stroma_heterogeneity_options *o, stroma_heterogeneity *out,
                                   stroma_error *err)
{
    STROMA_TRY(stroma_mixture_test(t->x, t->n, &o->mixture, o->treated_null, &out->mixture, err));
    if (c == NULL) {
        STROMA_TRY(stroma_mixture_test(t->x, 0, &o->mixture, NULL, &out->control_mixture, err));
        out->control_mixture.test.reason = out->control_mixture.skewed.reason = single_arm;
        return STROMA_OK;
    }
    /* only a mixture of the treated makes the other arm's worth its time */
    if (out->mixture.p <= o->alpha)
        return stroma_mixture_test(c->x, c->n, &o->mixture, o->control_null, &out->control_mixture,
                                   err);
    STROMA_TRY(stroma_mixture_test(c->x, 0, &o->mixture, NULL, &out->control_mixture, err));
    out->control_mixture.test.reason = out->control_mixture.skewed.reason =
        "not needed: the treated arm shows no two groups";
    return STROMA_OK;
}

static const stroma_noise_rate no_rate = { NAN, NAN, NAN, NAN, 0, 0 };

static stroma_rate_pair no_rates(const char *reason)
{
    return (stroma_rate_pair){ .observed = stroma_stat_cannot("responder_rate", reason),
                               .noise = no_rate,
                               .regression = no_rate,
                               .common = no_rate,
                               .p_none = NAN };
}

/* A drop by more than a threshold: no simulation is needed. */
static stroma_status drop_rates(const stroma_change_arm *t, size_t controls,
                                const stroma_heterogeneity_options *o, stroma_rate_pair *out,
                                stroma_error *err)
{
    size_t yes = 0;
    *out = no_rates("no threshold of change is given");
    if (!(o->drop > 0)) return STROMA_OK;
    for (size_t i = 0; i < t->n; i++)
        yes += -t->change[i] > o->drop;
    out->observed = stroma_proportion(yes, t->n, STROMA_PROPORTION_WILSON, o->level);
    stroma_summary m;
    if (t->n > 1) {
        STROMA_TRY(stroma_summary_compute(t->change, t->n, o->level, &m, err));
        out->common.rate = stroma_responder_rate(m.mean, m.sd, o->drop);
    }
    if (o->error.sd > 0) {
        out->noise.rate = stroma_responder_rate(0, sqrt(2) * o->error.sd, o->drop);
        out->noise.mcse = 0;
    }
    if (controls > 0) out->p_none = stroma_no_responder(out->noise.rate, controls);
    return STROMA_OK;
}

static stroma_status observed_by_rule(const stroma_change_arm *t,
                                      const stroma_heterogeneity_options *o, stroma_stat *out)
{
    size_t yes = 0, judged = 0;
    for (size_t i = 0; i < t->n; i++) {
        const int answer =
            o->responds(t->baseline[i], t->baseline[i] + t->change[i], o->rule_context);
        judged += answer >= 0;
        yes += answer > 0;
    }
    *out = stroma_proportion(yes, judged, STROMA_PROPORTION_WILSON, o->level);
    return STROMA_OK;
}

static stroma_status rule_rates(const stroma_change_arm *t, size_t controls,
                                const stroma_heterogeneity_options *o, stroma_rate_pair *out,
                                stroma_error *err)
{
    stroma_summary m, b;
    *out = no_rates(o->responds == NULL ? "no rule is given" : "the rule needs the baseline");
    if (o->responds == NULL || t->baseline == NULL || t->n < 2) return STROMA_OK;
    STROMA_TRY(observed_by_rule(t, o, &out->observed));
    STROMA_TRY(stroma_summary_compute(t->change, t->n, o->level, &m, err));
    STROMA_TRY(stroma_summary_compute(t->baseline, t->n, o->level, &b, err));
    stroma_noise_model model = { .version = 1,
                                 .baseline = t->baseline,
                                 .baseline_len = t->n,
                                 .mean_change = m.mean,
                                 .sd_change = m.sd,
                                 .draws = o->rule_draws,
                                 .seed = o->mixture.seed };
    STROMA_TRY(stroma_noise_responders(&model, o->responds, o->rule_context, &out->common, err));
    if (!(o->error.sd > 0)) return STROMA_OK;
    model.mean_change = 0;
    model.sd_change = sqrt(2) * o->error.sd;
    STROMA_TRY(stroma_noise_responders(&model, o->responds, o->rule_context, &out->noise, err));
    if (controls > 0) out->p_none = stroma_no_responder(out->noise.rate, controls);
    if (!(b.sd >= o->error.sd)) return STROMA_OK; /* the baselines vary less than their error */
    model.error_sd = o->error.sd;
    return stroma_noise_responders(&model, o->responds, o->rule_context, &out->regression, err);
}

/* One-sided: the treated vary more. */
static double p_greater(const stroma_stat *ratio)
{
    if (ratio->not_estimable || isnan(ratio->p)) return NAN;
    return ratio->estimate >= 1 ? ratio->p / 2 : 1 - ratio->p / 2;
}

static stroma_status judge(double alpha, stroma_heterogeneity *out, stroma_error *err)
{
    double p[2] = { p_greater(&out->sd_ratio), out->mixture.p }, adjusted[2] = { NAN, NAN };
    const bool natural = out->has_control && out->control_mixture.p <= alpha;
    /* a family of two also in a single arm: with skewed data the bootstrap's 5 % are 6 to 8 % */
    STROMA_TRY(stroma_p_adjust(p, 2, 2, STROMA_ADJUST_HOLM, adjusted, err));
    out->p_ratio_adjusted = adjusted[0];
    out->p_mixture_adjusted = adjusted[1];
    const bool by_ratio = adjusted[0] <= alpha, two_groups = adjusted[1] <= alpha;
    out->verdict = STROMA_HETEROGENEITY_SHOWN;
    if (by_ratio && two_groups && !natural)
        out->verdict_reason = "change varies more in the treated arm, and is two groups there";
    else if (by_ratio)
        out->verdict_reason = "change varies more in the treated arm than in the control arm";
    else if (two_groups && !natural)
        out->verdict_reason =
            out->has_control ? "change is two groups in the treated arm, not in the control arm"
                             : "change is two groups; without a control arm they may be two "
                               "courses of the disease as well as two answers to the treatment";
    else if (isnan(p[0]) && isnan(p[1])) {
        out->verdict = STROMA_HETEROGENEITY_CANNOT_JUDGE;
        out->verdict_reason = out->mixture.test.reason;
    } else {
        out->verdict = STROMA_HETEROGENEITY_COMPATIBLE;
        out->verdict_reason = two_groups ? "the two groups of the treated arm stand in the control "
                                           "arm as well"
                                         : "neither a larger variation nor two groups are shown";
    }
    return STROMA_OK;
}

static stroma_status check_options(const stroma_heterogeneity_options *o, stroma_error *err)
{
    if (!(o->level > 0 && o->level < 1))
        return stroma_fail(err, STROMA_E_USAGE, "level %g is not within 0 to 1", o->level);
    if (!(o->alpha > 0 && o->alpha < 1))
        return stroma_fail(err, STROMA_E_USAGE, "alpha %g is not within 0 to 1", o->alpha);
    if (o->mixture.alpha < o->alpha)
        return stroma_fail(err, STROMA_E_USAGE,
                           "the mixture's alpha %g is below that of the verdict, %g",
                           o->mixture.alpha, o->alpha);
    return STROMA_OK;
}

stroma_status stroma_heterogeneity_compute(const stroma_change_arm *treated,
                                           const stroma_change_arm *control,
                                           const stroma_heterogeneity_options *options,
                                           stroma_heterogeneity *out, stroma_error *err)
{
    const stroma_heterogeneity_options defaults = STROMA_HETEROGENEITY_OPTIONS_INIT;
    const stroma_heterogeneity_options *o = options == NULL ? &defaults : options;
    *out = (stroma_heterogeneity){ .alpha = o->alpha,
                                   .has_control = control != NULL,
                                   .adjusted = o->adjust_baseline,
                                   .rule_name = o->rule_name,
                                   .drop_used = o->drop,
                                   .verdict_reason = "" };
    STROMA_TRY(check_options(o, err));
    STROMA_TRY(check_arm(treated, "treated", o->adjust_baseline, err));
    if (control != NULL) STROMA_TRY(check_arm(control, "control", o->adjust_baseline, err));
    const size_t controls = control != NULL ? control->n : 0;
    arm t = { treated->change, treated->n, NULL }, c = { NULL, controls, NULL };
    if (control != NULL) c.x = control->change;
    stroma_status s = o->adjust_baseline ? residuals(treated, &t, err) : STROMA_OK;
    if (s == STROMA_OK && o->adjust_baseline && control != NULL) s = residuals(control, &c, err);
    const arm *other = control != NULL ? &c : NULL;
    if (s == STROMA_OK) s = compare_arms(&t, other, o->level, out, err);
    if (s == STROMA_OK) s = both_mixtures(&t, other, o, out, err);
    if (s == STROMA_OK)
        s = stroma_change_reliability(t.x, t.n, &o->error, o->level, &out->reliability, err);
    out->baseline_share = baseline_share(treated);
    if (s == STROMA_OK) s = drop_rates(treated, controls, o, &out->drop, err);
    if (s == STROMA_OK) s = rule_rates(treated, controls, o, &out->rule, err);
    if (s == STROMA_OK) s = judge(o->alpha, out, err);
    stroma_free(t.own);
    stroma_free(c.own);
    return s;
}
