/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The head of every section on responders: do patients differ in their response by more than one
 * common effect and noise make them differ (audit A10)? Where the question was not asked, that
 * stands there. */
#include "answer.h"

#include "stroma/biomarker_heterogeneity.h"

#include <math.h>
#include <string.h>

enum { TEXT_BYTES_MAX = 1 << 16 };
static const char head_title[] = "Are there responders at all?";

/* Changes and baselines of one role. */
static void take_arm(const stroma_study_heterogeneity *h, bool treated, double *memory,
                     stroma_change_arm *out)
{
    double *change = memory, *baseline = memory + h->n;
    *out = (stroma_change_arm){ .change = change, .baseline = baseline };
    for (size_t i = 0; i < h->n; i++) {
        if ((h->treated == NULL || h->treated[i] != 0) != treated) continue;
        change[out->n] = h->change[i];
        baseline[out->n++] = h->baseline[i];
    }
}

static stroma_status put(answer *a, const char *what, const stroma_stat *s, double p_adjusted,
                         stroma_error *err)
{
    const stroma_study_answer_result r = {
        .label = stroma_arena_printf(a->out->arena, "%s: %s", a->q->heterogeneity->label, what),
        .variable = SIZE_MAX,
        .stat = *s,
        .p_adjusted = p_adjusted,
        .adjust_method = isnan(p_adjusted) ? "none" : "holm",
    };
    return answer_result(a, &r, NULL, err);
}

static stroma_stat rate_stat(const stroma_noise_rate *r, const char *variant, size_t n)
{
    stroma_stat s = stroma_stat_empty("noise_floor");
    s.variant = variant;
    s.n_used = n;
    s.estimate_name = "responders";
    s.estimate = r->rate;
    s.se = r->mcse; /* Monte-Carlo */
    if (isnan(r->rate))
        return stroma_stat_cannot("noise_floor", "the measurement error is not known");
    return s;
}

static stroma_status put_rates(answer *a, const char *rule, const stroma_rate_pair *p, size_t n,
                               stroma_error *err)
{
    const struct {
        const char *what, *variant;
        const stroma_noise_rate *rate;
    } rows[] = {
        { "by measurement error alone", "nobody changes", &p->noise },
        { "by one common change", "everybody changes alike", &p->common },
    };
    stroma_stat s = p->observed;
    if (s.not_estimable) return STROMA_OK; /* no such rule */
    STROMA_TRY(put(a, stroma_arena_printf(a->out->arena, "%s, seen", rule), &s, NAN, err));
    for (size_t i = 0; i < 2; i++) {
        s = rate_stat(rows[i].rate, rows[i].variant, n);
        STROMA_TRY(
            put(a, stroma_arena_printf(a->out->arena, "%s %s", rule, rows[i].what), &s, NAN, err));
    }
    return STROMA_OK;
}

static stroma_status put_results(answer *a, const stroma_heterogeneity *h, size_t n,
                                 stroma_error *err)
{
    stroma_stat mixture = h->mixture.test;
    if (!mixture.not_estimable) mixture.p = h->mixture.p; /* against both single groups */
    STROMA_TRY(put(a, "SD of change, treated to control", &h->sd_ratio, h->p_ratio_adjusted, err));
    STROMA_TRY(put(a, "SD of the individual effect", &h->effect_sd, NAN, err));
    STROMA_TRY(put(a, "two groups of change against one", &mixture, h->p_mixture_adjusted, err));
    STROMA_TRY(put(a, "share of the variance of change beyond measurement error", &h->reliability,
                   NAN, err));
    STROMA_TRY(put_rates(a, "responders by the drop", &h->drop, n, err));
    return put_rates(a, "EULAR good or moderate", &h->rule, n, err);
}

/* Lines become sentences. */
static const char *as_prose(answer *a, stroma_buffer *lines)
{
    stroma_buffer b;
    stroma_buffer_init(&b, TEXT_BYTES_MAX);
    bool first = true;
    for (size_t i = 0; i < lines->len; i++) {
        const char c = lines->data[i];
        if (c == '\n') {
            stroma_buffer_puts(&b, i + 1 < lines->len ? ". " : ".");
            first = true;
            continue;
        }
        stroma_buffer_putc(&b, first && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c);
        first = false;
    }
    const bool failed = stroma_buffer_status(lines, NULL) != STROMA_OK ||
                        stroma_buffer_status(&b, NULL) != STROMA_OK;
    const char *text =
        failed || b.data == NULL ? NULL : stroma_arena_strndup(a->out->arena, b.data, b.len);
    stroma_buffer_clear(&b);
    return text;
}

static stroma_status compute(answer *a, const stroma_change_arm *treated,
                             const stroma_change_arm *control, stroma_error *err)
{
    const stroma_study_heterogeneity *in = a->q->heterogeneity;
    stroma_heterogeneity_options o = STROMA_HETEROGENEITY_OPTIONS_INIT;
    stroma_heterogeneity h;
    stroma_buffer lines;
    o.level = a->q->level;
    o.error.sd = isnan(in->measurement_sd) ? 0 : in->measurement_sd;
    o.drop = isnan(in->responder_drop) ? 0 : in->responder_drop;
    if (in->eular) {
        o.responds = stroma_response_eular;
        o.rule_name = "EULAR good or moderate";
    }
    o.mixture.seed = a->q->seed;
    o.mixture.threads = a->q->threads;
    STROMA_TRY(stroma_heterogeneity_compute(treated, control, &o, &h, err));
    STROMA_TRY(put_results(a, &h, treated->n, err));
    stroma_buffer_init(&lines, TEXT_BYTES_MAX);
    stroma_heterogeneity_sentences(&h, &lines);
    const char *text = as_prose(a, &lines);
    stroma_buffer_clear(&lines);
    return answer_text(a, "heterogeneity", head_title, text, err);
}

stroma_status answer_heterogeneity(answer *a, stroma_error *err)
{
    const stroma_study_heterogeneity *in = a->q->heterogeneity;
    if (strcmp(a->q->question, "pharmacodynamic") == 0) return STROMA_OK;
    if (in == NULL)
        return answer_text(a, "heterogeneity", head_title,
                           "Not asked: the study file names no heterogeneity for it. Whether "
                           "patients differ in their response by more than measurement error and "
                           "one common effect is not known, and markers of noise cannot hold "
                           "(audit A10).",
                           err);
    double *memory = stroma_alloc_array(4 * in->n + 1, sizeof *memory);
    if (memory == NULL) return stroma_no_memory(err);
    stroma_change_arm treated, control;
    take_arm(in, true, memory, &treated);
    take_arm(in, false, memory + 2 * in->n, &control);
    const stroma_status st = compute(a, &treated, in->treated == NULL ? NULL : &control, err);
    stroma_free(memory);
    return st;
}
