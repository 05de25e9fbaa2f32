/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One entry of a subject's covariance matrix, with its derivatives in the free parameters. */
#ifndef STROMA_MODELS_MMRM_STRUCTURE_H
#define STROMA_MODELS_MMRM_STRUCTURE_H
#include "stroma/models_mmrm.h"

typedef struct mmrm_structure {
    stroma_mmrm_structure kind;
    size_t visits;
    const double *time;  /* visits; sp_exp and random_slope */
    size_t scales;       /* leading parameters that are log SDs: 1, visits, or 0 (random slope) */
    size_t parameters;   /* of one covariance group */
    size_t entry_active; /* most parameters one entry depends on */
} mmrm_structure;

/* Value of Sigma[s][t] and what it depends on: the parameters index[0…n), ascending not needed,
 * none twice; first[i] and second[i * n + j] are its derivatives in them. */
typedef struct mmrm_entry {
    double value;
    size_t n;
    size_t *index;
    double *first, *second;
} mmrm_entry;

mmrm_structure mmrm_structure_make(stroma_mmrm_structure kind, size_t visits, const double *time);
/* e->index, first and second must hold entry_active, entry_active and its square. */
void mmrm_structure_entry(const mmrm_structure *st, const double *theta, size_t s, size_t t,
                          mmrm_entry *e);
/* h''/h' of the map from free parameter i to the natural one (variance, correlation); used to move
 * second derivatives from one to the other. */
double mmrm_structure_curvature(const mmrm_structure *st, const double *theta, size_t i);
/* Sigma is linear in variances and covariances that are free of each other. */
bool mmrm_structure_is_linear(const mmrm_structure *st);
/* Free parameters from a variance for each visit and correlations r (visits × visits; positive
 * definite for us). */
void mmrm_structure_start(const mmrm_structure *st, const double *variance, const double *r,
                          double *theta);
#endif
