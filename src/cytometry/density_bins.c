/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events into bins: every column of every job is read and put on its scale once a block. */
#include "stroma/cytometry_density.h"
#include "stroma/interrupt.h"
#include "stroma/number.h"

#include <math.h>
#include <string.h>

/* A column on a scale, as several jobs may want it. */
typedef struct lane {
    stroma_event_column column;
    const stroma_transform *transform;
    size_t source; /* in the reader */
    double *values;
} lane;

typedef struct counter {
    const stroma_density_job *jobs;
    size_t jobs_len;
    stroma_density *out;
    lane *lanes; /* 2 × jobs_len at most */
    size_t lanes_len;
    size_t *lane_of; /* job j: [2 j] of x, [2 j + 1] of y */
    stroma_event_column *columns;
    size_t columns_len;
    double **read; /* columns_len blocks */
    double *memory;
} counter;

static bool same_column(const stroma_event_column *a, const stroma_event_column *b)
{
    return a->compensation == b->compensation && a->index == b->index;
}

static size_t lane_for(counter *c, const stroma_density_axis *axis)
{
    for (size_t i = 0; i < c->lanes_len; i++)
        if (same_column(&c->lanes[i].column, &axis->column) &&
            c->lanes[i].transform == axis->transform)
            return i;
    size_t source = 0;
    while (source < c->columns_len && !same_column(&c->columns[source], &axis->column))
        source++;
    if (source == c->columns_len) c->columns[c->columns_len++] = axis->column;
    c->lanes[c->lanes_len] =
        (lane){ .column = axis->column, .transform = axis->transform, .source = source };
    return c->lanes_len++;
}

static stroma_status check_axis(const stroma_density_axis *axis, stroma_error *err)
{
    if (axis->bins == 0 || axis->bins > STROMA_DENSITY_BINS_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "an axis has 1 to %d bins, not %zu",
                           STROMA_DENSITY_BINS_MAX, axis->bins);
    if (!(isfinite(axis->low) && isfinite(axis->high) && axis->low < axis->high))
        return stroma_fail(err, STROMA_E_USAGE, "an axis cannot run from %g to %g", axis->low,
                           axis->high);
    return STROMA_OK;
}

static stroma_status plan(counter *c, stroma_error *err)
{
    const size_t most = 2 * c->jobs_len;
    c->lanes = stroma_alloc_array(most, sizeof *c->lanes);
    c->lane_of = stroma_alloc_array(most, sizeof *c->lane_of);
    c->columns = stroma_alloc_array(most, sizeof *c->columns);
    if (c->lanes == NULL || c->lane_of == NULL || c->columns == NULL) return stroma_no_memory(err);
    for (size_t j = 0; j < c->jobs_len; j++) {
        const stroma_density_axis *x = c->jobs[j].x, *y = c->jobs[j].y;
        STROMA_TRY(check_axis(x, err));
        if (y != NULL) STROMA_TRY(check_axis(y, err));
        c->lane_of[2 * j] = lane_for(c, x);
        c->lane_of[2 * j + 1] = y == NULL ? SIZE_MAX : lane_for(c, y);
        stroma_density *d = &c->out[j];
        d->n_x = x->bins;
        d->n_y = y == NULL ? 1 : y->bins;
        d->counts = stroma_alloc_array(d->n_x * d->n_y, sizeof *d->counts);
        if (d->counts == NULL) return stroma_no_memory(err);
    }
    const size_t blocks = c->columns_len + c->lanes_len;
    c->memory = stroma_alloc_array(blocks * STROMA_COLUMN_BLOCK, sizeof *c->memory);
    c->read = stroma_alloc_array(c->columns_len, sizeof *c->read);
    if (c->memory == NULL || c->read == NULL) return stroma_no_memory(err);
    for (size_t k = 0; k < c->columns_len; k++)
        c->read[k] = c->memory + k * STROMA_COLUMN_BLOCK;
    for (size_t k = 0; k < c->lanes_len; k++)
        c->lanes[k].values = c->lanes[k].transform == NULL
                                 ? c->read[c->lanes[k].source]
                                 : c->memory + (c->columns_len + k) * STROMA_COLUMN_BLOCK;
    return STROMA_OK;
}

/* The bin of a value that is a number; what lies beyond an end is noted. */
static size_t bin_of(const stroma_density_axis *axis, double v, uint64_t *below, uint64_t *above)
{
    if (v < axis->low) {
        ++*below;
        return 0;
    }
    if (v >= axis->high) {
        ++*above;
        return axis->bins - 1;
    }
    const size_t k = (size_t)((v - axis->low) / (axis->high - axis->low) * (double)axis->bins);
    return k < axis->bins ? k : axis->bins - 1; /* rounding just below the end */
}

static bool counted(const uint64_t *bits, uint64_t event)
{
    return bits == NULL || ((bits[event / 64] >> (event % 64)) & 1U) != 0;
}

