/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma power precision: sizes for the width of an interval. */
#include "power_options.h"

#include "stroma/number.h"
#include "stroma/stats_precision.h"
#include "stroma/suggest.h"

#include <math.h>
#include <string.h>

static stroma_status list(const cli_context *c, stroma_error *err)
{
    static const char *const names[] = { "quantity", "needs", "n", "summary" };
    static const cli_cell_type types[] = { CLI_CELL_TEXT, CLI_CELL_TEXT, CLI_CELL_TEXT,
                                           CLI_CELL_TEXT };
    const stroma_precision_method *m = NULL;
    cli_grid *g = NULL;
    STROMA_TRY(cli_grid_new(c, "stroma.precision_methods/1", names, types, 4, &g, err));
    stroma_status s = STROMA_OK;
    for (size_t i = 0; s == STROMA_OK && (m = stroma_precision_list(i)) != NULL; i++) {
        const char *const cells[] = { m->name, m->needs, m->unit, m->summary };
        s = cli_grid_row(g, cells, err);
    }
    return cli_grid_end(g, s, err);
}

static stroma_status find(const char *name, const stroma_precision_method **out, stroma_error *err)
{
    const char *names[32];
    size_t n = 0;
    *out = stroma_precision_find(name);
    if (*out != NULL) return STROMA_OK;
    for (size_t i = 0; stroma_precision_list(i) != NULL && n < 32; i++)
        names[n++] = stroma_precision_list(i)->name;
    const char *near = stroma_nearest(name, names, n);
    (void)stroma_fail(err, STROMA_E_USAGE, "no quantity \"%s\"", name);
    if (near != NULL)
        stroma_hint(err, "did you mean \"%s\"?", near);
    else
        stroma_hint(err, "`stroma power precision list` names the quantities");
    return STROMA_E_USAGE;
}

static stroma_status write(const cli_context *c, const stroma_precision_method *m,
                           const stroma_precision *p, stroma_error *err)
{
    static const char *const names[] = { "quantity",   "n",     "unit",  "n_total",
                                         "half_width", "lower", "upper", "level" };
    static const cli_cell_type types[] = { CLI_CELL_TEXT,   CLI_CELL_NUMBER, CLI_CELL_TEXT,
                                           CLI_CELL_NUMBER, CLI_CELL_NUMBER, CLI_CELL_NUMBER,
                                           CLI_CELL_NUMBER, CLI_CELL_NUMBER };
    const bool pretty = strcmp(cli_format(c), "table") == 0;
    const double numbers[] = { (double)p->n, (double)p->n_total, p->half_width,
                               p->lower,     p->upper,           cli_number(c, "level", 0.95) };
    char t[6][STROMA_NUMBER_TEXT_MAX];
    const char *text[6];
    for (size_t i = 0; i < 6; i++) {
        const bool rounded = pretty && i >= 2 && i <= 4;
        text[i] = isnan(numbers[i]) ? NULL
                  : rounded         ? stroma_format_significant(numbers[i], 5, t[i])
                                    : stroma_format_double(numbers[i], t[i]);
    }
    const char *const cells[] = { m->name, text[0], m->unit, text[1],
                                  text[2], text[3], text[4], text[5] };
    cli_grid *g = NULL;
    STROMA_TRY(cli_grid_new(c, "stroma.precision/1", names, types, 8, &g, err));
    return cli_grid_end(g, cli_grid_row(g, cells, err), err);
}

static stroma_status run(cli_context *c, stroma_error *err)
{
    const char *const *args = NULL;
    const stroma_precision_method *m = NULL;
    stroma_precision p;
    (void)cli_args(c, &args);
    if (strcmp(args[0], "list") == 0) return list(c, err);
    STROMA_TRY(find(args[0], &m, err));
    stroma_precision_design d = STROMA_PRECISION_DESIGN_INIT;
    d.level = cli_number(c, "level", 0.95);
    d.half_width = cli_number(c, "half-width", 0);
    d.assurance = cli_number(c, "assurance", 0);
    d.sd = cli_number(c, "sd", 1);
    d.value = cli_number(c, "value", 0);
    d.ratio = cli_number(c, "ratio", 1);
    d.prevalence = cli_number(c, "prevalence", 0);
    d.raters = (size_t)cli_count(c, "raters", 2);
    if (cli_given(c, "n") == cli_given(c, "half-width")) {
        (void)stroma_fail(err, STROMA_E_USAGE, "either --half-width or --n must be given");
        stroma_hint(err, "--half-width 0.1 gives the size, --n 52 the width");
        return STROMA_E_USAGE;
    }
    if (cli_given(c, "n"))
        STROMA_TRY(stroma_precision_width(m, &d, (size_t)cli_count(c, "n", 0), &p, err));
    else
        STROMA_TRY(stroma_precision_size(m, &d, &p, err));
    return write(c, m, &p, err);
}

static const cli_option options[] = {
    POWER_NUMBER("half-width", "X", "half the width of the interval: gives the size"),
    { .name = "n",
      .kind = CLI_COUNT,
      .metavar = "N",
      .lower = 1,
      .upper = 1e8,
      .help = "size: gives half the width" },
    { .name = "value",
      .kind = CLI_NUMBER,
      .metavar = "X",
      .lower = -0.999999,
      .upper = 0.999999,
      .help = "proportion, area, correlation, sensitivity … that is expected" },
    POWER_NUMBER("sd", "X", "standard deviation (default 1)"),
    POWER_FRACTION("assurance", "mean: probability that the interval is as narrow, as 0.8"),
    POWER_FRACTION("prevalence", "sensitivity, specificity: share of subjects with the condition"),
    { .name = "ratio",
      .kind = CLI_NUMBER,
      .metavar = "X",
      .default_text = "1",
      .lower = 1e-3,
      .upper = 1000,
      .help = "second group to first; auc: negatives to positives" },
    { .name = "raters",
      .kind = CLI_COUNT,
      .metavar = "K",
      .default_text = "2",
      .lower = 2,
      .upper = 1000,
      .help = "icc: measurements a subject" },
    CLI_OPTION_LEVEL,
    CLI_OPTION_FORMAT,
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    { .name = NULL },
};
static const char *const examples[] = {
    "stroma power precision list",
    "stroma power precision proportion --value 0.54 --half-width 0.1",
    "stroma power precision auc --value 0.75 --n 28 --ratio 0.857",
    NULL,
};

const cli_command cli_cmd_power_precision = {
    .noun = "power",
    .verb = "precision",
    .summary = "size for an interval as narrow as wanted",
    .usage = "QUANTITY",
    .min_args = 1,
    .max_args = 1,
    .description = "`stroma power precision list` names the quantities. The size is the smallest "
                   "whose expected interval is within --half-width on either side.",
    .options = options,
    .examples = examples,
    .run = run,
};
