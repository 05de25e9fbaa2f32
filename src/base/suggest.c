/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/suggest.h"

#include <stdbool.h>
#include <string.h>

enum { COMPARED_MAX = 64 };

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t stroma_edit_distance(const char *a, const char *b)
{
    const size_t len_a = strlen(a), len_b = strlen(b);
    const size_t n = least(len_a, COMPARED_MAX), m = least(len_b, COMPARED_MAX);
    size_t row[3][COMPARED_MAX + 1]; /* two rows back, one back, this one */
    for (size_t j = 0; j <= m; j++)
        row[0][j] = row[1][j] = j;
    for (size_t i = 1; i <= n; i++) {
        row[2][0] = i;
        for (size_t j = 1; j <= m; j++) {
            const bool same = lower(a[i - 1]) == lower(b[j - 1]);
            size_t d = least(row[1][j - 1] + (same ? 0 : 1), least(row[1][j], row[2][j - 1]) + 1);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1]))
                d = least(d, row[0][j - 2] + 1);
            row[2][j] = d;
        }
        memcpy(row[0], row[1], sizeof row[0]);
        memcpy(row[1], row[2], sizeof row[1]);
    }
    return row[1][m] + (len_a - n) + (len_b - m);
}

static bool begins_with(const char *text, const char *start)
{
    for (; *start != '\0'; text++, start++)
        if (lower(*text) != lower(*start)) return false;
    return true;
}

const char *stroma_nearest(const char *word, const char *const *names, size_t n)
{
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;
    const size_t len = strlen(word), allowed = len < 3 ? 1 : len < 6 ? 2 : len / 3;
    for (size_t i = 0; i < n; i++) {
        if (names[i] == NULL || len == 0) continue;
        size_t d = stroma_edit_distance(word, names[i]);
        const bool prefix =
            len >= 2 && (begins_with(names[i], word) || begins_with(word, names[i]));
        if (d > allowed && prefix) d = allowed; /* "form" for "format": meant, but after a slip */
        if (d <= allowed && d < best_distance && d < strlen(names[i])) {
            best = names[i];
            best_distance = d;
        }
    }
    return best;
}
