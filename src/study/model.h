/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file model.h
 *  A study in memory: what the study file declares, and one measurement table that everything
 * becomes a row of (DESIGN.md §1). Built in this order, each step in its own file: study_file.c
 * (parse) → import.c (files → measurements) → score_run.c, derive.c, grouping.c (derived
 * measurements) → sets.c → analysis*.c (summaries, results) → flow.c, claims.c → db_write.c.
 *
 *  All texts live in the study's arena or in static tables. Indexes are into the arrays below. */
#ifndef STROMA_STUDY_MODEL_H
#define STROMA_STUDY_MODEL_H
#include "stroma/diag.h"
#include "stroma/memory.h"
#include "stroma/progress.h"
#include "stroma/schema.h"
#include "stroma/stats.h"
#include "stroma/study_biomarker.h"
#include "stroma/table.h"
#include "stroma/yaml.h"

#include <math.h>
#include <stdbool.h>

/** What a study file may contain (schema_keys.c). */
extern const stroma_schema study_schema;
extern const stroma_schema_key study_cytometry_keys[]; /* of `cytometry:` (schema_cytometry.c) */

#define STUDY_NAN ((double)NAN) /* no number; the state beside it says why */
enum { STUDY_NONE = -1, STUDY_DAY_UNKNOWN = INT32_MIN };

typedef struct study_arm {
    const char *id, *label, *role, *description; /* role "treated" or "control" */
} study_arm;

typedef struct study_visit {
    const char *id, *label;
    double time;                          /* in study.time_unit; NaN: not on the axis */
    int32_t day, window_low, window_high; /* STUDY_DAY_UNKNOWN when not given */
    bool baseline;
    bool scheduled; /* has a time, day or window; unscheduled visits may be missing */
} study_visit;

typedef enum study_param_kind { PARAM_NUMBER, PARAM_WORD, PARAM_FLAG } study_param_kind;

typedef struct study_param {
    const char *id, *paramcd, *label, *unit, *category, *assay;
    study_param_kind kind;
    int decimals;
    bool log_scale;
    bool from_file;    /* at least one measurement comes from a file */
    bool has_censored; /* at least one value is only known to lie beyond a limit */
    double lloq, uloq, range_low, range_high, ref_low, ref_high; /* NaN when not given */
    const char **words;
    size_t words_len;
} study_param;

typedef struct study_file_info {
    const char *path, *role, *format; /* path as written */
    const char *resolved;             /* path that was opened */
    bool renamed;                     /* path is a pseudonym: that of the file names a subject */
    char sha256[65];
    int64_t n_bytes, n_rows, n_columns; /* rows −1 for the study file */
} study_file_info;

typedef struct study_subject {
    const char *id;
    int32_t arm;       /* STUDY_NONE in a cohort */
    int32_t day0_days; /* date of day 0 as days since 1970, INT32_MIN unknown */
    const char *disposition, *disposition_reason; /* NULL when not recorded */
    int32_t disposition_day;
    int32_t disposition_date_days; /* INT32_MIN unknown */
    bool treated, randomised, protocol_deviation;
    unsigned flags_given; /* bits: treated, randomised, protocol deviation stand in the data */
    int32_t last_visit;   /* last visit with any present value, STUDY_NONE */
    int32_t first_file;
    int64_t first_row; /* where the subject first stands */
} study_subject;

/** One row of the measurement table. */
typedef struct study_measurement {
    int32_t subject, visit /* STUDY_NONE: of the subject */, param;
    int32_t study_day; /* STUDY_DAY_UNKNOWN */
    double value;      /* number, 0/1 flag, or the limit of a censored value; NaN otherwise */
    const char *text;  /* word, or NULL */
    stroma_cell_state state;
    const char *reason;       /* why not present, or NULL */
    const char *band;         /* or NULL */
    double ref_low, ref_high; /* NaN when none */
    const char *flags;        /* JSON array, or NULL */
    int32_t derivation;       /* STUDY_NONE: from a file */
    int32_t file;
    int64_t row;
    const char *column, *raw;
    size_t inputs_start, inputs_len; /* in study.inputs: the measurements it was computed from */
    int32_t next; /* further measurement of the same subject, visit and parameter, STUDY_NONE */
} study_measurement;

typedef struct study_derivation {
    const char *method, *version, *formula, *source, *params; /* params: JSON */
    int32_t param;
} study_derivation;

