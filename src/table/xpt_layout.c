/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "xpt_layout.h"

#include "text_decode.h"

#include <string.h>

enum {
    NAMESTR_V5 = 140,
    NAMESTR_VMS = 136,
    HEADER_KIND = 20,    /* "HEADER RECORD*******" then the kind, 8 bytes */
    HEADER_NUMBERS = 48, /* then "HEADER RECORD!!!!!!!" and 30 digits */
    WIDTH_MAX_V5 = 200,
    WIDTH_MAX_V8 = 32767
};

typedef struct cursor {
    const unsigned char *data;
    size_t size, at;
} cursor;

static bool is_header(const unsigned char *p, const char *kind)
{
    return memcmp(p, "HEADER RECORD*******", HEADER_KIND) == 0 &&
           memcmp(p + HEADER_KIND, kind, 8) == 0 &&
           memcmp(p + HEADER_KIND + 8, "HEADER RECORD!!!!!!!", 20) == 0;
}

bool xpt_detect(const unsigned char *data, size_t size)
{
    return size >= HEADER_NUMBERS && (is_header(data, "LIBRARY ") || is_header(data, "LIBV8   "));
}

static stroma_status malformed(stroma_error *err, size_t offset, const char *what)
{
    (void)stroma_fail(err, STROMA_E_MALFORMED, "%s", what);
    if (err != NULL) err->offset = offset;
    return STROMA_E_MALFORMED;
}

static stroma_status next_record(cursor *c, const char *what, const unsigned char **out,
                                 stroma_error *err)
{
    if (c->size - c->at < XPT_RECORD) {
        (void)stroma_fail(err, STROMA_E_MALFORMED, "the file ends where the %s should stand", what);
        stroma_hint(err, "the transfer was cut short: fetch the file again, in binary mode");
        if (err != NULL) err->offset = c->size;
        return STROMA_E_MALFORMED;
    }
    *out = c->data + c->at;
    c->at += XPT_RECORD;
    return STROMA_OK;
}

static stroma_status expect(cursor *c, bool v8, const char *kind5, const char *kind8,
                            const unsigned char **out, stroma_error *err)
{
    const char *kind = v8 ? kind8 : kind5;
    char what[32] = "";
    memcpy(what, kind, 8);
    for (size_t i = 8; i > 0 && what[i - 1] == ' '; i--)
        what[i - 1] = '\0';
    const size_t at = c->at;
    char text[64];
    size_t n = strlen(what);
    memcpy(text, what, n);
    memcpy(text + n, " header record", sizeof " header record");
    STROMA_TRY(next_record(c, text, out, err));
    if (is_header(*out, kind)) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_MALFORMED, "no %s header record", what);
    stroma_hint(err,
                "a transport file moved in text mode has changed bytes: fetch it in binary mode");
    if (err != NULL) err->offset = at;
    return STROMA_E_MALFORMED;
}

static xpt_text text_at(const unsigned char *p, size_t n)
{
    return (xpt_text){ p, text_trimmed(p, n) };
}

/* Blank-padded decimal number. @return false when there is something else. */
static bool decimal(const unsigned char *p, size_t n, uint64_t *out)
{
    uint64_t x = 0;
    size_t i = 0;
    while (i < n && p[i] == ' ')
        i++;
    for (; i < n && p[i] >= '0' && p[i] <= '9' && x < UINT64_MAX / 100; i++)
        x = x * 10 + (uint64_t)(p[i] - '0');
    while (i < n && (p[i] == ' ' || p[i] == '\0'))
        i++;
    *out = x;
    return i == n;
}

static size_t be16(const unsigned char *p)
{
    return (size_t)p[0] << 8 | p[1];
}

static size_t round_up(size_t n)
{
    return (n + XPT_RECORD - 1) / XPT_RECORD * XPT_RECORD;
}

/* Where the entries of a LABELV8 or LABELV9 record end. */
static stroma_status skip_labels(cursor *c, xpt_member *m, stroma_error *err)
{
    const size_t head = m->label_version == 9 ? 10 : 6;
    size_t at = c->at;
    m->labels = c->data + at;
    for (size_t i = 0; i < m->n_labels; i++) {
        if (c->size - at < head) return malformed(err, at, "the label record is cut off");
        size_t need = 0;
        for (size_t k = 2; k < head; k += 2)
            need += be16(c->data + at + k);
        at += head;
        if (c->size - at < need) return malformed(err, at, "a label is longer than the file");
        at += need;
    }
    m->labels_end = c->data + at;
    const size_t padded = c->at + round_up(at - c->at);
    if (padded > c->size) return malformed(err, at, "the label record is not filled to 80 bytes");
    c->at = padded;
    return STROMA_OK;
}

