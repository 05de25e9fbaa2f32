/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the methods for censored samples share. */
#ifndef STROMA_MODELS_PRIVATE_CENSORED_H
#define STROMA_MODELS_PRIVATE_CENSORED_H
#include "stroma/models_censored.h"

#include <math.h>

extern const char censored_both_sides[];

/* stroma_no_memory() with a status that is plain to see. */
static inline stroma_status censored_no_memory(stroma_error *err)
{
    (void)stroma_no_memory(err);
    return STROMA_E_NOMEM;
}

static inline bool censored_is_measured(const stroma_censored_sample *s, size_t i)
{
    return s->low[i] == s->high[i];
}

/* The side that is cut, for methods that know one: −1 lower limits, +1 upper limits, 0 nothing is
 * censored, 2 both or between. */
int censored_side(const stroma_censored_counts *c);

/* One value on the axis along which lower limits are right-censored: time falls as the value
 * rises. */
typedef struct censored_point {
    double value; /* measured, or the limit */
    bool measured;
    size_t index; /* in the sample */
} censored_point;
/* Sorted from the highest value down (sign −1) or from the lowest up (+1); at one value the
 * measured first. @p out has n places. */
STROMA_CHECK stroma_status censored_sort(const stroma_censored_sample *s, int sign,
                                         censored_point *out, stroma_error *err);
/* An empty summary of a method. */
void censored_summary_begin(stroma_censored_summary *out, const char *method, const char *variant,
                            const stroma_censored_counts *c, double level);
void censored_summary_cannot(stroma_censored_summary *out, const char *reason);
/* ln for lognormal. @return false when a bound that must be positive is not */
bool censored_log(const stroma_censored_sample *s, double *low, double *high);
STROMA_CHECK stroma_status censored_level(double level, stroma_error *err);
#endif
