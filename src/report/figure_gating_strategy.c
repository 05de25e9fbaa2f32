/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gating strategy of an entry in one sample: a panel a step, with the gates that were set on
 * the same events and axes together. */
#include "figure_cytometry.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

report_figure_fn report_figure_gating_strategy;

enum { STEPS_MAX = 40, COLUMNS = 3, PANEL_PX = 240, LINES = FIG_GATES_MAX + 2 };

typedef struct step {
    fig_density density;
    fig_axis x, y;
    fig_panel panel;
    const char *title[2], *under[LINES];
} step;

typedef struct strategy {
    report_db *db;
    const report_item *item;
    fig_cytometry entry;
    fig_sample sample;
    int64_t sample_id;
    step *steps;
    size_t n_steps, n_gates;
    int64_t beyond, left_out;
    stroma_buffer missing, rules; /* gates without a picture; methods */
    size_t n_missing;
} strategy;

static stroma_status take_id(void *context, sqlite3_stmt *q, stroma_error *err)
{
    (void)err;
    *(int64_t *)context = report_int(q, 0);
    return STROMA_OK;
}

/* The sample that the spec names, else the one of which most steps were kept. */
static stroma_status find_sample(strategy *s, stroma_error *err)
{
    const char *const params[] = { s->entry.id, report_spec_text(s->item, "subject"),
                                   report_spec_text(s->item, "visit") };
    STROMA_TRY(fig_each(
        s->db,
        "SELECT c.sample_id FROM cytometry_sample c LEFT JOIN subject u USING(subject_id) LEFT "
        "JOIN "
        "(SELECT sample_id, count(DISTINCT gate_id) AS steps FROM cytometry_density WHERE entry_id "
        "= ?1 GROUP BY sample_id) d USING(sample_id) WHERE c.entry_id = ?1 AND c.role = 'sample' "
        "AND (?2 IS NULL OR ?2 IN (u.subject_id, u.display_id)) AND (?3 IS NULL OR c.visit_id = "
        "?3) ORDER BY coalesce(d.steps, 0) DESC, c.ord LIMIT 1",
        params, 3, take_id, &s->sample_id, err));
    return s->sample_id == 0 ? STROMA_OK : fig_load_sample(s->db, s->sample_id, &s->sample, err);
}

static bool same(const char *a, const char *b)
{
    return strcmp(a == NULL ? "" : a, b == NULL ? "" : b) == 0;
}

static step *step_of(strategy *s, const fig_density *d)
{
    for (size_t i = 0; i < s->n_steps; i++) {
        const step *t = &s->steps[i];
        if (same(t->density.parent, d->parent) && same(t->density.x, d->x) &&
            same(t->density.y, d->y) && t->panel.n_gates < FIG_GATES_MAX)
            return &s->steps[i];
    }
    if (s->n_steps == STEPS_MAX) return NULL;
    step *t = &s->steps[s->n_steps++];
    *t = (step){ .density = *d };
    return t;
}

static void add_missing(strategy *s, const fig_gate *g)
{
    stroma_buffer_printf(&s->missing, "%s%s", s->n_missing++ > 0 ? ", " : "", g->label);
    if (!g->found) stroma_buffer_printf(&s->missing, " (not estimable: %s)", g->reason);
}

static stroma_status take_gate(void *context, sqlite3_stmt *q, stroma_error *err)
{
    strategy *s = context;
    fig_gate g;
    fig_density d;
    const char *id = "";
    STROMA_TRY(fig_keep(s->db, report_text(q, 0), &id, err));
    STROMA_TRY(fig_load_gate(s->db, s->sample_id, id, &g, err));
    STROMA_TRY(fig_load_picture(s->db, s->sample_id, id, &d, err));
    step *t = d.gate == NULL ? NULL : step_of(s, &d);
    if (t == NULL) {
        add_missing(s, &g);
        return STROMA_OK;
    }
    if (g.rule[0] != '\0') {
        stroma_buffer_printf(&s->rules, "%s%s: %s", s->rules.len > 0 ? "; " : "", g.label, g.rule);
    }
    if (t->panel.n_gates == 0) {
        s->beyond += d.n_beyond;
        s->left_out += d.n_left_out;
    }
    t->panel.gates[t->panel.n_gates++] = g;
    s->n_gates++;
    return STROMA_OK;
}

