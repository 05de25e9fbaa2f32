/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Generalised estimating equations: the fit and its results. */
#include "gee_problem.h"
#include "small_matrix.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"

#include <math.h>
#include <string.h>

enum { ITERATIONS_MAX = 200 };
static const stroma_gee_options defaults = STROMA_GEE_OPTIONS_INIT;
static const double step_min = 1e-10;

const char *stroma_gee_association_name(stroma_gee_association a)
{
    static const char *const names[] = { "independence", "exchangeable", "ar1", "unstructured" };
    return (unsigned)a < 4 ? names[a] : "unknown";
}

const char *stroma_gee_variance_name(stroma_gee_variance v)
{
    static const char *const names[] = { "sandwich", "kauermann-carroll", "mancl-derouen",
                                         "fay-graubard" };
    return (unsigned)v < STROMA_GEE_VARIANCES ? names[v] : "unknown";
}

void stroma_gee_free(stroma_gee_model *m)
{
    if (m == NULL) return;
    stroma_free(m->aliased);
    stroma_free(m->coefficients);
    stroma_free(m->covariance);
    stroma_free(m->terms);
    stroma_free(m->association_matrix);
    stroma_free(m->fitted);
    stroma_free(m);
}

static stroma_gee_model *model_new(const stroma_gee_data *d, const stroma_gee_options *o)
{
    const size_t p = d->design->columns, cuts = d->categories - 1, all = cuts + p;
    stroma_gee_model *m = stroma_alloc_array(1, sizeof *m);
    if (m == NULL) return NULL;
    m->rows = d->design->rows;
    m->columns = p;
    m->categories = d->categories;
    m->association = o->association;
    m->variance = o->variance;
    m->level = o->level;
    m->reason = "";
    m->aliased = stroma_alloc_array(p, 2 * sizeof *m->aliased);
    m->coefficients = stroma_alloc_array(all + (STROMA_GEE_VARIANCES + 1) * p, sizeof(double));
    m->covariance = all > SIZE_MAX / all ? NULL : stroma_alloc_array(all * all, sizeof(double));
    m->terms = stroma_alloc_array(all, sizeof *m->terms);
    m->association_matrix = stroma_alloc_array(d->visits, d->visits * sizeof(double));
    m->fitted = stroma_alloc_array(m->rows, d->categories * sizeof *m->fitted);
    if (m->aliased == NULL || m->coefficients == NULL || m->covariance == NULL ||
        m->terms == NULL || m->association_matrix == NULL || m->fitted == NULL) {
        stroma_gee_free(m);
        return NULL;
    }
    m->infinite = m->aliased + p;
    m->thresholds = m->coefficients + p;
    for (size_t v = 0; v < STROMA_GEE_VARIANCES; v++)
        m->se[v] = m->coefficients + all + v * p;
    m->se_model = m->coefficients + all + STROMA_GEE_VARIANCES * p;
    m->threshold_terms = m->terms + p;
    for (size_t j = 0; j < all + (STROMA_GEE_VARIANCES + 1) * p; j++)
        m->coefficients[j] = NAN;
    for (size_t j = 0; j < all * all; j++)
        m->covariance[j] = NAN;
    for (size_t i = 0; i < m->rows * d->categories; i++)
        m->fitted[i] = NAN;
    for (size_t i = 0; i < d->visits * d->visits; i++)
        m->association_matrix[i] = NAN;
    for (size_t j = 0; j < all; j++) {
        m->terms[j] = stroma_stat_empty("gee");
        m->terms[j].level = o->level;
        m->terms[j].n_used = m->rows;
        m->terms[j].variant = stroma_gee_association_name(o->association);
        m->terms[j].estimate_name = j < p ? "log odds ratio" : "threshold";
        if (j < p) m->terms[j].effect_name = "odds ratio";
    }
    m->dispersion = m->qic = NAN;
    return m;
}

static void refuse(stroma_gee_model *m, const char *reason)
{
    m->reason = reason;
    for (size_t j = 0; j < m->columns + m->categories - 1; j++) {
        m->terms[j].not_estimable = true;
        m->terms[j].reason = reason;
    }
}

