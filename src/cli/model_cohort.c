/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model_cohort.h"

#include "stroma/hash.h"
#include "stroma/memory.h"

#include <string.h>

static stroma_status outcome_column(const model_cohort *k, const stroma_model *m, size_t *out,
                                    stroma_error *err)
{
    const char *asked = cli_text(k->in.c, "outcome");
    const char *name = asked == NULL ? m->outcome_name : asked;
    *out = stroma_table_find(k->table, name);
    if (*out != SIZE_MAX) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_USAGE, "outcome: no column \"%.60s\"", name);
    stroma_hint(err, "name it: --outcome COLUMN");
    return STROMA_E_USAGE;
}

/* Every input that the rule for missing values asks for. */
static bool answers(const stroma_model *m, const stroma_predict_value *v)
{
    size_t known = 0;
    for (size_t j = 0; j < m->inputs_len; j++) {
        const bool has = v[j].state == STROMA_PRESENT || v[j].state == STROMA_BELOW_LIMIT ||
                         v[j].state == STROMA_ABOVE_LIMIT;
        if (has && m->inputs[j].log_scale && !(v[j].value > 0)) return false;
        known += has;
    }
    return m->missing == STROMA_MODEL_MISSING_COMPLETE ? known == m->inputs_len : known > 0;
}

static stroma_status take_rows(model_cohort *k, const stroma_model *m, size_t column,
                               const char *event, stroma_error *err)
{
    predict_origin *origins = stroma_alloc_array(m->inputs_len, sizeof *origins);
    if (origins == NULL) return stroma_no_memory(err);
    size_t events = 0;
    stroma_buffer why;
    stroma_buffer_init(&why, 1 << 16);
    for (size_t r = 0; r < k->table->rows_len; r++) {
        char buf[STROMA_CELL_TEXT_MAX];
        stroma_predict_value *v = k->values + k->cohort.n * m->inputs_len;
        if (stroma_table_state(k->table, column, r) != STROMA_PRESENT) {
            k->no_outcome++;
            continue;
        }
        const bool yes = strcmp(stroma_table_cell_text(k->table, column, r, buf), event) == 0;
        events += yes;
        stroma_buffer_reset(&why);
        if (!predict_inputs_row(&k->in, r, v, origins, &why)) {
            k->refused++;
            continue;
        }
        if (!answers(m, v)) {
            k->missing++;
            continue;
        }
        bool unknown = false;
        for (size_t j = 0; j < m->inputs_len; j++)
            unknown = unknown || origins[j].assay_unknown;
        k->assay_unknown += unknown;
        k->outcome[k->cohort.n++] = yes;
    }
    stroma_buffer_clear(&why);
    stroma_free(origins);
    if (events > 0) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_USAGE, "no row has \"%.60s\" in the outcome column \"%s\"",
                      event, k->table->columns[column].name);
    stroma_hint(err, "say which word counts as response here: --event WORD");
    return STROMA_E_USAGE;
}

static void say(const cli_context *c, const model_cohort *k)
{
    if (k->no_outcome > 0) cli_say(c, "note: %zu rows have no outcome", k->no_outcome);
    if (k->missing > 0)
        cli_say(c, "note: %zu rows lack an input, and the model has no rule for that", k->missing);
    if (k->assay_unknown > 0)
        cli_say(c,
                "note: in %zu rows the assay of an input is not declared (--assay NAME=ASSAY); it "
                "is taken for that of the model",
                k->assay_unknown);
    if (k->refused > 0)
        cli_say(c, "note: %zu rows have values of another assay, and there is no bridge",
                k->refused);
}

static stroma_status fill(cli_context *c, const stroma_model *m, const char *path, model_cohort *k,
                          stroma_error *err)
{
    size_t column = 0;
    STROMA_TRY(model_table(c, path, &k->table, err));
    STROMA_TRY(predict_inputs_open(c, m, k->table, &k->in, err));
    STROMA_TRY(outcome_column(k, m, &column, err));
    const size_t rows = k->table->rows_len;
    if (rows > SIZE_MAX / m->inputs_len) return stroma_no_memory(err);
    k->values = stroma_alloc_array(rows * m->inputs_len, sizeof *k->values);
    k->outcome = stroma_alloc_array(rows, sizeof *k->outcome);
    if (k->values == NULL || k->outcome == NULL) return stroma_no_memory(err);
    const char *event = cli_text(c, "event");
    STROMA_TRY(take_rows(k, m, column, event == NULL ? m->event : event, err));
    say(c, k);
    k->cohort.source = path;
    k->cohort.values = k->values;
    k->cohort.outcome = k->outcome;
    stroma_hash h;
    if (strcmp(path, "-") == 0) return STROMA_OK;
    STROMA_TRY(stroma_hash_file(path, &h, NULL, err));
    k->cohort.sha256 = stroma_hash_format(&h, k->sha256);
    return STROMA_OK;
}

stroma_status model_cohort_read(cli_context *c, const stroma_model *m, const char *path,
                                model_cohort *out, stroma_error *err)
{
    *out = (model_cohort){ .table = NULL };
    const stroma_status s = fill(c, m, path, out, err);
    return s == STROMA_OK ? s : stroma_in(err, s, "file \"%s\"", path);
}

void model_cohort_free(model_cohort *k)
{
    predict_inputs_close(&k->in);
    stroma_table_free(k->table);
    stroma_free(k->values);
    stroma_free(k->outcome);
}
