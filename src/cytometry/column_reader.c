/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Columns of a data set, block by block: every parameter that any of them needs is decoded once,
 * and the fluorochromes of one matrix are computed together. */
#include "column_kernels.h"

#include "stroma/cytometry_compensation.h"

#include <string.h>

/* Values between the starts of two decoded parameters: a cache line more than a block, since arrays
 * whose distance is a multiple of 4096 bytes drive each other out of the first cache. */
enum { STRIDE = STROMA_COLUMN_BLOCK + 8 };

/* Columns that come out of one matrix. */
typedef struct group {
    const stroma_compensation *compensation;
    size_t *detector; /* where each is in the decoded parameters */
    size_t *column;   /* columns of the caller */
    size_t columns_len;
    double *matrix;    /* columns_len × detectors, row by row */
    const double **in; /* detectors of them; filled for each block */
    double **out;      /* columns_len */
} group;

/* A column as recorded: parameter `slot` of the decoded ones. */
typedef struct direct {
    size_t column, slot;
} direct;

struct stroma_column_reader {
    const stroma_fcs_dataset *d;
    stroma_arena arena;
    size_t *parameter; /* decoded ones, by index in the data set */
    size_t *slot_of;   /* the other way: SIZE_MAX where not decoded */
    size_t parameters_len;
    double **decoded; /* where they go in the block at hand */
    double *buffer;   /* parameters_len × STRIDE */
    direct *directs;
    size_t directs_len;
    group *groups;
    size_t groups_len;
    const column_kernels *kernels;
};

static size_t decode(stroma_column_reader *r, size_t parameter)
{
    if (r->slot_of[parameter] == SIZE_MAX) {
        r->slot_of[parameter] = r->parameters_len;
        r->parameter[r->parameters_len++] = parameter;
    }
    return r->slot_of[parameter];
}

static stroma_status detector_of(const stroma_column_reader *r, const stroma_compensation *c,
                                 size_t i, size_t *parameter, stroma_error *err)
{
    *parameter = stroma_fcs_find(r->d, c->detector[i], false);
    if (*parameter != SIZE_MAX) return STROMA_OK;
    return stroma_fail(err, STROMA_E_INCONSISTENT,
                       "compensation \"%s\" needs detector \"%s\", which the events do not have",
                       c->id, c->detector[i]);
}

static stroma_status add_direct(stroma_column_reader *r, const stroma_event_column *columns,
                                size_t j, stroma_error *err)
{
    const stroma_compensation *c = columns[j].compensation;
    size_t parameter = columns[j].index;
    STROMA_BUG_IF(parameter >= (c == NULL ? r->d->parameters_len : c->fluorochromes_len), err);
    if (c != NULL) STROMA_TRY(detector_of(r, c, parameter, &parameter, err));
    r->directs[r->directs_len++] = (direct){ j, decode(r, parameter) };
    return STROMA_OK;
}

/* The group of columns that share the matrix of column @p first. */
static stroma_status add_group(stroma_column_reader *r, const stroma_event_column *columns,
                               size_t k, size_t first, stroma_error *err)
{
    const stroma_compensation *c = columns[first].compensation;
    const size_t m = c->detectors_len;
    group *g = &r->groups[r->groups_len++];
    size_t n = 0;
    for (size_t j = first; j < k; j++)
        n += columns[j].compensation == c;
    *g = (group){ .compensation = c,
                  .detector = stroma_arena_alloc(&r->arena, m, sizeof *g->detector),
                  .column = stroma_arena_alloc(&r->arena, n, sizeof *g->column),
                  .matrix = stroma_arena_alloc(&r->arena, n * m, sizeof *g->matrix),
                  .in = stroma_arena_alloc(&r->arena, m, sizeof *g->in),
                  .out = stroma_arena_alloc(&r->arena, n, sizeof *g->out) };
    if (g->detector == NULL || g->column == NULL || g->matrix == NULL || g->in == NULL ||
        g->out == NULL)
        return stroma_no_memory(err);
    for (size_t i = 0; i < m; i++) {
        size_t parameter;
        STROMA_TRY(detector_of(r, c, i, &parameter, err));
        g->detector[i] = decode(r, parameter);
    }
    for (size_t j = first; j < k; j++) {
        if (columns[j].compensation != c) continue;
        STROMA_BUG_IF(columns[j].index >= c->fluorochromes_len, err);
        for (size_t i = 0; i < m; i++)
            g->matrix[g->columns_len * m + i] =
                c->unmixing[i * c->fluorochromes_len + columns[j].index];
        g->column[g->columns_len++] = j;
    }
    return STROMA_OK;
}

