/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Can these data answer the question at all, and does every candidate come before what it is to
 * tell? */
#include "screen_job.h"

static bool known(int32_t day)
{
    return day != STROMA_BIOMARKER_DAY_UNKNOWN;
}

static stroma_status too_late(const stroma_biomarker_column *c, int32_t limit, const char *what,
                              stroma_error *err)
{
    (void)stroma_fail(err, STROMA_E_INCONSISTENT,
                      "candidate \"%s\" is dated day %d, after %s (day %d)", c->name, c->day, what,
                      limit);
    stroma_hint(err,
                "a marker must be known before what it is to tell; leave it out, or ask another "
                "question (`stroma explain STROMA-SCREEN-002`)");
    return STROMA_E_INCONSISTENT;
}

static stroma_status before_treatment(const stroma_biomarker_frame *f, stroma_error *err)
{
    for (size_t k = 0; k < f->columns_len; k++) {
        const stroma_biomarker_column *c = &f->columns[k];
        if (known(c->day) && c->day > 0) return too_late(c, 0, "the start of treatment", err);
        if (known(c->day) && known(f->outcome_day) && c->day >= f->outcome_day)
            return too_late(c, f->outcome_day, "the outcome", err);
    }
    return STROMA_OK;
}

static stroma_status before_landmark(const stroma_biomarker_frame *f, stroma_error *err)
{
    if (known(f->landmark_day) && known(f->outcome_day) && f->landmark_day >= f->outcome_day) {
        (void)stroma_fail(err, STROMA_E_INCONSISTENT,
                          "the landmark (day %d) does not lie before the outcome (day %d)",
                          f->landmark_day, f->outcome_day);
        stroma_hint(err, "what is measured when the outcome is there cannot predict it "
                         "(`stroma explain STROMA-SCREEN-002`)");
        return STROMA_E_INCONSISTENT;
    }
    for (size_t k = 0; k < f->columns_len; k++) {
        const stroma_biomarker_column *c = &f->columns[k];
        if (!known(c->day)) continue;
        if (known(f->landmark_day) && c->day > f->landmark_day)
            return too_late(c, f->landmark_day, "the landmark", err);
        if (known(f->outcome_day) && c->day >= f->outcome_day)
            return too_late(c, f->outcome_day, "the outcome", err);
    }
    return STROMA_OK;
}

static stroma_status refuse(stroma_error *err, const char *why, const char *hint)
{
    (void)stroma_fail(err, STROMA_E_DEGENERATE, "%s", why);
    stroma_hint(err, "%s", hint);
    return STROMA_E_DEGENERATE;
}

static stroma_status check_arms(const screen_job *job, stroma_error *err)
{
    const stroma_biomarker_frame *f = job->f;
    size_t n[2] = { 0, 0 }, events[2] = { 0, 0 };
    if (f->treated == NULL)
        return refuse(err, "the question \"predictive\" is refused: there is no control arm",
                      "in one arm a marker of who gains from the treatment looks like one of who "
                      "would have got better anyway: ask \"prognostic\", or name the arms "
                      "(`stroma explain STROMA-SCREEN-001`)");
    for (size_t i = 0; i < f->n; i++) {
        n[f->treated[i] != 0]++;
        events[f->treated[i] != 0] += f->outcome[i] > 0;
    }
    for (size_t a = 0; a < 2; a++) {
        const char *arm = a == 0 ? "control" : "treated";
        const size_t least = events[a] < n[a] - events[a] ? events[a] : n[a] - events[a];
        if (n[a] >= job->o.arm_min && (f->event == NULL || least >= job->o.arm_events_min))
            continue;
        if (n[a] < job->o.arm_min)
            (void)stroma_fail(
                err, STROMA_E_DEGENERATE,
                "the question \"predictive\" is refused: the %s arm has %zu subjects, "
                "%zu are needed",
                arm, n[a], job->o.arm_min);
        else
            (void)stroma_fail(err, STROMA_E_DEGENERATE,
                              "the question \"predictive\" is refused: the %s arm has %zu with and "
                              "%zu without the event, %zu of each are needed",
                              arm, events[a], n[a] - events[a], job->o.arm_events_min);
        stroma_hint(err, "an interaction needs about four times the subjects of a main effect "
                         "(`stroma explain STROMA-SCREEN-001`)");
        return STROMA_E_DEGENERATE;
    }
    return STROMA_OK;
}

static stroma_status pharmacodynamic(const stroma_biomarker_frame *f, stroma_error *err)
{
    if (f->treated == NULL)
        return refuse(err, "the question \"pharmacodynamic\" is refused: there is no control arm",
                      "in one arm a change after treatment cannot be told from a change with time; "
                      "`stroma stat signed-rank` compares before and after "
                      "(`stroma explain STROMA-SCREEN-001`)");
    for (size_t k = 0; k < f->columns_len; k++) {
        const stroma_biomarker_column *c = &f->columns[k];
        if (!known(c->day) || c->day > 0) continue;
        (void)stroma_fail(err, STROMA_E_INCONSISTENT,
                          "candidate \"%s\" is dated day %d, before the treatment", c->name,
                          c->day);
        stroma_hint(err,
                    "a pharmacodynamic marker changes after treatment; arms that differ before "
                    "it differ by chance");
        return STROMA_E_INCONSISTENT;
    }
    return STROMA_OK;
}

static bool days_missing(const stroma_biomarker_frame *f, stroma_biomarker_question q)
{
    bool missing =
        q == STROMA_QUESTION_EARLY_RESPONSE && (!known(f->landmark_day) || !known(f->outcome_day));
    for (size_t k = 0; k < f->columns_len; k++)
        missing |= !known(f->columns[k].day);
    return missing;
}

stroma_status screen_check_question(const screen_job *job, stroma_error *err)
{
    const stroma_biomarker_frame *f = job->f;
    for (size_t k = 1; k < f->columns_len; k++)
        if (f->columns[k].question != f->columns[0].question)
            return stroma_fail(
                err, STROMA_E_USAGE,
                "candidate \"%s\" asks \"%s\" and \"%s\" asks \"%s\": screen each "
                "question as a family of its own",
                f->columns[0].name, stroma_biomarker_question_name(f->columns[0].question),
                f->columns[k].name, stroma_biomarker_question_name(f->columns[k].question));
    job->out->question = f->columns[0].question;
    job->out->days_unknown = days_missing(f, job->out->question);
    switch (job->out->question) {
    case STROMA_QUESTION_PREDICTIVE:
        STROMA_TRY(check_arms(job, err));
        return before_treatment(f, err);
    case STROMA_QUESTION_PHARMACODYNAMIC: return pharmacodynamic(f, err);
    case STROMA_QUESTION_EARLY_RESPONSE: return before_landmark(f, err);
    case STROMA_QUESTION_PROGNOSTIC:
    default: return before_treatment(f, err);
    }
}