typedef struct study_set {
    const char *id, *label, *definition;
    const stroma_yaml_node *node; /* NULL: one of the usual four */
    bool *included;               /* n_subjects */
    const char **reasons;         /* why not, NULL when in */
} study_set;

typedef struct study_group {
    const char *id, *label, *colour;
} study_group;

typedef struct study_grouping {
    const char *id, *label, *rule, *missing_rule;
    int32_t landmark; /* visit, or STUDY_NONE */
    int32_t origin;   /* parameter the groups were made from, STUDY_NONE for arms */
    bool *ancestors;  /* n_params: parameters that stand behind the groups */
    study_group *groups;
    size_t groups_len;
    int32_t *member; /* n_subjects: group index or STUDY_NONE */
    bool *imputed;   /* n_subjects: placed by the missing rule */
    const stroma_yaml_node *node;
} study_grouping;

typedef struct study_summary {
    int32_t param, visit, grouping, group, set; /* group STUDY_NONE = "all" */
    size_t n, n_expected, n_missing, n_below, n_above;
    double mean, sd, sem, mean_lower, mean_upper, median, q1, q3, minimum, maximum; /* NaN: none */
    const char *censored_rule;
    const char *counts; /* JSON, or NULL */
} study_summary;

typedef struct study_result {
    const char *analysis_id, *family, *label, *estimand, *adjust_method;
    int32_t param, param2, visit, visit2, grouping, group_a, group_b, set; /* STUDY_NONE */
    stroma_stat stat;
    double p_adjusted;
    const char *excluded; /* JSON */
    const char *state;    /* "present", "not_estimable", "circular" */
    const char *reason;
    double p_paper; /* p hidden by the time guard, shown in paper style only */
} study_result;

/** The answer to a biomarker question; its tests stand among the results. */
typedef struct study_marker {
    const char *id, *label, *question, *outcome, *event; /* event NULL: a number */
    int32_t landmark, set;
    int32_t landmark_day, outcome_day;
    size_t n, n_events; /* n_events SIZE_MAX: a number */
    const char *excluded, *settings, *refused, *model, *model_card, *model_reason;
    size_t first_result; /* of its results in study.results */
    stroma_study_variable *variables;
    stroma_study_answer_candidate *candidates;
    stroma_study_answer_point *points;
    stroma_study_answer_text *texts;
    size_t candidates_len, points_len, texts_len;
} study_marker;

typedef struct study_event {
    int32_t subject, visit;
    const char *kind, *term, *serious, *related, *action, *outcome, *detail;
    int32_t day, end_day, grade; /* grade −1 unknown */
    int32_t file;
    int64_t row;
} study_event;

typedef struct study_therapy {
    int32_t subject;
    const char *drug, *class_name, *dose_unit, *frequency, *start_text, *end_text, *response,
        *reason_stopped;
    double dose, daily_dose; /* NaN unknown */
    int32_t start_day, end_day;
    bool ongoing;
    int32_t file;
    int64_t row;
} study_therapy;

typedef struct study_flow_node {
    const char *id, *parent, *stage, *label, *details; /* details: JSON */
    int32_t arm;
    size_t n;
} study_flow_node;

typedef struct study_claim {
    const char *kind, *title, *text, *numbers; /* kind: tile, cannot_conclude, method, headline */
} study_claim;

typedef struct study_check_done {
    const char *id, *label;
    size_t n_checked, n_findings;
} study_check_done;

/* A growing array: items, len, capacity. Append with STUDY_ADD(). */
#define STUDY_ARRAY(type)     \
    struct {                  \
        type *items;          \
        size_t len, capacity; \
    }

