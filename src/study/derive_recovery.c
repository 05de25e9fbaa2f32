/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long a change lasts: the course of a parameter over its baseline as a word, the fold that is
 * farthest from it with its day, and the day from which on it is back (S0-38 to S0-40). */
#include "derive.h"

#include "stroma/cytometry_index.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { COURSE, FOLD, FOLD_DAY, RECOVERY_DAY, RESULTS };

typedef struct recovery_job {
    study *s;
    const stroma_yaml_node *node;
    double margin;
    int32_t of, from, at;
    int32_t param[RESULTS], derivation[RESULTS];
    int32_t *visits; /* the baseline first, then the later ones that enter, in order */
    size_t visits_len;
    double *day, *value, *fold; /* visits_len places */
} recovery_job;

static const struct {
    const char *suffix, *label, *unit;
} results[RESULTS] = {
    { "", "", "" },
    { "_fold", ": farthest fold of baseline", "" },
    { "_fold_day", ": day of the farthest fold", "day" },
    { "_recovery_day", ": day of recovery", "day" },
};
static const char *const words[] = { "none", "transient", "sustained" };
enum { WORDS = sizeof words / sizeof words[0] };

/* ---- plan ---- */

static stroma_status make_param(recovery_job *j, int k, stroma_error *err)
{
    study *s = j->s;
    const char *own = stroma_yaml_text(j->node, "id", "");
    const char *label = stroma_yaml_text(j->node, "label", own);
    const char *id = stroma_arena_printf(&s->arena, "%s%s", own, results[k].suffix);
    label = stroma_arena_printf(&s->arena, "%s%s", label, results[k].label);
    if (id == NULL || label == NULL) return stroma_no_memory(err);
    if (study_find_param(s, id) != STUDY_NONE)
        return study_fail_at(s, j->node, err, "a parameter has the id already:", id);
    const char *category = s->params.items[j->of].category;
    study_param *p = STUDY_ADD(&s->params, err);
    if (p == NULL) return stroma_no_memory(err);
    *p = (study_param){ .id = id,
                        .paramcd = "",
                        .label = label,
                        .unit = results[k].unit,
                        .category = category,
                        .kind = k == COURSE ? PARAM_WORD : PARAM_NUMBER,
                        .decimals = k == FOLD ? 2 : 0,
                        .log_scale = k == FOLD,
                        .lloq = NAN,
                        .uloq = NAN,
                        .range_low = NAN,
                        .range_high = NAN,
                        .ref_low = NAN,
                        .ref_high = NAN };
    if (k == COURSE) {
        p->words = stroma_arena_alloc(&s->arena, WORDS, sizeof *p->words);
        if (p->words == NULL) return stroma_no_memory(err);
        memcpy(p->words, words, sizeof words);
        p->words_len = WORDS;
    }
    j->param[k] = (int32_t)s->params.len - 1;
    return study_unique_paramcd(s, j->param[k], err);
}

static const char *formula(const recovery_job *j, int k)
{
    stroma_arena *a = &j->s->arena;
    const char *base = j->s->visits.items[j->from].id, *of = j->s->params.items[j->of].id;
    if (k == COURSE)
        return stroma_arena_printf(
            a,
            "fold of %s over %s: none, always within 1 \xC2\xB1 %g; transient, "
            "beyond it and within at the last visits; sustained, still beyond",
            of, base, j->margin);
    if (k == RECOVERY_DAY)
        return stroma_arena_printf(
            a,
            "study day of the first visit from which on every fold of %s over "
            "%s lies within 1 \xC2\xB1 %g; beyond the last visit where none is",
            of, base, j->margin);
    return stroma_arena_printf(a, "%sfold of %s over %s that is farthest from 1 on the log scale",
                               k == FOLD ? "" : "study day of the ", of, base);
}

static stroma_status note_derivation(recovery_job *j, int k, stroma_error *err)
{
    stroma_arena *a = &j->s->arena;
    const study_derivation d = {
        .method = "recovery",
        .version = "1",
        .formula = formula(j, k),
        .source = "declared in the study file",
        .params = stroma_arena_printf(a, "{\"margin\":%g}", j->margin),
        .param = j->param[k],
    };
    if (d.formula == NULL || d.params == NULL) return stroma_no_memory(err);
    return study_add_derivation(j->s, &d, &j->derivation[k], err);
}

static stroma_status named_visit(recovery_job *j, const char *key, int32_t *out, stroma_error *err)
{
    const stroma_yaml_node *n = stroma_yaml_get(j->node, key);
    if (n == NULL) return STROMA_OK;
    *out = study_find_visit(j->s, n->text);
    return *out != STUDY_NONE ? STROMA_OK : study_fail_at(j->s, n, err, "unknown visit", n->text);
}

