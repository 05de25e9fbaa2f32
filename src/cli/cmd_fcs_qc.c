/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma fcs qc: what is wrong with the events of files, marked and not removed. */
#include "fcs_qc_copy.h"
#include "fcs_targets.h"

#include "stroma/memory.h"
#include "stroma/number.h"

#include <math.h>
#include <string.h>

static const cli_option options[] = {
    { .name = "into",
      .letter = 'o',
      .kind = CLI_PATH,
      .metavar = "FILE|DIR",
      .help = "a copy with the parameter QC: 0 is good, else the sum of an event's marks; a folder "
              "for several inputs (made if absent)" },
    { .name = "drop",
      .kind = CLI_TEXT,
      .metavar = "CHECK,…|faults|all",
      .help = "leave events with these marks out of the copy; its header says so. faults are those "
              "of the "
              "acquisition: neither doublets nor dead cells nor piles" },
    { .name = "events",
      .kind = CLI_PATH,
      .metavar = "FILE|DIR",
      .help =
          "a line an event: number, sum of its marks, their names; a folder for several inputs" },
    { .name = "panel",
      .kind = CLI_TEXT,
      .metavar = "FILE|NAME",
      .help = "panel file, or name of a shipped one: it names the dead-cell marker" },
    { .name = "checks", .kind = CLI_FLAG, .help = "list the checks with their limits, and exit" },
    CLI_OPTION_FORMAT,
    CLI_OPTION_FORCE,
    CLI_OPTION_STRICT,
    { .name = NULL },
};
static const char *const examples[] = {
    "stroma fcs qc tube.fcs",
    "stroma fcs qc samples/ --panel treg --format tsv",
    "stroma fcs qc tube.fcs -o marked.fcs --events marks.tsv",
    "stroma fcs qc --checks",
    NULL,
};

static stroma_status list_checks(const cli_context *c, stroma_error *err)
{
    static const char *const names[] = { "check",     "mark",    "measure", "look_above",
                                         "bad_above", "meaning", "source" };
    static const cli_cell_type types[] = { CLI_CELL_TEXT,   CLI_CELL_NUMBER, CLI_CELL_TEXT,
                                           CLI_CELL_NUMBER, CLI_CELL_NUMBER, CLI_CELL_TEXT,
                                           CLI_CELL_TEXT };
    char mark[24], look[STROMA_NUMBER_TEXT_MAX], bad[STROMA_NUMBER_TEXT_MAX];
    const stroma_quality_check *k;
    cli_grid *g = NULL;
    STROMA_TRY(cli_grid_new(c, "stroma.fcs.qc.checks/1", names, types, 7, &g, err));
    stroma_status s = STROMA_OK;
    for (size_t i = 0; s == STROMA_OK && (k = stroma_quality_check_at(i)) != NULL; i++) {
        (void)snprintf(mark, sizeof mark, "%lu", 1UL << i);
        s = cli_grid_row(
            g,
            (const char *const[]){
                k->id, k->marks ? mark : NULL, k->measure, stroma_format_double(k->look, look),
                isnan(k->bad) ? NULL : stroma_format_double(k->bad, bad), k->meaning, k->source },
            err);
    }
    return cli_grid_end(g, s, err);
}

typedef struct job {
    const cli_context *c;
    cli_grid *grid;
    const char *into, *events;
    bool into_folder, events_folder;
    uint32_t drop;
    int threads; /* inside of a file */
    stroma_panel panel;
    bool has_panel;
} job;

/* What is kept of a file until its rows are printed. */
typedef struct checked {
    stroma_fcs *f;
    stroma_quality q;
    bool done;
} checked;

static void release(void *data)
{
    checked *d = data;
    if (d == NULL) return;
    if (d->done) stroma_quality_clear(&d->q);
    stroma_fcs_close(d->f);
    stroma_free(d);
}

static stroma_status check(const job *j, checked *d, fcs_result *r)
{
    enum { ARENA_LIMIT_BYTES = 64 << 20 };
    const stroma_fcs_dataset *set = stroma_fcs_preferred(d->f);
    stroma_quality_options o = STROMA_QUALITY_OPTIONS_INIT;
    stroma_arena arena;
    stroma_arena_init(&arena, ARENA_LIMIT_BYTES);
    o.threads = j->threads;
    o.panel = j->has_panel ? &j->panel : NULL;
    stroma_status s = STROMA_OK;
    if (o.panel != NULL && o.panel->compensate)
        s = stroma_compensation_from_fcs(set, r->path, &arena, &r->diag, &o.compensation, &r->err);
    if (s == STROMA_OK) s = stroma_quality_run(set, &o, &d->q, &r->err);
    d->done = s == STROMA_OK;
    if (d->done) stroma_quality_report(&d->q, STROMA_QUALITY_LOOK, r->path, &r->diag);
    stroma_arena_clear(&arena);
    return s;
}

