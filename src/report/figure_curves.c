/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The curves of a biomarker question: ROC, calibration, decision curve, and courses aligned at the
 * rise of a marker. They differ in axes and helping lines; a new kind is a line in kinds[]. */
#include "figure_parts.h"

#include "stroma/number.h"

#include <math.h>
#include <string.h>

report_figure_fn report_figure_roc_curve, report_figure_calibration, report_figure_decision_curve,
    report_figure_alignment;

enum { SERIES_MAX = 5 };

typedef struct curve_kind {
    const char *kind;         /* of curve_point */
    const char *band;         /* kind of curve_point with the band; NULL: that of the curve */
    const char *points;       /* kind of single points drawn over the curves, or NULL */
    const char *title;        /* of the figure */
    const char *x, *y;        /* titles of the axes */
    const char *read;         /* caption: how to read it */
    const char *read_band;    /* what the band is, or NULL */
    const char *read_points;  /* what the points of another kind are, said where there are any */
    bool unit_square;         /* both axes 0 to 1, drawn square */
    bool diagonal, zero_line; /* helping lines */
    bool event_line;          /* at x = 0 */
    bool dots;                /* at the points of the curves */
} curve_kind;

static const curve_kind roc_kind = {
    .kind = "roc",
    .band = "roc_band",
    .points = "cutoff",
    .title = "ROC curve",
    .x = "1 \xE2\x88\x92 specificity",
    .y = "sensitivity",
    .read = "Each corner is a possible cut-off, in the direction that was declared; diagonal: a "
            "marker that tells nothing.",
    .read_points = "Point with whisker: a cut-off, with the interval of its sensitivity.",
    .read_band = "bootstrap interval of the sensitivity at each specificity",
    .unit_square = true,
    .diagonal = true,
};
static const curve_kind calibration_kind = {
    .kind = "calibration",
    .points = "calibration_groups",
    .title = "Calibration",
    .x = "predicted probability",
    .y = "observed share",
    .read = "Line: observed against predicted, smoothed; dots: groups of patients of like "
            "prediction; diagonal: predictions that hold.",
    .read_band = "CI of the line",
    .unit_square = true,
    .diagonal = true,
};
static const curve_kind decision_kind = {
    .kind = "decision_curve",
    .title = "Decision curve",
    .x = "threshold probability",
    .y = "net benefit",
    .read = "Net benefit of choosing by the model, of choosing everybody, and of choosing nobody "
            "(0), for each probability from which on one would treat (Vickers & Elkin 2006).",
    .zero_line = true,
};
static const curve_kind alignment_kind = {
    .kind = "alignment",
    .title = "Aligned at the rise",
    .x = "days since the rise of the marker",
    .y = "mean change",
    .read = "Every patient's own rise is day 0. Line: mean of those who rose.",
    .read_band = "CI of the mean",
    .zero_line = true,
    .event_line = true,
    .dots = true,
};

typedef struct curves {
    report_db *db;
    const report_item *item;
    const curve_kind *kind;
    stroma_json *j;
    const char *biomarker, *only;
    fig_groups series; /* id: series, label: as printed */
    fig_group at[SERIES_MAX];
    size_t left_out;
    fig_scale x, y;
    int64_t n, ord;
    size_t singles; /* points of another kind that are drawn */
    const char *label, *outcome, *event, *why_none;
    char level[FIG_LEVEL_MAX];
} curves;

static const char *const role_cycle[SERIES_MAX] = { "response", "no_response", "highlight",
                                                    "other1", "other2" };

static stroma_status take_series(void *context, sqlite3_stmt *q, stroma_error *err)
{
    curves *c = context;
    if (c->series.n == SERIES_MAX) {
        c->left_out++;
        return STROMA_OK;
    }
    fig_group *g = &c->at[c->series.n];
    g->role = role_cycle[c->series.n++];
    STROMA_TRY(fig_keep(c->db, report_text(q, 0), &g->id, err));
    return fig_keep(c->db, report_is_null(q, 1) ? report_text(q, 0) : report_text(q, 1), &g->label,
                    err);
}

