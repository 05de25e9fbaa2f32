/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *stroma_alloc_array(size_t count, size_t size)
{
    if (count == 0 || size == 0) count = size = 1;
    if (count > SIZE_MAX / 2 / size) return NULL;
    return calloc(count, size);
}

void *stroma_realloc_array(void *p, size_t count, size_t size)
{
    if (count == 0 || size == 0) count = size = 1;
    if (count > SIZE_MAX / 2 / size) return NULL;
    return realloc(p, count * size);
}

stroma_status stroma_grow(void *items, size_t *capacity, size_t need, size_t size,
                          stroma_error *err)
{
    if (need <= *capacity) return STROMA_OK;
    size_t cap = *capacity < 8 ? 8 : *capacity;
    while (cap < need) {
        if (cap > SIZE_MAX / 4) return stroma_no_memory(err);
        cap *= 2;
    }
    void *old = NULL;
    memcpy(&old, items, sizeof old); /* items is the address of a pointer of any type */
    void *grown = stroma_realloc_array(old, cap, size);
    if (grown == NULL) return stroma_no_memory(err);
    memset((char *)grown + *capacity * size, 0, (cap - *capacity) * size);
    memcpy(items, &grown, sizeof grown);
    *capacity = cap;
    return STROMA_OK;
}

char *stroma_strndup(const char *s, size_t n)
{
    char *p = stroma_alloc_array(n + 1, 1);
    if (p != NULL && n > 0) memcpy(p, s, n);
    return p;
}

char *stroma_strdup(const char *s)
{
    return s == NULL ? NULL : stroma_strndup(s, strlen(s));
}

char *stroma_asprintf(const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    const int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *p = n < 0 ? NULL : stroma_alloc_array((size_t)n + 1, 1);
    if (p != NULL) (void)vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return p;
}

void stroma_free(void *p)
{
    free(p);
}
