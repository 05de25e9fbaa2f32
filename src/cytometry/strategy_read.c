/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The strategy file. */
#include "strategy.h"

#include "stroma/file.h"
#include "stroma/suggest.h"

#include <math.h>
#include <string.h>

enum { ARENA_LIMIT_BYTES = 16 << 20, FILE_MAX_BYTES = 4 << 20, POPULATIONS_MAX = 1000 };

stroma_status strategy_fail_at(const stroma_gating_strategy *s, const stroma_yaml_node *n,
                               stroma_error *err, const char *what, const char *given)
{
    return stroma_fail_at(err, STROMA_E_MALFORMED, n == NULL ? 0 : n->line,
                          n == NULL ? 0 : n->column, "strategy file \"%s\": %s \"%.60s\"",
                          s->source, what, given);
}

size_t strategy_find_name(const stroma_gating_strategy *s, const char *id)
{
    for (size_t i = 0; i < s->names_len; i++)
        if (strcmp(s->names[i].id, id) == 0) return i;
    return SIZE_MAX;
}

/* Gate ids stand in XML: they begin with a letter. */
static stroma_status add_name(stroma_gating_strategy *s, const stroma_yaml_node *n, const char *id,
                              const char *label, int region, stroma_error *err)
{
    const char c = id[0];
    for (const char *p = id; *p != '\0'; p++)
        if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
              *p == '_' || *p == '.' || *p == '-'))
            return strategy_fail_at(s, n, err, "an id has letters, digits and _ . - only, not", id);
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) || strcmp(id, "all") == 0)
        return strategy_fail_at(s, n, err, "an id begins with a letter and is not \"all\":", id);
    if (strategy_find_name(s, id) != SIZE_MAX)
        return strategy_fail_at(s, n, err, "a second population is called", id);
    s->names[s->names_len++] = (strategy_name){ id, label, s->populations_len, region };
    return STROMA_OK;
}

static stroma_status find_above(const stroma_gating_strategy *s, const stroma_yaml_node *n,
                                const char *id, size_t *out, stroma_error *err)
{
    *out = strategy_find_name(s, id);
    if (*out != SIZE_MAX) return STROMA_OK;
    const char *names[64];
    size_t len = 0;
    while (len < s->names_len && len < 64) {
        names[len] = s->names[len].id;
        len++;
    }
    const stroma_status status = strategy_fail_at(s, n, err, "no population above is called", id);
    const char *near = stroma_nearest(id, names, len);
    if (near != NULL)
        stroma_hint(err, "did you mean \"%s\"? parents stand above their children", near);
    return status;
}

static stroma_status read_boolean(stroma_gating_strategy *s, const stroma_yaml_node *n,
                                  strategy_population *p, stroma_error *err)
{
    const char *word = stroma_yaml_text(n, "operation", "and"), **of = NULL;
    p->kind = STRATEGY_BOOLEAN;
    p->operation = strcmp(word, "or") == 0    ? STROMA_GATE_OR
                   : strcmp(word, "not") == 0 ? STROMA_GATE_NOT
                                              : STROMA_GATE_AND;
    const stroma_yaml_node *list = stroma_yaml_get(n, "of");
    p->uses_len = stroma_yaml_texts(list, &s->arena, &of);
    if (p->uses_len < (p->operation == STROMA_GATE_NOT ? 1U : 2U) ||
        (p->operation == STROMA_GATE_NOT && p->uses_len != 1))
        return strategy_fail_at(s, list == NULL ? n : list, err,
                                "and, or take two populations or more, not takes one, in", p->id);
    p->use = stroma_arena_alloc(&s->arena, p->uses_len, sizeof *p->use);
    p->complement = stroma_arena_alloc(&s->arena, p->uses_len, sizeof *p->complement);
    if (of == NULL || p->use == NULL || p->complement == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < p->uses_len; i++) {
        p->complement[i] = strncmp(of[i], "not ", 4) == 0;
        STROMA_TRY(find_above(s, list, of[i] + (p->complement[i] ? 4 : 0), &p->use[i], err));
    }
    return STROMA_OK;
}

