/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A whole run with the n-th allocation failing, for every n: it says so, and leaks nothing. */
#include "alloc_fail.h"
#include "study_fixture.h"

#include "stroma/hash.h"

static const char study_text[] =
    "stroma: 1\n"
    "study: {id: T, title: Tiny, layout: trial, primary: das28_esr4}\n"
    "arms: [{id: A, label: Active, role: treated}, {id: C, label: Control, role: control}]\n"
    "visits:\n"
    "- {id: D0, label: Day 0, time: 0, day: 0, window: [-3, 3], baseline: true}\n"
    "- {id: W4, label: Week 4, time: 4, day: 28, window: [20, 36]}\n"
    "parameters: [{id: il_6_pg_ml, label: IL-6, unit: pg/mL, category: cytokine, lloq: 0.5}]\n"
    "data:\n"
    "- file: a.csv\n"
    "  layout: visit\n"
    "  subject: id\n"
    "  day: day\n"
    "  columns: {tjc: tjc28, sjc: sjc28, gh: gh_0_100, esr: esr_mm_h, il6: il_6_pg_ml}\n"
    "  subject_columns: {arm: {role: arm}, sex: {param: sex, map: {m: male, f: female}}}\n"
    "- {file: e.csv, layout: event, subject: id, kind: adverse_event, fields: {term: term, day: "
    "day}}\n"
    "scores: [das28_esr4, eular_response]\n"
    "derive:\n"
    "- {id: das_change, method: change, of: das28_esr4}\n"
    "- {id: il6_max, method: maximum, of: il_6_pg_ml, at: W4}\n"
    "groups:\n"
    "- id: response\n"
    "  label: EULAR response\n"
    "  landmark: W4\n"
    "  missing: nonresponse\n"
    "  groups:\n"
    "  - {id: yes, label: Response, when: [{param: eular_response, visit: W4, in: [good, "
    "moderate]}]}\n"
    "  - {id: no, label: No response, otherwise: true}\n"
    "sets: [{id: done, rule: completed, param: das28_esr4, visit: W4}]\n"
    "analyses:\n"
    "- {id: course, method: time_course, params: [das28_esr4, il_6_pg_ml], tests: [within, "
    "between]}\n"
    "- {id: groups, method: compare, params: [esr_mm_h], visit: W4, grouping: response}\n"
    "- {id: anc, method: ancova, params: [das28_esr4], visit: W4}\n"
    "- {id: mix, method: mmrm, params: [esr_mm_h], covariates: [sex], fallback: [cs], "
    "intercurrent: [{kind: rescue, strategy: hypothetical}]}\n"
    "- {id: imp, method: imputation, params: [esr_mm_h], draws: conditional_mean, delta: 1, "
    "tipping_limit: 0.01, transform: log2}\n"
    "- {id: res, method: imputation, params: [esr_mm_h], imputations: 2, response: {at_most: -1}}\n"
    "- {id: rate, method: proportion, param: eular_response, visit: W4, success: [good, "
    "moderate], missing: nonresponse}\n"
    "- {id: rd, method: risk_difference, param: eular_response, visit: W4, success: [good, "
    "moderate]}\n"
    "- {id: smd, method: smd, params: [sex, esr_mm_h], visit: D0}\n"
    "- {id: cor, method: correlation, x: {param: esr_mm_h, visit: D0}, y: {param: tjc28, visit: "
    "D0}}\n"
    "- {id: ae, method: event_rate, terms: [Death]}\n"
    "report:\n"
    "- {id: r, title: R, items: [{kind: flow, title: Flow}]}\n"
    "checks:\n"
    "  identities: [{id: i, total: tjc28, parts: [sjc28], tolerance: 100}]\n"
    "  statements: [{id: s, text: two of 28 (8%), claims: percent, count: 2, of: 28, percent: 8}]\n"
    "cannot_conclude: [Much]\n";

