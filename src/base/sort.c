/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/sort.h"

#include "stroma/memory.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { RUN = 12 }; /* runs of this many items are sorted by insertion */

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void insertion(char *items, size_t n, size_t size, stroma_compare compare, void *context,
                      char *one)
{
    for (size_t i = 1; i < n; i++) {
        size_t j = i;
        while (j > 0 && compare(items + (j - 1) * size, items + i * size, context) > 0)
            j--;
        if (j == i) continue;
        memcpy(one, items + i * size, size);
        memmove(items + (j + 1) * size, items + j * size, (i - j) * size);
        memcpy(items + j * size, one, size);
    }
}

/* a[0..mid) and a[mid..n) to b. The left one wins among equals: that is what stable means. */
static void merge(const char *a, size_t mid, size_t n, size_t size, char *b, stroma_compare compare,
                  void *context)
{
    if (mid >= n || compare(a + (mid - 1) * size, a + mid * size, context) <= 0) {
        memcpy(b, a, n * size);
        return;
    }
    size_t left = 0, right = mid;
    for (size_t k = 0; k < n; k++) {
        const bool take_left =
            left < mid && (right >= n || compare(a + left * size, a + right * size, context) <= 0);
        memcpy(b + k * size, a + (take_left ? left++ : right++) * size, size);
    }
}

stroma_status stroma_sort(void *items, size_t n, size_t size, stroma_compare compare, void *context,
                          stroma_error *err)
{
    if (n < 2 || size == 0) return STROMA_OK;
    char *spare = stroma_alloc_array(n, size);
    if (spare == NULL) return stroma_no_memory(err);
    char *from = items, *to = spare;
    for (size_t i = 0; i < n; i += RUN)
        insertion(from + i * size, smaller(RUN, n - i), size, compare, context, spare);
    for (size_t width = RUN; width < n; width *= 2) {
        for (size_t i = 0; i < n; i += 2 * width)
            merge(from + i * size, smaller(width, n - i), smaller(2 * width, n - i), size,
                  to + i * size, compare, context);
        char *swap = from;
        from = to;
        to = swap;
    }
    if (from != items) memcpy(items, from, n * size);
    stroma_free(spare);
    return STROMA_OK;
}

/* The order of stroma_sort_doubles(): by value, then -0 before 0; NaN is above all. */
static bool before(double a, double b)
{
    if (isnan(a) || isnan(b)) return !isnan(a) && isnan(b);
    if (a == b) return signbit(a) && !signbit(b);
    return a < b;
}

static void swap_doubles(double *a, double *b)
{
    const double t = *a;
    *a = *b;
    *b = t;
}

static void sift(double *x, size_t i, size_t n)
{
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && before(x[child], x[child + 1])) child++;
        if (!before(x[i], x[child])) return;
        swap_doubles(&x[i], &x[child]);
    }
}

static void heap_sort(double *x, size_t n)
{
    for (size_t i = n / 2; i > 0; i--)
        sift(x, i - 1, n);
    for (size_t end = n; end > 1; end--) {
        swap_doubles(&x[0], &x[end - 1]);
        sift(x, 0, end - 1);
    }
}

static void insertion_doubles(double *x, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        const double one = x[i];
        size_t j = i;
        for (; j > 0 && before(one, x[j - 1]); j--)
            x[j] = x[j - 1];
        x[j] = one;
    }
}

static double median_of_three(double a, double b, double c)
{
    if (before(b, a)) swap_doubles(&a, &b);
    if (before(c, b)) return before(c, a) ? a : c;
    return b;
}

/* Hoare partition. @return the length of the lower part; neither part is empty. */
static size_t split(double *x, size_t n)
{
    const double pivot = median_of_three(x[0], x[n / 2], x[n - 2]);
    size_t i = 0, j = n - 1;
    for (;;) {
        while (before(x[i], pivot))
            i++;
        while (before(pivot, x[j]))
            j--;
        if (i >= j) return j + 1;
        swap_doubles(&x[i++], &x[j--]);
    }
}

