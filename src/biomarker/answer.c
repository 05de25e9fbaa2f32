/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "answer.h"

#include "stroma/biomarker_answer.h"
#include "stroma/number.h"

#include <math.h>
#include <string.h>

stroma_status answer_result(answer *a, const stroma_study_answer_result *r, size_t *out_idx,
                            stroma_error *err)
{
    stroma_study_answer *out = a->out;
    if (r->label == NULL) return stroma_no_memory(err);
    STROMA_TRY(stroma_grow(&out->results.items, &out->results.capacity, out->results.len + 1,
                           sizeof *out->results.items, err));
    if (out_idx != NULL) *out_idx = out->results.len;
    out->results.items[out->results.len++] = *r;
    return STROMA_OK;
}

stroma_status answer_point(answer *a, const stroma_study_answer_point *p, stroma_error *err)
{
    stroma_study_answer *out = a->out;
    STROMA_TRY(stroma_grow(&out->points.items, &out->points.capacity, out->points.len + 1,
                           sizeof *out->points.items, err));
    out->points.items[out->points.len++] = *p;
    return STROMA_OK;
}

stroma_status answer_text(answer *a, const char *kind, const char *title, const char *text,
                          stroma_error *err)
{
    stroma_study_answer *out = a->out;
    if (text == NULL || title == NULL) return stroma_no_memory(err);
    STROMA_TRY(stroma_grow(&out->texts.items, &out->texts.capacity, out->texts.len + 1,
                           sizeof *out->texts.items, err));
    out->texts.items[out->texts.len++] =
        (stroma_study_answer_text){ .kind = kind, .title = title, .text = text };
    return STROMA_OK;
}

/* Decimals that show @p digits significant ones, for numbers that people read. */
static int decimals_for(double x, int digits)
{
    if (x == 0 || !isfinite(x)) return 0;
    const int before = (int)floor(log10(fabs(x))) + 1;
    const int decimals = digits - before;
    return decimals < 0 ? 0 : decimals > 12 ? 12 : decimals;
}

static const char *part(answer *a, const char *text)
{
    if (text != NULL) return text;
    a->no_memory = true;
    return "";
}

const char *answer_number(answer *a, double x, int digits)
{
    char text[STROMA_NUMBER_TEXT_MAX];
    if (!isfinite(x))
        return isnan(x) ? "not estimable" : x > 0 ? "\xE2\x88\x9E" : "\xE2\x88\x92\xE2\x88\x9E";
    (void)stroma_format_fixed(x, decimals_for(x, digits), text);
    return part(a, text[0] == '-' ? stroma_arena_printf(a->out->arena, "\xE2\x88\x92%s", text + 1)
                                  : stroma_arena_strdup(a->out->arena, text));
}

const char *answer_percent(answer *a, double fraction)
{
    char text[STROMA_NUMBER_TEXT_MAX];
    if (isnan(fraction)) return "not estimable";
    const bool fine = fraction > 0 && fraction < 0.01;
    return part(a, stroma_arena_printf(a->out->arena, "%s %%",
                                       stroma_format_fixed(100 * fraction, fine ? 1 : 0, text)));
}

const char *answer_not_of_outcome(const answer *a)
{
    if (strcmp(a->q->question, "predictive") == 0)
        return "the question is predictive: over both arms the outcome does not tell who gains "
               "from the treatment";
    if (strcmp(a->q->question, "pharmacodynamic") == 0)
        return "the question is pharmacodynamic: it says nothing of the outcome";
    return NULL;
}

stroma_status stroma_biomarker_answer(const stroma_study_biomarker *q, stroma_study_answer *out,
                                      stroma_error *err)
{
    answer a = { .q = q, .out = out };
    if (q->n == 0) {
        out->refused = "nobody with an outcome is in the population";
        return STROMA_OK;
    }
    STROMA_TRY(answer_heterogeneity(&a, err));
    STROMA_TRY(answer_screen(&a, err));
    if (out->refused != NULL) return STROMA_OK;
    STROMA_TRY(answer_curves(&a, err));
    STROMA_TRY(answer_cutoffs(&a, err));
    STROMA_TRY(answer_alignments(&a, err));
    STROMA_TRY(answer_model(&a, err));
    STROMA_TRY(answer_limits(&a, err));
    return a.no_memory ? stroma_no_memory(err) : STROMA_OK;
}
