/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One cell to one measurement: state, number, unit, possible range, reference flag. */
#include "import.h"

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
    if (cell->unit == NULL && cell->column->unit_column != SIZE_MAX && p->unit[0] != '\0' &&
        strcmp(p->category, "item") != 0 && strcmp(p->category, "joint") != 0)
        import_finding(src, cell, "STROMA-DATA-017", STROMA_WARNING, false,
                       "the row gives no unit; the parameter's is taken",
                       "fill in the unit of every value");
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
        if (import_parse_flag(text, &m->value)) return true;
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

/* Days between a measurement and the target day of the visit its window put it in. */
static int32_t distance(const study *s, const study_measurement *m, int32_t visit)
{
    const int32_t target = s->visits.items[visit].day;
    const int32_t d = m->study_day - (target == STUDY_DAY_UNKNOWN ? 0 : target);
    return d < 0 ? -d : d;
}

/* Of several values that one window holds the nearest to the target day is the visit's; the others
 * are unscheduled. */
static stroma_status keep_nearer(study *s, int32_t have, study_measurement *m, stroma_error *err)
{
    study_measurement *old = &s->measurements.items[have];
    if (distance(s, m, m->visit) < distance(s, old, m->visit)) {
        const study_measurement farther = *old;
        m->next = farther.next;
        *old = *m;
        *m = farther;
    }
    m->visit = STUDY_NONE;
    return study_add_measurement(s, m, NULL, err);
}

static stroma_status add_or_replace(import_source *src, const import_cell *cell,
                                    study_measurement *m, stroma_error *err)
{
    study *s = src->s;
    const bool indexed = m->visit != STUDY_NONE || m->study_day == STUDY_DAY_UNKNOWN;
    const int32_t have = indexed ? study_find(s, m->subject, m->visit, m->param) : STUDY_NONE;
    if (have == STUDY_NONE) return study_add_measurement(s, m, NULL, err);
    study_measurement *old = &s->measurements.items[have];
    if (m->state == STROMA_MISSING) return STROMA_OK; /* a missing repeat says nothing new */
    if (old->state == STROMA_MISSING) { /* an empty cell does not stand before a value */
        m->next = old->next;
        *old = *m;
        study_note_censored(s, m);
        return STROMA_OK;
    }
    if (already_there(src, cell, m)) return STROMA_OK;
    if (cell->by_window && old->file == m->file) return keep_nearer(s, have, m, err);
    return study_add_measurement(s, m, NULL, err);
}

stroma_status import_cell_value(import_source *src, const import_cell *cell, stroma_error *err)
{
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
    return add_or_replace(src, cell, &m, err);
}
