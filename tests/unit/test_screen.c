/* SPDX-License-Identifier: GPL-3.0-or-later */
/* S3 §3: screening. Reference: tests/reference/screen.csv, written by screen.R, which goes through
 * all arrangements of the outcome with plain loops; here they are all taken too, so the numbers are
 * the same to rounding. */
#include "test_screen.h"

#include "test_csv.h"
#include "test_expected.h"

#include <stdlib.h>

static const char *data_file(const char *name)
{
    static char path[1024];
    const char *root = getenv("STROMA_SOURCE_ROOT");
    (void)snprintf(path, sizeof path, "%s/tests/reference/%s", root == NULL ? "." : root, name);
    return path;
}

static void set_cell(stroma_biomarker_column *c, size_t i, const char *text)
{
    if (text[0] == '\0') return;
    c->value[i] = strtod(text, NULL);
    c->state[i] = STROMA_PRESENT;
}

/* The named columns of a file (the cells must outlive the frame). */
static stroma_biomarker_frame *frame_of(const test_csv *t, const char *event,
                                        const char *const *columns, size_t n)
{
    stroma_biomarker_frame *f = NULL;
    assert_int_equal(stroma_biomarker_frame_new(t->rows, n, &f, NULL), STROMA_OK);
    f->event = "1";
    f->outcome_name = event;
    for (size_t k = 0; k < n; k++) {
        f->columns[k].name = columns[k];
        f->columns[k].day = 0;
        const size_t column = test_csv_column(t, columns[k]);
        for (size_t i = 0; i < t->rows; i++)
            set_cell(&f->columns[k], i, t->cells[i * t->columns + column]);
    }
    const size_t outcome = test_csv_column(t, event);
    for (size_t i = 0; i < t->rows; i++) {
        f->subject[i] = t->cells[i * t->columns];
        f->outcome[i] = strtod(t->cells[i * t->columns + outcome], NULL);
    }
    return f;
}

static void set_batches(const test_csv *t, stroma_biomarker_frame *f)
{
    static const char *names[] = { "a", "b" };
    f->batch = stroma_arena_alloc(&f->arena, f->n, sizeof *f->batch);
    f->batch_name = names;
    f->batches_len = 2;
    for (size_t i = 0; i < f->n; i++)
        f->batch[i] = t->cells[i * t->columns + test_csv_column(t, "batch")][0] == 'b';
}

/* Every row of the reference's case against the candidate of that name. */
static void check_case(const stroma_biomarker_frame *f, const stroma_screen *s, const char *name)
{
    test_csv want = test_csv_read(data_file("screen.csv"));
    size_t found = 0;
    for (size_t r = 0; r < want.rows; r++) {
        char **row = want.cells + r * want.columns;
        if (strcmp(row[0], name) != 0) continue;
        const size_t k = stroma_biomarker_frame_find(f, row[1]);
        assert_true(k != SIZE_MAX);
        const stroma_screen_candidate *c = &s->candidates[k];
        const double got[] = { c->z, c->p_permutation, c->p_max_t, c->p_min_p };
        for (size_t i = 0; i < 4; i++)
            if (!(fabs(got[i] - strtod(row[2 + i], NULL)) <= 1e-12))
                fail_msg("%s, %s: %s is %.17g, wanted %s", name, row[1], want.names[2 + i], got[i],
                         row[2 + i]);
        found++;
    }
    assert_int_equal(found, s->family);
    test_csv_free(&want);
}

static const char *const complete[] = { "m1", "m2", "m3", "m4", "m5" };
static const char *const with_gaps[] = { "m1", "m2", "g1", "g2", "g3", "m5" };

static void run_case(const char *name, const char *const *columns, size_t n,
                     stroma_screen_options o, bool batches)
{
    test_csv t = test_csv_read(data_file("screen_data.csv"));
    stroma_biomarker_frame *f = frame_of(&t, "event", columns, n);
    if (batches) set_batches(&t, f);
    o.min_p = true;
    stroma_screen *s = screen(f, &o);
    assert_true(s->exact);
    check_case(f, s, name);
    stroma_screen_free(s);
    stroma_biomarker_frame_free(f);
    test_csv_free(&t);
}

