/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat ancova` */
#include "stat_methods.h"

#include "stroma/stats_linear_model.h"

typedef struct ancova_data {
    double *change, *baseline;
    size_t *group, n, k;
    const char **names;
} ancova_data;

static stroma_status read_data(stat_job *j, ancova_data *d, stroma_error *err)
{
    size_t value = 0, baseline = 0, group = 0;
    STROMA_TRY(stat_column(j, "value", &value, err));
    STROMA_TRY(stat_column(j, "baseline", &baseline, err));
    STROMA_TRY(stat_column(j, "group", &group, err));
    STROMA_TRY(stat_levels(j, group, true, &d->names, &d->k, err));
    d->change = stat_alloc(j, j->rows_len, sizeof *d->change, err);
    d->baseline = stat_alloc(j, j->rows_len, sizeof *d->baseline, err);
    d->group = stat_alloc(j, j->rows_len, sizeof *d->group, err);
    if (d->change == NULL || d->baseline == NULL || d->group == NULL) return STROMA_E_NOMEM;
    for (size_t i = 0; i < j->rows_len; i++) {
        const size_t row = j->rows[i];
        if (stat_code(j, group, row, d->names, d->k, &d->group[d->n]) &&
            stat_number(j, value, row, &d->change[d->n]) &&
            stat_number(j, baseline, row, &d->baseline[d->n]))
            d->n++;
    }
    return STROMA_OK;
}

stroma_status stat_run_ancova(stat_job *j, stroma_error *err)
{
    ancova_data d = { 0 };
    stroma_ancova_result *a = NULL;
    STROMA_TRY(read_data(j, &d, err));
    STROMA_TRY(stroma_ancova(d.change, d.baseline, d.group, d.n, d.k, j->level, &a, err));
    stroma_status s = STROMA_OK;
    for (size_t g = 1; s == STROMA_OK && g < d.k; g++)
        s = stat_put(j, &a->contrasts[g - 1],
                     stroma_arena_printf(&j->arena, "%s - %s", d.names[g], d.names[0]), err);
    for (size_t g = 0; s == STROMA_OK && g < d.k; g++)
        s = stat_put(j, &a->adjusted_means[g], d.names[g], err);
    stroma_stat slope = stroma_linear_coefficient(a->model, 1, j->level);
    slope.method = "ancova";
    slope.variant = "baseline coefficient";
    if (s == STROMA_OK) s = stat_put(j, &slope, cli_text(j->cli, "baseline"), err);
    stroma_ancova_free(a);
    return s;
}
