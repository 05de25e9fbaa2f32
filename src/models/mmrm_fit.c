/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Start values, the declared order of structures, and the result. */
#include "mmrm_state.h"
#include "small_matrix.h"

#include <math.h>
#include <string.h>

enum { ITERATIONS = 200, ARENA_BYTES_LOG2 = 34 };

/* Variances by visit and pairwise correlations of the least-squares residuals, pooled over
 * patterns; correlations are drawn towards zero until they are positive definite. */
static bool pooled_residuals(const mmrm_problem *p, double *variance, double *r, double *work)
{
    const size_t m = p->data->visits, last = p->packed - 1;
    double *n = work, *sum = work + m * m, total = 0;
    for (size_t i = 0; i < p->rows; i++)
        total += p->error[i] * p->error[i] / (double)(p->rows - p->rank);
    memset(work, 0, 2 * m * m * sizeof *work);
    for (size_t g = 0; g < p->patterns_len; g++) {
        const mmrm_pattern *pattern = &p->patterns[g];
        const double *cross = pattern->cross + last; /* e_s e_t, twice for s ≠ t */
        for (size_t s = 0; s < pattern->k; s++)
            for (size_t t = 0; t <= s; t++, cross += p->packed) {
                const size_t at = pattern->visits[s] * m + pattern->visits[t];
                n[at] += (double)pattern->n;
                sum[at] += s == t ? *cross : *cross / 2;
            }
    }
    for (size_t s = 0; s < m; s++) {
        const double own = n[s * m + s] > 0 ? sum[s * m + s] / n[s * m + s] : 0;
        variance[s] = fmax(own, 1e-3 * total);
    }
    for (size_t s = 0; s < m; s++)
        for (size_t t = 0; t <= s; t++) {
            const double pairs = n[s * m + t];
            const double x =
                pairs > 2 ? sum[s * m + t] / pairs / sqrt(variance[s] * variance[t]) : 0;
            r[s * m + t] = r[t * m + s] = s == t ? 1 : fmin(fmax(x, -0.95), 0.95);
        }
    for (double shrink = 0.95; shrink > 0.01; shrink *= 0.8) {
        for (size_t i = 0; i < m * m; i++)
            work[i] = i % (m + 1) == 0 ? 1 : shrink * r[i];
        if (!small_cholesky(work, m)) continue;
        for (size_t i = 0; i < m * m; i++)
            r[i] *= i % (m + 1) == 0 ? 1 : shrink;
        return true;
    }
    return false;
}

static stroma_status start(stroma_mmrm_state *s, const double *theta, stroma_error *err)
{
    if (theta != NULL) memcpy(s->point.theta, theta, s->point.parameters * sizeof *theta);
    if (theta != NULL && mmrm_point_value(&s->point)) return STROMA_OK;
    const size_t m = s->point.structure.visits, own = s->point.structure.parameters;
    double *work = stroma_arena_alloc(&s->arena, 3 * m * m + m, sizeof *work);
    if (work == NULL) return stroma_no_memory(err);
    double *variance = work + 3 * m * m, *r = work + 2 * m * m;
    const bool correlated = pooled_residuals(&s->problem, variance, r, work);
    for (int attempt = correlated ? 0 : 1; attempt < 2; attempt++) {
        for (size_t i = 0; attempt == 1 && i < m * m; i++)
            r[i] = i % (m + 1) == 0 ? 1 : 0;
        for (size_t g = 0; g < s->problem.data->groups; g++)
            mmrm_structure_start(&s->point.structure, variance, r, s->point.theta + g * own);
        if (mmrm_point_value(&s->point)) return STROMA_OK;
    }
    return stroma_fail(err, STROMA_E_DEGENERATE, "no start values give a covariance");
}

/* A whole covariance matrix of one group in out (visits × visits). */
static void visit_covariance(stroma_mmrm_state *s, size_t group, double *out)
{
    mmrm_point *pt = &s->point;
    const size_t m = pt->structure.visits;
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j <= i; j++) {
            mmrm_structure_entry(&pt->structure, pt->theta + group * pt->structure.parameters, i, j,
                                 &pt->entry);
            out[i * m + j] = out[j * m + i] = pt->entry.value;
        }
}

static stroma_status check_singular(const stroma_mmrm *m, double *work, stroma_error *err)
{
    const size_t n = m->visits;
    if (m->structure == STROMA_MMRM_RANDOM_SLOPE || m->structure == STROMA_MMRM_SP_EXP)
        return STROMA_OK;
    for (size_t g = 0; g < m->groups; g++) {
        const double *v = m->visit_covariance + g * n * n;
        for (size_t i = 0; i < n * n; i++)
            work[i] = v[i] / sqrt(v[i / n * (n + 1)] * v[i % n * (n + 1)]);
        bool good = small_cholesky(work, n);
        for (size_t i = 0; good && i < n; i++)
            good = work[i * (n + 1)] > 1e-5;
        if (!good)
            return stroma_fail(err, STROMA_E_DEGENERATE,
                               "the estimated covariance of the visits is singular");
    }
    return STROMA_OK;
}

