/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis_repeated.h"

#include <math.h>
#include <string.h>

/* A covariate besides the baseline value: a number or flag, or the words it takes. */
typedef struct covariate {
    int32_t param, visit;
    const char **words; /* the first one is the reference; NULL: a number */
    size_t words_len, at;
} covariate;

static const study_measurement *measured(const study *s, int32_t subject, int32_t visit,
                                         int32_t param)
{
    const int32_t i = study_find(s, subject, visit, param);
    return i == STUDY_NONE || s->measurements.items[i].state != STROMA_PRESENT
               ? NULL
               : &s->measurements.items[i];
}

/* Words that occur, in byte order. */
static stroma_status words_of(const analysis *a, covariate *c, stroma_error *err)
{
    study *s = a->s;
    c->words = stroma_arena_alloc(&s->arena, s->subjects.len, sizeof *c->words);
    if (c->words == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < s->subjects.len; i++) {
        const study_measurement *m = measured(s, (int32_t)i, c->visit, c->param);
        size_t k = 0;
        if (m == NULL || m->text == NULL || !s->sets.items[a->set].included[i]) continue;
        while (k < c->words_len && strcmp(c->words[k], m->text) < 0)
            k++;
        if (k < c->words_len && strcmp(c->words[k], m->text) == 0) continue;
        memmove(c->words + k + 1, c->words + k, (c->words_len - k) * sizeof *c->words);
        c->words[k] = m->text;
        c->words_len++;
    }
    return STROMA_OK;
}

/* `covariates:` of the entry; columns of x behind the baseline value. */
static stroma_status covariates_of(const analysis *a, repeated *r, covariate **out, size_t *len,
                                   stroma_error *err)
{
    study *s = a->s;
    const stroma_yaml_node *n = stroma_yaml_get(a->node, "covariates");
    *len = n == NULL ? 0 : stroma_yaml_count(n);
    *out = stroma_arena_alloc(&s->arena, *len + 1, sizeof **out);
    if (*out == NULL) return stroma_no_memory(err);
    r->covariates = 1;
    for (size_t k = 0; k < *len; k++) {
        const stroma_yaml_node *item = stroma_yaml_at(n, k);
        covariate *c = &(*out)[k];
        c->param = study_find_param(s, item->text);
        if (c->param == STUDY_NONE)
            return study_fail_at(s, item, err, "no measurements of parameter", item->text);
        c->visit = analysis_place(s, c->param, a->baseline);
        c->at = r->covariates;
        if (s->params.items[c->param].kind == PARAM_WORD) STROMA_TRY(words_of(a, c, err));
        r->covariates += c->words == NULL ? 1 : c->words_len > 0 ? c->words_len - 1 : 0;
    }
    return STROMA_OK;
}

static bool take_covariates(const study *s, const covariate *c, size_t len, int32_t subject,
                            double *x)
{
    for (size_t k = 0; k < len; k++) {
        const study_measurement *m = measured(s, subject, c[k].visit, c[k].param);
        if (m == NULL) return false;
        if (c[k].words == NULL) {
            x[c[k].at] = m->value;
            continue;
        }
        for (size_t w = 1; w < c[k].words_len; w++)
            x[c[k].at + w - 1] = strcmp(c[k].words[w], m->text) == 0;
    }
    return true;
}

/* Visits after baseline at which anybody was measured. */
static stroma_status visits_of(const analysis *a, repeated *r, stroma_error *err)
{
    study *s = a->s;
    r->visits = stroma_arena_alloc(&s->arena, a->visits_len + 1, sizeof *r->visits);
    if (r->visits == NULL) return stroma_no_memory(err);
    for (size_t v = 0; v < s->visits.len; v++) { /* in the order of time */
        bool asked = false;
        for (size_t k = 0; k < a->visits_len; k++)
            asked = asked || a->visits[k] == (int32_t)v;
        if (asked && (int32_t)v > a->baseline && analysis_measured_at(s, r->param, (int32_t)v))
            r->visits[r->visits_len++] = (int32_t)v;
    }
    return STROMA_OK;
}

/* Times of the visits on the study's axis, for what counts distances; NULL where one has none. */
static stroma_status times_of(const analysis *a, repeated *r, stroma_error *err)
{
    const study *s = a->s;
    double *time = stroma_arena_alloc(&a->s->arena, r->visits_len + 1, sizeof *time);
    if (time == NULL) return stroma_no_memory(err);
    r->time = time;
    for (size_t v = 0; v < r->visits_len; v++) {
        time[v] = s->visits.items[r->visits[v]].time;
        if (!isfinite(time[v]) || (v > 0 && time[v] <= time[v - 1])) r->time = NULL;
    }
    return STROMA_OK;
}

