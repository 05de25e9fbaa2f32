/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FlowJo 10 workspaces as a dialect of gate files: the tree of one sample becomes a set. */
#include "workspace.h"

#include <stdio.h>
#include <string.h>

enum { SAME_NAME_MAX = 100 };

static stroma_status walk(workspace_reader *r, const gate_xml_element *node, int parent,
                          stroma_error *err);

stroma_status workspace_add_gate(workspace_reader *r, const char *id, const char *label, int parent,
                                 int64_t line, int *out, stroma_error *err)
{
    const size_t n = r->out->gates_len;
    STROMA_TRY(stroma_grow(&r->extra, &r->extra_capacity, n + 1, sizeof *r->extra, err));
    stroma_gate *g = stroma_gate_set_add(r->out);
    if (g == NULL) return stroma_no_memory(err);
    r->extra[n] = (stroma_flowjo_gate){ .saved_count = -1,
                                        .axis = { { .transform = -1 }, { .transform = -1 } } };
    g->id = id;
    g->label = label;
    g->parent = parent;
    g->line = line;
    *out = (int)n;
    return STROMA_OK;
}

static void found_again(const workspace_reader *r, const gate_xml_element *node, const char *id)
{
    char message[STROMA_ERROR_TEXT_MAX];
    (void)snprintf(message, sizeof message, "a second population \"%.200s\" below the same parent",
                   id);
    gate_found(r->src, "STROMA-FLOWJO-002", STROMA_WARNING, node->line, id, message,
               "it is called with a number behind it");
}

/* The path of a population; FlowJo allows a name twice below one parent, an id must not be. */
static stroma_status name_it(workspace_reader *r, const gate_xml_element *node, int parent,
                             const char **id, const char **label, stroma_error *err)
{
    const char *name = workspace_attribute(node, "name");
    if (name == NULL || name[0] == '\0')
        return stroma_fail_at(err, STROMA_E_MALFORMED, node->line, 0, "<%.40s> has no name",
                              node->name);
    stroma_arena *arena = &r->out->arena;
    const char *above = parent < 0 ? "" : r->out->gates[parent].id;
    *label = stroma_arena_strdup(arena, name);
    *id = stroma_arena_printf(arena, "%s/%s", above, name);
    for (size_t n = 2; *label != NULL && *id != NULL; n++) {
        stroma_status s = STROMA_OK;
        if (gate_ids_add(&r->paths, *id, (int)r->out->gates_len, &s)) return STROMA_OK;
        if (s != STROMA_OK) break;
        if (n == 2) found_again(r, node, *id);
        if (n > SAME_NAME_MAX)
            return stroma_fail_at(err, STROMA_E_MALFORMED, node->line, 0,
                                  "more than %d populations are called \"%.200s\"", SAME_NAME_MAX,
                                  *id);
        *id = stroma_arena_printf(arena, "%s/%s (%zu)", above, name, n);
    }
    return stroma_no_memory(err);
}

static stroma_status saved_count(const gate_xml_element *node, int64_t *out, stroma_error *err)
{
    double count = -1;
    STROMA_TRY(workspace_number(node, "count", -1, &count, err));
    *out = count >= 0 && count < 9e15 ? (int64_t)count : -1;
    return STROMA_OK;
}

/* "Events outside" is the shape, unseen, and what of the parent is not in it. */
static stroma_status complement_of(workspace_reader *r, const char *id, const char *label,
                                   int parent, int64_t line, int shape, int *out, stroma_error *err)
{
    stroma_arena *arena = &r->out->arena;
    r->out->gates[shape].id = stroma_arena_printf(arena, "%s#inside", id);
    stroma_gate_use *use = stroma_arena_alloc(arena, 1, sizeof *use);
    if (r->out->gates[shape].id == NULL || use == NULL) return stroma_no_memory(err);
    r->extra[shape].hidden = true;
    *use = (stroma_gate_use){ .gate = shape };
    STROMA_TRY(workspace_add_gate(r, id, label, parent, line, out, err));
    stroma_gate *g = &r->out->gates[*out];
    g->kind = STROMA_GATE_BOOLEAN;
    g->operation = STROMA_GATE_NOT;
    g->uses = use;
    g->uses_len = 1;
    return STROMA_OK;
}

