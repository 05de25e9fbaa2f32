/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From stored numbers to linear ones (FCS 3.1 §3.2.20): log amplification x = f2 · 10^(f1·v/R),
 * gain x = v/g, time in seconds. */
#include "fcs_private.h"

#include <math.h>

static double from_log(const stroma_fcs_parameter *p, double v)
{
    return p->log_offset * pow(10, p->log_decades * (v / p->range));
}

/* A channel of 10 bits has 1024 values: raise ten to them once, not once an event. */
stroma_status fcs_scale_tables(fcs_job *j, stroma_error *err)
{
    for (size_t i = 0; i < j->d->parameters_len; i++) {
        const stroma_fcs_parameter *p = &j->parameters[i];
        if (p->log_decades <= 0 || p->mask >= j->d->n_events || p->mask > 0xFFFF) continue;
        double *table = stroma_arena_alloc(j->arena, (size_t)p->mask + 1, sizeof *table);
        if (table == NULL) return stroma_no_memory(err);
        for (uint64_t v = 0; v <= p->mask; v++)
            table[v] = from_log(p, (double)v);
        j->data->fields[i].log = table;
    }
    return STROMA_OK;
}

void fcs_scale_linear(const stroma_fcs_dataset *d, size_t parameter, double *x, size_t n)
{
    const stroma_fcs_parameter *p = &d->parameters[parameter];
    const double *table = d->data->fields[parameter].log;
    if (p->is_time) {
        if (d->timestep_s < 1 || d->timestep_s > 1)
            for (size_t i = 0; i < n; i++)
                x[i] *= d->timestep_s;
    } else if (table != NULL) {
        for (size_t i = 0; i < n; i++)
            x[i] = table[(size_t)x[i]];
    } else if (p->log_decades > 0) {
        for (size_t i = 0; i < n; i++)
            x[i] = from_log(p, x[i]);
    } else if (p->gain < 1 || p->gain > 1) {
        for (size_t i = 0; i < n; i++)
            x[i] /= p->gain;
    }
}
