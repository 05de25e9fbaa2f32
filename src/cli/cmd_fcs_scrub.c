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
    { .name = "rules", .kind = CLI_FLAG, .help = "list what is removed and why, and exit" },
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
    static const char *const kinds[] = { "remove", "date", "time" };
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

static stroma_status put_log(const stroma_fcs_scrub *scrub, const char *path, cli_grid *g,
                             stroma_error *err)
{
    size_t n = 0;
    char dataset[24], bytes[24];
    const stroma_fcs_scrubbed *log = stroma_fcs_scrub_log(scrub, &n);
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(dataset, sizeof dataset, "%zu", log[i].dataset + 1);
        (void)snprintf(bytes, sizeof bytes, "%zu", log[i].value_bytes);
        STROMA_TRY(cli_grid_row(g,
                                (const char *const[]){ path, dataset, log[i].keyword, log[i].action,
                                                       bytes, log[i].why },
                                err));
    }
    return STROMA_OK;
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

static stroma_status scrub_opened(const cli_context *c, const stroma_fcs *f, const char *path,
                                  const char *target, cli_grid *g, stroma_diag *diag,
                                  stroma_error *err)
{
    stroma_fcs_scrub_options o = STROMA_FCS_SCRUB_OPTIONS_INIT;
    stroma_fcs_write_options w = STROMA_FCS_WRITE_OPTIONS_INIT;
    stroma_fcs_changes changes;
    stroma_fcs_scrub *scrub = NULL;
    o.keep_len = cli_texts(c, "keep", &o.keep);
    o.also_len = cli_texts(c, "also", &o.also);
    o.shift_dates = cli_given(c, "shift-days");
    o.shift_days = (int32_t)cli_count(c, "shift-days", 0);
    w.crc = true;
    w.overwrite = cli_given(c, "force");
    STROMA_TRY(stroma_fcs_scrub_new(f, path, &o, diag, &scrub, err));
    size_t n = 0;
    const stroma_fcs_content *sets = stroma_fcs_scrub_content(scrub, &n);
    stroma_status s = stroma_fcs_write(target, sets, n, &w, &changes, err);
    if (s == STROMA_OK) {
        stroma_fcs_report_changes(&changes, path, diag);
        look_at_name(scrub, path, target, diag);
        s = put_log(scrub, path, g, err);
    }
    stroma_fcs_scrub_free(scrub);
    return s;
}

static stroma_status scrub_file(const cli_context *c, const char *path, const char *target,
                                cli_grid *g, stroma_diag *diag, stroma_error *err)
{
    stroma_fcs *f = NULL;
    stroma_status s = fcs_not_onto_itself(path, target, err);
    if (s == STROMA_OK) s = stroma_fcs_open(path, NULL, diag, &f, err);
    if (s == STROMA_OK) s = scrub_opened(c, f, path, target, g, diag, err);
    stroma_fcs_close(f);
    return s;
}

/* One file after the other; what is wrong with one is said, and the work carries on. */
static stroma_status scrub_all(const cli_context *c, const fcs_inputs *in, const char *out,
                               cli_grid *g, stroma_error *err)
{
    const bool folder = fcs_into_folder(in, out);
    stroma_status highest = STROMA_OK;
    for (size_t i = 0; i < in->len; i++) {
        stroma_progress_report(cli_progress(c), "scrubbing", i, in->len);
        stroma_diag diag;
        stroma_error one = STROMA_ERROR_INIT;
        stroma_diag_init(&diag);
        char *target = folder ? fcs_target(out, in->paths[i], "fcs") : stroma_strdup(out);
        stroma_status s = target == NULL ? stroma_no_memory(&one)
                                         : scrub_file(c, in->paths[i], target, g, &diag, &one);
        stroma_free(target);
        cli_print_findings(c, &diag);
        if (s == STROMA_OK) s = cli_findings_status(c, &diag);
        stroma_diag_clear(&diag);
        if (s == STROMA_E_INTERRUPTED || s == STROMA_E_PIPE || in->len == 1) {
            if (err != NULL) *err = one;
            return s;
        }
        if (s > STROMA_FOUND) cli_print_error(c, &one);
        if (s > highest) highest = s;
    }
    return highest;
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
    cli_grid *g = NULL;
    STROMA_TRY(fcs_inputs_find(args, n, &in, err));
    stroma_status s =
        fcs_into_folder(&in, out) ? fcs_check_targets(&in, out, "fcs", err) : STROMA_OK;
    if (s == STROMA_OK) s = cli_grid_new(c, "stroma.fcs.scrub/1", names, types, 6, &g, err);
    if (s == STROMA_OK) {
        s = scrub_all(c, &in, out, g, err);
        /* what was done with the other files is said though one failed */
        const stroma_status end = cli_grid_end(g, in.len > 1 ? STROMA_OK : s, err);
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
        "when (--rules lists them); what analysis needs stays, and the events stay bit for bit. "
        "ANALYSIS and OTHER segments and bytes between segments are left behind. Prints what was "
        "removed: the keyword and the length of its value, never the value. A text that still "
        "holds a removed value is a finding. This lowers a risk; whether a file may be shared is "
        "for a person to decide.",
    .options = options,
    .examples = examples,
    .run = run,
};
