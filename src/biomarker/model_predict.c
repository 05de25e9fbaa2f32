/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One more patient: probability, interval, set, distance. */
#include "model_conformal.h"
#include "model_internal.h"
#include "model_matrix.h"

#include "stroma/biomarker_predict.h"
#include "stroma/memory.h"
#include "stroma/number.h"
#include "stroma/sort.h"
#include "stroma/stats_distribution.h"

#include <math.h>
#include <string.h>

struct stroma_predictor {
    const stroma_model *m;
    double set_level;
    bool smooth;
    uint64_t index;      /* of the patient, when smooth */
    model_recipe recipe; /* correlation and work are its own */
    double *inverse;     /* of the correlation, or NULL */
    double *value, *z, *entered, *covariance, *draw;
    uint8_t *state, *how;
    stroma_predicted_input *inputs;
    conformal_room room;
    stroma_buffer reason;
};

static const char *const set_names[] = { "neither", "event", "no event", "both" };
static const char *const treatment_names[] = { "as measured", "expected below the limit",
                                               "expected above the limit", "training median",
                                               "expected from the other inputs" };

const char *stroma_prediction_set_name(stroma_prediction_set s)
{
    return (size_t)s < 4 ? set_names[s] : "unknown";
}

const char *stroma_treatment_name(stroma_treatment t)
{
    return (size_t)t < 5 ? treatment_names[t] : "unknown";
}

static stroma_status fill(stroma_predictor *q, stroma_error *err)
{
    const stroma_model *m = q->m;
    const size_t p = m->inputs_len;
    const model_recipe rules = { .p = p,
                                 .inputs = m->inputs,
                                 .missing = m->missing,
                                 .censored = m->censored,
                                 .correlation = m->correlation };
    STROMA_TRY(model_recipe_copy(&rules, m->correlation != NULL, &q->recipe, err));
    q->value = stroma_alloc_array(3 * p, sizeof *q->value);
    q->covariance = stroma_alloc_array(p * p, sizeof *q->covariance);
    q->draw = stroma_alloc_array(m->draws_len, sizeof *q->draw);
    q->state = stroma_alloc_array(2 * p, 1);
    q->inputs = stroma_alloc_array(p, sizeof *q->inputs);
    if (q->value == NULL || q->covariance == NULL || q->draw == NULL || q->state == NULL ||
        q->inputs == NULL)
        return stroma_no_memory(err);
    q->z = q->value + p;
    q->entered = q->value + 2 * p;
    q->how = q->state + p;
    STROMA_TRY(conformal_room_new(m, &q->room, err));
    if (m->correlation == NULL) return STROMA_OK;
    q->inverse = stroma_alloc_array(p * p, sizeof *q->inverse);
    if (q->inverse == NULL) return stroma_no_memory(err);
    memcpy(q->inverse, m->correlation, p * p * sizeof *q->inverse);
    if (!model_invert(q->inverse, p)) {
        stroma_free(q->inverse);
        q->inverse = NULL;
    }
    return STROMA_OK;
}

stroma_status stroma_predictor_new(const stroma_model *m, double set_level, stroma_predictor **out,
                                   stroma_error *err)
{
    *out = NULL;
    if (!(set_level >= 0.5 && set_level <= 0.999))
        return stroma_fail(err, STROMA_E_USAGE, "set level %g is not within 0.5 and 0.999",
                           set_level);
    if (m->missing == STROMA_MODEL_MISSING_REGRESSION && m->correlation == NULL)
        return stroma_fail(err, STROMA_E_DEGENERATE,
                           "the inputs depend on each other: missing ones cannot be filled by "
                           "regression");
    stroma_predictor *q = stroma_alloc_array(1, sizeof *q);
    if (q == NULL) return stroma_no_memory(err);
    q->m = m;
    q->set_level = set_level;
    stroma_buffer_init(&q->reason, 1 << 16);
    const stroma_status s = fill(q, err);
    if (s == STROMA_OK)
        *out = q;
    else
        stroma_predictor_free(q);
    return s;
}

void stroma_predictor_free(stroma_predictor *q)
{
    if (q == NULL) return;
    model_recipe_free(&q->recipe);
    conformal_room_free(&q->room);
    stroma_free(q->inverse);
    stroma_free(q->value);
    stroma_free(q->covariance);
    stroma_free(q->draw);
    stroma_free(q->state);
    stroma_free(q->inputs);
    stroma_buffer_clear(&q->reason);
    stroma_free(q);
}

