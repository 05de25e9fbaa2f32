/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The elastic net of a logistic model at one λ after the other. Columns of rows are padded with
 * zeros to a multiple of LOGISTIC_NET_LANES, so that sums over them need no remainder. */
#ifndef STROMA_MODELS_LOGISTIC_NET_H
#define STROMA_MODELS_LOGISTIC_NET_H
#include "logistic_problem.h"

enum { LOGISTIC_NET_LANES = 8 };

typedef struct logistic_net {
    const double *y;
    size_t n, p, stride; /* stride: n, padded */
    double alpha, lambda;
    double *x;           /* stride × p, centred where there is an intercept, scaled as asked */
    double *mean, *sd;   /* p */
    bool *penalised;     /* p */
    size_t constant;     /* column, or SIZE_MAX */
    double *beta, *next; /* p; next: of the working columns alone */
    double *slope;       /* p: x'(y − pi)/n, where it was last looked at */
    /* p, by place in working: weighted mean square; slope in next; λα; 1/(curve + λ(1 − α)) */
    double *curve, *pull, *bound, *scale;
    bool *strong, *worked; /* p: what the strong rule keeps; what stands in working */
    size_t *working;       /* p: columns that are not 0 or break their condition */
    size_t working_len;
    double *eta, *tail; /* stride: eta, exp(−|eta|) */
    double *rest;       /* stride: y − pi */
    /* the quadratic approximation, perhaps that of an earlier beta */
    bool fresh;      /* it still serves */
    bool by_columns; /* gram is in use */
    size_t ready;    /* working columns that have a curve, and a place in gram */
    double *weight;  /* stride: pi(1 − pi) */
    double *product; /* stride: weight·x of one column */
    double *gram;    /* gram_max²: x'Wx/n of the working columns */
    size_t gram_max;
} logistic_net;

STROMA_CHECK stroma_status logistic_net_alloc(logistic_net *w, stroma_error *err);
void logistic_net_free(logistic_net *w);
/* The model with the intercept alone, where a path begins; leaves the slopes of all columns there.
 * @return the smallest λ that leaves it (for α < 0.001 that of α = 0.001) */
double logistic_net_begin(logistic_net *w);
/* w->lambda, from the solution of @p previous, into w->beta.
 * @param kkt the largest violation of the optimality conditions */
STROMA_CHECK stroma_status logistic_net_minimise(logistic_net *w, double previous, double *kkt,
                                                 stroma_error *err);
double logistic_net_log_likelihood(const logistic_net *w);
#endif
