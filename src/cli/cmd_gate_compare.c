/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma gate compare: our counts beside those that FlowJo saved in a workspace. */
#include "fcs_inputs.h"
#include "gate_choice.h"

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
    gate_choice gates;
    gate_opening opening;
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

static stroma_status write_set(comparison *k, const gate_file *f, const stroma_gate_set *s,
                               stroma_error *err)
{
    const char *file = f->path;
    const stroma_fcs_dataset *d = f->data;
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
    gate_file f;
    stroma_gate_set own;
    const stroma_gate_set *set = NULL;
    stroma_gate_set_init(&own);
    STROMA_TRY(gate_file_open(path, &k->opening, k->diag, &f, err));
    stroma_status s = gate_choice_for(&k->gates, &f, k->diag, &own, &set, err);
    if (s == STROMA_OK) s = write_set(k, &f, set, err);
    stroma_gate_set_clear(&own);
    gate_file_close(&f);
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
    comparison k = { .c = c, .diag = &diag };
    const char *gates = cli_text(c, "gates");
    if (gates == NULL) {
        stroma_fail(err, STROMA_E_USAGE, "no gates are given");
        stroma_hint(err, "--gates FILE.wsp");
        return STROMA_E_USAGE;
    }
    stroma_diag_init(&diag);
    gate_opening_init(&k.opening);
    k.opening.as_recorded = true; /* a workspace has matrices of its own */
    stroma_status s =
        gate_choice_read(gates, cli_text(c, "sample"), GATE_CHOICE_OWN, &diag, &k.gates, err);
    if (s == STROMA_OK) s = run_files(&k, err);
    cli_print_findings(c, &diag);
    if (s == STROMA_OK && k.unexplained > 0) s = STROMA_FOUND;
    if (s == STROMA_OK) s = cli_findings_status(c, &diag);
    gate_choice_clear(&k.gates);
    stroma_diag_clear(&diag);
    return s;
}

static const cli_option options[] = {
    { .name = "gates",
      .kind = CLI_PATH,
      .metavar = "FILE",
      .help = "the FlowJo 10 workspace (.wsp)" },
    GATE_OPTION_SAMPLE("sample of the workspace (default: each file's own, by its name or $FIL)"),
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
