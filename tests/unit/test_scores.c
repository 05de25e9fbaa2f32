/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vectors of scores: our own hand-computed ones (tests/reference/scores.csv), and the public ones
 * of the data root. Both have the columns id, score, inputs, expected, category. */
#include "stroma_test.h"

#include "stroma/file.h"
#include "stroma/number.h"
#include "stroma/parameter.h"
#include "stroma/score.h"

#include <math.h>
#include <string.h>

enum { FIELD_MAX = 1024, FIELDS_MAX = 8 };

/* One CSV record of a NUL-terminated text; no quoted newlines in these files. */
static size_t split(const char **text, char fields[FIELDS_MAX][FIELD_MAX])
{
    size_t n = 0, len = 0;
    bool quoted = false;
    const char *p = *text;
    memset(fields, 0, FIELDS_MAX * sizeof fields[0]);
    for (; *p != '\0' && (quoted || *p != '\n'); p++) {
        if (*p == '"') {
            quoted = !quoted;
        } else if (*p == ',' && !quoted) {
            n++;
            len = 0;
            assert_true(n < FIELDS_MAX);
        } else if (*p != '\r') {
            assert_true(len + 1 < FIELD_MAX);
            fields[n][len++] = *p;
        }
    }
    *text = *p == '\0' ? p : p + 1;
    return n + 1;
}

static void format_output(const stroma_score *s, const stroma_score_result *r, char out[FIELD_MAX])
{
    char number[STROMA_NUMBER_TEXT_MAX];
    out[0] = '\0';
    for (size_t i = 0; i < s->outputs_len; i++) {
        const stroma_score_output_value *v = &r->outputs[i];
        const char *text = v->state != STROMA_PRESENT                ? ""
                           : s->outputs[i].kind == STROMA_SCORE_WORD ? v->word
                           : s->outputs[i].kind == STROMA_SCORE_BOOL
                               ? (v->number > 0 ? "true" : "false")
                               : stroma_format_double(v->number, number);
        const size_t n = strlen(out);
        (void)snprintf(out + n, FIELD_MAX - n, "%s%s=%s", n > 0 ? "|" : "", s->outputs[i].name,
                       text);
    }
}

static bool as_expected(const stroma_score *s, const stroma_score_result *r, const char *expected,
                        const char *band)
{
    char text[FIELD_MAX];
    double want = 0;
    if (*expected == '\0') return r->state != STROMA_PRESENT && r->reason[0] != '\0';
    if (r->state != STROMA_PRESENT) return false;
    switch (s->kind) {
    case STROMA_SCORE_NUMBER:
        return stroma_parse_double(expected, strlen(expected), '.', &want) &&
               fabs(r->number - want) <= 1e-9 && (*band == '\0' || strcmp(band, r->band) == 0);
    case STROMA_SCORE_BOOL: return strcmp(expected, r->number > 0 ? "true" : "false") == 0;
    case STROMA_SCORE_WORD: return strcmp(expected, r->word) == 0;
    case STROMA_SCORE_OUTPUTS: format_output(s, r, text); return strcmp(expected, text) == 0;
    }
    return false;
}

/* @return vectors checked; every one must agree. */
static size_t check_vectors(const char *path)
{
    stroma_bytes bytes;
    assert_int_equal(stroma_bytes_read(path, 0, &bytes, NULL), STROMA_OK);
    char *copy = strndup((const char *)bytes.data, bytes.size);
    stroma_bytes_clear(&bytes);
    static char f[FIELDS_MAX][FIELD_MAX];
    size_t n = 0, bad = 0;
    const char *p = copy;
    (void)split(&p, f);
    assert_string_equal(f[1], "score");
    while (*p != '\0') {
        assert_true(split(&p, f) >= 5);
        const stroma_score *s = stroma_score_find(f[1]);
        stroma_score_result r;
        if (s == NULL) fail_msg("no score %s", f[1]);
        assert_int_equal(stroma_score_compute_text(s, f[2], NULL, &r, NULL), STROMA_OK);
        n++;
        if (as_expected(s, &r, f[3], f[4])) continue;
        bad++;
        char text[FIELD_MAX];
        format_output(s, &r, text);
        print_message("# %s: expected %s %s, got state %d value %.12g word %s band %s outputs %s "
                      "reason %s\n",
                      f[0], f[3], f[4], (int)r.state, r.number, r.word == NULL ? "-" : r.word,
                      r.band == NULL ? "-" : r.band, text, r.reason);
    }
    free(copy);
    assert_int_equal(bad, 0);
    return n;
}

static void public_vectors(void **state)
{
    (void)state;
    const char *path = test_data("clinical/scores.csv");
    if (path == NULL) skip();
    const size_t n = check_vectors(path);
    print_message("# %zu public vectors agree\n", n);
    assert_true(n >= 137);
}

static void own_vectors(void **state)
{
    (void)state;
    const size_t n = check_vectors(test_source("tests/reference/scores.csv"));
    print_message("# %zu own vectors agree\n", n);
    assert_true(n >= 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(own_vectors),
                                        cmocka_unit_test(public_vectors) };
    return cmocka_run_group_tests_name("scores", tests, NULL, NULL);
}
