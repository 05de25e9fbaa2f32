/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rewriting, text, columns and scrubbing of data sets that were read. */
#include "stroma_test.h"

#include "stroma/buffer.h"
#include "stroma/fcs_export.h"
#include "stroma/fcs_scrub.h"
#include "stroma/hash.h"
#include "stroma/memory.h"
#include "stroma/number.h"
#include "stroma/random.h"

#include <math.h>
#include <string.h>
#include <strings.h>

static stroma_status into_buffer(void *context, const void *bytes, size_t n, stroma_error *err)
{
    stroma_buffer_append(context, bytes, n);
    return stroma_buffer_status(context, err);
}

typedef struct table {
    const double *x; /* columns one after the other */
    size_t n, k;
} table;

static stroma_status fill(void *context, uint64_t first, size_t n, double *const *out,
                          stroma_error *err)
{
    (void)err;
    const table *t = context;
    for (size_t j = 0; j < t->k; j++)
        memcpy(out[j], t->x + j * t->n + first, n * sizeof(double));
    return STROMA_OK;
}

/* A file in memory of k channels and n events, opened. */
static stroma_fcs *make_file(stroma_fcs_type type, const stroma_fcs_out_parameter *p, size_t k,
                             const double *x, size_t n, const stroma_fcs_pair *keywords,
                             size_t keywords_len, stroma_buffer *b)
{
    table t = { x, n, k };
    const stroma_fcs_content c = { .keywords = keywords,
                                   .keywords_len = keywords_len,
                                   .n_events = n,
                                   .type = type,
                                   .parameters = p,
                                   .parameters_len = k,
                                   .fill = fill,
                                   .context = &t };
    stroma_fcs *f = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_buffer_init(b, (size_t)1 << 28);
    if (stroma_fcs_write_to(into_buffer, b, &c, 1, NULL, NULL, &err) != STROMA_OK ||
        stroma_fcs_open_memory((unsigned char *)b->data, b->len, "made", NULL, NULL, &f, &err) !=
            STROMA_OK)
        fail_msg("%s", err.message);
    return f;
}

static stroma_fcs *rewritten(const stroma_fcs *f, stroma_fcs_type type, stroma_fcs_changes *changes,
                             stroma_buffer *b)
{
    stroma_fcs_rewrite *r = NULL;
    stroma_fcs_rewrite_options o = STROMA_FCS_REWRITE_OPTIONS_INIT;
    stroma_fcs_write_options w = STROMA_FCS_WRITE_OPTIONS_INIT;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_fcs *g = NULL;
    o.type = type;
    w.round = true;
    stroma_buffer_init(b, (size_t)1 << 28);
    if (stroma_fcs_rewrite_new(stroma_fcs_preferred(f), &o, &r, &err) != STROMA_OK ||
        stroma_fcs_write_to(into_buffer, b, stroma_fcs_rewrite_content(r), 1, &w, changes, &err) !=
            STROMA_OK ||
        stroma_fcs_open_memory((unsigned char *)b->data, b->len, "rewritten", NULL, NULL, &g,
                               &err) != STROMA_OK)
        fail_msg("%s", err.message);
    stroma_fcs_rewrite_free(r);
    return g;
}

static void same_columns(const stroma_fcs *a, const stroma_fcs *b, stroma_fcs_scale scale,
                         double tolerance)
{
    const stroma_fcs_dataset *da = stroma_fcs_preferred(a), *db = stroma_fcs_preferred(b);
    assert_int_equal(da->n_events, db->n_events);
    assert_int_equal(da->parameters_len, db->parameters_len);
    const size_t n = (size_t)da->n_events;
    double *x = stroma_alloc_array(n, sizeof *x), *y = stroma_alloc_array(n, sizeof *y);
    assert_true(x != NULL && y != NULL);
    for (size_t j = 0; j < da->parameters_len && n > 0; j++) {
        assert_int_equal(stroma_fcs_read(da, scale, 0, n, &j, 1, &x, NULL), STROMA_OK);
        assert_int_equal(stroma_fcs_read(db, scale, 0, n, &j, 1, &y, NULL), STROMA_OK);
        for (size_t i = 0; i < n; i++)
            if (memcmp(&x[i], &y[i], sizeof x[i]) != 0 &&
                !(fabs(x[i] - y[i]) <= tolerance * fabs(x[i])))
                fail_msg("channel %zu, event %zu: %.17g and %.17g", j + 1, i + 1, x[i], y[i]);
    }
    stroma_free(x);
    stroma_free(y);
}

