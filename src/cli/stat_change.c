/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat change-baseline`, `change-correlation`: changes, without what arithmetic puts in. */
#include "stat_methods.h"

#include "stroma/number.h"
#include "stroma/stats_change.h"

#include <math.h>
#include <string.h>

stroma_status stat_run_change_baseline(stat_job *j, stroma_error *err)
{
    size_t before = 0, after = 0, n = 0;
    stroma_change_baseline c;
    const stroma_declared_error e = { cli_number(j->cli, "error-sd", NAN),
                                      cli_number(j->cli, "error-df", INFINITY) };
    STROMA_TRY(stat_column(j, "baseline", &before, err));
    STROMA_TRY(stat_column(j, "value", &after, err));
    double *x = stat_alloc(j, j->rows_len, sizeof *x, err),
           *y = stat_alloc(j, j->rows_len, sizeof *y, err);
    if (x == NULL || y == NULL) return STROMA_E_NOMEM;
    for (size_t i = 0; i < j->rows_len; i++)
        if (stat_number(j, before, j->rows[i], &x[n]) && stat_number(j, after, j->rows[i], &y[n]))
            n++;
    STROMA_TRY(stroma_change_baseline_fit(x, y, n, &e, j->level, &c, err));
    const char *label = stroma_arena_printf(&j->arena, "%s - %s", j->table->columns[after].name,
                                            j->table->columns[before].name);
    const stroma_stat *parts[] = { &c.coupled, &c.oldham, &c.blomqvist };
    for (size_t i = 0; i < 3; i++)
        STROMA_TRY(stat_put(j, parts[i], label, err));
    return STROMA_OK;
}

/* "after - before" as two columns of the file. */
typedef struct change {
    size_t after, before;
    stroma_change_window window;
} change;

static stroma_status find_part(const stat_job *j, const char *option, const char *text, size_t n,
                               size_t *column, stroma_error *err)
{
    char name[256];
    while (n > 0 && text[n - 1] == ' ')
        n--;
    for (; n > 0 && *text == ' '; text++)
        n--;
    if (n >= sizeof name) n = sizeof name - 1;
    memcpy(name, text, n);
    name[n] = '\0';
    *column = stroma_table_find(j->table, name);
    if (*column != SIZE_MAX) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_USAGE, "--%s: no column \"%s\" in the file", option, name);
    stroma_hint(err, "write a change as two columns: --%s 'week12 - week0'", option);
    return STROMA_E_USAGE;
}

/* The names of columns may hold a minus: the one with blanks about it parts them. */
static stroma_status change_of(const stat_job *j, const char *option, change *c, stroma_error *err)
{
    const char *text = cli_text(j->cli, option);
    const char *minus = text == NULL ? NULL : strstr(text, " - ");
    if (j->table == NULL) return stroma_fail(err, STROMA_E_USAGE, "this method needs a file");
    if (minus == NULL) {
        (void)stroma_fail(err, STROMA_E_USAGE, "option --%s is not a change", option);
        stroma_hint(err, "write it as two columns: --%s 'week12 - week0'", option);
        return STROMA_E_USAGE;
    }
    STROMA_TRY(find_part(j, option, text, (size_t)(minus - text), &c->after, err));
    return find_part(j, option, minus + 3, strlen(minus + 3), &c->before, err);
}

/* "0-84,0-28" */
static stroma_status windows_of(const stat_job *j, change c[2], stroma_error *err)
{
    const char *text = cli_text(j->cli, "windows");
    c[0].window = c[1].window = (stroma_change_window){ "", NAN, NAN };
    for (size_t i = 0; text != NULL && i < 2; i++) {
        const size_t n = strcspn(text, ",");
        const char *dash = n > 1 ? memchr(text + 1, '-', n - 1) : NULL;
        double from = 0, to = 0;
        if (dash == NULL || !stroma_parse_double(text, (size_t)(dash - text), '.', &from) ||
            !stroma_parse_double(dash + 1, n - (size_t)(dash + 1 - text), '.', &to) ||
            (text[n] == ',') != (i == 0)) {
            (void)stroma_fail(err, STROMA_E_USAGE, "--windows \"%s\" does not declare two windows",
                              cli_text(j->cli, "windows"));
            stroma_hint(err, "write the study days of both changes: --windows 0-84,0-28");
            return STROMA_E_USAGE;
        }
        c[i].window.from_day = from;
        c[i].window.to_day = to;
        text += n + 1;
    }
    return STROMA_OK;
}

/* Columns that both changes hold are seen without being declared. Of other quantities only the
 * windows can be compared. */
static unsigned flags_of(const change c[2])
{
    stroma_change_window a = c[0].window, b = c[1].window;
    a.quantity = "first";
    b.quantity = "second";
    unsigned flags = stroma_change_coupling(&a, &b);
    const bool before = c[0].before == c[1].before, after = c[0].after == c[1].after;
    if (before && after) return flags | STROMA_CHANGE_SAME;
    if (before) flags |= STROMA_CHANGE_SHARED_BASELINE;
    if (after || c[0].after == c[1].before || c[0].before == c[1].after)
        flags |= STROMA_CHANGE_SHARED_READING;
    return flags;
}

static const char *warnings_of(stat_job *j, unsigned flags, bool on_groups)
{
    const char *text = on_groups ? "it rests on the difference of the groups: within them the sign "
                                   "is another, or the interval holds 0"
                                 : "";
    for (unsigned f = 1; text != NULL && f <= STROMA_CHANGE_UNDECLARED; f <<= 1)
        if ((flags & f) != 0)
            text = stroma_arena_printf(&j->arena, "%s%s%s", text, text[0] == '\0' ? "" : "; ",
                                       stroma_change_flag_text((stroma_change_flag)f));
    return text;
}

static stroma_status read_changes(stat_job *j, const change c[2], double *v[2], size_t **codes,
                                  size_t *k, size_t *n, stroma_error *err)
{
    size_t group = 0;
    const char **names = NULL;
    const bool grouped = cli_given(j->cli, "group");
    if (grouped) {
        STROMA_TRY(stat_column(j, "group", &group, err));
        STROMA_TRY(stat_levels(j, group, true, &names, k, err));
    }
    for (size_t m = 0; m < 2; m++) {
        v[m] = stat_alloc(j, j->rows_len, sizeof *v[m], err);
        if (v[m] == NULL) return STROMA_E_NOMEM;
    }
    *codes = stat_alloc(j, j->rows_len, sizeof **codes, err);
    if (*codes == NULL) return STROMA_E_NOMEM;
    for (size_t i = 0; i < j->rows_len; i++) {
        size_t code = 0;
        bool whole = !grouped || stat_code(j, group, j->rows[i], names, *k, &code);
        for (size_t m = 0; whole && m < 2; m++) {
            double after = 0, before = 0;
            whole = stat_number(j, c[m].after, j->rows[i], &after) &&
                    stat_number(j, c[m].before, j->rows[i], &before);
            v[m][*n] = after - before;
        }
        (*codes)[*n] = code;
        *n += whole;
    }
    if (!grouped) *codes = NULL;
    return STROMA_OK;
}

stroma_status stat_run_change_correlation(stat_job *j, stroma_error *err)
{
    change c[2] = { { 0 }, { 0 } };
    double *v[2] = { NULL, NULL };
    size_t *codes = NULL, k = 0, n = 0;
    stroma_change_correlation r;
    STROMA_TRY(change_of(j, "x", &c[0], err));
    STROMA_TRY(change_of(j, "y", &c[1], err));
    STROMA_TRY(windows_of(j, c, err));
    STROMA_TRY(read_changes(j, c, v, &codes, &k, &n, err));
    const stroma_two_changes two = { v[0], v[1], codes, n, k, flags_of(c) };
    STROMA_TRY(stroma_change_correlate(&two, j->level, &r, err));
    const char *label =
        stroma_arena_printf(&j->arena, "(%s) ~ (%s)", cli_text(j->cli, "x"), cli_text(j->cli, "y"));
    const char *warnings = warnings_of(j, r.flags, r.rests_on_groups);
    if (label == NULL || warnings == NULL) return stroma_no_memory(err);
    stat_result out = { .stat = r.pooled,
                        .label = label,
                        .p_adjusted = NAN,
                        .note = warnings[0] == '\0' ? NULL : warnings };
    STROMA_TRY(stat_put_result(j, &out, err));
    return codes == NULL ? STROMA_OK : stat_put(j, &r.within, label, err);
}
