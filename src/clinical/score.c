/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The common part of every score: checking the inputs, then the score's own compute function. */
#include "stroma/score.h"

#include "score_impl.h"

#include "stroma/number.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool stroma_score_has(const stroma_score_call *c, size_t input)
{
    return c->values[input].state == STROMA_PRESENT;
}

double stroma_score_number(const stroma_score_call *c, size_t input)
{
    return c->values[input].number;
}

const char *stroma_score_text(const stroma_score_call *c, size_t input)
{
    return c->values[input].text;
}

int64_t stroma_score_milli(double x)
{
    int64_t t = 0;
    (void)stroma_decimal_thousandths(x, &t); /* finite and in range by the caller's contract */
    return t;
}

int64_t stroma_score_micro(double x)
{
    int64_t t = 0;
    (void)stroma_decimal_thousandths(x * 1000, &t); /* binary noise is far below 1e-6 */
    return t;
}

double stroma_score_decimal_sum(const double *terms, size_t n)
{
    double plain = 0;
    int64_t milli = 0;
    bool exact = true;
    for (size_t i = 0; i < n; i++) {
        const int64_t t = stroma_score_milli(terms[i]);
        plain += terms[i];
        milli += t;
        if ((double)t / 1000 != terms[i]) exact = false;
    }
    return exact ? (double)milli / 1000 : plain;
}

const char *stroma_score_band_name(const stroma_score_band *bands, size_t n, double value)
{
    if (n == 0 || !isfinite(value) || fabs(value) > 1e9) return NULL;
    const int64_t v = stroma_score_micro(value);
    for (size_t i = 0; i + 1 < n; i++) {
        const int64_t edge = stroma_score_micro(bands[i].upper);
        if (v < edge || (bands[i].closed && v == edge)) return bands[i].name;
    }
    return bands[n - 1].name;
}

const char *stroma_score_band_of(const stroma_score *score, double value)
{
    return stroma_score_band_name(score->bands, score->bands_len, value);
}

void stroma_score_set_number(const stroma_score_call *c, stroma_score_result *out, double value)
{
    out->state = STROMA_PRESENT;
    out->number = value;
    out->band = stroma_score_band_name(c->score->bands, c->score->bands_len, value);
}

void stroma_score_set_bool(stroma_score_result *out, bool yes)
{
    out->state = STROMA_PRESENT;
    out->number = yes ? 1 : 0;
}

void stroma_score_set_word(stroma_score_result *out, const char *word)
{
    out->state = STROMA_PRESENT;
    out->word = word;
}

void stroma_score_put_number(stroma_score_result *out, size_t output, double value)
{
    out->outputs[output] = (stroma_score_output_value){ .state = STROMA_PRESENT, .number = value };
}

void stroma_score_put_word(stroma_score_result *out, size_t output, const char *word)
{
    out->outputs[output] = (stroma_score_output_value){ .state = STROMA_PRESENT, .word = word };
}

void stroma_score_refuse(stroma_score_result *out, stroma_cell_state state, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    out->state = state;
    out->number = 0;
    out->word = NULL;
    out->band = NULL;
    (void)vsnprintf(out->reason, sizeof out->reason, fmt, ap);
    va_end(ap);
}

void stroma_score_flag(stroma_score_result *out, const char *fmt, ...)
{
    if (out->flags_len == STROMA_SCORE_FLAGS_MAX) {
        (void)snprintf(out->flags[STROMA_SCORE_FLAGS_MAX - 1], STROMA_SCORE_TEXT_MAX, "and more");
        return;
    }
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(out->flags[out->flags_len++], STROMA_SCORE_TEXT_MAX, fmt, ap);
    va_end(ap);
}

