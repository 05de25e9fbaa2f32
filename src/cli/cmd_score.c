/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma score list, explain, parameters: the tables of scores and parameters, for people. */
#include "cli.h"
#include "score_words.h"

#include "stroma/memory.h"
#include "stroma/number.h"
#include "stroma/parameter.h"
#include "stroma/score.h"

#include <math.h>
#include <string.h>

enum { TEXT_MAX_BYTES = 1 << 16 };

const char *cli_score_number(double x, char out[STROMA_NUMBER_TEXT_MAX])
{
    (void)stroma_format_fixed(x, 10, out);
    char *end = out + strlen(out);
    if (strchr(out, '.') == NULL) return out;
    while (end[-1] == '0')
        *--end = '\0';
    if (end[-1] == '.') *--end = '\0';
    return out;
}

static const char *kind_name(stroma_score_kind k)
{
    switch (k) {
    case STROMA_SCORE_NUMBER: return "number";
    case STROMA_SCORE_BOOL: return "yes/no";
    case STROMA_SCORE_WORD: return "word";
    case STROMA_SCORE_OUTPUTS: return "several";
    }
    return "?";
}

void cli_score_inputs(const stroma_score *s, stroma_buffer *b)
{
    for (size_t i = 0; i < s->inputs_len; i++) {
        const stroma_score_input *in = &s->inputs[i];
        stroma_buffer_printf(b, "%s%s", i > 0 ? ", " : "", in->name);
        if (in->unit != NULL) stroma_buffer_printf(b, " [%s]", in->unit);
        if (in->need == STROMA_NEED_NONE) stroma_buffer_puts(b, " (optional)");
    }
}

static stroma_status list_rows(cli_grid *g, stroma_error *err)
{
    size_t n = 0;
    const stroma_score *const *table = stroma_score_table(&n);
    stroma_buffer inputs;
    stroma_buffer_init(&inputs, TEXT_MAX_BYTES);
    stroma_status s = STROMA_OK;
    for (size_t i = 0; i < n && s == STROMA_OK; i++) {
        stroma_buffer_reset(&inputs);
        cli_score_inputs(table[i], &inputs);
        s = stroma_buffer_status(&inputs, err);
        const char *const cells[] = { table[i]->id, table[i]->paramcd, table[i]->label,
                                      kind_name(table[i]->kind), inputs.data };
        if (s == STROMA_OK) s = cli_grid_row(g, cells, err);
    }
    stroma_buffer_clear(&inputs);
    return s;
}

static stroma_status run_list(cli_context *c, stroma_error *err)
{
    static const char *const names[] = { "id", "paramcd", "label", "value", "inputs" };
    static const cli_cell_type types[] = { CLI_CELL_TEXT, CLI_CELL_TEXT, CLI_CELL_TEXT,
                                           CLI_CELL_TEXT, CLI_CELL_TEXT };
    cli_grid *g = NULL;
    STROMA_TRY(cli_grid_new(c, "stroma.scores/1", names, types, 5, &g, err));
    return cli_grid_end(g, list_rows(g, err), err);
}

static void explain_input(const stroma_score_input *in, stroma_buffer *b)
{
    char lo[STROMA_NUMBER_TEXT_MAX], hi[STROMA_NUMBER_TEXT_MAX];
    stroma_buffer_printf(b, "  %-24s ", in->name);
    if (in->kind == STROMA_INPUT_SET) {
        stroma_buffer_puts(b, "names joined by +");
    } else if (in->kind == STROMA_INPUT_WORD) {
        for (size_t i = 0; i < in->items_len; i++)
            stroma_buffer_printf(b, "%s%s", i > 0 ? "|" : "", in->items[i]);
    } else {
        stroma_buffer_printf(b, "%s to %s", stroma_format_double(in->lower, lo),
                             stroma_format_double(in->upper, hi));
        if (in->kind == STROMA_INPUT_LIST)
            stroma_buffer_printf(b, ", %zu places joined by |", in->items_len);
        if (in->unit != NULL) stroma_buffer_printf(b, " %s", in->unit);
    }
    stroma_buffer_printf(b, "%s\n    %s\n", in->need == STROMA_NEED_NONE ? " (optional)" : "",
                         in->help);
    if (in->items_prefix == NULL) return;
    stroma_buffer_puts(b, "    or a column an item:");
    for (size_t i = 0; i < in->items_len; i++)
        stroma_buffer_printf(b, " %s%s", in->items_prefix, in->items[i]);
    stroma_buffer_putc(b, '\n');
}

