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
            if (k == NULL) continue; /* a kind of a later step */
            if (k->figure != NULL) {
                json_t *spec = build_figure(db, &item, fixture_names[f]);
                assert_true(json_string_length(json_object_get(spec, "description")) > 10);
                refuse_keys(spec, true);
                json_decref(spec);
            } else if (k->table != NULL) {
                report_table *t = NULL;
                if (report_table_build(db, &item, &t, &err) != STROMA_OK)
                    fail_msg("%s: %s%s", item.item_id, err.context, err.message);
                report_table_free(t);
            }
            json_decref((json_t *)(uintptr_t)item.spec);
            n++;
        }
        (void)sqlite3_finalize(q);
        assert_true(n >= (f == 1 ? 0 : 5));
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
static double ask(int fixture, const char *sql)
{
    report_db *db = open_fixture(fixture);
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

/* S3-45, S3-50: every patient's value and every summary of the database is drawn, none else. */
static void time_course_shows_the_database(void **state)
{
    (void)state;
    json_t *spec = figure_of(0, "fig4a");
    const json_t *values = values_of(spec);
    assert_true((double)count_with(values, "subject", NULL) ==
                ask(0, "SELECT count(*) FROM measurement WHERE param_id = 'il6_pg_ml' AND value IS "
                       "NOT NULL"));
    assert_true((double)count_with(values, "state", "below limit") ==
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
    assert_int_equal(count_with(values_of(plain), "p_adjusted", NULL), 0);
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

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_item_builds),
                                        cmocka_unit_test(time_course_shows_the_database),
                                        cmocka_unit_test(circular_is_said) };
    return cmocka_run_group_tests_name("report_items", tests, make_fixtures, remove_fixtures);
}
