/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gray's test of equal cumulative incidence. Under the hypothesis the score of group i is a sum
 * over groups k of martingale increments, each with what it does now (a) and what it does to all
 * later comparisons (c, the integral of a dF/(1 − F), from now to the end). The end is not known
 * yet while the times are walked, so the square is kept as three sums. */
#include "survival_times.h"

#include "stroma/stats_distribution.h"

#include <math.h>
#include <string.h>

typedef struct gray {
    size_t groups;
    double *score, *variance;        /* groups, groups²: over all strata */
    double *at_risk, *cause, *other; /* groups: now */
    double *s, *s_before, *f; /* groups: free of every event, before now; incidence before now */
    double *a, *c, *linear;   /* groups² */
    double *square;           /* groups */
    double incidence;         /* pooled, before now */
} gray;

/* What an increment does later, times its variance, added up. @p now is 0 or a column of a. */
static void add_increment(gray *w, size_t k, const double *now, double later, double variance)
{
    const size_t g = w->groups;
    w->square[k] += later * later * variance;
    for (size_t i = 0; i < g; i++) {
        const double x = (now == NULL ? 0 : now[i * g + k]) - later * w->c[i * g + k];
        w->linear[i * g + k] += later * x * variance;
        for (size_t j = 0; j < g; j++) {
            const double y = (now == NULL ? 0 : now[j * g + k]) - later * w->c[j * g + k];
            w->variance[i * g + j] += x * y * variance;
        }
    }
}

static void score_and_weights(gray *w, double deaths, double *total)
{
    const size_t g = w->groups;
    double shared = 0;
    *total = 0;
    for (size_t k = 0; k < g; k++) {
        if (!(w->at_risk[k] > 0)) continue;
        const double r = w->at_risk[k] / w->s_before[k];
        *total += r;
        shared += r * (1 - w->f[k]);
    }
    memset(w->a, 0, g * g * sizeof *w->a);
    for (size_t i = 0; i < g; i++) {
        if (!(w->at_risk[i] > 0)) continue;
        const double r = w->at_risk[i] / w->s_before[i];
        w->score[i] += w->cause[i] - deaths * r * (1 - w->f[i]) / shared;
        for (size_t j = 0; j < g; j++) {
            if (!(w->at_risk[j] > 0)) continue;
            const double other = w->at_risk[j] / w->s_before[j];
            w->a[i * g + j] = r * ((i == j) - other / *total);
            w->c[i * g + j] += w->a[i * g + j] * deaths / (*total * (1 - w->incidence));
        }
    }
}

static void add_time(gray *w)
{
    const size_t g = w->groups;
    double deaths = 0, total = 0;
    for (size_t k = 0; k < g; k++)
        deaths += w->cause[k];
    score_and_weights(w, deaths, &total);
    const double after = w->incidence + deaths / total;
    for (size_t k = 0; k < g; k++) {
        const double n = w->at_risk[k], before = w->s_before[k];
        if (!(n > 0)) continue;
        w->s[k] = before * (n - w->cause[k] - w->other[k]) / n;
        w->f[k] += before * w->cause[k] / n;
        if (deaths > 0) {
            const double later = w->s[k] > 0 ? 1 - (1 - after) / w->s[k] : 1;
            const double ties = deaths > 1 ? 1 - (deaths - 1) / (total * before - 1) : 1;
            add_increment(w, k, w->a, later, ties * before * deaths / (total * n));
        }
        if (w->other[k] > 0 && w->s[k] > 0) {
            const double ties = w->other[k] > 1 ? 1 - (w->other[k] - 1) / (n - 1) : 1;
            add_increment(w, k, NULL, (1 - after) / w->s[k],
                          ties * before * before * w->other[k] / (n * n));
        }
        w->s_before[k] = w->s[k];
    }
    w->incidence = after;
}

