/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scores, derivations, groupings and sets: each from a few values whose answer is known. */
#include "study_fixture.h"

#define HEAD                                                                                   \
    "stroma: 1\n"                                                                              \
    "study: {id: T, title: Test, layout: trial, primary: crp}\n"                               \
    "arms: [{id: A, label: Active, role: treated}, {id: C, label: Control, role: control}]\n"  \
    "visits: [{id: D0, time: 0, baseline: true}, {id: W4, time: 4}, {id: W12, time: 12}]\n"    \
    "parameters:\n"                                                                            \
    "- {id: ifn, label: IFN, unit: pg/mL, category: cytokine}\n"                               \
    "- {id: crp, label: CRP, unit: mg/L, category: acute_phase}\n"                             \
    "- {id: word, label: Word, kind: word, category: response}\n"                              \
    "data:\n"                                                                                  \
    "- {file: a.csv, layout: visit, subject: id, visit: visit, columns: {ifn: ifn, crp: crp, " \
    "word: word}, subject_columns: {arm: {role: arm}, treated: {role: treated}, dev: {role: "  \
    "protocol_deviation}}}\n"

static const char rows[] = "id,visit,arm,treated,dev,ifn,crp,word\n"
                           "1,D0,A,1,0,4,10,\n"
                           "1,W4,A,1,0,20,8,\n"
                           "1,W12,A,1,0,<5,4,good\n"
                           "2,D0,A,1,1,<2,0,\n"
                           "2,W4,A,1,1,<5,3,\n"
                           "2,W12,A,1,1,<3,2,none\n"
                           "3,D0,C,1,0,7,5,\n"
                           "3,W4,C,1,0,>100,5,\n"
                           "3,W12,C,1,0,9,5,\n"
                           "4,D0,C,0,0,<8,6,\n"
                           "4,W4,C,0,0,3,,\n";

static study *with(const char *more, fixture_step last)
{
    char text[4096];
    (void)snprintf(text, sizeof text, "%s%s", HEAD, more);
    fixture_write("a.csv", rows);
    return fixture_study(text, last);
}

static void fails(const char *more, fixture_step last, const char *message)
{
    char text[4096];
    (void)snprintf(text, sizeof text, "%s%s", HEAD, more);
    fixture_write("a.csv", rows);
    fixture_fails(text, last, 11, message);
}

static void state_is(const study *s, const char *subject, const char *visit, const char *param,
                     stroma_cell_state state, double value)
{
    const study_measurement *m = fixture_find(s, subject, visit, param);
    if (m->state != state || (!isnan(value) && m->value != value))
        print_message("%s of %s: state %s, value %g\n", param, subject,
                      stroma_cell_state_name(m->state), m->value);
    assert_int_equal(m->state, state);
    if (!isnan(value)) assert_true(m->value == value);
    assert_true(state == STROMA_PRESENT || state == STROMA_BELOW_LIMIT ||
                state == STROMA_ABOVE_LIMIT || m->reason != NULL);
}

static void test_against_the_baseline(void **state)
{
    (void)state;
    study *s = with("derive:\n"
                    "- {id: d, method: change, of: crp}\n"
                    "- {id: pc, method: percent_change, of: crp}\n"
                    "- {id: l2, method: log2_ratio, of: crp, visits: [W4, W12]}\n"
                    "- {id: d4, method: change, of: crp, from: W4}\n"
                    "- {id: dd, method: change, of: ifn}\n",
                    STEP_DERIVE);
    state_is(s, "1", "W12", "d", STROMA_PRESENT, -6);
    assert_true(fixture_absent(s, "1", "D0", "d")); /* no change at the reference itself */
    state_is(s, "1", "W4", "pc", STROMA_PRESENT, -20);
    state_is(s, "2", "W4", "pc", STROMA_NOT_ESTIMABLE, NAN); /* of nothing */
    assert_true(fabs(fixture_value(s, "1", "W12", "l2") - log2(0.4)) < 1e-15);
    state_is(s, "2", "W4", "l2", STROMA_NOT_ESTIMABLE, NAN);
    state_is(s, "1", "W12", "d4", STROMA_PRESENT, -4);
    assert_true(fixture_absent(s, "1", "D0", "d4")); /* before its reference: would look ahead */
    state_is(s, "4", "W4", "d", STROMA_NOT_ESTIMABLE, NAN); /* CRP missing there */
    state_is(s, "1", "W12", "dd", STROMA_NOT_ESTIMABLE, NAN);
    assert_string_equal(fixture_find(s, "1", "W12", "dd")->reason, "an input is below its limit");
    const study_param *p = &s->params.items[study_find_param(s, "pc")];
    assert_string_equal(p->unit, "%");
    assert_false(p->from_file);
    assert_int_equal(fixture_find(s, "1", "W12", "d")->inputs_len, 2);
    study_free(s);
}

