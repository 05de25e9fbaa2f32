/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events of a tube that are cells by their scatter. */
#include "compensation_tube.h"

#include <math.h>
#include <string.h>
#include <strings.h>

/* @return index of the scatter channel whose name begins so, areas before others; SIZE_MAX: none */
static size_t scatter(const stroma_fcs_dataset *d, const char *const *begins)
{
    size_t found = SIZE_MAX;
    for (size_t b = 0; begins[b] != NULL && found == SIZE_MAX; b++)
        for (size_t i = 0; i < d->parameters_len; i++) {
            const char *name = d->parameters[i].name;
            const size_t n = strlen(name);
            if (strncasecmp(name, begins[b], strlen(begins[b])) != 0) continue;
            if (found == SIZE_MAX) found = i;
            if (n > 2 && strcasecmp(name + n - 2, "-A") == 0) return i;
        }
    return found;
}

static stroma_status read_all(const stroma_fcs_dataset *d, size_t parameter, double *out,
                              stroma_error *err)
{
    for (uint64_t e = 0; e < d->n_events; e += STROMA_COLUMN_BLOCK) {
        const uint64_t left = d->n_events - e;
        double *to = out + e;
        STROMA_TRY(stroma_fcs_read(d, STROMA_FCS_LINEAR, e,
                                   left < STROMA_COLUMN_BLOCK ? (size_t)left : STROMA_COLUMN_BLOCK,
                                   &parameter, 1, &to, err));
    }
    return STROMA_OK;
}

/* Add ((x − median) / (1.4826 MAD))² of a scatter channel to the distance of each event. */
static stroma_status add_distance(const stroma_fcs_dataset *d, size_t parameter, double *distance,
                                  stroma_error *err)
{
    const size_t n = (size_t)d->n_events;
    double *x = stroma_alloc_array(2 * n, sizeof *x), middle = 0, mad = 0;
    const double half = 0.5;
    if (x == NULL) return stroma_no_memory(err);
    double *y = x + n;
    stroma_status s = read_all(d, parameter, x, err);
    size_t m = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(x[i])) y[m++] = x[i];
    if (s == STROMA_OK && m > 0) s = compensation_quantiles(y, m, &half, 1, &middle, err);
    for (size_t i = 0; i < m; i++)
        y[i] = fabs(y[i] - middle);
    if (s == STROMA_OK && m > 0) s = compensation_quantiles(y, m, &half, 1, &mad, err);
    for (size_t i = 0; s == STROMA_OK && i < n; i++) {
        const double z = mad > 0 ? (x[i] - middle) / (1.4826 * mad) : 0;
        distance[i] += isfinite(x[i]) ? z * z : (double)INFINITY;
    }
    stroma_free(x);
    return s;
}

stroma_status compensation_tube_open(const stroma_fcs_dataset *d, bool gate, compensation_tube *out,
                                     stroma_error *err)
{
    static const char *const forward[] = { "FSC", "FS", NULL }, *const side[] = { "SSC", "SS",
                                                                                  NULL };
    const size_t channel[] = { scatter(d, forward), scatter(d, side) };
    const size_t n = (size_t)d->n_events;
    *out = (compensation_tube){ .d = d };
    double *distance = stroma_alloc_array(n, sizeof *distance);
    out->keep = stroma_alloc_array(n, sizeof *out->keep);
    stroma_status s = distance == NULL || out->keep == NULL ? stroma_no_memory(err) : STROMA_OK;
    for (size_t i = 0; s == STROMA_OK && gate && i < 2; i++)
        if (channel[i] != SIZE_MAX) s = add_distance(d, channel[i], distance, err);
    for (size_t i = 0; s == STROMA_OK && i < n; i++) {
        out->keep[i] = distance[i] <= 1.5 * 1.5;
        out->kept += out->keep[i];
    }
    stroma_free(distance);
    if (s != STROMA_OK) compensation_tube_close(out);
    return s;
}

void compensation_tube_close(compensation_tube *t)
{
    stroma_free(t->keep);
    *t = (compensation_tube){ 0 };
}

stroma_status compensation_tube_column(const compensation_tube *t, size_t parameter, double **out,
                                       stroma_error *err)
{
    const size_t n = (size_t)t->d->n_events;
    double *x = stroma_alloc_array(n, sizeof *x);
    *out = NULL;
    if (x == NULL) return stroma_no_memory(err);
    const stroma_status s = read_all(t->d, parameter, x, err);
    if (s != STROMA_OK) {
        stroma_free(x);
        return s;
    }
    size_t m = 0;
    for (size_t i = 0; i < n; i++)
        if (t->keep[i]) x[m++] = x[i];
    *out = x;
    return STROMA_OK;
}
