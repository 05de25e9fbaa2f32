/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every figure and table of the fixture databases (tests/report/make_fixture.py, made at test
 * time): S3-44 … S3-61, S0-54, S0-55. With STROMA_FIGURE_DIR the specifications and tables are also
 * written there, to be looked at. */
#include "../../src/report/report_internal.h"
#include "stroma_test.h"

#include "stroma/file.h"

#include <math.h>
#include <string.h>

enum { FIXTURES = 3, LIMIT = 64 << 20 };
#define EVIL "</script><img src=x onerror=alert(1)>"
static const char *const fixture_args[FIXTURES] = { "trial", "case", "trial" };
static const char *const fixture_names[FIXTURES] = { "trial", "case", "paper" };
static char fixture_path[FIXTURES][64];

static int make_fixtures(void **state)
{
    (void)state;
    for (int i = 0; i < FIXTURES; i++) {
        char command[8192];
        (void)snprintf(fixture_path[i], sizeof fixture_path[i], "report_fixture_%s_%d.db",
                       fixture_names[i], (int)getpid());
        (void)snprintf(command, sizeof command, "python3 '%s' %s %s %s",
                       test_source("tests/report/make_fixture.py"), fixture_args[i],
                       fixture_path[i], i == 2 ? "paper" : "");
        if (system(command) != 0) return -1;
    }
    return 0;
}

static int remove_fixtures(void **state)
{
    (void)state;
    for (int i = 0; i < FIXTURES; i++)
        (void)unlink(fixture_path[i]);
    return 0;
}

static report_db *open_fixture(int i)
{
    stroma_error err = STROMA_ERROR_INIT;
    report_db *db = NULL;
    if (report_db_open(fixture_path[i], &db, &err) != STROMA_OK) fail_msg("%s", err.message);
    return db;
}

/* The row of table item, spec parsed; free spec with json_decref. */
static report_item read_item(report_db *db, sqlite3_stmt *q)
{
    report_item item = { 0 };
    const char **texts[] = { &item.item_id, &item.section_id, &item.kind,
                             &item.title,   &item.caption,    &item.spec_text };
    for (int k = 0; k < 6; k++)
        *texts[k] = stroma_arena_strdup(&db->arena, report_text(q, k));
    item.origin = "";
    item.spec = json_loads(item.spec_text, 0, NULL);
    assert_non_null(item.spec);
    return item;
}

#define ITEM_SQL "SELECT item_id, section_id, kind, title, caption, spec FROM item "

static report_item find_item(report_db *db, const char *id)
{
    stroma_error err = STROMA_ERROR_INIT;
    sqlite3_stmt *q = NULL;
    bool got = false;
    assert_int_equal(report_query(db, ITEM_SQL "WHERE item_id = ?1", &id, 1, &q, &err), STROMA_OK);
    assert_int_equal(report_row(db, q, &got, &err), STROMA_OK);
    assert_true(got);
    const report_item item = read_item(db, q);
    (void)sqlite3_finalize(q);
    return item;
}

static void keep(const char *fixture, const char *id, const char *ending, const char *text,
                 size_t size)
{
    const char *dir = getenv("STROMA_FIGURE_DIR");
    if (dir == NULL) return;
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s_%s.%s", dir, fixture, id, ending);
    assert_int_equal(stroma_file_write(path, text, size, true, NULL), STROMA_OK);
}

/* No style of its own, nothing to load. */
static void refuse_keys(const json_t *v, bool top)
{
    static const char *const banned[] = { "url", "href", "config", "background" };
    const char *key;
    json_t *child;
    size_t i;
    if (json_is_object(v)) {
        json_object_foreach((json_t *)(uintptr_t)v, key, child)
        {
            for (size_t k = 0; k < 4; k++)
                assert_string_not_equal(key, banned[k]);
            if (!(top && strcmp(key, "data") == 0)) refuse_keys(child, false);
        }
    } else if (json_is_array(v)) {
        json_array_foreach(v, i, child) refuse_keys(child, false);
    }
}

