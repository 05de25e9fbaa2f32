/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STROMA_CLI_FINDING_CODES_H
#define STROMA_CLI_FINDING_CODES_H
#include "stroma/diag.h"

/* A module's `stroma_<module>_codes(&n)`: its codes, n of them. */
typedef const stroma_code *(*cli_codes_fn)(size_t *n);
/* Ends with NULL. */
extern const cli_codes_fn cli_finding_codes[];
#endif
