/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The declared family of candidates, screened as one (checklist S3-54, S3-72; audits A7, A9). What
 * the time guard calls circular is listed with its reason and not tested. */
#include "answer.h"

#include "stroma/biomarker_screen.h"
#include "stroma/json.h"
#include "stroma/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_BYTES_MAX = 1 << 16 };
static const double no_p = NAN;

typedef struct family {
    answer *a;
    size_t *variable; /* of each column of the frame */
    size_t len;
    stroma_biomarker_frame *frame;
    stroma_screen *screen;
} family;

static stroma_status collect(family *m, stroma_error *err)
{
    const stroma_study_biomarker *q = m->a->q;
    m->variable = stroma_alloc_array(q->variables_len + 1, sizeof *m->variable);
    if (m->variable == NULL) return stroma_no_memory(err);
    for (size_t k = 0; k < q->variables_len; k++)
        if (q->variables[k].in_family && q->variables[k].circular == NULL)
            m->variable[m->len++] = k;
    return STROMA_OK;
}

static stroma_status keep_json(answer *a, stroma_buffer *b, const char **out, stroma_error *err)
{
    stroma_status st = stroma_buffer_status(b, err);
    if (st == STROMA_OK) {
        *out = stroma_arena_strndup(a->out->arena, b->data, b->len);
        if (*out == NULL) st = stroma_no_memory(err);
    }
    stroma_buffer_clear(b);
    return st;
}

static stroma_status flags_json(answer *a, const stroma_screen_candidate *c, const char **out,
                                stroma_error *err)
{
    stroma_buffer b;
    stroma_json j;
    stroma_buffer_init(&b, TEXT_BYTES_MAX);
    stroma_json_init(&j, &b, 0);
    stroma_json_begin_array(&j);
    for (unsigned i = 0; i < STROMA_SCREEN_FLAGS; i++)
        if (c->flags & 1U << i) stroma_json_string(&j, stroma_screen_flag_name(1U << i));
    if (c->tied_within > 0) {
        char text[96];
        (void)snprintf(text, sizeof text, "%zu values tied within the limits", c->tied_within);
        stroma_json_string(&j, text);
    }
    stroma_json_end_array(&j);
    return keep_json(a, &b, out, err);
}

/* Effect with its interval, the test beside it, and the shift in units as effect size. */
static stroma_stat stat_of(const stroma_screen *s, const stroma_screen_candidate *c)
{
    stroma_stat x = c->effect;
    if (c->reason[0] != '\0') return stroma_stat_cannot("screen", "not tested");
    x.method = "screen";
    x.variant = c->p_method;
    x.n_used = c->n;
    x.n1 = s->binary ? c->group[1].n : 0;
    x.n2 = s->binary ? c->group[0].n : 0;
    x.statistic_name = "z";
    x.statistic = c->z;
    x.df = x.df2 = NAN;
    x.p = c->p;
    if (s->question != STROMA_QUESTION_PREDICTIVE && !isnan(c->shift.estimate)) {
        x.effect_name = "shift";
        x.effect = c->shift.estimate;
        x.effect_lower = c->shift.lower;
        x.effect_upper = c->shift.upper;
    }
    return x;
}

static stroma_status put_candidate(family *m, const stroma_screen_candidate *c, stroma_error *err)
{
    answer *a = m->a;
    const size_t k = m->variable[c->column];
    const stroma_study_variable *v = &a->q->variables[k];
    const char *reason =
        c->reason[0] == '\0' ? NULL : stroma_arena_strdup(a->out->arena, c->reason);
    stroma_study_answer_candidate row = { .variable = k,
                                          .n_used = c->n,
                                          .n_below = c->below,
                                          .n_above = c->above,
                                          .n_missing = c->missing,
                                          .p_max_t = c->in_family ? c->p_max_t : no_p,
                                          .q = c->in_family ? c->q_bh : no_p,
                                          .reason = reason };
    if (c->reason[0] != '\0' && reason == NULL) return stroma_no_memory(err);
    STROMA_TRY(flags_json(a, c, &row.flags, err));
    STROMA_TRY(answer_result(
        a,
        &(stroma_study_answer_result){ .label = v->label,
                                       .variable = k,
                                       .stat = stat_of(m->screen, c),
                                       .p_adjusted = c->p_max_t,
                                       .adjust_method = isnan(c->p_max_t) ? "none" : "max-T",
                                       .reason = reason },
        &row.result, err));
    STROMA_TRY(stroma_grow(&a->out->candidates.items, &a->out->candidates.capacity,
                           a->out->candidates.len + 1, sizeof *a->out->candidates.items, err));
    a->out->candidates.items[a->out->candidates.len++] = row;
    return STROMA_OK;
}

