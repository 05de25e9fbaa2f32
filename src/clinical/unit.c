/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spellings of units, and the conversions that are declared. Everything else is refused. */
#include "parameter_impl.h"
#include "score_impl.h"

#include "stroma/buffer.h"

#include <string.h>

/* Canonical spelling first, then what else is read as it, blank between. Micro is U+00B5 (C2 B5)
 * or the Greek letter U+03BC (CE BC). */
#define MICRO_SIGN "\xC2\xB5"
#define MICRO_MU   "\xCE\xBC"
static const struct {
    const char *unit, *also;
} units[] = {
    { "mg/L", "mg/l ug/mL ug/ml " MICRO_SIGN "g/mL " MICRO_MU "g/mL" },
    { "mg/dL", "mg/dl mg% mg/100mL" },
    { "ug/L",
      "ug/l ng/mL ng/ml " MICRO_SIGN "g/L " MICRO_MU "g/L " MICRO_SIGN "g/l " MICRO_MU "g/l" },
    { "pg/mL", "pg/ml ng/L ng/l" },
    { "g/L", "g/l mg/mL mg/ml" },
    { "g/dL", "g/dl g% g/100mL" },
    { "mmol/L", "mmol/l mM" },
    { "umol/L", "umol/l uM mcmol/L " MICRO_SIGN "mol/L " MICRO_MU "mol/L " MICRO_SIGN
                "mol/l " MICRO_MU "mol/l " MICRO_SIGN "M " MICRO_MU "M" },
    { "mg/kg", "ug/g " MICRO_SIGN "g/g " MICRO_MU "g/g mcg/g" },
    { "mm/h", "mm/hr mm/1h mm/hour mm/H" },
    { "mm", "0-100" },
    { "cm", "0-10" },
    { "m", "" },
    { "%", "pct percent" },
    { "fraction", "frac L/L l/l 1" },
    { "10^9/L", "10^9/l 10*9/L 10e9/L x10^9/L G/L 10^3/uL 10*3/uL 10^3/" MICRO_SIGN
                "L 10^3/" MICRO_MU "L K/uL /nL" },
    { "cells/uL", "/uL cells/" MICRO_SIGN "L cells/" MICRO_MU "L /" MICRO_SIGN "L /" MICRO_MU
                  "L cells/mm3 /mm3" },
    { "fL", "fl" },
    { "U/mL", "U/ml kU/L kU/l" },
    { "IU/mL", "IU/ml kIU/L kIU/l" },
    { "kg", "" },
    { "g", "" },
    { "lb", "lbs" },
    { "in", "inch inches" },
    { "degC", "C \xC2\xB0"
              "C" },
    { "degF", "F \xC2\xB0"
              "F" },
    { "mg/day", "mg/d" },
    { "mL/day", "mL/d ml/day ml/d" },
    { "cells/kg", "" },
    { "10^6/kg", "10^6 cells/kg 1e6/kg 10*6/kg" },
    { "cells", "" },
    { "joints", "" },
    { "stools", "" },
    { "stools/day", "stools/d" },
    { "years", "year y yr" },
    { "months", "month mo" },
    { "weeks", "week wk" },
    { "days", "day d" },
    { "mmHg", "mm[Hg]" },
    { "1/min", "/min bpm" },
};

/* x[to] = x[from] * multiply / divide. A param of NULL holds for any substance. */
static const struct {
    const char *param; /* prefix of parameter ids: the molar mass is the substance's */
    const char *from, *to;
    double multiply, divide;
} rules[] = {
    { NULL, "mg/dL", "mg/L", 10, 1 },
    { NULL, "g/dL", "g/L", 10, 1 },
    { NULL, "g/dL", "mg/dL", 1000, 1 },
    { NULL, "g/L", "mg/dL", 100, 1 },
    { NULL, "g/L", "mg/L", 1000, 1 },
    { NULL, "mg/L", "ug/L", 1000, 1 },
    { NULL, "ug/L", "pg/mL", 1000, 1 },
    { NULL, "mmol/L", "umol/L", 1000, 1 },
    { NULL, "cm", "mm", 10, 1 },
    { NULL, "m", "cm", 100, 1 },
    { NULL, "m", "mm", 1000, 1 },
    { NULL, "in", "cm", 2.54, 1 },
    { NULL, "fraction", "%", 100, 1 },
    { NULL, "10^9/L", "cells/uL", 1000, 1 },
    { NULL, "kg", "g", 1000, 1 },
    { NULL, "lb", "kg", 0.45359237, 1 },
    { NULL, "10^6/kg", "cells/kg", 1e6, 1 },
    { NULL, "years", "months", 12, 1 },
    { NULL, "weeks", "days", 7, 1 },
    { "bilirubin", "mg/dL", "umol/L", 17.1, 1 },
    { "creatinine", "mg/dL", "umol/L", 88.4, 1 },
    { "glucose", "mmol/L", "mg/dL", 18.016, 1 },
    { "cholesterol", "mmol/L", "mg/dL", 38.67, 1 },
    { "triglycerides", "mmol/L", "mg/dL", 88.57, 1 },
    { "urea", "mmol/L", "mg/dL", 6.006, 1 }, /* urea itself, not urea nitrogen */
};

