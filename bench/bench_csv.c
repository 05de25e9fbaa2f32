/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading a large CSV of mixed columns, measured against `wc -l` plus libcsv's own parse with empty
 * callbacks on the same file in the same run.
 * usage: bench_csv [MEGABYTES] [FOLDER]   (default 1000, $TMPDIR or /tmp) */
#include "stroma/file.h"
#include "stroma/table_read.h"

#include <csv.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Processor time of this process and the children it waited for. */
static double cpu_s(void)
{
    double sum = 0;
    const int who[] = { RUSAGE_SELF, RUSAGE_CHILDREN };
    for (int i = 0; i < 2; i++) {
        struct rusage u;
        (void)getrusage(who[i], &u);
        sum += (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
               1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
    }
    return sum;
}

typedef struct cost {
    double wall_s, cpu_s;
} cost;

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* splitmix64 (Steele, Lea and Flood 2014): the file is the same on every machine. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* Subjects, visits, dates, numbers with few and many digits, censored values, missing cells, free
 * text in quotes (some with line ends). */
static int write_file(const char *path, uint64_t bytes)
{
    static const char *const visits[] = { "BASELINE", "W1", "W2", "W3", "W4", "W12", "W24", "W48" };
    static const char *const arms[] = { "UC-MSC", "control" };
    static const char *const notes[] = { "",
                                         "",
                                         "",
                                         "",
                                         "\"fever, 38.5 C\"",
                                         "\"said \"\"ok\"\"\"",
                                         "\"seen\nagain\"",
                                         "no complaint" };
    FILE *f = fopen(path, "wb");
    if (f == NULL) return 1;
    uint64_t state = 2;
    long at = fprintf(f, "subject,visit,arm,date,tjc28,sjc28,esr_mm_h,crp_mg_l,gh_mm,haq,il6_pg_ml,"
                         "tnf_pg_ml,note\n");
    for (uint64_t row = 0; at >= 0 && (uint64_t)at < bytes; row++) {
        const uint64_t r = next_random(&state), q = next_random(&state);
        char esr[24] = "";
        if (r % 50 != 0) (void)snprintf(esr, sizeof esr, "%" PRIu64, r >> 10 & 127);
        at += fprintf(f,
                      "S%07" PRIu64 ",%s,%s,20%02d-%02d-%02d,%d,%d,%s,%d.%02d,%d,%.3f,%s%d.%d,"
                      "%.12g,%s\n",
                      row / 8, visits[row % 8], arms[(row / 8) % 2], (int)(r >> 20 & 15) + 10,
                      (int)(r >> 24 & 7) + 1, (int)(r >> 27 & 15) + 1, (int)(r >> 31 & 15),
                      (int)(r >> 35 & 15), esr, (int)(r >> 39 & 63), (int)(r >> 45 & 63),
                      (int)(r >> 51 & 63), (double)(q & 255) / 85, (q & 0x700) == 0 ? "<" : "",
                      (int)(q >> 12 & 63), (int)(q >> 18 & 7), (double)(q >> 30) / 1e6,
                      notes[q >> 60 & 7]);
    }
    return fclose(f) != 0 || at < 0;
}

static void no_cell(void *s, size_t n, void *data)
{
    (void)s;
    *(uint64_t *)data += n;
}
static void no_row(int c, void *data)
{
    (void)c;
    ++*(uint64_t *)data;
}

static double time_wc(const char *path)
{
    const double t = now_s();
    const pid_t pid = fork();
    if (pid == 0) {
        if (freopen("/dev/null", "w", stdout) == NULL) _exit(127);
        execlp("wc", "wc", "-l", path, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) return -1;
    return now_s() - t;
}

static double time_libcsv(const char *path)
{
    const double t = now_s();
    stroma_bytes bytes;
    if (stroma_bytes_read(path, 0, &bytes, NULL) != STROMA_OK) return -1;
    struct csv_parser p;
    uint64_t sum = 0;
    (void)csv_init(&p, 0);
    const size_t done = csv_parse(&p, bytes.data, bytes.size, no_cell, no_row, &sum);
    (void)csv_fini(&p, no_cell, no_row, &sum);
    csv_free(&p);
    const bool ok = done == bytes.size && sum > 0;
    stroma_bytes_clear(&bytes);
    return ok ? now_s() - t : -1;
}

/* In a process of its own, so that its peak memory is its own. */
static void time_read(const char *path, int threads, const char *keep, cost reference)
{
    (void)fflush(stdout);
    const pid_t pid = fork();
    if (pid != 0) {
        (void)waitpid(pid, NULL, 0);
        return;
    }
    stroma_table_read_options o = STROMA_TABLE_READ_OPTIONS_INIT;
    o.threads = threads;
    const char *const kept[] = { keep };
    o.keep = kept;
    o.keep_len = keep == NULL ? 0 : 1;
    stroma_table *t = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    const double start = now_s(), cpu = cpu_s();
    const stroma_status s = stroma_table_read(path, &o, &t, NULL, &err);
    const double took = now_s() - start, worked = cpu_s() - cpu;
    if (s != STROMA_OK) {
        printf("%s%s\n", err.context, err.message);
        (void)fflush(stdout);
        _exit(1);
    }
    /* the mapped file counts as resident too, so anonymous memory is read from /proc */
    long anonymous_kb = 0;
    char line[256];
    FILE *f = fopen("/proc/self/status", "r");
    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, "RssAnon:", 8) == 0) anonymous_kb = strtol(line + 8, NULL, 10);
    if (f != NULL) fclose(f);
    struct rusage u;
    (void)getrusage(RUSAGE_SELF, &u);
    printf(
        "stroma, %d thread%s %-12s %6.2f s (processor %.2f s)  ratio %.2f (%.2f)  %zu rows, table "
        "%ld MB, peak with the mapped file %ld MB\n",
        threads, threads == 1 ? ", " : "s,", keep == NULL ? "all columns" : keep, took, worked,
        took / reference.wall_s, worked / reference.cpu_s, t->rows_len, anonymous_kb / 1000,
        u.ru_maxrss / 1000);
    (void)fflush(stdout);
    _exit(0);
}

int main(int argc, char **argv)
{
    const long megabytes = argc > 1 ? strtol(argv[1], NULL, 10) : 1000;
    const char *folder = argc > 2 ? argv[2] : getenv("TMPDIR");
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/bench_csv_XXXXXX", folder == NULL ? "/tmp" : folder);
    const int fd = mkstemp(path);
    if (fd < 0 || megabytes < 1) {
        fprintf(stderr, "usage: bench_csv [MEGABYTES] [FOLDER]\n");
        return 2;
    }
    (void)close(fd);
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("CSV of %ld MB, 13 mixed columns\n", megabytes);
    int failed = write_file(path, (uint64_t)megabytes * 1000000);
    const double cpu = cpu_s();
    const double wc = failed ? -1 : time_wc(path);
    const double libcsv = failed ? -1 : time_libcsv(path);
    failed = failed || wc < 0 || libcsv < 0;
    const cost reference = { wc + libcsv, cpu_s() - cpu };
    if (!failed) {
        printf("wc -l                  %7.2f s\nlibcsv, empty callbacks %6.2f s\nboth %.2f s "
               "(processor %.2f s)\n",
               wc, libcsv, reference.wall_s, reference.cpu_s);
        for (int threads = 1; threads <= 2; threads++)
            time_read(path, threads, NULL, reference);
        time_read(path, 1, "esr_mm_h", reference);
        printf("target: ratio at most 3\n");
    }
    (void)unlink(path);
    return failed;
}
