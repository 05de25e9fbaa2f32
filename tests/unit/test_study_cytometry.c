/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of events in a study: whose they are, what becomes of them, and the way back. */
#include "../../src/study/cytometry.h"
#include "cytometry_fixture.h"

#include "stroma/hash.h"

static const char usual[] =
    "  files: fcs_*.fcs\n"
    "  match: \"fcs_{subject}_{visit}.fcs\"\n"
    "  fmo: {CD25: \"FMO_{visit}.fcs\"}\n"
    "  parent_floor: 10\n"
    "  parameters:\n"
    "    treg_pct_fcs: {population: Bright}\n"
    "    th17_pct_fcs: {population: Bright, of: ungated, floor: 10}\n"
    "    nk_pct_fcs: {population: Bright, statistic: percent_net, marker: CD25}\n"
    "    ccr4_mfi_ratio: {population: Cells, statistic: mfi_ratio, marker: CD25}\n";

static const char *const all_files[] = { "fcs_P_1_W0.fcs", "fcs_P_1_W4.fcs", "fcs_P2_W0.fcs",
                                         "fcs_P2_W4.fcs",  "FMO_W0.fcs",     "FMO_W4.fcs" };

static void usual_files(void)
{
    fixture_cytometry_files();
    for (size_t i = 0; i < 6; i++)
        fixture_fcs(&(fixture_tube){ .file = all_files[i], .shift = i >= 4 ? -400 : 0 });
}

static void forget(const char *name)
{
    assert_int_equal(remove(fixture_path(name)), 0);
}

static void test_numbers(void **state)
{
    (void)state;
    usual_files();
    study *s = fixture_study(fixture_cytometry(usual), STEP_IMPORT);
    /* 80 events from 20 to 99, half of them with B of 500 to 900 */
    assert_float_equal(fixture_value(s, "P_1", "W4", "treg_pct_fcs"), 50, 1e-12);
    assert_float_equal(fixture_value(s, "P_1", "W4", "th17_pct_fcs"), 40, 1e-12);
    /* of the control B runs from -400 to 500: 8 of its 80 are bright */
    assert_float_equal(fixture_value(s, "P2", "W0", "nk_pct_fcs"), 40, 1e-12);
    /* medians of 0, 100, …, 900 and of -400, …, 500: 450 and 50 */
    assert_float_equal(fixture_value(s, "P2", "W0", "ccr4_mfi_ratio"), 9, 1e-12);
    const study_measurement *m = fixture_find(s, "P_1", "W4", "treg_pct_fcs");
    assert_int_equal(m->study_day, 29); /* that of the visit: day 0 has no date */
    assert_string_equal(s->files.items[m->file].path, "fcs_P_1_W4.fcs");
    assert_string_equal(m->flags, "[\"few-events\"]"); /* 40 are fewer than 50 */
    assert_null(fixture_find(s, "P_1", "W4", "th17_pct_fcs")->flags);
    assert_int_equal(fixture_findings(s, "STROMA-CYTO-012"), 2);
    const cytometry_entry *e = s->cytometry.items[0];
    assert_int_equal(e->samples_len, 4);
    assert_int_equal(e->tubes_len, 6);
    assert_string_equal(e->tubes[0].acquired_on, "2018-04-11");
    assert_int_equal(e->tubes[4].populations[1].n, 8); /* the control, in the gates of a sample */
    study_free(s);
}

