/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fisher-Freeman-Halton by the network of Mehta & Patel (JASA 1983, 78:427): columns are filled one
 * after the other; what matters of the filled part is the multiset of row totals that are left and
 * the probability so far, so that equal ones are carried together. Bounds on the longest and the
 * shortest way to the end decide most of them early. */
#include "stroma/memory.h"
#include "stroma/stats_contingency.h"
#include "stroma/stats_distribution.h"

#include <math.h>
#include <string.h>

enum { KEY_MAX = 10, ENTRIES_MAX = 4000000, TOTAL_MAX = 100000 };

typedef struct entry {
    uint32_t left[KEY_MAX]; /* row totals still to be filled, ascending */
    double past;            /* Σ −ln x! of the filled cells */
    double ways;            /* how many paths came together here */
} entry;

typedef struct stage {
    entry *items;
    size_t len, capacity;
    uint32_t *slots; /* index + 1, open addressing */
    size_t slots_len;
} stage;

typedef struct network {
    size_t rows, columns; /* rows <= columns, rows <= KEY_MAX */
    uint32_t row[KEY_MAX];
    uint32_t *column;
    double *log_factorial;
    double observed; /* Σ −ln x! of the table, with the tolerance */
    double constant; /* Σ ln r! + Σ ln c! − ln N! */
    double p;
    stage now, next;
} network;

static void stage_free(stage *s)
{
    stroma_free(s->items);
    stroma_free(s->slots);
}

static uint64_t hash(const entry *e, size_t rows)
{
    uint64_t h = (uint64_t)llrint(e->past * 1e9);
    for (size_t i = 0; i < rows; i++)
        h = (h ^ e->left[i]) * UINT64_C(0x9E3779B97F4A7C15);
    return h ^ (h >> 29);
}

static bool same(const entry *a, const entry *b, size_t rows)
{
    return memcmp(a->left, b->left, rows * sizeof a->left[0]) == 0 &&
           llrint(a->past * 1e9) == llrint(b->past * 1e9);
}

static stroma_status stage_rehash(stage *s, size_t rows, stroma_error *err)
{
    const size_t n = s->slots_len == 0 ? 1024 : 2 * s->slots_len;
    uint32_t *slots = stroma_alloc_array(n, sizeof *slots);
    if (slots == NULL) return stroma_no_memory(err);
    stroma_free(s->slots);
    s->slots = slots;
    s->slots_len = n;
    for (size_t i = 0; i < s->len; i++) {
        size_t k = hash(&s->items[i], rows) & (n - 1);
        while (slots[k] != 0)
            k = (k + 1) & (n - 1);
        slots[k] = (uint32_t)(i + 1);
    }
    return STROMA_OK;
}

static stroma_status stage_add(stage *s, const entry *e, size_t rows, stroma_error *err)
{
    if (2 * (s->len + 1) > s->slots_len) STROMA_TRY(stage_rehash(s, rows, err));
    size_t k = hash(e, rows) & (s->slots_len - 1);
    for (; s->slots[k] != 0; k = (k + 1) & (s->slots_len - 1)) {
        entry *old = &s->items[s->slots[k] - 1];
        if (!same(old, e, rows)) continue;
        old->ways += e->ways;
        return STROMA_OK;
    }
    if (s->len >= ENTRIES_MAX) {
        (void)stroma_fail(err, STROMA_E_DEGENERATE,
                          "the exact test of this table needs more than %d network entries",
                          ENTRIES_MAX);
        stroma_hint(err, "use the chi-squared test");
        return STROMA_E_DEGENERATE;
    }
    STROMA_TRY(stroma_grow(&s->items, &s->capacity, s->len + 1, sizeof *s->items, err));
    s->items[s->len++] = *e;
    s->slots[k] = (uint32_t)s->len;
    return STROMA_OK;
}

/* Greatest Σ −ln x! when @p total is shared by @p cells. */
static double balanced(const network *w, uint32_t total, size_t cells)
{
    const uint32_t each = total / (uint32_t)cells, more = total % (uint32_t)cells;
    return -(double)more * w->log_factorial[each + 1] -
           (double)(cells - more) * w->log_factorial[each];
}

/* Bounds of what columns j … can still add, and the sum over all ways of filling them (as ln). */
static void bounds(const network *w, const entry *e, size_t j, double *most, double *least,
                   double *all)
{
    double row_most = 0, column_most = 0, row_least = 0, column_least = 0;
    uint32_t total = 0;
    for (size_t i = 0; i < w->rows; i++) {
        row_most += balanced(w, e->left[i], w->columns - j);
        row_least -= w->log_factorial[e->left[i]];
        total += e->left[i];
    }
    for (size_t k = j; k < w->columns; k++) {
        column_most += balanced(w, w->column[k], w->rows);
        column_least -= w->log_factorial[w->column[k]];
    }
    *most = fmin(row_most, column_most);
    *least = fmax(row_least, column_least);
    *all = w->log_factorial[total] + row_least + column_least;
}

static void sort_ascending(uint32_t *v, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        const uint32_t x = v[i];
        size_t k = i;
        for (; k > 0 && v[k - 1] > x; k--)
            v[k] = v[k - 1];
        v[k] = x;
    }
}

