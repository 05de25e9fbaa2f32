/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/memory.h"
#include "stroma/stats_linear_model.h"

#include <math.h>

typedef struct ancova_work {
    double *x; /* rows × (groups + 1) */
    double *l; /* one contrast */
    size_t *group_n;
} ancova_work;

static void work_free(ancova_work *w)
{
    stroma_free(w->x);
    stroma_free(w->l);
    stroma_free(w->group_n);
}

void stroma_ancova_free(stroma_ancova_result *r)
{
    if (r == NULL) return;
    stroma_linear_model_free(r->model);
    stroma_free(r->adjusted_means);
    stroma_free(r->contrasts);
    stroma_free(r);
}

/* Columns: 1, baseline, indicator of group 1, 2, … */
static stroma_status load(ancova_work *w, const double *baseline, const size_t *group, size_t n,
                          size_t groups, stroma_error *err)
{
    if (groups < 2)
        return stroma_fail(err, STROMA_E_DEGENERATE, "ANCOVA needs two groups, found %zu", groups);
    if (groups >= SIZE_MAX / (n + 1)) return stroma_no_memory(err);
    w->x = stroma_alloc_array(n * (groups + 1), sizeof *w->x);
    w->l = stroma_alloc_array(groups + 1, sizeof *w->l);
    w->group_n = stroma_alloc_array(groups, sizeof *w->group_n);
    if (w->x == NULL || w->l == NULL || w->group_n == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++) {
        if (group[i] >= groups)
            return stroma_fail(err, STROMA_E_USAGE, "group %zu of row %zu, of %zu groups", group[i],
                               i + 1, groups);
        w->group_n[group[i]]++;
        w->x[i] = 1;
        w->x[n + i] = baseline[i];
        if (group[i] > 0) w->x[(group[i] + 1) * n + i] = 1;
    }
    for (size_t g = 0; g < groups; g++)
        if (w->group_n[g] == 0)
            return stroma_fail(err, STROMA_E_DEGENERATE, "group %zu has no row", g);
    return STROMA_OK;
}

static void derive(const ancova_work *w, stroma_ancova_result *r, double level)
{
    const size_t p = r->groups + 1;
    double *l = w->l;
    for (size_t g = 0; g < r->groups; g++) {
        for (size_t j = 0; j < p; j++)
            l[j] = 0;
        l[0] = 1;
        l[1] = r->model->aliased[1] ? 0 : r->baseline_mean;
        if (g > 0) l[g + 1] = 1;
        stroma_stat s = stroma_linear_contrast(r->model, l, 0, level);
        s.method = "ancova";
        s.variant = "adjusted mean";
        s.estimate_name = "adjusted mean change";
        s.n1 = w->group_n[g];
        r->adjusted_means[g] = s;
        if (g == 0) continue;
        l[0] = l[1] = 0;
        s = stroma_linear_contrast(r->model, l, 0, level);
        s.method = "ancova";
        s.variant = "adjusted difference";
        s.estimate_name = "adjusted mean difference";
        s.n1 = w->group_n[g];
        s.n2 = w->group_n[0];
        r->contrasts[g - 1] = s;
    }
}

static stroma_status fill(ancova_work *w, const double *change, const double *baseline,
                          const size_t *group, size_t n, double level, stroma_ancova_result *r,
                          stroma_error *err)
{
    STROMA_TRY(load(w, baseline, group, n, r->groups, err));
    r->adjusted_means = stroma_alloc_array(r->groups, sizeof *r->adjusted_means);
    r->contrasts = stroma_alloc_array(r->groups - 1, sizeof *r->contrasts);
    if (r->adjusted_means == NULL || r->contrasts == NULL) return stroma_no_memory(err);
    const stroma_design d = { .rows = n, .columns = r->groups + 1, .x = w->x, .intercept = true };
    STROMA_TRY(stroma_linear_model_fit(&d, change, NULL, &r->model, err));
    double mean = 0, rest = 0;
    for (size_t i = 0; i < n; i++)
        mean += baseline[i] / (double)n;
    for (size_t i = 0; i < n; i++) /* a second pass takes the rounding out */
        rest += (baseline[i] - mean) / (double)n;
    r->baseline_mean = mean + rest;
    derive(w, r, level);
    return STROMA_OK;
}

stroma_status stroma_ancova(const double *change, const double *baseline, const size_t *group,
                            size_t n, size_t groups, double level, stroma_ancova_result **out,
                            stroma_error *err)
{
    *out = NULL;
    stroma_ancova_result *r = stroma_alloc_array(1, sizeof *r);
    if (r == NULL) return stroma_no_memory(err);
    r->groups = groups;
    ancova_work w = { 0 };
    const stroma_status s = fill(&w, change, baseline, group, n, level, r, err);
    work_free(&w);
    if (s == STROMA_OK)
        *out = r;
    else
        stroma_ancova_free(r);
    return s;
}
