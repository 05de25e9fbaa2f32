/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "alloc_fail.h"

#include "stroma/biomarker_bridge.h"
#include "stroma/biomarker_model_file.h"
#include "stroma/biomarker_revise.h"

enum { N = 12 };

static stroma_status frame_of(stroma_biomarker_frame **out)
{
    static const char *const names[] = { "a", "b" };
    STROMA_TRY(stroma_biomarker_frame_new(N, 2, out, NULL));
    stroma_biomarker_frame *f = *out;
    f->outcome_name = "responder";
    f->event = "yes";
    for (size_t i = 0; i < N; i++) {
        f->subject[i] = "s";
        f->outcome[i] = (double)(i % 2);
        for (size_t j = 0; j < 2; j++) {
            f->columns[j].name = names[j];
            f->columns[j].state[i] = i % 9 == 4 ? STROMA_BELOW_LIMIT : STROMA_PRESENT;
            f->columns[j].value[i] = i % 9 == 4 ? 1 : 2 + (double)((i * (7 + 4 * j)) % 13);
        }
    }
    f->columns[1].state[5] = STROMA_MISSING;
    return STROMA_OK;
}

static stroma_status fit(stroma_model_method method, stroma_model **out)
{
    static const size_t code[N] = { 0, 1, 1, 0, 1 };
    static const char *const levels[] = { "f", "m" };
    static const stroma_model_grouping sex = { "sex", code, levels, 2 };
    stroma_model_spec s = STROMA_MODEL_SPEC_INIT;
    stroma_biomarker_frame *f = NULL;
    s.method = method;
    s.missing = STROMA_MODEL_MISSING_REGRESSION;
    s.over_budget = "a test";
    s.lambda = 0.1;
    s.bootstrap = 0; /* that loop has a test of its own */
    s.folds = 2;
    s.repeats = 1;
    s.groupings = &sex;
    s.groupings_len = 1;
    *out = NULL;
    stroma_status st = frame_of(&f);
    if (st == STROMA_OK) st = stroma_model_fit(f, &s, out, NULL);
    stroma_biomarker_frame_free(f);
    return st;
}

/* Resamples that lack memory must end the fit, not be counted as failed. */
static stroma_status fits(void *context)
{
    stroma_model *m = NULL;
    const stroma_status s = fit(*(const stroma_model_method *)context, &m);
    stroma_model_free(m);
    return s;
}

static stroma_status in_and_out(const stroma_buffer *b)
{
    static const stroma_predict_value patient[] = { { 3, STROMA_PRESENT, 0 },
                                                    { 0, STROMA_MISSING, 0 } };
    stroma_model *m = NULL;
    stroma_predictor *q = NULL;
    stroma_prediction r;
    stroma_buffer text;
    stroma_buffer_init(&text, 1 << 24);
    stroma_status s = stroma_model_read(b->data, b->len, &m, NULL);
    if (s == STROMA_OK) s = stroma_model_write(m, &text, NULL);
    if (s == STROMA_OK) s = stroma_model_write_card(m, true, &text, NULL);
    if (s == STROMA_OK) s = stroma_predictor_new(m, 0.9, &q, NULL);
    if (s == STROMA_OK) s = stroma_predict(q, patient, &r, NULL);
    stroma_predictor_free(q);
    stroma_model_free(m);
    stroma_buffer_clear(&text);
    return s;
}

static stroma_status files(void *context)
{
    return in_and_out(context);
}

static stroma_status revise(const stroma_buffer *b)
{
    stroma_predict_value v[2 * N];
    double y[N];
    stroma_model *m = NULL;
    stroma_revision r;
    for (size_t i = 0; i < N; i++) {
        v[2 * i] = (stroma_predict_value){ (double)(2 + i % 11), STROMA_PRESENT, 0 };
        v[2 * i + 1] = (stroma_predict_value){ (double)(3 + i % 7), STROMA_PRESENT, 0 };
        y[i] = (double)(i % 3 == 1);
    }
    const stroma_cohort c = { "other.csv", NULL, N, v, y };
    stroma_status s = stroma_model_read(b->data, b->len, &m, NULL);
    if (s == STROMA_OK) s = stroma_model_check(m, &c, 0.9, &r, NULL);
    if (s == STROMA_OK) s = stroma_model_add_validation(m, &c, &r, NULL);
    if (s == STROMA_OK) s = stroma_model_recalibrate(m, &c, false, NULL);
    if (s == STROMA_OK) s = stroma_model_update(m, &c, NULL);
    stroma_model_free(m);
    return s;
}

static stroma_status revisions(void *context)
{
    return revise(context);
}

static stroma_status bridges(void *context)
{
    static const double x[] = { 1, 2, 3, 4, 5 }, y[] = { 2, 4.1, 5.9, 8, 10.2 };
    stroma_bridge_spec s = {
        .input = "a", .from_assay = "x", .to_assay = "y", .deming = STROMA_DEMING_OPTIONS_INIT
    };
    stroma_bridge *b = NULL, *again = NULL;
    stroma_buffer text;
    (void)context;
    stroma_buffer_init(&text, 1 << 16);
    stroma_status st = stroma_bridge_fit(&s, x, y, 5, &b, NULL);
    if (st == STROMA_OK) st = stroma_bridge_write(b, &text, NULL);
    if (st == STROMA_OK) st = stroma_bridge_read(text.data, text.len, &again, NULL);
    stroma_bridge_free(b);
    stroma_bridge_free(again);
    stroma_buffer_clear(&text);
    return st;
}

static void test_fit(void **state)
{
    stroma_model_method method = STROMA_MODEL_FIRTH;
    (void)state;
    const long n = alloc_fail_each(fits, &method);
    print_message("# %ld allocations\n", n);
    assert_true(n > 300);
}

static void test_files(void **state)
{
    stroma_model *m = NULL;
    stroma_buffer b;
    (void)state;
    stroma_buffer_init(&b, 1 << 24);
    assert_int_equal(fit(STROMA_MODEL_FIRTH, &m), STROMA_OK);
    assert_int_equal(stroma_model_write(m, &b, NULL), STROMA_OK);
    assert_true(alloc_fail_each(files, &b) > 30);
    assert_true(alloc_fail_each(revisions, &b) > 30);
    assert_true(alloc_fail_each(bridges, NULL) > 5);
    stroma_buffer_clear(&b);
    stroma_model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_fit), cmocka_unit_test(test_files) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
