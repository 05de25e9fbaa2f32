/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma gate learn: a gating strategy applied to samples. */
#include "cli.h"
#include "fcs_inputs.h"
#include "gate_tubes.h"

#include "stroma/cytometry_strategy.h"
#include "stroma/file.h"
#include "stroma/number.h"

#include <math.h>
#include <string.h>

enum { GATES_MAX_BYTES = 64 << 20, FMO_MAX = 64 };

/* Everything that is open while the command runs. */
typedef struct job {
    cli_context *c;
    stroma_gating_strategy *strategy;
    stroma_panel panel;
    fcs_inputs inputs;
    gate_tube *samples;
    gate_tube fmo[FMO_MAX], reference;
    stroma_gating_control control[FMO_MAX];
    char *marker[FMO_MAX];
    size_t fmo_len;
    const char *to; /* file or folder for the gates, NULL: none */
    bool to_folder;
    cli_grid *grid;
    stroma_diag diag;
    size_t not_estimable;
    stroma_gating_edges *edges;
} job;

static stroma_status read_panel(job *j, stroma_error *err)
{
    const char *asked = cli_text(j->c, "panel"), *own = stroma_gating_strategy_panel(j->strategy),
               *strategy = cli_text(j->c, "strategy");
    stroma_status s = STROMA_OK;
    if (asked != NULL) {
        s = stroma_panel_read(asked, &j->diag, &j->panel, err);
    } else if (own != NULL && stroma_panel_text(own) == NULL) {
        char *beside = stroma_path_beside(strategy, own);
        if (beside == NULL) return stroma_no_memory(err);
        s = stroma_panel_read(beside, &j->diag, &j->panel, err);
        stroma_free(beside);
    } else if (own != NULL) {
        s = stroma_panel_read(own, &j->diag, &j->panel, err);
    }
    if (s == STROMA_OK) s = stroma_gating_strategy_markers(j->strategy, &j->panel, err);
    return s;
}

static stroma_status open_fmo(job *j, stroma_error *err)
{
    const char *const *given = NULL;
    const size_t n = cli_texts(j->c, "fmo", &given);
    if (n > FMO_MAX) return stroma_fail(err, STROMA_E_USAGE, "more than %d --fmo", FMO_MAX);
    for (size_t i = 0; i < n; i++) {
        const char *eq = strchr(given[i], '=');
        if (eq == NULL || eq == given[i] || eq[1] == '\0')
            return stroma_fail(err, STROMA_E_USAGE, "--fmo \"%.80s\" is not MARKER=FILE", given[i]);
        j->marker[i] = stroma_strndup(given[i], (size_t)(eq - given[i]));
        j->fmo_len = i + 1;
        if (j->marker[i] == NULL) return stroma_no_memory(err);
        if (stroma_panel_marker_find(&j->panel, j->marker[i]) == SIZE_MAX) {
            stroma_fail(err, STROMA_E_USAGE,
                        "--fmo: neither panel nor strategy has the marker \"%.60s\"", j->marker[i]);
            stroma_hint(err, "the name before = is a marker, as FoxP3=FMO_FoxP3.fcs");
            return STROMA_E_USAGE;
        }
        STROMA_TRY(gate_tube_open(j->c, eq + 1, &j->fmo[i], err));
        j->control[i] = (stroma_gating_control){ j->marker[i], j->fmo[i].tube };
    }
    return STROMA_OK;
}

/* Samples, controls and reference; then the scales, from all of them together. */
static stroma_status open_tubes(job *j, stroma_error *err)
{
    const char *const *args = NULL, *reference = cli_text(j->c, "reference");
    const size_t n = cli_args(j->c, &args);
    STROMA_TRY(fcs_inputs_find(args, n, &j->inputs, err));
    j->samples = stroma_alloc_array(j->inputs.len, sizeof *j->samples);
    if (j->samples == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < j->inputs.len; i++)
        STROMA_TRY(gate_tube_open(j->c, j->inputs.paths[i], &j->samples[i], err));
    STROMA_TRY(open_fmo(j, err));
    if (reference != NULL) STROMA_TRY(gate_tube_open(j->c, reference, &j->reference, err));
    const size_t len = j->inputs.len + j->fmo_len + (reference != NULL);
    stroma_panel_tube *all = stroma_alloc_array(len, sizeof *all);
    if (all == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < j->inputs.len; i++)
        all[i] = j->samples[i].tube;
    for (size_t i = 0; i < j->fmo_len; i++)
        all[j->inputs.len + i] = j->fmo[i].tube;
    if (reference != NULL) all[len - 1] = j->reference.tube;
    const stroma_status s = stroma_panel_fit_scales(&j->panel, all, len, err);
    stroma_free(all);
    return s;
}

