/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Intercurrent events of an analysis of repeated measures: which events of the study count, and
 * what each means for the values after it (ICH E9(R1)). */
#include "analysis_repeated.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* One entry of `intercurrent:`. */
typedef struct rule {
    const char *kind, *term; /* term NULL: any */
    stroma_strategy strategy;
} rule;

static bool concerns(const rule *q, const study_event *e)
{
    return e->kind != NULL && strcmp(e->kind, q->kind) == 0 &&
           (q->term == NULL || (e->term != NULL && strcmp(e->term, q->term) == 0));
}

/* First of the analysed visits that lies after the event; the day of a value is that of its
 * measurement, else of the visit. @return false when the event cannot be placed */
static bool first_after(const analysis *a, const repeated *r, const study_event *e, size_t *out)
{
    const study *s = a->s;
    for (*out = 0; *out < r->visits_len; ++*out) {
        const int32_t visit = r->visits[*out];
        if (e->visit != STUDY_NONE) {
            if (visit > e->visit) return true;
            continue;
        }
        const int32_t m = study_find(s, e->subject, visit, r->param);
        int32_t day = m == STUDY_NONE ? STUDY_DAY_UNKNOWN : s->measurements.items[m].study_day;
        if (day == STUDY_DAY_UNKNOWN) day = s->visits.items[visit].day;
        if (e->day == STUDY_DAY_UNKNOWN || day == STUDY_DAY_UNKNOWN) return false;
        if (day > e->day) return true;
    }
    return true;
}

/* While on treatment, without a value after baseline: the baseline itself is the last one. */
static bool baseline_carried(const repeated *r, const stroma_intercurrent *e)
{
    const size_t at = e->subject * r->visits_len;
    if (e->strategy != STROMA_STRATEGY_WHILE_ON_TREATMENT) return false;
    for (size_t v = 0; v < e->visit; v++)
        if (r->observed[at + v]) return false;
    for (size_t v = e->visit; v < r->visits_len; v++) {
        r->y[at + v] = r->change ? 0 : r->x[e->subject * r->covariates];
        r->observed[at + v] = true;
    }
    return true;
}

/* "rescue: hypothetical strategy (ICH E9(R1))", joined. */
static stroma_status add_label(const analysis *a, repeated *r, const rule *q, stroma_error *err)
{
    r->strategies =
        stroma_arena_printf(&a->s->arena, "%s%s%s: %s", r->strategies == NULL ? "" : r->strategies,
                            r->strategies == NULL ? "" : "; ", q->term == NULL ? q->kind : q->term,
                            stroma_strategy_label(q->strategy));
    return r->strategies == NULL ? stroma_no_memory(err) : STROMA_OK;
}

static stroma_status read_rule(const analysis *a, const stroma_yaml_node *n, rule *q,
                               stroma_error *err)
{
    char name[32];
    const char *text = stroma_yaml_text(n, "strategy", "");
    *q = (rule){ .kind = stroma_yaml_text(n, "kind", ""),
                 .term = stroma_yaml_text(n, "term", NULL) };
    (void)snprintf(name, sizeof name, "%s", text);
    for (char *p = name; *p != '\0'; p++)
        if (*p == '_') *p = ' ';
    return stroma_strategy_find(name, &q->strategy)
               ? STROMA_OK
               : study_fail_at(a->s, n, err, "unknown strategy", text);
}

/* Events of the analysed subjects after day 0, or of a visit after baseline. */
static stroma_status collect(const analysis *a, repeated *r, const rule *q,
                             stroma_intercurrent *out, size_t *len, stroma_error *err)
{
    const study *s = a->s;
    stroma_imputation_rule after = STROMA_IMPUTE_MAR;
    (void)stroma_imputation_rule_find(stroma_yaml_text(a->node, "strategy", "mar"), &after);
    for (size_t k = 0; k < s->events.len; k++) {
        const study_event *e = &s->events.items[k];
        size_t i = 0, visit = 0;
        if (!concerns(q, e) || (e->day != STUDY_DAY_UNKNOWN && e->day < 0)) continue;
        while (i < r->subjects && r->subject[i] != e->subject)
            i++;
        if (i == r->subjects) continue;
        if (!first_after(a, r, e, &visit)) {
            r->reason = stroma_arena_printf(&a->s->arena,
                                            "subject %s: the event \"%s\" has no day or visit",
                                            s->subjects.items[e->subject].id, q->kind);
            return r->reason == NULL ? stroma_no_memory(err) : STROMA_OK;
        }
        const stroma_intercurrent one = { i, visit, q->strategy, after };
        if (!baseline_carried(r, &one)) out[(*len)++] = one;
    }
    return STROMA_OK;
}

stroma_status repeated_intercurrent(const analysis *a, repeated *r, stroma_error *err)
{
    study *s = a->s;
    const stroma_yaml_node *list = stroma_yaml_get(a->node, "intercurrent");
    const size_t n = list == NULL ? 0 : list->len;
    size_t len = 0;
    if (n == 0 || r->reason != NULL) return STROMA_OK;
    stroma_intercurrent *events =
        stroma_arena_alloc(&s->arena, n * s->events.len + 1, sizeof *events);
    r->event = stroma_arena_alloc(&s->arena, r->subjects + 1, sizeof *r->event);
    r->rule = stroma_arena_alloc(&s->arena, r->subjects + 1, sizeof *r->rule);
    r->nonresponse =
        stroma_arena_alloc(&s->arena, r->subjects * r->visits_len + 1, sizeof *r->nonresponse);
    if (events == NULL || r->event == NULL || r->rule == NULL || r->nonresponse == NULL)
        return stroma_no_memory(err);
    for (size_t k = 0; k < n && r->reason == NULL; k++) {
        rule q;
        STROMA_TRY(read_rule(a, list->items[k], &q, err));
        if (q.strategy == STROMA_STRATEGY_COMPOSITE && stroma_yaml_get(a->node, "response") == NULL)
            return study_fail_at(s, list->items[k], err,
                                 "the composite strategy is for a response: add response: to",
                                 a->id);
        STROMA_TRY(add_label(a, r, &q, err));
        STROMA_TRY(collect(a, r, &q, events, &len, err));
    }
    if (r->reason != NULL) return STROMA_OK;
    return stroma_intercurrent_apply(events, len, r->subjects, r->visits_len, r->y, r->observed,
                                     r->event, r->rule, r->nonresponse, err);
}
