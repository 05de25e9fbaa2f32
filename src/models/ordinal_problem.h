/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The columns and the likelihood of a proportional-odds model. */
#ifndef STROMA_MODELS_ORDINAL_PROBLEM_H
#define STROMA_MODELS_ORDINAL_PROBLEM_H
#include "logistic_problem.h"

#include "stroma/models_ordinal.h"

typedef struct ordinal_problem {
    logistic_problem q; /* a constant first, then the columns, centred and scaled */
    size_t n, categories, cuts, slopes;
    size_t dim; /* cuts + slopes: thresholds, then coefficients of the scaled columns */
    const size_t *y;
    double ridge;
    double *code;               /* n: the category as a number */
    double *eta, *gradient, *h; /* n, dim, dim × dim */
    double *reduced, *trial;    /* dim × dim, dim */
} ordinal_problem;

/* Everything finite and every category with a row, or USAGE and DEGENERATE. */
STROMA_CHECK stroma_status ordinal_check(const stroma_design *d, const size_t *y, size_t categories,
                                         stroma_error *err);
/* @param aliased design->columns, written */
STROMA_CHECK stroma_status ordinal_problem_new(const stroma_design *d, const size_t *y,
                                               size_t categories, double ridge, bool *aliased,
                                               ordinal_problem *out, stroma_error *err);
void ordinal_problem_free(ordinal_problem *o);
/* The design's column behind slope k. */
size_t ordinal_column(const ordinal_problem *o, size_t k);
/* Linear form of the problem's parameters that is parameter @p a in the units of the design. */
void ordinal_form(const ordinal_problem *o, size_t a, double *form);
/* Thresholds of nobody's columns: where a fit begins. */
void ordinal_start(const ordinal_problem *o, double *beta);
/* Maximise over what is not fixed, from @p beta (its thresholds ascending). */
logistic_optimum ordinal_maximise(const ordinal_problem *o, const bool *fixed, double *beta);
/* Inverse of minus the curvature at @p beta; false where it is singular. */
bool ordinal_inverse(const ordinal_problem *o, const double *beta, double *inverse);
/* Log likelihood without the penalty. */
double ordinal_log_likelihood(const ordinal_problem *o, const double *beta);
/* Probability of category k where the thresholds are @p cut and the predictor is @p eta. */
double ordinal_probability(const double *cut, size_t cuts, size_t k, double eta);
STROMA_CHECK stroma_status ordinal_separate(const stroma_design *d, const size_t *y,
                                            size_t categories, stroma_separation *out,
                                            bool *infinite, stroma_error *err);
/* Profile limits of parameter @p k; NaN where none was found. */
STROMA_CHECK stroma_status ordinal_profile(const ordinal_problem *o, size_t k, const double *beta,
                                           double top, double se, double level, double limits[2],
                                           stroma_error *err);
#endif
