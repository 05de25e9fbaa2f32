/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/memory.h"
#include "stroma/sort.h"
#include "stroma/stats_missing.h"

#include <string.h>

const char *stroma_missing_kind_name(stroma_missing_kind k)
{
    static const char *const names[] = { "complete", "monotone", "intermittent", "never measured" };
    return names[k];
}

static bool was_measured(uint8_t state)
{
    return state == STROMA_PRESENT || state == STROMA_BELOW_LIMIT || state == STROMA_ABOVE_LIMIT;
}

/* What the comparisons see. */
typedef struct sorting {
    const stroma_missing_map *m;
    const bool *measured; /* subjects × visits */
    const size_t *group;  /* NULL: one */
} sorting;

static size_t count_measured(const bool *row, size_t visits)
{
    size_t n = 0;
    for (size_t v = 0; v < visits; v++)
        n += row[v];
    return n;
}

/* Measured longer, then measured more often, first; equal patterns stay together. */
static int by_row(const bool *a, const bool *b, size_t visits)
{
    size_t x = visits, y = visits;
    while (x > 0 && !a[x - 1])
        x--;
    while (y > 0 && !b[y - 1])
        y--;
    if (x != y) return x > y ? -1 : 1;
    x = count_measured(a, visits);
    y = count_measured(b, visits);
    if (x != y) return x > y ? -1 : 1;
    return -memcmp(a, b, visits * sizeof *a);
}

static int by_place(const void *a, const void *b, void *context)
{
    const sorting *s = context;
    const size_t i = *(const size_t *)a, k = *(const size_t *)b, v = s->m->visits;
    if (s->group != NULL && s->group[i] != s->group[k]) return s->group[i] < s->group[k] ? -1 : 1;
    const int row = by_row(s->measured + i * v, s->measured + k * v, v);
    return row != 0 ? row : (i > k) - (i < k);
}

static int by_frequency(const void *a, const void *b, void *context)
{
    const stroma_missing_pattern *p = a, *q = b;
    const sorting *s = context;
    if (p->n != q->n) return p->n > q->n ? -1 : 1;
    return by_row(p->measured, q->measured, s->m->visits);
}

static int by_pattern(const void *a, const void *b, void *context)
{
    const sorting *s = context;
    const size_t i = *(const size_t *)a, k = *(const size_t *)b, v = s->m->visits;
    const int row = by_row(s->measured + i * v, s->measured + k * v, v);
    return row != 0 ? row : (i > k) - (i < k);
}

static stroma_missing_kind kind_of(const bool *row, size_t visits, size_t *last)
{
    const size_t n = count_measured(row, visits);
    size_t end = visits;
    while (end > 0 && !row[end - 1])
        end--;
    *last = end == 0 ? SIZE_MAX : end - 1;
    return n == 0        ? STROMA_MISSING_EVERYTHING
           : n == visits ? STROMA_MISSING_NOTHING
           : end == n    ? STROMA_MISSING_MONOTONE
                         : STROMA_MISSING_INTERMITTENT;
}

/* Runs of equal rows among the subjects sorted by pattern. */
static stroma_status find_patterns(stroma_missing_map *m, sorting *s, stroma_error *err)
{
    size_t *sorted = stroma_arena_alloc(&m->arena, m->subjects + 1, sizeof *sorted);
    m->patterns = stroma_arena_alloc(&m->arena, m->subjects + 1, sizeof *m->patterns);
    if (sorted == NULL || m->patterns == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < m->subjects; i++)
        sorted[i] = i;
    STROMA_TRY(stroma_sort(sorted, m->subjects, sizeof *sorted, by_pattern, s, err));
    size_t *by = NULL;
    for (size_t k = 0; k < m->subjects; k++) {
        const size_t i = sorted[k], v = m->visits;
        const bool *row = s->measured + i * v;
        const bool same =
            k > 0 && memcmp(row, s->measured + sorted[k - 1] * v, v * sizeof *row) == 0;
        if (!same) {
            by = stroma_arena_alloc(&m->arena, m->groups, sizeof *by);
            if (by == NULL) return stroma_no_memory(err);
            m->patterns[m->patterns_len++] =
                (stroma_missing_pattern){ .measured = row, .kind = m->kind_of[i], .by = by };
        }
        m->patterns[m->patterns_len - 1].n++;
        by[s->group == NULL ? 0 : s->group[i]]++;
    }
    return stroma_sort(m->patterns, m->patterns_len, sizeof *m->patterns, by_frequency, s, err);
}

