/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CRC-16/KERMIT: polynomial 0x1021 reflected, start 0, as FCS 3.0 defines it by icrc(0, -1) of
 * Numerical Recipes. */
#include "stroma/fcs.h"

uint16_t stroma_fcs_crc(uint16_t crc, const unsigned char *bytes, size_t size)
{
    /* Four bits at a time: sixteen entries need no table made at start. */
    static const uint16_t nibble[16] = { 0x0000, 0x1081, 0x2102, 0x3183, 0x4204, 0x5285,
                                         0x6306, 0x7387, 0x8408, 0x9489, 0xa50a, 0xb58b,
                                         0xc60c, 0xd68d, 0xe70e, 0xf78f };
    for (size_t i = 0; i < size; i++) {
        crc = (uint16_t)(crc >> 4 ^ nibble[(crc ^ bytes[i]) & 15]);
        crc = (uint16_t)(crc >> 4 ^ nibble[(crc ^ bytes[i] >> 4) & 15]);
    }
    return crc;
}
