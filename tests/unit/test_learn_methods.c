/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The methods that find an edge, on events drawn from populations that are known. */
#include "../../src/cytometry/density.h"
#include "../../src/cytometry/learn.h"
#include "stroma_test.h"

#include "stroma/random.h"
#include "stroma/sort.h"

#include <math.h>
#include <string.h>

enum { MOST = 100000 };
static double xs[MOST], ys[MOST], zs[MOST];

static learn_rule rule(const learn_method *m)
{
    return (learn_rule){ .method = m,
                         .low = -(double)INFINITY,
                         .high = (double)INFINITY,
                         .pivot = (double)NAN,
                         .quantile = (double)NAN,
                         .min_depth = (double)NAN,
                         .width = (double)NAN,
                         .max_shift = (double)NAN,
                         .target = { (double)NAN, (double)NAN } };
}

/* n events: the share @p high from N(mean, sd²), the rest from N(0.2, 0.05²). Sorted. */
static void two_populations(double *x, size_t n, double high, double mean, double sd,
                            uint64_t index)
{
    stroma_random r;
    stroma_random_init(&r, 20260101, stroma_random_stream("test learn"), index);
    for (size_t i = 0; i < n; i++) {
        const bool up = stroma_random_uniform(&r) < high;
        x[i] = (up ? mean : 0.2) + (up ? sd : 0.05) * stroma_random_normal(&r);
    }
    stroma_sort_doubles(x, n);
}

static learn_answer ask(const learn_job *job, char *json, size_t room)
{
    stroma_buffer b;
    stroma_json j;
    stroma_buffer_init(&b, 1 << 16);
    stroma_json_init(&j, &b, 0);
    stroma_json_begin_object(&j);
    learn_answer out = { .seen = &j };
    const learn_rule *used = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(learn_find(job, &out, &used, &err), STROMA_OK);
    stroma_json_end_object(&j);
    assert_int_equal(stroma_buffer_status(&b, &err), STROMA_OK);
    if (json != NULL) (void)snprintf(json, room, "%s", b.data);
    stroma_buffer_clear(&b);
    out.seen = NULL;
    return out;
}

static learn_answer ask_one(const learn_rule *r, const double *x, size_t n)
{
    const learn_job job = { .rule = r, .channels = 1, .sample = { { x, NULL }, n } };
    return ask(&job, NULL, 0);
}

static void test_valley_between_two(void **state)
{
    (void)state;
    const learn_rule r = rule(&learn_valley);
    two_populations(xs, 20000, 0.3, 0.6, 0.05, 1);
    const learn_answer a = ask_one(&r, xs, 20000);
    assert_int_equal(a.shape, LEARN_EDGE);
    /* Eight standard deviations apart: no event is on the wrong side between 0.36 and 0.44. */
    assert_true(a.edge > 0.36 && a.edge < 0.44);
    assert_true(a.confidence > 0.95);
}

static void test_valley_is_where_density_is_lowest(void **state)
{
    (void)state;
    const learn_rule r = rule(&learn_valley);
    /* Means 3.5 sd apart, equal shares: the valley of the true density is in the middle. */
    double sum = 0;
    for (uint64_t i = 0; i < 20; i++) {
        two_populations(xs, 20000, 0.5, 0.375, 0.05, 100 + i);
        const learn_answer a = ask_one(&r, xs, 20000);
        assert_int_equal(a.shape, LEARN_EDGE);
        assert_true(fabs(a.edge - 0.2875) < 0.015);
        /* True depth: 1 − 2 exp(−1.75²/2) = 0.5675 (the other peak adds 0.2 %); smoothing fills
         * the valley. What is assured lies below it. */
        assert_true(a.confidence > 0.35 && a.confidence < 0.5675);
        sum += a.edge - 0.2875;
    }
    assert_true(fabs(sum / 20) < 0.004);
}

