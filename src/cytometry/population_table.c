/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of one sample: counts, shares, cells per µL and ratios of populations. */
#include "population_table.h"

#include "stroma/cytometry_workspace.h"
#include "stroma/sort.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TABLE_BYTES_MAX = 1 << 28 };
static const char all_events[] = "ungated";

uint64_t population_count(const stroma_population_tube *t, size_t gate)
{
    return gate == SIZE_MAX ? t->data->n_events : t->membership->count[gate];
}

stroma_status population_gate(const stroma_population_tube *t, const char *id, size_t *out,
                              stroma_error *err)
{
    *out = SIZE_MAX;
    if (strcmp(id, all_events) == 0) return STROMA_OK;
    const int g = stroma_gate_find(t->gates, id);
    if (g < 0) {
        const stroma_status s =
            stroma_fail(err, STROMA_E_INCONSISTENT, "there is no population \"%.80s\"", id);
        stroma_hint(err, "populations are named by the id of their gate; all events are \"%s\"",
                    all_events);
        return s;
    }
    if (!t->membership->evaluated[g])
        return stroma_fail(err, STROMA_E_INCONSISTENT, "population \"%.80s\" was not evaluated",
                           id);
    *out = (size_t)g;
    return STROMA_OK;
}

size_t population_parent(const stroma_population_tube *t, size_t gate)
{
    const int parent = gate == SIZE_MAX ? -1 : t->gates->gates[gate].parent;
    return parent < 0 ? SIZE_MAX : (size_t)parent;
}

static const char *id_of(const stroma_population_tube *t, size_t gate)
{
    return gate == SIZE_MAX ? all_events : t->gates->gates[gate].id;
}

static stroma_status keep(stroma_population_table *t, const char *text, const char **out,
                          stroma_error *err)
{
    *out = text == NULL ? NULL : stroma_arena_strdup(&t->arena, text);
    return text != NULL && *out == NULL ? stroma_no_memory(err) : STROMA_OK;
}

stroma_status population_row_add(population_job *j, size_t p, size_t place, const char *of,
                                 const char *marker, const char *control,
                                 const stroma_population_value *v, stroma_error *err)
{
    stroma_population_table *t = j->table;
    const size_t gate = j->gate[p], parent = population_parent(j->sample, gate);
    STROMA_TRY(stroma_grow(&t->rows, &t->rows_capacity, t->rows_len + 1, sizeof *t->rows, err));
    stroma_population_row row = { .count = population_count(j->sample, gate),
                                  .parent_count = population_count(j->sample, parent),
                                  .value = *v,
                                  .order = p << 24 | place };
    row.value.flags |= j->flags[p];
    STROMA_TRY(keep(t, id_of(j->sample, gate), &row.population, err));
    STROMA_TRY(keep(t, gate == SIZE_MAX ? NULL : id_of(j->sample, parent), &row.parent, err));
    STROMA_TRY(keep(t, of, &row.of, err));
    STROMA_TRY(keep(t, marker, &row.marker, err));
    STROMA_TRY(keep(t, control, &row.control, err));
    t->rows[t->rows_len++] = row;
    return STROMA_OK;
}

static stroma_status percent_row(population_job *j, size_t p, size_t place, size_t of,
                                 stroma_error *err)
{
    stroma_population_value v;
    STROMA_TRY(stroma_population_percent(population_count(j->sample, j->gate[p]),
                                         population_count(j->sample, of), &j->request->options, &v,
                                         err));
    return population_row_add(j, p, place, id_of(j->sample, of), NULL, NULL, &v, err);
}

static bool is_ancestor(const stroma_population_tube *t, size_t of, size_t gate)
{
    while (gate != SIZE_MAX) {
        gate = population_parent(t, gate);
        if (gate == of) return true;
    }
    return false;
}

