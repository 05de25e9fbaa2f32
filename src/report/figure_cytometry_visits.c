/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small multiples of a population: a row a subject, a column a visit, the same axes everywhere. */
#include "figure_cytometry.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

report_figure_fn report_figure_cytometry_visits;

enum { ROWS_MAX = 12, COLUMNS_MAX = 12, PANEL_PX = 168 };

typedef struct cell {
    fig_sample sample;
    fig_density density;
    fig_panel panel;
    const char *title[2], *under[2];
} cell;

typedef struct row {
    const char *subject, *shown, *group, *role; /* group "" none */
} row;

typedef struct visits {
    report_db *db;
    const report_item *item;
    fig_cytometry entry;
    const char *gate, *label, *of;
    fig_axis x, y;
    bool plane;
    const char *visit_ids[COLUMNS_MAX], *visit_labels[COLUMNS_MAX];
    const char *visit_list; /* JSON */
    row rows[ROWS_MAX];
    size_t n_rows, n_visits, middle;
    int64_t more_visits, more_subjects, counted;
    cell *cells; /* row by row */
    double highest;
    const char *rule;
} visits;

static stroma_status take_visit(void *context, sqlite3_stmt *q, stroma_error *err)
{
    visits *v = context;
    if (v->n_visits == COLUMNS_MAX) {
        v->more_visits++;
        return STROMA_OK;
    }
    STROMA_TRY(fig_keep(v->db, report_text(q, 0), &v->visit_ids[v->n_visits], err));
    return fig_keep(v->db, report_text(q, 1), &v->visit_labels[v->n_visits++], err);
}

static stroma_status load_visits(visits *v, stroma_error *err)
{
    const char *const params[] = { v->entry.id, v->item->spec_text };
    STROMA_TRY(fig_each(v->db,
                        "SELECT v.visit_id, v.label FROM visit v WHERE EXISTS (SELECT 1 FROM "
                        "cytometry_sample c WHERE c.entry_id = ?1 AND c.visit_id = v.visit_id AND "
                        "c.role = 'sample') AND (NOT EXISTS (SELECT 1 FROM json_each(?2, "
                        "'$.visits')) OR v.visit_id IN (SELECT value FROM json_each(?2, "
                        "'$.visits'))) ORDER BY v.ord",
                        params, 2, take_visit, v, err));
    stroma_buffer b;
    stroma_json j;
    stroma_buffer_init(&b, 1 << 16);
    stroma_json_init(&j, &b, 0);
    stroma_json_begin_array(&j);
    for (size_t i = 0; i < v->n_visits; i++)
        stroma_json_string(&j, v->visit_ids[i]);
    stroma_json_end_array(&j);
    stroma_status s = stroma_buffer_status(&b, err);
    if (s == STROMA_OK) s = fig_keep(v->db, b.data, &v->visit_list, err);
    stroma_buffer_clear(&b);
    return s;
}

static stroma_status take_row(void *context, sqlite3_stmt *q, stroma_error *err)
{
    visits *v = context;
    if (v->n_rows == ROWS_MAX) {
        v->more_subjects++;
        return STROMA_OK;
    }
    row *r = &v->rows[v->n_rows++];
    STROMA_TRY(fig_keep(v->db, report_text(q, 0), &r->subject, err));
    STROMA_TRY(fig_keep(v->db, report_text(q, 1), &r->shown, err));
    STROMA_TRY(fig_keep(v->db, report_text(q, 2), &r->group, err));
    return fig_keep(v->db, report_text(q, 3), &r->role, err);
}

/* Only the one in the middle is kept. */
static stroma_status take_middle(void *context, sqlite3_stmt *q, stroma_error *err)
{
    visits *v = context;
    return (size_t)v->counted++ == v->middle ? take_row(v, q, err) : STROMA_OK;
}

static stroma_status count_rows(void *context, sqlite3_stmt *q, stroma_error *err)
{
    (void)err;
    (void)q;
    ((visits *)context)->counted++;
    return STROMA_OK;
}

