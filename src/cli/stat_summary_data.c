/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Printed summaries: rows of group, mean, error and n. */
#include "stat_methods.h"

#include <math.h>
#include <string.h>

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

static stroma_status one_row(stat_job *j, const size_t columns[4], size_t row, const char **names,
                             size_t k, stroma_group *g, stroma_error *err)
{
    size_t c = 0;
    double m = 0, e = 0, size = 0;
    const bool sem = strcmp(cli_text(j->cli, "error"), "sem") == 0;
    if (!stat_code(j, columns[0], row, names, k, &c) || !stat_number(j, columns[1], row, &m) ||
        !stat_number(j, columns[2], row, &e) || !stat_number(j, columns[3], row, &size))
        return STROMA_OK;
    if (g[c].n > 0) {
        (void)stroma_fail(err, STROMA_E_INCONSISTENT, "group \"%s\" has two rows", names[c]);
        stroma_hint(err, "repeat over a column with --by");
        return STROMA_E_INCONSISTENT;
    }
    if (!(size >= 1 && size <= 1e9 && size == floor(size)) || e < 0)
        return stroma_fail(err, STROMA_E_INCONSISTENT,
                           "group \"%s\": n must be a whole number from 1 and the error not "
                           "negative",
                           names[c]);
    g[c] = sem ? stroma_group_from_sem(m, e, (size_t)size)
               : (stroma_group){ .mean = m, .sd = e, .n = (size_t)size };
    return STROMA_OK;
}

stroma_status stat_read_summary(stat_job *j, stroma_group **out, const char ***names, size_t *k,
                                stroma_error *err)
{
    static const char *const fixed[] = { "group", "mean", "error", "n" };
    size_t columns[4];
    if (j->table == NULL) return stroma_fail(err, STROMA_E_USAGE, "this method needs a file");
    for (size_t i = 0; i < 4; i++)
        if (i == 0 && cli_given(j->cli, "group"))
            STROMA_TRY(stat_column(j, "group", &columns[0], err));
        else
            STROMA_TRY(summary_column(j, fixed[i], &columns[i], err));
    STROMA_TRY(stat_levels(j, columns[0], true, names, k, err));
    *out = stat_alloc(j, *k, sizeof **out, err);
    if (*out == NULL) return STROMA_E_NOMEM;
    for (size_t i = 0; i < j->rows_len; i++)
        STROMA_TRY(one_row(j, columns, j->rows[i], *names, *k, *out, err));
    return STROMA_OK;
}
