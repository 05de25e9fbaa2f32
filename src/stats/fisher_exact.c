/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two by two: the noncentral hypergeometric distribution of the first cell given all margins. */
#include "stroma/stats_contingency.h"
#include "stroma/stats_distribution.h"

#include <math.h>

typedef struct margins {
    double row1, column1, total; /* counts */
    double lo, hi;               /* support of the first cell */
} margins;

/* Sums of unnormalised weights, scaled by the weight of the mode. */
typedef struct tilted {
    double below, at, above; /* weight of X < x, X = x, X > x */
    double moment;           /* Σ weight·(X − x) */
} tilted;

/* weight(k + 1) / weight(k) at odds ratio 1 */
static double ratio(const margins *m, double k)
{
    return (m->column1 - k) * (m->row1 - k) / ((k + 1) * (m->total - m->row1 - m->column1 + k + 1));
}

static void put(tilted *t, double k, double x, double w)
{
    if (k < x) t->below += w;
    if (k == x) t->at += w;
    if (k > x) t->above += w;
    t->moment += w * (k - x);
}

/* From the mode outwards, so that nothing overflows and what underflows does not matter. */
static tilted tilt(const margins *m, double x, double odds)
{
    tilted t = { 0, 0, 0, 0 };
    double mode = m->lo;
    while (mode < m->hi && ratio(m, mode) * odds > 1)
        mode++;
    double w = 1;
    for (double k = mode; k <= m->hi && w > 0; k++) {
        put(&t, k, x, w);
        if (k < m->hi) w *= ratio(m, k) * odds;
    }
    w = 1;
    for (double k = mode - 1; k >= m->lo && w > 0; k--) {
        w /= ratio(m, k) * odds;
        put(&t, k, x, w);
    }
    return t;
}

typedef enum goal { GOAL_MEAN, GOAL_LOWER, GOAL_UPPER } goal;

/* Increasing in the odds ratio; zero at the one that is sought. */
static double distance(const margins *m, double x, double odds, goal g, double tail)
{
    const tilted t = tilt(m, x, odds);
    const double sum = t.below + t.at + t.above;
    switch (g) {
    case GOAL_LOWER: return (t.at + t.above) / sum - tail;
    case GOAL_UPPER: return tail - (t.below + t.at) / sum;
    case GOAL_MEAN:
    default: return t.moment / sum;
    }
}

/* Bisection of ln(odds ratio) to the last bit. */
static double solve(const margins *m, double x, goal g, double tail)
{
    double low = -700, high = 700;
    for (;;) {
        const double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high) return exp(middle);
        if (distance(m, x, exp(middle), g, tail) < 0)
            low = middle;
        else
            high = middle;
    }
}

/* Probability of the tables no more probable than the observed one, at odds ratio 1. */
static double two_sided(const margins *m, double x)
{
    double mode = m->lo, whole = 0, part = 0, at_x = 0;
    while (mode < m->hi && ratio(m, mode) > 1)
        mode++;
    for (int pass = 0; pass < 2; pass++) {
        const double limit = at_x * (1 + 1e-7);
        double w = 1;
        for (double k = mode; k <= m->hi; k++) {
            if (pass == 0 && k == x) at_x = w;
            if (pass == 0) whole += w;
            if (pass == 1 && w <= limit) part += w;
            if (k < m->hi) w *= ratio(m, k);
        }
        w = 1;
        for (double k = mode - 1; k >= m->lo; k--) {
            w /= ratio(m, k);
            if (pass == 0 && k == x) at_x = w;
            if (pass == 0) whole += w;
            if (pass == 1 && w <= limit) part += w;
        }
    }
    return fmin(1, part / whole);
}

static void interval(stroma_stat *r, const margins *m, double x, stroma_alternative alternative)
{
    const double tail = alternative == STROMA_TWO_SIDED ? (1 - r->level) / 2 : 1 - r->level;
    r->lower = 0;
    r->upper = INFINITY;
    if (alternative != STROMA_LESS && x > m->lo) r->lower = solve(m, x, GOAL_LOWER, tail);
    if (alternative != STROMA_GREATER && x < m->hi) r->upper = solve(m, x, GOAL_UPPER, tail);
}

stroma_stat stroma_fisher_exact(const size_t counts[4], stroma_alternative alternative,
                                double level)
{
    const double a = (double)counts[0], b = (double)counts[1], c = (double)counts[2],
                 d = (double)counts[3];
    margins m = { .row1 = a + b, .column1 = a + c, .total = a + b + c + d };
    m.lo = fmax(0, m.row1 + m.column1 - m.total);
    m.hi = fmin(m.row1, m.column1);
    if (!(m.total > 0)) return stroma_stat_cannot("fisher_exact", "no count");
    if (m.total > 1e7) return stroma_stat_cannot("fisher_exact", "more than ten million counts");
    if (!(level > 0 && level < 1))
        return stroma_stat_cannot("fisher_exact", "the confidence level is not between 0 and 1");
    stroma_stat r = stroma_stat_empty("fisher_exact");
    r.n_used = (size_t)m.total;
    r.n1 = counts[0] + counts[1];
    r.n2 = counts[2] + counts[3];
    r.level = level;
    r.estimate_name = "odds ratio (conditional maximum likelihood)";
    r.interval_method = "exact conditional";
    const tilted t = tilt(&m, a, 1);
    const double sum = t.below + t.at + t.above;
    switch (alternative) {
    case STROMA_LESS: r.p = fmin(1, (t.below + t.at) / sum); break;
    case STROMA_GREATER: r.p = fmin(1, (t.at + t.above) / sum); break;
    case STROMA_TWO_SIDED:
    default: r.p = two_sided(&m, a); break;
    }
    r.variant = alternative == STROMA_TWO_SIDED ? "two-sided"
                : alternative == STROMA_LESS    ? "less"
                                                : "greater";
    if (m.lo == m.hi) {
        r.reason = "a margin is empty: any odds ratio fits";
        r.interval_method = "";
        return r;
    }
    r.estimate = a == m.lo ? 0 : a == m.hi ? (double)INFINITY : solve(&m, a, GOAL_MEAN, 0);
    interval(&r, &m, a, alternative);
    return r;
}