static void test_against_r(void **state)
{
    (void)state;
    const stroma_screen_options two = STROMA_SCREEN_OPTIONS_INIT;
    stroma_screen_options higher = two, values = two;
    higher.direction = STROMA_SCREEN_HIGHER;
    values.statistic = STROMA_SCREEN_VALUES;
    run_case("complete", complete, 5, two, false);
    run_case("gaps", with_gaps, 6, two, false);
    run_case("higher", with_gaps, 6, higher, false);
    run_case("blocks", complete, 5, two, true);
    run_case("blocks_gaps", with_gaps, 6, two, true);
    run_case("welch", with_gaps, 6, values, false);
    run_case("mean_blocks", with_gaps, 6, values, true);
}

/* Real cytokines (Pugh 2022, ND against T2D, CD3/CD28 at 20 h): 705,432 arrangements. */
static void test_real_cytokines(void **state)
{
    (void)state;
    const char *path = test_data("clinical/cytokine/CytoProfile_ExampleData1.csv");
    if (path == NULL) skip();
    test_csv t = test_csv_read(path);
    stroma_biomarker_frame *f = NULL;
    assert_int_equal(stroma_biomarker_frame_new(22, t.columns - 3, &f, NULL), STROMA_OK);
    f->event = "T2D";
    size_t n = 0;
    for (size_t r = 0; r < t.rows; r++) {
        char **row = t.cells + r * t.columns;
        if (strcmp(row[1], "CD3/CD28") != 0 || strcmp(row[2], "20") != 0 ||
            strcmp(row[0], "PreT2D") == 0)
            continue;
        f->outcome[n] = strcmp(row[0], "T2D") == 0;
        for (size_t k = 0; k < f->columns_len; k++) {
            f->columns[k].name = t.names[3 + k];
            set_cell(&f->columns[k], n, row[3 + k]);
        }
        n++;
    }
    assert_int_equal(n, 22);
    stroma_screen_options o = STROMA_SCREEN_OPTIONS_INIT;
    o.permutations = 705432;
    o.threads = 2;
    stroma_screen *s = screen(f, &o);
    assert_true(s->exact);
    for (size_t k = 0; k < s->candidates_len; k++) /* two ways to the exact p */
        assert_near(s->candidates[k].p, s->candidates[k].p_permutation, 1e-12);
    stroma_screen_free(s);
    o.min_p = false;
    s = screen(f, &o);
    test_csv want = test_csv_read(data_file("screen.csv"));
    for (size_t r = 0; r < want.rows; r++) {
        char **row = want.cells + r * want.columns;
        if (strcmp(row[0], "cyto1") != 0) continue;
        const stroma_screen_candidate *c = &s->candidates[stroma_biomarker_frame_find(f, row[1])];
        assert_near(c->z, strtod(row[2], NULL), 1e-12);
        assert_near(c->p_permutation, strtod(row[3], NULL), 1e-12);
        assert_near(c->p_max_t, strtod(row[4], NULL), 1e-12);
    }
    test_csv_free(&want);
    stroma_screen_free(s);
    stroma_biomarker_frame_free(f);
    test_csv_free(&t);
}

/* R 4.2.2: cor.test(method = "spearman", exact = FALSE), cor.test(), pROC 1.18 auc and DeLong SE,
 * coin 1.4 wilcox_test(distribution = "exact"), t.test(log(…)). */
