/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An entry of `cytometry:`: panel, strategy or gates, and the parameters it gives. */
#include "cytometry.h"
#include "import.h"

#include "stroma/file.h"
#include "stroma/hash.h"
#include "stroma/suggest.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ENTRY_ARENA_BYTES = 16 << 20 };

void cytometry_entry_clear(cytometry_entry *e)
{
    for (size_t i = 0; i < e->tubes_len; i++) {
        stroma_free(e->tubes[i].pictures.items);
        stroma_free(e->tubes[i].axes.items);
        stroma_diag_clear(&e->tubes[i].findings);
        stroma_arena_clear(&e->tubes[i].arena);
    }
    stroma_free(e->tubes);
    stroma_free(e->questions.items);
    stroma_free(e->axes.items);
    stroma_gating_strategy_free(e->strategy);
    stroma_gate_set_clear(&e->fixed);
    stroma_workspace_clear(&e->workspace);
    stroma_panel_clear(&e->panel);
    stroma_arena_clear(&e->arena);
    *e = (cytometry_entry){ 0 };
}

/* ---- panel, strategy, gates ---- */

/* A name with a slash or an ending is a file, others are shipped. */
static bool is_file(const char *name)
{
    return strchr(name, '/') != NULL || strchr(name, '.') != NULL;
}

/* What the program carries of a kind. */
typedef struct shelf {
    const char *what; /* "strategy" */
    const char *const *(*names)(size_t *n);
    const char *(*text)(const char *name);
} shelf;
static const shelf strategies = { "strategy", stroma_gating_strategies,
                                  stroma_gating_strategy_text };
static const shelf panels = { "panel", stroma_panels, stroma_panel_text };

static stroma_status not_shipped(study *s, const stroma_yaml_node *at, const shelf *from,
                                 const char *name, stroma_error *err)
{
    size_t n = 0;
    const char *const *names = from->names(&n);
    char message[80];
    (void)snprintf(message, sizeof message, "there is no shipped %s", from->what);
    const stroma_status st = study_fail_at(s, at, err, message, name);
    const char *near = stroma_nearest(name, names, n);
    if (near != NULL)
        stroma_hint(err, "did you mean \"%s\"?", near);
    else
        stroma_hint(err, "a file is named with its ending or a slash, as ./%s.yaml", name);
    return st;
}

/* Where to read it from, and the hash of what stands there. @p beside the file that names it, @p
 * from NULL: always a file. */
static stroma_status locate(study *s, const stroma_yaml_node *at, const char *name,
                            const char *beside, const shelf *from, const char **path, char *sha256,
                            stroma_error *err)
{
    stroma_hash hash;
    if (from != NULL && !is_file(name)) {
        *path = name;
        const char *shipped = from->text(name);
        if (shipped == NULL) return not_shipped(s, at, from, name, err);
        stroma_hash_bytes(shipped, strlen(shipped), &hash);
        (void)stroma_hash_format(&hash, sha256);
        return STROMA_OK;
    }
    char *resolved = NULL;
    if (beside == NULL)
        STROMA_TRY(import_resolve(s, name, &resolved, err));
    else
        resolved = stroma_path_beside(beside, name);
    *path = resolved == NULL ? NULL : stroma_arena_strdup(&s->arena, resolved);
    stroma_free(resolved);
    if (*path == NULL) return stroma_no_memory(err);
    int32_t file = STUDY_NONE;
    STROMA_TRY(import_note_file(
        s, name, *path, strrchr(name, '.') == NULL ? "" : strrchr(name, '.') + 1, &file, err));
    memcpy(sha256, s->files.items[file].sha256, sizeof s->files.items[file].sha256);
    return STROMA_OK;
}

