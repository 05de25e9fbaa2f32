/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any text as a model formula: it is refused with a place and a message, or every term holds only
 * variables that exist, no term stands twice, and the terms are ordered by size. */
#include "stroma/memory.h"
#include "stroma/stats_formula.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = stroma_strndup((const char *)data, size);
    if (text == NULL) return 0;
    stroma_formula *f = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    if (stroma_formula_parse(text, &f, &err) != STROMA_OK) {
        if (f != NULL || err.message[0] == '\0') abort();
        if (err.status == STROMA_E_USAGE && err.column < 1) abort();
    } else {
        for (size_t t = 0; t < f->terms_len; t++) {
            const uint64_t all = (UINT64_C(1) << f->variables_len) - 1;
            if (f->terms[t] == 0 || (f->terms[t] & ~all) != 0) abort();
            if (t > 0 && __builtin_popcount(f->terms[t - 1]) > __builtin_popcount(f->terms[t]))
                abort();
            for (size_t k = 0; k < t; k++)
                if (f->terms[k] == f->terms[t]) abort();
        }
        if (f->response[0] == '\0') abort();
    }
    stroma_formula_free(f);
    stroma_free(text);
    return 0;
}
