/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gate_source.h"

#include "stroma/file.h"

#include <string.h>

void gate_source_init(gate_source *s)
{
    *s = (gate_source){ .threads = 1 };
    stroma_gate_set_init(&s->choice.set);
    stroma_panel_init(&s->panel);
    gate_opening_init(&s->opening);
}

void gate_source_clear(gate_source *s)
{
    if (s->has_moved_from) gate_file_close(&s->moved_from);
    gate_choice_clear(&s->choice);
    stroma_gating_strategy_free(s->strategy);
    stroma_panel_clear(&s->panel);
    gate_opening_clear(&s->opening);
    s->strategy = NULL;
}

static stroma_status read_panel(const char *strategy, const char *panel, stroma_diag *diag,
                                gate_source *s, stroma_error *err)
{
    const char *own = s->strategy == NULL ? NULL : stroma_gating_strategy_panel(s->strategy);
    if (panel == NULL && own == NULL) return STROMA_OK;
    if (panel != NULL || stroma_panel_text(own) != NULL)
        return stroma_panel_read(panel != NULL ? panel : own, diag, &s->panel, err);
    char *beside = stroma_path_beside(strategy, own);
    if (beside == NULL) return stroma_no_memory(err);
    const stroma_status st = stroma_panel_read(beside, diag, &s->panel, err);
    stroma_free(beside);
    return st;
}

stroma_status gate_strategy_open(const char *strategy, const char *panel, stroma_diag *diag,
                                 gate_source *out, stroma_error *err)
{
    STROMA_TRY(stroma_gating_strategy_read(strategy, diag, &out->strategy, err));
    STROMA_TRY(read_panel(strategy, panel, diag, out, err));
    out->opening.as_recorded = !out->panel.compensate;
    out->controls = out->opening;
    return stroma_gating_strategy_markers(out->strategy, &out->panel, err);
}

static stroma_status open_gates(const cli_context *c, gate_source *s, stroma_diag *diag,
                                stroma_error *err)
{
    STROMA_TRY(read_panel(NULL, cli_text(c, "panel"), diag, s, err));
    s->opening.as_recorded = !s->panel.compensate;
    return gate_choice_read(cli_text(c, "gates"), cli_text(c, "sample"), GATE_CHOICE_BY_FILE, diag,
                            &s->choice, err);
}

stroma_status gate_source_open(const cli_context *c, gate_source *out, stroma_diag *diag,
                               stroma_error *err)
{
    const char *gates = cli_text(c, "gates"), *strategy = cli_text(c, "strategy");
    gate_source_init(out);
    if ((gates == NULL) == (strategy == NULL)) {
        stroma_fail(err, STROMA_E_USAGE, "exactly one of --gates and --strategy is needed");
        stroma_hint(err, "`stroma gate strategies` lists the strategies that come with stroma");
        return STROMA_E_USAGE;
    }
    if (strategy != NULL && cli_given(c, "sample"))
        return stroma_fail(err, STROMA_E_USAGE,
                           "--sample names a sample of --gates, and --strategy is given");
    if (strategy != NULL)
        STROMA_TRY(gate_strategy_open(strategy, cli_text(c, "panel"), diag, out, err));
    else
        STROMA_TRY(open_gates(c, out, diag, err));
    STROMA_TRY(gate_opening_matrix(&out->opening, cli_text(c, "compensation"), diag, err));
    out->panel.compensate = !out->opening.as_recorded;
    out->controls = out->opening;
    gate_opening_dataset(&out->opening, c);
    return STROMA_OK;
}

stroma_panel_tube gate_panel_tube(const gate_file *f)
{
    return (stroma_panel_tube){ f->data, f->compensation, f->path };
}

