/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The TEXT segment: keywords and values between a delimiter that is doubled where a text holds it,
 * and the offsets that stand in it and depend on its own length. */
#include "fcs_write_private.h"

#include "stroma/memory.h"
#include "stroma/number.h"
#include "stroma/sort.h"

#include <math.h>
#include <string.h>
#include <strings.h>

enum { TEXT_BYTES_MAX = 99999999, DATA_ALIGNMENT = 64, HEADER_BYTES = 58, CRC_BYTES = 8 };

/* "$P12B" → "B"; NULL when this is no keyword of a parameter. */
static const char *parameter_ending(const char *name)
{
    if (name[0] != '$' || (name[1] != 'P' && name[1] != 'p')) return NULL;
    size_t i = 2;
    while (name[i] >= '0' && name[i] <= '9')
        i++;
    return i == 2 ? NULL : name + i;
}

bool stroma_fcs_is_layout_keyword(const char *name, bool raw)
{
    static const char *const always[] = { "$BEGINANALYSIS", "$ENDANALYSIS", "$BEGINDATA",
                                          "$ENDDATA",       "$BEGINSTEXT",  "$ENDSTEXT",
                                          "$NEXTDATA",      "$TOT" };
    static const char *const decoded[] = { "$BYTEORD", "$DATATYPE", "$MODE", "$PAR", "$UNICODE" };
    static const char *const endings[] = { "B", "DATATYPE", "E", "G", "N", "R", "S" };
    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
        if (strcasecmp(name, always[i]) == 0) return true;
    if (raw) return false;
    for (size_t i = 0; i < sizeof decoded / sizeof decoded[0]; i++)
        if (strcasecmp(name, decoded[i]) == 0) return true;
    const char *ending = parameter_ending(name);
    for (size_t i = 0; ending != NULL && i < sizeof endings / sizeof endings[0]; i++)
        if (strcasecmp(ending, endings[i]) == 0) return true;
    return false;
}

/* Blanks around a text are no part of it. */
static bool empty(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}

static stroma_status check_parameter(const stroma_fcs_content *c, size_t j, stroma_error *err)
{
    const stroma_fcs_out_parameter *p = &c->parameters[j];
    if (p->name == NULL || empty(p->name))
        return stroma_fail(err, STROMA_E_USAGE, "channel %zu has no name", j + 1);
    if (!isfinite(p->range) || p->range < 0)
        return stroma_fail(err, STROMA_E_USAGE, "channel \"%s\": the range is %g", p->name,
                           p->range);
    if (c->type != STROMA_FCS_INTEGER) return STROMA_OK;
    const unsigned bits = p->bits == 0 ? 32 : p->bits;
    if (bits != 8 && bits != 16 && bits != 32 && bits != 64)
        return stroma_fail(err, STROMA_E_USAGE,
                           "channel \"%s\": integers of %u bits; 8, 16, 32 and 64 can be written",
                           p->name, bits);
    if (p->range < 1 || p->range > ldexp(1, (int)bits))
        return stroma_fail(err, STROMA_E_USAGE,
                           "channel \"%s\": the range %.17g is not from 1 to 2^%u", p->name,
                           p->range, bits);
    return STROMA_OK;
}

stroma_status fcs_check_content(const stroma_fcs_content *c, stroma_error *err)
{
    for (size_t i = 0; i < c->keywords_len; i++)
        if (c->keywords[i].name == NULL || empty(c->keywords[i].name))
            return stroma_fail(err, STROMA_E_USAGE, "keyword %zu has no name", i + 1);
    if (c->raw != NULL) return STROMA_OK;
    if (c->type != STROMA_FCS_FLOAT && c->type != STROMA_FCS_DOUBLE &&
        c->type != STROMA_FCS_INTEGER)
        return stroma_fail(err, STROMA_E_USAGE,
                           "data type '%c': float, double and integers can be written",
                           (char)c->type);
    if (c->parameters_len == 0) return stroma_fail(err, STROMA_E_USAGE, "there is no channel");
    for (size_t j = 0; j < c->parameters_len; j++)
        STROMA_TRY(check_parameter(c, j, err));
    return STROMA_OK;
}

