/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a marker is in a tube. */
#include "panel.h"
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

stroma_status population_marker_find(const stroma_population_tube *t, const stroma_panel *panel,
                                     const char *marker, stroma_event_column *out,
                                     const char **channel, stroma_error *err)
{
    size_t parameter = SIZE_MAX;
    const size_t known = panel == NULL ? SIZE_MAX : stroma_panel_marker_find(panel, marker);
    if (known != SIZE_MAX)
        parameter = panel_match_one(panel, &panel->markers[known], t->data, t->file, NULL);
    const char *name = parameter == SIZE_MAX ? marker : t->data->parameters[parameter].name;
    const stroma_status s = stroma_column_find(t->data, t->compensation, name, out, err);
    if (s != STROMA_OK) return stroma_in(err, s, "marker \"%s\"", marker);
    const char *names[2] = { NULL, NULL };
    const size_t n = population_column_names(t, out, names);
    *channel = parameter != SIZE_MAX ? name : names[n - 1];
    return STROMA_OK;
}
