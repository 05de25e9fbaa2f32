/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat`: t tests, from data and from printed means. */
#include "stat_methods.h"

#include "stroma/stats_t_test.h"

#include <string.h>

static stroma_t_options options_of(const stat_job *j)
{
    return (stroma_t_options){ .alternative = j->alternative,
                               .level = j->level,
                               .null_value = cli_number(j->cli, "null", 0) };
}

/* "welch" (default) or "student" */
static stroma_status is_student(const stat_job *j, bool *student, stroma_error *err)
{
    const char *variant = cli_text(j->cli, "variant");
    *student = variant != NULL && strcmp(variant, "student") == 0;
    if (variant == NULL || *student || strcmp(variant, "welch") == 0) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_USAGE, "--variant \"%s\" is not known to this method", variant);
    stroma_hint(err, "one of welch (default), student");
    return STROMA_E_USAGE;
}

static const char *minus(stat_job *j, const char *a, const char *b)
{
    return stroma_arena_printf(&j->arena, "%s - %s", a, b);
}

static stroma_status run_summary(stat_job *j, bool student, stroma_error *err)
{
    stroma_group *g = NULL;
    const char **names = NULL;
    size_t k = 0;
    stroma_stat s;
    const stroma_t_options o = options_of(j);
    STROMA_TRY(stat_read_summary(j, &g, &names, &k, err));
    if (k != 2) {
        (void)stroma_fail(err, STROMA_E_DEGENERATE, "this method compares two groups, found %zu",
                          k);
        stroma_hint(err, "name the two with --levels a,b, or repeat over a column with --by");
        return STROMA_E_DEGENERATE;
    }
    if (g[0].n == 0 || g[1].n == 0)
        s = stroma_stat_cannot(student ? "student_t" : "welch_t", "a group has no usable row");
    else if (student)
        STROMA_TRY(stroma_t_student_summary(g[0], g[1], &o, &s, err));
    else
        STROMA_TRY(stroma_t_welch_summary(g[0], g[1], &o, &s, err));
    return stat_put(j, &s, minus(j, names[0], names[1]), err);
}

stroma_status stat_run_t(stat_job *j, stroma_error *err)
{
    bool student = false;
    STROMA_TRY(is_student(j, &student, err));
    if (cli_given(j->cli, "error")) return run_summary(j, student, err);
    stat_groups g;
    stroma_stat s;
    size_t n = 0;
    const stroma_t_options o = options_of(j);
    STROMA_TRY(stat_read_two(j, &g, &n, err));
    if (student)
        STROMA_TRY(stroma_t_student(g.values, n, g.values + n, g.n - n, &o, &s, err));
    else
        STROMA_TRY(stroma_t_welch(g.values, n, g.values + n, g.n - n, &o, &s, err));
    return stat_put(j, &s, minus(j, g.names[0], g.names[1]), err);
}

stroma_status stat_run_t_paired(stat_job *j, stroma_error *err)
{
    stat_pairs p;
    stroma_stat s;
    const stroma_t_options o = options_of(j);
    STROMA_TRY(stat_read_pairs(j, &p, err));
    STROMA_TRY(stroma_t_paired(p.x, p.y, p.n, &o, &s, err));
    return stat_put(j, &s, minus(j, p.x_name, p.y_name), err);
}

stroma_status stat_run_t_one_sample(stat_job *j, stroma_error *err)
{
    double *x = NULL;
    size_t n = 0;
    stroma_stat s;
    const stroma_t_options o = options_of(j);
    STROMA_TRY(stat_read_values(j, "value", &x, &n, err));
    STROMA_TRY(stroma_t_one_sample(x, n, &o, &s, err));
    return stat_put(j, &s, cli_text(j->cli, "value"), err);
}
