/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ROC curves of the candidates, in the direction that was declared. */
#include "answer.h"

#include <math.h>
#include <string.h>

enum { CURVES_MAX = 12, BAND_RESAMPLES = 2000 };

/* ---- one variable, two classes ---- */

static bool has_number(uint8_t state)
{
    return state == STROMA_PRESENT || state == STROMA_BELOW_LIMIT || state == STROMA_ABOVE_LIMIT;
}

/* With several limits, only what lies above the highest lower limit (and below the lowest upper
 * one) can be ordered: the rest is tied (ranks within the limits). */
static void tie_within_limits(answer_split *s, stroma_cell_state *state, size_t n)
{
    const double low = s->low, high = s->high;
    for (size_t i = 0; i < n; i++) {
        const bool under = state[i] == STROMA_PRESENT && s->value[i] < low;
        const bool over = state[i] == STROMA_PRESENT && s->value[i] > high;
        s->n_tied += under || over;
        if (under || state[i] == STROMA_BELOW_LIMIT) {
            state[i] = STROMA_BELOW_LIMIT;
            s->value[i] = low;
        } else if (over || state[i] == STROMA_ABOVE_LIMIT) {
            state[i] = STROMA_ABOVE_LIMIT;
            s->value[i] = high;
        }
    }
}

static stroma_status order(answer_split *s, stroma_cell_state *state, size_t n, stroma_error *err)
{
    for (size_t i = 0; i < n; i++) {
        s->n_below += state[i] == STROMA_BELOW_LIMIT;
        s->n_above += state[i] == STROMA_ABOVE_LIMIT;
        if (state[i] == STROMA_BELOW_LIMIT) s->low = fmax(s->low, s->value[i]);
        if (state[i] == STROMA_ABOVE_LIMIT) s->high = fmin(s->high, s->value[i]);
    }
    if (s->low > s->high) {
        s->reason = "a lower limit lies above an upper one: the order of the values is not known";
        return STROMA_OK;
    }
    tie_within_limits(s, state, n);
    return stroma_roc_tie_censored(s->value, state, n, err);
}

stroma_status answer_split_take(const answer *a, size_t variable, stroma_roc_direction direction,
                                answer_split *out, stroma_error *err)
{
    const stroma_study_biomarker *q = a->q;
    const stroma_study_variable *v = &q->variables[variable];
    *out = (answer_split){ .value = stroma_alloc_array(q->n, sizeof *out->value),
                           .low = -INFINITY,
                           .high = INFINITY };
    stroma_cell_state *state = stroma_alloc_array(q->n, sizeof *state);
    stroma_status st = out->value == NULL || state == NULL ? stroma_no_memory(err) : STROMA_OK;
    size_t n = 0, positive = 0;
    for (int pass = 0; pass < 2 && st == STROMA_OK; pass++) { /* those with the event first */
        for (size_t i = 0; i < q->n; i++) {
            if ((q->outcome[i] > 0) != (pass == 0)) continue;
            out->n_missing += !has_number(v->state[i]);
            if (!has_number(v->state[i])) continue;
            state[n] = (stroma_cell_state)v->state[i];
            out->value[n++] = v->value[i];
        }
        if (pass == 0) positive = n;
    }
    if (st == STROMA_OK) st = order(out, state, n, err);
    if (st == STROMA_OK && out->reason == NULL)
        out->sample = (stroma_roc_sample){ out->value, positive, out->value + positive,
                                           n - positive, direction };
    stroma_free(state);
    if (st != STROMA_OK) answer_split_clear(out);
    return st;
}

void answer_split_clear(answer_split *s)
{
    stroma_free(s->value);
    *s = (answer_split){ 0 };
}

/* ---- curves ---- */