void stroma_sort_doubles(double *x, size_t n)
{
    /* Quicksort on an explicit stack: the longer part waits, so the stack holds at most log2(n)
     * entries; a part that was split too often (an adversary's input) goes to heap sort. */
    struct {
        double *x;
        size_t n;
        int left;
    } stack[64];
    int depth = 0, left = 4;
    for (size_t k = n; k > 1; k /= 2)
        left += 2;
    for (;;) {
        if (n <= 24 || left == 0) {
            if (n <= 24)
                insertion_doubles(x, n);
            else
                heap_sort(x, n);
            if (depth == 0) return;
            depth--;
            x = stack[depth].x;
            n = stack[depth].n;
            left = stack[depth].left;
            continue;
        }
        const size_t low = split(x, n);
        const bool low_is_longer = low > n - low;
        left--;
        stack[depth].x = low_is_longer ? x : x + low; /* the longer part waits */
        stack[depth].n = low_is_longer ? low : n - low;
        stack[depth++].left = left;
        if (low_is_longer) x += low;
        n = low_is_longer ? n - low : low;
    }
}

static int compare_indexed(const void *a, const void *b, void *context)
{
    const double *x = context;
    const double u = x[*(const size_t *)a], v = x[*(const size_t *)b];
    const bool u_last = isnan(u), v_last = isnan(v);
    if (u_last || v_last) return u_last - v_last;
    return (u > v) - (u < v);
}

enum { DIGIT_BITS = 11, DIGITS = 6, DIGIT_VALUES = 1 << DIGIT_BITS, RADIX_FROM = 1024 };

typedef struct keyed {
    uint64_t key;
    size_t index;
} keyed;

/* Whole numbers in the order of the doubles: -0 as 0, every NaN at the end. */
static uint64_t key_of(double x)
{
    uint64_t bits = 0;
    if (isnan(x)) return UINT64_MAX;
    if (x == 0) x = 0;
    memcpy(&bits, &x, sizeof bits);
    return bits >> 63 != 0 ? ~bits : bits | (uint64_t)1 << 63;
}

static size_t digit(uint64_t key, int d)
{
    return (size_t)(key >> (d * DIGIT_BITS)) & (DIGIT_VALUES - 1);
}

/* By the lowest digit first; a digit that is the same in all (many are, in times and counts) costs
 * nothing. */
static void radix_sort(keyed *from, keyed *to, size_t n, size_t *counts, size_t *order)
{
    for (size_t i = 0; i < n; i++)
        for (int d = 0; d < DIGITS; d++)
            counts[(size_t)d * DIGIT_VALUES + digit(from[i].key, d)]++;
    for (int d = 0; d < DIGITS; d++) {
        size_t *count = counts + (size_t)d * DIGIT_VALUES, sum = 0;
        if (count[digit(from[0].key, d)] == n) continue;
        for (size_t v = 0; v < DIGIT_VALUES; v++) {
            const size_t here = count[v];
            count[v] = sum;
            sum += here;
        }
        for (size_t i = 0; i < n; i++)
            to[count[digit(from[i].key, d)]++] = from[i];
        keyed *swap = from;
        from = to;
        to = swap;
    }
    for (size_t i = 0; i < n; i++)
        order[i] = from[i].index;
}

static stroma_status order_many(const double *x, size_t n, size_t *order, stroma_error *err)
{
    if (n > SIZE_MAX / 2) return stroma_no_memory(err);
    keyed *items = stroma_alloc_array(2 * n, sizeof *items);
    size_t *counts = stroma_alloc_array((size_t)DIGITS * DIGIT_VALUES, sizeof *counts);
    const stroma_status s = items == NULL || counts == NULL ? stroma_no_memory(err) : STROMA_OK;
    for (size_t i = 0; s == STROMA_OK && i < n; i++)
        items[i] = (keyed){ key_of(x[i]), i };
    if (s == STROMA_OK) radix_sort(items, items + n, n, counts, order);
    stroma_free(counts);
    stroma_free(items);
    return s;
}

stroma_status stroma_order_doubles(const double *x, size_t n, size_t *order, stroma_error *err)
{
    if (n >= RADIX_FROM) return order_many(x, n, order, err);
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    union {
        const double *in;
        void *out;
    } context = { .in = x }; /* the comparison only reads */
    return stroma_sort(order, n, sizeof *order, compare_indexed, context.out, err);
}
