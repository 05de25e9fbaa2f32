/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The simulated subjects of tests/reference/survival_small.csv, and what R says of them. */
#ifndef STROMA_TEST_SURVIVAL_SMALL_H
#define STROMA_TEST_SURVIVAL_SMALL_H
#include "test_csv.h"
#include "test_expected.h"

#include "stroma/models_cox.h"

enum { SMALL_N = 60 };

typedef struct small_data {
    double start[SMALL_N], stop[SMALL_N], x[SMALL_N], z[SMALL_N];
    uint32_t cause[SMALL_N], status[SMALL_N];
    size_t arm[SMALL_N], site[SMALL_N], id[SMALL_N];
    double columns[4 * SMALL_N]; /* armb, armc, x, z */
    stroma_design design;
} small_data;

static inline void small_design(small_data *s)
{
    for (size_t i = 0; i < SMALL_N; i++) {
        s->columns[i] = s->arm[i] == 1;
        s->columns[SMALL_N + i] = s->arm[i] == 2;
        s->columns[2 * SMALL_N + i] = s->x[i];
        s->columns[3 * SMALL_N + i] = s->z[i];
    }
    s->design = (stroma_design){ .rows = SMALL_N, .columns = 4, .x = s->columns };
}

static inline void small_read(small_data *s)
{
    test_csv t = test_csv_read(test_source("tests/reference/survival_small.csv"));
    assert_int_equal(t.rows, SMALL_N);
    for (size_t i = 0; i < SMALL_N; i++) {
        s->start[i] = test_csv_number(&t, i, "start");
        s->stop[i] = test_csv_number(&t, i, "stop");
        s->x[i] = test_csv_number(&t, i, "x");
        s->z[i] = test_csv_number(&t, i, "z");
        s->cause[i] = (uint32_t)test_csv_number(&t, i, "cause");
        s->status[i] = (uint32_t)test_csv_number(&t, i, "status");
        s->arm[i] = (size_t)(test_csv_text(&t, i, "arm")[0] - 'a');
        s->site[i] = (size_t)test_csv_number(&t, i, "site") - 1;
        s->id[i] = (size_t)test_csv_number(&t, i, "id") - 1;
    }
    test_csv_free(&t);
    small_design(s);
}

static inline stroma_survival_data small_times(const small_data *s)
{
    return (stroma_survival_data){
        .n = SMALL_N, .stop = s->stop, .event = s->status, .group = s->arm, .groups = 3
    };
}

/* A number of tests/reference/survival.csv; NaN where R has none. */
static inline double small_want(const test_csv *r, const char *name, const char *what)
{
    for (size_t i = 0; i < r->rows; i++)
        if (strcmp(r->cells[3 * i], name) == 0 && strcmp(r->cells[3 * i + 1], what) == 0)
            return strtod(r->cells[3 * i + 2], NULL);
    return NAN;
}

/* @p got against R; both may be NaN together. */
static inline void small_check(const test_csv *r, const char *name, const char *what, double got,
                               double tol)
{
    const double want = small_want(r, name, what);
    if (isnan(want) ? isnan(got) : test_near(got, want, tol)) return;
    fail_msg("%s, %s: %.17g, wanted %.17g (gap %.2g)", name, what, got, want, got - want);
}
#endif
