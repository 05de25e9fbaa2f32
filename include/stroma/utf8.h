/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file utf8.h
 *  Checking and converting text encodings. @since 0.1 */
#ifndef STROMA_UTF8_H
#define STROMA_UTF8_H
#include "stroma/error.h"

#include <stdbool.h>
#ifdef __cplusplus
extern "C" {
#endif
/** @return length (1–4) of the valid UTF-8 sequence at @p s, or 0 when the bytes there are not one
 *  (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF). */
STROMA_API size_t stroma_utf8_sequence(const char *s, size_t n);
/** @return true when all @p n bytes are valid UTF-8. */
STROMA_API bool stroma_utf8_valid(const char *s, size_t n);
/** Width in terminal columns: characters counted, combining marks not. Wide East Asian count 2. */
STROMA_API size_t stroma_utf8_width(const char *s);
#ifdef __cplusplus
}
#endif
#endif
