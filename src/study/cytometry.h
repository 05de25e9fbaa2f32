/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file cytometry.h
 *  The entries of `cytometry:` on their way into the measurement table: which files there are and
 * whose they are (cytometry_files.c, cytometry_match.c), what each file gives (cytometry_tube.c, on
 * several threads, one mapped file a thread), and what becomes of it (cytometry_store.c). */
#ifndef STROMA_STUDY_CYTOMETRY_H
#define STROMA_STUDY_CYTOMETRY_H
#include "model.h"

#include "stroma/cytometry_population.h"
#include "stroma/cytometry_quality.h"
#include "stroma/cytometry_strategy.h"

typedef enum cytometry_role {
    CYTOMETRY_SAMPLE,
    CYTOMETRY_FMO,
    CYTOMETRY_ISOTYPE,
    CYTOMETRY_UNSTAINED,
    CYTOMETRY_BEADS,
    CYTOMETRY_REFERENCE
} cytometry_role;
/** "sample", "fmo", … */
const char *cytometry_role_name(cytometry_role role);
/** @return false when @p name is none */
bool cytometry_role_find(const char *name, cytometry_role *out);

/** A file, and what the study file or a manifest says of it. */
typedef struct cytometry_place {
    const char *path, *resolved; /* as study.db shows it, as it is opened */
    cytometry_role role;
    const char *marker;     /* of an FMO or isotype control, or NULL */
    int32_t subject, visit; /* STUDY_NONE: serves several */
    const stroma_yaml_node *at;
} cytometry_place;
typedef STUDY_ARRAY(cytometry_place) cytometry_places;

/** The files of an entry, by name within role: samples first. Faults that `run` may not pass over
 *  are fatal findings, what is left out is a warning. Places are for the caller to free. */
STROMA_CHECK stroma_status cytometry_find_files(study *s, const stroma_yaml_node *entry,
                                                cytometry_places *out, stroma_error *err);

/* ---- what an entry asks for ---- */

/** A parameter that comes from events. */
typedef struct cytometry_question {
    const stroma_yaml_node *at;
    int32_t param, derivation;
    const stroma_definition *definition;
    const char *population, *of, *over, *marker; /* ids of gates, or NULL */
    cytometry_role control;
    double beads_per_ul, dilution; /* NaN, 1 */
    uint64_t floor;
    const char *text; /* the formula with the names of this study */
} cytometry_question;

/* ---- what a file gives; texts live in the tube's arena ---- */

/** A gate as study.db holds it: table cytometry_gate. */
typedef struct cytometry_gate {
    const char *id, *parent, *label, *kind, *dims, *geometry, *method, *parameters, *rule, *reason;
    double confidence;
    bool found;
} cytometry_gate;

typedef struct cytometry_population {
    size_t gate; /* of the tube's gates */
    uint64_t n, n_parent, n_total;
    double lower, upper; /* % of the parent */
    bool present;
    const char *reason, *flags;
} cytometry_population;

typedef struct cytometry_number {
    size_t population, of; /* of the tube's populations, SIZE_MAX none */
    size_t control;        /* tube of the entry, SIZE_MAX none */
    int32_t measurement;   /* of the study */
    double value, lower, upper;
    const char *interval, *reason, *flags;
    uint64_t n, n_of;
    bool present, few;
} cytometry_number;

/** A display axis: table cytometry_axis. */
typedef struct cytometry_axis {
    const char *id, *label, *marker, *channel, *ticks;
    bool compensated;
    stroma_transform scale;
    double low, high;
    size_t entry_axis; /* of a tube's: the same in the entry, SIZE_MAX when its scale differs */
} cytometry_axis;
typedef STUDY_ARRAY(cytometry_axis) cytometry_axes;

/** A density: table cytometry_density. */
typedef struct cytometry_picture {
    size_t gate;        /* drawn on it */
    const char *parent; /* whose events are counted, NULL all */
    size_t x, y;        /* axes of the entry; y SIZE_MAX: a histogram */
    size_t n_x, n_y;
    uint64_t n_events, n_not_numbers, x_below, x_above, y_below, y_above, highest;
    const char *counts;
    bool asked; /* of a population that a parameter asks for */
} cytometry_picture;

typedef struct cytometry_tube {
    cytometry_place place;
    int32_t file; /* in study.files */
    stroma_arena arena;
    stroma_diag findings;
    char sha256[65];
    uint64_t n_bytes;
    size_t dataset, n_columns;
    uint64_t n_events, n_excluded; /* n_excluded of them left out (qc: exclude) */
    const char *signature;         /* a line a channel: name and stain */
    const char *acquired_on, *cytometer, *compensation, *compensation_sha256;
    double condition;
    bool present;
    const char *reason;
    stroma_quality_result *quality; /* one a check; NULL of controls */
    size_t quality_len;
    stroma_quality_verdict quality_verdict;
    cytometry_gate *gates;
    cytometry_population *populations; /* one a gate, in the same order */
    size_t gates_len;
    cytometry_number *numbers; /* one a question of the entry; NULL of controls */
    STUDY_ARRAY(cytometry_picture) pictures;
    cytometry_axes axes; /* of the pictures */
} cytometry_tube;

/** An entry of `cytometry:`; owned by the study. */
typedef struct cytometry_entry {
    const stroma_yaml_node *node;
    const char *id, *label, *panel_name, *gates_name;
    char panel_sha256[65], gates_sha256[65]; /* "" none */
    stroma_gating_strategy *strategy;        /* NULL: gates are fixed */
    stroma_gate_set fixed;
    stroma_panel panel;
    bool has_panel;
    stroma_population_options options;
    STUDY_ARRAY(cytometry_question) questions;
    cytometry_tube *tubes; /* samples first, then controls */
    size_t tubes_len, samples_len;
    cytometry_axes axes;
    size_t representative; /* tube whose gate steps are drawn, SIZE_MAX none */
    stroma_arena arena;
} cytometry_entry;

/** Read an entry and what it names: panel, strategy or gates, parameters. cytometry_entry.c */
STROMA_CHECK stroma_status cytometry_read_entry(study *s, cytometry_entry *e, stroma_error *err);
void cytometry_entry_clear(cytometry_entry *e);

/* ---- cytometry_match.c ---- */
enum { CYTOMETRY_NAME_MAX = 256 };
/** What a file's name says. Empty texts where the pattern does not ask. */
typedef struct cytometry_name {
    char subject[CYTOMETRY_NAME_MAX], visit[CYTOMETRY_NAME_MAX];
} cytometry_name;
/** How good a reading of a name is: larger is better, negative is none at all. */
typedef int (*cytometry_judge)(void *context, const cytometry_name *name);
/** Read @p name by @p pattern, a text with {subject}, {visit} and {any}. Of several readings
 * ("A_1_W0" by {subject}_{visit}) the best one, the first of equals.
 *  @return false when none fits */
bool cytometry_match(const char *pattern, const char *name, cytometry_judge judge, void *context,
                     cytometry_name *out);
/** Whether a pattern can be read: known words in braces, none twice, none touching another.
 *  @return NULL, or what is wrong */
const char *cytometry_pattern_fault(const char *pattern);
/** The pattern with * for each word in braces, for a search. In the arena; NULL: memory ran out. */
char *cytometry_pattern_glob(stroma_arena *arena, const char *pattern);
#endif
