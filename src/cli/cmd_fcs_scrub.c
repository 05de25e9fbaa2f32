/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma fcs scrub: names and identities out of the headers. */
#include "fcs_targets.h"

#include "stroma/fcs_export.h"
#include "stroma/fcs_scrub.h"
#include "stroma/memory.h"

#include <string.h>

static const cli_option options[] = {
    { .name = "into",
      .letter = 'o',
      .kind = CLI_PATH,
      .metavar = "FILE|DIR",
      .help = "the scrubbed file; a folder for several inputs (made if absent)" },
    { .name = "keep",
      .kind = CLI_TEXT,
      .metavar = "KEYWORD",
      .many = true,
      .help = "leave this keyword as it is; * stands for any text at either end" },
    { .name = "also",
      .kind = CLI_TEXT,
      .metavar = "KEYWORD",
      .many = true,
      .help = "remove this keyword too" },
    { .name = "shift-days",
      .kind = CLI_COUNT,
      .metavar = "N",
      .lower = -1e6,
      .upper = 1e6,
      .help = "move dates by N days instead of removing them; times of the day then stay" },
    { .name = "rules", .kind = CLI_FLAG, .help = "list what is removed or kept and why, and exit" },
    CLI_OPTION_FORMAT,
    CLI_OPTION_FORCE,
    CLI_OPTION_STRICT,
    { .name = NULL },
};
static const char *const examples[] = {
    "stroma fcs scrub P017_W4.fcs -o shared/017_W4.fcs",
    "stroma fcs scrub data/ -o shared/ --shift-days -1234 --also 'CYTOMETER CONFIG*'",
    "stroma fcs scrub --rules",
    NULL,
};

static stroma_status list_rules(const cli_context *c, stroma_error *err)
{
    static const char *const names[] = { "keyword", "kind", "why" };
    static const cli_cell_type types[] = { CLI_CELL_TEXT, CLI_CELL_TEXT, CLI_CELL_TEXT };
    static const char *const kinds[] = { "remove", "date", "time", "keep" };
    cli_grid *g = NULL;
    size_t n = 0;
    const stroma_fcs_scrub_rule *rules = stroma_fcs_scrub_rules(&n);
    STROMA_TRY(cli_grid_new(c, "stroma.fcs.scrub.rules/1", names, types, 3, &g, err));
    stroma_status s = STROMA_OK;
    for (size_t i = 0; s == STROMA_OK && i < n; i++)
        s = cli_grid_row(
            g, (const char *const[]){ rules[i].pattern, kinds[rules[i].kind], rules[i].why }, err);
    return cli_grid_end(g, s, err);
}

static void look_at_name(const stroma_fcs_scrub *scrub, const char *path, const char *target,
                         stroma_diag *diag)
{
    const char *slash = strrchr(target, '/');
    if (!stroma_fcs_scrub_betrays(scrub, slash == NULL ? target : slash + 1)) return;
    stroma_diag_add(diag, &(stroma_finding){ .code = "STROMA-FCS-107",
                                             .severity = STROMA_WARNING,
                                             .file = path,
                                             .message = "the new file's name holds something that "
                                                        "was removed from the header",
                                             .action = "give another name with -o" });
}

/* What is kept of a file until its rows are printed. */
typedef struct scrubbed {
    stroma_fcs *f;
    stroma_fcs_scrub *scrub;
} scrubbed;

static void release(void *data)
{
    scrubbed *d = data;
    if (d == NULL) return;
    stroma_fcs_scrub_free(d->scrub);
    stroma_fcs_close(d->f);
    stroma_free(d);
}

typedef struct job {
    const cli_context *c;
    cli_grid *grid;
    const char *out;
    bool folder;
} job;

static stroma_status scrub_into(const job *j, const char *target, scrubbed *d, fcs_result *r)
{
    stroma_fcs_scrub_options o = STROMA_FCS_SCRUB_OPTIONS_INIT;
    stroma_fcs_write_options w = STROMA_FCS_WRITE_OPTIONS_INIT;
    stroma_fcs_changes changes;
    o.keep_len = cli_texts(j->c, "keep", &o.keep);
    o.also_len = cli_texts(j->c, "also", &o.also);
    o.shift_dates = cli_given(j->c, "shift-days");
    o.shift_days = (int32_t)cli_count(j->c, "shift-days", 0);
    w.crc = true;
    w.overwrite = cli_given(j->c, "force");
    STROMA_TRY(fcs_not_onto_itself(r->path, target, &r->err));
    STROMA_TRY(stroma_fcs_open(r->path, NULL, &r->diag, &d->f, &r->err));
    STROMA_TRY(stroma_fcs_scrub_new(d->f, r->path, &o, &r->diag, &d->scrub, &r->err));
    size_t n = 0;
    const stroma_fcs_content *sets = stroma_fcs_scrub_content(d->scrub, &n);
    STROMA_TRY(stroma_fcs_write(target, sets, n, &w, &changes, &r->err));
    stroma_fcs_report_changes(&changes, r->path, &r->diag);
    look_at_name(d->scrub, r->path, target, &r->diag);
    return STROMA_OK;
}

