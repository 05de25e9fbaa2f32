/* SPDX-License-Identifier: GPL-3.0-or-later */
/* $DATATYPE A: numbers as text, of a fixed number of characters or separated by blanks, commas and
 * line breaks. */
#include "fcs_private.h"

#include <string.h>

static bool separates(unsigned char c)
{
    return c == ' ' || c == ',' || c == '\t' || c == '\r' || c == '\n' || c == 0;
}

static size_t skip(const fcs_data *a, size_t at, bool separators)
{
    while (at < a->bytes && separates(a->events[at]) == separators)
        at++;
    return at;
}

stroma_status fcs_ascii_scan(fcs_job *j, uint64_t *n_events, stroma_error *err)
{
    fcs_data *a = j->data;
    const uint64_t tot = j->d->n_events_declared;
    const size_t channels = j->d->parameters_len;
    /* A number and what separates it take two bytes, so this is bounded by the file. */
    const size_t most = a->bytes / 2 / channels / FCS_MARK_EVENTS + 2;
    a->mark = stroma_arena_alloc(j->arena, most, sizeof *a->mark);
    if (a->mark == NULL) return stroma_no_memory(err);
    uint64_t n = 0;
    size_t channel = 0;
    for (size_t at = skip(a, 0, true); at < a->bytes && n < tot; at = skip(a, at, true)) {
        if (channel == 0 && n % FCS_MARK_EVENTS == 0) a->mark[n / FCS_MARK_EVENTS] = at;
        at = skip(a, at, false);
        channel = channel + 1 == channels ? 0 : channel + 1;
        n += channel == 0;
    }
    if (channel != 0 || (tot != UINT64_MAX && n < tot))
        fcs_find(j, "STROMA-FCS-005", STROMA_WARNING, NULL,
                 tot == UINT64_MAX ? "DATA holds %llu events and a part of one more"
                                   : "DATA holds %llu events, fewer than $TOT says",
                 (unsigned long long)n);
    *n_events = n;
    return STROMA_OK;
}

static stroma_status number_at(const fcs_data *a, size_t at, size_t n, double *out,
                               stroma_error *err)
{
    const char *text = (const char *)a->events + at;
    if (fcs_real(text, n, out)) return STROMA_OK;
    return stroma_fail_byte(err, STROMA_E_MALFORMED, (uint64_t)(a->events - a->file) + at,
                            "DATA holds \"%.*s\" where a number should stand",
                            (int)(n < 40 ? n : 40), text);
}

static stroma_status read_fixed(const stroma_fcs_dataset *d, uint64_t first, size_t n,
                                size_t parameter, double *out, stroma_error *err)
{
    const fcs_data *a = d->data;
    const size_t row = (size_t)(d->event_bits / 8), width = a->fields[parameter].width / 8;
    size_t at = (size_t)first * row + (size_t)(a->fields[parameter].bit / 8);
    for (size_t i = 0; i < n; i++, at += row)
        STROMA_TRY(number_at(a, at, width, &out[i], err));
    return STROMA_OK;
}

static bool is_ascending(const size_t *parameter, size_t k)
{
    for (size_t i = 1; i < k; i++)
        if (parameter[i] <= parameter[i - 1]) return false;
    return true;
}

/* One event from at; the columns asked for get their number. It moves on. */
static stroma_status read_event(const stroma_fcs_dataset *d, size_t *at, const size_t *parameter,
                                size_t k, bool ascending, double *const *out, size_t to,
                                stroma_error *err)
{
    const fcs_data *a = d->data;
    size_t next = 0; /* of an ascending request: the column not met yet */
    for (size_t channel = 0; channel < d->parameters_len; channel++) {
        const size_t end = skip(a, *at, false);
        for (size_t i = next; i < k; i++) {
            if (parameter[i] == channel) STROMA_TRY(number_at(a, *at, end - *at, &out[i][to], err));
            if (!ascending) continue;
            next += parameter[i] == channel;
            break;
        }
        *at = skip(a, end, true);
    }
    return STROMA_OK;
}

static stroma_status read_delimited(const stroma_fcs_dataset *d, uint64_t first, size_t n,
                                    const size_t *parameter, size_t k, double *const *out,
                                    stroma_error *err)
{
    const bool ascending = is_ascending(parameter, k);
    size_t at = (size_t)d->data->mark[first / FCS_MARK_EVENTS];
    for (uint64_t event = first / FCS_MARK_EVENTS * FCS_MARK_EVENTS; event < first; event++)
        STROMA_TRY(read_event(d, &at, parameter, 0, true, out, 0, err)); /* passed over */
    for (size_t i = 0; i < n; i++)
        STROMA_TRY(read_event(d, &at, parameter, k, ascending, out, i, err));
    return STROMA_OK;
}

stroma_status fcs_ascii_read(const stroma_fcs_dataset *d, uint64_t first, size_t n,
                             const size_t *parameter, size_t k, double *const *out,
                             stroma_error *err)
{
    if (d->data->delimited) return read_delimited(d, first, n, parameter, k, out, err);
    for (size_t i = 0; i < k; i++)
        STROMA_TRY(read_fixed(d, first, n, parameter[i], out[i], err));
    return STROMA_OK;
}