/* ---- pairs ---- */

typedef struct pairs {
    stroma_fcs_pair *item;
    size_t len, capacity;
    stroma_arena texts;
} pairs;

static stroma_status add(pairs *p, const char *name, const char *value, stroma_error *err)
{
    if (name == NULL || value == NULL) return stroma_no_memory(err);
    STROMA_TRY(stroma_grow(&p->item, &p->capacity, p->len + 1, sizeof *p->item, err));
    p->item[p->len++] = (stroma_fcs_pair){ .name = name, .value = value };
    return STROMA_OK;
}

/* Whole numbers without an exponent, as some readers expect them. */
static const char *number(pairs *p, double x)
{
    char text[STROMA_NUMBER_TEXT_MAX];
    if (x == floor(x) && fabs(x) < 1e20) return stroma_arena_printf(&p->texts, "%.0f", x);
    return stroma_arena_strdup(&p->texts, stroma_format_double(x, text));
}

static stroma_status add_parameter(const stroma_fcs_content *c, size_t j, pairs *p,
                                   stroma_error *err)
{
    const stroma_fcs_out_parameter *q = &c->parameters[j];
    const bool logarithmic = c->type == STROMA_FCS_INTEGER && q->log_decades > 0;
    const size_t n = j + 1;
    const char *amplification = "0,0";
    if (logarithmic) {
        const char *decades = number(p, q->log_decades), *offset = number(p, q->log_offset);
        if (decades == NULL || offset == NULL) return stroma_no_memory(err);
        amplification = stroma_arena_printf(&p->texts, "%s,%s", decades, offset);
    }
    STROMA_TRY(add(p, stroma_arena_printf(&p->texts, "$P%zuN", n), q->name, err));
    if (q->stain != NULL && !empty(q->stain))
        STROMA_TRY(add(p, stroma_arena_printf(&p->texts, "$P%zuS", n), q->stain, err));
    STROMA_TRY(add(p, stroma_arena_printf(&p->texts, "$P%zuB", n),
                   stroma_arena_printf(&p->texts, "%u", 8 * fcs_stored_bytes(c, j)), err));
    STROMA_TRY(add(p, stroma_arena_printf(&p->texts, "$P%zuE", n), amplification, err));
    if (!logarithmic && q->gain > 0 && q->gain != 1) /* NaN is none either */
        STROMA_TRY(add(p, stroma_arena_printf(&p->texts, "$P%zuG", n), number(p, q->gain), err));
    return add(p, stroma_arena_printf(&p->texts, "$P%zuR", n), number(p, q->range), err);
}

static stroma_status add_decoded(const stroma_fcs_content *c, const stroma_fcs_write_options *o,
                                 pairs *p, stroma_error *err)
{
    const char *type = c->type == STROMA_FCS_FLOAT ? "F" : c->type == STROMA_FCS_DOUBLE ? "D" : "I";
    STROMA_TRY(add(p, "$BYTEORD", o->big_endian ? "4,3,2,1" : "1,2,3,4", err));
    STROMA_TRY(add(p, "$DATATYPE", type, err));
    STROMA_TRY(add(p, "$MODE", "L", err));
    STROMA_TRY(add(p, "$PAR", stroma_arena_printf(&p->texts, "%zu", c->parameters_len), err));
    for (size_t j = 0; j < c->parameters_len; j++)
        STROMA_TRY(add_parameter(c, j, p, err));
    return STROMA_OK;
}

static int by_name(const void *a, const void *b, void *context)
{
    (void)context;
    const stroma_fcs_pair *const *x = a, *const *y = b;
    return strcasecmp((*x)->name, (*y)->name);
}

