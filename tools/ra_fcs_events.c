/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the cells of a tube look like. The assumptions stand in make_ra_fcs.c. */
#include "ra_fcs.h"

#include "stroma/memory.h"
#include "stroma/random.h"

#include <math.h>

enum { STAINS = RA_FCS_STAINS };
static const uint64_t SEED = 20180616;
static const double TOP = 262143;
static const double PHOTON_NOISE = 6, ELECTRONIC_NOISE = 45;

/* PerCP-Cy5.5, FITC, APC, PE, PE-Cy7: the order of CD3, CD4, CD25, FoxP3, IL-17A. */
const double ra_fcs_spillover[STAINS][STAINS] = { { 1, 0, 0.035, 0.004, 0.142 },
                                                  { 0.021, 1, 0, 0.165, 0.003 },
                                                  { 0.012, 0, 1, 0.001, 0.031 },
                                                  { 0.118, 0.013, 0, 1, 0.024 },
                                                  { 0.009, 0.002, 0.004, 0.017, 1 } };

/* Light scatter, and per stain the share of cells that carry it, the median of those, and the
 * spread of its logarithm. A share of 0 is autofluorescence alone. */
typedef struct stain {
    double share, median, log_sd;
} stain;
typedef struct look {
    double fsc, fsc_cv, ssc, ssc_cv;
    double glow; /* mean autofluorescence */
    stain stain[STAINS];
} look;

static const look looks[RA_FCS_POPULATIONS] = {
    [DEBRIS] = { 12000, 0.35, 9000, 0.45, 15, { { 0 } } },
    [DEAD] = { 34000,
               0.16,
               52000,
               0.22,
               900,
               { { 0.6, 1500, 0.6 },
                 { 0.5, 1500, 0.6 },
                 { 0.5, 900, 0.6 },
                 { 0.7, 900, 0.6 },
                 { 0.7, 900, 0.6 } } },
    [MONOCYTE] = { 118000,
                   0.10,
                   84000,
                   0.14,
                   180,
                   { [1] = { 1, 750, 0.30 }, [2] = { 0.2, 350, 0.4 } } },
    [NON_T] = { 62000, 0.09, 24000, 0.14, 40, { [2] = { 0.25, 500, 0.4 } } },
    [CD8] = { 64000, 0.09, 25000, 0.14, 40, { { 1, 5200, 0.20 }, { 0 }, { 0.12, 500, 0.4 } } },
    [CD4_CONVENTIONAL] = { 63000,
                           0.09,
                           24000,
                           0.14,
                           40,
                           { { 1, 5600, 0.20 }, { 1, 6800, 0.18 }, { 0.35, 700, 0.40 } } },
    [CD4_TREG] = { 64000,
                   0.09,
                   24500,
                   0.14,
                   40,
                   { { 1, 5000, 0.20 }, { 1, 6200, 0.18 }, { 1, 9000, 0.30 }, { 1, 5200, 0.30 } } },
    [CD4_TH17] = { 65000,
                   0.09,
                   25000,
                   0.14,
                   40,
                   { { 1, 5400, 0.20 },
                     { 1, 6500, 0.18 },
                     { 0.6, 800, 0.40 },
                     { 0 },
                     { 1, 8500, 0.40 } } },
};

/* Shares of all events of what is not CD4; CD4 cells are the rest. */
static const double shares[RA_FCS_POPULATIONS] = {
    [DEBRIS] = 0.05,    [DEAD] = 0.03,  [DOUBLET] = 0.025,
    [MONOCYTE] = 0.045, [NON_T] = 0.13, [CD8] = 0.22
};

static stroma_random generator(const char *stream, uint64_t item)
{
    stroma_random r;
    stroma_random_init(&r, SEED, stroma_random_stream(stream), item);
    return r;
}

static double lognormal(stroma_random *r, double median, double log_sd)
{
    return median * exp(log_sd * stroma_random_normal(r));
}

