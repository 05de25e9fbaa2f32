/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "alloc_fail.h"

#include "stroma/buffer.h"
#include "stroma/diag.h"
#include "stroma/file.h"
#include "stroma/json.h"
#include "stroma/memory.h"
#include "stroma/parallel.h"
#include "stroma/sort.h"

#include <string.h>

static stroma_status write_json(void *context)
{
    (void)context;
    stroma_buffer b;
    stroma_json j;
    stroma_buffer_init(&b, 1U << 20);
    stroma_json_init(&j, &b, 2);
    stroma_json_begin_array(&j);
    for (int i = 0; i < 1000; i++)
        stroma_json_number(&j, i / 7.0);
    stroma_json_end_array(&j);
    const stroma_status s = stroma_buffer_status(&b, NULL);
    stroma_buffer_clear(&b);
    return s;
}

static stroma_status use_arena(void *context)
{
    (void)context;
    stroma_arena a;
    stroma_arena_init(&a, 1U << 20);
    stroma_status s = STROMA_OK;
    for (int i = 0; i < 3000 && s == STROMA_OK; i++)
        if (stroma_arena_printf(&a, "text number %d", i) == NULL) s = stroma_no_memory(NULL);
    stroma_arena_clear(&a);
    return s;
}

static stroma_status order(void *context)
{
    (void)context;
    double x[100];
    size_t places[100];
    for (int i = 0; i < 100; i++)
        x[i] = (i * 37) % 100;
    return stroma_order_doubles(x, 100, places, NULL);
}

static stroma_status write_file(void *context)
{
    return stroma_file_write(context, "abc", 3, true, NULL);
}

static stroma_status make_path(void *context)
{
    char *p = stroma_path_join(context, "b");
    const stroma_status s = p == NULL ? STROMA_E_NOMEM : STROMA_OK;
    stroma_free(p);
    return s;
}

static void every_failure_is_told(void **state)
{
    (void)state;
    char folder[] = "/tmp/stroma-no-memory-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char path[64];
    (void)snprintf(path, sizeof path, "%s/file", folder);
    assert_true(alloc_fail_each(write_json, NULL) > 3);
    assert_true(alloc_fail_each(use_arena, NULL) > 3);
    assert_true(alloc_fail_each(order, NULL) == 1);
    assert_true(alloc_fail_each(write_file, path) > 0);
    assert_true(alloc_fail_each(make_path, path) == 1);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0); /* no temporary file was left behind */
}

static stroma_status mark(size_t begin, size_t end, int worker, void *context, stroma_error *err)
{
    (void)worker;
    (void)err;
    memset((char *)context + begin, 'x', end - begin);
    return STROMA_OK;
}

/* Threads and findings are not worth a failure: fewer threads, a counted finding. */
static void some_work_goes_on(void **state)
{
    (void)state;
    char done[101] = "";
    atomic_store(&alloc_fail_countdown, 1);
    assert_int_equal(stroma_parallel_for(100, 4, 1, mark, done, NULL), STROMA_OK);
    assert_int_equal(strspn(done, "x"), 100);
    for (long n = 1; n < 3; n++) {
        stroma_diag d;
        stroma_diag_init(&d);
        atomic_store(&alloc_fail_countdown, n);
        stroma_diag_add(&d, &(stroma_finding){ .code = "X", .message = "y" });
        atomic_store(&alloc_fail_countdown, 0);
        assert_int_equal(d.len, 0);
        assert_int_equal(d.dropped, 1);
        stroma_diag_clear(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_failure_is_told),
                                        cmocka_unit_test(some_work_goes_on) };
    return cmocka_run_group_tests_name("no_memory", tests, NULL, NULL);
}
