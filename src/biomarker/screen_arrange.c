/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All arrangements of yes/no labels within blocks, or all sign patterns, by number: where there are
 * few, none is drawn twice and p is exact. */
#include "screen_engine.h"

/* n over k, or most + 1 when it is more than most. */
static uint64_t choose(size_t n, size_t k, uint64_t most)
{
    uint64_t c = 1;
    if (k > n) return 0;
    if (k > n - k) k = n - k;
    for (size_t i = 1; i <= k; i++) {
        c = c * (n - k + i) / i; /* most stays below 2^32, so c·n does not leave 64 bits */
        if (c > most) return most + 1;
    }
    return c;
}

static size_t events_of(const screen_engine *e, size_t h)
{
    size_t events = 0;
    for (size_t i = e->start[h]; i < e->start[h + 1]; i++)
        events += e->label[i] > 0;
    return events;
}

size_t screen_arrangements(const screen_engine *e, size_t most)
{
    if (e->flips) return e->n < 32 && (size_t)1 << e->n <= most ? (size_t)1 << e->n : 0;
    if (!e->binary) return 0;
    uint64_t all = 1;
    for (size_t h = 0; h < e->blocks; h++) {
        all *= choose(e->start[h + 1] - e->start[h], events_of(e, h), most);
        if (all > most) return 0;
    }
    return (size_t)all;
}

void screen_arrange(const screen_engine *e, uint64_t number, double *out)
{
    for (size_t i = 0; e->flips && i < e->n; i++)
        out[i] = number >> i & 1U ? -1 : 1;
    for (size_t h = 0; !e->flips && h < e->blocks; h++) {
        const size_t from = e->start[h], len = e->start[h + 1] - from;
        uint64_t left = events_of(e, h), ways = choose(len, (size_t)left, UINT32_MAX);
        if (ways == 0) continue; /* never: a block has no more events than subjects */
        uint64_t rank = number % ways;
        number /= ways;
        for (size_t i = 0; i < len; i++) {
            /* of the ways to fill the places from here on, those with an event at the first */
            const uint64_t here = ways * left / (len - i);
            const bool event = rank < here;
            ways = event ? here : ways - here;
            if (!event) rank -= here;
            out[from + i] = event;
            left -= event;
        }
    }
}
