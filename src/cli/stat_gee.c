/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat gee`: repeated yes/no or ordered outcomes by formula. */
#include "stat_members.h"
#include "stat_methods.h"

#include "stroma/models_gee.h"

#include <math.h>
#include <string.h>

/* What is freed together, and the subjects and visits of the rows. */
typedef struct model {
    stat_ordered ordered; /* of yes/no outcomes too: 0, 1 */
    stroma_gee_data data;
    stroma_gee_model *fit;
    const char **visit_names;
    stroma_buffer members;
} model;

static void options_of(const stat_job *j, stroma_gee_options *o)
{
    const char *corr = cli_text(j->cli, "corr"), *variance = cli_text(j->cli, "variance");
    o->level = j->level;
    for (int k = 0; k <= STROMA_GEE_UNSTRUCTURED; k++)
        if (strcmp(corr, stroma_gee_association_name((stroma_gee_association)k)) == 0)
            o->association = (stroma_gee_association)k;
    for (int k = 0; k < STROMA_GEE_VARIANCES; k++)
        if (strcmp(variance, stroma_gee_variance_name((stroma_gee_variance)k)) == 0)
            o->variance = (stroma_gee_variance)k;
}

/* Levels of a column: as --levels has them, else by value. */
static stroma_status names_of(stat_job *j, size_t column, const char ***names, size_t *k,
                              stroma_error *err)
{
    stroma_formula_levels *levels = NULL;
    size_t n = 0;
    STROMA_TRY(stat_formula_levels(j, &levels, &n, err));
    for (size_t i = 0; i < n; i++)
        if (strcmp(levels[i].column, j->table->columns[column].name) == 0) {
            *k = levels[i].names_len;
            *names = stat_alloc(j, *k, sizeof **names, err);
            if (*names == NULL) return STROMA_E_NOMEM;
            for (size_t l = 0; l < *k; l++)
                (*names)[l] = levels[i].names[l];
            return STROMA_OK;
        }
    return stat_levels(j, column, false, names, k, err);
}

/* Only rows whose subject and visit are known go on. */
static stroma_status keep_known(stat_job *j, size_t subject, size_t visit, const model *m,
                                const char *const *subjects, stroma_error *err)
{
    size_t n = 0, code = 0;
    size_t *rows = stat_alloc(j, j->rows_len, sizeof *rows, err);
    if (rows == NULL) return STROMA_E_NOMEM;
    for (size_t i = 0; i < j->rows_len; i++)
        if (stat_code(j, subject, j->rows[i], subjects, m->data.subjects, &code) &&
            stat_code(j, visit, j->rows[i], m->visit_names, m->data.visits, &code))
            rows[n++] = j->rows[i];
    j->rows = rows;
    j->rows_len = n;
    return STROMA_OK;
}

static stroma_status yes_no(stat_job *j, model *m, stroma_error *err)
{
    stat_ordered *o = &m->ordered;
    STROMA_TRY(stat_formula_data(j, &o->formula, &o->data, err));
    o->categories = 2;
    o->y = stat_alloc(j, o->data->design.rows, sizeof *o->y, err);
    if (o->y == NULL) return STROMA_E_NOMEM;
    size_t events = 0;
    for (size_t i = 0; i < o->data->design.rows; i++)
        events += o->y[i] = o->data->y[i] > 0;
    if (events > 0 && events < o->data->design.rows) return STROMA_OK;
    return stroma_fail(err, STROMA_E_DEGENERATE, "%s of %zu rows have \"%s\" in column \"%s\"",
                       events == 0 ? "none" : "all", o->data->design.rows,
                       cli_text(j->cli, "event"), o->formula->response);
}

static stroma_status read_data(stat_job *j, model *m, stroma_error *err)
{
    size_t subject = 0, visit = 0, *kept = j->rows, kept_len = j->rows_len;
    const char **subjects = NULL;
    STROMA_TRY(stat_column(j, "subject", &subject, err));
    STROMA_TRY(stat_column(j, "visit", &visit, err));
    STROMA_TRY(stat_levels(j, subject, false, &subjects, &m->data.subjects, err));
    STROMA_TRY(names_of(j, visit, &m->visit_names, &m->data.visits, err));
    STROMA_TRY(keep_known(j, subject, visit, m, subjects, err));
    stroma_status s =
        cli_given(j->cli, "event") ? yes_no(j, m, err) : stat_ordered_data(j, &m->ordered, err);
    j->rows = kept;
    j->rows_len = kept_len;
    STROMA_TRY(s);
    const stroma_formula_data *d = m->ordered.data;
    size_t *codes = stat_alloc(j, 2 * d->design.rows, sizeof *codes, err);
    if (codes == NULL) return STROMA_E_NOMEM;
    for (size_t i = 0; i < d->design.rows; i++) {
        (void)stat_code(j, subject, d->table_rows[i], subjects, m->data.subjects, &codes[i]);
        (void)stat_code(j, visit, d->table_rows[i], m->visit_names, m->data.visits,
                        &codes[d->design.rows + i]);
    }
    m->data.design = &d->design;
    m->data.y = m->ordered.y;
    m->data.categories = m->ordered.categories;
    m->data.subject = codes;
    m->data.visit = codes + d->design.rows;
    return STROMA_OK;
}

static stroma_status put_terms(stat_job *j, model *m, stroma_error *err)
{
    const stroma_gee_model *fit = m->fit;
    const stroma_design *d = m->data.design;
    bool first = true;
    stat_member(&m->members, "coefficients");
    stroma_buffer_putc(&m->members, '[');
    for (size_t c = 0; c < fit->columns; c++) {
        if (fit->aliased[c] && strcmp(d->names[c], "(Intercept)") == 0) continue;
        STROMA_TRY(stat_put_coefficient(j, &m->members, &fit->terms[c], "coefficient", d->names[c],
                                        first, err));
        first = false;
    }
    stroma_buffer_putc(&m->members, ']');
    stat_member_end(&m->members);
    if (fit->categories == 2) return STROMA_OK;
    stat_member(&m->members, "thresholds");
    stroma_buffer_putc(&m->members, '[');
    for (size_t k = 0; k + 1 < fit->categories; k++) {
        const char *name =
            stroma_arena_printf(&j->arena, "%s | %s", m->ordered.names[k], m->ordered.names[k + 1]);
        if (name == NULL) return stroma_no_memory(err);
        STROMA_TRY(stat_put_coefficient(j, &m->members, &fit->threshold_terms[k], "threshold", name,
                                        k == 0, err));
    }
    stroma_buffer_putc(&m->members, ']');
    stat_member_end(&m->members);
    return STROMA_OK;
}

/* Wald's F of every term of the formula. */
static stroma_status put_tests(stat_job *j, model *m, stroma_error *err)
{
    const stroma_formula_data *d = m->ordered.data;
    size_t *columns = stat_alloc(j, d->design.columns, sizeof *columns, err);
    if (columns == NULL) return STROMA_E_NOMEM;
    stat_member(&m->members, "tests");
    stroma_buffer_putc(&m->members, '[');
    for (size_t t = 0; t < m->ordered.formula->terms_len; t++) {
        stroma_stat s;
        const size_t n = stat_ordered_columns(&m->ordered, t, columns);
        const char *label = stat_term_name(j, m->ordered.formula, t);
        if (label == NULL) return stroma_no_memory(err);
        STROMA_TRY(stroma_gee_joint_test(m->fit, columns, n, &s, err));
        STROMA_TRY(stat_put_coefficient(j, &m->members, &s, "test of term", label, t == 0, err));
    }
    stroma_buffer_putc(&m->members, ']');
    stat_member_end(&m->members);
    return STROMA_OK;
}

static void put_association(model *m)
{
    const stroma_gee_model *fit = m->fit;
    stroma_json v;
    stat_member_text(&m->members, "association", stroma_gee_association_name(fit->association));
    stat_member_text(&m->members, "association_measure",
                     fit->categories > 2 ? "local odds ratio" : "correlation");
    stat_member_matrix(&m->members, "association_matrix", fit->association_matrix, m->data.visits);
    stat_member(&m->members, "visits");
    stroma_json_init(&v, &m->members, 0);
    stroma_json_begin_array(&v);
    for (size_t i = 0; i < m->data.visits; i++)
        stroma_json_string(&v, m->visit_names[i]);
    stroma_json_end_array(&v);
    stat_member_end(&m->members);
}

/* All four errors of every coefficient, and those of a right working association. */
static void put_errors(model *m)
{
    static const char *const keys[STROMA_GEE_VARIANCES] = { "sandwich", "kauermann_carroll",
                                                            "mancl_derouen", "fay_graubard" };
    const stroma_gee_model *fit = m->fit;
    stroma_json v;
    stat_member(&m->members, "standard_errors");
    stroma_json_init(&v, &m->members, 0);
    stroma_json_begin_array(&v);
    for (size_t c = 0; c < fit->columns; c++) {
        if (fit->aliased[c]) continue;
        stroma_json_begin_object(&v);
        stroma_json_put_string(&v, "term", m->data.design->names[c]);
        for (int k = 0; k < STROMA_GEE_VARIANCES; k++)
            stroma_json_put_number(&v, keys[k], fit->se[k][c]);
        stroma_json_put_number(&v, "model", fit->se_model[c]);
        stroma_json_end_object(&v);
    }
    stroma_json_end_array(&v);
    stat_member_end(&m->members);
}

static stroma_status fill(stat_job *j, model *m, stroma_error *err)
{
    stroma_gee_options o = STROMA_GEE_OPTIONS_INIT;
    stroma_buffer *b = &m->members;
    options_of(j, &o);
    STROMA_TRY(read_data(j, m, err));
    const stroma_status s = stroma_gee_fit(&m->data, &o, &m->fit, err);
    if (s == STROMA_E_INCONSISTENT)
        stroma_hint(err, "is \"%s\" unique over all centres?", cli_text(j->cli, "subject"));
    STROMA_TRY(s);
    const stroma_gee_model *fit = m->fit;
    STROMA_TRY(put_terms(j, m, err));
    STROMA_TRY(put_tests(j, m, err));
    put_association(m);
    put_errors(m);
    stat_member_text(b, "variance", stroma_gee_variance_name(fit->variance));
    stat_put_parameters(&m->ordered, b);
    stat_member_matrix(b, "covariance", fit->covariance, fit->categories - 1 + fit->columns);
    stat_member_number(b, "subjects", (double)fit->subjects);
    stat_member_number(b, "rows_per_subject_least", (double)fit->subject_rows_least);
    stat_member_number(b, "rows_per_subject_most", (double)fit->subject_rows_most);
    stat_member_number(b, "df", fit->df);
    stat_member_number(b, "dispersion", fit->dispersion);
    stat_member_number(b, "qic", fit->qic);
    stat_member_text(b, "separation", stroma_separation_name(fit->separation));
    stat_result r = { .stat = stroma_stat_empty("gee"),
                      .label = cli_text(j->cli, "formula"),
                      .p_adjusted = NAN,
                      .json_only = true };
    r.stat.variant = stroma_gee_association_name(fit->association);
    r.stat.n_used = fit->rows;
    r.stat.not_estimable = fit->reason[0] != '\0';
    r.stat.reason = fit->reason;
    STROMA_TRY(stat_members_keep(j, b, &r.members, err));
    return stat_put_result(j, &r, err);
}

stroma_status stat_run_gee(stat_job *j, stroma_error *err)
{
    model m = { 0 };
    stroma_buffer_init(&m.members, STAT_MEMBERS_BYTES_MAX);
    const stroma_status s = fill(j, &m, err);
    stroma_buffer_clear(&m.members);
    stroma_gee_free(m.fit);
    stat_ordered_free(&m.ordered);
    return s;
}
