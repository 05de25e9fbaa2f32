/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A set of gates as Gating-ML 2.0, valid against its schema. What the standard has no place for
 * stands in custom_info, under a namespace of our own, and is taken back when the file is read. */
#include "gate_dialect.h"
#include "gating_ml_writer.h"

#include "stroma/number.h"
#include "stroma/utf8.h"

#include <math.h>
#include <string.h>

enum { NAMES_LIMIT_BYTES = 64 << 20 };

static bool letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool name_char(char c)
{
    return letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

static bool is_name(const char *s)
{
    if (!letter(*s)) return false;
    while (name_char(*s))
        s++;
    return *s == '\0';
}

stroma_status gating_ml_id(gating_ml_writer *w, const char *wanted, const char **out,
                           stroma_error *err)
{
    stroma_status s = STROMA_OK;
    *out = wanted;
    if (is_name(wanted) && gate_ids_add(&w->used, wanted, 0, &s)) return STROMA_OK;
    if (s != STROMA_OK) return stroma_no_memory(err);
    char stem[48];
    size_t n = 0;
    if (!letter(*wanted)) stem[n++] = '_';
    for (const char *p = wanted; *p != '\0' && n < sizeof stem - 1; p++)
        stem[n++] = name_char(*p) ? *p : '_';
    stem[n] = '\0';
    for (size_t k = w->used.len + 1;; k++) {
        const char *made = stroma_arena_printf(&w->arena, "%s.%zu", stem, k);
        if (made == NULL) return stroma_no_memory(err);
        *out = made;
        if (gate_ids_add(&w->used, made, 0, &s)) return STROMA_OK;
        if (s != STROMA_OK) return stroma_no_memory(err);
    }
}

void gating_ml_text(gating_ml_writer *w, const char *text)
{
    char run[256];
    size_t n = 0;
    for (const char *p = text;; p++) {
        const unsigned char c = (unsigned char)*p;
        /* A run ends before a character that starts, so that none is cut. */
        if (n > 0 && (c < 0x20 || (n > sizeof run - 8 && (c & 0xC0) != 0x80))) {
            run[n] = '\0';
            stroma_buffer_html(w->out, run);
            n = 0;
        }
        if (c == '\0') return;
        if (c == '\t' || c == '\n' || c == '\r')
            stroma_buffer_printf(w->out, "&#%d;", c);
        else if (c < 0x20)
            stroma_buffer_puts(w->out, "\xEF\xBF\xBD");
        else if (n < sizeof run - 1)
            run[n++] = *p;
    }
}

void gating_ml_put(gating_ml_writer *w, const char *name, const char *text)
{
    if (text == NULL) return;
    stroma_buffer_printf(w->out, " %s=\"", name);
    gating_ml_text(w, text);
    stroma_buffer_putc(w->out, '"');
}

void gating_ml_put_number(gating_ml_writer *w, const char *name, double x)
{
    char text[STROMA_NUMBER_TEXT_MAX];
    if (isinf(x))
        gating_ml_put(w, name, x > 0 ? "INF" : "-INF");
    else
        gating_ml_put(w, name, stroma_format_double(x, text));
}

static void put_bounds(gating_ml_writer *w, double least, double most)
{
    if (least > -(double)INFINITY) gating_ml_put_number(w, "transforms:boundMin", least);
    if (most < (double)INFINITY) gating_ml_put_number(w, "transforms:boundMax", most);
    stroma_buffer_puts(w->out, ">\n");
}

/* The id that was asked for, where the document could not have it. */
static void put_own_id(gating_ml_writer *w, const char *element, const char *id, const char *source,
                       const char *in_document)
{
    const bool renamed = id != NULL && strcmp(id, in_document) != 0;
    if (!renamed && source == NULL) return;
    stroma_buffer_printf(w->out, "      <data-type:custom_info><stroma:%s", element);
    if (renamed) gating_ml_put(w, "id", id);
    gating_ml_put(w, "source", source);
    stroma_buffer_puts(w->out, "/></data-type:custom_info>\n");
}

static stroma_status write_transform(gating_ml_writer *w, size_t i, stroma_error *err)
{
    static const struct {
        const char *name, *has;
    } forms[] = {
        [STROMA_TRANSFORM_LINEAR] = { "flin", "TA" },
        [STROMA_TRANSFORM_LOG] = { "flog", "TM" },
        [STROMA_TRANSFORM_ASINH] = { "fasinh", "TMA" },
        [STROMA_TRANSFORM_LOGICLE] = { "logicle", "TWMA" },
        [STROMA_TRANSFORM_HYPERLOG] = { "hyperlog", "TWMA" },
    };
    const stroma_transform *t = &w->set->transforms[i];
    if ((size_t)t->kind >= sizeof forms / sizeof forms[0])
        return stroma_fail(err, STROMA_E_USAGE, "scale \"%.80s\" (%s) has no form in Gating-ML",
                           t->id == NULL ? "" : t->id, stroma_transform_kind_name(t->kind));
    stroma_buffer_puts(w->out, "  <transforms:transformation");
    gating_ml_put(w, "transforms:id", w->transforms[i]);
    put_bounds(w, t->bound_min, t->bound_max);
    stroma_buffer_printf(w->out, "    <transforms:%s", forms[t->kind].name);
    for (const char *p = forms[t->kind].has; *p != '\0'; p++) {
        const char name[] = { 't', 'r', 'a', 'n', 's', 'f', 'o', 'r', 'm', 's', ':', *p, '\0' };
        gating_ml_put_number(w, name,
                             *p == 'T'   ? t->t
                             : *p == 'W' ? t->w
                             : *p == 'M' ? t->m
                                         : t->a);
    }
    stroma_buffer_puts(w->out, ">\n");
    put_own_id(w, "scale", t->id, NULL, w->transforms[i]);
    stroma_buffer_printf(w->out, "    </transforms:%s>\n  </transforms:transformation>\n",
                         forms[t->kind].name);
    return STROMA_OK;
}

static void write_ratio(gating_ml_writer *w, size_t i)
{
    const stroma_gate_ratio *r = &w->set->ratios[i];
    stroma_buffer_puts(w->out, "  <transforms:transformation");
    gating_ml_put(w, "transforms:id", w->ratios[i]);
    put_bounds(w, r->bound_min, r->bound_max);
    stroma_buffer_puts(w->out, "    <transforms:fratio");
    gating_ml_put_number(w, "transforms:A", r->a);
    gating_ml_put_number(w, "transforms:B", r->b);
    gating_ml_put_number(w, "transforms:C", r->c);
    stroma_buffer_puts(w->out, ">\n");
    put_own_id(w, "scale", r->id, NULL, w->ratios[i]);
    stroma_buffer_puts(w->out, "      <data-type:fcs-dimension");
    gating_ml_put(w, "data-type:name", r->numerator);
    stroma_buffer_puts(w->out, "/>\n      <data-type:fcs-dimension");
    gating_ml_put(w, "data-type:name", r->denominator);
    stroma_buffer_puts(w->out, "/>\n    </transforms:fratio>\n  </transforms:transformation>\n");
}

static void write_names(gating_ml_writer *w, const char *element, const char *const *names,
                        size_t n)
{
    stroma_buffer_printf(w->out, "    <transforms:%s>\n", element);
    for (size_t i = 0; i < n; i++) {
        stroma_buffer_puts(w->out, "      <data-type:fcs-dimension");
        gating_ml_put(w, "data-type:name", names[i]);
        stroma_buffer_puts(w->out, "/>\n");
    }
    stroma_buffer_printf(w->out, "    </transforms:%s>\n", element);
}

static stroma_status write_matrix(gating_ml_writer *w, size_t i, stroma_error *err)
{
    const stroma_compensation *c = &w->set->compensations[i];
    if (c->fluorochromes_len < 2 || c->detectors_len < 2)
        return stroma_fail(err, STROMA_E_USAGE,
                           "spectrum matrix \"%.80s\" has fewer than two rows or columns, which "
                           "Gating-ML does not allow",
                           c->id);
    const bool inverted = c->spectrum == NULL;
    const double *m = inverted ? c->unmixing : c->spectrum;
    const size_t rows = inverted ? c->detectors_len : c->fluorochromes_len,
                 columns = inverted ? c->fluorochromes_len : c->detectors_len;
    stroma_buffer_puts(w->out, "  <transforms:spectrumMatrix");
    gating_ml_put(w, "transforms:id", w->compensations[i]);
    if (inverted) gating_ml_put(w, "transforms:matrix-inverted-already", "true");
    stroma_buffer_puts(w->out, ">\n");
    const bool foreign = c->source != NULL && strcmp(c->source, "Gating-ML") != 0;
    put_own_id(w, "matrix", c->id, foreign ? c->source : NULL, w->compensations[i]);
    write_names(w, "fluorochromes", c->fluorochrome, c->fluorochromes_len);
    write_names(w, "detectors", c->detector, c->detectors_len);
    for (size_t r = 0; r < rows; r++) {
        stroma_buffer_puts(w->out, "    <transforms:spectrum>\n");
        for (size_t k = 0; k < columns; k++) {
            stroma_buffer_puts(w->out, "      <transforms:coefficient");
            gating_ml_put_number(w, "transforms:value", m[r * columns + k]);
            stroma_buffer_puts(w->out, "/>\n");
        }
        stroma_buffer_puts(w->out, "    </transforms:spectrum>\n");
    }
    stroma_buffer_puts(w->out, "  </transforms:spectrumMatrix>\n");
    return STROMA_OK;
}

static stroma_status make_ids(gating_ml_writer *w, stroma_error *err)
{
    const stroma_gate_set *s = w->set;
    w->gates = stroma_alloc_array(s->gates_len, sizeof *w->gates);
    w->written = stroma_alloc_array(s->gates_len, sizeof *w->written);
    w->transforms = stroma_alloc_array(s->transforms_len, sizeof *w->transforms);
    w->ratios = stroma_alloc_array(s->ratios_len, sizeof *w->ratios);
    w->compensations = stroma_alloc_array(s->compensations_len, sizeof *w->compensations);
    if (w->gates == NULL || w->written == NULL || w->transforms == NULL || w->ratios == NULL ||
        w->compensations == NULL)
        return stroma_no_memory(err);
    stroma_status status = STROMA_OK;
    (void)gate_ids_add(&w->used, "FCS", 0, &status);
    if (status == STROMA_OK) (void)gate_ids_add(&w->used, "uncompensated", 0, &status);
    if (status != STROMA_OK) return stroma_no_memory(err);
    for (size_t i = 0; i < s->gates_len; i++)
        STROMA_TRY(gating_ml_id(w, s->gates[i].id, &w->gates[i], err));
    for (size_t i = 0; i < s->transforms_len; i++)
        STROMA_TRY(gating_ml_id(w, s->transforms[i].id == NULL ? "scale" : s->transforms[i].id,
                                &w->transforms[i], err));
    for (size_t i = 0; i < s->ratios_len; i++)
        STROMA_TRY(gating_ml_id(w, s->ratios[i].id == NULL ? "ratio" : s->ratios[i].id,
                                &w->ratios[i], err));
    for (size_t i = 0; i < s->compensations_len; i++)
        STROMA_TRY(gating_ml_id(w, s->compensations[i].id, &w->compensations[i], err));
    return STROMA_OK;
}

static stroma_status write_all(gating_ml_writer *w, stroma_error *err)
{
    const stroma_gate_set *s = w->set;
    STROMA_TRY(make_ids(w, err));
    stroma_buffer_puts(w->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gating:Gating-ML");
    gating_ml_put(w, "xmlns:gating", GATING_ML_NS);
    stroma_buffer_puts(w->out, "\n   ");
    gating_ml_put(w, "xmlns:transforms", GATING_ML_TRANS);
    stroma_buffer_puts(w->out, "\n   ");
    gating_ml_put(w, "xmlns:data-type", GATING_ML_DATA);
    stroma_buffer_puts(w->out, "\n   ");
    gating_ml_put(w, "xmlns:stroma", GATING_ML_STROMA);
    stroma_buffer_puts(w->out, ">\n");
    if (s->gates_len + s->transforms_len + s->ratios_len + s->compensations_len == 0)
        stroma_buffer_puts(w->out, "  <data-type:custom_info/>\n"); /* the schema wants a child */
    for (size_t i = 0; i < s->transforms_len; i++)
        STROMA_TRY(write_transform(w, i, err));
    for (size_t i = 0; i < s->ratios_len; i++)
        write_ratio(w, i);
    for (size_t i = 0; i < s->compensations_len; i++)
        STROMA_TRY(write_matrix(w, i, err));
    for (size_t i = 0; i < s->gates_len; i++) {
        if (w->written[i]) continue;
        const stroma_status status = gating_ml_write_gate(w, i, err);
        if (status != STROMA_OK) return stroma_in(err, status, "gate \"%.100s\"", s->gates[i].id);
    }
    stroma_buffer_puts(w->out, "</gating:Gating-ML>\n");
    return stroma_buffer_status(w->out, err);
}

/* A scale without a form in Gating-ML is an error of the gate that uses it. */
static stroma_status refuse_biex(const stroma_gate_set *s, stroma_error *err)
{
    for (size_t g = 0; g < s->gates_len; g++)
        for (size_t i = 0; i < s->gates[g].dims_len; i++) {
            const int t = s->gates[g].dims[i].transform;
            if (t < 0 || s->transforms[t].kind != STROMA_TRANSFORM_BIEX) continue;
            stroma_fail(err, STROMA_E_USAGE,
                        "gate \"%.100s\": FlowJo's biex scale has no form in Gating-ML",
                        s->gates[g].id);
            stroma_hint(err, "draw the gate on a logicle scale, or keep the workspace");
            return STROMA_E_USAGE;
        }
    return STROMA_OK;
}

stroma_status stroma_gates_write(const stroma_gate_set *s, stroma_buffer *out, stroma_error *err)
{
    STROMA_TRY(stroma_gate_set_check(s, err));
    STROMA_TRY(refuse_biex(s, err));
    gating_ml_writer w = { .set = s, .out = out };
    stroma_arena_init(&w.arena, NAMES_LIMIT_BYTES);
    const stroma_status status = write_all(&w, err);
    gate_ids_clear(&w.used);
    stroma_arena_clear(&w.arena);
    stroma_free(w.gates);
    stroma_free(w.written);
    stroma_free(w.transforms);
    stroma_free(w.ratios);
    stroma_free(w.compensations);
    return status;
}
