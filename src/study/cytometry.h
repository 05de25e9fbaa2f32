/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file cytometry.h
 *  The entries of `cytometry:` on their way into the measurement table: which files there are and
 * whose they are (cytometry_files.c, cytometry_match.c), what each file gives (cytometry_tube.c, on
 * several threads, one mapped file a thread), and what becomes of it (cytometry_store.c). */
#ifndef STROMA_STUDY_CYTOMETRY_H
#define STROMA_STUDY_CYTOMETRY_H
#include "model.h"

#include "stroma/cytometry_gates.h"

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
