/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values: ranges, units, doses. */
#include "check.h"

#include "stroma/number.h"
#include "stroma/sort.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The import has excluded and reported impossible values; here they are counted. */
size_t check_possible_ranges(study *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->measurements.len; i++) {
        const study_measurement *m = &s->measurements.items[i];
        const study_param *p = &s->params.items[m->param];
        n += m->derivation == STUDY_NONE && (!isnan(p->range_low) || !isnan(p->range_high)) &&
             (m->state == STROMA_PRESENT || m->state == STROMA_EXCLUDED);
    }
    return n;
}

typedef struct range_count {
    size_t n, low, high;
} range_count;

/* One note a parameter: single values carry their flag in the tables. */
size_t check_reference_ranges(study *s)
{
    range_count *counts = stroma_alloc_array(s->params.len, sizeof *counts);
    size_t all = 0;
    if (counts == NULL) s->out_of_memory = true;
    for (size_t i = 0; counts != NULL && i < s->measurements.len; i++) {
        const study_measurement *m = &s->measurements.items[i];
        range_count *c = &counts[m->param];
        if (m->state != STROMA_PRESENT || m->derivation != STUDY_NONE) continue;
        if (isnan(m->ref_low) && isnan(m->ref_high)) continue;
        c->n++;
        c->low += m->value < m->ref_low;
        c->high += m->value > m->ref_high;
    }
    for (size_t p = 0; counts != NULL && p < s->params.len; p++) {
        const range_count *c = &counts[p];
        all += c->n;
        if (c->low + c->high == 0) continue;
        char message[160];
        (void)snprintf(message, sizeof message,
                       "of %zu value%s, %zu below and %zu above the reference range", c->n,
                       c->n == 1 ? "" : "s", c->low, c->high);
        study_finding(
            s, &(stroma_finding){
                   .code = "STROMA-VALUE-001",
                   .severity = STROMA_NOTE,
                   .param = s->params.items[p].id,
                   .message = message,
                   .rule = "values against the reference range of the laboratory",
                   .action = "see the shift table; ranges differ by laboratory, sex and date" });
    }
    stroma_free(counts);
    return all;
}

size_t check_whole_counts(study *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->measurements.len; i++) {
        const study_measurement *m = &s->measurements.items[i];
        if (m->derivation != STUDY_NONE || m->state != STROMA_PRESENT ||
            strcmp(s->params.items[m->param].category, "joint") != 0)
            continue;
        n++;
        if (m->value != floor(m->value))
            check_finding(s, m, "STROMA-VALUE-002", STROMA_ERROR,
                          "a joint count is not a whole number", "counts are whole numbers",
                          "correct the count", NULL);
    }
    return n;
}

/* ---- units ---- */

static size_t values_of(const study *s, int32_t param, double *x)
{
    size_t n = 0;
    for (size_t i = 0; i < s->measurements.len; i++) {
        const study_measurement *m = &s->measurements.items[i];
        if (m->param == param && m->derivation == STUDY_NONE &&
            (m->state == STROMA_PRESENT ||
             m->state == STROMA_EXCLUDED)) /* a slip may be impossible */
            x[n++] = m->value;
    }
    stroma_sort_doubles(x, n);
    return n;
}

/* Columns whose every value is too small for the unit by a known factor. */
static const struct {
    const char *param, *unit, *other;
    double largest; /* all values at or below: another unit */
    const char *message;
} slips[] = {
    { "gh_0_100", "mm", "cm", 10, "no value of global health exceeds 10: cm instead of mm?" },
    { "hct_pct", "%", "fraction", 1, "no haematocrit exceeds 1: a fraction instead of %?" },
};

static double median_of(const study *s, const char *id, double *x)
{
    const int32_t p = study_find_param(s, id);
    const size_t n = p == STUDY_NONE ? 0 : values_of(s, p, x);
    return n < 10 ? STUDY_NAN : x[n / 2];
}

static void slip(study *s, const char *id, const char *message, const char *action)
{
    study_finding(s, &(stroma_finding){ .code = "STROMA-UNIT-001",
                                        .severity = STROMA_ERROR,
                                        .param = id,
                                        .message = message,
                                        .rule = "the whole column fits its declared unit",
                                        .action = action });
}

size_t check_unit_of_parameter(study *s)
{
    double *x = stroma_alloc_array(s->measurements.len + 1, sizeof *x);
    size_t looked_at = 0;
    if (x == NULL) s->out_of_memory = true;
    for (size_t k = 0; x != NULL && k < sizeof slips / sizeof slips[0]; k++) {
        const int32_t p = study_find_param(s, slips[k].param);
        const size_t n = p == STUDY_NONE ? 0 : values_of(s, p, x);
        looked_at += n;
        if (n >= 3 && x[n - 1] <= slips[k].largest && x[n - 1] > 0)
            slip(s, slips[k].param, slips[k].message,
                 "say unit: in the study file, with the unit of the file");
    }
    if (x != NULL) {
        const double crp = median_of(s, "crp_mg_L", x), esr = median_of(s, "esr_mm_h", x);
        looked_at += !isnan(crp);
        /* active disease by ESR, and CRP nearly all normal: the usual sign of mg/dL read as mg/L */
        if (crp < 2.5 && esr > 28)
            slip(s, "crp_mg_L",
                 "median CRP is normal while median ESR is raised: mg/dL instead of mg/L?",
                 "say unit: mg/dL in the study file if so");
    }
    stroma_free(x);
    return looked_at;
}

