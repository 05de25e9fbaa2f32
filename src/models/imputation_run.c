/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The completed sets: one item of work each, so that threads do not matter. */
#include "imputation.h"

#include "stroma/parallel.h"

#include <math.h>
#include <string.h>

enum { ATTEMPTS_MAX = 20 };

/* What the items share. */
typedef struct batch {
    stroma_imputation *m;
    const double *start; /* parameters of the REML fit */
    uint32_t stream;
    size_t *failed; /* sets: bootstrap samples without a fit */
} batch;

static stroma_status posterior_set(const batch *w, size_t set, double *parameters, stroma_random *r,
                                   stroma_error *err)
{
    const stroma_imputation_state *s = w->m->state;
    (void)set;
    memcpy(parameters, w->start, imputation_parameters_len(s) * sizeof *parameters);
    return imputation_posterior(s, r, parameters, err);
}

/* As many subjects of each arm as there are, drawn with replacement. */
static void resample(const stroma_imputation_state *s, stroma_random *r, size_t *pool, size_t *who)
{
    size_t at = 0;
    for (size_t g = 0; g < s->groups; g++) {
        size_t n = 0;
        for (size_t i = 0; i < s->n; i++)
            if (s->group[i] == g) pool[n++] = i;
        for (size_t k = 0; k < n; k++)
            who[at++] = pool[stroma_random_below(r, n)];
    }
}

/* Samples without a fit are drawn again, and counted. */
static stroma_status bootstrap_set(const batch *w, size_t set, double *parameters, stroma_random *r,
                                   stroma_error *err)
{
    const stroma_imputation_state *s = w->m->state;
    size_t *who = stroma_alloc_array(2 * s->n, sizeof *who);
    if (who == NULL) return stroma_no_memory(err);
    stroma_status st = STROMA_E_DEGENERATE;
    for (int k = 0; st == STROMA_E_DEGENERATE && k < ATTEMPTS_MAX; k++) {
        stroma_error why = STROMA_ERROR_INIT;
        resample(s, r, who + s->n, who);
        st = imputation_fit(s, who, s->n, NULL, parameters, NULL, &why);
        if (st == STROMA_E_DEGENERATE) w->failed[set]++;
        if (st != STROMA_OK && err != NULL) *err = why;
    }
    stroma_free(who);
    if (st == STROMA_E_DEGENERATE) {
        st = stroma_in(err, st, "%d bootstrap samples in a row have no fit", ATTEMPTS_MAX);
        stroma_hint(err, "take a simpler covariance, or posterior draws");
    }
    return st;
}

static stroma_status some_sets(size_t begin, size_t end, int worker, void *context,
                               stroma_error *err)
{
    const batch *w = context;
    const stroma_imputation_state *s = w->m->state;
    double *parameters = stroma_alloc_array(imputation_parameters_len(s), sizeof *parameters);
    stroma_status st = parameters == NULL ? stroma_no_memory(err) : STROMA_OK;
    (void)worker;
    for (size_t k = begin; st == STROMA_OK && k < end; k++) {
        stroma_random r;
        stroma_random_init(&r, s->options.seed, w->stream, k);
        st = w->m->draws == STROMA_DRAWS_BAYES ? posterior_set(w, k, parameters, &r, err)
                                               : bootstrap_set(w, k, parameters, &r, err);
        if (st == STROMA_OK)
            st =
                imputation_complete(s, parameters, &r, w->m->completed + k * s->n * s->visits, err);
    }
    stroma_free(parameters);
    return st;
}

/* ---- the jackknife ---- */

/* Adjusted means of all visits without subject k. */
static stroma_status without(const batch *w, size_t k, size_t *who, double *parameters,
                             double *completed, imputation_ancova *a, stroma_error *err)
{
    stroma_imputation_state *s = w->m->state;
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        if (i != k) who[n++] = i;
    STROMA_TRY(imputation_fit(s, who, n, NULL, parameters, NULL, err));
    STROMA_TRY(imputation_complete(s, parameters, NULL, completed, err));
    if (!imputation_ancova_set(a, k))
        return stroma_fail(err, STROMA_E_DEGENERATE, "an arm or a covariate is gone");
    for (size_t v = 0; v < s->visits; v++)
        imputation_ancova_means(a, completed + v, s->visits,
                                s->jackknife + (k * s->visits + v) * s->groups, NULL);
    return STROMA_OK;
}