/* Keep of each name the first pair, where that has a value; their order stays. */
static stroma_status drop_unwritten(pairs *p, stroma_fcs_changes *changes, stroma_error *err)
{
    stroma_fcs_pair **sorted = stroma_alloc_array(p->len, sizeof(stroma_fcs_pair *));
    if (sorted == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < p->len; i++)
        sorted[i] = &p->item[i];
    const stroma_status s = stroma_sort(sorted, p->len, sizeof sorted[0], by_name, NULL, err);
    const char *before = NULL;
    for (size_t i = 0; s == STROMA_OK && i < p->len; i++) {
        if (before != NULL && strcasecmp(before, sorted[i]->name) == 0) {
            sorted[i]->value = NULL;
            changes->repeated_keys++;
        } else {
            before = sorted[i]->name;
        }
    }
    stroma_free(sorted);
    size_t kept = 0;
    for (size_t i = 0; s == STROMA_OK && i < p->len; i++) {
        if (p->item[i].value == NULL) continue;
        if (empty(p->item[i].value))
            changes->empty_values++;
        else
            p->item[kept++] = p->item[i];
    }
    if (s == STROMA_OK) p->len = kept;
    return s;
}

static stroma_status collect(const stroma_fcs_content *c, const stroma_fcs_write_options *o,
                             pairs *p, stroma_fcs_changes *changes, stroma_error *err)
{
    const bool raw = c->raw != NULL;
    if (!raw) STROMA_TRY(add_decoded(c, o, p, err));
    const char *total = stroma_arena_printf(&p->texts, "%llu", (unsigned long long)c->n_events);
    STROMA_TRY(add(p, "$TOT", total, err));
    for (size_t i = 0; i < c->keywords_len; i++) {
        const stroma_fcs_pair *k = &c->keywords[i];
        if (stroma_fcs_is_layout_keyword(k->name, raw)) continue;
        STROMA_TRY(add(p, k->name, k->value == NULL ? "" : k->value, err));
    }
    return drop_unwritten(p, changes, err);
}

/* ---- delimiter ---- */

static void note_bytes(const char *text, bool *inside, bool *at_end)
{
    const size_t n = strlen(text);
    for (size_t i = 0; i < n; i++)
        inside[(unsigned char)text[i]] = true;
    at_end[(unsigned char)text[0]] = at_end[(unsigned char)text[n - 1]] = true;
}

/* A delimiter at the beginning or end of a text cannot be told from one between texts. */
static stroma_status choose_delimiter(const pairs *p, char asked, char *out, stroma_error *err)
{
    static const char liked[] = "/|\\!#\x1e\x0c*^~&@%?;:+=<>\"'`_-.,()[]{}$";
    bool inside[256] = { false }, at_end[256] = { false };
    for (size_t i = 0; i < p->len; i++) {
        note_bytes(p->item[i].name, inside, at_end);
        note_bytes(p->item[i].value, inside, at_end);
    }
    *out = asked;
    if (asked != '\0') {
        if ((signed char)asked > 0 && !at_end[(unsigned char)asked]) return STROMA_OK;
        return stroma_fail(err, STROMA_E_USAGE,
                           "delimiter 0x%02x: a text of the file begins or ends with it, or it is "
                           "no ASCII character",
                           (unsigned)(unsigned char)asked);
    }
    for (size_t i = 0; liked[i] != '\0'; i++)
        if (!inside[(unsigned char)liked[i]]) {
            *out = liked[i];
            return STROMA_OK;
        }
    for (size_t i = 0; liked[i] != '\0'; i++)
        if (!at_end[(unsigned char)liked[i]]) {
            *out = liked[i];
            return STROMA_OK;
        }
    return stroma_fail(err, STROMA_E_USAGE,
                       "the texts of the file begin or end with every character that could "
                       "separate them");
}

static void put_text(stroma_buffer *b, const char *text, char delimiter)
{
    for (const char *at; (at = strchr(text, delimiter)) != NULL; text = at + 1) {
        stroma_buffer_append(b, text, (size_t)(at - text) + 1);
        stroma_buffer_putc(b, delimiter);
    }
    stroma_buffer_puts(b, text);
    stroma_buffer_putc(b, delimiter);
}

/* ---- offsets ---- */

static int digits(uint64_t x)
{
    int n = 1;
    for (; x >= 10; x /= 10)
        n++;
    return n;
}

