/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text → position in an array of records whose first member is the text. Open addressing; the
 * slots keep hash and length, so most lookups touch the text once, to confirm. */
#ifndef STROMA_TABLE_DICTIONARY_H
#define STROMA_TABLE_DICTIONARY_H
#include "stroma/error.h"

typedef struct stroma_text_slot {
    uint32_t hash;
    uint32_t len;  /* low 32 bits of the text's length */
    int32_t place; /* position + 1; 0 is an empty slot */
} stroma_text_slot;

typedef struct stroma_text_index {
    stroma_text_slot *slots;
    size_t slots_len; /* power of two, or 0 */
    size_t used;
} stroma_text_index;

uint32_t stroma_text_hash(const char *s, size_t n);
/* Position of the text, or -1. `records` is the array, `stride` the size of a record. */
int32_t stroma_text_index_find(const stroma_text_index *x, const void *records, size_t stride,
                               const char *s, size_t n, uint32_t hash);
/* Note that the text, not yet in the index, stands at `place`. */
STROMA_CHECK stroma_status stroma_text_index_add(stroma_text_index *x, uint32_t hash, size_t n,
                                                 int32_t place, stroma_error *err);
/* Empty it but keep the memory. */
void stroma_text_index_reset(stroma_text_index *x);
stroma_text_index *stroma_text_index_new(void);
void stroma_text_index_free(stroma_text_index *x);
#endif
