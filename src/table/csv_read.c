/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "csv_private.h"
#include "table_private.h"

#include "stroma/memory.h"
#include "stroma/parallel.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK_BYTES = 4 << 20, HEAD_BYTES = 64 << 10, CHUNKS_A_THREAD = 4, THREADS_MAX = 1024 };
#define LIMIT_DEFAULT ((size_t)8 << 30)

typedef struct csv_read {
    csv_plan plan;
    csv_text text;
    size_t bom_bytes; /* for byte positions */
    stroma_arena arena;
    csv_header header;
    csv_chunk *chunks; /* one wave of them, `wave_len` */
    size_t wave_len;
    csv_chunk spare; /* for what has to be parsed again */
    size_t chunk_bytes;
    int threads;
    csv_tally tally;
    stroma_table *t;
    stroma_diag *diag;
} csv_read;

/* What a chunk has to say stands in its status: which chunks count is not known yet. */
static stroma_status parse_some(size_t begin, size_t end, int worker, void *context,
                                stroma_error *err)
{
    (void)worker;
    (void)err;
    const csv_read *r = context;
    for (size_t i = begin; i < end; i++)
        stroma_csv_chunk_parse(&r->plan, &r->chunks[i], true);
    return STROMA_OK;
}

/* Cut a wave of chunks behind line ends, about every chunk_bytes. @return how many. */
static size_t cut_wave(csv_read *r, const char *from)
{
    const char *end = r->plan.end;
    size_t n = 0;
    for (; from < end && n < r->wave_len; n++) {
        const char *cut = end;
        if ((size_t)(end - from) > r->chunk_bytes) {
            const char *at = from + r->chunk_bytes - 1;
            const char *line_end = memchr(at, r->plan.newline, (size_t)(end - at));
            if (line_end != NULL) cut = line_end + 1;
        }
        stroma_csv_chunk_reset(&r->chunks[n], r->plan.columns_len, from, cut);
        from = cut;
    }
    return n;
}

/* A chunk that starts at a record: report it and append it. *at moves to where it ended. */
static stroma_status take_chunk(csv_read *r, const csv_chunk *c, const char **at, int64_t *line,
                                stroma_error *err)
{
    if (c->status != STROMA_OK) {
        if (err != NULL) *err = c->err;
        return c->status;
    }
    if (!r->plan.again) stroma_csv_report(&r->plan, c, *line, &r->tally, r->diag, err);
    if (r->tally.status == STROMA_OK) {
        const double done = (double)(c->end - r->header.rest);
        const double left = (double)(r->plan.end - c->end) / (done > 0 ? done : 1);
        STROMA_TRY(stroma_csv_append(&r->plan, c, *line, left, r->t, err));
    }
    if (c->rows_len > 0)
        r->plan.row_bytes_guess = (size_t)(c->end - c->start) / c->rows_len * 15 / 16 + 1;
    *line += c->lines_len;
    *at = c->end;
    return STROMA_OK;
}

/* Take the chunks that follow one another record by record. Where one ended beyond its cut, what
 * was parsed from that cut is worthless: parse again from the true place. */
static stroma_status take_wave(csv_read *r, size_t n, const char **at, int64_t *line,
                               stroma_error *err)
{
    const char *wave_end = r->chunks[n - 1].cut;
    for (size_t i = 0; *at < wave_end;) {
        while (i < n && r->chunks[i].start < *at)
            i++;
        csv_chunk *c = &r->spare;
        if (i < n && r->chunks[i].start == *at &&
            (r->chunks[i].end != NULL || r->chunks[i].status != STROMA_OK)) {
            c = &r->chunks[i++];
        } else {
            if (i < n && r->chunks[i].start == *at) i++;
            stroma_csv_chunk_reset(c, r->plan.columns_len, *at,
                                   i < n ? r->chunks[i].start : wave_end);
            stroma_csv_chunk_parse(&r->plan, c, false);
        }
        STROMA_TRY(take_chunk(r, c, at, line, err));
    }
    return STROMA_OK;
}

