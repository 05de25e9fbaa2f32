/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flow figures and tables of the fixture trial (tests/report/cytometry_rows.py): S3-19, S3-48. What
 * is drawn is what the database counted, and what is not there is said. */
#include "../../src/report/report_internal.h"
#include "stroma_test.h"

#include <math.h>
#include <string.h>

enum { LIMIT = 64 << 20 };
static char fixture[64];

static int make_fixture(void **state)
{
    (void)state;
    char command[8192];
    (void)snprintf(fixture, sizeof fixture, "report_cytometry_%d.db", (int)getpid());
    (void)snprintf(command, sizeof command, "python3 '%s' trial %s",
                   test_source("tests/report/make_fixture.py"), fixture);
    return system(command) == 0 ? 0 : -1;
}

static int remove_fixture(void **state)
{
    (void)state;
    (void)unlink(fixture);
    return 0;
}

static report_db *open_db(void)
{
    stroma_error err = STROMA_ERROR_INIT;
    report_db *db = NULL;
    if (report_db_open(fixture, &db, &err) != STROMA_OK) fail_msg("%s", err.message);
    return db;
}

static report_item item_of(report_db *db, const char *id)
{
    stroma_error err = STROMA_ERROR_INIT;
    sqlite3_stmt *q = NULL;
    bool got = false;
    report_item item = { .origin = "" };
    assert_int_equal(report_query(db,
                                  "SELECT item_id, section_id, kind, title, caption, spec FROM "
                                  "item WHERE item_id = ?1",
                                  &id, 1, &q, &err),
                     STROMA_OK);
    assert_int_equal(report_row(db, q, &got, &err), STROMA_OK);
    assert_true(got);
    const char **texts[] = { &item.item_id, &item.section_id, &item.kind,
                             &item.title,   &item.caption,    &item.spec_text };
    for (int k = 0; k < 6; k++)
        *texts[k] = stroma_arena_strdup(&db->arena, report_text(q, k));
    (void)sqlite3_finalize(q);
    item.spec = json_loads(item.spec_text, 0, NULL);
    assert_non_null(item.spec);
    return item;
}

