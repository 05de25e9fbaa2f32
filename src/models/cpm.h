/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The likelihood of a cumulative probability model: thresholds between categories, and a band
 * matrix for them. */
#ifndef STROMA_MODELS_PRIVATE_CPM_H
#define STROMA_MODELS_PRIVATE_CPM_H
#include "censored.h"
#include "logistic_problem.h"

#include "stroma/models_cpm.h"

#define CPM_OPEN SIZE_MAX /* no threshold on this side */

typedef struct cpm_problem {
    logistic_problem q;    /* the columns; the constant is left out of `used` */
    size_t *used, p;       /* p columns of q */
    size_t n, m;           /* rows; thresholds between categories */
    size_t *lower, *upper; /* n: thresholds that enclose each value, or CPM_OPEN */
    double *value;         /* measured values, ascending */
    size_t values_len;
    bool below; /* the lowest category lies below all measured values */
} cpm_problem;

/* Thresholds of a sample. */
STROMA_CHECK stroma_status cpm_thresholds(const stroma_censored_sample *s, cpm_problem *c,
                                          stroma_error *err);

/* Parameters: m thresholds, then p coefficients, of the scaled columns. */
typedef struct cpm_optimum {
    double log_likelihood;
    int iterations;
    const char *reason; /* "" when it was found */
} cpm_optimum;
/* Maximise from the shares of the categories. @param covariance p × p of the coefficients, or NULL
 */
STROMA_CHECK stroma_status cpm_maximise(const cpm_problem *c, double *theta, double *covariance,
                                        cpm_optimum *out, stroma_error *err);
#endif
