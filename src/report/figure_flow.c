/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Participant flow in the form of CONSORT 2025: a tree of boxes, laid out by a rule. A node stands
 * in the columns of the leaves under it; siblings of the last stage stand below each other, so that
 * a box is never narrower than its arm and the text stays readable on a phone. */
#include "figure_parts.h"

#include <string.h>

report_figure_fn report_figure_flow;

#define NBSP "\xC2\xA0"

enum { NODES_MAX = 128, LINE_PX = 16, PAD_PX = 9, GAP_PX = 34, CHARS = 36, DETAILS_MAX = 32 };

typedef struct node {
    const char *id, *stage, *label, *parent_id;
    int64_t n;
    const char *text; /* bold lines, then details; joined by line ends */
    const char *head;
    size_t n_head, n_text;
    size_t parent; /* index, or n_nodes */
    size_t first_column, n_columns;
    int level, top, height;
    bool stacked; /* has a sibling above it in the same column */
} node;

typedef struct flow {
    report_db *db;
    stroma_json *j;
    node at[NODES_MAX];
    size_t n, n_columns;
    int height;
    stroma_buffer words;
} flow;

/* Lines of at most width characters, joined by line ends. */
static size_t wrap(stroma_buffer *out, const char *text, size_t width)
{
    size_t lines = 0;
    const char *p = text;
    while (*p != '\0') {
        size_t bytes = 0, chars = 0, cut = 0;
        for (; p[bytes] != '\0' && chars <= width; bytes++) {
            if (((unsigned char)p[bytes] & 0xc0) == 0x80) continue;
            if (p[bytes] == ' ' && chars > 0) cut = bytes;
            chars++;
        }
        if (p[bytes] != '\0' && cut > 0) bytes = cut;
        while (((unsigned char)p[bytes] & 0xc0) == 0x80)
            bytes++;
        if (out->len > 0) stroma_buffer_putc(out, '\n');
        stroma_buffer_append(out, p, bytes);
        lines++;
        p += bytes;
        while (*p == ' ')
            p++;
    }
    return lines;
}

static stroma_status take_node(void *context, sqlite3_stmt *q, stroma_error *err)
{
    flow *f = context;
    if (f->n == NODES_MAX)
        return stroma_fail(err, STROMA_E_INCONSISTENT, "more than %d boxes in the flow",
                           (int)NODES_MAX);
    node *b = &f->at[f->n++];
    STROMA_TRY(fig_keep(f->db, report_text(q, 0), &b->id, err));
    STROMA_TRY(fig_keep(f->db, report_text(q, 1), &b->parent_id, err));
    STROMA_TRY(fig_keep(f->db, report_text(q, 2), &b->stage, err));
    STROMA_TRY(fig_keep(f->db, report_text(q, 3), &b->label, err));
    b->n = report_int(q, 4);
    return fig_keep(f->db, report_text(q, 5), &b->text, err);
}

static void link_nodes(flow *f)
{
    for (size_t i = 0; i < f->n; i++) {
        node *b = &f->at[i];
        b->parent = f->n;
        for (size_t k = 0; k < i; k++)
            if (strcmp(f->at[k].id, b->parent_id) == 0) b->parent = k;
        b->level = b->parent == f->n ? 0 : f->at[b->parent].level + 1;
    }
}

static bool is_leaf(const flow *f, size_t i)
{
    for (size_t k = i + 1; k < f->n; k++)
        if (f->at[k].parent == i) return false;
    return true;
}

/* Columns from the leaves up. Leaves below one parent that has other leaves only share its column.
 */