static stroma_status scrub_input(const fcs_task *t, fcs_result *r)
{
    const job *j = t->context;
    scrubbed *d = stroma_alloc_array(1, sizeof *d);
    char *target = j->folder ? fcs_target(j->out, r->path, "fcs") : stroma_strdup(j->out);
    const stroma_status s =
        d == NULL || target == NULL ? stroma_no_memory(&r->err) : scrub_into(j, target, d, r);
    stroma_free(target);
    if (s == STROMA_OK)
        r->data = d;
    else
        release(d);
    return s;
}

static stroma_status put_log(const fcs_task *t, const fcs_result *r, stroma_error *err)
{
    const job *j = t->context;
    const scrubbed *d = r->data;
    size_t n = 0;
    char dataset[24], bytes[24];
    const stroma_fcs_scrubbed *log = stroma_fcs_scrub_log(d->scrub, &n);
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(dataset, sizeof dataset, "%zu", log[i].dataset);
        (void)snprintf(bytes, sizeof bytes, "%zu", log[i].value_bytes);
        STROMA_TRY(cli_grid_row(j->grid,
                                (const char *const[]){ r->path, dataset, log[i].keyword,
                                                       log[i].action, bytes, log[i].why },
                                err));
    }
    return STROMA_OK;
}

static stroma_status run(cli_context *c, stroma_error *err)
{
    static const char *const names[] = { "file",   "dataset",      "keyword",
                                         "action", "length_bytes", "why" };
    static const cli_cell_type types[] = { CLI_CELL_TEXT, CLI_CELL_NUMBER, CLI_CELL_TEXT,
                                           CLI_CELL_TEXT, CLI_CELL_NUMBER, CLI_CELL_TEXT };
    const char *const *args = NULL;
    const char *out = cli_text(c, "into");
    const size_t n = cli_args(c, &args);
    if (cli_given(c, "rules")) return list_rules(c, err);
    if (n == 0) return stroma_fail(err, STROMA_E_USAGE, "a file to scrub is expected");
    if (out == NULL || strcmp(out, "-") == 0) {
        const stroma_status s =
            stroma_fail(err, STROMA_E_USAGE, "where to write the scrubbed file is not said");
        stroma_hint(err, "give -o FILE, or -o DIR for several inputs");
        return s;
    }
    fcs_inputs in;
    STROMA_TRY(fcs_inputs_find(args, n, &in, err));
    job j = { .c = c, .out = out, .folder = fcs_into_folder(&in, out) };
    stroma_status s = j.folder ? fcs_check_targets(&in, out, "fcs", err) : STROMA_OK;
    if (s == STROMA_OK) s = cli_grid_new(c, "stroma.fcs.scrub/1", names, types, 6, &j.grid, err);
    const fcs_task task = { .what = "scrubbing FCS files",
                            .work = scrub_input,
                            .emit = put_log,
                            .release = release,
                            .context = &j };
    if (s == STROMA_OK) {
        s = fcs_inputs_run(c, &in, &task, err);
        /* what was done with the other files is said though one failed */
        const stroma_status end = cli_grid_end(j.grid, in.len > 1 ? STROMA_OK : s, err);
        if (end > s) s = end;
    }
    fcs_inputs_clear(&in);
    return s;
}

const cli_command cli_cmd_fcs_scrub = {
    .noun = "fcs",
    .verb = "scrub",
    .summary = "names and identities out of the headers of FCS files",
    .usage = "-o FILE|DIR [--keep KEYWORD] [--also KEYWORD] FILE…",
    .min_args = 0,
    .max_args = -1,
    .description =
        "Writes a copy whose TEXT has no keyword that tells who was measured, by whom, where or "
        "when, and none that no rule names (--rules lists them); what analysis needs stays, and "
        "the events stay bit for bit. "
        "ANALYSIS and OTHER segments and bytes between segments are left behind. Prints what was "
        "removed: the keyword and the length of its value, never the value. A text that still "
        "holds a removed value is a finding. This lowers a risk; whether a file may be shared is "
        "for a person to decide.",
    .options = options,
    .examples = examples,
    .run = run,
};
