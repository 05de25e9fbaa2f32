/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules of the container, one by one, on files made in memory. Numbers in names are those of
 * the rules in docs/formats/fcs.md. Real files: test_fcs_expected; broken ones: tests/data/fcs. */
#include "fcs_build.h"

#include <math.h>

#define FLOAT_KEYS                                                                               \
    "|$DATATYPE|F|$MODE|L|$BYTEORD|1,2,3,4|$PAR|2|$TOT|3|$NEXTDATA|0|$P1B|32|$P1R|1024|$P1E|0,0" \
    "|$P1N|FSC-A|$P2B|32|$P2R|1024|$P2E|0,0|$P2N|FL1-A|"
static const float floats[6] = { 1.5F, 5000, -2, 0.25F, 3, -7 };

static fcs_build float_file(void)
{
    return (fcs_build){ .text = FLOAT_KEYS, .data = floats, .data_len = sizeof floats };
}

static void check_floats(const fcs_opened *o)
{
    if (o->status != STROMA_OK) print_message("# %s\n", o->err.message);
    assert_int_equal(o->status, STROMA_OK);
    assert_int_equal(stroma_fcs_get(o->file, 0)->n_events, 3);
    for (size_t i = 0; i < 6; i++)
        assert_true(fcs_value(o, STROMA_FCS_LINEAR, i / 2, i % 2) == (double)floats[i]);
}

/* Offsets count from the begin of their data set, and the chain may not lead astray. */
static void rule_1_and_7_data_sets(void **state)
{
    (void)state;
    static const float more[] = { 8, 9 };
    static fcs_bytes bytes;
    const char *const first_text =
        "|$DATATYPE|F|$MODE|L|$BYTEORD|1,2,3,4|$PAR|2|$TOT|3|$NEXTDATA|%s|$P1B|32|$P1R|1024|$P2B|32"
        "|$P2R|1024|$P1N|A|$P2N|B|";
    static const struct {
        const char *next;
        size_t sets, findings;
    } cases[] = {
        { NULL, 2, 0 },       /* filled in below: the right one */
        { "00000000", 1, 0 }, /* the last one */
        { "00000010", 1, 1 }, /* into itself */
        { "00099999", 1, 1 }, /* behind the end */
        { "-0000001", 1, 1 }, /* no offset */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[512], next[16] = "00000000";
        for (int pass = 0; pass < 2; pass++) { /* its length is known after the first */
            (void)snprintf(text, sizeof text, first_text,
                           cases[i].next == NULL ? next : cases[i].next);
            bytes.len = 0;
            const fcs_build b = { .text = text, .data = floats, .data_len = sizeof floats };
            fcs_build_add(&b, &bytes);
            (void)snprintf(next, sizeof next, "%08zu", bytes.len);
        }
        const fcs_build second = { .text =
                                       "|$DATATYPE|F|$MODE|L|$BYTEORD|1,2,3,4|$PAR|1|$TOT|2|$P1B|32"
                                       "|$P1R|1024|$P1N|C|$NEXTDATA|0|",
                                   .data = more,
                                   .data_len = sizeof more };
        const size_t at = bytes.len;
        fcs_build_add(&second, &bytes);
        fcs_opened o = fcs_open_bytes(&bytes);
        check_floats(&o);
        assert_int_equal(stroma_fcs_len(o.file), cases[i].sets);
        assert_int_equal(fcs_found(&o, "STROMA-FCS-025"), cases[i].findings);
        assert_null(stroma_fcs_get(o.file, cases[i].sets));
        if (cases[i].sets == 2) {
            const stroma_fcs_dataset *d = stroma_fcs_get(o.file, 1);
            double x[2], *const out[] = { x };
            const size_t zero = 0;
            assert_int_equal(d->offset, at);
            assert_int_equal(stroma_fcs_read(d, STROMA_FCS_STORED, 0, 2, &zero, 1, out, NULL),
                             STROMA_OK);
            assert_true(x[0] == 8 && x[1] == 9);
            assert_ptr_equal(stroma_fcs_preferred(o.file), stroma_fcs_get(o.file, 0));
        }
        fcs_close(&o);
    }
}

