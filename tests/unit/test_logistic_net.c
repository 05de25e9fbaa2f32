/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Penalised paths where the columns that matter are searched: more columns than rows, columns that
 * move together, penalties in any order. */
#include "stroma_test.h"

#include "stroma/models_logistic.h"
#include "stroma/random.h"

#include <math.h>
#include <stdlib.h>

typedef struct data {
    stroma_design d;
    double *y;
} data;

static data data_new(size_t n, size_t p)
{
    data s = { .d = { .rows = n, .columns = p + 1, .intercept = true } };
    s.d.x = calloc(n * (p + 1), sizeof *s.d.x);
    s.y = calloc(n, sizeof *s.y);
    assert_true(s.d.x != NULL && s.y != NULL);
    for (size_t i = 0; i < n; i++)
        s.d.x[i] = 1;
    return s;
}

static void data_free(data *s)
{
    free(s->d.x);
    free(s->y);
}

/* Each column follows the one before with correlation rho, times its scale; every tenth is the one
 * before again. */
static data simulated(size_t n, size_t p, double rho)
{
    data s = data_new(n, p);
    for (size_t i = 0; i < n; i++) {
        stroma_random r;
        double last = 0;
        stroma_random_init(&r, 11, 4, i);
        for (size_t j = 1; j <= p; j++) {
            double *x = s.d.x + j * n + i;
            if (j % 10 != 0)
                last = (j > 1 ? rho * last : 0) +
                       (j > 1 ? sqrt(1 - rho * rho) : 1) * stroma_random_normal(&r);
            *x = j % 10 == 0 ? x[-(ptrdiff_t)n] : last * pow(2, (double)(j % 7)) + 3;
        }
        const double eta = 2 * (s.d.x[n + i] - 3) / 2 - (s.d.x[3 * n + i] - 3) / 8;
        s.y[i] = stroma_random_uniform(&r) < 1 / (1 + exp(-eta));
    }
    return s;
}

static stroma_logistic_path *fit(const data *s, const stroma_logistic_penalty *penalty,
                                 const double *lambdas, size_t len)
{
    stroma_logistic_path *p = NULL;
    assert_int_equal(stroma_logistic_penalised(&s->d, s->y, penalty, lambdas, len, &p, NULL),
                     STROMA_OK);
    return p;
}

/* Largest violation of the optimality conditions by the definition; columns as they are. */
static double violation(const data *s, const double *b, double alpha, double lambda)
{
    const size_t n = s->d.rows;
    double worst = 0, *rest = calloc(n, sizeof *rest);
    assert_non_null(rest);
    for (size_t i = 0; i < n; i++) {
        double eta = 0;
        for (size_t j = 0; j < s->d.columns; j++)
            eta += b[j] * s->d.x[j * n + i];
        rest[i] = s->y[i] - 1 / (1 + exp(-eta));
    }
    for (size_t j = 0; j < s->d.columns; j++) {
        double g = 0;
        for (size_t i = 0; i < n; i++)
            g += rest[i] * s->d.x[j * n + i] / (double)n;
        if (j > 0) g -= lambda * (1 - alpha) * b[j];
        const double l1 = j > 0 ? lambda * alpha : 0;
        worst = fmax(worst, b[j] == 0 ? fabs(g) - l1 : fabs(g - (b[j] > 0 ? l1 : -l1)));
    }
    free(rest);
    return worst;
}

static void test_every_column_is_optimal(void **state)
{
    (void)state;
    static const double alphas[] = { 1, 0.5, 0 }, rhos[] = { 0, 0.9, 0.99 };
    enum { LEN = 25 };
    for (size_t a = 0; a < 3; a++)
        for (size_t r = 0; r < 3; r++) {
            data s = simulated(50, 120, rhos[r]);
            const stroma_logistic_penalty penalty = { alphas[a], false };
            stroma_logistic_path *p = fit(&s, &penalty, NULL, LEN);
            double worst = 0;
            for (size_t l = 0; l < LEN; l++)
                worst = fmax(worst, violation(&s, p->coefficients + l * p->columns, alphas[a],
                                              p->lambdas[l]));
            /* the sums here have another order than those of the fit */
            if (!(worst < 1e-9)) print_error("alpha %g, rho %g: %g\n", alphas[a], rhos[r], worst);
            assert_true(worst < 1e-9);
            assert_true(p->worst_kkt < 1e-9);
            if (alphas[a] > 0) assert_int_equal(p->nonzero[0], 0);
            stroma_logistic_path_free(p);
            data_free(&s);
        }
}

