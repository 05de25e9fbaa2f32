/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "Did you mean": the nearest names by Levenshtein distance, ASCII case ignored. */
#include "score_impl.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MAX_BYTES = 64 };

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t distance(const char *a, const char *b)
{
    const size_t n = strlen(a), m = strlen(b);
    if (n > NAME_MAX_BYTES || m > NAME_MAX_BYTES) return SIZE_MAX;
    size_t row[NAME_MAX_BYTES + 1];
    for (size_t j = 0; j <= m; j++)
        row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            const size_t above = row[j];
            const size_t change = diagonal + (lower(a[i - 1]) != lower(b[j - 1]));
            const size_t step = (above < row[j - 1] ? above : row[j - 1]) + 1;
            row[j] = change < step ? change : step;
            diagonal = above;
        }
    }
    return row[m];
}

void stroma_score_nearest_offer(score_nearest *best, const char *asked, const char *name)
{
    const size_t n = strlen(asked);
    size_t d = distance(asked, name);
    /* A name that begins with what was asked is near, however long it is. */
    if (n >= 3 && strncmp(asked, name, n) == 0) d = 1;
    if (d > 1 + n / 3) return;
    size_t at = best->len;
    while (at > 0 && best->distance[at - 1] > d)
        at--;
    if (at == 3) return;
    if (best->len < 3) best->len++;
    for (size_t i = best->len - 1; i > at; i--) {
        best->name[i] = best->name[i - 1];
        best->distance[i] = best->distance[i - 1];
    }
    best->name[at] = name;
    best->distance[at] = d;
}

void stroma_score_nearest_hint(const score_nearest *best, const char *otherwise, stroma_error *err)
{
    if (best->len == 1)
        stroma_hint(err, "did you mean \"%s\"?", best->name[0]);
    else if (best->len == 2)
        stroma_hint(err, "did you mean \"%s\" or \"%s\"?", best->name[0], best->name[1]);
    else if (best->len == 3)
        stroma_hint(err, "did you mean \"%s\", \"%s\" or \"%s\"?", best->name[0], best->name[1],
                    best->name[2]);
    else
        stroma_hint(err, "%s", otherwise);
}
