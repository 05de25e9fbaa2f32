/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/memory.h"
#include "stroma/stats_contingency.h"
#include "stroma/stats_distribution.h"

#include <math.h>

typedef struct margin_sums {
    double *row, *column; /* one block; row owns it */
    double total;
    size_t rows_used, columns_used;
} margin_sums;

static stroma_status sum_margins(const size_t *counts, size_t rows, size_t columns, margin_sums *m,
                                 stroma_error *err)
{
    *m = (margin_sums){ 0 };
    if (columns > SIZE_MAX - rows) return stroma_no_memory(err);
    m->row = stroma_alloc_array(rows + columns, sizeof *m->row);
    if (m->row == NULL) return stroma_no_memory(err);
    m->column = m->row + rows;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) {
            const double x = (double)counts[i * columns + j];
            m->row[i] += x;
            m->column[j] += x;
            m->total += x;
        }
    for (size_t i = 0; i < rows; i++)
        m->rows_used += m->row[i] > 0;
    for (size_t j = 0; j < columns; j++)
        m->columns_used += m->column[j] > 0;
    return STROMA_OK;
}

/* Σ (|O − E| − correction)² / E over the cells whose margins are not empty. */
static double pearson(const size_t *counts, size_t rows, size_t columns, const margin_sums *m,
                      bool yates)
{
    double chi2 = 0, correction = yates ? 0.5 : 0;
    for (int pass = yates ? 0 : 1; pass < 2; pass++)
        for (size_t i = 0; i < rows; i++)
            for (size_t j = 0; j < columns; j++) {
                const double expected = m->row[i] * m->column[j] / m->total;
                if (!(expected > 0)) continue;
                const double gap = fabs((double)counts[i * columns + j] - expected);
                if (pass == 0)
                    correction = fmin(correction, gap);
                else
                    chi2 += (gap - correction) * (gap - correction) / expected;
            }
    return chi2;
}

stroma_status stroma_chi_square(const size_t *counts, size_t rows, size_t columns, bool yates,
                                stroma_stat *out, stroma_error *err)
{
    margin_sums m;
    STROMA_TRY(sum_margins(counts, rows, columns, &m, err));
    if (m.rows_used < 2 || m.columns_used < 2) {
        *out = stroma_stat_cannot("chi_square", "fewer than two rows or columns have counts");
        stroma_free(m.row);
        return STROMA_OK;
    }
    const bool correct = yates && m.rows_used == 2 && m.columns_used == 2;
    *out = stroma_stat_empty("chi_square");
    out->variant = correct ? "Yates" : "Pearson";
    out->n_used = (size_t)m.total;
    out->statistic_name = "chi2";
    out->statistic = pearson(counts, rows, columns, &m, correct);
    out->df = (double)((m.rows_used - 1) * (m.columns_used - 1));
    out->p = stroma_chi2_sf(out->statistic, out->df);
    const double shorter = (double)(m.rows_used < m.columns_used ? m.rows_used : m.columns_used);
    out->effect_name = "Cramér V";
    out->effect = sqrt(pearson(counts, rows, columns, &m, false) / (m.total * (shorter - 1)));
    stroma_free(m.row);
    return STROMA_OK;
}

stroma_stat stroma_mcnemar(const size_t counts[4], stroma_mcnemar_kind kind)
{
    const double b = (double)counts[1], c = (double)counts[2];
    const double n = b + c + (double)counts[0] + (double)counts[3];
    if (!(b + c > 0)) return stroma_stat_cannot("mcnemar", "no discordant pair");
    stroma_stat r = stroma_stat_empty("mcnemar");
    r.n_used = (size_t)n;
    r.estimate_name = "difference of paired proportions";
    r.estimate = (b - c) / n;
    r.se = sqrt(b + c - (b - c) * (b - c) / n) / n;
    r.effect_name = "odds ratio (conditional)";
    r.effect = b / c;
    if (kind == STROMA_MCNEMAR_EXACT) {
        r.variant = "exact";
        r.p = fmin(1, 2 * stroma_binomial_cdf(fmin(b, c), b + c, 0.5));
        return r;
    }
    const double correction = kind == STROMA_MCNEMAR_CORRECTED && b != c ? 1 : 0;
    const double gap = fabs(b - c) - correction;
    r.variant = kind == STROMA_MCNEMAR_CORRECTED ? "continuity corrected" : "asymptotic";
    r.statistic_name = "chi2";
    r.statistic = gap * gap / (b + c);
    r.df = 1;
    r.p = stroma_chi2_sf(r.statistic, 1);
    return r;
}
