/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transformations, ratios and spectrum matrices of Gating-ML. */
#include "gating_ml_internal.h"

#include <math.h>
#include <string.h>

typedef struct scale_element {
    const char *name, *needs; /* parameters, a letter each */
    stroma_transform_kind kind;
} scale_element;
static const scale_element scale_elements[] = {
    { "flin", "TA", STROMA_TRANSFORM_LINEAR },
    { "flog", "TM", STROMA_TRANSFORM_LOG },
    { "fasinh", "TMA", STROMA_TRANSFORM_ASINH },
    { "logicle", "TWMA", STROMA_TRANSFORM_LOGICLE },
    { "hyperlog", "TWMA", STROMA_TRANSFORM_HYPERLOG },
};

/* An error of a value that the file gave: at its line, and the file's fault. */
static stroma_status at(const gate_xml_element *e, const char *what, const char *id,
                        stroma_status s, stroma_error *err)
{
    if (s == STROMA_E_USAGE) s = STROMA_E_MALFORMED;
    if (err != NULL) {
        err->status = s;
        if (err->line == 0) err->line = e->line;
    }
    return stroma_in(err, s, "%s \"%.100s\"", what, id);
}

/* What stroma itself wrote: an id that the document could not have, where a matrix came from. */
static stroma_status restore(gating_ml_reader *r, const gate_xml_element *e, const char *element,
                             const char *attribute, const char **out, stroma_error *err)
{
    const gate_xml_element *info = gate_xml_child(e, GATING_ML_DATA, "custom_info");
    const gate_xml_element *own =
        info == NULL ? NULL : gate_xml_child(info, GATING_ML_STROMA, element);
    const char *v = own == NULL ? NULL : gate_xml_attribute_of(own, "", attribute);
    return v == NULL ? STROMA_OK : gating_ml_keep(r, v, out, err);
}

static stroma_status bounds_of(gating_ml_reader *r, const gate_xml_element *e, double *least,
                               double *most, stroma_error *err)
{
    *least = -(double)INFINITY;
    *most = (double)INFINITY;
    STROMA_TRY(gating_ml_optional_number(r, e, "boundMin", least, err));
    STROMA_TRY(gating_ml_optional_number(r, e, "boundMax", most, err));
    if (*least > *most)
        return gating_ml_fail(e, err, "boundMin %g is above boundMax %g", *least, *most);
    return STROMA_OK;
}

static stroma_status add_ratio(gating_ml_reader *r, const gate_xml_element *outer,
                               const gate_xml_element *e, const char *id, stroma_error *err)
{
    stroma_gate_ratio *ratio = stroma_gate_set_add_ratio(r->set);
    if (ratio == NULL) return stroma_no_memory(err);
    STROMA_TRY(gating_ml_keep(r, id, &ratio->id, err));
    STROMA_TRY(bounds_of(r, outer, &ratio->bound_min, &ratio->bound_max, err));
    STROMA_TRY(gating_ml_required_number(r, e, "A", &ratio->a, err));
    STROMA_TRY(gating_ml_required_number(r, e, "B", &ratio->b, err));
    STROMA_TRY(gating_ml_required_number(r, e, "C", &ratio->c, err));
    const size_t n = gating_ml_count(e, GATING_ML_DATA, "fcs-dimension");
    if (n != 2) return gating_ml_fail(e, err, "<fratio> has %zu <fcs-dimension>, it needs two", n);
    const gate_xml_element *x = gate_xml_child(e, GATING_ML_DATA, "fcs-dimension");
    const char *name = NULL;
    STROMA_TRY(gating_ml_required(r, x, "name", &name, err));
    STROMA_TRY(gating_ml_keep(r, name, &ratio->numerator, err));
    STROMA_TRY(gating_ml_required(r, gate_xml_next(x), "name", &name, err));
    return gating_ml_keep(r, name, &ratio->denominator, err);
}