static void test_of_two_parameters(void **state)
{
    (void)state;
    study *s = with("derive:\n"
                    "- {id: r, method: ratio, of: ifn, over: crp, floor: 1}\n"
                    "- {id: m, method: difference, of: ifn, over: crp}\n",
                    STEP_DERIVE);
    state_is(s, "1", "D0", "r", STROMA_PRESENT, 0.4);
    state_is(s, "1", "D0", "m", STROMA_PRESENT, -6);
    state_is(s, "2", "D0", "r", STROMA_NOT_ESTIMABLE, NAN);
    study_free(s);
}

static void test_extremes_with_censored_values(void **state)
{
    (void)state;
    study *s = with("derive:\n"
                    "- {id: hi, method: maximum, of: ifn, at: W12}\n"
                    "- {id: lo, method: minimum, of: ifn, at: W12}\n"
                    "- {id: av, method: mean, of: crp, at: W12}\n"
                    "- {id: avi, method: mean, of: ifn, at: W12}\n"
                    "- {id: early, method: maximum, of: ifn, visits: [D0], at: W4}\n",
                    STEP_DERIVE);
    state_is(s, "1", "W12", "hi", STROMA_PRESENT, 20);        /* 4, 20, <5 */
    state_is(s, "2", "W12", "hi", STROMA_BELOW_LIMIT, 5);     /* <2, <5, <3 */
    state_is(s, "3", "W12", "hi", STROMA_ABOVE_LIMIT, 100);   /* 7, >100, 9 */
    state_is(s, "4", "W12", "hi", STROMA_BELOW_LIMIT, 8);     /* <8, 3: below 8 it is */
    state_is(s, "1", "W12", "lo", STROMA_NOT_ESTIMABLE, NAN); /* 4, or the one below 5 */
    state_is(s, "2", "W12", "lo", STROMA_BELOW_LIMIT, 2);
    state_is(s, "3", "W12", "lo", STROMA_PRESENT, 7);
    state_is(s, "4", "W12", "lo", STROMA_NOT_ESTIMABLE, NAN);
    assert_true(fabs(fixture_value(s, "1", "W12", "av") - 22.0 / 3) < 1e-12);
    state_is(s, "4", "W12", "av", STROMA_PRESENT, 6); /* the missing visit is passed over */
    state_is(s, "1", "W12", "avi", STROMA_NOT_ESTIMABLE, NAN);
    state_is(s, "1", "W4", "early", STROMA_PRESENT, 4);
    study_free(s);
}

static void test_thresholds_with_censored_values(void **state)
{
    (void)state;
    study *s = with("derive:\n"
                    "- {id: up, method: threshold, of: ifn, above: 4}\n"
                    "- {id: least, method: threshold, of: ifn, at_least: 4}\n"
                    "- {id: down, method: threshold, of: ifn, below: 5}\n"
                    "- {id: high, method: threshold, of: ifn, above: 100}\n",
                    STEP_DERIVE);
    state_is(s, "1", "D0", "up", STROMA_PRESENT, 0); /* 4 is not above 4 */
    state_is(s, "1", "D0", "least", STROMA_PRESENT, 1);
    state_is(s, "1", "W4", "up", STROMA_PRESENT, 1);
    state_is(s, "2", "D0", "up", STROMA_PRESENT, 0);          /* <2 is not above 4 */
    state_is(s, "1", "W12", "up", STROMA_NOT_ESTIMABLE, NAN); /* <5 may be 4.5 */
    state_is(s, "1", "W12", "down", STROMA_PRESENT, 1);       /* <5 is below 5 */
    state_is(s, "3", "W4", "up", STROMA_PRESENT, 1);          /* >100 */
    state_is(s, "3", "W4", "high", STROMA_PRESENT, 1);
    state_is(s, "3", "W4", "down", STROMA_PRESENT, 0);
    study_free(s);
}

