/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was measured when: a cell a parameter and visit, its share of values that are there, from
 * the summaries that the run wrote. */
#include "figure_parts.h"

#include "stroma/number.h"

#include <string.h>

report_figure_fn report_figure_missing_map;

enum { ROW_PX = 24, CELL_PX = 62 };

typedef struct map {
    report_db *db;
    stroma_json *j;
    const char *set, *set_label;
    int64_t params, visits, n, missing;
} map;

static stroma_status put_cell(void *context, sqlite3_stmt *q, stroma_error *err)
{
    (void)err;
    map *m = context;
    char text[64], trace[32], share[STROMA_NUMBER_TEXT_MAX];
    const double n = report_number(q, 3), expected = report_number(q, 4);
    if (!(expected > 0)) return STROMA_OK;
    (void)snprintf(trace, sizeof trace, "s%lld", (long long)report_int(q, 0));
    (void)snprintf(text, sizeof text, "%s %%", stroma_format_fixed(100 * n / expected, 0, share));
    stroma_json_begin_object(m->j);
    stroma_json_put_string(m->j, "trace", trace);
    stroma_json_put_string(m->j, "parameter", report_text(q, 1));
    stroma_json_put_string(m->j, "visit", report_text(q, 2));
    stroma_json_put_number(m->j, "share", n / expected);
    stroma_json_put_int(m->j, "n", (int64_t)n);
    stroma_json_put_int(m->j, "expected", (int64_t)expected);
    stroma_json_put_int(m->j, "missing", report_int(q, 5));
    stroma_json_put_int(m->j, "below", report_int(q, 6));
    stroma_json_put_string(m->j, "text", text);
    stroma_json_end_object(m->j);
    m->n++;
    m->missing += report_int(q, 5);
    return STROMA_OK;
}

static stroma_status count_axes(void *context, sqlite3_stmt *q, stroma_error *err)
{
    (void)err;
    map *m = context;
    m->params = report_int(q, 0);
    m->visits = report_int(q, 1);
    return STROMA_OK;
}

static stroma_status each(map *m, const report_item *item, const char *sql, fig_row_fn *fn,
                          stroma_error *err)
{
    const char *const key[] = { m->set, item->spec_text };
    return fig_each(m->db, sql, key, 2, fn, m, err);
}

#define FROM                                                                                       \
    "FROM summary s JOIN parameter p ON p.param_id = s.param_id JOIN visit v ON v.visit_id = "     \
    "s.visit_id JOIN json_each(?2, '$.params') w ON w.value = s.param_id WHERE s.set_id = ?1 AND " \
    "s.grouping_id = 'all' "

static void put_layer(map *m, const char *mark, bool text)
{
    stroma_json *j = m->j;
    stroma_json_begin_object(j);
    fig_lit(j, "mark", mark);
    stroma_json_key(j, "encoding");
    stroma_json_begin_object(j);
    fig_lit(j, "x",
            "{'field':'visit','type':'nominal','sort':null,'axis':{'title':null,'orient':'top',"
            "'labelAngle':0,'domain':false,'ticks':false,'labelLimit':80}}");
    fig_lit(j, "y",
            "{'field':'parameter','type':'nominal','sort':null,'axis':{'title':null,'domain':false,"
            "'ticks':false,'labelLimit':220}}");
    if (text)
        fig_lit(j, "text", "{'field':'text'}");
    else
        fig_lit(j, "opacity",
                "{'field':'share','type':'quantitative','scale':{'domain':[0,1],'range':[0.04,0.6]}"
                ",'legend':null}");
    fig_lit(j, "tooltip",
            "[{'field':'parameter'},{'field':'visit'},{'field':'n','type':'quantitative'},{'field':"
            "'expected','type':'quantitative'},{'field':'missing','type':'quantitative'},{'field':"
            "'below','title':'below limit','type':'quantitative'}]");
    stroma_json_end_object(j);
    stroma_json_end_object(j);
}

static stroma_status draw(map *m, const report_item *item, stroma_buffer *json, stroma_error *err)
{
    stroma_json j;
    char caption[400], description[200], mark[80];
    STROMA_TRY(each(m, item, "SELECT count(DISTINCT s.param_id), count(DISTINCT s.visit_id) " FROM,
                    count_axes, err));
    (void)snprintf(caption, sizeof caption,
                   "Share of the patients expected at a visit who have a value; a value below the "
                   "limit of an assay is a value. Population: %s.",
                   m->set_label);
    (void)snprintf(description, sizeof description,
                   "Completeness of %lld parameters at %lld visits.", (long long)m->params,
                   (long long)m->visits);
    stroma_json_init(&j, json, 0);
    m->j = &j;
    fig_begin(&j, item,
              &(fig_head){ .title = "Values there, % of those expected",
                           .description = description,
                           .caption = caption,
                           .width = (int)(m->visits > 0 ? m->visits : 1) * CELL_PX,
                           .height = (int)(m->params > 0 ? m->params : 1) * ROW_PX,
                           .side = 240 });
    fig_data_begin(&j);
    STROMA_TRY(each(m, item,
                    "SELECT s.summary_id, p.label, v.label, s.n, s.n_expected, s.n_missing, "
                    "s.n_below_limit " FROM "ORDER BY w.key, v.ord",
                    put_cell, err));
    fig_data_end(&j);
    stroma_json_key(&j, "layer");
    stroma_json_begin_array(&j);
    (void)snprintf(mark, sizeof mark, "{'type':'rect','color':'%s'}",
                   report_role_colour("response"));
    put_layer(m, mark, false);
    put_layer(m, "{'type':'text','fontSize':11,'color':'" REPORT_INK "'}", true);
    stroma_json_end_array(&j);
    fig_end(&j);
    return stroma_buffer_status(json, err);
}

stroma_status report_figure_missing_map(report_db *db, const report_item *item, stroma_buffer *json,
                                        stroma_error *err)
{
    map m = { .db = db, .set = report_spec_text(item, "set") };
    STROMA_TRY(fig_set_label(db, m.set, &m.set_label, err));
    return draw(&m, item, json, err);
}