/* What changed in the panel since the first file. */
static stroma_status compare_files(job *j, stroma_error *err)
{
    const size_t markers = j->panel.markers_len;
    size_t *at = stroma_alloc_array(2 * markers + 1, sizeof *at);
    if (at == NULL) return stroma_no_memory(err);
    stroma_status s = STROMA_OK;
    for (size_t i = 0; i < j->inputs.len && s == STROMA_OK; i++) {
        const stroma_panel_tube *t = &j->samples[i].tube, *first = &j->samples[0].tube;
        s = stroma_panel_match(&j->panel, t->data, t->file, NULL, i == 0 ? at : at + markers, err);
        if (s == STROMA_OK && i > 0)
            (void)stroma_panel_compare(&j->panel, first->data, first->file, at, t->data, t->file,
                                       at + markers, &j->diag);
    }
    stroma_free(at);
    return s;
}

static const char *number(double x, char *room)
{
    return isfinite(x) ? stroma_format_double(x, room) : NULL;
}

static stroma_status put_row(job *j, const char *file, const stroma_gating_row *r,
                             const char *count, stroma_error *err)
{
    char text[6][STROMA_NUMBER_TEXT_MAX];
    const char *const cells[] = { file,
                                  r->population,
                                  r->parent,
                                  r->marker,
                                  r->channel,
                                  stroma_gating_state_name(r->state),
                                  r->declared,
                                  r->method,
                                  number(r->lower, text[0]),
                                  number(r->upper, text[1]),
                                  number(r->lower_linear, text[2]),
                                  number(r->upper_linear, text[3]),
                                  number(r->confidence, text[4]),
                                  number((double)r->n_parent, text[5]),
                                  count,
                                  r->reason[0] == '\0' ? NULL : r->reason };
    return cli_grid_row(j->grid, cells, err);
}

/* The edges, each with the events of its gate; behind the edges of a quadrant its regions. */
static stroma_status put_rows(job *j, const stroma_panel_tube *t, const stroma_gating_result *r,
                              const stroma_membership *m, stroma_error *err)
{
    char count[STROMA_NUMBER_TEXT_MAX];
    size_t first = 0; /* row of the population */
    for (size_t i = 0; i < r->rows_len; i++) {
        const stroma_gating_row *row = &r->rows[i];
        if (strcmp(r->rows[first].population, row->population) != 0) first = i;
        const int gate = stroma_gate_find(&r->gates, row->population);
        if (gate >= 0) (void)stroma_format_double((double)m->count[gate], count);
        STROMA_TRY(put_row(j, t->file, row, gate < 0 ? NULL : count, err));
        const bool last =
            i + 1 == r->rows_len || strcmp(r->rows[i + 1].population, row->population) != 0;
        for (size_t g = 0; last && g < r->gates.gates_len; g++) {
            const stroma_gate *region = &r->gates.gates[g];
            if (region->quadrant_gate == NULL ||
                strcmp(region->quadrant_gate, row->population) != 0)
                continue;
            const stroma_gating_row one = { .population = region->id,
                                            .parent = row->parent,
                                            .state = stroma_gating_worst(r, first),
                                            .declared = "quadrant",
                                            .method = region->method,
                                            .lower = (double)NAN,
                                            .upper = (double)NAN,
                                            .lower_linear = (double)NAN,
                                            .upper_linear = (double)NAN,
                                            .confidence = region->confidence,
                                            .n_parent = row->n_parent,
                                            .reason = "" };
            (void)stroma_format_double((double)m->count[g], count);
            STROMA_TRY(put_row(j, t->file, &one, count, err));
        }
    }
    return STROMA_OK;
}

