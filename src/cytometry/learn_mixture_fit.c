/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mixtures of t-distributions on binned values by expectation and maximisation (Peel & McLachlan
 * 2000 Statistics and Computing 10:339), as flowClust fits them (Lo, Brinkman & Gottardo 2008
 * Cytometry A 73:321) but for its Box-Cox transformation: the scale of the channel stands for it.
 * In two channels four degrees of freedom, flowClust's default; in one the best of four. */
#include "learn.h"

#include <math.h>

static const double TOLERANCE = 1e-8; /* of the log-likelihood, relative */

static double determinant(const learn_mixture_fit *fit, size_t j)
{
    const double *c = fit->covariance[j];
    return fit->dims == 1 ? c[0] : c[0] * c[2] - c[1] * c[1];
}

/* Squared distance of x to component j. */
static double distance(const learn_mixture_fit *fit, size_t j, const double *x)
{
    const double *c = fit->covariance[j];
    const double dx = x[0] - fit->mean[j][0];
    if (fit->dims == 1) return dx * dx / c[0];
    const double dy = x[1] - fit->mean[j][1];
    return (c[2] * dx * dx - 2 * c[1] * dx * dy + c[0] * dy * dy) / determinant(fit, j);
}

/* Γ((ν + 1)/2) / (Γ(ν/2) √(ν π)), and 1/√(2 π) of the normal distribution. */
static double constant_of(double df)
{
    return df == 4    ? 0.375
           : df == 8  ? 0.38669902096139975
           : df == 16 ? 0.3927621935362895
                      : 0.3989422804014327;
}

double learn_mixture_log_density(const learn_mixture_fit *fit, size_t j, const double *x)
{
    /* In two dimensions it is 1/(2 π) for all ν. */
    const double constant = fit->dims == 1 ? constant_of(fit->df) : 0.15915494309189535;
    const double d = distance(fit, j, x);
    const double tail =
        fit->df > 0 ? 0.5 * (fit->df + (double)fit->dims) * log1p(d / fit->df) : 0.5 * d;
    return log(fit->weight[j] * constant) - 0.5 * log(determinant(fit, j)) - tail;
}

void learn_mixture_posterior(const learn_mixture_fit *fit, const double *x, double *p)
{
    double top = -(double)INFINITY, sum = 0;
    for (size_t j = 0; j < fit->k; j++) {
        p[j] = learn_mixture_log_density(fit, j, x);
        top = fmax(top, p[j]);
    }
    for (size_t j = 0; j < fit->k; j++)
        sum += p[j] = exp(p[j] - top);
    for (size_t j = 0; j < fit->k; j++)
        p[j] /= sum;
}

/* Sums of one round. */
typedef struct moments {
    double n, u, x, y, xx, xy, yy, log_likelihood;
} moments;

/* What a component has in common for all cells. */
typedef struct shape {
    double scale, log_scale; /* weighted density at the mean */
} shape;

/* (1 + d/ν)^(−(ν + dims)/2) for the ν there are: whole and half powers, no logarithm. */
static double t_tail(double df, size_t dims, double d)
{
    const double b = 1 + d / df, b2 = b * b;
    if (dims == 2) return 1 / (b2 * b); /* ν = 4 */
    const double power = df == 4 ? b2 : df == 8 ? b2 * b2 : b2 * b2 * b2 * b2;
    return 1 / (power * sqrt(b));
}

/* Weighted densities of all components at @p x, up to a common factor whose log is returned. */
static double densities(const learn_mixture_fit *fit, const shape *sh, const double *x, double *f,
                        double *d)
{
    double top = -(double)INFINITY;
    for (size_t j = 0; j < fit->k; j++)
        d[j] = distance(fit, j, x);
    if (fit->df > 0) {
        for (size_t j = 0; j < fit->k; j++)
            f[j] = sh[j].scale * t_tail(fit->df, fit->dims, d[j]);
        return 0;
    }
    for (size_t j = 0; j < fit->k; j++)
        top = fmax(top, sh[j].log_scale - 0.5 * d[j]);
    for (size_t j = 0; j < fit->k; j++)
        f[j] = exp(sh[j].log_scale - 0.5 * d[j] - top);
    return top;
}