static const char data_text[] = "id,arm,sex,day,tjc,sjc,gh,esr,il6\n"
                                "1,A,m,0,10,8,60,40,<0.5\n1,A,m,29,2,1,10,12,1.5\n"
                                "2,A,f,0,12,9,70,50,2\n2,A,f,27,3,2,20,15,1\n"
                                "3,C,f,0,11,7,65,45,3\n3,C,f,28,10,8,60,40,3.5\n"
                                "4,C,m,0,9,6,55,38,2.5\n4,C,m,60,9,6,50,35,\n";

static stroma_status attempt(void *context)
{
    char db[300];
    (void)snprintf(db, sizeof db, "%s/t.db", fixture_dir);
    (void)remove(db);
    stroma_study_options o = STROMA_STUDY_OPTIONS_INIT;
    o.threads = 1;
    o.pseudonymise = context != NULL;
    stroma_study_summary done;
    stroma_error err = STROMA_ERROR_INIT;
    const stroma_status s = stroma_study_run(fixture_path("study.yaml"), db, &o, NULL, &done, &err);
    stroma_study_summary_clear(&done);
    if (s != STROMA_OK && s != STROMA_E_NOMEM) print_message("%s%s\n", err.context, err.message);
    return s;
}

static void write_inputs(void)
{
    fixture_write("study.yaml", study_text);
    fixture_write("a.csv", data_text);
    fixture_write("e.csv", "id,term,day\n1,Fever,1\n");
}

static void database_hash(char *text)
{
    stroma_hash h;
    assert_int_equal(stroma_hash_file(fixture_path("t.db"), &h, NULL, NULL), STROMA_OK);
    (void)stroma_hash_format(&h, text);
}

/* As alloc_fail_each(), but a library may recover from a failure by asking for less (libcsv does):
 * then the database must be the same, byte for byte. */
static void test_run_without_memory(void **state)
{
    (void)state;
    int pseudonymise = 1;
    char right[STROMA_HASH_TEXT_MAX], now[STROMA_HASH_TEXT_MAX];
    write_inputs();
    assert_int_equal(attempt(&pseudonymise), STROMA_OK);
    database_hash(right);
    long n = 1, refused = 0;
    for (bool happened = true; happened; n++) {
        assert_true(n < 1000000);
        atomic_store(&alloc_fail_happened, false);
        atomic_store(&alloc_fail_countdown, n);
        const stroma_status s = attempt(&pseudonymise);
        atomic_store(&alloc_fail_countdown, 0);
        happened = atomic_load(&alloc_fail_happened);
        refused += s == STROMA_E_NOMEM;
        if (s == STROMA_E_NOMEM) continue;
        database_hash(now);
        if (s != STROMA_OK || strcmp(now, right) != 0) print_message("allocation %ld\n", n);
        assert_int_equal(s, STROMA_OK);
        assert_string_equal(now, right);
    }
    print_message("# %ld allocations, %ld refused\n", n - 1, refused);
    assert_true(refused > 100 && refused > n - 20);
}

static stroma_status check_attempt(stroma_diag *diag)
{
    stroma_study_options o = STROMA_STUDY_OPTIONS_INIT;
    o.threads = 1;
    return stroma_study_check(fixture_path("study.yaml"), &o, diag, NULL);
}

static void test_check_without_memory(void **state)
{
    (void)state;
    write_inputs();
    stroma_diag diag;
    stroma_diag_init(&diag);
    assert_int_equal(check_attempt(&diag), STROMA_OK);
    const size_t right = diag.len;
    stroma_diag_clear(&diag);
    assert_true(right > 0);
    long n = 1;
    for (bool happened = true; happened; n++) {
        atomic_store(&alloc_fail_happened, false);
        atomic_store(&alloc_fail_countdown, n);
        const stroma_status s = check_attempt(&diag);
        atomic_store(&alloc_fail_countdown, 0);
        happened = atomic_load(&alloc_fail_happened);
        if (s != STROMA_E_NOMEM && (s != STROMA_OK || diag.len + diag.dropped != right))
            print_message("allocation %ld: %s, %zu findings\n", n, stroma_status_name(s), diag.len);
        assert_true(s == STROMA_E_NOMEM || (s == STROMA_OK && diag.len + diag.dropped == right));
        stroma_diag_clear(&diag);
    }
    assert_true(n > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run_without_memory),
        cmocka_unit_test(test_check_without_memory),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
