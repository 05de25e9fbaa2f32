/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A cloud in two channels: the ellipse that holds a quantile of one component of a t-mixture. */
#include "density.h"
#include "learn.h"

#include "stroma/sort.h"

#include <math.h>

enum { SIDE = 64, COMPONENTS = 4, MIN_EVENTS = 100 };
static const double QUANTILE = 0.95, MIN_CONFIDENCE = 0.5;

/* Events counted on a grid between the 0.1st and 99.9th percentiles of both channels, in units of
 * that range: cells with events only. */
typedef struct plane {
    learn_cell *cell;
    size_t cells;
    double total, lo[2], span[2];
} plane;

static stroma_status range_of(const double *x, size_t n, double *lo, double *span,
                              stroma_error *err)
{
    double *sorted = stroma_alloc_array(n, sizeof *sorted);
    if (sorted == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++)
        sorted[i] = x[i];
    stroma_sort_doubles(sorted, n);
    *lo = density_quantile(sorted, n, 0.001);
    *span = density_quantile(sorted, n, 0.999) - *lo;
    stroma_free(sorted);
    return STROMA_OK;
}

static void count_events(const learn_values *v, plane *p)
{
    for (size_t i = 0; i < SIDE * SIDE; i++)
        p->cell[i] =
            (learn_cell){ { ((double)(i % SIDE) + 0.5) / SIDE, ((double)(i / SIDE) + 0.5) / SIDE },
                          0 };
    for (size_t i = 0; i < v->n; i++) {
        const double x = (v->x[0][i] - p->lo[0]) / p->span[0] * SIDE,
                     y = (v->x[1][i] - p->lo[1]) / p->span[1] * SIDE;
        if (!(x >= 0 && x < SIDE && y >= 0 && y < SIDE)) continue;
        p->cell[(size_t)y * SIDE + (size_t)x].count++;
        p->total++;
    }
    for (size_t i = 0; i < SIDE * SIDE; i++)
        if (p->cell[i].count > 0) p->cell[p->cells++] = p->cell[i];
}

/* The next centre: the cell with many events far from those there are. */
static size_t next_centre(const plane *p, const learn_mixture_fit *fit, size_t have)
{
    size_t best = 0;
    double score = -1;
    for (size_t i = 0; i < p->cells; i++) {
        double near = 1;
        for (size_t j = 0; j < have; j++)
            near = fmin(near, pow(p->cell[i].x[0] - fit->mean[j][0], 2) +
                                  pow(p->cell[i].x[1] - fit->mean[j][1], 2));
        if (p->cell[i].count * near <= score) continue;
        score = p->cell[i].count * near;
        best = i;
    }
    return best;
}

static learn_mixture_fit fit_plane(const plane *p, size_t k)
{
    learn_mixture_fit fit = { .k = k, .dims = 2, .df = LEARN_T_DF };
    for (size_t j = 0; j < k; j++) {
        const size_t at = next_centre(p, &fit, j);
        fit.mean[j][0] = p->cell[at].x[0];
        fit.mean[j][1] = p->cell[at].x[1];
        fit.covariance[j][0] = fit.covariance[j][2] = 0.01;
        fit.weight[j] = 1.0 / (double)k;
    }
    learn_mixture_em(p->cell, p->cells, 1.0 / (SIDE * SIDE), LEARN_ROUNDS, &fit);
    return fit;
}

static size_t choose(const learn_rule *r, const plane *p, const learn_mixture_fit *fit)
{
    size_t best = 0;
    double score = -(double)INFINITY;
    for (size_t j = 0; j < fit->k; j++) {
        double s = fit->weight[j];
        if (!isnan(r->target[0]))
            s = -hypot(fit->mean[j][0] - (r->target[0] - p->lo[0]) / p->span[0],
                       fit->mean[j][1] - (r->target[1] - p->lo[1]) / p->span[1]);
        if (s <= score) continue;
        score = s;
        best = j;
    }
    return best;
}

