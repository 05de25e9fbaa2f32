/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions about biomarkers: who enters, with which values, and what the time guard refuses. The
 * function that answers only notes what it was asked. Audits A5, A7. */
#include "../../src/study/claims.h"
#include "study_fixture.h"

#define HEAD                                                                                      \
    "stroma: 1\n"                                                                                 \
    "study: {id: T, title: Test, layout: trial}\n"                                                \
    "arms: [{id: A, label: Active, role: treated}, {id: C, label: Control, role: control}]\n"     \
    "visits: [{id: D0, day: 0, baseline: true}, {id: W4, day: 28}, {id: W12, day: 84}]\n"         \
    "parameters:\n"                                                                               \
    "- {id: ifn, label: IFN, unit: pg/mL, category: cytokine, lloq: 2, assay: kit}\n"             \
    "- {id: il6, label: IL-6, unit: pg/mL, category: cytokine, log_scale: true}\n"                \
    "- {id: das, label: DAS, category: score}\n"                                                  \
    "- {id: plate, label: Plate, kind: word, category: demographic}\n"                            \
    "- {id: word, label: Word, kind: word, category: response}\n"                                 \
    "- {id: well, label: Well, kind: flag, category: response}\n"                                 \
    "data:\n"                                                                                     \
    "- {file: a.csv, layout: visit, subject: id, visit: visit, columns: {ifn: ifn, il6: il6, "    \
    "das: das, word: word, well: well}, subject_columns: {arm: {role: arm}, plate: plate, left: " \
    "{role: "                                                                                     \
    "disposition_day}}}\n"                                                                        \
    "- {file: e.csv, layout: event, subject: id, kind: adverse_event, fields: {term: term, day: " \
    "from, end_day: to}}\n"                                                                       \
    "derive: [{id: peak, method: maximum, of: ifn, visits: [D0, W4], at: W4}, {id: change, "      \
    "method: change, of: das}]\n"                                                                 \
    "groups: [{id: r, label: Response, landmark: W12, within: [A], groups: [{id: y, label: Yes, " \
    "when: [{param: word, visit: W12, in: [good]}]}, {id: n, label: No, when: [{param: word, "    \
    "visit: W12, in: [none]}]}, {id: c, label: Control, arm: C}]}]\n"

/* 4 stands first: the order of rows says nothing. */
static const char rows[] = "id,visit,arm,plate,left,ifn,il6,das,word,well\n"
                           "4,D0,C,p2,,6,6,6,,\n"
                           "4,W4,C,p2,,6,6,6,,\n"
                           "4,W12,C,p2,,6,6,5,good,1\n"
                           "1,D0,A,p1,,<2,5,6,,\n"
                           "1,W4,A,p1,,9,4,5,,\n"
                           "1,W12,A,p1,,3,3,3,good,1\n"
                           "2,D0,A,p2,,4,,6,,\n"
                           "2,W12,A,p2,,5,7,6,none,0\n"
                           "3,D0,A,p1,20,7,8,6,,\n"
                           "3,W12,A,p1,20,7,8,6,good,1\n"
                           "5,D0,A,p2,,1,1,6,,\n";

/* 5 does not enter; a fever is no infection. */
static const char events[] = "id,term,from,to\n"
                             "3,Infection,12,20\n"
                             "1,Infection,30,\n"
                             "2,Sepsis,,\n"
                             "2,Fever,3,\n"
                             "5,Infection,3,\n";

/* What was asked, kept for the assertions while the study lives. */
static struct {
    stroma_study_biomarker q;
    stroma_study_variable variable[8];
    stroma_study_cutoff cutoff[2];
    size_t times;
} asked;

