/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the scales share. */
#ifndef STROMA_CYTOMETRY_TRANSFORM_PRIVATE_H
#define STROMA_CYTOMETRY_TRANSFORM_PRIVATE_H
#include "stroma/cytometry_transform.h"

/* The table of a BIEX whose parameters stand in @p t. */
STROMA_CHECK stroma_status transform_biex_make(stroma_transform *t, stroma_arena *arena,
                                               stroma_error *err);
double transform_biex_value(const stroma_transform *t, double x);
double transform_biex_inverse(const stroma_transform *t, double y);
/* transform_start.c: k_start and k_more_steps of a logicle or hyperlog whose other coefficients are
 * there. */
enum { TRANSFORM_START_TERMS = 8 };
void transform_start_make(stroma_transform *t);
/* Where W of a logicle makes the slopes of its two exponentials meet: ln(d / b), the root of
 * 2 r + w (1 + e^r), @p w = W ln 10 ≥ 0. */
long double transform_log_ratio(long double w);
#endif
