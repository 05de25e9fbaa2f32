/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules of DATA and of its scales, one by one, on files made in memory. */
#include "fcs_build.h"

#include <math.h>

/* One channel of integers, one event a value. */
static fcs_opened open_integers(const char *order, unsigned bits, const char *range,
                                const char *more, const void *data, size_t len, size_t tot)
{
    static char text[1024];
    (void)snprintf(text, sizeof text,
                   "|$DATATYPE|I|$MODE|L|$BYTEORD|%s|$PAR|1|$TOT|%zu|$NEXTDATA|0|$P1B|%u|$P1R|%s"
                   "|$P1N|A|%s",
                   order, tot, bits, range, more);
    const fcs_build b = { .text = text, .data = data, .data_len = len };
    return fcs_open_built(&b);
}

static void rule_10_packed(void **state)
{
    (void)state;
    /* 10-bit numbers 1, 1023, 682, 341 the highest bit first: 0000000001 1111111111 1010101010
     * 0101010101 */
    static const unsigned char packed[] = { 0x00, 0x7F, 0xFA, 0xA9, 0x55 };
    static const unsigned char words[] = { 1, 0, 0xFF, 3, 0xAA, 2, 0x55, 1 };
    static const double want[] = { 1, 1023, 682, 341 };
    fcs_opened o = open_integers("4,3,2,1", 10, "1024", "", packed, sizeof packed, 4);
    for (size_t i = 0; i < 4; i++)
        assert_true(fcs_value(&o, STROMA_FCS_STORED, i, 0) == want[i]);
    assert_int_equal(o.diag.len, 0);
    fcs_close(&o);
    /* The FC 500: the length of DATA tells that each takes 16 bits. */
    o = open_integers("1,2", 10, "1024", "", words, sizeof words, 4);
    for (size_t i = 0; i < 4; i++)
        assert_true(fcs_value(&o, STROMA_FCS_STORED, i, 0) == want[i]);
    assert_int_equal(fcs_found(&o, "STROMA-FCS-021"), 1);
    assert_int_equal(stroma_fcs_get(o.file, 0)->event_bits, 16);
    fcs_close(&o);
}

static void rule_10_mixed_widths(void **state)
{
    (void)state;
    static const unsigned char row[] = { 0x12, 0x34, 0x12, 0x56, 0x34, 0x12, 0x78, 0x56, 0x34,
                                         0x12, 0xEF, 0xCD, 0xAB, 0x89, 0x67, 0x45, 0x23, 0x01 };
    static const double want[] = { 0x12, 0x1234, 0x123456, 0x12345678, (double)0x0123456789ABCDEF };
    const fcs_build b = {
        .text = "|$DATATYPE|I|$MODE|L|$BYTEORD|1,2,3,4|$PAR|5|$TOT|1|$P1B|8|$P2B|16|$P3B|24|$P4B|"
                "32|$P5B"
                "|64|$P1R|256|$P2R|65536|$P3R|16777216|$P4R|4294967296|$P5R|18446744073709551616"
                "|$P1N|A|$P2N|B|$P3N|C|$P4N|D|$P5N|E|",
        .data = row,
        .data_len = sizeof row
    };
    fcs_opened o = fcs_open_built(&b);
    assert_int_equal(o.status, STROMA_OK);
    for (size_t i = 0; i < 5; i++)
        assert_true(fcs_value(&o, STROMA_FCS_STORED, 0, i) == want[i]);
    fcs_close(&o);
}

