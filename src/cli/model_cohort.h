/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Patients with inputs and outcome, for commands that revise a model. */
#ifndef STROMA_CLI_MODEL_COHORT_H
#define STROMA_CLI_MODEL_COHORT_H
#include "predict_inputs.h"

#include "stroma/biomarker_revise.h"

typedef struct model_cohort {
    stroma_cohort cohort;
    stroma_table *table;
    predict_inputs in;
    stroma_predict_value *values;
    double *outcome;
    char sha256[65];
    size_t refused, missing, no_outcome; /* rows without an answer, by why */
    size_t assay_unknown;                /* rows with one */
} model_cohort;

#define MODEL_COHORT_OPTIONS                                                           \
    { .name = "outcome",                                                               \
      .kind = CLI_TEXT,                                                                \
      .metavar = "COLUMN",                                                             \
      .help = "column of the outcome (default: that of the model)" },                  \
        { .name = "event",                                                             \
          .kind = CLI_TEXT,                                                            \
          .metavar = "WORD",                                                           \
          .help = "the word that counts as response (default: that of the model)" },   \
        { .name = "column",                                                            \
          .kind = CLI_TEXT,                                                            \
          .metavar = "NAME=HEADER",                                                    \
          .many = true,                                                                \
          .help = "header of an input in this file" },                                 \
        { .name = "unit",                                                              \
          .kind = CLI_TEXT,                                                            \
          .metavar = "NAME=UNIT",                                                      \
          .many = true,                                                                \
          .help = "unit of an input in this file; converted where that is declared" }, \
        { .name = "assay",                                                             \
          .kind = CLI_TEXT,                                                            \
          .metavar = "NAME=ASSAY",                                                     \
          .many = true,                                                                \
          .help = "assay of an input in this file (or a column NAME_assay)" },         \
        { .name = "bridge",                                                            \
          .kind = CLI_PATH,                                                            \
          .metavar = "FILE",                                                           \
          .many = true,                                                                \
          .help = "a bridge between assays, from `stroma model bridge`" },             \
        CLI_OPTION_MISSING

/* Rows without outcome, without an answer of the model or with a refused value are counted and
 * said.
 */
stroma_status model_cohort_read(cli_context *c, const stroma_model *m, const char *path,
                                model_cohort *out, stroma_error *err);
void model_cohort_free(model_cohort *k);
#endif
