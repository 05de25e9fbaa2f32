/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Findings about quality, and what they mean. */
#include "stroma/cytometry_quality.h"

#include <stdio.h>

static const stroma_code codes[] = {
    { "STROMA-QC-001", "the quality of the events is bad",
      "A check of stroma fcs qc is beyond its second limit. The events are kept and counted; "
      "numbers of the sample carry a flag. Look at the plots, find the cause at the cytometer, and "
      "decide by your protocol whether the sample counts. docs/handbook/sample-quality.md." },
    { "STROMA-QC-002", "the quality of the events should be looked at",
      "A check of stroma fcs qc is beyond its first limit: often harmless, sometimes the sign of a "
      "clog, air, a gain set too high, or a detector that was off." },
    { "STROMA-QC-003", "events were left out of a copy",
      "stroma fcs qc --drop wrote a copy without the events that a check marked. Its header says "
      "so (STROMA_ACTION, STROMA_QC_DROPPED). Absolute counts and percentages of the copy are not "
      "those of the sample." },
};

const stroma_code *stroma_quality_codes(size_t *n)
{
    *n = sizeof codes / sizeof codes[0];
    return codes;
}

void stroma_quality_report(const stroma_quality *q, stroma_quality_verdict at_least,
                           const char *file, stroma_diag *diag)
{
    for (size_t i = 0; i < q->results_len; i++) {
        const stroma_quality_result *r = &q->results[i];
        if (r->verdict < STROMA_QUALITY_LOOK || r->verdict < at_least) continue;
        const bool bad = r->verdict == STROMA_QUALITY_BAD;
        char message[512], rule[160];
        (void)snprintf(message, sizeof message, "%s: %s", r->check->label, r->detail);
        (void)snprintf(rule, sizeof rule, "%s: look above %.4g, bad above %.4g", r->check->measure,
                       r->check->look, r->check->bad);
        stroma_diag_add(diag,
                        &(stroma_finding){ .code = bad ? "STROMA-QC-001" : "STROMA-QC-002",
                                           .severity = bad ? STROMA_WARNING : STROMA_NOTE,
                                           .file = file,
                                           .message = message,
                                           .rule = rule,
                                           .action = "look at the file; events are marked, not "
                                                     "removed" });
    }
}