/* The same events twice: the finer ones are analysed, with the stains of the others. */
static void rule_7_coulter(void **state)
{
    (void)state;
    static const unsigned char coarse[] = { 1, 0, 2, 0 }, fine[] = { 9, 4, 0, 0, 8, 8, 0, 0 };
    static const struct {
        const char *range; /* of the second set */
        size_t preferred;
        const char *stain;
    } cases[] = { { "1048576", 1, "CD3-FITC" }, { "1024", 0, "" } };
    for (size_t i = 0; i < 2; i++) {
        static fcs_bytes bytes;
        char text[512], next[16] = "00000000";
        for (int pass = 0; pass < 2; pass++) {
            (void)snprintf(
                text, sizeof text,
                "|$DATATYPE|I|$MODE|L|$BYTEORD|1,2|$PAR|2|$TOT|1|$NEXTDATA|%s|$P1B|16|$P2B|16"
                "|$P1R|1024|$P2R|1024|$P1N|FS Lin|$P2N|FL1 Log|$P1S|FS Lin|$P2S|CD3-FITC|",
                next);
            const fcs_build first = { .version = "FCS2.0",
                                      .text = text,
                                      .no_text = true,
                                      .data = coarse,
                                      .data_len = sizeof coarse };
            bytes.len = 0;
            fcs_build_add(&first, &bytes);
            (void)snprintf(next, sizeof next, "%08zu", bytes.len);
        }
        (void)snprintf(
            text, sizeof text,
            "|$DATATYPE|I|$MODE|L|$BYTEORD|1,2,3,4|$PAR|2|$TOT|1|$NEXTDATA|0|$P1B|32|$P2B|32"
            "|$P1R|%s|$P2R|%s|$P1N|FS|$P2N|FL1-H|",
            cases[i].range, cases[i].range);
        const fcs_build second = {
            .version = "FCS3.0", .text = text, .data = fine, .data_len = sizeof fine
        };
        fcs_build_add(&second, &bytes);
        fcs_opened o = fcs_open_bytes(&bytes);
        assert_int_equal(stroma_fcs_len(o.file), 2);
        assert_ptr_equal(stroma_fcs_preferred(o.file), stroma_fcs_get(o.file, cases[i].preferred));
        const stroma_fcs_parameter *p = stroma_fcs_get(o.file, 1)->parameters;
        assert_string_equal(p[0].stain, ""); /* a stain that repeats the name is none */
        assert_string_equal(p[1].stain, cases[i].stain);
        assert_string_equal(p[1].name, "FL1-H");
        assert_int_equal(fcs_found(&o, "STROMA-FCS-030"), cases[i].preferred);
        fcs_close(&o);
    }
}

/* A file on disk whose DATA begins behind byte 99,999,999; the room between is a hole. */
static void rule_2_hundred_million(void **state)
{
    (void)state;
    enum { BEGIN = 100000512 };
    char path[] = "/tmp/stroma-fcs-XXXXXX", text[1024], header[64];
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    const int n = snprintf(text, sizeof text, FLOAT_KEYS "$BEGINDATA|%d|$ENDDATA|%d|", BEGIN,
                           BEGIN + (int)sizeof floats - 1);
    (void)snprintf(header, sizeof header, "FCS3.1    %8d%8d%8d%8d%8d%8d", 58, 57 + n, 0, 0, 0, 0);
    assert_int_equal(pwrite(fd, header, 58, 0), 58);
    assert_int_equal(pwrite(fd, text, (size_t)n, 58), n);
    assert_int_equal(pwrite(fd, floats, sizeof floats, BEGIN), (ssize_t)sizeof floats);
    (void)close(fd);
    fcs_opened o = { .err = STROMA_ERROR_INIT };
    stroma_diag_init(&o.diag);
    o.status = stroma_fcs_open(path, NULL, &o.diag, &o.file, &o.err);
    (void)unlink(path);
    check_floats(&o);
    assert_int_equal(stroma_fcs_get(o.file, 0)->data_begin, BEGIN);
    assert_string_equal(stroma_fcs_get(o.file, 0)->offsets_from, "TEXT");
    assert_int_equal(o.diag.len, 0);
    fcs_close(&o);
}