static stroma_status read_panel(study *s, cytometry_entry *e, const char *strategy_path,
                                stroma_error *err)
{
    const char *named = stroma_yaml_text(e->node, "panel", NULL), *path = NULL;
    const bool by_strategy = named == NULL && e->strategy != NULL;
    if (by_strategy) named = stroma_gating_strategy_panel(e->strategy);
    e->panel_name = named;
    e->has_panel = named != NULL || e->strategy != NULL;
    if (named == NULL) {
        stroma_panel_init(&e->panel);
    } else {
        const char *beside = by_strategy && is_file(strategy_path) ? strategy_path : NULL;
        STROMA_TRY(locate(s, stroma_yaml_get(e->node, by_strategy ? "strategy" : "panel"), named,
                          beside, &panels, &path, e->panel_sha256, err));
        STROMA_TRY(stroma_panel_read(path, &s->findings, &e->panel, err));
    }
    return e->strategy == NULL ? STROMA_OK
                               : stroma_gating_strategy_markers(e->strategy, &e->panel, err);
}

/* One set of gates for all files, or, of a workspace with several samples, each file its own. */
static stroma_status read_gates(study *s, cytometry_entry *e, const char *path, stroma_error *err)
{
    const char *of = stroma_yaml_text(e->node, "gates_of", NULL);
    e->gates_path = path;
    const stroma_status st = stroma_gates_read(path, of, &s->findings, &e->fixed, err);
    if (st == STROMA_OK) return stroma_gate_set_check(&e->fixed, err);
    if (st != STROMA_E_INCONSISTENT || of != NULL) return st;
    stroma_error_clear(err); /* several samples, and none is named */
    e->gates_by_file = true;
    stroma_gate_set_init(&e->fixed);
    return stroma_workspace_read(path, &e->workspace, err);
}

static stroma_status read_gating(study *s, cytometry_entry *e, stroma_error *err)
{
    const char *strategy = stroma_yaml_text(e->node, "strategy", NULL),
               *gates = stroma_yaml_text(e->node, "gates", NULL), *path = NULL;
    if ((strategy == NULL) == (gates == NULL))
        return study_fail_at(s, e->node, err, "give either strategy: or gates:, for cytometry",
                             e->id);
    e->gates_name = strategy != NULL ? strategy : gates;
    STROMA_TRY(locate(s, stroma_yaml_get(e->node, strategy != NULL ? "strategy" : "gates"),
                      e->gates_name, NULL, strategy != NULL ? &strategies : NULL, &path,
                      e->gates_sha256, err));
    if (strategy != NULL) {
        STROMA_TRY(stroma_gating_strategy_read(path, &s->findings, &e->strategy, err));
    } else {
        STROMA_TRY(read_gates(s, e, path, err));
    }
    return read_panel(s, e, path, err);
}

/* ---- questions ---- */

static const char *const not_in_a_study[] = { "mesf", "mfi_aligned" };

static stroma_status find_definition(study *s, const stroma_yaml_node *at, const char *name,
                                     const stroma_definition **out, stroma_error *err)
{
    *out = stroma_definition_find(name);
    for (size_t i = 0; *out != NULL && i < sizeof not_in_a_study / sizeof not_in_a_study[0]; i++)
        if (strcmp((*out)->id, not_in_a_study[i]) == 0)
            return study_fail_at(s, at, err, "not offered in a study file: statistic", name);
    if (*out != NULL) return STROMA_OK;
    size_t n = 0;
    const stroma_definition *all = stroma_definitions(&n);
    const char *names[64];
    for (size_t i = 0; i < n && i < 64; i++)
        names[i] = all[i].id;
    const stroma_status st = study_fail_at(s, at, err, "there is no statistic", name);
    const char *near = stroma_nearest(name, names, n < 64 ? n : 64);
    if (near != NULL) stroma_hint(err, "did you mean \"%s\"?", near);
    return st;
}

static stroma_status find_index(study *s, const cytometry_entry *e, const stroma_yaml_node *at,
                                const stroma_gating_index **out, stroma_error *err)
{
    size_t n = 0;
    const stroma_gating_index *all =
        e->strategy == NULL ? NULL : stroma_gating_strategy_indices(e->strategy, &n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(all[i].id, at->text) == 0) {
            *out = &all[i];
            return STROMA_OK;
        }
    return study_fail_at(s, at, err, "the strategy has no index", at->text);
}

