/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat`: description of groups, and whether their variances are equal. */
#include "stat_methods.h"

#include "stroma/buffer.h"
#include "stroma/json.h"
#include "stroma/stats_summary.h"
#include "stroma/stats_variance.h"

#include <math.h>
#include <string.h>

static stroma_status put_summary(stat_job *j, const char *label, const double *x, size_t n,
                                 stroma_error *err)
{
    stroma_summary d;
    STROMA_TRY(stroma_summary_compute(x, n, j->level, &d, err));
    const struct {
        const char *key;
        double value;
    } members[] = { { "mean", d.mean }, { "sd", d.sd },   { "sem", d.sem },
                    { "min", d.min },   { "q1", d.q1 },   { "median", d.median },
                    { "q3", d.q3 },     { "max", d.max }, { "geometric_mean", d.geometric_mean } };
    stroma_buffer b;
    stroma_buffer_init(&b, 4096);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        stroma_json v;
        stroma_buffer_append(&b, members[i].key, strlen(members[i].key) + 1);
        stroma_json_init(&v, &b, 0);
        stroma_json_number(&v, members[i].value);
        stroma_buffer_putc(&b, '\0');
    }
    stroma_buffer_putc(&b, '\0');
    const stroma_status s = stroma_buffer_status(&b, err);
    char *copy = s == STROMA_OK ? stat_alloc(j, b.len, 1, err) : NULL;
    if (copy != NULL) memcpy(copy, b.data, b.len);
    stroma_buffer_clear(&b);
    if (copy == NULL) return STROMA_E_NOMEM;
    stat_result r = { .stat = stroma_stat_empty("describe"), .label = label, .p_adjusted = NAN };
    r.members = copy;
    r.stat.n_used = n;
    r.stat.estimate_name = "mean";
    r.stat.estimate = d.mean;
    r.stat.se = d.sem;
    r.stat.df = n > 1 ? (double)n - 1 : (double)NAN;
    r.stat.interval_method = n > 1 ? "t" : "";
    r.stat.level = j->level;
    r.stat.lower = d.lower;
    r.stat.upper = d.upper;
    r.stat.effect_name = "sd";
    r.stat.effect = d.sd;
    if (n == 0) r.stat.reason = "no value";
    if (n == 1) r.stat.reason = "one value has no spread";
    return stat_put_result(j, &r, err);
}

stroma_status stat_run_describe(stat_job *j, stroma_error *err)
{
    double *x = NULL;
    size_t n = 0;
    if (!cli_given(j->cli, "group")) {
        STROMA_TRY(stat_read_values(j, "value", &x, &n, err));
        return put_summary(j, cli_text(j->cli, "value"), x, n, err);
    }
    stat_groups g;
    STROMA_TRY(stat_read_groups(j, &g, err));
    x = stat_alloc(j, g.n, sizeof *x, err);
    if (x == NULL) return STROMA_E_NOMEM;
    for (size_t k = 0; k < g.k; k++) {
        n = 0;
        for (size_t i = 0; i < g.n; i++)
            if (g.codes[i] == k) x[n++] = g.values[i];
        STROMA_TRY(put_summary(j, g.names[k], x, n, err));
    }
    return STROMA_OK;
}

stroma_status stat_run_variance_ratio(stat_job *j, stroma_error *err)
{
    stat_groups g;
    stroma_stat s;
    size_t n = 0;
    STROMA_TRY(stat_read_two(j, &g, &n, err));
    STROMA_TRY(stroma_variance_ratio(g.values, n, g.values + n, g.n - n, j->level, &s, err));
    return stat_put(j, &s, stroma_arena_printf(&j->arena, "%s / %s", g.names[0], g.names[1]), err);
}

stroma_status stat_run_levene(stat_job *j, stroma_error *err)
{
    stat_groups g;
    stroma_stat s;
    const char *variant = cli_text(j->cli, "variant");
    const bool mean = variant != NULL && strcmp(variant, "mean") == 0;
    if (variant != NULL && !mean && strcmp(variant, "median") != 0) {
        (void)stroma_fail(err, STROMA_E_USAGE, "--variant \"%s\" is not known to this method",
                          variant);
        stroma_hint(err, "one of median (default), mean");
        return STROMA_E_USAGE;
    }
    STROMA_TRY(stat_read_groups(j, &g, err));
    STROMA_TRY(stroma_levene(g.values, g.codes, g.n, g.k,
                             mean ? STROMA_LEVENE_MEAN : STROMA_LEVENE_MEDIAN, &s, err));
    return stat_put(j, &s, NULL, err);
}

stroma_status stat_run_bartlett(stat_job *j, stroma_error *err)
{
    stat_groups g;
    stroma_stat s;
    STROMA_TRY(stat_read_groups(j, &g, err));
    STROMA_TRY(stroma_bartlett(g.values, g.codes, g.n, g.k, &s, err));
    return stat_put(j, &s, NULL, err);
}
