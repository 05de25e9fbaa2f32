/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fluorescence of a marker in the parent of a population: a sample over its control, with the
 * edge that was set, a panel a visit. */
#include "figure_cytometry.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

report_figure_fn report_figure_cytometry_overlay;

enum { VISITS_MAX = 12, COLUMNS = 3, PANEL_PX = 220 };

typedef struct lap { /* a visit */
    fig_sample sample, control_sample;
    fig_density density, control;
    fig_panel panel;
    const char *title[2], *under[3];
} lap;

typedef struct overlay {
    report_db *db;
    const report_item *item;
    fig_cytometry entry;
    const char *gate, *marker, *subject, *shown, *of, *rules;
    fig_axis x;
    lap *laps;
    size_t n;
    int64_t more;
    double highest;
} overlay;

static stroma_status take_axis(void *context, sqlite3_stmt *q, stroma_error *err)
{
    overlay *o = context;
    return fig_load_axis(o->db, o->entry.id, report_text(q, 0), &o->x, err);
}

static stroma_status take_subject(void *context, sqlite3_stmt *q, stroma_error *err)
{
    overlay *o = context;
    STROMA_TRY(fig_keep(o->db, report_text(q, 0), &o->subject, err));
    return fig_keep(o->db, report_text(q, 1), &o->shown, err);
}

/* The subject that the spec names, else the one with most visits kept, the first of equals. */
static stroma_status find_subject(overlay *o, stroma_error *err)
{
    const char *const params[] = { o->entry.id, o->gate, o->x.id,
                                   report_spec_text(o->item, "subject") };
    return fig_each(o->db,
                    "SELECT c.subject_id, u.display_id FROM cytometry_sample c JOIN subject u "
                    "USING(subject_id) JOIN cytometry_density d ON d.sample_id = c.sample_id AND "
                    "d.gate_id = ?2 AND d.x_axis_id = ?3 AND d.y_axis_id IS NULL WHERE c.entry_id "
                    "= ?1 AND c.role = 'sample' AND (?4 IS NULL OR ?4 IN (u.subject_id, "
                    "u.display_id)) GROUP BY c.subject_id ORDER BY count(DISTINCT c.visit_id) "
                    "DESC, min(c.ord) LIMIT 1",
                    params, 4, take_subject, o, err);
}

static stroma_status take_id(void *context, sqlite3_stmt *q, stroma_error *err)
{
    (void)err;
    *(int64_t *)context = report_int(q, 0);
    return STROMA_OK;
}

/* The control that a number was set against, else the one of the marker at the visit. */
static stroma_status find_control(overlay *o, const fig_sample *s, int64_t *id, stroma_error *err)
{
    char sample[24];
    const char *const params[] = { o->entry.id, o->marker, s->visit, sample, o->gate };
    (void)snprintf(sample, sizeof sample, "%lld", (long long)s->id);
    *id = 0;
    return fig_each(
        o->db,
        "SELECT c.sample_id FROM cytometry_sample c WHERE c.entry_id = ?1 AND c.role IN ('fmo', "
        "'isotype') AND c.marker = ?2 AND (c.visit_id = ?3 OR c.visit_id IS NULL OR c.sample_id IN "
        "(SELECT t.control_sample_id FROM cytometry_statistic t JOIN cytometry_population p "
        "USING(population_id) WHERE t.sample_id = ?4 AND p.gate_id = ?5)) ORDER BY c.sample_id IN "
        "(SELECT t.control_sample_id FROM cytometry_statistic t JOIN cytometry_population p "
        "USING(population_id) WHERE t.sample_id = ?4 AND p.gate_id = ?5) DESC, c.visit_id IS NULL, "
        "c.role, c.ord LIMIT 1",
        params, 5, take_id, id, err);
}

