/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file cutoff.h
 *  A value against a cut-off, also when only a limit of the value is known. */
#ifndef STROMA_STUDY_CUTOFF_H
#define STROMA_STUDY_CUTOFF_H
#include "model.h"

typedef struct study_cutoff {
    double above, at_least, below; /* one of them; the others NaN */
} study_cutoff;

typedef enum study_verdict { STUDY_NO, STUDY_YES, STUDY_UNKNOWN } study_verdict;

/** The keys above, at_least and below of @p n. */
study_cutoff study_cutoff_read(const stroma_yaml_node *n);
/** How many of the three are given; one is right. */
int study_cutoff_given(const study_cutoff *c);
/** Values are compared as decimals (stroma_decimal_compare), as response criteria are. A value
 *  below its limit L is known to be less than L, one above its limit more than L: the verdict is
 *  unknown only where that leaves it open. Missing values are unknown.
 *  @param reason why unknown (may be NULL) */
study_verdict study_cutoff_passes(const study_cutoff *c, const study_measurement *m,
                                  const char **reason);
#endif