static stroma_status count_rows(population_job *j, size_t p, stroma_error *err)
{
    const stroma_population_options *o = &j->request->options;
    const size_t gate = j->gate[p], parent = population_parent(j->sample, gate);
    const uint64_t n = population_count(j->sample, gate);
    stroma_population_value v = population_value_begin(stroma_definition_find("count"), o);
    v.value = (double)n;
    v.n = (size_t)n;
    v.flags = population_floor_flags(n, population_count(j->sample, parent), o);
    STROMA_TRY(population_row_add(j, p, 0, NULL, NULL, NULL, &v, err));
    if (gate == SIZE_MAX) return STROMA_OK;
    STROMA_TRY(percent_row(j, p, 1, parent, err));
    for (size_t i = 0; i < j->request->of_len; i++) {
        size_t of = 0;
        if (population_absent(j, j->request->of[i]) != NULL) continue;
        STROMA_TRY(population_gate(j->sample, j->request->of[i], &of, err));
        if (of != parent && is_ancestor(j->sample, of, gate))
            STROMA_TRY(percent_row(j, p, 2 + i, of, err));
    }
    return j->request->net ? population_net_rows(j, p, err) : STROMA_OK;
}

enum { PLACE_ABSOLUTE = 400, PLACE_RATIO = 500 };

/* The volume to divide by, and the flag that belongs to it. NaN: the file says none. */
static double volume_of(population_job *j, unsigned *flags)
{
    if (!isnan(j->request->volume_ul)) return j->request->volume_ul;
    stroma_acquired_volume v;
    stroma_acquired_volume_find(j->sample->data, j->sample->file, j->diag, &v);
    if (v.against_standard) *flags |= STROMA_FLAG_VOLUME_UNIT;
    if (*v.keyword == '\0')
        stroma_diag_add(j->diag, &(const stroma_finding){
                                     .code = "STROMA-POP-008",
                                     .severity = STROMA_WARNING,
                                     .file = j->sample->file,
                                     .message = "the file does not say which volume was acquired",
                                     .action = "give --volume or --beads" });
    return v.volume_ul;
}

static stroma_status absolute_rows(population_job *j, stroma_error *err)
{
    const stroma_population_request *r = j->request;
    const bool by_beads = r->absolute == STROMA_ABSOLUTE_BEADS;
    size_t beads = 0;
    unsigned flags = 0;
    double volume = (double)NAN;
    if (by_beads)
        STROMA_TRY(population_gate(j->sample, r->beads, &beads, err));
    else
        volume = volume_of(j, &flags);
    for (size_t p = 0; p < j->len; p++) {
        const uint64_t n = population_count(j->sample, j->gate[p]);
        stroma_population_value v =
            population_value_begin(stroma_definition_find("cells_per_ul_volume"), &r->options);
        if (j->gate[p] == SIZE_MAX || (by_beads && j->gate[p] == beads)) continue;
        if (by_beads)
            STROMA_TRY(stroma_absolute_beads(n, population_count(j->sample, beads), r->beads_per_ul,
                                             r->dilution, &r->options, &v, err));
        else if (isnan(volume))
            v.reason = "the file does not say which volume was acquired";
        else
            STROMA_TRY(stroma_absolute_volume(n, volume, r->dilution, &r->options, &v, err));
        v.flags |= flags;
        STROMA_TRY(population_row_add(j, p, PLACE_ABSOLUTE, by_beads ? r->beads : NULL, NULL, NULL,
                                      &v, err));
    }
    return STROMA_OK;
}

/* The nearest population that holds both. */
static size_t common_ancestor(const stroma_population_tube *t, size_t a, size_t b)
{
    for (a = population_parent(t, a); a != SIZE_MAX; a = population_parent(t, a))
        if (is_ancestor(t, a, b)) return a;
    return SIZE_MAX;
}

static uint64_t both(const stroma_population_tube *t, size_t a, size_t b)
{
    const stroma_membership *m = t->membership;
    uint64_t n = 0;
    for (size_t w = 0; w < m->words; w++)
        n += (uint64_t)__builtin_popcountll(m->bits[a * m->words + w] & m->bits[b * m->words + w]);
    return n;
}

