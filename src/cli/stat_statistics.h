/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statistics that `stroma stat bootstrap` knows: a statistic is one line in stat_statistics.c.
 */
#ifndef STROMA_CLI_STAT_STATISTICS_H
#define STROMA_CLI_STAT_STATISTICS_H
#include "stat_job.h"

#include "stroma/stats_resampling.h"

typedef enum statistic_input {
    STATISTIC_VALUES,
    STATISTIC_PAIRS,
    STATISTIC_GROUPS
} statistic_input;

struct statistic_data;
typedef struct statistic {
    const char *name, *variant; /* variant: what it is computed from */
    statistic_input input;
    bool has_se; /* out[1] is its standard error */
    /* @return false: cannot be computed from these rows */
    bool (*compute)(const struct statistic_data *d, const size_t *row, size_t n, double *scratch,
                    double *out);
} statistic;

/* What is resampled; arrays live in the job. */
typedef struct statistic_data {
    const statistic *statistic;
    const double *x, *y; /* y: pairs only */
    const size_t *group; /* groups only, 0 or 1 */
    double *scratch;     /* worker × room */
    size_t room;
    stroma_resample_design design;
    const char *label;
} statistic_data;

/* NULL: mean. The name with the input it is read from decides: "difference" is that of two groups
 * with --group, that of pairs with --x --y. */
stroma_status statistic_find(const char *name, const statistic **out, stroma_error *err);
/* Columns as the options say. Two groups are drawn each for itself; --strata adds to that; the
 * rows of one --subject stay together. */
stroma_status statistic_read(stat_job *j, const statistic *s, statistic_data *d, stroma_error *err);
/* For stroma_bootstrap(); the context is a statistic_data. */
stroma_status statistic_compute(const size_t *row, size_t n, int worker, void *context, double *out,
                                stroma_error *err);
#endif
