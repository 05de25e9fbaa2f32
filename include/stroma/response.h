/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file response.h
 *  What happens after a response: relapse, partial relapse and flare as declared rules whose
 *  thresholds are parameters, the smallest HAQ change that patients notice, and CTCAE v5 grades of
 *  the two reactions that every infusion trial records. All comparisons are on decimal thousandths.
 *  @since 0.1 */
#ifndef STROMA_RESPONSE_H
#define STROMA_RESPONSE_H
#include "stroma/table.h"
#ifdef __cplusplus
extern "C" {
#endif
/** Thresholds in DAS28 points. There is no agreed definition of partial relapse: these are the
 *  proposal of this project, to be set in the protocol. */
typedef struct stroma_relapse_rule {
    uint32_t version;
    double flare_rise;        /**< a rise from the nadir above this is a flare */
    double flare_rise_active; /**< or above this, when DAS28 is at least active_from */
    double active_from;       /**< DAS28 */
    double partial_drop; /**< response lost, but still more than this below baseline: partial */
} stroma_relapse_rule;
#define STROMA_RELAPSE_RULE_INIT                                                       \
    {                                                                                  \
        .version = 1, .flare_rise = 1.2, .flare_rise_active = 0.6, .active_from = 3.2, \
        .partial_drop = 0.6                                                            \
    }

typedef enum stroma_course {
    STROMA_COURSE_NOT_EVALUABLE,   /**< DAS28 missing here or at baseline */
    STROMA_COURSE_NO_RESPONSE,     /**< has not responded up to here */
    STROMA_COURSE_RESPONSE,        /**< EULAR good or moderate */
    STROMA_COURSE_PARTIAL_RELAPSE, /**< had responded; EULAR none now, yet below baseline */
    STROMA_COURSE_RELAPSE          /**< had responded; EULAR none now, back near baseline */
} stroma_course;
/** "not_evaluable", "no_response", "response", "partial_relapse", "relapse". Never NULL. */
STROMA_API const char *stroma_course_name(stroma_course c);

typedef struct stroma_course_visit {
    stroma_course course;
    bool flare;   /**< against the lowest DAS28 of earlier visits after baseline */
    double drop;  /**< baseline − here; 0 when not evaluable */
    double nadir; /**< lowest DAS28 of earlier visits after baseline; NaN when there is none */
} stroma_course_visit;

/** Follow one patient: @p das28[0] is baseline, the others in order of time; NaN is missing.
 *  @param rule NULL for the defaults
 *  @param out @p n rows; out[0] is no_response (or not evaluable)
 *  Statuses: USAGE (a threshold that is negative or not a number, n is 0). */
STROMA_API STROMA_CHECK stroma_status stroma_course_follow(const stroma_relapse_rule *rule,
                                                           const double *das28, size_t n,
                                                           stroma_course_visit *out,
                                                           stroma_error *err);

/** Minimal clinically important difference of HAQ-DI (Wells 1993 J Rheumatol 20:557). */
#define STROMA_HAQ_MCID 0.22
/** @return true when HAQ-DI fell by at least @p mcid; false also when a value is not finite. */
STROMA_API bool stroma_haq_improved(double baseline, double followup, double mcid);

/** CTCAE v5 fever. @param temperature_c highest, °C
 *  @param hours_above_40 time above 40.0 °C; NaN is unknown, which is graded as at most 24 h
 *  @return 0 (below 38.0) to 4, or -1 when the temperature is outside 25–45 °C. */
STROMA_API int stroma_ctcae_fever(double temperature_c, double hours_above_40);

/** What was recorded of an infusion-related reaction. */
typedef struct stroma_infusion_reaction {
    bool reaction;               /**< any reaction at all */
    bool interrupted;            /**< the infusion was interrupted */
    bool treated;                /**< symptomatic treatment (antihistamine, NSAID, fluids) */
    bool prolonged_or_recurrent; /**< not rapidly responsive, or came back after improvement */
    bool hospitalised;           /**< for its sequelae */
    bool life_threatening;       /**< urgent intervention */
    bool death;
} stroma_infusion_reaction;
/** CTCAE v5 infusion-related reaction. @return 0 (none) to 5. A grade is not seriousness: that is a
 *  separate, regulatory record. */
STROMA_API int stroma_ctcae_infusion_reaction(const stroma_infusion_reaction *r);
#ifdef __cplusplus
}
#endif
#endif
