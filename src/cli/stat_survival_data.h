/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times to an event from the columns of a table. */
#ifndef STROMA_CLI_STAT_SURVIVAL_DATA_H
#define STROMA_CLI_STAT_SURVIVAL_DATA_H
#include "stat_members.h"
#include "stat_methods.h"

#include "stroma/models_survival.h"

/* What the columns are called; NULL takes the option of that name. */
typedef struct stat_survival_names {
    const char *time, *status, *event, *entry;
    bool causes; /* values that are neither the event nor --censored compete with it */
} stat_survival_names;

/* Rows that are whole; everything lives in the job's arena. */
typedef struct stat_survival {
    size_t n;
    size_t *row; /* of the table, in the order of the job */
    double *stop, *start;
    uint32_t *event; /* 1: the event; 2: one that competes */
    size_t *group, groups, *stratum, strata, *cluster, clusters;
    const char **group_names;
    const char *event_name; /* "death", "1" */
} stat_survival;

/* --time --status --event [--censored --entry --group --strata --cluster --landmark] */
stroma_status stat_read_survival(stat_job *j, const stat_survival_names *names, stat_survival *out,
                                 stroma_error *err);
stroma_survival_data stat_survival_view(const stat_survival *s);
/* "180,365" as numbers; none when the option is not given. */
stroma_status stat_numbers(stat_job *j, const char *option, double **out, size_t *n,
                           stroma_error *err);
/* --interval log-log, log or plain */
stroma_status stat_survival_scale(const stat_job *j, stroma_survival_scale *out, stroma_error *err);
#endif
