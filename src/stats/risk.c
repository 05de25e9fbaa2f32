/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two proportions compared: difference, ratio, odds ratio, with Wald, log, hybrid and score
 * intervals. */
#include "stroma/stats_contingency.h"
#include "stroma/stats_distribution.h"
#include "stroma/stats_proportion.h"

#include <math.h>

typedef enum measure { DIFFERENCE, RATIO, ODDS } measure;

typedef struct groups {
    double e1, n1, e2, n2; /* events and subjects */
    double p1, p2;
} groups;

static const char *load(const size_t counts[4], double level, groups *g)
{
    *g = (groups){ .e1 = (double)counts[0], .e2 = (double)counts[2] };
    g->n1 = g->e1 + (double)counts[1];
    g->n2 = g->e2 + (double)counts[3];
    if (!(g->n1 > 0 && g->n2 > 0)) return "a group has no subject";
    if (!(level > 0 && level < 1)) return "the confidence level is not between 0 and 1";
    g->p1 = g->e1 / g->n1;
    g->p2 = g->e2 / g->n2;
    return NULL;
}

/* p1 that belongs to p2 = x under the null value (difference and ratio). */
static double partner(measure m, double null_value, double x)
{
    return m == RATIO ? null_value * x : x + null_value;
}

/* count / p of a log likelihood, which is 0 without a count wherever p is */
static double per(double count, double p)
{
    return count > 0 ? count / p : 0;
}

/* Derivative of the log likelihood along the constraint, up to a positive factor: decreasing in x.
 */
static double slope(const groups *g, measure m, double null_value, double x)
{
    const double q = partner(m, null_value, x);
    const double scale = m == RATIO ? null_value : 1;
    return scale * (per(g->e1, q) - per(g->n1 - g->e1, 1 - q)) + per(g->e2, x) -
           per(g->n2 - g->e2, 1 - x);
}

/* Maximum-likelihood p2 under the null value, by bisection to the last bit. */
static double constrained(const groups *g, measure m, double null_value)
{
    double low = 0, high = 1;
    if (m == DIFFERENCE) {
        low = fmax(0, -null_value);
        high = fmin(1, 1 - null_value);
    }
    if (m == RATIO) high = fmin(1, 1 / null_value);
    for (;;) {
        const double x = low + (high - low) / 2;
        if (x <= low || x >= high) return x;
        if (slope(g, m, null_value, x) > 0)
            low = x;
        else
            high = x;
    }
}

/* p1 − p, without cancellation at the ends; q = 1 − p. */
static double gap_of(double events, double n, double p, double q)
{
    if (events == 0) return -p;
    if (events == n) return q;
    return events / n - p;
}

/* The score of an odds ratio. p1 and p2 under the null are sought as a logit, by which both they
 * and their complements keep all digits; n1 (p1 − p̃1) = −n2 (p2 − p̃2) gives the gap of whichever
 * group is at an end. */
static double odds_score(const groups *g, double log_null)
{
    double low = -1500, high = 1500, u = 0, p = 0, p_not = 0, x = 0, x_not = 0;
    for (;;) {
        u = low + (high - low) / 2;
        x = 1 / (1 + exp(-u));
        x_not = 1 / (1 + exp(u));
        p = 1 / (1 + exp(-u - log_null));
        p_not = 1 / (1 + exp(u + log_null));
        if (u <= low || u >= high) break;
        if (g->e1 + g->e2 - g->n1 * p - g->n2 * x > 0)
            low = u;
        else
            high = u;
    }
    const bool by_second = g->e2 == 0 || g->e2 == g->n2;
    const double gap = by_second ? -g->n2 * gap_of(g->e2, g->n2, x, x_not)
                                 : g->n1 * gap_of(g->e1, g->n1, p, p_not);
    const double i1 = g->n1 * p * p_not, i2 = g->n2 * x * x_not, n = g->n1 + g->n2;
    if (!(i1 > 0 && i2 > 0)) return gap > 0 ? (double)INFINITY : gap < 0 ? (double)-INFINITY : 0;
    return gap * sqrt((1 / i1 + 1 / i2) * (n - 1) / n);
}