static void test_no_valley_is_invented(void **state)
{
    (void)state;
    const learn_rule r = rule(&learn_valley);
    const size_t sizes[] = { 200, 1000, 5000, 50000 };
    int found = 0;
    for (uint64_t i = 0; i < 400; i++) {
        const size_t n = sizes[i % 4];
        two_populations(xs, n, 0, 0.6, 0.05, 1000 + i);
        const learn_answer a = ask_one(&r, xs, n);
        found += a.shape == LEARN_EDGE;
        if (a.shape == LEARN_NOTHING) assert_true(strlen(a.reason) > 10);
    }
    print_message("valleys in one normal population: %d of 400\n", found);
    assert_true(found <= 8);
}

static void test_pivot_and_range(void **state)
{
    (void)state;
    stroma_random g;
    stroma_random_init(&g, 3, 1, 1);
    for (size_t i = 0; i < 30000; i++)
        xs[i] = 0.2 + 0.3 * (double)(i % 3) + 0.03 * stroma_random_normal(&g);
    stroma_sort_doubles(xs, 30000);
    learn_rule r = rule(&learn_valley);
    r.pivot = 0.68;
    assert_true(fabs(ask_one(&r, xs, 30000).edge - 0.65) < 0.03);
    r.pivot = (double)NAN;
    r.low = 0.25;
    r.high = 0.45;
    assert_true(fabs(ask_one(&r, xs, 30000).edge - 0.35) < 0.03);
    r.low = 0.46;
    r.high = 0.5;
    assert_int_equal(ask_one(&r, xs, 30000).shape, LEARN_NOTHING);
}

static void test_tail_has_its_rate(void **state)
{
    (void)state;
    const learn_rule r = rule(&learn_tail);
    double rate = 0;
    for (uint64_t i = 0; i < 20; i++) {
        two_populations(xs, 20000, 0, 0.6, 0.05, 3000 + i);
        const learn_answer a = ask_one(&r, xs, 20000);
        assert_int_equal(a.shape, LEARN_EDGE);
        for (size_t j = 0; j < 20000; j++)
            rate += xs[j] >= a.edge;
    }
    rate /= 20 * 20000;
    print_message("beyond the tail gate of negatives: %.4f\n", rate);
    assert_true(rate > 0.003 && rate < 0.008);
    /* A few bright events do not move it. */
    two_populations(xs, 20000, 0.02, 0.7, 0.05, 3100);
    assert_true(fabs(ask_one(&r, xs, 20000).edge - (0.2 + 0.05 * 2.5758)) < 0.02);
    assert_int_equal(ask_one(&r, xs, 500).shape, LEARN_NOTHING);
}

/* 70 % positive: the highest peak is theirs, and what is below it are the negatives. */
static void test_tail_refuses_the_positive_peak(void **state)
{
    (void)state;
    learn_rule r = rule(&learn_tail);
    two_populations(xs, 5000, 0.7, 0.7, 0.05, 3200);
    learn_job job = { .rule = &r, .channels = 1, .sample = { { xs, NULL }, 5000 } };
    learn_answer a = ask(&job, NULL, 0); /* beyond their mirror image there is nothing */
    assert_int_equal(a.shape, LEARN_NOTHING);
    assert_non_null(
        strstr(a.reason, "is not that of the negatives, or they are skewed: it reaches"));
    job.has_zero = true;
    job.zero = 0.11;
    a = ask(&job, NULL, 0);
    assert_int_equal(a.shape, LEARN_NOTHING);
    assert_non_null(strstr(a.reason, "it lies in the upper half above 0"));
    /* The strategy says where the negatives are: their own peak is taken. */
    r.low = 0;
    r.high = 0.45;
    a = ask(&job, NULL, 0);
    assert_int_equal(a.shape, LEARN_EDGE);
    assert_true(fabs(a.edge - (0.2 + 0.05 * 2.5758)) < 0.04);
    r.low = 0.35;
    a = ask(&job, NULL, 0);
    assert_int_equal(a.shape, LEARN_NOTHING);
    assert_non_null(strstr(a.reason, "no peak in the range"));
    /* Without positives the edge may not lie beyond the data, where nothing is known. */
    r = rule(&learn_tail);
    for (size_t i = 0; i < 5000; i++) /* a triangle, 3 down and 2 up from 0.2 */
        xs[i] = i < 3000 ? 0.1 + 0.1 * sqrt((double)i / 3000)
                         : 0.2667 - 0.0667 * sqrt((double)(5000 - i) / 2000);
    a = ask(&job, NULL, 0);
    assert_int_equal(a.shape, LEARN_EDGE);
    assert_float_equal(a.edge, xs[4999], 1e-12);
    /* Positives alone have a symmetric peak: only where it lies tells. */
    r = rule(&learn_tail);
    two_populations(xs, 5000, 1, 0.7, 0.05, 3201);
    assert_int_equal(ask(&job, NULL, 0).shape, LEARN_NOTHING);
    job.has_zero = false;
    assert_int_equal(ask(&job, NULL, 0).shape, LEARN_EDGE);
    two_populations(ys, 300, 0, 0.7, 0.05, 3202);
    const learn_values fmo = { { ys, NULL }, 300 };
    job.fmo = &fmo;
    a = ask(&job, NULL, 0);
    assert_int_equal(a.shape, LEARN_NOTHING);
    assert_non_null(strstr(a.reason, "99.5 % of the FMO tube lie below it"));
}

