/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the commands that make files of FCS files put them. */
#ifndef STROMA_CLI_FCS_TARGETS_H
#define STROMA_CLI_FCS_TARGETS_H
#include "fcs_inputs.h"

#include "stroma/fcs_write.h"
#include "stroma/file.h"

/* Whether @p out is a folder to put files into: several inputs, a folder, or a name ending in '/'.
 */
bool fcs_into_folder(const fcs_inputs *in, const char *out);
/* Make the folder, and refuse two inputs that would get the same name in it. */
stroma_status fcs_check_targets(const fcs_inputs *in, const char *out, const char *ending,
                                stroma_error *err);
/* "out/name.ending" of "dir/name.fcs", heap string; NULL when memory ran out. */
char *fcs_target(const char *out, const char *path, const char *ending);
/* A new file may not replace its own input, under whatever name. */
stroma_status fcs_not_onto_itself(const char *path, const char *target, stroma_error *err);

/* Bytes into a file, or to standard output where there is none. */
typedef struct fcs_output {
    stroma_file_stream *file; /* NULL: standard output */
} fcs_output;
stroma_status fcs_output_put(void *output, const void *bytes, size_t n, stroma_error *err);
#endif