typedef struct study {
    stroma_arena arena;
    const char *path; /* of the study file, as given */
    stroma_yaml_node *root;
    char sha256[65];
    /* identity */
    const char *id, *title, *disease, *layout, *style, *registration, *ethics, *day0, *source,
        *time_unit;
    bool simulated;
    uint64_t seed;
    int32_t primary; /* parameter, or STUDY_NONE */
    int threads;
    const stroma_progress *progress; /* may be NULL */
    /* declared */
    STUDY_ARRAY(study_arm) arms;
    STUDY_ARRAY(study_visit) visits;
    STUDY_ARRAY(study_param) params;
    STUDY_ARRAY(study_file_info) files;
    /* data */
    STUDY_ARRAY(study_subject) subjects;
    STUDY_ARRAY(study_measurement) measurements;
    STUDY_ARRAY(int32_t) inputs; /* derivation graph, see study_measurement.inputs_start */
    STUDY_ARRAY(study_derivation) derivations;
    STUDY_ARRAY(stroma_table *) tables; /* as read: texts of the measurements live in them */
    STUDY_ARRAY(study_event) events;
    STUDY_ARRAY(study_therapy) therapies;
    STUDY_ARRAY(struct cytometry_entry *) cytometry; /* cytometry.h */
    /* computed */
    STUDY_ARRAY(study_set) sets;
    STUDY_ARRAY(study_grouping) groupings; /* [0] "all", [1] "arm" when there are arms */
    STUDY_ARRAY(study_summary) summaries;
    STUDY_ARRAY(study_result) results;
    STUDY_ARRAY(study_marker) markers;
    STUDY_ARRAY(study_flow_node) flow;
    STUDY_ARRAY(study_claim) claims;
    STUDY_ARRAY(study_check_done) checks;
    stroma_diag findings;
    bool out_of_memory; /* a finding or its text could not be kept */
    bool collect;       /* check: a fault of one entry is a finding, and the next is looked at */
    stroma_error fatal; /* first fault of the inputs that a run may not pass over */
    size_t n_fatal;
    /* (subject, visit, param) → first measurement: open addressing, see study_find() */
    int32_t *slots;
    size_t slots_capacity;
    bool *parents; /* of each parameter in the derivation graph, see study_ancestors() */
    size_t parents_params, parents_measurements; /* what there was when they were found */
    struct study_names *subject_names;           /* id → subject index */
    const char *const *pseudonyms; /* one a subject for display, NULL: the ids themselves */
} study;

/** Append one zeroed element; @return a pointer to it, or NULL when memory ran out. */
#define STUDY_ADD(array, err)                                                                   \
    (stroma_grow(&(array)->items, &(array)->capacity, (array)->len + 1, sizeof *(array)->items, \
                 err) == STROMA_OK                                                              \
         ? &(array)->items[(array)->len++]                                                      \
         : NULL)

STROMA_CHECK stroma_status study_new(study **out, stroma_error *err);
void study_free(study *s);

/* lookups by id; STUDY_NONE when unknown */
int32_t study_find_arm(const study *s, const char *id);
int32_t study_find_visit(const study *s, const char *id);
int32_t study_find_param(const study *s, const char *id);
int32_t study_find_grouping(const study *s, const char *id);
int32_t study_find_set(const study *s, const char *id);
int32_t study_find_subject(const study *s, const char *id);
int32_t study_baseline_visit(const study *s); /* STUDY_NONE when none is declared */
/** Subject with this id, made when new. */
STROMA_CHECK stroma_status study_subject_for(study *s, const char *id, int32_t *out,
                                             stroma_error *err);
/** Parameter with this id: of the study file, of the built-in table, or else an error that names
 * the nearest. Built-in ones are added to s->params on first use. */
STROMA_CHECK stroma_status study_param_for(study *s, const char *id, int32_t *out,
                                           stroma_error *err);
/** Give a parameter an ADaM code made from its id (letters and digits, upper case, 8 at most),
 * unique. */
STROMA_CHECK stroma_status study_unique_paramcd(study *s, int32_t param, stroma_error *err);
/** The label without " (unit)" at its end: units stand apart in study.db. */
const char *study_bare_label(study *s, const char *label, const char *unit);
/** First measurement of (subject, visit, param), or STUDY_NONE. visit STUDY_NONE: what belongs to
 * the subject; a value with a study day that lies in no visit is unscheduled and not found. */
int32_t study_find(const study *s, int32_t subject, int32_t visit, int32_t param);
/** Append a measurement and index it. All fields but `next` are the caller's. @p out_idx may be
 * NULL. */
STROMA_CHECK stroma_status study_add_measurement(study *s, const study_measurement *m,
                                                 int32_t *out_idx, stroma_error *err);
