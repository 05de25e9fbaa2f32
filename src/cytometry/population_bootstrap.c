/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Indices made of quantiles, and their bootstrap over events. A resample of n events is never made:
 * its order statistics are x at ⌊n·U₍ₖ₎⌋, where the order statistics U₍ₖ₎ of uniform numbers are
 * drawn one after another as betas (Devroye 1986 §V.3). That is the same distribution. */
#include "population.h"

#include "stroma/interrupt.h"
#include "stroma/random.h"

#include <math.h>
#include <string.h>

enum { WHOLE = 4096, RANKS_MAX = 2 * POPULATION_QUANTILES };

/* A sample, sorted around the quantiles that are needed. */
typedef struct sorted {
    size_t n;
    unsigned needs;
    population_window window[POPULATION_QUANTILES];
} sorted;

static void sorted_clear(sorted *s)
{
    for (int q = 0; q < POPULATION_QUANTILES; q++)
        population_window_clear(&s->window[q]);
}

/* Ranks that the quantile of a resample can have: eight standard deviations, or all of few. */
static stroma_status sort_around(const stroma_population_sample *s, unsigned needs, bool resampled,
                                 sorted *out, stroma_error *err)
{
    *out = (sorted){ .n = s->n, .needs = needs };
    for (int q = 0; q < POPULATION_QUANTILES && s->n > 0; q++) {
        if ((needs >> q & 1U) == 0) continue;
        const double p = population_probability[q], n = (double)s->n, at = floor((n - 1) * p);
        const double around = !resampled      ? 1
                              : s->n <= WHOLE ? n
                                              : ceil(8 * sqrt(n * p * (1 - p))) + 8;
        const double first = fmax(0, at - around), last = fmin(n - 1, at + around);
        const stroma_status st =
            population_window_take(s->x, s->n, (size_t)first, (size_t)last, &out->window[q], err);
        if (st != STROMA_OK) {
            sorted_clear(out);
            return st;
        }
    }
    return STROMA_OK;
}

static double at_rank(const population_window *w, size_t rank)
{
    return rank < w->first || rank - w->first >= w->len ? (double)NAN : w->x[rank - w->first];
}

/* Two ranks a quantile of @p m values lies between, and how far. */
typedef struct place {
    int quantile;
    size_t rank;
} place;

/* The quantiles of a resample of @p m, or with r NULL those of the sample itself. */
static void quantiles(const sorted *s, size_t m, stroma_random *r, double *q)
{
    place at[RANKS_MAX];
    size_t len = 0;
    for (int i = 0; i < POPULATION_QUANTILES; i++) {
        q[i] = (double)NAN;
        if ((s->needs >> i & 1U) == 0 || m == 0 || s->n == 0) continue;
        const size_t low = (size_t)floor(((double)m - 1) * population_probability[i]);
        for (size_t k = 0; k < 2 && low + k < m; k++) {
            size_t j = len++; /* ascending */
            for (; j > 0 && at[j - 1].rank > low + k; j--)
                at[j] = at[j - 1];
            at[j] = (place){ i, low + k };
        }
    }
    double u = 0;
    size_t before = 0, index = 0; /* ranks below 1-based `before` are used up */
    double value[POPULATION_QUANTILES][2] = { { 0 } };
    int have[POPULATION_QUANTILES] = { 0 };
    for (size_t j = 0; j < len; j++) {
        const size_t rank = at[j].rank + 1;
        if (r == NULL) {
            index = at[j].rank;
        } else if (rank > before) {
            u += (1 - u) * stroma_random_beta(r, (double)(rank - before), (double)(m - rank + 1));
            before = rank;
            index = (size_t)fmin(floor(u * (double)s->n), (double)s->n - 1);
        }
        const int i = at[j].quantile;
        value[i][have[i]++] = at_rank(&s->window[i], index);
    }
    for (int i = 0; i < POPULATION_QUANTILES; i++) {
        if (have[i] == 0) continue;
        const double where = ((double)m - 1) * population_probability[i],
                     part = where - floor(where);
        q[i] = value[i][0];
        if (part > 0 && have[i] > 1) q[i] += part * (value[i][1] - value[i][0]);
    }
}

typedef struct job {
    const population_recipe *recipe;
    const stroma_population_question *question;
    sorted sample[POPULATION_SAMPLES];
    bool negative_is_control;
    double fraction;
} job;

static double compute(const job *b, const population_facts *f)
{
    return b->recipe->kind == POPULATION_QUANTILE ? f->q[POPULATION_MARKER][b->recipe->quantile]
                                                  : b->recipe->compute(f);
}