/* ---- the whole file ---- */

static stroma_status bad_byte(const csv_read *r, const char *at, stroma_error *err)
{
    int64_t line = 1;
    for (const char *p = r->text.data; p < at; p++)
        line += *p == r->plan.newline;
    const size_t offset = (size_t)(at - r->text.data) + r->bom_bytes;
    const bool nul = *at == '\0';
    char message[160];
    if (nul)
        (void)snprintf(message, sizeof message, "byte %zu is NUL: this is not a text file", offset);
    else
        (void)snprintf(message, sizeof message, "byte %zu (0x%02X) is not UTF-8 text", offset,
                       (unsigned)(unsigned char)*at);
    const csv_code code = nul ? CSV_BINARY : CSV_NOT_UTF8;
    stroma_csv_find(&r->plan, r->diag, code, STROMA_ERROR,
                    &(stroma_finding){ .line = line, .message = message });
    stroma_fail_at(err, STROMA_E_MALFORMED, line, 0, "%s", message);
    if (err != NULL) err->offset = offset;
    stroma_hint(err, nul ? "if it is UTF-16 text, save it as UTF-8"
                         : "if it is Latin-1, convert it: iconv -f WINDOWS-1252 -t UTF-8");
    return STROMA_E_MALFORMED;
}

typedef struct csv_bytes_check {
    csv_text text;
    atomic_size_t first_bad;
} csv_bytes_check;

/* The place nearest before `at` that does not split a character. */
static size_t character_start(csv_text text, size_t at)
{
    if (at >= text.size) return text.size;
    size_t back = at;
    while (back > 0 && at - back < 3 && ((unsigned char)text.data[back] & 0xC0) == 0x80)
        back--;
    /* four continuation bytes are no character wherever they are split */
    return ((unsigned char)text.data[back] & 0xC0) == 0x80 ? at : back;
}

static stroma_status check_some(size_t begin, size_t end, int worker, void *context,
                                stroma_error *err)
{
    (void)worker;
    (void)err;
    csv_bytes_check *k = context;
    const size_t from = character_start(k->text, begin), to = character_start(k->text, end);
    size_t bad = stroma_csv_bad_byte((csv_text){ k->text.data + from, to - from });
    if (bad == SIZE_MAX) return STROMA_OK;
    bad += from;
    size_t before = atomic_load(&k->first_bad);
    while (bad < before && !atomic_compare_exchange_weak(&k->first_bad, &before, bad))
        continue;
    return STROMA_OK;
}

/* All bytes, before any other judgement: which error is told must not depend on the cuts. */
static stroma_status check_bytes(const csv_read *r, stroma_error *err)
{
    csv_bytes_check k = { .text = r->text, .first_bad = SIZE_MAX };
    STROMA_TRY(stroma_parallel_for(r->text.size, r->threads, r->chunk_bytes, check_some, &k, err));
    const size_t bad = atomic_load(&k.first_bad);
    return bad == SIZE_MAX ? STROMA_OK : bad_byte(r, r->text.data + bad, err);
}

static void note_dialect(const csv_read *r, const csv_dialect *d)
{
    const stroma_finding where = { .line = 1 };
    stroma_finding f = where;
    f.message = "two delimiters fit the first rows; state the delimiter to be sure";
    if (d->delimiter_unsure)
        stroma_csv_find(&r->plan, r->diag, CSV_DELIMITER_UNSURE, STROMA_WARNING, &f);
    f.message = "the comma is taken as the decimal mark";
    if (d->comma_found) stroma_csv_find(&r->plan, r->diag, CSV_DECIMAL_COMMA, STROMA_NOTE, &f);
    f.message = d->decimal == ',' ? "some numbers have a decimal point, most a decimal comma"
                                  : "some numbers have a decimal comma, most a decimal point";
    if (d->both_marks) stroma_csv_find(&r->plan, r->diag, CSV_DECIMAL_MIXED, STROMA_WARNING, &f);
}

