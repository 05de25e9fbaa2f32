/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/yaml.h"

#include "stroma/number.h"

#include <string.h>
#include <yaml.h>

enum { STROMA_YAML_DEPTH_MAX = 24, YAML_NODES_MAX = 200000 };

typedef struct reader {
    yaml_parser_t parser;
    stroma_arena *arena;
    stroma_error *err;
    size_t n_nodes;
} reader;

static stroma_status next(reader *r, yaml_event_t *e)
{
    if (yaml_parser_parse(&r->parser, e)) return STROMA_OK;
    const yaml_mark_t at = r->parser.problem_mark;
    if (r->parser.error == YAML_MEMORY_ERROR) return stroma_no_memory(r->err);
    return stroma_fail_at(r->err, STROMA_E_MALFORMED, (int64_t)at.line + 1, (int64_t)at.column + 1,
                          "not valid YAML: %s",
                          r->parser.problem != NULL ? r->parser.problem : "unknown problem");
}

static stroma_status new_node(reader *r, stroma_yaml_type type, const yaml_event_t *e,
                              stroma_yaml_node **out)
{
    if (++r->n_nodes > YAML_NODES_MAX)
        return stroma_fail(r->err, STROMA_E_MALFORMED, "more than %d YAML nodes", YAML_NODES_MAX);
    stroma_yaml_node *n = stroma_arena_alloc(r->arena, 1, sizeof *n);
    if (n == NULL) return stroma_no_memory(r->err);
    n->type = type;
    n->line = (int64_t)e->start_mark.line + 1;
    n->column = (int64_t)e->start_mark.column + 1;
    *out = n;
    return STROMA_OK;
}

static stroma_status refuse(reader *r, const yaml_event_t *e, const char *what)
{
    return stroma_fail_at(r->err, STROMA_E_MALFORMED, (int64_t)e->start_mark.line + 1,
                          (int64_t)e->start_mark.column + 1, "%s are not read", what);
}

static stroma_status build(reader *r, const yaml_event_t *e, int depth, stroma_yaml_node **out);

/* Children of a list or map, until its end event; for a map, keys and values alternate. */
static stroma_status fill(reader *r, stroma_yaml_node *n, int depth)
{
    stroma_yaml_node **all = NULL;
    size_t len = 0, capacity = 0;
    stroma_status s = STROMA_OK;
    for (;;) {
        yaml_event_t e;
        s = next(r, &e);
        if (s != STROMA_OK) break;
        const bool end = e.type == YAML_SEQUENCE_END_EVENT || e.type == YAML_MAPPING_END_EVENT;
        stroma_yaml_node *child = NULL;
        if (!end) s = build(r, &e, depth + 1, &child);
        if (!end && s == STROMA_OK && n->type == STROMA_YAML_MAP && len % 2 == 0 &&
            child->type != STROMA_YAML_SCALAR)
            s = refuse(r, &e, "keys that are lists or maps");
        yaml_event_delete(&e);
        if (s != STROMA_OK || end) break;
        s = stroma_grow(&all, &capacity, len + 1, sizeof(stroma_yaml_node *), r->err);
        if (s != STROMA_OK) break;
        all[len++] = child;
    }
    const size_t step = n->type == STROMA_YAML_MAP ? 2 : 1;
    if (s == STROMA_OK && len > 0) {
        n->len = len / step;
        n->items = stroma_arena_alloc(r->arena, n->len, sizeof(stroma_yaml_node *));
        n->keys =
            step == 2 ? stroma_arena_alloc(r->arena, n->len, sizeof(stroma_yaml_node *)) : NULL;
        if (n->items == NULL || (step == 2 && n->keys == NULL)) s = stroma_no_memory(r->err);
        for (size_t i = 0; s == STROMA_OK && i < n->len; i++) {
            n->items[i] = all[i * step + step - 1];
            if (step == 2) n->keys[i] = all[i * step];
        }
    }
    stroma_free(all);
    return s;
}

static stroma_status no_duplicate_keys(reader *r, const stroma_yaml_node *n)
{
    for (size_t i = 0; i < n->len && n->type == STROMA_YAML_MAP; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(n->keys[i]->text, n->keys[k]->text) == 0)
                return stroma_fail_at(r->err, STROMA_E_MALFORMED, n->keys[i]->line,
                                      n->keys[i]->column,
                                      "key \"%s\" stands twice (first on line %lld)",
                                      n->keys[i]->text, (long long)n->keys[k]->line);
    return STROMA_OK;
}

static stroma_status build(reader *r, const yaml_event_t *e, int depth, stroma_yaml_node **out)
{
    if (depth > STROMA_YAML_DEPTH_MAX)
        return stroma_fail_at(r->err, STROMA_E_MALFORMED, (int64_t)e->start_mark.line + 1, 0,
                              "nested deeper than %d levels", STROMA_YAML_DEPTH_MAX);
    stroma_yaml_node *n = NULL;
    switch (e->type) { // NOLINT(bugprone-switch-missing-default-case)
    case YAML_SCALAR_EVENT:
        if (e->data.scalar.anchor != NULL) return refuse(r, e, "anchors (&name)");
        STROMA_TRY(new_node(r, STROMA_YAML_SCALAR, e, &n));
        if (n != NULL)
            n->text = stroma_arena_strndup(r->arena, (const char *)e->data.scalar.value,
                                           e->data.scalar.length);
        if (n == NULL || n->text == NULL) return stroma_no_memory(r->err);
        n->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
        break;
    case YAML_SEQUENCE_START_EVENT:
        if (e->data.sequence_start.anchor != NULL) return refuse(r, e, "anchors (&name)");
        STROMA_TRY(new_node(r, STROMA_YAML_LIST, e, &n));
        STROMA_TRY(fill(r, n, depth));
        break;
    case YAML_MAPPING_START_EVENT:
        if (e->data.mapping_start.anchor != NULL) return refuse(r, e, "anchors (&name)");
        STROMA_TRY(new_node(r, STROMA_YAML_MAP, e, &n));
        STROMA_TRY(fill(r, n, depth));
        STROMA_TRY(no_duplicate_keys(r, n));
        break;
    case YAML_ALIAS_EVENT: return refuse(r, e, "aliases (*name)");
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT: STROMA_BUG_IF(true, r->err);
    }
    *out = n;
    return STROMA_OK;
}

