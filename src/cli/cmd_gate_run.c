/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma gate run: how many events of each file are in each gate, or which. */
#include "fcs_inputs.h"
#include "gate_choice.h"

#include "stroma/number.h"

#include <inttypes.h>
#include <string.h>

enum { COLUMNS = 6, NUMBER_MAX = 24, EVENTS_LIMIT_BYTES = 1 << 30 };

typedef struct job {
    gate_choice gates;
    gate_opening opening;
    bool as_flowjo;
    int threads; /* inside one file */
    const cli_context *c;
    cli_grid *grid;
} job;

/* Of one file. */
typedef struct counted {
    gate_file sample;
    stroma_gate_set own;
    const stroma_gate_set *set;
    stroma_membership m;
} counted;

static void release(void *data)
{
    counted *x = data;
    if (x == NULL) return;
    stroma_membership_clear(&x->m);
    stroma_gate_set_clear(&x->own);
    gate_file_close(&x->sample);
    stroma_free(x);
}

static stroma_status evaluate(const job *j, counted *x, const stroma_gate_options *o,
                              stroma_error *err)
{
    return j->as_flowjo ? stroma_flowjo_evaluate(x->set, x->sample.data, o, &x->m, err)
                        : stroma_gates_evaluate(x->set, x->sample.data, o, &x->m, err);
}

/* The file and the gates that are meant for it. */
static stroma_status open_file(const job *j, const char *path, stroma_diag *diag, counted *x,
                               stroma_error *err)
{
    STROMA_TRY(gate_file_open(path, &j->opening, diag, &x->sample, err));
    STROMA_TRY(gate_choice_for(&j->gates, &x->sample, diag, &x->own, &x->set, err));
    return gate_choice_matrix(x->set, &x->sample, &j->opening, true, diag, err);
}

static stroma_status fill(const job *j, const char *path, stroma_diag *diag, counted *x,
                          stroma_error *err)
{
    STROMA_TRY(open_file(j, path, diag, x, err));
    const stroma_gate_options o = { .version = 1,
                                    .threads = j->threads,
                                    .fcs = x->sample.compensation };
    const stroma_status s = evaluate(j, x, &o, err);
    return s == STROMA_OK ? s : stroma_in(err, s, "file \"%s\"", path);
}

/* Counts wait for their turn to be printed; the events that they are of need not. */
static void forget_events(counted *x)
{
    stroma_free(x->m.bits);
    x->m.bits = NULL;
    gate_file_close(&x->sample);
}

static stroma_status work(const fcs_task *t, fcs_result *r)
{
    counted *x = stroma_alloc_array(1, sizeof *x);
    if (x == NULL) return stroma_no_memory(&r->err);
    stroma_gate_set_init(&x->own);
    const stroma_status s = fill(t->context, r->path, &r->diag, x, &r->err);
    forget_events(x);
    if (s == STROMA_OK)
        r->data = x;
    else
        release(x);
    return s;
}

static stroma_status emit(const fcs_task *t, const fcs_result *r, stroma_error *err)
{
    const job *j = t->context;
    const counted *x = r->data;
    for (size_t g = 0; g < x->set->gates_len; g++) {
        if (x->set->flowjo != NULL && x->set->flowjo->gates[g].hidden) continue;
        char count[NUMBER_MAX], of[NUMBER_MAX], fraction[STROMA_NUMBER_TEXT_MAX];
        const int parent = x->set->gates[g].parent;
        const uint64_t all = parent < 0 ? x->m.n_events : x->m.count[parent];
        (void)snprintf(count, sizeof count, "%" PRIu64, x->m.count[g]);
        (void)snprintf(of, sizeof of, "%" PRIu64, all);
        const char *const cells[COLUMNS] = {
            r->path,
            x->set->gates[g].id,
            count,
            parent < 0 ? "ungated" : x->set->gates[parent].id,
            of,
            all == 0 ? NULL : cli_cell_number(j->c, (double)x->m.count[g] / (double)all, fraction)
        };
        STROMA_TRY(cli_grid_row(j->grid, cells, err));
    }
    return STROMA_OK;
}

