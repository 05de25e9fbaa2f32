/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descriptive numbers: once per parameter, visit, group and population, whoever asks. */
#include "analysis.h"

#include "stroma/json.h"
#include "stroma/stats_summary.h"

#include <math.h>
#include <string.h>

/* A summary is made once, whichever analysis asks first: its interval has one level. */
static const double SUMMARY_LEVEL = 0.95;

static bool have(const analysis *a, int32_t param, int32_t visit, int32_t group)
{
    const study *s = a->s;
    for (size_t i = s->summaries.len; i-- > 0;) {
        const study_summary *m = &s->summaries.items[i];
        if (m->param == param && m->visit == visit && m->grouping == a->grouping &&
            m->group == group && m->set == a->set)
            return true;
    }
    return false;
}

/* Words and flags: how many of each, words in their declared order, else as they first appear. */
static stroma_status count_words(const analysis *a, study_summary *m, stroma_error *err)
{
    study *s = a->s;
    const study_param *p = &s->params.items[m->param];
    const char **words = stroma_alloc_array(s->subjects.len + p->words_len + 2, sizeof *words);
    size_t *counts = stroma_alloc_array(s->subjects.len + p->words_len + 2, sizeof *counts);
    size_t len = 0;
    stroma_buffer b;
    stroma_buffer_init(&b, 1 << 20);
    stroma_status st = words == NULL || counts == NULL ? stroma_no_memory(err) : STROMA_OK;
    for (size_t k = 0; st == STROMA_OK && k < p->words_len; k++)
        words[len++] = p->words[k];
    for (size_t i = 0; st == STROMA_OK && i < s->subjects.len; i++) {
        if (!s->sets.items[m->set].included[i]) continue;
        if (m->group != STUDY_NONE && s->groupings.items[m->grouping].member[i] != m->group)
            continue;
        m->n_expected++;
        const int32_t at = study_find(s, (int32_t)i, m->visit, m->param);
        const study_measurement *v = at == STUDY_NONE ? NULL : &s->measurements.items[at];
        if (v == NULL || v->state != STROMA_PRESENT) {
            m->n_missing++;
            continue;
        }
        const char *word = v->text != NULL ? v->text : v->value > 0 ? "yes" : "no";
        size_t k = 0;
        while (k < len && strcmp(words[k], word) != 0)
            k++;
        if (k == len) words[len++] = word;
        counts[k]++;
        m->n++;
    }
    if (st == STROMA_OK) {
        stroma_json j;
        stroma_json_init(&j, &b, 0);
        stroma_json_begin_object(&j);
        for (size_t k = 0; k < len; k++)
            stroma_json_put_int(&j, words[k], (int64_t)counts[k]);
        stroma_json_end_object(&j);
        st = stroma_buffer_status(&b, err);
    }
    if (st == STROMA_OK && (m->counts = stroma_arena_strdup(&s->arena, b.data)) == NULL)
        st = stroma_no_memory(err);
    stroma_free(words);
    stroma_free(counts);
    stroma_buffer_clear(&b);
    return st;
}

static stroma_status fill_numbers(const sample *x, study_summary *m, stroma_error *err)
{
    stroma_summary d;
    STROMA_TRY(stroma_summary_compute(x->x, x->n, SUMMARY_LEVEL, &d, err));
    const bool mostly_censored = 2 * (x->n_below + x->n_above) >= x->n;
    m->censored_rule =
        x->n_below + x->n_above == 0 ? "none"
        : mostly_censored
            ? "half or more beyond the limit: no mean; ranks for the median"
            : "values below the limit enter the mean as limit/2; the median is by rank";
    m->median = d.median;
    m->q1 = d.q1;
    m->q3 = d.q3;
    m->minimum = d.min;
    m->maximum = d.max;
    if (mostly_censored && x->n_below + x->n_above > 0) return STROMA_OK;
    m->mean = d.mean;
    m->sd = d.sd;
    m->sem = d.sem;
    m->mean_lower = d.lower;
    m->mean_upper = d.upper;
    return STROMA_OK;
}

/* Numbers against the reference range of each value: how many low, normal, high (shift table). */
static stroma_status count_reference(const analysis *a, const sample *x, study_summary *m,
                                     stroma_error *err)
{
    study *s = a->s;
    size_t low = 0, normal = 0, high = 0;
    for (size_t i = 0; i < x->n; i++) {
        const study_measurement *v =
            &s->measurements.items[study_find(s, x->subject[i], m->visit, m->param)];
        if (isnan(v->ref_low) && isnan(v->ref_high)) continue;
        low += v->value < v->ref_low;
        high += v->value > v->ref_high;
        normal += !(v->value < v->ref_low) && !(v->value > v->ref_high);
    }
    if (low + normal + high == 0) return STROMA_OK;
    m->counts = stroma_arena_printf(&s->arena, "{\"low\":%zu,\"normal\":%zu,\"high\":%zu}", low,
                                    normal, high);
    return m->counts == NULL ? stroma_no_memory(err) : STROMA_OK;
}

static stroma_status describe_group(analysis *a, int32_t param, int32_t visit, int32_t group,
                                    stroma_error *err)
{
    study *s = a->s;
    if (have(a, param, visit, group)) return STROMA_OK;
    study_summary m = { .param = param,
                        .visit = visit,
                        .grouping = a->grouping,
                        .group = group,
                        .set = a->set,
                        .mean = NAN,
                        .sd = NAN,
                        .sem = NAN,
                        .mean_lower = NAN,
                        .mean_upper = NAN,
                        .median = NAN,
                        .q1 = NAN,
                        .q3 = NAN,
                        .minimum = NAN,
                        .maximum = NAN,
                        .censored_rule = "none" };
    if (s->params.items[param].kind == PARAM_NUMBER) {
        sample x;
        STROMA_TRY(sample_take(a, param, visit, group, &x, err));
        m.n = x.n;
        m.n_expected = x.n_expected;
        m.n_missing = x.n_missing;
        m.n_below = x.n_below;
        m.n_above = x.n_above;
        stroma_status st = x.n > 0 ? fill_numbers(&x, &m, err) : STROMA_OK;
        if (st == STROMA_OK) st = count_reference(a, &x, &m, err);
        sample_clear(&x);
        STROMA_TRY(st);
    } else {
        STROMA_TRY(count_words(a, &m, err));
    }
    study_summary *added = STUDY_ADD(&s->summaries, err);
    if (added == NULL) return stroma_no_memory(err);
    *added = m;
    return STROMA_OK;
}

stroma_status analysis_describe(analysis *a, int32_t param, int32_t visit, stroma_error *err)
{
    if (!analysis_measured_at(a->s, param, visit)) return STROMA_OK;
    for (size_t k = 0; k < a->groups_len; k++)
        STROMA_TRY(describe_group(a, param, visit, a->groups[k], err));
    return STROMA_OK;
}

stroma_status analysis_run_describe(analysis *a, stroma_error *err)
{
    const bool of_subject =
        stroma_yaml_get(a->node, "visits") == NULL && stroma_yaml_get(a->node, "visit") == NULL;
    for (size_t p = 0; p < a->params_len; p++) {
        if (of_subject) STROMA_TRY(analysis_describe(a, a->params[p], STUDY_NONE, err));
        for (size_t v = 0; v < a->visits_len; v++)
            STROMA_TRY(analysis_describe(a, a->params[p], a->visits[v], err));
    }
    return STROMA_OK;
}
