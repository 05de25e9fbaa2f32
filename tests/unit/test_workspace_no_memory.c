/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The n-th allocation fails, for every n: list a workspace, read its gates, count both ways, make
 * its polygons straight and write them. */
#include "alloc_fail.h"

#include "stroma/cytometry_workspace.h"
#include "stroma/file.h"

#include <string.h>

enum { EVENTS = 100, CHANNELS = 5, TEXT_MAX = 1000 };

typedef struct inputs {
    stroma_bytes workspace;
    unsigned char fcs[58 + TEXT_MAX + EVENTS * CHANNELS * 4];
    size_t fcs_size;
} inputs;

/* 100 events of five channels, float, little-endian: a grid through the gates. */
static void make_fcs(inputs *in)
{
    static const char *const names[CHANNELS] = { "Time", "FSC-A", "SSC-A", "A", "B" };
    char text[TEXT_MAX];
    int n = snprintf(text, sizeof text,
                     "/$BEGINANALYSIS/0/$ENDANALYSIS/0/$BEGINSTEXT/0/$ENDSTEXT/0/$MODE/L/"
                     "$BYTEORD/1,2,3,4/$DATATYPE/F/$NEXTDATA/0/$PAR/%d/$TOT/%d/$TIMESTEP/0.01/"
                     "$FIL/a.fcs/",
                     CHANNELS, EVENTS);
    for (int i = 0; i < CHANNELS; i++)
        n +=
            snprintf(text + n, sizeof text - (size_t)n, "$P%dN/%s/$P%dB/32/$P%dE/0,0/$P%dR/262144/",
                     i + 1, names[i], i + 1, i + 1, i + 1);
    const int begin = 58 + n + 50, end = begin + EVENTS * CHANNELS * 4 - 1;
    n += snprintf(text + n, sizeof text - (size_t)n, "$BEGINDATA/%d/$ENDDATA/%d/", begin, end);
    memset(in->fcs, ' ', (size_t)begin);
    (void)snprintf((char *)in->fcs, 59, "FCS3.1    %8d%8d%8d%8d%8d%8d", 58, 57 + n, begin, end, 0,
                   0);
    memcpy(in->fcs + 58, text, (size_t)n);
    in->fcs_size = (size_t)end + 1;
    for (int e = 0; e < EVENTS; e++) {
        const float x[CHANNELS] = { (float)e * 50, 131072 + (float)(e - 50) * 2000,
                                    131072 + (float)(e % 10 - 5) * 9000, (float)(e * 11 - 100),
                                    (float)(1000 - e * 10) };
        memcpy(in->fcs + begin + e * CHANNELS * 4, x, sizeof x);
    }
}

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
        st = stroma_fcs_open_memory(in->fcs, in->fcs_size, "b.fcs", NULL, NULL, &f, &err);
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
    make_fcs(&in);
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
