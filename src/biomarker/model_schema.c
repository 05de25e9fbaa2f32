/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model_schema.h"

const char model_schema_name[] = "stroma.model";
const char model_research_use[] =
    "for research use only: not for diagnosis, and not for decisions on a patient's care";

#define END        \
    {              \
        NULL, 0, 0 \
    }
#define M(key_, kind_, member_)                              \
    {                                                        \
        key_, MODEL_##kind_, offsetof(stroma_model, member_) \
    }
const model_field model_fields_top[] = {
    M("id", TEXT_REQUIRED, id),
    M("name", TEXT, name),
    M("parent", TEXT, parent),
    M("change", TEXT, change),
    M("intended_use", TEXT, intended_use),
    M("population", TEXT, population),
    M("expiry", TEXT, expiry),
    M("simulated", BOOL, simulated),
    M("stroma_version", TEXT_REQUIRED, stroma_version),
    END,
};
const model_field model_fields_landmark[] = {
    M("visit", TEXT, landmark),
    M("day", DAY, landmark_day),
    END,
};
const model_field model_fields_outcome[] = {
    M("name", TEXT_REQUIRED, outcome_name),
    M("label", TEXT, outcome_label),
    M("event", TEXT_REQUIRED, event),
    M("day", DAY, outcome_day),
    END,
};
const model_field model_fields_rules[] = {
    M("missing", MISSING, missing),
    M("censored", CENSORED, censored),
    END,
};
const model_field model_fields_method[] = {
    M("name", METHOD, method),
    M("alpha", NUMBER, alpha),
    M("lambda", NUMBER, lambda),
    M("prior_scale", NUMBER, prior_scale),
    M("level", FRACTION, level),
    M("seed", SEED, seed),
    END,
};
const model_field model_fields_training[] = {
    M("source", TEXT, training_source), M("sha256", TEXT, training_sha256), M("n", COUNT, n),
    M("events", COUNT, events),         M("incomplete", COUNT, incomplete), END,
};
const model_field model_fields_budget[] = {
    M("parameters", COUNT, budget.parameters),
    M("supported", COUNT, budget.supported),
    M("r2_cs", FRACTION, budget.r2_cs),
    M("n_needed", COUNT, budget.n_needed),
    M("risk_margin", NUMBER, budget.risk_margin),
    M("reason", TEXT, budget.reason),
    END,
};
const model_field model_fields_optimism[] = {
    M("resamples", COUNT, optimism.resamples),
    M("failed", COUNT, optimism.failed),
    M("first_failure", TEXT, optimism.first_failure),
    M("auc", FIGURE, optimism.auc),
    M("brier", FIGURE, optimism.brier),
    M("slope", FIGURE, optimism.slope),
    M("intercept", FIGURE, optimism.intercept),
    M("auc_optimism", NUMBER, optimism.auc_optimism),
    M("brier_optimism", NUMBER, optimism.brier_optimism),
    M("auc_mcse", NUMBER, optimism.auc_mcse),
    END,
};
const model_field model_fields_cv[] = {
    M("folds", COUNT, cv.folds),          M("repeats", COUNT, cv.repeats),
    M("failed", COUNT, cv.failed),        M("auc", FIGURE, cv.auc),
    M("brier", FIGURE, cv.brier),         M("slope", FIGURE, cv.slope),
    M("intercept", FIGURE, cv.intercept), END,
};
#undef M

#define I(key_, kind_, member_)                                    \
    {                                                              \
        key_, MODEL_##kind_, offsetof(stroma_model_input, member_) \
    }
const model_field model_fields_input[] = {
    I("name", TEXT_REQUIRED, name),
    I("label", TEXT, label),
    I("unit", TEXT, unit),
    I("assay", TEXT, assay),
    I("lloq", NUMBER, lloq),
    I("uloq", NUMBER, uloq),
    I("day", DAY, day),
    I("log", BOOL, log_scale),
    I("measured", COUNT, measured),
    I("missing", COUNT, missing),
    I("below", COUNT, below),
    I("above", COUNT, above),
    I("minimum", NUMBER, minimum),
    I("maximum", NUMBER, maximum),
    I("median", FINITE, median),
    I("centre", FINITE, centre),
    I("scale", POSITIVE, scale),
    I("lognormal", BOOL, lognormal),
    I("censored_mean", NUMBER, censored_mean),
    I("censored_sd", NUMBER, censored_sd),
    I("coefficient", FINITE, coefficient),
    I("lower", NUMBER, lower),
    I("upper", NUMBER, upper),
    I("p", NUMBER, p),
    END,
};
#undef I

#define P(key_, kind_, member_)                                          \
    {                                                                    \
        key_, MODEL_##kind_, offsetof(stroma_model_performance, member_) \
    }
const model_field model_fields_performance[] = {
    P("n", COUNT, n),
    P("events", COUNT, events),
    P("auc", FIGURE, auc),
    P("brier", FIGURE, brier),
    P("scaled_brier", NUMBER, scaled_brier),
    P("intercept", FIGURE, intercept),
    P("slope", FIGURE, slope),
    P("observed_expected", FIGURE, observed_expected),
    P("reason", TEXT, reason),
    END,
};
#undef P

#define G(key_, kind_, member_)                                    \
    {                                                              \
        key_, MODEL_##kind_, offsetof(stroma_model_group, member_) \
    }
const model_field model_fields_group[] = {
    G("column", TEXT_REQUIRED, column),
    G("level", TEXT_REQUIRED, level),
    G("n", COUNT, n),
    G("events", COUNT, events),
    G("auc", FIGURE, auc),
    G("observed_expected", FIGURE, observed_expected),
    END,
};
#undef G

#define V(key_, kind_, member_)                                         \
    {                                                                   \
        key_, MODEL_##kind_, offsetof(stroma_model_validation, member_) \
    }
const model_field model_fields_validation[] = {
    V("version", COUNT, version),
    V("source", TEXT, source),
    V("sha256", TEXT, sha256),
    V("n", COUNT, n),
    V("events", COUNT, events),
    V("auc", FIGURE, auc),
    V("brier", FIGURE, brier),
    V("intercept", FIGURE, intercept),
    V("slope", FIGURE, slope),
    V("observed_expected", FIGURE, observed_expected),
    END,
};
