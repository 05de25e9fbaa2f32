/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The events of the simulated trial's tubes, between their making and their writing. */
#ifndef RA_FCS_H
#define RA_FCS_H
#include "stroma/error.h"

#include <stdbool.h>

enum ra_fcs_channel { FSC, SSC, CD3, CD4, CD25, FOXP3, IL17A, TIME, RA_FCS_CHANNELS };
enum { RA_FCS_EVENTS = 5000, RA_FCS_STAINS = IL17A - CD3 + 1 };

enum ra_fcs_population {
    DEBRIS,
    DEAD,
    DOUBLET,
    MONOCYTE,
    NON_T, /* lymphocytes without CD3 */
    CD8,   /* CD3+ CD4- */
    CD4_CONVENTIONAL,
    CD4_TREG,
    CD4_TH17,
    RA_FCS_POPULATIONS
};

typedef struct ra_fcs_tube {
    double treg_pct_cd4, th17_pct_cd4; /* to plant */
    int without;                       /* channel that got no antibody (FMO), or -1 */
    uint64_t item;                     /* picks the random numbers */
    int count[RA_FCS_POPULATIONS];     /* planted, filled by ra_fcs_make_events */
} ra_fcs_tube;

/* Row i: what the fluorochrome of stain i shows in the channels of the stains. */
extern const double ra_fcs_spillover[RA_FCS_STAINS][RA_FCS_STAINS];

/* Draw all events of a tube into event-major rows. */
stroma_status ra_fcs_make_events(ra_fcs_tube *tube, float *rows, stroma_error *err);
#endif