static json_t *build_figure(report_db *db, const report_item *item, const char *fixture)
{
    stroma_error err = STROMA_ERROR_INIT;
    stroma_buffer b;
    stroma_buffer_init(&b, LIMIT);
    if (report_figure(db, item, &b, &err) != STROMA_OK)
        fail_msg("%s: %s%s", item->item_id, err.context, err.message);
    keep(fixture, item->item_id, "vl.json", b.data, b.len);
    json_error_t where;
    json_t *spec = json_loadb(b.data, b.len, JSON_REJECT_DUPLICATES, &where);
    if (spec == NULL) fail_msg("%s: %s at %d", item->item_id, where.text, where.position);
    assert_null(strstr(b.data, "</"));
    stroma_buffer_clear(&b);
    return spec;
}

/* As many fields in every line as there are columns: no text breaks out of its cell. */
static void check_tsv(const report_table *t, const char *text)
{
    size_t fields = 1, lines = 0;
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '\t') fields++;
        if (*p != '\n') continue;
        assert_int_equal(fields, t->n_columns);
        fields = 1;
        lines++;
    }
    assert_int_equal(lines, t->n_rows + 1);
}

static void every_item_builds(void **state)
{
    (void)state;
    for (int f = 0; f < FIXTURES; f++) {
        report_db *db = open_fixture(f);
        stroma_error err = STROMA_ERROR_INIT;
        sqlite3_stmt *q = NULL;
        bool got = false;
        int n = 0;
        assert_int_equal(report_query(db, ITEM_SQL "ORDER BY section_id, ord", NULL, 0, &q, &err),
                         STROMA_OK);
        while (report_row(db, q, &got, &err) == STROMA_OK && got) {
            const report_item item = read_item(db, q);
            const report_kind *k = report_kind_find(item.kind);
            if (k == NULL) fail_msg("kind \"%s\" is not built", item.kind);
            if (k->figure != NULL) {
                json_t *spec = build_figure(db, &item, fixture_names[f]);
                assert_true(json_string_length(json_object_get(spec, "description")) > 10);
                refuse_keys(spec, true);
                json_decref(spec);
            } else if (k->table != NULL) {
                report_table *t = NULL;
                if (report_table_build(db, &item, &t, &err) != STROMA_OK)
                    fail_msg("%s: %s%s", item.item_id, err.context, err.message);
                stroma_buffer tsv;
                stroma_buffer_init(&tsv, LIMIT);
                assert_int_equal(report_table_tsv(t, &tsv, &err), STROMA_OK);
                check_tsv(t, tsv.data);
                keep(fixture_names[f], item.item_id, "tsv", tsv.data, tsv.len);
                stroma_buffer_clear(&tsv);
                report_table_free(t);
            }
            json_decref((json_t *)(uintptr_t)item.spec);
            n++;
        }
        (void)sqlite3_finalize(q);
        assert_true(n >= 5);
        report_db_close(db);
    }
}

static json_t *figure_of(int fixture, const char *id)
{
    report_db *db = open_fixture(fixture);
    const report_item item = find_item(db, id);
    json_t *spec = build_figure(db, &item, fixture_names[fixture]);
    json_decref((json_t *)(uintptr_t)item.spec);
    report_db_close(db);
    return spec;
}

/* One number of the database, asked for by SQL. */
static double ask_open(report_db *db, const char *sql)
{
    sqlite3_stmt *q = NULL;
    bool got = false;
    assert_int_equal(report_query(db, sql, NULL, 0, &q, NULL), STROMA_OK);
    assert_int_equal(report_row(db, q, &got, NULL), STROMA_OK);
    assert_true(got);
    const double x = report_number(q, 0);
    (void)sqlite3_finalize(q);
    return x;
}

static double ask(int fixture, const char *sql)
{
    report_db *db = open_fixture(fixture);
    const double x = ask_open(db, sql);
    report_db_close(db);
    return x;
}

static size_t count_with(const json_t *values, const char *key, const char *want)
{
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(values); i++) {
        const char *s = json_string_value(json_object_get(json_array_get(values, i), key));
        if (s != NULL && (want == NULL || strcmp(s, want) == 0)) n++;
    }
    return n;
}