static void explain_bands(const stroma_score *s, stroma_buffer *b)
{
    char edge[STROMA_NUMBER_TEXT_MAX];
    if (s->bands_len == 0) return;
    stroma_buffer_puts(b, "\nBands\n");
    for (size_t i = 0; i < s->bands_len; i++) {
        const bool last = i + 1 == s->bands_len;
        const stroma_score_band *band = &s->bands[last ? i - 1 : i];
        (void)stroma_format_double(band->upper, edge);
        stroma_buffer_printf(
            b, "  %-10s %s %s\n", s->bands[i].name,
            last ? (band->closed ? "above" : "from") : (band->closed ? "up to" : "below"), edge);
    }
}

static stroma_status explain_example(const stroma_score *s, stroma_buffer *b, stroma_error *err)
{
    stroma_score_result r;
    STROMA_TRY(stroma_score_compute_text(s, s->example, NULL, &r, err));
    stroma_buffer value, outputs;
    stroma_buffer_init(&value, TEXT_MAX_BYTES);
    stroma_buffer_init(&outputs, TEXT_MAX_BYTES);
    cli_score_value_json(s, &r, &value);
    cli_score_outputs_json(s, &r, &outputs);
    stroma_status st = stroma_buffer_status(&value, err);
    if (st == STROMA_OK) st = stroma_buffer_status(&outputs, err);
    if (st == STROMA_OK) {
        stroma_buffer_printf(b, "\nExample (computed now)\n  %s\n  = %s", s->example,
                             s->outputs_len > 0 ? outputs.data : value.data);
        if (r.band != NULL) stroma_buffer_printf(b, ", %s", r.band);
        stroma_buffer_putc(b, '\n');
        for (size_t i = 0; i < r.flags_len; i++)
            stroma_buffer_printf(b, "  note: %s\n", r.flags[i]);
    }
    stroma_buffer_clear(&value);
    stroma_buffer_clear(&outputs);
    return st;
}

static stroma_status explain(const stroma_score *s, stroma_buffer *b, stroma_error *err)
{
    char v[STROMA_NUMBER_TEXT_MAX];
    stroma_buffer_printf(b, "%s: %s (PARAMCD %s)\n\nFormula\n  %s\n\nInputs\n", s->id, s->label,
                         s->paramcd, s->formula);
    for (size_t i = 0; i < s->inputs_len; i++)
        explain_input(&s->inputs[i], b);
    if (s->outputs_len > 0) stroma_buffer_puts(b, "\nOutputs\n");
    for (size_t i = 0; i < s->outputs_len; i++)
        stroma_buffer_printf(b, "  %-24s %s\n", s->outputs[i].name, s->outputs[i].help);
    explain_bands(s, b);
    if (s->settings_len > 0) stroma_buffer_puts(b, "\nSettings (--set NAME=VALUE)\n");
    for (size_t i = 0; i < s->settings_len; i++)
        stroma_buffer_printf(b, "  %-24s %s (default %s)\n", s->settings[i].name,
                             s->settings[i].help, stroma_format_double(s->settings[i].value, v));
    stroma_buffer_printf(b, "\nMissing values\n  %s\n", s->missing);
    if (s->traps != NULL) stroma_buffer_printf(b, "\nTraps\n  %s\n", s->traps);
    stroma_buffer_printf(b, "\nSource\n  %s\n", s->source);
    STROMA_TRY(explain_example(s, b, err));
    return stroma_buffer_status(b, err);
}

static stroma_status run_explain(cli_context *c, stroma_error *err)
{
    const char *const *args = NULL;
    (void)cli_args(c, &args);
    const stroma_score *score = NULL;
    STROMA_TRY(stroma_score_get(args[0], &score, err));
    stroma_buffer b;
    stroma_buffer_init(&b, TEXT_MAX_BYTES);
    stroma_status s = explain(score, &b, err);
    if (s == STROMA_OK) s = cli_write(b.data, b.len, err);
    stroma_buffer_clear(&b);
    return s;
}