/* B of 900 + 124 is the end of the range: a pile at the top, every tenth event. */
static void test_quality(void **state)
{
    (void)state;
    usual_files();
    fixture_fcs(&(fixture_tube){ .file = "fcs_P2_W4.fcs", .shift = 124 });
    study *s = fixture_study(fixture_cytometry(usual), STEP_IMPORT);
    const cytometry_tube *t = &s->cytometry.items[0]->tubes[3];
    assert_string_equal(t->place.path, "fcs_P2_W4.fcs");
    size_t margin = SIZE_MAX;
    for (size_t i = 0; i < t->quality_len; i++)
        if (strcmp(t->quality[i].check->id, "margin") == 0) margin = i;
    assert_true(margin != SIZE_MAX);
    assert_int_equal(t->quality[margin].n_flagged, 10);
    assert_int_equal(t->quality[margin].verdict, STROMA_QUALITY_GOOD); /* not more than 10 % */
    assert_int_equal(t->n_excluded, 0);
    assert_int_equal(t->populations[0].n, 80);
    study_free(s);
    char entry[1000];
    (void)snprintf(entry, sizeof entry, "  qc: exclude\n%s", usual);
    s = fixture_study(fixture_cytometry(entry), STEP_IMPORT);
    t = &s->cytometry.items[0]->tubes[3];
    assert_int_equal(t->n_excluded, 10);
    assert_int_equal(t->populations[0].n, 72); /* 8 of those from 20 on */
    assert_int_equal(t->populations[0].n_parent, 90);
    assert_float_equal(fixture_value(s, "P2", "W4", "th17_pct_fcs"), 100.0 * 40 / 90, 1e-4);
    study_free(s);
}

static void test_bad_quality(void **state)
{
    (void)state;
    usual_files();
    fixture_fcs(&(fixture_tube){ .file = "fcs_P2_W4.fcs", .n_events = 60 });
    study *s = fixture_study(fixture_cytometry(usual), STEP_IMPORT);
    const stroma_finding *f = fixture_finding(s, "STROMA-QC-001");
    assert_string_equal(f->file, "fcs_P2_W4.fcs");
    assert_string_equal(f->subject, "P2");
    assert_string_equal(fixture_find(s, "P2", "W4", "th17_pct_fcs")->flags, "[\"quality-bad\"]");
    assert_float_equal(fixture_value(s, "P2", "W4", "treg_pct_fcs"), 50, 1e-12);
    study_free(s);
}

static void test_without_control(void **state)
{
    (void)state;
    usual_files();
    forget("FMO_W4.fcs");
    study *s = fixture_study(fixture_cytometry(usual), STEP_CHECKS);
    const study_measurement *m = fixture_find(s, "P2", "W4", "nk_pct_fcs");
    assert_int_equal(m->state, STROMA_NOT_ESTIMABLE);
    assert_string_equal(m->reason, "the visit has no such control tube: \"fmo\"");
    assert_float_equal(fixture_value(s, "P2", "W4", "treg_pct_fcs"), 50, 1e-12);
    assert_int_equal(fixture_findings(s, "STROMA-CYTO-011"), 4); /* 2 subjects, 2 parameters */
    assert_string_equal(fixture_finding(s, "STROMA-CYTO-015")->message,
                        "cytometry \"c\": no fmo tube of CD25 for 2 samples");
    study_free(s);
}

/* Everything that a name can say wrong, each as one finding, and the rest is used. */
static void test_names(void **state)
{
    (void)state;
    usual_files();
    fixture_fcs(&(fixture_tube){ .file = "fcs_P2_W8.fcs" });
    fixture_fcs(&(fixture_tube){ .file = "fcs_P3_W0.fcs" });
    fixture_fcs(&(fixture_tube){ .file = "fcs_.fcs" });
    fixture_fcs(&(fixture_tube){ .file = "fcs_P2_Week 4.fcs" });
    study *s = fixture_study(fixture_cytometry(usual), STEP_IMPORT);
    assert_string_equal(fixture_finding(s, "STROMA-CYTO-003")->file, "fcs_P2_W8.fcs");
    assert_string_equal(fixture_finding(s, "STROMA-CYTO-004")->file, "fcs_P3_W0.fcs");
    assert_string_equal(fixture_finding(s, "STROMA-CYTO-002")->file, "fcs_.fcs");
    assert_string_equal(fixture_finding(s, "STROMA-CYTO-005")->file, "fcs_P2_Week 4.fcs");
    assert_int_equal(s->cytometry.items[0]->samples_len, 4);
    study_free(s);
    forget("fcs_P2_W8.fcs");
    forget("fcs_P3_W0.fcs");
    forget("fcs_.fcs");
    forget("fcs_P2_Week 4.fcs");
}

