/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a figure or table must know of parameters, groups, visits and sets. */
#include "figure_parts.h"

#include <math.h>
#include <string.h>

stroma_status fig_each(report_db *db, const char *sql, const char *const *params, size_t n,
                       fig_row_fn *fn, void *context, stroma_error *err)
{
    sqlite3_stmt *q = NULL;
    STROMA_TRY(report_query(db, sql, params, n, &q, err));
    stroma_status s = STROMA_OK;
    for (;;) {
        bool got = false;
        s = report_row(db, q, &got, err);
        if (s != STROMA_OK || !got) break;
        s = fn(context, q, err);
        if (s != STROMA_OK) break;
    }
    (void)sqlite3_finalize(q);
    return s;
}

stroma_status fig_keep(report_db *db, const char *text, const char **out, stroma_error *err)
{
    *out = stroma_arena_strdup(&db->arena, text == NULL ? "" : text);
    return *out == NULL ? stroma_no_memory(err) : STROMA_OK;
}

typedef struct load {
    report_db *db;
    void *out;
    size_t capacity;
    const json_t *wanted;
} load;

/* Does the label end with "(unit)" or "unit)" already, as "global health (0-100 mm)" does? */
static bool says_unit(const char *label, const char *unit)
{
    const size_t n = strlen(label), u = strlen(unit);
    if (n < u + 2 || label[n - 1] != ')') return false;
    const char before = label[n - u - 2];
    return memcmp(label + n - u - 1, unit, u) == 0 && (before == '(' || before == ' ');
}

static stroma_status take_param(void *context, sqlite3_stmt *q, stroma_error *err)
{
    load *l = context;
    fig_param *p = l->out;
    STROMA_TRY(fig_keep(l->db, report_text(q, 0), &p->id, err));
    STROMA_TRY(fig_keep(l->db, report_text(q, 1), &p->label, err));
    STROMA_TRY(fig_keep(l->db, report_text(q, 2), &p->unit, err));
    p->decimals = (int)report_int(q, 3);
    p->log_scale = report_int(q, 4) != 0;
    p->lloq = report_number(q, 5);
    p->uloq = report_number(q, 6);
    p->ref_low = report_number(q, 7);
    p->ref_high = report_number(q, 8);
    p->name_unit = p->unit[0] == '\0' || says_unit(p->label, p->unit)
                       ? p->label
                       : stroma_arena_printf(&l->db->arena, "%s (%s)", p->label, p->unit);
    return p->name_unit == NULL ? stroma_no_memory(err) : STROMA_OK;
}

stroma_status fig_load_param(report_db *db, const char *id, fig_param *out, stroma_error *err)
{
    *out = (fig_param){ 0 };
    if (id == NULL) return stroma_fail(err, STROMA_E_INCONSISTENT, "spec names no parameter");
    load l = { .db = db, .out = out };
    STROMA_TRY(fig_each(db,
                        "SELECT param_id, label, unit, decimals, log_scale, lloq, uloq, ref_low, "
                        "ref_high FROM parameter WHERE param_id = ?1",
                        &id, 1, take_param, &l, err));
    if (out->id == NULL)
        return stroma_fail(err, STROMA_E_INCONSISTENT, "no parameter \"%s\" in the database", id);
    return STROMA_OK;
}

static bool is_wanted(const json_t *wanted, const char *id)
{
    if (wanted == NULL) return true;
    if (json_is_string(wanted)) return strcmp(json_string_value(wanted), id) == 0;
    for (size_t i = 0; i < json_array_size(wanted); i++) {
        const char *s = json_string_value(json_array_get(wanted, i));
        if (s != NULL && strcmp(s, id) == 0) return true;
    }
    return false;
}

/* Grow an array that lives in the arena: the numbers are small, old copies stay until the end. */
static void *arena_push(report_db *db, void *items, size_t n, size_t size, stroma_error *err)
{
    if (items != NULL && (n & (n - 1)) != 0) return items;
    void *grown = stroma_arena_alloc(&db->arena, n == 0 ? 1 : n * 2, size);
    if (grown == NULL)
        (void)stroma_no_memory(err);
    else if (n > 0)
        memcpy(grown, items, n * size);
    return grown;
}

static stroma_status take_group(void *context, sqlite3_stmt *q, stroma_error *err)
{
    load *l = context;
    fig_groups *g = l->out;
    if (!is_wanted(l->wanted, report_text(q, 0))) return STROMA_OK;
    g->at = arena_push(l->db, g->at, g->n, sizeof *g->at, err);
    if (g->at == NULL) return STROMA_E_NOMEM;
    fig_group *one = &g->at[g->n++];
    STROMA_TRY(fig_keep(l->db, report_text(q, 0), &one->id, err));
    STROMA_TRY(fig_keep(l->db, report_text(q, 1), &one->label, err));
    STROMA_TRY(fig_keep(l->db, report_text(q, 2), &one->role, err));
    one->n = report_int(q, 3);
    if (g->label != NULL) return STROMA_OK;
    STROMA_TRY(fig_keep(l->db, report_text(q, 4), &g->label, err));
    return fig_keep(l->db, report_text(q, 5), &g->rule, err);
}

