/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gating-ML 2.0 (ISAC 2013; Spidlen 2015 Cytometry A 87:683) into a set of gates: first every scale
 * and matrix, then the gates, then what refers to what. */
#include "gating_ml_internal.h"

#include "stroma/number.h"
#include "stroma/suggest.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

stroma_status gating_ml_fail(const gate_xml_element *e, stroma_error *err, const char *fmt, ...)
{
    char text[STROMA_ERROR_TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return stroma_fail_at(err, STROMA_E_MALFORMED, e->line, 0, "%s", text);
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool gating_ml_number(const char *text, double *out)
{
    while (blank(*text))
        text++;
    size_t n = strlen(text);
    while (n > 0 && blank(text[n - 1]))
        n--;
    if (n == 3 && memcmp(text, "INF", 3) == 0) {
        *out = (double)INFINITY;
        return true;
    }
    if (n == 4 && memcmp(text, "-INF", 4) == 0) {
        *out = -(double)INFINITY;
        return true;
    }
    return stroma_parse_double(text, n, '.', out);
}

const char *gating_ml_optional(gating_ml_reader *r, const gate_xml_element *e, const char *name)
{
    static const char *const spaces[] = { GATING_ML_NS, GATING_ML_TRANS, GATING_ML_DATA };
    for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++) {
        const char *v = gate_xml_attribute_of(e, spaces[i], name);
        if (v != NULL) return v;
    }
    const char *v = gate_xml_attribute_of(e, "", name);
    if (v != NULL && !r->unqualified) {
        r->unqualified = true;
        gate_found(r->src, "STROMA-GATE-001", STROMA_WARNING, e->line, NULL,
                   "attributes have no namespace prefix, which Gating-ML 2.0 asks for",
                   "they were read as Gating-ML's own; other programs may refuse the file");
    }
    return v;
}

stroma_status gating_ml_required(gating_ml_reader *r, const gate_xml_element *e, const char *name,
                                 const char **out, stroma_error *err)
{
    *out = gating_ml_optional(r, e, name);
    if (*out == NULL)
        return gating_ml_fail(e, err, "<%.40s> has no attribute \"%s\"", e->name, name);
    if (**out == '\0')
        return gating_ml_fail(e, err, "<%.40s>: attribute \"%s\" is empty", e->name, name);
    return STROMA_OK;
}

stroma_status gating_ml_optional_number(gating_ml_reader *r, const gate_xml_element *e,
                                        const char *name, double *out, stroma_error *err)
{
    const char *text = gating_ml_optional(r, e, name);
    if (text == NULL || gating_ml_number(text, out)) return STROMA_OK;
    return gating_ml_fail(e, err, "<%.40s>: attribute \"%s\" is \"%.40s\", not a number", e->name,
                          name, text);
}

stroma_status gating_ml_required_number(gating_ml_reader *r, const gate_xml_element *e,
                                        const char *name, double *out, stroma_error *err)
{
    const char *text = NULL;
    STROMA_TRY(gating_ml_required(r, e, name, &text, err));
    if (gating_ml_number(text, out) && isfinite(*out)) return STROMA_OK;
    return gating_ml_fail(e, err, "<%.40s>: attribute \"%s\" is \"%.40s\", not a finite number",
                          e->name, name, text);
}

stroma_status gating_ml_optional_bool(gating_ml_reader *r, const gate_xml_element *e,
                                      const char *name, bool *out, stroma_error *err)
{
    const char *text = gating_ml_optional(r, e, name);
    *out = false;
    if (text == NULL || strcmp(text, "false") == 0 || strcmp(text, "0") == 0) return STROMA_OK;
    if (strcmp(text, "true") == 0 || strcmp(text, "1") == 0) {
        *out = true;
        return STROMA_OK;
    }
    return gating_ml_fail(e, err, "<%.40s>: attribute \"%s\" is \"%.40s\", neither true nor false",
                          e->name, name, text);
}

size_t gating_ml_count(const gate_xml_element *e, const char *ns, const char *name)
{
    size_t n = 0;
    for (const gate_xml_element *c = gate_xml_child(e, ns, name); c != NULL; c = gate_xml_next(c))
        n++;
    return n;
}

stroma_status gating_ml_keep(gating_ml_reader *r, const char *text, const char **out,
                             stroma_error *err)
{
    *out = stroma_arena_strdup(&r->set->arena, text);
    return *out == NULL ? stroma_no_memory(err) : STROMA_OK;
}

typedef stroma_status (*element_fn)(gating_ml_reader *r, const gate_xml_element *e,
                                    stroma_error *err);
typedef struct known_element {
    const char *ns, *name;
    element_fn read;
} known_element;
static const known_element scales[] = {
    { GATING_ML_TRANS, "transformation", gating_ml_transformation },
    { GATING_ML_TRANS, "spectrumMatrix", gating_ml_matrix },
};
static const known_element gates[] = {
    { GATING_ML_NS, "RectangleGate", gating_ml_rectangle },
    { GATING_ML_NS, "PolygonGate", gating_ml_polygon },
    { GATING_ML_NS, "EllipsoidGate", gating_ml_ellipsoid },
    { GATING_ML_NS, "QuadrantGate", gating_ml_quadrants },
    { GATING_ML_NS, "BooleanGate", gating_ml_boolean },
};
enum { SCALES_LEN = sizeof scales / sizeof scales[0], GATES_LEN = sizeof gates / sizeof gates[0] };

static const known_element *find_element(const known_element *table, size_t n,
                                         const gate_xml_element *e)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(table[i].name, e->name) == 0 && strcmp(table[i].ns, e->ns) == 0)
            return &table[i];
    return NULL;
}

