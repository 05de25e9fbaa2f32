/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is there a direction in which the likelihood never falls? The linear program of Konis: with rows
 * z = x for events and −x for the others, maximise Σ z'b subject to z'b ≥ 0 and −1 ≤ b ≤ 1. Its
 * optimum is 0 exactly when the classes overlap. Solved from the dual side, where the basis is as
 * small as the number of columns: minimise Σ(v + w) subject to v − w − Z'u = Σz, all ≥ 0; the
 * multipliers are b. */
#include "logistic_problem.h"

#include "stroma/memory.h"

#include <math.h>

static const double tolerance = 1e-9;
enum { STALL_MAX = 30 };

/* Variables: 0 … p−1 are v, p … 2p−1 are w, 2p + i is u of row i. */
typedef struct simplex {
    const logistic_problem *q;
    const bool *in; /* n: rows that take part */
    size_t p;
    size_t *basic;    /* p */
    double *inverse;  /* p × p, row by row */
    double *value;    /* p: of the basic variables */
    double *b, *step; /* p: multipliers; column that enters */
} simplex;

static double signed_row(const simplex *s, size_t i, size_t j)
{
    const double x = s->q->x[j * s->q->n + i];
    return s->q->y[i] > 0 ? x : -x;
}

static double margin(const simplex *s, size_t i)
{
    double sum = 0;
    for (size_t j = 0; j < s->p; j++)
        sum += signed_row(s, i, j) * s->b[j];
    return sum;
}

static void multipliers(simplex *s)
{
    for (size_t j = 0; j < s->p; j++) {
        s->b[j] = 0;
        for (size_t r = 0; r < s->p; r++)
            if (s->basic[r] < 2 * s->p) s->b[j] += s->inverse[r * s->p + j];
    }
}

/* The variable that enters: most negative reduced cost, or, against cycles, the first one (Bland).
 */
static size_t entering(const simplex *s, bool first)
{
    size_t best = SIZE_MAX;
    double least = -tolerance;
    for (size_t k = 0; k < 2 * s->p; k++) {
        const double cost = k < s->p ? 1 - s->b[k] : 1 + s->b[k - s->p];
        if (!(cost < least)) continue;
        best = k;
        least = cost;
        if (first) return best;
    }
    for (size_t i = 0; i < s->q->n; i++) {
        const double cost = s->in[i] ? margin(s, i) : 0;
        if (!(cost < least)) continue;
        best = 2 * s->p + i;
        least = cost;
        if (first) return best;
    }
    return best;
}

/* step = inverse · column of variable k */
static void column_of(simplex *s, size_t k)
{
    for (size_t r = 0; r < s->p; r++) {
        const double *row = s->inverse + r * s->p;
        double sum = 0;
        if (k < s->p)
            sum = row[k];
        else if (k < 2 * s->p)
            sum = -row[k - s->p];
        else
            for (size_t j = 0; j < s->p; j++)
                sum -= row[j] * signed_row(s, k - 2 * s->p, j);
        s->step[r] = sum;
    }
}

static size_t leaving(const simplex *s)
{
    size_t best = SIZE_MAX;
    double least = INFINITY;
    for (size_t r = 0; r < s->p; r++) {
        if (!(s->step[r] > tolerance)) continue;
        const double ratio = s->value[r] / s->step[r];
        if (ratio < least || (ratio <= least && s->basic[r] < s->basic[best])) {
            least = ratio;
            best = r;
        }
    }
    return best;
}

static double pivot(simplex *s, size_t enter, size_t leave)
{
    const size_t p = s->p;
    const double by = s->step[leave], ratio = fmax(0, s->value[leave] / by);
    for (size_t j = 0; j < p; j++)
        s->inverse[leave * p + j] /= by;
    for (size_t r = 0; r < p; r++) {
        if (r == leave) continue;
        for (size_t j = 0; j < p; j++)
            s->inverse[r * p + j] -= s->step[r] * s->inverse[leave * p + j];
        s->value[r] = fmax(0, s->value[r] - ratio * s->step[r]);
    }
    s->value[leave] = ratio;
    s->basic[leave] = enter;
    return ratio;
}

