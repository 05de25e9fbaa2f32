/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One cell to one measurement: state, number, unit, possible range, reference flag. */
#include "import.h"

#include "stroma/date.h"
#include "stroma/number.h"
#include "stroma/parameter.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* "<0.5", ">100", "≤ 3", or a number. */
static bool parse_number(const char *text, char decimal, double *value, stroma_cell_state *state)
{
    const char *p = text;
    *state = STROMA_PRESENT;
    if (*p == '<' || strncmp(p, "\xE2\x89\xA4", 3) == 0) *state = STROMA_BELOW_LIMIT;
    if (*p == '>' || strncmp(p, "\xE2\x89\xA5", 3) == 0) *state = STROMA_ABOVE_LIMIT;
    if (*state != STROMA_PRESENT) p += (unsigned char)*p >= 0x80U ? 3 : 1;
    while (*p == ' ' || *p == '=')
        p++;
    size_t n = strlen(p);
    while (n > 0 && p[n - 1] == ' ')
        n--;
    return stroma_parse_double(p, n, decimal, value);
}

static bool parse_flag(const char *text, double *value)
{
    static const char *const yes[] = { "1",   "yes", "y", "true", "t",
                                       "Yes", "YES", "Y", "TRUE", "True" };
    static const char *const no[] = { "0",  "no", "n", "false", "f",
                                      "No", "NO", "N", "FALSE", "False" };
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        if (strcmp(text, yes[i]) == 0) *value = 1;
        if (strcmp(text, no[i]) == 0) *value = 0;
        if (strcmp(text, yes[i]) == 0 || strcmp(text, no[i]) == 0) return true;
    }
    return false;
}

static stroma_status role_value(import_source *src, const import_cell *cell)
{
    study *s = src->s;
    study_subject *who = &s->subjects.items[cell->subject];
    const char *role = cell->column->role;
    if (cell->raw == NULL) return STROMA_OK;
    const char *text = import_mapped(cell->column->map, cell->raw);
    double x = NAN;
    if (strcmp(role, "arm") == 0) {
        int32_t arm = study_find_arm(s, text);
        for (size_t i = 0; arm == STUDY_NONE && i < s->arms.len; i++)
            if (strcmp(s->arms.items[i].label, text) == 0) arm = (int32_t)i;
        if (arm == STUDY_NONE)
            import_finding(src, cell, "STROMA-DATA-005", STROMA_ERROR, true,
                           "the study file has no such arm", "declare the arm, or map it by map");
        else if (who->arm != STUDY_NONE && who->arm != arm)
            import_finding(src, cell, "STROMA-DATA-006", STROMA_ERROR, true,
                           "the subject has another arm elsewhere", "give each subject one arm");
        else
            who->arm = arm;
    } else if (strcmp(role, "day0_date") == 0) {
        stroma_date d;
        if (stroma_date_parse(cell->raw, strlen(cell->raw), &d)) who->day0_days = d.days;
    } else if (strcmp(role, "disposition") == 0) {
        who->disposition = text;
    } else if (strcmp(role, "disposition_reason") == 0) {
        who->disposition_reason = text;
    } else if (strcmp(role, "disposition_day") == 0) {
        if (stroma_parse_double(text, strlen(text), '.', &x))
            who->disposition_day = (int32_t)floor(x);
    } else if (strcmp(role, "disposition_date") == 0) {
        stroma_date d;
        if (stroma_date_parse(cell->raw, strlen(cell->raw), &d) && who->day0_days != INT32_MIN)
            who->disposition_day = d.days - who->day0_days;
    } else if (!parse_flag(text, &x)) {
        import_finding(src, cell, "STROMA-DATA-007", STROMA_ERROR, true, "not a yes or no",
                       "write 1/0, yes/no or true/false, or map the values");
    } else if (strcmp(role, "treated") == 0) {
        who->treated = x > 0;
    } else if (strcmp(role, "randomised") == 0) {
        who->randomised = x > 0;
    } else {
        who->protocol_deviation = x > 0;
    }
    return STROMA_OK;
}

/* The reference range beside the value; @return false when the row gives none: then it is that of
 * the parameter, if any. */
static bool row_reference(const import_source *src, const import_cell *cell, double *low,
                          double *high)
{
    const import_column *c = cell->column;
    *low = c->low == SIZE_MAX ? STUDY_NAN : stroma_table_number(src->t, c->low, cell->row);
    *high = c->high == SIZE_MAX ? STUDY_NAN : stroma_table_number(src->t, c->high, cell->row);
    return !isnan(*low) || !isnan(*high);
}

/* Number in the parameter's unit; @return false when a finding was made. */
static bool convert_unit(import_source *src, const import_cell *cell, study_measurement *m)
{
    const study_param *p = &src->s->params.items[m->param];
    if (cell->unit == NULL || strcmp(cell->unit, p->unit) == 0) return true;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_unit_rule rule;
    if (stroma_unit_find(p->id, cell->unit, p->unit, &rule, &err) != STROMA_OK) {
        import_finding(src, cell, "STROMA-DATA-008", STROMA_ERROR, true, err.message, err.hint);
        return false;
    }
    m->value = m->value * rule.multiply / rule.divide;
    double low, high;
    if (!row_reference(src, cell, &low, &high)) return true; /* in the parameter's unit already */
    m->ref_low = m->ref_low * rule.multiply / rule.divide; /* given beside the value, in its unit */
    m->ref_high = m->ref_high * rule.multiply / rule.divide;
    return true;
}