/* Signed score statistic of Miettinen & Nurminen, with N/(N − 1): decreasing in the null value. */
static double score(const groups *g, measure m, double null_value)
{
    if (m == ODDS) return odds_score(g, log(null_value));
    const double n = g->n1 + g->n2, x = constrained(g, m, null_value);
    const double q = partner(m, null_value, x), scale = m == RATIO ? null_value : 1;
    const double shift = m == RATIO ? 0 : null_value;
    const double gap = g->p1 - scale * g->p2 - shift;
    const double variance =
        (q * (1 - q) / g->n1 + scale * scale * x * (1 - x) / g->n2) * n / (n - 1);
    if (variance > 0) return gap / sqrt(variance);
    return gap > 0 ? (double)INFINITY : gap < 0 ? (double)-INFINITY : 0;
}

/* Null value at which the score is @p z. Ratios are sought on their logarithm. */
static double score_limit(const groups *g, measure m, double z)
{
    double low = m == DIFFERENCE ? -1 : -600, high = -low;
    const double lowest = low, highest = high;
    for (;;) {
        const double t = low + (high - low) / 2;
        if (t <= low || t >= high) break;
        if (score(g, m, m == DIFFERENCE ? t : exp(t)) > z)
            low = t;
        else
            high = t;
    }
    if (m == DIFFERENCE) return low;
    if (high <= nextafter(lowest, 0)) return 0;
    if (low >= nextafter(highest, 0)) return INFINITY;
    return exp(low + (high - low) / 2);
}

static stroma_stat start(const char *method, const groups *g, double level)
{
    stroma_stat r = stroma_stat_empty(method);
    r.n1 = (size_t)g->n1;
    r.n2 = (size_t)g->n2;
    r.n_used = r.n1 + r.n2;
    r.level = level;
    return r;
}

static void score_test(stroma_stat *r, const groups *g)
{
    if (g->e1 + g->e2 > 0 && g->e1 + g->e2 < g->n1 + g->n2) {
        r->statistic_name = "z (score)";
        r->statistic = score(g, DIFFERENCE, 0);
        r->p = stroma_normal_two_sided(r->statistic);
    }
}

stroma_stat stroma_risk_difference(const size_t counts[4], stroma_difference_method m, double level)
{
    groups g;
    const char *why = load(counts, level, &g);
    if (why != NULL) return stroma_stat_cannot("risk_difference", why);
    stroma_stat r = start("risk_difference", &g, level);
    const double z = stroma_normal_quantile(0.5 + level / 2);
    r.estimate_name = "risk difference";
    r.estimate = g.p1 - g.p2;
    r.se = sqrt(g.p1 * (1 - g.p1) / g.n1 + g.p2 * (1 - g.p2) / g.n2);
    score_test(&r, &g);
    if (m == STROMA_DIFFERENCE_WALD) {
        r.interval_method = "Wald";
        r.lower = r.estimate - z * r.se;
        r.upper = r.estimate + z * r.se;
    } else if (m == STROMA_DIFFERENCE_NEWCOMBE) {
        const stroma_stat a =
            stroma_proportion(counts[0], counts[0] + counts[1], STROMA_PROPORTION_WILSON, level);
        const stroma_stat b =
            stroma_proportion(counts[2], counts[2] + counts[3], STROMA_PROPORTION_WILSON, level);
        r.interval_method = "Newcombe";
        r.lower = r.estimate - hypot(g.p1 - a.lower, b.upper - g.p2);
        r.upper = r.estimate + hypot(a.upper - g.p1, g.p2 - b.lower);
    } else {
        r.interval_method = "Miettinen-Nurminen";
        r.lower = score_limit(&g, DIFFERENCE, z);
        r.upper = score_limit(&g, DIFFERENCE, -z);
    }
    return r;
}

