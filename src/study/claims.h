/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file claims.h
 *  Sentences made by rule from results; see claims.c and tiles.c. */
#ifndef STROMA_STUDY_CLAIMS_H
#define STROMA_STUDY_CLAIMS_H
#include "model.h"

/** Append a claim; NULL texts are memory failures. */
STROMA_CHECK stroma_status claims_add(study *s, const char *kind, const char *title,
                                      const char *text, const char *numbers, stroma_error *err);
/** "54 %, 95 % CI 39–68" of a proportion. */
const char *claims_percent(study *s, const study_result *r);
/** Events of a proportion. */
size_t claims_events(const study_result *r);
/** A proportion of a parameter, as response rates are. */
bool claims_is_rate(const study_result *r);
/** A response rate, as against any other share. */
bool claims_is_response(const study *s, const study_result *r);
/** The sentence of the first screen of two or more candidates; "" where there is none,
 *  NULL without memory. */
const char *claims_markers(study *s);
const char *claims_group_label(const study *s, const study_result *r);
/** The tiles of the first screen (docs/formats/study-db.md, claim.numbers). */
STROMA_CHECK stroma_status claims_add_tiles(study *s, stroma_error *err);
#endif
