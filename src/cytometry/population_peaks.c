/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The k peaks of a distribution, as of the beads of a calibration: the bandwidth of a Gaussian
 * kernel is lowered until k modes are there that hold enough events each (Silverman 1981 JRSS B
 * 43:97; the number of modes of a Gaussian kernel only grows as the bandwidth falls). */
#include "population.h"

#include "stroma/cytometry_index.h"
#include "stroma/sort.h"

#include <math.h>
#include <string.h>

enum { BINS = 1024, STEPS = 96, REACH = 5 };

typedef struct scale {
    double cofactor, low, width; /* of a bin */
} scale;

static size_t bin_of(const scale *s, double x)
{
    const double at = (asinh(x / s->cofactor) - s->low) / s->width;
    return at <= 0 ? 0 : at >= BINS - 1 ? BINS - 1 : (size_t)at;
}

static double linear_at(const scale *s, double bin)
{
    return s->cofactor * sinh(s->low + bin * s->width);
}

/* Density in bins at a bandwidth of h bins. */
static void smooth(const double *count, double h, double *density)
{
    const int reach = (int)fmin(BINS - 1, ceil(REACH * h));
    double kernel[BINS];
    for (int j = 0; j <= reach; j++)
        kernel[j] = exp(-0.5 * ((double)j / h) * ((double)j / h));
    memset(density, 0, BINS * sizeof *density);
    for (int i = 0; i < BINS; i++) {
        if (count[i] <= 0) continue;
        const int from = i - reach < 0 ? 0 : i - reach,
                  to = i + reach >= BINS ? BINS - 1 : i + reach;
        for (int j = from; j <= to; j++)
            density[j] += count[i] * kernel[j < i ? i - j : j - i];
    }
}

/* Events up to bin i, inclusive, at cumulative[i + 1]. */
typedef struct mode {
    size_t peak, begin, end; /* bins; [begin, end) from valley to valley */
} mode;

/* Modes of a density, from valley to valley; those that hold less than @p least events go to the
 * neighbour on the lower valley's side only by not being counted. @return how many, at most max. */
static size_t modes(const double *density, const double *cumulative, double least, mode *out,
                    size_t max)
{
    size_t n = 0, begin = 0, i = 0;
    while (i < BINS) {
        while (i + 1 < BINS && density[i + 1] >= density[i])
            i++; /* up */
        size_t peak = i;
        while (peak > 0 && density[peak - 1] == density[i])
            peak--; /* a flat top: its middle */
        peak = (peak + i) / 2;
        while (i + 1 < BINS && density[i + 1] <= density[i])
            i++; /* down to the valley */
        const size_t end = i + 1 < BINS ? i : BINS;
        if (cumulative[end] - cumulative[begin] >= least) {
            if (n < max) out[n] = (mode){ peak, begin, end };
            n++;
        }
        begin = end;
        if (end == BINS) break;
    }
    return n;
}

/* The largest bandwidth with exactly k. @return modes at it, or how many the last one tried had. */
static size_t search(const double *count, const double *cumulative, double least, size_t k,
                     mode *out)
{
    double density[BINS];
    size_t n = 0;
    for (int step = 0; step < STEPS; step++) {
        const double h = BINS / 4.0 * pow(2, -step / 10.0); /* 256 bins down to 0.35 */
        smooth(count, h, density);
        n = modes(density, cumulative, least, out, STROMA_BEADS_MAX);
        if (n >= k) break;
    }
    return n;
}

