/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file analysis.h
 *  One entry of the study file's `analyses:`. Methods are a table (analysis.c); a method is one
 * file and one line there. `stats` gives bare numbers; here they get parameter, visit, groups,
 * population, family and estimand, and are appended to the run's list of tests. */
#ifndef STROMA_STUDY_ANALYSIS_H
#define STROMA_STUDY_ANALYSIS_H
#include "model.h"

/* label of the row of an event table that the safety tile shows */
#define ANALYSIS_ANY_SERIOUS "any serious event"

typedef struct analysis {
    study *s;
    const stroma_yaml_node *node;
    const char *id, *label, *method, *test; /* test NULL: chosen by the method and the data */
    const char *family, *adjust, *estimand;
    int32_t grouping, set, baseline;
    int32_t *groups; /* chosen groups of the grouping, in order */
    size_t groups_len;
    int32_t *params, *visits;
    size_t params_len, visits_len;
    bool predictor;
    double level;
} analysis;

/** Values of one parameter, visit and group, in subject order. */
typedef struct sample {
    double *x;        /* numbers that entered; below the limit as limit/2, above as the limit */
    int32_t *subject; /* whose */
    size_t n;
    size_t n_expected, n_missing, n_below, n_above;
} sample;

/** Everybody of the set in @p group (index in the grouping; STUDY_NONE = all groups). Free with
 *  sample_clear(). */
STROMA_CHECK stroma_status sample_take(const analysis *a, int32_t param, int32_t visit,
                                       int32_t group, sample *out, stroma_error *err);
/** Subjects with a value in both samples, in the same order; @p b may come from another visit. */
STROMA_CHECK stroma_status sample_pair(const sample *a, const sample *b, double **x, double **y,
                                       size_t *n, stroma_error *err);
void sample_clear(sample *x);

/** Population of a method when the entry names none. */
const char *analysis_default_set(const char *method);
/** A result with the labels of this analysis; fill param, visit, groups and stat, then add. */
study_result analysis_result(const analysis *a);
/** Append a result, with the time guard applied. Its label is made from what it compares when NULL.
 */
STROMA_CHECK stroma_status analysis_add(analysis *a, study_result *r, size_t n_missing,
                                        const char *missing_where, stroma_error *err);
/** Descriptive numbers of one parameter and visit for every chosen group, once per population. */
STROMA_CHECK stroma_status analysis_describe(analysis *a, int32_t param, int32_t visit,
                                             stroma_error *err);
/** Whether anybody has a measurement of @p param at @p visit. */
bool analysis_measured_at(const study *s, int32_t param, int32_t visit);
/** @p visit, or STUDY_NONE when the parameter has values of the subject only (age, sex). */
int32_t analysis_place(const study *s, int32_t param, int32_t visit);
/** Rank tests where a log scale or a detection limit makes means misleading. */
bool analysis_prefers_ranks(const analysis *a, int32_t param);
/** "DAS28-ESR, week 12" and the like. */
const char *analysis_param_label(const study *s, int32_t param);
const char *analysis_visit_label(const study *s, int32_t visit);

/** Why a comparison of @p param at @p visit between (or within) groups of this grouping is
 * circular (DESIGN.md §3, time guard). @p visit STUDY_NONE: of the subject.
 * @param reason NULL when it is not */
STROMA_CHECK stroma_status time_guard(const analysis *a, int32_t grouping, int32_t param,
                                      int32_t visit, const char **reason, stroma_error *err);

/* the methods */
STROMA_CHECK stroma_status analysis_run_describe(analysis *a, stroma_error *err);
STROMA_CHECK stroma_status analysis_run_time_course(analysis *a, stroma_error *err);
STROMA_CHECK stroma_status analysis_run_before_after(analysis *a, stroma_error *err);
STROMA_CHECK stroma_status analysis_run_compare(analysis *a, stroma_error *err);
STROMA_CHECK stroma_status analysis_run_ancova(analysis *a, stroma_error *err);
STROMA_CHECK stroma_status analysis_run_mmrm(analysis *a, stroma_error *err);
STROMA_CHECK stroma_status analysis_run_imputation(analysis *a, stroma_error *err);
STROMA_CHECK stroma_status analysis_run_proportion(analysis *a, stroma_error *err);
STROMA_CHECK stroma_status analysis_run_risk_difference(analysis *a, stroma_error *err);
STROMA_CHECK stroma_status analysis_run_smd(analysis *a, stroma_error *err);
STROMA_CHECK stroma_status analysis_run_correlation(analysis *a, stroma_error *err);
STROMA_CHECK stroma_status analysis_run_event_rate(analysis *a, stroma_error *err);
#endif