static void copy_results(stroma_mmrm *m)
{
    const stroma_mmrm_state *s = m->state;
    const mmrm_problem *p = &s->problem;
    const size_t r = p->rank, columns = p->columns;
    for (size_t c = 0; c < columns; c++) {
        m->aliased[c] = p->aliased[c];
        m->coefficients[c] = NAN;
        for (size_t k = 0; k < columns; k++)
            m->covariance[c * columns + k] = NAN;
    }
    /* b = R^-1 (ols + beta); covariance = R^-1 adjusted R'^-1, by columns of R^-1 in work */
    double *inverse = s->point.scratch; /* r² numbers are there */
    for (size_t c = 0; c < r; c++)
        for (size_t i = r; i-- > 0;) {
            double sum = i == c ? 1 : 0;
            for (size_t k = i + 1; k < r; k++)
                sum -= p->r[i * columns + p->kept[k]] * inverse[k * r + c];
            inverse[i * r + c] = sum / p->r[i * columns + p->kept[i]];
        }
    for (size_t i = 0; i < r; i++) {
        double b = 0;
        for (size_t c = 0; c < r; c++)
            b += inverse[i * r + c] * (p->ols[c] + s->point.beta[c]);
        m->coefficients[p->kept[i]] = b;
        for (size_t j = 0; j < r; j++) {
            double sum = 0;
            for (size_t c = 0; c < r; c++)
                sum += inverse[i * r + c] * small_dot(s->adjusted + c * r, inverse + j * r, r);
            m->covariance[p->kept[i] * columns + p->kept[j]] = sum;
        }
    }
}

/* One structure, from start values to inference. */
static stroma_status fit_structure(stroma_mmrm *m, stroma_mmrm_structure kind,
                                   const stroma_mmrm_options *o, stroma_error *err)
{
    stroma_mmrm_state *s = m->state;
    const stroma_mmrm_data *data = s->problem.data;
    if ((kind == STROMA_MMRM_SP_EXP || kind == STROMA_MMRM_RANDOM_SLOPE) &&
        data->visit_time == NULL)
        return stroma_fail(err, STROMA_E_USAGE, "%s needs the times of the visits as numbers",
                           stroma_mmrm_structure_name(kind));
    const mmrm_structure st = mmrm_structure_make(kind, data->visits, data->visit_time);
    stroma_arena_clear(&s->arena);
    stroma_arena_init(&s->arena, (size_t)1 << ARENA_BYTES_LOG2);
    STROMA_TRY(mmrm_point_make(&s->point, &s->problem, &st, m->ml, &s->arena, err));
    m->structure = kind;
    m->parameters = s->point.parameters;
    STROMA_TRY(start(s, kind == o->structure ? o->start : NULL, err));
    STROMA_TRY(mmrm_optimise(&s->point, o->iterations_max == 0 ? ITERATIONS : o->iterations_max,
                             &m->iterations, &m->promised_decrease, err));
    for (size_t g = 0; g < m->groups; g++)
        visit_covariance(s, g, m->visit_covariance + g * m->visits * m->visits);
    double *work = stroma_arena_alloc(&s->arena, m->visits * m->visits, sizeof *work);
    if (work == NULL) return stroma_no_memory(err);
    STROMA_TRY(check_singular(m, work, err));
    return mmrm_inference(s, m->df, err);
}

/* The structures in the declared order; what failed is written down. */
static stroma_status fit_in_order(stroma_mmrm *m, const stroma_mmrm_options *o, stroma_error *err)
{
    for (size_t i = 0;; i++) {
        stroma_error why = STROMA_ERROR_INIT;
        const stroma_mmrm_structure kind = i == 0 ? o->structure : o->fallback[i - 1];
        const stroma_status s = fit_structure(m, kind, o, &why);
        if (s == STROMA_OK) return s;
        if (s != STROMA_E_DEGENERATE || i >= o->fallback_len) {
            (void)stroma_fail(err, s, "covariance %s: %s", stroma_mmrm_structure_name(kind),
                              why.message);
            if (s == STROMA_E_DEGENERATE)
                stroma_hint(err, "declare simpler structures to fall back on, as toeph,ar1h,csh");
            return s;
        }
        stroma_mmrm_attempt *a = &m->attempts[m->attempts_len++];
        a->structure = kind;
        const size_t n = strnlen(why.message, sizeof a->reason - 1);
        memcpy(a->reason, why.message, n);
        a->reason[n] = '\0';
    }
}

