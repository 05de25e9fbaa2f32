/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The subjects, block after block, with the scores of their outcome. Nothing is compared or
 * permuted across blocks: strata, arms and batches. */
#include "screen_job.h"

#include "stroma/sort.h"
#include "stroma/stats_anova.h"
#include "stroma/stats_contingency.h"

#include <math.h>
#include <string.h>

typedef struct block_key {
    size_t stratum, arm, batch, subject;
} block_key;

static int by_block(const void *a, const void *b, void *context)
{
    const block_key *x = a, *y = b;
    (void)context;
    if (x->stratum != y->stratum) return x->stratum < y->stratum ? -1 : 1;
    if (x->arm != y->arm) return x->arm < y->arm ? -1 : 1;
    if (x->batch != y->batch) return x->batch < y->batch ? -1 : 1;
    return 0;
}

/* The arms are what is compared (pharmacodynamic), what interacts (predictive), or else a block. */
static bool arms_are_blocks(const screen_job *job)
{
    return job->f->treated != NULL && job->out->question != STROMA_QUESTION_PHARMACODYNAMIC &&
           job->out->question != STROMA_QUESTION_PREDICTIVE;
}

static stroma_status order_subjects(screen_job *job, stroma_error *err)
{
    const stroma_biomarker_frame *f = job->f;
    block_key *key = stroma_alloc_array(job->n, sizeof *key);
    if (key == NULL) return stroma_no_memory(err);
    const bool arms = arms_are_blocks(job);
    for (size_t i = 0; i < job->n; i++)
        key[i] = (block_key){ f->stratum == NULL ? 0 : f->stratum[i], arms ? f->treated[i] != 0 : 0,
                              job->out->batch_adjusted ? f->batch[i] : 0, i };
    const stroma_status s = stroma_sort(key, job->n, sizeof *key, by_block, NULL, err);
    size_t blocks = 0;
    for (size_t i = 0; s == STROMA_OK && i < job->n; i++) {
        job->at[i] = key[i].subject;
        if (i == 0 || by_block(&key[i - 1], &key[i], NULL) != 0) job->start[blocks++] = i;
    }
    job->start[blocks] = job->n;
    job->out->blocks = blocks;
    stroma_free(key);
    return s;
}

static void set_outcome(screen_job *job)
{
    stroma_screen *out = job->out;
    const stroma_biomarker_frame *f = job->f;
    const bool arms = out->question == STROMA_QUESTION_PHARMACODYNAMIC;
    out->binary = arms || f->event != NULL;
    for (size_t i = 0; i < job->n; i++) {
        const size_t at = job->at[i];
        job->y[i] = arms ? f->treated[at] != 0 : f->outcome[at];
        if (out->binary) out->groups[job->y[i] > 0]++;
        if (screen_is_interaction(job)) job->arm[i] = f->treated[at] != 0;
        if (f->treated != NULL) out->arms[f->treated[at] != 0]++;
    }
    if (!out->binary) out->groups[0] = job->n;
}

/* Midranks less their mean within a block, doubled; or values less the block's mean, over the SD.
 */