/* The solutions before are where a search begins, not what it finds. */
static void test_penalties_in_any_order(void **state)
{
    (void)state;
    static const double lambdas[] = { 0.02, 0.3, 0.01, 0.15, 0.15, 0.05 };
    enum { LEN = sizeof lambdas / sizeof lambdas[0] };
    data s = simulated(60, 90, 0.5);
    const stroma_logistic_penalty penalty = { 0.9, true };
    stroma_logistic_path *all = fit(&s, &penalty, lambdas, LEN);
    for (size_t l = 0; l < LEN; l++) {
        stroma_logistic_path *one = fit(&s, &penalty, lambdas + l, 1);
        for (size_t j = 0; j < s.d.columns; j++)
            assert_true(fabs(one->coefficients[j] - all->coefficients[l * all->columns + j]) <
                        1e-8);
        assert_int_equal(one->nonzero[0], all->nonzero[l]);
        stroma_logistic_path_free(one);
    }
    stroma_logistic_path_free(all);
    data_free(&s);
}

/* R 4.2.2, glmnet 4.1-6, thresh = 1e-16, λ 1, 0.5, 0.2 before these. */
static void test_more_columns_than_rows_as_glmnet(void **state)
{
    (void)state;
    static const struct {
        double alpha, lambda;
        size_t nonzero;
        double intercept, size, log_likelihood; /* size: sum of |coefficients| */
    } want[] = {
        { 1, 0.1, 6, 0.0245158801554, 5.44164269249, -18.30713224 },
        { 1, 0.05, 17, 0.117222418995, 15.0103400025, -11.0747065914 },
        { 1, 0.02, 23, 0.307223333264, 33.5551298504, -4.37434063982 },
        { 1, 0.005, 25, 0.489137561686, 60.5235527636, -1.07099215629 },
        { 0.5, 0.1, 18, 0.0573092665907, 11.2989437923, -13.5328124537 },
        { 0.5, 0.05, 27, 0.108663450913, 23.1212299901, -7.60206400948 },
        { 0.5, 0.02, 33, 0.090884288943, 39.2139865075, -3.43009387623 },
        { 0.5, 0.005, 38, 0.0947019568903, 64.3462506327, -0.999014101133 },
        { 0, 0.1, 60, -0.0637973742844, 32.954714951, -6.91668899964 },
        { 0, 0.05, 60, -0.0864776707318, 42.8876654009, -4.50418731471 },
        { 0, 0.02, 60, -0.11200768735, 57.2578263573, -2.39874952334 },
        { 0, 0.005, 60, -0.145548367712, 80.8638238005, -0.84460317896 },
    };
    enum { N = 40, P = 60 };
    data s = data_new(N, P);
    for (size_t j = 1; j <= P; j++)
        for (size_t i = 0; i < N; i++)
            s.d.x[j * N + i] =
                (double)((i * 7919 + j * 10473 + i * i * j * 31) % 1009) / 1009 - 0.5;
    for (size_t i = 0; i < N; i++)
        s.y[i] = s.d.x[N + i] - s.d.x[2 * N + i] + (double)(i * 613 % 101) / 101 - 0.5 > 0;
    for (size_t k = 0; k < sizeof want / sizeof want[0]; k++) {
        const stroma_logistic_penalty penalty = { want[k].alpha, true };
        stroma_logistic_path *p = fit(&s, &penalty, &want[k].lambda, 1);
        double size = 0;
        for (size_t j = 1; j <= P; j++)
            size += fabs(p->coefficients[j]);
        assert_int_equal(p->nonzero[0], want[k].nonzero);
        assert_true(fabs(p->coefficients[0] - want[k].intercept) < 1e-6);
        assert_true(fabs(size - want[k].size) < 1e-5);
        assert_true(fabs(p->log_likelihood[0] - want[k].log_likelihood) < 1e-6);
        stroma_logistic_path_free(p);
    }
    data_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_column_is_optimal),
        cmocka_unit_test(test_penalties_in_any_order),
        cmocka_unit_test(test_more_columns_than_rows_as_glmnet),
    };
    return cmocka_run_group_tests_name("logistic_net", tests, NULL, NULL);
}
