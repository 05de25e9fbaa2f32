/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A study with files of events, with the n-th allocation failing, for every n: it says so, writes
 * the same database where a library made do with less, and leaks nothing. */
#include "alloc_fail.h"
#include "cytometry_fixture.h"

#include "stroma/hash.h"

static stroma_status attempt(char *hash)
{
    char db[300];
    (void)snprintf(db, sizeof db, "%s/t.db", fixture_dir);
    (void)remove(db);
    stroma_study_options o = STROMA_STUDY_OPTIONS_INIT;
    o.threads = 1;
    stroma_error err = STROMA_ERROR_INIT;
    const stroma_status s = stroma_study_run(fixture_path("study.yaml"), db, &o, NULL, NULL, &err);
    stroma_hash h;
    if (s == STROMA_OK && stroma_hash_file(db, &h, NULL, NULL) == STROMA_OK)
        (void)stroma_hash_format(&h, hash);
    if (s != STROMA_OK && s != STROMA_E_NOMEM) print_message("%s%s\n", err.context, err.message);
    return s;
}

/* Whether the n-th allocation fails: refused, or the same database. */
static void refuse_each(long n_refused_min)
{
    char right[STROMA_HASH_TEXT_MAX] = "", now[STROMA_HASH_TEXT_MAX] = "";
    assert_int_equal(attempt(right), STROMA_OK);
    long n = 1, refused = 0;
    for (bool happened = true; happened; n++) {
        assert_true(n < 100000);
        atomic_store(&alloc_fail_happened, false);
        atomic_store(&alloc_fail_countdown, n);
        const stroma_status s = attempt(now);
        atomic_store(&alloc_fail_countdown, 0);
        happened = atomic_load(&alloc_fail_happened);
        refused += s == STROMA_E_NOMEM;
        if (s == STROMA_E_NOMEM) continue;
        if (s != STROMA_OK || strcmp(now, right) != 0) print_message("allocation %ld\n", n);
        assert_int_equal(s, STROMA_OK);
        assert_string_equal(now, right);
    }
    print_message("# %ld allocations, %ld refused\n", n - 1, refused);
    assert_true(refused > n_refused_min && refused > n - 40);
}

static void test_run_without_memory(void **state)
{
    (void)state;
    fixture_cytometry_files();
    fixture_fcs(&(fixture_tube){ .file = "fcs_P2_W0.fcs", .holes = 10 });
    fixture_fcs(&(fixture_tube){ .file = "FMO_W0.fcs", .shift = -400 });
    fixture_write("study.yaml",
                  fixture_cytometry("  files: fcs_*.fcs\n"
                                    "  match: \"fcs_{subject}_{visit}.fcs\"\n"
                                    "  fmo: {CD25: \"FMO_{visit}.fcs\"}\n"
                                    "  qc: exclude\n"
                                    "  parameters:\n"
                                    "    nk_pct_fcs: {population: Bright, statistic: percent_net, "
                                    "marker: CD25}\n"
                                    "    ccr4_mfi_ratio: {population: Cells, statistic: mfi_ratio, "
                                    "marker: CD25}\n"));
    refuse_each(200);
}

/* The same with gates that are found in the data, by an FMO. */
static void test_strategy_without_memory(void **state)
{
    (void)state;
    fixture_cytometry_files();
    fixture_fcs(&(fixture_tube){ .file = "fcs_P2_W0.fcs", .n_events = 1000 });
    fixture_fcs(&(fixture_tube){ .file = "FMO_W0.fcs", .shift = -400, .n_events = 1000 });
    fixture_write("s.panel.yaml", "stroma_panel: 1\nid: p\ntitle: P\nmarkers:\n"
                                  "  A: {channel: A}\n"
                                  "  CD25: {role: state, controls: [fmo]}\n");
    fixture_write("s.yaml", "stroma_strategy: 1\nid: s\ntitle: t\npanel: s.panel.yaml\n"
                            "populations:\n"
                            "  - { id: bright, method: fmo, markers: [CD25], fallback: [{ method: "
                            "tail }] }\n");
    fixture_write("study.yaml",
                  fixture_entry("strategy: s.yaml",
                                "  files: fcs_*.fcs\n"
                                "  match: \"fcs_{subject}_{visit}.fcs\"\n"
                                "  fmo: {CD25: \"FMO_{visit}.fcs\"}\n"
                                "  parameters: {treg_pct_fcs: {population: bright}}\n"));
    refuse_each(200);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_run_without_memory),
                                        cmocka_unit_test(test_strategy_without_memory) };
    return cmocka_run_group_tests_name("study_cytometry_no_memory", tests, fixture_setup,
                                       fixture_teardown);
}