static void place_columns(flow *f)
{
    for (size_t i = 0; i < f->n; i++) {
        if (!is_leaf(f, i)) continue;
        node *b = &f->at[i];
        for (size_t k = 0; k < i && !b->stacked; k++)
            if (f->at[k].parent == b->parent && b->parent != f->n && b->level >= 2 &&
                f->at[k].n_columns == 1 && is_leaf(f, k)) {
                b->stacked = true;
                b->first_column = f->at[k].first_column;
            }
        if (!b->stacked) b->first_column = f->n_columns++;
        b->n_columns = 1;
    }
    for (size_t i = f->n; i-- > 0;) {
        const node *b = &f->at[i];
        if (b->parent == f->n) continue;
        node *p = &f->at[b->parent];
        const size_t end = b->first_column + b->n_columns;
        const size_t p_end = p->first_column + p->n_columns;
        if (p->n_columns == 0) {
            p->first_column = b->first_column;
            p->n_columns = b->n_columns;
        } else {
            p->first_column = b->first_column < p->first_column ? b->first_column : p->first_column;
            p->n_columns = (end > p_end ? end : p_end) - p->first_column;
        }
    }
}

static stroma_status put_texts(flow *f, node *b, stroma_error *err)
{
    const size_t width = (b->n_columns > 1 ? CHARS * 3 / 2 : CHARS) / f->n_columns;
    json_t *details = json_loads(b->text, 0, NULL);
    stroma_buffer head, text;
    stroma_buffer_init(&head, 1 << 16);
    stroma_buffer_init(&text, 1 << 16);
    char line[1024];
    (void)snprintf(line, sizeof line, "%s (n" NBSP "=" NBSP "%lld)", b->label, (long long)b->n);
    b->n_head = wrap(&head, line, width);
    b->n_text = 0;
    stroma_buffer_printf(&f->words, " %s: %lld.", b->label, (long long)b->n);
    for (size_t i = 0; i < json_array_size(details) && i < DETAILS_MAX; i++) {
        const json_t *d = json_array_get(details, i);
        const char *label = json_string_value(json_object_get(d, "label"));
        (void)snprintf(line, sizeof line, "%s (n" NBSP "=" NBSP "%lld)", label == NULL ? "" : label,
                       (long long)json_integer_value(json_object_get(d, "n")));
        b->n_text += wrap(&text, line, width + 2);
    }
    json_decref(details);
    stroma_status s = fig_keep(f->db, head.data, &b->head, err);
    if (s == STROMA_OK) s = fig_keep(f->db, text.data, &b->text, err);
    stroma_buffer_clear(&head);
    stroma_buffer_clear(&text);
    b->height = (int)(b->n_head + b->n_text) * LINE_PX + 2 * PAD_PX;
    return s;
}

static void place_rows(flow *f)
{
    int top = GAP_PX / 2;
    for (int level = 0; level < NODES_MAX; level++) {
        int bottom = top;
        bool any = false;
        for (size_t i = 0; i < f->n; i++) {
            node *b = &f->at[i];
            if (b->level != level) continue;
            any = true;
            b->top = top;
            for (size_t k = 0; k < i && b->stacked; k++)
                if (f->at[k].level == level && f->at[k].first_column == b->first_column)
                    b->top = f->at[k].top + f->at[k].height + PAD_PX;
            bottom = b->top + b->height > bottom ? b->top + b->height : bottom;
        }
        if (!any) break;
        f->height = bottom + 2;
        top = bottom + GAP_PX;
    }
}

static double middle(const flow *f, const node *b)
{
    return ((double)b->first_column + (double)b->n_columns / 2) / (double)f->n_columns;
}

static void put_box(flow *f, const node *b)
{
    stroma_json *j = f->j;
    /* a box of several columns is no wider than it needs: one column and a half */
    const double half = (b->n_columns > 1 ? 0.75 : 0.47) / (double)f->n_columns;
    const double at = middle(f, b);
    stroma_json_begin_object(j);
    stroma_json_put_string(j, "box", b->id);
    stroma_json_put_string(j, "stage", b->stage);
    stroma_json_put_string(j, "head", b->head);
    stroma_json_put_string(j, "text", b->text);
    stroma_json_put_int(j, "n", b->n);
    stroma_json_put_number(j, "left", at - half);
    stroma_json_put_number(j, "right", at + half);
    stroma_json_put_number(j, "middle", at);
    stroma_json_put_int(j, "top", b->top);
    stroma_json_put_int(j, "bottom", b->top + b->height);
    stroma_json_put_int(j, "head_y", b->top + PAD_PX);
    stroma_json_put_int(j, "text_y", b->top + PAD_PX + (int)b->n_head * LINE_PX);
    stroma_json_end_object(j);
}

