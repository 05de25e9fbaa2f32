/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file random.h
 *  Random numbers that are a function of where they are used, not of when: Philox4x32-10 (Salmon,
 *  Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11), a keyed bijection of a
 *  128-bit counter. Every item of work (a resample, a virtual patient) takes a generator of its own
 *  from (seed, stream, index), so results do not depend on threads or on order.
 *
 *  The key is the seed; the counter is, from its lowest word, {block, stream, index low, index
 *  high}. Two generators that differ in any of the three never share a block. One generator gives
 *  2^32 blocks of four words.
 *
 *  A parameter outside its domain gives NaN (continuous draws) or -1 (discrete draws): check
 * before.
 *  @since 0.1 */
#ifndef STROMA_RANDOM_H
#define STROMA_RANDOM_H
#include "stroma/error.h"
#ifdef __cplusplus
extern "C" {
#endif
/** One item's generator; plain data, copy it to remember a place. */
typedef struct stroma_random {
    uint32_t key[2];
    uint32_t counter[4]; /**< of the next block */
    uint32_t block[4];
    unsigned used; /**< words of block given out; 4 = none left */
} stroma_random;

/** The bijection itself, ten rounds. */
STROMA_API void stroma_philox4x32(const uint32_t counter[4], const uint32_t key[2],
                                  uint32_t out[4]);
/** @param stream what the numbers are for, see stroma_random_stream()
 *  @param index the item: resample, patient, file */
STROMA_API void stroma_random_init(stroma_random *r, uint64_t seed, uint32_t stream,
                                   uint64_t index);
/** A stream number from a name, as "bootstrap" (FNV-1a, 32 bits). */
STROMA_API uint32_t stroma_random_stream(const char *name);

STROMA_API uint32_t stroma_random_u32(stroma_random *r);
/** Two words, the first is the low one. */
STROMA_API uint64_t stroma_random_u64(stroma_random *r);
/** Uniform on the integers 0…n-1 without bias (rejection); 0 when n is 0. */
STROMA_API uint64_t stroma_random_below(stroma_random *r, uint64_t n);
/** Uniform on (0,1): (k + 1/2)·2^-52, k the upper 52 bits of 64. Never 0, never 1. */
STROMA_API double stroma_random_uniform(stroma_random *r);
/** Standard normal: the quantile of one uniform by Wichura's PPND16 (AS 241, Appl. Statist. 37
 *  (1988) 477-484), so that one draw takes one uniform. */
STROMA_API double stroma_random_normal(stroma_random *r);
/** The quantile of the standard normal distribution at 0 < p < 1, about 1 part in 10^16 (AS 241).
 */
STROMA_API double stroma_normal_quantile_as241(double p);
/** Exponential with mean 1: -log of one uniform. */
STROMA_API double stroma_random_exponential(stroma_random *r);
/** Gamma, mean shape·scale (both > 0): Marsaglia & Tsang, ACM TOMS 26 (2000) 363-372; below shape 1
 *  boosted by a power of a uniform (their §6). */
STROMA_API double stroma_random_gamma(stroma_random *r, double shape, double scale);
/** Beta, a and b > 0: from two gammas; when both are at most 1 by Jöhnk (1964), in logarithms where
 *  the powers underflow. */
STROMA_API double stroma_random_beta(stroma_random *r, double a, double b);
/** Binomial, 0 ≤ p ≤ 1, 0 ≤ n ≤ 10^15: inversion for small n·p, else Hörmann's BTRS (J. Statist.
 * Comput. Simul. 46 (1993) 101-110). */
STROMA_API int64_t stroma_random_binomial(stroma_random *r, int64_t n, double p);
/** Poisson, 0 ≤ mean ≤ 10^15: inversion below 10, else Hörmann's PTRS (Insurance: Math. and Econ.
 * 12 (1993) 39-45). */
STROMA_API int64_t stroma_random_poisson(stroma_random *r, double mean);
/** A random order of 0…n-1 (Fisher & Yates). @param out n places, filled here. */
STROMA_API void stroma_random_permutation(stroma_random *r, size_t *out, size_t n);
#ifdef __cplusplus
}
#endif
#endif
