/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HEADER: six bytes of version, four blanks, six offsets of eight characters, right-justified. They
 * count from the first byte of their data set, and their last byte belongs to the segment. */
#include "fcs_private.h"

#include <string.h>

/* What a field of eight characters may hold besides a number: nothing, or what some writer puts
 * where a number does not fit. */
static bool offset_read(const unsigned char *p, uint64_t *out, bool *wrong)
{
    const char *text = (const char *)p;
    const size_t n = fcs_trim(&text, 8);
    *wrong = false;
    *out = 0;
    if (n == 0) return false;
    if (fcs_whole(text, n, out) && *out != 99999999) return true;
    *wrong = true;
    return false;
}

static void pair_read(const fcs_job *j, size_t at, const char *segment, fcs_span *out)
{
    const unsigned char *p = j->bytes + j->d->offset + at;
    uint64_t begin = 0, end = 0;
    bool wrong[2];
    *out = (fcs_span){ 0 };
    const bool has_begin = offset_read(p, &begin, &wrong[0]);
    const bool has_end = offset_read(p + 8, &end, &wrong[1]);
    if (wrong[0] || wrong[1]) {
        const unsigned char *q = wrong[0] ? p : p + 8;
        fcs_find(j, "STROMA-FCS-003", STROMA_WARNING, NULL,
                 "HEADER gives \"%.8s\" as %s of %s, which is no offset (byte %llu)",
                 (const char *)q, wrong[0] ? "begin" : "end", segment,
                 (unsigned long long)(q - j->bytes));
    }
    if (!has_begin || begin == 0) return;
    *out = (fcs_span){ .begin = j->d->offset + begin,
                       .end = has_end && end >= begin - 1 ? j->d->offset + end + 1 : 0,
                       .said = true };
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

stroma_status fcs_header_read(fcs_job *j, stroma_error *err)
{
    const unsigned char *p = j->bytes + j->d->offset;
    const uint64_t left = j->size - j->d->offset;
    if (left < 6 || memcmp(p, "FCS", 3) != 0 || !is_digit(p[3]) || p[4] != '.' || !is_digit(p[5])) {
        const stroma_status s =
            stroma_fail_byte(err, STROMA_E_MALFORMED, j->d->offset,
                             left == 0 ? "the file is empty"
                                       : "this is no FCS file: it does not begin with FCS and a "
                                         "version, as \"FCS3.1\"");
        stroma_hint(err, "stroma reads FCS 2.0, 3.0, 3.1 and 3.2");
        return s;
    }
    if (left < FCS_HEADER_BYTES)
        return stroma_fail_byte(err, STROMA_E_MALFORMED, j->size,
                                "the file ends inside HEADER, which has %d bytes; %llu are there",
                                FCS_HEADER_BYTES, (unsigned long long)left);
    memcpy(j->header.version, p, 6);
    memcpy(j->d->version, p, 6);
    if (strcmp(j->header.version, "FCS2.0") != 0 && memcmp(p, "FCS3.", 5) != 0)
        fcs_find(j, "STROMA-FCS-029", STROMA_WARNING, NULL,
                 "version \"%s\" is not known; it is read as FCS 3.1", j->header.version);
    pair_read(j, 10, "TEXT", &j->header.text);
    pair_read(j, 26, "DATA", &j->header.data);
    return STROMA_OK;
}
