/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the time of a gated sample goes, one core, one process:
 *   bench_cytometry FILE GATES [REPEATS]
 * Stages of an FCS file with its gates: open, decode, compensate, logicle of every compensated
 * channel, the gates, medians of every compensated channel in the innermost population and in all.
 * Of every stage the fastest of some runs, in ms of CPU time (user and system), the rate at which
 * it goes through the events of the file, and how many times memcpy of these events it takes. */
#include "stroma/cytometry_compensation.h"
#include "stroma/cytometry_gates.h"
#include "stroma/cytometry_population.h"
#include "stroma/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { BLOCK = STROMA_COLUMN_BLOCK, STRIDE = BLOCK + 8, REPEATS = 5 };

typedef struct bench {
    const char *path;
    stroma_fcs *fcs;
    const stroma_fcs_dataset *d;
    const stroma_compensation *c;
    stroma_arena arena;
    stroma_gate_set gates;
    stroma_membership members;
    stroma_event_column *recorded, *compensated;
    stroma_transform logicle;
    size_t *populations; /* of the visit at hand */
    size_t populations_len;
    double **out, *room;
    double bytes;   /* of the events in the file */
    double copy_ms; /* memcpy of them */
    double sum;     /* of what was made: nothing is left out */
    size_t repeats;
} bench;

typedef stroma_status (*stage_fn)(bench *b, stroma_error *err);

