/* SPDX-License-Identifier: GPL-3.0-or-later */
/* make_fcs_bench FILE [EVENTS]: a large FCS file for measuring speed, by default 1,000,000 events
 * of 18 channels (float32, 72 MB) with a 13 × 13 spillover matrix. Same bytes on any machine of one
 * CPU family. The cells are of eight kinds, each with its own set of the 13 stains. Prints how long
 * writing took. */
#include "stroma/buffer.h"
#include "stroma/fcs_write.h"
#include "stroma/number.h"
#include "stroma/random.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { SCATTERS = 4, STAINS = 13, CHANNELS = SCATTERS + STAINS + 1, TIME = CHANNELS - 1 };

static const stroma_fcs_out_parameter parameters[CHANNELS] = {
    { .name = "FSC-A", .range = 262144 },
    { .name = "FSC-H", .range = 262144 },
    { .name = "SSC-A", .range = 262144 },
    { .name = "SSC-H", .range = 262144 },
    { .name = "FITC-A", .stain = "CD4", .range = 262144 },
    { .name = "PE-A", .stain = "FoxP3", .range = 262144 },
    { .name = "PE-CF594-A", .stain = "CD127", .range = 262144 },
    { .name = "PerCP-Cy5.5-A", .stain = "CD3", .range = 262144 },
    { .name = "PE-Cy7-A", .stain = "IL-17A", .range = 262144 },
    { .name = "APC-A", .stain = "CD25", .range = 262144 },
    { .name = "AF700-A", .stain = "CD8", .range = 262144 },
    { .name = "APC-Cy7-A", .stain = "CD19", .range = 262144 },
    { .name = "BV421-A", .stain = "CD27", .range = 262144 },
    { .name = "BV510-A", .stain = "Live", .range = 262144 },
    { .name = "BV605-A", .stain = "CD56", .range = 262144 },
    { .name = "BV711-A", .stain = "CCR7", .range = 262144 },
    { .name = "BV786-A", .stain = "CD45RA", .range = 262144 },
    { .name = "Time", .range = 262144 },
};
/* Stains of each kind, bit k for the k-th, and its scatter: the dead, CD4 and CD8 T cells, Treg,
 * Th17, B, NK, monocytes. */
static const struct {
    unsigned stains;
    double share, fsc, ssc;
} kinds[] = { { 0x0200, 0.08, 15000, 9000 },  { 0x010d, 0.30, 62000, 24000 },
              { 0x104c, 0.20, 64000, 25000 }, { 0x002b, 0.03, 64000, 25000 },
              { 0x0019, 0.04, 65000, 25000 }, { 0x0180, 0.10, 60000, 22000 },
              { 0x0400, 0.10, 66000, 27000 }, { 0x0001, 0.15, 118000, 84000 } };

static double spill(int from, int to)
{
    if (from == to) return 1;
    const int apart = from < to ? to - from : from - to;
    return apart > 4 ? 0 : 0.18 / (apart * apart * (from < to ? 1 : 2));
}

typedef struct bench {
    double matrix[STAINS][STAINS];
} bench;

static int kind_of(double u)
{
    int k = 0;
    for (; k < 7 && u >= kinds[k].share; k++)
        u -= kinds[k].share;
    return k;
}

static void make_event(const bench *b, uint64_t event, size_t i, double *const *out)
{
    stroma_random r;
    double light[STAINS];
    stroma_random_init(&r, 1, stroma_random_stream("fcs bench"), event);
    const int kind = kind_of(stroma_random_uniform(&r));
    const double area = kinds[kind].fsc * (1 + 0.1 * stroma_random_normal(&r));
    const double side = kinds[kind].ssc * (1 + 0.15 * stroma_random_normal(&r));
    out[0][i] = fmax(area, 0);
    out[1][i] = fmax(area * (0.92 + 0.02 * stroma_random_normal(&r)), 0);
    out[2][i] = fmax(side, 0);
    out[3][i] = fmax(side * 0.9, 0);
    for (int k = 0; k < STAINS; k++) {
        const double z = stroma_random_normal(&r);
        light[k] = (kinds[kind].stains >> k & 1U) != 0 ? 6000 * exp(0.35 * z) : 60 * z;
    }
    for (int d = 0; d < STAINS; d++) {
        double sum = 0;
        for (int k = 0; k < STAINS; k++)
            sum += light[k] * b->matrix[k][d];
        sum += sqrt(4 * fmax(sum, 0) + 900) * stroma_random_normal(&r);
        out[SCATTERS + d][i] = (double)(float)fmin(sum, 262143);
    }
    out[TIME][i] = (double)(event / 20);
}

static stroma_status fill(void *context, uint64_t first, size_t n, double *const *out,
                          stroma_error *err)
{
    (void)err;
    for (size_t i = 0; i < n; i++)
        make_event(context, first + i, i, out);
    return STROMA_OK;
}

static stroma_status write_bench(const char *path, uint64_t events, stroma_error *err)
{
    char text[STROMA_NUMBER_TEXT_MAX];
    bench b;
    stroma_buffer spillover;
    stroma_buffer_init(&spillover, 1 << 16);
    stroma_buffer_printf(&spillover, "%d", STAINS);
    for (int k = 0; k < STAINS; k++)
        stroma_buffer_printf(&spillover, ",%s", parameters[SCATTERS + k].name);
    for (int k = 0; k < STAINS; k++)
        for (int d = 0; d < STAINS; d++) {
            b.matrix[k][d] = floor(spill(k, d) * 10000 + 0.5) / 10000;
            stroma_buffer_printf(&spillover, ",%s", stroma_format_double(b.matrix[k][d], text));
        }
    stroma_status s = stroma_buffer_status(&spillover, err);
    if (s == STROMA_OK) {
        const stroma_fcs_pair keywords[] = { { "$CYT", "SIMULATED" },
                                             { "$TIMESTEP", "0.01" },
                                             { "$SPILLOVER", spillover.data } };
        const stroma_fcs_content content = { .keywords = keywords,
                                             .keywords_len = 3,
                                             .n_events = events,
                                             .type = STROMA_FCS_FLOAT,
                                             .parameters = parameters,
                                             .parameters_len = CHANNELS,
                                             .fill = fill,
                                             .context = &b };
        stroma_fcs_write_options o = STROMA_FCS_WRITE_OPTIONS_INIT;
        o.overwrite = true;
        s = stroma_fcs_write(path, &content, 1, &o, NULL, err);
    }
    stroma_buffer_clear(&spillover);
    return s;
}

int main(int argc, char **argv)
{
    int64_t events = 1000000;
    if (argc < 2 || argc > 3 ||
        (argc == 3 && (!stroma_parse_int(argv[2], strlen(argv[2]), &events) || events < 1))) {
        (void)fputs("usage: make_fcs_bench FILE [EVENTS]\n", stderr);
        return STROMA_E_USAGE;
    }
    struct timespec begin, end;
    stroma_error err = STROMA_ERROR_INIT;
    (void)clock_gettime(CLOCK_MONOTONIC, &begin);
    const stroma_status s = write_bench(argv[1], (uint64_t)events, &err);
    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    if (s != STROMA_OK) {
        (void)fprintf(stderr, "make_fcs_bench: %s%s\n", err.context, err.message);
        return (int)s;
    }
    printf("%s: %lld events of %d channels made and written in %.2f s\n", argv[1],
           (long long)events, CHANNELS,
           (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec));
    return 0;
}
