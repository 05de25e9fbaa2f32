/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events into columns of double. */
#include "fcs_private.h"

#include <string.h>

enum { BLOCK_BYTES = 65536 }; /* of events, read once a channel: they should stay in the cache */

static uint64_t load(const unsigned char *p, unsigned bytes, const fcs_field *f)
{
    uint64_t v = 0;
    for (unsigned k = 0; k < bytes; k++)
        v |= (uint64_t)p[k] << 8 * f->order[k];
    return v;
}

static double as_number(uint64_t v, stroma_fcs_type type, uint64_t mask)
{
    float f;
    double d;
    const uint32_t low = (uint32_t)v;
    switch (type) {
    case STROMA_FCS_FLOAT: memcpy(&f, &low, 4); return (double)f;
    case STROMA_FCS_DOUBLE: memcpy(&d, &v, 8); return d;
    case STROMA_FCS_INTEGER:
    case STROMA_FCS_ASCII: break;
    }
    return (double)(v & mask);
}

/* Which kernel reads the field; FCS_KINDS: none, its bytes are put together one by one. */
static fcs_kind kind_of(const stroma_fcs_parameter *p, const fcs_field *f)
{
    if (f->swap == FCS_OTHER) return FCS_KINDS;
    if (p->type == STROMA_FCS_FLOAT) return FCS_F32;
    if (p->type == STROMA_FCS_DOUBLE) return FCS_F64;
    return f->width == 8    ? FCS_U8
           : f->width == 16 ? FCS_U16
           : f->width == 32 ? FCS_U32
           : f->width == 64 ? FCS_U64
                            : FCS_KINDS;
}

static void read_column(const stroma_fcs_dataset *d, uint64_t first, size_t n, size_t parameter,
                        double *out)
{
    const stroma_fcs_parameter *q = &d->parameters[parameter];
    const fcs_field *f = &d->data->fields[parameter];
    const size_t row = (size_t)(d->event_bits / 8);
    const unsigned char *p = d->data->events + (size_t)first * row + (size_t)(f->bit / 8);
    const fcs_kind kind = kind_of(q, f);
    const unsigned bytes = f->width / 8;
    if (d->data->kernels != NULL && kind != FCS_KINDS) {
        d->data->kernels->column[kind][f->swap == FCS_BIG](p, row, n, q->mask, out);
        return;
    }
    for (size_t i = 0; i < n; i++, p += row)
        out[i] = as_number(load(p, bytes, f), q->type, q->mask);
}

/* Are these four floats side by side, in one order? */
static bool are_four(const stroma_fcs_dataset *d, const size_t *parameter)
{
    const fcs_field *f = &d->data->fields[parameter[0]];
    if (d->data->kernels == NULL) return false;
    for (size_t i = 0; i < 4; i++)
        if (parameter[i] != parameter[0] + i || f[i].swap != f[0].swap ||
            kind_of(&d->parameters[parameter[i]], &f[i]) != FCS_F32)
            return false;
    return true;
}

/* Integers that are packed bit by bit, the highest bit first. */
static void read_packed(const stroma_fcs_dataset *d, uint64_t first, size_t n, size_t parameter,
                        double *out)
{
    const fcs_field *f = &d->data->fields[parameter];
    const uint64_t mask = d->parameters[parameter].mask;
    for (size_t i = 0; i < n; i++) {
        uint64_t bit = (first + i) * d->event_bits + f->bit, v = 0;
        for (unsigned left = f->width; left > 0;) {
            const unsigned in = (unsigned)(bit % 8), most = 8 - in,
                           take = left < most ? left : most;
            const unsigned byte = d->data->events[bit / 8];
            v = v << take | (byte >> (most - take) & ((1u << take) - 1));
            bit += take;
            left -= take;
        }
        out[i] = (double)(v & mask);
    }
}

static void read_block(const stroma_fcs_dataset *d, uint64_t first, size_t n,
                       const size_t *parameter, size_t k, double *const *out, size_t at)
{
    const size_t row = (size_t)(d->event_bits / 8);
    for (size_t i = 0; i < k; i++) {
        if (d->data->packed) {
            read_packed(d, first, n, parameter[i], out[i] + at);
        } else if (k - i >= 4 && are_four(d, parameter + i)) {
            const fcs_field *f = &d->data->fields[parameter[i]];
            double *const four[4] = { out[i] + at, out[i + 1] + at, out[i + 2] + at,
                                      out[i + 3] + at };
            d->data->kernels->four[f->swap == FCS_BIG](
                d->data->events + (size_t)first * row + (size_t)(f->bit / 8), row, n, four);
            i += 3;
        } else {
            read_column(d, first, n, parameter[i], out[i] + at);
        }
    }
}

static stroma_status check_request(const stroma_fcs_dataset *d, uint64_t first, size_t n,
                                   const size_t *parameter, size_t k, stroma_error *err)
{
    if (first > d->n_events || n > d->n_events - first)
        return stroma_fail(err, STROMA_E_USAGE,
                           "events %llu to %llu are asked for, but the data set has %llu",
                           (unsigned long long)first, (unsigned long long)first + n,
                           (unsigned long long)d->n_events);
    for (size_t i = 0; i < k; i++)
        if (parameter[i] >= d->parameters_len)
            return stroma_fail(err, STROMA_E_USAGE,
                               "channel %zu is asked for, but the data set has %zu",
                               parameter[i] + 1, d->parameters_len);
    return STROMA_OK;
}

stroma_status stroma_fcs_read(const stroma_fcs_dataset *d, stroma_fcs_scale scale, uint64_t first,
                              size_t n, const size_t *parameter, size_t k, double *const *out,
                              stroma_error *err)
{
    STROMA_TRY(check_request(d, first, n, parameter, k, err));
    if (n == 0) return STROMA_OK;
    if (d->data->ascii) {
        STROMA_TRY(fcs_ascii_read(d, first, n, parameter, k, out, err));
        for (size_t i = 0; i < k && scale == STROMA_FCS_LINEAR; i++)
            fcs_scale_linear(d, parameter[i], out[i], n);
        return STROMA_OK;
    }
    const size_t bytes = (size_t)(d->event_bits / 8);
    const size_t block = bytes >= BLOCK_BYTES / 8 ? 8 : BLOCK_BYTES / (bytes > 0 ? bytes : 1);
    for (size_t at = 0; at < n; at += block) {
        const size_t m = n - at < block ? n - at : block;
        read_block(d, first + at, m, parameter, k, out, at);
        for (size_t i = 0; i < k && scale == STROMA_FCS_LINEAR; i++)
            fcs_scale_linear(d, parameter[i], out[i] + at, m);
    }
    return STROMA_OK;
}
