/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calibration of predicted probabilities: numbers, and a smooth curve. */
#include "logistic_problem.h"
#include "validation.h"

#include "stroma/memory.h"
#include "stroma/sort.h"
#include "stroma/stats_distribution.h"
#include "stroma/stats_summary.h"

#include <math.h>

enum { KNOTS_MAX = 5 };
/* Harrell 2015, Regression Modeling Strategies, table 2.3. */
static const double knot_at[KNOTS_MAX + 1][KNOTS_MAX] = {
    [3] = { 0.1, 0.5, 0.9 },
    [4] = { 0.05, 0.35, 0.65, 0.95 },
    [5] = { 0.05, 0.275, 0.5, 0.725, 0.95 },
};

void stroma_calibration_clear(stroma_calibration *c)
{
    stroma_free(c->predicted);
    *c = (stroma_calibration){ 0 };
}

static void wald(stroma_stat *s, const char *name, double estimate, double variance, double null,
                 double level)
{
    const double z = stroma_normal_quantile(0.5 + level / 2);
    s->estimate_name = name;
    s->level = level;
    s->estimate = estimate;
    s->se = sqrt(variance);
    s->interval_method = "Wald";
    s->lower = estimate - z * s->se;
    s->upper = estimate + z * s->se;
    s->statistic_name = "z";
    s->statistic = (estimate - null) / s->se;
    s->p = stroma_normal_two_sided(s->statistic);
}

static void cannot(stroma_stat *s, const char *reason)
{
    s->not_estimable = true;
    s->reason = reason;
}

static void lines(const double *x, const double *y, double level, stroma_calibration *out)
{
    static const char infinite[] = "a predicted probability is 0 or 1: its logit is infinite";
    if (x == NULL) {
        cannot(&out->large, infinite);
        cannot(&out->intercept, infinite);
        cannot(&out->slope, infinite);
        return;
    }
    const validation_line large = validation_recalibrate(x, y, out->rows, false);
    const validation_line line = validation_recalibrate(x, y, out->rows, true);
    const double *h = line.information, det = h[0] * h[2] - h[1] * h[1];
    if (large.reason != NULL)
        cannot(&out->large, large.reason);
    else
        wald(&out->large, "intercept at slope 1", large.a, 1 / large.information[0], 0, level);
    if (line.reason != NULL) {
        cannot(&out->intercept, line.reason);
        cannot(&out->slope, line.reason);
        return;
    }
    wald(&out->intercept, "recalibration intercept", line.a, h[2] / det, 0, level);
    wald(&out->slope, "calibration slope", line.b, h[0] / det, 1, level);
}

static void scores(const double *p, const double *y, double level, stroma_calibration *out)
{
    const double n = (double)out->rows, share = out->observed;
    double loss = 0, squares = 0, numerator = 0, variance = 0;
    for (size_t i = 0; i < out->rows; i++) {
        loss += (y[i] - p[i]) * (y[i] - p[i]);
        numerator += (y[i] - p[i]) * (1 - 2 * p[i]);
        variance += (1 - 2 * p[i]) * (1 - 2 * p[i]) * p[i] * (1 - p[i]);
    }
    loss /= n;
    for (size_t i = 0; i < out->rows; i++) {
        const double by = (y[i] - p[i]) * (y[i] - p[i]) - loss;
        squares += by * by;
    }
    wald(&out->brier, "Brier score", loss, squares / (n - 1) / n, 0, level);
    out->brier.statistic = variance > 0 ? numerator / sqrt(variance) : (double)NAN;
    out->brier.p = stroma_normal_two_sided(out->brier.statistic);
    if (!(variance > 0)) out->brier.reason = "every predicted probability is 0, 1/2 or 1";
    out->brier_scaled = 1 - loss / (share * (1 - share));
    if (!(out->mean_predicted > 0)) {
        cannot(&out->ratio, "no events are expected");
        return;
    }
    stroma_stat *r = &out->ratio;
    const double z = stroma_normal_quantile(0.5 + level / 2);
    const double on_log = sqrt((1 - share) / (double)out->events);
    wald(r, "observed / expected", share / out->mean_predicted, 0, 1, level);
    r->interval_method = "log";
    r->se = r->estimate * on_log;
    r->lower = r->estimate * exp(-z * on_log);
    r->upper = r->estimate * exp(z * on_log);
    r->statistic = log(r->estimate) / on_log;
    r->p = stroma_normal_two_sided(r->statistic);
}

