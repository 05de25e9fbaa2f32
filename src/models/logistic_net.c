/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Newton steps whose quadratic problems are solved by coordinate descent (Friedman, Hastie &
 * Tibshirani 2010 J Stat Softw 33:1) over the columns that matter: those that are not 0 or break
 * their optimality condition. Where to look for the latter first says the sequential strong rule
 * (Tibshirani 2012 J R Stat Soc B 74:245); as it may err, all columns are looked at in the end. */
#include "logistic_net.h"

#include "stroma/memory.h"

#include <float.h>
#include <math.h>

enum { NEWTON_MAX = 500, SWEEPS_MAX = 10000, HALVINGS_MAX = 50, GRAM_COLUMNS_MAX = 512 };
static const double kkt_target = 1e-12, kkt_accept = 1e-9, weight_min = 1e-10;
/* A quadratic problem is solved no better than its Newton step deserves. */
static const double inner_share = 0.01;
/* The curvature is kept, even from one λ to the next, while steps with it bring the violation down
 * by this factor. */
static const double slow = 0.2;
/* A step this small, for its coefficient, is none. */
static const double rounding = 4 * DBL_EPSILON;

/* Two numbers a register, on every machine: sums have the same order everywhere. */
typedef double pair __attribute__((vector_size(16), aligned(8), may_alias));

static inline double dot(const double *a, const double *b, size_t len)
{
    pair s0 = { 0, 0 }, s1 = s0, s2 = s0, s3 = s0;
    for (size_t i = 0; i < len; i += LOGISTIC_NET_LANES) {
        const pair *u = (const pair *)(a + i), *v = (const pair *)(b + i);
        s0 += u[0] * v[0];
        s1 += u[1] * v[1];
        s2 += u[2] * v[2];
        s3 += u[3] * v[3];
    }
    const pair s = (s0 + s1) + (s2 + s3);
    return s[0] + s[1];
}

/* to += by·x */
static void add_multiple(double *to, double by, const double *x, size_t len)
{
    const pair two = { by, by };
    for (size_t i = 0; i < len; i += LOGISTIC_NET_LANES) {
        pair *u = (pair *)(to + i);
        const pair *v = (const pair *)(x + i);
        const pair r0 = u[0] + two * v[0], r1 = u[1] + two * v[1];
        const pair r2 = u[2] + two * v[2], r3 = u[3] + two * v[3];
        u[0] = r0;
        u[1] = r1;
        u[2] = r2;
        u[3] = r3;
    }
}

/* rest −= by·weight·x */
static void take_step(logistic_net *w, double by, const double *x)
{
    const pair two = { by, by };
    for (size_t i = 0; i < w->stride; i += 2)
        *(pair *)(w->rest + i) -= two * *(const pair *)(x + i) * *(const pair *)(w->weight + i);
}

static size_t padded(size_t n)
{
    return (n + LOGISTIC_NET_LANES - 1) / LOGISTIC_NET_LANES * LOGISTIC_NET_LANES;
}

void logistic_net_free(logistic_net *w)
{
    stroma_free(w->x);
    stroma_free(w->penalised);
    stroma_free(w->mean);
    stroma_free(w->working);
    stroma_free(w->eta);
    stroma_free(w->gram);
}

