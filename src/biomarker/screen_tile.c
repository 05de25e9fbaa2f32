/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tile: permuted outcomes side by side, and the statistic of a candidate in each of them. */
#include "screen_engine.h"

#include "stroma/random.h"

#include <math.h>
#include <string.h>

/* Rows of scores that one call may need: a batch, or an interaction with its columns. */
static size_t rows_most(const screen_engine *e)
{
    size_t most = SCREEN_BATCH;
    for (size_t k = 0; k < e->items_len; k++)
        if (e->items[k].columns + 1 > most) most = e->items[k].columns + 1;
    return most;
}

stroma_status screen_tile_init(screen_tile *t, const screen_engine *e, stroma_error *err)
{
    const size_t lanes = e->lanes, rows = rows_most(e);
    bool gaps = false;
    for (size_t k = 0; k < e->items_len; k++)
        gaps |= e->items[k].kind == SCREEN_GAPS;
    *t = (screen_tile){ .lanes = lanes };
    t->label = stroma_alloc_array(e->doubles ? e->n * lanes : 0, sizeof *t->label);
    t->pair = stroma_alloc_array(e->pairs * lanes, 2 * sizeof *t->pair);
    t->one = stroma_alloc_array(e->n, sizeof *t->one);
    t->rows = stroma_alloc_array(SCREEN_BATCH * e->n, sizeof *t->rows);
    t->int_rows = stroma_alloc_array(SCREEN_BATCH * e->pairs, 2 * sizeof *t->int_rows);
    t->sums = stroma_alloc_array((rows + 4) * lanes, sizeof *t->sums);
    t->int_sums = stroma_alloc_array(SCREEN_BATCH * lanes, sizeof *t->int_sums);
    t->running[0] = stroma_alloc_array(2 * lanes, sizeof *t->running[0]);
    t->z = stroma_alloc_array(lanes, sizeof *t->z);
    t->own = stroma_alloc_array(e->items_len, sizeof *t->own);
    t->most = stroma_alloc_array(e->items_len, sizeof *t->most);
    if (gaps && !e->binary) t->square = stroma_alloc_array(e->n * lanes, sizeof *t->square);
    if (t->label == NULL || t->pair == NULL || t->one == NULL || t->rows == NULL ||
        t->int_rows == NULL || t->sums == NULL || t->int_sums == NULL || t->running[0] == NULL ||
        t->z == NULL || t->own == NULL || t->most == NULL ||
        (gaps && !e->binary && t->square == NULL))
        return stroma_no_memory(err);
    t->running[1] = t->running[0] + lanes;
    return STROMA_OK;
}

void screen_tile_clear(screen_tile *t)
{
    stroma_free(t->label);
    stroma_free(t->square);
    stroma_free(t->pair);
    stroma_free(t->one);
    stroma_free(t->rows);
    stroma_free(t->int_rows);
    stroma_free(t->sums);
    stroma_free(t->int_sums);
    stroma_free(t->running[0]);
    stroma_free(t->z);
    stroma_free(t->own);
    stroma_free(t->most);
    *t = (screen_tile){ 0 };
}

static void put_lane(screen_tile *t, const screen_engine *e, size_t lane)
{
    if (e->pairs > 0)
        for (size_t i = 0; i < e->n; i++)
            t->pair[2 * (i / 2 * t->lanes + lane) + i % 2] = (int16_t)t->one[i];
    if (e->doubles)
        for (size_t i = 0; i < e->n; i++)
            t->label[i * t->lanes + lane] = t->one[i];
    if (t->square != NULL)
        for (size_t i = 0; i < e->n; i++)
            t->square[i * t->lanes + lane] = t->one[i] * t->one[i];
}

static void clear_lanes(screen_tile *t, const screen_engine *e, size_t from)
{
    memset(t->one, 0, e->n * sizeof *t->one);
    for (size_t l = from; l < t->lanes; l++)
        put_lane(t, e, l);
}

/* Uniform on 0 … n−1 without bias (Lemire 2019 ACM TOMACS 29:3). */
static uint32_t below(stroma_random *r, uint32_t n)
{
    uint64_t m = (uint64_t)stroma_random_u32(r) * n;
    if ((uint32_t)m < n) {
        const uint32_t excess = (0U - n) % n;
        while ((uint32_t)m < excess)
            m = (uint64_t)stroma_random_u32(r) * n;
    }
    return (uint32_t)(m >> 32);
}

/* The permutation of this number, within blocks; or its signs. */
static void draw(screen_tile *t, const screen_engine *e, uint64_t number)
{
    stroma_random r;
    if (e->all) {
        screen_arrange(e, number, t->one);
        return;
    }
    stroma_random_init(&r, e->seed, stroma_random_stream("screen"), number);
    if (e->flips) {
        uint32_t bits = 0;
        for (size_t i = 0; i < e->n; i++) {
            if (i % 32 == 0) bits = stroma_random_u32(&r);
            t->one[i] = bits >> i % 32 & 1U ? 1 : -1;
        }
        return;
    }
    memcpy(t->one, e->label, e->n * sizeof *t->one);
    for (size_t h = 0; h < e->blocks; h++) {
        double *x = t->one + e->start[h];
        for (size_t i = e->start[h + 1] - e->start[h]; i > 1; i--) {
            const size_t j = below(&r, (uint32_t)i);
            const double swap = x[i - 1];
            x[i - 1] = x[j];
            x[j] = swap;
        }
    }
}