static stroma_status count_files(cli_context *c, job *j, const fcs_inputs *in, stroma_error *err)
{
    static const char *const names[COLUMNS] = { "file",   "gate",         "count",
                                                "parent", "count_parent", "fraction_parent" };
    static const cli_cell_type types[COLUMNS] = { CLI_CELL_TEXT, CLI_CELL_TEXT,   CLI_CELL_NUMBER,
                                                  CLI_CELL_TEXT, CLI_CELL_NUMBER, CLI_CELL_NUMBER };
    const fcs_task task = { "gating", work, emit, release, j };
    j->c = c;
    STROMA_TRY(cli_grid_new(c, "stroma.gate_run/1", names, types, COLUMNS, &j->grid, err));
    const stroma_status s = fcs_inputs_run(c, in, &task, err);
    /* The rows of the files that could be gated are data, whatever became of the others. */
    stroma_error end = STROMA_ERROR_INIT;
    const stroma_status written = cli_grid_end(j->grid, STROMA_OK, &end);
    if (written == STROMA_OK) return s;
    if (err != NULL) *err = end;
    return written;
}

/* @param gate SIZE_MAX: all events */
static stroma_status write_events(cli_context *c, const stroma_membership *m, size_t gate,
                                  stroma_error *err)
{
    stroma_buffer b;
    stroma_buffer_init(&b, EVENTS_LIMIT_BYTES);
    for (uint64_t e = 0; e < m->n_events; e++)
        stroma_buffer_append(
            &b, gate == SIZE_MAX || stroma_membership_has(m, gate, e) ? "1\n" : "0\n", 2);
    const stroma_status s = cli_emit_buffer(c, &b, err);
    stroma_buffer_clear(&b);
    return s;
}

static stroma_status one_gate(cli_context *c, const job *j, const char *name, const char *path,
                              stroma_diag *diag, counted *x, stroma_error *err)
{
    size_t gate = SIZE_MAX;
    STROMA_TRY(open_file(j, path, diag, x, err));
    if (strcmp(name, "ungated") != 0) STROMA_TRY(gate_find_named(x->set, name, &gate, err));
    bool *wanted = stroma_alloc_array(x->set->gates_len, sizeof *wanted);
    if (wanted == NULL) return stroma_no_memory(err);
    if (gate != SIZE_MAX) wanted[gate] = true;
    const stroma_gate_options o = {
        .version = 1, .threads = j->threads, .wanted = wanted, .fcs = x->sample.compensation
    };
    const stroma_status s = evaluate(j, x, &o, err);
    stroma_free(wanted);
    if (s != STROMA_OK) return stroma_in(err, s, "file \"%s\"", path);
    return write_events(c, &x->m, gate, err);
}

static stroma_status list_events(cli_context *c, const job *j, const char *path, stroma_error *err)
{
    stroma_diag diag;
    stroma_diag_init(&diag);
    counted x = { 0 };
    stroma_gate_set_init(&x.own);
    stroma_status s = one_gate(c, j, cli_text(c, "events"), path, &diag, &x, err);
    cli_print_findings(c, &diag);
    if (s == STROMA_OK) s = cli_findings_status(c, &diag);
    stroma_membership_clear(&x.m);
    stroma_gate_set_clear(&x.own);
    gate_file_close(&x.sample);
    stroma_diag_clear(&diag);
    return s;
}

static stroma_status run_files(cli_context *c, job *j, const fcs_inputs *in, stroma_error *err)
{
    j->as_flowjo = strcmp(cli_text(c, "as"), "flowjo") == 0;
    j->threads = in->len == 1 ? cli_threads(c) : 1;
    if (cli_text(c, "events") == NULL) return count_files(c, j, in, err);
    if (in->len != 1)
        return stroma_fail(err, STROMA_E_USAGE, "--events is for one file, %zu are given", in->len);
    return list_events(c, j, in->paths[0], err);
}

