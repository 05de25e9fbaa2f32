/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "split.h"

/* NOLINTNEXTLINE(readability-non-const-parameter): with MPI they are changed */
stroma_status cli_split_begin(int *argc, char ***argv, stroma_error *err)
{
    (void)argc;
    (void)argv;
    (void)err;
    return STROMA_OK;
}

stroma_status cli_split_end(stroma_status s)
{
    return s;
}

bool cli_split_is_first(void)
{
    return true;
}

const stroma_screen_split *cli_split_permutations(stroma_screen_split *room)
{
    (void)room;
    return NULL;
}
