/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of $SPILLOVER (FCS 3.1 §3.2.21): "n,name1,…,namen,v11,v12,…,vnn", as instruments write
 * it: padded with blanks, with commas at the end, with decimal commas ("1,000,0,000"). What does
 * not hold n names and n² numbers is refused: a guessed matrix would change every event. */
#include "compensation_private.h"

#include "stroma/number.h"

#include <string.h>

/* Field @p i and its length, blanks around it left off. Fields are asked for in order: *at moves.
 */
static const char *next_field(const char **at, size_t *n)
{
    const char *begin = *at, *end = begin + strcspn(begin, ",");
    *at = *end == ',' ? end + 1 : end;
    while (begin < end && strchr(" \t\r\n", *begin) != NULL)
        begin++;
    while (end > begin && strchr(" \t\r\n", end[-1]) != NULL)
        end--;
    *n = (size_t)(end - begin);
    return begin;
}

static size_t count_fields(const char *text)
{
    size_t count = 0, filled = 0;
    for (const char *p = text; *p != '\0';) {
        size_t n;
        (void)next_field(&p, &n);
        count++;
        if (n > 0) filled = count;
    }
    return filled;
}

static bool all_digits(const char *s, size_t n, bool sign)
{
    size_t i = sign && n > 1 && (s[0] == '-' || s[0] == '+');
    for (; i < n; i++)
        if (s[i] < '0' || s[i] > '9') return false;
    return n > 0;
}

/* Whether the 2 n² fields at @p at are whole and decimal places in turn. */
static bool are_halves(const char *at, size_t halves)
{
    for (size_t i = 0; i < halves; i++) {
        size_t n;
        const char *s = next_field(&at, &n);
        if (!all_digits(s, n, i % 2 == 0)) return false;
    }
    return true;
}

static stroma_status read_numbers(const char *at, compensation_text *t, stroma_error *err)
{
    for (size_t i = 0; i < t->n * t->n; i++) {
        const char *begin = at;
        size_t n, rest;
        const char *s = next_field(&at, &n);
        if (t->decimal_commas) {
            const char *places = next_field(&at, &rest);
            n = (size_t)(places + rest - s);
        }
        char typed[64];
        size_t kept = 0;
        for (size_t k = 0; k < n && kept + 1 < sizeof typed; k++)
            if (!t->decimal_commas || strchr(" \t\r\n", s[k]) == NULL) typed[kept++] = s[k];
        if (!stroma_parse_double(typed, kept, t->decimal_commas ? ',' : '.', &t->value[i])) {
            const size_t shown = strcspn(begin, ",");
            (void)stroma_fail(err, STROMA_E_MALFORMED, "row %zu, column %zu is \"%.*s\", no number",
                              i / t->n + 1, i % t->n + 1, (int)(shown < 40 ? shown : 40), begin);
            return STROMA_E_MALFORMED;
        }
    }
    return STROMA_OK;
}

/* How many of the fields from @p at on are there, compared with what is wanted. */
static stroma_status check_count(const char *at, size_t n, size_t have, compensation_text *t,
                                 stroma_error *err)
{
    const size_t want = n * n;
    if (have == 2 * want && are_halves(at, have)) {
        t->decimal_commas = true;
        return STROMA_OK;
    }
    if (have == 0)
        return stroma_fail(err, STROMA_E_MALFORMED, "it names %zu channels and has no numbers", n);
    if (have < want)
        return stroma_fail(err, STROMA_E_MALFORMED,
                           "%zu numbers stand there, but %zu channels need %zu", have, n, want);
    t->extra = have - want;
    return STROMA_OK;
}

stroma_status compensation_text_parse(const char *text, stroma_arena *arena, compensation_text *out,
                                      stroma_error *err)
{
    const size_t len = count_fields(text);
    const char *at = text;
    size_t n;
    int64_t count;
    *out = (compensation_text){ 0 };
    const char *s = next_field(&at, &n);
    if (!stroma_parse_int(s, n, &count) || count < 1)
        return stroma_fail(err, STROMA_E_MALFORMED, "it begins with \"%.*s\", not with a count",
                           (int)(n < 40 ? n : 40), s);
    if (count > COMPENSATION_MOST)
        return stroma_fail(err, STROMA_E_MALFORMED, "it speaks of %lld channels: %d are possible",
                           (long long)count, COMPENSATION_MOST);
    const size_t channels = (size_t)count;
    double number;
    const char *first = at;
    const char *f = next_field(&first, &n);
    if (len == 1 + channels * channels && channels > 1 && stroma_parse_double(f, n, '.', &number))
        return stroma_fail(err, STROMA_E_MALFORMED, "it has %zu numbers and no names",
                           channels * channels);
    if (len < 1 + channels)
        return stroma_fail(err, STROMA_E_MALFORMED, "it has fewer names than the %zu it speaks of",
                           channels);
    out->n = channels;
    out->name = stroma_arena_alloc(arena, channels, sizeof *out->name);
    if (out->name == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < channels; i++) {
        s = next_field(&at, &n);
        out->name[i] = stroma_arena_strndup(arena, s, n);
        if (out->name[i] == NULL) return stroma_no_memory(err);
    }
    STROMA_TRY(check_count(at, channels, len - 1 - channels, out, err));
    out->value = stroma_arena_alloc(arena, channels * channels, sizeof *out->value);
    if (out->value == NULL) return stroma_no_memory(err);
    return read_numbers(at, out, err);
}
