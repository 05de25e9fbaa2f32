/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma model card, export: a model for people and for other programs. */
#include "model_files.h"

#include <string.h>

static bool ends_with(const char *path, const char *ending)
{
    const size_t n = strlen(path), k = strlen(ending);
    return n >= k && strcmp(path + n - k, ending) == 0;
}

static stroma_status run_card(cli_context *c, stroma_error *err)
{
    const char *const *args = NULL;
    const char *form = cli_text(c, "form"), *path = cli_text(c, "output");
    (void)cli_args(c, &args);
    const bool html = form != NULL ? strcmp(form, "html") == 0 : ends_with(path, ".html");
    stroma_model *m = NULL;
    stroma_buffer b;
    STROMA_TRY(stroma_model_read_file(args[0], &m, err));
    stroma_buffer_init(&b, 1 << 24);
    stroma_status s = stroma_model_write_card(m, html, &b, err);
    if (s == STROMA_OK) s = cli_emit_buffer(c, &b, err);
    stroma_buffer_clear(&b);
    stroma_model_free(m);
    return s;
}

static stroma_status run_export(cli_context *c, stroma_error *err)
{
    const char *const *args = NULL;
    (void)cli_args(c, &args);
    if (!cli_given(c, "pmml")) {
        (void)stroma_fail(err, STROMA_E_USAGE, "which form?");
        stroma_hint(err, "say --pmml");
        return STROMA_E_USAGE;
    }
    stroma_model *m = NULL;
    stroma_buffer b;
    STROMA_TRY(stroma_model_read_file(args[0], &m, err));
    stroma_buffer_init(&b, 1 << 24);
    stroma_status s = stroma_model_write_pmml(m, &b, err);
    if (s == STROMA_OK) s = cli_emit_buffer(c, &b, err);
    stroma_buffer_clear(&b);
    stroma_model_free(m);
    return s;
}

static const cli_option card_options[] = {
    { .name = "form",
      .kind = CLI_CHOICE,
      .metavar = "FORM",
      .choices = "markdown|html",
      .help = "form of the card (default: by the ending of --output, else markdown)" },
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    { .name = NULL },
};
static const cli_option export_options[] = {
    { .name = "pmml", .kind = CLI_FLAG, .help = "PMML 4.4, for other programs" },
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    { .name = NULL },
};
static const char *const card_examples[] = { "stroma model card model.json -o card.html",
                                             "stroma model card out/models/before_infusion.json",
                                             NULL };
static const char *const export_examples[] = {
    "stroma model export model.json --pmml -o model.pmml",
    "stroma model export model.json --pmml | xmllint --format -", NULL
};

const cli_command cli_cmd_model_card = {
    .noun = "model",
    .verb = "card",
    .summary = "what a model is for, made from, and worth, with the TRIPOD+AI items",
    .usage = "MODEL.json",
    .min_args = 1,
    .max_args = 1,
    .description = "Each of the 27 items of TRIPOD+AI is filled from the model, is not applicable, "
                   "or is for the author to write.",
    .options = card_options,
    .examples = card_examples,
    .run = run_card,
};
const cli_command cli_cmd_model_export = {
    .noun = "model",
    .verb = "export",
    .summary = "a model for other programs",
    .usage = "MODEL.json --pmml",
    .min_args = 1,
    .max_args = 1,
    .description =
        "PMML holds the equation with its logarithms, scaling and rule for missing "
        "values. It has no place for limits of detection, intervals, sets and distances: "
        "those stay behind.",
    .options = export_options,
    .examples = export_examples,
    .run = run_export,
};
