/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STROMA_READSTAT_SANDBOX_H
#define STROMA_READSTAT_SANDBOX_H
#include <stdbool.h>

/* Give up everything that reading the inherited file does not need. @return false with a reason
 * when the system refuses; the caller must then not touch the file. */
bool sandbox_enter(const char **reason);
#endif
