/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the heterogeneity analysis share. */
#ifndef STROMA_BIOMARKER_HETEROGENEITY_PRIVATE_H
#define STROMA_BIOMARKER_HETEROGENEITY_PRIVATE_H
#include "stroma/biomarker_heterogeneity.h"
#include "stroma/random.h"

/* SD of one sample with Bonett's interval. */
STROMA_CHECK stroma_status heterogeneity_sd(const double *x, size_t n, double level,
                                            stroma_stat *out, stroma_error *err);

/* Two normal components, on values with mean 0 and variance 1 (divisor n), ascending. */
typedef struct mixture_fit {
    double weight[2], mean[2], variance[2];
    double log_likelihood;
    bool at_floor;
} mixture_fit;
typedef struct mixture_limits {
    bool unequal;
    double variance_floor; /* of a component, when they are unequal */
    double weight_least;   /* of either component */
} mixture_limits;
mixture_fit mixture_em(const double *z, size_t n, const mixture_limits *l);
/* Mean 0 and variance 1 in place. @return false when that cannot be: all values equal. */
bool mixture_standardise(double *x, size_t n, double *mean, double *sd);
/* Log-likelihood of one normal at its maximum, for standardised values. */
double mixture_one_normal(size_t n);

/* x = location + scale·sinh((asinh(u) + skew)/tail), u standard normal. */
typedef struct sinh_arcsinh {
    double location, scale, skew, tail;
    double log_likelihood;
} sinh_arcsinh;
/* Maximum likelihood for standardised values. */
sinh_arcsinh sinh_arcsinh_fit(const double *z, size_t n);
double sinh_arcsinh_draw(const sinh_arcsinh *d, stroma_random *r);
#endif
