/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat permutation | permutation-paired | bootstrap` */
#include "stat_members.h"
#include "stat_methods.h"
#include "stat_statistics.h"

#include "stroma/stats_resampling.h"

#include <math.h>
#include <string.h>

static stroma_status not_known(const char *option, const char *text, const char *hint,
                               stroma_error *err)
{
    (void)stroma_fail(err, STROMA_E_USAGE, "--%s \"%s\" is not known to this method", option, text);
    stroma_hint(err, "one of %s", hint);
    return STROMA_E_USAGE;
}

static stroma_status permutation_options(const stat_job *j, stroma_permutation_options *o,
                                         stroma_error *err)
{
    static const char *const names[] = { "auto", "exact", "monte-carlo" };
    const char *variant = cli_text(j->cli, "variant");
    *o = (stroma_permutation_options)STROMA_PERMUTATION_OPTIONS_INIT;
    o->alternative = j->alternative;
    if (cli_given(j->cli, "resamples")) o->resamples = (size_t)cli_count(j->cli, "resamples", 0);
    o->seed = (uint64_t)cli_count(j->cli, "seed", 1);
    o->threads = cli_threads(j->cli);
    if (variant == NULL) return STROMA_OK;
    for (int i = 0; i < 3; i++) {
        o->method = (stroma_permutation_method)i;
        if (strcmp(names[i], variant) == 0) return STROMA_OK;
    }
    return not_known("variant", variant, "auto (default), exact, monte-carlo", err);
}

static stroma_status put_permutation(stat_job *j, const stroma_permutation *p, const char *label,
                                     stroma_error *err)
{
    stat_result r = { .stat = p->stat, .label = label, .p_adjusted = NAN };
    stroma_buffer b;
    stroma_buffer_init(&b, STAT_MEMBERS_BYTES_MAX);
    stat_member_number(&b, "arrangements", p->arrangements);
    stat_member_number(&b, "resamples", (double)p->resamples);
    stat_member_number(&b, "p_se", p->p_se);
    stat_member_number(&b, "p_lower_99", p->p_lower);
    stat_member_number(&b, "p_upper_99", p->p_upper);
    stat_member_number(&b, "strata_used", (double)p->strata_used);
    stroma_status s = stat_members_keep(j, &b, &r.members, err);
    if (s == STROMA_OK) s = stat_put_result(j, &r, err);
    stroma_buffer_clear(&b);
    return s;
}

/* Values, groups and, with --strata, strata of the same rows. */
static stroma_status read_strata(stat_job *j, stat_groups *g, size_t **strata, stroma_error *err)
{
    size_t value = 0, group = 0, stratum = 0, k = 0;
    const char **names = NULL;
    *g = (stat_groups){ 0 };
    STROMA_TRY(stat_column(j, "value", &value, err));
    STROMA_TRY(stat_column(j, "group", &group, err));
    STROMA_TRY(stat_column(j, "strata", &stratum, err));
    STROMA_TRY(stat_levels(j, group, true, &g->names, &g->k, err));
    STROMA_TRY(stat_levels(j, stratum, false, &names, &k, err));
    g->values = stat_alloc(j, j->rows_len, sizeof *g->values, err);
    g->codes = stat_alloc(j, j->rows_len, sizeof *g->codes, err);
    *strata = stat_alloc(j, j->rows_len, sizeof **strata, err);
    if (g->values == NULL || g->codes == NULL || *strata == NULL) return STROMA_E_NOMEM;
    for (size_t i = 0; i < j->rows_len; i++) {
        const size_t row = j->rows[i], n = g->n;
        if (stat_code(j, group, row, g->names, g->k, &g->codes[n]) &&
            stat_code(j, stratum, row, names, k, &(*strata)[n]) &&
            stat_number(j, value, row, &g->values[n]))
            g->n++;
    }
    return STROMA_OK;
}

stroma_status stat_run_permutation(stat_job *j, stroma_error *err)
{
    stroma_permutation_options o;
    stroma_permutation p;
    stat_groups g;
    size_t *strata = NULL;
    STROMA_TRY(permutation_options(j, &o, err));
    if (cli_given(j->cli, "strata"))
        STROMA_TRY(read_strata(j, &g, &strata, err));
    else
        STROMA_TRY(stat_read_groups(j, &g, err));
    if (g.k != 2) {
        (void)stroma_fail(err, STROMA_E_DEGENERATE, "this method compares two groups, found %zu",
                          g.k);
        stroma_hint(err, "name the two with --levels a,b");
        return STROMA_E_DEGENERATE;
    }
    STROMA_TRY(stroma_permutation_test(g.values, g.codes, strata, g.n, &o, &p, err));
    for (size_t i = 0; i < p.excluded && p.strata_used > 0; i++)
        stat_exclude(j, "its stratum has one group only");
    return put_permutation(j, &p, stroma_arena_printf(&j->arena, "%s - %s", g.names[0], g.names[1]),
                           err);
}

stroma_status stat_run_permutation_paired(stat_job *j, stroma_error *err)
{
    stroma_permutation_options o;
    stroma_permutation p;
    stat_pairs pairs;
    STROMA_TRY(permutation_options(j, &o, err));
    STROMA_TRY(stat_read_pairs(j, &pairs, err));
    for (size_t i = 0; i < pairs.n; i++)
        pairs.x[i] -= pairs.y[i];
    STROMA_TRY(stroma_permutation_paired(pairs.x, pairs.n, &o, &p, err));
    return put_permutation(
        j, &p, stroma_arena_printf(&j->arena, "%s - %s", pairs.x_name, pairs.y_name), err);
}

static stroma_status interval_kind(const stat_job *j, const statistic *s,
                                   stroma_bootstrap_kind *out, stroma_error *err)
{
    static const char *const names[] = { "percentile", "basic", "normal", "bca", "studentized" };
    const char *text = cli_text(j->cli, "interval");
    *out = STROMA_BOOTSTRAP_BCA;
    if (text == NULL) return STROMA_OK;
    for (int i = 0; i < STROMA_BOOTSTRAP_KINDS; i++) {
        if (strcmp(names[i], text) != 0) continue;
        *out = (stroma_bootstrap_kind)i;
        if (*out != STROMA_BOOTSTRAP_STUDENTIZED || s->has_se) return STROMA_OK;
        (void)stroma_fail(err, STROMA_E_USAGE, "statistic \"%s\" has no standard error of its own",
                          s->name);
        stroma_hint(err, "studentized intervals are for mean, difference and ratio-of-means");
        return STROMA_E_USAGE;
    }
    return not_known("interval", text, "bca (default), percentile, basic, normal, studentized",
                     err);
}

static stroma_status put_bootstrap(stat_job *j, const statistic *s,
                                   const stroma_bootstrap_result *b, stroma_bootstrap_kind kind,
                                   const char *label, stroma_error *err)
{
    stat_result r = { .label = label, .p_adjusted = NAN };
    stroma_buffer m;
    STROMA_TRY(stroma_bootstrap_interval(b, 0, kind, 1, j->level, &r.stat, err));
    const stroma_stat jack = stroma_jackknife(b, 0, j->level);
    r.stat.estimate_name = s->name;
    r.stat.variant = s->variant;
    stroma_buffer_init(&m, STAT_MEMBERS_BYTES_MAX);
    stat_member_number(&m, "resamples", (double)b->resamples);
    stat_member_number(&m, "resamples_failed", (double)b->failed[0]);
    stat_member_number(&m, "units", (double)b->units);
    stat_member_number(&m, "strata", (double)b->strata);
    stat_member_number(&m, "jackknife_se", jack.se);
    stat_member_number(&m, "jackknife_bias", jack.effect);
    stroma_status status = stat_members_keep(j, &m, &r.members, err);
    if (status == STROMA_OK) status = stat_put_result(j, &r, err);
    stroma_buffer_clear(&m);
    return status;
}

stroma_status stat_run_bootstrap(stat_job *j, stroma_error *err)
{
    const statistic *s = NULL;
    stroma_bootstrap_kind kind = STROMA_BOOTSTRAP_BCA;
    stroma_bootstrap_options o = STROMA_BOOTSTRAP_OPTIONS_INIT;
    stroma_bootstrap_result *b = NULL;
    statistic_data d;
    STROMA_TRY(statistic_find(cli_text(j->cli, "statistic"), &s, err));
    STROMA_TRY(interval_kind(j, s, &kind, err));
    o.resamples = (size_t)cli_count(j->cli, "resamples", 2000);
    o.width = s->has_se ? 2 : 1;
    o.seed = (uint64_t)cli_count(j->cli, "seed", 1);
    o.threads = cli_threads(j->cli);
    STROMA_TRY(statistic_read(j, s, &d, err));
    if (d.design.n == 0) {
        const stroma_stat none = stroma_stat_cannot("bootstrap", "no row can be used");
        return stat_put(j, &none, d.label, err);
    }
    STROMA_TRY(stroma_bootstrap(statistic_compute, &d, &d.design, &o, &b, err));
    const stroma_status status = put_bootstrap(j, d.statistic, b, kind, d.label, err);
    stroma_bootstrap_free(b);
    return status;
}
