/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which bytes are DATA. HEADER and TEXT both say it, and where they disagree neither is always
 * right: the evidence decides (docs/formats/fcs.md). */
#include "fcs_private.h"

#include <stdio.h>
#include <string.h>

/* What a proposal can have for it. */
enum { INSIDE = 1, ADJACENT = 2, NEARLY = 4, LENGTH = 8 };
enum { LEFT_OVER_MOST = 8 }; /* bytes behind the events that make them fit nearly, as a CRC */

typedef struct proposal {
    fcs_span s;
    const char *from;
    int weight; /* -1: it cannot be */
    fcs_layout layout;
} proposal;

uint64_t fcs_bytes_of(uint64_t n, uint64_t bits)
{
    uint64_t all = 0;
    if (__builtin_mul_overflow(n, bits, &all) || all > INT64_MAX) return UINT64_MAX;
    return (all + 7) / 8;
}

static bool overlaps(const fcs_span *a, uint64_t begin, uint64_t end)
{
    return a->said && begin < a->end && end > a->begin;
}

/* Does @p bytes hold the events of a layout? One byte more is common: an end taken for one past it.
 */
static bool holds(const fcs_job *j, uint64_t bytes, fcs_layout layout)
{
    const uint64_t bits = fcs_layout_bits(j, layout), tot = j->d->n_events_declared;
    if (bits == 0) return false;
    if (tot == UINT64_MAX) return bits % 8 == 0 && bytes > 0 && bytes % (bits / 8) == 0;
    const uint64_t need = fcs_bytes_of(tot, bits);
    return need != UINT64_MAX && (bytes == need || bytes == need + 1);
}

/* Does it hold them but for a few bytes more, or for a part of the last event that is in the file?
 */
static bool nearly_holds(const fcs_job *j, const proposal *p, fcs_layout layout)
{
    const uint64_t bits = fcs_layout_bits(j, layout), tot = j->d->n_events_declared;
    const uint64_t need = tot == UINT64_MAX ? UINT64_MAX : fcs_bytes_of(tot, bits);
    const uint64_t bytes = p->s.end - p->s.begin;
    if (bits == 0 || tot == 0 || need == UINT64_MAX || need > j->size - p->s.begin) return false;
    return bytes >= need ? bytes - need <= LEFT_OVER_MOST : need - bytes < bits / 8;
}

static void weigh_length(const fcs_job *j, proposal *p)
{
    if (p->s.end == 0) {
        /* Its end is not said: the events may only fit into the file, in the layout that is said.
         */
        proposal whole = *p;
        whole.s.end = p->s.begin;
        const uint64_t tot = j->d->n_events_declared;
        if (tot < UINT64_MAX) whole.s.end += fcs_bytes_of(tot, fcs_layout_bits(j, FCS_AS_SAID));
        if (fcs_layout_bits(j, FCS_AS_WORDS) == 0 && nearly_holds(j, &whole, FCS_AS_SAID))
            p->weight += LENGTH;
        return;
    }
    for (fcs_layout k = FCS_AS_SAID; k < FCS_LAYOUTS; k++)
        if (holds(j, p->s.end - p->s.begin, k)) {
            p->weight += LENGTH;
            p->layout = k;
            return;
        }
    for (fcs_layout k = FCS_AS_SAID; k < FCS_LAYOUTS; k++)
        if (nearly_holds(j, p, k)) {
            p->weight += NEARLY;
            p->layout = k;
            return;
        }
}

static void weigh(const fcs_job *j, proposal *p)
{
    const uint64_t begin = p->s.begin, end = p->s.end;
    p->weight = -1;
    p->layout = FCS_AS_SAID;
    if (!p->s.said || begin < j->d->offset + FCS_HEADER_BYTES || begin >= j->size) return;
    const uint64_t last = end == 0 ? begin + 1 : end;
    if (overlaps(&j->text, begin, last) || overlaps(&j->supplement, begin, last)) return;
    p->weight = 0;
    if (end != 0 && end <= j->size) p->weight += INSIDE;
    if (begin == j->text.end || (j->supplement.said && begin == j->supplement.end))
        p->weight += ADJACENT;
    weigh_length(j, p);
}

