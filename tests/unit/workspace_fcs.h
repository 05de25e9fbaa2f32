/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small FCS file with the channels of the workspaces in tests/fuzz/corpus/workspace. */
#ifndef WORKSPACE_FCS_H
#define WORKSPACE_FCS_H
#include <stdio.h>
#include <string.h>

enum { EVENTS = 100, CHANNELS = 5, TEXT_MAX = 1000 };

typedef struct workspace_fcs {
    unsigned char bytes[58 + TEXT_MAX + EVENTS * CHANNELS * 4];
    size_t size;
} workspace_fcs;

/* 100 events of five channels, float, little-endian: a grid through the gates. */
static inline void make_fcs(workspace_fcs *out)
{
    static const char *const names[CHANNELS] = { "Time", "FSC-A", "SSC-A", "A", "B" };
    char text[TEXT_MAX];
    int n = snprintf(text, sizeof text,
                     "/$BEGINANALYSIS/0/$ENDANALYSIS/0/$BEGINSTEXT/0/$ENDSTEXT/0/$MODE/L/"
                     "$BYTEORD/1,2,3,4/$DATATYPE/F/$NEXTDATA/0/$PAR/%d/$TOT/%d/$TIMESTEP/0.01/"
                     "$FIL/a.fcs/",
                     CHANNELS, EVENTS);
    for (int i = 0; i < CHANNELS; i++)
        n +=
            snprintf(text + n, sizeof text - (size_t)n, "$P%dN/%s/$P%dB/32/$P%dE/0,0/$P%dR/262144/",
                     i + 1, names[i], i + 1, i + 1, i + 1);
    const int begin = 58 + n + 50, end = begin + EVENTS * CHANNELS * 4 - 1;
    n += snprintf(text + n, sizeof text - (size_t)n, "$BEGINDATA/%d/$ENDDATA/%d/", begin, end);
    memset(out->bytes, ' ', (size_t)begin);
    (void)snprintf((char *)out->bytes, 59, "FCS3.1    %8d%8d%8d%8d%8d%8d", 58, 57 + n, begin, end,
                   0, 0);
    memcpy(out->bytes + 58, text, (size_t)n);
    out->size = (size_t)end + 1;
    for (int e = 0; e < EVENTS; e++) {
        const float x[CHANNELS] = { (float)e * 50, 131072 + (float)(e - 50) * 2000,
                                    131072 + (float)(e % 10 - 5) * 9000, (float)(e * 11 - 100),
                                    (float)(1000 - e * 10) };
        memcpy(out->bytes + begin + e * CHANNELS * 4, x, sizeof x);
    }
}
#endif