static stroma_status allocate(const analysis *a, repeated *r, stroma_error *err)
{
    stroma_arena *arena = &a->s->arena;
    const size_t n = a->s->subjects.len;
    r->groups = a->groups_len;
    r->y = stroma_arena_alloc(arena, n * r->visits_len + 1, sizeof *r->y);
    r->observed = stroma_arena_alloc(arena, n * r->visits_len + 1, sizeof *r->observed);
    r->subject = stroma_arena_alloc(arena, n + 1, sizeof *r->subject);
    r->group = stroma_arena_alloc(arena, n + 1, sizeof *r->group);
    r->x = stroma_arena_alloc(arena, n * r->covariates + 1, sizeof *r->x);
    r->equal = stroma_arena_alloc(arena, r->covariates, sizeof *r->equal);
    r->expected = stroma_arena_alloc(arena, r->groups, sizeof *r->expected);
    return r->y == NULL || r->observed == NULL || r->subject == NULL || r->group == NULL ||
                   r->x == NULL || r->equal == NULL || r->expected == NULL
               ? stroma_no_memory(err)
               : STROMA_OK;
}

/* A value beyond a limit is not missing: what treats it so would be wrong. */
static void take_values(const analysis *a, repeated *r, int32_t subject, double before)
{
    const study *s = a->s;
    for (size_t v = 0; v < r->visits_len; v++) {
        const int32_t i = study_find(s, subject, r->visits[v], r->param);
        const size_t at = r->subjects * r->visits_len + v;
        if (i == STUDY_NONE) continue;
        const study_measurement *m = &s->measurements.items[i];
        if (m->state == STROMA_BELOW_LIMIT || m->state == STROMA_ABOVE_LIMIT)
            r->reason = "values lie beyond a detection limit, and are not missing";
        if (m->state != STROMA_PRESENT || !isfinite(m->value)) continue;
        if (r->log2 && !(m->value > 0)) r->reason = "a value that is not positive has no logarithm";
        r->observed[at] = true;
        r->y[at] = (r->log2 ? log2(m->value) : m->value) - (r->change ? before : 0);
    }
}

const char *repeated_name(const repeated *r, bool difference)
{
    if (difference)
        return r->log2     ? "difference in log2"
               : r->change ? "difference in change"
                           : "difference of adjusted means";
    return r->log2 ? "adjusted mean log2" : r->change ? "adjusted mean change" : "adjusted mean";
}

const char *repeated_assuming(const analysis *a, const repeated *r, const char *name,
                              const char *assumed)
{
    if (assumed == NULL && r->strategies == NULL) return name;
    return stroma_arena_printf(&a->s->arena, "%s%s%s%s%s", name, assumed == NULL ? "" : ", ",
                               assumed == NULL ? "" : assumed, r->strategies == NULL ? "" : "; ",
                               r->strategies == NULL ? "" : r->strategies);
}

stroma_status repeated_gather(const analysis *a, int32_t param, repeated *r, stroma_error *err)
{
    const study *s = a->s;
    covariate *c = NULL;
    size_t len = 0;
    *r =
        (repeated){ .param = param,
                    .change = strcmp(stroma_yaml_text(a->node, "outcome", "change"), "change") == 0,
                    .log2 = strcmp(stroma_yaml_text(a->node, "transform", "none"), "log2") == 0 };
    STROMA_TRY(visits_of(a, r, err));
    STROMA_TRY(times_of(a, r, err));
    STROMA_TRY(covariates_of(a, r, &c, &len, err));
    STROMA_TRY(allocate(a, r, err));
    for (size_t i = 0; i < s->subjects.len; i++) {
        const int32_t member = s->groupings.items[a->grouping].member[i];
        size_t k = 0;
        if (!s->sets.items[a->set].included[i]) continue;
        while (k < a->groups_len && a->groups[k] != member)
            k++;
        if (k == a->groups_len) continue;
        double *x = r->x + r->subjects * r->covariates;
        x[0] = study_value(s, (int32_t)i, a->baseline, param);
        if (r->log2 && x[0] <= 0) r->reason = "a value that is not positive has no logarithm";
        if (r->log2) x[0] = log2(x[0]);
        if (!isfinite(x[0]) || !take_covariates(s, c, len, (int32_t)i, x)) {
            r->left_out++;
            continue;
        }
        take_values(a, r, (int32_t)i, x[0]);
        r->subject[r->subjects] = (int32_t)i;
        r->group[r->subjects] = a->groups_len - 1 - k;
        r->expected[r->group[r->subjects++]]++;
    }
    for (size_t k = 0; k < r->covariates; k++)
        r->equal[k] = NAN;
    for (size_t k = 0; k < len; k++)
        for (size_t w = 1; w < c[k].words_len; w++)
            r->equal[c[k].at + w - 1] = 1 / (double)c[k].words_len;
    if (r->visits_len == 0) r->reason = "no value after baseline";
    for (size_t g = 0; g < r->groups; g++)
        if (r->expected[g] == 0) r->reason = "a group has no subject with a baseline value";
    return repeated_intercurrent(a, r, err);
}

