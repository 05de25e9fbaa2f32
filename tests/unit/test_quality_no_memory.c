/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every allocation behind the checks of quality fails once. */
#include "alloc_fail.h"
#include "test_fcs_memory.h"

#include "stroma/cytometry_quality.h"

#include <math.h>

enum { EVENTS = 2500, CHANNELS = 5 };

typedef struct asked {
    const stroma_fcs_dataset *d;
    const stroma_panel *panel;
} asked;

static stroma_status run(void *context)
{
    const asked *a = context;
    stroma_quality_options o = STROMA_QUALITY_OPTIONS_INIT;
    stroma_quality q;
    o.panel = a->panel;
    const stroma_status s = stroma_quality_run(a->d, &o, &q, NULL);
    if (s == STROMA_OK) stroma_quality_clear(&q);
    return s;
}

static void each_allocation_may_fail(void **state)
{
    (void)state;
    static float x[EVENTS][CHANNELS];
    static test_fcs t;
    stroma_panel panel;
    for (int i = 0; i < EVENTS; i++) {
        x[i][0] = (float)(40000 + i * 37 % 1000);
        x[i][1] = (float)(40000 + i * 41 % 900);
        x[i][2] = i % 3 == 0 ? 0 : 262143; /* a pile at either end, and two peaks */
        x[i][3] = i == 17 ? NAN : (float)(i * 7919 % 2503);
        x[i][4] = (float)(i * 3 + i % 3);
    }
    test_fcs_open(&t, "FSC-A,FSC-H,Dye-A,B-A,Time", "|$TIMESTEP|0.01", &x[0][0], EVENTS);
    stroma_panel_init(&panel);
    const size_t k = stroma_panel_marker_add(&panel, "Dye-A");
    assert_true(k != SIZE_MAX);
    panel.dead_marker = "Dye-A";
    asked a = { t.d, &panel };
    assert_true(alloc_fail_each(run, &a) > 20);
    stroma_panel_clear(&panel);
    stroma_fcs_close(t.f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(each_allocation_may_fail) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
