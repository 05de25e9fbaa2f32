/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events as delimited text. */
#include "fcs_write_private.h"

#include "stroma/fcs_export.h"
#include "stroma/memory.h"
#include "stroma/number.h"

#include <math.h>
#include <string.h>

enum { BLOCK_EVENTS = 2048, FLUSH_BYTES = 1 << 16 };

/* Digits of a non-negative integer. */
static void put_integer(stroma_buffer *b, uint64_t x)
{
    char digits[24];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + (int)(x % 10));
        x /= 10;
    } while (x > 0);
    stroma_buffer_append(b, digits + at, sizeof digits - at);
}

/* x = m / 10^k exactly as a reader sees it: the decimal point k places from the right. */
static void put_decimal(stroma_buffer *b, uint64_t m, int k)
{
    char digits[32];
    size_t at = sizeof digits;
    for (int i = 0; i < k; i++, m /= 10)
        digits[--at] = (char)('0' + (int)(m % 10));
    digits[--at] = '.';
    do {
        digits[--at] = (char)('0' + (int)(m % 10));
        m /= 10;
    } while (m > 0);
    stroma_buffer_append(b, digits + at, sizeof digits - at);
}

void fcs_put_float(stroma_buffer *b, float x)
{
    static const double power[] = {
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12
    };
    char text[STROMA_NUMBER_TEXT_MAX];
    const double a = fabs((double)x);
    if (signbit(x) && !isnan(x) && x != 0) stroma_buffer_putc(b, '-');
    if (x == 0 && signbit(x)) {
        stroma_buffer_puts(b, "-0");
        return;
    }
    if (a < 1e15 && a == floor(a)) {
        put_integer(b, (uint64_t)a);
        return;
    }
    /* m and 10^k are exact as doubles, so that m / 10^k is the double nearest to the decimal text:
     * the one a reader gets, before it becomes a float again. */
    for (size_t k = 1; a >= 1e-3 && a < 1e7 && k < sizeof power / sizeof power[0]; k++) {
        const double m = floor(a * power[k] + 0.5);
        if ((float)(m / power[k]) == (float)a) {
            put_decimal(b, (uint64_t)m, (int)k);
            return;
        }
    }
    if (isfinite(a)) {
        for (int digits = 1; digits <= 9; digits++) {
            double back = 0;
            (void)stroma_format_significant(a, digits, text);
            if (stroma_parse_double(text, strlen(text), '.', &back) && (float)back == (float)a)
                break;
        }
        stroma_buffer_puts(b, text);
        return;
    }
    stroma_buffer_puts(b, isnan(x) ? "NaN" : "Inf");
}

static void put_double(stroma_buffer *b, double x)
{
    char text[STROMA_NUMBER_TEXT_MAX];
    if (x == 0 && signbit(x))
        stroma_buffer_puts(b, "-0");
    else
        stroma_buffer_puts(b, stroma_format_double(x, text));
}

/* Whether the values are those of stored 32-bit floats. */
bool fcs_is_float_column(const stroma_fcs_parameter *p, stroma_fcs_scale scale)
{
    if (p->type != STROMA_FCS_FLOAT) return false;
    return scale == STROMA_FCS_STORED || (!p->is_time && (p->gain == 1 || p->gain == 0));
}

static void put_name(stroma_buffer *b, const char *name, char delimiter)
{
    const char special[] = { delimiter, '"', '\n', '\r', '\0' };
    if (name[strcspn(name, special)] == '\0') {
        stroma_buffer_puts(b, name);
        return;
    }
    stroma_buffer_putc(b, '"');
    for (; *name != '\0'; name++) {
        if (*name == '"') stroma_buffer_putc(b, '"');
        stroma_buffer_putc(b, *name);
    }
    stroma_buffer_putc(b, '"');
}

typedef struct text_job {
    stroma_fcs_sink sink;
    void *context;
    const stroma_fcs_dataset *d;
    stroma_fcs_scale scale;
    char delimiter;
    size_t *channel;
    double *values, **columns;
    bool *is_float;
    stroma_buffer out;
} text_job;

static stroma_status flush(text_job *j, stroma_error *err)
{
    STROMA_TRY(stroma_buffer_status(&j->out, err));
    STROMA_TRY(j->sink(j->context, j->out.data, j->out.len, err));
    stroma_buffer_reset(&j->out);
    return STROMA_OK;
}

static stroma_status put_events(text_job *j, stroma_error *err)
{
    const size_t k = j->d->parameters_len;
    for (uint64_t first = 0; first < j->d->n_events; first += BLOCK_EVENTS) {
        const uint64_t left = j->d->n_events - first;
        const size_t n = left < BLOCK_EVENTS ? (size_t)left : BLOCK_EVENTS;
        STROMA_TRY(stroma_fcs_read(j->d, j->scale, first, n, j->channel, k, j->columns, err));
        for (size_t i = 0; i < n; i++) {
            for (size_t c = 0; c < k; c++) {
                if (c > 0) stroma_buffer_putc(&j->out, j->delimiter);
                if (j->is_float[c])
                    fcs_put_float(&j->out, (float)j->columns[c][i]);
                else
                    put_double(&j->out, j->columns[c][i]);
            }
            stroma_buffer_putc(&j->out, '\n');
            if (j->out.len >= FLUSH_BYTES) STROMA_TRY(flush(j, err));
        }
    }
    return j->out.len > 0 ? flush(j, err) : stroma_buffer_status(&j->out, err);
}

static stroma_status put_all(text_job *j, stroma_error *err)
{
    const size_t k = j->d->parameters_len;
    j->channel = stroma_alloc_array(k, sizeof *j->channel);
    j->values = stroma_alloc_array(k, BLOCK_EVENTS * sizeof *j->values);
    j->columns = stroma_alloc_array(k, sizeof(double *));
    j->is_float = stroma_alloc_array(k, sizeof *j->is_float);
    if (j->channel == NULL || j->values == NULL || j->columns == NULL || j->is_float == NULL)
        return stroma_no_memory(err);
    for (size_t c = 0; c < k; c++) {
        j->channel[c] = c;
        j->columns[c] = j->values + c * BLOCK_EVENTS;
        j->is_float[c] = fcs_is_float_column(&j->d->parameters[c], j->scale);
        if (c > 0) stroma_buffer_putc(&j->out, j->delimiter);
        put_name(&j->out, j->d->parameters[c].name, j->delimiter);
    }
    stroma_buffer_putc(&j->out, '\n');
    return put_events(j, err);
}

stroma_status stroma_fcs_write_text(stroma_fcs_sink sink, void *sink_context,
                                    const stroma_fcs_dataset *d, stroma_fcs_scale scale,
                                    char delimiter, stroma_error *err)
{
    text_job j = {
        .sink = sink, .context = sink_context, .d = d, .scale = scale, .delimiter = delimiter
    };
    stroma_buffer_init(&j.out, (size_t)1 << 30);
    const stroma_status s = put_all(&j, err);
    stroma_free(j.channel);
    stroma_free(j.values);
    stroma_free(j.columns);
    stroma_free(j.is_float);
    stroma_buffer_clear(&j.out);
    return s;
}
