/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Visits, days, dispositions. */
#include "check.h"

#include <string.h>

/* Whether anything was measured, for (subject, visit): the day, or unknown, or nothing. */
typedef struct visit_seen {
    bool seen;
    int32_t day;
    const study_measurement *m; /* one of its measurements */
} visit_seen;

static visit_seen *see_visits(study *s)
{
    const size_t nv = s->visits.len;
    visit_seen *v = stroma_alloc_array(s->subjects.len * nv, sizeof *v);
    if (v == NULL) s->out_of_memory = true;
    if (v == NULL) return NULL;
    for (size_t i = 0; i < s->subjects.len * nv; i++)
        v[i].day = STUDY_DAY_UNKNOWN;
    for (size_t i = 0; i < s->measurements.len; i++) {
        const study_measurement *m = &s->measurements.items[i];
        const bool nothing = m->derivation != STUDY_NONE || m->visit == STUDY_NONE ||
                             m->state == STROMA_MISSING || m->state == STROMA_NOT_DONE;
        if (nothing) continue;
        visit_seen *cell = &v[(size_t)m->subject * nv + (size_t)m->visit];
        cell->seen = true;
        if (cell->m == NULL) cell->m = m;
        if (cell->day == STUDY_DAY_UNKNOWN && m->study_day != STUDY_DAY_UNKNOWN) {
            cell->day = m->study_day;
            cell->m = m;
        }
    }
    return v;
}

/* "-3 to 4", with words for an open end. */
static const char *window_text(study *s, const study_visit *v)
{
    if (v->window_low == STUDY_DAY_UNKNOWN)
        return stroma_arena_printf(&s->arena, "up to %d", v->window_high);
    if (v->window_high == STUDY_DAY_UNKNOWN)
        return stroma_arena_printf(&s->arena, "from %d on", v->window_low);
    return stroma_arena_printf(&s->arena, "%d to %d", v->window_low, v->window_high);
}

static void visit_finding(study *s, const study_measurement *m, const char *code,
                          stroma_severity severity, const char *message, const char *rule,
                          const char *action)
{
    study_finding(s, &(stroma_finding){ .code = code,
                                        .severity = severity,
                                        .file = m->file < 0 ? NULL : s->files.items[m->file].path,
                                        .line = m->row,
                                        .subject = s->subjects.items[m->subject].id,
                                        .visit = check_visit_id(s, m->visit),
                                        .message = message,
                                        .rule = rule,
                                        .action = action });
}

size_t check_visit_windows(study *s)
{
    visit_seen *v = see_visits(s);
    size_t n = 0;
    for (size_t i = 0; v != NULL && i < s->subjects.len * s->visits.len; i++) {
        const study_visit *visit = &s->visits.items[i % s->visits.len];
        if (v[i].day == STUDY_DAY_UNKNOWN) continue;
        const bool early = visit->window_low != STUDY_DAY_UNKNOWN && v[i].day < visit->window_low;
        const bool late = visit->window_high != STUDY_DAY_UNKNOWN && v[i].day > visit->window_high;
        n++;
        if (!early && !late) continue;
        const char *window = window_text(s, visit);
        visit_finding(s, v[i].m, "STROMA-VISIT-001", STROMA_WARNING,
                      stroma_arena_printf(&s->arena, "day %d lies outside the window %s of %s",
                                          v[i].day, window == NULL ? "" : window, visit->label),
                      "a visit lies within its window",
                      "check the date; the value is used at the visit it is recorded under");
    }
    stroma_free(v);
    return n;
}

size_t check_window_overlap(study *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->visits.len; i++) {
        const study_visit *a = &s->visits.items[i];
        if (a->window_low == STUDY_DAY_UNKNOWN || a->window_high == STUDY_DAY_UNKNOWN) continue;
        for (size_t k = 0; k < i; k++) {
            const study_visit *b = &s->visits.items[k];
            if (b->window_low == STUDY_DAY_UNKNOWN || b->window_high == STUDY_DAY_UNKNOWN) continue;
            n++;
            const int32_t first = a->window_low > b->window_low ? a->window_low : b->window_low;
            const int32_t last = a->window_high < b->window_high ? a->window_high : b->window_high;
            if (first > last) continue;
            const char *message =
                stroma_arena_printf(&s->arena, "the windows of %s and %s overlap from day %d to %d",
                                    b->label, a->label, first, last);
            study_finding(s, &(stroma_finding){
                                 .code = "STROMA-VISIT-004",
                                 .severity = STROMA_WARNING,
                                 .visit = a->id,
                                 .message = message == NULL ? "out of memory" : message,
                                 .rule = "a day belongs to one visit",
                                 .action = "end one window before the other begins; a day in both "
                                           "goes to the visit with the nearer target day" });
        }
    }
    return n;
}