stroma_status logistic_net_alloc(logistic_net *w, stroma_error *err)
{
    const size_t p = w->p;
    w->stride = padded(w->n);
    w->gram_max = p < GRAM_COLUMNS_MAX ? padded(p) : GRAM_COLUMNS_MAX;
    if (w->stride < w->n || p > SIZE_MAX / w->stride || p > SIZE_MAX / 16)
        return stroma_no_memory(err);
    w->x = stroma_alloc_array(w->stride * p, sizeof *w->x);
    w->penalised = stroma_alloc_array(3 * p, sizeof *w->penalised);
    w->mean = stroma_alloc_array(8 * p + padded(p), sizeof *w->mean);
    w->working = stroma_alloc_array(p, sizeof *w->working);
    w->eta = stroma_alloc_array(w->stride, 5 * sizeof *w->eta);
    w->gram = stroma_alloc_array(w->gram_max * w->gram_max, sizeof *w->gram);
    if (w->x == NULL || w->penalised == NULL || w->mean == NULL || w->working == NULL ||
        w->eta == NULL || w->gram == NULL)
        return stroma_no_memory(err);
    w->strong = w->penalised + p;
    w->worked = w->penalised + 2 * p;
    w->sd = w->mean + p;
    w->beta = w->mean + 2 * p;
    w->next = w->mean + 3 * p;
    w->slope = w->mean + 4 * p;
    w->curve = w->mean + 5 * p;
    w->bound = w->mean + 6 * p;
    w->scale = w->mean + 7 * p;
    w->pull = w->mean + 8 * p;
    w->tail = w->eta + w->stride;
    w->weight = w->eta + 2 * w->stride;
    w->rest = w->eta + 3 * w->stride;
    w->product = w->eta + 4 * w->stride;
    return STROMA_OK;
}

/* Of eta and tail. */
double logistic_net_log_likelihood(const logistic_net *w)
{
    double sum = 0;
    for (size_t i = 0; i < w->n; i++) {
        const double right = w->y[i] > 0 ? w->eta[i] : -w->eta[i];
        sum += (right < 0 ? right : 0) - log1p(w->tail[i]);
    }
    return sum;
}

/* What is minimised; leaves eta and tail. */
static double objective(logistic_net *w, const double *beta)
{
    double penalty = 0;
    for (size_t i = 0; i < w->n; i++)
        w->eta[i] = 0;
    for (size_t a = 0; a < w->working_len; a++) {
        const size_t j = w->working[a];
        if (beta[j] == 0) continue;
        add_multiple(w->eta, beta[j], w->x + j * w->stride, w->stride);
        if (w->penalised[j])
            penalty += (1 - w->alpha) / 2 * beta[j] * beta[j] + w->alpha * fabs(beta[j]);
    }
    for (size_t i = 0; i < w->n; i++)
        w->tail[i] = exp(-fabs(w->eta[i]));
    return -logistic_net_log_likelihood(w) / (double)w->n + w->lambda * penalty;
}

/* y − pi, of eta and tail. */
static void residuals(logistic_net *w)
{
    for (size_t i = 0; i < w->n; i++) {
        const bool right = w->y[i] > 0 ? w->eta[i] >= 0 : w->eta[i] < 0;
        const double size = (right ? w->tail[i] : 1) / (1 + w->tail[i]);
        w->rest[i] = w->y[i] > 0 ? size : -size;
    }
}

/* The shares of λ that fall to Σ|β| and to Σβ²/2. */
static double l1_of(const logistic_net *w, size_t j)
{
    return w->penalised[j] ? w->lambda * w->alpha : 0;
}

static double l2_of(const logistic_net *w, size_t j)
{
    return w->penalised[j] ? w->lambda * (1 - w->alpha) : 0;
}

/* How far column j is from its optimality condition, for its slope. */
static double violation(const logistic_net *w, size_t j)
{
    const double l1 = l1_of(w, j), g = w->slope[j] - l2_of(w, j) * w->beta[j];
    return w->beta[j] > 0 ? fabs(g - l1) : w->beta[j] < 0 ? fabs(g + l1) : fmax(0, fabs(g) - l1);
}

static void work_on(logistic_net *w, size_t j)
{
    if (w->worked[j]) return;
    w->worked[j] = true;
    w->next[j] = w->beta[j];
    w->working[w->working_len++] = j;
}

/* Largest violation among the strong columns or the others; those that break their condition are
 * worked on from now on. */
static double look_at(logistic_net *w, bool strong)
{
    double worst = 0;
    for (size_t j = 0; j < w->p; j++) {
        if (w->strong[j] != strong) continue;
        w->slope[j] = dot(w->x + j * w->stride, w->rest, w->stride) / (double)w->n;
        const double v = violation(w, j);
        if (!(v <= kkt_target)) work_on(w, j);
        worst = fmax(worst, v);
    }
    return worst;
}

