/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat cpm`: the ranks of a response beyond limits by formula. */
#include "stat_censored.h"

#include "stroma/models_cpm.h"

#include <math.h>

/* What is freed together. */
typedef struct model {
    stroma_formula *formula;
    stroma_formula_data *data;
    stroma_cpm *fit;
    stroma_censored_sample sample;
    stroma_buffer members;
} model;

static void model_free(model *m)
{
    stroma_buffer_clear(&m->members);
    stroma_cpm_free(m->fit);
    stroma_formula_data_free(m->data);
    stroma_formula_free(m->formula);
}

/* One row of the flat forms, one object of the list that is being written. */
static stroma_status put_part(stat_job *j, model *m, const stroma_stat *s, const char *name,
                              const char *variant, bool first, stroma_error *err)
{
    if (name == NULL) return stroma_no_memory(err);
    if (!first) stroma_buffer_putc(&m->members, ',');
    stat_json_stat(&m->members, name, s);
    stat_result r = { .stat = *s, .label = name, .p_adjusted = NAN, .flat_only = true };
    r.stat.variant = variant;
    return stat_put_result(j, &r, err);
}

/* The constant is in the curve and has no row. */
static stroma_status put_coefficients(stat_job *j, model *m, stroma_error *err)
{
    bool first = true;
    stat_member(&m->members, "coefficients");
    stroma_buffer_putc(&m->members, '[');
    for (size_t c = 0; c < m->fit->columns; c++) {
        if (m->data->column_term[c] == SIZE_MAX) continue;
        STROMA_TRY(put_part(j, m, &m->fit->terms[c],
                            stroma_arena_strdup(&j->arena, m->data->design.names[c]), "coefficient",
                            first, err));
        first = false;
    }
    stroma_buffer_putc(&m->members, ']');
    stat_member_end(&m->members);
    return STROMA_OK;
}

static stroma_status put_tests(stat_job *j, model *m, stroma_error *err)
{
    const stroma_design *d = &m->data->design;
    bool first = true;
    size_t *columns = stat_alloc(j, d->columns, sizeof *columns, err);
    if (columns == NULL) return STROMA_E_NOMEM;
    stat_member(&m->members, "tests");
    stroma_buffer_putc(&m->members, '[');
    for (size_t t = 0; t < m->formula->terms_len; t++) {
        const size_t n = stat_term_columns(m->formula, m->data, t, columns);
        stroma_stat s;
        if (n == 0) continue;
        STROMA_TRY(stroma_cpm_joint_test(d, &m->sample, columns, n, &s, err));
        STROMA_TRY(
            put_part(j, m, &s, stat_term_name(j, m->formula, t), "likelihood ratio", first, err));
        first = false;
    }
    stroma_buffer_putc(&m->members, ']');
    stat_member_end(&m->members);
    return STROMA_OK;
}

/* P(Y ≤ value) at x = 0 is logistic(alpha); the last alpha is null where that is 1. */
static void curve_member(model *m)
{
    stroma_json v;
    stat_member(&m->members, "curve");
    stroma_json_init(&v, &m->members, 0);
    stroma_json_begin_array(&v);
    for (size_t k = 0; k < m->fit->values_len; k++) {
        stroma_json_begin_object(&v);
        stroma_json_put_number(&v, "value", m->fit->value[k]);
        stroma_json_put_number(&v, "alpha", m->fit->alpha[k]);
        stroma_json_end_object(&v);
    }
    stroma_json_end_array(&v);
    stat_member_end(&m->members);
}

static stroma_status put_whole(stat_job *j, model *m, stroma_error *err)
{
    const stroma_cpm *fit = m->fit;
    stroma_buffer *b = &m->members;
    stat_member_matrix(b, "covariance", fit->covariance, fit->columns);
    stat_member_number(b, "minus2_log_likelihood", -2 * fit->log_likelihood);
    stat_member_number(b, "minus2_log_likelihood_null", -2 * fit->log_likelihood_null);
    stat_censored_members(b, &fit->counts);
    curve_member(m);
    stat_result r = { .stat = fit->likelihood_ratio,
                      .label = cli_text(j->cli, "formula"),
                      .p_adjusted = NAN,
                      .json_only = true };
    if (fit->reason[0] != '\0') r.stat.reason = fit->reason;
    STROMA_TRY(stat_members_keep(j, b, &r.members, err));
    return stat_put_result(j, &r, err);
}

static stroma_status run(stat_job *j, model *m, stroma_error *err)
{
    if (cli_given(j->cli, "event"))
        return stroma_fail(err, STROMA_E_USAGE, "--event is for outcomes of two classes, not cpm");
    STROMA_TRY(stat_formula_censored(j, &m->formula, &m->data, err));
    STROMA_TRY(stat_formula_bounds(j, m->formula, m->data, &m->sample, err));
    STROMA_TRY(stroma_cpm_fit(&m->data->design, &m->sample, j->level, &m->fit, err));
    STROMA_TRY(put_coefficients(j, m, err));
    STROMA_TRY(put_tests(j, m, err));
    return put_whole(j, m, err);
}

stroma_status stat_run_cpm(stat_job *j, stroma_error *err)
{
    model m = { 0 };
    stroma_buffer_init(&m.members, STAT_MEMBERS_BYTES_MAX);
    const stroma_status s = run(j, &m, err);
    model_free(&m);
    return s;
}
