/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drawing rows, or clusters of rows, with replacement within strata, and counting what failed. */
#include "stroma/memory.h"
#include "stroma/parallel.h"
#include "stroma/random.h"
#include "stroma/sort.h"
#include "stroma/stats_resampling.h"

#include <math.h>

enum { CHUNK = 16 };

/* Units (rows or clusters) in the order of strata; the rows of unit u are row[unit_start[u]] … */
typedef struct units {
    size_t n, rows, strata, largest; /* largest: rows of the longest unit */
    size_t *row, *unit_start;
    size_t *stratum_start; /* strata + 1 places among the units */
} units;

static void clear_units(units *u)
{
    stroma_free(u->row);
    stroma_free(u->unit_start);
    stroma_free(u->stratum_start);
}

static size_t code_of(const size_t *codes, size_t i, size_t otherwise)
{
    return codes == NULL ? otherwise : codes[i];
}

static int by_stratum_and_cluster(const void *a, const void *b, void *context)
{
    const stroma_resample_design *d = context;
    const size_t i = *(const size_t *)a, j = *(const size_t *)b;
    const size_t s = code_of(d->stratum, i, 0), t = code_of(d->stratum, j, 0);
    if (s != t) return s < t ? -1 : 1;
    const size_t c = code_of(d->cluster, i, i), e = code_of(d->cluster, j, j);
    return (c > e) - (c < e);
}

static int by_cluster(const void *a, const void *b, void *context)
{
    const stroma_resample_design *d = context;
    const size_t c = d->cluster[*(const size_t *)a], e = d->cluster[*(const size_t *)b];
    return (c > e) - (c < e);
}

/* Sorted by cluster alone, neighbours of one cluster must share their stratum. */
static stroma_status check_clusters(const stroma_resample_design *d, size_t *order,
                                    stroma_error *err)
{
    stroma_resample_design copy = *d;
    if (d->cluster == NULL || d->stratum == NULL) return STROMA_OK;
    STROMA_TRY(stroma_sort(order, d->n, sizeof *order, by_cluster, &copy, err));
    for (size_t i = 1; i < d->n; i++) {
        const size_t a = order[i - 1], b = order[i];
        if (d->cluster[a] != d->cluster[b] || d->stratum[a] == d->stratum[b]) continue;
        (void)stroma_fail(err, STROMA_E_INCONSISTENT,
                          "rows %zu and %zu are of one cluster but of two strata", a + 1, b + 1);
        stroma_hint(err, "a stratum is a property of the whole cluster, such as the arm of a "
                         "subject");
        return STROMA_E_INCONSISTENT;
    }
    return STROMA_OK;
}

static void group_units(const stroma_resample_design *d, units *u)
{
    for (size_t i = 0; i < d->n; i++) {
        const size_t row = u->row[i], before = i == 0 ? row : u->row[i - 1];
        const bool stratum =
            i == 0 || code_of(d->stratum, row, 0) != code_of(d->stratum, before, 0);
        if (stratum) u->stratum_start[u->strata++] = u->n;
        if (stratum || d->cluster == NULL || d->cluster[row] != d->cluster[before])
            u->unit_start[u->n++] = i;
    }
    u->stratum_start[u->strata] = u->n;
    u->unit_start[u->n] = d->n;
    u->rows = d->n;
    for (size_t k = 0; k < u->n; k++)
        if (u->unit_start[k + 1] - u->unit_start[k] > u->largest)
            u->largest = u->unit_start[k + 1] - u->unit_start[k];
}

static stroma_status make_units(const stroma_resample_design *d, units *u, stroma_error *err)
{
    stroma_resample_design copy = *d;
    *u = (units){ 0 };
    u->row = stroma_alloc_array(d->n, sizeof *u->row);
    u->unit_start = stroma_alloc_array(d->n + 1, sizeof *u->unit_start);
    u->stratum_start = stroma_alloc_array(d->n + 1, sizeof *u->stratum_start);
    if (u->row == NULL || u->unit_start == NULL || u->stratum_start == NULL)
        return stroma_no_memory(err);
    for (size_t i = 0; i < d->n; i++)
        u->row[i] = i;
    STROMA_TRY(check_clusters(d, u->row, err));
    STROMA_TRY(stroma_sort(u->row, d->n, sizeof *u->row, by_stratum_and_cluster, &copy, err));
    group_units(d, u);
    return STROMA_OK;
}

