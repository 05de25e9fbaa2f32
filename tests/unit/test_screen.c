/* SPDX-License-Identifier: GPL-3.0-or-later */
/* S3 §3: screening. Reference: tests/reference/screen.csv, written by screen.R, which goes through
 * all arrangements of the outcome with plain loops; here they are all taken too, so the numbers are
 * the same to rounding. */
#include "test_csv.h"
#include "test_expected.h"

#include "stroma/biomarker_screen.h"
#include "stroma/models_roc.h"
#include "stroma/random.h"
#include "stroma/stats_rank_test.h"

#include <stdlib.h>

static const char *data_file(const char *name)
{
    static char path[1024];
    const char *root = getenv("STROMA_SOURCE_ROOT");
    (void)snprintf(path, sizeof path, "%s/tests/reference/%s", root == NULL ? "." : root, name);
    return path;
}

static void set_cell(stroma_biomarker_column *c, size_t i, const char *text)
{
    if (text[0] == '\0') return;
    c->value[i] = strtod(text, NULL);
    c->state[i] = STROMA_PRESENT;
}

/* The named columns of a file (the cells must outlive the frame). */
static stroma_biomarker_frame *frame_of(const test_csv *t, const char *event,
                                        const char *const *columns, size_t n)
{
    stroma_biomarker_frame *f = NULL;
    assert_int_equal(stroma_biomarker_frame_new(t->rows, n, &f, NULL), STROMA_OK);
    f->event = "1";
    f->outcome_name = event;
    for (size_t k = 0; k < n; k++) {
        f->columns[k].name = columns[k];
        f->columns[k].day = 0;
        const size_t column = test_csv_column(t, columns[k]);
        for (size_t i = 0; i < t->rows; i++)
            set_cell(&f->columns[k], i, t->cells[i * t->columns + column]);
    }
    const size_t outcome = test_csv_column(t, event);
    for (size_t i = 0; i < t->rows; i++) {
        f->subject[i] = t->cells[i * t->columns];
        f->outcome[i] = strtod(t->cells[i * t->columns + outcome], NULL);
    }
    return f;
}

static void set_batches(const test_csv *t, stroma_biomarker_frame *f)
{
    static const char *names[] = { "a", "b" };
    f->batch = stroma_arena_alloc(&f->arena, f->n, sizeof *f->batch);
    f->batch_name = names;
    f->batches_len = 2;
    for (size_t i = 0; i < f->n; i++)
        f->batch[i] = t->cells[i * t->columns + test_csv_column(t, "batch")][0] == 'b';
}

static stroma_screen *screen(const stroma_biomarker_frame *f, const stroma_screen_options *o)
{
    stroma_screen *s = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    const stroma_status status = stroma_biomarker_screen(f, o, &s, &err);
    if (status != STROMA_OK) fail_msg("%s: %s", stroma_status_name(status), err.message);
    return s;
}

/* Every row of the reference's case against the candidate of that name. */
static void check_case(const stroma_biomarker_frame *f, const stroma_screen *s, const char *name)
{
    test_csv want = test_csv_read(data_file("screen.csv"));
    size_t found = 0;
    for (size_t r = 0; r < want.rows; r++) {
        char **row = want.cells + r * want.columns;
        if (strcmp(row[0], name) != 0) continue;
        const size_t k = stroma_biomarker_frame_find(f, row[1]);
        assert_true(k != SIZE_MAX);
        const stroma_screen_candidate *c = &s->candidates[k];
        const double got[] = { c->z, c->p_permutation, c->p_max_t, c->p_min_p };
        for (size_t i = 0; i < 4; i++)
            if (!(fabs(got[i] - strtod(row[2 + i], NULL)) <= 1e-12))
                fail_msg("%s, %s: %s is %.17g, wanted %s", name, row[1], want.names[2 + i], got[i],
                         row[2 + i]);
        found++;
    }
    assert_int_equal(found, s->family);
    test_csv_free(&want);
}

static const char *const complete[] = { "m1", "m2", "m3", "m4", "m5" };
static const char *const with_gaps[] = { "m1", "m2", "g1", "g2", "g3", "m5" };

static void run_case(const char *name, const char *const *columns, size_t n,
                     stroma_screen_options o, bool batches)
{
    test_csv t = test_csv_read(data_file("screen_data.csv"));
    stroma_biomarker_frame *f = frame_of(&t, "event", columns, n);
    if (batches) set_batches(&t, f);
    o.min_p = true;
    stroma_screen *s = screen(f, &o);
    assert_true(s->exact);
    check_case(f, s, name);
    stroma_screen_free(s);
    stroma_biomarker_frame_free(f);
    test_csv_free(&t);
}

static void test_against_r(void **state)
{
    (void)state;
    const stroma_screen_options two = STROMA_SCREEN_OPTIONS_INIT;
    stroma_screen_options higher = two, values = two;
    higher.direction = STROMA_SCREEN_HIGHER;
    values.statistic = STROMA_SCREEN_VALUES;
    run_case("complete", complete, 5, two, false);
    run_case("gaps", with_gaps, 6, two, false);
    run_case("higher", with_gaps, 6, higher, false);
    run_case("blocks", complete, 5, two, true);
    run_case("blocks_gaps", with_gaps, 6, two, true);
    run_case("welch", with_gaps, 6, values, false);
    run_case("mean_blocks", with_gaps, 6, values, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_r),
    };
    return cmocka_run_group_tests_name("screen", tests, NULL, NULL);
}
