/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as the events of an FCS file: the first bytes choose types, widths, ranges and order.
 */
#include "fuzz_fcs.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { CHOICES = 8, CHANNELS = 3, MOST = 1 << 16, TEXT_BEGIN = 58, DATA_BEGIN = 1024 };
    static const char *const orders[] = { "1,2,3,4", "4,3,2,1", "3,4,1,2", "2,1", "2,1,4,3", "" };
    static uint8_t file[DATA_BEGIN + MOST];
    char text[DATA_BEGIN - TEXT_BEGIN], header[TEXT_BEGIN + 1];
    if (size < CHOICES || size - CHOICES > MOST) return 0;
    const size_t n = size - CHOICES;
    const char type = "IFDAI"[data[0] % 5];
    int len = snprintf(text, sizeof text, "/$DATATYPE/%c/$MODE/L/$PAR/%d/$BYTEORD/%s/", type,
                       CHANNELS, orders[data[1] % 6]);
    if (data[0] < 128)
        len += snprintf(text + len, sizeof text - (size_t)len, "$TOT/%u/", data[0] / 5U);
    for (int i = 0; i < CHANNELS; i++) {
        char width[8];
        (void)snprintf(width, sizeof width, "%u", data[2 + i] % 65U);
        len += snprintf(text + len, sizeof text - (size_t)len, "$P%dB/%s/$P%dR/%llu/$P%dE/%d,0/",
                        i + 1, type == 'A' && data[7] > 127 ? "*" : width, i + 1,
                        1ULL << data[5 + i] % 64, i + 1, data[5 + i] / 64);
    }
    memset(file, ' ', DATA_BEGIN);
    (void)snprintf(header, sizeof header, "FCS3.2    %8d%8d%8d%8zu%8d%8d", TEXT_BEGIN,
                   TEXT_BEGIN + len - 1, DATA_BEGIN, DATA_BEGIN + n - 1, 0, 0);
    memcpy(file, header, TEXT_BEGIN);
    memcpy(file + TEXT_BEGIN, text, (size_t)len);
    memcpy(file + DATA_BEGIN, data + CHOICES, n);
    fuzz_fcs(file, DATA_BEGIN + n);
    return 0;
}