/* What is neither: custom_info is for others, a word of ours that is not known is a mistake, other
 * namespaces are passed over with a finding. */
static stroma_status other_element(gating_ml_reader *r, const gate_xml_element *e,
                                   stroma_error *err)
{
    if (strcmp(e->name, "custom_info") == 0) return STROMA_OK;
    if (strcmp(e->ns, GATING_ML_NS) == 0 || strcmp(e->ns, GATING_ML_TRANS) == 0) {
        const char *names[SCALES_LEN + GATES_LEN];
        for (size_t i = 0; i < GATES_LEN; i++)
            names[i] = gates[i].name;
        for (size_t i = 0; i < SCALES_LEN; i++)
            names[GATES_LEN + i] = scales[i].name;
        const char *near = stroma_nearest(e->name, names, SCALES_LEN + GATES_LEN);
        const stroma_status s =
            gating_ml_fail(e, err, "<%.60s> is no element of Gating-ML 2.0", e->name);
        if (near != NULL) stroma_hint(err, "did you mean <%s>?", near);
        return s;
    }
    char text[160];
    (void)snprintf(text, sizeof text, "element <%.60s> is not Gating-ML and was passed over",
                   e->name);
    gate_found(r->src, "STROMA-GATE-002", STROMA_WARNING, e->line, NULL, text,
               "put it into <data-type:custom_info>, or remove it");
    return STROMA_OK;
}

static stroma_status resolve(gating_ml_reader *r, stroma_error *err)
{
    for (size_t i = 0; i < r->references_len; i++) {
        const gating_ml_reference *f = &r->references[i];
        stroma_gate *g = &r->set->gates[f->gate];
        const int target = gate_ids_find(&r->gates, f->id);
        if (target < 0) {
            const bool container = gate_ids_find(&r->quadrant_gates, f->id) >= 0;
            stroma_fail_at(err, STROMA_E_MALFORMED, f->line, 0,
                           container ? "gate \"%.80s\": %s \"%.80s\" is a quadrant gate, which "
                                       "holds no events itself"
                                     : "gate \"%.80s\": %s \"%.80s\" is not a gate of this file",
                           g->id, f->use < 0 ? "parent" : "operand", f->id);
            if (container) {
                stroma_hint(err, "refer to one of its quadrants");
                return STROMA_E_MALFORMED;
            }
            const char **names = stroma_alloc_array(r->set->gates_len, sizeof *names);
            for (size_t k = 0; names != NULL && k < r->set->gates_len; k++)
                names[k] = r->set->gates[k].id;
            const char *near =
                names == NULL ? NULL : stroma_nearest(f->id, names, r->set->gates_len);
            if (near != NULL) stroma_hint(err, "did you mean \"%.100s\"?", near);
            stroma_free(names);
            return STROMA_E_MALFORMED;
        }
        if (f->use < 0)
            g->parent = target;
        else
            g->uses[f->use].gate = target;
    }
    return STROMA_OK;
}

