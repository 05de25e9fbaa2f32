/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma-readstat FORMAT: reads the SAS, SPSS or Stata file that is open as descriptor 3 and writes
 * it to standard output in the form of stream.h. A program of its own, because ReadStat has had
 * overflows with crafted files: whatever happens here is an error message there. */
#include "sandbox.h"
#include "stream.h"

#include "stroma/buffer.h"

#include <errno.h>
#include <readstat.h>
#include <string.h>
#include <unistd.h>

enum { FLUSH_BYTES = 1 << 18 };

typedef struct writer {
    stroma_buffer out;  /* complete records, not yet written */
    stroma_buffer body; /* the record being made */
    bool sas;
    int variables; /* in the file */
    int next;      /* variable of the row that comes next */
    uint64_t rows;
    const char *failure;
} writer;

static void put_u32(stroma_buffer *b, size_t n)
{
    const uint32_t x = (uint32_t)n;
    stroma_buffer_append(b, &x, sizeof x);
}

static void put_text(stroma_buffer *b, const char *s)
{
    const size_t n = s == NULL ? 0 : strlen(s);
    put_u32(b, n);
    if (n > 0) stroma_buffer_append(b, s, n);
}

static void put_f64(stroma_buffer *b, double x)
{
    stroma_buffer_append(b, &x, sizeof x);
}

