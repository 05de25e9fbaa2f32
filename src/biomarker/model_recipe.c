/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From values as reported to the numbers that coefficients are multiplied with. */
#include "model_internal.h"
#include "model_matrix.h"

#include "stroma/memory.h"
#include "stroma/sort.h"
#include "stroma/stats_distribution.h"

#include <math.h>
#include <string.h>

static bool has_number(uint8_t state)
{
    return state == STROMA_PRESENT || state == STROMA_BELOW_LIMIT || state == STROMA_ABOVE_LIMIT;
}

double model_enter(const stroma_model_input *in, double value)
{
    return in->log_scale ? log(value) : value;
}

/* Moments of a lognormal variable beyond a limit: E X^k has the mean moved by k σ². */
static void beyond_lognormal(const stroma_model_input *in, double limit, bool below, double *mean,
                             double *variance)
{
    const double m = in->censored_mean, s = in->censored_sd;
    const double z = (log(limit) - m) / s, side = below ? 1 : -1;
    const double mass = stroma_normal_cdf(side * z);
    const double first = exp(m + s * s / 2) * stroma_normal_cdf(side * (z - s)) / mass;
    const double second = exp(2 * m + 2 * s * s) * stroma_normal_cdf(side * (z - 2 * s)) / mass;
    *mean = first;
    *variance = fmax(0, second - first * first);
    if (mass > 1e-250 && isfinite(first) && isfinite(second)) return;
    *mean = limit; /* so far out that nothing is known but the limit */
    *variance = 0;
}

void model_beyond(const model_recipe *r, size_t input, double limit, bool below, double *mean,
                  double *variance)
{
    const stroma_model_input *in = &r->inputs[input];
    *variance = 0;
    if (r->censored == STROMA_MODEL_CENSORED_HALF || !isfinite(in->censored_mean))
        *mean = model_enter(in, below ? limit / 2 : limit);
    else if (in->log_scale || !in->lognormal)
        model_truncated_normal(in->censored_mean, in->censored_sd, model_enter(in, limit), below,
                               mean, variance);
    else
        beyond_lognormal(in, limit, below, mean, variance);
}

/* Values of one input as they enter, missing ones left out. */
typedef struct column {
    double *x;      /* as it enters; censored: the limit, later its expectation */
    double *raw;    /* as reported */
    uint8_t *state; /* PRESENT, BELOW_LIMIT, ABOVE_LIMIT */
    size_t n;
} column;

static void take(const model_data *d, size_t j, const size_t *rows, size_t n, column *c,
                 stroma_model_input *in)
{
    c->n = in->measured = in->missing = in->below = in->above = 0;
    for (size_t i = 0; i < n; i++) {
        const uint8_t state = d->state[j][rows[i]];
        if (!has_number(state)) {
            in->missing++;
            continue;
        }
        in->measured += state == STROMA_PRESENT;
        in->below += state == STROMA_BELOW_LIMIT;
        in->above += state == STROMA_ABOVE_LIMIT;
        c->raw[c->n] = d->value[j][rows[i]];
        c->state[c->n++] = state;
    }
}

static void learn_censored(stroma_model_input *in, column *c)
{
    in->lognormal = true;
    for (size_t i = 0; i < c->n; i++)
        in->lognormal = in->lognormal && c->raw[i] > 0;
    for (size_t i = 0; i < c->n; i++)
        c->x[i] = in->lognormal ? log(c->raw[i]) : c->raw[i];
    (void)model_censored_normal(c->x, c->state, c->n, &in->censored_mean, &in->censored_sd);
}

static double quantile7(const double *sorted, size_t n, double p)
{
    const double at = p * (double)(n - 1), below = floor(at);
    const size_t i = (size_t)below;
    return i + 1 < n ? sorted[i] + (at - below) * (sorted[i + 1] - sorted[i]) : sorted[n - 1];
}