static stroma_status check_options(const stroma_mmrm_data *data, const stroma_mmrm_options *o,
                                   stroma_error *err)
{
    if (o->version != 1 || o->fallback_len >= STROMA_MMRM_FALLBACK_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "options of version %u with %zu fall-backs",
                           (unsigned)o->version, o->fallback_len);
    if (o->ml && o->df != STROMA_MMRM_DF_DEFAULT && o->df != STROMA_MMRM_DF_SATTERTHWAITE) {
        (void)stroma_fail(err, STROMA_E_USAGE, "Kenward-Roger's adjustment is defined for REML");
        stroma_hint(err, "use REML, or Satterthwaite's degrees of freedom");
        return STROMA_E_USAGE;
    }
    if (data->visits == 0 || data->groups == 0)
        return stroma_fail(err, STROMA_E_USAGE, "%zu visits and %zu covariance groups",
                           data->visits, data->groups);
    for (size_t i = 1; data->visit_time != NULL && i < data->visits; i++)
        if (!(data->visit_time[i] > data->visit_time[i - 1]))
            return stroma_fail(err, STROMA_E_USAGE, "the times of the visits do not increase");
    return STROMA_OK;
}

/* theta is the Cholesky factor of the covariance of intercept and slope, and log SD of the noise */
static void copy_random_effects(stroma_mmrm *m)
{
    const double *theta = m->state->point.theta, nan = NAN;
    const bool slope = m->structure == STROMA_MMRM_RANDOM_SLOPE && m->groups == 1;
    m->random_effects[0] = slope ? theta[0] * theta[0] : nan;
    m->random_effects[1] = slope ? theta[0] * theta[1] : nan;
    m->random_effects[2] = slope ? theta[1] * theta[1] + theta[2] * theta[2] : nan;
    m->random_effects[3] = slope ? exp(2 * theta[3]) : nan;
}

static stroma_status fill(stroma_mmrm *m, const stroma_mmrm_data *data,
                          const stroma_mmrm_options *o, stroma_error *err)
{
    mmrm_problem *p = &m->state->problem;
    STROMA_TRY(mmrm_problem_make(p, data, err));
    m->ml = o->ml;
    m->df = o->df != STROMA_MMRM_DF_DEFAULT ? o->df
            : o->ml                         ? STROMA_MMRM_DF_SATTERTHWAITE
                                            : STROMA_MMRM_DF_KR_LINEAR;
    m->rows = p->rows;
    m->columns = p->columns;
    m->rank = p->rank;
    m->subjects = p->subjects;
    m->patterns = p->patterns_len;
    m->visits = data->visits;
    m->groups = data->groups;
    m->coefficients = stroma_arena_alloc(&p->arena, p->columns, sizeof *m->coefficients);
    m->aliased = stroma_arena_alloc(&p->arena, p->columns, sizeof *m->aliased);
    m->covariance = stroma_arena_alloc(&p->arena, p->columns * p->columns, sizeof *m->covariance);
    m->visit_covariance = stroma_arena_alloc(&p->arena, m->groups * m->visits * m->visits,
                                             sizeof *m->visit_covariance);
    if (m->coefficients == NULL || m->aliased == NULL || m->covariance == NULL ||
        m->visit_covariance == NULL)
        return stroma_no_memory(err);
    STROMA_TRY(fit_in_order(m, o, err));
    m->minus2_log_likelihood = m->state->point.value;
    if (!m->ml) { /* of the design itself: log|X'O^-1 X|, not log|Q'O^-1 Q| */
        for (size_t i = 0; i < p->rank; i++)
            m->minus2_log_likelihood += 2 * log(p->r[i * p->columns + p->kept[i]]);
    }
    const double k = (double)(m->parameters + (m->ml ? m->rank : 0));
    m->aic = m->minus2_log_likelihood + 2 * k;
    m->bic = m->minus2_log_likelihood + k * log((double)m->subjects);
    copy_results(m);
    copy_random_effects(m);
    m->theta = m->state->point.theta;
    p->data = NULL;
    return STROMA_OK;
}

stroma_status stroma_mmrm_fit(const stroma_mmrm_data *data, const stroma_mmrm_options *options,
                              stroma_mmrm **out, stroma_error *err)
{
    const stroma_mmrm_options standard = STROMA_MMRM_OPTIONS_INIT;
    const stroma_mmrm_options *o = options == NULL ? &standard : options;
    *out = NULL;
    STROMA_TRY(check_options(data, o, err));
    stroma_mmrm *m = stroma_alloc_array(1, sizeof *m);
    if (m == NULL) return stroma_no_memory(err);
    m->state = stroma_alloc_array(1, sizeof *m->state);
    stroma_status s = m->state == NULL ? stroma_no_memory(err) : fill(m, data, o, err);
    if (s == STROMA_OK)
        *out = m;
    else
        stroma_mmrm_free(m);
    return s;
}

void stroma_mmrm_free(stroma_mmrm *m)
{
    if (m == NULL) return;
    if (m->state != NULL) {
        stroma_arena_clear(&m->state->arena);
        stroma_arena_clear(&m->state->problem.arena);
        stroma_free(m->state);
    }
    stroma_free(m);
}
