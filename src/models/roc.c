/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The area under the curve, and the comparison of two areas. */
#include "roc_ladder.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"

#include <math.h>

static const stroma_auc_options defaults = STROMA_AUC_OPTIONS_INIT;

const char *stroma_auc_interval_name(stroma_auc_interval i)
{
    static const char *const names[] = { "DeLong", "DeLong, logit", "Hanley-McNeil",
                                         "bootstrap within classes, percentile" };
    return (int)i < STROMA_AUC_INTERVALS ? names[i] : "unknown";
}

/* Placements: the share of the other class that each subject stands on the right side of. */
typedef struct placements {
    double auc;
    double *pos, *neg; /* in the order of the subjects; deviations from the AUC */
    double var_pos, var_neg;
} placements;

static void placements_free(placements *p)
{
    stroma_free(p->pos);
    stroma_free(p->neg);
    *p = (placements){ 0 };
}

/* Sum of products over n − 1; 0 for one subject, as there is no spread to see. */
static double covariance(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return n > 1 ? sum / (double)(n - 1) : 0;
}

static stroma_status placements_of(const roc_ladder *l, placements *p, stroma_error *err)
{
    const double pairs = (double)l->n_pos * (double)l->n_neg;
    *p = (placements){ 0 };
    p->auc = (double)roc_pairs2(l, l->pos_count, l->neg_count) / 2 / pairs;
    double *rung = stroma_alloc_array(2 * l->rungs, sizeof *rung);
    p->pos = stroma_alloc_array(l->n_pos, sizeof *p->pos);
    p->neg = stroma_alloc_array(l->n_neg, sizeof *p->neg);
    if (rung == NULL || p->pos == NULL || p->neg == NULL) {
        stroma_free(rung);
        placements_free(p);
        return stroma_no_memory(err);
    }
    uint64_t pos_below = 0, neg_below = 0; /* doubled, so that ties stay whole */
    for (size_t r = 0; r < l->rungs; r++) {
        const uint64_t here = 2 * neg_below + l->neg_count[r];
        const uint64_t above = 2 * (l->n_pos - pos_below) - l->pos_count[r];
        rung[2 * r] = (double)here / 2 / (double)l->n_neg - p->auc;
        rung[2 * r + 1] = (double)above / 2 / (double)l->n_pos - p->auc;
        pos_below += l->pos_count[r];
        neg_below += l->neg_count[r];
    }
    for (size_t i = 0; i < l->n_pos; i++)
        p->pos[i] = rung[2 * l->pos[i]];
    for (size_t i = 0; i < l->n_neg; i++)
        p->neg[i] = rung[2 * l->neg[i] + 1];
    stroma_free(rung);
    p->var_pos = covariance(p->pos, p->pos, l->n_pos) / (double)l->n_pos;
    p->var_neg = covariance(p->neg, p->neg, l->n_neg) / (double)l->n_neg;
    return STROMA_OK;
}

/* Sample, ladder and placements together. */
static stroma_status analyse(const stroma_roc_sample *s, roc_ladder *l, placements *p,
                             stroma_error *err)
{
    STROMA_TRY(roc_ladder_new(s, l, err));
    if (l->n_pos == 0 || l->n_neg == 0) return STROMA_OK;
    const stroma_status status = placements_of(l, p, err);
    if (status != STROMA_OK) roc_ladder_free(l);
    return status;
}

static double hanley_mcneil(double a, double n_pos, double n_neg)
{
    const double q1 = a / (2 - a), q2 = 2 * a * a / (1 + a);
    return sqrt((a * (1 - a) + (n_pos - 1) * (q1 - a * a) + (n_neg - 1) * (q2 - a * a)) /
                (n_pos * n_neg));
}

static void symmetric(stroma_stat *out, double level)
{
    const double z = stroma_normal_quantile(0.5 + level / 2);
    out->lower = fmax(0, out->estimate - z * out->se);
    out->upper = fmin(1, out->estimate + z * out->se);
}

