/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a workspace scales the channels of a sample. Edges of gates are written in linear values, but
 * a polygon is straight on the plot, that is on these scales. */
#include "workspace.h"

#include "stroma/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { SCALES_MAX = 10000, KEY_BYTES = 16 };

/* What FlowJo calls the parameters of a scale, in the order T, W, M, A. NULL: it has none. */
static const struct form {
    const char *element;
    stroma_transform_kind kind;
    const char *t, *w, *m, *a;
} forms[] = {
    { "biex", STROMA_TRANSFORM_BIEX, "maxRange", "width", "pos", "neg" },
    { "logicle", STROMA_TRANSFORM_LOGICLE, "T", "W", "M", "A" },
    { "hyperlog", STROMA_TRANSFORM_HYPERLOG, "T", "W", "M", "A" },
    { "fasinh", STROMA_TRANSFORM_ASINH, "T", NULL, "M", "A" },
};

static stroma_status read_linear(const gate_xml_element *e, workspace_scale *out, stroma_error *err)
{
    out->kind = WORKSPACE_SCALE_LINEAR;
    STROMA_TRY(workspace_number(e, "minRange", 0, &out->min, err));
    STROMA_TRY(workspace_number(e, "maxRange", (double)NAN, &out->max, err));
    STROMA_TRY(workspace_number(e, "gain", 1, &out->gain, err));
    if (!(out->max > out->min))
        return stroma_fail_at(err, STROMA_E_MALFORMED, e->line, 0,
                              "channel \"%.80s\": maxRange is not above minRange", out->channel);
    if (!(out->gain > 0))
        return stroma_fail_at(err, STROMA_E_MALFORMED, e->line, 0,
                              "channel \"%.80s\": the gain is not above 0", out->channel);
    return STROMA_OK;
}

/* FlowJo: log10(max(x, offset) / offset) / decades. */
static stroma_status read_log(const gate_xml_element *e, workspace_scale *out, stroma_error *err)
{
    double offset = 0;
    out->kind = WORKSPACE_SCALE_CURVED;
    out->transform_kind = STROMA_TRANSFORM_LOG;
    out->bound_min = 0;
    STROMA_TRY(workspace_number(e, "offset", 1, &offset, err));
    STROMA_TRY(workspace_number(e, "decades", (double)NAN, &out->m, err));
    if (!(offset > 0) || !(out->m > 0) || out->m > 300)
        return stroma_fail_at(err, STROMA_E_MALFORMED, e->line, 0,
                              "channel \"%.80s\": offset and decades of a log scale are above 0",
                              out->channel);
    out->t = offset * pow(10, out->m);
    if (!isfinite(out->t))
        return stroma_fail_at(err, STROMA_E_MALFORMED, e->line, 0,
                              "channel \"%.80s\": the log scale ends beyond all numbers",
                              out->channel);
    return STROMA_OK;
}

static stroma_status read_scale(const gate_xml_element *e, workspace_scale *out, stroma_error *err)
{
    const gate_xml_element *channel = gate_xml_child(e, NULL, "parameter");
    out->channel = channel == NULL ? NULL : workspace_attribute(channel, "name");
    if (out->channel == NULL)
        return stroma_fail_at(err, STROMA_E_MALFORMED, e->line, 0, "scale <%.60s> names no channel",
                              e->name);
    out->element = e->name;
    out->line = e->line;
    out->transform = -1;
    out->factor = (double)NAN;
    out->bound_min = -(double)INFINITY;
    if (strcmp(e->name, "linear") == 0) return read_linear(e, out, err);
    if (strcmp(e->name, "log") == 0) return read_log(e, out, err);
    out->kind = WORKSPACE_SCALE_UNKNOWN;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        const struct form *f = &forms[i];
        if (strcmp(e->name, f->element) != 0) continue;
        out->kind = WORKSPACE_SCALE_CURVED;
        out->transform_kind = f->kind;
        STROMA_TRY(workspace_number(e, f->t, (double)NAN, &out->t, err));
        if (f->w != NULL) STROMA_TRY(workspace_number(e, f->w, (double)NAN, &out->w, err));
        STROMA_TRY(workspace_number(e, f->m, (double)NAN, &out->m, err));
        return workspace_number(e, f->a, 0, &out->a, err);
    }
    return STROMA_OK;
}

