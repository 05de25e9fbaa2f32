/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stroma and R's packages take for the same data, in one run: the data are simulated, written
 * to a folder and read by bench/peers.R. Without Rscript, or a package, it says what to install.
 * usage: bench_peers PEERS.R */
#include "stroma/biomarker_screen.h"
#include "stroma/models_logistic.h"
#include "stroma/models_mmrm.h"
#include "stroma/models_roc.h"
#include "stroma/random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    SCREEN_N = 52,
    SCREEN_EVENTS = 28,
    CANDIDATES = 1000,
    AUC_N = 1000,
    SUBJECTS = 150,
    VISITS = 4
};
enum { LASSO_N = 200, LASSO_COLUMNS = 500, LAMBDAS = 100, THREADS = 2 };

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef struct peer {
    const char *name, *what;
    double (*run)(void); /* a number to compare; the data are written before */
    double seconds, result;
} peer;

static const char *folder;

static FILE *create(const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s.csv", folder, name);
    FILE *f = fopen(path, "w");
    if (f == NULL) {
        perror(path);
        exit(2);
    }
    return f;
}

static double *numbers(size_t n, uint64_t index)
{
    stroma_random r;
    double *x = calloc(n, sizeof *x);
    stroma_random_init(&r, 20240101, stroma_random_stream("bench_peers"), index);
    for (size_t i = 0; x != NULL && i < n; i++)
        x[i] = stroma_random_normal(&r);
    if (x == NULL) exit(2);
    return x;
}

/* A column of events and columns of numbers, column by column in x. */
static void write_table(const char *name, size_t n, size_t events, size_t columns, const double *x)
{
    FILE *f = create(name);
    (void)fputs("event", f);
    for (size_t k = 0; k < columns; k++)
        (void)fprintf(f, ",%s", columns == 1 ? "value" : "m");
    (void)fputc('\n', f);
    for (size_t i = 0; i < n; i++) {
        (void)fprintf(f, "%d", i < events);
        for (size_t k = 0; k < columns; k++)
            (void)fprintf(f, ",%.17g", x[k * n + i]);
        (void)fputc('\n', f);
    }
    (void)fclose(f);
}

static stroma_biomarker_frame *frame;
static double *auc_x, *wilcoxon_x, *lasso_x, lasso_y[LASSO_N];

static void make_screen(void)
{
    double *x = numbers((size_t)SCREEN_N * CANDIDATES, 1);
    if (stroma_biomarker_frame_new(SCREEN_N, CANDIDATES, &frame, NULL) != STROMA_OK) exit(2);
    frame->event = "1";
    for (size_t i = 0; i < SCREEN_N; i++) {
        frame->outcome[i] = i < SCREEN_EVENTS;
        frame->subject[i] = "S";
        for (size_t k = 0; k < CANDIDATES; k++) {
            frame->columns[k].name = "m";
            frame->columns[k].value[i] = x[k * SCREEN_N + i];
            frame->columns[k].state[i] = STROMA_PRESENT;
        }
    }
    write_table("screen", SCREEN_N, SCREEN_EVENTS, CANDIDATES, x);
    free(x);
}

static double run_screen(void)
{
    stroma_screen_options o = STROMA_SCREEN_OPTIONS_INIT;
    stroma_screen *s = NULL;
    double least = 1;
    o.threads = THREADS;
    if (stroma_biomarker_screen(frame, &o, &s, NULL) != STROMA_OK) return NAN;
    for (size_t k = 0; k < CANDIDATES; k++)
        least = fmin(least, s->candidates[k].p_max_t);
    stroma_screen_free(s);
    return least;
}

static double run_auc(void)
{
    const stroma_roc_sample s = { auc_x, AUC_N / 2, auc_x + AUC_N / 2, AUC_N / 2,
                                  STROMA_ROC_HIGHER };
    stroma_auc_options o = STROMA_AUC_OPTIONS_INIT;
    stroma_stat out;
    o.interval = STROMA_AUC_BOOTSTRAP;
    o.p_method = STROMA_RANK_NORMAL;
    o.bootstrap.threads = THREADS;
    return stroma_auc(&s, &o, &out, NULL) == STROMA_OK ? out.lower : (double)NAN;
}

