/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat`: t tests, from data and from printed means. */
#include "stat_methods.h"

#include "stroma/stats_t_test.h"

#include <math.h>
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

/* A column of summary input; its name is fixed. */
static stroma_status summary_column(const stat_job *j, const char *name, size_t *column,
                                    stroma_error *err)
{
    *column = stroma_table_find(j->table, name);
    if (*column != SIZE_MAX) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_INCONSISTENT, "summary input has no column \"%s\"", name);
    stroma_hint(err, "with --error, the columns are group, mean, error, n");
    return STROMA_E_INCONSISTENT;
}

/* Rows of group, mean, error and n: the two groups of one comparison. */
static stroma_status read_summary(stat_job *j, stroma_group *g, const char ***names, size_t *k,
                                  stroma_error *err)
{
    size_t group = 0, mean = 0, error = 0, n = 0;
    const bool sem = strcmp(cli_text(j->cli, "error"), "sem") == 0;
    if (j->table == NULL) return stroma_fail(err, STROMA_E_USAGE, "this method needs a file");
    if (cli_given(j->cli, "group"))
        STROMA_TRY(stat_column(j, "group", &group, err));
    else
        STROMA_TRY(summary_column(j, "group", &group, err));
    STROMA_TRY(summary_column(j, "mean", &mean, err));
    STROMA_TRY(summary_column(j, "error", &error, err));
    STROMA_TRY(summary_column(j, "n", &n, err));
    STROMA_TRY(stat_levels(j, group, true, names, k, err));
    if (*k != 2) {
        (void)stroma_fail(err, STROMA_E_DEGENERATE, "this method compares two groups, found %zu",
                          *k);
        stroma_hint(err, "name the two with --levels a,b, or repeat over a column with --by");
        return STROMA_E_DEGENERATE;
    }
    bool have[2] = { false, false };
    for (size_t i = 0; i < j->rows_len; i++) {
        size_t c = 0;
        double m = 0, e = 0, size = 0;
        const size_t row = j->rows[i];
        if (!stat_code(j, group, row, *names, 2, &c) || !stat_number(j, mean, row, &m) ||
            !stat_number(j, error, row, &e) || !stat_number(j, n, row, &size))
            continue;
        if (have[c]) {
            (void)stroma_fail(err, STROMA_E_INCONSISTENT, "group \"%s\" has two rows", (*names)[c]);
            stroma_hint(err, "repeat over a column with --by");
            return STROMA_E_INCONSISTENT;
        }
        if (!(size >= 1 && size <= 1e9 && size == floor(size)) || e < 0)
            return stroma_fail(err, STROMA_E_INCONSISTENT,
                               "group \"%s\": n must be a whole number from 1 and the error not "
                               "negative",
                               (*names)[c]);
        have[c] = true;
        g[c] = sem ? stroma_group_from_sem(m, e, (size_t)size)
                   : (stroma_group){ .mean = m, .sd = e, .n = (size_t)size };
    }
    if (!have[0] || !have[1]) *k = 0;
    return STROMA_OK;
}

static const char *minus(stat_job *j, const char *a, const char *b)
{
    return stroma_arena_printf(&j->arena, "%s - %s", a, b);
}

static stroma_status run_summary(stat_job *j, bool student, stroma_error *err)
{
    stroma_group g[2] = { { 0 } };
    const char **names = NULL;
    size_t k = 0;
    stroma_stat s;
    const stroma_t_options o = options_of(j);
    STROMA_TRY(read_summary(j, g, &names, &k, err));
    if (k != 2)
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