static const json_t *values_of(const json_t *spec)
{
    return json_object_get(json_object_get(spec, "data"), "values");
}

static const json_t *patients_of(const json_t *spec)
{
    return json_object_get(json_object_get(spec, "datasets"), "patients");
}

/* Elements of the arrays @p key that are numbers, or the text @p want. */
static size_t count_inside(const json_t *patients, const char *key, const char *want)
{
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(patients); i++) {
        const json_t *cells = json_object_get(json_array_get(patients, i), key);
        for (size_t k = 0; k < json_array_size(cells); k++) {
            const json_t *x = json_array_get(cells, k);
            if (want == NULL ? json_is_number(x)
                             : json_is_string(x) && strcmp(json_string_value(x), want) == 0)
                n++;
        }
    }
    return n;
}

/* S3-45, S3-50: every patient's value and every summary of the database is drawn, none else. */
static void time_course_shows_the_database(void **state)
{
    (void)state;
    json_t *spec = figure_of(0, "fig4a");
    const json_t *values = values_of(spec);
    assert_true((double)count_inside(patients_of(spec), "value", NULL) ==
                ask(0, "SELECT count(*) FROM measurement WHERE param_id = 'il6_pg_ml' AND value IS "
                       "NOT NULL"));
    assert_true((double)count_inside(patients_of(spec), "state", "below limit") ==
                ask(0, "SELECT count(*) FROM measurement WHERE param_id = 'il6_pg_ml' AND state = "
                       "'below_limit'"));
    for (size_t i = 0; i < json_array_size(values); i++) {
        const json_t *v = json_array_get(values, i);
        const char *trace = json_string_value(json_object_get(v, "trace"));
        if (trace == NULL) continue;
        char sql[128];
        (void)snprintf(sql, sizeof sql, "SELECT median FROM summary WHERE summary_id = %s",
                       trace + 1);
        assert_true(json_number_value(json_object_get(v, "median")) == ask(0, sql));
    }
    assert_int_equal(count_with(values, "trace", NULL), 24);
    json_decref(spec);
}

/* The paper's marks appear in paper style only, with their definition and the word circular. */
static void circular_is_said(void **state)
{
    (void)state;
    json_t *plain = figure_of(0, "fig2a"), *paper = figure_of(2, "fig2a");
    assert_int_equal(count_with(values_of(plain), "mark", NULL), 0);
    assert_int_equal(count_with(values_of(plain), "p_adjusted", "none, circular"), 7);
    assert_int_equal(count_with(values_of(plain), "p_adjusted", "not tested"), 17);
    assert_true(count_with(values_of(paper), "mark", "*") > 0);
    json_t *specs[] = { plain, paper };
    for (int i = 0; i < 2; i++) {
        const char *caption = json_string_value(json_object_get(
            json_object_get(json_object_get(specs[i], "usermeta"), "stroma"), "caption"));
        assert_non_null(strstr(caption, "circular"));
        assert_int_equal(strstr(caption, "P < 0.05") != NULL, i == 1);
        assert_int_equal(strstr(caption, "95 % CI") != NULL, i == 0);
        json_decref(specs[i]);
    }
}

static report_table *table_of(int fixture, report_db **db, const char *id)
{
    stroma_error err = STROMA_ERROR_INIT;
    report_table *t = NULL;
    *db = open_fixture(fixture);
    const report_item item = find_item(*db, id);
    if (report_table_build(*db, &item, &t, &err) != STROMA_OK)
        fail_msg("%s: %s%s", id, err.context, err.message);
    json_decref((json_t *)(uintptr_t)item.spec);
    return t;
}

/* Every cell that names a summary or result as its trace and holds a number holds theirs. (1e-12:
 * how SQLite reads a literal depends on the width of long double.) */