static stroma_status some_subjects(size_t begin, size_t end, int worker, void *context,
                                   stroma_error *err)
{
    const batch *w = context;
    const stroma_imputation_state *s = w->m->state;
    stroma_arena arena;
    imputation_ancova a;
    (void)worker;
    stroma_arena_init(&arena, (size_t)1 << 34);
    double *parameters =
        stroma_arena_alloc(&arena, imputation_parameters_len(s), sizeof *parameters);
    double *completed = stroma_arena_alloc(&arena, s->n * s->visits, sizeof *completed);
    size_t *who = stroma_arena_alloc(&arena, s->n, sizeof *who);
    stroma_status st = parameters == NULL || completed == NULL || who == NULL
                           ? stroma_no_memory(err)
                           : imputation_ancova_make(&a, s, &arena, err);
    for (size_t k = begin; st == STROMA_OK && k < end; k++) {
        st = without(w, k, who, parameters, completed, &a, err);
        if (st == STROMA_E_DEGENERATE)
            st = stroma_in(err, st, "jackknife without subject %zu", k + 1);
    }
    stroma_arena_clear(&arena);
    return st;
}

/* ---- all of it ---- */

static stroma_status draw(batch *w, double *start, stroma_error *err)
{
    stroma_imputation *m = w->m;
    stroma_imputation_state *s = m->state;
    if (m->draws == STROMA_DRAWS_CONDITIONAL_MEAN) {
        s->jackknife =
            stroma_arena_alloc(&s->arena, s->n * s->visits * s->groups, sizeof *s->jackknife);
        if (s->jackknife == NULL) return stroma_no_memory(err);
        STROMA_TRY(imputation_complete(s, start, NULL, m->completed, err));
        return stroma_parallel_for(s->n, s->options.threads, 4, some_subjects, w, err);
    }
    w->failed = stroma_arena_alloc(&s->arena, m->sets, sizeof *w->failed);
    if (w->failed == NULL) return stroma_no_memory(err);
    w->start = start;
    w->stream = stroma_random_stream(m->draws == STROMA_DRAWS_BAYES ? "imputation posterior"
                                                                    : "imputation bootstrap");
    STROMA_TRY(stroma_parallel_for(m->sets, s->options.threads, 1, some_sets, w, err));
    for (size_t k = 0; k < m->sets; k++)
        m->failed += w->failed[k];
    return STROMA_OK;
}

static stroma_status run(stroma_imputation *m, const stroma_imputation_data *data,
                         stroma_error *err)
{
    stroma_imputation_state *s = m->state;
    stroma_mmrm *fit = NULL;
    batch w = { .m = m };
    STROMA_TRY(imputation_state_make(s, data, err));
    m->draws = s->options.draws;
    m->reference = s->options.reference;
    m->subjects = s->n;
    m->visits = s->visits;
    m->groups = s->groups;
    m->covariates = s->covariates;
    m->sets = m->draws == STROMA_DRAWS_CONDITIONAL_MEAN ? 1 : s->options.imputations;
    for (size_t i = 0; i < s->n * s->visits; i++)
        m->imputed += !s->observed[i];
    if (m->sets > SIZE_MAX / (s->n * s->visits)) return stroma_no_memory(err);
    m->completed = stroma_alloc_array(m->sets * s->n * s->visits, sizeof *m->completed);
    double *start = stroma_arena_alloc(&s->arena, imputation_parameters_len(s), sizeof *start);
    size_t *who = stroma_arena_alloc(&s->arena, s->n, sizeof *who);
    if (m->completed == NULL || start == NULL || who == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < s->n; i++)
        who[i] = i;
    STROMA_TRY(imputation_fit(s, who, s->n, &s->arena, start, &fit, err));
    m->structure = fit->structure;
    m->attempts_len = fit->attempts_len;
    memcpy(m->attempts, fit->attempts, sizeof m->attempts);
    stroma_mmrm_free(fit);
    return draw(&w, start, err);
}

stroma_status stroma_imputation_run(const stroma_imputation_data *data,
                                    const stroma_imputation_options *options,
                                    stroma_imputation **out, stroma_error *err)
{
    *out = NULL;
    stroma_imputation *m = stroma_alloc_array(1, sizeof *m);
    stroma_imputation_state *s = stroma_alloc_array(1, sizeof *s);
    if (m == NULL || s == NULL) {
        stroma_free(m);
        stroma_free(s);
        return stroma_no_memory(err);
    }
    m->state = s;
    s->options =
        options == NULL ? (stroma_imputation_options)STROMA_IMPUTATION_OPTIONS_INIT : *options;
    const stroma_status st = run(m, data, err);
    if (st == STROMA_OK)
        *out = m;
    else
        stroma_imputation_free(m);
    return st;
}

void stroma_imputation_free(stroma_imputation *m)
{
    if (m == NULL) return;
    stroma_arena_clear(&m->state->arena);
    stroma_free(m->state);
    stroma_free(m->completed);
    stroma_free(m);
}
