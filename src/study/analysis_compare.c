/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparisons of numbers: two groups, several groups, before and after. */
#include "analysis.h"

#include "stroma/number.h"
#include "stroma/stats_anova.h"
#include "stroma/stats_rank_test.h"
#include "stroma/stats_t_test.h"

#include <math.h>
#include <string.h>

/* Two independent samples: "t", "welch", "mann_whitney"; NULL picks by @p ranks. */
static stroma_status two_sample(const char *test, bool ranks, const double *x, size_t nx,
                                const double *y, size_t ny, double level, stroma_stat *out,
                                stroma_error *err)
{
    const char *name = test != NULL ? test : ranks ? "mann_whitney" : "welch";
    stroma_t_options t = STROMA_T_OPTIONS_INIT;
    t.level = level;
    if (strcmp(name, "t") == 0) return stroma_t_student(x, nx, y, ny, &t, out, err);
    if (strcmp(name, "welch") == 0) return stroma_t_welch(x, nx, y, ny, &t, out, err);
    if (strcmp(name, "mann_whitney") == 0) {
        stroma_rank_options o = STROMA_RANK_OPTIONS_INIT;
        o.level = level;
        return stroma_mann_whitney(x, nx, y, ny, &o, out, err);
    }
    const stroma_status s =
        stroma_fail(err, STROMA_E_MALFORMED, "\"%s\" does not compare two groups of numbers", name);
    stroma_hint(err, "use t, welch or mann_whitney");
    return s;
}

/* Pairs: "paired_t", "signed_rank"; NULL picks by @p ranks. */
static stroma_status paired(const char *test, bool ranks, const double *x, const double *y,
                            size_t n, double level, stroma_stat *out, stroma_error *err)
{
    const char *name = test != NULL ? test : ranks ? "signed_rank" : "paired_t";
    stroma_t_options t = STROMA_T_OPTIONS_INIT;
    t.level = level;
    if (strcmp(name, "paired_t") == 0) return stroma_t_paired(x, y, n, &t, out, err);
    if (strcmp(name, "signed_rank") == 0) {
        stroma_rank_options o = STROMA_RANK_OPTIONS_INIT;
        o.level = level;
        double *d = stroma_alloc_array(n, sizeof *d);
        if (d == NULL) return stroma_no_memory(err);
        for (size_t i = 0; i < n; i++)
            d[i] = stroma_decimal_difference(x[i], y[i]); /* equal decimals tie */
        const stroma_status st = stroma_signed_rank(d, n, &o, out, err);
        stroma_free(d);
        return st;
    }
    const stroma_status s =
        stroma_fail(err, STROMA_E_MALFORMED, "\"%s\" does not compare pairs", name);
    stroma_hint(err, "use paired_t or signed_rank");
    return s;
}

static bool is_paired_test(const char *test)
{
    return test != NULL && (strcmp(test, "paired_t") == 0 || strcmp(test, "signed_rank") == 0);
}

static bool is_overall_test(const char *test)
{
    return test != NULL && (strcmp(test, "anova") == 0 || strcmp(test, "welch_anova") == 0 ||
                            strcmp(test, "kruskal_wallis") == 0);
}

/* Pairs of one group between two visits. */
static stroma_status within(analysis *a, int32_t param, int32_t visit, int32_t from, int32_t group,
                            stroma_error *err)
{
    sample now, before;
    STROMA_TRY(sample_take(a, param, visit, group, &now, err));
    stroma_status st = sample_take(a, param, from, group, &before, err);
    if (st != STROMA_OK) {
        sample_clear(&now);
        return st;
    }
    double *x = NULL, *y = NULL;
    size_t n = 0;
    st = sample_pair(&now, &before, &x, &y, &n, err);
    study_result r = analysis_result(a);
    if (st == STROMA_OK)
        st = paired(is_paired_test(a->test) ? a->test : NULL, analysis_prefers_ranks(a, param), x,
                    y, n, a->level, &r.stat, err);
    if (st == STROMA_OK) {
        r.param = param;
        r.visit = visit;
        r.visit2 = from;
        r.group_a = group;
        st = analysis_add(a, &r, now.n_expected - n, "both visits", err);
    }
    stroma_free(x);
    stroma_free(y);
    sample_clear(&now);
    sample_clear(&before);
    return st;
}

