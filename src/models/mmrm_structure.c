/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The covariance structures. Sigma[s][t] = exp(a_s + a_t) R[s][t]: a are log SDs (one, or one for
 * each visit), R depends on the remaining parameters x: correlations are x/sqrt(1+x²), rho of
 * sp_exp and, between its bounds, of cs is 1/(1+exp(-x)), and unstructured R is L L' with L unit
 * lower triangular, so that diag(exp(a)) L is the Cholesky factor of Sigma (Pinheiro & Bates 1996
 * Stat Comput 6:289). */
#include "mmrm_structure.h"

#include "small_matrix.h"

#include <math.h>
#include <string.h>

static const char *const names[] = { "us",    "cs", "csh", "ar1",    "ar1h",        "toep",
                                     "toeph", "ad", "adh", "sp_exp", "random_slope" };
enum { NAMES = sizeof names / sizeof *names };

const char *stroma_mmrm_structure_name(stroma_mmrm_structure s)
{
    return (size_t)s < NAMES ? names[s] : "?";
}

bool stroma_mmrm_structure_find(const char *name, stroma_mmrm_structure *out)
{
    for (size_t i = 0; i < NAMES; i++)
        if (strcmp(name, names[i]) == 0) {
            *out = (stroma_mmrm_structure)i;
            return true;
        }
    return false;
}

static bool heterogeneous(stroma_mmrm_structure kind)
{
    return kind == STROMA_MMRM_US || kind == STROMA_MMRM_CSH || kind == STROMA_MMRM_AR1H ||
           kind == STROMA_MMRM_TOEPH || kind == STROMA_MMRM_ADH;
}

mmrm_structure mmrm_structure_make(stroma_mmrm_structure kind, size_t visits, const double *time)
{
    mmrm_structure st = { .kind = kind, .visits = visits, .time = time };
    const size_t between = visits - 1;
    st.scales = heterogeneous(kind) ? visits : 1;
    st.entry_active = 3;
    switch (kind) {
    case STROMA_MMRM_US:
        st.parameters = visits * between / 2;
        st.entry_active = 2 + 2 * visits;
        break;
    case STROMA_MMRM_CS:
    case STROMA_MMRM_CSH:
    case STROMA_MMRM_AR1:
    case STROMA_MMRM_AR1H: st.parameters = between > 0; break;
    case STROMA_MMRM_SP_EXP: st.parameters = 1; break;
    case STROMA_MMRM_TOEP:
    case STROMA_MMRM_TOEPH: st.parameters = between; break;
    case STROMA_MMRM_AD:
    case STROMA_MMRM_ADH:
        st.parameters = between;
        st.entry_active = 2 + visits;
        break;
    case STROMA_MMRM_RANDOM_SLOPE:
        st.scales = 0;
        st.parameters = 4;
        st.entry_active = 4;
        break;
    }
    st.parameters += st.scales;
    return st;
}

static double correlation(double x)
{
    return x / sqrt(1 + x * x);
}
static double correlation_first(double x)
{
    const double u = 1 / (1 + x * x);
    return u * sqrt(u);
}
static double correlation_second(double x)
{
    const double u = 1 / (1 + x * x);
    return -3 * x * u * u * sqrt(u);
}

/* R = rho(x)^power, one parameter. */
static void power_entry(mmrm_entry *e, size_t index, double x, double power)
{
    const double rho = correlation(x), d1 = correlation_first(x);
    const double before = power > 1 ? pow(rho, power - 1) : 1;
    const double twice = power > 2 ? pow(rho, power - 2) : 1;
    e->value = power > 0 ? before * rho : 1;
    if (!(power > 0)) return;
    e->n = 1;
    e->index[0] = index;
    e->first[0] = power * before * d1;
    e->second[0] = power * before * correlation_second(x);
    if (power > 1) e->second[0] += power * (power - 1) * twice * d1 * d1;
}