static size_t check_traces(report_db *db, const report_table *t, char kind, const char *select)
{
    size_t n = 0;
    for (size_t r = 0; r < t->n_rows; r++)
        for (size_t i = 0; i < t->n_columns; i++) {
            const report_cell *c = &t->rows[r].cells[i];
            if (c->trace == NULL || c->trace[0] != kind || !c->is_number) continue;
            char sql[1024];
            (void)snprintf(sql, sizeof sql, "%s = %s AND abs(value - %.17g) <= 1e-12 * abs(value)",
                           select, c->trace + 1, c->number);
            if (ask_open(db, sql) < 1) fail_msg("%s: %.17g", c->trace, c->number);
            n++;
        }
    return n;
}

#define SUMMARY_VALUES                                                                            \
    "SELECT count(*) FROM (SELECT summary_id AS id, mean AS value FROM summary UNION ALL SELECT " \
    "summary_id, median FROM summary UNION ALL SELECT summary_id, n FROM summary UNION ALL "      \
    "SELECT summary_id, sd FROM summary UNION ALL SELECT summary_id, n_missing FROM summary "     \
    "UNION "                                                                                      \
    "ALL SELECT summary_id, n_below_limit FROM summary UNION ALL SELECT s.summary_id, j.value "   \
    "FROM summary s, json_each(s.counts) j) WHERE id"
#define RESULT_VALUES                                                                         \
    "SELECT count(*) FROM (SELECT result_id AS id, estimate AS value FROM result UNION ALL "  \
    "SELECT result_id, 100 * estimate FROM result UNION ALL SELECT result_id, p FROM result " \
    "UNION ALL SELECT result_id, p_adjusted FROM result UNION "                               \
    "ALL SELECT result_id, n_used FROM result UNION ALL SELECT result_id, n1 FROM result) "   \
    "WHERE id"

/* S3-30 … S3-36, S3-28: cells equal the database. */
static void cells_equal_the_database(void **state)
{
    (void)state;
    static const char *const ids[] = { "baseline", "table1", "ae",           "rate_table",
                                       "changes",  "tests",  "das28_summary" };
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        report_db *db = NULL;
        report_table *t = table_of(0, &db, ids[i]);
        const size_t n =
            check_traces(db, t, 's', SUMMARY_VALUES) + check_traces(db, t, 'r', RESULT_VALUES);
        if (n < 5) fail_msg("%s: only %zu numbers", ids[i], n);
        report_table_free(t);
        report_db_close(db);
    }
}

static bool has_text(const report_table *t, const char *want)
{
    char buf[40];
    for (size_t r = 0; r < t->n_rows; r++)
        for (size_t i = 0; i < t->n_columns; i++)
            if (strcmp(report_cell_print(t, i, &t->rows[r].cells[i], buf), want) == 0) return true;
    return false;
}

/* S3-28: no event seen prints its exact upper bound, 0 of 52: 6.8 %. Hostile terms stay texts. */
static void events_have_upper_bounds(void **state)
{
    (void)state;
    report_db *db = NULL;
    report_table *t = table_of(0, &db, "ae");
    assert_true(has_text(t, "0 of 52 (0.0 %)"));
    assert_true(has_text(t, "at most 6.8 %"));
    assert_true(has_text(t, EVIL));
    assert_true(has_text(t, "=1+1"));
    report_table_free(t);
    report_db_close(db);
}

/* S0-12, S0-19, S0-31: what was not done is said in words, what was not computed is not printed. */
static void case_says_states_in_words(void **state)
{
    (void)state;
    report_db *db = NULL;
    report_table *t = table_of(1, &db, "labs");
    assert_true(has_text(t, "not done, not reported"));
    assert_true(has_text(t, "missing, not reported"));
    assert_true(has_text(t, "\xE2\x88\x92"
                            "55"));
    assert_true(has_text(t, "low \xE2\x86\x92 normal"));
    assert_true(has_text(t, "fell by less than 70: no CR-70 response, no remission"));
    report_table_free(t);
    report_db_close(db);
    t = table_of(1, &db, "findings");
    assert_int_equal(t->n_rows, 0);
    assert_non_null(strstr(t->empty, "Narrative against values (9)"));
    report_table_free(t);
    report_db_close(db);
}

