/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma gate definitions: what each number of a population is. */
#include "cli.h"

#include "stroma/cytometry_population.h"

#include <stdio.h>

static stroma_status run_definitions(cli_context *c, stroma_error *err)
{
    static const char *const names[] = { "definition", "title",  "unit",   "formula",
                                         "interval",   "source", "caution" };
    static const cli_cell_type types[] = { CLI_CELL_TEXT, CLI_CELL_TEXT, CLI_CELL_TEXT,
                                           CLI_CELL_TEXT, CLI_CELL_TEXT, CLI_CELL_TEXT,
                                           CLI_CELL_TEXT };
    cli_grid *g = NULL;
    STROMA_TRY(cli_grid_new(c, "stroma.gate_definitions/1", names, types, 7, &g, err));
    size_t n = 0;
    const stroma_definition *d = stroma_definitions(&n);
    stroma_status s = STROMA_OK;
    for (size_t i = 0; i < n && s == STROMA_OK; i++) {
        char id[64];
        (void)snprintf(id, sizeof id, "%s/%u", d[i].id, d[i].revision);
        const char *const cells[] = { id,
                                      d[i].title,
                                      *d[i].unit == '\0' ? NULL : d[i].unit,
                                      d[i].formula,
                                      *d[i].interval == '\0' ? NULL : d[i].interval,
                                      d[i].source,
                                      d[i].caution };
        s = cli_grid_row(g, cells, err);
    }
    return cli_grid_end(g, s, err);
}

static const cli_option options[] = {
    CLI_OPTION_FORMAT, CLI_OPTION_OUTPUT, CLI_OPTION_FORCE, { .name = NULL }
};
static const char *const examples[] = { "stroma gate definitions --format json",
                                        "stroma gate definitions --format csv -o definitions.csv",
                                        NULL };

const cli_command cli_cmd_gate_definitions = {
    .noun = "gate",
    .verb = "definitions",
    .summary = "formula and source of every number of a population",
    .usage = "",
    .min_args = 0,
    .max_args = 0,
    .description =
        "One row a number that `stroma gate stats` can print: its id with the revision of the "
        "formula, unit, formula, how the interval is made, the source, and when it misleads.",
    .options = options,
    .examples = examples,
    .run = run_definitions,
};