static stroma_status note(const stroma_study_biomarker *q, stroma_study_answer *out,
                          stroma_error *err)
{
    asked.q = *q;
    asked.times++;
    assert_true(q->variables_len <= 8 && q->cutoffs_len <= 2);
    memcpy(asked.variable, q->variables, q->variables_len * sizeof *q->variables);
    if (q->cutoffs_len > 0) memcpy(asked.cutoff, q->cutoffs, q->cutoffs_len * sizeof *q->cutoffs);
    STROMA_TRY(stroma_grow(&out->results.items, &out->results.capacity, 1,
                           sizeof *out->results.items, err));
    out->results.items[out->results.len++] =
        (stroma_study_answer_result){ .label = "noted",
                                      .variable = 0,
                                      .stat = stroma_stat_empty("noted"),
                                      .p_adjusted = NAN,
                                      .adjust_method = "none" };
    return STROMA_OK;
}

static study *with(const char *entry, stroma_status wanted, const char *message)
{
    char text[4096];
    stroma_error err = STROMA_ERROR_INIT;
    (void)snprintf(text, sizeof text, "%sbiomarkers:\n%s", HEAD, entry);
    fixture_write("a.csv", rows);
    fixture_write("e.csv", events);
    memset(&asked, 0, sizeof asked);
    study *s = fixture_study(text, STEP_ANALYSE);
    const stroma_status st = study_answer_biomarkers(s, note, &err);
    if (st != wanted) print_message("%s%s\n", err.context, err.message);
    assert_int_equal(st, wanted);
    if (message != NULL && strstr(err.message, message) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.message, message);
    if (wanted != STROMA_OK) {
        assert_int_equal(asked.times, 0);
        assert_true(err.line > 0);
    }
    return s;
}

static void refused(const char *entry, stroma_status status, const char *message)
{
    study_free(with(entry, status, message));
}

#define OUTCOME "outcome: {grouping: r, group: y}"

static void test_who_enters(void **state)
{
    (void)state;
    study *s = with("- {id: b, question: prognostic, set: all_randomised, " OUTCOME
                    ", candidates: [{params: [ifn, il6]}]}\n",
                    STROMA_OK, NULL);
    /* 1 yes, 2 no, 3 yes; 4 is of the control arm, 5 has no outcome */
    assert_int_equal(asked.q.n, 3);
    assert_string_equal(asked.q.subject[0], "1");
    assert_true(asked.q.outcome[0] == 1 && asked.q.outcome[1] == 0 && asked.q.outcome[2] == 1);
    assert_null(asked.q.treated);
    assert_int_equal(asked.q.excluded_len, 1);
    assert_string_equal(asked.q.excluded[0].reason, "no outcome");
    assert_int_equal(asked.q.outcome_day, 84);
    assert_int_equal(asked.q.landmark_day, 0);
    assert_string_equal(asked.q.event_label, "Yes");
    assert_int_equal(asked.q.variables_len, 2);
    const stroma_study_variable *v = asked.variable;
    assert_string_equal(v[0].name, "ifn@D0");
    assert_true(v[0].lloq == 2 && isnan(v[0].uloq) && v[0].in_family);
    assert_int_equal(v[0].state[0], STROMA_BELOW_LIMIT);
    assert_true(v[0].value[0] == 2 && v[0].value[1] == 4);
    assert_true(v[1].log_scale);
    assert_int_equal(v[1].state[1], STROMA_MISSING);
    assert_true(isnan(v[1].value[1]));
    assert_string_equal(s->results.items[s->results.len - 1].analysis_id, "b");
    assert_int_equal(s->markers.len, 1);
    assert_int_equal(s->markers.items[0].n_events, 2);
    study_free(s);
}

/* Landmark discipline: subject 3 left on day 20, subject 2 was not seen at week 4. */
static void test_landmark(void **state)
{
    (void)state;
    study *s =
        with("- {id: b, question: early_response, landmark: W4, set: all_randomised, " OUTCOME
             ", candidates: [{param: peak, visit: W4}, {param: ifn, visit: D0}]}\n",
             STROMA_OK, NULL);
    assert_int_equal(asked.q.n, 1);
    assert_int_equal(asked.q.excluded_len, 3);
    assert_string_equal(asked.q.excluded[0].reason, "not measured at the landmark");
    assert_string_equal(asked.q.excluded[1].reason, "left before the landmark");
    assert_true(asked.variable[0].value[0] == 9);
    assert_int_equal(asked.variable[0].day, 28);
    assert_int_equal(asked.variable[1].day, 0);
    study_free(s);
}