static stroma_status describe(double *x, size_t n, const scale *s, const mode *m, stroma_peak *out,
                              stroma_error *err)
{
    double *part = stroma_alloc_array(n, sizeof *part);
    if (part == NULL) return stroma_no_memory(err);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        const size_t b = bin_of(s, x[i]);
        if (b >= m->begin && b < m->end) part[kept++] = x[i];
    }
    const stroma_population_sample sample = { part, kept, 0 };
    double low = 0, high = 0;
    stroma_status st = stroma_population_quantile(&sample, 0.5, &out->median, err);
    if (st == STROMA_OK)
        st = stroma_population_quantile(&sample, population_probability[POPULATION_P_MINUS], &low,
                                        err);
    if (st == STROMA_OK)
        st = stroma_population_quantile(&sample, population_probability[POPULATION_P_PLUS], &high,
                                        err);
    stroma_free(part);
    out->position = linear_at(s, (double)m->peak + 0.5);
    out->rcv_percent = out->median > 0 ? 100 * (high - low) / 2 / out->median : (double)NAN;
    out->events = kept;
    out->share = (double)kept / (double)n;
    return st;
}

static stroma_status find_in(double *x, size_t n, size_t k, double min_share, const scale *s,
                             stroma_peak *out, stroma_error *err)
{
    double count[BINS] = { 0 }, cumulative[BINS + 1] = { 0 };
    mode found[STROMA_BEADS_MAX];
    for (size_t i = 0; i < n; i++)
        count[bin_of(s, x[i])]++;
    for (size_t i = 0; i < BINS; i++)
        cumulative[i + 1] = cumulative[i] + count[i];
    const size_t got = search(count, cumulative, min_share * (double)n, k, found);
    if (got != k) {
        const stroma_status st =
            stroma_fail(err, STROMA_E_DEGENERATE,
                        "%zu peaks were looked for, %zu were found that hold %g %% of the events",
                        k, got, 100 * min_share);
        stroma_hint(err, "look at the density: beads at the end of the scale run into one peak");
        return st;
    }
    for (size_t i = 0; i < k; i++)
        STROMA_TRY(describe(x, n, s, &found[i], &out[i], err));
    return STROMA_OK;
}

static stroma_status set_scale(const double *x, size_t n, double cofactor, scale *s,
                               stroma_error *err)
{
    double low = x[0], high = x[0];
    s->cofactor = cofactor;
    if (cofactor == 0) {
        double *size = stroma_alloc_array(n, sizeof *size);
        if (size == NULL) return stroma_no_memory(err);
        for (size_t i = 0; i < n; i++)
            size[i] = fabs(x[i]);
        const stroma_population_sample sample = { size, n, 0 };
        double p75 = 0;
        const stroma_status st = stroma_population_quantile(&sample, 0.75, &p75, err);
        stroma_free(size);
        STROMA_TRY(st);
        s->cofactor = p75 > 0 ? p75 / 100 : 1;
    }
    for (size_t i = 0; i < n; i++) {
        low = fmin(low, x[i]);
        high = fmax(high, x[i]);
    }
    s->low = asinh(low / s->cofactor);
    s->width = (asinh(high / s->cofactor) - s->low) / BINS;
    return s->width > 0 ? STROMA_OK
                        : stroma_fail(err, STROMA_E_DEGENERATE, "all values are %g", low);
}

stroma_status stroma_peaks_find(const double *x, size_t n, size_t k, double min_share,
                                double cofactor, stroma_peak *out, stroma_error *err)
{
    if (k < 1 || k > STROMA_BEADS_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "%zu peaks are not between 1 and %d", k,
                           (int)STROMA_BEADS_MAX);
    if (!(min_share > 0 && min_share <= 1) || !(cofactor >= 0) || !isfinite(cofactor))
        return stroma_fail(err, STROMA_E_USAGE, "a share of %g or a cofactor of %g is not possible",
                           min_share, cofactor);
    double *finite = stroma_alloc_array(n, sizeof *finite);
    if (finite == NULL) return stroma_no_memory(err);
    if (n > 0) memcpy(finite, x, n * sizeof *finite);
    const size_t kept = stroma_population_finite(finite, n);
    scale s = { 0 };
    stroma_status st = kept == 0 ? stroma_fail(err, STROMA_E_DEGENERATE, "no event has a value")
                                 : set_scale(finite, kept, cofactor, &s, err);
    if (st == STROMA_OK) st = find_in(finite, kept, k, min_share, &s, out, err);
    stroma_free(finite);
    return st;
}