stroma_status gate_source_fit_scales(gate_source *s, const gate_file *samples, size_t n,
                                     const gate_control *controls, size_t controls_len,
                                     stroma_diag *diag, stroma_error *err)
{
    stroma_panel_tube *tubes = stroma_alloc_array(n + controls_len + 1, sizeof *tubes);
    if (tubes == NULL) return stroma_no_memory(err);
    size_t len = 0;
    for (size_t i = 0; i < n; i++)
        if (samples[i].data != NULL) tubes[len++] = gate_panel_tube(&samples[i]);
    for (size_t i = 0; i < controls_len; i++)
        tubes[len++] = gate_panel_tube(&controls[i].file);
    if (s->has_moved_from) tubes[len++] = gate_panel_tube(&s->moved_from);
    const stroma_status st = stroma_panel_fit_scales(&s->panel, tubes, len, diag, err);
    stroma_free(tubes);
    return st;
}

void gate_answer_init(gate_answer *a)
{
    *a = (gate_answer){ .gates = &a->own };
    stroma_gate_set_init(&a->own);
    stroma_gate_set_init(&a->learnt.gates);
}

void gate_answer_clear(gate_answer *a)
{
    stroma_gate_set_clear(&a->own);
    stroma_gating_result_clear(&a->learnt);
}

static stroma_status learn(const gate_source *s, const gate_file *sample, const gate_control *fmo,
                           size_t fmo_len, gate_answer *out, stroma_diag *diag, stroma_error *err)
{
    stroma_gating_control *tubes = stroma_alloc_array(fmo_len, sizeof *tubes);
    if (tubes == NULL) return stroma_no_memory(err);
    size_t n = 0;
    for (size_t i = 0; i < fmo_len; i++)
        if (fmo[i].marker != NULL)
            tubes[n++] = (stroma_gating_control){ fmo[i].marker, gate_panel_tube(&fmo[i].file) };
    const stroma_panel_tube from = gate_panel_tube(&s->moved_from);
    const stroma_gating_input in = { .strategy = s->strategy,
                                     .panel = &s->panel,
                                     .sample = gate_panel_tube(sample),
                                     .fmo = tubes,
                                     .fmo_len = n,
                                     .reference = s->has_moved_from ? &from : NULL,
                                     .threads = s->threads };
    stroma_status st = stroma_gating_learn(&in, &out->learnt, diag, err);
    if (st == STROMA_OK) st = stroma_gate_set_check(&out->learnt.gates, err);
    out->gates = &out->learnt.gates;
    stroma_free(tubes);
    return st;
}

stroma_status gate_source_gates(const gate_source *s, const gate_file *sample,
                                const gate_control *fmo, size_t fmo_len, gate_answer *out,
                                stroma_diag *diag, stroma_error *err)
{
    if (s->strategy != NULL) return learn(s, sample, fmo, fmo_len, out, diag, err);
    STROMA_TRY(gate_choice_for(&s->choice, sample, diag, &out->own, &out->gates, err));
    return gate_choice_matrix(out->gates, sample, &s->opening, false, diag, err);
}

const stroma_gating_row *gate_answer_row(const gate_answer *a, const char *population)
{
    const int gate = stroma_gate_find(a->gates, population);
    const char *quadrant = gate < 0 ? NULL : a->gates->gates[gate].quadrant_gate;
    const stroma_gating_row *most = NULL; /* of its edges the one that says most */
    for (size_t i = 0; i < a->learnt.rows_len; i++) {
        const stroma_gating_row *r = &a->learnt.rows[i];
        if (strcmp(r->population, population) != 0 &&
            (quadrant == NULL || strcmp(r->population, quadrant) != 0))
            continue;
        if (most == NULL || r->state > most->state) most = r;
    }
    return most;
}

stroma_status gate_tube_make(const gate_file *f, const stroma_gate_set *gates, int threads,
                             stroma_membership *membership, stroma_population_tube *out,
                             stroma_error *err)
{
    stroma_gate_options opts = STROMA_GATE_OPTIONS_INIT;
    opts.fcs = f->compensation;
    opts.threads = threads;
    *out = (stroma_population_tube){ f->path, f->data, f->compensation, gates, membership };
    return stroma_gates_evaluate(gates, f->data, &opts, membership, err);
}
