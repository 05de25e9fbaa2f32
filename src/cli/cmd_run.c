/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma run: the main job. */
#include "cli.h"
#include "output_folder.h"
#include "stroma_config.h"

#include "stroma/biomarker_answer.h"
#include "stroma/file.h"
#include "stroma/memory.h"
#include "stroma/report.h"
#include "stroma/study.h"

#include <string.h>
#include <time.h>

static const cli_option options[] = {
    { .name = "output",
      .letter = 'o',
      .kind = CLI_PATH,
      .metavar = "DIR",
      .default_text = "out",
      .help =
          "folder for everything; an earlier output of stroma there is replaced in one rename" },
    { .name = "style",
      .kind = CLI_CHOICE,
      .choices = "stroma|paper",
      .metavar = "STYLE",
      .help = "paper prints the source paper's marks, each called circular where it is" },
    { .name = "static-svg", .kind = CLI_FLAG, .help = "also draw figures/*.svg, with Node" },
    { .name = "pseudonymise", .kind = CLI_FLAG, .help = "replace subject ids in everything shown" },
    { .name = "strict", .kind = CLI_FLAG, .help = "exit 1 when there are findings" },
    { .name = "always", .kind = CLI_FLAG, .help = "run also when nothing has changed" },
    { .name = NULL },
};
static const char *const examples[] = { "stroma run study.yaml -o out/",
                                        "stroma run study.yaml -o out/ --pseudonymise --static-svg",
                                        NULL };

static char *options_text(const cli_context *c)
{
    const char *style = cli_text(c, "style");
    return stroma_asprintf("style=%s%s%s", style == NULL ? "" : style,
                           cli_given(c, "static-svg") ? " static-svg" : "",
                           cli_given(c, "pseudonymise") ? " pseudonymise" : "");
}

/* The same program, options, inputs and outputs as the manifest says: nothing to redo. */
static bool unchanged(const char *dir, const char *study_file, const char *options_now,
                      int64_t *n_findings)
{
    manifest m;
    if (manifest_read(dir, &m, NULL) != STROMA_OK) return false;
    stroma_diag diag;
    stroma_diag_init(&diag);
    char *program = manifest_program();
    const bool same = program != NULL && strcmp(m.program_sha256, program) == 0 &&
                      strcmp(m.study_file, study_file) == 0 &&
                      strcmp(m.options, options_now) == 0 && manifest_renamed(&m) == 0 &&
                      manifest_compare(dir, &m, &diag, NULL) == STROMA_OK && diag.len == 0;
    stroma_free(program);
    *n_findings = m.n_findings;
    stroma_diag_clear(&diag);
    manifest_clear(&m);
    return same;
}

static stroma_status write_outputs(cli_context *c, const char *study_file, const char *staged,
                                   manifest *m, stroma_diag *diag, stroma_study_summary *done,
                                   stroma_report_info *report, stroma_error *err)
{
    char *db = stroma_path_join(staged, "study.db");
    if (db == NULL) return stroma_no_memory(err);
    stroma_study_options so = STROMA_STUDY_OPTIONS_INIT;
    so.biomarker = stroma_biomarker_answer;
    so.threads = cli_threads(c);
    so.progress = cli_progress(c);
    so.pseudonymise = cli_given(c, "pseudonymise");
    so.style = cli_text(c, "style");
    stroma_status s = stroma_study_run(study_file, db, &so, diag, done, err);
    stroma_report_options ro = STROMA_REPORT_OPTIONS_INIT;
    ro.out = staged;
    ro.overwrite = true;
    ro.static_svg = cli_given(c, "static-svg");
    if (s == STROMA_OK) s = stroma_report_build(db, &ro, report, err);
    for (size_t i = 0; s == STROMA_OK && i < done->input_paths_len; i++)
        s = manifest_add_input(m, done->input_paths[i], done->input_pseudonyms[i], err);
    m->n_findings = (int64_t)done->n_findings;
    if (s == STROMA_OK) s = manifest_write(staged, m, err);
    stroma_free(db);
    return s;
}

