/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CDISC Dataset-JSON 1.1 to a table: one JSON document (.json), one value a line (.ndjson), or
 * either of them compressed (.dsjc). Rows are parsed one at a time. */
#include "datasetjson_columns.h"
#include "datasetjson_scan.h"
#include "inflate.h"
#include "reader.h"
#include "reader_common.h"
#include "reader_types.h"

#include "stroma/date.h"
#include "stroma/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LOOK_BYTES = 65536 };
/* Whole numbers beyond this are not all doubles. */
#define EXACT_MAX ((json_int_t)1 << 53)

typedef struct dsj_read {
    const char *file;
    const stroma_table_read_options *opts;
    stroma_diag *diag;
    stroma_table *t;
    json_t *head; /* the document without its rows */
    dsj_column *columns;
    size_t columns_len;
    bool lines;     /* NDJSON */
    json_scan rows; /* at the first row */
    bool again;     /* some date column has to become text: read once more */
} dsj_read;

static stroma_status load(json_piece piece, json_t **out, stroma_error *err)
{
    json_error_t e;
    *out = json_loadb(piece.p, piece.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
    if (*out != NULL) return STROMA_OK;
    return stroma_fail(err, STROMA_E_MALFORMED, "not valid JSON: %s (byte %d of the value)", e.text,
                       e.position);
}

static stroma_status broken_at(const json_scan *s, const char *what, stroma_error *err)
{
    const int64_t line = json_line(s);
    (void)stroma_fail_at(err, STROMA_E_MALFORMED, line, 0, "%s", what);
    if (err != NULL) err->offset = json_offset(s);
    return STROMA_E_MALFORMED;
}

static bool key_is(json_piece k, const char *name)
{
    const size_t n = strlen(name);
    return k.n == n + 2 && memcmp(k.p + 1, name, n) == 0;
}

/* The top-level object: every value but "rows" goes into head, "rows" is left where it stands. */
static stroma_status read_head(dsj_read *r, json_scan *s, json_piece *rows, stroma_error *err)
{
    *rows = (json_piece){ NULL, 0 };
    r->head = json_object();
    if (r->head == NULL) return stroma_no_memory(err);
    if (!json_accept(s, '{')) return broken_at(s, "the file does not start with \"{\"", err);
    while (!json_accept(s, '}')) {
        json_piece key, value;
        if (json_object_size(r->head) + (rows->p != NULL) > 0 && !json_accept(s, ','))
            return broken_at(s, "expected \",\" or \"}\"", err);
        json_skip_blanks(s);
        if (s->at == s->end || *s->at != '"' || !json_next_value(s, &key))
            return broken_at(s, "expected a name in quotes", err);
        if (!json_accept(s, ':')) return broken_at(s, "expected \":\"", err);
        json_skip_blanks(s);
        if (!json_next_value(s, &value))
            return broken_at(s, "a value is missing or the file ends inside it", err);
        if (key_is(key, "rows")) {
            if (rows->p != NULL) return broken_at(s, "\"rows\" stands there twice", err);
            *rows = value;
            continue;
        }
        json_t *name = NULL, *j = NULL;
        STROMA_TRY(load(key, &name, err));
        stroma_status st = load(value, &j, err);
        if (st != STROMA_OK)
            st = stroma_in(err, st, "\"%s\"", json_string_value(name));
        else if (json_object_get(r->head, json_string_value(name)) != NULL)
            st = stroma_fail(err, STROMA_E_MALFORMED, "\"%s\" stands there twice",
                             json_string_value(name));
        if (st == STROMA_OK && json_object_set(r->head, json_string_value(name), j) != 0)
            st = stroma_no_memory(err);
        json_decref(j);
        json_decref(name);
        STROMA_TRY(st);
    }
    return STROMA_OK;
}

static stroma_status check_version(const dsj_read *r, stroma_error *err)
{
    const char *v = json_string_value(json_object_get(r->head, "datasetJSONVersion"));
    if (json_object_get(r->head, "clinicalData") != NULL ||
        json_object_get(r->head, "referenceData") != NULL) {
        (void)stroma_fail(err, STROMA_E_MALFORMED, "this is Dataset-JSON 1.0; 1.1 can be read");
        stroma_hint(err, "export it again as Dataset-JSON 1.1");
        return STROMA_E_MALFORMED;
    }
    if (v == NULL) {
        (void)stroma_fail(err, STROMA_E_MALFORMED,
                          "this JSON file has no datasetJSONVersion: it is not Dataset-JSON");
        return STROMA_E_MALFORMED;
    }
    if (strncmp(v, "1.1", 3) != 0 || (v[3] != '\0' && v[3] != '.'))
        return stroma_fail(err, STROMA_E_MALFORMED,
                           "Dataset-JSON version \"%s\" is not known; 1.1 can be read", v);
    return STROMA_OK;
}

static stroma_status add_columns(dsj_read *r, stroma_error *err)
{
    for (size_t i = 0; i < r->columns_len; i++) {
        dsj_column *d = &r->columns[i];
        d->idx = SIZE_MAX;
        if (!reader_keeps(r->opts, d->name)) continue;
        const stroma_status s =
            stroma_table_add_column(r->t, d->name, dsj_column_type(d), &d->idx, err);
        if (s == STROMA_E_USAGE)
            return err == NULL ? STROMA_E_MALFORMED : (err->status = STROMA_E_MALFORMED);
        STROMA_TRY(s);
        stroma_table_column *c = &r->t->columns[d->idx];
        STROMA_TRY(stroma_table_keep(r->t, d->label, &c->label, err));
        STROMA_TRY(stroma_table_keep(r->t, d->format, &c->format, err));
        if (d->kind != DSJ_BOOLEAN) continue;
        const stroma_value_label no = { .number = 0, .label = "false" };
        const stroma_value_label yes = { .number = 1, .label = "true" };
        STROMA_TRY(stroma_table_add_value_label(r->t, d->idx, &no, err));
        STROMA_TRY(stroma_table_add_value_label(r->t, d->idx, &yes, err));
    }
    return reader_check_keep(r->opts, r->t, err);
}

static stroma_status new_table(dsj_read *r, stroma_error *err)
{
    const json_t *h = r->head;
    STROMA_TRY(stroma_table_new(r->opts->max_bytes, &r->t, err));
    STROMA_TRY(
        stroma_table_keep(r->t, json_string_value(json_object_get(h, "name")), &r->t->name, err));
    STROMA_TRY(
        stroma_table_keep(r->t, json_string_value(json_object_get(h, "label")), &r->t->label, err));
    return add_columns(r, err);
}

static const char *kind_of(const json_t *v)
{
    switch (json_typeof(v)) {
    case JSON_STRING: return "a text";
    case JSON_INTEGER:
    case JSON_REAL: return "a number";
    case JSON_TRUE:
    case JSON_FALSE: return "true or false";
    case JSON_OBJECT: return "an object";
    case JSON_ARRAY: return "an array";
    case JSON_NULL: break;
    }
    return "null";
}

static stroma_status wrong_kind(const dsj_column *d, const json_t *v, const char *want,
                                stroma_error *err)
{
    const char *text = json_string_value(v);
    if (text != NULL)
        return stroma_fail(err, STROMA_E_MALFORMED,
                           "column \"%s\" (%s): \"%.60s\" is a text, where %s is expected", d->name,
                           d->type_name, text, want);
    return stroma_fail(err, STROMA_E_MALFORMED, "column \"%s\" (%s): %s, where %s is expected",
                       d->name, d->type_name, kind_of(v), want);
}

static bool parse_moment(dsj_kind kind, const char *s, size_t n, double *out)
{
    stroma_date d;
    stroma_datetime t;
    bool ok = false;
    switch (kind) {
    case DSJ_DATE:
        ok = stroma_date_parse(s, n, &d);
        if (ok) *out = d.days;
        break;
    case DSJ_DATETIME:
        ok = stroma_datetime_parse(s, n, &t);
        if (ok) *out = t.seconds;
        break;
    case DSJ_TIME: ok = stroma_time_parse(s, n, out); break;
    case DSJ_TEXT:
    case DSJ_INTEGER:
    case DSJ_FLOAT:
    case DSJ_DECIMAL:
    case DSJ_BOOLEAN: break;
    }
    return ok;
}

/* A partial date ("2014-05") is allowed by the standard but has no number: the whole column is then
 * kept as text, and the first such value is reported. */
static void keep_as_text(dsj_read *r, dsj_column *d, size_t row, const char *value)
{
    if (d->as_text) return;
    d->as_text = r->again = true;
    const stroma_finding f = {
        .code = "STROMA-DSJ-001",
        .severity = STROMA_WARNING,
        .file = r->file,
        .line = r->t->source_rows[row],
        .column = d->name,
        .value = value,
        .message = "not a complete ISO 8601 value without time zone; the column is kept as text",
    };
    stroma_diag_add(r->diag, &f);
}

static stroma_status set_number(dsj_read *r, dsj_column *d, size_t row, const json_t *v,
                                stroma_error *err)
{
    double x = 0;
    if (json_is_integer(v)) {
        const json_int_t i = json_integer_value(v);
        if (i > EXACT_MAX || i < -EXACT_MAX)
            reader_find(r->diag, r->file, "STROMA-DSJ-003", STROMA_WARNING, d->name,
                        "a whole number beyond 2^53 is rounded");
        x = (double)i;
    } else if (json_is_real(v)) {
        x = json_real_value(v);
        if (d->kind == DSJ_INTEGER && x != trunc(x)) d->n_not_whole++;
    } else if (d->kind != DSJ_DECIMAL || !json_is_string(v)) {
        return wrong_kind(d, v, "a number", err);
    } else if (!stroma_parse_double(json_string_value(v), json_string_length(v), '.', &x)) {
        return wrong_kind(d, v, "a decimal number in quotes", err);
    }
    reader_set_number(r->t, d->idx, row, x, r->diag, r->file);
    return STROMA_OK;
}

static stroma_status set_cell(dsj_read *r, dsj_column *d, size_t row, const json_t *v,
                              stroma_error *err)
{
    if (json_is_null(v)) return STROMA_OK; /* rows start missing */
    const char *s = json_string_value(v);
    const size_t n = json_string_length(v);
    const bool empty = s != NULL && n == 0;
    switch (d->kind) {
    case DSJ_TEXT:
        if (s == NULL) return wrong_kind(d, v, "a text", err);
        return reader_set_text(r->t, d->idx, row, s, n, r->opts, err);
    case DSJ_INTEGER:
    case DSJ_FLOAT:
    case DSJ_DECIMAL: return empty ? STROMA_OK : set_number(r, d, row, v, err);
    case DSJ_BOOLEAN:
        if (!json_is_boolean(v)) return wrong_kind(d, v, "true or false", err);
        stroma_table_set_number(r->t, d->idx, row, json_is_true(v) ? 1 : 0);
        return STROMA_OK;
    case DSJ_DATE:
    case DSJ_DATETIME:
    case DSJ_TIME: break;
    }
    if (s == NULL) return wrong_kind(d, v, "an ISO 8601 text", err);
    if (empty) return STROMA_OK;
    if (r->t->columns[d->idx].type == STROMA_COLUMN_TEXT)
        return reader_set_text(r->t, d->idx, row, s, n, r->opts, err);
    double x = 0;
    if (parse_moment(d->kind, s, n, &x))
        stroma_table_set_number(r->t, d->idx, row, x);
    else
        keep_as_text(r, d, row, s);
    return STROMA_OK;
}

static stroma_status set_row(dsj_read *r, json_piece piece, int64_t source_row, stroma_error *err)
{
    json_t *j = NULL;
    STROMA_TRY(load(piece, &j, err));
    const size_t n = json_array_size(j);
    stroma_status s = STROMA_OK;
    if (!json_is_array(j))
        s = stroma_fail(err, STROMA_E_MALFORMED, "%s, where an array of values is expected",
                        kind_of(j));
    else if (n != r->columns_len)
        s = stroma_fail(err, STROMA_E_MALFORMED, "%zu values, but there are %zu columns", n,
                        r->columns_len);
    const size_t row = r->t->rows_len;
    if (s == STROMA_OK) s = stroma_table_add_rows(r->t, 1, err);
    if (s == STROMA_OK) r->t->source_rows[row] = source_row;
    for (size_t i = 0; i < n && s == STROMA_OK; i++)
        if (r->columns[i].idx != SIZE_MAX)
            s = set_cell(r, &r->columns[i], row, json_array_get(j, i), err);
    json_decref(j);
    return s;
}

static stroma_status read_array(dsj_read *r, stroma_error *err)
{
    json_scan s = r->rows;
    if (s.at == s.end) return STROMA_OK;
    if (!json_accept(&s, '[')) return broken_at(&s, "\"rows\" is not an array", err);
    if (json_accept(&s, ']')) return STROMA_OK;
    for (int64_t row = 1;; row++) {
        json_piece piece;
        if (!json_next_value(&s, &piece)) return broken_at(&s, "expected a row", err);
        const stroma_status st = set_row(r, piece, row, err);
        if (st != STROMA_OK) return stroma_in(err, st, "row %lld", (long long)row);
        if (json_accept(&s, ']')) return STROMA_OK;
        if (!json_accept(&s, ',')) return broken_at(&s, "expected \",\" or \"]\"", err);
    }
}

static stroma_status read_lines(dsj_read *r, stroma_error *err)
{
    int64_t line = json_line(&r->rows);
    for (const char *p = r->rows.at; p < r->rows.end; line++) {
        const size_t left = (size_t)(r->rows.end - p);
        const char *stop = memchr(p, '\n', left);
        json_scan s;
        const size_t n = stop == NULL ? left : (size_t)(stop - p);
        json_scan_init(&s, p, n);
        json_skip_blanks(&s);
        p += n + (stop != NULL);
        if (s.at == s.end) continue;
        const stroma_status st =
            set_row(r, (json_piece){ s.at, (size_t)(s.end - s.at) }, line, err);
        if (st != STROMA_OK) {
            if (err != NULL) err->line = line; /* printed in front of the message */
            return st;
        }
    }
    return STROMA_OK;
}

static stroma_status check_records(const dsj_read *r, stroma_error *err)
{
    const json_t *records = json_object_get(r->head, "records");
    if (!json_is_integer(records) || json_integer_value(records) == (json_int_t)r->t->rows_len)
        return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_MALFORMED, "the file declares %lld records, but has %zu",
                      (long long)json_integer_value(records), r->t->rows_len);
    stroma_hint(err, "the file was cut short or put together by hand: export it again");
    return STROMA_E_MALFORMED;
}

