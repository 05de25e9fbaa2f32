/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The outline of a gate on the axes of a panel, and its percentage beside it. */
#include "figure_cytometry_gate.h"

#include "figure_cytometry.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ELLIPSE_POINTS = 48, POINTS_MAX = 512 };

typedef struct outline {
    const fig_panel *p;
    const fig_gate *g;
    double low[2], high[2]; /* of the panel */
    double x[POINTS_MAX], y[POINTS_MAX];
    size_t n;
    bool open[4]; /* of a rectangle: left, right, bottom, top */
} outline;

/* Which dimension of the gate an axis shows, or -1. */
static int dimension_on(const json_t *dims, const fig_axis *a)
{
    for (size_t i = 0; a != NULL && i < json_array_size(dims); i++) {
        const char *axis = json_string_value(json_object_get(json_array_get(dims, i), "axis"));
        if (axis != NULL && strcmp(axis, a->id) == 0) return (int)i;
    }
    return -1;
}

static void add(outline *o, double x, double y)
{
    if (o->n == POINTS_MAX || !isfinite(x) || !isfinite(y)) return;
    o->x[o->n] = x;
    o->y[o->n++] = y;
}

/* An edge of a rectangle; where the gate is open, the end of the axis. */
static double edge(const json_t *list, int d, double end, bool *open)
{
    const json_t *v = d < 0 ? NULL : json_array_get(list, (size_t)d);
    *open = !json_is_number(v);
    return *open ? end : json_number_value(v);
}

static void rectangle(outline *o, const json_t *geometry, const int d[2])
{
    double ends[2][2];
    for (size_t k = 0; k < 2; k++) {
        ends[k][0] = edge(json_object_get(geometry, "lower"), d[k], o->low[k], &o->open[2 * k]);
        ends[k][1] =
            edge(json_object_get(geometry, "upper"), d[k], o->high[k], &o->open[2 * k + 1]);
        for (int e = 0; e < 2; e++)
            ends[k][e] = fmin(fmax(ends[k][e], o->low[k]), o->high[k]);
    }
    add(o, ends[0][0], ends[1][0]);
    add(o, ends[0][1], ends[1][0]);
    add(o, ends[0][1], ends[1][1]);
    add(o, ends[0][0], ends[1][1]);
}

static void polygon(outline *o, const json_t *geometry, const int d[2])
{
    const json_t *vertices = json_object_get(geometry, "vertices");
    for (size_t i = 0; i < json_array_size(vertices); i++) {
        const json_t *v = json_array_get(vertices, i);
        add(o, json_number_value(json_array_get(v, (size_t)d[0])),
            json_number_value(json_array_get(v, (size_t)d[1])));
    }
}

static double at(const json_t *matrix, int row, int column)
{
    return json_number_value(json_array_get(json_array_get(matrix, (size_t)row), (size_t)column));
}

/* Points at Mahalanobis distance √distance_square: mean + √d² L (cos, sin), L of Cholesky. */
static void ellipse(outline *o, const json_t *geometry, const int d[2])
{
    const json_t *c = json_object_get(geometry, "covariance"),
                 *mean = json_object_get(geometry, "mean");
    const double r = sqrt(json_number_value(json_object_get(geometry, "distance_square")));
    const double l00 = sqrt(at(c, d[0], d[0])), l10 = at(c, d[0], d[1]) / l00,
                 l11 = sqrt(at(c, d[1], d[1]) - l10 * l10);
    for (int i = 0; i < ELLIPSE_POINTS; i++) {
        const double t = 2 * acos(-1.0) * i / ELLIPSE_POINTS;
        add(o, json_number_value(json_array_get(mean, (size_t)d[0])) + r * l00 * cos(t),
            json_number_value(json_array_get(mean, (size_t)d[1])) +
                r * (l10 * cos(t) + l11 * sin(t)));
    }
}

static void trace_outline(outline *o, stroma_json *j)
{
    json_t *dims = json_loads(o->g->dims, 0, NULL), *geometry = json_loads(o->g->geometry, 0, NULL);
    if ((dims == NULL || geometry == NULL) && j->out->status == STROMA_OK)
        j->out->status = STROMA_E_NOMEM; /* they were read before */
    const int d[2] = { dimension_on(dims, o->p->x), dimension_on(dims, o->p->y) };
    const bool flat = json_array_size(dims) <= 2;
    const bool both = flat && d[0] >= 0 && d[1] >= 0;
    if (json_is_object(json_object_get(geometry, "linear")) &&
        json_object_get(geometry, "lower") != NULL && (d[0] >= 0 || d[1] >= 0))
        rectangle(o, geometry, d);
    else if (json_object_get(geometry, "vertices") != NULL && both)
        polygon(o, geometry, d);
    else if (json_object_get(geometry, "covariance") != NULL && both)
        ellipse(o, geometry, d);
    json_decref(dims);
    json_decref(geometry);
}

