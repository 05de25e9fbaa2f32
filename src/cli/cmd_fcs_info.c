/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma fcs info: what an FCS file says of itself. */
#include "cli.h"
#include "fcs_inputs.h"

#include "stroma/json.h"
#include "stroma/memory.h"
#include "stroma/number.h"
#include "stroma/utf8.h"

#include <math.h>
#include <string.h>

enum { INFO_BYTES_MAX = 1 << 28, COLUMNS = 9 };

typedef struct file_info {
    stroma_fcs *file;
} file_info;

/* The task's context: what is written, and where a JSON document has come to. */
typedef struct info_out {
    const char *format;
    stroma_buffer text;
    stroma_json json;
    cli_grid *grid; /* of tsv and csv */
} info_out;

static void release(void *data)
{
    if (data == NULL) return;
    stroma_fcs_close(((file_info *)data)->file);
    stroma_free(data);
}

static stroma_status work(const fcs_task *t, fcs_result *r)
{
    (void)t;
    const stroma_fcs_options opts = { .version = 1, .check_crc = true };
    file_info *f = stroma_alloc_array(1, sizeof *f);
    r->data = f;
    if (f == NULL) return stroma_no_memory(&r->err);
    return stroma_fcs_open(r->path, &opts, &r->diag, &f->file, &r->err);
}

/* The first of these that has a value; NULL when none has. */
static const char *first_of(const stroma_fcs_dataset *d, const char *const *names,
                            const char **which)
{
    for (; *names != NULL; names++) {
        const char *text = stroma_fcs_text(d, *names);
        if (which != NULL) *which = *names;
        if (text != NULL && text[0] != '\0') return text;
    }
    return NULL;
}

static const char *spillover(const stroma_fcs_dataset *d)
{
    static const char *const names[] = { "$SPILLOVER", "SPILL",    "SPILLOVER",
                                         "$COMP",      "$DFC1TO2", NULL };
    const char *which = NULL;
    return first_of(d, names, &which) == NULL ? NULL : which;
}

/* "2015-08-15 …" of FCS 3.2, else "15-Aug-15 15:33:25" as typed. */
static char *date(const stroma_fcs_dataset *d)
{
    static const char *const whole[] = { "$BEGINDATETIME", NULL },
                             *const days[] = { "$DATE", NULL }, *const times[] = { "$BTIM", NULL };
    const char *text = first_of(d, whole, NULL), *day = first_of(d, days, NULL),
               *time = first_of(d, times, NULL);
    if (text != NULL) return stroma_strdup(text);
    return stroma_asprintf("%s%s%s", day == NULL ? "" : day, day == NULL || time == NULL ? "" : " ",
                           time == NULL ? "" : time);
}

static const char *cytometer(const stroma_fcs_dataset *d)
{
    const char *text = stroma_fcs_text(d, "$CYT");
    return text == NULL || text[0] == '\0' ? NULL : text;
}

/* The cells of one channel; numbers that are not known are NULL. */
typedef struct channel_cells {
    char number[24], type[2], bits[16], amplification[2 * STROMA_NUMBER_TEXT_MAX],
        range[STROMA_NUMBER_TEXT_MAX], gain[STROMA_NUMBER_TEXT_MAX],
        voltage[STROMA_NUMBER_TEXT_MAX];
    const char *cell[COLUMNS];
} channel_cells;

static const char *const channel_names[COLUMNS] = { "channel",       "name", "stain",
                                                    "type",          "bits", "range",
                                                    "amplification", "gain", "voltage" };

static void fill_channel(const stroma_fcs_parameter *p, size_t i, channel_cells *c)
{
    char a[STROMA_NUMBER_TEXT_MAX], b[STROMA_NUMBER_TEXT_MAX];
    (void)snprintf(c->number, sizeof c->number, "%zu", i + 1);
    (void)snprintf(c->type, sizeof c->type, "%c", (char)p->type);
    (void)snprintf(c->bits, sizeof c->bits, "%u", p->bits);
    if (p->log_decades > 0)
        (void)snprintf(c->amplification, sizeof c->amplification, "log %s,%s",
                       stroma_format_double(p->log_decades, a),
                       stroma_format_double(p->log_offset, b));
    else
        (void)snprintf(c->amplification, sizeof c->amplification, "%s",
                       p->is_time ? "time" : "linear");
    const char *const cells[COLUMNS] = {
        c->number,
        p->name,
        p->stain[0] == '\0' ? NULL : p->stain,
        c->type,
        p->bits == 0 ? NULL : c->bits,
        p->range > 0 ? stroma_format_double(p->range, c->range) : NULL,
        c->amplification,
        stroma_format_double(p->gain, c->gain),
        isnan(p->voltage) ? NULL : stroma_format_double(p->voltage, c->voltage)
    };
    memcpy(c->cell, cells, sizeof cells);
}

