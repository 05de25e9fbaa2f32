/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Completed samples from a fitted model. */
#include "small_matrix.h"
#include "tobit.h"

#include "stroma/memory.h"
#include "stroma/random.h"
#include "stroma/stats_distribution.h"

/* Draw of a standard normal above a > 0, far out: exponential steps, accepted by the rest of the
 * density (Robert 1995 Stat Comput 5:121). */
static double above_far(stroma_random *g, double a)
{
    const double rate = (a + sqrt(a * a + 4)) / 2;
    if (!(a < 1e7)) return a; /* the step is below the digits of a */
    for (;;) {
        const double z = a + stroma_random_exponential(g) / rate;
        const double gap = z - rate;
        if (stroma_random_uniform(g) <= exp(-gap * gap / 2)) return z;
    }
}

/* Draw of a standard normal between a and b. */
static double between_low(stroma_random *g, double a, double b)
{
    if (b < -8 && isinf(a)) return -above_far(g, -b);
    const double from = stroma_normal_cdf(a), to = stroma_normal_cdf(b);
    if (!(from < to)) { /* a narrow strip far out: within it the density hardly changes */
        const double u = stroma_random_uniform(g);
        return isinf(a) ? b : a + u * (b - a);
    }
    const double z = stroma_normal_quantile(from + stroma_random_uniform(g) * (to - from));
    return fmin(b, fmax(a, z));
}

static double between(stroma_random *g, double a, double b)
{
    /* lower tails have all digits */
    return a > 0 ? -between_low(g, -b, -a) : between_low(g, a, b);
}

/* What is drawn: the coefficients that have an estimate, and ln σ. */
typedef struct draw {
    size_t k;       /* with ln σ */
    size_t *column; /* k − 1 */
    double *factor; /* k × k */
    double *value;  /* k */
    double *noise;  /* k */
} draw;

static void draw_free(draw *d)
{
    stroma_free(d->column);
    stroma_free(d->factor);
}

static stroma_status draw_new(const stroma_tobit *fit, draw *d, stroma_error *err)
{
    const size_t width = fit->columns + 1, k = fit->rank + 1;
    size_t at = 0;
    *d = (draw){ .k = k };
    d->column = stroma_alloc_array(k, sizeof *d->column);
    d->factor = stroma_alloc_array(k * k + 2 * k, sizeof *d->factor);
    if (d->column == NULL || d->factor == NULL) return censored_no_memory(err);
    d->value = d->factor + k * k;
    d->noise = d->value + k;
    for (size_t j = 0; j < fit->columns; j++)
        if (!fit->aliased[j]) d->column[at++] = j;
    d->column[at] = fit->columns;
    for (size_t r = 0; r < k; r++)
        for (size_t c = 0; c < k; c++)
            d->factor[r * k + c] = fit->covariance[d->column[r] * width + d->column[c]];
    if (small_cholesky(d->factor, k)) return STROMA_OK;
    return stroma_fail(err, STROMA_E_DEGENERATE, "the estimates have no covariance to draw from");
}

static void draw_parameters(const stroma_tobit *fit, stroma_random *g, draw *d)
{
    const size_t k = d->k;
    for (size_t j = 0; j < k; j++)
        d->noise[j] = stroma_random_normal(g);
    for (size_t r = 0; r < k; r++) {
        d->value[r] = r + 1 < k ? fit->coefficients[d->column[r]] : log(fit->sigma.estimate);
        for (size_t c = 0; c <= r; c++)
            d->value[r] += d->factor[r * k + c] * d->noise[c];
    }
}

static void complete(const stroma_tobit *fit, const stroma_design *design,
                     const stroma_censored_sample *s, const draw *d, stroma_random *g, double *out)
{
    const bool logs = fit->shape == STROMA_SHAPE_LOGNORMAL;
    const double sigma = exp(d->value[d->k - 1]);
    for (size_t i = 0; i < s->n; i++) {
        if (censored_is_measured(s, i)) {
            out[i] = s->low[i];
            continue;
        }
        double eta = 0;
        for (size_t j = 0; j + 1 < d->k; j++)
            eta += design->x[d->column[j] * s->n + i] * d->value[j];
        const double low = logs ? (s->low[i] > 0 ? log(s->low[i]) : -(double)INFINITY) : s->low[i];
        const double high = logs ? log(s->high[i]) : s->high[i];
        const double v = eta + sigma * between(g, (low - eta) / sigma, (high - eta) / sigma);
        /* rounding must not carry a value over its limit */
        out[i] = fmin(s->high[i], fmax(s->low[i], logs ? exp(v) : v));
    }
}

stroma_status stroma_tobit_impute(const stroma_tobit *fit, const stroma_design *design,
                                  const stroma_censored_sample *sample, size_t imputations,
                                  uint64_t seed, double *out, stroma_error *err)
{
    if (fit->reason[0] != '\0')
        return stroma_fail(err, STROMA_E_DEGENERATE, "nothing to impute from: %s", fit->reason);
    if (imputations > STROMA_IMPUTATIONS_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "%zu imputations: at most %d", imputations,
                           STROMA_IMPUTATIONS_MAX);
    if (design->rows != fit->rows || design->columns != fit->columns || sample->n != fit->rows)
        return stroma_fail(err, STROMA_E_USAGE, "the design is not that of the fitted model");
    const double spread = fit->sigma.se / fit->sigma.estimate; /* of ln σ */
    if (!(spread <= 1)) {
        (void)stroma_fail(
            err, STROMA_E_DEGENERATE,
            "nothing to impute from: the logarithm of the SD has a standard error of %g", spread);
        stroma_hint(err, "too few values were measured; compare by ranks instead");
        return STROMA_E_DEGENERATE;
    }
    draw d;
    const uint32_t stream = stroma_random_stream("tobit imputation");
    stroma_status s = draw_new(fit, &d, err);
    for (size_t m = 0; s == STROMA_OK && m < imputations; m++) {
        stroma_random g;
        stroma_random_init(&g, seed, stream, m);
        draw_parameters(fit, &g, &d);
        complete(fit, design, sample, &d, &g, out + m * sample->n);
    }
    draw_free(&d);
    return s;
}
