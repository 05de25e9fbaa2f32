/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Paragraphs and tables in two forms. */
#ifndef STROMA_BIOMARKER_MODEL_CARD_H
#define STROMA_BIOMARKER_MODEL_CARD_H
#include "stroma/biomarker_model.h"

typedef struct card {
    stroma_buffer *b;
    bool html;
    size_t columns; /* of the open table */
    stroma_arena arena;
    bool failed; /* memory ran out */
} card;

void card_text(card *c, const char *text);
void card_heading(card *c, const char *text);
void card_paragraph(card *c, const char *text);
/* A table with a row of names; rows have as many cells. NULL cells are empty. */
void card_table(card *c, const char *const *names, size_t n);
void card_row(card *c, const char *const *cells, bool head);
void card_table_end(card *c);
/* @p text, or "" when it is NULL for want of memory, which the card remembers. */
const char *card_kept(card *c, const char *text);
/* A text that lives as long as the card. */
#define CARD_FORMAT(c, ...) card_kept((c), stroma_arena_printf(&(c)->arena, __VA_ARGS__))
const char *card_figure(card *c, const stroma_model_figure *f);
/* model_tripod.c: the 27 items. */
void card_tripod(card *c, const stroma_model *m);
#endif
