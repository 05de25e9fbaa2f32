/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spillover spreading (Nguyen 2013 Cytometry A 83:306): what is left of a bright fluorochrome in
 * the other channels after compensation, as width. */
#include "compensation_private.h"
#include "compensation_tube.h"

#include <math.h>
#include <string.h>

/* Compensated values of fluorochrome @p j for the events kept of a tube: n of them. */
static stroma_status compensated(const compensation_tube *t, const stroma_compensation *c, size_t j,
                                 double **out, stroma_error *err)
{
    const stroma_event_column which = { c, j };
    stroma_column_reader *r = NULL;
    double *x = stroma_alloc_array((size_t)t->d->n_events, sizeof *x);
    *out = NULL;
    if (x == NULL) return stroma_no_memory(err);
    stroma_status s = stroma_column_reader_open(t->d, &which, 1, &r, err);
    for (uint64_t e = 0; s == STROMA_OK && e < t->d->n_events; e += STROMA_COLUMN_BLOCK) {
        const uint64_t left = t->d->n_events - e;
        double *to = x + e;
        s = stroma_column_reader_read(
            r, e, left < STROMA_COLUMN_BLOCK ? (size_t)left : STROMA_COLUMN_BLOCK, &to, err);
    }
    stroma_column_reader_close(r);
    size_t m = 0;
    for (uint64_t e = 0; s == STROMA_OK && e < t->d->n_events; e++)
        if (t->keep[e]) x[m++] = x[e];
    if (s == STROMA_OK)
        *out = x;
    else
        stroma_free(x);
    return s;
}

/* σ = 84th percentile − median of the events that are (not) positive. */
static stroma_status width(const double *x, const bool *positive, bool which, size_t n,
                           double *sigma, stroma_error *err)
{
    static const double p[2] = { 0.5, 0.84 };
    double q[2] = { (double)NAN, (double)NAN };
    double *y = stroma_alloc_array(n, sizeof *y);
    size_t k = 0;
    if (y == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++)
        if ((positive == NULL || positive[i] == which) && isfinite(x[i])) y[k++] = x[i];
    const stroma_status s = k == 0 ? STROMA_OK : compensation_quantiles(y, k, p, 2, q, err);
    *sigma = q[1] - q[0];
    stroma_free(y);
    return s;
}

/* The largest spread of control @p i. */
static stroma_status of_control(const compensation_tube *tube, const compensation_tube *blank,
                                const stroma_compensation *c, size_t i, stroma_control_quality *q,
                                const bool *positive, stroma_error *err)
{
    const double signal = q->positive_median - q->negative_median;
    for (size_t j = 0; j < c->fluorochromes_len; j++) {
        double *x, *y = NULL, wide = 0, narrow = 0;
        if (j == i) continue;
        STROMA_TRY(compensated(tube, c, j, &x, err));
        stroma_status s = width(x, positive, true, tube->kept, &wide, err);
        if (s == STROMA_OK && blank->d != NULL) {
            s = compensated(blank, c, j, &y, err);
            if (s == STROMA_OK) s = width(y, NULL, true, blank->kept, &narrow, err);
        } else if (s == STROMA_OK)
            s = width(x, positive, false, tube->kept, &narrow, err);
        stroma_free(x);
        stroma_free(y);
        STROMA_TRY(s);
        const double more = wide * wide - narrow * narrow;
        const double spread = more > 0 ? sqrt(more / signal) : 0;
        if (signal > 0 && isfinite(spread) && !(q->spread >= spread)) {
            q->spread = spread;
            q->spread_into = j;
        }
    }
    return STROMA_OK;
}

stroma_status compensation_spread(const stroma_control *controls, size_t n,
                                  const stroma_fcs_dataset *unstained,
                                  const stroma_control_options *opts, const stroma_compensation *c,
                                  stroma_control_quality *quality, stroma_error *err)
{
    compensation_tube blank = { 0 };
    stroma_status s = STROMA_OK;
    if (unstained != NULL)
        s = compensation_tube_open(unstained, !opts->no_scatter_gate, &blank, err);
    for (size_t i = 0; s == STROMA_OK && i < n; i++) {
        compensation_tube tube = { 0 };
        stroma_event_column own;
        double *x = NULL;
        s = compensation_tube_open(controls[i].d, !opts->no_scatter_gate, &tube, err);
        bool *positive = s == STROMA_OK ? stroma_alloc_array(tube.kept, sizeof *positive) : NULL;
        if (s == STROMA_OK && positive == NULL) s = stroma_no_memory(err);
        if (s == STROMA_OK)
            s = stroma_column_find(controls[i].d, NULL, controls[i].detector, &own, err);
        if (s == STROMA_OK) s = compensation_tube_column(&tube, own.index, &x, err);
        for (size_t e = 0; s == STROMA_OK && e < tube.kept; e++)
            positive[e] = x[e] > quality[i].threshold;
        if (s == STROMA_OK) s = of_control(&tube, &blank, c, i, &quality[i], positive, err);
        stroma_free(x);
        stroma_free(positive);
        compensation_tube_close(&tube);
    }
    compensation_tube_close(&blank);
    return s;
}
