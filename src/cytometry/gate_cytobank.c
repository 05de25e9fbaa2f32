/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gating-ML as Cytobank and FlowRepository export it: the standard, with names, populations
 * ("gate sets", boolean ands) and gates tailored to one file in custom_info. */
#include "gate_dialect.h"

#include <stdio.h>
#include <string.h>

/* What the export says of a gate. Texts are of the tree. */
typedef struct described {
    int gate;          /* index in the set */
    const char *shape; /* its number among the gates of the experiment; copies share it */
    const char *file;  /* it was tailored to, "" all */
} described;

static const gate_xml_element *info_of(const gate_xml_element *e)
{
    const gate_xml_element *c = gate_xml_child(e, GATING_ML_DATA, "custom_info");
    if (c == NULL) return NULL;
    const gate_xml_element *info = gate_xml_child(c, NULL, "cytobank");
    return info == NULL ? gate_xml_child(c, NULL, "FlowRepository") : info;
}

static const char *text_of(const gate_xml_element *info, const char *name)
{
    const gate_xml_element *e = gate_xml_child(info, NULL, name);
    return e == NULL ? "" : e->text;
}

static bool detect(const gate_xml_element *root)
{
    return strcmp(root->ns, GATING_ML_NS) == 0 && strcmp(root->name, "Gating-ML") == 0 &&
           info_of(root) != NULL;
}

/* "-1" uncompensated, "-2" the matrix of the file: what the dimensions should say too. */
static void check_compensation(const gate_source *src, const stroma_gate *g, const char *id)
{
    const bool none = strcmp(id, "-1") == 0, internal = strcmp(id, "-2") == 0;
    if ((!none && !internal) || g->dims_len == 0) return;
    bool compensated = false;
    for (size_t i = 0; i < g->dims_len; i++)
        compensated |= g->dims[i].compensation != STROMA_COMPENSATION_NONE;
    if (compensated == internal) return;
    char message[STROMA_ERROR_TEXT_MAX];
    (void)snprintf(
        message, sizeof message, "gate \"%.120s\": Cytobank says %s, the dimensions say %s", g->id,
        none ? "uncompensated" : "the matrix of the file", none ? "compensated" : "uncompensated");
    gate_found(src, "STROMA-FLOWJO-008", STROMA_WARNING, g->line, g->id, message,
               "what the dimensions say is used");
}

/* Names and files of all gates; @p list has room for gates_len. */
static stroma_status describe(const gate_source *src, stroma_gate_set *s, described *list,
                              size_t *len, stroma_error *err)
{
    for (const gate_xml_element *e = src->root->first; e != NULL; e = e->next) {
        const char *id = gate_xml_attribute_of(e, GATING_ML_NS, "id");
        const gate_xml_element *info = info_of(e);
        const int g = id == NULL || info == NULL ? -1 : stroma_gate_find(s, id);
        if (g < 0 || *len == s->gates_len) continue;
        const char *name = text_of(info, "name");
        if (name[0] != '\0') {
            s->gates[g].label = stroma_arena_strdup(&s->arena, name);
            if (s->gates[g].label == NULL) return stroma_no_memory(err);
        }
        check_compensation(src, &s->gates[g], text_of(info, "compensation_id"));
        list[(*len)++] = (described){ .gate = g,
                                      .shape = text_of(info, "gate_id"),
                                      .file = text_of(info, "fcs_file_filename") };
    }
    return STROMA_OK;
}

/* The copy of @p d for the file asked for; itself when there is none. */
static int copy_for(const described *list, size_t n, const described *d, const char *sample)
{
    if (sample == NULL || d->shape[0] == '\0') return d->gate;
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i].shape, d->shape) == 0 && strcmp(list[i].file, sample) == 0)
            return list[i].gate;
    return d->gate;
}

/* Drop gates and close the gaps; what refers to a gate then refers to @p instead of it. */
static stroma_status drop(stroma_gate_set *s, const bool *dropped, const int *instead,
                          stroma_error *err)
{
    int *moved = stroma_alloc_array(s->gates_len, sizeof *moved);
    if (moved == NULL) return stroma_no_memory(err);
    int n = 0;
    for (size_t i = 0; i < s->gates_len; i++)
        moved[i] = dropped[i] ? -1 : n++;
    for (size_t i = 0; i < s->gates_len; i++) {
        if (dropped[i]) continue;
        stroma_gate *g = &s->gates[moved[i]];
        *g = s->gates[i];
        if (g->parent >= 0) g->parent = moved[instead[g->parent]];
        for (size_t k = 0; k < g->uses_len; k++)
            g->uses[k].gate = moved[instead[g->uses[k].gate]];
    }
    s->gates_len = (size_t)n;
    stroma_free(moved);
    return STROMA_OK;
}

/* Copies for other files go; copies for this one stand for the common gate. A copy that something
 * refers to by its own id stays. */
static stroma_status tailor(const gate_source *src, stroma_gate_set *s, const described *list,
                            size_t n, bool *dropped, int *instead, stroma_error *err)
{
    size_t gone = 0;
    for (size_t i = 0; i < s->gates_len; i++)
        instead[i] = (int)i;
    for (size_t i = 0; i < n; i++) {
        const described *d = &list[i];
        const bool common = d->file[0] == '\0';
        const int copy = common ? copy_for(list, n, d, src->sample) : d->gate;
        if (common && copy != d->gate) {
            instead[d->gate] = copy;
            dropped[d->gate] = true;
        } else if (!common && (src->sample == NULL || strcmp(d->file, src->sample) != 0)) {
            dropped[d->gate] = true;
        }
    }
    for (size_t i = 0; i < s->gates_len; i++) {
        const stroma_gate *g = &s->gates[i];
        if (g->parent >= 0 && instead[g->parent] == g->parent) dropped[g->parent] = false;
        for (size_t k = 0; k < g->uses_len; k++)
            if (instead[g->uses[k].gate] == g->uses[k].gate) dropped[g->uses[k].gate] = false;
    }
    for (size_t i = 0; i < n; i++) {
        if (!dropped[list[i].gate] || list[i].file[0] == '\0') continue;
        gone++;
        char message[STROMA_ERROR_TEXT_MAX];
        (void)snprintf(message, sizeof message, "gate \"%.120s\" is tailored to \"%.120s\"",
                       s->gates[list[i].gate].id, list[i].file);
        gate_found(src, "STROMA-FLOWJO-006", STROMA_NOTE, s->gates[list[i].gate].line,
                   s->gates[list[i].gate].id, message,
                   "it is left out; --sample names the file whose gates are wanted");
    }
    return gone == 0 && memchr(dropped, true, s->gates_len) == NULL
               ? STROMA_OK
               : drop(s, dropped, instead, err);
}

static stroma_status parse(const gate_source *src, stroma_gate_set *out, stroma_error *err)
{
    STROMA_TRY(gating_ml_parse(src, out, err));
    const size_t n = out->gates_len;
    described *list = stroma_alloc_array(n, sizeof *list);
    bool *dropped = stroma_alloc_array(n, sizeof *dropped);
    int *instead = stroma_alloc_array(n, sizeof *instead);
    size_t len = 0;
    stroma_status s = list == NULL || dropped == NULL || instead == NULL
                          ? stroma_no_memory(err)
                          : describe(src, out, list, &len, err);
    if (s == STROMA_OK && n > 0) s = tailor(src, out, list, len, dropped, instead, err);
    stroma_free(list);
    stroma_free(dropped);
    stroma_free(instead);
    return s;
}

const gate_dialect gate_dialect_cytobank = { "Cytobank", detect, parse };
