/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How good predicted log odds are: discrimination, calibration, and what acting on them would give.
 */
#include "model_internal.h"

#include "stroma/memory.h"
#include "stroma/models_validation.h"
#include "stroma/stats_distribution.h"

#include <math.h>

static stroma_model_figure figure(const stroma_stat *s)
{
    return (stroma_model_figure){ s->estimate, s->lower, s->upper };
}

static stroma_status area(const double *x, const double *y, size_t n, double level,
                          stroma_model_figure *out, stroma_error *err)
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
    stroma_stat auc;
    o.level = level;
    o.interval = STROMA_AUC_DELONG_LOGIT;
    o.p_method = STROMA_RANK_NORMAL;
    const stroma_status s = stroma_auc(&sample, &o, &auc, err);
    if (s == STROMA_OK) *out = figure(&auc);
    stroma_free(sorted);
    return s;
}

/* At most STROMA_MODEL_CURVE points of the curve, evenly spaced in rank. */
static void thin(const stroma_calibration *c, stroma_model_performance *o)
{
    o->curve_len = c->curve_len < STROMA_MODEL_CURVE ? c->curve_len : STROMA_MODEL_CURVE;
    for (size_t k = 0; k < o->curve_len; k++) {
        const size_t i = o->curve_len > 1 ? k * (c->curve_len - 1) / (o->curve_len - 1) : 0;
        o->curve_predicted[k] = c->predicted[i];
        o->curve_observed[k] = c->curve[i];
        o->curve_lower[k] = c->lower[i];
        o->curve_upper[k] = c->upper[i];
    }
}

static stroma_status calibration(const double *probability, const double *y, size_t n, double level,
                                 stroma_model_performance *o, stroma_error *err)
{
    stroma_calibration c;
    STROMA_TRY(stroma_calibrate(probability, y, n, 3, level, &c, err));
    const double half = stroma_normal_quantile((1 + level) / 2) * c.brier.se;
    o->brier = (stroma_model_figure){ c.brier.estimate, fmax(0, c.brier.estimate - half),
                                      fmin(1, c.brier.estimate + half) };
    o->scaled_brier = c.brier_scaled;
    o->intercept = figure(&c.large);
    o->slope = figure(&c.slope);
    o->observed_expected = figure(&c.ratio);
    if (c.slope.not_estimable)
        o->reason = c.slope.reason;
    else if (c.curve_reason[0] != '\0')
        o->reason = c.curve_reason;
    else if (c.curve_uncertain)
        o->reason = "fewer than 200 subjects in a class: the calibration curve follows chance";
    thin(&c, o);
    stroma_calibration_clear(&c);
    return STROMA_OK;
}

static stroma_status decide(const double *probability, const double *y, size_t n, double level,
                            stroma_model_performance *o, stroma_error *err)
{
    stroma_decision d[STROMA_MODEL_CURVE];
    o->net_benefit_len = STROMA_MODEL_CURVE - 1;
    for (size_t k = 0; k < o->net_benefit_len; k++)
        o->threshold[k] = (double)(k + 1) / STROMA_MODEL_CURVE;
    STROMA_TRY(
        stroma_decision_curve(probability, y, n, o->threshold, o->net_benefit_len, level, d, err));
    for (size_t k = 0; k < o->net_benefit_len; k++) {
        o->net_benefit[k] = d[k].net_benefit;
        o->net_benefit_all[k] = d[k].treat_all;
    }
    return STROMA_OK;
}

stroma_status model_performance(const double *log_odds, const double *y, size_t n, double level,
                                stroma_model_performance *o, stroma_error *err)
{
    const stroma_model_figure none = { NAN, NAN, NAN };
    *o = (stroma_model_performance){ .n = n, .reason = "", .scaled_brier = NAN };
    o->auc = o->brier = o->intercept = o->slope = o->observed_expected = none;
    for (size_t i = 0; i < n; i++)
        o->events += y[i] > 0;
    if (n == 0 || o->events == 0 || o->events == n) {
        o->reason = n == 0 ? "no subjects" : "all subjects are of one class";
        return STROMA_OK;
    }
    double *probability = stroma_alloc_array(n, sizeof *probability);
    if (probability == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++)
        probability[i] = model_expit(log_odds[i]);
    stroma_status s = area(log_odds, y, n, level, &o->auc, err);
    if (s == STROMA_OK) s = calibration(probability, y, n, level, o, err);
    if (s == STROMA_OK) s = decide(probability, y, n, level, o, err);
    stroma_free(probability);
    return s;
}

/* Performance of out-of-fold predictions in one group. */
static stroma_status one_group(const double *log_odds, const model_data *d, const size_t *code,
                               size_t level, double *room, stroma_model *m, stroma_error *err)
{
    stroma_model_group *g = &m->groups[m->groups_len - 1];
    stroma_model_performance o;
    size_t n = 0;
    for (size_t i = 0; i < d->n; i++) {
        if (code[d->source[i]] != level || !isfinite(log_odds[i])) continue;
        room[n] = log_odds[i];
        room[d->n + n++] = d->y[i];
    }
    STROMA_TRY(model_performance(room, room + d->n, n, m->level, &o, err));
    g->n = n;
    g->events = o.events;
    g->auc = o.auc;
    g->observed_expected = o.observed_expected;
    return STROMA_OK;
}

stroma_status model_groups(const double *log_odds, const model_data *d,
                           const stroma_model_spec *spec, stroma_model *m, stroma_error *err)
{
    size_t all = 0;
    for (size_t g = 0; g < spec->groupings_len; g++)
        all += spec->groupings[g].levels_len;
    if (all == 0) return STROMA_OK;
    m->groups = stroma_arena_alloc(&m->arena, all, sizeof *m->groups);
    double *room = stroma_alloc_array(2 * d->n, sizeof *room);
    stroma_status s = m->groups == NULL || room == NULL ? stroma_no_memory(err) : STROMA_OK;
    for (size_t g = 0; s == STROMA_OK && g < spec->groupings_len; g++) {
        const stroma_model_grouping *by = &spec->groupings[g];
        for (size_t k = 0; s == STROMA_OK && k < by->levels_len; k++) {
            stroma_model_group *to = &m->groups[m->groups_len++];
            to->column = stroma_arena_strdup(&m->arena, by->column);
            to->level = stroma_arena_strdup(&m->arena, by->levels[k]);
            if (to->column == NULL || to->level == NULL)
                s = stroma_no_memory(err);
            else
                s = one_group(log_odds, d, by->code, k, room, m, err);
        }
    }
    stroma_free(room);
    return s;
}