static stroma_status read_population(workspace_reader *r, const gate_xml_element *node, int parent,
                                     const char *id, const char *label, int *out, stroma_error *err)
{
    const gate_xml_element *gate = gate_xml_child(node, NULL, "Gate");
    const gate_xml_element *shape = gate == NULL ? NULL : gate->first;
    if (shape == NULL || shape->next != NULL)
        return stroma_fail_at(err, STROMA_E_MALFORMED, node->line, 0,
                              "gate \"%.120s\": a population has one <Gate> with one shape", id);
    STROMA_TRY(workspace_add_gate(r, id, label, parent, node->line, out, err));
    const stroma_status s = workspace_read_shape(r, shape, *out, err);
    if (s != STROMA_OK) return stroma_in(err, s, "gate \"%.120s\"", id);
    const char *inside = workspace_attribute(shape, "eventsInside");
    if (inside == NULL || strcmp(inside, "0") != 0) return STROMA_OK;
    const int hidden = *out;
    return complement_of(r, id, label, parent, node->line, hidden, out, err);
}

static bool is_boolean(const gate_xml_element *node)
{
    return strcmp(node->name, "AndNode") == 0 || strcmp(node->name, "OrNode") == 0 ||
           strcmp(node->name, "NotNode") == 0;
}

static stroma_status add_boolean(workspace_reader *r, const gate_xml_element *node, int parent,
                                 const char *id, const char *label, int *out, stroma_error *err)
{
    STROMA_TRY(workspace_add_gate(r, id, label, parent, node->line, out, err));
    stroma_gate *g = &r->out->gates[*out];
    g->kind = STROMA_GATE_BOOLEAN;
    g->operation = node->name[0] == 'A'   ? STROMA_GATE_AND
                   : node->name[0] == 'O' ? STROMA_GATE_OR
                                          : STROMA_GATE_NOT;
    STROMA_TRY(stroma_grow(&r->booleans, &r->booleans_capacity, r->booleans_len + 1,
                           sizeof *r->booleans, err));
    r->booleans[r->booleans_len++] = (struct workspace_use){ .gate = *out, .node = node };
    return STROMA_OK;
}

/* A gate that is known and not read costs itself and what is below it, not the others. */
static stroma_status leave_out(workspace_reader *r, const gate_xml_element *node, const char *id,
                               stroma_error *err)
{
    char message[2 * STROMA_ERROR_TEXT_MAX];
    (void)snprintf(message, sizeof message, "gate \"%.200s\" is not read, nor what is below it: %s",
                   id, err == NULL ? "" : err->message);
    r->out->gates_len--; /* it was the last */
    gate_found(r->src, "STROMA-FLOWJO-003", STROMA_ERROR, node->line, id, message,
               err == NULL ? NULL : err->hint);
    stroma_error_clear(err);
    return STROMA_OK;
}

static stroma_status read_node(workspace_reader *r, const gate_xml_element *node, int parent,
                               stroma_error *err)
{
    if (strcmp(node->name, "Statistic") == 0) return STROMA_OK;
    const bool boolean = is_boolean(node);
    if (!boolean && strcmp(node->name, "Population") != 0) {
        gate_found(r->src, "STROMA-FLOWJO-004", STROMA_WARNING, node->line, node->name,
                   "an element among the populations that is not known; it is left out", NULL);
        return STROMA_OK;
    }
    const char *id = NULL, *label = NULL;
    int g = -1;
    int64_t count = -1;
    STROMA_TRY(name_it(r, node, parent, &id, &label, err));
    STROMA_TRY(saved_count(node, &count, err));
    const size_t before = r->out->gates_len;
    const stroma_status s = boolean ? add_boolean(r, node, parent, id, label, &g, err)
                                    : read_population(r, node, parent, id, label, &g, err);
    if (s == STROMA_E_USAGE && r->out->gates_len == before + 1) return leave_out(r, node, id, err);
    if (s != STROMA_OK) return s;
    r->extra[g].saved_count = count;
    return walk(r, node, g, err);
}

