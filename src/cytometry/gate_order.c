/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gate_order.h"

#include "stroma/buffer.h"

enum { WAY_TEXT_BYTES = 400 };

typedef struct walk {
    const stroma_gate_set *set;
    struct step {
        int gate;
        size_t next; /* which of its needs comes next */
    } * path;
    size_t path_len;
    unsigned char *seen; /* 1: on the path, 2: done */
    int *order;
    size_t *n;
} walk;

/* Need @p i of a gate: its parent first, then its operands; −1 when it has no parent. */
static int need(const stroma_gate *g, size_t i)
{
    return i == 0 ? g->parent : g->uses[i - 1].gate;
}

static size_t needs_len(const stroma_gate *g)
{
    return 1 + (g->kind == STROMA_GATE_BOOLEAN ? g->uses_len : 0);
}

static stroma_status cycle(const walk *w, int again, stroma_error *err)
{
    stroma_buffer way;
    stroma_buffer_init(&way, WAY_TEXT_BYTES);
    size_t from = 0;
    while (w->path[from].gate != again)
        from++;
    for (size_t i = from; i < w->path_len && i < from + 6; i++)
        stroma_buffer_printf(&way, "%.40s → ", w->set->gates[w->path[i].gate].id);
    if (w->path_len > from + 6) stroma_buffer_puts(&way, "… → ");
    const stroma_gate *g = &w->set->gates[again];
    const stroma_status s =
        stroma_fail_at(err, STROMA_E_MALFORMED, g->line, 0, "gate \"%.80s\" needs itself: %s%.40s",
                       g->id, way.data == NULL ? "" : way.data, g->id);
    stroma_buffer_clear(&way);
    return s;
}

static stroma_status visit(walk *w, int start, stroma_error *err)
{
    if (w->seen[start] != 0) return STROMA_OK;
    w->seen[start] = 1;
    w->path[0] = (struct step){ .gate = start };
    w->path_len = 1;
    while (w->path_len > 0) {
        struct step *top = &w->path[w->path_len - 1];
        const stroma_gate *g = &w->set->gates[top->gate];
        if (top->next == needs_len(g)) {
            w->seen[top->gate] = 2;
            w->order[(*w->n)++] = top->gate;
            w->path_len--;
            continue;
        }
        const int k = need(g, top->next++);
        if (k < 0 || w->seen[k] == 2) continue;
        if (w->seen[k] == 1) return cycle(w, k, err);
        w->seen[k] = 1;
        w->path[w->path_len++] = (struct step){ .gate = k };
    }
    return STROMA_OK;
}

stroma_status gate_order(const stroma_gate_set *s, const bool *wanted, int *order, size_t *n,
                         stroma_error *err)
{
    walk w = { .set = s, .order = order, .n = n };
    *n = 0;
    w.path = stroma_alloc_array(s->gates_len, sizeof *w.path);
    w.seen = stroma_alloc_array(s->gates_len, 1);
    stroma_status status = w.path == NULL || w.seen == NULL ? stroma_no_memory(err) : STROMA_OK;
    for (size_t i = 0; i < s->gates_len && status == STROMA_OK; i++)
        if (wanted == NULL || wanted[i]) status = visit(&w, (int)i, err);
    stroma_free(w.path);
    stroma_free(w.seen);
    return status;
}
