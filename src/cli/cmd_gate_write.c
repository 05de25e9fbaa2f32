/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma gate write: gates of any origin as Gating-ML 2.0. */
#include "gate_choice.h"

enum { OUTPUT_LIMIT_BYTES = 1 << 30 };

static stroma_status run(cli_context *c, stroma_error *err)
{
    const char *const *args = NULL;
    (void)cli_args(c, &args);
    stroma_diag diag;
    stroma_diag_init(&diag);
    gate_choice gates;
    stroma_status s =
        gate_choice_read(args[0], cli_text(c, "sample"), GATE_CHOICE_ONE, &diag, &gates, err);
    cli_print_findings(c, &diag);
    if (s == STROMA_OK) {
        stroma_buffer b;
        stroma_buffer_init(&b, OUTPUT_LIMIT_BYTES);
        if (gates.set.flowjo != NULL) s = stroma_flowjo_straighten(&gates.set, err);
        if (s == STROMA_OK) s = stroma_gates_write(&gates.set, &b, err);
        if (s != STROMA_OK) s = stroma_in(err, s, "file \"%s\"", args[0]);
        if (s == STROMA_OK) s = cli_emit_buffer(c, &b, err);
        stroma_buffer_clear(&b);
        if (s == STROMA_OK) s = cli_findings_status(c, &diag);
    }
    gate_choice_clear(&gates);
    stroma_diag_clear(&diag);
    return s;
}

static const cli_option options[] = {
    GATE_OPTION_SAMPLE("of a workspace with several samples: the one whose gates are written"),
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    CLI_OPTION_STRICT,
    { .name = NULL },
};
static const char *const examples[] = {
    "stroma gate write panel.xml -o panel-clean.xml",
    "stroma gate write --sample visit1.fcs trial.wsp -o visit1.xml", NULL
};

const cli_command cli_cmd_gate_write = {
    .noun = "gate",
    .verb = "write",
    .summary = "gates of any origin as Gating-ML 2.0",
    .usage = "GATES",
    .min_args = 1,
    .max_args = 1,
    .description =
        "Writes a file that is valid against the schema of Gating-ML 2.0, always in the same form. "
        "Read again it gives the same gates. Ids that XML does not allow, labels, and how a gate "
        "was found stand in custom_info, where other programs leave them alone. Gating-ML has "
        "no scale like FlowJo's biex: polygons on it are written in linear values, cut at every "
        "channel they cross, and hold the same events; an ellipse on it is refused.",
    .options = options,
    .examples = examples,
    .run = run,
};
