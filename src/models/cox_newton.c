/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Newton's method with halved steps, and whether it runs away. Under Firth the information is not
 * the curvature of the penalised likelihood (in small data far from it): it is where a quasi-Newton
 * method (BFGS) starts from. */
#include "cox_problem.h"
#include "small_matrix.h"

#include <math.h>
#include <string.h>

enum { ITERATIONS_MAX = 300, HALVINGS_MAX = 40, RUNAWAY_FROM = 12 };
static const double decrement_end = 1e-18, step_most = 5;

/* Newton's step over the free coefficients; false where their information is singular. */
static bool newton(const cox_problem *q, const bool *fixed, cox_point *pt, double *step,
                   double *decrement)
{
    const size_t p = q->p;
    double *a = pt->work, *u = pt->work + p * p;
    size_t m = 0;
    for (size_t i = 0; i < p; i++) {
        if (fixed[i]) continue;
        size_t c = 0;
        for (size_t k = 0; k < p; k++)
            if (!fixed[k]) a[m * p + c++] = pt->information[i * p + k];
        u[m++] = pt->score[i];
    }
    for (size_t i = 0; i < m; i++)
        memmove(a + i * m, a + i * p, m * sizeof *a);
    *decrement = 0;
    memset(step, 0, p * sizeof *step);
    if (m == 0) return true;
    if (!small_cholesky(a, m)) return false;
    small_solve_lower(a, m, u);
    *decrement = small_dot(u, u, m);
    small_solve_upper(a, m, u);
    double most = 0;
    for (size_t i = 0; i < m; i++)
        most = fmax(most, fabs(u[i]));
    const double scale = most > step_most ? step_most / most : 1;
    for (size_t i = 0, k = 0; i < p; i++)
        if (!fixed[i]) step[i] = scale * u[k++];
    return isfinite(most);
}

/* Inverse information of the free coefficients, 0 elsewhere. */
static bool metric_start(const cox_problem *q, const bool *fixed, cox_point *pt)
{
    const size_t p = q->p;
    double *a = pt->work;
    for (size_t i = 0; i < p; i++)
        for (size_t k = 0; k < p; k++)
            a[i * p + k] = fixed[i] || fixed[k] ? i == k : pt->information[i * p + k];
    if (!small_cholesky(a, p)) return false;
    small_inverse(a, p, pt->metric);
    for (size_t i = 0; i < p; i++)
        if (fixed[i]) pt->metric[i * (p + 1)] = 0;
    return true;
}

/* BFGS: what the score did along the step that was taken. */
static void metric_learn(const cox_problem *q, cox_point *pt, const double *step)
{
    const size_t p = q->p;
    double *fall = pt->work, *turned = pt->work + p, along = 0, length = 0;
    for (size_t i = 0; i < p; i++) {
        fall[i] = pt->earlier[i] - pt->score[i];
        along += step[i] * fall[i];
        length += fabs(step[i] * fall[i]);
    }
    if (!(along > 1e-8 * length)) return;
    for (size_t i = 0; i < p; i++)
        turned[i] = small_dot(pt->metric + i * p, fall, p);
    const double curve = (along + small_dot(fall, turned, p)) / (along * along);
    for (size_t i = 0; i < p; i++)
        for (size_t k = 0; k < p; k++)
            pt->metric[i * p + k] +=
                curve * step[i] * step[k] - (turned[i] * step[k] + step[i] * turned[k]) / along;
}

static bool metric_step(const cox_problem *q, const bool *fixed, cox_point *pt, double *step,
                        double *decrement)
{
    const size_t p = q->p;
    for (int attempt = 0; attempt < 2; attempt++) {
        double most = 0;
        *decrement = 0;
        for (size_t i = 0; i < p; i++) {
            step[i] = fixed[i] ? 0 : small_dot(pt->metric + i * p, pt->score, p);
            *decrement += step[i] * pt->score[i];
            most = fmax(most, fabs(step[i]));
        }
        for (size_t i = 0; most > step_most && i < p; i++)
            step[i] *= step_most / most;
        if (*decrement >= 0 && isfinite(most)) return true;
        if (!metric_start(q, fixed, pt)) return false;
    }
    return false;
}

/* Does the direction favour, at every event, those who fail over everybody at risk? Then the
 * likelihood rises along it for ever (or stays, where nobody differs: not counted). */
