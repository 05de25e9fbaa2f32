/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gate_choice.h"

#include "stroma/suggest.h"

#include <stdio.h>
#include <string.h>

/* Cytobank keeps copies of gates that were moved for one file. */
static bool has_tailored(const stroma_diag *d)
{
    for (size_t i = 0; i < d->len; i++)
        if (strcmp(d->items[i].code, "STROMA-FLOWJO-006") == 0) return true;
    return false;
}

static stroma_status read_cytobank(gate_choice *c, stroma_diag *diag, stroma_error *err)
{
    stroma_diag found;
    stroma_diag_init(&found);
    stroma_status s = stroma_gate_document_gates(c->document, NULL, &found, &c->set, err);
    c->by_file = s == STROMA_OK && has_tailored(&found);
    for (size_t i = 0; s == STROMA_OK && !c->by_file && i < found.len; i++)
        stroma_diag_add(diag, &found.items[i]);
    if (c->by_file) stroma_gate_set_clear(&c->set);
    stroma_diag_clear(&found);
    return s;
}

stroma_status gate_choice_read(const char *path, const char *sample, gate_choice_how how,
                               stroma_diag *diag, gate_choice *out, stroma_error *err)
{
    *out = (gate_choice){ .path = path, .sample = sample };
    stroma_gate_set_init(&out->set);
    STROMA_TRY(stroma_gate_document_open(path, &out->document, err));
    STROMA_TRY(stroma_gate_document_samples(out->document, &out->workspace, err));
    const bool cytobank = strcmp(stroma_gate_document_dialect(out->document), "Cytobank") == 0;
    if (sample != NULL && !cytobank && !out->workspace.is_workspace) {
        stroma_fail(err, STROMA_E_USAGE, "--sample \"%.80s\": file \"%s\" knows no samples", sample,
                    path);
        stroma_hint(err, "its gates are for every FCS file; only a FlowJo workspace and a Cytobank "
                         "export have gates of one sample");
        return STROMA_E_USAGE;
    }
    if (how == GATE_CHOICE_OWN && !out->workspace.is_workspace) {
        stroma_fail(err, STROMA_E_USAGE, "file \"%s\" is no FlowJo workspace", path);
        stroma_hint(err, "only workspaces hold counts to compare with; stroma gate run counts the "
                         "gates of other files");
        return STROMA_E_USAGE;
    }
    if (sample == NULL && how == GATE_CHOICE_BY_FILE && cytobank)
        return read_cytobank(out, diag, err);
    out->by_file =
        sample == NULL &&
        (how == GATE_CHOICE_OWN || (how == GATE_CHOICE_BY_FILE && out->workspace.samples_len > 1));
    if (out->by_file) return STROMA_OK;
    return stroma_gate_document_gates(out->document, sample, diag, &out->set, err);
}

static void tell_other_file(const gate_choice *c, const gate_file *f, stroma_diag *diag)
{
    stroma_error none = STROMA_ERROR_INIT;
    size_t at = 0;
    char text[400];
    if (c->sample != NULL || c->workspace.samples_len != 1) return;
    if (stroma_workspace_find(&c->workspace, f->path, stroma_fcs_text(f->data, "$FIL"), &at,
                              &none) == STROMA_OK)
        return;
    (void)snprintf(text, sizeof text, "the workspace holds gates of \"%.200s\", not of this file",
                   c->workspace.samples[0].name);
    stroma_diag_add(diag, &(const stroma_finding){
                              .code = "STROMA-FLOWJO-009",
                              .severity = STROMA_WARNING,
                              .file = f->path,
                              .message = text,
                              .action = "if its gates are meant for this file, say so: --sample" });
}

stroma_status gate_choice_for(const gate_choice *c, const gate_file *f, stroma_diag *diag,
                              stroma_gate_set *own, const stroma_gate_set **out, stroma_error *err)
{
    *out = &c->set;
    stroma_gate_set_init(own);
    if (!c->by_file) {
        tell_other_file(c, f, diag);
        return STROMA_OK;
    }
    size_t at = 0;
    char number[32];
    const char *slash = strrchr(f->path, '/'), *sample = slash == NULL ? f->path : slash + 1;
    *out = own;
    if (c->workspace.is_workspace) {
        STROMA_TRY(stroma_workspace_find(&c->workspace, f->path, stroma_fcs_text(f->data, "$FIL"),
                                         &at, err));
        (void)snprintf(number, sizeof number, "#%zu", at + 1);
        sample = number;
    }
    return stroma_gate_document_gates(c->document, sample, diag, own, err);
}

void gate_choice_clear(gate_choice *c)
{
    stroma_gate_set_clear(&c->set);
    stroma_workspace_clear(&c->workspace);
    stroma_gate_document_close(c->document);
    c->document = NULL;
}

stroma_status gate_choice_matrix(const stroma_gate_set *set, const gate_file *f,
                                 const gate_opening *o, bool must_ask, stroma_diag *diag,
                                 stroma_error *err)
{
    const bool ask =
        stroma_gates_look_at_matrix(set, f->path, f->compensation, o->as_recorded ? NULL : diag);
    if (ask || !must_ask || !o->has_matrix) return STROMA_OK;
    stroma_fail(err, STROMA_E_USAGE,
                "--compensation \"%s\" changes nothing: no gate asks for the matrix of the file",
                o->matrix.id);
    stroma_hint(err, "these gates are uncompensated, or bring a matrix of their own");
    return STROMA_E_USAGE;
}

stroma_status gate_find_named(const stroma_gate_set *s, const char *name, size_t *out,
                              stroma_error *err)
{
    const int i = stroma_gate_find(s, name);
    size_t found = 0;
    *out = i < 0 ? 0 : (size_t)i;
    if (i >= 0) return STROMA_OK;
    for (size_t k = 0; k < s->gates_len; k++)
        if (s->gates[k].label != NULL && strcmp(s->gates[k].label, name) == 0) {
            *out = k;
            found++;
        }
    if (found == 1) return STROMA_OK;
    if (found > 1) {
        stroma_fail(err, STROMA_E_USAGE, "%zu gates are called \"%.100s\"", found, name);
        stroma_hint(err, "name the gate by its id, as \"%.200s\"", s->gates[*out].id);
        return STROMA_E_USAGE;
    }
    stroma_fail(err, STROMA_E_INCONSISTENT, "there is no gate \"%.100s\"", name);
    const char **names = stroma_alloc_array(s->gates_len, sizeof *names);
    for (size_t k = 0; names != NULL && k < s->gates_len; k++)
        names[k] = s->gates[k].id;
    const char *near = names == NULL ? NULL : stroma_nearest(name, names, s->gates_len);
    if (near != NULL)
        stroma_hint(err, "did you mean \"%.200s\"?", near);
    else
        stroma_hint(err, "`stroma gate explain` lists the gates of a file");
    stroma_free(names);
    return STROMA_E_INCONSISTENT;
}
