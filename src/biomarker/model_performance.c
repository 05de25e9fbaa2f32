/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How good predicted log odds are: discrimination, calibration, and what acting on them would give.
 */
#include "model_internal.h"

#include "stroma/memory.h"
#include "stroma/models_logistic.h"
#include "stroma/sort.h"
#include "stroma/stats_distribution.h"

#include <math.h>

enum { NEWTON_MAX = 100, CURVE_CLASS_MIN = 10 };

/* Calibration in the large: the intercept that log odds taken as an offset still need. */
static bool intercept_of(const double *log_odds, const double *y, size_t n, double *out, double *se)
{
    double a = 0;
    for (int step = 0; step < NEWTON_MAX; step++) {
        double gap = 0, information = 0;
        for (size_t i = 0; i < n; i++) {
            const double p = model_expit(a + log_odds[i]);
            gap += y[i] - p;
            information += p * (1 - p);
        }
        if (!(information > 1e-12)) return false;
        const double move = fmax(-2, fmin(2, gap / information));
        a += move;
        *out = a;
        *se = 1 / sqrt(information);
        if (fabs(move) < 1e-12) return true;
    }
    return false;
}

/* The design of log odds and, with knots, of their spline. */
static void put_columns(double *x, size_t n, size_t i, double eta, const double *knots)
{
    x[i] = 1;
    x[n + i] = eta;
    if (knots == NULL) return;
    /* restricted cubic spline with three knots (Harrell 2015 §2.4.5): one further column */
    const double a = fmax(0, eta - knots[0]), b = fmax(0, eta - knots[1]);
    const double c = fmax(0, eta - knots[2]), width = knots[2] - knots[0];
    x[2 * n + i] = (a * a * a - b * b * b * (knots[2] - knots[0]) / (knots[2] - knots[1]) +
                    c * c * c * (knots[1] - knots[0]) / (knots[2] - knots[1])) /
                   (width * width);
}

static stroma_status fit_calibration(const double *log_odds, const double *y, size_t n,
                                     const double *knots, stroma_logistic_model **out,
                                     stroma_error *err)
{
    const stroma_logistic_options o = { false, STROMA_LOGISTIC_WALD, 0.95 };
    stroma_design d = { .rows = n, .columns = knots == NULL ? 2 : 3, .intercept = true };
    *out = NULL;
    d.x = stroma_alloc_array(n * d.columns, sizeof *d.x);
    if (d.x == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++)
        put_columns(d.x, n, i, log_odds[i], knots);
    const stroma_status s = stroma_logistic_fit(&d, y, &o, out, err);
    stroma_free(d.x);
    return s;
}

static stroma_status area(const double *x, const double *y, size_t n, double level,
                          stroma_stat *out, stroma_error *err)
{
    double *sorted = stroma_alloc_array(n, sizeof *sorted);
    if (sorted == NULL) return stroma_no_memory(err);
    size_t events = 0;
    for (size_t i = 0; i < n; i++)
        if (y[i] > 0) sorted[events++] = x[i];
    for (size_t i = 0, k = events; i < n; i++)
        if (!(y[i] > 0)) sorted[k++] = x[i];
    const stroma_roc_sample sample = { sorted, events, sorted + events, n - events,
                                       STROMA_ROC_HIGHER };
    stroma_auc_options o = STROMA_AUC_OPTIONS_INIT;
    o.level = level;
    o.interval = STROMA_AUC_DELONG_LOGIT;
    o.p_method = STROMA_RANK_NORMAL;
    const stroma_status s = stroma_auc(&sample, &o, out, err);
    stroma_free(sorted);
    return s;
}

static double brier_of(const double *log_odds, const double *y, size_t n, double *se)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        const double gap = y[i] - model_expit(log_odds[i]);
        sum += gap * gap;
    }
    const double mean = sum / (double)n;
    for (size_t i = 0; i < n; i++) {
        const double gap = y[i] - model_expit(log_odds[i]);
        squares += (gap * gap - mean) * (gap * gap - mean);
    }
    *se = n > 1 ? sqrt(squares / (double)(n - 1) / (double)n) : (double)NAN;
    return mean;
}

stroma_status model_score(const double *log_odds, const double *y, size_t n, model_scores *out,
                          stroma_error *err)
{
    *out = (model_scores){ NAN, NAN, NAN, NAN };
    size_t events = 0;
    double se = 0;
    bool varies = false;
    for (size_t i = 0; i < n; i++) {
        events += y[i] > 0;
        varies = varies || log_odds[i] != log_odds[0];
    }
    if (n == 0) return STROMA_OK;
    out->brier = brier_of(log_odds, y, n, &se);
    if (events == 0 || events == n) return STROMA_OK;
    stroma_stat auc;
    STROMA_TRY(area(log_odds, y, n, 0.95, &auc, err));
    out->auc = auc.estimate;
    if (!intercept_of(log_odds, y, n, &out->intercept, &se)) out->intercept = NAN;
    if (!varies) return STROMA_OK;
    stroma_logistic_model *m = NULL;
    STROMA_TRY(fit_calibration(log_odds, y, n, NULL, &m, err));
    out->slope = m->coefficients[1];
    stroma_logistic_free(m);
    return STROMA_OK;
}

static stroma_model_figure around(double x, double se, double level)
{
    const double z = stroma_normal_quantile((1 + level) / 2);
    return (stroma_model_figure){ x, x - z * se, x + z * se };
}