static void walk_stratum(const survival_times *t, const stroma_survival_data *d, size_t stratum,
                         uint32_t cause, const size_t *code, gray *w)
{
    const size_t g = w->groups, end = t->first[stratum + 1];
    memset(w->c, 0, g * g * sizeof *w->c);
    memset(w->linear, 0, g * g * sizeof *w->linear);
    for (size_t k = 0; k < g; k++) {
        w->at_risk[k] = w->f[k] = w->square[k] = 0;
        w->s_before[k] = w->s[k] = 1;
    }
    w->incidence = 0;
    for (size_t i = t->first[stratum]; i < end; i++)
        w->at_risk[code[d->group[t->by_stop[i]]]]++;
    for (size_t i = t->first[stratum]; i < end;) {
        const double now = t->stop[t->by_stop[i]];
        size_t next = i;
        bool any = false;
        memset(w->cause, 0, g * sizeof *w->cause);
        memset(w->other, 0, g * sizeof *w->other);
        for (; next < end && t->stop[t->by_stop[next]] == now; next++) {
            const size_t row = t->by_stop[next], k = code[d->group[row]];
            w->cause[k] += d->event[row] == cause;
            w->other[k] += d->event[row] != cause && d->event[row] != 0;
            any = any || d->event[row] != 0;
        }
        if (any) add_time(w);
        for (; i < next; i++)
            w->at_risk[code[d->group[t->by_stop[i]]]]--;
    }
    for (size_t i = 0; i < g; i++)
        for (size_t j = 0; j < g; j++)
            for (size_t k = 0; k < g; k++)
                w->variance[i * g + j] += w->c[i * g + k] * w->c[j * g + k] * w->square[k] +
                                          w->c[i * g + k] * w->linear[j * g + k] +
                                          w->c[j * g + k] * w->linear[i * g + k];
}

static void chi_square(gray *w, stroma_stat *out)
{
    const size_t g = w->groups, n = g - 1; /* the scores add up to 0 */
    double statistic = NAN;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            w->a[i * n + j] = w->variance[i * g + j];
    out->statistic_name = "chi2";
    out->df = (double)n;
    if (!survival_quadratic(w->score, w->a, n, &statistic)) {
        out->not_estimable = true;
        out->reason = "the variance is singular";
        return;
    }
    out->statistic = statistic;
    out->p = stroma_chi2_sf(statistic, out->df);
}

/* Groups with rows, numbered without gaps. @return how many */
static size_t used_groups(const stroma_survival_data *d, size_t *code)
{
    size_t n = 0;
    for (size_t i = 0; i < d->n; i++)
        code[d->group[i]] = 1;
    for (size_t k = 0; k < d->groups; k++)
        if (code[k] == 1) code[k] = n++;
    return n;
}

static stroma_status run(const stroma_survival_data *d, const survival_times *t, uint32_t cause,
                         size_t *code, stroma_stat *out, stroma_error *err)
{
    size_t events = 0;
    gray w = { .groups = used_groups(d, code) };
    const size_t g = w.groups;
    for (size_t i = 0; i < d->n; i++)
        events += d->event[i] == cause;
    if (g < 2 || events == 0) {
        out->not_estimable = true;
        out->reason = g < 2 ? "fewer than two groups" : "nobody had the event";
        return STROMA_OK;
    }
    double *room = g > 10000 ? NULL : stroma_alloc_array(8 * g + 4 * g * g, sizeof *room);
    if (room == NULL) return stroma_no_memory(err);
    double **parts[] = { &w.score, &w.at_risk,  &w.cause, &w.other,
                         &w.s,     &w.s_before, &w.f,     &w.square };
    for (size_t i = 0; i < 8; i++)
        *parts[i] = room + i * g;
    w.variance = room + 8 * g;
    w.a = w.variance + g * g;
    w.c = w.a + g * g;
    w.linear = w.c + g * g;
    for (size_t s = 0; s < t->blocks; s++)
        walk_stratum(t, d, s, cause, code, &w);
    chi_square(&w, out);
    stroma_free(room);
    return STROMA_OK;
}

stroma_status stroma_incidence_test(const stroma_survival_data *d, uint32_t cause, stroma_stat *out,
                                    stroma_error *err)
{
    survival_times t;
    *out = stroma_stat_empty("gray");
    out->n_used = d->n;
    if (cause == 0) return stroma_fail(err, STROMA_E_USAGE, "cause 0 is censoring");
    if (d->start != NULL)
        return stroma_fail(err, STROMA_E_USAGE, "Gray's test has no form for delayed entry");
    if (d->group == NULL || d->groups < 2) {
        out->not_estimable = true;
        out->reason = "fewer than two groups";
        return STROMA_OK;
    }
    STROMA_TRY(survival_times_new(d, d->stratum, d->strata, &t, err));
    size_t *code = stroma_alloc_array(d->groups, sizeof *code);
    stroma_status s = code == NULL ? stroma_no_memory(err) : STROMA_OK;
    if (s == STROMA_OK) s = run(d, &t, cause, code, out, err);
    out->variant = t.blocks > 1 ? "stratified" : "";
    stroma_free(code);
    survival_times_free(&t);
    return s;
}
