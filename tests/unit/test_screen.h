/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames and screens for the tests of screening. */
#ifndef STROMA_TEST_SCREEN_H
#define STROMA_TEST_SCREEN_H
#include "stroma_test.h"

#include "stroma/biomarker_screen.h"
#include "stroma/random.h"

#include <math.h>

static inline stroma_screen *screen(const stroma_biomarker_frame *f, const stroma_screen_options *o)
{
    stroma_screen *s = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    const stroma_status status = stroma_biomarker_screen(f, o, &s, &err);
    if (status != STROMA_OK) fail_msg("%s: %s", stroma_status_name(status), err.message);
    return s;
}

/* Normal candidates in groups of five with a shared part; `events` of n have the outcome. */
static inline stroma_biomarker_frame *simulate(size_t n, size_t events, size_t columns,
                                               double shared, stroma_random *r)
{
    stroma_biomarker_frame *f = NULL;
    assert_int_equal(stroma_biomarker_frame_new(n, columns, &f, NULL), STROMA_OK);
    f->event = "yes";
    for (size_t i = 0; i < n; i++) {
        double common = 0;
        f->outcome[i] = i < events;
        f->subject[i] = "S";
        for (size_t k = 0; k < columns; k++) {
            stroma_biomarker_column *c = &f->columns[k];
            if (k % 5 == 0) common = stroma_random_normal(r);
            c->name = "marker";
            c->day = 0;
            c->value[i] = sqrt(shared) * common + sqrt(1 - shared) * stroma_random_normal(r);
            c->state[i] = STROMA_PRESENT;
        }
    }
    return f;
}

static inline void ask(stroma_biomarker_frame *f, stroma_biomarker_question q)
{
    for (size_t k = 0; k < f->columns_len; k++)
        f->columns[k].question = q;
}

static inline void put(stroma_biomarker_column *c, size_t i, double x, stroma_cell_state state)
{
    c->value[i] = x;
    c->state[i] = (uint8_t)state;
}

#endif
