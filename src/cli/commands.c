/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command table, in the order of `stroma help`. A command is one line here. */
#include "cli.h"

#define CLI_COMMAND_LIST(C) C(version)

#define CLI_DECLARE_(name) extern const cli_command cli_cmd_##name;
CLI_COMMAND_LIST(CLI_DECLARE_)

const cli_command *const cli_commands[] = {
#define CLI_ENTRY_(name) &cli_cmd_##name,
    CLI_COMMAND_LIST(CLI_ENTRY_) NULL,
};