/* Largest violation of all columns; the others only where the strong ones are good. */
static double look(logistic_net *w, bool all)
{
    residuals(w);
    const double worst = look_at(w, true);
    if (worst > kkt_target && !all) return worst;
    const double other = look_at(w, false);
    for (size_t a = 0; a < w->working_len; a++)
        w->strong[w->working[a]] = true;
    return fmax(worst, other);
}

static double soft(double x, double by)
{
    return x > by ? x - by : x < -by ? x + by : 0;
}

/* The step of the column at place a of the working ones, where the slope in next is @p slope. */
static inline double step_of(const logistic_net *w, size_t a, double slope)
{
    const double here = w->next[w->working[a]];
    const double by = soft(slope + w->curve[a] * here, w->bound[a]) * w->scale[a] - here;
    return fabs(by) > rounding * fabs(here) ? by : 0;
}

/* One sweep over the working columns; the slopes come from the residuals.
 * @return largest change of a slope */
static double sweep_rows(logistic_net *w)
{
    double moved = 0;
    for (size_t a = 0; a < w->working_len; a++) {
        const double *x = w->x + w->working[a] * w->stride;
        const double by = step_of(w, a, dot(x, w->rest, w->stride) / (double)w->n);
        if (by == 0) continue;
        take_step(w, by, x);
        w->next[w->working[a]] += by;
        moved = fmax(moved, w->curve[a] * fabs(by));
    }
    return moved;
}

/* The same with slopes brought up to date by inner products of the columns. */
static double sweep_columns(logistic_net *w)
{
    double moved = 0;
    for (size_t a = 0; a < w->working_len; a++) {
        const double by = step_of(w, a, w->pull[a]);
        if (by == 0) continue;
        add_multiple(w->pull, -by, w->gram + a * w->gram_max, padded(w->working_len));
        w->next[w->working[a]] += by;
        moved = fmax(moved, w->curve[a] * fabs(by));
    }
    return moved;
}

static void weigh(logistic_net *w, size_t j)
{
    const double *x = w->x + j * w->stride;
    for (size_t i = 0; i < w->stride; i += 2)
        *(pair *)(w->product + i) = *(const pair *)(w->weight + i) * *(const pair *)(x + i);
}

/* Curvature and, where there is room, inner products of the columns that have none yet. */
static void extend(logistic_net *w)
{
    w->by_columns = w->by_columns && w->working_len <= w->gram_max;
    for (; w->ready < w->working_len; w->ready++) {
        const size_t a = w->ready, j = w->working[a];
        double *row = w->gram + a * w->gram_max;
        weigh(w, j);
        w->curve[a] = dot(w->product, w->x + j * w->stride, w->stride) / (double)w->n;
        if (!w->by_columns) continue;
        row[a] = w->curve[a];
        for (size_t b = 0; b < a; b++)
            row[b] = w->gram[b * w->gram_max + a] =
                dot(w->product, w->x + w->working[b] * w->stride, w->stride) / (double)w->n;
    }
}

/* The curvature at beta, of the columns that are needed there. Sweeps over columns need their inner
 * products, but cost less than those over rows where there are more rows than columns. */
static void renew(logistic_net *w)
{
    for (size_t a = 0; a < w->working_len; a++) {
        const size_t j = w->working[a];
        w->worked[j] = w->beta[j] != 0 || violation(w, j) > kkt_target;
    }
    w->working_len = 0;
    for (size_t j = 0; j < w->p; j++)
        if (w->worked[j]) w->working[w->working_len++] = j;
    w->ready = 0;
    w->by_columns = w->working_len <= w->gram_max && w->working_len < w->n;
    for (size_t i = 0; i < w->n; i++) {
        const double beyond = 1 + w->tail[i];
        w->weight[i] = fmax(weight_min, w->tail[i] / beyond / beyond);
    }
}

