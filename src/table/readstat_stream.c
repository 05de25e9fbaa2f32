/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "readstat_stream.h"

#include "reader_common.h"
#include "readstat_helper/stream.h"
#include "sas_format.h"
#include "text_decode.h"

#include "stroma/utf8.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { LABELS_MAX = 1000000 };
#define LABEL_BYTES_MAX ((size_t)256 << 20)

/* The body of one record. Reading past its end sets `short_`, and gives zeros. */
typedef struct body {
    const unsigned char *p;
    size_t n;
    bool too_short;
} body;

void rs_stream_init(rs_stream *s, const char *file, rs_family family,
                    const stroma_table_read_options *opts, stroma_diag *diag)
{
    *s = (rs_stream){ .file = file, .family = family, .opts = opts, .diag = diag };
    stroma_buffer_init(&s->waiting, (size_t)RS_RECORD_MAX * 2 + RS_MAGIC_LEN);
    stroma_buffer_init(&s->text, (size_t)RS_RECORD_MAX * 4);
    stroma_arena_init(&s->labels.arena, LABEL_BYTES_MAX);
}

void rs_stream_clear(rs_stream *s)
{
    stroma_table_free(s->t);
    stroma_buffer_clear(&s->waiting);
    stroma_buffer_clear(&s->text);
    stroma_free(s->variables);
    stroma_free(s->labels.items);
    stroma_arena_clear(&s->labels.arena);
}

stroma_table *rs_stream_take(rs_stream *s)
{
    stroma_table *t = s->t;
    s->t = NULL;
    return t;
}

static stroma_status broken(stroma_error *err, const char *what)
{
    (void)stroma_fail(err, STROMA_E_MALFORMED, "the helper program sent %s", what);
    stroma_hint(err, "the file may be crafted to attack its reader; do not trust it");
    return STROMA_E_MALFORMED;
}

static void take(body *b, void *out, size_t n)
{
    if (b->n < n) {
        b->too_short = true;
        b->n = 0;
        memset(out, 0, n);
        return;
    }
    memcpy(out, b->p, n);
    b->p += n;
    b->n -= n;
}

static uint8_t take_u8(body *b)
{
    uint8_t x;
    take(b, &x, sizeof x);
    return x;
}

static double take_f64(body *b)
{
    double x;
    take(b, &x, sizeof x);
    return x;
}

/* A text inside the body; not terminated. */
static const unsigned char *take_text(body *b, size_t *n)
{
    uint32_t len;
    take(b, &len, sizeof len);
    if (len > b->n) {
        b->too_short = true;
        len = 0;
    }
    const unsigned char *p = b->p;
    b->p += len;
    b->n -= len;
    *n = len;
    return p;
}

/* A text as UTF-8 in s->text. Files that do not name their encoding come as they are. */
static const char *decode(rs_stream *s, const unsigned char *p, size_t n)
{
    text_survey survey = { 0 };
    text_survey_add(&survey, p, n);
    if (survey.not_utf8 && !s->recoded) {
        s->recoded = true;
        reader_find(s->diag, s->file, "STROMA-STAT-001", STROMA_NOTE, NULL,
                    "some texts are not UTF-8; they are read as Windows-1252");
    }
    stroma_buffer_reset(&s->text);
    if (n > 0) text_decode(&survey, p, n, &s->text);
    return s->text.data == NULL || s->text.len == 0 ? "" : s->text.data;
}

static stroma_status keep_text(rs_stream *s, body *b, const char **out, stroma_error *err)
{
    size_t n = 0;
    const unsigned char *p = take_text(b, &n);
    *out = NULL;
    if (n == 0 || b->too_short) return STROMA_OK;
    const char *text = decode(s, p, n);
    STROMA_TRY(stroma_buffer_status(&s->text, err));
    return stroma_table_keep(s->t, text, out, err);
}

static stroma_status on_metadata(rs_stream *s, body *b, stroma_error *err)
{
    int64_t rows;
    uint32_t n;
    if (s->has_metadata) return broken(err, "its description of the file twice");
    take(b, &rows, sizeof rows);
    take(b, &n, sizeof n);
    s->has_metadata = true;
    s->variables_declared = n;
    STROMA_TRY(stroma_table_new(s->opts->max_bytes, &s->t, err));
    STROMA_TRY(keep_text(s, b, &s->t->label, err));
    return keep_text(s, b, &s->t->name, err);
}