/* Net benefit (Vickers & Elkin 2006 Med Decis Making 26:565) of treating above each threshold. */
static void decide(const double *log_odds, const double *y, size_t n, stroma_model_performance *o)
{
    o->net_benefit_len = STROMA_MODEL_CURVE - 1;
    for (size_t k = 0; k < o->net_benefit_len; k++) {
        const double t = (double)(k + 1) / STROMA_MODEL_CURVE, odds = t / (1 - t);
        double good = 0, bad = 0;
        for (size_t i = 0; i < n; i++) {
            if (model_expit(log_odds[i]) < t) continue;
            good += y[i] > 0;
            bad += !(y[i] > 0);
        }
        o->threshold[k] = t;
        o->net_benefit[k] = (good - bad * odds) / (double)n;
        o->net_benefit_all[k] = ((double)o->events - (double)(n - o->events) * odds) / (double)n;
    }
}

/* Observed against predicted by a spline of the log odds, with a band. */
static stroma_status curve(const double *log_odds, const double *y, size_t n, double level,
                           stroma_model_performance *o, stroma_error *err)
{
    if (o->events < CURVE_CLASS_MIN || n - o->events < CURVE_CLASS_MIN) return STROMA_OK;
    double *sorted = stroma_alloc_array(n, sizeof *sorted);
    if (sorted == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++)
        sorted[i] = log_odds[i];
    stroma_sort_doubles(sorted, n);
    const double knots[3] = { sorted[n / 10], sorted[n / 2], sorted[n - 1 - n / 10] };
    const double low = sorted[n / 20], high = sorted[n - 1 - n / 20];
    stroma_free(sorted);
    if (!(knots[0] < knots[1] && knots[1] < knots[2])) return STROMA_OK;
    stroma_logistic_model *m = NULL;
    STROMA_TRY(fit_calibration(log_odds, y, n, knots, &m, err));
    const double z = stroma_normal_quantile((1 + level) / 2);
    for (size_t k = 0; k < STROMA_MODEL_CURVE && m->separation == STROMA_SEPARATION_NONE; k++) {
        const double eta = low + (high - low) * (double)k / (STROMA_MODEL_CURVE - 1);
        double x[3], sum = 0, variance = 0;
        put_columns(x, 1, 0, eta, knots);
        for (size_t a = 0; a < 3; a++) {
            sum += m->aliased[a] ? 0 : x[a] * m->coefficients[a];
            for (size_t b = 0; b < 3; b++)
                if (!m->aliased[a] && !m->aliased[b])
                    variance += x[a] * x[b] * m->covariance[a * 3 + b];
        }
        const double half = z * sqrt(fmax(0, variance));
        o->curve_predicted[k] = model_expit(eta);
        o->curve_observed[k] = model_expit(sum);
        o->curve_lower[k] = model_expit(sum - half);
        o->curve_upper[k] = model_expit(sum + half);
        o->curve_len = k + 1;
    }
    stroma_logistic_free(m);
    return STROMA_OK;
}

static stroma_status calibration(const double *log_odds, const double *y, size_t n, double level,
                                 stroma_model_performance *o, stroma_error *err)
{
    double a = NAN, se = NAN, expected = 0;
    bool varies = false;
    for (size_t i = 0; i < n; i++) {
        expected += model_expit(log_odds[i]);
        varies = varies || log_odds[i] != log_odds[0];
    }
    if (intercept_of(log_odds, y, n, &a, &se)) o->intercept = around(a, se, level);
    const double ratio = (double)o->events / expected;
    const double spread = stroma_normal_quantile((1 + level) / 2) *
                          sqrt((1 - (double)o->events / (double)n) / (double)o->events);
    o->observed_expected =
        (stroma_model_figure){ ratio, ratio * exp(-spread), ratio * exp(spread) };
    if (!varies) {
        o->reason = "all predictions are the same";
        return STROMA_OK;
    }
    stroma_logistic_model *m = NULL;
    STROMA_TRY(fit_calibration(log_odds, y, n, NULL, &m, err));
    if (m->separation == STROMA_SEPARATION_NONE)
        o->slope = around(m->coefficients[1], m->se[1], level);
    else
        o->reason =
            "predictions separate the classes: the calibration slope has no finite estimate";
    stroma_logistic_free(m);
    return curve(log_odds, y, n, level, o, err);
}

stroma_status model_performance(const double *log_odds, const double *y, size_t n, double level,
                                stroma_model_performance *o, stroma_error *err)
{
    const stroma_model_figure none = { NAN, NAN, NAN };
    *o = (stroma_model_performance){ .n = n, .reason = "", .scaled_brier = NAN };
    o->auc = o->brier = o->intercept = o->slope = o->observed_expected = none;
    for (size_t i = 0; i < n; i++)
        o->events += y[i] > 0;
    if (n == 0) {
        o->reason = "no subjects";
        return STROMA_OK;
    }
    double se = NAN;
    const double brier = brier_of(log_odds, y, n, &se);
    o->brier = around(brier, se, level);
    o->brier.lower = fmax(0, o->brier.lower);
    o->brier.upper = fmin(1, o->brier.upper);
    if (o->events == 0 || o->events == n) {
        o->reason = "all subjects are of one class";
        return STROMA_OK;
    }
    const double rate = (double)o->events / (double)n;
    o->scaled_brier = 1 - brier / (rate * (1 - rate));
    stroma_stat auc;
    STROMA_TRY(area(log_odds, y, n, level, &auc, err));
    o->auc = (stroma_model_figure){ auc.estimate, auc.lower, auc.upper };
    decide(log_odds, y, n, o);
    return calibration(log_odds, y, n, level, o, err);
}