/* Start at the basis of v and w that the right-hand side asks for. */
static void start(simplex *s)
{
    for (size_t r = 0; r < s->p; r++) {
        double c = 0;
        for (size_t i = 0; i < s->q->n; i++)
            if (s->in[i]) c += signed_row(s, i, r);
        for (size_t j = 0; j < s->p; j++)
            s->inverse[r * s->p + j] = 0;
        s->inverse[r * s->p + r] = c < 0 ? -1 : 1;
        s->basic[r] = c < 0 ? s->p + r : r;
        s->value[r] = fabs(c);
    }
}

/* Leaves the best direction in b. */
static stroma_status solve(simplex *s, stroma_error *err)
{
    const size_t most = 1000 + 50 * s->p + s->q->n;
    size_t stalled = 0;
    start(s);
    for (size_t k = 0; k < most; k++) {
        multipliers(s);
        const size_t enter = entering(s, stalled > STALL_MAX);
        if (enter == SIZE_MAX) return STROMA_OK;
        column_of(s, enter);
        const size_t leave = leaving(s);
        /* the objective is bounded below by 0: nothing to leave is rounding at the optimum */
        if (leave == SIZE_MAX) return STROMA_OK;
        stalled = pivot(s, enter, leave) > 0 ? 0 : stalled + 1;
    }
    return stroma_fail(err, STROMA_E_DEGENERATE, "the search for a separation did not end");
}

/* Rows that the direction separates strictly leave; those that it puts on the wrong side would
 * refute it. @return how many left, 0 when there is no separation (left) */
static size_t take_out(const simplex *s, bool *in)
{
    size_t out = 0;
    double worst = 0, best = 0;
    for (size_t i = 0; i < s->q->n; i++) {
        if (!in[i]) continue;
        const double m = margin(s, i);
        worst = fmin(worst, m);
        best = fmax(best, m);
    }
    if (!(best > 1e-7) || worst < -1e-6 * best - 10 * tolerance) return 0;
    for (size_t i = 0; i < s->q->n; i++) {
        if (!in[i] || margin(s, i) <= 1e-7 * fmax(1, best)) continue;
        in[i] = false;
        out++;
    }
    return out;
}

/* Reduced row echelon form of the rows that stay, one at a time, in @p a (p × p).
 * @return the rank; pivots[r] is the column of row r */
static size_t echelon(const logistic_problem *q, const bool *in, double *a, size_t *pivots,
                      double *row)
{
    const size_t p = q->p;
    size_t rank = 0;
    for (size_t i = 0; i < q->n && rank < p; i++) {
        if (!in[i]) continue;
        for (size_t j = 0; j < p; j++)
            row[j] = q->x[j * q->n + i];
        for (size_t r = 0; r < rank; r++) {
            const double f = row[pivots[r]];
            for (size_t j = 0; j < p; j++)
                row[j] -= f * a[r * p + j];
            row[pivots[r]] = 0;
        }
        size_t at = 0;
        for (size_t j = 1; j < p; j++)
            if (fabs(row[j]) > fabs(row[at])) at = j;
        if (!(fabs(row[at]) > 1e-8)) continue;
        for (size_t j = 0; j < p; j++)
            a[rank * p + j] = row[j] / row[at];
        for (size_t r = 0; r < rank; r++) {
            const double f = a[r * p + at];
            for (size_t j = 0; j < p; j++)
                a[r * p + j] -= f * a[rank * p + j];
        }
        pivots[rank++] = at;
    }
    return rank;
}