/* What stroma itself wrote into a gate's custom_info. */
static stroma_status restore(gating_ml_reader *r, const gate_xml_element *gate, stroma_error *err)
{
    const gate_xml_element *info = gate_xml_child(gate, GATING_ML_DATA, "custom_info");
    const gate_xml_element *e =
        info == NULL ? NULL : gate_xml_child(info, GATING_ML_STROMA, "gate");
    for (; e != NULL; e = gate_xml_next(e)) {
        const char *ref = gate_xml_attribute_of(e, "", "ref");
        const int i = ref == NULL ? -1 : gate_ids_find(&r->gates, ref);
        if (i < 0) return gating_ml_fail(e, err, "custom_info names a gate that is not here");
        stroma_gate *g = &r->set->gates[i];
        const struct {
            const char *name, **where;
        } texts[] = { { "id", &g->id },         { "label", &g->label },
                      { "method", &g->method }, { "parameters", &g->parameters },
                      { "state", &g->state },   { "quadrant_gate", &g->quadrant_gate } };
        for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
            const char *v = gate_xml_attribute_of(e, "", texts[k].name);
            if (v != NULL) STROMA_TRY(gating_ml_keep(r, v, texts[k].where, err));
        }
        const char *v = gate_xml_attribute_of(e, "", "confidence");
        if (v != NULL && !gating_ml_number(v, &g->confidence))
            return gating_ml_fail(e, err, "confidence \"%.40s\" is not a number", v);
    }
    return STROMA_OK;
}

static void say_unused(const gating_ml_reader *r)
{
    char text[200];
    for (size_t i = 0; i < r->set->transforms_len; i++)
        if (!r->transform_used[i]) {
            (void)snprintf(text, sizeof text, "transformation \"%.100s\" is used by no gate",
                           r->set->transforms[i].id);
            gate_found(r->src, "STROMA-GATE-004", STROMA_NOTE, 0, NULL, text, NULL);
        }
    for (size_t i = 0; i < r->set->ratios_len; i++)
        if (!r->ratio_used[i]) {
            (void)snprintf(text, sizeof text, "transformation \"%.100s\" is used by no gate",
                           r->set->ratios[i].id);
            gate_found(r->src, "STROMA-GATE-004", STROMA_NOTE, 0, NULL, text, NULL);
        }
    for (size_t i = 0; i < r->set->compensations_len; i++)
        if (!r->compensation_used[i]) {
            (void)snprintf(text, sizeof text, "spectrum matrix \"%.100s\" is used by no gate",
                           r->set->compensations[i].id);
            gate_found(r->src, "STROMA-GATE-004", STROMA_NOTE, 0, NULL, text, NULL);
        }
}

static stroma_status read_all(gating_ml_reader *r, stroma_error *err)
{
    const gate_xml_element *root = r->src->root;
    for (const gate_xml_element *e = root->first; e != NULL; e = e->next) {
        const known_element *k = find_element(scales, SCALES_LEN, e);
        if (k != NULL) STROMA_TRY(k->read(r, e, err));
    }
    r->transform_used = stroma_alloc_array(r->set->transforms_len, sizeof *r->transform_used);
    r->ratio_used = stroma_alloc_array(r->set->ratios_len, sizeof *r->ratio_used);
    r->compensation_used =
        stroma_alloc_array(r->set->compensations_len, sizeof *r->compensation_used);
    if (r->transform_used == NULL || r->ratio_used == NULL || r->compensation_used == NULL)
        return stroma_no_memory(err);
    for (const gate_xml_element *e = root->first; e != NULL; e = e->next) {
        const known_element *k = find_element(gates, GATES_LEN, e);
        if (k != NULL)
            STROMA_TRY(k->read(r, e, err));
        else if (find_element(scales, SCALES_LEN, e) == NULL)
            STROMA_TRY(other_element(r, e, err));
    }
    STROMA_TRY(resolve(r, err));
    for (const gate_xml_element *e = root->first; e != NULL; e = e->next)
        if (find_element(gates, GATES_LEN, e) != NULL) STROMA_TRY(restore(r, e, err));
    say_unused(r);
    return STROMA_OK;
}

stroma_status gating_ml_parse(const gate_source *src, stroma_gate_set *out, stroma_error *err)
{
    gating_ml_reader r = { .src = src, .set = out };
    const stroma_status s = read_all(&r, err);
    gate_ids_clear(&r.transforms);
    gate_ids_clear(&r.compensations);
    gate_ids_clear(&r.gates);
    gate_ids_clear(&r.quadrant_gates);
    stroma_free(r.references);
    stroma_free(r.transform_used);
    stroma_free(r.ratio_used);
    stroma_free(r.compensation_used);
    return s;
}

static bool detect(const gate_xml_element *root)
{
    return strcmp(root->name, "Gating-ML") == 0 && strcmp(root->ns, GATING_ML_NS) == 0;
}

const gate_dialect gate_dialect_gating_ml = { .name = "Gating-ML 2.0",
                                              .detect = detect,
                                              .parse = gating_ml_parse };
