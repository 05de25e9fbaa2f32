/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The n-th allocation fails, for every n: list a workspace, read its gates, count both ways, make
 * its polygons straight and write them. */
#include "alloc_fail.h"
#include "workspace_fcs.h"

#include "stroma/cytometry_workspace.h"
#include "stroma/file.h"

typedef struct inputs {
    stroma_bytes workspace;
    workspace_fcs fcs;
} inputs;

static stroma_status gates(const inputs *in, const stroma_fcs_dataset *d, stroma_gate_set *s,
                           stroma_buffer *out, stroma_error *err)
{
    stroma_gate_options opts = STROMA_GATE_OPTIONS_INIT;
    stroma_flowjo_difference list[16];
    STROMA_TRY(stroma_gates_parse((const char *)in->workspace.data, in->workspace.size, "a.wsp",
                                  "b.fcs", NULL, s, err));
    assert_true(s->gates_len <= 16);
    STROMA_TRY(stroma_flowjo_compare(s, d, &opts, list, err));
    const int low = stroma_gate_find(s, "/Early/Low");
    assert_true(list[low].count > 0 && list[low].count < EVENTS);
    STROMA_TRY(stroma_flowjo_straighten(s, err));
    return stroma_gates_write(s, out, err);
}

static stroma_status attempt(void *context)
{
    inputs *in = context;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_workspace w = { .version = "" };
    stroma_fcs *f = NULL;
    stroma_gate_set s;
    stroma_buffer out;
    stroma_gate_set_init(&s);
    stroma_buffer_init(&out, (size_t)16 << 20);
    stroma_status st = stroma_workspace_parse((const char *)in->workspace.data, in->workspace.size,
                                              "a.wsp", &w, &err);
    if (st == STROMA_OK)
        st = stroma_fcs_open_memory(in->fcs.bytes, in->fcs.size, "b.fcs", NULL, NULL, &f, &err);
    if (st == STROMA_OK) st = gates(in, stroma_fcs_preferred(f), &s, &out, &err);
    if (st != STROMA_OK && st != STROMA_E_NOMEM)
        print_message("# %s%s\n", err.context, err.message);
    stroma_buffer_clear(&out);
    stroma_gate_set_clear(&s);
    stroma_fcs_close(f);
    stroma_workspace_clear(&w);
    return st;
}

static void every_allocation(void **state)
{
    (void)state;
    static inputs in;
    make_fcs(&in.fcs);
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_bytes_read(test_source("tests/fuzz/corpus/workspace/two.wsp"), 0,
                                       &in.workspace, &err),
                     STROMA_OK);
    assert_int_equal(attempt(&in), STROMA_OK); /* what libxml2 makes once is made */
    assert_true(alloc_fail_each(attempt, &in) > 50);
    stroma_bytes_clear(&in.workspace);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_allocation) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
