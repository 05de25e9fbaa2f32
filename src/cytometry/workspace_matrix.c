/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compensation of a sample in a workspace, and the channels that it makes. */
#include "workspace.h"

#include "stroma/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CHANNELS_MAX = 1000 };

static size_t count(const gate_xml_element *first)
{
    size_t n = 0;
    for (const gate_xml_element *e = first; e != NULL; e = gate_xml_next(e))
        n++;
    return n;
}

static stroma_status malformed(const gate_xml_element *e, const char *what, stroma_error *err)
{
    return stroma_fail_at(err, STROMA_E_MALFORMED, e->line, 0, "spillover matrix: %s", what);
}

/* "Comp-FITC-A", as gates name the compensated channel. */
static const char *compensated_name(workspace_reader *r, const gate_xml_element *row,
                                    const char *detector)
{
    const char *given = workspace_attribute(row, "userProvidedCompInfix");
    if (given != NULL && given[0] != '\0') return stroma_arena_strdup(&r->out->arena, given);
    const char *prefix = workspace_attribute(r->matrix, "prefix");
    const char *suffix = workspace_attribute(r->matrix, "suffix");
    return stroma_arena_printf(&r->out->arena, "%s%s%s", prefix == NULL ? "Comp-" : prefix,
                               detector, suffix == NULL ? "" : suffix);
}

static stroma_status read_row(const gate_xml_element *row, size_t detectors,
                              const char *const *detector, double *out, stroma_error *err)
{
    size_t j = 0;
    for (const gate_xml_element *c = gate_xml_child(row, NULL, "coefficient"); c != NULL;
         c = gate_xml_next(c), j++) {
        const char *name = workspace_attribute(c, "parameter");
        if (j == detectors || name == NULL || strcmp(name, detector[j]) != 0)
            return malformed(row, "the rows do not list the same channels in the same order", err);
        STROMA_TRY(workspace_number(c, "value", (double)NAN, &out[j], err));
    }
    return j == detectors
               ? STROMA_OK
               : malformed(row, "the rows do not list the same channels in the same order", err);
}

/* Rows and columns into arrays of the set's arena; the matrix itself is made of them. */
static stroma_status read_rows(workspace_reader *r, size_t rows, stroma_error *err)
{
    const gate_xml_element *first = gate_xml_child(r->matrix, NULL, "spillover");
    const size_t detectors = count(gate_xml_child(first, NULL, "coefficient"));
    if (detectors == 0 || rows > CHANNELS_MAX || detectors > CHANNELS_MAX)
        return malformed(r->matrix, "it has no coefficients, or more than 1000 channels", err);
    stroma_arena *arena = &r->out->arena;
    const char **names = stroma_arena_alloc(arena, rows + detectors, sizeof *names);
    double *values = stroma_arena_alloc(arena, rows * detectors, sizeof *values);
    r->channels = stroma_alloc_array(rows, sizeof *r->channels);
    if (names == NULL || values == NULL || r->channels == NULL) return stroma_no_memory(err);
    const char **detector = names + rows;
    size_t j = 0;
    for (const gate_xml_element *c = gate_xml_child(first, NULL, "coefficient"); c != NULL;
         c = gate_xml_next(c), j++) {
        const char *name = workspace_attribute(c, "parameter");
        if (name == NULL) return malformed(c, "a coefficient names no channel", err);
        if ((detector[j] = stroma_arena_strdup(arena, name)) == NULL) return stroma_no_memory(err);
    }
    size_t i = 0;
    for (const gate_xml_element *row = first; row != NULL; row = gate_xml_next(row), i++) {
        const char *name = workspace_attribute(row, "parameter");
        if (name == NULL) return malformed(row, "a row names no channel", err);
        names[i] = stroma_arena_strdup(arena, name);
        const char *compensated = compensated_name(r, row, name);
        if (names[i] == NULL || compensated == NULL) return stroma_no_memory(err);
        r->channels[r->channels_len++] =
            (workspace_channel){ .compensated = compensated, .detector = names[i] };
        STROMA_TRY(read_row(row, detectors, detector, values + i * detectors, err));
    }
    stroma_compensation *c = stroma_gate_set_add_compensation(r->out);
    const char *id = workspace_attribute(r->matrix, "name");
    if (c == NULL) return stroma_no_memory(err);
    const stroma_status s =
        stroma_compensation_make(id == NULL || id[0] == '\0' ? "FlowJo" : id, "FlowJo", names, rows,
                                 detector, detectors, values, false, arena, c, err);
    if (s != STROMA_OK && err != NULL && err->line == 0) err->line = r->matrix->line;
    return s == STROMA_OK ? s : stroma_in(err, s, "spillover matrix \"%.80s\"", id);
}

