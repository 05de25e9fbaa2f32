/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the draws of a Bayesian logistic model say of a new row. */
#include "bayes_posterior.h"
#include "mcmc_diagnostic.h"

#include "stroma/memory.h"
#include "stroma/sort.h"
#include "stroma/stats_summary.h"

#include <math.h>

static stroma_status check(const stroma_bayes_logistic_model *m, const double *x, double level,
                           stroma_error *err)
{
    if (m->draws == NULL) {
        (void)stroma_fail(err, STROMA_E_USAGE, "the model holds no draws to predict from");
        stroma_hint(err, "fit it with draws, at least %d a chain", STROMA_BAYES_DRAWS_MIN);
        return STROMA_E_USAGE;
    }
    if (!(level > 0 && level < 1))
        return stroma_fail(err, STROMA_E_USAGE, "level %g is not between 0 and 1", level);
    for (size_t j = 0; j < m->columns; j++)
        if (!m->aliased[j] && !isfinite(x[j]))
            return stroma_fail(err, STROMA_E_USAGE, "column %zu of the new row is not finite",
                               j + 1);
    return STROMA_OK;
}

/* Without a mean of a coefficient that enters, the log odds have none either. */
static bool has_mean(const stroma_bayes_logistic_model *m, const double *x)
{
    for (size_t j = 0; j < m->columns; j++)
        if (!m->aliased[j] && x[j] != 0 && isnan(m->terms[j].mean)) return false;
    return true;
}

static stroma_status summarise(const stroma_bayes_logistic_model *m, double *eta, double *pi,
                               stroma_bayes_prediction *out, stroma_error *err)
{
    const size_t n = m->chains * m->chain_draws;
    const double tail = 0.5 - out->level / 2;
    double sum = 0, linear = 0, squares = 0, ess = 0;
    for (size_t i = 0; i < n; i++) {
        sum += pi[i];
        linear += eta[i];
    }
    out->mean = sum / (double)n;
    if (!isnan(out->linear_mean)) out->linear_mean = linear / (double)n;
    for (size_t i = 0; i < n; i++)
        squares += (pi[i] - out->mean) * (pi[i] - out->mean);
    out->sd = sqrt(squares / (double)(n - 1));
    STROMA_TRY(mcmc_effective(pi, m->chains, m->chain_draws, &ess, err));
    out->mean_mcse = isnan(ess) ? 0 : out->sd / sqrt(ess);
    stroma_sort_doubles(pi, n);
    stroma_sort_doubles(eta, n);
    STROMA_TRY(stroma_quantile_compute(pi, n, 0.5, STROMA_QUANTILE_7, &out->median, err));
    STROMA_TRY(stroma_quantile_compute(pi, n, tail, STROMA_QUANTILE_7, &out->lower, err));
    STROMA_TRY(stroma_quantile_compute(pi, n, 1 - tail, STROMA_QUANTILE_7, &out->upper, err));
    STROMA_TRY(stroma_quantile_compute(eta, n, tail, STROMA_QUANTILE_7, &out->linear_lower, err));
    return stroma_quantile_compute(eta, n, 1 - tail, STROMA_QUANTILE_7, &out->linear_upper, err);
}

stroma_status stroma_bayes_logistic_predict(const stroma_bayes_logistic_model *m, const double *x,
                                            double level, stroma_bayes_prediction *out,
                                            stroma_error *err)
{
    *out = (stroma_bayes_prediction){ .level = level };
    STROMA_TRY(check(m, x, level, err));
    const size_t n = m->chains * m->chain_draws;
    double *eta = stroma_alloc_array(n, 2 * sizeof *eta);
    if (eta == NULL) return stroma_no_memory(err);
    double *pi = eta + n;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < m->columns; j++)
            if (!m->aliased[j]) eta[i] += x[j] * m->draws[i * m->columns + j];
        pi[i] = logistic_expit(eta[i]);
    }
    out->linear_mean = has_mean(m, x) ? 0 : (double)NAN;
    const stroma_status s = summarise(m, eta, pi, out, err);
    stroma_free(eta);
    return s;
}
