/* SPDX-License-Identifier: GPL-3.0-or-later */
/* No memory at any point of open → read → summarise: a status and nothing kept. */
#include "alloc_fail.h"
#include "fcs_build.h"

static const unsigned char events[2 * 2 * 600];

static stroma_status open_and_read(void *context)
{
    const fcs_bytes *b = context;
    stroma_fcs *f = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    STROMA_TRY(stroma_fcs_open_memory(b->bytes, b->len, "a.fcs", NULL, NULL, &f, &err));
    const stroma_fcs_dataset *d = stroma_fcs_get(f, 0);
    double x[8], *const out[] = { x };
    const size_t one = 1;
    stroma_fcs_summary sums[2];
    stroma_status s = stroma_fcs_read(d, STROMA_FCS_LINEAR, 3, 8, &one, 1, out, &err);
    if (s == STROMA_OK) s = stroma_fcs_summarise(d, "a.fcs", NULL, sums, &err);
    stroma_fcs_close(f);
    return s;
}

/* Integers with a table of the logarithmic scale, a TEXT that is read by two rules, stains in
 * Latin-1; then delimited ASCII with its marks. */
static void each_allocation(void **state)
{
    (void)state;
    static fcs_bytes bytes;
    const fcs_build integers = {
        .text = "|$DATATYPE|I|$MODE|L|$BYTEORD|1,2|$PAR|2|$TOT|600|$P1B|16|$P1R|256"
                "|$P1E|4,1|$P2B|16|$P2R|1024|$P1N||$P2N|B|$P2S|\xB5|$NEXTDATA|0|",
        .data = events,
        .data_len = sizeof events
    };
    const fcs_build ascii = {
        .text = "|$DATATYPE|A|$MODE|L|$BYTEORD|1,2|$PAR|2|$TOT|11|$P1B|*|$P1R|256|$P2B"
                "|*|$P2R|1024|$P1N|A|$P2N|B|$NEXTDATA|0|",
        .data = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 ",
        .data_len = 56
    };
    fcs_build_add(&integers, &bytes);
    assert_true(alloc_fail_each(open_and_read, &bytes) >= 8);
    bytes.len = 0;
    fcs_build_add(&ascii, &bytes);
    assert_true(alloc_fail_each(open_and_read, &bytes) >= 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(each_allocation) };
    return cmocka_run_group_tests_name("fcs_no_memory", tests, NULL, NULL);
}
