/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the flow figures must know of entries, axes, samples, gates and densities. */
#include "figure_cytometry.h"

#include <stdio.h>
#include <string.h>

/* A text of the database that must be JSON of one type. */
static stroma_status check_json(const char *text, json_type type, const char *what,
                                stroma_error *err)
{
    json_error_t why;
    json_t *v = json_loads(text, 0, &why);
    const bool ok = v != NULL && json_typeof(v) == type;
    json_decref(v);
    if (ok) return STROMA_OK;
    if (v == NULL && json_error_code(&why) == json_error_out_of_memory)
        return stroma_no_memory(err);
    return stroma_fail(err, STROMA_E_INCONSISTENT, "%s: \"%.60s\" is not what study.db promises",
                       what, text);
}

typedef struct load {
    report_db *db;
    void *out;
} load;

/* n texts of a row from column first on. */
static stroma_status keep_texts(report_db *db, sqlite3_stmt *q, int first, const char **const *to,
                                int n, stroma_error *err)
{
    for (int i = 0; i < n; i++)
        STROMA_TRY(fig_keep(db, report_text(q, first + i), to[i], err));
    return STROMA_OK;
}

static stroma_status take_entry(void *context, sqlite3_stmt *q, stroma_error *err)
{
    load *l = context;
    fig_cytometry *e = l->out;
    const char **texts[] = { &e->id, &e->label, &e->gates, &e->gates_kind };
    e->level = report_number(q, 4);
    return keep_texts(l->db, q, 0, texts, 4, err);
}

stroma_status fig_load_cytometry(report_db *db, const report_item *item, fig_cytometry *out,
                                 stroma_error *err)
{
    *out = (fig_cytometry){ 0 };
    load l = { db, out };
    const char *id = report_spec_text(item, "entry");
    STROMA_TRY(fig_each(db,
                        "SELECT entry_id, label, gates, gates_kind, level FROM cytometry_entry "
                        "WHERE entry_id = ?1",
                        &id, 1, take_entry, &l, err));
    if (out->id == NULL)
        return stroma_fail(err, STROMA_E_INCONSISTENT, "cytometry entry \"%s\" is not in the study",
                           id == NULL ? "" : id);
    return STROMA_OK;
}

static stroma_status take_axis(void *context, sqlite3_stmt *q, stroma_error *err)
{
    load *l = context;
    fig_axis *a = l->out;
    const char **texts[] = { &a->id, &a->label, &a->name, &a->scale, &a->ticks };
    double *const numbers[] = { &a->low, &a->high, &a->t, &a->w, &a->m, &a->a };
    for (int i = 0; i < 6; i++)
        *numbers[i] = report_number(q, 5 + i);
    STROMA_TRY(check_json(report_text(q, 4), JSON_ARRAY, "ticks of an axis", err));
    return keep_texts(l->db, q, 0, texts, 5, err);
}

stroma_status fig_load_axis(report_db *db, const char *entry, const char *axis, fig_axis *out,
                            stroma_error *err)
{
    const char *const params[] = { entry, axis };
    *out = (fig_axis){ 0 };
    load l = { db, out };
    STROMA_TRY(fig_each(db,
                        "SELECT axis_id, label, coalesce(marker, channel), scale, ticks, low, "
                        "high, t, w, m, a FROM cytometry_axis WHERE entry_id = ?1 AND axis_id = ?2",
                        params, 2, take_axis, &l, err));
    if (out->id == NULL || !(out->low < out->high))
        return stroma_fail(err, STROMA_E_INCONSISTENT, "entry \"%s\" has no axis \"%s\"", entry,
                           axis);
    return STROMA_OK;
}

static stroma_status take_sample(void *context, sqlite3_stmt *q, stroma_error *err)
{
    load *l = context;
    fig_sample *s = l->out;
    const char **texts[] = { &s->subject, &s->subject_id, &s->visit, &s->visit_label,
                             &s->role,    &s->marker,     &s->file };
    s->id = report_int(q, 0);
    s->n_events = report_int(q, 1);
    return keep_texts(l->db, q, 2, texts, 7, err);
}

stroma_status fig_load_sample(report_db *db, int64_t sample, fig_sample *out, stroma_error *err)
{
    char id[24];
    const char *const params[] = { id };
    (void)snprintf(id, sizeof id, "%lld", (long long)sample);
    *out = (fig_sample){ 0 };
    load l = { db, out };
    return fig_each(db,
                    "SELECT c.sample_id, c.n_events, u.display_id, c.subject_id, c.visit_id, "
                    "coalesce(v.label, c.visit_id), c.role, c.marker, f.path FROM cytometry_sample "
                    "c JOIN input_file f USING(file_id) LEFT JOIN subject u USING(subject_id) LEFT "
                    "JOIN visit v USING(visit_id) WHERE c.sample_id = ?1",
                    params, 1, take_sample, &l, err);
}

enum { G_TEXTS = 9, G_FOUND = G_TEXTS, G_N, G_N_PARENT, G_PERCENT, G_LOWER, G_UPPER, G_MEASURED };

static stroma_status take_gate(void *context, sqlite3_stmt *q, stroma_error *err)
{
    load *l = context;
    fig_gate *g = l->out;
    const char **texts[G_TEXTS] = { &g->id,   &g->label,  &g->kind,  &g->dims, &g->geometry,
                                    &g->rule, &g->reason, &g->flags, &g->of };
    g->found = report_int(q, G_FOUND) != 0;
    g->n = report_int(q, G_N);
    g->n_parent = report_int(q, G_N_PARENT);
    g->percent = report_number(q, G_PERCENT);
    g->lower = report_number(q, G_LOWER);
    g->upper = report_number(q, G_UPPER);
    g->measured = report_int(q, G_MEASURED);
    STROMA_TRY(check_json(report_text(q, 3), JSON_ARRAY, "dimensions of a gate", err));
    STROMA_TRY(check_json(report_text(q, 4), JSON_OBJECT, "geometry of a gate", err));
    return keep_texts(l->db, q, 0, texts, G_TEXTS, err);
}

