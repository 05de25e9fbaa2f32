/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ranks.h"

#include "stroma/memory.h"

/* Heapsort, bottom up: equal doubles are the same, so stability is nothing here. */
static void sift(double *x, size_t root, size_t n)
{
    const double value = x[root];
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && x[child + 1] > x[child]) child++;
        if (x[child] <= value) break;
        x[root] = x[child];
    }
    x[root] = value;
}

void stroma_values_sort(double *x, size_t n)
{
    for (size_t i = n / 2; i > 0; i--)
        sift(x, i - 1, n);
    for (size_t end = n; end > 1; end--) {
        const double top = x[0];
        x[0] = x[end - 1];
        x[end - 1] = top;
        sift(x, 0, end - 1);
    }
}

/* How many of the sorted values are below @p v (or not above, when @p equal_too). */
static size_t count_below(const double *sorted, size_t n, double v, int equal_too)
{
    size_t low = 0, high = n;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (sorted[mid] < v || (equal_too && sorted[mid] == v))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

stroma_status stroma_ranks_double(const double *x, size_t n, size_t *ranks2, double *ties,
                                  stroma_error *err)
{
    double *sorted = stroma_alloc_array(n, sizeof *sorted);
    if (sorted == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++)
        sorted[i] = x[i];
    stroma_values_sort(sorted, n);
    for (size_t i = 0; i < n; i++)
        ranks2[i] = count_below(sorted, n, x[i], 0) + count_below(sorted, n, x[i], 1) + 1;
    if (ties != NULL) {
        *ties = 0;
        for (size_t i = 0, j; i < n; i = j) {
            for (j = i; j < n && sorted[j] == sorted[i]; j++) {
            }
            const double t = (double)(j - i);
            *ties += t * t * t - t;
        }
    }
    stroma_free(sorted);
    return STROMA_OK;
}
