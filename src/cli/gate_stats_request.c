/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of `stroma gate stats`, as a request. */
#include "gate_stats.h"

#include "stroma/number.h"
#include "stroma/suggest.h"
#include "stroma/table_read.h"

#include <math.h>
#include <string.h>

enum { LISTS_BYTES_MAX = 1 << 24 };

/* All values of an option that may be given again and may be a list with commas. */
static stroma_status take_list(gate_stats *g, const char *option, const char *const **out,
                               size_t *len, stroma_error *err)
{
    const char *const *given = NULL;
    const size_t n = cli_texts(g->context, option, &given);
    size_t most = n;
    for (size_t i = 0; i < n; i++)
        for (const char *p = given[i]; *p != '\0'; p++)
            most += *p == ',';
    const char **list = stroma_arena_alloc(&g->arena, most, sizeof *list);
    if (list == NULL) return stroma_no_memory(err);
    *len = 0;
    for (size_t i = 0; i < n; i++) {
        for (const char *p = given[i];;) {
            const size_t one = strcspn(p, ",");
            if (one == 0)
                return stroma_fail(err, STROMA_E_USAGE, "--%s \"%.80s\" has an empty name", option,
                                   given[i]);
            list[*len] = stroma_arena_strndup(&g->arena, p, one);
            if (list[(*len)++] == NULL) return stroma_no_memory(err);
            if (p[one] == '\0') break;
            p += one + 1;
        }
    }
    *out = list;
    return STROMA_OK;
}

static stroma_status unknown_statistic(const char *id, stroma_error *err)
{
    const char *names[64];
    size_t n = 0;
    const stroma_definition *all = stroma_definitions(&n);
    for (size_t i = 0; i < n && i < 64; i++)
        names[i] = all[i].id;
    const stroma_status s = stroma_fail(err, STROMA_E_USAGE, "there is no statistic \"%.60s\"", id);
    const char *near =
        strcmp(id, "median") == 0 ? "mfi" : stroma_nearest(id, names, n < 64 ? n : 64);
    if (near != NULL)
        stroma_hint(err, "did you mean \"%s\"?", near);
    else
        stroma_hint(err, "`stroma gate definitions` lists them");
    return s;
}

/* What the statistic is of when it is none of a marker that can be asked for so. */
static stroma_status no_statistic_of_marker(const stroma_definition *d, stroma_error *err)
{
    static const char *const options[][2] = {
        { "mesf", "--calibration FILE" },
        { "mfi_aligned", "--reference FILE and --landmarks N" },
        { "log_ratio", "--ratio POP/POP" },
        { "cells_per_ul_beads", "--beads POP and --beads-per-ul X" },
        { "cells_per_ul_volume", "--volume" },
    };
    const stroma_status s =
        stroma_fail(err, STROMA_E_USAGE, "\"%s\" is not asked for by --statistic", d->id);
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        if (strcmp(d->id, options[i][0]) == 0) {
            stroma_hint(err, "it comes with %s", options[i][1]);
            return s;
        }
    stroma_hint(err, "it stands in every table");
    return s;
}

/* The numbers of a marker; percent_net is one of the population. */
static stroma_status find_statistics(gate_stats *g, const char *const *ids, size_t n,
                                     const stroma_definition **d, stroma_error *err)
{
    stroma_population_request *r = &g->request;
    for (size_t i = 0; i < n; i++) {
        const stroma_definition *one = stroma_definition_find(ids[i]);
        if (one == NULL) return unknown_statistic(ids[i], err);
        if (strcmp(one->id, "percent_net") == 0) {
            r->net = true;
            continue;
        }
        if (!stroma_definition_needs_marker(one)) return no_statistic_of_marker(one, err);
        d[r->statistics_len++] = one;
    }
    if (r->net && !cli_given(g->context, "control"))
        return stroma_fail(err, STROMA_E_USAGE,
                           "--statistic percent_net needs a control: --control [MARKER=]FILE");
    if (r->markers_len == 0 && r->statistics_len > 0 && cli_given(g->context, "statistic"))
        return stroma_fail(err, STROMA_E_USAGE, "--statistic needs the markers: --mfi MARKER");
    return STROMA_OK;
}