static stroma_status read_regions(stroma_gating_strategy *s, const stroma_yaml_node *n,
                                  strategy_population *p, stroma_error *err)
{
    const stroma_yaml_node *regions = stroma_yaml_get(n, "regions");
    for (size_t i = 0; i < 4; i++)
        p->region[i] = SIZE_MAX;
    if (regions == NULL || regions->type != STROMA_YAML_MAP || regions->len == 0)
        return strategy_fail_at(s, n, err, "regions are needed for the quadrant", p->id);
    for (size_t i = 0; i < regions->len; i++) {
        const char *sign = regions->keys[i]->text;
        const stroma_yaml_node *id = regions->items[i];
        if (strlen(sign) != 2 || strspn(sign, "+-") != 2 || id->type != STROMA_YAML_SCALAR)
            return strategy_fail_at(s, regions->keys[i], err,
                                    "a region is ++, +-, -+ or -- and has an id, not", sign);
        const int at = (sign[0] == '+') + 2 * (sign[1] == '+');
        if (p->region[at] != SIZE_MAX)
            return strategy_fail_at(s, regions->keys[i], err,
                                    "this region stands there twice:", sign);
        p->region[at] = s->names_len;
        STROMA_TRY(add_name(s, id, id->text, id->text, at, err));
    }
    return STROMA_OK;
}

static stroma_status read_quadrant(stroma_gating_strategy *s, const stroma_yaml_node *n,
                                   strategy_population *p, stroma_error *err)
{
    const stroma_yaml_node *edges = stroma_yaml_get(n, "edges");
    p->kind = STRATEGY_QUADRANT;
    if (p->markers_len != 2 || stroma_yaml_count(edges) != 2)
        return strategy_fail_at(s, n, err, "two markers and two edges are needed for the quadrant",
                                p->id);
    for (size_t i = 0; i < 2; i++) {
        const stroma_yaml_node *at = stroma_yaml_at(edges, i);
        STROMA_TRY(strategy_read_rule(s, at, 1, &p->rule[i], err));
        if (stroma_yaml_get(at, "keep") != NULL)
            return strategy_fail_at(s, at, err, "the regions say which side is meant, not", "keep");
    }
    return read_regions(s, n, p, err);
}

/* Keys that only one kind of population takes. */
static stroma_status check_kind(const stroma_gating_strategy *s, const stroma_yaml_node *n,
                                const strategy_population *p, stroma_error *err)
{
    static const struct {
        const char *key;
        strategy_kind kind;
    } only[] = { { "edges", STRATEGY_QUADRANT },
                 { "regions", STRATEGY_QUADRANT },
                 { "operation", STRATEGY_BOOLEAN },
                 { "of", STRATEGY_BOOLEAN } };
    for (size_t i = 0; i < sizeof only / sizeof only[0]; i++)
        if (stroma_yaml_get(n, only[i].key) != NULL && p->kind != only[i].kind)
            return strategy_fail_at(
                s, stroma_yaml_get(n, only[i].key), err,
                "this key belongs to a quadrant or boolean population:", only[i].key);
    return STROMA_OK;
}

