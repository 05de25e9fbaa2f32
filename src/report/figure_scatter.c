/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two measurements of each patient against each other, with the correlation that the run found. */
#include "figure_parts.h"

#include "stroma/number.h"

#include <math.h>
#include <string.h>

report_figure_fn report_figure_scatter;

typedef struct scatter {
    report_db *db;
    const report_item *item;
    stroma_json *j;
    fig_param x, y;
    const char *x_visit, *y_visit, *set, *set_label, *x_title, *y_title;
    fig_groups groups;
    fig_scale xs, ys;
    stroma_buffer found; /* the correlation in words */
    const char *only;    /* the one group that all correlations are of, or NULL */
    bool any_other;      /* a correlation of everybody, or of another group */
    int64_t n;
} scatter;

static stroma_status take_result(void *context, sqlite3_stmt *q, stroma_error *err)
{
    scatter *c = context;
    char a[STROMA_NUMBER_TEXT_MAX + 3], l[STROMA_NUMBER_TEXT_MAX + 3],
        u[STROMA_NUMBER_TEXT_MAX + 3], p[STROMA_NUMBER_TEXT_MAX];
    stroma_buffer *b = &c->found;
    char method[REPORT_NAME_MAX], name[REPORT_NAME_MAX];
    if (report_is_null(q, 8) || (c->only != NULL && strcmp(c->only, report_text(q, 8)) != 0))
        c->any_other = true;
    else
        STROMA_TRY(fig_keep(c->db, report_text(q, 8), &c->only, err));
    if (b->len > 0) stroma_buffer_puts(b, "; ");
    stroma_buffer_printf(b, "%s%s", report_text(q, 9), report_is_null(q, 8) ? "" : ": ");
    if (report_is_null(q, 2)) {
        stroma_buffer_printf(b, "%s: %s", report_name(report_text(q, 0), method, sizeof method),
                             report_text(q, 7));
        return STROMA_OK;
    }
    stroma_buffer_printf(b, "%s %s = %s", report_name(report_text(q, 0), method, sizeof method),
                         report_name(report_text(q, 1), name, sizeof name),
                         fig_number(report_number(q, 2), 2, a));
    if (!report_is_null(q, 3))
        stroma_buffer_printf(b, " (95 %% CI %s to %s)", fig_number(report_number(q, 3), 2, l),
                             fig_number(report_number(q, 4), 2, u));
    stroma_buffer_printf(b, ", n\xC2\xA0=\xC2\xA0%lld", (long long)report_int(q, 5));
    if (!report_is_null(q, 6)) {
        (void)stroma_format_p(report_number(q, 6), p);
        stroma_buffer_printf(b, ", adjusted p %s%s", p[0] == '<' ? "" : "=\xC2\xA0", p);
    }
    return STROMA_OK;
}

static stroma_status take_range(void *context, sqlite3_stmt *q, stroma_error *err)
{
    (void)err;
    scatter *c = context;
    if (fig_group_index(&c->groups, report_text(q, 1)) == c->groups.n) return STROMA_OK;
    fig_scale_add(&c->xs, report_number(q, 3));
    fig_scale_add(&c->ys, report_number(q, 4));
    return STROMA_OK;
}

static stroma_status put_point(void *context, sqlite3_stmt *q, stroma_error *err)
{
    (void)err;
    scatter *c = context;
    const size_t g = fig_group_index(&c->groups, report_text(q, 1));
    const double x = report_number(q, 3), y = report_number(q, 4);
    if (g == c->groups.n || (c->xs.log && x <= 0) || (c->ys.log && y <= 0)) return STROMA_OK;
    stroma_json_begin_object(c->j);
    stroma_json_put_string(c->j, "subject", report_text(q, 0));
    stroma_json_put_string(c->j, "visit", report_text(q, 2));
    stroma_json_put_string(c->j, "group", c->groups.at[g].label);
    stroma_json_put_number(c->j, "x", x);
    stroma_json_put_number(c->j, "y", y);
    const bool whole = strcmp(report_text(q, 5), "present") == 0;
    const char *state = whole ? report_text(q, 6) : report_text(q, 5);
    if (strcmp(state, "present") != 0)
        stroma_json_put_string(c->j, "state", fig_state_words(state));
    stroma_json_end_object(c->j);
    c->n++;
    return STROMA_OK;
}

