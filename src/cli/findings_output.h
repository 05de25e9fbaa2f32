/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STROMA_CLI_FINDINGS_OUTPUT_H
#define STROMA_CLI_FINDINGS_OUTPUT_H
#include "cli.h"

/* Findings as the output of a command that checks: for people, or a row each in any --format. */
stroma_status cli_list_findings(cli_context *c, const stroma_diag *d, stroma_error *err);
#endif
