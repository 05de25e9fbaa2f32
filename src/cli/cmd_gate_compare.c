/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma gate compare: our counts beside those that FlowJo saved in a workspace. */
#include "fcs_inputs.h"

#include "stroma/cytometry_workspace.h"
#include "stroma/number.h"

#include <inttypes.h>
#include <string.h>

enum { COLUMNS = 8, CELL = 32 };
static const char *const names[COLUMNS] = { "file",         "gate",       "count",
                                            "saved",        "difference", "count_as_flowjo",
                                            "events_moved", "reason" };
static const cli_cell_type types[COLUMNS] = { CLI_CELL_TEXT,   CLI_CELL_TEXT,   CLI_CELL_NUMBER,
                                              CLI_CELL_NUMBER, CLI_CELL_NUMBER, CLI_CELL_NUMBER,
                                              CLI_CELL_NUMBER, CLI_CELL_TEXT };

typedef struct comparison {
    const cli_context *c;
    cli_grid *grid;
    stroma_diag *diag;
    const stroma_workspace *workspace;
    const char *gates; /* path of the workspace */
    size_t unexplained;
} comparison;

static stroma_status write_row(comparison *k, const char *file, const char *gate,
                               const stroma_flowjo_difference *d, stroma_error *err)
{
    char text[5][CELL];
    const int64_t numbers[5] = { (int64_t)d->count, d->saved, (int64_t)d->count - d->saved,
                                 (int64_t)d->count_as_flowjo,
                                 (int64_t)(d->outside_only + d->inside_only) };
    const char *cells[COLUMNS] = { file, gate };
    for (size_t i = 0; i < 5; i++) {
        (void)snprintf(text[i], CELL, "%" PRId64, numbers[i]);
        cells[2 + i] = text[i];
    }
    if (d->saved < 0) cells[3] = cells[4] = NULL;
    cells[7] = stroma_flowjo_reason_name(d->reason);
    if (d->reason == STROMA_FLOWJO_UNEXPLAINED) {
        char message[160];
        (void)snprintf(message, sizeof message,
                       "%s events by the values, %s in FlowJo's bins, FlowJo saved %s", text[0],
                       text[3], text[1]);
        const stroma_finding f = { .code = "STROMA-FLOWJO-007",
                                   .severity = STROMA_WARNING,
                                   .file = file,
                                   .column = gate,
                                   .message = message,
                                   .action = "look whether the gate was moved after FlowJo counted "
                                             "last" };
        stroma_diag_add(k->diag, &f);
        k->unexplained++;
    }
    return cli_grid_row(k->grid, cells, err);
}

static stroma_status write_set(comparison *k, const char *file, const stroma_gate_set *s,
                               const stroma_fcs_dataset *d, stroma_error *err)
{
    const stroma_gate_options opts = { .version = 1, .threads = cli_threads(k->c) };
    stroma_flowjo_difference *list = stroma_alloc_array(s->gates_len, sizeof *list);
    if (list == NULL) return stroma_no_memory(err);
    stroma_status st = stroma_flowjo_compare(s, d, &opts, list, err);
    stroma_flowjo_difference all = { .count = d->n_events,
                                     .count_as_flowjo = d->n_events,
                                     .saved = s->flowjo->sample.saved_count };
    all.reason = all.saved < 0                        ? STROMA_FLOWJO_NOT_COUNTED
                 : (uint64_t)all.saved == d->n_events ? STROMA_FLOWJO_EQUAL
                                                      : STROMA_FLOWJO_UNEXPLAINED;
    if (st == STROMA_OK) st = write_row(k, file, "ungated", &all, err);
    for (size_t g = 0; g < s->gates_len && st == STROMA_OK; g++)
        if (!s->flowjo->gates[g].hidden) st = write_row(k, file, s->gates[g].id, &list[g], err);
    stroma_free(list);
    return st;
}

static stroma_status compare_file(comparison *k, const char *path, stroma_error *err)
{
    stroma_fcs *fcs = NULL;
    STROMA_TRY(stroma_fcs_open(path, NULL, k->diag, &fcs, err));
    const stroma_fcs_dataset *d = stroma_fcs_preferred(fcs);
    const char *sample = cli_text(k->c, "sample");
    char number[CELL];
    size_t at = 0;
    stroma_status s = STROMA_OK;
    if (sample == NULL) {
        s = stroma_workspace_find(k->workspace, path, stroma_fcs_text(d, "$FIL"), &at, err);
        (void)snprintf(number, sizeof number, "#%zu", at + 1);
        sample = number;
    }
    stroma_gate_set set;
    stroma_gate_set_init(&set);
    if (s == STROMA_OK) s = stroma_gates_read(k->gates, sample, k->diag, &set, err);
    if (s == STROMA_OK) s = write_set(k, path, &set, d, err);
    stroma_gate_set_clear(&set);
    stroma_fcs_close(fcs);
    return stroma_in(err, s, "file \"%s\"", path);
}

