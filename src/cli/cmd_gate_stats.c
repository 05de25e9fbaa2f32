/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma gate stats: every number of every population, as one tidy table. */
#include "fcs_inputs.h"
#include "gate_stats.h"

#include "stroma/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double low_confidence = 0.2; /* below it a valley is a dent */
enum { COLUMNS = 20, MARKED_COLUMNS, FLAGS_BYTES_MAX = 512 };

/* A sample with its gates and table. */
typedef struct sample {
    gate_file file;
    gate_answer gates;
    stroma_membership membership;
    stroma_population_table table;
    gate_faults faults;               /* with --qc mark */
    stroma_population_absent *absent; /* what the strategy did not find */
    size_t absent_len;
    char name[256];
} sample;

typedef struct task_context {
    gate_stats *asked;
    cli_grid *grid;
} task_context;

/* A table waits for its turn to be printed; the events that it is of need not. */
static void forget_events(sample *s)
{
    stroma_membership_clear(&s->membership);
    gate_file_close(&s->file);
}

static void release(void *data)
{
    sample *s = data;
    if (s == NULL) return;
    forget_events(s);
    stroma_population_table_clear(&s->table);
    gate_answer_clear(&s->gates);
    stroma_free(s->faults.faulty);
    stroma_free(s->absent);
    stroma_free(s);
}

/* The first of these files that belongs to the sample's visit and panel; with --control-from any
 * the first of all. Statuses: INCONSISTENT, of the first. */
static stroma_status choose(const gate_stats *g, const stroma_population_tube *t,
                            const gate_file *const *files, size_t n, const char *marker,
                            const gate_file **out, unsigned *flags, stroma_diag *diag,
                            stroma_error *err)
{
    stroma_status first = STROMA_E_INTERNAL;
    for (size_t i = 0; i < n; i++) {
        stroma_error other = STROMA_ERROR_INIT;
        const stroma_population_tube c = { files[i]->path, files[i]->data, files[i]->compensation,
                                           NULL, NULL };
        const stroma_status s = stroma_population_control_check(
            t, &c, &g->source.panel, marker, false, flags, diag, i == 0 ? err : &other);
        *out = files[i];
        if (s == STROMA_OK) {
            stroma_error_clear(err);
            return s;
        }
        if (i == 0) first = s;
    }
    if (!g->any_control || first != STROMA_E_INCONSISTENT) return first;
    const stroma_population_tube c = { files[0]->path, files[0]->data, files[0]->compensation, NULL,
                                       NULL };
    *out = files[0];
    stroma_error_clear(err);
    return stroma_population_control_check(t, &c, &g->source.panel, marker, true, flags, diag, err);
}

/* The controls and the reference that a sample is compared with. */
typedef struct partners {
    stroma_population_control *control; /* one a marker, the reference last */
    stroma_membership *membership;
    size_t len;
} partners;

static void partners_clear(partners *p)
{
    for (size_t i = 0; p->membership != NULL && i < p->len; i++)
        stroma_membership_clear(&p->membership[i]);
    stroma_free(p->control);
    stroma_free(p->membership);
}

static stroma_status add_partner(const gate_stats *g, const stroma_population_tube *t,
                                 const gate_file *const *files, size_t n, const char *marker,
                                 partners *p, stroma_diag *diag, stroma_error *err)
{
    const gate_file *file = NULL;
    stroma_population_control *c = &p->control[p->len];
    c->marker = marker;
    STROMA_TRY(choose(g, t, files, n, marker, &file, &c->flags, diag, err));
    stroma_membership *m = &p->membership[p->len++];
    const stroma_status s = gate_tube_make(file, t->gates, 1, m, &c->tube, err);
    return s == STROMA_OK ? s : stroma_in(err, s, "control \"%s\"", file->path);
}

static bool same(const gate_stats *g, const char *a, const char *b)
{
    if (a == NULL || b == NULL) return a == b;
    return stroma_panel_same_marker(&g->source.panel, a, b);
}