static void test_bad_file(void **state)
{
    (void)state;
    usual_files();
    fixture_write("fcs_P2_W4.fcs", "no such thing");
    study *s = fixture_study(fixture_cytometry(usual), STEP_IMPORT);
    assert_string_equal(fixture_finding(s, "STROMA-CYTO-010")->file, "fcs_P2_W4.fcs");
    assert_true(fixture_absent(s, "P2", "W4", "treg_pct_fcs"));
    assert_float_equal(fixture_value(s, "P2", "W0", "treg_pct_fcs"), 50, 1e-12);
    study_free(s);
}

static void test_checks(void **state)
{
    (void)state;
    usual_files();
    fixture_fcs(
        &(fixture_tube){ .file = "fcs_P2_W4.fcs", .stain = "CD127", .date = "12-APR-2018" });
    forget("fcs_P_1_W4.fcs");
    study *s = fixture_study(fixture_cytometry(usual), STEP_CHECKS);
    const stroma_finding *f = fixture_finding(s, "STROMA-CYTO-009");
    assert_string_equal(f->subject, "P_1");
    assert_string_equal(f->visit, "W4");
    f = fixture_finding(s, "STROMA-CYTO-007");
    assert_string_equal(f->message,
                        "acquired on 2018-04-12, its control \"FMO_W4.fcs\" on 2018-04-11");
    /* one policy with gate stats: such a control is refused */
    const study_measurement *m = fixture_find(s, "P2", "W4", "nk_pct_fcs");
    assert_int_equal(m->state, STROMA_NOT_ESTIMABLE);
    assert_string_equal(m->reason, "control \"FMO_W4.fcs\" is of 11-APR-2018, the sample "
                                   "\"fcs_P2_W4.fcs\" of 12-APR-2018");
    f = fixture_finding(s, "STROMA-CYTO-008");
    assert_string_equal(f->file, "fcs_P2_W4.fcs");
    assert_non_null(strstr(f->message, "\"B CD127\" instead of \"B CD25\"; so in 1 file"));
    study_free(s);
}

/* A control of another day, where the entry takes any: used, and said. */
static void test_any_control(void **state)
{
    (void)state;
    usual_files();
    fixture_fcs(&(fixture_tube){ .file = "FMO_W4.fcs", .shift = -400, .date = "12-APR-2018" });
    char rest[1024];
    (void)snprintf(rest, sizeof rest, "%s  control_from: any\n", usual);
    study *s = fixture_study(fixture_cytometry(rest), STEP_CHECKS);
    assert_float_equal(fixture_value(s, "P2", "W4", "nk_pct_fcs"), 40, 1e-12);
    assert_float_equal(fixture_value(s, "P2", "W4", "ccr4_mfi_ratio"), 9, 1e-12);
    assert_non_null(
        strstr(fixture_find(s, "P2", "W4", "nk_pct_fcs")->flags, "\"control-other-day\""));
    assert_non_null(
        strstr(fixture_find(s, "P2", "W4", "ccr4_mfi_ratio")->flags, "\"control-other-day\""));
    assert_null(strstr(fixture_find(s, "P2", "W0", "nk_pct_fcs")->flags, "\"control-other-day\""));
    assert_non_null(strstr(fixture_finding(s, "STROMA-CYTO-007")->action, "with a flag"));
    study_free(s);
}

/* A gate at the edge of an FMO: one of another day is not taken, and the number says what the
 * strategy did instead; with control_from: any it is, and the number says so. */