static stroma_status read_labels(cursor *c, xpt_member *m, stroma_error *err)
{
    if (!m->v8 || c->size - c->at < XPT_RECORD) return STROMA_OK;
    const unsigned char *p = c->data + c->at;
    m->label_version = is_header(p, "LABELV8 ") ? 8 : is_header(p, "LABELV9 ") ? 9 : 0;
    if (m->label_version == 0) return STROMA_OK;
    uint64_t n = 0;
    if (!decimal(p + HEADER_NUMBERS, 30, &n) || n > m->n_variables)
        return malformed(err, c->at, "the count of the label record is not a count of variables");
    m->n_labels = (size_t)n;
    c->at += XPT_RECORD;
    return skip_labels(c, m, err);
}

static stroma_status read_namestrs(cursor *c, xpt_member *m, stroma_error *err)
{
    const unsigned char *p;
    STROMA_TRY(expect(c, m->v8, "NAMESTR ", "NAMSTV8 ", &p, err));
    uint64_t n = 0;
    if (!decimal(p + HEADER_NUMBERS, 10, &n))
        return malformed(err, c->at - XPT_RECORD, "the number of variables is not a number");
    const size_t room = c->size - c->at;
    if (n > room / m->namestr_size) {
        (void)stroma_fail(err, STROMA_E_MALFORMED,
                          "the file declares %llu variables, but has room for %zu",
                          (unsigned long long)n, room / m->namestr_size);
        if (err != NULL) err->offset = c->at;
        return STROMA_E_MALFORMED;
    }
    m->n_variables = (size_t)n;
    m->namestrs = c->data + c->at;
    const size_t bytes = round_up(m->n_variables * m->namestr_size);
    if (bytes > room) return malformed(err, c->size, "the variable records are cut off");
    c->at += bytes;
    return read_labels(c, m, err);
}

static stroma_status read_member(cursor *c, xpt_member *m, stroma_error *err)
{
    const unsigned char *p;
    const size_t start = c->at;
    STROMA_TRY(next_record(c, "MEMBER header record", &p, err));
    m->v8 = is_header(p, "MEMBV8  ");
    if (!m->v8 && !is_header(p, "MEMBER  "))
        return malformed(err, start, "no MEMBER header record");
    uint64_t size = 0;
    if (!decimal(p + HEADER_NUMBERS + 20, 10, &size) ||
        (size != NAMESTR_V5 && (size != NAMESTR_VMS || m->v8)))
        return malformed(err, start, "the size of a variable record is neither 140 nor 136");
    m->namestr_size = (size_t)size;
    STROMA_TRY(expect(c, m->v8, "DSCRPTR ", "DSCPTV8 ", &p, err));
    STROMA_TRY(next_record(c, "first member record", &p, err));
    m->name = text_at(p + 8, m->v8 ? 32 : 8);
    STROMA_TRY(next_record(c, "second member record", &p, err));
    m->label = text_at(p + 32, 40);
    STROMA_TRY(read_namestrs(c, m, err));
    STROMA_TRY(expect(c, m->v8, "OBS     ", "OBSV8   ", &p, err));
    m->first = c->at;
    if (m->v8 && decimal(p + HEADER_NUMBERS, 15, &m->rows_declared))
        m->rows_known = m->rows_declared > 0;
    /* A member ends where the next one begins; headers stand on record boundaries only. */
    while (c->size - c->at >= XPT_RECORD && !is_header(c->data + c->at, "MEMBER  ") &&
           !is_header(c->data + c->at, "MEMBV8  "))
        c->at += XPT_RECORD;
    if (c->size - c->at < XPT_RECORD) c->at = c->size;
    m->end = c->at;
    return STROMA_OK;
}

stroma_status xpt_members(const unsigned char *data, size_t size, xpt_member **out, size_t *n,
                          stroma_error *err)
{
    *out = NULL;
    *n = 0;
    cursor c = { data, size, 0 };
    const unsigned char *p;
    STROMA_TRY(next_record(&c, "library header record", &p, err));
    STROMA_TRY(next_record(&c, "first library record", &p, err));
    STROMA_TRY(next_record(&c, "second library record", &p, err));
    size_t capacity = 0;
    stroma_status s = STROMA_OK;
    do {
        s = stroma_grow(out, &capacity, *n + 1, sizeof **out, err);
        if (s != STROMA_OK) break;
        (*out)[*n] = (xpt_member){ 0 };
        s = read_member(&c, &(*out)[*n], err);
        if (s != STROMA_OK && *n > 0) s = stroma_in(err, s, "data set %zu", *n + 1);
        *n += 1;
    } while (s == STROMA_OK && c.at < size);
    if (s != STROMA_OK) {
        stroma_free(*out);
        *out = NULL;
        *n = 0;
    }
    return s;
}

