/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "Did you mean": up to three nearest names, where base offers one. */
#include "score_impl.h"

#include "stroma/suggest.h"

#include <string.h>

void stroma_score_nearest_offer(score_nearest *best, const char *asked, const char *name)
{
    const size_t n = strlen(asked);
    size_t d = stroma_edit_distance(asked, name);
    /* A name that begins with what was asked is near, however long it is. */
    if (n >= 3 && strncmp(asked, name, n) == 0) d = 1;
    if (d > 1 + n / 4) return;
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
