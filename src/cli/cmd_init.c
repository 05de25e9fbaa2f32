/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma init: a commented study file to start from. */
#include "cli.h"

#include "stroma/study.h"

static const cli_option init_options[] = {
    { .name = "template",
      .kind = CLI_CHOICE,
      .choices = "ra-trial|crohn-case|biomarker-cohort",
      .metavar = "NAME",
      .default_text = "ra-trial",
      .help = "what to start from" },
    { .name = "keys",
      .kind = CLI_FLAG,
      .help = "print the reference of all keys instead (Markdown)" },
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    { .name = NULL },
};
static const char *const init_examples[] = { "stroma init --template ra-trial -o study.yaml",
                                             "stroma init --keys", NULL };

static stroma_status run_init(cli_context *c, stroma_error *err)
{
    stroma_buffer b;
    stroma_buffer_init(&b, 1 << 22);
    stroma_status s = STROMA_OK;
    if (cli_given(c, "keys"))
        s = stroma_study_keys(&b, err);
    else
        stroma_buffer_puts(&b, stroma_study_template(cli_text(c, "template")));
    if (s == STROMA_OK) s = cli_emit_buffer(c, &b, err);
    stroma_buffer_clear(&b);
    return s;
}

const cli_command cli_cmd_init = {
    .noun = "init",
    .summary = "write a commented study file to start from",
    .usage = NULL,
    .min_args = 0,
    .max_args = 0,
    .description = "Prints the template, or writes it with -o.",
    .options = init_options,
    .examples = init_examples,
    .run = run_init,
};