static stroma_status write_files(const job *j, const checked *d, fcs_result *r)
{
    const bool force = cli_given(j->c, "force");
    char *events = NULL, *copy = NULL;
    stroma_status s = STROMA_OK;
    if (j->events != NULL) {
        events =
            j->events_folder ? fcs_target(j->events, r->path, "tsv") : stroma_strdup(j->events);
        s = events == NULL ? stroma_no_memory(&r->err)
                           : qc_write_events(&d->q, events, force, &r->err);
    }
    if (s == STROMA_OK && j->into != NULL) {
        copy = j->into_folder ? fcs_target(j->into, r->path, "fcs") : stroma_strdup(j->into);
        s = copy == NULL ? stroma_no_memory(&r->err) : fcs_not_onto_itself(r->path, copy, &r->err);
        const qc_copy c = {
            d->f, stroma_fcs_preferred(d->f), &d->q, r->path, copy, j->drop, force
        };
        if (s == STROMA_OK) s = qc_write_copy(&c, &r->diag, &r->err);
    }
    stroma_free(events);
    stroma_free(copy);
    return s;
}

static stroma_status work(const fcs_task *t, fcs_result *r)
{
    const job *j = t->context;
    checked *d = stroma_alloc_array(1, sizeof *d);
    if (d == NULL) return stroma_no_memory(&r->err);
    stroma_status s = stroma_fcs_open(r->path, NULL, &r->diag, &d->f, &r->err);
    if (s == STROMA_OK) s = check(j, d, r);
    if (s == STROMA_OK) s = write_files(j, d, r);
    if (s == STROMA_OK)
        r->data = d;
    else
        release(d);
    return s;
}

static stroma_status put(const job *j, const fcs_result *r, const stroma_quality_result *x,
                         stroma_error *err)
{
    char checked_text[24], flagged[24];
    char fraction[STROMA_NUMBER_TEXT_MAX], measure[STROMA_NUMBER_TEXT_MAX],
        look[STROMA_NUMBER_TEXT_MAX], bad[STROMA_NUMBER_TEXT_MAX];
    const bool judged = x->verdict != STROMA_QUALITY_CANNOT_JUDGE,
               marks = judged && x->check->marks;
    (void)snprintf(checked_text, sizeof checked_text, "%llu", (unsigned long long)x->n_checked);
    (void)snprintf(flagged, sizeof flagged, "%llu", (unsigned long long)x->n_flagged);
    const double share = x->n_checked > 0 ? (double)x->n_flagged / (double)x->n_checked : 0;
    const char *const cells[] = {
        r->path,
        x->check->id,
        stroma_quality_verdict_name(x->verdict),
        judged ? checked_text : NULL,
        marks ? flagged : NULL,
        marks ? stroma_format_double(share, fraction) : NULL,
        judged && isfinite(x->measure) ? stroma_format_double(x->measure, measure) : NULL,
        stroma_format_double(x->check->look, look),
        isnan(x->check->bad) ? NULL : stroma_format_double(x->check->bad, bad),
        x->detail,
    };
    return cli_grid_row(j->grid, cells, err);
}

static stroma_status emit(const fcs_task *t, const fcs_result *r, stroma_error *err)
{
    const job *j = t->context;
    const checked *d = r->data;
    for (size_t i = 0; i < d->q.results_len; i++)
        STROMA_TRY(put(j, r, &d->q.results[i], err));
    char n[24], flagged[24], fraction[STROMA_NUMBER_TEXT_MAX];
    const double share = d->q.n_events > 0 ? (double)d->q.n_faulty / (double)d->q.n_events : 0;
    (void)snprintf(n, sizeof n, "%llu", (unsigned long long)d->q.n_events);
    (void)snprintf(flagged, sizeof flagged, "%llu", (unsigned long long)d->q.n_faulty);
    const char *const cells[] = {
        r->path,
        "all",
        stroma_quality_verdict_name(d->q.verdict),
        n,
        flagged,
        stroma_format_double(share, fraction),
        NULL,
        NULL,
        NULL,
        "the worst of the checks; marked: events with a fault of the acquisition"
    };
    return cli_grid_row(j->grid, cells, err);
}