static stroma_status plan_file(csv_read *r, stroma_error *err)
{
    csv_plan *plan = &r->plan;
    STROMA_TRY(check_bytes(r, err));
    csv_dialect d;
    STROMA_TRY(stroma_csv_detect_dialect(r->text, plan->file, plan->opts, &d, err));
    note_dialect(r, &d);
    plan->delimiter = d.delimiter;
    stroma_csv_words_init(&plan->words, plan->opts, d.decimal);
    STROMA_TRY(stroma_csv_header_read(r->text, d.delimiter, &r->arena, &r->header, err));
    return stroma_csv_plan_columns(plan, &r->header, r->diag, err);
}

/* All rows once. */
static stroma_status pass(csv_read *r, stroma_error *err)
{
    const char *at = r->header.rest;
    int64_t line = 1 + r->header.lines;
    r->t->rows_len = 0;
    while (at < r->plan.end) {
        const size_t n = cut_wave(r, at);
        STROMA_TRY(stroma_parallel_for(n, r->threads, 1, parse_some, r, err));
        STROMA_TRY(take_wave(r, n, &at, &line, err));
    }
    return r->tally.status;
}

/* Columns of several types are text: read them again as such. */
static stroma_status read_mixed(csv_read *r, stroma_error *err)
{
    bool any = false;
    for (size_t i = 0; i < r->plan.columns_len; i++) {
        csv_plan_column *k = &r->plan.columns[i];
        k->active = k->mixed;
        if (!k->mixed) continue;
        any = k->known = true;
        k->type = STROMA_COLUMN_TEXT;
        STROMA_TRY(stroma_column_retype(r->t, k->place, k->type, err));
    }
    r->plan.again = true;
    return any ? pass(r, err) : STROMA_OK;
}

static stroma_status add_columns(csv_read *r, stroma_error *err)
{
    STROMA_TRY(stroma_table_new(r->plan.limit_bytes, &r->t, err));
    for (size_t i = 0; i < r->plan.columns_len; i++) {
        csv_plan_column *k = &r->plan.columns[i];
        if (k->kept) STROMA_TRY(stroma_table_add_column(r->t, k->name, k->type, &k->place, err));
    }
    return STROMA_OK;
}

static stroma_status read_text(csv_read *r, stroma_error *err)
{
    STROMA_TRY(plan_file(r, err));
    /* A row has a delimiter or line end for each cell: a wide file has few rows a chunk. */
    if (r->plan.row_bytes_guess < 2 * r->plan.columns_len)
        r->plan.row_bytes_guess = 2 * r->plan.columns_len;
    STROMA_TRY(add_columns(r, err));
    r->chunks = stroma_alloc_array(r->wave_len, sizeof *r->chunks);
    if (r->chunks == NULL) return stroma_no_memory(err);
    STROMA_TRY(pass(r, err));
    STROMA_TRY(read_mixed(r, err));
    STROMA_TRY(stroma_table_reserve(r->t, r->t->rows_len, err));
    stroma_csv_report_trailing(&r->plan, &r->tally, r->diag);
    if (r->t->rows_len == 0)
        stroma_csv_find(&r->plan, r->diag, CSV_NO_ROWS, STROMA_WARNING,
                        &(stroma_finding){ .line = r->header.line,
                                           .message = "there are no rows below the header" });
    stroma_csv_report_texts(&r->plan, r->t, r->diag);
    return STROMA_OK;
}

static void set_up(csv_read *r, const stroma_reader_input *in,
                   const stroma_table_read_options *opts)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    r->threads = opts->threads > 0 ? opts->threads : cores < 1 ? 1 : (int)cores;
    if (r->threads > THREADS_MAX) r->threads = THREADS_MAX;
    r->wave_len = (size_t)r->threads * CHUNKS_A_THREAD;
    r->plan.file = in->name;
    r->plan.opts = opts;
    r->plan.arena = &r->arena;
    r->plan.limit_bytes = opts->max_bytes == 0 ? LIMIT_DEFAULT : opts->max_bytes;
    r->plan.row_bytes_guess = 64;
    r->plan.end = r->text.data + r->text.size;
    r->plan.newline = memchr(r->text.data, '\n', r->text.size) != NULL ? '\n' : '\r';
    stroma_arena_init(&r->arena, r->plan.limit_bytes);
}

