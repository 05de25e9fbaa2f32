/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of populations that have no gate in this sample: a strategy did not find them, and says why.
 */
#include "population_table.h"

#include <string.h>

const stroma_population_absent *population_absent(const population_job *j, const char *id)
{
    for (size_t i = 0; id != NULL && i < j->request->absent_len; i++)
        if (strcmp(j->request->absent[i].population, id) == 0) return &j->request->absent[i];
    return NULL;
}

static stroma_status keep(stroma_population_table *t, const char *text, const char **out,
                          stroma_error *err)
{
    *out = text == NULL ? NULL : stroma_arena_strdup(&t->arena, text);
    return text != NULL && *out == NULL ? stroma_no_memory(err) : STROMA_OK;
}

stroma_status population_absent_row(population_job *j, const stroma_population_absent *a,
                                    const stroma_definition *d, const char *of, const char *marker,
                                    stroma_error *err)
{
    stroma_population_table *t = j->table;
    STROMA_TRY(stroma_grow(&t->rows, &t->rows_capacity, t->rows_len + 1, sizeof *t->rows, err));
    stroma_population_row row = { .absent = true,
                                  .order = SIZE_MAX,
                                  .value = population_value_begin(d, &j->request->options) };
    STROMA_TRY(keep(t, a->population, &row.population, err));
    STROMA_TRY(keep(t, a->parent, &row.parent, err));
    STROMA_TRY(keep(t, a->reason, &row.value.reason, err));
    STROMA_TRY(keep(t, of, &row.of, err));
    STROMA_TRY(keep(t, marker, &row.marker, err));
    t->rows[t->rows_len++] = row;
    return STROMA_OK;
}

static bool asked(const population_job *j, const char *id)
{
    for (size_t i = 0; i < j->request->populations_len; i++)
        if (strcmp(j->request->population[i], id) == 0) return true;
    return j->request->populations_len == 0;
}

/* Whether @p of lies above, beyond the parent: through populations that are absent too, then
 * through gates. */
static bool lies_below(const population_job *j, const stroma_population_absent *a, const char *of)
{
    const char *up = a->parent;
    if (strcmp(of, up) == 0) return false; /* has its row */
    const stroma_population_absent *above = population_absent(j, up);
    for (size_t n = 0; above != NULL && n < j->request->absent_len; n++) {
        up = above->parent;
        if (strcmp(of, up) == 0) return true;
        above = population_absent(j, up);
    }
    for (int g = stroma_gate_find(j->sample->gates, up); g >= 0;) {
        g = j->sample->gates->gates[g].parent;
        if (strcmp(of, g < 0 ? "ungated" : j->sample->gates->gates[g].id) == 0) return true;
    }
    return false;
}

static stroma_status rows_of(population_job *j, const stroma_population_absent *a,
                             stroma_error *err)
{
    const stroma_population_request *r = j->request;
    const stroma_definition *percent = stroma_definition_find("percent");
    STROMA_TRY(population_absent_row(j, a, stroma_definition_find("count"), NULL, NULL, err));
    STROMA_TRY(population_absent_row(j, a, percent, a->parent, NULL, err));
    for (size_t i = 0; i < r->of_len; i++)
        if (lies_below(j, a, r->of[i]))
            STROMA_TRY(population_absent_row(j, a, percent, r->of[i], NULL, err));
    for (size_t m = 0; m < r->markers_len; m++)
        for (size_t i = 0; i < r->statistics_len; i++)
            STROMA_TRY(population_absent_row(j, a, r->statistic[i], NULL, r->marker[m], err));
    return STROMA_OK;
}

stroma_status population_absent_rows(population_job *j, stroma_error *err)
{
    for (size_t i = 0; i < j->request->absent_len; i++)
        if (asked(j, j->request->absent[i].population))
            STROMA_TRY(rows_of(j, &j->request->absent[i], err));
    return STROMA_OK;
}
