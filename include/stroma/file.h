/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file file.h
 *  Whole files in and out. Output is written to a temporary name beside the target, synced and
 *  renamed: a killed run leaves the old file or the new one, never half of one. @since 0.1 */
#ifndef STROMA_FILE_H
#define STROMA_FILE_H
#include "stroma/error.h"

#include <stdbool.h>
#ifdef __cplusplus
extern "C" {
#endif
/** Bytes of a file, mapped read-only where possible. */
typedef struct stroma_bytes {
    const unsigned char *data; /**< NULL when size is 0 */
    size_t size;
    bool mapped;
} stroma_bytes;
/** Read @p path ("-" is standard input). Refused beyond @p limit_bytes (0 = no limit).
 *  Statuses: STROMA_E_IO (missing, unreadable, a folder), STROMA_E_USAGE (too large),
 * STROMA_E_NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_bytes_read(const char *path, size_t limit_bytes,
                                                        stroma_bytes *out, stroma_error *err);
STROMA_API void stroma_bytes_clear(stroma_bytes *b);
/** Write all bytes to @p path by a temporary file and a rename, mode 0600 (owner only).
 *  @param overwrite false refuses an existing file with STROMA_E_USAGE. */
STROMA_API STROMA_CHECK stroma_status stroma_file_write(const char *path, const void *data,
                                                        size_t size, bool overwrite,
                                                        stroma_error *err);
/** A file written in pieces: as stroma_file_write(), without holding all of it. */
typedef struct stroma_file_stream stroma_file_stream;
/** Begin. @param overwrite false refuses an existing file with STROMA_E_USAGE. */
STROMA_API STROMA_CHECK stroma_status stroma_file_stream_open(const char *path, bool overwrite,
                                                              stroma_file_stream **out,
                                                              stroma_error *err);
/** Statuses: STROMA_E_IO. */
STROMA_API STROMA_CHECK stroma_status stroma_file_stream_write(stroma_file_stream *f,
                                                               const void *data, size_t size,
                                                               stroma_error *err);
/** End and free: put in place when @p so_far is STROMA_OK, else removed without a trace.
 *  @p f may be NULL. @return @p so_far, or what went wrong in the end. */
STROMA_API STROMA_CHECK stroma_status stroma_file_stream_close(stroma_file_stream *f,
                                                               stroma_status so_far,
                                                               stroma_error *err);
STROMA_API bool stroma_path_exists(const char *path);
STROMA_API bool stroma_path_is_directory(const char *path);
/** Make a folder and its parents, mode 0700. An existing folder is fine. */
STROMA_API STROMA_CHECK stroma_status stroma_make_directory(const char *path, stroma_error *err);
/** @p name relative to the folder that holds @p base_file ("a/study.yaml", "d.csv" → "a/d.csv");
 *  absolute names are kept. Heap string, NULL when memory ran out. */
STROMA_API char *stroma_path_beside(const char *base_file, const char *name);
/** "dir/name", heap string. */
STROMA_API char *stroma_path_join(const char *dir, const char *name);
#ifdef __cplusplus
}
#endif
#endif
