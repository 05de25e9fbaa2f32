/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma_test.h"

#include "stroma/interrupt.h"
#include "stroma/parallel.h"
#include "stroma/progress.h"
#include "stroma/random.h"

#include <stdatomic.h>
#include <string.h>

enum { N = 1003 };

typedef struct draws {
    double value[N];
    atomic_int done[N];
    atomic_int most_worker;
    size_t fail_from; /* items from here on fail */
} draws;

static stroma_status draw(size_t begin, size_t end, int worker, void *context, stroma_error *err)
{
    draws *d = context;
    for (size_t i = begin; i < end; i++) {
        if (i >= d->fail_from) return stroma_fail(err, STROMA_E_DEGENERATE, "item %zu", i);
        stroma_random r;
        stroma_random_init(&r, 11, 1, i);
        d->value[i] = stroma_random_gamma(&r, 0.7, 2);
        atomic_fetch_add(&d->done[i], 1);
        int most = atomic_load(&d->most_worker);
        while (worker > most && !atomic_compare_exchange_weak(&d->most_worker, &most, worker)) {
        }
    }
    return STROMA_OK;
}

static draws one, many;

static void threads_do_not_show(void **state)
{
    (void)state;
    memset(&one, 0, sizeof one);
    one.fail_from = SIZE_MAX;
    assert_int_equal(stroma_parallel_for(N, 1, 10, draw, &one, NULL), STROMA_OK);
    for (int threads = 0; threads < 9; threads++) {
        for (size_t chunk = 0; chunk < 1200; chunk = chunk * 3 + 1) {
            memset(&many, 0, sizeof many);
            many.fail_from = SIZE_MAX;
            assert_int_equal(stroma_parallel_for(N, threads, chunk, draw, &many, NULL), STROMA_OK);
            assert_memory_equal(many.value, one.value, sizeof one.value);
            for (size_t i = 0; i < N; i++)
                assert_int_equal(atomic_load(&many.done[i]), 1);
            assert_true(atomic_load(&many.most_worker) <= (threads < 1 ? 0 : threads - 1));
        }
    }
}

static void nothing_to_do(void **state)
{
    (void)state;
    assert_int_equal(stroma_parallel_for(0, 4, 1, draw, NULL, NULL), STROMA_OK);
}

static void lowest_error_wins(void **state)
{
    (void)state;
    for (int repeat = 0; repeat < 50; repeat++) {
        memset(&many, 0, sizeof many);
        many.fail_from = 321;
        stroma_error err = STROMA_ERROR_INIT;
        assert_int_equal(stroma_parallel_for(N, 4, 1, draw, &many, &err), STROMA_E_DEGENERATE);
        assert_string_equal(err.message, "item 321");
        for (size_t i = 0; i < 321; i++)
            assert_int_equal(atomic_load(&many.done[i]), 1);
    }
}

static void interrupt_ends_the_loop(void **state)
{
    (void)state;
    memset(&many, 0, sizeof many);
    many.fail_from = SIZE_MAX;
    stroma_interrupt_request();
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_parallel_for(N, 3, 1, draw, &many, &err), STROMA_E_INTERRUPTED);
    assert_int_equal(atomic_load(&many.done[0]), 0);
    stroma_interrupt_clear();
    assert_false(stroma_interrupted());
    assert_int_equal(stroma_interrupt_check(NULL), STROMA_OK);
}

static void remember(void *context, const char *what, uint64_t done, uint64_t total)
{
    (void)snprintf(context, 64, "%s %d/%d", what, (int)done, (int)total);
}

static void progress_is_passed_on(void **state)
{
    (void)state;
    char text[64] = "";
    const stroma_progress p = { .report = remember, .context = text };
    stroma_progress_report(&p, "reading", 3, 7);
    assert_string_equal(text, "reading 3/7");
    stroma_progress_report(NULL, "x", 0, 0);
    stroma_progress_report(&(stroma_progress){ 0 }, "x", 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(threads_do_not_show),
                                        cmocka_unit_test(nothing_to_do),
                                        cmocka_unit_test(lowest_error_wins),
                                        cmocka_unit_test(interrupt_ends_the_loop),
                                        cmocka_unit_test(progress_is_passed_on) };
    return cmocka_run_group_tests_name("parallel", tests, NULL, NULL);
}
