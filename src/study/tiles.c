/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tiles of the first screen: one number large, what it is beneath it. */
#include "analysis.h"
#include "claims.h"

#include "stroma/json.h"
#include "stroma/number.h"

#include <math.h>
#include <string.h>

/* @p result: what it can be traced to, or NULL */
static stroma_status add_tile(study *s, const char *title, const char *value, const char *text,
                              const study_result *result, stroma_error *err)
{
    if (value == NULL || text == NULL) return stroma_no_memory(err);
    stroma_buffer b;
    stroma_buffer_init(&b, 8192);
    stroma_json j;
    stroma_json_init(&j, &b, 0);
    stroma_json_begin_object(&j);
    stroma_json_put_string(&j, "value", value);
    if (result != NULL) {
        stroma_json_key(&j, "trace");
        stroma_json_string(&j, stroma_arena_printf(&s->arena, "r%zd", result - s->results.items));
    }
    stroma_json_end_object(&j);
    stroma_status st = stroma_buffer_status(&b, err);
    if (st == STROMA_OK)
        st = claims_add(s, "tile", title, text, stroma_arena_strdup(&s->arena, b.data), err);
    stroma_buffer_clear(&b);
    return st;
}

static const char *count_text(study *s, size_t n)
{
    return stroma_arena_printf(&s->arena, "%zu", n);
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static stroma_status tile_subjects(study *s, stroma_error *err)
{
    const int32_t full = study_find_set(s, "full_analysis");
    size_t n = 0;
    for (size_t i = 0; i < s->subjects.len; i++)
        n += s->sets.items[full].included[i];
    return add_tile(s, "Subjects", count_text(s, s->subjects.len),
                    stroma_arena_printf(&s->arena, "enrolled, %zu in the full analysis set", n),
                    NULL, err);
}

/* The leading rate: the first group large, the others beneath. */
static stroma_status tile_rates(study *s, stroma_error *err)
{
    const study_result *first = NULL;
    const char *text = "";
    for (size_t i = 0; i < s->results.len; i++) {
        const study_result *r = &s->results.items[i];
        if (!claims_is_rate(r)) continue;
        if (first == NULL) {
            first = r;
            text = stroma_arena_printf(&s->arena, "in %s (%s)", claims_group_label(s, r),
                                       claims_percent(s, r));
        } else if (strcmp(first->analysis_id, r->analysis_id) == 0 && r->visit == first->visit &&
                   r->param == first->param) {
            text = stroma_arena_printf(&s->arena, "%s; %zu/%zu in %s", text, claims_events(r),
                                       r->stat.n_used, claims_group_label(s, r));
        }
    }
    if (first == NULL) return STROMA_OK;
    return add_tile(
        s, claims_is_response(s, first) ? "Response" : first->label,
        stroma_arena_printf(&s->arena, "%zu/%zu", claims_events(first), first->stat.n_used), text,
        first, err);
}

static stroma_status tile_safety(study *s, stroma_error *err)
{
    const study_result *first = NULL;
    size_t events = 0, n = 0;
    const char *text = "";
    for (size_t i = 0; i < s->results.len; i++) {
        const study_result *r = &s->results.items[i];
        if (strcmp(r->label, ANALYSIS_ANY_SERIOUS) != 0 || r->stat.not_estimable) continue;
        if (first == NULL) first = r;
        if (strcmp(first->analysis_id, r->analysis_id) != 0) continue;
        events += claims_events(r);
        n += r->stat.n_used;
        char upper[STROMA_NUMBER_TEXT_MAX];
        text = stroma_arena_printf(&s->arena, "%s%s%s up to %s %%", text,
                                   text[0] == '\0' ? "" : ", ", claims_group_label(s, r),
                                   stroma_format_fixed(100 * r->stat.upper, 1, upper));
    }
    if (first == NULL) return STROMA_OK;
    return add_tile(
        s, "Serious adverse events", stroma_arena_printf(&s->arena, "%zu/%zu", events, n),
        stroma_arena_printf(&s->arena, "subjects; exact upper bounds: %s", text), first, err);
}

static stroma_status tile_completeness(study *s, stroma_error *err)
{
    size_t present = 0, all = 0;
    for (size_t i = 0; i < s->measurements.len; i++) {
        const study_measurement *m = &s->measurements.items[i];
        if (m->derivation != STUDY_NONE) continue;
        all++;
        present += m->state == STROMA_PRESENT || m->state == STROMA_BELOW_LIMIT ||
                   m->state == STROMA_ABOVE_LIMIT;
    }
    if (all == 0) return STROMA_OK;
    char share[STROMA_NUMBER_TEXT_MAX];
    return add_tile(
        s, "Data",
        stroma_arena_printf(&s->arena, "%s %%",
                            stroma_format_fixed(100.0 * (double)present / (double)all, 1, share)),
        stroma_arena_printf(&s->arena, "of %zu recorded cells have a value", all), NULL, err);
}

static stroma_status tile_findings(study *s, stroma_error *err)
{
    const size_t errors = stroma_diag_count(&s->findings, STROMA_ERROR);
    const size_t warnings = stroma_diag_count(&s->findings, STROMA_WARNING) - errors;
    const size_t notes = s->findings.len - errors - warnings;
    const char *text =
        stroma_arena_printf(&s->arena, "error%s; %zu warning%s, %zu note%s", plural(errors),
                            warnings, plural(warnings), notes, plural(notes));
    return add_tile(s, "Findings in the data", count_text(s, errors), text, NULL, err);
}

static stroma_status tile_tests(study *s, stroma_error *err)
{
    size_t tests = 0, small = 0, circular = 0;
    for (size_t i = 0; i < s->results.len; i++) {
        const study_result *r = &s->results.items[i];
        tests += !isnan(r->stat.p);
        small += r->p_adjusted < 0.05;
        circular += strcmp(r->state, "circular") == 0;
    }
    return add_tile(s, "Tests", count_text(s, tests),
                    stroma_arena_printf(&s->arena,
                                        "%zu with adjusted p < 0.05; %zu comparison%s circular, "
                                        "not tested",
                                        small, circular, plural(circular)),
                    NULL, err);
}

stroma_status claims_add_tiles(study *s, stroma_error *err)
{
    if (strcmp(s->layout, "case") != 0) STROMA_TRY(tile_subjects(s, err));
    STROMA_TRY(tile_rates(s, err));
    STROMA_TRY(tile_safety(s, err));
    STROMA_TRY(tile_completeness(s, err));
    STROMA_TRY(tile_findings(s, err));
    return s->results.len > 0 ? tile_tests(s, err) : STROMA_OK;
}
