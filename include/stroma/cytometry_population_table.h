/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file cytometry_population_table.h
 *  Every number asked of the populations of one sample, as rows of a tidy table. @since 0.1 */
#ifndef STROMA_CYTOMETRY_POPULATION_TABLE_H
#define STROMA_CYTOMETRY_POPULATION_TABLE_H
#include "stroma/cytometry_index.h"
#include "stroma/cytometry_panel.h"
#ifdef __cplusplus
extern "C" {
#endif

/** A data set that was put through gates. Everything is borrowed. */
typedef struct stroma_population_tube {
    const char *file; /**< for messages and the table */
    const stroma_fcs_dataset *data;
    const stroma_compensation *compensation; /**< NULL: as recorded */
    const stroma_gate_set *gates;
    const stroma_membership *membership; /**< of all gates that are asked */
} stroma_population_tube;

/** Whether @p control belongs to @p sample as a control of @p marker: acquired on the same day
 *  ($DATE), with the same channels, the same markers in the others, and the same detector voltage.
 *  @param any a control of another day or panel is taken, flagged, with findings STROMA-POP-004 and
 *  -005  @param flags set here: CONTROL_UNDATED, …_OTHER_DAY, …_OTHER_PANEL
 *  Statuses: INCONSISTENT (another day or panel, unless @p any; names what differs). */
STROMA_API STROMA_CHECK stroma_status stroma_population_control_check(
    const stroma_population_tube *sample, const stroma_population_tube *control,
    const stroma_panel *panel, const char *marker, bool any, unsigned *flags, stroma_diag *diag,
    stroma_error *err);

typedef struct stroma_population_control {
    const char *marker;          /**< of which it is the FMO; NULL: of any (unstained, isotype) */
    stroma_population_tube tube; /**< its gates are those of the sample, id by id */
    unsigned flags;              /**< of stroma_population_control_check() */
} stroma_population_control;

/** A line for a marker, from the beads of the day. */
typedef struct stroma_population_calibration {
    const char *marker;
    stroma_bead_calibration line;
} stroma_population_calibration;

typedef struct stroma_population_pair {
    const char *numerator, *denominator; /**< ids of populations */
} stroma_population_pair;

/** A population that a strategy did not find. */
typedef struct stroma_population_absent {
    const char *population, *parent; /**< ids; "ungated" is all events */
    const char *reason;
} stroma_population_absent;

typedef enum stroma_absolute_method {
    STROMA_ABSOLUTE_NONE,
    STROMA_ABSOLUTE_BEADS,
    STROMA_ABSOLUTE_VOLUME
} stroma_absolute_method;

/** What is asked. Populations are named by gate id, all events by "ungated". */
typedef struct stroma_population_request {
    const char *const *population; /**< populations_len; none: all */
    size_t populations_len;
    const char *const
        *of; /**< ancestors of which percentages are given beside that of the parent */
    size_t of_len;
    const stroma_panel *panel; /**< knows synonyms; holds every marker asked for */
    const char *const *marker; /**< names of markers or channels */
    size_t markers_len;
    const stroma_definition *const *statistic; /**< for each marker */
    size_t statistics_len;
    const stroma_population_control *controls;
    size_t controls_len;
    const stroma_population_control *reference; /**< tube of the day, or NULL */
    const char *negative;                       /**< population, or NULL: the control */
    const stroma_population_calibration *calibrations;
    size_t calibrations_len;
    size_t landmarks; /**< peaks to align to those of the reference; 0: none */
    const stroma_population_pair *pairs;
    size_t pairs_len;
    uint64_t few; /**< of the log ratio */
    stroma_absolute_method absolute;
    const char *beads; /**< population of the counting beads */
    double beads_per_ul, volume_ul /**< NaN: from the file */, dilution;
    const char *dead_marker; /**< NULL: the panel declares none */
    bool dead_marker_needed; /**< a file without it is refused; else its dead cells are flagged */
    bool no_dead_rule;       /**< that is declared, so nothing is said of it */
    const stroma_population_absent *absent; /**< populations that have no gate in this sample: rows
                                                 without a value, with the reason */
    size_t absent_len;
    bool net; /**< also percent_net against each control: in populations that are gated on the
                   marker of the control, or in all where it is one of any marker */
    bool dead_rule_told; /**< the caller has said that no marker is declared: no finding of it */
    size_t limit_bytes;  /**< for columns held at once; 0: 64 MiB */
    stroma_population_options options;
} stroma_population_request;
#define STROMA_POPULATION_REQUEST_INIT                      \
    {                                                       \
        .few = 20, .volume_ul = (double)NAN, .dilution = 1, \
        .options = STROMA_POPULATION_OPTIONS_INIT           \
    }

/** Texts live in the table's arena. */
typedef struct stroma_population_row {
    const char *population, *parent; /**< parent NULL: of "ungated" itself */
    uint64_t count, parent_count;
    const char *of; /**< percent: the ancestor; marker: the channel; ratio: the other; or NULL */
    const char *marker;  /**< or NULL */
    const char *control; /**< file of the control or reference, or NULL */
    stroma_population_value value;
    bool absent;  /**< it has no gate here: the counts mean nothing */
    size_t order; /**< private */
} stroma_population_row;
typedef struct stroma_population_table {
    stroma_arena arena;
    stroma_population_row *rows;
    size_t rows_len, rows_capacity;
} stroma_population_table;

/** Compute the table of one sample: population by population in the order of the gates, in each
 *  first counts, then markers. @p out is initialised here, also on failure.
 *  Findings: STROMA-POP-001, -002, -006, -007, -008.
 *  Statuses: INCONSISTENT (a population, marker or control that is not there), USAGE, those of the
 *  column reader, NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_population_tabulate(
    const stroma_population_tube *sample, const stroma_population_request *request,
    stroma_diag *diag, stroma_population_table *out, stroma_error *err);
STROMA_API void stroma_population_table_clear(stroma_population_table *t);
#ifdef __cplusplus
}
#endif
#endif
