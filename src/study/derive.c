/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Derived parameters of the study file: one table line a method. Each result keeps its inputs. */
#include "derive.h"

#include "cutoff.h"

#include "stroma/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct derive_job derive_job;

typedef struct derive_method {
    const char *name;
    const char *formula, *source;
    bool over_visits; /* one result from several visits, dated `at` */
    bool (*compute)(const derive_job *j, const double *x, const size_t n, double *out,
                    const char **reason);
    const char *unit; /* of the result; NULL: that of `of` */
} derive_method;

struct derive_job {
    study *s;
    const stroma_yaml_node *node;
    const derive_method *method;
    int32_t of, over, from, at, result, derivation;
    study_cutoff cutoff;
    double floor;
    bool *visits; /* n_visits: which visits enter, or where a result is wanted */
};

static bool change(const derive_job *j, const double *x, const size_t n, double *out,
                   const char **reason)
{
    (void)j;
    (void)n;
    (void)reason;
    *out = stroma_decimal_difference(x[0], x[1]);
    return true;
}

static bool percent_change(const derive_job *j, const double *x, const size_t n, double *out,
                           const char **reason)
{
    (void)j;
    (void)n;
    if (x[1] == 0) {
        *reason = "the reference value is 0";
        return false;
    }
    *out = 100 * (x[0] - x[1]) / x[1];
    return true;
}

static bool log2_ratio(const derive_job *j, const double *x, const size_t n, double *out,
                       const char **reason)
{
    (void)j;
    (void)n;
    if (!(x[0] > 0 && x[1] > 0)) {
        *reason = "a logarithm needs values above 0";
        return false;
    }
    *out = log2(x[0] / x[1]);
    return true;
}

static bool ratio(const derive_job *j, const double *x, const size_t n, double *out,
                  const char **reason)
{
    (void)n;
    if (x[1] == 0 || x[1] < j->floor) {
        *reason = "the denominator is 0 or below its declared floor";
        return false;
    }
    *out = x[0] / x[1];
    return true;
}

static bool mean(const derive_job *j, const double *x, const size_t n, double *out,
                 const char **reason)
{
    (void)j;
    (void)reason;
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    *out = sum / (double)n;
    return true;
}

static const derive_method methods[] = {
    { "change", "value − value at the reference visit", "definition", false, change, NULL },
    { "difference", "of − over", "definition", false, change, NULL },
    { "percent_change", "100 × (value − reference) / reference", "definition", false,
      percent_change, "%" },
    { "log2_ratio", "log2(value / value at the reference visit)", "definition", false, log2_ratio,
      "" },
    { "ratio", "of / over", "definition", false, ratio, "" },
    { "maximum", "largest value over the visits, those without one passed over", "definition", true,
      NULL, NULL },
    { "minimum", "smallest value over the visits, those without one passed over", "definition",
      true, NULL, NULL },
    { "mean", "mean of the values over the visits, those without one passed over", "definition",
      true, mean, NULL },
    { "threshold", "1 when the value passes the cut-off, compared as decimals", "definition", false,
      NULL, "" },
};

static bool is_threshold(const derive_job *j)
{
    return strcmp(j->method->name, "threshold") == 0;
}

static bool two_parameters(const derive_job *j)
{
    return strcmp(j->method->name, "ratio") == 0 || strcmp(j->method->name, "difference") == 0;
}

static bool against_reference(const derive_job *j)
{
    return strcmp(j->method->name, "change") == 0 ||
           strcmp(j->method->name, "percent_change") == 0 ||
           strcmp(j->method->name, "log2_ratio") == 0;
}

static stroma_status named_param(derive_job *j, const char *key, int32_t *out, stroma_error *err)
{
    const char *id = stroma_yaml_text(j->node, key, NULL);
    *out = STUDY_NONE;
    if (id == NULL) return STROMA_OK;
    *out = study_find_param(j->s, id);
    if (*out != STUDY_NONE) return STROMA_OK;
    const stroma_status st = study_fail_at(j->s, stroma_yaml_get(j->node, key), err,
                                           "nothing before this entry gives", id);
    stroma_hint(err, "entries of derive are computed from top to bottom: move this one down");
    return st;
}