static void test_tail_takes_negatives(void **state)
{
    (void)state;
    const learn_rule r = rule(&learn_tail);
    const size_t sizes[] = { 2000, 5000, 10000, 50000 };
    int refused = 0;
    for (uint64_t i = 0; i < 200; i++) {
        two_populations(xs, sizes[i % 4], i % 3 == 0 ? 0.1 : 0, 0.5, 0.05, 3300 + i);
        refused += ask_one(&r, xs, sizes[i % 4]).shape == LEARN_NOTHING;
    }
    print_message("tails refused of negatives: %d of 200\n", refused);
    assert_true(refused <= 2);
}

static void test_no_edge_above_the_scale(void **state)
{
    (void)state;
    const learn_rule r = rule(&learn_fmo);
    for (size_t i = 0; i < 2000; i++)
        ys[i] = 0.9 + 0.15 * (double)i / 2000;
    const learn_values fmo = { { ys, NULL }, 2000 };
    two_populations(xs, 1000, 0.1, 0.6, 0.05, 4100);
    const learn_job job = {
        .rule = &r, .channels = 1, .sample = { { xs, NULL }, 1000 }, .fmo = &fmo
    };
    const learn_answer a = ask(&job, NULL, 0);
    assert_int_equal(a.shape, LEARN_NOTHING);
    assert_non_null(strstr(a.reason, "the edge would lie at 1.05, above the scale"));
}

static void test_fmo_is_a_quantile(void **state)
{
    (void)state;
    learn_rule r = rule(&learn_fmo);
    for (size_t i = 0; i < 10001; i++)
        ys[i] = (double)i / 10000;
    two_populations(xs, 1000, 0.1, 0.6, 0.05, 4000);
    const learn_values fmo = { { ys, NULL }, 10001 };
    learn_job job = { .rule = &r, .channels = 1, .sample = { { xs, NULL }, 1000 }, .fmo = &fmo };
    char json[1024];
    learn_answer a = ask(&job, json, sizeof json);
    assert_int_equal(a.shape, LEARN_EDGE);
    assert_float_equal(a.edge, 0.995, 1e-12);
    assert_non_null(strstr(json, "\"n_fmo\":10001"));
    r.quantile = 0.99;
    a = ask(&job, NULL, 0);
    assert_float_equal(a.edge, 0.99, 1e-12);
    const learn_values small = { { ys, NULL }, 400 };
    job.fmo = &small;
    a = ask(&job, NULL, 0);
    assert_int_equal(a.shape, LEARN_NOTHING);
    assert_non_null(strstr(a.reason, "the FMO tube has 400 events"));
    job.fmo = NULL;
    const learn_rule valley = rule(&learn_valley);
    r.fallback = &valley;
    a = ask(&job, json, sizeof json);
    assert_int_equal(a.shape, LEARN_EDGE);
    assert_non_null(strstr(a.reason, "fmo: no FMO tube was given"));
    assert_non_null(strstr(json, "\"method\":\"valley\""));
}

