/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many data sets, each with a generator of its own; rejections counted. */
#include "powersim.h"

#include "stroma/memory.h"
#include "stroma/number.h"
#include "stroma/parallel.h"
#include "stroma/stats_proportion.h"

#include <math.h>
#include <string.h>

enum { CHUNK = 16, RUNS_MIN = 100, ROWS_MAX = 10000000 };
enum { NOT_REJECTED, REJECTED, FAILED };

static stroma_status refuse(stroma_error *err, const char *what, double x, const char *hint)
{
    char text[STROMA_NUMBER_TEXT_MAX];
    (void)stroma_fail(err, STROMA_E_USAGE, "%s cannot be %s", what, stroma_format_double(x, text));
    stroma_hint(err, "%s", hint);
    return STROMA_E_USAGE;
}

static bool fraction(double x)
{
    return x > 0 && x < 1;
}

static bool wants(const powersim_entry *e, const char *word)
{
    return strstr(e->public.needs, word) != NULL;
}

static stroma_status check_effect(const powersim_entry *e, const stroma_power_design *d,
                                  stroma_error *err)
{
    const char *name = e->public.effect_name == NULL ? "" : e->public.effect_name;
    bool fine = isfinite(d->effect);
    if (strcmp(name, "p2") == 0 || strcmp(name, "p") == 0 || strcmp(name, "auc") == 0)
        fine = fraction(d->effect);
    if (strcmp(name, "r") == 0) fine = fabs(d->effect) < 1;
    const bool ratio = strcmp(name, "odds-ratio") == 0 || strcmp(name, "hazard-ratio") == 0;
    if (ratio) fine = d->effect > 0 && isfinite(d->effect);
    if (!fine) return refuse(err, name, d->effect, "see the range of the effect");
    const bool pairs = strncmp(e->public.name, "mcnemar", 7) == 0;
    if (pairs && d->effect + d->p1 > 1)
        return stroma_fail(err, STROMA_E_USAGE,
                           "p1 and p2 are shares of the same pairs and add up to more than 1");
    return STROMA_OK;
}

static stroma_status check_visits(const powersim_entry *e, const stroma_power_design *d,
                                  stroma_error *err)
{
    if (!e->by_visits) return STROMA_OK;
    if (d->visits < 2 || d->visits > STROMA_POWER_VISITS_MAX)
        return refuse(err, "the number of visits", (double)d->visits, "plan 2 to 32 visits");
    const bool chain = d->structure == STROMA_POWER_VISITS_AR1;
    if (!(d->correlation < 1) || !(d->correlation >= (chain ? -0.999 : 0)))
        return refuse(err, "the correlation between visits", d->correlation,
                      "0 or more, and below 1");
    for (size_t g = 0; g < 2; g++)
        for (size_t v = 0; v < d->visits; v++)
            if (!(d->retention[g][v] > 0) ||
                d->retention[g][v] > (v == 0 ? 1 : d->retention[g][v - 1]))
                return refuse(err, "the share of subjects still there", d->retention[g][v],
                              "shares above 0 that do not rise from visit to visit");
    return STROMA_OK;
}

static stroma_status check_categories(const stroma_power_design *d, stroma_error *err)
{
    double sum = 0;
    if (d->categories < 2 || d->categories > STROMA_POWER_CATEGORIES_MAX)
        return refuse(err, "the number of categories", (double)d->categories, "2 to 16");
    for (size_t k = 0; k < d->categories; k++) {
        if (!fraction(d->category[k]))
            return refuse(err, "the share of a category", d->category[k],
                          "fractions that add up to 1");
        sum += d->category[k];
    }
    return fabs(sum - 1) < 1e-6
               ? STROMA_OK
               : refuse(err, "the sum of the categories", sum, "fractions that add up to 1");
}

