/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Effect, shift and raw p of one candidate. */
#include "screen_job.h"

#include "stroma/models_roc.h"
#include "stroma/stats_anova.h"
#include "stroma/stats_correlation.h"
#include "stroma/stats_distribution.h"
#include "stroma/stats_rank_test.h"
#include "stroma/stats_t_test.h"

#include <math.h>

/* Room for an exact distribution. With ties each candidate has one of its own, and its cost grows
 * with the fourth power of the subjects: 1 MiB is about 80 of them and 3 ms. */
enum { EXACT_BYTES_MAX = 1 << 20 };

/* Side of "event less others", or of a correlation. */
static stroma_alternative side_of(const stroma_screen_candidate *out)
{
    return out->direction == STROMA_SCREEN_HIGHER  ? STROMA_GREATER
           : out->direction == STROMA_SCREEN_LOWER ? STROMA_LESS
                                                   : STROMA_TWO_SIDED;
}

/* Area of the subjects from … to, by place. */
static stroma_status area(const screen_job *job, screen_cells *c, size_t from, size_t to,
                          const stroma_screen_candidate *out, stroma_stat *auc, stroma_error *err)
{
    size_t n[2] = { 0, 0 };
    for (size_t i = from; i < to; i++)
        if (!isnan(c->tied[i])) {
            const int which = job->y[i] > 0;
            c->split[which][n[which]++] = c->tied[i];
        }
    const stroma_roc_sample s = { c->split[1], n[1], c->split[0], n[0],
                                  out->direction == STROMA_SCREEN_LOWER ? STROMA_ROC_LOWER
                                                                        : STROMA_ROC_HIGHER };
    stroma_auc_options o = STROMA_AUC_OPTIONS_INIT;
    o.interval = STROMA_AUC_DELONG_LOGIT;
    o.level = job->o.level;
    o.p_method = STROMA_RANK_NORMAL;
    return stroma_auc(&s, &o, auc, err);
}

/* The blocks' areas, by van Elteren's weights n1·n0/(n + 1); DeLong's variances add up. */
static stroma_status area_of_blocks(const screen_job *job, screen_cells *c,
                                    stroma_screen_candidate *out, stroma_error *err)
{
    double sum = 0, variance = 0, weights = 0;
    for (size_t h = 0; h < job->out->blocks; h++) {
        stroma_stat a;
        STROMA_TRY(area(job, c, job->start[h], job->start[h + 1], out, &a, err));
        if (a.n1 == 0 || a.n2 == 0) continue;
        const double w = (double)a.n1 * (double)a.n2 / ((double)(a.n1 + a.n2) + 1);
        weights += w;
        sum += w * a.estimate;
        variance += w * w * (isnan(a.se) ? 0 : a.se * a.se);
    }
    stroma_stat *s = &out->effect;
    *s = stroma_stat_empty("auc");
    s->variant = "mean of blocks";
    s->estimate_name = "AUC";
    s->level = job->o.level;
    s->n_used = out->n;
    if (!(weights > 0)) {
        *s = stroma_stat_cannot("auc", "no block has both groups");
        return STROMA_OK;
    }
    s->estimate = sum / weights;
    s->se = sqrt(variance) / weights;
    if (!(s->estimate > 0 && s->estimate < 1 && s->se > 0)) {
        s->reason = "every block is separated: the width means nothing";
        return STROMA_OK;
    }
    const double logit = log(s->estimate / (1 - s->estimate));
    const double half =
        stroma_normal_quantile(1 - (1 - s->level) / 2) * s->se / (s->estimate * (1 - s->estimate));
    s->interval_method = "DeLong, logit";
    s->lower = 1 / (1 + exp(half - logit));
    s->upper = 1 / (1 + exp(-half - logit));
    return STROMA_OK;
}

/* Taking logarithms may round two values to one. */
static bool same_ties(const screen_cells *c)
{
    if (c->censored) return false;
    for (size_t i = 1; c->column->log_scale && i < c->measured; i++)
        if (c->sorted[i] != c->sorted[i - 1] && log(c->sorted[i]) <= log(c->sorted[i - 1]))
            return false;
    return true;
}

