/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Change adjusted for baseline (ANCOVA), and association of two variables. */
#include "analysis.h"

#include "stroma/stats_correlation.h"
#include "stroma/stats_linear_model.h"

#include <math.h>
#include <string.h>

typedef struct change_data {
    double *change, *baseline;
    size_t *group;
    size_t n, n_missing;
} change_data;

static stroma_status gather(const analysis *a, int32_t param, int32_t visit, change_data *d,
                            stroma_error *err)
{
    const study *s = a->s;
    const size_t most = s->subjects.len;
    *d = (change_data){ .change = stroma_alloc_array(most, sizeof(double)),
                        .baseline = stroma_alloc_array(most, sizeof(double)),
                        .group = stroma_alloc_array(most, sizeof(size_t)) };
    if (d->change == NULL || d->baseline == NULL || d->group == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < most; i++) {
        if (!s->sets.items[a->set].included[i]) continue;
        const int32_t member = s->groupings.items[a->grouping].member[i];
        size_t k = 0;
        while (k < a->groups_len && a->groups[k] != member)
            k++;
        if (k == a->groups_len) continue;
        const double now = study_value(s, (int32_t)i, visit, param);
        const double before = study_value(s, (int32_t)i, a->baseline, param);
        if (isnan(now) || isnan(before)) {
            d->n_missing++;
            continue;
        }
        d->change[d->n] = now - before;
        d->baseline[d->n] = before;
        /* the control arm, or the last group, is the reference: group 0 of the model */
        d->group[d->n++] = a->groups_len - 1 - k;
    }
    return STROMA_OK;
}

static void clear(change_data *d)
{
    stroma_free(d->change);
    stroma_free(d->baseline);
    stroma_free(d->group);
}

static stroma_status add_contrast(analysis *a, int32_t param, int32_t visit, size_t k,
                                  const stroma_stat *stat, const change_data *d, stroma_error *err)
{
    study_result r = analysis_result(a);
    r.stat = *stat;
    r.stat.method = "ancova";
    r.stat.estimate_name = "difference in change, baseline-adjusted";
    r.stat.n_used = d->n;
    size_t n1 = 0, n2 = 0;
    for (size_t i = 0; i < d->n; i++) {
        n1 += d->group[i] == k;
        n2 += d->group[i] == 0;
    }
    r.stat.n1 = n1;
    r.stat.n2 = n2;
    r.param = param;
    r.visit = visit;
    r.visit2 = a->baseline;
    r.group_a = a->groups[a->groups_len - 1 - k];
    r.group_b = a->groups[a->groups_len - 1];
    return analysis_add(a, &r, d->n_missing, "both visits", err);
}

static stroma_status ancova(analysis *a, int32_t param, int32_t visit, stroma_error *err)
{
    change_data d;
    stroma_ancova_result *fit = NULL;
    stroma_status st = gather(a, param, visit, &d, err);
    stroma_error fit_error = STROMA_ERROR_INIT;
    if (st == STROMA_OK)
        st = stroma_ancova(d.change, d.baseline, d.group, d.n, a->groups_len, a->level, &fit,
                           &fit_error);
    if (st ==
        STROMA_E_DEGENERATE) { /* the data cannot support it: said in the result, not an end */
        const char *reason = stroma_arena_strdup(&a->s->arena, fit_error.message);
        const stroma_stat none =
            stroma_stat_cannot("ancova", reason == NULL ? "degenerate" : reason);
        st = STROMA_OK;
        for (size_t k = a->groups_len; st == STROMA_OK && k-- > 1;)
            st = add_contrast(a, param, visit, k, &none, &d, err);
    } else if (st == STROMA_OK) {
        for (size_t k = a->groups_len; st == STROMA_OK && k-- > 1;)
            st = add_contrast(a, param, visit, k, &fit->contrasts[k - 1], &d, err);
    } else if (err != NULL && fit_error.status != STROMA_OK) {
        *err = fit_error;
    }
    stroma_ancova_free(fit);
    clear(&d);
    return st;
}