/* A logarithmic integer becomes a linear float; its linear value stays. */
static void log_integers_to_float(void **state)
{
    (void)state;
    const stroma_fcs_out_parameter p[] = {
        { .name = "FSC-H", .bits = 16, .range = 1024 },
        { .name = "FL1-H", .bits = 16, .range = 1024, .log_decades = 4, .log_offset = 1 },
        { .name = "FL2-A", .bits = 16, .range = 1024, .gain = 4 },
        { .name = "Time", .bits = 16, .range = 1024 },
    };
    double x[4 * 1024];
    for (size_t i = 0; i < 4 * 1024; i++)
        x[i] = (double)(i % 1024);
    const stroma_fcs_pair keywords[] = { { "$TIMESTEP", "0.5" }, { "$CYT", "FACSCalibur" } };
    stroma_buffer a, b, c;
    stroma_fcs_changes changes;
    stroma_fcs *f = make_file(STROMA_FCS_INTEGER, p, 4, x, 1024, keywords, 2, &a);
    stroma_fcs *same = rewritten(f, 0, &changes, &b);
    same_columns(f, same, STROMA_FCS_STORED, 0);
    same_columns(f, same, STROMA_FCS_LINEAR, 0);
    assert_string_equal(stroma_fcs_text(stroma_fcs_preferred(same), "$P2E"), "4,1");
    stroma_fcs *g = rewritten(f, STROMA_FCS_FLOAT, &changes, &c);
    const stroma_fcs_dataset *d = stroma_fcs_preferred(g);
    assert_int_equal(d->parameters[1].type, STROMA_FCS_FLOAT);
    assert_string_equal(stroma_fcs_text(d, "$P2E"), "0,0");
    assert_string_equal(stroma_fcs_text(d, "$P2R"), "10000");
    assert_string_equal(stroma_fcs_text(d, "$CYT"), "FACSCalibur");
    same_columns(f, g, STROMA_FCS_LINEAR, 6e-8); /* half a unit in the last place of a float */
    assert_true(changes.narrowed > 900);
    assert_int_equal(changes.overflowed, 0);
    stroma_fcs_close(g);
    stroma_fcs_close(same);
    stroma_fcs_close(f);
    stroma_buffer_clear(&a);
    stroma_buffer_clear(&b);
    stroma_buffer_clear(&c);
}

static void floats_to_integers(void **state)
{
    (void)state;
    const stroma_fcs_out_parameter p[] = { { .name = "A", .range = 1000 } };
    const double x[] = { 0, 12.25, -7, 999.5, 300000, NAN };
    stroma_buffer a, b;
    stroma_fcs_changes changes;
    stroma_fcs *f = make_file(STROMA_FCS_FLOAT, p, 1, x, 6, NULL, 0, &a);
    stroma_fcs *g = rewritten(f, STROMA_FCS_INTEGER, &changes, &b);
    const stroma_fcs_dataset *d = stroma_fcs_preferred(g);
    double y[6], *to = y;
    const size_t zero = 0;
    assert_int_equal(stroma_fcs_read(d, STROMA_FCS_STORED, 0, 6, &zero, 1, &to, NULL), STROMA_OK);
    const double want[] = { 0, 12, 0, 1000, 300000, 0 };
    assert_memory_equal(y, want, sizeof want);
    assert_true(d->parameters[0].range == 524288); /* the largest value fits */
    assert_int_equal(changes.rounded, 2);
    assert_int_equal(changes.below, 1);
    assert_int_equal(changes.above, 0);
    assert_int_equal(changes.not_numbers, 1);
    stroma_diag diag;
    stroma_diag_init(&diag);
    stroma_fcs_report_changes(&changes, "a.fcs", &diag);
    assert_int_equal(diag.len, 1);
    assert_string_equal(diag.items[0].code, "STROMA-FCS-101");
    assert_int_equal(diag.items[0].severity, STROMA_WARNING);
    stroma_diag_clear(&diag);
    stroma_fcs_close(g);
    stroma_fcs_close(f);
    stroma_buffer_clear(&a);
    stroma_buffer_clear(&b);
}

/* Text of 30,000 floats of any bits, and of numbers as they occur, reads back to the same floats.
 */