/** Note that a value beyond a limit stands in the table (study_add_measurement() does). */
void study_note_censored(study *s, const study_measurement *m);
/** A whole study day, or STUDY_DAY_UNKNOWN when @p x is none (NaN, or more than a million). */
int32_t study_whole_day(double x);
/** A measurement with nothing in it: NaN numbers, STUDY_NONE indexes, state missing. */
study_measurement study_measurement_empty(void);
/** The value to compute with: number or flag when present, else NaN. Takes the first of repeats. */
double study_value(const study *s, int32_t subject, int32_t visit, int32_t param);
/** Register a derivation. */
STROMA_CHECK stroma_status study_add_derivation(study *s, const study_derivation *d, int32_t *out,
                                                stroma_error *err);
/** Mark every parameter that stands behind @p param in the derivation graph (itself included).
 *  @param marked n_params, set to true where so */
STROMA_CHECK stroma_status study_ancestors(study *s, int32_t param, bool *marked,
                                           stroma_error *err);
/** The key decimals of @p n into @p decimals when given; @return false when it is no number of
 * decimals. */
STROMA_CHECK bool study_decimals(const stroma_yaml_node *n, int *decimals);
/** An error at a node of the study file, with file, line and column. */
stroma_status study_fail_at(const study *s, const stroma_yaml_node *at, stroma_error *err,
                            const char *message, const char *subject);
/** A name that the study file got wrong is its fault, not one of the request: USAGE to MALFORMED.
 */
STROMA_CHECK stroma_status study_malformed(stroma_status st, stroma_error *err);
/** After one entry of the study file: with s->collect a fault of the entry becomes a finding and
 * STROMA_OK; without, and for faults of the machine, @p st itself. */
STROMA_CHECK stroma_status study_entry_done(study *s, stroma_status st, stroma_error *err);
/** The id of a subject in everything that is written: its own, or its pseudonym. */
const char *study_shown_id(const study *s, int32_t subject);
/** Add a finding of the study file or the data (file NULL = the study file). */
void study_finding(study *s, const stroma_finding *f);
/** The same for a fault that `run` stops at (and `check` lists): kept in s->fatal with @p status.
 */
void study_fatal(study *s, stroma_status status, const stroma_finding *f);

/* the steps; each in the file of its name */
STROMA_CHECK stroma_status study_read_file(study *s, const char *path, stroma_error *err);
/** Look up every name that one entry of the study file has for another (STROMA-STUDY-006), and what
 * analyses and report items need (-007, -008). Faults are kept as study_fatal() does. */
STROMA_CHECK stroma_status study_check_names(study *s, stroma_error *err);
void study_check_items(study *s);
/** The words of success: and in: against the values there are (STROMA-STUDY-009). */
STROMA_CHECK stroma_status study_check_words(study *s, stroma_error *err);
enum { STUDY_ITEM_ID_MAX = 256 };
/** Id of the @p k-th item of a section of the report: its own, or made from the section's. */
void study_item_id(const stroma_yaml_node *section, size_t k, char *out, size_t size);
STROMA_CHECK stroma_status study_import(study *s, stroma_error *err);
/** The entries of `cytometry:`: files of events → measurements. */
STROMA_CHECK stroma_status study_read_cytometry(study *s, stroma_error *err);
void study_free_cytometry(study *s);
/** Names of files of events that belong to a subject, under its pseudonym (s->pseudonyms). */
STROMA_CHECK stroma_status study_pseudonymise_files(study *s, stroma_error *err);
STROMA_CHECK stroma_status study_compute_scores(study *s, stroma_error *err);
STROMA_CHECK stroma_status study_derive(study *s, stroma_error *err);
STROMA_CHECK stroma_status study_form_sets(study *s, stroma_error *err);
STROMA_CHECK stroma_status study_form_groupings(study *s, stroma_error *err);
STROMA_CHECK stroma_status study_run_checks(study *s, stroma_error *err);
STROMA_CHECK stroma_status study_analyse(study *s, stroma_error *err);
/** The questions of `biomarkers:`; with s->collect they are resolved and not answered. */
STROMA_CHECK stroma_status study_answer_biomarkers(study *s, stroma_study_biomarker_fn answer,
                                                   stroma_error *err);
STROMA_CHECK stroma_status study_make_flow(study *s, stroma_error *err);
STROMA_CHECK stroma_status study_make_claims(study *s, stroma_error *err);
STROMA_CHECK stroma_status study_describe_methods(study *s, stroma_error *err);
STROMA_CHECK stroma_status study_write_db(study *s, const char *path, stroma_error *err);
#endif
