/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inner loops of decoding, once a level of the processor; all give the same bits. */
#ifndef STROMA_FCS_KERNELS_H
#define STROMA_FCS_KERNELS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A column of numbers of one kind: n of them, row bytes apart, the first at p. */
typedef void (*fcs_column)(const unsigned char *p, size_t row, size_t n, uint64_t mask,
                           double *out);
/* Four floats that stand side by side, into four columns. */
typedef void (*fcs_four)(const unsigned char *p, size_t row, size_t n, double *const *out);

typedef enum fcs_kind { FCS_U8, FCS_U16, FCS_U32, FCS_U64, FCS_F32, FCS_F64, FCS_KINDS } fcs_kind;

/* Smallest, largest and sum of n values in FCS_LANES lanes: value i goes to lane i % FCS_LANES.
 * finite stays 0 in each lane unless a value is NaN or infinite. */
enum { FCS_LANES = 8 };
typedef struct fcs_lanes {
    double min[FCS_LANES], max[FCS_LANES], sum[FCS_LANES], finite[FCS_LANES];
} fcs_lanes;
typedef void (*fcs_sum_up)(const double *x, size_t n, fcs_lanes *lanes);

typedef struct fcs_kernels {
    const char *level;
    fcs_column column[FCS_KINDS][2]; /* little-, big-endian */
    fcs_four four[2];
    fcs_sum_up sum_up; /* n is a multiple of FCS_LANES */
} fcs_kernels;

extern const fcs_kernels fcs_kernels_base;
#ifdef FCS_HAS_LEVELS
extern const fcs_kernels fcs_kernels_avx2;
#endif
/* By name, NULL where this processor cannot run it. */
const fcs_kernels *fcs_kernels_find(const char *level);
/* The best one, at most that of the environment variable STROMA_CPU; "plain" gives NULL: bytes are
 * then put together one by one. */
const fcs_kernels *fcs_kernels_choose(void);
#endif
