/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file analysis_repeated.h
 *  One parameter at several visits in several groups, for the mixed model and for imputation. */
#ifndef STROMA_STUDY_ANALYSIS_REPEATED_H
#define STROMA_STUDY_ANALYSIS_REPEATED_H
#include "analysis.h"

#include "stroma/models_imputation.h"

/* Everything lives in the study's arena. Group 0 is the last one chosen (the control arm). */
typedef struct repeated {
    int32_t param;
    int32_t *visits;
    size_t visits_len, subjects, groups, covariates;
    double *time;      /* visits, increasing; NULL where one has no time */
    double *y;         /* subjects × visits: change from baseline, or the value */
    bool *observed;    /* subjects × visits */
    int32_t *subject;  /* subjects: of the study */
    size_t *group;     /* subjects */
    double *x;         /* subjects × covariates: the baseline value first */
    double *equal;     /* covariates: where an adjusted mean stands when levels count alike; NaN: at
                          the mean */
    size_t left_out;   /* subjects without baseline or covariate */
    size_t *expected;  /* groups: subjects */
    bool change, log2; /* from baseline; on log2 of the values */
    /* of intercurrent events, NULL when the entry names none */
    size_t *event;                /* subjects: first visit after it, or visits_len */
    stroma_imputation_rule *rule; /* subjects */
    bool *nonresponse;            /* subjects × visits */
    const char *strategies;       /* as printed */
    const char *reason;           /* why nothing can be computed, or NULL */
} repeated;

STROMA_CHECK stroma_status repeated_gather(const analysis *a, int32_t param, repeated *r,
                                           stroma_error *err);
/* `intercurrent:` of the entry, applied to the values (analysis_intercurrent.c). */
STROMA_CHECK stroma_status repeated_intercurrent(const analysis *a, repeated *r, stroma_error *err);
/* `covariance:` and `fallback:` of the entry. */
STROMA_CHECK stroma_status repeated_structures(const analysis *a, stroma_mmrm_structure *structure,
                                               stroma_mmrm_structure *fallback, size_t *len,
                                               stroma_error *err);
/* An adjusted mean of a group (from = SIZE_MAX), or its difference from group 0, at a visit. */
STROMA_CHECK stroma_status repeated_add(analysis *a, const repeated *r, const stroma_stat *stat,
                                        size_t visit, size_t group, bool difference,
                                        stroma_error *err);
/* What an estimate of these data is called. */
const char *repeated_name(const repeated *r, bool difference);
/* A name with what was assumed (NULL: nothing to say) and how events were dealt with, so that no
 * table shows the number without them; NULL when memory ran out. */
const char *repeated_assuming(const analysis *a, const repeated *r, const char *name,
                              const char *assumed);
/* The same reason in place of every difference. */
STROMA_CHECK stroma_status repeated_cannot(analysis *a, const repeated *r, const char *method,
                                           const char *reason, stroma_error *err);
/* Parameters of the entry, one after the other. */
STROMA_CHECK stroma_status repeated_each(analysis *a, const char *method,
                                         stroma_status (*run)(analysis *a, const repeated *r,
                                                              stroma_error *err),
                                         stroma_error *err);
#endif
