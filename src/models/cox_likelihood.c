/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The partial likelihood by one walk from the last time to the first: each row enters the sums of
 * its risk sets once, and leaves them where it had not entered yet. */
#include "cox_problem.h"
#include "small_matrix.h"

#include "stroma/memory.h"

#include <math.h>
#include <string.h>

/* Add w times the moments of a row: 1, x, x x', and x x x' under Firth, packed. */
static void add_row(const cox_problem *q, size_t i, double w, double *m)
{
    const double *x = q->x + i * q->p;
    double *second = m + 1 + q->p;
    m[0] += w;
    for (size_t a = 0; a < q->p; a++) {
        const double wa = w * x[a];
        m[1 + a] += wa;
        for (size_t b = 0; b <= a; b++)
            *second++ += wa * x[b];
    }
    if (!q->firth) return;
    for (size_t a = 0; a < q->p; a++)
        for (size_t b = 0; b <= a; b++) {
            const double wab = w * x[a] * x[b];
            for (size_t c = 0; c <= b; c++)
                *second++ += wab * x[c];
        }
}

/* Removing rows leaves the rounding errors of what was larger: once little is left, sum anew. */
static void renew(const cox_problem *q, const cox_moment *m, size_t end, double *risk)
{
    memset(risk, 0, q->moments * sizeof *risk);
    for (size_t i = m->first; i < end; i++)
        if (q->start[i] < m->time) add_row(q, i, q->weight[i], risk);
}

static bool walk_block(const cox_problem *q, size_t block, cox_visit visit, void *context)
{
    const size_t from = q->t.first[block], end = q->t.first[block + 1];
    double *risk = q->sums, *dead = q->sums + q->moments, peak = 0;
    size_t late = end;
    memset(risk, 0, q->moments * sizeof *risk);
    for (size_t last = end; last > from;) {
        cox_moment m = { .block = block, .first = last, .last = last, .risk = risk, .dead = dead };
        m.time = q->stop[last - 1];
        while (m.first > from && q->stop[m.first - 1] == m.time) {
            m.first--;
            m.deaths += q->event[m.first];
            add_row(q, m.first, q->weight[m.first], risk);
        }
        last = m.first;
        if (!(m.deaths > 0)) continue;
        for (; q->start != NULL && late > from && q->start[q->late[late - 1]] >= m.time; late--) {
            peak = fmax(peak, risk[0]);
            add_row(q, q->late[late - 1], -q->weight[q->late[late - 1]], risk);
        }
        if (risk[0] < 0.01 * peak) {
            renew(q, &m, end, risk);
            peak = risk[0];
        }
        memset(dead, 0, q->moments * sizeof *dead);
        for (size_t i = m.first; i < m.last; i++)
            if (q->event[i]) add_row(q, i, q->weight[i], dead);
        if (!(risk[0] > 0) || !isfinite(risk[0]) || !(dead[0] > 0)) return false;
        visit(q, &m, context);
    }
    return true;
}

bool cox_walk(cox_problem *q, const double *beta, cox_visit visit, void *context)
{
    for (size_t b = 0; b < q->t.blocks; b++) {
        double most = -INFINITY;
        for (size_t i = q->t.first[b]; i < q->t.first[b + 1]; i++) {
            double eta = 0;
            for (size_t k = 0; beta != NULL && k < q->p; k++)
                eta += q->x[i * q->p + k] * beta[k];
            q->eta[i] = eta;
            most = fmax(most, eta);
            if (!isfinite(eta)) return false;
        }
        for (size_t i = q->t.first[b]; i < q->t.first[b + 1]; i++) {
            q->eta[i] -= most;
            q->weight[i] = exp(q->eta[i]);
        }
        if (!walk_block(q, b, visit, context)) return false;
    }
    return true;
}

size_t cox_steps(const cox_problem *q, const cox_moment *m)
{
    return q->efron ? (size_t)m->deaths : 1;
}

/* What of those who fail is out of the risk set. */
static double share_out(const cox_problem *q, const cox_moment *m, size_t step)
{
    return q->efron ? (double)step / m->deaths : 0;
}

double cox_step_mean(const cox_problem *q, const cox_moment *m, size_t step, double *mean,
                     double *times)
{
    const double out = share_out(q, m, step), sum = m->risk[0] - out * m->dead[0];
    for (size_t a = 0; a < q->p; a++)
        mean[a] = (m->risk[1 + a] - out * m->dead[1 + a]) / sum;
    *times = q->efron ? 1 : m->deaths;
    return sum;
}

