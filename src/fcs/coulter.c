/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Beckman Coulter .LMD holds the same events twice: as FCS 2.0 in 1024 steps, with the names that
 * people gave, and as FCS 3.0 in 2^20 steps, with the names of the detectors only. */
#include "fcs_private.h"

#include <string.h>
#include <strings.h>

enum { CHANNELS_MAX = 256 };

static double widest(const stroma_fcs_dataset *d)
{
    double most = 0;
    for (size_t i = 0; i < d->parameters_len; i++)
        if (d->parameters[i].range > most) most = d->parameters[i].range;
    return most;
}

/* "FL1 Log" and "FL1-H" are of the detector FL1. */
static size_t detector_length(const char *name)
{
    return strcspn(name, " -_");
}

static const char *stain_of(const stroma_fcs_dataset *d, const char *name)
{
    const size_t n = detector_length(name);
    for (size_t i = 0; i < d->parameters_len; i++) {
        const stroma_fcs_parameter *p = &d->parameters[i];
        if (p->stain[0] == '\0' || strcasecmp(p->stain, p->name) == 0) continue;
        if (detector_length(p->name) == n && strncasecmp(p->name, name, n) == 0) return p->stain;
    }
    return "";
}

stroma_status fcs_coulter_join(stroma_fcs_dataset *sets, size_t n, stroma_arena *arena,
                               stroma_diag *diag, const char *file, size_t *preferred,
                               stroma_error *err)
{
    *preferred = 0;
    /* (The instruments have 16 detectors at most; names are compared each with each.) */
    if (n != 2 || sets[0].parameters_len > CHANNELS_MAX || sets[1].parameters_len > CHANNELS_MAX ||
        strcmp(sets[0].version, "FCS2.0") != 0 || strncmp(sets[1].version, "FCS3.", 5) != 0 ||
        sets[0].n_events != sets[1].n_events || widest(&sets[1]) < 4 * widest(&sets[0]))
        return STROMA_OK;
    *preferred = 1;
    stroma_fcs_dataset *d = &sets[1];
    stroma_fcs_parameter *all = stroma_arena_alloc(arena, d->parameters_len, sizeof *all);
    if (all == NULL) return stroma_no_memory(err);
    memcpy(all, d->parameters, d->parameters_len * sizeof *all);
    size_t joined = 0;
    for (size_t i = 0; i < d->parameters_len; i++) {
        if (all[i].stain[0] != '\0') continue;
        all[i].stain = stain_of(&sets[0], all[i].name);
        joined += all[i].stain[0] != '\0';
    }
    d->parameters = all;
    const fcs_job j = { .file = file, .diag = diag, .d = d };
    fcs_find(&j, "STROMA-FCS-030", STROMA_NOTE, NULL,
             "the same %llu events as data set 0 in finer steps, as a Beckman Coulter .LMD has "
             "them; %zu stains are taken from there",
             (unsigned long long)d->n_events, joined);
    return STROMA_OK;
}
