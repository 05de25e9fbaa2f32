/* SPDX-License-Identifier: GPL-3.0-or-later */
/* And, Or and Not of a workspace: they name populations by their paths, also later ones. */
#include "gate_ids.h"
#include "workspace.h"

#include <string.h>

static stroma_status find(const workspace_reader *r, const gate_ids *ids,
                          const gate_xml_element *dependent, const char *gate, int *out,
                          stroma_error *err)
{
    const char *name = workspace_attribute(dependent, "name");
    if (name == NULL)
        return stroma_fail_at(err, STROMA_E_MALFORMED, dependent->line, 0,
                              "gate \"%.120s\": a <Dependent> has no name", gate);
    char *path = stroma_asprintf("/%s", name);
    if (path == NULL) return stroma_no_memory(err);
    *out = gate_ids_find(ids, path);
    stroma_free(path);
    if (*out >= 0) return STROMA_OK;
    (void)r;
    return stroma_fail_at(err, STROMA_E_MALFORMED, dependent->line, 0,
                          "gate \"%.120s\" needs \"%.120s\", which is not there or was not read",
                          gate, name);
}

static stroma_status resolve(workspace_reader *r, const gate_ids *ids,
                             const struct workspace_use *use, stroma_error *err)
{
    stroma_gate *g = &r->out->gates[use->gate];
    const gate_xml_element *list = gate_xml_child(use->node, NULL, "Dependents");
    const gate_xml_element *first = list == NULL ? NULL : gate_xml_child(list, NULL, "Dependent");
    size_t n = 0;
    for (const gate_xml_element *e = first; e != NULL; e = gate_xml_next(e))
        n++;
    if (n == 0 || (g->operation == STROMA_GATE_NOT && n != 1))
        return stroma_fail_at(err, STROMA_E_MALFORMED, use->node->line, 0,
                              "gate \"%.120s\": <%.20s> has %zu dependents", g->id, use->node->name,
                              n);
    g->uses = stroma_arena_alloc(&r->out->arena, n, sizeof *g->uses);
    if (g->uses == NULL) return stroma_no_memory(err);
    for (const gate_xml_element *e = first; e != NULL; e = gate_xml_next(e)) {
        int at = -1;
        STROMA_TRY(find(r, ids, e, g->id, &at, err));
        g->uses[g->uses_len++] = (stroma_gate_use){ .gate = at };
    }
    return STROMA_OK;
}

stroma_status workspace_resolve_booleans(workspace_reader *r, stroma_error *err)
{
    if (r->booleans_len == 0) return STROMA_OK;
    gate_ids ids = { 0 };
    stroma_status s = STROMA_OK;
    for (size_t i = 0; i < r->out->gates_len && s == STROMA_OK; i++)
        (void)gate_ids_add(&ids, r->out->gates[i].id, (int)i, &s);
    if (s != STROMA_OK) s = stroma_no_memory(err);
    for (size_t i = 0; i < r->booleans_len && s == STROMA_OK; i++)
        s = resolve(r, &ids, &r->booleans[i], err);
    gate_ids_clear(&ids);
    return s;
}
