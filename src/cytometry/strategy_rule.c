/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One rule of a strategy: a method and its settings, held against what the method takes. */
#include "strategy.h"

#include "stroma/number.h"
#include "stroma/suggest.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { VERTICES_MAX = 1000 };

static const learn_rule nothing_said = { .low = -(double)INFINITY,
                                         .high = (double)INFINITY,
                                         .pivot = (double)NAN,
                                         .quantile = (double)NAN,
                                         .min_depth = (double)NAN,
                                         .width = (double)NAN,
                                         .max_shift = (double)NAN,
                                         .target = { (double)NAN, (double)NAN },
                                         .min = { -(double)INFINITY, -(double)INFINITY },
                                         .max = { (double)INFINITY, (double)INFINITY } };

/* The i-th number of a list, or of one value; null stays as it was. */
static bool number_at(const stroma_yaml_node *n, size_t i, double *x)
{
    const stroma_yaml_node *v = stroma_yaml_at(n, i);
    if (v == NULL || v->type != STROMA_YAML_SCALAR) return false;
    if (stroma_yaml_is_null(v)) return true;
    return stroma_parse_double(v->text, strlen(v->text), '.', x) && fabs(*x) <= 1e15;
}

static stroma_status numbers(stroma_gating_strategy *s, const stroma_yaml_node *map,
                             const char *key, size_t channels, double *out, stroma_error *err)
{
    const stroma_yaml_node *n = stroma_yaml_get(map, key);
    if (n == NULL) return STROMA_OK;
    bool good = stroma_yaml_count(n) == channels && n->type != STROMA_YAML_MAP;
    for (size_t i = 0; good && i < channels; i++)
        good = number_at(n, i, &out[i]);
    return good ? STROMA_OK : strategy_fail_at(s, n, err, "one number a marker is wanted for", key);
}

static stroma_status read_vertices(stroma_gating_strategy *s, const stroma_yaml_node *map,
                                   learn_rule *r, stroma_error *err)
{
    const stroma_yaml_node *n = stroma_yaml_get(map, "vertices");
    if (n == NULL) return STROMA_OK;
    if (n->type != STROMA_YAML_LIST || n->len < 3 || n->len > VERTICES_MAX)
        return strategy_fail_at(s, n, err, "a polygon has 3 to 1000 vertices, in", "vertices");
    r->vertices = stroma_arena_alloc(&s->arena, 2 * n->len, sizeof *r->vertices);
    if (r->vertices == NULL) return stroma_no_memory(err);
    r->vertices_len = n->len;
    for (size_t i = 0; i < n->len; i++) {
        double *v = &r->vertices[2 * i];
        v[0] = v[1] = (double)NAN;
        if (n->items[i]->type != STROMA_YAML_LIST || n->items[i]->len != 2 ||
            !number_at(n->items[i], 0, &v[0]) || !number_at(n->items[i], 1, &v[1]) || isnan(v[0]) ||
            isnan(v[1]))
            return strategy_fail_at(s, n->items[i], err, "a vertex is [x, y], in", "vertices");
    }
    return STROMA_OK;
}

/* A number within its limits; absent leaves it. */
static stroma_status limited(stroma_gating_strategy *s, const stroma_yaml_node *map,
                             const char *key, double low, double high, double *x, stroma_error *err)
{
    char text[100];
    const stroma_yaml_node *n = stroma_yaml_get(map, key);
    if (n == NULL) return STROMA_OK;
    *x = stroma_yaml_number(map, key, NAN);
    if (*x >= low && *x <= high) return STROMA_OK;
    (void)snprintf(text, sizeof text, "%s lies from %g to %g, not", key, low, high);
    return strategy_fail_at(s, n, err, text, stroma_yaml_text(map, key, ""));
}

static stroma_status read_numbers(stroma_gating_strategy *s, const stroma_yaml_node *n,
                                  learn_rule *r, stroma_error *err)
{
    const stroma_yaml_node *range = stroma_yaml_get(n, "range");
    double components = 0;
    if (range != NULL &&
        !(number_at(range, 0, &r->low) && number_at(range, 1, &r->high) && r->low < r->high))
        return strategy_fail_at(s, range, err, "a range is [low, high], in", "range");
    STROMA_TRY(limited(s, n, "pivot", -10, 10, &r->pivot, err));
    STROMA_TRY(limited(s, n, "min_depth", 0.01, 1, &r->min_depth, err));
    STROMA_TRY(limited(s, n, "bandwidth", 1e-6, 1, &r->bandwidth, err));
    STROMA_TRY(limited(s, n, "quantile", 0.5, 0.9999, &r->quantile, err));
    STROMA_TRY(limited(s, n, "width", 1, 20, &r->width, err));
    STROMA_TRY(limited(s, n, "max_shift", 0, 1, &r->max_shift, err));
    STROMA_TRY(limited(s, n, "components", 1, LEARN_COMPONENTS_MAX, &components, err));
    r->components = (int)components;
    r->keep_below = strcmp(stroma_yaml_text(n, "keep", "above"), "below") == 0;
    return STROMA_OK;
}