static stroma_status describe_step(strategy *s, step *t, size_t place, stroma_error *err)
{
    stroma_arena *a = &s->db->arena;
    char n[FIG_PERCENT_MAX], of[FIG_PERCENT_MAX], percent[FIG_PERCENT_MAX];
    const char *path = "";
    STROMA_TRY(fig_load_axis(s->db, s->entry.id, t->density.x, &t->x, err));
    const bool plane = t->density.y[0] != '\0';
    if (plane) STROMA_TRY(fig_load_axis(s->db, s->entry.id, t->density.y, &t->y, err));
    STROMA_TRY(fig_gate_path(s->db, s->sample_id, t->density.parent, &path, err));
    t->title[0] = stroma_arena_printf(a, "%zu  %s", place + 1, path);
    bool ok = t->title[0] != NULL;
    const bool many = t->panel.n_gates > 1; /* of the same parent: named once */
    if (many)
        t->under[0] = stroma_arena_printf(a, "of %s, %s events", t->panel.gates[0].of,
                                          fig_count(t->density.n_events, of));
    for (size_t i = 0; i < t->panel.n_gates && ok; i++) {
        const fig_gate *g = &t->panel.gates[i];
        const char **line = &t->under[i + many];
        if (!g->found || isnan(g->percent))
            *line = stroma_arena_printf(a, "%s: not estimable, %s", g->label, g->reason);
        else if (many)
            *line = stroma_arena_printf(a, "%s: %s, %s events", g->label, fig_percent(g, percent),
                                        fig_count(g->n, n));
        else
            *line = stroma_arena_printf(a, "%s: %s of %s, %s of %s events", g->label,
                                        fig_percent(g, percent), g->of, fig_count(g->n, n),
                                        fig_count(g->n_parent, of));
        ok = *line != NULL && t->under[0] != NULL;
    }
    t->panel.density = &t->density;
    t->panel.x = &t->x;
    t->panel.y = plane ? &t->y : NULL;
    t->panel.sample = &s->sample;
    t->panel.title = t->title;
    t->panel.under = t->under;
    t->panel.colour = REPORT_INK_SOFT;
    t->panel.outline = report_role_colour("highlight");
    t->panel.highest = NAN;
    t->panel.names = t->panel.minor = t->panel.x_title = t->panel.y_title = t->panel.y_labels =
        true;
    t->panel.size = PANEL_PX;
    t->panel.wrap = 36;
    return ok ? STROMA_OK : stroma_no_memory(err);
}

static void put_axes(stroma_buffer *b, const strategy *s)
{
    for (size_t i = 0; i < s->n_steps; i++) {
        const fig_axis *axes[] = { &s->steps[i].x,
                                   s->steps[i].panel.y != NULL ? &s->steps[i].y : NULL };
        for (int k = 0; k < 2; k++) {
            if (axes[k] == NULL || axes[k]->id == NULL) continue;
            bool said = false;
            for (size_t p = 0; p < i && !said; p++)
                said = same(s->steps[p].x.id, axes[k]->id) ||
                       (s->steps[p].panel.y != NULL && same(s->steps[p].y.id, axes[k]->id));
            if (said || strcmp(axes[k]->scale, "linear") == 0) continue;
            stroma_buffer_printf(b, "%s%s ", b->len > 0 ? "; " : "", axes[k]->name);
            fig_put_scale(b, axes[k]);
        }
    }
}

static void put_caption(stroma_buffer *b, const strategy *s)
{
    char n[FIG_PERCENT_MAX];
    const bool asked = report_spec_text(s->item, "subject") != NULL;
    stroma_buffer axes;
    stroma_buffer_init(&axes, 1 << 16);
    put_axes(&axes, s);
    stroma_buffer_printf(b, "One sample of the entry %s: %s%s%s%s, %s events%s. ", s->entry.label,
                         s->sample.subject[0] != '\0' ? "subject " : "", s->sample.subject,
                         s->sample.visit_label[0] != '\0' ? ", " : "", s->sample.visit_label,
                         fig_count(s->sample.n_events, n),
                         asked ? ""
                               : ", chosen by rule: the most events among the samples with "
                                 "every population");
    stroma_buffer_puts(b,
                       "All events are drawn, binned; a stronger colour is more, by square root, "
                       "the strongest the fullest bin of a panel. Percentages are of the "
                       "population the panel is titled with. ");
    if (axes.len > 0) stroma_buffer_printf(b, "Scales: %s; others linear. ", axes.data);
    if (s->rules.len > 0) stroma_buffer_printf(b, "Gates: %s. ", s->rules.data);
    if (s->beyond > 0)
        stroma_buffer_printf(b, "Beyond an end of an axis, drawn at it: %s events. ",
                             fig_count(s->beyond, n));
    if (s->left_out > 0)
        stroma_buffer_printf(b, "Without a place on the scale, not drawn: %s events. ",
                             fig_count(s->left_out, n));
    if (s->n_missing > 0)
        stroma_buffer_printf(b, "Not drawn, as no density was kept: %s.", s->missing.data);
    if (axes.status != STROMA_OK && b->status == STROMA_OK) b->status = axes.status;
    stroma_buffer_clear(&axes);
}

