/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gate_sample.h"

#include "stroma/suggest.h"

#include <string.h>

enum { MATRIX_LIMIT_BYTES = 64 << 20 };

stroma_status gate_sample_open(const char *path, int64_t dataset, stroma_diag *diag,
                               gate_sample *out, stroma_error *err)
{
    *out = (gate_sample){ .path = path };
    stroma_arena_init(&out->arena, MATRIX_LIMIT_BYTES);
    STROMA_TRY(stroma_fcs_open(path, NULL, diag, &out->file, err));
    out->data =
        dataset < 0 ? stroma_fcs_preferred(out->file) : stroma_fcs_get(out->file, (size_t)dataset);
    if (out->data == NULL)
        return stroma_fail(err, STROMA_E_USAGE,
                           "file \"%s\": there is no data set %lld, the last one is %zu", path,
                           (long long)dataset, stroma_fcs_len(out->file) - 1);
    return stroma_compensation_from_fcs(out->data, path, &out->arena, diag, &out->fcs, err);
}

void gate_sample_close(gate_sample *s)
{
    stroma_fcs_close(s->file);
    stroma_arena_clear(&s->arena);
    s->file = NULL;
    s->data = NULL;
    s->fcs = NULL;
}

stroma_status gate_choice_read(const char *path, const char *sample, bool by_file_allowed,
                               stroma_diag *diag, gate_choice *out, stroma_error *err)
{
    *out = (gate_choice){ .path = path };
    const stroma_status s = stroma_gates_read(path, sample, diag, &out->set, err);
    if (s != STROMA_E_INCONSISTENT || sample != NULL || !by_file_allowed) return s;
    stroma_error_clear(err); /* a workspace of several samples */
    out->by_file = true;
    stroma_gate_set_init(&out->set);
    return stroma_workspace_read(path, &out->workspace, err);
}

stroma_status gate_choice_for(const gate_choice *c, const gate_sample *s, stroma_diag *diag,
                              stroma_gate_set *own, const stroma_gate_set **out, stroma_error *err)
{
    *out = &c->set;
    stroma_gate_set_init(own);
    if (!c->by_file) return STROMA_OK;
    size_t at = 0;
    char number[32];
    STROMA_TRY(
        stroma_workspace_find(&c->workspace, s->path, stroma_fcs_text(s->data, "$FIL"), &at, err));
    (void)snprintf(number, sizeof number, "#%zu", at + 1);
    *out = own;
    return stroma_gates_read(c->path, number, diag, own, err);
}

void gate_choice_clear(gate_choice *c)
{
    stroma_gate_set_clear(&c->set);
    stroma_workspace_clear(&c->workspace);
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
