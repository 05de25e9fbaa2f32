/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cut-offs are objects (DESIGN.md §3): one that was fixed beforehand is judged as it stands; one
 * found in these data is printed with what the search costs; one below the limit of quantification
 * is refused. Audits A5, A6, A8. */
#include "answer.h"

#include "stroma/models_logistic.h"
#include "stroma/number.h"

#include <math.h>
#include <string.h>

enum { CUTOFF_RESAMPLES = 2000 };

typedef struct judged {
    answer *a;
    const stroma_study_cutoff *c;
    const stroma_study_variable *v;
    const char *rule; /* "IFN-gamma, week 0 > 2 pg/mL" */
    answer_split split;
} judged;

static stroma_status put(const judged *j, const stroma_stat *s, const char *what, stroma_error *err)
{
    answer *a = j->a;
    return answer_result(a,
                         &(stroma_study_answer_result){
                             .label = stroma_arena_printf(a->out->arena, "%s: %s", j->rule, what),
                             .variable = j->c->variable,
                             .stat = *s,
                             .p_adjusted = NAN,
                             .adjust_method = "none" },
                         NULL, err);
}

static const char *rule_text(const judged *j)
{
    char value[STROMA_NUMBER_TEXT_MAX];
    const char *sign = j->c->below ? (j->c->inclusive ? "\xE2\x89\xA4" : "<")
                                   : (j->c->inclusive ? "\xE2\x89\xA5" : ">");
    if (j->v->flag) return j->c->label != NULL ? j->c->label : j->v->label;
    if (j->c->search)
        return stroma_arena_printf(j->a->out->arena, "%s, cut-off found here", j->v->label);
    (void)stroma_format_double(j->c->value, value);
    return stroma_arena_printf(j->a->out->arena, "%s %s %s%s%s", j->v->label, sign, value,
                               j->v->unit == NULL || j->v->unit[0] == '\0' ? "" : " ",
                               j->v->unit == NULL ? "" : j->v->unit);
}

/* The odds of the event beyond the cut-off against the others, by Firth: defined also when a cell
 * is empty. */
static stroma_status odds_ratio(const judged *j, const stroma_roc_cutoff *c, stroma_error *err)
{
    const size_t n = c->tp + c->fp + c->fn + c->tn;
    double *x = stroma_alloc_array(3 * n, sizeof *x);
    if (x == NULL) return stroma_no_memory(err);
    double *y = x + 2 * n;
    for (size_t i = 0; i < n; i++) {
        x[i] = 1;
        x[n + i] = i < c->tp + c->fp;
        y[i] = i < c->tp || (i >= c->tp + c->fp && i < c->tp + c->fp + c->fn);
    }
    const char *names[] = { "(Intercept)", "beyond the cut-off" };
    const stroma_design d = { .rows = n, .columns = 2, .x = x, .names = names, .intercept = true };
    const stroma_logistic_options o = { .firth = true,
                                        .interval = STROMA_LOGISTIC_PROFILE,
                                        .level = j->a->q->level };
    stroma_logistic_model *m = NULL;
    stroma_error fit = STROMA_ERROR_INIT;
    stroma_status st = stroma_logistic_fit(&d, y, &o, &m, &fit);
    stroma_stat s = stroma_stat_cannot("logistic_firth", "everybody lies on one side");
    if (st == STROMA_OK && !m->aliased[1]) {
        s = m->terms[1];
        s.estimate_name = "odds ratio";
        s.estimate = s.effect;
        s.lower = s.effect_lower;
        s.upper = s.effect_upper;
        s.se = NAN; /* of the logarithm */
        s.effect_name = "";
        s.effect = s.effect_lower = s.effect_upper = NAN;
    }
    stroma_logistic_free(m);
    stroma_free(x);
    if (st != STROMA_OK && st != STROMA_E_DEGENERATE) {
        if (err != NULL) *err = fit;
        return st;
    }
    return put(j, &s, "odds ratio (Firth)", err);
}

static stroma_status put_classes(const judged *j, const stroma_roc_cutoff *c, stroma_error *err)
{
    static const char *const names[] = { "sensitivity", "specificity", "PPV", "NPV" };
    const stroma_stat all[] = { c->sensitivity, c->specificity, c->ppv, c->npv };
    for (size_t i = 0; i < 4; i++) {
        stroma_stat s = all[i];
        s.method = "roc_cutoff";
        s.variant =
            strcmp(j->c->origin, "found_here") == 0 ? "found in these data" : "given beforehand";
        STROMA_TRY(put(j, &s, names[i], err));
    }
    return STROMA_OK;
}

