/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat`: several groups, several times, several tests. */
#include "stat_methods.h"

#include "stroma/memory.h"
#include "stroma/stats_anova.h"
#include "stroma/stats_anova_summary.h"
#include "stroma/stats_multiplicity.h"
#include "stroma/stats_normality.h"
#include "stroma/stats_pairwise.h"

#include <math.h>
#include <string.h>

static stroma_status unknown(const stat_job *j, const char *option, const char *choices,
                             stroma_error *err)
{
    (void)stroma_fail(err, STROMA_E_USAGE, "--%s \"%s\" is not known to this method", option,
                      cli_text(j->cli, option));
    stroma_hint(err, "one of %s", choices);
    return STROMA_E_USAGE;
}

static bool asks(const stat_job *j, const char *option, const char *word)
{
    const char *given = cli_text(j->cli, option);
    return given != NULL && strcmp(given, word) == 0;
}

stroma_status stat_run_kruskal_wallis(stat_job *j, stroma_error *err)
{
    stat_groups g;
    stroma_stat s;
    STROMA_TRY(stat_read_groups(j, &g, err));
    STROMA_TRY(stroma_kruskal_wallis(g.values, g.codes, g.n, g.k, &s, err));
    return stat_put(j, &s, NULL, err);
}

stroma_status stat_run_anova(stat_job *j, stroma_error *err)
{
    stat_groups g;
    stroma_stat s;
    const bool welch = asks(j, "variant", "welch");
    if (asks(j, "variant", "kruskal-wallis")) return stat_run_kruskal_wallis(j, err);
    if (cli_given(j->cli, "variant") && !welch && !asks(j, "variant", "fisher"))
        return unknown(j, "variant", "fisher (default), welch, kruskal-wallis", err);
    if (cli_given(j->cli, "error")) {
        stroma_group *sum = NULL;
        const char **names = NULL;
        size_t k = 0;
        STROMA_TRY(stat_read_summary(j, &sum, &names, &k, err));
        s = welch ? stroma_anova_welch_summary(sum, k) : stroma_anova_one_way_summary(sum, k);
        return stat_put(j, &s, NULL, err);
    }
    STROMA_TRY(stat_read_groups(j, &g, err));
    if (welch)
        STROMA_TRY(stroma_anova_welch(g.values, g.codes, g.n, g.k, &s, err));
    else
        STROMA_TRY(stroma_anova_one_way(g.values, g.codes, g.n, g.k, NULL, &s, err));
    return stat_put(j, &s, NULL, err);
}

stroma_status stat_run_rm_anova(stat_job *j, stroma_error *err)
{
    double *x = NULL;
    size_t n = 0, k = 0;
    const char **names = NULL;
    stroma_rm_anova r;
    STROMA_TRY(stat_read_blocks(j, &x, &n, &k, &names, err));
    STROMA_TRY(stroma_anova_repeated(x, n, k, &r, err));
    STROMA_TRY(stat_put(j, &r.greenhouse_geisser, NULL, err));
    STROMA_TRY(stat_put(j, &r.huynh_feldt, NULL, err));
    return stat_put(j, &r.uncorrected, NULL, err);
}

stroma_status stat_run_friedman(stat_job *j, stroma_error *err)
{
    double *x = NULL;
    size_t n = 0, k = 0;
    const char **names = NULL;
    stroma_stat s;
    STROMA_TRY(stat_read_blocks(j, &x, &n, &k, &names, err));
    STROMA_TRY(stroma_friedman(x, n, k, &s, err));
    return stat_put(j, &s, NULL, err);
}

/* One column, or each group of it. */
stroma_status stat_run_shapiro_wilk(stat_job *j, stroma_error *err)
{
    stroma_stat s;
    double *x = NULL;
    size_t n = 0;
    if (!cli_given(j->cli, "group")) {
        STROMA_TRY(stat_read_values(j, "value", &x, &n, err));
        STROMA_TRY(stroma_shapiro_wilk(x, n, &s, err));
        return stat_put(j, &s, cli_text(j->cli, "value"), err);
    }
    stat_groups g;
    STROMA_TRY(stat_read_groups(j, &g, err));
    x = stat_alloc(j, g.n, sizeof *x, err);
    if (x == NULL) return STROMA_E_NOMEM;
    for (size_t k = 0; k < g.k; k++) {
        n = 0;
        for (size_t i = 0; i < g.n; i++)
            if (g.codes[i] == k) x[n++] = g.values[i];
        STROMA_TRY(stroma_shapiro_wilk(x, n, &s, err));
        STROMA_TRY(stat_put(j, &s, g.names[k], err));
    }
    return STROMA_OK;
}

static stroma_status adjustment(const stat_job *j, stroma_adjustment *out, stroma_error *err)
{
    const char *given = cli_text(j->cli, "adjust");
    for (int a = STROMA_ADJUST_NONE; a <= STROMA_ADJUST_BY; a++)
        if (given == NULL ? a == STROMA_ADJUST_HOLM
                          : strcmp(given, stroma_adjustment_name((stroma_adjustment)a)) == 0) {
            *out = (stroma_adjustment)a;
            return STROMA_OK;
        }
    return unknown(j, "adjust", "none, bonferroni, holm (default), hochberg, hommel, BH, BY", err);
}

static stroma_status put_pair(stat_job *j, const stat_groups *g, const stroma_pairwise *w,
                              const stroma_pair *p, const char *variant, stroma_error *err)
{
    stat_result r = { .stat = stroma_stat_empty(w->method), .p_adjusted = p->p_adjusted };
    r.label = stroma_arena_printf(&j->arena, "%s - %s", g->names[p->b], g->names[p->a]);
    r.stat.variant = variant;
    r.stat.not_estimable = w->not_estimable;
    r.stat.reason = w->reason;
    r.stat.n_used = w->n_used;
    r.stat.estimate_name = "mean difference";
    r.stat.estimate = p->difference;
    r.stat.se = p->se;
    r.stat.statistic_name = "t";
    r.stat.statistic = p->t;
    r.stat.df = p->df;
    r.stat.p = p->p;
    r.stat.interval_method = strcmp(w->method, "pairwise_t") == 0 ? "t" : "simultaneous";
    r.stat.level = w->level;
    r.stat.lower = p->lower;
    r.stat.upper = p->upper;
    return stat_put_result(j, &r, err);
}

stroma_status stat_run_pairwise(stat_job *j, stroma_error *err)
{
    stat_groups g;
    stroma_pairwise w = { 0 };
    stroma_pairwise_options o = STROMA_PAIRWISE_OPTIONS_INIT;
    const char *method = cli_text(j->cli, "method"), *variant = "";
    o.level = j->level;
    STROMA_TRY(adjustment(j, &o.adjustment, err));
    STROMA_TRY(stat_read_groups(j, &g, err));
    stroma_status s = STROMA_OK;
    if (method == NULL || strcmp(method, "t") == 0) {
        variant = stroma_adjustment_name(o.adjustment);
        s = stroma_pairwise_t(g.values, g.codes, g.n, g.k, &o, &w, err);
    } else if (strcmp(method, "tukey") == 0) {
        s = stroma_tukey_kramer(g.values, g.codes, g.n, g.k, &o, &w, err);
    } else if (strcmp(method, "games-howell") == 0) {
        s = stroma_games_howell(g.values, g.codes, g.n, g.k, &o, &w, err);
    } else if (strcmp(method, "dunnett") == 0) {
        s = stroma_dunnett(g.values, g.codes, g.n, g.k, &o, &w, err);
    } else {
        return unknown(j, "method", "t (default), tukey, games-howell, dunnett", err);
    }
    for (size_t i = 0; s == STROMA_OK && i < w.n_pairs; i++)
        s = put_pair(j, &g, &w, &w.pairs[i], variant, err);
    if (s == STROMA_OK && w.n_pairs == 0) {
        const stroma_stat none = stroma_stat_cannot(w.method, w.reason);
        s = stat_put(j, &none, NULL, err);
    }
    stroma_pairwise_clear(&w);
    return s;
}

/* A column of p-values; a row each, named by --group where given. */
stroma_status stat_run_adjust(stat_job *j, stroma_error *err)
{
    size_t column = 0, name = 0;
    stroma_adjustment how = STROMA_ADJUST_HOLM;
    STROMA_TRY(adjustment(j, &how, err));
    STROMA_TRY(stat_column(j, "value", &column, err));
    const bool named = cli_given(j->cli, "group");
    if (named) STROMA_TRY(stat_column(j, "group", &name, err));
    double *p = stat_alloc(j, 2 * j->rows_len, sizeof *p, err);
    size_t *rows = stat_alloc(j, j->rows_len, sizeof *rows, err);
    if (p == NULL || rows == NULL) return STROMA_E_NOMEM;
    double *adjusted = p + j->rows_len;
    size_t n = 0;
    for (size_t i = 0; i < j->rows_len; i++)
        if (stat_number(j, column, j->rows[i], &p[n])) rows[n++] = j->rows[i];
    STROMA_TRY(stroma_p_adjust(p, n, 0, how, adjusted, err));
    for (size_t i = 0; i < n; i++) {
        char buf[64];
        stat_result r = { .stat = stroma_stat_empty("adjust"), .p_adjusted = adjusted[i] };
        r.stat.variant = stroma_adjustment_name(how);
        r.stat.n_used = n;
        r.stat.p = p[i];
        r.label = named ? stroma_arena_strdup(&j->arena,
                                              stroma_table_cell_text(j->table, name, rows[i], buf))
                        : stroma_arena_printf(&j->arena, "row %zu", rows[i] + 1);
        STROMA_TRY(stat_put_result(j, &r, err));
    }
    return STROMA_OK;
}