static stroma_status fill(stroma_missing_map *m, const uint8_t *states, const size_t *group,
                          stroma_error *err)
{
    const size_t n = m->subjects, v = m->visits;
    stroma_arena *a = &m->arena;
    bool *measured = stroma_arena_alloc(a, n * v + 1, sizeof *measured);
    m->states =
        stroma_arena_alloc(a, m->groups * v * STROMA_CELL_STATE_COUNT + 1, sizeof *m->states);
    m->kinds = stroma_arena_alloc(a, m->groups * STROMA_MISSING_KIND_COUNT, sizeof *m->kinds);
    m->last = stroma_arena_alloc(a, n + 1, sizeof *m->last);
    m->kind_of = stroma_arena_alloc(a, n + 1, sizeof *m->kind_of);
    m->order = stroma_arena_alloc(a, n + 1, sizeof *m->order);
    if (measured == NULL || m->states == NULL || m->kinds == NULL || m->last == NULL ||
        m->kind_of == NULL || m->order == NULL)
        return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++) {
        const size_t g = group == NULL ? 0 : group[i];
        if (g >= m->groups)
            return stroma_fail(err, STROMA_E_USAGE, "subject %zu: group %zu of %zu", i + 1, g,
                               m->groups);
        for (size_t k = 0; k < v; k++) {
            const uint8_t state = states[i * v + k];
            if (state >= STROMA_CELL_STATE_COUNT)
                return stroma_fail(err, STROMA_E_USAGE, "subject %zu, visit %zu: state %u", i + 1,
                                   k + 1, (unsigned)state);
            measured[i * v + k] = was_measured(state);
            m->states[(g * v + k) * STROMA_CELL_STATE_COUNT + state]++;
        }
        m->kind_of[i] = kind_of(measured + i * v, v, &m->last[i]);
        m->kinds[g * STROMA_MISSING_KIND_COUNT + m->kind_of[i]]++;
        m->order[i] = i;
    }
    sorting s = { m, measured, group };
    STROMA_TRY(stroma_sort(m->order, n, sizeof *m->order, by_place, &s, err));
    return find_patterns(m, &s, err);
}

stroma_status stroma_missing_map_make(const uint8_t *states, const size_t *group, size_t subjects,
                                      size_t visits, size_t groups, stroma_missing_map **out,
                                      stroma_error *err)
{
    *out = NULL;
    if (visits == 0 || groups == 0)
        return stroma_fail(err, STROMA_E_USAGE, "%zu visits and %zu groups", visits, groups);
    if (subjects > SIZE_MAX / visits || visits > SIZE_MAX / groups / STROMA_CELL_STATE_COUNT)
        return stroma_no_memory(err);
    stroma_missing_map *m = stroma_alloc_array(1, sizeof *m);
    if (m == NULL) return stroma_no_memory(err);
    m->subjects = subjects;
    m->visits = visits;
    m->groups = groups;
    stroma_arena_init(&m->arena, (size_t)1 << 34);
    const stroma_status s = fill(m, states, group, err);
    if (s == STROMA_OK)
        *out = m;
    else
        stroma_missing_map_free(m);
    return s;
}

void stroma_missing_map_free(stroma_missing_map *m)
{
    if (m == NULL) return;
    stroma_arena_clear(&m->arena);
    stroma_free(m);
}