/* Equal correlations lie between -1/(visits - 1) and 1. */
static void equal_entry(mmrm_entry *e, size_t visits, size_t index, double x)
{
    const double low = -1 / (double)(visits - 1), u = 1 / (1 + exp(-x)), v = 1 / (1 + exp(x));
    e->value = low + (1 - low) * u;
    e->n = 1;
    e->index[0] = index;
    e->first[0] = (1 - low) * u * v;
    e->second[0] = (1 - low) * u * v * (v - u);
}

static void exponential_entry(mmrm_entry *e, size_t index, double x, double distance)
{
    const double rho = 1 / (1 + exp(-x)), other = 1 / (1 + exp(x));
    e->value = distance > 0 ? pow(rho, distance) : 1;
    if (!(distance > 0)) return;
    e->n = 1;
    e->index[0] = index;
    e->first[0] = e->value * distance * other;
    e->second[0] = e->value * distance * other * (distance * other - rho);
}

/* Product of the correlations of neighbours t … s-1. */
static void chain_entry(mmrm_entry *e, const double *x, size_t offset, size_t s, size_t t)
{
    const size_t n = s - t;
    e->n = n;
    for (size_t i = 0; i < n; i++) {
        e->index[i] = offset + t + i;
        e->value *= correlation(x[t + i]);
    }
    for (size_t i = 0; i < n; i++) {
        double rest = 1;
        for (size_t k = 0; k < n; k++)
            if (k != i) rest *= correlation(x[t + k]);
        e->first[i] = rest * correlation_first(x[t + i]);
        e->second[i * n + i] = rest * correlation_second(x[t + i]);
        for (size_t j = 0; j < i; j++) {
            double both = correlation_first(x[t + i]) * correlation_first(x[t + j]);
            for (size_t k = 0; k < n; k++)
                if (k != i && k != j) both *= correlation(x[t + k]);
            e->second[i * n + j] = e->second[j * n + i] = both;
        }
    }
}

/* Row s of L below the diagonal: s parameters. R = sum over k of L[s][k] L[t][k], s ≥ t. */
static void cholesky_entry(mmrm_entry *e, const double *x, size_t offset, size_t s, size_t t)
{
    const size_t row_s = s * (s - (s > 0)) / 2, row_t = t * (t - (t > 0)) / 2;
    const double *ls = x + row_s, *lt = x + row_t;
    e->value = s == t ? 1 : ls[t];
    for (size_t k = 0; k < t; k++)
        e->value += ls[k] * lt[k];
    e->n = s == t ? t : 2 * t + 1;
    memset(e->second, 0, e->n * e->n * sizeof *e->second);
    for (size_t k = 0; k < t; k++) {
        e->index[k] = offset + row_s + k;
        e->first[k] = s == t ? 2 * ls[k] : lt[k];
        if (s == t) {
            e->second[k * e->n + k] = 2;
            continue;
        }
        e->index[t + 1 + k] = offset + row_t + k;
        e->first[t + 1 + k] = ls[k];
        e->second[k * e->n + t + 1 + k] = e->second[(t + 1 + k) * e->n + k] = 1;
    }
    if (s == t) return;
    e->index[t] = offset + row_s + t;
    e->first[t] = 1;
}

/* l11, l21, l22 of the random effects' Cholesky factor, and the log SD of the noise. */
static void slope_entry(mmrm_entry *e, const double *x, double u, double v, bool same)
{
    const double noise = same ? exp(2 * x[3]) : 0, sum = u + v, product = u * v;
    e->value = x[0] * x[0] + x[0] * x[1] * sum + (x[1] * x[1] + x[2] * x[2]) * product + noise;
    e->n = 4;
    memset(e->second, 0, 16 * sizeof *e->second);
    for (size_t i = 0; i < 4; i++)
        e->index[i] = i;
    e->first[0] = 2 * x[0] + x[1] * sum;
    e->first[1] = x[0] * sum + 2 * x[1] * product;
    e->first[2] = 2 * x[2] * product;
    e->first[3] = 2 * noise;
    e->second[0] = 2;
    e->second[1] = e->second[4] = sum;
    e->second[5] = e->second[10] = 2 * product;
    e->second[15] = 4 * noise;
}

