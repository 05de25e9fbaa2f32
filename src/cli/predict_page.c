/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "predict_page.h"

#include "stroma/file.h"
#include "stroma/memory.h"
#include "stroma/number.h"
#include "stroma/report_prediction.h"

#include <math.h>
#include <string.h>

enum { ARENA_BYTES_MAX = 1 << 30, PAGE_BYTES_MAX = 1 << 28, SENTENCES_MAX = 8, HASH_SHOWN = 12 };

struct predict_page {
    const stroma_model *m;
    stroma_arena arena;
    stroma_page_patient *patients;
    size_t len, capacity;
    const char **notes; /* of the row that comes next */
    size_t notes_len, notes_capacity;
    bool out_of_memory;
};

stroma_status predict_page_new(const stroma_model *m, predict_page **out, stroma_error *err)
{
    *out = stroma_alloc_array(1, sizeof **out);
    if (*out == NULL) return stroma_no_memory(err);
    (*out)->m = m;
    stroma_arena_init(&(*out)->arena, ARENA_BYTES_MAX);
    return STROMA_OK;
}

void predict_page_free(predict_page *p)
{
    if (p == NULL) return;
    stroma_free(p->patients);
    stroma_free(p->notes);
    stroma_arena_clear(&p->arena);
    stroma_free(p);
}

void predict_page_note(predict_page *p, const char *text)
{
    const char *copy = stroma_arena_strdup(&p->arena, text);
    if (copy == NULL || stroma_grow(&p->notes, &p->notes_capacity, p->notes_len + 1,
                                    sizeof *p->notes, NULL) != STROMA_OK)
        p->out_of_memory = true;
    else
        p->notes[p->notes_len++] = copy;
}

static const char *number(predict_page *p, double x)
{
    char text[STROMA_NUMBER_TEXT_MAX];
    return stroma_arena_strdup(&p->arena, stroma_format_significant(x, 3, text));
}

static const char *typed(predict_page *p, const stroma_predict_value *v, const predict_origin *o)
{
    if (isnan(o->reported)) return NULL;
    const char *sign = v->state == STROMA_BELOW_LIMIT   ? "< "
                       : v->state == STROMA_ABOVE_LIMIT ? "> "
                                                        : "";
    return stroma_arena_printf(&p->arena, "%s%s", sign, number(p, o->reported));
}

static const char *changes(predict_page *p, const stroma_predicted_input *x, const char *unit)
{
    static const char *const becomes[] = { "unlike anything in training", "responder",
                                           "non-responder", "cannot tell" };
    const char *gap = unit == NULL ? "" : " ";
    if (unit == NULL) unit = "";
    const char *set = NULL, *half = NULL;
    if (isfinite(x->set_at))
        set = stroma_arena_printf(&p->arena, "%s %s%s%s: %s", x->set_above ? "above" : "below",
                                  number(p, x->set_at), gap, unit, becomes[x->set_becomes]);
    if (isfinite(x->half_at))
        half = stroma_arena_printf(&p->arena, "at %s%s%s the probability is 50 %%",
                                   number(p, x->half_at), gap, unit);
    if (set == NULL || half == NULL) return set != NULL ? set : half;
    return stroma_arena_printf(&p->arena, "%s; %s", set, half);
}

static void put_input(predict_page *p, const predict_page_row *row, size_t i,
                      stroma_page_input *out)
{
    const stroma_model_input *in = &p->m->inputs[i];
    *out = (stroma_page_input){ .label = in->label != NULL ? in->label : in->name,
                                .unit = in->unit,
                                .typed = typed(p, &row->values[i], &row->origins[i]),
                                .used = "not used",
                                .value = NAN,
                                .minimum = in->minimum,
                                .maximum = in->maximum,
                                .log_scale = in->log_scale };
    memcpy(out->quantile, in->quantile, sizeof out->quantile);
    if (row->prediction == NULL || !row->prediction->answered) return;
    const stroma_predicted_input *x = &row->prediction->inputs[i];
    out->value = x->used;
    out->used = stroma_treatment_name(x->treatment);
    out->out_of_range = x->out_of_range;
    out->changes = changes(p, x, in->unit);
}

static void put_answer(predict_page *p, const predict_page_row *row, stroma_page_patient *out)
{
    const stroma_prediction *r = row->prediction;
    char text[STROMA_NUMBER_TEXT_MAX];
    if (row->refused != NULL || r == NULL || !r->answered) {
        out->reason = stroma_arena_strdup(&p->arena, row->refused != NULL ? row->refused
                                                     : r != NULL          ? r->reason
                                                                          : "not looked at");
        return;
    }
    out->probability = r->probability;
    out->lower = r->lower;
    out->upper = r->upper;
    out->level = r->level;
    out->interval_method = r->interval_method;
    out->set = row->answer;
    out->set_level = row->set_level;
    if (!isnan(r->distance_percentile))
        out->distance = stroma_arena_printf(
            &p->arena,
            "%s %% of the training patients lie as near to the others as this patient, or nearer.",
            stroma_format_fixed(r->distance_percentile, 0, text));
}