static void report_not_whole(const dsj_read *r)
{
    for (size_t i = 0; i < r->columns_len; i++) {
        const dsj_column *d = &r->columns[i];
        if (d->n_not_whole == 0) continue;
        char text[120];
        (void)snprintf(text, sizeof text, "%zu number%s with decimals in an integer column",
                       d->n_not_whole, d->n_not_whole == 1 ? "" : "s");
        reader_find(r->diag, r->file, "STROMA-DSJ-002", STROMA_NOTE, d->name, text);
    }
}

static stroma_status read_rows(dsj_read *r, stroma_error *err)
{
    /* A second time only when a date column turned out to hold partial dates. */
    do {
        r->again = false;
        stroma_table_free(r->t);
        r->t = NULL;
        for (size_t i = 0; i < r->columns_len; i++)
            r->columns[i].n_not_whole = 0;
        STROMA_TRY(new_table(r, err));
        STROMA_TRY(r->lines ? read_lines(r, err) : read_array(r, err));
    } while (r->again);
    report_not_whole(r);
    return check_records(r, err);
}

static stroma_status read_text(dsj_read *r, const char *data, size_t size, stroma_error *err)
{
    json_scan s;
    json_piece rows;
    json_scan_init(&s, data, size);
    STROMA_TRY(read_head(r, &s, &rows, err));
    STROMA_TRY(check_version(r, err));
    STROMA_TRY(
        dsj_columns_parse(json_object_get(r->head, "columns"), &r->columns, &r->columns_len, err));
    json_skip_blanks(&s);
    r->lines = s.at < s.end;
    if (r->lines && rows.p != NULL)
        return broken_at(&s, "something follows the end of the document", err);
    r->rows = s;
    if (rows.p != NULL) r->rows = (json_scan){ data, rows.p, rows.p + rows.n };
    return read_rows(r, err);
}