/* Subjects of a group that are there at every visit, by their percentage at the last one. */
#define OF_GROUP                                                                                   \
    "SELECT u.subject_id, u.display_id, g.label, g.colour_role FROM group_member m JOIN group_of " \
    "g USING(grouping_id, group_id) JOIN subject u ON u.subject_id = m.subject_id JOIN "           \
    "cytometry_sample c ON c.subject_id = m.subject_id AND c.entry_id = ?1 AND c.role = 'sample' " \
    "AND c.visit_id = ?6 JOIN cytometry_population p ON p.sample_id = c.sample_id AND p.gate_id "  \
    "= ?2 AND p.pct_parent IS NOT NULL WHERE m.grouping_id = ?3 AND m.group_id = ?4 AND (SELECT "  \
    "count(DISTINCT s.visit_id) FROM cytometry_sample s JOIN cytometry_density d ON d.sample_id "  \
    "= s.sample_id AND d.gate_id = ?2 AND d.entry_id = ?1 WHERE s.entry_id = ?1 AND s.subject_id " \
    "= m.subject_id AND "                                                                          \
    "s.role = 'sample' AND s.visit_id IN (SELECT value FROM json_each(?5))) = "                    \
    "json_array_length(?5) AND (?7 IS NULL OR EXISTS (SELECT 1 FROM analysis_set_member a WHERE "  \
    "a.set_id = ?7 AND a.subject_id = m.subject_id AND a.included)) ORDER BY p.pct_parent, u.ord"

static stroma_status representatives(visits *v, stroma_error *err)
{
    fig_groups groups;
    const char *grouping = report_spec_text(v->item, "grouping");
    STROMA_TRY(fig_load_groups(v->db, grouping == NULL ? "all" : grouping,
                               json_object_get(v->item->spec, "groups"), &groups, err));
    v->rule = "One subject a group, chosen by rule: the middle one by the percentage at the last "
              "visit drawn, among those whose densities were kept at every visit.";
    for (size_t i = 0; i < groups.n; i++) {
        const char *const params[] = { v->entry.id,
                                       v->gate,
                                       groups.grouping,
                                       groups.at[i].id,
                                       v->visit_list,
                                       v->visit_ids[v->n_visits - 1],
                                       report_spec_text(v->item, "set") };
        v->counted = 0;
        STROMA_TRY(fig_each(v->db, OF_GROUP, params, 7, count_rows, v, err));
        v->middle = (size_t)(v->counted > 0 ? (v->counted - 1) / 2 : 0);
        v->counted = 0;
        STROMA_TRY(fig_each(v->db, OF_GROUP, params, 7, take_middle, v, err));
    }
    return STROMA_OK;
}

static stroma_status load_rows(visits *v, stroma_error *err)
{
    const char *grouping = report_spec_text(v->item, "grouping");
    const char *const params[] = { v->item->spec_text, grouping == NULL ? "all" : grouping };
    if (json_array_size(json_object_get(v->item->spec, "subjects")) == 0)
        return representatives(v, err);
    v->rule = "The subjects were named in the study file.";
    STROMA_TRY(
        fig_each(v->db,
                 "SELECT u.subject_id, u.display_id, coalesce(g.label, ''), "
                 "coalesce(g.colour_role, '') FROM json_each(?1, '$.subjects') w JOIN subject u "
                 "ON w.value IN (u.subject_id, u.display_id) LEFT JOIN group_member m ON "
                 "m.subject_id = u.subject_id AND m.grouping_id = ?2 LEFT JOIN group_of g "
                 "USING(grouping_id, group_id) ORDER BY w.key",
                 params, 2, take_row, v, err));
    const size_t named = json_array_size(json_object_get(v->item->spec, "subjects"));
    if (v->n_rows + (size_t)v->more_subjects == named) return STROMA_OK;
    return stroma_fail(err, STROMA_E_INCONSISTENT, "subjects names %zu, the study has %zu of them",
                       named, v->n_rows + (size_t)v->more_subjects);
}

static stroma_status take_id(void *context, sqlite3_stmt *q, stroma_error *err)
{
    (void)err;
    *(int64_t *)context = report_int(q, 0);
    return STROMA_OK;
}

