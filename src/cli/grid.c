/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One table, five forms. */
#include "context.h"

#include "stroma/json.h"
#include "stroma/memory.h"
#include "stroma/number.h"
#include "stroma/utf8.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

enum { GRID_BYTES_MAX = 1 << 30, GRID_FLUSH_BYTES = 1 << 16 };

typedef enum grid_form { FORM_TABLE, FORM_TSV, FORM_CSV, FORM_JSON, FORM_JSONL } grid_form;

struct cli_grid {
    const cli_context *context;
    grid_form form;
    bool to_stdout;
    char *schema;
    char **names;
    cli_cell_type *types;
    size_t n;
    stroma_buffer out;
    stroma_json json;
    char **cells; /* FORM_TABLE waits for all rows: n × n_rows copies */
    size_t n_cells, capacity;
};

static bool option_exists(const cli_context *c, const char *name)
{
    for (size_t i = 0; i < c->n_slots; i++)
        if (strcmp(c->slots[i].option->name, name) == 0) return true;
    return false;
}

static const char *output_path(const cli_context *c)
{
    const char *path = option_exists(c, "output") ? cli_text(c, "output") : NULL;
    return path == NULL || strcmp(path, "-") == 0 ? NULL : path;
}

const char *cli_format(const cli_context *c)
{
    static const char *const endings[] = { "csv", "tsv", "json", "jsonl" };
    const char *asked = option_exists(c, "format") ? cli_text(c, "format") : NULL;
    if (asked != NULL) return asked;
    const char *path = output_path(c);
    if (path == NULL) return isatty(STDOUT_FILENO) ? "table" : "tsv";
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot != NULL && i < sizeof endings / sizeof endings[0]; i++)
        if (strcmp(dot + 1, endings[i]) == 0) return endings[i];
    return "tsv";
}

const char *cli_cell_number(const cli_context *c, double x, char *out)
{
    if (!isfinite(x)) return NULL;
    const bool whole = x == floor(x) && fabs(x) < 1e15;
    return whole || strcmp(cli_format(c), "table") != 0 ? stroma_format_double(x, out)
                                                        : stroma_format_significant(x, 6, out);
}

static grid_form form_of(const char *name)
{
    static const char *const names[] = { "table", "tsv", "csv", "json", "jsonl" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0) return (grid_form)i;
    return FORM_TSV;
}

static void grid_free(cli_grid *g)
{
    if (g == NULL) return;
    for (size_t i = 0; g->names != NULL && i < g->n; i++)
        stroma_free(g->names[i]);
    for (size_t i = 0; i < g->n_cells; i++)
        stroma_free(g->cells[i]);
    stroma_free(g->names);
    stroma_free(g->cells);
    stroma_free(g->types);
    stroma_free(g->schema);
    stroma_buffer_clear(&g->out);
    stroma_free(g);
}

static void put_separated(stroma_buffer *b, const char *text, char separator)
{
    const char special[] = { separator, '"', '\n', '\r', '\0' };
    if (text[strcspn(text, special)] == '\0') {
        stroma_buffer_puts(b, text);
        return;
    }
    stroma_buffer_putc(b, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"') stroma_buffer_putc(b, '"');
        stroma_buffer_putc(b, *text);
    }
    stroma_buffer_putc(b, '"');
}

/* A cell as plain text: a JSON string without escapes loses its quotes, null is empty. */
static void put_plain(cli_cell_type type, const char *cell, stroma_buffer *b, char separator)
{
    if (cell == NULL) return;
    const size_t n = strlen(cell);
    if (type == CLI_CELL_JSON && strcmp(cell, "null") == 0) return;
    if (type == CLI_CELL_JSON && n >= 2 && cell[0] == '"' && memchr(cell, '\\', n) == NULL) {
        char *inner = stroma_strndup(cell + 1, n - 2);
        if (inner == NULL)
            b->status = STROMA_E_NOMEM;
        else
            put_separated(b, inner, separator);
        stroma_free(inner);
        return;
    }
    put_separated(b, cell, separator);
}

