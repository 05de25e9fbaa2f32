/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FCS files of any bytes: offsets, chains of data sets. */
#include "fuzz_fcs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_fcs(data, size);
    return 0;
}
