/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of compensation share. */
#ifndef STROMA_CYTOMETRY_COMPENSATION_PRIVATE_H
#define STROMA_CYTOMETRY_COMPENSATION_PRIVATE_H
#include "stroma/cytometry_controls.h"

enum { COMPENSATION_MOST = 512 /* channels of a matrix; the largest spectral machine has 188 */ };
/* Of the 2-norm: what lies above is singular for every purpose; what lies above the second is worth
 * a finding. */
#define COMPENSATION_SINGULAR 1e12
#define COMPENSATION_POOR     100.0

/* compensation_matrix.c: small dense matrices, row by row; sums in a fixed order. */
/* Pseudo-inverse of s (n × m, n ≤ m, full rank), m × n, by Householder QR of its transpose.
 * Statuses: NOMEM. */
STROMA_CHECK stroma_status compensation_invert(const double *s, size_t n, size_t m, double *inverse,
                                               stroma_error *err);
/* Largest over smallest singular value of s (n × m, n ≤ m), by rotations (one-sided Jacobi);
 * infinity when singular. Statuses: NOMEM. */
STROMA_CHECK stroma_status compensation_condition(const double *s, size_t n, size_t m,
                                                  double *condition, stroma_error *err);

/* A matrix as text: names and n × n numbers. Texts and arrays live in the arena. */
typedef struct compensation_text {
    size_t n;
    const char **name;
    double *value;       /* n × n, row by row */
    bool decimal_commas; /* "1,000,0,000" was put together again */
    size_t extra;        /* fields beyond the matrix, left out */
} compensation_text;
/* compensation_text.c: the value of $SPILLOVER: "n,name1,…,namen,v11,v12,…,vnn".
 * Statuses: MALFORMED (the message says why it cannot be used), NOMEM. */
STROMA_CHECK stroma_status compensation_text_parse(const char *text, stroma_arena *arena,
                                                   compensation_text *out, stroma_error *err);

/* Who asks, for findings. */
typedef struct compensation_job {
    const stroma_fcs_dataset *d;
    const char *file;
    stroma_arena *arena;
    stroma_diag *diag;
} compensation_job;
void compensation_find(const compensation_job *j, const char *code, stroma_severity severity,
                       const char *channel, const char *fmt, ...) STROMA_PRINTF(5, 6);
/* compensation_old.c: $COMP and $DFCiTOj; *out NULL where there are none that can be used. */
STROMA_CHECK stroma_status compensation_from_old(const compensation_job *j,
                                                 const stroma_compensation **out,
                                                 stroma_error *err);
/* compensation_spread.c: fill in the spread of each control. Statuses: MALFORMED, NOMEM. */
STROMA_CHECK stroma_status compensation_spread(const stroma_control *controls, size_t n,
                                               const stroma_fcs_dataset *unstained,
                                               const stroma_control_options *opts,
                                               const stroma_compensation *c,
                                               stroma_control_quality *quality, stroma_error *err);
/* compensation_fcs.c: make it of n channels by index; a matrix that cannot be used is a finding and
 * *out NULL. */
STROMA_CHECK stroma_status compensation_of_channels(const compensation_job *j, const char *source,
                                                    const size_t *channel, size_t n,
                                                    const double *matrix,
                                                    const stroma_compensation **out,
                                                    stroma_error *err);
#endif
