/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file buffer.h
 *  A growing byte buffer that cannot be made without a maximum size (after curl's dynbuf).
 *  Appending never fails loudly: the first failure is kept and reported by stroma_buffer_status(),
 *  so writers stay readable. @since 0.1 */
#ifndef STROMA_BUFFER_H
#define STROMA_BUFFER_H
#include "stroma/error.h"

#include <stdbool.h>
#ifdef __cplusplus
extern "C" {
#endif
typedef struct stroma_buffer {
    char *data; /**< NUL-terminated, or NULL while empty */
    size_t len; /**< bytes, without the NUL */
    size_t capacity;
    size_t limit_bytes;
    stroma_status status; /**< first failure, else STROMA_OK */
} stroma_buffer;
STROMA_API void stroma_buffer_init(stroma_buffer *b, size_t limit_bytes);
STROMA_API void stroma_buffer_append(stroma_buffer *b, const void *data, size_t n);
STROMA_API void stroma_buffer_puts(stroma_buffer *b, const char *s);
STROMA_API void stroma_buffer_putc(stroma_buffer *b, char c);
STROMA_API void stroma_buffer_printf(stroma_buffer *b, const char *fmt, ...) STROMA_PRINTF(2, 3);
/** Text for HTML content and attributes: & < > " ' escaped, bytes outside UTF-8 become U+FFFD. */
STROMA_API void stroma_buffer_html(stroma_buffer *b, const char *text);
/** @return STROMA_OK, or what went wrong since init, worded in @p err. */
STROMA_API STROMA_CHECK stroma_status stroma_buffer_status(const stroma_buffer *b,
                                                           stroma_error *err);
/** Free the bytes; the buffer can be used again. */
STROMA_API void stroma_buffer_clear(stroma_buffer *b);
/** Empty it but keep the memory. */
STROMA_API void stroma_buffer_reset(stroma_buffer *b);
#ifdef __cplusplus
}
#endif
#endif
