/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gates found in planted mixtures: how often something is found, how far the share of positives is
 * off, and how often nothing is there but something is found. */
#include "../../src/cytometry/learn.h"

#include "stroma/random.h"
#include "stroma/sort.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N_MOST = 50000 };
static int n_checks, n_failed;

static void check(bool good, const char *what)
{
    n_checks++;
    n_failed += !good;
    printf("%s %d - %s\n", good ? "ok" : "not ok", n_checks, what);
}

static learn_rule rule(const learn_method *m)
{
    return (learn_rule){ .method = m,
                         .low = -(double)INFINITY,
                         .high = (double)INFINITY,
                         .pivot = (double)NAN,
                         .quantile = (double)NAN,
                         .min_depth = (double)NAN,
                         .width = (double)NAN,
                         .max_shift = (double)NAN,
                         .target = { (double)NAN, (double)NAN } };
}

/* What the events look like: normal, with heavier tails (t of 6 df), skewed (gamma 9), more skewed
 * (gamma 2), or two normals of one mean, one three times as wide. */
typedef enum form { NORMAL, HEAVY, SKEWED, MORE_SKEWED, TWO_WIDTHS } form;

static double draw(stroma_random *r, form f)
{
    const double z = stroma_random_normal(r);
    if (f == HEAVY) return z / sqrt(stroma_random_gamma(r, 3, 2) / 6) / sqrt(1.5);
    if (f == SKEWED) return (stroma_random_gamma(r, 9, 1) - 9) / 3;
    if (f == MORE_SKEWED) return (stroma_random_gamma(r, 2, 1) - 2) / sqrt(2);
    if (f == TWO_WIDTHS && stroma_random_uniform(r) < 0.5) return 3 * z;
    return z;
}

/* n events, the share p of them d standard deviations above the others. @return how many */
static size_t plant(double *x, size_t n, double p, double d, form f, uint64_t index)
{
    stroma_random r;
    size_t positive = 0;
    stroma_random_init(&r, 4, stroma_random_stream("recover gates"), index);
    for (size_t i = 0; i < n; i++) {
        const bool up = stroma_random_uniform(&r) < p;
        positive += up;
        x[i] = 0.3 + 0.05 * (draw(&r, f) + (up ? d : 0));
    }
    stroma_sort_doubles(x, n);
    return positive;
}

static bool find(const learn_rule *r, const double *x, size_t n, double *edge)
{
    stroma_buffer b;
    stroma_json j;
    stroma_buffer_init(&b, 1 << 16);
    stroma_json_init(&j, &b, 0);
    stroma_json_begin_object(&j);
    learn_answer out = { .seen = &j };
    const learn_rule *used = NULL;
    const learn_job job = { .rule = r, .channels = 1, .sample = { { x, NULL }, n } };
    if (learn_find(&job, &out, &used, NULL) != STROMA_OK) exit(2);
    stroma_buffer_clear(&b);
    *edge = out.edge;
    return out.shape == LEARN_EDGE;
}

/* Share of data sets with a gate, and the root mean square error of the share of positives, in
 * units of its sampling error √(p (1 − p) / n). */
typedef struct outcome {
    double found, bias, rms_points;
} outcome;

static outcome try(const learn_method *m, size_t n, double p, double d, form f, int sets)
{
    static double x[N_MOST];
    const learn_rule r = rule(m);
    double found = 0, sum = 0, square = 0;
    for (int i = 0; i < sets; i++) {
        double edge = 0;
        const size_t positive = plant(x, n, p, d, f, (uint64_t)i + (uint64_t)(1000 * d));
        if (!find(&r, x, n, &edge)) continue;
        size_t above = n;
        while (above > 0 && x[above - 1] >= edge)
            above--;
        const double error = 100 * ((double)(n - above) - (double)positive) / (double)n;
        found++;
        sum += error;
        square += error * error;
    }
    return (outcome){ found / sets, found > 0 ? sum / found : 0,
                      found > 0 ? sqrt(square / found) : 0 };
}