static stroma_status take_range(void *context, sqlite3_stmt *q, stroma_error *err)
{
    (void)err;
    curves *c = context;
    if (fig_group_index(&c->series, report_text(q, 0)) == c->series.n) return STROMA_OK;
    fig_scale_add(&c->x, report_number(q, 1));
    for (int k = 2; k <= 4; k++)
        fig_scale_add(&c->y, report_number(q, k));
    if (report_int(q, 5) > c->n) c->n = report_int(q, 5);
    return STROMA_OK;
}

static stroma_status each_point(curves *c, const char *kind, fig_row_fn *fn, stroma_error *err)
{
    const char *const params[] = { c->biomarker, kind };
    return fig_each(c->db,
                    "SELECT series, x, y, lower, upper, n, label FROM curve_point WHERE "
                    "biomarker_id = ?1 AND kind = ?2 ORDER BY ord",
                    params, 2, fn, c, err);
}

static stroma_status take_biomarker(void *context, sqlite3_stmt *q, stroma_error *err)
{
    curves *c = context;
    STROMA_TRY(fig_keep(c->db, report_text(q, 0), &c->label, err));
    STROMA_TRY(fig_keep(c->db, report_text(q, 1), &c->outcome, err));
    STROMA_TRY(fig_keep(c->db, report_text(q, 3), &c->why_none, err));
    return fig_keep(c->db, report_text(q, 2), &c->event, err);
}

/* Not those of a curve that is not drawn here; where there is none they stand alone. */
static bool single_belongs(const curves *c, sqlite3_stmt *q)
{
    return fig_group_index(&c->series, report_text(q, 0)) < c->series.n ||
           (c->series.n == 0 && c->only == NULL);
}

static stroma_status count_single(void *context, sqlite3_stmt *q, stroma_error *err)
{
    (void)err;
    curves *c = context;
    c->singles += single_belongs(c, q);
    return STROMA_OK;
}

static stroma_status load(curves *c, stroma_error *err)
{
    c->biomarker = report_spec_text(c->item, "biomarker");
    c->only = report_spec_text(c->item, "series");
    c->series.at = c->at;
    const char *const head[] = { c->biomarker, c->kind->kind };
    STROMA_TRY(fig_each(c->db,
                        "SELECT label, outcome, event, coalesce(refused, CASE WHEN ?2 IN "
                        "('calibration', 'decision_curve') THEN model_reason END) FROM biomarker "
                        "WHERE biomarker_id = ?1",
                        head, 2, take_biomarker, c, err));
    if (c->label == NULL)
        return stroma_fail(err, STROMA_E_INCONSISTENT, "biomarker \"%s\" is not in the study",
                           c->biomarker == NULL ? "" : c->biomarker);
    STROMA_TRY(fig_level(c->db, c->biomarker, c->level, err));
    const char *const params[] = { c->biomarker, c->kind->kind, c->only };
    STROMA_TRY(fig_each(c->db,
                        "SELECT series, max(label) FROM curve_point WHERE biomarker_id = ?1 AND "
                        "kind = ?2 AND (?3 IS NULL OR series = ?3) GROUP BY series ORDER BY "
                        "min(ord)",
                        params, 3, take_series, c, err));
    fig_scale_start(&c->x, false);
    fig_scale_start(&c->y, false);
    STROMA_TRY(each_point(c, c->kind->kind, take_range, err));
    if (c->kind->points != NULL) STROMA_TRY(each_point(c, c->kind->points, count_single, err));
    if (c->kind->zero_line) fig_scale_add(&c->y, 0);
    fig_scale_finish(&c->x);
    fig_scale_finish(&c->y);
    if (c->kind->unit_square) c->x = c->y = (fig_scale){ .lo = 0, .hi = 1 };
    return STROMA_OK;
}

