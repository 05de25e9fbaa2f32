/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A panel as its file, scales as they are. */
#include "panel.h"

#include <string.h>

static void put_text(stroma_buffer *b, const char *text)
{
    stroma_buffer_putc(b, '"');
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
        if (*p < 0x20 || *p == 0x7F) {
            stroma_buffer_printf(b, "\\x%02X", *p);
        } else {
            if (*p == '"' || *p == '\\') stroma_buffer_putc(b, '\\');
            stroma_buffer_putc(b, (char)*p);
        }
    }
    stroma_buffer_putc(b, '"');
}

static void put_line(stroma_buffer *b, const char *key, const char *text)
{
    if (text == NULL || text[0] == '\0') return;
    stroma_buffer_printf(b, "%s: ", key);
    put_text(b, text);
    stroma_buffer_putc(b, '\n');
}

static void put_scale(stroma_buffer *b, const stroma_panel_scale *s)
{
    stroma_buffer_printf(b, "scale: { kind: %s, T: %.17g, M: %.17g, W: %.17g, A: %.17g }",
                         s->kind == STROMA_TRANSFORM_LINEAR     ? "linear"
                         : s->kind == STROMA_TRANSFORM_LOG      ? "log"
                         : s->kind == STROMA_TRANSFORM_ASINH    ? "asinh"
                         : s->kind == STROMA_TRANSFORM_HYPERLOG ? "hyperlog"
                                                                : "logicle",
                         s->t, s->m, s->w, s->a);
}

static void put_marker(stroma_buffer *b, const stroma_panel_marker *m)
{
    stroma_buffer_puts(b, "  ");
    put_text(b, m->name);
    stroma_buffer_printf(b, ": { role: %s, ", m->role);
    if (m->channel != NULL) {
        stroma_buffer_puts(b, "channel: ");
        put_text(b, m->channel);
        stroma_buffer_puts(b, ", ");
    }
    if (m->fmo || m->isotype)
        stroma_buffer_printf(b, "controls: [%s%s%s], ", m->fmo ? "fmo" : "",
                             m->fmo && m->isotype ? ", " : "", m->isotype ? "isotype" : "");
    put_scale(b, &m->scale);
    stroma_buffer_puts(b, " }\n");
}

static void put_synonyms(stroma_buffer *b, const stroma_panel *p)
{
    if (p->extra_len > 0) stroma_buffer_puts(b, "synonyms:\n");
    for (size_t i = 0; i < p->extra_len; i++) {
        stroma_buffer_puts(b, "  ");
        put_text(b, p->extra[i].name);
        stroma_buffer_puts(b, ": [");
        for (size_t k = 0; p->extra[i].others[k] != NULL; k++) {
            stroma_buffer_puts(b, k == 0 ? "" : ", ");
            put_text(b, p->extra[i].others[k]);
        }
        stroma_buffer_puts(b, "]\n");
    }
}

stroma_status stroma_panel_write(const stroma_panel *p, stroma_buffer *out, stroma_error *err)
{
    stroma_buffer_puts(out, "stroma_panel: 1\n");
    put_line(out, "id", p->id[0] == '\0' ? "panel" : p->id);
    put_line(out, "title", p->title);
    put_line(out, "instrument", p->instrument);
    stroma_buffer_printf(out, "compensation: %s\n", p->compensate ? "file" : "none");
    stroma_buffer_puts(out, "markers:\n");
    for (size_t i = 0; i < p->markers_len; i++)
        put_marker(out, &p->markers[i]);
    put_synonyms(out, p);
    if (p->dead_marker != NULL) {
        stroma_buffer_puts(out, "dead_cells:\n");
        put_line(out, "  marker", p->dead_marker);
        put_line(out, "  rule", p->dead_rule);
    }
    return stroma_buffer_status(out, err);
}