static void learn_range(stroma_model_input *in, column *c)
{
    static const double at[STROMA_MODEL_QUANTILES] = { 0.05, 0.25, 0.5, 0.75, 0.95 };
    size_t k = 0;
    for (size_t i = 0; i < c->n; i++)
        if (c->state[i] == STROMA_PRESENT) c->x[k++] = c->raw[i];
    in->minimum = in->maximum = NAN;
    for (size_t q = 0; q < STROMA_MODEL_QUANTILES; q++)
        in->quantile[q] = NAN;
    if (k == 0) return;
    stroma_sort_doubles(c->x, k);
    in->minimum = c->x[0];
    in->maximum = c->x[k - 1];
    for (size_t q = 0; q < STROMA_MODEL_QUANTILES; q++)
        in->quantile[q] = quantile7(c->x, k, at[q]);
}

static stroma_status learn_input(model_recipe *r, size_t j, column *c, stroma_error *err)
{
    stroma_model_input *in = &r->inputs[j];
    learn_range(in, c);
    learn_censored(in, c);
    if (!isfinite(in->censored_mean) && r->censored == STROMA_MODEL_CENSORED_EXPECTED &&
        in->below + in->above > 0)
        return stroma_fail(err, STROMA_E_DEGENERATE,
                           "input \"%s\": %zu values measured between the limits; a distribution "
                           "beyond them needs three different ones",
                           in->name, in->measured);
    double sum = 0, squares = 0;
    for (size_t i = 0; i < c->n; i++) {
        double unused = 0;
        if (c->state[i] == STROMA_PRESENT)
            c->x[i] = model_enter(in, c->raw[i]);
        else
            model_beyond(r, j, c->raw[i], c->state[i] == STROMA_BELOW_LIMIT, &c->x[i], &unused);
        sum += c->x[i];
    }
    in->centre = sum / (double)c->n;
    for (size_t i = 0; i < c->n; i++)
        squares += (c->x[i] - in->centre) * (c->x[i] - in->centre);
    in->scale = c->n > 1 ? sqrt(squares / (double)(c->n - 1)) : 0;
    if (!(in->scale > 1e-12 * fabs(in->centre)) || !isfinite(in->scale))
        return stroma_fail(err, STROMA_E_DEGENERATE, "input \"%s\" does not vary", in->name);
    stroma_sort_doubles(c->x, c->n);
    in->median = quantile7(c->x, c->n, 0.5);
    return STROMA_OK;
}

/* Correlation of the scaled inputs, over rows in which none is missing. */
static stroma_status learn_correlation(model_recipe *r, const model_data *d, const size_t *rows,
                                       size_t n, stroma_error *err)
{
    const size_t p = r->p;
    const stroma_model_missing rule = r->missing;
    double *z = stroma_alloc_array(2 * p, sizeof *z);
    if (z == NULL) return stroma_no_memory(err);
    double *value = z + p;
    uint8_t *state = stroma_alloc_array(p, 1);
    if (state == NULL) {
        stroma_free(z);
        return stroma_no_memory(err);
    }
    size_t complete = 0;
    memset(r->correlation, 0, p * p * sizeof *r->correlation);
    r->missing = STROMA_MODEL_MISSING_COMPLETE;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < p; j++) {
            value[j] = d->value[j][rows[i]];
            state[j] = d->state[j][rows[i]];
        }
        if (!model_recipe_apply(r, value, state, z, NULL, NULL)) continue;
        complete++;
        for (size_t a = 0; a < p; a++)
            for (size_t b = 0; b < p; b++)
                r->correlation[a * p + b] += z[a] * z[b];
    }
    r->missing = rule;
    for (size_t a = 0; a < p * p && complete > 1; a++)
        r->correlation[a] /= (double)(complete - 1);
    stroma_free(state);
    stroma_free(z);
    if (complete > p + 1 || rule != STROMA_MODEL_MISSING_REGRESSION) return STROMA_OK;
    return stroma_fail(err, STROMA_E_DEGENERATE,
                       "%zu rows have all %zu inputs: too few to fill missing ones by regression",
                       complete, p);
}

stroma_status model_recipe_learn(model_recipe *r, const model_data *d, const size_t *rows, size_t n,
                                 stroma_error *err)
{
    column c = { 0 };
    c.x = stroma_alloc_array(2 * n, sizeof *c.x);
    c.state = stroma_alloc_array(n, 1);
    stroma_status s = c.x == NULL || c.state == NULL ? stroma_no_memory(err) : STROMA_OK;
    c.raw = c.x == NULL ? NULL : c.x + n;
    for (size_t j = 0; s == STROMA_OK && j < r->p; j++) {
        take(d, j, rows, n, &c, &r->inputs[j]);
        s = learn_input(r, j, &c, err);
    }
    stroma_free(c.x);
    stroma_free(c.state);
    if (s != STROMA_OK || r->correlation == NULL) return s;
    return learn_correlation(r, d, rows, n, err);
}