static stroma_status put_point(void *context, sqlite3_stmt *q, stroma_error *err)
{
    (void)err;
    curves *c = context;
    const size_t g = fig_group_index(&c->series, report_text(q, 0));
    if (g == c->series.n || report_is_null(q, 2)) return STROMA_OK;
    stroma_json_begin_object(c->j);
    stroma_json_put_string(c->j, "group", c->at[g].label);
    stroma_json_put_int(c->j, "ord", c->ord++);
    stroma_json_put_number(c->j, "x", report_number(q, 1));
    stroma_json_put_number(c->j, "y", report_number(q, 2));
    if (!report_is_null(q, 3)) {
        stroma_json_put_number(c->j, "lower", report_number(q, 3));
        stroma_json_put_number(c->j, "upper", report_number(q, 4));
    }
    if (!report_is_null(q, 5)) stroma_json_put_int(c->j, "n", report_int(q, 5));
    stroma_json_end_object(c->j);
    return STROMA_OK;
}

/* ---- layers ---- */

static void axes(curves *c, const char *y_title)
{
    fig_quantitative_titled(c->j, "x", "x", &c->x, c->kind->x);
    fig_quantitative_titled(c->j, "y", "y", &c->y, y_title);
}

#define TOOLTIP                                                                                 \
    "[{'field':'group','title':'curve'},{'field':'x','type':'quantitative','format':'.3~g'},{"  \
    "'field':'y','type':'quantitative','format':'.3~g'},{'field':'lower','type':'quantitative'" \
    ",'format':'.3~g'},{'field':'upper','type':'quantitative','format':'.3~g'},{'field':'n',"   \
    "'type':'quantitative'}]"

static void put_curve_layer(curves *c, const char *mark)
{
    stroma_json *j = c->j;
    stroma_json_begin_object(j);
    fig_lit(j, "mark", mark);
    stroma_json_key(j, "encoding");
    stroma_json_begin_object(j);
    axes(c, c->kind->y);
    fig_lit(j, "order", "{'field':'ord'}");
    fig_group_channels(j, &c->series,
                       FIG_DASH | (c->series.n > 1 ? (unsigned)FIG_LEGEND_BELOW : 0U));
    fig_lit(j, "tooltip", TOOLTIP);
    stroma_json_end_object(j);
    stroma_json_end_object(j);
}

/* A band has the colour of its series; with several it would hide the others. */
static stroma_status put_band(curves *c, stroma_error *err)
{
    stroma_json *j = c->j;
    char mark[96];
    if (c->series.n != 1) return STROMA_OK;
    (void)snprintf(mark, sizeof mark, "{'type':'area','opacity':0.16,'color':'%s'}",
                   report_role_colour(c->at[0].role));
    stroma_json_begin_object(j);
    if (c->kind->band != NULL) {
        fig_data_begin(j);
        STROMA_TRY(each_point(c, c->kind->band, put_point, err));
        fig_data_end(j);
    }
    fig_lit(j, "transform", "[{'filter':'isValid(datum.lower)'}]");
    fig_lit(j, "mark", mark);
    stroma_json_key(j, "encoding");
    stroma_json_begin_object(j);
    fig_quantitative_titled(j, "x", "x", &c->x, c->kind->x);
    fig_quantitative_titled(j, "y", "lower", &c->y, c->kind->y);
    fig_lit(j, "y2", "{'field':'upper'}");
    stroma_json_end_object(j);
    stroma_json_end_object(j);
    return STROMA_OK;
}

