/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The checks of quality one after the other, and what their limits make of them. */
#include "quality.h"

#include "stroma/interrupt.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

/* Time comes first: it puts times right for those that need them. */
static const quality_check *const checks[] = {
    &quality_time,    &quality_rate,     &quality_gaps,       &quality_signal,   &quality_drift,
    &quality_margin,  &quality_pile,     &quality_saturation, &quality_doublets, &quality_dead,
    &quality_numbers, &quality_constant, &quality_few,
};
enum { CHECKS = sizeof checks / sizeof checks[0], DETAIL_MAX = 400 };
_Static_assert(CHECKS <= 32, "a check is a bit of 32");

static const size_t ARENA_LIMIT_BYTES = (size_t)64 << 20;

const stroma_quality_check *stroma_quality_check_at(size_t i)
{
    return i < CHECKS ? &checks[i]->about : NULL;
}

uint32_t stroma_quality_faults(void)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < CHECKS; i++)
        if (checks[i]->about.fault) bits |= UINT32_C(1) << i;
    return bits;
}

const char *stroma_quality_verdict_name(stroma_quality_verdict v)
{
    static const char *const names[] = { "cannot judge", "good", "look", "bad" };
    return names[v];
}

STROMA_PRINTF(4, 0)
static stroma_status say(quality_work *w, quality_answer *a, stroma_error *err, const char *format,
                         va_list args)
{
    char text[DETAIL_MAX];
    (void)vsnprintf(text, sizeof text, format, args);
    a->detail = stroma_arena_strdup(w->arena, text);
    return a->detail == NULL ? stroma_no_memory(err) : STROMA_OK;
}

stroma_status quality_judge(quality_work *w, quality_answer *a, double measure, stroma_error *err,
                            const char *format, ...)
{
    va_list args;
    a->judged = true;
    a->measure = measure;
    if (a->n_checked == 0) a->n_checked = w->d->n_events;
    va_start(args, format);
    const stroma_status s = say(w, a, err, format, args);
    va_end(args);
    return s;
}

stroma_status quality_cannot(quality_work *w, quality_answer *a, stroma_error *err,
                             const char *format, ...)
{
    va_list args;
    a->judged = false;
    va_start(args, format);
    const stroma_status s = say(w, a, err, format, args);
    va_end(args);
    return s;
}

void quality_mark(quality_work *w, uint64_t begin, uint64_t end)
{
    for (uint64_t e = begin; e < end; e++)
        w->flags[e] |= w->bit;
}

static stroma_quality_verdict held_against(const quality_answer *a, const stroma_quality_check *c)
{
    if (!a->judged) return STROMA_QUALITY_CANNOT_JUDGE;
    stroma_quality_verdict v = STROMA_QUALITY_GOOD;
    if (a->measure > c->look) v = STROMA_QUALITY_LOOK;
    if (a->measure > c->bad) v = STROMA_QUALITY_BAD;
    return v < a->at_least ? a->at_least : v;
}

static uint64_t count_flags(const uint32_t *flags, uint64_t n, uint32_t bits)
{
    uint64_t k = 0;
    for (uint64_t e = 0; e < n; e++)
        k += (flags[e] & bits) != 0;
    return k;
}

static stroma_status run_checks(quality_work *w, stroma_quality *q, stroma_error *err)
{
    q->results = stroma_arena_alloc(&q->arena, CHECKS, sizeof *q->results);
    if (q->results == NULL) return stroma_no_memory(err);
    q->results_len = CHECKS;
    for (size_t i = 0; i < CHECKS; i++) {
        quality_answer a = { .detail = "" };
        w->bit = UINT32_C(1) << i;
        STROMA_TRY(checks[i]->run(w, &a, err));
        STROMA_TRY(stroma_interrupt_check(err));
        const stroma_quality_check *about = &checks[i]->about;
        const bool marks = a.judged && about->marks;
        q->results[i] = (stroma_quality_result){
            .check = about,
            .n_checked = a.judged ? a.n_checked : 0,
            .n_flagged = marks ? count_flags(w->flags, w->d->n_events, w->bit) : 0,
            .measure = a.judged ? a.measure : (double)NAN,
            .verdict = held_against(&a, about),
            .detail = a.detail,
        };
        if (q->results[i].verdict > q->verdict) q->verdict = q->results[i].verdict;
    }
    return STROMA_OK;
}

static stroma_status fill(quality_work *w, stroma_quality *q, stroma_error *err)
{
    const uint64_t n = w->d->n_events;
    if (n > SIZE_MAX / sizeof *q->flags)
        return stroma_fail(err, STROMA_E_NOMEM, "too many events to hold a mark for each");
    q->n_events = n;
    q->flags = stroma_alloc_array(n > 0 ? (size_t)n : 1, sizeof *q->flags);
    if (q->flags == NULL) return stroma_no_memory(err);
    w->flags = q->flags;
    STROMA_TRY(quality_pass(w, err));
    STROMA_TRY(run_checks(w, q, err));
    q->n_faulty = count_flags(q->flags, n, stroma_quality_faults());
    return STROMA_OK;
}

stroma_status stroma_quality_run(const stroma_fcs_dataset *d, const stroma_quality_options *opts,
                                 stroma_quality *out, stroma_error *err)
{
    const stroma_quality_options usual = STROMA_QUALITY_OPTIONS_INIT;
    *out = (stroma_quality){ 0 };
    stroma_arena_init(&out->arena, ARENA_LIMIT_BYTES);
    quality_work w = { .d = d,
                       .opts = opts == NULL ? &usual : opts,
                       .arena = &out->arena,
                       .channels_len = d->parameters_len,
                       .time = SIZE_MAX };
    const stroma_status s = fill(&w, out, err);
    stroma_free(w.classes);
    stroma_free(w.bin_ends);
    stroma_free(w.times);
    stroma_free(w.slices.count);
    stroma_free(w.slices.usual);
    if (s != STROMA_OK) stroma_quality_clear(out);
    return s;
}

void stroma_quality_clear(stroma_quality *q)
{
    stroma_free(q->flags);
    stroma_arena_clear(&q->arena);
    *q = (stroma_quality){ 0 };
}

void stroma_quality_good_events(const stroma_quality *q, uint32_t checks_bits, uint64_t *bits)
{
    for (uint64_t e = 0; e < q->n_events; e++) {
        if (e % 64 == 0) bits[e / 64] = 0;
        if ((q->flags[e] & checks_bits) == 0) bits[e / 64] |= UINT64_C(1) << (e % 64);
    }
}
