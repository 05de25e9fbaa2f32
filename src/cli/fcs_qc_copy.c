/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Marks of events as text, and as a parameter of an FCS file. */
#include "fcs_qc_copy.h"

#include "stroma_config.h"

#include "stroma/buffer.h"
#include "stroma/fcs_export.h"
#include "stroma/file.h"
#include "stroma/hash.h"

#include <stdio.h>
#include <string.h>

enum { BITS_TEXT_MAX = 1024, KEYWORDS = 7 };

stroma_status qc_bits(const char *list, uint32_t *out, stroma_error *err)
{
    *out = 0;
    if (strcmp(list, "all") == 0) {
        *out = UINT32_MAX;
        return STROMA_OK;
    }
    if (strcmp(list, "faults") == 0) {
        *out = stroma_quality_faults();
        return STROMA_OK;
    }
    for (const char *at = list; at != NULL; at = strchr(at, ',')) {
        if (*at == ',') at++;
        const size_t n = strcspn(at, ",");
        const stroma_quality_check *c;
        uint32_t bit = 0;
        for (size_t i = 0; (c = stroma_quality_check_at(i)) != NULL; i++)
            if (c->marks && strlen(c->id) == n && strncmp(c->id, at, n) == 0)
                bit = UINT32_C(1) << i;
        if (bit == 0) {
            const stroma_status s = stroma_fail(
                err, STROMA_E_USAGE, "--drop: no check \"%.*s\" marks events", (int)n, at);
            stroma_hint(
                err, "faults, all, or some of those that stroma fcs qc --checks lists as marking, "
                     "with commas");
            return s;
        }
        *out |= bit;
    }
    return STROMA_OK;
}

/* "flow_rate,signal" of the bits that are set. */
static void names_of(uint32_t bits, char *out, size_t size)
{
    const stroma_quality_check *c;
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; (c = stroma_quality_check_at(i)) != NULL; i++) {
        if (((bits >> i) & 1) == 0 || !c->marks || n >= size) continue;
        n += (size_t)snprintf(out + n, size - n, "%s%s", n > 0 ? "," : "", c->id);
    }
}

stroma_status qc_write_events(const stroma_quality *q, const char *path, bool overwrite,
                              stroma_error *err)
{
    stroma_file_stream *f = NULL;
    char names[BITS_TEXT_MAX], line[BITS_TEXT_MAX + 64];
    static const char head[] = "event\tqc\tmarks\n";
    STROMA_TRY(stroma_file_stream_open(path, overwrite, &f, err));
    stroma_status s = stroma_file_stream_write(f, head, sizeof head - 1, err);
    for (uint64_t e = 0; s == STROMA_OK && e < q->n_events; e++) {
        names_of(q->flags[e], names, sizeof names);
        const int n = snprintf(line, sizeof line, "%llu\t%lu\t%s\n", (unsigned long long)e + 1,
                               (unsigned long)q->flags[e], names);
        s = stroma_file_stream_write(f, line, (size_t)n, err);
    }
    return stroma_file_stream_close(f, s, err);
}

/* ---- a copy ---- */

/* Where the events of the copy come from. */
typedef struct source {
    const stroma_fcs_content *original;
    const stroma_quality *q;
    uint32_t drop;
    uint64_t next, next_kept; /* event `next` is the first at or behind kept event next_kept */
    double **to;
    size_t k; /* parameters of the original */
} source;

/* Events of the copy first … first + n − 1; those of one run in the original are read at once. */
static stroma_status fill(void *context, uint64_t first, size_t n, double *const *out,
                          stroma_error *err)
{
    source *s = context;
    const uint32_t *flags = s->q->flags;
    if (first < s->next_kept) s->next = s->next_kept = 0;
    size_t done = 0;
    while (done < n && s->next < s->q->n_events) {
        if ((flags[s->next] & s->drop) != 0) {
            s->next++;
            continue;
        }
        if (s->next_kept < first) {
            s->next++;
            s->next_kept++;
            continue;
        }
        uint64_t run = 0;
        while (done + run < n && s->next + run < s->q->n_events &&
               (flags[s->next + run] & s->drop) == 0)
            run++;
        for (size_t j = 0; j < s->k; j++)
            s->to[j] = out[j] + done;
        STROMA_TRY(s->original->fill(s->original->context, s->next, (size_t)run, s->to, err));
        for (uint64_t i = 0; i < run; i++)
            out[s->k][done + i] = (double)flags[s->next + i];
        s->next += run;
        s->next_kept += run;
        done += (size_t)run;
    }
    return STROMA_OK;
}

static uint64_t count_kept(const stroma_quality *q, uint32_t drop)
{
    uint64_t n = 0;
    for (uint64_t e = 0; e < q->n_events; e++)
        n += (q->flags[e] & drop) == 0;
    return n;
}

/* Texts of the keywords that say what was done. */
typedef struct words {
    char sha256[STROMA_HASH_TEXT_MAX], bits[BITS_TEXT_MAX], dropped[BITS_TEXT_MAX + 64];
} words;

