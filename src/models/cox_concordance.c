/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Harrell's C: in O(n log n) by counts on a ladder of the predicted hazards. */
#include "cox_problem.h"

#include "stroma/memory.h"
#include "stroma/sort.h"
#include "stroma/stats_distribution.h"

#include <math.h>
#include <string.h>

typedef struct ladder {
    size_t rungs;
    size_t *rung;  /* n, by position: 1 … rungs */
    double *count; /* rungs + 1: Fenwick sums */
    double total;
    double *pairs; /* n × 3, by position: concordant, tied, discordant pairs the row is in */
    double sum[3]; /* each pair once */
} ladder;

static void put(ladder *l, size_t rung, double w)
{
    l->total += w;
    for (; rung <= l->rungs; rung += rung & (~rung + 1))
        l->count[rung] += w;
}

static double up_to(const ladder *l, size_t rung)
{
    double sum = 0;
    for (; rung > 0; rung -= rung & (~rung + 1))
        sum += l->count[rung];
    return sum;
}

/* Those counted that lie below, on and above the rung of a row, added with a sign. */
static void take(ladder *l, size_t i, double sign, bool failed, bool once)
{
    const double under = up_to(l, l->rung[i] - 1), at = up_to(l, l->rung[i]);
    const double part[3] = { under, at - under, l->total - at };
    for (size_t k = 0; k < 3; k++) {
        /* whoever is counted failed first when the row did not: then the lower one agrees */
        const double n = sign * part[failed ? k : 2 - k];
        l->pairs[3 * i + k] += n;
        if (once) l->sum[k] += n;
    }
}

static void clear(ladder *l)
{
    memset(l->count, 0, (l->rungs + 1) * sizeof *l->count);
    l->total = 0;
}

/* Rows as the ones who fail first: against those at risk just after, latest first. */
static void as_first(const cox_problem *q, size_t b, ladder *l)
{
    const size_t from = q->t.first[b], end = q->t.first[b + 1];
    size_t late = end;
    clear(l);
    for (size_t last = end, first; last > from; last = first) {
        const double now = q->stop[last - 1];
        for (first = last; first > from && q->stop[first - 1] == now; first--)
            if (!q->event[first - 1]) put(l, l->rung[first - 1], 1);
        for (; q->start != NULL && late > from && q->start[q->late[late - 1]] >= now; late--)
            put(l, l->rung[q->late[late - 1]], -1);
        for (size_t i = first; i < last; i++)
            if (q->event[i]) take(l, i, 1, true, true);
        for (size_t i = first; i < last; i++)
            if (q->event[i]) put(l, l->rung[i], 1);
    }
}

/* Rows as the ones who were still at risk: against those who failed before. */
static void as_later(const cox_problem *q, size_t b, ladder *l)
{
    const size_t from = q->t.first[b], end = q->t.first[b + 1];
    size_t late = from;
    clear(l);
    for (size_t i = from, next; i < end; i = next) {
        const double now = q->stop[i];
        for (; q->start != NULL && late < end && q->start[q->late[late]] < now; late++)
            take(l, q->late[late], -1, false, false);
        for (next = i; next < end && q->stop[next] == now; next++)
            if (q->event[next]) take(l, next, 1, false, false);
        for (size_t k = i; k < next; k++)
            if (q->event[k]) put(l, l->rung[k], 1);
        for (size_t k = i; k < next; k++)
            if (!q->event[k]) take(l, k, 1, false, false);
    }
}

static stroma_status rungs_of(const cox_problem *q, ladder *l, stroma_error *err)
{
    size_t *order = stroma_alloc_array(q->n, sizeof *order);
    if (order == NULL) return stroma_no_memory(err);
    const stroma_status s = stroma_order_doubles(q->eta, q->n, order, err);
    for (size_t i = 0; s == STROMA_OK && i < q->n; i++) {
        if (i == 0 || q->eta[order[i]] != q->eta[order[i - 1]]) l->rungs++;
        l->rung[order[i]] = l->rungs;
    }
    stroma_free(order);
    return s;
}

static void estimate(const cox_problem *q, const stroma_cox_data *d, const ladder *l,
                     double *influence, stroma_stat *out)
{
    const double pairs = l->sum[0] + l->sum[1] + l->sum[2];
    out->n_used = q->n;
    out->estimate_name = "C";
    if (!(pairs > 0)) {
        out->not_estimable = true;
        out->reason = "no pair of subjects can be compared";
        return;
    }
    out->estimate = (l->sum[0] + l->sum[1] / 2) / pairs;
    for (size_t i = 0; i < q->n; i++) {
        const double *p = l->pairs + 3 * i;
        const size_t to = d->cluster == NULL ? i : d->cluster[q->t.by_stop[i]];
        influence[to] += (p[0] + p[1] / 2 - out->estimate * (p[0] + p[1] + p[2])) / pairs;
    }
    double sum = 0;
    for (size_t i = 0; i < (d->cluster == NULL ? q->n : d->clusters); i++)
        sum += influence[i] * influence[i];
    const double z = stroma_normal_quantile(0.5 + out->level / 2);
    out->se = sqrt(sum);
    out->lower = fmax(0, out->estimate - z * out->se);
    out->upper = fmin(1, out->estimate + z * out->se);
    out->interval_method = "infinitesimal jackknife";
}

stroma_status cox_concordance(const cox_problem *q, const stroma_cox_data *d, double level,
                              stroma_stat *out, stroma_error *err)
{
    const size_t owners = d->cluster == NULL ? q->n : d->clusters;
    ladder l = { 0 };
    *out = stroma_stat_empty("concordance");
    out->level = level;
    l.rung = stroma_alloc_array(q->n, sizeof *l.rung);
    l.pairs = stroma_alloc_array(4 * q->n + 1 + owners, sizeof *l.pairs);
    stroma_status s = l.rung == NULL || l.pairs == NULL ? stroma_no_memory(err) : STROMA_OK;
    if (s == STROMA_OK) s = rungs_of(q, &l, err);
    if (s == STROMA_OK) {
        l.count = l.pairs + 3 * q->n;
        for (size_t b = 0; b < q->t.blocks; b++) {
            as_first(q, b, &l);
            as_later(q, b, &l);
        }
        estimate(q, d, &l, l.pairs + 4 * q->n + 1, out);
    }
    stroma_free(l.rung);
    stroma_free(l.pairs);
    return s;
}