/* Share of the events inside that the mixture gives to component j. */
static double purity(const plane *p, const learn_mixture_fit *fit, size_t j, double limit)
{
    double inside = 0, own = 0;
    const double *c = fit->covariance[j], det = c[0] * c[2] - c[1] * c[1];
    for (size_t i = 0; i < p->cells; i++) {
        const double x = p->cell[i].x[0] - fit->mean[j][0], y = p->cell[i].x[1] - fit->mean[j][1];
        double post[LEARN_COMPONENTS_MAX];
        if ((c[2] * x * x - 2 * c[1] * x * y + c[0] * y * y) / det > limit) continue;
        learn_mixture_posterior(fit, p->cell[i].x, post);
        inside += p->cell[i].count;
        own += p->cell[i].count * post[j];
    }
    return inside > 0 ? own / inside : 0;
}

static void answer(const learn_job *job, const plane *p, learn_answer *out)
{
    const learn_rule *r = job->rule;
    const double q = isnan(r->quantile) ? QUANTILE : r->quantile;
    const size_t most = r->components > 0 ? (size_t)r->components : COMPONENTS;
    learn_mixture_fit best = fit_plane(p, 1);
    for (size_t k = 2; k <= most; k++) {
        const learn_mixture_fit fit = fit_plane(p, k);
        if (fit.icl < best.icl) best = fit;
    }
    const size_t j = choose(r, p, &best);
    /* d²/2 of a t in two dimensions has the distribution F(2, ν), which has a closed form. */
    out->distance_square = LEARN_T_DF * (pow(1 - q, -2.0 / LEARN_T_DF) - 1);
    out->confidence = purity(p, &best, j, out->distance_square);
    for (size_t a = 0; a < 2; a++)
        out->mean[a] = p->lo[a] + best.mean[j][a] * p->span[a];
    out->covariance[0] = best.covariance[j][0] * p->span[0] * p->span[0];
    out->covariance[1] = out->covariance[2] = best.covariance[j][1] * p->span[0] * p->span[1];
    out->covariance[3] = best.covariance[j][2] * p->span[1] * p->span[1];
    stroma_json_put_number(out->seen, "quantile", q);
    stroma_json_put_int(out->seen, "components", (int64_t)best.k);
    stroma_json_put_number(out->seen, "weight", best.weight[j]);
    if (out->confidence < MIN_CONFIDENCE)
        learn_nothing(out, "the cloud is not one: %.0f %% of the events inside belong to others",
                      100 * (1 - out->confidence));
    else
        out->shape = LEARN_ELLIPSE;
}

static stroma_status find(const learn_job *job, learn_answer *out, stroma_error *err)
{
    plane p = { .total = 0 };
    if (job->sample.n < MIN_EVENTS) {
        learn_nothing(out, "%zu events, %d are needed", job->sample.n, MIN_EVENTS);
        return STROMA_OK;
    }
    for (size_t a = 0; a < 2; a++)
        STROMA_TRY(range_of(job->sample.x[a], job->sample.n, &p.lo[a], &p.span[a], err));
    if (!(p.span[0] > 0 && p.span[1] > 0)) {
        learn_nothing(out, "all values of a channel are alike");
        return STROMA_OK;
    }
    p.cell = stroma_alloc_array((size_t)SIDE * SIDE, sizeof *p.cell);
    if (p.cell == NULL) return stroma_no_memory(err);
    count_events(&job->sample, &p);
    answer(job, &p, out);
    stroma_free(p.cell);
    return STROMA_OK;
}

const learn_method learn_ellipse = {
    .name = "ellipse",
    .channels_min = 2,
    .channels_max = 2,
    .keys = " components target quantile ",
    .what = "the ellipse that holds 0.95 of the largest component of a t-mixture, or of the one "
            "nearest to the target",
    .confidence = "share of the events inside that the mixture gives to that component",
    .find = find,
};