static stroma_status parameter_row(cli_grid *g, const stroma_parameter *p, stroma_error *err)
{
    static const char *const kinds[] = { "number", "word", "flag" };
    char lower[STROMA_NUMBER_TEXT_MAX], upper[STROMA_NUMBER_TEXT_MAX];
    char reference[2][STROMA_NUMBER_TEXT_MAX];
    const bool number = p->kind == STROMA_PARAMETER_NUMBER;
    const char *const cells[] = {
        p->id,
        p->paramcd,
        p->label,
        p->unit,
        kinds[p->kind],
        stroma_parameter_category_name(p->category),
        number ? stroma_format_double(p->lower, lower) : NULL,
        number ? stroma_format_double(p->upper, upper) : NULL,
        isnan(p->reference_lower) ? NULL : stroma_format_double(p->reference_lower, reference[0]),
        isnan(p->reference_upper) ? NULL : stroma_format_double(p->reference_upper, reference[1]),
        p->reference_source,
    };
    return cli_grid_row(g, cells, err);
}

static stroma_status run_parameters(cli_context *c, stroma_error *err)
{
    static const char *const names[] = { "id",
                                         "paramcd",
                                         "label",
                                         "unit",
                                         "kind",
                                         "category",
                                         "lower",
                                         "upper",
                                         "reference_lower",
                                         "reference_upper",
                                         "reference_source" };
    static const cli_cell_type types[] = { CLI_CELL_TEXT,   CLI_CELL_TEXT,   CLI_CELL_TEXT,
                                           CLI_CELL_TEXT,   CLI_CELL_TEXT,   CLI_CELL_TEXT,
                                           CLI_CELL_NUMBER, CLI_CELL_NUMBER, CLI_CELL_NUMBER,
                                           CLI_CELL_NUMBER, CLI_CELL_TEXT };
    const char *const *args = NULL;
    const stroma_parameter *only = NULL;
    size_t n = 0;
    const stroma_parameter *table = stroma_parameter_table(&n);
    if (cli_args(c, &args) > 0) STROMA_TRY(stroma_parameter_get(args[0], &only, err));
    cli_grid *g = NULL;
    STROMA_TRY(cli_grid_new(c, "stroma.parameters/1", names, types, 11, &g, err));
    stroma_status s = STROMA_OK;
    for (size_t i = 0; i < n && s == STROMA_OK; i++)
        if (only == NULL || only == &table[i]) s = parameter_row(g, &table[i], err);
    return cli_grid_end(g, s, err);
}

static const cli_option list_options[] = {
    CLI_OPTION_FORMAT, CLI_OPTION_OUTPUT, CLI_OPTION_FORCE, { .name = NULL }
};
static const char *const list_examples[] = { "stroma score list", "stroma score list --format json",
                                             NULL };
static const char *const explain_examples[] = { "stroma score explain das28_esr4",
                                                "stroma score explain cdai_crohn", NULL };
static const char *const parameters_examples[] = { "stroma score parameters",
                                                   "stroma score parameters CDAICD", NULL };

const cli_command cli_cmd_score_list = {
    .noun = "score",
    .verb = "list",
    .summary = "all scores, with their inputs and units",
    .usage = NULL,
    .description =
        "Prints a row for every score and response criterion: its id, ADaM PARAMCD, label, "
        "what its value is, and its inputs with their units.",
    .options = list_options,
    .examples = list_examples,
    .run = run_list,
};

const cli_command cli_cmd_score_explain = {
    .noun = "score",
    .verb = "explain",
    .summary = "one score: formula, inputs, bands, traps, source, example",
    .usage = "ID",
    .min_args = 1,
    .max_args = 1,
    .description =
        "Prints all that the program knows about one score. The worked example is computed "
        "when the command runs.",
    .examples = explain_examples,
    .run = run_explain,
};

const cli_command cli_cmd_score_parameters = {
    .noun = "score",
    .verb = "parameters",
    .summary = "every parameter named three ways, with unit and range",
    .usage = "[NAME]",
    .max_args = 1,
    .description =
        "Prints the table of parameters: id, ADaM PARAMCD, label, unit, physical range and, "
        "where a paper gives one, a reference range. NAME is any of the three names; one "
        "that could mean two things is refused.",
    .options = list_options,
    .examples = parameters_examples,
    .run = run_parameters,
};