static stroma_status check(const powersim_entry *e, const stroma_power_design *d, stroma_error *err)
{
    if (d->version != 1)
        return stroma_fail(err, STROMA_E_USAGE, "a design of version %u is not known", d->version);
    if (!fraction(d->alpha) || d->alpha >= 0.5)
        return refuse(err, "alpha", d->alpha, "a fraction below 0.5, as 0.05");
    if (!(d->sd > 0) || !(d->sd2 > 0) || !isfinite(d->sd) || !isfinite(d->sd2))
        return refuse(err, "a standard deviation", d->sd > 0 ? d->sd2 : d->sd, "it is above 0");
    if (wants(e, "p1") && !fraction(d->p1)) return refuse(err, "p1", d->p1, "a fraction");
    if (wants(e, "prevalence") && !fraction(d->p1))
        return refuse(err, "the prevalence of the marker", d->p1, "a fraction");
    if (wants(e, "null") && !fraction(d->null_value))
        return refuse(err, "the proportion under the null hypothesis", d->null_value, "a fraction");
    if (wants(e, "margin") && (!(d->margin > 0) || !isfinite(d->margin)))
        return refuse(err, "a margin", d->margin, "it is above 0, in the unit of the outcome");
    if (wants(e, "correlation") && !(fabs(d->correlation) < 1))
        return refuse(err, "a correlation", d->correlation, "it lies between -1 and 1");
    if (wants(e, "groups") && (d->groups < 2 || d->groups > 1000))
        return refuse(err, "the number of groups", (double)d->groups, "2 to 1000");
    if (wants(e, "events") && (!(d->event_frac[0] > 0) || !(d->event_frac[0] <= 1)))
        return refuse(err, "the share of subjects with an event", d->event_frac[0],
                      "a fraction above 0, at most 1");
    if (d->censored_frac != 0 && (!wants(e, "censored") || !fraction(d->censored_frac)))
        return refuse(err, "the share below the limit", d->censored_frac,
                      "a fraction, for mann-whitney, censored-test and tobit");
    if (wants(e, "categories")) STROMA_TRY(check_categories(d, err));
    for (size_t c = 0; c < 3 && wants(e, "cells"); c++)
        if (!fraction(d->cell[c]))
            return refuse(err, "the event probability of a cell", d->cell[c], "a fraction");
    STROMA_TRY(check_effect(e, d, err));
    return check_visits(e, d, err);
}

static void fill_defaults(const powersim_entry *e, const stroma_power_design *given,
                          stroma_power_design *d)
{
    *d = *given;
    const bool inferiority = strcmp(e->public.name, "non-inferiority") == 0;
    if (inferiority || strcmp(e->public.name, "equivalence") == 0) d->one_sided = true;
    if (d->alpha == 0) d->alpha = inferiority ? 0.025 : 0.05;
    if (d->ratio == 0) d->ratio = 1;
    if (d->sd == 0) d->sd = 1;
    if (d->sd2 == 0) d->sd2 = d->sd;
    for (size_t g = 0; g < 2; g++)
        if (d->event_frac[g] == 0) d->event_frac[g] = 1;
    for (size_t g = 0; g < 2 && d->visits <= STROMA_POWER_VISITS_MAX; g++)
        for (size_t v = 0; v < d->visits; v++)
            if (given->retention[g][v] == 0) d->retention[g][v] = g == 0 ? 1 : d->retention[0][v];
}

/* On which side of no effect the planned one lies. */
static stroma_alternative side_of(const powersim_entry *e, const stroma_power_design *d)
{
    const char *name = e->public.effect_name == NULL ? "" : e->public.effect_name;
    double none = 0;
    if (!d->one_sided) return STROMA_TWO_SIDED;
    if (strcmp(name, "p2") == 0) none = d->p1;
    if (strcmp(name, "p") == 0) none = wants(e, "null") ? d->null_value : 0.5;
    if (strcmp(name, "auc") == 0) none = 0.5;
    if (strcmp(name, "hazard-ratio") == 0 || strcmp(name, "odds-ratio") == 0) none = 1;
    return d->effect >= none ? STROMA_GREATER : STROMA_LESS;
}

typedef struct simulation {
    const powersim_entry *entry;
    powersim_set *sets; /* a worker each */
    uint64_t seed;
    unsigned char *verdict; /* runs */
    double *estimate;       /* runs */
} simulation;

static bool rejects(const powersim_set *s, const powersim_outcome *o)
{
    if (s->side == STROMA_TWO_SIDED || o->own_side) return o->p <= s->alpha;
    const bool there = s->side == STROMA_GREATER ? o->estimate > 0 : o->estimate < 0;
    return there && o->p <= 2 * s->alpha;
}