static stroma_status between_two(analysis *a, int32_t param, int32_t visit, int32_t group_a,
                                 int32_t group_b, stroma_error *err)
{
    sample x, y;
    STROMA_TRY(sample_take(a, param, visit, group_a, &x, err));
    stroma_status st = sample_take(a, param, visit, group_b, &y, err);
    study_result r = analysis_result(a);
    const bool usable = a->test != NULL && !is_paired_test(a->test) && !is_overall_test(a->test);
    if (st == STROMA_OK)
        st = two_sample(usable ? a->test : NULL, analysis_prefers_ranks(a, param), x.x, x.n, y.x,
                        y.n, a->level, &r.stat, err);
    if (st == STROMA_OK) {
        r.param = param;
        r.visit = visit;
        r.group_a = group_a;
        r.group_b = group_b;
        st = analysis_add(a, &r, x.n_missing + y.n_missing, analysis_visit_label(a->s, visit), err);
    }
    sample_clear(&x);
    sample_clear(&y);
    return st;
}

/* All groups at once: one-way ANOVA or Kruskal-Wallis. */
static stroma_status between_all(analysis *a, int32_t param, int32_t visit, stroma_error *err)
{
    study_result r = analysis_result(a);
    const size_t most = a->s->subjects.len;
    double *x = stroma_alloc_array(most, sizeof *x);
    size_t *group = stroma_alloc_array(most, sizeof *group);
    stroma_status st = x == NULL || group == NULL ? stroma_no_memory(err) : STROMA_OK;
    size_t n = 0, missing = 0;
    for (size_t k = 0; st == STROMA_OK && k < a->groups_len; k++) {
        sample one;
        st = sample_take(a, param, visit, a->groups[k], &one, err);
        for (size_t i = 0; st == STROMA_OK && i < one.n; i++) {
            x[n] = one.x[i];
            group[n++] = k;
        }
        missing += one.n_missing;
        sample_clear(&one);
    }
    const char *test = is_overall_test(a->test)           ? a->test
                       : analysis_prefers_ranks(a, param) ? "kruskal_wallis"
                                                          : "anova";
    if (st == STROMA_OK)
        st = strcmp(test, "anova") == 0
                 ? stroma_anova_one_way(x, group, n, a->groups_len, NULL, &r.stat, err)
             : strcmp(test, "welch_anova") == 0
                 ? stroma_anova_welch(x, group, n, a->groups_len, &r.stat, err)
                 : stroma_kruskal_wallis(x, group, n, a->groups_len, &r.stat, err);
    stroma_free(x);
    stroma_free(group);
    STROMA_TRY(st);
    r.param = param;
    r.visit = visit;
    return analysis_add(a, &r, missing, analysis_visit_label(a->s, visit), err);
}

static stroma_status between(analysis *a, int32_t param, int32_t visit, stroma_error *err)
{
    if (a->groups_len > 2) STROMA_TRY(between_all(a, param, visit, err));
    for (size_t i = 0; i < a->groups_len; i++)
        for (size_t k = i + 1; k < a->groups_len; k++)
            STROMA_TRY(between_two(a, param, visit, a->groups[i], a->groups[k], err));
    return STROMA_OK;
}

static bool wants(const analysis *a, const char *kind)
{
    const stroma_yaml_node *n = stroma_yaml_get(a->node, "tests");
    const size_t len = stroma_yaml_count(n);
    for (size_t i = 0; i < len; i++)
        if (strcmp(stroma_yaml_at(n, i)->text, kind) == 0) return true;
    return false;
}

