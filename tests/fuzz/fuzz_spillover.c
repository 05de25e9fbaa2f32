/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any text as $SPILLOVER, as $COMP and as a matrix file. The first byte chooses. */
#include "stroma/cytometry_compensation.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BYTES = 1 << 16, CHANNELS = 5 };

/* One event of five channels, with the text under a keyword. @return bytes of the file, 0: too long
 */
static size_t make_file(const char *keyword, const uint8_t *text, size_t size, char *out)
{
    static const float event[CHANNELS] = { 1, 2, 3, 4, 5 };
    char head[512];
    size_t at = 58;
    const int n = snprintf(head, sizeof head,
                           "|$PAR|5|$TOT|1|$DATATYPE|F|$BYTEORD|1,2,3,4|$MODE|L|$NEXTDATA|0"
                           "|$P1N|FSC-A|$P2N|A|$P3N|B|$P4N|Comp-C|$P5N|C|$P1B|32|$P2B|32|$P3B|32"
                           "|$P4B|32|$P5B|32|$P1R|9|$P2R|9|$P3R|9|$P4R|9|$P5R|9|%s|",
                           keyword);
    if (n < 0 || 2 * size + (size_t)n + 100 > BYTES) return 0;
    memcpy(out + at, head, (size_t)n);
    at += (size_t)n;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\0') continue;
        if (text[i] == '|') out[at++] = '|';
        out[at++] = (char)text[i];
    }
    out[at++] = '|';
    char offsets[64];
    (void)snprintf(offsets, sizeof offsets, "FCS3.1    %8d%8zu%8zu%8zu%8d%8d", 58, at - 1, at,
                   at + sizeof event - 1, 0, 0);
    memcpy(out, offsets, 58);
    memcpy(out + at, event, sizeof event);
    return at + sizeof event;
}

/* A matrix that is given can be used: its numbers are finite. */
static void check(const stroma_compensation *c)
{
    const size_t n = c->fluorochromes_len * c->detectors_len;
    if (n == 0 || c->detectors_len < c->fluorochromes_len) __builtin_trap();
    for (size_t i = 0; i < n; i++)
        if (!isfinite(c->unmixing[i])) __builtin_trap();
}

static void as_keyword(const char *keyword, const uint8_t *text, size_t size, stroma_diag *diag)
{
    static char file[BYTES];
    stroma_fcs *f = NULL;
    stroma_arena arena;
    const stroma_compensation *c = NULL;
    const size_t n = make_file(keyword, text, size, file);
    stroma_arena_init(&arena, 64 << 20);
    if (n > 0 &&
        stroma_fcs_open_memory((const unsigned char *)file, n, "a.fcs", NULL, NULL, &f, NULL) ==
            STROMA_OK &&
        stroma_compensation_from_fcs(stroma_fcs_preferred(f), "a.fcs", &arena, diag, &c, NULL) ==
            STROMA_OK &&
        c != NULL)
        check(c);
    stroma_fcs_close(f);
    stroma_arena_clear(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    stroma_diag diag;
    stroma_diag_init(&diag);
    if (size > 0 && data[0] % 4 == 0) {
        as_keyword("$SPILLOVER", data + 1, size - 1, &diag);
    } else if (size > 0 && data[0] % 4 == 1) {
        as_keyword("$COMP", data + 1, size - 1, &diag);
    } else if (size > 0) {
        stroma_arena arena;
        stroma_compensation c;
        stroma_error err = STROMA_ERROR_INIT;
        stroma_arena_init(&arena, 64 << 20);
        if (stroma_compensation_parse((const char *)data + 1, size - 1, "m.csv", &arena, &diag, &c,
                                      &err) == STROMA_OK)
            check(&c);
        else if (err.message[0] == '\0')
            __builtin_trap(); /* a failure says why */
        stroma_arena_clear(&arena);
    }
    stroma_diag_clear(&diag);
    return 0;
}
