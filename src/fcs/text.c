/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where TEXT and the supplemental TEXT lie. */
#include "fcs_private.h"

#include <ctype.h>
#include <string.h>

static stroma_status no_text(const fcs_job *j, const char *why, stroma_error *err)
{
    const stroma_status s = stroma_fail_byte(err, STROMA_E_MALFORMED, j->d->offset + 10,
                                             "HEADER does not say where TEXT is: %s", why);
    stroma_hint(err, "bytes 10 to 25 should hold two numbers, as \"     256    1545\"");
    return s;
}

static bool may_delimit(unsigned char c)
{
    return c != 0 && c < 0x80 && !isalnum(c) && c != '$' && c != ' ';
}

/* Off by one is common: a delimiter stands before a keyword, which begins with '$' or a letter. */
static void correct_begin(fcs_job *j)
{
    fcs_span *t = &j->text;
    const unsigned char *p = j->bytes + t->begin;
    if (may_delimit(*p)) return;
    int step = 0;
    if (t->end - t->begin > 2 && may_delimit(p[1]) && (p[2] == '$' || isalpha(p[2])))
        step = 1;
    else if (t->begin > j->d->offset + FCS_HEADER_BYTES && may_delimit(p[-1]))
        step = -1;
    if (step == 0) return;
    fcs_find(j, "STROMA-FCS-011", STROMA_NOTE, NULL,
             "TEXT begins one byte %s byte %llu, where HEADER puts it",
             step > 0 ? "behind" : "before", (unsigned long long)t->begin);
    t->begin += (uint64_t)(int64_t)step;
}

static bool is_text(const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] < 0x20 && memchr("\t\r\n", p[i], 3) == NULL) return false;
    return true;
}

static void move_end(fcs_job *j, uint64_t end)
{
    fcs_find(j, "STROMA-FCS-011", STROMA_NOTE, NULL,
             "TEXT ends at byte %llu, not at byte %llu as HEADER says",
             (unsigned long long)(end - 1), (unsigned long long)(j->text.end - 1));
    j->text.end = end;
}

/* An end that is off: the delimiter shows where it should be, and the bytes of numbers are no text.
 */
static void correct_end(fcs_job *j)
{
    const fcs_span *t = &j->text, *data = &j->header.data;
    const unsigned char *p = j->bytes;
    if (data->said && data->begin > t->begin + 1 && data->begin < t->end &&
        (p[data->begin - 1] == j->delimiter || memchr(" \t\r\n", p[data->begin - 1], 5) != NULL) &&
        (t->end - data->begin <= 8 || !is_text(p + data->begin, t->end - data->begin))) {
        move_end(j, data->begin);
        return;
    }
    if (p[t->end - 1] == j->delimiter || memchr(" \t\r\n", p[t->end - 1], 5) != NULL) return;
    const uint64_t limit = data->said && data->begin > t->end && data->begin < j->size ? data->begin
                           : t->end < j->size                                          ? t->end + 1
                                                                                       : t->end;
    for (uint64_t i = t->end; i < limit && p[i] >= 0x20 && p[i] != 0x7F; i++)
        if (p[i] == j->delimiter) {
            move_end(j, i + 1);
            return;
        }
}

/* HEADER does not say where TEXT is: it is what follows HEADER and reads as keywords and values. */
static void find_begin(fcs_job *j)
{
    j->text = (fcs_span){ 0 };
    uint64_t at = j->d->offset + FCS_HEADER_BYTES;
    while (at < j->size && (j->bytes[at] == ' ' || j->bytes[at] == 0))
        at++;
    if (j->size - at < 3 || !may_delimit(j->bytes[at]) ||
        (j->bytes[at + 1] != '$' && !isalpha(j->bytes[at + 1])))
        return;
    j->text = (fcs_span){ .begin = at, .said = true };
}

static void find_end(fcs_job *j)
{
    fcs_span *t = &j->text;
    const unsigned char *p = j->bytes + t->begin + 1, *end = j->bytes + j->size;
    if (j->header.data.said && j->header.data.begin > t->begin + 1 &&
        j->header.data.begin <= j->size) {
        t->end = j->header.data.begin;
    } else {
        bool value = false; /* only whole pairs count */
        for (const unsigned char *q = p; q < end; p = q + 1, value = !value) {
            q = memchr(p, j->bytes[t->begin], (size_t)(end - p));
            if (q == NULL || !is_text(p, (size_t)(q - p))) break;
            if (value) t->end = (uint64_t)(q - j->bytes) + 1;
        }
    }
    if (t->end == 0) return;
    fcs_find(j, "STROMA-FCS-011", STROMA_WARNING, NULL,
             "HEADER does not say where TEXT is; bytes %llu to %llu read as TEXT",
             (unsigned long long)t->begin, (unsigned long long)(t->end - 1));
}

