/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expected answers in JSON (the public data root), and the comparison of one number with one
 * answer. */
#ifndef STROMA_TEST_EXPECTED_H
#define STROMA_TEST_EXPECTED_H
#include "stroma_test.h"

#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Parsed file of the data root, or NULL when the root is absent: then skip(). json_decref() it. */
static inline json_t *test_expected_load(const char *name)
{
    const char *path = test_data(name);
    if (path == NULL) return NULL;
    json_error_t why;
    json_t *j = json_load_file(path, 0, &why);
    if (j == NULL) fail_msg("%s: line %d: %s", path, why.line, why.text);
    return j;
}

/* The number at a path like "student.ci95.0"; fails the test when there is none. */
static inline double test_expected_number(const json_t *j, const char *path)
{
    char part[64];
    const char *p = path;
    while (j != NULL && *p != '\0') {
        const size_t n = strcspn(p, ".");
        if (n >= sizeof part) fail_msg("path too long: %s", path);
        memcpy(part, p, n);
        part[n] = '\0';
        j = json_is_array(j) ? json_array_get(j, strtoul(part, NULL, 10))
                             : json_object_get(j, part);
        p += p[n] == '.' ? n + 1 : n;
    }
    if (!json_is_number(j)) fail_msg("no number at %s", path);
    return json_number_value(j);
}

/* Within tol both relatively and absolutely: |got − want| ≤ tol·|want| (and ≤ tol where |want| > 1
 * would allow more only relatively; a want of 0 leaves the absolute half alone). */
static inline bool test_near(double got, double want, double tol)
{
    const double gap = fabs(got - want);
    return want == 0 ? gap <= tol : gap <= tol * fabs(want);
}

#define assert_near(got, want, tol) test_assert_near((got), (want), (tol), #got, __FILE__, __LINE__)

static inline void test_assert_near(double got, double want, double tol, const char *what,
                                    const char *file, int line)
{
    if (test_near(got, want, tol)) return;
    print_error("%s:%d: %s is %.17g, wanted %.17g (gap %.2g, tolerance %.2g)\n", file, line, what,
                got, want, got - want, tol);
    _fail(file, line);
}

/* The same with the name of a case and a key of its file. */
static inline void test_check(const json_t *expected, const char *id, const char *path, double got,
                              double tol)
{
    const double want = test_expected_number(expected, path);
    if (test_near(got, want, tol)) return;
    fail_msg("%s: %s is %.17g, wanted %.17g (relative gap %.2g, tolerance %.2g)", id, path, got,
             want, fabs(got - want) / fabs(want), tol);
}

/* Numbers of a JSON array; free(*out). */
static inline size_t test_expected_array(const json_t *j, double **out)
{
    const size_t n = json_array_size(j);
    *out = calloc(n + 1, sizeof **out);
    assert_non_null(*out);
    for (size_t i = 0; i < n; i++)
        (*out)[i] = json_number_value(json_array_get(j, i));
    return n;
}
#endif