size_t check_missing_visits(study *s)
{
    visit_seen *v = see_visits(s);
    const size_t nv = s->visits.len;
    size_t n = 0;
    bool *used = stroma_alloc_array(nv, sizeof *used); /* visits at which anybody was seen */
    if (used == NULL) s->out_of_memory = true;
    for (size_t i = 0; v != NULL && used != NULL && i < s->subjects.len * nv; i++)
        used[i % nv] = used[i % nv] || v[i].seen;
    for (size_t u = 0; v != NULL && used != NULL && u < s->subjects.len; u++) {
        size_t last = nv;
        for (size_t k = nv; k-- > 0 && last == nv;)
            if (v[u * nv + k].seen) last = k;
        for (size_t k = 0; last != nv && k < last; k++) {
            n++;
            if (v[u * nv + k].seen || !used[k] || !s->visits.items[k].scheduled) continue;
            study_finding(
                s, &(stroma_finding){ .code = "STROMA-VISIT-002",
                                      .severity = STROMA_WARNING,
                                      .subject = s->subjects.items[u].id,
                                      .visit = s->visits.items[k].id,
                                      .file = "data",
                                      .message = "the visit is missing, later ones are there",
                                      .rule = "no visit is missing before a subject's last one",
                                      .action = "enter it, or record it as not done" });
        }
    }
    stroma_free(v);
    stroma_free(used);
    return n;
}

size_t check_duplicates(study *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->measurements.len; i++) {
        const study_measurement *m = &s->measurements.items[i];
        if (m->derivation != STUDY_NONE) continue;
        n++;
        /* without a visit but with a day: unscheduled, of which there may be several */
        const bool unscheduled = m->visit == STUDY_NONE && m->study_day != STUDY_DAY_UNKNOWN;
        if (m->next == STUDY_NONE || unscheduled) continue;
        const study_measurement *again = &s->measurements.items[m->next];
        const bool same = m->text != NULL ? again->text != NULL && strcmp(m->text, again->text) == 0
                                          : m->value == again->value;
        check_finding(
            s, again, "STROMA-VISIT-003", STROMA_WARNING,
            stroma_arena_printf(&s->arena, "a second value%s (the first stands on line %lld)",
                                same ? ", the same as the first" : ", unlike the first",
                                (long long)m->row),
            "one value per subject, visit and parameter", "the first is used; remove one", NULL);
    }
    return n;
}

size_t check_day_order(study *s)
{
    visit_seen *v = see_visits(s);
    const size_t nv = s->visits.len;
    size_t n = 0;
    for (size_t u = 0; v != NULL && u < s->subjects.len; u++) {
        const visit_seen *before = NULL;
        for (size_t k = 0; k < nv; k++) {
            const visit_seen *now = &v[u * nv + k];
            if (!now->seen || now->day == STUDY_DAY_UNKNOWN || !s->visits.items[k].scheduled)
                continue;
            n++;
            if (before != NULL && now->day <= before->day)
                visit_finding(
                    s, now->m, "STROMA-DATE-001", STROMA_ERROR,
                    stroma_arena_printf(&s->arena, "day %d is not after day %d of the visit before",
                                        now->day, before->day),
                    "study days rise from visit to visit", "correct the date or the visit");
            before = now;
        }
    }
    stroma_free(v);
    return n;
}

