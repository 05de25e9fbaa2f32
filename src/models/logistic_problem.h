/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The columns a logistic model is worked out on: independent ones, scaled, and centred where there
 * is an intercept to take that up. */
#ifndef STROMA_MODELS_LOGISTIC_PROBLEM_H
#define STROMA_MODELS_LOGISTIC_PROBLEM_H
#include "stroma/models_logistic.h"

typedef struct logistic_problem {
    size_t n, p;
    const double *y;
    bool firth;
    double *x;         /* n × p, column by column */
    size_t *column;    /* p: the design column */
    double *mean, *sd; /* p: x = (design − mean)/sd; the intercept: mean 0, its constant */
    size_t intercept;  /* 0 … p−1, or SIZE_MAX */
    double *work;      /* scratch of the fit */
} logistic_problem;

/* y is 0 or 1 and everything is finite, or USAGE; DEGENERATE without rows or columns. */
STROMA_CHECK stroma_status logistic_check(const stroma_design *d, const double *y,
                                          stroma_error *err);
bool logistic_is_constant(const stroma_design *d, size_t column);
/* @param aliased design->columns, written */
STROMA_CHECK stroma_status logistic_problem_new(const stroma_design *d, const double *y,
                                                bool centred, bool *aliased, logistic_problem *out,
                                                stroma_error *err);
void logistic_problem_free(logistic_problem *q);
/* Linear form of the problem's coefficients that is the coefficient of column k of the design. */
void logistic_form(const logistic_problem *q, size_t k, double *form);

STROMA_CHECK stroma_status logistic_separate(const logistic_problem *q, stroma_separation *out,
                                             bool *infinite, stroma_error *err);

/* Maximise the (penalised) likelihood over the coefficients that are not fixed, from @p beta.
 * Without convergence *ok is false. */
typedef struct logistic_optimum {
    double log_likelihood; /* of the scaled columns */
    int iterations;
    bool ok;
} logistic_optimum;
STROMA_CHECK stroma_status logistic_maximise(const logistic_problem *q, const bool *fixed,
                                             double *beta, logistic_optimum *out,
                                             stroma_error *err);
/* Inverse information at @p beta, p × p; false where it is singular. */
bool logistic_inverse_information(const logistic_problem *q, const double *beta, double *inverse);
double logistic_log_likelihood_plain(double eta, double y);
double logistic_expit(double eta);

/* Profile limits of problem coefficient @p k. */
STROMA_CHECK stroma_status logistic_profile(const logistic_problem *q, size_t k, const double *beta,
                                            double log_likelihood, double se, double level,
                                            double limits[2], stroma_error *err);
#endif
