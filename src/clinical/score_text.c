/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inputs as text: cells, in-cell lists, and the "name=value;name=value" form of worked examples. */
#include "score_impl.h"

#include "stroma/number.h"

#include <string.h>
#include <strings.h>

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

static void trim(const char **s, size_t *n)
{
    while (*n > 0 && blank(**s)) {
        (*s)++;
        (*n)--;
    }
    while (*n > 0 && blank((*s)[*n - 1]))
        (*n)--;
}

static bool same(const char *s, size_t n, const char *word)
{
    return strlen(word) == n && strncasecmp(s, word, n) == 0;
}

bool stroma_score_list_parse(const char *text, size_t places, score_list *out, size_t *bad)
{
    *out = (score_list){ 0 };
    if (*text == '\0') { /* an empty cell: nothing was answered */
        out->len = places < STROMA_SCORE_ITEMS_MAX ? places : STROMA_SCORE_ITEMS_MAX;
        return true;
    }
    for (const char *p = text;;) {
        const char *end = strchr(p, '|');
        size_t n = end == NULL ? strlen(p) : (size_t)(end - p);
        const char *s = p;
        trim(&s, &n);
        if (out->len < STROMA_SCORE_ITEMS_MAX) {
            if (n > 0) {
                *bad = out->len;
                if (!stroma_parse_double(s, n, '.', &out->number[out->len])) return false;
                out->answered[out->len] = true;
                out->answered_len++;
            }
        }
        out->len++; /* counted beyond the array, so that the caller's length check sees it */
        if (end == NULL) return true;
        p = end + 1;
    }
}

bool stroma_score_set_parse(const stroma_score_input *in, const char *text, uint32_t *out,
                            const char **bad, size_t *bad_len)
{
    *out = 0;
    size_t all = strlen(text);
    const char *whole = text;
    trim(&whole, &all);
    if (all == 0 || same(whole, all, "none")) return true;
    for (const char *p = text;;) {
        const char *end = strchr(p, '+');
        size_t n = end == NULL ? strlen(p) : (size_t)(end - p);
        const char *s = p;
        trim(&s, &n);
        size_t i = 0;
        while (i < in->items_len && !same(s, n, in->items[i]))
            i++;
        if (i == in->items_len) {
            *bad = s;
            *bad_len = n;
            return false;
        }
        *out |= UINT32_C(1) << i;
        if (end == NULL) return true;
        p = end + 1;
    }
}

static bool parse_bool(const char *s, size_t n, double *out)
{
    static const char *const yes[] = { "1", "yes", "y", "true" };
    static const char *const no[] = { "0", "no", "n", "false" };
    for (size_t i = 0; i < SCORE_COUNT_OF(yes); i++) {
        if (same(s, n, yes[i]) || same(s, n, no[i])) {
            *out = same(s, n, yes[i]) ? 1 : 0;
            return true;
        }
    }
    return false;
}

/* Words are kept as the table writes them, so that compute functions may compare exactly. */
static void parse_word(const stroma_score_input *in, const char *s, size_t n,
                       stroma_score_value *out)
{
    for (size_t i = 0; i < in->items_len; i++)
        if (same(s, n, in->items[i])) out->text = in->items[i];
}

void stroma_score_value_parse(const stroma_score_input *in, const char *text, char decimal,
                              stroma_score_value *out)
{
    size_t n = strlen(text);
    const char *s = text;
    trim(&s, &n);
    *out = (stroma_score_value){ .state = STROMA_PRESENT, .text = text };
    if (same(s, n, "NA") || same(s, n, ".") || (n == 0 && in->kind != STROMA_INPUT_SET)) {
        *out = (stroma_score_value){ .state = STROMA_MISSING };
        return;
    }
    if (same(s, n, "ND")) {
        *out = (stroma_score_value){ .state = STROMA_NOT_DONE };
        return;
    }
    if (in->kind == STROMA_INPUT_LIST || in->kind == STROMA_INPUT_SET) return;
    if (in->kind == STROMA_INPUT_SUM && memchr(s, '|', n) != NULL) return;
    if (in->kind == STROMA_INPUT_WORD) {
        parse_word(in, s, n, out);
        return;
    }
    bool ok = false;
    if (in->kind == STROMA_INPUT_BOOL) {
        ok = parse_bool(s, n, &out->number);
    } else if (*s == '<' || *s == '>') {
        out->state = *s == '<' ? STROMA_BELOW_LIMIT : STROMA_ABOVE_LIMIT;
        s++;
        n--;
        trim(&s, &n);
        ok = stroma_parse_double(s, n, decimal, &out->number);
    } else {
        ok = stroma_parse_double(s, n, decimal, &out->number);
    }
    if (ok)
        out->text = NULL;
    else
        out->state = STROMA_NOT_ESTIMABLE;
}

enum { INPUT_TEXT_MAX = 4000 };

/* One "name=value" of n bytes, which the caller has made NUL-terminated. */
static stroma_status take_pair(const stroma_score *score, char *pair, stroma_score_value *values,
                               bool *given, stroma_error *err)
{
    char *eq = strchr(pair, '=');
    if (eq == NULL) return stroma_fail(err, STROMA_E_USAGE, "\"%.60s\" is not name=value", pair);
    *eq = '\0';
    const size_t i = stroma_score_input_find(score, pair);
    if (i == SIZE_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "score \"%s\" has no input \"%.60s\"", score->id,
                           pair);
    if (given[i]) return stroma_fail(err, STROMA_E_USAGE, "input \"%.60s\" stands twice", pair);
    given[i] = true;
    stroma_score_value_parse(&score->inputs[i], eq + 1, '.', &values[i]);
    return STROMA_OK;
}

stroma_status stroma_score_compute_text(const stroma_score *score, const char *inputs,
                                        const stroma_score_options *opts, stroma_score_result *out,
                                        stroma_error *err)
{
    const size_t n = strlen(inputs);
    if (n > INPUT_TEXT_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "inputs have %zu bytes, at most %d are read", n,
                           (int)INPUT_TEXT_MAX);
    STROMA_BUG_IF(score->inputs_len > STROMA_SCORE_INPUTS_MAX, err);
    char copy[INPUT_TEXT_MAX + 1];
    memcpy(copy, inputs, n + 1);
    stroma_score_value values[STROMA_SCORE_INPUTS_MAX];
    bool given[STROMA_SCORE_INPUTS_MAX] = { false };
    for (size_t i = 0; i < STROMA_SCORE_INPUTS_MAX; i++)
        values[i] = (stroma_score_value){ .state = STROMA_MISSING };
    for (char *p = copy; p != NULL && *p != '\0';) {
        char *end = strchr(p, ';');
        if (end != NULL) *end = '\0';
        STROMA_TRY(take_pair(score, p, values, given, err));
        p = end == NULL ? NULL : end + 1;
    }
    return stroma_score_compute(score, values, opts, out, err);
}