static stroma_status ask(cli_context *c, job *j, stroma_diag *diag, stroma_error *err)
{
    const char *gates = cli_text(c, "gates");
    gate_opening_init(&j->opening);
    stroma_gate_set_init(&j->gates.set);
    if (gates == NULL) {
        stroma_fail(err, STROMA_E_USAGE, "--gates is needed");
        stroma_hint(err, "it names the file with the gates, as Gating-ML 2.0");
        return STROMA_E_USAGE;
    }
    if (cli_given(c, "events") && cli_given(c, "format")) {
        stroma_fail(err, STROMA_E_USAGE, "--events and --format exclude each other");
        stroma_hint(err, "--events writes a line an event, 1 or 0, and nothing else");
        return STROMA_E_USAGE;
    }
    gate_opening_dataset(&j->opening, c);
    STROMA_TRY(gate_opening_matrix(&j->opening, cli_text(c, "compensation"), diag, err));
    return gate_choice_read(gates, cli_text(c, "sample"), GATE_CHOICE_BY_FILE, diag, &j->gates,
                            err);
}

static stroma_status run(cli_context *c, stroma_error *err)
{
    const char *const *args = NULL;
    const size_t n = cli_args(c, &args);
    stroma_diag diag;
    stroma_diag_init(&diag);
    job j = { 0 };
    stroma_status s = ask(c, &j, &diag, err);
    cli_print_findings(c, &diag);
    const stroma_status found = cli_findings_status(c, &diag);
    stroma_diag_clear(&diag);
    fcs_inputs in = { 0 };
    if (s == STROMA_OK) s = fcs_inputs_find(args, n, &in, err);
    if (s == STROMA_OK) s = run_files(c, &j, &in, err);
    fcs_inputs_clear(&in);
    gate_choice_clear(&j.gates);
    gate_opening_clear(&j.opening);
    return s == STROMA_OK ? found : s;
}

static const cli_option options[] = {
    { .name = "gates",
      .kind = CLI_PATH,
      .metavar = "FILE",
      .help = "the gates: Gating-ML 2.0, or another file that holds some" },
    GATE_OPTION_SAMPLE(
        "of a workspace with several samples: take the gates of this one for every file"),
    { .name = "compensation",
      .kind = CLI_PATH,
      .metavar = "file|none|FILE",
      .help =
          "the matrix that gates mean by FCS compensation: that of each file (default), none, or "
          "of a file of its own" },
    { .name = "as",
      .kind = CLI_CHOICE,
      .metavar = "WAY",
      .choices = "values|flowjo",
      .default_text = "values",
      .help = "polygons and ellipses of a FlowJo workspace: by the values, or in FlowJo's bins" },
    { .name = "dataset",
      .kind = CLI_COUNT,
      .metavar = "N",
      .lower = 0,
      .upper = 1e6,
      .help = "data set of a file that holds several, 0 the first (default: the one to analyse)" },
    { .name = "events",
      .kind = CLI_TEXT,
      .metavar = "GATE",
      .help = "of one FILE, write for each event in order 1 or 0: is it in this gate?" },
    CLI_OPTION_FORMAT,
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    CLI_OPTION_STRICT,
    { .name = NULL },
};
static const char *const examples[] = {
    "stroma gate run --gates panel.xml --format tsv samples/",
    "stroma gate run --gates panel.xml --events Tregs tube.fcs > tregs.txt", NULL
};

const cli_command cli_cmd_gate_run = {
    .noun = "gate",
    .verb = "run",
    .summary = "count the events of FCS files in gates",
    .usage = "--gates FILE FCSFILE|FOLDER…",
    .min_args = 1,
    .max_args = -1,
    .description =
        "A row a file and gate: count, the gate it lies in (ungated: all events), that one's count "
        "and the fraction. Values are compensated and put on their scales as the gates ask for; "
        "only what a gate needs is read. Where the gates name FCS compensation and a file has no "
        "matrix, it is taken as recorded, with a warning. A workspace with several samples is "
        "asked "
        "for the sample of each file's name or $FIL. Of a folder every file below it is taken that "
        "ends in .fcs "
        "or .lmd "
        "or "
        "begins as an FCS file does. A file that cannot be gated is reported, the others are, and "
        "the highest exit code is that of the command. The counts do not depend on --threads.",
    .options = options,
    .examples = examples,
    .run = run,
};
