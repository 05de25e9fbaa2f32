/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ridge, lasso and elastic net by coordinate descent. */
#include "logistic_problem.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"

#include <math.h>
#include <string.h>

enum { NEWTON_MAX = 500, SWEEPS_MAX = 10000, HALVINGS_MAX = 50, LAMBDAS_MAX = 10000 };
static const double kkt_target = 1e-10, kkt_accept = 1e-9, weight_min = 1e-10;

typedef struct net {
    const stroma_design *d;
    const double *y;
    size_t n, p;
    double alpha, lambda;
    double *x;           /* n × p, centred where there is an intercept, scaled as asked */
    double *mean, *sd;   /* p */
    bool *penalised;     /* p */
    size_t constant;     /* column, or SIZE_MAX */
    double *beta, *next; /* p */
    double *eta, *pi, *weight, *rest; /* n */
    double *curve;                    /* p: weighted sums of squares */
} net;

static void net_free(net *w)
{
    stroma_free(w->x);
    stroma_free(w->penalised);
    stroma_free(w->mean);
    stroma_free(w->eta);
}

static stroma_status net_alloc(net *w, stroma_error *err)
{
    const size_t n = w->n, p = w->p;
    if (p > SIZE_MAX / n) return stroma_no_memory(err);
    w->x = stroma_alloc_array(n * p, sizeof *w->x);
    w->penalised = stroma_alloc_array(p, sizeof *w->penalised);
    w->mean = stroma_alloc_array(5 * p, sizeof *w->mean);
    w->eta = stroma_alloc_array(4 * n, sizeof *w->eta);
    if (w->x == NULL || w->penalised == NULL || w->mean == NULL || w->eta == NULL)
        return stroma_no_memory(err);
    w->sd = w->mean + p;
    w->beta = w->mean + 2 * p;
    w->next = w->mean + 3 * p;
    w->curve = w->mean + 4 * p;
    w->pi = w->eta + n;
    w->weight = w->eta + 2 * n;
    w->rest = w->eta + 3 * n;
    return STROMA_OK;
}

/* Columns that vary are centred and scaled; the first constant one is the intercept, and a further
 * one stays at 0 (its column is set to 0). */
static void load(net *w, bool standardise)
{
    const size_t n = w->n;
    w->constant = SIZE_MAX;
    for (size_t j = 0; j < w->p; j++) {
        const double *x = w->d->x + j * n;
        bool varies = false;
        for (size_t i = 1; i < n; i++)
            varies |= x[i] != x[0];
        w->penalised[j] = varies;
        if (!varies && w->constant == SIZE_MAX && x[0] != 0) w->constant = j;
    }
    for (size_t j = 0; j < w->p; j++) {
        const double *x = w->d->x + j * n;
        double sum = 0, squares = 0;
        for (size_t i = 0; i < n; i++)
            sum += x[i];
        const double mean = sum / (double)n;
        for (size_t i = 0; i < n; i++)
            squares += (x[i] - mean) * (x[i] - mean);
        w->mean[j] = w->penalised[j] && w->constant != SIZE_MAX ? mean : 0;
        w->sd[j] = w->penalised[j] && standardise ? sqrt(squares / (double)n) : 1;
        if (j == w->constant) w->sd[j] = x[0];
        for (size_t i = 0; i < n; i++)
            w->x[j * n + i] =
                w->penalised[j] || j == w->constant ? (x[i] - w->mean[j]) / w->sd[j] : 0;
    }
}

static double log_likelihood(const net *w)
{
    double sum = 0;
    for (size_t i = 0; i < w->n; i++)
        sum += logistic_log_likelihood_plain(w->eta[i], w->y[i]);
    return sum;
}

/* What is minimised; leaves eta. */
static double objective(const net *w, const double *beta)
{
    double penalty = 0;
    for (size_t i = 0; i < w->n; i++)
        w->eta[i] = 0;
    for (size_t j = 0; j < w->p; j++) {
        if (beta[j] == 0) continue;
        for (size_t i = 0; i < w->n; i++)
            w->eta[i] += w->x[j * w->n + i] * beta[j];
        if (w->penalised[j])
            penalty += (1 - w->alpha) / 2 * beta[j] * beta[j] + w->alpha * fabs(beta[j]);
    }
    return -log_likelihood(w) / (double)w->n + w->lambda * penalty;
}

/* −(gradient of the likelihood part) of column j with residuals r. */
static double slope(const net *w, size_t j, const double *r)
{
    double sum = 0;
    for (size_t i = 0; i < w->n; i++)
        sum += w->x[j * w->n + i] * r[i];
    return sum / (double)w->n;
}

