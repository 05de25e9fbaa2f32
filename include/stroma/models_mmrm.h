/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file models_mmrm.h
 *  Mixed model for repeated measures: y = X b + e, the errors of one subject correlated over its
 *  visits, different subjects independent.
 *
 *  The covariance is estimated by REML (or ML) with exact Newton steps: gradient and Hessian are in
 *  closed form (Wolfinger, Tobias & Sall 1994 SIAM J Sci Comput 15:1294), and subjects with the
 * same visits are handled together by their cross-products. Convergence is judged by the gradient:
 * the decrease a further Newton step promises is below 1e-10 in -2 log-likelihood, and the Hessian
 * is positive definite. Sums run in a fixed order on one thread, without BLAS. All functions are
 * thread-safe. @since 0.1 */
#ifndef STROMA_MODELS_MMRM_H
#define STROMA_MODELS_MMRM_H
#include "stroma/stats_formula.h"
#ifdef __cplusplus
extern "C" {
#endif
/** Covariance of one subject's errors. "h": a variance for each visit; else one for all. */
typedef enum stroma_mmrm_structure {
    STROMA_MMRM_US,          /**< unstructured */
    STROMA_MMRM_CS,          /**< compound symmetry */
    STROMA_MMRM_CSH,         /**< the same, heterogeneous */
    STROMA_MMRM_AR1,         /**< rho^|s-t|, visits counted */
    STROMA_MMRM_AR1H,        /**< */
    STROMA_MMRM_TOEP,        /**< a correlation for each distance in visits */
    STROMA_MMRM_TOEPH,       /**< */
    STROMA_MMRM_AD,          /**< ante-dependence of order 1: product of neighbours' correlations */
    STROMA_MMRM_ADH,         /**< */
    STROMA_MMRM_SP_EXP,      /**< rho^distance, distance in the unit of the visit times */
    STROMA_MMRM_RANDOM_SLOPE /**< random intercept and slope in the visit times, plus noise */
} stroma_mmrm_structure;
/** "us", "cs", … as in a formula; "random_slope". */
STROMA_API const char *stroma_mmrm_structure_name(stroma_mmrm_structure s);
/** @return false when no structure is called so */
STROMA_API bool stroma_mmrm_structure_find(const char *name, stroma_mmrm_structure *out);

/** Standard errors and degrees of freedom. All use the inverse observed information of the
 *  covariance parameters. */
typedef enum stroma_mmrm_df {
    STROMA_MMRM_DF_DEFAULT,       /**< KR_LINEAR for REML, SATTERTHWAITE for ML */
    STROMA_MMRM_DF_SATTERTHWAITE, /**< Satterthwaite 1946; Giesbrecht & Burns 1985 */
    STROMA_MMRM_DF_KR_LINEAR,     /**< Kenward & Roger 2009 CSDA 53:2583 without second derivatives:
                                       the covariance does not depend on how it is parameterised */
    STROMA_MMRM_DF_KR, /**< Kenward & Roger 1997 Biometrics 53:983, second derivatives in log SD,
                            unit-lower Cholesky factor, rho/sqrt(1-rho²), for cs, csh and sp_exp the
                          logit of rho between its bounds: as R's mmrm */
    STROMA_MMRM_DF_KR_NATURAL /**< the same in variances and correlations, or in covariances where
                                   the structure is linear in them (us, cs, toep): as SAS */
} stroma_mmrm_df;

/** Rows of repeated measures. Open struct; every array is borrowed. */
typedef struct stroma_mmrm_data {
    const stroma_design *design;
    const double *y;       /**< design->rows */
    const size_t *subject; /**< design->rows codes 0 … subjects-1 */
    const size_t *visit;   /**< design->rows codes 0 … visits-1, in the order of time */
    const size_t *group;   /**< design->rows codes 0 … groups-1 of the covariance, or NULL: one */
    const double *visit_time; /**< visits numbers, increasing; sp_exp and random_slope only */
    size_t subjects, visits, groups;
} stroma_mmrm_data;

enum { STROMA_MMRM_FALLBACK_MAX = 8 };
typedef struct stroma_mmrm_options {
    uint32_t version; /**< 1 */
    stroma_mmrm_structure structure;
    bool ml; /**< maximum likelihood instead of REML */
    stroma_mmrm_df df;
    /** Structures to try in this order when the one before cannot be estimated; none: fail. */
    stroma_mmrm_structure fallback[STROMA_MMRM_FALLBACK_MAX];
    size_t fallback_len;
    size_t iterations_max; /**< Newton steps, 0: 200 */
    /** Where Newton begins for `structure`: theta of a model of the same shape; NULL: a guess from
     *  the data. The optimum is the same. */
    const double *start;
} stroma_mmrm_options;
#define STROMA_MMRM_OPTIONS_INIT \
    {                            \
        .version = 1             \
    }

/** A structure that was asked for and could not be estimated. */
typedef struct stroma_mmrm_attempt {
    stroma_mmrm_structure structure;
    char reason[200];
} stroma_mmrm_attempt;

/** A fitted model. Open to read. Free with stroma_mmrm_free(). */
typedef struct stroma_mmrm {
    stroma_mmrm_structure structure; /**< the one that was fitted */
    stroma_mmrm_df df;               /**< never DEFAULT */
    bool ml;
    stroma_mmrm_attempt attempts[STROMA_MMRM_FALLBACK_MAX]; /**< those that failed before it */
    size_t attempts_len;
    size_t rows, columns, rank, subjects, visits, groups, patterns, parameters, iterations;
    double minus2_log_likelihood; /**< restricted unless ml; with its constants, without log|X'X| */
    double aic, bic;              /**< of the covariance parameters; ml: also of b. BIC: subjects */
    double promised_decrease;     /**< of -2 log-likelihood, by a further Newton step */
    double *coefficients;         /**< columns; NaN where aliased */
    double *covariance;           /**< columns × columns, adjusted if df says so; NaN: aliased */
    bool *aliased;                /**< columns */
    double *visit_covariance;     /**< groups × visits × visits */
    /** random_slope, one group: variance of the intercepts, covariance, variance of the slopes,
     *  variance of the noise. NaN for other structures. */
    double random_effects[4];
    const double *theta; /**< parameters: covariance parameters on the scale they were fitted on */
    struct stroma_mmrm_state *state;
} stroma_mmrm;

/** Fit. @p options NULL: unstructured REML.
 *  @return OK; USAGE (Kenward-Roger with ML, a non-finite number, no times for sp_exp),
 *  INCONSISTENT (two rows of one subject and visit; a subject in two covariance groups),
 * DEGENERATE (no residual degrees of freedom, no convergence, a covariance that is not identified),
 *  NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_mmrm_fit(const stroma_mmrm_data *data,
                                                      const stroma_mmrm_options *options,
                                                      stroma_mmrm **out, stroma_error *err);
/** NULL is fine. */
STROMA_API void stroma_mmrm_free(stroma_mmrm *m);

/** Estimate, SE, df, t, p and interval of l'b − @p null_value. @p l has model->columns weights.
 *  df = 2 v² / (g' W g): v = l' V l before adjustment, g its gradient in the covariance parameters,
 *  W their covariance; for one contrast Kenward-Roger's df are the same. Not estimable when l is
 *  not in the row space of the design. */
STROMA_API stroma_stat stroma_mmrm_contrast(const stroma_mmrm *m, const double *l,
                                            double null_value, double level);
STROMA_API stroma_stat stroma_mmrm_coefficient(const stroma_mmrm *m, size_t column, double level);

/** The rows of a table behind a formula with a covariance term. Free with
 *  stroma_mmrm_table_free(). */
typedef struct stroma_mmrm_table {
    stroma_formula_data *model; /**< design and response */
    stroma_mmrm_data data;
    const char **visits;                 /**< data.visits names, in order */
    const char **groups;                 /**< data.groups names, or NULL */
    const stroma_formula_levels *levels; /**< borrowed */
    size_t levels_len;
    struct {
        const char *reason;
        size_t n;
    } excluded[4]; /**< rows without visit, subject or group; the others are in model */
    size_t excluded_len;
    stroma_arena arena;
} stroma_mmrm_table;
/** @param levels orders of factors; also that of the visits, else numbers ascending, texts by byte
 *  @return OK; USAGE (no covariance term, unknown structure or column, visit times that are not
 *  numbers for sp_exp and random slopes), as stroma_formula_apply(). */
STROMA_API STROMA_CHECK stroma_status
stroma_mmrm_table_read(const stroma_formula *f, const stroma_table *table, const size_t *rows,
                       size_t rows_len, const stroma_formula_levels *levels, size_t levels_len,
                       stroma_mmrm_table **out, stroma_error *err);
/** NULL is fine. */
STROMA_API void stroma_mmrm_table_free(stroma_mmrm_table *t);
#ifdef __cplusplus
}
#endif
#endif
