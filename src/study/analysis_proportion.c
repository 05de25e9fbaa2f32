/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts: response rates, their differences, adverse events with exact bounds. */
#include "analysis.h"

#include "stroma/json.h"
#include "stroma/stats_contingency.h"
#include "stroma/stats_proportion.h"

#include <math.h>
#include <string.h>

typedef struct count {
    size_t events, n, n_missing;
} count;

static bool counts_as_success(const analysis *a, const study_measurement *m)
{
    const stroma_yaml_node *n = stroma_yaml_get(a->node, "success");
    if (n == NULL) return m->value > 0;
    const size_t len = stroma_yaml_count(n);
    for (size_t i = 0; i < len; i++) {
        const char *w = stroma_yaml_at(n, i)->text;
        const char *have = m->text != NULL ? m->text : m->value > 0 ? "1" : "0";
        if (strcmp(w, have) == 0) return true;
    }
    return false;
}

static bool nonresponse(const analysis *a)
{
    return strcmp(stroma_yaml_text(a->node, "missing", "leave_out"), "nonresponse") == 0;
}

static count count_group(const analysis *a, int32_t param, int32_t visit, int32_t group)
{
    const study *s = a->s;
    count c = { 0 };
    for (size_t i = 0; i < s->subjects.len; i++) {
        if (!s->sets.items[a->set].included[i]) continue;
        if (s->groupings.items[a->grouping].member[i] != group) continue;
        const int32_t at = study_find(s, (int32_t)i, visit, param);
        const study_measurement *m = at == STUDY_NONE ? NULL : &s->measurements.items[at];
        if (m == NULL || m->state != STROMA_PRESENT) {
            c.n_missing++;
            c.n += nonresponse(a);
            continue;
        }
        c.n++;
        c.events += counts_as_success(a, m);
    }
    return c;
}

static stroma_proportion_method interval_method(const analysis *a)
{
    static const struct {
        const char *name;
        stroma_proportion_method method;
    } names[] = { { "clopper_pearson", STROMA_PROPORTION_CLOPPER_PEARSON },
                  { "wilson", STROMA_PROPORTION_WILSON },
                  { "agresti_coull", STROMA_PROPORTION_AGRESTI_COULL },
                  { "jeffreys", STROMA_PROPORTION_JEFFREYS } };
    for (size_t i = 0; a->test != NULL && i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i].name, a->test) == 0) return names[i].method;
    return STROMA_PROPORTION_CLOPPER_PEARSON; /* item_check.c lets no other name pass */
}

static stroma_status need_visit(const analysis *a, stroma_error *err)
{
    if (a->params_len == 0)
        return study_fail_at(a->s, a->node, err, "give param: for the method", a->method);
    return STROMA_OK;
}

static const char *composite(const analysis *a)
{
    return nonresponse(a) && stroma_yaml_get(a->node, "estimand") == NULL
               ? "composite: missing counts as non-response (ICH E9(R1))"
               : a->estimand;
}

/* The group stands in its own column. */
static const char *rate_label(const analysis *a, int32_t param, int32_t visit)
{
    if (a->label != NULL && a->params_len == 1 && a->visits_len == 1) return a->label;
    const char *at = analysis_visit_label(a->s, visit);
    const char *text = stroma_arena_printf(
        &a->s->arena, "%s%s%s", analysis_param_label(a->s, param), at[0] == '\0' ? "" : ", ", at);
    return text == NULL ? "" : text;
}

static const char nobody_measured[] = "nobody has a value at the visit";

/* A visit that the entry names has a result even when nobody came: one that says so. */
static bool names_visits(const analysis *a)
{
    return stroma_yaml_get(a->node, "visits") != NULL || stroma_yaml_get(a->node, "visit") != NULL;
}

stroma_status analysis_run_proportion(analysis *a, stroma_error *err)
{
    STROMA_TRY(need_visit(a, err));
    for (size_t p = 0; p < a->params_len; p++)
        for (size_t v = 0; v < a->visits_len; v++) {
            const int32_t param = a->params[p], visit = analysis_place(a->s, param, a->visits[v]);
            const bool measured = analysis_measured_at(a->s, param, visit);
            if (!measured && !names_visits(a)) continue;
            STROMA_TRY(analysis_describe(a, param, visit, err));
            for (size_t k = 0; k < a->groups_len; k++) {
                const count c = count_group(a, param, visit, a->groups[k]);
                study_result r = analysis_result(a);
                r.stat = !measured ? stroma_stat_cannot("proportion", nobody_measured)
                         : c.n == 0
                             ? stroma_stat_cannot("proportion", "nobody in the group")
                             : stroma_proportion(c.events, c.n, interval_method(a), a->level);
                r.stat.n_used = c.n;
                r.stat.n1 = c.events;
                r.param = param;
                r.visit = visit;
                r.group_a = a->groups[k];
                r.label = rate_label(a, param, visit);
                r.estimand = composite(a);
                STROMA_TRY(analysis_add(a, &r, nonresponse(a) ? 0 : c.n_missing,
                                        analysis_visit_label(a->s, visit), err));
            }
        }
    return STROMA_OK;
}