static void test_faults_of_derivations(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "derive: [{id: x, method: ratio, of: crp}]\n", "give the second parameter" },
        { "derive: [{id: x, method: maximum, of: crp}]\n", "dated to" },
        { "derive: [{id: x, method: maximum, of: crp, at: W4}]\n", "dated before a visit" },
        { "derive: [{id: x, method: maximum, of: crp, at: W99}]\n", "unknown visit" },
        { "derive: [{id: x, method: change, of: crp, from: W4, visits: [D0]}]\n",
          "the reference visit comes after" },
        { "derive: [{id: x, method: threshold, of: crp}]\n", "give one of above" },
        { "derive: [{id: x, method: threshold, of: crp, above: 1, below: 3}]\n",
          "give one of above" },
        { "derive: [{id: x, method: threshold, of: crp, above: 1, at: W12}]\n",
          "exactly one visit" },
        { "derive: [{id: x, method: change, of: word}]\n", "words have no numbers" },
        { "derive: [{id: ifn, method: change, of: crp}]\n", "a file already gives" },
        { "derive: [{id: x, method: change, of: crp, decimals: 99}]\n", "decimals are" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        fails(cases[i][0], STEP_DERIVE, cases[i][1]);
}

#define BY_WORD(missing)                                                                         \
    "groups:\n- {id: g, label: G, landmark: W12, missing: " missing ", within: [A, C], groups: " \
    "[{id: yes, when: [{param: word, visit: W12, in: [good]}]}, {id: no, otherwise: true}]}\n"

static void test_missing_rules_of_groupings(void **state)
{
    (void)state;
    study *s = with(BY_WORD("leave_out"), STEP_GROUPINGS);
    const study_grouping *g = &s->groupings.items[study_find_grouping(s, "g")];
    assert_int_equal(g->member[0], 0);
    assert_int_equal(g->member[1], 1);
    assert_int_equal(g->member[2], STUDY_NONE); /* no word at W12 */
    assert_int_equal(g->member[3], STUDY_NONE);
    study_free(s);
    s = with(BY_WORD("nonresponse"), STEP_GROUPINGS);
    g = &s->groupings.items[study_find_grouping(s, "g")];
    assert_int_equal(g->member[2], 1);
    assert_true(g->imputed[2] && !g->imputed[1]);
    assert_int_equal(g->origin, study_find_param(s, "word"));
    study_free(s);
}

static void test_groups_of_censored_values(void **state)
{
    (void)state;
    study *s = with("groups:\n- {id: g, label: G, landmark: D0, groups: [{id: high, when: [{param: "
                    "ifn, visit: D0, above: 3}]}, {id: low, otherwise: true}]}\n",
                    STEP_GROUPINGS);
    const study_grouping *g = &s->groupings.items[study_find_grouping(s, "g")];
    assert_int_equal(g->member[0], 0);
    assert_int_equal(g->member[1], 1);          /* <2 is not above 3 */
    assert_int_equal(g->member[3], STUDY_NONE); /* <8 may be */
    study_free(s);
}

static void test_faults_of_groupings(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "groups: [{id: g, label: G, groups: [{id: a, when: [{param: crp, visit: W4, above: "
          "1}]}]}]\n",
          "needs its landmark" },
        { "groups: [{id: g, label: G, landmark: W4, groups: [{id: a, when: [{param: crp, visit: "
          "W12, above: 1}]}]}]\n",
          "look past their landmark" },
        { "groups: [{id: g, label: G, landmark: W4, missing: nonresponse, groups: [{id: a, when: "
          "[{param: crp, visit: W4, above: 1}]}]}]\n",
          "needs a group with otherwise" },
        { "groups: [{id: g, label: G, groups: [{id: a, arm: A}, {id: a, arm: C}]}]\n",
          "two groups have the id" },
        { "groups: [{id: arm, label: G, groups: [{id: a, arm: A}]}]\n",
          "two groupings have the id" },
        { "groups: [{id: g, label: G, groups: [{id: a, arm: Z}]}]\n", "unknown arm" },
        { "groups: [{id: g, label: G, groups: [{id: a}]}]\n", "give arm, when or otherwise" },
        { "groups: [{id: g, label: G, landmark: W4, groups: [{id: a, when: [{param: crp, visit: "
          "W4}]}]}]\n",
          "give one of in, above" },
        { "groups: [{id: g, label: G, landmark: W4, groups: [{id: a, when: [{param: crq, visit: "
          "W4, above: 1}]}]}]\n",
          "no measurements of parameter" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        fails(cases[i][0], STEP_GROUPINGS, cases[i][1]);
}

