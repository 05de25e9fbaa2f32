/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparisons of numbers: two groups, several groups, before and after. */
#include "analysis.h"

#include "stroma/stats_anova.h"
#include "stroma/stats_rank_test.h"
#include "stroma/stats_summary.h"
#include "stroma/stats_t_test.h"

#include <math.h>
#include <string.h>

stroma_status analysis_two_sample(const char *test, bool ranks, const double *x, size_t nx,
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

stroma_status analysis_paired(const char *test, bool ranks, const double *x, const double *y,
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
            d[i] = x[i] - y[i];
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
        st = analysis_paired(is_paired_test(a->test) ? a->test : NULL,
                             analysis_prefers_ranks(a, param), x, y, n, a->level, &r.stat, err);
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
        st = analysis_two_sample(usable ? a->test : NULL, analysis_prefers_ranks(a, param), x.x,
                                 x.n, y.x, y.n, a->level, &r.stat, err);
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
    const yaml_node *n = yaml_get(a->node, "tests");
    const size_t len = yaml_count(n);
    for (size_t i = 0; i < len; i++)
        if (strcmp(yaml_at(n, i)->text, kind) == 0) return true;
    return false;
}

static stroma_status check_tests(const analysis *a, stroma_error *err)
{
    const yaml_node *n = yaml_get(a->node, "tests");
    const size_t len = yaml_count(n);
    for (size_t i = 0; i < len; i++) {
        const yaml_node *item = yaml_at(n, i);
        if (strcmp(item->text, "within") != 0 && strcmp(item->text, "between") != 0 &&
            strcmp(item->text, "consecutive") != 0)
            return study_fail_at(a->s, item, err, "tests are within, between or consecutive, not",
                                 item->text);
    }
    return STROMA_OK;
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
        if (wants(a, "between")) STROMA_TRY(between(a, param, visit, err));
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

/* Standardised mean difference (Cohen's d with the mean of the two variances, Austin 2009 Stat Med
 * 28:3083): how far the arms are apart at baseline, without a p-value. */
static stroma_status smd_numbers(analysis *a, int32_t param, int32_t visit, study_result *r,
                                 stroma_error *err)
{
    sample x, y;
    stroma_summary first = { 0 }, second = { 0 };
    STROMA_TRY(sample_take(a, param, visit, a->groups[0], &x, err));
    stroma_status st = sample_take(a, param, visit, a->groups[1], &y, err);
    if (st == STROMA_OK) st = stroma_summary_compute(x.x, x.n, a->level, &first, err);
    if (st == STROMA_OK) st = stroma_summary_compute(y.x, y.n, a->level, &second, err);
    const double sd = sqrt((first.variance + second.variance) / 2);
    r->stat = stroma_stat_empty("smd");
    if (x.n < 2 || y.n < 2)
        r->stat = stroma_stat_cannot("smd", "fewer than two values in a group");
    else if (sd > 0)
        r->stat.estimate = (first.mean - second.mean) / sd;
    else
        r->stat = stroma_stat_cannot("smd", "all values are equal");
    r->stat.n1 = x.n;
    r->stat.n2 = y.n;
    sample_clear(&x);
    sample_clear(&y);
    return st;
}

/* Of a proportion: (p1 − p2) / √((p1(1 − p1) + p2(1 − p2)) / 2); for words, of the first word. */
static stroma_status smd_words(analysis *a, int32_t param, int32_t visit, study_result *r)
{
    const study *s = a->s;
    double p[2] = { 0, 0 };
    size_t n[2] = { 0, 0 };
    const char *first = NULL;
    for (size_t i = 0; i < s->subjects.len; i++) {
        const int32_t at = study_find(s, (int32_t)i, visit, param);
        const int32_t member = s->groupings.items[a->grouping].member[i];
        if (at == STUDY_NONE || !s->sets.items[a->set].included[i]) continue;
        const study_measurement *m = &s->measurements.items[at];
        if (m->state != STROMA_PRESENT) continue;
        const char *word = m->text != NULL ? m->text : m->value > 0 ? "yes" : "no";
        if (first == NULL) first = m->text != NULL ? word : "yes";
        for (size_t g = 0; g < 2; g++) {
            if (member != a->groups[g]) continue;
            n[g]++;
            p[g] += strcmp(word, first) == 0;
        }
    }
    r->stat = stroma_stat_empty("smd");
    for (size_t g = 0; g < 2; g++)
        p[g] /= n[g] > 0 ? (double)n[g] : 1;
    const double sd = sqrt((p[0] * (1 - p[0]) + p[1] * (1 - p[1])) / 2);
    if (n[0] == 0 || n[1] == 0 || sd == 0)
        r->stat = stroma_stat_cannot("smd", "no value in a group, or all values are equal");
    else
        r->stat.estimate = (p[0] - p[1]) / sd;
    r->stat.n1 = n[0];
    r->stat.n2 = n[1];
    return STROMA_OK;
}

stroma_status analysis_run_smd(analysis *a, stroma_error *err)
{
    const bool two = a->groups_len == 2;
    const int32_t asked =
        a->visits_len > 0 && yaml_get(a->node, "visit") != NULL ? a->visits[0] : a->baseline;
    for (size_t k = 0; k < a->params_len; k++) {
        const int32_t param = a->params[k], visit = analysis_place(a->s, param, asked);
        STROMA_TRY(analysis_describe(a, param, visit, err));
        if (!two) continue; /* three groups or one: described, not compared */
        study_result r = analysis_result(a);
        if (a->s->params.items[param].kind == PARAM_NUMBER)
            STROMA_TRY(smd_numbers(a, param, visit, &r, err));
        else
            STROMA_TRY(smd_words(a, param, visit, &r));
        r.param = param;
        r.visit = visit;
        r.group_a = a->groups[0];
        r.group_b = a->groups[1];
        r.stat.n_used = r.stat.n1 + r.stat.n2;
        r.stat.estimate_name = "standardised difference";
        STROMA_TRY(analysis_add(a, &r, 0, "", err));
    }
    return STROMA_OK;
}