static stroma_status some(size_t begin, size_t end, int worker, void *context, stroma_error *err)
{
    simulation *w = context;
    powersim_set *s = &w->sets[worker];
    const uint32_t stream = stroma_random_stream("simulated power");
    for (size_t i = begin; i < end; i++) {
        powersim_outcome o = { (double)NAN, (double)NAN, false };
        stroma_random_init(&s->random, w->seed, stream, i);
        const stroma_status status = w->entry->run(s, &o, err);
        if (status != STROMA_OK && status != STROMA_E_DEGENERATE) return status;
        const bool failed = status != STROMA_OK || isnan(o.p);
        if (status != STROMA_OK) stroma_error_clear(err);
        w->verdict[i] = failed ? FAILED : rejects(s, &o) ? REJECTED : NOT_REJECTED;
        w->estimate[i] = failed ? (double)NAN : o.estimate;
    }
    return STROMA_OK;
}

static void clear_set(powersim_set *s)
{
    stroma_free(s->x);
    stroma_free(s->y);
    stroma_free(s->group);
    stroma_free(s->subject);
    stroma_free(s->visit);
    stroma_free(s->event);
    stroma_free(s->design);
}

static stroma_status make_set(const powersim_entry *e, powersim_set *s, stroma_error *err)
{
    const size_t columns = e->by_visits ? 2 * s->d->visits : e->columns;
    s->x = stroma_alloc_array(s->rows, sizeof *s->x);
    s->y = stroma_alloc_array(s->rows, sizeof *s->y);
    s->group = stroma_alloc_array(s->rows, sizeof *s->group);
    s->subject = stroma_alloc_array(s->rows, sizeof *s->subject);
    s->visit = stroma_alloc_array(s->rows, sizeof *s->visit);
    s->event = stroma_alloc_array(s->rows, sizeof *s->event);
    s->design = stroma_alloc_array(s->rows, columns * sizeof *s->design);
    const bool all = s->x != NULL && s->y != NULL && s->group != NULL && s->subject != NULL &&
                     s->visit != NULL && s->event != NULL && s->design != NULL;
    return all ? STROMA_OK : stroma_no_memory(err);
}

static void count(const simulation *w, const stroma_simulated_options *o,
                  stroma_simulated_power *out)
{
    double sum = 0, squares = 0, n = 0;
    for (size_t i = 0; i < o->runs; i++) {
        out->rejected += w->verdict[i] == REJECTED;
        out->failed += w->verdict[i] == FAILED;
        if (isnan(w->estimate[i])) continue;
        n++;
        sum += w->estimate[i];
    }
    for (size_t i = 0; i < o->runs; i++)
        if (!isnan(w->estimate[i]))
            squares += (w->estimate[i] - sum / n) * (w->estimate[i] - sum / n);
    const stroma_stat ci =
        stroma_proportion(out->rejected, o->runs, STROMA_PROPORTION_CLOPPER_PEARSON, o->level);
    out->power = (double)out->rejected / (double)o->runs;
    out->se = sqrt(out->power * (1 - out->power) / (double)o->runs);
    out->lower = ci.lower;
    out->upper = ci.upper;
    out->estimate = n > 0 ? sum / n : (double)NAN;
    out->estimate_sd = n > 1 ? sqrt(squares / (n - 1)) : (double)NAN;
}

static stroma_status simulate(const powersim_entry *e, const powersim_set *plan,
                              const stroma_simulated_options *o, stroma_simulated_power *out,
                              stroma_error *err)
{
    const size_t threads = o->threads < 1 ? 1 : (size_t)o->threads;
    simulation w = { .entry = e, .seed = o->seed };
    w.sets = stroma_alloc_array(threads, sizeof *w.sets);
    w.verdict = stroma_alloc_array(o->runs, sizeof *w.verdict);
    w.estimate = stroma_alloc_array(o->runs, sizeof *w.estimate);
    stroma_status s = w.sets == NULL || w.verdict == NULL || w.estimate == NULL
                          ? stroma_no_memory(err)
                          : STROMA_OK;
    for (size_t i = 0; s == STROMA_OK && i < threads; i++) {
        w.sets[i] = *plan;
        s = make_set(e, &w.sets[i], err);
    }
    if (s == STROMA_OK) s = stroma_parallel_for(o->runs, (int)threads, CHUNK, some, &w, err);
    if (s == STROMA_OK) count(&w, o, out);
    for (size_t i = 0; w.sets != NULL && i < threads; i++)
        clear_set(&w.sets[i]);
    stroma_free(w.sets);
    stroma_free(w.verdict);
    stroma_free(w.estimate);
    return s;
}

