/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Interval widths as functions of n, and the smallest n that makes them narrow enough. */
#include "stroma/number.h"
#include "stroma/stats_distribution.h"
#include "stroma/stats_precision.h"

#include <math.h>
#include <string.h>

/* The expected interval of n. */
typedef struct span {
    double lower, upper;
} span;
typedef span (*interval_of)(const stroma_precision_design *d, double n);

typedef enum value_kind { VALUE_NONE, VALUE_FRACTION, VALUE_CORRELATION } value_kind;

typedef struct entry {
    stroma_precision_method public;
    interval_of interval;
    double least;
    value_kind value;
    bool prevalence;
} entry;

static double z_of(const stroma_precision_design *d)
{
    return stroma_normal_quantile((1 + d->level) / 2);
}

/* s is at most this many sd with the probability asked for */
static double sd_factor(const stroma_precision_design *d, double df)
{
    return d->assurance > 0 ? sqrt(stroma_chi2_quantile(d->assurance, df) / df) : 1;
}

static span about(double centre, double half)
{
    return (span){ centre - half, centre + half };
}

static span mean(const stroma_precision_design *d, double n)
{
    const double t = stroma_t_quantile((1 + d->level) / 2, n - 1);
    return about(0, t * d->sd * sd_factor(d, n - 1) / sqrt(n));
}

static double second(const stroma_precision_design *d, double n)
{
    return ceil(n * d->ratio - 1e-9);
}

static span mean_difference(const stroma_precision_design *d, double n)
{
    const double m = second(d, n), df = n + m - 2;
    const double t = stroma_t_quantile((1 + d->level) / 2, df);
    return about(0, t * d->sd * sd_factor(d, df) * sqrt(1 / n + 1 / m));
}

static span wilson(const stroma_precision_design *d, double n)
{
    const double z = z_of(d), p = d->value, z2 = z * z;
    const double centre = (p + z2 / (2 * n)) / (1 + z2 / n);
    const double half = z / (1 + z2 / n) * sqrt(p * (1 - p) / n + z2 / (4 * n * n));
    return about(centre, half);
}

static span auc(const stroma_precision_design *d, double n)
{
    const double a = d->value, m = second(d, n), q1 = a / (2 - a), q2 = 2 * a * a / (1 + a);
    const double variance =
        (a * (1 - a) + (n - 1) * (q1 - a * a) + (m - 1) * (q2 - a * a)) / (n * m);
    return about(a, z_of(d) * sqrt(variance));
}

static span correlation(const stroma_precision_design *d, double n)
{
    const double z = atanh(d->value), half = z_of(d) / sqrt(n - 3);
    return (span){ tanh(z - half), tanh(z + half) };
}

/* Large-sample variance of the ANOVA estimate (Bonett 2002). */
static span icc(const stroma_precision_design *d, double n)
{
    const double k = (double)d->raters, r = d->value;
    const double variance =
        2 * (1 - r) * (1 - r) * (1 + (k - 1) * r) * (1 + (k - 1) * r) / (k * (k - 1) * (n - 1));
    return about(r, z_of(d) * sqrt(variance));
}

/* The limits are mean ± 1.96·s; the interval is that of one limit. */
static span limits_of_agreement(const stroma_precision_design *d, double n)
{
    const double z = stroma_normal_quantile(0.975);
    const double se = d->sd * sqrt(1 / n + z * z / (2 * (n - 1)));
    return about(0, stroma_t_quantile((1 + d->level) / 2, n - 1) * se);
}

static const entry entries[] = {
    { { "mean", "one mean, or a mean of paired differences", "half-width sd", "subjects" },
      mean,
      2,
      VALUE_NONE,
      false },
    { { "mean-difference", "difference of two means", "half-width sd [ratio]", "group 1" },
      mean_difference,
      2,
      VALUE_NONE,
      false },
    { { "proportion", "one proportion, Wilson", "half-width value", "subjects" },
      wilson,
      1,
      VALUE_FRACTION,
      false },
    { { "sensitivity", "sensitivity, Wilson", "half-width value prevalence", "with the condition" },
      wilson,
      1,
      VALUE_FRACTION,
      true },
    { { "specificity", "specificity, Wilson", "half-width value prevalence",
        "without the condition" },
      wilson,
      1,
      VALUE_FRACTION,
      true },
    { { "auc", "area under the ROC curve, Hanley-McNeil", "half-width value [ratio]", "positives" },
      auc,
      2,
      VALUE_FRACTION,
      false },
    { { "correlation", "one correlation, Fisher's z", "half-width value", "subjects" },
      correlation,
      4,
      VALUE_CORRELATION,
      false },
    { { "icc", "intraclass correlation, Bonett", "half-width value [raters]", "subjects" },
      icc,
      2,
      VALUE_FRACTION,
      false },
    { { "limits-of-agreement", "a limit of agreement, Bland-Altman", "half-width sd", "pairs" },
      limits_of_agreement,
      2,
      VALUE_NONE,
      false },
};
enum { ENTRIES = sizeof entries / sizeof entries[0] };

const stroma_precision_method *stroma_precision_list(size_t i)
{
    return i < ENTRIES ? &entries[i].public : NULL;
}

