/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Unpacking of gzip and zlib data into memory, with a bound. */
#ifndef STROMA_TABLE_INFLATE_H
#define STROMA_TABLE_INFLATE_H
#include "stroma/buffer.h"

/* gzip (1f 8b), or a zlib header whose check bits are right. */
bool inflate_detect(const unsigned char *data, size_t size);
/* Unpack at most @p most bytes for a look: less is no error. @return bytes unpacked. */
size_t inflate_peek(const unsigned char *data, size_t size, unsigned char *out, size_t most);
/* Unpack all of it. Data that grow beyond what tables do (500 times their size and 64 MiB), or
 * beyond
 * @p limit_bytes (0 = 4 GiB), are refused with STROMA_E_MALFORMED: a small file must not fill the
 * memory. Free @p out with stroma_buffer_clear(). */
STROMA_CHECK stroma_status inflate_all(const unsigned char *data, size_t size, size_t limit_bytes,
                                       stroma_buffer *out, stroma_error *err);
#endif
