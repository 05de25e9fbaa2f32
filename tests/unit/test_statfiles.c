/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every SAS, SPSS and Stata file of the public data root equals what haven 2.5.1 (R) reads from it:
 * each cell (statfiles_expected/NAME.csv) and the description of each column (summary.json). */
#include "stroma_test.h"

#include "stroma/file.h"
#include "stroma/table_read.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

static const char *root; /* "clinical" folder of the data root, or NULL */
static json_t *summary;

static bool close_to(double a, double b)
{
    return fabs(a - b) <= 1e-12 * fmax(1, fmax(fabs(a), fabs(b)));
}

/* Days since 1970 of a proleptic Gregorian date with any year (H. Hinnant, "chrono-compatible
 * low-level date algorithms"). */
static double days_of(long long y, int m, int d)
{
    y -= m <= 2;
    const long long era = (y >= 0 ? y : y - 399) / 400;
    const long long yoe = y - era * 400;
    const long long doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return (double)(era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468);
}

/* "2018-05-06" or "2018-05-06 10:10:10.000", as haven's columns print. */
static double moment_of(const char *s, bool with_time)
{
    long long y = 0;
    int mo = 0, d = 0, h = 0, mi = 0, n = 0;
    double sec = 0;
    assert_int_equal(sscanf(s, "%lld-%d-%d%n", &y, &mo, &d, &n), 3);
    if (!with_time) return days_of(y, mo, d);
    assert_int_equal(sscanf(s + n, " %d:%d:%lf", &h, &mi, &sec), 3);
    return days_of(y, mo, d) * 86400 + h * 3600 + mi * 60 + sec;
}

/* One field of haven's CSV, unquoted in place; *p moves behind its separator. NULL at the end. */
static char *next_field(char **p, bool *row_ends)
{
    char *s = *p;
    if (*s == '\0') return NULL;
    char *out = s, *start = s;
    if (*s == '"') {
        for (s++; *s != '\0'; s++) {
            if (*s == '"' && *++s != '"') break;
            *out++ = *s;
        }
    } else {
        while (*s != '\0' && *s != ',' && *s != '\n')
            *out++ = *s++;
    }
    *row_ends = *s != ',';
    *p = *s == '\0' ? s : s + 1;
    *out = '\0';
    return start;
}

static void compare_cell(const char *file, const stroma_table *t, size_t c, size_t r,
                         const char *want)
{
    const stroma_table_column *col = &t->columns[c];
    const stroma_cell_state state = stroma_table_state(t, c, r);
    bool ok = false;
    double got = NAN, number = NAN;
    if (want[0] == '\0') {
        ok = state == STROMA_MISSING;
    } else if (state == STROMA_PRESENT && col->type == STROMA_COLUMN_TEXT) {
        ok = strcmp(stroma_table_text(t, c, r), want) == 0;
    } else if (state == STROMA_PRESENT) {
        got = stroma_table_number(t, c, r);
        number = col->type == STROMA_COLUMN_DATE       ? moment_of(want, false)
                 : col->type == STROMA_COLUMN_DATETIME ? moment_of(want, true)
                                                       : strtod(want, NULL);
        ok = close_to(got, number);
    }
    if (!ok) {
        char buf[64];
        print_message(
            "# %s row %zu column \"%s\" (%s): \"%s\" (%.17g), state %s, expected \"%s\" (%.17g)\n",
            file, r + 1, col->name, stroma_column_type_name(col->type),
            stroma_table_cell_text(t, c, r, buf), got, stroma_cell_state_name(state), want, number);
    }
    assert_true(ok);
}

static size_t compare_csv(const char *file, const stroma_table *t, const char *csv)
{
    stroma_bytes bytes;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_bytes_read(csv, 0, &bytes, &err), STROMA_OK);
    char *text = malloc(bytes.size + 1), *p = text;
    memcpy(text, bytes.data, bytes.size);
    text[bytes.size] = '\0';
    stroma_bytes_clear(&bytes);
    bool ends = false;
    size_t c = 0, row = 0, cells = 0;
    for (char *f; !ends && (f = next_field(&p, &ends)) != NULL; c++)
        assert_string_equal(t->columns[c].name, f);
    assert_int_equal(c, t->columns_len);
    for (; row < t->rows_len; row++) {
        ends = false;
        for (c = 0; !ends; c++) {
            char *f = next_field(&p, &ends);
            assert_non_null(f);
            assert_true(c < t->columns_len);
            compare_cell(file, t, c, row, f);
            cells++;
        }
        assert_int_equal(c, t->columns_len);
    }
    assert_int_equal(*p, '\0');
    free(text);
    return cells;
}

