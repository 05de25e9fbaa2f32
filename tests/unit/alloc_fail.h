/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Let the n-th allocation fail, for n = 1, 2, 3, … until the work gets by. The test is linked with
 * alloc_fail_dep (tests/unit/meson.build), which sends malloc, calloc and realloc through here;
 * leaks on the way out are found by the sanitizer build. One C file a test includes this. */
#ifndef STROMA_ALLOC_FAIL_H
#define STROMA_ALLOC_FAIL_H
#include "stroma_test.h"

#include "stroma/error.h"

#include <stdatomic.h>
#include <stdbool.h>

void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t n);

static atomic_long alloc_fail_countdown; /* 0: nothing fails */
static atomic_bool alloc_fail_happened;

static bool alloc_fail_now(void)
{
    if (atomic_load(&alloc_fail_countdown) <= 0) return false;
    if (atomic_fetch_sub(&alloc_fail_countdown, 1) != 1) return false;
    atomic_store(&alloc_fail_happened, true);
    return true;
}

void *__wrap_malloc(size_t n)
{
    return alloc_fail_now() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return alloc_fail_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t n)
{
    return alloc_fail_now() ? NULL : __real_realloc(p, n);
}

/* Run @p attempt with the first allocation failing, then the second, … until none fails. Each time
 * one failed, the attempt must say STROMA_E_NOMEM; the last time, STROMA_OK. @p attempt frees what
 * it made. @return how many allocations were made to fail; a test asserts that there were some. */
static inline long alloc_fail_each(stroma_status (*attempt)(void *context), void *context)
{
    for (long n = 1; n < 1000000; n++) {
        atomic_store(&alloc_fail_happened, false);
        atomic_store(&alloc_fail_countdown, n);
        const stroma_status s = attempt(context);
        atomic_store(&alloc_fail_countdown, 0);
        const bool happened = atomic_load(&alloc_fail_happened);
        if (s != (happened ? STROMA_E_NOMEM : STROMA_OK))
            print_message("allocation %ld: %s\n", n, stroma_status_name(s));
        assert_int_equal(s, happened ? STROMA_E_NOMEM : STROMA_OK);
        if (!happened) return n - 1;
    }
    fail_msg("a million allocations and no end");
    return -1;
}
#endif