static stroma_status write_gates(const job *j, const char *file, const stroma_gate_set *gates,
                                 stroma_error *err)
{
    if (j->to == NULL) return STROMA_OK;
    const char *slash = strrchr(file, '/'), *name = slash == NULL ? file : slash + 1;
    char *with_end = stroma_asprintf("%s.gates.xml", name),
         *path = with_end == NULL ? NULL
                 : j->to_folder   ? stroma_path_join(j->to, with_end)
                                  : stroma_strdup(j->to);
    stroma_free(with_end);
    if (path == NULL) return stroma_no_memory(err);
    stroma_buffer b;
    stroma_buffer_init(&b, GATES_MAX_BYTES);
    stroma_status s = stroma_gates_write(gates, &b, err);
    if (s == STROMA_OK) s = stroma_buffer_status(&b, err);
    if (s == STROMA_OK) s = stroma_file_write(path, b.data, b.len, cli_given(j->c, "force"), err);
    stroma_buffer_clear(&b);
    stroma_free(path);
    return s;
}

static stroma_status learn_one(job *j, const stroma_panel_tube *t, stroma_error *err)
{
    const stroma_gating_input in = { .strategy = j->strategy,
                                     .panel = &j->panel,
                                     .sample = *t,
                                     .fmo = j->control,
                                     .fmo_len = j->fmo_len,
                                     .reference =
                                         j->reference.fcs == NULL ? NULL : &j->reference.tube,
                                     .threads = cli_threads(j->c) };
    stroma_gating_result r;
    stroma_membership m = { .bits = NULL };
    stroma_gate_options o = STROMA_GATE_OPTIONS_INIT;
    o.threads = in.threads;
    o.fcs = t->compensation;
    stroma_status s = stroma_gating_learn(&in, &r, &j->diag, err);
    if (s == STROMA_OK) s = stroma_gate_set_check(&r.gates, err);
    if (s == STROMA_OK) s = stroma_gates_evaluate(&r.gates, t->data, &o, &m, err);
    if (s == STROMA_OK) s = put_rows(j, t, &r, &m, err);
    if (s == STROMA_OK) s = write_gates(j, t->file, &r.gates, err);
    if (s == STROMA_OK) s = stroma_gating_edges_add(&j->edges, t->file, &r, err);
    j->not_estimable += r.not_estimable;
    stroma_membership_clear(&m);
    stroma_gating_result_clear(&r);
    return s;
}

static stroma_status learn_all(job *j, stroma_error *err)
{
    static const char *const names[] = {
        "file",       "population", "parent", "marker", "channel",      "state",
        "declared",   "method",     "lower",  "upper",  "lower_linear", "upper_linear",
        "confidence", "n_parent",   "n",      "reason"
    };
    static const cli_cell_type types[] = { CLI_CELL_TEXT,   CLI_CELL_TEXT,   CLI_CELL_TEXT,
                                           CLI_CELL_TEXT,   CLI_CELL_TEXT,   CLI_CELL_TEXT,
                                           CLI_CELL_TEXT,   CLI_CELL_TEXT,   CLI_CELL_NUMBER,
                                           CLI_CELL_NUMBER, CLI_CELL_NUMBER, CLI_CELL_NUMBER,
                                           CLI_CELL_NUMBER, CLI_CELL_NUMBER, CLI_CELL_NUMBER,
                                           CLI_CELL_TEXT };
    STROMA_TRY(
        stroma_gating_strategy_read(cli_text(j->c, "strategy"), &j->diag, &j->strategy, err));
    STROMA_TRY(read_panel(j, err));
    STROMA_TRY(open_tubes(j, err));
    STROMA_TRY(compare_files(j, err));
    j->to = cli_text(j->c, "write");
    j->to_folder = j->to != NULL && (j->inputs.len > 1 || stroma_path_is_directory(j->to));
    if (j->to_folder) STROMA_TRY(stroma_make_directory(j->to, err));
    STROMA_TRY(cli_grid_new(j->c, "stroma.gate_learn/1", names, types,
                            sizeof names / sizeof names[0], &j->grid, err));
    stroma_status s = STROMA_OK;
    for (size_t i = 0; i < j->inputs.len && s == STROMA_OK; i++)
        s = learn_one(j, &j->samples[i].tube, err);
    if (s == STROMA_OK) s = stroma_gating_edges_compare(j->edges, &j->diag, err);
    return cli_grid_end(j->grid, s, err);
}

