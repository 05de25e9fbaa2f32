/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "alloc_fail.h"

#include "stroma/biomarker_screen.h"

#include <math.h>

enum { N = 26, COLUMNS = 3 };

static void fill(stroma_biomarker_frame *f, size_t *batch, uint8_t *treated)
{
    f->event = "yes";
    for (size_t i = 0; i < N; i++) {
        f->subject[i] = "S";
        f->outcome[i] = i / 2 % 2 == 0;
        batch[i] = i % 3 == 0;
        treated[i] = i % 2;
        for (size_t k = 0; k < COLUMNS; k++) {
            f->columns[k].name = "marker";
            f->columns[k].value[i] = sin((double)(7 * i + k));
            f->columns[k].state[i] = STROMA_PRESENT;
        }
    }
    f->columns[1].state[3] = STROMA_MISSING;
    f->columns[2].state[5] = STROMA_BELOW_LIMIT;
}

typedef struct setting {
    stroma_screen_options o;
    bool batches, number;
    stroma_biomarker_question question;
} setting;

static stroma_status one(void *context)
{
    const setting *s = context;
    size_t batch[N];
    uint8_t treated[N];
    stroma_biomarker_frame *f = NULL;
    STROMA_TRY(stroma_biomarker_frame_new(N, COLUMNS, &f, NULL));
    fill(f, batch, treated);
    if (s->batches) {
        f->batch = batch;
        f->batches_len = 2;
    }
    if (s->number) f->event = NULL;
    if (s->question != STROMA_QUESTION_PROGNOSTIC) f->treated = treated;
    for (size_t k = 0; k < COLUMNS; k++)
        f->columns[k].question = s->question;
    stroma_screen *out = NULL;
    const stroma_status status = stroma_biomarker_screen(f, &s->o, &out, NULL);
    stroma_screen_free(out);
    stroma_biomarker_frame_free(f);
    return status;
}

static void test_screen(void **state)
{
    (void)state;
    setting all[5] = { { .o = STROMA_SCREEN_OPTIONS_INIT } };
    all[0].o.permutations = 40;
    all[0].o.min_p = true;
    for (size_t i = 1; i < 5; i++)
        all[i] = all[0];
    all[1].batches = true;
    all[2].o.statistic = STROMA_SCREEN_VALUES;
    all[3].number = true;
    all[4].question = STROMA_QUESTION_PREDICTIVE;
    all[4].o.min_p = false;
    for (size_t i = 0; i < 5; i++)
        assert_true(alloc_fail_each(one, &all[i]) > 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_screen) };
    return cmocka_run_group_tests_name("screen_no_memory", tests, NULL, NULL);
}