/* What is wrong with a number for this input, or NULL. */
static bool number_fits(const stroma_score_input *in, double x, stroma_score_result *out)
{
    char v[STROMA_NUMBER_TEXT_MAX], lo[STROMA_NUMBER_TEXT_MAX], hi[STROMA_NUMBER_TEXT_MAX];
    if (!isfinite(x)) {
        stroma_score_refuse(out, STROMA_NOT_ESTIMABLE, "%s is not a finite number", in->name);
        return false;
    }
    const bool whole = in->kind == STROMA_INPUT_COUNT || in->kind == STROMA_INPUT_LIST ||
                       in->kind == STROMA_INPUT_BOOL;
    (void)stroma_format_double(x, v);
    if (x < in->lower || x > in->upper) {
        stroma_score_refuse(out, STROMA_NOT_ESTIMABLE, "%s is %s, allowed %s to %s%s%s", in->name,
                            v, stroma_format_double(in->lower, lo),
                            stroma_format_double(in->upper, hi), in->unit == NULL ? "" : " ",
                            in->unit == NULL ? "" : in->unit);
        return false;
    }
    if (whole && x != trunc(x)) {
        stroma_score_refuse(out, STROMA_NOT_ESTIMABLE, "%s is %s, a whole number is needed",
                            in->name, v);
        return false;
    }
    return true;
}

/* Longest part of a cell's text that a reason carries. */
enum { SHOWN_MAX = 40 };

static bool list_fits(const stroma_score_input *in, const char *text, stroma_score_result *out)
{
    score_list list;
    size_t bad = 0;
    if (!stroma_score_list_parse(text, in->items_len, &list, &bad)) {
        stroma_score_refuse(out, STROMA_NOT_ESTIMABLE, "%s: place %zu of \"%.*s\" is not a number",
                            in->name, bad + 1, (int)SHOWN_MAX, text);
        return false;
    }
    if (list.len != in->items_len) {
        stroma_score_refuse(out, STROMA_NOT_ESTIMABLE, "%s has %zu places, %zu are needed",
                            in->name, list.len, in->items_len);
        return false;
    }
    stroma_score_input place = *in;
    if (in->kind == STROMA_INPUT_SUM) place.upper = in->upper / (double)in->items_len;
    for (size_t i = 0; i < list.len; i++)
        if (list.answered[i] && !number_fits(&place, list.number[i], out)) return false;
    return true;
}

static bool set_fits(const stroma_score_input *in, const char *text, stroma_score_result *out)
{
    uint32_t members = 0;
    const char *bad = NULL;
    size_t bad_len = 0;
    if (stroma_score_set_parse(in, text, &members, &bad, &bad_len)) return true;
    const size_t shown = bad_len < SHOWN_MAX ? bad_len : SHOWN_MAX;
    stroma_score_refuse(out, STROMA_NOT_ESTIMABLE, "%s: \"%.*s\" is not one of its %zu names",
                        in->name, (int)shown, bad, in->items_len);
    return false;
}

/* Is a present value of its kind and in range? Fills out when it is not. */
static bool value_fits(const stroma_score_input *in, const stroma_score_value *v,
                       stroma_score_result *out)
{
    switch (in->kind) {
    case STROMA_INPUT_NUMBER:
    case STROMA_INPUT_COUNT:
    case STROMA_INPUT_BOOL: return number_fits(in, v->number, out);
    case STROMA_INPUT_SUM:
        return v->text == NULL ? number_fits(in, v->number, out) : list_fits(in, v->text, out);
    case STROMA_INPUT_LIST:
    case STROMA_INPUT_SET:
    case STROMA_INPUT_WORD: break;
    }
    if (v->text == NULL) {
        stroma_score_refuse(out, STROMA_NOT_ESTIMABLE, "%s has no text", in->name);
        return false;
    }
    if (in->kind == STROMA_INPUT_LIST) return list_fits(in, v->text, out);
    if (in->kind == STROMA_INPUT_SET) return set_fits(in, v->text, out);
    for (size_t i = 0; i < in->items_len; i++)
        if (strcmp(in->items[i], v->text) == 0) return true;
    stroma_score_refuse(out, STROMA_NOT_ESTIMABLE, "%s is \"%.*s\", not one of its %zu words",
                        in->name, (int)SHOWN_MAX, v->text, in->items_len);
    return false;
}

/* A censored value under the declared rule; false when it may not be used. */
static bool resolve_censored(const stroma_score_input *in, stroma_score_censored rule,
                             stroma_score_value *v, stroma_score_result *out)
{
    const bool below = v->state == STROMA_BELOW_LIMIT;
    char limit[STROMA_NUMBER_TEXT_MAX];
    (void)stroma_format_double(v->number, limit);
    if (rule == STROMA_CENSORED_REFUSE || (rule == STROMA_CENSORED_HALF && !below)) {
        stroma_score_refuse(out, STROMA_NOT_ESTIMABLE,
                            "%s is %s its limit %s, and no rule for that is declared", in->name,
                            below ? "below" : "above", limit);
        return false;
    }
    stroma_score_flag(out, "%s is %s its limit %s: %s the limit is used", in->name,
                      below ? "below" : "above", limit, rule == STROMA_CENSORED_HALF ? "half" : "");
    if (rule == STROMA_CENSORED_HALF) v->number /= 2;
    v->state = STROMA_PRESENT;
    return true;
}