static stroma_status check_tests(const analysis *a, stroma_error *err)
{
    const stroma_yaml_node *n = stroma_yaml_get(a->node, "tests");
    const size_t len = stroma_yaml_count(n);
    for (size_t i = 0; i < len; i++) {
        const stroma_yaml_node *item = stroma_yaml_at(n, i);
        if (strcmp(item->text, "within") != 0 && strcmp(item->text, "between") != 0 &&
            strcmp(item->text, "consecutive") != 0)
            return study_fail_at(a->s, item, err, "tests are within, between or consecutive, not",
                                 item->text);
    }
    return STROMA_OK;
}

/* At baseline randomised arms differ by chance alone: there is nothing to test (CONSORT 2025), and
 * such tests would weigh on the others of their family. */
static bool by_chance(const analysis *a, int32_t visit)
{
    return visit == a->baseline && a->s->arms.len > 0 &&
           strcmp(a->s->groupings.items[a->grouping].id, "arm") == 0;
}

static stroma_status course_of(analysis *a, int32_t param, stroma_error *err)
{
    int32_t last = STUDY_NONE;
    for (size_t v = 0; v < a->visits_len; v++) {
        const int32_t visit = a->visits[v];
        if (!analysis_measured_at(a->s, param, visit)) continue;
        STROMA_TRY(analysis_describe(a, param, visit, err));
        for (size_t k = 0; k < a->groups_len; k++) {
            if (wants(a, "within") && a->baseline != STUDY_NONE && visit != a->baseline)
                STROMA_TRY(within(a, param, visit, a->baseline, a->groups[k], err));
            if (wants(a, "consecutive") && last != STUDY_NONE)
                STROMA_TRY(within(a, param, visit, last, a->groups[k], err));
        }
        if (wants(a, "between") && !by_chance(a, visit)) STROMA_TRY(between(a, param, visit, err));
        last = visit;
    }
    return STROMA_OK;
}

static bool numeric(const analysis *a, int32_t param)
{
    return a->s->params.items[param].kind != PARAM_WORD;
}

static stroma_status need_params(const analysis *a, stroma_error *err)
{
    if (a->params_len == 0)
        return study_fail_at(a->s, a->node, err, "give params: for the method", a->method);
    for (size_t p = 0; p < a->params_len; p++)
        if (!numeric(a, a->params[p]))
            return study_fail_at(a->s, a->node, err, "this method needs numbers, and words are in",
                                 a->s->params.items[a->params[p]].id);
    return STROMA_OK;
}

stroma_status analysis_run_time_course(analysis *a, stroma_error *err)
{
    STROMA_TRY(need_params(a, err));
    STROMA_TRY(check_tests(a, err));
    for (size_t p = 0; p < a->params_len; p++)
        STROMA_TRY(course_of(a, a->params[p], err));
    return STROMA_OK;
}

stroma_status analysis_run_before_after(analysis *a, stroma_error *err)
{
    STROMA_TRY(need_params(a, err));
    if (a->visits_len != 2)
        return study_fail_at(a->s, a->node, err, "before_after needs visits: [before, after] in",
                             a->id);
    for (size_t p = 0; p < a->params_len; p++) {
        STROMA_TRY(analysis_describe(a, a->params[p], a->visits[0], err));
        STROMA_TRY(analysis_describe(a, a->params[p], a->visits[1], err));
        for (size_t k = 0; k < a->groups_len; k++)
            STROMA_TRY(within(a, a->params[p], a->visits[1], a->visits[0], a->groups[k], err));
    }
    return STROMA_OK;
}

stroma_status analysis_run_compare(analysis *a, stroma_error *err)
{
    STROMA_TRY(need_params(a, err));
    if (a->groups_len < 2)
        return study_fail_at(a->s, a->node, err, "compare needs two groups at least, in", a->id);
    for (size_t p = 0; p < a->params_len; p++)
        for (size_t v = 0; v < a->visits_len; v++) {
            const int32_t visit = analysis_place(a->s, a->params[p], a->visits[v]);
            if (!analysis_measured_at(a->s, a->params[p], visit)) continue;
            STROMA_TRY(analysis_describe(a, a->params[p], visit, err));
            STROMA_TRY(between(a, a->params[p], visit, err));
        }
    return STROMA_OK;
}