static void tear_down(csv_read *r)
{
    for (size_t i = 0; i < r->wave_len && r->chunks != NULL; i++)
        stroma_csv_chunk_clear(&r->chunks[i], r->plan.columns_len);
    stroma_csv_chunk_clear(&r->spare, r->plan.columns_len);
    stroma_free(r->chunks);
    stroma_free(r->plan.columns);
    stroma_free(r->header.names);
    stroma_arena_clear(&r->arena);
}

stroma_status stroma_csv_read_chunked(const stroma_reader_input *in,
                                      const stroma_table_read_options *opts, size_t chunk_bytes,
                                      stroma_table **out, stroma_diag *diag, stroma_error *err)
{
    const char *foreign = stroma_foreign_file(in);
    if (foreign != NULL)
        return stroma_fail(err, STROMA_E_MALFORMED, "this is %s, not CSV", foreign);
    csv_read r = { .chunk_bytes = chunk_bytes, .diag = diag };
    char *owned = NULL;
    stroma_status s = stroma_csv_decode(in, &r.text, &owned, err);
    if (s != STROMA_OK) {
        stroma_free(owned);
        return s;
    }
    r.bom_bytes = owned == NULL ? in->size - r.text.size : 0;
    set_up(&r, in, opts);
    if (owned != NULL)
        stroma_csv_find(&r.plan, diag, CSV_UTF16, STROMA_NOTE,
                        &(stroma_finding){ .message = "the file is UTF-16 and was converted" });
    s = read_text(&r, err);
    tear_down(&r);
    stroma_free(owned);
    if (s == STROMA_OK)
        *out = r.t;
    else
        stroma_table_free(r.t);
    return s;
}

static stroma_status read_csv(const stroma_reader_input *in, const stroma_table_read_options *opts,
                              stroma_table **out, stroma_diag *diag, stroma_error *err)
{
    return stroma_csv_read_chunked(in, opts, CHUNK_BYTES, out, diag, err);
}

static int detect(const stroma_reader_input *in, char why[STROMA_WHY_MAX])
{
    const char *foreign = stroma_foreign_file(in);
    const size_t n = in->size < HEAD_BYTES ? in->size : HEAD_BYTES;
    const bool utf16 = n >= 2 && ((in->data[0] == 0xFF && in->data[1] == 0xFE) ||
                                  (in->data[0] == 0xFE && in->data[1] == 0xFF));
    const unsigned char *nul = memchr(in->data, '\0', n);
    size_t control = 0;
    for (size_t i = 0; i < n; i++)
        control += in->data[i] < 32 && memchr("\t\r\n\f\x1A", in->data[i], 5) == NULL;
    int score = 0;
    if (foreign != NULL)
        (void)snprintf(why, STROMA_WHY_MAX, "%s", foreign);
    else if (nul != NULL && !utf16)
        (void)snprintf(why, STROMA_WHY_MAX, "a NUL byte at byte %zu", (size_t)(nul - in->data));
    else if (!utf16 && control > n / 10)
        (void)snprintf(why, STROMA_WHY_MAX, "%zu control characters in the first %zu bytes",
                       control, n);
    else {
        score = n > 0 && (in->data[0] == '{' || in->data[0] == '[') ? 1 : 10;
        (void)snprintf(why, STROMA_WHY_MAX, "text");
    }
    return score;
}

const stroma_reader stroma_csv_reader = {
    .name = "csv",
    .extensions = ".csv .tsv .tab .txt ",
    .detect = detect,
    .read = read_csv,
};
