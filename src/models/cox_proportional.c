/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does a hazard ratio change with time? */
#include "cox_problem.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"

#include <math.h>
#include <string.h>

static const char no_estimates[] = "the model has no estimates";

const char *stroma_cox_clock_name(stroma_cox_clock c)
{
    static const char *const names[] = { "km", "identity", "log", "rank" };
    return (size_t)c < STROMA_COX_CLOCKS ? names[c] : "";
}

typedef struct trend {
    double *clock;        /* n, by position */
    double *score;        /* p: Σ g (x − mean) */
    double *v, *gv, *ggv; /* p × p: Σ V, Σ g V, Σ g² V */
} trend;

/* Rank, or failed fraction, of every position's time among all of them. */
static stroma_status pooled_clock(const cox_problem *q, const stroma_cox_data *d, bool ranks,
                                  double *clock, stroma_error *err)
{
    survival_times t;
    STROMA_TRY(survival_times_new(&d->times, NULL, 0, &t, err));
    double *row = stroma_alloc_array(q->n, sizeof *row), survival = 1;
    const size_t n = row == NULL ? 0 : q->n;
    size_t entered = t.start == NULL ? n : 0;
    for (size_t i = 0, next; i < n; i = next) {
        const double now = t.stop[t.by_stop[i]];
        double events = 0;
        while (entered < n && t.start[t.by_start[entered]] < now)
            entered++;
        for (next = i; next < n && t.stop[t.by_stop[next]] == now; next++) {
            row[t.by_stop[next]] = 1 - survival;
            events += d->times.event[t.by_stop[next]] != 0;
        }
        for (size_t j = i; ranks && j < next; j++)
            row[t.by_stop[j]] = (double)(i + 1 + next) / 2;
        survival *= 1 - events / (double)(entered - i);
    }
    for (size_t i = 0; i < n; i++)
        clock[i] = row[q->t.by_stop[i]];
    survival_times_free(&t);
    stroma_free(row);
    return n == 0 ? stroma_no_memory(err) : STROMA_OK;
}

/* g at every position, with mean 0 over the events. @return false for an event that has none. */
static bool centre(const cox_problem *q, double *clock)
{
    double mean = 0;
    for (size_t i = 0; i < q->n; i++)
        if (q->event[i]) mean += clock[i];
    mean /= (double)q->events;
    for (size_t i = 0; i < q->n; i++)
        clock[i] -= mean;
    return isfinite(mean);
}

static stroma_status set_clock(const cox_problem *q, const stroma_cox_data *d, stroma_cox_clock c,
                               double *clock, stroma_error *err)
{
    if (c == STROMA_COX_CLOCK_KM || c == STROMA_COX_CLOCK_RANK)
        return pooled_clock(q, d, c == STROMA_COX_CLOCK_RANK, clock, err);
    for (size_t i = 0; i < q->n; i++)
        clock[i] = c == STROMA_COX_CLOCK_LOG ? log(q->stop[i]) : q->stop[i];
    return STROMA_OK;
}

static void visit(const cox_problem *q, const cox_moment *m, void *context)
{
    trend *w = context;
    const size_t p = q->p;
    const double g = w->clock[m->first];
    double *mean = q->sums + 2 * q->moments, times = 1;
    for (size_t i = m->first; i < m->last; i++)
        for (size_t a = 0; q->event[i] && a < p; a++)
            w->score[a] += g * q->x[i * p + a];
    for (size_t l = 0; l < cox_steps(q, m); l++) {
        const double sum = cox_step_mean(q, m, l, mean, &times);
        const double out = q->efron ? (double)l / m->deaths : 0;
        for (size_t a = 0; a < p; a++) {
            w->score[a] -= times * g * mean[a];
            for (size_t b = 0; b < p; b++) {
                const size_t k = 1 + p + (a > b ? cox_packed(a, b) : cox_packed(b, a));
                const double v =
                    times * ((m->risk[k] - out * m->dead[k]) / sum - mean[a] * mean[b]);
                w->v[a * p + b] += v;
                w->gv[a * p + b] += g * v;
                w->ggv[a * p + b] += g * g * v;
            }
        }
    }
}

