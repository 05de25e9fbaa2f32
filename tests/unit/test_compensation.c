/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matrices: inverse and condition, the texts of keywords and files, columns seen through them. */
#include "alloc_fail.h"
#include "src/cytometry/column_kernels.h"
#include "src/cytometry/compensation_private.h"
#include "test_fcs_memory.h"

#include "stroma/random.h"

#include <math.h>

static test_fcs fcs;

static void inverse_of_a_square(void **state)
{
    (void)state;
    /* S = ((1, 1/2), (1/4, 1)), det 7/8; S⁻¹ = 8/7 ((1, −1/2), (−1/4, 1)).
     * σ² of S: trace of S Sᵀ = 37/16, det = 49/64; condition = √(λ₁ / λ₂). */
    static const double s[] = { 1, 0.5, 0.25, 1 };
    static const double want[] = { 8 / 7.0, -4 / 7.0, -2 / 7.0, 8 / 7.0 };
    static const char *const names[] = { "A", "B" };
    const double half = 37 / 32.0, root = sqrt(half * half - 49 / 64.0);
    stroma_arena arena;
    stroma_compensation c;
    stroma_arena_init(&arena, 1 << 20);
    assert_int_equal(
        stroma_compensation_make("m", "test", names, 2, names, 2, s, false, &arena, &c, NULL),
        STROMA_OK);
    for (size_t i = 0; i < 4; i++)
        assert_true(fabs(c.unmixing[i] - want[i]) < 1e-15);
    assert_true(fabs(c.condition - sqrt((half + root) / (half - root))) < 1e-14);
    assert_false(c.identity);
    assert_string_equal(c.fluorochrome[1], "B");
    assert_ptr_not_equal(c.spectrum, s);
    /* as it is, when it is inverted already */
    assert_int_equal(
        stroma_compensation_make("m", "test", names, 2, names, 2, want, true, &arena, &c, NULL),
        STROMA_OK);
    assert_null(c.spectrum);
    assert_memory_equal(c.unmixing, want, sizeof want);
    stroma_arena_clear(&arena);
}

/* S · S⁺ = 1, and S⁺ of least size: its rows lie in the space of S's. */
static void inverse_of_a_spectrum(void **state)
{
    enum { N = 9, M = 23 };
    (void)state;
    static double s[N * M], p[M * N];
    stroma_random r;
    stroma_random_init(&r, 3, 1, 0);
    for (size_t i = 0; i < N * M; i++)
        s[i] = stroma_random_uniform(&r) + (i % M == i / M * 2);
    assert_int_equal(compensation_invert(s, N, M, p, NULL), STROMA_OK);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) {
            double sum = 0;
            for (size_t k = 0; k < M; k++)
                sum += s[i * M + k] * p[k * N + j];
            assert_true(fabs(sum - (i == j)) < 1e-13);
        }
    for (size_t i = 0; i < M; i++) /* (S⁺ S)ᵀ = S⁺ S */
        for (size_t j = 0; j < M; j++) {
            double a = 0, b = 0;
            for (size_t k = 0; k < N; k++) {
                a += p[i * N + k] * s[k * M + j];
                b += p[j * N + k] * s[k * M + i];
            }
            assert_true(fabs(a - b) < 1e-13);
        }
    double condition;
    static const double diagonal[] = { 3, 0, 0, 0, 0, -0.5, 0, 0, 0, 0, 2, 0 };
    assert_int_equal(compensation_condition(diagonal, 3, 4, &condition, NULL), STROMA_OK);
    assert_true(condition == 6);
}

