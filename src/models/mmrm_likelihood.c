/* SPDX-License-Identifier: GPL-3.0-or-later */
/* -2 log (restricted) likelihood with its exact gradient and Hessian.
 *
 * With P = O^-1 - O^-1 X F X' O^-1, F = (X' O^-1 X)^-1, r = y - X b(theta), dots for derivatives:
 *   -2l   = (n - p) log 2pi + log|O| + r' O^-1 r + log|X' O^-1 X|
 *   d_a   = tr(O^-1 O_a) - tr(O^-1 O_a O^-1 G),            G = sum of r r' + X F X'
 *   d_ab  = tr(O^-1 O_ab) - tr(O^-1 O_a O^-1 O_b) + tr((2 O^-1 O_a O^-1 O_b - O^-1 O_ab) O^-1 G)
 *           - 2 u_a' F u_b - tr(F P_a F P_b),  u_a = X'O^-1 O_a O^-1 r,  P_a = X'O^-1 O_a O^-1 X
 * (Wolfinger, Tobias & Sall 1994). For ML the terms in log|X'O^-1 X| and in X F X' fall away. */
#include "mmrm_state.h"
#include "small_matrix.h"

#include <math.h>
#include <string.h>

static const double log_two_pi = 1.8378770664093454836;

stroma_status mmrm_point_make(mmrm_point *pt, const mmrm_problem *p, const mmrm_structure *st,
                              bool ml, stroma_arena *arena, stroma_error *err)
{
    size_t k = 1;
    for (size_t g = 0; g < p->patterns_len; g++)
        if (p->patterns[g].k > k) k = p->patterns[g].k;
    const size_t q = st->parameters * p->data->groups, r = p->rank, a = st->entry_active;
    *pt = (mmrm_point){ .problem = p, .structure = *st, .ml = ml, .parameters = q };
    const struct {
        double **array;
        size_t n;
    } parts[] = { { &pt->theta, q },
                  { &pt->weighted, p->packed },
                  { &pt->factor, r * r },
                  { &pt->phi, r * r },
                  { &pt->beta, r },
                  { &pt->gradient, q },
                  { &pt->hessian, q * q },
                  { &pt->slopes, q * p->packed },
                  { &pt->entry.first, a },
                  { &pt->entry.second, a * a },
                  { &pt->omega, k * k },
                  { &pt->inverse, k * k },
                  { &pt->scratch, p->packed + 4 * k * k + q * (r + 1) * (r + 1) + r },
                  { &pt->derivatives, st->parameters * k * k },
                  { &pt->products, st->parameters * k * k },
                  { &pt->turned, st->parameters * k * k } };
    pt->entry.index = stroma_arena_alloc(arena, a, sizeof *pt->entry.index);
    if (pt->entry.index == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        *parts[i].array = stroma_arena_alloc(arena, parts[i].n, sizeof(double));
        if (*parts[i].array == NULL) return stroma_no_memory(err);
    }
    return STROMA_OK;
}

static const double *group_theta(const mmrm_point *pt, const mmrm_pattern *g)
{
    return pt->theta + g->group * pt->structure.parameters;
}

bool mmrm_point_omega(mmrm_point *pt, const mmrm_pattern *g)
{
    const double *theta = group_theta(pt, g);
    for (size_t s = 0; s < g->k; s++)
        for (size_t t = 0; t <= s; t++) {
            mmrm_structure_entry(&pt->structure, theta, g->visits[s], g->visits[t], &pt->entry);
            pt->omega[s * g->k + t] = pt->entry.value;
        }
    if (!small_cholesky(pt->omega, g->k)) return false;
    small_inverse(pt->omega, g->k, pt->inverse);
    return true;
}

void mmrm_point_omega_slopes(mmrm_point *pt, const mmrm_pattern *g)
{
    const size_t k = g->k;
    const double *theta = group_theta(pt, g);
    const mmrm_entry *e = &pt->entry;
    memset(pt->derivatives, 0, pt->structure.parameters * k * k * sizeof *pt->derivatives);
    for (size_t s = 0; s < k; s++)
        for (size_t t = 0; t <= s; t++) {
            mmrm_structure_entry(&pt->structure, theta, g->visits[s], g->visits[t], &pt->entry);
            for (size_t i = 0; i < e->n; i++) {
                double *d = pt->derivatives + e->index[i] * k * k;
                d[s * k + t] = d[t * k + s] = e->first[i];
            }
        }
}

