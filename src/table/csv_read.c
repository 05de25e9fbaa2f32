/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "csv_private.h"

#include "stroma/memory.h"
#include "stroma/parallel.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK_BYTES = 8 << 20, SAMPLE_BYTES = 256 << 10, HEAD_BYTES = 64 << 10 };
#define LIMIT_DEFAULT ((size_t)8 << 30)

typedef struct csv_read {
    csv_plan plan;
    csv_text text;
    size_t bom_bytes; /* for byte positions */
    stroma_arena arena;
    csv_header header;
    csv_chunk *chunks;
    size_t chunks_len, chunks_capacity;
    size_t chunk_bytes;
    stroma_diag *diag;
} csv_read;

/* ---- chunks on threads ---- */

typedef struct csv_job {
    const csv_plan *plan;
    csv_chunk *chunks;
} csv_job;

/* What a chunk has to say stands in its status: which chunks count is not known yet. */
static stroma_status parse_some(size_t begin, size_t end, int worker, void *context,
                                stroma_error *err)
{
    (void)worker;
    (void)err;
    const csv_job *j = context;
    for (size_t i = begin; i < end; i++) {
        csv_chunk *c = &j->chunks[i];
        if (!j->plan->again) {
            const size_t bad =
                stroma_csv_bad_byte((csv_text){ c->start, (size_t)(c->cut - c->start) });
            c->bad_byte = bad == SIZE_MAX ? NULL : c->start + bad;
        }
        if (c->bad_byte == NULL) stroma_csv_chunk_parse(j->plan, c, !j->plan->again);
    }
    return STROMA_OK;
}

static stroma_status parse_chunks(const csv_plan *plan, csv_chunk *chunks, size_t len,
                                  stroma_error *err)
{
    csv_job job = { .plan = plan, .chunks = chunks };
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int threads = plan->opts->threads;
    if (threads <= 0) threads = cores < 1 ? 1 : (int)cores;
    return stroma_parallel_for(len, threads, 1, parse_some, &job, err);
}

/* Cut [from, end) behind line ends, about every chunk_bytes. */
static stroma_status cut_chunks(csv_read *r, const char *from, stroma_error *err)
{
    const char *end = r->plan.end;
    while (from < end) {
        const char *cut = end;
        if ((size_t)(end - from) > r->chunk_bytes) {
            const char *at = from + r->chunk_bytes - 1;
            const char *line_end = memchr(at, r->plan.newline, (size_t)(end - at));
            if (line_end != NULL) cut = line_end + 1;
        }
        STROMA_TRY(stroma_grow(&r->chunks, &r->chunks_capacity, r->chunks_len + 1,
                               sizeof *r->chunks, err));
        r->chunks[r->chunks_len++] = (csv_chunk){ .start = from, .cut = cut };
        from = cut;
    }
    return STROMA_OK;
}

/* Keep the chunks that follow one another record by record. Where one ended beyond its cut, what
 * was parsed from that cut is worthless: parse again from the true place. */
static stroma_status connect_chunks(csv_read *r, const char *from, stroma_error *err)
{
    csv_chunk *kept = NULL;
    size_t kept_len = 0, kept_capacity = 0, i = 0;
    stroma_status s = STROMA_OK;
    while (from < r->plan.end && s == STROMA_OK) {
        while (i < r->chunks_len && r->chunks[i].start < from)
            i++;
        s = stroma_grow(&kept, &kept_capacity, kept_len + 1, sizeof *kept, err);
        if (s != STROMA_OK) break;
        csv_chunk *k = &kept[kept_len];
        if (i < r->chunks_len && r->chunks[i].start == from &&
            (r->chunks[i].end != NULL || r->chunks[i].status != STROMA_OK)) {
            *k = r->chunks[i];
            r->chunks[i] = (csv_chunk){ .start = k->start };
        } else {
            size_t next = i;
            if (next < r->chunks_len && r->chunks[next].start == from) next++;
            *k = (csv_chunk){
                .start = from,
                .cut = next < r->chunks_len ? r->chunks[next].start : r->plan.end,
            };
            stroma_csv_chunk_parse(&r->plan, k, false);
        }
        kept_len++;
        s = k->status;
        if (s == STROMA_OK)
            from = k->end;
        else if (err != NULL)
            *err = k->err;
    }
    for (size_t c = 0; c < r->chunks_len; c++)
        stroma_csv_chunk_clear(&r->chunks[c], r->plan.columns_len);
    stroma_free(r->chunks);
    r->chunks = kept;
    r->chunks_len = kept_len;
    r->chunks_capacity = kept_capacity;
    return s;
}