static stroma_status rank_sum(const screen_job *job, screen_cells *c, const double *x,
                              const stroma_rank_options *o, stroma_stat *s, stroma_error *err)
{
    const size_t others = screen_cells_split(job, c, x, 0),
                 events = screen_cells_split(job, c, x, 1);
    return stroma_mann_whitney(c->split[1], events, c->split[0], others, o, s, err);
}

/* Exact conditional p of the tied values; the shift of the values or logarithms, two-sided. */
static stroma_status wilcoxon(const screen_job *job, screen_cells *c, stroma_screen_candidate *out,
                              stroma_error *err)
{
    stroma_rank_options o = STROMA_RANK_OPTIONS_INIT;
    o.level = job->o.level;
    o.cache = c->cache;
    o.memory_limit_bytes = EXACT_BYTES_MAX;
    const bool blocks = job->out->blocks > 1;
    const bool one_call = same_ties(c) && out->direction == STROMA_SCREEN_TWO_SIDED && !blocks;
    if (c->censored) {
        out->shift = stroma_stat_cannot("hodges_lehmann", "values beyond a limit");
        out->shift.estimate_name = "Hodges-Lehmann shift";
    } else {
        STROMA_TRY(rank_sum(job, c, c->score, &o, &out->shift, err));
    }
    if (blocks) return STROMA_OK;
    stroma_stat test = out->shift;
    if (!one_call) {
        o.alternative = side_of(out);
        o.p_only = true;
        STROMA_TRY(rank_sum(job, c, c->tied, &o, &test, err));
    }
    out->p = test.p;
    out->p_method = test.variant;
    if (test.not_estimable) out->reason = test.reason;
    return STROMA_OK;
}

static stroma_status welch(const screen_job *job, screen_cells *c, stroma_screen_candidate *out,
                           stroma_error *err)
{
    stroma_t_options o = STROMA_T_OPTIONS_INIT;
    o.level = job->o.level;
    const size_t others = screen_cells_split(job, c, c->score, 0),
                 events = screen_cells_split(job, c, c->score, 1);
    STROMA_TRY(stroma_t_welch(c->split[1], events, c->split[0], others, &o, &out->shift, err));
    if (job->out->blocks > 1) return STROMA_OK;
    stroma_stat test = out->shift;
    o.alternative = side_of(out);
    if (o.alternative != STROMA_TWO_SIDED)
        STROMA_TRY(stroma_t_welch(c->split[1], events, c->split[0], others, &o, &test, err));
    out->p = test.p;
    out->p_method = "Welch t";
    if (test.not_estimable || isnan(test.p))
        out->reason = test.reason[0] == '\0' ? "no variation within the groups" : test.reason;
    return STROMA_OK;
}

static stroma_status binary(const screen_job *job, screen_cells *c, stroma_screen_candidate *out,
                            stroma_error *err)
{
    if (job->out->blocks > 1)
        STROMA_TRY(area_of_blocks(job, c, out, err));
    else
        STROMA_TRY(area(job, c, 0, job->n, out, &out->effect, err));
    if (out->effect.estimate <= 0 || out->effect.estimate >= 1)
        out->flags |= STROMA_SCREEN_SEPARATED;
    return job->o.statistic == STROMA_SCREEN_RANKS ? wilcoxon(job, c, out, err)
                                                   : welch(job, c, out, err);
}

/* One side of a correlation by Student's t. */
static double correlation_p(double r, double n, stroma_alternative side)
{
    const double t = r * sqrt((n - 2) / fmax(1 - r * r, 1e-300));
    return stroma_t_sf(side == STROMA_LESS ? -t : t, n - 2);
}

