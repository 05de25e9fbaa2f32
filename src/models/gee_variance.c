/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sandwich covariances and their corrections for few subjects.
 *
 * With B = CC' the sum of all D'V⁻¹D and g that of one subject, the leverage of the subject enters
 * through S = C⁻¹gC⁻ᵀ, as (I − H)^-power of the paper moves past D: only matrices of the number of
 * parameters are needed. Scores are turned to the units of the design before they are squared,
 * since Fay & Graubard's correction is by coefficient. */
#include "gee_problem.h"
#include "small_matrix.h"

#include "stroma/memory.h"

#include <math.h>
#include <string.h>

static const double bound = 0.75, leverage_max = 1 - 1e-9;

typedef struct sandwich {
    gee_problem *w;
    size_t dim;
    double *c;       /* lower factor of B */
    double *inverse; /* B⁻¹ in the units of the design */
    double *form;    /* T: parameters of the design = T · those of the problem */
    double *back;    /* T⁻ᵀ */
    double *s, *q;   /* dim × dim */
    double *a, *b;   /* dim */
    double *meat[STROMA_GEE_VARIANCES];
} sandwich;

static void forms(const sandwich *k)
{
    const ordinal_problem *o = &k->w->o;
    const size_t dim = k->dim;
    memset(k->back, 0, dim * dim * sizeof *k->back);
    for (size_t i = 0; i < dim; i++)
        ordinal_form(o, i, k->form + i * dim);
    for (size_t i = 0; i < dim; i++)
        k->back[i * dim + i] = i < o->cuts ? 1 : o->q.sd[i - o->cuts + 1];
    for (size_t j = 0; j < o->slopes; j++)
        for (size_t t = 0; t < o->cuts; t++)
            k->back[(o->cuts + j) * dim + t] = -o->q.mean[j + 1];
}

/* out = x·m·x' */
static void turn(const double *x, const double *m, size_t dim, double *room, double *out)
{
    small_multiply(x, m, dim, room);
    for (size_t i = 0; i < dim; i++)
        for (size_t j = 0; j < dim; j++)
            out[i * dim + j] = small_dot(room + i * dim, x + j * dim, dim);
}

static void add_square(const sandwich *k, const double *score, const double *factor, double *meat)
{
    const size_t dim = k->dim;
    for (size_t i = 0; i < dim; i++) {
        k->a[i] = small_dot(k->back + i * dim, score, dim);
        if (factor != NULL) k->a[i] *= factor[i];
    }
    for (size_t i = 0; i < dim; i++)
        for (size_t j = 0; j < dim; j++)
            meat[i * dim + j] += k->a[i] * k->a[j];
}

/* S = C⁻¹gC⁻ᵀ */
static void standardise(const sandwich *k)
{
    const size_t dim = k->dim;
    memcpy(k->s, k->w->g, dim * dim * sizeof *k->s);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < dim; i++)
            small_solve_lower(k->c, dim, k->s + i * dim);
        for (size_t i = 0; i < dim; i++)
            for (size_t j = 0; j < i; j++) {
                const double x = k->s[i * dim + j];
                k->s[i * dim + j] = k->s[j * dim + i];
                k->s[j * dim + i] = x;
            }
    }
}

/* C(I − S)^-power C⁻¹u into b, from the eigenvalues in the diagonal of s and the vectors in q. */
static void correct(const sandwich *k, double power)
{
    const size_t dim = k->dim;
    memcpy(k->a, k->w->u, dim * sizeof *k->a);
    small_solve_lower(k->c, dim, k->a);
    memset(k->b, 0, dim * sizeof *k->b);
    for (size_t e = 0; e < dim; e++) {
        double along = 0;
        for (size_t i = 0; i < dim; i++)
            along += k->q[i * dim + e] * k->a[i];
        along *= pow(1 - k->s[e * dim + e], -power);
        for (size_t i = 0; i < dim; i++)
            k->b[i] += k->q[i * dim + e] * along;
    }
    for (size_t i = dim; i-- > 0;) {
        double sum = 0;
        for (size_t j = 0; j <= i; j++)
            sum += k->c[i * dim + j] * k->b[j];
        k->b[i] = sum;
    }
}

/* 1/√(1 − min(bound, diagonal of g·B⁻¹)) in the units of the design: T⁻ᵀ(gB⁻¹)T'. */
static void fay_graubard(const sandwich *k)
{
    const size_t dim = k->dim;
    turn(k->back, k->w->g, dim, k->q, k->s);
    for (size_t i = 0; i < dim; i++) {
        const double h = small_dot(k->s + i * dim, k->inverse + i * dim, dim);
        k->b[i] = 1 / sqrt(1 - fmin(bound, h));
    }
    add_square(k, k->w->u, k->b, k->meat[STROMA_GEE_FAY_GRAUBARD]);
}

