/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file check.h
 *  The checks of `stroma check`: one table line a check (check.c), one file a theme. A check adds
 *  findings and says how many things it looked at, so that an empty list says what was checked. */
#ifndef STROMA_STUDY_CHECK_H
#define STROMA_STUDY_CHECK_H
#include "model.h"

/** Look at the study, add findings, return how many things were looked at. */
typedef size_t (*study_check)(study *s);

size_t check_visit_windows(study *s);
size_t check_window_overlap(study *s);
size_t check_missing_visits(study *s);
size_t check_duplicates(study *s);
size_t check_day_order(study *s);
size_t check_event_days(study *s);
size_t check_after_withdrawal(study *s);
size_t check_dispositions(study *s);
size_t check_arms(study *s);
size_t check_possible_ranges(study *s);
size_t check_reference_ranges(study *s);
size_t check_whole_counts(study *s);
size_t check_unit_of_parameter(study *s);
size_t check_unit_of_value(study *s);
size_t check_cell_doses(study *s);
size_t check_identities(study *s);
size_t check_statements(study *s);
size_t check_completers(study *s);
size_t check_cytometry_missing(study *s);
size_t check_cytometry_controls(study *s);
size_t check_cytometry_panels(study *s);

/** A finding at a measurement. @p audit may be NULL. */
void check_finding(study *s, const study_measurement *m, const char *code, stroma_severity severity,
                   const char *message, const char *rule, const char *action, const char *audit);
/** "<visit label>" or "" of a visit index. */
const char *check_visit_id(const study *s, int32_t visit);
#endif
