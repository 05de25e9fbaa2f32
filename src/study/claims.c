/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sentences made by rule from results: headline, tiles, and what cannot be concluded. No free text
 * of a model, no judgement: each says which numbers it was made from. */
#include "claims.h"

#include "stroma/json.h"
#include "stroma/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

stroma_status claims_add(study *s, const char *kind, const char *title, const char *text,
                         const char *numbers, stroma_error *err)
{
    study_claim *c = STUDY_ADD(&s->claims, err);
    if (c == NULL || text == NULL || numbers == NULL) return stroma_no_memory(err);
    *c = (study_claim){ .kind = kind, .title = title, .text = text, .numbers = numbers };
    return STROMA_OK;
}

/* "54 %, 95 % CI 39–68" */
const char *claims_percent(study *s, const study_result *r)
{
    char a[STROMA_NUMBER_TEXT_MAX], b[STROMA_NUMBER_TEXT_MAX], c[STROMA_NUMBER_TEXT_MAX],
        level[STROMA_NUMBER_TEXT_MAX];
    return stroma_arena_printf(&s->arena, "%s %%, %s %% CI %s\xE2\x80\x93%s",
                               stroma_format_fixed(100 * r->stat.estimate, 0, a),
                               stroma_format_fixed(100 * r->stat.level, 0, level),
                               stroma_format_fixed(100 * r->stat.lower, 0, b),
                               stroma_format_fixed(100 * r->stat.upper, 0, c));
}

/* events of a proportion: the estimate times n, a whole number by construction */
size_t claims_events(const study_result *r)
{
    return (size_t)(r->stat.estimate * (double)r->stat.n_used + 0.5);
}

bool claims_is_rate(const study_result *r)
{
    return strcmp(r->stat.method, "proportion") == 0 && r->param != STUDY_NONE &&
           !r->stat.not_estimable;
}

static const char *result_numbers(study *s, const study_result *r)
{
    stroma_buffer b;
    stroma_buffer_init(&b, 4096);
    stroma_json j;
    stroma_json_init(&j, &b, 0);
    stroma_json_begin_object(&j);
    stroma_json_put_int(&j, "result_id", (int64_t)(r - s->results.items));
    stroma_json_put_number(&j, "estimate", r->stat.estimate);
    stroma_json_put_number(&j, "lower", r->stat.lower);
    stroma_json_put_number(&j, "upper", r->stat.upper);
    stroma_json_put_int(&j, "n", (int64_t)r->stat.n_used);
    stroma_json_end_object(&j);
    const char *text =
        stroma_buffer_status(&b, NULL) == STROMA_OK ? stroma_arena_strdup(&s->arena, b.data) : NULL;
    stroma_buffer_clear(&b);
    return text;
}

const char *claims_group_label(const study *s, const study_result *r)
{
    return s->groupings.items[r->grouping].groups[r->group_a].label;
}

/* "At week 12, " of "Week 12"; other labels keep their capital. */
static const char *when_text(study *s, int32_t visit)
{
    if (visit == STUDY_NONE) return "";
    char *label = stroma_arena_strdup(&s->arena, s->visits.items[visit].label);
    if (label == NULL) return "";
    static const char *const words[] = { "Week ", "Month ", "Day ", "Visit ", "Year " };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strncmp(label, words[i], strlen(words[i])) == 0)
            label[0] = (char)(label[0] - 'A' + 'a');
    const char *text = stroma_arena_printf(&s->arena, "At %s, ", label);
    return text == NULL ? "" : text;
}

bool claims_is_response(const study *s, const study_result *r)
{
    return strcmp(s->params.items[r->param].category, "response") == 0;
}

/* "28 of 52 in MSC responded (54 %, 95 % CI 39–68)"; the verb stands once, for a response */
static const char *rate_text(study *s, const study_result *r, bool first)
{
    const bool everybody = r->grouping == 0; /* the grouping "all" */
    return stroma_arena_printf(&s->arena, "%zu of %zu%s%s%s (%s)", claims_events(r), r->stat.n_used,
                               everybody ? "" : " in ", everybody ? "" : claims_group_label(s, r),
                               first && claims_is_response(s, r) ? " responded" : "",
                               claims_percent(s, r));
}

/* A number in a sentence: with the minus sign of typesetters. */
static const char *in_prose(study *s, double x, int decimals)
{
    char text[STROMA_NUMBER_TEXT_MAX];
    (void)stroma_format_fixed(x, decimals, text);
    const char *out = text[0] == '-' ? stroma_arena_printf(&s->arena, "\xE2\x88\x92%s", text + 1)
                                     : stroma_arena_strdup(&s->arena, text);
    return out == NULL ? "?" : out;
}