static stroma_status named_visit(derive_job *j, const char *key, int32_t *out, stroma_error *err)
{
    const char *id = stroma_yaml_text(j->node, key, NULL);
    *out = STUDY_NONE;
    if (id == NULL) return STROMA_OK;
    *out = study_find_visit(j->s, id);
    return *out == STUDY_NONE ? study_fail_at(j->s, j->node, err, "unknown visit", id) : STROMA_OK;
}

static stroma_status plan_visits(derive_job *j, stroma_error *err)
{
    const study *s = j->s;
    const stroma_yaml_node *n = stroma_yaml_get(j->node, "visits");
    j->visits = stroma_alloc_array(s->visits.len, sizeof *j->visits);
    if (j->visits == NULL) return stroma_no_memory(err);
    for (size_t v = 0; v < s->visits.len; v++)
        j->visits[v] = n == NULL;
    const size_t len = stroma_yaml_count(n);
    for (size_t i = 0; i < len; i++) {
        const stroma_yaml_node *item = stroma_yaml_at(n, i);
        const int32_t v = study_find_visit(s, item->text);
        if (v == STUDY_NONE) return study_fail_at(s, item, err, "unknown visit", item->text);
        j->visits[v] = true;
    }
    return STROMA_OK;
}

/* A result is dated no earlier than what enters it: else the time guard would not see its window.
 */
static stroma_status no_look_ahead(derive_job *j, stroma_error *err)
{
    const study *s = j->s;
    const bool listed = stroma_yaml_get(j->node, "visits") != NULL;
    size_t n = 0;
    for (size_t v = 0; v < s->visits.len; v++) {
        const int32_t visit = (int32_t)v;
        if (against_reference(j) && visit < j->from && j->visits[v]) {
            if (listed)
                return study_fail_at(s, j->node, err, "the reference visit comes after visit",
                                     s->visits.items[v].id);
            j->visits[v] = false;
        }
        n += j->visits[v];
        if (j->at != STUDY_NONE && visit > j->at && j->visits[v])
            return study_fail_at(s, j->node, err,
                                 "the result would be dated before a visit that enters it (list "
                                 "visits: up to at:), visit",
                                 s->visits.items[v].id);
    }
    if (j->at != STUDY_NONE && !j->method->over_visits && n > 1)
        return study_fail_at(s, j->node, err, "at: needs exactly one visit in visits: for method",
                             j->method->name);
    return STROMA_OK;
}

static stroma_status make_param(derive_job *j, stroma_error *err)
{
    study *s = j->s;
    const char *id = stroma_yaml_text(j->node, "id", "");
    const study_param base = s->params.items[j->of];
    j->result = study_find_param(s, id);
    if (j->result == STUDY_NONE) {
        study_param *p = STUDY_ADD(&s->params, err);
        if (p == NULL) return stroma_no_memory(err);
        *p = base;
        p->id = id;
        p->label = id;
        p->from_file = p->has_censored = false;
        p->kind = is_threshold(j) ? PARAM_FLAG : PARAM_NUMBER;
        p->range_low = p->range_high = p->ref_low = p->ref_high = NAN;
        if (against_reference(j) || is_threshold(j)) p->log_scale = false;
        if (!j->method->over_visits) p->lloq = p->uloq = NAN;
        p->words = NULL;
        p->words_len = 0;
        j->result = (int32_t)s->params.len - 1;
        STROMA_TRY(study_unique_paramcd(s, j->result, err));
    } else if (s->params.items[j->result].from_file) {
        return study_fail_at(s, j->node, err, "a file already gives the derived parameter", id);
    }
    study_param *p = &s->params.items[j->result];
    if (j->method->unit != NULL) p->unit = j->method->unit;
    p->unit = stroma_yaml_text(j->node, "unit", p->unit);
    p->label = study_bare_label(s, stroma_yaml_text(j->node, "label", p->label), p->unit);
    p->paramcd = stroma_yaml_text(j->node, "paramcd", p->paramcd);
    if (!study_decimals(j->node, &p->decimals))
        return study_fail_at(s, j->node, err, "decimals are a whole number from 0 to 12, at", id);
    return STROMA_OK;
}