static void expect(const learn_cell *cell, size_t cells, const learn_mixture_fit *fit, moments *m)
{
    shape sh[LEARN_COMPONENTS_MAX];
    for (size_t j = 0; j < fit->k; j++) {
        m[j] = (moments){ 0 };
        sh[j].log_scale = learn_mixture_log_density(fit, j, fit->mean[j]);
        sh[j].scale = exp(sh[j].log_scale);
    }
    for (size_t i = 0; i < cells; i++) {
        const double *x = cell[i].x;
        double f[LEARN_COMPONENTS_MAX], d[LEARN_COMPONENTS_MAX], sum = 0;
        const double log_factor = densities(fit, sh, x, f, d);
        for (size_t j = 0; j < fit->k; j++)
            sum += f[j];
        m[0].log_likelihood += cell[i].count * (log_factor + log(sum));
        for (size_t j = 0; j < fit->k; j++) {
            const double z = cell[i].count * (f[j] / sum);
            const double u = fit->df > 0 ? z * (fit->df + (double)fit->dims) / (fit->df + d[j]) : z;
            m[j].n += z;
            m[j].u += u;
            m[j].x += u * x[0];
            m[j].y += u * x[1];
            m[j].xx += u * x[0] * x[0];
            m[j].xy += u * x[0] * x[1];
            m[j].yy += u * x[1] * x[1];
        }
    }
}

/* Of the events' memberships: what ICL takes off. */
static double entropy_of(const learn_cell *cell, size_t cells, const learn_mixture_fit *fit)
{
    double entropy = 0, p[LEARN_COMPONENTS_MAX];
    for (size_t i = 0; i < cells && fit->k > 1; i++) {
        learn_mixture_posterior(fit, cell[i].x, p);
        for (size_t j = 0; j < fit->k; j++)
            if (p[j] > 0) entropy -= cell[i].count * p[j] * log(p[j]);
    }
    return entropy;
}

static void maximise(const moments *m, double total, double floor, learn_mixture_fit *fit)
{
    for (size_t j = 0; j < fit->k; j++) {
        /* A component that lost its events stays where it is, without weight. */
        fit->weight[j] = fmax(m[j].n / total, 1e-12);
        if (m[j].n < 1e-6 * total || !(m[j].u > 0)) continue;
        const double x = m[j].x / m[j].u, y = m[j].y / m[j].u;
        fit->mean[j][0] = x;
        fit->mean[j][1] = y;
        fit->covariance[j][0] = fmax(m[j].xx - m[j].u * x * x, 0) / m[j].n + floor;
        fit->covariance[j][1] = (m[j].xy - m[j].u * x * y) / m[j].n;
        fit->covariance[j][2] = fmax(m[j].yy - m[j].u * y * y, 0) / m[j].n + floor;
    }
}

void learn_mixture_em(const learn_cell *cell, size_t cells, double floor, int rounds,
                      learn_mixture_fit *fit)
{
    moments m[LEARN_COMPONENTS_MAX];
    double total = 0, before = -(double)INFINITY;
    for (size_t i = 0; i < cells; i++)
        total += cell[i].count;
    for (int round = 0; round < rounds; round++) {
        expect(cell, cells, fit, m);
        fit->log_likelihood = m[0].log_likelihood;
        const bool done =
            fit->log_likelihood - before <= TOLERANCE * fmax(1, fabs(fit->log_likelihood));
        if (done && round > 0) break;
        before = fit->log_likelihood;
        maximise(m, total, floor, fit);
    }
    const double a_component = fit->dims == 1 ? 3 : 6; /* weight, means, covariances */
    fit->bic = -2 * fit->log_likelihood + (a_component * (double)fit->k - 1) * log(total);
    fit->icl = fit->bic + (fit->dims == 1 ? 0 : 2 * entropy_of(cell, cells, fit));
}
