/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The working association of a subject's visits. */
#include "gee_problem.h"
#include "small_matrix.h"

#include "stroma/memory.h"

#include <math.h>
#include <string.h>

enum { FITTING_MAX = 2000, BISECTIONS_MAX = 200 };
static const double log_odds_ratio_max = 8;

/* Scale a table of local odds ratios exp(association) to its margins (rows, then columns). */
static void fit_margins(double *table, const double *margin, size_t k, double association)
{
    const double middle = (double)(k - 1) / 2;
    for (size_t a = 0; a < k; a++)
        for (size_t b = 0; b < k; b++)
            table[a * k + b] = exp(association * ((double)a - middle) * ((double)b - middle));
    for (int pass = 0; pass < FITTING_MAX; pass++) {
        double off = 0;
        for (size_t a = 0; a < k; a++) {
            double sum = 0;
            for (size_t b = 0; b < k; b++)
                sum += table[a * k + b];
            for (size_t b = 0; b < k; b++)
                table[a * k + b] *= margin[a] / sum;
        }
        for (size_t b = 0; b < k; b++) {
            double sum = 0;
            for (size_t a = 0; a < k; a++)
                sum += table[a * k + b];
            off = fmax(off, fabs(sum - margin[k + b]));
            for (size_t a = 0; sum > 0 && a < k; a++)
                table[a * k + b] *= margin[k + b] / sum;
        }
        if (off < 1e-13) return;
    }
}

/* Counts of categories at two visits over all subjects that have both. @return their number */
static double count_pairs(const gee_problem *w, size_t j, size_t t, double *counts)
{
    const size_t k = w->o.categories;
    double n = 0;
    memset(counts, 0, k * k * sizeof *counts);
    for (size_t s = 0; s < w->data->subjects; s++) {
        size_t at[2] = { SIZE_MAX, SIZE_MAX };
        for (size_t i = w->first[s]; i < w->first[s + 1]; i++) {
            if (w->data->visit[w->row[i]] == j) at[0] = w->data->y[w->row[i]];
            if (w->data->visit[w->row[i]] == t) at[1] = w->data->y[w->row[i]];
        }
        if (at[0] == SIZE_MAX || at[1] == SIZE_MAX) continue;
        counts[at[0] * k + at[1]]++;
        n++;
    }
    return n;
}

/* Σ ab·(observed − fitted) of one pair of visits: 0 at the maximum of the likelihood of uniform
 * association, falling in the association. */
static double pair_score(const gee_problem *w, const double *counts, double n, double association)
{
    const size_t k = w->o.categories;
    const double middle = (double)(k - 1) / 2;
    double sum = 0;
    memset(w->margin, 0, 2 * k * sizeof *w->margin);
    for (size_t a = 0; a < k; a++)
        for (size_t b = 0; b < k; b++) {
            w->margin[a] += counts[a * k + b] / n;
            w->margin[k + b] += counts[a * k + b] / n;
        }
    /* an empty margin leaves nothing to scale */
    for (size_t a = 0; a < 2 * k; a++)
        w->margin[a] = fmax(w->margin[a], 1e-300);
    fit_margins(w->table, w->margin, k, association);
    for (size_t a = 0; a < k; a++)
        for (size_t b = 0; b < k; b++)
            sum += ((double)a - middle) * ((double)b - middle) *
                   (counts[a * k + b] - n * w->table[a * k + b]);
    return sum;
}

typedef struct pairs {
    size_t len;
    double *counts, *n; /* len × categories², len */
} pairs;

static double score(const gee_problem *w, const pairs *p, size_t from, size_t to, double at)
{
    const size_t cells = w->o.categories * w->o.categories;
    double sum = 0;
    for (size_t i = from; i < to; i++)
        if (p->n[i] > 0) sum += pair_score(w, p->counts + i * cells, p->n[i], at);
    return sum;
}