static void put_facts(stroma_json *j, const fig_panel *p, const fig_gate *g)
{
    char text[160], number[FIG_PERCENT_MAX], low[FIG_PERCENT_MAX];
    stroma_json_put_string(j, "population", g->label);
    (void)snprintf(text, sizeof text, "%s of %s", fig_percent(g, number), g->of);
    stroma_json_put_string(j, "share", text);
    (void)snprintf(text, sizeof text, "%.3g to %.3g %%", g->lower, g->upper);
    if (isfinite(g->lower) && isfinite(g->upper)) stroma_json_put_string(j, "interval", text);
    (void)snprintf(text, sizeof text, "%s of %s", fig_count(g->n, number),
                   fig_count(g->n_parent, low));
    if (!isnan(g->percent)) stroma_json_put_string(j, "events", text);
    if (g->rule[0] != '\0') stroma_json_put_string(j, "rule", g->rule);
    if (p->sample->subject[0] != '\0') stroma_json_put_string(j, "patient", p->sample->subject);
    if (g->measured == 0) return;
    (void)snprintf(text, sizeof text, "m%lld", (long long)g->measured);
    stroma_json_put_string(j, "trace", text);
}

#define TOOLTIP                                                                                    \
    "[{'field':'population'},{'field':'share','title':'%'},{'field':'interval'},{'field':'events'" \
    "},{'field':'rule'},{'field':'patient','title':'subject'}]"

static void put_line(stroma_json *j, const outline *o)
{
    char mark[240];
    stroma_json_begin_object(j);
    fig_data_begin(j);
    for (size_t i = 0; i < o->n; i++) {
        stroma_json_begin_object(j);
        stroma_json_put_number(j, "x", round(o->x[i] * 1e5) / 1e5);
        stroma_json_put_number(j, "y", round(o->y[i] * 1e5) / 1e5);
        stroma_json_put_int(j, "o", (int64_t)i);
        if (i == 0) put_facts(j, o->p, o->g); /* a line's first datum answers for it */
        stroma_json_end_object(j);
    }
    fig_data_end(j);
    (void)snprintf(mark, sizeof mark,
                   "{'type':'line','interpolate':'linear-closed','clip':true,'strokeWidth':1.5,"
                   "'color':'%s','fill':'%s','fillOpacity':0.05}",
                   o->p->outline, o->p->outline);
    fig_lit(j, "mark", mark);
    stroma_json_key(j, "encoding");
    stroma_json_begin_object(j);
    fig_lit(j, "order", "{'field':'o','type':'quantitative'}");
    fig_lit(j, "tooltip", TOOLTIP);
    stroma_json_end_object(j);
    stroma_json_end_object(j);
}

typedef struct place {
    double x, y;
    const char *align, *baseline;
    int dx, dy;
} place;

/* In the outer corner of an open rectangle, else over the outline where there is room. */
static place label_place(const outline *o)
{
    const int second_line = o->p->names ? 14 : 0;
    double x0 = INFINITY, x1 = -INFINITY, y0 = INFINITY, y1 = -INFINITY;
    for (size_t i = 0; i < o->n; i++) {
        x0 = fmin(x0, o->x[i]);
        x1 = fmax(x1, o->x[i]);
        y0 = fmin(y0, o->y[i]);
        y1 = fmax(y1, o->y[i]);
    }
    x0 = fmax(x0, o->low[0]);
    x1 = fmin(x1, o->high[0]);
    place at = { (x0 + x1) / 2, fmin(y1, o->high[1]), "center", "top", 0, 4 };
    if (o->open[1] && !o->open[0])
        at = (place){ x1, at.y, "right", "top", -4, 4 };
    else if (o->open[0] && !o->open[1])
        at = (place){ x0, at.y, "left", "top", 4, 4 };
    const bool inside = o->open[0] || o->open[1] || o->open[2] || o->open[3];
    if (o->open[2] && !o->open[3] && y1 < o->low[1] + 0.9 * (o->high[1] - o->low[1])) {
        at.y = fmax(y0, o->low[1]);
        at.baseline = "bottom";
        at.dy = -4 - second_line;
    } else if (!inside && y1 < o->low[1] + 0.8 * (o->high[1] - o->low[1])) {
        at.baseline = "bottom"; /* over it */
        at.dy = -5 - second_line;
        const double share = (at.x - o->low[0]) / (o->high[0] - o->low[0]);
        if (share < 0.3) at = (place){ x0, at.y, "left", "bottom", 0, at.dy };
        if (share > 0.7) at = (place){ x1, at.y, "right", "bottom", 0, at.dy };
    }
    return at;
}

