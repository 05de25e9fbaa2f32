/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gate files of any bytes. What can be read can be looked at, and what can be written is read again
 * as the same gates and writes the same bytes. */
#include "stroma/cytometry_gates.h"

#include <string.h>

enum { OUTPUT_LIMIT_BYTES = 64 << 20 };

static void again(const stroma_gate_set *s, const stroma_buffer *first)
{
    stroma_error err = STROMA_ERROR_INIT;
    stroma_gate_set b;
    stroma_buffer second;
    stroma_buffer_init(&second, OUTPUT_LIMIT_BYTES);
    if (stroma_gates_parse(first->data, first->len, "again.xml", NULL, NULL, &b, &err) !=
            STROMA_OK ||
        b.gates_len != s->gates_len)
        __builtin_trap();
    if (stroma_gates_write(&b, &second, &err) != STROMA_OK || second.len != first->len ||
        memcmp(second.data, first->data, first->len) != 0)
        __builtin_trap();
    stroma_buffer_clear(&second);
    stroma_gate_set_clear(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    stroma_error err = STROMA_ERROR_INIT;
    stroma_gate_set s;
    stroma_diag diag;
    stroma_diag_init(&diag);
    if (stroma_gates_parse((const char *)data, size, "a.xml", NULL, &diag, &s, &err) == STROMA_OK) {
        stroma_buffer first;
        stroma_buffer_init(&first, OUTPUT_LIMIT_BYTES);
        if (stroma_gates_look(&s, &diag, &err) != STROMA_OK) __builtin_trap();
        if (stroma_gates_write(&s, &first, &err) == STROMA_OK)
            again(&s, &first);
        else if (err.message[0] == '\0')
            __builtin_trap();
        stroma_buffer_clear(&first);
    } else if (err.message[0] == '\0' || s.gates_len != 0) {
        __builtin_trap(); /* a failure leaves no gates, and says why */
    }
    stroma_gate_set_clear(&s);
    stroma_diag_clear(&diag);
    return 0;
}