/* The worst stands first; the circular comparison has no p but its word. */
static void order_and_circular_words(void **state)
{
    (void)state;
    report_db *db = NULL;
    report_table *t = table_of(0, &db, "findings");
    assert_string_equal(t->rows[0].cells[0].text, "error");
    assert_string_equal(t->rows[2].cells[0].text, "note");
    report_table_free(t);
    report_db_close(db);
    t = table_of(0, &db, "changes");
    assert_true(has_text(t, "circular"));
    assert_true(has_text(t, "not estimable: control has no value"));
    report_table_free(t);
    report_db_close(db);
}

/* A cell that begins with = is a text in the workbook: no sheet has a formula. */
static void workbook_has_no_formula(void **state)
{
    (void)state;
    report_db *db = NULL;
    report_table *t = table_of(0, &db, "ae");
    const report_sheet sheets[] = { { "ae", "=1+1", "@SUM(1)", t }, { "a/e", "x", "", t } };
    char path[64], command[256];
    (void)snprintf(path, sizeof path, "report_tables_%d.xlsx", (int)getpid());
    stroma_error err = STROMA_ERROR_INIT;
    if (report_tables_xlsx(sheets, 2, path, &err) != STROMA_OK) fail_msg("%s", err.message);
    (void)snprintf(command, sizeof command,
                   "python3 -c \"import sys,zipfile; z=zipfile.ZipFile('%s'); t=''.join(z.read(n)"
                   ".decode() for n in z.namelist() if 'sheets/' in n); "
                   "sys.exit('<f>' in t or t.count('<row') < 16)\"",
                   path);
    assert_int_equal(system(command), 0);
    (void)unlink(path);
    report_table_free(t);
    report_db_close(db);
}

static const char *stroma_text(const json_t *spec, const char *key)
{
    return json_string_value(
        json_object_get(json_object_get(json_object_get(spec, "usermeta"), "stroma"), key));
}

static size_t rows_named(const json_t *values, const char *key)
{
    return count_with(values, key, NULL);
}

/* Of 64 candidates 60 have an effect; a forest draws 40 rows and says how many it left out; a
 * volcano draws all of them and names five. The name of an effect decides where nothing is. */
static void candidates_are_drawn(void **state)
{
    (void)state;
    json_t *forest = figure_of(0, "many_forest"), *volcano = figure_of(0, "many_volcano");
    assert_int_equal(rows_named(values_of(forest), "candidate"), 40);
    assert_non_null(strstr(stroma_text(forest, "caption"), "20 further candidates"));
    assert_non_null(strstr(stroma_text(forest, "caption"), "Above 0.5: larger values with"));
    assert_null(strstr(stroma_text(forest, "caption"), "Negative controls")); /* none is drawn */
    assert_int_equal(rows_named(values_of(volcano), "candidate"), 60);
    assert_int_equal(rows_named(values_of(volcano), "name"), 5);
    assert_int_equal(count_with(values_of(volcano), "group", "negative control"), 4);
    assert_int_equal(count_with(values_of(volcano), "text", "outside the family"), 4);
    char *text = json_dumps(forest, 0);
    assert_non_null(strstr(text, "{\"at\": 0.5}"));
    free(text); // ci-allow: from jansson
    json_decref(forest);
    json_decref(volcano);
    forest = figure_of(0, "gains_forest");
    text = json_dumps(forest, 0);
    assert_null(strstr(text, "Above 0.5"));
    assert_non_null(strstr(text, "{\"at\": 0}")); /* a difference of areas, not an area */
    free(text);                                   // ci-allow: from jansson
    json_decref(forest);
}

/* What has no curve and no candidate says so, with the reason. */
static void empty_questions_say_why(void **state)
{
    (void)state;
    static const char *const wanted[][2] = {
        { "refused_forest", "there is no control arm" },
        { "refused_roc_curve", "there is no control arm" },
        { "refused_calibration", "there is no control arm" },
        { "empty_forest", "no candidate was tested" },
        { "empty_volcano", "no candidate was tested" },
        { "empty_roc_curve", "No curve" },
        { "gains_decision_curve", "the question is predictive" },
        { "no_such_curve", "No curve" },
    };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        json_t *spec = figure_of(0, wanted[i][0]);
        const char *caption = stroma_text(spec, "caption");
        if (strstr(caption, wanted[i][1]) == NULL) fail_msg("%s: %s", wanted[i][0], caption);
        assert_null(strstr(caption, "Each corner"));
        json_decref(spec);
    }
}

