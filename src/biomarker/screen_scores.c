/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a candidate's cells to the rows that the engine multiplies with labels. */
#include "screen_job.h"

#include <math.h>
#include <string.h>

/* Σ (q − mean)² of the labels on a block's measured subjects. */
static double label_squares(const screen_job *job, const double *x, size_t h, size_t measured)
{
    double mean = 0, squares = 0;
    for (size_t i = job->start[h]; i < job->start[h + 1]; i++)
        if (!isnan(x[i])) mean += job->label[i];
    mean /= (double)measured;
    for (size_t i = job->start[h]; i < job->start[h + 1]; i++)
        if (!isnan(x[i])) squares += (job->label[i] - mean) * (job->label[i] - mean);
    return squares;
}

/* Scores of one block into c->rank. */
static stroma_status score_block(const screen_job *job, screen_cells *c, const double *x, size_t h,
                                 size_t *measured, double *squares, stroma_error *err)
{
    const size_t from = job->start[h], to = job->start[h + 1];
    if (job->o.statistic == STROMA_SCREEN_RANKS)
        return screen_cells_rank(c, x, from, to - from, measured, squares, err);
    double mean = 0;
    *measured = 0;
    *squares = 0;
    for (size_t i = from; i < to; i++)
        *measured += !isnan(x[i]);
    for (size_t i = from; i < to; i++)
        if (!isnan(x[i])) mean += x[i];
    mean /= *measured > 0 ? (double)*measured : 1;
    for (size_t i = from; i < to; i++) {
        c->rank[i] = isnan(x[i]) ? 0 : x[i] - mean;
        *squares += c->rank[i] * c->rank[i];
    }
    return STROMA_OK;
}

/* Van Elteren's weight of a block; for a numeric outcome the ranks of both sides are made
 * fractions.
 */
static double weight_of(const screen_job *job, size_t h, size_t measured)
{
    if (job->o.statistic != STROMA_SCREEN_RANKS || job->out->blocks == 1) return 1;
    const double w = 1 / ((double)measured + 1);
    return job->out->binary ? w : w / (double)(job->start[h + 1] - job->start[h] + 1);
}

/* Weighted scores, the variance of their sum, and what the variance of each block is made of. */
static stroma_status linear(const screen_job *job, screen_cells *c, const double *x,
                            screen_item *item, double *variance, stroma_error *err)
{
    *variance = 0;
    for (size_t h = 0; h < job->out->blocks; h++) {
        size_t m = 0;
        double squares = 0;
        STROMA_TRY(score_block(job, c, x, h, &m, &squares, err));
        const double w = weight_of(job, h, m);
        item->factor[h] = m > 1 ? w * w * squares / ((double)m - 1) : 0;
        if (item->factor[h] > 0) *variance += item->factor[h] * label_squares(job, x, h, m);
        for (size_t i = job->start[h]; i < job->start[h + 1]; i++)
            item->scores[i] = w * c->rank[i];
    }
    return STROMA_OK;
}

static stroma_status room(const screen_job *job, screen_item *item, size_t rows, bool gaps,
                          stroma_error *err)
{
    item->scores = stroma_alloc_array(rows * job->n, sizeof *item->scores);
    item->factor = stroma_alloc_array(job->out->blocks, sizeof *item->factor);
    if (gaps) item->present = stroma_alloc_array(job->n, sizeof *item->present);
    if (item->scores == NULL || item->factor == NULL || (gaps && item->present == NULL))
        return stroma_no_memory(err);
    return STROMA_OK;
}

/* Values centred and over their SD, so that sums of squares lose nothing. */
static void welch(const screen_job *job, screen_cells *c, screen_item *item)
{
    double mean = 0, squares = 0;
    for (size_t i = 0; i < job->n; i++)
        if (!isnan(c->score[i])) mean += c->score[i];
    mean /= (double)c->measured;
    for (size_t i = 0; i < job->n; i++)
        if (!isnan(c->score[i])) squares += (c->score[i] - mean) * (c->score[i] - mean);
    const double sd = sqrt(squares / (double)c->measured);
    for (size_t i = 0; i < job->n; i++) {
        item->scores[i] = isnan(c->score[i]) || !(sd > 0) ? 0 : (c->score[i] - mean) / sd;
        item->total += item->scores[i];
        item->square += item->scores[i] * item->scores[i];
    }
    item->present_n = c->measured;
    item->kind = SCREEN_WELCH;
}

/* Ranks of a complete candidate in one block need no doubles. */
static bool fits_int(const screen_job *job, const screen_cells *c)
{
    return job->ranks != NULL && c->measured == job->n;
}

static stroma_status int_ranks(const screen_job *job, screen_cells *c, screen_item *item,
                               stroma_error *err)
{
    size_t m = 0;
    double squares = 0;
    STROMA_TRY(screen_cells_rank(c, c->tied, 0, job->n, &m, &squares, err));
    item->ranks = job->ranks + item->column * 2 * job->engine.pairs;
    for (size_t i = 0; i < job->n; i++)
        item->ranks[i] = (int16_t)c->rank[i];
    const double variance = squares / ((double)m - 1) * label_squares(job, c->tied, 0, m);
    item->scale = 1 / sqrt(variance);
    item->kind = SCREEN_INT;
    return STROMA_OK;
}

stroma_status screen_scores(const screen_job *job, screen_cells *c, stroma_screen_candidate *out,
                            screen_item *item, stroma_error *err)
{
    const bool ranks = job->o.statistic == STROMA_SCREEN_RANKS, gaps = c->measured < job->n;
    if (ranks && fits_int(job, c)) return int_ranks(job, c, item, err);
    STROMA_TRY(room(job, item, 1, gaps, err));
    for (size_t i = 0; gaps && i < job->n; i++)
        item->present[i] = !isnan(c->value[i]);
    if (!ranks && job->out->binary && job->out->blocks == 1) {
        welch(job, c, item);
        return STROMA_OK;
    }
    double variance = 0;
    STROMA_TRY(linear(job, c, ranks ? c->tied : c->score, item, &variance, err));
    if (!(variance > 0)) {
        out->reason = job->out->blocks > 1 ? "no block has both different values and outcomes"
                                           : "the outcome does not vary where there are values";
        return STROMA_OK;
    }
    item->scale = 1 / sqrt(variance);
    item->kind = gaps ? SCREEN_GAPS : SCREEN_LINEAR;
    return STROMA_OK;
}
