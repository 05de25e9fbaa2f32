/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the screen share: the subjects in blocks, one candidate's cells, and who turns
 * them into tests and into rows of the engine. */
#ifndef STROMA_SCREEN_JOB_H
#define STROMA_SCREEN_JOB_H
#include "screen_engine.h"

typedef struct screen_job {
    const stroma_biomarker_frame *f;
    stroma_screen_options o; /* with the defaults filled in */
    stroma_screen *out;
    size_t n;
    size_t *at;     /* n: subject of the frame at each place, block after block */
    size_t *start;  /* blocks + 1 */
    double *y;      /* n: outcome by place; 0/1 when binary; the arm for pharmacodynamic */
    double *label;  /* n: scores of y for the engine */
    uint8_t *arm;   /* n: treated, for an interaction; else NULL */
    int16_t *ranks; /* columns × 2·pairs; NULL when no candidate can be kept so */
    screen_engine engine;
} screen_job;

/* One candidate's cells by place, and room to work on them; one a thread. */
typedef struct screen_cells {
    const stroma_biomarker_column *column;
    size_t n, measured;
    double *value; /* n: NaN where missing; the limit where censored */
    double *tied;  /* n: the same with everything beyond a limit tied */
    double *score; /* n: what values are analysed: value or its logarithm; NaN as value */
    bool censored;
    double lower, upper; /* tied values stand below (above) these; NaN when nothing is */
    double *split[2];    /* n: one group's values */
    double *sorted;      /* n */
    size_t *order, *code;
    double *rank; /* n */
    struct stroma_rank_cache *cache;
} screen_cells;

STROMA_CHECK stroma_status screen_check_question(const screen_job *job, stroma_error *err);
STROMA_CHECK stroma_status screen_make_blocks(screen_job *job, stroma_error *err);
STROMA_CHECK stroma_status screen_check_batches(screen_job *job, stroma_error *err);

STROMA_CHECK stroma_status screen_cells_init(screen_cells *c, size_t n, stroma_error *err);
void screen_cells_clear(screen_cells *c);
/* Fill cells and the candidate's counts, medians and flags. A candidate that cannot be tested has
 * its reason then. */
STROMA_CHECK stroma_status screen_cells_read(const screen_job *job, screen_cells *c,
                                             stroma_screen_candidate *out, stroma_error *err);
/* @p x of the measured subjects without (which = 0) and with (1) the event into split. @return how
 * many. */
size_t screen_cells_split(const screen_job *job, screen_cells *c, const double *x, int which);
/* Doubled midranks less their mean of the numbers x[from … from + len − 1] that are no NaN, into
 * c->rank (0 where NaN); their count, and the sum of squares. */
STROMA_CHECK stroma_status screen_cells_rank(screen_cells *c, const double *x, size_t from,
                                             size_t len, size_t *measured, double *squares,
                                             stroma_error *err);

/* Effect, shift and raw p; those that come from z are filled in by screen_test_from_z(). */
STROMA_CHECK stroma_status screen_test(const screen_job *job, screen_cells *c,
                                       stroma_screen_candidate *out, stroma_error *err);
void screen_test_from_z(const screen_job *job, const screen_item *item,
                        stroma_screen_candidate *out);
/* The rows of the engine. */
STROMA_CHECK stroma_status screen_scores(const screen_job *job, screen_cells *c,
                                         stroma_screen_candidate *out, screen_item *item,
                                         stroma_error *err);
STROMA_CHECK stroma_status screen_interaction(const screen_job *job, screen_cells *c,
                                              stroma_screen_candidate *out, screen_item *item,
                                              stroma_error *err);
/* Findings on the whole and on single candidates. */
STROMA_CHECK stroma_status screen_note(screen_job *job, stroma_error *err);
static inline bool screen_is_interaction(const screen_job *job)
{
    return job->out->question == STROMA_QUESTION_PREDICTIVE;
}
#endif