static stroma_status note_derivation(derive_job *j, stroma_error *err)
{
    study *s = j->s;
    char limit[STROMA_NUMBER_TEXT_MAX] = "";
    const bool cut = is_threshold(j);
    const study_cutoff *c = &j->cutoff;
    const double value = !isnan(c->above) ? c->above : !isnan(c->at_least) ? c->at_least : c->below;
    if (cut) (void)stroma_format_double(value, limit);
    const char *sign = !isnan(c->above) ? ">" : !isnan(c->at_least) ? "\xE2\x89\xA5" : "<";
    const char *of = s->params.items[j->of].id;
    const study_derivation d = {
        .method = j->method->name,
        .version = "1",
        .formula = cut ? stroma_arena_printf(&s->arena, "1 when %s %s %s", of, sign, limit)
                   : two_parameters(j)
                       ? stroma_arena_printf(&s->arena, "%s %s %s", of,
                                             j->method->compute == ratio ? "/" : "−",
                                             s->params.items[j->over].id)
                   : j->from != STUDY_NONE && !j->method->over_visits
                       ? stroma_arena_printf(&s->arena, "%s of %s, reference %s",
                                             j->method->formula, of, s->visits.items[j->from].id)
                       : stroma_arena_printf(&s->arena, "%s of %s", j->method->formula, of),
        .source = "declared in the study file",
        .params = "{}",
        .param = j->result
    };
    if (d.formula == NULL) return stroma_no_memory(err);
    return study_add_derivation(s, &d, &j->derivation, err);
}

static stroma_status add_input(study *s, int32_t m, stroma_error *err)
{
    int32_t *slot = STUDY_ADD(&s->inputs, err);
    if (slot == NULL) return stroma_no_memory(err);
    *slot = m;
    return STROMA_OK;
}

/* Take one value into x, or say why the result cannot be computed. */
static stroma_status take(derive_job *j, int32_t subject, int32_t visit, int32_t param, double *x,
                          size_t *n, const char **reason, stroma_error *err)
{
    study *s = j->s;
    const int32_t m = study_find(s, subject, visit, param);
    if (m == STUDY_NONE) {
        *reason = "an input was not measured";
        return STROMA_OK;
    }
    STROMA_TRY(add_input(s, m, err));
    const study_measurement *v = &s->measurements.items[m];
    if (v->state == STROMA_PRESENT)
        x[(*n)++] = v->value;
    else
        *reason = v->state == STROMA_BELOW_LIMIT   ? "an input is below its limit"
                  : v->state == STROMA_ABOVE_LIMIT ? "an input is above its limit"
                                                   : "an input is missing";
    return STROMA_OK;
}

/* The largest (or smallest) of values of which some are only known to lie beyond a limit: with each
 * value between low and high, so is the extreme between theirs. A value beyond a limit lies
 * strictly beyond it; where the open end is a value that was measured, the extreme may be that
 * value, and neither number nor limit describes it. */
static void extreme(const derive_job *j, study_measurement *m)
{
    const study *s = j->s;
    const bool largest = strcmp(j->method->name, "maximum") == 0;
    double low = NAN, high = NAN;
    bool low_is_limit = false, high_is_limit = false;
    for (size_t k = 0; k < m->inputs_len; k++) {
        const study_measurement *in = &s->measurements.items[s->inputs.items[m->inputs_start + k]];
        const bool below = in->state == STROMA_BELOW_LIMIT, above = in->state == STROMA_ABOVE_LIMIT;
        if (in->state != STROMA_PRESENT && !below && !above) continue;
        const double in_low = below ? -HUGE_VAL : in->value, in_high = above ? HUGE_VAL : in->value;
        if (isnan(low) || (largest ? in_low > low : in_low < low)) {
            low = in_low;
            low_is_limit = above;
        }
        if (isnan(high) || (largest ? in_high > high : in_high < high)) {
            high = in_high;
            high_is_limit = below;
        }
    }
    if (low == high) {
        m->state = STROMA_PRESENT;
        m->value = low;
    } else if (isinf(high) && low_is_limit) {
        m->state = STROMA_ABOVE_LIMIT;
        m->value = low;
    } else if (!isinf(high) && high_is_limit) {
        m->state = STROMA_BELOW_LIMIT;
        m->value = high;
    } else {
        m->reason = largest ? "a value beyond its limit may be the largest"
                            : "a value beyond its limit may be the smallest";
    }
}

