/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a reader of the result must know, as findings; and what the codes mean. */
#include "screen_job.h"

#include "stroma/number.h"

#include <stdio.h>

static const stroma_code codes[] = {
    { "STROMA-SCREEN-001", "these data cannot answer the question",
      "\"predictive\" asks who gains from this treatment. In one arm a marker of those who would "
      "have got better anyway looks the same, so a control arm and the interaction of marker and "
      "treatment are needed, with enough subjects (and events) in both arms. \"pharmacodynamic\" "
      "asks what the treatment changes and needs a control arm too. Ask \"prognostic\" or "
      "\"early_response\" where there is one arm, and say so." },
    { "STROMA-SCREEN-002", "a candidate is not known in time",
      "A marker that is to tell an outcome must be measured before it: prognostic and predictive "
      "ones at day 0 or earlier, those of early response at the landmark or earlier, and the "
      "landmark before the outcome. A value measured while the outcome is there is part of it." },
    { "STROMA-SCREEN-003", "study days are not known",
      "The time guard could not check that every candidate was known before the outcome. Give the "
      "days (--day, --landmark-day, --outcome-day), or screen from a study file, which has them." },
    { "STROMA-SCREEN-004", "a negative control shows an association",
      "Negative controls are markers that cannot have to do with the outcome. One that is "
      "associated all the same points to batch, handling, sampling or selection, which may then be "
      "behind the other associations too: all results of this screen are suspicious." },
    { "STROMA-SCREEN-005", "batch and outcome go together",
      "The share of events differs between batches, so differences between batches look like "
      "effects. With blocks by batch the candidates are compared within batches only." },
    { "STROMA-SCREEN-006", "a candidate differs between batches",
      "Kruskal-Wallis among the batches, adjusted over the candidates by Benjamini & Hochberg." },
    { "STROMA-SCREEN-007", "measured values were tied with censored ones",
      "With several detection limits nothing is known of the order of a measured value below "
      "another subject's limit and that subject's value. Everything below the highest lower limit "
      "(above the lowest upper one) is one tie." },
    { "STROMA-SCREEN-008", "a candidate was not tested",
      "It has no place in the family: no values, one value for all, values beyond a limit under a "
      "statistic of means, or nobody measured in a group. The message says which." },
    { "STROMA-SCREEN-009", "few different permutations",
      "The outcome can be arranged within its blocks in fewer ways than permutations were asked "
      "for. All of them were taken, so the permutation p-values are exact; none can be below one "
      "in "
      "their number, however strong the association." },
    { "STROMA-SCREEN-010", "the arms are compared, not the outcome",
      "A pharmacodynamic marker shows that the treatment does something. It says nothing of who "
      "responds: that is another question, with another family." },
    { "STROMA-SCREEN-011", "simulated data", "The data of this screen were made by a program." },
};

const stroma_code *stroma_screen_codes(size_t *n)
{
    *n = sizeof codes / sizeof codes[0];
    return codes;
}

static void note(screen_job *job, const char *code, stroma_severity severity, const char *column,
                 const char *message)
{
    const stroma_finding f = { .code = code,
                               .severity = severity,
                               .file = job->f->source,
                               .column = column,
                               .message = message };
    stroma_diag_add(&job->out->notes, &f);
}

static void note_candidate(screen_job *job, const stroma_screen_candidate *c)
{
    const char *name = job->f->columns[c->column].name;
    char text[160];
    if (c->reason[0] != '\0') {
        (void)snprintf(text, sizeof text, "not tested: %s", c->reason);
        note(job, "STROMA-SCREEN-008", STROMA_WARNING, name, text);
    }
    if (c->tied_within > 0) {
        (void)snprintf(text, sizeof text,
                       "%zu measured values lie beyond a limit of another subject "
                       "and are tied with it",
                       c->tied_within);
        note(job, "STROMA-SCREEN-007", STROMA_NOTE, name, text);
    }
    if (c->flags & STROMA_SCREEN_BATCH) {
        char p[STROMA_NUMBER_TEXT_MAX];
        (void)snprintf(text, sizeof text, "differs between batches (p %s)",
                       stroma_format_p(c->batch_p, p));
        note(job, "STROMA-SCREEN-006", STROMA_NOTE, name, text);
    }
    if (c->control && !c->in_family && c->p_max_t <= job->o.alpha) {
        char p[STROMA_NUMBER_TEXT_MAX];
        job->out->controls_showing++;
        (void)snprintf(text, sizeof text,
                       "negative control shows (adjusted p %s): the whole screen is suspicious",
                       stroma_format_p(c->p_max_t, p));
        note(job, "STROMA-SCREEN-004", STROMA_WARNING, name, text);
    }
}

stroma_status screen_note(screen_job *job, stroma_error *err)
{
    const stroma_screen *out = job->out;
    char text[200], p[STROMA_NUMBER_TEXT_MAX];
    if (job->f->simulated)
        note(job, "STROMA-SCREEN-011", STROMA_WARNING, NULL, "the data are simulated");
    if (out->question == STROMA_QUESTION_PHARMACODYNAMIC)
        note(job, "STROMA-SCREEN-010", STROMA_NOTE, NULL,
             "the arms are compared; this says nothing of the outcome");
    if (out->days_unknown)
        note(job, "STROMA-SCREEN-003", STROMA_WARNING, NULL,
             "study days are not known: nothing says that the candidates came before the outcome");
    if (out->batch_outcome_p <= job->o.alpha) {
        (void)snprintf(text, sizeof text, "batch and outcome go together (%s p %s)%s",
                       out->batch_outcome_method, stroma_format_p(out->batch_outcome_p, p),
                       out->batch_adjusted ? "; candidates are compared within batches"
                                           : ", and batches are not adjusted for");
        note(job, "STROMA-SCREEN-005", STROMA_WARNING, NULL, text);
    }
    if (out->exact) {
        (void)snprintf(
            text, sizeof text,
            "all %zu arrangements of the outcome were taken instead of %zu permutations: "
            "no p can be below 1/%zu",
            out->permutations, job->o.permutations, out->permutations);
        note(job, "STROMA-SCREEN-009", STROMA_NOTE, NULL, text);
    }
    for (size_t k = 0; k < out->candidates_len; k++)
        note_candidate(job, &out->candidates[k]);
    /* a list that is full is counted; a finding lost for want of memory is no result */
    const stroma_diag *notes = &out->notes;
    return notes->dropped > 0 && notes->len < notes->limit ? stroma_no_memory(err) : STROMA_OK;
}