static fcs_span text_pair(const fcs_job *j)
{
    const char *b = stroma_fcs_text(j->d, "$BEGINDATA"), *e = stroma_fcs_text(j->d, "$ENDDATA");
    uint64_t begin = 0, end = 0;
    if (b == NULL || b[0] == '\0') return (fcs_span){ 0 };
    if (!fcs_whole(b, strlen(b), &begin) || begin > INT64_MAX) {
        fcs_find(j, "STROMA-FCS-003", STROMA_WARNING, NULL,
                 "$BEGINDATA is \"%.40s\", which is no offset", b);
        return (fcs_span){ 0 };
    }
    if (begin == 0) return (fcs_span){ 0 };
    const bool has_end = e != NULL && fcs_whole(e, strlen(e), &end) && end <= INT64_MAX;
    if (!has_end)
        fcs_find(j, "STROMA-FCS-003", STROMA_WARNING, NULL,
                 "$ENDDATA is \"%.40s\", which is no offset", e == NULL ? "" : e);
    return (fcs_span){ j->d->offset + begin,
                       has_end && end + 1 >= begin ? j->d->offset + end + 1 : 0, true };
}

static bool is_filling(const unsigned char *p, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        if (memchr(" \t\r\n", p[i], 5) == NULL) return false;
    return true;
}

/* Neither place is said: between TEXT and the end of the file, or the CRC of eight digits before
 * it, events and filling have only one place. */
static bool propose_by_room(const fcs_job *j, proposal *out)
{
    const uint64_t tot = j->d->n_events_declared;
    const uint64_t first =
        j->supplement.said && j->supplement.end > j->text.end ? j->supplement.end : j->text.end;
    if (!is_filling(j->bytes + first - 1, 1) && j->bytes[first - 1] != j->delimiter)
        return false; /* TEXT does not end there */
    size_t found = 0;
    for (fcs_layout k = FCS_AS_SAID; k < FCS_LAYOUTS && tot != UINT64_MAX && tot > 0; k++)
        for (uint64_t crc = 0; crc <= 8; crc += 8) {
            const uint64_t bits = fcs_layout_bits(j, k), need = fcs_bytes_of(tot, bits);
            const uint64_t room = j->size - first;
            uint64_t digits = 0;
            if (bits == 0 || need == UINT64_MAX || room < crc || need > room - crc) continue;
            const uint64_t begin = j->size - crc - need;
            if (crc > 0 && !fcs_whole((const char *)j->bytes + j->size - crc, crc, &digits))
                continue;
            if (!is_filling(j->bytes + first, begin - first)) continue;
            *out = (proposal){ { begin, begin + need, true }, "evidence", INSIDE | LENGTH, k };
            found++;
        }
    return found == 1;
}

/* "bytes 58 to 372873", for messages. */
static const char *span_text(const fcs_span *s, char out[64])
{
    if (s->end > s->begin)
        (void)snprintf(out, 64, "bytes %llu to %llu", (unsigned long long)s->begin,
                       (unsigned long long)(s->end - 1));
    else if (s->end == s->begin)
        (void)snprintf(out, 64, "byte %llu, without any", (unsigned long long)s->begin);
    else
        (void)snprintf(out, 64, "byte %llu, without end", (unsigned long long)s->begin);
    return out;
}

static stroma_status undecided(const proposal *h, const proposal *t, stroma_error *err)
{
    char a[64], b[64];
    const stroma_status s =
        stroma_fail_byte(err, STROMA_E_MALFORMED, h->s.begin,
                         "HEADER puts DATA at %s, TEXT at %s, and neither fits better",
                         span_text(&h->s, a), span_text(&t->s, b));
    stroma_hint(err, "export the file again from the program that wrote it");
    return s;
}

/* Offsets count from the begin of their data set; some writers count from that of the file. */
static void weigh_both(const fcs_job *j, proposal *p)
{
    weigh(j, p);
    if (!p->s.said || j->d->offset == 0 || p->weight >= LENGTH) return;
    proposal absolute = *p;
    absolute.s.begin -= j->d->offset;
    absolute.s.end -= p->s.end == 0 ? 0 : j->d->offset;
    weigh(j, &absolute);
    if (absolute.weight > p->weight && absolute.weight >= LENGTH) *p = absolute;
}