stroma_status analysis_run_ancova(analysis *a, stroma_error *err)
{
    if (a->groups_len < 2 || a->baseline == STUDY_NONE || a->params_len == 0)
        return study_fail_at(a->s, a->node, err,
                             "ancova needs params, a baseline visit and two groups, in", a->id);
    for (size_t p = 0; p < a->params_len; p++)
        for (size_t v = 0; v < a->visits_len; v++) {
            const int32_t visit = a->visits[v];
            if (visit == a->baseline || !analysis_measured_at(a->s, a->params[p], visit)) continue;
            STROMA_TRY(ancova(a, a->params[p], visit, err));
        }
    return STROMA_OK;
}

/* ---- correlation ---- */

static stroma_status place(const analysis *a, const char *key, int32_t *param, int32_t *visit,
                           stroma_error *err)
{
    const stroma_yaml_node *n = stroma_yaml_get(a->node, key);
    if (n == NULL)
        return study_fail_at(a->s, a->node, err, "correlation needs x and y; missing is", key);
    const char *id = stroma_yaml_text(n, "param", ""), *at = stroma_yaml_text(n, "visit", NULL);
    *param = study_find_param(a->s, id);
    *visit = at == NULL ? STUDY_NONE : study_find_visit(a->s, at);
    if (*param == STUDY_NONE)
        return study_fail_at(a->s, n, err, "no measurements of parameter", id);
    if (at != NULL && *visit == STUDY_NONE) return study_fail_at(a->s, n, err, "unknown visit", at);
    return STROMA_OK;
}

/* A parameter that both variables are computed from: they are coupled whatever the patients do
 * (audit A11). STUDY_NONE when there is none, as for one measured parameter at two visits. */
static stroma_status coupled_by(analysis *a, int32_t x, int32_t y, int32_t *shared,
                                stroma_error *err)
{
    study *s = a->s;
    *shared = STUDY_NONE;
    if (x == y && s->params.items[x].from_file) return STROMA_OK;
    const size_t n = s->params.len;
    bool *behind = stroma_alloc_array(2 * n, sizeof *behind);
    if (behind == NULL) return stroma_no_memory(err);
    stroma_status st = study_ancestors(s, x, behind, err);
    if (st == STROMA_OK) st = study_ancestors(s, y, behind + n, err);
    for (size_t p = 0; st == STROMA_OK && p < n; p++)
        if (behind[p] && behind[n + p]) *shared = (int32_t)p;
    stroma_free(behind);
    return st;
}

/* "X at week 12 with Y at week 4", or the label of the study file. */
static const char *correlation_label(analysis *a, const int32_t at[4], int32_t group)
{
    study *s = a->s;
    const char *what = a->label;
    if (what == NULL)
        what = stroma_arena_printf(&s->arena, "%s (%s) with %s (%s)",
                                   analysis_param_label(s, at[0]), analysis_visit_label(s, at[1]),
                                   analysis_param_label(s, at[2]), analysis_visit_label(s, at[3]));
    const study_grouping *g = &s->groupings.items[a->grouping];
    if (what == NULL) return NULL;
    if (group != STUDY_NONE)
        return stroma_arena_printf(&s->arena, "%s: %s", what, g->groups[group].label);
    if (a->groups_len == g->groups_len) return what;
    for (size_t k = 0; k < a->groups_len && what != NULL; k++) /* who is in, when not everybody */
        what = stroma_arena_printf(&s->arena, "%s%s%s", what, k == 0 ? ": " : " + ",
                                   g->groups[a->groups[k]].label);
    return what;
}

/* Chosen by the outcome on either axis, a group shows an association that its choice made. */
static stroma_status guard_y(analysis *a, const int32_t at[4], study_result *r, stroma_error *err)
{
    const char *circular = NULL;
    if (r->group_a != STUDY_NONE && !isnan(r->stat.p))
        STROMA_TRY(time_guard(a, a->grouping, at[2], at[3], &circular, err));
    if (circular == NULL) return STROMA_OK;
    r->reason = circular;
    r->state = "circular";
    r->p_paper = r->stat.p;
    r->stat.p = NAN;
    return STROMA_OK;
}