static void rule_3_who_is_right(void **state)
{
    (void)state;
    static const struct {
        long header, text;
        bool no_header, no_text;
        const char *from; /* NULL: refused */
        size_t findings;  /* of a disagreement */
    } cases[] = {
        { 0, 0, false, false, "HEADER", 0 },   { 0, 6, false, false, "HEADER", 1 },
        { -40, 0, false, false, "TEXT", 1 },   { 100000, 0, false, false, "TEXT", 1 },
        { 0, 0, true, false, "TEXT", 0 },      { 0, 0, false, true, "HEADER", 0 },
        { 0, 0, true, true, "evidence", 0 },   { 4, 8, false, false, NULL, 0 },
        { 0, -40, false, false, "HEADER", 1 }, { 0, 99999, false, false, "HEADER", 1 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fcs_build b = float_file();
        b.header_shift = cases[i].header;
        b.text_shift = cases[i].text;
        b.no_header = cases[i].no_header;
        b.no_text = cases[i].no_text;
        b.crc = "00000000";
        fcs_opened o = fcs_open_built(&b);
        if (cases[i].from == NULL) {
            assert_int_equal(o.status, STROMA_E_MALFORMED);
            assert_non_null(strstr(o.err.message, "neither fits better"));
            assert_true(o.err.offset != UINT64_MAX);
        } else {
            check_floats(&o);
            assert_string_equal(stroma_fcs_get(o.file, 0)->offsets_from, cases[i].from);
            assert_int_equal(fcs_found(&o, "STROMA-FCS-001"), cases[i].findings);
        }
        fcs_close(&o);
    }
}

static const char *text_of(const fcs_opened *o, const char *keyword)
{
    const char *text = stroma_fcs_text(stroma_fcs_get(o->file, 0), keyword);
    return text == NULL ? "(none)" : text;
}

static void rule_4_delimiters(void **state)
{
    (void)state;
    static const char delimiters[] = { '/', '\\', '|', '!', '#', '\f', 0x1E, '*', '\t' };
    for (size_t i = 0; i < sizeof delimiters; i++) {
        fcs_build b = float_file();
        b.delimiter = delimiters[i];
        fcs_opened o = fcs_open_built(&b);
        check_floats(&o);
        assert_int_equal(o.diag.len, 0);
        fcs_close(&o);
    }
    static const struct {
        const char *text, *keyword, *value, *tail;
        size_t tail_len;
        const char *code; /* a finding that must be there, or NULL: none at all */
    } cases[] = {
        { "$P1S|CD4||CD8|", "$P1S", "CD4|CD8", "", 0, NULL },
        { "$P1S|x|||$P2S|CD3|", "$P1S", "x|", "", 0, NULL },
        { "$P1S||$P2S|CD3|", "$P2S", "CD3", "", 0, "STROMA-FCS-009" },
        { "$P1S||$P2S|CD3|", "$P1S", "", "", 0, "STROMA-FCS-009" },
        { "A||B||C||$P2S|CD3|", "$P2S", "CD3", "", 0, "STROMA-FCS-009" },
        { "A||B||C||$P2S|CD3|", "B", "", "", 0, "STROMA-FCS-009" },
        { "A||$P1S|CD4||CD8|", "$P1S", "CD4|CD8", "", 0, "STROMA-FCS-009" },
        { "$P2S|CD3|", "$P2S", "CD3", "\r\n", 2, NULL },
        { "$P2S|CD3|", "$P2S", "CD3", "  \0\0", 4, NULL },
        { "$P2S|CD3|", "$P2S", "CD3", "|", 1, NULL },
        { "$P2S|CD3|", "LAST", "value", "LAST|value", 10, NULL },
        { "$P2S|CD3|", "LAST", "", "LAST|", 5, "STROMA-FCS-009" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[1024];
        (void)snprintf(text, sizeof text, FLOAT_KEYS "%s", cases[i].text);
        fcs_build b = float_file();
        b.text = text;
        b.tail = cases[i].tail;
        b.tail_len = cases[i].tail_len;
        fcs_opened o = fcs_open_built(&b);
        check_floats(&o);
        assert_string_equal(text_of(&o, cases[i].keyword), cases[i].value);
        assert_int_equal(o.diag.len, cases[i].code == NULL ? 0 : 1);
        if (cases[i].code != NULL) assert_string_equal(o.diag.items[0].code, cases[i].code);
        fcs_close(&o);
    }
}

static void rule_5_keywords_and_numbers(void **state)
{
    (void)state;
    const fcs_build b = { .text =
                              "|$datatype| f |$Mode| l | $byteord |1,2,3,4 |$par| 000002 |$tot|3.0"
                              "|$NEXTDATA| 0|$p1b| 32|$P1R|262144.000029|$P2B|032|$p2r|65536.0"
                              "|$P1N| FSC-A |$P2N|FL1-A|$P2S|\xCE\xB1 CD4|$P1S|\xB5m|",
                          .data = floats,
                          .data_len = sizeof floats };
    fcs_opened o = fcs_open_built(&b);
    check_floats(&o);
    const stroma_fcs_dataset *d = stroma_fcs_get(o.file, 0);
    assert_string_equal(d->parameters[0].name, "FSC-A");
    assert_true(d->parameters[0].range == 262144.000029);
    assert_string_equal(d->parameters[1].stain, "\xCE\xB1 CD4");
    assert_string_equal(d->parameters[0].stain, "\xC2\xB5m"); /* Windows-1252 made UTF-8 */
    assert_int_equal(fcs_found(&o, "STROMA-FCS-012"), 1);
    assert_string_equal(text_of(&o, "$Tot"), "3.0");
    assert_string_equal(text_of(&o, "$TO"), "(none)");
    for (size_t i = 0; i < d->keywords_len; i++) { /* where the value stands in the file */
        size_t size = 0;
        const unsigned char *bytes = stroma_fcs_bytes(o.file, &size);
        if (strcmp(d->keywords[i].name, "$P2N") == 0)
            assert_memory_equal(bytes + d->keywords[i].offset, "FL1-A|", 6);
    }
    fcs_close(&o);
}

/* The trademark sign of CellQuest is one byte of Mac OS Roman. */
static void rule_5_macintosh(void **state)
{
    (void)state;
    fcs_build b = float_file();
    b.text = FLOAT_KEYS "$SYS|Macintosh System Software 9.2.2|CREATOR|CELLQuest\xAA 3.3|";
    fcs_opened o = fcs_open_built(&b);
    check_floats(&o);
    assert_string_equal(text_of(&o, "CREATOR"), "CELLQuest\xE2\x84\xA2 3.3");
    fcs_close(&o);
    b.text = FLOAT_KEYS "$SYS|Windows|CREATOR|x\xAA\x99|";
    o = fcs_open_built(&b);
    assert_string_equal(text_of(&o, "CREATOR"), "x\xC2\xAA\xE2\x84\xA2");
    fcs_close(&o);
}

static void rule_6_supplement(void **state)
{
    (void)state;
    static const char extra[] = "|$P1S|CD8|$P2S|CD19|";
    for (int itself = 0; itself < 2; itself++) {
        char text[1024];
        static fcs_bytes bytes;
        size_t at = 58, end = 0;
        for (int pass = 0; pass < 2; pass++) {
            (void)snprintf(text, sizeof text, FLOAT_KEYS "$BEGINSTEXT|%06zu|$ENDSTEXT|%06zu|", at,
                           end);
            fcs_build b = float_file();
            b.text = text;
            bytes.len = 0;
            fcs_build_add(&b, &bytes);
            at = itself ? bytes.text_begin : bytes.len;
            end = itself ? bytes.text_end - 1 : bytes.len + strlen(extra) - 1;
        }
        memcpy(bytes.bytes + bytes.len, extra, strlen(extra));
        bytes.len += strlen(extra);
        fcs_opened o = fcs_open_bytes(&bytes);
        check_floats(&o);
        const stroma_fcs_dataset *d = stroma_fcs_get(o.file, 0);
        assert_string_equal(d->parameters[0].stain, itself ? "" : "CD8");
        assert_string_equal(d->parameters[1].stain, itself ? "" : "CD19");
        assert_int_equal(d->keywords[d->keywords_len - 1].supplemental, !itself);
        assert_int_equal(fcs_found(&o, "STROMA-FCS-024"), itself);
        fcs_close(&o);
    }
}

static void rule_8_counts(void **state)
{
    (void)state;
    static const struct {
        const char *text; /* instead of $TOT and $PAR */
        stroma_status status;
        uint64_t events;
        const char *code;
    } cases[] = {
        { "$TOT|3|$PAR|2|", STROMA_OK, 3, NULL },
        { "$PAR|2|", STROMA_OK, 3, "STROMA-FCS-004" },
        { "$TOT|9|$PAR|2|", STROMA_OK, 3, "STROMA-FCS-005" },
        { "$TOT|18446744073709551614|$PAR|2|", STROMA_OK, 3, "STROMA-FCS-005" },
        { "$TOT|18446744073709551616|$PAR|2|", STROMA_OK, 3, "STROMA-FCS-004" },
        { "$TOT|2|$PAR|2|", STROMA_OK, 2, "STROMA-FCS-006" },
        { "$TOT|0|$PAR|2|", STROMA_OK, 3, "STROMA-FCS-006" },
        { "$TOT|3|$PAR|2000000000|", STROMA_E_MALFORMED, 0, NULL },
        { "$TOT|3|$PAR|18446744073709551616|", STROMA_OK, 3, "STROMA-FCS-008" },
        { "$TOT|3|$PAR|1|", STROMA_OK, 3, "STROMA-FCS-021" },
        { "$TOT|3|", STROMA_OK, 3, "STROMA-FCS-008" },
        { "$TOT|3|$PAR|2|$P60000B|32|", STROMA_OK, 3, NULL },
        { "$TOT|3|$PAR|60000|$P60000B|32|", STROMA_E_MALFORMED, 0, NULL },
        { "$TOT|3|$PAR|2|$MODE|C|", STROMA_E_MALFORMED, 0, NULL },
        { "$TOT|3|$PAR|2|$MODE|U|", STROMA_E_MALFORMED, 0, NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[1024];
        (void)snprintf(text, sizeof text,
                       "|$DATATYPE|F|$BYTEORD|1,2,3,4|$NEXTDATA|0|$P1B|32|$P1R|1024|$P1N|A|$P2B|32"
                       "|$P2R|1024|$P2N|B|%s%s",
                       cases[i].text, strstr(cases[i].text, "$MODE") == NULL ? "$MODE|L|" : "");
        fcs_build b = float_file();
        b.text = text;
        fcs_opened o = fcs_open_built(&b);
        if (o.status != cases[i].status) print_message("# case %zu: %s\n", i, o.err.message);
        assert_int_equal(o.status, cases[i].status);
        if (o.status == STROMA_OK) {
            assert_int_equal(stroma_fcs_get(o.file, 0)->n_events, cases[i].events);
            assert_int_equal(stroma_fcs_get(o.file, 0)->parameters_len, 2);
            if (cases[i].code != NULL) assert_int_equal(fcs_found(&o, cases[i].code), 1);
            if (cases[i].code == NULL) assert_int_equal(o.diag.len, 0);
        } else {
            assert_null(o.file);
            assert_true(o.err.offset != UINT64_MAX);
        }
        fcs_close(&o);
    }
}

/* The check value of CRC-16/KERMIT stands in every catalogue of CRCs. */
static void rule_9_crc(void **state)
{
    (void)state;
    assert_int_equal(stroma_fcs_crc(0, (const unsigned char *)"123456789", 9), 0x2189);
    const uint16_t half = stroma_fcs_crc(0, (const unsigned char *)"1234", 4);
    assert_int_equal(stroma_fcs_crc(half, (const unsigned char *)"56789", 5), 0x2189);
    static unsigned char many[50003]; /* eight at a time and one at a time */
    uint16_t slow = 0;
    for (size_t i = 0; i < sizeof many; i++) {
        many[i] = (unsigned char)(i * i >> 3 ^ i);
        slow = stroma_fcs_crc(slow, &many[i], 1);
    }
    assert_int_equal(stroma_fcs_crc(0, many, sizeof many), slow);
    static fcs_bytes bytes;
    const fcs_build b = float_file();
    for (int wrong = 0; wrong < 3; wrong++) {
        bytes.len = 0;
        fcs_build_add(&b, &bytes);
        const unsigned crc = stroma_fcs_crc(0, bytes.bytes, bytes.len) ^ (wrong == 1);
        char text[16];
        (void)snprintf(text, sizeof text, "%08u", wrong == 2 ? 0 : crc);
        memcpy(bytes.bytes + bytes.len, text, 8);
        bytes.len += 8;
        fcs_opened o = fcs_open_bytes(&bytes);
        check_floats(&o);
        assert_int_equal(fcs_found(&o, "STROMA-FCS-027"), wrong == 1);
        fcs_close(&o);
    }
}

/* As the files of shared/data/flow write them, and what is no day. */
static void dates(void **state)
{
    (void)state;
    static const char *const same[] = { "11-APR-2018", "11 Apr 2018",         "2018-Apr-11",
                                        "11-04-2018",  "2018-04-11",          "11-Apr-18",
                                        "Apr 11 2018", "2018-04-11T14:06:19", "2018-Apr-11 13:11" };
    static const char *const none[] = { "", "yesterday", "31-FEB-2018", "11-04", "11-XYZ-2018" };
    stroma_date d, want;
    assert_true(stroma_date_from_ymd(2018, 4, 11, &want));
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        assert_true(stroma_fcs_date(same[i], &d));
        assert_int_equal(d.days, want.days);
    }
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_false(stroma_fcs_date(none[i], &d));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rule_1_and_7_data_sets),
        cmocka_unit_test(rule_7_coulter),
        cmocka_unit_test(rule_2_hundred_million),
        cmocka_unit_test(rule_3_who_is_right),
        cmocka_unit_test(rule_4_delimiters),
        cmocka_unit_test(rule_5_keywords_and_numbers),
        cmocka_unit_test(rule_5_macintosh),
        cmocka_unit_test(rule_6_supplement),
        cmocka_unit_test(rule_8_counts),
        cmocka_unit_test(rule_9_crc),
        cmocka_unit_test(dates),
    };
    return cmocka_run_group_tests_name("fcs", tests, NULL, NULL);
}
