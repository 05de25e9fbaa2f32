/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "xpt_number.h"

#include <math.h>
#include <stdint.h>

/* value = sign × 0.mantissa₁₆ × 16^(exponent − 64), 7 bits of exponent and 56 of mantissa
 * (SAS Institute TS-140, "The Record Layout of a Data Set in SAS Transport Format"). The mantissa
 * of a number that was a double has at most 53 significant bits, so the conversion is exact. */
char xpt_number(const unsigned char *p, size_t width, double *out)
{
    uint64_t mantissa = 0;
    for (size_t i = 1; i < 8; i++)
        mantissa = mantissa << 8 | (i < width ? p[i] : 0U);
    *out = 0;
    if (mantissa == 0) {
        if (p[0] == '.' || p[0] == '_') return (char)p[0];
        if (p[0] >= 'A' && p[0] <= 'Z') return (char)(p[0] - 'A' + 'a');
        return 0; /* zero, whatever the sign and exponent */
    }
    const int exponent = (p[0] & 0x7F) - 64;
    const double x = ldexp((double)mantissa, 4 * exponent - 56);
    *out = (p[0] & 0x80) != 0 ? -x : x;
    return 0;
}