/* Check every input; the first that cannot be used decides, a wrong value before a missing one. */
static bool check_inputs(const stroma_score *score, stroma_score_value *values,
                         stroma_score_censored rule, stroma_score_result *out)
{
    for (size_t i = 0; i < score->inputs_len; i++) {
        const stroma_score_input *in = &score->inputs[i];
        stroma_score_value *v = &values[i];
        if ((v->state == STROMA_BELOW_LIMIT || v->state == STROMA_ABOVE_LIMIT) &&
            !resolve_censored(in, rule, v, out))
            return false;
        if (v->state == STROMA_NOT_ESTIMABLE) {
            stroma_score_refuse(out, STROMA_NOT_ESTIMABLE, "%s: \"%.*s\" is not %s", in->name,
                                (int)SHOWN_MAX, v->text == NULL ? "" : v->text,
                                in->kind == STROMA_INPUT_BOOL ? "0 or 1" : "a number");
            return false;
        }
        if (v->state == STROMA_PRESENT && !value_fits(in, v, out)) return false;
    }
    for (size_t i = 0; i < score->inputs_len; i++) {
        if (score->inputs[i].need != STROMA_NEED_VALUE || values[i].state == STROMA_PRESENT)
            continue;
        stroma_score_refuse(out, STROMA_MISSING, "%s is missing", score->inputs[i].name);
        return false;
    }
    return true;
}

static stroma_status check_settings(const stroma_score *score, const double *given, double *use,
                                    stroma_error *err)
{
    for (size_t i = 0; i < score->settings_len; i++) {
        const stroma_score_setting *s = &score->settings[i];
        use[i] = given == NULL ? s->value : given[i];
        if (use[i] >= s->lower && use[i] <= s->upper) continue;
        char v[STROMA_NUMBER_TEXT_MAX], lo[STROMA_NUMBER_TEXT_MAX], hi[STROMA_NUMBER_TEXT_MAX];
        return stroma_fail(err, STROMA_E_USAGE,
                           "score \"%s\": setting \"%s\" is %s, allowed %s to %s", score->id,
                           s->name, stroma_format_double(use[i], v),
                           stroma_format_double(s->lower, lo), stroma_format_double(s->upper, hi));
    }
    return STROMA_OK;
}

stroma_status stroma_score_compute(const stroma_score *score, const stroma_score_value *values,
                                   const stroma_score_options *opts, stroma_score_result *out,
                                   stroma_error *err)
{
    static const stroma_score_options defaults = STROMA_SCORE_OPTIONS_INIT;
    if (opts == NULL) opts = &defaults;
    *out =
        (stroma_score_result){ .state = STROMA_NOT_ESTIMABLE, .outputs_len = score->outputs_len };
    STROMA_BUG_IF(score->inputs_len > STROMA_SCORE_INPUTS_MAX, err);
    STROMA_BUG_IF(score->settings_len > STROMA_SCORE_SETTINGS_MAX, err);
    double settings[STROMA_SCORE_SETTINGS_MAX] = { 0 };
    STROMA_TRY(check_settings(score, opts->settings, settings, err));
    stroma_score_value checked[STROMA_SCORE_INPUTS_MAX] = { 0 };
    memcpy(checked, values, score->inputs_len * sizeof *values);
    for (size_t i = 0; i < score->outputs_len; i++)
        out->outputs[i].state = STROMA_NOT_ESTIMABLE;
    if (check_inputs(score, checked, opts->censored, out)) {
        const stroma_score_call call = { score, checked, settings };
        score->compute(&call, out);
    }
    for (size_t i = 0; i < score->outputs_len; i++)
        if (out->state != STROMA_PRESENT && out->outputs[i].state != STROMA_PRESENT)
            out->outputs[i].state = out->state;
    return STROMA_OK;
}
