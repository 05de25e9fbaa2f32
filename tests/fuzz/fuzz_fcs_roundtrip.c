/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any FCS file that can be read can be written again, and has the same linear values; scrubbed, it
 * has the same stored ones. */
#include "stroma/buffer.h"
#include "stroma/fcs_export.h"
#include "stroma/fcs_scrub.h"
#include "stroma/memory.h"

#include <math.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { EVENTS_MAX = 256, CHANNELS_MAX = 64 };

static stroma_status into_buffer(void *context, const void *bytes, size_t n, stroma_error *err)
{
    stroma_buffer_append(context, bytes, n);
    return stroma_buffer_status(context, err);
}

/* NaN may lose its payload between widths; nothing else may change. */
static void same_values(const stroma_fcs_dataset *a, const stroma_fcs_dataset *b,
                        stroma_fcs_scale scale)
{
    double x[EVENTS_MAX], y[EVENTS_MAX], *px = x, *py = y;
    if (a->n_events != b->n_events || a->parameters_len != b->parameters_len) __builtin_trap();
    const size_t n = a->n_events < EVENTS_MAX ? (size_t)a->n_events : EVENTS_MAX;
    for (size_t j = 0; j < a->parameters_len && j < CHANNELS_MAX && n > 0; j++) {
        const stroma_status s = stroma_fcs_read(a, scale, 0, n, &j, 1, &px, NULL);
        const stroma_status t = stroma_fcs_read(b, scale, 0, n, &j, 1, &py, NULL);
        if (s != t) __builtin_trap();
        for (size_t i = 0; s == STROMA_OK && i < n; i++)
            if (memcmp(&x[i], &y[i], sizeof x[i]) != 0 && !(isnan(x[i]) && isnan(y[i])))
                __builtin_trap();
    }
}

static stroma_fcs *open_again(const stroma_buffer *b)
{
    stroma_fcs *f = NULL;
    stroma_fcs_options o = STROMA_FCS_OPTIONS_INIT;
    o.check_crc = true;
    if (stroma_fcs_open_memory((const unsigned char *)b->data, b->len, "again", &o, NULL, &f,
                               NULL) != STROMA_OK)
        __builtin_trap();
    return f;
}

static void rewrite(const stroma_fcs_dataset *d, stroma_buffer *b)
{
    stroma_fcs_rewrite *r = NULL;
    stroma_fcs_write_options o = STROMA_FCS_WRITE_OPTIONS_INIT;
    o.crc = true;
    if (stroma_fcs_rewrite_new(d, NULL, &r, NULL) != STROMA_OK)
        return; /* ASCII that is no number */
    const stroma_status s =
        stroma_fcs_write_to(into_buffer, b, stroma_fcs_rewrite_content(r), 1, &o, NULL, NULL);
    if (s == STROMA_OK) {
        stroma_fcs *g = open_again(b);
        same_values(d, stroma_fcs_get(g, 0), STROMA_FCS_LINEAR);
        stroma_fcs_close(g);
    } else if (s != STROMA_E_USAGE && s != STROMA_E_MALFORMED && s != STROMA_E_INCONSISTENT) {
        __builtin_trap();
    }
    stroma_fcs_rewrite_free(r);
}

static void scrub(const stroma_fcs *f, stroma_buffer *b)
{
    stroma_fcs_scrub *s = NULL;
    stroma_diag diag;
    stroma_diag_init(&diag);
    if (stroma_fcs_scrub_new(f, "a", NULL, &diag, &s, NULL) != STROMA_OK) __builtin_trap();
    size_t n = 0;
    const stroma_fcs_content *sets = stroma_fcs_scrub_content(s, &n);
    stroma_buffer_reset(b);
    const stroma_status st = stroma_fcs_write_to(into_buffer, b, sets, n, NULL, NULL, NULL);
    if (st != STROMA_OK && st != STROMA_E_USAGE) __builtin_trap();
    if (st == STROMA_OK && n == 1) {
        stroma_fcs *g = open_again(b);
        same_values(stroma_fcs_get(f, 0), stroma_fcs_get(g, 0), STROMA_FCS_STORED);
        stroma_fcs_close(g);
    }
    stroma_fcs_scrub_free(s);
    stroma_diag_clear(&diag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    stroma_fcs *f = NULL;
    if (stroma_fcs_open_memory(data, size, "a.fcs", NULL, NULL, &f, NULL) != STROMA_OK) return 0;
    stroma_buffer b;
    stroma_buffer_init(&b, (size_t)256 << 20);
    rewrite(stroma_fcs_preferred(f), &b);
    scrub(f, &b);
    stroma_buffer_clear(&b);
    stroma_fcs_close(f);
    return 0;
}
