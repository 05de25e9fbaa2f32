/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STROMA_GATE_ELLIPSOID_H
#define STROMA_GATE_ELLIPSOID_H
#include <stdbool.h>
#include <stddef.h>

/* Inverse of an n × n matrix, row by row. @p work: n × n numbers. The matrix is brought to a
 * diagonal of one first, so that dimensions of different units weigh the same.
 * @return false when it is singular: a pivot below 1e-13 */
bool gate_invert(const double *matrix, size_t n, double *inverse, double *work);
/* Symmetric (to 1e-9 of its diagonal) and positive definite? @p work as above */
bool gate_is_covariance(const double *matrix, size_t n, double *work);
/* (x − μ)ᵀ M (x − μ) */
double gate_distance_square(const double *x, const double *mean, const double *inverse, size_t n);
#endif