static void put_offset(stroma_buffer *b, const char *name, uint64_t x, int width, char delimiter)
{
    char text[32], reversed[32];
    int n = 0;
    for (; n < width || x > 0; x /= 10)
        reversed[n++] = (char)('0' + (int)(x % 10));
    for (int i = 0; i < n; i++)
        text[i] = reversed[n - 1 - i];
    text[n] = '\0';
    put_text(b, name, delimiter);
    put_text(b, text, delimiter);
}

/* TEXT with offsets of @p width digits, and where everything then stands. DATA begin at a multiple
 * of 64 bytes from the data set's begin, so that columns can be taken from a mapped file. */
static void lay_out(const pairs *p, const fcs_segments *known, uint64_t data_bytes, bool last,
                    int width, char delimiter, stroma_buffer *text, fcs_segments *out)
{
    stroma_buffer_reset(text);
    stroma_buffer_putc(text, delimiter);
    put_offset(text, "$BEGINANALYSIS", 0, 1, delimiter);
    put_offset(text, "$ENDANALYSIS", 0, 1, delimiter);
    put_offset(text, "$BEGINSTEXT", 0, 1, delimiter);
    put_offset(text, "$ENDSTEXT", 0, 1, delimiter);
    put_offset(text, "$BEGINDATA", known->data_begin, data_bytes == 0 ? 1 : width, delimiter);
    put_offset(text, "$ENDDATA", known->data_end, data_bytes == 0 ? 1 : width, delimiter);
    put_offset(text, "$NEXTDATA", known->next, last ? 1 : width, delimiter);
    for (size_t i = 0; i < p->len; i++) {
        put_text(text, p->item[i].name, delimiter);
        put_text(text, p->item[i].value, delimiter);
    }
    const uint64_t after =
        (HEADER_BYTES + text->len + DATA_ALIGNMENT - 1) / DATA_ALIGNMENT * DATA_ALIGNMENT;
    *out = (fcs_segments){ .text_begin = after - text->len, .text_end = after - 1 };
    if (data_bytes > 0) {
        out->data_begin = after;
        out->data_end = after + data_bytes - 1;
    }
    out->size = after + data_bytes + CRC_BYTES;
    if (last) return;
    out->size = (out->size + DATA_ALIGNMENT - 1) / DATA_ALIGNMENT * DATA_ALIGNMENT;
    out->next = out->size;
}

static stroma_status finish(const pairs *p, uint64_t data_bytes, bool last, char delimiter,
                            stroma_buffer *text, fcs_segments *out, stroma_error *err)
{
    /* The offsets' digits lengthen the text that the offsets count. Digits only ever grow. */
    *out = (fcs_segments){ 0 };
    for (int width = 1;;) {
        const fcs_segments known = *out;
        lay_out(p, &known, data_bytes, last, width, delimiter, text, out);
        STROMA_TRY(stroma_buffer_status(text, err));
        const int d = digits(out->data_end > out->next ? out->data_end : out->next);
        if (d <= width && known.data_begin == out->data_begin && known.data_end == out->data_end &&
            known.next == out->next)
            break;
        if (d > width) width = d;
    }
    if (out->text_end <= TEXT_BYTES_MAX) return STROMA_OK;
    return stroma_fail(err, STROMA_E_USAGE,
                       "the keywords take %llu bytes; the format has place for %d",
                       (unsigned long long)text->len, TEXT_BYTES_MAX);
}

stroma_status fcs_make_text(const stroma_fcs_content *c, uint64_t data_bytes, bool last,
                            const stroma_fcs_write_options *o, stroma_buffer *text,
                            fcs_segments *out, stroma_fcs_changes *changes, stroma_error *err)
{
    pairs p = { 0 };
    char delimiter = '\0';
    stroma_arena_init(&p.texts, (size_t)256 << 20);
    stroma_status s = collect(c, o, &p, changes, err);
    if (s == STROMA_OK) s = choose_delimiter(&p, o->delimiter, &delimiter, err);
    if (s == STROMA_OK) s = finish(&p, data_bytes, last, delimiter, text, out, err);
    stroma_free(p.item);
    stroma_arena_clear(&p.texts);
    return s;
}
