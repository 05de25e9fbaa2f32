/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of two series moves first: each on the other's value before, beside its own. */
#include "alignment.h"

#include "stroma/memory.h"
#include "stroma/parallel.h"
#include "stroma/random.h"
#include "stroma/sort.h"
#include "stroma/stats_distribution.h"

#include <math.h>
#include <string.h>

enum { TERMS_MAX = 4, SUBJECTS_MIN = 6, CHUNK = 20 };
static const double ROUNDING = 1e-12; /* of a standard error in SDs */

/* One direction: target now, own and other's value before, day; rows of the series with NaN where
 * one of them is missing. */
typedef struct lag_side {
    const double *target, *other; /* rows */
} lag_side;

typedef struct cross_job {
    const stroma_series *s;
    const stroma_cross_lag_options *o;
    const size_t *first;       /* subjects + 1 */
    double *marker, *response; /* rows, standardised; NaN: missing */
    double *day;               /* rows, standardised */
    size_t terms;
    size_t *order;         /* worker × subjects */
    double *t[2], *abs[2]; /* a resample each */
} cross_job;

/* What a regression needs of one pair. */
typedef struct pair {
    double x[TERMS_MAX], y;
} pair;

/* Value before row-time @p day among rows begin … end: index, or SIZE_MAX. */
static size_t before(const cross_job *j, const double *v, size_t begin, size_t end, double day)
{
    for (size_t r = end; r > begin; r--) {
        if (!(j->s->day[r - 1] < day) || isnan(v[r - 1])) continue;
        return day - j->s->day[r - 1] <= j->o->gap_most_days ? r - 1 : SIZE_MAX;
    }
    return SIZE_MAX;
}

/* Target in row r of its subject; the other series is that of subject @p with. */
static bool make_pair(const cross_job *j, const lag_side *d, size_t r, size_t begin, size_t with,
                      pair *p)
{
    const double day = j->s->day[r];
    const size_t b2 = j->first[with], e2 = j->first[with + 1];
    if (isnan(d->target[r])) return false;
    const size_t own = before(j, d->target, begin, r, day);
    const size_t other = before(j, d->other, b2, e2, day);
    if (own == SIZE_MAX || other == SIZE_MAX) return false;
    *p = (pair){ { 1, d->target[own], d->other[other], j->day[r] }, d->target[r] };
    if (!j->o->first_differences) return true;
    const size_t own2 = before(j, d->target, begin, own, j->s->day[own]);
    const size_t other2 = before(j, d->other, b2, other, j->s->day[other]);
    if (own2 == SIZE_MAX || other2 == SIZE_MAX) return false;
    p->y -= d->target[own];
    p->x[1] -= d->target[own2];
    p->x[2] -= d->other[other2];
    return true;
}

/* Inverse of a positive definite matrix by Gauss-Jordan with the pivots on the diagonal. */
static bool invert(double a[TERMS_MAX][TERMS_MAX], size_t k)
{
    double scale[TERMS_MAX];
    for (size_t i = 0; i < k; i++)
        scale[i] = a[i][i];
    for (size_t p = 0; p < k; p++) {
        if (!(a[p][p] > 1e-10 * scale[p])) return false;
        const double q = 1 / a[p][p];
        a[p][p] = 1;
        for (size_t c = 0; c < k; c++)
            a[p][c] *= q;
        for (size_t i = 0; i < k; i++) {
            if (i == p) continue;
            const double f = a[i][p];
            a[i][p] = 0;
            for (size_t c = 0; c < k; c++)
                a[i][c] -= f * a[p][c];
        }
    }
    return true;
}

typedef struct lag_estimate {
    double b, se, t;
    size_t pairs, subjects;
} lag_estimate;

/* Pairs of target subject @p i with the other series of subject @p with: adds to X'X and X'y, or,
 * given coefficients, to the score X'u. @return pairs */
static size_t add_pairs(const cross_job *j, const lag_side *d, size_t i, size_t with,
                        double xx[TERMS_MAX][TERMS_MAX], double *xy, const double *beta)
{
    const size_t terms = j->terms < TERMS_MAX ? j->terms : TERMS_MAX; /* for the compiler */
    size_t n = 0;
    for (size_t r = j->first[i]; r < j->first[i + 1]; r++) {
        pair p;
        if (!make_pair(j, d, r, j->first[i], with, &p)) continue;
        double y = p.y;
        n++;
        for (size_t a = 0; beta != NULL && a < terms; a++)
            y -= beta[a] * p.x[a];
        for (size_t a = 0; a < terms; a++) {
            xy[a] += p.x[a] * y;
            for (size_t c = 0; xx != NULL && c < terms; c++)
                xx[a][c] += p.x[a] * p.x[c];
        }
    }
    return n;
}

