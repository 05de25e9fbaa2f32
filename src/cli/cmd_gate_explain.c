/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma gate explain: gates in words, as a tree. */
#include "gate_choice.h"

#include "stroma/number.h"

#include <math.h>
#include <string.h>

enum { TEXT_LIMIT_BYTES = 256 << 20, INDENT_MAX = 40 };

/* Six digits are enough for people; the file has them all. */
static const char *short_number(double x, char *out)
{
    (void)snprintf(out, STROMA_NUMBER_TEXT_MAX, "%.6g", x);
    return out;
}

static void put_indent(stroma_buffer *b, size_t depth)
{
    for (size_t i = 0; i < depth && i < INDENT_MAX; i++)
        stroma_buffer_puts(b, "  ");
}

static void put_scale(stroma_buffer *b, const stroma_transform *t)
{
    static const char *const has[] = { "TA", "TM", "TMA", "TWMA", "TWMA", "TWMA" };
    stroma_buffer_puts(b, stroma_transform_kind_name(t->kind));
    char text[STROMA_NUMBER_TEXT_MAX];
    for (const char *p = has[t->kind]; *p != '\0'; p++) {
        const double x = *p == 'T' ? t->t : *p == 'W' ? t->w : *p == 'M' ? t->m : t->a;
        stroma_buffer_printf(b, " %c=%s", *p, short_number(x, text));
    }
    if (t->bound_min > -(double)INFINITY)
        stroma_buffer_printf(b, " not below %s", short_number(t->bound_min, text));
    if (t->bound_max < (double)INFINITY)
        stroma_buffer_printf(b, " not above %s", short_number(t->bound_max, text));
}

static void put_channel(stroma_buffer *b, const stroma_gate_set *s, const stroma_gate_dimension *d)
{
    char t1[STROMA_NUMBER_TEXT_MAX], t2[STROMA_NUMBER_TEXT_MAX], t3[STROMA_NUMBER_TEXT_MAX];
    if (d->ratio >= 0) {
        const stroma_gate_ratio *r = &s->ratios[d->ratio];
        stroma_buffer_printf(b, "ratio %s = %s × (%s − %s) / (%s − %s)", r->id,
                             short_number(r->a, t1), r->numerator, short_number(r->b, t2),
                             r->denominator, short_number(r->c, t3));
    } else {
        stroma_buffer_puts(b, d->name);
    }
    if (d->compensation >= 0)
        stroma_buffer_printf(b, ", compensated by \"%s\"", s->compensations[d->compensation].id);
    else
        stroma_buffer_puts(b, d->compensation == STROMA_COMPENSATION_FCS
                                  ? ", compensated by the file's matrix"
                                  : ", uncompensated");
    stroma_buffer_puts(b, ", ");
    if (d->transform >= 0)
        put_scale(b, &s->transforms[d->transform]);
    else
        stroma_buffer_puts(b, "linear");
}

static void put_edge(stroma_buffer *b, const stroma_transform *t, double edge)
{
    char text[STROMA_NUMBER_TEXT_MAX];
    stroma_buffer_puts(b, short_number(edge, text));
    if (t != NULL)
        stroma_buffer_printf(b, " (linear %s)",
                             short_number(stroma_transform_inverse(t, edge), text));
}

static void put_interval(stroma_buffer *b, const stroma_gate_set *s, const stroma_gate_dimension *d)
{
    const stroma_transform *t = d->transform < 0 ? NULL : &s->transforms[d->transform];
    const bool low = d->lower > -(double)INFINITY, high = d->upper < (double)INFINITY;
    stroma_buffer_puts(b, low ? ": from " : high ? ": below " : ": any value");
    if (low) put_edge(b, t, d->lower);
    if (low && high) stroma_buffer_puts(b, " to below ");
    if (high) put_edge(b, t, d->upper);
}

