/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The candidates of a biomarker question against each other: a forest of their effects with the
 * adjusted p beside, and a volcano of effect against p for large families. */
#include "figure_parts.h"

#include "stroma/number.h"

#include <math.h>
#include <string.h>

report_figure_fn report_figure_forest, report_figure_volcano;

enum { ROW_PX = 26, FOREST_ROWS_MAX = 40, LABELS_MAX = 5 };

typedef struct field {
    report_db *db;
    const report_item *item;
    stroma_json *j;
    const char *biomarker, *label, *effect, *refused;
    fig_groups roles; /* candidates and negative controls */
    fig_group at[2];
    fig_scale x, y;
    int64_t rows, left_out, controls;
    double null_value, p_max_t_5; /* largest p whose max-T p is below 5 % */
    char level[FIG_LEVEL_MAX];
    bool volcano;
} field;

static stroma_status take_head(void *context, sqlite3_stmt *q, stroma_error *err)
{
    field *f = context;
    STROMA_TRY(fig_keep(f->db, report_text(q, 0), &f->label, err));
    STROMA_TRY(fig_keep(f->db, report_text(q, 2), &f->refused, err));
    if (report_is_null(q, 1)) return STROMA_OK;
    return fig_keep(f->db, report_text(q, 1), &f->effect, err);
}

/* Where nothing is: half for an area, 1 for a ratio, else (a difference, a logarithm) 0. */
static double null_of(const char *effect)
{
    if (strcmp(effect, "AUC") == 0) return 0.5;
    if (strncmp(effect, "log", 3) == 0) return 0;
    return strstr(effect, "ratio") != NULL ? 1 : 0;
}

static stroma_status each_candidate(field *f, fig_row_fn *fn, stroma_error *err)
{
    return fig_each(
        f->db,
        "SELECT c.label, c.role, r.estimate, r.lower, r.upper, r.p, c.p_max_t, c.q, "
        "r.result_id, c.n_used, c.name FROM candidate c JOIN result r ON r.result_id = "
        "c.result_id WHERE c.biomarker_id = ?1 AND r.estimate IS NOT NULL ORDER BY c.ord",
        &f->biomarker, 1, fn, f, err);
}

static bool drawn(field *f)
{
    if (f->volcano || f->rows < FOREST_ROWS_MAX) return true;
    f->left_out++;
    return false;
}

static stroma_status take_range(void *context, sqlite3_stmt *q, stroma_error *err)
{
    (void)err;
    field *f = context;
    if (!drawn(f)) return STROMA_OK;
    f->controls += strcmp(report_text(q, 1), "negative_control") == 0;
    f->rows++;
    fig_scale_add(&f->x, report_number(q, 2));
    if (!f->volcano) fig_scale_add(&f->x, report_number(q, 3));
    if (!f->volcano) fig_scale_add(&f->x, report_number(q, 4));
    const double p = report_number(q, 5);
    if (p > 0) fig_scale_add(&f->y, -log10(p));
    if (!report_is_null(q, 6) && report_number(q, 6) < 0.05) f->p_max_t_5 = fmax(f->p_max_t_5, p);
    return STROMA_OK;
}

static stroma_status load(field *f, stroma_error *err)
{
    f->biomarker = report_spec_text(f->item, "biomarker");
    STROMA_TRY(
        fig_each(f->db,
                 "SELECT b.label, (SELECT r.estimate_name FROM candidate c JOIN result r ON "
                 "r.result_id = c.result_id WHERE c.biomarker_id = b.biomarker_id AND "
                 "r.estimate IS NOT NULL ORDER BY c.ord LIMIT 1), b.refused FROM biomarker b WHERE "
                 "b.biomarker_id = ?1",
                 &f->biomarker, 1, take_head, f, err));
    if (f->label == NULL)
        return stroma_fail(err, STROMA_E_INCONSISTENT, "biomarker \"%s\" is not in the study",
                           f->biomarker == NULL ? "" : f->biomarker);
    STROMA_TRY(fig_level(f->db, f->biomarker, f->level, err));
    f->null_value = null_of(f->effect);
    fig_scale_start(&f->x, false);
    fig_scale_start(&f->y, false);
    fig_scale_add(&f->x, f->null_value);
    fig_scale_add(&f->y, 0);
    fig_scale_add(&f->y, 2);
    STROMA_TRY(each_candidate(f, take_range, err));
    fig_scale_finish(&f->x);
    fig_scale_finish(&f->y);
    f->at[0] = (fig_group){ .id = "candidate", .label = "candidate", .role = "response" };
    f->at[1] =
        (fig_group){ .id = "negative_control", .label = "negative control", .role = "control" };
    f->roles = (fig_groups){ .at = f->at, .n = f->controls > 0 ? 2 : 1 };
    f->rows = 0;
    f->left_out = 0;
    return STROMA_OK;
}