static const char *difference_text(study *s, const study_result *rate)
{
    for (size_t i = 0; i < s->results.len; i++) {
        const study_result *r = &s->results.items[i];
        if (strcmp(r->stat.method, "risk_difference") != 0 || r->param != rate->param ||
            r->visit != rate->visit || r->stat.not_estimable)
            continue;
        return stroma_arena_printf(&s->arena, ", a difference of %s percentage points (%s to %s)",
                                   in_prose(s, 100 * r->stat.estimate, 0),
                                   in_prose(s, 100 * r->stat.lower, 0),
                                   in_prose(s, 100 * r->stat.upper, 0));
    }
    return "";
}

/* The first rate of the study file is the one it leads with; its other groups follow. */
static stroma_status trial_headline(study *s, const study_result *first, const char *markers,
                                    stroma_error *err)
{
    const char *lead = claims_is_response(s, first)
                           ? when_text(s, first->visit)
                           : stroma_arena_printf(&s->arena, "%s: ", first->label);
    const char *text =
        stroma_arena_printf(&s->arena, "%s%s", lead == NULL ? "" : lead, rate_text(s, first, true));
    size_t more = 0;
    for (size_t i = 0; i < s->results.len; i++) {
        const study_result *r = &s->results.items[i];
        if (r == first || !claims_is_rate(r) || strcmp(r->analysis_id, first->analysis_id) != 0 ||
            r->visit != first->visit || r->param != first->param)
            continue;
        more++;
        text = stroma_arena_printf(&s->arena, "%s, %s", text, rate_text(s, r, false));
    }
    text = stroma_arena_printf(
        &s->arena, "%s%s.%s%s%s", text, more == 1 ? difference_text(s, first) : "",
        markers[0] == '\0' ? "" : " ", markers, s->simulated ? " Simulated data." : "");
    return claims_add(s, "headline", "", text, result_numbers(s, first), err);
}

/* A case: the primary parameter, first and last value. */
static stroma_status case_headline(study *s, stroma_error *err)
{
    if (s->primary == STUDY_NONE) return STROMA_OK;
    const study_param *p = &s->params.items[s->primary];
    int32_t first = STUDY_NONE, last = STUDY_NONE;
    for (size_t v = 0; v < s->visits.len; v++) {
        if (isnan(study_value(s, 0, (int32_t)v, s->primary))) continue;
        if (first == STUDY_NONE) first = (int32_t)v;
        last = (int32_t)v;
    }
    if (first == STUDY_NONE || first == last) return STROMA_OK;
    const double x = study_value(s, 0, first, s->primary), y = study_value(s, 0, last, s->primary);
    const char *text = stroma_arena_printf(
        &s->arena,
        "%s went from %s (%s) to %s (%s), a change of %s. One patient without a control: what "
        "caused "
        "the change cannot be told.",
        p->label, in_prose(s, x, p->decimals), s->visits.items[first].label,
        in_prose(s, y, p->decimals), s->visits.items[last].label, in_prose(s, y - x, p->decimals));
    return claims_add(s, "headline", "", text, "{}", err);
}

static stroma_status cohort_headline(study *s, stroma_error *err)
{
    const int32_t full = study_find_set(s, "full_analysis");
    size_t n = 0;
    for (size_t i = 0; i < s->subjects.len; i++)
        n += s->sets.items[full].included[i];
    return claims_add(s, "headline", "",
                      stroma_arena_printf(
                          &s->arena, "%zu subjects, %zu in the full analysis set; %zu result%s.%s",
                          s->subjects.len, n, s->results.len, s->results.len == 1 ? "" : "s",
                          s->simulated ? " Simulated data." : ""),
                      "{}", err);
}

/* A response rate leads, in a cohort with what was screened; without one, what was screened; then
 * any other rate. */
static stroma_status headline(study *s, stroma_error *err)
{
    const char *markers = claims_markers(s);
    if (markers == NULL) return stroma_no_memory(err);
    if (strcmp(s->layout, "case") == 0) return case_headline(s, err);
    for (size_t i = 0; i < s->results.len; i++) {
        const study_result *r = &s->results.items[i];
        if (!claims_is_rate(r)) continue;
        if (claims_is_response(s, r) || markers[0] == '\0')
            return trial_headline(s, r, strcmp(s->layout, "cohort") == 0 ? markers : "", err);
        break;
    }
    if (markers[0] == '\0') return cohort_headline(s, err);
    return claims_add(
        s, "headline", "",
        stroma_arena_printf(&s->arena, "%s%s", markers, s->simulated ? " Simulated data." : ""),
        "{}", err);
}

/* ---- what cannot be concluded ---- */