static stroma_status add_scale(gating_ml_reader *r, const gate_xml_element *outer,
                               const gate_xml_element *e, const scale_element *k, const char *id,
                               stroma_error *err)
{
    double least = 0, most = 0, t = 1, w = 0, m = 0, a = 0;
    STROMA_TRY(bounds_of(r, outer, &least, &most, err));
    for (const char *p = k->needs; *p != '\0'; p++) {
        const char name[2] = { *p, '\0' };
        double *where = *p == 'T' ? &t : *p == 'W' ? &w : *p == 'M' ? &m : &a;
        STROMA_TRY(gating_ml_required_number(r, e, name, where, err));
    }
    stroma_transform made;
    STROMA_TRY(stroma_transform_make(k->kind, t, w, m, a, &r->set->arena, &made, err));
    made.bound_min = least;
    made.bound_max = most;
    STROMA_TRY(gating_ml_keep(r, id, &made.id, err));
    stroma_transform *slot = stroma_gate_set_add_transform(r->set);
    if (slot == NULL) return stroma_no_memory(err);
    *slot = made;
    return STROMA_OK;
}

/* The one element inside that says what it is. */
static stroma_status find_kind(const gate_xml_element *e, const gate_xml_element **inner,
                               const scale_element **kind, stroma_error *err)
{
    *inner = NULL;
    *kind = NULL;
    for (const gate_xml_element *c = e->first; c != NULL; c = c->next) {
        if (strcmp(c->ns, GATING_ML_TRANS) != 0) continue;
        if (*inner != NULL)
            return gating_ml_fail(c, err, "<transformation> holds more than one: <%.40s>, <%.40s>",
                                  (*inner)->name, c->name);
        *inner = c;
        for (size_t i = 0; i < sizeof scale_elements / sizeof scale_elements[0]; i++)
            if (strcmp(scale_elements[i].name, c->name) == 0) *kind = &scale_elements[i];
        if (*kind == NULL && strcmp(c->name, "fratio") != 0) {
            const stroma_status s =
                gating_ml_fail(c, err, "unknown transformation <%.60s>", c->name);
            stroma_hint(err, "known are flin, flog, fasinh, logicle, hyperlog and fratio");
            return s;
        }
    }
    return *inner == NULL ? gating_ml_fail(e, err, "<transformation> is empty") : STROMA_OK;
}

stroma_status gating_ml_transformation(gating_ml_reader *r, const gate_xml_element *e,
                                       stroma_error *err)
{
    const char *id = NULL;
    const gate_xml_element *inner = NULL;
    const scale_element *kind = NULL;
    STROMA_TRY(gating_ml_required(r, e, "id", &id, err));
    stroma_status s = find_kind(e, &inner, &kind, err);
    if (s == STROMA_OK)
        s = kind == NULL ? add_ratio(r, e, inner, id, err) : add_scale(r, e, inner, kind, id, err);
    if (s != STROMA_OK) return at(e, "transformation", id, s, err);
    const int index =
        kind == NULL ? -2 - (int)(r->set->ratios_len - 1) : (int)(r->set->transforms_len - 1);
    const char **kept = kind == NULL ? &r->set->ratios[r->set->ratios_len - 1].id
                                     : &r->set->transforms[r->set->transforms_len - 1].id;
    if (gate_ids_add(&r->transforms, *kept, index, &s))
        return restore(r, inner, "scale", "id", kept, err);
    return s != STROMA_OK
               ? stroma_no_memory(err)
               : gating_ml_fail(e, err, "two transformations have the id \"%.100s\"", id);
}

static stroma_status names_of(gating_ml_reader *r, const gate_xml_element *e, const char *which,
                              const char ***out, size_t *n, stroma_error *err)
{
    const gate_xml_element *list = gate_xml_child(e, GATING_ML_TRANS, which);
    if (list == NULL) return gating_ml_fail(e, err, "there is no <%s>", which);
    *n = gating_ml_count(list, GATING_ML_DATA, "fcs-dimension");
    if (*n == 0) return gating_ml_fail(list, err, "<%s> has no <fcs-dimension>", which);
    *out = stroma_arena_alloc(&r->set->arena, *n, sizeof **out);
    if (*out == NULL) return stroma_no_memory(err);
    const gate_xml_element *x = gate_xml_child(list, GATING_ML_DATA, "fcs-dimension");
    for (size_t i = 0; i < *n; i++, x = gate_xml_next(x)) {
        const char *name = NULL;
        STROMA_TRY(gating_ml_required(r, x, "name", &name, err));
        STROMA_TRY(gating_ml_keep(r, name, &(*out)[i], err));
    }
    return STROMA_OK;
}

