/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma_test.h"

#include "stroma/random.h"
#include "stroma/sort.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

typedef struct item {
    int key;
    int place;
} item;

static int by_key(const void *a, const void *b, void *context)
{
    ++*(size_t *)context;
    const item *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

static void equal_items_keep_their_order(void **state)
{
    (void)state;
    static item items[5000];
    stroma_random r;
    for (size_t n = 0; n <= 5000; n = n < 60 ? n + 1 : n * 2 + 7) {
        stroma_random_init(&r, 1, 2, n);
        for (size_t i = 0; i < n; i++)
            items[i] = (item){ (int)stroma_random_below(&r, 1 + n / 4), (int)i };
        size_t calls = 0;
        assert_int_equal(stroma_sort(items, n, sizeof items[0], by_key, &calls, NULL), STROMA_OK);
        for (size_t i = 1; i < n; i++) {
            assert_true(items[i - 1].key <= items[i].key);
            if (items[i - 1].key == items[i].key) assert_true(items[i - 1].place < items[i].place);
        }
        if (n > 64) assert_true((double)calls < 1.6 * (double)n * log2((double)n));
    }
}

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

enum shape { RANDOM, TIES, SORTED, REVERSED, ORGAN_PIPE, ALL_EQUAL, SHAPES };

static void fill(double *x, size_t n, int shape, stroma_random *r)
{
    for (size_t i = 0; i < n; i++) {
        switch (shape) {
        case RANDOM: x[i] = stroma_random_normal(r); break;
        case TIES: x[i] = (double)stroma_random_below(r, 5); break;
        case SORTED: x[i] = (double)i; break;
        case REVERSED: x[i] = (double)(n - i); break;
        case ORGAN_PIPE: x[i] = (double)(i < n / 2 ? i : n - i); break;
        default: x[i] = 7; break;
        }
    }
}

static void doubles_agree_with_qsort(void **state)
{
    (void)state;
    static double x[20000], y[20000];
    for (int shape = 0; shape < SHAPES; shape++) {
        for (size_t n = 0; n <= 20000; n = n < 60 ? n + 1 : n * 3 + 1) {
            stroma_random r;
            stroma_random_init(&r, 3, (uint32_t)shape, n);
            fill(x, n, shape, &r);
            memcpy(y, x, n * sizeof x[0]);
            stroma_sort_doubles(x, n);
            qsort(y, n, sizeof y[0], compare_doubles);
            assert_memory_equal(x, y, n * sizeof x[0]);
        }
    }
}

static void special_values(void **state)
{
    (void)state;
    double x[] = { NAN, 1, 0.0, -INFINITY, -0.0, INFINITY, NAN, -1 };
    stroma_sort_doubles(x, 8);
    assert_true(isinf(x[0]) && x[0] < 0);
    assert_true(x[1] == -1);
    assert_true(signbit(x[2]) && !signbit(x[3]) && x[3] == 0);
    assert_true(x[4] == 1 && isinf(x[5]) && isnan(x[6]) && isnan(x[7]));
}

static void order(void **state)
{
    (void)state;
    const double x[] = { 2, NAN, 0.0, 2, -0.0, -3 };
    const size_t want[] = { 5, 2, 4, 0, 3, 1 };
    size_t got[6];
    assert_int_equal(stroma_order_doubles(x, 6, got, NULL), STROMA_OK);
    assert_memory_equal(got, want, sizeof want);
}

/* Many items go another way: the order is that of the definition, equal values by their index. */
static void order_of_many(void **state)
{
    (void)state;
    enum { MANY = 5000 };
    static double x[MANY];
    static size_t at[MANY];
    static bool seen[MANY];
    static const double odd[] = { NAN,       -NAN,   0.0,     -0.0,  INFINITY,
                                  -INFINITY, 5e-324, -5e-324, 1e308, -1e308 };
    stroma_random r;
    stroma_random_init(&r, 3, stroma_random_stream("order"), 0);
    for (size_t i = 0; i < MANY; i++) {
        const double u = stroma_random_uniform(&r);
        x[i] = i % 7 == 0   ? odd[(size_t)(10 * u)]
               : i % 3 == 0 ? floor(40 * u) - 20
                            : (u - 0.5) * exp(100 * stroma_random_uniform(&r));
    }
    assert_int_equal(stroma_order_doubles(x, MANY, at, NULL), STROMA_OK);
    for (size_t i = 0; i < MANY; i++) {
        assert_false(seen[at[i]]);
        seen[at[i]] = true;
        if (i == 0) continue;
        const double a = x[at[i - 1]], b = x[at[i]];
        assert_true(isnan(b) || a <= b);
        if (a == b || (isnan(a) && isnan(b))) assert_true(at[i - 1] < at[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(equal_items_keep_their_order),
                                        cmocka_unit_test(doubles_agree_with_qsort),
                                        cmocka_unit_test(special_values), cmocka_unit_test(order),
                                        cmocka_unit_test(order_of_many) };
    return cmocka_run_group_tests_name("sort", tests, NULL, NULL);
}