static void flag_possible(import_source *src, const import_cell *cell, study_measurement *m)
{
    study *s = src->s;
    const study_param *p = &s->params.items[m->param];
    if (m->state != STROMA_PRESENT || !(m->value < p->range_low || m->value > p->range_high))
        return;
    char a[STROMA_NUMBER_TEXT_MAX], b[STROMA_NUMBER_TEXT_MAX];
    const char *low = isnan(p->range_low) ? "-\xE2\x88\x9E" : stroma_format_double(p->range_low, a);
    const char *high =
        isnan(p->range_high) ? "\xE2\x88\x9E" : stroma_format_double(p->range_high, b);
    char *message =
        stroma_arena_printf(&s->arena, "%s is outside the possible range %s to %s%s%s", p->label,
                            low, high, p->unit[0] == '\0' ? "" : " ", p->unit);
    m->state = STROMA_EXCLUDED;
    m->reason = message;
    import_finding(
        src, cell, "STROMA-DATA-009", STROMA_ERROR, false,
        message == NULL ? "outside the possible range" : message,
        "the value is excluded; correct it at the source, or its unit in the study file");
}

static void reference_of(import_source *src, const import_cell *cell, study_measurement *m)
{
    const study_param *p = &src->s->params.items[m->param];
    m->ref_low = p->ref_low;
    m->ref_high = p->ref_high;
    double low, high;
    if (!row_reference(src, cell, &low, &high)) return;
    m->ref_low = low;
    m->ref_high = high;
}

/* Number, word or flag of a cell with text. @return false when it could not be read. */
static bool read_value(import_source *src, const import_cell *cell, study_measurement *m)
{
    const study_param *p = &src->s->params.items[m->param];
    const char *text = import_mapped(cell->column->map, cell->raw);
    m->state = STROMA_PRESENT;
    if (p->kind == PARAM_WORD) {
        m->text = text;
        bool known = p->words_len == 0;
        for (size_t i = 0; i < p->words_len; i++) {
            if (strcmp(p->words[i], text) != 0) continue;
            m->value = (double)i; /* ordinal position, for ordered words */
            known = true;
        }
        if (!known)
            import_finding(src, cell, "STROMA-DATA-010", STROMA_ERROR, true,
                           "not one of the parameter's words", "map the value, or add the word");
        return known;
    }
    if (p->kind == PARAM_FLAG) {
        if (parse_flag(text, &m->value)) return true;
        import_finding(src, cell, "STROMA-DATA-007", STROMA_ERROR, true, "not a yes or no",
                       "write 1/0, yes/no or true/false, or map the values");
        return false;
    }
    if (parse_number(text, src->decimal, &m->value, &m->state)) return true;
    import_finding(src, cell, "STROMA-DATA-011", STROMA_ERROR, true, "not a number",
                   "correct the cell, declare it under missing:, or say decimal: comma");
    return false;
}

/* Values of a subject must agree over its rows; @return true when it is there already. */
static bool already_there(import_source *src, const import_cell *cell, const study_measurement *m)
{
    const int32_t have = study_find(src->s, m->subject, m->visit, m->param);
    if (!cell->column->of_subject || have == STUDY_NONE) return false;
    const study_measurement *old = &src->s->measurements.items[have];
    const bool same = old->state == m->state &&
                      (m->text != NULL ? old->text != NULL && strcmp(old->text, m->text) == 0
                                       : old->value == m->value || isnan(m->value));
    if (!same && m->state != STROMA_MISSING)
        import_finding(src, cell, "STROMA-DATA-012", STROMA_WARNING, false,
                       "differs from an earlier row of the same subject",
                       "a value of the subject must be the same in all rows; the first is used");
    return true;
}

/* An empty cell and a value for the same place (sparse exports have a row an instrument) are one
 * measurement: the value. */
static stroma_status add_or_fill(study *s, const study_measurement *m, stroma_error *err)
{
    const int32_t have = study_find(s, m->subject, m->visit, m->param);
    if (have == STUDY_NONE) return study_add_measurement(s, m, NULL, err);
    if (m->state == STROMA_MISSING) return STROMA_OK;
    study_measurement *old = &s->measurements.items[have];
    if (old->state != STROMA_MISSING) return study_add_measurement(s, m, NULL, err);
    const int32_t next = old->next;
    *old = *m;
    old->next = next;
    return STROMA_OK;
}

stroma_status import_cell_value(import_source *src, const import_cell *cell, stroma_error *err)
{
    if (cell->column->role != NULL) return role_value(src, cell);
    study_measurement m = study_measurement_empty();
    m.subject = cell->subject;
    m.visit = cell->visit;
    m.param = cell->column->param;
    m.study_day = cell->day;
    m.file = src->file;
    m.row = src->t->source_rows[cell->row];
    m.column = src->t->columns[cell->column->column].name;
    m.raw = cell->raw;
    const stroma_cell_state state = stroma_table_state(src->t, cell->column->column, cell->row);
    reference_of(src, cell, &m);
    if (cell->raw == NULL) {
        m.state = state == STROMA_PRESENT ? STROMA_MISSING : state;
    } else if (src->t->columns[cell->column->column].type == STROMA_COLUMN_NUMBER) {
        m.value = src->t->columns[cell->column->column].numbers[cell->row];
        m.state = state;
        if (state != STROMA_PRESENT && state != STROMA_BELOW_LIMIT && state != STROMA_ABOVE_LIMIT)
            m.value = NAN;
    } else if (!read_value(src, cell, &m)) {
        return STROMA_OK;
    }
    if (src->s->params.items[m.param].kind == PARAM_NUMBER && !isnan(m.value) &&
        !convert_unit(src, cell, &m))
        return STROMA_OK;
    flag_possible(src, cell, &m);
    if (already_there(src, cell, &m)) return STROMA_OK;
    return add_or_fill(src->s, &m, err);
}