/* The next power of two of $PnR says how many bits count. */
static void rule_11_masks(void **state)
{
    (void)state;
    static const struct {
        unsigned bits;
        const char *range;
        uint64_t mask;
    } cases[] = {
        { 16, "1024", 1023 },       { 16, "1000", 1023 },       { 16, "1025", 2047 },
        { 16, "65536", 65535 },     { 16, "262144", 65535 },    { 32, "4294967296", 0xFFFFFFFF },
        { 32, "1048576", 1048575 }, { 32, "262144.0", 262143 }, { 16, "2", 1 },
        { 16, "0", 65535 },         { 16, "x", 65535 },         { 64, "1e19", UINT64_MAX },
        { 64, "1024", 1023 },       { 8, "256", 255 },          { 24, "5", 7 },
    };
    static const unsigned char ones[] = { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fcs_opened o =
            open_integers("1,2,3,4", cases[i].bits, cases[i].range, "", ones, cases[i].bits / 8, 1);
        assert_int_equal(o.status, STROMA_OK);
        assert_true(stroma_fcs_get(o.file, 0)->parameters[0].mask == cases[i].mask);
        assert_true(fcs_value(&o, STROMA_FCS_STORED, 0, 0) == (double)cases[i].mask);
        fcs_close(&o);
    }
    /* Of floats $PnR is a hint for a display: values beyond it and below 0 are real. */
    static const float wild[] = { 5e6F, -5e6F };
    const fcs_build b = {
        .text = "|$DATATYPE|F|$MODE|L|$BYTEORD|1,2,3,4|$PAR|1|$TOT|2|$P1B|32|$P1R|1024"
                "|$P1N|A|",
        .data = wild,
        .data_len = sizeof wild
    };
    fcs_opened o = fcs_open_built(&b);
    assert_true(fcs_value(&o, STROMA_FCS_LINEAR, 0, 0) == 5e6);
    assert_true(fcs_value(&o, STROMA_FCS_LINEAR, 1, 0) == -5e6);
    fcs_close(&o);
}

