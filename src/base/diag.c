/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/diag.h"

enum { DIAG_LIMIT = 10000, DIAG_ARENA_BYTES = 64 * 1024 * 1024 };

void stroma_diag_init(stroma_diag *d)
{
    *d = (stroma_diag){ .limit = DIAG_LIMIT };
    stroma_arena_init(&d->arena, DIAG_ARENA_BYTES);
}

void stroma_diag_add(stroma_diag *d, const stroma_finding *f)
{
    if (d == NULL) return;
    if (d->len >= d->limit ||
        stroma_grow(&d->items, &d->capacity, d->len + 1, sizeof *d->items, NULL) != STROMA_OK) {
        d->dropped++;
        return;
    }
    stroma_finding copy = *f;
    const char **texts[] = { &copy.code,  &copy.file,   &copy.column, &copy.subject,
                             &copy.visit, &copy.param,  &copy.value,  &copy.message,
                             &copy.rule,  &copy.action, &copy.audit };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (*texts[i] == NULL) continue;
        *texts[i] = stroma_arena_strdup(&d->arena, *texts[i]);
        if (*texts[i] == NULL) {
            d->dropped++;
            return;
        }
    }
    d->items[d->len++] = copy;
}

size_t stroma_diag_count(const stroma_diag *d, stroma_severity at_least)
{
    size_t n = 0;
    for (size_t i = 0; i < d->len; i++)
        n += d->items[i].severity >= at_least;
    return n;
}

const char *stroma_severity_name(stroma_severity s)
{
    return s == STROMA_NOTE ? "note" : s == STROMA_WARNING ? "warning" : "error";
}

void stroma_diag_clear(stroma_diag *d)
{
    stroma_free(d->items);
    stroma_arena_clear(&d->arena);
    stroma_diag_init(d);
}