/* The baseline, and the later visits that are listed (all, where none are). */
static stroma_status plan_visits(recovery_job *j, stroma_error *err)
{
    const study *s = j->s;
    const stroma_yaml_node *list = stroma_yaml_get(j->node, "visits");
    const size_t n = s->visits.len;
    j->visits = stroma_arena_alloc(&j->s->arena, n, sizeof *j->visits);
    bool *enters = stroma_arena_alloc(&j->s->arena, n, sizeof *enters);
    if (j->visits == NULL || enters == NULL) return stroma_no_memory(err);
    for (size_t v = 0; v < n; v++)
        enters[v] = list == NULL;
    for (size_t i = 0; i < stroma_yaml_count(list); i++) {
        const stroma_yaml_node *item = stroma_yaml_at(list, i);
        const int32_t v = study_find_visit(s, item->text);
        if (v == STUDY_NONE) return study_fail_at(s, item, err, "unknown visit", item->text);
        if (v < j->from)
            return study_fail_at(s, item, err, "the reference visit comes after visit", item->text);
        enters[v] = true;
    }
    j->visits[j->visits_len++] = j->from;
    for (size_t v = (size_t)j->from + 1; v < n; v++)
        if (enters[v]) j->visits[j->visits_len++] = (int32_t)v;
    if (j->visits_len < 2)
        return study_fail_at(s, j->node, err, "no visit comes after the reference visit",
                             s->visits.items[j->from].id);
    const int32_t last = j->visits[j->visits_len - 1];
    if (j->at == STUDY_NONE) j->at = last;
    return j->at >= last ? STROMA_OK
                         : study_fail_at(s, j->node, err,
                                         "the result would be dated before a visit that enters it "
                                         "(list visits: up to at:), visit",
                                         s->visits.items[last].id);
}

static stroma_status plan(recovery_job *j, stroma_error *err)
{
    study *s = j->s;
    const char *id = stroma_yaml_text(j->node, "id", ""), *of = stroma_yaml_text(j->node, "of", "");
    j->of = study_find_param(s, of);
    if (j->of == STUDY_NONE)
        return study_fail_at(s, stroma_yaml_get(j->node, "of"), err,
                             "nothing before this entry gives", of);
    if (s->params.items[j->of].kind != PARAM_NUMBER)
        return study_fail_at(s, j->node, err, "a fold needs numbers, not those of parameter", of);
    j->margin = stroma_yaml_number(j->node, "margin", 0.2);
    if (!(j->margin > 0 && j->margin < 1))
        return study_fail_at(s, j->node, err, "a margin lies between 0 and 1, for", id);
    j->from = study_baseline_visit(s);
    j->at = STUDY_NONE;
    STROMA_TRY(named_visit(j, "from", &j->from, err));
    STROMA_TRY(named_visit(j, "at", &j->at, err));
    if (j->from == STUDY_NONE)
        return study_fail_at(s, j->node, err, "give the reference visit (from:) of", id);
    STROMA_TRY(plan_visits(j, err));
    for (int k = 0; k < RESULTS; k++) {
        STROMA_TRY(make_param(j, k, err));
        STROMA_TRY(note_derivation(j, k, err));
    }
    j->day = stroma_arena_alloc(&s->arena, j->visits_len, sizeof *j->day);
    j->value = stroma_arena_alloc(&s->arena, j->visits_len, sizeof *j->value);
    j->fold = stroma_arena_alloc(&s->arena, j->visits_len, sizeof *j->fold);
    return j->day == NULL || j->value == NULL || j->fold == NULL ? stroma_no_memory(err)
                                                                 : STROMA_OK;
}

/* ---- one subject ---- */

/* Values and days of the visits that have a value; the day is that of the measurement, else that of
 * the visit's plan. @return how many there are */
static size_t collect(recovery_job *j, int32_t subject, const char **reason)
{
    const study *s = j->s;
    size_t n = 0;
    for (size_t k = 0; k < j->visits_len; k++) {
        const int32_t i = study_find(s, subject, j->visits[k], j->of);
        const study_measurement *m = i == STUDY_NONE ? NULL : &s->measurements.items[i];
        if (m != NULL && (m->state == STROMA_BELOW_LIMIT || m->state == STROMA_ABOVE_LIMIT))
            *reason = "a value beyond its limit has no fold";
        if (m == NULL || m->state != STROMA_PRESENT) {
            if (k == 0) *reason = "there is no value at the reference visit";
            continue;
        }
        const int32_t planned = s->visits.items[j->visits[k]].day;
        const int32_t day = m->study_day != STUDY_DAY_UNKNOWN ? m->study_day : planned;
        if (day == STUDY_DAY_UNKNOWN) *reason = "the day of a visit is not known";
        if (!(m->value > 0)) *reason = "a fold needs values above 0";
        if (n > 0 && !(day > j->day[n - 1])) *reason = "the days of the visits do not ascend";
        j->day[n] = day;
        j->value[n++] = m->value;
    }
    if (*reason == NULL && n < 2) *reason = "there is no value after the reference visit";
    return n;
}

