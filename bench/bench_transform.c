/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scales and compensation, one core: time a value of each scale by CPU level, against the loop that
 * everybody writes (Moore & Parks 2012: Halley with the C library's exp() until it converges), and
 * against memcpy. usage: bench_transform [VALUES]   (default 4 million) */
#include "src/cytometry/column_kernels.h"
#include "src/cytometry/transform_kernels.h"

#include "stroma/cytometry_compensation.h"
#include "stroma/memory.h"
#include "stroma/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BLOCK = 1024, CHANNELS = 13, REPEATS = 5 };
static const char *const levels[] = { "plain", "base", "avx2", "avx512" };

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The constants of the paper, of T = 262144, W = 0.5, M = 4.5, A = 0. */
typedef struct paper {
    double a, b, c, d, f, x1;
} paper;

static paper paper_make(void)
{
    const double t = 262144, w = 0.5 / 4.5, b = 4.5 * log(10), x1 = w, x0 = 2 * w;
    double low = 0, high = b;
    for (int i = 0; i < 100; i++) {
        const double d = (low + high) / 2;
        *(2 * (log(d) - log(b)) + w * (d + b) > 0 ? &high : &low) = d;
    }
    paper p = { .b = b, .d = low, .x1 = x1 };
    const double ca = exp(x0 * (b + p.d)), fa = exp(b * x1) - ca * exp(-p.d * x1);
    p.a = t / (exp(b) - fa - ca * exp(-p.d));
    p.c = ca * p.a;
    p.f = fa * p.a;
    return p;
}

static double paper_value(const paper *p, double x)
{
    const double size = fabs(x);
    double y = size < p->f ? p->x1 + size / (p->b * p->a * exp(p->b * p->x1) * 2)
                           : log(size / p->a) / p->b;
    for (int i = 0; i < 40; i++) {
        const double e = p->a * exp(p->b * y), g = p->c * exp(-p->d * y);
        const double miss = e - g - p->f - size, first = p->b * e + p->d * g;
        const double second = p->b * p->b * e - p->d * p->d * g;
        const double step = miss / (first * (1 - miss * second / (2 * first * first)));
        y -= step;
        if (fabs(step) < 3 * 2.220446049250313e-16) break;
    }
    return x < 0 ? 2 * p->x1 - y : y;
}

static double of_scale(const transform_kernels *k, const stroma_transform *t, const double *x,
                       size_t n, double *y)
{
    double best = INFINITY;
    for (int r = 0; r < REPEATS; r++) {
        const double begin = now_s();
        for (size_t i = 0; i + BLOCK <= n; i += BLOCK)
            k->apply[t->kind](t, x + i, BLOCK, y + i);
        best = fmin(best, now_s() - begin);
    }
    return best / (double)n;
}

static void scales(const double *x, size_t n, double *y)
{
    static const struct {
        stroma_transform_kind kind;
        double t, w, m, a;
    } of[] = { { STROMA_TRANSFORM_LINEAR, 262144, 0, 0, 100 },
               { STROMA_TRANSFORM_LOG, 262144, 0, 4.5, 0 },
               { STROMA_TRANSFORM_ASINH, 262144, 0, 4.5, 0 },
               { STROMA_TRANSFORM_LOGICLE, 262144, 0.5, 4.5, 0 },
               { STROMA_TRANSFORM_HYPERLOG, 262144, 0.5, 4.5, 0 } };
    const paper p = paper_make();
    double loop = INFINITY, copy = INFINITY, worst = 0;
    for (int r = 0; r < 2; r++) {
        const double begin = now_s();
        for (size_t i = 0; i < n; i++)
            y[i] = paper_value(&p, x[i]);
        loop = fmin(loop, (now_s() - begin) / (double)n);
    }
    for (int r = 0; r < REPEATS; r++) {
        const double begin = now_s();
        memcpy(y, x, n * sizeof *y);
        copy = fmin(copy, (now_s() - begin) / (double)n);
    }
    printf("scale     level   ns/value  GB/s in  memcpy is x faster  paper's loop is x slower\n");
    for (size_t k = 0; k < sizeof of / sizeof of[0]; k++)
        for (size_t l = 0; l < 4; l++) {
            const transform_kernels *level = transform_kernels_find(levels[l]);
            stroma_transform t;
            if (level == NULL || stroma_transform_make(of[k].kind, of[k].t, of[k].w, of[k].m,
                                                       of[k].a, NULL, &t, NULL) != STROMA_OK)
                continue;
            const double s = of_scale(level, &t, x, n, y);
            printf("%-9s %-7s %8.2f %8.2f %19.1f", stroma_transform_kind_name(t.kind), levels[l],
                   1e9 * s, 8e-9 / s, s / copy);
            if (t.kind == STROMA_TRANSFORM_LOGICLE) printf(" %25.1f", loop / s);
            printf("\n");
            for (size_t i = 0; t.kind == STROMA_TRANSFORM_LOGICLE && i < n; i += 97)
                worst = fmax(worst, fabs(y[i] - paper_value(&p, x[i])));
        }
    printf("paper's loop %.1f ns a value; memcpy %.1f GB/s; largest difference of logicle %.2g\n",
           1e9 * loop, 8e-9 / copy, worst);
}

static void compensation(const double *x)
{
    static double in[CHANNELS][BLOCK + 8], out[CHANNELS][BLOCK + 8], matrix[CHANNELS * CHANNELS];
    const double *from[CHANNELS];
    double *to[CHANNELS];
    const size_t blocks = 1000000 / BLOCK;
    for (size_t i = 0; i < CHANNELS; i++) {
        memcpy(in[i], x + i * BLOCK, BLOCK * sizeof *x);
        from[i] = in[i];
        to[i] = out[i];
        for (size_t j = 0; j < CHANNELS; j++)
            matrix[i * CHANNELS + j] = i == j ? 1 : -0.01 * (double)(i + j);
    }
    for (size_t l = 0; l < 4; l++) {
        const column_kernels *k = column_kernels_find(levels[l]);
        double best = INFINITY;
        for (int r = 0; k != NULL && r < REPEATS; r++) {
            const double begin = now_s();
            for (size_t b = 0; b < blocks; b++)
                k->multiply(from, CHANNELS, matrix, CHANNELS, BLOCK, to);
            best = fmin(best, now_s() - begin);
        }
        if (k != NULL)
            printf("compensate 13 x 13, 1 M events, %-6s %6.1f ms, %5.1f GFLOP/s\n", levels[l],
                   1e3 * best, 2e-9 * CHANNELS * CHANNELS * (double)(blocks * BLOCK) / best);
    }
}

/* A file of 1,000,000 events x 18 channels of 32-bit floats, in memory, read as 13 compensated
 * columns, then put on logicle scales. */
enum { FILE_CHANNELS = 18, EVENTS = 1000000 };

static stroma_fcs *make_file(const double *x, size_t n, unsigned char **bytes)
{
    static char text[1 << 16];
    size_t at = 0;
    stroma_fcs *f = NULL;
    at += (size_t)snprintf(text, sizeof text,
                           "|$PAR|%d|$TOT|%d|$DATATYPE|F|$BYTEORD|1,2,3,4|$MODE|L|$NEXTDATA|0",
                           FILE_CHANNELS, EVENTS);
    for (int c = 1; c <= FILE_CHANNELS; c++)
        at += (size_t)snprintf(text + at, sizeof text - at,
                               "|$P%dN|P%d|$P%dB|32|$P%dR|262144|$P%dE|0,0", c, c, c, c, c);
    at += (size_t)snprintf(text + at, sizeof text - at, "|$SPILLOVER|%d", CHANNELS);
    for (int c = 1; c <= CHANNELS; c++)
        at += (size_t)snprintf(text + at, sizeof text - at, ",P%d", c + 3);
    for (int i = 0; i < CHANNELS * CHANNELS; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, ",%s",
                               i / CHANNELS == i % CHANNELS ? "1" : "0.02");
    at += (size_t)snprintf(text + at, sizeof text - at, "|");
    const size_t data = 58 + at, size = (size_t)EVENTS * FILE_CHANNELS * sizeof(float);
    *bytes = stroma_alloc_array(data + size, 1);
    if (*bytes == NULL) return NULL;
    (void)snprintf((char *)*bytes, 59, "FCS3.1    %8d%8zu%8zu%8zu%8d%8d", 58, data - 1, data,
                   data + size - 1, 0, 0);
    memcpy(*bytes + 58, text, at);
    for (size_t i = 0; i < (size_t)EVENTS * FILE_CHANNELS; i++) {
        const float v = (float)x[i % n];
        memcpy(*bytes + data + i * sizeof v, &v, sizeof v);
    }
    return stroma_fcs_open_memory(*bytes, data + size, "bench.fcs", NULL, NULL, &f, NULL) ==
                   STROMA_OK
               ? f
               : NULL;
}

static void whole_file(const double *x, size_t n)
{
    static double out[CHANNELS][BLOCK + 8];
    double *to[CHANNELS], best[2] = { INFINITY, INFINITY };
    unsigned char *bytes = NULL;
    stroma_event_column columns[CHANNELS];
    stroma_column_reader *reader = NULL;
    stroma_transform t;
    const stroma_compensation *c = NULL;
    stroma_arena arena;
    stroma_arena_init(&arena, 1 << 24);
    stroma_fcs *f = make_file(x, n, &bytes);
    const stroma_fcs_dataset *d = f == NULL ? NULL : stroma_fcs_preferred(f);
    bool good = f != NULL &&
                stroma_compensation_from_fcs(d, "bench.fcs", &arena, NULL, &c, NULL) == STROMA_OK;
    for (size_t j = 0; good && j < CHANNELS; j++) {
        columns[j] = (stroma_event_column){ c, j };
        to[j] = out[j];
    }
    good = good && c != NULL &&
           stroma_transform_make(STROMA_TRANSFORM_LOGICLE, 262144, 0.5, 4.5, 0, NULL, &t, NULL) ==
               STROMA_OK &&
           stroma_column_reader_open(d, columns, CHANNELS, &reader, NULL) == STROMA_OK;
    for (int r = 0; good && r < 2 * REPEATS; r++) {
        const double begin = now_s();
        for (uint64_t e = 0; good && e < EVENTS; e += BLOCK) {
            const size_t m = EVENTS - e < BLOCK ? (size_t)(EVENTS - e) : BLOCK;
            good = stroma_column_reader_read(reader, e, m, to, NULL) == STROMA_OK;
            for (size_t j = 0; r % 2 == 1 && j < CHANNELS; j++)
                stroma_transform_values(&t, out[j], m, out[j]);
        }
        best[r % 2] = fmin(best[r % 2], now_s() - begin);
    }
    if (good)
        printf(
            "1 M events x 18: 13 columns read and compensated in %.1f ms, with logicle %.1f ms\n",
            1e3 * best[0], 1e3 * best[1]);
    stroma_column_reader_close(reader);
    stroma_fcs_close(f);
    stroma_free(bytes);
    stroma_arena_clear(&arena);
}

int main(int argc, char **argv)
{
    const size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) / BLOCK * BLOCK : 4096 * BLOCK;
    double *x = stroma_alloc_array(n, sizeof *x), *y = stroma_alloc_array(n, sizeof *y);
    stroma_random r;
    stroma_random_init(&r, 1, stroma_random_stream("bench_transform"), 0);
    if (x == NULL || y == NULL || n < CHANNELS * BLOCK) return 1;
    for (size_t i = 0; i < n; i++) /* an eighth is negative, as of compensated dim cells */
        x[i] = i % 8 == 0 ? -exp(6 * stroma_random_uniform(&r))
                          : exp(12.4 * stroma_random_uniform(&r));
    scales(x, n, y);
    compensation(x);
    whole_file(x, n);
    stroma_free(x);
    stroma_free(y);
    return 0;
}
