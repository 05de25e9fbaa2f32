/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The analyses of the study file: read, run, and corrected for multiplicity by family. */
#include "analysis.h"

#include "item_spec.h"

#include "stroma/stats_multiplicity.h"

#include <math.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *name, *default_set, *estimand;
    stroma_status (*run)(analysis *a, stroma_error *err);
} methods[] = {
    { "describe", "full_analysis", "descriptive", analysis_run_describe },
    { "time_course", "full_analysis", "descriptive", analysis_run_time_course },
    { "before_after", "full_analysis", "descriptive", analysis_run_before_after },
    { "compare", "full_analysis", "difference between groups, observed values",
      analysis_run_compare },
    { "ancova", "full_analysis", "difference in change, adjusted for baseline, observed values",
      analysis_run_ancova },
    { "mmrm", "full_analysis", "difference in change, adjusted for baseline, missing at random",
      analysis_run_mmrm },
    { "imputation", "full_analysis", "difference in change, adjusted for baseline, imputed",
      analysis_run_imputation },
    { "proportion", "full_analysis", "proportion", analysis_run_proportion },
    { "risk_difference", "full_analysis", "difference in proportions",
      analysis_run_risk_difference },
    { "smd", "all_randomised", "descriptive", analysis_run_smd },
    { "correlation", "full_analysis", "association, observed values", analysis_run_correlation },
    { "event_rate", "safety", "proportion with an event while observed", analysis_run_event_rate },
};

const char *analysis_default_set(const char *method)
{
    for (size_t k = 0; k < sizeof methods / sizeof methods[0]; k++)
        if (strcmp(methods[k].name, method) == 0) return methods[k].default_set;
    return "full_analysis";
}

const char *analysis_param_label(const study *s, int32_t param)
{
    return param == STUDY_NONE ? "" : s->params.items[param].label;
}

const char *analysis_visit_label(const study *s, int32_t visit)
{
    return visit == STUDY_NONE ? "" : s->visits.items[visit].label;
}

bool analysis_measured_at(const study *s, int32_t param, int32_t visit)
{
    for (size_t i = 0; i < s->subjects.len; i++)
        if (study_find(s, (int32_t)i, visit, param) != STUDY_NONE) return true;
    return false;
}

int32_t analysis_place(const study *s, int32_t param, int32_t visit)
{
    if (visit == STUDY_NONE || analysis_measured_at(s, param, visit)) return visit;
    return analysis_measured_at(s, param, STUDY_NONE) ? STUDY_NONE : visit;
}

bool analysis_prefers_ranks(const analysis *a, int32_t param)
{
    const study *s = a->s;
    const study_param *p = &s->params.items[param];
    return p->log_scale || p->kind == PARAM_WORD || p->has_censored;
}

/* ---- samples ---- */

static bool in_group(const analysis *a, int32_t subject, int32_t group)
{
    const study *s = a->s;
    if (!s->sets.items[a->set].included[subject]) return false;
    const int32_t member = s->groupings.items[a->grouping].member[subject];
    if (group != STUDY_NONE) return member == group;
    for (size_t k = 0; k < a->groups_len; k++)
        if (a->groups[k] == member) return true;
    return false;
}

stroma_status sample_take(const analysis *a, int32_t param, int32_t visit, int32_t group,
                          sample *out, stroma_error *err)
{
    const study *s = a->s;
    *out = (sample){ .x = stroma_alloc_array(s->subjects.len, sizeof(double)),
                     .subject = stroma_alloc_array(s->subjects.len, sizeof(int32_t)) };
    if (out->x == NULL || out->subject == NULL) {
        sample_clear(out);
        return stroma_no_memory(err);
    }
    for (size_t i = 0; i < s->subjects.len; i++) {
        if (!in_group(a, (int32_t)i, group)) continue;
        out->n_expected++;
        const int32_t m = study_find(s, (int32_t)i, visit, param);
        const study_measurement *v = m == STUDY_NONE ? NULL : &s->measurements.items[m];
        double x = NAN;
        if (v != NULL && v->state == STROMA_PRESENT) x = v->value;
        if (v != NULL && v->state == STROMA_BELOW_LIMIT) x = v->value / 2;
        if (v != NULL && v->state == STROMA_ABOVE_LIMIT) x = v->value;
        if (isnan(x)) {
            out->n_missing++;
            continue;
        }
        out->n_below += v->state == STROMA_BELOW_LIMIT;
        out->n_above += v->state == STROMA_ABOVE_LIMIT;
        out->x[out->n] = x;
        out->subject[out->n++] = (int32_t)i;
    }
    return STROMA_OK;
}

