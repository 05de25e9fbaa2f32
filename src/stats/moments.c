/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "moments.h"

#include "stroma/number.h"

#include <math.h>

moments stroma_moments_of(const double *x, size_t n)
{
    moments m = { dd_from(0), dd_from(0), dd_from(0) };
    for (size_t i = 0; i < n; i++)
        m.sum = dd_add(m.sum, dd_from(x[i]));
    m.mean = dd_divide(m.sum, (double)n);
    for (size_t i = 0; i < n; i++) {
        const double_double d = dd_subtract(dd_from(x[i]), m.mean);
        m.squares = dd_add(m.squares, dd_multiply(d, d));
    }
    return m;
}

stroma_status stroma_sample_check(const double *x, size_t n, const char *what, stroma_error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (fabs(x[i]) <= 1e140) continue;
        char text[STROMA_NUMBER_TEXT_MAX];
        (void)stroma_fail(err, STROMA_E_USAGE, "%s: value %zu is %s, not a number within 1e140",
                          what, i + 1, stroma_format_double(x[i], text));
        stroma_hint(err, "leave missing values out before the test");
        return STROMA_E_USAGE;
    }
    return STROMA_OK;
}

stroma_status stroma_level_check(double level, stroma_error *err)
{
    if (level > 0 && level < 1) return STROMA_OK;
    char text[STROMA_NUMBER_TEXT_MAX];
    (void)stroma_fail(err, STROMA_E_USAGE, "confidence level %s is not between 0 and 1",
                      stroma_format_double(level, text));
    stroma_hint(err, "give a fraction, for example 0.95");
    return STROMA_E_USAGE;
}