static void logit_interval(stroma_stat *out, double level)
{
    const double a = out->estimate;
    if (a <= 0 || a >= 1) {
        out->reason = "the logit of an area of 0 or 1 is infinite";
        return;
    }
    const double z = stroma_normal_quantile(0.5 + level / 2);
    const double centre = log(a / (1 - a)), half = z * out->se / (a * (1 - a));
    out->lower = 1 / (1 + exp(half - centre));
    out->upper = 1 / (1 + exp(-half - centre));
}

static void auc_of(const roc_ladder *l, const uint32_t *pos_count, const uint32_t *neg_count,
                   const void *context, double *out)
{
    (void)context;
    *out = (double)roc_pairs2(l, pos_count, neg_count) / 2 / ((double)l->n_pos * (double)l->n_neg);
}

static stroma_status bootstrap(const roc_ladder *l, const stroma_auc_options *o, stroma_stat *out,
                               stroma_error *err)
{
    double *x = NULL;
    STROMA_TRY(roc_resample(l, &o->bootstrap, auc_of, NULL, 1, &x, err));
    const stroma_status s = roc_percentiles(x, o->bootstrap.resamples, o->level, out, err);
    stroma_free(x);
    return s;
}

static stroma_status interval(const roc_ladder *l, const placements *p, const stroma_auc_options *o,
                              stroma_stat *out, stroma_error *err)
{
    out->interval_method = stroma_auc_interval_name(o->interval);
    if (o->interval == STROMA_AUC_BOOTSTRAP) STROMA_TRY(bootstrap(l, o, out, err));
    if (o->interval == STROMA_AUC_HANLEY_MCNEIL) {
        out->se = hanley_mcneil(p->auc, (double)l->n_pos, (double)l->n_neg);
        symmetric(out, o->level);
    }
    if (o->interval == STROMA_AUC_DELONG || o->interval == STROMA_AUC_DELONG_LOGIT) {
        out->se = sqrt(p->var_pos + p->var_neg);
        if (o->interval == STROMA_AUC_DELONG)
            symmetric(out, o->level);
        else
            logit_interval(out, o->level);
    }
    if (l->rungs == 1)
        out->reason = "all values are tied: the marker carries no information";
    else if ((p->auc <= 0 || p->auc >= 1) && out->reason[0] == '\0')
        out->reason = "the classes do not overlap: the standard error of 0 is no sign of certainty";
    return STROMA_OK;
}

stroma_status stroma_auc(const stroma_roc_sample *s, const stroma_auc_options *options,
                         stroma_stat *out, stroma_error *err)
{
    const stroma_auc_options *o = options == NULL ? &defaults : options;
    roc_ladder l;
    placements p = { 0 };
    *out = stroma_stat_empty("roc_auc");
    STROMA_TRY(roc_check_level(o->level, err));
    STROMA_TRY(analyse(s, &l, &p, err));
    out->variant = s->direction == STROMA_ROC_LOWER ? "lower is positive" : "higher is positive";
    out->n_used = l.n_pos + l.n_neg;
    out->n1 = l.n_pos;
    out->n2 = l.n_neg;
    out->level = o->level;
    out->estimate_name = "AUC";
    if (l.n_pos == 0 || l.n_neg == 0) {
        out->not_estimable = true;
        out->reason = roc_one_class;
        roc_ladder_free(&l);
        return STROMA_OK;
    }
    out->estimate = p.auc;
    stroma_stat u;
    stroma_rank_options rank = STROMA_RANK_OPTIONS_INIT;
    rank.p_only = true;
    rank.method = o->p_method;
    stroma_status status = interval(&l, &p, o, out, err);
    if (status == STROMA_OK)
        status = stroma_mann_whitney(s->positive, l.n_pos, s->negative, l.n_neg, &rank, &u, err);
    if (status == STROMA_OK) {
        out->statistic_name = "W";
        out->statistic = u.statistic;
        out->p = u.p;
    }
    placements_free(&p);
    roc_ladder_free(&l);
    return status;
}