static double cube(double x)
{
    return x > 0 ? x * x * x : 0;
}

/* Harrell's restricted cubic spline: linear beyond the outer knots, scaled by their distance. */
static double basis(double x, const double *t, size_t knots, size_t j)
{
    const double last = t[knots - 1], before = t[knots - 2], span = last - t[0];
    return (cube(x - t[j]) - cube(x - before) * (last - t[j]) / (last - before) +
            cube(x - last) * (before - t[j]) / (last - before)) /
           (span * span);
}

static void put_row(double x, const double *t, size_t knots, double *row)
{
    row[0] = 1;
    row[1] = x;
    for (size_t j = 0; j + 2 < knots; j++)
        row[j + 2] = basis(x, t, knots, j);
}

static stroma_status put_knots(const double *x, stroma_calibration *out, double *t,
                               stroma_error *err)
{
    for (size_t k = 0; k < out->knots; k++)
        STROMA_TRY(stroma_quantile_compute(x, out->rows, knot_at[out->knots][k], STROMA_QUANTILE_7,
                                           &t[k], err));
    for (size_t k = 1; k < out->knots; k++)
        if (!(t[k] > t[k - 1])) out->curve_reason = "too few distinct predictions for the knots";
    return STROMA_OK;
}

/* The curve at one place, with its band. */
static void put_point(const stroma_logistic_model *m, const double *row, double level, double *at)
{
    const double z = stroma_normal_quantile(0.5 + level / 2);
    double eta = 0, variance = 0;
    for (size_t j = 0; j < m->columns; j++) {
        eta += row[j] * m->coefficients[j];
        for (size_t k = 0; k < m->columns; k++)
            variance += row[j] * row[k] * m->covariance[j * m->columns + k];
    }
    at[0] = logistic_expit(eta);
    at[1] = logistic_expit(eta - z * sqrt(variance));
    at[2] = logistic_expit(eta + z * sqrt(variance));
}

static stroma_status put_distances(const double *p, const stroma_logistic_model *m,
                                   stroma_calibration *out, double *room, stroma_error *err)
{
    double sum = 0;
    out->e_max = 0;
    for (size_t i = 0; i < out->rows; i++) {
        room[i] = fabs(p[i] - m->fitted[i]);
        sum += room[i];
        out->e_max = fmax(out->e_max, room[i]);
    }
    out->ici = sum / (double)out->rows;
    STROMA_TRY(stroma_quantile_compute(room, out->rows, 0.5, STROMA_QUANTILE_7, &out->e50, err));
    return stroma_quantile_compute(room, out->rows, 0.9, STROMA_QUANTILE_7, &out->e90, err);
}

/* The curve at the distinct predictions, ascending. */
static stroma_status put_curve(const double *p, const double *x, const double *t,
                               const stroma_logistic_model *m, double level,
                               stroma_calibration *out, stroma_error *err)
{
    double row[KNOTS_MAX], at[3];
    const size_t n = out->rows;
    size_t *order = stroma_alloc_array(n, sizeof *order);
    out->predicted = stroma_alloc_array(n, 4 * sizeof *out->predicted);
    stroma_status s = STROMA_OK;
    if (order == NULL || out->predicted == NULL)
        s = stroma_no_memory(err);
    else
        s = stroma_order_doubles(p, n, order, err);
    if (s == STROMA_OK) {
        out->curve = out->predicted + n;
        out->lower = out->curve + n;
        out->upper = out->lower + n;
    }
    for (size_t i = 0; s == STROMA_OK && i < n; i++) {
        if (i > 0 && p[order[i]] == p[order[i - 1]]) continue;
        const size_t k = out->curve_len++;
        put_row(x[order[i]], t, out->knots, row);
        put_point(m, row, level, at);
        out->predicted[k] = p[order[i]];
        out->curve[k] = at[0];
        out->lower[k] = at[1];
        out->upper[k] = at[2];
    }
    stroma_free(order);
    return s;
}

