/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One tube of controls: its events in the scatter gate, a channel at a time. */
#ifndef STROMA_CYTOMETRY_COMPENSATION_TUBE_H
#define STROMA_CYTOMETRY_COMPENSATION_TUBE_H
#include "stroma/cytometry_controls.h"

enum { COMPENSATION_FEWEST = 50 /* events that a median is taken of */ };

typedef struct compensation_tube {
    const stroma_fcs_dataset *d;
    bool *keep; /* n_events: in the gate, and finite in it */
    size_t kept;
} compensation_tube;

/* Statuses: MALFORMED, NOMEM. */
STROMA_CHECK stroma_status compensation_tube_open(const stroma_fcs_dataset *d, bool gate,
                                                  compensation_tube *out, stroma_error *err);
void compensation_tube_close(compensation_tube *t);
/* Linear values of a parameter for the events kept, in their order; *out is the caller's. */
STROMA_CHECK stroma_status compensation_tube_column(const compensation_tube *t, size_t parameter,
                                                    double **out, stroma_error *err);

/* compensation_order.c: of n ≥ 1 finite values; quantiles of type 7; x is left as it is. */
STROMA_CHECK stroma_status compensation_quantiles(const double *x, size_t n, const double *p,
                                                  size_t k, double *out, stroma_error *err);
/* Threshold between dim and bright of n values: Otsu's, on the scale asinh(x / unit). */
STROMA_CHECK stroma_status compensation_otsu(const double *x, size_t n, double *threshold,
                                             stroma_error *err);
/* Slope of y on x by Huber's M-estimator with its scale from the median absolute residual; NaN
 * where x does not vary. */
STROMA_CHECK stroma_status compensation_slope(const double *x, const double *y, size_t n,
                                              double *slope, stroma_error *err);
#endif