typedef struct bootstrap_work {
    const units *u;
    stroma_bootstrap_fn statistic;
    void *context;
    const stroma_bootstrap_options *o;
    uint32_t stream;
    size_t room;   /* rows that a resample may have */
    size_t *drawn; /* worker × room */
    double *value; /* worker × width */
    double *out;   /* width × items */
    size_t items;
} bootstrap_work;

static void put_unit(const units *u, size_t k, size_t *drawn, size_t *n)
{
    for (size_t i = u->unit_start[k]; i < u->unit_start[k + 1]; i++)
        drawn[(*n)++] = u->row[i];
}

/* Compute and keep; a failure leaves NaN. */
static stroma_status keep(bootstrap_work *w, size_t item, int worker, size_t n, stroma_error *err)
{
    const size_t *drawn = w->drawn + (size_t)worker * w->room;
    double *value = w->value + (size_t)worker * w->o->width;
    for (size_t k = 0; k < w->o->width; k++)
        value[k] = (double)NAN;
    const stroma_status s = w->statistic(drawn, n, worker, w->context, value, err);
    if (s != STROMA_OK && s != STROMA_E_DEGENERATE) return s;
    for (size_t k = 0; k < w->o->width; k++)
        w->out[k * w->items + item] = s == STROMA_OK && isfinite(value[k]) ? value[k] : (double)NAN;
    if (s != STROMA_OK) stroma_error_clear(err);
    return STROMA_OK;
}

static stroma_status draw(size_t begin, size_t end, int worker, void *context, stroma_error *err)
{
    bootstrap_work *w = context;
    const units *u = w->u;
    size_t *drawn = w->drawn + (size_t)worker * w->room;
    for (size_t b = begin; b < end; b++) {
        stroma_random r;
        size_t n = 0;
        stroma_random_init(&r, w->o->seed, w->stream, b);
        for (size_t h = 0; h < u->strata; h++) {
            const size_t first = u->stratum_start[h], m = u->stratum_start[h + 1] - first;
            for (size_t i = 0; i < m; i++)
                put_unit(u, first + (size_t)stroma_random_below(&r, m), drawn, &n);
        }
        STROMA_TRY(keep(w, b, worker, n, err));
    }
    return STROMA_OK;
}

static stroma_status leave_out(size_t begin, size_t end, int worker, void *context,
                               stroma_error *err)
{
    bootstrap_work *w = context;
    size_t *drawn = w->drawn + (size_t)worker * w->room;
    for (size_t out = begin; out < end; out++) {
        size_t n = 0;
        for (size_t k = 0; k < w->u->n; k++)
            if (k != out) put_unit(w->u, k, drawn, &n);
        STROMA_TRY(keep(w, out, worker, n, err));
    }
    return STROMA_OK;
}

/* The data as they are, in the order of the rows. */
static stroma_status original(bootstrap_work *w, stroma_error *err)
{
    for (size_t i = 0; i < w->u->rows; i++)
        w->drawn[i] = i;
    return keep(w, 0, 0, w->u->rows, err);
}

static stroma_status run_all(bootstrap_work *w, stroma_bootstrap_result *r, stroma_error *err)
{
    const int threads = w->o->threads < 1 ? 1 : w->o->threads;
    w->out = r->original;
    w->items = 1;
    STROMA_TRY(original(w, err));
    w->out = r->replicates;
    w->items = r->resamples;
    STROMA_TRY(stroma_parallel_for(r->resamples, threads, CHUNK, draw, w, err));
    w->out = r->left_out;
    w->items = r->units;
    if (w->o->jackknife)
        STROMA_TRY(stroma_parallel_for(r->units, threads, CHUNK, leave_out, w, err));
    for (size_t k = 0; k < r->width; k++)
        for (size_t b = 0; b < r->resamples; b++)
            r->failed[k] += isnan(r->replicates[k * r->resamples + b]) != 0;
    return STROMA_OK;
}

