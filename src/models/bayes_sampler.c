/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slice sampling along the axes of the Laplace approximation. A step along an axis moves the linear
 * predictor along a column that was worked out beforehand, so it costs n exponentials. */
#include "bayes_posterior.h"
#include "small_matrix.h"

#include "stroma/memory.h"
#include "stroma/parallel.h"
#include "stroma/random.h"

#include <math.h>
#include <string.h>

enum { STEPS_OUT_MAX = 64 };
/* In standard deviations of the approximation: about what a slice of a normal is wide, what one far
 * out in a heavy tail is, how often that is tried, and how far out the chains begin. */
static const double width = 3, wide = 30, wide_share = 0.25, dispersion = 2;

typedef struct sampling {
    const bayes_posterior *b;
    const stroma_bayes_options *o;
    uint32_t stream;
    double *room; /* worker × room_len(n, p) */
    double *out;
} sampling;

typedef struct chain {
    const bayes_posterior *b;
    stroma_random r;
    double *eta, *trial_eta;     /* n */
    double *beta, *trial_beta;   /* p */
    double value;                /* log density at beta */
    const double *factor, *axes; /* of the approximation, later of the warm-up's own draws */
    double *own_factor, *own_axes, *sum, *products; /* p × p, n × p, p, p × p */
    size_t summed;
} chain;

static size_t room_len(size_t n, size_t p)
{
    return 2 * n + 3 * p + 2 * p * p + n * p;
}

/* Log density @p t along axis @p k; leaves the place in the trial arrays. */
static double along(const chain *c, size_t k, double t)
{
    const size_t n = c->b->q->n, p = c->b->q->p;
    const double *axis = c->axes + k * n;
    for (size_t i = 0; i < n; i++)
        c->trial_eta[i] = c->eta[i] + t * axis[i];
    for (size_t j = 0; j < p; j++)
        c->trial_beta[j] = c->beta[j] + (j < k ? 0 : t * c->factor[j * p + k]);
    return bayes_posterior_log_prior(c->b, c->trial_beta) - bayes_posterior_loss(c->trial_eta, n);
}

static void accept(chain *c, double value)
{
    double *const eta = c->eta, *const beta = c->beta;
    c->eta = c->trial_eta;
    c->beta = c->trial_beta;
    c->trial_eta = eta;
    c->trial_beta = beta;
    c->value = value;
}

/* Neal's stepping out (figure 3) and shrinkage (figure 5). */
static void slice(chain *c, size_t k)
{
    const double level = c->value - stroma_random_exponential(&c->r);
    const double w = stroma_random_uniform(&c->r) < wide_share ? wide : width;
    double lower = -w * stroma_random_uniform(&c->r), upper = lower + w;
    size_t left = (size_t)stroma_random_below(&c->r, STEPS_OUT_MAX);
    size_t right = STEPS_OUT_MAX - 1 - left;
    for (; left > 0 && along(c, k, lower) > level; left--)
        lower -= w;
    for (; right > 0 && along(c, k, upper) > level; right--)
        upper += w;
    for (;;) {
        const double t = lower + (upper - lower) * stroma_random_uniform(&c->r);
        const double value = along(c, k, t);
        if (value > level) {
            accept(c, value);
            return;
        }
        /* rounding can leave nothing above the level but the place itself */
        if (fabs(t) < 1e-13) return;
        if (t < 0)
            lower = t;
        else
            upper = t;
    }
}

static void start(chain *c)
{
    const size_t p = c->b->q->p;
    memcpy(c->eta, c->b->start, c->b->q->n * sizeof *c->eta);
    memcpy(c->beta, c->b->mode, p * sizeof *c->beta);
    for (size_t k = 0; k < p; k++)
        accept(c, along(c, k, dispersion * stroma_random_normal(&c->r)));
}

