/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shapes of FlowJo. Rectangles and polygons are written in linear values; an ellipse by its
 * foci and four points of its edge, in a plot of 256 × 256. */
#include "workspace.h"

#include <math.h>
#include <string.h>

enum { ELLIPSE_SIDE = 256, BINS_DEFAULT = 256, BINS_MAX = 4096, VERTICES_MAX = 100000 };

typedef struct shape_dimension {
    workspace_scale *scale; /* NULL: unknown channel, taken as linear */
    double factor;          /* FlowJo's linear values × this are ours */
} shape_dimension;

static size_t count(const gate_xml_element *e, const char *name)
{
    size_t n = 0;
    for (const gate_xml_element *c = gate_xml_child(e, NULL, name); c != NULL; c = gate_xml_next(c))
        n++;
    return n;
}

static stroma_status read_dimensions(workspace_reader *r, const gate_xml_element *shape, int g,
                                     shape_dimension *d, size_t max, stroma_error *err)
{
    const size_t n = count(shape, "dimension");
    if (n == 0 || n > max)
        return stroma_fail_at(err, STROMA_E_MALFORMED, shape->line, 0,
                              "<%.60s> has %zu dimensions, and takes 1 to %zu", shape->name, n,
                              max);
    stroma_gate_dimension *dims = stroma_gate_dimensions(r->out, n);
    if (dims == NULL) return stroma_no_memory(err);
    size_t i = 0;
    for (const gate_xml_element *e = gate_xml_child(shape, NULL, "dimension"); e != NULL;
         e = gate_xml_next(e), i++) {
        const gate_xml_element *channel = gate_xml_child(e, NULL, "fcs-dimension");
        const char *name = channel == NULL ? NULL : workspace_attribute(channel, "name");
        if (name == NULL)
            return stroma_fail_at(err, STROMA_E_MALFORMED, e->line, 0,
                                  "a dimension names no channel");
        STROMA_TRY(workspace_channel_of(r, e, name, &dims[i], err));
        d[i].scale = workspace_scale_of(r, name);
        d[i].factor = workspace_linear_factor(r, d[i].scale, dims[i].name);
        STROMA_TRY(workspace_number(e, "min", dims[i].lower, &dims[i].lower, err));
        STROMA_TRY(workspace_number(e, "max", dims[i].upper, &dims[i].upper, err));
        dims[i].lower *= d[i].factor;
        dims[i].upper *= d[i].factor;
    }
    r->out->gates[g].dims = dims;
    r->out->gates[g].dims_len = n;
    return STROMA_OK;
}

/* Edges are parallel to the axes: the linear values decide, and no scale is needed. */
static stroma_status read_rectangle(workspace_reader *r, const gate_xml_element *shape, int g,
                                    stroma_error *err)
{
    shape_dimension d[2];
    r->out->gates[g].kind = STROMA_GATE_RECTANGLE;
    return read_dimensions(r, shape, g, d, 2, err);
}

/* The scale that the sides of the shape are straight on. */
static stroma_status use_scale(workspace_reader *r, const gate_xml_element *shape, int g, size_t i,
                               const shape_dimension *d, stroma_error *err)
{
    workspace_scale *s = d[i].scale;
    stroma_gate_dimension *dim = &r->out->gates[g].dims[i];
    stroma_flowjo_axis *axis = &r->extra[g].axis[i];
    if (s == NULL) {
        stroma_fail_at(err, STROMA_E_MALFORMED, shape->line, 0,
                       "the workspace has no scale for channel \"%.80s\"", dim->name);
        return STROMA_E_MALFORMED;
    }
    if (s->kind == WORKSPACE_SCALE_UNKNOWN) {
        stroma_fail_at(err, STROMA_E_USAGE, shape->line, 0,
                       "channel \"%.80s\" has a scale \"%.40s\", which is not read", dim->name,
                       s->element);
        stroma_hint(err, "in FlowJo give the channel a linear, log, biex, logicle, hyperlog or "
                         "ArcSinh scale and save");
        return STROMA_E_USAGE;
    }
    if (s->kind == WORKSPACE_SCALE_LINEAR) {
        axis->min = s->min * d[i].factor;
        axis->max = s->max * d[i].factor;
        if (!(axis->max - axis->min > 0) || !isfinite(axis->max - axis->min))
            return stroma_fail_at(err, STROMA_E_MALFORMED, s->line, 0,
                                  "the scale of channel \"%.80s\" has no usable range", dim->name);
        return STROMA_OK;
    }
    STROMA_TRY(workspace_scale_use(r, s, err));
    dim->transform = axis->transform = s->transform;
    return STROMA_OK;
}

