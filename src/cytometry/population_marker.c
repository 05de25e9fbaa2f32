/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a marker is in a tube. */
#include "population_table.h"

#include <string.h>

size_t population_column_names(const stroma_population_tube *t, const stroma_event_column *c,
                               const char *names[2])
{
    if (c->compensation == NULL) {
        names[0] = t->data->parameters[c->index].name;
        return 1;
    }
    const stroma_compensation *m = c->compensation;
    names[0] = m->fluorochrome[c->index];
    /* With a square matrix a fluorochrome has a detector of its own; gates may name either. */
    if (m->fluorochromes_len != m->detectors_len) return 1;
    names[1] = m->detector[c->index];
    return 2;
}

static stroma_status by_panel(const stroma_population_tube *t, const stroma_panel *panel,
                              size_t marker, size_t *parameter, stroma_error *err)
{
    size_t *place = stroma_alloc_array(panel->markers_len, sizeof *place);
    if (place == NULL) return stroma_no_memory(err);
    const stroma_status s = stroma_panel_match(panel, t->data, t->file, NULL, place, err);
    *parameter = place[marker];
    stroma_free(place);
    return s;
}

stroma_status population_marker_find(const stroma_population_tube *t, const stroma_panel *panel,
                                     const char *marker, stroma_event_column *out,
                                     const char **channel, stroma_error *err)
{
    size_t parameter = SIZE_MAX;
    const size_t known = panel == NULL ? SIZE_MAX : stroma_panel_marker_find(panel, marker);
    if (known != SIZE_MAX) STROMA_TRY(by_panel(t, panel, known, &parameter, err));
    const char *name = parameter == SIZE_MAX ? marker : t->data->parameters[parameter].name;
    const stroma_status s = stroma_column_find(t->data, t->compensation, name, out, err);
    if (s != STROMA_OK) return stroma_in(err, s, "marker \"%s\"", marker);
    const char *names[2] = { NULL, NULL };
    const size_t n = population_column_names(t, out, names);
    *channel = parameter != SIZE_MAX ? name : names[n - 1];
    return STROMA_OK;
}