size_t check_event_days(study *s)
{
    for (size_t i = 0; i < s->events.len; i++) {
        const study_event *e = &s->events.items[i];
        if (e->day == STUDY_DAY_UNKNOWN || e->end_day == STUDY_DAY_UNKNOWN || e->end_day >= e->day)
            continue;
        study_finding(s, &(stroma_finding){ .code = "STROMA-DATE-002",
                                            .severity = STROMA_ERROR,
                                            .file = s->files.items[e->file].path,
                                            .line = e->row,
                                            .subject = s->subjects.items[e->subject].id,
                                            .value = e->term,
                                            .message = "the event ends before it begins",
                                            .rule = "events end after they begin",
                                            .action = "correct the days" });
    }
    for (size_t i = 0; i < s->therapies.len; i++) {
        const study_therapy *t = &s->therapies.items[i];
        if (t->start_day == STUDY_DAY_UNKNOWN || t->end_day == STUDY_DAY_UNKNOWN ||
            t->end_day >= t->start_day)
            continue;
        study_finding(s, &(stroma_finding){ .code = "STROMA-DATE-003",
                                            .severity = STROMA_ERROR,
                                            .file = s->files.items[t->file].path,
                                            .line = t->row,
                                            .subject = s->subjects.items[t->subject].id,
                                            .value = t->drug,
                                            .message = "the therapy ends before it begins",
                                            .rule = "therapies end after they begin",
                                            .action = "correct the days" });
    }
    return s->events.len + s->therapies.len;
}

static bool left_early(const study_subject *who)
{
    return who->disposition != NULL && strcmp(who->disposition, "completed") != 0;
}

size_t check_after_withdrawal(study *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->measurements.len; i++) {
        const study_measurement *m = &s->measurements.items[i];
        const study_subject *who = &s->subjects.items[m->subject];
        const bool comparable = m->derivation == STUDY_NONE && left_early(who) &&
                                who->disposition_day != STUDY_DAY_UNKNOWN &&
                                m->study_day != STUDY_DAY_UNKNOWN && m->state == STROMA_PRESENT;
        n += comparable;
        if (comparable && m->study_day > who->disposition_day)
            check_finding(
                s, m, "STROMA-DATE-004", STROMA_ERROR,
                stroma_arena_printf(&s->arena, "measured on day %d, but the subject left on day %d",
                                    m->study_day, who->disposition_day),
                "no measurement after a subject left", "correct the day or the disposition", NULL);
    }
    return n;
}

size_t check_dispositions(study *s)
{
    int32_t final = STUDY_NONE;
    for (size_t i = 0; i < s->subjects.len; i++)
        if (s->subjects.items[i].last_visit > final) final = s->subjects.items[i].last_visit;
    if (strcmp(s->layout, "case") == 0) return 0;
    for (size_t i = 0; i < s->subjects.len; i++) {
        const study_subject *who = &s->subjects.items[i];
        if (who->last_visit == final || left_early(who)) continue;
        const char *where =
            who->last_visit == STUDY_NONE ? "no visit" : s->visits.items[who->last_visit].label;
        study_finding(
            s, &(stroma_finding){
                   .code = "STROMA-DISP-001",
                   .severity = STROMA_WARNING,
                   .file = who->first_file < 0 ? NULL : s->files.items[who->first_file].path,
                   .line = who->first_row,
                   .subject = who->id,
                   .visit = check_visit_id(s, who->last_visit),
                   .value = who->disposition,
                   .message =
                       stroma_arena_printf(&s->arena, "last seen at %s, and %s", where,
                                           who->disposition == NULL ? "no disposition is recorded"
                                                                    : "recorded as completed"),
                   .rule = "everybody who stopped early has a disposition",
                   .action = "record why and when the subject left" });
    }
    return s->subjects.len;
}

size_t check_arms(study *s)
{
    if (s->arms.len == 0) return 0;
    for (size_t i = 0; i < s->subjects.len; i++) {
        const study_subject *who = &s->subjects.items[i];
        if (who->arm != STUDY_NONE || !who->randomised) continue;
        study_finding(s,
                      &(stroma_finding){
                          .code = "STROMA-DISP-002",
                          .severity = STROMA_ERROR,
                          .file = who->first_file < 0 ? NULL : s->files.items[who->first_file].path,
                          .line = who->first_row,
                          .subject = who->id,
                          .message = "the subject has no arm",
                          .rule = "every randomised subject has an arm",
                          .action = "give the arm, or mark the subject as not randomised" });
    }
    return s->subjects.len;
}