static stroma_status put_curve(answer *a, const stroma_study_variable *v, const answer_split *s,
                               const char *label, stroma_error *err)
{
    const stroma_roc_bootstrap b = { .resamples = BAND_RESAMPLES,
                                     .seed = a->q->seed,
                                     .threads = a->q->threads };
    stroma_study_answer_point at = { .kind = "roc",
                                     .series = v->name,
                                     .label = label,
                                     .lower = NAN,
                                     .upper = NAN,
                                     .n = (int64_t)(s->sample.positive_len +
                                                    s->sample.negative_len) };
    stroma_roc_band_point band[STROMA_ROC_BAND_POINTS];
    stroma_roc_point *p = NULL;
    size_t n = 0;
    STROMA_TRY(stroma_roc_curve(&s->sample, &p, &n, err));
    stroma_status st = STROMA_OK;
    for (size_t i = n; i-- > 0 && st == STROMA_OK;) {
        at.x = 1 - p[i].specificity;
        at.y = p[i].sensitivity;
        st = answer_point(a, &at, err);
    }
    stroma_free(p);
    if (st == STROMA_OK) st = stroma_roc_band(&s->sample, a->q->level, &b, band, err);
    at.kind = "roc_band";
    for (size_t i = 0; i < STROMA_ROC_BAND_POINTS && st == STROMA_OK; i++) {
        at.x = band[i].false_positive_frac;
        at.y = band[i].sensitivity;
        at.lower = band[i].lower;
        at.upper = band[i].upper;
        st = answer_point(a, &at, err);
    }
    return st;
}

static const char *curve_label(answer *a, const stroma_study_variable *v, const stroma_stat *auc)
{
    const char *estimate = answer_number(a, auc->estimate, 2);
    if (!(auc->lower < auc->upper))
        return stroma_arena_printf(a->out->arena, "%s: AUC %s", v->label, estimate);
    return stroma_arena_printf(a->out->arena, "%s: AUC %s (%s to %s)", v->label, estimate,
                               answer_number(a, auc->lower, 2), answer_number(a, auc->upper, 2));
}

static stroma_status curve_of(answer *a, const stroma_study_variable *v, const answer_split *s,
                              stroma_error *err)
{
    stroma_stat auc;
    stroma_auc_options o = STROMA_AUC_OPTIONS_INIT;
    o.interval = STROMA_AUC_DELONG_LOGIT;
    o.level = a->q->level;
    if (s->sample.positive_len == 0 || s->sample.negative_len == 0) return STROMA_OK;
    STROMA_TRY(stroma_auc(&s->sample, &o, &auc, err));
    const char *label = curve_label(a, v, &auc);
    return label == NULL ? stroma_no_memory(err) : put_curve(a, v, s, label, err);
}

static stroma_status curve(answer *a, size_t k, stroma_error *err)
{
    const bool lower = strcmp(a->q->direction, "lower") == 0;
    answer_split s;
    STROMA_TRY(answer_split_take(a, k, lower ? STROMA_ROC_LOWER : STROMA_ROC_HIGHER, &s, err));
    const stroma_status st = curve_of(a, &a->q->variables[k], &s, err);
    answer_split_clear(&s);
    return st;
}

static bool has_cutoff(const answer *a, size_t variable)
{
    for (size_t i = 0; i < a->q->cutoffs_len; i++)
        if (a->q->cutoffs[i].variable == variable) return true;
    return false;
}

/* Those with a cut-off first; of a large family the candidates with the most evidence. */
stroma_status answer_curves(answer *a, stroma_error *err)
{
    const stroma_study_biomarker *q = a->q;
    if (q->event_label == NULL || answer_not_of_outcome(a) != NULL) return STROMA_OK;
    for (size_t k = 0; k < q->variables_len; k++)
        if (has_cutoff(a, k) && q->variables[k].circular == NULL) STROMA_TRY(curve(a, k, err));
    size_t drawn = 0;
    for (size_t i = 0; i < a->out->candidates.len && drawn < CURVES_MAX; i++) {
        const size_t k = a->out->candidates.items[i].variable;
        const stroma_study_variable *v = &q->variables[k];
        if (v->circular != NULL || v->negative_control || has_cutoff(a, k)) continue;
        STROMA_TRY(curve(a, k, err));
        drawn++;
    }
    return STROMA_OK;
}