static stroma_column_type type_of(const rs_stream *s, const char *format)
{
    switch (s->family) {
    case RS_SAS: return sas_format_type(format);
    case RS_SPSS: return spss_format_type(format);
    case RS_STATA: break;
    }
    return stata_format_type(format);
}

/* SAS formats end in a dot, which ReadStat leaves off. */
static stroma_status complete_format(const rs_stream *s, const char **format, stroma_error *err)
{
    char text[300];
    if (s->family != RS_SAS || *format == NULL || strchr(*format, '.') != NULL) return STROMA_OK;
    (void)snprintf(text, sizeof text, "%s.", *format);
    return stroma_table_keep(s->t, text, format, err);
}

static stroma_status on_variable(rs_stream *s, body *b, stroma_error *err)
{
    if (s->t == NULL || s->variables_len >= s->variables_declared || s->t->rows_len > 0)
        return broken(err, "a variable where none belongs");
    STROMA_TRY(stroma_grow(&s->variables, &s->variables_capacity, s->variables_len + 1,
                           sizeof *s->variables, err));
    rs_variable *v = &s->variables[s->variables_len];
    const char *name, *label, *format;
    *v = (rs_variable){ .is_text = take_u8(b) == 1, .column = SIZE_MAX };
    STROMA_TRY(keep_text(s, b, &name, err));
    STROMA_TRY(keep_text(s, b, &label, err));
    STROMA_TRY(keep_text(s, b, &format, err));
    STROMA_TRY(keep_text(s, b, &v->set, err));
    if (b->too_short) return STROMA_OK; /* the caller reports it */
    if (name == NULL) return broken(err, "a variable without a name");
    s->variables_len++;
    if (!reader_keeps(s->opts, name)) return STROMA_OK;
    const stroma_status st = stroma_table_add_column(
        s->t, name, v->is_text ? STROMA_COLUMN_TEXT : type_of(s, format), &v->column, err);
    if (st == STROMA_E_USAGE) /* two variables of one name */
        return err == NULL ? STROMA_E_MALFORMED : (err->status = STROMA_E_MALFORMED);
    STROMA_TRY(st);
    s->t->columns[v->column].label = label;
    STROMA_TRY(complete_format(s, &format, err));
    s->t->columns[v->column].format = format;
    return STROMA_OK;
}

static const char *keep_label_text(rs_stream *s, body *b)
{
    size_t n = 0;
    const unsigned char *p = take_text(b, &n);
    return stroma_arena_strdup(&s->labels.arena, decode(s, p, n));
}

static stroma_status on_label(rs_stream *s, body *b, stroma_error *err)
{
    rs_label l = { 0 };
    if (s->labels.len >= LABELS_MAX) return broken(err, "more than a million value labels");
    l.set = keep_label_text(s, b);
    const uint8_t key = take_u8(b);
    if (key == RS_KEY_NUMBER)
        l.label.number = take_f64(b);
    else if (key == RS_KEY_TEXT)
        l.label.text = keep_label_text(s, b);
    else if (key == RS_KEY_TAG)
        l.label.tag = (char)take_u8(b);
    else
        return broken(err, "a value label of an unknown kind");
    l.label.label = keep_label_text(s, b);
    if (l.set == NULL || l.label.label == NULL || (key == RS_KEY_TEXT && l.label.text == NULL))
        return broken(err, "more value labels than fit 256 MiB");
    STROMA_TRY(stroma_grow(&s->labels.items, &s->labels.capacity, s->labels.len + 1,
                           sizeof *s->labels.items, err));
    s->labels.items[s->labels.len++] = l;
    return STROMA_OK;
}

static double table_number(const rs_stream *s, double x, stroma_column_type type)
{
    switch (s->family) {
    case RS_SAS: return sas_number_to_table(x, type);
    case RS_SPSS: return spss_number_to_table(x, type);
    case RS_STATA: break;
    }
    return stata_number_to_table(x, type);
}

