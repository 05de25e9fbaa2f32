/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sweep operator on small symmetric matrices (Goodnight 1979 Am Stat 33:149): swept on a set of
 * columns, the others hold their regression on that set and what is left of their covariance. */
#ifndef STROMA_BIOMARKER_MODEL_MATRIX_H
#define STROMA_BIOMARKER_MODEL_MATRIX_H
#include <stdbool.h>
#include <stddef.h>

/* Sweep a (n × n) on column @p k. Swept on all, a is −(its inverse).
 * @param before the diagonal entry of the matrix at the start
 * @return false when column k depends on those swept before: what is left is below 1e-10 of
 * @p before */
bool model_sweep(double *a, size_t n, size_t k, double before);
/* The inverse in place; false when singular. */
bool model_invert(double *a, size_t n);
/* x' a x */
double model_quadratic(const double *a, const double *x, size_t n);
#endif