static stroma_status put_candidates(family *m, stroma_error *err)
{
    const size_t n = m->screen->candidates_len;
    size_t *order = stroma_alloc_array(n + 1, sizeof *order);
    if (order == NULL) return stroma_no_memory(err);
    stroma_status st = stroma_screen_order(m->screen, order, err);
    for (size_t i = 0; st == STROMA_OK && i < n; i++)
        st = put_candidate(m, &m->screen->candidates[order[i]], err);
    stroma_free(order);
    return st;
}

/* Listed last: why they could not be asked. */
static stroma_status put_circular(answer *a, stroma_error *err)
{
    const stroma_study_biomarker *q = a->q;
    for (size_t k = 0; k < q->variables_len; k++) {
        const stroma_study_variable *v = &q->variables[k];
        if (!v->in_family || v->circular == NULL) continue;
        const char *reason = stroma_arena_printf(a->out->arena, "circular: %s", v->circular);
        stroma_study_answer_candidate row = {
            .variable = k, .result = SIZE_MAX, .p_max_t = NAN, .q = NAN, .reason = reason
        };
        if (reason == NULL) return stroma_no_memory(err);
        STROMA_TRY(stroma_grow(&a->out->candidates.items, &a->out->candidates.capacity,
                               a->out->candidates.len + 1, sizeof *a->out->candidates.items, err));
        a->out->candidates.items[a->out->candidates.len++] = row;
    }
    return STROMA_OK;
}

/* The study has placed every candidate and the outcome by their visits, whatever their days. */
static bool order_is_known(const family *m)
{
    for (size_t i = 0; i < m->len; i++) {
        const stroma_study_variable *v = &m->a->q->variables[m->variable[i]];
        if (v->visit == NULL && v->day == STROMA_STUDY_DAY_UNKNOWN) return false;
    }
    return m->a->q->outcome_is_later;
}

/* What concerns the screen as a whole; what concerns a candidate stands in its row. */
static stroma_status put_notes(family *m, stroma_error *err)
{
    const stroma_screen *s = m->screen;
    for (size_t i = 0; i < s->notes.len; i++) {
        const stroma_finding *f = &s->notes.items[i];
        const bool control = strcmp(f->code, "STROMA-SCREEN-004") == 0;
        if (strcmp(f->code, "STROMA-SCREEN-003") == 0 && order_is_known(m)) continue;
        if (strcmp(f->code, "STROMA-SCREEN-011") == 0 || (f->column != NULL && !control)) continue;
        const char *text =
            control ? stroma_arena_printf(m->a->out->arena, "%s: %s", f->column, f->message)
                    : stroma_arena_strdup(m->a->out->arena, f->message);
        STROMA_TRY(answer_text(m->a, "note", control ? "Negative control" : "Screen", text, err));
    }
    return STROMA_OK;
}

/* What passing means, and what it still lacks. */
static const char *finding(const stroma_screen *s)
{
    switch (s->question) {
    case STROMA_QUESTION_PREDICTIVE: return "An interaction with the treatment";
    case STROMA_QUESTION_PHARMACODYNAMIC: return "A difference between the arms";
    case STROMA_QUESTION_PROGNOSTIC:
    case STROMA_QUESTION_EARLY_RESPONSE:
    default: return "An association with the outcome";
    }
}

/* What the screen shows in one sentence. Nothing shown is not nothing there. */
static stroma_status put_verdict(family *m, stroma_error *err)
{
    answer *a = m->a;
    const stroma_screen *s = m->screen;
    size_t passed = 0;
    double least = NAN;
    for (size_t k = 0; k < s->candidates_len; k++) {
        const stroma_screen_candidate *c = &s->candidates[k];
        if (!c->in_family || isnan(c->p_max_t)) continue;
        passed += c->p_max_t <= s->alpha;
        if (isnan(least) || c->p_max_t < least) least = c->p_max_t;
    }
    char p[STROMA_NUMBER_TEXT_MAX], how_many[STROMA_NUMBER_TEXT_MAX] = "none";
    if (s->family == 0)
        return answer_text(a, "note", "What the screen found",
                           "No candidate could be tested: the reasons stand beside them.", err);
    (void)stroma_format_p(least, p);
    if (passed > 0) (void)snprintf(how_many, sizeof how_many, "%zu", passed);
    return answer_text(
        a, "note", "What the screen found",
        stroma_arena_printf(
            a->out->arena,
            "%s is shown for %s of %zu candidate%s after adjustment for the whole family (max-T, "
            "smallest adjusted p %s%s; %zu %s, seed %llu).%s",
            finding(s), how_many, s->family, s->family == 1 ? "" : "s", p[0] == '<' ? "" : "= ", p,
            s->permutations, s->exact ? "arrangements, all there are" : "permutations",
            (unsigned long long)s->seed,
            passed == 0 ? " That is no proof that there is none: see the intervals."
                        : " What is found here awaits another cohort."),
        err);
}