static double run_wilcoxon(void)
{
    stroma_rank_options o = STROMA_RANK_OPTIONS_INIT;
    stroma_stat s = { 0 };
    o.method = STROMA_RANK_EXACT;
    for (int k = 0; k < 10; k++)
        if (stroma_mann_whitney(wilcoxon_x, SCREEN_EVENTS, wilcoxon_x + SCREEN_EVENTS,
                                SCREEN_N - SCREEN_EVENTS, &o, &s, NULL) != STROMA_OK)
            return NAN;
    return s.p;
}

static struct {
    double *y, *x;
    size_t *subject, *visit, rows;
} trial;

static void make_trial(void)
{
    const size_t rows = (size_t)SUBJECTS * VISITS, columns = 3 + 3 * (VISITS - 1);
    double *noise = numbers(rows, 5), *level = numbers(SUBJECTS, 6),
           *baseline = numbers(SUBJECTS, 7);
    FILE *f = create("mmrm");
    trial.y = calloc(rows, sizeof *trial.y);
    trial.x = calloc(rows * columns, sizeof *trial.x);
    trial.subject = calloc(rows, sizeof *trial.subject);
    trial.visit = calloc(rows, sizeof *trial.visit);
    if (trial.y == NULL || trial.x == NULL || trial.subject == NULL || trial.visit == NULL) exit(2);
    trial.rows = rows;
    (void)fputs("subject,visit,arm,baseline,y\n", f);
    for (size_t r = 0; r < rows; r++) {
        const size_t s = r / VISITS, v = r % VISITS;
        const double arm = (double)(s % 2);
        trial.subject[r] = s;
        trial.visit[r] = v;
        trial.y[r] = baseline[s] / 2 - 0.3 * (double)v * (1 + arm) +
                     level[s] * (1 + 0.1 * (double)v) + noise[r];
        trial.x[r] = 1;
        trial.x[rows + r] = baseline[s];
        trial.x[2 * rows + r] = arm;
        if (v > 0) {
            trial.x[(2 + v) * rows + r] = 1;
            trial.x[(1 + v + VISITS) * rows + r] = arm;
            trial.x[(v + 2 * VISITS) * rows + r] = baseline[s];
        }
        (void)fprintf(f, "%zu,%zu,%g,%.17g,%.17g\n", s, v, arm, baseline[s], trial.y[r]);
    }
    (void)fclose(f);
    free(noise);
    free(level);
    free(baseline);
}

static double run_mmrm(void)
{
    const stroma_design design = {
        .rows = trial.rows, .columns = 3 + 3 * (VISITS - 1), .x = trial.x, .intercept = true
    };
    const stroma_mmrm_data data = { .design = &design,
                                    .y = trial.y,
                                    .subject = trial.subject,
                                    .visit = trial.visit,
                                    .subjects = SUBJECTS,
                                    .visits = VISITS,
                                    .groups = 1 };
    stroma_mmrm_options o = STROMA_MMRM_OPTIONS_INIT;
    stroma_mmrm *m = NULL;
    if (stroma_mmrm_fit(&data, &o, &m, NULL) != STROMA_OK) return NAN;
    const double fit = m->minus2_log_likelihood;
    stroma_mmrm_free(m);
    return fit;
}

static void make_lasso(void)
{
    double *x = numbers((size_t)LASSO_N * LASSO_COLUMNS, 8);
    lasso_x = calloc((size_t)LASSO_N * (LASSO_COLUMNS + 1), sizeof *lasso_x);
    if (lasso_x == NULL) exit(2);
    for (size_t i = 0; i < LASSO_N; i++) {
        lasso_y[i] = i < LASSO_N / 2;
        lasso_x[i] = 1;
        for (size_t k = 0; k < 5; k++)
            x[k * LASSO_N + i] += lasso_y[i];
    }
    memcpy(lasso_x + LASSO_N, x, (size_t)LASSO_N * LASSO_COLUMNS * sizeof *x);
    write_table("lasso", LASSO_N, LASSO_N / 2, LASSO_COLUMNS, x);
    free(x);
}

static double run_lasso(void)
{
    const stroma_design d = {
        .rows = LASSO_N, .columns = LASSO_COLUMNS + 1, .x = lasso_x, .intercept = true
    };
    const stroma_logistic_penalty penalty = { 1, true };
    stroma_logistic_path *p = NULL;
    size_t most = 0;
    if (stroma_logistic_penalised(&d, lasso_y, &penalty, NULL, LAMBDAS, &p, NULL) != STROMA_OK)
        return NAN;
    for (size_t k = 0; k < p->lambdas_len; k++)
        most = p->nonzero[k] > most ? p->nonzero[k] : most;
    stroma_logistic_path_free(p);
    return (double)most;
}

