/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An unstructured mixed model for repeated measures on a simulated trial: subjects × 8 visits, two
 * arms, a baseline covariate, dropout of 4 % a visit. Prints the wall time of design, fit and
 * linear Kenward-Roger, and of the fit under Satterthwaite.
 * usage: bench_mmrm [SUBJECTS] [VISITS] [INTERMITTENT]   (default 1000 8 0: no value missing but by
 * dropout) */
#include "stroma/memory.h"
#include "stroma/models_mmrm.h"
#include "stroma/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef struct trial {
    size_t rows, visits, subjects;
    double *y, *x;
    size_t *subject, *visit;
} trial;

/* Random walk plus noise around a mean that differs by arm and visit. */
static int simulate(trial *t, double intermittent)
{
    stroma_random r;
    stroma_random_init(&r, 20240101, stroma_random_stream("bench_mmrm"), 0);
    const size_t n = t->subjects * t->visits;
    double *arm = calloc(t->subjects, sizeof *arm), *baseline = calloc(t->subjects, sizeof *arm);
    t->y = calloc(n, sizeof *t->y);
    t->subject = calloc(n, sizeof *t->subject);
    t->visit = calloc(n, sizeof *t->visit);
    if (arm == NULL || baseline == NULL || t->y == NULL || t->subject == NULL || t->visit == NULL)
        return 1;
    for (size_t i = 0; i < t->subjects; i++) {
        arm[i] = (double)(i % 2);
        baseline[i] = 20 + 5 * stroma_random_normal(&r);
        double level = 3 * stroma_random_normal(&r);
        bool here = true;
        for (size_t v = 0; v < t->visits; v++) {
            level += stroma_random_normal(&r);
            const double noise = 2 * stroma_random_normal(&r), u = stroma_random_uniform(&r);
            const bool skipped = stroma_random_uniform(&r) < intermittent;
            here = here && (v == 0 || u > 0.04);
            if (!here || (skipped && v > 0)) continue;
            t->y[t->rows] = 0.5 * baseline[i] - 0.3 * (double)v * (1 + arm[i]) + level + noise;
            t->subject[t->rows] = i;
            t->visit[t->rows++] = v;
        }
    }
    /* intercept, baseline, arm, visits, arm:visits, baseline:visits */
    const size_t columns = 3 + 3 * (t->visits - 1);
    t->x = calloc(columns * t->rows, sizeof *t->x);
    if (t->x == NULL) return 1;
    for (size_t i = 0; i < t->rows; i++) {
        const size_t s = t->subject[i], v = t->visit[i];
        t->x[i] = 1;
        t->x[t->rows + i] = baseline[s];
        t->x[2 * t->rows + i] = arm[s];
        if (v == 0) continue;
        t->x[(2 + v) * t->rows + i] = 1;
        t->x[(1 + v + t->visits) * t->rows + i] = arm[s];
        t->x[(v + 2 * t->visits) * t->rows + i] = baseline[s];
    }
    free(arm);
    free(baseline);
    return 0;
}

static int run(const trial *t, stroma_mmrm_df df, const char *what)
{
    const stroma_design design = {
        .rows = t->rows, .columns = 3 + 3 * (t->visits - 1), .x = t->x, .intercept = true
    };
    const stroma_mmrm_data data = { .design = &design,
                                    .y = t->y,
                                    .subject = t->subject,
                                    .visit = t->visit,
                                    .subjects = t->subjects,
                                    .visits = t->visits,
                                    .groups = 1 };
    stroma_mmrm_options o = STROMA_MMRM_OPTIONS_INIT;
    stroma_error err = STROMA_ERROR_INIT;
    double best = INFINITY;
    o.df = df;
    for (int k = 0; k < 5; k++) {
        stroma_mmrm *m = NULL;
        const double begin = now_s();
        if (stroma_mmrm_fit(&data, &o, &m, &err) != STROMA_OK) {
            (void)fprintf(stderr, "%s\n", err.message);
            return 1;
        }
        double sum = 0;
        for (size_t c = 0; c < m->columns; c++)
            sum += stroma_mmrm_coefficient(m, c, 0.95).df;
        const double took = now_s() - begin;
        best = took < best ? took : best;
        if (k == 4)
            (void)printf("%s: %.4f s (best of 5), %zu rows, %zu patterns, %zu Newton steps, "
                         "-2RLL %.6f, mean df %.3f\n",
                         what, best, m->rows, m->patterns, m->iterations, m->minus2_log_likelihood,
                         sum / (double)m->columns);
        stroma_mmrm_free(m);
    }
    return 0;
}

int main(int argc, char **argv)
{
    trial t = { .subjects = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000,
                .visits = argc > 2 ? strtoul(argv[2], NULL, 10) : 8 };
    if (t.subjects < 10 || t.visits < 2 || simulate(&t, argc > 3 ? strtod(argv[3], NULL) : 0) != 0)
        return 2;
    const int bad = run(&t, STROMA_MMRM_DF_SATTERTHWAITE, "us, Satterthwaite") |
                    run(&t, STROMA_MMRM_DF_KR_LINEAR, "us, linear Kenward-Roger") |
                    run(&t, STROMA_MMRM_DF_KR, "us, Kenward-Roger");
    free(t.y);
    free(t.x);
    free(t.subject);
    free(t.visit);
    return bad;
}
