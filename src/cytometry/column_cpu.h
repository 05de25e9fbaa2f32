/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Levels of the processor, for kernels that are compiled once for each. */
#ifndef STROMA_CYTOMETRY_COLUMN_CPU_H
#define STROMA_CYTOMETRY_COLUMN_CPU_H

enum { COLUMN_CPU_LEVELS = 3 }; /* base, avx2, avx512, or plain alone where this is no x86-64 */

/* The best level that this processor has and STROMA_CPU (base, avx2, avx512) allows: 0, 1 or 2; −1
 * where there is only the plain twin. */
int column_cpu_choose(void);
/* A level by name: 0, 1 or 2, −1 "plain"; −2 when this program or this processor does not have it.
 */
int column_cpu_find(const char *level);
#endif