static void same_text(const char *what, const char *file, const char *got, const json_t *want)
{
    const char *w = json_string_value(want);
    char trimmed[256] = "";
    if (got != NULL) (void)snprintf(trimmed, sizeof trimmed, "%s", got);
    /* haven shows SAS formats without the dot that ends them */
    if (strcmp(what, "format") == 0 && trimmed[0] != '%') {
        const size_t n = strlen(trimmed);
        if (n > 0 && trimmed[n - 1] == '.') trimmed[n - 1] = '\0';
    }
    if (strcmp(trimmed, w == NULL ? "" : w) != 0)
        print_message("# %s: %s \"%s\", expected \"%s\"\n", file, what, trimmed,
                      w == NULL ? "" : w);
    assert_string_equal(trimmed, w == NULL ? "" : w);
}

static void compare_labels(const char *file, const stroma_table_column *c, const json_t *labels)
{
    const char *text;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)labels, text, v)
    {
        bool found = false;
        for (size_t i = 0; i < c->value_labels_len && !found; i++) {
            const stroma_value_label *l = &c->value_labels[i];
            found =
                strcmp(l->label, text) == 0 &&
                (json_is_string(v) ? l->text != NULL && strcmp(l->text, json_string_value(v)) == 0
                                   : l->text == NULL && l->number == json_number_value(v));
        }
        if (!found) print_message("# %s: \"%s\" has no value label \"%s\"\n", file, c->name, text);
        assert_true(found);
    }
    assert_int_equal(c->value_labels_len, json_object_size(labels));
}

static stroma_column_type type_of(const char *class)
{
    static const struct {
        const char *class;
        stroma_column_type type;
    } types[] = { { "Date", STROMA_COLUMN_DATE },
                  { "POSIXct", STROMA_COLUMN_DATETIME },
                  { "hms", STROMA_COLUMN_TIME },
                  { "character", STROMA_COLUMN_TEXT },
                  { "numeric", STROMA_COLUMN_NUMBER } };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i].class, class) == 0) return types[i].type;
    return STROMA_COLUMN_NUMBER;
}

static void compare_column(const char *file, const stroma_table *t, size_t c, const json_t *want)
{
    const stroma_table_column *col = &t->columns[c];
    assert_string_equal(col->name, json_string_value(json_object_get(want, "name")));
    same_text("label", file, col->label, json_object_get(want, "label"));
    same_text("format", file, col->format, json_object_get(want, "format"));
    const char *class = json_string_value(json_object_get(want, "class"));
    if (strcmp(class, "haven_labelled") != 0) assert_int_equal(col->type, type_of(class));
    compare_labels(file, col, json_object_get(want, "value_labels"));
    size_t missing = 0;
    double sum = 0, lo = HUGE_VAL, hi = -HUGE_VAL;
    for (size_t r = 0; r < t->rows_len; r++) {
        if (stroma_table_state(t, c, r) != STROMA_PRESENT) {
            missing++;
            continue;
        }
        const double x = stroma_table_number(t, c, r);
        sum += x;
        lo = fmin(lo, x);
        hi = fmax(hi, x);
    }
    assert_int_equal(missing, json_integer_value(json_object_get(want, "n_missing")));
    const json_t *s = json_object_get(want, "sum");
    if (s == NULL) return;
    /* the reference prints 15 digits, and adds in another order */
    if (fabs(sum - json_number_value(s)) > 1e-9 * fmax(1, fabs(sum)))
        print_message("# %s \"%s\": sum %.17g, expected %.17g\n", file, col->name, sum,
                      json_number_value(s));
    assert_true(fabs(sum - json_number_value(s)) <= 1e-9 * fmax(1, fabs(sum)));
    assert_true(close_to(lo, json_number_value(json_object_get(want, "min"))));
    assert_true(close_to(hi, json_number_value(json_object_get(want, "max"))));
}

static bool is_xpt(const char *name)
{
    const size_t n = strlen(name);
    return n > 4 && strcmp(name + n - 4, ".xpt") == 0;
}