void stroma_predictor_smooth(stroma_predictor *q, uint64_t index)
{
    q->smooth = true;
    q->index = index;
}

static bool is_missing(uint8_t s)
{
    return s != STROMA_PRESENT && s != STROMA_BELOW_LIMIT && s != STROMA_ABOVE_LIMIT;
}

/* Why the recipe has no answer, or would have one that means nothing. */
static bool refuse(stroma_predictor *q, const stroma_predict_value *v)
{
    size_t known = 0;
    const stroma_model *m = q->m;
    stroma_buffer_reset(&q->reason);
    for (size_t j = 0; j < m->inputs_len; j++) {
        const stroma_model_input *in = &m->inputs[j];
        const bool missing = is_missing(v[j].state);
        known += !missing;
        if (missing && m->missing == STROMA_MODEL_MISSING_COMPLETE)
            stroma_buffer_printf(&q->reason, "%s%s is %s, and the model has no rule for that",
                                 q->reason.len > 0 ? "; " : "", in->name,
                                 stroma_cell_state_name((stroma_cell_state)v[j].state));
        else if (!missing && !isfinite(v[j].value))
            stroma_buffer_printf(&q->reason, "%s%s is not a number", q->reason.len > 0 ? "; " : "",
                                 in->name);
        else if (!missing && in->log_scale && !(v[j].value > 0))
            stroma_buffer_printf(&q->reason, "%s%s is %g, which has no logarithm",
                                 q->reason.len > 0 ? "; " : "", in->name, v[j].value);
    }
    if (known == 0 && q->reason.len == 0) stroma_buffer_puts(&q->reason, "all inputs are missing");
    return q->reason.len > 0;
}

static double number_of(const stroma_model_input *in, double entered)
{
    return in->log_scale ? exp(entered) : entered;
}

/* Where training had no censored value on a side, one that is known to lie past its last measured
 * value there is as unseen as a measured one would be. */
static bool is_beyond_training(const stroma_model_input *in, const stroma_predict_value *v)
{
    if (in->measured == 0 || is_missing(v->state)) return false;
    if (v->state == STROMA_BELOW_LIMIT) return in->below == 0 && v->value < in->minimum;
    if (v->state == STROMA_ABOVE_LIMIT) return in->above == 0 && v->value > in->maximum;
    return v->value < in->minimum || v->value > in->maximum;
}

static void take(stroma_predictor *q, const stroma_predict_value *v)
{
    const size_t p = q->m->inputs_len;
    for (size_t j = 0; j < p; j++) {
        q->value[j] = v[j].value;
        q->state[j] = v[j].state;
    }
    (void)model_recipe_apply(&q->recipe, q->value, q->state, q->z, q->covariance, q->how);
    for (size_t j = 0; j < p; j++) {
        const stroma_model_input *in = &q->m->inputs[j];
        q->entered[j] = in->centre + q->z[j] * in->scale;
        /* a bridge's error, by the delta method on the scale on which the value enters */
        const double slope = in->log_scale ? 1 / v[j].value : 1;
        if (v[j].variance > 0 && !is_missing(v[j].state))
            q->covariance[j * p + j] += v[j].variance * slope * slope / (in->scale * in->scale);
        stroma_predicted_input *o = &q->inputs[j];
        *o = (stroma_predicted_input){ .used = number_of(in, q->entered[j]),
                                       .treatment = (stroma_treatment)q->how[j],
                                       .half_at = NAN,
                                       .set_at = NAN };
        if (q->how[j] == MODEL_AS_MEASURED) o->used = v[j].value;
        o->out_of_range = is_beyond_training(in, &v[j]);
    }
}

static double recalibrated(const stroma_model *m, double eta)
{
    return m->recalibration[0] + m->recalibration[1] * eta;
}

/* Variance of the log odds that comes from inputs that are not known exactly. */
static double input_variance(const stroma_predictor *q, const double *b)
{
    return fmax(0, model_quadratic(q->covariance, b, q->m->inputs_len));
}

static double quantile7(const double *sorted, size_t n, double at)
{
    const double place = at * (double)(n - 1), below = floor(place);
    const size_t i = (size_t)below;
    return i + 1 < n ? sorted[i] + (place - below) * (sorted[i + 1] - sorted[i]) : sorted[n - 1];
}

