/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values against each other, and against what is written about them. */
#include "check.h"

#include "stroma/number.h"

#include <math.h>
#include <string.h>

/* A name in a check that nothing in the data answers to would switch the check off in silence. */
static void check_fault(study *s, const stroma_yaml_node *at, const char *value,
                        const char *message)
{
    study_finding(s, &(stroma_finding){ .code = "STROMA-STUDY-005",
                                        .severity = STROMA_ERROR,
                                        .line = at->line,
                                        .value = value,
                                        .message = message,
                                        .rule = "every declared check can be made",
                                        .action = "correct the name in the study file" });
}

static bool named_param(study *s, const stroma_yaml_node *at, const char *id)
{
    if (study_find_param(s, id) != STUDY_NONE) return true;
    check_fault(s, at, id, "a check names a parameter without measurements");
    return false;
}

/* total = sum of parts, within a tolerance, at every visit (audit A2: protein = albumin + globulin)
 */
static size_t one_identity(study *s, const stroma_yaml_node *n)
{
    const int32_t total = study_find_param(s, stroma_yaml_text(n, "total", ""));
    const double tolerance = stroma_yaml_number(n, "tolerance", 0);
    const char **parts = NULL;
    const size_t parts_len = stroma_yaml_texts(stroma_yaml_get(n, "parts"), &s->arena, &parts);
    size_t looked_at = 0;
    if (!named_param(s, n, stroma_yaml_text(n, "total", ""))) return 0;
    for (size_t k = 0; k < parts_len; k++)
        if (!named_param(s, n, parts[k])) return 0;
    for (size_t u = 0; u < s->subjects.len; u++) {
        for (size_t v = 0; v < s->visits.len; v++) {
            const double sum_is = study_value(s, (int32_t)u, (int32_t)v, total);
            double sum = 0;
            for (size_t k = 0; k < parts_len; k++)
                sum += study_value(s, (int32_t)u, (int32_t)v, study_find_param(s, parts[k]));
            if (isnan(sum) || isnan(sum_is)) continue;
            looked_at++;
            /* decimals of the file are not binary fractions: 0.1 too much is within 0.1 */
            if (fabs(sum_is - sum) <= tolerance + 1e-9 * fabs(sum_is)) continue;
            char a[STROMA_NUMBER_TEXT_MAX], b[STROMA_NUMBER_TEXT_MAX];
            check_finding(s, &s->measurements.items[study_find(s, (int32_t)u, (int32_t)v, total)],
                          "STROMA-CONSIST-001", STROMA_WARNING,
                          stroma_arena_printf(&s->arena, "%s, but its parts add up to %s (%s)",
                                              stroma_format_significant(sum_is, 4, a),
                                              stroma_format_significant(sum, 4, b),
                                              stroma_yaml_text(n, "id", "")),
                          "a total equals the sum of its parts", "check all of them at the source",
                          "A2");
        }
    }
    return looked_at;
}

size_t check_identities(study *s)
{
    const stroma_yaml_node *list =
        stroma_yaml_get(stroma_yaml_get(s->root, "checks"), "identities");
    size_t n = 0;
    for (size_t i = 0; list != NULL && i < list->len; i++)
        n += one_identity(s, list->items[i]);
    return n;
}

static void statement_finding(study *s, const stroma_yaml_node *n, const char *value,
                              const char *message, const char *audit)
{
    study_finding(s,
                  &(stroma_finding){ .code = "STROMA-CONSIST-002",
                                     .severity = STROMA_WARNING,
                                     .line = n->line,
                                     .subject = stroma_yaml_text(n, "subject", NULL),
                                     .visit = stroma_yaml_text(n, "visit", NULL),
                                     .param = stroma_yaml_text(n, "param", NULL),
                                     .value = value,
                                     .message = message,
                                     .rule = "the narrative agrees with the values",
                                     .action = "correct the sentence, or the value at the source",
                                     .audit = audit });
}