static stroma_status store(derive_job *j, study_measurement *m, const double *x, size_t n,
                           const char *reason, stroma_error *err)
{
    study *s = j->s;
    m->param = j->result;
    m->derivation = j->derivation;
    m->inputs_len = s->inputs.len - m->inputs_start;
    if (m->inputs_len == 0) return STROMA_OK; /* nothing was measured: nothing to derive */
    m->state = STROMA_NOT_ESTIMABLE;
    m->reason = reason;
    double value = NAN;
    if (is_threshold(j)) {
        const int32_t in = s->inputs.items[m->inputs_start];
        const study_verdict v =
            study_cutoff_passes(&j->cutoff, &s->measurements.items[in], &m->reason);
        if (v != STUDY_UNKNOWN) value = v == STUDY_YES;
    } else if (reason == NULL && j->method->compute == NULL) {
        extreme(j, m);
    } else if (reason == NULL && !j->method->compute(j, x, n, &value, &m->reason)) {
        value = NAN;
    }
    if (!isnan(value)) {
        m->state = STROMA_PRESENT;
        m->value = value;
        m->reason = NULL;
    }
    if (m->state != STROMA_NOT_ESTIMABLE) m->reason = NULL;
    return study_add_measurement(s, m, NULL, err);
}

/* How many of the visits had a value: a largest value grows with their number. */
static stroma_status note_gaps(derive_job *j, study_measurement *m, stroma_error *err)
{
    size_t wanted = 0, had = 0;
    for (size_t v = 0; v < j->s->visits.len; v++) {
        if (!j->visits[v]) continue;
        const int32_t in = study_find(j->s, m->subject, (int32_t)v, j->of);
        const stroma_cell_state state =
            in == STUDY_NONE ? STROMA_MISSING : j->s->measurements.items[in].state;
        wanted++;
        had +=
            state == STROMA_PRESENT || state == STROMA_BELOW_LIMIT || state == STROMA_ABOVE_LIMIT;
    }
    if (had == 0 || had == wanted) return STROMA_OK;
    m->flags =
        stroma_arena_printf(&j->s->arena, "[\"%zu of %zu visits have a value\"]", had, wanted);
    return m->flags == NULL ? stroma_no_memory(err) : STROMA_OK;
}

static stroma_status derive_over_visits(derive_job *j, int32_t subject, double *x,
                                        stroma_error *err)
{
    study *s = j->s;
    study_measurement m = study_measurement_empty();
    m.subject = subject;
    m.visit = j->at;
    m.inputs_start = s->inputs.len;
    size_t n = 0;
    bool beyond = false;
    for (size_t v = 0; v < s->visits.len; v++) {
        if (!j->visits[v]) continue;
        const char *gap =
            NULL; /* a visit without a value is passed over; the inputs say which entered */
        STROMA_TRY(take(j, subject, (int32_t)v, j->of, x, &n, &gap, err));
        const int32_t in = study_find(s, subject, (int32_t)v, j->of);
        beyond =
            beyond || (in != STUDY_NONE && (s->measurements.items[in].state == STROMA_BELOW_LIMIT ||
                                            s->measurements.items[in].state == STROMA_ABOVE_LIMIT));
    }
    STROMA_TRY(note_gaps(j, &m, err));
    const char *reason = n == 0 && !beyond ? "no value at any of the visits"
                         : beyond && j->method->compute != NULL
                             ? "a value beyond its limit has no place in a mean"
                             : NULL;
    return store(j, &m, x, n, reason, err);
}

