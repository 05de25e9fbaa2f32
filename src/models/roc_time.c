/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "roc_time.h"

#include "roc_ladder.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"

#include <math.h>
#include <string.h>

/* Share of the other class's weight that lies on the right side of each subject, ties half; the
 * influence that the subjects have through their own weight; the AUC. */
static double area(const roc_time *w, double *direct)
{
    double below_case = 0, below_control = 0, sum = 0;
    for (size_t i = 0, next; i < w->n; i = next) {
        double cases = 0, controls = 0;
        for (next = i; next < w->n && w->value[w->order[next]] == w->value[w->order[i]]; next++) {
            cases += w->as_case[w->order[next]];
            controls += w->as_control[w->order[next]];
        }
        for (size_t k = i; k < next; k++) {
            const size_t at = w->order[k];
            direct[at] = w->as_case[at] > 0 ? (below_control + controls / 2) / w->controls
                                            : 1 - (below_case + cases / 2) / w->cases;
        }
        sum += cases * (below_control + controls / 2);
        below_case += cases;
        below_control += controls;
    }
    const double auc = sum / (w->cases * w->controls);
    for (size_t i = 0; i < w->n; i++)
        direct[i] = (direct[i] - auc) * (w->as_case[i] / w->cases + w->as_control[i] / w->controls);
    return auc;
}

static double norm(const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i] * x[i];
    return sqrt(sum);
}

static void interval_of(stroma_stat *s, stroma_time_roc_interval interval, double level)
{
    const double z = stroma_normal_quantile(0.5 + level / 2), a = s->estimate;
    s->level = level;
    if (!(s->se > 0)) {
        s->reason = "no spread in these subjects: a standard error of 0 is no sign of certainty";
        s->interval_method = "influence function";
    } else if (interval == STROMA_TIME_ROC_LOGIT) {
        const double centre = log(a / (1 - a)), width = z * s->se / (a * (1 - a));
        s->interval_method = "influence function, logit";
        s->lower = 1 / (1 + exp(width - centre));
        s->upper = 1 / (1 + exp(-width - centre));
    } else {
        s->interval_method = "influence function";
        s->lower = fmax(0, a - z * s->se);
        s->upper = fmin(1, a + z * s->se);
    }
}

static stroma_stat about(const roc_time *w, const char *estimate)
{
    stroma_stat s = stroma_stat_empty("time_roc");
    s.estimate_name = estimate;
    s.n_used = w->n;
    s.n1 = w->count.cases;
    s.n2 = w->count.controls;
    if (w->reason != NULL) {
        s.not_estimable = true;
        s.reason = w->reason;
    }
    return s;
}

stroma_status stroma_time_roc_auc(const stroma_time_roc_sample *s, double time,
                                  stroma_time_roc_interval interval, double level,
                                  double *influence, stroma_time_roc_counts *counts,
                                  stroma_stat *out, stroma_error *err)
{
    roc_time w;
    STROMA_TRY(survival_check_level(level, err));
    STROMA_TRY(roc_time_new(s, time, &w, err));
    *out = about(&w, "AUC");
    out->level = level;
    if (counts != NULL) *counts = w.count;
    double *room = stroma_alloc_array(2 * w.n, sizeof *room);
    if (room != NULL && w.reason == NULL) {
        out->estimate = area(&w, room);
        roc_time_influence(&w, s->event, room, room + w.n);
        out->se = norm(room + w.n, w.n);
        interval_of(out, interval, level);
        if (influence != NULL) memcpy(influence, room + w.n, w.n * sizeof *influence);
    }
    stroma_status status = room == NULL ? stroma_no_memory(err) : STROMA_OK;
    stroma_free(room);
    roc_time_free(&w);
    return status;
}

stroma_status stroma_time_roc_compare(const stroma_time_roc_sample *s, const double *other,
                                      double time, double level, stroma_stat *out,
                                      stroma_error *err)
{
    stroma_time_roc_sample second = *s;
    stroma_stat a, b;
    second.marker = other;
    *out = stroma_stat_empty("time_roc_difference");
    if (s->n == 0) return stroma_fail(err, STROMA_E_DEGENERATE, "no rows: nobody was at risk");
    double *room = stroma_alloc_array(2 * s->n, sizeof *room);
    if (room == NULL) return stroma_no_memory(err);
    stroma_status status =
        stroma_time_roc_auc(s, time, STROMA_TIME_ROC_PLAIN, level, room, NULL, &a, err);
    if (status == STROMA_OK)
        status = stroma_time_roc_auc(&second, time, STROMA_TIME_ROC_PLAIN, level, room + s->n, NULL,
                                     &b, err);
    if (status == STROMA_OK) {
        for (size_t i = 0; i < s->n; i++)
            room[i] -= room[s->n + i];
        *out = a;
        out->method = "time_roc_difference";
        out->estimate_name = "difference of AUC";
        out->estimate = a.estimate - b.estimate;
        out->se = a.not_estimable ? (double)NAN : norm(room, s->n);
        out->lower = out->upper = NAN;
        out->reason = a.not_estimable ? a.reason : "";
        if (!a.not_estimable && !(out->se > 0)) {
            out->not_estimable = true;
            out->reason = "the two markers order the subjects alike";
        } else if (!a.not_estimable) {
            const double z = stroma_normal_quantile(0.5 + level / 2);
            out->lower = out->estimate - z * out->se;
            out->upper = out->estimate + z * out->se;
            out->statistic_name = "z";
            out->statistic = out->estimate / out->se;
            out->p = stroma_normal_two_sided(out->statistic);
        }
    }
    stroma_free(room);
    return status;
}