static void json_number(stroma_json *j, const char *text)
{
    double x = 0;
    int64_t i = 0;
    if (stroma_parse_int(text, strlen(text), &i))
        stroma_json_int(j, i);
    else if (stroma_parse_double(text, strlen(text), '.', &x))
        stroma_json_number(j, x);
    else
        stroma_json_null(j);
}

static void json_row(cli_grid *g, const char *const *cells)
{
    stroma_json *j = &g->json;
    stroma_json_begin_object(j);
    for (size_t i = 0; i < g->n; i++) {
        stroma_json_key(j, g->names[i]);
        if (cells[i] == NULL) {
            stroma_json_null(j);
            continue;
        }
        switch (g->types[i]) {
        case CLI_CELL_TEXT: stroma_json_string(j, cells[i]); break;
        case CLI_CELL_NUMBER: json_number(j, cells[i]); break;
        case CLI_CELL_BOOL: stroma_json_bool(j, strcmp(cells[i], "true") == 0); break;
        case CLI_CELL_JSON: stroma_json_raw(j, cells[i]); break;
        }
    }
    stroma_json_end_object(j);
}

static stroma_status flush(cli_grid *g, size_t at_least, stroma_error *err)
{
    STROMA_TRY(stroma_buffer_status(&g->out, err));
    if (!g->to_stdout || g->out.len < at_least) return STROMA_OK;
    STROMA_TRY(cli_write(g->out.data, g->out.len, err));
    stroma_buffer_reset(&g->out);
    return STROMA_OK;
}

static void separated_row(cli_grid *g, const char *const *cells)
{
    const char separator = g->form == FORM_TSV ? '\t' : ',';
    for (size_t i = 0; i < g->n; i++) {
        if (i > 0) stroma_buffer_putc(&g->out, separator);
        put_plain(g->types[i], cells[i], &g->out, separator);
    }
    stroma_buffer_putc(&g->out, '\n');
}

static stroma_status header(cli_grid *g, stroma_error *err)
{
    if (g->form == FORM_JSON) {
        stroma_json_begin_object(&g->json);
        stroma_json_put_string(&g->json, "schema", g->schema);
        stroma_json_key(&g->json, "rows");
        stroma_json_begin_array(&g->json);
    } else if (g->form == FORM_TSV || g->form == FORM_CSV) {
        const char separator = g->form == FORM_TSV ? '\t' : ',';
        for (size_t i = 0; i < g->n; i++) {
            if (i > 0) stroma_buffer_putc(&g->out, separator);
            put_separated(&g->out, g->names[i], separator);
        }
        stroma_buffer_putc(&g->out, '\n');
    }
    return stroma_buffer_status(&g->out, err);
}

static stroma_status fill(cli_grid *g, const char *schema, const char *const *names,
                          const cli_cell_type *types, stroma_error *err)
{
    g->names = stroma_alloc_array(g->n, sizeof *g->names);
    g->types = stroma_alloc_array(g->n, sizeof *g->types);
    g->schema = stroma_strdup(schema);
    if (g->names == NULL || g->types == NULL || g->schema == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < g->n; i++) {
        g->types[i] = types[i];
        g->names[i] = stroma_strdup(names[i]);
        if (g->names[i] == NULL) return stroma_no_memory(err);
    }
    return header(g, err);
}

stroma_status cli_grid_new(const cli_context *c, const char *schema, const char *const *names,
                           const cli_cell_type *types, size_t n, cli_grid **out, stroma_error *err)
{
    *out = NULL;
    cli_grid *g = stroma_alloc_array(1, sizeof *g);
    if (g == NULL) return stroma_no_memory(err);
    g->context = c;
    g->form = form_of(cli_format(c));
    g->to_stdout = output_path(c) == NULL;
    g->n = n;
    stroma_buffer_init(&g->out, GRID_BYTES_MAX);
    stroma_json_init(&g->json, &g->out, g->form == FORM_JSON ? 2 : 0);
    const stroma_status s = fill(g, schema, names, types, err);
    if (s != STROMA_OK)
        grid_free(g);
    else
        *out = g;
    return s;
}

