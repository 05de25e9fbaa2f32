/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Proportions with their intervals: a dot and a line a group, the count beside it. */
#include "figure_parts.h"

#include "stroma/number.h"

#include <math.h>
#include <string.h>

report_figure_fn report_figure_rates;

enum { ROW_PX = 46 };

typedef struct rates {
    report_db *db;
    stroma_json *j;
    fig_groups groups;
    const char *grouping, *label, *interval, *set;
    int64_t n_rows;
    bool by_label; /* several outcomes: each has rows of its own */
    stroma_buffer words;
} rates;

static stroma_status take_first(void *context, sqlite3_stmt *q, stroma_error *err)
{
    rates *r = context;
    r->by_label = report_int(q, 4) > 1;
    STROMA_TRY(fig_keep(r->db, report_text(q, 0), &r->grouping, err));
    STROMA_TRY(fig_keep(r->db, report_text(q, 1), &r->label, err));
    STROMA_TRY(fig_keep(r->db, report_text(q, 2), &r->interval, err));
    return fig_keep(r->db, report_text(q, 3), &r->set, err);
}

static stroma_status put_rate(void *context, sqlite3_stmt *q, stroma_error *err)
{
    (void)err;
    rates *r = context;
    const size_t g = fig_group_index(&r->groups, report_text(q, 1));
    if (g == r->groups.n || report_is_null(q, 2)) return STROMA_OK;
    char trace[32], text[160], a[STROMA_NUMBER_TEXT_MAX], l[STROMA_NUMBER_TEXT_MAX],
        u[STROMA_NUMBER_TEXT_MAX];
    (void)snprintf(trace, sizeof trace, "r%lld", (long long)report_int(q, 0));
    (void)snprintf(text, sizeof text, "%lld of %lld: %s %% (%s–%s)", (long long)report_int(q, 6),
                   (long long)report_int(q, 5),
                   stroma_format_fixed(100 * report_number(q, 2), 0, a),
                   stroma_format_fixed(100 * report_number(q, 3), 0, l),
                   stroma_format_fixed(100 * report_number(q, 4), 0, u));
    stroma_json_begin_object(r->j);
    stroma_json_put_string(r->j, "trace", trace);
    stroma_json_put_string(r->j, "group", r->groups.at[g].label);
    if (r->by_label) {
        char line[512];
        (void)snprintf(line, sizeof line, "%s%s%s", report_text(q, 7), r->groups.n > 1 ? ": " : "",
                       r->groups.n > 1 ? r->groups.at[g].label : "");
        stroma_json_put_string(r->j, "line", line);
    }
    stroma_json_put_int(r->j, "with", report_int(q, 6));
    stroma_json_put_int(r->j, "n", report_int(q, 5));
    stroma_json_put_number(r->j, "proportion", report_number(q, 2));
    stroma_json_put_number(r->j, "lower", report_number(q, 3));
    stroma_json_put_number(r->j, "upper", report_number(q, 4));
    stroma_json_put_string(r->j, "text", text);
    stroma_json_end_object(r->j);
    stroma_buffer_printf(&r->words, " %s: %s.", r->groups.at[g].label, text);
    r->n_rows++;
    return STROMA_OK;
}

static void put_layer(rates *r, const char *mark, const char *x, bool interval, bool text)
{
    stroma_json *j = r->j;
    stroma_json_begin_object(j);
    fig_lit(j, "mark", mark);
    stroma_json_key(j, "encoding");
    stroma_json_begin_object(j);
    fig_lit(j, "y",
            r->by_label ? "{'field':'line','type':'nominal','sort':null,'title':null,'axis':{"
                          "'labelFontWeight':600,'domain':false,'ticks':false,'labelPadding':12,"
                          "'labelLimit':180}}"
                        : "{'field':'group','type':'nominal','sort':null,'title':null,'axis':{"
                          "'labelFontWeight':600,'domain':false,'ticks':false,'labelPadding':12}}");
    stroma_json_key(j, "x");
    stroma_json_begin_object(j);
    stroma_json_put_string(j, "field", x);
    fig_lit(j, "type", "'quantitative'");
    fig_lit(j, "scale", "{'domain':[0,1],'nice':false}");
    fig_lit(j, "axis", "{'format':'.0%','title':null,'grid':true,'tickCount':5}");
    stroma_json_end_object(j);
    if (interval) fig_lit(j, "x2", "{'field':'upper'}");
    if (text)
        fig_lit(j, "text", "{'field':'text'}");
    else
        fig_group_channels(j, &r->groups, interval ? 0U : (unsigned)FIG_SHAPE);
    fig_lit(j, "tooltip", "[{'field':'group'},{'field':'text','title':'rate (95 % CI)'}]");
    stroma_json_end_object(j);
    stroma_json_end_object(j);
}