/* A coefficient stays finite when its form is a combination of the rows that stay. */
static stroma_status flag_infinite(const logistic_problem *q, const bool *in, bool *infinite,
                                   stroma_error *err)
{
    const size_t p = q->p;
    double *a = stroma_alloc_array(p * p + 2 * p, sizeof *a), *row = a + p * p, *form = row + p;
    size_t *pivots = stroma_alloc_array(p, sizeof *pivots);
    if (a == NULL || pivots == NULL) {
        stroma_free(a);
        stroma_free(pivots);
        return stroma_no_memory(err);
    }
    const size_t rank = echelon(q, in, a, pivots, row);
    for (size_t k = 0; k < p; k++) {
        double size = 0, left = 0;
        logistic_form(q, k, form);
        for (size_t j = 0; j < p; j++)
            size = fmax(size, fabs(form[j]));
        for (size_t r = 0; r < rank; r++) {
            const double f = form[pivots[r]];
            for (size_t j = 0; j < p; j++)
                form[j] -= f * a[r * p + j];
        }
        for (size_t j = 0; j < p; j++)
            left = fmax(left, fabs(form[j]));
        infinite[q->column[k]] = left > 1e-7 * size;
    }
    stroma_free(a);
    stroma_free(pivots);
    return STROMA_OK;
}

static stroma_status separate(simplex *s, bool *in, stroma_separation *out, bool *infinite,
                              stroma_error *err)
{
    size_t left = s->q->n;
    for (size_t i = 0; i < left; i++)
        in[i] = true;
    /* what is left after one direction may be separated by a second one, which then refines it */
    while (left > 0) {
        STROMA_TRY(solve(s, err));
        const size_t gone = take_out(s, in);
        if (gone == 0) break;
        left -= gone;
    }
    *out = left == 0        ? STROMA_SEPARATION_COMPLETE
           : left < s->q->n ? STROMA_SEPARATION_QUASI
                            : STROMA_SEPARATION_NONE;
    if (*out == STROMA_SEPARATION_NONE) return STROMA_OK;
    return flag_infinite(s->q, in, infinite, err);
}

stroma_status logistic_separate(const logistic_problem *q, stroma_separation *out, bool *infinite,
                                stroma_error *err)
{
    const size_t p = q->p;
    bool *in = stroma_alloc_array(q->n, sizeof *in);
    double *numbers = stroma_alloc_array(p * p + 3 * p, sizeof *numbers);
    size_t *basic = stroma_alloc_array(p, sizeof *basic);
    stroma_status status = STROMA_OK;
    *out = STROMA_SEPARATION_NONE;
    if (in == NULL || numbers == NULL || basic == NULL) {
        status = stroma_no_memory(err);
    } else {
        simplex s = { .q = q,
                      .in = in,
                      .p = p,
                      .basic = basic,
                      .inverse = numbers,
                      .value = numbers + p * p,
                      .b = numbers + p * p + p,
                      .step = numbers + p * p + 2 * p };
        status = separate(&s, in, out, infinite, err);
    }
    stroma_free(in);
    stroma_free(numbers);
    stroma_free(basic);
    return status;
}

const char *stroma_separation_name(stroma_separation s)
{
    static const char *const names[] = { "none", "quasi-complete", "complete" };
    return (unsigned)s < 3 ? names[s] : "unknown";
}

stroma_status stroma_logistic_separation(const stroma_design *design, const double *y,
                                         stroma_separation *out, bool *infinite, stroma_error *err)
{
    STROMA_TRY(logistic_check(design, y, err));
    bool *flags = stroma_alloc_array(2 * design->columns, sizeof *flags);
    if (flags == NULL) return stroma_no_memory(err);
    logistic_problem q = { 0 };
    stroma_status s = logistic_problem_new(design, y, true, flags + design->columns, &q, err);
    if (s == STROMA_OK) s = logistic_separate(&q, out, flags, err);
    for (size_t j = 0; s == STROMA_OK && infinite != NULL && j < design->columns; j++)
        infinite[j] = flags[j];
    logistic_problem_free(&q);
    stroma_free(flags);
    return s;
}