bool cytometry_is_ungated(const char *id)
{
    return strcmp(id, "ungated") == 0;
}

static bool is(const cytometry_question *q, const char *id)
{
    return strcmp(q->definition->id, id) == 0;
}

/* What the statistic cannot do without. */
static stroma_status check_question(study *s, const cytometry_question *q, stroma_error *err)
{
    const char *missing = NULL;
    if (stroma_definition_needs_marker(q->definition) && q->marker == NULL) missing = "marker";
    const bool by_marker = q->control == CYTOMETRY_FMO || q->control == CYTOMETRY_ISOTYPE;
    if (is(q, "percent_net") && by_marker && q->marker == NULL) missing = "marker";
    if (is(q, "log_ratio") && q->over == NULL) missing = "over";
    if (is(q, "cells_per_ul_beads") && q->over == NULL) missing = "over";
    if (is(q, "cells_per_ul_beads") && !(q->beads_per_ul > 0)) missing = "beads_per_ul";
    if (missing != NULL) {
        const stroma_status st =
            study_fail_at(s, q->at, err, "the key is missing for this statistic:", missing);
        stroma_hint(err, "%s: %s", q->definition->id, q->definition->formula);
        return st;
    }
    return q->dilution > 0 ? STROMA_OK
                           : study_fail_at(s, q->at, err, "a dilution is above 0, for parameter",
                                           s->params.items[q->param].id);
}

/* "100 · treg / cd4": the formula with the names of this study. */
static const char *formula(study *s, const cytometry_question *q)
{
    stroma_arena *a = &s->arena;
    if (is(q, "percent"))
        return stroma_arena_printf(a, "100 \xC2\xB7 events in %s / events in %s", q->population,
                                   q->of == NULL ? "its parent" : q->of);
    if (is(q, "percent_net"))
        return stroma_arena_printf(a,
                                   "100 \xC2\xB7 events in %s / events in %s, less the same of the "
                                   "control of %s",
                                   q->population, q->of == NULL ? "its parent" : q->of,
                                   q->marker == NULL ? "the visit" : q->marker);
    if (is(q, "log_ratio"))
        return stroma_arena_printf(a, "ln(events in %s / events in %s)", q->population, q->over);
    if (q->marker != NULL)
        return stroma_arena_printf(a, "%s of %s in %s: %s", q->definition->id, q->marker,
                                   q->population, q->definition->formula);
    return stroma_arena_printf(a, "%s of %s: %s", q->definition->id, q->population,
                               q->definition->formula);
}

static stroma_status fill_question(study *s, const cytometry_entry *e, const stroma_yaml_node *n,
                                   cytometry_question *q, stroma_error *err)
{
    const char *statistic = "percent";
    if (n->type == STROMA_YAML_SCALAR) {
        const stroma_gating_index *index = NULL;
        STROMA_TRY(find_index(s, e, n, &index, err));
        q->population = index->population;
        q->of = index->of;
        q->over = index->over;
        q->marker = index->marker;
        statistic = index->statistic;
    } else {
        q->population = stroma_yaml_text(n, "population", "");
        q->of = stroma_yaml_text(n, "of", NULL);
        q->over = stroma_yaml_text(n, "over", NULL);
        q->marker = stroma_yaml_text(n, "marker", NULL);
        statistic = stroma_yaml_text(n, "statistic", "percent");
        q->beads_per_ul = stroma_yaml_number(n, "beads_per_ul", STUDY_NAN);
        q->dilution = stroma_yaml_number(n, "dilution", 1);
        q->floor = (uint64_t)fmax(0, stroma_yaml_number(n, "floor", (double)q->floor));
    }
    /* strategies call the root "all" */
    if (q->of != NULL && strcmp(q->of, "all") == 0) q->of = "ungated";
    STROMA_TRY(find_definition(s, n, statistic, &q->definition, err));
    const char *control =
        stroma_yaml_text(n, "control", is(q, "mfi_per_reference") ? "reference" : "fmo");
    (void)cytometry_role_find(control, &q->control);
    return check_question(s, q, err);
}

