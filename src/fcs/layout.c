/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the parameters of an event lie side by side, and in which order the bytes of a number. */
#include "fcs_private.h"

#include <string.h>

typedef struct byte_order {
    unsigned n;              /* numbers in $BYTEORD; 0 when it is missing */
    uint8_t significance[8]; /* of byte k of the file, 0 the least */
    bool ascending, descending;
} byte_order;

static stroma_status wrong_order(const fcs_job *j, const char *text, stroma_error *err)
{
    const stroma_status s = stroma_fail_byte(
        err, STROMA_E_MALFORMED, j->text.begin,
        text == NULL ? "$BYTEORD is missing, so that the bytes of a number cannot be put together"
                     : "$BYTEORD \"%.40s\" is no order of the bytes of a number",
        text);
    stroma_hint(err, "it should be 1,2,3,4 (little-endian) or 4,3,2,1 (big-endian)");
    return s;
}

static stroma_status read_order(const fcs_job *j, byte_order *o, stroma_error *err)
{
    const char *text = stroma_fcs_text(j->d, "$BYTEORD");
    unsigned seen = 0;
    *o = (byte_order){ .ascending = true, .descending = true };
    if (text == NULL || text[0] == '\0') return STROMA_OK;
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == ',' || *p == ' ' || *p == ';') continue;
        const unsigned digit = (unsigned)(*p - '1');
        if (digit > 7 || (seen & 1u << digit) != 0) return wrong_order(j, text, err);
        seen |= 1u << digit;
        o->significance[o->n++] = (uint8_t)digit;
    }
    if (seen + 1 != 1u << o->n) return wrong_order(j, text, err);
    for (unsigned k = 1; k < o->n; k++) {
        o->ascending &= o->significance[k] > o->significance[k - 1];
        o->descending &= o->significance[k] < o->significance[k - 1];
    }
    return STROMA_OK;
}

/* The order in a word of @p bytes, from one given for words of o->n bytes. */
static bool order_word(const byte_order *o, unsigned bytes, fcs_field *f)
{
    static const uint8_t pdp[] = { 2, 3, 0, 1 }, honeywell[] = { 1, 0, 3, 2 };
    const bool is_pdp = o->n == 4 && memcmp(o->significance, pdp, 4) == 0;
    const bool is_honeywell = o->n == 4 && memcmp(o->significance, honeywell, 4) == 0;
    if (bytes > 1 && o->n == 0) return false;
    f->swap = o->ascending ? FCS_LITTLE : o->descending ? FCS_BIG : FCS_OTHER;
    for (unsigned k = 0; k < bytes && k < sizeof f->order; k++) {
        if (bytes == 1 || f->swap == FCS_LITTLE)
            f->order[k] = (uint8_t)k;
        else if (f->swap == FCS_BIG)
            f->order[k] = (uint8_t)(bytes - 1 - k);
        else if (bytes == o->n)
            f->order[k] = o->significance[k];
        else if (is_pdp && bytes % 2 == 0) /* words of 16 bits, the highest first */
            f->order[k] = (uint8_t)(bytes - 2 - k / 2 * 2 + k % 2);
        else if (is_honeywell && bytes % 2 == 0)
            f->order[k] = (uint8_t)(k / 2 * 2 + 1 - k % 2);
        else
            return false;
    }
    if (bytes == 1) f->swap = FCS_LITTLE;
    return true;
}

static unsigned width_in(const stroma_fcs_parameter *p, fcs_layout layout)
{
    if (layout == FCS_AS_DOUBLE && p->type == STROMA_FCS_FLOAT && p->mask == 64) return 64;
    if (p->type != STROMA_FCS_INTEGER) return p->bits;
    if (layout == FCS_AS_BYTES) return (p->bits + 7) / 8 * 8;
    if (layout == FCS_AS_WORDS && p->bits % 8 != 0)
        return p->bits <= 8 ? 8 : p->bits <= 16 ? 16 : p->bits <= 32 ? 32 : 64;
    return p->bits;
}

uint64_t fcs_layout_bits(const fcs_job *j, fcs_layout layout)
{
    uint64_t said = 0, bits = 0;
    if (layout == FCS_DESCRIBED && j->described == j->d->parameters_len) return 0;
    const size_t n = layout == FCS_DESCRIBED ? j->described : j->d->parameters_len;
    for (size_t i = 0; i < n; i++) {
        said += j->parameters[i].bits;
        bits += width_in(&j->parameters[i], layout);
    }
    return layout > FCS_AS_SAID && layout < FCS_DESCRIBED && said == bits ? 0 : bits;
}

stroma_status fcs_layout_set(fcs_job *j, fcs_layout layout, stroma_error *err)
{
    byte_order order;
    STROMA_TRY(read_order(j, &order, err));
    if (layout == FCS_DESCRIBED) j->d->parameters_len = j->described;
    const size_t n = j->d->parameters_len;
    fcs_field *f = stroma_arena_alloc(j->arena, n, sizeof *f);
    if (f == NULL) return stroma_no_memory(err);
    uint64_t bit = 0;
    j->data->packed = false;
    for (size_t i = 0; i < n; i++) {
        stroma_fcs_parameter *p = &j->parameters[i];
        f[i].bit = bit;
        f[i].width = width_in(p, layout);
        if (p->type == STROMA_FCS_FLOAT && f[i].width == 64) {
            p->type = STROMA_FCS_DOUBLE;
            p->bits = 64;
        }
        if (p->type != STROMA_FCS_INTEGER) p->mask = 0; /* held what $PnB said */
        j->data->ascii |= p->type == STROMA_FCS_ASCII;
        j->data->delimited |= p->type == STROMA_FCS_ASCII && p->bits == 0;
        j->data->packed |= f[i].width % 8 != 0;
        bit += f[i].width;
    }
    for (size_t i = 0; i < n; i++) {
        const stroma_fcs_parameter *p = &j->parameters[i];
        if (j->data->ascii && p->type != STROMA_FCS_ASCII)
            return stroma_fail_byte(err, STROMA_E_MALFORMED, j->text.begin,
                                    "channel \"%.60s\" is of type %c beside others that are text",
                                    p->name, (char)p->type);
        if (j->data->delimited && p->bits != 0)
            return stroma_fail_byte(err, STROMA_E_MALFORMED, j->text.begin,
                                    "channel \"%.60s\" has a fixed width beside others that have "
                                    "none",
                                    p->name);
        if (j->data->packed && p->type != STROMA_FCS_INTEGER)
            return stroma_fail_byte(err, STROMA_E_MALFORMED, j->text.begin,
                                    "channel \"%.60s\" is of type %c beside integers that do not "
                                    "fill whole bytes",
                                    p->name, (char)p->type);
        if (j->data->ascii || j->data->packed) continue;
        if (!order_word(&order, f[i].width / 8, &f[i]))
            return wrong_order(j, stroma_fcs_text(j->d, "$BYTEORD"), err);
    }
    j->d->event_bits = bit;
    j->data->fields = f;
    return STROMA_OK;
}
