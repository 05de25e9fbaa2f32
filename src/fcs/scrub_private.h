/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of scrubbing share. */
#ifndef SCRUB_PRIVATE_H
#define SCRUB_PRIVATE_H
#include "stroma/fcs_scrub.h"

enum { FCS_SCRUB_NAME_MAX = 256 };

/* scrub_rules.c */
/** Capitals, without blanks and marks; longer names are cut. */
void fcs_scrub_normal_name(const char *name, char *out, size_t size);
bool fcs_scrub_matches(const char *pattern, const char *normal);
/** The first rule that names a keyword, or NULL. */
const stroma_fcs_scrub_rule *fcs_scrub_rule_of(const char *normal);

/* scrub_date.c */
/** A text with its date @p days later, the rest as it was: "19-FEB-2019", "2013-Jul-19 13:11:17",
 *  "2018-12-18T14:06:19+01:00", "06/18/2015 11:57:42 PM", "20091111".
 *  @return false where no date is recognised or the year leaves 1 to 9999 */
bool fcs_scrub_shift_date(const char *text, int32_t days, char *out, size_t size);
#endif
