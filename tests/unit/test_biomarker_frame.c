/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a flat file to the frame that biomarker methods work on. */
#include "stroma_test.h"

#include "stroma/biomarker_frame.h"
#include "stroma/table_read.h"

#include <math.h>
#include <string.h>

static stroma_status frame_of(const char *csv, const stroma_biomarker_frame_spec *spec,
                              stroma_biomarker_frame **out, stroma_error *err)
{
    stroma_table *t = NULL;
    *out = NULL;
    stroma_status s = stroma_table_read_bytes("a.csv", csv, strlen(csv), NULL, &t, NULL, err);
    if (s == STROMA_OK) s = stroma_biomarker_frame_from_table(t, spec, out, err);
    stroma_table_free(t);
    return s;
}

static const char patients[] = "id,arm,il6,ifng,site,responder\n"
                               "01,MSC,12.5,<2,A,yes\n"
                               "02,MSC,,3.5,B,no\n"
                               "03,placebo,7,9,A,no\n"
                               "04,placebo,8,9,A,\n";

static void test_reads_roles_and_states(void **state)
{
    (void)state;
    stroma_error err = STROMA_ERROR_INIT;
    const char *const controls[] = { "il6" };
    const char *const logs[] = { "ifng" };
    const stroma_biomarker_frame_spec spec = { .version = 1,
                                               .subject = "id",
                                               .outcome = "responder",
                                               .event = "yes",
                                               .arm = "arm",
                                               .treated = "MSC",
                                               .batch = "site",
                                               .negative_controls = controls,
                                               .negative_controls_len = 1,
                                               .log_scale = logs,
                                               .log_scale_len = 1 };
    stroma_biomarker_frame *f = NULL;
    assert_int_equal(frame_of(patients, &spec, &f, &err), STROMA_OK);
    assert_int_equal(f->n, 3);
    assert_int_equal(f->columns_len, 2);
    assert_string_equal(f->columns[0].name, "il6");
    assert_true(f->columns[0].negative_control);
    assert_false(f->columns[1].negative_control);
    assert_true(f->columns[1].log_scale);
    assert_int_equal(f->columns[1].state[0], STROMA_BELOW_LIMIT);
    assert_true(f->columns[1].value[0] == 2.0);
    assert_int_equal(f->columns[0].state[1], STROMA_MISSING);
    assert_true(isnan(f->columns[0].value[1]));
    assert_true(f->outcome[0] == 1 && f->outcome[1] == 0 && f->outcome[2] == 0);
    assert_true(f->treated[0] == 1 && f->treated[1] == 1 && f->treated[2] == 0);
    assert_int_equal(f->batches_len, 2);
    assert_int_equal(f->batch[2], 0);
    assert_int_equal(f->excluded_len, 1);
    assert_string_equal(f->excluded[0].reason, "outcome missing");
    assert_int_equal(stroma_biomarker_frame_find(f, "ifng"), 1);
    assert_true(stroma_biomarker_frame_find(f, "site") == SIZE_MAX);
    stroma_biomarker_frame_free(f);
}

static void refuses(const char *csv, stroma_biomarker_frame_spec spec, stroma_status status,
                    const char *words)
{
    stroma_error err = STROMA_ERROR_INIT;
    stroma_biomarker_frame *f = NULL;
    spec.version = 1;
    assert_int_equal(frame_of(csv, &spec, &f, &err), status);
    assert_null(f);
    assert_non_null(strstr(err.message, words));
}

static void test_refuses_what_it_cannot_read(void **state)
{
    (void)state;
    const char *const text[] = { "site" };
    const char *const role[] = { "il6" };
    refuses(patients, (stroma_biomarker_frame_spec){ .outcome = "responder" }, STROMA_E_USAGE,
            "no event is named");
    refuses(patients, (stroma_biomarker_frame_spec){ .outcome = "responder", .event = "maybe" },
            STROMA_E_USAGE, "\"maybe\"");
    refuses(patients, (stroma_biomarker_frame_spec){ .outcome = "das28" }, STROMA_E_USAGE,
            "no column \"das28\"");
    refuses(patients, (stroma_biomarker_frame_spec){ .outcome = "ifng" }, STROMA_E_DEGENERATE,
            "only known to lie beyond a limit");
    refuses(patients,
            (stroma_biomarker_frame_spec){
                .outcome = "responder", .event = "yes", .candidates = text, .candidates_len = 1 },
            STROMA_E_USAGE, "column of text");
    refuses(
        patients,
        (stroma_biomarker_frame_spec){ .outcome = "il6", .candidates = role, .candidates_len = 1 },
        STROMA_E_USAGE, "another role");
    refuses("id,x,y\n1,2,3\n1,4,5\n",
            (stroma_biomarker_frame_spec){ .subject = "id", .outcome = "y" }, STROMA_E_INCONSISTENT,
            "stands in two rows");
    refuses("id,x,y\n1,2,\n", (stroma_biomarker_frame_spec){ .outcome = "y" }, STROMA_E_DEGENERATE,
            "no row has an outcome");
    const char *const logs[] = { "*" };
    refuses("id,x,y\n1,0,3\n",
            (stroma_biomarker_frame_spec){
                .subject = "id", .outcome = "y", .log_scale = logs, .log_scale_len = 1 },
            STROMA_E_DEGENERATE, "no logarithm");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_roles_and_states),
        cmocka_unit_test(test_refuses_what_it_cannot_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