static void shortest_floats(void **state)
{
    (void)state;
    enum { N = 30000 };
    const stroma_fcs_out_parameter p[] = { { .name = "a,b", .range = 1 } };
    double *x = stroma_alloc_array(N, sizeof *x);
    assert_non_null(x);
    stroma_random r;
    stroma_random_init(&r, 1, 2, 3);
    for (size_t i = 0; i < N; i++) {
        uint32_t bits = stroma_random_u32(&r);
        float v = 0;
        memcpy(&v, &bits, sizeof v);
        if (i % 2 == 0) v = (float)(262144 * stroma_random_uniform(&r) - 1000);
        if (i % 6 == 0) v = floorf(v * 100) / 100;
        x[i] = isfinite(v) ? (double)v : 0;
    }
    stroma_buffer a, text;
    stroma_fcs *f = make_file(STROMA_FCS_FLOAT, p, 1, x, N, NULL, 0, &a);
    stroma_buffer_init(&text, 1 << 24);
    assert_int_equal(stroma_fcs_write_text(into_buffer, &text, stroma_fcs_preferred(f),
                                           STROMA_FCS_LINEAR, ',', NULL),
                     STROMA_OK);
    assert_memory_equal(text.data, "\"a,b\"\n", 6);
    const char *at = text.data + 6;
    size_t longest = 0;
    for (size_t i = 0; i < N; i++) {
        const char *end = strchr(at, '\n');
        double y = 0;
        assert_non_null(end);
        assert_true(stroma_parse_double(at, (size_t)(end - at), '.', &y));
        if ((double)(float)y != x[i]) fail_msg("%.17g became %.*s", x[i], (int)(end - at), at);
        if (i % 6 == 0 && fabs(x[i]) < 10000) /* two decimals are as few as were put in */
            assert_true((size_t)(end - at) <= 8);
        if ((size_t)(end - at) > longest) longest = (size_t)(end - at);
        at = end + 1;
    }
    assert_true(*at == '\0');
    assert_true(longest <= 16); /* -1.23456789e-38 */
    stroma_fcs_close(f);
    stroma_buffer_clear(&a);
    stroma_buffer_clear(&text);
    stroma_free(x);
}

static void special_numbers_as_text(void **state)
{
    (void)state;
    const stroma_fcs_out_parameter p[] = { { .name = "A", .range = 1 } };
    const double x[] = { NAN, INFINITY, -INFINITY, -0.0, 0.1, 16777216, 1e30 };
    stroma_buffer a, text;
    stroma_fcs *f = make_file(STROMA_FCS_DOUBLE, p, 1, x, 7, NULL, 0, &a);
    stroma_buffer_init(&text, 1 << 16);
    assert_int_equal(stroma_fcs_write_text(into_buffer, &text, stroma_fcs_preferred(f),
                                           STROMA_FCS_LINEAR, '\t', NULL),
                     STROMA_OK);
    assert_string_equal(text.data, "A\nNaN\nInf\n-Inf\n-0\n0.1\n16777216\n1e+30\n");
    stroma_fcs_close(f);
    stroma_buffer_clear(&a);
    stroma_buffer_clear(&text);
}

static void columns_layout(void **state)
{
    (void)state;
    const stroma_fcs_out_parameter p[] = { { .name = "A", .stain = "CD4", .range = 10 },
                                           { .name = "Time", .range = 10 } };
    const double x[] = { 1.5, -2, NAN, 2, 4, 6 };
    const stroma_fcs_pair keywords[] = { { "$TIMESTEP", "0.25" } };
    stroma_buffer a, out;
    stroma_fcs *f = make_file(STROMA_FCS_FLOAT, p, 2, x, 3, keywords, 1, &a);
    stroma_buffer_init(&out, 1 << 16);
    assert_int_equal(stroma_fcs_write_columns(into_buffer, &out, stroma_fcs_preferred(f),
                                              STROMA_FCS_LINEAR, "ab", NULL),
                     STROMA_OK);
    assert_memory_equal(out.data, "STROMAC1", 8);
    uint64_t n = 0;
    memcpy(&n, out.data + 8, sizeof n);
    assert_int_equal((16 + n) % 64, 0);
    assert_int_equal(out.len, 16 + n + 64 + 64 + 32);
    assert_non_null(memmem(out.data + 16, n,
                           "{\"name\":\"A\",\"stain\":\"CD4\",\"unit\":null,\"dtype\":\"<f4\","
                           "\"offset\":0,\"bytes\":12,\"range\":10}",
                           85));
    assert_non_null(memmem(out.data + 16, n,
                           "\"unit\":\"s\",\"dtype\":\"<f8\",\"offset\":64,\"bytes\":24", 47));
    float y[3];
    double t[3];
    memcpy(y, out.data + 16 + n, sizeof y);
    memcpy(t, out.data + 16 + n + 64, sizeof t);
    assert_true(y[0] == 1.5F && y[1] == -2.0F && isnan(y[2]));
    assert_true(t[0] == 0.5 && t[1] == 1 && t[2] == 1.5);
    stroma_hash hash;
    stroma_hash_bytes(out.data, out.len - 32, &hash);
    assert_memory_equal(out.data + out.len - 32, hash.bytes, 32);
    stroma_fcs_close(f);
    stroma_buffer_clear(&a);
    stroma_buffer_clear(&out);
}

