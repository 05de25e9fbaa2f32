/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Covariance of the covariance parameters, Kenward-Roger's adjustment, contrasts.
 *
 * Adjusted covariance: F + 2 F [sum W_ij (Q_ij - P_i F P_j - R_ij / 4)] F, with
 * Q_ij = X'O^-1 O_i O^-1 O_j O^-1 X, R_ij = X'O^-1 O_ij O^-1 X, W twice the inverse Hessian of -2
 * log-likelihood (Kenward & Roger 1997); the linear form leaves R out. */
#include "mmrm_state.h"
#include "small_matrix.h"

#include "stroma/stats_distribution.h"

#include <math.h>
#include <string.h>

/* Smallest pivot of the Hessian in correlation form that still counts as identified. */
static const double identified = 1e-11;

static stroma_status invert_information(stroma_mmrm_state *s, stroma_error *err)
{
    const mmrm_point *pt = &s->point;
    const size_t q = pt->parameters;
    double *scaled = stroma_arena_alloc(&s->arena, q * q, sizeof *scaled);
    double *w = stroma_arena_alloc(&s->arena, q * q, sizeof *w);
    if (scaled == NULL || w == NULL) return stroma_no_memory(err);
    const double *h = pt->hessian;
    bool good = true;
    for (size_t i = 0; i < q; i++)
        good = good && h[i * q + i] > 0;
    for (size_t i = 0; good && i < q; i++)
        for (size_t j = 0; j < q; j++)
            scaled[i * q + j] = h[i * q + j] / sqrt(h[i * q + i] * h[j * q + j]);
    good = good && small_cholesky(scaled, q);
    for (size_t i = 0; good && i < q; i++)
        good = scaled[i * q + i] * scaled[i * q + i] > identified;
    if (!good)
        return stroma_fail(err, STROMA_E_DEGENERATE,
                           "the covariance parameters are not identified by these data");
    small_inverse(scaled, q, w);
    for (size_t i = 0; i < q; i++)
        for (size_t j = 0; j < q; j++)
            w[i * q + j] *= 2 / sqrt(h[i * q + i] * h[j * q + j]);
    s->information_inverse = w;
    return STROMA_OK;
}

/* Weight of each entry of the second derivatives: sum of W_ij O_ij, in the declared parameters. */
static void curvature(stroma_mmrm_state *s, const mmrm_pattern *g, stroma_mmrm_df df, double *out)
{
    mmrm_point *pt = &s->point;
    const size_t k = g->k, q = pt->parameters, offset = g->group * pt->structure.parameters;
    const double *w = s->information_inverse, *theta = pt->theta + offset;
    const mmrm_entry *e = &pt->entry;
    for (size_t a = 0; a < k; a++)
        for (size_t b = 0; b <= a; b++) {
            double sum = 0;
            mmrm_structure_entry(&pt->structure, theta, g->visits[a], g->visits[b], &pt->entry);
            for (size_t i = 0; i < e->n; i++) {
                const size_t row = (offset + e->index[i]) * q + offset;
                for (size_t j = 0; j < e->n; j++)
                    sum += w[row + e->index[j]] * e->second[i * e->n + j];
                if (df == STROMA_MMRM_DF_KR_NATURAL)
                    sum -= w[row + e->index[i]] * e->first[i] *
                           mmrm_structure_curvature(&pt->structure, theta, e->index[i]);
            }
            out[a * k + b] = out[b * k + a] = sum;
        }
}

/* Add sum W_ij (Q_ij - R_ij / 4) of one pattern to the packed matrix. */
static void add_pattern(stroma_mmrm_state *s, const mmrm_pattern *g, stroma_mmrm_df df,
                        double *packed)
{
    mmrm_point *pt = &s->point;
    const size_t k = g->k, kk = k * k, own = pt->structure.parameters, q = pt->parameters;
    const size_t offset = g->group * own;
    double *inner = pt->scratch, *left = inner + kk, *right = left + kk, *sum = right + kk;
    (void)mmrm_point_omega(pt, g); /* it was positive definite when the model was fitted */
    mmrm_point_omega_slopes(pt, g);
    memset(sum, 0, kk * sizeof *sum);
    for (size_t i = 0; i < own; i++) {
        memset(inner, 0, kk * sizeof *inner);
        for (size_t j = 0; j < own; j++) {
            const double w = s->information_inverse[(offset + i) * q + offset + j];
            for (size_t x = 0; x < kk; x++)
                inner[x] += w * pt->derivatives[j * kk + x];
        }
        small_multiply(pt->derivatives + i * kk, pt->inverse, k, left);
        small_multiply(left, inner, k, right);
        for (size_t x = 0; x < kk; x++)
            sum[x] += right[x];
    }
    const bool second = df == STROMA_MMRM_DF_KR || (df == STROMA_MMRM_DF_KR_NATURAL &&
                                                    !mmrm_structure_is_linear(&pt->structure));
    if (second) {
        curvature(s, g, df, inner);
        for (size_t x = 0; x < kk; x++)
            sum[x] -= inner[x] / 4;
    }
    small_multiply(pt->inverse, sum, k, left);
    small_multiply(left, pt->inverse, k, right);
    for (size_t a = 0; a < k; a++) /* symmetric but for rounding */
        for (size_t b = 0; b < a; b++)
            right[a * k + b] = (right[a * k + b] + right[b * k + a]) / 2;
    mmrm_pattern_accumulate(g, pt->problem->packed, right, packed);
}

