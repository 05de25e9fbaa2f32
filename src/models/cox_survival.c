/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Survival that a Cox model predicts at given values of the columns. */
#include "cox_problem.h"
#include "small_matrix.h"

#include "stroma/memory.h"

#include <math.h>
#include <string.h>

typedef struct prediction {
    const double *beta, *z; /* scaled */
    stroma_cox_step *steps; /* increments, in the order of the walk */
    double *pull;           /* steps × p: (mean − z) times the increment */
    double *variance;       /* steps: of the increment, coefficients known */
    size_t len;
} prediction;

static void visit(const cox_problem *q, const cox_moment *m, void *context)
{
    prediction *w = context;
    const size_t p = q->p;
    double *mean = q->sums + 2 * q->moments, times = 1;
    /* weights are relative to the largest of the block */
    const double largest = small_dot(q->x + m->first * p, w->beta, p) - q->eta[m->first];
    const double relative = exp(small_dot(w->z, w->beta, p) - largest);
    stroma_cox_step *s = &w->steps[w->len];
    s->stratum = m->block;
    s->time = m->time;
    for (size_t l = 0; l < cox_steps(q, m); l++) {
        const double h = relative / cox_step_mean(q, m, l, mean, &times);
        s->hazard += times * h;
        w->variance[w->len] += times * h * h;
        for (size_t a = 0; a < p; a++)
            w->pull[w->len * p + a] += times * h * (mean[a] - w->z[a]);
    }
    w->len++;
}

/* Increments, latest first, to sums, earliest first, within each block. */
static void cumulate(const cox_problem *q, const stroma_cox_model *m, prediction *w,
                     const stroma_survival_options *o)
{
    const size_t p = q->p;
    for (size_t from = 0, end; from < w->len; from = end) {
        double variance = 0, hazard = 0;
        for (end = from; end < w->len && w->steps[end].stratum == w->steps[from].stratum; end++)
            continue;
        double *sum = w->pull + (end - 1) * p; /* the earliest one carries on */
        for (size_t i = end; i-- > from;) {
            stroma_cox_step *s = &w->steps[i];
            double spread = 0;
            hazard += s->hazard;
            variance += w->variance[i];
            for (size_t a = 0; a < p && i + 1 < end; a++)
                sum[a] += w->pull[i * p + a];
            for (size_t a = 0; a < p; a++)
                for (size_t b = 0; b < p; b++)
                    spread += sum[a] * sum[b] * q->sd[a] * q->sd[b] *
                              m->covariance[q->column[a] * m->columns + q->column[b]];
            s->hazard = hazard;
            s->survival = exp(-hazard);
            s->hazard_se = sqrt(variance + spread);
            survival_limits(s->survival, s->survival * s->hazard_se, o, &s->lower, &s->upper);
        }
        for (size_t a = from, b = end - 1; a < b; a++, b--) {
            const stroma_cox_step t = w->steps[a];
            w->steps[a] = w->steps[b];
            w->steps[b] = t;
        }
    }
}

static stroma_status predict(cox_problem *q, const stroma_cox_model *m, const double *x,
                             stroma_survival_scale scale, prediction *w, stroma_error *err)
{
    const size_t p = q->p;
    const stroma_survival_options o = { scale, m->options.level };
    double *room = stroma_alloc_array(2 * p + q->events * (p + 1), sizeof *room);
    w->steps = stroma_alloc_array(q->events, sizeof *w->steps);
    if (room == NULL || w->steps == NULL) {
        stroma_free(room);
        return stroma_no_memory(err);
    }
    for (size_t k = 0; k < p; k++) {
        room[k] = m->coefficients[q->column[k]] * q->sd[k];
        room[p + k] = x == NULL ? 0 : (x[q->column[k]] - q->mean[k]) / q->sd[k];
    }
    w->beta = room;
    w->z = room + p;
    w->variance = room + 2 * p;
    w->pull = w->variance + q->events;
    const bool ok = cox_walk(q, w->beta, visit, w);
    if (ok) cumulate(q, m, w, &o);
    stroma_free(room);
    STROMA_BUG_IF(!ok, err);
    return STROMA_OK;
}

stroma_status stroma_cox_survival(const stroma_cox_data *d, const stroma_cox_model *m,
                                  const double *x, stroma_survival_scale scale,
                                  stroma_cox_step **out, size_t *out_len, stroma_error *err)
{
    cox_problem q;
    prediction w = { 0 };
    stroma_cox_options o = m->options;
    *out = NULL;
    *out_len = 0;
    if (m->reason[0] != '\0')
        return stroma_fail(err, STROMA_E_DEGENERATE, "the model has no estimates: %s", m->reason);
    for (size_t j = 0; x != NULL && j < m->columns; j++)
        if (!isfinite(x[j]))
            return stroma_fail(err, STROMA_E_USAGE, "value %zu is not finite", j + 1);
    o.firth = false;
    bool *aliased = stroma_alloc_array(m->columns, sizeof *aliased);
    if (aliased == NULL) return stroma_no_memory(err);
    stroma_status s = cox_problem_new(d, &o, aliased, &q, err);
    if (s == STROMA_OK) {
        s = predict(&q, m, x, scale, &w, err);
        cox_problem_free(&q);
    }
    stroma_free(aliased);
    if (s == STROMA_OK) {
        *out = w.steps;
        *out_len = w.len;
    } else {
        stroma_free(w.steps);
    }
    return s;
}
