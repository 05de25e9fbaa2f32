/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma gate check: can a gate file be used, alone and with these files. */
#include "fcs_inputs.h"
#include "findings_output.h"
#include "gate_choice.h"

#include "stroma/interrupt.h"

typedef struct check {
    const gate_choice *gates;
    stroma_diag *diag;
    gate_opening opening;
} check;

static stroma_status look_at(const check *k, const char *path, stroma_error *err)
{
    gate_file x;
    stroma_gate_set own;
    const stroma_gate_set *set = NULL;
    stroma_gate_set_init(&own);
    /* What is odd in the file itself is for `stroma fcs info`. */
    stroma_status s = gate_file_open(path, &k->opening, NULL, &x, err);
    if (s == STROMA_OK) s = gate_choice_for(k->gates, &x, k->diag, &own, &set, err);
    if (s == STROMA_OK && k->gates->by_file) s = stroma_gates_look(set, k->diag, err);
    if (s == STROMA_OK)
        s = stroma_gates_look_at_data(set, x.data, path, x.compensation, k->diag, err);
    stroma_gate_set_clear(&own);
    gate_file_close(&x);
    return s;
}

/* Carry on after a file that cannot be read. */
static stroma_status look_at_files(cli_context *c, const check *k, const fcs_inputs *in,
                                   stroma_error *err)
{
    stroma_status highest = STROMA_OK;
    for (size_t i = 0; i < in->len; i++) {
        STROMA_TRY(stroma_interrupt_check(err));
        stroma_progress_report(cli_progress(c), "looking at FCS files", i, in->len);
        stroma_error one = STROMA_ERROR_INIT;
        const stroma_status s = look_at(k, in->paths[i], &one);
        if (s == STROMA_OK) continue;
        cli_print_error(c, &one);
        if (s > highest) highest = s;
    }
    if (highest == STROMA_OK) return STROMA_OK;
    return stroma_fail(err, highest, "not all files could be read");
}

static stroma_status report(cli_context *c, const gate_choice *g, size_t files, stroma_diag *diag,
                            stroma_status s, stroma_error *err)
{
    STROMA_TRY(cli_list_findings(c, diag, s == STROMA_OK ? err : NULL));
    if (s != STROMA_OK) return s;
    if (diag->len > 0) return STROMA_FOUND;
    if (g->by_file)
        cli_say(c, "gates of %zu files: nothing found", files);
    else
        cli_say(c, "%zu gates, %zu scales, %zu ratios, %zu matrices, %zu files: nothing found",
                g->set.gates_len, g->set.transforms_len, g->set.ratios_len,
                g->set.compensations_len, files);
    return STROMA_OK;
}

static stroma_status run(cli_context *c, stroma_error *err)
{
    const char *const *args = NULL;
    const size_t n = cli_args(c, &args);
    stroma_diag diag;
    stroma_diag_init(&diag);
    gate_choice g;
    fcs_inputs in = { 0 };
    check k = { .gates = &g, .diag = &diag };
    gate_opening_init(&k.opening);
    stroma_status s =
        gate_choice_read(args[0], cli_text(c, "sample"),
                         n > 1 ? GATE_CHOICE_BY_FILE : GATE_CHOICE_ONE, &diag, &g, err);
    if (s == STROMA_OK && !g.by_file) s = stroma_gates_look(&g.set, &diag, err);
    if (s == STROMA_OK) s = fcs_inputs_find(args + 1, n - 1, &in, err);
    if (s == STROMA_OK) s = look_at_files(c, &k, &in, err);
    s = report(c, &g, in.len, &diag, s, err);
    fcs_inputs_clear(&in);
    gate_choice_clear(&g);
    stroma_diag_clear(&diag);
    return s;
}

static const cli_option options[] = {
    GATE_OPTION_SAMPLE("of a workspace with several samples: the one whose gates are checked"),
    CLI_OPTION_FORMAT,
    { .name = NULL },
};
static const char *const examples[] = { "stroma gate check panel.xml",
                                        "stroma gate check panel.xml samples/", NULL };

const cli_command cli_cmd_gate_check = {
    .noun = "gate",
    .verb = "check",
    .summary = "can these gates be used, alone and on these files",
    .usage = "GATES [FCSFILE|FOLDER…]",
    .min_args = 1,
    .max_args = -1,
    .description =
        "Lists what is wrong or odd: scales and matrices that nothing uses, polygons that cross "
        "themselves, gates that can hold no event, matrices that are no covariance; with files "
        "also "
        "channels that they lack, gates above the range of their channel, and compensation that is "
        "asked for and not there. No event is read. Exit 0: nothing; 1: findings; 3 or more: the "
        "gate file cannot be used, as when a gate needs itself or a parent is missing.",
    .options = options,
    .examples = examples,
    .run = run,
};