static void log_interval(stroma_stat *r, double variance, const char *name)
{
    const double z = stroma_normal_quantile(0.5 + r->level / 2), half = z * sqrt(variance);
    r->interval_method = name;
    if (isfinite(half) && r->estimate > 0 && isfinite(r->estimate)) {
        r->se = r->estimate * sqrt(variance); /* of the ratio, by the delta method */
        r->lower = r->estimate * exp(-half);
        r->upper = r->estimate * exp(half);
        return;
    }
    if (r->estimate == 0) r->lower = 0;
    r->reason = "a zero cell leaves the log interval open: use the score interval";
}

stroma_stat stroma_risk_ratio(const size_t counts[4], stroma_ratio_method m, double level)
{
    groups g;
    const char *why = load(counts, level, &g);
    if (why == NULL && g.e1 + g.e2 == 0) why = "no event in either group";
    if (why != NULL) return stroma_stat_cannot("risk_ratio", why);
    stroma_stat r = start("risk_ratio", &g, level);
    r.estimate_name = "risk ratio";
    r.estimate = g.p1 / g.p2;
    score_test(&r, &g);
    if (m == STROMA_RATIO_LOG) {
        log_interval(&r, 1 / g.e1 - 1 / g.n1 + 1 / g.e2 - 1 / g.n2, "Katz log");
        return r;
    }
    const double z = stroma_normal_quantile(0.5 + level / 2);
    r.interval_method = "Miettinen-Nurminen";
    r.lower = score_limit(&g, RATIO, z);
    r.upper = score_limit(&g, RATIO, -z);
    return r;
}

stroma_stat stroma_odds_ratio(const size_t counts[4], stroma_ratio_method m, double level)
{
    groups g;
    const char *why = load(counts, level, &g);
    if (why == NULL && g.e1 + g.e2 == 0) why = "no event in either group";
    if (why == NULL && g.e1 + g.e2 == g.n1 + g.n2) why = "an event in every subject";
    if (why != NULL) return stroma_stat_cannot("odds_ratio", why);
    stroma_stat r = start("odds_ratio", &g, level);
    const double a = g.e1, b = g.n1 - g.e1, c = g.e2, d = g.n2 - g.e2;
    r.estimate_name = "odds ratio";
    r.estimate = a * d / (b * c);
    score_test(&r, &g);
    if (m == STROMA_RATIO_LOG) {
        log_interval(&r, 1 / a + 1 / b + 1 / c + 1 / d, "Woolf log");
        return r;
    }
    const double z = stroma_normal_quantile(0.5 + level / 2);
    r.interval_method = "Miettinen-Nurminen";
    r.lower = score_limit(&g, ODDS, z);
    r.upper = score_limit(&g, ODDS, -z);
    return r;
}

stroma_stat stroma_number_needed_to_treat(const size_t counts[4], double level)
{
    const stroma_stat d = stroma_risk_difference(counts, STROMA_DIFFERENCE_NEWCOMBE, level);
    if (d.not_estimable) return stroma_stat_cannot("number_needed_to_treat", d.reason);
    stroma_stat r = d;
    r.method = "number_needed_to_treat";
    r.estimate_name =
        d.estimate < 0 ? "number needed to harm (negative)" : "number needed to treat";
    r.interval_method = "Newcombe, reciprocals";
    r.se = NAN;
    r.estimate = 1 / d.estimate;
    r.lower = 1 / d.upper;
    r.upper = 1 / d.lower;
    if (d.lower < 0 && d.upper > 0) {
        r.variant = "the interval goes through infinity: it lies outside the two limits";
        r.lower = 1 / d.lower;
        r.upper = 1 / d.upper;
    }
    if (d.estimate == 0) r.reason = "the risks are equal";
    return r;
}
