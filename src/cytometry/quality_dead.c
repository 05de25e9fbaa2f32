/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dead cells, where the panel says which channel shows them. */
#include "density.h"
#include "quality.h"

#include <math.h>
#include <string.h>

enum { EVENTS_MIN = 500 };
static const double COFACTOR_SHARE = 1.0 / 1748, MIN_DEPTH = 0.3;

static const char *marker_of(const stroma_panel *p)
{
    if (p->dead_marker != NULL) return p->dead_marker;
    for (size_t k = 0; k < p->markers_len; k++)
        if (p->markers[k].role != NULL && strcmp(p->markers[k].role, "viability") == 0)
            return p->markers[k].name;
    return NULL;
}

/* Column of the marker: compensated where the matrix has its channel. */
static stroma_event_column column_of(const quality_work *w, size_t parameter)
{
    const stroma_compensation *c = w->opts->compensation;
    const char *name = w->d->parameters[parameter].name;
    for (size_t i = 0; c != NULL && !c->identity && i < c->fluorochromes_len; i++)
        if (strcmp(c->fluorochrome[i], name) == 0) return (stroma_event_column){ c, i };
    return (stroma_event_column){ NULL, parameter };
}

static stroma_status find_parameter(const quality_work *w, const char *marker, size_t *out,
                                    stroma_error *err)
{
    const stroma_panel *p = w->opts->panel;
    const size_t i = stroma_panel_marker_find(p, marker);
    *out = SIZE_MAX;
    if (i == SIZE_MAX) return STROMA_OK;
    size_t *parameter = stroma_alloc_array(p->markers_len, sizeof *parameter);
    if (parameter == NULL) return stroma_no_memory(err);
    const stroma_status s = stroma_panel_match(p, w->d, NULL, NULL, parameter, err);
    if (s == STROMA_OK) *out = parameter[i];
    stroma_free(parameter);
    return s;
}

static void see(quality_work *w, uint64_t first, size_t n, double *const *x, void *context)
{
    const double edge = *(const double *)context;
    for (size_t i = 0; i < n; i++)
        if (x[0][i] > edge) w->flags[first + i] |= w->bit;
}

static stroma_status judge(quality_work *w, quality_answer *a, const stroma_event_column *column,
                           const char *channel, double cofactor, double *x, size_t n,
                           stroma_error *err)
{
    density_grid g;
    density_valley v;
    if (n < EVENTS_MIN)
        return quality_cannot(w, a, err, "too few events to judge: %zu, at least %d are needed", n,
                              EVENTS_MIN);
    for (size_t i = 0; i < n; i++)
        x[i] = asinh(x[i] / cofactor);
    if (!density_make(x, n, 0, &g) ||
        !density_find_valley(&g, -HUGE_VAL, HUGE_VAL, (double)NAN, MIN_DEPTH, &v) ||
        !(v.depth_assured > 0))
        return quality_cannot(w, a, err,
                              "%.100s shows one population: dead and living cells cannot "
                              "be told apart without a gate",
                              channel);
    double edge = cofactor * sinh(density_place(&g, v.bin));
    STROMA_TRY(quality_scan(w, column, 1, see, &edge, err));
    uint64_t dead = 0;
    for (uint64_t e = 0; e < w->d->n_events; e++)
        dead += (w->flags[e] & w->bit) != 0;
    return quality_judge(w, a, (double)dead / (double)w->d->n_events, err,
                         "%.100s above %.4g, the valley between two peaks", channel, edge);
}

static stroma_status run(quality_work *w, quality_answer *a, stroma_error *err)
{
    const char *marker = w->opts->panel == NULL ? NULL : marker_of(w->opts->panel);
    if (marker == NULL) return quality_cannot(w, a, err, "no dead-cell marker declared");
    size_t parameter = SIZE_MAX, n = 0;
    double *x = NULL;
    STROMA_TRY(find_parameter(w, marker, &parameter, err));
    if (parameter == SIZE_MAX)
        return quality_cannot(w, a, err, "the dead-cell marker %.100s is not in the file", marker);
    const stroma_fcs_parameter *p = &w->d->parameters[parameter];
    const stroma_event_column column = column_of(w, parameter);
    const double range = p->range > 1 ? p->range : 262144;
    STROMA_TRY(quality_sample(w, &column, 1, &x, &n, err));
    const stroma_status s = judge(w, a, &column, p->name, range * COFACTOR_SHARE, x, n, err);
    stroma_free(x);
    return s;
}

const quality_check quality_dead = {
    .about = { .id = "dead",
               .label = "Dead cells",
               .measure = "share of events",
               .look = 0.2,
               .bad = 0.5,
               .marks = true,
               .meaning = "Events above the valley between the two peaks of the panel's viability "
                          "marker that it separates best (compensated, asinh). Without such a "
                          "marker, or without a valley, it is not judged.",
               .source = "the valley method of stroma gate learn; limits of the share are ours" },
    .run = run,
};
