/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Observed against expected events at every event time: log-rank and its weighted kin. */
#include "survival_times.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"

#include <math.h>
#include <string.h>

typedef struct tally {
    size_t groups;
    double rho;
    double *at_risk, *events;               /* groups: now */
    double *observed, *expected, *variance; /* groups, groups, groups² */
    double survival;                        /* of the stratum, just before now */
} tally;

/* One event time of a stratum. */
static void add_time(tally *w)
{
    double n = 0, k = 0;
    for (size_t g = 0; g < w->groups; g++) {
        n += w->at_risk[g];
        k += w->events[g];
    }
    if (!(k > 0)) return;
    const double weight = w->rho == 0 ? 1 : pow(w->survival, w->rho);
    const double spread = n > 1 ? weight * weight * k * (n - k) / (n - 1) : 0;
    for (size_t g = 0; g < w->groups; g++) {
        const double share = w->at_risk[g] / n;
        w->observed[g] += weight * w->events[g];
        w->expected[g] += weight * k * share;
        for (size_t h = 0; h < w->groups; h++)
            w->variance[g * w->groups + h] += spread * share * ((g == h) - w->at_risk[h] / n);
    }
    w->survival *= (n - k) / n;
}

static void walk_stratum(const survival_times *t, const stroma_survival_data *d, size_t s, tally *w)
{
    size_t entered = t->first[s];
    const size_t end = t->first[s + 1];
    w->survival = 1;
    for (size_t g = 0; g < w->groups; g++)
        w->at_risk[g] = 0;
    for (size_t i = t->first[s]; t->start == NULL && i < end; i++)
        w->at_risk[d->group[t->by_stop[i]]]++;
    for (size_t i = t->first[s]; i < end;) {
        const double now = t->stop[t->by_stop[i]];
        for (; t->start != NULL && entered < end && t->start[t->by_start[entered]] < now; entered++)
            w->at_risk[d->group[t->by_start[entered]]]++;
        size_t next = i;
        memset(w->events, 0, w->groups * sizeof *w->events);
        for (; next < end && t->stop[t->by_stop[next]] == now; next++)
            w->events[d->group[t->by_stop[next]]] += d->event[t->by_stop[next]] != 0;
        add_time(w);
        for (; i < next; i++)
            w->at_risk[d->group[t->by_stop[i]]]--;
    }
}

/* χ² over the groups that could have had an event, without the first of them. */
static void chi_square(const tally *w, double *u, double *v, stroma_stat *out)
{
    size_t kept = 0;
    const size_t k = w->groups;
    bool first = true;
    for (size_t g = 0; g < k; g++) {
        if (!(w->expected[g] > 0)) continue;
        if (first) {
            first = false;
            continue;
        }
        u[kept] = w->observed[g] - w->expected[g];
        size_t column = 0;
        bool skip = true;
        for (size_t h = 0; h <= g; h++) {
            if (!(w->expected[h] > 0)) continue;
            if (!skip) v[kept * k + column++] = w->variance[g * k + h];
            skip = false;
        }
        kept++;
    }
    for (size_t i = 0; i < kept; i++) /* rows of width k to rows of width kept */
        for (size_t h = 0; h <= i; h++)
            v[i * kept + h] = v[i * k + h];
    out->statistic_name = "chi2";
    out->df = (double)kept;
    if (kept == 0) {
        out->not_estimable = true;
        out->reason = first ? "nobody had the event"
                            : "only one group had anybody at risk when an event happened";
    } else if (!survival_quadratic(u, v, kept, &out->statistic)) {
        out->not_estimable = true;
        out->reason = "at no event time were subjects of several groups at risk and spared";
        out->statistic = NAN;
    } else {
        out->p = stroma_chi2_sf(out->statistic, out->df);
    }
}

stroma_status stroma_survival_test(const stroma_survival_data *d, double rho, double *observed,
                                   double *expected, stroma_stat *out, stroma_error *err)
{
    survival_times t;
    const size_t k = d->groups;
    *out = stroma_stat_empty(rho == 0 ? "log_rank" : rho == 1 ? "peto_peto" : "g_rho");
    if (!isfinite(rho)) return stroma_fail(err, STROMA_E_USAGE, "rho %g is not finite", rho);
    if (d->group == NULL || k < 2) {
        out->not_estimable = true;
        out->reason = "fewer than two groups";
        return STROMA_OK;
    }
    STROMA_TRY(survival_times_new(d, d->stratum, d->strata, &t, err));
    double *room = k > 100000 ? NULL : stroma_alloc_array(5 * k + 2 * k * k, sizeof *room);
    if (room == NULL) {
        survival_times_free(&t);
        return stroma_no_memory(err);
    }
    tally w = { .groups = k, .rho = rho, .at_risk = room, .events = room + k };
    w.observed = room + 2 * k;
    w.expected = room + 3 * k;
    w.variance = room + 5 * k;
    for (size_t s = 0; s < t.blocks; s++)
        walk_stratum(&t, d, s, &w);
    out->n_used = d->n;
    out->variant = t.blocks > 1 ? "stratified" : "";
    chi_square(&w, room + 4 * k, room + 5 * k + k * k, out);
    if (observed != NULL) memcpy(observed, w.observed, k * sizeof *observed);
    if (expected != NULL) memcpy(expected, w.expected, k * sizeof *expected);
    stroma_free(room);
    survival_times_free(&t);
    return STROMA_OK;
}
