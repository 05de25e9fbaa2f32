/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files to measurements: layouts, states, units, visits, subjects. */
#include "study_fixture.h"

#define HEAD                                                                                  \
    "stroma: 1\n"                                                                             \
    "study: {id: T, title: Test, layout: trial}\n"                                            \
    "arms: [{id: A, label: Active, role: treated}, {id: C, label: Control, role: control}]\n" \
    "visits:\n"                                                                               \
    "- {id: D0, label: Day 0, time: 0, day: 0, window: [-3, 3], baseline: true}\n"            \
    "- {id: W4, time: 4, day: 28, window: [20, 36]}\n"                                        \
    "- {id: W12, time: 12, day: 84, window: [70, 98]}\n"                                      \
    "parameters:\n"                                                                           \
    "- {id: il_6_pg_ml, label: IL-6, unit: pg/mL, category: cytokine, lloq: 0.5}\n"           \
    "- {id: crp, label: CRP, unit: mg/L, category: acute_phase, range: [0, 500]}\n"

static void test_visit_layout(void **state)
{
    (void)state;
    fixture_write("a.csv", "id,arm,visit,crp,il6,sex\n"
                           "1,A,D0,10,<0.5,m\n"
                           "1,A,W4,NA,>100,m\n"
                           "2,Control,Day 0,ND,3.5,f\n");
    study *s = fixture_study(HEAD "data:\n"
                                  "- file: a.csv\n"
                                  "  layout: visit\n"
                                  "  subject: id\n"
                                  "  visit: visit\n"
                                  "  missing: [NA]\n"
                                  "  not_done: [ND]\n"
                                  "  columns: {crp: crp, il6: il_6_pg_ml}\n"
                                  "  subject_columns:\n"
                                  "    arm: {role: arm}\n"
                                  "    sex: {param: sex, map: {m: male, f: female}}\n",
                             STEP_IMPORT);
    assert_int_equal(s->subjects.len, 2);
    assert_int_equal(s->subjects.items[0].arm, 0);
    assert_int_equal(s->subjects.items[1].arm, 1); /* by its label */
    assert_true(fixture_value(s, "1", "D0", "crp") == 10);
    const study_measurement *m = fixture_find(s, "1", "D0", "il_6_pg_ml");
    assert_int_equal(m->state, STROMA_BELOW_LIMIT);
    assert_true(m->value == 0.5);
    assert_string_equal(m->raw, "<0.5");
    assert_int_equal(m->row, 2);
    assert_string_equal(m->column, "il6");
    m = fixture_find(s, "1", "W4", "il_6_pg_ml");
    assert_int_equal(m->state, STROMA_ABOVE_LIMIT);
    assert_true(m->value == 100);
    assert_int_equal(fixture_find(s, "1", "W4", "crp")->state, STROMA_MISSING);
    assert_int_equal(fixture_find(s, "2", "D0", "crp")->state, STROMA_NOT_DONE);
    assert_string_equal(fixture_find(s, "1", NULL, "sex")->text, "male");
    assert_string_equal(fixture_find(s, "2", NULL, "sex")->text, "female");
    assert_int_equal(s->subjects.items[0].last_visit, 1);
    assert_int_equal(s->subjects.items[1].last_visit, 0);
    study_free(s);
}

static void test_subject_layout_with_fixed_visits(void **state)
{
    (void)state;
    fixture_write("wide.csv", "id;arm;crp0;crp4\n1;A;10,5;3\n2;C;7;\n");
    study *s = fixture_study(HEAD "data:\n"
                                  "- file: wide.csv\n"
                                  "  layout: subject\n"
                                  "  subject: id\n"
                                  "  decimal: comma\n"
                                  "  columns:\n"
                                  "    arm: {role: arm}\n"
                                  "    crp0: {param: crp, visit: D0}\n"
                                  "    crp4: {param: crp, visit: W4}\n",
                             STEP_IMPORT);
    assert_true(fixture_value(s, "1", "D0", "crp") == 10.5);
    assert_true(fixture_value(s, "1", "W4", "crp") == 3);
    assert_int_equal(fixture_find(s, "2", "W4", "crp")->state, STROMA_MISSING);
    study_free(s);
}