static stroma_status find_partners(const gate_stats *g, const stroma_population_tube *t,
                                   partners *p, stroma_diag *diag, stroma_error *err)
{
    const size_t most = g->controls_len + g->references_len + 1;
    const gate_file **files = stroma_alloc_array(most, sizeof *files);
    p->control = stroma_alloc_array(most, sizeof *p->control);
    p->membership = stroma_alloc_array(most, sizeof *p->membership);
    stroma_status s = files == NULL || p->control == NULL || p->membership == NULL
                          ? stroma_no_memory(err)
                          : STROMA_OK;
    for (size_t i = 0; i < g->controls_len && s == STROMA_OK; i++) {
        const char *marker = g->controls[i].marker;
        bool seen = false;
        for (size_t k = 0; k < i; k++)
            seen = seen || same(g, g->controls[k].marker, marker);
        size_t n = 0;
        for (size_t k = i; k < g->controls_len && !seen; k++)
            if (same(g, g->controls[k].marker, marker)) files[n++] = &g->controls[k].file;
        if (!seen) s = add_partner(g, t, files, n, marker, p, diag, err);
    }
    for (size_t i = 0; files != NULL && i < g->references_len; i++)
        files[i] = &g->references[i];
    if (s == STROMA_OK && g->references_len > 0)
        s = add_partner(g, t, files, g->references_len, NULL, p, diag, err);
    stroma_free(files);
    return s;
}

static const char *root_or(const char *parent)
{
    return strcmp(parent, "all") == 0 ? "ungated" : parent;
}

/* Populations of the strategy that have no gate here; a quadrant is none, its regions are. */
static stroma_status find_absent(sample *x, stroma_error *err)
{
    const stroma_gating_result *r = &x->gates.learnt;
    x->absent = stroma_alloc_array(r->rows_len, sizeof *x->absent);
    if (x->absent == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < r->rows_len; i++) {
        const stroma_gating_row *w = &r->rows[i];
        const bool quadrant = strcmp(w->declared, "quadrant") == 0 && w->quadrant == NULL;
        if (quadrant ||
            (w->state != STROMA_GATING_NOT_ESTIMABLE && w->state != STROMA_GATING_LEFT_OUT))
            continue;
        x->absent[x->absent_len++] =
            (stroma_population_absent){ w->population, root_or(w->parent), w->reason };
    }
    return STROMA_OK;
}

static stroma_status tabulate(const gate_stats *g, sample *x, const stroma_population_tube *t,
                              stroma_diag *diag, stroma_error *err)
{
    partners p = { .control = NULL };
    stroma_population_request request = g->request;
    stroma_status s = find_absent(x, err);
    if (s == STROMA_OK) s = find_partners(g, t, &p, diag, err);
    if (s == STROMA_OK) {
        const bool reference = g->references_len > 0;
        request.controls = p.control;
        request.controls_len = p.len - (reference ? 1 : 0);
        request.reference = reference ? &p.control[p.len - 1] : NULL;
        request.absent = x->absent;
        request.absent_len = x->absent_len;
        s = stroma_population_tabulate(t, &request, diag, &x->table, err);
    }
    partners_clear(&p);
    return s;
}

static bool marks_faults(const cli_context *c)
{
    return strcmp(cli_text(c, "qc"), "mark") == 0;
}

static stroma_status measure(const gate_stats *g, sample *x, fcs_result *r)
{
    STROMA_TRY(gate_file_open(r->path, &g->source.opening, &r->diag, &x->file, &r->err));
    (void)snprintf(x->name, sizeof x->name, "%s", gate_file_sample(&x->file));
    stroma_population_tube t;
    stroma_status s = gate_source_gates(&g->source, &x->file, g->controls, g->controls_len,
                                        &x->gates, &r->diag, &r->err);
    if (s == STROMA_OK)
        s = gate_tube_make(&x->file, x->gates.gates, 1, &x->membership, &t, &r->err);
    if (s == STROMA_OK) s = tabulate(g, x, &t, &r->diag, &r->err);
    if (s == STROMA_OK && marks_faults(g->context))
        s = gate_stats_faults(&t, &g->source.panel, &x->faults, &r->err);
    forget_events(x);
    return s == STROMA_OK ? s : stroma_in(&r->err, s, "file \"%s\"", r->path);
}

static stroma_status work(const fcs_task *t, fcs_result *r)
{
    const task_context *c = t->context;
    sample *x = stroma_alloc_array(1, sizeof *x);
    r->data = x;
    if (x == NULL) return stroma_no_memory(&r->err);
    gate_answer_init(&x->gates);
    return measure(c->asked, x, r);
}

/* Ten digits are more than counting can tell, and the same on every processor. */
static const char *number(const task_context *c, double x, char *out)
{
    double rounded = x;
    if (!isfinite(x)) return NULL;
    (void)stroma_format_significant(x, 10, out);
    (void)stroma_parse_double(out, strlen(out), '.', &rounded);
    return cli_cell_number(c->asked->context, rounded, out);
}