/* Multiply R by exp(a_s + a_t), adding the log SDs to what the entry depends on. */
static void scale_entry(const mmrm_structure *st, const double *a, size_t s, size_t t,
                        mmrm_entry *e)
{
    const bool one = st->scales == 1 || s == t;
    const size_t from = st->scales == 1 ? 0 : s, to = st->scales == 1 ? 0 : t;
    const size_t old = e->n, added = one ? 1 : 2, n = old + added;
    const double c = exp(a[from] + a[to]), multiple = one ? 2 : 1;
    e->value *= c;
    for (size_t i = old; i-- > 0;)
        for (size_t j = old; j-- > 0;)
            e->second[i * n + j] = c * e->second[i * old + j];
    for (size_t i = 0; i < old; i++)
        e->first[i] *= c;
    for (size_t k = old; k < n; k++) {
        e->index[k] = k == old ? from : to;
        e->first[k] = multiple * e->value;
        for (size_t i = 0; i < old; i++)
            e->second[i * n + k] = e->second[k * n + i] = multiple * e->first[i];
        for (size_t j = old; j < n; j++)
            e->second[k * n + j] = multiple * multiple * e->value;
    }
    e->n = n;
}

void mmrm_structure_entry(const mmrm_structure *st, const double *theta, size_t s, size_t t,
                          mmrm_entry *e)
{
    const size_t high = s > t ? s : t, low = s > t ? t : s, offset = st->scales;
    const double *x = theta + offset;
    e->n = 0;
    e->value = 1;
    switch (st->kind) {
    case STROMA_MMRM_US: cholesky_entry(e, x, offset, high, low); break;
    case STROMA_MMRM_CS:
    case STROMA_MMRM_CSH:
        if (high > low) equal_entry(e, st->visits, offset, x[0]);
        break;
    case STROMA_MMRM_AR1:
    case STROMA_MMRM_AR1H:
        if (high > low) power_entry(e, offset, x[0], (double)(high - low));
        break;
    case STROMA_MMRM_TOEP:
    case STROMA_MMRM_TOEPH:
        if (high > low) power_entry(e, offset + high - low - 1, x[high - low - 1], 1);
        break;
    case STROMA_MMRM_AD:
    case STROMA_MMRM_ADH:
        if (high > low) chain_entry(e, x, offset, high, low);
        break;
    case STROMA_MMRM_SP_EXP:
        exponential_entry(e, offset, x[0], st->time[high] - st->time[low]);
        break;
    case STROMA_MMRM_RANDOM_SLOPE:
        slope_entry(e, theta, st->time[low], st->time[high], high == low);
        return;
    }
    scale_entry(st, theta, high, low, e);
}

double mmrm_structure_curvature(const mmrm_structure *st, const double *theta, size_t i)
{
    if (i < st->scales) return 2;
    const double x = theta[i];
    if (st->kind == STROMA_MMRM_SP_EXP || st->kind == STROMA_MMRM_CS || st->kind == STROMA_MMRM_CSH)
        return 1 - 2 / (1 + exp(-x));
    return -3 * x / (1 + x * x);
}

bool mmrm_structure_is_linear(const mmrm_structure *st)
{
    return st->kind == STROMA_MMRM_US || st->kind == STROMA_MMRM_CS ||
           st->kind == STROMA_MMRM_TOEP || st->kind == STROMA_MMRM_RANDOM_SLOPE;
}

static double from_correlation(double r)
{
    const double bounded = fmin(fmax(r, -0.95), 0.95);
    return bounded / sqrt(1 - bounded * bounded);
}