static void test_value_layout_with_units_and_ranges(void **state)
{
    (void)state;
    fixture_write("long.csv", "id,visit,test,result,unit,lo,hi\n"
                              "1,D0,CRP,1.5,mg/dL,0,0.5\n"
                              "1,D0,Haptoglobin,3,g/L,,\n"
                              "1,W4,CRP,4,mg/L,0,5\n"
                              "1,W12,CRP,9,,0,5\n");
    study *s = fixture_study("stroma: 1\n"
                             "study: {id: T, title: Test, layout: cohort}\n"
                             "visits: [{id: D0, time: 0, baseline: true}, {id: W4, time: 4}, "
                             "{id: W12, time: 12}]\n"
                             "data:\n"
                             "- file: long.csv\n"
                             "  layout: value\n"
                             "  subject: id\n"
                             "  visit: visit\n"
                             "  param: test\n"
                             "  value: result\n"
                             "  unit: unit\n"
                             "  low: lo\n"
                             "  high: hi\n"
                             "  names: {CRP: crp_mg_L}\n",
                             STEP_IMPORT);
    const study_measurement *m = fixture_find(s, "1", "D0", "crp_mg_L");
    assert_float_equal(m->value, 15, 1e-12);
    assert_float_equal(m->ref_high, 5, 1e-12); /* its limits are in its unit */
    m = fixture_find(s, "1", "W4", "crp_mg_L");
    assert_true(m->value == 4 && m->ref_high == 5);
    assert_true(fixture_value(s, "1", "W12", "crp_mg_L") == 9);
    assert_int_equal(fixture_findings(s, "STROMA-DATA-017"), 1); /* the row without a unit */
    assert_string_equal(fixture_finding(s, "STROMA-DATA-003")->message,
                        "1 row of names that the study file does not map");
    study_free(s);
}

static void test_unknown_unit_is_fatal(void **state)
{
    (void)state;
    fixture_write("a.csv", "id,visit,crp\n1,D0,3\n");
    study *s = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(fixture_run("stroma: 1\nstudy: {id: T, title: Test, layout: cohort}\n"
                                 "visits: [{id: D0, baseline: true}]\n"
                                 "data: [{file: a.csv, layout: visit, subject: id, visit: visit, "
                                 "columns: {crp: {param: crp_mg_L, unit: furlong}}}]\n",
                                 STEP_IMPORT, &s, &err),
                     STROMA_OK);
    assert_int_equal(s->n_fatal, 1);
    assert_int_equal(fixture_findings(s, "STROMA-DATA-008"), 1);
    assert_true(fixture_absent(s, "1", "D0", "crp_mg_L"));
    study_free(s);
}

#define BY_DAY(columns)                                                                         \
    HEAD "data:\n- {file: a.csv, layout: visit, subject: id, day: day, subject_columns: {arm: " \
         "{role: arm}}, columns: {" columns "}}\n"

static void test_visit_by_window_takes_the_nearest(void **state)
{
    (void)state;
    fixture_write("a.csv", "id,arm,day,crp\n"
                           "1,A,-1,10\n"
                           "1,A,22,6\n"  /* six days from the target */
                           "1,A,30,5\n"  /* two days: this one */
                           "1,A,50,99\n" /* in no window */
                           "1,A,84,4\n");
    study *s = fixture_study(BY_DAY("crp: crp"), STEP_IMPORT);
    assert_true(fixture_value(s, "1", "W4", "crp") == 5);
    assert_int_equal(fixture_find(s, "1", "W4", "crp")->study_day, 30);
    assert_true(fixture_value(s, "1", "W12", "crp") == 4);
    assert_true(fixture_absent(s, "1", NULL, "crp")); /* unscheduled is not the subject's own */
    assert_int_equal(s->measurements.len, 5);         /* yet kept */
    assert_string_equal(
        fixture_finding(s, "STROMA-DATA-016")->message,
        "2 rows lie in no visit's window, or farther from its day than another row");
    assert_int_equal(fixture_findings(s, "STROMA-VISIT-003"), 0);
    study_free(s);
}

static void test_value_layout_by_window(void **state)
{
    (void)state;
    fixture_write("a.csv", "id,day,test,x\n1,22,CRP,6\n1,30,CRP,5\n1,36,CRP,7\n1,22,IL6,2\n");
    study *s = fixture_study("stroma: 1\nstudy: {id: T, title: Test, layout: cohort}\n"
                             "visits:\n"
                             "- {id: D0, day: 0, window: [-3, 3], baseline: true}\n"
                             "- {id: W4, day: 28, window: [20, 36]}\n"
                             "data: [{file: a.csv, layout: value, subject: id, day: day, param: "
                             "test, value: x, names: {CRP: crp_mg_L, IL6: il_6_pg_ml}}]\n"
                             "parameters: [{id: il_6_pg_ml, label: IL-6, unit: pg/mL}]\n",
                             STEP_IMPORT);
    assert_true(fixture_value(s, "1", "W4", "crp_mg_L") == 5);
    assert_true(fixture_value(s, "1", "W4", "il_6_pg_ml") == 2); /* its nearest, by itself */
    assert_int_equal(s->measurements.len, 4);
    study_free(s);
}