/* Five curves at most; a figure of one has its band and its own cut-off, not that of another. */
static void curves_are_drawn(void **state)
{
    (void)state;
    json_t *spec = figure_of(0, "many_roc_curve");
    assert_int_equal(json_array_size(values_of(spec)), 5 * 11);
    assert_non_null(strstr(stroma_text(spec, "caption"), "2 further curves"));
    assert_null(strstr(stroma_text(spec, "caption"), "Band"));
    json_decref(spec);
    spec = figure_of(0, "one_curve");
    assert_int_equal(json_array_size(values_of(spec)), 11);
    char *text = json_dumps(spec, 0);
    const char *cutoff = strstr(text, "> 2 pg/mL");
    assert_non_null(cutoff);
    assert_null(strstr(cutoff + 1, "> 2 pg/mL"));
    free(text); // ci-allow: from jansson
    assert_non_null(strstr(stroma_text(spec, "caption"), "Point with whisker"));
    json_decref(spec);
    spec = figure_of(0, "plain_curve");
    assert_null(strstr(stroma_text(spec, "caption"), "Point with whisker"));
    json_decref(spec);
}

#define CANDIDATE_VALUES                                                                        \
    "SELECT count(*) FROM (SELECT result_id AS id, p_max_t AS value FROM candidate UNION ALL "  \
    "SELECT result_id, q FROM candidate UNION ALL SELECT result_id, n_used FROM candidate "     \
    "UNION ALL SELECT result_id, n_below FROM candidate UNION ALL SELECT result_id, n_missing " \
    "FROM candidate UNION ALL SELECT result_id, estimate FROM result UNION ALL SELECT "         \
    "result_id, p FROM result) WHERE id"

static void biomarker_tables_say_all(void **state)
{
    (void)state;
    report_db *db = NULL;
    report_table *t = table_of(0, &db, "many_biomarker_table");
    assert_string_equal(t->rows[0].cells[0].text, "Are there responders at all?");
    assert_true(has_text(t, "Baseline"));
    assert_true(has_text(t, "52, 28 of them with: " EVIL));
    assert_true(has_text(t, "no outcome " EVIL ": 3; left before the landmark: 2"));
    assert_true(has_text(t, "=1+1"));
    report_table_free(t);
    report_db_close(db);
    t = table_of(0, &db, "refused_biomarker_table");
    assert_true(has_text(t, "there is no control arm " EVIL));
    report_table_free(t);
    report_db_close(db);
    t = table_of(0, &db, "empty_biomarker_table"); /* candidates come after the landmark there */
    assert_false(has_text(t, "Nothing enters that is later than"));
    report_table_free(t);
    report_db_close(db);
    t = table_of(0, &db, "many_candidate_table");
    assert_int_equal(t->n_rows, 65); /* and a heading for the negative controls */
    assert_true(has_text(t, "circular: " EVIL));
    assert_true(has_text(t, "near constant; " EVIL));
    assert_true(check_traces(db, t, 'r', CANDIDATE_VALUES) > 300);
    report_table_free(t);
    report_db_close(db);
    t = table_of(0, &db, "many_cutoff_table");
    assert_int_equal(t->n_rows, 4);
    assert_true(has_text(t, "0.032")); /* a searched cut-off without the p of the search is none */
    report_table_free(t);
    report_db_close(db);
    t = table_of(0, &db, "many_model_table");
    assert_int_equal(t->n_rows, 2);
    report_table_free(t);
    report_db_close(db);
    t = table_of(0, &db, "refused_model_table");
    assert_true(has_text(t, EVIL) && has_text(t, "No model"));
    report_table_free(t);
    report_db_close(db);
}

