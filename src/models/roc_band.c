/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The band of a ROC curve: the sensitivity at given specificities, resampled within classes. */
#include "roc_ladder.h"

#include "stroma/memory.h"
#include "stroma/stats_summary.h"

#include <math.h>

typedef struct grid {
    const double *false_positive_frac; /* ascending */
    size_t n;
} grid;

/* Sensitivities at the grid, on the line between the corners of the curve (as pROC's ci.se). */
static void sensitivities(const roc_ladder *l, const uint32_t *pos, const uint32_t *neg,
                          const void *context, double *out)
{
    const grid *g = context;
    const double n_pos = (double)l->n_pos, n_neg = (double)l->n_neg;
    double x0 = 0, y0 = 0, x = 0, y = 0;
    size_t k = 0, rung = l->rungs;
    while (k < g->n) {
        const double at = g->false_positive_frac[k];
        while (rung > 0 && x <= at) { /* to the first corner beyond */
            rung--;
            x0 = x;
            y0 = y;
            x += neg[rung] / n_neg;
            y += pos[rung] / n_pos;
        }
        out[k++] = x > at ? y0 + (y - y0) * (at - x0) / (x - x0) : y;
    }
}

static stroma_status percentiles(const double *all, size_t resamples, const grid *g, double level,
                                 stroma_roc_band_point *out, stroma_error *err)
{
    for (size_t k = 0; k < g->n; k++) {
        const double *x = all + k * resamples;
        out[k].false_positive_frac = g->false_positive_frac[k];
        STROMA_TRY(stroma_quantile_compute(x, resamples, 0.5 - level / 2, STROMA_QUANTILE_7,
                                           &out[k].lower, err));
        STROMA_TRY(stroma_quantile_compute(x, resamples, 0.5 + level / 2, STROMA_QUANTILE_7,
                                           &out[k].upper, err));
    }
    return STROMA_OK;
}

stroma_status stroma_roc_band(const stroma_roc_sample *s, double level,
                              const stroma_roc_bootstrap *bootstrap, stroma_roc_band_point *out,
                              stroma_error *err)
{
    double at[STROMA_ROC_BAND_POINTS];
    const grid g = { at, STROMA_ROC_BAND_POINTS };
    roc_ladder l;
    double *all = NULL;
    for (size_t k = 0; k < g.n; k++)
        at[k] = (double)k / (STROMA_ROC_BAND_POINTS - 1);
    STROMA_TRY(roc_check_level(level, err));
    STROMA_TRY(roc_ladder_new(s, &l, err));
    stroma_status st = roc_need_both(&l, err);
    double estimate[STROMA_ROC_BAND_POINTS];
    if (st == STROMA_OK) sensitivities(&l, l.pos_count, l.neg_count, &g, estimate);
    if (st == STROMA_OK) st = roc_resample(&l, bootstrap, sensitivities, &g, g.n, &all, err);
    if (st == STROMA_OK) st = percentiles(all, bootstrap->resamples, &g, level, out, err);
    for (size_t k = 0; st == STROMA_OK && k < g.n; k++)
        out[k].sensitivity = estimate[k];
    stroma_free(all);
    roc_ladder_free(&l);
    return st;
}