/* Subtract sum W_ij P_i F P_j from the full matrix m. */
static stroma_status subtract_slopes(stroma_mmrm_state *s, double *m, stroma_error *err)
{
    const mmrm_point *pt = &s->point;
    const size_t r = pt->problem->rank, rr = r * r, q = pt->parameters;
    const size_t xx = r * (r + 1) / 2, packed = pt->problem->packed;
    double *work = stroma_alloc_array(xx + 3 * rr, sizeof *work);
    if (work == NULL) return stroma_no_memory(err);
    double *a = work + xx, *b = a + rr, *c = b + rr;
    for (size_t i = 0; i < q; i++) {
        memset(work, 0, xx * sizeof *work);
        for (size_t j = 0; j < q; j++) {
            const double w = s->information_inverse[i * q + j];
            for (size_t x = 0; x < xx; x++)
                work[x] += w * pt->slopes[j * packed + x];
        }
        for (size_t x = 0; x < r; x++)
            for (size_t y = 0; y <= x; y++) {
                a[x * r + y] = a[y * r + x] = pt->slopes[i * packed + x * (x + 1) / 2 + y];
                b[x * r + y] = b[y * r + x] = work[x * (x + 1) / 2 + y];
            }
        small_multiply(a, pt->phi, r, c);
        small_multiply(c, b, r, a);
        for (size_t x = 0; x < rr; x++)
            m[x] -= a[x];
    }
    stroma_free(work);
    return STROMA_OK;
}

static stroma_status adjust(stroma_mmrm_state *s, stroma_mmrm_df df, stroma_error *err)
{
    const mmrm_point *pt = &s->point;
    const mmrm_problem *p = &s->problem;
    const size_t r = p->rank, rr = r * r;
    double *packed = stroma_arena_alloc(&s->arena, p->packed + 3 * rr, sizeof *packed);
    if (packed == NULL) return stroma_no_memory(err);
    double *m = packed + p->packed, *a = m + rr, *b = a + rr;
    for (size_t g = 0; g < p->patterns_len; g++)
        add_pattern(s, &p->patterns[g], df, packed);
    for (size_t i = 0; i < r; i++)
        for (size_t j = 0; j <= i; j++)
            m[i * r + j] = m[j * r + i] = packed[i * (i + 1) / 2 + j];
    STROMA_TRY(subtract_slopes(s, m, err));
    small_multiply(pt->phi, m, r, a);
    small_multiply(a, pt->phi, r, b);
    for (size_t i = 0; i < r; i++)
        for (size_t j = 0; j < r; j++)
            s->adjusted[i * r + j] += b[i * r + j] + b[j * r + i];
    return STROMA_OK;
}

stroma_status mmrm_inference(stroma_mmrm_state *s, stroma_mmrm_df df, stroma_error *err)
{
    const size_t r = s->problem.rank;
    STROMA_TRY(invert_information(s, err));
    s->adjusted = stroma_arena_alloc(&s->arena, r * r, sizeof *s->adjusted);
    if (s->adjusted == NULL) return stroma_no_memory(err);
    memcpy(s->adjusted, s->point.phi, r * r * sizeof *s->adjusted);
    return df == STROMA_MMRM_DF_SATTERTHWAITE ? STROMA_OK : adjust(s, df, err);
}

/* Weights of the coefficients in Q: solve R' a = l for the kept columns; false when an aliased
 * column asks for something else. */