static void make_refuses(void **state)
{
    static const char *const ab[] = { "A", "B" }, *const aa[] = { "A", "A" };
    static const double good[] = { 1, 0.1, 0.1, 1 }, same[] = { 1, 2, 2, 4 },
                        odd[] = { 1, (double)NAN, 0, 1 }, empty[] = { 1, 0.5, 0, 0 };
    static const struct {
        const char *const *fluorochrome, *const *detector;
        size_t n, m;
        const double *matrix;
        stroma_status status;
        const char *message;
    } cases[] = {
        { ab, ab, 2, 1, good, STROMA_E_USAGE,
          "2 fluorochromes cannot be told apart by 1 detectors" },
        { ab, ab, 0, 0, good, STROMA_E_USAGE,
          "a matrix of 0 detectors: between 1 and 512 are possible" },
        { aa, ab, 2, 2, good, STROMA_E_USAGE, "fluorochrome \"A\" stands twice in the matrix" },
        { ab, aa, 2, 2, good, STROMA_E_USAGE, "detector \"A\" stands twice in the matrix" },
        { ab, ab, 2, 2, odd, STROMA_E_USAGE, "row 1, column 2 of the matrix: not a number" },
        { ab, ab, 2, 2, empty, STROMA_E_DEGENERATE,
          "the matrix cannot be inverted: its condition number is infinite" },
    };
    (void)state;
    stroma_arena arena;
    stroma_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        stroma_compensation c;
        stroma_error err = STROMA_ERROR_INIT;
        assert_int_equal(stroma_compensation_make("m", "t", cases[i].fluorochrome, cases[i].n,
                                                  cases[i].detector, cases[i].m, cases[i].matrix,
                                                  false, &arena, &c, &err),
                         cases[i].status);
        assert_string_equal(err.message, cases[i].message);
    }
    stroma_compensation c;
    assert_int_equal(
        stroma_compensation_make("m", "t", ab, 2, ab, 2, same, false, &arena, &c, NULL),
        STROMA_E_DEGENERATE);
    stroma_arena_clear(&arena);
}

