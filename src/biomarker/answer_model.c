/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The model that a question asks for: fitted with permission (Riley 2020), judged by predictions
 * for patients that the fit had not seen, and written out with its card. */
#include "answer.h"

#include "stroma/biomarker_model_file.h"
#include "stroma/json.h"
#include "stroma/models_validation.h"
#include "stroma/sort.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CARD_BYTES_MAX = 1 << 20, THRESHOLDS = 19, GROUPS = 4, GROUP_MIN = 5 };

typedef struct fitting {
    answer *a;
    stroma_model *m;
    stroma_json *card;
    double *probability, *outcome; /* of the fold that had not seen the patient */
    size_t n;
} fitting;

/* ---- fit ---- */

static stroma_model_spec spec_of(const answer *a)
{
    const stroma_study_biomarker *q = a->q;
    const stroma_study_model *want = q->model;
    stroma_model_spec spec = STROMA_MODEL_SPEC_INIT;
    const char *method = strcmp(want->method, "elastic_net") == 0 ? "elastic-net" : want->method;
    (void)stroma_model_method_parse(method, &spec.method);
    spec.id = q->id;
    spec.name = q->label;
    spec.intended_use = want->intended_use;
    spec.landmark = q->landmark;
    spec.landmark_day = q->landmark_day;
    spec.outcome_day = q->outcome_day;
    spec.level = q->level;
    spec.over_budget = want->over_budget;
    if (want->bootstrap > 0) spec.bootstrap = want->bootstrap;
    if (want->folds > 0) spec.folds = want->folds;
    if (want->repeats > 0) spec.repeats = want->repeats;
    spec.seed = q->seed;
    spec.threads = q->threads;
    spec.simulated = q->simulated;
    return spec;
}

/* What stands against a model before it is fitted. */
static const char *why_not(answer *a)
{
    const stroma_study_biomarker *q = a->q;
    if (answer_not_of_outcome(a) != NULL) return answer_not_of_outcome(a);
    if (q->event_label == NULL) return "a model is of a yes/no outcome";
    for (size_t i = 0; i < q->model->predictors_len; i++) {
        const stroma_study_variable *v = &q->variables[q->model->predictors[i]];
        if (v->circular == NULL) continue;
        const char *why =
            stroma_arena_printf(a->out->arena, "%s: circular: %s", v->label, v->circular);
        a->no_memory |= why == NULL;
        return why == NULL ? "" : why;
    }
    return NULL;
}

static stroma_status fit(fitting *x, stroma_error *err)
{
    answer *a = x->a;
    stroma_error refused = STROMA_ERROR_INIT;
    stroma_biomarker_frame *frame = NULL;
    STROMA_TRY(answer_frame(a, a->q->model->predictors, a->q->model->predictors_len, &frame, err));
    const stroma_model_spec spec = spec_of(a);
    const stroma_status st = stroma_model_fit(frame, &spec, &x->m, &refused);
    stroma_biomarker_frame_free(frame);
    if (st == STROMA_OK) return st;
    if (st != STROMA_E_DEGENERATE && st != STROMA_E_USAGE && st != STROMA_E_INCONSISTENT) {
        if (err != NULL) *err = refused;
        return st;
    }
    const char *hint = refused.hint;
    if (strstr(hint, "--over-budget") != NULL) /* what the study file calls it */
        hint =
            "name fewer predictors beforehand, or give the reason for all of them as over_budget";
    a->out->model_reason = stroma_arena_printf(a->out->arena, "%s%s%s", refused.message,
                                               hint[0] == '\0' ? "" : "; ", hint);
    return a->out->model_reason == NULL ? stroma_no_memory(err) : STROMA_OK;
}

/* ---- results ---- */

static stroma_status put(fitting *x, const char *what, const char *name,
                         const stroma_model_figure *f, stroma_error *err)
{
    answer *a = x->a;
    stroma_stat s = stroma_stat_empty("model");
    s.variant = stroma_model_method_name(x->m->method);
    s.n_used = x->m->n;
    s.estimate_name = name;
    s.estimate = f->value;
    s.lower = f->lower;
    s.upper = f->upper;
    s.level = x->m->level;
    if (isnan(f->value)) s = stroma_stat_cannot("model", "not estimable in these data");
    return answer_result(a,
                         &(stroma_study_answer_result){
                             .label = stroma_arena_printf(a->out->arena, "model: %s", what),
                             .variable = SIZE_MAX,
                             .stat = s,
                             .p_adjusted = NAN,
                             .adjust_method = "none" },
                         NULL, err);
}