static stroma_status plan_sizes(const powersim_entry *e, powersim_set *p, stroma_error *err)
{
    const size_t times = e->by_groups ? p->d->groups : e->by_visits ? p->d->visits : 1;
    p->n = p->n1 + p->n2;
    if (p->n1 < e->least || (e->public.two_groups && p->n2 < e->least))
        return refuse(err, "the size of a group",
                      (double)(p->n2 > 0 && p->n2 < p->n1 ? p->n2 : p->n1),
                      "too few for this test");
    if (p->n > ROWS_MAX / times)
        return refuse(err, "the size of a trial to simulate", (double)p->n, "10^7 rows at most");
    p->rows = p->n * times;
    return STROMA_OK;
}

stroma_status stroma_simulate_power(const stroma_simulated_test *test,
                                    const stroma_power_design *design, size_t n1, size_t n2,
                                    const stroma_simulated_options *options,
                                    stroma_simulated_power *out, stroma_error *err)
{
    static const stroma_simulated_options defaults = STROMA_SIMULATED_OPTIONS_INIT;
    const stroma_simulated_options *o = options == NULL ? &defaults : options;
    const powersim_entry *e = (const powersim_entry *)(const void *)test; /* first member */
    stroma_power_design d;
    fill_defaults(e, design, &d);
    *out = (stroma_simulated_power){ .test = test, .runs = o->runs };
    STROMA_TRY(check(e, &d, err));
    if (o->runs < RUNS_MIN || o->runs > STROMA_SIMULATED_RUNS_MAX)
        return refuse(err, "the number of runs", (double)o->runs, "100 to 10^7");
    if (!fraction(o->level)) return refuse(err, "a confidence level", o->level, "as 0.95");
    if ((unsigned)o->shape >= STROMA_POWER_SHAPES)
        return stroma_fail(err, STROMA_E_USAGE, "no distribution %d", (int)o->shape);
    powersim_set plan = { .d = &d, .shape = o->shape, .alpha = d.alpha, .side = side_of(e, &d) };
    plan.n1 = n1;
    if (test->two_groups) plan.n2 = n2 == 0 ? (size_t)ceil((double)n1 * d.ratio - 1e-9) : n2;
    STROMA_TRY(plan_sizes(e, &plan, err));
    out->n1 = plan.n1;
    out->n2 = plan.n2;
    out->n_total = e->by_groups ? plan.rows : plan.n;
    return simulate(e, &plan, o, out, err);
}

stroma_status stroma_simulate_size(const stroma_simulated_test *test,
                                   const stroma_power_design *design, double power, size_t n_max,
                                   const stroma_simulated_options *options,
                                   stroma_simulated_power *out, stroma_error *err)
{
    const powersim_entry *e = (const powersim_entry *)(const void *)test;
    if (!fraction(power)) return refuse(err, "power", power, "a fraction, as 0.8");
    stroma_simulated_power at;
    size_t low = e->least, high = low < 20 ? 20 : low;
    for (;;) {
        STROMA_TRY(stroma_simulate_power(test, design, high, 0, options, out, err));
        if (out->power >= power) break;
        low = high;
        high += high / 2 + 1;
        if (high <= n_max) continue;
        (void)stroma_fail(err, STROMA_E_DEGENERATE, "no size up to %zu has this power: %.3f at %zu",
                          n_max, out->power, low);
        stroma_hint(err, "is there an effect? A larger limit may help");
        return STROMA_E_DEGENERATE;
    }
    /* 20 may be far too many */
    while (low == e->least && high > 2 * low + 2) {
        const size_t half = high / 2;
        STROMA_TRY(stroma_simulate_power(test, design, half, 0, options, &at, err));
        if (at.power < power) {
            low = half;
            break;
        }
        *out = at;
        high = half;
    }
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        STROMA_TRY(stroma_simulate_power(test, design, middle, 0, options, &at, err));
        if (at.power >= power) {
            *out = at;
            high = middle;
        } else {
            low = middle;
        }
    }
    return STROMA_OK;
}