static void problem_free(gee_problem *w)
{
    ordinal_problem_free(&w->o);
    stroma_free(w->row);
    stroma_free(w->beta);
}

/* Rows by subject, then by visit: a counting sort over visits, then over subjects. */
static stroma_status order_rows(gee_problem *w, stroma_gee_model *m, stroma_error *err)
{
    const stroma_gee_data *d = w->data;
    const size_t n = d->design->rows;
    w->row = stroma_alloc_array(n + d->subjects + 1, sizeof *w->row);
    size_t *next = stroma_alloc_array(d->subjects, sizeof *next);
    if (w->row == NULL || next == NULL) {
        stroma_free(next);
        return stroma_no_memory(err);
    }
    w->first = w->row + n;
    for (size_t i = 0; i < n; i++)
        w->first[d->subject[i] + 1]++;
    m->subject_rows_least = SIZE_MAX;
    for (size_t s = 0; s < d->subjects; s++) {
        const size_t len = w->first[s + 1];
        w->first[s + 1] += w->first[s];
        next[s] = w->first[s];
        if (len == 0) continue;
        m->subjects++;
        if (len > w->longest) w->longest = len;
        if (len < m->subject_rows_least) m->subject_rows_least = len;
    }
    m->subject_rows_most = w->longest;
    for (size_t v = 0; v < d->visits; v++)
        for (size_t i = 0; i < n; i++)
            if (d->visit[i] == v) w->row[next[d->subject[i]]++] = i;
    stroma_free(next);
    for (size_t i = 1; i < n; i++) {
        const size_t a = w->row[i - 1], b = w->row[i];
        if (d->subject[a] == d->subject[b] && d->visit[a] == d->visit[b])
            return stroma_fail(err, STROMA_E_INCONSISTENT,
                               "rows %zu and %zu are the same subject at the same visit", a + 1,
                               b + 1);
    }
    return STROMA_OK;
}

static stroma_status scratch(gee_problem *w, stroma_error *err)
{
    const size_t dim = w->o.dim, m = w->longest * w->o.cuts, k = w->o.categories;
    const size_t visits = w->data->visits,
                 square = m * m > visits * visits ? m * m : visits * visits;
    w->beta = stroma_alloc_array(2 * dim + dim * dim + visits * visits + 2 * m + m * dim + square +
                                     k * k + 2 * k,
                                 sizeof *w->beta);
    if (w->beta == NULL) return stroma_no_memory(err);
    w->u = w->beta + dim;
    w->g = w->u + dim;
    w->association = w->g + dim * dim;
    w->mu = w->association + visits * visits;
    w->rest = w->mu + m;
    w->slope = w->rest + m;
    w->v = w->slope + m * dim;
    w->table = w->v + square;
    w->margin = w->table + k * k;
    return STROMA_OK;
}

/* One step of Fisher scoring; its length, or NaN where there is none. */
static double step(gee_problem *w, double *u, double *g)
{
    const size_t dim = w->o.dim;
    double length = 0;
    memset(u, 0, dim * sizeof *u);
    memset(g, 0, dim * dim * sizeof *g);
    for (size_t s = 0; s < w->data->subjects; s++) {
        if (w->first[s + 1] == w->first[s]) continue;
        const size_t m = gee_subject(w, s, w->options->association == STROMA_GEE_INDEPENDENCE);
        if (m == 0) {
            w->reason = "the working association of a subject is not positive definite";
            return NAN;
        }
        gee_scores(w, m);
        for (size_t i = 0; i < dim; i++)
            u[i] += w->u[i];
        for (size_t i = 0; i < dim * dim; i++)
            g[i] += w->g[i];
    }
    if (!small_cholesky(g, dim)) return NAN;
    small_solve_lower(g, dim, u);
    small_solve_upper(g, dim, u);
    for (size_t i = 0; i < dim; i++) {
        w->beta[i] += u[i];
        length = fmax(length, fabs(u[i]) / fmax(1, fabs(w->beta[i])));
    }
    for (size_t k = 1; k < w->o.cuts; k++)
        if (!(w->beta[k] > w->beta[k - 1])) return NAN;
    return length;
}

