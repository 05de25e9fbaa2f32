/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A data set that was read, as content to write. */
#include "fcs_write_private.h"

#include "stroma/fcs_export.h"
#include "stroma/memory.h"
#include "stroma/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { SCAN_EVENTS = 4096 };

struct stroma_fcs_rewrite {
    const stroma_fcs_dataset *d;
    stroma_fcs_content content;
    stroma_fcs_pair *keywords;
    stroma_fcs_out_parameter *parameters;
    /* channels read as stored come first, the others are read as linear values */
    size_t *channel, stored_len;
    double **to; /* where those of a block go, in the order of channel */
};

/* What is of one type stays so; what FCS 3.1 cannot say is double. */
static stroma_fcs_type type_of(const stroma_fcs_dataset *d)
{
    const stroma_fcs_type type = d->parameters_len > 0 ? d->parameters[0].type : STROMA_FCS_DOUBLE;
    for (size_t j = 0; j < d->parameters_len; j++) {
        const stroma_fcs_parameter *p = &d->parameters[j];
        if (p->type != type || p->type == STROMA_FCS_ASCII) return STROMA_FCS_DOUBLE;
        if (p->type == STROMA_FCS_INTEGER && p->range > 0x1p64) return STROMA_FCS_DOUBLE;
    }
    return type;
}

static unsigned widened(unsigned bits)
{
    return bits <= 8 ? 8 : bits <= 16 ? 16 : bits <= 32 ? 32 : 64;
}

/* The largest stored value of a channel, for the range of its integers. */
static stroma_status largest_value(const stroma_fcs_dataset *d, size_t j, double *out,
                                   stroma_error *err)
{
    double *x = stroma_alloc_array(SCAN_EVENTS, sizeof *x);
    if (x == NULL) return stroma_no_memory(err);
    stroma_status s = STROMA_OK;
    *out = 0;
    for (uint64_t first = 0; s == STROMA_OK && first < d->n_events; first += SCAN_EVENTS) {
        const uint64_t left = d->n_events - first;
        const size_t n = left < SCAN_EVENTS ? (size_t)left : SCAN_EVENTS;
        s = stroma_fcs_read(d, STROMA_FCS_STORED, first, n, &j, 1, &x, err);
        for (size_t i = 0; s == STROMA_OK && i < n; i++)
            if (x[i] > *out) *out = x[i];
    }
    stroma_free(x);
    return s;
}

static stroma_status integer_range(const stroma_fcs_dataset *d, size_t j,
                                   stroma_fcs_out_parameter *p, stroma_error *err)
{
    const stroma_fcs_parameter *in = &d->parameters[j];
    if (in->type == STROMA_FCS_INTEGER) {
        if (p->range < 1) p->range = (double)in->mask + 1;
        /* a range beyond the width counts where the scale is logarithmic: it stays */
        p->bits = widened(in->bits);
        while (p->bits < 64 && p->range > ldexp(1, (int)p->bits))
            p->bits *= 2;
        return STROMA_OK;
    }
    double most = 0;
    STROMA_TRY(largest_value(d, j, &most, err));
    p->bits = 32;
    p->range = fmax(p->range, 1);
    if (most + 0.5 >= p->range) p->range = exp2(floor(log2(most + 0.5)) + 1);
    p->range = fmin(p->range, 4294967296.0);
    return STROMA_OK;
}

/* A reader has no use for a range of 1 or less; what the file says is kept all the same. */
static double range_of(const stroma_fcs_dataset *d, size_t j)
{
    char keyword[32];
    double said = 0;
    if (d->parameters[j].range > 0) return d->parameters[j].range;
    (void)snprintf(keyword, sizeof keyword, "$P%zuR", j + 1);
    const char *text = stroma_fcs_text(d, keyword);
    const bool number = text != NULL && stroma_parse_double(text, strlen(text), '.', &said);
    return number && said >= 0 ? said : 0;
}

static stroma_status make_parameter(stroma_fcs_rewrite *r, size_t j, bool *linear,
                                    stroma_error *err)
{
    const stroma_fcs_parameter *in = &r->d->parameters[j];
    stroma_fcs_out_parameter *p = &r->parameters[j];
    *p = (stroma_fcs_out_parameter){
        .name = in->name, .stain = in->stain, .range = range_of(r->d, j), .gain = in->gain
    };
    *linear = false;
    if (r->content.type == STROMA_FCS_INTEGER) {
        p->log_decades = in->log_decades;
        p->log_offset = in->log_offset;
        return integer_range(r->d, j, p, err);
    }
    if (in->log_decades > 0) {
        *linear = true;
        p->range = in->log_offset * pow(10, in->log_decades);
        p->gain = 0;
    }
    return STROMA_OK;
}