static void test_predictive_takes_both_arms(void **state)
{
    (void)state;
    study *s = with("- {id: b, question: predictive, set: all_randomised, batch: plate, outcome: "
                    "{param: word, visit: W12, success: [good], missing: nonresponse}, candidates: "
                    "[{category: cytokine}]}\n",
                    STROMA_OK, NULL);
    assert_int_equal(asked.q.n, 5);
    assert_non_null(asked.q.treated);
    assert_true(asked.q.treated[0] == 1 && asked.q.treated[3] == 0);
    assert_true(asked.q.outcome[3] == 1 && asked.q.outcome[4] == 0); /* composite strategy */
    assert_int_equal(asked.q.batches_len, 2);
    assert_string_equal(asked.q.batch_name[asked.q.batch[1]], "p2");
    assert_int_equal(asked.q.variables_len, 2);
    study_free(s);
}

/* What a treatment changes is compared between the arms, after it, also where the outcome was made
 * of it. */
static void test_pharmacodynamic_takes_both_arms(void **state)
{
    (void)state;
    study *s = with("- {id: b, question: pharmacodynamic, set: all_randomised, outcome: {param: "
                    "change, visit: W12}, candidates: [{params: [das, ifn], visit: W12}]}\n",
                    STROMA_OK, NULL);
    assert_int_equal(asked.q.n, 4);
    assert_non_null(asked.q.treated);
    assert_null(asked.variable[0].circular);
    assert_int_equal(asked.variable[0].day, 84);
    study_free(s);
}

/* Places are by id, not by the order of rows; 2 stands before 10. */
static void test_subjects_are_in_order(void **state)
{
    (void)state;
    study *s = with("- {id: b, question: predictive, set: all_randomised, outcome: {param: das, "
                    "visit: W12}, candidates: [{param: il6}]}\n",
                    STROMA_OK, NULL);
    for (size_t i = 1; i < asked.q.n; i++)
        assert_true(strlen(asked.q.subject[i - 1]) < strlen(asked.q.subject[i]) ||
                    strcmp(asked.q.subject[i - 1], asked.q.subject[i]) < 0);
    study_free(s);
}

/* A cut-off below the LLOQ goes to the answer as declared; one without a value is searched. */
static void test_cutoffs_and_model(void **state)
{
    (void)state;
    study *s = with("- {id: b, question: prognostic, set: all_randomised, " OUTCOME
                    ", candidates: [{param: ifn}], cutoffs: [{param: ifn, value: 2, origin: "
                    "literature, direction: at_least, assay: other}, {param: il6, origin: "
                    "found_here}], model: {method: firth, predictors: [il6, ifn@D0]}}\n",
                    STROMA_OK, NULL);
    assert_true(asked.cutoff[0].inclusive && !asked.cutoff[0].below && !asked.cutoff[0].search);
    assert_string_equal(asked.cutoff[0].assay, "other");
    assert_true(asked.cutoff[1].search && isnan(asked.cutoff[1].value));
    assert_string_equal(asked.variable[asked.cutoff[1].variable].name, "il6@D0");
    assert_false(asked.variable[1].in_family); /* named by a cut-off only */
    study_free(s);
}

static void test_what_is_later_is_refused(void **state)
{
    (void)state;
    refused("- {id: b, question: prognostic, " OUTCOME ", candidates: [{param: ifn, visit: W4}]}\n",
            STROMA_E_INCONSISTENT, "reaches to W4, after the landmark D0");
    /* the peak is dated W4 and hides a later value behind an earlier label */
    refused("- {id: b, question: prognostic, " OUTCOME
            ", candidates: [{param: peak, visit: W4}]}\n",
            STROMA_E_INCONSISTENT, "after the landmark D0");
    refused("- {id: b, question: early_response, landmark: W12, " OUTCOME
            ", candidates: [{param: ifn, visit: D0}]}\n",
            STROMA_E_INCONSISTENT, "the outcome is known at W12, not after the landmark W12");
    refused("- {id: b, question: early_response, " OUTCOME ", candidates: [{param: ifn}]}\n",
            STROMA_E_MALFORMED, "early_response needs a landmark");
}

