/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Standardised differences: how far two groups are apart at baseline, in numbers and in words. */
#include "analysis.h"

#include "stroma/stats_summary.h"

#include <math.h>
#include <string.h>

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

typedef struct word_shares {
    const char **words;
    double *share[2]; /* of each word, in the two groups */
    size_t len, n[2];
} word_shares;

static stroma_status count_shares(const analysis *a, int32_t param, int32_t visit, word_shares *w,
                                  stroma_error *err)
{
    const study *s = a->s;
    const size_t most = s->subjects.len + 1;
    *w = (word_shares){ .words = stroma_alloc_array(most, sizeof(char *)),
                        .share = { stroma_alloc_array(most, sizeof(double)),
                                   stroma_alloc_array(most, sizeof(double)) } };
    if (w->words == NULL || w->share[0] == NULL || w->share[1] == NULL)
        return stroma_no_memory(err);
    if (s->params.items[param].kind == PARAM_FLAG) w->words[w->len++] = "yes";
    for (size_t i = 0; i < s->subjects.len; i++) {
        const int32_t at = study_find(s, (int32_t)i, visit, param);
        const int32_t member = s->groupings.items[a->grouping].member[i];
        if (at == STUDY_NONE || !s->sets.items[a->set].included[i]) continue;
        const study_measurement *m = &s->measurements.items[at];
        if (m->state != STROMA_PRESENT) continue;
        const char *word = m->text != NULL ? m->text : m->value > 0 ? "yes" : "no";
        for (size_t g = 0; g < 2; g++) {
            if (member != a->groups[g]) continue;
            size_t k = 0;
            while (k < w->len && strcmp(w->words[k], word) != 0)
                k++;
            if (k == w->len) w->words[w->len++] = word;
            w->n[g]++;
            w->share[g][k]++;
        }
    }
    for (size_t g = 0; g < 2; g++)
        for (size_t k = 0; k < w->len; k++)
            w->share[g][k] /= w->n[g] > 0 ? (double)w->n[g] : 1;
    return STROMA_OK;
}

/* x'S⁻¹x by elimination in the n × n S, x beside it; NaN when S is singular. Overwrites both. */
static double quadratic_form(double *s, double *x, size_t n)
{
    double q = 0;
    for (size_t i = 0; i < n; i++) {
        if (!(s[i * n + i] > 1e-12)) return NAN;
        for (size_t r = i + 1; r < n; r++) {
            const double f = s[r * n + i] / s[i * n + i];
            for (size_t c = i; c < n; c++)
                s[r * n + c] -= f * s[i * n + c];
            x[r] -= f * x[i];
        }
        q += x[i] * x[i] / s[i * n + i];
    }
    return q;
}

/* Two words: (p1 − p2) / √((p1(1 − p1) + p2(1 − p2)) / 2) of the first. More: the distance
 * √((p1 − p2)'S⁻¹(p1 − p2)) over all but the first, S the mean of the two multinomial covariances
 * (Yang & Dalton 2012, SAS Global Forum 335), which has no sign. */
static stroma_status distance(const word_shares *w, double *out, stroma_error *err)
{
    *out = NAN;
    const double *p = w->share[0], *q = w->share[1];
    if (w->len == 2) {
        const double sd = sqrt((p[0] * (1 - p[0]) + q[0] * (1 - q[0])) / 2);
        if (sd > 0) *out = (p[0] - q[0]) / sd;
        return STROMA_OK;
    }
    if (w->len < 2) return STROMA_OK;
    const size_t n = w->len - 1;
    double *s = stroma_alloc_array(n * (n + 1), sizeof *s);
    if (s == NULL) return stroma_no_memory(err);
    double *x = s + n * n;
    for (size_t i = 0; i < n; i++) {
        x[i] = p[i + 1] - q[i + 1];
        for (size_t k = 0; k < n; k++)
            s[i * n + k] = i == k ? (p[i + 1] * (1 - p[i + 1]) + q[i + 1] * (1 - q[i + 1])) / 2
                                  : -(p[i + 1] * p[k + 1] + q[i + 1] * q[k + 1]) / 2;
    }
    *out = sqrt(quadratic_form(s, x, n));
    stroma_free(s);
    return STROMA_OK;
}

static stroma_status smd_words(analysis *a, int32_t param, int32_t visit, study_result *r,
                               stroma_error *err)
{
    study *s = a->s;
    word_shares w;
    double d = NAN;
    stroma_status st = count_shares(a, param, visit, &w, err);
    if (st == STROMA_OK) st = distance(&w, &d, err);
    if (st == STROMA_OK) {
        r->stat = stroma_stat_empty("smd");
        if (isnan(d) || w.n[0] == 0 || w.n[1] == 0)
            r->stat = stroma_stat_cannot("smd", "no value in a group, or all values are equal");
        else
            r->stat.estimate = d;
        r->stat.n1 = w.n[0];
        r->stat.n2 = w.n[1];
        const study_group *g = s->groupings.items[a->grouping].groups;
        r->label = stroma_arena_printf(
            &s->arena, "%s (%s): %s \xE2\x88\x92 %s", analysis_param_label(s, param),
            w.len <= 2 && w.len > 0 ? w.words[0] : "all categories, no sign", g[a->groups[0]].label,
            g[a->groups[1]].label);
        if (r->label == NULL) st = stroma_no_memory(err);
    }
    stroma_free(w.words);
    stroma_free(w.share[0]);
    stroma_free(w.share[1]);
    return st;
}

stroma_status analysis_run_smd(analysis *a, stroma_error *err)
{
    const bool two = a->groups_len == 2;
    const int32_t asked =
        a->visits_len > 0 && stroma_yaml_get(a->node, "visit") != NULL ? a->visits[0] : a->baseline;
    for (size_t k = 0; k < a->params_len; k++) {
        const int32_t param = a->params[k], visit = analysis_place(a->s, param, asked);
        STROMA_TRY(analysis_describe(a, param, visit, err));
        if (!two) continue; /* three groups or one: described, not compared */
        study_result r = analysis_result(a);
        if (a->s->params.items[param].kind == PARAM_NUMBER)
            STROMA_TRY(smd_numbers(a, param, visit, &r, err));
        else
            STROMA_TRY(smd_words(a, param, visit, &r, err));
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