static stroma_status derive_at_visit(derive_job *j, int32_t subject, int32_t visit, double *x,
                                     stroma_error *err)
{
    study *s = j->s;
    const int32_t here = study_find(s, subject, visit, j->of);
    if (here == STUDY_NONE) return STROMA_OK;
    study_measurement m = study_measurement_empty();
    m.subject = subject;
    m.visit = j->at != STUDY_NONE ? j->at : visit;
    m.study_day = s->measurements.items[here].study_day;
    m.inputs_start = s->inputs.len;
    size_t n = 0;
    const char *reason = NULL;
    STROMA_TRY(take(j, subject, visit, j->of, x, &n, &reason, err));
    if (two_parameters(j)) STROMA_TRY(take(j, subject, visit, j->over, x, &n, &reason, err));
    if (against_reference(j)) STROMA_TRY(take(j, subject, j->from, j->of, x, &n, &reason, err));
    return store(j, &m, x, n, reason, err);
}

static stroma_status plan(derive_job *j, stroma_error *err)
{
    study *s = j->s;
    const char *name = stroma_yaml_text(j->node, "method", "");
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (strcmp(methods[i].name, name) == 0) j->method = &methods[i];
    if (j->method == NULL) return study_fail_at(s, j->node, err, "unknown method", name);
    j->cutoff = study_cutoff_read(j->node);
    j->floor = stroma_yaml_number(j->node, "floor", -HUGE_VAL);
    STROMA_TRY(named_param(j, "of", &j->of, err));
    STROMA_TRY(named_param(j, "over", &j->over, err));
    STROMA_TRY(named_visit(j, "from", &j->from, err));
    STROMA_TRY(named_visit(j, "at", &j->at, err));
    if (two_parameters(j) && j->over == STUDY_NONE)
        return study_fail_at(s, j->node, err, "give the second parameter (over:) of method", name);
    if (against_reference(j) && j->from == STUDY_NONE) j->from = study_baseline_visit(s);
    if (against_reference(j) && j->from == STUDY_NONE)
        return study_fail_at(s, j->node, err, "give the reference visit (from:) of method", name);
    if (j->method->over_visits && j->at == STUDY_NONE)
        return study_fail_at(s, j->node, err,
                             "give the visit the result is dated to (at:) of method", name);
    if (is_threshold(j) && study_cutoff_given(&j->cutoff) != 1)
        return study_fail_at(s, j->node, err, "give one of above, at_least, below for method",
                             name);
    if (s->params.items[j->of].kind == PARAM_WORD ||
        (j->over != STUDY_NONE && s->params.items[j->over].kind == PARAM_WORD))
        return study_fail_at(s, j->node, err, "words have no numbers for method", name);
    STROMA_TRY(plan_visits(j, err));
    STROMA_TRY(no_look_ahead(j, err));
    STROMA_TRY(make_param(j, err));
    return note_derivation(j, err);
}

static stroma_status run_job(derive_job *j, double *x, stroma_error *err)
{
    STROMA_TRY(plan(j, err));
    const study *s = j->s;
    for (size_t subject = 0; subject < s->subjects.len; subject++) {
        if (j->method->over_visits) {
            STROMA_TRY(derive_over_visits(j, (int32_t)subject, x, err));
            continue;
        }
        for (size_t v = 0; v < s->visits.len; v++)
            if (j->visits[v] && !(against_reference(j) && (int32_t)v == j->from))
                STROMA_TRY(derive_at_visit(j, (int32_t)subject, (int32_t)v, x, err));
    }
    return STROMA_OK;
}

stroma_status study_derive(study *s, stroma_error *err)
{
    const stroma_yaml_node *list = stroma_yaml_get(s->root, "derive");
    double *x = stroma_alloc_array(s->visits.len + 2, sizeof *x);
    if (x == NULL) return stroma_no_memory(err);
    stroma_status st = STROMA_OK;
    for (size_t i = 0; st == STROMA_OK && list != NULL && i < list->len; i++) {
        derive_job j = { .s = s, .node = list->items[i] };
        const char *method = stroma_yaml_text(j.node, "method", "");
        st = strcmp(method, "course") == 0     ? study_derive_course(s, j.node, err)
             : strcmp(method, "recovery") == 0 ? study_derive_recovery(s, j.node, err)
                                               : run_job(&j, x, err);
        st = study_entry_done(s, st, err);
        stroma_free(j.visits);
    }
    stroma_free(x);
    return st;
}