static void test_mixture_crossing(void **state)
{
    (void)state;
    const learn_rule r = rule(&learn_mixture);
    two_populations(xs, 20000, 0.1, 0.5, 0.05, 5000);
    const learn_answer a = ask_one(&r, xs, 20000);
    assert_int_equal(a.shape, LEARN_EDGE);
    /* Two normals, weights 0.9 and 0.1: log(9) sd² / 0.3 above the middle. */
    const double best = 0.35 + log(9) * 0.0025 / 0.3;
    assert_true(fabs(a.edge - best) < 0.015);
    assert_true(a.confidence > 0.9);
    int found = 0;
    for (uint64_t i = 0; i < 20; i++) {
        two_populations(xs, i % 2 == 0 ? 1000 : 20000, 0, 0.5, 0.05, 5001 + i);
        found += ask_one(&r, xs, i % 2 == 0 ? 1000 : 20000).shape == LEARN_EDGE;
    }
    print_message("mixtures in one normal population: %d of 20\n", found);
    assert_int_equal(found, 0);
}

static void test_ellipse_of_largest(void **state)
{
    (void)state;
    const learn_rule r = rule(&learn_ellipse);
    stroma_random g;
    stroma_random_init(&g, 5, 1, 1);
    for (size_t i = 0; i < 30000; i++) {
        const double u = stroma_random_normal(&g), v = stroma_random_normal(&g);
        const size_t kind = i % 10;
        xs[i] = kind < 6 ? 0.4 + 0.03 * u : kind < 9 ? 0.7 + 0.05 * u : 0.15 + 0.03 * u;
        ys[i] = kind < 6   ? 0.2 + 0.03 * (0.6 * u + 0.8 * v)
                : kind < 9 ? 0.7 + 0.08 * v
                           : 0.1 + 0.03 * v;
    }
    const learn_job job = { .rule = &r, .channels = 2, .sample = { { xs, ys }, 30000 } };
    const learn_answer a = ask(&job, NULL, 0);
    assert_int_equal(a.shape, LEARN_ELLIPSE);
    assert_true(fabs(a.mean[0] - 0.4) < 0.01 && fabs(a.mean[1] - 0.2) < 0.01);
    assert_float_equal(a.distance_square, 13.888543819998318, 1e-9);
    size_t own = 0, others = 0;
    const double det = a.covariance[0] * a.covariance[3] - a.covariance[1] * a.covariance[2];
    for (size_t i = 0; i < 30000; i++) {
        const double x = xs[i] - a.mean[0], y = ys[i] - a.mean[1];
        const double d =
            (a.covariance[3] * x * x - 2 * a.covariance[1] * x * y + a.covariance[0] * y * y) / det;
        if (d <= a.distance_square) (*(i % 10 < 6 ? &own : &others))++;
    }
    assert_true(own > 17500 && others < 60);
    assert_true(a.confidence > 0.98);
}