static const char *flag_text(unsigned flags, char out[FLAGS_BYTES_MAX])
{
    size_t at = 0;
    out[0] = '\0';
    for (unsigned i = 0; stroma_population_flag_name(i) != NULL; i++)
        if (flags >> i & 1U)
            at += (size_t)snprintf(out + at, FLAGS_BYTES_MAX - at, "%s%s", at > 0 ? ";" : "",
                                   stroma_population_flag_name(i));
    return at == 0 ? NULL : out;
}

/* What a strategy says of the gates that events of a population passed. */
static unsigned gating_flags(const sample *x, const char *population)
{
    unsigned flags = 0;
    const stroma_gate_set *set = x->gates.gates;
    for (int g = stroma_gate_find(set, population); g >= 0; g = set->gates[g].parent) {
        const stroma_gating_row *r = gate_answer_row(&x->gates, set->gates[g].id);
        if (r != NULL && r->state == STROMA_GATING_FALLBACK) flags |= STROMA_FLAG_FALLBACK_GATE;
        if (r != NULL && set->gates[g].confidence < low_confidence)
            flags |= STROMA_FLAG_LOW_CONFIDENCE;
    }
    return flags;
}

static const char *or_none(const char *text)
{
    return *text == '\0' ? NULL : text;
}

static stroma_status row(const task_context *c, const fcs_result *r, const sample *x,
                         const stroma_population_row *w, stroma_error *err)
{
    char count[24], parent[24], value[STROMA_NUMBER_TEXT_MAX], lower[STROMA_NUMBER_TEXT_MAX],
        upper[STROMA_NUMBER_TEXT_MAX], flags[FLAGS_BYTES_MAX], id[64], n[24], left_out[24],
        share[STROMA_NUMBER_TEXT_MAX];
    const stroma_gating_row *state = gate_answer_row(&x->gates, w->population);
    (void)snprintf(count, sizeof count, "%llu", (unsigned long long)w->count);
    (void)snprintf(parent, sizeof parent, "%llu", (unsigned long long)w->parent_count);
    (void)snprintf(n, sizeof n, "%zu", w->value.n);
    (void)snprintf(left_out, sizeof left_out, "%zu", w->value.left_out);
    (void)snprintf(id, sizeof id, "%s/%u", w->value.definition->id, w->value.definition->revision);
    const double faulty = x->faults.faulty == NULL || w->absent
                              ? (double)NAN
                              : gate_stats_fault_share(&x->faults, x->gates.gates, w);
    const char *const cells[MARKED_COLUMNS] = {
        r->path,
        or_none(x->name),
        w->population,
        w->parent,
        w->absent ? NULL : count,
        w->absent || w->parent == NULL ? NULL : parent,
        w->value.definition->id,
        w->of,
        w->marker,
        number(c, w->value.value, value),
        number(c, w->value.lower, lower),
        number(c, w->value.upper, upper),
        or_none(w->value.interval),
        flag_text(w->value.flags | gating_flags(x, w->population), flags),
        id,
        n,
        left_out,
        w->control,
        or_none(w->value.reason),
        state == NULL ? NULL : stroma_gating_state_name(state->state),
        number(c, faulty, share)
    };
    return cli_grid_row(c->grid, cells, err);
}

static stroma_status emit(const fcs_task *t, const fcs_result *r, stroma_error *err)
{
    const sample *x = r->data;
    for (size_t i = 0; i < x->table.rows_len; i++)
        STROMA_TRY(row(t->context, r, x, &x->table.rows[i], err));
    return STROMA_OK;
}

/* Scales of a strategy belong to the panel: all files are looked at before the first is gated. What
 * is wrong with a file is told when its turn comes. */
static stroma_status fit_scales(gate_stats *g, const fcs_inputs *in, stroma_diag *diag,
                                stroma_error *err)
{
    gate_file *files = stroma_alloc_array(in->len, sizeof *files);
    if (files == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < in->len; i++)
        if (gate_file_open(in->paths[i], &g->source.opening, NULL, &files[i], NULL) != STROMA_OK)
            files[i].data = NULL;
    const stroma_status s =
        gate_source_fit_scales(&g->source, files, in->len, g->controls, g->controls_len, diag, err);
    for (size_t i = 0; i < in->len; i++)
        gate_file_close(&files[i]);
    stroma_free(files);
    return s;
}

