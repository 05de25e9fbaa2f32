/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table of populations in the making. */
#ifndef STROMA_CYTOMETRY_POPULATION_TABLE_PRIVATE_H
#define STROMA_CYTOMETRY_POPULATION_TABLE_PRIVATE_H
#include "population.h"

#include "stroma/cytometry_population_table.h"

typedef struct population_job {
    const stroma_population_tube *sample;
    const stroma_population_request *request;
    stroma_population_table *table;
    stroma_diag *diag;
    size_t *gate;    /* of each population that is asked; SIZE_MAX: all events */
    unsigned *flags; /* of each: dead cells */
    size_t len;
} population_job;

/* Events of a population; SIZE_MAX: all. */
uint64_t population_count(const stroma_population_tube *t, size_t gate);
/* The gate of this id in a tube; "ungated" is SIZE_MAX. Statuses: INCONSISTENT. */
stroma_status population_gate(const stroma_population_tube *t, const char *id, size_t *out,
                              stroma_error *err);
size_t population_parent(const stroma_population_tube *t, size_t gate);
/* A row of population number @p p; the texts are copied. @p place orders it within. */
stroma_status population_row_add(population_job *j, size_t p, size_t place, const char *of,
                                 const char *marker, const char *control,
                                 const stroma_population_value *v, stroma_error *err);
/* Where a marker is in a tube: by the panel, else by name. Statuses: INCONSISTENT. */
stroma_status population_marker_find(const stroma_population_tube *t, const stroma_panel *panel,
                                     const char *marker, stroma_event_column *out,
                                     const char **channel, stroma_error *err);
/* Names under which gates may know a column. @return how many of names[2] */
size_t population_column_names(const stroma_population_tube *t, const stroma_event_column *c,
                               const char *names[2]);
/* Entry of the request for a population that has no gate here; NULL: it is to be there. */
const stroma_population_absent *population_absent(const population_job *j, const char *id);
/* A row without a value, behind all others. */
stroma_status population_absent_row(population_job *j, const stroma_population_absent *a,
                                    const stroma_definition *d, const char *of, const char *marker,
                                    stroma_error *err);
/* All rows of those that are asked: counts, shares, markers. */
stroma_status population_absent_rows(population_job *j, stroma_error *err);
/* percent_net against each control. */
stroma_status population_net_rows(population_job *j, size_t p, stroma_error *err);
/* The rows of markers. */
stroma_status population_markers(population_job *j, stroma_error *err);
#endif
