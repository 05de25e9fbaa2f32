/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma power two-stage: Simon's designs of a single arm. */
#include "power_options.h"

#include "stroma/number.h"

#include <string.h>

static stroma_status put(cli_grid *g, bool pretty, const char *name,
                         const stroma_power_two_stage *d, stroma_error *err)
{
    char t[8][STROMA_NUMBER_TEXT_MAX];
    const double whole[] = { (double)d->r1, (double)d->n1, (double)d->r, (double)d->n };
    const double real[] = { d->alpha, d->power, d->stop_early, d->expected_n };
    for (size_t i = 0; i < 4; i++) {
        (void)stroma_format_double(whole[i], t[i]);
        (void)(pretty ? stroma_format_significant(real[i], 4, t[4 + i])
                      : stroma_format_double(real[i], t[4 + i]));
    }
    const char *const cells[] = { name, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7] };
    return cli_grid_row(g, cells, err);
}

static stroma_status run(cli_context *c, stroma_error *err)
{
    static const char *const names[] = { "design", "stop_at", "n1",         "reject_above", "n",
                                         "alpha",  "power",   "stop_early", "expected_n" };
    static const cli_cell_type types[] = { CLI_CELL_TEXT,   CLI_CELL_NUMBER, CLI_CELL_NUMBER,
                                           CLI_CELL_NUMBER, CLI_CELL_NUMBER, CLI_CELL_NUMBER,
                                           CLI_CELL_NUMBER, CLI_CELL_NUMBER, CLI_CELL_NUMBER };
    stroma_power_two_stage optimal, minimax;
    const stroma_power_two_stage_plan plan = { cli_number(c, "null", 0), cli_number(c, "p", 0),
                                               cli_number(c, "alpha", 0.05),
                                               cli_number(c, "power", 0.8),
                                               (size_t)cli_count(c, "n-max", 100) };
    STROMA_TRY(stroma_power_simon(&plan, &optimal, &minimax, err));
    cli_grid *g = NULL;
    const bool pretty = strcmp(cli_format(c), "table") == 0;
    STROMA_TRY(cli_grid_new(c, "stroma.two_stage/1", names, types, 9, &g, err));
    stroma_status s = put(g, pretty, "optimal", &optimal, err);
    if (s == STROMA_OK) s = put(g, pretty, "minimax", &minimax, err);
    return cli_grid_end(g, s, err);
}

static const cli_option options[] = {
    POWER_FRACTION("null", "response probability of no interest"),
    POWER_FRACTION("p", "response probability hoped for"),
    { .name = "alpha",
      .kind = CLI_NUMBER,
      .metavar = "FRACTION",
      .default_text = "0.05",
      .lower = 1e-6,
      .upper = 0.5,
      .help = "error of the first kind, one-sided" },
    { .name = "power",
      .kind = CLI_NUMBER,
      .metavar = "FRACTION",
      .default_text = "0.8",
      .lower = 0.1,
      .upper = 0.999,
      .help = "power" },
    { .name = "n-max",
      .kind = CLI_COUNT,
      .metavar = "N",
      .default_text = "100",
      .lower = 2,
      .upper = 200,
      .help = "largest size to look at" },
    CLI_OPTION_FORMAT,
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    { .name = NULL },
};
static const char *const examples[] = { "stroma power two-stage --null 0.1 --p 0.3",
                                        "stroma power two-stage --null 0.2 --p 0.4 --power 0.9",
                                        NULL };

const cli_command cli_cmd_power_two_stage = {
    .noun = "power",
    .verb = "two-stage",
    .summary = "two-stage designs of a single arm (Simon)",
    .description = "Stop after n1 subjects with stop_at or fewer responses; else go on to n, and "
                   "reject the null hypothesis with more than reject_above. The optimal design "
                   "has the smallest expected size without an effect, the minimax one the smallest "
                   "size.",
    .options = options,
    .examples = examples,
    .run = run,
};