static void put_help_lines(curves *c)
{
    stroma_json *j = c->j;
    if (c->kind->diagonal)
        fig_lit(j, NULL,
                "{'data':{'values':[{'x':0,'y':0},{'x':1,'y':1}]},'mark':{'type':'line',"
                "'strokeWidth':1,'strokeDash':[3,3],'color':'" REPORT_INK_SOFT
                "'},'encoding':{'x':{'field':'x','type':'quantitative'},'y':{'field':'y','type':"
                "'quantitative'}}}");
    if (c->kind->zero_line)
        fig_lit(j, NULL,
                "{'data':{'values':[{'zero':0}]},'mark':{'type':'rule','strokeWidth':1,"
                "'color':'" REPORT_INK_SOFT
                "'},'encoding':{'y':{'field':'zero','type':'quantitative'}}}");
    if (c->kind->event_line)
        fig_lit(j, NULL,
                "{'data':{'values':[{'zero':0}]},'mark':{'type':'rule','strokeWidth':1,"
                "'strokeDash':[3,3],'color':'" REPORT_INK_SOFT
                "'},'encoding':{'x':{'field':'zero','type':'quantitative'}}}");
}

static stroma_status put_single(void *context, sqlite3_stmt *q, stroma_error *err)
{
    (void)err;
    curves *c = context;
    if (!single_belongs(c, q)) return STROMA_OK;
    stroma_json_begin_object(c->j);
    stroma_json_put_number(c->j, "x", report_number(q, 1));
    stroma_json_put_number(c->j, "y", report_number(q, 2));
    stroma_json_put_number(c->j, "lower", report_number(q, 3));
    stroma_json_put_number(c->j, "upper", report_number(q, 4));
    stroma_json_put_int(c->j, "n", report_int(q, 5));
    stroma_json_put_string(c->j, "label", report_text(q, 6));
    stroma_json_end_object(c->j);
    return STROMA_OK;
}

static void single_layer(curves *c, const char *mark, bool whisker)
{
    stroma_json *j = c->j;
    stroma_json_begin_object(j);
    fig_lit(j, "mark", mark);
    stroma_json_key(j, "encoding");
    stroma_json_begin_object(j);
    fig_quantitative_titled(j, "x", "x", &c->x, c->kind->x);
    fig_quantitative_titled(j, "y", whisker ? "lower" : "y", &c->y, c->kind->y);
    if (whisker) fig_lit(j, "y2", "{'field':'upper'}");
    fig_lit(j, "tooltip",
            "[{'field':'label','title':'point'},{'field':'n','type':'quantitative'}]");
    stroma_json_end_object(j);
    stroma_json_end_object(j);
}

/* Cut-offs on a ROC curve, groups on a calibration curve. */
static stroma_status put_singles(curves *c, stroma_error *err)
{
    stroma_json *j = c->j;
    if (c->kind->points == NULL) return STROMA_OK;
    stroma_json_begin_object(j);
    fig_data_begin(j);
    STROMA_TRY(each_point(c, c->kind->points, put_single, err));
    fig_data_end(j);
    stroma_json_key(j, "layer");
    stroma_json_begin_array(j);
    single_layer(c, "{'type':'rule','strokeWidth':1.6,'color':'" REPORT_INK "'}", true);
    single_layer(c,
                 "{'type':'point','size':64,'filled':true,'fill':'" REPORT_PAPER
                 "','stroke':'" REPORT_INK "','strokeWidth':1.8,'opacity':1}",
                 false);
    stroma_json_end_array(j);
    stroma_json_end_object(j);
    return STROMA_OK;
}

static stroma_status put_layers(curves *c, stroma_error *err)
{
    stroma_json *j = c->j;
    stroma_json_key(j, "layer");
    stroma_json_begin_array(j);
    put_help_lines(c);
    STROMA_TRY(put_band(c, err));
    put_curve_layer(c, "{'type':'line','strokeWidth':2.2}");
    if (c->kind->dots) put_curve_layer(c, "{'type':'point','size':42,'filled':true}");
    STROMA_TRY(put_singles(c, err));
    stroma_json_end_array(j);
    return STROMA_OK;
}

