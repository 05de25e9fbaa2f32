/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measures of predicted probabilities. */
#include "logistic_problem.h"
#include "roc_ladder.h"
#include "validation.h"

#include "stroma/memory.h"

#include <math.h>

enum { ITERATIONS_MAX = 200, HALVINGS_MAX = 60 };
static const double step_min = 1e-12;

const char *stroma_measure_name(stroma_measure m)
{
    static const char *const names[] = { "auc",
                                         "brier",
                                         "brier_scaled",
                                         "calibration_in_the_large",
                                         "calibration_intercept",
                                         "calibration_slope" };
    return (unsigned)m < STROMA_MEASURES ? names[m] : "unknown";
}

size_t validation_events(const double *y, size_t n)
{
    size_t events = 0;
    for (size_t i = 0; i < n; i++)
        events += y[i] > 0;
    return events;
}

stroma_status validation_check(const double *probability, const double *y, size_t n, bool both,
                               stroma_error *err)
{
    if (n == 0) return stroma_fail(err, STROMA_E_DEGENERATE, "no rows to judge predictions by");
    for (size_t i = 0; i < n; i++) {
        if (!(y[i] == 0 || y[i] == 1))
            return stroma_fail(err, STROMA_E_USAGE, "outcome of row %zu is %g, not 0 or 1", i + 1,
                               y[i]);
        if (probability != NULL && !(probability[i] >= 0 && probability[i] <= 1))
            return stroma_fail(err, STROMA_E_USAGE,
                               "predicted probability of row %zu is %g, not within 0 to 1", i + 1,
                               probability[i]);
    }
    const size_t events = validation_events(y, n);
    if (both && (events == 0 || events == n))
        return stroma_fail(err, STROMA_E_DEGENERATE, "all %zu outcomes are %d", n, events > 0);
    return STROMA_OK;
}

bool validation_logits(const double *probability, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++) {
        if (!(probability[i] > 0 && probability[i] < 1)) return false;
        out[i] = log(probability[i]) - log1p(-probability[i]);
    }
    return true;
}

/* The reason why a line has no maximum, or NULL. */
static const char *no_maximum(const double *x, const double *y, size_t n, bool slope)
{
    double low[2] = { INFINITY, INFINITY }, high[2] = { -INFINITY, -INFINITY };
    for (size_t i = 0; i < n; i++) {
        low[y[i] > 0] = fmin(low[y[i] > 0], x[i]);
        high[y[i] > 0] = fmax(high[y[i] > 0], x[i]);
    }
    if (isinf(low[0]) || isinf(low[1])) return "one class only";
    if (!slope) return NULL;
    if (fmin(low[0], low[1]) == fmax(high[0], high[1])) return "the predictions are all the same";
    if (low[1] >= high[0] || low[0] >= high[1]) return "the predictions separate the classes";
    return NULL;
}

static double likelihood(const double *x, const double *y, size_t n, double a, double b)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += logistic_log_likelihood_plain(a + b * x[i], y[i]);
    return sum;
}

static void curvature(validation_line *l, const double *x, const double *y, size_t n, double *score)
{
    score[0] = score[1] = l->information[0] = l->information[1] = l->information[2] = 0;
    for (size_t i = 0; i < n; i++) {
        const double eta = l->a + l->b * x[i], pi = logistic_expit(eta),
                     other = logistic_expit(-eta);
        const double rest = y[i] > 0 ? other : -pi, w = pi * other;
        score[0] += rest;
        score[1] += rest * x[i];
        l->information[0] += w;
        l->information[1] += w * x[i];
        l->information[2] += w * x[i] * x[i];
    }
}

validation_line validation_recalibrate(const double *x, const double *y, size_t n, bool slope)
{
    validation_line l = { .a = 0, .b = 1, .reason = no_maximum(x, y, n, slope) };
    double score[2], value = likelihood(x, y, n, 0, 1);
    double longest = INFINITY;
    for (int k = 0; l.reason == NULL && k < ITERATIONS_MAX; k++) {
        curvature(&l, x, y, n, score);
        const double *h = l.information, det = h[0] * h[2] - h[1] * h[1];
        double da = score[0] / h[0], db = 0, scale = 1;
        if (slope) {
            da = (h[2] * score[0] - h[1] * score[1]) / det;
            db = (h[0] * score[1] - h[1] * score[0]) / det;
        }
        longest = fmax(fabs(da) / fmax(1, fabs(l.a)), fabs(db) / fmax(1, fabs(l.b)));
        /* a step of rounding size is not taken: predictions in their own data stay at 0 and 1 */
        if (!(longest > step_min)) break;
        int halvings = 0;
        for (; halvings < HALVINGS_MAX; halvings++, scale /= 2) {
            const double there = likelihood(x, y, n, l.a + scale * da, l.b + scale * db);
            if (!(there >= value - 1e-13 * fabs(value))) continue;
            value = there;
            l.a += scale * da;
            l.b += scale * db;
            break;
        }
        if (halvings == HALVINGS_MAX) break;
    }
    if (l.reason == NULL && !(longest <= step_min)) l.reason = "the recalibration did not converge";
    curvature(&l, x, y, n, score);
    return l;
}