static stroma_status each_pair(scatter *c, fig_row_fn *fn, stroma_error *err)
{
    const char *const params[] = { c->x.id,    c->x_visit,         c->y.id,
                                   c->y_visit, c->groups.grouping, c->set };
    return fig_each(
        c->db,
        "SELECT s.display_id, g.group_id, b.visit_id, a.value, b.value, a.state, b.state FROM "
        "measurement a JOIN measurement b ON b.subject_id = a.subject_id AND b.param_id = ?3 AND "
        "b.visit_id IS ?4 JOIN subject s ON s.subject_id = a.subject_id JOIN group_member g ON "
        "g.subject_id = a.subject_id AND g.grouping_id = ?5 JOIN analysis_set_member m ON m.set_id "
        "= ?6 AND m.subject_id = a.subject_id AND m.included = 1 WHERE a.param_id = ?1 AND "
        "a.visit_id IS ?2 AND a.value IS NOT NULL AND b.value IS NOT NULL ORDER BY s.ord, "
        "s.subject_id",
        params, 6, fn, c, err);
}

static stroma_status load(scatter *c, stroma_error *err)
{
    const report_item *item = c->item;
    const json_t *x = json_object_get(item->spec, "x"), *y = json_object_get(item->spec, "y");
    c->x_visit = json_string_value(json_object_get(x, "visit"));
    c->y_visit = json_string_value(json_object_get(y, "visit"));
    c->set = report_spec_text(item, "set");
    STROMA_TRY(fig_load_param(c->db, json_string_value(json_object_get(x, "param")), &c->x, err));
    STROMA_TRY(fig_load_param(c->db, json_string_value(json_object_get(y, "param")), &c->y, err));
    STROMA_TRY(fig_set_label(c->db, c->set, &c->set_label, err));
    const char *const analysis[] = { report_spec_text(item, "analysis"), c->x.id, c->y.id };
    STROMA_TRY(fig_each(c->db,
                        "SELECT r.method, r.estimate_name, r.estimate, r.lower, r.upper, r.n_used, "
                        "r.p_adjusted, coalesce(r.reason, r.state), r.group_a, coalesce(g.label, "
                        "r.group_a) FROM result r LEFT JOIN group_of g ON g.grouping_id = "
                        "r.grouping_id AND g.group_id = r.group_a WHERE r.analysis_id = ?1 AND "
                        "r.param_id IN (?2, ?3) AND r.param2_id IN (?2, ?3) ORDER BY r.result_id",
                        analysis, 3, take_result, c, err));
    json_t *wanted = c->only == NULL || c->any_other ? NULL : json_string(c->only);
    const stroma_status s = fig_load_groups(
        c->db, report_spec_text(item, "grouping"),
        wanted != NULL ? wanted : json_object_get(item->spec, "groups"), &c->groups, err);
    json_decref(wanted);
    if (s != STROMA_OK) return s;
    fig_scale_start(&c->xs, c->x.log_scale);
    fig_scale_start(&c->ys, c->y.log_scale);
    STROMA_TRY(each_pair(c, take_range, err));
    fig_scale_finish(&c->xs);
    fig_scale_finish(&c->ys);
    return STROMA_OK;
}

