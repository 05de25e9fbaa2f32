/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report as its callers see it: what it refuses, what it writes, and that texts stay texts. */
#include "stroma_test.h"

#include "stroma/buffer.h"
#include "stroma/file.h"
#include "stroma/memory.h"
#include "stroma/report.h"

#include <sqlite3.h>
#include <string.h>

static char folder[64];

static const char *in_folder(const char *name)
{
    static char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void run_sql(sqlite3 *db, const char *sql)
{
    char *why = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK) fail_msg("%s", why);
}

/* A study.db with the real schema, the facts every run writes, and @p more. */
static char *make_db(const char *name, const char *more)
{
    char *path = stroma_strdup(in_folder(name));
    (void)unlink(path);
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    stroma_bytes schema;
    assert_int_equal(stroma_bytes_read(test_source("src/study/schema.sql"), 0, &schema, NULL),
                     STROMA_OK);
    char *sql = stroma_strndup((const char *)schema.data, schema.size);
    run_sql(db, sql);
    run_sql(db, "INSERT INTO meta VALUES('schema','stroma.study/1'),('title','T <b>&</b>'),"
                "('headline','28 of 52'),('simulated','1'),('pseudonymised','0')");
    run_sql(db, more);
    (void)sqlite3_close(db);
    stroma_free(sql);
    stroma_bytes_clear(&schema);
    return path;
}

static stroma_status build(const char *db, const char *out, bool overwrite, bool pseudonymised,
                           stroma_error *err)
{
    stroma_report_options o = STROMA_REPORT_OPTIONS_INIT;
    o.out = out;
    o.overwrite = overwrite;
    o.pseudonymised = pseudonymised;
    return stroma_report_build(db, &o, NULL, err);
}

static char *page_of(const char *path)
{
    stroma_bytes b;
    assert_int_equal(stroma_bytes_read(path, 0, &b, NULL), STROMA_OK);
    char *text = stroma_strndup((const char *)b.data, b.size);
    stroma_bytes_clear(&b);
    return text;
}

