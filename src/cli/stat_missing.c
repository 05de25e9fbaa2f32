/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat missing`: what is missing of one column, by visit and group, and in which patterns.
 */
#include "stat_members.h"
#include "stat_methods.h"
#include "stat_mi_data.h"

#include "stroma/stats_missing.h"

#include <math.h>

static stroma_status put(stat_job *j, stroma_buffer *b, const char *variant, const char *label,
                         size_t n, size_t of, stroma_error *err)
{
    stat_result r = { .stat = stroma_stat_empty("missing"), .label = label, .p_adjusted = NAN };
    if (label == NULL) return stroma_no_memory(err);
    r.stat.variant = variant;
    r.stat.n_used = n;
    r.stat.estimate_name = "fraction of subjects";
    r.stat.estimate = of > 0 ? (double)n / (double)of : (double)NAN;
    if (of == 0) r.stat.reason = "no subject";
    stat_member_number(b, "subjects", (double)of);
    const stroma_status s = stat_members_keep(j, b, &r.members, err);
    return s == STROMA_OK ? stat_put_result(j, &r, err) : s;
}

/* How many were not measured, with the states in JSON. */
static stroma_status put_visit(stat_job *j, const mi_data *d, const stroma_missing_map *m, size_t g,
                               size_t v, stroma_error *err)
{
    const size_t *states = m->states + (g * m->visits + v) * STROMA_CELL_STATE_COUNT;
    size_t all = 0, measured = 0;
    stroma_buffer b;
    stroma_json json;
    stroma_buffer_init(&b, STAT_MEMBERS_BYTES_MAX);
    stat_member(&b, "cells");
    stroma_json_init(&json, &b, 0);
    stroma_json_begin_object(&json);
    for (int k = 0; k < STROMA_CELL_STATE_COUNT; k++) {
        all += states[k];
        if (k == STROMA_PRESENT || k == STROMA_BELOW_LIMIT || k == STROMA_ABOVE_LIMIT)
            measured += states[k];
        if (states[k] > 0)
            stroma_json_put_int(&json, stroma_cell_state_name((stroma_cell_state)k),
                                (int64_t)states[k]);
    }
    stroma_json_end_object(&json);
    stat_member_end(&b);
    const char *label =
        stroma_arena_printf(&j->arena, "%s%s%s, %s: %s", d->group_name, m->groups > 1 ? ": " : "",
                            m->groups > 1 ? d->groups[g] : "", d->visit_name, d->visits[v]);
    const stroma_status s = put(j, &b, "not measured", label, all - measured, all, err);
    stroma_buffer_clear(&b);
    return s;
}

/* "110 monotone" */
static stroma_status put_pattern(stat_job *j, const mi_data *d, const stroma_missing_map *m,
                                 const stroma_missing_pattern *p, stroma_error *err)
{
    stroma_buffer b;
    char *shape = stat_alloc(j, m->visits + 1, 1, err);
    if (shape == NULL) return STROMA_E_NOMEM;
    for (size_t v = 0; v < m->visits; v++)
        shape[v] = p->measured[v] ? '1' : '0';
    stroma_buffer_init(&b, STAT_MEMBERS_BYTES_MAX);
    stroma_json json;
    stat_member(&b, "groups");
    stroma_json_init(&json, &b, 0);
    stroma_json_begin_array(&json);
    for (size_t g = 0; g < m->groups; g++) {
        stroma_json_begin_object(&json);
        stroma_json_put_string(&json, "group", d->groups[g]);
        stroma_json_put_int(&json, "n", (int64_t)p->by[g]);
        stroma_json_end_object(&json);
    }
    stroma_json_end_array(&json);
    stat_member_end(&b);
    const char *label =
        stroma_arena_printf(&j->arena, "%s %s", shape, stroma_missing_kind_name(p->kind));
    const stroma_status s = put(j, &b, "pattern", label, p->n, m->subjects, err);
    stroma_buffer_clear(&b);
    return s;
}

stroma_status stat_run_missing(stat_job *j, stroma_error *err)
{
    mi_data d;
    uint8_t *states = NULL;
    stroma_missing_map *m = NULL;
    STROMA_TRY(mi_read_states(j, &d, &states, err));
    if (d.data.visits == 0) return stroma_fail(err, STROMA_E_DEGENERATE, "no visit");
    stroma_status s = stroma_missing_map_make(states, d.group, d.data.subjects, d.data.visits,
                                              d.data.groups, &m, err);
    for (size_t g = 0; s == STROMA_OK && g < m->groups; g++)
        for (size_t v = 0; s == STROMA_OK && v < m->visits; v++)
            s = put_visit(j, &d, m, g, v, err);
    for (size_t k = 0; s == STROMA_OK && k < m->patterns_len; k++)
        s = put_pattern(j, &d, m, &m->patterns[k], err);
    stroma_missing_map_free(m);
    return s;
}