typedef struct runaway {
    const double *direction;
    double tolerance;
    size_t block, done; /* rows from here on are in most and lowest */
    double most, lowest;
    bool holds, strict;
} runaway;

static void visit_runaway(const cox_problem *q, const cox_moment *m, void *context)
{
    runaway *r = context;
    const size_t end = q->t.first[m->block + 1];
    double least = INFINITY;
    if (!r->holds) return;
    if (r->block != m->block || q->start != NULL) { /* who leaves a risk set: look at all again */
        r->done = end;
        r->most = -INFINITY;
        r->lowest = INFINITY;
    }
    for (size_t i = m->first; i < r->done; i++) {
        if (q->start != NULL && !(q->start[i] < m->time)) continue;
        const double along = small_dot(q->x + i * q->p, r->direction, q->p);
        r->most = fmax(r->most, along);
        r->lowest = fmin(r->lowest, along);
        if (i < m->last && q->event[i]) least = fmin(least, along);
    }
    r->block = m->block;
    r->done = m->first;
    r->holds = least >= r->most - r->tolerance;
    r->strict = r->strict || r->lowest < least - 1e3 * r->tolerance;
}

static bool runs_away(cox_problem *q, const double *beta, double *direction)
{
    double most = 0, widest = 0;
    for (size_t k = 0; k < q->p; k++)
        most = fmax(most, fabs(direction[k]));
    if (!(most > 1e-3) || !isfinite(most)) return false;
    for (size_t k = 0; k < q->p; k++)
        if (fabs(direction[k]) < 1e-3 * most) direction[k] = 0;
    for (size_t i = 0; i < q->n; i++)
        widest = fmax(widest, fabs(small_dot(q->x + i * q->p, direction, q->p)));
    runaway r = { .direction = direction, .tolerance = 1e-6 * widest, .block = SIZE_MAX };
    r.holds = true;
    return cox_walk(q, beta, visit_runaway, &r) && r.holds && r.strict;
}

/* Along the step, halved until the likelihood does not fall; pt is then at the new beta. */
static bool climb(cox_problem *q, double *beta, double *step, double decrement, cox_point *pt)
{
    const double before = pt->log_likelihood, slack = 1e-10 * (1 + fabs(before));
    for (size_t k = 0; k < q->p; k++)
        beta[k] += step[k];
    for (int h = 0; h < HALVINGS_MAX; h++) {
        if (cox_at(q, beta, pt) && (decrement < slack || pt->log_likelihood >= before - slack))
            return true;
        for (size_t k = 0; k < q->p; k++) {
            step[k] /= 2;
            beta[k] -= step[k];
        }
    }
    return false;
}

void cox_maximise(cox_problem *q, const bool *fixed, double *beta, double *step, cox_point *pt,
                  cox_optimum *out)
{
    double decrement = 0;
    *out = (cox_optimum){ .log_likelihood = NAN };
    if (!cox_at(q, beta, pt) || (q->firth && !metric_start(q, fixed, pt))) return;
    for (;;) {
        const bool singular = !(q->firth ? metric_step(q, fixed, pt, step, &decrement)
                                         : newton(q, fixed, pt, step, &decrement));
        out->log_likelihood = pt->log_likelihood;
        if (!singular && decrement <= decrement_end) {
            out->ok = true;
            break;
        }
        if (singular || out->iterations == ITERATIONS_MAX) break;
        if (!q->firth && out->iterations >= RUNAWAY_FROM && decrement < 1e-4) {
            double most = 0;
            for (size_t k = 0; k < q->p; k++)
                most = fmax(most, fabs(step[k]));
            if (most > 0.1) {
                memcpy(pt->work, step, q->p * sizeof *step);
                if (runs_away(q, beta, pt->work)) {
                    memcpy(step, pt->work, q->p * sizeof *step);
                    out->monotone = true;
                    return;
                }
            }
        }
        memcpy(pt->earlier, pt->score, q->p * sizeof *pt->score);
        if (!climb(q, beta, step, decrement, pt)) break;
        if (q->firth) metric_learn(q, pt, step);
        out->iterations++;
    }
    for (size_t k = 0; k < q->p && out->ok; k++)
        beta[k] += step[k];
}