static stroma_status run_learn(cli_context *c, stroma_error *err)
{
    if (cli_text(c, "strategy") == NULL) {
        stroma_fail(err, STROMA_E_USAGE, "--strategy is needed");
        stroma_hint(err, "`stroma gate strategies` lists those that come with stroma");
        return STROMA_E_USAGE;
    }
    job j = { .c = c };
    stroma_panel_init(&j.panel);
    stroma_diag_init(&j.diag);
    stroma_status s = learn_all(&j, err);
    cli_print_findings(c, &j.diag);
    if (s == STROMA_OK && j.not_estimable > 0)
        cli_say(c, "note: %zu population%s could not be estimated; the reason stands in each row",
                j.not_estimable, j.not_estimable == 1 ? "" : "s");
    if (s == STROMA_OK) s = cli_findings_status(c, &j.diag);
    for (size_t i = 0; j.samples != NULL && i < j.inputs.len; i++)
        gate_tube_close(&j.samples[i]);
    for (size_t i = 0; i < j.fmo_len; i++) {
        gate_tube_close(&j.fmo[i]);
        stroma_free(j.marker[i]);
    }
    gate_tube_close(&j.reference);
    stroma_free(j.samples);
    fcs_inputs_clear(&j.inputs);
    stroma_panel_clear(&j.panel);
    stroma_gating_edges_free(j.edges);
    stroma_gating_strategy_free(j.strategy);
    stroma_diag_clear(&j.diag);
    return s;
}

static const cli_option options[] = {
    { .name = "strategy",
      .kind = CLI_PATH,
      .metavar = "NAME|FILE",
      .help = "gating strategy, shipped (stroma gate strategies) or a file" },
    { .name = "panel",
      .kind = CLI_PATH,
      .metavar = "NAME|FILE",
      .help = "panel, shipped or a file (default: the one that the strategy names)" },
    { .name = "fmo",
      .kind = CLI_TEXT,
      .metavar = "MARKER=FILE",
      .many = true,
      .help = "tube stained without this marker, or with its isotype" },
    { .name = "reference",
      .kind = CLI_PATH,
      .metavar = "FILE",
      .help = "sample that the method reference moves its gates from" },
    { .name = "write",
      .letter = 'o',
      .kind = CLI_PATH,
      .metavar = "FILE|DIR",
      .help =
          "write the gates as Gating-ML: to a file, or of several samples to DIR/NAME.gates.xml" },
    CLI_OPTION_FORMAT,
    CLI_OPTION_FORCE,
    CLI_OPTION_STRICT,
    { .name = NULL },
};
static const char *const examples[] = {
    "stroma gate learn --strategy treg-th17 --fmo FoxP3=fmo_foxp3.fcs --fmo IL-17A=fmo_il17.fcs -o "
    "gates.xml tube.fcs",
    "stroma gate learn --strategy nk --format tsv samples/", NULL
};

const cli_command cli_cmd_gate_learn = {
    .noun = "gate",
    .verb = "learn",
    .summary = "find the gates of a strategy in samples",
    .usage = "--strategy NAME|FILE FILE|FOLDER…",
    .min_args = 1,
    .max_args = -1,
    .description =
        "Applies a gating strategy to every sample and prints a row an edge: the method that the "
        "strategy declares and the one that answered, the limits on the scale of the channel and "
        "in "
        "linear units, the confidence (0 to 1, its meaning in `stroma gate strategies --methods`), "
        "and the events in parent and gate. Behind the edges of a quadrant its regions follow. A "
        "method that finds nothing is followed by the fallback that the strategy declares, with a "
        "finding; without one the population is not estimable, and no gate is invented. Scales "
        "that "
        "the panel leaves open are set once from all files, so that samples stay comparable. With "
        "-o the gates are written as Gating-ML 2.0, for `stroma gate run` and other programs.",
    .options = options,
    .examples = examples,
    .run = run_learn,
};
