/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two ways of pooling share. */
#ifndef STROMA_MODELS_META_PRIVATE_H
#define STROMA_MODELS_META_PRIVATE_H
#include "stroma/models_meta.h"

/* Nothing known yet. */
void meta_clear(stroma_meta *out, const char *method);
/* The prediction interval from pooled (estimate, se, n_used) and tau2. */
void meta_predict(const stroma_meta_options *o, stroma_meta *out);
#endif