static void put_point(flow *f, size_t line, double x, int y, int step)
{
    stroma_json_begin_object(f->j);
    stroma_json_put_int(f->j, "line", (int64_t)line);
    stroma_json_put_number(f->j, "x", x);
    stroma_json_put_int(f->j, "y", y);
    stroma_json_put_int(f->j, "step", step);
    stroma_json_end_object(f->j);
}

static void put_lines(flow *f)
{
    for (size_t i = 0; i < f->n; i++) {
        const node *b = &f->at[i];
        if (b->parent == f->n || b->stacked) continue;
        const node *p = &f->at[b->parent];
        const int from = p->top + p->height, turn = b->top - GAP_PX / 2;
        put_point(f, i, middle(f, p), from, 0);
        put_point(f, i, middle(f, p), turn, 1);
        put_point(f, i, middle(f, b), turn, 2);
        put_point(f, i, middle(f, b), b->top - 6, 3);
    }
}

/* One label a level, at the left above its boxes. */
static void put_stages(flow *f)
{
    static const char *const names[][2] = { { "enrolment", "Enrolment" },
                                            { "allocation", "Allocation" },
                                            { "follow_up", "Follow-up" },
                                            { "analysis", "Analysis" },
                                            { "response", "Response" } };
    const char *last = "";
    for (int level = 0; level < NODES_MAX; level++)
        for (size_t i = 0; i < f->n; i++) {
            const node *b = &f->at[i];
            if (b->level != level) continue;
            if (strcmp(b->stage, last) != 0) {
                const char *name = b->stage;
                for (size_t k = 0; k < 5; k++)
                    if (strcmp(names[k][0], b->stage) == 0) name = names[k][1];
                stroma_json_begin_object(f->j);
                stroma_json_put_string(f->j, "label", name);
                stroma_json_put_number(f->j, "x", 0);
                stroma_json_put_int(f->j, "y", b->top - 5);
                stroma_json_end_object(f->j);
            }
            last = b->stage;
            break;
        }
}

#define X_SCALE "'type':'quantitative','axis':null,'scale':{'domain':[0,1],'nice':false}"

/* The channels x, x2, y, y2 (x2 and y2 may be NULL) and what else stands in the encoding. */
static void encode(flow *f, const char *const fields[4], const char *more)
{
    stroma_buffer b;
    stroma_buffer_init(&b, 1 << 16);
    stroma_buffer_printf(&b,
                         "{'x':{'field':'%s'," X_SCALE "},'y':{'field':'%s','type':"
                         "'quantitative','axis':null,'scale':{'domain':[%d,0],'nice':false,"
                         "'zero':false}}",
                         fields[0], fields[2], f->height);
    if (fields[1] != NULL) stroma_buffer_printf(&b, ",'x2':{'field':'%s'}", fields[1]);
    if (fields[3] != NULL) stroma_buffer_printf(&b, ",'y2':{'field':'%s'}", fields[3]);
    stroma_buffer_printf(&b, "%s}", more);
    fig_lit(f->j, "encoding", b.data == NULL ? "{}" : b.data);
    stroma_buffer_clear(&b);
}

static void line_layers(flow *f)
{
    static const char *const fields[4] = { "x", NULL, "y", NULL };
    stroma_json *j = f->j;
    stroma_json_begin_object(j);
    fig_data_begin(j);
    put_lines(f);
    fig_data_end(j);
    stroma_json_key(j, "layer");
    stroma_json_begin_array(j);
    stroma_json_begin_object(j);
    fig_lit(j, "mark",
            "{'type':'line','strokeWidth':1.2,'color':'" REPORT_INK_SOFT "','tooltip':null}");
    encode(f, fields, ",'detail':{'field':'line'},'order':{'field':'step'}");
    stroma_json_end_object(j);
    stroma_json_begin_object(j);
    fig_lit(j, "transform", "[{'filter':'datum.step == 3'}]");
    fig_lit(
        j, "mark",
        "{'type':'point','shape':'triangle-down','size':50,'opacity':1,'color':'" REPORT_INK_SOFT
        "'}");
    encode(f, fields, "");
    stroma_json_end_object(j);
    stroma_json_end_array(j);
    stroma_json_end_object(j);
}