/* Which denominators would give the printed percentage; "" when count is 0. */
static const char *denominators(study *s, double count, double printed, double half,
                                const char *text)
{
    if (!(count > 0)) return "";
    const double low = ceil(100 * count / (printed + half));
    const bool open = printed <= half; /* rounds to 0: any large denominator */
    const double high = open ? HUGE_VAL : floor(100 * count / (printed - half));
    char a[STROMA_NUMBER_TEXT_MAX], b[STROMA_NUMBER_TEXT_MAX] = "";
    if (!open) (void)stroma_format_fixed(high, 0, b);
    const char *needs =
        low > high
            ? stroma_arena_printf(&s->arena, "; no denominator gives the printed %s %%", text)
            : stroma_arena_printf(&s->arena, "; the printed %s %% needs a denominator of %s%s%s",
                                  text, stroma_format_fixed(low, 0, a),
                                  open         ? " or more"
                                  : low < high ? " to "
                                               : "",
                                  low < high ? b : "");
    if (needs == NULL) s->out_of_memory = true;
    return needs == NULL ? "" : needs;
}

/* "2 (8%)" of 28: the printed percentage must be one of the roundings of count/of (audit A3). */
static void percent_statement(study *s, const stroma_yaml_node *n)
{
    const double count = stroma_yaml_number(n, "count", NAN), of = stroma_yaml_number(n, "of", NAN);
    const double printed = stroma_yaml_number(n, "percent", NAN);
    if (isnan(count) || isnan(of) || isnan(printed) || of <= 0) return;
    const char *text = stroma_yaml_text(n, "percent", "");
    const char *mark = strchr(text, '.');
    const double half = 0.5 * pow(10, mark == NULL ? 0 : -(double)strlen(mark + 1));
    if (fabs(100 * count / of - printed) <= half * (1 + 1e-9)) return;
    char a[STROMA_NUMBER_TEXT_MAX], b[STROMA_NUMBER_TEXT_MAX], c[STROMA_NUMBER_TEXT_MAX];
    const char *needs = denominators(s, count, printed, half, text);
    statement_finding(s, n, text,
                      stroma_arena_printf(&s->arena, "\"%s\": %s of %s is %s %%, not %s %%%s",
                                          stroma_yaml_text(n, "text", ""),
                                          stroma_format_double(count, c),
                                          stroma_format_double(of, b),
                                          stroma_format_fixed(100 * count / of, 1, a), text, needs),
                      "A3");
}

static bool against_baseline(const char *claims)
{
    return strcmp(claims, "fell") == 0 || strcmp(claims, "rose") == 0;
}

/* Low, normal or high against the reference range; or how it moved since baseline. NULL: the values
 * cannot tell. */
static const char *what_values_say(const study_measurement *m, double baseline, const char *claims)
{
    if (against_baseline(claims))
        return isnan(baseline)       ? NULL
               : m->value < baseline ? "fell"
               : m->value > baseline ? "rose"
                                     : "was equal";
    if (isnan(m->ref_low) && isnan(m->ref_high)) return NULL;
    return m->value < m->ref_low ? "low" : m->value > m->ref_high ? "high" : "normal";
}

/* Where the statement points; STUDY_NONE with a finding when a name is unknown, and without one
 * when nothing was measured there. */
static int32_t place_of(study *s, const stroma_yaml_node *n)
{
    const char *id = stroma_yaml_text(n, "subject", s->id),
               *visit_id = stroma_yaml_text(n, "visit", NULL);
    const int32_t subject = study_find_subject(s, id);
    const int32_t visit = visit_id == NULL ? STUDY_NONE : study_find_visit(s, visit_id);
    if (!named_param(s, n, stroma_yaml_text(n, "param", ""))) return STUDY_NONE;
    if (subject == STUDY_NONE) check_fault(s, n, id, "a check names an unknown subject");
    if (visit_id != NULL && visit == STUDY_NONE)
        check_fault(s, n, visit_id, "a check names an unknown visit");
    if (subject == STUDY_NONE || (visit_id != NULL && visit == STUDY_NONE)) return STUDY_NONE;
    return study_find(s, subject, visit, study_find_param(s, stroma_yaml_text(n, "param", "")));
}