static bool is_number_column(size_t i)
{
    return i == 0 || i == 4 || i == 5 || i == 7 || i == 8;
}

static void put_clean(stroma_buffer *b, const char *text)
{
    for (; *text != '\0'; text++)
        stroma_buffer_putc(b, (unsigned char)*text < 0x20U || *text == 0x7F ? '?' : *text);
}

static void put_padded(stroma_buffer *b, const char *text, size_t width, bool right, bool last)
{
    const size_t w = stroma_utf8_width(text);
    for (size_t k = w; right && k < width; k++)
        stroma_buffer_putc(b, ' ');
    put_clean(b, text);
    for (size_t k = w; !right && !last && k < width; k++)
        stroma_buffer_putc(b, ' ');
    stroma_buffer_puts(b, last ? "\n" : "  ");
}

static void put_channels(stroma_buffer *b, const stroma_fcs_dataset *d)
{
    size_t width[COLUMNS];
    channel_cells c;
    for (size_t k = 0; k < COLUMNS; k++)
        width[k] = strlen(channel_names[k]);
    for (size_t i = 0; i < d->parameters_len; i++) {
        fill_channel(&d->parameters[i], i, &c);
        for (size_t k = 0; k < COLUMNS; k++) {
            const size_t w = c.cell[k] == NULL ? 0 : stroma_utf8_width(c.cell[k]);
            if (w > width[k]) width[k] = w;
        }
    }
    for (size_t k = 0; k < COLUMNS; k++)
        put_padded(b, channel_names[k], width[k], is_number_column(k), k + 1 == COLUMNS);
    for (size_t i = 0; i < d->parameters_len; i++) {
        fill_channel(&d->parameters[i], i, &c);
        for (size_t k = 0; k < COLUMNS; k++)
            put_padded(b, c.cell[k] == NULL ? "" : c.cell[k], width[k], is_number_column(k),
                       k + 1 == COLUMNS);
    }
}

static void put_line(stroma_buffer *b, const char *name, const char *text)
{
    stroma_buffer_printf(b, "%-11s", name);
    put_clean(b, text == NULL || text[0] == '\0' ? "-" : text);
    stroma_buffer_putc(b, '\n');
}

static stroma_status put_text(stroma_buffer *b, const fcs_result *r, const stroma_fcs_dataset *d,
                              size_t sets, stroma_error *err)
{
    char *when = date(d);
    if (when == NULL) return stroma_no_memory(err);
    if (b->len > 0) stroma_buffer_putc(b, '\n');
    put_line(b, "file", r->path);
    if (sets > 1)
        stroma_buffer_printf(b, "data set   %zu (the file holds 0 to %zu)\n", d->index, sets - 1);
    put_line(b, "version", d->version);
    put_line(b, "cytometer", cytometer(d));
    put_line(b, "date", when);
    stroma_free(when);
    stroma_buffer_printf(b, "events     %llu", (unsigned long long)d->n_events);
    if (d->n_events_declared != UINT64_MAX && d->n_events_declared != d->n_events)
        stroma_buffer_printf(b, " of %llu that $TOT says",
                             (unsigned long long)d->n_events_declared);
    stroma_buffer_printf(b, "\nchannels   %zu\nDATA       byte %llu, %llu bytes, placed by %s\n",
                         d->parameters_len, (unsigned long long)d->data_begin,
                         (unsigned long long)d->data_bytes, d->offsets_from);
    put_line(b, "spillover", spillover(d));
    stroma_buffer_printf(b, "findings   %zu in the file\n\n", r->diag.len);
    put_channels(b, d);
    return stroma_buffer_status(b, err);
}

