/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma trace: from a number back to file, row and hash. */
#include "cli.h"

#include "stroma/study.h"

#include <string.h>

static const cli_option options[] = {
    { .name = "subject", .kind = CLI_TEXT, .metavar = "ID", .help = "subject id, as in the data" },
    { .name = "visit",
      .kind = CLI_TEXT,
      .metavar = "ID",
      .help = "visit id; without it, the subject's own value" },
    { .name = "param",
      .kind = CLI_TEXT,
      .metavar = "ID|PARAMCD",
      .help = "parameter id or ADaM code" },
    { .name = "format",
      .kind = CLI_CHOICE,
      .metavar = "FORMAT",
      .choices = "text|json",
      .default_text = "text",
      .help = "tree for people, or JSON" },
    { .name = NULL },
};
static const char *const examples[] = {
    "stroma trace out/study.db --subject 017 --visit W12 --param DAS28ESR",
    "stroma trace out/study.db --subject 017 --visit W12 --param eular_response --format json", NULL
};

static stroma_status run(cli_context *c, stroma_error *err)
{
    const char *const *args = NULL;
    (void)cli_args(c, &args);
    const stroma_trace_options o = { .version = 1,
                                     .subject = cli_text(c, "subject"),
                                     .visit = cli_text(c, "visit"),
                                     .param = cli_text(c, "param"),
                                     .json = strcmp(cli_text(c, "format"), "json") == 0 };
    if (o.subject == NULL || o.param == NULL) {
        const stroma_status s = stroma_fail(err, STROMA_E_USAGE, "give --subject and --param");
        stroma_hint(err, "for example: %s", examples[0]);
        return s;
    }
    stroma_buffer b;
    stroma_buffer_init(&b, (size_t)64 << 20);
    stroma_status s = stroma_trace(args[0], &o, &b, err);
    if (s == STROMA_OK) s = stroma_buffer_status(&b, err);
    if (s == STROMA_OK) s = cli_write(b.data, b.len, err);
    stroma_buffer_clear(&b);
    return s;
}

const cli_command cli_cmd_trace = {
    .noun = "trace",
    .summary = "the tree from a number to the file, row and hash it came from",
    .usage = "STUDY.db --subject ID --param ID",
    .min_args = 1,
    .max_args = 1,
    .description =
        "Prints how a value was computed: method, formula and source, every input with its "
        "own inputs, down to file, row, column, the text as typed, and the file's SHA-256.",
    .options = options,
    .examples = examples,
    .run = run,
};
