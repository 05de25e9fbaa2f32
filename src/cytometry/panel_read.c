/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The panel file. */
#include "panel.h"

#include "stroma/file.h"
#include "stroma/number.h"

#include <math.h>
#include <string.h>

enum { ARENA_LIMIT_BYTES = 16 << 20, FILE_MAX_BYTES = 4 << 20, MARKERS_MAX = 1000 };

static const stroma_panel_scale logicle = {
    .kind = STROMA_TRANSFORM_LOGICLE, .t = 262144, .w = 0.5, .m = 4.5, .a = 0, .auto_t = true
};
static const stroma_panel_scale linear = {
    .kind = STROMA_TRANSFORM_LINEAR, .t = 262144, .m = 4.5, .auto_t = true
};

void stroma_panel_init(stroma_panel *p)
{
    *p = (stroma_panel){ .source = "",
                         .id = "",
                         .title = "",
                         .instrument = "",
                         .compensate = true,
                         .fluorescence = logicle };
    stroma_arena_init(&p->arena, ARENA_LIMIT_BYTES);
}

void stroma_panel_clear(stroma_panel *p)
{
    stroma_free(p->markers);
    stroma_arena_clear(&p->arena);
    *p = (stroma_panel){ .source = "" };
}

size_t stroma_panel_marker_find(const stroma_panel *p, const char *name)
{
    for (size_t i = 0; i < p->markers_len; i++)
        if (stroma_panel_same_marker(p, p->markers[i].name, name)) return i;
    return SIZE_MAX;
}

size_t stroma_panel_marker_add(stroma_panel *p, const char *name)
{
    const size_t at = stroma_panel_marker_find(p, name);
    if (at != SIZE_MAX) return at;
    char *copy = stroma_arena_strdup(&p->arena, name);
    if (copy == NULL || stroma_grow(&p->markers, &p->markers_capacity, p->markers_len + 1,
                                    sizeof *p->markers, NULL) != STROMA_OK)
        return SIZE_MAX;
    const bool scatter = panel_is_scatter(name);
    p->markers[p->markers_len] =
        (stroma_panel_marker){ .name = copy,
                               .role = scatter ? "scatter" : "state",
                               .scatter = scatter,
                               .scale = scatter ? linear : p->fluorescence };
    return p->markers_len++;
}

static stroma_status fail_at(const stroma_panel *p, const stroma_yaml_node *n, stroma_error *err,
                             const char *what, const char *given)
{
    return stroma_fail_at(err, STROMA_E_MALFORMED, n == NULL ? 0 : n->line,
                          n == NULL ? 0 : n->column, "panel file \"%s\": %s \"%.60s\"", p->source,
                          what, given);
}

/* A number, or the word auto. */
static bool number_or_auto(const stroma_yaml_node *map, const char *key, double *x, bool *is_auto)
{
    const char *text = stroma_yaml_text(map, key, NULL);
    if (text == NULL) return true;
    *is_auto = strcmp(text, "auto") == 0;
    return *is_auto || stroma_parse_double(text, strlen(text), '.', x);
}

static stroma_status read_scale(const stroma_panel *p, const stroma_yaml_node *n,
                                stroma_panel_scale *s, stroma_error *err)
{
    static const struct {
        const char *name;
        stroma_transform_kind kind;
    } kinds[] = { { "linear", STROMA_TRANSFORM_LINEAR },
                  { "log", STROMA_TRANSFORM_LOG },
                  { "asinh", STROMA_TRANSFORM_ASINH },
                  { "logicle", STROMA_TRANSFORM_LOGICLE },
                  { "hyperlog", STROMA_TRANSFORM_HYPERLOG } };
    if (n == NULL) return STROMA_OK;
    const char *kind = stroma_yaml_text(n, "kind", NULL);
    for (size_t i = 0; kind != NULL && i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].name, kind) == 0 && s->kind != kinds[i].kind) {
            *s = kinds[i].kind == STROMA_TRANSFORM_LINEAR ? linear : logicle;
            s->kind = kinds[i].kind;
        }
    bool unused = false;
    if (!number_or_auto(n, "T", &s->t, &s->auto_t))
        return fail_at(p, stroma_yaml_get(n, "T"), err, "T is a number or auto, not",
                       stroma_yaml_text(n, "T", ""));
    if (!number_or_auto(n, "W", &s->w, &s->auto_w))
        return fail_at(p, stroma_yaml_get(n, "W"), err, "W is a number or auto, not",
                       stroma_yaml_text(n, "W", ""));
    (void)number_or_auto(n, "M", &s->m, &unused);
    (void)number_or_auto(n, "A", &s->a, &unused);
    stroma_transform t;
    stroma_error why = STROMA_ERROR_INIT;
    if (stroma_transform_make(s->kind, s->t, s->w, s->m, s->a, NULL, &t, &why) != STROMA_OK)
        return fail_at(p, n, err, "the scale is not possible:", why.message);
    return STROMA_OK;
}

