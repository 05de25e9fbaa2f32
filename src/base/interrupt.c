/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/interrupt.h"

#include <stdatomic.h>

/* A lock-free atomic is allowed in a signal handler (C17 7.14.1.1) and is seen by every thread. */
static atomic_int requested;
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "the flag is set in a signal handler");

void stroma_interrupt_request(void)
{
    atomic_store_explicit(&requested, 1, memory_order_relaxed);
}

bool stroma_interrupted(void)
{
    return atomic_load_explicit(&requested, memory_order_relaxed) != 0;
}

void stroma_interrupt_clear(void)
{
    atomic_store_explicit(&requested, 0, memory_order_relaxed);
}

stroma_status stroma_interrupt_check(stroma_error *err)
{
    if (!stroma_interrupted()) return STROMA_OK;
    return stroma_fail(err, STROMA_E_INTERRUPTED, "interrupted");
}
