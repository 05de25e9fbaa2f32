/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What leaves the program: data on stdout, words, errors and findings on stderr. */
#include "context.h"

#include "stroma/file.h"
#include "stroma/json.h"
#include "stroma/memory.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

enum { SHOWN_PER_CODE = 20, CODES_COUNTED = 128 };

static stroma_status stdout_error(stroma_error *err)
{
    if (errno == EPIPE) return stroma_fail(err, STROMA_E_PIPE, "the reader went away");
    char text[128];
    return stroma_fail(err, STROMA_E_IO, "could not write to standard output: %s",
                       strerror_r(errno, text, sizeof text));
}

stroma_status cli_write(const void *data, size_t n, stroma_error *err)
{
    if (n == 0 || fwrite(data, 1, n, stdout) == n) return STROMA_OK;
    return stdout_error(err);
}

/* Why an early flush failed, or 0: errno is gone when the stream is closed. */
static int flush_errno;

/* What was written before words on stderr comes before them. */
static void flush_stdout(void)
{
    if (fflush(stdout) != 0 && flush_errno == 0) flush_errno = errno;
}

/* The last bytes are written here: a full disk must not look like success. */
stroma_status cli_close_stdout(stroma_error *err)
{
    const bool failed_before = ferror(stdout) != 0;
    if (fclose(stdout) != 0) return stdout_error(err);
    errno = flush_errno;
    if (flush_errno != 0) return stdout_error(err);
    if (failed_before) return stroma_fail(err, STROMA_E_IO, "could not write to standard output");
    return STROMA_OK;
}

static bool has_option(const cli_context *c, const char *name)
{
    for (size_t i = 0; i < c->n_slots; i++)
        if (strcmp(c->slots[i].option->name, name) == 0) return true;
    return false;
}

stroma_status cli_emit(const cli_context *c, const void *data, size_t n, stroma_error *err)
{
    const char *path = has_option(c, "output") ? cli_text(c, "output") : NULL;
    if (path == NULL || strcmp(path, "-") == 0) return cli_write(data, n, err);
    const bool force = has_option(c, "force") && cli_given(c, "force");
    return stroma_file_write(path, data, n, force, err);
}

stroma_status cli_emit_buffer(const cli_context *c, const stroma_buffer *b, stroma_error *err)
{
    STROMA_TRY(stroma_buffer_status(b, err));
    return cli_emit(c, b->data, b->len, err);
}

void cli_put_clean(FILE *f, const char *text)
{
    for (const char *p = text; *p != '\0'; p++) {
        const unsigned char b = (unsigned char)*p;
        /* C1 controls are U+0080–U+009F, in UTF-8 C2 80 – C2 9F */
        const bool c1 = b == 0xC2U && (unsigned char)p[1] >= 0x80U && (unsigned char)p[1] <= 0x9FU;
        if (b < 0x20U || b == 0x7FU)
            fprintf(f, "\\x%02x", b);
        else if (c1)
            fprintf(f, "\\u%04x", (unsigned)(unsigned char)*++p);
        else
            fputc(*p, f);
    }
}

void cli_say(const cli_context *c, const char *fmt, ...)
{
    if (cli_quiet(c)) return;
    cli_progress_wipe();
    char text[4096];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    for (char *line = text, *next; line != NULL; line = next) {
        next = strchr(line, '\n');
        if (next != NULL) *next++ = '\0';
        cli_put_clean(stderr, line);
        fputc('\n', stderr);
    }
}

/* "stroma: error[CODE]: " */
static void put_label(const cli_context *c, const char *kind, const char *code)
{
    const bool color = cli_color(c, stderr);
    const char *on = !color ? "" : kind[0] == 'e' ? "\x1b[1;31m" : "\x1b[1;33m";
    fprintf(stderr, "stroma: %s%s", on, kind);
    if (code != NULL) fprintf(stderr, "[%s]", code);
    fprintf(stderr, "%s: ", color ? "\x1b[0m" : "");
}

static void put_hint(const char *hint)
{
    if (hint == NULL || hint[0] == '\0') return;
    fputs("hint: ", stderr);
    cli_put_clean(stderr, hint);
    fputc('\n', stderr);
}

static void put_json_line(stroma_buffer *b)
{
    if (b->status == STROMA_OK) {
        stroma_buffer_putc(b, '\n');
        (void)fwrite(b->data, 1, b->len, stderr);
    }
    stroma_buffer_clear(b);
}

static void print_error_json(const stroma_error *err)
{
    stroma_buffer b;
    stroma_json j;
    stroma_buffer_init(&b, 1U << 20);
    stroma_json_init(&j, &b, 0);
    stroma_json_begin_object(&j);
    stroma_json_put_string(&j, "schema", "stroma.error/1");
    stroma_json_put_string(&j, "severity", "error");
    stroma_json_put_string(&j, "status", stroma_status_name(err->status));
    stroma_json_put_int(&j, "exit_code", (int64_t)err->status);
    char context[STROMA_ERROR_TEXT_MAX];
    memcpy(context, err->context, sizeof context);
    const size_t n = strlen(context);
    if (n >= 2 && strcmp(context + n - 2, ": ") == 0) context[n - 2] = '\0';
    stroma_json_put_string(&j, "context", context[0] == '\0' ? NULL : context);
    stroma_json_key(&j, "line");
    if (err->line > 0)
        stroma_json_int(&j, err->line);
    else
        stroma_json_null(&j);
    stroma_json_key(&j, "column");
    if (err->column > 0)
        stroma_json_int(&j, err->column);
    else
        stroma_json_null(&j);
    stroma_json_key(&j, "offset_bytes");
    if (err->offset != UINT64_MAX)
        stroma_json_int(&j, (int64_t)err->offset);
    else
        stroma_json_null(&j);
    stroma_json_put_string(&j, "message", err->message);
    stroma_json_put_string(&j, "hint", err->hint[0] == '\0' ? NULL : err->hint);
    stroma_json_end_object(&j);
    put_json_line(&b);
}

