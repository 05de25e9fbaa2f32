/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory that runs out at any place of writing, rewriting, exporting and scrubbing ends in NOMEM.
 */
#include "alloc_fail.h"

#include "stroma/fcs_export.h"
#include "stroma/fcs_scrub.h"
#include "stroma/memory.h"

#include <string.h>

enum { EVENTS = 50, FILE_BYTES_MAX = 1 << 16 };

/* A sink without memory of its own. */
typedef struct fixed {
    unsigned char bytes[FILE_BYTES_MAX];
    size_t size;
} fixed;

static stroma_status into_fixed(void *context, const void *bytes, size_t n, stroma_error *err)
{
    fixed *f = context;
    if (n > sizeof f->bytes - f->size) return stroma_fail(err, STROMA_E_INTERNAL, "too long");
    memcpy(f->bytes + f->size, bytes, n);
    f->size += n;
    return STROMA_OK;
}

static stroma_status ramp(void *context, uint64_t first, size_t n, double *const *out,
                          stroma_error *err)
{
    (void)err;
    const size_t k = *(const size_t *)context;
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < n; i++)
            out[j][i] = (double)(first + i + j);
    return STROMA_OK;
}

static const stroma_fcs_out_parameter parameters[] = {
    { .name = "FSC-A", .bits = 16, .range = 1024 },
    { .name = "CD4", .stain = "CD4", .bits = 16, .range = 1024, .log_decades = 4, .log_offset = 1 },
};
static const stroma_fcs_pair keywords[] = { { "$OP", "Somebody" },
                                            { "$DATE", "19-FEB-2019" },
                                            { "$CYT", "cytometer of Somebody" } };
static size_t channels = 2;

static stroma_status write_it(void *context)
{
    fixed *f = context;
    f->size = 0;
    const stroma_fcs_content c = { .keywords = keywords,
                                   .keywords_len = 3,
                                   .n_events = EVENTS,
                                   .type = STROMA_FCS_INTEGER,
                                   .parameters = parameters,
                                   .parameters_len = 2,
                                   .fill = ramp,
                                   .context = &channels };
    return stroma_fcs_write_to(into_fixed, f, &c, 1, NULL, NULL, NULL);
}

static stroma_fcs *source;

static stroma_status rewrite_it(void *context)
{
    fixed *f = context;
    f->size = 0;
    stroma_fcs_rewrite *r = NULL;
    stroma_fcs_rewrite_options o = STROMA_FCS_REWRITE_OPTIONS_INIT;
    o.type = STROMA_FCS_FLOAT;
    STROMA_TRY(stroma_fcs_rewrite_new(stroma_fcs_preferred(source), &o, &r, NULL));
    const stroma_status s =
        stroma_fcs_write_to(into_fixed, f, stroma_fcs_rewrite_content(r), 1, NULL, NULL, NULL);
    stroma_fcs_rewrite_free(r);
    return s;
}

static stroma_status text_it(void *context)
{
    fixed *f = context;
    f->size = 0;
    return stroma_fcs_write_text(into_fixed, f, stroma_fcs_preferred(source), STROMA_FCS_LINEAR,
                                 ',', NULL);
}

static stroma_status columns_it(void *context)
{
    fixed *f = context;
    f->size = 0;
    return stroma_fcs_write_columns(into_fixed, f, stroma_fcs_preferred(source), STROMA_FCS_LINEAR,
                                    NULL, NULL);
}

static stroma_status scrub_it(void *context)
{
    fixed *f = context;
    f->size = 0;
    stroma_fcs_scrub *s = NULL;
    stroma_fcs_scrub_options o = STROMA_FCS_SCRUB_OPTIONS_INIT;
    o.shift_dates = true;
    o.shift_days = 10;
    STROMA_TRY(stroma_fcs_scrub_new(source, "m", &o, NULL, &s, NULL));
    size_t n = 0;
    const stroma_fcs_content *sets = stroma_fcs_scrub_content(s, &n);
    const stroma_status st = stroma_fcs_write_to(into_fixed, f, sets, n, NULL, NULL, NULL);
    stroma_fcs_scrub_free(s);
    return st;
}

static void every_allocation(void **state)
{
    (void)state;
    static fixed first, other;
    assert_true(alloc_fail_each(write_it, &first) > 5);
    assert_int_equal(
        stroma_fcs_open_memory(first.bytes, first.size, "m", NULL, NULL, &source, NULL), STROMA_OK);
    assert_true(alloc_fail_each(rewrite_it, &other) > 10);
    assert_true(alloc_fail_each(text_it, &other) > 4);
    assert_true(alloc_fail_each(columns_it, &other) > 3);
    assert_true(alloc_fail_each(scrub_it, &other) > 5);
    assert_null(memmem(other.bytes, other.size, "$OP", 3));
    assert_non_null(memmem(other.bytes, other.size, "01-Mar-2019", 11));
    stroma_fcs_close(source);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_allocation) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