static stroma_status structure_named(const analysis *a, const stroma_yaml_node *n, const char *name,
                                     stroma_mmrm_structure *out, stroma_error *err)
{
    if (stroma_mmrm_structure_find(name, out)) return STROMA_OK;
    (void)study_fail_at(a->s, n, err, "unknown covariance", name);
    stroma_hint(err, "one of us, toeph, adh, ar1h, csh, toep, ad, ar1, cs, sp_exp, random_slope");
    return STROMA_E_MALFORMED;
}

stroma_status repeated_structures(const analysis *a, stroma_mmrm_structure *structure,
                                  stroma_mmrm_structure *fallback, size_t *len, stroma_error *err)
{
    const stroma_yaml_node *n = stroma_yaml_get(a->node, "covariance"),
                           *list = stroma_yaml_get(a->node, "fallback");
    *structure = STROMA_MMRM_US;
    *len = 0;
    if (n != NULL) STROMA_TRY(structure_named(a, n, n->text, structure, err));
    for (size_t k = 0; list != NULL && k < stroma_yaml_count(list); k++) {
        const stroma_yaml_node *item = stroma_yaml_at(list, k);
        if (*len + 1 >= STROMA_MMRM_FALLBACK_MAX)
            return study_fail_at(a->s, item, err, "too many fall-backs, at", item->text);
        STROMA_TRY(structure_named(a, item, item->text, &fallback[(*len)++], err));
    }
    return STROMA_OK;
}

stroma_status repeated_add(analysis *a, const repeated *r, const stroma_stat *stat, size_t visit,
                           size_t group, bool difference, stroma_error *err)
{
    study_result result = analysis_result(a);
    size_t seen[2] = { 0 }, missing = r->left_out;
    for (size_t i = 0; i < r->subjects; i++) {
        const bool own = r->group[i] == group, reference = difference && r->group[i] == 0;
        const bool present = r->observed[i * r->visits_len + visit];
        seen[0] += own && present;
        seen[1] += reference && present;
        missing += (own || reference) && !present;
    }
    result.stat = *stat;
    result.stat.n_used = seen[0] + seen[1];
    result.stat.n1 = seen[0];
    result.stat.n2 = seen[1];
    result.param = r->param;
    result.visit = r->visits[visit];
    result.visit2 = r->change ? a->baseline : STUDY_NONE;
    result.group_a = a->groups[a->groups_len - 1 - group];
    result.group_b = difference ? a->groups[a->groups_len - 1] : STUDY_NONE;
    if (!difference) { /* a mean is no comparison: it has no p and is in no family */
        result.stat.p = result.stat.statistic = NAN;
        result.stat.statistic_name = "";
    }
    return analysis_add(a, &result, missing, "this visit, at baseline or of a covariate", err);
}

stroma_status repeated_cannot(analysis *a, const repeated *r, const char *method,
                              const char *reason, stroma_error *err)
{
    const char *kept = stroma_arena_strdup(&a->s->arena, reason);
    if (kept == NULL) return stroma_no_memory(err);
    const stroma_stat none = stroma_stat_cannot(method, kept);
    for (size_t v = 0; v < r->visits_len; v++)
        for (size_t g = r->groups; g-- > 1;)
            STROMA_TRY(repeated_add(a, r, &none, v, g, true, err));
    return STROMA_OK;
}

stroma_status repeated_each(analysis *a, const char *method,
                            stroma_status (*run)(analysis *a, const repeated *r, stroma_error *err),
                            stroma_error *err)
{
    if (a->groups_len < 2 || a->baseline == STUDY_NONE || a->params_len == 0) {
        const char *what = stroma_arena_printf(
            &a->s->arena, "%s needs params, a baseline visit and two groups, in", method);
        return what == NULL ? stroma_no_memory(err)
                            : study_fail_at(a->s, a->node, err, what, a->id);
    }
    for (size_t p = 0; p < a->params_len; p++) {
        repeated r;
        STROMA_TRY(repeated_gather(a, a->params[p], &r, err));
        if (r.reason != NULL)
            STROMA_TRY(repeated_cannot(a, &r, method, r.reason, err));
        else
            STROMA_TRY(run(a, &r, err));
    }
    return STROMA_OK;
}
