/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the commands of `stroma model` and `stroma predict` share: tables, NAME=VALUE options,
 * models. */
#ifndef STROMA_CLI_MODEL_FILES_H
#define STROMA_CLI_MODEL_FILES_H
#include "cli.h"

#include "stroma/biomarker_model.h"
#include "stroma/biomarker_model_file.h"
#include "stroma/table.h"

/* Read a table; NA and --missing mean missing. */
stroma_status model_table(cli_context *c, const char *path, stroma_table **out, stroma_error *err);
/* The value of NAME among the NAME=VALUE of an option, or NULL. */
const char *model_setting(const cli_context *c, const char *option, const char *name);
/* Every NAME of an option must be one of @p names. */
stroma_status model_check_settings(const cli_context *c, const char *option,
                                   const char *const *names, size_t n, stroma_error *err);
/* A comma-separated list; texts live in the arena. */
stroma_status model_list(stroma_arena *a, const char *text, const char ***out, size_t *n,
                         stroma_error *err);
/* Study day of a visit's name: "baseline" is 0, "W4" day 28, "D14" day 14; of "ifng@W4" the part
 * behind the @. False when the name says no day. */
bool model_visit_day(const char *visit, int32_t *day);
/* Write a model to --output. */
stroma_status model_emit(cli_context *c, stroma_model *m, stroma_error *err);
/* "0.71 (0.57 to 0.85)", or "not estimable" */
const char *model_figure(const stroma_model_figure *f, char *out, size_t size);
#endif