static stroma_status draw(rates *r, const report_item *item, const char *data, stroma_buffer *json,
                          stroma_error *err)
{
    stroma_json j;
    const char *set_label = "";
    STROMA_TRY(fig_set_label(r->db, r->set, &set_label, err));
    char caption[512];
    (void)snprintf(caption, sizeof caption,
                   "Dot: share of patients; line: 95 %% CI (%s). Population: %s.", r->interval,
                   set_label);
    stroma_json_init(&j, json, 0);
    r->j = &j;
    fig_begin(&j, item,
              &(fig_head){ .title = r->by_label ? item->title : r->label,
                           .description = r->words.data == NULL ? r->label : r->words.data,
                           .caption = caption,
                           .width = 560,
                           .height = (int)(r->n_rows > 0 ? r->n_rows : 1) * ROW_PX });
    stroma_json_key(&j, "data");
    stroma_json_raw(&j, data);
    stroma_json_key(&j, "layer");
    stroma_json_begin_array(&j);
    put_layer(r, "{'type':'rule','strokeWidth':2.5}", "lower", true, false);
    put_layer(r, "{'type':'point','size':110,'opacity':1}", "proportion", false, false);
    /* beside the line on the side with room */
    put_layer(
        r,
        "{'type':'text','dy':-13,'align':{'expr':'datum.proportion < 0.5 ? `left` : `right`'},"
        "'color':'" REPORT_INK "'}",
        "proportion", false, true);
    stroma_json_end_array(&j);
    fig_end(&j);
    return stroma_buffer_status(json, err);
}

stroma_status report_figure_rates(report_db *db, const report_item *item, stroma_buffer *json,
                                  stroma_error *err)
{
    rates r = { .db = db, .label = "", .interval = "", .set = "" };
    const char *analysis = report_spec_text(item, "analysis");
    STROMA_TRY(fig_each(
        db,
        "SELECT grouping_id, label, interval_method, set_id, (SELECT count(DISTINCT "
        "label) FROM result WHERE analysis_id = ?1 AND group_b IS NULL) FROM "
        "result WHERE analysis_id = ?1 AND grouping_id IS NOT NULL ORDER BY result_id LIMIT 1",
        &analysis, 1, take_first, &r, err));
    if (r.grouping == NULL)
        return stroma_fail(err, STROMA_E_INCONSISTENT, "analysis \"%s\" has no result by group",
                           analysis == NULL ? "" : analysis);
    STROMA_TRY(fig_load_groups(db, r.grouping, NULL, &r.groups, err));
    stroma_buffer data;
    stroma_json j;
    stroma_buffer_init(&data, json->limit_bytes);
    stroma_buffer_init(&r.words, 1 << 16);
    stroma_buffer_printf(&r.words, "%s.", r.label);
    stroma_json_init(&j, &data, 0);
    r.j = &j;
    stroma_json_begin_object(&j);
    stroma_json_key(&j, "values");
    stroma_json_begin_array(&j);
    stroma_status s = fig_each(
        db,
        "SELECT r.result_id, r.group_a, r.estimate, r.lower, r.upper, r.n_used, r.n1, r.label FROM "
        "result r "
        "JOIN group_of g ON g.grouping_id = r.grouping_id AND g.group_id = r.group_a WHERE "
        "r.analysis_id = ?1 AND r.group_b IS NULL ORDER BY g.ord, r.result_id",
        &analysis, 1, put_rate, &r, err);
    stroma_json_end_array(&j);
    stroma_json_end_object(&j);
    if (s == STROMA_OK) s = stroma_buffer_status(&data, err);
    if (s == STROMA_OK) s = draw(&r, item, data.data, json, err);
    stroma_buffer_clear(&data);
    stroma_buffer_clear(&r.words);
    return s;
}
