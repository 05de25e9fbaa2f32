/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The permutations of a screen: candidates as rows of scores, outcomes as tiles of labels. */
#ifndef STROMA_SCREEN_ENGINE_H
#define STROMA_SCREEN_ENGINE_H
#include "screen_kernels.h"

#include "stroma/biomarker_screen.h"

typedef enum screen_kind {
    SCREEN_NOTHING, /* not tested */
    SCREEN_INT,     /* complete, one block, ranks: sums of small whole numbers */
    SCREEN_LINEAR,  /* complete: Σ score·label over a fixed standard deviation */
    SCREEN_GAPS,    /* incomplete: the standard deviation depends on the labels present */
    SCREEN_WELCH,
    SCREEN_FLIP /* standardised sign flips */
} screen_kind;

/* A candidate as the engine sees it; subjects stand block after block. */
typedef struct screen_item {
    screen_kind kind;
    stroma_screen_direction direction;
    double scale;     /* INT, LINEAR: 1/sd */
    int16_t *ranks;   /* INT: 2·pairs, in the matrix of the job */
    double *scores;   /* LINEAR, GAPS, WELCH: n (0 where missing); FLIP: (1 + columns)·n. Owned */
    double *present;  /* GAPS, WELCH: n of 0 and 1, or NULL when complete. Owned */
    double *factor;   /* GAPS: a factor a block of the variance. Owned */
    size_t present_n; /* WELCH */
    double total, square; /* WELCH: Σ x, Σ x²; FLIP: Σ v² in square */
    size_t columns;       /* FLIP */
    size_t column;        /* of the frame */
    double z, bound;      /* observed, in its direction; signed when two-sided */
    uint64_t own, most;   /* counts over all permutations */
    double p_min_p;
} screen_item;

typedef struct screen_engine {
    const screen_kernels *kernels;
    size_t n, pairs, blocks;
    const size_t *start; /* blocks + 1 */
    const double *label; /* n: the outcome's scores, block after block; not used by flips */
    bool binary;         /* labels are 0 and 1: their squares are themselves */
    bool flips;
    bool doubles; /* some item needs labels as doubles */
    screen_item *items;
    size_t items_len;
    size_t lanes; /* of a tile */
    size_t permutations;
    bool all; /* they are all arrangements there are, the observed one among them */
    uint64_t seed;
    int threads;
    const stroma_screen_split *split;
} screen_engine;

/* Observed statistics of all items. */
STROMA_CHECK stroma_status screen_engine_observe(screen_engine *e, stroma_error *err);
/* Counts of the items of two families, each in the order of processing (least significant first).
 */
typedef struct screen_family {
    size_t *item;
    size_t len;
} screen_family;
STROMA_CHECK stroma_status screen_engine_run(screen_engine *e, const screen_family families[2],
                                             stroma_error *err);
/* minP of one family, whose items have their `own` counts; sorts the family by them. */
STROMA_CHECK stroma_status screen_engine_min_p(screen_engine *e, screen_family *family,
                                               stroma_error *err);
/* What compares with bounds: the size when two-sided, else the statistic itself. */
static inline double screen_size(const screen_item *item, double z)
{
    return item->direction == STROMA_SCREEN_TWO_SIDED && z < 0 ? -z : z;
}

/* How many arrangements the labels have within their blocks, or 0 when they are more than @p most
 * or are numbers. */
size_t screen_arrangements(const screen_engine *e, size_t most);
/* Arrangement @p number of them into @p out. */
void screen_arrange(const screen_engine *e, uint64_t number, double *out);

/* A tile of labels and the room to work on it; one a thread. */
typedef struct screen_tile {
    size_t lanes;
    double *label, *square; /* n × lanes; square NULL when not needed */
    int16_t *pair;          /* pairs × lanes × 2 */
    double *one;            /* n: the labels of one permutation */
    double *rows;           /* scores of a batch */
    int16_t *int_rows;
    double *sums;
    int32_t *int_sums;
    double *running[2];
    double *z;
    uint64_t *own, *most; /* a count an item */
} screen_tile;
enum { SCREEN_BATCH = 16 };
STROMA_CHECK stroma_status screen_tile_init(screen_tile *t, const screen_engine *e,
                                            stroma_error *err);
void screen_tile_clear(screen_tile *t);
/* Lanes 0 … used − 1 hold permutations first …, the others zeros. */
void screen_tile_fill(screen_tile *t, const screen_engine *e, uint64_t first, size_t used);
/* Lane 0 holds the outcome as it is. */
void screen_tile_observed(screen_tile *t, const screen_engine *e);
/* The statistic of one item in every lane, in its direction (signed when two-sided). */
void screen_tile_values(screen_tile *t, const screen_engine *e, const screen_item *item, double *z);
#endif
