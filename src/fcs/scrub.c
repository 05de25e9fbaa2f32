/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which keywords of a file go, and whether what stays still tells. */
#include "fcs_private.h"
#include "scrub_private.h"

#include "stroma/memory.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Removed texts shorter than this are found everywhere and say little. */
enum { TELLING_BYTES = 4, TELLING_MAX = 256, DATE_TEXT_MAX = 256 };

struct stroma_fcs_scrub {
    const stroma_fcs *f;
    const char *file;
    stroma_diag *diag;
    const stroma_fcs_scrub_options *options;
    stroma_arena texts;
    stroma_fcs_content *sets;
    size_t sets_len;
    stroma_fcs_scrubbed *log;
    size_t log_len, log_capacity;
    struct telling {
        const char *keyword, *value;
    } telling[TELLING_MAX];
    size_t telling_len;
};

static bool is_guid(const char *s)
{
    size_t digits = 0, n = strlen(s);
    if (n > 2 && s[0] == '{' && s[n - 1] == '}') {
        s++;
        n -= 2;
    }
    for (size_t i = 0; i < n; i++) {
        const char c = s[i];
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
            digits++;
        else if (c != '-')
            return false;
    }
    return digits == 32 && (n == 32 || n == 36);
}

/* A rule for what the value is, where the name says nothing. */
static const stroma_fcs_scrub_rule *rule_of_value(const stroma_fcs_keyword *k)
{
    static const stroma_fcs_scrub_rule guid = { "", STROMA_FCS_SCRUB_REMOVE,
                                                "number by which the original can be found" };
    static const stroma_fcs_scrub_rule document = { "", STROMA_FCS_SCRUB_REMOVE,
                                                    "vendor's document that may hold names" };
    if (k->name[0] == '$') return NULL;
    if (is_guid(k->value)) return &guid;
    return k->value[0] == '<' ? &document : NULL;
}

/* What describes the events. No rule and no option takes it. */
static bool is_needed(const char *name)
{
    return name[0] == '$' && stroma_fcs_is_layout_keyword(name, false);
}

/* "$P3V", "P3DISPLAY": of a parameter; the rules speak of the file. */
static bool is_of_parameter(const char *name)
{
    if (name[0] == '$' || name[0] == '#') name++;
    return (name[0] == 'P' || name[0] == 'p') && name[1] >= '0' && name[1] <= '9';
}

static bool listed(const char *const *list, size_t n, const char *name, const char *normal)
{
    char pattern[FCS_SCRUB_NAME_MAX];
    for (size_t i = 0; i < n; i++) {
        if (strcasecmp(list[i], name) == 0) return true;
        fcs_scrub_normal_name(list[i], pattern, sizeof pattern);
        if (fcs_scrub_matches(pattern, normal)) return true;
    }
    return false;
}

static const stroma_fcs_scrub_rule *rule_for(const stroma_fcs_scrub *s, const stroma_fcs_keyword *k,
                                             bool *kept)
{
    static const stroma_fcs_scrub_rule asked = { "", STROMA_FCS_SCRUB_REMOVE, "asked for" };
    static const stroma_fcs_scrub_rule unknown = {
        "", STROMA_FCS_SCRUB_REMOVE, "no rule names it: what it may hold is not known"
    };
    char normal[FCS_SCRUB_NAME_MAX];
    *kept = false;
    if (is_needed(k->name)) return NULL;
    fcs_scrub_normal_name(k->name, normal, sizeof normal);
    if (listed(s->options->also, s->options->also_len, k->name, normal)) return &asked;
    if (is_of_parameter(k->name)) return NULL;
    const stroma_fcs_scrub_rule *rule = fcs_scrub_rule_of(normal);
    if (rule == NULL || rule->kind == STROMA_FCS_SCRUB_KEEP) {
        const stroma_fcs_scrub_rule *by_value = rule_of_value(k);
        if (by_value == NULL && rule != NULL) return NULL;
        rule = by_value != NULL ? by_value : &unknown;
    }
    *kept = rule != NULL && listed(s->options->keep, s->options->keep_len, k->name, normal);
    return rule;
}