static stroma_status describe_cell(visits *v, cell *c, stroma_error *err)
{
    fig_panel *p = &c->panel;
    char n[FIG_PERCENT_MAX], of[FIG_PERCENT_MAX];
    if (v->x.id == NULL) {
        v->plane = c->density.y[0] != '\0';
        STROMA_TRY(fig_load_axis(v->db, v->entry.id, c->density.x, &v->x, err));
        if (v->plane) STROMA_TRY(fig_load_axis(v->db, v->entry.id, c->density.y, &v->y, err));
    }
    c->under[0] = isnan(p->gates[0].percent)
                      ? "not estimable"
                      : stroma_arena_printf(&v->db->arena, "%s of %s", fig_count(p->gates[0].n, n),
                                            fig_count(p->gates[0].n_parent, of));
    if (c->under[0] == NULL) return stroma_no_memory(err);
    p->under = c->under;
    if (v->plane) return STROMA_OK;
    double highest = 0;
    STROMA_TRY(fig_histogram_highest(&c->density, &highest, err));
    v->highest = fmax(v->highest, 1.3 * highest);
    return STROMA_OK;
}

/* The sample, its density and gate; a cell without them says why. */
static stroma_status load_cell(visits *v, const row *r, size_t visit, cell *c, stroma_error *err)
{
    const char *const params[] = { v->entry.id, r->subject, v->visit_ids[visit] };
    int64_t id = 0;
    fig_panel *p = &c->panel;
    c->title[0] = v->visit_labels[visit];
    *p = (fig_panel){ .sample = &c->sample,
                      .title = c->title,
                      .why = "no sample",
                      .colour = report_role_colour(r->role),
                      .outline = REPORT_INK,
                      .size = PANEL_PX,
                      .wrap = 20 };
    STROMA_TRY(fig_each(v->db,
                        "SELECT sample_id FROM cytometry_sample WHERE entry_id = ?1 AND subject_id "
                        "= ?2 AND visit_id = ?3 AND role = 'sample' ORDER BY ord DESC",
                        params, 3, take_id, &id, err));
    if (id == 0) return STROMA_OK;
    p->why = "no density was kept";
    STROMA_TRY(fig_load_sample(v->db, id, &c->sample, err));
    STROMA_TRY(fig_load_picture(v->db, id, v->gate, &c->density, err));
    STROMA_TRY(fig_load_gate(v->db, id, v->gate, &p->gates[0], err));
    if (c->density.gate == NULL || p->gates[0].id == NULL) return STROMA_OK;
    v->of = p->gates[0].of;
    v->label = p->gates[0].label;
    p->density = &c->density;
    p->n_gates = 1;
    return describe_cell(v, c, err);
}

static stroma_status load_cells(visits *v, stroma_error *err)
{
    for (size_t r = 0; r < v->n_rows; r++)
        for (size_t c = 0; c < v->n_visits; c++)
            STROMA_TRY(load_cell(v, &v->rows[r], c, &v->cells[r * v->n_visits + c], err));
    for (size_t i = 0; i < v->n_rows * v->n_visits; i++) {
        fig_panel *p = &v->cells[i].panel;
        p->x = &v->x;
        p->y = v->plane ? &v->y : NULL;
        p->highest = fmax(v->highest, 0.1);
        p->y_labels = i % v->n_visits == 0;
        p->x_title = i / v->n_visits + 1 == v->n_rows;
    }
    return STROMA_OK;
}

static void put_caption(stroma_buffer *b, const visits *v)
{
    stroma_buffer_printf(b,
                         "%s Percentages and counts are of %s; the outline is the gate of each "
                         "sample. All of these events are drawn, binned; ",
                         v->rule, v->of);
    stroma_buffer_puts(b, v->plane ? "a stronger colour is more, by square root, the strongest the "
                                     "fullest bin of a panel."
                                   : "the vertical axis is a square root.");
    stroma_buffer_printf(b, " The axes are the same in every panel: %s ", v->x.label);
    fig_put_scale(b, &v->x);
    if (v->plane) {
        stroma_buffer_printf(b, ", %s ", v->y.label);
        fig_put_scale(b, &v->y);
    }
    stroma_buffer_puts(b, ".");
    if (v->more_visits > 0)
        stroma_buffer_printf(b, " Not drawn: %lld further visits.", (long long)v->more_visits);
    if (v->more_subjects > 0)
        stroma_buffer_printf(b, " Not drawn: %lld further subjects.", (long long)v->more_subjects);
}

