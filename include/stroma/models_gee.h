/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file models_gee.h
 *  Population-averaged models of repeated yes/no or ordered outcomes by generalised estimating
 *  equations (Liang & Zeger 1986 Biometrika 73:13).
 *
 *  logit P(Y > k) = x'b − threshold(k), as the proportional-odds model; with two categories,
 * logistic regression, where the threshold is minus the intercept. The association of a subject's
 * visits is *working*: when it is wrong the estimates stay right, the errors too, as they come from
 * the spread between subjects, and only precision is lost. Yes/no outcomes have working
 * correlations; ordered ones have working local odds ratios, estimated from the tables of pairs of
 * visits before the coefficients (Touloumis, Agresti & Kateri 2013 Biometrics 69:633), so that the
 * working covariance is one that such outcomes can have.
 *
 *  Visits may be missing, completely at random given x: likelihood methods (MMRM) need less. Sums
 *  run in a fixed order. All functions are pure and thread-safe. @since 0.1 */
#ifndef STROMA_MODELS_GEE_H
#define STROMA_MODELS_GEE_H
#include "stroma/models_ordinal.h"
#ifdef __cplusplus
extern "C" {
#endif
/** Rows of subjects at visits; every array is borrowed. */
typedef struct stroma_gee_data {
    const stroma_design *design; /**< two categories: with a constant column */
    const size_t *y;             /**< rows: 0 … categories − 1; of two, 1 is the event */
    size_t categories;
    const size_t *subject; /**< rows: 0 … subjects − 1, in any order */
    size_t subjects;
    const size_t *visit; /**< rows: 0 … visits − 1, once a subject */
    size_t visits;
} stroma_gee_data;

typedef enum stroma_gee_association {
    STROMA_GEE_INDEPENDENCE,
    STROMA_GEE_EXCHANGEABLE, /**< one correlation; ordered: one local odds ratio ("uniform") */
    STROMA_GEE_AR1,          /**< correlation^|distance in visits, not in time|; yes/no only */
    STROMA_GEE_UNSTRUCTURED  /**< one correlation, or local odds ratio, for each pair of visits */
} stroma_gee_association;
/** "independence", "exchangeable", "ar1", "unstructured". Never NULL. */
STROMA_API const char *stroma_gee_association_name(stroma_gee_association a);

/** The sandwich is too small with few subjects: the residuals in it are those of fitted models. */
typedef enum stroma_gee_variance {
    STROMA_GEE_SANDWICH,
    STROMA_GEE_KAUERMANN_CARROLL, /**< leverages to the power −1/2 (2001 JASA 96:1387) */
    STROMA_GEE_MANCL_DEROUEN,     /**< −1 (2001 Biometrics 57:126) */
    STROMA_GEE_FAY_GRAUBARD, /**< scores, by coefficient, bound 0.75 (2001 Biometrics 57:1198) */
    STROMA_GEE_VARIANCES
} stroma_gee_variance;
/** "sandwich", "kauermann-carroll", "mancl-derouen", "fay-graubard". Never NULL. */
STROMA_API const char *stroma_gee_variance_name(stroma_gee_variance v);

typedef struct stroma_gee_options {
    stroma_gee_association association;
    stroma_gee_variance variance;
    double level;
} stroma_gee_options;
/** Kauermann-Carroll with t on subjects − parameters holds its level best with 10 to 50 subjects of
 *  like numbers of visits (Li & Redden 2015 Stat Med 34:281). */
#define STROMA_GEE_OPTIONS_INIT                                     \
    {                                                               \
        STROMA_GEE_INDEPENDENCE, STROMA_GEE_KAUERMANN_CARROLL, 0.95 \
    }

/** A fitted model. Owned; free with stroma_gee_free(). */
typedef struct stroma_gee_model {
    size_t rows, columns, rank, categories;
    size_t subjects; /**< with a row */
    size_t subject_rows_least, subject_rows_most;
    size_t parameters; /**< thresholds and slopes */
    double df;         /**< of t: subjects − parameters */
    stroma_gee_association association;
    stroma_gee_variance variance;
    double level;
    stroma_separation separation;
    const char *reason;       /**< why there are no estimates, else "" */
    bool *aliased, *infinite; /**< columns */
    double *coefficients; /**< columns: log odds ratios; with two categories the constant's too */
    double *thresholds;   /**< categories − 1 */
    double *covariance;   /**< (categories − 1 + columns)², thresholds first, as asked; NaN where
                             there is no coefficient. With two categories the constant's entries
                             are under the threshold, with its sign. */
    double *se[STROMA_GEE_VARIANCES]; /**< columns each: all four */
    double *se_model;                 /**< columns: if the working association were right */
    stroma_stat *terms;               /**< columns: t, p and interval; effect: odds ratio */
    stroma_stat *threshold_terms;     /**< categories − 1 */
    /** visits × visits: correlation, or local odds ratio; NaN where no subject has both visits */
    double *association_matrix;
    double dispersion; /**< Σ of squared Pearson residuals / rows; NaN for ordered outcomes */
    double qic;        /**< Pan 2001 Biometrics 57:120; to compare associations and inputs */
    double *fitted;    /**< rows × categories */
    int iterations;
} stroma_gee_model;

/** Fisher scoring from the independence solution; correlations are moments without a correction for
 *  the number of coefficients (as geepack's).
 *  @param options NULL: independence, Kauermann-Carroll, 95 %
 *  @return OK; USAGE (numbers that are not finite, bad codes, AR(1) of ordered outcomes, no
 * constant column with two categories), INCONSISTENT (a subject twice at a visit), DEGENERATE (an
 * empty category, not more subjects than parameters), NOMEM. No estimates, with `reason`: separated
 *  outcomes, a working association that is not one, no convergence, a coefficient that hangs on one
 *  subject. */
STROMA_API STROMA_CHECK stroma_status stroma_gee_fit(const stroma_gee_data *data,
                                                     const stroma_gee_options *options,
                                                     stroma_gee_model **out, stroma_error *err);
STROMA_API void stroma_gee_free(stroma_gee_model *m);
/** Wald's test that @p n coefficients are 0 together: F on n and m->df df, with the model's own
 *  covariance; aliased ones do not count. */
STROMA_API STROMA_CHECK stroma_status stroma_gee_joint_test(const stroma_gee_model *m,
                                                            const size_t *columns, size_t n,
                                                            stroma_stat *out, stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
