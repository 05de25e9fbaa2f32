/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measures of predicted probabilities. */
#include "logistic_problem.h"
#include "roc_ladder.h"
#include "validation.h"

#include "stroma/memory.h"

#include <math.h>

enum { ITERATIONS_MAX = 200, HALVINGS_MAX = 60, PRODUCT_MAX = 512 };
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

/* Log likelihood of y ~ a + b·x with its slopes, at the cost of one exponential a row. */
typedef struct place {
    double value, score[2], information[3]; /* aa, ab, bb */
} place;

static place evaluate(const double *x, const double *y, size_t n, double a, double b)
{
    place at = { 0 };
    for (size_t i = 0; i < n;) {
        /* factors of 1 … 2: so many can be multiplied before one logarithm */
        const size_t end = n - i > PRODUCT_MAX ? i + PRODUCT_MAX : n;
        double product = 1;
        for (; i < end; i++) {
            const double eta = a + b * x[i], small = exp(-fabs(eta)), p = 1 / (1 + small);
            const double pi = eta >= 0 ? p : small * p, other = eta >= 0 ? small * p : p;
            const double rest = y[i] > 0 ? other : -pi, w = pi * other;
            product *= 1 + small;
            if ((y[i] > 0) != (eta >= 0)) at.value -= fabs(eta);
            at.score[0] += rest;
            at.score[1] += rest * x[i];
            at.information[0] += w;
            at.information[1] += w * x[i];
            at.information[2] += w * x[i] * x[i];
        }
        at.value -= log(product);
    }
    return at;
}

/* The Newton step; @return its length beside the place, NaN where there is none */
static double step_of(const place *at, const validation_line *l, bool slope, double step[2])
{
    const double *h = at->information, det = h[0] * h[2] - h[1] * h[1];
    step[0] = at->score[0] / h[0];
    step[1] = 0;
    if (slope) {
        step[0] = (h[2] * at->score[0] - h[1] * at->score[1]) / det;
        step[1] = (h[0] * at->score[1] - h[1] * at->score[0]) / det;
    }
    return fmax(fabs(step[0]) / fmax(1, fabs(l->a)), fabs(step[1]) / fmax(1, fabs(l->b)));
}

/* Halve until the likelihood does not fall; false when it always does. */
static bool climb(const double *x, const double *y, size_t n, const double step[2],
                  validation_line *l, place *at)
{
    double scale = 1;
    for (int h = 0; h < HALVINGS_MAX; h++, scale /= 2) {
        const double a = l->a + scale * step[0], b = l->b + scale * step[1];
        const place there = evaluate(x, y, n, a, b);
        if (!(there.value >= at->value - 1e-13 * fabs(at->value))) continue;
        *at = there;
        l->a = a;
        l->b = b;
        return true;
    }
    return false;
}

validation_line validation_recalibrate(const double *x, const double *y, size_t n, bool slope)
{
    validation_line l = { .a = 0, .b = 1, .reason = no_maximum(x, y, n, slope) };
    if (l.reason != NULL) return l;
    place at = evaluate(x, y, n, 0, 1);
    double step[2] = { 0 }, length = INFINITY;
    for (int k = 0; k < ITERATIONS_MAX; k++) {
        length = step_of(&at, &l, slope, step);
        /* a step of rounding size is not taken: predictions in their own data stay at 0 and 1 */
        if (!(length > step_min) || !climb(x, y, n, step, &l, &at)) break;
    }
    if (!(length <= step_min)) l.reason = "the recalibration did not converge";
    for (size_t i = 0; i < 3; i++)
        l.information[i] = at.information[i];
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

stroma_status validation_separates(const double *probability, const double *y, size_t n,
                                   double *room, double out[STROMA_MEASURES], stroma_error *err)
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
    return area(probability, y, n, room, &out[STROMA_MEASURE_AUC], err);
}

stroma_status stroma_measures(const double *probability, const double *y, size_t n,
                              double out[STROMA_MEASURES], stroma_error *err)
{
    double *room = stroma_alloc_array(n, sizeof *room);
    if (room == NULL) return stroma_no_memory(err);
    const stroma_status s = validation_separates(probability, y, n, room, out, err);
    if (s == STROMA_OK && !isnan(out[STROMA_MEASURE_AUC]) &&
        validation_logits(probability, n, room)) {
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