static bool weights_in_q(const stroma_mmrm *m, const double *l, double *a)
{
    const mmrm_problem *p = &m->state->problem;
    const size_t r = p->rank;
    double size = 0;
    for (size_t i = 0; i < r; i++) {
        double sum = l[p->kept[i]];
        for (size_t k = 0; k < i; k++)
            sum -= p->r[k * p->columns + p->kept[i]] * a[k];
        a[i] = sum / p->r[i * p->columns + p->kept[i]];
    }
    for (size_t c = 0; c < p->columns; c++)
        size = fmax(size, fabs(l[c]));
    for (size_t c = 0; c < p->columns; c++) {
        if (!p->aliased[c]) continue;
        double implied = 0;
        for (size_t k = 0; k < r; k++)
            implied += p->r[k * p->columns + c] * a[k];
        if (!(fabs(implied - l[c]) <= 1e-8 * size)) return false;
    }
    return true;
}

static double quadratic(const double *m, const double *a, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * small_dot(m + i * n, a, n);
    return sum;
}

/* Satterthwaite's df of a contrast with weights a; work has rank + parameters numbers. */
static double degrees(const stroma_mmrm_state *s, const double *a, double *work)
{
    const mmrm_point *pt = &s->point;
    const size_t r = s->problem.rank, q = pt->parameters;
    double *f = work, *gradient = work + r;
    for (size_t i = 0; i < r; i++)
        f[i] = small_dot(pt->phi + i * r, a, r);
    const double v = small_dot(a, f, r);
    for (size_t k = 0; k < q; k++) {
        const double *slope = pt->slopes + k * s->problem.packed;
        double sum = 0;
        for (size_t i = 0; i < r; i++)
            for (size_t j = 0; j <= i; j++)
                sum += (i == j ? 1 : 2) * f[i] * f[j] * *slope++;
        gradient[k] = sum;
    }
    return 2 * v * v / quadratic(s->information_inverse, gradient, q);
}

stroma_stat stroma_mmrm_contrast(const stroma_mmrm *m, const double *l, double null_value,
                                 double level)
{
    const stroma_mmrm_state *s = m->state;
    const size_t r = s->problem.rank;
    stroma_stat out = stroma_stat_empty("mmrm");
    double *a = stroma_alloc_array(2 * r + s->point.parameters, sizeof *a);
    if (a == NULL) return stroma_stat_cannot("mmrm", "memory ran out");
    out.estimate_name = "contrast";
    out.n_used = m->rows;
    out.level = level;
    out.interval_method = "t";
    out.statistic_name = "t";
    if (!weights_in_q(m, l, a)) {
        stroma_free(a);
        return stroma_stat_cannot("mmrm", "not estimable: the design does not determine it");
    }
    out.estimate = 0;
    for (size_t i = 0; i < r; i++)
        out.estimate += a[i] * (s->problem.ols[i] + s->point.beta[i]);
    out.se = sqrt(quadratic(s->adjusted, a, r));
    if (out.se > 0) {
        out.df = degrees(s, a, a + r);
        const double half = stroma_t_quantile(0.5 + level / 2, out.df) * out.se;
        out.lower = out.estimate - half;
        out.upper = out.estimate + half;
        out.statistic = (out.estimate - null_value) / out.se;
        out.p = stroma_t_two_sided(out.statistic, out.df);
    } else {
        out.se = NAN;
        out.reason = "the variance of the contrast is not positive";
    }
    stroma_free(a);
    return out;
}

stroma_stat stroma_mmrm_coefficient(const stroma_mmrm *m, size_t column, double level)
{
    if (m->aliased[column]) return stroma_stat_cannot("mmrm", "depends linearly on earlier terms");
    double *l = stroma_alloc_array(m->columns, sizeof *l);
    if (l == NULL) return stroma_stat_cannot("mmrm", "memory ran out");
    l[column] = 1;
    const mmrm_problem *p = &m->state->problem;
    /* aliased columns keep a coefficient of zero: this is the coefficient of the reduced model */
    for (size_t c = 0; c < m->columns; c++) {
        if (!p->aliased[c]) continue;
        double *a = stroma_alloc_array(p->rank, sizeof *a);
        if (a == NULL) break;
        (void)weights_in_q(m, l, a);
        for (size_t k = 0; k < p->rank; k++)
            l[c] += p->r[k * p->columns + c] * a[k];
        stroma_free(a);
    }
    stroma_stat out = stroma_mmrm_contrast(m, l, 0, level);
    out.estimate_name = "coefficient";
    stroma_free(l);
    return out;
}