void mmrm_pattern_accumulate(const mmrm_pattern *g, size_t packed, const double *weight,
                             double *out)
{
    const double *cross = g->cross;
    for (size_t s = 0; s < g->k; s++)
        for (size_t t = 0; t <= s; t++) {
            const double w = weight[s * g->k + t];
            if (w != 0)
                for (size_t i = 0; i < packed; i++)
                    out[i] += w * cross[i];
            cross += packed;
        }
}

/* The part of Q of a packed [Q e] matrix, full. */
static void unpack(const double *packed, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++)
            out[i * n + j] = out[j * n + i] = packed[i * (i + 1) / 2 + j];
}

bool mmrm_point_value(mmrm_point *pt)
{
    const mmrm_problem *p = pt->problem;
    const size_t r = p->rank;
    double value = (double)(pt->ml ? p->rows : p->rows - r) * log_two_pi;
    memset(pt->weighted, 0, p->packed * sizeof *pt->weighted);
    for (size_t g = 0; g < p->patterns_len; g++) {
        const mmrm_pattern *pattern = &p->patterns[g];
        if (!mmrm_point_omega(pt, pattern)) return false;
        value += (double)pattern->n * small_log_determinant(pt->omega, pattern->k);
        mmrm_pattern_accumulate(pattern, p->packed, pt->inverse, pt->weighted);
    }
    unpack(pt->weighted, r, pt->factor);
    if (!small_cholesky(pt->factor, r)) return false;
    small_inverse(pt->factor, r, pt->phi);
    if (!pt->ml) value += small_log_determinant(pt->factor, r);
    const double *xy = pt->weighted + r * (r + 1) / 2;
    memcpy(pt->beta, xy, r * sizeof *pt->beta);
    small_solve_lower(pt->factor, r, pt->beta);
    value += xy[r] - small_dot(pt->beta, pt->beta, r);
    small_solve_upper(pt->factor, r, pt->beta);
    pt->value = value;
    return isfinite(value);
}

/* Packed weights v with v . cross = r_s r_t + x_s F x_t (twice that for s ≠ t). */
static void outer_weights(const mmrm_point *pt, double *v)
{
    const size_t r = pt->problem->rank;
    for (size_t i = 0; i <= r; i++)
        for (size_t j = 0; j <= i; j++) {
            const double wi = i == r ? 1 : -pt->beta[i], wj = j == r ? 1 : -pt->beta[j];
            double x = wi * wj;
            if (!pt->ml && i < r) x += pt->phi[i * r + j];
            v[i * (i + 1) / 2 + j] = i == j ? x : 2 * x;
        }
}

/* Second derivatives of Omega enter by one weight for each entry. */
static void add_curvature(mmrm_point *pt, const mmrm_pattern *g, const double *weight)
{
    const size_t k = g->k, q = pt->parameters, offset = g->group * pt->structure.parameters;
    const double *theta = group_theta(pt, g);
    const mmrm_entry *e = &pt->entry;
    for (size_t s = 0; s < k; s++)
        for (size_t t = 0; t <= s; t++) {
            const double w = s == t ? weight[s * k + t] : 2 * weight[s * k + t];
            mmrm_structure_entry(&pt->structure, theta, g->visits[s], g->visits[t], &pt->entry);
            for (size_t i = 0; i < e->n; i++)
                for (size_t j = 0; j < e->n; j++)
                    pt->hessian[(offset + e->index[i]) * q + offset + e->index[j]] +=
                        w * e->second[i * e->n + j];
        }
}

