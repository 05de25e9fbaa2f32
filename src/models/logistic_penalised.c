/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ridge, lasso and elastic net by coordinate descent. */
#include "logistic_net.h"

#include "stroma/memory.h"

#include <math.h>
#include <string.h>

enum { LAMBDAS_MAX = 10000 };

/* Columns that vary are centred and scaled; the first constant one is the intercept, and a further
 * one stays at 0 (its column is set to 0). */
static void load(logistic_net *w, const stroma_design *d, bool standardise)
{
    const size_t n = w->n;
    w->constant = SIZE_MAX;
    for (size_t j = 0; j < w->p; j++) {
        const double *x = d->x + j * n;
        bool varies = false;
        for (size_t i = 1; i < n; i++)
            varies |= x[i] != x[0];
        w->penalised[j] = varies;
        if (!varies && w->constant == SIZE_MAX && x[0] != 0) w->constant = j;
    }
    for (size_t j = 0; j < w->p; j++) {
        const double *x = d->x + j * n;
        double sum = 0, squares = 0;
        for (size_t i = 0; i < n; i++)
            sum += x[i];
        const double mean = sum / (double)n;
        for (size_t i = 0; i < n; i++)
            squares += (x[i] - mean) * (x[i] - mean);
        w->mean[j] = w->penalised[j] && w->constant != SIZE_MAX ? mean : 0;
        w->sd[j] = w->penalised[j] && standardise ? sqrt(squares / (double)n) : 1;
        if (j == w->constant) w->sd[j] = x[0];
        for (size_t i = 0; i < n; i++)
            w->x[j * w->stride + i] =
                w->penalised[j] || j == w->constant ? (x[i] - w->mean[j]) / w->sd[j] : 0;
    }
}

static void keep(const logistic_net *w, stroma_logistic_path *out, size_t l)
{
    double *to = out->coefficients + l * w->p, shift = 0;
    for (size_t j = 0; j < w->p; j++) {
        to[j] = w->beta[j] / w->sd[j];
        if (!w->penalised[j]) continue;
        shift += w->mean[j] * to[j];
        out->nonzero[l] += w->beta[j] != 0;
    }
    if (w->constant != SIZE_MAX) to[w->constant] -= shift / w->sd[w->constant];
    out->log_likelihood[l] = logistic_net_log_likelihood(w);
}

/* A geometric path down from @p top. */
static void default_lambdas(const logistic_net *w, double top, double *lambdas, size_t len)
{
    const double ratio = w->n < w->p ? 1e-2 : 1e-4;
    for (size_t l = 0; l < len; l++)
        lambdas[l] = len == 1 ? top : top * pow(ratio, (double)l / (double)(len - 1));
}

static stroma_status fill(logistic_net *w, const stroma_design *d,
                          const stroma_logistic_penalty *penalty, const double *lambdas,
                          stroma_logistic_path *out, stroma_error *err)
{
    STROMA_TRY(logistic_net_alloc(w, err));
    load(w, d, penalty->standardise);
    bool any = false;
    for (size_t j = 0; j < w->p; j++)
        any |= w->penalised[j];
    if (!any) return stroma_fail(err, STROMA_E_DEGENERATE, "no column varies: nothing to penalise");
    double previous = logistic_net_begin(w);
    if (lambdas == NULL)
        default_lambdas(w, previous, out->lambdas, out->lambdas_len);
    else
        memcpy(out->lambdas, lambdas, out->lambdas_len * sizeof *lambdas);
    for (size_t l = 0; l < out->lambdas_len; l++) {
        double kkt = 0;
        w->lambda = out->lambdas[l];
        STROMA_TRY(logistic_net_minimise(w, previous, &kkt, err));
        out->worst_kkt = fmax(out->worst_kkt, kkt);
        previous = w->lambda;
        keep(w, out, l);
    }
    return STROMA_OK;
}

void stroma_logistic_path_free(stroma_logistic_path *p)
{
    if (p == NULL) return;
    stroma_free(p->lambdas);
    stroma_free(p->coefficients);
    stroma_free(p->nonzero);
    stroma_free(p->log_likelihood);
    stroma_free(p);
}

static stroma_logistic_path *path_new(size_t columns, size_t len)
{
    stroma_logistic_path *p = stroma_alloc_array(1, sizeof *p);
    if (p == NULL) return NULL;
    p->columns = columns;
    p->lambdas_len = len;
    p->lambdas = stroma_alloc_array(len, sizeof *p->lambdas);
    p->coefficients =
        columns > SIZE_MAX / len ? NULL : stroma_alloc_array(len * columns, sizeof(double));
    p->nonzero = stroma_alloc_array(len, sizeof *p->nonzero);
    p->log_likelihood = stroma_alloc_array(len, sizeof *p->log_likelihood);
    if (p->lambdas != NULL && p->coefficients != NULL && p->nonzero != NULL &&
        p->log_likelihood != NULL)
        return p;
    stroma_logistic_path_free(p);
    return NULL;
}

static stroma_status check(const stroma_design *d, const double *y,
                           const stroma_logistic_penalty *penalty, const double *lambdas,
                           size_t len, stroma_error *err)
{
    STROMA_TRY(logistic_check(d, y, err));
    if (!(penalty->alpha >= 0 && penalty->alpha <= 1))
        return stroma_fail(err, STROMA_E_USAGE, "alpha %g is not within 0 to 1", penalty->alpha);
    if (len == 0 || len > LAMBDAS_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "%zu values of lambda are not within 1 to %d", len,
                           LAMBDAS_MAX);
    for (size_t l = 0; lambdas != NULL && l < len; l++)
        if (!(lambdas[l] > 0 && isfinite(lambdas[l])))
            return stroma_fail(err, STROMA_E_USAGE, "lambda %g is not positive", lambdas[l]);
    for (size_t i = 1; i < d->rows; i++)
        if (y[i] != y[0]) return STROMA_OK;
    return stroma_fail(err, STROMA_E_DEGENERATE, "all %zu outcomes are %g", d->rows, y[0]);
}

stroma_status stroma_logistic_penalised(const stroma_design *design, const double *y,
                                        const stroma_logistic_penalty *penalty,
                                        const double *lambdas, size_t lambdas_len,
                                        stroma_logistic_path **out, stroma_error *err)
{
    *out = NULL;
    STROMA_TRY(check(design, y, penalty, lambdas, lambdas_len, err));
    stroma_logistic_path *path = path_new(design->columns, lambdas_len);
    if (path == NULL) return stroma_no_memory(err);
    logistic_net w = { .y = y, .n = design->rows, .p = design->columns, .alpha = penalty->alpha };
    const stroma_status s = fill(&w, design, penalty, lambdas, path, err);
    logistic_net_free(&w);
    if (s == STROMA_OK)
        *out = path;
    else
        stroma_logistic_path_free(path);
    return s;
}