/* Largest violation of the optimality conditions at beta; leaves residuals y − pi in rest. */
static double violation(const net *w)
{
    double worst = 0;
    for (size_t i = 0; i < w->n; i++) {
        w->pi[i] = logistic_expit(w->eta[i]);
        w->rest[i] = w->y[i] > 0 ? logistic_expit(-w->eta[i]) : -w->pi[i];
    }
    for (size_t j = 0; j < w->p; j++) {
        double g = slope(w, j, w->rest);
        if (w->penalised[j]) {
            g -= w->lambda * (1 - w->alpha) * w->beta[j];
            const double l1 = w->lambda * w->alpha;
            g = w->beta[j] > 0 ? g - l1 : w->beta[j] < 0 ? g + l1 : fmax(0, fabs(g) - l1);
        }
        worst = fmax(worst, fabs(g));
    }
    return worst;
}

static double soft(double x, double by)
{
    return x > by ? x - by : x < -by ? x + by : 0;
}

/* Coordinate descent on the quadratic approximation about beta, into next. */
static void descend(net *w)
{
    for (size_t i = 0; i < w->n; i++)
        w->weight[i] = fmax(weight_min, w->pi[i] * logistic_expit(-w->eta[i]));
    for (size_t j = 0; j < w->p; j++) {
        double sum = 0;
        for (size_t i = 0; i < w->n; i++)
            sum += w->weight[i] * w->x[j * w->n + i] * w->x[j * w->n + i];
        w->curve[j] = sum / (double)w->n;
        w->next[j] = w->beta[j];
    }
    for (int sweep = 0; sweep < SWEEPS_MAX; sweep++) {
        double moved = 0;
        for (size_t j = 0; j < w->p; j++) {
            if (!(w->curve[j] > 0)) continue;
            const double *x = w->x + j * w->n;
            const double l1 = w->penalised[j] ? w->lambda * w->alpha : 0;
            const double l2 = w->penalised[j] ? w->lambda * (1 - w->alpha) : 0;
            const double to =
                soft(slope(w, j, w->rest) + w->curve[j] * w->next[j], l1) / (w->curve[j] + l2);
            const double by = to - w->next[j];
            if (by == 0) continue;
            for (size_t i = 0; i < w->n; i++)
                w->rest[i] -= w->weight[i] * x[i] * by;
            w->next[j] = to;
            moved = fmax(moved, w->curve[j] * fabs(by));
        }
        if (moved < kkt_target / 10) return;
    }
}

/* One λ, from the beta of the one before. */
static stroma_status minimise(net *w, double *kkt, stroma_error *err)
{
    double value = objective(w, w->beta);
    *kkt = violation(w);
    for (int k = 0; k<NEWTON_MAX && * kkt> kkt_target; k++) {
        descend(w);
        double scale = 1;
        int h = 0;
        for (; h < HALVINGS_MAX; h++, scale /= 2) {
            for (size_t j = 0; j < w->p && h > 0; j++)
                w->next[j] = (w->next[j] + w->beta[j]) / 2;
            const double there = objective(w, w->next);
            if (!(there <= value + 1e-14 * fabs(value))) continue;
            value = there;
            memcpy(w->beta, w->next, w->p * sizeof *w->beta);
            break;
        }
        if (h == HALVINGS_MAX) (void)objective(w, w->beta);
        *kkt = violation(w);
        if (h == HALVINGS_MAX) break;
    }
    if (*kkt <= kkt_accept) return STROMA_OK;
    return stroma_fail(err, STROMA_E_DEGENERATE,
                       "the penalised fit did not converge at lambda %g (violation %.3g)",
                       w->lambda, *kkt);
}

static void keep(const net *w, stroma_logistic_path *out, size_t l)
{
    double *to = out->coefficients + l * w->p, shift = 0;
    for (size_t j = 0; j < w->p; j++) {
        to[j] = w->beta[j] / w->sd[j];
        if (!w->penalised[j]) continue;
        shift += w->mean[j] * to[j];
        out->nonzero[l] += w->beta[j] != 0;
    }
    if (w->constant != SIZE_MAX) to[w->constant] -= shift / w->sd[w->constant];
    out->log_likelihood[l] = log_likelihood(w);
}

