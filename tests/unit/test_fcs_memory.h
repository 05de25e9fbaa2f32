/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small FCS file in memory: floats, little-endian, and what keywords a test wants. */
#ifndef STROMA_TEST_FCS_MEMORY_H
#define STROMA_TEST_FCS_MEMORY_H
#include "stroma_test.h"

#include "stroma/fcs.h"

#include <string.h>

enum { TEST_FCS_BYTES = 1 << 17 };

typedef struct test_fcs {
    unsigned char bytes[TEST_FCS_BYTES];
    stroma_fcs *f;
    const stroma_fcs_dataset *d;
} test_fcs;

/* @param names channels, separated by commas  @param more "|KEY|value|KEY|value", or ""
 * @param values events × channels */
static inline void test_fcs_open(test_fcs *t, const char *names, const char *more,
                                 const float *values, size_t events)
{
    char text[TEST_FCS_BYTES / 2];
    size_t channels = 0, at = 0;
    stroma_error err = STROMA_ERROR_INIT;
    for (const char *p = names; *p != '\0';) {
        const size_t n = strcspn(p, ",");
        channels++;
        at += (size_t)snprintf(text + at, sizeof text - at,
                               "|$P%zuN|%.*s|$P%zuB|32|$P%zuR|262144|$P%zuE|0,0", channels, (int)n,
                               p, channels, channels, channels);
        p += n + (p[n] == ',');
    }
    at += (size_t)snprintf(text + at, sizeof text - at,
                           "|$PAR|%zu|$TOT|%zu|$DATATYPE|F|$BYTEORD|1,2,3,4|$MODE|L|$NEXTDATA|0%s|",
                           channels, events, more);
    const size_t data = 58 + at, size = events * channels * sizeof(float);
    assert_true(at < sizeof text && data + size <= sizeof t->bytes);
    (void)snprintf((char *)t->bytes, sizeof t->bytes, "FCS3.1    %8d%8zu%8zu%8zu%8d%8d", 58,
                   57 + at, data, data + size - 1, 0, 0);
    memcpy(t->bytes + 58, text, at);
    if (size > 0) memcpy(t->bytes + data, values, size);
    if (stroma_fcs_open_memory(t->bytes, data + size, "a.fcs", NULL, NULL, &t->f, &err) !=
        STROMA_OK)
        fail_msg("%s", err.message);
    t->d = stroma_fcs_preferred(t->f);
    assert_int_equal(t->d->parameters_len, channels);
}

static inline void test_fcs_close(test_fcs *t)
{
    stroma_fcs_close(t->f);
}
#endif