static void test_unscheduled_value_enters_no_score(void **state)
{
    (void)state;
    fixture_write("a.csv", "id,arm,day,tjc,sjc,gh,esr\n"
                           "1,A,0,10,8,50,30\n"
                           "1,A,28,5,4,30,\n" /* ESR missing at W4 */
                           "1,A,50,,,,80\n"); /* and measured between visits */
    study *s = fixture_study(
        BY_DAY("tjc: tjc28, sjc: sjc28, gh: gh_0_100, esr: esr_mm_h") "scores: [das28_esr4]\n",
        STEP_SCORES);
    assert_int_equal(fixture_find(s, "1", "D0", "das28_esr4")->state, STROMA_PRESENT);
    assert_int_not_equal(fixture_find(s, "1", "W4", "das28_esr4")->state, STROMA_PRESENT);
    study_free(s);
}

static void test_dates_before_day0_is_known(void **state)
{
    (void)state;
    /* day 0 stands in a later row, and dates before its column */
    fixture_write("a.csv", "id,date,crp,left,arm,day0\n"
                           "1,2024-01-30,5,2024-02-10,A,\n"
                           "1,2024-01-02,9,,A,2024-01-01\n");
    study *s = fixture_study(HEAD "data:\n"
                                  "- file: a.csv\n"
                                  "  layout: visit\n"
                                  "  subject: id\n"
                                  "  date: date\n"
                                  "  columns: {crp: crp}\n"
                                  "  subject_columns: {left: {role: disposition_date}, arm: {role: "
                                  "arm}, day0: {role: day0_date}}\n",
                             STEP_IMPORT);
    assert_int_equal(fixture_find(s, "1", "W4", "crp")->study_day, 29);
    assert_int_equal(fixture_find(s, "1", "D0", "crp")->study_day, 1);
    assert_int_equal(s->subjects.items[0].disposition_day, 40);
    study_free(s);
}

static void test_cdisc_days_everywhere(void **state)
{
    (void)state;
    fixture_write("a.csv", "id,arm,day,crp,left\n1,A,1,5,15\n");
    fixture_write("e.csv", "id,what,from,to,type\n1,Fever,2,3,adverse_event\n");
    study *s = fixture_study(
        HEAD "data:\n"
             "- {file: a.csv, layout: visit, subject: id, day: day, day_numbering: cdisc, columns: "
             "{crp: crp, arm: {role: arm}, left: {role: disposition_day}}}\n"
             "- {file: e.csv, layout: event, subject: id, kind: type, day_numbering: cdisc, "
             "fields: {term: what, day: from, end_day: to}}\n",
        STEP_IMPORT);
    assert_int_equal(fixture_find(s, "1", "D0", "crp")->study_day, 0);
    assert_int_equal(s->subjects.items[0].disposition_day, 14);
    assert_int_equal(s->events.len, 1);
    assert_string_equal(s->events.items[0].kind, "adverse_event"); /* from its column */
    assert_int_equal(s->events.items[0].day, 1);
    assert_int_equal(s->events.items[0].end_day, 2);
    study_free(s);
}

static void test_redcap_events_and_repeats(void **state)
{
    (void)state;
    fixture_write("redcap.csv",
                  "record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,"
                  "arm,crp\n"
                  "1,baseline_arm_1,,,A,11\n"
                  "1,visit_arm_1,labs,1,,6\n"
                  "1,visit_arm_1,labs,2,,4\n"
                  "1,visit_arm_1,,,,\n");
    study *s = fixture_study(
        HEAD "data:\n"
             "- file: redcap.csv\n"
             "  layout: visit\n"
             "  subject: record_id\n"
             "  visit: redcap_event_name\n"
             "  repeat: redcap_repeat_instance\n"
             "  visit_map: {baseline_arm_1: D0, visit_arm_1: W4, \"visit_arm_1#2\": W12}\n"
             "  columns: {crp: crp}\n"
             "  subject_columns: {arm: {role: arm}}\n",
        STEP_IMPORT);
    assert_true(fixture_value(s, "1", "D0", "crp") == 11);
    assert_true(fixture_value(s, "1", "W4", "crp") == 6);
    assert_true(fixture_value(s, "1", "W12", "crp") == 4);
    assert_int_equal(s->subjects.items[0].arm, 0);
    study_free(s);
}