/* Cluster-robust variance of the coefficient of the other series. */
static double robust_variance(const cross_job *j, const lag_side *d, const size_t *with,
                              double inverse[TERMS_MAX][TERMS_MAX], const double *beta,
                              const lag_estimate *e)
{
    double sum = 0;
    for (size_t i = 0; i < j->s->subjects; i++) {
        double score[TERMS_MAX] = { 0 }, along = 0;
        (void)add_pairs(j, d, i, with == NULL ? i : with[i], NULL, score, beta);
        for (size_t a = 0; a < j->terms; a++)
            along += inverse[2][a] * score[a];
        sum += along * along;
    }
    const double g = (double)e->subjects, n = (double)e->pairs, k = (double)j->terms;
    return sum * g / (g - 1) * (n - 1) / (n - k);
}

/* @param with the subject whose other series goes with each subject; NULL: its own */
static lag_estimate estimate(const cross_job *j, const lag_side *d, const size_t *with)
{
    lag_estimate e = { NAN, NAN, 0, 0, 0 };
    double xx[TERMS_MAX][TERMS_MAX] = { { 0 } }, xy[TERMS_MAX] = { 0 }, beta[TERMS_MAX] = { 0 };
    for (size_t i = 0; i < j->s->subjects; i++) {
        const size_t n = add_pairs(j, d, i, with == NULL ? i : with[i], xx, xy, NULL);
        e.pairs += n;
        e.subjects += n > 0;
    }
    if (e.subjects < SUBJECTS_MIN || e.pairs <= j->terms || !invert(xx, j->terms)) return e;
    for (size_t a = 0; a < j->terms; a++)
        for (size_t c = 0; c < j->terms; c++)
            beta[a] += xx[a][c] * xy[c];
    e.b = beta[2];
    e.se = sqrt(robust_variance(j, d, with, xx, beta, &e));
    if (e.se > 0) e.t = e.b / e.se;
    return e;
}

/* |b| of a bootstrap sample of subjects, in both directions. */
static void bootstrap_once(const cross_job *j, const lag_side *sides, const size_t *drawn,
                           double out[2])
{
    for (int k = 0; k < 2; k++) {
        double xx[TERMS_MAX][TERMS_MAX] = { { 0 } }, xy[TERMS_MAX] = { 0 }, b = 0;
        for (size_t i = 0; i < j->s->subjects; i++)
            (void)add_pairs(j, &sides[k], drawn[i], drawn[i], xx, xy, NULL);
        out[k] = NAN;
        if (!invert(xx, j->terms)) continue;
        for (size_t c = 0; c < j->terms; c++)
            b += xx[2][c] * xy[c];
        out[k] = fabs(b);
    }
}

static void sides_of(const cross_job *j, lag_side *sides)
{
    sides[0] = (lag_side){ j->response, j->marker };
    sides[1] = (lag_side){ j->marker, j->response };
}

static stroma_status some(size_t begin, size_t end, int worker, void *context, stroma_error *err)
{
    const cross_job *j = context;
    size_t *order = j->order + (size_t)worker * j->s->subjects;
    lag_side sides[2];
    (void)err;
    sides_of(j, sides);
    for (size_t b = begin; b < end; b++) {
        stroma_random r;
        double size[2];
        stroma_random_init(&r, j->o->seed, stroma_random_stream("cross-lag"), b);
        for (int k = 0; k < 2; k++) {
            stroma_random_permutation(&r, order, j->s->subjects);
            j->t[k][b] = estimate(j, &sides[k], order).t;
        }
        for (size_t i = 0; i < j->s->subjects; i++)
            order[i] = stroma_random_below(&r, j->s->subjects);
        bootstrap_once(j, sides, order, size);
        j->abs[0][b] = size[0];
        j->abs[1][b] = size[1];
    }
    return STROMA_OK;
}