static stroma_status iterate(gee_problem *w, stroma_gee_model *m, stroma_error *err)
{
    const size_t dim = w->o.dim;
    double *room = stroma_alloc_array(dim + dim * dim, sizeof *room), length = INFINITY;
    bool *fixed = stroma_alloc_array(dim, sizeof *fixed);
    stroma_status s = room == NULL || fixed == NULL ? stroma_no_memory(err) : STROMA_OK;
    if (s == STROMA_OK) {
        ordinal_start(&w->o, w->beta);
        if (!ordinal_maximise(&w->o, fixed, w->beta).ok) w->reason = "the fit did not converge";
        if (w->o.cuts > 1) s = gee_local_odds_ratios(w, err);
    }
    while (s == STROMA_OK && w->reason == NULL && length > step_min) {
        if (w->o.cuts == 1) gee_correlations(w, &m->dispersion);
        length = step(w, room, room + dim);
        if (w->reason == NULL && (isnan(length) || m->iterations++ >= ITERATIONS_MAX))
            w->reason = "the estimating equations did not converge";
    }
    stroma_free(room);
    stroma_free(fixed);
    return s;
}

static void put_t(stroma_stat *s, double estimate, double variance, double df)
{
    const double t = stroma_t_quantile(0.5 + s->level / 2, df);
    s->estimate = estimate;
    s->se = sqrt(variance);
    s->statistic_name = "t";
    s->statistic = estimate / s->se;
    s->df = df;
    s->p = stroma_t_two_sided(s->statistic, df);
    s->interval_method = "Wald, t";
    s->lower = estimate - t * s->se;
    s->upper = estimate + t * s->se;
}

/* Of two categories the constant column is minus the threshold. */
static size_t constant_of(const gee_problem *w)
{
    const stroma_design *d = w->data->design;
    for (size_t j = 0; w->o.cuts == 1 && j < d->columns; j++)
        if (logistic_is_constant(d, j) && d->x[j * d->rows] != 0) return j;
    return SIZE_MAX;
}

static void put_column(stroma_gee_model *m, const gee_problem *w, size_t j, size_t a, double by,
                       double *const *covariance)
{
    const size_t dim = w->o.dim;
    stroma_stat *s = &m->terms[j];
    m->coefficients[j] = a < w->o.cuts ? m->thresholds[a] / by : m->coefficients[j];
    for (size_t v = 0; v < STROMA_GEE_VARIANCES; v++)
        m->se[v][j] = sqrt(covariance[v][a * dim + a]) / fabs(by);
    m->se_model[j] = sqrt(covariance[STROMA_GEE_VARIANCES][a * dim + a]) / fabs(by);
    if (!isnan(m->dispersion)) m->se_model[j] *= sqrt(m->dispersion);
    put_t(s, m->coefficients[j], m->se[m->variance][j] * m->se[m->variance][j], m->df);
    s->effect = exp(s->estimate);
    s->effect_lower = exp(s->lower);
    s->effect_upper = exp(s->upper);
}

static void put_estimates(stroma_gee_model *m, const gee_problem *w, double *const *covariance,
                          double *form)
{
    const size_t dim = w->o.dim, cuts = w->o.cuts, all = cuts + m->columns;
    const double *v = covariance[m->variance];
    const size_t constant = constant_of(w);
    for (size_t a = 0; a < dim; a++) {
        const size_t pa = a < cuts ? a : cuts + ordinal_column(&w->o, a - cuts);
        ordinal_form(&w->o, a, form);
        const double estimate = small_dot(form, w->beta, dim);
        if (a < cuts)
            m->thresholds[a] = estimate;
        else
            m->coefficients[pa - cuts] = estimate;
        for (size_t b = 0; b < dim; b++) {
            const size_t pb = b < cuts ? b : cuts + ordinal_column(&w->o, b - cuts);
            m->covariance[pa * all + pb] = v[a * dim + b];
        }
        if (a < cuts)
            put_t(&m->threshold_terms[a], estimate, v[a * dim + a], m->df);
        else
            put_column(m, w, pa - cuts, a, 1, covariance);
    }
    if (constant != SIZE_MAX) {
        m->aliased[constant] = false;
        put_column(m, w, constant, 0, -w->data->design->x[constant * m->rows], covariance);
    }
    for (size_t j = 0; j < m->columns; j++)
        if (m->aliased[j]) {
            m->terms[j].not_estimable = true;
            m->terms[j].reason = "the column is constant or a linear combination of earlier ones";
        }
}

