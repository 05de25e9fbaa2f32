/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma check and verify: what is wrong with the inputs, and what has changed since the run. */
#include "cli.h"
#include "findings_output.h"
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

static stroma_status run_check(cli_context *c, stroma_error *err)
{
    const char *const *args = NULL;
    (void)cli_args(c, &args);
    stroma_diag diag;
    stroma_diag_init(&diag);
    stroma_study_options o = STROMA_STUDY_OPTIONS_INIT;
    o.threads = cli_threads(c);
    o.progress = cli_progress(c);
    stroma_error failure = STROMA_ERROR_INIT;
    stroma_status s = stroma_study_check(args[0], &o, &diag, &failure);
    stroma_status printed = cli_list_findings(c, &diag, err);
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
    const size_t hashed = m.inputs_len - manifest_renamed(&m);
    s = manifest_compare(args[0], &m, &diag, err);
    if (s == STROMA_OK) s = cli_list_findings(c, &diag, err);
    if (s == STROMA_OK)
        cli_say(c, "%zu input%s and %zu outputs hashed, %zu differ", hashed, hashed == 1 ? "" : "s",
                m.outputs_len, diag.len);
    if (s == STROMA_OK && hashed < m.inputs_len)
        cli_say(c, "%zu inputs stand under pseudonyms and were not looked for",
                m.inputs_len - hashed);
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
