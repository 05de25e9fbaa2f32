/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dense symmetric matrices of a few dozen rows, row by row, sums in a fixed order. */
#ifndef STROMA_MODELS_SMALL_MATRIX_H
#define STROMA_MODELS_SMALL_MATRIX_H
#include <stdbool.h>
#include <stddef.h>

/* Lower Cholesky factor of a (n × n, lower half read) in place; the upper half becomes zero.
 * @return false when a is not positive definite to working precision */
bool small_cholesky(double *a, size_t n);
/* Sum of log of the squared diagonal of a factor: log |A|. */
double small_log_determinant(const double *l, size_t n);
/* Inverse of A from its factor. */
void small_inverse(const double *l, size_t n, double *inverse);
/* x := L^-1 x and x := L'^-1 x */
void small_solve_lower(const double *l, size_t n, double *x);
void small_solve_upper(const double *l, size_t n, double *x);
/* out := a b, all n × n */
void small_multiply(const double *a, const double *b, size_t n, double *out);
/* Eigenvalues of a symmetric a in its diagonal, eigenvectors in columns (Jacobi). */
void small_eigen(double *a, size_t n, double *vectors);
double small_dot(const double *a, const double *b, size_t n);
#endif
