/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CRC-16/KERMIT: polynomial 0x1021 reflected, start 0, as FCS 3.0 defines it by icrc(0, -1) of
 * Numerical Recipes. */
#include "stroma/fcs.h"

enum { SLICES = 8, LONG_BYTES = 1 << 15 };

static uint16_t next_crc(uint16_t crc, unsigned char byte)
{
    /* Four bits at a time: sixteen entries need no table made at start. */
    static const uint16_t nibble[16] = { 0x0000, 0x1081, 0x2102, 0x3183, 0x4204, 0x5285,
                                         0x6306, 0x7387, 0x8408, 0x9489, 0xa50a, 0xb58b,
                                         0xc60c, 0xd68d, 0xe70e, 0xf78f };
    crc = (uint16_t)(crc >> 4 ^ nibble[(crc ^ byte) & 15]);
    return (uint16_t)(crc >> 4 ^ nibble[(crc ^ byte >> 4) & 15]);
}

/* Eight bytes at a time: slice[k][b] is what byte b does to the CRC k bytes later. The tables take
 * 2 microseconds to make, so they are worth it for long stretches. */
static uint16_t long_crc(uint16_t crc, const unsigned char *p, size_t size)
{
    uint16_t slice[SLICES][256];
    for (unsigned b = 0; b < 256; b++)
        slice[0][b] = next_crc(0, (unsigned char)b);
    for (size_t k = 1; k < SLICES; k++)
        for (unsigned b = 0; b < 256; b++)
            slice[k][b] = (uint16_t)(slice[k - 1][b] >> 8 ^ slice[0][slice[k - 1][b] & 0xFF]);
    for (size_t i = 0; i + SLICES <= size; i += SLICES, p += SLICES)
        crc = slice[7][p[0] ^ (crc & 0xFF)] ^ slice[6][p[1] ^ crc >> 8] ^ slice[5][p[2]] ^
              slice[4][p[3]] ^ slice[3][p[4]] ^ slice[2][p[5]] ^ slice[1][p[6]] ^ slice[0][p[7]];
    return crc;
}

uint16_t stroma_fcs_crc(uint16_t crc, const unsigned char *bytes, size_t size)
{
    size_t done = 0;
    if (size >= LONG_BYTES) {
        done = size / SLICES * SLICES;
        crc = long_crc(crc, bytes, done);
    }
    for (; done < size; done++)
        crc = next_crc(crc, bytes[done]);
    return crc;
}