static double once(const job *b, stroma_random *r)
{
    population_facts f = { .fraction = b->fraction };
    size_t m = b->sample[POPULATION_MARKER].n;
    if (r != NULL && b->recipe->share) {
        const stroma_population_question *q = b->question;
        const double drawn = (double)stroma_random_binomial(r, (int64_t)q->of_count, b->fraction);
        f.fraction = drawn / (double)q->of_count;
        m = (size_t)round(drawn * (double)m / (double)q->count);
    }
    quantiles(&b->sample[POPULATION_MARKER], m, r, f.q[POPULATION_MARKER]);
    quantiles(&b->sample[POPULATION_CONTROL], b->sample[POPULATION_CONTROL].n, r,
              f.q[POPULATION_CONTROL]);
    if (b->negative_is_control)
        memcpy(f.q[POPULATION_NEGATIVE], f.q[POPULATION_CONTROL], sizeof f.q[0]);
    else
        quantiles(&b->sample[POPULATION_NEGATIVE], b->sample[POPULATION_NEGATIVE].n, r,
                  f.q[POPULATION_NEGATIVE]);
    return compute(b, &f);
}

/* Whether the exact interval of the control's median holds 0: then a ratio to it is a ratio to
 * noise. */
static stroma_status look_at_control(const job *b, stroma_population_value *out, stroma_error *err)
{
    const stroma_population_sample *c = b->question->control;
    if (c == NULL || c->n == 0 ||
        (b->recipe->needs[POPULATION_CONTROL] & POPULATION_NEED(P50)) == 0)
        return STROMA_OK;
    size_t lower = 0, upper = 0;
    population_quantile_ranks(c->n, 0.5, out->level, &lower, &upper);
    population_window w;
    STROMA_TRY(population_window_take(c->x, c->n, lower < 1 ? 0 : lower - 1,
                                      upper > c->n ? c->n - 1 : upper - 1, &w, err));
    if (lower < 1 || upper > c->n || (w.x[0] <= 0 && w.x[w.len - 1] >= 0))
        out->flags |= STROMA_FLAG_CONTROL_NEAR_ZERO;
    population_window_clear(&w);
    return STROMA_OK;
}

static stroma_status resample(const job *b, const stroma_population_options *opts,
                              stroma_population_value *out, stroma_error *err)
{
    double *replicate = stroma_alloc_array(opts->resamples, sizeof *replicate);
    if (replicate == NULL) return stroma_no_memory(err);
    const uint32_t stream =
        stroma_random_stream(b->question->name == NULL ? "" : b->question->name);
    stroma_status s = STROMA_OK;
    for (size_t i = 0; i < opts->resamples && s == STROMA_OK; i++) {
        stroma_random r;
        stroma_random_init(&r, opts->seed, stream, i);
        replicate[i] = once(b, &r);
        s = stroma_interrupt_check(err);
    }
    if (s == STROMA_OK) s = population_percentiles(replicate, opts->resamples, out, err);
    stroma_free(replicate);
    return s;
}

static const char *empty_sample(const job *b)
{
    static const char *const reason[] = { "the population has no event with a value",
                                          "the control has no event with a value",
                                          "the negative population has no event with a value" };
    for (int i = 0; i < POPULATION_SAMPLES; i++)
        if (b->sample[i].needs != 0 && b->sample[i].n == 0) return reason[i];
    return NULL;
}

static stroma_status answer(job *b, const stroma_population_options *opts,
                            stroma_population_value *out, stroma_error *err)
{
    const char *none = empty_sample(b);
    if (b->recipe->share && b->question->of_count == 0) none = "the parent has no event";
    if (none == NULL) {
        out->value = once(b, NULL);
        if (isnan(out->value)) none = b->recipe->none;
    }
    STROMA_TRY(look_at_control(b, out, err));
    if (none != NULL) {
        out->reason = none;
        return STROMA_OK;
    }
    return opts->resamples == 0 ? STROMA_OK : resample(b, opts, out, err);
}

stroma_status population_index(const population_recipe *r, const stroma_population_question *q,
                               const stroma_population_options *opts, stroma_population_value *out,
                               stroma_error *err)
{
    job b = { .recipe = r, .question = q };
    if (q->of_count > 0) b.fraction = (double)q->count / (double)q->of_count;
    const bool same = q->negative == NULL;
    b.negative_is_control = same;
    const stroma_population_sample none = { 0 };
    const stroma_population_sample *sample[] = { q->marker, q->control == NULL ? &none : q->control,
                                                 same ? &none : q->negative };
    unsigned needs[POPULATION_SAMPLES];
    memcpy(needs, r->needs, sizeof needs);
    if (r->kind == POPULATION_QUANTILE) needs[POPULATION_MARKER] = 1U << r->quantile;
    if (same) {
        needs[POPULATION_CONTROL] |= needs[POPULATION_NEGATIVE];
        needs[POPULATION_NEGATIVE] = 0;
    }
    stroma_status s = STROMA_OK;
    for (int i = 0; i < POPULATION_SAMPLES && s == STROMA_OK; i++)
        s = sort_around(sample[i], needs[i], opts->resamples > 0, &b.sample[i], err);
    if (s == STROMA_OK) s = answer(&b, opts, out, err);
    for (int i = 0; i < POPULATION_SAMPLES; i++)
        sorted_clear(&b.sample[i]);
    return s;
}