stroma_status predict_page_add(predict_page *p, const predict_page_row *row, stroma_error *err)
{
    const size_t n = p->m->inputs_len;
    stroma_page_input *inputs = stroma_arena_alloc(&p->arena, n, sizeof *inputs);
    const char **notes = stroma_arena_alloc(&p->arena, p->notes_len, sizeof *notes);
    STROMA_TRY(stroma_grow(&p->patients, &p->capacity, p->len + 1, sizeof *p->patients, err));
    if (inputs == NULL || notes == NULL || p->out_of_memory) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++)
        put_input(p, row, i, &inputs[i]);
    for (size_t i = 0; i < p->notes_len; i++)
        notes[i] = p->notes[i];
    stroma_page_patient *out = &p->patients[p->len++];
    *out = (stroma_page_patient){ .id = stroma_arena_strdup(&p->arena, row->id),
                                  .inputs = inputs,
                                  .inputs_len = n,
                                  .notes = notes,
                                  .notes_len = p->notes_len };
    put_answer(p, row, out);
    p->notes_len = 0;
    return out->id == NULL ? stroma_no_memory(err) : STROMA_OK;
}

/* ---- the model, in sentences ---- */

static const char *worth(predict_page *p, stroma_arena *arena)
{
    const stroma_model *m = p->m;
    if (isnan(m->optimism.auc.value)) return "What it is worth is not known.";
    return stroma_arena_printf(
        arena,
        "AUC %s in the patients it was made from, %s after correction for that; calibration slope "
        "%s (1 is right).",
        number(p, m->apparent.auc.value), number(p, m->optimism.auc.value),
        number(p, m->optimism.slope.value));
}

static const char *checked(predict_page *p, stroma_arena *arena)
{
    const stroma_model *m = p->m;
    for (size_t i = m->validations_len; i-- > 0;) {
        const stroma_model_validation *v = &m->validations[i];
        if (v->version != m->version) continue;
        return stroma_arena_printf(arena,
                                   "Checked on %zu other patients, %zu with the event: AUC %s, "
                                   "calibration slope %s.",
                                   v->n, v->events, number(p, v->auc.value),
                                   number(p, v->slope.value));
    }
    return "This version has not been checked on other patients.";
}

static size_t model_sentences(predict_page *p, stroma_arena *arena, const char **out)
{
    const stroma_model *m = p->m;
    size_t n = 0;
    out[n++] = stroma_arena_printf(arena, "%s logistic model made from %zu patients, %zu with: %s.",
                                   stroma_model_method_name(m->method), m->n, m->events,
                                   m->event == NULL ? "the event" : m->event);
    out[n++] = worth(p, arena);
    out[n++] = checked(p, arena);
    out[n++] = stroma_arena_printf(
        arena, "Model \xE2\x80\x9C%s\xE2\x80\x9D, version %u, %.*s%s%s.", m->id, m->version,
        HASH_SHOWN, m->sha256 == NULL ? "" : m->sha256,
        m->expiry == NULL ? "" : ", to be used until ", m->expiry == NULL ? "" : m->expiry);
    if (m->intended_use != NULL)
        out[n++] = stroma_arena_printf(arena, "Intended use: %s.", m->intended_use);
    return n;
}

static const char *const limits[] = {
    "It is a chance among patients like those of the training data: right on average, not for one.",
    "It is of one moment. What is learned later needs a model of its own.",
    "It does not say who gains from a treatment: that needs a control arm and an interaction.",
    "It lists what is known. It recommends nothing and orders nothing.",
    "For research use only: not for diagnosis, and not for decisions on a patient's care.",
};

stroma_status predict_page_write(const predict_page *p, const char *path, bool overwrite,
                                 stroma_error *err)
{
    predict_page here = *p; /* its sentences live in an arena of their own */
    const char *sentences[SENTENCES_MAX];
    stroma_buffer html;
    stroma_arena_init(&here.arena, ARENA_BYTES_MAX);
    const stroma_model *m = p->m;
    stroma_prediction_page page = {
        .title = m->name != NULL ? m->name : m->id,
        .outcome =
            m->event == NULL
                ? m->outcome_name
                : stroma_arena_printf(&here.arena, "%s: %s",
                                      m->outcome_label != NULL ? m->outcome_label : m->outcome_name,
                                      m->event),
        .landmark = m->landmark,
        .event_rate = m->n == 0 ? (double)NAN : (double)m->events / (double)m->n,
        .model = sentences,
        .limits = limits,
        .limits_len = sizeof limits / sizeof limits[0],
        .simulated = m->simulated,
        .patients = p->patients,
        .patients_len = p->len
    };
    page.model_len = model_sentences(&here, &here.arena, sentences);
    stroma_status st = page.outcome == NULL ? stroma_no_memory(err) : STROMA_OK;
    for (size_t i = 0; i < page.model_len; i++)
        if (sentences[i] == NULL) st = stroma_no_memory(err);
    stroma_buffer_init(&html, PAGE_BYTES_MAX);
    if (st == STROMA_OK) st = stroma_report_prediction(&page, &html, err);
    if (st == STROMA_OK) st = stroma_file_write(path, html.data, html.len, overwrite, err);
    stroma_buffer_clear(&html);
    stroma_arena_clear(&here.arena);
    return st;
}
