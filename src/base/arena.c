/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/memory.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BLOCK_BYTES = 16384 };

struct stroma_arena_block {
    struct stroma_arena_block *next;
    size_t used, size;
    alignas(max_align_t) unsigned char data[];
};

void stroma_arena_init(stroma_arena *a, size_t limit_bytes)
{
    *a = (stroma_arena){ .limit_bytes = limit_bytes };
}

void *stroma_arena_alloc(stroma_arena *a, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / 2 / size) return NULL;
    const size_t align = alignof(max_align_t);
    size_t need = (count * size + align - 1) & ~(align - 1);
    if (need == 0) need = align;
    if (need > a->limit_bytes - a->used_bytes) return NULL;
    struct stroma_arena_block *b = a->head;
    if (b == NULL || b->size - b->used < need) {
        const size_t cap = need > ARENA_BLOCK_BYTES ? need : ARENA_BLOCK_BYTES;
        b = malloc(sizeof *b + cap);
        if (b == NULL) return NULL;
        *b = (struct stroma_arena_block){ .next = a->head, .size = cap };
        a->head = b;
    }
    void *p = b->data + b->used;
    b->used += need;
    a->used_bytes += need;
    memset(p, 0, need);
    return p;
}

char *stroma_arena_strndup(stroma_arena *a, const char *s, size_t n)
{
    char *p = stroma_arena_alloc(a, n + 1, 1);
    if (p != NULL && n > 0) memcpy(p, s, n);
    return p;
}

char *stroma_arena_strdup(stroma_arena *a, const char *s)
{
    return s == NULL ? NULL : stroma_arena_strndup(a, s, strlen(s));
}

char *stroma_arena_printf(stroma_arena *a, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    const int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *p = n < 0 ? NULL : stroma_arena_alloc(a, (size_t)n + 1, 1);
    if (p != NULL) (void)vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return p;
}

void stroma_arena_clear(stroma_arena *a)
{
    for (struct stroma_arena_block *b = a->head, *next; b != NULL; b = next) {
        next = b->next;
        free(b);
    }
    *a = (stroma_arena){ .limit_bytes = a->limit_bytes };
}