static stroma_status read_question(study *s, cytometry_entry *e, const stroma_yaml_node *key,
                                   const stroma_yaml_node *n, stroma_error *err)
{
    cytometry_question q = {
        .at = n, .dilution = 1, .beads_per_ul = STUDY_NAN, .floor = e->options.event_floor
    };
    stroma_status st = study_param_for(s, key->text, &q.param, err);
    if (st != STROMA_OK) {
        if (err != NULL) err->line = key->line;
        return stroma_in(err, st, "study file \"%s\": cytometry \"%s\"", s->path, e->id);
    }
    STROMA_TRY(fill_question(s, e, n, &q, err));
    s->params.items[q.param].from_file = true;
    q.text = formula(s, &q);
    const char *params =
        stroma_arena_printf(&s->arena, "{\"entry\":\"%s\",\"statistic\":\"%s\",\"revision\":%u}",
                            e->id, q.definition->id, q.definition->revision);
    const char *method = stroma_arena_printf(&s->arena, "cytometry:%s", q.definition->id);
    const char *version = stroma_arena_printf(&s->arena, "%u", q.definition->revision);
    if (q.text == NULL || params == NULL || method == NULL || version == NULL)
        return stroma_no_memory(err);
    STROMA_TRY(study_add_derivation(s,
                                    &(study_derivation){ .method = method,
                                                         .version = version,
                                                         .formula = q.text,
                                                         .source = q.definition->source,
                                                         .params = params,
                                                         .param = q.param },
                                    &q.derivation, err));
    cytometry_question *kept = STUDY_ADD(&e->questions, err);
    if (kept == NULL) return stroma_no_memory(err);
    *kept = q;
    return STROMA_OK;
}

static stroma_status read_options(study *s, cytometry_entry *e, stroma_error *err)
{
    e->options = (stroma_population_options)STROMA_POPULATION_OPTIONS_INIT;
    e->options.seed = s->seed;
    e->options.level = stroma_yaml_number(e->node, "level", e->options.level);
    const double floor = stroma_yaml_number(e->node, "floor", 50),
                 parent = stroma_yaml_number(e->node, "parent_floor", 10000);
    if (!(e->options.level > 0 && e->options.level < 1))
        return study_fail_at(s, stroma_yaml_get(e->node, "level"), err,
                             "a level lies between 0 and 1, for cytometry", e->id);
    if (!(floor >= 0 && parent >= 0 && floor < 1e15 && parent < 1e15))
        return study_fail_at(s, e->node, err, "floors are 0 or more, for cytometry", e->id);
    e->options.event_floor = (uint64_t)floor;
    e->options.parent_floor = (uint64_t)parent;
    return STROMA_OK;
}

stroma_status cytometry_read_entry(study *s, cytometry_entry *e, stroma_error *err)
{
    stroma_arena_init(&e->arena, ENTRY_ARENA_BYTES);
    stroma_gate_set_init(&e->fixed);
    e->representative = SIZE_MAX;
    e->id = stroma_yaml_text(e->node, "id", "");
    e->label = stroma_yaml_text(e->node, "label", e->id);
    e->any_control = strcmp(stroma_yaml_text(e->node, "control_from", "same_day"), "any") == 0;
    STROMA_TRY(read_options(s, e, err));
    STROMA_TRY(stroma_in(err, read_gating(s, e, err), "cytometry \"%s\"", e->id));
    const stroma_yaml_node *map = stroma_yaml_get(e->node, "parameters");
    for (size_t i = 0; map != NULL && i < map->len; i++)
        STROMA_TRY(read_question(s, e, map->keys[i], map->items[i], err));
    return STROMA_OK;
}
