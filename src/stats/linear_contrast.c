/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests and intervals from a fitted linear model. */
#include "double_double.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"
#include "stroma/stats_linear_model.h"

#include <math.h>

/* Estimate and SE are known: t, p and interval. */
static void finish(stroma_stat *r, const stroma_linear_model *m, double null_value, double level)
{
    r->n_used = m->rows;
    r->level = level;
    r->interval_method = "t";
    r->statistic_name = "t";
    r->df = m->df_residual;
    if (!(m->df_residual > 0)) {
        r->se = NAN;
        r->reason = "no residual degrees of freedom";
        return;
    }
    if (!(r->se > 0)) {
        r->reason = "the residual variance is zero";
        return;
    }
    const double half = stroma_t_quantile(0.5 + level / 2, r->df) * r->se;
    r->lower = r->estimate - half;
    r->upper = r->estimate + half;
    r->statistic = (r->estimate - null_value) / r->se;
    r->p = stroma_t_two_sided(r->statistic, r->df);
}

stroma_stat stroma_linear_coefficient(const stroma_linear_model *m, size_t column, double level)
{
    if (m->aliased[column]) {
        stroma_stat r = stroma_stat_cannot("linear_model", "depends linearly on earlier terms");
        r.estimate_name = "coefficient";
        return r;
    }
    stroma_stat r = stroma_stat_empty("linear_model");
    r.estimate_name = "coefficient";
    r.estimate = m->coefficients[column];
    r.se = m->se[column];
    finish(&r, m, 0, level);
    return r;
}

stroma_stat stroma_linear_contrast(const stroma_linear_model *m, const double *l, double null_value,
                                   double level)
{
    stroma_stat r = stroma_stat_empty("linear_contrast");
    dd estimate = dd_from(0), variance = dd_from(0);
    for (size_t i = 0; i < m->columns; i++) {
        if (l[i] == 0) continue;
        if (m->aliased[i])
            return stroma_stat_cannot("linear_contrast", "involves a term that depends linearly on "
                                                         "others");
        estimate = dd_add(estimate, dd_two_product(l[i], m->coefficients[i]));
        for (size_t j = 0; j < m->columns; j++) {
            if (l[j] == 0 || m->aliased[j]) continue;
            const dd w = dd_two_product(l[i], l[j]);
            variance = dd_add(variance, dd_multiply(w, dd_from(m->covariance[i * m->columns + j])));
        }
    }
    r.estimate_name = "contrast";
    r.estimate = dd_value(estimate);
    r.se = sqrt(dd_value(variance));
    finish(&r, m, null_value, level);
    return r;
}

/* b' V⁻¹ b by a Cholesky factor of V; false when V is not positive definite. */
static bool wald(const stroma_linear_model *m, const size_t *index, size_t n, dd *l, dd *z,
                 double *out)
{
    const size_t p = m->columns;
    for (size_t i = 0; i < n; i++) {
        dd s = dd_from(m->coefficients[index[i]]);
        for (size_t j = 0; j <= i; j++) {
            dd t = dd_from(m->covariance[index[i] * p + index[j]]);
            for (size_t k = 0; k < j; k++)
                t = dd_subtract(t, dd_multiply(l[i * n + k], l[j * n + k]));
            if (i == j && !(t.hi > 0)) return false;
            l[i * n + j] = i == j ? dd_sqrt(t) : dd_quotient(t, l[j * n + j]);
        }
        for (size_t k = 0; k < i; k++)
            s = dd_subtract(s, dd_multiply(l[i * n + k], z[k]));
        z[i] = dd_quotient(s, l[i * n + i]);
    }
    dd q = dd_from(0);
    for (size_t i = 0; i < n; i++)
        q = dd_add(q, dd_multiply(z[i], z[i]));
    *out = dd_value(q);
    return true;
}

stroma_status stroma_linear_joint_test(const stroma_linear_model *m, const size_t *columns,
                                       size_t n, stroma_stat *out, stroma_error *err)
{
    *out = stroma_stat_empty("linear_joint_test");
    if (n > m->columns)
        return stroma_fail(err, STROMA_E_USAGE, "joint test of %zu of %zu coefficients", n,
                           m->columns);
    size_t *index = stroma_alloc_array(n, sizeof *index);
    dd *l = stroma_alloc_array(n * n + n, sizeof *l);
    if (index == NULL || l == NULL) {
        stroma_free(index);
        stroma_free(l);
        return stroma_no_memory(err);
    }
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        if (!m->aliased[columns[i]]) index[k++] = columns[i];
    double q = NAN;
    if (k == 0)
        *out = stroma_stat_cannot("linear_joint_test", "every term depends linearly on others");
    else if (!(m->df_residual > 0) || !wald(m, index, k, l, l + k * k, &q))
        *out = stroma_stat_cannot("linear_joint_test", "the covariance cannot be inverted");
    else {
        out->n_used = m->rows;
        out->statistic_name = "F";
        out->statistic = q / (double)k;
        out->df = (double)k;
        out->df2 = m->df_residual;
        out->p = stroma_f_sf(out->statistic, out->df, out->df2);
    }
    stroma_free(index);
    stroma_free(l);
    return STROMA_OK;
}