static stroma_status choose_unsaid(const fcs_job *j, const proposal *h, const proposal *t,
                                   proposal *out, stroma_error *err)
{
    char text[64];
    if (propose_by_room(j, out)) {
        fcs_find(j, "STROMA-FCS-002", STROMA_WARNING, NULL,
                 "neither HEADER nor TEXT places DATA; the events fill %s exactly",
                 span_text(&out->s, text));
        return STROMA_OK;
    }
    if (h->s.said || t->s.said) {
        *out = h->s.said ? *h : *t; /* behind the end, or inside TEXT: the caller tells */
        return STROMA_OK;
    }
    const stroma_status s = stroma_fail_byte(
        err, STROMA_E_MALFORMED, j->d->offset + 26,
        "neither HEADER nor TEXT says where DATA is, and the events do not fill what follows TEXT");
    stroma_hint(err, "$BEGINDATA and $ENDDATA, or bytes 26 to 41 of HEADER, should say it");
    return s;
}

static stroma_status choose(const fcs_job *j, proposal *out, stroma_error *err)
{
    proposal h = { .s = j->header.data, .from = "HEADER" };
    proposal t = { .s = text_pair(j), .from = "TEXT" };
    char a[64], b[64];
    weigh_both(j, &h);
    weigh_both(j, &t);
    if (h.weight < 0 && t.weight < 0) return choose_unsaid(j, &h, &t, out, err);
    *out = t.weight > h.weight ? t : h;
    const bool one_begin = h.s.begin == t.s.begin;
    if (!h.s.said || !t.s.said || (one_begin && (h.s.end == t.s.end || h.s.end == 0)))
        return STROMA_OK;
    if (h.weight == t.weight && !one_begin) return undecided(&h, &t, err);
    if (h.weight == t.weight && h.s.end < t.s.end && t.s.end <= j->size) *out = t;
    /* Ends that differ by the one byte that writers do not agree upon are no conflict. */
    const bool both_hold = one_begin && h.weight >= LENGTH && t.weight >= LENGTH;
    fcs_find(j, "STROMA-FCS-001", both_hold ? STROMA_NOTE : STROMA_WARNING, NULL,
             "HEADER puts DATA at %s, TEXT at %s; %s is followed: %s", span_text(&h.s, a),
             span_text(&t.s, b), out->from,
             (out->weight & LENGTH) != 0     ? "the events fill it"
             : (out->weight & ADJACENT) != 0 ? "it begins where TEXT ends"
                                             : "it lies inside the file");
    return STROMA_OK;
}

/* How many of the events that $TOT promises are in the bytes of DATA. */
static void count_events(fcs_job *j, bool cut)
{
    stroma_fcs_dataset *d = j->d;
    const uint64_t tot = d->n_events_declared, bits = d->event_bits;
    const uint64_t have = d->data_bytes * 8 / bits;
    const unsigned long long left = d->data_bytes - fcs_bytes_of(have, bits);
    d->n_events = have;
    if (tot == UINT64_MAX) {
        if (left > 1 || cut)
            fcs_find(j, "STROMA-FCS-006", STROMA_WARNING, NULL,
                     "DATA holds %llu events and %llu bytes more", (unsigned long long)have, left);
    } else if (tot > have && cut) {
        fcs_find(j, "STROMA-FCS-007", STROMA_ERROR, NULL,
                 "the file ends inside DATA, at byte %zu: %llu of %llu events are there", j->size,
                 (unsigned long long)have, (unsigned long long)tot);
    } else if (tot > have) {
        fcs_find(j, "STROMA-FCS-005", STROMA_WARNING, NULL,
                 "$TOT says %llu events, but DATA holds %llu", (unsigned long long)tot,
                 (unsigned long long)have);
    } else if (tot == 0 && have > 0) {
        fcs_find(j, "STROMA-FCS-006", STROMA_WARNING, NULL,
                 "$TOT says 0 events, but DATA holds %llu; they are read",
                 (unsigned long long)have);
    } else {
        d->n_events = tot;
        if (tot < have)
            fcs_find(j, "STROMA-FCS-006", STROMA_WARNING, NULL,
                     "$TOT says %llu events, but DATA has room for %llu; the first %llu are read",
                     (unsigned long long)tot, (unsigned long long)have, (unsigned long long)tot);
    }
}