static stroma_status pair_rows(population_job *j, size_t i, stroma_error *err)
{
    const stroma_population_pair *pair = &j->request->pairs[i];
    size_t a = 0, b = 0, p = 0;
    const stroma_population_absent *gone = population_absent(j, pair->numerator);
    if (gone == NULL) gone = population_absent(j, pair->denominator);
    if (gone != NULL) {
        const stroma_population_absent row = { pair->numerator, NULL, gone->reason };
        return population_absent_row(j, &row, stroma_definition_find("log_ratio"),
                                     pair->denominator, NULL, err);
    }
    STROMA_TRY(population_gate(j->sample, pair->numerator, &a, err));
    STROMA_TRY(population_gate(j->sample, pair->denominator, &b, err));
    if (a == SIZE_MAX || b == SIZE_MAX || a == b)
        return stroma_fail(err, STROMA_E_USAGE, "a ratio needs two populations, not \"%s/%s\"",
                           pair->numerator, pair->denominator);
    const uint64_t overlap = both(j->sample, a, b);
    const uint64_t n = population_count(j->sample, common_ancestor(j->sample, a, b));
    char name[256];
    (void)snprintf(name, sizeof name, "%s/%s/%s", j->sample->file, pair->numerator,
                   pair->denominator);
    /* Events in both tell nothing of which is larger, and are no cells of a multinomial. */
    const stroma_count_ratio ratio = { .numerator = population_count(j->sample, a) - overlap,
                                       .numerator_of = n,
                                       .denominator = population_count(j->sample, b) - overlap,
                                       .denominator_of = n,
                                       .same_parent = true,
                                       .few = j->request->few,
                                       .name = name };
    stroma_population_value delta, bootstrap;
    STROMA_TRY(stroma_log_ratio(&ratio, &j->request->options, &delta, &bootstrap, err));
    while (p < j->len && j->gate[p] != a)
        p++;
    if (p == j->len) return STROMA_OK; /* its numerator was not asked for */
    STROMA_TRY(
        population_row_add(j, p, PLACE_RATIO + 2 * i, pair->denominator, NULL, NULL, &delta, err));
    return *bootstrap.interval == '\0'
               ? STROMA_OK
               : population_row_add(j, p, PLACE_RATIO + 2 * i + 1, pair->denominator, NULL, NULL,
                                    &bootstrap, err);
}

static void tell_dead(population_job *j, const char *code, const char *message, const char *value)
{
    stroma_diag_add(j->diag, &(const stroma_finding){ .code = code,
                                                      .severity = STROMA_WARNING,
                                                      .file = j->sample->file,
                                                      .param = j->request->dead_marker,
                                                      .value = value,
                                                      .message = message });
}

/* The marker is used further down: this population is only on the way to the living. */
static bool leads_to_living(const population_job *j, size_t p, const bool *living)
{
    for (size_t i = 0; i < j->len; i++)
        if (living[i] && is_ancestor(j->sample, j->gate[p], j->gate[i])) return true;
    return false;
}

static stroma_status flag_dead(population_job *j, const char *const *names, size_t n, bool *living,
                               stroma_error *err)
{
    for (size_t p = 0; p < j->len; p++)
        if (j->gate[p] != SIZE_MAX)
            STROMA_TRY(stroma_population_uses_channel(j->sample->gates, j->gate[p], names, n,
                                                      &living[p], err));
    const char *first = NULL;
    for (size_t p = 0; p < j->len; p++) {
        if (living[p] || j->gate[p] == SIZE_MAX) continue;
        j->flags[p] |= STROMA_FLAG_DEAD_CELLS_INCLUDED;
        if (first == NULL && !leads_to_living(j, p, living)) first = id_of(j->sample, j->gate[p]);
    }
    if (first != NULL)
        tell_dead(j, "STROMA-POP-002", "no dead-cell gate stands before this population, at least",
                  first);
    return STROMA_OK;
}