void screen_tile_fill(screen_tile *t, const screen_engine *e, uint64_t first, size_t used)
{
    for (size_t l = 0; l < used; l++) {
        draw(t, e, first + l);
        put_lane(t, e, l);
    }
    clear_lanes(t, e, used);
}

void screen_tile_observed(screen_tile *t, const screen_engine *e)
{
    for (size_t i = 0; i < e->n; i++)
        t->one[i] = e->flips ? 1 : e->label[i];
    put_lane(t, e, 0);
    clear_lanes(t, e, 1);
}

/* Variance of the labels that fall on the measured subjects of each block, times its factor. */
static void gaps_variance(screen_tile *t, const screen_engine *e, const screen_item *item,
                          double *variance, double *sum, double *square)
{
    const size_t lanes = t->lanes;
    memset(variance, 0, lanes * sizeof *variance);
    for (size_t h = 0; h < e->blocks; h++) {
        const size_t from = e->start[h], len = e->start[h + 1] - from;
        double measured = 0;
        for (size_t i = from; i < from + len; i++)
            measured += item->present[i];
        if (!(item->factor[h] > 0)) continue;
        e->kernels->sum_double(item->present + from, 1, len, t->label + from * lanes, lanes, sum);
        const double *of_squares = sum;
        if (t->square != NULL) {
            e->kernels->sum_double(item->present + from, 1, len, t->square + from * lanes, lanes,
                                   square);
            of_squares = square;
        }
        for (size_t l = 0; l < lanes; l++)
            variance[l] += item->factor[h] * (of_squares[l] - sum[l] * sum[l] / measured);
    }
}

static void gaps(screen_tile *t, const screen_engine *e, const screen_item *item, double *z)
{
    double *sum = t->sums, *variance = t->sums + t->lanes, *spare = t->sums + 2 * t->lanes;
    e->kernels->sum_double(item->scores, 1, e->n, t->label, t->lanes, sum);
    gaps_variance(t, e, item, variance, spare, spare + t->lanes);
    /* What is left of a variance of labels that are all the same is rounding. */
    const double least = 1e-12 / (item->scale * item->scale);
    for (size_t l = 0; l < t->lanes; l++)
        z[l] = variance[l] > least ? sum[l] / sqrt(variance[l]) : 0;
}

static void welch(screen_tile *t, const screen_engine *e, const screen_item *item, double *z)
{
    const size_t lanes = t->lanes;
    double *sum = t->sums, *square = sum + lanes, *count = square + lanes;
    for (size_t i = 0; i < e->n; i++)
        t->rows[i] = item->scores[i] * item->scores[i];
    e->kernels->sum_double(item->scores, 1, e->n, t->label, lanes, sum);
    e->kernels->sum_double(t->rows, 1, e->n, t->label, lanes, square);
    for (size_t i = 0; i < e->n; i++)
        t->rows[i] = item->present == NULL ? 1 : item->present[i];
    e->kernels->sum_double(t->rows, 1, e->n, t->label, lanes, count);
    const double n = (double)item->present_n;
    for (size_t l = 0; l < lanes; l++) {
        const double a = count[l], b = n - a, sum_b = item->total - sum[l];
        const double va = (square[l] - sum[l] * sum[l] / a) / (a - 1) / a;
        const double vb = (item->square - square[l] - sum_b * sum_b / b) / (b - 1) / b;
        const double v = va + vb;
        z[l] = a > 1 && b > 1 && v > 1e-14 ? (sum[l] / a - sum_b / b) / sqrt(v) : 0;
    }
}

static void flip(screen_tile *t, const screen_engine *e, const screen_item *item, double *z)
{
    const size_t lanes = t->lanes;
    e->kernels->sum_double(item->scores, 1 + item->columns, e->n, t->label, lanes, t->sums);
    for (size_t l = 0; l < lanes; l++)
        z[l] = item->square;
    for (size_t c = 1; c <= item->columns; c++)
        for (size_t l = 0; l < lanes; l++)
            z[l] -= t->sums[c * lanes + l] * t->sums[c * lanes + l];
    for (size_t l = 0; l < lanes; l++)
        z[l] = z[l] > 1e-9 * item->square ? t->sums[l] / sqrt(z[l]) : 0;
}

void screen_tile_values(screen_tile *t, const screen_engine *e, const screen_item *item, double *z)
{
    switch (item->kind) {
    case SCREEN_INT:
        e->kernels->sum_int16(item->ranks, 1, e->pairs, t->pair, t->lanes, t->int_sums);
        for (size_t l = 0; l < t->lanes; l++)
            z[l] = (double)t->int_sums[l] * item->scale;
        break;
    case SCREEN_LINEAR:
        e->kernels->sum_double(item->scores, 1, e->n, t->label, t->lanes, t->sums);
        for (size_t l = 0; l < t->lanes; l++)
            z[l] = t->sums[l] * item->scale;
        break;
    case SCREEN_GAPS: gaps(t, e, item, z); break;
    case SCREEN_WELCH: welch(t, e, item, z); break;
    case SCREEN_FLIP: flip(t, e, item, z); break;
    case SCREEN_NOTHING: memset(z, 0, t->lanes * sizeof *z); return;
    }
    for (size_t l = 0; item->direction == STROMA_SCREEN_LOWER && l < t->lanes; l++)
        z[l] = -z[l];
}
