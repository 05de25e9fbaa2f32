/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One candidate's cells: what is measured, what is tied beyond a limit, what is odd about them. */
#include "screen_job.h"

#include "stroma/sort.h"
#include "stroma/stats_rank_test.h"

#include <math.h>

enum { FEW = 5 };

stroma_status screen_cells_init(screen_cells *c, size_t n, stroma_error *err)
{
    *c = (screen_cells){ .n = n };
    c->value = stroma_alloc_array(n, sizeof *c->value);
    c->tied = stroma_alloc_array(n, sizeof *c->tied);
    c->score = stroma_alloc_array(n, sizeof *c->score);
    c->split[0] = stroma_alloc_array(n, sizeof *c->split[0]);
    c->split[1] = stroma_alloc_array(n, sizeof *c->split[1]);
    c->sorted = stroma_alloc_array(n, sizeof *c->sorted);
    c->order = stroma_alloc_array(n, sizeof *c->order);
    c->code = stroma_alloc_array(n, sizeof *c->code);
    c->rank = stroma_alloc_array(n, sizeof *c->rank);
    if (c->value != NULL && c->tied != NULL && c->score != NULL && c->split[0] != NULL &&
        c->split[1] != NULL && c->sorted != NULL && c->order != NULL && c->code != NULL &&
        c->rank != NULL)
        return stroma_rank_cache_new(&c->cache, err);
    return stroma_no_memory(err);
}

void screen_cells_clear(screen_cells *c)
{
    stroma_free(c->value);
    stroma_free(c->tied);
    stroma_free(c->score);
    stroma_free(c->split[0]);
    stroma_free(c->split[1]);
    stroma_free(c->sorted);
    stroma_free(c->order);
    stroma_free(c->code);
    stroma_free(c->rank);
    stroma_rank_cache_free(c->cache);
    *c = (screen_cells){ 0 };
}

size_t screen_cells_split(const screen_job *job, screen_cells *c, const double *x, int which)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++)
        if (!isnan(x[i]) && (job->out->binary ? job->y[i] > 0 : 0) == which)
            c->split[which][n++] = x[i];
    return n;
}

stroma_status screen_cells_rank(screen_cells *c, const double *x, size_t from, size_t len,
                                size_t *measured, double *squares, stroma_error *err)
{
    STROMA_TRY(stroma_order_doubles(x + from, len, c->order, err));
    size_t m = len;
    while (m > 0 && isnan(x[from + c->order[m - 1]]))
        c->rank[from + c->order[--m]] = 0;
    *measured = m;
    *squares = 0;
    for (size_t i = 0, j; i < m; i = j) {
        for (j = i + 1; j < m && x[from + c->order[j]] == x[from + c->order[i]]; j++) {
        }
        /* places i + 1 … j share the doubled midrank i + 1 + j; the doubled mean is m + 1 */
        const double rank = (double)(i + j) - (double)m;
        for (size_t k = i; k < j; k++)
            c->rank[from + c->order[k]] = rank;
        *squares += (double)(j - i) * rank * rank;
    }
    return STROMA_OK;
}

/* The cells by place, and the highest lower and lowest upper limit. */
static stroma_status take_cells(const screen_job *job, screen_cells *c,
                                stroma_screen_candidate *out, stroma_error *err)
{
    c->lower = c->upper = NAN;
    for (size_t i = 0; i < c->n; i++) {
        const size_t at = job->at[i];
        const stroma_cell_state state = (stroma_cell_state)c->column->state[at];
        const double x = c->column->value[at];
        c->value[i] = NAN;
        if (state != STROMA_PRESENT && state != STROMA_BELOW_LIMIT && state != STROMA_ABOVE_LIMIT) {
            out->missing++;
            continue;
        }
        if (!(fabs(x) <= 1e140))
            return stroma_fail(
                err, STROMA_E_USAGE, "candidate \"%s\": the value of subject \"%s\" is not finite",
                c->column->name, job->f->subject[at] == NULL ? "" : job->f->subject[at]);
        c->value[i] = x;
        c->measured++;
        if (state == STROMA_BELOW_LIMIT) {
            out->below++;
            c->lower = fmax(c->lower, x);
        } else if (state == STROMA_ABOVE_LIMIT) {
            out->above++;
            c->upper = fmin(c->upper, x);
        }
    }
    c->censored = out->below + out->above > 0;
    out->n = c->measured;
    return STROMA_OK;
}