static stroma_status read_plane(workspace_reader *r, const gate_xml_element *shape, int g,
                                shape_dimension d[2], stroma_error *err)
{
    STROMA_TRY(read_dimensions(r, shape, g, d, 2, err));
    if (r->out->gates[g].dims_len != 2)
        return stroma_fail_at(err, STROMA_E_MALFORMED, shape->line, 0,
                              "<%.60s> has 1 dimension, and takes 2", shape->name);
    for (size_t i = 0; i < 2; i++) {
        STROMA_TRY(use_scale(r, shape, g, i, d, err));
        r->out->gates[g].dims[i].lower = -(double)INFINITY;
        r->out->gates[g].dims[i].upper = (double)INFINITY;
    }
    return STROMA_OK;
}

static stroma_status read_vertex(const gate_xml_element *vertex, double out[2], stroma_error *err)
{
    const gate_xml_element *x = gate_xml_child(vertex, NULL, "coordinate");
    const gate_xml_element *y = x == NULL ? NULL : gate_xml_next(x);
    if (y == NULL || gate_xml_next(y) != NULL)
        return stroma_fail_at(err, STROMA_E_MALFORMED, vertex->line, 0,
                              "a vertex has two coordinates");
    STROMA_TRY(workspace_number(x, "value", (double)NAN, &out[0], err));
    return workspace_number(y, "value", (double)NAN, &out[1], err);
}

static stroma_status read_polygon(workspace_reader *r, const gate_xml_element *shape, int g,
                                  stroma_error *err)
{
    shape_dimension d[2];
    double bins = BINS_DEFAULT;
    r->out->gates[g].kind = STROMA_GATE_POLYGON;
    STROMA_TRY(read_plane(r, shape, g, d, err));
    STROMA_TRY(workspace_number(shape, "gateResolution", BINS_DEFAULT, &bins, err));
    if (!(bins >= 1 && bins <= BINS_MAX) || bins != floor(bins))
        return stroma_fail_at(err, STROMA_E_MALFORMED, shape->line, 0,
                              "gateResolution is %g, and a whole number from 1 to %d", bins,
                              BINS_MAX);
    const size_t n = count(shape, "vertex");
    if (n < 3 || n > VERTICES_MAX)
        return stroma_fail_at(err, STROMA_E_MALFORMED, shape->line, 0,
                              "a polygon of %zu vertices; it has 3 to %d", n, VERTICES_MAX);
    double *v = stroma_arena_alloc(&r->out->arena, 2 * n, sizeof *v);
    if (v == NULL) return stroma_no_memory(err);
    const stroma_gate *gate = &r->out->gates[g];
    size_t k = 0;
    for (const gate_xml_element *e = gate_xml_child(shape, NULL, "vertex"); e != NULL;
         e = gate_xml_next(e), k += 2) {
        STROMA_TRY(read_vertex(e, v + k, err));
        for (size_t i = 0; i < 2; i++) {
            const int t = gate->dims[i].transform;
            v[k + i] *= d[i].factor;
            if (t >= 0) v[k + i] = stroma_transform_value(&r->out->transforms[t], v[k + i]);
            if (!isfinite(v[k + i]))
                return stroma_fail_at(err, STROMA_E_MALFORMED, e->line, 0,
                                      "a vertex lies beyond the scale of channel \"%.80s\"",
                                      gate->dims[i].name);
        }
    }
    r->out->gates[g].vertices = v;
    r->out->gates[g].vertices_len = n;
    r->extra[g].bins = (unsigned)bins;
    return STROMA_OK;
}

static stroma_status read_points(const gate_xml_element *shape, const char *name, size_t n,
                                 double (*out)[2], stroma_error *err)
{
    const gate_xml_element *list = gate_xml_child(shape, NULL, name);
    if (list == NULL || count(list, "vertex") != n)
        return stroma_fail_at(err, STROMA_E_MALFORMED, shape->line, 0,
                              "an ellipse has %zu vertices in <gating:%s>", n, name);
    size_t k = 0;
    for (const gate_xml_element *e = gate_xml_child(list, NULL, "vertex"); e != NULL;
         e = gate_xml_next(e))
        STROMA_TRY(read_vertex(e, out[k++], err));
    return STROMA_OK;
}

