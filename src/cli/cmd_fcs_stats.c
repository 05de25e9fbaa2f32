/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma fcs stats: smallest, largest and sum of every channel. */
#include "cli.h"
#include "fcs_inputs.h"

#include "stroma/memory.h"
#include "stroma/number.h"

#include <stdio.h>

/* A file with the summaries of its data sets, one behind the other. */
typedef struct file_stats {
    stroma_fcs *file;
    stroma_fcs_summary *summaries;
} file_stats;

static void release(void *data)
{
    file_stats *f = data;
    if (f == NULL) return;
    stroma_fcs_close(f->file);
    stroma_free(f->summaries);
    stroma_free(f);
}

static stroma_status summarise(file_stats *f, fcs_result *r)
{
    const stroma_fcs_options opts = { .version = 1, .check_crc = true };
    STROMA_TRY(stroma_fcs_open(r->path, &opts, &r->diag, &f->file, &r->err));
    size_t n = 0;
    for (size_t i = 0; i < stroma_fcs_len(f->file); i++)
        n += stroma_fcs_get(f->file, i)->parameters_len;
    f->summaries = stroma_alloc_array(n, sizeof *f->summaries);
    if (f->summaries == NULL) return stroma_no_memory(&r->err);
    stroma_fcs_summary *out = f->summaries;
    for (size_t i = 0; i < stroma_fcs_len(f->file); i++) {
        const stroma_fcs_dataset *d = stroma_fcs_get(f->file, i);
        STROMA_TRY(stroma_fcs_summarise(d, r->path, &r->diag, out, &r->err));
        out += d->parameters_len;
    }
    return STROMA_OK;
}

static stroma_status work(const fcs_task *t, fcs_result *r)
{
    (void)t;
    r->data = stroma_alloc_array(1, sizeof(file_stats));
    if (r->data == NULL) return stroma_no_memory(&r->err);
    return summarise(r->data, r);
}

static stroma_status emit(const fcs_task *t, const fcs_result *r, stroma_error *err)
{
    const file_stats *f = r->data;
    const stroma_fcs_summary *x = f->summaries;
    char text[6][STROMA_NUMBER_TEXT_MAX], dataset[24], events[24], channel[24];
    for (size_t i = 0; i < stroma_fcs_len(f->file); i++) {
        const stroma_fcs_dataset *d = stroma_fcs_get(f->file, i);
        (void)snprintf(dataset, sizeof dataset, "%zu", i);
        (void)snprintf(events, sizeof events, "%llu", (unsigned long long)d->n_events);
        for (size_t j = 0; j < d->parameters_len; j++, x++) {
            (void)snprintf(channel, sizeof channel, "%zu", j + 1);
            const char *const cells[] = { r->path,
                                          dataset,
                                          events,
                                          channel,
                                          d->parameters[j].name,
                                          stroma_format_double(x->stored_min, text[0]),
                                          stroma_format_double(x->stored_max, text[1]),
                                          stroma_format_double(x->stored_sum, text[2]),
                                          stroma_format_double(x->linear_min, text[3]),
                                          stroma_format_double(x->linear_max, text[4]),
                                          stroma_format_double(x->linear_sum, text[5]) };
            STROMA_TRY(cli_grid_row(t->context, cells, err));
        }
    }
    return STROMA_OK;
}

static stroma_status run_stats(cli_context *c, stroma_error *err)
{
    static const char *const names[] = { "file",       "dataset",    "n_events",  "channel",
                                         "name",       "raw_min",    "raw_max",   "raw_sum",
                                         "scaled_min", "scaled_max", "scaled_sum" };
    static const cli_cell_type types[] = { CLI_CELL_TEXT,   CLI_CELL_NUMBER, CLI_CELL_NUMBER,
                                           CLI_CELL_NUMBER, CLI_CELL_TEXT,   CLI_CELL_NUMBER,
                                           CLI_CELL_NUMBER, CLI_CELL_NUMBER, CLI_CELL_NUMBER,
                                           CLI_CELL_NUMBER, CLI_CELL_NUMBER };
    const char *const *args = NULL;
    const size_t n = cli_args(c, &args);
    fcs_inputs in;
    STROMA_TRY(fcs_inputs_find(args, n, &in, err));
    cli_grid *g = NULL;
    stroma_status s = cli_grid_new(c, "stroma.fcs_stats/1", names, types,
                                   sizeof names / sizeof names[0], &g, err);
    if (s == STROMA_OK) {
        const fcs_task task = { "summing up FCS files", work, emit, release, g };
        s = fcs_inputs_run(c, &in, &task, err);
        /* The rows of the files that could be read are data, whatever became of the others. */
        stroma_error end = STROMA_ERROR_INIT;
        const stroma_status written = cli_grid_end(g, STROMA_OK, &end);
        if (written != STROMA_OK) {
            s = written;
            if (err != NULL) *err = end;
        }
    }
    fcs_inputs_clear(&in);
    return s;
}

static const cli_option options[] = {
    CLI_OPTION_FORMAT, CLI_OPTION_OUTPUT, CLI_OPTION_FORCE, CLI_OPTION_STRICT, { .name = NULL },
};
static const char *const examples[] = { "stroma fcs stats tube.fcs",
                                        "stroma fcs stats --format tsv -o stats.tsv samples/",
                                        NULL };

const cli_command cli_cmd_fcs_stats = {
    .noun = "fcs",
    .verb = "stats",
    .summary = "smallest, largest and sum of every channel",
    .usage = "FILE|FOLDER…",
    .min_args = 1,
    .max_args = -1,
    .description =
        "A row a channel of every data set: raw values as stored (integers masked to their range), "
        "and scaled values, that are linear: log amplification and gain undone, time in seconds. "
        "Every event is read. NaN and infinite values are left out and counted in a finding; where "
        "no value is left, all three are 0. Of a folder every file below it is taken that ends in "
        ".fcs or .lmd or begins as an FCS file does. A file that cannot be read is reported, the "
        "others are, and the highest exit code is that of the command.",
    .options = options,
    .examples = examples,
    .run = run_stats,
};
