/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of an entry of `cytometry:`: what its two ways of naming them share. */
#ifndef STROMA_STUDY_CYTOMETRY_FILES_H
#define STROMA_STUDY_CYTOMETRY_FILES_H
#include "cytometry.h"

typedef struct files {
    study *s;
    const stroma_yaml_node *entry;
    const char *id;
    cytometry_places *places;
} files;

typedef struct found_file {
    const char *path, *resolved; /* as shown, as opened */
} found_file;
typedef STUDY_ARRAY(found_file) found_files;

/* What is said of a file, word by word. NULL where nothing is. */
typedef struct place_words {
    cytometry_role role;
    const char *subject, *visit, *marker;
    const stroma_yaml_node *at;
} place_words;

/* Files that a pattern with * and ? names, in the order of their names. */
stroma_status cytometry_search(files *f, const char *pattern, found_files *out, stroma_error *err);
/* Look the words up and add the file, or leave it out with a finding. */
stroma_status cytometry_place_file(files *f, const found_file *one, const place_words *w,
                                   stroma_error *err);
/* Visit of a word: by visit_map, then id, then label; STUDY_NONE. */
int32_t cytometry_visit_named(const files *f, const char *word);
void cytometry_file_finding(files *f, const char *code, stroma_severity severity, bool fatal,
                            const char *path, const stroma_yaml_node *at, const char *message,
                            const char *action);
void cytometry_nothing_found(files *f, const stroma_yaml_node *at, const char *pattern);
/* cytometry_manifest.c */
stroma_status cytometry_read_manifest(files *f, stroma_error *err);
#endif
