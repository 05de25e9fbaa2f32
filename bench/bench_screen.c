/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The screen of 1,000 correlated null candidates × 10,000 permutations on 52 subjects (28 with the
 * event), by thread and CPU level.
 * usage: bench_screen [CANDIDATES] [PERMUTATIONS] [SUBJECTS]   (default 1000 10000 52) */
#include "stroma/biomarker_screen.h"
#include "stroma/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static stroma_biomarker_frame *simulate(size_t n, size_t columns, size_t events)
{
    stroma_biomarker_frame *f = NULL;
    stroma_random r;
    if (stroma_biomarker_frame_new(n, columns, &f, NULL) != STROMA_OK) return NULL;
    f->event = "yes";
    f->outcome_name = "response";
    stroma_random_init(&r, 20240101, stroma_random_stream("bench_screen"), 0);
    for (size_t i = 0; i < n; i++) {
        f->outcome[i] = i < events;
        f->subject[i] = "S";
    }
    for (size_t i = 0; i < n; i++) {
        double shared = 0;
        for (size_t c = 0; c < columns; c++) {
            if (c % 20 == 0) shared = stroma_random_normal(&r);
            f->columns[c].name = "marker";
            f->columns[c].day = 0;
            f->columns[c].value[i] = exp(sqrt(0.5) * (shared + stroma_random_normal(&r)));
            f->columns[c].state[i] = STROMA_PRESENT;
        }
    }
    return f;
}

static double processor_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Wall time; *processor: of all threads, which does not depend on who else is at work. */
static double best_of(const stroma_biomarker_frame *f, const stroma_screen_options *o, int times,
                      double *processor)
{
    double best = INFINITY;
    *processor = INFINITY;
    for (int k = 0; k < times; k++) {
        stroma_screen *s = NULL;
        const double begin = now_s(), used = processor_s();
        if (stroma_biomarker_screen(f, o, &s, NULL) != STROMA_OK) return NAN;
        best = fmin(best, now_s() - begin);
        *processor = fmin(*processor, processor_s() - used);
        stroma_screen_free(s);
    }
    return best;
}

int main(int argc, char **argv)
{
    const size_t columns = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
    const size_t permutations = argc > 2 ? strtoul(argv[2], NULL, 10) : 10000;
    const size_t n = argc > 3 ? strtoul(argv[3], NULL, 10) : 52;
    stroma_biomarker_frame *f = simulate(n, columns, (n * 28 + 26) / 52);
    if (f == NULL) return 2;
    stroma_screen_options o = STROMA_SCREEN_OPTIONS_INIT;
    static const char *const levels[] = { "base", "avx2", "avx512" };
    (void)printf("%zu candidates, %zu permutations, %zu subjects\n", columns, permutations, n);
    for (int threads = 1; threads <= 2; threads++) {
        o.threads = threads;
        o.permutations = 1;
        (void)setenv("STROMA_CPU", "avx512", 1);
        double processor = 0, wall = best_of(f, &o, 5, &processor);
        (void)printf("%d threads: %.3f s (processor %.3f s) with one permutation: effects, "
                     "intervals, exact p\n",
                     threads, wall, processor);
        o.permutations = permutations;
        for (size_t i = 0; i < 3; i++) {
            (void)setenv("STROMA_CPU", levels[i], 1);
            wall = best_of(f, &o, 5, &processor);
            (void)printf("%d threads, up to %s: %.3f s (processor %.3f s)\n", threads, levels[i],
                         wall, processor);
        }
    }
    stroma_biomarker_frame_free(f);
    return 0;
}
