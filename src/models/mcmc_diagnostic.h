/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How well draws of several chains know what they are draws of: Vehtari, Gelman, Simpson, Carpenter
 * & Bürkner 2021 Bayesian Anal 16:667. */
#ifndef STROMA_MODELS_MCMC_DIAGNOSTIC_H
#define STROMA_MODELS_MCMC_DIAGNOSTIC_H
#include "stroma/error.h"

#include <stdbool.h>

typedef struct mcmc_diagnostic {
    double rhat;                         /* the larger of bulk and folded, rank-normalised, split */
    double ess_bulk, ess_tail, ess_mean; /* effective draws */
    double mean_mcse, median_mcse;
} mcmc_diagnostic;

/* @p x chains × draws numbers, chain by chain, at least 8 draws each. Draws that are all the same
 * give NaN. */
STROMA_CHECK stroma_status mcmc_diagnose(const double *x, size_t chains, size_t draws,
                                         mcmc_diagnostic *out, stroma_error *err);
/* Effective draws of the mean of x as it stands, halves of chains taken as chains. */
STROMA_CHECK stroma_status mcmc_effective(const double *x, size_t chains, size_t draws, double *out,
                                          stroma_error *err);
#endif