/* Coordinate descent on the quadratic approximation about beta, into next. */
static void descend(logistic_net *w, double kkt)
{
    const double enough = fmax(kkt_target / 10, inner_share * kkt);
    extend(w);
    for (size_t a = 0; a < w->working_len; a++) {
        const size_t j = w->working[a];
        w->bound[a] = l1_of(w, j);
        w->scale[a] = w->curve[a] > 0 ? 1 / (w->curve[a] + l2_of(w, j)) : 0; /* 0: stays at 0 */
        w->next[j] = w->beta[j];
        if (w->by_columns) w->pull[a] = w->slope[j];
    }
    for (int sweep = 0; sweep < SWEEPS_MAX; sweep++) {
        const double moved = w->by_columns ? sweep_columns(w) : sweep_rows(w);
        if (moved < enough) return;
    }
}

/* To next, or as far in its direction as the objective does not rise.
 * @return false where it rises however short the step */
static bool go(logistic_net *w, double *value)
{
    for (int h = 0; h < HALVINGS_MAX; h++) {
        for (size_t a = 0; a < w->working_len && h > 0; a++) {
            const size_t j = w->working[a];
            w->next[j] = (w->next[j] + w->beta[j]) / 2;
        }
        const double there = objective(w, w->next);
        if (!(there <= *value + 1e-14 * fabs(*value))) continue;
        *value = there;
        for (size_t a = 0; a < w->working_len; a++)
            w->beta[w->working[a]] = w->next[w->working[a]];
        return true;
    }
    (void)objective(w, w->beta);
    return false;
}

double logistic_net_begin(logistic_net *w)
{
    double share = 0, most = 0;
    for (size_t i = 0; i < w->n; i++)
        share += w->y[i];
    share = w->constant == SIZE_MAX ? 0.5 : share / (double)w->n;
    if (w->constant != SIZE_MAX) {
        w->beta[w->constant] = log(share / (1 - share));
        work_on(w, w->constant);
    }
    for (size_t i = 0; i < w->n; i++)
        w->rest[i] = w->y[i] - share;
    for (size_t j = 0; j < w->p; j++) {
        w->slope[j] = dot(w->x + j * w->stride, w->rest, w->stride) / (double)w->n;
        if (w->penalised[j]) most = fmax(most, fabs(w->slope[j]));
    }
    return most / fmax(w->alpha, 0.001);
}

/* The columns that may become other than 0 on the way from the λ before, whose slopes are in
 * slope. */
static void select_strong(logistic_net *w, double previous)
{
    const double least = w->alpha * fmin(w->lambda, 2 * w->lambda - previous);
    for (size_t j = 0; j < w->p; j++)
        w->strong[j] = w->worked[j] || !w->penalised[j] || fabs(w->slope[j]) >= least;
}

/* Ends at kkt_target, or where good enough and rounding allows no better. */
stroma_status logistic_net_minimise(logistic_net *w, double previous, double *kkt,
                                    stroma_error *err)
{
    select_strong(w, previous);
    double value = objective(w, w->beta);
    *kkt = look(w, false);
    for (int k = 0; k < NEWTON_MAX && kkt_target < *kkt; k++) {
        const double before = *kkt;
        const bool renewed = !w->fresh, fine = renewed && before <= kkt_accept;
        if (renewed) renew(w);
        descend(w, *kkt);
        const bool moved = go(w, &value);
        *kkt = look(w, !moved || fine || k + 1 == NEWTON_MAX);
        w->fresh = *kkt < slow * before;
        if (renewed && !moved) break;
        if (fine && !w->fresh && *kkt <= kkt_accept) break;
    }
    if (*kkt <= kkt_accept) return STROMA_OK;
    return stroma_fail(err, STROMA_E_DEGENERATE,
                       "the penalised fit did not converge at lambda %g (violation %.3g)",
                       w->lambda, *kkt);
}
