/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma gate learn: a gating strategy applied to samples. */
#include "cli.h"
#include "fcs_inputs.h"
#include "gate_source.h"

#include "stroma/file.h"
#include "stroma/number.h"

#include <math.h>
#include <string.h>

enum { GATES_MAX_BYTES = 64 << 20, PANEL_MAX_BYTES = 4 << 20, FMO_MAX = 64 };

/* Everything that is open while the command runs. */
typedef struct job {
    cli_context *c;
    gate_source source;
    fcs_inputs inputs;
    gate_file *samples;
    gate_control fmo[FMO_MAX];
    char *marker[FMO_MAX];
    size_t fmo_len;
    const char *to; /* file or folder for the gates, NULL: none */
    bool to_folder;
    cli_grid *grid;
    stroma_diag diag;
    size_t not_estimable;
    stroma_gating_edges *edges;
    stroma_status worst; /* of files that could not be gated */
} job;

static stroma_status open_file(job *j, const char *path, gate_file *out, stroma_error *err)
{
    return gate_file_open(path, &j->source.opening, &j->diag, out, err);
}

/* One bad file is said, and the others go on. An only one ends the command. */
static stroma_status carry_on(job *j, stroma_status s, const stroma_error *here, stroma_error *err)
{
    if (s == STROMA_OK) return s;
    if (j->inputs.len == 1 || s == STROMA_E_INTERRUPTED || s == STROMA_E_NOMEM ||
        s == STROMA_E_PIPE) {
        if (err != NULL) *err = *here;
        return s;
    }
    cli_print_error(j->c, here);
    if (s > j->worst) j->worst = s;
    return STROMA_OK;
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
        j->fmo[i].marker = j->marker[i];
        j->fmo_len = i + 1;
        if (j->marker[i] == NULL) return stroma_no_memory(err);
        if (stroma_panel_marker_find(&j->source.panel, j->marker[i]) == SIZE_MAX) {
            stroma_fail(err, STROMA_E_USAGE,
                        "--fmo: neither panel nor strategy has the marker \"%.60s\"", j->marker[i]);
            stroma_hint(err, "the name before = is a marker, as FoxP3=FMO_FoxP3.fcs");
            return STROMA_E_USAGE;
        }
        STROMA_TRY(open_file(j, eq + 1, &j->fmo[i].file, err));
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
    for (size_t i = 0; i < j->inputs.len; i++) {
        stroma_error here = STROMA_ERROR_INIT;
        const stroma_status s = open_file(j, j->inputs.paths[i], &j->samples[i], &here);
        STROMA_TRY(carry_on(j, s, &here, err));
    }
    STROMA_TRY(open_fmo(j, err));
    if (reference != NULL) {
        STROMA_TRY(open_file(j, reference, &j->source.moved_from, err));
        j->source.has_moved_from = true;
    }
    return gate_source_fit_scales(&j->source, j->samples, j->inputs.len, j->fmo, j->fmo_len,
                                  &j->diag, err);
}

/* What changed in the panel since the first file. */
static stroma_status compare_files(job *j, stroma_error *err)
{
    const stroma_panel *panel = &j->source.panel;
    const size_t markers = panel->markers_len;
    size_t *at = stroma_alloc_array(2 * markers + 1, sizeof *at);
    if (at == NULL) return stroma_no_memory(err);
    stroma_status s = STROMA_OK;
    const gate_file *first = NULL;
    for (size_t i = 0; i < j->inputs.len && s == STROMA_OK; i++) {
        const gate_file *t = &j->samples[i];
        if (t->data == NULL) continue;
        s = stroma_panel_match(panel, t->data, t->path, NULL, first == NULL ? at : at + markers,
                               err);
        if (s == STROMA_OK && first != NULL)
            (void)stroma_panel_compare(panel, first->data, first->path, at, t->data, t->path,
                                       at + markers, &j->diag);
        if (first == NULL) first = t;
    }
    stroma_free(at);
    return s;
}

/* The panel with the scales of this call, for calls to come. */
static stroma_status write_panel(const job *j, stroma_error *err)
{
    const char *path = cli_text(j->c, "write-panel");
    if (path == NULL) return STROMA_OK;
    stroma_buffer b;
    stroma_buffer_init(&b, PANEL_MAX_BYTES);
    stroma_status s = stroma_panel_write(&j->source.panel, &b, err);
    if (s == STROMA_OK) s = stroma_file_write(path, b.data, b.len, cli_given(j->c, "force"), err);
    stroma_buffer_clear(&b);
    return s;
}

static stroma_status put_row(job *j, const char *file, const stroma_gating_row *r,
                             const char *count, stroma_error *err)
{
    char text[6][STROMA_NUMBER_TEXT_MAX];
    const char *const cells[] = { file,
                                  r->population,
                                  strcmp(r->parent, "all") == 0 ? "ungated" : r->parent,
                                  r->marker,
                                  r->channel,
                                  stroma_gating_state_name(r->state),
                                  r->declared,
                                  r->method,
                                  cli_cell_number(j->c, r->lower, text[0]),
                                  cli_cell_number(j->c, r->upper, text[1]),
                                  cli_cell_number(j->c, r->lower_linear, text[2]),
                                  cli_cell_number(j->c, r->upper_linear, text[3]),
                                  cli_cell_number(j->c, r->confidence, text[4]),
                                  stroma_format_double((double)r->n_parent, text[5]),
                                  count,
                                  r->reason[0] == '\0' ? NULL : r->reason };
    return cli_grid_row(j->grid, cells, err);
}