/* Else an area here and that of the ROC curve, which is of all, differ without a word. */
static stroma_status say_blocks(family *m, stroma_error *err)
{
    if (m->screen->blocks < 2) return STROMA_OK;
    return answer_text(
        m->a, "note", "How they were compared",
        stroma_arena_printf(m->a->out->arena,
                            "Within each arm or batch (%zu parts), and averaged over them: not as "
                            "in a curve or a model of all patients together.",
                            m->screen->blocks),
        err);
}

static stroma_status settings_json(family *m, stroma_error *err)
{
    const stroma_screen *s = m->screen;
    stroma_buffer b;
    stroma_json j;
    stroma_buffer_init(&b, TEXT_BYTES_MAX);
    stroma_json_init(&j, &b, 0);
    stroma_json_begin_object(&j);
    stroma_json_put_string(&j, "statistic", m->a->q->statistic);
    stroma_json_put_string(&j, "direction", m->a->q->direction);
    stroma_json_put_int(&j, "family", (int64_t)s->family);
    stroma_json_put_int(&j, "negative_controls", (int64_t)s->controls);
    stroma_json_put_int(&j, "permutations", (int64_t)s->permutations);
    stroma_json_put_bool(&j, "exact", s->exact);
    stroma_json_put_int(&j, "seed", (int64_t)s->seed);
    stroma_json_put_bool(&j, "batch_adjusted", s->batch_adjusted);
    stroma_json_end_object(&j);
    return keep_json(m->a, &b, &m->a->out->settings, err);
}

static stroma_status run(family *m, stroma_error *err)
{
    const stroma_study_biomarker *q = m->a->q;
    stroma_screen_options o = STROMA_SCREEN_OPTIONS_INIT;
    stroma_error refused = STROMA_ERROR_INIT;
    o.direction = strcmp(q->direction, "higher") == 0  ? STROMA_SCREEN_HIGHER
                  : strcmp(q->direction, "lower") == 0 ? STROMA_SCREEN_LOWER
                                                       : STROMA_SCREEN_TWO_SIDED;
    o.statistic = strcmp(q->statistic, "t") == 0 ? STROMA_SCREEN_VALUES : STROMA_SCREEN_RANKS;
    o.permutations = q->permutations;
    o.seed = q->seed;
    o.level = q->level;
    o.threads = q->threads;
    STROMA_TRY(answer_frame(m->a, m->variable, m->len, &m->frame, err));
    const stroma_status st = stroma_biomarker_screen(m->frame, &o, &m->screen, &refused);
    if (st == STROMA_E_DEGENERATE || st == STROMA_E_INCONSISTENT) {
        m->a->out->refused = stroma_arena_strdup(m->a->out->arena, refused.message);
        return m->a->out->refused == NULL ? stroma_no_memory(err) : STROMA_OK;
    }
    if (st != STROMA_OK) {
        if (err != NULL) *err = refused;
        return st;
    }
    STROMA_TRY(put_candidates(m, err));
    STROMA_TRY(settings_json(m, err));
    STROMA_TRY(put_verdict(m, err));
    STROMA_TRY(say_blocks(m, err));
    return put_notes(m, err);
}

stroma_status answer_screen(answer *a, stroma_error *err)
{
    family m = { .a = a };
    stroma_status st = collect(&m, err);
    if (st == STROMA_OK && m.len > 0) st = run(&m, err);
    if (st == STROMA_OK) st = put_circular(a, err);
    if (st == STROMA_OK && m.len == 0 && a->out->candidates.len > 0)
        st = answer_text(a, "note", "What the screen found",
                         "No candidate could be tested: the reasons stand beside them.", err);
    stroma_screen_free(m.screen);
    stroma_biomarker_frame_free(m.frame);
    stroma_free(m.variable);
    return st;
}
