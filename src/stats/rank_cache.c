/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Thousands of candidates on the same subjects have few patterns of ties: the distribution of each
 * is counted once. */
#include "rank_cache.h"

#include "stroma/memory.h"

#include <string.h>

enum { ENTRIES = 64 };

typedef struct entry {
    size_t *scores; /* sorted; NULL: free */
    size_t n, m, limit;
    rank_distribution d;
} entry;

struct stroma_rank_cache {
    entry entries[ENTRIES];
    size_t next; /* to be given up */
};

stroma_status stroma_rank_cache_new(stroma_rank_cache **out, stroma_error *err)
{
    *out = stroma_alloc_array(1, sizeof **out);
    return *out == NULL ? stroma_no_memory(err) : STROMA_OK;
}

static void entry_clear(entry *e)
{
    stroma_free(e->scores);
    stroma_free(e->d.weight);
    *e = (entry){ NULL, 0, 0, 0, { NULL, 0, 0, 0, 1 } };
}

void stroma_rank_cache_free(stroma_rank_cache *c)
{
    if (c == NULL) return;
    for (size_t i = 0; i < ENTRIES; i++)
        entry_clear(&c->entries[i]);
    stroma_free(c);
}

stroma_status stroma_rank_cache_get(stroma_rank_cache *c, size_t *scores, size_t n, size_t m,
                                    size_t limit, rank_distribution *out, stroma_error *err)
{
    stroma_rank_scores_sort(scores, n);
    for (size_t i = 0; i < ENTRIES; i++) {
        const entry *e = &c->entries[i];
        if (e->scores == NULL || e->n != n || e->m != m || e->limit != limit ||
            memcmp(e->scores, scores, n * sizeof *scores) != 0)
            continue;
        *out = e->d;
        return STROMA_OK;
    }
    entry *e = &c->entries[c->next];
    entry_clear(e);
    *out = e->d;
    STROMA_TRY(stroma_rank_sum_distribution(scores, n, m, limit, &e->d, err));
    e->scores = stroma_alloc_array(n, sizeof *scores);
    if (e->scores == NULL) {
        entry_clear(e);
        return stroma_no_memory(err);
    }
    memcpy(e->scores, scores, n * sizeof *scores);
    e->n = n;
    e->m = m;
    e->limit = limit;
    c->next = (c->next + 1) % ENTRIES;
    *out = e->d;
    return STROMA_OK;
}