static stroma_status note(stroma_fcs_scrub *s, size_t dataset, const stroma_fcs_keyword *k,
                          const char *action, const char *why, stroma_error *err)
{
    STROMA_TRY(stroma_grow(&s->log, &s->log_capacity, s->log_len + 1, sizeof *s->log, err));
    s->log[s->log_len++] = (stroma_fcs_scrubbed){ .dataset = dataset,
                                                  .keyword = k->name,
                                                  .action = action,
                                                  .why = why,
                                                  .value_bytes = strlen(k->value) };
    return STROMA_OK;
}

/* Remember what was removed, to look for it in what stays. Numbers alone are not telling. */
static void remember(stroma_fcs_scrub *s, const stroma_fcs_keyword *k)
{
    if (strlen(k->value) < TELLING_BYTES || s->telling_len >= TELLING_MAX) return;
    if (k->value[strspn(k->value, "0123456789.,:/- ")] == '\0') return;
    for (size_t i = 0; i < s->telling_len; i++)
        if (strcasecmp(s->telling[i].value, k->value) == 0) return;
    s->telling[s->telling_len++] = (struct telling){ k->name, k->value };
}

static stroma_status scrub_keyword(stroma_fcs_scrub *s, size_t dataset, const stroma_fcs_keyword *k,
                                   stroma_fcs_pair *out, size_t *n, stroma_error *err)
{
    bool kept = false;
    const stroma_fcs_scrub_rule *rule = rule_for(s, k, &kept);
    const bool empty = k->value[0] == '\0';
    const char *value = k->value;
    if (rule != NULL && !empty) {
        char shifted[DATE_TEXT_MAX];
        const bool shift = s->options->shift_dates;
        if (kept) {
            STROMA_TRY(note(s, dataset, k, "kept", rule->why, err));
        } else if (shift && rule->kind == STROMA_FCS_SCRUB_TIME) {
            STROMA_TRY(note(s, dataset, k, "kept", rule->why, err));
        } else if (shift && rule->kind == STROMA_FCS_SCRUB_DATE &&
                   fcs_scrub_shift_date(k->value, s->options->shift_days, shifted,
                                        sizeof shifted)) {
            value = stroma_arena_strdup(&s->texts, shifted);
            if (value == NULL) return stroma_no_memory(err);
            STROMA_TRY(note(s, dataset, k, "shifted", rule->why, err));
        } else {
            remember(s, k);
            return note(s, dataset, k, "removed", rule->why, err);
        }
    }
    out[(*n)++] = (stroma_fcs_pair){ .name = k->name, .value = value };
    return STROMA_OK;
}

static uint64_t whole_events_bytes(const stroma_fcs_dataset *d)
{
    if (d->event_bits == 0) return d->data_bytes; /* delimited text */
    const uint64_t most =
        d->data_bytes / d->event_bits * 8 + 8; /* of events, beyond any there are */
    if (d->n_events > most) return d->data_bytes;
    const uint64_t bytes = (d->n_events * d->event_bits + 7) / 8;
    return bytes < d->data_bytes ? bytes : d->data_bytes;
}

static stroma_status put_number(stroma_fcs_scrub *s, const char *what, size_t j, double x,
                                stroma_fcs_pair *out, size_t *n, stroma_error *err)
{
    const char *name = stroma_arena_printf(&s->texts, "$P%zu%s", j + 1, what);
    const char *value = stroma_arena_printf(&s->texts, "%.0f", x);
    if (name == NULL || value == NULL) return stroma_no_memory(err);
    out[(*n)++] = (stroma_fcs_pair){ .name = name, .value = value };
    return STROMA_OK;
}

/* A keyword without a value is not written; a channel that no other keyword tells of would be lost.
 */