/* $BYTEORD lists the significance of each byte of the file. */
static void rule_12_orders(void **state)
{
    (void)state;
    static const struct {
        const char *order;
        unsigned bits;
        unsigned char bytes[8];
        uint64_t want; /* 0: refused */
    } cases[] = {
        { "1,2,3,4", 32, { 4, 3, 2, 1 }, 0x01020304 },
        { "4,3,2,1", 32, { 1, 2, 3, 4 }, 0x01020304 },
        { "3,4,1,2", 32, { 2, 1, 4, 3 }, 0x01020304 },
        { "2,1,4,3", 32, { 3, 4, 1, 2 }, 0x01020304 },
        { "2,4,1,3", 32, { 3, 1, 4, 2 }, 0x01020304 },
        { "1,2,3,4", 16, { 2, 1 }, 0x0102 },
        { "4,3,2,1", 16, { 1, 2 }, 0x0102 },
        { "3,4,1,2", 16, { 2, 1 }, 0x0102 },
        { "1,2", 32, { 4, 3, 2, 1 }, 0x01020304 },
        { "2,1", 32, { 1, 2, 3, 4 }, 0x01020304 },
        { "2,1", 24, { 1, 2, 3 }, 0x010203 },
        { "3,4,1,2", 64, { 2, 1, 4, 3, 6, 5, 8, 7 }, 0x0102030405060708 },
        { "3,4,1,2", 24, { 1, 2, 3 }, 0 },
        { "2,4,1,3", 16, { 1, 2 }, 0 },
        { "1,2,3,3", 32, { 1, 2, 3, 4 }, 0 },
        { "0,1,2,3", 32, { 1, 2, 3, 4 }, 0 },
        { "2,3,4,5", 32, { 1, 2, 3, 4 }, 0 },
        { "", 8, { 77 }, 77 },
        { "", 16, { 1, 2 }, 0 },
        { "1,2,3,4,5,6,7,8", 64, { 8, 7, 6, 5, 4, 3, 2, 1 }, 0x0102030405060708 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fcs_opened o = open_integers(cases[i].order, cases[i].bits, "18446744073709551616", "",
                                     cases[i].bytes, cases[i].bits / 8, 1);
        if (cases[i].want == 0) {
            assert_int_equal(o.status, STROMA_E_MALFORMED);
            assert_non_null(strstr(o.err.message, "$BYTEORD"));
        } else {
            assert_int_equal(o.status, STROMA_OK);
            if (fcs_value(&o, STROMA_FCS_STORED, 0, 0) != (double)cases[i].want)
                print_message("# case %zu\n", i);
            assert_true(fcs_value(&o, STROMA_FCS_STORED, 0, 0) == (double)cases[i].want);
        }
        fcs_close(&o);
    }
    /* It holds for floats too: 1.5 is 0x3FC00000. */
    static const unsigned char pdp[] = { 0xC0, 0x3F, 0x00, 0x00 };
    const fcs_build b = {
        .text = "|$DATATYPE|F|$MODE|L|$BYTEORD|3,4,1,2|$PAR|1|$TOT|1|$P1B|32|$P1R|1024"
                "|$P1N|A|",
        .data = pdp,
        .data_len = sizeof pdp
    };
    fcs_opened o = fcs_open_built(&b);
    assert_true(fcs_value(&o, STROMA_FCS_STORED, 0, 0) == 1.5);
    fcs_close(&o);
}

static void rule_13_types_of_3_2(void **state)
{
    (void)state;
    unsigned char row[4 + 2 + 8];
    const float a = 1.5F;
    const double c = -1e300;
    memcpy(row, &a, 4);
    row[4] = 0xFF;
    row[5] = 0x0F;
    memcpy(row + 6, &c, 8);
    const fcs_build b = {
        .version = "FCS3.2",
        .text = "|$DATATYPE|F|$BYTEORD|1,2,3,4|$PAR|3|$TOT|1|$P1B|32|$P2B|16|$P3B|64|$P1R|1|$P2R|"
                "1024|$P3R"
                "|1|$P2DATATYPE|I|$P3DATATYPE|D|$P1N|A|$P2N|B|$P3N|C|$P1FEATURE|Area|$P1DET|B530"
                "|$P1TAG|FITC|$P1ANALYTE|CD4|",
        .data = row,
        .data_len = sizeof row
    };
    fcs_opened o = fcs_open_built(&b);
    assert_int_equal(o.status, STROMA_OK);
    assert_int_equal(o.diag.len, 0); /* $MODE may be left out */
    const stroma_fcs_parameter *p = stroma_fcs_get(o.file, 0)->parameters;
    assert_int_equal(p[1].type, STROMA_FCS_INTEGER);
    assert_int_equal(p[2].type, STROMA_FCS_DOUBLE);
    assert_true(fcs_value(&o, STROMA_FCS_STORED, 0, 0) == 1.5);
    assert_true(fcs_value(&o, STROMA_FCS_STORED, 0, 1) == 1023);
    assert_true(fcs_value(&o, STROMA_FCS_STORED, 0, 2) == -1e300);
    assert_string_equal(p[0].feature, "Area");
    assert_string_equal(p[0].detector, "B530");
    assert_string_equal(p[0].tag, "FITC");
    assert_string_equal(p[0].analyte, "CD4");
    assert_string_equal(p[1].analyte, "");
    fcs_close(&o);
}

static void rule_14_not_finite(void **state)
{
    (void)state;
    const float x[] = { NAN, 3, INFINITY, -1, -INFINITY, 7 };
    const fcs_build b = { .text =
                              "|$DATATYPE|F|$MODE|L|$BYTEORD|1,2,3,4|$PAR|2|$TOT|3|$P1B|32|$P2B|32"
                              "|$P1R|9|$P2R|9|$P1N|A|$P2N|B|",
                          .data = x,
                          .data_len = sizeof x };
    fcs_opened o = fcs_open_built(&b);
    stroma_fcs_summary s[2];
    assert_int_equal(stroma_fcs_summarise(stroma_fcs_get(o.file, 0), "a.fcs", &o.diag, s, NULL),
                     STROMA_OK);
    assert_true(isnan(fcs_value(&o, STROMA_FCS_LINEAR, 0, 0))); /* data are not edited */
    assert_int_equal(s[0].not_finite, 3);
    assert_true(s[0].stored_min == 0 && s[0].stored_max == 0 && s[0].linear_sum == 0);
    assert_int_equal(s[1].not_finite, 0);
    assert_true(s[1].stored_min == -1 && s[1].stored_max == 7 && s[1].stored_sum == 9);
    assert_int_equal(fcs_found(&o, "STROMA-FCS-028"), 1);
    assert_string_equal(o.diag.items[0].column, "A");
    fcs_close(&o);
}

/* x = f2 · 10^(f1·v/R): R and not R − 1; an offset of 0 is 1. */
static void rule_15_log(void **state)
{
    (void)state;
    static const struct {
        const char *keys;
        double want; /* of the stored 512 */
        const char *code;
    } cases[] = {
        { "$P1E|4,1|", 100, NULL },
        { "$P1E|4.0,0|", 100, "STROMA-FCS-019" },
        { "$P1E|4,0.5|", 50, NULL },
        { "$P1E| 4.0 , 0.1024 |", 10.24, NULL },
        { "$P1E|4,0,1,0|", 100, NULL }, /* decimal commas */
        { "$P1E|0,0|", 512, NULL },
        { "$P1E|0,1|", 512, NULL },
        { "$P1E|-4,1|", 512, "STROMA-FCS-017" },
        { "$P1E|four|", 512, "STROMA-FCS-017" },
        { "", 512, NULL },
        { "$P1E|4,1|$P1G|2|", 100, "STROMA-FCS-020" }, /* rule 16: gain is for linear channels */
        { "$P1E|0,0|$P1G|2|", 256, NULL },
        { "$P1G|0,5|", 1024, NULL },
        { "$P1G|0|", 512, "STROMA-FCS-017" },
    };
    static const unsigned char v[] = { 0x00, 0xFE }; /* 512 with bits that do not count */
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fcs_opened o = open_integers("1,2", 16, "1024", cases[i].keys, v, sizeof v, 1);
        assert_int_equal(o.status, STROMA_OK);
        const double x = fcs_value(&o, STROMA_FCS_LINEAR, 0, 0);
        if (fabs(x - cases[i].want) > 1e-13 * cases[i].want)
            print_message("# case %zu: %.17g\n", i, x);
        assert_true(fabs(x - cases[i].want) <= 1e-13 * cases[i].want);
        assert_true(fcs_value(&o, STROMA_FCS_STORED, 0, 0) == 512);
        assert_int_equal(o.diag.len, cases[i].code != NULL);
        if (cases[i].code != NULL) assert_string_equal(o.diag.items[0].code, cases[i].code);
        fcs_close(&o);
    }
    static const float f[] = { 512 };
    const fcs_build b = {
        .text = "|$DATATYPE|F|$MODE|L|$BYTEORD|1,2,3,4|$PAR|1|$TOT|1|$P1B|32|$P1R|1024"
                "|$P1N|A|$P1E|4,1|",
        .data = f,
        .data_len = sizeof f
    };
    fcs_opened o = fcs_open_built(&b);
    assert_true(fcs_value(&o, STROMA_FCS_LINEAR, 0, 0) == 512);
    assert_int_equal(fcs_found(&o, "STROMA-FCS-018"), 1);
    fcs_close(&o);
}

