/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Multiple imputation of what is missing after baseline, and analysis of covariance at each visit.
 */
#include "analysis_repeated.h"

#include "stroma/models_imputation.h"

#include <math.h>
#include <string.h>

static const char *rule_words(stroma_imputation_rule r)
{
    return r == STROMA_IMPUTE_J2R   ? "jump to reference"
           : r == STROMA_IMPUTE_CR  ? "copy reference"
           : r == STROMA_IMPUTE_CIR ? "copy increments in reference"
                                    : "missing at random";
}

static stroma_status options_of(analysis *a, stroma_imputation_options *o, stroma_error *err)
{
    const char *draws = stroma_yaml_text(a->node, "draws", "bayes");
    const double n = stroma_yaml_number(a->node, "imputations", 100);
    *o = (stroma_imputation_options)STROMA_IMPUTATION_OPTIONS_INIT;
    (void)stroma_imputation_rule_find(stroma_yaml_text(a->node, "strategy", "mar"), &o->rule);
    o->draws = strcmp(draws, "bootstrap") == 0          ? STROMA_DRAWS_BOOTSTRAP
               : strcmp(draws, "conditional_mean") == 0 ? STROMA_DRAWS_CONDITIONAL_MEAN
                                                        : STROMA_DRAWS_BAYES;
    if (!(n >= 2 && n <= 10000 && n == floor(n)))
        return study_fail_at(a->s, a->node, err, "imputations: a whole number from 2 to 10000, in",
                             a->id);
    o->imputations = (size_t)n;
    o->separate = stroma_yaml_bool(a->node, "covariance_by_group", false);
    o->seed = a->s->seed;
    o->threads = a->s->threads;
    return repeated_structures(a, &o->structure, o->fallback, &o->fallback_len, err);
}

/* `delta:` shifts the imputed values of every group but the reference, at all visits. */
static stroma_status shift_of(const analysis *a, const repeated *r, stroma_imputation_delta *d,
                              stroma_error *err)
{
    const double x = stroma_yaml_number(a->node, "delta", 0);
    double *shift = stroma_arena_alloc(&a->s->arena, r->groups * r->visits_len, sizeof *shift);
    if (shift == NULL) return stroma_no_memory(err);
    for (size_t k = r->visits_len; k < r->groups * r->visits_len; k++)
        shift[k] = x;
    *d = (stroma_imputation_delta){ .shift = shift,
                                    .cumulative =
                                        stroma_yaml_bool(a->node, "delta_cumulative", false) };
    return STROMA_OK;
}

/* What was assumed, in the estimand and the variant, and a fall-back in the reason. */
typedef struct wording {
    const char *assumed, *variant, *note;
} wording;

static stroma_status words_of(analysis *a, const repeated *r, const stroma_imputation *m,
                              stroma_imputation_rule rule, wording *w, stroma_error *err)
{
    stroma_arena *arena = &a->s->arena;
    const double delta = stroma_yaml_number(a->node, "delta", 0);
    const char *shifted = delta == 0 ? "" : stroma_arena_printf(arena, ", delta %g", delta);
    if (shifted == NULL) return stroma_no_memory(err);
    w->variant =
        m->draws == STROMA_DRAWS_CONDITIONAL_MEAN
            ? stroma_arena_printf(arena, "%s, conditional mean, jackknife%s", rule_words(rule),
                                  shifted)
            : stroma_arena_printf(arena, "%s, %zu imputations, %s draws%s", rule_words(rule),
                                  m->sets, stroma_imputation_draws_name(m->draws), shifted);
    w->assumed = stroma_arena_printf(arena, "%s%s", rule_words(rule), shifted);
    w->note = "";
    if (m->attempts_len > 0)
        w->note = stroma_arena_printf(
            arena, "covariance %s: %s could not be estimated",
            stroma_mmrm_structure_name(m->structure),
            stroma_mmrm_structure_name(m->attempts[m->attempts_len - 1].structure));
    if (r->strategies != NULL && w->variant != NULL)
        w->variant = stroma_arena_printf(arena, "%s; %s", r->strategies, w->variant);
    if (stroma_yaml_get(a->node, "estimand") == NULL)
        a->estimand = stroma_arena_printf(arena, "%s%s%s, missing values imputed: %s%s",
                                          stroma_yaml_get(a->node, "response") != NULL
                                              ? "difference in response"
                                              : "difference in change, adjusted for baseline",
                                          r->strategies == NULL ? "" : ", ",
                                          r->strategies == NULL ? "" : r->strategies,
                                          rule_words(rule), shifted);
    return w->assumed == NULL || w->variant == NULL || w->note == NULL || a->estimand == NULL
               ? stroma_no_memory(err)
               : STROMA_OK;
}

/* `response:` of the entry at one visit. */
static stroma_status respond(const analysis *a, const repeated *r, const stroma_imputation *m,
                             size_t visit, const stroma_imputation_delta *delta,
                             stroma_imputation_estimate *e, stroma_error *err)
{
    const stroma_yaml_node *n = stroma_yaml_get(a->node, "response");
    const bool at_least = stroma_yaml_get(n, "at_least") != NULL;
    const double x = stroma_yaml_number(n, at_least ? "at_least" : "at_most", NAN);
    if (at_least == (stroma_yaml_get(n, "at_most") != NULL) || !isfinite(x))
        return study_fail_at(a->s, n, err, "response: either at_most or at_least, a number, in",
                             a->id);
    if (r->log2)
        return study_fail_at(a->s, n, err, "response: is of the value itself, not of its log2, in",
                             a->id);
    double *threshold = stroma_arena_alloc(&a->s->arena, r->subjects, sizeof *threshold);
    bool *nonresponse = stroma_arena_alloc(&a->s->arena, r->subjects, sizeof *nonresponse);
    if (threshold == NULL || nonresponse == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < r->subjects; i++) {
        const double unit =
            stroma_yaml_bool(n, "percent", false) ? r->x[i * r->covariates] / 100 : 1;
        threshold[i] = x * unit;
        nonresponse[i] = r->nonresponse != NULL && r->nonresponse[i * r->visits_len + visit];
    }
    const stroma_imputation_response response = { threshold, at_least, nonresponse };
    return stroma_imputation_respond(m, visit, delta, &response, a->level, e, e + r->groups, err);
}