/* The predictor is added up over many steps; now and then it is worked out afresh. */
static void refresh(chain *c)
{
    const logistic_problem *q = c->b->q;
    memset(c->eta, 0, q->n * sizeof *c->eta);
    for (size_t j = 0; j < q->p; j++)
        for (size_t i = 0; i < q->n; i++)
            c->eta[i] += q->x[j * q->n + i] * c->beta[j];
    for (size_t i = 0; i < q->n; i++)
        if (!(q->y[i] > 0)) c->eta[i] = -c->eta[i];
    c->value = bayes_posterior_log_prior(c->b, c->beta) - bayes_posterior_loss(c->eta, q->n);
}

/* Where the classes are separated the posterior has a ridge that the curvature at its peak does not
 * show. The second quarter of the warm-up does; the rest of it runs on the axes of its covariance,
 * and so do the draws. */
static void add_up(chain *c)
{
    const size_t p = c->b->q->p;
    c->summed++;
    for (size_t j = 0; j < p; j++) {
        const double x = c->beta[j] - c->b->mode[j];
        c->sum[j] += x;
        for (size_t k = 0; k <= j; k++)
            c->products[j * p + k] += x * (c->beta[k] - c->b->mode[k]);
    }
}

static void turn(chain *c)
{
    const bayes_posterior *b = c->b;
    const size_t p = b->q->p;
    const double len = (double)c->summed;
    for (size_t j = 0; j < p; j++)
        for (size_t k = 0; k <= j; k++) {
            double laplace = 0;
            for (size_t r = 0; r <= k; r++)
                laplace += b->factor[j * p + r] * b->factor[k * p + r];
            /* a few draws alone may not span all directions */
            c->own_factor[j * p + k] =
                0.95 * (c->products[j * p + k] - c->sum[j] * c->sum[k] / len) / (len - 1) +
                0.05 * laplace;
        }
    if (!small_cholesky(c->own_factor, p)) return;
    bayes_posterior_axes(b->q, c->own_factor, c->own_axes);
    c->factor = c->own_factor;
    c->axes = c->own_axes;
}

static void run(chain *c, const stroma_bayes_options *o, double *out)
{
    const size_t p = c->b->q->p, warm = o->warmup;
    const bool adapts = warm / 4 > 10 * p;
    start(c);
    for (size_t d = 0; d < warm + o->draws; d++) {
        if (d % 100 == 0) refresh(c);
        for (size_t k = 0; k < p; k++)
            slice(c, k);
        if (adapts && d >= warm / 4 && d < warm / 2) add_up(c);
        if (adapts && d + 1 == warm / 2) turn(c);
        if (d >= warm) memcpy(out + (d - warm) * p, c->beta, p * sizeof *out);
    }
}

static stroma_status some(size_t begin, size_t end, int worker, void *context, stroma_error *err)
{
    const sampling *w = context;
    const size_t n = w->b->q->n, p = w->b->q->p;
    double *room = w->room + (size_t)worker * room_len(n, p);
    (void)err;
    for (size_t i = begin; i < end; i++) {
        memset(room, 0, room_len(n, p) * sizeof *room);
        double *v = room + 2 * n, *m = v + 3 * p;
        chain c = { .b = w->b,
                    .eta = room,
                    .trial_eta = room + n,
                    .beta = v,
                    .trial_beta = v + p,
                    .factor = w->b->factor,
                    .axes = w->b->axes,
                    .own_factor = m,
                    .own_axes = m + 2 * p * p,
                    .sum = v + 2 * p,
                    .products = m + p * p };
        stroma_random_init(&c.r, w->o->seed, w->stream, i);
        run(&c, w->o, w->out + i * w->o->draws * p);
    }
    return STROMA_OK;
}

stroma_status bayes_sample(const bayes_posterior *b, const stroma_bayes_options *o, double *out,
                           stroma_error *err)
{
    const size_t each = room_len(b->q->n, b->q->p);
    const int threads = o->threads < 1 ? 1 : o->threads;
    sampling w = { .b = b, .o = o, .stream = stroma_random_stream("bayes logistic"), .out = out };
    w.room = stroma_alloc_array((size_t)threads, each * sizeof *w.room);
    if (w.room == NULL) return stroma_no_memory(err);
    const stroma_status s = stroma_parallel_for(o->chains, threads, 1, some, &w, err);
    stroma_free(w.room);
    return s;
}