static void put_polygon(stroma_buffer *b, const stroma_gate_set *s, const stroma_gate *g,
                        size_t depth)
{
    const stroma_transform *t[2];
    for (size_t i = 0; i < 2; i++)
        t[i] = g->dims[i].transform < 0 ? NULL : &s->transforms[g->dims[i].transform];
    for (size_t i = 0; i < g->vertices_len; i++) {
        put_indent(b, depth);
        stroma_buffer_puts(b, "vertex ");
        put_edge(b, t[0], g->vertices[2 * i]);
        stroma_buffer_puts(b, ", ");
        put_edge(b, t[1], g->vertices[2 * i + 1]);
        stroma_buffer_putc(b, '\n');
    }
}

static void put_ellipsoid(stroma_buffer *b, const stroma_gate *g, size_t depth)
{
    char text[STROMA_NUMBER_TEXT_MAX];
    put_indent(b, depth);
    stroma_buffer_puts(b, "mean");
    for (size_t i = 0; i < g->dims_len; i++)
        stroma_buffer_printf(b, "%s %s", i > 0 ? "," : "", short_number(g->mean[i], text));
    stroma_buffer_printf(b, "; squared distance up to %s by the covariance",
                         short_number(g->distance_square, text));
    for (size_t i = 0; i < g->dims_len * g->dims_len; i++)
        stroma_buffer_printf(b, "%s%s",
                             i == 0                 ? " "
                             : i % g->dims_len == 0 ? "; "
                                                    : ", ",
                             short_number(g->covariance[i], text));
    stroma_buffer_putc(b, '\n');
}

static void put_boolean(stroma_buffer *b, const stroma_gate_set *s, const stroma_gate *g)
{
    static const char *const words[] = { " and ", " or ", "" };
    stroma_buffer_puts(b, g->operation == STROMA_GATE_NOT ? "not " : "");
    for (size_t i = 0; i < g->uses_len; i++)
        stroma_buffer_printf(b, "%s%s\"%s\"", i > 0 ? words[g->operation] : "",
                             g->uses[i].complement ? "not " : "", s->gates[g->uses[i].gate].id);
}

static void put_gate(stroma_buffer *b, const stroma_gate_set *s, const stroma_gate *g, size_t depth)
{
    static const char *const kinds[] = { "rectangle", "polygon", "ellipsoid", "quadrant",
                                         "boolean" };
    put_indent(b, depth);
    stroma_buffer_printf(b, "%s: ", g->id);
    if (g->label != NULL && strcmp(g->label, g->id) != 0)
        stroma_buffer_printf(b, "\"%s\", ", g->label);
    stroma_buffer_puts(b, kinds[g->kind]);
    if (g->quadrant_gate != NULL) stroma_buffer_printf(b, " of %s", g->quadrant_gate);
    if (g->kind == STROMA_GATE_POLYGON)
        stroma_buffer_printf(b, " of %zu vertices", g->vertices_len);
    if (g->kind == STROMA_GATE_BOOLEAN) {
        stroma_buffer_puts(b, ", ");
        put_boolean(b, s, g);
    }
    if (g->method != NULL) stroma_buffer_printf(b, ", found by %s", g->method);
    if (!isnan(g->confidence)) stroma_buffer_printf(b, ", confidence %.3g", g->confidence);
    stroma_buffer_putc(b, '\n');
    for (size_t i = 0; i < g->dims_len; i++) {
        put_indent(b, depth + 2);
        put_channel(b, s, &g->dims[i]);
        if (g->kind == STROMA_GATE_RECTANGLE || g->kind == STROMA_GATE_QUADRANT)
            put_interval(b, s, &g->dims[i]);
        stroma_buffer_putc(b, '\n');
    }
    if (g->kind == STROMA_GATE_POLYGON) put_polygon(b, s, g, depth + 2);
    if (g->kind == STROMA_GATE_ELLIPSOID) put_ellipsoid(b, g, depth + 2);
}

/* Children of each gate in the order of the set: first child and next sibling, −1 none; the last
 * place is the root's. */
typedef struct tree {
    int *first, *next, *last;
    bool *shown;
} tree;

static void link_children(const stroma_gate_set *s, tree *t)
{
    for (size_t i = 0; i <= s->gates_len; i++)
        t->first[i] = t->next[i] = t->last[i] = -1;
    for (size_t i = 0; i < s->gates_len; i++) {
        const size_t p = s->gates[i].parent < 0 ? s->gates_len : (size_t)s->gates[i].parent;
        if (t->last[p] < 0)
            t->first[p] = (int)i;
        else
            t->next[t->last[p]] = (int)i;
        t->last[p] = (int)i;
    }
}