static bool good_tag(uint8_t tag)
{
    return (tag >= 'a' && tag <= 'z') || tag == '_';
}

static stroma_status set_number(rs_stream *s, const rs_variable *v, size_t row, body *b,
                                stroma_error *err)
{
    const uint8_t state = take_u8(b);
    double x = 0;
    uint8_t tag = 0;
    switch (state) {
    case RS_PRESENT:
    case RS_DECLARED: x = take_f64(b); break;
    case RS_TAGGED: tag = take_u8(b); break;
    case RS_MISSING: break;
    default: return broken(err, "a number in an unknown state");
    }
    if (b->too_short || v->column == SIZE_MAX) return STROMA_OK;
    if (state == RS_PRESENT)
        reader_set_number(s->t, v->column, row, table_number(s, x, s->t->columns[v->column].type),
                          s->diag, s->file);
    else if (state == RS_TAGGED && !good_tag(tag))
        return broken(err, "a tag of a missing value that is no letter");
    else if (state == RS_TAGGED)
        return stroma_table_set_tag(s->t, v->column, row, (char)tag, err);
    return STROMA_OK; /* missing, as rows start */
}

static stroma_status set_text(rs_stream *s, const rs_variable *v, size_t row, body *b,
                              stroma_error *err)
{
    const uint8_t state = take_u8(b);
    size_t n = 0;
    const unsigned char *p = NULL;
    if (state == RS_PRESENT || state == RS_DECLARED)
        p = take_text(b, &n);
    else if (state != RS_MISSING)
        return broken(err, "a text in an unknown state");
    if (b->too_short || v->column == SIZE_MAX || state != RS_PRESENT) return STROMA_OK;
    const char *text = decode(s, p, text_trimmed(p, n));
    STROMA_TRY(stroma_buffer_status(&s->text, err));
    return reader_set_text(s->t, v->column, row, text, s->text.len, s->opts, err);
}

static stroma_status on_row(rs_stream *s, body *b, stroma_error *err)
{
    if (s->t == NULL || s->variables_len != s->variables_declared || s->variables_len == 0)
        return broken(err, "a row before all variables");
    const size_t row = s->t->rows_len;
    STROMA_TRY(stroma_table_add_rows(s->t, 1, err));
    s->t->source_rows[row] = (int64_t)row + 1;
    for (size_t i = 0; i < s->variables_len && !b->too_short; i++) {
        const rs_variable *v = &s->variables[i];
        STROMA_TRY(v->is_text ? set_text(s, v, row, b, err) : set_number(s, v, row, b, err));
    }
    return STROMA_OK;
}

static stroma_status on_end(rs_stream *s, body *b, stroma_error *err)
{
    uint64_t rows;
    take(b, &rows, sizeof rows);
    s->ended = true;
    const size_t got = s->t == NULL ? 0 : s->t->rows_len;
    if (!b->too_short && rows != got) return broken(err, "another number of rows than it counted");
    return STROMA_OK;
}