/* Values by table and by power must be the same to the bit. */
static void log_by_table(void **state)
{
    (void)state;
    static unsigned char v[2 * 4096];
    for (size_t i = 0; i < 4096; i++) {
        v[2 * i] = (unsigned char)(i % 1024 & 255);
        v[2 * i + 1] = (unsigned char)(i % 1024 >> 8);
    }
    static double many[1024];
    fcs_opened o = open_integers("1,2", 16, "1024", "$P1E|4,0.1|", v, sizeof v, 4096);
    const size_t zero = 0;
    double *const out[] = { many };
    assert_int_equal(stroma_fcs_read(stroma_fcs_get(o.file, 0), STROMA_FCS_LINEAR, 1024, 1024,
                                     &zero, 1, out, NULL),
                     STROMA_OK);
    fcs_close(&o);
    for (size_t i = 0; i < 1024; i++) { /* one event alone is too few for a table */
        o = open_integers("1,2", 16, "1024", "$P1E|4,0.1|", v + 2 * i, 2, 1);
        assert_true(fcs_value(&o, STROMA_FCS_LINEAR, 0, 0) == many[i]);
        fcs_close(&o);
    }
}

static void rule_17_time(void **state)
{
    (void)state;
    static const struct {
        const char *keys;
        double want; /* of 200 */
        size_t findings;
    } cases[] = {
        { "$P1N|Time|$TIMESTEP|0.01|", 2, 0 },
        { "$P1N|TIME|$TIMESTEP| 0.5 |", 100, 0 },
        { "$P1N|Time|", 200, 0 },
        { "$P1N|Time|$TIMESTEP|xxxxxxxxx|", 200, 1 },
        { "$P1N|Time|$TIMESTEP|0|", 200, 1 },
        { "$P1N|Time|$TIMESTEP|0.01|$P1G|10|", 2, 0 }, /* no gain of time */
        { "$P1N|Timer|$TIMESTEP|0.01|", 200, 0 },
        { "$P1N|Clock|$P1TYPE|Time|$TIMESTEP|0.01|", 2, 0 },
        { "$P1N|Time|$P1TYPE|Side Scatter|$TIMESTEP|0.01|", 200, 0 },
    };
    static const float t[] = { 200 };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[512];
        (void)snprintf(text, sizeof text,
                       "|$DATATYPE|F|$MODE|L|$BYTEORD|1,2,3,4|$PAR|1|$TOT|1|$P1B|32|$P1R|1024|%s",
                       cases[i].keys);
        const fcs_build b = { .text = text, .data = t, .data_len = sizeof t };
        fcs_opened o = fcs_open_built(&b);
        assert_true(fcs_value(&o, STROMA_FCS_LINEAR, 0, 0) == cases[i].want);
        assert_int_equal(o.diag.len, cases[i].findings);
        fcs_close(&o);
    }
}