static stroma_status read_document(reader *r, stroma_yaml_node **out)
{
    for (;;) {
        yaml_event_t e;
        STROMA_TRY(next(r, &e));
        const yaml_event_type_t type = e.type;
        stroma_status s = STROMA_OK;
        const bool content = type == YAML_SCALAR_EVENT || type == YAML_SEQUENCE_START_EVENT ||
                             type == YAML_MAPPING_START_EVENT || type == YAML_ALIAS_EVENT;
        if (content && *out != NULL)
            s = stroma_fail_at(r->err, STROMA_E_MALFORMED, (int64_t)e.start_mark.line + 1, 1,
                               "a second YAML document follows; one is expected");
        else if (content)
            s = build(r, &e, 0, out);
        yaml_event_delete(&e);
        if (s != STROMA_OK || type == YAML_STREAM_END_EVENT) return s;
    }
}

stroma_status stroma_yaml_read(const char *text, size_t size, stroma_arena *arena,
                               stroma_yaml_node **out, stroma_error *err)
{
    *out = NULL;
    if (size == 0) return stroma_fail_at(err, STROMA_E_MALFORMED, 1, 1, "the file is empty");
    reader r = { .arena = arena, .err = err };
    if (!yaml_parser_initialize(&r.parser)) return stroma_no_memory(err);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)(text == NULL ? "" : text),
                                 text == NULL ? 0 : size);
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    stroma_status s = read_document(&r, out);
    yaml_parser_delete(&r.parser);
    if (s == STROMA_OK && *out == NULL)
        s = stroma_fail_at(err, STROMA_E_MALFORMED, 1, 1, "the file is empty");
    if (s != STROMA_OK) *out = NULL;
    return s;
}

const stroma_yaml_node *stroma_yaml_get(const stroma_yaml_node *map, const char *key)
{
    if (map == NULL || map->type != STROMA_YAML_MAP) return NULL;
    for (size_t i = 0; i < map->len; i++)
        if (strcmp(map->keys[i]->text, key) == 0) return map->items[i];
    return NULL;
}

const char *stroma_yaml_text(const stroma_yaml_node *map, const char *key, const char *otherwise)
{
    const stroma_yaml_node *n = stroma_yaml_get(map, key);
    return n == NULL || n->type != STROMA_YAML_SCALAR || stroma_yaml_is_null(n) ? otherwise
                                                                                : n->text;
}

double stroma_yaml_number(const stroma_yaml_node *map, const char *key, double otherwise)
{
    const stroma_yaml_node *n = stroma_yaml_get(map, key);
    double x = otherwise;
    if (n != NULL && n->type == STROMA_YAML_SCALAR &&
        !stroma_parse_double(n->text, strlen(n->text), '.', &x))
        return otherwise;
    return x;
}

bool stroma_yaml_bool(const stroma_yaml_node *map, const char *key, bool otherwise)
{
    const stroma_yaml_node *n = stroma_yaml_get(map, key);
    if (n == NULL || n->type != STROMA_YAML_SCALAR) return otherwise;
    return strcmp(n->text, "true") == 0 || strcmp(n->text, "yes") == 0;
}

size_t stroma_yaml_count(const stroma_yaml_node *n)
{
    return n == NULL ? 0 : n->type == STROMA_YAML_LIST ? n->len : 1;
}

const stroma_yaml_node *stroma_yaml_at(const stroma_yaml_node *n, size_t i)
{
    if (i >= stroma_yaml_count(n)) return NULL;
    return n->type == STROMA_YAML_LIST ? n->items[i] : n;
}

bool stroma_yaml_is_null(const stroma_yaml_node *n)
{
    return n->type == STROMA_YAML_SCALAR && !n->quoted &&
           (n->text[0] == '\0' || strcmp(n->text, "~") == 0 || strcmp(n->text, "null") == 0);
}

size_t stroma_yaml_texts(const stroma_yaml_node *n, stroma_arena *arena, const char ***out)
{
    *out = NULL;
    if (n == NULL || n->type == STROMA_YAML_MAP) return 0;
    const size_t len = n->type == STROMA_YAML_LIST ? n->len : 1;
    const char **texts = stroma_arena_alloc(arena, len, sizeof *texts);
    if (texts == NULL) return 0;
    size_t k = 0;
    for (size_t i = 0; i < len; i++) {
        const stroma_yaml_node *item = n->type == STROMA_YAML_LIST ? n->items[i] : n;
        if (item->type == STROMA_YAML_SCALAR) texts[k++] = item->text;
    }
    *out = texts;
    return k;
}