static const char *p_text(const field *f, double p_max_t, char *buf, size_t size)
{
    char p[STROMA_NUMBER_TEXT_MAX];
    (void)f;
    if (isnan(p_max_t)) return "outside the family";
    (void)stroma_format_p(p_max_t, p);
    (void)snprintf(buf, size, "p %s%s", p[0] == '<' ? "" : "=\xC2\xA0", p);
    return buf;
}

static stroma_status put_candidate(void *context, sqlite3_stmt *q, stroma_error *err)
{
    (void)err;
    field *f = context;
    const size_t g = fig_group_index(&f->roles, report_text(q, 1));
    char trace[32], p[64];
    const double raw = report_number(q, 5);
    if (!drawn(f) || g == f->roles.n) return STROMA_OK;
    if (f->volcano && !(raw > 0)) return STROMA_OK;
    (void)snprintf(trace, sizeof trace, "r%lld", (long long)report_int(q, 8));
    stroma_json_begin_object(f->j);
    stroma_json_put_string(f->j, "trace", trace);
    stroma_json_put_string(f->j, "candidate", report_text(q, 0));
    stroma_json_put_string(f->j, "group", f->at[g].label);
    stroma_json_put_number(f->j, "x", report_number(q, 2));
    if (!f->volcano && !report_is_null(q, 3)) {
        stroma_json_put_number(f->j, "lower", report_number(q, 3));
        stroma_json_put_number(f->j, "upper", report_number(q, 4));
    }
    if (f->volcano) stroma_json_put_number(f->j, "y", -log10(raw));
    stroma_json_put_string(f->j, "text", p_text(f, report_number(q, 6), p, sizeof p));
    if (f->volcano && f->rows < LABELS_MAX) stroma_json_put_string(f->j, "name", report_text(q, 0));
    stroma_json_put_int(f->j, "n", report_int(q, 9));
    stroma_json_end_object(f->j);
    f->rows++;
    return STROMA_OK;
}

static void null_line(field *f)
{
    char text[400], at[STROMA_NUMBER_TEXT_MAX];
    (void)snprintf(text, sizeof text,
                   "{'data':{'values':[{'at':%s}]},'mark':{'type':'rule','strokeWidth':1,"
                   "'strokeDash':[3,3],'color':'" REPORT_INK_SOFT
                   "'},'encoding':{'x':{'field':'at','type':'quantitative'}}}",
                   stroma_format_double(f->null_value, at));
    fig_lit(f->j, NULL, text);
}

#define TOOLTIP                                                                                   \
    "[{'field':'candidate'},{'field':'group','title':'role'},{'field':'x','type':'quantitative'," \
    "'format':'.3~g','title':'effect'},{'field':'text','title':'max-T'},{'field':'n','type':"     \
    "'quantitative'}]"

/* ---- forest ---- */

#define FOREST_Y                                                                             \
    "{'field':'candidate','type':'nominal','sort':null,'title':null,'axis':{'domain':false," \
    "'ticks':false,'labelPadding':10,'labelLimit':240}}"

static void forest_layer(field *f, const char *mark, const char *x, bool interval)
{
    stroma_json *j = f->j;
    stroma_json_begin_object(j);
    fig_lit(j, "mark", mark);
    stroma_json_key(j, "encoding");
    stroma_json_begin_object(j);
    fig_lit(j, "y", FOREST_Y);
    fig_quantitative_titled(j, "x", x, &f->x, f->effect);
    if (interval) fig_lit(j, "x2", "{'field':'upper'}");
    fig_group_channels(j, &f->roles,
                       (interval ? 0U : FIG_SHAPE) | (f->roles.n > 1 ? (unsigned)FIG_LEGEND : 0U));
    fig_lit(j, "tooltip", TOOLTIP);
    stroma_json_end_object(j);
    stroma_json_end_object(j);
}

/* The adjusted p of each row stands right of the plot. */
static void forest_p(field *f)
{
    stroma_json *j = f->j;
    stroma_json_begin_object(j);
    fig_lit(j, "mark",
            "{'type':'text','align':'left','dx':8,'fontSize':12,'color':'" REPORT_INK_SOFT "'}");
    stroma_json_key(j, "encoding");
    stroma_json_begin_object(j);
    fig_lit(j, "y", FOREST_Y);
    fig_lit(j, "x", "{'value':'width'}");
    fig_lit(j, "text", "{'field':'text'}");
    stroma_json_end_object(j);
    stroma_json_end_object(j);
}

static void forest_layers(field *f)
{
    null_line(f);
    forest_layer(f, "{'type':'rule','strokeWidth':2}", "lower", true);
    forest_layer(f, "{'type':'point','size':70,'filled':true,'opacity':1}", "x", false);
    forest_p(f);
}

/* ---- volcano ---- */