/* How many of each: those of CD4 are as near to the percentages as whole cells allow. */
static void count_populations(ra_fcs_tube *t)
{
    stroma_random r = generator("fcs counts", t->item);
    int left = RA_FCS_EVENTS;
    for (int p = 0; p < CD4_CONVENTIONAL; p++) {
        const double share = shares[p] * exp(0.15 * stroma_random_normal(&r));
        t->count[p] = (int)stroma_random_binomial(&r, RA_FCS_EVENTS, share);
        left -= t->count[p];
    }
    t->count[CD4_TREG] = (int)floor(left * t->treg_pct_cd4 / 100 + 0.5);
    t->count[CD4_TH17] = (int)floor(left * t->th17_pct_cd4 / 100 + 0.5);
    t->count[CD4_CONVENTIONAL] = left - t->count[CD4_TREG] - t->count[CD4_TH17];
}

typedef struct cell {
    double fsc, ssc, stain[STAINS];
} cell;

static cell draw_cell(stroma_random *r, enum ra_fcs_population p, int without,
                      const double staining[STAINS])
{
    const look *l = &looks[p];
    cell c = { .fsc = l->fsc * (1 + l->fsc_cv * stroma_random_normal(r)),
               .ssc = lognormal(r, l->ssc, l->ssc_cv) };
    for (int k = 0; k < STAINS; k++) {
        const stain *s = &l->stain[k];
        c.stain[k] = l->glow * (1 + 0.3 * stroma_random_normal(r));
        if (s->share <= 0 || (s->share < 1 && stroma_random_uniform(r) >= s->share)) continue;
        const double bound = lognormal(r, s->median, s->log_sd) * staining[k];
        if (without != CD3 + k) c.stain[k] += bound;
    }
    return c;
}

/* Two lymphocytes that passed the laser as one. */
static cell draw_doublet(stroma_random *r, int without, const double staining[STAINS])
{
    static const enum ra_fcs_population of[] = { NON_T, CD8, CD4_CONVENTIONAL, CD4_CONVENTIONAL };
    cell a = draw_cell(r, of[stroma_random_below(r, 4)], without, staining);
    const cell b = draw_cell(r, of[stroma_random_below(r, 4)], without, staining);
    a.fsc = 0.95 * (a.fsc + b.fsc);
    a.ssc += b.ssc;
    for (int k = 0; k < STAINS; k++)
        a.stain[k] += b.stain[k];
    return a;
}

static float stored(double x)
{
    return (float)(x > TOP ? TOP : x);
}

/* What the detectors see: light of all fluorochromes, counted as photons, and noise. */
static void measure(stroma_random *r, const cell *c, double time_ms, float *row)
{
    row[FSC] = stored(c->fsc < 0 ? 0 : c->fsc);
    row[SSC] = stored(c->ssc);
    for (int d = 0; d < STAINS; d++) {
        double light = 0;
        for (int k = 0; k < STAINS; k++)
            light += c->stain[k] * ra_fcs_spillover[k][d];
        const double variance = PHOTON_NOISE * fmax(light, 0) + ELECTRONIC_NOISE * ELECTRONIC_NOISE;
        row[CD3 + d] = stored(light + sqrt(variance) * stroma_random_normal(r));
    }
    row[TIME] = (float)floor(time_ms);
}

stroma_status ra_fcs_make_events(ra_fcs_tube *t, float *rows, stroma_error *err)
{
    count_populations(t);
    size_t *order = stroma_alloc_array(RA_FCS_EVENTS, sizeof *order);
    if (order == NULL) return stroma_no_memory(err);
    stroma_random r = generator("fcs order", t->item);
    stroma_random_permutation(&r, order, RA_FCS_EVENTS);
    r = generator("fcs staining", t->item);
    double staining[STAINS];
    for (int k = 0; k < STAINS; k++)
        staining[k] = exp(0.06 * stroma_random_normal(&r));
    /* the population of the i-th event is that of place order[i] in a row of all populations */
    int upto[RA_FCS_POPULATIONS], sum = 0;
    for (int p = 0; p < RA_FCS_POPULATIONS; p++)
        upto[p] = sum += t->count[p];
    r = generator("fcs events", t->item);
    double time_ms = 0;
    for (size_t i = 0; i < RA_FCS_EVENTS; i++) {
        int p = 0;
        while ((int)order[i] >= upto[p])
            p++;
        const cell c = p == DOUBLET
                           ? draw_doublet(&r, t->without, staining)
                           : draw_cell(&r, (enum ra_fcs_population)p, t->without, staining);
        time_ms += 2.2 * stroma_random_exponential(&r);
        measure(&r, &c, time_ms, rows + i * RA_FCS_CHANNELS);
    }
    stroma_free(order);
    return STROMA_OK;
}
