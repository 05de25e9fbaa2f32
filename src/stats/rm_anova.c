/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "moments.h"

#include "stroma/memory.h"
#include "stroma/stats_anova.h"
#include "stroma/stats_distribution.h"

#include <math.h>

/* Orthonormal Helmert contrast c (1…k−1) of one subject's visits: the first c against the next. */
static double contrast(const double *row, size_t c)
{
    double_double sum = dd_from(0);
    for (size_t j = 0; j < c; j++)
        sum = dd_add(sum, dd_from(row[j]));
    const double m = (double)c;
    const double_double gap = dd_subtract(dd_divide(sum, m), dd_from(row[c]));
    return dd_value(gap) * sqrt(m / (m + 1));
}

/* ln det of a positive definite matrix by Cholesky, in place; −∞ when a pivot is nothing beside its
 * diagonal element. */
static double log_determinant(double *a, size_t p)
{
    double sum = 0;
    for (size_t j = 0; j < p; j++) {
        const double whole = a[j * p + j];
        double pivot = whole;
        for (size_t l = 0; l < j; l++)
            pivot -= a[j * p + l] * a[j * p + l];
        if (!(pivot > 1e-13 * whole)) return -(double)INFINITY;
        const double root = sqrt(pivot);
        a[j * p + j] = root;
        sum += 2 * log(root);
        for (size_t i = j + 1; i < p; i++) {
            double v = a[i * p + j];
            for (size_t l = 0; l < j; l++)
                v -= a[i * p + l] * a[j * p + l];
            a[i * p + j] = v / root;
        }
    }
    return sum;
}

/* Mauchly 1940 with Box's second-order term (Anderson 1958 §10.7.3), p contrasts. R's mauchly.test
 * has the number of visits where the book has p in the linear term; we follow R, as the numbers
 * that people compare come from there. Handbook, reference numbers, says what it is worth. */
static void mauchly(stroma_rm_anova *out, double log_w, double p, double df)
{
    out->mauchly_w = exp(log_w);
    const double rho = 1 - (2 * p * p + p + 2) / (6 * p * df);
    const double second = (p + 2) * (p - 1) * (p - 2) *
                          (2 * p * p * p + 6 * p * p + 3 * (p + 1) + 2) /
                          (288 * (df * rho) * (df * rho) * p * p);
    const double z = -df * rho * log_w, f = p * (p + 1) / 2 - 1;
    const double first = stroma_chi2_sf(z, f);
    out->mauchly_p = fmin(1, fmax(0, first + second * (stroma_chi2_sf(z, f + 4) - first)));
}

static stroma_stat adjusted(const stroma_stat *f, double epsilon, const char *variant)
{
    stroma_stat r = *f;
    r.variant = variant;
    r.df = f->df * epsilon;
    r.df2 = f->df2 * epsilon;
    r.p = stroma_f_sf(r.statistic, r.df, r.df2);
    return r;
}

/* @p m: the p × p covariance of the contrasts; @p mean their means. */
static void fill(stroma_rm_anova *out, double *m, const double *mean, size_t n, size_t p)
{
    const double rows = (double)n, q = (double)p, df = rows - 1;
    double trace = 0, squares = 0, visits = 0;
    for (size_t i = 0; i < p; i++) {
        trace += m[i * p + i];
        visits += mean[i] * mean[i];
        for (size_t j = 0; j < p; j++)
            squares += m[i * p + j] * m[i * p + j];
    }
    stroma_stat *f = &out->uncorrected;
    f->statistic_name = "F";
    f->statistic = rows * visits / trace; /* both divided by k − 1 */
    f->df = q;
    f->df2 = q * df;
    f->p = stroma_f_sf(f->statistic, f->df, f->df2);
    f->effect_name = "partial eta2";
    f->effect = rows * visits / (rows * visits + df * trace);
    out->gg_epsilon = fmin(1, trace * trace / (q * squares));
    const double qe = q * out->gg_epsilon;
    out->hf_epsilon = df - qe > 0 ? (rows * qe - 2) / (q * (df - qe)) : 1;
    out->greenhouse_geisser = adjusted(f, out->gg_epsilon, "Greenhouse-Geisser");
    out->huynh_feldt = adjusted(f, fmin(1, out->hf_epsilon), "Huynh-Feldt");
    if (p < 2 || n <= p) return;
    const double log_w = log_determinant(m, p) - q * log(trace / q);
    if (isfinite(log_w)) mauchly(out, log_w, q, df);
}

static stroma_status compute(const double *x, size_t n, size_t k, stroma_rm_anova *out,
                             stroma_error *err)
{
    const size_t p = k - 1;
    double *z = stroma_alloc_array(p, n * sizeof *z); /* contrast after contrast */
    double *m = stroma_alloc_array(p, p * sizeof *m);
    double *mean = stroma_alloc_array(p, sizeof *mean);
    stroma_status s = STROMA_OK;
    if (z == NULL || m == NULL || mean == NULL) {
        s = stroma_no_memory(err);
    } else {
        double largest = 0, trace = 0;
        for (size_t i = 0; i < n * k; i++)
            largest = fmax(largest, fabs(x[i]));
        for (size_t c = 0; c < p; c++) {
            for (size_t i = 0; i < n; i++)
                z[c * n + i] = contrast(x + i * k, c + 1);
            mean[c] = dd_value(stroma_moments_of(z + c * n, n).mean);
        }
        for (size_t a = 0; a < p; a++)
            for (size_t b = 0; b <= a; b++) {
                double_double sum = dd_from(0);
                for (size_t i = 0; i < n; i++)
                    sum =
                        dd_add(sum, dd_two_product(z[a * n + i] - mean[a], z[b * n + i] - mean[b]));
                m[a * p + b] = m[b * p + a] = dd_value(sum) / (double)(n - 1);
            }
        for (size_t a = 0; a < p; a++)
            trace += m[a * p + a];
        if (sqrt(trace) <= 1e-14 * largest) {
            out->uncorrected.not_estimable = true;
            out->uncorrected.reason = "no variation beyond subjects and visits";
            out->greenhouse_geisser = out->huynh_feldt = out->uncorrected;
        } else {
            fill(out, m, mean, n, p);
        }
    }
    stroma_free(z);
    stroma_free(m);
    stroma_free(mean);
    return s;
}

stroma_status stroma_anova_repeated(const double *x, size_t n, size_t k, stroma_rm_anova *out,
                                    stroma_error *err)
{
    const double none = (double)NAN;
    stroma_stat r = stroma_stat_empty("rm_anova");
    *out = (stroma_rm_anova){ r, r, r, none, none, none, none };
    if (k > 0 && n > SIZE_MAX / 64 / k)
        return stroma_fail(err, STROMA_E_USAGE, "table is too large");
    STROMA_TRY(stroma_sample_check(x, n * k, "repeated measures", err));
    if (k < 2 || n < 2) {
        r = stroma_stat_cannot("rm_anova",
                               k < 2 ? "fewer than two visits" : "fewer than two subjects");
        r.n_used = n;
        out->uncorrected = out->greenhouse_geisser = out->huynh_feldt = r;
        return STROMA_OK;
    }
    out->uncorrected.n_used = n;
    return compute(x, n, k, out, err);
}
