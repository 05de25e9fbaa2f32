/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The matrices of FCS 2.0 and 3.0: $DFCiTOj, the percentage of parameter i's signal that shows in
 * parameter j, and $COMP, all of them in one keyword. They name parameters by number. */
#include "compensation_private.h"

#include "stroma/number.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* "$DFC3TO12" is 3 and 12, counted from 1. */
static bool is_factor(const char *keyword, size_t most, size_t *from, size_t *to)
{
    int64_t i, j;
    if (strncasecmp(keyword, "$DFC", 4) != 0) return false;
    const char *first = keyword + 4;
    const size_t digits = strspn(first, "0123456789");
    if (strncasecmp(first + digits, "TO", 2) != 0) return false;
    const char *second = first + digits + 2;
    if (!stroma_parse_int(first, digits, &i) || !stroma_parse_int(second, strlen(second), &j))
        return false;
    if (i < 1 || j < 1 || (uint64_t)i > most || (uint64_t)j > most || i == j) return false;
    *from = (size_t)i - 1;
    *to = (size_t)j - 1;
    return true;
}

/* The channels that take part: with a factor that is not 0, in order of the file. */
static size_t choose(const double *factor, size_t p, size_t *channel)
{
    size_t n = 0;
    for (size_t i = 0; i < p; i++) {
        bool used = false;
        for (size_t k = 0; k < p; k++)
            used |= i != k && (factor[i * p + k] != 0 || factor[k * p + i] != 0);
        if (used) channel[n++] = i;
    }
    return n;
}

/* @param factor p × p, from row to column, as fractions; the diagonal does not count */
static stroma_status use(const compensation_job *j, const char *source, const double *factor,
                         const stroma_compensation **out, stroma_error *err)
{
    const size_t p = j->d->parameters_len;
    size_t *channel = stroma_arena_alloc(j->arena, p, sizeof *channel);
    if (channel == NULL) return stroma_no_memory(err);
    const size_t n = choose(factor, p, channel);
    if (n == 0) {
        compensation_find(j, "STROMA-COMP-007", STROMA_NOTE, NULL,
                          "all factors of %s are 0: nothing is compensated", source);
        return STROMA_OK;
    }
    double *matrix = stroma_arena_alloc(j->arena, n * n, sizeof *matrix);
    if (matrix == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            matrix[i * n + k] = i == k ? 1 : factor[channel[i] * p + channel[k]];
    compensation_find(j, "STROMA-COMP-013", STROMA_NOTE, NULL,
                      "the matrix comes from %s, percentages between parameters by number", source);
    return compensation_of_channels(j, source, channel, n, matrix, out, err);
}

static stroma_status from_factors(const compensation_job *j, double *factor,
                                  const stroma_compensation **out, stroma_error *err)
{
    const size_t p = j->d->parameters_len;
    bool any = false;
    for (size_t i = 0; i < j->d->keywords_len; i++) {
        const stroma_fcs_keyword *k = &j->d->keywords[i];
        size_t from, to;
        double percent;
        if (!is_factor(k->name, p, &from, &to)) continue;
        if (!stroma_parse_double(k->value, strlen(k->value), '.', &percent)) {
            compensation_find(j, "STROMA-COMP-001", STROMA_ERROR, NULL,
                              "%s is \"%.40s\", no number: the $DFCiTOj are not used", k->name,
                              k->value);
            return STROMA_OK;
        }
        factor[from * p + to] = percent / 100;
        any = true;
    }
    return any ? use(j, "$DFCiTOj", factor, out, err) : STROMA_OK;
}

/* Of the text "n,f11,f12,…,fnn" with n the number of parameters, in percent, or as fractions where
 * a diagonal is 1. "0" is no matrix. */
static stroma_status from_comp(const compensation_job *j, const char *text, double *factor,
                               const stroma_compensation **out, stroma_error *err)
{
    const size_t p = j->d->parameters_len;
    size_t i = 0;
    for (const char *at = text; *at != '\0'; i++) {
        double number = 0;
        at += strspn(at, " ");
        size_t n = strcspn(at, ",");
        const char *next = at + n + (at[n] == ',');
        while (n > 0 && at[n - 1] == ' ')
            n--;
        const bool good = stroma_parse_double(at, n, '.', &number);
        if (i == 0 && good && number == 0) return STROMA_OK;
        if (!good || i > p * p || (i == 0 && number != (double)p)) {
            compensation_find(j, "STROMA-COMP-001", STROMA_ERROR, NULL,
                              i == 0 ? "$COMP cannot be used: it begins with \"%.*s\", not with "
                                       "the number of parameters, %zu"
                                     : "$COMP cannot be used: \"%.*s\" is no number of a %zu-row "
                                       "matrix",
                              (int)(n < 40 ? n : 40), at, p);
            return STROMA_OK;
        }
        if (i > 0) factor[i - 1] = number;
        at = next;
    }
    if (i != p * p + 1) {
        compensation_find(j, "STROMA-COMP-001", STROMA_ERROR, NULL,
                          "$COMP cannot be used: %zu numbers stand there, but %zu parameters need "
                          "%zu",
                          i == 0 ? 0 : i - 1, p, p * p);
        return STROMA_OK;
    }
    bool fractions = false;
    for (size_t k = 0; k < p; k++)
        fractions |= factor[k * p + k] == 1;
    for (size_t k = 0; k < p * p; k++)
        factor[k] /= fractions ? 1 : 100;
    return use(j, "$COMP", factor, out, err);
}

stroma_status compensation_from_old(const compensation_job *j, const stroma_compensation **out,
                                    stroma_error *err)
{
    const size_t p = j->d->parameters_len;
    if (p > COMPENSATION_MOST) return STROMA_OK;
    double *factor = stroma_alloc_array(p * p, sizeof *factor);
    if (factor == NULL) return stroma_no_memory(err);
    const char *comp = stroma_fcs_text(j->d, "$COMP");
    stroma_status s = STROMA_OK;
    if (comp != NULL) s = from_comp(j, comp, factor, out, err);
    if (s == STROMA_OK && *out == NULL) {
        memset(factor, 0, p * p * sizeof *factor);
        s = from_factors(j, factor, out, err);
    }
    stroma_free(factor);
    return s;
}
