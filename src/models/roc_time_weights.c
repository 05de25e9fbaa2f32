/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weights by the inverse probability of censoring. */
#include "roc_time.h"

#include "stroma/memory.h"
#include "stroma/sort.h"

#include <math.h>
#include <string.h>

void roc_time_free(roc_time *w)
{
    survival_times_free(&w->t);
    stroma_free(w->value);
    stroma_free(w->order);
    *w = (roc_time){ 0 };
}

/* Kaplan-Meier of censoring; those who have the event at a time are not at risk of it any more. */
static void censoring(roc_time *w, const uint32_t *event)
{
    const survival_times *t = &w->t;
    double left = 1;
    for (size_t i = 0, next; i < w->n; i = next, w->whens++) {
        double events = 0, censored = 0;
        const double now = t->stop[t->by_stop[i]];
        for (next = i; next < w->n && t->stop[t->by_stop[next]] == now; next++) {
            const bool failed = event[t->by_stop[next]] != 0;
            events += failed;
            censored += !failed;
            w->when[t->by_stop[next]] = w->whens;
        }
        const double at_risk = (double)(w->n - i) - events;
        w->free_before[w->whens] = left;
        w->at_risk[w->whens] = at_risk;
        w->hazard[w->whens] = censored > 0 ? censored / at_risk : 0;
        left *= 1 - w->hazard[w->whens];
        if (now <= w->time) w->count.not_censored = left;
    }
}

static void weigh(roc_time *w, const stroma_time_roc_sample *s)
{
    for (size_t i = 0; i < w->n; i++) {
        const bool after = w->t.stop[i] > w->time;
        const double before = 1 / w->free_before[w->when[i]];
        if (after) {
            w->as_control[i] = 1 / w->count.not_censored;
            w->count.controls++;
        } else if (s->event[i] == s->cause) {
            w->as_case[i] = before;
            w->count.cases++;
        } else if (s->event[i] != 0) {
            w->count.competing++;
            if (s->controls == STROMA_TIME_ROC_NOT_CASES) w->as_control[i] = before;
        } else {
            w->count.unknown++;
        }
        w->cases += w->as_case[i];
        w->controls += w->as_control[i];
    }
    if (s->controls == STROMA_TIME_ROC_NOT_CASES) w->count.controls += w->count.competing;
    if (!(w->cases > 0))
        w->reason = "nobody is known to have had the event by then";
    else if (w->count.controls == 0)
        w->reason = "nobody is known to be free of the event at that time";
    else if (w->count.controls == w->count.competing && s->controls == STROMA_TIME_ROC_NOT_CASES &&
             w->count.unknown > 0)
        w->reason = "nobody was followed beyond that time";
}

static stroma_status fill(roc_time *w, const stroma_time_roc_sample *s, stroma_error *err)
{
    const size_t n = w->n;
    w->value = stroma_alloc_array(8 * n, sizeof *w->value);
    w->order = stroma_alloc_array(2 * n, sizeof *w->order);
    if (w->value == NULL || w->order == NULL) return stroma_no_memory(err);
    w->as_case = w->value + n;
    w->as_control = w->value + 2 * n;
    w->work = w->value + 3 * n;
    w->hazard = w->value + 5 * n;
    w->at_risk = w->value + 6 * n;
    w->free_before = w->value + 7 * n;
    w->when = w->order + n;
    w->count.not_censored = 1;
    for (size_t i = 0; i < n; i++)
        w->value[i] = s->direction == STROMA_ROC_LOWER ? -s->marker[i] : s->marker[i];
    censoring(w, s->event);
    weigh(w, s);
    return stroma_order_doubles(w->value, n, w->order, err);
}

stroma_status roc_time_new(const stroma_time_roc_sample *s, double time, roc_time *out,
                           stroma_error *err)
{
    *out = (roc_time){ .n = s->n, .time = time };
    if (s->cause == 0) return stroma_fail(err, STROMA_E_USAGE, "cause 0 is censoring");
    if (!isfinite(time) || time < 0)
        return stroma_fail(err, STROMA_E_USAGE, "time %g is negative or not finite", time);
    for (size_t i = 0; i < s->n; i++)
        if (!isfinite(s->marker[i]))
            return stroma_fail(err, STROMA_E_USAGE, "marker of row %zu is not finite", i + 1);
    const stroma_survival_data d = { .n = s->n, .stop = s->stop, .event = s->event };
    STROMA_TRY(survival_times_new(&d, NULL, 0, &out->t, err));
    const stroma_status status = fill(out, s, err);
    if (status != STROMA_OK) roc_time_free(out);
    return status;
}

/* With direct influence k_i through weight i, G adds Σ_u K(u) dM(u)/(at risk (1 − hazard)) for each
 * subject's own martingale M of censoring, where K(u) is the k_i of all weights that look past u:
 * those of events after u, and those of who is seen beyond t where u ≤ t. */
void roc_time_influence(const roc_time *w, const uint32_t *event, const double *direct,
                        double *influence)
{
    double *past = w->work, *sum = w->work + w->n, later = 0;
    memset(past, 0, w->whens * sizeof *past);
    for (size_t i = 0; i < w->n; i++) {
        if (w->t.stop[i] > w->time)
            later += direct[i];
        else
            past[w->when[i]] += direct[i];
    }
    /* past[u]: sum over events strictly after u, latest first */
    double running = 0;
    for (size_t u = w->whens; u-- > 0;) {
        const double here = past[u];
        past[u] = running;
        running += here;
    }
    double total = 0;
    size_t whens = 0; /* times up to t */
    for (size_t i = 0; i < w->n; i++)
        if (w->t.stop[i] <= w->time && w->when[i] >= whens) whens = w->when[i] + 1;
    for (size_t u = 0; u < w->whens; u++) {
        const double k = u < whens ? past[u] + later : 0;
        past[u] = k != 0 ? k / (w->at_risk[u] * (1 - w->hazard[u])) : 0;
        total += past[u] * w->hazard[u];
        sum[u] = total;
    }
    for (size_t i = 0; i < w->n; i++) {
        const size_t u = w->when[i];
        influence[i] = direct[i];
        if (event[i] == 0)
            influence[i] += past[u] - sum[u];
        else if (u > 0)
            influence[i] -= sum[u - 1];
    }
}