stroma_status sample_pair(const sample *a, const sample *b, double **x, double **y, size_t *n,
                          stroma_error *err)
{
    const size_t most = a->n < b->n ? a->n : b->n;
    *n = 0;
    *x = stroma_alloc_array(most, sizeof(double));
    *y = stroma_alloc_array(most, sizeof(double));
    if (*x == NULL || *y == NULL) {
        stroma_free(*x);
        stroma_free(*y);
        *x = *y = NULL;
        return stroma_no_memory(err);
    }
    for (size_t i = 0, k = 0; i < a->n && k < b->n;) {
        if (a->subject[i] < b->subject[k]) {
            i++;
        } else if (a->subject[i] > b->subject[k]) {
            k++;
        } else {
            (*x)[*n] = a->x[i++];
            (*y)[(*n)++] = b->x[k++];
        }
    }
    return STROMA_OK;
}

void sample_clear(sample *x)
{
    stroma_free(x->x);
    stroma_free(x->subject);
    *x = (sample){ 0 };
}

/* ---- results ---- */

study_result analysis_result(const analysis *a)
{
    return (study_result){ .analysis_id = a->id,
                           .family = a->family,
                           .label = NULL,
                           .estimand = a->estimand,
                           .adjust_method = a->adjust,
                           .param = STUDY_NONE,
                           .param2 = STUDY_NONE,
                           .visit = STUDY_NONE,
                           .visit2 = STUDY_NONE,
                           .grouping = a->grouping,
                           .group_a = STUDY_NONE,
                           .group_b = STUDY_NONE,
                           .set = a->set,
                           .p_adjusted = NAN,
                           .excluded = "[]",
                           .state = "present",
                           .p_paper = NAN };
}

/* What is compared, in words. An analysis of one parameter at one visit goes by its own label. */
static const char *make_label(const analysis *a, const study_result *r)
{
    study *s = a->s;
    const study_grouping *g = r->grouping == STUDY_NONE ? NULL : &s->groupings.items[r->grouping];
    const char *first = g == NULL || r->group_a == STUDY_NONE ? NULL : g->groups[r->group_a].label;
    const char *second = g == NULL || r->group_b == STUDY_NONE ? NULL : g->groups[r->group_b].label;
    const char *visit = analysis_visit_label(s, r->visit),
               *from = analysis_visit_label(s, r->visit2);
    const char *what =
        a->label != NULL && a->params_len <= 1 && a->visits_len == 1
            ? a->label
            : stroma_arena_printf(&s->arena, "%s%s%s%s%s", analysis_param_label(s, r->param),
                                  visit[0] == '\0' ? "" : ", ", visit,
                                  from[0] == '\0' ? "" : " against ", from);
    if (what == NULL || first == NULL) return what;
    return stroma_arena_printf(&s->arena, "%s: %s%s%s", what, first,
                               second == NULL ? "" : " \xE2\x88\x92 ",
                               second == NULL ? "" : second);
}