/* As a yes/no test the marker has one point on the curve, and this area. */
static stroma_status put_area(const judged *j, const stroma_roc_cutoff *c, stroma_error *err)
{
    const size_t n1 = c->tp + c->fn, n2 = c->fp + c->tn;
    double *x = stroma_alloc_array(n1 + n2, sizeof *x);
    if (x == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n1; i++)
        x[i] = i < c->tp;
    for (size_t i = 0; i < n2; i++)
        x[n1 + i] = i < c->fp;
    const stroma_roc_sample sample = { x, n1, x + n1, n2, STROMA_ROC_HIGHER };
    stroma_auc_options o = STROMA_AUC_OPTIONS_INIT;
    stroma_stat s;
    o.level = j->a->q->level;
    const stroma_status st = stroma_auc(&sample, &o, &s, err);
    stroma_free(x);
    return st == STROMA_OK ? put(j, &s, "AUC of the rule", err) : st;
}

/* Whom a rule would have left without treatment (audit A6), in plain numbers. */
static stroma_status say_excluded(const judged *j, const stroma_roc_cutoff *c, stroma_error *err)
{
    answer *a = j->a;
    const size_t events = c->tp + c->fn;
    if (events == 0) return STROMA_OK;
    const char *text = stroma_arena_printf(
        a->out->arena,
        "The rule holds in %zu of %zu with the event and in %zu of %zu without. Selecting by it "
        "would leave out %zu of %zu (%s) of those who had it.",
        c->tp, events, c->fp, c->fp + c->tn, c->fn, events,
        answer_percent(a, (double)c->fn / (double)events));
    return answer_text(a, "note", j->rule, text, err);
}

static stroma_status put_point(const judged *j, const stroma_roc_cutoff *c, stroma_error *err)
{
    answer *a = j->a;
    const stroma_study_answer_point p = {
        .kind = "cutoff",
        .series = j->v->name,
        .x = 1 - c->specificity.estimate,
        .y = c->sensitivity.estimate,
        .lower = c->sensitivity.lower,
        .upper = c->sensitivity.upper,
        .n = (int64_t)(c->tp + c->fp + c->fn + c->tn),
        .label = stroma_arena_printf(a->out->arena, "%s: sensitivity %s, specificity %s", j->rule,
                                     answer_percent(a, c->sensitivity.estimate),
                                     answer_percent(a, c->specificity.estimate)),
    };
    return p.label == NULL ? stroma_no_memory(err) : answer_point(a, &p, err);
}

static stroma_status judge_given(const judged *j, stroma_error *err)
{
    stroma_roc_cutoff c;
    STROMA_TRY(stroma_roc_at(&j->split.sample, j->c->value, j->c->inclusive,
                             STROMA_PROPORTION_WILSON, j->a->q->level, &c, err));
    STROMA_TRY(put_classes(j, &c, err));
    STROMA_TRY(put_area(j, &c, err));
    STROMA_TRY(odds_ratio(j, &c, err));
    STROMA_TRY(put_point(j, &c, err));
    return say_excluded(j, &c, err);
}

/* ---- found here ---- */

static stroma_stat plain(const stroma_stat *from, const char *name, double x, const char *variant)
{
    stroma_stat s = stroma_stat_empty(from->method);
    s.n_used = from->n_used;
    s.n1 = from->n1;
    s.n2 = from->n2;
    s.estimate_name = name;
    s.estimate = x;
    s.variant = variant;
    return s;
}

static stroma_status put_corrected(const judged *j, const stroma_roc_search *f, stroma_error *err)
{
    const struct {
        const char *name;
        double apparent, corrected;
    } rows[] = { { "sensitivity", f->sensitivity, f->sensitivity_corrected },
                 { "specificity", f->specificity, f->specificity_corrected },
                 { "Youden index", f->youden, f->youden_corrected } };
    for (size_t i = 0; i < 3; i++) {
        stroma_stat s = plain(&f->cutoff, rows[i].name, rows[i].apparent, "apparent");
        STROMA_TRY(
            put(j, &s, stroma_arena_printf(j->a->out->arena, "%s, apparent", rows[i].name), err));
        s = plain(&f->cutoff, rows[i].name, rows[i].corrected, "optimism-corrected");
        STROMA_TRY(put(
            j, &s, stroma_arena_printf(j->a->out->arena, "%s, optimism-corrected", rows[i].name),
            err));
    }
    return STROMA_OK;
}