static void test_effects_against_r(void **state)
{
    (void)state;
    test_csv t = test_csv_read(data_file("screen_data.csv"));
    static const char *const all[] = { "m1", "m3", "g1", "g3", "m4" };
    stroma_biomarker_frame *f = frame_of(&t, "number", all, 5);
    f->event = NULL;
    stroma_screen_options o = STROMA_SCREEN_OPTIONS_INIT;
    o.permutations = 999;
    stroma_screen *s = screen(f, &o);
    assert_false(s->binary);
    static const double rho[] = { 0.612960659796053, -0.382793809352331, 0.559273100185659,
                                  0.516666666666667 };
    for (size_t k = 0; k < 4; k++)
        assert_near(s->candidates[k].effect.estimate, rho[k], 1e-13);
    assert_near(s->candidates[1].p, 0.219390927795654, 1e-12); /* ties */
    for (size_t k = 0; k < 5; k++)
        assert_true(fabs(s->candidates[k].p_permutation - s->candidates[k].p) < 0.05);
    stroma_screen_free(s);
    o.statistic = STROMA_SCREEN_VALUES;
    s = screen(f, &o);
    assert_near(s->candidates[0].effect.estimate, 0.679812862689865, 1e-13);
    assert_near(s->candidates[0].p, 0.0150078987664051, 1e-12);
    assert_near(s->candidates[3].effect.estimate, 0.426950003917571, 1e-13);
    stroma_screen_free(s);
    stroma_biomarker_frame_free(f);

    f = frame_of(&t, "event", all, 5);
    o = (stroma_screen_options)STROMA_SCREEN_OPTIONS_INIT;
    s = screen(f, &o);
    assert_near(s->candidates[2].effect.estimate, 0.75, 1e-15);
    assert_near(s->candidates[2].effect.se, 0.177430215807459, 1e-12);
    assert_near(s->candidates[2].p, 0.257142857142857, 1e-12);
    stroma_screen_free(s);
    o.direction = STROMA_SCREEN_HIGHER;
    s = screen(f, &o);
    assert_near(s->candidates[2].p, 0.128571428571429, 1e-12);
    stroma_screen_free(s);
    o.direction = STROMA_SCREEN_LOWER;
    s = screen(f, &o);
    assert_near(s->candidates[2].effect.estimate, 0.25, 1e-15);
    assert_true(s->candidates[2].p > 0.8 && s->candidates[2].z < 0);
    stroma_screen_free(s);
    o.direction = STROMA_SCREEN_TWO_SIDED;
    o.statistic = STROMA_SCREEN_VALUES;
    f->columns[4].log_scale = true;
    s = screen(f, &o);
    assert_near(s->candidates[4].p, 0.510973942897523, 1e-12);
    assert_near(s->candidates[4].shift.estimate, 0.318735986055977, 1e-12);
    assert_near(s->candidates[4].shift.lower, -0.723855700842608, 1e-11);
    stroma_screen_free(s);
    stroma_biomarker_frame_free(f);
    test_csv_free(&t);
}

static void same_screens(const stroma_screen *a, const stroma_screen *b)
{
    assert_int_equal(a->candidates_len, b->candidates_len);
    for (size_t k = 0; k < a->candidates_len; k++) {
        const stroma_screen_candidate *x = &a->candidates[k], *y = &b->candidates[k];
        const double p[] = { x->z, x->p, x->p_permutation, x->p_max_t, x->q_bh, x->q_by },
                     q[] = { y->z, y->p, y->p_permutation, y->p_max_t, y->q_bh, y->q_by };
        assert_memory_equal(p, q, sizeof p);
        assert_int_equal(x->flags, y->flags);
    }
}

typedef struct all_parts {
    uint64_t *sum;
    bool second_round;
} all_parts;

/* In the first round the parts' counts are added up, in the second everybody is given the sum. */
static stroma_status add_part(uint64_t *counts, size_t n, void *context, stroma_error *err)
{
    all_parts *p = context;
    (void)err;
    for (size_t i = 0; i < n; i++)
        if (p->second_round)
            counts[i] = p->sum[i];
        else
            p->sum[i] += counts[i];
    return STROMA_OK;
}

