/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The largest two-by-two statistic over all cut-offs, and its null distribution. */
#include "roc_ladder.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"

#include <math.h>

static const double exact_steps_max = 2e8;

/* |z| of k positives among the lowest m of n subjects, n_pos of them positive (hypergeometric). */
static double standardised(double k, double m, double n_pos, double n)
{
    const double variance = m * (n - m) * n_pos * (n - n_pos) / (n * n * (n - 1));
    return fabs(k - m * n_pos / n) / sqrt(variance);
}

/* The cut-offs lie after the rungs in which this is true. */
static bool permitted(size_t below, size_t n, double margin)
{
    const double least = fmax(1, ceil(margin * (double)n - 1e-9));
    return (double)below >= least && (double)(n - below) >= least;
}

/* Subjects enter from the lowest rung up; at each permitted cut-off the paths at or beyond the
 * bound are taken out, and their probability is the p-value: all terms are positive. */
static stroma_status exact(const roc_ladder *l, double margin, double bound, double *p,
                           stroma_error *err)
{
    const size_t n = l->n_pos + l->n_neg;
    double *at = stroma_alloc_array(l->n_pos + 1, sizeof *at);
    if (at == NULL) return stroma_no_memory(err);
    at[0] = 1;
    *p = 0;
    size_t m = 0;
    for (size_t r = 0; r < l->rungs; r++) {
        for (size_t k = 0; k < l->pos_count[r] + l->neg_count[r]; k++, m++) {
            const size_t top = m < l->n_pos ? m : l->n_pos;
            for (size_t i = top + 1; i-- > 0;) {
                const double up = (double)(l->n_pos - i) / (double)(n - m);
                if (i < l->n_pos) at[i + 1] += at[i] * up;
                at[i] *= ((double)(n - m) - (double)(l->n_pos - i)) / (double)(n - m);
            }
        }
        if (!permitted(m, n, margin)) continue;
        for (size_t i = 0; i <= l->n_pos; i++) {
            /* the bound is one of these values: leave room for its rounding */
            if (at[i] == 0 || standardised((double)i, (double)m, (double)l->n_pos, (double)n) <
                                  bound * (1 - 1e-12))
                continue;
            *p += at[i];
            at[i] = 0;
        }
    }
    stroma_free(at);
    return STROMA_OK;
}

static double asymptotic(double b, double low, double high)
{
    const double density = exp(-b * b / 2) / sqrt(2 * M_PI);
    const double p =
        4 * density / b + density * (b - 1 / b) * log(high * (1 - low) / ((1 - high) * low));
    return fmin(1, fmax(0, p));
}

static stroma_status test(const roc_ladder *l, double margin, stroma_stat *out, stroma_error *err)
{
    const size_t n = l->n_pos + l->n_neg;
    size_t m = 0, pos = 0;
    double low = 1, high = 0;
    out->statistic = -INFINITY;
    for (size_t r = 0; r + 1 < l->rungs; r++) {
        m += l->pos_count[r] + l->neg_count[r];
        pos += l->pos_count[r];
        if (!permitted(m, n, margin)) continue;
        low = fmin(low, (double)m / (double)n);
        high = fmax(high, (double)m / (double)n);
        const double z = standardised((double)pos, (double)m, (double)l->n_pos, (double)n);
        if (!(z > out->statistic)) continue;
        out->statistic = z;
        out->estimate = l->sign * l->value[r];
    }
    if (isinf(out->statistic)) {
        out->statistic = NAN;
        out->not_estimable = true;
        out->reason = "no cut-off leaves enough subjects on both sides";
        return STROMA_OK;
    }
    out->statistic_name = "max |z|";
    if ((double)n * (double)l->n_pos <= exact_steps_max)
        return exact(l, margin, out->statistic, &out->p, err);
    out->variant = "Miller-Siegmund";
    out->p = asymptotic(out->statistic, low, high);
    return STROMA_OK;
}

stroma_status stroma_roc_max_selected(const stroma_roc_sample *s, double margin_frac,
                                      stroma_stat *out, stroma_error *err)
{
    /* "value ≤ cut-off" in the values' own direction: the statistic has none */
    stroma_roc_sample up = *s;
    up.direction = STROMA_ROC_HIGHER;
    roc_ladder l;
    *out = stroma_stat_empty("roc_max_selected");
    if (!(margin_frac >= 0 && margin_frac < 0.5))
        return stroma_fail(err, STROMA_E_USAGE, "margin %g is not within 0 to 0.5", margin_frac);
    STROMA_TRY(roc_ladder_new(&up, &l, err));
    out->variant = "exact";
    out->estimate_name = "cut-off";
    out->n_used = l.n_pos + l.n_neg;
    out->n1 = l.n_pos;
    out->n2 = l.n_neg;
    stroma_status status = STROMA_OK;
    if (l.n_pos == 0 || l.n_neg == 0) {
        out->not_estimable = true;
        out->reason = roc_one_class;
    } else {
        status = test(&l, margin_frac, out, err);
    }
    roc_ladder_free(&l);
    return status;
}