static const char *action_of(const stroma_fcs_scrub *s, const char *keyword)
{
    size_t n = 0;
    const stroma_fcs_scrubbed *log = stroma_fcs_scrub_log(s, &n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(log[i].keyword, keyword) == 0) return log[i].action;
    return "untouched";
}

static const stroma_fcs_pair personal[] = {
    { "$OP", "Ada Lovelace" },
    { "$SRC", "Patient 17" },
    { "$DATE", "28-FEB-2020" },
    { "$BTIM", "09:15:00" },
    { "CST SETUP DATE", "12/31/2019 11:57:42 PM" },
    { "EXPERIMENT_NAME", "Lovelace trial" },
    { "&34PT NAME", "J. Doe" },
    { "@FILEGUID", "6EAFF9F8C6658C49AB3BE1B672C42919" },
    { "VENDOR KEY", "110FBB68-FE71-11E4-AACA-000A95C79816" },
    { "SETTINGS DOC", "<?xml version=\"1.0\"?><a/>" },
    { "PANEL NOTES", "asked by ada lovelace" },
    { "$CYT", "Aurora" },
    { "$P1V", "420" },
    { "$SPILLOVER", "1,A,1" },
    { "$CYTSN", "U1368" },
};
enum { PERSONAL = sizeof personal / sizeof personal[0] };

static void scrub_removes(void **state)
{
    (void)state;
    const stroma_fcs_out_parameter p[] = { { .name = "A", .stain = "CD4", .range = 10 } };
    const double x[] = { 1.5, -2, NAN };
    static const char *const keep[] = { "experiment name", "panel notes" };
    static const char *const also[] = { "$CYTSN" };
    stroma_buffer a, b;
    stroma_fcs *f = make_file(STROMA_FCS_FLOAT, p, 1, x, 3, personal, PERSONAL, &a);
    stroma_fcs_scrub_options o = STROMA_FCS_SCRUB_OPTIONS_INIT;
    o.keep = keep;
    o.keep_len = 2;
    o.also = also;
    o.also_len = 1;
    stroma_diag diag;
    stroma_diag_init(&diag);
    stroma_fcs_scrub *s = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_fcs_scrub_new(f, "a.fcs", &o, &diag, &s, &err), STROMA_OK);
    static const char *const gone[] = { "$OP",       "$SRC",           "$DATE",
                                        "$BTIM",     "CST SETUP DATE", "&34PT NAME",
                                        "@FILEGUID", "VENDOR KEY",     "SETTINGS DOC",
                                        "$CYTSN" };
    for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++)
        assert_string_equal(action_of(s, gone[i]), "removed");
    assert_string_equal(action_of(s, "EXPERIMENT_NAME"), "kept");
    static const char *const left[] = { "$CYT", "$P1V", "$SPILLOVER", "$P1N", "$P1S", "$PAR" };
    for (size_t i = 0; i < sizeof left / sizeof left[0]; i++)
        assert_string_equal(action_of(s, left[i]), "untouched");
    /* "PANEL NOTES" was kept as asked, and says the operator's name */
    assert_int_equal(diag.len, 1);
    assert_string_equal(diag.items[0].code, "STROMA-FCS-105");
    assert_string_equal(diag.items[0].message,
                        "keyword \"PANEL NOTES\" still holds what was removed with \"$OP\"");
    assert_true(stroma_fcs_scrub_betrays(s, "patient 17_W4.fcs"));
    assert_false(stroma_fcs_scrub_betrays(s, "017_W4.fcs"));
    size_t n = 0;
    const stroma_fcs_content *sets = stroma_fcs_scrub_content(s, &n);
    stroma_buffer_init(&b, 1 << 20);
    assert_int_equal(stroma_fcs_write_to(into_buffer, &b, sets, n, NULL, NULL, NULL), STROMA_OK);
    assert_null(memmem(b.data, b.len, "Patient", 7));
    assert_null(memmem(b.data, b.len, "Doe", 3));
    stroma_fcs *g = NULL;
    assert_int_equal(
        stroma_fcs_open_memory((unsigned char *)b.data, b.len, "g", NULL, NULL, &g, NULL),
        STROMA_OK);
    same_columns(f, g, STROMA_FCS_STORED, 0);
    stroma_fcs_close(g);
    stroma_fcs_scrub_free(s);
    stroma_fcs_close(f);
    stroma_diag_clear(&diag);
    stroma_buffer_clear(&a);
    stroma_buffer_clear(&b);
}