static bool has_group(const stroma_column_reader *r, const stroma_compensation *c)
{
    for (size_t g = 0; g < r->groups_len; g++)
        if (r->groups[g].compensation == c) return true;
    return false;
}

static stroma_status fill(stroma_column_reader *r, const stroma_event_column *columns, size_t k,
                          stroma_error *err)
{
    const size_t p = r->d->parameters_len;
    r->parameter = stroma_arena_alloc(&r->arena, p, sizeof *r->parameter);
    r->slot_of = stroma_arena_alloc(&r->arena, p, sizeof *r->slot_of);
    r->decoded = stroma_arena_alloc(&r->arena, p, sizeof(double *));
    r->directs = stroma_arena_alloc(&r->arena, k, sizeof *r->directs);
    r->groups = stroma_arena_alloc(&r->arena, k, sizeof *r->groups);
    if (r->parameter == NULL || r->slot_of == NULL || r->decoded == NULL || r->directs == NULL ||
        r->groups == NULL)
        return stroma_no_memory(err);
    for (size_t i = 0; i < p; i++)
        r->slot_of[i] = SIZE_MAX;
    for (size_t j = 0; j < k; j++) {
        const stroma_compensation *c = columns[j].compensation;
        if (c == NULL || c->identity)
            STROMA_TRY(add_direct(r, columns, j, err));
        else if (!has_group(r, c))
            STROMA_TRY(add_group(r, columns, k, j, err));
    }
    r->buffer = stroma_alloc_array(r->parameters_len * STRIDE, sizeof *r->buffer);
    if (r->buffer == NULL) return stroma_no_memory(err);
    r->kernels = column_kernels_choose();
    return STROMA_OK;
}

stroma_status stroma_column_reader_open(const stroma_fcs_dataset *d,
                                        const stroma_event_column *columns, size_t k,
                                        stroma_column_reader **out, stroma_error *err)
{
    enum { ARENA_LIMIT_BYTES = 256 << 20 };
    *out = NULL;
    stroma_column_reader *r = stroma_alloc_array(1, sizeof *r);
    if (r == NULL) return stroma_no_memory(err);
    r->d = d;
    stroma_arena_init(&r->arena, ARENA_LIMIT_BYTES);
    const stroma_status s = fill(r, columns, k, err);
    if (s != STROMA_OK) {
        stroma_column_reader_close(r);
        return s;
    }
    *out = r;
    return STROMA_OK;
}

void stroma_column_reader_close(stroma_column_reader *r)
{
    if (r == NULL) return;
    stroma_free(r->buffer);
    stroma_arena_clear(&r->arena);
    stroma_free(r);
}

stroma_status stroma_column_reader_read(stroma_column_reader *r, uint64_t first, size_t n,
                                        double *const *out, stroma_error *err)
{
    if (n > STROMA_COLUMN_BLOCK)
        return stroma_fail(err, STROMA_E_USAGE, "%zu events were asked for, %d are a block", n,
                           STROMA_COLUMN_BLOCK);
    for (size_t i = 0; i < r->parameters_len; i++)
        r->decoded[i] = r->buffer + i * STRIDE;
    for (size_t i = r->directs_len; i-- > 0;) /* straight to the caller: the first to ask */
        r->decoded[r->directs[i].slot] = out[r->directs[i].column];
    STROMA_TRY(stroma_fcs_read(r->d, STROMA_FCS_LINEAR, first, n, r->parameter, r->parameters_len,
                               r->decoded, err));
    for (size_t i = 0; i < r->directs_len; i++) {
        double *to = out[r->directs[i].column];
        const double *from = r->decoded[r->directs[i].slot];
        if (to != from) memcpy(to, from, n * sizeof *to);
    }
    for (size_t k = 0; k < r->groups_len; k++) {
        group *g = &r->groups[k];
        const size_t m = g->compensation->detectors_len;
        for (size_t i = 0; i < m; i++)
            g->in[i] = r->decoded[g->detector[i]];
        for (size_t j = 0; j < g->columns_len; j++)
            g->out[j] = out[g->column[j]];
        r->kernels->multiply(g->in, m, g->matrix, g->columns_len, n, g->out);
    }
    return STROMA_OK;
}
