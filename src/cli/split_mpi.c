/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ranks of MPI. Every meeting begins with the question whether all are well, so that a rank that
 * failed before is met at its end and nobody waits for it. */
#include "split.h"

#include <mpi.h>
#include <string.h>

static int rank, ranks = 1;
static bool broken; /* somebody failed: no meeting any more */

/* The worst status of all ranks. */
static int agree(int mine)
{
    int worst = mine;
    if (!broken && MPI_Allreduce(&mine, &worst, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD) != MPI_SUCCESS)
        worst = STROMA_E_INTERNAL;
    if (worst > STROMA_FOUND) broken = true;
    return worst;
}

static bool known(int argc, char **argv)
{
    static const char *const alone[] = { "help", "version", "--version", "--help", "-h" };
    if (argc > 2 && strcmp(argv[1], "biomarker") == 0 && strcmp(argv[2], "screen") == 0)
        return true;
    for (size_t i = 0; argc > 1 && i < sizeof alone / sizeof alone[0]; i++)
        if (strcmp(argv[1], alone[i]) == 0) return true;
    return false;
}

stroma_status cli_split_begin(int *argc, char ***argv, stroma_error *err)
{
    int level = 0;
    if (MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &level) != MPI_SUCCESS)
        return stroma_fail(err, STROMA_E_INTERNAL, "MPI could not be started");
    (void)MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    (void)MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    if (!known(*argc, *argv)) {
        (void)stroma_fail(err, STROMA_E_USAGE, "stroma-mpi knows one command: biomarker screen");
        stroma_hint(err, "all others run in one process: use stroma");
        return STROMA_E_USAGE;
    }
    for (int i = 3; ranks > 1 && i < *argc; i++)
        if (strcmp((*argv)[i], "-") == 0)
            return stroma_fail(err, STROMA_E_USAGE,
                               "standard input reaches one of %d processes only: give a file",
                               ranks);
    return STROMA_OK;
}

stroma_status cli_split_end(stroma_status s)
{
    const int worst = agree((int)s);
    (void)MPI_Finalize();
    return (stroma_status)(worst > (int)s ? worst : (int)s);
}

bool cli_split_is_first(void)
{
    return rank == 0;
}

static stroma_status sum(uint64_t *counts, size_t n, void *context, stroma_error *err)
{
    (void)context;
    if (agree(STROMA_OK) > STROMA_FOUND)
        return stroma_fail(err, STROMA_E_INTERNAL, "another process failed");
    for (size_t done = 0; done < n;) { /* MPI counts in int */
        const int some = (int)(n - done < 1U << 20 ? n - done : 1U << 20);
        if (MPI_Allreduce(MPI_IN_PLACE, counts + done, some, MPI_UINT64_T, MPI_SUM,
                          MPI_COMM_WORLD) != MPI_SUCCESS)
            return stroma_fail(err, STROMA_E_INTERNAL, "MPI could not add up the counts");
        done += (size_t)some;
    }
    return STROMA_OK;
}

const stroma_screen_split *cli_split_permutations(stroma_screen_split *room)
{
    if (ranks == 1) return NULL;
    *room = (stroma_screen_split){ (size_t)rank, (size_t)ranks, sum, NULL };
    return room;
}