static void name_bits(char *out, size_t size)
{
    const stroma_quality_check *c;
    size_t n = 0;
    for (size_t i = 0; (c = stroma_quality_check_at(i)) != NULL; i++)
        if (c->marks && n < size)
            n += (size_t)snprintf(out + n, size - n, "%s%s=%lu", n > 0 ? "," : "", c->id, 1UL << i);
}

static size_t keywords(const qc_copy *c, uint64_t kept, words *w, stroma_fcs_pair out[KEYWORDS])
{
    size_t n = 0, size = 0;
    stroma_hash hash;
    const unsigned char *bytes = stroma_fcs_bytes(c->file, &size);
    stroma_hash_bytes(bytes, size, &hash);
    (void)stroma_hash_format(&hash, w->sha256);
    name_bits(w->bits, sizeof w->bits);
    out[n++] = (stroma_fcs_pair){ "$ORIGINALITY", "DataModified" };
    out[n++] = (stroma_fcs_pair){ "STROMA_VERSION", STROMA_VERSION };
    out[n++] = (stroma_fcs_pair){ "STROMA_ACTION", c->drop != 0 ? "fcs qc --drop" : "fcs qc" };
    out[n++] = (stroma_fcs_pair){ "STROMA_SOURCE_SHA256", w->sha256 };
    out[n++] = (stroma_fcs_pair){ "STROMA_QC_MARKS", w->bits };
    out[n++] = (stroma_fcs_pair){ "STROMA_QC_VERDICT", stroma_quality_verdict_name(c->q->verdict) };
    if (c->drop != 0) {
        char names[BITS_TEXT_MAX];
        names_of(c->drop, names, sizeof names);
        (void)snprintf(w->dropped, sizeof w->dropped, "%llu of %llu events: %s",
                       (unsigned long long)(c->q->n_events - kept),
                       (unsigned long long)c->q->n_events, names);
        out[n++] = (stroma_fcs_pair){ "STROMA_QC_DROPPED", w->dropped };
    }
    return n;
}

static stroma_status write_sets(const qc_copy *c, const stroma_fcs_content *original, uint64_t kept,
                                stroma_diag *diag, stroma_error *err)
{
    const size_t k = original->parameters_len;
    stroma_fcs_out_parameter *p = stroma_alloc_array(k + 1, sizeof *p);
    double **to = stroma_alloc_array(k + 1, sizeof *to);
    stroma_fcs_write_options o = STROMA_FCS_WRITE_OPTIONS_INIT;
    stroma_fcs_changes changes;
    source s = { .original = original, .q = c->q, .drop = c->drop, .to = to, .k = k };
    stroma_fcs_content set = *original;
    size_t checks = 0;
    while (stroma_quality_check_at(checks) != NULL)
        checks++;
    o.crc = true;
    o.overwrite = c->overwrite;
    stroma_status st = p == NULL || to == NULL ? stroma_no_memory(err) : STROMA_OK;
    if (st == STROMA_OK) {
        memcpy(p, original->parameters, k * sizeof *p);
        p[k] = (stroma_fcs_out_parameter){ .name = "QC",
                                           .stain = "quality marks, 0 is good",
                                           .bits = 32,
                                           .range = (double)(UINT64_C(1) << checks) };
        set.parameters = p;
        set.parameters_len = k + 1;
        set.n_events = kept;
        set.fill = fill;
        set.context = &s;
        st = stroma_fcs_write(c->target, &set, 1, &o, &changes, err);
    }
    if (st == STROMA_OK) stroma_fcs_report_changes(&changes, c->source, diag);
    stroma_free(p);
    stroma_free(to);
    return st;
}

stroma_status qc_write_copy(const qc_copy *c, stroma_diag *diag, stroma_error *err)
{
    words w = { .dropped = "" };
    stroma_fcs_pair extra[KEYWORDS];
    stroma_fcs_rewrite *r = NULL;
    stroma_fcs_rewrite_options o = STROMA_FCS_REWRITE_OPTIONS_INIT;
    const uint64_t kept = count_kept(c->q, c->drop);
    if (stroma_fcs_find(c->d, "QC", false) != SIZE_MAX) {
        const stroma_status s =
            stroma_fail(err, STROMA_E_USAGE, "\"%s\" has a channel QC already", c->source);
        stroma_hint(err, "mark the file that was acquired, not a copy");
        return s;
    }
    o.extra = extra;
    o.extra_len = keywords(c, kept, &w, extra);
    STROMA_TRY(stroma_fcs_rewrite_new(c->d, &o, &r, err));
    const stroma_status s = write_sets(c, stroma_fcs_rewrite_content(r), kept, diag, err);
    stroma_fcs_rewrite_free(r);
    if (s == STROMA_OK && c->drop != 0)
        stroma_diag_add(diag,
                        &(stroma_finding){ .code = "STROMA-QC-003",
                                           .severity = STROMA_NOTE,
                                           .file = c->target,
                                           .value = w.dropped,
                                           .message = "events were left out of this copy",
                                           .action = "count in the acquired file, not in this" });
    return s;
}
