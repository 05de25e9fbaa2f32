/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a design to power, size or detectable effect: one search for all methods. */
#include "chi_mixture.h"
#include "power_methods.h"

#include "stroma/number.h"

#include <math.h>

enum { ENUMERATED_MAX = 2000 };
static const double size_max = 1e8;

static const power_entry *entry_of(const stroma_power_method *m)
{
    /* public is the first member */
    return (const power_entry *)(const void *)m;
}

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

static void fill_defaults(const power_entry *m, const stroma_power_design *given,
                          stroma_power_design *d)
{
    *d = *given;
    if (d->alpha == 0) d->alpha = m->alpha == 0 ? 0.05 : m->alpha;
    if (m->one_sided) d->one_sided = true;
    if (d->ratio == 0) d->ratio = 1;
    if (d->sd == 0) d->sd = 1;
    if (d->sd2 == 0) d->sd2 = d->sd;
    for (size_t g = 0; g < 2; g++)
        if (d->event_frac[g] == 0) d->event_frac[g] = 1;
    for (size_t g = 0; g < 2 && d->visits <= STROMA_POWER_VISITS_MAX; g++)
        for (size_t v = 0; v < d->visits; v++)
            if (given->retention[g][v] == 0) d->retention[g][v] = g == 0 ? 1 : d->retention[0][v];
    if (m->effect == POWER_EFFECT_HALF) d->null_value = 0.5;
    if (m->effect == POWER_EFFECT_PROPORTION && !(m->fields & POWER_NULL)) d->null_value = d->p1;
}