static void test_an_empty_cell_does_not_hide_a_value(void **state)
{
    (void)state;
    fixture_write("a.csv", "id,visit,crp,age,arm\n1,D0,,,A\n1,D0,8,61,A\n1,D0,9,62,A\n");
    study *s =
        fixture_study(HEAD "data: [{file: a.csv, layout: visit, subject: id, visit: visit, "
                           "columns: {crp: crp}, subject_columns: {age: age_years, arm: {role: "
                           "arm}}}]\n",
                      STEP_CHECKS);
    assert_true(fixture_value(s, "1", "D0", "crp") == 8);
    assert_true(fixture_value(s, "1", NULL, "age_years") == 61);
    assert_string_equal(fixture_finding(s, "STROMA-VISIT-003")->message,
                        "a second value, unlike the first (the first stands on line 3)");
    assert_int_equal(fixture_findings(s, "STROMA-DATA-012"), 1); /* age 62 */
    study_free(s);
}

static void test_conflicting_subject_columns(void **state)
{
    (void)state;
    fixture_write("a.csv", "id,visit,arm,why,crp,ok\n"
                           "1,D0,A,moved,5,yes\n"
                           "1,W4,A,died,5,no\n");
    study *s = fixture_study(HEAD "data: [{file: a.csv, layout: visit, subject: id, visit: visit, "
                                  "columns: {crp: crp}, subject_columns: {arm: {role: arm}, why: "
                                  "{role: disposition_reason}, ok: {role: treated}}}]\n",
                             STEP_IMPORT);
    assert_int_equal(fixture_findings(s, "STROMA-DATA-012"), 2);
    assert_string_equal(s->subjects.items[0].disposition_reason, "moved");
    assert_true(s->subjects.items[0].treated);
    study_free(s);
}

/* One row that cannot be, and the finding it gives. */
static void one_fault(const char *row, const char *code, const char *value)
{
    char text[256];
    (void)snprintf(text, sizeof text, "id,visit,arm,crp,on,grp\n%s\n", row);
    fixture_write("a.csv", text);
    study *s = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(
        fixture_run(HEAD
                    "- {id: grp, label: Group, kind: word, words: [low, high]}\n"
                    "- {id: on_drug, label: On drug, kind: flag}\n"
                    "data: [{file: a.csv, layout: visit, subject: id, visit: visit, columns: "
                    "{crp: crp, on: on_drug, grp: grp}, subject_columns: {arm: {role: arm}}}]\n",
                    STEP_IMPORT, &s, &err),
        STROMA_OK);
    assert_int_equal(s->n_fatal, 1);
    const stroma_finding *f = fixture_finding(s, code);
    assert_int_equal(f->line, 2);
    if (value != NULL) assert_string_equal(f->value, value);
    assert_int_not_equal(s->fatal.status, STROMA_OK);
    study_free(s);
}

static void test_faults_of_cells(void **state)
{
    (void)state;
    one_fault(",D0,A,5,1,low", "STROMA-DATA-001", NULL);
    one_fault("1,W99,A,5,1,low", "STROMA-DATA-002", "W99");
    one_fault("1,,A,5,1,low", "STROMA-DATA-002", NULL);
    one_fault("1,D0,B,5,1,low", "STROMA-DATA-005", "B");
    one_fault("1,D0,A,5,maybe,low", "STROMA-DATA-007", "maybe");
    one_fault("1,D0,A,5,1,middling", "STROMA-DATA-010", "middling");
}

static void test_two_arms_for_one_subject(void **state)
{
    (void)state;
    fixture_write("a.csv", "id,visit,arm,crp\n1,D0,A,1\n1,W4,C,1\n");
    study *s = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(fixture_run(HEAD "data: [{file: a.csv, layout: visit, subject: id, visit: "
                                      "visit, columns: {crp: crp, arm: {role: arm}}}]\n",
                                 STEP_IMPORT, &s, &err),
                     STROMA_OK);
    assert_int_equal(s->n_fatal, 1);
    assert_int_equal(fixture_finding(s, "STROMA-DATA-006")->line, 3);
    study_free(s);
}