static stroma_status read_synonyms(stroma_panel *p, const stroma_yaml_node *n, stroma_error *err)
{
    if (n == NULL || n->len == 0) return STROMA_OK;
    if (n->type != STROMA_YAML_MAP)
        return fail_at(p, n, err, "marker → other names is wanted for", "synonyms");
    panel_synonym *all = stroma_arena_alloc(&p->arena, n->len, sizeof *all);
    if (all == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n->len; i++) {
        const char **texts = NULL, **ended = NULL;
        const size_t len = stroma_yaml_texts(n->items[i], &p->arena, &texts);
        ended = stroma_arena_alloc(&p->arena, len + 1, sizeof *ended);
        if (ended == NULL || (len > 0 && texts == NULL)) return stroma_no_memory(err);
        for (size_t k = 0; k < len; k++)
            ended[k] = texts[k];
        all[i] = (panel_synonym){ n->keys[i]->text, ended, p->source };
    }
    p->extra = all;
    p->extra_len = n->len;
    return STROMA_OK;
}

static stroma_status read_marker(stroma_panel *p, const char *name, const stroma_yaml_node *n,
                                 stroma_error *err)
{
    if (stroma_panel_marker_find(p, name) != SIZE_MAX)
        return fail_at(p, n, err,
                       "this marker stands there already, by this or another name:", name);
    if (p->markers_len >= MARKERS_MAX)
        return fail_at(p, n, err, "more markers than 1000, at", name);
    const size_t at = stroma_panel_marker_add(p, name);
    if (at == SIZE_MAX) return stroma_no_memory(err);
    stroma_panel_marker *m = &p->markers[at];
    m->line = n->line;
    if (n->type == STROMA_YAML_SCALAR) {
        m->channel = stroma_yaml_is_null(n) ? NULL : n->text;
        return STROMA_OK;
    }
    m->channel = stroma_yaml_text(n, "channel", NULL);
    m->role = stroma_yaml_text(n, "role", m->role);
    if (strcmp(m->role, "scatter") == 0 || strcmp(m->role, "time") == 0) {
        m->scatter = true;
        m->scale = linear;
    }
    const stroma_yaml_node *controls = stroma_yaml_get(n, "controls");
    for (size_t i = 0; i < stroma_yaml_count(controls); i++) {
        const stroma_yaml_node *c = stroma_yaml_at(controls, i);
        const char *word = c->type == STROMA_YAML_SCALAR ? c->text : "";
        m->fmo = m->fmo || strcmp(word, "fmo") == 0;
        m->isotype = m->isotype || strcmp(word, "isotype") == 0;
        if (strcmp(word, "fmo") != 0 && strcmp(word, "isotype") != 0)
            return fail_at(p, c, err, "a control is fmo or isotype, not", word);
    }
    return read_scale(p, stroma_yaml_get(n, "scale"), &m->scale, err);
}

static stroma_status read_root(stroma_panel *p, const stroma_yaml_node *root, stroma_error *err)
{
    if (stroma_yaml_number(root, "stroma_panel", NAN) != 1)
        return fail_at(p, stroma_yaml_get(root, "stroma_panel"), err,
                       "the only version of this format is 1, not",
                       stroma_yaml_text(root, "stroma_panel", ""));
    p->id = stroma_yaml_text(root, "id", "");
    p->title = stroma_yaml_text(root, "title", "");
    p->instrument = stroma_yaml_text(root, "instrument", "");
    p->compensate = strcmp(stroma_yaml_text(root, "compensation", "file"), "file") == 0;
    STROMA_TRY(read_scale(p, stroma_yaml_get(root, "scale"), &p->fluorescence, err));
    STROMA_TRY(read_synonyms(p, stroma_yaml_get(root, "synonyms"), err));
    const stroma_yaml_node *markers = stroma_yaml_get(root, "markers");
    for (size_t i = 0; markers != NULL && i < markers->len; i++)
        STROMA_TRY(read_marker(p, markers->keys[i]->text, markers->items[i], err));
    const stroma_yaml_node *dead = stroma_yaml_get(root, "dead_cells");
    p->dead_marker = stroma_yaml_text(dead, "marker", NULL);
    p->dead_rule = stroma_yaml_text(dead, "rule", NULL);
    if (p->dead_marker != NULL && stroma_panel_marker_find(p, p->dead_marker) == SIZE_MAX)
        return fail_at(p, dead, err,
                       "the dead-cell rule names a marker that the panel lacks:", p->dead_marker);
    return STROMA_OK;
}

stroma_status stroma_panel_parse(const char *text, size_t size, const char *name, stroma_diag *diag,
                                 stroma_panel *out, stroma_error *err)
{
    stroma_panel_init(out);
    out->source = stroma_arena_strdup(&out->arena, name);
    stroma_yaml_node *root = NULL;
    stroma_status s = out->source == NULL ? stroma_no_memory(err) : STROMA_OK;
    if (s == STROMA_OK) s = stroma_yaml_read(text, size, &out->arena, &root, err);
    if (s == STROMA_OK) s = stroma_schema_check(name, root, &panel_schema, diag, err);
    if (s == STROMA_OK) s = read_root(out, root, err);
    if (s != STROMA_OK) stroma_panel_clear(out);
    return s;
}

stroma_status stroma_panel_read(const char *path_or_name, stroma_diag *diag, stroma_panel *out,
                                stroma_error *err)
{
    const char *shipped = stroma_panel_text(path_or_name);
    if (shipped != NULL)
        return stroma_panel_parse(shipped, strlen(shipped), path_or_name, diag, out, err);
    stroma_panel_init(out);
    stroma_bytes b;
    STROMA_TRY(stroma_bytes_read(path_or_name, FILE_MAX_BYTES, &b, err));
    const stroma_status s =
        stroma_panel_parse((const char *)b.data, b.size, path_or_name, diag, out, err);
    stroma_bytes_clear(&b);
    return s;
}
