/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of files that say whose they are: "{subject}_{visit}_tregth17.fcs". */
#include "cytometry.h"

#include <string.h>

enum { WORD_SUBJECT, WORD_VISIT, WORD_ANY, WORDS };
static const char *const words[WORDS] = { "{subject}", "{visit}", "{any}" };
enum { PARTS_MAX = 32, TRIES_MAX = 20000 };

/* The word in braces at @p p, WORDS when there is none. */
static size_t word_at(const char *p)
{
    size_t k = 0;
    while (k < WORDS && strncmp(p, words[k], strlen(words[k])) != 0)
        k++;
    return k;
}

const char *cytometry_pattern_fault(const char *pattern)
{
    bool seen[WORDS] = { false };
    size_t parts = 0;
    for (const char *p = pattern; *p != '\0';) {
        if (*p == '}') return "a } stands without its {";
        if (*p != '{') {
            p++;
            continue;
        }
        const size_t k = word_at(p);
        if (k == WORDS) return "only {subject}, {visit} and {any} may stand in braces";
        if (k != WORD_ANY && seen[k]) return "a word stands twice";
        if (++parts > PARTS_MAX) return "too many words in braces";
        seen[k] = true;
        p += strlen(words[k]);
        if (*p == '{') return "two words touch: nothing says where one ends";
    }
    return NULL;
}

char *cytometry_pattern_glob(stroma_arena *arena, const char *pattern)
{
    char *out = stroma_arena_alloc(arena, strlen(pattern) + 1, 1), *to = out;
    for (const char *p = pattern; out != NULL && *p != '\0';) {
        const size_t k = *p == '{' ? word_at(p) : WORDS;
        *to++ = k == WORDS ? *p : '*';
        p += k == WORDS ? 1 : strlen(words[k]);
    }
    return out;
}

typedef struct reading {
    cytometry_judge judge;
    void *context;
    cytometry_name now, best;
    int quality; /* of best, −1 none */
    int tries;
} reading;

static void keep(char *to, const char *from, size_t n)
{
    memcpy(to, from, n);
    to[n] = '\0';
}

/* Every way to read the rest; words are at least one character long and hold no slash. */
static void read_rest(reading *r, const char *pattern,
                      const char *name) // NOLINT(misc-no-recursion)
{
    while (*pattern != '\0' && *pattern != '{') {
        if (*pattern != *name) return;
        pattern++;
        name++;
    }
    if (*pattern == '\0') {
        if (*name != '\0') return;
        const int quality = r->judge(r->context, &r->now);
        if (quality > r->quality) {
            r->quality = quality;
            r->best = r->now;
        }
        return;
    }
    const size_t k = word_at(pattern);
    const char *after = pattern + strlen(words[k]);
    char *to = k == WORD_SUBJECT ? r->now.subject : k == WORD_VISIT ? r->now.visit : NULL;
    for (size_t n = 1; n < CYTOMETRY_NAME_MAX && name[n - 1] != '\0' && name[n - 1] != '/'; n++) {
        if (++r->tries > TRIES_MAX) return;
        if (*after == '\0' ? name[n] != '\0' : *after != name[n]) continue;
        if (to != NULL) keep(to, name, n);
        read_rest(r, after, name + n);
    }
}

bool cytometry_match(const char *pattern, const char *name, cytometry_judge judge, void *context,
                     cytometry_name *out)
{
    reading r = { .judge = judge, .context = context, .quality = -1 };
    read_rest(&r, pattern, name);
    *out = r.best;
    return r.quality >= 0;
}
