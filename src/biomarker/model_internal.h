/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of a model share. */
#ifndef STROMA_BIOMARKER_MODEL_INTERNAL_H
#define STROMA_BIOMARKER_MODEL_INTERNAL_H
#include "stroma/biomarker_model.h"
#include "stroma/models_roc.h"
#include "stroma/random.h"

/* An empty model of version 1, model_fit.c. */
STROMA_CHECK stroma_status model_new(size_t arena_bytes, stroma_model **out, stroma_error *err);

/* The training rows. Columns are borrowed from a frame. */
typedef struct model_data {
    size_t n, p;
    const double *const *value; /* p columns of n */
    const uint8_t *const *state;
    const double *y;      /* n: 0 or 1 */
    const size_t *source; /* n: the frame row of each */
} model_data;

/* model_recipe.c: how values become the numbers that are multiplied with coefficients. */
typedef struct model_recipe {
    size_t p;
    stroma_model_input *inputs; /* p; the coefficient is not part of it */
    stroma_model_missing missing;
    stroma_model_censored censored;
    double *correlation; /* p × p of the scaled inputs over the complete rows, or NULL */
    double *work;        /* p × p, where there is a correlation */
} model_recipe;
/* Learn centre, scale, median, distribution and correlation from @p rows (may repeat). */
STROMA_CHECK stroma_status model_recipe_learn(model_recipe *r, const model_data *d,
                                              const size_t *rows, size_t n, stroma_error *err);
/* How a scaled input came about. */
typedef enum model_treatment {
    MODEL_AS_MEASURED,
    MODEL_BELOW_LIMIT,
    MODEL_ABOVE_LIMIT,
    MODEL_FILLED_MEDIAN,
    MODEL_FILLED_REGRESSION
} model_treatment;
/* @param z p scaled inputs; @param covariance p × p of what is not known of them, or NULL;
 * @param how p; false when an input is missing and the rule is complete cases, or a value has no
 * logarithm */
bool model_recipe_apply(const model_recipe *r, const double *value, const uint8_t *state, double *z,
                        double *covariance, uint8_t *how);
/* Value on the scale on which it enters, of a measured value. */
double model_enter(const stroma_model_input *in, double value);
/* Mean and variance of a value beyond its limit, on the scale on which it enters. */
void model_beyond(const model_recipe *r, size_t input, double limit, bool below, double *mean,
                  double *variance);

/* model_censored.c: normal distribution of data of which some are only known to be beyond a limit.
 * @return false when fewer than three are measured or they do not vary */
bool model_censored_normal(const double *x, const uint8_t *state, size_t n, double *mean,
                           double *sd);
/* Mean and variance of a normal variable below (above) a limit. */
void model_truncated_normal(double mean, double sd, double limit, bool below, double *out_mean,
                            double *out_variance);

/* model_learn.c: one fit of everything on some rows. */
typedef struct model_learner {
    stroma_model_method method;
    double alpha, lambda, prior_scale; /* lambda ≤ 0: chosen */
    size_t folds, repeats;
    uint64_t seed;
    model_recipe recipe;
    bool keep_recipe; /* do not learn it anew: a value then enters the same way in every fold */
} model_learner;
typedef struct model_fit {
    double *coefficient; /* 1 + p, of scaled inputs */
    double lambda;
    double firth_intercept; /* before FLIC, else NaN */
} model_fit;
/* @param resample makes the folds of this fit its own
 * @param fit->coefficient filled; the recipe of @p l becomes that of these rows */
STROMA_CHECK stroma_status model_learn(model_learner *l, const model_data *d, const size_t *rows,
                                       size_t n, uint64_t resample, model_fit *fit,
                                       stroma_error *err);
/* Design matrix (intercept and scaled inputs) of rows; owned. */
STROMA_CHECK stroma_status model_design(const model_recipe *r, const model_data *d,
                                        const size_t *rows, size_t n, double **x, double **y,
                                        stroma_error *err);
/* Log odds of a row of the data, NaN when the recipe has no answer for it.
 * @param scratch 3 p numbers */
double model_log_odds(const model_recipe *r, const model_data *d, size_t row,
                      const double *coefficient, double *scratch);
/* A copy of a recipe that can learn by itself; free with model_recipe_free().
 * @param correlation also where the rule for missing inputs does not need one */
STROMA_CHECK stroma_status model_recipe_copy(const model_recipe *from, bool correlation,
                                             model_recipe *out, stroma_error *err);
void model_recipe_free(model_recipe *r);
double model_expit(double x);

/* model_performance.c */
STROMA_CHECK stroma_status model_performance(const double *log_odds, const double *y, size_t n,
                                             double level, stroma_model_performance *out,
                                             stroma_error *err);
/* Out-of-fold performance for each level of the groupings. */
STROMA_CHECK stroma_status model_groups(const double *log_odds, const model_data *d,
                                        const stroma_model_spec *spec, stroma_model *m,
                                        stroma_error *err);

/* model_resample.c */
STROMA_CHECK stroma_status model_optimism(const model_learner *l, const model_data *d,
                                          const stroma_model_spec *spec, stroma_model *m,
                                          stroma_error *err);
STROMA_CHECK stroma_status model_cross_validate(const model_learner *l, const model_data *d,
                                                const stroma_model_spec *spec, stroma_model *m,
                                                stroma_error *err);
/* Out-of-fold scores and fold coefficients for conformal sets, and performance in groups. The rules
 * of the inputs, which do not look at the outcome, are those of all rows: values beyond one limit
 * must stay tied between folds and new patients. */
STROMA_CHECK stroma_status model_calibrate(const model_learner *l, const model_data *d,
                                           size_t folds, const stroma_model_spec *spec,
                                           stroma_model *m, stroma_error *err);

/* model_distance.c: squared Mahalanobis distance of scaled inputs (mean 0); NaN when the
 * correlation is singular. */
STROMA_CHECK stroma_status model_distances(const model_recipe *r, const model_data *d,
                                           stroma_model *m, stroma_error *err);
STROMA_CHECK stroma_status model_distance(const stroma_model *m, const double *z, double *out,
                                          stroma_error *err);

#endif
