/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One TEXT segment into keywords and values. The first byte is the delimiter; doubled it stands for
 * itself. The standard forbids empty values, many writers have them all the same, and then two
 * delimiters mean "nothing here". Where two delimiters meet, the segment is read by three rules,
 * and the one counts that leaves the fewest oddities. */
#include "fcs_private.h"

#include "stroma/utf8.h"

#include <string.h>
#include <strings.h>

typedef enum split_rule {
    SPLIT_STANDARD, /* a doubled delimiter is one, everywhere */
    SPLIT_EMPTY,    /* the same inside a value; behind a keyword it is an empty value */
    SPLIT_PLAIN     /* every delimiter separates */
} split_rule;

typedef struct split {
    const unsigned char *p, *end;
    const unsigned char *last; /* no keyword begins here or behind */
    unsigned char delimiter;
    split_rule rule;
} split;

typedef struct token {
    const unsigned char *p;
    size_t n;
    size_t doubled; /* delimiters that are doubled */
    bool closed;    /* by a delimiter, not by the end of the segment */
} token;

static token next_token(split *s, bool keyword)
{
    while (keyword && s->rule != SPLIT_STANDARD && s->p < s->end && *s->p == s->delimiter)
        s->p++;
    token t = { .p = s->p };
    const bool doubles = s->rule == SPLIT_STANDARD || (s->rule == SPLIT_EMPTY && !keyword);
    const unsigned char *q = s->p;
    for (;;) {
        q = q < s->end ? memchr(q, s->delimiter, (size_t)(s->end - q)) : NULL;
        if (q == NULL) {
            t.n = (size_t)(s->end - t.p);
            s->p = s->end;
            return t;
        }
        if (!doubles || s->end - q < 3 || q[1] != s->delimiter) break;
        t.doubled++; /* but not the last two of the segment, which close it */
        q += 2;
    }
    t.n = (size_t)(q - t.p);
    t.closed = true;
    s->p = q + 1;
    return t;
}

/* "$P12N": the beginning of what a value should never look like. */
static bool looks_like_keyword(const token *t)
{
    static const char *const names[] = { "$PAR",      "$TOT",      "$MODE",    "$BYTEORD",
                                         "$NEXTDATA", "$DATATYPE", "$ENDDATA", "$BEGINDATA" };
    if (t->n < 4 || t->p[0] != '$') return false;
    if (t->p[1] == 'P' && t->p[2] >= '0' && t->p[2] <= '9') return true;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strlen(names[i]) == t->n && strncasecmp((const char *)t->p, names[i], t->n) == 0)
            return true;
    return false;
}

static bool is_name(const token *t, const char *name)
{
    const char *s = (const char *)t->p;
    const size_t n = fcs_trim(&s, t->n);
    return n == strlen(name) && strncasecmp(s, name, n) == 0;
}

/* Where the last byte stands that is neither a delimiter nor padding: no keyword begins behind. */
static const unsigned char *last_of_text(const unsigned char *p, const unsigned char *end,
                                         unsigned char delimiter)
{
    while (end > p && (end[-1] == delimiter || memchr(" \t\r\n", end[-1], 5) != NULL))
        end--;
    return end;
}

typedef struct survey {
    size_t pairs, oddities, empty;
} survey;

/* Read the segment once without keeping anything. */
static survey survey_rule(split s)
{
    survey v = { 0 };
    bool required[3] = { false };
    static const char *const names[] = { "$PAR", "$DATATYPE", "$BYTEORD" };
    while (s.p < s.last) {
        const token k = next_token(&s, true);
        if (!k.closed) { /* a keyword that nothing follows */
            v.oddities++;
            break;
        }
        const token value = next_token(&s, false);
        for (size_t i = 0; i < 3; i++)
            required[i] |= is_name(&k, names[i]) && value.n > 0;
        v.oddities += (k.n == 0) + 2 * k.doubled + 3 * (size_t)looks_like_keyword(&value);
        v.empty += value.n == 0;
        v.pairs++;
    }
    for (size_t i = 0; i < 3; i++)
        v.oddities += required[i] ? 0 : 10;
    v.oddities += v.empty;
    return v;
}

/* A token as text of its own: doubled delimiters made single, UTF-8, NUL as a blank. */
static char *keep(fcs_job *j, const token *t, unsigned char delimiter)
{
    const char *p = (const char *)t->p;
    const size_t n = fcs_trim(&p, t->n);
    const bool utf8 = stroma_utf8_valid(p, n);
    char *out = stroma_arena_alloc(j->arena, n * (utf8 ? 1 : 3) + 1, 1), *q = out;
    if (out == NULL) return NULL;
    j->not_utf8 |= !utf8;
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)p[i];
        if (c == 0)
            *q++ = ' ';
        else if (utf8)
            *q++ = (char)c;
        else
            q = fcs_put_character(q, c, j->macintosh);
        i += t->doubled > 0 && c == delimiter && i + 1 < n && (unsigned char)p[i + 1] == delimiter;
    }
    *q = '\0';
    return out;
}

static stroma_status keep_pairs(fcs_job *j, split s, size_t pairs, bool supplemental,
                                stroma_error *err)
{
    const size_t total = j->keywords_len + pairs;
    stroma_fcs_keyword *all = stroma_arena_alloc(j->arena, total, sizeof *all);
    if (all == NULL) return stroma_no_memory(err);
    if (j->keywords_len > 0) memcpy(all, j->keywords, j->keywords_len * sizeof *all);
    j->keywords = all;
    for (size_t i = 0; i < pairs; i++) {
        const token k = next_token(&s, true);
        const token v = next_token(&s, false);
        stroma_fcs_keyword *out = &all[j->keywords_len];
        *out = (stroma_fcs_keyword){ .name = keep(j, &k, s.delimiter),
                                     .value = keep(j, &v, s.delimiter),
                                     .offset = (uint64_t)(v.p - j->bytes),
                                     .supplemental = supplemental };
        if (out->name == NULL || out->value == NULL) return stroma_no_memory(err);
        j->keywords_len += out->name[0] != '\0';
    }
    return STROMA_OK;
}

stroma_status fcs_text_split(fcs_job *j, fcs_span where, bool supplemental, stroma_error *err)
{
    const uint64_t bytes = where.end - where.begin;
    if (bytes > *j->text_left)
        return stroma_fail_byte(err, STROMA_E_MALFORMED, where.begin,
                                "the TEXT segments of all data sets together are longer than the "
                                "file: they overlap");
    *j->text_left -= bytes;
    split s = { .p = j->bytes + where.begin + 1,
                .end = j->bytes + where.end,
                .delimiter = j->delimiter };
    s.last = last_of_text(s.p, s.end, s.delimiter);
    survey best = survey_rule(s);
    for (split_rule rule = SPLIT_EMPTY; rule <= SPLIT_PLAIN && best.oddities > 0; rule++) {
        split other = s;
        other.rule = rule;
        const survey v = survey_rule(other);
        if (v.oddities >= best.oddities) continue;
        best = v;
        s.rule = rule;
    }
    if (s.rule == SPLIT_PLAIN)
        fcs_find(j, "STROMA-FCS-010", STROMA_WARNING, NULL,
                 "TEXT cannot be read with doubled delimiters; every delimiter is taken as a "
                 "separator");
    if (best.empty > 0)
        fcs_find(j, "STROMA-FCS-009", STROMA_NOTE, NULL,
                 "%zu keyword%s no value, which the standard forbids", best.empty,
                 best.empty == 1 ? " has" : "s have");
    return keep_pairs(j, s, best.pairs, supplemental, err);
}