/* Score test of the columns in @p in; u and a are scratch. */
static void test(const trend *w, size_t p, const bool *in, double *u, double *a, stroma_stat *out)
{
    size_t extra = 0;
    for (size_t k = 0; k < p; k++)
        extra += in[k];
    if (extra == 0) {
        out->not_estimable = true;
        out->reason = "no coefficient of this term is estimated";
        return;
    }
    const size_t n = p + extra;
    memset(a, 0, n * n * sizeof *a);
    memset(u, 0, n * sizeof *u);
    for (size_t i = 0; i < p; i++)
        memcpy(a + i * n, w->v + i * p, p * sizeof *a);
    for (size_t k = 0, r = p; k < p; k++) {
        if (!in[k]) continue;
        u[r] = w->score[k];
        memcpy(a + r * n, w->gv + k * p, p * sizeof *a);
        for (size_t h = 0, c = p; h < p; h++)
            if (in[h]) a[r * n + c++] = w->ggv[k * p + h];
        r++;
    }
    out->statistic_name = "chi2";
    out->df = (double)extra;
    if (survival_quadratic(u, a, n, &out->statistic)) {
        out->p = stroma_chi2_sf(out->statistic, out->df);
        return;
    }
    out->statistic = NAN;
    out->not_estimable = true;
    out->reason = "the events lie at too few times";
}

static stroma_status test_all(cox_problem *q, trend *w, const size_t *term, size_t terms,
                              stroma_stat *out, stroma_error *err)
{
    const size_t p = q->p;
    double *room = stroma_alloc_array(2 * p + 4 * p * p, sizeof *room);
    bool *in = stroma_alloc_array(p, sizeof *in);
    if (room == NULL || in == NULL) {
        stroma_free(room);
        stroma_free(in);
        return stroma_no_memory(err);
    }
    for (size_t t = 0; t <= terms; t++) {
        for (size_t k = 0; k < p; k++)
            in[k] = t == terms || (term == NULL ? q->column[k] : term[q->column[k]]) == t;
        test(w, p, in, room, room + 2 * p, &out[t]);
    }
    stroma_free(room);
    stroma_free(in);
    return STROMA_OK;
}

static stroma_status run(cox_problem *q, const stroma_cox_data *d, const stroma_cox_model *m,
                         stroma_cox_clock clock, const size_t *term, size_t terms, stroma_stat *out,
                         stroma_error *err)
{
    const size_t p = q->p;
    double *room = stroma_alloc_array(q->n + 2 * p + 3 * p * p, sizeof *room);
    if (room == NULL) return stroma_no_memory(err);
    trend w = { .clock = room, .score = room + q->n };
    double *beta = w.score + p;
    w.v = beta + p;
    w.gv = w.v + p * p;
    w.ggv = w.gv + p * p;
    for (size_t k = 0; k < p; k++)
        beta[k] = m->coefficients[q->column[k]] * q->sd[k];
    stroma_status s = set_clock(q, d, clock, w.clock, err);
    if (s == STROMA_OK && !centre(q, w.clock)) {
        for (size_t t = 0; t <= terms; t++) {
            out[t].not_estimable = true;
            out[t].reason = "an event at time 0 has no logarithm";
        }
    } else if (s == STROMA_OK) {
        (void)cox_walk(q, beta, visit, &w);
        s = test_all(q, &w, term, terms, out, err);
    }
    stroma_free(room);
    return s;
}

stroma_status stroma_cox_proportional(const stroma_cox_data *d, const stroma_cox_model *m,
                                      stroma_cox_clock clock, const size_t *term, size_t terms,
                                      stroma_stat *out, stroma_error *err)
{
    const size_t all = term == NULL ? d->design->columns : terms;
    for (size_t t = 0; t <= all; t++) {
        out[t] = stroma_stat_empty("proportional_hazards");
        out[t].n_used = d->times.n;
        out[t].variant = stroma_cox_clock_name(clock);
        if (m->reason[0] == '\0') continue;
        out[t].not_estimable = true;
        out[t].reason = no_estimates;
    }
    if (m->reason[0] != '\0') return STROMA_OK;
    stroma_cox_options o = m->options;
    o.firth = false;
    bool *aliased = stroma_alloc_array(d->design->columns, sizeof *aliased);
    if (aliased == NULL) return stroma_no_memory(err);
    cox_problem q;
    stroma_status s = cox_problem_new(d, &o, aliased, &q, err);
    if (s == STROMA_OK) {
        s = run(&q, d, m, clock, term, all, out, err);
        cox_problem_free(&q);
    }
    stroma_free(aliased);
    return s;
}