stroma_status analysis_add(analysis *a, study_result *r, size_t n_missing,
                           const char *missing_where, stroma_error *err)
{
    study *s = a->s;
    if (r->label == NULL) r->label = make_label(a, r);
    if (n_missing > 0)
        r->excluded =
            stroma_arena_printf(&s->arena, "[{\"reason\":\"no value%s%s\",\"n\":%zu}]",
                                missing_where[0] == '\0' ? "" : " at ", missing_where, n_missing);
    if (r->label == NULL || r->excluded == NULL) return stroma_no_memory(err);
    if (r->stat.not_estimable) {
        r->state = "not_estimable";
        r->reason = r->stat.reason;
    } else if (r->stat.reason != NULL && r->stat.reason[0] != '\0' && r->reason == NULL) {
        r->reason = r->stat.reason;
    }
    const char *circular = NULL;
    if (!isnan(r->stat.p) && r->grouping != STUDY_NONE)
        STROMA_TRY(time_guard(a, r->grouping, r->param, r->visit, &circular, err));
    if (circular != NULL) {
        r->state = "circular";
        r->reason = circular;
        r->p_paper = r->stat.p;
        r->stat.p = NAN;
    }
    study_result *added = STUDY_ADD(&s->results, err);
    if (added == NULL) return stroma_no_memory(err);
    *added = *r;
    return STROMA_OK;
}

/* ---- reading an entry ---- */

static stroma_status named_params(analysis *a, stroma_error *err)
{
    const stroma_yaml_node *n = stroma_yaml_get(a->node, "params");
    if (n == NULL) n = stroma_yaml_get(a->node, "param");
    const size_t len = stroma_yaml_count(n);
    a->params = stroma_arena_alloc(&a->s->arena, len, sizeof *a->params);
    if (a->params == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < len; i++) {
        const stroma_yaml_node *item = stroma_yaml_at(n, i);
        const int32_t p = study_find_param(a->s, item->text);
        if (p == STUDY_NONE)
            return study_fail_at(a->s, item, err, "no measurements of parameter", item->text);
        a->params[a->params_len++] = p;
    }
    return STROMA_OK;
}

static stroma_status named_visits(analysis *a, stroma_error *err)
{
    const study *s = a->s;
    const stroma_yaml_node *n = stroma_yaml_get(a->node, "visits");
    if (n == NULL) n = stroma_yaml_get(a->node, "visit");
    const size_t len = n == NULL ? s->visits.len : stroma_yaml_count(n);
    a->visits = stroma_arena_alloc(&a->s->arena, len, sizeof *a->visits);
    if (a->visits == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < len; i++) {
        const stroma_yaml_node *item = stroma_yaml_at(n, i);
        const int32_t v = item == NULL ? (int32_t)i : study_find_visit(s, item->text);
        if (v == STUDY_NONE) return study_fail_at(s, item, err, "unknown visit", item->text);
        a->visits[a->visits_len++] = v;
    }
    const char *baseline = stroma_yaml_text(a->node, "baseline", NULL);
    a->baseline = baseline == NULL ? study_baseline_visit(s) : study_find_visit(s, baseline);
    if (baseline != NULL && a->baseline == STUDY_NONE)
        return study_fail_at(s, a->node, err, "unknown visit", baseline);
    return STROMA_OK;
}

/* All groups of the grouping; arms with the control arms last, wherever they are declared: the last
 * group is what the others are compared with. */
static void all_groups(analysis *a)
{
    const study *s = a->s;
    const study_grouping *g = &s->groupings.items[a->grouping];
    const bool arms = strcmp(g->id, "arm") == 0;
    for (int control = 0; control < 2; control++)
        for (size_t k = 0; k < g->groups_len; k++) {
            const bool is_control = arms && strcmp(s->arms.items[k].role, "control") == 0;
            if (is_control == (control == 1)) a->groups[a->groups_len++] = (int32_t)k;
        }
}

/* The groups named, or all of the grouping. */
static stroma_status chosen_groups(analysis *a, const stroma_yaml_node *n, stroma_error *err)
{
    const study *s = a->s;
    const study_grouping *g = &s->groupings.items[a->grouping];
    const size_t len = n == NULL ? g->groups_len : stroma_yaml_count(n);
    a->groups = stroma_arena_alloc(&a->s->arena, len, sizeof *a->groups);
    if (a->groups == NULL) return stroma_no_memory(err);
    if (n == NULL) all_groups(a);
    for (size_t i = 0; n != NULL && i < len; i++) {
        const stroma_yaml_node *item = stroma_yaml_at(n, i);
        int32_t found = STUDY_NONE;
        for (size_t k = 0; k < g->groups_len; k++)
            if (strcmp(g->groups[k].id, item->text) == 0) found = (int32_t)k;
        if (found == STUDY_NONE) return study_fail_at(s, item, err, "unknown group", item->text);
        a->groups[a->groups_len++] = found;
    }
    return STROMA_OK;
}