static stroma_status read_population(stroma_gating_strategy *s, const stroma_yaml_node *n,
                                     stroma_error *err)
{
    strategy_population *p = &s->populations[s->populations_len];
    const char **markers = NULL, *parent = stroma_yaml_text(n, "parent", "all"),
               *method = stroma_yaml_text(n, "method", "");
    *p = (strategy_population){ .id = stroma_yaml_text(n, "id", ""),
                                .parent = SIZE_MAX,
                                .optional = stroma_yaml_bool(n, "optional", false),
                                .line = n->line };
    p->label = stroma_yaml_text(n, "label", p->id);
    if (strcmp(parent, "all") != 0)
        STROMA_TRY(find_above(s, stroma_yaml_get(n, "parent"), parent, &p->parent, err));
    const size_t len = stroma_yaml_texts(stroma_yaml_get(n, "markers"), &s->arena, &markers);
    if (len > 2)
        return strategy_fail_at(s, stroma_yaml_get(n, "markers"), err,
                                "a population has one or two markers, more has", p->id);
    if (len > 0 && markers == NULL) return stroma_no_memory(err);
    p->markers_len = len;
    for (size_t i = 0; i < len; i++)
        p->marker[i] = markers[i];
    if (strcmp(method, "boolean") == 0)
        STROMA_TRY(read_boolean(s, n, p, err));
    else if (strcmp(method, "quadrant") == 0)
        STROMA_TRY(read_quadrant(s, n, p, err));
    STROMA_TRY(check_kind(s, n, p, err));
    if (p->kind == STRATEGY_GATE) {
        if (len == 0)
            return strategy_fail_at(s, n, err, "markers are needed for the population", p->id);
        STROMA_TRY(strategy_read_rule(s, n, len, &p->rule[0], err));
    }
    if (p->kind != STRATEGY_QUADRANT) STROMA_TRY(add_name(s, n, p->id, p->label, -1, err));
    s->populations_len++;
    return STROMA_OK;
}

static stroma_status read_index(stroma_gating_strategy *s, const stroma_yaml_node *n,
                                stroma_gating_index *x, stroma_error *err)
{
    size_t at = 0;
    *x = (stroma_gating_index){ .id = stroma_yaml_text(n, "id", ""),
                                .population = stroma_yaml_text(n, "population", ""),
                                .statistic = stroma_yaml_text(n, "statistic", "percent"),
                                .of = stroma_yaml_text(n, "of", NULL),
                                .over = stroma_yaml_text(n, "over", NULL),
                                .marker = stroma_yaml_text(n, "marker", NULL),
                                .source = stroma_yaml_text(n, "source", NULL),
                                .at_least = stroma_yaml_number(n, "at_least", NAN),
                                .at_most = stroma_yaml_number(n, "at_most", NAN) };
    x->label = stroma_yaml_text(n, "label", x->id);
    STROMA_TRY(find_above(s, n, x->population, &at, err));
    if (x->of != NULL && strcmp(x->of, "all") != 0) STROMA_TRY(find_above(s, n, x->of, &at, err));
    if (x->over != NULL) STROMA_TRY(find_above(s, n, x->over, &at, err));
    return STROMA_OK;
}

static stroma_status read_root(stroma_gating_strategy *s, const stroma_yaml_node *root,
                               stroma_error *err)
{
    if (stroma_yaml_number(root, "stroma_strategy", NAN) != 1)
        return strategy_fail_at(s, stroma_yaml_get(root, "stroma_strategy"), err,
                                "the only version of this format is 1, not",
                                stroma_yaml_text(root, "stroma_strategy", ""));
    s->id = stroma_yaml_text(root, "id", "");
    s->title = stroma_yaml_text(root, "title", "");
    s->panel = stroma_yaml_text(root, "panel", NULL);
    const stroma_yaml_node *list = stroma_yaml_get(root, "populations"),
                           *indices = stroma_yaml_get(root, "indices");
    const size_t len = stroma_yaml_count(list), more = stroma_yaml_count(indices);
    if (len == 0 || len > POPULATIONS_MAX || more > POPULATIONS_MAX)
        return strategy_fail_at(s, list, err, "a strategy has 1 to 1000 populations, not so",
                                s->id);
    s->populations = stroma_arena_alloc(&s->arena, len, sizeof *s->populations);
    s->names = stroma_arena_alloc(&s->arena, 4 * len, sizeof *s->names);
    s->indices = stroma_arena_alloc(&s->arena, more + 1, sizeof *s->indices);
    if (s->populations == NULL || s->names == NULL || s->indices == NULL)
        return stroma_no_memory(err);
    for (size_t i = 0; i < len; i++)
        STROMA_TRY(read_population(s, stroma_yaml_at(list, i), err));
    for (size_t i = 0; i < more; i++)
        STROMA_TRY(read_index(s, stroma_yaml_at(indices, i), &s->indices[s->indices_len++], err));
    return STROMA_OK;
}