void cli_print_error(const cli_context *c, const stroma_error *err)
{
    cli_progress_wipe();
    flush_stdout();
    if (c->error_json) {
        print_error_json(err);
        return;
    }
    put_label(c, "error", NULL);
    cli_put_clean(stderr, err->context);
    if (err->line > 0 && err->column > 0)
        fprintf(stderr, "line %lld, column %lld: ", (long long)err->line, (long long)err->column);
    else if (err->line > 0)
        fprintf(stderr, "line %lld: ", (long long)err->line);
    cli_put_clean(stderr, err->message[0] == '\0' ? stroma_status_text(err->status) : err->message);
    if (err->offset != UINT64_MAX) fprintf(stderr, " (byte %llu)", (unsigned long long)err->offset);
    fputc('\n', stderr);
    put_hint(err->hint);
}

static void put_place(const char *what, const char *text)
{
    if (text == NULL) return;
    fprintf(stderr, "%s \"", what);
    cli_put_clean(stderr, text);
    fputs("\": ", stderr);
}

static void print_finding_text(const cli_context *c, const stroma_finding *f)
{
    put_label(c, stroma_severity_name(f->severity), f->code);
    put_place("file", f->file);
    if (f->line > 0) fprintf(stderr, "line %lld: ", (long long)f->line);
    put_place("subject", f->subject);
    put_place("visit", f->visit);
    put_place("column", f->column);
    put_place("parameter", f->param);
    put_place("value", f->value);
    cli_put_clean(stderr, f->message == NULL ? "" : f->message);
    fputc('\n', stderr);
    put_hint(f->action);
}

static void print_finding_json(const stroma_finding *f)
{
    stroma_buffer b;
    stroma_json j;
    stroma_buffer_init(&b, 1U << 20);
    stroma_json_init(&j, &b, 0);
    stroma_json_begin_object(&j);
    stroma_json_put_string(&j, "schema", "stroma.finding/1");
    stroma_json_put_string(&j, "severity", stroma_severity_name(f->severity));
    stroma_json_put_string(&j, "code", f->code);
    stroma_json_put_string(&j, "file", f->file);
    stroma_json_key(&j, "line");
    if (f->line > 0)
        stroma_json_int(&j, f->line);
    else
        stroma_json_null(&j);
    stroma_json_put_string(&j, "column", f->column);
    stroma_json_put_string(&j, "subject", f->subject);
    stroma_json_put_string(&j, "visit", f->visit);
    stroma_json_put_string(&j, "param", f->param);
    stroma_json_put_string(&j, "value", f->value);
    stroma_json_put_string(&j, "message", f->message);
    stroma_json_put_string(&j, "rule", f->rule);
    stroma_json_put_string(&j, "action", f->action);
    stroma_json_put_string(&j, "audit", f->audit);
    stroma_json_end_object(&j);
    put_json_line(&b);
}

typedef struct code_count {
    const char *code;
    size_t seen;
} code_count;

/* How many findings of this code came before; codes beyond the table are always shown. */
static size_t count_code(code_count *counts, size_t *n, const char *code)
{
    if (code == NULL) return 0;
    for (size_t i = 0; i < *n; i++)
        if (strcmp(counts[i].code, code) == 0) return counts[i].seen++;
    if (*n < CODES_COUNTED) counts[(*n)++] = (code_count){ .code = code, .seen = 1 };
    return 0;
}

void cli_print_findings(const cli_context *c, const stroma_diag *d)
{
    const bool all = cli_verbose(c) > 0;
    const stroma_severity least = cli_quiet(c) ? STROMA_ERROR : all ? STROMA_NOTE : STROMA_WARNING;
    code_count counts[CODES_COUNTED];
    size_t n_counts = 0;
    cli_progress_wipe();
    flush_stdout();
    for (size_t i = 0; i < d->len; i++) {
        const stroma_finding *f = &d->items[i];
        if (f->severity < least) continue;
        if (c->error_json) {
            print_finding_json(f);
            continue;
        }
        if (count_code(counts, &n_counts, f->code) >= SHOWN_PER_CODE && !all) continue;
        print_finding_text(c, f);
    }
    if (c->error_json) return;
    for (size_t i = 0; i < n_counts && !all; i++)
        if (counts[i].seen > SHOWN_PER_CODE)
            fprintf(stderr, "stroma: and %zu more %s (--verbose shows all)\n",
                    counts[i].seen - SHOWN_PER_CODE, counts[i].code);
    if (d->dropped > 0)
        fprintf(stderr, "stroma: %zu more findings were counted but not kept\n", d->dropped);
}

stroma_status cli_findings_status(const cli_context *c, const stroma_diag *d)
{
    const bool strict = has_option(c, "strict") && cli_given(c, "strict");
    return stroma_diag_count(d, strict ? STROMA_WARNING : STROMA_ERROR) > 0 ? STROMA_FOUND
                                                                            : STROMA_OK;
}
