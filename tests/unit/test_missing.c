/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts, patterns and order of missing values, by hand and on a public trial. */
#include "alloc_fail.h"

#include "stroma/stats_missing.h"

#include <string.h>

enum { N = 7, M = 3 };
#define P STROMA_PRESENT
#define X STROMA_MISSING
/* two groups; one value not done, one below a limit */
static const uint8_t states[N * M] = {
    P,
    P,
    P, /* 0: complete */
    P,
    X,
    X, /* 1: monotone */
    P,
    STROMA_NOT_DONE,
    P, /* 2: intermittent */
    X,
    X,
    X, /* 3: never */
    P,
    P,
    STROMA_BELOW_LIMIT, /* 4: complete: a value below a limit was measured */
    P,
    X,
    X, /* 5: monotone */
    X,
    P,
    X, /* 6: intermittent: a gap before the first value */
};
static const size_t group[N] = { 1, 0, 0, 1, 0, 1, 1 };

static stroma_missing_map *make(const size_t *groups, size_t n_groups, size_t n)
{
    stroma_missing_map *m = NULL;
    assert_int_equal(stroma_missing_map_make(states, groups, n, M, n_groups, &m, NULL), STROMA_OK);
    return m;
}

static void test_by_hand(void **state)
{
    (void)state;
    static const size_t order[] = { 4, 2, 1, 0, 6, 5, 3 };
    static const size_t kinds[2][4] = { { 1, 1, 1, 0 }, { 1, 1, 1, 1 } };
    stroma_missing_map *m = make(group, 2, N);
    for (size_t i = 0; i < N; i++)
        assert_int_equal(m->order[i], order[i]);
    for (size_t g = 0; g < 2; g++)
        for (size_t k = 0; k < STROMA_MISSING_KIND_COUNT; k++)
            assert_int_equal(m->kinds[g * STROMA_MISSING_KIND_COUNT + k], kinds[g][k]);
    /* second visit of the first group: present 1, missing 1, not done 1 */
    const size_t *cell = m->states + 1 * STROMA_CELL_STATE_COUNT;
    assert_int_equal(cell[P], 1);
    assert_int_equal(cell[X], 1);
    assert_int_equal(cell[STROMA_NOT_DONE], 1);
    assert_int_equal(m->states[2 * STROMA_CELL_STATE_COUNT + STROMA_BELOW_LIMIT], 1);
    assert_int_equal(m->last[1], 0);
    assert_true(m->last[3] == SIZE_MAX);
    /* complete 2, monotone 2, then one each: longer first */
    assert_int_equal(m->patterns_len, 5);
    assert_int_equal(m->patterns[0].kind, STROMA_MISSING_NOTHING);
    assert_int_equal(m->patterns[0].n, 2);
    assert_int_equal(m->patterns[0].by[0], 1);
    assert_int_equal(m->patterns[1].kind, STROMA_MISSING_MONOTONE);
    assert_int_equal(m->patterns[1].by[1], 1);
    assert_int_equal(m->patterns[2].kind, STROMA_MISSING_INTERMITTENT);
    assert_true(m->patterns[2].measured[2]);
    assert_int_equal(m->patterns[4].kind, STROMA_MISSING_EVERYTHING);
    assert_string_equal(stroma_missing_kind_name(m->patterns[4].kind), "never measured");
    stroma_missing_map_free(m);
}

static void test_edges(void **state)
{
    (void)state;
    const uint8_t wrong[M] = { P, STROMA_CELL_STATE_COUNT, P };
    stroma_missing_map *m = make(NULL, 1, 0);
    assert_int_equal(m->patterns_len, 0);
    stroma_missing_map_free(m);
    m = make(NULL, 1, 1);
    assert_int_equal(m->kinds[STROMA_MISSING_NOTHING], 1);
    stroma_missing_map_free(m);
    assert_int_equal(stroma_missing_map_make(states, NULL, N, 0, 1, &m, NULL), STROMA_E_USAGE);
    assert_int_equal(stroma_missing_map_make(states, group, N, M, 1, &m, NULL), STROMA_E_USAGE);
    assert_int_equal(stroma_missing_map_make(wrong, NULL, 1, M, 1, &m, NULL), STROMA_E_USAGE);
    assert_null(m);
}

static stroma_status attempt(void *context)
{
    stroma_missing_map *m = NULL;
    (void)context;
    const stroma_status s = stroma_missing_map_make(states, group, N, M, 2, &m, NULL);
    stroma_missing_map_free(m);
    return s;
}

static void test_no_memory(void **state)
{
    (void)state;
    assert_true(alloc_fail_each(attempt, NULL) > 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests_name("missing", tests, NULL, NULL);
}