/* The text of $SPILLOVER as instruments write it. */
static void texts(void **state)
{
    static const struct {
        const char *text;
        size_t n; /* 0: refused */
        double last;
        bool commas;
        size_t extra;
        const char *message;
    } cases[] = {
        { "2,A,B,1,0.1,0.02,1", 2, 1, false, 0, NULL },
        { " 2 , A ,B , 1.0, 1E-1,.02, 1 ", 2, 1, false, 0, NULL },
        { "2,A,B,1,0.1,0.02,1,", 2, 1, false, 0, NULL },
        { "2,A,B,1,000,0,100,0,020,1,000", 2, 1, true, 0, NULL },
        { "2,A,B,1,000,-0,100,0,020,0,875", 2, 0.875, true, 0, NULL },
        { "1,A,1", 1, 1, false, 0, NULL },
        { "2,A,B,1,0.1,0.02,1,7,8", 2, 1, false, 2, NULL },
        { "2,4,3,1,0.1,0.02,1", 2, 1, false, 0, NULL },
        { "02,A,B,1,0.1,0.02,1", 2, 1, false, 0, NULL },
        { "", 0, 0, false, 0, "it begins with \"\", not with a count" },
        { "A,B", 0, 0, false, 0, "it begins with \"A\", not with a count" },
        { "0", 0, 0, false, 0, "it begins with \"0\", not with a count" },
        { "-2,A,B", 0, 0, false, 0, "it begins with \"-2\", not with a count" },
        { "2000000,A,B", 0, 0, false, 0, "it speaks of 2000000 channels: 512 are possible" },
        { "2,A,B", 0, 0, false, 0, "it names 2 channels and has no numbers" },
        { "2,A", 0, 0, false, 0, "it has fewer names than the 2 it speaks of" },
        { "2,1,0.1,0.02,1", 0, 0, false, 0, "it has 4 numbers and no names" },
        { "2,A,B,1,0.1,0.02", 0, 0, false, 0, "3 numbers stand there, but 2 channels need 4" },
        { "2,A,B,1,x,0.02,1", 0, 0, false, 0, "row 1, column 2 is \"x\", no number" },
        { "2,A,B,1,,0.02,1", 0, 0, false, 0, "row 1, column 2 is \"\", no number" },
        { "2,A,B,1,0x10,0.02,1", 0, 0, false, 0, "row 1, column 2 is \"0x10\", no number" },
        { "2,A,B,1,1e999,0.02,1", 0, 0, false, 0, "row 1, column 2 is \"1e999\", no number" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        stroma_arena arena;
        compensation_text t;
        stroma_error err = STROMA_ERROR_INIT;
        stroma_arena_init(&arena, 1 << 20);
        const stroma_status s = compensation_text_parse(cases[i].text, &arena, &t, &err);
        if (s != (cases[i].n > 0 ? STROMA_OK : STROMA_E_MALFORMED))
            fail_msg("\"%s\": %s", cases[i].text, err.message);
        if (s == STROMA_OK) {
            assert_int_equal(t.n, cases[i].n);
            assert_true(t.value[t.n * t.n - 1] == cases[i].last);
            assert_int_equal(t.decimal_commas, cases[i].commas);
            assert_int_equal(t.extra, cases[i].extra);
            assert_true(fabs(t.value[0]) == 1);
        } else
            assert_string_equal(err.message, cases[i].message);
        stroma_arena_clear(&arena);
    }
}

/* From the keywords of a data set: which matrix, and what is said about it. */
static void keywords(void **state)
{
    static const struct {
        const char *names, *more;
        const char *source; /* NULL: no matrix */
        double s01;         /* spectrum, row 0, column 1 */
        bool identity;
        const char *codes; /* of the findings, in order */
    } cases[] = {
        { "A,B", "", NULL, 0, false, "" },
        { "A,B", "|$SPILLOVER|2,A,B,1,0.1,0.02,1", "$SPILLOVER", 0.1, false, "" },
        { "A,B", "|SPILL|2,B,A,1,0.1,0.02,1", "SPILL", 0.1, false, "" },
        { "A,B", "|SPILL|2,A,B,1,0.1,0.02,1|$SPILLOVER|2,A,B,1,0.2,0.02,1", "$SPILLOVER", 0.2,
          false, "012 " },
        { "A,B", "|SPILL|2,A,B,1,0.1,0.02,1|$SPILLOVER|2,A,B, 1,0.1,0.02,1", "$SPILLOVER", 0.1,
          false, "" },
        { "A,B", "|SPILL|2,A,B,1,0.1,0.02,1|$SPILLOVER|2,A,B", "SPILL", 0.1, false, "001 " },
        { "A,B", "|$SPILLOVER|2,A,X,1,0.1,0.02,1", NULL, 0, false, "003 " },
        { "A,B", "|$SPILLOVER|2,A,A,1,0.1,0.02,1", NULL, 0, false, "002 " },
        { "A,B", "|$SPILLOVER|2,A,B,1,1,1,1", NULL, 0, false, "002 " },
        { "T,A,B", "|$SPILLOVER|2,2,3,1,0.1,0.02,1", "$SPILLOVER", 0.1, false, "004 " },
        { "A,B", "|$SPILLOVER|2,A,B,1,000,0,100,0,020,1,000", "$SPILLOVER", 0.1, false, "005 " },
        { "A,B", "|$SPILLOVER|2,A,B,1,0.1,0.02,1,5", "$SPILLOVER", 0.1, false, "006 " },
        { "A,B", "|$SPILLOVER|2,A,B,1,0,0,1", "$SPILLOVER", 0, true, "007 " },
        { "A,B", "|$SPILLOVER|2,A,B,1,1E-06,0,1", "$SPILLOVER", 0, true, "014 007 " },
        { "Comp-A,Comp-B", "|SPILL|2,A,B,1,0.1,0.02,1", "SPILL", 0, true, "008 " },
        { "FJComp-A,FJComp-B", "|SPILL|2,A,B,1,0.1,0.02,1", "SPILL", 0, true, "008 " },
        { "Comp-A,Comp-B", "|SPILL|2,Comp-A,Comp-B,1,0.1,0.02,1", "SPILL", 0, true, "008 " },
        { "A,B,Comp-A,Comp-B", "|SPILL|2,A,B,1,0.1,0.02,1", "SPILL", 0.1, false, "" },
        { "A,Comp-B", "|SPILL|2,A,B,1,0.1,0.02,1", "SPILL", 0.1, false, "011 " },
        { "A,B", "|$SPILLOVER|2,A,B,2,0.1,0.02,1", "$SPILLOVER", 0.1, false, "009 " },
        { "A,B", "|$SPILLOVER|2,A,B,1,0.999,0.999,1", "$SPILLOVER", 0.999, false, "010 " },
        { "T,A,B", "|$DFC2TO3|11.2|$DFC3TO2|0.9|$DFC1TO2|0", "$DFCiTOj", 0.112, false, "013 " },
        { "T,A,B", "|$DFC2TO3|0.0|$DFC3TO2|0.0", NULL, 0, false, "007 " },
        { "T,A,B", "|$DFC2TO3|much", NULL, 0, false, "001 " },
        { "A,B", "|$COMP|2,100,10,2,100", "$COMP", 0.1, false, "013 " },
        { "A,B", "|$COMP|2,1,0.1,0.02,1", "$COMP", 0.1, false, "013 " },
        { "A,B", "|$COMP|0", NULL, 0, false, "" },
        { "A,B", "|$COMP|3,1,0.1,0.02,1", NULL, 0, false, "001 " },
        { "A,B", "|$COMP|2,1,0.1", NULL, 0, false, "001 " },
        { "A,B", "|$COMP|2,1,0.1,a,1", NULL, 0, false, "001 " },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        stroma_arena arena;
        stroma_diag diag;
        const stroma_compensation *c;
        char codes[64] = "";
        stroma_arena_init(&arena, 1 << 20);
        stroma_diag_init(&diag);
        test_fcs_open(&fcs, cases[i].names, cases[i].more, NULL, 0);
        assert_int_equal(stroma_compensation_from_fcs(fcs.d, "a.fcs", &arena, &diag, &c, NULL),
                         STROMA_OK);
        for (size_t k = 0; k < diag.len; k++)
            (void)snprintf(codes + strlen(codes), sizeof codes - strlen(codes), "%s ",
                           diag.items[k].code + strlen("STROMA-COMP-"));
        if (strcmp(codes, cases[i].codes) != 0 || (c == NULL) != (cases[i].source == NULL))
            fail_msg("%s %s: %s", cases[i].names, cases[i].more, codes);
        if (c != NULL) {
            assert_string_equal(c->source, cases[i].source);
            assert_int_equal(c->identity, cases[i].identity);
            assert_true(fabs(c->spectrum[1] - cases[i].s01) < 1e-16);
        }
        test_fcs_close(&fcs);
        stroma_diag_clear(&diag);
        stroma_arena_clear(&arena);
    }
}

/* Matrices in files, as programs write them. */
static void files(void **state)
{
    static const struct {
        const char *text;
        size_t n, m;
        const char *first, *detector; /* fluorochrome 0, last detector; or the message */
        double s01;
        int64_t line; /* of the message */
    } cases[] = {
        { "# A,B\n1,0.1\n0.02,1\n", 2, 2, "A", "B", 0.1, 0 },
        { "A,B\r\n1,0.1\r\n0.02,1", 2, 2, "A", "B", 0.1, 0 },
        { "title\r<\t>\rA\tB\r1\t0.1\r0.02\t1\r", 2, 2, "A", "B", 0.1, 0 },
        { "\"A\" \"B\"\n\"A\" 1 0.1\n\"B\" 0.02 1\n", 2, 2, "A", "B", 0.1, 0 },
        { ",A :: CD4,Comp-B\nA :: CD4,1,0.1\nComp-B,0.02,1\n", 2, 2, "A", "B", 0.1, 0 },
        { "\xEF\xBB\xBF;A;B\nB;0,02;1\nA;1;0,1\n", 2, 2, "A", "B", 0.1, 0 },
        { "\tD1\tD2\tD3\nFITC\t1\t0.1\t0\nPE\t0.2\t1\t0.3\n", 2, 3, "FITC", "D3", 0.1, 0 },
        { "A,B\n100,10\n2,100\n", 2, 2, "A", "B", 0.1, 0 },
        { "", 0, 0, "there is no line of detector names", NULL, 0, 0 },
        { "1,2\n3,4\n", 0, 0, "a line of detector names should stand here, not \"2\"", NULL, 0, 1 },
        { "A,B\n1\n0.02,1\n", 0, 0, "1 numbers stand in this line, but there are 2 detectors", NULL,
          0, 2 },
        { "A,B\n1,0.1\n", 0, 0, "2 detectors have 1 rows of numbers", NULL, 0, 2 },
        { "A,B\n1,0.1\nB,0.02,1\n", 0, 0, "this line has a name and those above do not", NULL, 0,
          3 },
        { "A,B\n1,0.1\n0.02,1\n0,0\n", 0, 0, "there are more rows than the 2 detectors", NULL, 0,
          4 },
        { "A,B\n1,0.1\n0.02,one\n", 0, 0, "detector \"B\": \"one\" is no number", NULL, 0, 3 },
        { "A,A\n1,0.1\n0.02,1\n", 0, 0, "fluorochrome \"A\" stands twice in the matrix", NULL, 0,
          0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        stroma_arena arena;
        stroma_compensation c;
        stroma_error err = STROMA_ERROR_INIT;
        stroma_arena_init(&arena, 1 << 20);
        const stroma_status s = stroma_compensation_parse(cases[i].text, strlen(cases[i].text),
                                                          "m.csv", &arena, NULL, &c, &err);
        if (s != (cases[i].n > 0 ? STROMA_OK : STROMA_E_MALFORMED))
            fail_msg("case %zu: %s", i, err.message);
        if (s == STROMA_OK) {
            assert_int_equal(c.fluorochromes_len, cases[i].n);
            assert_int_equal(c.detectors_len, cases[i].m);
            assert_string_equal(c.fluorochrome[0], cases[i].first);
            assert_string_equal(c.detector[c.detectors_len - 1], cases[i].detector);
            assert_true(fabs(c.spectrum[1] - cases[i].s01) < 1e-16);
        } else {
            assert_string_equal(err.message, cases[i].first);
            assert_int_equal(err.line, cases[i].line);
        }
        stroma_arena_clear(&arena);
    }
}

/* Columns: what a name means, compensated values against the sum written out, any block. */
static void columns(void **state)
{
    enum { EVENTS = 1500 };
    (void)state;
    static float values[EVENTS * 4];
    static double out[5][EVENTS];
    stroma_random r;
    stroma_random_init(&r, 5, 1, 0);
    for (size_t i = 0; i < EVENTS * 4; i++)
        values[i] = (float)(1000 * stroma_random_normal(&r));
    test_fcs_open(&fcs, "FSC-A,A,B,C", "|$P3S|CD4|$SPILLOVER|3,A,B,C,1,0.1,0,0.02,1,0.3,0,0.25,1",
                  values, EVENTS);
    stroma_arena arena;
    const stroma_compensation *c;
    stroma_arena_init(&arena, 1 << 20);
    assert_int_equal(stroma_compensation_from_fcs(fcs.d, "a.fcs", &arena, NULL, &c, NULL),
                     STROMA_OK);
    stroma_event_column k[5];
    static const char *const names[] = { "C", "FSC-A", "CD4", "A", "B" };
    for (size_t j = 0; j < 5; j++)
        assert_int_equal(stroma_column_find(fcs.d, j < 4 ? c : NULL, names[j], &k[j], NULL),
                         STROMA_OK);
    assert_true(k[0].compensation == c && k[0].index == 2);
    assert_true(k[1].compensation == NULL && k[1].index == 0);
    assert_true(k[2].compensation == c && k[2].index == 1);
    assert_true(k[4].compensation == NULL && k[4].index == 2);
    stroma_error err = STROMA_ERROR_INIT;
    stroma_event_column none;
    assert_int_equal(stroma_column_find(fcs.d, c, "CD44", &none, &err), STROMA_E_INCONSISTENT);
    assert_string_equal(err.message, "the events have no channel \"CD44\"");
    assert_string_equal(err.hint, "did you mean \"CD4\"?");
    stroma_column_reader *reader;
    assert_int_equal(stroma_column_reader_open(fcs.d, k, 5, &reader, NULL), STROMA_OK);
    for (size_t e = 0; e < EVENTS; e += 700) {
        double *to[5];
        for (size_t j = 0; j < 5; j++)
            to[j] = &out[j][e];
        assert_int_equal(
            stroma_column_reader_read(reader, e, e + 700 < EVENTS ? 700 : EVENTS - e, to, NULL),
            STROMA_OK);
    }
    assert_int_equal(stroma_column_reader_read(reader, 0, 1025, NULL, &err), STROMA_E_USAGE);
    stroma_column_reader_close(reader);
    static const size_t fluorochrome[] = { 2, 0, 1, 0 };
    for (size_t e = 0; e < EVENTS; e++) {
        const float *x = values + 4 * e;
        assert_true(out[1][e] == (double)x[0] && out[4][e] == (double)x[2]);
        for (size_t j = 0; j < 4; j++) {
            double sum = 0;
            if (j == 1) continue;
            for (size_t i = 0; i < 3; i++)
                sum += (double)x[1 + i] * c->unmixing[i * 3 + fluorochrome[j]];
            assert_true(out[j][e] == sum);
        }
    }
    test_fcs_close(&fcs);
    test_fcs_open(&fcs, "FSC-A,A,C", "", NULL, 0);
    assert_int_equal(stroma_column_find(fcs.d, c, "A", &none, &err), STROMA_E_INCONSISTENT);
    assert_string_equal(err.message,
                        "compensation \"FCS\" needs detector \"B\", which the events do "
                        "not have");
    test_fcs_close(&fcs);
    stroma_arena_clear(&arena);
}

static void levels_are_one(void **state)
{
    enum { N = 67, M = 13, K = 9 };
    (void)state;
    static double in[M][N], matrix[K * M], want[K][N], got[K][N];
    const double *from[M];
    double *to[K], *expected[K];
    stroma_random r;
    stroma_random_init(&r, 6, 1, 0);
    for (size_t i = 0; i < M; i++)
        for (size_t e = 0; e < N; e++)
            in[i][e] = stroma_random_normal(&r);
    in[3][5] = (double)NAN;
    in[4][6] = (double)INFINITY;
    for (size_t i = 0; i < K * M; i++)
        matrix[i] = stroma_random_normal(&r);
    for (size_t i = 0; i < M; i++)
        from[i] = in[i];
    for (size_t j = 0; j < K; j++) {
        to[j] = got[j];
        expected[j] = want[j];
    }
    static const char *const levels[] = { "base", "avx2", "avx512", "plain" };
    for (size_t l = 0; l < 4; l++) {
        const column_kernels *k = column_kernels_find(levels[l]);
        if (k == NULL) {
            print_message("# this processor has no %s\n", levels[l]);
            continue;
        }
        for (size_t n = 0; n <= N; n++)
            for (size_t outputs = 0; outputs <= K; outputs++) {
                memset(want, 0, sizeof want);
                memset(got, 0, sizeof got);
                column_kernels_plain.multiply(from, M, matrix, outputs, n, expected);
                k->multiply(from, M, matrix, outputs, n, to);
                for (size_t j = 0; j < K; j++)
                    for (size_t e = 0; e < N; e++)
                        if (memcmp(&got[j][e], &want[j][e], sizeof(double)) != 0 &&
                            !(isnan(got[j][e]) && isnan(want[j][e])))
                            fail_msg("%s: output %zu, event %zu", levels[l], j, e);
            }
    }
    assert_null(column_kernels_find("avx1024"));
}

/* Every real file that has a matrix: S S⁻¹ = 1 and a condition number above 0.99. */
static void real_files(void **state)
{
    static const struct {
        const char *path, *source;
        size_t n;
        bool identity;
    } files[] = {
        { "flow/qc/111.fcs", "SPILL", 13, false },
        { "flow/vendors/100715.fcs", "SPILL", 13, false },
        { "flow/vendors/B01 KC-A-W---91-US.fcs", "$SPILLOVER", 8, false },
        { "flow/vendors/G11.fcs", "$SPILLOVER", 5, true },
        { "flow/vendors/Cytek NL-2000.fcs", "$SPILLOVER", 22, true },
        { "flow/panels/aurora_raw_single_stain/DR_CD16 APC (Cells).fcs", "$SPILLOVER", 64, true },
        { "flow/vendors/EY_2013-07-19_PBS_FCS_3.1_Custom_Add_Well_A1.001.fcs", NULL, 0, false },
        { "flow/vendors/222.LMD", NULL, 0, false },
        { "flow/gatingml2/fcs/9399_1_3_NKR.fcs", "SPILL", 5, false },
        { "flow/malformed/synthetic/spillover_padded.fcs", "$SPILLOVER", 2, false },
    };
    (void)state;
    if (test_data("flow/qc/111.fcs") == NULL) skip();
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        stroma_fcs *f;
        stroma_arena arena;
        const stroma_compensation *c;
        stroma_arena_init(&arena, 1 << 24);
        assert_int_equal(stroma_fcs_open(test_data(files[i].path), NULL, NULL, &f, NULL),
                         STROMA_OK);
        assert_int_equal(stroma_compensation_from_fcs(stroma_fcs_preferred(f), files[i].path,
                                                      &arena, NULL, &c, NULL),
                         STROMA_OK);
        if ((c == NULL) != (files[i].source == NULL)) fail_msg("%s", files[i].path);
        for (size_t a = 0; c != NULL && a < files[i].n; a++)
            for (size_t b = 0; b < files[i].n; b++) {
                double sum = 0;
                for (size_t k = 0; k < files[i].n; k++)
                    sum += c->spectrum[a * files[i].n + k] * c->unmixing[k * files[i].n + b];
                assert_true(fabs(sum - (a == b)) < 1e-14);
            }
        if (c != NULL) {
            assert_string_equal(c->source, files[i].source);
            assert_int_equal(c->detectors_len, files[i].n);
            assert_int_equal(c->identity, files[i].identity);
            assert_true(c->condition >= 1 && c->condition < 20);
        }
        stroma_fcs_close(f);
        stroma_arena_clear(&arena);
    }
}

static stroma_status make_and_read(void *context)
{
    static const char text[] = ",D1,D2,D3\nFITC,1,0.1,0\nPE,0.2,1,0.3\n";
    static double out[3][STROMA_COLUMN_BLOCK];
    const stroma_fcs_dataset *d = context;
    double *to[] = { out[0], out[1], out[2] };
    stroma_arena arena;
    stroma_compensation file;
    const stroma_compensation *c = NULL;
    stroma_column_reader *reader = NULL;
    stroma_event_column k[3];
    stroma_arena_init(&arena, 1 << 20);
    stroma_status s =
        stroma_compensation_parse(text, sizeof text - 1, "m.csv", &arena, NULL, &file, NULL);
    if (s == STROMA_OK) s = stroma_compensation_from_fcs(d, "a.fcs", &arena, NULL, &c, NULL);
    for (size_t j = 0; s == STROMA_OK && j < 3; j++)
        s = stroma_column_find(d, c, d->parameters[j].name, &k[j], NULL);
    if (s == STROMA_OK) s = stroma_column_reader_open(d, k, 3, &reader, NULL);
    if (s == STROMA_OK) s = stroma_column_reader_read(reader, 0, 2, to, NULL);
    stroma_column_reader_close(reader);
    stroma_arena_clear(&arena);
    return s;
}

static void no_memory(void **state)
{
    static const float values[6] = { 1, 2, 3, 4, 5, 6 };
    (void)state;
    test_fcs_open(&fcs, "FSC-A,A,B", "|SPILL|2,A|$SPILLOVER|2,A,B,1,0.1,0.02,1", values, 2);
    assert_true(alloc_fail_each(make_and_read, (void *)(uintptr_t)fcs.d) > 5);
    test_fcs_close(&fcs);
    test_fcs_open(&fcs, "FSC-A,A,B", "|$DFC2TO3|11.2", values, 2);
    assert_true(alloc_fail_each(make_and_read, (void *)(uintptr_t)fcs.d) > 5);
    test_fcs_close(&fcs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inverse_of_a_square),
        cmocka_unit_test(inverse_of_a_spectrum),
        cmocka_unit_test(make_refuses),
        cmocka_unit_test(texts),
        cmocka_unit_test(keywords),
        cmocka_unit_test(files),
        cmocka_unit_test(columns),
        cmocka_unit_test(levels_are_one),
        cmocka_unit_test(real_files),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests_name("compensation", tests, NULL, NULL);
}
