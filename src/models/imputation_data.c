/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks of the data to be imputed, and the arrays that the rest works on. */
#include "imputation.h"
#include "small_matrix.h"

#include "stroma/sort.h"

#include <math.h>
#include <string.h>

enum { ARENA_BYTES_LOG2 = 34, IMPUTATIONS = 100, IMPUTATIONS_MAX = 10000, BURN_IN = 200 };

const char *stroma_imputation_rule_name(stroma_imputation_rule r)
{
    static const char *const names[] = { "mar", "j2r", "cr", "cir" };
    return names[r];
}

bool stroma_imputation_rule_find(const char *name, stroma_imputation_rule *out)
{
    for (int r = STROMA_IMPUTE_MAR; r <= STROMA_IMPUTE_CIR; r++)
        if (strcmp(stroma_imputation_rule_name((stroma_imputation_rule)r), name) == 0) {
            *out = (stroma_imputation_rule)r;
            return true;
        }
    return false;
}

const char *stroma_imputation_draws_name(stroma_imputation_draws d)
{
    return d == STROMA_DRAWS_BAYES       ? "bayes"
           : d == STROMA_DRAWS_BOOTSTRAP ? "bootstrap"
                                         : "conditional-mean";
}

static stroma_status check_options(stroma_imputation_state *s, stroma_error *err)
{
    stroma_imputation_options *o = &s->options;
    if (o->imputations == 0) o->imputations = IMPUTATIONS;
    if (o->burn_in == 0) o->burn_in = BURN_IN;
    if (o->threads < 1) o->threads = 1;
    if (o->imputations < 2 || o->imputations > IMPUTATIONS_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "%zu imputations are not within 2 to %d",
                           o->imputations, IMPUTATIONS_MAX);
    if (o->reference >= s->groups)
        return stroma_fail(err, STROMA_E_USAGE, "reference arm %zu: there are %zu arms",
                           o->reference, s->groups);
    if (o->draws == STROMA_DRAWS_BAYES && o->structure != STROMA_MMRM_US) {
        (void)stroma_fail(err, STROMA_E_USAGE,
                          "posterior draws are for an unstructured covariance, not %s",
                          stroma_mmrm_structure_name(o->structure));
        stroma_hint(err, "take bootstrap draws or conditional means");
        return STROMA_E_USAGE;
    }
    return STROMA_OK;
}

static stroma_status check_data(const stroma_imputation_data *d, stroma_error *err)
{
    if (d->subjects == 0 || d->visits == 0 || d->groups == 0)
        return stroma_fail(err, STROMA_E_DEGENERATE, "no subject, visit or arm to impute for");
    if (d->visits > SIZE_MAX / d->subjects || d->covariates > SIZE_MAX / d->subjects)
        return stroma_no_memory(err);
    for (size_t i = 0; i < d->subjects; i++) {
        if (d->group[i] >= d->groups || (d->event != NULL && d->event[i] > d->visits))
            return stroma_fail(err, STROMA_E_USAGE, "subject %zu: arm or event out of range", i);
        for (size_t v = 0; v < d->visits; v++)
            if (d->observed[i * d->visits + v] && !isfinite(d->y[i * d->visits + v]))
                return stroma_fail(err, STROMA_E_USAGE,
                                   "subject %zu, visit %zu: the value is not a finite number", i,
                                   v);
        for (size_t c = 0; c < d->covariates; c++)
            if (!isfinite(d->covariate[i * d->covariates + c]))
                return stroma_fail(err, STROMA_E_USAGE,
                                   "subject %zu, covariate %zu is not a finite number", i, c);
    }
    return STROMA_OK;
}

static stroma_status allocate(stroma_imputation_state *s, stroma_error *err)
{
    stroma_arena *a = &s->arena;
    const size_t cells = s->n * s->visits;
    s->group = stroma_arena_alloc(a, s->n, sizeof *s->group);
    s->x = stroma_arena_alloc(a, s->n * s->covariates + 1, sizeof *s->x);
    s->y = stroma_arena_alloc(a, cells, sizeof *s->y);
    s->observed = stroma_arena_alloc(a, cells, sizeof *s->observed);
    s->used = stroma_arena_alloc(a, cells, sizeof *s->used);
    s->from = stroma_arena_alloc(a, s->n, sizeof *s->from);
    s->rule = stroma_arena_alloc(a, s->n, sizeof *s->rule);
    s->blocks_len = s->options.separate ? s->groups : 1;
    s->blocks = stroma_arena_alloc(a, s->blocks_len, sizeof *s->blocks);
    return s->group == NULL || s->x == NULL || s->y == NULL || s->observed == NULL ||
                   s->used == NULL || s->from == NULL || s->rule == NULL || s->blocks == NULL
               ? stroma_no_memory(err)
               : STROMA_OK;
}

/* Where the event is, which rule follows it, and which values the model is made of. */
static void take_subject(stroma_imputation_state *s, const stroma_imputation_data *d, size_t i)
{
    const size_t m = s->visits;
    const bool *seen = d->observed + i * m;
    s->group[i] = d->group[i];
    s->rule[i] = d->rule == NULL ? s->options.rule : d->rule[i];
    if (s->group[i] == s->options.reference) s->rule[i] = STROMA_IMPUTE_MAR;
    if (d->event != NULL) {
        s->from[i] = d->event[i];
    } else {
        for (s->from[i] = m; s->from[i] > 0 && !seen[s->from[i] - 1];)
            s->from[i]--;
    }
    const bool own = s->rule[i] == STROMA_IMPUTE_MAR;
    for (size_t v = 0; v < m; v++) {
        s->observed[i * m + v] = seen[v];
        s->used[i * m + v] = seen[v] && (own || v < s->from[i]);
        s->y[i * m + v] = seen[v] ? d->y[i * m + v] : 0;
    }
}

