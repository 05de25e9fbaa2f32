/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file memory.h
 *  The only way to the heap: checked arrays, and arenas with a hard limit.
 *  `malloc`, `calloc`, `realloc` and `free` appear in src/base alone. @since 0.1 */
#ifndef STROMA_MEMORY_H
#define STROMA_MEMORY_H
#include "stroma/error.h"
#ifdef __cplusplus
extern "C" {
#endif
/** Zeroed array of @p count elements of @p size bytes. The product is checked.
 *  @return NULL when memory ran out; free with stroma_free(). count 0 gives a valid pointer. */
STROMA_API void *stroma_alloc_array(size_t count, size_t size);
/** Resize to @p count elements; on failure returns NULL and @p p stays valid. New bytes are not
 * zeroed. */
STROMA_API void *stroma_realloc_array(void *p, size_t count, size_t size);
/** Make room for at least @p need elements in a growing array (doubling).
 *  @param items address of the array pointer (may point to NULL), updated on growth
 *  @param capacity elements it can hold, updated */
STROMA_API STROMA_CHECK stroma_status stroma_grow(void *items, size_t *capacity, size_t need,
                                                  size_t size, stroma_error *err);
/** Copy of a string; NULL when memory ran out or @p s is NULL. */
STROMA_API char *stroma_strdup(const char *s);
/** Copy of the first @p n bytes of @p s, NUL-terminated. */
STROMA_API char *stroma_strndup(const char *s, size_t n);
/** Formatted string on the heap; NULL when memory ran out. */
STROMA_API char *stroma_asprintf(const char *fmt, ...) STROMA_PRINTF(1, 2);
/** NULL is fine. */
STROMA_API void stroma_free(void *p);

/** Many small objects that die together. An input cannot make it allocate more than its limit. */
typedef struct stroma_arena {
    struct stroma_arena_block *head;
    size_t used_bytes;
    size_t limit_bytes;
} stroma_arena;
STROMA_API void stroma_arena_init(stroma_arena *a, size_t limit_bytes);
/** Zeroed memory, aligned for any type. @return NULL beyond the limit or when memory ran out. */
STROMA_API void *stroma_arena_alloc(stroma_arena *a, size_t count, size_t size);
STROMA_API char *stroma_arena_strndup(stroma_arena *a, const char *s, size_t n);
STROMA_API char *stroma_arena_strdup(stroma_arena *a, const char *s);
STROMA_API char *stroma_arena_printf(stroma_arena *a, const char *fmt, ...) STROMA_PRINTF(2, 3);
STROMA_API void stroma_arena_clear(stroma_arena *a);
#ifdef __cplusplus
}
#endif
#endif
