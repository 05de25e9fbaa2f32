/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The logarithm of the ratio of two counts out of their parents, as Treg to Th17. */
#include "population.h"

#include "stroma/cytometry_index.h"
#include "stroma/interrupt.h"
#include "stroma/random.h"
#include "stroma/stats_distribution.h"

#include <math.h>

typedef struct counts {
    double x, n, y, m;
} counts;

/* With few events of either, half an event is added to both. */
static double log_of(const counts *c, double few, bool *added)
{
    const double half = c->x < few || c->y < few ? 0.5 : 0;
    if (added != NULL) *added = half > 0;
    return log((c->x + half) / c->n) - log((c->y + half) / c->m);
}

/* Var ln(x/N) is 1/x − 1/N of a binomial. In one multinomial the covariance of the two is −1/N, so
 * that of the difference of the logarithms the 1/N cancel. */
static double variance(const counts *c, double few, bool same_parent)
{
    const double half = c->x < few || c->y < few ? 0.5 : 0;
    const double counted = 1 / (c->x + half) + 1 / (c->y + half);
    return same_parent ? counted : fmax(0, counted - 1 / c->n - 1 / c->m);
}

static counts draw(const counts *c, bool same_parent, stroma_random *r)
{
    counts d = *c;
    d.x = (double)stroma_random_binomial(r, (int64_t)c->n, c->x / c->n);
    const double others = c->n - c->x;
    if (!same_parent)
        d.y = (double)stroma_random_binomial(r, (int64_t)c->m, c->y / c->m);
    else
        d.y = others > 0 ? (double)stroma_random_binomial(r, (int64_t)(c->n - d.x), c->y / others)
                         : 0;
    return d;
}

static stroma_status resample(const counts *c, const stroma_count_ratio *r,
                              const stroma_population_options *opts, stroma_population_value *out,
                              stroma_error *err)
{
    double *replicate = stroma_alloc_array(opts->resamples, sizeof *replicate);
    if (replicate == NULL) return stroma_no_memory(err);
    const uint32_t stream = stroma_random_stream(r->name == NULL ? "" : r->name);
    stroma_status s = STROMA_OK;
    for (size_t i = 0; i < opts->resamples && s == STROMA_OK; i++) {
        stroma_random g;
        stroma_random_init(&g, opts->seed, stream, i);
        const counts d = draw(c, r->same_parent, &g);
        replicate[i] = log_of(&d, (double)r->few, NULL);
        if (!isfinite(replicate[i])) replicate[i] = (double)NAN;
        s = stroma_interrupt_check(err);
    }
    if (s == STROMA_OK) s = population_percentiles(replicate, opts->resamples, out, err);
    stroma_free(replicate);
    return s;
}

stroma_status stroma_log_ratio(const stroma_count_ratio *r, const stroma_population_options *opts,
                               stroma_population_value *delta, stroma_population_value *bootstrap,
                               stroma_error *err)
{
    STROMA_TRY(population_options_check(opts, err));
    if (r->numerator > r->numerator_of || r->denominator > r->denominator_of)
        return stroma_fail(err, STROMA_E_USAGE, "a population has more events than its parent");
    if (r->same_parent && r->numerator_of != r->denominator_of)
        return stroma_fail(err, STROMA_E_USAGE, "one parent cannot have two counts");
    if (r->same_parent && r->denominator > r->numerator_of - r->numerator)
        return stroma_fail(err, STROMA_E_USAGE, "the two populations overlap");
    const counts c = { (double)r->numerator, (double)r->numerator_of, (double)r->denominator,
                       (double)r->denominator_of };
    stroma_population_value v = population_value_begin(stroma_definition_find("log_ratio"), opts);
    v.n = (size_t)(r->numerator + r->denominator);
    v.flags = population_floor_flags(
        r->numerator < r->denominator ? r->numerator : r->denominator,
        r->numerator_of < r->denominator_of ? r->numerator_of : r->denominator_of, opts);
    *delta = *bootstrap = v;
    if (r->numerator + r->denominator == 0) {
        delta->reason = bootstrap->reason = "both populations are empty";
        return STROMA_OK;
    }
    bool added = false;
    v.value = log_of(&c, (double)r->few, &added);
    if (added) v.flags |= STROMA_FLAG_HALF_EVENT;
    *delta = *bootstrap = v;
    if (!isfinite(v.value)) {
        delta->value = bootstrap->value = (double)NAN;
        delta->reason = bootstrap->reason = "a population is empty, and no half event is added";
        return STROMA_OK;
    }
    const double half = stroma_normal_quantile(1 - (1 - opts->level) / 2) *
                        sqrt(variance(&c, (double)r->few, r->same_parent));
    delta->lower = v.value - half;
    delta->upper = v.value + half;
    delta->interval = "delta method on the log scale";
    return opts->resamples == 0 ? STROMA_OK : resample(&c, r, opts, bootstrap, err);
}