/* A weighted share of one class, with its influence. */
static void share(const roc_time *w, const uint32_t *event, const double *weight, double sum,
                  const bool *right, double level, double *room, stroma_stat *out)
{
    double hits = 0;
    for (size_t i = 0; i < w->n; i++)
        if (right[i]) hits += weight[i];
    out->estimate = hits / sum;
    for (size_t i = 0; i < w->n; i++)
        room[i] = weight[i] / sum * (right[i] - out->estimate);
    roc_time_influence(w, event, room, room + w->n);
    out->se = norm(room + w->n, w->n);
    interval_of(out, STROMA_TIME_ROC_PLAIN, level);
}

stroma_status stroma_time_roc_at(const stroma_time_roc_sample *s, double time, double threshold,
                                 bool inclusive, double level, stroma_stat *sensitivity,
                                 stroma_stat *specificity, stroma_error *err)
{
    roc_time w;
    if (isnan(threshold)) return stroma_fail(err, STROMA_E_USAGE, "the threshold is not a number");
    STROMA_TRY(survival_check_level(level, err));
    STROMA_TRY(roc_time_new(s, time, &w, err));
    *sensitivity = about(&w, "sensitivity");
    *specificity = about(&w, "specificity");
    double *room = stroma_alloc_array(2 * w.n, sizeof *room);
    bool *right = stroma_alloc_array(w.n, sizeof *right);
    const double cut = s->direction == STROMA_ROC_LOWER ? -threshold : threshold;
    stroma_status status = room == NULL || right == NULL ? stroma_no_memory(err) : STROMA_OK;
    for (size_t i = 0; status == STROMA_OK && i < w.n; i++)
        right[i] = w.value[i] > cut || (inclusive && w.value[i] == cut);
    if (status == STROMA_OK && w.reason == NULL) {
        share(&w, s->event, w.as_case, w.cases, right, level, room, sensitivity);
        for (size_t i = 0; i < w.n; i++)
            right[i] = !right[i];
        share(&w, s->event, w.as_control, w.controls, right, level, room, specificity);
    }
    stroma_free(right);
    stroma_free(room);
    roc_time_free(&w);
    return status;
}

/* From the highest value down; reversed at the end. */
static void points(const roc_time *w, double sign, stroma_roc_point *p, size_t *len)
{
    double cases = w->cases, controls = 0;
    size_t tp = w->count.cases, fp = w->count.controls;
    p[(*len)++] = (stroma_roc_point){ -sign * (double)INFINITY, tp, fp, 1, 0 };
    for (size_t i = 0, next; i < w->n; i = next) {
        const double here = w->value[w->order[i]];
        for (next = i; next < w->n && w->value[w->order[next]] == here; next++) {
            const size_t at = w->order[next];
            cases -= w->as_case[at];
            controls += w->as_control[at];
            tp -= w->as_case[at] > 0;
            fp -= w->as_control[at] > 0;
        }
        const double t =
            next < w->n ? roc_between(here, w->value[w->order[next]]) : (double)INFINITY;
        p[(*len)++] = (stroma_roc_point){ sign * t, tp, fp, fmax(0, cases / w->cases),
                                          fmin(1, controls / w->controls) };
    }
    p[*len - 1].sensitivity = 0;
    p[*len - 1].specificity = 1;
}

stroma_status stroma_time_roc_curve(const stroma_time_roc_sample *s, double time,
                                    stroma_roc_point **out, size_t *out_len, stroma_error *err)
{
    roc_time w;
    *out = NULL;
    *out_len = 0;
    STROMA_TRY(roc_time_new(s, time, &w, err));
    stroma_status status = STROMA_OK;
    if (w.reason != NULL) status = stroma_fail(err, STROMA_E_DEGENERATE, "%s", w.reason);
    if (status == STROMA_OK) {
        *out = stroma_alloc_array(w.n + 1, sizeof **out);
        if (*out == NULL)
            status = stroma_no_memory(err);
        else
            points(&w, s->direction == STROMA_ROC_LOWER ? -1 : 1, *out, out_len);
    }
    roc_time_free(&w);
    return status;
}
