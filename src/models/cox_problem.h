/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Cox model's data in the order of time, and its likelihood at one value of the coefficients. */
#ifndef STROMA_MODELS_COX_PROBLEM_H
#define STROMA_MODELS_COX_PROBLEM_H
#include "survival_times.h"

#include "stroma/models_cox.h"

typedef struct cox_problem {
    size_t n, p;
    bool efron, firth;
    survival_times t;
    /* by position: block by block (strata), stop ascending */
    double *stop, *start; /* start NULL without delayed entry */
    bool *event;
    size_t *late;   /* positions by start ascending, block by block; NULL likewise */
    double *x;      /* n × p, row by row, centred and scaled */
    size_t *column; /* p: of the design */
    double *mean, *sd;
    double *eta, *weight; /* n: at the last point; exp(eta − largest of the block) */
    double *sums;         /* four times `moments` */
    size_t moments;       /* of order 0, 1, 2 (and 3 under Firth), packed */
    size_t events;
} cox_problem;

STROMA_CHECK stroma_status cox_problem_new(const stroma_cox_data *d, const stroma_cox_options *o,
                                           bool *aliased, cox_problem *out, stroma_error *err);
void cox_problem_free(cox_problem *q);

/* One event time of a block, while the risk set is at hand: positions first … last−1 stop there. */
typedef struct cox_moment {
    size_t block, first, last;
    double time;
    double deaths;
    const double *risk, *dead; /* moments of those at risk, and of those who fail, by weight */
} cox_moment;
typedef void (*cox_visit)(const cox_problem *q, const cox_moment *m, void *context);
/* eta and weight at beta (0 for NULL), then every event time, later times first within a block.
 * @return false where a sum is not finite */
bool cox_walk(cox_problem *q, const double *beta, cox_visit visit, void *context);

/* Steps of a death time: with Efron's ties one for each death, else one that counts for all. The
 * mean (p) of those at risk, their sum of weights, and how often the step counts. */
size_t cox_steps(const cox_problem *q, const cox_moment *m);
double cox_step_mean(const cox_problem *q, const cox_moment *m, size_t step, double *mean,
                     double *times);

typedef struct cox_point {
    double log_likelihood; /* penalised under Firth */
    double *score;         /* p; under Firth the modified one */
    double *information;   /* p × p */
    double *third;         /* p³ packed sums of third central moments; Firth only */
    double *metric;        /* p × p, Firth only: inverse curvature, learned on the way */
    double *earlier;       /* p: the score before the last step */
    double *work;          /* p × p + 2 p */
} cox_point;
/* false where the point has no finite likelihood (or, under Firth, a singular information) */
bool cox_at(cox_problem *q, const double *beta, cox_point *pt);
STROMA_CHECK stroma_status cox_point_new(const cox_problem *q, cox_point *pt, stroma_error *err);
void cox_point_free(cox_point *pt);

typedef struct cox_optimum {
    double log_likelihood;
    int iterations;
    bool ok;
    bool monotone; /* steps point along a direction that every risk set agrees with */
} cox_optimum;
/* Maximise over the coefficients that are not fixed, from @p beta. @p step (p) is the last step:
 * the direction, where it is monotone. */
void cox_maximise(cox_problem *q, const bool *fixed, double *beta, double *step, cox_point *pt,
                  cox_optimum *out);

/* Sums over each row's own residual of score: n × p by position (Lin & Wei). Weights are those of
 * the last walk, which must have been at the estimates. */
STROMA_CHECK stroma_status cox_score_residuals(cox_problem *q, const double *beta, double *out,
                                               stroma_error *err);
STROMA_CHECK stroma_status cox_concordance(const cox_problem *q, const stroma_cox_data *d,
                                           double level, stroma_stat *out, stroma_error *err);
/* Index in a packed lower triangle, a ≥ b. */
static inline size_t cox_packed(size_t a, size_t b)
{
    return a * (a + 1) / 2 + b;
}
#endif