static stroma_status put_missing_name(stroma_fcs_scrub *s, const stroma_fcs_dataset *d, size_t j,
                                      stroma_fcs_pair *out, size_t *n, stroma_error *err)
{
    const char *name = stroma_arena_printf(&s->texts, "$P%zuN", j + 1);
    if (name == NULL) return stroma_no_memory(err);
    const char *text = stroma_fcs_text(d, name);
    if (text == NULL || text[0] == '\0')
        out[(*n)++] = (stroma_fcs_pair){ .name = name, .value = d->parameters[j].name };
    return STROMA_OK;
}

/* The number of channels and the widths as they were found in the events, where the keywords say
 * otherwise: the copy has nothing but them to go by. */
static stroma_status correct_layout(stroma_fcs_scrub *s, const stroma_fcs_dataset *d,
                                    stroma_fcs_pair *out, size_t *n, stroma_error *err)
{
    const char *par = stroma_fcs_text(d, "$PAR");
    const char *have = stroma_arena_printf(&s->texts, "%zu", d->parameters_len);
    if (have == NULL) return stroma_no_memory(err);
    if (par == NULL || strcmp(par, have) != 0)
        out[(*n)++] = (stroma_fcs_pair){ .name = "$PAR", .value = have };
    for (size_t j = 0; j < d->parameters_len; j++) {
        const stroma_fcs_parameter *p = &d->parameters[j];
        const unsigned width = d->data->fields[j].width;
        STROMA_TRY(put_missing_name(s, d, j, out, n, err));
        if (p->type != STROMA_FCS_INTEGER || p->bits == width) continue;
        /* the bits that count, where only the width says so; a logarithm needs its range */
        const double counted = (double)p->mask + 1;
        const bool width_counts = p->range <= 0 || p->range > counted;
        if (width_counts && p->log_decades > 0) continue;
        STROMA_TRY(put_number(s, "B", j, width, out, n, err));
        if (width_counts) STROMA_TRY(put_number(s, "R", j, counted, out, n, err));
    }
    return STROMA_OK;
}

static stroma_status scrub_dataset(stroma_fcs_scrub *s, size_t i, stroma_error *err)
{
    static const unsigned char nothing[1] = { 0 };
    const stroma_fcs_dataset *d = stroma_fcs_get(s->f, i);
    size_t size = 0, n = 0;
    const unsigned char *bytes = stroma_fcs_bytes(s->f, &size);
    const size_t most = d->keywords_len + 3 * d->parameters_len + 1;
    stroma_fcs_pair *pairs = stroma_arena_alloc(&s->texts, most, sizeof *pairs);
    if (pairs == NULL) return stroma_no_memory(err);
    STROMA_TRY(correct_layout(s, d, pairs, &n, err));
    for (size_t k = 0; k < d->keywords_len; k++)
        STROMA_TRY(scrub_keyword(s, i, &d->keywords[k], pairs, &n, err));
    const uint64_t data_bytes = d->n_events == 0 ? 0 : whole_events_bytes(d);
    STROMA_BUG_IF(d->data_begin > size || data_bytes > size - d->data_begin, err);
    s->sets[i] = (stroma_fcs_content){ .keywords = pairs,
                                       .keywords_len = n,
                                       .n_events = d->n_events,
                                       .raw = data_bytes == 0 ? nothing : bytes + d->data_begin,
                                       .raw_bytes = data_bytes,
                                       .raw_version = d->version };
    return STROMA_OK;
}

static const struct telling *telling_in(const stroma_fcs_scrub *s, const char *text)
{
    for (size_t i = 0; i < s->telling_len; i++)
        if (strcasestr(text, s->telling[i].value) != NULL) return &s->telling[i];
    return NULL;
}

