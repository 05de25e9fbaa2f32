/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a model file: refused with a message, or a model that predicts without trouble and
 * is written as the same model. */
#include "stroma/biomarker_bridge.h"
#include "stroma/biomarker_model_file.h"
#include "stroma/biomarker_predict.h"
#include "stroma/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* src/biomarker/model_schema.h: the hash guards every byte, so it is not asked for here. */
stroma_status model_read_content(const char *data, size_t size, bool hashed, stroma_model **out,
                                 stroma_error *err);

static void use(stroma_model *m)
{
    stroma_predictor *q = NULL;
    stroma_prediction r;
    stroma_buffer b;
    stroma_buffer_init(&b, 1 << 26);
    stroma_predict_value *v = stroma_alloc_array(m->inputs_len, sizeof *v);
    if (v == NULL) abort();
    for (size_t j = 0; j < m->inputs_len; j++)
        v[j] = (stroma_predict_value){ 1 + (double)j,
                                       j % 3 == 1 ? STROMA_BELOW_LIMIT : STROMA_PRESENT, 0 };
    if (stroma_predictor_new(m, 0.9, &q, NULL) == STROMA_OK) {
        if (stroma_predict(q, v, &r, NULL) != STROMA_OK) abort();
        if (r.answered && !(r.probability >= 0 && r.probability <= 1)) abort();
    }
    stroma_predictor_free(q);
    stroma_free(v);
    if (stroma_model_write_card(m, true, &b, NULL) != STROMA_OK) abort();
    const stroma_status s = stroma_model_write_pmml(m, &b, NULL);
    if (s != STROMA_OK && s != STROMA_E_DEGENERATE && s != STROMA_E_NOMEM) abort();
    stroma_buffer_clear(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    stroma_model *m = NULL;
    stroma_bridge *b = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    if (model_read_content((const char *)data, size, false, &m, &err) == STROMA_OK)
        use(m);
    else if (m != NULL || err.message[0] == '\0')
        abort();
    stroma_model_free(m);
    if (stroma_bridge_read((const char *)data, size, &b, &err) != STROMA_OK && b != NULL) abort();
    stroma_bridge_free(b);
    return 0;
}
