/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first record of a CSV file: the names of its columns. */
#include "csv_private.h"

#include "stroma/memory.h"

#include <csv.h>
#include <string.h>

typedef struct header_walk {
    csv_header *h;
    stroma_arena *arena;
    bool done, after_cr;
    int64_t lines; /* line ends passed */
    stroma_status status;
} header_walk;

static void on_cell(void *s, size_t n, void *data)
{
    header_walk *w = data;
    csv_header *h = w->h;
    if (w->done || w->status != STROMA_OK) return;
    const csv_text all = { n == 0 ? "" : s, n };
    if (h->len == 0) h->line = w->lines + 1;
    for (size_t i = 0; i < n; i++)
        w->lines += all.data[i] == '\n' ? i == 0 || all.data[i - 1] != '\r' : all.data[i] == '\r';
    const csv_text cell = stroma_csv_trim(all);
    w->status = stroma_grow(&h->names, &h->capacity, h->len + 1, sizeof *h->names, NULL);
    if (w->status != STROMA_OK) return;
    h->names[h->len] = stroma_arena_strndup(w->arena, cell.data, cell.size);
    if (h->names[h->len++] == NULL) w->status = STROMA_E_NOMEM;
    w->after_cr = false;
}

static void on_line_end(int character, void *data)
{
    header_walk *w = data;
    if (character == '\r' || (character == '\n' && !w->after_cr)) w->lines++;
    w->after_cr = character == '\r';
    if (w->h->len > 0) w->done = true;
}

/* Behind the next LF, CR or CRLF. */
static const char *after_line_end(const char *at, const char *end)
{
    while (at < end && *at != '\n' && *at != '\r')
        at++;
    if (end - at >= 2 && at[0] == '\r' && at[1] == '\n') at++;
    return at < end ? at + 1 : end;
}

stroma_status stroma_csv_header_read(csv_text text, char delimiter, stroma_arena *arena,
                                     csv_header *out, stroma_error *err)
{
    *out = (csv_header){ 0 };
    header_walk w = { .h = out, .arena = arena };
    const char *at = text.data, *end = text.data + text.size;
    struct csv_parser p;
    stroma_csv_parser_init(&p, delimiter, CSV_REPALL_NL);
    while (at < end && !w.done && w.status == STROMA_OK) {
        const char *next = after_line_end(at, end);
        if (csv_parse(&p, at, (size_t)(next - at), on_cell, on_line_end, &w) != (size_t)(next - at))
            w.status = STROMA_E_NOMEM;
        at = next;
    }
    if (!w.done && w.status == STROMA_OK) {
        (void)csv_set_opts(&p, CSV_REPALL_NL | CSV_STRICT | CSV_STRICT_FINI);
        out->open_quote = csv_fini(&p, on_cell, on_line_end, &w) != 0;
    }
    csv_free(&p);
    out->rest = at;
    out->lines = w.lines;
    return w.status == STROMA_OK ? STROMA_OK : stroma_no_memory(err);
}