static void json_channel(stroma_json *j, const stroma_fcs_parameter *p, size_t i)
{
    const char type[] = { (char)p->type, '\0' };
    stroma_json_begin_object(j);
    stroma_json_put_int(j, "channel", (int64_t)i + 1);
    stroma_json_put_string(j, "name", p->name);
    stroma_json_put_string(j, "stain", p->stain[0] == '\0' ? NULL : p->stain);
    stroma_json_put_string(j, "type", type);
    stroma_json_put_int(j, "bits", p->bits);
    stroma_json_put_number(j, "range", p->range > 0 ? p->range : (double)NAN);
    stroma_json_put_number(j, "log_decades", p->log_decades);
    stroma_json_put_number(j, "log_offset", p->log_offset);
    stroma_json_put_number(j, "gain", p->gain);
    stroma_json_put_number(j, "voltage_V", p->voltage);
    stroma_json_put_bool(j, "is_time", p->is_time);
    stroma_json_end_object(j);
}

static stroma_status put_json(stroma_json *j, const fcs_result *r, const stroma_fcs_dataset *d,
                              stroma_error *err)
{
    char *when = date(d);
    if (when == NULL) return stroma_no_memory(err);
    stroma_json_begin_object(j);
    stroma_json_put_string(j, "file", r->path);
    stroma_json_put_int(j, "dataset", (int64_t)d->index);
    stroma_json_put_string(j, "version", d->version);
    stroma_json_put_string(j, "cytometer", cytometer(d));
    stroma_json_put_string(j, "date", when[0] == '\0' ? NULL : when);
    stroma_json_put_int(j, "n_events", (int64_t)d->n_events);
    if (d->n_events_declared <= INT64_MAX)
        stroma_json_put_int(j, "n_events_declared", (int64_t)d->n_events_declared);
    else
        stroma_json_put_null(j, "n_events_declared");
    stroma_json_put_int(j, "data_begin_byte", (int64_t)d->data_begin);
    stroma_json_put_int(j, "data_bytes", (int64_t)d->data_bytes);
    stroma_json_put_string(j, "data_placed_by", d->offsets_from);
    stroma_json_put_number(j, "timestep_s", d->timestep_s);
    stroma_json_put_string(j, "spillover", spillover(d));
    stroma_json_put_int(j, "n_findings", (int64_t)r->diag.len);
    stroma_json_key(j, "channels");
    stroma_json_begin_array(j);
    for (size_t i = 0; i < d->parameters_len; i++)
        json_channel(j, &d->parameters[i], i);
    stroma_json_end_array(j);
    stroma_json_end_object(j);
    stroma_free(when);
    return stroma_buffer_status(j->out, err);
}

static const char *const grid_names[] = {
    "file",           "dataset",   "version",    "cytometer",     "date", "n_events",
    "data_placed_by", "spillover", "n_findings", "channel",       "name", "stain",
    "type",           "bits",      "range",      "amplification", "gain", "voltage"
};
enum { GRID_COLUMNS = sizeof grid_names / sizeof grid_names[0] };

static stroma_status put_rows(cli_grid *g, const fcs_result *r, const stroma_fcs_dataset *d,
                              stroma_error *err)
{
    char dataset[24], events[24], findings[24];
    char *when = date(d);
    if (when == NULL) return stroma_no_memory(err);
    (void)snprintf(dataset, sizeof dataset, "%zu", d->index);
    (void)snprintf(events, sizeof events, "%llu", (unsigned long long)d->n_events);
    (void)snprintf(findings, sizeof findings, "%zu", r->diag.len);
    const char *cells[GRID_COLUMNS] = { r->path, dataset,         d->version,   cytometer(d), when,
                                        events,  d->offsets_from, spillover(d), findings };
    stroma_status s = STROMA_OK;
    for (size_t i = 0; i < d->parameters_len && s == STROMA_OK; i++) {
        channel_cells c;
        fill_channel(&d->parameters[i], i, &c);
        memcpy(cells + GRID_COLUMNS - COLUMNS, c.cell, sizeof c.cell);
        s = cli_grid_row(g, cells, err);
    }
    stroma_free(when);
    return s;
}