static bool about(double x, double y)
{
    return x > 0 && y > 0 && fabs(log(x / y)) < log(1.6);
}

/* A value that would fit both its neighbours if multiplied or divided by 10 (or 100): a slip of the
 * decimal mark or of the unit at one visit. */
static double factor_against_neighbours(double before, double x, double after)
{
    static const double factors[] = { 10, 0.1, 100, 0.01 };
    if (about(x, before) || about(x, after)) return 1;
    for (size_t k = 0; k < 4; k++)
        if (about(x * factors[k], before) && about(x * factors[k], after)) return factors[k];
    return 1;
}

static bool tenfold_suspect(const study_param *p)
{
    return p->kind == PARAM_NUMBER && p->from_file &&
           (strcmp(p->category, "acute_phase") == 0 || strcmp(p->category, "global") == 0 ||
            strcmp(p->category, "lab") == 0);
}

static size_t scan_subject(study *s, int32_t subject, int32_t param)
{
    size_t n = 0;
    for (size_t v = 1; v + 1 < s->visits.len; v++) {
        const double x = study_value(s, subject, (int32_t)v, param);
        double before = NAN, after = NAN;
        for (size_t k = v; k-- > 0 && isnan(before);)
            before = study_value(s, subject, (int32_t)k, param);
        for (size_t k = v + 1; k < s->visits.len && isnan(after); k++)
            after = study_value(s, subject, (int32_t)k, param);
        if (isnan(x) || isnan(before) || isnan(after)) continue;
        n++;
        const double factor = factor_against_neighbours(before, x, after);
        if (factor == 1) continue;
        char a[STROMA_NUMBER_TEXT_MAX], b[STROMA_NUMBER_TEXT_MAX], c[STROMA_NUMBER_TEXT_MAX];
        check_finding(s, &s->measurements.items[study_find(s, subject, (int32_t)v, param)],
                      "STROMA-UNIT-002", STROMA_WARNING,
                      stroma_arena_printf(
                          &s->arena, "between %s and %s at its neighbours; \xC3\x97 %s would fit",
                          stroma_format_significant(before, 3, a),
                          stroma_format_significant(after, 3, b), stroma_format_double(factor, c)),
                      "a value fits the visits before and after it",
                      "check unit and decimal mark at the source; the value is used as it stands",
                      NULL);
    }
    return n;
}

size_t check_unit_of_value(study *s)
{
    size_t n = 0;
    for (size_t p = 0; p < s->params.len; p++) {
        if (!tenfold_suspect(&s->params.items[p])) continue;
        for (size_t u = 0; u < s->subjects.len; u++)
            n += scan_subject(s, (int32_t)u, (int32_t)p);
    }
    return n;
}

/* ---- doses ---- */

static void dose_range(const study *s, double *low, double *high)
{
    const stroma_yaml_node *r =
        stroma_yaml_get(stroma_yaml_get(s->root, "checks"), "dose_cells_per_kg");
    *low = 1e4;
    *high = 1e8;
    if (r == NULL || r->len != 2) return;
    (void)stroma_parse_double(r->items[0]->text, strlen(r->items[0]->text), '.', low);
    (void)stroma_parse_double(r->items[1]->text, strlen(r->items[1]->text), '.', high);
}

static const char *dose_message(study *s, double dose)
{
    char a[STROMA_NUMBER_TEXT_MAX];
    return stroma_arena_printf(
        &s->arena, "%s cells/kg is no cell dose: a superscript may be lost (10^6 read as 106)",
        stroma_format_double(dose, a));
}

size_t check_cell_doses(study *s)
{
    double low = 0, high = 0;
    size_t n = 0;
    dose_range(s, &low, &high);
    for (size_t i = 0; i < s->measurements.len; i++) {
        const study_measurement *m = &s->measurements.items[i];
        const char *unit = s->params.items[m->param].unit;
        if (strstr(unit, "cells/kg") == NULL || isnan(m->value) || m->derivation != STUDY_NONE)
            continue;
        n++;
        if (m->value < low || m->value > high)
            check_finding(s, m, "STROMA-DOSE-001", STROMA_ERROR, dose_message(s, m->value),
                          "cell doses lie between 1e4 and 1e8 per kg", "write the dose as 1e6",
                          "A17");
    }
    for (size_t i = 0; i < s->therapies.len; i++) {
        const study_therapy *t = &s->therapies.items[i];
        if (t->dose_unit == NULL || strstr(t->dose_unit, "cells/kg") == NULL || isnan(t->dose))
            continue;
        n++;
        if (t->dose >= low && t->dose <= high) continue;
        study_finding(s, &(stroma_finding){ .code = "STROMA-DOSE-001",
                                            .severity = STROMA_ERROR,
                                            .file = s->files.items[t->file].path,
                                            .line = t->row,
                                            .subject = s->subjects.items[t->subject].id,
                                            .value = t->drug,
                                            .message = dose_message(s, t->dose),
                                            .rule = "cell doses lie between 1e4 and 1e8 per kg",
                                            .action = "write the dose as 1e6",
                                            .audit = "A17" });
    }
    return n;
}
