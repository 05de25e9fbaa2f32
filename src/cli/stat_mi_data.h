/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Long data as subjects × visits, for `stroma stat mi` and `stroma stat tipping-point`. */
#ifndef STROMA_CLI_STAT_MI_DATA_H
#define STROMA_CLI_STAT_MI_DATA_H
#include "stat_job.h"

#include "stroma/models_imputation.h"

/* Everything lives in the job's arena. */
typedef struct mi_data {
    stroma_imputation_data data;
    double *y, *covariate; /* what data points to */
    bool *observed;
    size_t *group, *event;
    stroma_imputation_rule *rule;
    const char **subjects, **visits, **groups; /* names */
    double *baseline;                          /* subjects: the column --baseline, or NULL */
    bool *nonresponse;                         /* subjects × visits: composite strategy, or NULL */
    const char *strategy; /* label of what was done with intercurrent events, or NULL */
    const char *value_name, *visit_name, *group_name;
} mi_data;

/* States of the cells of --value, subjects × visits: missing where there is no row. --group may be
 * absent: then there is one. data has sizes and groups alone. */
stroma_status mi_read_states(stat_job *j, mi_data *d, uint8_t **states, stroma_error *err);
/* --value --visit --subject --group, --levels 'arm=…;visit=…', --baseline, --covariates, --ice. */
stroma_status mi_read(stat_job *j, mi_data *d, stroma_error *err);
#endif