static bool add_subject(const sandwich *k, size_t s)
{
    const size_t m = gee_subject(k->w, s, k->w->options->association == STROMA_GEE_INDEPENDENCE);
    if (m == 0) return false;
    gee_scores(k->w, m);
    add_square(k, k->w->u, NULL, k->meat[STROMA_GEE_SANDWICH]);
    standardise(k);
    small_eigen(k->s, k->dim, k->q);
    for (size_t e = 0; e < k->dim; e++)
        if (k->s[e * k->dim + e] > leverage_max) {
            k->w->reason = "a coefficient hangs on one subject alone";
            return false;
        }
    correct(k, 0.5);
    add_square(k, k->b, NULL, k->meat[STROMA_GEE_KAUERMANN_CARROLL]);
    correct(k, 1);
    add_square(k, k->b, NULL, k->meat[STROMA_GEE_MANCL_DEROUEN]);
    fay_graubard(k);
    return true;
}

/* B of all subjects, factored, and its inverse turned to the units of the design. */
static bool bread(const sandwich *k)
{
    const size_t dim = k->dim;
    const bool independent = k->w->options->association == STROMA_GEE_INDEPENDENCE;
    for (size_t s = 0; s < k->w->data->subjects; s++) {
        if (k->w->first[s + 1] == k->w->first[s]) continue;
        const size_t m = gee_subject(k->w, s, independent);
        if (m == 0) return false;
        gee_scores(k->w, m);
        for (size_t i = 0; i < dim * dim; i++)
            k->c[i] += k->w->g[i];
    }
    if (!small_cholesky(k->c, dim)) return false;
    small_inverse(k->c, dim, k->s);
    turn(k->form, k->s, dim, k->q, k->inverse);
    return true;
}

static double trace_of(const sandwich *k, const double *v)
{
    const size_t dim = k->dim;
    double sum = 0;
    memset(k->s, 0, dim * dim * sizeof *k->s);
    for (size_t s = 0; s < k->w->data->subjects; s++) {
        if (k->w->first[s + 1] == k->w->first[s]) continue;
        gee_scores(k->w, gee_subject(k->w, s, true));
        for (size_t i = 0; i < dim * dim; i++)
            k->s[i] += k->w->g[i];
    }
    turn(k->back, k->s, dim, k->q, k->c);
    for (size_t i = 0; i < dim * dim; i++)
        sum += k->c[i] * v[i];
    return sum;
}

static void run(const sandwich *k, double *out[STROMA_GEE_VARIANCES + 1], double *trace)
{
    const size_t dim = k->dim;
    forms(k);
    bool ok = bread(k);
    for (size_t s = 0; ok && s < k->w->data->subjects; s++)
        if (k->w->first[s + 1] > k->w->first[s]) ok = add_subject(k, s);
    if (!ok) {
        if (k->w->reason == NULL) k->w->reason = "the covariance of the coefficients is singular";
        return;
    }
    for (int v = 0; v < STROMA_GEE_VARIANCES; v++)
        turn(k->inverse, k->meat[v], dim, k->q, out[v]);
    memcpy(out[STROMA_GEE_VARIANCES], k->inverse, dim * dim * sizeof *k->inverse);
    *trace = trace_of(k, out[STROMA_GEE_SANDWICH]);
}

stroma_status gee_variances(gee_problem *w, double *out[STROMA_GEE_VARIANCES + 1], double *trace,
                            stroma_error *err)
{
    const size_t dim = w->o.dim, square = dim * dim;
    double *room = stroma_alloc_array((6 + STROMA_GEE_VARIANCES) * square + 2 * dim, sizeof *room);
    if (room == NULL) return stroma_no_memory(err);
    sandwich k = { .w = w,
                   .dim = dim,
                   .c = room,
                   .inverse = room + square,
                   .form = room + 2 * square,
                   .back = room + 3 * square,
                   .s = room + 4 * square,
                   .q = room + 5 * square };
    for (size_t v = 0; v < STROMA_GEE_VARIANCES; v++)
        k.meat[v] = room + (6 + v) * square;
    k.a = room + (6 + STROMA_GEE_VARIANCES) * square;
    k.b = k.a + dim;
    run(&k, out, trace);
    stroma_free(room);
    return STROMA_OK;
}