static stroma_status load_control(overlay *o, lap *l, stroma_error *err)
{
    int64_t id = 0;
    char n[FIG_PERCENT_MAX];
    double highest = 0;
    STROMA_TRY(find_control(o, &l->sample, &id, err));
    l->under[1] = "no control of this marker";
    if (id == 0) return STROMA_OK;
    STROMA_TRY(fig_load_sample(o->db, id, &l->control_sample, err));
    STROMA_TRY(fig_load_density(o->db, id, o->gate, o->x.id, "", &l->control, err));
    l->under[1] = "no density of the control was kept";
    if (l->control.gate == NULL || l->control.n_events == 0) return STROMA_OK;
    STROMA_TRY(fig_histogram_highest(&l->control, &highest, err));
    o->highest = fmax(o->highest, highest);
    l->panel.control = &l->control;
    l->under[1] = stroma_arena_printf(
        &o->db->arena, "%s control: %s events",
        strcmp(l->control_sample.role, "fmo") == 0 ? "FMO" : l->control_sample.role,
        fig_count(l->control.n_events, n));
    return l->under[1] == NULL ? stroma_no_memory(err) : STROMA_OK;
}

static stroma_status take_sample(void *context, sqlite3_stmt *q, stroma_error *err)
{
    overlay *o = context;
    const int64_t id = report_int(q, 0);
    double highest = 0;
    char n[FIG_PERCENT_MAX];
    if (o->n == VISITS_MAX) {
        o->more++;
        return STROMA_OK;
    }
    lap *l = &o->laps[o->n++];
    fig_panel *p = &l->panel;
    STROMA_TRY(fig_load_sample(o->db, id, &l->sample, err));
    STROMA_TRY(fig_load_density(o->db, id, o->gate, o->x.id, "", &l->density, err));
    STROMA_TRY(fig_load_gate(o->db, id, o->gate, &p->gates[0], err));
    l->title[0] = l->sample.visit_label;
    p->n_gates = p->gates[0].id != NULL;
    p->sample = &l->sample;
    p->x = &o->x;
    p->title = l->title;
    p->under = l->under;
    p->colour = REPORT_INK_SOFT;
    p->outline = report_role_colour("highlight");
    p->threshold = p->x_title = true;
    p->size = PANEL_PX;
    p->wrap = 24;
    p->why = "no density was kept";
    l->under[0] =
        stroma_arena_printf(&o->db->arena, "sample: %s events", fig_count(l->density.n_events, n));
    if (l->under[0] == NULL) return stroma_no_memory(err);
    if (l->density.gate == NULL || l->density.n_events == 0) {
        l->under[0] = NULL;
        return STROMA_OK;
    }
    p->density = &l->density;
    if (p->n_gates > 0) o->of = p->gates[0].of;
    if (p->n_gates > 0 && o->rules[0] == '\0') o->rules = p->gates[0].rule;
    STROMA_TRY(fig_histogram_highest(&l->density, &highest, err));
    o->highest = fmax(o->highest, highest);
    return load_control(o, l, err);
}

static stroma_status load_laps(overlay *o, stroma_error *err)
{
    const char *const params[] = { o->entry.id, o->subject, o->item->spec_text };
    STROMA_TRY(fig_each(o->db,
                        "SELECT c.sample_id FROM cytometry_sample c JOIN visit v USING(visit_id) "
                        "WHERE c.entry_id = ?1 AND c.subject_id = ?2 AND c.role = 'sample' AND "
                        "(NOT EXISTS (SELECT 1 FROM json_each(?3, '$.visits')) OR c.visit_id IN "
                        "(SELECT value FROM json_each(?3, '$.visits'))) ORDER BY v.ord, c.ord",
                        params, 3, take_sample, o, err));
    for (size_t i = 0; i < o->n; i++) {
        o->laps[i].panel.highest = 1.35 * fmax(o->highest, 0.1);
        o->laps[i].panel.y_labels = true;
    }
    return STROMA_OK;
}