/* ---- types ---- */

/* Guess types from the beginning, so that chunks seldom have to be read twice. */
static stroma_status guess_types(csv_read *r, const char *from, stroma_error *err)
{
    const char *end = r->plan.end;
    if ((size_t)(end - from) <= r->chunk_bytes || (size_t)(end - from) <= SAMPLE_BYTES)
        return STROMA_OK; /* one chunk: it finds out itself */
    const char *at = from + SAMPLE_BYTES;
    const char *cut = memchr(at, r->plan.newline, (size_t)(end - at));
    csv_chunk sample = { .start = from, .cut = cut == NULL ? end : cut + 1 };
    stroma_csv_chunk_parse(&r->plan, &sample, true);
    const stroma_status s = sample.status;
    if (s != STROMA_OK && err != NULL) *err = sample.err;
    for (size_t i = 0; i < r->plan.columns_len && s == STROMA_OK; i++) {
        csv_plan_column *k = &r->plan.columns[i];
        const csv_chunk_column *seen = &sample.columns[i];
        if (!k->active || k->known || !seen->known) continue;
        k->known = true;
        k->type = seen->failed ? STROMA_COLUMN_TEXT : seen->type;
    }
    if (s == STROMA_OK && sample.rows_len > 0)
        r->plan.row_bytes_guess = (size_t)(sample.cut - sample.start) / sample.rows_len + 1;
    stroma_csv_chunk_clear(&sample, r->plan.columns_len);
    atomic_store(&r->plan.used_bytes, 0);
    return s;
}

/* A column is of one type when all chunks agree, else text; without any value, numbers. */
static stroma_column_type final_type(const csv_read *r, size_t column)
{
    bool known = false;
    stroma_column_type type = STROMA_COLUMN_NUMBER;
    for (size_t i = 0; i < r->chunks_len; i++) {
        const csv_chunk_column *k = &r->chunks[i].columns[column];
        if (!k->known || (k->states == NULL && !k->failed)) continue;
        if (k->failed || (known && k->type != type)) return STROMA_COLUMN_TEXT;
        known = true;
        type = k->type;
    }
    return type;
}

static bool must_read_again(const csv_read *r, size_t column, stroma_column_type type)
{
    for (size_t i = 0; i < r->chunks_len; i++) {
        const csv_chunk_column *k = &r->chunks[i].columns[column];
        if (k->failed || (k->known && k->states != NULL && k->type != type)) return true;
    }
    return false;
}

/* Take the columns read again out of `from`. */
static void take_columns(const csv_plan *plan, csv_chunk *to, csv_chunk *from)
{
    for (size_t i = 0; i < plan->columns_len; i++) {
        if (!plan->columns[i].active) continue;
        const csv_chunk_column old = to->columns[i];
        to->columns[i] = from->columns[i];
        from->columns[i] = old;
    }
}