static void give_direction(const cross_job *j, int k, const lag_estimate *e, stroma_stat *out)
{
    size_t beyond = 0;
    out->n_used = e->pairs;
    out->n1 = e->subjects;
    out->estimate_name = "SDs now per SD before";
    out->estimate = e->b;
    out->se = e->se;
    out->df = (double)e->subjects - 1;
    out->statistic_name = "t";
    out->statistic = e->t;
    out->interval_method = "t, cluster-robust";
    out->level = j->o->level;
    const double half = stroma_t_quantile(0.5 + out->level / 2, out->df) * e->se;
    out->lower = e->b - half;
    out->upper = e->b + half;
    for (size_t b = 0; b < j->o->resamples; b++)
        beyond += fabs(j->t[k][b]) >= fabs(e->t) * (1 - 1e-12);
    out->p = (double)(1 + beyond) / (double)(1 + j->o->resamples);
    out->variant = j->o->first_differences ? "first differences" : "lagged";
}

static void give_difference(const cross_job *j, stroma_cross_lag *out)
{
    size_t n = 0;
    double *d = j->abs[0];
    for (size_t b = 0; b < j->o->resamples; b++)
        if (!isnan(j->abs[0][b] - j->abs[1][b])) d[n++] = j->abs[0][b] - j->abs[1][b];
    stroma_stat *s = &out->difference;
    s->n_used = out->marker_to_response.n_used + out->response_to_marker.n_used;
    s->estimate_name = "difference of sizes";
    s->estimate = fabs(out->marker_to_response.estimate) - fabs(out->response_to_marker.estimate);
    s->interval_method = "bootstrap of subjects, percentiles";
    s->level = j->o->level;
    if (n < j->o->resamples) s->reason = "some bootstrap samples had no variation";
    if (n == 0) return;
    stroma_sort_doubles(d, n);
    const size_t cut = (size_t)floor((1 - s->level) / 2 * (double)(n + 1));
    s->lower = d[cut > 0 ? cut - 1 : 0];
    s->upper = d[n - (cut > 0 ? cut : 1)];
}

static stroma_temporal_order order_of(const stroma_cross_lag *c, double alpha)
{
    const bool first = c->marker_to_response.p <= alpha / 2;
    const bool second = c->response_to_marker.p <= alpha / 2;
    if (!first && !second) return STROMA_ORDER_NOT_SHOWN;
    if (first && c->difference.lower > 0) return STROMA_ORDER_MARKER_FIRST;
    if (second && c->difference.upper < 0) return STROMA_ORDER_RESPONSE_FIRST;
    return STROMA_ORDER_NOT_TOLD_APART;
}

const char *stroma_temporal_order_name(stroma_temporal_order o)
{
    static const char *const names[] = { "cannot_judge", "not_shown", "not_told_apart",
                                         "marker_precedes_response", "response_precedes_marker" };
    return (size_t)o < sizeof names / sizeof names[0] ? names[o] : "unknown";
}

static stroma_status run(cross_job *j, stroma_cross_lag *out, stroma_error *err)
{
    lag_side sides[2];
    lag_estimate e[2];
    sides_of(j, sides);
    for (int k = 0; k < 2; k++)
        e[k] = estimate(j, &sides[k], NULL);
    for (int k = 0; k < 2; k++) {
        stroma_stat *s = k == 0 ? &out->marker_to_response : &out->response_to_marker;
        const char *reason = NULL;
        if (e[k].subjects < SUBJECTS_MIN)
            reason = "fewer than 6 subjects have pairs of visits";
        else if (isnan(e[k].b) || !(e[k].se > ROUNDING)) /* as a response that never moves */
            reason = "no variation left to estimate from";
        if (reason == NULL) continue;
        *s = stroma_stat_cannot("cross_lag", reason);
        s->n_used = e[k].pairs;
        out->difference = stroma_stat_cannot("cross_lag", reason);
    }
    if (out->difference.not_estimable) {
        for (int k = 0; k < 2; k++) {
            stroma_stat *s = k == 0 ? &out->marker_to_response : &out->response_to_marker;
            if (s->not_estimable) continue;
            *s = stroma_stat_cannot("cross_lag", "not judged: the other direction cannot be");
            s->n_used = e[k].pairs;
        }
        return STROMA_OK;
    }
    const int threads = j->o->threads < 1 ? 1 : j->o->threads;
    STROMA_TRY(stroma_parallel_for(j->o->resamples, threads, CHUNK, some, j, err));
    give_direction(j, 0, &e[0], &out->marker_to_response);
    give_direction(j, 1, &e[1], &out->response_to_marker);
    give_difference(j, out);
    out->order = order_of(out, j->o->alpha);
    return STROMA_OK;
}

