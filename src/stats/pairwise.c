/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "groups.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"
#include "stroma/stats_pairwise.h"

#include <math.h>

static const stroma_pairwise_options defaults = STROMA_PAIRWISE_OPTIONS_INIT;
typedef enum kind { PAIRWISE_T, TUKEY_KRAMER, GAMES_HOWELL, DUNNETT } kind;

void stroma_pairwise_clear(stroma_pairwise *p)
{
    stroma_free(p->pairs);
    p->pairs = NULL;
    p->n_pairs = 0;
}

static const char *why_not(const groups *g, kind what)
{
    if (g->k < 2) return "fewer than two groups";
    int varies = 0;
    for (size_t i = 0; i < g->k; i++) {
        const size_t n = stroma_groups_size(g, i);
        if (n == 0) return "a group is empty";
        const int constant = stroma_groups_constant(g, i);
        varies |= !constant;
        if (what == GAMES_HOWELL && n < 2) return "fewer than two values in a group";
        if (what == GAMES_HOWELL && constant) return "no variation in a group";
    }
    if (g->n <= g->k) return "no degrees of freedom within the groups";
    return varies ? NULL : "no variation within the groups";
}

static stroma_status make_pairs(stroma_pairwise *out, size_t k, kind what, size_t control,
                                stroma_error *err)
{
    const size_t n = k < 2 ? 0 : what == DUNNETT ? k - 1 : k * (k - 1) / 2;
    const double none = (double)NAN;
    out->pairs = stroma_alloc_array(n, sizeof *out->pairs);
    if (out->pairs == NULL) return stroma_no_memory(err);
    out->n_pairs = n;
    size_t at = 0;
    for (size_t a = 0; a < k && at < n; a++) {
        if (what == DUNNETT && a != control) continue;
        for (size_t b = what == DUNNETT ? 0 : a + 1; b < k; b++)
            if (b != a)
                out->pairs[at++] =
                    (stroma_pair){ a, b, none, none, none, none, none, none, none, none };
    }
    return STROMA_OK;
}

/* difference, se, t, df and unadjusted p of each pair. */
static void fill_t(const groups *g, const moments *m, kind what, stroma_pairwise *out)
{
    for (size_t i = 0; i < out->n_pairs; i++) {
        stroma_pair *p = &out->pairs[i];
        const double na = (double)stroma_groups_size(g, p->a),
                     nb = (double)stroma_groups_size(g, p->b);
        p->difference = dd_value(dd_subtract(m[p->b].mean, m[p->a].mean));
        if (what == GAMES_HOWELL) {
            const double ea = dd_value(m[p->a].squares) / (na - 1) / na;
            const double eb = dd_value(m[p->b].squares) / (nb - 1) / nb;
            const double share = ea / (ea + eb);
            p->se = sqrt(ea + eb);
            p->df = 1 / (share * share / (na - 1) + (1 - share) * (1 - share) / (nb - 1));
        } else {
            p->se = sqrt(out->ms_within * (1 / na + 1 / nb));
            p->df = out->df;
        }
        p->t = p->difference / p->se;
        p->p = stroma_t_two_sided(p->t, p->df);
    }
}

static void set_interval(stroma_pair *p, double critical)
{
    p->lower = p->difference - critical * p->se;
    p->upper = p->difference + critical * p->se;
}

static stroma_status adjust_t(stroma_pairwise *out, const stroma_pairwise_options *o,
                              stroma_error *err)
{
    double *p = stroma_alloc_array(out->n_pairs, sizeof *p);
    if (p == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < out->n_pairs; i++)
        p[i] = out->pairs[i].p;
    const stroma_status s = stroma_p_adjust(p, out->n_pairs, 0, o->adjustment, p, err);
    const double critical = stroma_t_quantile(0.5 + o->level / 2, out->df);
    for (size_t i = 0; s == STROMA_OK && i < out->n_pairs; i++) {
        out->pairs[i].p_adjusted = p[i];
        set_interval(&out->pairs[i], critical);
    }
    stroma_free(p);
    return s;
}

static void adjust_range(stroma_pairwise *out, const groups *g, double level)
{
    const double k = (double)g->k;
    double df = (double)NAN, critical = (double)NAN;
    for (size_t i = 0; i < out->n_pairs; i++) {
        stroma_pair *p = &out->pairs[i];
        p->p_adjusted = stroma_studentized_range_sf(sqrt(2.0) * fabs(p->t), k, p->df);
        if (!(df == p->df))
            critical = stroma_studentized_range_quantile(level, k, p->df) / sqrt(2.0);
        df = p->df;
        set_interval(p, critical);
    }
}

