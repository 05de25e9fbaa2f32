/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Columns that may hold values beyond limits, for the methods of `stroma stat` that take them. */
#ifndef STROMA_CLI_STAT_CENSORED_H
#define STROMA_CLI_STAT_CENSORED_H
#include "stat_members.h"
#include "stat_methods.h"

#include "stroma/models_censored.h"
#include "stroma/models_tobit.h"

/* --value (with --upper) and, when asked, --group; everything lives in the job's arena. */
typedef struct stat_censored {
    double *low, *high;
    size_t *codes; /* of the groups; 0 without */
    size_t n, k;
    const char **names; /* k; the value's name without groups */
} stat_censored;
stroma_status stat_read_censored(stat_job *j, bool grouped, stat_censored *c, stroma_error *err);

/* A measured or censored cell; anything else is left out and counted: keep is false then. */
typedef struct stat_bounds {
    double low, high;
    bool keep;
} stat_bounds;
/* @param upper column of the upper end of an interval, or SIZE_MAX */
stroma_status stat_censored_cell(stat_job *j, size_t column, size_t upper, size_t row,
                                 stat_bounds *out, stroma_error *err);
/* Bounds of the response in the rows that the formula kept, with --upper. */
stroma_status stat_formula_bounds(stat_job *j, const stroma_formula *f,
                                  const stroma_formula_data *d, stroma_censored_sample *out,
                                  stroma_error *err);
/* Design columns of a term that no other term contains: those a test may leave out; 0 otherwise.
 * @param columns room for all */
size_t stat_term_columns(const stroma_formula *f, const stroma_formula_data *d, size_t term,
                         size_t *columns);
/* --scale: log unless it says natural */
stroma_censored_shape stat_censored_shape(const stat_job *j);
stroma_status stat_censored_interval(const stat_job *j, stroma_censored_interval *out,
                                     stroma_error *err);
/* The counts of a sample as members */
void stat_censored_members(stroma_buffer *b, const stroma_censored_counts *c);
#endif
