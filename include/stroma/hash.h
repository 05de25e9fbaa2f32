/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file hash.h
 *  SHA-256 (FIPS 180-4, by libsodium) of bytes, streams and files. @since 0.1 */
#ifndef STROMA_HASH_H
#define STROMA_HASH_H
#include "stroma/error.h"

#include <stdbool.h>
#ifdef __cplusplus
extern "C" {
#endif
enum { STROMA_HASH_BYTES = 32, STROMA_HASH_TEXT_MAX = 65 };

typedef struct stroma_hash {
    unsigned char bytes[STROMA_HASH_BYTES];
} stroma_hash;
/** A hash on its way; on the caller's stack, nothing to free. */
typedef struct stroma_hasher {
    uint64_t state[16];
} stroma_hasher;

STROMA_API void stroma_hasher_init(stroma_hasher *h);
STROMA_API void stroma_hasher_add(stroma_hasher *h, const void *data, size_t n);
/** Ends it; init again before another use. */
STROMA_API void stroma_hasher_end(stroma_hasher *h, stroma_hash *out);
STROMA_API void stroma_hash_bytes(const void *data, size_t n, stroma_hash *out);
/** Hash of a file, read in pieces. @param size its bytes, may be NULL.
 *  Statuses: STROMA_E_IO (missing, unreadable, a folder). */
STROMA_API STROMA_CHECK stroma_status stroma_hash_file(const char *path, stroma_hash *out,
                                                       uint64_t *size, stroma_error *err);
/** 64 lower-case hexadecimal digits. @param out at least STROMA_HASH_TEXT_MAX bytes. @return out.
 */
STROMA_API const char *stroma_hash_format(const stroma_hash *h, char *out);
/** The whole of @p s as 64 hexadecimal digits of either case. */
STROMA_API bool stroma_hash_parse(const char *s, size_t n, stroma_hash *out);
STROMA_API bool stroma_hash_equal(const stroma_hash *a, const stroma_hash *b);
#ifdef __cplusplus
}
#endif
#endif
