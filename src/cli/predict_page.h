/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of a prediction as a page for people (--page). */
#ifndef STROMA_CLI_PREDICT_PAGE_H
#define STROMA_CLI_PREDICT_PAGE_H
#include "predict_inputs.h"

typedef struct predict_page predict_page;
stroma_status predict_page_new(const stroma_model *m, predict_page **out, stroma_error *err);
void predict_page_free(predict_page *p);
/* One thing to know about the row that comes next. */
void predict_page_note(predict_page *p, const char *text);

typedef struct predict_page_row {
    const char *id, *answer, *refused; /* refused: why the row was not looked at, or NULL */
    const stroma_prediction *prediction;
    const stroma_predict_value *values;
    const predict_origin *origins;
    double set_level;
} predict_page_row;
stroma_status predict_page_add(predict_page *p, const predict_page_row *row, stroma_error *err);
stroma_status predict_page_write(const predict_page *p, const char *path, bool overwrite,
                                 stroma_error *err);
#endif
