/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A set of gates in memory. */
#include "stroma/cytometry_gates.h"

#include <math.h>
#include <string.h>

enum { ARENA_LIMIT_BYTES = 64 << 20 };

void stroma_gate_set_init(stroma_gate_set *s)
{
    *s = (stroma_gate_set){ .source = "", .dialect = "stroma" };
    stroma_arena_init(&s->arena, ARENA_LIMIT_BYTES);
}

void stroma_gate_set_clear(stroma_gate_set *s)
{
    stroma_free(s->gates);
    stroma_free(s->transforms);
    stroma_free(s->compensations);
    stroma_free(s->ratios);
    stroma_arena_clear(&s->arena);
    *s = (stroma_gate_set){ .source = "" };
}

/* The array @p items points to, one element longer; the new one is zeroed. */
#define ADD(items, len, capacity)                                                      \
    (stroma_grow(&(items), &(capacity), (len) + 1, sizeof *(items), NULL) != STROMA_OK \
         ? NULL                                                                        \
         : memset(&(items)[(len)++], 0, sizeof *(items)))

stroma_gate *stroma_gate_set_add(stroma_gate_set *s)
{
    stroma_gate *g = ADD(s->gates, s->gates_len, s->gates_capacity);
    if (g == NULL) return NULL;
    g->parent = -1;
    g->confidence = (double)NAN;
    return g;
}

stroma_transform *stroma_gate_set_add_transform(stroma_gate_set *s)
{
    return ADD(s->transforms, s->transforms_len, s->transforms_capacity);
}

stroma_compensation *stroma_gate_set_add_compensation(stroma_gate_set *s)
{
    return ADD(s->compensations, s->compensations_len, s->compensations_capacity);
}

stroma_gate_ratio *stroma_gate_set_add_ratio(stroma_gate_set *s)
{
    stroma_gate_ratio *r = ADD(s->ratios, s->ratios_len, s->ratios_capacity);
    if (r == NULL) return NULL;
    r->bound_min = -(double)INFINITY;
    r->bound_max = (double)INFINITY;
    return r;
}

stroma_gate_dimension *stroma_gate_dimensions(stroma_gate_set *s, size_t n)
{
    stroma_gate_dimension *d = stroma_arena_alloc(&s->arena, n, sizeof *d);
    for (size_t i = 0; d != NULL && i < n; i++)
        d[i] = (stroma_gate_dimension){ .ratio = -1,
                                        .compensation = STROMA_COMPENSATION_NONE,
                                        .transform = -1,
                                        .lower = -(double)INFINITY,
                                        .upper = (double)INFINITY };
    return d;
}

int stroma_gate_find(const stroma_gate_set *s, const char *id)
{
    for (size_t i = 0; i < s->gates_len; i++)
        if (strcmp(s->gates[i].id, id) == 0) return (int)i;
    return -1;
}