static void scrub_shifts(void **state)
{
    (void)state;
    static const stroma_fcs_pair dates[] = {
        { "$DATE", "28-FEB-2020" },
        { "$ETIM", "10:00:00" },
        { "$LAST_MODIFIED", "2013-Jul-19 13:11:17" },
        { "CST BASELINE DATE", "2018-12-31T14:06:19+01:00" },
        { "CST SETUP DATE", "12/31/2019 11:57:42 PM" },
        { "@Y2KDATE", "20091130" },
        { "MY DATE", "last Tuesday" },
    };
    static const char *const want[] = { "29-Feb-2020",
                                        "10:00:00",
                                        "2013-Jul-20 13:11:17",
                                        "2019-01-01T14:06:19+01:00",
                                        "01/01/2020 11:57:42 PM",
                                        "20091201",
                                        NULL };
    const stroma_fcs_out_parameter p[] = { { .name = "A", .range = 10 } };
    const double x[] = { 1 };
    stroma_buffer a;
    stroma_fcs *f = make_file(STROMA_FCS_FLOAT, p, 1, x, 1, dates, 7, &a);
    stroma_fcs_scrub_options o = STROMA_FCS_SCRUB_OPTIONS_INIT;
    o.shift_dates = true;
    o.shift_days = 1;
    stroma_fcs_scrub *s = NULL;
    assert_int_equal(stroma_fcs_scrub_new(f, "a.fcs", &o, NULL, &s, NULL), STROMA_OK);
    size_t n = 0;
    const stroma_fcs_content *sets = stroma_fcs_scrub_content(s, &n);
    for (size_t i = 0; i < 7; i++) {
        const char *value = NULL;
        for (size_t k = 0; k < sets[0].keywords_len; k++)
            if (strcmp(sets[0].keywords[k].name, dates[i].name) == 0)
                value = sets[0].keywords[k].value;
        if (want[i] == NULL)
            assert_null(value);
        else
            assert_string_equal(value, want[i]);
    }
    assert_string_equal(action_of(s, "$DATE"), "shifted");
    assert_string_equal(action_of(s, "$ETIM"), "kept");
    assert_string_equal(action_of(s, "MY DATE"), "removed");
    stroma_fcs_scrub_free(s);
    stroma_fcs_close(f);
    stroma_buffer_clear(&a);
}

static void scrub_refuses(void **state)
{
    (void)state;
    const stroma_fcs_out_parameter p[] = { { .name = "A", .range = 10 } };
    const double x[] = { 1 };
    static const char *const also[] = { "$P1N" };
    stroma_buffer a;
    stroma_fcs *f = make_file(STROMA_FCS_FLOAT, p, 1, x, 1, NULL, 0, &a);
    stroma_fcs_scrub_options o = STROMA_FCS_SCRUB_OPTIONS_INIT;
    o.also = also;
    o.also_len = 1;
    stroma_fcs_scrub *s = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_fcs_scrub_new(f, "a.fcs", &o, NULL, &s, &err), STROMA_E_USAGE);
    assert_string_equal(err.message, "keyword \"$P1N\" is needed to read the events");
    assert_null(s);
    stroma_fcs_close(f);
    stroma_buffer_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_integers_to_float), cmocka_unit_test(floats_to_integers),
        cmocka_unit_test(shortest_floats),       cmocka_unit_test(special_numbers_as_text),
        cmocka_unit_test(columns_layout),        cmocka_unit_test(scrub_removes),
        cmocka_unit_test(scrub_shifts),          cmocka_unit_test(scrub_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