static void difference(stroma_stat *out, double variance, double level)
{
    out->level = level;
    out->se = sqrt(fmax(0, variance));
    if (!(out->se > 0)) {
        out->reason = out->estimate == 0 ? "the two markers order the subjects alike"
                                         : "the difference has a standard error of 0";
        return;
    }
    const bool normal = isnan(out->df);
    const double q = normal ? stroma_normal_quantile(0.5 + level / 2)
                            : stroma_t_quantile(0.5 + level / 2, out->df);
    out->statistic_name = normal ? "z" : "t";
    out->statistic = out->estimate / out->se;
    out->p = normal ? stroma_normal_two_sided(out->statistic)
                    : stroma_t_two_sided(out->statistic, out->df);
    out->interval_method = "DeLong";
    out->lower = out->estimate - q * out->se;
    out->upper = out->estimate + q * out->se;
}

static void compare(const roc_ladder l[2], const placements p[2], bool paired, double level,
                    stroma_stat *out)
{
    const double va = p[0].var_pos + p[0].var_neg, vb = p[1].var_pos + p[1].var_neg;
    out->n_used = l[0].n_pos + l[0].n_neg;
    out->n1 = l[0].n_pos;
    out->n2 = l[0].n_neg;
    if (l[0].n_pos == 0 || l[0].n_neg == 0 || l[1].n_pos == 0 || l[1].n_neg == 0) {
        out->not_estimable = true;
        out->reason = roc_one_class;
        return;
    }
    out->estimate_name = "difference of AUCs";
    out->estimate = p[0].auc - p[1].auc;
    if (paired) {
        const double common = covariance(p[0].pos, p[1].pos, l[0].n_pos) / (double)l[0].n_pos +
                              covariance(p[0].neg, p[1].neg, l[0].n_neg) / (double)l[0].n_neg;
        difference(out, va + vb - 2 * common, level);
        return;
    }
    out->n1 = l[0].n_pos + l[0].n_neg;
    out->n2 = l[1].n_pos + l[1].n_neg;
    out->n_used = out->n1 + out->n2;
    out->df =
        (va + vb) * (va + vb) / (va * va / (double)(out->n1 - 1) + vb * vb / (double)(out->n2 - 1));
    difference(out, va + vb, level);
}

static stroma_status compare_two(const stroma_roc_sample *a, const stroma_roc_sample *b,
                                 bool paired, double level, stroma_stat *out, stroma_error *err)
{
    roc_ladder l[2] = { 0 };
    placements p[2] = { 0 };
    *out = stroma_stat_empty("roc_delong");
    out->variant = paired ? "paired" : "unpaired";
    STROMA_TRY(roc_check_level(level, err));
    if (paired && (a->positive_len != b->positive_len || a->negative_len != b->negative_len))
        return stroma_fail(err, STROMA_E_USAGE, "paired markers need the same subjects");
    stroma_status s = analyse(a, &l[0], &p[0], err);
    if (s == STROMA_OK) s = analyse(b, &l[1], &p[1], err);
    if (s == STROMA_OK) compare(l, p, paired, level, out);
    for (size_t i = 0; i < 2; i++) {
        placements_free(&p[i]);
        roc_ladder_free(&l[i]);
    }
    return s;
}

stroma_status stroma_auc_compare_paired(const stroma_roc_sample *a, const stroma_roc_sample *b,
                                        double level, stroma_stat *out, stroma_error *err)
{
    return compare_two(a, b, true, level, out, err);
}

stroma_status stroma_auc_compare_unpaired(const stroma_roc_sample *a, const stroma_roc_sample *b,
                                          double level, stroma_stat *out, stroma_error *err)
{
    return compare_two(a, b, false, level, out, err);
}