static stroma_status named_groups(analysis *a, stroma_error *err)
{
    const study *s = a->s;
    const char *id = stroma_yaml_text(a->node, "grouping", s->arms.len > 0 ? "arm" : "all");
    a->grouping = study_find_grouping(s, id);
    if (a->grouping == STUDY_NONE) return study_fail_at(s, a->node, err, "unknown grouping", id);
    return chosen_groups(a, stroma_yaml_get(a->node, "groups"), err);
}

static stroma_status run_entry(study *s, const stroma_yaml_node *n, stroma_error *err)
{
    analysis a = { .s = s,
                   .node = n,
                   .id = stroma_yaml_text(n, "id", ""),
                   .method = stroma_yaml_text(n, "method", ""),
                   .test = stroma_yaml_text(n, "test", NULL),
                   .adjust = stroma_yaml_text(n, "adjust", "holm"),
                   .predictor = stroma_yaml_bool(n, "predictor", false),
                   .level = stroma_yaml_number(n, "level", 0.95) };
    size_t k = 0;
    while (strcmp(methods[k].name, a.method) != 0)
        k++; /* the schema allows no other */
    a.label = stroma_yaml_text(n, "label", NULL);
    a.family = stroma_yaml_text(n, "family", a.id);
    a.estimand = stroma_yaml_text(n, "estimand", methods[k].estimand);
    if (!(a.level > 0 && a.level < 1))
        return study_fail_at(s, n, err, "the confidence level lies between 0 and 1, in analysis",
                             a.id);
    /* who counts as a non-responder when missing must be in the population: everybody randomised */
    const bool composite = strcmp(stroma_yaml_text(n, "missing", "leave_out"), "nonresponse") == 0;
    const char *set =
        stroma_yaml_text(n, "set", composite ? "all_randomised" : methods[k].default_set);
    a.set = study_find_set(s, set);
    if (a.set == STUDY_NONE) return study_fail_at(s, n, err, "unknown analysis set", set);
    STROMA_TRY(named_params(&a, err));
    STROMA_TRY(named_visits(&a, err));
    STROMA_TRY(named_groups(&a, err));
    const stroma_status st = methods[k].run(&a, err);
    if (st == STROMA_OK || (err != NULL && err->line > 0)) return st; /* it says where */
    if (err != NULL) err->line = n->line;
    return stroma_in(err, st, "study file \"%s\": analysis \"%s\"", s->path, a.id);
}

/* ---- what the report shows ---- */

static stroma_status describe_item(study *s, const stroma_yaml_node *item, stroma_error *err)
{
    analysis a = { .s = s,
                   .node = item,
                   .id = stroma_yaml_text(item, "title", ""),
                   .method = "describe",
                   .level = 0.95,
                   .grouping = study_find_grouping(s, study_item_grouping(s, item)),
                   .set = study_find_set(s, study_item_set(s, item)) };
    if (strcmp(stroma_yaml_text(item, "kind", ""), "missing_map") == 0)
        a.grouping = 0;                                                    /* everybody */
    if (a.grouping == STUDY_NONE || a.set == STUDY_NONE) return STROMA_OK; /* check: told already */
    STROMA_TRY(named_params(&a, err));
    STROMA_TRY(named_visits(&a, err));
    STROMA_TRY(chosen_groups(&a, NULL, err));
    for (size_t p = 0; p < a.params_len; p++)
        for (size_t v = 0; v < a.visits_len; v++)
            STROMA_TRY(analysis_describe(&a, a.params[p],
                                         analysis_place(s, a.params[p], a.visits[v]), err));
    return STROMA_OK;
}