/* Copies for the aligned form, already as plain text with control characters made visible. */
static stroma_status keep_row(cli_grid *g, const char *const *cells, stroma_error *err)
{
    STROMA_TRY(stroma_grow(&g->cells, &g->capacity, g->n_cells + g->n, sizeof *g->cells, err));
    for (size_t i = 0; i < g->n; i++) {
        stroma_buffer b;
        stroma_buffer_init(&b, GRID_BYTES_MAX);
        put_plain(g->types[i], cells[i], &b, '\0'); /* no quotes */
        const stroma_status s = stroma_buffer_status(&b, err);
        char *text = b.data;
        if (s == STROMA_OK && text == NULL) text = stroma_strdup("");
        if (s != STROMA_OK || text == NULL) {
            stroma_buffer_clear(&b);
            return s == STROMA_OK ? stroma_no_memory(err) : s;
        }
        for (char *p = text; *p != '\0'; p++)
            if ((unsigned char)*p < 0x20U || *p == 0x7F) *p = '?';
        g->cells[g->n_cells++] = text;
    }
    return STROMA_OK;
}

stroma_status cli_grid_row(cli_grid *g, const char *const *cells, stroma_error *err)
{
    switch (g->form) {
    case FORM_TABLE: return keep_row(g, cells, err);
    case FORM_TSV:
    case FORM_CSV: separated_row(g, cells); break;
    case FORM_JSON: json_row(g, cells); break;
    case FORM_JSONL:
        json_row(g, cells);
        stroma_buffer_putc(&g->out, '\n');
        break;
    }
    return flush(g, GRID_FLUSH_BYTES, err);
}

static void put_aligned(cli_grid *g, const char *text, size_t i, size_t width)
{
    const size_t w = stroma_utf8_width(text), pad = width > w ? width - w : 0;
    const bool right = g->types[i] == CLI_CELL_NUMBER, last = i + 1 == g->n;
    if (i > 0) stroma_buffer_puts(&g->out, "  ");
    for (size_t k = 0; right && k < pad; k++)
        stroma_buffer_putc(&g->out, ' ');
    stroma_buffer_puts(&g->out, text);
    for (size_t k = 0; !right && !last && k < pad; k++)
        stroma_buffer_putc(&g->out, ' ');
    if (last) stroma_buffer_putc(&g->out, '\n');
}

static stroma_status write_aligned(cli_grid *g, stroma_error *err)
{
    size_t *width = stroma_alloc_array(g->n, sizeof *width);
    if (width == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < g->n; i++)
        width[i] = stroma_utf8_width(g->names[i]);
    for (size_t k = 0; k < g->n_cells; k++) {
        const size_t w = stroma_utf8_width(g->cells[k]);
        if (w > width[k % g->n]) width[k % g->n] = w;
    }
    const bool bold = g->to_stdout && cli_color(g->context, stdout);
    if (bold) stroma_buffer_puts(&g->out, "\x1b[1m");
    for (size_t i = 0; i < g->n; i++)
        put_aligned(g, g->names[i], i, width[i]);
    if (bold) stroma_buffer_puts(&g->out, "\x1b[0m");
    stroma_status s = STROMA_OK;
    for (size_t k = 0; k < g->n_cells && s == STROMA_OK; k++) {
        put_aligned(g, g->cells[k], k % g->n, width[k % g->n]);
        if (k % g->n + 1 == g->n) s = flush(g, GRID_FLUSH_BYTES, err);
    }
    stroma_free(width);
    return s;
}

static stroma_status finish(cli_grid *g, stroma_error *err)
{
    if (g->form == FORM_TABLE && g->n > 0) STROMA_TRY(write_aligned(g, err));
    if (g->form == FORM_JSON) {
        stroma_json_end_array(&g->json);
        stroma_json_end_object(&g->json);
        stroma_buffer_putc(&g->out, '\n');
    }
    STROMA_TRY(flush(g, 1, err));
    return g->to_stdout ? STROMA_OK : cli_emit_buffer(g->context, &g->out, err);
}

stroma_status cli_grid_end(cli_grid *g, stroma_status so_far, stroma_error *err)
{
    if (g == NULL) return so_far;
    stroma_status s = so_far;
    if (so_far == STROMA_OK || so_far == STROMA_FOUND) {
        const stroma_status end = finish(g, err);
        if (end != STROMA_OK) s = end;
    }
    grid_free(g);
    return s;
}
