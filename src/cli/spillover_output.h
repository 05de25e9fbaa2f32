/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A matrix as stroma fcs spillover prints it. */
#ifndef STROMA_CLI_SPILLOVER_OUTPUT_H
#define STROMA_CLI_SPILLOVER_OUTPUT_H
#include "cli.h"

#include "stroma/cytometry_controls.h"

/* In the form that --format asks for. @param controls and @p quality a row each, or NULL */
stroma_status spillover_write(const cli_context *c, const stroma_compensation *m,
                              const stroma_control *controls, const stroma_control_quality *quality,
                              stroma_error *err);
/* Source, size and condition number, on standard error. */
void spillover_say(const cli_context *c, const stroma_compensation *m);
/* And a line a control. */
void spillover_say_controls(const cli_context *c, const stroma_compensation *m,
                            const stroma_control *controls, const stroma_control_quality *quality);
#endif
