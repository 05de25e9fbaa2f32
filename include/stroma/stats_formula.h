/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file stats_formula.h
 *  Model formulas in R's notation, and the design matrix they make of a table.
 *
 *  `y ~ a + b + a:b`, `a*b` (= a + b + a:b), `- 1` or `+ 0` (no intercept), `I(x^k)` (a power, 2 …
 * 64), `factor(x)`, names in backquotes, and at most one covariance term `us(visit | subject)` or
 *  `us(visit | group / subject)` with us, cs, csh, ar1, ar1h, toep, toeph, ad, adh, sp_exp, or
 *  `(time | subject)`, a random intercept and slope ("random_slope"). Terms
 *  are ordered by their number of factors, as in R. Text columns are factors, with treatment
 *  contrasts against the first level; a factor whose margin is not in the model gets a column for
 *  each level, by R's rule. The visit of a covariance term is a factor too, but for sp_exp and
 * random slopes. @since 0.1 */
#ifndef STROMA_STATS_FORMULA_H
#define STROMA_STATS_FORMULA_H
#include "stroma/stats_linear_model.h"
#include "stroma/table.h"
#ifdef __cplusplus
extern "C" {
#endif
enum { STROMA_FORMULA_VARIABLES_MAX = 32, STROMA_FORMULA_TERMS_MAX = 256 };

typedef struct stroma_formula_variable {
    const char *column; /**< in the table */
    const char *label;  /**< as R prints it: "x", "I(x^2)", "factor(x)" */
    int power;          /**< 1 but for I(x^k) */
    bool as_factor;     /**< factor(x) */
} stroma_formula_variable;

typedef struct stroma_formula {
    const char *response;
    /** Set by the caller: the response is 1 where its cell says this and 0 elsewhere. NULL, as
     * parsed: it is a number. */
    const char *event;
    /** Set by the caller: rows whose response lies beyond a limit are kept, their y is the limit;
     *  the state stands in the table. false, as parsed: they are left out. */
    bool censored;
    bool intercept;
    stroma_formula_variable variables[STROMA_FORMULA_VARIABLES_MAX];
    size_t variables_len;
    uint32_t terms[STROMA_FORMULA_TERMS_MAX]; /**< bit v: variable v is in the term */
    size_t terms_len;
    const char *covariance;              /**< "us", "ar1h", … or NULL */
    const char *visit, *group, *subject; /**< of the covariance term; group may be NULL */
    stroma_arena arena;
} stroma_formula;

/** @return OK; USAGE with the 1-based column in @p err where the text cannot be understood. */
STROMA_API STROMA_CHECK stroma_status stroma_formula_parse(const char *text, stroma_formula **out,
                                                           stroma_error *err);
STROMA_API void stroma_formula_free(stroma_formula *f);

/** Order of the levels of one factor, reference first; values that are not named are left out. */
typedef struct stroma_formula_levels {
    const char *column;
    const char *const *names;
    size_t names_len;
} stroma_formula_levels;

/** What a variable is in the data. */
typedef struct stroma_formula_factor {
    bool is_factor;
    const char **levels; /**< reference first */
    size_t levels_len;
    double mean; /**< of a number, over the rows used */
} stroma_formula_factor;

enum { STROMA_FORMULA_EXCLUDED_MAX = 64 };
/** A formula applied to a table. Free with stroma_formula_data_free(). */
typedef struct stroma_formula_data {
    const stroma_formula *formula; /**< borrowed: keep it as long */
    stroma_design design;
    double *y;
    size_t *table_rows; /**< design.rows: row of the table behind each design row */
    stroma_formula_factor factors[STROMA_FORMULA_VARIABLES_MAX];
    size_t *column_term;    /**< term of each design column, SIZE_MAX for the intercept */
    uint32_t *column_level; /**< internal: which level of each factor a column stands for */
    size_t *codes;          /**< variables × design rows: level of each factor */
    struct {
        const char *reason;
        size_t n;
    } excluded[STROMA_FORMULA_EXCLUDED_MAX];
    size_t excluded_len;
    stroma_arena arena;
} stroma_formula_data;

/** Build y and the design matrix from @p rows of @p table (NULL: all). Rows in which a cell is not
 *  present are left out and counted by reason.
 *  @return OK; USAGE (no such column, a text response, a power of text), DEGENERATE (no row is
 *  left, a factor with fewer than two levels), NOMEM. */
STROMA_API STROMA_CHECK stroma_status
stroma_formula_apply(const stroma_formula *f, const stroma_table *table, const size_t *rows,
                     size_t rows_len, const stroma_formula_levels *levels, size_t levels_len,
                     stroma_formula_data **out, stroma_error *err);
STROMA_API void stroma_formula_data_free(stroma_formula_data *d);
/** Weights of the least-squares (adjusted) mean of level @p level of factor @p variable: numbers at
 *  their means, the other factors' levels with equal weight (Searle, Speed & Milliken 1980).
 *  @param l design.columns numbers, written */
STROMA_API void stroma_formula_ls_mean(const stroma_formula_data *d, size_t variable, size_t level,
                                       double *l);
/** How an adjusted mean weighs the levels of the factors it averages over. */
typedef enum stroma_formula_weights {
    STROMA_WEIGHTS_EQUAL,   /**< every combination of levels alike */
    STROMA_WEIGHTS_OBSERVED /**< combinations as frequent as in the rows used (SAS: OM) */
} stroma_formula_weights;
/** The same with several factors held. @p levels has a level for each variable, or SIZE_MAX where
 *  the mean is over the factor's levels; entries of numbers are not read. */
STROMA_API void stroma_formula_mean_at(const stroma_formula_data *d, const size_t *levels,
                                       stroma_formula_weights weights, double *l);
#ifdef __cplusplus
}
#endif
#endif
