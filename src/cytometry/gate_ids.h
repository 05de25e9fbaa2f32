/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names and their indices, found at once however many there are. */
#ifndef STROMA_GATE_IDS_H
#define STROMA_GATE_IDS_H
#include "stroma/error.h"

#include <stdbool.h>

typedef struct gate_ids {
    struct gate_ids_slot {
        const char *id;
        int index;
    } * slots; /* a power of two, half of them empty */
    size_t capacity, len;
} gate_ids;
/* Borrow @p id. @return false when it was there already (nothing changes). NOMEM in @p s. */
bool gate_ids_add(gate_ids *t, const char *id, int index, stroma_status *s);
/* −1: not there */
int gate_ids_find(const gate_ids *t, const char *id);
void gate_ids_clear(gate_ids *t);
#endif