static stroma_status adjust_dunnett(stroma_pairwise *out, const groups *g, double level,
                                    stroma_error *err)
{
    double *lambda = stroma_alloc_array(out->n_pairs, sizeof *lambda);
    if (lambda == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < out->n_pairs; i++) {
        const double na = (double)stroma_groups_size(g, out->pairs[i].a),
                     nb = (double)stroma_groups_size(g, out->pairs[i].b);
        lambda[i] = sqrt(nb / (nb + na));
    }
    const double critical = stroma_dunnett_critical(1 - level, lambda, out->n_pairs, out->df);
    for (size_t i = 0; i < out->n_pairs; i++) {
        stroma_pair *p = &out->pairs[i];
        p->p_adjusted = stroma_dunnett_sf(fabs(p->t), lambda, out->n_pairs, out->df);
        set_interval(p, critical);
    }
    stroma_free(lambda);
    return STROMA_OK;
}

static stroma_status fill(const groups *g, kind what, const stroma_pairwise_options *o,
                          stroma_pairwise *out, stroma_error *err)
{
    STROMA_TRY(make_pairs(out, g->k, what, o->control, err));
    const char *reason = why_not(g, what);
    if (reason != NULL) {
        out->not_estimable = true;
        out->reason = reason;
        return STROMA_OK;
    }
    moments *m = stroma_alloc_array(g->k, sizeof *m);
    if (m == NULL) return stroma_no_memory(err);
    double_double within = dd_from(0);
    for (size_t i = 0; i < g->k; i++) {
        m[i] = stroma_moments_of(g->values + g->start[i], stroma_groups_size(g, i));
        within = dd_add(within, m[i].squares);
    }
    if (what != GAMES_HOWELL) {
        out->df = (double)(g->n - g->k);
        out->ms_within = dd_value(within) / out->df;
    }
    fill_t(g, m, what, out);
    stroma_free(m);
    switch (what) {
    case PAIRWISE_T: return adjust_t(out, o, err);
    case DUNNETT: return adjust_dunnett(out, g, o->level, err);
    case TUKEY_KRAMER:
    case GAMES_HOWELL:
    default: adjust_range(out, g, o->level); return STROMA_OK;
    }
}

static stroma_status run(groups *g, kind what, const stroma_pairwise_options *options,
                         stroma_pairwise *out, stroma_error *err)
{
    static const char *const names[] = { "pairwise_t", "tukey_kramer", "games_howell", "dunnett" };
    const stroma_pairwise_options *o = options == NULL ? &defaults : options;
    out->method = names[what];
    out->level = o->level;
    out->n_used = g->n;
    STROMA_TRY(stroma_level_check(o->level, err));
    if (g->k > 1000) return stroma_fail(err, STROMA_E_USAGE, "%zu groups; at most 1000", g->k);
    if (what == DUNNETT && o->control >= g->k)
        return stroma_fail(err, STROMA_E_USAGE, "control is group %zu of %zu", o->control + 1,
                           g->k);
    return fill(g, what, o, out, err);
}

static const stroma_pairwise nothing = {
    "", "", false, 0, (double)NAN, (double)NAN, 0.95, NULL, 0
};

/* One comparison of all groups: the four public methods differ in nothing else. */
static stroma_status compare(kind what, const double *x, const size_t *group, size_t n, size_t k,
                             const stroma_pairwise_options *options, stroma_pairwise *out,
                             stroma_error *err)
{
    groups g;
    *out = nothing;
    stroma_status s = stroma_groups_make(x, group, n, k, &g, err);
    if (s == STROMA_OK) s = run(&g, what, options, out, err);
    stroma_groups_clear(&g);
    return s;
}

stroma_status stroma_pairwise_t(const double *x, const size_t *group, size_t n, size_t k,
                                const stroma_pairwise_options *options, stroma_pairwise *out,
                                stroma_error *err)
{
    return compare(PAIRWISE_T, x, group, n, k, options, out, err);
}

stroma_status stroma_tukey_kramer(const double *x, const size_t *group, size_t n, size_t k,
                                  const stroma_pairwise_options *options, stroma_pairwise *out,
                                  stroma_error *err)
{
    return compare(TUKEY_KRAMER, x, group, n, k, options, out, err);
}

stroma_status stroma_games_howell(const double *x, const size_t *group, size_t n, size_t k,
                                  const stroma_pairwise_options *options, stroma_pairwise *out,
                                  stroma_error *err)
{
    return compare(GAMES_HOWELL, x, group, n, k, options, out, err);
}

stroma_status stroma_dunnett(const double *x, const size_t *group, size_t n, size_t k,
                             const stroma_pairwise_options *options, stroma_pairwise *out,
                             stroma_error *err)
{
    return compare(DUNNETT, x, group, n, k, options, out, err);
}