/* Gradient and Hessian of log|O| and of tr(O^-1 G) for fixed G; slopes of the cross-products. */
static void add_pattern(mmrm_point *pt, const mmrm_pattern *g, const double *outer)
{
    const size_t k = g->k, kk = k * k, q = pt->parameters, own = pt->structure.parameters;
    const size_t offset = g->group * own, packed = pt->problem->packed;
    double *scatter = pt->scratch + packed, *ratio = scatter + kk, *weight = ratio + kk;
    double *both = weight + kk;
    (void)mmrm_point_omega(pt, g); /* it was positive definite in mmrm_point_value() */
    mmrm_point_omega_slopes(pt, g);
    const double *cross = g->cross;
    for (size_t s = 0; s < k; s++)
        for (size_t t = 0; t <= s; t++, cross += packed) {
            const double sum = small_dot(outer, cross, packed);
            scatter[s * k + t] = scatter[t * k + s] = s == t ? sum : sum / 2;
        }
    small_multiply(pt->inverse, scatter, k, ratio);
    small_multiply(ratio, pt->inverse, k, weight);
    for (size_t i = 0; i < kk; i++)
        weight[i] = (double)g->n * pt->inverse[i] - weight[i];
    add_curvature(pt, g, weight);
    for (size_t a = 0; a < own; a++) {
        double *d = pt->products + a * kk, *turned = pt->turned + a * kk;
        pt->gradient[offset + a] += small_dot(weight, pt->derivatives + a * kk, kk);
        small_multiply(pt->inverse, pt->derivatives + a * kk, k, d);
        small_multiply(d, pt->inverse, k, both);
        mmrm_pattern_accumulate(g, packed, both, pt->slopes + (offset + a) * packed);
        small_multiply(d, ratio, k, both);
        for (size_t s = 0; s < k; s++)
            for (size_t t = 0; t < k; t++)
                turned[t * k + s] = 2 * both[s * k + t] - (double)g->n * d[s * k + t];
    }
    for (size_t a = 0; a < own; a++)
        for (size_t b = 0; b <= a; b++) {
            const double h = small_dot(pt->products + a * kk, pt->turned + b * kk, kk);
            pt->hessian[(offset + a) * q + offset + b] += h;
            if (b < a) pt->hessian[(offset + b) * q + offset + a] += h;
        }
}

/* What comes from b depending on theta and, for REML, from log|X'O^-1 X|. */
static void add_fixed(mmrm_point *pt)
{
    const size_t r = pt->problem->rank, q = pt->parameters, packed = pt->problem->packed;
    const size_t block = r * r + r;
    double *all = pt->scratch;
    for (size_t a = 0; a < q; a++) {
        const double *slope = pt->slopes + a * packed, *xy = slope + r * (r + 1) / 2;
        double *m = all + a * block, *u = m + r * r;
        unpack(slope, r, m);
        for (size_t i = 0; i < r; i++)
            u[i] = xy[i] - small_dot(m + i * r, pt->beta, r);
        small_solve_lower(pt->factor, r, u);
        for (size_t i = 0; i < r; i++)
            u[i] *= sqrt(2);
        for (size_t i = 0; i < r; i++) /* rows: m L'^-1 */
            small_solve_lower(pt->factor, r, m + i * r);
        for (size_t i = 0; i < r; i++) /* turn, and the same for the columns */
            for (size_t j = 0; j < i; j++) {
                const double swap = m[i * r + j];
                m[i * r + j] = m[j * r + i];
                m[j * r + i] = swap;
            }
        for (size_t i = 0; i < r; i++)
            small_solve_lower(pt->factor, r, m + i * r);
        if (pt->ml) memset(m, 0, r * r * sizeof *m);
    }
    for (size_t a = 0; a < q; a++)
        for (size_t b = 0; b < q; b++)
            pt->hessian[a * q + b] -= small_dot(all + a * block, all + b * block, block);
}

void mmrm_point_derivatives(mmrm_point *pt)
{
    const mmrm_problem *p = pt->problem;
    const size_t q = pt->parameters;
    memset(pt->gradient, 0, q * sizeof *pt->gradient);
    memset(pt->hessian, 0, q * q * sizeof *pt->hessian);
    memset(pt->slopes, 0, q * p->packed * sizeof *pt->slopes);
    outer_weights(pt, pt->scratch);
    for (size_t g = 0; g < p->patterns_len; g++)
        add_pattern(pt, &p->patterns[g], pt->scratch);
    add_fixed(pt);
}
