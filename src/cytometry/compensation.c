/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A spillover or spectrum matrix made ready: checked, its condition known, inverted. */
#include "compensation_private.h"

#include "stroma/number.h"

#include <math.h>
#include <string.h>

static stroma_status names_differ(const char *kind, const char *const *name, size_t n,
                                  stroma_error *err)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            if (strcmp(name[i], name[j]) == 0)
                return stroma_fail(err, STROMA_E_USAGE, "%s \"%s\" stands twice in the matrix",
                                   kind, name[i]);
    return STROMA_OK;
}

static stroma_status check(const stroma_compensation *c, const double *matrix, bool inverted,
                           stroma_error *err)
{
    const size_t n = c->fluorochromes_len, m = c->detectors_len;
    if (n == 0 || m > COMPENSATION_MOST)
        return stroma_fail(err, STROMA_E_USAGE,
                           "a matrix of %zu detectors: between 1 and %d are possible", m,
                           COMPENSATION_MOST);
    if (m < n) {
        (void)stroma_fail(err, STROMA_E_USAGE,
                          "%zu fluorochromes cannot be told apart by %zu detectors", n, m);
        stroma_hint(err, "a spectrum matrix has a row a fluorochrome and a column a detector");
        return STROMA_E_USAGE;
    }
    STROMA_TRY(names_differ("fluorochrome", c->fluorochrome, n, err));
    STROMA_TRY(names_differ("detector", c->detector, m, err));
    for (size_t i = 0; i < n * m; i++)
        if (!isfinite(matrix[i]))
            return stroma_fail(err, STROMA_E_USAGE, "row %zu, column %zu of the matrix: %s",
                               i / (inverted ? n : m) + 1, i % (inverted ? n : m) + 1,
                               isnan(matrix[i]) ? "not a number" : "infinite");
    return STROMA_OK;
}

static const char *const *copy_names(stroma_arena *arena, const char *const *name, size_t n)
{
    const char **copy = stroma_arena_alloc(arena, n, sizeof *copy);
    for (size_t i = 0; copy != NULL && i < n; i++) {
        copy[i] = stroma_arena_strdup(arena, name[i]);
        if (copy[i] == NULL) return NULL;
    }
    return copy;
}

static bool is_identity(const stroma_compensation *c, const double *matrix)
{
    const size_t n = c->fluorochromes_len;
    if (c->detectors_len != n) return false;
    for (size_t i = 0; i < n * n; i++)
        if (matrix[i] != (i / n == i % n)) return false;
    return true;
}

static stroma_status singular(double condition, stroma_error *err)
{
    char text[STROMA_NUMBER_TEXT_MAX];
    (void)stroma_fail(
        err, STROMA_E_DEGENERATE, "the matrix cannot be inverted: its condition number is %s",
        isfinite(condition) ? stroma_format_significant(condition, 3, text) : "infinite");
    stroma_hint(err, "two fluorochromes have the same spectrum, or a row is empty");
    return STROMA_E_DEGENERATE;
}

/* Inverse and condition number of @p matrix, already checked. */
static stroma_status solve(stroma_compensation *c, const double *matrix, bool inverted,
                           stroma_arena *arena, stroma_error *err)
{
    const size_t n = c->fluorochromes_len, m = c->detectors_len;
    double *copy = stroma_arena_alloc(arena, n * m, sizeof *copy);
    if (copy == NULL) return stroma_no_memory(err);
    memcpy(copy, matrix, n * m * sizeof *copy);
    if (inverted) {
        c->unmixing = copy;
        c->condition = (double)NAN;
        return n == m ? compensation_condition(copy, n, m, &c->condition, err) : STROMA_OK;
    }
    c->spectrum = copy;
    STROMA_TRY(compensation_condition(copy, n, m, &c->condition, err));
    if (!(c->condition < COMPENSATION_SINGULAR)) return singular(c->condition, err);
    if (c->identity) {
        c->unmixing = copy;
        return STROMA_OK;
    }
    double *inverse = stroma_arena_alloc(arena, n * m, sizeof *inverse);
    if (inverse == NULL) return stroma_no_memory(err);
    STROMA_TRY(compensation_invert(copy, n, m, inverse, err));
    c->unmixing = inverse;
    return STROMA_OK;
}

stroma_status stroma_compensation_make(const char *id, const char *source,
                                       const char *const *fluorochrome, size_t fluorochromes,
                                       const char *const *detector, size_t detectors,
                                       const double *matrix, bool inverted, stroma_arena *arena,
                                       stroma_compensation *out, stroma_error *err)
{
    stroma_compensation c = { .fluorochromes_len = fluorochromes,
                              .detectors_len = detectors,
                              .fluorochrome = fluorochrome,
                              .detector = detector };
    *out = (stroma_compensation){ 0 };
    STROMA_TRY(check(&c, matrix, inverted, err));
    c.id = stroma_arena_strdup(arena, id);
    c.source = stroma_arena_strdup(arena, source);
    c.fluorochrome = copy_names(arena, fluorochrome, fluorochromes);
    c.detector = copy_names(arena, detector, detectors);
    if (c.id == NULL || c.source == NULL || c.fluorochrome == NULL || c.detector == NULL)
        return stroma_no_memory(err);
    c.identity = is_identity(&c, matrix);
    STROMA_TRY(solve(&c, matrix, inverted, arena, err));
    *out = c;
    return STROMA_OK;
}
