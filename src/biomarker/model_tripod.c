/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The 27 items of TRIPOD+AI (Collins et al. 2024 BMJ 385:e078378), each filled from the model, not
 * applicable, or left to the author. */
#include "model_card.h"

#include <string.h>

typedef enum tripod_status { FILLED, AUTHOR, NOT_APPLICABLE } tripod_status;

/* The numbers are those of the checklist; the rows must stand in its order. */
static void item(card *c, const char *number, const char *title, tripod_status status,
                 const char *text)
{
    static const char *const words[] = { "filled", "for the author", "not applicable" };
    const char *const cells[] = { number, title, words[status], text };
    card_row(c, cells, false);
}

static void head(card *c, const stroma_model *m)
{
    item(c, "1", "Title", m->name == NULL ? AUTHOR : FILLED, m->name);
    item(c, "2", "Abstract", AUTHOR, "the checklist for abstracts");
    item(c, "3", "Background", m->intended_use == NULL ? AUTHOR : FILLED, m->intended_use);
    item(c, "4", "Objectives", FILLED,
         CARD_FORMAT(c, "development%s of a model of %s = %s",
                     m->validations_len > 0 ? " and evaluation" : "", m->outcome_name, m->event));
}

static void material(card *c, const stroma_model *m)
{
    item(c, "5", "Data", FILLED,
         CARD_FORMAT(c, "%s, SHA-256 %s; how and when they were collected: the author",
                     m->training_source == NULL ? "-" : m->training_source,
                     m->training_sha256 == NULL ? "not known" : m->training_sha256));
    item(c, "6", "Participants", m->population == NULL ? AUTHOR : FILLED, m->population);
    item(c, "7", "Data preparation", FILLED,
         "logarithms as declared, centring and scaling; learned anew in each resample");
    item(c, "8", "Outcome", FILLED,
         CARD_FORMAT(c, "%s = %s%s; how it was assessed: the author", m->outcome_name, m->event,
                     m->outcome_day == STROMA_BIOMARKER_DAY_UNKNOWN
                         ? ", day not declared"
                         : CARD_FORMAT(c, ", study day %d", (int)m->outcome_day)));
    item(c, "9", "Predictors", FILLED,
         CARD_FORMAT(c,
                     "%zu, all declared beforehand, known at %s; units, assays and limits stand "
                     "under Equation",
                     m->inputs_len,
                     m->landmark == NULL ? "a landmark without a name" : m->landmark));
    item(c, "10", "Sample size", FILLED,
         CARD_FORMAT(c,
                     "%zu subjects, %zu events; Riley's criteria support %zu parameters, %zu were "
                     "candidates%s%s",
                     m->budget.n, m->budget.events, m->budget.supported, m->budget.parameters,
                     m->budget.reason == NULL ? "" : "; reason for more: ",
                     m->budget.reason == NULL ? "" : m->budget.reason));
    item(c, "11", "Missing data", FILLED,
         CARD_FORMAT(c, "%s; %zu subjects without an input did not enter",
                     stroma_model_missing_name(m->missing), m->incomplete));
}

static const char *penalty(card *c, const stroma_model *m)
{
    if (m->method == STROMA_MODEL_BAYES)
        return CARD_FORMAT(c, ", normal prior of SD %g", m->prior_scale);
    if (m->method == STROMA_MODEL_FIRTH) return ", intercept corrected (FLIC)";
    return CARD_FORMAT(c, ", alpha %g, lambda %.4g", m->alpha, m->lambda);
}

static void methods(card *c, const stroma_model *m)
{
    item(c, "12", "Analytical methods", FILLED,
         CARD_FORMAT(c,
                     "logistic regression, %s%s; values beyond a limit: %s; optimism by %zu "
                     "resamples of the whole procedure, %zu-fold cross-validation repeated %zu "
                     "times; seed %llu",
                     stroma_model_method_name(m->method), penalty(c, m),
                     stroma_model_censored_name(m->censored), m->optimism.resamples, m->cv.folds,
                     m->cv.repeats, (unsigned long long)m->seed));
    item(c, "13", "Class imbalance", FILLED,
         "no resampling to balance; probabilities keep the rate");
    item(c, "14", "Fairness", m->groups_len > 0 ? FILLED : AUTHOR,
         m->groups_len > 0 ? "performance by group, under Groups" : "no groups were named");
    item(c, "15", "Model output", FILLED,
         "a probability with interval, and a conformal set; no threshold is part of the model");
    item(c, "16", "Training versus evaluation", m->validations_len > 0 ? FILLED : NOT_APPLICABLE,
         m->validations_len > 0 ? "other patients, under Performance"
                                : "not yet evaluated elsewhere");
    item(c, "17", "Ethical approval", AUTHOR, NULL);
    item(c, "18", "Open science", FILLED,
         CARD_FORMAT(c,
                     "code: stroma %s; model: this file; funding, conflicts, protocol, "
                     "registration, data: the author",
                     m->stroma_version));
    item(c, "19", "Patient and public involvement", AUTHOR, NULL);
}

static void results(card *c, const stroma_model *m)
{
    item(c, "20", "Participants", FILLED,
         CARD_FORMAT(c,
                     "%zu of %zu with the event; per input under Training data; flow and "
                     "characteristics: the author",
                     m->events, m->n));
    item(c, "21", "Model development", FILLED,
         CARD_FORMAT(c, "%zu subjects and %zu events in every analysis", m->n, m->events));
    item(c, "22", "Model specification", FILLED,
         "the full equation, under Equation and in the file");
    item(c, "23", "Model performance", FILLED,
         CARD_FORMAT(c, "AUC %s corrected for optimism; all with intervals under Performance",
                     card_figure(c, &m->optimism.auc)));
    item(c, "24", "Model updating", m->version > 1 ? FILLED : NOT_APPLICABLE,
         m->version > 1 ? m->change : "first version");
    item(c, "25", "Interpretation", AUTHOR, NULL);
    item(c, "26", "Limitations", AUTHOR, "what the file can say stands under Limits");
    item(c, "27", "Usability in current care", FILLED,
         CARD_FORMAT(c,
                     "research use only; missing inputs: %s; inputs of another assay are refused",
                     stroma_model_missing_name(m->missing)));
}

void card_tripod(card *c, const stroma_model *m)
{
    static const char *const names[] = { "item", "", "state", "" };
    card_heading(c, "TRIPOD+AI");
    card_paragraph(c, "Collins et al. 2024 BMJ 385:e078378.");
    card_table(c, names, 4);
    head(c, m);
    material(c, m);
    methods(c, m);
    results(c, m);
    card_table_end(c);
}
