/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as events of five channels, one of them time: every check comes to a verdict, and what
 * it says it marked is marked. */
#include "stroma/cytometry_quality.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CHANNELS = 5, MOST_BYTES = 1 << 18, TEXT_BEGIN = 58, DATA_BEGIN = 1024 };

/* Few bytes make many events: the data are repeated, changed by where they stand, up to 5,000. */
static size_t events_from(const uint8_t *data, size_t size, float *out)
{
    const size_t most = MOST_BYTES / sizeof *out / CHANNELS;
    const size_t n = data[0] % 2 == 0 ? size / CHANNELS : 5000 < most ? 5000 : most;
    for (size_t i = 0; i < n * CHANNELS; i++) {
        const uint8_t byte = data[1 + i % (size - 1)];
        float x = (float)byte * (float)(i / CHANNELS % 7 + 1);
        if (byte == 255) x = NAN;
        if (byte == 254) x = 262143;
        if (i % CHANNELS == CHANNELS - 1 && data[0] % 4 < 3) x = (float)(i / CHANNELS) + x / 64;
        out[i] = x;
    }
    return n;
}

static void look(const stroma_quality *q)
{
    for (size_t i = 0; i < q->results_len; i++) {
        const stroma_quality_result *r = &q->results[i];
        uint64_t marked = 0;
        for (uint64_t e = 0; e < q->n_events; e++)
            marked += (q->flags[e] >> i) & 1U;
        const bool judged = r->verdict != STROMA_QUALITY_CANNOT_JUDGE;
        if (judged == isnan(r->measure) || (judged && marked != r->n_flagged)) __builtin_trap();
        if (!r->check->marks && marked > 0) __builtin_trap();
        if (r->detail == NULL || r->detail[0] == '\0') __builtin_trap();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t file[DATA_BEGIN + MOST_BYTES];
    static float values[MOST_BYTES / sizeof(float)];
    static const char *const names[CHANNELS] = { "FSC-A", "FSC-H", "SSC-A", "B-A", "Time" };
    char text[DATA_BEGIN - TEXT_BEGIN], header[TEXT_BEGIN + 1];
    if (size < 2 || size > 4096) return 0;
    const size_t n = events_from(data, size, values), bytes = n * CHANNELS * sizeof(float);
    int len = snprintf(text, sizeof text, "/$DATATYPE/F/$MODE/L/$PAR/%d/$TOT/%zu/$BYTEORD/1,2,3,4/",
                       CHANNELS, n);
    for (int i = 0; i < CHANNELS; i++)
        len += snprintf(text + len, sizeof text - (size_t)len,
                        "$P%dN/%s/$P%dB/32/$P%dR/262144/$P%dE/0,0/", i + 1, names[i], i + 1, i + 1,
                        i + 1);
    memset(file, ' ', DATA_BEGIN);
    (void)snprintf(header, sizeof header, "FCS3.1    %8d%8d%8d%8zu%8d%8d", TEXT_BEGIN,
                   TEXT_BEGIN + len - 1, DATA_BEGIN, DATA_BEGIN + bytes - 1, 0, 0);
    memcpy(file, header, TEXT_BEGIN);
    memcpy(file + TEXT_BEGIN, text, (size_t)len);
    memcpy(file + DATA_BEGIN, values, bytes);
    stroma_fcs *f = NULL;
    if (stroma_fcs_open_memory(file, DATA_BEGIN + bytes, "a.fcs", NULL, NULL, &f, NULL) !=
        STROMA_OK)
        return 0;
    stroma_quality q;
    if (stroma_quality_run(stroma_fcs_get(f, 0), NULL, &q, NULL) != STROMA_OK) __builtin_trap();
    look(&q);
    stroma_quality_clear(&q);
    stroma_fcs_close(f);
    return 0;
}
