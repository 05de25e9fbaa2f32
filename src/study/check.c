/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of checks. Adding a check is one function and one line here. */
#include "check.h"

#include "stroma/suggest.h"

#include <string.h>

static const struct {
    const char *id, *label;
    study_check run;
} checks[] = {
    { "possible_ranges", "values within the physically possible range", check_possible_ranges },
    { "whole_counts", "counts are whole numbers", check_whole_counts },
    { "reference_ranges", "values against their reference range", check_reference_ranges },
    { "unit_of_parameter", "a whole column in another unit (CRP, global health, haematocrit)",
      check_unit_of_parameter },
    { "unit_of_value", "single values off by a factor of ten or a hundred", check_unit_of_value },
    { "cell_doses", "cell doses whose superscript was lost (A17)", check_cell_doses },
    { "visit_windows", "visits within their windows", check_visit_windows },
    { "window_overlap", "no day belongs to the windows of two visits", check_window_overlap },
    { "missing_visits", "no visit missing before the last one", check_missing_visits },
    { "duplicates", "one value per subject, visit and parameter", check_duplicates },
    { "day_order", "study days rise from visit to visit", check_day_order },
    { "event_days", "events and therapies end after they begin", check_event_days },
    { "after_withdrawal", "no measurement after a subject left", check_after_withdrawal },
    { "dispositions", "everybody who stopped early has a disposition", check_dispositions },
    { "arms", "everybody has an arm", check_arms },
    { "identities", "declared sums hold (A2)", check_identities },
    { "statements", "the narrative agrees with the values (A3, S0-10, S0-12)", check_statements },
    { "cytometry_missing", "who was seen at a visit has a file of events of it",
      check_cytometry_missing },
    { "cytometry_controls", "control tubes are there, and of the day of their samples",
      check_cytometry_controls },
    { "cytometry_panels", "the panel does not change between visits", check_cytometry_panels },
    { "completers", "who stands behind the primary endpoint (A12)", check_completers },
};

const char *check_visit_id(const study *s, int32_t visit)
{
    return visit == STUDY_NONE ? NULL : s->visits.items[visit].id;
}

void check_finding(study *s, const study_measurement *m, const char *code, stroma_severity severity,
                   const char *message, const char *rule, const char *action, const char *audit)
{
    study_finding(s, &(stroma_finding){ .code = code,
                                        .severity = severity,
                                        .file = m->file < 0 ? NULL : s->files.items[m->file].path,
                                        .line = m->file < 0 ? 0 : m->row,
                                        .column = m->column,
                                        .subject = s->subjects.items[m->subject].id,
                                        .visit = check_visit_id(s, m->visit),
                                        .param = s->params.items[m->param].id,
                                        .value = m->raw,
                                        .message = message,
                                        .rule = rule,
                                        .action = action,
                                        .audit = audit });
}

static bool switched_off(const study *s, const char *id)
{
    const stroma_yaml_node *off = stroma_yaml_get(stroma_yaml_get(s->root, "checks"), "off");
    const size_t n = stroma_yaml_count(off);
    for (size_t i = 0; i < n; i++)
        if (strcmp(stroma_yaml_at(off, i)->text, id) == 0) return true;
    return false;
}

/* A check that is switched off must exist: else a typing error leaves it on, unnoticed. */
static stroma_status known_checks(const study *s, stroma_error *err)
{
    const stroma_yaml_node *off = stroma_yaml_get(stroma_yaml_get(s->root, "checks"), "off");
    const size_t n = off == NULL ? 0 : off->type == STROMA_YAML_LIST ? off->len : 1;
    for (size_t i = 0; i < n; i++) {
        const stroma_yaml_node *item = off->type == STROMA_YAML_LIST ? off->items[i] : off;
        const char *names[sizeof checks / sizeof checks[0]];
        bool known = false;
        for (size_t k = 0; k < sizeof checks / sizeof checks[0]; k++) {
            names[k] = checks[k].id;
            known = known || strcmp(checks[k].id, item->text) == 0;
        }
        if (known) continue;
        const stroma_status st = study_fail_at(s, item, err, "there is no check", item->text);
        const char *near = stroma_nearest(item->text, names, sizeof checks / sizeof checks[0]);
        if (near != NULL) stroma_hint(err, "did you mean \"%s\"?", near);
        return st;
    }
    return STROMA_OK;
}

stroma_status study_run_checks(study *s, stroma_error *err)
{
    STROMA_TRY(study_entry_done(s, known_checks(s, err), err));
    for (size_t k = 0; k < sizeof checks / sizeof checks[0]; k++) {
        if (switched_off(s, checks[k].id)) continue;
        const size_t before = s->findings.len + s->findings.dropped;
        const size_t looked_at = checks[k].run(s);
        if (s->out_of_memory) return stroma_no_memory(err);
        study_check_done *c = STUDY_ADD(&s->checks, err);
        if (c == NULL) return stroma_no_memory(err);
        *c = (study_check_done){ .id = checks[k].id,
                                 .label = checks[k].label,
                                 .n_checked = looked_at,
                                 .n_findings = s->findings.len + s->findings.dropped - before };
    }
    return STROMA_OK;
}
