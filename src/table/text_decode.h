/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts of binary files, whose encoding is rarely written down. */
#ifndef STROMA_TABLE_TEXT_DECODE_H
#define STROMA_TABLE_TEXT_DECODE_H
#include "stroma/buffer.h"

/* What the bytes of a file's texts allow. Start with {0}, show it every text, then decide. */
typedef struct text_survey {
    bool not_utf8; /* some text is not UTF-8, not even a cut one */
    bool cut;      /* some text ends inside a UTF-8 character (a field that was too narrow) */
} text_survey;
void text_survey_add(text_survey *s, const unsigned char *p, size_t n);

/* Length without trailing blanks and NULs. */
size_t text_trimmed(const unsigned char *p, size_t n);
/* Append @p n bytes as UTF-8: as they are when the survey allows it (a cut character at the end is
 * left off), else read as Windows-1252. */
void text_decode(const text_survey *s, const unsigned char *p, size_t n, stroma_buffer *out);
#endif