static stroma_status fill(void *context, uint64_t first, size_t n, double *const *out,
                          stroma_error *err)
{
    stroma_fcs_rewrite *r = context;
    const size_t k = r->d->parameters_len, stored = r->stored_len;
    for (size_t i = 0; i < k; i++)
        r->to[i] = out[r->channel[i]];
    if (stored > 0)
        STROMA_TRY(
            stroma_fcs_read(r->d, STROMA_FCS_STORED, first, n, r->channel, stored, r->to, err));
    if (stored == k) return STROMA_OK;
    return stroma_fcs_read(r->d, STROMA_FCS_LINEAR, first, n, r->channel + stored, k - stored,
                           r->to + stored, err);
}

/* Extra keywords first, so that they win over those of the file. */
static stroma_status make_keywords(stroma_fcs_rewrite *r, const stroma_fcs_rewrite_options *o,
                                   stroma_error *err)
{
    const stroma_fcs_dataset *d = r->d;
    r->keywords = stroma_alloc_array(d->keywords_len + o->extra_len, sizeof *r->keywords);
    if (r->keywords == NULL) return stroma_no_memory(err);
    size_t n = 0;
    for (size_t i = 0; i < d->keywords_len; i++) {
        bool replaced = false;
        for (size_t e = 0; e < o->extra_len && !replaced; e++)
            replaced = strcasecmp(o->extra[e].name, d->keywords[i].name) == 0;
        if (!replaced)
            r->keywords[n++] =
                (stroma_fcs_pair){ .name = d->keywords[i].name, .value = d->keywords[i].value };
    }
    for (size_t e = 0; e < o->extra_len; e++)
        r->keywords[n++] = o->extra[e];
    r->content.keywords = r->keywords;
    r->content.keywords_len = n;
    return STROMA_OK;
}

static stroma_status build(stroma_fcs_rewrite *r, const stroma_fcs_rewrite_options *o,
                           stroma_error *err)
{
    const stroma_fcs_dataset *d = r->d;
    const size_t k = d->parameters_len;
    r->content = (stroma_fcs_content){ .n_events = d->n_events,
                                       .type = o->type != 0 ? o->type : type_of(d),
                                       .parameters_len = k,
                                       .fill = fill,
                                       .context = r };
    r->parameters = stroma_alloc_array(k, sizeof *r->parameters);
    r->channel = stroma_alloc_array(k, sizeof *r->channel);
    r->to = stroma_alloc_array(k, sizeof(double *));
    if (r->parameters == NULL || r->channel == NULL || r->to == NULL) return stroma_no_memory(err);
    r->content.parameters = r->parameters;
    size_t linear_len = 0;
    for (size_t j = 0; j < k; j++) {
        bool linear = false;
        STROMA_TRY(make_parameter(r, j, &linear, err));
        if (linear)
            r->channel[k - ++linear_len] = j;
        else
            r->channel[r->stored_len++] = j;
    }
    return make_keywords(r, o, err);
}

stroma_status stroma_fcs_rewrite_new(const stroma_fcs_dataset *d,
                                     const stroma_fcs_rewrite_options *opts,
                                     stroma_fcs_rewrite **out, stroma_error *err)
{
    const stroma_fcs_rewrite_options usual = STROMA_FCS_REWRITE_OPTIONS_INIT;
    *out = NULL;
    stroma_fcs_rewrite *r = stroma_alloc_array(1, sizeof *r);
    if (r == NULL) return stroma_no_memory(err);
    r->d = d;
    const stroma_status s = build(r, opts != NULL ? opts : &usual, err);
    if (s == STROMA_OK)
        *out = r;
    else
        stroma_fcs_rewrite_free(r);
    return s;
}

const stroma_fcs_content *stroma_fcs_rewrite_content(const stroma_fcs_rewrite *r)
{
    return &r->content;
}

void stroma_fcs_rewrite_free(stroma_fcs_rewrite *r)
{
    if (r == NULL) return;
    stroma_free(r->keywords);
    stroma_free(r->parameters);
    stroma_free(r->channel);
    stroma_free(r->to);
    stroma_free(r);
}
