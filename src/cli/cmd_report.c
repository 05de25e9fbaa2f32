/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include "stroma/file.h"
#include "stroma/memory.h"
#include "stroma/report.h"

#include <string.h>

static const cli_option options[] = {
    { .name = "output",
      .letter = 'o',
      .kind = CLI_PATH,
      .metavar = "DIR|FILE.html",
      .help =
          "folder for the report, its figures and tables, or one page (default: beside study.db)" },
    { .name = "static-svg",
      .kind = CLI_FLAG,
      .help = "draw the figures now, with Node: figures/*.svg, and pictures for readers without "
              "JavaScript" },
    { .name = "pseudonymised",
      .kind = CLI_FLAG,
      .help = "refuse a study.db that holds the subjects' own ids" },
    CLI_OPTION_FORCE,
    { .name = NULL },
};
static const char *const examples[] = { "stroma report build out/study.db --force",
                                        "stroma report build out/study.db -o report.html", NULL };

static stroma_status run(cli_context *c, stroma_error *err)
{
    const char *const *args = NULL;
    (void)cli_args(c, &args);
    char *beside = stroma_path_beside(args[0], ".");
    if (beside == NULL) return stroma_no_memory(err);
    stroma_report_options o = STROMA_REPORT_OPTIONS_INIT;
    o.out = cli_given(c, "output") ? cli_text(c, "output") : beside;
    o.overwrite = cli_given(c, "force");
    o.static_svg = cli_given(c, "static-svg");
    o.pseudonymised = cli_given(c, "pseudonymised");
    stroma_report_info info = { 0 };
    const stroma_status s = stroma_report_build(args[0], &o, &info, err);
    if (s == STROMA_OK)
        cli_say(c, "report  %s (%.1f MB) · %zu figures, %zu tables", o.out,
                (double)info.html_bytes / 1e6, info.n_figures, info.n_tables);
    stroma_free(beside);
    return s;
}

const cli_command cli_cmd_report_build = {
    .noun = "report",
    .verb = "build",
    .summary = "write the HTML report of a study.db",
    .usage = "STUDY.db",
    .min_args = 1,
    .max_args = 1,
    .description =
        "Writes report.html with figures/*.vl.json, tables/*.tsv and tables.xlsx, from the "
        "study.db alone. "
        "The page needs no network and no server. Existing files are kept unless --force is given.",
    .options = options,
    .examples = examples,
    .run = run,
};