static void centre_covariates(stroma_imputation_state *s, const stroma_imputation_data *d)
{
    for (size_t c = 0; c < s->covariates; c++) {
        double sum = 0;
        for (size_t i = 0; i < s->n; i++)
            sum += d->covariate[i * s->covariates + c];
        const double mean = sum / (double)s->n;
        for (size_t i = 0; i < s->n; i++)
            s->x[i * s->covariates + c] = d->covariate[i * s->covariates + c] - mean;
    }
}

/* Every arm needs a value at every visit, or nothing says what its mean is. */
static stroma_status check_cells(const stroma_imputation_state *s, stroma_error *err)
{
    for (size_t g = 0; g < s->groups; g++)
        for (size_t v = 0; v < s->visits; v++) {
            bool seen = false;
            for (size_t i = 0; i < s->n && !seen; i++)
                seen = s->group[i] == g && s->used[i * s->visits + v];
            if (seen) continue;
            (void)stroma_fail(err, STROMA_E_DEGENERATE,
                              "arm %zu has no value at visit %zu to impute from", g + 1, v + 1);
            stroma_hint(err, "leave the visit out, or the arm");
            return STROMA_E_DEGENERATE;
        }
    return STROMA_OK;
}

/* X'X of a block's subjects: arm indicators, then covariates. */
static stroma_status block_design(stroma_imputation_state *s, imputation_block *b,
                                  stroma_error *err)
{
    const size_t p = b->groups + s->covariates;
    double *a = stroma_arena_alloc(&s->arena, p * p, sizeof *a);
    double *root = stroma_arena_alloc(&s->arena, p * p, sizeof *root);
    double *row = stroma_arena_alloc(&s->arena, p, sizeof *row);
    if (a == NULL || root == NULL || row == NULL) return stroma_no_memory(err);
    for (size_t k = 0; k < b->n; k++) {
        const size_t i = b->who[k];
        memset(row, 0, p * sizeof *row);
        row[s->group[i] - b->first] = 1;
        for (size_t c = 0; c < s->covariates; c++)
            row[b->groups + c] = s->x[i * s->covariates + c];
        for (size_t j = 0; j < p; j++)
            for (size_t l = 0; l < p; l++)
                a[j * p + l] += row[j] * row[l];
    }
    if (!small_cholesky(a, p)) {
        (void)stroma_fail(err, STROMA_E_DEGENERATE,
                          "the covariates depend linearly on each other or on the arms");
        stroma_hint(err, "leave one out");
        return STROMA_E_DEGENERATE;
    }
    b->factor = a;
    small_inverse(a, p, root);
    /* (X'X)^-1 = L'^-1 L^-1 is positive definite because X'X is */
    if (!small_cholesky(root, p))
        return stroma_fail(err, STROMA_E_DEGENERATE, "the covariates are nearly dependent");
    b->inverse_root = root;
    return STROMA_OK;
}

/* Subjects seen at the same visits follow each other: the chain computes their regression once. */
static int by_pattern(const void *a, const void *b, void *context)
{
    const stroma_imputation_state *s = context;
    const size_t i = *(const size_t *)a, k = *(const size_t *)b, m = s->visits;
    const int order = memcmp(s->used + i * m, s->used + k * m, m * sizeof *s->used);
    return order != 0 ? order : (i > k) - (i < k);
}

static stroma_status make_blocks(stroma_imputation_state *s, stroma_error *err)
{
    for (size_t k = 0; k < s->blocks_len; k++) {
        imputation_block *b = &s->blocks[k];
        *b = (imputation_block){ .first = k,
                                 .groups = s->blocks_len == 1 ? s->groups : 1,
                                 .structure = s->options.structure };
        b->who = stroma_arena_alloc(&s->arena, s->n, sizeof *b->who);
        if (b->who == NULL) return stroma_no_memory(err);
        for (size_t i = 0; i < s->n; i++)
            if (s->group[i] >= b->first && s->group[i] < b->first + b->groups) b->who[b->n++] = i;
        const size_t needed = b->groups + s->covariates + s->visits;
        if (b->n < needed) {
            (void)stroma_fail(err, STROMA_E_DEGENERATE,
                              "%zu subjects are too few for the covariance of %zu visits: %zu are "
                              "needed",
                              b->n, s->visits, needed);
            stroma_hint(err, "fewer visits or covariates%s",
                        s->options.separate ? ", or one covariance for all arms" : "");
            return STROMA_E_DEGENERATE;
        }
        STROMA_TRY(stroma_sort(b->who, b->n, sizeof *b->who, by_pattern, s, err));
        STROMA_TRY(block_design(s, b, err));
    }
    return STROMA_OK;
}

stroma_status imputation_state_make(stroma_imputation_state *s, const stroma_imputation_data *data,
                                    stroma_error *err)
{
    s->n = data->subjects;
    s->visits = data->visits;
    s->groups = data->groups;
    s->covariates = data->covariates;
    stroma_arena_init(&s->arena, (size_t)1 << ARENA_BYTES_LOG2);
    STROMA_TRY(check_data(data, err));
    STROMA_TRY(check_options(s, err));
    STROMA_TRY(allocate(s, err));
    for (size_t i = 0; i < s->n; i++)
        take_subject(s, data, i);
    centre_covariates(s, data);
    STROMA_TRY(check_cells(s, err));
    return make_blocks(s, err);
}
