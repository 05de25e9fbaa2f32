/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Participant flow (the form of CONSORT 2025) as nested lists, which the style sheet lays out: a
 * diagram on a wide page, a list on a phone and for a screen reader. */
#include "content.h"

#include <string.h>

enum { DEPTH_MAX = 12 };

typedef struct flow_node {
    const char *id, *parent, *label, *details;
    int64_t n;
} flow_node;

typedef struct flow {
    flow_node *nodes;
    size_t n_nodes, capacity;
} flow;

static stroma_status read_node(report_db *db, flow *f, sqlite3_stmt *q, stroma_error *err)
{
    STROMA_TRY(stroma_grow(&f->nodes, &f->capacity, f->n_nodes + 1, sizeof *f->nodes, err));
    flow_node *node = &f->nodes[f->n_nodes];
    const char **fields[] = { &node->id, &node->parent, &node->label, &node->details };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        *fields[i] = stroma_arena_strdup(&db->arena, report_text(q, (int)i));
        if (*fields[i] == NULL) return stroma_no_memory(err);
    }
    node->n = report_int(q, 4);
    f->n_nodes++;
    return STROMA_OK;
}

static stroma_status read_flow(report_db *db, flow *f, stroma_error *err)
{
    sqlite3_stmt *q = NULL;
    STROMA_TRY(report_query(db,
                            "SELECT node_id, parent_id, label, details, n FROM flow_node "
                            "ORDER BY ord, node_id",
                            NULL, 0, &q, err));
    bool got = false;
    stroma_status s = report_row(db, q, &got, err);
    while (s == STROMA_OK && got) {
        s = read_node(db, f, q, err);
        if (s == STROMA_OK) s = report_row(db, q, &got, err);
    }
    (void)sqlite3_finalize(q);
    return s;
}

static stroma_status write_details(const flow_node *node, stroma_buffer *html, stroma_error *err)
{
    json_t *list = json_loads(node->details, 0, NULL);
    if (!json_is_array(list)) {
        json_decref(list);
        return stroma_fail(err, STROMA_E_MALFORMED, "flow node \"%s\": details is no JSON array",
                           node->id);
    }
    bool open = false;
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        const char *label = json_string_value(json_object_get(item, "label"));
        const json_t *n = json_object_get(item, "n");
        if (label == NULL || !json_is_integer(n)) continue;
        stroma_buffer_puts(html, open ? "<li>" : "<ul class=\"why\"><li>");
        open = true;
        stroma_buffer_html(html, label);
        stroma_buffer_printf(html, " <b>%lld</b></li>", (long long)json_integer_value(n));
    }
    if (open) stroma_buffer_puts(html, "</ul>");
    json_decref(list);
    return STROMA_OK;
}

static size_t count_children(const flow *f, const char *parent)
{
    size_t n = 0;
    for (size_t i = 0; i < f->n_nodes; i++)
        n += strcmp(f->nodes[i].parent, parent) == 0;
    return n;
}

/* NOLINTNEXTLINE(misc-no-recursion): depth is limited */
static stroma_status write_children(const flow *f, const char *parent, int depth,
                                    stroma_buffer *html, stroma_error *err)
{
    const size_t n = count_children(f, parent);
    if (n == 0) return STROMA_OK;
    if (depth > DEPTH_MAX)
        return stroma_fail(err, STROMA_E_MALFORMED, "participant flow is deeper than %d levels",
                           DEPTH_MAX);
    stroma_buffer_printf(html, "<ol class=\"%s\">", n > 1 ? "fork" : "step");
    for (size_t i = 0; i < f->n_nodes; i++) {
        const flow_node *node = &f->nodes[i];
        if (strcmp(node->parent, parent) != 0 || node->id[0] == '\0') continue;
        stroma_buffer_puts(html, "<li><div class=\"box\"><span class=\"lab\">");
        stroma_buffer_html(html, node->label);
        stroma_buffer_printf(html,
                             "</span> <b class=\"num\"><span class=\"eq\">n = </span>%lld</b>",
                             (long long)node->n);
        STROMA_TRY(write_details(node, html, err));
        stroma_buffer_puts(html, "</div>");
        STROMA_TRY(write_children(f, node->id, depth + 1, html, err));
        stroma_buffer_puts(html, "</li>");
    }
    stroma_buffer_puts(html, "</ol>");
    return STROMA_OK;
}

stroma_status report_html_flow(report_db *db, stroma_buffer *html, bool *any, stroma_error *err)
{
    flow f = { NULL, 0, 0 };
    stroma_status s = read_flow(db, &f, err);
    *any = f.n_nodes > 0;
    if (s == STROMA_OK && *any) {
        stroma_buffer_puts(html, "<div class=\"flow\">");
        s = write_children(&f, "", 0, html, err);
        stroma_buffer_puts(html, "</div>");
    }
    stroma_free(f.nodes);
    return s;
}