static stroma_status put_performance(fitting *x, stroma_error *err)
{
    const stroma_model *m = x->m;
    const stroma_model_figure cv = { m->cv.auc.value, NAN, NAN }; /* its limits are of repeats */
    const struct {
        const char *what, *name;
        const stroma_model_figure *f;
    } rows[] = {
        { "AUC, apparent", "AUC", &m->apparent.auc },
        { "AUC, optimism-corrected", "AUC", &m->optimism.auc },
        { "AUC, cross-validated", "AUC", &cv },
        { "Brier score, apparent", "Brier score", &m->apparent.brier },
        { "Brier score, optimism-corrected", "Brier score", &m->optimism.brier },
        { "calibration slope, optimism-corrected", "calibration slope", &m->optimism.slope },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        STROMA_TRY(put(x, rows[i].what, rows[i].name, rows[i].f, err));
    for (size_t i = 0; i < m->inputs_len; i++) {
        const stroma_model_input *in = &m->inputs[i];
        const stroma_model_figure odds = { exp(in->coefficient), exp(in->lower), exp(in->upper) };
        const char *what = stroma_arena_printf(x->a->out->arena, "odds ratio of one SD of %s%s",
                                               in->log_scale ? "log " : "",
                                               in->label != NULL ? in->label : in->name);
        if (what == NULL) return stroma_no_memory(err);
        STROMA_TRY(put(x, what, "odds ratio", &odds, err));
    }
    return STROMA_OK;
}

/* ---- curves of out-of-fold predictions ---- */

static stroma_status take_predictions(fitting *x, stroma_error *err)
{
    const stroma_model *m = x->m;
    x->n = m->calibration_len;
    x->probability = stroma_alloc_array(2 * x->n + 1, sizeof *x->probability);
    if (x->probability == NULL) return stroma_no_memory(err);
    x->outcome = x->probability + x->n;
    for (size_t i = 0; i < x->n; i++) {
        x->probability[i] = 1 / (1 + exp(-m->calibration_score[i]));
        x->outcome[i] = m->calibration_class[i];
    }
    return STROMA_OK;
}

static stroma_status put_calibration(fitting *x, stroma_error *err)
{
    stroma_calibration c;
    STROMA_TRY(stroma_calibrate(x->probability, x->outcome, x->n, 3, x->m->level, &c, err));
    stroma_status st = STROMA_OK;
    for (size_t i = 0; i < c.curve_len && st == STROMA_OK; i++)
        st = answer_point(x->a,
                          &(stroma_study_answer_point){ .kind = "calibration",
                                                        .series = "cross-validated",
                                                        .label = "Cross-validated predictions",
                                                        .x = c.predicted[i],
                                                        .y = c.curve[i],
                                                        .lower = c.lower[i],
                                                        .upper = c.upper[i],
                                                        .n = (int64_t)x->n },
                          err);
    stroma_calibration_clear(&c);
    return st;
}

typedef struct pair {
    double probability, outcome;
} pair;

static int by_probability(const void *a, const void *b, void *context)
{
    const pair *p = a, *q = b;
    (void)context;
    return p->probability < q->probability ? -1 : p->probability > q->probability;
}

/* Quarters of the predictions, each with its share of events. */
static stroma_status put_groups(fitting *x, stroma_error *err)
{
    if (x->n < GROUPS * GROUP_MIN) return STROMA_OK;
    pair *sorted = stroma_alloc_array(x->n, sizeof *sorted);
    if (sorted == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < x->n; i++)
        sorted[i] = (pair){ x->probability[i], x->outcome[i] };
    stroma_status st = stroma_sort(sorted, x->n, sizeof *sorted, by_probability, NULL, err);
    for (size_t g = 0; g < GROUPS && st == STROMA_OK; g++) {
        const size_t from = g * x->n / GROUPS, to = (g + 1) * x->n / GROUPS;
        double mean = 0;
        size_t events = 0;
        for (size_t i = from; i < to; i++) {
            mean += sorted[i].probability / (double)(to - from);
            events += sorted[i].outcome > 0;
        }
        const stroma_stat share =
            stroma_proportion(events, to - from, STROMA_PROPORTION_WILSON, x->m->level);
        st = answer_point(x->a,
                          &(stroma_study_answer_point){
                              .kind = "calibration_groups",
                              .series = "cross-validated",
                              .label = stroma_arena_printf(
                                  x->a->out->arena, "%zu of %zu had the event", events, to - from),
                              .x = mean,
                              .y = share.estimate,
                              .lower = share.lower,
                              .upper = share.upper,
                              .n = (int64_t)(to - from) },
                          err);
    }
    stroma_free(sorted);
    return st;
}

static stroma_status put_decision(fitting *x, stroma_error *err)
{
    double threshold[THRESHOLDS];
    stroma_decision d[THRESHOLDS];
    for (size_t k = 0; k < THRESHOLDS; k++)
        threshold[k] = (double)(k + 1) / (THRESHOLDS + 1);
    STROMA_TRY(stroma_decision_curve(x->probability, x->outcome, x->n, threshold, THRESHOLDS,
                                     x->m->level, d, err));
    for (int all = 0; all < 2; all++)
        for (size_t k = 0; k < THRESHOLDS; k++) {
            if (all == 1 && d[k].treat_all < -0.2) continue; /* far below: it would set the axis */
            STROMA_TRY(
                answer_point(x->a,
                             &(stroma_study_answer_point){
                                 .kind = "decision_curve",
                                 .series = all == 0 ? "model" : "everybody",
                                 .label = all == 0 ? "by the model, cross-validated" : "everybody",
                                 .x = threshold[k],
                                 .y = all == 0 ? d[k].net_benefit : d[k].treat_all,
                                 .lower = NAN,
                                 .upper = NAN,
                                 .n = (int64_t)x->n },
                             err));
        }
    return STROMA_OK;
}

static stroma_status put_curves(fitting *x, stroma_error *err)
{
    STROMA_TRY(take_predictions(x, err));
    stroma_error none = STROMA_ERROR_INIT;
    const stroma_status st = put_calibration(x, &none);
    if (st != STROMA_OK && st != STROMA_E_DEGENERATE) {
        if (err != NULL) *err = none;
        return st;
    }
    STROMA_TRY(put_groups(x, err));
    return put_decision(x, err);
}

/* ---- card ---- */

static void item(fitting *x, const char *title, const char *text)
{
    if (text == NULL) {
        x->a->no_memory = true;
        return;
    }
    stroma_json_begin_object(x->card);
    stroma_json_put_string(x->card, "title", title);
    stroma_json_put_string(x->card, "text", text);
    stroma_json_end_object(x->card);
}

static const char *figure(fitting *x, const stroma_model_figure *f)
{
    answer *a = x->a;
    if (isnan(f->value)) return "not estimable";
    if (isnan(f->lower)) return answer_number(a, f->value, 2);
    const char *text =
        stroma_arena_printf(a->out->arena, "%s (%s to %s)", answer_number(a, f->value, 2),
                            answer_number(a, f->lower, 2), answer_number(a, f->upper, 2));
    a->no_memory |= text == NULL;
    return text == NULL ? "" : text;
}

static void card_inputs(fitting *x)
{
    answer *a = x->a;
    for (size_t i = 0; i < x->m->inputs_len; i++) {
        const stroma_model_input *in = &x->m->inputs[i];
        const stroma_model_figure odds = { exp(in->coefficient), exp(in->lower), exp(in->upper) };
        item(x, in->label != NULL ? in->label : in->name,
             stroma_arena_printf(
                 a->out->arena,
                 "odds ratio of one SD%s %s; %zu measured (%s to %s%s%s), %zu missing, %zu below a "
                 "limit; assay: %s",
                 in->log_scale ? " of its logarithm" : "", figure(x, &odds), in->measured,
                 answer_number(a, in->minimum, 3), answer_number(a, in->maximum, 3),
                 in->unit == NULL || in->unit[0] == '\0' ? "" : " ",
                 in->unit == NULL ? "" : in->unit, in->missing, in->below,
                 in->assay == NULL ? "not declared" : in->assay));
    }
}

static void card_budget(fitting *x)
{
    answer *a = x->a;
    const stroma_model_budget *b = &x->m->budget;
    item(
        x, "Permission to fit",
        stroma_arena_printf(
            a->out->arena,
            "%zu subjects, %zu with the event, support %zu candidate parameter%s at an expected "
            "Cox-Snell R\xC2\xB2 of %s (Riley 2020); %zu %s offered, which needs n = %zu. The "
            "overall risk is known to \xC2\xB1%s.%s%s",
            b->n, b->events, b->supported, b->supported == 1 ? "" : "s",
            answer_number(a, b->r2_cs, 2), b->parameters, b->parameters == 1 ? "is" : "are",
            b->n_needed, answer_number(a, b->risk_margin, 2),
            b->reason == NULL ? "" : " Fitted all the same: ", b->reason == NULL ? "" : b->reason));
}

static void card_performance(fitting *x)
{
    answer *a = x->a;
    const stroma_model *m = x->m;
    item(x, "Discrimination",
         stroma_arena_printf(a->out->arena,
                             "AUC %s in the patients it was made from; %s after correction for "
                             "that (%zu resamples, %zu failed); %s in cross-validation",
                             figure(x, &m->apparent.auc), figure(x, &m->optimism.auc),
                             m->optimism.resamples, m->optimism.failed,
                             answer_number(a, m->cv.auc.value, 2)));
    item(x, "Calibration",
         stroma_arena_printf(a->out->arena,
                             "slope %s after correction (1 is right, below 1 the predictions are "
                             "too extreme); Brier score %s",
                             figure(x, &m->optimism.slope), figure(x, &m->optimism.brier)));
    item(x, "Validation",
         "None in other patients: this model describes the patients it was made from. The command "
         "stroma model validate checks it on a second cohort.");
}

static stroma_status put_card(fitting *x, stroma_error *err)
{
    answer *a = x->a;
    const stroma_model *m = x->m;
    const char *method = stroma_model_method_name(m->method);
    stroma_buffer b;
    stroma_json j;
    stroma_buffer_init(&b, CARD_BYTES_MAX);
    stroma_json_init(&j, &b, 0);
    x->card = &j;
    stroma_json_begin_array(&j);
    item(x, "Use", m->intended_use != NULL ? m->intended_use : "research only; none was declared");
    item(x, "What",
         stroma_arena_printf(
             a->out->arena,
             "%c%s logistic model of \xE2\x80\x9C%s\xE2\x80\x9D, from what is known "
             "at %s; %zu patients, %zu with the event, %zu left out for a missing "
             "input%s",
             toupper((unsigned char)method[0]), method + 1, a->q->event_label, a->q->landmark_label,
             m->n, m->events, m->incomplete, m->simulated ? "; simulated data" : ""));
    card_budget(x);
    card_inputs(x);
    card_performance(x);
    item(x, "File",
         stroma_arena_printf(a->out->arena,
                             "models/%s.json; its card: stroma model card models/%s.json", a->q->id,
                             a->q->id));
    stroma_json_end_array(&j);
    stroma_status st = stroma_buffer_status(&b, err);
    if (st == STROMA_OK) {
        a->out->model_card = stroma_arena_strndup(a->out->arena, b.data, b.len);
        if (a->out->model_card == NULL) st = stroma_no_memory(err);
    }
    stroma_buffer_clear(&b);
    return st;
}

static stroma_status put_file(fitting *x, stroma_error *err)
{
    stroma_buffer b;
    stroma_buffer_init(&b, STROMA_MODEL_FILE_BYTES_MAX);
    stroma_status st = stroma_model_write(x->m, &b, err);
    if (st == STROMA_OK) {
        x->a->out->model = stroma_arena_strndup(x->a->out->arena, b.data, b.len);
        if (x->a->out->model == NULL) st = stroma_no_memory(err);
    }
    stroma_buffer_clear(&b);
    return st;
}

static stroma_status put_model(fitting *x, stroma_error *err)
{
    STROMA_TRY(put_file(x, err));
    STROMA_TRY(put_card(x, err));
    STROMA_TRY(put_performance(x, err));
    return put_curves(x, err);
}

stroma_status answer_model(answer *a, stroma_error *err)
{
    if (a->q->model == NULL) return STROMA_OK;
    a->out->model_reason = why_not(a);
    if (a->out->model_reason != NULL) return STROMA_OK;
    fitting x = { .a = a };
    stroma_status st = fit(&x, err);
    if (st == STROMA_OK && x.m != NULL) st = put_model(&x, err);
    stroma_model_free(x.m);
    stroma_free(x.probability);
    return st;
}
