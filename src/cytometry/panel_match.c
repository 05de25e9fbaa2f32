/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the markers of a panel are in a data set, and what changed between two. */
#include "panel.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

const char *panel_bare_channel(const char *name)
{
    return strncasecmp(name, "FJComp-", 7) == 0 ? name + 7
           : strncasecmp(name, "Comp-", 5) == 0 ? name + 5
                                                : name;
}

bool panel_is_scatter(const char *name)
{
    return strncasecmp(name, "FSC", 3) == 0 || strncasecmp(name, "SSC", 3) == 0 ||
           strncasecmp(name, "FS ", 3) == 0 || strncasecmp(name, "SS ", 3) == 0;
}

static bool separates(char c)
{
    return c == ' ' || c == ':' || c == '_' || c == '|' || c == ',' || c == ';' || c == '(' ||
           c == ')';
}

/* A word of a stain text such as "BV785 - CD3" or "CD3 Spark Blue 550" is the marker. */
static bool word_fits(const stroma_panel *p, const char *stain, const char *want)
{
    char key[PANEL_KEY_MAX];
    for (const char *part = stain; *part != '\0';) {
        const char *dash = strstr(part, " - ");
        const size_t len = dash == NULL ? strlen(part) : (size_t)(dash - part);
        panel_canonical(p, part, len, key);
        if (strcmp(key, want) == 0) return true;
        part += len + (dash == NULL ? 0 : 3);
    }
    for (const char *word = stain; *word != '\0';) {
        size_t len = 0;
        while (word[len] != '\0' && !separates(word[len]))
            len++;
        panel_canonical(p, word, len, key);
        if (len > 0 && strcmp(key, want) == 0) return true;
        word += len + (word[len] != '\0');
    }
    return false;
}

int panel_fit(const stroma_panel *p, const stroma_fcs_parameter *parameter, const char *marker)
{
    char want[PANEL_KEY_MAX], key[PANEL_KEY_MAX];
    panel_canonical(p, marker, strlen(marker), want);
    if (want[0] == '\0') return 0;
    panel_canonical(p, parameter->stain, strlen(parameter->stain), key);
    if (strcmp(key, want) == 0) return 3;
    if (word_fits(p, parameter->stain, want)) return 2;
    const char *name = panel_bare_channel(parameter->name);
    panel_canonical(p, name, strlen(name), key);
    if (strcmp(key, want) == 0) return 1;
    /* A channel called by its marker, as "CD4-A". */
    const size_t n = strlen(name);
    if (n > 2 && name[n - 2] == '-' && !panel_is_scatter(name)) {
        panel_canonical(p, name, n - 2, key);
        if (strcmp(key, want) == 0) return 1;
    }
    return 0;
}

/* 'A', 'H', 'W' at the end of "FITC-A"; 0 where a name says nothing. */
static char feature(const char *name)
{
    const size_t n = strlen(name);
    return n > 2 && name[n - 2] == '-' ? name[n - 1] : '\0';
}

static void finding(stroma_diag *diag, const char *code, stroma_severity severity, const char *file,
                    const char *marker, const char *message, const char *action)
{
    stroma_diag_add(diag, &(stroma_finding){ .code = code,
                                             .severity = severity,
                                             .file = file,
                                             .column = marker,
                                             .message = message,
                                             .rule = "a panel names every marker once",
                                             .action = action });
}

/* The parameter that fits best; *rivals others that fit as well. */
static size_t best_parameter(const stroma_panel *p, const stroma_fcs_dataset *d, const char *marker,
                             size_t *rivals, size_t *rival)
{
    size_t best = SIZE_MAX;
    int score = 0;
    *rivals = 0;
    *rival = SIZE_MAX;
    for (size_t i = 0; i < d->parameters_len; i++) {
        /* The area of a pulse before its height and width. */
        const int fit =
            2 * panel_fit(p, &d->parameters[i], marker) + (feature(d->parameters[i].name) == 'A');
        if (fit < 2) continue;
        if (fit > score) {
            best = i;
            score = fit;
            *rivals = 0;
        } else if (fit == score) {
            (*rivals)++;
            *rival = i;
        }
    }
    return best;
}

static size_t declared_channel(const stroma_fcs_dataset *d, const char *channel)
{
    if (channel == NULL) return SIZE_MAX;
    for (size_t i = 0; i < d->parameters_len; i++)
        if (strcasecmp(panel_bare_channel(d->parameters[i].name), panel_bare_channel(channel)) == 0)
            return i;
    return SIZE_MAX;
}