static void read_tot(fcs_job *j)
{
    const char *text = stroma_fcs_text(j->d, "$TOT");
    j->d->n_events_declared = UINT64_MAX;
    uint64_t tot = 0;
    if (text != NULL && fcs_whole(text, strlen(text), &tot) && tot < UINT64_MAX) {
        j->d->n_events_declared = tot;
        return;
    }
    fcs_find(j, "STROMA-FCS-004",
             text == NULL && strcmp(j->header.version, "FCS2.0") == 0 ? STROMA_NOTE
                                                                      : STROMA_WARNING,
             NULL, "$TOT is %s; events are counted from the length of DATA",
             text == NULL ? "missing" : "no number");
}

static stroma_status not_told(const fcs_job *j, const proposal *p, stroma_error *err)
{
    const stroma_status s = stroma_fail_byte(
        err, STROMA_E_MALFORMED, p->s.begin,
        "integers of %u bits may be packed or stand in whole words, and the length of DATA fits "
        "neither for the events that $TOT says",
        j->parameters[0].bits);
    stroma_hint(err, "export the file again from the program that wrote it");
    return s;
}

static stroma_status use(fcs_job *j, const proposal *p, stroma_error *err)
{
    STROMA_TRY(fcs_layout_set(j, p->layout, err));
    stroma_fcs_dataset *d = j->d;
    if (p->layout != FCS_AS_SAID)
        fcs_find(j, "STROMA-FCS-021", STROMA_WARNING, NULL,
                 p->layout == FCS_DESCRIBED ? "$PAR is too small: DATA holds the %zu channels that "
                                              "have a width"
                 : p->layout == FCS_AS_DOUBLE
                     ? "DATA holds the %zu channels as double, which $PnB says and $DATATYPE does "
                       "not"
                     : "DATA holds the %zu channels in whole words, wider than $PnB says",
                 d->parameters_len);
    uint64_t end = p->s.end;
    const uint64_t need = d->n_events_declared == UINT64_MAX
                              ? UINT64_MAX
                              : fcs_bytes_of(d->n_events_declared, d->event_bits);
    if (p->s.begin > j->size || p->s.begin < j->d->offset + FCS_HEADER_BYTES) {
        d->data_begin = j->size;
        end = j->size + 1;
    } else {
        d->data_begin = p->s.begin;
    }
    if (end == 0) {
        end =
            need != UINT64_MAX && need <= j->size - d->data_begin ? d->data_begin + need : j->size;
        fcs_find(j, "STROMA-FCS-002", STROMA_WARNING, NULL,
                 "the end of DATA is not said; it is taken to be byte %llu",
                 (unsigned long long)(end - 1));
    }
    if (need != UINT64_MAX && end - d->data_begin == need + 1) end--;
    if (p->weight >= 0 && (p->weight & NEARLY) != 0 && end - d->data_begin < need) {
        end = d->data_begin + need;
        fcs_find(j, "STROMA-FCS-002", STROMA_WARNING, NULL,
                 "%s ends DATA inside the last event; it is taken to end at byte %llu", p->from,
                 (unsigned long long)(end - 1));
    }
    if (j->data->packed && (p->weight < 0 || (p->weight & (NEARLY | LENGTH)) == 0))
        return not_told(j, p, err);
    const bool cut = end > j->size;
    d->data_bytes = (cut ? j->size : end) - d->data_begin;
    d->offsets_from = p->from;
    j->data->events = j->bytes + d->data_begin;
    j->data->bytes = (size_t)d->data_bytes;
    if (j->data->delimited) return fcs_ascii_scan(j, &d->n_events, err);
    count_events(j, cut);
    return STROMA_OK;
}

stroma_status fcs_place_data(fcs_job *j, stroma_error *err)
{
    read_tot(j);
    proposal p = { 0 };
    if (j->d->n_events_declared == 0 && !j->header.data.said) {
        /* Nothing was acquired; writers differ in what they put for an empty segment. */
        const fcs_span t = text_pair(j);
        if (!t.said || t.end <= t.begin)
            p = (proposal){ { j->text.end, j->text.end, true }, "evidence", 0, FCS_AS_SAID };
    }
    if (p.from == NULL) STROMA_TRY(choose(j, &p, err));
    if (p.weight < 0 && p.s.begin < j->size)
        return stroma_fail_byte(err, STROMA_E_MALFORMED, p.s.begin,
                                "%s puts DATA at byte %llu, inside %s", p.from,
                                (unsigned long long)p.s.begin,
                                p.s.begin < j->d->offset + FCS_HEADER_BYTES ? "HEADER" : "TEXT");
    return use(j, &p, err);
}