/* The edges, each with the events of its gate; behind the edges of a quadrant its regions. */
static stroma_status put_rows(job *j, const gate_file *t, const stroma_gating_result *r,
                              const stroma_membership *m, stroma_error *err)
{
    char count[STROMA_NUMBER_TEXT_MAX];
    size_t first = 0; /* row of the population */
    for (size_t i = 0; i < r->rows_len; i++) {
        const stroma_gating_row *row = &r->rows[i];
        if (strcmp(r->rows[first].population, row->population) != 0) first = i;
        const int gate = stroma_gate_find(&r->gates, row->population);
        if (gate >= 0) (void)stroma_format_double((double)m->count[gate], count);
        STROMA_TRY(put_row(j, t->path, row, gate < 0 ? NULL : count, err));
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
            STROMA_TRY(put_row(j, t->path, &one, count, err));
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

static stroma_status learn_one(job *j, const gate_file *t, stroma_error *err)
{
    gate_answer a;
    stroma_membership m = { .bits = NULL };
    stroma_population_tube tube;
    gate_answer_init(&a);
    stroma_status s = gate_source_gates(&j->source, t, j->fmo, j->fmo_len, &a, &j->diag, err);
    if (s == STROMA_OK) s = gate_tube_make(t, a.gates, j->source.threads, &m, &tube, err);
    if (s != STROMA_OK) s = stroma_in(err, s, "file \"%s\"", t->path);
    if (s == STROMA_OK) s = put_rows(j, t, &a.learnt, &m, err);
    if (s == STROMA_OK) s = write_gates(j, t->path, a.gates, err);
    if (s == STROMA_OK) s = stroma_gating_edges_add(&j->edges, t->path, &a.learnt, err);
    j->not_estimable += a.learnt.not_estimable;
    stroma_membership_clear(&m);
    gate_answer_clear(&a);
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
    STROMA_TRY(gate_strategy_open(cli_text(j->c, "strategy"), cli_text(j->c, "panel"), &j->diag,
                                  &j->source, err));
    j->source.threads = cli_threads(j->c);
    STROMA_TRY(open_tubes(j, err));
    STROMA_TRY(compare_files(j, err));
    STROMA_TRY(write_panel(j, err));
    j->to = cli_text(j->c, "write");
    j->to_folder = j->to != NULL && (j->inputs.len > 1 || stroma_path_is_directory(j->to));
    if (j->to_folder) STROMA_TRY(stroma_make_directory(j->to, err));
    STROMA_TRY(cli_grid_new(j->c, "stroma.gate_learn/1", names, types,
                            sizeof names / sizeof names[0], &j->grid, err));
    stroma_status s = STROMA_OK;
    for (size_t i = 0; i < j->inputs.len && s == STROMA_OK; i++) {
        stroma_error here = STROMA_ERROR_INIT;
        if (j->samples[i].data == NULL) continue;
        s = carry_on(j, learn_one(j, &j->samples[i], &here), &here, err);
    }
    if (s == STROMA_OK) s = stroma_gating_edges_compare(j->edges, &j->diag, err);
    s = cli_grid_end(j->grid, s, err);
    if (s != STROMA_OK || j->worst == STROMA_OK) return s;
    return stroma_fail(err, j->worst, "not all files could be gated");
}

static stroma_status run_learn(cli_context *c, stroma_error *err)
{
    if (cli_text(c, "strategy") == NULL) {
        stroma_fail(err, STROMA_E_USAGE, "--strategy is needed");
        stroma_hint(err, "`stroma gate strategies` lists those that come with stroma");
        return STROMA_E_USAGE;
    }
    job j = { .c = c };
    gate_source_init(&j.source);
    stroma_diag_init(&j.diag);
    stroma_status s = learn_all(&j, err);
    cli_print_findings(c, &j.diag);
    if (s == STROMA_OK && j.not_estimable > 0)
        cli_say(c, "note: %zu population%s could not be estimated; the reason stands in each row",
                j.not_estimable, j.not_estimable == 1 ? "" : "s");
    if (s == STROMA_OK) s = cli_findings_status(c, &j.diag);
    for (size_t i = 0; j.samples != NULL && i < j.inputs.len; i++)
        gate_file_close(&j.samples[i]);
    for (size_t i = 0; i < j.fmo_len; i++) {
        gate_file_close(&j.fmo[i].file);
        stroma_free(j.marker[i]);
    }
    stroma_free(j.samples);
    fcs_inputs_clear(&j.inputs);
    stroma_gating_edges_free(j.edges);
    gate_source_clear(&j.source);
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
    { .name = "write-panel",
      .kind = CLI_PATH,
      .metavar = "FILE",
      .help = "write the panel with the scales of this call; given as --panel later, gates do not "
              "depend on which files stand together" },
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