size_t panel_match_one(const stroma_panel *p, const stroma_panel_marker *m,
                       const stroma_fcs_dataset *d, const char *file, stroma_diag *diag)
{
    char text[700];
    size_t rivals = 0, rival = SIZE_MAX;
    size_t at = best_parameter(p, d, m->name, &rivals, &rival);
    const size_t declared = declared_channel(d, m->channel);
    if (at != SIZE_MAX && rivals > 0) {
        if (declared != SIZE_MAX && panel_fit(p, &d->parameters[declared], m->name) > 0)
            return declared;
        (void)snprintf(text, sizeof text,
                       "marker \"%.60s\" stands at two channels, \"%.60s\" and \"%.60s\"", m->name,
                       d->parameters[at].name, d->parameters[rival].name);
        finding(diag, "STROMA-PANEL-005", STROMA_ERROR, file, m->name, text,
                "name the channel in the panel file");
        return SIZE_MAX;
    }
    if (at != SIZE_MAX && m->channel != NULL && at != declared) {
        (void)snprintf(text, sizeof text,
                       "marker \"%.60s\" is at channel \"%.60s\", the panel says \"%.60s\"",
                       m->name, d->parameters[at].name, m->channel);
        finding(diag, "STROMA-PANEL-006", STROMA_WARNING, file, m->name, text,
                "the file's stain was followed; correct the panel, or look whether the tube was "
                "stained otherwise");
    }
    if (at == SIZE_MAX) at = declared;
    if (at == SIZE_MAX) {
        (void)snprintf(text, sizeof text, "marker \"%.60s\" is in none of the %zu channels",
                       m->name, d->parameters_len);
        finding(diag, "STROMA-PANEL-004", m->may_lack ? STROMA_NOTE : STROMA_WARNING, file, m->name,
                text, "name its channel, or a synonym, in the panel file");
    }
    return at;
}

stroma_status stroma_panel_match(const stroma_panel *p, const stroma_fcs_dataset *d,
                                 const char *file, stroma_diag *diag, size_t *parameter,
                                 stroma_error *err)
{
    (void)err;
    for (size_t i = 0; i < p->markers_len; i++)
        parameter[i] = panel_match_one(p, &p->markers[i], d, file, diag);
    return STROMA_OK;
}

size_t stroma_panel_compare(const stroma_panel *p, const stroma_fcs_dataset *first,
                            const char *first_file, const size_t *first_parameter,
                            const stroma_fcs_dataset *other, const char *other_file,
                            const size_t *other_parameter, stroma_diag *diag)
{
    char text[700];
    size_t found = 0;
    for (size_t i = 0; i < p->markers_len; i++) {
        const char *name = p->markers[i].name;
        if ((first_parameter[i] == SIZE_MAX) != (other_parameter[i] == SIZE_MAX)) {
            (void)snprintf(text, sizeof text, "marker \"%.60s\" is %s here and %s in \"%.120s\"",
                           name, other_parameter[i] == SIZE_MAX ? "not" : "there",
                           other_parameter[i] == SIZE_MAX ? "there" : "not", first_file);
            finding(diag, "STROMA-PANEL-007", STROMA_WARNING, other_file, name, text,
                    "the numbers of this marker are not comparable");
            found++;
        }
        if (first_parameter[i] == SIZE_MAX || other_parameter[i] == SIZE_MAX) continue;
        const stroma_fcs_parameter *a = &first->parameters[first_parameter[i]],
                                   *b = &other->parameters[other_parameter[i]];
        if (strcasecmp(a->name, b->name) != 0 || strcasecmp(a->stain, b->stain) != 0) {
            (void)snprintf(
                text, sizeof text,
                "marker \"%.60s\" is \"%.60s\" \"%.60s\" here and \"%.60s\" \"%.60s\" in "
                "\"%.100s\"",
                name, b->name, b->stain, a->name, a->stain, first_file);
            finding(diag, "STROMA-PANEL-008", STROMA_WARNING, other_file, name, text,
                    "another channel or fluorochrome is another measurement: compare percentages "
                    "with care and fluorescence not at all");
            found++;
        }
        if (!isnan(a->voltage) && !isnan(b->voltage) && a->voltage != b->voltage) {
            (void)snprintf(text, sizeof text,
                           "the detector of \"%.60s\" ran at %g V here and at %g V in \"%.120s\"",
                           name, b->voltage, a->voltage, first_file);
            finding(diag, "STROMA-PANEL-009", STROMA_WARNING, other_file, name, text,
                    "fluorescence is not comparable without beads of both days");
            found++;
        }
        if (a->range != b->range) {
            (void)snprintf(
                text, sizeof text,
                "the channel of \"%.60s\" has the range %.10g here and %.10g in \"%.120s\"", name,
                b->range, a->range, first_file);
            finding(diag, "STROMA-PANEL-010", STROMA_WARNING, other_file, name, text,
                    "probably another cytometer or software: fluorescence is not comparable");
            found++;
        }
    }
    return found;
}