static stroma_status take_statistics(gate_stats *g, stroma_error *err)
{
    const char *const *ids = NULL;
    size_t n = 0;
    STROMA_TRY(take_list(g, "statistic", &ids, &n, err));
    static const char *const plain[] = { "mfi" };
    static const char *const controlled[] = { "mfi", "mfi_ratio", "mfi_difference" };
    if (n == 0) {
        const bool control = cli_given(g->context, "control");
        ids = control ? controlled : plain;
        n = control ? 3 : 1;
    }
    const bool bridge = cli_given(g->context, "reference") && !cli_given(g->context, "statistic");
    const stroma_definition **d = stroma_arena_alloc(&g->arena, n + 1, sizeof *d);
    if (d == NULL) return stroma_no_memory(err);
    STROMA_TRY(find_statistics(g, ids, n, d, err));
    if (bridge) d[g->request.statistics_len++] = stroma_definition_find("mfi_per_reference");
    g->request.statistic = d;
    return STROMA_OK;
}

/* "CD25=fmo.fcs", or "unstained.fcs" for every marker. */
static stroma_status take_controls(gate_stats *g, stroma_diag *diag, stroma_error *err)
{
    const char *const *given = NULL;
    const size_t n = cli_texts(g->context, "control", &given);
    g->controls = stroma_arena_alloc(&g->arena, n, sizeof *g->controls);
    if (g->controls == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++) {
        gate_control *c = &g->controls[i];
        const char *eq = strchr(given[i], '=');
        const char *path = eq == NULL ? given[i] : eq + 1;
        if (eq != NULL) {
            c->marker = stroma_arena_strndup(&g->arena, given[i], (size_t)(eq - given[i]));
            if (c->marker == NULL) return stroma_no_memory(err);
        }
        STROMA_TRY(gate_file_open(path, &g->source.controls, diag, &c->file, err));
        g->controls_len++;
    }
    return STROMA_OK;
}

static stroma_status take_references(gate_stats *g, stroma_diag *diag, stroma_error *err)
{
    const char *const *given = NULL;
    const size_t n = cli_texts(g->context, "reference", &given);
    g->references = stroma_arena_alloc(&g->arena, n, sizeof *g->references);
    if (g->references == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++) {
        STROMA_TRY(gate_file_open(given[i], &g->source.controls, diag, &g->references[i], err));
        g->references_len++;
    }
    return STROMA_OK;
}

static stroma_status take_pairs(gate_stats *g, stroma_error *err)
{
    const char *const *given = NULL;
    size_t n = 0;
    STROMA_TRY(take_list(g, "ratio", &given, &n, err));
    stroma_population_pair *pairs = stroma_arena_alloc(&g->arena, n, sizeof *pairs);
    if (pairs == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++) {
        const char *slash = strchr(given[i], '/');
        if (slash == NULL || slash == given[i] || slash[1] == '\0')
            return stroma_fail(err, STROMA_E_USAGE, "--ratio \"%.80s\" is not POP/POP", given[i]);
        pairs[i].numerator = stroma_arena_strndup(&g->arena, given[i], (size_t)(slash - given[i]));
        pairs[i].denominator = slash + 1;
        if (pairs[i].numerator == NULL) return stroma_no_memory(err);
        if (strcmp(pairs[i].numerator, pairs[i].denominator) == 0 ||
            strcmp(pairs[i].numerator, "ungated") == 0 ||
            strcmp(pairs[i].denominator, "ungated") == 0)
            return stroma_fail(err, STROMA_E_USAGE, "a ratio needs two populations, not \"%.80s\"",
                               given[i]);
    }
    g->request.pairs = pairs;
    g->request.pairs_len = n;
    return STROMA_OK;
}

static stroma_status take_absolute(gate_stats *g, stroma_error *err)
{
    const cli_context *c = g->context;
    stroma_population_request *r = &g->request;
    const char *volume = cli_text(c, "volume");
    r->beads = cli_text(c, "beads");
    r->beads_per_ul = cli_number(c, "beads-per-ul", (double)NAN);
    r->dilution = cli_number(c, "dilution", 1);
    if (r->beads != NULL && volume != NULL)
        return stroma_fail(err, STROMA_E_USAGE, "--beads and --volume exclude each other");
    if ((r->beads != NULL) != !isnan(r->beads_per_ul)) {
        const stroma_status s =
            stroma_fail(err, STROMA_E_USAGE, "--beads and --beads-per-ul belong together");
        stroma_hint(err,
                    "beads per µL of the tube: beads added / volume, from the lot certificate");
        return s;
    }
    if (r->beads == NULL && volume == NULL && cli_given(c, "dilution"))
        return stroma_fail(err, STROMA_E_USAGE, "--dilution needs --beads or --volume");
    if (r->beads != NULL) r->absolute = STROMA_ABSOLUTE_BEADS;
    if (volume == NULL) return STROMA_OK;
    r->absolute = STROMA_ABSOLUTE_VOLUME;
    if (strcmp(volume, "file") == 0) return STROMA_OK;
    if (!stroma_parse_double(volume, strlen(volume), '.', &r->volume_ul) || !(r->volume_ul > 0))
        return stroma_fail(err, STROMA_E_USAGE,
                           "--volume \"%.40s\" is neither \"file\" nor microlitres above 0",
                           volume);
    return STROMA_OK;
}

