/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SAS transport files, versions 5 and 8, to a table. */
#include "reader.h"
#include "reader_common.h"
#include "reader_types.h"
#include "sas_format.h"
#include "text_decode.h"
#include "xpt_layout.h"
#include "xpt_number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TEXT_LIMIT ((size_t)1 << 20)

typedef struct xpt_read {
    const char *file;
    const unsigned char *data;
    const stroma_table_read_options *opts;
    stroma_diag *diag;
    stroma_table *t;
    const xpt_member *m;
    xpt_variable *v;
    size_t *column; /* of variable i, SIZE_MAX when it is not kept */
    size_t row_bytes, rows;
    text_survey survey;
    stroma_buffer text;
} xpt_read;

/* One text of the file as UTF-8 in r->text. */
static const char *decode(xpt_read *r, const unsigned char *p, size_t n)
{
    stroma_buffer_reset(&r->text);
    text_decode(&r->survey, p, n, &r->text);
    return r->text.data == NULL ? "" : r->text.data;
}

static const unsigned char *cell(const xpt_read *r, size_t row, const xpt_variable *v)
{
    return r->data + r->m->first + row * r->row_bytes + v->position;
}

/* The encoding is not written in the file: look at every text once, then decide for all. */
static void survey_texts(xpt_read *r)
{
    const xpt_member *m = r->m;
    text_survey_add(&r->survey, m->name.p, m->name.n);
    text_survey_add(&r->survey, m->label.p, m->label.n);
    for (size_t i = 0; i < m->n_variables; i++) {
        const xpt_variable *v = &r->v[i];
        text_survey_add(&r->survey, v->name.p, v->name.n);
        text_survey_add(&r->survey, v->label.p, v->label.n);
        if (!v->is_text) continue;
        for (size_t row = 0; row < r->rows; row++) {
            const unsigned char *p = cell(r, row, v);
            text_survey_add(&r->survey, p, text_trimmed(p, v->width));
        }
    }
    if (r->survey.not_utf8)
        reader_find(r->diag, r->file, "STROMA-XPT-002", STROMA_NOTE, NULL,
                    "texts are not UTF-8; they are read as Windows-1252");
    else if (r->survey.cut)
        reader_find(r->diag, r->file, "STROMA-XPT-003", STROMA_WARNING, NULL,
                    "some texts end inside a UTF-8 character; the broken character is left off");
}

/* "DATE" 9 0 → "DATE9."; "F" 8 2 → "F8.2". */
static const char *format_text(const xpt_variable *v, char *out, size_t size)
{
    char name[XPT_FORMAT_MAX * 2] = "";
    const size_t n = v->format.n < sizeof name ? v->format.n : sizeof name - 1;
    for (size_t i = 0; i < n; i++)
        name[i] = v->format.p[i] >= ' ' && v->format.p[i] < 0x7F ? (char)v->format.p[i] : '?';
    if (n > 0 && memchr(name, '.', n) != NULL)
        (void)snprintf(out, size, "%s", name); /* LABELV9 gives the whole format */
    else if (v->format_width > 0 && v->format_decimals > 0)
        (void)snprintf(out, size, "%s%d.%d", name, v->format_width, v->format_decimals);
    else if (v->format_width > 0)
        (void)snprintf(out, size, "%s%d.", name, v->format_width);
    else if (n > 0)
        (void)snprintf(out, size, "%s.", name);
    else
        return NULL;
    return out;
}

static stroma_status add_column(xpt_read *r, size_t i, stroma_error *err)
{
    const xpt_variable *v = &r->v[i];
    char format[XPT_FORMAT_MAX * 3];
    const char *name = decode(r, v->name.p, v->name.n);
    r->column[i] = SIZE_MAX;
    if (!reader_keeps(r->opts, name)) return STROMA_OK;
    const char *f = format_text(v, format, sizeof format);
    const stroma_column_type type = v->is_text ? STROMA_COLUMN_TEXT : sas_format_type(f);
    STROMA_TRY(stroma_table_add_column(r->t, name, type, &r->column[i], err));
    stroma_table_column *c = &r->t->columns[r->column[i]];
    STROMA_TRY(stroma_table_keep(r->t, f, &c->format, err));
    if (v->label.n > 0)
        STROMA_TRY(stroma_table_keep(r->t, decode(r, v->label.p, v->label.n), &c->label, err));
    return STROMA_OK;
}

static stroma_status add_columns(xpt_read *r, stroma_error *err)
{
    const xpt_member *m = r->m;
    if (m->name.n > 0)
        STROMA_TRY(stroma_table_keep(r->t, decode(r, m->name.p, m->name.n), &r->t->name, err));
    if (m->label.n > 0)
        STROMA_TRY(stroma_table_keep(r->t, decode(r, m->label.p, m->label.n), &r->t->label, err));
    r->column = stroma_alloc_array(m->n_variables, sizeof *r->column);
    if (r->column == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < m->n_variables; i++) {
        const stroma_status s = add_column(r, i, err);
        if (s == STROMA_E_USAGE) /* two variables of one name: the file is wrong, not the request */
            return err == NULL ? STROMA_E_MALFORMED : (err->status = STROMA_E_MALFORMED);
        if (s != STROMA_OK) return s;
    }
    return reader_check_keep(r->opts, r->t, err);
}

static stroma_status fill_numbers(xpt_read *r, const xpt_variable *v, size_t column,
                                  stroma_error *err)
{
    const stroma_column_type type = r->t->columns[column].type;
    for (size_t row = 0; row < r->rows; row++) {
        double x = 0;
        const char tag = xpt_number(cell(r, row, v), v->width, &x);
        if (tag == '.') continue; /* rows start missing */
        if (tag != 0)
            STROMA_TRY(stroma_table_set_tag(r->t, column, row, tag, err));
        else
            reader_set_number(r->t, column, row, sas_number_to_table(x, type), r->diag, r->file);
    }
    return STROMA_OK;
}

