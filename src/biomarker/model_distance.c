/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far from the patients that made the model: squared Mahalanobis distance of scaled inputs. */
#include "model_internal.h"
#include "model_matrix.h"

#include "stroma/memory.h"
#include "stroma/sort.h"

#include <math.h>
#include <string.h>

stroma_status model_distance(const stroma_model *m, const double *z, double *out, stroma_error *err)
{
    const size_t p = m->inputs_len;
    *out = NAN;
    if (m->correlation == NULL) return STROMA_OK;
    double *a = stroma_alloc_array(p * p, sizeof *a);
    if (a == NULL) return stroma_no_memory(err);
    memcpy(a, m->correlation, p * p * sizeof *a);
    if (model_invert(a, p)) *out = model_quadratic(a, z, p);
    stroma_free(a);
    return STROMA_OK;
}

/* Distance of a row from the mean and covariance of the n − 1 others, from that with it in
 * (Sherman & Morrison's formula). */
static double left_out(double squared, size_t n)
{
    const double share = squared / (double)(n - 1), c = (double)n / (double)(n - 1);
    return c * c * (double)(n - 2) * share / fmax(1e-9, 1 - c * share);
}

/* At most 1000 of them, evenly spaced in rank. */
static stroma_status keep(stroma_model *m, double *all, size_t n, stroma_error *err)
{
    const size_t most = 1000;
    stroma_sort_doubles(all, n);
    m->distance_len = n < most ? n : most;
    m->distance = stroma_arena_alloc(&m->arena, m->distance_len, sizeof *m->distance);
    if (m->distance == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < m->distance_len; i++)
        m->distance[i] = n <= most ? all[i] : all[(2 * i + 1) * n / (2 * most)];
    return STROMA_OK;
}

stroma_status model_distances(const model_recipe *r, const model_data *d, stroma_model *m,
                              stroma_error *err)
{
    const size_t p = r->p, n = d->n;
    if (n < 3) return STROMA_OK;
    double *inverse = stroma_alloc_array(p * p, sizeof *inverse);
    double *all = stroma_alloc_array(n + 2 * p, sizeof *all);
    uint8_t *state = stroma_alloc_array(p, 1);
    stroma_status s = STROMA_OK;
    if (inverse == NULL || all == NULL || state == NULL) s = stroma_no_memory(err);
    if (s == STROMA_OK) memcpy(inverse, r->correlation, p * p * sizeof *inverse);
    if (s == STROMA_OK && model_invert(inverse, p)) {
        size_t used = 0;
        double *value = all + n, *z = value + p;
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j < p; j++) {
                value[j] = d->value[j][i];
                state[j] = d->state[j][i];
            }
            if (!model_recipe_apply(r, value, state, z, NULL, NULL)) continue;
            all[used++] = left_out(model_quadratic(inverse, z, p), n);
        }
        m->correlation = stroma_arena_alloc(&m->arena, p * p, sizeof *m->correlation);
        if (m->correlation == NULL) s = stroma_no_memory(err);
        if (s == STROMA_OK) {
            memcpy(m->correlation, r->correlation, p * p * sizeof *m->correlation);
            s = keep(m, all, used, err);
        }
    }
    stroma_free(inverse);
    stroma_free(all);
    stroma_free(state);
    return s;
}