static json_t *figure_of(const char *id)
{
    stroma_error err = STROMA_ERROR_INIT;
    report_db *db = open_db();
    const report_item item = item_of(db, id);
    stroma_buffer b;
    stroma_buffer_init(&b, LIMIT);
    if (report_figure(db, &item, &b, &err) != STROMA_OK)
        fail_msg("%s: %s%s", id, err.context, err.message);
    json_t *spec = json_loadb(b.data, b.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(spec);
    stroma_buffer_clear(&b);
    json_decref((json_t *)(uintptr_t)item.spec);
    report_db_close(db);
    return spec;
}

static double ask(const char *sql)
{
    report_db *db = open_db();
    sqlite3_stmt *q = NULL;
    bool got = false;
    assert_int_equal(report_query(db, sql, NULL, 0, &q, NULL), STROMA_OK);
    assert_int_equal(report_row(db, q, &got, NULL), STROMA_OK);
    assert_true(got);
    const double x = report_number(q, 0);
    (void)sqlite3_finalize(q);
    report_db_close(db);
    return x;
}

static const json_t *rows_of(const json_t *spec)
{
    return json_object_get(json_object_get(spec, "data"), "values");
}

static const char *text_in(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s == NULL ? "" : s;
}

static double number_in(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

static const char *caption_of(const json_t *spec)
{
    return text_in(json_object_get(json_object_get(spec, "usermeta"), "stroma"), "caption");
}

/* Every event of a panel is in one of its bins. */
static void check_total(const json_t *row, const char *counts, const char *n)
{
    double total = 0;
    const json_t *list = json_object_get(row, counts);
    assert_true(json_array_size(list) > 0);
    for (size_t i = 0; i < json_array_size(list); i++)
        total += fmax(0, json_number_value(json_array_get(list, i)));
    assert_true(total == number_in(row, n));
}

static bool says(const json_t *v, const char *text)
{
    const char *key;
    json_t *child;
    size_t i;
    if (json_is_string(v)) return strstr(json_string_value(v), text) != NULL;
    if (json_is_object(v)) {
        json_object_foreach((json_t *)(uintptr_t)v, key, child) if (says(child, text)) return true;
    } else if (json_is_array(v)) {
        json_array_foreach(v, i, child) if (says(child, text)) return true;
    }
    return false;
}

/* Three steps of one sample: every event is drawn, percentages are those counted. */
static void strategy_is_what_was_counted(void **state)
{
    (void)state;
    json_t *spec = figure_of("strategy");
    const json_t *rows = rows_of(spec), *panels = json_object_get(spec, "concat");
    assert_int_equal(json_array_size(rows), 3);
    assert_int_equal(json_array_size(panels), 3);
    static const char *const gates[] = { "lymphocytes", "cd4", "treg" };
    for (size_t i = 0; i < 3; i++) {
        const json_t *row = json_array_get(rows, i);
        char sql[256];
        check_total(row, "counts", "n");
        (void)snprintf(sql, sizeof sql,
                       "SELECT pct_parent FROM cytometry_population JOIN cytometry_sample "
                       "USING(sample_id) WHERE gate_id = '%s' AND subject_id = '%s' AND visit_id = "
                       "'%s'",
                       gates[i], text_in(row, "patient"), text_in(row, "visit"));
        assert_true(number_in(row, "percent_of_parent") == ask(sql));
        (void)snprintf(sql, sizeof sql, "m%.0f",
                       ask("SELECT min(measurement_id) FROM cytometry_statistic"));
        assert_string_equal(text_in(row, "trace"), i == 2 ? sql : "");
    }
    assert_true(says(json_object_get(json_array_get(panels, 2), "title"),
                     "Lymphocytes \xE2\x80\xBA CD4 T cells"));
    assert_true(says(json_array_get(panels, 2), "FMO_FoxP3_bl.fcs"));
    assert_non_null(strstr(caption_of(spec), "asinh (T 262144, M 4, A 0.7)"));
    assert_non_null(strstr(caption_of(spec), "3,000 events"));
    json_decref(spec);
}

/* The outline of a polygon has its vertices. */
static void outlines_are_the_gates(void **state)
{
    (void)state;
    static const double vertices[][2] = {
        { 0.22, 0.02 }, { 0.52, 0.02 }, { 0.52, 0.26 }, { 0.3, 0.26 }, { 0.22, 0.12 }
    };
    json_t *spec = figure_of("strategy");
    const json_t *layers =
        json_object_get(json_array_get(json_object_get(spec, "concat"), 0), "layer");
    const json_t *points = rows_of(json_array_get(layers, 1));
    assert_int_equal(json_array_size(points), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_true(fabs(number_in(json_array_get(points, i), "x") - vertices[i][0]) < 1e-5);
        assert_true(fabs(number_in(json_array_get(points, i), "y") - vertices[i][1]) < 1e-5);
    }
    json_decref(spec);
}

/* Decades are labelled where they stand on the scale, what is between them is a mark alone. */
static void ticks_are_real(void **state)
{
    (void)state;
    json_t *spec = figure_of("strategy");
    const json_t *panel = json_array_get(json_object_get(spec, "concat"), 2);
    const json_t *axis =
        json_object_get(json_object_get(json_object_get(panel, "encoding"), "x"), "axis");
    const char *expr = text_in(axis, "labelExpr");
    static const char *const labels[] = { "'10\xC2\xB3'", "'10\xE2\x81\xB4'", "'10\xE2\x81\xB5'",
                                          "'0'" };
    for (int i = 0; i < 4; i++)
        assert_non_null(strstr(expr, labels[i]));
    /* 1000 on asinh of T 262144, M 4, A 0.7 by Gating-ML 2.0 */
    const double at = (asinh(1000 * sinh(4 * log(10)) / 262144) + 0.7 * log(10)) / (4.7 * log(10));
    size_t hits = 0;
    const json_t *values = json_object_get(axis, "values");
    assert_true(json_array_size(values) > 30);
    for (size_t i = 0; i < json_array_size(values); i++)
        hits += fabs(json_number_value(json_array_get(values, i)) - at) < 1e-12;
    assert_int_equal(hits, 1);
    json_decref(spec);
}

/* Nobody is chosen who lacks a picture; the median of the group is. */
static void representatives_follow_the_rule(void **state)
{
    (void)state;
    json_t *spec = figure_of("flow_visits");
    const json_t *rows = rows_of(spec);
    const double groups =
        ask("SELECT count(DISTINCT group_id) FROM group_member WHERE grouping_id = 'response' AND "
            "subject_id = '011'"); /* 004 lacks densities, 025 has no percentage at the end */
    assert_true((double)json_array_size(json_object_get(spec, "vconcat")) == groups);
    assert_true((double)json_array_size(rows) == 3 * groups);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        assert_string_equal(text_in(json_array_get(rows, i), "patient"), "011");
        check_total(json_array_get(rows, i), "counts", "n");
        assert_int_equal(text_in(json_array_get(rows, i), "trace")[0], 'm');
    }
    assert_non_null(strstr(caption_of(spec), "the middle one"));
    json_decref(spec);
}

static void named_subjects_say_what_is_missing(void **state)
{
    (void)state;
    json_t *spec = figure_of("flow_named");
    const json_t *lines = json_object_get(spec, "vconcat");
    assert_int_equal(json_array_size(lines), 2);
    assert_int_equal(json_array_size(rows_of(spec)), 3); /* 004 at week 12 has none */
    assert_true(says(json_array_get(lines, 0), "025"));
    assert_true(says(json_array_get(lines, 0), "not estimable"));
    assert_true(says(json_array_get(lines, 1), "no density was kept"));
    json_decref(spec);
}

static void overlay_has_both_histograms(void **state)
{
    (void)state;
    json_t *spec = figure_of("overlay");
    const json_t *rows = rows_of(spec);
    assert_int_equal(json_array_size(rows), 3);
    for (size_t i = 0; i < 3; i++) {
        check_total(json_array_get(rows, i), "counts", "n");
        check_total(json_array_get(rows, i), "control", "control_n");
    }
    assert_true(says(spec, "FMO control: "));
    json_decref(spec);
}

static void nothing_is_said(void **state)
{
    (void)state;
    static const char *const ids[] = { "strategy_none", "strategy_bare", "overlay_none" };
    for (int i = 0; i < 3; i++) {
        json_t *spec = figure_of(ids[i]);
        assert_non_null(strstr(text_in(spec, "description"), "Nothing is drawn"));
        json_decref(spec);
    }
}

static report_table *table_of(report_db *db, const char *id)
{
    stroma_error err = STROMA_ERROR_INIT;
    report_table *t = NULL;
    const report_item item = item_of(db, id);
    if (report_table_build(db, &item, &t, &err) != STROMA_OK)
        fail_msg("%s: %s%s", id, err.context, err.message);
    json_decref((json_t *)(uintptr_t)item.spec);
    return t;
}

static void tables_have_every_row(void **state)
{
    (void)state;
    report_db *db = open_db();
    report_table *all = table_of(db, "populations"), *one = table_of(db, "populations_one"),
                 *samples = table_of(db, "samples");
    assert_int_equal(all->n_rows, 27); /* 3 subjects, 3 visits, 3 gates */
    assert_int_equal(one->n_rows, 3);
    assert_int_equal(samples->n_rows, 12); /* and three controls */
    size_t refused = 0;
    for (size_t i = 0; i < 3; i++) {
        const report_cell *c = one->rows[i].cells;
        if (c[3].is_number) {
            assert_int_equal(c[3].trace[0], 'm');
        } else {
            refused++;
            assert_string_equal(c[3].text, "not estimable");
        }
    }
    assert_int_equal(refused, 1);
    /* the flow rate of subject 025 was flagged at three visits: they stand first */
    for (size_t i = 0; i < 4; i++) {
        bool flagged = false;
        for (size_t k = 0; k < samples->n_columns; k++)
            flagged = flagged || (samples->rows[i].cells[k].text != NULL &&
                                  strstr(samples->rows[i].cells[k].text, "Flow rate") != NULL);
        assert_int_equal(flagged, i < 3);
    }
    report_table_free(all);
    report_table_free(one);
    report_table_free(samples);
    report_db_close(db);
}

/* A database that was tampered with, or a name that is none, is refused with a reason. */
static void broken_rows_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *change, *item, *says;
    } cases[] = {
        { "UPDATE cytometry_density SET counts = '1 x 3'", "strategy", "its counts are no list" },
        { "UPDATE cytometry_density SET counts = '-5000 1'", "overlay", "its counts are no list" },
        { "UPDATE cytometry_density SET counts = '7 -9223372036854775808'", "strategy",
          "its counts are no list" },
        { "UPDATE cytometry_axis SET ticks = '{}'", "strategy", "ticks of an axis" },
        { "UPDATE cytometry_gate SET geometry = 'no'", "strategy", "geometry of a gate" },
        { "UPDATE item SET spec = '{\"entry\":\"none\"}'", "strategy", "\"none\" is not in" },
        { "UPDATE item SET spec = '{\"entry\":\"treg\",\"population\":\"B\"}'", "flow_visits",
          "no population \"B\"" },
        { "UPDATE item SET spec = "
          "'{\"entry\":\"treg\",\"population\":\"treg\",\"subjects\":[\"?\"]}'",
          "flow_visits", "subjects names 1" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char command[512];
        sqlite3 *sql = NULL;
        (void)snprintf(command, sizeof command, "cp %s %s.broken", fixture, fixture);
        assert_int_equal(system(command), 0);
        (void)snprintf(command, sizeof command, "%s.broken", fixture);
        assert_int_equal(sqlite3_open(command, &sql), SQLITE_OK);
        assert_int_equal(sqlite3_exec(sql, cases[i].change, NULL, NULL, NULL), SQLITE_OK);
        (void)sqlite3_close(sql);
        stroma_error err = STROMA_ERROR_INIT;
        report_db *db = NULL;
        assert_int_equal(report_db_open(command, &db, &err), STROMA_OK);
        const report_item item = item_of(db, cases[i].item);
        stroma_buffer b;
        stroma_buffer_init(&b, LIMIT);
        assert_int_equal(report_figure(db, &item, &b, &err), STROMA_E_INCONSISTENT);
        if (strstr(err.message, cases[i].says) == NULL) fail_msg("%s", err.message);
        stroma_buffer_clear(&b);
        json_decref((json_t *)(uintptr_t)item.spec);
        report_db_close(db);
        (void)unlink(command);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strategy_is_what_was_counted),
        cmocka_unit_test(outlines_are_the_gates),
        cmocka_unit_test(ticks_are_real),
        cmocka_unit_test(representatives_follow_the_rule),
        cmocka_unit_test(named_subjects_say_what_is_missing),
        cmocka_unit_test(overlay_has_both_histograms),
        cmocka_unit_test(nothing_is_said),
        cmocka_unit_test(tables_have_every_row),
        cmocka_unit_test(broken_rows_are_refused),
    };
    return cmocka_run_group_tests_name("report_cytometry", tests, make_fixture, remove_fixture);
}
