/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"
#include "stroma_config.h"

static stroma_status run(cli_context *c, stroma_error *err)
{
    (void)c;
    (void)err;
    printf("stroma %s\n", STROMA_VERSION);
    return STROMA_OK;
}

const cli_command cli_cmd_version = { .noun = "version",
                                      .summary = "print the version",
                                      .run = run };
