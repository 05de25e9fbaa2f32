/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mixed model for repeated measures: group by visit, baseline and covariates by visit. */
#include "analysis_repeated.h"

#include <math.h>
#include <string.h>

/* The rows that were measured; columns by visit: groups, then covariates about their means. */
typedef struct rows {
    stroma_design design;
    stroma_mmrm_data data;
    double *y, *centre; /* covariates: where adjusted means stand, from the mean of the rows */
    size_t *subject, *visit, *arm;
    size_t of_visit;
} rows;

static stroma_status allocate(analysis *a, const repeated *r, rows *out, stroma_error *err)
{
    stroma_arena *arena = &a->s->arena;
    size_t n = 0;
    for (size_t i = 0; i < r->subjects * r->visits_len; i++)
        n += r->observed[i];
    out->of_visit = r->groups + r->covariates;
    out->design =
        (stroma_design){ .rows = n, .columns = r->visits_len * out->of_visit, .intercept = true };
    out->design.x = stroma_arena_alloc(arena, n * out->design.columns + 1, sizeof(double));
    out->y = stroma_arena_alloc(arena, n + 1, sizeof *out->y);
    out->subject = stroma_arena_alloc(arena, n + 1, sizeof *out->subject);
    out->visit = stroma_arena_alloc(arena, n + 1, sizeof *out->visit);
    out->arm = stroma_arena_alloc(arena, n + 1, sizeof *out->arm);
    out->centre = stroma_arena_alloc(arena, r->covariates, sizeof *out->centre);
    return out->design.x == NULL || out->y == NULL || out->subject == NULL || out->visit == NULL ||
                   out->arm == NULL || out->centre == NULL
               ? stroma_no_memory(err)
               : STROMA_OK;
}

static void fill(const repeated *r, bool observed_weights, bool grouped, rows *out)
{
    const size_t m = r->visits_len, n = out->design.rows, p = r->covariates;
    double *mean = out->centre;
    size_t at = 0;
    for (size_t i = 0; i < r->subjects * m; i++)
        for (size_t c = 0; r->observed[i] && c < p; c++)
            mean[c] += r->x[i / m * p + c] / (double)n;
    for (size_t i = 0; i < r->subjects; i++)
        for (size_t v = 0; v < m; v++) {
            if (!r->observed[i * m + v]) continue;
            double *x = out->design.x + v * out->of_visit * n + at;
            x[r->group[i] * n] = 1;
            for (size_t c = 0; c < p; c++)
                x[(r->groups + c) * n] = r->x[i * p + c] - mean[c];
            out->y[at] = r->y[i * m + v];
            out->subject[at] = i;
            out->arm[at] = r->group[i];
            out->visit[at++] = v;
        }
    for (size_t c = 0; c < p; c++)
        mean[c] = observed_weights || isnan(r->equal[c]) ? 0 : r->equal[c] - mean[c];
    out->data = (stroma_mmrm_data){ .design = &out->design,
                                    .y = out->y,
                                    .subject = out->subject,
                                    .visit = out->visit,
                                    .group = grouped ? out->arm : NULL,
                                    .visit_time = r->time,
                                    .subjects = r->subjects,
                                    .visits = m,
                                    .groups = grouped ? r->groups : 1 };
}

static stroma_mmrm_df df_of(const analysis *a)
{
    const char *df = stroma_yaml_text(a->node, "df", "");
    return strcmp(df, "satterthwaite") == 0 ? STROMA_MMRM_DF_SATTERTHWAITE
           : strcmp(df, "kr") == 0          ? STROMA_MMRM_DF_KR
           : strcmp(df, "kr_natural") == 0  ? STROMA_MMRM_DF_KR_NATURAL
                                            : STROMA_MMRM_DF_DEFAULT;
}

