/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one fit needs, and the likelihood with one coefficient held. */
#ifndef STROMA_MODELS_COX_PROFILE_H
#define STROMA_MODELS_COX_PROFILE_H
#include "cox_problem.h"

typedef struct cox_fit {
    cox_problem q;
    cox_point pt;
    double *beta, *other, *step, *inverse; /* p, p, p, p × p: the inverse information */
    bool *fixed;
    cox_optimum top;
} cox_fit;
STROMA_CHECK stroma_status cox_fit_new(cox_fit *f, stroma_error *err);
void cox_fit_free(cox_fit *f);

/* Limits of problem coefficient k, NaN where none was found. */
void cox_profile(cox_fit *f, size_t k, double se, double level, double limits[2]);
/* Twice the likelihood lost when coefficient k is 0; NaN without convergence. */
double cox_profile_drop(cox_fit *f, size_t k);
#endif