static stroma_status score_outcome(screen_job *job, stroma_error *err)
{
    const bool values = job->o.statistic == STROMA_SCREEN_VALUES;
    double squares = 0;
    bool varies = false;
    screen_cells c;
    stroma_status s = screen_cells_init(&c, job->n, err);
    for (size_t h = 0; s == STROMA_OK && h < job->out->blocks; h++) {
        const size_t from = job->start[h], len = job->start[h + 1] - from;
        double mean = 0, square = 0;
        size_t measured = 0;
        for (size_t i = from; i < from + len; i++) {
            mean += job->y[i];
            varies |= job->y[i] != job->y[from];
        }
        mean /= (double)len;
        if (!values && !job->out->binary)
            s = screen_cells_rank(&c, job->y, from, len, &measured, &square, err);
        for (size_t i = from; i < from + len; i++) {
            job->label[i] = job->out->binary ? job->y[i] : values ? job->y[i] - mean : c.rank[i];
            squares += (job->y[i] - mean) * (job->y[i] - mean);
        }
    }
    screen_cells_clear(&c);
    if (s != STROMA_OK) return s;
    const double sd = sqrt(squares / (double)job->n);
    for (size_t i = 0; values && !job->out->binary && sd > 0 && i < job->n; i++)
        job->label[i] /= sd;
    if (varies) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_DEGENERATE,
                      job->out->blocks > 1 ? "the outcome \"%s\" does not vary within any block"
                                           : "the outcome \"%s\" does not vary",
                      job->f->outcome_name == NULL ? "" : job->f->outcome_name);
    stroma_hint(err, "there is nothing to tell apart: %zu subjects, %zu with the event", job->n,
                job->out->groups[1]);
    return STROMA_E_DEGENERATE;
}

stroma_status screen_make_blocks(screen_job *job, stroma_error *err)
{
    const stroma_biomarker_frame *f = job->f;
    for (size_t i = 0; i < f->n; i++)
        if (!(fabs(f->outcome[i]) <= 1e140))
            return stroma_fail(err, STROMA_E_USAGE, "the outcome of subject %zu is not finite",
                               i + 1);
    job->n = f->n;
    job->at = stroma_alloc_array(f->n, sizeof *job->at);
    job->start = stroma_alloc_array(f->n + 1, sizeof *job->start);
    job->y = stroma_alloc_array(f->n, sizeof *job->y);
    job->label = stroma_alloc_array(f->n, sizeof *job->label);
    if (screen_is_interaction(job)) job->arm = stroma_alloc_array(f->n, sizeof *job->arm);
    if (job->at == NULL || job->start == NULL || job->y == NULL || job->label == NULL ||
        (screen_is_interaction(job) && job->arm == NULL))
        return stroma_no_memory(err);
    job->out->batch_adjusted = f->batch != NULL && f->batches_len > 1 && !job->o.batch_ignored;
    job->out->stratified = f->stratum != NULL && f->strata_len > 1;
    STROMA_TRY(order_subjects(job, err));
    set_outcome(job);
    return score_outcome(job, err);
}

/* Do batch and outcome go together? Then a difference between batches looks like an effect. */
stroma_status screen_check_batches(screen_job *job, stroma_error *err)
{
    const stroma_biomarker_frame *f = job->f;
    job->out->batch_outcome_p = NAN;
    job->out->batch_outcome_method = "";
    if (f->batch == NULL || f->batches_len < 2) return STROMA_OK;
    stroma_stat s;
    if (!job->out->binary) {
        STROMA_TRY(stroma_kruskal_wallis(f->outcome, f->batch, f->n, f->batches_len, &s, err));
        job->out->batch_outcome_method = "Kruskal-Wallis";
    } else {
        size_t *counts = stroma_alloc_array(f->batches_len, 2 * sizeof *counts);
        if (counts == NULL) return stroma_no_memory(err);
        for (size_t i = 0; i < job->n; i++)
            counts[2 * f->batch[job->at[i]] + (job->y[i] > 0)]++;
        stroma_error why = STROMA_ERROR_INIT;
        stroma_status st = stroma_fisher_freeman_halton(counts, f->batches_len, 2, &s, &why);
        job->out->batch_outcome_method = "Fisher-Freeman-Halton";
        if (st == STROMA_E_DEGENERATE) { /* too large for the exact test */
            st = stroma_chi_square(counts, f->batches_len, 2, false, &s, &why);
            job->out->batch_outcome_method = "chi-squared";
        }
        stroma_free(counts);
        if (st != STROMA_OK) {
            if (err != NULL) *err = why;
            return st;
        }
    }
    job->out->batch_outcome_p = s.p;
    return STROMA_OK;
}