static void value_statement(study *s, const stroma_yaml_node *n, const char *claims)
{
    const int32_t at = place_of(s, n);
    if (at == STUDY_NONE || s->measurements.items[at].state != STROMA_PRESENT) return;
    const study_measurement *m = &s->measurements.items[at];
    const study_param *p = &s->params.items[m->param];
    const double before = study_value(s, m->subject, study_baseline_visit(s), m->param);
    const char *is = what_values_say(m, before, claims);
    if (is == NULL || strcmp(is, claims) == 0) return;
    char value[STROMA_NUMBER_TEXT_MAX], low[STROMA_NUMBER_TEXT_MAX], high[STROMA_NUMBER_TEXT_MAX];
    const char *said = stroma_yaml_text(n, "text", "");
    (void)stroma_format_double(m->value, value);
    const char *message =
        against_baseline(claims)
            ? stroma_arena_printf(&s->arena, "\"%s\", but %s %s to %s %s (baseline %s)", said,
                                  p->label, is, value, p->unit, stroma_format_double(before, low))
            : stroma_arena_printf(
                  &s->arena, "\"%s\", but %s is %s %s, which is %s (reference %s to %s)", said,
                  p->label, value, p->unit, is,
                  isnan(m->ref_low) ? "-" : stroma_format_double(m->ref_low, low),
                  isnan(m->ref_high) ? "-" : stroma_format_double(m->ref_high, high));
    statement_finding(s, n, m->raw, message, NULL);
}

size_t check_statements(study *s)
{
    const stroma_yaml_node *list =
        stroma_yaml_get(stroma_yaml_get(s->root, "checks"), "statements");
    for (size_t i = 0; list != NULL && i < list->len; i++) {
        const char *claims = stroma_yaml_text(list->items[i], "claims", "percent");
        if (strcmp(claims, "percent") == 0)
            percent_statement(s, list->items[i]);
        else
            value_statement(s, list->items[i], claims);
    }
    return list == NULL ? 0 : list->len;
}

/* Table 1 of the RA paper counts 22 of 24: a table of completers must say so (audit A12). Here: who
 * of the full analysis set lacks the primary endpoint at a landmark. */
size_t check_completers(study *s)
{
    const int32_t full = study_find_set(s, "full_analysis");
    if (s->primary == STUDY_NONE || full == STUDY_NONE) return 0;
    size_t looked_at = 0;
    for (size_t g = 0; g < s->groupings.len; g++) {
        const int32_t visit = s->groupings.items[g].landmark;
        if (visit == STUDY_NONE) continue;
        size_t n = 0, lacking = 0;
        for (size_t u = 0; u < s->subjects.len; u++) {
            if (!s->sets.items[full].included[u]) continue;
            n++;
            lacking += isnan(study_value(s, (int32_t)u, visit, s->primary));
        }
        looked_at += n;
        if (lacking == 0) continue;
        study_finding(
            s, &(stroma_finding){
                   .code = "STROMA-CONSIST-003",
                   .severity = STROMA_NOTE,
                   .visit = s->visits.items[visit].id,
                   .param = s->params.items[s->primary].id,
                   .message = stroma_arena_printf(&s->arena,
                                                  "%zu of %zu subjects of the full analysis set "
                                                  "have no value at %s",
                                                  lacking, n, s->visits.items[visit].label),
                   .rule = "tables name their population; completers are not everybody",
                   .action = "see the missing rule of the grouping and the n of each table",
                   .audit = "A12" });
    }
    return looked_at;
}