static void set_is(const study *s, const char *id, const char *members)
{
    const study_set *set = &s->sets.items[study_find_set(s, id)];
    for (size_t i = 0; i < s->subjects.len; i++) {
        if (set->included[i] != (members[i] == '1')) print_message("set %s, subject %zu\n", id, i);
        assert_int_equal(set->included[i], members[i] == '1');
        assert_int_equal(set->reasons[i] == NULL, members[i] == '1');
    }
}

static void test_sets(void **state)
{
    (void)state;
    study *s = with("sets:\n"
                    "- {id: done, rule: completed, param: crp, visit: W12}\n"
                    "- {id: actives, rule: group, grouping: arm, groups: [A]}\n"
                    "- {id: everybody, rule: all}\n",
                    STEP_SETS);
    set_is(s, "all_randomised", "1111");
    set_is(s, "full_analysis", "1110"); /* 4 has no CRP after baseline */
    set_is(s, "per_protocol", "1010");
    set_is(s, "safety", "1110");
    set_is(s, "done", "1110");
    set_is(s, "actives", "1100");
    set_is(s, "everybody", "1111");
    study_free(s);
}

static void test_scores(void **state)
{
    (void)state;
    fixture_write("s.csv", "id,visit,tjc,sjc,gh,esr\n"
                           "1,S,12,10,70,50\n1,D0,10,8,60,40\n1,W12,2,1,10,<12\n2,W12,2,1,10,12\n");
    static const char head[] =
        "stroma: 1\nstudy: {id: T, title: T, layout: cohort}\n"
        "visits: [{id: S, time: -1}, {id: D0, time: 0, baseline: true}, {id: W12, time: 12}]\n"
        "data: [{file: s.csv, layout: visit, subject: id, visit: visit, columns: {tjc: tjc28, sjc: "
        "sjc28, gh: gh_0_100, esr: esr_mm_h}}]\n";
    char text[1024];
    (void)snprintf(text, sizeof text,
                   "%sscores: [das28_esr4, {id: das28_esr4, as: das_limit, options: {censored: "
                   "limit}}]\n",
                   head);
    study *s = fixture_study(text, STEP_SCORES);
    const double want = 0.56 * sqrt(10) + 0.28 * sqrt(8) + 0.70 * log(40) + 0.014 * 60;
    assert_true(fabs(fixture_value(s, "1", "D0", "das28_esr4") - want) < 1e-12);
    state_is(s, "1", "W12", "das28_esr4", STROMA_NOT_ESTIMABLE, NAN); /* ESR <12 */
    const double limit = 0.56 * sqrt(2) + 0.28 + 0.70 * log(12) + 0.14;
    assert_true(fabs(fixture_value(s, "1", "W12", "das_limit") - limit) < 1e-12);
    assert_non_null(fixture_find(s, "1", "W12", "das_limit")->flags);
    study_free(s);
}