/* Rows of `stroma gate calibrate`: the line is fitted again from what stands in them. */
static stroma_status calibrations_of(gate_stats *g, const stroma_table *t, const char *path,
                                     stroma_error *err)
{
    static const char *const names[] = { "channel", "median", "assigned" };
    size_t at[3];
    for (size_t i = 0; i < 3; i++) {
        at[i] = stroma_table_find(t, names[i]);
        if (at[i] == SIZE_MAX)
            return stroma_fail(err, STROMA_E_INCONSISTENT,
                               "calibration \"%s\" has no column \"%s\"", path, names[i]);
    }
    g->calibrations = stroma_arena_alloc(&g->arena, t->rows_len, sizeof *g->calibrations);
    if (g->calibrations == NULL) return stroma_no_memory(err);
    for (size_t row = 0, end; row < t->rows_len; row = end) {
        double median[STROMA_BEADS_MAX], assigned[STROMA_BEADS_MAX];
        char text[STROMA_CELL_TEXT_MAX], other[STROMA_CELL_TEXT_MAX], channel[256];
        (void)snprintf(channel, sizeof channel, "%s", stroma_table_cell_text(t, at[0], row, other));
        size_t n = 0;
        for (end = row; end < t->rows_len && n < STROMA_BEADS_MAX; end++, n++) {
            if (strcmp(stroma_table_cell_text(t, at[0], end, other), channel) != 0) break;
            const char *m = stroma_table_cell_text(t, at[1], end, text);
            if (!stroma_parse_double(m, strlen(m), '.', &median[n]))
                return stroma_fail(err, STROMA_E_MALFORMED,
                                   "calibration \"%s\": row %zu has no median", path, end + 1);
            const char *a = stroma_table_cell_text(t, at[2], end, text);
            if (!stroma_parse_double(a, strlen(a), '.', &assigned[n])) assigned[n] = (double)NAN;
        }
        stroma_population_calibration *c = &g->calibrations[g->request.calibrations_len++];
        c->marker = stroma_arena_strdup(&g->arena, channel);
        if (c->marker == NULL) return stroma_no_memory(err);
        const stroma_status s = stroma_bead_calibrate(median, assigned, n, &c->line, err);
        if (s != STROMA_OK)
            return stroma_in(err, s, "calibration \"%s\": channel \"%s\"", path, channel);
    }
    g->request.calibrations = g->calibrations;
    return STROMA_OK;
}

static stroma_status take_calibration(gate_stats *g, stroma_diag *diag, stroma_error *err)
{
    const char *path = cli_text(g->context, "calibration");
    if (path == NULL) return STROMA_OK;
    stroma_table *t = NULL;
    STROMA_TRY(stroma_table_read(path, NULL, &t, diag, err));
    const stroma_status s = calibrations_of(g, t, path, err);
    stroma_table_free(t);
    return s;
}

static void take_options(gate_stats *g)
{
    const cli_context *c = g->context;
    stroma_population_request *r = &g->request;
    stroma_population_options *o = &r->options;
    o->level = cli_number(c, "level", 0.95);
    o->resamples = (size_t)cli_count(c, "bootstrap", 2000);
    o->seed = (uint64_t)cli_count(c, "seed", 1);
    o->event_floor = (uint64_t)cli_count(c, "floor", 50);
    o->parent_floor = (uint64_t)cli_count(c, "parent-floor", 10000);
    o->bootstrap_quantiles = strcmp(cli_text(c, "interval"), "bootstrap") == 0;
    o->fraction_interval = strcmp(cli_text(c, "fraction-interval"), "wilson") == 0
                               ? STROMA_PROPORTION_WILSON
                               : STROMA_PROPORTION_CLOPPER_PEARSON;
    r->few = (uint64_t)cli_count(c, "few", 20);
    r->negative = cli_text(c, "negative");
    r->landmarks = (size_t)cli_count(c, "landmarks", 0);
    g->any_control = strcmp(cli_text(c, "control-from"), "any") == 0;
}

