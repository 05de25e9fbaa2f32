/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stat_statistics.h"

#include "stroma/sort.h"
#include "stroma/suggest.h"

#include <math.h>
#include <string.h>

static double mean_of(const double *x, const size_t *row, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[row[i]];
    return sum / (double)n;
}

static double variance_of(const double *x, const size_t *row, size_t n)
{
    const double mean = mean_of(x, row, n);
    double squares = 0;
    for (size_t i = 0; i < n; i++)
        squares += (x[row[i]] - mean) * (x[row[i]] - mean);
    return squares / ((double)n - 1);
}

static double median_of(double *x, size_t n)
{
    stroma_sort_doubles(x, n);
    return n % 2 == 1 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2;
}

static bool mean(const statistic_data *d, const size_t *row, size_t n, double *scratch, double *out)
{
    (void)scratch;
    out[0] = mean_of(d->x, row, n);
    out[1] = sqrt(variance_of(d->x, row, n) / (double)n);
    return true;
}

static bool median(const statistic_data *d, const size_t *row, size_t n, double *scratch,
                   double *out)
{
    for (size_t i = 0; i < n; i++)
        scratch[i] = d->x[row[i]];
    out[0] = median_of(scratch, n);
    return true;
}

static bool sd(const statistic_data *d, const size_t *row, size_t n, double *scratch, double *out)
{
    (void)scratch;
    out[0] = sqrt(variance_of(d->x, row, n));
    return n > 1;
}

static bool cv(const statistic_data *d, const size_t *row, size_t n, double *scratch, double *out)
{
    (void)scratch;
    const double m = mean_of(d->x, row, n);
    out[0] = sqrt(variance_of(d->x, row, n)) / m;
    return n > 1 && m != 0;
}

static bool geometric_mean(const statistic_data *d, const size_t *row, size_t n, double *scratch,
                           double *out)
{
    double sum = 0;
    (void)scratch;
    for (size_t i = 0; i < n; i++) {
        if (!(d->x[row[i]] > 0)) return false;
        sum += log(d->x[row[i]]);
    }
    out[0] = exp(sum / (double)n);
    return true;
}

/* Mean of what is left without a tenth at each end. */
static bool trimmed_mean(const statistic_data *d, const size_t *row, size_t n, double *scratch,
                         double *out)
{
    const size_t cut = n / 10;
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        scratch[i] = d->x[row[i]];
    stroma_sort_doubles(scratch, n);
    for (size_t i = cut; i < n - cut; i++)
        sum += scratch[i];
    out[0] = sum / (double)(n - 2 * cut);
    return true;
}

/* ---- pairs ---- */

static bool difference(const statistic_data *d, const size_t *row, size_t n, double *scratch,
                       double *out)
{
    double squares = 0;
    (void)scratch;
    out[0] = mean_of(d->x, row, n) - mean_of(d->y, row, n);
    for (size_t i = 0; i < n; i++) {
        const double e = d->x[row[i]] - d->y[row[i]] - out[0];
        squares += e * e;
    }
    out[1] = sqrt(squares / ((double)n - 1) / (double)n);
    return true;
}

static bool ratio(const statistic_data *d, const size_t *row, size_t n, double *scratch,
                  double *out)
{
    const double below = mean_of(d->y, row, n);
    double squares = 0;
    (void)scratch;
    if (below == 0) return false;
    out[0] = mean_of(d->x, row, n) / below;
    for (size_t i = 0; i < n; i++) {
        const double e = d->x[row[i]] - out[0] * d->y[row[i]];
        squares += e * e;
    }
    out[1] = sqrt(squares / ((double)n - 1) / (double)n) / fabs(below);
    return true;
}

static bool correlation(const statistic_data *d, const size_t *row, size_t n, double *scratch,
                        double *out)
{
    const double mx = mean_of(d->x, row, n), my = mean_of(d->y, row, n);
    double xx = 0, yy = 0, xy = 0;
    (void)scratch;
    for (size_t i = 0; i < n; i++) {
        const double a = d->x[row[i]] - mx, b = d->y[row[i]] - my;
        xx += a * a;
        yy += b * b;
        xy += a * b;
    }
    out[0] = xy / sqrt(xx * yy);
    return xx > 0 && yy > 0;
}

/* ---- two groups ---- */

typedef struct two_means {
    double n[2], mean[2], variance[2]; /* divisor n − 1 */
} two_means;

static two_means means_of(const statistic_data *d, const size_t *row, size_t n)
{
    two_means m = { { 0 }, { 0 }, { 0 } };
    for (size_t i = 0; i < n; i++) {
        m.n[d->group[row[i]]]++;
        m.mean[d->group[row[i]]] += d->x[row[i]];
    }
    for (size_t g = 0; g < 2; g++)
        m.mean[g] /= m.n[g];
    for (size_t i = 0; i < n; i++) {
        const size_t g = d->group[row[i]];
        m.variance[g] += (d->x[row[i]] - m.mean[g]) * (d->x[row[i]] - m.mean[g]) / (m.n[g] - 1);
    }
    return m;
}