static stroma_status place_text(fcs_job *j, stroma_error *err)
{
    fcs_span *t = &j->text;
    *t = j->header.text;
    if (!t->said || t->begin < j->d->offset + FCS_HEADER_BYTES) find_begin(j);
    if (!t->said) return no_text(j, "its begin is missing or lies in HEADER", err);
    if (t->begin >= j->size)
        return stroma_fail_byte(err, STROMA_E_MALFORMED, t->begin,
                                "TEXT should begin behind the end of the file, which has %zu bytes",
                                j->size);
    if (t->end == 0) find_end(j);
    if (t->end == 0) return no_text(j, "its end is missing or stands before its begin", err);
    if (t->end > j->size)
        return stroma_fail_byte(err, STROMA_E_MALFORMED, t->begin,
                                "TEXT should end at byte %llu, but the file ends at byte %zu",
                                (unsigned long long)(t->end - 1), j->size - 1);
    correct_begin(j);
    if (t->end - t->begin < 2)
        return stroma_fail_byte(err, STROMA_E_MALFORMED, t->begin, "TEXT is empty");
    j->delimiter = j->bytes[t->begin];
    correct_end(j);
    return STROMA_OK;
}

static bool offset_of(const fcs_job *j, const char *keyword, uint64_t *out)
{
    const char *text = stroma_fcs_text(j->d, keyword);
    return text != NULL && fcs_whole(text, strlen(text), out);
}

/* Supplemental TEXT is optional: what is wrong with it costs its keywords, not the events. */
static bool place_supplement(fcs_job *j)
{
    fcs_span *t = &j->supplement;
    uint64_t begin = 0, end = 0;
    *t = (fcs_span){ 0 };
    if (!offset_of(j, "$BEGINSTEXT", &begin) || !offset_of(j, "$ENDSTEXT", &end) || begin == 0 ||
        end <= begin)
        return false;
    const char *why = NULL;
    if (begin >= j->size - j->d->offset || end >= j->size - j->d->offset) {
        why = "ends behind the end of the file";
    } else {
        *t = (fcs_span){ j->d->offset + begin, j->d->offset + end + 1, true };
        if (t->begin == j->text.begin)
            why = "is TEXT itself";
        else if (t->begin < j->text.end && t->end > j->text.begin)
            why = "overlaps TEXT";
    }
    if (why == NULL) {
        const unsigned char *p = j->bytes + t->begin, *stop = j->bytes + t->end;
        while (p < stop && memchr(" \t\r\n", *p, 5) != NULL)
            p++;
        if (p == stop) return false; /* room that was never used */
        if (*p == j->delimiter) {
            t->begin = (uint64_t)(p - j->bytes);
            return t->end - t->begin > 1;
        }
        why = "does not begin with the delimiter of TEXT";
    }
    fcs_find(j, "STROMA-FCS-024",
             t->begin == j->text.begin && t->said ? STROMA_NOTE : STROMA_WARNING, NULL,
             "the supplemental TEXT at byte %llu %s; it is left out",
             (unsigned long long)(j->d->offset + begin), why);
    *t = (fcs_span){ 0 };
    return false;
}

static stroma_status use_keywords(fcs_job *j, stroma_error *err)
{
    j->d->keywords = j->keywords;
    j->d->keywords_len = j->keywords_len;
    return fcs_keywords_index(j, err);
}

stroma_status fcs_text_read(fcs_job *j, stroma_error *err)
{
    STROMA_TRY(place_text(j, err));
    j->macintosh = memmem(j->bytes + j->text.begin, (size_t)(j->text.end - j->text.begin),
                          "Macintosh", 9) != NULL;
    STROMA_TRY(fcs_text_split(j, j->text, false, err));
    if (j->keywords_len == 0)
        return stroma_fail_byte(err, STROMA_E_MALFORMED, j->text.begin,
                                "TEXT holds no keyword between delimiters 0x%02x", j->delimiter);
    STROMA_TRY(use_keywords(j, err));
    if (place_supplement(j)) {
        STROMA_TRY(fcs_text_split(j, j->supplement, true, err));
        STROMA_TRY(use_keywords(j, err));
    }
    fcs_keywords_report(j);
    if (j->not_utf8)
        fcs_find(j, "STROMA-FCS-012", STROMA_NOTE, NULL,
                 "some texts are not UTF-8; they are read as %s",
                 j->macintosh ? "Mac OS Roman" : "Windows-1252");
    return STROMA_OK;
}
