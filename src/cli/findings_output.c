/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "findings_output.h"

#include <string.h>

/* One row a finding, in any format. */
static stroma_status print_grid(cli_context *c, const stroma_diag *d, stroma_error *err)
{
    static const char *const names[] = { "severity", "code",   "file",  "line",  "column",
                                         "subject",  "visit",  "param", "value", "message",
                                         "rule",     "action", "audit" };
    static const cli_cell_type types[] = { CLI_CELL_TEXT,   CLI_CELL_TEXT, CLI_CELL_TEXT,
                                           CLI_CELL_NUMBER, CLI_CELL_TEXT, CLI_CELL_TEXT,
                                           CLI_CELL_TEXT,   CLI_CELL_TEXT, CLI_CELL_TEXT,
                                           CLI_CELL_TEXT,   CLI_CELL_TEXT, CLI_CELL_TEXT,
                                           CLI_CELL_TEXT };
    cli_grid *g = NULL;
    STROMA_TRY(cli_grid_new(c, "stroma.findings/1", names, types, 13, &g, err));
    stroma_status s = STROMA_OK;
    for (size_t i = 0; s == STROMA_OK && i < d->len; i++) {
        const stroma_finding *f = &d->items[i];
        char line[24];
        (void)snprintf(line, sizeof line, "%lld", (long long)f->line);
        const char *const cells[] = { stroma_severity_name(f->severity),
                                      f->code,
                                      f->file,
                                      f->line > 0 ? line : NULL,
                                      f->column,
                                      f->subject,
                                      f->visit,
                                      f->param,
                                      f->value,
                                      f->message,
                                      f->rule,
                                      f->action,
                                      f->audit };
        s = cli_grid_row(g, cells, err);
    }
    return cli_grid_end(g, s, err);
}

/* For people: grouped by code, each with where and what to do. */
static void print_text(const stroma_diag *d, stroma_buffer *b)
{
    for (size_t i = 0; i < d->len; i++) {
        const stroma_finding *f = &d->items[i];
        stroma_buffer_printf(b, "%s[%s] %s", stroma_severity_name(f->severity), f->code,
                             f->file == NULL ? "" : f->file);
        if (f->line > 0) stroma_buffer_printf(b, ":%lld", (long long)f->line);
        if (f->character > 0) stroma_buffer_printf(b, ":%lld", (long long)f->character);
        if (f->subject != NULL) stroma_buffer_printf(b, " subject %s", f->subject);
        if (f->visit != NULL) stroma_buffer_printf(b, " visit %s", f->visit);
        if (f->param != NULL) stroma_buffer_printf(b, " %s", f->param);
        if (f->value != NULL) stroma_buffer_printf(b, " \"%s\"", f->value);
        stroma_buffer_printf(b, "\n  %s\n", f->message);
        if (f->action != NULL && f->action[0] != '\0')
            stroma_buffer_printf(b, "  -> %s\n", f->action);
    }
    if (d->dropped > 0) stroma_buffer_printf(b, "and %zu more\n", d->dropped);
}

stroma_status cli_list_findings(cli_context *c, const stroma_diag *d, stroma_error *err)
{
    if (strcmp(cli_format(c), "table") != 0 && cli_given(c, "format")) return print_grid(c, d, err);
    stroma_buffer b;
    stroma_buffer_init(&b, (size_t)64 << 20);
    print_text(d, &b);
    stroma_status s = stroma_buffer_status(&b, err);
    if (s == STROMA_OK && b.len > 0) s = cli_write(b.data, b.len, err);
    stroma_buffer_clear(&b);
    return s;
}