/* Beyond a limit nothing is known of the order: those values are one tie, also the measured ones
 * below another subject's limit. */
static void tie(const screen_job *job, screen_cells *c, stroma_screen_candidate *out)
{
    const double under = nextafter(c->lower, -INFINITY), over = nextafter(c->upper, INFINITY);
    for (size_t i = 0; i < c->n; i++) {
        const double x = c->value[i];
        const stroma_cell_state state = (stroma_cell_state)c->column->state[job->at[i]];
        c->tied[i] = x;
        if (isnan(x)) continue;
        const bool below = state == STROMA_BELOW_LIMIT || x < c->lower;
        const bool above = state == STROMA_ABOVE_LIMIT || x > c->upper;
        if (below || above) c->tied[i] = below ? under : over;
        if (state == STROMA_PRESENT && (below || above)) out->tied_within++;
    }
    c->lower = under;
    c->upper = over;
}

static stroma_screen_group group_of(const screen_cells *c, const double *x, size_t n)
{
    stroma_screen_group g = { n, NAN, STROMA_MISSING };
    if (n == 0) return g;
    const double low = x[(n - 1) / 2], high = x[n / 2];
    g.state = STROMA_PRESENT;
    g.median = low + (high - low) / 2;
    if (low == c->lower) { /* one of those beyond a limit: the median is below it */
        g.state = STROMA_BELOW_LIMIT;
        g.median = nextafter(c->lower, INFINITY);
    } else if (high == c->upper) {
        g.state = STROMA_ABOVE_LIMIT;
        g.median = nextafter(c->upper, -INFINITY);
    }
    return g;
}

static void describe(const screen_job *job, screen_cells *c, stroma_screen_candidate *out)
{
    size_t longest = 0, n = 0;
    for (int which = 0; which < 2; which++) {
        const size_t len = screen_cells_split(job, c, c->tied, which);
        stroma_sort_doubles(c->split[which], len);
        out->group[which] = group_of(c, c->split[which], len);
    }
    for (size_t i = 0; i < c->n; i++)
        if (!isnan(c->tied[i])) c->sorted[n++] = c->tied[i];
    stroma_sort_doubles(c->sorted, n);
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i; j < n && c->sorted[j] == c->sorted[i]; j++) {
        }
        if (j - i > longest) longest = j - i;
    }
    const double all = (double)n;
    if (n > 0 && (double)longest > job->o.constant_max_frac * all)
        out->flags |= STROMA_SCREEN_NEAR_CONSTANT;
    if ((double)(out->below + out->above) > job->o.censored_max_frac * all)
        out->flags |= STROMA_SCREEN_CENSORED;
    if (out->tied_within > 0) out->flags |= STROMA_SCREEN_SEVERAL_LIMITS;
    const size_t least =
        !job->out->binary || out->group[0].n < out->group[1].n ? out->group[0].n : out->group[1].n;
    if (least < FEW) out->flags |= STROMA_SCREEN_FEW;
    if (n == 0)
        out->reason = "no value";
    else if (longest == n)
        out->reason = "all values are equal";
    else if (job->out->binary && least == 0)
        out->reason = out->group[0].n == 0 ? "no value in the group without the event"
                                           : "no value in the group with the event";
}

stroma_status screen_cells_read(const screen_job *job, screen_cells *c,
                                stroma_screen_candidate *out, stroma_error *err)
{
    c->column = &job->f->columns[out->column];
    c->measured = 0;
    STROMA_TRY(take_cells(job, c, out, err));
    tie(job, c, out);
    describe(job, c, out);
    if (out->reason[0] != '\0') return STROMA_OK;
    for (size_t i = 0; i < c->n; i++) {
        if (c->column->log_scale && c->value[i] <= 0)
            out->reason = "a value of 0 or less has no logarithm";
        c->score[i] = c->column->log_scale ? log(c->value[i]) : c->value[i];
    }
    if (c->censored && job->o.statistic == STROMA_SCREEN_VALUES)
        out->reason = "values beyond a limit have no mean: screen by ranks";
    return STROMA_OK;
}
