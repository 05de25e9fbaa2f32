/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gate_tube.h"

#include <string.h>

enum { MATRIX_BYTES_MAX = 1 << 26 };

stroma_status gate_file_open(const char *path, bool compensate, stroma_diag *diag, gate_file *out,
                             stroma_error *err)
{
    *out = (gate_file){ .path = path };
    stroma_arena_init(&out->arena, MATRIX_BYTES_MAX);
    stroma_status s = stroma_fcs_open(path, NULL, diag, &out->fcs, err);
    if (s == STROMA_OK) {
        out->data = stroma_fcs_preferred(out->fcs);
        if (compensate)
            s = stroma_compensation_from_fcs(out->data, path, &out->arena, diag, &out->compensation,
                                             err);
    }
    if (s != STROMA_OK) gate_file_close(out);
    return s;
}

void gate_file_close(gate_file *f)
{
    stroma_fcs_close(f->fcs);
    stroma_arena_clear(&f->arena);
    f->fcs = NULL;
    f->data = NULL;
}

const char *gate_file_sample(const gate_file *f)
{
    static const char *const keywords[] = { "$SMNO", "SAMPLE ID", "$SRC", "$FIL" };
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
        const char *text = stroma_fcs_text(f->data, keywords[i]);
        if (text != NULL && *text != '\0') return text;
    }
    return "";
}

static stroma_status open_panel(const char *panel, gate_source *s, stroma_diag *diag,
                                stroma_error *err)
{
    if (panel == NULL && s->strategy != NULL) panel = stroma_gating_strategy_panel(s->strategy);
    if (panel != NULL) STROMA_TRY(stroma_panel_read(panel, diag, &s->panel, err));
    if (s->strategy != NULL)
        STROMA_TRY(stroma_gating_strategy_markers(s->strategy, &s->panel, err));
    s->compensate = s->panel.compensate;
    return STROMA_OK;
}

stroma_status gate_source_open(const char *gates, const char *strategy, const char *panel,
                               gate_source *out, stroma_diag *diag, stroma_error *err)
{
    *out = (gate_source){ .gates = gates };
    stroma_panel_init(&out->panel);
    if ((gates == NULL) == (strategy == NULL)) {
        const stroma_status s =
            stroma_fail(err, STROMA_E_USAGE, "exactly one of --gates and --strategy is needed");
        stroma_hint(err, "`stroma gate strategies` lists the strategies that come with stroma");
        return s;
    }
    if (strategy != NULL)
        STROMA_TRY(stroma_gating_strategy_read(strategy, diag, &out->strategy, err));
    return open_panel(panel, out, diag, err);
}

void gate_source_close(gate_source *s)
{
    stroma_gating_strategy_free(s->strategy);
    stroma_panel_clear(&s->panel);
    *s = (gate_source){ .gates = NULL };
}

static stroma_panel_tube panel_tube(const gate_file *f)
{
    return (stroma_panel_tube){ f->data, f->compensation, f->path };
}

static stroma_status learn(const gate_source *s, const gate_file *sample, const gate_control *fmo,
                           size_t fmo_len, stroma_gate_set *out, stroma_diag *diag,
                           stroma_error *err)
{
    stroma_gating_control *tubes = stroma_alloc_array(fmo_len, sizeof *tubes);
    if (tubes == NULL) return stroma_no_memory(err);
    size_t n = 0;
    for (size_t i = 0; i < fmo_len; i++)
        if (fmo[i].marker != NULL)
            tubes[n++] = (stroma_gating_control){ fmo[i].marker, panel_tube(&fmo[i].file) };
    const stroma_gating_input in = { .strategy = s->strategy,
                                     .panel = &s->panel,
                                     .sample = panel_tube(sample),
                                     .fmo = tubes,
                                     .fmo_len = n };
    stroma_gating_result result;
    const stroma_status st = stroma_gating_learn(&in, &result, diag, err);
    if (st == STROMA_OK) {
        stroma_gate_set_clear(out);
        *out = result.gates; /* the gates move; what is left of the result is freed */
        stroma_gate_set_init(&result.gates);
    }
    stroma_gating_result_clear(&result);
    stroma_free(tubes);
    return st;
}

stroma_status gate_source_gates(const gate_source *s, const gate_file *sample,
                                const gate_control *fmo, size_t fmo_len, stroma_gate_set *out,
                                stroma_diag *diag, stroma_error *err)
{
    stroma_gate_set_init(out);
    if (s->strategy != NULL) return learn(s, sample, fmo, fmo_len, out, diag, err);
    /* A workspace has gates for several samples, by the name of the file. */
    const char *slash = strrchr(sample->path, '/');
    const stroma_status st =
        stroma_gates_read(s->gates, slash == NULL ? sample->path : slash + 1, diag, out, err);
    return st == STROMA_OK ? stroma_gate_set_check(out, err) : st;
}

stroma_status gate_tube_make(const gate_file *f, const stroma_gate_set *gates,
                             stroma_membership *membership, stroma_population_tube *out,
                             stroma_error *err)
{
    stroma_gate_options opts = STROMA_GATE_OPTIONS_INIT;
    opts.fcs = f->compensation;
    *out = (stroma_population_tube){ f->path, f->data, f->compensation, gates, membership };
    return stroma_gates_evaluate(gates, f->data, &opts, membership, err);
}