/* Flag the populations in which dead cells are. */
static stroma_status look_for_dead(population_job *j, stroma_error *err)
{
    const stroma_population_request *r = j->request;
    if (r->no_dead_rule) return STROMA_OK;
    if (r->dead_marker == NULL) {
        for (size_t p = 0; p < j->len; p++)
            j->flags[p] |= STROMA_FLAG_NO_DEAD_CELL_MARKER;
        if (!r->dead_rule_told)
            tell_dead(j, "STROMA-POP-001",
                      "no dead-cell marker is declared: dead cells are counted", NULL);
        return STROMA_OK;
    }
    stroma_event_column c;
    const char *channel = NULL, *names[3] = { NULL, NULL, NULL };
    const stroma_status found =
        population_marker_find(j->sample, r->panel, r->dead_marker, &c, &channel, err);
    if (found == STROMA_E_INCONSISTENT &&
        !r->dead_marker_needed) { /* this tube was not stained for it */
        stroma_error_clear(err);
        for (size_t p = 0; p < j->len; p++)
            j->flags[p] |= STROMA_FLAG_DEAD_CELLS_INCLUDED;
        tell_dead(j, "STROMA-POP-002",
                  "the file has no channel of the dead-cell marker: dead cells are counted", NULL);
        return STROMA_OK;
    }
    STROMA_TRY(found);
    size_t n = population_column_names(j->sample, &c, names);
    names[n++] = r->dead_marker;
    bool *living = stroma_alloc_array(j->len, sizeof *living);
    if (living == NULL) return stroma_no_memory(err);
    const stroma_status s = flag_dead(j, names, n, living, err);
    stroma_free(living);
    return s;
}

/* FlowJo does not show the shape behind an "events outside" gate. */
static bool is_hidden(const stroma_gate_set *s, size_t g)
{
    return s->flowjo != NULL && s->flowjo->gates[g].hidden;
}

static stroma_status find_populations(population_job *j, stroma_error *err)
{
    const stroma_population_request *r = j->request;
    const stroma_gate_set *s = j->sample->gates;
    const size_t n = r->populations_len > 0 ? r->populations_len : s->gates_len + 1;
    j->gate = stroma_alloc_array(n, sizeof *j->gate);
    j->flags = stroma_alloc_array(n, sizeof *j->flags);
    if (j->gate == NULL || j->flags == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < r->populations_len; i++)
        if (population_absent(j, r->population[i]) == NULL)
            STROMA_TRY(population_gate(j->sample, r->population[i], &j->gate[j->len++], err));
    if (r->populations_len > 0) return STROMA_OK;
    j->gate[j->len++] = SIZE_MAX;
    for (size_t g = 0; g < s->gates_len; g++)
        if (j->sample->membership->evaluated[g] && !is_hidden(s, g)) j->gate[j->len++] = g;
    return STROMA_OK;
}

static int by_order(const void *a, const void *b, void *context)
{
    (void)context;
    const stroma_population_row *x = a, *y = b;
    return (x->order > y->order) - (x->order < y->order);
}

static stroma_status fill(population_job *j, stroma_error *err)
{
    STROMA_TRY(find_populations(j, err));
    STROMA_TRY(look_for_dead(j, err));
    for (size_t p = 0; p < j->len; p++)
        STROMA_TRY(count_rows(j, p, err));
    if (j->request->absolute != STROMA_ABSOLUTE_NONE) STROMA_TRY(absolute_rows(j, err));
    for (size_t i = 0; i < j->request->pairs_len; i++)
        STROMA_TRY(pair_rows(j, i, err));
    STROMA_TRY(population_markers(j, err));
    STROMA_TRY(population_absent_rows(j, err));
    return stroma_sort(j->table->rows, j->table->rows_len, sizeof *j->table->rows, by_order, NULL,
                       err);
}

stroma_status stroma_population_tabulate(const stroma_population_tube *sample,
                                         const stroma_population_request *request,
                                         stroma_diag *diag, stroma_population_table *out,
                                         stroma_error *err)
{
    *out = (stroma_population_table){ .rows = NULL };
    stroma_arena_init(&out->arena, TABLE_BYTES_MAX);
    STROMA_TRY(population_options_check(&request->options, err));
    population_job j = { .sample = sample, .request = request, .table = out, .diag = diag };
    const stroma_status s = fill(&j, err);
    stroma_free(j.gate);
    stroma_free(j.flags);
    return s;
}

void stroma_population_table_clear(stroma_population_table *t)
{
    stroma_free(t->rows);
    stroma_arena_clear(&t->arena);
    *t = (stroma_population_table){ .rows = NULL };
}
