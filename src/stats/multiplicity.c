/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/memory.h"
#include "stroma/number.h"
#include "stroma/stats_multiplicity.h"

#include <math.h>

const char *stroma_adjustment_name(stroma_adjustment a)
{
    static const char *const names[] = { "none",   "bonferroni", "holm", "hochberg",
                                         "hommel", "BH",         "BY" };
    const size_t i = (size_t)a;
    return i < sizeof names / sizeof names[0] ? names[i] : "unknown";
}

/* Order of the p-values, ascending, ties in place order: a merge sort from below. */
static void order_by_p(const double *p, size_t *order, size_t *spare, size_t n)
{
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t from = 0; from < n; from += 2 * width) {
            const size_t mid = from + width < n ? from + width : n;
            const size_t end = from + 2 * width < n ? from + 2 * width : n;
            size_t a = from, b = mid;
            for (size_t i = from; i < end; i++)
                spare[i] =
                    a < mid && (b == end || p[order[a]] <= p[order[b]]) ? order[a++] : order[b++];
        }
        for (size_t i = 0; i < n; i++)
            order[i] = spare[i];
    }
}

/* From here on @p p are m sorted values of a family of f ≥ m, the missing ones being 1 at the end.
 */
static void step_down(double *p, size_t m, double f)
{
    double most = 0;
    for (size_t i = 0; i < m; i++) {
        most = fmax(most, (f - (double)i) * p[i]);
        p[i] = fmin(1, most);
    }
}

/* factor(i) = numerator/(rank) for BH and BY, f − i for Hochberg. */
static void step_up(double *p, size_t m, double f, stroma_adjustment method)
{
    double scale = 1;
    if (method == STROMA_ADJUST_BY) {
        scale = 0;
        for (double i = f; i >= 1; i--)
            scale += 1 / i;
    }
    double least = 1;
    for (size_t i = m; i-- > 0;) {
        const double factor =
            method == STROMA_ADJUST_HOCHBERG ? f - (double)i : scale * f / (double)(i + 1);
        least = fmin(least, factor * p[i]);
        p[i] = least;
    }
}

/* Wright 1992 Biometrics 48:1005, as p.adjust does it; @p q and @p a hold f values. */
static void hommel(double *p, size_t f, double *q, double *a)
{
    double first = 1;
    for (size_t i = 0; i < f; i++)
        first = fmin(first, (double)f * p[i] / (double)(i + 1));
    for (size_t i = 0; i < f; i++)
        a[i] = q[i] = first;
    for (size_t m = f - 1; m >= 2; m--) {
        double best = 1;
        for (size_t j = f - m + 1; j < f; j++)
            best = fmin(best, (double)m * p[j] / (double)(j - (f - m) + 1));
        for (size_t j = 0; j <= f - m; j++)
            q[j] = fmin((double)m * p[j], best);
        for (size_t j = f - m + 1; j < f; j++)
            q[j] = q[f - m];
        for (size_t j = 0; j < f; j++)
            a[j] = fmax(a[j], q[j]);
    }
    for (size_t i = 0; i < f; i++)
        p[i] = fmin(1, fmax(a[i], p[i]));
}

static void adjust_sorted(double *p, size_t m, size_t f, stroma_adjustment method, double *spare)
{
    switch (method) {
    case STROMA_ADJUST_BONFERRONI:
        for (size_t i = 0; i < m; i++)
            p[i] = fmin(1, (double)f * p[i]);
        break;
    case STROMA_ADJUST_HOLM: step_down(p, m, (double)f); break;
    case STROMA_ADJUST_HOCHBERG:
    case STROMA_ADJUST_BH:
    case STROMA_ADJUST_BY: step_up(p, m, (double)f, method); break;
    case STROMA_ADJUST_HOMMEL: hommel(p, f, spare, spare + f); break;
    case STROMA_ADJUST_NONE:
    default: break;
    }
}

static stroma_status check(const double *p, size_t n, size_t family, size_t *count,
                           stroma_error *err)
{
    *count = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(p[i])) continue;
        if (!(p[i] >= 0 && p[i] <= 1)) {
            char text[STROMA_NUMBER_TEXT_MAX];
            return stroma_fail(err, STROMA_E_USAGE, "p-value %zu is %s, not between 0 and 1", i + 1,
                               stroma_format_double(p[i], text));
        }
        ++*count;
    }
    if (family != 0 && family < *count)
        return stroma_fail(err, STROMA_E_USAGE, "family of %zu tests for %zu p-values", family,
                           *count);
    return STROMA_OK;
}

stroma_status stroma_p_adjust(const double *p, size_t n, size_t family, stroma_adjustment method,
                              double *adjusted, stroma_error *err)
{
    size_t m = 0;
    STROMA_TRY(check(p, n, family, &m, err));
    const size_t f = family == 0 ? m : family;
    size_t *order = stroma_alloc_array(2 * n, sizeof *order);
    double *sorted = stroma_alloc_array(f, 3 * sizeof *sorted);
    stroma_status s = STROMA_OK;
    if (order == NULL || sorted == NULL) {
        s = stroma_no_memory(err);
    } else {
        size_t at = 0;
        for (size_t i = 0; i < n; i++)
            if (!isnan(p[i])) order[at++] = i;
        order_by_p(p, order, order + n, m);
        for (size_t i = 0; i < f; i++)
            sorted[i] = i < m ? p[order[i]] : 1;
        if (m > 0) adjust_sorted(sorted, m, f, method, sorted + f);
        for (size_t i = 0; i < n; i++)
            adjusted[i] = p[i];
        for (size_t i = 0; i < m; i++)
            adjusted[order[i]] = sorted[i];
    }
    stroma_free(order);
    stroma_free(sorted);
    return s;
}