static stroma_status numeric(const screen_job *job, screen_cells *c, stroma_screen_candidate *out,
                             stroma_error *err)
{
    const bool ranks = job->o.statistic == STROMA_SCREEN_RANKS;
    size_t n = 0;
    const double *x = ranks ? c->tied : c->score;
    for (size_t i = 0; i < job->n; i++)
        if (!isnan(x[i])) {
            c->split[0][n] = x[i];
            c->split[1][n++] = job->y[i];
        }
    stroma_stat *s = &out->effect;
    if (ranks)
        STROMA_TRY(stroma_correlation_spearman(c->split[0], c->split[1], n, STROMA_RANK_P_AUTO,
                                               STROMA_SPEARMAN_BONETT_WRIGHT, job->o.level, s,
                                               err));
    else
        STROMA_TRY(stroma_correlation_pearson(c->split[0], c->split[1], n, job->o.level, s, err));
    if (s->not_estimable) out->reason = s->reason;
    if (job->out->blocks > 1) return STROMA_OK;
    out->p = s->p;
    out->p_method = ranks ? (s->variant[0] == '\0' ? "Spearman, t" : s->variant) : "Pearson, t";
    if (out->direction == STROMA_SCREEN_TWO_SIDED || s->not_estimable) return STROMA_OK;
    out->p = correlation_p(s->estimate, (double)n, side_of(out));
    out->p_method = ranks ? "Spearman, t" : "Pearson, t";
    return STROMA_OK;
}

/* Does the candidate differ between the batches? */
static stroma_status batches(const screen_job *job, screen_cells *c, stroma_screen_candidate *out,
                             stroma_error *err)
{
    const stroma_biomarker_frame *f = job->f;
    if (f->batch == NULL || f->batches_len < 2) return STROMA_OK;
    size_t n = 0, k = 0;
    /* c->order: the new code of a batch that occurs, plus 1; there are at most n batches */
    for (size_t i = 0; i < job->n; i++)
        c->order[i] = 0;
    for (size_t i = 0; i < job->n; i++) {
        if (isnan(c->tied[i])) continue;
        const size_t batch = f->batch[job->at[i]];
        if (c->order[batch] == 0) c->order[batch] = ++k;
        c->sorted[n] = c->tied[i];
        c->code[n++] = c->order[batch] - 1;
    }
    stroma_stat s;
    STROMA_TRY(stroma_kruskal_wallis(c->sorted, c->code, n, k, &s, err));
    out->batch_p = s.p;
    return STROMA_OK;
}

stroma_status screen_test(const screen_job *job, screen_cells *c, stroma_screen_candidate *out,
                          stroma_error *err)
{
    if (!screen_is_interaction(job))
        STROMA_TRY(job->out->binary ? binary(job, c, out, err) : numeric(job, c, out, err));
    return batches(job, c, out, err);
}

static double normal_p(const stroma_screen_candidate *out, double z)
{
    return out->direction == STROMA_SCREEN_TWO_SIDED ? stroma_normal_two_sided(z)
                                                     : stroma_normal_sf(z);
}

/* Correlation within blocks: z over what it would be if the order were the same in both. */
static void correlation_from_z(const screen_job *job, const screen_item *item,
                               stroma_screen_candidate *out)
{
    double a = 0, b = 0, sum = 0;
    for (size_t i = 0; i < job->n; i++) {
        if (item->present != NULL && !(item->present[i] > 0)) continue;
        a += item->scores[i] * item->scores[i];
        b += job->label[i] * job->label[i];
        sum += item->scores[i] * job->label[i];
    }
    stroma_stat *s = &out->effect;
    const double n = (double)out->n - (double)job->out->blocks + 1, r = sum / sqrt(a * b);
    s->variant = "within blocks";
    s->estimate = r;
    s->p = s->statistic = s->df = s->se = s->lower = s->upper = NAN;
    if (!(n > 3.5) || !(fabs(r) < 1)) return;
    const double width = job->o.statistic == STROMA_SCREEN_RANKS ? 1 + r * r / 2 : 1;
    const double half = stroma_normal_quantile(1 - (1 - job->o.level) / 2) * sqrt(width / (n - 3));
    s->lower = tanh(atanh(r) - half);
    s->upper = tanh(atanh(r) + half);
}

void screen_test_from_z(const screen_job *job, const screen_item *item,
                        stroma_screen_candidate *out)
{
    out->z = item->z;
    if (screen_is_interaction(job) || job->out->blocks == 1) return;
    out->p = normal_p(out, item->z);
    if (job->o.statistic == STROMA_SCREEN_VALUES)
        out->p_method = "within blocks, normal";
    else
        out->p_method = job->out->binary ? "van Elteren, normal" : "Spearman within blocks, normal";
    if (!job->out->binary) correlation_from_z(job, item, out);
}