static stroma_status limits_of_design(study *s, stroma_error *err)
{
    static const char kind[] = "cannot_conclude";
    bool control = false;
    for (size_t a = 0; a < s->arms.len; a++)
        control = control || strcmp(s->arms.items[a].role, "control") == 0;
    if (s->simulated)
        STROMA_TRY(
            claims_add(s, kind, "Nothing about patients",
                       "The data are simulated: they show what the software does, not what a "
                       "treatment does.",
                       "{}", err));
    if (strcmp(s->layout, "case") == 0)
        STROMA_TRY(
            claims_add(s, kind, "No cause, no population",
                       "One patient, before and after, without randomised periods: the course may "
                       "be that of the disease, of other drugs, or of chance (audit A13, S0-50).",
                       "{}", err));
    else if (!control)
        STROMA_TRY(claims_add(
            s, kind, "No effect of a treatment",
            "There is no control arm: changes over time mix treatment, regression to the "
            "mean and the natural course.",
            "{}", err));
    if (strcmp(s->day0, "unknown") == 0)
        STROMA_TRY(
            claims_add(s, kind, "No exact timing",
                       "Day 0 is unknown: stages are in order, but intervals between them are not "
                       "known (S0-56).",
                       "{}", err));
    return STROMA_OK;
}

/* No responder at all among the controls of the leading response rate (audit A4). */
static stroma_status limits_of_control(study *s, stroma_error *err)
{
    const study_result *first = NULL;
    for (size_t i = 0; i < s->results.len; i++) {
        const study_result *r = &s->results.items[i];
        if (!claims_is_rate(r)) continue;
        if (first == NULL) first = r;
        if (strcmp(r->analysis_id, first->analysis_id) != 0 || r->param != first->param) continue;
        const char *role = s->groupings.items[r->grouping].groups[r->group_a].colour;
        if (strcmp(role, "control") != 0 || claims_events(r) > 0 || r->stat.n_used < 20) continue;
        char upper[STROMA_NUMBER_TEXT_MAX];
        STROMA_TRY(claims_add(
            s, "cannot_conclude", "How good the control arm was",
            stroma_arena_printf(&s->arena,
                                "No responder among %zu controls (upper bound %s %%) "
                                "is unusual for a placebo arm (audit A4): blinding and "
                                "assessment deserve a look.",
                                r->stat.n_used, stroma_format_fixed(100 * r->stat.upper, 1, upper)),
            "{}", err));
    }
    return STROMA_OK;
}

static stroma_status limits_of_results(study *s, stroma_error *err)
{
    size_t circular = 0;
    for (size_t i = 0; i < s->results.len; i++)
        circular += strcmp(s->results.items[i].state, "circular") == 0;
    STROMA_TRY(limits_of_control(s, err));
    if (circular == 0) return STROMA_OK;
    return claims_add(
        s, "cannot_conclude", "That responders differ in what made them responders",
        stroma_arena_printf(
            &s->arena,
            "%zu comparison%s between or within groups formed from what is "
            "compared, or from data of the same time, %s circular: described, not tested.",
            circular, circular == 1 ? "" : "s", circular == 1 ? "is" : "are"),
        "{}", err);
}

/* What a source states without showing it: the statement stands, and nothing is made of it. */
static stroma_status not_shown(study *s, stroma_error *err)
{
    const char **texts = NULL;
    const stroma_yaml_node *n = stroma_yaml_get(s->root, "data_availability");
    const size_t len = stroma_yaml_texts(stroma_yaml_get(n, "not_shown"), &s->arena, &texts);
    for (size_t i = 0; i < len; i++) {
        const char *colon = strstr(texts[i], ": ");
        const bool titled = colon != NULL && colon - texts[i] <= 80;
        const char *what =
            titled ? stroma_arena_strndup(&s->arena, texts[i], (size_t)(colon - texts[i]))
                   : "What the source does not show";
        if (what == NULL) return stroma_no_memory(err);
        STROMA_TRY(
            claims_add(s, "cannot_conclude", what,
                       stroma_arena_printf(
                           &s->arena,
                           "The source states, without showing the data: %s. No value of it is "
                           "in this study, so nothing here supports or contradicts it.",
                           titled ? colon + 2 : texts[i]),
                       "{}", err));
    }
    return STROMA_OK;
}

/* "That X holds: because …" has its title before the colon. */
static stroma_status declared_limits(study *s, stroma_error *err)
{
    const char **texts = NULL;
    const size_t n =
        stroma_yaml_texts(stroma_yaml_get(s->root, "cannot_conclude"), &s->arena, &texts);
    for (size_t i = 0; i < n; i++) {
        const char *colon = strstr(texts[i], ": ");
        const bool titled = colon != NULL && colon - texts[i] <= 80;
        const char *title =
            titled ? stroma_arena_strndup(&s->arena, texts[i], (size_t)(colon - texts[i]))
                   : "As declared in the study file";
        if (title == NULL) return stroma_no_memory(err);
        STROMA_TRY(
            claims_add(s, "cannot_conclude", title, titled ? colon + 2 : texts[i], "{}", err));
    }
    return STROMA_OK;
}

stroma_status study_make_claims(study *s, stroma_error *err)
{
    STROMA_TRY(headline(s, err));
    STROMA_TRY(claims_add_tiles(s, err));
    STROMA_TRY(limits_of_design(s, err));
    STROMA_TRY(limits_of_results(s, err));
    STROMA_TRY(not_shown(s, err));
    return declared_limits(s, err);
}
