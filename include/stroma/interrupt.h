/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file interrupt.h
 *  A polite stop: a signal handler requests it, long loops ask for it. One flag for the process.
 *  @since 0.1 */
#ifndef STROMA_INTERRUPT_H
#define STROMA_INTERRUPT_H
#include "stroma/error.h"

#include <stdbool.h>
#ifdef __cplusplus
extern "C" {
#endif
/** Ask all work to stop. Safe in a signal handler and from any thread. */
STROMA_API void stroma_interrupt_request(void);
/** @return true once a stop was requested. Cheap enough for every iteration of a loop. */
STROMA_API bool stroma_interrupted(void);
/** Forget the request: the program goes on with something else. */
STROMA_API void stroma_interrupt_clear(void);
/** @return STROMA_E_INTERRUPTED when a stop was requested, else STROMA_OK; for STROMA_TRY(). */
STROMA_API STROMA_CHECK stroma_status stroma_interrupt_check(stroma_error *err);
#ifdef __cplusplus
}
#endif
#endif