/* All files of one kind; @p xpt true for transport files, which need no helper program. */
static void check_files(bool xpt)
{
    const char *name;
    json_t *want;
    size_t files = 0, cells = 0;
    json_object_foreach(summary, name, want)
    {
        char path[4096], csv[4096];
        if (is_xpt(name) != xpt || json_object_get(want, "error") != NULL) continue;
        (void)snprintf(path, sizeof path, "%s/%s", root, name);
        stroma_table *t = NULL;
        stroma_error err = STROMA_ERROR_INIT;
        if (stroma_table_read(path, NULL, &t, NULL, &err) != STROMA_OK)
            fail_msg("%s%s", err.context, err.message);
        assert_int_equal(t->rows_len, json_integer_value(json_object_get(want, "n_rows")));
        assert_int_equal(t->columns_len, json_integer_value(json_object_get(want, "n_cols")));
        same_text("data set label", name, t->label, json_object_get(want, "dataset_label"));
        const json_t *vars = json_object_get(want, "vars");
        for (size_t c = 0; c < t->columns_len; c++)
            compare_column(name, t, c, json_array_get(vars, c));
        (void)snprintf(csv, sizeof csv, "%s/statfiles_expected/%s.csv", root,
                       strrchr(name, '/') + 1);
        if (access(csv, R_OK) == 0) cells += compare_csv(name, t, csv);
        stroma_table_free(t);
        files++;
    }
    print_message("# %zu files, %zu cells\n", files, cells);
    assert_true(files > 0 && cells > 0);
}

static void transport_files(void **state)
{
    (void)state;
    if (root == NULL) skip();
    check_files(true);
}

static void files_through_the_helper(void **state)
{
    (void)state;
    if (root == NULL) skip();
    check_files(false);
}

static void catalogs(void **state)
{
    (void)state;
    if (root == NULL) skip();
    static const char *const names[] = { "statfiles/haven/formats.sas7bcat",
                                         "statfiles/pyreadstat/test_formats_linux.sas7bcat" };
    char path[4096], catalog[4096];
    stroma_table *t = NULL;
    for (size_t i = 0; i < 2; i++) {
        stroma_error err = STROMA_ERROR_INIT;
        (void)snprintf(path, sizeof path, "%s/%s", root, names[i]);
        assert_int_equal(stroma_table_read(path, NULL, &t, NULL, &err), STROMA_E_USAGE);
        assert_non_null(strstr(err.message, "this is a SAS catalog"));
        assert_null(t);
    }
    /* with the data set that they belong to */
    stroma_table_read_options opts = STROMA_TABLE_READ_OPTIONS_INIT;
    opts.catalog = catalog;
    (void)snprintf(catalog, sizeof catalog, "%s/%s", root, names[0]);
    (void)snprintf(path, sizeof path, "%s/statfiles/haven/hadley.sas7bdat", root);
    assert_int_equal(stroma_table_read(path, &opts, &t, NULL, NULL), STROMA_OK);
    const stroma_table_column *workshop = &t->columns[stroma_table_find(t, "workshop")];
    const stroma_table_column *gender = &t->columns[stroma_table_find(t, "gender")];
    assert_int_equal(workshop->value_labels_len, 2);
    assert_string_equal(workshop->value_labels[1].label, "SAS");
    assert_true(workshop->value_labels[1].number == 2);
    assert_int_equal(gender->value_labels_len, 2);
    assert_string_equal(gender->value_labels[0].text, "f");
    assert_string_equal(gender->value_labels[0].label, "Female");
    stroma_table_free(t);
}

static void html_page_is_refused(void **state)
{
    (void)state;
    const char *path = test_data("clinical/cdisc/lab1_0_1refrangesampledata.xpt");
    if (path == NULL) skip();
    stroma_table *t = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_table_read(path, NULL, &t, NULL, &err), STROMA_E_MALFORMED);
    assert_null(t);
    assert_non_null(strstr(err.message, "an HTML page (\"404 Not Found\")"));
}

int main(void)
{
    const char *path = test_data("clinical/statfiles_expected/summary.json");
    static char folder[4096];
    if (path != NULL) {
        summary = json_load_file(path, 0, NULL);
        (void)snprintf(folder, sizeof folder, "%.*s",
                       (int)(strlen(path) - strlen("/statfiles_expected/summary.json")), path);
        root = summary == NULL ? NULL : folder;
    }
    const struct CMUnitTest tests[] = { cmocka_unit_test(transport_files),
                                        cmocka_unit_test(files_through_the_helper),
                                        cmocka_unit_test(catalogs),
                                        cmocka_unit_test(html_page_is_refused) };
    const int r = cmocka_run_group_tests_name("statfiles", tests, NULL, NULL);
    json_decref(summary);
    return r;
}