static stroma_status check_options(const cli_context *c, size_t n, job *j, stroma_error *err)
{
    if (n == 0) return stroma_fail(err, STROMA_E_USAGE, "a file to check is expected");
    if (cli_given(c, "drop")) {
        if (j->into == NULL) {
            const stroma_status s =
                stroma_fail(err, STROMA_E_USAGE, "--drop is for a copy, and none is asked for");
            stroma_hint(err, "give -o FILE; the acquired file is never changed");
            return s;
        }
        STROMA_TRY(qc_bits(cli_text(c, "drop"), &j->drop, err));
    }
    if ((j->into != NULL && strcmp(j->into, "-") == 0) ||
        (j->events != NULL && strcmp(j->events, "-") == 0))
        return stroma_fail(err, STROMA_E_USAGE,
                           "standard output is for the table; give -o and --events a file");
    return STROMA_OK;
}

static stroma_status prepare(job *j, const fcs_inputs *in, stroma_error *err)
{
    j->into_folder = j->into != NULL && fcs_into_folder(in, j->into);
    j->events_folder = j->events != NULL && fcs_into_folder(in, j->events);
    if (j->into_folder) STROMA_TRY(fcs_check_targets(in, j->into, "fcs", err));
    if (j->events_folder) STROMA_TRY(fcs_check_targets(in, j->events, "tsv", err));
    j->threads = in->len == 1 ? cli_threads(j->c) : 1;
    const char *panel = cli_text(j->c, "panel");
    if (panel == NULL) return STROMA_OK;
    stroma_diag diag;
    stroma_diag_init(&diag);
    const stroma_status s = stroma_panel_read(panel, &diag, &j->panel, err);
    j->has_panel = s == STROMA_OK;
    cli_print_findings(j->c, &diag);
    stroma_diag_clear(&diag);
    return s;
}

static stroma_status run_files(job *j, const fcs_inputs *in, stroma_error *err)
{
    static const char *const names[] = {
        "file",     "check",   "verdict",    "checked",   "marked",
        "fraction", "measure", "look_above", "bad_above", "detail"
    };
    static const cli_cell_type types[] = { CLI_CELL_TEXT,   CLI_CELL_TEXT,   CLI_CELL_TEXT,
                                           CLI_CELL_NUMBER, CLI_CELL_NUMBER, CLI_CELL_NUMBER,
                                           CLI_CELL_NUMBER, CLI_CELL_NUMBER, CLI_CELL_NUMBER,
                                           CLI_CELL_TEXT };
    STROMA_TRY(cli_grid_new(j->c, "stroma.fcs.qc/1", names, types, sizeof names / sizeof names[0],
                            &j->grid, err));
    const fcs_task task = { "checking FCS files", work, emit, release, j };
    const stroma_status s = fcs_inputs_run(j->c, in, &task, err);
    /* what is known of the other files is said though one failed */
    stroma_error end = STROMA_ERROR_INIT;
    const stroma_status written = cli_grid_end(j->grid, STROMA_OK, &end);
    if (written == STROMA_OK) return s;
    if (err != NULL) *err = end;
    return written;
}

static stroma_status run(cli_context *c, stroma_error *err)
{
    const char *const *args = NULL;
    const size_t n = cli_args(c, &args);
    job j = { .c = c, .into = cli_text(c, "into"), .events = cli_text(c, "events") };
    if (cli_given(c, "checks")) return list_checks(c, err);
    STROMA_TRY(check_options(c, n, &j, err));
    fcs_inputs in;
    STROMA_TRY(fcs_inputs_find(args, n, &in, err));
    stroma_status s = prepare(&j, &in, err);
    if (s == STROMA_OK) s = run_files(&j, &in, err);
    if (j.has_panel) stroma_panel_clear(&j.panel);
    fcs_inputs_clear(&in);
    return s;
}

const cli_command cli_cmd_fcs_qc = {
    .noun = "fcs",
    .verb = "qc",
    .summary = "quality of the events: time, flow, signals, margins, doublets, dead cells",
    .usage = "[--panel FILE|NAME] [-o FILE|DIR] [--events FILE|DIR] FILE|FOLDER…",
    .min_args = 0,
    .max_args = -1,
    .description =
        "A row a check of every file: what was measured, the two limits, and the verdict: good, "
        "look, bad, or cannot judge with the reason. Events are marked and never removed; --drop "
        "leaves marked events out of a copy, and the copy says so. A check that is bad is a "
        "warning, "
        "so that --strict makes it exit code 1. Of a file with several data sets the one to "
        "analyse is taken. Values are as recorded, not compensated.",
    .options = options,
    .examples = examples,
    .run = run,
};
