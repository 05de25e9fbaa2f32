/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weighted log-rank tests of groups, on the flipped scale for values below limits. */
#include "censored.h"
#include "small_matrix.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"

#include <string.h>

typedef struct scores {
    size_t k;
    double *at_risk, *events; /* k, of the step at hand */
    double *u;                /* k: observed − expected, weighted */
    double *v;                /* k × k */
    stroma_censored_group *by;
} scores;

/* One measured value: d events among n at risk. */
static void step(scores *s, double weight, double n, double d)
{
    const double spread = n > 1 ? d * (n - d) / (n - 1) : 0;
    for (size_t g = 0; g < s->k; g++) {
        const double share = s->at_risk[g] / n;
        s->by[g].observed += weight * s->events[g];
        s->by[g].expected += weight * d * share;
        s->u[g] += weight * (s->events[g] - d * share);
        for (size_t h = 0; h < s->k; h++)
            s->v[g * s->k + h] += weight * weight * spread * share * ((g == h) - s->at_risk[h] / n);
    }
}

static void walk(const censored_point *p, size_t n, const size_t *group,
                 stroma_censored_weight weight, scores *s)
{
    double left = 1;
    for (size_t i = 0; i < n; i++)
        s->at_risk[group[p[i].index]]++;
    for (size_t i = 0; i < n;) {
        size_t j = i;
        memset(s->events, 0, s->k * sizeof *s->events);
        for (; j < n && p[j].measured && p[j].value == p[i].value; j++)
            s->events[group[p[j].index]]++;
        const double at_risk = (double)(n - i), d = (double)(j - i);
        const double w = weight == STROMA_CENSORED_PETO    ? left
                         : weight == STROMA_CENSORED_GEHAN ? at_risk
                                                           : 1;
        if (j > i) step(s, w, at_risk, d);
        left *= 1 - d / at_risk;
        if (j == i) j++;
        for (; i < j; i++)
            s->at_risk[group[p[i].index]]--;
    }
}

/* χ² of the groups that were ever at risk together with another, without the last of them. */
static stroma_status chi_squared(const scores *s, stroma_stat *out, stroma_error *err)
{
    double *a = stroma_alloc_array(s->k * s->k + 2 * s->k, sizeof *a);
    if (a == NULL) return censored_no_memory(err);
    double *u = a + s->k * s->k;
    size_t *kept = stroma_alloc_array(s->k, sizeof *kept), n = 0;
    if (kept == NULL) {
        stroma_free(a);
        return censored_no_memory(err);
    }
    for (size_t g = 0; g < s->k; g++)
        if (s->v[g * s->k + g] > 0) kept[n++] = g;
    const size_t m = n > 0 ? n - 1 : 0;
    for (size_t g = 0; g < m; g++) {
        u[g] = s->u[kept[g]];
        for (size_t h = 0; h < m; h++)
            a[g * m + h] = s->v[kept[g] * s->k + kept[h]];
    }
    if (m > 0 && small_cholesky(a, m)) {
        small_solve_lower(a, m, u);
        out->statistic_name = "chi2";
        out->statistic = small_dot(u, u, m);
        out->df = (double)m;
        out->p = stroma_chi2_sf(out->statistic, out->df);
    } else {
        out->not_estimable = true;
        out->reason = "no two groups have values at risk together";
    }
    stroma_free(a);
    stroma_free(kept);
    return STROMA_OK;
}

static const char *refuse(const stroma_censored_counts *c, const stroma_censored_group *by,
                          size_t groups)
{
    size_t filled = 0;
    for (size_t g = 0; g < groups; g++)
        filled += by[g].n > 0;
    if (filled < 2) return "fewer than two groups";
    if (censored_side(c) == 2) return censored_both_sides;
    return c->measured == 0 ? "nothing was measured: all values are censored" : "";
}

static stroma_status count_groups(const stroma_censored_sample *s, const size_t *group,
                                  size_t groups, stroma_censored_group *by, stroma_error *err)
{
    for (size_t i = 0; i < s->n; i++) {
        if (group[i] >= groups)
            return stroma_fail(err, STROMA_E_USAGE, "value %zu has group %zu of %zu", i + 1,
                               group[i], groups);
        by[group[i]].n++;
        by[group[i]].measured += censored_is_measured(s, i);
    }
    return STROMA_OK;
}

static stroma_status logrank(const stroma_censored_sample *s, const size_t *group, int sign,
                             stroma_censored_weight weight, scores *r, stroma_stat *out,
                             stroma_error *err)
{
    const size_t k = r->k;
    censored_point *p = stroma_alloc_array(s->n, sizeof *p);
    r->u = stroma_alloc_array(3 * k + k * k, sizeof *r->u);
    stroma_status status = p == NULL || r->u == NULL ? censored_no_memory(err) : STROMA_OK;
    if (status == STROMA_OK) {
        r->at_risk = r->u + k;
        r->events = r->at_risk + k;
        r->v = r->events + k;
        status = censored_sort(s, sign, p, err);
    }
    if (status == STROMA_OK) {
        walk(p, s->n, group, weight, r);
        status = chi_squared(r, out, err);
    }
    stroma_free(p);
    stroma_free(r->u);
    return status;
}

stroma_status stroma_censored_logrank(const stroma_censored_sample *s, const size_t *group,
                                      size_t groups, stroma_censored_weight weight,
                                      stroma_stat *out, stroma_censored_group *by,
                                      stroma_error *err)
{
    static const char *const names[] = { "log-rank", "Peto-Peto", "Gehan" };
    stroma_censored_counts c;
    *out = stroma_stat_empty("censored_logrank");
    STROMA_TRY(stroma_censored_count(s, &c, err));
    out->variant = names[weight];
    out->n_used = s->n;
    if (groups > 1000) return stroma_fail(err, STROMA_E_USAGE, "%zu groups: at most 1000", groups);
    stroma_censored_group *own = stroma_alloc_array(groups, sizeof *own);
    if (own == NULL) return censored_no_memory(err);
    scores r = { .k = groups, .by = own };
    stroma_status status = count_groups(s, group, groups, own, err);
    if (status == STROMA_OK) {
        out->reason = refuse(&c, own, groups);
        out->not_estimable = out->reason[0] != '\0';
        if (groups == 2) {
            out->n1 = own[0].n;
            out->n2 = own[1].n;
        }
        if (!out->not_estimable)
            status = logrank(s, group, censored_side(&c) == 1 ? 1 : -1, weight, &r, out, err);
    }
    if (status == STROMA_OK && by != NULL) memcpy(by, own, groups * sizeof *by);
    stroma_free(own);
    return status;
}