stroma_status stroma_gating_strategy_parse(const char *text, size_t size, const char *name,
                                           stroma_diag *diag, stroma_gating_strategy **out,
                                           stroma_error *err)
{
    *out = NULL;
    stroma_gating_strategy *s = stroma_alloc_array(1, sizeof *s);
    if (s == NULL) return stroma_no_memory(err);
    stroma_arena_init(&s->arena, ARENA_LIMIT_BYTES);
    s->source = stroma_arena_strdup(&s->arena, name);
    stroma_yaml_node *root = NULL;
    stroma_status st = s->source == NULL ? stroma_no_memory(err) : STROMA_OK;
    if (st == STROMA_OK) st = stroma_yaml_read(text, size, &s->arena, &root, err);
    if (st == STROMA_OK) st = stroma_schema_check(name, root, &strategy_schema, diag, err);
    if (st == STROMA_OK) st = read_root(s, root, err);
    if (st == STROMA_OK)
        *out = s;
    else
        stroma_gating_strategy_free(s);
    return st;
}

stroma_status stroma_gating_strategy_read(const char *path_or_name, stroma_diag *diag,
                                          stroma_gating_strategy **out, stroma_error *err)
{
    *out = NULL;
    const char *shipped = stroma_gating_strategy_text(path_or_name);
    if (shipped != NULL)
        return stroma_gating_strategy_parse(shipped, strlen(shipped), path_or_name, diag, out, err);
    stroma_bytes b;
    STROMA_TRY(stroma_bytes_read(path_or_name, FILE_MAX_BYTES, &b, err));
    const stroma_status st =
        stroma_gating_strategy_parse((const char *)b.data, b.size, path_or_name, diag, out, err);
    stroma_bytes_clear(&b);
    return st;
}

void stroma_gating_strategy_free(stroma_gating_strategy *s)
{
    if (s == NULL) return;
    stroma_arena_clear(&s->arena);
    stroma_free(s);
}

const char *stroma_gating_strategy_id(const stroma_gating_strategy *s)
{
    return s->id;
}

const char *stroma_gating_strategy_title(const stroma_gating_strategy *s)
{
    return s->title;
}

const char *stroma_gating_strategy_panel(const stroma_gating_strategy *s)
{
    return s->panel;
}

const stroma_gating_index *stroma_gating_strategy_indices(const stroma_gating_strategy *s,
                                                          size_t *n)
{
    *n = s->indices_len;
    return s->indices;
}

stroma_status stroma_gating_strategy_markers(const stroma_gating_strategy *s, stroma_panel *p,
                                             stroma_error *err)
{
    for (size_t i = 0; i < s->populations_len; i++)
        for (size_t k = 0; k < s->populations[i].markers_len; k++) {
            const size_t at = stroma_panel_marker_add(p, s->populations[i].marker[k]);
            if (at == SIZE_MAX) return stroma_no_memory(err);
            p->markers[at].may_lack = true;
        }
    for (size_t i = 0; i < s->populations_len; i++)
        for (size_t k = 0; k < s->populations[i].markers_len; k++)
            if (!s->populations[i].optional)
                p->markers[stroma_panel_marker_find(p, s->populations[i].marker[k])].may_lack =
                    false;
    for (size_t i = 0; i < s->indices_len; i++)
        if (s->indices[i].marker != NULL &&
            stroma_panel_marker_add(p, s->indices[i].marker) == SIZE_MAX)
            return stroma_no_memory(err);
    return STROMA_OK;
}