static peer peers[] = {
    { "screen", "maxT, 1000 candidates x 10000 permutations, n = 52; R: matrix product", run_screen,
      0, 0 },
    { "auc_bootstrap", "AUC bootstrap, 2000 x n = 1000; pROC", run_auc, 0, 0 },
    { "wilcoxon_exact", "ten exact rank sum tests, n = 52, ties; coin", run_wilcoxon, 0, 0 },
    { "mmrm_fit", "MMRM, unstructured, 150 subjects x 4 visits, fit alone; nlme::gls", run_mmrm, 0,
      0 },
    { "lasso_path", "logistic lasso, 200 x 500, 100 lambdas; glmnet", run_lasso, 0, 0 },
};
enum { PEERS = sizeof peers / sizeof peers[0] };

static void run_ours(void)
{
    for (size_t k = 0; k < PEERS; k++) {
        peers[k].seconds = INFINITY;
        for (int times = 0; times < 5; times++) {
            const double begin = now_s();
            peers[k].result = peers[k].run();
            peers[k].seconds = fmin(peers[k].seconds, now_s() - begin);
        }
    }
}

static void print_line(const char *line)
{
    char name[32], second[64], third[64];
    if (sscanf(line, "%31s %63s %63s", name, second, third) != 3) return;
    for (size_t k = 0; k < PEERS; k++) {
        if (strcmp(peers[k].name, name) != 0) continue;
        if (strcmp(second, "missing") == 0)
            (void)printf("%s\n  stroma %.4f s; to compare: apt-get install %s\n", peers[k].what,
                         peers[k].seconds, third);
        else
            (void)printf("%s\n  stroma %.4f s (%.9g), R %.4f s (%s), ratio %.1f\n", peers[k].what,
                         peers[k].seconds, peers[k].result, strtod(second, NULL), third,
                         strtod(second, NULL) / peers[k].seconds);
    }
}

static int compare(const char *script)
{
    char command[1024], line[256];
    (void)snprintf(command, sizeof command, "Rscript '%s' '%s' 2>/dev/null", script, folder);
    FILE *r = system("command -v Rscript >/dev/null") == 0 ? popen(command, "r") : NULL;
    if (r == NULL) {
        for (size_t k = 0; k < PEERS; k++)
            (void)printf("%s\n  stroma %.4f s\n", peers[k].what, peers[k].seconds);
        (void)printf("no Rscript; to compare: apt-get install r-base-core r-cran-proc r-cran-coin "
                     "r-cran-nlme r-cran-glmnet\n");
        return 0;
    }
    (void)printf(
        "stroma: %d threads for the first two; the number in brackets is what was computed\n",
        THREADS);
    while (fgets(line, sizeof line, r) != NULL)
        print_line(line);
    return pclose(r) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    char name[512];
    const char *where = getenv("TMPDIR");
    if (snprintf(name, sizeof name, "%s/stroma-bench-XXXXXX", where == NULL ? P_tmpdir : where) >=
        (int)sizeof name)
        return 2;
    folder = mkdtemp(name);
    if (argc < 2 || folder == NULL) return 2;
    make_screen();
    auc_x = numbers(AUC_N, 2);
    wilcoxon_x = numbers(SCREEN_N, 3);
    for (size_t i = 0; i < AUC_N / 2; i++)
        auc_x[i] += 0.7;
    for (size_t i = 0; i < SCREEN_N; i++) /* rounded: ties */
        wilcoxon_x[i] = floor(10 * wilcoxon_x[i] + (i < SCREEN_EVENTS ? 4 : 0)) / 10;
    write_table("auc", AUC_N, AUC_N / 2, 1, auc_x);
    write_table("wilcoxon", SCREEN_N, SCREEN_EVENTS, 1, wilcoxon_x);
    make_trial();
    make_lasso();
    run_ours();
    const int bad = compare(argv[1]);
    char remove[64];
    (void)snprintf(remove, sizeof remove, "rm -r %s", folder);
    return system(remove) != 0 ? 2 : bad;
}