static void test_reference_moves(void **state)
{
    (void)state;
    const learn_rule valley = rule(&learn_valley);
    learn_rule r = rule(&learn_reference);
    r.edge = &valley;
    two_populations(ys, 20000, 0.2, 0.5, 0.05, 6000);
    two_populations(xs, 20000, 0.05, 0.5, 0.05, 6001);
    for (size_t i = 0; i < 20000; i++)
        xs[i] += 0.04;
    const learn_values ref = { { ys, NULL }, 20000 };
    const learn_job job = {
        .rule = &r, .channels = 1, .sample = { { xs, NULL }, 20000 }, .reference = &ref
    };
    const learn_answer at = ask_one(&valley, ys, 20000), moved = ask(&job, NULL, 0);
    assert_int_equal(moved.shape, LEARN_EDGE);
    assert_true(fabs(moved.edge - at.edge - 0.04) < 0.008);
    /* 15 % of the events are in another population. */
    assert_true(moved.confidence > 0.75 && moved.confidence < 0.9);
    for (size_t i = 0; i < 20000; i++)
        xs[i] += 0.1;
    const learn_answer far = ask(&job, NULL, 0);
    assert_int_equal(far.shape, LEARN_NOTHING);
    assert_non_null(strstr(far.reason, "the landmark moved by 0.1"));
}

static void test_singlets_band(void **state)
{
    (void)state;
    const learn_rule r = rule(&learn_singlets);
    stroma_random g;
    stroma_random_init(&g, 7, 1, 1);
    for (size_t i = 0; i < 10000; i++) {
        ys[i] = 100000 + 20000 * stroma_random_normal(&g);
        xs[i] = ys[i] * (1.1 + 0.02 * stroma_random_normal(&g)) * (i % 20 == 0 ? 1.8 : 1);
    }
    const learn_job job = { .rule = &r, .channels = 2, .sample = { { xs, ys }, 10000 } };
    const learn_answer a = ask(&job, NULL, 0);
    assert_int_equal(a.shape, LEARN_BAND);
    assert_true(a.low[0] > 0.98 && a.low[0] < 1.03 && a.high[0] > 1.17 && a.high[0] < 1.24);
    assert_true(fabs(a.confidence - 0.95) < 0.005);
}

static void test_same_bits_again(void **state)
{
    (void)state;
    const learn_rule r = rule(&learn_valley);
    two_populations(xs, 5000, 0.2, 0.45, 0.06, 8000);
    memcpy(zs, xs, sizeof zs);
    const learn_answer a = ask_one(&r, xs, 5000), b = ask_one(&r, zs, 5000);
    assert_memory_equal(&a.edge, &b.edge, sizeof a.edge);
    assert_memory_equal(&a.confidence, &b.confidence, sizeof a.confidence);
}

static void test_odd_values(void **state)
{
    (void)state;
    size_t n = 0;
    const learn_method *const *all = learn_methods(&n);
    for (size_t i = 0; i < 1000; i++)
        xs[i] = ys[i] = 0.5;
    for (size_t m = 0; m < n; m++) {
        if (strcmp(all[m]->name, "rectangle") == 0 || strcmp(all[m]->name, "boundary") == 0 ||
            strcmp(all[m]->name, "polygon") == 0)
            continue;
        const learn_rule r = rule(all[m]);
        for (size_t k = 0; k < 4; k++) {
            const size_t count = k < 3 ? k : 1000;
            const learn_job job = { .rule = &r,
                                    .channels = all[m]->channels_min,
                                    .sample = { { xs, ys }, count } };
            const learn_answer a = ask(&job, NULL, 0);
            assert_int_equal(a.shape, LEARN_NOTHING);
            assert_true(strlen(a.reason) > 5);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valley_between_two),
        cmocka_unit_test(test_valley_is_where_density_is_lowest),
        cmocka_unit_test(test_no_valley_is_invented),
        cmocka_unit_test(test_pivot_and_range),
        cmocka_unit_test(test_tail_has_its_rate),
        cmocka_unit_test(test_tail_refuses_the_positive_peak),
        cmocka_unit_test(test_tail_takes_negatives),
        cmocka_unit_test(test_no_edge_above_the_scale),
        cmocka_unit_test(test_fmo_is_a_quantile),
        cmocka_unit_test(test_mixture_crossing),
        cmocka_unit_test(test_ellipse_of_largest),
        cmocka_unit_test(test_reference_moves),
        cmocka_unit_test(test_singlets_band),
        cmocka_unit_test(test_same_bits_again),
        cmocka_unit_test(test_odd_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
