/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kaplan-Meier, log-rank and Cox on many subjects with many ties: lung-cancer-like times in days,
 * two sexes, age and a performance score. Prints the wall time of each; with a file name also
 * writes the subjects as CSV, for the peer (bench_survival.R). usage: bench_survival [SUBJECTS]
 * [FILE.csv]   (default 228000) */
#include "stroma/models_cox.h"
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

typedef struct cohort {
    size_t n;
    double *stop, *x; /* x: sex, age, score */
    uint32_t *event;
    size_t *sex;
} cohort;

static int simulate(cohort *c)
{
    stroma_random r;
    stroma_random_init(&r, 20240101, stroma_random_stream("bench_survival"), 0);
    c->stop = calloc(c->n, sizeof *c->stop);
    c->x = calloc(3 * c->n, sizeof *c->x);
    c->event = calloc(c->n, sizeof *c->event);
    c->sex = calloc(c->n, sizeof *c->sex);
    if (c->stop == NULL || c->x == NULL || c->event == NULL || c->sex == NULL) return 1;
    for (size_t i = 0; i < c->n; i++) {
        c->sex[i] = stroma_random_uniform(&r) < 0.4;
        c->x[i] = (double)c->sex[i];
        c->x[c->n + i] = floor(62 + 9 * stroma_random_normal(&r));
        c->x[2 * c->n + i] = floor(3 * stroma_random_uniform(&r));
        const double rate = exp(-0.55 * c->x[i] + 0.01 * (c->x[c->n + i] - 62) +
                                0.46 * (c->x[2 * c->n + i] - 1)) /
                            450,
                     time = ceil(-log(1 - stroma_random_uniform(&r)) / rate),
                     censored = ceil(200 + 800 * stroma_random_uniform(&r));
        c->stop[i] = fmin(time, censored);
        c->event[i] = time <= censored;
    }
    return 0;
}

static int write_csv(const cohort *c, const char *path)
{
    FILE *f = fopen(path, "w");
    if (f == NULL) return 1;
    (void)fprintf(f, "time,dead,sex,age,score\n");
    for (size_t i = 0; i < c->n; i++)
        (void)fprintf(f, "%.0f,%u,%zu,%.0f,%.0f\n", c->stop[i], (unsigned)c->event[i], c->sex[i],
                      c->x[c->n + i], c->x[2 * c->n + i]);
    return fclose(f) != 0;
}

static int run(const cohort *c)
{
    const stroma_survival_data d = {
        .n = c->n, .stop = c->stop, .event = c->event, .group = c->sex, .groups = 2
    };
    const stroma_design design = { .rows = c->n, .columns = 3, .x = c->x };
    const stroma_cox_data cox = { .times = d, .design = &design };
    stroma_survival_curves *curves = NULL;
    stroma_cox_model *m = NULL;
    stroma_stat test, trend[4];
    const double start = now_s();
    if (stroma_survival_curves_fit(&d, NULL, &curves, NULL) != STROMA_OK) return 1;
    const double after_curves = now_s();
    if (stroma_survival_test(&d, 0, NULL, NULL, &test, NULL) != STROMA_OK) return 1;
    const double after_test = now_s();
    if (stroma_cox_fit(&cox, NULL, &m, NULL) != STROMA_OK) return 1;
    const double after_cox = now_s();
    if (stroma_cox_proportional(&cox, m, STROMA_COX_CLOCK_KM, NULL, 0, trend, NULL) != STROMA_OK)
        return 1;
    const double end = now_s();
    printf("subjects %zu, distinct times %zu, chi2 %.6f, coefficients %.8f %.8f %.8f, C %.6f\n",
           c->n, curves->curves[0].steps_len, test.statistic, m->coefficients[0],
           m->coefficients[1], m->coefficients[2], m->concordance.estimate);
    printf("survfit %.4f s\nsurvdiff %.4f s\ncoxph %.4f s\ncox.zph %.4f s\nsurvdiff+coxph %.4f s\n",
           after_curves - start, after_test - after_curves, after_cox - after_test, end - after_cox,
           after_cox - after_curves);
    stroma_survival_curves_free(curves);
    stroma_cox_free(m);
    return 0;
}

int main(int argc, char **argv)
{
    cohort c = { .n = argc > 1 ? strtoul(argv[1], NULL, 10) : 228000 };
    int bad = simulate(&c);
    if (bad == 0 && argc > 2) bad = write_csv(&c, argv[2]);
    if (bad == 0) bad = run(&c);
    free(c.stop);
    free(c.x);
    free(c.event);
    free(c.sex);
    return bad;
}