static void test_learned_from_control(void **state)
{
    (void)state;
    usual_files();
    fixture_write("s.panel.yaml",
                  "stroma_panel: 1\nid: p\ntitle: P\nscale: { kind: linear, T: 1024 }\nmarkers:\n"
                  "  CD25: {role: state, controls: [fmo]}\n");
    fixture_write("s.yaml", "stroma_strategy: 1\nid: s\ntitle: t\npanel: s.panel.yaml\n"
                            "populations:\n"
                            "  - { id: bright, method: fmo, markers: [CD25],\n"
                            "      fallback: [{ method: tail, range: [0, 1] }] }\n");
    for (size_t i = 0; i < 6; i++)
        fixture_fcs(&(fixture_tube){ .file = all_files[i],
                                     .n_events = 1000,
                                     .shift = i >= 4 ? -400 : 0,
                                     .date = i == 5 ? "12-APR-2018" : NULL });
    char rest[1024];
    for (int any = 0; any < 2; any++) {
        (void)snprintf(rest, sizeof rest,
                       "  files: fcs_*.fcs\n  match: \"fcs_{subject}_{visit}.fcs\"\n"
                       "  fmo: {CD25: \"FMO_{visit}.fcs\"}\n  control_from: %s\n"
                       "  parameters: {treg_pct_fcs: {population: bright}}\n",
                       any ? "any" : "same_day");
        study *s = fixture_study(fixture_entry("strategy: s.yaml", rest), STEP_IMPORT);
        const cytometry_tube *t = s->cytometry.items[0]->tubes;
        assert_non_null(strstr(t[0].gates[0].rule, "CD25: fmo of FMO_W0.fcs"));
        assert_string_equal(t[1].place.path, "fcs_P_1_W4.fcs");
        const char *rule = t[1].gates[0].rule, *flags = t[1].numbers[0].flags;
        assert_true((strstr(rule, "instead of fmo") == NULL) == any);
        assert_true((strstr(flags, "instead of fmo") == NULL) == any);
        assert_true((strstr(flags, "\"control-other-day\"") != NULL) == any);
        assert_null(strstr(t[0].numbers[0].flags, "control-other-day"));
        study_free(s);
    }
}

/* The markers of a panel in all files: here the voltage of one. */
static void test_voltage(void **state)
{
    (void)state;
    usual_files();
    fixture_write("panel.yaml",
                  "stroma_panel: 1\nid: p\ntitle: P\nmarkers:\n  CD25: {role: state}\n");
    for (size_t i = 0; i < 6; i++)
        fixture_fcs(&(fixture_tube){ .file = all_files[i], .voltage = i == 3 ? 480 : 450 });
    char rest[1024];
    (void)snprintf(rest, sizeof rest, "  panel: panel.yaml\n%s", usual);
    study *s = fixture_study(fixture_cytometry(rest), STEP_CHECKS);
    const stroma_finding *f = fixture_finding(s, "STROMA-PANEL-009");
    assert_string_equal(f->file, "fcs_P2_W4.fcs");
    assert_string_equal(f->message, "the detector of \"CD25\" ran at 480 V here and at 450 V in "
                                    "\"fcs_P_1_W0.fcs\"");
    f = fixture_finding(s, "STROMA-CYTO-008");
    assert_non_null(strstr(f->message, "\"B CD25 at 480 V\" instead of \"B CD25 at 450 V\""));
    /* and its control is not one of its settings */
    assert_non_null(strstr(fixture_find(s, "P2", "W4", "nk_pct_fcs")->reason, "another voltage"));
    study_free(s);
}

static void test_manifest(void **state)
{
    (void)state;
    usual_files();
    assert_int_equal(mkdir(fixture_path("sub"), 0700), 0);
    fixture_write("sub/list.csv", "file,subject,visit,role,marker\n"
                                  "../fcs_P2_W4.fcs,P_1,baseline,sample,\n"
                                  "../FMO_W0.fcs,,,fmo,CD25\n");
    static const char rest[] = "  manifest: sub/list.csv\n"
                               "  visit_map: {baseline: W0}\n"
                               "  parameters: {nk_pct_fcs: {population: Bright, statistic: "
                               "percent_net, marker: CD25}}\n";
    study *s = fixture_study(fixture_cytometry(rest), STEP_IMPORT);
    assert_float_equal(fixture_value(s, "P_1", "W0", "nk_pct_fcs"), 40, 1e-12);
    study_free(s);
    fixture_write("sub/list.csv", "file,subject,visit,role\n../fcs_P2_W4.fcs,P2,W4,blank\n");
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(fixture_run(fixture_cytometry(rest), STEP_IMPORT, &s, &err), STROMA_OK);
    assert_string_equal(s->fatal.message, "\"blank\": unknown role of a file");
    study_free(s);
}