static void put_tree(stroma_buffer *b, const stroma_gate_set *s, const tree *t)
{
    size_t depth = 0;
    int i = t->first[s->gates_len];
    while (i >= 0) {
        if (t->shown[i]) put_gate(b, s, &s->gates[i], depth);
        if (t->first[i] >= 0) {
            i = t->first[i];
            depth++;
            continue;
        }
        while (i >= 0 && t->next[i] < 0) {
            i = s->gates[i].parent;
            if (i >= 0) depth--;
        }
        if (i >= 0) i = t->next[i];
    }
}

static stroma_status choose_shown(const stroma_gate_set *s, const char *name, tree *t,
                                  stroma_error *err)
{
    size_t gate = 0;
    if (name == NULL) {
        memset(t->shown, true, s->gates_len * sizeof *t->shown);
        return STROMA_OK;
    }
    STROMA_TRY(gate_find_named(s, name, &gate, err));
    for (int i = (int)gate; i >= 0; i = s->gates[i].parent)
        t->shown[i] = true;
    return STROMA_OK;
}

static stroma_status explain(const stroma_gate_set *s, const char *name, stroma_buffer *b,
                             stroma_error *err)
{
    tree t = { .first = stroma_alloc_array(s->gates_len + 1, sizeof *t.first),
               .next = stroma_alloc_array(s->gates_len + 1, sizeof *t.next),
               .last = stroma_alloc_array(s->gates_len + 1, sizeof *t.last),
               .shown = stroma_alloc_array(s->gates_len, sizeof *t.shown) };
    stroma_status status = STROMA_OK;
    if (t.first == NULL || t.next == NULL || t.last == NULL || t.shown == NULL)
        status = stroma_no_memory(err);
    if (status == STROMA_OK) {
        link_children(s, &t);
        status = choose_shown(s, name, &t, err);
    }
    if (status == STROMA_OK) {
        put_tree(b, s, &t);
        status = stroma_buffer_status(b, err);
    }
    stroma_free(t.first);
    stroma_free(t.next);
    stroma_free(t.last);
    stroma_free(t.shown);
    return status;
}

static stroma_status run(cli_context *c, stroma_error *err)
{
    const char *const *args = NULL;
    const size_t n = cli_args(c, &args);
    stroma_diag diag;
    stroma_diag_init(&diag);
    gate_choice gates;
    stroma_status s =
        gate_choice_read(args[0], cli_text(c, "sample"), GATE_CHOICE_ONE, &diag, &gates, err);
    cli_print_findings(c, &diag);
    stroma_diag_clear(&diag);
    if (s == STROMA_OK) {
        stroma_buffer b;
        stroma_buffer_init(&b, TEXT_LIMIT_BYTES);
        s = explain(&gates.set, n > 1 ? args[1] : NULL, &b, err);
        if (s != STROMA_OK) s = stroma_in(err, s, "file \"%s\"", args[0]);
        if (s == STROMA_OK) s = cli_emit_buffer(c, &b, err);
        stroma_buffer_clear(&b);
    }
    gate_choice_clear(&gates);
    return s;
}

static const cli_option options[] = {
    GATE_OPTION_SAMPLE("of a workspace with several samples: the one whose gates are explained"),
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    { .name = NULL },
};
static const char *const examples[] = { "stroma gate explain panel.xml",
                                        "stroma gate explain panel.xml Tregs", NULL };

const cli_command cli_cmd_gate_explain = {
    .noun = "gate",
    .verb = "explain",
    .summary = "gates in words, as a tree",
    .usage = "GATES [GATE]",
    .min_args = 1,
    .max_args = 2,
    .description =
        "Each gate below the one it lies in: its shape, and of each dimension the channel, its "
        "compensation, its scale and the edges, on the scale and in linear units. With GATE only "
        "that one and those it lies in. Numbers are shortened to six digits.",
    .options = options,
    .examples = examples,
    .run = run,
};
