/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The curve itself, and the area under a part of it. */
#include "roc_ladder.h"

#include "stroma/memory.h"

#include <math.h>

static stroma_roc_point point(const roc_ladder *l, double threshold, size_t tp, size_t fp)
{
    return (stroma_roc_point){ .threshold = l->sign * threshold,
                               .tp = tp,
                               .fp = fp,
                               .sensitivity = (double)tp / (double)l->n_pos,
                               .specificity = (double)(l->n_neg - fp) / (double)l->n_neg };
}

stroma_status stroma_roc_curve(const stroma_roc_sample *s, stroma_roc_point **out, size_t *out_len,
                               stroma_error *err)
{
    roc_ladder l;
    *out = NULL;
    *out_len = 0;
    STROMA_TRY(roc_ladder_new(s, &l, err));
    stroma_status status = roc_need_both(&l, err);
    stroma_roc_point *points =
        status == STROMA_OK ? stroma_alloc_array(l.rungs + 1, sizeof *points) : NULL;
    if (status == STROMA_OK && points == NULL) status = stroma_no_memory(err);
    if (points != NULL) {
        size_t tp = l.n_pos, fp = l.n_neg;
        points[0] = point(&l, -INFINITY, tp, fp);
        for (size_t r = 0; r < l.rungs; r++) {
            tp -= l.pos_count[r];
            fp -= l.neg_count[r];
            const bool last = r + 1 == l.rungs;
            const double t = last ? (double)INFINITY : roc_between(l.value[r], l.value[r + 1]);
            points[r + 1] = point(&l, t, tp, fp);
        }
        *out = points;
        *out_len = l.rungs + 1;
    }
    roc_ladder_free(&l);
    return status;
}

/* Area between abscissas a < b under the segment (x0, y0) – (x1, y1), x0 ≤ x1. */
static double under_segment(double x0, double y0, double x1, double y1, double a, double b)
{
    const double from = fmax(x0, a), to = fmin(x1, b);
    if (!(to > from)) return 0;
    const double slope = (y1 - y0) / (x1 - x0);
    return (to - from) * (y0 + slope * ((from + to) / 2 - x0));
}

/* Walk from nobody positive to everybody positive. Over specificity the abscissa is the share of
 * false positives and the height the sensitivity; over sensitivity, the abscissa is that, and the
 * height is the specificity. */
double roc_partial(const roc_ladder *l, const uint32_t *pos_count, const uint32_t *neg_count,
                   const stroma_roc_range *range)
{
    const bool spec = range->axis == STROMA_ROC_SPECIFICITY;
    const double a = spec ? 1 - range->to : range->from, b = spec ? 1 - range->from : range->to;
    double area = 0, fpr0 = 0, tpr0 = 0;
    size_t tp = 0, fp = 0;
    for (size_t r = l->rungs; r-- > 0;) {
        tp += pos_count[r];
        fp += neg_count[r];
        const double tpr = (double)tp / (double)l->n_pos, fpr = (double)fp / (double)l->n_neg;
        area += spec ? under_segment(fpr0, tpr0, fpr, tpr, a, b)
                     : under_segment(tpr0, 1 - fpr0, tpr, 1 - fpr, a, b);
        tpr0 = tpr;
        fpr0 = fpr;
    }
    if (!range->standardise) return area;
    const double most = b - a;
    const double chance = spec ? (b * b - a * a) / 2 : most - (b * b - a * a) / 2;
    return (1 + (area - chance) / (most - chance)) / 2;
}

static void partial_of(const roc_ladder *l, const uint32_t *pos_count, const uint32_t *neg_count,
                       const void *context, double *out)
{
    *out = roc_partial(l, pos_count, neg_count, context);
}

static stroma_status partial(const roc_ladder *l, const stroma_roc_range *range,
                             const stroma_roc_bootstrap *bootstrap, stroma_stat *out,
                             stroma_error *err)
{
    out->estimate = roc_partial(l, l->pos_count, l->neg_count, range);
    if (bootstrap == NULL) return STROMA_OK;
    double *x = NULL;
    STROMA_TRY(roc_resample(l, bootstrap, partial_of, range, 1, &x, err));
    out->interval_method = stroma_auc_interval_name(STROMA_AUC_BOOTSTRAP);
    const stroma_status s = roc_percentiles(x, bootstrap->resamples, out->level, out, err);
    stroma_free(x);
    return s;
}

stroma_status stroma_auc_partial(const stroma_roc_sample *s, const stroma_roc_range *range,
                                 double level, const stroma_roc_bootstrap *bootstrap,
                                 stroma_stat *out, stroma_error *err)
{
    roc_ladder l;
    *out = stroma_stat_empty("roc_partial_auc");
    STROMA_TRY(roc_check_level(level, err));
    if (!(range->from >= 0 && range->to <= 1 && range->from < range->to))
        return stroma_fail(err, STROMA_E_USAGE, "range %g to %g is not within 0 to 1", range->from,
                           range->to);
    STROMA_TRY(roc_ladder_new(s, &l, err));
    const bool spec = range->axis == STROMA_ROC_SPECIFICITY;
    out->variant = spec ? range->standardise ? "over specificity, McClish" : "over specificity"
                   : range->standardise ? "over sensitivity, McClish"
                                        : "over sensitivity";
    out->level = level;
    out->n_used = l.n_pos + l.n_neg;
    out->n1 = l.n_pos;
    out->n2 = l.n_neg;
    out->estimate_name = "partial AUC";
    stroma_status status = STROMA_OK;
    if (l.n_pos == 0 || l.n_neg == 0) {
        out->not_estimable = true;
        out->reason = roc_one_class;
    } else {
        status = partial(&l, range, bootstrap, out, err);
    }
    roc_ladder_free(&l);
    return status;
}