/* The smallest λ that leaves only the intercept, and a geometric path down from it. */
static void default_lambdas(net *w, double *lambdas, size_t len)
{
    double share = 0, most = 0;
    for (size_t i = 0; i < w->n; i++)
        share += w->y[i];
    share = w->constant == SIZE_MAX ? 0.5 : share / (double)w->n;
    for (size_t i = 0; i < w->n; i++)
        w->rest[i] = w->y[i] - share;
    for (size_t j = 0; j < w->p; j++)
        if (w->penalised[j]) most = fmax(most, fabs(slope(w, j, w->rest)));
    const double top = most / fmax(w->alpha, 0.001), ratio = w->n < w->p ? 1e-2 : 1e-4;
    for (size_t l = 0; l < len; l++)
        lambdas[l] = len == 1 ? top : top * pow(ratio, (double)l / (double)(len - 1));
}

static stroma_status fill(net *w, const stroma_logistic_penalty *penalty, const double *lambdas,
                          stroma_logistic_path *out, stroma_error *err)
{
    STROMA_TRY(net_alloc(w, err));
    load(w, penalty->standardise);
    bool any = false;
    for (size_t j = 0; j < w->p; j++)
        any |= w->penalised[j];
    if (!any) return stroma_fail(err, STROMA_E_DEGENERATE, "no column varies: nothing to penalise");
    if (lambdas == NULL)
        default_lambdas(w, out->lambdas, out->lambdas_len);
    else
        memcpy(out->lambdas, lambdas, out->lambdas_len * sizeof *lambdas);
    for (size_t l = 0; l < out->lambdas_len; l++) {
        double kkt = 0;
        w->lambda = out->lambdas[l];
        STROMA_TRY(minimise(w, &kkt, err));
        out->worst_kkt = fmax(out->worst_kkt, kkt);
        keep(w, out, l);
    }
    return STROMA_OK;
}

void stroma_logistic_path_free(stroma_logistic_path *p)
{
    if (p == NULL) return;
    stroma_free(p->lambdas);
    stroma_free(p->coefficients);
    stroma_free(p->nonzero);
    stroma_free(p->log_likelihood);
    stroma_free(p);
}

static stroma_logistic_path *path_new(size_t columns, size_t len)
{
    stroma_logistic_path *p = stroma_alloc_array(1, sizeof *p);
    if (p == NULL) return NULL;
    p->columns = columns;
    p->lambdas_len = len;
    p->lambdas = stroma_alloc_array(len, sizeof *p->lambdas);
    p->coefficients =
        columns > SIZE_MAX / len ? NULL : stroma_alloc_array(len * columns, sizeof(double));
    p->nonzero = stroma_alloc_array(len, sizeof *p->nonzero);
    p->log_likelihood = stroma_alloc_array(len, sizeof *p->log_likelihood);
    if (p->lambdas != NULL && p->coefficients != NULL && p->nonzero != NULL &&
        p->log_likelihood != NULL)
        return p;
    stroma_logistic_path_free(p);
    return NULL;
}

static stroma_status check(const stroma_design *d, const double *y,
                           const stroma_logistic_penalty *penalty, const double *lambdas,
                           size_t len, stroma_error *err)
{
    STROMA_TRY(logistic_check(d, y, err));
    if (!(penalty->alpha >= 0 && penalty->alpha <= 1))
        return stroma_fail(err, STROMA_E_USAGE, "alpha %g is not within 0 to 1", penalty->alpha);
    if (len == 0 || len > LAMBDAS_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "%zu values of lambda are not within 1 to %d", len,
                           LAMBDAS_MAX);
    for (size_t l = 0; lambdas != NULL && l < len; l++)
        if (!(lambdas[l] > 0 && isfinite(lambdas[l])))
            return stroma_fail(err, STROMA_E_USAGE, "lambda %g is not positive", lambdas[l]);
    for (size_t i = 1; i < d->rows; i++)
        if (y[i] != y[0]) return STROMA_OK;
    return stroma_fail(err, STROMA_E_DEGENERATE, "all %zu outcomes are %g", d->rows, y[0]);
}

stroma_status stroma_logistic_penalised(const stroma_design *design, const double *y,
                                        const stroma_logistic_penalty *penalty,
                                        const double *lambdas, size_t lambdas_len,
                                        stroma_logistic_path **out, stroma_error *err)
{
    *out = NULL;
    STROMA_TRY(check(design, y, penalty, lambdas, lambdas_len, err));
    stroma_logistic_path *path = path_new(design->columns, lambdas_len);
    if (path == NULL) return stroma_no_memory(err);
    net w = {
        .d = design, .y = y, .n = design->rows, .p = design->columns, .alpha = penalty->alpha
    };
    const stroma_status s = fill(&w, penalty, lambdas, path, err);
    net_free(&w);
    if (s == STROMA_OK)
        *out = path;
    else
        stroma_logistic_path_free(path);
    return s;
}
