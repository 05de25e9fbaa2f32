/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file output_folder.h
 *  A folder of outputs that is whole at every moment: staged beside its place and swapped in by one
 *  rename; known again by its manifest.json. */
#ifndef STROMA_CLI_OUTPUT_FOLDER_H
#define STROMA_CLI_OUTPUT_FOLDER_H
#include "stroma/diag.h"

#include <stdbool.h>

typedef struct manifest_file {
    char *path; /* relative to the folder, or as it was opened for an input */
    char sha256[65];
    int64_t n_bytes;
    bool renamed; /* an input under a pseudonym: nobody can open it by this path */
} manifest_file;

typedef struct manifest {
    char *version, *program_sha256, *study_file, *options; /* program: the executable that ran */
    char *run_in;       /* folder the run was started in: where relative inputs are */
    int64_t n_findings; /* of the run, for --strict when there is nothing to do */
    manifest_file *inputs, *outputs;
    size_t inputs_len, inputs_capacity, outputs_len, outputs_capacity;
} manifest;

/** Read DIR/manifest.json. Statuses: IO (absent), MALFORMED. */
STROMA_CHECK stroma_status manifest_read(const char *dir, manifest *out, stroma_error *err);
void manifest_clear(manifest *m);
/** Hash every file under @p dir (but the manifest) into m->outputs, sorted by path, and write
 *  DIR/manifest.json. */
STROMA_CHECK stroma_status manifest_write(const char *dir, manifest *m, stroma_error *err);
/** SHA-256 of the running executable (and so of everything linked into it), heap string; "" when it
 *  cannot be read. NULL when memory ran out. */
char *manifest_program(void);
/** The current folder, heap string, "" when it has no name. NULL when memory ran out. */
char *manifest_folder(void);
/** Hash a file into m->inputs. @param pseudonym written instead of the path, or NULL */
STROMA_CHECK stroma_status manifest_add_input(manifest *m, const char *path, const char *pseudonym,
                                              stroma_error *err);
/** How many inputs stand under a pseudonym: manifest_compare() cannot look at them. */
size_t manifest_renamed(const manifest *m);
/** What differs between the manifest and the files now: missing, changed, added; inputs and
 * outputs. One finding each (STROMA-VERIFY-001 … 003). */
STROMA_CHECK stroma_status manifest_compare(const char *dir, const manifest *m, stroma_diag *diag,
                                            stroma_error *err);

/** A new empty folder beside @p dir. Refuses (USAGE) when @p dir exists and is no earlier output of
 *  stroma, or holds files that its manifest does not name. @p staged: heap string. */
STROMA_CHECK stroma_status output_folder_stage(const char *dir, char **staged, stroma_error *err);
/** Put the staged folder in the place of @p dir in one rename and remove the old one. */
STROMA_CHECK stroma_status output_folder_swap(const char *dir, const char *staged,
                                              stroma_error *err);
/** Remove a staged folder after a failure. */
void output_folder_discard(const char *staged);
#endif