static const char *name_of(const analysis *a, const repeated *r, bool difference)
{
    if (stroma_yaml_get(a->node, "response") != NULL)
        return difference ? "risk difference" : "proportion of responders";
    return repeated_name(r, difference);
}

static stroma_status add_results(analysis *a, const repeated *r, const stroma_imputation *m,
                                 const wording *w, stroma_error *err)
{
    stroma_imputation_delta delta;
    stroma_imputation_estimate *e = stroma_arena_alloc(&a->s->arena, 2 * r->groups, sizeof *e);
    if (e == NULL) return stroma_no_memory(err);
    STROMA_TRY(shift_of(a, r, &delta, err));
    for (size_t v = 0; v < r->visits_len; v++) {
        if (stroma_yaml_get(a->node, "response") != NULL)
            STROMA_TRY(respond(a, r, m, v, &delta, e, err));
        else
            STROMA_TRY(stroma_imputation_analyse(m, v, &delta, a->level, e, e + r->groups, err));
        for (int difference = 0; difference < 2; difference++)
            for (size_t g = r->groups; g-- > (size_t)difference;) {
                stroma_stat s = e[(size_t)difference * r->groups + g].stat;
                s.variant = w->variant;
                s.estimate_name =
                    repeated_assuming(a, r, name_of(a, r, difference == 1), w->assumed);
                if (s.estimate_name == NULL) return stroma_no_memory(err);
                if (!s.not_estimable && w->note[0] != '\0') s.reason = w->note;
                STROMA_TRY(repeated_add(a, r, &s, v, g, difference == 1, err));
            }
    }
    return STROMA_OK;
}

/* `tipping_limit:` of the entry: the shift is the estimate, and no test. */
static stroma_status add_tipping(analysis *a, const repeated *r, const stroma_imputation *m,
                                 const wording *w, stroma_error *err)
{
    const stroma_yaml_node *n = stroma_yaml_get(a->node, "tipping_limit");
    const double limit = stroma_yaml_number(a->node, "tipping_limit", 0);
    if (n == NULL) return STROMA_OK;
    if (!isfinite(limit) || limit == 0 || stroma_yaml_get(a->node, "response") != NULL)
        return study_fail_at(a->s, n, err,
                             "tipping_limit: a number other than 0, and no response:, in", a->id);
    double *direction = stroma_arena_alloc(&a->s->arena, r->groups, sizeof *direction);
    if (direction == NULL) return stroma_no_memory(err);
    for (size_t g = r->groups; g-- > 1;) {
        const stroma_tipping_options o = { .version = 1,
                                           .visit = r->visits_len - 1,
                                           .group = g,
                                           .alpha = 1 - a->level,
                                           .direction = direction,
                                           .cumulative =
                                               stroma_yaml_bool(a->node, "delta_cumulative", false),
                                           .limit = limit };
        stroma_tipping_point t;
        for (size_t k = 1; k < r->groups; k++)
            direction[k] = 1;
        STROMA_TRY(stroma_imputation_tip(m, &o, &t, err));
        stroma_stat s = t.found ? stroma_stat_empty("multiple_imputation")
                                : stroma_stat_cannot("multiple_imputation", t.reason);
        s.estimate = t.delta;
        s.estimate_name = "tipping delta";
        s.variant = w->variant;
        s.level = a->level;
        STROMA_TRY(repeated_add(a, r, &s, o.visit, g, true, err));
    }
    return STROMA_OK;
}

static stroma_status impute(analysis *a, const repeated *r, stroma_error *err)
{
    stroma_imputation_options o;
    stroma_error why = STROMA_ERROR_INIT;
    stroma_imputation *m = NULL;
    wording w = { "", "", "" };
    const stroma_imputation_data d = { .subjects = r->subjects,
                                       .visits = r->visits_len,
                                       .groups = r->groups,
                                       .covariates = r->covariates,
                                       .y = r->y,
                                       .observed = r->observed,
                                       .group = r->group,
                                       .covariate = r->x,
                                       .event = r->event,
                                       .rule = r->rule };
    STROMA_TRY(options_of(a, &o, err));
    stroma_status st = stroma_imputation_run(&d, &o, &m, &why);
    if (st == STROMA_OK) {
        st = words_of(a, r, m, o.rule, &w, err);
        if (st == STROMA_OK) st = add_results(a, r, m, &w, err);
        if (st == STROMA_OK) st = add_tipping(a, r, m, &w, err);
    } else if (st == STROMA_E_DEGENERATE) {
        st = repeated_cannot(a, r, "multiple_imputation", why.message, err);
    } else if (err != NULL) {
        *err = why;
    }
    stroma_imputation_free(m);
    return st;
}

stroma_status analysis_run_imputation(analysis *a, stroma_error *err)
{
    return repeated_each(a, "imputation", impute, err);
}