static void say_summary(const cli_context *c, const char *dir, const char *study_file,
                        const stroma_study_summary *d, const stroma_report_info *report,
                        double seconds)
{
    cli_say(c, "study %s%s", d->title, d->simulated ? " \xC2\xB7 simulated" : "");
    cli_say(c, "  data        %zu file%s, %zu visits, %zu finding%s%s%s%s", d->n_files,
            d->n_files == 1 ? "" : "s", d->n_visits_recorded, d->n_findings,
            d->n_findings == 1 ? "" : "s", d->n_findings > 0 ? " (stroma check " : "",
            d->n_findings > 0 ? study_file : "", d->n_findings > 0 ? ")" : "");
    if (d->scores[0] != '\0') cli_say(c, "  scores      %s", d->scores);
    cli_say(c, "  analyses    %zu result%s in %zu famil%s: %zu test%s, %zu comparison%s circular",
            d->n_results, d->n_results == 1 ? "" : "s", d->n_families,
            d->n_families == 1 ? "y" : "ies", d->n_tests, d->n_tests == 1 ? "" : "s", d->n_circular,
            d->n_circular == 1 ? "" : "s");
    cli_say(c, "  report      %s%sreport.html (%.1f MB)", dir,
            dir[0] != '\0' && dir[strlen(dir) - 1] == '/' ? "" : "/",
            (double)report->html_bytes / 1e6);
    if (d->trace_example != NULL)
        cli_say(c, "  trace with  stroma trace %s%sstudy.db %s", dir,
                dir[0] != '\0' && dir[strlen(dir) - 1] == '/' ? "" : "/", d->trace_example);
    if (d->headline != NULL && d->headline[0] != '\0') cli_say(c, "\n%s\n", d->headline);
    cli_say(c, "done in %.1f s", seconds);
}

static double now_seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static stroma_status run_into(cli_context *c, const char *study_file, const char *dir, char *opts,
                              stroma_error *err)
{
    const double start = now_seconds();
    char *staged = NULL;
    STROMA_TRY(output_folder_stage(dir, &staged, err));
    manifest m = { .version = stroma_strdup(STROMA_VERSION),
                   .program_sha256 = manifest_program(),
                   .run_in = manifest_folder(),
                   .study_file = stroma_strdup(study_file),
                   .options = stroma_strdup(opts) };
    stroma_study_summary done = { 0 };
    stroma_report_info report = { 0 };
    stroma_diag diag;
    stroma_diag_init(&diag);
    stroma_status s = m.version == NULL || m.program_sha256 == NULL || m.run_in == NULL ||
                              m.study_file == NULL || m.options == NULL
                          ? stroma_no_memory(err)
                          : write_outputs(c, study_file, staged, &m, &diag, &done, &report, err);
    if (s == STROMA_OK) s = output_folder_swap(dir, staged, err);
    if (s == STROMA_OK)
        say_summary(c, dir, study_file, &done, &report, now_seconds() - start);
    else
        output_folder_discard(staged);
    if (s == STROMA_OK && cli_given(c, "strict") && done.n_findings > 0) s = STROMA_FOUND;
    stroma_study_summary_clear(&done);
    stroma_diag_clear(&diag);
    manifest_clear(&m);
    stroma_free(staged);
    return s;
}

static stroma_status run(cli_context *c, stroma_error *err)
{
    const char *const *args = NULL;
    (void)cli_args(c, &args);
    const char *dir = cli_text(c, "output");
    char *opts = options_text(c);
    if (opts == NULL) return stroma_no_memory(err);
    stroma_status s = STROMA_OK;
    int64_t n_findings = 0;
    if (!cli_given(c, "always") && unchanged(dir, args[0], opts, &n_findings)) {
        cli_say(
            c, "nothing to do: inputs, options and outputs in \"%s\" are as the last run left them",
            dir);
        if (cli_given(c, "strict") && n_findings > 0) s = STROMA_FOUND;
    } else {
        s = run_into(c, args[0], dir, opts, err);
    }
    stroma_free(opts);
    return s;
}

const cli_command cli_cmd_run = {
    .noun = "run",
    .summary = "the main job: a study file and its data to study.db, tables, figures and a report",
    .usage = "STUDY.yaml",
    .min_args = 1,
    .max_args = 1,
    .description =
        "Reads the data that the study file names, checks them, computes scores, groups and "
        "analyses, "
        "and writes study.db, tables/, tables.xlsx, figures/, report.html and manifest.json. The "
        "folder "
        "is staged beside its place and swapped in by one rename: a run that is stopped leaves the "
        "earlier output whole. With unchanged inputs nothing is redone. Research use only.",
    .options = options,
    .examples = examples,
    .run = run,
};