/* Mean 0 and SD 1 of what is there; all NaN when that cannot be. */
static void standardise(double *x, size_t n)
{
    double count = 0, sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i])) {
            count++;
            sum += x[i];
        }
    const double mean = sum / count;
    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i])) squares += (x[i] - mean) * (x[i] - mean);
    const double sd = sqrt(squares / (count - 1));
    for (size_t i = 0; i < n; i++)
        x[i] = sd > 0 ? (x[i] - mean) / sd : (double)NAN;
}

static stroma_status fill(cross_job *j, stroma_cross_lag *out, stroma_error *err)
{
    for (size_t r = 0; r < j->s->rows; r++) {
        const stroma_cell_state state = alignment_marker_state(j->s, r);
        const bool limit = state == STROMA_BELOW_LIMIT || state == STROMA_ABOVE_LIMIT;
        j->marker[r] = limit || state == STROMA_PRESENT ? j->s->marker[r] : (double)NAN;
        out->censored += limit;
        if (j->o->log_marker && j->marker[r] <= 0)
            return stroma_fail(err, STROMA_E_USAGE, "marker value %g of row %zu has no logarithm",
                               j->marker[r], r + 1);
        if (j->o->log_marker) j->marker[r] = log(j->marker[r]);
        j->response[r] = j->s->response[r];
        j->day[r] = j->s->day[r];
    }
    standardise(j->marker, j->s->rows);
    standardise(j->response, j->s->rows);
    standardise(j->day, j->s->rows);
    return STROMA_OK;
}

static stroma_status check(const stroma_series *s, const stroma_cross_lag_options *o,
                           stroma_error *err)
{
    if (!(o->level > 0 && o->level < 1 && o->alpha > 0 && o->alpha < 1))
        return stroma_fail(err, STROMA_E_USAGE, "level %g or alpha %g is not within 0 to 1",
                           o->level, o->alpha);
    if (!(o->gap_most_days > 0))
        return stroma_fail(err, STROMA_E_USAGE, "a gap of at most %g days lets no pair in",
                           o->gap_most_days);
    if (o->resamples < 99 || o->resamples > 1000000)
        return stroma_fail(err, STROMA_E_USAGE, "%zu resamples are not within 99 to 1000000",
                           o->resamples);
    return alignment_check_series(s, err);
}

stroma_status stroma_cross_lag_test(const stroma_series *series,
                                    const stroma_cross_lag_options *options, stroma_cross_lag *out,
                                    stroma_error *err)
{
    const stroma_cross_lag_options defaults = STROMA_CROSS_LAG_OPTIONS_INIT;
    const stroma_cross_lag_options *o = options == NULL ? &defaults : options;
    const stroma_stat empty = stroma_stat_empty("cross_lag");
    *out = (stroma_cross_lag){ empty, empty, empty, STROMA_ORDER_CANNOT_JUDGE, 0 };
    STROMA_TRY(check(series, o, err));
    const size_t threads = o->threads < 1 ? 1 : (size_t)o->threads;
    size_t *first = NULL;
    STROMA_TRY(alignment_rows(series, &first, err));
    cross_job j = { .s = series, .o = o, .first = first, .terms = o->trend ? 4 : 3 };
    double *values = stroma_alloc_array(3 * series->rows, sizeof *values);
    double *results = stroma_alloc_array(4 * o->resamples, sizeof *results);
    j.order = stroma_alloc_array(threads * series->subjects, sizeof *j.order);
    stroma_status s = STROMA_OK;
    if (values == NULL || results == NULL || j.order == NULL) {
        s = stroma_no_memory(err);
    } else {
        j.marker = values;
        j.response = values + series->rows;
        j.day = values + 2 * series->rows;
        for (size_t k = 0; k < 2; k++) {
            j.t[k] = results + k * o->resamples;
            j.abs[k] = results + (2 + k) * o->resamples;
        }
        s = fill(&j, out, err);
        if (s == STROMA_OK) s = run(&j, out, err);
    }
    stroma_free(first);
    stroma_free(values);
    stroma_free(results);
    stroma_free(j.order);
    return s;
}