/* Long names, labels and formats of the label record replace the short ones. */
static stroma_status apply_labels(const xpt_member *m, xpt_variable *v, stroma_error *err)
{
    const unsigned char *p = m->labels;
    for (size_t i = 0; i < m->n_labels; i++) {
        const size_t index = be16(p), name_n = be16(p + 2), label_n = be16(p + 4);
        const size_t format_n = m->label_version == 9 ? be16(p + 6) : 0;
        const size_t informat_n = m->label_version == 9 ? be16(p + 8) : 0;
        p += m->label_version == 9 ? 10 : 6;
        if (index < 1 || index > m->n_variables)
            return stroma_fail(err, STROMA_E_MALFORMED,
                               "the label record names variable %zu of %zu", index, m->n_variables);
        xpt_variable *t = &v[index - 1];
        const xpt_text name = text_at(p, name_n);
        if (name.n > 0) t->name = name;
        t->label = text_at(p + name_n, label_n);
        if (format_n > 0) {
            t->format = text_at(p + name_n + label_n, format_n);
            t->format_width = t->format_decimals = 0; /* the long form holds them */
        }
        p += name_n + label_n + format_n + informat_n;
    }
    return STROMA_OK;
}

static stroma_status check_variable(const xpt_member *m, const xpt_variable *v, size_t idx,
                                    size_t kind, stroma_error *err)
{
    const size_t most = v->is_text ? (m->v8 ? WIDTH_MAX_V8 : WIDTH_MAX_V5) : 8;
    const size_t least = v->is_text ? 1 : 2;
    stroma_status s = STROMA_OK;
    if (kind != 1 && kind != 2)
        s = stroma_fail(err, STROMA_E_MALFORMED, "the type is %zu, neither 1 (number) nor 2 (text)",
                        kind);
    else if (v->name.n == 0)
        s = stroma_fail(err, STROMA_E_MALFORMED, "the name is empty");
    else if (v->width < least || v->width > most)
        s = stroma_fail(err, STROMA_E_MALFORMED, "a %s of %zu bytes; %zu to %zu are allowed",
                        v->is_text ? "text" : "number", v->width, least, most);
    return s == STROMA_OK ? s : stroma_in(err, s, "variable %zu", idx + 1);
}

stroma_status xpt_variables(const xpt_member *m, xpt_variable **out, size_t *row_bytes,
                            bool *in_order, stroma_error *err)
{
    *row_bytes = 0;
    *in_order = true;
    xpt_variable *v = stroma_alloc_array(m->n_variables, sizeof *v);
    *out = NULL;
    if (v == NULL) return stroma_no_memory(err);
    stroma_status s = STROMA_OK;
    for (size_t i = 0; i < m->n_variables && s == STROMA_OK; i++) {
        const unsigned char *p = m->namestrs + i * m->namestr_size;
        v[i].is_text = be16(p) == 2;
        v[i].width = be16(p + 4);
        v[i].name = text_at(p + 8, 8);
        v[i].label = text_at(p + 16, 40);
        v[i].format = text_at(p + 56, 8);
        v[i].format_width = (int)(int16_t)be16(p + 64);
        v[i].format_decimals = (int)(int16_t)be16(p + 66);
        /* The position a record names is not always where the value stands (a file in use puts the
         * numbers first in its positions, and keeps the variable order in its data): go by the
         * order. */
        v[i].position = *row_bytes;
        *in_order = *in_order && (be16(p + 84) << 16 | be16(p + 86)) == *row_bytes;
        if (m->v8) {
            const xpt_text long_name = text_at(p + 88, XPT_NAME_MAX);
            if (long_name.n > 0) v[i].name = long_name;
        }
        s = check_variable(m, &v[i], i, be16(p), err);
        *row_bytes += v[i].width;
    }
    if (s == STROMA_OK) s = apply_labels(m, v, err);
    if (s != STROMA_OK) {
        stroma_free(v);
        return s;
    }
    *out = v;
    return STROMA_OK;
}

static bool all_blank(const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != ' ') return false;
    return true;
}

stroma_status xpt_count_rows(const xpt_member *m, const unsigned char *data, size_t row_bytes,
                             size_t *rows, bool *padded, stroma_error *err)
{
    const size_t bytes = m->end - m->first;
    *padded = bytes % XPT_RECORD == 0;
    *rows = 0;
    if (row_bytes == 0) return STROMA_OK;
    size_t n = bytes / row_bytes;
    if (m->rows_known) {
        if (m->rows_declared > n)
            return stroma_fail(err, STROMA_E_MALFORMED,
                               "the file declares %llu observations, but ends after %zu",
                               (unsigned long long)m->rows_declared, n);
        *rows = (size_t)m->rows_declared;
        return STROMA_OK;
    }
    const size_t rest = bytes - n * row_bytes;
    if (rest >= XPT_RECORD || !all_blank(data + m->first + n * row_bytes, rest)) {
        (void)stroma_fail(err, STROMA_E_MALFORMED, "observation %zu is cut off: %zu of %zu bytes",
                          n + 1, rest, row_bytes);
        stroma_hint(err, "the transfer was cut short: fetch the file again, in binary mode");
        if (err != NULL) err->offset = m->end;
        return STROMA_E_MALFORMED;
    }
    /* Rows of nothing but blanks inside the padding of the last record are padding. */
    size_t fill = rest;
    while (n > 0 && fill + row_bytes < XPT_RECORD &&
           all_blank(data + m->first + (n - 1) * row_bytes, row_bytes)) {
        n--;
        fill += row_bytes;
    }
    *rows = n;
    return STROMA_OK;
}