static stroma_status put_row(visits *v, stroma_json *j, size_t r, stroma_error *err)
{
    char title[240];
    const row *at = &v->rows[r];
    (void)snprintf(title, sizeof title, "%.120s%ssubject %.80s", at->group,
                   at->group[0] != '\0' ? ", " : "", at->shown);
    stroma_json_begin_object(j);
    stroma_json_key(j, "title");
    stroma_json_begin_object(j);
    stroma_json_put_string(j, "text", title);
    stroma_json_put_string(j, "color", report_role_colour(at->role));
    fig_lit(j, "anchor", "'start'");
    fig_lit(j, "offset", "6");
    stroma_json_end_object(j);
    stroma_json_put_int(j, "columns", (int64_t)v->n_visits);
    fig_lit(j, "align", "'each'");
    fig_lit(j, "spacing", "14");
    stroma_json_key(j, "concat");
    stroma_json_begin_array(j);
    for (size_t c = 0; c < v->n_visits; c++) {
        const size_t i = r * v->n_visits + c;
        STROMA_TRY(fig_put_panel(j, &v->cells[i].panel, i, err));
    }
    stroma_json_end_array(j);
    fig_lit(j, "resolve", "{'scale':{'color':'independent'}}");
    stroma_json_end_object(j);
    return STROMA_OK;
}

static stroma_status draw(visits *v, stroma_buffer *json, const char *caption, stroma_error *err)
{
    stroma_json j;
    char title[240], description[320];
    static const fig_fit fit = { .lead = 56, .gap = 14, .least = 76, .most = 220 };
    (void)snprintf(title, sizeof title, "%.80s, %% of %.80s", v->label, v->of);
    (void)snprintf(description, sizeof description,
                   "%.120s in %zu subjects at %zu visits, densities with the gate.", title,
                   v->n_rows, v->n_visits);
    stroma_json_init(&j, json, 0);
    fig_begin(
        &j, v->item,
        &(fig_head){ .title = title, .description = description, .caption = caption, .fit = &fit });
    fig_data_begin(&j);
    for (size_t i = 0; i < v->n_rows * v->n_visits; i++)
        STROMA_TRY(fig_put_panel_row(&j, &v->cells[i].panel, i, err));
    fig_data_end(&j);
    fig_lit(&j, "spacing", "20");
    stroma_json_key(&j, "vconcat");
    stroma_json_begin_array(&j);
    for (size_t r = 0; r < v->n_rows; r++)
        STROMA_TRY(put_row(v, &j, r, err));
    stroma_json_end_array(&j);
    fig_lit(&j, "resolve", "{'scale':{'color':'independent'}}");
    fig_end(&j);
    return stroma_buffer_status(json, err);
}

static stroma_status load_and_draw(visits *v, stroma_buffer *json, stroma_error *err)
{
    STROMA_TRY(load_cells(v, err));
    if (v->x.id == NULL)
        return fig_put_nothing(json, v->item, v->entry.label,
                               "Nothing is drawn: no densities of this population were kept for "
                               "these subjects and visits.",
                               err);
    stroma_buffer caption;
    stroma_buffer_init(&caption, 1 << 16);
    put_caption(&caption, v);
    stroma_status s = stroma_buffer_status(&caption, err);
    if (s == STROMA_OK) s = draw(v, json, caption.data, err);
    stroma_buffer_clear(&caption);
    return s;
}

stroma_status report_figure_cytometry_visits(report_db *db, const report_item *item,
                                             stroma_buffer *json, stroma_error *err)
{
    visits v = { .db = db, .item = item, .label = "", .of = "" };
    STROMA_TRY(fig_load_cytometry(db, item, &v.entry, err));
    STROMA_TRY(fig_find_gate(db, v.entry.id, report_spec_text(item, "population"), &v.gate, err));
    STROMA_TRY(load_visits(&v, err));
    if (v.n_visits > 0) STROMA_TRY(load_rows(&v, err));
    if (v.n_rows == 0)
        return fig_put_nothing(json, item, v.entry.label,
                               "Nothing is drawn: no subject of these groups has a density of this "
                               "population at every visit asked for.",
                               err);
    v.cells = stroma_alloc_array(v.n_rows * v.n_visits, sizeof *v.cells);
    if (v.cells == NULL) return stroma_no_memory(err);
    const stroma_status s = load_and_draw(&v, json, err);
    stroma_free(v.cells);
    return s;
}