static bool group_difference(const statistic_data *d, const size_t *row, size_t n, double *scratch,
                             double *out)
{
    const two_means m = means_of(d, row, n);
    (void)scratch;
    out[0] = m.mean[0] - m.mean[1];
    out[1] = sqrt(m.variance[0] / m.n[0] + m.variance[1] / m.n[1]);
    return m.n[0] > 0 && m.n[1] > 0;
}

static bool group_ratio(const statistic_data *d, const size_t *row, size_t n, double *scratch,
                        double *out)
{
    const two_means m = means_of(d, row, n);
    (void)scratch;
    out[0] = m.mean[0] / m.mean[1];
    out[1] =
        sqrt(m.variance[0] / m.n[0] + out[0] * out[0] * m.variance[1] / m.n[1]) / fabs(m.mean[1]);
    return m.n[0] > 0 && m.n[1] > 0 && m.mean[1] != 0;
}

static bool median_difference(const statistic_data *d, const size_t *row, size_t n, double *scratch,
                              double *out)
{
    size_t first = 0, last = n;
    for (size_t i = 0; i < n; i++)
        scratch[d->group[row[i]] == 0 ? first++ : --last] = d->x[row[i]];
    if (first == 0 || first == n) return false;
    out[0] = median_of(scratch, first) - median_of(scratch + first, n - first);
    return true;
}

static const statistic statistics[] = {
    { "mean", "of one column", STATISTIC_VALUES, true, mean },
    { "median", "of one column", STATISTIC_VALUES, false, median },
    { "sd", "of one column", STATISTIC_VALUES, false, sd },
    { "cv", "of one column", STATISTIC_VALUES, false, cv },
    { "geometric-mean", "of one column", STATISTIC_VALUES, false, geometric_mean },
    { "trimmed-mean", "of one column, 10 % at each end", STATISTIC_VALUES, false, trimmed_mean },
    { "difference", "of means, two groups", STATISTIC_GROUPS, true, group_difference },
    { "difference", "of means, pairs", STATISTIC_PAIRS, true, difference },
    { "ratio-of-means", "two groups", STATISTIC_GROUPS, true, group_ratio },
    { "ratio-of-means", "pairs", STATISTIC_PAIRS, true, ratio },
    { "median-difference", "of medians, two groups", STATISTIC_GROUPS, false, median_difference },
    { "correlation", "Pearson, pairs", STATISTIC_PAIRS, false, correlation },
};
enum { STATISTICS = sizeof statistics / sizeof statistics[0] };

stroma_status statistic_find(const char *name, const statistic **out, stroma_error *err)
{
    const char *names[STATISTICS];
    *out = &statistics[0];
    if (name == NULL) return STROMA_OK;
    for (size_t i = 0; i < STATISTICS; i++) {
        *out = &statistics[i];
        if (strcmp(statistics[i].name, name) == 0) return STROMA_OK;
        names[i] = statistics[i].name;
    }
    const char *near = stroma_nearest(name, names, STATISTICS);
    (void)stroma_fail(err, STROMA_E_USAGE, "no statistic \"%s\"", name);
    if (near != NULL)
        stroma_hint(err, "did you mean \"%s\"?", near);
    else
        stroma_hint(err, "one of mean, median, sd, cv, geometric-mean, trimmed-mean, difference, "
                         "ratio-of-means, median-difference, correlation");
    return STROMA_E_USAGE;
}

/* The twin of a statistic of two groups that takes pairs, when columns of pairs are named. */
static const statistic *fitting(const stat_job *j, const statistic *s)
{
    if (s->input != STATISTIC_GROUPS || !cli_given(j->cli, "x")) return s;
    for (size_t i = 0; i < STATISTICS; i++)
        if (strcmp(statistics[i].name, s->name) == 0 && statistics[i].input == STATISTIC_PAIRS)
            return &statistics[i];
    return s;
}

enum { COLUMN_X, COLUMN_Y, COLUMN_GROUP, COLUMN_STRATUM, COLUMN_SUBJECT, COLUMNS };

/* Which columns are read, and the names of the levels of those that are words. */
typedef struct column_set {
    bool used[COLUMNS];
    size_t at[COLUMNS], levels_len[COLUMNS];
    const char **levels[COLUMNS];
} column_set;