/* What says "95 %" says the level that was asked for. */
static void level_is_that_of_the_question(void **state)
{
    (void)state;
    json_t *spec = figure_of(0, "gains_forest");
    assert_non_null(strstr(stroma_text(spec, "caption"), "line: 90 % CI"));
    json_decref(spec);
    spec = figure_of(0, "one_curve");
    assert_non_null(strstr(stroma_text(spec, "caption"), "Band: 95 % bootstrap interval"));
    json_decref(spec);
    report_db *db = NULL;
    report_table *t = table_of(0, &db, "gains_candidate_table");
    assert_non_null(strstr(t->columns[4].title, "(90 % CI)"));
    report_table_free(t);
    report_db_close(db);
    t = table_of(0, &db, "many_cutoff_table");
    assert_string_equal(t->columns[3].title, "Estimate (95 % CI)");
    report_table_free(t);
    report_db_close(db);
}

/* A visit at which nobody is expected has no cell, a parameter that is not there no row. */
static void missing_map_is_of_summaries(void **state)
{
    (void)state;
    json_t *spec = figure_of(0, "map");
    assert_int_equal(json_array_size(values_of(spec)), 4 * 2);
    const json_t *cell =
        json_array_get(values_of(spec), 2); /* the second of the parameters asked */
    assert_string_equal(json_string_value(json_object_get(cell, "text")), "95 %");
    assert_int_equal(json_integer_value(json_object_get(cell, "below")), 10);
    assert_int_equal(count_with(values_of(spec), "text", "10 %"), 2);
    json_decref(spec);
    stroma_buffer b;
    report_db *db = open_fixture(0);
    stroma_buffer_init(&b, LIMIT);
    report_item item = { .item_id = "x", .section_id = "s", .kind = "missing_map", .title = "" };
    item.spec_text = "{\"params\":[],\"set\":\"fas\"}";
    item.spec = json_loads(item.spec_text, 0, NULL);
    assert_int_equal(report_figure(db, &item, &b, NULL), STROMA_OK);
    stroma_buffer_clear(&b);
    json_decref((json_t *)(uintptr_t)item.spec);
    report_db_close(db);
}

/* A question that the study does not have is an error with its name. */
static void unknown_question_is_refused(void **state)
{
    (void)state;
    static const char *const kinds[] = { "forest",          "roc_curve",   "biomarker_table",
                                         "candidate_table", "model_table", "cutoff_table" };
    report_db *db = open_fixture(0);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        stroma_error err = STROMA_ERROR_INIT;
        report_item item = { .item_id = "x", .section_id = "s", .kind = kinds[i], .title = "" };
        item.spec_text = "{\"biomarker\":\"no such\"}";
        item.spec = json_loads(item.spec_text, 0, NULL);
        const report_kind *k = report_kind_find(kinds[i]);
        stroma_buffer b;
        report_table *t = NULL;
        stroma_buffer_init(&b, LIMIT);
        const stroma_status s = k->figure != NULL ? report_figure(db, &item, &b, &err)
                                                  : report_table_build(db, &item, &t, &err);
        if (s != STROMA_E_INCONSISTENT) fail_msg("%s: %s", kinds[i], stroma_status_name(s));
        assert_string_equal(err.message, "biomarker \"no such\" is not in the study");
        stroma_buffer_clear(&b);
        report_table_free(t);
        json_decref((json_t *)(uintptr_t)item.spec);
    }
    report_db_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_builds),
        cmocka_unit_test(time_course_shows_the_database),
        cmocka_unit_test(circular_is_said),
        cmocka_unit_test(cells_equal_the_database),
        cmocka_unit_test(events_have_upper_bounds),
        cmocka_unit_test(case_says_states_in_words),
        cmocka_unit_test(order_and_circular_words),
        cmocka_unit_test(workbook_has_no_formula),
        cmocka_unit_test(candidates_are_drawn),
        cmocka_unit_test(empty_questions_say_why),
        cmocka_unit_test(curves_are_drawn),
        cmocka_unit_test(biomarker_tables_say_all),
        cmocka_unit_test(level_is_that_of_the_question),
        cmocka_unit_test(missing_map_is_of_summaries),
        cmocka_unit_test(unknown_question_is_refused),
    };
    return cmocka_run_group_tests_name("report_items", tests, make_fixtures, remove_fixtures);
}
