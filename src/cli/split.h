/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several processes that do one command together. `stroma` is linked with split_none.c,
 * `stroma-mpi` with split_mpi.c; nothing else differs. */
#ifndef STROMA_CLI_SPLIT_H
#define STROMA_CLI_SPLIT_H
#include "stroma/biomarker_screen.h"

/* Before anything else; may change the arguments. */
stroma_status cli_split_begin(int *argc, char ***argv, stroma_error *err);
/* After everything else, with the status of this process. @return that of all together */
stroma_status cli_split_end(stroma_status s);
/* Does this process write the output and say the words? */
bool cli_split_is_first(void);
/* How permutations are split, filled into *room; NULL when there is one process. */
const stroma_screen_split *cli_split_permutations(stroma_screen_split *room);
#endif