static void test_impossible_values_are_excluded(void **state)
{
    (void)state;
    fixture_write("a.csv", "id,visit,arm,crp\n1,D0,A,-4\n1,W4,A,501\n1,W12,A,500\n");
    study *s = fixture_study(HEAD "data: [{file: a.csv, layout: visit, subject: id, visit: visit, "
                                  "columns: {crp: crp, arm: {role: arm}}}]\n",
                             STEP_IMPORT);
    assert_int_equal(fixture_find(s, "1", "D0", "crp")->state, STROMA_EXCLUDED);
    assert_int_equal(fixture_find(s, "1", "W4", "crp")->state, STROMA_EXCLUDED);
    assert_int_equal(fixture_find(s, "1", "W12", "crp")->state, STROMA_PRESENT);
    assert_int_equal(fixture_findings(s, "STROMA-DATA-009"), 2);
    assert_string_equal(fixture_finding(s, "STROMA-DATA-009")->message,
                        "CRP is outside the possible range 0 to 500 mg/L");
    study_free(s);
}

static void test_therapies(void **state)
{
    (void)state;
    fixture_write("t.csv", "id,drug,dose,unit,how,from,to,still\n"
                           "1,prednisone,5,mg,bid,-10,,yes\n"
                           "1,MSC,106,cells/kg,,0,0,no\n");
    study *s = fixture_study("stroma: 1\nstudy: {id: T, title: T, layout: cohort}\n"
                             "visits: [{id: D0, baseline: true}]\n"
                             "data: [{file: t.csv, layout: therapy, subject: id, fields: {drug: "
                             "drug, dose: dose, dose_unit: unit, frequency: how, start_day: from, "
                             "end_day: to, ongoing: still}}]\n",
                             STEP_CHECKS);
    assert_int_equal(s->therapies.len, 2);
    assert_true(s->therapies.items[0].daily_dose == 10);
    assert_true(s->therapies.items[0].ongoing && !s->therapies.items[1].ongoing);
    assert_int_equal(s->therapies.items[0].start_day, -10);
    assert_int_equal(s->therapies.items[0].end_day, STUDY_DAY_UNKNOWN);
    assert_string_equal(fixture_finding(s, "STROMA-DOSE-001")->audit, "A17");
    study_free(s);
}

static void test_days_that_are_none(void **state)
{
    (void)state;
    fixture_write("a.csv", "id,arm,day,crp\n1,A,1e300,5\n2,A,,5\n");
    study *s = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(fixture_run(BY_DAY("crp: crp"), STEP_IMPORT, &s, &err), STROMA_OK);
    assert_int_equal(fixture_finding(s, "STROMA-DATA-011")->line, 2);
    assert_int_equal(fixture_finding(s, "STROMA-DATA-002")->line, 2);
    assert_int_equal(fixture_findings(s, "STROMA-DATA-002"), 2);
    study_free(s);
}

static void test_missing_column_names_the_nearest(void **state)
{
    (void)state;
    fixture_write("a.csv", "id,visit,arm,crp_mg\n1,D0,A,5\n");
    study *s = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    const stroma_status st =
        fixture_run(HEAD "data: [{file: a.csv, layout: visit, subject: id, visit: visit, columns: "
                         "{crp_mgl: crp, arm: {role: arm}}}]\n",
                    STEP_IMPORT, &s, &err);
    assert_int_equal(st, STROMA_OK);
    const stroma_finding *f = fixture_finding(s, "STROMA-DATA-004");
    assert_string_equal(f->action, "did you mean \"crp_mg\"?");
    assert_int_equal(f->line, 11);
    study_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_visit_layout),
        cmocka_unit_test(test_subject_layout_with_fixed_visits),
        cmocka_unit_test(test_value_layout_with_units_and_ranges),
        cmocka_unit_test(test_unknown_unit_is_fatal),
        cmocka_unit_test(test_visit_by_window_takes_the_nearest),
        cmocka_unit_test(test_value_layout_by_window),
        cmocka_unit_test(test_unscheduled_value_enters_no_score),
        cmocka_unit_test(test_dates_before_day0_is_known),
        cmocka_unit_test(test_cdisc_days_everywhere),
        cmocka_unit_test(test_redcap_events_and_repeats),
        cmocka_unit_test(test_an_empty_cell_does_not_hide_a_value),
        cmocka_unit_test(test_conflicting_subject_columns),
        cmocka_unit_test(test_faults_of_cells),
        cmocka_unit_test(test_two_arms_for_one_subject),
        cmocka_unit_test(test_impossible_values_are_excluded),
        cmocka_unit_test(test_therapies),
        cmocka_unit_test(test_days_that_are_none),
        cmocka_unit_test(test_missing_column_names_the_nearest),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
