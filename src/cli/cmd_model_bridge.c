/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma model bridge: from the values of one assay to those of the model's. */
#include "model_files.h"

#include "stroma/biomarker_bridge.h"
#include "stroma/hash.h"
#include "stroma/memory.h"

#include <string.h>

static stroma_status column(const cli_context *c, const stroma_table *t, const char *option,
                            size_t *out, stroma_error *err)
{
    const char *name = cli_text(c, option);
    if (name == NULL) return stroma_fail(err, STROMA_E_USAGE, "option --%s is missing", option);
    *out = stroma_table_find(t, name);
    if (*out == SIZE_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "--%s: no column \"%.60s\"", option, name);
    if (t->columns[*out].type == STROMA_COLUMN_NUMBER) return STROMA_OK;
    return stroma_fail(err, STROMA_E_USAGE, "column \"%s\" is a column of %s, not of numbers", name,
                       stroma_column_type_name(t->columns[*out].type));
}

/* Pairs of which both are measured; a value beyond its limit is no pair. */
static stroma_status pairs(const cli_context *c, const stroma_table *t, double *x, double *y,
                           size_t *n, stroma_error *err)
{
    size_t a = 0, b = 0;
    STROMA_TRY(column(c, t, "x", &a, err));
    STROMA_TRY(column(c, t, "y", &b, err));
    if (a == b)
        return stroma_fail(err, STROMA_E_USAGE, "\"%s\" is x and y: a bridge needs both assays",
                           t->columns[a].name);
    for (size_t r = 0; r < t->rows_len; r++) {
        if (stroma_table_state(t, a, r) != STROMA_PRESENT ||
            stroma_table_state(t, b, r) != STROMA_PRESENT)
            continue;
        x[*n] = stroma_table_number(t, a, r);
        y[(*n)++] = stroma_table_number(t, b, r);
    }
    if (*n < t->rows_len)
        cli_say(c, "note: %zu of %zu rows are no pair of measured values", t->rows_len - *n,
                t->rows_len);
    return STROMA_OK;
}

static stroma_status needed(const cli_context *c, const char *option, const char **out,
                            stroma_error *err)
{
    *out = cli_text(c, option);
    if (*out != NULL) return STROMA_OK;
    return stroma_fail(err, STROMA_E_USAGE, "option --%s is missing", option);
}

static stroma_status take_spec(const cli_context *c, const char *path, stroma_bridge_spec *s,
                               char *sha256, stroma_error *err)
{
    const stroma_deming_options defaults = STROMA_DEMING_OPTIONS_INIT;
    stroma_hash h;
    s->deming = defaults;
    STROMA_TRY(needed(c, "input", &s->input, err));
    STROMA_TRY(needed(c, "from", &s->from_assay, err));
    STROMA_TRY(needed(c, "to", &s->to_assay, err));
    if (strcmp(s->from_assay, s->to_assay) == 0)
        return stroma_fail(err, STROMA_E_USAGE, "a bridge from \"%s\" to itself", s->to_assay);
    if (!cli_given(c, "error-ratio")) {
        (void)stroma_fail(err, STROMA_E_USAGE, "option --error-ratio is missing");
        stroma_hint(err,
                    "the variance of the errors of y over that of x, from replicates: it cannot "
                    "be seen in the pairs");
        return STROMA_E_USAGE;
    }
    s->unit = cli_text(c, "unit");
    s->source = path;
    s->deming.error_ratio = cli_number(c, "error-ratio", 1);
    s->deming.scale =
        strcmp(cli_text(c, "scale"), "log") == 0 ? STROMA_SCALE_LOG : STROMA_SCALE_NATURAL;
    if (strcmp(path, "-") == 0) return STROMA_OK;
    STROMA_TRY(stroma_hash_file(path, &h, NULL, err));
    s->source_sha256 = stroma_hash_format(&h, sha256);
    return STROMA_OK;
}

static stroma_status emit(cli_context *c, stroma_bridge *b, stroma_error *err)
{
    stroma_buffer out;
    stroma_buffer_init(&out, 1 << 20);
    stroma_status s = stroma_bridge_write(b, &out, err);
    if (s == STROMA_OK) s = cli_emit_buffer(c, &out, err);
    stroma_buffer_clear(&out);
    if (s == STROMA_OK)
        cli_say(c, "%s = %.4g + %.4g x %s%s, from %zu pairs", b->to_assay,
                b->fit.intercept.estimate, b->fit.slope.estimate, b->from_assay,
                b->fit.scale == STROMA_SCALE_LOG ? " (logarithms)" : "", b->fit.n);
    return s;
}

static stroma_status run(cli_context *c, stroma_error *err)
{
    const char *const *args = NULL;
    (void)cli_args(c, &args);
    stroma_bridge_spec spec = { 0 };
    stroma_bridge *b = NULL;
    stroma_table *t = NULL;
    char sha256[65];
    size_t n = 0;
    STROMA_TRY(take_spec(c, args[0], &spec, sha256, err));
    STROMA_TRY(model_table(c, args[0], &t, err));
    double *x = stroma_alloc_array(2 * t->rows_len, sizeof *x);
    stroma_status s = x == NULL ? stroma_no_memory(err) : pairs(c, t, x, x + t->rows_len, &n, err);
    if (s == STROMA_OK) s = stroma_bridge_fit(&spec, x, x + t->rows_len, n, &b, err);
    if (s == STROMA_OK) s = emit(c, b, err);
    stroma_bridge_free(b);
    stroma_free(x);
    stroma_table_free(t);
    return s;
}

static const cli_option options[] = {
    { .name = "x", .kind = CLI_TEXT, .metavar = "COLUMN", .help = "values of the other assay" },
    { .name = "y", .kind = CLI_TEXT, .metavar = "COLUMN", .help = "values of the model's assay" },
    { .name = "error-ratio",
      .kind = CLI_NUMBER,
      .metavar = "X",
      .lower = 1e-6,
      .upper = 1e6,
      .help = "variance of the errors of y over that of x (of their logarithms with --scale log)" },
    { .name = "input", .kind = CLI_TEXT, .metavar = "NAME", .help = "input of the model" },
    { .name = "from", .kind = CLI_TEXT, .metavar = "ASSAY", .help = "name of the other assay" },
    { .name = "to", .kind = CLI_TEXT, .metavar = "ASSAY", .help = "name of the model's assay" },
    { .name = "unit", .kind = CLI_TEXT, .metavar = "UNIT", .help = "unit of both" },
    { .name = "scale",
      .kind = CLI_CHOICE,
      .metavar = "SCALE",
      .choices = "natural|log",
      .default_text = "natural",
      .help = "log: errors are in proportion to the value" },
    CLI_OPTION_MISSING,
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    { .name = NULL },
};
static const char *const examples[] = {
    "stroma model bridge pairs.csv --x elisa --y luminex --error-ratio 1 --scale log --input ifng "
    "--from ELISA --to Luminex -o bridge.json",
    "stroma predict model.json patients.csv --bridge bridge.json --assay ifng=ELISA", NULL
};

const cli_command cli_cmd_model_bridge = {
    .noun = "model",
    .verb = "bridge",
    .summary = "from the values of one assay to those of a model's assay",
    .usage = "PAIRS --x COLUMN --y COLUMN --error-ratio X --input NAME --from ASSAY --to ASSAY",
    .min_args = 1,
    .max_args = 1,
    .description = "PAIRS has specimens that both assays have measured. The line allows for errors "
                   "of both (Deming); its own error and that of a reading go into the interval of "
                   "each prediction that uses it.",
    .options = options,
    .examples = examples,
    .run = run,
};