/* Means of the missing inputs given the others, by sweeping the correlation on those. */
static void fill_regression(const model_recipe *r, const uint8_t *state, double *z,
                            double *covariance)
{
    const size_t p = r->p;
    double *a = r->work;
    memcpy(a, r->correlation, p * p * sizeof *a);
    for (size_t j = 0; j < p; j++)
        if (has_number(state[j])) (void)model_sweep(a, p, j, r->correlation[j * p + j]);
    for (size_t j = 0; j < p; j++) {
        if (has_number(state[j])) continue;
        z[j] = 0;
        for (size_t k = 0; k < p; k++)
            if (has_number(state[k]) && a[k * p + k] < 0) z[j] += a[k * p + j] * z[k];
        for (size_t k = 0; covariance != NULL && k < p; k++)
            if (!has_number(state[k])) covariance[j * p + k] = a[j * p + k];
    }
}

bool model_recipe_apply(const model_recipe *r, const double *value, const uint8_t *state, double *z,
                        double *covariance, uint8_t *how)
{
    const size_t p = r->p;
    bool gaps = false;
    if (covariance != NULL) memset(covariance, 0, p * p * sizeof *covariance);
    for (size_t j = 0; j < p; j++) {
        const stroma_model_input *in = &r->inputs[j];
        double x = in->median, variance = 0;
        uint8_t treated = MODEL_AS_MEASURED;
        if (has_number(state[j]) && in->log_scale && !(value[j] > 0)) return false;
        if (state[j] == STROMA_PRESENT) {
            x = model_enter(in, value[j]);
        } else if (has_number(state[j])) {
            treated = state[j] == STROMA_BELOW_LIMIT ? MODEL_BELOW_LIMIT : MODEL_ABOVE_LIMIT;
            model_beyond(r, j, value[j], treated == MODEL_BELOW_LIMIT, &x, &variance);
        } else {
            if (r->missing == STROMA_MODEL_MISSING_COMPLETE) return false;
            gaps = true;
            variance = in->scale * in->scale;
            treated = r->missing == STROMA_MODEL_MISSING_MEDIAN ? MODEL_FILLED_MEDIAN
                                                                : MODEL_FILLED_REGRESSION;
        }
        z[j] = (x - in->centre) / in->scale;
        if (covariance != NULL) covariance[j * p + j] = variance / (in->scale * in->scale);
        if (how != NULL) how[j] = treated;
    }
    if (gaps && r->missing == STROMA_MODEL_MISSING_REGRESSION)
        fill_regression(r, state, z, covariance);
    return true;
}

stroma_status model_recipe_copy(const model_recipe *from, bool correlation, model_recipe *out,
                                stroma_error *err)
{
    const size_t p = from->p;
    *out = *from;
    out->correlation = out->work = NULL;
    out->inputs = stroma_alloc_array(p, sizeof *out->inputs);
    bool whole = out->inputs != NULL;
    if (whole && (correlation || from->missing == STROMA_MODEL_MISSING_REGRESSION)) {
        out->correlation = stroma_alloc_array(p * p, sizeof *out->correlation);
        out->work = stroma_alloc_array(p * p, sizeof *out->work);
        whole = out->correlation != NULL && out->work != NULL;
    }
    if (!whole) {
        model_recipe_free(out);
        return stroma_no_memory(err);
    }
    memcpy(out->inputs, from->inputs, p * sizeof *out->inputs);
    if (out->correlation != NULL && from->correlation != NULL)
        memcpy(out->correlation, from->correlation, p * p * sizeof *out->correlation);
    return STROMA_OK;
}

void model_recipe_free(model_recipe *r)
{
    stroma_free(r->inputs);
    stroma_free(r->correlation);
    stroma_free(r->work);
    r->inputs = NULL;
    r->correlation = r->work = NULL;
}
