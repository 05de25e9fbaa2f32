/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which channels stand between all events and a population. */
#include "stroma/cytometry_population.h"

#include <strings.h>

static bool is_one(const char *name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcasecmp(name, names[i]) == 0) return true;
    return false;
}

/* A dimension is one of the channels: by name, or through a ratio. */
static bool gate_uses(const stroma_gate_set *s, const stroma_gate *g, const char *const *names,
                      size_t n)
{
    for (size_t i = 0; i < g->dims_len; i++) {
        const stroma_gate_dimension *d = &g->dims[i];
        if (d->ratio >= 0) {
            const stroma_gate_ratio *r = &s->ratios[d->ratio];
            if (is_one(r->numerator, names, n) || is_one(r->denominator, names, n)) return true;
        } else if (d->name != NULL && is_one(d->name, names, n)) {
            return true;
        }
    }
    return false;
}

/* Gates that are waiting to be looked at; each is put here once. */
typedef struct walk {
    size_t *waiting, len;
    bool *seen;
} walk;

static void put(walk *w, int gate)
{
    if (gate < 0 || w->seen[gate]) return;
    w->seen[gate] = true;
    w->waiting[w->len++] = (size_t)gate;
}

static bool walk_from(walk *w, const stroma_gate_set *s, size_t gate, const char *const *names,
                      size_t n)
{
    put(w, (int)gate);
    while (w->len > 0) {
        const stroma_gate *g = &s->gates[w->waiting[--w->len]];
        if (gate_uses(s, g, names, n)) return true;
        put(w, g->parent);
        for (size_t i = 0; i < g->uses_len; i++)
            put(w, g->uses[i].gate);
    }
    return false;
}

stroma_status stroma_population_uses_channel(const stroma_gate_set *s, size_t gate,
                                             const char *const *names, size_t n, bool *out,
                                             stroma_error *err)
{
    walk w = { .waiting = stroma_alloc_array(s->gates_len, sizeof *w.waiting),
               .seen = stroma_alloc_array(s->gates_len, sizeof *w.seen) };
    const bool memory = w.waiting != NULL && w.seen != NULL;
    *out = memory && gate < s->gates_len && walk_from(&w, s, gate, names, n);
    stroma_free(w.waiting);
    stroma_free(w.seen);
    return memory ? STROMA_OK : stroma_no_memory(err);
}

stroma_status stroma_population_without_channel(const stroma_gate_set *s, size_t gate,
                                                const char *const *names, size_t n, size_t *out,
                                                stroma_error *err)
{
    *out = gate;
    for (bool used = true; *out != SIZE_MAX;) {
        STROMA_TRY(stroma_population_uses_channel(s, *out, names, n, &used, err));
        if (!used) break;
        *out = s->gates[*out].parent < 0 ? SIZE_MAX : (size_t)s->gates[*out].parent;
    }
    return STROMA_OK;
}