const stroma_precision_method *stroma_precision_find(const char *name)
{
    for (size_t i = 0; i < ENTRIES; i++)
        if (strcmp(entries[i].public.name, name) == 0) return &entries[i].public;
    return NULL;
}

static stroma_status refuse(stroma_error *err, const char *what, double x, const char *hint)
{
    char text[STROMA_NUMBER_TEXT_MAX];
    (void)stroma_fail(err, STROMA_E_USAGE, "%s cannot be %s", what, stroma_format_double(x, text));
    stroma_hint(err, "%s", hint);
    return STROMA_E_USAGE;
}

static stroma_status check(const entry *e, const stroma_precision_design *given,
                           stroma_precision_design *d, stroma_error *err)
{
    *d = *given;
    if (d->version != 1)
        return stroma_fail(err, STROMA_E_USAGE, "a design of version %u is not known", d->version);
    if (d->level == 0) d->level = 0.95;
    if (d->sd == 0) d->sd = 1;
    if (d->ratio == 0) d->ratio = 1;
    if (d->raters == 0) d->raters = 2;
    if (!(d->level > 0) || !(d->level < 1))
        return refuse(err, "a confidence level", d->level, "a fraction, as 0.95");
    if (!(d->sd > 0) || !isfinite(d->sd))
        return refuse(err, "a standard deviation", d->sd, "it is above 0");
    if (!(d->ratio >= 1e-3) || !(d->ratio <= 1000))
        return refuse(err, "the ratio of group sizes", d->ratio, "n2/n1 within 0.001 to 1000");
    if (d->raters < 2 || d->raters > 1000)
        return refuse(err, "the number of measurements", (double)d->raters, "2 to 1000");
    if (!(d->assurance >= 0) || !(d->assurance < 1))
        return refuse(err, "an assurance", d->assurance, "a fraction, as 0.8");
    if (e->value == VALUE_FRACTION && (!(d->value > 0) || !(d->value < 1)))
        return refuse(err, "the value expected", d->value, "a fraction between 0 and 1");
    if (e->value == VALUE_CORRELATION && !(fabs(d->value) < 1))
        return refuse(err, "a correlation", d->value, "it lies between -1 and 1");
    if (e->prevalence && (!(d->prevalence > 0) || !(d->prevalence < 1)))
        return refuse(err, "the share with the condition", d->prevalence,
                      "a fraction between 0 and 1");
    return STROMA_OK;
}

/* The wider side counts where an interval is not symmetric about the value. */
static double half_width(const entry *e, const stroma_precision_design *d, double n)
{
    const span s = e->interval(d, n);
    if (e->value == VALUE_CORRELATION) return fmax(d->value - s.lower, s.upper - d->value);
    return (s.upper - s.lower) / 2;
}

static void describe(const entry *e, const stroma_precision_design *d, double n,
                     stroma_precision *out)
{
    const span s = e->interval(d, n);
    double total = n;
    if (e->interval == mean_difference || e->interval == auc) total = n + second(d, n);
    if (e->prevalence)
        total = ceil(
            n / (strcmp(e->public.name, "sensitivity") == 0 ? d->prevalence : 1 - d->prevalence) -
            1e-9);
    *out = (stroma_precision){ (size_t)n, (size_t)total, half_width(e, d, n), (double)NAN,
                               (double)NAN };
    if (e->value == VALUE_NONE) return;
    const double least = e->value == VALUE_CORRELATION ? -1 : 0;
    out->lower = fmax(least, s.lower);
    out->upper = fmin(1, s.upper);
}

stroma_status stroma_precision_width(const stroma_precision_method *m,
                                     const stroma_precision_design *d, size_t n,
                                     stroma_precision *out, stroma_error *err)
{
    const entry *e = (const entry *)(const void *)m; /* public is the first member */
    stroma_precision_design full;
    *out = (stroma_precision){ 0 };
    STROMA_TRY(check(e, d, &full, err));
    if (!((double)n >= e->least) || n > 100000000)
        return refuse(err, "n", (double)n, "too few (or more than 10^8) for this interval");
    describe(e, &full, (double)n, out);
    return STROMA_OK;
}

stroma_status stroma_precision_size(const stroma_precision_method *m,
                                    const stroma_precision_design *d, stroma_precision *out,
                                    stroma_error *err)
{
    const entry *e = (const entry *)(const void *)m;
    stroma_precision_design full;
    *out = (stroma_precision){ 0 };
    STROMA_TRY(check(e, d, &full, err));
    const double want = full.half_width;
    if (!(want > 0) || !isfinite(want))
        return refuse(err, "half the width of the interval", want, "it is above 0");
    double low = e->least, high = low;
    while (high < 1e8 && half_width(e, &full, high) > want) {
        low = high;
        high *= 2;
    }
    if (half_width(e, &full, high) > want)
        return stroma_fail(err, STROMA_E_DEGENERATE,
                           "no sample of up to 10^8 makes the interval as narrow");
    while (high - low > 1) {
        const double middle = floor((low + high) / 2);
        *(half_width(e, &full, middle) <= want ? &high : &low) = middle;
    }
    describe(e, &full, high, out);
    return STROMA_OK;
}