/* Threads, CPU levels and parts must not show. Every kind of statistic. */
static void test_same_bits_however_split(void **state)
{
    (void)state;
    stroma_random r;
    stroma_random_init(&r, 5, 1, 0);
    for (int kind = 0; kind < 5; kind++) {
        stroma_biomarker_frame *f = simulate(51, 25, 37, 0.5, &r);
        stroma_screen_options o = STROMA_SCREEN_OPTIONS_INIT;
        o.permutations = 1000;
        size_t batch[51];
        uint8_t treated[51];
        for (size_t i = 0; i < 51; i++) {
            batch[i] = i % 3;
            treated[i] = i % 2;
        }
        if (kind == 1) o.statistic = STROMA_SCREEN_VALUES;
        if (kind == 2 || kind == 3)
            f->columns[3].state[7] = f->columns[9].state[1] = STROMA_MISSING;
        if (kind == 3) {
            f->batch = batch;
            f->batches_len = 3;
        }
        if (kind == 4) {
            f->treated = treated;
            for (size_t k = 0; k < f->columns_len; k++)
                f->columns[k].question = STROMA_QUESTION_PREDICTIVE;
        }
        (void)setenv("STROMA_CPU", "base", 1);
        stroma_screen *one = screen(f, &o);
        (void)unsetenv("STROMA_CPU");
        o.threads = 4;
        stroma_screen *four = screen(f, &o);
        same_screens(one, four);
        uint64_t sums[2 * 37] = { 0 };
        all_parts parts = { sums, false };
        stroma_screen_split split = { 0, 3, add_part, &parts };
        o.split = &split;
        for (size_t round = 0; round < 2; round++, parts.second_round = true)
            for (split.part = 0; split.part < 3; split.part++) {
                stroma_screen *part = screen(f, &o);
                if (round == 1) same_screens(one, part);
                stroma_screen_free(part);
            }
        stroma_screen_free(one);
        stroma_screen_free(four);
        stroma_biomarker_frame_free(f);
    }
}

static void refused(const stroma_biomarker_frame *f, const stroma_screen_options *o,
                    stroma_status status, const char *words)
{
    stroma_error err = STROMA_ERROR_INIT;
    stroma_screen *s = NULL;
    assert_int_equal(stroma_biomarker_screen(f, o, &s, &err), status);
    assert_null(s);
    if (strstr(err.message, words) == NULL) fail_msg("\"%s\" lacks \"%s\"", err.message, words);
}

/* A7: predictive needs a control arm. A5, S3-72, landmarks: nothing dated later may enter. */
static void test_questions_are_guarded(void **state)
{
    (void)state;
    stroma_random r;
    stroma_random_init(&r, 6, 1, 0);
    stroma_biomarker_frame *f = simulate(30, 12, 3, 0, &r);
    uint8_t treated[30] = { 0 };
    f->columns[1].name = "il6";
    ask(f, STROMA_QUESTION_PREDICTIVE);
    refused(f, NULL, STROMA_E_DEGENERATE, "no control arm");
    f->treated = treated;
    refused(f, NULL, STROMA_E_DEGENERATE, "treated arm has 0 subjects, 10 are needed");
    for (size_t i = 0; i < 30; i++)
        treated[i] = i < 12; /* all events are treated */
    refused(f, NULL, STROMA_E_DEGENERATE, "control arm has 0 with and 18 without the event");
    f->treated = NULL;
    ask(f, STROMA_QUESTION_PHARMACODYNAMIC);
    refused(f, NULL, STROMA_E_DEGENERATE, "no control arm");

    ask(f, STROMA_QUESTION_PROGNOSTIC);
    f->columns[1].day = 3;
    refused(f, NULL, STROMA_E_INCONSISTENT, "\"il6\" is dated day 3, after the start of treatment");
    ask(f, STROMA_QUESTION_EARLY_RESPONSE);
    f->landmark_day = 28;
    f->outcome_day = 84;
    stroma_screen_free(screen(f, NULL));
    f->columns[1].day = 29;
    refused(f, NULL, STROMA_E_INCONSISTENT, "\"il6\" is dated day 29, after the landmark (day 28)");
    f->landmark_day = 84;
    refused(f, NULL, STROMA_E_INCONSISTENT, "the landmark (day 84) does not lie before");
    f->landmark_day = STROMA_BIOMARKER_DAY_UNKNOWN;
    f->columns[1].day = 84;
    refused(f, NULL, STROMA_E_INCONSISTENT, "after the outcome (day 84)");
    f->columns[1].day = STROMA_BIOMARKER_DAY_UNKNOWN;
    stroma_screen *s = screen(f, NULL);
    assert_true(s->days_unknown);
    assert_string_equal(s->notes.items[0].code, "STROMA-SCREEN-003");
    stroma_screen_free(s);
    f->columns[0].question = STROMA_QUESTION_PROGNOSTIC;
    refused(f, NULL, STROMA_E_USAGE, "screen each question as a family of its own");
    stroma_biomarker_frame_free(f);
}