static void volcano_layer(field *f, const char *mark, const char *text)
{
    stroma_json *j = f->j;
    stroma_json_begin_object(j);
    if (text != NULL) fig_lit(j, "transform", "[{'filter':'isValid(datum.name)'}]");
    fig_lit(j, "mark", mark);
    stroma_json_key(j, "encoding");
    stroma_json_begin_object(j);
    fig_quantitative_titled(j, "x", "x", &f->x, f->effect);
    fig_quantitative_titled(j, "y", "y", &f->y, "\xE2\x88\x92log10 p");
    if (text != NULL)
        fig_lit(j, "text", text);
    else
        fig_group_channels(j, &f->roles, FIG_SHAPE | (f->roles.n > 1 ? (unsigned)FIG_LEGEND : 0U));
    fig_lit(j, "tooltip", TOOLTIP);
    stroma_json_end_object(j);
    stroma_json_end_object(j);
}

static void volcano_layers(field *f)
{
    char text[400], at[STROMA_NUMBER_TEXT_MAX];
    null_line(f);
    if (f->p_max_t_5 > 0) {
        (void)snprintf(text, sizeof text,
                       "{'data':{'values':[{'at':%s}]},'mark':{'type':'rule','strokeWidth':1,"
                       "'color':'" REPORT_INK_SOFT
                       "'},'encoding':{'y':{'field':'at','type':'quantitative'}}}",
                       stroma_format_double(-log10(f->p_max_t_5), at));
        fig_lit(f->j, NULL, text);
    }
    volcano_layer(f, "{'type':'point','size':46,'filled':true,'opacity':0.8}", NULL);
    volcano_layer(f, "{'type':'text','dx':7,'align':'left','fontSize':11,'color':'" REPORT_INK "'}",
                  "{'field':'name'}");
}

/* ---- both ---- */

static void put_caption(const field *f, stroma_buffer *b)
{
    if (f->rows == 0) {
        stroma_buffer_printf(b, "Nothing to draw: %s.",
                             f->refused[0] != '\0' ? f->refused : "no candidate was tested");
        return;
    }
    if (f->volcano)
        stroma_buffer_printf(
            b, "A dot is a candidate: its effect and its unadjusted p. %s",
            f->p_max_t_5 > 0 ? "Above the line lie those whose p, adjusted for the whole family "
                               "(max-T), is below 0.05."
                             : "No candidate has an adjusted p (max-T) below 0.05.");
    else
        stroma_buffer_printf(b,
                             "Dot: effect; line: %s CI, not adjusted; on the right the p adjusted "
                             "for the whole family (max-T).",
                             f->level);
    stroma_buffer_puts(b, " Dashed: no effect.");
    if (f->controls > 0) stroma_buffer_puts(b, " Negative controls are expected to show nothing.");
    if (f->left_out > 0)
        stroma_buffer_printf(b, " %lld further candidates are in the table.",
                             (long long)f->left_out);
}

static stroma_status draw(field *f, stroma_buffer *json, stroma_error *err)
{
    stroma_json j;
    stroma_buffer caption, data;
    stroma_buffer_init(&data, json->limit_bytes);
    stroma_json_init(&j, &data, 0);
    f->j = &j;
    stroma_json_begin_object(&j);
    stroma_json_key(&j, "values");
    stroma_json_begin_array(&j);
    stroma_status s = each_candidate(f, put_candidate, err);
    stroma_json_end_array(&j);
    stroma_json_end_object(&j);
    if (s == STROMA_OK) s = stroma_buffer_status(&data, err);
    if (s != STROMA_OK) {
        stroma_buffer_clear(&data);
        return s;
    }
    stroma_buffer_init(&caption, 1 << 16);
    put_caption(f, &caption);
    stroma_json_init(&j, json, 0);
    fig_begin(
        &j, f->item,
        &(fig_head){ .title = f->effect,
                     .description = stroma_arena_printf(&f->db->arena, "Candidates of %s: %s.",
                                                        f->label, caption.data),
                     .caption = caption.data,
                     .width = f->volcano ? 560 : 420,
                     .height = f->volcano ? 340 : (int)(f->rows > 0 ? f->rows : 1) * ROW_PX + 14,
                     .side = f->volcano ? 0 : 260 });
    stroma_buffer_clear(&caption);
    stroma_json_key(&j, "data");
    stroma_json_raw(&j, data.data);
    stroma_buffer_clear(&data);
    stroma_json_key(&j, "layer");
    stroma_json_begin_array(&j);
    if (f->volcano)
        volcano_layers(f);
    else
        forest_layers(f);
    stroma_json_end_array(&j);
    fig_end(&j);
    return stroma_buffer_status(json, err);
}

static stroma_status build(report_db *db, const report_item *item, bool volcano,
                           stroma_buffer *json, stroma_error *err)
{
    field f = { .db = db, .item = item, .volcano = volcano, .effect = "effect" };
    STROMA_TRY(load(&f, err));
    return draw(&f, json, err);
}

stroma_status report_figure_forest(report_db *db, const report_item *item, stroma_buffer *json,
                                   stroma_error *err)
{
    return build(db, item, false, json, err);
}

stroma_status report_figure_volcano(report_db *db, const report_item *item, stroma_buffer *json,
                                    stroma_error *err)
{
    return build(db, item, true, json, err);
}
