/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file parameter.h
 *  The one table that names every parameter three ways: id (as in data and study files), ADaM
 *  PARAMCD (at most 8 characters), label; with unit, kind, physical range and, where a paper gives
 *  one, a default reference range. And the declared conversions between units.
 *
 *  A name that could mean two things ("cdai", "gh") is refused with the names it could mean; a
 *  conversion that is not declared is refused with those that are. Nothing is guessed. @since 0.1
 */
#ifndef STROMA_PARAMETER_H
#define STROMA_PARAMETER_H
#include "stroma/error.h"

#include <stdbool.h>
#ifdef __cplusplus
extern "C" {
#endif
typedef enum stroma_parameter_kind {
    STROMA_PARAMETER_NUMBER,
    STROMA_PARAMETER_WORD, /**< one of a few words, or an in-cell list of them */
    STROMA_PARAMETER_FLAG  /**< 0 or 1 */
} stroma_parameter_kind;

typedef enum stroma_parameter_category {
    STROMA_CATEGORY_SCORE,
    STROMA_CATEGORY_RESPONSE,
    STROMA_CATEGORY_ITEM, /**< one item of a questionnaire or index */
    STROMA_CATEGORY_JOINT,
    STROMA_CATEGORY_ACUTE_PHASE,
    STROMA_CATEGORY_GLOBAL, /**< visual analogue scales */
    STROMA_CATEGORY_CYTOKINE,
    STROMA_CATEGORY_CELL,
    STROMA_CATEGORY_SEROLOGY,
    STROMA_CATEGORY_LAB,
    STROMA_CATEGORY_DOSE,
    STROMA_CATEGORY_DEMOGRAPHIC,
    STROMA_CATEGORY_VITAL,
    STROMA_CATEGORY_OTHER
} stroma_parameter_category;

/** One row. NaN stands in a reference limit that the source does not give. */
typedef struct stroma_parameter {
    const char *id;      /**< "esr_mm_h"; unique, ASCII case ignored */
    const char *paramcd; /**< "ESR"; unique, at most 8 characters A–Z 0–9 */
    const char *label;   /**< "Erythrocyte sedimentation rate (mm/h)" */
    const char *unit;    /**< "mm/h"; NULL for a pure number, word or flag */
    stroma_parameter_kind kind;
    stroma_parameter_category category;
    double lower, upper; /**< physical range, inclusive: a value outside is a slip */
    int decimals;        /**< usual for printing */
    bool log_scale;      /**< spread over decades: analyse and draw on a log scale */
    double reference_lower, reference_upper; /**< default reference range, NaN where open */
    const char *reference_source;            /**< where it comes from, or NULL */
    const char *aliases;                     /**< further names, blank between, or NULL */
} stroma_parameter;

/** @return all parameters, @p n of them, in the order of the table. */
STROMA_API const stroma_parameter *stroma_parameter_table(size_t *n);
/** By id, then PARAMCD, then alias, then label; ASCII case ignored.
 *  @return NULL when unknown or ambiguous. */
STROMA_API const stroma_parameter *stroma_parameter_find(const char *name);
STROMA_API const stroma_parameter *stroma_parameter_find_id(const char *id);
STROMA_API const stroma_parameter *stroma_parameter_find_paramcd(const char *paramcd);
STROMA_API const stroma_parameter *stroma_parameter_find_label(const char *label);
/** As stroma_parameter_find(), with a message: ambiguous names are refused with what they could
 *  mean, unknown ones with the nearest ids. Status: USAGE. */
STROMA_API STROMA_CHECK stroma_status stroma_parameter_get(const char *name,
                                                           const stroma_parameter **out,
                                                           stroma_error *err);
/** "score", "acute_phase", … Never NULL. */
STROMA_API const char *stroma_parameter_category_name(stroma_parameter_category c);

/** Canonical spelling of a unit: "mg/l" → "mg/L", "mm/hr" → "mm/h", "µmol/L" (both code points of
 *  micro) and "umol/L" → "umol/L", "10^9/L" → "10^9/L". @return static text, or NULL when unknown.
 */
STROMA_API const char *stroma_unit_canonical(const char *unit);

/** x[to] = x[from] * multiply / divide; one of the two is 1, so that mm → cm is exactly x / 10. */
typedef struct stroma_unit_rule {
    double multiply, divide;
} stroma_unit_rule;
/** The declared conversion between two spellings of units.
 *  @param param parameter id, for conversions that need the molar mass (creatinine mg/dL →
 *  umol/L), or NULL: then only those that hold for any substance
 *  Statuses: USAGE: unknown unit, or no declared conversion; the hint lists what is known. */
STROMA_API STROMA_CHECK stroma_status stroma_unit_find(const char *param, const char *from,
                                                       const char *to, stroma_unit_rule *out,
                                                       stroma_error *err);
/** stroma_unit_find() applied to @p x. */
STROMA_API STROMA_CHECK stroma_status stroma_unit_convert(const char *param, const char *from,
                                                          const char *to, double x, double *out,
                                                          stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