static bool spelled(const char *also, const char *unit)
{
    const size_t n = strlen(unit);
    for (const char *p = also; *p != '\0';) {
        const size_t word = strcspn(p, " ");
        if (word == n && strncmp(p, unit, n) == 0) return true;
        p += word + (p[word] == ' ');
    }
    return false;
}

const char *stroma_unit_canonical(const char *unit)
{
    if (unit == NULL || *unit == '\0') return NULL;
    for (size_t i = 0; i < SCORE_COUNT_OF(units); i++)
        if (strcmp(units[i].unit, unit) == 0) return units[i].unit;
    for (size_t i = 0; i < SCORE_COUNT_OF(units); i++)
        if (spelled(units[i].also, unit)) return units[i].unit;
    return NULL;
}

static bool applies(size_t rule, const char *param)
{
    return rules[rule].param == NULL ||
           (param != NULL && strncmp(param, rules[rule].param, strlen(rules[rule].param)) == 0);
}

/* "mg/L, g/dL": what can be converted to the unit for this parameter. */
static void hint_known(const char *param, const char *to, stroma_error *err)
{
    stroma_buffer list;
    stroma_buffer_init(&list, STROMA_ERROR_TEXT_MAX);
    for (size_t i = 0; i < SCORE_COUNT_OF(rules); i++) {
        if (!applies(i, param)) continue;
        const char *other = NULL;
        if (strcmp(rules[i].to, to) == 0) other = rules[i].from;
        if (strcmp(rules[i].from, to) == 0) other = rules[i].to;
        if (other != NULL) stroma_buffer_printf(&list, "%s%s", list.len > 0 ? ", " : "", other);
    }
    if (list.len > 0 && list.status == STROMA_OK)
        stroma_hint(err, "known from and to %s: %s", to, list.data);
    else
        stroma_hint(err, "no conversion from or to %s is declared", to);
    stroma_buffer_clear(&list);
}

static stroma_status canonical(const char *unit, const char **out, stroma_error *err)
{
    *out = stroma_unit_canonical(unit);
    if (*out != NULL) return STROMA_OK;
    const stroma_status s =
        stroma_fail(err, STROMA_E_USAGE, "unknown unit \"%.40s\"", unit == NULL ? "" : unit);
    score_nearest best = { .len = 0 };
    for (size_t i = 0; unit != NULL && i < SCORE_COUNT_OF(units); i++)
        stroma_score_nearest_offer(&best, unit, units[i].unit);
    stroma_score_nearest_hint(&best, "write it as mg/L, mg/dL, pg/mL, mm/h, %, 10^9/L, umol/L",
                              err);
    return s;
}

stroma_status stroma_unit_find(const char *param, const char *from, const char *to,
                               stroma_unit_rule *out, stroma_error *err)
{
    const char *a = NULL, *b = NULL;
    *out = (stroma_unit_rule){ 1, 1 };
    STROMA_TRY(canonical(from, &a, err));
    STROMA_TRY(canonical(to, &b, err));
    if (strcmp(a, b) == 0) return STROMA_OK;
    for (size_t i = 0; i < SCORE_COUNT_OF(rules); i++) {
        if (!applies(i, param)) continue;
        if (strcmp(rules[i].from, a) == 0 && strcmp(rules[i].to, b) == 0) {
            *out = (stroma_unit_rule){ rules[i].multiply, rules[i].divide };
            return STROMA_OK;
        }
        if (strcmp(rules[i].from, b) == 0 && strcmp(rules[i].to, a) == 0) {
            *out = (stroma_unit_rule){ rules[i].divide, rules[i].multiply };
            return STROMA_OK;
        }
    }
    const stroma_status s =
        param == NULL
            ? stroma_fail(err, STROMA_E_USAGE, "no conversion from %s to %s is declared", a, b)
            : stroma_fail(err, STROMA_E_USAGE, "no conversion of %s from %s to %s is declared",
                          param, a, b);
    hint_known(param, b, err);
    return s;
}

stroma_status stroma_unit_convert(const char *param, const char *from, const char *to, double x,
                                  double *out, stroma_error *err)
{
    stroma_unit_rule rule;
    STROMA_TRY(stroma_unit_find(param, from, to, &rule, err));
    *out = x * rule.multiply / rule.divide;
    return STROMA_OK;
}
