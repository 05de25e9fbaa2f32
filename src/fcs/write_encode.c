/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers to stored bytes: columns of doubles into rows of events. */
#include "fcs_write_private.h"

#include <float.h>
#include <math.h>
#include <string.h>

unsigned fcs_stored_bytes(const stroma_fcs_content *c, size_t parameter)
{
    if (c->type == STROMA_FCS_FLOAT) return 4;
    if (c->type == STROMA_FCS_DOUBLE) return 8;
    const unsigned bits = c->parameters[parameter].bits;
    return bits == 0 ? 4 : bits / 8;
}

static void put(unsigned char *to, uint64_t bits, unsigned bytes, bool big_endian)
{
    for (unsigned i = 0; i < bytes; i++)
        to[big_endian ? bytes - 1 - i : i] = (unsigned char)(bits >> (8 * i) & 0xFFU);
}

static void encode_floats(const double *x, size_t n, unsigned char *to, size_t stride,
                          bool big_endian, stroma_fcs_changes *changes)
{
    for (size_t i = 0; i < n; i++, to += stride) {
        const float f = (float)x[i];
        if ((double)f != x[i] && !isnan(x[i])) {
            if (isinf(f))
                changes->overflowed++;
            else
                changes->narrowed++;
        }
        uint32_t bits = 0;
        memcpy(&bits, &f, sizeof bits);
        if (big_endian) bits = __builtin_bswap32(bits);
        memcpy(to, &bits, sizeof bits);
    }
}

static void encode_doubles(const double *x, size_t n, unsigned char *to, size_t stride,
                           bool big_endian)
{
    for (size_t i = 0; i < n; i++, to += stride) {
        uint64_t bits = 0;
        memcpy(&bits, &x[i], sizeof bits);
        if (big_endian) bits = __builtin_bswap64(bits);
        memcpy(to, &bits, sizeof bits);
    }
}

/* The largest value a reader gets back: integers are masked to the next power of two of $PnR. */
static uint64_t largest(const stroma_fcs_out_parameter *p, unsigned bytes)
{
    const uint64_t all = bytes == 8 ? UINT64_MAX : ((uint64_t)1 << (8 * bytes)) - 1;
    uint64_t mask = 1;
    while (mask < all && (double)mask + 1 < p->range)
        mask = mask << 1 | 1;
    return mask < all ? mask : all;
}

static stroma_status refuse(const stroma_fcs_out_parameter *p, uint64_t event, double x,
                            uint64_t top, stroma_error *err)
{
    const stroma_status s =
        stroma_fail(err, STROMA_E_INCONSISTENT,
                    "event %llu, channel \"%s\": %.17g is no integer from 0 to %llu",
                    (unsigned long long)event + 1, p->name, x, (unsigned long long)top);
    stroma_hint(err, "write float or double, or have values rounded");
    return s;
}

/* @p x as an integer from 0 to @p top. */
static uint64_t nearest(double x, uint64_t top, stroma_fcs_changes *changes)
{
    if (isnan(x)) {
        changes->not_numbers++;
        return 0;
    }
    const double r = x == floor(x) ? x : floor(x + 0.5); /* large ones have no halves */
    if (r < 0) {
        changes->below++;
        return 0;
    }
    if (r >= 18446744073709551616.0 || (uint64_t)r > top) {
        changes->above++;
        return top;
    }
    if (r != x) changes->rounded++;
    return (uint64_t)r;
}

static bool fits(double x, uint64_t top)
{
    return x >= 0 && x < 18446744073709551616.0 && x == floor(x) && (uint64_t)x <= top;
}

stroma_status fcs_encode(const stroma_fcs_content *c, const stroma_fcs_write_options *o,
                         double *const *columns, uint64_t first, size_t n, unsigned char *rows,
                         size_t row_bytes, stroma_fcs_changes *changes, stroma_error *err)
{
    for (size_t j = 0; j < c->parameters_len; j++) {
        const unsigned bytes = fcs_stored_bytes(c, j);
        const double *x = columns[j];
        unsigned char *to = rows;
        rows += bytes;
        if (c->type == STROMA_FCS_FLOAT) {
            encode_floats(x, n, to, row_bytes, o->big_endian, changes);
            continue;
        }
        if (c->type == STROMA_FCS_DOUBLE) {
            encode_doubles(x, n, to, row_bytes, o->big_endian);
            continue;
        }
        const uint64_t top = largest(&c->parameters[j], bytes);
        for (size_t i = 0; i < n; i++, to += row_bytes) {
            if (!o->round && !fits(x[i], top))
                return refuse(&c->parameters[j], first + i, x[i], top, err);
            put(to, nearest(x[i], top, changes), bytes, o->big_endian);
        }
    }
    return STROMA_OK;
}