static void interval_draws(stroma_predictor *q, stroma_prediction *out)
{
    const stroma_model *m = q->m;
    const size_t p = m->inputs_len;
    for (size_t i = 0; i < m->draws_len; i++) {
        const double *b = m->draws + i * (1 + p);
        double eta = b[0];
        for (size_t j = 0; j < p; j++)
            eta += b[1 + j] * q->z[j];
        const double variance = input_variance(q, b + 1);
        if (variance > 0) {
            stroma_random g;
            stroma_random_init(&g, m->seed, stroma_random_stream("predict input"), i);
            eta += sqrt(variance) * stroma_random_normal(&g);
        }
        q->draw[i] = recalibrated(m, eta);
    }
    stroma_sort_doubles(q->draw, m->draws_len);
    out->lower = model_expit(quantile7(q->draw, m->draws_len, (1 - m->level) / 2));
    out->upper = model_expit(quantile7(q->draw, m->draws_len, (1 + m->level) / 2));
    out->interval_method = strcmp(m->draws_are, "posterior") == 0
                               ? "quantiles of the posterior"
                               : "percentiles of refitted resamples";
}

static void interval(stroma_predictor *q, double eta, const double *b, stroma_prediction *out)
{
    const stroma_model *m = q->m;
    const size_t k = 1 + m->inputs_len;
    out->lower = out->upper = NAN;
    out->interval_method = "";
    if (m->draws != NULL) {
        interval_draws(q, out);
        return;
    }
    if (m->covariance == NULL) return;
    double variance = input_variance(q, b);
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++)
            variance +=
                (i == 0 ? 1 : q->z[i - 1]) * m->covariance[i * k + j] * (j == 0 ? 1 : q->z[j - 1]);
    const double half = stroma_normal_quantile((1 + m->level) / 2) * sqrt(fmax(0, variance));
    const double ends[2] = { recalibrated(m, eta - half), recalibrated(m, eta + half) };
    out->lower = model_expit(fmin(ends[0], ends[1]));
    out->upper = model_expit(fmax(ends[0], ends[1]));
    out->interval_method = "Wald on the log odds";
}

static void distance(const stroma_predictor *q, stroma_prediction *out)
{
    const stroma_model *m = q->m;
    out->distance = out->distance_percentile = NAN;
    for (size_t j = 0; j < m->inputs_len; j++)
        out->out_of_range += q->inputs[j].out_of_range;
    if (q->inverse == NULL || m->distance_len == 0) return;
    const double squared = model_quadratic(q->inverse, q->z, m->inputs_len);
    size_t nearer = 0;
    while (nearer < m->distance_len && m->distance[nearer] <= squared)
        nearer++;
    out->distance = sqrt(fmax(0, squared));
    out->distance_percentile = 100 * (double)nearer / (double)m->distance_len;
}

static bool within(const stroma_model_input *in, double x)
{
    return isfinite(x) && in->measured > 0 && x >= in->minimum && x <= in->maximum;
}

/* Which value of each input would change the answer. */
static void alternatives(stroma_predictor *q, const stroma_prediction *r)
{
    const stroma_model *m = q->m;
    for (size_t j = 0; j < m->inputs_len; j++) {
        const stroma_model_input *in = &m->inputs[j];
        stroma_predicted_input *o = &q->inputs[j];
        const double slope = m->recalibration[1] * in->coefficient / in->scale;
        if (slope != 0) {
            const double x = number_of(in, q->entered[j] - r->log_odds / slope);
            if (within(in, x)) o->half_at = x;
        }
        conformal_change change;
        if (q->smooth) continue; /* the set is then no function of the inputs alone */
        if (!conformal_find_change(m, &q->room, j, q->entered[j], q->set_level, r->set, &change))
            continue;
        for (size_t k = 0; k < change.n; k++) {
            const double x = number_of(in, change.at[k]);
            if (!within(in, x)) continue;
            o->set_at = x;
            o->set_above = change.above[k];
            o->set_becomes = change.set[k];
            break;
        }
    }
}

