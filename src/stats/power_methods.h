/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The power of each test as a function of design and sizes, and the table that names them. */
#ifndef STROMA_STATS_POWER_METHODS_H
#define STROMA_STATS_POWER_METHODS_H
#include "stroma/stats_power.h"

/* Which fields a method reads, and must be in range. */
enum {
    POWER_SD = 1,
    POWER_SD2 = 2,
    POWER_MARGIN = 4,
    POWER_P1 = 8,
    POWER_CORRELATION = 16,
    POWER_GROUPS = 32,
    POWER_EVENTS = 64,
    POWER_CELLS = 128,
    POWER_VISITS = 256,
    POWER_NULL = 512,
    POWER_CATEGORIES = 1024
};
/* What kind of number the effect is: its range, and its null value. */
typedef enum power_effect {
    POWER_EFFECT_DIFFERENCE,  /* any, 0 */
    POWER_EFFECT_POSITIVE,    /* > 0, 0: Cohen's f */
    POWER_EFFECT_CORRELATION, /* −1…1, 0 */
    POWER_EFFECT_PROPORTION,  /* 0…1, p1 or null_value */
    POWER_EFFECT_HALF,        /* 0…1, 1/2 */
    POWER_EFFECT_RATIO        /* > 0, 1 */
} power_effect;

/* Power of n1 and n2 (not always whole); d has its defaults filled in. NaN: cannot be computed. */
typedef double (*power_function)(const stroma_power_design *d, double n1, double n2);

typedef struct power_entry {
    stroma_power_method public;
    power_function power;
    double least; /* n1 */
    unsigned fields;
    power_effect effect;
    bool one_sided;      /* always */
    double alpha;        /* when none is given; 0: 0.05 */
    power_function size; /* enumerated: the largest error of the first kind, or NULL */
    power_function near; /* enumerated: an approximate power to start the search at */
} power_entry;

/* power_table.c; ends with a NULL name */
extern const power_entry power_table[];

/* power_means.c */
double power_t_one(const stroma_power_design *d, double n1, double n2);
double power_t_two(const stroma_power_design *d, double n1, double n2);
double power_welch(const stroma_power_design *d, double n1, double n2);
double power_non_inferiority(const stroma_power_design *d, double n1, double n2);
double power_equivalence(const stroma_power_design *d, double n1, double n2);
double power_ancova(const stroma_power_design *d, double n1, double n2);
double power_anova(const stroma_power_design *d, double n1, double n2);
double power_interaction(const stroma_power_design *d, double n1, double n2);
double power_interaction_slope(const stroma_power_design *d, double n1, double n2);
double power_mmrm(const stroma_power_design *d, double n1, double n2);
/* power_ranks.c */
double power_mann_whitney(const stroma_power_design *d, double n1, double n2);
double power_noether(const stroma_power_design *d, double n1, double n2);
double power_signed_rank(const stroma_power_design *d, double n1, double n2);
double power_correlation(const stroma_power_design *d, double n1, double n2);
double power_auc(const stroma_power_design *d, double n1, double n2);
double power_auc_binormal(const stroma_power_design *d, double n1, double n2);
/* power_events.c */
double power_proportions(const stroma_power_design *d, double n1, double n2);
double power_proportions_ni(const stroma_power_design *d, double n1, double n2);
double power_mcnemar(const stroma_power_design *d, double n1, double n2);
double power_interaction_binary(const stroma_power_design *d, double n1, double n2);
double power_ordinal(const stroma_power_design *d, double n1, double n2);
double power_log_rank(const stroma_power_design *d, double n1, double n2);
double power_freedman(const stroma_power_design *d, double n1, double n2);
double power_cox(const stroma_power_design *d, double n1, double n2);
double power_events(const stroma_power_design *d, double n1, double n2);
/* power_exact.c */
double power_binomial(const stroma_power_design *d, double n1, double n2);
double power_binomial_near(const stroma_power_design *d, double n1, double n2);
double power_binomial_size(const stroma_power_design *d, double n1, double n2);
double power_binomial_critical(const stroma_power_design *d, double n);
double power_fisher(const stroma_power_design *d, double n1, double n2);
double power_fisher_size(const stroma_power_design *d, double n1, double n2);
double power_chi_square(const stroma_power_design *d, double n1, double n2);
double power_chi_square_size(const stroma_power_design *d, double n1, double n2);
double power_mcnemar_exact(const stroma_power_design *d, double n1, double n2);
double power_mcnemar_exact_size(const stroma_power_design *d, double n1, double n2);

/* Quantile of the tail: z of alpha, or of alpha/2. */
double power_z(const stroma_power_design *d);
double power_tail(const stroma_power_design *d);
/* P(reject) of a normal statistic with mean m (against 0) and SD s, the null SD being 1. */
double power_normal(const stroma_power_design *d, double mean, double sd);
#endif