static void refuses(void **state)
{
    (void)state;
    static const struct {
        const char *more;
        stroma_status status;
        const char *message;
    } cases[] = {
        { "UPDATE meta SET value = 'stroma.study/9' WHERE key = 'schema'", STROMA_E_MALFORMED,
          "schema is \"stroma.study/9\", this version reads \"stroma.study/1\"" },
        { "INSERT INTO section VALUES('s',1,'S',''); INSERT INTO item "
          "VALUES('i','s',1,'text','','','[1]',NULL)",
          STROMA_E_MALFORMED, "item \"i\": spec is no JSON object: another kind of value" },
        { "INSERT INTO section VALUES('s',1,'S',''); INSERT INTO item "
          "VALUES('i','s',1,'text','','','{\"a\":',NULL)",
          STROMA_E_MALFORMED, "item \"i\": spec is no JSON object: " },
        { "INSERT INTO section VALUES('s',1,'S',''); INSERT INTO item "
          "VALUES('i','s',1,'hologram','','','{}',NULL)",
          STROMA_E_INCONSISTENT, "item \"i\": kind \"hologram\" is no table of this version" },
        { "INSERT INTO flow_node VALUES('a',NULL,1,'enrolment',NULL,'A',3,'{}')",
          STROMA_E_MALFORMED, "flow node \"a\": details is no JSON array" },
        { "INSERT INTO claim(kind,title,text,numbers) "
          "VALUES('tile','a','b','{\"value\":\"1\",\"trace\":\"x1\"}')",
          STROMA_E_INCONSISTENT, "trace key \"x1\" is unknown" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *db = make_db("refused.db", cases[i].more);
        stroma_error err = STROMA_ERROR_INIT;
        assert_int_equal(build(db, in_folder("refused.html"), true, false, &err), cases[i].status);
        if (strstr(err.message, cases[i].message) == NULL) fail_msg("\"%s\"", err.message);
        assert_false(stroma_path_exists(in_folder("refused.html")));
        stroma_free(db);
    }
}

static void refuses_other_files(void **state)
{
    (void)state;
    stroma_error err = STROMA_ERROR_INIT;
    char *missing = stroma_strdup(in_folder("absent.db")),
         *out = stroma_strdup(in_folder("o.html"));
    assert_int_equal(build(missing, out, true, false, &err), STROMA_E_IO);
    assert_non_null(strstr(err.message, "does not exist"));
    assert_int_equal(build(folder, out, true, false, &err), STROMA_E_IO);
    assert_non_null(strstr(err.message, "is a folder"));
    assert_int_equal(
        stroma_file_write(missing, "not a database at all, but long enough", 38, true, NULL),
        STROMA_OK);
    assert_int_equal(build(missing, out, true, false, &err), STROMA_E_MALFORMED);
    assert_non_null(strstr(err.message, "is not a study database"));
    stroma_free(missing);
    stroma_free(out);
}

static void keeps_existing_files(void **state)
{
    (void)state;
    char *db = make_db("keep.db", "SELECT 1"), *out = stroma_strdup(in_folder("keep.html"));
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(build(db, out, false, false, &err), STROMA_OK);
    assert_int_equal(build(db, out, false, false, &err), STROMA_E_USAGE);
    assert_int_equal(build(db, out, true, false, &err), STROMA_OK);
    stroma_free(db);
    stroma_free(out);
}

static void wants_pseudonyms_where_asked(void **state)
{
    (void)state;
    char *db = make_db("own.db", "SELECT 1"), *out = stroma_strdup(in_folder("own.html"));
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(build(db, out, true, true, &err), STROMA_E_USAGE);
    assert_non_null(strstr(err.hint, "--pseudonymise"));
    stroma_free(db);
    db = make_db("own.db", "UPDATE meta SET value = '1' WHERE key = 'pseudonymised'");
    assert_int_equal(build(db, out, true, true, &err), STROMA_OK);
    stroma_free(db);
    stroma_free(out);
}

static void texts_stay_texts(void **state)
{
    (void)state;
    char *db = make_db(
        "evil.db",
        "INSERT INTO section VALUES('\"><s>',1,'</h2><script>alert(1)</script>','<i>intro</i>');"
        "INSERT INTO item VALUES('../../evil','\"><s>',1,'text','<u>title</u>','',"
        "'{\"text\":\"one <img src=x>\\n\\ntwo </script>\"}',NULL);"
        "INSERT INTO input_file VALUES(1,'<!--<script>','data','csv','aa',1,1,1);"
        "INSERT INTO flow_node VALUES('a',NULL,1,'enrolment',NULL,'<em>A</em>',3,"
        "'[{\"label\":\"<em>why</em>\",\"n\":2}]')");
    char *out = stroma_strdup(in_folder("evil.html"));
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(build(db, out, true, false, &err), STROMA_OK);
    char *page = page_of(out);
    static const char *const never[] = { "<b>&",     "alert(1)</script>", "<i>intro",
                                         "<u>title", "<img src=x",        "<em>",
                                         "<!--",     "../../evil",        "\"><s>" };
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        if (strstr(page, never[i]) != NULL) fail_msg("the page holds %s", never[i]);
    assert_non_null(strstr(page, "&lt;em&gt;why&lt;/em&gt; <b>2</b>"));
    assert_non_null(strstr(page, "<p>one &lt;img src=x&gt;</p><p>two &lt;/script&gt;</p>"));
    assert_non_null(strstr(page, "\\u003c!--\\u003cscript>"));
    assert_non_null(strstr(page, "Simulated data"));
    assert_non_null(strstr(page, "default-src 'none'"));
    stroma_free(page);
    stroma_free(db);
    stroma_free(out);
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = { "refused.db", "absent.db", "keep.db", "keep.html",
                                         "own.db",     "own.html",  "evil.db", "evil.html" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        (void)unlink(in_folder(names[i]));
    return rmdir(folder);
}

int main(void)
{
    (void)snprintf(folder, sizeof folder, "/tmp/stroma-report-XXXXXX");
    if (mkdtemp(folder) == NULL) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses),
        cmocka_unit_test(refuses_other_files),
        cmocka_unit_test(keeps_existing_files),
        cmocka_unit_test(wants_pseudonyms_where_asked),
        cmocka_unit_test(texts_stay_texts),
    };
    return cmocka_run_group_tests_name("report", tests, NULL, remove_folder);
}
