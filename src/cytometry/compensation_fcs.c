/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The matrix a data set carries in its keywords. Whatever is wrong with it is a finding: the events
 * are there without it. */
#include "compensation_private.h"

#include "stroma/number.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const prefixes[] = { "Comp-", "FJComp-" };

void compensation_find(const compensation_job *j, const char *code, stroma_severity severity,
                       const char *channel, const char *fmt, ...)
{
    char text[STROMA_ERROR_TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    stroma_diag_add(j->diag, &(stroma_finding){ .code = code,
                                                .severity = severity,
                                                .file = j->file,
                                                .column = channel,
                                                .message = text });
}

/* What stands behind a prefix that says "compensated", or NULL. */
static const char *behind_prefix(const char *name)
{
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (strncasecmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            return name + strlen(prefixes[i]);
    return NULL;
}

/* The channel that a name of the matrix means, SIZE_MAX: none. */
static size_t channel_of(const stroma_fcs_dataset *d, const char *name, bool *by_index,
                         bool *compensated)
{
    const size_t plain = stroma_fcs_find(d, name, false);
    *compensated = plain != SIZE_MAX && behind_prefix(d->parameters[plain].name) != NULL;
    if (plain != SIZE_MAX) return plain;
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        char prefixed[256];
        (void)snprintf(prefixed, sizeof prefixed, "%s%s", prefixes[i], name);
        const size_t found = stroma_fcs_find(d, prefixed, false);
        *compensated = found != SIZE_MAX;
        if (*compensated) return found;
    }
    int64_t index;
    if (stroma_parse_int(name, strlen(name), &index) && index >= 1 &&
        (uint64_t)index <= d->parameters_len) {
        *by_index = true;
        return (size_t)index - 1;
    }
    const char *bare = behind_prefix(name); /* the matrix was written beside other names */
    const size_t found = bare == NULL ? SIZE_MAX : stroma_fcs_find(d, bare, false);
    return found != SIZE_MAX ? found : stroma_fcs_find(d, name, true);
}

/* Cytek's Aurora writes the identity with 1E-06 in one place, so that programs keep it. Such a
 * matrix becomes the identity that is meant. @return the largest number that was cleared */
static double clear_placeholders(double *matrix, size_t n)
{
    double most = 0;
    for (size_t i = 0; i < n * n; i++) {
        const double off = fabs(matrix[i] - (i / n == i % n));
        if (!(off <= 1e-5)) return 0;
        most = off > most ? off : most;
    }
    for (size_t i = 0; i < n * n; i++)
        matrix[i] = i / n == i % n;
    return most;
}

stroma_status compensation_of_channels(const compensation_job *j, const char *source,
                                       const size_t *channel, size_t n, const double *matrix,
                                       const stroma_compensation **out, stroma_error *err)
{
    stroma_compensation *c = stroma_arena_alloc(j->arena, 1, sizeof *c);
    const char **name = stroma_arena_alloc(j->arena, n, sizeof *name);
    char number[STROMA_NUMBER_TEXT_MAX];
    if (c == NULL || name == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++)
        name[i] = j->d->parameters[channel[i]].name;
    stroma_error why = STROMA_ERROR_INIT;
    const stroma_status s =
        stroma_compensation_make("FCS", source, name, n, name, n, matrix, false, j->arena, c, &why);
    if (s == STROMA_E_NOMEM) return stroma_no_memory(err);
    if (s != STROMA_OK) {
        compensation_find(j, "STROMA-COMP-002", STROMA_ERROR, NULL, "%s: %s", source, why.message);
        return STROMA_OK;
    }
    size_t scaled = 0;
    while (scaled < n && matrix[scaled * n + scaled] == 1)
        scaled++;
    if (scaled < n)
        compensation_find(
            j, "STROMA-COMP-009", STROMA_WARNING, name[scaled],
            "%s: the diagonal of \"%s\" is %s, not 1: compensated values change their "
            "unit",
            source, name[scaled], stroma_format_double(matrix[scaled * n + scaled], number));
    if (c->identity)
        compensation_find(j, "STROMA-COMP-007", STROMA_NOTE, NULL,
                          "%s is the identity: nothing is compensated", source);
    else if (c->condition > COMPENSATION_POOR)
        compensation_find(j, "STROMA-COMP-010", STROMA_WARNING, NULL,
                          "%s: the condition number is %s", source,
                          stroma_format_significant(c->condition, 3, number));
    *out = c;
    return STROMA_OK;
}

/* All channels of the matrix hold compensated values already. */
static stroma_status already(const compensation_job *j, const char *source, const size_t *channel,
                             size_t n, const stroma_compensation **out, stroma_error *err)
{
    double *identity = stroma_arena_alloc(j->arena, n * n, sizeof *identity);
    if (identity == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++)
        identity[i * n + i] = 1;
    compensation_find(j, "STROMA-COMP-008", STROMA_WARNING, j->d->parameters[channel[0]].name,
                      "the channels of %s are called \"%s\" and so on: they are compensated, and "
                      "not compensated again",
                      source, j->d->parameters[channel[0]].name);
    const compensation_job silent = { j->d, j->file, j->arena, NULL };
    return compensation_of_channels(&silent, source, channel, n, identity, out, err);
}

/* Channels of the names; false when one is not there, with its finding. */
static bool find_channels(const compensation_job *j, const char *source, const compensation_text *t,
                          size_t *channel, bool *by_index, size_t *compensated)
{
    for (size_t i = 0; i < t->n; i++) {
        bool done = false;
        channel[i] = channel_of(j->d, t->name[i], by_index, &done);
        *compensated += done;
        if (channel[i] != SIZE_MAX) continue;
        compensation_find(
            j, "STROMA-COMP-003", STROMA_ERROR, t->name[i],
            "%s names channel \"%s\", which the events do not have: the matrix is not "
            "used",
            source, t->name[i]);
        return false;
    }
    return true;
}

static stroma_status from_text(const compensation_job *j, const char *source, const char *text,
                               const stroma_compensation **out, stroma_error *err)
{
    compensation_text t;
    char number[STROMA_NUMBER_TEXT_MAX];
    stroma_error why = STROMA_ERROR_INIT;
    const stroma_status s = compensation_text_parse(text, j->arena, &t, &why);
    if (s == STROMA_E_NOMEM) return stroma_no_memory(err);
    if (s != STROMA_OK) {
        compensation_find(j, "STROMA-COMP-001", STROMA_ERROR, NULL, "%s cannot be used: %s", source,
                          why.message);
        return STROMA_OK;
    }
    size_t *channel = stroma_arena_alloc(j->arena, t.n, sizeof *channel), compensated = 0;
    if (channel == NULL) return stroma_no_memory(err);
    bool by_index = false;
    if (!find_channels(j, source, &t, channel, &by_index, &compensated)) return STROMA_OK;
    if (t.decimal_commas)
        compensation_find(j, "STROMA-COMP-005", STROMA_WARNING, NULL,
                          "%s has decimal commas: read as %zu × %zu numbers", source, t.n, t.n);
    if (t.extra > 0)
        compensation_find(j, "STROMA-COMP-006", STROMA_WARNING, NULL,
                          "%s has %zu fields beyond its %zu × %zu numbers: left out", source,
                          t.extra, t.n, t.n);
    if (by_index)
        compensation_find(
            j, "STROMA-COMP-004", STROMA_NOTE, NULL,
            "%s names its channels by number: \"%s\" is taken as parameter %s, \"%s\"", source,
            t.name[0], t.name[0], j->d->parameters[channel[0]].name);
    if (compensated == t.n) return already(j, source, channel, t.n, out, err);
    if (compensated > 0)
        compensation_find(
            j, "STROMA-COMP-011", STROMA_WARNING, NULL,
            "%zu of the %zu channels of %s have names of compensated ones: the matrix "
            "is used",
            compensated, t.n, source);
    const double cleared = clear_placeholders(t.value, t.n);
    if (cleared > 0)
        compensation_find(j, "STROMA-COMP-014", STROMA_NOTE, NULL,
                          "%s is the identity but for numbers of at most %s: taken as the identity",
                          source, stroma_format_double(cleared, number));
    return compensation_of_channels(j, source, channel, t.n, t.value, out, err);
}

/* Whether the texts of two keywords give the same matrix; blanks do not count. */
static bool same_text(const char *a, const char *b)
{
    for (;; a++, b++) {
        a += strspn(a, " ");
        b += strspn(b, " ");
        if (*a != *b) return false;
        if (*a == '\0') return true;
    }
}

stroma_status stroma_compensation_from_fcs(const stroma_fcs_dataset *d, const char *file,
                                           stroma_arena *arena, stroma_diag *diag,
                                           const stroma_compensation **out, stroma_error *err)
{
    static const char *const keywords[] = { "$SPILLOVER", "SPILL", "SPILLOVER", "$SPILL" };
    const compensation_job job = { d, file, arena, diag };
    const char *used = NULL, *used_text = NULL;
    *out = NULL;
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
        const char *text = stroma_fcs_text(d, keywords[i]);
        if (text == NULL) continue;
        if (used != NULL) {
            if (!same_text(used_text, text))
                compensation_find(&job, "STROMA-COMP-012", STROMA_WARNING, NULL,
                                  "%s and %s are both there and differ: %s is used", used,
                                  keywords[i], used);
            continue;
        }
        STROMA_TRY(from_text(&job, keywords[i], text, out, err));
        if (*out == NULL) continue;
        used = keywords[i];
        used_text = text;
    }
    return *out != NULL ? STROMA_OK : compensation_from_old(&job, out, err);
}