/* One log local odds ratio for the pairs from … to − 1, by bisection: the score falls. */
static double solve(gee_problem *w, const pairs *p, size_t from, size_t to)
{
    double low = -log_odds_ratio_max, high = log_odds_ratio_max, n = 0;
    for (size_t i = from; i < to; i++)
        n += p->n[i];
    if (n == 0) return NAN;
    if (score(w, p, from, to, low) <= 0 || score(w, p, from, to, high) >= 0) {
        w->reason = "visits are associated perfectly: there is no local odds ratio";
        return NAN;
    }
    for (int i = 0; i < BISECTIONS_MAX && high - low > 1e-13; i++) {
        const double middle = (low + high) / 2;
        if (score(w, p, from, to, middle) > 0)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

stroma_status gee_local_odds_ratios(gee_problem *w, stroma_error *err)
{
    const size_t visits = w->data->visits, cells = w->o.categories * w->o.categories;
    const bool each = w->options->association == STROMA_GEE_UNSTRUCTURED;
    pairs p = { .len = visits * (visits - 1) / 2 };
    size_t i = 0;
    if (w->options->association == STROMA_GEE_INDEPENDENCE || p.len == 0) return STROMA_OK;
    p.counts = stroma_alloc_array(p.len, (cells + 1) * sizeof *p.counts);
    if (p.counts == NULL) return stroma_no_memory(err);
    p.n = p.counts + p.len * cells;
    for (size_t j = 0; j < visits; j++)
        for (size_t t = j + 1; t < visits; t++, i++)
            p.n[i] = count_pairs(w, j, t, p.counts + i * cells);
    const double all = each ? 0 : solve(w, &p, 0, p.len);
    i = 0;
    for (size_t j = 0; j < visits; j++)
        for (size_t t = j + 1; t < visits; t++, i++)
            w->association[j * visits + t] = w->association[t * visits + j] =
                each         ? solve(w, &p, i, i + 1)
                : p.n[i] > 0 ? all
                             : (double)NAN;
    stroma_free(p.counts);
    return STROMA_OK;
}

/* Predictor of a row on the scaled columns. */
static double predictor(const gee_problem *w, size_t row)
{
    double eta = 0;
    for (size_t j = 0; j < w->o.slopes; j++)
        eta += w->o.q.x[(j + 1) * w->o.n + row] * w->beta[w->o.cuts + j];
    return eta;
}

static double pearson(const gee_problem *w, size_t row)
{
    const double logit = predictor(w, row) - w->beta[0], pi = logistic_expit(logit);
    const double other = logistic_expit(-logit);
    return (w->data->y[row] > 0 ? other : -pi) / sqrt(pi * other);
}

/* Sums of products of a subject's Pearson residuals, by pair of visits (upper triangle). */
static void add_products(const gee_problem *w, size_t s, double *sum, double *n)
{
    const size_t visits = w->data->visits;
    for (size_t a = w->first[s]; a < w->first[s + 1]; a++)
        for (size_t b = w->first[s]; b < a; b++) {
            const size_t j = w->data->visit[w->row[b]], t = w->data->visit[w->row[a]];
            sum[j * visits + t] += pearson(w, w->row[a]) * pearson(w, w->row[b]);
            n[j * visits + t]++;
        }
}

/* The one correlation of exchangeable visits, or of neighbours. */
static double common(const gee_problem *w, const double *sum, const double *n)
{
    const size_t visits = w->data->visits;
    const bool neighbours = w->options->association == STROMA_GEE_AR1;
    double all = 0, all_n = 0;
    for (size_t j = 0; j < visits; j++)
        for (size_t t = j + 1; t < (neighbours ? j + 2 : visits) && t < visits; t++) {
            all += sum[j * visits + t];
            all_n += n[j * visits + t];
        }
    return all / all_n;
}

static double correlation(stroma_gee_association kind, double one, double own, size_t distance)
{
    if (kind == STROMA_GEE_INDEPENDENCE) return 0;
    if (kind == STROMA_GEE_AR1) return pow(one, (double)distance);
    return kind == STROMA_GEE_UNSTRUCTURED ? own : one;
}

void gee_correlations(gee_problem *w, double *dispersion)
{
    const size_t visits = w->data->visits;
    double *sum = w->association, *n = w->v, squares = 0;
    memset(sum, 0, visits * visits * sizeof *sum);
    memset(n, 0, visits * visits * sizeof *n);
    for (size_t i = 0; i < w->o.n; i++)
        squares += pearson(w, i) * pearson(w, i);
    *dispersion = squares / (double)w->o.n;
    for (size_t s = 0; s < w->data->subjects; s++)
        add_products(w, s, sum, n);
    const double one = common(w, sum, n) / *dispersion;
    for (size_t j = 0; j < visits; j++) {
        sum[j * visits + j] = 1;
        for (size_t t = j + 1; t < visits; t++) {
            const size_t at = j * visits + t;
            const double own = sum[at] / n[at] / *dispersion;
            const double r = correlation(w->options->association, one, own, t - j);
            sum[at] = sum[t * visits + j] = n[at] > 0 ? r : (double)NAN;
        }
    }
}

/* P(Y(a) > k, Y(b) > l) − product, for all k and l, into v. */
static void cross(gee_problem *w, size_t m, size_t a, size_t b, double association)
{
    const size_t c = w->o.cuts, k = w->o.categories;
    const double *mu_a = w->mu + a * c, *mu_b = w->mu + b * c;
    if (c == 1) {
        const double spread = mu_a[0] * (1 - mu_a[0]) * mu_b[0] * (1 - mu_b[0]);
        w->v[a * m + b] = w->v[b * m + a] = association * sqrt(spread);
        return;
    }
    for (size_t i = 0; i < k; i++) {
        w->margin[i] = (i == 0 ? 1 : mu_a[i - 1]) - (i == c ? 0 : mu_a[i]);
        w->margin[k + i] = (i == 0 ? 1 : mu_b[i - 1]) - (i == c ? 0 : mu_b[i]);
    }
    fit_margins(w->table, w->margin, k, association);
    /* upper-right sums, from the far corner */
    for (size_t i = k; i-- > 1;)
        for (size_t j = k; j-- > 1;) {
            double joint = 0;
            for (size_t x = i; x < k; x++)
                for (size_t y = j; y < k; y++)
                    joint += w->table[x * k + y];
            const double v = joint - mu_a[i - 1] * mu_b[j - 1];
            w->v[(a * c + i - 1) * m + b * c + j - 1] = v;
            w->v[(b * c + j - 1) * m + a * c + i - 1] = v;
        }
}

static void own(gee_problem *w, size_t m, size_t a)
{
    const size_t c = w->o.cuts;
    const double *mu = w->mu + a * c;
    for (size_t k = 0; k < c; k++)
        for (size_t l = k; l < c; l++)
            w->v[(a * c + k) * m + a * c + l] = w->v[(a * c + l) * m + a * c + k] =
                mu[l] * (1 - mu[k]);
}

static void indicators(gee_problem *w, size_t a, size_t row)
{
    const size_t c = w->o.cuts, dim = w->o.dim;
    const double eta = predictor(w, row);
    for (size_t k = 0; k < c; k++) {
        const double logit = eta - w->beta[k], pi = logistic_expit(logit);
        const double other = logistic_expit(-logit);
        double *slope = w->slope + (a * c + k) * dim;
        w->mu[a * c + k] = pi;
        w->rest[a * c + k] = w->data->y[row] > k ? other : -pi;
        for (size_t j = 0; j < c; j++)
            slope[j] = j == k ? -pi * other : 0;
        for (size_t j = 0; j < w->o.slopes; j++)
            slope[c + j] = pi * other * w->o.q.x[(j + 1) * w->o.n + row];
    }
}

size_t gee_subject(gee_problem *w, size_t s, bool independent)
{
    const size_t from = w->first[s], rows = w->first[s + 1] - from, c = w->o.cuts;
    const size_t m = rows * c, dim = w->o.dim, visits = w->data->visits;
    memset(w->v, 0, m * m * sizeof *w->v);
    for (size_t a = 0; a < rows; a++) {
        indicators(w, a, w->row[from + a]);
        own(w, m, a);
        for (size_t b = 0; b < a && !independent; b++) {
            const size_t t = w->data->visit[w->row[from + a]], j = w->data->visit[w->row[from + b]];
            cross(w, m, b, a, w->association[j * visits + t]);
        }
    }
    if (!small_cholesky(w->v, m)) return 0;
    small_solve_lower(w->v, m, w->rest);
    for (size_t i = 0; i < m; i++) {
        for (size_t k = 0; k < i; k++) {
            const double l = w->v[i * m + k];
            for (size_t j = 0; l != 0 && j < dim; j++)
                w->slope[i * dim + j] -= l * w->slope[k * dim + j];
        }
        for (size_t j = 0; j < dim; j++)
            w->slope[i * dim + j] /= w->v[i * m + i];
    }
    return m;
}

void gee_scores(const gee_problem *w, size_t m)
{
    const size_t dim = w->o.dim;
    memset(w->u, 0, dim * sizeof *w->u);
    memset(w->g, 0, dim * dim * sizeof *w->g);
    for (size_t i = 0; i < m; i++) {
        const double *d = w->slope + i * dim;
        for (size_t j = 0; j < dim; j++) {
            w->u[j] += d[j] * w->rest[i];
            for (size_t k = 0; k < dim; k++)
                w->g[j * dim + k] += d[j] * d[k];
        }
    }
}
