/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a definition to a number with its interval and flags. */
#include "population.h"

#include "stroma/stats_resampling.h"

#include <math.h>

stroma_population_value population_value_begin(const stroma_definition *d,
                                               const stroma_population_options *opts)
{
    return (stroma_population_value){ .definition = d,
                                      .value = (double)NAN,
                                      .lower = (double)NAN,
                                      .upper = (double)NAN,
                                      .level = opts->level,
                                      .interval = "",
                                      .reason = "" };
}

stroma_status population_options_check(const stroma_population_options *opts, stroma_error *err)
{
    if (!(opts->level > 0 && opts->level < 1))
        return stroma_fail(err, STROMA_E_USAGE, "a confidence level of %g is not between 0 and 1",
                           opts->level);
    if (opts->resamples != 0 &&
        (opts->resamples < STROMA_RESAMPLES_MIN || opts->resamples > STROMA_RESAMPLES_MAX))
        return stroma_fail(err, STROMA_E_USAGE,
                           "%zu resamples are not between %d and %d (or 0, no bootstrap)",
                           opts->resamples, (int)STROMA_RESAMPLES_MIN, (int)STROMA_RESAMPLES_MAX);
    return STROMA_OK;
}

unsigned population_floor_flags(uint64_t count, uint64_t parent,
                                const stroma_population_options *opts)
{
    return (count < opts->event_floor ? STROMA_FLAG_FEW_EVENTS : 0U) |
           (parent < opts->parent_floor ? STROMA_FLAG_FEW_PARENT_EVENTS : 0U);
}

stroma_status population_percentiles(double *replicate, size_t resamples,
                                     stroma_population_value *out, stroma_error *err)
{
    size_t failed = 0;
    for (size_t i = 0; i < resamples; i++)
        failed += isnan(replicate[i]) ? 1 : 0;
    stroma_bootstrap_result r = { .width = 1,
                                  .resamples = resamples,
                                  .units = out->n,
                                  .strata = 1,
                                  .original = &out->value,
                                  .replicates = replicate,
                                  .failed = &failed };
    stroma_stat stat;
    STROMA_TRY(
        stroma_bootstrap_interval(&r, 0, STROMA_BOOTSTRAP_PERCENTILE, 0, out->level, &stat, err));
    out->lower = stat.lower;
    out->upper = stat.upper;
    out->resamples = resamples;
    out->resamples_failed = failed;
    if (failed > 0) out->flags |= STROMA_FLAG_RESAMPLES_FAILED;
    if (isfinite(out->lower))
        out->interval = "bootstrap percentile";
    else
        out->reason = "the level asks for more resamples";
    return STROMA_OK;
}

static stroma_status quantile_value(const population_recipe *r, const stroma_population_question *q,
                                    const stroma_population_options *opts,
                                    stroma_population_value *out, stroma_error *err)
{
    const stroma_population_sample *s = q->marker;
    const double p = population_probability[r->quantile];
    if (s->n == 0) {
        out->reason = "the population has no event with a value";
        return STROMA_OK;
    }
    const double place = ((double)s->n - 1) * p, low = floor(place);
    size_t first = (size_t)low, last = first + (place > low ? 1 : 0);
    size_t lower = 0, upper = 0;
    const size_t at = first;
    population_quantile_ranks(s->n, p, opts->level, &lower, &upper);
    if (lower >= 1 && lower - 1 < first) first = lower - 1;
    if (upper <= s->n && upper - 1 > last) last = upper - 1;
    population_window w;
    STROMA_TRY(population_window_take(s->x, s->n, first, last, &w, err));
    const double *x = w.x + (at - first);
    out->value = x[0];
    if (place > low) out->value += (place - low) * (x[1] - x[0]);
    if (lower >= 1 && upper <= s->n) {
        out->lower = w.x[lower - 1 - first];
        out->upper = w.x[upper - 1 - first];
        out->interval = "order statistics";
    } else {
        out->reason = "too few events for an interval at this level";
    }
    population_window_clear(&w);
    return STROMA_OK;
}

static void fraction_value(const stroma_population_question *q,
                           const stroma_population_options *opts, stroma_population_value *out)
{
    const stroma_stat s =
        stroma_proportion(q->count, q->of_count, opts->fraction_interval, opts->level);
    out->n = q->of_count;
    if (q->of_count == 0) {
        out->reason = "the parent has no event";
        return;
    }
    out->value = 100 * s.estimate;
    out->lower = 100 * s.lower;
    out->upper = 100 * s.upper;
    out->interval = stroma_proportion_method_name(opts->fraction_interval);
}

static stroma_status check_question(const stroma_definition *d, const stroma_population_question *q,
                                    stroma_error *err)
{
    STROMA_BUG_IF(q->count > q->of_count && d->recipe->share, err);
    if (stroma_definition_needs_marker(d) && q->marker == NULL)
        return stroma_fail(err, STROMA_E_USAGE, "\"%s\" needs the values of a marker", d->id);
    if (stroma_definition_needs_control(d) && q->control == NULL)
        return stroma_fail(err, STROMA_E_USAGE, "\"%s\" needs a control", d->id);
    if (stroma_definition_needs_negative(d) && q->negative == NULL && q->control == NULL)
        return stroma_fail(err, STROMA_E_USAGE, "\"%s\" needs a negative population or a control",
                           d->id);
    return STROMA_OK;
}

stroma_status stroma_population_compute(const stroma_definition *d,
                                        const stroma_population_question *q,
                                        const stroma_population_options *opts,
                                        stroma_population_value *out, stroma_error *err)
{
    STROMA_TRY(population_options_check(opts, err));
    *out = population_value_begin(d, opts);
    const population_recipe *r = d->recipe;
    if (r == NULL)
        return stroma_fail(err, STROMA_E_USAGE, "\"%s\" is not computed from one population",
                           d->id);
    STROMA_TRY(check_question(d, q, err));
    out->flags = population_floor_flags(q->count, q->of_count, opts);
    if (r->kind == POPULATION_FRACTION) {
        fraction_value(q, opts, out);
        return STROMA_OK;
    }
    out->n = q->marker->n;
    out->left_out = q->marker->left_out;
    if (out->left_out > 0) out->flags |= STROMA_FLAG_VALUES_LEFT_OUT;
    if (r->kind == POPULATION_MOMENT) {
        population_moments(q->marker, r->moment, out);
        return STROMA_OK;
    }
    if (r->kind == POPULATION_INDEX || (opts->bootstrap_quantiles && opts->resamples > 0))
        return population_index(r, q, opts, out, err);
    return quantile_value(r, q, opts, out, err);
}

stroma_status stroma_population_percent(uint64_t count, uint64_t of_count,
                                        const stroma_population_options *opts,
                                        stroma_population_value *out, stroma_error *err)
{
    const stroma_population_question q = { .count = count, .of_count = of_count };
    return stroma_population_compute(stroma_definition_find("percent"), &q, opts, out, err);
}
