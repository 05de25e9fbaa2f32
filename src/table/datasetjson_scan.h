/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the pieces of a JSON document without building it, so that a table of any size is read one
 * row at a time. It only finds where values end; every piece is then checked by the JSON library.
 */
#ifndef STROMA_TABLE_DATASETJSON_SCAN_H
#define STROMA_TABLE_DATASETJSON_SCAN_H
#include "stroma/error.h"

#include <stdbool.h>

typedef struct json_piece {
    const char *p;
    size_t n;
} json_piece;

typedef struct json_scan {
    const char *data, *at, *end;
} json_scan;

void json_scan_init(json_scan *s, const char *data, size_t n);
void json_skip_blanks(json_scan *s);
/* The next value, from its first to its last byte. @return false at the end of the data or where a
 * value has no end. */
bool json_next_value(json_scan *s, json_piece *out);
/* Step over @p c, with blanks before it. */
bool json_accept(json_scan *s, char c);
/* Byte offset and 1-based line of where the scan stands. */
size_t json_offset(const json_scan *s);
int64_t json_line(const json_scan *s);
#endif
