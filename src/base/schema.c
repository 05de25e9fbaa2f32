/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/schema.h"

#include "stroma/number.h"
#include "stroma/suggest.h"

#include <stdio.h>
#include <string.h>

typedef struct checker {
    const char *file;
    const stroma_schema *schema;
    stroma_diag *diag;
    stroma_error *err;
    bool failed;
} checker;

static void fault(checker *c, const stroma_yaml_node *n, const char *code, const char *message,
                  const char *action)
{
    stroma_diag_add(c->diag, &(stroma_finding){ .code = code,
                                                .severity = STROMA_ERROR,
                                                .file = c->file,
                                                .line = n->line,
                                                .character = n->column,
                                                .message = message,
                                                .rule = c->schema->rule,
                                                .action = action });
    if (c->failed) return;
    c->failed = true;
    (void)stroma_fail_at(c->err, STROMA_E_MALFORMED, n->line, n->column, "%s", message);
    stroma_hint(c->err, "%s", action);
}

static bool is_id(const char *s)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    if (s[0] == '\0' || strchr(letters, s[0]) == NULL) return false;
    for (; *s != '\0'; s++)
        if (strchr(letters, *s) == NULL && strchr("_.-", *s) == NULL) return false;
    return true;
}

static bool is_choice(const char *s, const char *choices)
{
    const size_t n = strlen(s);
    for (const char *p = choices;; p = strchr(p, '|') + 1) {
        const char *end = strchr(p, '|');
        const size_t len = end != NULL ? (size_t)(end - p) : strlen(p);
        if (len == n && memcmp(p, s, n) == 0) return true;
        if (end == NULL) return false;
    }
}

static bool is_number(const stroma_yaml_node *n)
{
    double x;
    return n->type == STROMA_YAML_SCALAR && !n->quoted &&
           stroma_parse_double(n->text, strlen(n->text), '.', &x);
}

static void scalar_fault(checker *c, const stroma_yaml_node *n, const char *key,
                         const char *expected)
{
    char message[1280];
    (void)snprintf(message, sizeof message, "\"%.80s\" is %s%.120s%s, expected %s", key,
                   n->type == STROMA_YAML_LIST  ? "a list"
                   : n->type == STROMA_YAML_MAP ? "a map"
                                                : "\"",
                   n->type == STROMA_YAML_SCALAR ? n->text : "",
                   n->type == STROMA_YAML_SCALAR ? "\"" : "", expected);
    fault(c, n, c->schema->wrong_value, message, "give the value in the expected form");
}

static void check_map(checker *c, const stroma_yaml_node *n, const char *where,
                      const stroma_schema_key *keys);

static void check_scalar(checker *c, const stroma_yaml_node *n, const stroma_schema_key *key)
{
    if (n->type != STROMA_YAML_SCALAR) {
        scalar_fault(c, n, key->name, "one value");
    } else if (key->kind == STROMA_SCHEMA_ID && !is_id(n->text)) {
        scalar_fault(c, n, key->name, "an id of letters, digits and _ . -");
    } else if (key->kind == STROMA_SCHEMA_NUMBER && !is_number(n)) {
        scalar_fault(c, n, key->name, "a number");
    } else if (key->kind == STROMA_SCHEMA_BOOL && !is_choice(n->text, "true|false|yes|no")) {
        scalar_fault(c, n, key->name, "true or false");
    } else if (key->kind == STROMA_SCHEMA_CHOICE && !is_choice(n->text, key->choices)) {
        char expected[1024]; /* all kinds of items fit */
        (void)snprintf(expected, sizeof expected, "one of %s", key->choices);
        scalar_fault(c, n, key->name, expected);
    }
}

static void check_list(checker *c, const stroma_yaml_node *n, const stroma_schema_key *key)
{
    if (n->type != STROMA_YAML_LIST) {
        scalar_fault(c, n, key->name, "a list (each entry begins with -)");
        return;
    }
    for (size_t i = 0; i < n->len; i++) {
        char where[96];
        (void)snprintf(where, sizeof where, "%s[%zu]", key->name, i + 1);
        const bool short_form = n->items[i]->type == STROMA_YAML_SCALAR &&
                                strcmp(key->child[0].name, "id") == 0 && !key->child[1].required;
        if (short_form)
            check_scalar(c, n->items[i], &key->child[0]);
        else
            check_map(c, n->items[i], where, key->child);
    }
}

static void check_value(checker *c, const stroma_yaml_node *n, const stroma_schema_key *key)
{
    switch (key->kind) {
    case STROMA_SCHEMA_TEXT:
    case STROMA_SCHEMA_ID:
    case STROMA_SCHEMA_NUMBER:
    case STROMA_SCHEMA_BOOL:
    case STROMA_SCHEMA_CHOICE: check_scalar(c, n, key); break;
    case STROMA_SCHEMA_TEXTS:
        if (n->type == STROMA_YAML_MAP) scalar_fault(c, n, key->name, "a list of values");
        for (size_t i = 0; n->type == STROMA_YAML_LIST && i < n->len; i++)
            if (n->items[i]->type != STROMA_YAML_SCALAR)
                scalar_fault(c, n->items[i], key->name, "a list of plain values");
        break;
    case STROMA_SCHEMA_RANGE:
        if (n->type != STROMA_YAML_LIST || n->len != 2) {
            scalar_fault(c, n, key->name, "a range [low, high]");
            break;
        }
        for (size_t i = 0; i < 2; i++)
            if (!is_number(n->items[i]) && !stroma_yaml_is_null(n->items[i]))
                scalar_fault(c, n->items[i], key->name, "a number, or ~ for an open end");
        break;
    case STROMA_SCHEMA_MAP: check_map(c, n, key->name, key->child); break;
    case STROMA_SCHEMA_LIST: check_list(c, n, key); break;
    case STROMA_SCHEMA_NAMED:
        if (n->type != STROMA_YAML_MAP) scalar_fault(c, n, key->name, "a map of names");
        for (size_t i = 0; n->type == STROMA_YAML_MAP && i < n->len; i++)
            if (n->items[i]->type != STROMA_YAML_SCALAR)
                check_map(c, n->items[i], n->keys[i]->text, key->child);
        break;
    case STROMA_SCHEMA_ANY: break;
    }
}