static void names_and_requests(void **state)
{
    (void)state;
    static const unsigned char v[] = { 1, 2, 3, 4 };
    const fcs_build b = {
        .text = "|$DATATYPE|I|$MODE|L|$BYTEORD|1,2|$PAR|4|$TOT|1|$P1B|8|$P2B|8|$P3B|8|$P4B"
                "|8|$P1R|256|$P2R|256|$P3R|256|$P4R|256|$P1N|FL1-A|$P2N|fl1-a|$P3N|SSC"
                "|$P3S|CD4|$P1S|ssc|",
        .data = v,
        .data_len = sizeof v
    };
    fcs_opened o = fcs_open_built(&b);
    const stroma_fcs_dataset *d = stroma_fcs_get(o.file, 0);
    assert_int_equal(stroma_fcs_find(d, "FL1-A", false), 0);
    assert_int_equal(stroma_fcs_find(d, "fl1-a", false), 1);
    assert_true(stroma_fcs_find(d, "Fl1-A", false) == SIZE_MAX); /* two would fit */
    assert_int_equal(stroma_fcs_find(d, "ssc", true), 2);        /* a name before a stain */
    assert_true(stroma_fcs_find(d, "cd4", false) == SIZE_MAX);
    assert_int_equal(stroma_fcs_find(d, "cd4", true), 2);
    assert_true(stroma_fcs_find(d, "", true) == SIZE_MAX);
    assert_string_equal(d->parameters[3].name, "P4"); /* it has none */
    assert_int_equal(fcs_found(&o, "STROMA-FCS-014"), 1);
    double x = 0, *const out[] = { &x };
    const size_t wrong = 4, right = 3;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_fcs_read(d, STROMA_FCS_STORED, 0, 1, &wrong, 1, out, &err),
                     STROMA_E_USAGE);
    assert_int_equal(stroma_fcs_read(d, STROMA_FCS_STORED, 1, 1, &right, 1, out, &err),
                     STROMA_E_USAGE);
    assert_int_equal(stroma_fcs_read(d, STROMA_FCS_STORED, UINT64_MAX, 1, &right, 1, out, &err),
                     STROMA_E_USAGE);
    assert_int_equal(stroma_fcs_read(d, STROMA_FCS_STORED, 1, 0, &right, 1, out, &err), STROMA_OK);
    fcs_close(&o);
}