static bool flush(writer *w)
{
    size_t done = 0;
    while (done < w->out.len) {
        const ssize_t n = write(STDOUT_FILENO, w->out.data + done, w->out.len - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false; /* nobody listens any more */
        done += (size_t)n;
    }
    stroma_buffer_reset(&w->out);
    return true;
}

/* Close the record in body. */
static bool end_record(writer *w, char letter)
{
    if (stroma_buffer_status(&w->body, NULL) != STROMA_OK) {
        w->failure = "a row or a text is too long";
        return false;
    }
    stroma_buffer_putc(&w->out, letter);
    put_u32(&w->out, w->body.len);
    if (w->body.len > 0) stroma_buffer_append(&w->out, w->body.data, w->body.len);
    stroma_buffer_reset(&w->body);
    if (stroma_buffer_status(&w->out, NULL) != STROMA_OK) return false;
    return w->out.len < FLUSH_BYTES || flush(w);
}

static int verdict(bool ok)
{
    return ok ? READSTAT_HANDLER_OK : READSTAT_HANDLER_ABORT;
}

static int on_metadata(readstat_metadata_t *m, void *ctx)
{
    writer *w = ctx;
    const int64_t rows = m->row_count;
    w->variables = readstat_get_var_count(m);
    stroma_buffer_append(&w->body, &rows, sizeof rows);
    put_u32(&w->body, w->variables < 0 ? 0 : (size_t)w->variables);
    put_text(&w->body, readstat_get_file_label(m));
    put_text(&w->body, readstat_get_table_name(m));
    return verdict(end_record(w, 'M'));
}

static int on_variable(int index, readstat_variable_t *v, const char *labels, void *ctx)
{
    writer *w = ctx;
    (void)index;
    const bool text = readstat_variable_get_type_class(v) == READSTAT_TYPE_CLASS_STRING;
    stroma_buffer_putc(&w->body, text ? 1 : 0);
    put_text(&w->body, readstat_variable_get_name(v));
    put_text(&w->body, readstat_variable_get_label(v));
    put_text(&w->body, readstat_variable_get_format(v));
    /* A SAS format is also the name of its labels in a catalog. */
    put_text(&w->body, labels != NULL ? labels : w->sas ? readstat_variable_get_format(v) : NULL);
    return verdict(end_record(w, 'V'));
}

static char lower_tag(char c)
{
    if (c >= 'A' && c <= 'Z') return (char)(c - 'A' + 'a');
    return (c >= 'a' && c <= 'z') || c == '_' ? c : 0;
}

static int on_value(int row, readstat_variable_t *v, readstat_value_t value, void *ctx)
{
    writer *w = ctx;
    (void)row;
    stroma_buffer *b = &w->body;
    const bool text = readstat_value_type_class(value) == READSTAT_TYPE_CLASS_STRING;
    const bool declared = readstat_value_is_defined_missing(value, v) != 0;
    const char tag =
        readstat_value_is_tagged_missing(value) ? lower_tag(readstat_value_tag(value)) : '\0';
    if (readstat_variable_get_index(v) != w->next) {
        w->failure = "the values of a row are not in the order of the variables";
        return READSTAT_HANDLER_ABORT;
    }
    if (tag != 0 && !text) {
        stroma_buffer_putc(b, RS_TAGGED);
        stroma_buffer_putc(b, tag);
    } else if (text ? readstat_string_value(value) == NULL
                    : readstat_value_is_system_missing(value) ||
                          readstat_value_is_tagged_missing(value)) {
        stroma_buffer_putc(b, RS_MISSING);
    } else {
        stroma_buffer_putc(b, declared ? RS_DECLARED : RS_PRESENT);
        if (text)
            put_text(b, readstat_string_value(value));
        else
            put_f64(b, readstat_double_value(value));
    }
    if (++w->next < w->variables) return READSTAT_HANDLER_OK;
    w->next = 0;
    w->rows++;
    return verdict(end_record(w, 'R'));
}

static int on_value_label(const char *set, readstat_value_t value, const char *label, void *ctx)
{
    writer *w = ctx;
    /* ReadStat may give labels between the values of one row: the row is put aside. */
    stroma_buffer row = w->body;
    stroma_buffer_init(&w->body, RS_RECORD_MAX);
    put_text(&w->body, set);
    const char tag =
        readstat_value_is_tagged_missing(value) ? lower_tag(readstat_value_tag(value)) : '\0';
    if (tag != 0) {
        stroma_buffer_putc(&w->body, RS_KEY_TAG);
        stroma_buffer_putc(&w->body, tag);
    } else if (readstat_value_type_class(value) == READSTAT_TYPE_CLASS_STRING) {
        stroma_buffer_putc(&w->body, RS_KEY_TEXT);
        put_text(&w->body, readstat_string_value(value));
    } else {
        stroma_buffer_putc(&w->body, RS_KEY_NUMBER);
        put_f64(&w->body, readstat_double_value(value));
    }
    put_text(&w->body, label);
    const bool ok = end_record(w, 'L');
    stroma_buffer_clear(&w->body);
    w->body = row;
    return verdict(ok);
}

static int open_file(const char *path, void *io)
{
    (void)path;
    (void)io;
    return lseek(RS_FILE_FD, 0, SEEK_SET) == 0 ? RS_FILE_FD : -1;
}

static int close_file(void *io)
{
    (void)io;
    return 0;
}

static readstat_off_t seek_file(readstat_off_t offset, readstat_io_flags_t whence, void *io)
{
    (void)io;
    const int from = whence == READSTAT_SEEK_SET   ? SEEK_SET
                     : whence == READSTAT_SEEK_CUR ? SEEK_CUR
                                                   : SEEK_END;
    return lseek(RS_FILE_FD, offset, from);
}

static ssize_t read_file(void *buf, size_t n, void *io)
{
    (void)io;
    size_t done = 0;
    while (done < n) {
        const ssize_t got = read(RS_FILE_FD, (char *)buf + done, n - done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -1;
        if (got == 0) break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

static readstat_error_t no_update(long size, readstat_progress_handler progress, void *user,
                                  void *io)
{
    (void)size;
    (void)progress;
    (void)user;
    (void)io;
    return READSTAT_OK;
}

typedef readstat_error_t (*parse_function)(readstat_parser_t *, const char *, void *);

static parse_function parser_of(const char *format)
{
    static const struct {
        const char *name;
        parse_function parse;
    } parsers[] = { { "sas7bdat", readstat_parse_sas7bdat },
                    { "sas7bcat", readstat_parse_sas7bcat },
                    { "sav", readstat_parse_sav },
                    { "por", readstat_parse_por },
                    { "dta", readstat_parse_dta } };
    for (size_t i = 0; i < sizeof parsers / sizeof parsers[0]; i++)
        if (strcmp(parsers[i].name, format) == 0) return parsers[i].parse;
    return NULL;
}

static readstat_error_t parse(writer *w, parse_function run)
{
    readstat_parser_t *p = readstat_parser_init();
    if (p == NULL) return READSTAT_ERROR_MALLOC;
    (void)readstat_set_open_handler(p, open_file);
    (void)readstat_set_close_handler(p, close_file);
    (void)readstat_set_seek_handler(p, seek_file);
    (void)readstat_set_read_handler(p, read_file);
    (void)readstat_set_update_handler(p, no_update);
    /* Without a limit, ReadStat 1.1.8 reads no row of an SPSS file that does not say how many it
     * has. */
    (void)readstat_set_row_limit(p, INT32_MAX);
    (void)readstat_set_metadata_handler(p, on_metadata);
    (void)readstat_set_variable_handler(p, on_variable);
    (void)readstat_set_value_handler(p, on_value);
    (void)readstat_set_value_label_handler(p, on_value_label);
    const readstat_error_t e = run(p, "the file", w);
    readstat_parser_free(p);
    return e;
}

static int finish(writer *w, const char *message)
{
    stroma_buffer_reset(&w->body); /* a row that was begun */
    if (message != NULL)
        put_text(&w->body, message);
    else
        stroma_buffer_append(&w->body, &w->rows, sizeof w->rows);
    return end_record(w, message != NULL ? 'X' : 'E') && flush(w) ? 0 : 1;
}

int main(int argc, char **argv)
{
    writer w = { 0 };
    stroma_buffer_init(&w.out, (size_t)RS_RECORD_MAX + FLUSH_BYTES + RS_MAGIC_LEN + RS_HEAD_LEN);
    stroma_buffer_init(&w.body, RS_RECORD_MAX);
    stroma_buffer_puts(&w.out, RS_MAGIC);
    const parse_function run = argc == 2 ? parser_of(argv[1]) : NULL;
    const char *message = "usage: stroma-readstat FORMAT, with the file as descriptor 3";
    int status = 1;
    if (run != NULL && sandbox_enter(&message)) {
        w.sas = strncmp(argv[1], "sas", 3) == 0;
        const readstat_error_t e = parse(&w, run);
        message = e == READSTAT_OK ? NULL : w.failure;
        if (e != READSTAT_OK && message == NULL) message = readstat_error_message(e);
    }
    status = finish(&w, message);
    _exit(status); /* no exit handlers: a leak check would need system calls that are closed */
}