static stroma_status find_columns(stat_job *j, const statistic *s, column_set *c, stroma_error *err)
{
    const char *const options[] = { s->input == STATISTIC_PAIRS ? "x" : "value", "y", "group",
                                    "strata", "subject" };
    *c = (column_set){ { true, s->input == STATISTIC_PAIRS, s->input == STATISTIC_GROUPS,
                         cli_given(j->cli, "strata"), cli_given(j->cli, "subject") },
                       { 0 },
                       { 0 },
                       { NULL } };
    for (size_t k = 0; k < COLUMNS; k++) {
        if (!c->used[k]) continue;
        STROMA_TRY(stat_column(j, options[k], &c->at[k], err));
        if (k < COLUMN_GROUP) continue;
        STROMA_TRY(
            stat_levels(j, c->at[k], k == COLUMN_GROUP, &c->levels[k], &c->levels_len[k], err));
    }
    if (!c->used[COLUMN_GROUP] || c->levels_len[COLUMN_GROUP] == 2) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_DEGENERATE, "this statistic compares two groups, found %zu",
                      c->levels_len[COLUMN_GROUP]);
    stroma_hint(err, "name the two with --levels a,b");
    return STROMA_E_DEGENERATE;
}

static bool read_row(stat_job *j, const column_set *c, size_t row, double number[2],
                     size_t code[COLUMNS])
{
    for (size_t k = 0; k < COLUMNS; k++) {
        code[k] = 0;
        if (!c->used[k]) continue;
        if (k < COLUMN_GROUP
                ? !stat_number(j, c->at[k], row, &number[k])
                : !stat_code(j, c->at[k], row, c->levels[k], c->levels_len[k], &code[k]))
            return false;
    }
    return true;
}

/* Rows of the largest cluster times the number of clusters bounds a resample. */
static stroma_status make_room(stat_job *j, statistic_data *d, size_t clusters, stroma_error *err)
{
    size_t largest = 1;
    if (d->design.cluster != NULL) {
        size_t *size = stat_alloc(j, clusters, sizeof *size, err);
        if (size == NULL) return STROMA_E_NOMEM;
        for (size_t i = 0; i < d->design.n; i++)
            if (++size[d->design.cluster[i]] > largest) largest = size[d->design.cluster[i]];
    }
    if (d->design.n > 0 && largest > SIZE_MAX / d->design.n) return stroma_no_memory(err);
    d->room = d->design.n * largest;
    d->scratch = stat_alloc(j, (size_t)cli_threads(j->cli), d->room * sizeof *d->scratch, err);
    return d->scratch == NULL ? STROMA_E_NOMEM : STROMA_OK;
}

stroma_status statistic_read(stat_job *j, const statistic *s, statistic_data *d, stroma_error *err)
{
    column_set c;
    s = fitting(j, s);
    *d = (statistic_data){ .statistic = s };
    STROMA_TRY(find_columns(j, s, &c, err));
    double *x = stat_alloc(j, j->rows_len, sizeof *x, err);
    double *y = stat_alloc(j, j->rows_len, sizeof *y, err);
    size_t *group = stat_alloc(j, j->rows_len, sizeof *group, err);
    size_t *stratum = stat_alloc(j, j->rows_len, sizeof *stratum, err);
    size_t *subject = stat_alloc(j, j->rows_len, sizeof *subject, err);
    if (x == NULL || y == NULL || group == NULL || stratum == NULL || subject == NULL)
        return STROMA_E_NOMEM;
    size_t n = 0;
    for (size_t i = 0; i < j->rows_len; i++) {
        double number[2] = { 0, 0 };
        size_t code[COLUMNS];
        if (!read_row(j, &c, j->rows[i], number, code)) continue;
        x[n] = number[0];
        y[n] = number[1];
        group[n] = code[COLUMN_GROUP];
        stratum[n] = 2 * code[COLUMN_STRATUM] + code[COLUMN_GROUP];
        subject[n++] = code[COLUMN_SUBJECT];
    }
    d->x = x;
    d->y = y;
    d->group = group;
    d->design.n = n;
    if (c.used[COLUMN_GROUP] || c.used[COLUMN_STRATUM]) d->design.stratum = stratum;
    if (c.used[COLUMN_SUBJECT]) d->design.cluster = subject;
    const char *name = j->table->columns[c.at[COLUMN_X]].name;
    d->label = name;
    if (c.used[COLUMN_Y])
        d->label =
            stroma_arena_printf(&j->arena, "%s, %s", name, j->table->columns[c.at[COLUMN_Y]].name);
    if (c.used[COLUMN_GROUP])
        d->label = stroma_arena_printf(&j->arena, "%s, %s", c.levels[COLUMN_GROUP][0],
                                       c.levels[COLUMN_GROUP][1]);
    return make_room(j, d, c.levels_len[COLUMN_SUBJECT], err);
}

stroma_status statistic_compute(const size_t *row, size_t n, int worker, void *context, double *out,
                                stroma_error *err)
{
    const statistic_data *d = context;
    double two[2] = { NAN, NAN };
    if (n == 0 || !d->statistic->compute(d, row, n, d->scratch + (size_t)worker * d->room, two))
        return stroma_fail(err, STROMA_E_DEGENERATE, "the statistic cannot be computed");
    out[0] = two[0];
    if (d->statistic->has_se) out[1] = two[1];
    return STROMA_OK;
}