/* Fitted probabilities, and Pan's criterion: −2 quasi-likelihood at independence + 2 tr(ΩV). */
static void put_fit(stroma_gee_model *m, const gee_problem *w, double trace)
{
    const double quasi = ordinal_log_likelihood(&w->o, w->beta); /* leaves eta */
    for (size_t i = 0; i < m->rows; i++)
        for (size_t k = 0; k < m->categories; k++)
            m->fitted[i * m->categories + k] =
                ordinal_probability(w->beta, w->o.cuts, k, w->o.eta[i]);
    m->qic = -2 * quasi + 2 * trace;
}

static void put_association(stroma_gee_model *m, const gee_problem *w)
{
    const size_t visits = w->data->visits;
    const bool ordered = w->o.cuts > 1;
    for (size_t i = 0; i < visits; i++)
        for (size_t j = 0; j < visits; j++) {
            const double a = w->association[i * visits + j];
            m->association_matrix[i * visits + j] = i == j    ? (ordered ? (double)NAN : 1)
                                                    : ordered ? exp(a)
                                                              : a;
        }
}

static stroma_status results(gee_problem *w, stroma_gee_model *m, stroma_error *err)
{
    const size_t dim = w->o.dim, square = dim * dim;
    double *room = stroma_alloc_array((STROMA_GEE_VARIANCES + 1) * square + dim, sizeof *room);
    double *covariance[STROMA_GEE_VARIANCES + 1], trace = 0;
    if (room == NULL) return stroma_no_memory(err);
    for (size_t v = 0; v <= STROMA_GEE_VARIANCES; v++)
        covariance[v] = room + v * square;
    const stroma_status s = gee_variances(w, covariance, &trace, err);
    if (s == STROMA_OK && w->reason == NULL) {
        put_estimates(m, w, covariance, room + (STROMA_GEE_VARIANCES + 1) * square);
        put_association(m, w);
        put_fit(m, w, trace);
    }
    stroma_free(room);
    return s;
}

static stroma_status run(gee_problem *w, stroma_gee_model *m, stroma_error *err)
{
    const stroma_gee_data *d = w->data;
    STROMA_TRY(order_rows(w, m, err));
    STROMA_TRY(ordinal_problem_new(d->design, d->y, d->categories, 0, m->aliased, &w->o, err));
    m->rank = w->o.slopes;
    m->parameters = w->o.dim;
    if (d->categories == 2 && constant_of(w) == SIZE_MAX)
        return stroma_fail(err, STROMA_E_USAGE,
                           "a model of yes/no outcomes needs an intercept here");
    if (m->subjects <= w->o.dim)
        return stroma_fail(err, STROMA_E_DEGENERATE,
                           "%zu subjects are too few for %zu parameters: errors come from the "
                           "spread between subjects",
                           m->subjects, w->o.dim);
    m->df = (double)(m->subjects - w->o.dim);
    STROMA_TRY(ordinal_separate(d->design, d->y, d->categories, &m->separation, m->infinite, err));
    if (m->separation != STROMA_SEPARATION_NONE) {
        refuse(m, "the categories are separated: the estimating equations have no solution");
        return STROMA_OK;
    }
    STROMA_TRY(scratch(w, err));
    STROMA_TRY(iterate(w, m, err));
    if (w->reason == NULL) STROMA_TRY(results(w, m, err));
    if (w->reason != NULL) refuse(m, w->reason);
    return STROMA_OK;
}