static stroma_status emit(const fcs_task *t, const fcs_result *r, stroma_error *err)
{
    info_out *o = t->context;
    const file_info *f = r->data;
    const size_t n = stroma_fcs_len(f->file);
    for (size_t i = 0; i < n; i++) {
        const stroma_fcs_dataset *d = stroma_fcs_get(f->file, i);
        if (o->grid != NULL)
            STROMA_TRY(put_rows(o->grid, r, d, err));
        else if (strcmp(o->format, "table") == 0)
            STROMA_TRY(put_text(&o->text, r, d, n, err));
        else
            STROMA_TRY(put_json(&o->json, r, d, err));
        if (strcmp(o->format, "jsonl") == 0) stroma_buffer_putc(&o->text, '\n');
    }
    return STROMA_OK;
}

static stroma_status write_all(cli_context *c, const fcs_inputs *in, info_out *o, stroma_error *err)
{
    cli_cell_type types[GRID_COLUMNS] = { CLI_CELL_TEXT };
    for (size_t i = 0; i < COLUMNS; i++)
        types[GRID_COLUMNS - COLUMNS + i] = is_number_column(i) ? CLI_CELL_NUMBER : CLI_CELL_TEXT;
    const bool json = strcmp(o->format, "json") == 0;
    stroma_json_init(&o->json, &o->text, json ? 2 : 0);
    if (strcmp(o->format, "tsv") == 0 || strcmp(o->format, "csv") == 0)
        STROMA_TRY(
            cli_grid_new(c, "stroma.fcs_info/1", grid_names, types, GRID_COLUMNS, &o->grid, err));
    if (json) {
        stroma_json_begin_object(&o->json);
        stroma_json_put_string(&o->json, "schema", "stroma.fcs_info/1");
        stroma_json_key(&o->json, "datasets");
        stroma_json_begin_array(&o->json);
    }
    const fcs_task task = { "reading FCS files", work, emit, release, o };
    const stroma_status s = fcs_inputs_run(c, in, &task, err);
    stroma_error end = STROMA_ERROR_INIT;
    stroma_status written = STROMA_OK;
    if (json) {
        stroma_json_end_array(&o->json);
        stroma_json_end_object(&o->json);
        stroma_buffer_putc(&o->text, '\n');
    }
    written = o->grid != NULL   ? cli_grid_end(o->grid, STROMA_OK, &end)
              : o->text.len > 0 ? cli_emit_buffer(c, &o->text, &end)
                                : STROMA_OK;
    if (written != STROMA_OK && err != NULL) *err = end;
    return written != STROMA_OK ? written : s;
}

static stroma_status run_info(cli_context *c, stroma_error *err)
{
    const char *const *args = NULL;
    const size_t n = cli_args(c, &args);
    fcs_inputs in;
    STROMA_TRY(fcs_inputs_find(args, n, &in, err));
    info_out o = { .format = cli_format(c) };
    stroma_buffer_init(&o.text, INFO_BYTES_MAX);
    const stroma_status s = write_all(c, &in, &o, err);
    stroma_buffer_clear(&o.text);
    fcs_inputs_clear(&in);
    return s;
}

static const cli_option options[] = {
    CLI_OPTION_FORMAT, CLI_OPTION_OUTPUT, CLI_OPTION_FORCE, CLI_OPTION_STRICT, { .name = NULL },
};
static const char *const examples[] = { "stroma fcs info tube.fcs",
                                        "stroma fcs info --format json samples/", NULL };

const cli_command cli_cmd_fcs_info = {
    .noun = "fcs",
    .verb = "info",
    .summary = "what a file says of itself: cytometer, channels, stains, scales",
    .usage = "FILE|FOLDER…",
    .min_args = 1,
    .max_args = -1,
    .description =
        "Version, cytometer, date, number of events, where the events were found and by which "
        "evidence, whether there is a spillover matrix, how many findings there are (-v prints the "
        "notes too), and of every channel its name, stain, type, width in bits, range, "
        "amplification, gain and voltage. Events are not decoded. Of a folder every file below it "
        "is taken that ends in .fcs or .lmd or begins as an FCS file does.",
    .options = options,
    .examples = examples,
    .run = run_info,
};