static stroma_status compare_files(comparison *k, const fcs_inputs *in, stroma_error *err)
{
    const size_t n = in->len;
    if (n > 1 && cli_given(k->c, "sample")) {
        stroma_fail(err, STROMA_E_USAGE, "--sample names the sample of one file, and %zu are given",
                    n);
        stroma_hint(err, "without it each file finds its own sample by its name or $FIL");
        return STROMA_E_USAGE;
    }
    stroma_status worst = STROMA_OK;
    STROMA_TRY(cli_grid_new(k->c, "stroma.gate-compare/1", names, types, COLUMNS, &k->grid, err));
    for (size_t i = 0; i < n; i++) {
        stroma_error here = STROMA_ERROR_INIT;
        const stroma_status s = compare_file(k, in->paths[i], &here);
        if (s == STROMA_OK) continue;
        if (n == 1 || s == STROMA_E_INTERRUPTED || s == STROMA_E_NOMEM || s == STROMA_E_PIPE) {
            if (err != NULL) *err = here;
            return cli_grid_end(k->grid, s, err);
        }
        cli_print_error(k->c, &here);
        if (s > worst) worst = s;
    }
    STROMA_TRY(cli_grid_end(k->grid, STROMA_OK, err));
    return worst;
}

static stroma_status run_files(comparison *k, stroma_error *err)
{
    const char *const *args = NULL;
    const size_t n = cli_args(k->c, &args);
    fcs_inputs in = { 0 };
    stroma_status s = fcs_inputs_find(args, n, &in, err);
    if (s == STROMA_OK) s = compare_files(k, &in, err);
    fcs_inputs_clear(&in);
    return s;
}

static stroma_status run(cli_context *c, stroma_error *err)
{
    stroma_diag diag;
    stroma_workspace w;
    comparison k = { .c = c, .diag = &diag, .workspace = &w, .gates = cli_text(c, "gates") };
    if (k.gates == NULL) {
        stroma_fail(err, STROMA_E_USAGE, "no gates are given");
        stroma_hint(err, "--gates FILE.wsp");
        return STROMA_E_USAGE;
    }
    stroma_diag_init(&diag);
    stroma_status s = stroma_workspace_read(k.gates, &w, err);
    if (s == STROMA_OK && !w.is_workspace) {
        s = stroma_fail(err, STROMA_E_USAGE, "file \"%s\" is no FlowJo workspace", k.gates);
        stroma_hint(err, "only workspaces hold counts to compare with; stroma gate run counts the "
                         "gates of other files");
    }
    if (s == STROMA_OK) s = run_files(&k, err);
    cli_print_findings(c, &diag);
    if (s == STROMA_OK && k.unexplained > 0) s = STROMA_FOUND;
    if (s == STROMA_OK) s = cli_findings_status(c, &diag);
    stroma_workspace_clear(&w);
    stroma_diag_clear(&diag);
    return s;
}

static const cli_option options[] = {
    { .name = "gates",
      .kind = CLI_PATH,
      .metavar = "FILE",
      .help = "the FlowJo 10 workspace (.wsp)" },
    { .name = "sample",
      .kind = CLI_TEXT,
      .metavar = "NAME",
      .help = "sample of the workspace (default: each file's own, by its name or $FIL)" },
    CLI_OPTION_STRICT,
    CLI_OPTION_FORMAT,
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    { 0 },
};
static const char *const examples[] = {
    "stroma gate compare --gates trial.wsp visit1.fcs",
    "stroma gate compare --gates trial.wsp --format tsv *.fcs",
    NULL,
};
const cli_command cli_cmd_gate_compare = {
    .noun = "gate",
    .verb = "compare",
    .summary = "counts of a FlowJo workspace beside FlowJo's own",
    .usage = "--gates FILE.wsp FCSFILE|FOLDER…",
    .min_args = 1,
    .max_args = -1,
    .description =
        "One row a gate: the events in it by the values, the count that FlowJo saved, their "
        "difference, the count when polygons and ellipses are asked in the bins of FlowJo's plots, "
        "how many events the bins move in or out, and the reason: equal; bins (of this gate); bins "
        "upstream (of a gate above it, or one it is made of); not counted (the workspace holds no "
        "count); unexplained. Exit code 1 when a difference is not explained.",
    .options = options,
    .examples = examples,
    .run = run,
};
