/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file stats_linear_model.h
 *  Ordinary and weighted least squares, contrasts, and analysis of covariance.
 *
 *  The model is fitted by Householder QR in double-double arithmetic (about 31 digits), so that the
 *  digits of the answer are limited by the data and not by the conditioning: the Filip polynomial
 * of NIST StRD keeps 13 digits. Columns that depend linearly on earlier ones (what is left of a
 * column is below 1e-12 of its length) are aliased, as in R: they are left out and have no
 * coefficient. Sums run in a fixed order; the bits do not depend on threads. @since 0.1 */
#ifndef STROMA_STATS_LINEAR_MODEL_H
#define STROMA_STATS_LINEAR_MODEL_H
#include "stroma/stats.h"
#ifdef __cplusplus
extern "C" {
#endif
/** A design matrix. Open struct; every array is borrowed by the functions that take it. */
typedef struct stroma_design {
    size_t rows, columns;
    double *x;          /**< rows × columns, column by column */
    double *x_low;      /**< low halves: the entry is x + x_low (exact powers); NULL = zeros */
    const char **names; /**< columns, or NULL: "(Intercept)", "dose", "armB" */
    bool intercept;     /**< a constant is in the column space: R² is about the mean */
} stroma_design;

/** Fill column @p column of @p design with x^power, in both halves (x_low may be NULL: then the
 *  power is only rounded). Powers of rounded powers lose half the digits of a high polynomial.
 *  @param power 0 … 64 */
STROMA_API void stroma_design_set_power(stroma_design *design, size_t column, const double *x,
                                        int power);

/** A fitted model. Owned; free with stroma_linear_model_free(). */
typedef struct stroma_linear_model {
    size_t rows, columns, rank;
    double df_residual;
    double *coefficients; /**< columns; NaN where aliased */
    double *se;           /**< columns; NaN where aliased or without residual df */
    bool *aliased;        /**< columns */
    double *covariance;   /**< columns × columns; NaN in rows and columns of aliased terms */
    double *fitted, *residuals;
    double residual_sd; /**< NaN without residual df */
    double ss_model, ss_residual, r_squared, r_squared_adjusted;
    double df_model, f, f_p;      /**< F of all terms but the intercept; NaN when there are none */
    double minus2_log_likelihood; /**< at the ML variance, as R's -2*logLik(lm) */
} stroma_linear_model;

/** Fit y = X b + e, e ~ N(0, s²/w).
 *  @param y the response, design->rows numbers. All numbers must be finite.
 *  @param weights positive, or NULL for equal weights
 *  @return OK; USAGE (non-finite number, weight ≤ 0), DEGENERATE (no rows, or rank 0), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_linear_model_fit(const stroma_design *design,
                                                              const double *y,
                                                              const double *weights,
                                                              stroma_linear_model **out,
                                                              stroma_error *err);
/** NULL is fine. */
STROMA_API void stroma_linear_model_free(stroma_linear_model *m);
/** t test and interval of one coefficient. Aliased: not estimable. */
STROMA_API stroma_stat stroma_linear_coefficient(const stroma_linear_model *m, size_t column,
                                                 double level);
/** Estimate, SE, t, p and interval of l'b − @p null_value. @p l has model->columns weights. Not
 *  estimable when a weight of an aliased column is not zero. */
STROMA_API stroma_stat stroma_linear_contrast(const stroma_linear_model *m, const double *l,
                                              double null_value, double level);
/** F test that @p n coefficients are zero together (Wald: b' V⁻¹ b / n). Aliased ones are left out.
 */
STROMA_API STROMA_CHECK stroma_status stroma_linear_joint_test(const stroma_linear_model *m,
                                                               const size_t *columns, size_t n,
                                                               stroma_stat *out, stroma_error *err);

/** Analysis of covariance of a change from baseline. */
typedef struct stroma_ancova_result {
    stroma_linear_model *model; /**< columns: intercept, baseline, groups 1… against group 0 */
    size_t groups;
    stroma_stat *adjusted_means; /**< groups: at the mean baseline of all rows used */
    stroma_stat *contrasts;      /**< groups − 1: group g against group 0 */
    double baseline_mean;
} stroma_ancova_result;

/** change ~ baseline + group, with treatment contrasts against group 0 (ICH E9; Vickers & Altman
 *  2001, BMJ 323:1123).
 *  @param group codes 0 … groups−1
 *  @return as stroma_linear_model_fit(); DEGENERATE also when a group has no row. */
STROMA_API STROMA_CHECK stroma_status stroma_ancova(const double *change, const double *baseline,
                                                    const size_t *group, size_t n, size_t groups,
                                                    double level, stroma_ancova_result **out,
                                                    stroma_error *err);
STROMA_API void stroma_ancova_free(stroma_ancova_result *r);
#ifdef __cplusplus
}
#endif
#endif