stroma_status cox_point_new(const cox_problem *q, cox_point *pt, stroma_error *err)
{
    const size_t p = q->p, third = q->firth ? p * (p + 1) * (p + 2) / 6 : 0;
    *pt = (cox_point){ 0 };
    pt->score = stroma_alloc_array(4 * p + 3 * p * p + third, sizeof *pt->score);
    if (pt->score == NULL) return stroma_no_memory(err);
    pt->information = pt->score + p;
    pt->metric = pt->information + p * p;
    pt->earlier = pt->metric + p * p;
    pt->work = pt->earlier + p;
    pt->third = pt->work + p * p + 2 * p;
    return STROMA_OK;
}

void cox_point_free(cox_point *pt)
{
    stroma_free(pt->score);
    *pt = (cox_point){ 0 };
}

/* Third central moments of one step, from the raw ones. */
static void add_third(const cox_problem *q, const cox_moment *m, double out, double times,
                      cox_point *pt)
{
    const size_t p = q->p, second = 1 + p, third = second + p * (p + 1) / 2;
    const double sum = m->risk[0] - out * m->dead[0], *mean = pt->work;
    size_t k = 0;
#define RAW2(a_, b_)                                                                               \
    ((m->risk[second + cox_packed((a_), (b_))] - out * m->dead[second + cox_packed((a_), (b_))]) / \
     sum)
    for (size_t a = 0; a < p; a++)
        for (size_t b = 0; b <= a; b++) {
            const double ab = RAW2(a, b);
            for (size_t c = 0; c <= b; c++, k++) {
                const double raw = (m->risk[third + k] - out * m->dead[third + k]) / sum;
                pt->third[k] += times * (raw - mean[c] * ab - mean[b] * RAW2(a, c) -
                                         mean[a] * RAW2(b, c) + 2 * mean[a] * mean[b] * mean[c]);
            }
        }
#undef RAW2
}

static void add_moment(const cox_problem *q, const cox_moment *m, void *context)
{
    cox_point *pt = context;
    const size_t p = q->p;
    double *mean = pt->work, times = 1;
    for (size_t i = m->first; i < m->last; i++) {
        if (!q->event[i]) continue;
        pt->log_likelihood += q->eta[i];
        for (size_t a = 0; a < p; a++)
            pt->score[a] += q->x[i * p + a];
    }
    for (size_t l = 0; l < cox_steps(q, m); l++) {
        const double out = share_out(q, m, l), sum = cox_step_mean(q, m, l, mean, &times);
        pt->log_likelihood -= times * log(sum);
        for (size_t a = 0; a < p; a++) {
            pt->score[a] -= times * mean[a];
            for (size_t b = 0; b <= a; b++) {
                const size_t k = 1 + p + cox_packed(a, b);
                pt->information[a * p + b] +=
                    times * ((m->risk[k] - out * m->dead[k]) / sum - mean[a] * mean[b]);
            }
        }
        if (q->firth) add_third(q, m, out, times, pt);
    }
}

/* score_c += Σ_ab (I^-1)_ab K_abc / 2, and log |I| / 2. */
static bool add_penalty(const cox_problem *q, cox_point *pt)
{
    const size_t p = q->p;
    double *factor = pt->work, *column = pt->work + p * p;
    memcpy(factor, pt->information, p * p * sizeof *factor);
    if (!small_cholesky(factor, p)) return false;
    pt->log_likelihood += small_log_determinant(factor, p) / 2;
    for (size_t a = 0; a < p; a++) {
        memset(column, 0, p * sizeof *column);
        column[a] = 1;
        small_solve_lower(factor, p, column);
        small_solve_upper(factor, p, column);
        for (size_t b = 0; b < p; b++)
            for (size_t c = 0; c < p; c++) {
                const size_t hi = a > b ? (a > c ? a : c) : (b > c ? b : c);
                const size_t lo = a < b ? (a < c ? a : c) : (b < c ? b : c);
                const size_t mid = a + b + c - hi - lo;
                pt->score[c] +=
                    column[b] / 2 * pt->third[hi * (hi + 1) * (hi + 2) / 6 + cox_packed(mid, lo)];
            }
    }
    return true;
}

bool cox_at(cox_problem *q, const double *beta, cox_point *pt)
{
    const size_t p = q->p;
    pt->log_likelihood = 0;
    memset(pt->score, 0, p * sizeof *pt->score);
    memset(pt->information, 0, p * p * sizeof *pt->information);
    if (q->firth) memset(pt->third, 0, p * (p + 1) * (p + 2) / 6 * sizeof *pt->third);
    if (!cox_walk(q, beta, add_moment, pt)) return false;
    for (size_t a = 0; a < p; a++)
        for (size_t b = 0; b < a; b++)
            pt->information[b * p + a] = pt->information[a * p + b];
    if (q->firth && !add_penalty(q, pt)) return false;
    return isfinite(pt->log_likelihood);
}