static stroma_status settle_types(csv_read *r, stroma_error *err)
{
    bool any = false;
    for (size_t i = 0; i < r->plan.columns_len; i++) {
        csv_plan_column *k = &r->plan.columns[i];
        if (!k->kept) continue;
        if (!k->declared) k->type = final_type(r, i);
        k->known = true;
        k->active = must_read_again(r, i, k->type);
        any = any || k->active;
    }
    if (!any) return STROMA_OK;
    csv_chunk *again = stroma_alloc_array(r->chunks_len, sizeof *again);
    if (again == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < r->chunks_len; i++) {
        again[i].start = r->chunks[i].start;
        again[i].cut = r->chunks[i].end;
    }
    r->plan.again = true;
    atomic_store(&r->plan.used_bytes, 0);
    stroma_status s = parse_chunks(&r->plan, again, r->chunks_len, err);
    for (size_t i = 0; i < r->chunks_len; i++) {
        if (s == STROMA_OK && again[i].status != STROMA_OK) {
            s = again[i].status;
            if (err != NULL) *err = again[i].err;
        }
        if (s == STROMA_OK) {
            take_columns(&r->plan, &r->chunks[i], &again[i]);
            r->chunks[i].again_arena = again[i].arena; /* where their texts live */
            again[i].arena = (stroma_arena){ 0 };
        }
        stroma_csv_chunk_clear(&again[i], r->plan.columns_len);
    }
    stroma_free(again);
    return s;
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
    const csv_text head = { r->text.data, r->text.size < HEAD_BYTES ? r->text.size : HEAD_BYTES };
    const char *nul = memchr(head.data, '\0', head.size);
    if (nul != NULL) return bad_byte(r, nul, err);
    csv_dialect d;
    STROMA_TRY(stroma_csv_detect_dialect(r->text, plan->file, plan->opts, &d, err));
    note_dialect(r, &d);
    plan->delimiter = d.delimiter;
    stroma_csv_words_init(&plan->words, plan->opts, d.decimal);
    STROMA_TRY(stroma_csv_header_read(r->text, d.delimiter, &r->arena, &r->header, err));
    const size_t bad =
        stroma_csv_bad_byte((csv_text){ r->text.data, (size_t)(r->header.rest - r->text.data) });
    if (bad != SIZE_MAX) return bad_byte(r, r->text.data + bad, err);
    return stroma_csv_plan_columns(plan, &r->header, r->diag, err);
}

static stroma_status read_rows(csv_read *r, stroma_error *err)
{
    const char *from = r->header.rest;
    STROMA_TRY(guess_types(r, from, err));
    STROMA_TRY(cut_chunks(r, from, err));
    STROMA_TRY(parse_chunks(&r->plan, r->chunks, r->chunks_len, err));
    for (size_t i = 0; i < r->chunks_len; i++)
        if (r->chunks[i].bad_byte != NULL) return bad_byte(r, r->chunks[i].bad_byte, err);
    STROMA_TRY(connect_chunks(r, from, err));
    return stroma_csv_report(&r->plan, r->chunks, r->chunks_len, 1 + r->header.lines, r->diag, err);
}

static stroma_status read_text(csv_read *r, stroma_table **out, stroma_error *err)
{
    STROMA_TRY(plan_file(r, err));
    STROMA_TRY(read_rows(r, err));
    STROMA_TRY(settle_types(r, err));
    STROMA_TRY(stroma_csv_join(&r->plan, r->chunks, r->chunks_len, 1 + r->header.lines, out, err));
    if ((*out)->rows_len == 0)
        stroma_csv_find(&r->plan, r->diag, CSV_NO_ROWS, STROMA_WARNING,
                        &(stroma_finding){ .line = r->header.line,
                                           .message = "there are no rows below the header" });
    stroma_csv_report_texts(&r->plan, *out, r->diag);
    return STROMA_OK;
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
    r.plan.file = in->name;
    r.plan.opts = opts;
    r.plan.arena = &r.arena;
    r.plan.limit_bytes = opts->max_bytes == 0 ? LIMIT_DEFAULT : opts->max_bytes;
    r.plan.row_bytes_guess = 64;
    r.plan.end = r.text.data + r.text.size;
    r.plan.newline = memchr(r.text.data, '\n', r.text.size) != NULL ? '\n' : '\r';
    stroma_arena_init(&r.arena, r.plan.limit_bytes);
    if (owned != NULL)
        stroma_csv_find(&r.plan, diag, CSV_UTF16, STROMA_NOTE,
                        &(stroma_finding){ .message = "the file is UTF-16 and was converted" });
    s = read_text(&r, out, err);
    for (size_t i = 0; i < r.chunks_len; i++)
        stroma_csv_chunk_clear(&r.chunks[i], r.plan.columns_len);
    stroma_free(r.chunks);
    stroma_free(r.plan.columns);
    stroma_free(r.header.names);
    stroma_arena_clear(&r.arena);
    stroma_free(owned);
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