static void look_again(const stroma_fcs_scrub *s)
{
    char message[STROMA_ERROR_TEXT_MAX];
    for (size_t i = 0; i < s->sets_len; i++)
        for (size_t k = 0; k < s->sets[i].keywords_len; k++) {
            const stroma_fcs_pair *p = &s->sets[i].keywords[k];
            const struct telling *t = telling_in(s, p->value);
            if (t == NULL) continue;
            (void)snprintf(message, sizeof message,
                           "keyword \"%.100s\" still holds what was removed with \"%.100s\"",
                           p->name, t->keyword);
            stroma_diag_add(s->diag, &(stroma_finding){ .code = "STROMA-FCS-105",
                                                        .severity = STROMA_WARNING,
                                                        .file = s->file,
                                                        .message = message,
                                                        .action = "remove it too with --also" });
        }
}

/* "$BEGINANALYSIS" of something, or the HEADER's OTHER segments: they stay behind. */
static void report_segments(const stroma_fcs_scrub *s)
{
    for (size_t i = 0; i < s->sets_len; i++) {
        const char *end = stroma_fcs_text(stroma_fcs_get(s->f, i), "$ENDANALYSIS");
        if (end == NULL || end[strspn(end, "0 ")] == '\0') continue;
        stroma_diag_add(s->diag,
                        &(stroma_finding){ .code = "STROMA-FCS-106",
                                           .severity = STROMA_NOTE,
                                           .file = s->file,
                                           .message = "the ANALYSIS segment is not carried over" });
    }
}

static stroma_status check_also(const stroma_fcs_scrub_options *o, stroma_error *err)
{
    for (size_t i = 0; i < o->also_len; i++)
        if (is_needed(o->also[i])) {
            const stroma_status s = stroma_fail(
                err, STROMA_E_USAGE, "keyword \"%s\" is needed to read the events", o->also[i]);
            stroma_hint(err, "it stays; a marker's name can be changed before scrubbing");
            return s;
        }
    return STROMA_OK;
}

static stroma_status build(stroma_fcs_scrub *s, stroma_error *err)
{
    STROMA_TRY(check_also(s->options, err));
    s->sets_len = stroma_fcs_len(s->f);
    s->sets = stroma_alloc_array(s->sets_len, sizeof *s->sets);
    if (s->sets == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < s->sets_len; i++)
        STROMA_TRY(scrub_dataset(s, i, err));
    look_again(s);
    report_segments(s);
    return STROMA_OK;
}

stroma_status stroma_fcs_scrub_new(const stroma_fcs *f, const char *file,
                                   const stroma_fcs_scrub_options *opts, stroma_diag *diag,
                                   stroma_fcs_scrub **out, stroma_error *err)
{
    static const stroma_fcs_scrub_options usual = STROMA_FCS_SCRUB_OPTIONS_INIT;
    *out = NULL;
    stroma_fcs_scrub *s = stroma_alloc_array(1, sizeof *s);
    if (s == NULL) return stroma_no_memory(err);
    s->f = f;
    s->file = file;
    s->diag = diag;
    s->options = opts != NULL ? opts : &usual;
    stroma_arena_init(&s->texts, SIZE_MAX / 4);
    const stroma_status st = build(s, err);
    if (st == STROMA_OK)
        *out = s;
    else
        stroma_fcs_scrub_free(s);
    return st;
}

const stroma_fcs_content *stroma_fcs_scrub_content(const stroma_fcs_scrub *s, size_t *n)
{
    *n = s->sets_len;
    return s->sets;
}

const stroma_fcs_scrubbed *stroma_fcs_scrub_log(const stroma_fcs_scrub *s, size_t *n)
{
    *n = s->log_len;
    return s->log;
}

bool stroma_fcs_scrub_betrays(const stroma_fcs_scrub *s, const char *text)
{
    return telling_in(s, text) != NULL;
}

void stroma_fcs_scrub_free(stroma_fcs_scrub *s)
{
    if (s == NULL) return;
    stroma_arena_clear(&s->texts);
    stroma_free(s->sets);
    stroma_free(s->log);
    stroma_free(s);
}