static stroma_status coefficients(gating_ml_reader *r, const gate_xml_element *e, size_t rows,
                                  size_t columns, const char *row_word, const char *column_word,
                                  double *out, stroma_error *err)
{
    const size_t n = gating_ml_count(e, GATING_ML_TRANS, "spectrum");
    if (n != rows) return gating_ml_fail(e, err, "%zu <spectrum> for %zu %s", n, rows, row_word);
    const gate_xml_element *row = gate_xml_child(e, GATING_ML_TRANS, "spectrum");
    for (size_t i = 0; i < rows; i++, row = gate_xml_next(row)) {
        const size_t k = gating_ml_count(row, GATING_ML_TRANS, "coefficient");
        if (k != columns)
            return gating_ml_fail(row, err, "<spectrum> %zu has %zu coefficients for %zu %s", i + 1,
                                  k, columns, column_word);
        const gate_xml_element *c = gate_xml_child(row, GATING_ML_TRANS, "coefficient");
        for (size_t j = 0; j < columns; j++, c = gate_xml_next(c))
            STROMA_TRY(gating_ml_required_number(r, c, "value", out++, err));
    }
    return STROMA_OK;
}

static stroma_status read_matrix(gating_ml_reader *r, const gate_xml_element *e, const char *id,
                                 stroma_error *err)
{
    const char **fluorochromes = NULL, **detectors = NULL, *kept = NULL;
    size_t f = 0, d = 0;
    bool inverted = false;
    STROMA_TRY(gating_ml_optional_bool(r, e, "matrix-inverted-already", &inverted, err));
    STROMA_TRY(names_of(r, e, "fluorochromes", &fluorochromes, &f, err));
    STROMA_TRY(names_of(r, e, "detectors", &detectors, &d, err));
    double *matrix = stroma_arena_alloc(&r->set->arena, f * d, sizeof *matrix);
    if (matrix == NULL) return stroma_no_memory(err);
    if (inverted)
        STROMA_TRY(coefficients(r, e, d, f, "detectors", "fluorochromes", matrix, err));
    else
        STROMA_TRY(coefficients(r, e, f, d, "fluorochromes", "detectors", matrix, err));
    stroma_compensation made;
    STROMA_TRY(gating_ml_keep(r, id, &kept, err));
    STROMA_TRY(stroma_compensation_make(kept, "Gating-ML", fluorochromes, f, detectors, d, matrix,
                                        inverted, &r->set->arena, &made, err));
    stroma_compensation *slot = stroma_gate_set_add_compensation(r->set);
    if (slot == NULL) return stroma_no_memory(err);
    *slot = made;
    return STROMA_OK;
}

stroma_status gating_ml_matrix(gating_ml_reader *r, const gate_xml_element *e, stroma_error *err)
{
    const char *id = NULL;
    STROMA_TRY(gating_ml_required(r, e, "id", &id, err));
    if (strcmp(id, "uncompensated") == 0 || strcmp(id, "FCS") == 0)
        return gating_ml_fail(e, err, "a spectrum matrix cannot have the id \"%s\"", id);
    stroma_status s = read_matrix(r, e, id, err);
    if (s != STROMA_OK) return at(e, "spectrum matrix", id, s, err);
    const int index = (int)r->set->compensations_len - 1;
    stroma_compensation *c = &r->set->compensations[index];
    if (gate_ids_add(&r->compensations, c->id, index, &s)) {
        STROMA_TRY(restore(r, e, "matrix", "source", &c->source, err));
        return restore(r, e, "matrix", "id", &c->id, err);
    }
    return s != STROMA_OK
               ? stroma_no_memory(err)
               : gating_ml_fail(e, err, "two spectrum matrices have the id \"%.100s\"", id);
}