/* @param room rows × (knots − 1 + 1) */
static stroma_status curve(const double *p, const double *x, const double *y, double level,
                           stroma_calibration *out, double *room, stroma_error *err)
{
    double t[KNOTS_MAX] = { 0 }, row[KNOTS_MAX];
    STROMA_TRY(put_knots(x, out, t, err));
    if (out->curve_reason[0] != '\0') return STROMA_OK;
    stroma_design d = { .rows = out->rows, .columns = out->knots, .x = room, .intercept = true };
    /* knots − 2 curved columns, x and the constant make as many columns as knots */
    for (size_t i = 0; i < d.rows; i++) {
        put_row(x[i], t, out->knots, row);
        for (size_t j = 0; j < d.columns; j++)
            room[j * d.rows + i] = row[j];
    }
    const stroma_logistic_options o = { false, STROMA_LOGISTIC_WALD, level };
    stroma_logistic_model *m = NULL;
    STROMA_TRY(stroma_logistic_fit(&d, y, &o, &m, err));
    stroma_status s = STROMA_OK;
    if (m->reason[0] != '\0')
        out->curve_reason = m->reason;
    else if (m->rank < m->columns)
        out->curve_reason = "too few distinct predictions for the knots";
    else
        s = put_distances(p, m, out, room, err);
    if (s == STROMA_OK && out->curve_reason[0] == '\0') s = put_curve(p, x, t, m, level, out, err);
    stroma_logistic_free(m);
    return s;
}

stroma_status stroma_calibrate(const double *probability, const double *y, size_t n, size_t knots,
                               double level, stroma_calibration *out, stroma_error *err)
{
    stroma_stat empty = stroma_stat_empty("calibration");
    empty.n_used = n;
    *out = (stroma_calibration){ .rows = n,
                                 .large = empty,
                                 .intercept = empty,
                                 .slope = empty,
                                 .ratio = empty,
                                 .brier = empty,
                                 .ici = NAN,
                                 .e50 = NAN,
                                 .e90 = NAN,
                                 .e_max = NAN,
                                 .curve_reason = "",
                                 .knots = knots == 0 ? 3 : knots };
    if (out->knots < 3 || out->knots > KNOTS_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "%zu knots are not within 3 to %d", knots,
                           KNOTS_MAX);
    if (!(level > 0 && level < 1))
        return stroma_fail(err, STROMA_E_USAGE, "level %g is not between 0 and 1", level);
    STROMA_TRY(validation_check(probability, y, n, true, err));
    double *x = stroma_alloc_array(n, (out->knots + 1) * sizeof *x);
    if (x == NULL) return stroma_no_memory(err);
    out->events = validation_events(y, n);
    out->observed = (double)out->events / (double)n;
    for (size_t i = 0; i < n; i++)
        out->mean_predicted += probability[i] / (double)n;
    out->curve_uncertain = out->events < STROMA_CALIBRATION_CLASS_MIN ||
                           n - out->events < STROMA_CALIBRATION_CLASS_MIN;
    const bool finite = validation_logits(probability, n, x);
    lines(finite ? x : NULL, y, level, out);
    scores(probability, y, level, out);
    stroma_status s = STROMA_OK;
    if (finite)
        s = curve(probability, x, y, level, out, x + n, err);
    else
        out->curve_reason = out->slope.reason;
    stroma_free(x);
    if (s != STROMA_OK) stroma_calibration_clear(out);
    return s;
}