static stroma_status fill_texts(xpt_read *r, const xpt_variable *v, size_t column,
                                stroma_error *err)
{
    for (size_t row = 0; row < r->rows; row++) {
        const unsigned char *p = cell(r, row, v);
        const size_t n = text_trimmed(p, v->width);
        if (n == 0) continue;
        (void)decode(r, p, n);
        STROMA_TRY(stroma_buffer_status(&r->text, err));
        STROMA_TRY(reader_set_text(r->t, column, row, r->text.data, r->text.len, r->opts, err));
    }
    return STROMA_OK;
}

static stroma_status read_rows(xpt_read *r, stroma_error *err)
{
    STROMA_TRY(stroma_table_add_rows(r->t, r->rows, err));
    for (size_t row = 0; row < r->rows; row++)
        r->t->source_rows[row] = (int64_t)row + 1;
    for (size_t i = 0; i < r->m->n_variables; i++) {
        if (r->column[i] == SIZE_MAX) continue;
        STROMA_TRY(r->v[i].is_text ? fill_texts(r, &r->v[i], r->column[i], err)
                                   : fill_numbers(r, &r->v[i], r->column[i], err));
    }
    return STROMA_OK;
}

static stroma_status read_member(xpt_read *r, stroma_error *err)
{
    bool padded = true, in_order = true;
    STROMA_TRY(xpt_variables(r->m, &r->v, &r->row_bytes, &in_order, err));
    if (!in_order)
        reader_find(r->diag, r->file, "STROMA-XPT-005", STROMA_NOTE, NULL,
                    "the variable records name positions that are not those of their order; the "
                    "values are read in the order of the variables");
    STROMA_TRY(xpt_count_rows(r->m, r->data, r->row_bytes, &r->rows, &padded, err));
    if (!padded)
        reader_find(r->diag, r->file, "STROMA-XPT-004", STROMA_WARNING, NULL,
                    "the last record is not filled to 80 bytes, as the format asks");
    survey_texts(r);
    STROMA_TRY(stroma_table_new(r->opts->max_bytes, &r->t, err));
    STROMA_TRY(add_columns(r, err));
    return read_rows(r, err);
}

static bool name_is(const xpt_member *m, const char *name)
{
    return strlen(name) == m->name.n && strncasecmp((const char *)m->name.p, name, m->name.n) == 0;
}

static void list_names(const xpt_member *members, size_t n, char *out, size_t size)
{
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < n && at < size; i++) {
        const int k = snprintf(out + at, size - at, "%s%.*s", i == 0 ? "" : ", ",
                               (int)members[i].name.n, (const char *)members[i].name.p);
        if (k > 0) at += (size_t)k;
    }
}

static stroma_status choose(const xpt_read *r, const xpt_member *members, size_t n,
                            const xpt_member **out, stroma_error *err)
{
    char names[200], text[300];
    const char *wanted = r->opts->member;
    *out = &members[0];
    if (wanted == NULL) {
        if (n == 1) return STROMA_OK;
        list_names(members, n, names, sizeof names);
        (void)snprintf(text, sizeof text, "the file holds %zu data sets (%s); the first is read", n,
                       names);
        reader_find(r->diag, r->file, "STROMA-XPT-001", STROMA_WARNING, NULL, text);
        return STROMA_OK;
    }
    for (size_t i = 0; i < n; i++)
        if (name_is(&members[i], wanted)) {
            *out = &members[i];
            return STROMA_OK;
        }
    list_names(members, n, names, sizeof names);
    (void)stroma_fail(err, STROMA_E_USAGE, "there is no data set \"%s\" in the file", wanted);
    stroma_hint(err, "it holds %s", names);
    return STROMA_E_USAGE;
}

static int detect(const stroma_reader_input *in, char why[STROMA_WHY_MAX])
{
    const bool yes = xpt_detect(in->data, in->size);
    (void)snprintf(why, STROMA_WHY_MAX,
                   yes ? "starts with a library header record" : "no library header record");
    return yes ? 100 : 0;
}

static stroma_status read_xpt(const stroma_reader_input *in, const stroma_table_read_options *opts,
                              stroma_table **out, stroma_diag *diag, stroma_error *err)
{
    *out = NULL;
    if (!xpt_detect(in->data, in->size))
        return stroma_fail(err, STROMA_E_MALFORMED, "no library header record at the start");
    xpt_read r = { .file = in->name, .data = in->data, .opts = opts, .diag = diag };
    stroma_buffer_init(&r.text, TEXT_LIMIT);
    xpt_member *members = NULL;
    size_t n = 0;
    STROMA_TRY(xpt_members(in->data, in->size, &members, &n, err));
    stroma_status s = choose(&r, members, n, &r.m, err);
    if (s == STROMA_OK) s = read_member(&r, err);
    if (s == STROMA_OK) s = reader_apply_types(r.t, opts, in->name, diag, err);
    if (s != STROMA_OK && n > 1 && r.m != NULL)
        s = stroma_in(err, s, "data set \"%.*s\"", (int)r.m->name.n, (const char *)r.m->name.p);
    stroma_free(r.v);
    stroma_free(r.column);
    stroma_buffer_clear(&r.text);
    stroma_free(members);
    if (s != STROMA_OK) {
        stroma_table_free(r.t);
        return s;
    }
    *out = r.t;
    return STROMA_OK;
}

const stroma_reader stroma_xpt_reader = {
    .name = "xpt", .extensions = ".xpt .xport .stx ", .detect = detect, .read = read_xpt
};
