/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one place that knows cmocka's include order. */
#ifndef STROMA_TEST_H
#define STROMA_TEST_H
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Path of a file of the public data root, or NULL when the root is absent: then the test must
 * skip(). The text lives until the next call. */
static inline const char *test_data(const char *name)
{
    static char path[4096];
    const char *root = getenv("STROMA_DATA_ROOT");
    if (root == NULL) return NULL;
    (void)snprintf(path, sizeof path, "%s/%s", root, name);
    return access(path, R_OK) == 0 ? path : NULL;
}

/* Path of a file in the source tree. */
static inline const char *test_source(const char *name)
{
    static char path[4096];
    const char *root = getenv("STROMA_SOURCE_ROOT");
    (void)snprintf(path, sizeof path, "%s/%s", root == NULL ? "." : root, name);
    return path;
}
#endif