static stroma_status check_visits(const stroma_power_design *d, stroma_error *err)
{
    if (d->visits < 1 || d->visits > STROMA_POWER_VISITS_MAX)
        return refuse(err, "the number of visits", (double)d->visits, "plan 1 to 32 visits");
    const bool cs = d->structure == STROMA_POWER_VISITS_CS && d->visits > 1;
    const double least = cs ? -1 / ((double)d->visits - 1) : -1;
    if (!(d->correlation > least) || !(d->correlation < 1))
        return refuse(err, "the correlation between visits", d->correlation,
                      "a number below 1; with equal correlations above -1/(visits - 1)");
    for (size_t g = 0; g < 2; g++)
        for (size_t v = 0; v < d->visits; v++) {
            const double before = v == 0 ? 1 : d->retention[g][v - 1], here = d->retention[g][v];
            if (!(here > 0) || !(here <= before))
                return refuse(err, "the share of subjects still there", here,
                              "shares above 0 that do not rise from visit to visit");
        }
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

static stroma_status check_fields(const power_entry *m, const stroma_power_design *d,
                                  stroma_error *err)
{
    const bool sds = d->sd > 0 && isfinite(d->sd) && d->sd2 > 0 && isfinite(d->sd2);
    if ((m->fields & POWER_SD) && !sds)
        return refuse(err, "a standard deviation", d->sd > 0 ? d->sd2 : d->sd, "it is above 0");
    if ((m->fields & POWER_MARGIN) && (!(d->margin > 0) || !isfinite(d->margin)))
        return refuse(err, "a margin", d->margin, "it is above 0, in the unit of the outcome");
    if ((m->fields & POWER_P1) && !fraction(d->p1))
        return refuse(err, "p1", d->p1, "a fraction between 0 and 1");
    if ((m->fields & POWER_NULL) && !fraction(d->null_value))
        return refuse(err, "the proportion under the null hypothesis", d->null_value,
                      "a fraction between 0 and 1");
    if ((m->fields & POWER_CORRELATION) && !(fabs(d->correlation) < 1))
        return refuse(err, "a correlation", d->correlation, "it lies between -1 and 1");
    if ((m->fields & POWER_GROUPS) && (d->groups < 2 || d->groups > 1000))
        return refuse(err, "the number of groups", (double)d->groups, "2 to 1000");
    for (size_t g = 0; g < 2 && (m->fields & POWER_EVENTS); g++)
        if (!(d->event_frac[g] > 0) || !(d->event_frac[g] <= 1))
            return refuse(err, "the share of subjects with an event", d->event_frac[g],
                          "a fraction above 0, at most 1");
    for (size_t c = 0; c < 3 && (m->fields & POWER_CELLS); c++)
        if (!fraction(d->cell[c]))
            return refuse(
                err, "the event probability of a cell", d->cell[c],
                "fractions: control without the marker, control with it, treated without");
    if (m->fields & POWER_CATEGORIES) STROMA_TRY(check_categories(d, err));
    return m->fields & POWER_VISITS ? check_visits(d, err) : STROMA_OK;
}

static stroma_status check_effect(const power_entry *m, const stroma_power_design *d,
                                  stroma_error *err)
{
    const double x = d->effect;
    bool fine = isfinite(x);
    if (m->effect == POWER_EFFECT_CORRELATION) fine = fabs(x) < 1;
    if (m->effect == POWER_EFFECT_PROPORTION || m->effect == POWER_EFFECT_HALF) fine = fraction(x);
    if (m->effect == POWER_EFFECT_RATIO) fine = x > 0 && isfinite(x);
    if (m->effect == POWER_EFFECT_POSITIVE) fine = x >= 0 && isfinite(x);
    const bool pairs = m->power == power_mcnemar || m->power == power_mcnemar_exact;
    if (pairs && fine && x + d->p1 > 1)
        return stroma_fail(err, STROMA_E_USAGE,
                           "p1 and p2 are shares of the same pairs and add up to more than 1");
    static const char *const hints[] = { "a finite number",
                                         "a number of 0 or more",
                                         "it lies between -1 and 1",
                                         "a fraction between 0 and 1",
                                         "a fraction between 0 and 1",
                                         "a number above 0; 1 is no effect" };
    return fine ? STROMA_OK : refuse(err, m->public.effect_name, x, hints[m->effect]);
}

static stroma_status check(const power_entry *m, const stroma_power_design *given, bool effect,
                           stroma_power_design *d, stroma_error *err)
{
    if (given->version != 1)
        return stroma_fail(err, STROMA_E_USAGE, "a design of version %u is not known",
                           given->version);
    fill_defaults(m, given, d);
    if (!(d->alpha > 0) || !(d->alpha < 0.5))
        return refuse(err, "alpha", d->alpha, "a fraction below 0.5, as 0.05");
    if (!(d->ratio > 0) || !(d->ratio <= 1000) || !(d->ratio >= 1e-3))
        return refuse(err, "the ratio of group sizes", d->ratio, "n2/n1 within 0.001 to 1000");
    STROMA_TRY(check_fields(m, d, err));
    return effect ? check_effect(m, d, err) : STROMA_OK;
}

static double second(const power_entry *m, const stroma_power_design *d, double n1)
{
    if (!m->public.two_groups) return 0;
    const double n2 = n1 * d->ratio, near = round(n2);
    return fabs(n2 - near) < 1e-9 * near ? near : ceil(n2);
}

static stroma_power empty(const power_entry *m, const stroma_power_design *d)
{
    const double none = (double)NAN;
    return (stroma_power){ .method = &m->public,
                           .reason = "",
                           .alpha = d->alpha,
                           .effect = d->effect,
                           .power = none,
                           .n1_fractional = none,
                           .alpha_actual = none,
                           .events = none,
                           .critical = none };
}

/* Everything but n1_fractional and n1_stable. */
static void describe(const power_entry *m, const stroma_power_design *d, double n1, double n2,
                     stroma_power *out)
{
    out->n1 = (size_t)n1;
    out->n2 = (size_t)n2;
    out->n_total = m->fields & POWER_GROUPS ? out->n1 * d->groups : out->n1 + out->n2;
    out->effect = d->effect;
    out->power = m->power(d, n1, n2);
    if (m->size != NULL) out->alpha_actual = m->size(d, n1, n2);
    if (m->power == power_binomial) out->critical = power_binomial_critical(d, n1);
    if (m->fields & POWER_EVENTS) out->events = power_events(d, n1, n2);
    if (!isnan(out->power)) return;
    out->not_estimable = true;
    out->reason = "more than 2000 subjects in a group are not enumerated";
}

static stroma_status check_sizes(const power_entry *m, double n1, double n2, stroma_error *err)
{
    if (!(n1 >= m->least) || n1 > size_max)
        return refuse(err, "n", n1, "too few (or more than 10^8) for this test");
    if (m->public.two_groups && (!(n2 >= 1) || n2 > size_max))
        return refuse(err, "the size of the second group", n2, "1 to 10^8");
    return STROMA_OK;
}

stroma_status stroma_power_compute(const stroma_power_method *m, const stroma_power_design *d,
                                   size_t n1, size_t n2, stroma_power *out, stroma_error *err)
{
    const power_entry *e = entry_of(m);
    stroma_power_design full;
    *out = empty(e, d);
    STROMA_TRY(check(e, d, true, &full, err));
    const double a = (double)n1;
    const double b = n2 == 0 || !m->two_groups ? second(e, &full, a) : (double)n2;
    STROMA_TRY(check_sizes(e, a, b, err));
    *out = empty(e, &full);
    describe(e, &full, a, b, out);
    return STROMA_OK;
}

typedef struct size_search {
    power_function power;
    const stroma_power_design *d;
    double target;
} size_search;

static double size_gap(double n, const void *context)
{
    const size_search *c = context;
    return c->power(c->d, n, n * c->d->ratio) - c->target;
}

/* Where a smooth power reaches the target; `least` when it does so at once, NaN when never. */
static double smooth_size(const power_entry *m, power_function f, const stroma_power_design *d,
                          double target)
{
    const size_search c = { f, d, target };
    double low = m->least, high = low;
    if (size_gap(low, &c) >= 0) return low;
    while (high < size_max && !(size_gap(high, &c) >= 0)) {
        low = high;
        high *= 1.5;
    }
    if (!(size_gap(high, &c) >= 0)) return (double)NAN;
    return stroma_root_find(size_gap, &c, low, high);
}

static void no_size(stroma_power *out)
{
    out->not_estimable = true;
    out->reason = "no sample size has this power: there is no effect, or it is very small";
}

static void enumerated_size(const power_entry *m, const stroma_power_design *d, double target,
                            stroma_power *out)
{
    const double near = smooth_size(m, m->near, d, target);
    double n =
        m->power == power_binomial || isnan(near) ? m->least : fmax(m->least, floor(near / 2));
    if (isnan(near) || near > ENUMERATED_MAX) {
        no_size(out);
        if (!isnan(near)) out->reason = "more than 2000 subjects in a group are not enumerated";
        return;
    }
    while (n <= ENUMERATED_MAX && !(m->power(d, n, second(m, d, n)) >= target))
        n++;
    if (n > ENUMERATED_MAX) {
        no_size(out);
        out->reason = "more than 2000 subjects in a group are not enumerated";
        return;
    }
    describe(m, d, n, second(m, d, n), out);
    double stable = n, end = n + fmin(200, fmax(20, ceil(n / 4)));
    for (double k = n + 1; k <= end && k <= ENUMERATED_MAX; k++)
        if (!(m->power(d, k, second(m, d, k)) >= target)) stable = k + 1;
    out->n1_stable = (size_t)stable;
}

stroma_status stroma_power_size(const stroma_power_method *m, const stroma_power_design *d,
                                double power, stroma_power *out, stroma_error *err)
{
    const power_entry *e = entry_of(m);
    stroma_power_design full;
    *out = empty(e, d);
    STROMA_TRY(check(e, d, true, &full, err));
    if (!(power > full.alpha) || !(power < 1))
        return refuse(err, "power", power, "a fraction above alpha, as 0.8");
    *out = empty(e, &full);
    if (m->enumerated) {
        enumerated_size(e, &full, power, out);
        return STROMA_OK;
    }
    out->n1_fractional = smooth_size(e, e->power, &full, power);
    if (isnan(out->n1_fractional)) {
        no_size(out);
        return STROMA_OK;
    }
    /* n2 is rounded up: one subject less in group 1 may do */
    double n = fmax(e->least, ceil(out->n1_fractional - 1e-9 * out->n1_fractional));
    while (n > e->least && e->power(&full, n - 1, second(e, &full, n - 1)) >= power)
        n--;
    describe(e, &full, n, second(e, &full, n), out);
    return STROMA_OK;
}

typedef struct effect_search {
    const power_entry *m;
    const stroma_power_design *d;
    double n1, n2, target;
    bool log_scale;
} effect_search;

static double effect_gap(double x, const void *context)
{
    const effect_search *c = context;
    stroma_power_design d = *c->d;
    d.effect = c->log_scale ? exp(x) : x;
    return c->m->power(&d, c->n1, c->n2) - c->target;
}

/* From no effect to the largest one that can be, on the side where the design's effect lies. */
static void effect_range(const power_entry *m, const stroma_power_design *d, double *from,
                         double *to)
{
    const double edge = 1e-9;
    const bool pairs = m->power == power_mcnemar || m->power == power_mcnemar_exact;
    bool below = d->effect < 0;
    switch (m->effect) {
    case POWER_EFFECT_DIFFERENCE:
        *from = m->power == power_non_inferiority ? -d->margin : 0;
        *to = (below && m->power != power_non_inferiority ? -100 : 100) * (d->sd + d->sd2);
        if (m->power == power_equivalence) *to = (below ? -1 : 1) * d->margin;
        break;
    case POWER_EFFECT_POSITIVE:
        *from = 0;
        *to = 1000;
        break;
    case POWER_EFFECT_CORRELATION:
        *from = 0;
        *to = below ? edge - 1 : 1 - edge;
        break;
    case POWER_EFFECT_PROPORTION:
    case POWER_EFFECT_HALF:
        below = d->effect > 0 && d->effect < d->null_value;
        *from = d->null_value;
        *to = below ? edge : pairs ? 1 - d->p1 : 1 - edge;
        if (m->power == power_proportions_ni) {
            *from = fmax(edge, d->p1 - d->margin);
            *to = 1 - edge;
        }
        break;
    case POWER_EFFECT_RATIO: /* logarithms */
        /* a hazard ratio is looked for below 1, where treatments lie */
        below = d->effect < 1 && (d->effect > 0 || (m->fields & POWER_EVENTS));
        *from = 0;
        *to = below ? -14 : 14;
        break;
    }
}

/* Where the power is first reached; a ratio of odds so large that a cell is empty has less again.
 */
static double effect_root(const effect_search *c, double from, double to)
{
    enum { STEPS = 500 };
    const double x = stroma_root_find(effect_gap, c, from, to);
    if (!isnan(x) || effect_gap(from, c) >= 0) return x;
    for (int i = 1; i <= STEPS; i++) {
        const double low = from + (to - from) * (i - 1) / STEPS;
        const double high = from + (to - from) * i / STEPS;
        if (effect_gap(high, c) >= 0) return stroma_root_find(effect_gap, c, low, high);
    }
    return x;
}

stroma_status stroma_power_effect(const stroma_power_method *m, const stroma_power_design *d,
                                  size_t n1, size_t n2, double power, stroma_power *out,
                                  stroma_error *err)
{
    const power_entry *e = entry_of(m);
    stroma_power_design full;
    double from = 0, to = 0;
    *out = empty(e, d);
    STROMA_TRY(check(e, d, false, &full, err));
    if (!(power > full.alpha) || !(power < 1))
        return refuse(err, "power", power, "a fraction above alpha, as 0.8");
    const double a = (double)n1;
    const double b = n2 == 0 || !m->two_groups ? second(e, &full, a) : (double)n2;
    STROMA_TRY(check_sizes(e, a, b, err));
    effect_range(e, &full, &from, &to);
    const effect_search c = { e, &full, a, b, power, e->effect == POWER_EFFECT_RATIO };
    const double x = effect_root(&c, from, to);
    *out = empty(e, &full);
    if (isnan(x)) {
        out->not_estimable = true;
        out->n1 = n1;
        out->n2 = (size_t)b;
        out->reason = "no effect has this power at this size";
        return STROMA_OK;
    }
    full.effect = c.log_scale ? exp(x) : x;
    describe(e, &full, a, b, out);
    return STROMA_OK;
}