/* The band is drawn where it is the only one, at the level that was asked for. */
static void put_reading(const curves *c, stroma_buffer *b)
{
    stroma_buffer_puts(b, c->kind->read);
    if (c->singles > 0 && c->kind->read_points != NULL)
        stroma_buffer_printf(b, " %s", c->kind->read_points);
    if (c->series.n == 1 && c->kind->read_band != NULL)
        stroma_buffer_printf(b, " Band: %s %s.", c->level, c->kind->read_band);
}

static void put_caption(const curves *c, stroma_buffer *b)
{
    if (c->series.n == 0)
        stroma_buffer_printf(b, "No curve: %s.",
                             c->why_none[0] == '\0' ? "nothing was found to draw" : c->why_none);
    else
        put_reading(c, b);
    if (c->series.n == 1) stroma_buffer_printf(b, " %s.", c->at[0].label);
    if (c->left_out > 0) stroma_buffer_printf(b, " %zu further curves are not drawn.", c->left_out);
    if (c->n > 0) stroma_buffer_printf(b, " n\xC2\xA0=\xC2\xA0%lld.", (long long)c->n);
    stroma_buffer_printf(b, " Outcome: %s%s%s.", c->outcome, c->event[0] == '\0' ? "" : ": ",
                         c->event);
}

static void put_description(const curves *c, stroma_buffer *b)
{
    stroma_buffer_printf(b, "%s of %s.", c->kind->title, c->label);
    for (size_t i = 0; i < c->series.n; i++)
        stroma_buffer_printf(b, " %s.", c->at[i].label);
}

static stroma_status draw(curves *c, stroma_buffer *json, stroma_error *err)
{
    stroma_json j;
    stroma_buffer caption, description;
    stroma_buffer_init(&caption, 1 << 16);
    stroma_buffer_init(&description, 1 << 16);
    put_caption(c, &caption);
    put_description(c, &description);
    stroma_json_init(&j, json, 0);
    c->j = &j;
    const bool square = c->kind->unit_square;
    fig_begin(&j, c->item,
              &(fig_head){ .title = c->kind->title,
                           .description = description.data == NULL ? "" : description.data,
                           .caption = caption.data == NULL ? "" : caption.data,
                           .width = square ? 0 : 560,
                           .height = square ? 0 : 280 });
    stroma_buffer_clear(&caption);
    stroma_buffer_clear(&description);
    fig_data_begin(&j);
    stroma_status s = each_point(c, c->kind->kind, put_point, err);
    fig_data_end(&j);
    if (square) { /* in a row of one it keeps its shape when the page refits it */
        stroma_json_key(&j, "hconcat");
        stroma_json_begin_array(&j);
        stroma_json_begin_object(&j);
        stroma_json_put_int(&j, "width", 340);
        stroma_json_put_int(&j, "height", 340);
    }
    if (s == STROMA_OK) s = put_layers(c, err);
    if (square) {
        stroma_json_end_object(&j);
        stroma_json_end_array(&j);
    }
    fig_end(&j);
    return s == STROMA_OK ? stroma_buffer_status(json, err) : s;
}

static stroma_status build(report_db *db, const report_item *item, const curve_kind *kind,
                           stroma_buffer *json, stroma_error *err)
{
    curves c = { .db = db, .item = item, .kind = kind };
    STROMA_TRY(load(&c, err));
    return draw(&c, json, err);
}

stroma_status report_figure_roc_curve(report_db *db, const report_item *item, stroma_buffer *json,
                                      stroma_error *err)
{
    return build(db, item, &roc_kind, json, err);
}

stroma_status report_figure_calibration(report_db *db, const report_item *item, stroma_buffer *json,
                                        stroma_error *err)
{
    return build(db, item, &calibration_kind, json, err);
}

stroma_status report_figure_decision_curve(report_db *db, const report_item *item,
                                           stroma_buffer *json, stroma_error *err)
{
    return build(db, item, &decision_kind, json, err);
}

stroma_status report_figure_alignment(report_db *db, const report_item *item, stroma_buffer *json,
                                      stroma_error *err)
{
    return build(db, item, &alignment_kind, json, err);
}