static stroma_status run_all(cli_context *c, gate_stats *g, stroma_error *err)
{
    static const char *const names[MARKED_COLUMNS] = {
        "file",       "sample", "population", "parent",  "count",  "parent_count", "statistic",
        "of",         "marker", "value",      "lower",   "upper",  "method",       "flags",
        "definition", "n",      "left_out",   "control", "reason", "state",        "fault_share"
    };
    static const cli_cell_type types[MARKED_COLUMNS] = {
        CLI_CELL_TEXT,   CLI_CELL_TEXT,   CLI_CELL_TEXT, CLI_CELL_TEXT, CLI_CELL_NUMBER,
        CLI_CELL_NUMBER, CLI_CELL_TEXT,   CLI_CELL_TEXT, CLI_CELL_TEXT, CLI_CELL_NUMBER,
        CLI_CELL_NUMBER, CLI_CELL_NUMBER, CLI_CELL_TEXT, CLI_CELL_TEXT, CLI_CELL_TEXT,
        CLI_CELL_NUMBER, CLI_CELL_NUMBER, CLI_CELL_TEXT, CLI_CELL_TEXT, CLI_CELL_TEXT,
        CLI_CELL_NUMBER
    };
    const char *const *args = NULL;
    const size_t n = cli_args(c, &args);
    fcs_inputs in;
    STROMA_TRY(fcs_inputs_find(args, n, &in, err));
    task_context context = { .asked = g };
    stroma_diag fitted;
    stroma_diag_init(&fitted);
    stroma_status s = g->source.strategy == NULL ? STROMA_OK : fit_scales(g, &in, &fitted, err);
    cli_print_findings(c, &fitted);
    const stroma_status strict = cli_findings_status(c, &fitted);
    stroma_diag_clear(&fitted);
    if (s == STROMA_OK)
        s = cli_grid_new(c, "stroma.gate_stats/1", names, types,
                         marks_faults(c) ? MARKED_COLUMNS : COLUMNS, &context.grid, err);
    if (s == STROMA_OK) {
        const fcs_task task = { "measuring populations", work, emit, release, &context };
        s = fcs_inputs_run(c, &in, &task, err);
        /* The rows of the files that could be read are data, whatever became of the others. */
        stroma_error end = STROMA_ERROR_INIT;
        const stroma_status written = cli_grid_end(context.grid, STROMA_OK, &end);
        if (written != STROMA_OK) {
            s = written;
            if (err != NULL) *err = end;
        }
    }
    fcs_inputs_clear(&in);
    return s == STROMA_OK ? strict : s;
}

static stroma_status run_stats(cli_context *c, stroma_error *err)
{
    gate_stats asked;
    stroma_diag found;
    stroma_diag_init(&found);
    stroma_status s = gate_stats_ask(c, &asked, &found, err);
    cli_print_findings(c, &found);
    const stroma_status before = cli_findings_status(c, &found);
    stroma_diag_clear(&found);
    if (s == STROMA_OK) s = run_all(c, &asked, err);
    gate_stats_clear(&asked);
    return s == STROMA_OK ? before : s;
}

static const char *const examples[] = {
    "stroma gate stats --gates tcells.xml --mfi CCR7,CXCR4 --control unstained.fcs visits/",
    "stroma gate stats --strategy treg --of CD4 --control FoxP3=fmo.fcs --format csv samples/",
    "stroma gate stats --gates tbnk.xml --beads Beads --beads-per-ul 51.3 tube.fcs", NULL
};

const cli_command cli_cmd_gate_stats = {
    .noun = "gate",
    .verb = "stats",
    .summary = "counts, percentages, intensities and indices of populations",
    .usage = "--gates FILE|--strategy NAME FILE|FOLDER…",
    .min_args = 1,
    .max_args = -1,
    .description =
        "One row a number: file, sample, population, parent, state (what a strategy says of it, as "
        "in "
        "`stroma gate learn`), count, parent_count, statistic, of "
        "(ancestor, channel, or the other population of a ratio), marker, value, lower, upper, "
        "method of the interval, flags, definition with its revision, n values that entered and "
        "left_out that are NaN, infinite or have no logarithm, control, the reason where there is "
        "no value, and what the strategy says of the population, as in `stroma gate learn`. One "
        "that "
        "it did not find is a row with that reason. Values of markers are linear and compensated, "
        "negatives kept. Of controls "
        "given for several visits the one of the sample's day ($DATE) and panel is taken; one of "
        "another is refused unless --control-from any. A control is read in the same population, "
        "or in the nearest ancestor that is not gated on the marker. Random numbers depend on "
        "--seed, file, population and channel alone, so that the bytes are the same for any number "
        "of --threads. `stroma gate definitions` prints the formulas.",
    .options = gate_stats_options,
    .examples = examples,
    .run = run_stats,
};