static void test_refuses_what_cannot_be_screened(void **state)
{
    (void)state;
    stroma_random r;
    stroma_random_init(&r, 7, 1, 0);
    stroma_biomarker_frame *f = simulate(10, 4, 2, 0, &r);
    stroma_screen_options o = STROMA_SCREEN_OPTIONS_INIT;
    o.permutations = (size_t)STROMA_SCREEN_PERMUTATIONS_MAX + 1;
    refused(f, &o, STROMA_E_USAGE, "permutations are more than");
    stroma_screen_split split = { 2, 2, add_part, NULL };
    o = (stroma_screen_options)STROMA_SCREEN_OPTIONS_INIT;
    o.split = &split;
    refused(f, &o, STROMA_E_USAGE, "part 2 of 2");
    o.min_p = true;
    refused(f, &o, STROMA_E_USAGE, "minP cannot be split");
    f->columns[1].value[3] = NAN;
    refused(f, NULL, STROMA_E_USAGE, "is not finite");
    f->outcome[2] = INFINITY;
    refused(f, NULL, STROMA_E_USAGE, "outcome of subject 3");
    for (size_t i = 0; i < 10; i++)
        f->outcome[i] = 1;
    refused(f, NULL, STROMA_E_DEGENERATE, "does not vary");
    f->n = 0;
    refused(f, NULL, STROMA_E_DEGENERATE, "no subject");
    f->n = 10;
    f->columns_len = 0;
    refused(f, NULL, STROMA_E_DEGENERATE, "no candidate");
    f->columns_len = 2;
    stroma_biomarker_frame_free(f);
    assert_int_equal(stroma_biomarker_frame_new(1, 1, &f, NULL), STROMA_OK);
    f->columns[0].name = "x";
    f->outcome[0] = 3;
    refused(f, NULL, STROMA_E_DEGENERATE, "does not vary");
    stroma_biomarker_frame_free(f);
}