static stroma_status draw(strategy *s, stroma_buffer *json, const char *caption, stroma_error *err)
{
    stroma_json j;
    char title[200], description[320];
    static const fig_fit fit = { .lead = 0, .gap = 68, .least = 172, .most = 300 };
    (void)snprintf(title, sizeof title, "%.120s: events in each gate, %% of the parent",
                   s->entry.label);
    (void)snprintf(description, sizeof description,
                   "Gating strategy of %.120s: %zu panels with %zu gates in one sample.",
                   s->entry.label, s->n_steps, s->n_gates);
    stroma_json_init(&j, json, 0);
    fig_begin(
        &j, s->item,
        &(fig_head){ .title = title, .description = description, .caption = caption, .fit = &fit });
    fig_data_begin(&j);
    for (size_t i = 0; i < s->n_steps; i++)
        STROMA_TRY(fig_put_panel_row(&j, &s->steps[i].panel, i, err));
    fig_data_end(&j);
    stroma_json_put_int(&j, "columns", COLUMNS);
    fig_lit(&j, "align", "'each'");
    fig_lit(&j, "spacing", "26");
    stroma_json_key(&j, "concat");
    stroma_json_begin_array(&j);
    for (size_t i = 0; i < s->n_steps; i++)
        STROMA_TRY(fig_put_panel(&j, &s->steps[i].panel, i, err));
    stroma_json_end_array(&j);
    fig_lit(&j, "resolve", "{'scale':{'color':'independent'}}");
    fig_end(&j);
    return stroma_buffer_status(json, err);
}

static stroma_status load_and_draw(strategy *s, stroma_buffer *json, stroma_error *err)
{
    char id[24];
    const char *const params[] = { id };
    (void)snprintf(id, sizeof id, "%lld", (long long)s->sample_id);
    if (s->sample_id > 0)
        STROMA_TRY(fig_each(s->db,
                            "SELECT gate_id FROM cytometry_population WHERE sample_id = ?1 ORDER "
                            "BY ord",
                            params, 1, take_gate, s, err));
    if (s->n_steps == 0)
        return fig_put_nothing(json, s->item, s->entry.label,
                               s->sample_id == 0
                                   ? "Nothing is drawn: no such sample is in this entry."
                                   : "Nothing is drawn: no density of this sample was kept. The "
                                     "run keeps those of every step for the representative sample "
                                     "only; leave out subject and visit to see it.",
                               err);
    for (size_t i = 0; i < s->n_steps; i++)
        STROMA_TRY(describe_step(s, &s->steps[i], i, err));
    stroma_buffer caption;
    stroma_buffer_init(&caption, 1 << 16);
    put_caption(&caption, s);
    stroma_status st = stroma_buffer_status(&caption, err);
    if (st == STROMA_OK) st = draw(s, json, caption.data, err);
    stroma_buffer_clear(&caption);
    return st;
}

stroma_status report_figure_gating_strategy(report_db *db, const report_item *item,
                                            stroma_buffer *json, stroma_error *err)
{
    strategy s = { .db = db, .item = item };
    STROMA_TRY(fig_load_cytometry(db, item, &s.entry, err));
    STROMA_TRY(find_sample(&s, err));
    s.steps = stroma_alloc_array(STEPS_MAX, sizeof *s.steps);
    if (s.steps == NULL) return stroma_no_memory(err);
    stroma_buffer_init(&s.missing, 1 << 16);
    stroma_buffer_init(&s.rules, 1 << 16);
    const stroma_status st = load_and_draw(&s, json, err);
    stroma_buffer_clear(&s.missing);
    stroma_buffer_clear(&s.rules);
    stroma_free(s.steps);
    return st;
}
