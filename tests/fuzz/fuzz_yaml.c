/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a study file: read, and held against the table of keys. */
#include "../../src/study/model.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    stroma_arena arena;
    stroma_arena_init(&arena, (size_t)64 << 20);
    stroma_diag diag;
    stroma_diag_init(&diag);
    stroma_error err = STROMA_ERROR_INIT;
    stroma_yaml_node *root = NULL;
    if (stroma_yaml_read((const char *)data, size, &arena, &root, &err) == STROMA_OK)
        (void)!stroma_schema_check("fuzz", root, &study_schema, &diag, &err);
    stroma_diag_clear(&diag);
    stroma_arena_clear(&arena);
    return 0;
}