static stroma_status read_datasetjson(const stroma_reader_input *in,
                                      const stroma_table_read_options *opts, stroma_table **out,
                                      stroma_diag *diag, stroma_error *err)
{
    *out = NULL;
    dsj_read r = { .file = in->name, .opts = opts, .diag = diag };
    stroma_buffer unpacked = { 0 };
    const char *data = (const char *)in->data;
    size_t size = in->size;
    if (inflate_detect(in->data, in->size)) {
        STROMA_TRY(inflate_all(in->data, in->size, opts->max_bytes, &unpacked, err));
        data = unpacked.data == NULL ? "" : unpacked.data;
        size = unpacked.len;
    }
    stroma_status s = read_text(&r, data, size, err);
    if (s == STROMA_OK) s = reader_apply_types(r.t, opts, in->name, diag, err);
    json_decref(r.head);
    stroma_free(r.columns);
    stroma_buffer_clear(&unpacked);
    if (s != STROMA_OK) {
        stroma_table_free(r.t);
        return s;
    }
    *out = r.t;
    return STROMA_OK;
}

static bool mentions(const unsigned char *p, size_t n, const char *word)
{
    return memmem(p, n, word, strlen(word)) != NULL;
}

static int detect(const stroma_reader_input *in, char why[STROMA_WHY_MAX])
{
    static const char marker[] = "\"datasetJSONVersion\"";
    unsigned char head[LOOK_BYTES];
    const unsigned char *p = in->data;
    size_t n = in->size < LOOK_BYTES ? in->size : LOOK_BYTES;
    const bool packed = inflate_detect(p, in->size);
    if (packed) {
        n = inflate_peek(p, in->size, head, sizeof head);
        p = head;
    }
    size_t i = n >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (i < n && (p[i] == ' ' || p[i] == '\t' || p[i] == '\r' || p[i] == '\n'))
        i++;
    const bool object = i < n && p[i] == '{';
    const bool known = object && mentions(p, n, marker);
    (void)snprintf(why, STROMA_WHY_MAX, "%s%s", packed ? "compressed; " : "",
                   known    ? "names its datasetJSONVersion"
                   : object ? "a JSON object without datasetJSONVersion"
                            : "does not start with a JSON object");
    if (known) return 95;
    return object ? 45 : 0;
}

const stroma_reader stroma_datasetjson_reader = { .name = "dataset-json",
                                                  .extensions = ".json .ndjson .dsjc .jsonl ",
                                                  .detect = detect,
                                                  .read = read_datasetjson };