stroma_status fig_load_gate(report_db *db, int64_t sample, const char *gate, fig_gate *out,
                            stroma_error *err)
{
    char id[24];
    const char *const params[] = { id, gate };
    (void)snprintf(id, sizeof id, "%lld", (long long)sample);
    *out = (fig_gate){ 0 };
    load l = { db, out };
    return fig_each(
        db,
        "SELECT p.gate_id, replace(p.label, '_', ' '), g.kind, g.dims, g.geometry, "
        "coalesce(g.rule, "
        "''), coalesce(p.reason, g.reason), p.flags, coalesce((SELECT replace(u.label, '_', ' ') "
        "FROM cytometry_population u WHERE u.sample_id = p.sample_id AND u.gate_id = p.parent_id), "
        "'all events'), g.found, p.n, p.n_parent, p.pct_parent, p.lower, p.upper, (SELECT "
        "min(s.measurement_id) FROM cytometry_statistic s WHERE s.population_id = p.population_id) "
        "FROM cytometry_population p JOIN cytometry_gate g USING(gate_row) WHERE p.sample_id = ?1 "
        "AND p.gate_id = ?2",
        params, 2, take_gate, &l, err);
}

static stroma_status take_text(void *context, sqlite3_stmt *q, stroma_error *err)
{
    load *l = context;
    return fig_keep(l->db, report_text(q, 0), l->out, err);
}

stroma_status fig_gate_path(report_db *db, int64_t sample, const char *gate, const char **out,
                            stroma_error *err)
{
    char id[24];
    const char *const params[] = { id, gate };
    (void)snprintf(id, sizeof id, "%lld", (long long)sample);
    *out = "All events";
    load l = { db, out };
    if (gate == NULL || gate[0] == '\0') return STROMA_OK;
    return fig_each(
        db,
        "WITH RECURSIVE up(gate_id, parent_id, label, depth) AS (SELECT gate_id, parent_id, label, "
        "0 FROM cytometry_population WHERE sample_id = ?1 AND gate_id = ?2 UNION ALL SELECT "
        "p.gate_id, p.parent_id, p.label, depth + 1 FROM cytometry_population p JOIN up ON "
        "p.gate_id = up.parent_id WHERE p.sample_id = ?1 AND depth < 64) SELECT "
        "replace(group_concat(label, '" FIG_PATH_STEP "'), '_', ' ') FROM (SELECT label FROM up "
        "ORDER BY depth DESC)",
        params, 2, take_text, &l, err);
}

stroma_status fig_find_gate(report_db *db, const char *entry, const char *name, const char **out,
                            stroma_error *err)
{
    const char *const params[] = { entry, name };
    *out = NULL;
    load l = { db, out };
    STROMA_TRY(fig_each(db,
                        "SELECT gate_id FROM cytometry_gate WHERE entry_id = ?1 AND (gate_id = ?2 "
                        "OR label = ?2) ORDER BY gate_id = ?2 DESC, gate_row LIMIT 1",
                        params, 2, take_text, &l, err));
    if (*out == NULL)
        return stroma_fail(err, STROMA_E_INCONSISTENT, "entry \"%s\" has no population \"%s\"",
                           entry, name == NULL ? "" : name);
    return STROMA_OK;
}

static stroma_status take_density(void *context, sqlite3_stmt *q, stroma_error *err)
{
    load *l = context;
    fig_density *d = l->out;
    const char **texts[] = { &d->gate, &d->parent, &d->x, &d->y, &d->counts };
    int64_t *const numbers[] = { &d->sample,     &d->n_x,      &d->n_y,    &d->n_events,
                                 &d->n_left_out, &d->n_beyond, &d->highest };
    for (int i = 0; i < 7; i++)
        *numbers[i] = report_int(q, 5 + i);
    return keep_texts(l->db, q, 0, texts, 5, err);
}

stroma_status fig_load_density(report_db *db, int64_t sample, const char *gate, const char *x,
                               const char *y, fig_density *out, stroma_error *err)
{
    char id[24];
    const char *const params[] = { id, gate, x, y };
    (void)snprintf(id, sizeof id, "%lld", (long long)sample);
    *out = (fig_density){ 0 };
    load l = { db, out };
    return fig_each(
        db,
        "SELECT gate_id, parent_id, x_axis_id, y_axis_id, counts, sample_id, n_x, n_y, "
        "n_events, n_not_numbers, x_below + x_above + y_below + y_above, highest FROM "
        "cytometry_density WHERE entry_id = (SELECT entry_id FROM cytometry_sample WHERE "
        "sample_id = ?1) AND sample_id = ?1 AND gate_id = ?2 AND (?3 IS NULL OR "
        "x_axis_id = ?3) AND CASE WHEN ?4 IS NULL THEN y_axis_id IS NOT NULL ELSE "
        "coalesce(y_axis_id, '') = ?4 END ORDER BY density_id LIMIT 1",
        params, 4, take_density, &l, err);
}

stroma_status fig_load_picture(report_db *db, int64_t sample, const char *gate, fig_density *out,
                               stroma_error *err)
{
    STROMA_TRY(fig_load_density(db, sample, gate, NULL, NULL, out, err));
    return out->gate != NULL ? STROMA_OK : fig_load_density(db, sample, gate, NULL, "", out, err);
}