static void test_faults_of_scores(void **state)
{
    (void)state;
    fixture_write("s.csv", "id,visit,tjc,sjc,gh,esr,das\n1,D0,10,8,60,40,5\n");
    static const char *const cases[][2] = {
        { "{id: das28_esr4, options: [a]}", "is a map of names" },
        { "{id: das28_esr4, options: {censored: maybe}}", "refuse, limit or half" },
        { "{id: das28_esr4, options: {foo: 1}}", "has no option" },
        { "{id: das28_esr4, inputs: {tjc: tjc28}}", "has no input" },
        { "{id: das28_esr4, inputs: {tjc28: {param: tjc28, visit: W9}}}", "unknown visit" },
        { "{id: das28_esr4, visits: [W9]}", "unknown visit" },
        { "{id: das28_esr4, visits: [D0], inputs: {tjc28: {param: tjc28, visit: W12}}}",
          "comes from a later visit" },
        { "{id: das28_esr4, as: das28_crp4}", "already give parameter" },
        { "{id: das28}", "not interchangeable" },
        { "{id: das99}", "no score" },
        { "{id: sdai}", "no data for an input" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[1024];
        (void)snprintf(text, sizeof text,
                       "stroma: 1\nstudy: {id: T, title: T, layout: cohort}\n"
                       "visits: [{id: D0, baseline: true}, {id: W12}]\n"
                       "data: [{file: s.csv, layout: visit, subject: id, visit: visit, columns: "
                       "{tjc: tjc28, sjc: sjc28, gh: gh_0_100, esr: esr_mm_h, das: das28_crp4}}]\n"
                       "scores: [%s]\n",
                       cases[i][0]);
        fixture_fails(text, STEP_SCORES, 5, cases[i][1]);
    }
}

/* The story of Crohn's disease patient 1 (S0-38 to S0-40) on planted values: CCR4 and CCR7 fall and
 * are back by day 2; CXCR4 is still reduced on day 7. */
static const char recovery_head[] =
    "stroma: 1\n"
    "study: {id: T, title: T, layout: cohort}\n"
    "visits: [{id: D0, time: 0, day: 0, baseline: true}, {id: D1, time: 1, day: 1}, "
    "{id: D2, time: 2, day: 2}, {id: D7, time: 7, day: 7}]\n"
    "parameters:\n"
    "- {id: ccr4, label: CCR4, unit: MFI}\n"
    "- {id: ccr7, label: CCR7, unit: MFI}\n"
    "- {id: cxcr4, label: CXCR4, unit: MFI}\n"
    "data: [{file: r.csv, layout: visit, subject: id, visit: visit, columns: {ccr4: ccr4, ccr7: "
    "ccr7, cxcr4: cxcr4}}]\n";

static void test_recovery(void **state)
{
    (void)state;
    fixture_write("r.csv", "id,visit,ccr4,ccr7,cxcr4\n"
                           "1,D0,1000,400,800\n1,D1,300,100,200\n1,D2,950,420,400\n"
                           "1,D7,1050,390,560\n"
                           "2,D0,1000,,800\n2,D1,1100,100,0\n2,D7,900,100,500\n"
                           "3,D0,100,,\n3,D1,50,,\n3,D2,95,,\n3,D7,60,,\n");
    char yaml[2048];
    (void)snprintf(yaml, sizeof yaml,
                   "%sderive:\n"
                   "- {id: ccr4_course, method: recovery, of: ccr4}\n"
                   "- {id: ccr7_course, method: recovery, of: ccr7}\n"
                   "- {id: cxcr4_course, method: recovery, of: cxcr4}\n"
                   "- {id: early, method: recovery, of: cxcr4, visits: [D1, D2], margin: 0.51}\n",
                   recovery_head);
    study *s = fixture_study(yaml, STEP_DERIVE);
    static const struct {
        const char *subject, *id, *word;
        double fold, day, recovery;
        stroma_cell_state state;
    } cases[] = {
        { "1", "ccr4_course", "transient", 0.3, 1, 2, STROMA_PRESENT },
        { "1", "ccr7_course", "transient", 0.25, 1, 2, STROMA_PRESENT },
        { "1", "cxcr4_course", "sustained", 0.25, 1, 7, STROMA_ABOVE_LIMIT },
        { "2", "ccr4_course", "none", 0.9, 7, NAN, STROMA_NOT_ESTIMABLE },
        /* back on day 2 and away again on day 7 is not back */
        { "3", "ccr4_course", "sustained", 0.5, 1, 7, STROMA_ABOVE_LIMIT },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *u = cases[i].subject;
        char id[64];
        assert_string_equal(fixture_find(s, u, "D7", cases[i].id)->text, cases[i].word);
        (void)snprintf(id, sizeof id, "%s_fold", cases[i].id);
        assert_float_equal(fixture_value(s, u, "D7", id), cases[i].fold, 1e-12);
        (void)snprintf(id, sizeof id, "%s_fold_day", cases[i].id);
        state_is(s, u, "D7", id, STROMA_PRESENT, cases[i].day);
        (void)snprintf(id, sizeof id, "%s_recovery_day", cases[i].id);
        state_is(s, u, "D7", id, cases[i].state, cases[i].recovery);
    }
    assert_string_equal(fixture_find(s, "1", "D7", "ccr4_course_recovery_day")->flags,
                        "[\"back between day 1 and day 2\"]");
    assert_string_equal(fixture_find(s, "2", "D7", "ccr4_course")->flags,
                        "[\"3 of 4 visits have a value\"]");
    /* 0.25 on day 1, 0.5 on day 2: within 1 ± 0.51 */
    assert_string_equal(fixture_find(s, "1", "D2", "early")->text, "transient");
    const study_measurement *m = fixture_find(s, "2", "D7", "ccr7_course");
    assert_int_equal(m->state, STROMA_NOT_ESTIMABLE);
    assert_string_equal(m->reason, "there is no value at the reference visit");
    m = fixture_find(s, "2", "D7", "cxcr4_course");
    assert_string_equal(m->reason, "a fold needs values above 0");
    assert_int_equal(fixture_find(s, "3", "D7", "ccr7_course")->state, STROMA_NOT_ESTIMABLE);
    study_free(s);
    static const struct {
        const char *entry, *message;
    } faults[] = {
        { "- {id: x, method: recovery, of: ccr9}\n", "nothing before this entry gives" },
        { "- {id: x, method: recovery, of: ccr4, margin: 1}\n", "a margin lies between 0 and 1" },
        { "- {id: x, method: recovery, of: ccr4, at: D2}\n", "dated before a visit that enters" },
        { "- {id: x, method: recovery, of: ccr4, from: D7}\n", "no visit comes after" },
        { "- {id: x, method: recovery, of: ccr4, from: D2, visits: [D1]}\n",
          "the reference visit comes after" },
        { "- {id: ccr7, method: recovery, of: ccr4}\n", "has the id already" },
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        (void)snprintf(yaml, sizeof yaml, "%sderive:\n%s", recovery_head, faults[i].entry);
        fixture_fails(yaml, STEP_DERIVE, 10, faults[i].message);
    }
}

/* What a source states without showing it is no value, and is said. */
static void test_not_shown(void **state)
{
    (void)state;
    study *s = with("data_availability:\n"
                    "  text: Ask the authors.\n"
                    "  not_shown: [\"CD80 of dendritic cells: it was not affected (data not "
                    "shown)\"]\n",
                    STEP_CLAIMS);
    bool said = false, available = false;
    assert_int_equal(study_describe_methods(s, NULL), STROMA_OK);
    for (size_t i = 0; i < s->claims.len; i++) {
        const study_claim *c = &s->claims.items[i];
        said = said || (strcmp(c->kind, "cannot_conclude") == 0 &&
                        strcmp(c->title, "CD80 of dendritic cells") == 0 &&
                        strstr(c->text, "without showing the data: it was not affected (data not "
                                        "shown). No value") != NULL);
        available = available ||
                    (strcmp(c->kind, "method") == 0 && strcmp(c->title, "Data availability") == 0 &&
                     strcmp(c->text, "Ask the authors.") == 0);
    }
    assert_true(said);
    assert_true(available);
    study_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_the_baseline),
        cmocka_unit_test(test_of_two_parameters),
        cmocka_unit_test(test_extremes_with_censored_values),
        cmocka_unit_test(test_thresholds_with_censored_values),
        cmocka_unit_test(test_faults_of_derivations),
        cmocka_unit_test(test_missing_rules_of_groupings),
        cmocka_unit_test(test_groups_of_censored_values),
        cmocka_unit_test(test_faults_of_groupings),
        cmocka_unit_test(test_sets),
        cmocka_unit_test(test_scores),
        cmocka_unit_test(test_faults_of_scores),
        cmocka_unit_test(test_recovery),
        cmocka_unit_test(test_not_shown),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