static stroma_status walk(workspace_reader *r, const gate_xml_element *node, int parent,
                          stroma_error *err)
{
    const gate_xml_element *list = gate_xml_child(node, NULL, "Subpopulations");
    for (const gate_xml_element *e = list == NULL ? NULL : list->first; e != NULL; e = e->next)
        STROMA_TRY(read_node(r, e, parent, err));
    return STROMA_OK;
}

/* What a set keeps of the workspace besides its gates. */
static stroma_status keep(workspace_reader *r, const gate_xml_element *root, stroma_error *err)
{
    stroma_arena *arena = &r->out->arena;
    const char *version = workspace_attribute(root, "flowJoVersion");
    stroma_flowjo *f = stroma_arena_alloc(arena, 1, sizeof *f);
    stroma_flowjo_gate *gates = stroma_arena_alloc(arena, r->out->gates_len, sizeof *gates);
    if (f == NULL || gates == NULL) return stroma_no_memory(err);
    if (r->out->gates_len > 0) memcpy(gates, r->extra, r->out->gates_len * sizeof *gates);
    f->version = stroma_arena_strdup(arena, version == NULL ? "" : version);
    f->gates = gates;
    if (f->version == NULL) return stroma_no_memory(err);
    STROMA_TRY(workspace_sample_describe(r->sample, arena, &f->sample, err));
    r->out->flowjo = f;
    return STROMA_OK;
}

static stroma_status read_sample(workspace_reader *r, const gate_xml_element *root,
                                 stroma_error *err)
{
    const gate_xml_element *node = gate_xml_child(r->sample, NULL, "SampleNode");
    STROMA_TRY(workspace_read_matrix(r, err));
    STROMA_TRY(workspace_read_scales(r, err));
    STROMA_TRY(walk(r, node, -1, err));
    STROMA_TRY(workspace_resolve_booleans(r, err));
    if (r->out->gates_len == 0)
        gate_found(r->src, "STROMA-FLOWJO-005", STROMA_WARNING, r->sample->line, NULL,
                   "the sample has no gates",
                   "in FlowJo drag the gates of the group onto it and save");
    return keep(r, root, err);
}

/* The sample asked for, or the only one. */
static stroma_status choose(const gate_source *src, const gate_xml_element **out, stroma_error *err)
{
    stroma_workspace list = { .version = "" };
    stroma_arena_init(&list.arena, (size_t)64 << 20);
    size_t at = 0;
    stroma_status s = workspace_list(src->root, &list, err);
    if (s == STROMA_OK && list.samples_len == 0)
        s = stroma_fail_at(err, STROMA_E_MALFORMED, src->root->line, 0,
                           "the workspace holds no samples");
    else if (s == STROMA_OK && (src->sample != NULL || list.samples_len > 1))
        s = stroma_workspace_find(&list, src->sample == NULL ? "" : src->sample, NULL, &at, err);
    if (s == STROMA_E_INCONSISTENT && src->sample == NULL && err != NULL) {
        const stroma_error hint = *err;
        stroma_fail(err, s, "the workspace holds %zu samples, and none is named", list.samples_len);
        memcpy(err->hint, hint.hint, sizeof err->hint);
    }
    const gate_xml_element *e = workspace_sample_next(src->root, NULL);
    for (size_t i = 0; s == STROMA_OK && i < at; i++)
        e = workspace_sample_next(src->root, e);
    *out = e;
    stroma_workspace_clear(&list);
    return s;
}

static stroma_status parse(const gate_source *src, stroma_gate_set *out, stroma_error *err)
{
    workspace_reader r = { .src = src, .out = out };
    STROMA_TRY(choose(src, &r.sample, err));
    const stroma_status s = read_sample(&r, src->root, err);
    gate_ids_clear(&r.scale_ids);
    gate_ids_clear(&r.paths);
    stroma_free(r.scales);
    stroma_free(r.channels);
    stroma_free(r.extra);
    stroma_free(r.booleans);
    return s;
}

const gate_dialect gate_dialect_flowjo = { "FlowJo 10", workspace_is, parse };
