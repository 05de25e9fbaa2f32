/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

int main(void)
{
    stroma_error err = STROMA_ERROR_INIT;
    return (int)cli_commands[0]->run(NULL, &err);
}
