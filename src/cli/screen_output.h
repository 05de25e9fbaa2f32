/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A screen on its way out, in any --format; it does not matter whether its frame came from a file
 * or from a study. */
#ifndef STROMA_CLI_SCREEN_OUTPUT_H
#define STROMA_CLI_SCREEN_OUTPUT_H
#include "cli.h"

#include "stroma/biomarker_screen.h"

/* @param family name of the family, or NULL: the question and the outcome */
stroma_status cli_screen_write(const cli_context *c, const stroma_biomarker_frame *f,
                               const stroma_screen *s, const char *family, stroma_error *err);
/* One sentence for people on what was screened and what came out. */
void cli_screen_say(const cli_context *c, const stroma_biomarker_frame *f, const stroma_screen *s);
#endif