/* Area under the curve without its variance. */
static stroma_status area(const double *p, const double *y, size_t n, double *room, double *out,
                          stroma_error *err)
{
    roc_ladder l;
    const size_t events = validation_events(y, n);
    size_t positive = 0, negative = events;
    for (size_t i = 0; i < n; i++)
        room[y[i] > 0 ? positive++ : negative++] = p[i];
    const stroma_roc_sample s = { room, events, room + events, n - events, STROMA_ROC_HIGHER };
    STROMA_TRY(roc_ladder_new(&s, &l, err));
    *out = (double)roc_pairs2(&l, l.pos_count, l.neg_count) / 2 / (double)events /
           (double)(n - events);
    roc_ladder_free(&l);
    return STROMA_OK;
}

stroma_status stroma_measures(const double *probability, const double *y, size_t n,
                              double out[STROMA_MEASURES], stroma_error *err)
{
    for (int k = 0; k < STROMA_MEASURES; k++)
        out[k] = NAN;
    STROMA_TRY(validation_check(probability, y, n, false, err));
    const size_t events = validation_events(y, n);
    const double share = (double)events / (double)n;
    double loss = 0;
    for (size_t i = 0; i < n; i++)
        loss += (y[i] - probability[i]) * (y[i] - probability[i]);
    out[STROMA_MEASURE_BRIER] = loss / (double)n;
    if (events == 0 || events == n) return STROMA_OK;
    out[STROMA_MEASURE_BRIER_SCALED] = 1 - loss / (double)n / (share * (1 - share));
    double *room = stroma_alloc_array(n, sizeof *room);
    if (room == NULL) return stroma_no_memory(err);
    const stroma_status s = area(probability, y, n, room, &out[STROMA_MEASURE_AUC], err);
    if (s == STROMA_OK && validation_logits(probability, n, room)) {
        const validation_line large = validation_recalibrate(room, y, n, false);
        const validation_line line = validation_recalibrate(room, y, n, true);
        if (large.reason == NULL) out[STROMA_MEASURE_LARGE] = large.a;
        if (line.reason == NULL) {
            out[STROMA_MEASURE_INTERCEPT] = line.a;
            out[STROMA_MEASURE_SLOPE] = line.b;
        }
    }
    stroma_free(room);
    return s;
}

void validation_failed(stroma_validation_failures *f, const char *reason)
{
    f->n++;
    for (size_t k = 0; k < f->reasons_len; k++)
        if (f->reason[k] == reason) {
            f->count[k]++;
            return;
        }
    if (f->reasons_len == STROMA_VALIDATION_REASONS_MAX) return;
    f->reason[f->reasons_len] = reason;
    f->count[f->reasons_len++] = 1;
}

stroma_status validation_part_new(const stroma_design *d, const double *y, const size_t *rows,
                                  size_t n, validation_part *out, stroma_error *err)
{
    out->d = (stroma_design){ .rows = n, .columns = d->columns, .intercept = d->intercept };
    out->d.x = stroma_alloc_array(d->columns, n * sizeof *out->d.x);
    out->y = stroma_alloc_array(n, sizeof *out->y);
    if (out->d.x == NULL || out->y == NULL) {
        validation_part_free(out);
        return stroma_no_memory(err);
    }
    for (size_t i = 0; i < n; i++)
        out->y[i] = y[rows[i]];
    for (size_t j = 0; j < d->columns; j++)
        for (size_t i = 0; i < n; i++)
            out->d.x[j * n + i] = d->x[j * d->rows + rows[i]];
    return STROMA_OK;
}

void validation_part_free(validation_part *p)
{
    stroma_free(p->d.x);
    stroma_free(p->y);
    *p = (validation_part){ 0 };
}