static stroma_status judge_searched(const judged *j, stroma_error *err)
{
    const stroma_roc_bootstrap b = { .resamples = CUTOFF_RESAMPLES,
                                     .seed = j->a->q->seed,
                                     .threads = j->a->q->threads };
    stroma_roc_search f;
    stroma_stat p;
    STROMA_TRY(stroma_roc_search_cutoff(&j->split.sample, j->a->q->level, &b, &f, err));
    STROMA_TRY(stroma_roc_max_selected(&j->split.sample, 0.1, &p, err));
    STROMA_TRY(put(j, &f.cutoff, "threshold, interval of the whole search", err));
    STROMA_TRY(put_corrected(j, &f, err));
    return put(j, &p, "maximally selected test, at its own split", err);
}

/* ---- before judging ---- */

static const char *why_refused(const judged *j)
{
    const double x = j->c->value;
    if (answer_not_of_outcome(j->a) != NULL) return answer_not_of_outcome(j->a);
    if (j->a->q->event_label == NULL) return "a cut-off is judged against a yes/no outcome";
    if (j->v->circular != NULL) return j->v->circular;
    if (!j->c->search && x < j->v->lloq)
        return "the cut-off lies below the limit of quantification: what is beyond it was not "
               "measured";
    if (!j->c->search && x > j->v->uloq)
        return "the cut-off lies above the upper limit of quantification: what is beyond it was "
               "not measured";
    if (j->split.reason != NULL) return j->split.reason;
    if (!j->c->search && (x < j->split.low || x > j->split.high))
        return "values are only known to lie beyond a limit, and the cut-off lies there too: on "
               "which side of it they are is not known";
    if (j->split.sample.positive_len == 0) return "nobody with the event has a value";
    if (j->split.sample.negative_len == 0) return "nobody without the event has a value";
    return NULL;
}

/* A cut-off is bound to its assay (audit A8, S3-22). */
static stroma_status say_portability(const judged *j, stroma_error *err)
{
    answer *a = j->a;
    const char *assay = j->v->assay;
    const bool known = assay != NULL && assay[0] != '\0' && j->c->assay != NULL;
    const char *what = NULL;
    if (known && strcmp(assay, j->c->assay) != 0)
        what = stroma_arena_printf(a->out->arena,
                                   "The cut-off was defined on %s; the values here are from %s. "
                                   "Without paired samples measured by both it does not carry over "
                                   "(audit A8).",
                                   j->c->assay, assay);
    else if (!known && strcmp(j->c->origin, "literature") == 0)
        what = "The assay of the cut-off or of the values is not declared: one laboratory's number "
               "is not another's (audit A8).";
    if (what != NULL) STROMA_TRY(answer_text(a, "note", j->rule, what, err));
    if (!isnan(j->v->lloq) || j->c->search || j->v->flag) return STROMA_OK;
    return answer_text(a, "note", j->rule,
                       "No limit of quantification is declared for this assay: whether values near "
                       "the cut-off were measured at all cannot be judged (S3-22).",
                       err);
}

static stroma_status judge(judged *j, stroma_error *err)
{
    j->rule = rule_text(j);
    if (j->rule == NULL) return stroma_no_memory(err);
    STROMA_TRY(answer_split_take(
        j->a, j->c->variable, j->c->below ? STROMA_ROC_LOWER : STROMA_ROC_HIGHER, &j->split, err));
    const char *refused = why_refused(j);
    stroma_status st = STROMA_OK;
    if (refused != NULL) {
        const stroma_stat none = stroma_stat_cannot("roc_cutoff", refused);
        st = put(j, &none, "not judged", err);
    } else {
        st = j->c->search ? judge_searched(j, err) : judge_given(j, err);
        if (st == STROMA_OK) st = say_portability(j, err);
    }
    answer_split_clear(&j->split);
    return st;
}

stroma_status answer_cutoffs(answer *a, stroma_error *err)
{
    for (size_t i = 0; i < a->q->cutoffs_len; i++) {
        judged j = { .a = a, .c = &a->q->cutoffs[i] };
        j.v = &a->q->variables[j.c->variable];
        STROMA_TRY(judge(&j, err));
    }
    return STROMA_OK;
}
