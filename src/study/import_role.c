/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cells that say something of their subject: arm, day 0, disposition. Read before any measurement,
 * so that a date can become a study day wherever day 0 stands. */
#include "import.h"

#include "stroma/date.h"
#include "stroma/number.h"

#include <math.h>
#include <string.h>

bool import_parse_flag(const char *text, double *value)
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

/* Each keeps the first value given; @return false when a later one differs. */
static bool keep_int(int32_t *field, int32_t unknown, int32_t x)
{
    if (*field == unknown) *field = x;
    return *field == x;
}

static bool keep_text(const char **field, const char *x)
{
    if (*field == NULL) *field = x;
    return strcmp(*field, x) == 0;
}

static bool keep_flag(study_subject *who, unsigned bit, bool *field, bool x)
{
    if ((who->flags_given & bit) == 0) *field = x;
    who->flags_given |= bit;
    return *field == x;
}

static void arm_value(import_source *src, const import_cell *cell, study_subject *who,
                      const char *text)
{
    const study *s = src->s;
    int32_t arm = study_find_arm(s, text);
    for (size_t i = 0; arm == STUDY_NONE && i < s->arms.len; i++)
        if (strcmp(s->arms.items[i].label, text) == 0) arm = (int32_t)i;
    if (arm == STUDY_NONE)
        import_finding(src, cell, "STROMA-DATA-005", STROMA_ERROR, true,
                       "the study file has no such arm", "declare the arm, or map it by map");
    else if (!keep_int(&who->arm, STUDY_NONE, arm))
        import_finding(src, cell, "STROMA-DATA-006", STROMA_ERROR, true,
                       "the subject has another arm elsewhere", "give each subject one arm");
}

static bool date_value(import_source *src, const import_cell *cell, int32_t *field, bool *same)
{
    stroma_date d;
    if (!stroma_date_parse(cell->raw, strlen(cell->raw), &d)) {
        import_finding(src, cell, "STROMA-DATA-015", STROMA_ERROR, true, "not a date",
                       "write dates as 2024-03-31");
        return false;
    }
    *same = keep_int(field, INT32_MIN, d.days);
    return true;
}

static bool day_value(import_source *src, const import_cell *cell, const char *text, int32_t *field,
                      bool *same)
{
    double x = NAN;
    const int32_t day = stroma_parse_double(text, strlen(text), src->decimal, &x)
                            ? import_study_day(src, x)
                            : STUDY_DAY_UNKNOWN;
    if (day == STUDY_DAY_UNKNOWN) {
        import_finding(src, cell, "STROMA-DATA-011", STROMA_ERROR, true, "not a study day",
                       "give a whole number of days since day 0");
        return false;
    }
    *same = keep_int(field, STUDY_DAY_UNKNOWN, day);
    return true;
}

static bool flag_value(import_source *src, const import_cell *cell, study_subject *who,
                       const char *text, bool *same)
{
    const char *role = cell->column->role;
    double x = NAN;
    if (!import_parse_flag(text, &x)) {
        import_finding(src, cell, "STROMA-DATA-007", STROMA_ERROR, true, "not a yes or no",
                       "write 1/0, yes/no or true/false, or map the values");
        return false;
    }
    *same = strcmp(role, "treated") == 0      ? keep_flag(who, 1U, &who->treated, x > 0)
            : strcmp(role, "randomised") == 0 ? keep_flag(who, 2U, &who->randomised, x > 0)
                                              : keep_flag(who, 4U, &who->protocol_deviation, x > 0);
    return true;
}

void import_role_value(import_source *src, const import_cell *cell)
{
    study_subject *who = &src->s->subjects.items[cell->subject];
    const char *role = cell->column->role;
    if (cell->raw == NULL) return;
    const char *text = import_mapped(cell->column->map, cell->raw);
    bool same = true;
    if (strcmp(role, "arm") == 0)
        arm_value(src, cell, who, text);
    else if (strcmp(role, "day0_date") == 0)
        (void)date_value(src, cell, &who->day0_days, &same);
    else if (strcmp(role, "disposition_date") == 0)
        (void)date_value(src, cell, &who->disposition_date_days, &same);
    else if (strcmp(role, "disposition") == 0)
        same = keep_text(&who->disposition, text);
    else if (strcmp(role, "disposition_reason") == 0)
        same = keep_text(&who->disposition_reason, text);
    else if (strcmp(role, "disposition_day") == 0)
        (void)day_value(src, cell, text, &who->disposition_day, &same);
    else
        (void)flag_value(src, cell, who, text, &same);
    if (!same)
        import_finding(src, cell, "STROMA-DATA-012", STROMA_WARNING, false,
                       "differs from an earlier row of the same subject",
                       "a value of the subject must be the same in all rows; the first is used");
}
