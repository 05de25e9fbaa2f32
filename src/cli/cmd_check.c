/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma check and verify: what is wrong with the inputs, and what has changed since the run. */
#include "cli.h"
#include "output_folder.h"

#include "stroma/file.h"
#include "stroma/number.h"
#include "stroma/study.h"

#include <stdio.h>
#include <string.h>

static const cli_option check_options[] = {
    CLI_OPTION_FORMAT,
    { .name = NULL },
};
static const char *const check_examples[] = { "stroma check study.yaml",
                                              "stroma check study.yaml --format jsonl", NULL };

/* One row a finding, in any format. */
static stroma_status print_grid(cli_context *c, const stroma_diag *d, stroma_error *err)
{
    static const char *const names[] = { "severity", "code",   "file",  "line",  "column",
                                         "subject",  "visit",  "param", "value", "message",
                                         "rule",     "action", "audit" };
    static const cli_cell_type types[] = { CLI_CELL_TEXT,   CLI_CELL_TEXT, CLI_CELL_TEXT,
                                           CLI_CELL_NUMBER, CLI_CELL_TEXT, CLI_CELL_TEXT,
                                           CLI_CELL_TEXT,   CLI_CELL_TEXT, CLI_CELL_TEXT,
                                           CLI_CELL_TEXT,   CLI_CELL_TEXT, CLI_CELL_TEXT,
                                           CLI_CELL_TEXT };
    cli_grid *g = NULL;
    STROMA_TRY(cli_grid_new(c, "stroma.findings/1", names, types, 13, &g, err));
    stroma_status s = STROMA_OK;
    for (size_t i = 0; s == STROMA_OK && i < d->len; i++) {
        const stroma_finding *f = &d->items[i];
        char line[24];
        (void)snprintf(line, sizeof line, "%lld", (long long)f->line);
        const char *const cells[] = { stroma_severity_name(f->severity),
                                      f->code,
                                      f->file,
                                      f->line > 0 ? line : NULL,
                                      f->column,
                                      f->subject,
                                      f->visit,
                                      f->param,
                                      f->value,
                                      f->message,
                                      f->rule,
                                      f->action,
                                      f->audit };
        s = cli_grid_row(g, cells, err);
    }
    return cli_grid_end(g, s, err);
}

/* For people: grouped by code, each with where and what to do. */
static void print_text(const stroma_diag *d, stroma_buffer *b)
{
    for (size_t i = 0; i < d->len; i++) {
        const stroma_finding *f = &d->items[i];
        stroma_buffer_printf(b, "%s[%s] %s", stroma_severity_name(f->severity), f->code,
                             f->file == NULL ? "" : f->file);
        if (f->line > 0) stroma_buffer_printf(b, ":%lld", (long long)f->line);
        if (f->character > 0) stroma_buffer_printf(b, ":%lld", (long long)f->character);
        if (f->subject != NULL) stroma_buffer_printf(b, " subject %s", f->subject);
        if (f->visit != NULL) stroma_buffer_printf(b, " visit %s", f->visit);
        if (f->param != NULL) stroma_buffer_printf(b, " %s", f->param);
        if (f->value != NULL) stroma_buffer_printf(b, " \"%s\"", f->value);
        stroma_buffer_printf(b, "\n  %s\n", f->message);
        if (f->action != NULL && f->action[0] != '\0')
            stroma_buffer_printf(b, "  -> %s\n", f->action);
    }
    if (d->dropped > 0) stroma_buffer_printf(b, "and %zu more\n", d->dropped);
}

static stroma_status print_findings(cli_context *c, const stroma_diag *d, stroma_error *err)
{
    if (strcmp(cli_format(c), "table") != 0 && cli_given(c, "format")) return print_grid(c, d, err);
    stroma_buffer b;
    stroma_buffer_init(&b, (size_t)64 << 20);
    print_text(d, &b);
    stroma_status s = stroma_buffer_status(&b, err);
    if (s == STROMA_OK && b.len > 0) s = cli_write(b.data, b.len, err);
    stroma_buffer_clear(&b);
    return s;
}

static stroma_status run_check(cli_context *c, stroma_error *err)
{
    const char *const *args = NULL;
    (void)cli_args(c, &args);
    stroma_diag diag;
    stroma_diag_init(&diag);
    stroma_study_options o = STROMA_STUDY_OPTIONS_INIT;
    o.threads = cli_threads(c);
    stroma_error failure = STROMA_ERROR_INIT;
    stroma_status s = stroma_study_check(args[0], &o, &diag, &failure);
    stroma_status printed = print_findings(c, &diag, err);
    if (printed == STROMA_OK && s == STROMA_OK) {
        const size_t errors = stroma_diag_count(&diag, STROMA_ERROR);
        const size_t warnings = stroma_diag_count(&diag, STROMA_WARNING) - errors;
        cli_say(c, "%zu error%s, %zu warning%s, %zu note%s", errors, errors == 1 ? "" : "s",
                warnings, warnings == 1 ? "" : "s", diag.len - errors - warnings,
                diag.len - errors - warnings == 1 ? "" : "s");
        if (diag.len > 0) s = STROMA_FOUND;
    } else if (printed == STROMA_OK && err != NULL) {
        *err = failure;
    }
    stroma_diag_clear(&diag);
    return printed != STROMA_OK ? printed : s;
}

const cli_command cli_cmd_check = {
    .noun = "check",
    .summary = "every check of a study file and its data, and every finding",
    .usage = "STUDY.yaml",
    .min_args = 1,
    .max_args = 1,
    .description =
        "Reads everything, computes scores but no results, and lists all findings, not the "
        "first. Exit 0: none; 1: findings; 3 or more: the study file itself cannot be used.",
    .options = check_options,
    .examples = check_examples,
    .run = run_check,
};

static const char *const verify_examples[] = { "stroma verify out/",
                                               "stroma verify out/ --format json", NULL };

static stroma_status run_verify(cli_context *c, stroma_error *err)
{
    const char *const *args = NULL;
    (void)cli_args(c, &args);
    manifest m;
    stroma_status s = manifest_read(args[0], &m, err);
    if (s != STROMA_OK) {
        stroma_hint(err, "give a folder that `stroma run` wrote");
        return s;
    }
    stroma_diag diag;
    stroma_diag_init(&diag);
    s = manifest_compare(args[0], &m, &diag, err);
    if (s == STROMA_OK) s = print_findings(c, &diag, err);
    if (s == STROMA_OK)
        cli_say(c, "%zu input%s and %zu outputs hashed, %zu differ", m.inputs_len,
                m.inputs_len == 1 ? "" : "s", m.outputs_len, diag.len);
    if (s == STROMA_OK && diag.len > 0) s = STROMA_FOUND;
    stroma_diag_clear(&diag);
    manifest_clear(&m);
    return s;
}

const cli_command cli_cmd_verify = {
    .noun = "verify",
    .summary = "hash all inputs and outputs of a run again and say what changed",
    .usage = "DIR",
    .min_args = 1,
    .max_args = 1,
    .description =
        "Compares every file with the SHA-256 in DIR/manifest.json: inputs where they were "
        "read, outputs in the folder. Exit 1 when anything is missing, changed or added.",
    .options = check_options,
    .examples = verify_examples,
    .run = run_verify,
};
