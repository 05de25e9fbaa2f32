/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of populations share: order statistics by selection, the recipe of a definition,
 * and the start of a value. */
#ifndef STROMA_CYTOMETRY_POPULATION_PRIVATE_H
#define STROMA_CYTOMETRY_POPULATION_PRIVATE_H
#include "stroma/cytometry_population.h"

/* Ranks first … first + len − 1 of some values, ascending; x is owned. */
typedef struct population_window {
    size_t first, len;
    double *x;
} population_window;

/* Ranks @p first … @p last (0 is the smallest) of n finite values, last < n. */
stroma_status population_window_take(const double *x, size_t n, size_t first, size_t last,
                                     population_window *out, stroma_error *err);
void population_window_clear(population_window *w);
bool population_all_finite(const double *x, size_t n);
/* 1-based ranks whose values hold quantile p with at least the level; 0 or n + 1: beyond the data.
 */
void population_quantile_ranks(size_t n, double p, double level, size_t *lower, size_t *upper);

/* The quantiles that definitions are made of, ascending. */
enum {
    POPULATION_P05,
    POPULATION_P_MINUS, /* Φ(−1), 15.87 % */
    POPULATION_P25,
    POPULATION_P50,
    POPULATION_P75,
    POPULATION_P84,    /* 84 %, of the separation index */
    POPULATION_P_PLUS, /* Φ(1), 84.13 % */
    POPULATION_P95,
    POPULATION_P995,
    POPULATION_QUANTILES
};
extern const double population_probability[POPULATION_QUANTILES];
#define POPULATION_NEED(q) (1U << POPULATION_##q)

/* What a definition computes from: quantiles of up to three samples, and the share. */
enum { POPULATION_MARKER, POPULATION_CONTROL, POPULATION_NEGATIVE, POPULATION_SAMPLES };
typedef struct population_facts {
    double q[POPULATION_SAMPLES][POPULATION_QUANTILES];
    double fraction;
} population_facts;

typedef enum population_kind {
    POPULATION_FRACTION, /* a binomial share */
    POPULATION_QUANTILE, /* one quantile of the marker */
    POPULATION_MOMENT,   /* from sums over the marker */
    POPULATION_INDEX     /* from facts; interval by bootstrap */
} population_kind;
typedef enum population_moment {
    POPULATION_MEAN,
    POPULATION_SD,
    POPULATION_CV,
    POPULATION_GEOMETRIC_MEAN
} population_moment;
typedef struct population_recipe {
    population_kind kind;
    int quantile;                                 /* QUANTILE */
    population_moment moment;                     /* MOMENT */
    unsigned needs[POPULATION_SAMPLES];           /* INDEX: POPULATION_NEED bits */
    bool share;                                   /* INDEX: the fraction varies as well */
    double (*compute)(const population_facts *f); /* NaN: there is none */
    const char *none;                             /* why compute() gave none */
} population_recipe;

/* A value of this definition without numbers. */
stroma_population_value population_value_begin(const stroma_definition *d,
                                               const stroma_population_options *opts);
stroma_status population_options_check(const stroma_population_options *opts, stroma_error *err);
unsigned population_floor_flags(uint64_t count, uint64_t parent,
                                const stroma_population_options *opts);
/* The percentile interval of what resamples gave; NaN among them are counted as failed. */
stroma_status population_percentiles(double *replicate, size_t resamples,
                                     stroma_population_value *out, stroma_error *err);
/* Mean, SD and the like, with Student's interval where there is one. */
void population_moments(const stroma_population_sample *s, population_moment what,
                        stroma_population_value *out);
/* Estimate and bootstrap interval of an index, or the bootstrap interval of a quantile. */
stroma_status population_index(const population_recipe *r, const stroma_population_question *q,
                               const stroma_population_options *opts, stroma_population_value *out,
                               stroma_error *err);
#endif