static stroma_status draw(overlay *o, stroma_buffer *json, const char *caption, stroma_error *err)
{
    stroma_json j;
    char title[240], subtitle[200], description[400];
    static const fig_fit fit = { .lead = 0, .gap = 64, .least = 140, .most = 260 };
    (void)snprintf(title, sizeof title, "%.80s of %.80s, sample over control", o->marker, o->of);
    (void)snprintf(subtitle, sizeof subtitle, "filled: subject %.60s; dashed line: control",
                   o->shown);
    (void)snprintf(description, sizeof description,
                   "Histograms of %.80s in subject %.60s over the control at %zu visits, with the "
                   "edge of the gate.",
                   o->marker, o->shown, o->n);
    stroma_json_init(&j, json, 0);
    fig_begin(&j, o->item,
              &(fig_head){ .title = title,
                           .subtitle = subtitle,
                           .description = description,
                           .caption = caption,
                           .fit = &fit });
    fig_data_begin(&j);
    for (size_t i = 0; i < o->n; i++)
        STROMA_TRY(fig_put_panel_row(&j, &o->laps[i].panel, i, err));
    fig_data_end(&j);
    stroma_json_put_int(&j, "columns", COLUMNS);
    fig_lit(&j, "align", "'each'");
    fig_lit(&j, "spacing", "22");
    stroma_json_key(&j, "concat");
    stroma_json_begin_array(&j);
    for (size_t i = 0; i < o->n; i++)
        STROMA_TRY(fig_put_panel(&j, &o->laps[i].panel, i, err));
    stroma_json_end_array(&j);
    fig_end(&j);
    return stroma_buffer_status(json, err);
}

static stroma_status load_and_draw(overlay *o, stroma_buffer *json, stroma_error *err)
{
    if (o->subject != NULL) STROMA_TRY(load_laps(o, err));
    bool any = false;
    for (size_t i = 0; i < o->n; i++)
        any = any || o->laps[i].panel.density != NULL;
    if (!any)
        return fig_put_nothing(json, o->item, o->entry.label,
                               "Nothing is drawn: no histogram of this marker in this population "
                               "was kept for the subject and visits asked for.",
                               err);
    stroma_buffer b;
    stroma_buffer_init(&b, 1 << 16);
    stroma_buffer_printf(&b, "Share of the events of %s in each bin of %s, ", o->of, o->x.label);
    fig_put_scale(&b, &o->x);
    stroma_buffer_printf(&b,
                         " scale; the vertical axis is a square root, so that rare events are "
                         "seen. Green line: edge of the gate, with its linear value. All events "
                         "are drawn.%s%s%s",
                         o->rules[0] != '\0' ? " Rule of the first: " : "", o->rules,
                         o->rules[0] != '\0' ? "." : "");
    if (report_spec_text(o->item, "subject") == NULL)
        stroma_buffer_puts(&b, " The subject was chosen by rule: the first of those with most "
                               "visits.");
    if (o->more > 0)
        stroma_buffer_printf(&b, " Not drawn: %lld further samples.", (long long)o->more);
    stroma_status s = stroma_buffer_status(&b, err);
    if (s == STROMA_OK) s = draw(o, json, b.data, err);
    stroma_buffer_clear(&b);
    return s;
}

stroma_status report_figure_cytometry_overlay(report_db *db, const report_item *item,
                                              stroma_buffer *json, stroma_error *err)
{
    overlay o = { .db = db, .item = item, .of = "", .rules = "" };
    STROMA_TRY(fig_load_cytometry(db, item, &o.entry, err));
    STROMA_TRY(fig_find_gate(db, o.entry.id, report_spec_text(item, "population"), &o.gate, err));
    o.marker = report_spec_text(item, "marker");
    const char *const params[] = { o.entry.id, o.marker };
    STROMA_TRY(fig_each(db,
                        "SELECT axis_id FROM cytometry_axis WHERE entry_id = ?1 AND (marker = ?2 "
                        "OR axis_id = ?2) ORDER BY axis_id = ?2 DESC, ord LIMIT 1",
                        params, 2, take_axis, &o, err));
    if (o.x.id == NULL)
        return stroma_fail(err, STROMA_E_INCONSISTENT, "entry \"%s\" has no axis of marker \"%s\"",
                           o.entry.id, o.marker == NULL ? "" : o.marker);
    STROMA_TRY(find_subject(&o, err));
    o.laps = stroma_alloc_array(VISITS_MAX, sizeof *o.laps);
    if (o.laps == NULL) return stroma_no_memory(err);
    const stroma_status s = load_and_draw(&o, json, err);
    stroma_free(o.laps);
    return s;
}
