/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looking keywords and parameters up. */
#include "fcs_private.h"

#include "stroma/sort.h"

#include <string.h>
#include <strings.h>

static int by_name(const void *a, const void *b, void *context)
{
    const stroma_fcs_keyword *k = context;
    return strcasecmp(k[*(const uint32_t *)a].name, k[*(const uint32_t *)b].name);
}

/* Of keywords that stand twice the first one counts; those that differ are reported. */
void fcs_keywords_report(const fcs_job *j)
{
    const uint32_t *index = j->data->index;
    for (size_t i = 1; i < j->keywords_len; i++) {
        const stroma_fcs_keyword *a = &j->keywords[index[i - 1]], *b = &j->keywords[index[i]];
        if (strcasecmp(a->name, b->name) == 0 && strcmp(a->value, b->value) != 0)
            fcs_find(j, "STROMA-FCS-013", STROMA_WARNING, NULL,
                     "keyword \"%.60s\" stands twice, as \"%.60s\" and as \"%.60s\"; the first is "
                     "used",
                     b->name, a->value, b->value);
    }
}

stroma_status fcs_keywords_index(fcs_job *j, stroma_error *err)
{
    uint32_t *index = stroma_arena_alloc(j->arena, j->keywords_len, sizeof *index);
    if (index == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < j->keywords_len; i++)
        index[i] = (uint32_t)i;
    STROMA_TRY(stroma_sort(index, j->keywords_len, sizeof *index, by_name, j->keywords, err));
    j->data->index = index;
    j->data->keywords = j->keywords;
    j->data->keywords_len = j->keywords_len;
    return STROMA_OK;
}

const char *stroma_fcs_text(const stroma_fcs_dataset *d, const char *keyword)
{
    if (d->data == NULL || d->data->keywords != d->keywords ||
        d->data->keywords_len != d->keywords_len) { /* made by hand, to be written */
        for (size_t i = 0; i < d->keywords_len; i++)
            if (strcasecmp(d->keywords[i].name, keyword) == 0) return d->keywords[i].value;
        return NULL;
    }
    size_t low = 0, high = d->keywords_len;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (strcasecmp(d->keywords[d->data->index[middle]].name, keyword) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == d->keywords_len) return NULL;
    const stroma_fcs_keyword *k = &d->keywords[d->data->index[low]];
    return strcasecmp(k->name, keyword) == 0 ? k->value : NULL;
}

static size_t find_in(const stroma_fcs_dataset *d, const char *name, bool stain)
{
    size_t found = SIZE_MAX, times = 0;
    for (size_t i = 0; i < d->parameters_len; i++) {
        const char *have = stain ? d->parameters[i].stain : d->parameters[i].name;
        if (strcmp(have, name) == 0) return i;
        if (strcasecmp(have, name) != 0) continue;
        if (times++ == 0) found = i;
    }
    return times == 1 ? found : SIZE_MAX;
}

size_t stroma_fcs_find(const stroma_fcs_dataset *d, const char *name, bool stains)
{
    if (name[0] == '\0') return SIZE_MAX;
    const size_t found = find_in(d, name, false);
    return found != SIZE_MAX || !stains ? found : find_in(d, name, true);
}