static double cpu_ms(void)
{
    struct rusage u;
    (void)getrusage(RUSAGE_SELF, &u);
    return 1e3 * (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           1e-3 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static stroma_status stage(bench *b, const char *name, stage_fn run, double *ms, stroma_error *err)
{
    *ms = INFINITY;
    for (size_t r = 0; r < b->repeats; r++) {
        const double begin = cpu_ms();
        STROMA_TRY(run(b, err));
        *ms = fmin(*ms, cpu_ms() - begin);
    }
    printf("%-44s %8.1f %8.2f %9.1f\n", name, *ms, 1e-6 * b->bytes / *ms, *ms / b->copy_ms);
    return STROMA_OK;
}

static stroma_status open_file(bench *b, stroma_error *err)
{
    stroma_fcs_close(b->fcs);
    b->fcs = NULL;
    STROMA_TRY(stroma_fcs_open(b->path, NULL, NULL, &b->fcs, err));
    b->d = stroma_fcs_preferred(b->fcs);
    stroma_arena_clear(&b->arena);
    stroma_arena_init(&b->arena, 1 << 24);
    return stroma_compensation_from_fcs(b->d, b->path, &b->arena, NULL, &b->c, err);
}

/* Columns block by block; @p logicle: all put on the scale. */
static stroma_status columns(bench *b, const stroma_event_column *of, size_t k, bool logicle,
                             stroma_error *err)
{
    stroma_column_reader *r = NULL;
    STROMA_TRY(stroma_column_reader_open(b->d, of, k, &r, err));
    stroma_status s = STROMA_OK;
    for (uint64_t e = 0; s == STROMA_OK && e < b->d->n_events; e += BLOCK) {
        const uint64_t left = b->d->n_events - e;
        const size_t n = left < BLOCK ? (size_t)left : BLOCK;
        s = stroma_column_reader_read(r, e, n, b->out, err);
        for (size_t j = 0; s == STROMA_OK && logicle && j < k; j++)
            stroma_transform_values(&b->logicle, b->out[j], n, b->out[j]);
        for (size_t j = 0; j < k; j++)
            b->sum += b->out[j][n - 1];
    }
    stroma_column_reader_close(r);
    return s;
}

static stroma_status decode(bench *b, stroma_error *err)
{
    return columns(b, b->recorded, b->d->parameters_len, false, err);
}

static stroma_status compensate(bench *b, stroma_error *err)
{
    return columns(b, b->compensated, b->c->fluorochromes_len, false, err);
}

static stroma_status transform(bench *b, stroma_error *err)
{
    return columns(b, b->compensated, b->c->fluorochromes_len, true, err);
}

static stroma_status gate(bench *b, stroma_error *err)
{
    stroma_gate_options o = STROMA_GATE_OPTIONS_INIT;
    o.fcs = b->c;
    stroma_membership_clear(&b->members);
    return stroma_gates_evaluate(&b->gates, b->d, &o, &b->members, err);
}

static stroma_status median(void *context, size_t population, size_t column,
                            const stroma_population_sample *x, stroma_error *err)
{
    bench *b = context;
    double m = 0;
    (void)population;
    (void)column;
    STROMA_TRY(stroma_population_quantile(x, 0.5, &m, err));
    b->sum += m;
    return STROMA_OK;
}

static stroma_status medians(bench *b, stroma_error *err)
{
    return stroma_population_visit(b->d, &b->members, b->populations, b->populations_len,
                                   b->compensated, b->c->fluorochromes_len, (size_t)64 << 20,
                                   median, b, err);
}

static stroma_status make_room(bench *b, stroma_error *err)
{
    const size_t n = b->d->parameters_len + b->c->fluorochromes_len;
    b->recorded = stroma_alloc_array(n, sizeof *b->recorded);
    b->compensated = stroma_alloc_array(n, sizeof *b->compensated);
    b->out = stroma_alloc_array(n, sizeof(double *));
    b->room = stroma_alloc_array(n * STRIDE, sizeof *b->room);
    b->populations = stroma_alloc_array(b->gates.gates_len + 1, sizeof *b->populations);
    if (b->recorded == NULL || b->compensated == NULL || b->out == NULL || b->room == NULL ||
        b->populations == NULL)
        return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++) {
        b->out[i] = b->room + i * STRIDE;
        b->recorded[i] = (stroma_event_column){ NULL, i };
        b->compensated[i] = (stroma_event_column){ b->c, i };
    }
    return STROMA_OK;
}

/* What no program can beat: the events of the file, once from memory to memory. */
static stroma_status copy_events(bench *b, stroma_error *err)
{
    const size_t n = (size_t)b->bytes;
    size_t size = 0;
    const unsigned char *from = stroma_fcs_bytes(b->fcs, &size) + (size - n);
    unsigned char *to = stroma_alloc_array(n, 1);
    if (to == NULL) return stroma_no_memory(err);
    b->copy_ms = INFINITY;
    for (size_t r = 0; r <= b->repeats; r++) {
        const double begin = cpu_ms();
        memcpy(to, from, n);
        b->sum += to[r];
        if (r > 0) b->copy_ms = fmin(b->copy_ms, cpu_ms() - begin);
    }
    stroma_free(to);
    return STROMA_OK;
}

static stroma_status all_stages(bench *b, stroma_error *err)
{
    double ms[7];
    STROMA_TRY(stage(b, "open", open_file, &ms[0], err));
    STROMA_TRY(stage(b, "decode all channels", decode, &ms[1], err));
    STROMA_TRY(stage(b, "decode and compensate", compensate, &ms[2], err));
    STROMA_TRY(stage(b, "the same, and logicle of all", transform, &ms[3], err));
    STROMA_TRY(stage(b, "gates, with all that they need", gate, &ms[4], err));
    const size_t last = b->gates.gates_len - 1;
    b->populations[0] = last;
    b->populations_len = 1;
    STROMA_TRY(stage(b, "medians in the last population", medians, &ms[5], err));
    for (size_t i = 0; i <= last; i++)
        b->populations[i] = i;
    b->populations[last + 1] = SIZE_MAX;
    b->populations_len = last + 2;
    STROMA_TRY(stage(b, "medians in each population, and ungated", medians, &ms[6], err));
    const double values = (double)b->d->n_events * (double)b->c->fluorochromes_len;
    printf("logicle alone: %.2f ns a value\n", 1e6 * (ms[3] - ms[2]) / values);
    printf("open, gates, medians in the last: %.1f ms\n", ms[0] + ms[4] + ms[5]);
    for (size_t g = 0; g <= last; g++)
        printf("count %s %llu\n", b->gates.gates[g].id, (unsigned long long)b->members.count[g]);
    return STROMA_OK;
}

static stroma_status run(bench *b, const char *gates, stroma_error *err)
{
    STROMA_TRY(open_file(b, err));
    if (b->c == NULL) return stroma_fail(err, STROMA_E_USAGE, "the file has no spillover matrix");
    STROMA_TRY(stroma_gates_read(gates, NULL, NULL, &b->gates, err));
    STROMA_TRY(stroma_gate_set_check(&b->gates, err));
    if (b->gates.gates_len == 0) return stroma_fail(err, STROMA_E_USAGE, "there are no gates");
    STROMA_TRY(stroma_transform_make(STROMA_TRANSFORM_LOGICLE, 262144, 0.5, 4.5, 0, NULL,
                                     &b->logicle, err));
    STROMA_TRY(make_room(b, err));
    b->bytes = (double)b->d->n_events * (double)b->d->event_bits / 8;
    STROMA_TRY(copy_events(b, err));
    printf("%llu events of %zu channels, %.0f MB; memcpy of them %.1f ms, %.1f GB/s\n",
           (unsigned long long)b->d->n_events, b->d->parameters_len, 1e-6 * b->bytes, b->copy_ms,
           1e-6 * b->bytes / b->copy_ms);
    printf("%-44s %8s %8s %9s\n", "stage", "CPU ms", "GB/s", "x memcpy");
    return all_stages(b, err);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        (void)fputs("usage: bench_cytometry FILE GATES [REPEATS]\n", stderr);
        return STROMA_E_USAGE;
    }
    stroma_error err = STROMA_ERROR_INIT;
    bench b = { .path = argv[1], .repeats = argc > 3 ? strtoul(argv[3], NULL, 10) : REPEATS };
    stroma_arena_init(&b.arena, 1 << 24);
    stroma_gate_set_init(&b.gates);
    const stroma_status s = run(&b, argv[2], &err);
    if (s != STROMA_OK) (void)fprintf(stderr, "bench_cytometry: %s%s\n", err.context, err.message);
    stroma_membership_clear(&b.members);
    stroma_gate_set_clear(&b.gates);
    stroma_fcs_close(b.fcs);
    stroma_arena_clear(&b.arena);
    stroma_free(b.recorded);
    stroma_free(b.compensated);
    stroma_free(b.out);
    stroma_free(b.room);
    stroma_free(b.populations);
    return (int)s;
}
