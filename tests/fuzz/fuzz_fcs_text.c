/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as the TEXT of an FCS file, behind a HEADER that places it right. */
#include "fuzz_fcs.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { HEADER = 58, EVENTS = 64, MOST = 1 << 16 };
    static uint8_t file[HEADER + MOST + EVENTS];
    if (size == 0 || size > MOST) return 0;
    const size_t end = HEADER + size;
    char header[HEADER + 1];
    (void)snprintf(header, sizeof header, "FCS3.1    %8d%8zu%8zu%8zu%8d%8d", HEADER, end - 1, end,
                   end + EVENTS - 1, 0, 0);
    memcpy(file, header, HEADER);
    memcpy(file + HEADER, data, size);
    for (size_t i = 0; i < EVENTS; i++)
        file[end + i] = (uint8_t)(i * 37 + 11);
    fuzz_fcs(file, end + EVENTS);
    return 0;
}