static stroma_status allocate(const units *u, const stroma_bootstrap_options *o,
                              stroma_bootstrap_result **out, stroma_error *err)
{
    stroma_bootstrap_result *r = stroma_alloc_array(1, sizeof *r);
    if (r == NULL) return stroma_no_memory(err);
    *out = r;
    r->width = o->width;
    r->resamples = o->resamples;
    r->units = u->n;
    r->strata = u->strata;
    r->original = stroma_alloc_array(o->width, sizeof *r->original);
    r->replicates = stroma_alloc_array(o->width, o->resamples * sizeof *r->replicates);
    r->unit_stratum = stroma_alloc_array(u->n, sizeof *r->unit_stratum);
    r->failed = stroma_alloc_array(o->width, sizeof *r->failed);
    if (o->jackknife) r->left_out = stroma_alloc_array(o->width, u->n * sizeof *r->left_out);
    if (r->original == NULL || r->replicates == NULL || r->unit_stratum == NULL ||
        r->failed == NULL || (o->jackknife && r->left_out == NULL))
        return stroma_no_memory(err);
    for (size_t h = 0; h < u->strata; h++)
        for (size_t k = u->stratum_start[h]; k < u->stratum_start[h + 1]; k++)
            r->unit_stratum[k] = h;
    return STROMA_OK;
}

static stroma_status with_units(const units *u, bootstrap_work *w, stroma_bootstrap_result **out,
                                stroma_error *err)
{
    const size_t threads = w->o->threads < 1 ? 1 : (size_t)w->o->threads;
    STROMA_TRY(allocate(u, w->o, out, err));
    if (u->largest > SIZE_MAX / u->n) return stroma_no_memory(err);
    w->u = u;
    w->room = u->n * u->largest;
    w->drawn = stroma_alloc_array(threads, w->room * sizeof *w->drawn);
    w->value = stroma_alloc_array(threads, w->o->width * sizeof *w->value);
    if (w->drawn == NULL || w->value == NULL) return stroma_no_memory(err);
    return run_all(w, *out, err);
}

static stroma_status check(const stroma_resample_design *d, const stroma_bootstrap_options *o,
                           stroma_error *err)
{
    if (o->resamples < STROMA_RESAMPLES_MIN || o->resamples > STROMA_RESAMPLES_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "%zu resamples are not within %d to %d",
                           o->resamples, STROMA_RESAMPLES_MIN, STROMA_RESAMPLES_MAX);
    if (o->width < 1 || o->width > STROMA_BOOTSTRAP_WIDTH_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "a statistic of %zu numbers is not within 1 to %d",
                           o->width, STROMA_BOOTSTRAP_WIDTH_MAX);
    if (d->n == 0) return stroma_fail(err, STROMA_E_USAGE, "there is no row to draw from");
    return STROMA_OK;
}

stroma_status stroma_bootstrap(stroma_bootstrap_fn statistic, void *context,
                               const stroma_resample_design *design,
                               const stroma_bootstrap_options *options,
                               stroma_bootstrap_result **out, stroma_error *err)
{
    static const stroma_bootstrap_options defaults = STROMA_BOOTSTRAP_OPTIONS_INIT;
    const stroma_bootstrap_options *o = options == NULL ? &defaults : options;
    units u;
    *out = NULL;
    STROMA_TRY(check(design, o, err));
    bootstrap_work w = { .statistic = statistic, .context = context, .o = o };
    w.stream = o->stream == 0 ? stroma_random_stream("bootstrap") : o->stream;
    stroma_status s = make_units(design, &u, err);
    if (s == STROMA_OK) s = with_units(&u, &w, out, err);
    stroma_free(w.drawn);
    stroma_free(w.value);
    clear_units(&u);
    if (s == STROMA_OK) return s;
    stroma_bootstrap_free(*out);
    *out = NULL;
    return s;
}

void stroma_bootstrap_free(stroma_bootstrap_result *r)
{
    if (r == NULL) return;
    stroma_free(r->original);
    stroma_free(r->replicates);
    stroma_free(r->left_out);
    stroma_free(r->unit_stratum);
    stroma_free(r->failed);
    stroma_free(r);
}
