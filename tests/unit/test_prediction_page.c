/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page for one more patient: everything given is on it, and no text breaks out. */
#include "stroma_test.h"

#include "stroma/report_prediction.h"

#include <math.h>
#include <string.h>

#define EVIL "</script><img src=x onerror=alert(1)>"

static const stroma_page_input inputs[] = {
    { .label = "IFN-gamma",
      .unit = "pg/mL",
      .typed = "2.3",
      .used = "as measured",
      .value = 2.3,
      .quantile = { 0.5, 0.8, 1.4, 3, 9 },
      .minimum = 0.45,
      .maximum = 13.8,
      .log_scale = true,
      .changes = "below 0.9 the set becomes: cannot tell" },
    { .label = EVIL,
      .used = "expected from the other inputs",
      .value = NAN,
      .quantile = { NAN, NAN, NAN, NAN, NAN },
      .minimum = NAN,
      .maximum = NAN,
      .out_of_range = true },
};
static const char *const notes[] = { EVIL };

static char *page_of(const stroma_page_patient *patient, stroma_buffer *b)
{
    stroma_error err = STROMA_ERROR_INIT;
    const stroma_prediction_page p = { .title = "A model " EVIL,
                                       .outcome = "response at week 12",
                                       .landmark = "baseline",
                                       .event_rate = 0.54,
                                       .model = notes,
                                       .model_len = 1,
                                       .limits = notes,
                                       .limits_len = 1,
                                       .simulated = true,
                                       .patients = patient,
                                       .patients_len = 1 };
    stroma_buffer_init(b, 1 << 20);
    assert_int_equal(stroma_report_prediction(&p, b, &err), STROMA_OK);
    return b->data;
}

static void test_everything_is_said(void **state)
{
    (void)state;
    stroma_buffer b;
    const stroma_page_patient patient = { .id = "017",
                                          .probability = 0.716,
                                          .lower = 0.48,
                                          .upper = 0.88,
                                          .level = 0.95,
                                          .set_level = 0.9,
                                          .set = "cannot tell",
                                          .distance = "nearer than 63 % of the training patients",
                                          .inputs = inputs,
                                          .inputs_len = 2,
                                          .notes = notes,
                                          .notes_len = 1 };
    const char *page = page_of(&patient, &b);
    const char *const wanted[] = {
        "Research use only",     "Simulated data",
        "Patient 017",           "72 % (95 % interval 48\xE2\x80\x93\x38\x38)",
        "cannot tell",           "nearer than 63 %",
        "0.500 to 9.00",         "below 0.9 the set",
        "beyond the training",   "left:71.6%",
        "left:48.0%;width:40.0%"
    };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (strstr(page, wanted[i]) == NULL) fail_msg("\"%s\" is not on the page", wanted[i]);
    assert_null(strstr(page, "<script"));
    assert_null(strstr(page, "<img"));
    assert_null(strstr(page, "http://"));
    assert_null(strstr(page, "https://"));
    assert_null(strstr(page, ":nan"));
    assert_null(strstr(page, " nan"));
    stroma_buffer_clear(&b);
}

static void test_no_answer_says_why(void **state)
{
    (void)state;
    stroma_buffer b;
    const stroma_page_patient patient = { .id = "018",
                                          .reason = "an input is missing",
                                          .probability = NAN,
                                          .inputs = inputs,
                                          .inputs_len = 1 };
    const char *page = page_of(&patient, &b);
    assert_non_null(strstr(page, "No answer: an input is missing."));
    assert_null(strstr(page, "% interval"));
    stroma_buffer_clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything_is_said),
        cmocka_unit_test(test_no_answer_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
