/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat`: rank tests of two groups and of pairs. */
#include "stat_methods.h"

#include "stroma/stats_rank_test.h"

#include <string.h>

static stroma_status options_of(const stat_job *j, stroma_rank_options *o, stroma_error *err)
{
    static const char *const names[] = { "auto", "exact", "normal", "normal-corrected" };
    const char *variant = cli_text(j->cli, "variant");
    *o = (stroma_rank_options)STROMA_RANK_OPTIONS_INIT;
    o->alternative = j->alternative;
    o->level = j->level;
    o->null_value = cli_number(j->cli, "null", 0);
    for (size_t i = 0; i < 4; i++)
        if (variant == NULL || strcmp(variant, names[i]) == 0) {
            o->method = (stroma_rank_method)i;
            return STROMA_OK;
        }
    if (strcmp(variant, "pratt") == 0) {
        o->zeros = STROMA_ZERO_PRATT;
        return STROMA_OK;
    }
    (void)stroma_fail(err, STROMA_E_USAGE, "--variant \"%s\" is not known to this method", variant);
    stroma_hint(err, "one of auto (default), exact, normal, normal-corrected; signed-rank: pratt");
    return STROMA_E_USAGE;
}

stroma_status stat_run_mann_whitney(stat_job *j, stroma_error *err)
{
    stat_groups g;
    stroma_stat s;
    stroma_rank_options o;
    size_t n = 0;
    STROMA_TRY(options_of(j, &o, err));
    STROMA_TRY(stat_read_two(j, &g, &n, err));
    STROMA_TRY(stroma_mann_whitney(g.values, n, g.values + n, g.n - n, &o, &s, err));
    return stat_put(j, &s, stroma_arena_printf(&j->arena, "%s - %s", g.names[0], g.names[1]), err);
}

/* Differences of pairs, or a column of differences. */
static stroma_status read_differences(stat_job *j, double **d, size_t *n, const char **label,
                                      stroma_error *err)
{
    if (cli_given(j->cli, "value") && !cli_given(j->cli, "group")) {
        *label = cli_text(j->cli, "value");
        return stat_read_values(j, "value", d, n, err);
    }
    stat_pairs p;
    STROMA_TRY(stat_read_pairs(j, &p, err));
    for (size_t i = 0; i < p.n; i++)
        p.x[i] -= p.y[i];
    *d = p.x;
    *n = p.n;
    *label = stroma_arena_printf(&j->arena, "%s - %s", p.x_name, p.y_name);
    return STROMA_OK;
}

stroma_status stat_run_signed_rank(stat_job *j, stroma_error *err)
{
    double *d = NULL;
    size_t n = 0;
    const char *label = NULL;
    stroma_stat s;
    stroma_rank_options o;
    STROMA_TRY(options_of(j, &o, err));
    STROMA_TRY(read_differences(j, &d, &n, &label, err));
    STROMA_TRY(stroma_signed_rank(d, n, &o, &s, err));
    return stat_put(j, &s, label, err);
}

stroma_status stat_run_sign_test(stat_job *j, stroma_error *err)
{
    double *d = NULL;
    size_t n = 0;
    const char *label = NULL;
    stroma_stat s;
    STROMA_TRY(read_differences(j, &d, &n, &label, err));
    STROMA_TRY(stroma_sign_test(d, n, j->level, &s, err));
    return stat_put(j, &s, label, err);
}