stroma_status stroma_predict(stroma_predictor *q, const stroma_predict_value *values,
                             stroma_prediction *out, stroma_error *err)
{
    const stroma_model *m = q->m;
    const size_t p = m->inputs_len;
    *out = (stroma_prediction){ .level = m->level,
                                .set_level = q->set_level,
                                .reason = "",
                                .interval_method = "",
                                .log_odds = NAN,
                                .probability = NAN,
                                .lower = NAN,
                                .upper = NAN,
                                .p_event = NAN,
                                .p_no_event = NAN,
                                .distance = NAN,
                                .distance_percentile = NAN,
                                .inputs = q->inputs };
    if (refuse(q, values)) {
        STROMA_TRY(stroma_buffer_status(&q->reason, err));
        out->reason = q->reason.data;
        return STROMA_OK;
    }
    take(q, values);
    double eta = m->intercept;
    double *b = q->value; /* no longer needed */
    for (size_t j = 0; j < p; j++) {
        b[j] = m->inputs[j].coefficient;
        eta += b[j] * q->z[j];
    }
    out->log_odds = recalibrated(m, eta);
    if (!isfinite(out->log_odds)) {
        out->log_odds = NAN;
        out->reason = "the values are so far from training that the log odds overflow";
        return STROMA_OK;
    }
    out->answered = true;
    out->probability = model_expit(out->log_odds);
    interval(q, eta, b, out);
    double u = 1;
    if (q->smooth) {
        stroma_random g;
        stroma_random_init(&g, m->seed, stroma_random_stream("conformal"), q->index);
        u = stroma_random_uniform(&g);
    }
    conformal_compare(m, q->entered, u, &q->room, &out->p_event, &out->p_no_event);
    const double alpha = 1 - q->set_level;
    out->set = conformal_set(out->p_event, out->p_no_event, alpha);
    distance(q, out);
    alternatives(q, out);
    return STROMA_OK;
}

static bool note_input(const stroma_model_input *in, const stroma_predicted_input *o,
                       stroma_buffer *b)
{
    char x[STROMA_NUMBER_TEXT_MAX], low[STROMA_NUMBER_TEXT_MAX], high[STROMA_NUMBER_TEXT_MAX];
    (void)stroma_format_significant(o->used, 4, x);
    if (o->out_of_range && o->treatment != STROMA_TREATED_MEASURED) {
        stroma_buffer_printf(b,
                             "%s is beyond its limit and outside the training range %s to %s: %s "
                             "was used, %s",
                             in->name, stroma_format_double(in->minimum, low),
                             stroma_format_double(in->maximum, high), x,
                             stroma_treatment_name(o->treatment));
        return true;
    }
    if (o->out_of_range) {
        stroma_buffer_printf(b, "%s %s is outside the training range %s to %s", in->name, x,
                             stroma_format_double(in->minimum, low),
                             stroma_format_double(in->maximum, high));
        return true;
    }
    if (o->treatment == STROMA_TREATED_MEASURED) return false;
    const bool missing =
        o->treatment == STROMA_TREATED_MEDIAN || o->treatment == STROMA_TREATED_REGRESSION;
    stroma_buffer_printf(b, "%s is %s: %s was used, %s", in->name,
                         missing ? "missing" : "beyond its limit", x,
                         stroma_treatment_name(o->treatment));
    return true;
}

static bool note_whole(const stroma_prediction *r, size_t i, stroma_buffer *b)
{
    if (!r->answered) return false;
    if (r->set == STROMA_SET_BOTH && i-- == 0) {
        stroma_buffer_puts(b, "cannot tell: neither outcome can be ruled out");
        return true;
    }
    if (r->set == STROMA_SET_NONE && i-- == 0) {
        stroma_buffer_puts(b, "unlike anything in training: neither outcome fits");
        return true;
    }
    if (r->distance_percentile >= 95 && i-- == 0) {
        stroma_buffer_printf(b, "farther from the training patients than %.0f %% of them",
                             r->distance_percentile);
        return true;
    }
    return false;
}

bool stroma_prediction_note(const stroma_predictor *q, const stroma_prediction *r, size_t i,
                            stroma_buffer *out)
{
    if (!r->answered) {
        if (i == 0) stroma_buffer_puts(out, r->reason);
        return i == 0;
    }
    for (size_t j = 0; j < q->m->inputs_len; j++) {
        const stroma_predicted_input *o = &r->inputs[j];
        if (!o->out_of_range && o->treatment == STROMA_TREATED_MEASURED) continue;
        if (i-- == 0) return note_input(&q->m->inputs[j], o, out);
    }
    return note_whole(r, i, out);
}