static void put_layer(scatter *c, const char *filter, const char *mark, unsigned flags)
{
    stroma_json *j = c->j;
    stroma_json_begin_object(j);
    stroma_json_key(j, "transform");
    stroma_json_begin_array(j);
    stroma_json_begin_object(j);
    stroma_json_put_string(j, "filter", filter);
    stroma_json_end_object(j);
    stroma_json_end_array(j);
    fig_lit(j, "mark", mark);
    stroma_json_key(j, "encoding");
    stroma_json_begin_object(j);
    fig_quantitative_titled(j, "x", "x", &c->xs, c->x.name_unit);
    fig_quantitative_titled(j, "y", "y", &c->ys, NULL);
    fig_group_channels(j, &c->groups, flags | (c->groups.n > 1 ? (unsigned)FIG_LEGEND : 0U));
    fig_lit(j, "tooltip",
            "[{'field':'subject'},{'field':'group'},{'field':'x','type':'quantitative'},"
            "{'field':'y','type':'quantitative'},{'field':'state'}]");
    stroma_json_end_object(j);
    stroma_json_end_object(j);
}

static const char *with_visit(report_db *db, const fig_param *p, const char *visit)
{
    fig_visits v = { .unit = "" };
    json_t *wanted = json_pack("[s]", visit == NULL ? "" : visit);
    const stroma_status s = visit == NULL ? STROMA_OK : fig_load_visits(db, wanted, &v, NULL);
    json_decref(wanted);
    if (s != STROMA_OK || v.n != 1) return p->name_unit;
    const char *text = stroma_arena_printf(&db->arena, "%s at %s", p->name_unit, v.at[0].label);
    return text == NULL ? p->name_unit : text;
}

static stroma_status draw(scatter *c, stroma_buffer *json, stroma_error *err)
{
    stroma_json j;
    stroma_buffer caption;
    c->x_title = with_visit(c->db, &c->x, c->x_visit);
    c->y_title = with_visit(c->db, &c->y, c->y_visit);
    const char *found = c->found.data == NULL ? "no correlation was computed" : c->found.data;
    const char *description = stroma_arena_printf(&c->db->arena,
                                                  "%s against %s, one dot a "
                                                  "patient. %s.",
                                                  c->y_title, c->x_title, found);
    if (description == NULL) return stroma_no_memory(err);
    stroma_buffer_init(&caption, 1 << 16);
    stroma_buffer_printf(&caption,
                         "Vertical: %s; horizontal: %s. %s. A dot is a patient with both "
                         "values; open: one of them beyond an assay limit.",
                         c->y_title, c->x_title, found);
    fig_caption_tail(&caption, &c->groups, c->set_label, false, false);
    stroma_json_init(&j, json, 0);
    c->j = &j;
    fig_begin(&j, c->item,
              &(fig_head){ .title = c->y.name_unit,
                           .description = description,
                           .caption = caption.data == NULL ? "" : caption.data,
                           .width = 480,
                           .height = 300,
                           .param = c->y.id });
    stroma_buffer_clear(&caption);
    fig_data_begin(&j);
    STROMA_TRY(each_pair(c, put_point, err));
    fig_data_end(&j);
    stroma_json_key(&j, "layer");
    stroma_json_begin_array(&j);
    put_layer(c, "!isValid(datum.state)", "{'type':'point','size':46,'opacity':0.8}", FIG_SHAPE);
    put_layer(c, "isValid(datum.state)",
              "{'type':'point','size':46,'filled':true,'fill':'" REPORT_PAPER
              "','strokeWidth':1.4}",
              FIG_SHAPE | FIG_FILL);
    stroma_json_end_array(&j);
    fig_end(&j);
    return stroma_buffer_status(json, err);
}

stroma_status report_figure_scatter(report_db *db, const report_item *item, stroma_buffer *json,
                                    stroma_error *err)
{
    scatter c = { .db = db, .item = item };
    stroma_buffer_init(&c.found, 1 << 16);
    stroma_status s = load(&c, err);
    if (s == STROMA_OK) s = draw(&c, json, err);
    stroma_buffer_clear(&c.found);
    return s;
}