static stroma_status describe_items(study *s, stroma_error *err)
{
    static const char *const kinds[] = { "time_course",        "spaghetti",     "baseline_table",
                                         "before_after_table", "summary_table", "dot_plot",
                                         "missing_map" };
    const stroma_yaml_node *report = stroma_yaml_get(s->root, "report");
    for (size_t i = 0; report != NULL && i < report->len; i++) {
        const stroma_yaml_node *items = stroma_yaml_get(report->items[i], "items");
        for (size_t k = 0; items != NULL && k < items->len; k++)
            for (size_t m = 0; m < sizeof kinds / sizeof kinds[0]; m++)
                if (strcmp(stroma_yaml_text(items->items[k], "kind", ""), kinds[m]) == 0)
                    STROMA_TRY(study_entry_done(s, describe_item(s, items->items[k], err), err));
    }
    return STROMA_OK;
}

/* ---- families ---- */

static stroma_status adjust_family(study *s, size_t first, stroma_error *err)
{
    const char *family = s->results.items[first].family;
    const char *method = s->results.items[first].adjust_method;
    double *p = stroma_alloc_array(2 * s->results.len, sizeof *p);
    if (p == NULL) return stroma_no_memory(err);
    double *adjusted = p + s->results.len;
    size_t n = 0;
    for (size_t i = first; i < s->results.len; i++)
        if (strcmp(s->results.items[i].family, family) == 0) p[n++] = s->results.items[i].stat.p;
    stroma_adjustment how = STROMA_ADJUST_NONE;
    for (int k = 0; k <= STROMA_ADJUST_BY; k++)
        if (strcasecmp(stroma_adjustment_name((stroma_adjustment)k), method) == 0)
            how = (stroma_adjustment)k;
    stroma_status st = stroma_p_adjust(p, n, 0, how, adjusted, err);
    n = 0;
    for (size_t i = first; st == STROMA_OK && i < s->results.len; i++)
        if (strcmp(s->results.items[i].family, family) == 0)
            s->results.items[i].p_adjusted = adjusted[n++];
    stroma_free(p);
    return st;
}

static stroma_status adjust(study *s, stroma_error *err)
{
    for (size_t i = 0; i < s->results.len; i++) {
        bool seen = false;
        for (size_t k = 0; k < i && !seen; k++)
            seen = strcmp(s->results.items[k].family, s->results.items[i].family) == 0;
        if (!seen) STROMA_TRY(adjust_family(s, i, err));
    }
    return STROMA_OK;
}

/* A family is corrected together, so by one rule. */
static stroma_status one_rule_a_family(const study *s, const stroma_yaml_node *list,
                                       stroma_error *err)
{
    for (size_t i = 0; list != NULL && i < list->len; i++) {
        const stroma_yaml_node *n = list->items[i];
        const char *family = stroma_yaml_text(n, "family", stroma_yaml_text(n, "id", ""));
        for (size_t k = 0; k < i; k++) {
            const stroma_yaml_node *m = list->items[k];
            if (strcmp(stroma_yaml_text(m, "family", stroma_yaml_text(m, "id", "")), family) == 0 &&
                strcmp(stroma_yaml_text(m, "adjust", "holm"),
                       stroma_yaml_text(n, "adjust", "holm")) != 0)
                return study_fail_at(s, n, err, "adjust: must be the same in the whole family",
                                     family);
        }
    }
    return STROMA_OK;
}

stroma_status study_analyse(study *s, stroma_error *err)
{
    const stroma_yaml_node *list = stroma_yaml_get(s->root, "analyses");
    STROMA_TRY(study_entry_done(s, one_rule_a_family(s, list, err), err));
    for (size_t i = 0; list != NULL && i < list->len; i++)
        STROMA_TRY(study_entry_done(s, run_entry(s, list->items[i], err), err));
    STROMA_TRY(describe_items(s, err));
    return adjust(s, err);
}
