/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Order of pairs of censored values: Kendall's tau-b and the slope that belongs to it. */
#include "censored.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"

/* +1 when i is known to be above j, −1 below, 0 when their order is not known or they are equal.
 * What is below a limit is below a measured value at it. */
static int order_of(const stroma_censored_sample *s, size_t i, size_t j)
{
    const bool i_cut = !censored_is_measured(s, i), j_cut = !censored_is_measured(s, j);
    if (s->low[i] > s->high[j] || (s->low[i] == s->high[j] && (i_cut || j_cut))) return 1;
    if (s->low[j] > s->high[i] || (s->low[j] == s->high[i] && (i_cut || j_cut))) return -1;
    return 0;
}

/* Sums over pairs, and over the triples that the permutation variance needs: those of a row are
 * squares of its row sums. */
typedef struct pair_sums {
    double s, x_pairs, y_pairs;  /* S; pairs whose order is known */
    double x_squares, y_squares; /* Σ aij² over ordered pairs */
    double x_triples, y_triples; /* Σ aij·aik, j ≠ k */
} pair_sums;

static pair_sums sums_of(const stroma_censored_sample *x, const stroma_censored_sample *y)
{
    pair_sums r = { 0 };
    for (size_t i = 0; i < x->n; i++) {
        double row_x = 0, row_y = 0, known_x = 0, known_y = 0;
        for (size_t j = 0; j < x->n; j++) {
            if (j == i) continue;
            const int a = order_of(x, i, j), b = order_of(y, i, j);
            row_x += a;
            row_y += b;
            known_x += a != 0;
            known_y += b != 0;
            if (j > i) r.s += a * b;
        }
        r.x_squares += known_x;
        r.y_squares += known_y;
        r.x_triples += row_x * row_x - known_x;
        r.y_triples += row_y * row_y - known_y;
    }
    r.x_pairs = r.x_squares / 2;
    r.y_pairs = r.y_squares / 2;
    return r;
}

stroma_status stroma_censored_kendall(const stroma_censored_sample *x,
                                      const stroma_censored_sample *y, stroma_stat *out,
                                      stroma_error *err)
{
    stroma_censored_counts c;
    const double n = (double)x->n;
    *out = stroma_stat_empty("censored_kendall");
    if (x->n != y->n)
        return stroma_fail(err, STROMA_E_USAGE, "%zu and %zu values do not make pairs", x->n, y->n);
    STROMA_TRY(stroma_censored_count(x, &c, err));
    STROMA_TRY(stroma_censored_count(y, &c, err));
    out->variant = "tau-b, unknown orders are ties";
    out->estimate_name = "tau-b";
    out->n_used = x->n;
    if (x->n < 3) {
        out->not_estimable = true;
        out->reason = "fewer than three pairs";
        return STROMA_OK;
    }
    const pair_sums r = sums_of(x, y);
    if (!(r.x_pairs > 0 && r.y_pairs > 0)) {
        out->not_estimable = true;
        out->reason = "no two values of a variable have a known order";
        return STROMA_OK;
    }
    out->estimate = r.s / sqrt(r.x_pairs * r.y_pairs);
    /* of Σ over ordered pairs, which is 2S (Daniels 1944 Biometrika 33:129) */
    const double variance = (4 * r.x_triples * r.y_triples / (n * (n - 1) * (n - 2)) +
                             2 * r.x_squares * r.y_squares / (n * (n - 1))) /
                            4;
    out->statistic_name = "z";
    out->statistic = r.s / sqrt(variance);
    out->p = stroma_normal_two_sided(out->statistic);
    return STROMA_OK;
}

/* S of the residuals y − b·x and x. Bounds move with the slope, so their order is known or not as
 * before in kind. */
typedef struct slope_search {
    const double *x;
    const stroma_censored_sample *y;
    double *low, *high;
} slope_search;

static void residuals(const slope_search *q, double slope)
{
    for (size_t i = 0; i < q->y->n; i++) {
        q->low[i] = q->y->low[i] - slope * q->x[i];
        q->high[i] = q->y->low[i] == q->y->high[i] ? q->low[i] : q->y->high[i] - slope * q->x[i];
    }
}

static double score(const slope_search *q, double slope)
{
    const stroma_censored_sample r = { q->low, q->high, q->y->n };
    double s = 0;
    residuals(q, slope);
    for (size_t i = 0; i < r.n; i++)
        for (size_t j = i + 1; j < r.n; j++)
            if (q->x[i] != q->x[j]) s += (q->x[i] > q->x[j] ? 1 : -1) * order_of(&r, i, j);
    return s;
}

/* S falls with the slope: the ends of the stretch where it is 0 (or jumps over 0), by bisection.
 * @param upper whether S must be < 0 (else ≤ 0) beyond the end */
static double end_of(const slope_search *q, double from, double to, bool upper)
{
    for (int i = 0; i < 200; i++) {
        const double c = from / 2 + to / 2;
        if (c == from || c == to) break;
        const double s = score(q, c);
        if (s > 0 || (upper && s == 0))
            from = c;
        else
            to = c;
    }
    return from / 2 + to / 2;
}

static stroma_status search(const slope_search *q, stroma_stat *slope, double *intercept,
                            stroma_error *err)
{
    double reach = 0;
    const size_t n = q->y->n;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++) {
            const double yi = isinf(q->y->low[i]) ? q->y->high[i] : q->y->low[i];
            const double yj = isinf(q->y->low[j]) ? q->y->high[j] : q->y->low[j];
            if (q->x[i] != q->x[j]) reach = fmax(reach, fabs((yi - yj) / (q->x[i] - q->x[j])));
        }
    reach = 2 * reach + 1;
    if (!(score(q, -reach) > 0 && score(q, reach) < 0)) {
        slope->not_estimable = true;
        slope->reason = "too many orders are unknown: S does not cross 0";
        return STROMA_OK;
    }
    const double a = end_of(q, -reach, reach, false), b = end_of(q, -reach, reach, true);
    slope->estimate = a / 2 + b / 2;
    if (intercept == NULL) return STROMA_OK;
    residuals(q, slope->estimate);
    const stroma_censored_sample r = { q->low, q->high, n };
    stroma_censored_summary km;
    STROMA_TRY(stroma_censored_km(&r, STROMA_REST_AT_LIMIT, 0.95, &km, NULL, NULL, err));
    *intercept = km.median.estimate;
    return STROMA_OK;
}

stroma_status stroma_censored_theil_sen(const double *x, const stroma_censored_sample *y,
                                        stroma_stat *slope, double *intercept, stroma_error *err)
{
    stroma_censored_counts c;
    *slope = stroma_stat_empty("akritas_theil_sen");
    if (intercept != NULL) *intercept = (double)NAN;
    STROMA_TRY(stroma_censored_count(y, &c, err));
    for (size_t i = 0; i < y->n; i++)
        if (!isfinite(x[i]))
            return stroma_fail(err, STROMA_E_USAGE, "value %zu of x is not finite", i + 1);
    slope->estimate_name = "slope";
    slope->n_used = y->n;
    double *room = stroma_alloc_array(2 * y->n, sizeof *room);
    if (room == NULL) return censored_no_memory(err);
    const slope_search q = { x, y, room, room + y->n };
    const stroma_status s = search(&q, slope, intercept, err);
    stroma_free(room);
    return s;
}