/* What a reader must know beside the coefficient. */
static stroma_status judge_correlation(analysis *a, const int32_t at[4], study_result *r,
                                       stroma_error *err)
{
    study *s = a->s;
    int32_t shared = STUDY_NONE;
    STROMA_TRY(coupled_by(a, at[0], at[2], &shared, err));
    if (shared != STUDY_NONE) {
        r->reason = stroma_arena_printf(
            &s->arena, "both variables are computed from %s (mathematical coupling)",
            s->params.items[shared].label);
        r->state = "circular";
        r->p_paper = r->stat.p;
        r->stat.p = NAN;
    } else if (at[1] != STUDY_NONE && at[1] == at[3] && at[1] > study_baseline_visit(s)) {
        r->reason = stroma_arena_printf(
            &s->arena, "both are known at %s only: an association, which predicts nothing",
            analysis_visit_label(s, at[1]));
    } else if (at[1] != at[3]) {
        r->reason =
            stroma_arena_printf(&s->arena, "the windows differ: %s and %s",
                                analysis_visit_label(s, at[1]), analysis_visit_label(s, at[3]));
    } else {
        return STROMA_OK;
    }
    return r->reason == NULL ? stroma_no_memory(err) : STROMA_OK;
}

static stroma_status correlate(const analysis *a, const double *x, const double *y, size_t n,
                               bool ranks, stroma_stat *out, stroma_error *err)
{
    const char *test = a->test != NULL ? a->test : ranks ? "spearman" : "pearson";
    if (strcmp(test, "pearson") == 0)
        return stroma_correlation_pearson(x, y, n, a->level, out, err);
    if (strcmp(test, "spearman") == 0)
        return stroma_correlation_spearman(x, y, n, STROMA_RANK_P_AUTO,
                                           STROMA_SPEARMAN_BONETT_WRIGHT, a->level, out, err);
    if (strcmp(test, "kendall") == 0)
        return stroma_correlation_kendall(x, y, n, STROMA_RANK_P_AUTO, a->level, out, err);
    return study_fail_at(a->s, a->node, err, "a correlation is pearson, spearman or kendall, not",
                         test);
}

static stroma_status correlation_in(analysis *a, int32_t group, const int32_t at[4],
                                    stroma_error *err)
{
    sample sx, sy;
    STROMA_TRY(sample_take(a, at[0], at[1], group, &sx, err));
    stroma_status st = sample_take(a, at[2], at[3], group, &sy, err);
    double *x = NULL, *y = NULL;
    size_t n = 0;
    if (st == STROMA_OK) st = sample_pair(&sx, &sy, &x, &y, &n, err);
    study_result r = analysis_result(a);
    const bool ranks = analysis_prefers_ranks(a, at[0]) || analysis_prefers_ranks(a, at[2]);
    if (st == STROMA_OK) st = correlate(a, x, y, n, ranks, &r.stat, err);
    if (st == STROMA_OK) {
        r.param = at[0];
        r.visit = at[1];
        r.param2 = at[2];
        r.visit2 = at[3];
        r.group_a = group;
        r.label = correlation_label(a, at, group);
        if (r.label == NULL) st = stroma_no_memory(err);
        if (st == STROMA_OK) st = judge_correlation(a, at, &r, err);
        if (st == STROMA_OK) st = guard_y(a, at, &r, err);
        /* the association itself is within the chosen subjects: their grouping is not compared */
        if (group == STUDY_NONE) r.grouping = STUDY_NONE;
        if (st == STROMA_OK) st = analysis_add(a, &r, sx.n_expected - n, "both", err);
    }
    stroma_free(x);
    stroma_free(y);
    sample_clear(&sx);
    sample_clear(&sy);
    return st;
}

stroma_status analysis_run_correlation(analysis *a, stroma_error *err)
{
    int32_t at[4];
    STROMA_TRY(place(a, "x", &at[0], &at[1], err));
    STROMA_TRY(place(a, "y", &at[2], &at[3], err));
    STROMA_TRY(correlation_in(a, STUDY_NONE, at, err));
    if (a->groups_len < 2) return STROMA_OK;
    /* pooled groups can make or hide an association (Simpson): each group alone as well */
    for (size_t k = 0; k < a->groups_len; k++)
        STROMA_TRY(correlation_in(a, a->groups[k], at, err));
    return STROMA_OK;
}