/* Limits of 1 and 2: 1.5 measured below the limit 2 is not known to be above "<2". */
static void test_values_beyond_several_limits(void **state)
{
    (void)state;
    static const double x[] = { 1, 2, 1.5, 2, 3, 4, 5, 6, 7, 8 };
    static const bool below[] = {
        true, true, false, false, false, false, false, false, false, false
    };
    stroma_biomarker_frame *f = NULL;
    assert_int_equal(stroma_biomarker_frame_new(10, 3, &f, NULL), STROMA_OK);
    f->event = "yes";
    f->columns[0].name = "ifng";
    f->columns[1].name = "all_below";
    f->columns[2].name = "mostly_one";
    for (size_t i = 0; i < 10; i++) {
        f->subject[i] = "S";
        f->outcome[i] = i >= 5;
        put(&f->columns[0], i, x[i], below[i] ? STROMA_BELOW_LIMIT : STROMA_PRESENT);
        put(&f->columns[1], i, 2, STROMA_BELOW_LIMIT);
        put(&f->columns[2], i, i == 9 ? 9 : 1, STROMA_PRESENT);
    }
    stroma_screen *s = screen(f, NULL);
    const stroma_screen_candidate *c = &s->candidates[0];
    assert_int_equal(c->below, 2);
    assert_int_equal(c->tied_within, 1);
    assert_true(c->flags & STROMA_SCREEN_SEVERAL_LIMITS);
    assert_int_equal(c->group[0].state, STROMA_BELOW_LIMIT); /* 1, 2, 1.5 tied below 2; 2, 3 */
    assert_true(c->group[0].median == 2 && c->group[1].median == 6);
    assert_true(c->effect.estimate == 1 && (c->flags & STROMA_SCREEN_SEPARATED));
    assert_true(isnan(c->shift.estimate) && c->shift.not_estimable);
    /* tied or not, the five largest have the event: one of the 252 arrangements, and its mirror */
    assert_near(c->p, 2.0 / 252, 1e-12);
    assert_string_equal(s->candidates[1].reason, "all values are equal");
    assert_false(s->candidates[1].in_family);
    assert_true(s->candidates[1].flags & STROMA_SCREEN_CENSORED);
    assert_true(s->candidates[2].flags & STROMA_SCREEN_NEAR_CONSTANT);
    assert_int_equal(s->family, 2);
    stroma_screen_free(s);
    stroma_screen_options o = STROMA_SCREEN_OPTIONS_INIT;
    o.statistic = STROMA_SCREEN_VALUES;
    s = screen(f, &o);
    assert_non_null(strstr(s->candidates[0].reason, "values beyond a limit have no mean"));
    stroma_screen_free(s);
    stroma_biomarker_frame_free(f);
}

/* A candidate that follows the batch, which follows the outcome, is nothing within batches; a
 * negative control that follows the outcome makes the screen suspicious. */
static void test_batches_and_negative_controls(void **state)
{
    (void)state;
    stroma_random r;
    stroma_random_init(&r, 8, 1, 0);
    stroma_biomarker_frame *f = simulate(60, 30, 4, 0, &r);
    size_t batch[60];
    for (size_t i = 0; i < 60; i++) {
        batch[i] = i < 24 || i >= 54; /* 24 of 30 events in batch 1, 6 of 30 others */
        f->columns[0].value[i] += 3 * (double)batch[i];
        f->columns[3].value[i] += 2 * f->outcome[i];
    }
    f->columns[0].name = "plate";
    f->columns[3].name = "il8";
    f->columns[3].negative_control = true;
    f->batch = batch;
    f->batches_len = 2;
    stroma_screen_options o = STROMA_SCREEN_OPTIONS_INIT;
    o.batch_ignored = true;
    stroma_screen *s = screen(f, &o);
    assert_true(s->candidates[0].p_max_t < 0.01);
    assert_true(s->candidates[0].flags & STROMA_SCREEN_BATCH);
    stroma_screen_free(s);
    o.batch_ignored = false;
    s = screen(f, &o);
    assert_true(s->batch_adjusted && s->blocks == 2 && s->batch_outcome_p < 0.001);
    assert_true(s->candidates[0].p_max_t > 0.2);
    assert_int_equal(s->family, 3);
    assert_int_equal(s->controls, 1);
    assert_int_equal(s->controls_showing, 1);
    assert_false(s->candidates[3].in_family);
    size_t order[4];
    assert_int_equal(stroma_screen_order(s, order, NULL), STROMA_OK);
    assert_int_equal(order[3], 3); /* a control stands behind the candidates, whatever its p */
    stroma_screen_free(s);
    o.controls_in_family = true;
    s = screen(f, &o);
    assert_true(s->candidates[3].in_family && s->family == 4 && s->controls == 0);
    stroma_screen_free(s);
    stroma_biomarker_frame_free(f);
}

/* Rows in another order are the same data: all arrangements are taken, so everything is the same.
 */
