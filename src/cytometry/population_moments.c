/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mean, standard deviation, coefficient of variation and geometric mean of a sample. Sums are
 * compensated (Neumaier 1974 ZAMM 54:39) and run in the order of events. */
#include "population.h"

#include "stroma/stats_distribution.h"

#include <math.h>

typedef struct sum {
    double value, lost;
} sum;

static void add(sum *s, double x)
{
    const double t = s->value + x;
    s->lost += fabs(s->value) >= fabs(x) ? (s->value - t) + x : (x - t) + s->value;
    s->value = t;
}

typedef struct moments {
    size_t n;
    double mean, sd;
} moments;

/* Of x, or of the logarithms of those x that are positive. */
static moments compute(const stroma_population_sample *s, bool logs)
{
    moments m = { .mean = (double)NAN, .sd = (double)NAN };
    sum total = { 0 }, squares = { 0 };
    for (size_t i = 0; i < s->n; i++) {
        if (logs && !(s->x[i] > 0)) continue;
        add(&total, logs ? log(s->x[i]) : s->x[i]);
        m.n++;
    }
    if (m.n == 0) return m;
    m.mean = (total.value + total.lost) / (double)m.n;
    for (size_t i = 0; i < s->n; i++) {
        if (logs && !(s->x[i] > 0)) continue;
        const double d = (logs ? log(s->x[i]) : s->x[i]) - m.mean;
        add(&squares, d * d);
    }
    if (m.n > 1) m.sd = sqrt((squares.value + squares.lost) / ((double)m.n - 1));
    return m;
}

void population_moments(const stroma_population_sample *s, population_moment what,
                        stroma_population_value *out)
{
    const bool logs = what == POPULATION_GEOMETRIC_MEAN;
    const moments m = compute(s, logs);
    out->n = m.n;
    if (m.n < s->n) {
        out->flags |= STROMA_FLAG_NOT_POSITIVE_LEFT_OUT;
        out->left_out += s->n - m.n;
    }
    if (m.n == 0) {
        out->reason = logs ? "no value is positive" : "the population has no event with a value";
        return;
    }
    const double half = m.n < 2 ? (double)NAN
                                : stroma_t_quantile(1 - (1 - out->level) / 2, (double)m.n - 1) *
                                      m.sd / sqrt((double)m.n);
    switch (what) {
    case POPULATION_MEAN:
        out->value = m.mean;
        out->lower = m.mean - half;
        out->upper = m.mean + half;
        break;
    case POPULATION_GEOMETRIC_MEAN:
        out->value = exp(m.mean);
        out->lower = exp(m.mean - half);
        out->upper = exp(m.mean + half);
        break;
    case POPULATION_SD: out->value = m.sd; break;
    case POPULATION_CV:
        out->value = m.mean > 0 ? 100 * m.sd / m.mean : (double)NAN;
        if (!(m.mean > 0)) out->reason = "the mean is not positive";
        break;
    }
    if (m.n < 2 && *out->reason == '\0') out->reason = "one event has no spread";
    if (isfinite(out->lower)) out->interval = logs ? "t of logarithms" : "t";
}