static void take_dead_marker(gate_stats *g)
{
    stroma_population_request *r = &g->request;
    const char *dead = cli_text(g->context, "dead-cell-marker");
    r->dead_marker = dead == NULL ? g->source.panel.dead_marker : dead;
    r->dead_marker_needed = dead != NULL;
    r->no_dead_rule = dead != NULL && strcmp(dead, "none") == 0;
    if (r->no_dead_rule) r->dead_marker = NULL;
}

/* Of all files at once, not of each. */
static void tell_dead_rule(gate_stats *g, stroma_diag *diag)
{
    stroma_population_request *r = &g->request;
    if (r->no_dead_rule || r->dead_marker != NULL) return;
    r->dead_rule_told = true;
    stroma_diag_add(diag, &(const stroma_finding){
                              .code = "STROMA-POP-001",
                              .severity = STROMA_WARNING,
                              .message = "no dead-cell marker is declared: dead cells are counted",
                              .action = "give --dead-cell-marker MARKER, or none" });
}

/* The panel knows where every marker is, so it is told of those that are asked for. */
static stroma_status tell_panel(gate_stats *g, stroma_error *err)
{
    const stroma_population_request *r = &g->request;
    stroma_panel *p = &g->source.panel;
    for (size_t i = 0; i < r->markers_len; i++)
        if (stroma_panel_marker_add(p, r->marker[i]) == SIZE_MAX) return stroma_no_memory(err);
    for (size_t i = 0; r->net && i < g->controls_len; i++)
        if (g->controls[i].marker != NULL &&
            stroma_panel_marker_add(p, g->controls[i].marker) == SIZE_MAX)
            return stroma_no_memory(err);
    if (r->dead_marker != NULL && stroma_panel_marker_add(p, r->dead_marker) == SIZE_MAX)
        return stroma_no_memory(err);
    g->request.panel = p;
    return STROMA_OK;
}

static stroma_status take_moved_from(gate_stats *g, stroma_diag *diag, stroma_error *err)
{
    const char *path = cli_text(g->context, "moved-from");
    if (path == NULL) return STROMA_OK;
    STROMA_TRY(gate_file_open(path, &g->source.controls, diag, &g->source.moved_from, err));
    g->source.has_moved_from = true;
    return STROMA_OK;
}

stroma_status gate_stats_ask(const cli_context *c, gate_stats *out, stroma_diag *diag,
                             stroma_error *err)
{
    *out = (gate_stats){ .context = c, .request = STROMA_POPULATION_REQUEST_INIT };
    stroma_arena_init(&out->arena, LISTS_BYTES_MAX);
    gate_source_init(&out->source);
    stroma_population_request *r = &out->request;
    STROMA_TRY(gate_stats_refuse(c, err));
    STROMA_TRY(take_list(out, "population", &r->population, &r->populations_len, err));
    STROMA_TRY(take_list(out, "of", &r->of, &r->of_len, err));
    STROMA_TRY(take_list(out, "mfi", &r->marker, &r->markers_len, err));
    STROMA_TRY(take_statistics(out, err));
    STROMA_TRY(take_pairs(out, err));
    STROMA_TRY(take_absolute(out, err));
    take_options(out);
    STROMA_TRY(gate_source_open(c, &out->source, diag, err));
    STROMA_TRY(gate_stats_add_indices(out, err));
    STROMA_TRY(gate_stats_refuse_request(out, err));
    take_dead_marker(out);
    STROMA_TRY(take_controls(out, diag, err));
    STROMA_TRY(take_references(out, diag, err));
    STROMA_TRY(take_moved_from(out, diag, err));
    STROMA_TRY(take_calibration(out, diag, err));
    tell_dead_rule(out, diag);
    return tell_panel(out, err);
}

void gate_stats_clear(gate_stats *g)
{
    for (size_t i = 0; i < g->controls_len; i++)
        gate_file_close(&g->controls[i].file);
    for (size_t i = 0; i < g->references_len; i++)
        gate_file_close(&g->references[i]);
    gate_source_clear(&g->source);
    stroma_arena_clear(&g->arena);
}