static void box_layers(flow *f)
{
    static const char *const box[4] = { "left", "right", "top", "bottom" };
    static const char *const head[4] = { "middle", NULL, "head_y", NULL };
    static const char *const text[4] = { "middle", NULL, "text_y", NULL };
    stroma_json *j = f->j;
    stroma_json_begin_object(j);
    fig_lit(j, "mark",
            "{'type':'rect','cornerRadius':4,'opacity':1,'fill':'" REPORT_PAPER
            "','stroke':'" REPORT_INK_SOFT "','strokeWidth':1,'tooltip':null}");
    encode(f, box, "");
    stroma_json_end_object(j);
    stroma_json_begin_object(j);
    fig_lit(j, "mark",
            "{'type':'text','baseline':'line-top','lineBreak':'\\n','lineHeight':16,"
            "'fontWeight':600,'color':'" REPORT_INK "'}");
    encode(f, head, ",'text':{'field':'head'}");
    stroma_json_end_object(j);
    stroma_json_begin_object(j);
    fig_lit(j, "mark",
            "{'type':'text','baseline':'line-top','lineBreak':'\\n','lineHeight':16,"
            "'color':'" REPORT_INK "'}");
    encode(f, text, ",'text':{'field':'text'}");
    stroma_json_end_object(j);
}

static void stage_layer(flow *f)
{
    static const char *const fields[4] = { "x", NULL, "y", NULL };
    stroma_json *j = f->j;
    stroma_json_begin_object(j);
    fig_data_begin(j);
    put_stages(f);
    fig_data_end(j);
    fig_lit(
        j, "mark",
        "{'type':'text','align':'left','baseline':'bottom','fontSize':11,'color':'" REPORT_INK_SOFT
        "'}");
    encode(f, fields, ",'text':{'field':'label'}");
    stroma_json_end_object(j);
}

static stroma_status draw(flow *f, const report_item *item, stroma_buffer *json, stroma_error *err)
{
    stroma_json j;
    stroma_json_init(&j, json, 0);
    f->j = &j;
    fig_begin(&j, item,
              &(fig_head){ .title = item->title,
                           .description = f->words.data == NULL ? item->title : f->words.data,
                           .caption = "Numbers of participants at each stage, counted from the "
                                      "analysis sets (form: CONSORT 2025).",
                           .width = 600,
                           .title_inside = true,
                           .height = f->height });
    fig_data_begin(&j);
    for (size_t i = 0; i < f->n; i++)
        put_box(f, &f->at[i]);
    fig_data_end(&j);
    stroma_json_key(&j, "layer");
    stroma_json_begin_array(&j);
    line_layers(f);
    box_layers(f);
    stage_layer(f);
    stroma_json_end_array(&j);
    fig_end(&j);
    return stroma_buffer_status(json, err);
}

static stroma_status lay_out(flow *f, stroma_error *err)
{
    STROMA_TRY(fig_each(f->db,
                        "SELECT node_id, parent_id, stage, label, n, details FROM flow_node ORDER "
                        "BY ord, node_id",
                        NULL, 0, take_node, f, err));
    if (f->n == 0) return stroma_fail(err, STROMA_E_INCONSISTENT, "the flow has no boxes");
    link_nodes(f);
    place_columns(f);
    for (size_t i = 0; i < f->n; i++)
        STROMA_TRY(put_texts(f, &f->at[i], err));
    place_rows(f);
    return STROMA_OK;
}

stroma_status report_figure_flow(report_db *db, const report_item *item, stroma_buffer *json,
                                 stroma_error *err)
{
    flow *f = stroma_alloc_array(1, sizeof *f);
    if (f == NULL) return stroma_no_memory(err);
    f->db = db;
    stroma_buffer_init(&f->words, 1 << 16);
    stroma_buffer_puts(&f->words, "Participant flow.");
    stroma_status s = lay_out(f, err);
    if (s == STROMA_OK) s = draw(f, item, json, err);
    stroma_buffer_clear(&f->words);
    stroma_free(f);
    return s;
}