static void table(const learn_method *m, int sets)
{
    static const double shares[] = { 0.5, 0.2, 0.05, 0.01 }, apart[] = { 2, 3, 4, 6 };
    static const size_t sizes[] = { 1000, 5000, 50000 };
    printf(
        "# %s: n, share, separation in SD: found, bias and RMS error in %% points of the parent\n",
        m->name);
    for (size_t a = 0; a < (sets < 100 ? 2U : 3U); a++) /* the largest in the long suite */
        for (size_t b = 0; b < 4; b++)
            for (size_t c = 0; c < 4; c++) {
                const outcome o = try(m, sizes[a], shares[b], apart[c], NORMAL, sets);
                printf("# %6zu %5.2f %3.0f: %5.2f %+7.2f %6.2f\n", sizes[a], shares[b], apart[c],
                       o.found, o.bias, o.rms_points);
            }
}

/* 900 events, the share 0.2 below the others: as CD3 in lymphocytes. The width by rule smooths the
 * valley away in 94 of 100. */
static outcome small_low_peak(int sets)
{
    enum { N = 900 };
    static double x[N];
    const learn_rule r = rule(&learn_valley);
    double found = 0, square = 0;
    for (int i = 0; i < sets; i++) {
        stroma_random g;
        double edge = 0;
        size_t positive = 0, above = N;
        stroma_random_init(&g, 4, stroma_random_stream("recover low peak"), (uint64_t)i);
        for (size_t k = 0; k < N; k++) {
            const bool up = stroma_random_uniform(&g) >= 0.2;
            const double z = stroma_random_normal(&g);
            positive += up;
            x[k] = (up ? 0.5 : 0.35) + 0.04 * z;
        }
        stroma_sort_doubles(x, N);
        if (!find(&r, x, N, &edge)) continue;
        while (above > 0 && x[above - 1] >= edge)
            above--;
        const double error = 100 * ((double)(N - above) - (double)positive) / N;
        found++;
        square += error * error;
    }
    return (outcome){ found / sets, 0, found > 0 ? sqrt(square / found) : 0 };
}

int main(int argc, char **argv)
{
    const int sets = argc > 2 && strcmp(argv[1], "size") == 0 ? atoi(argv[2]) : 20;
    printf("TAP version 13\n1..12\n");
    table(&learn_valley, sets);
    table(&learn_mixture, sets / 4 + 1);
    const outcome low = small_low_peak(sets),
                  clear = try(&learn_valley, 5000, 0.2, 6, NORMAL, sets),
                  rare = try(&learn_valley, 50000, 0.01, 6, NORMAL, sets),
                  close = try(&learn_valley, 5000, 0.2, 2, NORMAL, sets),
                  mixed = try(&learn_mixture, 5000, 0.2, 4, NORMAL, sets),
                  tail = try(&learn_tail, 5000, 0.05, 6, NORMAL, sets);
    check(clear.found == 1 && clear.rms_points < 0.3,
          "a clear valley is found, share within 0.3 points");
    check(rare.found == 1 && rare.rms_points < 0.1,
          "1 % of 50,000 is found, share within 0.1 points");
    printf("# 20 %% of 900 are 3.75 SD below: %.2f, RMS %.2f\n", low.found, low.rms_points);
    check(low.found >= 0.4 && low.rms_points < 3, "a small low peak is found among few events");
    check(close.found < 0.05, "2 SD apart there is no valley, and none is found");
    check(mixed.found == 1 && mixed.rms_points < 1, "a mixture 4 SD apart is found within 1 point");
    check(tail.found == 1 && tail.bias > -0.2 && tail.bias < 0.9,
          "a tail gate lets in the share that it says");
    for (form f = NORMAL; f <= TWO_WIDTHS; f++) {
        static const char *const names[] = { "normal", "heavy-tailed", "skewed", "more skewed",
                                             "two-width" };
        static const size_t sizes[] = { 300, 1000, 5000, 50000 };
        double found = 0;
        for (size_t k = 0; k < 4; k++)
            found += try(&learn_valley, sizes[k], 0, 0, f, sets).found / 4;
        printf("# valleys in one %s population: %.4f of data sets\n", names[f], found);
        check(found <= 0.02, "one population has no valley");
    }
    const double false_mixtures = try(&learn_mixture, 5000, 0, 0, NORMAL, sets).found;
    printf("# mixtures in one normal population: %.4f, heavy-tailed %.4f, skewed %.4f\n",
           false_mixtures, try(&learn_mixture, 5000, 0, 0, HEAVY, sets / 4 + 1).found,
           try(&learn_mixture, 5000, 0, 0, SKEWED, sets / 4 + 1).found);
    check(false_mixtures <= 0.05, "one normal population is no mixture");
    return n_failed > 0;
}
