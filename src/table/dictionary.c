/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dictionary.h"

#include "stroma/memory.h"

#include <string.h>

/* Eight bytes at a time, multiply and fold; quality is enough for power-of-two tables. */
uint32_t stroma_text_hash(const char *s, size_t n)
{
    const uint64_t k = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t h = k ^ n, w = 0;
    while (n >= 8) {
        memcpy(&w, s, 8);
        h = (h ^ w) * k;
        h ^= h >> 29;
        s += 8;
        n -= 8;
    }
    w = 0;
    for (size_t i = 0; i < n; i++)
        w |= (uint64_t)(unsigned char)s[i] << (8 * i);
    h = (h ^ w) * k;
    h ^= h >> 32;
    h *= UINT64_C(0xD6E8FEB86659FD93);
    return (uint32_t)(h >> 32);
}

int32_t stroma_text_index_find(const stroma_text_index *x, const void *records, size_t stride,
                               const char *s, size_t n, uint32_t hash)
{
    if (x->slots_len == 0) return -1;
    const size_t mask = x->slots_len - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        const stroma_text_slot *slot = &x->slots[i];
        if (slot->place == 0) return -1;
        if (slot->hash != hash || slot->len != (uint32_t)n) continue;
        const int32_t place = slot->place - 1;
        const char *text = NULL;
        memcpy(&text, (const char *)records + (size_t)place * stride, sizeof text);
        if (memcmp(text, s, n) == 0 && text[n] == '\0') return place;
    }
}

static void put(stroma_text_slot *slots, size_t slots_len, stroma_text_slot slot)
{
    const size_t mask = slots_len - 1;
    size_t i = slot.hash & mask;
    while (slots[i].place != 0)
        i = (i + 1) & mask;
    slots[i] = slot;
}

stroma_status stroma_text_index_add(stroma_text_index *x, uint32_t hash, size_t n, int32_t place,
                                    stroma_error *err)
{
    if (place < 0 || place == INT32_MAX || n > UINT32_MAX)
        return stroma_fail(err, STROMA_E_NOMEM, "a column has more than %d distinct texts",
                           INT32_MAX - 1);
    if (x->used >= x->slots_len / 2) {
        const size_t len = x->slots_len == 0 ? 16 : x->slots_len * 2;
        stroma_text_slot *slots = stroma_alloc_array(len, sizeof *slots);
        if (slots == NULL) return stroma_no_memory(err);
        for (size_t i = 0; i < x->slots_len; i++)
            if (x->slots[i].place != 0) put(slots, len, x->slots[i]);
        stroma_free(x->slots);
        x->slots = slots;
        x->slots_len = len;
    }
    put(x->slots, x->slots_len, (stroma_text_slot){ hash, (uint32_t)n, place + 1 });
    x->used++;
    return STROMA_OK;
}

void stroma_text_index_reset(stroma_text_index *x)
{
    if (x->used > 0) memset(x->slots, 0, x->slots_len * sizeof *x->slots);
    x->used = 0;
}

stroma_text_index *stroma_text_index_new(void)
{
    return stroma_alloc_array(1, sizeof(stroma_text_index));
}

void stroma_text_index_free(stroma_text_index *x)
{
    if (x == NULL) return;
    stroma_free(x->slots);
    stroma_free(x);
}