/* Keys that belong to the population, not to its rule. */
static bool of_population(const char *key)
{
    static const char known[] = " id label parent optional markers fallback method ";
    char word[40];
    if (strlen(key) > 30) return false;
    (void)snprintf(word, sizeof word, " %s ", key);
    return strstr(known, word) != NULL;
}

static stroma_status check_keys(stroma_gating_strategy *s, const stroma_yaml_node *n,
                                const learn_method *m, stroma_error *err)
{
    char word[40], what[80];
    for (size_t i = 0; i < n->len; i++) {
        const char *key = n->keys[i]->text;
        if (of_population(key)) continue;
        (void)snprintf(word, sizeof word, " %.30s ", key);
        if (strstr(m->keys, word) != NULL) continue;
        (void)snprintf(what, sizeof what, "the method \"%s\" does not take the key", m->name);
        return strategy_fail_at(s, n->keys[i], err, what, key);
    }
    return STROMA_OK;
}

static stroma_status find_method(stroma_gating_strategy *s, const stroma_yaml_node *n,
                                 const learn_method **out, stroma_error *err)
{
    const char *name = stroma_yaml_text(n, "method", ""), *names[16];
    size_t len = 0;
    const learn_method *const *all = learn_methods(&len);
    *out = learn_method_find(name);
    if (*out != NULL) return STROMA_OK;
    for (size_t i = 0; i < len && i < 16; i++)
        names[i] = all[i]->name;
    const char *near = stroma_nearest(name, names, len);
    const stroma_status status =
        strategy_fail_at(s, stroma_yaml_get(n, "method"), err, "no method is called", name);
    if (near != NULL)
        stroma_hint(err, "did you mean \"%s\"?", near);
    else
        stroma_hint(err, "`stroma gate strategies --methods` lists the methods");
    return status;
}

static stroma_status read_one(stroma_gating_strategy *s, const stroma_yaml_node *n, size_t channels,
                              learn_rule *out, stroma_error *err)
{
    char what[100];
    *out = nothing_said;
    out->line = n->line;
    STROMA_TRY(find_method(s, n, &out->method, err));
    const learn_method *m = out->method;
    if (channels < m->channels_min || channels > m->channels_max) {
        (void)snprintf(what, sizeof what, "%zu marker%s, but that many do not go with the method",
                       channels, channels == 1 ? "" : "s");
        return strategy_fail_at(s, stroma_yaml_get(n, "method"), err, what, m->name);
    }
    STROMA_TRY(check_keys(s, n, m, err));
    STROMA_TRY(read_numbers(s, n, out, err));
    STROMA_TRY(numbers(s, n, "min", channels, out->min, err));
    STROMA_TRY(numbers(s, n, "max", channels, out->max, err));
    STROMA_TRY(numbers(s, n, "target", channels, out->target, err));
    STROMA_TRY(read_vertices(s, n, out, err));
    if (m == &learn_polygon && out->vertices == NULL)
        return strategy_fail_at(s, n, err, "vertices are needed for the method", m->name);
    if (m != &learn_reference) return STROMA_OK;
    const stroma_yaml_node *edge = stroma_yaml_get(n, "edge");
    if (edge == NULL) return strategy_fail_at(s, n, err, "edge is needed for the method", m->name);
    learn_rule *own = stroma_arena_alloc(&s->arena, 1, sizeof *own);
    if (own == NULL) return stroma_no_memory(err);
    STROMA_TRY(read_one(s, edge, channels, own, err));
    if (own->method == &learn_reference)
        return strategy_fail_at(s, edge, err,
                                "the edge of a reference is found by another method than",
                                own->method->name);
    own->keep_below = out->keep_below;
    out->edge = own;
    return STROMA_OK;
}

stroma_status strategy_read_rule(stroma_gating_strategy *s, const stroma_yaml_node *n,
                                 size_t channels, learn_rule *out, stroma_error *err)
{
    STROMA_TRY(read_one(s, n, channels, out, err));
    const stroma_yaml_node *list = stroma_yaml_get(n, "fallback");
    const size_t len = stroma_yaml_count(list);
    if (len == 0) return STROMA_OK;
    learn_rule *all = stroma_arena_alloc(&s->arena, len, sizeof *all);
    if (all == NULL) return stroma_no_memory(err);
    out->fallback = all;
    for (size_t i = 0; i < len; i++) {
        const stroma_yaml_node *at = stroma_yaml_at(list, i);
        STROMA_TRY(read_one(s, at, channels, &all[i], err));
        /* The side is the population's, whichever rule finds the edge. */
        if (stroma_yaml_get(at, "keep") != NULL)
            return strategy_fail_at(s, at, err, "a fallback keeps the side of the first rule, not",
                                    "keep");
        all[i].keep_below = out->keep_below;
        all[i].fallback = i + 1 < len ? &all[i + 1] : NULL;
    }
    return STROMA_OK;
}
