/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The posterior density of a logistic model on scaled columns, its peak, and draws from it. */
#ifndef STROMA_MODELS_BAYES_POSTERIOR_H
#define STROMA_MODELS_BAYES_POSTERIOR_H
#include "logistic_problem.h"

#include "stroma/models_bayes_logistic.h"

typedef struct bayes_posterior {
    const logistic_problem *q;
    double df;      /* of Student's t; infinite: normal */
    double *scale;  /* p: of the problem's coefficients */
    double *mode;   /* p */
    double *factor; /* p × p: lower Cholesky factor of the Laplace covariance */
    double *axes;   /* n × p, column by column: ±x'factor, the sign that of the outcome */
    double *start;  /* n: the linear predictor at the mode, signed in the same way */
} bayes_posterior;

STROMA_CHECK stroma_status bayes_posterior_new(const logistic_problem *q, double df,
                                               bayes_posterior *out, stroma_error *err);
void bayes_posterior_free(bayes_posterior *b);
/* Find the mode and the Laplace covariance; DEGENERATE when there is no convergence. The scales are
 * set by the caller. */
STROMA_CHECK stroma_status bayes_posterior_peak(bayes_posterior *b, stroma_error *err);
/* The columns ±x'factor (n × p), along which a step on an axis moves the linear predictor. */
void bayes_posterior_axes(const logistic_problem *q, const double *factor, double *out);
/* Sum of log(1 + e^-eta): what the likelihood costs. */
double bayes_posterior_loss(const double *eta, size_t n);
double bayes_posterior_log_prior(const bayes_posterior *b, const double *beta);

/* chains × draws × p draws of the problem's coefficients. */
STROMA_CHECK stroma_status bayes_sample(const bayes_posterior *b, const stroma_bayes_options *o,
                                        double *out, stroma_error *err);
#endif