/* The visit whose fold is farthest from 1, the first of equals. */
static size_t farthest(const double *fold, size_t n)
{
    size_t best = 1;
    for (size_t i = 2; i < n; i++)
        if (fabs(log(fold[i])) > fabs(log(fold[best]))) best = i;
    return best;
}

/* "2 of 3 visits have a value", and between which days it came back. */
static stroma_status note_flags(recovery_job *j, const stroma_series *c, size_t n, int k,
                                study_measurement *m, stroma_error *err)
{
    char gaps[80] = "", between[100] = "";
    if (n < j->visits_len)
        (void)snprintf(gaps, sizeof gaps, "\"%zu of %zu visits have a value\"", n, j->visits_len);
    if (k == RECOVERY_DAY && c->course == STROMA_SERIES_TRANSIENT)
        (void)snprintf(between, sizeof between, "\"back between day %g and day %g\"",
                       c->last_changed_day, c->recovered_day);
    if (gaps[0] == '\0' && between[0] == '\0') return STROMA_OK;
    m->flags = stroma_arena_printf(&j->s->arena, "[%s%s%s]", gaps,
                                   gaps[0] != '\0' && between[0] != '\0' ? "," : "", between);
    return m->flags == NULL ? stroma_no_memory(err) : STROMA_OK;
}

static void fill(const recovery_job *j, const stroma_series *c, size_t n, double shift, int k,
                 study_measurement *m)
{
    const size_t far = farthest(j->fold, n);
    const bool transient = c->course == STROMA_SERIES_TRANSIENT,
               unchanged = c->course == STROMA_SERIES_UNCHANGED;
    m->state = STROMA_PRESENT;
    switch (k) {
    case COURSE:
        m->value = unchanged ? 0 : transient ? 1 : 2;
        m->text = words[(int)m->value];
        break;
    case FOLD: m->value = j->fold[far]; break;
    case FOLD_DAY: m->value = j->day[far] + shift; break;
    default:
        m->value = transient ? c->recovered_day : j->day[n - 1] + shift;
        if (c->course == STROMA_SERIES_LASTING) m->state = STROMA_ABOVE_LIMIT;
        if (!unchanged) break;
        m->state = STROMA_NOT_ESTIMABLE;
        m->value = NAN;
        m->reason = "it did not change: there is nothing to recover from";
    }
}

static stroma_status add_inputs(recovery_job *j, int32_t subject, study_measurement *m,
                                stroma_error *err)
{
    study *s = j->s;
    m->inputs_start = s->inputs.len;
    for (size_t k = 0; k < j->visits_len; k++) {
        const int32_t in = study_find(s, subject, j->visits[k], j->of);
        int32_t *slot = in == STUDY_NONE ? NULL : STUDY_ADD(&s->inputs, err);
        if (in == STUDY_NONE) continue;
        if (slot == NULL) return stroma_no_memory(err);
        *slot = in;
    }
    m->inputs_len = s->inputs.len - m->inputs_start;
    return STROMA_OK;
}

static stroma_status follow(recovery_job *j, int32_t subject, stroma_error *err)
{
    study_measurement like = study_measurement_empty();
    like.subject = subject;
    like.visit = j->at;
    STROMA_TRY(add_inputs(j, subject, &like, err));
    if (like.inputs_len == 0) return STROMA_OK; /* nothing was measured: nothing to derive */
    const char *reason = NULL;
    const size_t n = collect(j, subject, &reason);
    const double shift = n > 0 ? j->day[0] : 0; /* the course counts from its baseline */
    for (size_t i = 0; i < n; i++)
        j->day[i] -= shift;
    stroma_series c = { .course = STROMA_SERIES_UNKNOWN };
    const stroma_series_options o = { .tolerance = j->margin };
    if (reason == NULL)
        STROMA_TRY(stroma_series_course(j->day, j->value, NULL, NULL, n, &o, j->fold, NULL, NULL,
                                        &c, err));
    c.last_changed_day += shift;
    c.recovered_day += shift;
    for (int k = 0; k < RESULTS; k++) {
        study_measurement m = like;
        m.param = j->param[k];
        m.derivation = j->derivation[k];
        m.state = STROMA_NOT_ESTIMABLE;
        m.value = NAN;
        m.reason = reason;
        if (reason == NULL) fill(j, &c, n, shift, k, &m);
        if (reason == NULL) STROMA_TRY(note_flags(j, &c, n, k, &m, err));
        STROMA_TRY(study_add_measurement(j->s, &m, NULL, err));
    }
    return STROMA_OK;
}

stroma_status study_derive_recovery(study *s, const stroma_yaml_node *node, stroma_error *err)
{
    recovery_job j = { .s = s, .node = node };
    STROMA_TRY(plan(&j, err));
    for (size_t u = 0; u < s->subjects.len; u++)
        STROMA_TRY(follow(&j, (int32_t)u, err));
    return STROMA_OK;
}