/* What ReadStat says about a file that it cannot read. */
static stroma_status on_failure(rs_stream *s, body *b, stroma_error *err)
{
    size_t n = 0;
    const unsigned char *p = take_text(b, &n);
    char text[200];
    const char *message = decode(s, p, n < sizeof text ? n : sizeof text - 1);
    (void)snprintf(text, sizeof text, "%s", message);
    for (char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < ' ') *c = ' ';
    if (text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a' && text[1] <= 'z') text[0] += 32;
    (void)stroma_fail(err, STROMA_E_MALFORMED, "the file cannot be read: %s", text);
    stroma_hint(err, "the file is damaged or cut short, or a kind that ReadStat does not know; "
                     "export the data again, or as CSV");
    return STROMA_E_MALFORMED;
}

static stroma_status on_record(rs_stream *s, char letter, body *b, stroma_error *err)
{
    stroma_status st = STROMA_OK;
    switch (letter) {
    case 'M': st = on_metadata(s, b, err); break;
    case 'V': st = on_variable(s, b, err); break;
    case 'L': st = on_label(s, b, err); break;
    case 'R': st = on_row(s, b, err); break;
    case 'E': st = on_end(s, b, err); break;
    case 'X': return on_failure(s, b, err);
    default: return broken(err, "a record of an unknown kind");
    }
    STROMA_TRY(st);
    if (b->too_short) return broken(err, "a record that is too short");
    if (b->n > 0) return broken(err, "a record that is too long");
    return STROMA_OK;
}

/* One record from the waiting bytes. @p done: there is not a whole one. */
static stroma_status next_record(rs_stream *s, bool *done, stroma_error *err)
{
    const unsigned char *p = (const unsigned char *)s->waiting.data + s->at;
    const size_t left = s->waiting.len - s->at;
    *done = true;
    if (!s->greeted) {
        if (left < RS_MAGIC_LEN) return STROMA_OK;
        if (memcmp(p, RS_MAGIC, RS_MAGIC_LEN) != 0)
            return broken(err, "no greeting of its version");
        s->greeted = true;
        s->at += RS_MAGIC_LEN;
        *done = false;
        return STROMA_OK;
    }
    if (left == 0) return STROMA_OK;
    if (s->ended) return broken(err, "something after its end record");
    if (left < RS_HEAD_LEN) return STROMA_OK;
    uint32_t len;
    memcpy(&len, p + 1, sizeof len);
    if (len > RS_RECORD_MAX) return broken(err, "a record longer than 64 MiB");
    if (left - RS_HEAD_LEN < len) return STROMA_OK;
    body b = { p + RS_HEAD_LEN, len, false };
    s->at += RS_HEAD_LEN + (size_t)len;
    *done = false;
    return on_record(s, (char)p[0], &b, err);
}

stroma_status rs_stream_feed(rs_stream *s, const void *data, size_t n, stroma_error *err)
{
    const unsigned char *p = data;
    while (n > 0) {
        const size_t piece = n < RS_RECORD_MAX ? n : RS_RECORD_MAX;
        stroma_buffer_append(&s->waiting, p, piece);
        STROMA_TRY(stroma_buffer_status(&s->waiting, err));
        p += piece;
        n -= piece;
        for (bool done = false; !done;)
            STROMA_TRY(next_record(s, &done, err));
        const size_t rest = s->waiting.len - s->at;
        if (s->at > 0 && rest > 0) memmove(s->waiting.data, s->waiting.data + s->at, rest);
        s->waiting.len = rest;
        s->at = 0;
    }
    return STROMA_OK;
}

stroma_status rs_stream_check_end(const rs_stream *s, stroma_error *err)
{
    if (!s->ended || s->waiting.len > 0) return broken(err, "only a part of the table");
    if (s->t == NULL) return broken(err, "no table");
    if (s->variables_len != s->variables_declared)
        return broken(err, "fewer variables than it declared");
    return reader_check_keep(s->opts, s->t, err);
}

/* "$GENDER6." and "$GENDER": a catalog holds the name without width. */
static bool same_set(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    while (n > 0 && (a[n - 1] == '.' || (a[n - 1] >= '0' && a[n - 1] <= '9')))
        n--;
    while (m > 0 && (b[m - 1] == '.' || (b[m - 1] >= '0' && b[m - 1] <= '9')))
        m--;
    return n == m && n > 0 && strncasecmp(a, b, n) == 0;
}

stroma_status rs_stream_apply_labels(rs_stream *s, const rs_labels *labels, stroma_error *err)
{
    const bool catalog = labels != &s->labels;
    size_t put = 0;
    for (size_t i = 0; i < s->variables_len; i++) {
        const rs_variable *v = &s->variables[i];
        if (v->column == SIZE_MAX || v->set == NULL) continue;
        for (size_t k = 0; k < labels->len; k++) {
            const rs_label *l = &labels->items[k];
            if (catalog ? !same_set(l->set, v->set) : strcmp(l->set, v->set) != 0) continue;
            if (v->is_text != (l->label.text != NULL)) continue;
            if (++put > LABELS_MAX) return broken(err, "more than a million value labels");
            STROMA_TRY(stroma_table_add_value_label(s->t, v->column, &l->label, err));
        }
    }
    return STROMA_OK;
}