static void put_label(stroma_json *j, const outline *o)
{
    char text[200], percent[FIG_PERCENT_MAX], mark[320];
    const place at = label_place(o);
    (void)snprintf(text, sizeof text, "%s%s%s", o->p->names ? o->g->label : "",
                   o->p->names ? "\n" : "", fig_percent(o->g, percent));
    for (int halo = 1; halo >= 0; halo--) {
        stroma_json_begin_object(j);
        fig_data_begin(j);
        stroma_json_begin_object(j);
        stroma_json_put_number(j, "x", at.x);
        stroma_json_put_number(j, "y", at.y);
        stroma_json_put_string(j, "label", text);
        put_facts(j, o->p, o->g);
        stroma_json_end_object(j);
        fig_data_end(j);
        (void)snprintf(mark, sizeof mark,
                       "{'type':'text','align':'%s','baseline':'%s','dx':%d,'dy':%d,'fontSize':12,"
                       "'fontWeight':600,'lineBreak':'\\n'%s,'color':'%s'}",
                       at.align, at.baseline, at.dx, at.dy,
                       halo ? ",'stroke':'" REPORT_PAPER "','strokeWidth':4,'strokeOpacity':0.85"
                            : "",
                       halo ? REPORT_PAPER : REPORT_INK);
        fig_lit(j, "mark", mark);
        stroma_json_key(j, "encoding");
        stroma_json_begin_object(j);
        fig_lit(j, "text", "{'field':'label'}");
        fig_lit(j, "tooltip", TOOLTIP);
        stroma_json_end_object(j);
        stroma_json_end_object(j);
    }
}

void fig_put_gate(stroma_json *j, const fig_panel *p, const fig_gate *g, double y_low,
                  double y_high)
{
    outline o = { .p = p, .g = g, .low = { p->x->low, y_low }, .high = { p->x->high, y_high } };
    if (!g->found) return;
    trace_outline(&o, j);
    if (o.n < 3) return;
    put_line(j, &o);
    put_label(j, &o);
}

static void put_edge(stroma_json *j, const fig_panel *p, const fig_gate *g, double x,
                     const char *label, bool text)
{
    stroma_json_begin_object(j);
    fig_data_begin(j);
    stroma_json_begin_object(j);
    stroma_json_put_number(j, "x", x);
    stroma_json_put_string(j, "label", label);
    put_facts(j, p, g);
    stroma_json_end_object(j);
    fig_data_end(j);
    char mark[240];
    const bool left = (x - p->x->low) / (p->x->high - p->x->low) > 0.6;
    if (text)
        (void)snprintf(mark, sizeof mark,
                       "{'type':'text','align':'%s','baseline':'top','dx':%d,'dy':5,'lineBreak':"
                       "'\\n','color':'" REPORT_INK "'}",
                       left ? "right" : "left", left ? -5 : 5);
    else
        (void)snprintf(mark, sizeof mark, "{'type':'rule','strokeWidth':1.5,'color':'%s'}",
                       p->outline);
    fig_lit(j, "mark", mark);
    stroma_json_key(j, "encoding");
    stroma_json_begin_object(j);
    fig_lit(j, "y", text ? "{'value':0}" : "null");
    if (text) fig_lit(j, "text", "{'field':'label'}");
    fig_lit(j, "tooltip", TOOLTIP);
    stroma_json_end_object(j);
    stroma_json_end_object(j);
}

void fig_put_threshold(stroma_json *j, const fig_panel *p, const fig_gate *g)
{
    static const char *const ends[] = { "lower", "upper" };
    json_t *dims = json_loads(g->dims, 0, NULL), *geometry = json_loads(g->geometry, 0, NULL);
    if ((dims == NULL || geometry == NULL) && j->out->status == STROMA_OK)
        j->out->status = STROMA_E_NOMEM;
    const int d = dimension_on(dims, p->x);
    for (int i = 0; i < 2 && d >= 0 && g->found; i++) {
        const json_t *v = json_array_get(json_object_get(geometry, ends[i]), (size_t)d);
        const json_t *linear = json_array_get(
            json_object_get(json_object_get(geometry, "linear"), ends[i]), (size_t)d);
        char label[64], number[FIG_PERCENT_MAX];
        if (!json_is_number(v) || !json_is_number(linear)) continue;
        (void)snprintf(label, sizeof label, "gate\n%s",
                       fig_count((int64_t)round(json_number_value(linear)), number));
        put_edge(j, p, g, json_number_value(v), label, false);
        put_edge(j, p, g, json_number_value(v), label, true);
    }
    json_decref(dims);
    json_decref(geometry);
}