static void count_block(const counter *c, size_t j, uint64_t first, size_t n)
{
    const stroma_density_job *job = &c->jobs[j];
    stroma_density *d = &c->out[j];
    const double *x = c->lanes[c->lane_of[2 * j]].values;
    const double *y = job->y == NULL ? NULL : c->lanes[c->lane_of[2 * j + 1]].values;
    for (size_t i = 0; i < n; i++) {
        if (!counted(job->bits, first + i)) continue;
        /* −∞ is how a logarithmic scale says that a value has no place on it */
        if (!isfinite(x[i]) || (y != NULL && !isfinite(y[i]))) {
            d->n_not_numbers++;
            continue;
        }
        const size_t column = bin_of(job->x, x[i], &d->x_below, &d->x_above);
        const size_t row = y == NULL ? 0 : bin_of(job->y, y[i], &d->y_below, &d->y_above);
        const uint64_t now = ++d->counts[row * d->n_x + column];
        if (now > d->highest) d->highest = now;
        d->n_events++;
    }
}

static stroma_status count_all(counter *c, const stroma_fcs_dataset *d, uint64_t first, uint64_t n,
                               stroma_error *err)
{
    stroma_column_reader *r = NULL;
    STROMA_TRY(stroma_column_reader_open(d, c->columns, c->columns_len, &r, err));
    stroma_status st = STROMA_OK;
    for (uint64_t done = 0; st == STROMA_OK && done < n; done += STROMA_COLUMN_BLOCK) {
        const uint64_t left = n - done;
        const size_t k = left < STROMA_COLUMN_BLOCK ? (size_t)left : STROMA_COLUMN_BLOCK;
        st = stroma_interrupt_check(err);
        if (st == STROMA_OK) st = stroma_column_reader_read(r, first + done, k, c->read, err);
        if (st != STROMA_OK) break;
        for (size_t l = 0; l < c->lanes_len; l++)
            if (c->lanes[l].transform != NULL)
                stroma_transform_values(c->lanes[l].transform, c->read[c->lanes[l].source], k,
                                        c->lanes[l].values);
        for (size_t j = 0; j < c->jobs_len; j++)
            count_block(c, j, first + done, k);
    }
    stroma_column_reader_close(r);
    return st;
}

stroma_status stroma_density_count(const stroma_fcs_dataset *d, uint64_t first, uint64_t n,
                                   const stroma_density_job *jobs, size_t jobs_len,
                                   stroma_density *out, stroma_error *err)
{
    for (size_t j = 0; j < jobs_len; j++)
        out[j] = (stroma_density){ 0 };
    if (first > d->n_events || n > d->n_events - first)
        return stroma_fail(err, STROMA_E_USAGE, "events %llu to %llu are asked for, of %llu",
                           (unsigned long long)first, (unsigned long long)(first + n),
                           (unsigned long long)d->n_events);
    if (jobs_len == 0) return STROMA_OK;
    counter c = { .jobs = jobs, .jobs_len = jobs_len, .out = out };
    stroma_status st = plan(&c, err);
    if (st == STROMA_OK) st = count_all(&c, d, first, n, err);
    stroma_free(c.lanes);
    stroma_free(c.lane_of);
    stroma_free(c.columns);
    stroma_free(c.read);
    stroma_free(c.memory);
    for (size_t j = 0; st != STROMA_OK && j < jobs_len; j++)
        stroma_density_clear(&out[j]);
    return st;
}

void stroma_density_clear(stroma_density *d)
{
    stroma_free(d->counts);
    *d = (stroma_density){ 0 };
}

void stroma_density_pack(const stroma_density *d, stroma_buffer *out)
{
    const size_t n = d->n_x * d->n_y;
    const char *blank = "";
    for (size_t i = 0; i < n; blank = " ") {
        size_t empty = 0;
        while (i + empty < n && d->counts[i + empty] == 0)
            empty++;
        if (empty > 0)
            stroma_buffer_printf(out, "%s-%zu", blank, empty);
        else
            stroma_buffer_printf(out, "%s%llu", blank, (unsigned long long)d->counts[i]);
        i += empty > 0 ? empty : 1;
    }
}

stroma_status stroma_density_unpack(const char *text, size_t n, uint64_t *counts, stroma_error *err)
{
    size_t at = 0;
    for (const char *word = text; *word != '\0';) {
        const size_t len = strcspn(word, " ");
        int64_t x = 0;
        if (len == 0 || !stroma_parse_int(word, len, &x) || x == 0)
            return stroma_fail(err, STROMA_E_MALFORMED,
                               "\"%.*s\" is no count of a histogram (character %zu)",
                               (int)(len < 24 ? len : 24), word, (size_t)(word - text) + 1);
        const uint64_t room = n - at, span = x < 0 ? 0 - (uint64_t)x : 1;
        if (span > room)
            return stroma_fail(err, STROMA_E_MALFORMED, "the histogram has more than %zu bins", n);
        if (x > 0)
            counts[at] = (uint64_t)x;
        else
            memset(&counts[at], 0, (size_t)span * sizeof *counts);
        at += (size_t)span;
        word += len;
        word += *word == ' ' && word[1] != '\0';
        if (*word == ' ')
            return stroma_fail(err, STROMA_E_MALFORMED, "the histogram ends in a blank");
    }
    return at == n ? STROMA_OK
                   : stroma_fail(err, STROMA_E_MALFORMED,
                                 "the histogram has %zu bins instead of %zu", at, n);
}