static void test_faults_of_the_entry(void **state)
{
    (void)state;
    refused("- {id: b, question: prognostic, outcome: {grouping: r}, candidates: [{param: ifn}]}\n",
            STROMA_E_MALFORMED, "needs `group`");
    refused("- {id: b, question: prognostic, outcome: {param: word, visit: W12}, candidates: "
            "[{param: ifn}]}\n",
            STROMA_E_MALFORMED, "`success` is missing");
    /* 0 and 1 are not two sizes of a number */
    refused("- {id: b, question: prognostic, outcome: {param: well, visit: W12}, candidates: "
            "[{param: ifn}]}\n",
            STROMA_E_MALFORMED, "`success` is missing");
    refused("- {id: b, question: prognostic, level: 95, " OUTCOME ", candidates: [{param: ifn}]}\n",
            STROMA_E_MALFORMED, "not \"95\"");
    refused("- {id: b, question: prognostic, " OUTCOME ", candidates: [{visit: D0}]}\n",
            STROMA_E_MALFORMED, "needs param, params or category");
    refused("- {id: b, question: prognostic, " OUTCOME ", candidates: [{param: plate}]}\n",
            STROMA_E_MALFORMED, "not the words of");
    refused("- {id: b, question: prognostic, " OUTCOME
            ", candidates: [{param: ifn}], cutoffs: [{param: ifn, origin: literature}]}\n",
            STROMA_E_MALFORMED, "a cut-off without a value");
    refused("- {id: b, question: prognostic, permutations: 3, " OUTCOME
            ", candidates: [{param: ifn}]}\n",
            STROMA_E_MALFORMED, "permutations are at least 100");
    refused("- {id: b, question: prognostic, " OUTCOME
            ", candidates: [{param: ifn}], align: [{marker: ifn, response: il6}]}\n",
            STROMA_E_MALFORMED, "either `above` a value or by a `fold`");
    refused("- {id: b, question: prognostic, " OUTCOME
            ", candidates: [{param: ifn}], align: [{marker: ifn, response: il6, above: 2, "
            "other_cause: {terms: [Infection], days: -1}}]}\n",
            STROMA_E_MALFORMED, "`days` of other_cause is 0 to 3650");
}

/* S3-57: events that may explain a rise, of those who entered. */
static void test_other_cause_of_a_rise(void **state)
{
    (void)state;
    study *s = with("- {id: b, question: prognostic, set: all_randomised, " OUTCOME
                    ", candidates: [{param: ifn}], align: [{marker: ifn, response: il6, above: 2, "
                    "other_cause: {terms: [Infection, Sepsis], days: 7, leave_out: true}}]}\n",
                    STROMA_OK, NULL);
    assert_int_equal(asked.q.alignments_len, 1);
    const stroma_study_other_cause *c = asked.q.alignments[0].other_cause;
    assert_non_null(c);
    assert_string_equal(c->label, "Infection, Sepsis");
    assert_true(c->days == 7 && c->leave_out);
    assert_int_equal(c->n, 2);
    assert_int_equal(c->undated, 1);
    for (size_t k = 0; k < c->n; k++) {
        const bool third = strcmp(asked.q.subject[c->subject[k]], "3") == 0;
        assert_true(c->first[k] == (third ? 12 : 30) && c->last[k] == (third ? 20 : 30));
    }
    study_free(s);
}

/* "14 of them with: 1" says nothing: a flag is called by its label. */
static void test_event_of_a_flag(void **state)
{
    (void)state;
    study *s = with("- {id: b, question: prognostic, set: all_randomised, outcome: {param: well, "
                    "visit: W12, success: [\"1\"]}, candidates: [{param: ifn}]}\n",
                    STROMA_OK, NULL);
    assert_string_equal(asked.q.event_label, "Well");
    study_free(s);
}

