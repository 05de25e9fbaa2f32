/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same edge in several files: where does one lie far from the others? */
#include "density.h"

#include "stroma/cytometry_strategy.h"
#include "stroma/sort.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double FAR = 3.5, MAD_TO_SD = 1.4826, LEAST_SD = 0.02;
enum { FILES_NEEDED = 3, ARENA_LIMIT_BYTES = 256 << 20 };

typedef struct edge {
    const char *file, *population, *marker;
    int which; /* 0: the lower limit, 1: the upper one */
    double at, linear;
} edge;

struct stroma_gating_edges {
    stroma_arena arena;
    edge *items;
    size_t len, capacity;
};

static stroma_status add(stroma_gating_edges *e, const char *file, const stroma_gating_row *r,
                         int which, stroma_error *err)
{
    STROMA_TRY(stroma_grow(&e->items, &e->capacity, e->len + 1, sizeof *e->items, err));
    const edge one = { .file = file,
                       .population = stroma_arena_strdup(&e->arena, r->population),
                       .marker = stroma_arena_strdup(&e->arena, r->marker),
                       .which = which,
                       .at = which == 0 ? r->lower : r->upper,
                       .linear = which == 0 ? r->lower_linear : r->upper_linear };
    if (one.population == NULL || one.marker == NULL) return stroma_no_memory(err);
    e->items[e->len++] = one;
    return STROMA_OK;
}

stroma_status stroma_gating_edges_add(stroma_gating_edges **edges, const char *file,
                                      const stroma_gating_result *r, stroma_error *err)
{
    if (*edges == NULL) {
        *edges = stroma_alloc_array(1, sizeof **edges);
        if (*edges == NULL) return stroma_no_memory(err);
        **edges = (stroma_gating_edges){ .items = NULL };
        stroma_arena_init(&(*edges)->arena, ARENA_LIMIT_BYTES);
    }
    stroma_gating_edges *e = *edges;
    const char *name = stroma_arena_strdup(&e->arena, file);
    if (name == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < r->rows_len; i++) {
        const stroma_gating_row *row = &r->rows[i];
        if (row->marker == NULL || row->state == STROMA_GATING_DRAWN) continue;
        if (isfinite(row->lower)) STROMA_TRY(add(e, name, row, 0, err));
        if (isfinite(row->upper)) STROMA_TRY(add(e, name, row, 1, err));
    }
    return STROMA_OK;
}

static bool same(const edge *a, const edge *b)
{
    return a->which == b->which && strcmp(a->population, b->population) == 0 &&
           strcmp(a->marker, b->marker) == 0;
}

static void say(const edge *e, const edge *middle, size_t files, stroma_diag *diag)
{
    char text[300];
    (void)snprintf(text, sizeof text,
                   "population \"%.60s\": the edge of \"%.40s\" is %.4g (%.3f of the scale), the "
                   "median of %zu files near %.4g (%.3f)",
                   e->population, e->marker, e->linear, e->at, files, middle->linear, middle->at);
    stroma_diag_add(
        diag, &(stroma_finding){ .code = "STROMA-LEARN-010",
                                 .severity = STROMA_WARNING,
                                 .file = e->file,
                                 .column = e->marker,
                                 .param = e->population,
                                 .message = text,
                                 .rule = "samples of one panel have their gates alike",
                                 .action = "look at the density of the marker in the parent" });
}

/* @param all the same edge in n files  @param room n numbers */
static void compare(edge *const *all, size_t n, double *room, stroma_diag *diag)
{
    const edge *middle = all[0];
    for (size_t i = 0; i < n; i++)
        room[i] = all[i]->at;
    stroma_sort_doubles(room, n);
    const double median = density_quantile(room, n, 0.5);
    for (size_t i = 0; i < n; i++) {
        room[i] = fabs(all[i]->at - median);
        if (room[i] < fabs(middle->at - median)) middle = all[i];
    }
    stroma_sort_doubles(room, n);
    const double sd = fmax(MAD_TO_SD * density_quantile(room, n, 0.5), LEAST_SD);
    for (size_t i = 0; i < n; i++)
        if (fabs(all[i]->at - median) > FAR * sd) say(all[i], middle, n, diag);
}

stroma_status stroma_gating_edges_compare(const stroma_gating_edges *edges, stroma_diag *diag,
                                          stroma_error *err)
{
    if (edges == NULL || edges->len == 0) return STROMA_OK;
    edge **all = stroma_alloc_array(edges->len, sizeof(edge *));
    double *room = stroma_alloc_array(edges->len, sizeof *room);
    bool *seen = stroma_alloc_array(edges->len, sizeof *seen);
    const bool good = all != NULL && room != NULL && seen != NULL;
    for (size_t i = 0; good && i < edges->len; i++) {
        size_t n = 0;
        for (size_t k = i; k < edges->len && !seen[i]; k++)
            if (same(&edges->items[k], &edges->items[i])) {
                all[n++] = &edges->items[k];
                if (k > i) seen[k] = true;
            }
        if (n >= FILES_NEEDED) compare(all, n, room, diag);
    }
    stroma_free(all);
    stroma_free(room);
    stroma_free(seen);
    return good ? STROMA_OK : stroma_no_memory(err);
}

void stroma_gating_edges_free(stroma_gating_edges *edges)
{
    if (edges == NULL) return;
    stroma_arena_clear(&edges->arena);
    stroma_free(edges->items);
    stroma_free(edges);
}