/* Units of the gate's scale in one 256th of the plot, and where the plot begins. */
static void plot_units(const workspace_reader *r, int g, size_t i, double *unit, double *origin)
{
    const stroma_flowjo_axis *axis = &r->extra[g].axis[i];
    *origin = 0;
    if (axis->transform < 0) {
        *unit = (axis->max - axis->min) / ELLIPSE_SIDE;
        *origin = axis->min;
    } else {
        const stroma_transform *t = &r->out->transforms[axis->transform];
        const bool channels = t->kind == STROMA_TRANSFORM_BIEX;
        *unit = (channels ? 4096.0 : 1.0) / ELLIPSE_SIDE;
    }
}

/* Foci f and edge: major axis a is half the distance of the outermost two of its points, b² = a² −
 * c². In units of the plot u along the axis: covariance = a² u uᵀ + b² v vᵀ, distance² = 1. */
static stroma_status read_ellipse(workspace_reader *r, const gate_xml_element *shape, int g,
                                  stroma_error *err)
{
    shape_dimension d[2];
    double f[2][2], e[4][2];
    stroma_gate *gate = &r->out->gates[g];
    gate->kind = STROMA_GATE_ELLIPSOID;
    STROMA_TRY(read_plane(r, shape, g, d, err));
    STROMA_TRY(read_points(shape, "foci", 2, f, err));
    STROMA_TRY(read_points(shape, "edge", 4, e, err));
    const double c = hypot(f[1][0] - f[0][0], f[1][1] - f[0][1]) / 2;
    const double first = hypot(e[1][0] - e[0][0], e[1][1] - e[0][1]) / 2;
    const double second = hypot(e[3][0] - e[2][0], e[3][1] - e[2][1]) / 2;
    const double a = first > second ? first : second;
    if (!(a > c) || !isfinite(a))
        return stroma_fail_at(err, STROMA_E_MALFORMED, shape->line, 0,
                              "the foci of an ellipse lie %.6g apart, and its edge %.6g", 2 * c,
                              2 * a);
    const double b2 = a * a - c * c;
    double u[2] = { 1, 0 };
    if (c > 0) {
        u[0] = (f[1][0] - f[0][0]) / (2 * c);
        u[1] = (f[1][1] - f[0][1]) / (2 * c);
    }
    double *mean = stroma_arena_alloc(&r->out->arena, 2, sizeof *mean);
    double *cov = stroma_arena_alloc(&r->out->arena, 4, sizeof *cov);
    if (mean == NULL || cov == NULL) return stroma_no_memory(err);
    double unit[2], origin[2];
    for (size_t i = 0; i < 2; i++) {
        plot_units(r, g, i, &unit[i], &origin[i]);
        mean[i] = origin[i] + (f[0][i] + f[1][i]) / 2 * unit[i];
    }
    const double v[2] = { -u[1], u[0] };
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < 2; j++)
            cov[2 * i + j] = (a * a * u[i] * u[j] + b2 * v[i] * v[j]) * unit[i] * unit[j];
    gate = &r->out->gates[g];
    gate->mean = mean;
    gate->covariance = cov;
    gate->distance_square = 1;
    r->extra[g].bins = ELLIPSE_SIDE;
    return STROMA_OK;
}

static const struct {
    const char *element;
    stroma_status (*read)(workspace_reader *, const gate_xml_element *, int, stroma_error *);
} shapes[] = {
    { "RectangleGate", read_rectangle },
    { "PolygonGate", read_polygon },
    { "EllipsoidGate", read_ellipse },
};

stroma_status workspace_read_shape(workspace_reader *r, const gate_xml_element *shape, int g,
                                   stroma_error *err)
{
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        if (strcmp(shape->name, shapes[i].element) == 0) return shapes[i].read(r, shape, g, err);
    stroma_fail_at(err, STROMA_E_USAGE, shape->line, 0, "a shape \"%.60s\" is not read",
                   shape->name);
    stroma_hint(err, "redraw it in FlowJo as a rectangle, polygon, ellipse or straight quadrants");
    return STROMA_E_USAGE;
}