static void test_shuffled_rows(void **state)
{
    (void)state;
    test_csv t = test_csv_read(data_file("screen_data.csv"));
    stroma_screen_options o = STROMA_SCREEN_OPTIONS_INIT;
    stroma_biomarker_frame *f = frame_of(&t, "event", with_gaps, 6);
    stroma_screen *a = screen(f, &o);
    for (size_t k = 0; k < 6; k++) {
        double value[12];
        uint8_t cell[12];
        memcpy(value, f->columns[k].value, sizeof value);
        memcpy(cell, f->columns[k].state, sizeof cell);
        for (size_t i = 0; i < 12; i++) {
            f->columns[k].value[i] = value[(5 * i + 3) % 12];
            f->columns[k].state[i] = cell[(5 * i + 3) % 12];
        }
    }
    double outcome[12];
    memcpy(outcome, f->outcome, sizeof outcome);
    for (size_t i = 0; i < 12; i++)
        f->outcome[i] = outcome[(5 * i + 3) % 12];
    stroma_screen *b = screen(f, &o);
    for (size_t k = 0; k < 6; k++) {
        assert_near(a->candidates[k].z, b->candidates[k].z, 1e-13);
        assert_near(a->candidates[k].p_max_t, b->candidates[k].p_max_t, 1e-13);
        assert_near(a->candidates[k].effect.estimate, b->candidates[k].effect.estimate, 1e-13);
        assert_near(a->candidates[k].p, b->candidates[k].p, 1e-13);
    }
    stroma_screen_free(a);
    stroma_screen_free(b);
    stroma_biomarker_frame_free(f);
    test_csv_free(&t);
}

/* The arms, not the outcome; and a numeric outcome with an interaction. */
static void test_arms(void **state)
{
    (void)state;
    stroma_random r;
    stroma_random_init(&r, 11, 1, 0);
    stroma_biomarker_frame *f = simulate(60, 30, 3, 0, &r);
    uint8_t treated[60];
    for (size_t i = 0; i < 60; i++) {
        treated[i] = i % 2;
        f->columns[0].value[i] += 3 * treated[i];
        f->columns[0].day = f->columns[1].day = f->columns[2].day = 14;
    }
    f->treated = treated;
    ask(f, STROMA_QUESTION_PHARMACODYNAMIC);
    stroma_screen *s = screen(f, NULL);
    assert_true(s->candidates[0].p_max_t < 0.001 && s->candidates[1].p_max_t > 0.05);
    assert_int_equal(s->groups[1], 30);
    stroma_screen_free(s);
    f->event = NULL;
    for (size_t i = 0; i < 60; i++) {
        f->columns[0].value[i] -= 3 * treated[i];
        f->outcome[i] = treated[i] + (1 + 2 * treated[i]) * f->columns[0].value[i] +
                        2 * f->columns[1].value[i] + stroma_random_normal(&r);
        f->columns[0].day = f->columns[1].day = f->columns[2].day = 0;
    }
    ask(f, STROMA_QUESTION_PREDICTIVE);
    stroma_screen_options o = STROMA_SCREEN_OPTIONS_INIT;
    o.statistic = STROMA_SCREEN_VALUES;
    s = screen(f, &o);
    assert_true(s->candidates[0].p_max_t < 0.01 && s->candidates[1].p > 0.05);
    assert_true(s->candidates[0].effect.lower < 2 && s->candidates[0].effect.upper > 2);
    stroma_screen_free(s);
    stroma_biomarker_frame_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_r),
        cmocka_unit_test(test_real_cytokines),
        cmocka_unit_test(test_effects_against_r),
        cmocka_unit_test(test_same_bits_however_split),
        cmocka_unit_test(test_questions_are_guarded),
        cmocka_unit_test(test_refuses_what_cannot_be_screened),
        cmocka_unit_test(test_values_beyond_several_limits),
        cmocka_unit_test(test_batches_and_negative_controls),
        cmocka_unit_test(test_shuffled_rows),
        cmocka_unit_test(test_arms),
    };
    return cmocka_run_group_tests_name("screen", tests, NULL, NULL);
}