/* All ways to share column j among the rows: an odometer over rows 0 … rows−2. */
static stroma_status expand(network *w, const entry *e, size_t j, stroma_error *err)
{
    uint32_t x[KEY_MAX] = { 0 }, need[KEY_MAX + 1] = { 0 }, room[KEY_MAX + 1] = { 0 };
    const size_t last = w->rows - 1;
    for (size_t i = w->rows; i-- > 0;) /* what rows i … can take */
        room[i] = room[i + 1] + e->left[i];
    need[0] = w->column[j];
    size_t i = 0;
    bool enter = true;
    for (;;) {
        /* row i takes at least what the rows after it cannot */
        const uint32_t low = need[i] > room[i + 1] ? need[i] - room[i + 1] : 0;
        const uint32_t high = need[i] < e->left[i] ? need[i] : e->left[i];
        x[i] = enter ? low : x[i] + 1;
        if (x[i] > high) {
            if (i == 0) return STROMA_OK;
            i--;
            enter = false;
            continue;
        }
        if (i < last) {
            need[i + 1] = need[i] - x[i];
            i++;
            enter = true;
            continue;
        }
        entry n = { .past = e->past, .ways = e->ways };
        for (size_t k = 0; k < w->rows; k++) {
            n.left[k] = e->left[k] - x[k];
            n.past -= w->log_factorial[x[k]];
        }
        sort_ascending(n.left, w->rows);
        STROMA_TRY(stage_add(&w->next, &n, w->rows, err));
        enter = false;
    }
}

static stroma_status walk(network *w, stroma_error *err)
{
    entry start = { .past = 0, .ways = 1 };
    memcpy(start.left, w->row, w->rows * sizeof w->row[0]);
    sort_ascending(start.left, w->rows);
    STROMA_TRY(stage_add(&w->now, &start, w->rows, err));
    for (size_t j = 0; j <= w->columns && w->now.len > 0; j++) {
        for (size_t i = 0; i < w->now.len; i++) {
            const entry e = w->now.items[i];
            double most = 0, least = 0, all = 0;
            if (j < w->columns) bounds(w, &e, j, &most, &least, &all);
            if (e.past + most <= w->observed)
                w->p += e.ways * exp(e.past + all + w->constant);
            else if (e.past + least <= w->observed && j < w->columns)
                STROMA_TRY(expand(w, &e, j, err));
        }
        const stage done = w->now;
        w->now = w->next;
        w->next = done;
        w->next.len = 0;
        if (w->next.slots != NULL)
            memset(w->next.slots, 0, w->next.slots_len * sizeof *w->next.slots);
    }
    w->p = fmin(1, w->p);
    return STROMA_OK;
}

/* Margins and constants; the shorter side becomes the rows. */
static stroma_status load(network *w, const size_t *counts, size_t rows, size_t columns,
                          size_t *total, stroma_error *err)
{
    const bool turn = rows > columns;
    w->rows = turn ? columns : rows;
    w->columns = turn ? rows : columns;
    if (w->rows > KEY_MAX)
        return stroma_fail(err, STROMA_E_DEGENERATE,
                           "the exact test takes tables with at most %d rows or columns", KEY_MAX);
    w->column = stroma_alloc_array(w->columns, sizeof *w->column);
    if (w->column == NULL) return stroma_no_memory(err);
    *total = 0;
    for (size_t i = 0; i < rows * columns; i++) {
        if (counts[i] > TOTAL_MAX - *total)
            return stroma_fail(err, STROMA_E_DEGENERATE,
                               "the exact test of a larger table takes at most %d counts",
                               TOTAL_MAX);
        *total += counts[i];
        const size_t r = i / columns, c = i % columns;
        w->row[turn ? c : r] += (uint32_t)counts[i];
        w->column[turn ? r : c] += (uint32_t)counts[i];
    }
    w->log_factorial = stroma_alloc_array(*total + 2, sizeof *w->log_factorial);
    if (w->log_factorial == NULL) return stroma_no_memory(err);
    for (size_t i = 2; i < *total + 2; i++)
        w->log_factorial[i] = stroma_log_gamma((double)i + 1);
    w->constant = -w->log_factorial[*total];
    for (size_t i = 0; i < w->rows; i++)
        w->constant += w->log_factorial[w->row[i]];
    for (size_t j = 0; j < w->columns; j++)
        w->constant += w->log_factorial[w->column[j]];
    w->observed = 1e-7;
    for (size_t i = 0; i < rows * columns; i++)
        w->observed -= w->log_factorial[counts[i]];
    return STROMA_OK;
}

stroma_status stroma_fisher_freeman_halton(const size_t *counts, size_t rows, size_t columns,
                                           stroma_stat *out, stroma_error *err)
{
    *out = stroma_stat_cannot("fisher_exact", "no count");
    if (rows == 0 || columns == 0 || columns > SIZE_MAX / rows) return STROMA_OK;
    network w = { 0 };
    size_t total = 0;
    stroma_status s = load(&w, counts, rows, columns, &total, err);
    if (s == STROMA_OK && total > 0) s = walk(&w, err);
    stroma_free(w.column);
    stroma_free(w.log_factorial);
    stage_free(&w.now);
    stage_free(&w.next);
    if (s != STROMA_OK || total == 0) return s;
    *out = stroma_stat_empty("fisher_exact");
    out->variant = "Fisher-Freeman-Halton";
    out->n_used = total;
    out->p = w.p;
    return STROMA_OK;
}
