/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any text as a score's inputs and in-cell lists: the result is always one of its states, a present
 * number is finite and in range, and computing twice gives the same. The first byte picks the
 * score. */
#include "stroma/memory.h"
#include "stroma/score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t n = 0;
    const stroma_score *const *table = stroma_score_table(&n);
    if (size == 0) return 0;
    const stroma_score *s = table[data[0] % n];
    char *text = stroma_strndup((const char *)data + 1, size - 1);
    if (text == NULL) return 0;
    stroma_score_result a, b;
    memset(&a, 0, sizeof a);
    memset(&b, 0, sizeof b);
    if (stroma_score_compute_text(s, text, NULL, &a, NULL) == STROMA_OK) {
        if (stroma_score_compute_text(s, text, NULL, &b, NULL) != STROMA_OK) abort();
        if (memcmp(&a, &b, sizeof a) != 0) abort();
        if (a.state != STROMA_PRESENT && a.reason[0] == '\0') abort();
        if (a.state == STROMA_PRESENT && !isfinite(a.number)) abort();
        if (a.state == STROMA_PRESENT && s->kind == STROMA_SCORE_WORD && a.word == NULL) abort();
    }
    stroma_free(text);
    return 0;
}
