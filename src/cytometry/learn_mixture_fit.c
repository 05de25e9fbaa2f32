/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mixtures of t-distributions on binned values by expectation and maximisation (Peel & McLachlan
 * 2000 Statistics and Computing 10:339), as flowClust fits them (Lo, Brinkman & Gottardo 2008
 * Cytometry A 73:321) but for its Box-Cox transformation: the scale of the channel stands for it.
 * In two channels four degrees of freedom, flowClust's default; in one the best of four. */
#include "learn.h"

#include <math.h>

static const double TOLERANCE = 1e-8; /* of the log-likelihood, relative */

/* Squared distance of x to component j; *log_det gets the log determinant of its covariance. */
static double distance(const learn_mixture_fit *fit, size_t j, const double *x, double *log_det)
{
    const double *c = fit->covariance[j];
    const double dx = x[0] - fit->mean[j][0];
    if (fit->dims == 1) {
        *log_det = log(c[0]);
        return dx * dx / c[0];
    }
    const double dy = x[1] - fit->mean[j][1], det = c[0] * c[2] - c[1] * c[1];
    *log_det = log(det);
    return (c[2] * dx * dx - 2 * c[1] * dx * dy + c[0] * dy * dy) / det;
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
    double log_det = 0;
    const double d = distance(fit, j, x, &log_det);
    const double tail =
        fit->df > 0 ? 0.5 * (fit->df + (double)fit->dims) * log1p(d / fit->df) : 0.5 * d;
    return log(fit->weight[j] * constant) - 0.5 * log_det - tail;
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
    double n, u, x, y, xx, xy, yy, log_likelihood, entropy;
} moments;

static void expect(const learn_cell *cell, size_t cells, const learn_mixture_fit *fit, moments *m)
{
    for (size_t j = 0; j < fit->k; j++)
        m[j] = (moments){ 0 };
    for (size_t i = 0; i < cells; i++) {
        double l[LEARN_COMPONENTS_MAX], top = -(double)INFINITY, sum = 0;
        for (size_t j = 0; j < fit->k; j++) {
            l[j] = learn_mixture_log_density(fit, j, cell[i].x);
            top = fmax(top, l[j]);
        }
        for (size_t j = 0; j < fit->k; j++)
            sum += exp(l[j] - top);
        m[0].log_likelihood += cell[i].count * (top + log(sum));
        for (size_t j = 0; j < fit->k; j++) {
            const double p = exp(l[j] - top) / sum, z = cell[i].count * p;
            double unused = 0;
            const double u = fit->df > 0 ? z * (fit->df + (double)fit->dims) /
                                               (fit->df + distance(fit, j, cell[i].x, &unused))
                                         : z;
            if (p > 0) m[0].entropy -= z * log(p);
            m[j].n += z;
            m[j].u += u;
            m[j].x += u * cell[i].x[0];
            m[j].y += u * cell[i].x[1];
            m[j].xx += u * cell[i].x[0] * cell[i].x[0];
            m[j].xy += u * cell[i].x[0] * cell[i].x[1];
            m[j].yy += u * cell[i].x[1] * cell[i].x[1];
        }
    }
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
    fit->icl = fit->bic + 2 * m[0].entropy;
}