static void test_faults(void **state)
{
    (void)state;
    usual_files();
    study *s = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    /* no such file: the run stops, and says how the files are made */
    assert_int_equal(fixture_run(fixture_cytometry("  files: none/*.fcs\n"
                                                   "  match: \"{subject}_{visit}.fcs\"\n"
                                                   "  made_by: make them\n"),
                                 STEP_IMPORT, &s, &err),
                     STROMA_OK);
    assert_string_equal(s->fatal.message, "cytometry \"c\": no file is \"none/*.fcs\"");
    assert_string_equal(fixture_finding(s, "STROMA-CYTO-001")->action,
                        "make the files first: make them");
    study_free(s);
    static const char places[] = "  files: fcs_*.fcs\n  match: \"fcs_{subject}_{visit}.fcs\"\n";
    char rest[512];
    (void)snprintf(rest, sizeof rest, "%s  parameters: {treg_pct_fcs: {population: Brigt}}\n",
                   places);
    assert_int_equal(fixture_run(fixture_cytometry(rest), STEP_IMPORT, &s, &err), STROMA_OK);
    assert_string_equal(s->fatal.message, "cytometry \"c\": no population \"Brigt\"");
    study_free(s);
    static const struct {
        const char *rest, *message;
        int64_t line;
    } cases[] = {
        { "  files: fcs_*.fcs\n  match: \"fcs_{subject}{visit}.fcs\"\n", "two words touch", 12 },
        { "  files: fcs_*.fcs\n  match: \"fcs_*_{visit}.fcs\"\n", "write {any}", 12 },
        { "  files: fcs_*.fcs\n  match: \"{subjekt}\"\n", "only {subject}", 12 },
        { "  files: fcs_*.fcs\n", "give files: and match:", 9 },
        { "  parameters: {treg_pct_fcs: {population: Bright, statistic: percnt}}\n",
          "there is no statistic", 11 },
        { "  parameters: {treg_pct_fcs: {population: Bright, statistic: mesf}}\n", "not offered",
          11 },
        { "  parameters: {treg_pct_fcs: {population: Bright, statistic: mfi}}\n",
          "the key is missing for this statistic: \"marker\"", 11 },
        { "  parameters: {treg_pct_fcs: cd4}\n", "the strategy has no index", 11 },
        { "  level: 2\n", "a level lies between 0 and 1", 11 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        fixture_fails(fixture_cytometry(cases[i].rest), STEP_IMPORT, cases[i].line,
                      cases[i].message);
}

/* ---- names ---- */

static int knows_a_1(void *context, const cytometry_name *n)
{
    (void)context;
    return 2 * (strcmp(n->visit, "W0") == 0) + (strcmp(n->subject, "A_1") == 0);
}

static void test_match(void **state)
{
    (void)state;
    cytometry_name n;
    assert_true(cytometry_match("{subject}_{visit}.fcs", "A_1_W0.fcs", knows_a_1, NULL, &n));
    assert_string_equal(n.subject, "A_1");
    assert_string_equal(n.visit, "W0");
    assert_true(cytometry_match("{any}/{subject}-x-{visit}", "d/B-x-W0-x-W1", knows_a_1, NULL, &n));
    assert_string_equal(n.subject, "B"); /* the first of equals */
    assert_string_equal(n.visit, "W0-x-W1");
    assert_false(cytometry_match("{subject}_{visit}.fcs", "A.fcs", knows_a_1, NULL, &n));
    assert_false(cytometry_match("{subject}_{visit}.fcs", "a/b_c.fcs", knows_a_1, NULL, &n));
    assert_false(cytometry_match("{subject}.fcs", ".fcs", knows_a_1, NULL, &n));
    assert_null(cytometry_pattern_fault("x_{visit}_{any}_{any}.fcs"));
    assert_string_equal(cytometry_pattern_fault("{visit}_{visit}"), "a word stands twice");
    assert_non_null(cytometry_pattern_fault("a}"));
}

/* ---- study.db and the way back ---- */

static void run_to(const char *db, int threads, char *hash)
{
    stroma_study_options o = STROMA_STUDY_OPTIONS_INIT;
    o.threads = threads;
    char path[300];
    (void)snprintf(path, sizeof path, "%s/%s", fixture_dir, db);
    (void)remove(path);
    stroma_error err = STROMA_ERROR_INIT;
    const stroma_status st =
        stroma_study_run(fixture_path("study.yaml"), path, &o, NULL, NULL, &err);
    if (st != STROMA_OK) print_message("%s%s\n", err.context, err.message);
    assert_int_equal(st, STROMA_OK);
    stroma_hash h;
    assert_int_equal(stroma_hash_file(path, &h, NULL, NULL), STROMA_OK);
    (void)stroma_hash_format(&h, hash);
}

static void test_threads(void **state)
{
    (void)state;
    usual_files();
    fixture_write("study.yaml", fixture_cytometry(usual));
    char one[STROMA_HASH_TEXT_MAX], four[STROMA_HASH_TEXT_MAX];
    run_to("one.db", 1, one);
    run_to("four.db", 4, four);
    assert_string_equal(one, four);
}

static const char *trace_of(const char *param, bool json, stroma_buffer *out)
{
    const stroma_trace_options o = {
        .version = 1, .subject = "P_1", .visit = "W4", .param = param, .json = json
    };
    stroma_buffer_init(out, 1 << 20);
    assert_int_equal(stroma_trace(fixture_path("one.db"), &o, out, NULL), STROMA_OK);
    return out->data;
}

static void holds(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) print_message("no \"%s\" in\n%s\n", part, text);
    assert_non_null(strstr(text, part));
}

static void test_trace(void **state)
{
    (void)state;
    usual_files();
    fixture_write("study.yaml", fixture_cytometry(usual));
    char hash[STROMA_HASH_TEXT_MAX];
    run_to("one.db", 1, hash);
    stroma_buffer b;
    const char *text = trace_of("nk_pct_fcs", false, &b);
    holds(text, "NK cells from events (% of lymphocytes) (NKFCS) at W4, day 29 = 40 %");
    holds(text, "40 events, set against 80 of Cells; 95 % interval");
    holds(text, "control FMO_W4.fcs  sha256 ");
    holds(text,
          "gate Bright in Cells: 40 of 80 events\n       CD25 500 to \xE2\x80\xA6; drawn by hand");
    holds(text, "gate Cells in all events: 80 of 100 events");
    holds(text, "events 0 to 99 of data set 0 of fcs_P_1_W4.fcs  sha256 ");
    holds(text, "gates gates.xml  sha256 ");
    stroma_buffer_clear(&b);
    text = trace_of("nk_pct_fcs", true, &b);
    holds(text, "\"n\": 40");
    holds(text, "\"control_file\": \"FMO_W4.fcs\"");
    holds(text,
          "\"geometry\": {\"lower\":[0.48828125],\"upper\":[null],\"linear\":{\"lower\":[500],"
          "\"upper\":[null]}}"); /* B runs to 1024 */
    stroma_buffer_clear(&b);
}

/* Nothing in study.db says whose file was whose. */
static void test_pseudonyms(void **state)
{
    (void)state;
    usual_files();
    fixture_fcs(&(fixture_tube){ .file = "fcs_P2_W4.fcs", .stain = "CD127" });   /* a finding */
    fixture_fcs(&(fixture_tube){ .file = "FMO_W0.fcs", .date = "09-APR-2018" }); /* a reason */
    fixture_write("study.yaml", fixture_cytometry(usual));
    char path[300];
    (void)snprintf(path, sizeof path, "%s/named.db", fixture_dir);
    stroma_study_options o = STROMA_STUDY_OPTIONS_INIT;
    o.pseudonymise = true;
    stroma_study_summary done;
    assert_int_equal(stroma_study_run(fixture_path("study.yaml"), path, &o, NULL, &done, NULL),
                     STROMA_OK);
    size_t renamed = 0;
    for (size_t i = 0; i < done.input_paths_len; i++) {
        const bool of_subject = strstr(done.input_paths[i], "fcs_P") != NULL;
        assert_true(of_subject == (done.input_pseudonyms[i] != NULL));
        renamed += of_subject;
        if (of_subject) assert_null(strstr(done.input_pseudonyms[i], "P_1"));
    }
    assert_int_equal(renamed, 4);
    stroma_study_summary_clear(&done);
    stroma_bytes b;
    assert_int_equal(stroma_bytes_read(path, 0, &b, NULL), STROMA_OK);
    assert_null(memmem(b.data, b.size, "fcs_P_1", 7));
    assert_null(memmem(b.data, b.size, "fcs_P2", 6));
    assert_non_null(memmem(b.data, b.size, "FMO_W4.fcs", 10));
    stroma_bytes_clear(&b);
}

/* ---- gates of a workspace ---- */

/* Two samples with the gate "Bright" on A at another place in each; "Other" is drawn in one only.
 */
static void write_workspace(void)
{
    static const char head[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<Workspace version=\"20.0\" flowJoVersion=\"10.6.2\" "
        "xmlns:gating=\"http://www.isac-net.org/std/Gating-ML/v2.0/gating\" "
        "xmlns:transforms=\"http://www.isac-net.org/std/Gating-ML/v2.0/transformations\" "
        "xmlns:data-type=\"http://www.isac-net.org/std/Gating-ML/v2.0/datatypes\">\n"
        "<Groups/><SampleList>\n";
    static const char gate[] =
        "<Population name=\"%s\" count=\"-1\"><Gate gating:id=\"ID1\"><gating:RectangleGate "
        "eventsInside=\"1\"><gating:dimension gating:min=\"%d\"><data-type:fcs-dimension "
        "data-type:name=\"A\" /></gating:dimension></gating:RectangleGate></Gate></Population>\n";
    static const struct {
        const char *file;
        int from;
    } samples[] = { { "fcs_P_1_W0.fcs", 50 }, { "fcs_P2_W0.fcs", 90 } };
    char text[8192];
    int at = snprintf(text, sizeof text, "%s", head);
    for (int i = 0; i < 2; i++) {
        at += snprintf(text + at, sizeof text - (size_t)at,
                       "<Sample><DataSet uri=\"file:/C:/%s\" sampleID=\"%d\" "
                       "/><Transformations><transforms:linear transforms:minRange=\"0\" "
                       "transforms:maxRange=\"1024\" gain=\"1\"><data-type:parameter "
                       "data-type:name=\"A\" /></transforms:linear></Transformations><Keywords>"
                       "<Keyword name=\"$FIL\" value=\"%s\" /></Keywords><SampleNode name=\"%s\" "
                       "count=\"100\" sampleID=\"%d\"><Subpopulations>\n",
                       samples[i].file, i + 1, samples[i].file, samples[i].file, i + 1);
        at += snprintf(text + at, sizeof text - (size_t)at, gate, "Bright", samples[i].from);
        if (i == 0) at += snprintf(text + at, sizeof text - (size_t)at, gate, "Other", 10);
        at += snprintf(text + at, sizeof text - (size_t)at,
                       "</Subpopulations></SampleNode></Sample>\n");
    }
    (void)snprintf(text + at, sizeof text - (size_t)at, "</SampleList></Workspace>\n");
    fixture_write("two.wsp", text);
}

static void test_workspace(void **state)
{
    (void)state;
    usual_files();
    write_workspace();
    static const char rest[] = "  files: fcs_*.fcs\n"
                               "  match: \"fcs_{subject}_{visit}.fcs\"\n"
                               "  parameters:\n"
                               "    treg_pct_fcs: {population: Bright}\n"
                               "    th17_pct_fcs: {population: Other}\n";
    study *s = fixture_study(fixture_entry("gates: two.wsp", rest), STEP_IMPORT);
    assert_float_equal(fixture_value(s, "P_1", "W0", "treg_pct_fcs"), 50, 1e-12);
    assert_float_equal(fixture_value(s, "P2", "W0", "treg_pct_fcs"), 10, 1e-12);
    assert_float_equal(fixture_value(s, "P_1", "W0", "th17_pct_fcs"), 90, 1e-12);
    const study_measurement *m = fixture_find(s, "P2", "W0", "th17_pct_fcs");
    assert_int_equal(m->state, STROMA_NOT_ESTIMABLE);
    assert_string_equal(m->reason, "there is no population \"Other\"");
    /* files that the workspace does not know */
    assert_true(fixture_absent(s, "P2", "W4", "treg_pct_fcs"));
    assert_int_equal(fixture_findings(s, "STROMA-CYTO-010"), 2);
    study_free(s);
    /* the gates of one for all, when the entry says so */
    char of[1024];
    (void)snprintf(of, sizeof of,
                   "  gates_of: fcs_P2_W0.fcs\n  files: fcs_*.fcs\n"
                   "  match: \"fcs_{subject}_{visit}.fcs\"\n"
                   "  parameters: {treg_pct_fcs: {population: Bright}}\n");
    s = fixture_study(fixture_entry("gates: two.wsp", of), STEP_IMPORT);
    assert_float_equal(fixture_value(s, "P_1", "W4", "treg_pct_fcs"), 10, 1e-12);
    study_free(s);
}

/* ---- quality ---- */

/* Ten cells without a value of B, which is a fault: marked, they count as cells; excluded, they do
 * not, in the sample and in its control. */
static void test_excluded(void **state)
{
    (void)state;
    usual_files();
    fixture_fcs(&(fixture_tube){ .file = "fcs_P_1_W4.fcs", .holes = 10 });
    fixture_fcs(&(fixture_tube){ .file = "FMO_W4.fcs", .shift = -400, .holes = 10 });
    study *s = fixture_study(fixture_cytometry(usual), STEP_IMPORT);
    assert_float_equal(fixture_value(s, "P_1", "W4", "treg_pct_fcs"), 100.0 * 35 / 80, 1e-12);
    assert_string_equal(fixture_find(s, "P_1", "W4", "treg_pct_fcs")->flags,
                        "[\"few-events\",\"quality-bad\"]");
    assert_int_equal(fixture_findings(s, "STROMA-CYTO-017"), 0);
    const cytometry_tube *t = &s->cytometry.items[0]->tubes[1];
    assert_string_equal(t->place.path, "fcs_P_1_W4.fcs");
    assert_int_equal(t->n_excluded, 0);
    uint64_t flagged = 0;
    for (size_t i = 0; i < t->quality_len; i++)
        if (strcmp(t->quality[i].check->id, "not_numbers") == 0) flagged = t->quality[i].n_flagged;
    assert_int_equal(flagged, 10);
    study_free(s);
    char rest[1024];
    (void)snprintf(rest, sizeof rest, "%s  qc: exclude\n", usual);
    s = fixture_study(fixture_cytometry(rest), STEP_IMPORT);
    assert_float_equal(fixture_value(s, "P_1", "W4", "treg_pct_fcs"), 50, 1e-12);
    assert_float_equal(fixture_value(s, "P_1", "W4", "th17_pct_fcs"), 100.0 * 35 / 90, 1e-12);
    /* of the control 70 cells are left, 7 of them bright */
    assert_float_equal(fixture_value(s, "P_1", "W4", "nk_pct_fcs"), 40, 1e-12);
    assert_string_equal(fixture_find(s, "P_1", "W4", "treg_pct_fcs")->flags,
                        "[\"few-events\",\"quality-bad\",\"events-excluded\"]");
    assert_string_equal(fixture_find(s, "P_1", "W0", "treg_pct_fcs")->flags, "[\"few-events\"]");
    assert_int_equal(s->cytometry.items[0]->tubes[1].n_excluded, 10);
    assert_string_equal(
        fixture_finding(s, "STROMA-CYTO-017")->message,
        "10 of 100 events are left out as faults of the acquisition (qc: exclude); the same in 2 "
        "files");
    study_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),     cmocka_unit_test(test_quality),
        cmocka_unit_test(test_bad_quality), cmocka_unit_test(test_without_control),
        cmocka_unit_test(test_names),       cmocka_unit_test(test_bad_file),
        cmocka_unit_test(test_checks),      cmocka_unit_test(test_manifest),
        cmocka_unit_test(test_faults),      cmocka_unit_test(test_match),
        cmocka_unit_test(test_threads),     cmocka_unit_test(test_trace),
        cmocka_unit_test(test_pseudonyms),  cmocka_unit_test(test_excluded),
        cmocka_unit_test(test_workspace),   cmocka_unit_test(test_learned_from_control),
        cmocka_unit_test(test_any_control), cmocka_unit_test(test_voltage),
    };
    return cmocka_run_group_tests_name("study_cytometry", tests, fixture_setup, fixture_teardown);
}
