/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Candidate × treatment: the effective score of the interaction, subject by subject.
 *
 * Model without it: intercept, treated, candidate, blocks; logistic (Firth, so that separation does
 * no harm) or linear. With W the model's variances, Q an orthonormal basis of √W·X and
 * v = (I − QQ')√W·(treated·candidate), the score is Σ v·r over standardised residuals r. Under a
 * sign pattern f it is Σ f·v·r, with variance |v|² − |Q'(f·v)|². */
#include "screen_job.h"

#include "stroma/models_logistic.h"
#include "stroma/models_roc.h"

#include <math.h>
#include <string.h>

typedef struct model {
    size_t rows, columns;          /* without the interaction, which stands last */
    size_t *place;                 /* rows: of the subject in the screen */
    double *x;                     /* (columns + 1) × rows */
    double *y, *weight, *residual; /* weight: √W; residual: standardised */
    double *q;                     /* columns × rows */
    double unit;                   /* SD of the candidate's scores */
} model;

static void model_clear(model *m)
{
    stroma_free(m->place);
    stroma_free(m->x);
    stroma_free(m->y);
    stroma_free(m->weight);
    stroma_free(m->residual);
    stroma_free(m->q);
}

static stroma_status model_room(model *m, stroma_error *err)
{
    m->place = stroma_alloc_array(m->rows, sizeof *m->place);
    m->x = stroma_alloc_array(m->rows * (m->columns + 1), sizeof *m->x);
    m->y = stroma_alloc_array(m->rows, sizeof *m->y);
    m->weight = stroma_alloc_array(m->rows, sizeof *m->weight);
    m->residual = stroma_alloc_array(m->rows, sizeof *m->residual);
    m->q = stroma_alloc_array(m->rows * (m->columns + 1), sizeof *m->q);
    if (m->place == NULL || m->x == NULL || m->y == NULL || m->weight == NULL ||
        m->residual == NULL || m->q == NULL)
        return stroma_no_memory(err);
    return STROMA_OK;
}

/* Midranks as fractions of the way from lowest to highest, or the (logarithm of the) values. */
static stroma_status candidate_scores(const screen_job *job, screen_cells *c, stroma_error *err)
{
    if (job->o.statistic == STROMA_SCREEN_VALUES) {
        memcpy(c->rank, c->score, job->n * sizeof *c->rank);
        return STROMA_OK;
    }
    size_t m = 0;
    double squares = 0;
    STROMA_TRY(screen_cells_rank(c, c->tied, 0, job->n, &m, &squares, err));
    for (size_t i = 0; i < job->n; i++)
        c->rank[i] = isnan(c->tied[i]) ? (double)NAN : c->rank[i] / (2 * (double)m);
    return STROMA_OK;
}

/* Intercept, treated, candidate (over its SD, about its mean), blocks but the first, interaction.
 */
static void fill_design(const screen_job *job, const screen_cells *c, model *m)
{
    double mean = 0, squares = 0;
    for (size_t i = 0; i < job->n; i++)
        if (!isnan(c->rank[i])) mean += c->rank[i];
    mean /= (double)m->rows;
    for (size_t i = 0; i < job->n; i++)
        if (!isnan(c->rank[i])) squares += (c->rank[i] - mean) * (c->rank[i] - mean);
    m->unit = sqrt(squares / ((double)m->rows - 1));
    size_t r = 0;
    for (size_t h = 0; h < job->out->blocks; h++)
        for (size_t i = job->start[h]; i < job->start[h + 1]; i++) {
            if (isnan(c->rank[i])) continue;
            const double x = (c->rank[i] - mean) / m->unit, arm = job->arm[i];
            m->place[r] = i;
            m->y[r] = job->y[i];
            m->x[r] = 1;
            m->x[m->rows + r] = arm;
            m->x[2 * m->rows + r] = x;
            if (h > 0) m->x[(2 + h) * m->rows + r] = 1;
            m->x[m->columns * m->rows + r] = arm * x;
            r++;
        }
}

static stroma_status fit_logistic(const screen_job *job, model *m, stroma_stat *shift,
                                  stroma_error *err)
{
    const stroma_logistic_options o = { true, STROMA_LOGISTIC_PROFILE, job->o.level };
    stroma_design d = { .rows = m->rows, .columns = m->columns + 1, .x = m->x, .intercept = true };
    stroma_logistic_model *fit = NULL;
    STROMA_TRY(stroma_logistic_fit(&d, m->y, &o, &fit, err));
    *shift = fit->terms[m->columns];
    stroma_logistic_free(fit);
    shift->estimate_name = "log odds ratio of interaction";
    shift->estimate /= m->unit;
    shift->se /= m->unit;
    shift->lower /= m->unit;
    shift->upper /= m->unit;
    const stroma_logistic_options reduced = { true, STROMA_LOGISTIC_WALD, job->o.level };
    d.columns = m->columns;
    STROMA_TRY(stroma_logistic_fit(&d, m->y, &reduced, &fit, err));
    for (size_t r = 0; r < m->rows; r++) {
        const double p = fit->fitted[r];
        m->weight[r] = sqrt(p * (1 - p));
        m->residual[r] = m->weight[r] > 0 ? (m->y[r] - p) / m->weight[r] : 0;
    }
    stroma_logistic_free(fit);
    return STROMA_OK;
}

static stroma_status fit_linear(const screen_job *job, model *m, stroma_stat *effect,
                                stroma_error *err)
{
    stroma_design d = { .rows = m->rows, .columns = m->columns + 1, .x = m->x, .intercept = true };
    stroma_linear_model *fit = NULL;
    STROMA_TRY(stroma_linear_model_fit(&d, m->y, NULL, &fit, err));
    *effect = stroma_linear_coefficient(fit, m->columns, job->o.level);
    stroma_linear_model_free(fit);
    effect->estimate_name = "interaction";
    effect->estimate /= m->unit;
    effect->se /= m->unit;
    effect->lower /= m->unit;
    effect->upper /= m->unit;
    d.columns = m->columns;
    STROMA_TRY(stroma_linear_model_fit(&d, m->y, NULL, &fit, err));
    const double sd = fit->residual_sd;
    for (size_t r = 0; r < m->rows; r++) {
        m->weight[r] = 1;
        m->residual[r] = sd > 0 ? fit->residuals[r] / sd : 0;
    }
    stroma_linear_model_free(fit);
    return STROMA_OK;
}

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Gram-Schmidt, twice over: columns of q orthonormal, a dependent one zero; the interaction, last,
 * keeps its length. @return the squared length of what the others leave of it */
static double orthogonalise(model *m)
{
    const size_t n = m->rows;
    for (size_t c = 0; c <= m->columns; c++) {
        double *q = m->q + c * n;
        for (size_t r = 0; r < n; r++)
            q[r] = m->weight[r] * m->x[c * n + r];
        const double length = dot(q, q, n);
        for (int pass = 0; pass < 2; pass++)
            for (size_t k = 0; k < c; k++) {
                const double *other = m->q + k * n;
                const double along = dot(q, other, n);
                for (size_t r = 0; r < n; r++)
                    q[r] -= along * other[r];
            }
        const double left = dot(q, q, n);
        const bool dependent = !(left > 1e-16 * length);
        if (c == m->columns) return dependent ? 0 : left;
        for (size_t r = 0; r < n; r++)
            q[r] = dependent ? 0 : q[r] / sqrt(left);
    }
    return 0;
}

static stroma_status fill_item(const screen_job *job, const model *m, double square,
                               screen_item *item, stroma_error *err)
{
    const double *v = m->q + m->columns * m->rows;
    item->scores = stroma_alloc_array((1 + m->columns) * job->n, sizeof *item->scores);
    if (item->scores == NULL) return stroma_no_memory(err);
    for (size_t r = 0; r < m->rows; r++) {
        item->scores[m->place[r]] = v[r] * m->residual[r];
        for (size_t c = 0; c < m->columns; c++)
            item->scores[(1 + c) * job->n + m->place[r]] = v[r] * m->q[c * m->rows + r];
    }
    item->square = square;
    item->columns = m->columns;
    item->kind = SCREEN_FLIP;
    return STROMA_OK;
}

/* AUC of the treated less that of the controls. */
static stroma_status areas(const screen_job *job, screen_cells *c, stroma_screen_candidate *out,
                           stroma_error *err)
{
    stroma_roc_sample s[2];
    double *room = stroma_alloc_array(job->n, sizeof *room);
    if (room == NULL) return stroma_no_memory(err);
    size_t at = 0;
    for (int arm = 0; arm < 2; arm++) {
        size_t n[2] = { 0, 0 };
        double *from = room + at;
        for (int event = 1; event >= 0; event--)
            for (size_t i = 0; i < job->n; i++)
                if (!isnan(c->tied[i]) && job->arm[i] == arm && (job->y[i] > 0) == event) {
                    room[at++] = c->tied[i];
                    n[event]++;
                }
        s[arm] = (stroma_roc_sample){ from, n[1], from + n[1], n[0],
                                      out->direction == STROMA_SCREEN_LOWER ? STROMA_ROC_LOWER
                                                                            : STROMA_ROC_HIGHER };
    }
    const stroma_status status =
        stroma_auc_compare_unpaired(&s[1], &s[0], job->o.level, &out->effect, err);
    stroma_free(room);
    return status;
}

static stroma_status build(const screen_job *job, screen_cells *c, stroma_screen_candidate *out,
                           model *m, screen_item *item, stroma_error *err)
{
    STROMA_TRY(candidate_scores(job, c, err));
    STROMA_TRY(model_room(m, err));
    fill_design(job, c, m);
    if (job->out->binary) STROMA_TRY(areas(job, c, out, err));
    STROMA_TRY(job->out->binary ? fit_logistic(job, m, &out->shift, err)
                                : fit_linear(job, m, &out->effect, err));
    const double square = orthogonalise(m);
    if (!(square > 0) || !(dot(m->residual, m->residual, m->rows) > 0)) {
        out->reason = "treatment and candidate leave nothing of their interaction";
        return STROMA_OK;
    }
    return fill_item(job, m, square, item, err);
}

/* Both arms must have different values and, for a yes/no outcome, both outcomes among the measured.
 */
static const char *why_not(const screen_job *job, const screen_cells *c, size_t columns)
{
    size_t n[2] = { 0, 0 }, events[2] = { 0, 0 };
    for (size_t i = 0; i < job->n; i++) {
        if (isnan(c->tied[i])) continue;
        n[job->arm[i]]++;
        events[job->arm[i]] += job->y[i] > 0;
    }
    if (n[0] + n[1] < columns + 3) return "too few subjects for the terms of the model";
    for (int a = 0; a < 2; a++) {
        if (n[a] < 3)
            return a == 0 ? "too few values in the control arm"
                          : "too few values in the "
                            "treated arm";
        if (job->out->binary && (events[a] == 0 || events[a] == n[a]))
            return a == 0 ? "one outcome only among the values of the control arm"
                          : "one outcome only among the values of the treated arm";
    }
    return NULL;
}

stroma_status screen_interaction(const screen_job *job, screen_cells *c,
                                 stroma_screen_candidate *out, screen_item *item, stroma_error *err)
{
    model m = { .rows = c->measured, .columns = 3 + job->out->blocks - 1 };
    const char *reason = why_not(job, c, m.columns);
    if (reason != NULL) {
        out->reason = reason;
        return STROMA_OK;
    }
    out->p_method = "sign flips of the score";
    const stroma_status s = build(job, c, out, &m, item, err);
    model_clear(&m);
    return s;
}