static stroma_status check(const stroma_gee_data *d, const stroma_gee_options *o, stroma_error *err)
{
    if (!(o->level > 0 && o->level < 1))
        return stroma_fail(err, STROMA_E_USAGE, "level %g is not between 0 and 1", o->level);
    if ((unsigned)o->association > STROMA_GEE_UNSTRUCTURED ||
        (unsigned)o->variance >= STROMA_GEE_VARIANCES)
        return stroma_fail(err, STROMA_E_USAGE, "no association %d or variance %d",
                           (int)o->association, (int)o->variance);
    STROMA_TRY(ordinal_check(d->design, d->y, d->categories, err));
    if (o->association == STROMA_GEE_AR1 && d->categories > 2) {
        (void)stroma_fail(err, STROMA_E_USAGE,
                          "ordered outcomes have no AR(1): their association is local odds ratios");
        stroma_hint(err, "take exchangeable or unstructured");
        return STROMA_E_USAGE;
    }
    for (size_t i = 0; i < d->design->rows; i++)
        if (d->subject[i] >= d->subjects || d->visit[i] >= d->visits)
            return stroma_fail(err, STROMA_E_USAGE,
                               "row %zu has subject %zu of %zu and visit %zu of %zu", i + 1,
                               d->subject[i], d->subjects, d->visit[i], d->visits);
    return STROMA_OK;
}

stroma_status stroma_gee_fit(const stroma_gee_data *data, const stroma_gee_options *options,
                             stroma_gee_model **out, stroma_error *err)
{
    const stroma_gee_options *o = options == NULL ? &defaults : options;
    *out = NULL;
    STROMA_TRY(check(data, o, err));
    stroma_gee_model *m = model_new(data, o);
    if (m == NULL) return stroma_no_memory(err);
    gee_problem w = { .data = data, .options = o };
    const stroma_status s = run(&w, m, err);
    problem_free(&w);
    if (s == STROMA_OK)
        *out = m;
    else
        stroma_gee_free(m);
    return s;
}

stroma_status stroma_gee_joint_test(const stroma_gee_model *m, const size_t *columns, size_t n,
                                    stroma_stat *out, stroma_error *err)
{
    const size_t cuts = m->categories - 1, all = cuts + m->columns;
    size_t len = 0;
    *out = stroma_stat_empty("gee");
    out->variant = "joint Wald";
    out->n_used = m->rows;
    double *v = stroma_alloc_array(n, (n + 1) * sizeof *v);
    size_t *used = stroma_alloc_array(n, sizeof *used);
    stroma_status s = v == NULL || used == NULL ? stroma_no_memory(err) : STROMA_OK;
    for (size_t i = 0; s == STROMA_OK && i < n; i++) {
        if (columns[i] >= m->columns)
            s = stroma_fail(err, STROMA_E_USAGE, "no design column %zu", columns[i] + 1);
        else if (!isnan(m->covariance[(cuts + columns[i]) * (all + 1)]))
            used[len++] = columns[i];
    }
    if (s == STROMA_OK && len == 0) {
        out->not_estimable = true;
        out->reason = m->reason[0] != '\0' ? m->reason : "no coefficient to test";
    } else if (s == STROMA_OK) {
        double *b = v + len * len;
        for (size_t i = 0; i < len; i++) {
            b[i] = m->coefficients[used[i]];
            for (size_t j = 0; j < len; j++)
                v[i * len + j] = m->covariance[(cuts + used[i]) * all + cuts + used[j]];
        }
        out->statistic_name = "F";
        out->df = (double)len;
        out->df2 = m->df;
        if (small_cholesky(v, len)) {
            small_solve_lower(v, len, b);
            out->statistic = small_dot(b, b, len) / (double)len;
            out->p = stroma_f_sf(out->statistic, out->df, out->df2);
        } else {
            out->not_estimable = true;
            out->reason = "the covariance of the coefficients is singular";
        }
    }
    stroma_free(v);
    stroma_free(used);
    return s;
}
