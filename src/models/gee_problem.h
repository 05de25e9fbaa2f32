/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of a GEE fit share. Outcomes are indicators Y > k of every row. */
#ifndef STROMA_MODELS_GEE_PROBLEM_H
#define STROMA_MODELS_GEE_PROBLEM_H
#include "ordinal_problem.h"

#include "stroma/models_gee.h"

typedef struct gee_problem {
    const stroma_gee_data *data;
    const stroma_gee_options *options;
    ordinal_problem o;   /* columns, scaled; independence solution */
    size_t *row;         /* rows, subject by subject, each in order of visits */
    size_t *first;       /* subjects + 1: where each one's rows begin */
    size_t longest;      /* rows of a subject */
    double *beta;        /* dim */
    double *association; /* visits × visits: correlation or log local odds ratio */
    const char *reason;  /* why the fit ended, or NULL */
    /* scratch of one subject: m = longest · cuts */
    double *mu, *rest, *slope, *v; /* m, m, m × dim (row by row), m × m */
    double *table, *margin;        /* categories², 2 · categories */
    double *u, *g;                 /* dim, dim × dim */
} gee_problem;

/* gee_working.c. Association from the data, before (ordered) or at beta (yes/no). */
STROMA_CHECK stroma_status gee_local_odds_ratios(gee_problem *w, stroma_error *err);
void gee_correlations(gee_problem *w, double *dispersion);
/* Indicators, residuals, slopes and working covariance of subject @p s at beta; slopes and
 * residuals are then divided by the covariance's Cholesky factor. @return how many indicators; 0
 * when the covariance is not positive definite */
size_t gee_subject(gee_problem *w, size_t s, bool independent);
/* u = D'V⁻¹r and g = D'V⁻¹D of what gee_subject() left. */
void gee_scores(const gee_problem *w, size_t m);

/* gee_variance.c. Covariances of all parameters in the units of the design, dim × dim each; the
 * model-based one last.
 * @param trace of the independence information times the sandwich */
STROMA_CHECK stroma_status gee_variances(gee_problem *w, double *out[STROMA_GEE_VARIANCES + 1],
                                         double *trace, stroma_error *err);
#endif
