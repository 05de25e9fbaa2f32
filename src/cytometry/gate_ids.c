/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gate_ids.h"

#include "stroma/memory.h"

#include <string.h>

static uint64_t hash(const char *s)
{
    uint64_t h = 14695981039346656037U; /* FNV-1a */
    for (; *s != '\0'; s++)
        h = (h ^ (unsigned char)*s) * 1099511628211U;
    return h ^ h >> 29;
}

static struct gate_ids_slot *place(const gate_ids *t, const char *id)
{
    size_t i = (size_t)hash(id) & (t->capacity - 1);
    while (t->slots[i].id != NULL && strcmp(t->slots[i].id, id) != 0)
        i = (i + 1) & (t->capacity - 1);
    return &t->slots[i];
}

static bool enlarge(gate_ids *t)
{
    gate_ids bigger = { .capacity = t->capacity == 0 ? 64 : 2 * t->capacity, .len = t->len };
    bigger.slots = stroma_alloc_array(bigger.capacity, sizeof *bigger.slots);
    if (bigger.slots == NULL) return false;
    for (size_t i = 0; i < t->capacity; i++)
        if (t->slots[i].id != NULL) *place(&bigger, t->slots[i].id) = t->slots[i];
    stroma_free(t->slots);
    *t = bigger;
    return true;
}

bool gate_ids_add(gate_ids *t, const char *id, int index, stroma_status *s)
{
    *s = STROMA_OK;
    if (2 * (t->len + 1) > t->capacity && !enlarge(t)) {
        *s = STROMA_E_NOMEM;
        return false;
    }
    struct gate_ids_slot *slot = place(t, id);
    if (slot->id != NULL) return false;
    slot->id = id;
    slot->index = index;
    t->len++;
    return true;
}

int gate_ids_find(const gate_ids *t, const char *id)
{
    if (t->len == 0) return -1;
    const struct gate_ids_slot *slot = place(t, id);
    return slot->id == NULL ? -1 : slot->index;
}

void gate_ids_clear(gate_ids *t)
{
    stroma_free(t->slots);
    *t = (gate_ids){ 0 };
}