/* Every level of the processor gives the same bits as bytes put together one by one. */
static void levels_agree(void **state)
{
    (void)state;
    enum { EVENTS = 203, CHANNELS = 11 };
    static const char *const levels[] = { "plain", "base", "avx2" };
    static const char *const orders[] = { "1,2,3,4", "4,3,2,1" };
    static const char kinds[] = "FFFFFDIIIII";
    static const unsigned widths[] = { 32, 32, 32, 32, 32, 64, 8, 16, 24, 32, 64 };
    static unsigned char data[EVENTS * 53];
    static double x[2][CHANNELS][EVENTS];
    static stroma_fcs_summary sums[2][CHANNELS];
    uint32_t seed = 1;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)((seed = seed * 1664525 + 1013904223) >> 24);
    char text[2048];
    for (size_t order = 0; order < 2; order++) {
        int n = snprintf(text, sizeof text, "|$DATATYPE|F|$BYTEORD|%s|$PAR|%d|$TOT|%d|",
                         orders[order], CHANNELS, EVENTS);
        for (int i = 0; i < CHANNELS; i++)
            n += snprintf(text + n, sizeof text - (size_t)n,
                          "$P%dB|%u|$P%dR|1000|$P%dDATATYPE|%c|$P%dN|c%d|", i + 1, widths[i], i + 1,
                          i + 1, kinds[i], i + 1, i);
        const fcs_build b = {
            .version = "FCS3.2", .text = text, .data = data, .data_len = sizeof data
        };
        for (size_t level = 0; level < 3; level++) {
            assert_int_equal(setenv("STROMA_CPU", levels[level], 1), 0);
            fcs_opened o = fcs_open_built(&b);
            assert_int_equal(o.status, STROMA_OK);
            size_t which[CHANNELS];
            double *out[CHANNELS];
            for (size_t i = 0; i < CHANNELS; i++) {
                which[i] = i;
                out[i] = x[level > 0][i];
            }
            assert_int_equal(stroma_fcs_read(stroma_fcs_get(o.file, 0), STROMA_FCS_STORED, 0,
                                             EVENTS, which, CHANNELS, out, NULL),
                             STROMA_OK);
            if (level > 0) assert_memory_equal(x[0], x[1], sizeof x[0]);
            memset(sums[level > 0], 0, sizeof sums[0]);
            assert_int_equal(stroma_fcs_summarise(stroma_fcs_get(o.file, 0), "a.fcs", NULL,
                                                  sums[level > 0], NULL),
                             STROMA_OK);
            if (level > 0) assert_memory_equal(sums[0], sums[1], sizeof sums[0]);
            fcs_close(&o);
        }
    }
    (void)unsetenv("STROMA_CPU");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rule_10_packed),       cmocka_unit_test(rule_10_mixed_widths),
        cmocka_unit_test(rule_11_masks),        cmocka_unit_test(rule_12_orders),
        cmocka_unit_test(rule_13_types_of_3_2), cmocka_unit_test(rule_14_not_finite),
        cmocka_unit_test(rule_15_log),          cmocka_unit_test(log_by_table),
        cmocka_unit_test(rule_17_time),         cmocka_unit_test(names_and_requests),
        cmocka_unit_test(levels_agree),
    };
    return cmocka_run_group_tests_name("fcs_data", tests, NULL, NULL);
}