/* "covariance ar1h: us could not be estimated (…)", or NULL */
static stroma_status note_fallback(analysis *a, const stroma_mmrm *fit, const char **note,
                                   stroma_error *err)
{
    *note = NULL;
    for (size_t k = 0; k < fit->attempts_len; k++) {
        *note = stroma_arena_printf(&a->s->arena, "%s%s%s could not be estimated (%s)",
                                    *note == NULL ? "" : *note, *note == NULL ? "" : "; ",
                                    stroma_mmrm_structure_name(fit->attempts[k].structure),
                                    fit->attempts[k].reason);
        if (*note == NULL) return stroma_no_memory(err);
    }
    if (fit->attempts_len == 0) return STROMA_OK;
    *note = stroma_arena_printf(&a->s->arena, "covariance %s: %s",
                                stroma_mmrm_structure_name(fit->structure), *note);
    return *note == NULL ? stroma_no_memory(err) : STROMA_OK;
}

/* Where the weights of an adjusted mean, or of a difference from group 0, stand. */
static stroma_status add_results(analysis *a, const repeated *r, const rows *in,
                                 const stroma_mmrm *fit, stroma_error *err)
{
    const char *note = NULL;
    double *l = stroma_arena_alloc(&a->s->arena, fit->columns, sizeof *l);
    if (l == NULL) return stroma_no_memory(err);
    STROMA_TRY(note_fallback(a, fit, &note, err));
    for (size_t v = 0; v < r->visits_len; v++)
        for (int difference = 0; difference < 2; difference++)
            for (size_t g = r->groups; g-- > (size_t)difference;) {
                double *own = l + v * in->of_visit;
                memset(l, 0, fit->columns * sizeof *l);
                own[g] = 1;
                if (difference == 1) own[0] = -1;
                for (size_t c = 0; difference == 0 && c < r->covariates; c++)
                    own[r->groups + c] = in->centre[c];
                stroma_stat s = stroma_mmrm_contrast(fit, l, 0, a->level);
                /* the one reason that is no property of the data */
                if (s.not_estimable && strcmp(s.reason, "memory ran out") == 0)
                    return stroma_no_memory(err);
                s.variant = stroma_mmrm_structure_name(fit->structure);
                s.estimate_name = repeated_assuming(a, r, repeated_name(r, difference == 1), NULL);
                if (s.estimate_name == NULL) return stroma_no_memory(err);
                if (note != NULL && !s.not_estimable) s.reason = note;
                STROMA_TRY(repeated_add(a, r, &s, v, g, difference == 1, err));
            }
    return STROMA_OK;
}

static stroma_status mmrm(analysis *a, const repeated *r, stroma_error *err)
{
    stroma_mmrm_options o = STROMA_MMRM_OPTIONS_INIT;
    stroma_error why = STROMA_ERROR_INIT;
    stroma_mmrm *fit = NULL;
    rows in = { .of_visit = 0 };
    STROMA_TRY(repeated_structures(a, &o.structure, o.fallback, &o.fallback_len, err));
    o.df = df_of(a);
    STROMA_TRY(allocate(a, r, &in, err));
    if (r->strategies != NULL && stroma_yaml_get(a->node, "estimand") == NULL)
        a->estimand = stroma_arena_printf(
            &a->s->arena,
            "difference in change, adjusted for baseline, %s, missing values at random",
            r->strategies);
    if (a->estimand == NULL) return stroma_no_memory(err);
    fill(r, strcmp(stroma_yaml_text(a->node, "weights", "equal"), "observed") == 0,
         stroma_yaml_bool(a->node, "covariance_by_group", false), &in);
    stroma_status st = stroma_mmrm_fit(&in.data, &o, &fit, &why);
    if (st == STROMA_OK)
        st = add_results(a, r, &in, fit, err);
    else if (st == STROMA_E_DEGENERATE) /* said in the results, not an end */
        st = repeated_cannot(a, r, "mmrm", why.message, err);
    else if (err != NULL)
        *err = why;
    stroma_mmrm_free(fit);
    return st;
}

stroma_status analysis_run_mmrm(analysis *a, stroma_error *err)
{
    if (stroma_yaml_get(a->node, "response") != NULL)
        return study_fail_at(a->s, a->node, err, "response: is for imputation, not mmrm, in",
                             a->id);
    return repeated_each(a, "mmrm", mmrm, err);
}
