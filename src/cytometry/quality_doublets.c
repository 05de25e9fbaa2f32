/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two cells in one pulse: its area is too large for its height, or it is too wide. */
#include "quality.h"

#include <math.h>

static const double LIMIT_MAD = 4;

typedef struct band {
    size_t columns;
    double upper;
} band;

static void see(quality_work *w, uint64_t first, size_t n, double *const *x, void *context)
{
    const band *b = context;
    for (size_t i = 0; i < n; i++) {
        const double r = b->columns == 1 ? x[0][i] : x[0][i] / x[1][i];
        if (r > b->upper && (b->columns == 1 || x[1][i] > 0)) w->flags[first + i] |= w->bit;
    }
}

static size_t choose(const stroma_fcs_dataset *d, stroma_event_column out[2])
{
    const size_t area = stroma_fcs_find(d, "FSC-A", false),
                 height = stroma_fcs_find(d, "FSC-H", false),
                 width = stroma_fcs_find(d, "FSC-W", false);
    if (area != SIZE_MAX && height != SIZE_MAX) {
        out[0] = (stroma_event_column){ NULL, area };
        out[1] = (stroma_event_column){ NULL, height };
        return 2;
    }
    out[0] = (stroma_event_column){ NULL, width };
    return width == SIZE_MAX ? 0 : 1;
}

static stroma_status run(quality_work *w, quality_answer *a, stroma_error *err)
{
    stroma_event_column column[2];
    const size_t k = choose(w->d, column);
    double *x = NULL;
    size_t n = 0;
    if (k == 0) return quality_cannot(w, a, err, "neither FSC-A with FSC-H nor FSC-W was recorded");
    STROMA_TRY(quality_sample(w, column, k, &x, &n, err));
    const double middle = quality_median(x, n);
    for (size_t i = 0; i < n; i++)
        x[i] = fabs(x[i] - middle);
    const double mad = 1.4826 * quality_median(x, n);
    stroma_free(x);
    if (n < QUALITY_BIN_EVENTS)
        return quality_cannot(w, a, err,
                              "too few events to judge: %zu with scatter, at least %d "
                              "are needed",
                              n, QUALITY_BIN_EVENTS);
    if (!(mad > 0)) return quality_cannot(w, a, err, "the pulses are all alike");
    band b = { k, middle + LIMIT_MAD * mad };
    STROMA_TRY(quality_scan(w, column, k, see, &b, err));
    uint64_t marked = 0;
    for (uint64_t e = 0; e < w->d->n_events; e++)
        marked += (w->flags[e] & w->bit) != 0;
    return quality_judge(w, a, (double)marked / (double)w->d->n_events, err,
                         "%s above %.4g, median %.4g", k == 2 ? "FSC-A / FSC-H" : "FSC-W", b.upper,
                         middle);
}

const quality_check quality_doublets = {
    .about = { .id = "doublets",
               .label = "Doublets",
               .measure = "share of events",
               .look = 0.15,
               .bad = 0.4,
               .marks = true,
               .meaning = "FSC-A / FSC-H more than 4 MAD above its median (FSC-W where one of them "
                          "is absent); median and MAD of at most 50,000 events, evenly spread. A "
                          "gate on the populations of interest does it better; the share shows "
                          "how the suspension was.",
               .source = "PeacoQC's RemoveDoublets (nmad = 4); limits of the share are ours" },
    .run = run,
};