static void unknown_key(checker *c, const stroma_yaml_node *at, const char *where,
                        const stroma_schema_key *keys)
{
    const char *names[64];
    size_t n = 0;
    for (const stroma_schema_key *k = keys; k->name != NULL && n < 64; k++)
        names[n++] = k->name;
    const char *near = stroma_nearest(at->text, names, n);
    char message[256], action[256];
    (void)snprintf(message, sizeof message, "unknown key \"%.80s\" in %.80s", at->text, where);
    if (near != NULL)
        (void)snprintf(action, sizeof action, "did you mean \"%s\"?", near);
    else
        (void)snprintf(action, sizeof action, "%s lists the keys of %.80s", c->schema->reference,
                       where);
    fault(c, at, c->schema->unknown_key, message, action);
}

static void check_map(checker *c, const stroma_yaml_node *n, const char *where,
                      const stroma_schema_key *keys)
{
    if (n->type != STROMA_YAML_MAP) {
        scalar_fault(c, n, where, "a map of keys");
        return;
    }
    for (size_t i = 0; i < n->len; i++) {
        const stroma_schema_key *k = keys;
        while (k->name != NULL && strcmp(k->name, n->keys[i]->text) != 0)
            k++;
        if (k->name == NULL)
            unknown_key(c, n->keys[i], where, keys);
        else if (!stroma_yaml_is_null(n->items[i]))
            check_value(c, n->items[i], k);
    }
    for (const stroma_schema_key *k = keys; k->name != NULL; k++) {
        const stroma_yaml_node *v = stroma_yaml_get(n, k->name);
        if (!k->required || (v != NULL && !stroma_yaml_is_null(v))) continue;
        char message[256];
        (void)snprintf(message, sizeof message, "%.80s lacks the key \"%s\" (%.120s)", where,
                       k->name, k->help);
        fault(c, n, c->schema->missing_key, message, "add the key");
    }
}

stroma_status stroma_schema_check(const char *file, const stroma_yaml_node *root,
                                  const stroma_schema *schema, stroma_diag *diag, stroma_error *err)
{
    checker c = { .file = file, .schema = schema, .diag = diag, .err = err };
    check_map(&c, root, schema->what, schema->keys);
    return c.failed ? STROMA_E_MALFORMED : STROMA_OK;
}

static const char *kind_name(const stroma_schema_key *k)
{
    switch (k->kind) {
    case STROMA_SCHEMA_TEXT: return "text";
    case STROMA_SCHEMA_ID: return "id";
    case STROMA_SCHEMA_NUMBER: return "number";
    case STROMA_SCHEMA_BOOL: return "true or false";
    case STROMA_SCHEMA_CHOICE: return "choice";
    case STROMA_SCHEMA_TEXTS: return "list of values";
    case STROMA_SCHEMA_RANGE: return "[low, high]";
    case STROMA_SCHEMA_MAP: return "map";
    case STROMA_SCHEMA_LIST: return "list of maps";
    case STROMA_SCHEMA_NAMED: return "map of names";
    case STROMA_SCHEMA_ANY: return "map or list";
    }
    return "?";
}

static void print_choices(const char *choices, stroma_buffer *out)
{
    for (const char *p = choices; *p != '\0';) {
        const size_t len = strcspn(p, "|");
        stroma_buffer_printf(out, "%s`%.*s`", p == choices ? "" : ", ", (int)len, p);
        p += len + (p[len] == '|');
    }
}

static void print_table(const char *title, const stroma_schema_key *keys, int level,
                        stroma_buffer *out)
{
    stroma_buffer_printf(out, "\n%.*s %s\n\n| key | value | meaning |\n| --- | --- | --- |\n",
                         level, "######", title);
    for (const stroma_schema_key *k = keys; k->name != NULL; k++) {
        stroma_buffer_printf(out, "| `%s`%s | ", k->name, k->required ? " (required)" : "");
        if (k->kind == STROMA_SCHEMA_CHOICE)
            print_choices(k->choices, out);
        else
            stroma_buffer_puts(out, kind_name(k));
        stroma_buffer_printf(out, " | %s |\n", k->help);
    }
    for (const stroma_schema_key *k = keys; k->name != NULL; k++) {
        if (k->child == NULL) continue;
        char heading[128];
        (void)snprintf(heading, sizeof heading, "`%s`", k->name);
        print_table(heading, k->child, level + 1, out); // NOLINT(misc-no-recursion): table depth
    }
}

void stroma_schema_print(const char *title, const stroma_schema *schema, stroma_buffer *out)
{
    print_table(title, schema->keys, 2, out);
}