stroma_status fig_load_groups(report_db *db, const char *grouping, const json_t *wanted,
                              fig_groups *out, stroma_error *err)
{
    *out = (fig_groups){ .grouping = grouping };
    if (grouping == NULL) return stroma_fail(err, STROMA_E_INCONSISTENT, "spec names no grouping");
    load l = { .db = db, .out = out, .wanted = wanted };
    STROMA_TRY(fig_each(
        db,
        "SELECT o.group_id, o.label, o.colour_role, (SELECT count(*) FROM group_member m WHERE "
        "m.grouping_id = o.grouping_id AND m.group_id = o.group_id), g.label, g.rule "
        "FROM group_of o JOIN grouping g USING (grouping_id) WHERE o.grouping_id = ?1 "
        "ORDER BY o.ord, o.group_id",
        &grouping, 1, take_group, &l, err));
    if (out->n == 0)
        return stroma_fail(err, STROMA_E_INCONSISTENT, "grouping \"%s\" has no such group",
                           grouping);
    return STROMA_OK;
}

size_t fig_group_index(const fig_groups *g, const char *id)
{
    size_t i = 0;
    while (i < g->n && strcmp(g->at[i].id, id) != 0)
        i++;
    return i;
}

static stroma_status take_true(void *context, sqlite3_stmt *q, stroma_error *err)
{
    (void)q;
    (void)err;
    bool *b = context;
    *b = true;
    return STROMA_OK;
}

stroma_status fig_is_circular(report_db *db, const char *grouping, const char *param, bool *out,
                              stroma_error *err)
{
    *out = false;
    const char *const params[] = { grouping, param };
    return fig_each(db,
                    "SELECT 1 FROM grouping g WHERE g.grouping_id = ?1 AND (g.origin_param_id = ?2 "
                    "OR EXISTS (SELECT 1 FROM json_each(g.origin_ancestors) WHERE value = ?2) "
                    /* or the time guard refused all that was asked of them after baseline */
                    "OR (SELECT sum(state = 'circular') > 0 AND sum(state = 'present' AND p IS NOT "
                    "NULL AND NOT baseline) = 0 FROM result LEFT JOIN visit USING(visit_id) "
                    "WHERE grouping_id = ?1 AND param_id = ?2))",
                    params, 2, take_true, out, err);
}

static stroma_status take_visit(void *context, sqlite3_stmt *q, stroma_error *err)
{
    load *l = context;
    fig_visits *v = l->out;
    if (l->wanted == NULL ? report_is_null(q, 2) : !is_wanted(l->wanted, report_text(q, 0)))
        return STROMA_OK;
    v->at = arena_push(l->db, v->at, v->n, sizeof *v->at, err);
    if (v->at == NULL) return STROMA_E_NOMEM;
    fig_visit *one = &v->at[v->n++];
    STROMA_TRY(fig_keep(l->db, report_text(q, 0), &one->id, err));
    STROMA_TRY(fig_keep(l->db, report_text(q, 1), &one->label, err));
    one->week = report_number(q, 2);
    one->baseline = report_int(q, 3) != 0;
    return v->unit[0] == '\0' ? fig_keep(l->db, report_text(q, 4), &v->unit, err) : STROMA_OK;
}

stroma_status fig_load_visits(report_db *db, const json_t *wanted, fig_visits *out,
                              stroma_error *err)
{
    *out = (fig_visits){ .unit = "" };
    load l = { .db = db, .out = out, .wanted = json_array_size(wanted) == 0 ? NULL : wanted };
    return fig_each(db,
                    "SELECT visit_id, label, week, baseline, time_unit FROM visit ORDER BY ord, "
                    "visit_id",
                    NULL, 0, take_visit, &l, err);
}

size_t fig_visit_index(const fig_visits *v, const char *id)
{
    size_t i = 0;
    while (i < v->n && strcmp(v->at[i].id, id) != 0)
        i++;
    return i;
}

static stroma_status take_text(void *context, sqlite3_stmt *q, stroma_error *err)
{
    load *l = context;
    return fig_keep(l->db, report_text(q, 0), l->out, err);
}

stroma_status fig_set_label(report_db *db, const char *set, const char **out, stroma_error *err)
{
    *out = "";
    load l = { .db = db, .out = out };
    return fig_each(db, "SELECT label FROM analysis_set WHERE set_id = ?1", &set, 1, take_text, &l,
                    err);
}

bool fig_spec_flag(const report_item *item, const char *key)
{
    return json_is_true(json_object_get(item->spec, key));
}

stroma_status fig_is_paper(report_db *db, bool *out, stroma_error *err)
{
    const char *style = "";
    STROMA_TRY(report_meta(db, "style", &style, err));
    *out = strcmp(style, "paper") == 0;
    return STROMA_OK;
}