stroma_status workspace_read_matrix(workspace_reader *r, stroma_error *err)
{
    r->matrix = gate_xml_child(r->sample, NULL, "spilloverMatrix");
    if (r->matrix == NULL) return STROMA_OK;
    if (gate_xml_next(r->matrix) != NULL)
        return malformed(gate_xml_next(r->matrix), "the sample has a second one", err);
    const char *algorithm = workspace_attribute(r->matrix, "weightOptAlgorithmType");
    if (algorithm != NULL && algorithm[0] != '\0' && strcmp(algorithm, "OLS") != 0) {
        stroma_fail_at(err, STROMA_E_USAGE, r->matrix->line, 0,
                       "spectral unmixing by \"%.40s\" is not read, only ordinary least squares",
                       algorithm);
        stroma_hint(err, "unmix with OLS, or export the unmixed events as FCS");
        return STROMA_E_USAGE;
    }
    const size_t rows = count(gate_xml_child(r->matrix, NULL, "spillover"));
    if (rows == 0) {
        r->matrix = NULL; /* an empty one compensates nothing */
        return STROMA_OK;
    }
    return read_rows(r, rows, err);
}

static bool is_derived(const gate_xml_element *sample, const char *name)
{
    const gate_xml_element *list = gate_xml_child(sample, NULL, "DerivedParameters");
    for (const gate_xml_element *e = list == NULL ? NULL : list->first; e != NULL; e = e->next) {
        const char *n = workspace_attribute(e, "name");
        if (n != NULL && strcmp(n, name) == 0) return true;
    }
    return false;
}

static void uncompensated(const workspace_reader *r, const gate_xml_element *at, const char *name)
{
    char message[STROMA_ERROR_TEXT_MAX];
    (void)snprintf(message, sizeof message,
                   "a gate asks for channel \"%.120s\", but the sample has no matrix", name);
    gate_found(r->src, "STROMA-FLOWJO-001", STROMA_WARNING, at->line, name, message,
               "the file itself is asked for a channel of this name");
}

stroma_status workspace_channel_of(workspace_reader *r, const gate_xml_element *at,
                                   const char *name, stroma_gate_dimension *out, stroma_error *err)
{
    const char *channel = name;
    for (size_t i = 0; i < r->channels_len; i++)
        if (strcmp(r->channels[i].compensated, name) == 0) {
            out->compensation = 0;
            channel = r->channels[i].detector;
        }
    if (is_derived(r->sample, name)) {
        stroma_fail_at(err, STROMA_E_USAGE, at->line, 0,
                       "channel \"%.80s\" is a derived parameter, which is not read", name);
        stroma_hint(err,
                    "export the sample with its derived parameters as FCS from FlowJo, and the "
                    "workspace of that file");
        return STROMA_E_USAGE;
    }
    if (out->compensation != 0 && strncmp(name, "Comp-", 5) == 0 && r->matrix == NULL)
        uncompensated(r, at, name);
    out->name = stroma_arena_strdup(&r->out->arena, channel);
    return out->name == NULL ? stroma_no_memory(err) : STROMA_OK;
}
