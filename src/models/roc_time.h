/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Subjects as cases and controls at one time, with weights, and what the censoring adds to their
 * influence. */
#ifndef STROMA_MODELS_ROC_TIME_H
#define STROMA_MODELS_ROC_TIME_H
#include "survival_times.h"

#include "stroma/models_time_roc.h"

typedef struct roc_time {
    size_t n;
    double *value;                /* n: the marker, higher towards "case" */
    double *as_case, *as_control; /* n: weights, 0 where the subject is not one */
    double cases, controls;       /* sums of weights */
    stroma_time_roc_counts count;
    const char *reason; /* why there is nothing to estimate, or NULL */
    double *work;       /* 2 n */
    size_t *order;      /* by value, ascending */
    /* distinct times ascending, of the Kaplan-Meier of censoring */
    survival_times t;
    double time;
    size_t *when; /* n: index of the subject's time */
    size_t whens;
    double *hazard, *at_risk, *free_before; /* whens */
} roc_time;

STROMA_CHECK stroma_status roc_time_new(const stroma_time_roc_sample *s, double time, roc_time *out,
                                        stroma_error *err);
void roc_time_free(roc_time *w);
/* influence = direct (n) plus what the weights owe to the estimate of G. */
void roc_time_influence(const roc_time *w, const uint32_t *event, const double *direct,
                        double *influence);
#endif
