/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An answer without memory is no answer: the n-th allocation fails, for every n, in each part. */
#include "alloc_fail.h"
#include "test_answer.h"

static stroma_status one(void *context)
{
    const asked *a = context;
    stroma_arena arena;
    stroma_arena_init(&arena, (size_t)1 << 24);
    stroma_study_answer out = { .arena = &arena };
    const stroma_status st = stroma_biomarker_answer(&a->q, &out, NULL);
    if (st == STROMA_OK && a->q.model != NULL) assert_non_null(out.model);
    ask_clear(&out);
    stroma_arena_clear(&arena);
    return st;
}

/* Few resamples, so that the parts with bootstraps do not take all the time. */
static void start(asked *a, const char *question)
{
    ask_start(a);
    a->q.question = question;
    a->q.permutations = 100;
    a->q.variables_len = 2;
    a->variable[NOISE].assay = "ELISA";
    a->state[NOISE][0] = STROMA_BELOW_LIMIT;
    a->q.batch = a->batch;
    a->q.batch_name = a->batch_name;
    a->q.batches_len = 2;
    a->q.excluded[0].reason = "no outcome";
    a->q.excluded[0].n = 2;
    a->q.excluded_len = 1;
}

static void test_screen(void **state)
{
    (void)state;
    asked a;
    start(&a, "prognostic");
    a.q.event_label = NULL; /* no curves */
    assert_true(alloc_fail_each(one, &a) > 30);
    start(&a, "predictive");
    assert_true(alloc_fail_each(one, &a) > 5); /* refused */
}

static void test_heterogeneity(void **state)
{
    (void)state;
    asked a;
    start(&a, "predictive");
    a.heterogeneity.n = 12; /* the mixture is then not fitted: its memory has its own test */
    a.q.heterogeneity = &a.heterogeneity;
    assert_true(alloc_fail_each(one, &a) > 10);
}

static void test_cutoffs(void **state)
{
    (void)state;
    asked a;
    start(&a, "prognostic");
    a.q.cutoffs_len = 1;
    a.variable[NOISE].in_family = false;
    assert_true(alloc_fail_each(one, &a) > 50);
    a.cutoff.search = true;
    a.cutoff.value = NAN;
    a.cutoff.origin = "found_here";
    assert_true(alloc_fail_each(one, &a) > 50);
}

/* The fit asks thousands of times, which test_model_no_memory.c tries one by one; here it is what
 * comes after it. */
static void test_model(void **state)
{
    (void)state;
    asked a;
    start(&a, "prognostic");
    a.q.model = &a.model;
    a.variable[MARKER].in_family = a.variable[NOISE].in_family = false;
    const long many = 1000000;
    atomic_store(&alloc_fail_countdown, many);
    assert_int_equal(one(&a), STROMA_OK);
    const long all = many - atomic_load(&alloc_fail_countdown);
    assert_true(all > 250);
    for (long n = all - 100; n <= all; n++) {
        atomic_store(&alloc_fail_countdown, n);
        const stroma_status st = one(&a);
        atomic_store(&alloc_fail_countdown, 0);
        if (st != STROMA_E_NOMEM) print_message("allocation %ld of %ld\n", n, all);
        assert_int_equal(st, STROMA_E_NOMEM);
    }
}

/* Texts live in an arena that asks for memory seldom; with a limit it ends at every one of them. */
static void test_texts(void **state)
{
    (void)state;
    asked a;
    start(&a, "prognostic");
    a.q.cutoffs_len = 1;
    a.q.model = &a.model;
    a.variable[NOISE].circular = "DAS28 stands behind both";
    size_t limit = 0;
    stroma_status st = STROMA_E_NOMEM;
    for (; st != STROMA_OK && limit < 1 << 20; limit += limit < 2048 ? 64 : 1024) {
        stroma_arena arena;
        stroma_arena_init(&arena, limit);
        stroma_study_answer out = { .arena = &arena };
        st = stroma_biomarker_answer(&a.q, &out, NULL);
        assert_true(st == STROMA_OK || st == STROMA_E_NOMEM);
        if (st == STROMA_OK) assert_non_null(out.model);
        ask_clear(&out);
        stroma_arena_clear(&arena);
    }
    assert_true(limit > 4096 && limit < 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_screen),  cmocka_unit_test(test_heterogeneity),
        cmocka_unit_test(test_cutoffs), cmocka_unit_test(test_model),
        cmocka_unit_test(test_texts),
    };
    return cmocka_run_group_tests_name("answer_no_memory", tests, NULL, NULL);
}