/* A word that no value is would count nobody as an event. */
static void test_words_of_an_outcome(void **state)
{
    (void)state;
    static const char entry[] = "- {id: b, question: prognostic, set: all_randomised, outcome: "
                                "{param: %s, visit: W12, success: [%s]}, candidates: [{param: "
                                "ifn}]}\n";
    static const char *const cases[][3] = { { "well", "yes", "no value of \"well\" is \"yes\"" },
                                            { "word", "god", "no value of \"word\" is \"god\"" } };
    for (size_t i = 0; i < 2; i++) {
        char text[400];
        (void)snprintf(text, sizeof text, entry, cases[i][0], cases[i][1]);
        study *s = with(text, STROMA_OK, NULL);
        assert_int_equal(study_check_words(s, NULL), STROMA_OK);
        bool said = false;
        for (size_t k = 0; k < s->findings.len; k++)
            said = said || strstr(s->findings.items[k].message, cases[i][2]) != NULL;
        assert_true(said);
        study_free(s);
    }
    char text[400];
    stroma_error err = STROMA_ERROR_INIT;
    (void)snprintf(text, sizeof text, entry, "das", "\"3\"");
    study *s = with(text, STROMA_OK, NULL);
    assert_int_equal(study_check_words(s, &err), STROMA_E_MALFORMED);
    assert_non_null(strstr(err.message, "success counts words or yes/no, not numbers"));
    study_free(s);
}

/* What was screened stands in the first sentence: how many of how many, never "predicts". */
static void test_headline(void **state)
{
    (void)state;
    study *s =
        with("- {id: b, label: Early markers, question: prognostic, set: all_randomised, " OUTCOME
             ", candidates: [{params: [ifn, il6]}]}\n",
             STROMA_OK, NULL);
    assert_string_equal(claims_markers(s), ""); /* nothing was tested */
    stroma_study_answer_candidate c[2] = { { .variable = 0, .p_max_t = 0.3 },
                                           { .variable = 1, .p_max_t = 0.2 } };
    s->markers.items[0].candidates = c;
    s->markers.items[0].candidates_len = 2;
    assert_string_equal(claims_markers(s), "Early markers: none of 2 candidates passed the test "
                                           "that is adjusted for all of them.");
    c[1].p_max_t = 0.01;
    assert_string_equal(claims_markers(s),
                        "Early markers: 1 of 2 candidates passed the test that is adjusted for all "
                        "of them (IL-6). Nothing here confirms that in other patients.");
    s->markers.items[0].candidates_len = 1; /* may have been chosen among many elsewhere */
    c[0].p_max_t = 0.001;
    assert_string_equal(claims_markers(s), "");
    study_free(s);
}

/* The score behind the outcome is coupled with it; a candidate of another kind is not. */
static void test_coupling_is_called_circular(void **state)
{
    (void)state;
    study *s = with("- {id: b, question: prognostic, set: all_randomised, outcome: {param: change, "
                    "visit: W12}, candidates: [{params: [das, ifn], visit: D0}]}\n",
                    STROMA_OK, NULL);
    assert_null(asked.q.event_label);
    assert_non_null(asked.variable[0].circular);
    assert_non_null(strstr(asked.variable[0].circular, "DAS"));
    assert_null(asked.variable[1].circular);
    study_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_enters),
        cmocka_unit_test(test_landmark),
        cmocka_unit_test(test_predictive_takes_both_arms),
        cmocka_unit_test(test_pharmacodynamic_takes_both_arms),
        cmocka_unit_test(test_subjects_are_in_order),
        cmocka_unit_test(test_cutoffs_and_model),
        cmocka_unit_test(test_what_is_later_is_refused),
        cmocka_unit_test(test_faults_of_the_entry),
        cmocka_unit_test(test_event_of_a_flag),
        cmocka_unit_test(test_words_of_an_outcome),
        cmocka_unit_test(test_headline),
        cmocka_unit_test(test_other_cause_of_a_rise),
        cmocka_unit_test(test_coupling_is_called_circular),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