stroma_status workspace_read_scales(workspace_reader *r, stroma_error *err)
{
    const gate_xml_element *list = gate_xml_child(r->sample, NULL, "Transformations");
    size_t n = 0;
    for (const gate_xml_element *e = list == NULL ? NULL : list->first; e != NULL; e = e->next)
        n++;
    if (n > SCALES_MAX)
        return stroma_fail_at(err, STROMA_E_MALFORMED, list->line, 0,
                              "%zu channels have a scale, more than %d", n, SCALES_MAX);
    r->scales = stroma_alloc_array(n, sizeof *r->scales);
    if (r->scales == NULL) return stroma_no_memory(err);
    for (const gate_xml_element *e = list == NULL ? NULL : list->first; e != NULL; e = e->next) {
        workspace_scale *scale = &r->scales[r->scales_len];
        STROMA_TRY(read_scale(e, scale, err));
        stroma_status s = STROMA_OK;
        (void)gate_ids_add(&r->scale_ids, scale->channel, (int)r->scales_len++, &s);
        if (s != STROMA_OK) return stroma_no_memory(err);
    }
    return STROMA_OK;
}

workspace_scale *workspace_scale_of(workspace_reader *r, const char *channel)
{
    const int i = gate_ids_find(&r->scale_ids, channel);
    return i < 0 ? NULL : &r->scales[i];
}

static bool same(const workspace_scale *x, const workspace_scale *y)
{
    return x->kind == y->kind && x->transform_kind == y->transform_kind && x->t == y->t &&
           x->w == y->w && x->m == y->m && x->a == y->a && x->bound_min == y->bound_min;
}

stroma_status workspace_scale_use(workspace_reader *r, workspace_scale *s, stroma_error *err)
{
    if (s->transform >= 0) return STROMA_OK;
    /* A panel has one scale for most of its channels. */
    for (size_t i = 0; i < r->scales_len; i++)
        if (r->scales[i].transform >= 0 && same(s, &r->scales[i])) {
            s->transform = r->scales[i].transform;
            return STROMA_OK;
        }
    stroma_transform made;
    const stroma_status st = stroma_transform_make(s->transform_kind, s->t, s->w, s->m, s->a,
                                                   &r->out->arena, &made, err);
    if (st != STROMA_OK) {
        if (err != NULL && st == STROMA_E_USAGE) {
            err->status = STROMA_E_MALFORMED;
            err->line = s->line;
        }
        return stroma_in(err, st == STROMA_E_USAGE ? STROMA_E_MALFORMED : st,
                         "scale of channel \"%.80s\"", s->channel);
    }
    made.id = stroma_arena_printf(&r->out->arena, "%s_%zu", s->element, r->out->transforms_len + 1);
    made.bound_min = s->bound_min;
    stroma_transform *t = stroma_gate_set_add_transform(r->out);
    if (t == NULL || made.id == NULL) return stroma_no_memory(err);
    *t = made;
    s->transform = (int)(r->out->transforms_len - 1);
    return STROMA_OK;
}

static double keyword_number(const gate_xml_element *sample, const char *name, double otherwise)
{
    const char *text = workspace_keyword(sample, name);
    double x = 0;
    if (text == NULL || !stroma_parse_double(text, strlen(text), '.', &x) || !(x > 0))
        return otherwise;
    return x;
}

/* $PnG of the channel as the workspace copied it: "$P7N" has its name, "$P7G" the gain. */
static double gain_of(const gate_xml_element *sample, const char *channel)
{
    const gate_xml_element *list = gate_xml_child(sample, NULL, "Keywords");
    for (const gate_xml_element *k = list == NULL ? NULL : list->first; k != NULL; k = k->next) {
        const char *name = workspace_attribute(k, "name");
        const char *value = workspace_attribute(k, "value");
        if (name == NULL || value == NULL || strncasecmp(name, "$P", 2) != 0) continue;
        const size_t digits = strspn(name + 2, "0123456789");
        if (digits == 0 || digits > 6 || strcasecmp(name + 2 + digits, "N") != 0) continue;
        if (strcmp(value, channel) != 0) continue;
        char key[KEY_BYTES];
        (void)snprintf(key, sizeof key, "%.*sG", (int)(2 + digits), name);
        return keyword_number(sample, key, 1);
    }
    return 1;
}

double workspace_linear_factor(const workspace_reader *r, workspace_scale *s, const char *channel)
{
    if (s == NULL || s->kind != WORKSPACE_SCALE_LINEAR) return 1;
    /* FlowJo's value is stored × gain; ours is stored × $TIMESTEP of the time, stored / $PnG of
     * others. */
    if (isnan(s->factor))
        s->factor = strcasecmp(channel, "Time") == 0
                        ? keyword_number(r->sample, "$TIMESTEP", 1) / s->gain
                        : 1 / gain_of(r->sample, channel) / s->gain;
    return s->factor;
}
