/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every CPU level against its plain twin, bit for bit (DESIGN §7). */
#include "../../src/biomarker/screen_kernels.h"
#include "test_expected.h"
#include "test_screen.h"

#include "stroma/memory.h"

enum { ROWS = 7, N = 33, LANES = 96 };

static void check_int16(const screen_kernels *k)
{
    static int16_t scores[ROWS * 2 * N], labels[2 * N * LANES];
    static int32_t got[ROWS * LANES], want[ROWS * LANES];
    stroma_random r;
    stroma_random_init(&r, 1, 1, 0);
    for (size_t i = 0; i < ROWS * 2 * N; i++)
        scores[i] = (int16_t)((int64_t)stroma_random_below(&r, 6001) - 3000);
    for (size_t i = 0; i < 2 * N * LANES; i++)
        labels[i] = (int16_t)((int64_t)stroma_random_below(&r, 6001) - 3000);
    for (size_t rows = 1; rows <= ROWS; rows++) {
        k->sum_int16(scores, rows, N, labels, LANES, got);
        screen_kernels_plain.sum_int16(scores, rows, N, labels, LANES, want);
        assert_memory_equal(got, want, rows * LANES * sizeof *got);
    }
    for (size_t lanes = 1; lanes <= LANES; lanes++)
        for (int two = 0; two < 2; two++) {
            double a[LANES], b[LANES];
            for (size_t l = 0; l < LANES; l++)
                a[l] = b[l] = l % 5 == 0 ? 3 : -INFINITY;
            screen_step x = { 2.5, a, 3, 4 }, y = { 2.5, b, 3, 4 };
            k->step_int32(got, -1e-7, two, lanes, &x);
            screen_kernels_plain.step_int32(got, -1e-7, two, lanes, &y);
            assert_memory_equal(a, b, sizeof a);
            assert_true(x.own == y.own && x.most == y.most && y.most > 4);
            screen_step u = { 0.5, NULL, 0, 0 }, v = u;
            k->step_int32(got, 1e-7, two, lanes, &u);
            screen_kernels_plain.step_int32(got, 1e-7, two, lanes, &v);
            assert_true(u.own == v.own && u.most == 0 && v.most == 0);
        }
}

static void check_double(const screen_kernels *k)
{
    static double scores[ROWS * N], labels[N * LANES], got[ROWS * LANES], want[ROWS * LANES];
    stroma_random r;
    stroma_random_init(&r, 2, 1, 0);
    for (size_t i = 0; i < ROWS * N; i++)
        scores[i] = stroma_random_normal(&r);
    for (size_t i = 0; i < N * LANES; i++)
        labels[i] = stroma_random_normal(&r);
    for (size_t rows = 1; rows <= ROWS; rows++) {
        k->sum_double(scores, rows, N, labels, LANES, got);
        screen_kernels_plain.sum_double(scores, rows, N, labels, LANES, want);
        assert_memory_equal(got, want, rows * LANES * sizeof *got);
    }
    double a[LANES] = { 0 }, b[LANES] = { 0 };
    screen_step x = { 1, a, 0, 0 }, y = { 1, b, 0, 0 };
    k->step_double(got, 0.3, true, LANES - 1, &x);
    screen_kernels_plain.step_double(got, 0.3, true, LANES - 1, &y);
    assert_memory_equal(a, b, sizeof a);
    assert_true(x.own == y.own && x.most == y.most && y.own > 0);
}

static void test_levels_equal_their_twin(void **state)
{
    static const char *const levels[] = { "base", "avx2", "avx512", "plain" };
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        const screen_kernels *k = screen_kernels_find(levels[i]);
        if (k == NULL) {
            print_message("# this processor has no %s\n", levels[i]);
            continue;
        }
        assert_string_equal(k->level, levels[i]);
        check_int16(k);
        check_double(k);
    }
    assert_null(screen_kernels_find("avx1024"));
}

static void test_environment_masks_levels(void **state)
{
    (void)state;
    if (screen_kernels_find("base") == NULL) skip();
    (void)setenv("STROMA_CPU", "base", 1);
    assert_string_equal(screen_kernels_choose()->level, "base");
    (void)unsetenv("STROMA_CPU");
    if (screen_kernels_find("avx2") == NULL) skip();
    assert_string_not_equal(screen_kernels_choose()->level, "base");
}

/* The largest sums of ranks that are kept in 32 bits, and the first that are not: a candidate in
 * the order of the outcome has z = √(n − 1). */
static void test_many_subjects(void **state)
{
    (void)state;
    for (size_t n = 1799; n <= 1802; n++) {
        stroma_biomarker_frame *f = NULL;
        assert_int_equal(stroma_biomarker_frame_new(n, 2, &f, NULL), STROMA_OK);
        for (size_t i = 0; i < n; i++) {
            f->outcome[i] = (double)(i * 7919 % n);
            f->subject[i] = "S";
            for (size_t k = 0; k < 2; k++) {
                f->columns[k].name = "marker";
                put(&f->columns[k], i, k == 0 ? f->outcome[i] : -exp(f->outcome[i] / 1000),
                    STROMA_PRESENT);
            }
        }
        stroma_screen_options o = STROMA_SCREEN_OPTIONS_INIT;
        o.permutations = 100;
        stroma_screen *s = screen(f, &o);
        assert_near(s->candidates[0].z, sqrt((double)n - 1), 1e-12);
        assert_near(s->candidates[1].z, -sqrt((double)n - 1), 1e-12);
        assert_near(s->candidates[1].p_max_t, 1.0 / 101, 1e-12);
        stroma_screen_free(s);
        stroma_biomarker_frame_free(f);
    }
    stroma_biomarker_frame *f = NULL;
    enum { MANY = 31998 };
    assert_int_equal(stroma_biomarker_frame_new(MANY, 1, &f, NULL), STROMA_OK);
    f->event = "yes";
    f->columns[0].name = "marker";
    for (size_t i = 0; i < MANY; i++) {
        f->outcome[i] = i >= MANY / 2;
        f->subject[i] = "S";
        put(&f->columns[0], i, (double)i, STROMA_PRESENT);
    }
    stroma_screen_options o = STROMA_SCREEN_OPTIONS_INIT;
    o.permutations = 100;
    stroma_screen *s = screen(f, &o);
    const double half = MANY / 2;
    assert_near(s->candidates[0].z, half * half / 2 / sqrt(half * half * (MANY + 1) / 12), 1e-12);
    assert_true(s->candidates[0].effect.estimate == 1);
    stroma_screen_free(s);
    stroma_biomarker_frame_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levels_equal_their_twin),
        cmocka_unit_test(test_environment_masks_levels),
        cmocka_unit_test(test_many_subjects),
    };
    return cmocka_run_group_tests_name("screen_kernels", tests, NULL, NULL);
}
