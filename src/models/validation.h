/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the validations of predictions share. */
#ifndef STROMA_MODELS_VALIDATION_PRIVATE_H
#define STROMA_MODELS_VALIDATION_PRIVATE_H
#include "stroma/models_validation.h"

/* y is 0 or 1, probabilities (may be NULL) lie in 0 … 1, or USAGE; DEGENERATE without rows and,
 * when
 * @p both, where a class is empty. */
STROMA_CHECK stroma_status validation_check(const double *probability, const double *y, size_t n,
                                            bool both, stroma_error *err);
size_t validation_events(const double *y, size_t n);
/* log(p/(1 − p)) of each; false when one of them is 0 or 1. */
bool validation_logits(const double *probability, size_t n, double *out);

/* Brier scores and AUC alone; the others are NaN. @param room n numbers */
STROMA_CHECK stroma_status validation_separates(const double *probability, const double *y,
                                                size_t n, double *room, double out[STROMA_MEASURES],
                                                stroma_error *err);

/* y ~ a + b·x by maximum likelihood, or y ~ a + x. */
typedef struct validation_line {
    double a, b, information[3]; /* aa, ab, bb */
    const char *reason;          /* why there is none, else NULL */
} validation_line;
validation_line validation_recalibrate(const double *x, const double *y, size_t n, bool slope);

/* Some rows of a design and their outcomes, copied. */
typedef struct validation_part {
    stroma_design d;
    double *y;
} validation_part;
STROMA_CHECK stroma_status validation_part_new(const stroma_design *d, const double *y,
                                               const size_t *rows, size_t n, validation_part *out,
                                               stroma_error *err);
void validation_part_free(validation_part *p);

void validation_failed(stroma_validation_failures *f, const char *reason);
#endif