/* Mean correlation of the pairs of visits @p lag apart; lag 0: of all pairs. */
static double mean_at_lag(const double *r, size_t visits, size_t lag)
{
    double sum = 0;
    size_t n = 0;
    for (size_t s = 0; s < visits; s++)
        for (size_t t = 0; t < s; t++)
            if (lag == 0 || s - t == lag) {
                sum += r[s * visits + t];
                n++;
            }
    return n > 0 ? sum / (double)n : 0;
}

/* rho^distance nearest to the mean correlation at the mean distance. */
static double exponential_start(const mmrm_structure *st, const double *r)
{
    const size_t m = st->visits;
    double distance = 0;
    for (size_t s = 1; s < m; s++)
        distance += (st->time[s] - st->time[s - 1]) / (double)(m - 1);
    const double near = fmin(fmax(mean_at_lag(r, m, 1), 0.1), 0.9);
    const double rho = pow(near, distance > 0 ? 1 / distance : 1);
    return log(rho / (1 - rho));
}

static void cholesky_start(const mmrm_structure *st, const double *variance, const double *r,
                           double *theta)
{
    const size_t m = st->visits;
    double *x = theta + m;
    /* the factor of r, row by row, in place of the parameters: x keeps L[s][k] of unit rows */
    for (size_t s = 0; s < m; s++) {
        double *row = x + s * (s - (s > 0)) / 2, left = 1;
        for (size_t t = 0; t < s; t++) {
            const double *other = x + t * (t - (t > 0)) / 2;
            /* columns scaled: R = (D L)(D L)', the diagonal of D L in exp(theta - log sd) */
            double sum = r[s * m + t];
            const double dt = exp(theta[t]) / sqrt(variance[t]);
            for (size_t k = 0; k < t; k++)
                sum -= row[k] * other[k] * dt;
            row[t] = sum / dt;
            left -= row[t] * row[t];
        }
        const double diagonal = sqrt(fmax(left, 1e-8));
        theta[s] = log(diagonal * sqrt(variance[s]));
        for (size_t t = 0; t < s; t++)
            row[t] /= diagonal;
    }
}

static double mean_variance(const mmrm_structure *st, const double *variance)
{
    double sum = 0;
    for (size_t s = 0; s < st->visits; s++)
        sum += variance[s] / (double)st->visits;
    return sum;
}

void mmrm_structure_start(const mmrm_structure *st, const double *variance, const double *r,
                          double *theta)
{
    const size_t m = st->visits;
    double *x = theta + st->scales;
    const double mean = mean_variance(st, variance);
    if (st->kind == STROMA_MMRM_US) {
        cholesky_start(st, variance, r, theta);
        return;
    }
    if (st->kind == STROMA_MMRM_RANDOM_SLOPE) {
        const double range = st->time[m - 1] - st->time[0];
        theta[0] = sqrt(mean / 2);
        theta[1] = 0;
        theta[2] = theta[0] / (range > 0 ? range : 1);
        theta[3] = log(mean / 2) / 2;
        return;
    }
    for (size_t s = 0; s < st->scales; s++)
        theta[s] = log(st->scales == 1 ? mean : variance[s]) / 2;
    const size_t n = st->parameters - st->scales;
    if (st->kind == STROMA_MMRM_SP_EXP) {
        x[0] = exponential_start(st, r);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        double start = mean_at_lag(r, m, 1);
        if (st->kind == STROMA_MMRM_CS || st->kind == STROMA_MMRM_CSH) {
            const double low = -1 / (double)(m - 1);
            const double u = (mean_at_lag(r, m, 0) - low) / (1 - low);
            const double inside = fmin(fmax(u, 0.05), 0.95);
            x[i] = log(inside / (1 - inside));
            continue;
        }
        if (st->kind == STROMA_MMRM_TOEP || st->kind == STROMA_MMRM_TOEPH)
            start = mean_at_lag(r, m, i + 1);
        else if (st->kind == STROMA_MMRM_AD || st->kind == STROMA_MMRM_ADH)
            start = r[(i + 1) * m + i];
        x[i] = from_correlation(start);
    }
}
