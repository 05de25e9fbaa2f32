/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma gate strategies: what comes with the program, and the reference of its files. */
#include "cli.h"

#include "stroma/cytometry_strategy.h"
#include "stroma/suggest.h"

#include <string.h>

enum { TEXT_MAX_BYTES = 1 << 20 };

static stroma_status list_methods(cli_context *c, stroma_error *err)
{
    static const char *const names[] = { "method", "finds", "confidence" };
    static const cli_cell_type types[] = { CLI_CELL_TEXT, CLI_CELL_TEXT, CLI_CELL_TEXT };
    stroma_gating_method m;
    cli_grid *g = NULL;
    STROMA_TRY(cli_grid_new(c, "stroma.gate_methods/1", names, types, 3, &g, err));
    stroma_status s = STROMA_OK;
    for (size_t i = 0; s == STROMA_OK && stroma_gating_method_get(i, &m); i++) {
        const char *const cells[] = { m.name, m.what, m.confidence };
        s = cli_grid_row(g, cells, err);
    }
    return cli_grid_end(g, s, err);
}

static stroma_status list_one(cli_grid *g, const char *name, stroma_error *err)
{
    stroma_gating_strategy *s = NULL;
    STROMA_TRY(stroma_gating_strategy_read(name, NULL, &s, err));
    const char *const cells[] = { name, stroma_gating_strategy_title(s) };
    const stroma_status st = cli_grid_row(g, cells, err);
    stroma_gating_strategy_free(s);
    return st;
}

static stroma_status list(cli_context *c, stroma_error *err)
{
    static const char *const names[] = { "strategy", "title" };
    static const cli_cell_type types[] = { CLI_CELL_TEXT, CLI_CELL_TEXT };
    size_t n = 0;
    const char *const *all = stroma_gating_strategies(&n);
    cli_grid *g = NULL;
    STROMA_TRY(cli_grid_new(c, "stroma.gate_strategies/1", names, types, 2, &g, err));
    stroma_status s = STROMA_OK;
    for (size_t i = 0; i < n && s == STROMA_OK; i++)
        s = list_one(g, all[i], err);
    return cli_grid_end(g, s, err);
}

static stroma_status print(cli_context *c, const char *name, stroma_error *err)
{
    size_t n = 0;
    const char *const *all = stroma_gating_strategies(&n);
    const char *text =
        cli_given(c, "panel") ? stroma_panel_text(name) : stroma_gating_strategy_text(name);
    if (text != NULL) return cli_emit(c, text, strlen(text), err);
    stroma_fail(err, STROMA_E_USAGE, "no strategy \"%.60s\" comes with stroma", name);
    const char *near = stroma_nearest(name, all, n);
    if (near != NULL)
        stroma_hint(err, "did you mean \"%s\"?", near);
    else
        stroma_hint(err, "`stroma gate strategies` lists them");
    return STROMA_E_USAGE;
}

static stroma_status print_keys(cli_context *c, stroma_error *err)
{
    stroma_buffer b;
    stroma_buffer_init(&b, TEXT_MAX_BYTES);
    stroma_gating_strategy_keys(&b);
    stroma_buffer_putc(&b, '\n');
    stroma_panel_keys(&b);
    stroma_status s = stroma_buffer_status(&b, err);
    if (s == STROMA_OK) s = cli_emit_buffer(c, &b, err);
    stroma_buffer_clear(&b);
    return s;
}

/* Is the file good? For who writes one. */
static stroma_status check(cli_context *c, const char *path, stroma_error *err)
{
    stroma_diag diag;
    stroma_gating_strategy *strategy = NULL;
    stroma_panel panel;
    stroma_diag_init(&diag);
    stroma_panel_init(&panel);
    const stroma_status s = cli_given(c, "panel")
                                ? stroma_panel_read(path, &diag, &panel, err)
                                : stroma_gating_strategy_read(path, &diag, &strategy, err);
    cli_print_findings(c, &diag);
    stroma_diag_clear(&diag);
    stroma_gating_strategy_free(strategy);
    stroma_panel_clear(&panel);
    return s;
}

static stroma_status run_strategies(cli_context *c, stroma_error *err)
{
    const char *const *args = NULL;
    const size_t n = cli_args(c, &args);
    if (cli_given(c, "methods")) return list_methods(c, err);
    if (cli_given(c, "keys")) return print_keys(c, err);
    if (cli_given(c, "check")) {
        if (n == 0) return stroma_fail(err, STROMA_E_USAGE, "--check needs a file");
        return check(c, args[0], err);
    }
    return n == 0 ? list(c, err) : print(c, args[0], err);
}

static const cli_option options[] = {
    { .name = "panel", .kind = CLI_FLAG, .help = "the panel of the strategy instead" },
    { .name = "methods",
      .kind = CLI_FLAG,
      .help = "list the methods that find gates, and what their confidence means" },
    { .name = "keys", .kind = CLI_FLAG, .help = "print the reference of all keys (Markdown)" },
    { .name = "check", .kind = CLI_FLAG, .help = "read a strategy (or with --panel a panel) file" },
    CLI_OPTION_FORMAT,
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    { .name = NULL },
};
static const char *const examples[] = { "stroma gate strategies",
                                        "stroma gate strategies treg-th17 -o mine.yaml",
                                        "stroma gate strategies --panel treg-th17",
                                        "stroma gate strategies --check mine.yaml", NULL };

const cli_command cli_cmd_gate_strategies = {
    .noun = "gate",
    .verb = "strategies",
    .summary = "gating strategies that come with stroma",
    .usage = "[NAME|FILE]",
    .min_args = 0,
    .max_args = 1,
    .description =
        "Lists the shipped strategies, or prints one to start from. The format is described in "
        "docs/formats/strategy-file.md.",
    .options = options,
    .examples = examples,
    .run = run_strategies,
};
