/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the score commands share: values of scores as text. */
#ifndef STROMA_CLI_SCORE_WORDS_H
#define STROMA_CLI_SCORE_WORDS_H
#include "stroma/buffer.h"
#include "stroma/number.h"
#include "stroma/score.h"

/* At most ten decimals, without trailing zeros: 5.568743643. What is cut off is below the digits
 * that any published vector prints, and the last bits of the arithmetic do not show. */
const char *cli_score_number(double x, char out[STROMA_NUMBER_TEXT_MAX]);
/* "tjc28 [joints], esr_mm_h [mm/h]" */
void cli_score_inputs(const stroma_score *s, stroma_buffer *b);
/* A JSON number, true, "word" or null. */
void cli_score_value_json(const stroma_score *s, const stroma_score_result *r, stroma_buffer *b);
/* {"resp70":true,…}, null where a result is not there. */
void cli_score_outputs_json(const stroma_score *s, const stroma_score_result *r, stroma_buffer *b);
#endif
