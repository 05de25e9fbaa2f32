/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file import.h
 *  One entry of the study file's `data:` on its way into the measurement table. */
#ifndef STROMA_STUDY_IMPORT_H
#define STROMA_STUDY_IMPORT_H
#include "model.h"

#include "stroma/table_read.h"

/** A column of the file and what becomes of its cells. */
typedef struct import_column {
    const char *name;           /* in the file */
    const stroma_yaml_node *at; /* where the study file says so */
    const char *role;           /* "arm", "day0_date", …; NULL: a parameter */
    int32_t param;
    int32_t visit;               /* fixed visit, STUDY_NONE: that of the row */
    const char *unit;            /* unit in the file, NULL: the parameter's */
    const stroma_yaml_node *map; /* file value → stored value, or NULL */
    const char *low_name, *high_name, *unit_name;
    bool of_subject;                       /* must be the same in all rows of a subject */
    size_t column, low, high, unit_column; /* in the table, SIZE_MAX: none */
} import_column;

typedef struct import_source {
    study *s;
    const stroma_yaml_node *node; /* the data entry */
    const char *layout;
    const char *path; /* as written */
    int32_t file;     /* in s->files */
    stroma_table *t;
    import_column *columns;
    size_t columns_len, columns_capacity;
    size_t subject, visit, day, date, repeat, kind; /* table columns, SIZE_MAX: none */
    bool cdisc_days;
    char decimal; /* of texts parsed here */
} import_source;

/** Read the mapping of a data entry (before its table is read). */
STROMA_CHECK stroma_status import_plan(import_source *src, stroma_error *err);
/** Read the file and find the planned columns in it; absent ones are fatal findings. */
STROMA_CHECK stroma_status import_read_table(import_source *src, stroma_error *err);
/** Where a path of the study file leads: relative to it, or into ${STROMA_DATA_ROOT}. Heap string.
 */
STROMA_CHECK stroma_status import_resolve(const study *s, const char *path, char **out,
                                          stroma_error *err);
/** Hash a file and note it among the inputs. @p path as written; texts must last. */
STROMA_CHECK stroma_status import_note_file(study *s, const char *path, const char *resolved,
                                            const char *format, int32_t *out, stroma_error *err);
/** Column of the table by name, SIZE_MAX with a fatal finding when absent. @p name NULL gives
 * SIZE_MAX. */
size_t import_find_column(import_source *src, const char *name, const stroma_yaml_node *at);

/** Where a cell stands, for messages. */
typedef struct import_cell {
    const import_column *column;
    size_t row;
    int32_t subject, visit, day;
    const char *raw; /* text as typed */
    const char *unit;
    bool by_window; /* the visit was found from the study day */
} import_cell;
/** Turn a cell into a measurement of @p param and add it. */
STROMA_CHECK stroma_status import_cell_value(import_source *src, const import_cell *cell,
                                             stroma_error *err);
/** What a cell of a column with a role says of its subject. */
void import_role_value(import_source *src, const import_cell *cell);
/** Yes or no in the usual spellings. */
bool import_parse_flag(const char *text, double *value);
/** Study day of a number in the file, by the numbering of the file; STUDY_DAY_UNKNOWN when it is
 * none. */
int32_t import_study_day(const import_source *src, double x);
/** A finding about one cell. @p fatal: `run` stops at it. */
void import_finding(import_source *src, const import_cell *cell, const char *code,
                    stroma_severity severity, bool fatal, const char *message, const char *action);

/** Whether @p word is a kind of event. */
bool import_is_event_kind(const char *word);
STROMA_CHECK stroma_status import_events(import_source *src, stroma_error *err);
STROMA_CHECK stroma_status import_therapies(import_source *src, stroma_error *err);
/** Subject, visit and study day of a row. @p skip set when the row cannot be placed (a finding says
 * why). */
STROMA_CHECK stroma_status import_place_row(import_source *src, size_t row, int32_t *subject,
                                            int32_t *visit, int32_t *day, bool *skip,
                                            stroma_error *err);
/** Text of any cell as typed, in the arena; NULL when empty. */
const char *import_text(import_source *src, size_t column, size_t row);
/** Mapped value of @p text, or @p text itself when the map has no such key. */
const char *import_mapped(const stroma_yaml_node *map, const char *text);
#endif