stroma_status analysis_run_risk_difference(analysis *a, stroma_error *err)
{
    STROMA_TRY(need_visit(a, err));
    if (a->groups_len != 2)
        return study_fail_at(a->s, a->node, err, "risk_difference needs two groups, in", a->id);
    for (size_t p = 0; p < a->params_len; p++)
        for (size_t v = 0; v < a->visits_len; v++) {
            const int32_t param = a->params[p], visit = analysis_place(a->s, param, a->visits[v]);
            const bool measured = analysis_measured_at(a->s, param, visit);
            if (!measured && !names_visits(a)) continue;
            const count x = count_group(a, param, visit, a->groups[0]);
            const count y = count_group(a, param, visit, a->groups[1]);
            const size_t table[4] = { x.events, x.n - x.events, y.events, y.n - y.events };
            const bool newcombe = a->test != NULL && strcmp(a->test, "newcombe") == 0;
            const bool fisher = a->test == NULL || strcmp(a->test, "fisher") == 0;
            study_result r = analysis_result(a);
            r.stat = stroma_risk_difference(
                table, newcombe ? STROMA_DIFFERENCE_NEWCOMBE : STROMA_DIFFERENCE_MIETTINEN_NURMINEN,
                a->level);
            if (!measured) r.stat = stroma_stat_cannot("risk_difference", nobody_measured);
            if (fisher && !r.stat.not_estimable) {
                r.stat.p = stroma_fisher_exact(table, STROMA_TWO_SIDED, a->level).p;
                r.stat.variant = "p by Fisher's exact test";
                r.stat.statistic_name = "";
                r.stat.statistic = NAN;
                r.stat.df = NAN;
            }
            r.stat.n1 = x.n;
            r.stat.n2 = y.n;
            r.stat.n_used = x.n + y.n;
            r.param = param;
            r.visit = visit;
            r.group_a = a->groups[0];
            r.group_b = a->groups[1];
            r.estimand = composite(a);
            STROMA_TRY(analysis_add(a, &r, nonresponse(a) ? 0 : x.n_missing + y.n_missing,
                                    analysis_visit_label(a->s, visit), err));
        }
    return STROMA_OK;
}

/* ---- events: how many subjects had each term at least once ---- */

static bool is_term(const study_event *e, const char *kind, const char *term)
{
    return strcmp(e->kind, kind) == 0 && (term == NULL || strcmp(e->term, term) == 0);
}

static bool serious(const study_event *e)
{
    return e->serious != NULL && strchr("yY1tT", e->serious[0]) != NULL;
}

static stroma_status event_term(analysis *a, const char *kind, const char *term, bool only_serious,
                                const char *label, stroma_error *err)
{
    const study *s = a->s;
    bool *had = stroma_arena_alloc(&a->s->arena, s->subjects.len, sizeof *had);
    if (had == NULL) return stroma_no_memory(err);
    for (size_t e = 0; e < s->events.len; e++) {
        const study_event *ev = &s->events.items[e];
        if (is_term(ev, kind, term) && (!only_serious || serious(ev))) had[ev->subject] = true;
    }
    for (size_t k = 0; k < a->groups_len; k++) {
        size_t n = 0, events = 0;
        for (size_t i = 0; i < s->subjects.len; i++) {
            if (!s->sets.items[a->set].included[i]) continue;
            if (s->groupings.items[a->grouping].member[i] != a->groups[k]) continue;
            n++;
            events += had[i];
        }
        study_result r = analysis_result(a);
        r.stat = n == 0 ? stroma_stat_cannot("proportion", "nobody in the group")
                        : stroma_proportion(events, n, STROMA_PROPORTION_CLOPPER_PEARSON, a->level);
        r.stat.n_used = n;
        r.stat.n1 = events;
        r.group_a = a->groups[k];
        r.label = label;
        STROMA_TRY(analysis_add(a, &r, 0, "", err));
    }
    return STROMA_OK;
}

stroma_status analysis_run_event_rate(analysis *a, stroma_error *err)
{
    const study *s = a->s;
    const char *kind = stroma_yaml_text(a->node, "kind", "adverse_event");
    const char **terms = NULL;
    size_t len = stroma_yaml_texts(stroma_yaml_get(a->node, "terms"), &a->s->arena, &terms);
    STROMA_TRY(event_term(a, kind, NULL, false, "any event", err));
    STROMA_TRY(event_term(a, kind, NULL, true, ANALYSIS_ANY_SERIOUS, err));
    for (size_t i = 0; i < len; i++)
        STROMA_TRY(event_term(a, kind, terms[i], false, terms[i], err));
    for (size_t e = 0; e < s->events.len; e++) {
        const char *term = s->events.items[e].term;
        if (strcmp(s->events.items[e].kind, kind) != 0) continue;
        bool listed = false;
        for (size_t i = 0; i < len && !listed; i++)
            listed = strcmp(terms[i], term) == 0;
        for (size_t i = 0; i < e && !listed; i++)
            listed = is_term(&s->events.items[i], kind, term);
        if (!listed) STROMA_TRY(event_term(a, kind, term, false, term, err));
    }
    return STROMA_OK;
}
