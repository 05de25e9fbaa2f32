/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat lm`: a linear model by formula. */
#include "stat_members.h"
#include "stat_methods.h"

#include "stroma/stats_formula.h"

#include <math.h>
#include <string.h>

/* What is freed together. */
typedef struct model {
    stroma_formula *formula;
    stroma_formula_data *data;
    stroma_linear_model *fit;
    stroma_buffer members; /* key, 0, value, 0, … */
} model;

static void model_free(model *m)
{
    stroma_buffer_clear(&m->members);
    stroma_linear_model_free(m->fit);
    stroma_formula_data_free(m->data);
    stroma_formula_free(m->formula);
}

/* "arm=placebo,drug" (several separated by ';') as levels of factors */
stroma_status stat_formula_levels(stat_job *j, stroma_formula_levels **out, size_t *n,
                                  stroma_error *err)
{
    const char *p = cli_text(j->cli, "levels");
    *n = 0;
    *out = stat_alloc(j, p == NULL ? 1 : strlen(p) + 1, sizeof **out, err);
    if (*out == NULL) return STROMA_E_NOMEM;
    while (p != NULL && *p != '\0') {
        const size_t whole = strcspn(p, ";"), key = strcspn(p, "=");
        if (key >= whole) {
            (void)stroma_fail(err, STROMA_E_USAGE, "--levels does not say of which factor");
            stroma_hint(err, "write --levels 'arm=placebo,drug'");
            return STROMA_E_USAGE;
        }
        stroma_formula_levels *l = &(*out)[(*n)++];
        const char **names = stat_alloc(j, whole - key, sizeof *names, err);
        l->column = stroma_arena_strndup(&j->arena, p, key);
        l->names = names;
        if (names == NULL || l->column == NULL) return STROMA_E_NOMEM;
        if (j->table != NULL && stroma_table_find(j->table, l->column) == SIZE_MAX)
            return stroma_fail(err, STROMA_E_USAGE, "--levels: no column \"%s\" in the file",
                               l->column);
        for (const char *q = p + key + 1; q <= p + whole && l->names_len < whole - key;) {
            const size_t len = strcspn(q, ",;");
            names[l->names_len] = stroma_arena_strndup(&j->arena, q, len);
            if (names[l->names_len++] == NULL) return stroma_no_memory(err);
            q += len + 1;
        }
        p += whole + (p[whole] == ';');
    }
    return STROMA_OK;
}

/* One row of the flat forms, one object of the list that is being written. */
static stroma_status put_part(stat_job *j, model *m, const stroma_stat *s, const char *variant,
                              const char *label, bool first, stroma_error *err)
{
    if (!first) stroma_buffer_putc(&m->members, ',');
    stat_json_stat(&m->members, label, s);
    stat_result r = { .stat = *s, .label = label, .p_adjusted = NAN, .flat_only = true };
    r.stat.method = "linear_model";
    r.stat.variant = variant;
    return stat_put_result(j, &r, err);
}

static stroma_status put_coefficients(stat_job *j, model *m, stroma_error *err)
{
    stat_member(&m->members, "coefficients");
    stroma_buffer_putc(&m->members, '[');
    for (size_t c = 0; c < m->fit->columns; c++) {
        const stroma_stat s = stroma_linear_coefficient(m->fit, c, j->level);
        const char *name = stroma_arena_strdup(&j->arena, m->data->design.names[c]);
        STROMA_TRY(put_part(j, m, &s, "coefficient", name, c == 0, err));
    }
    stroma_buffer_putc(&m->members, ']');
    stat_member_end(&m->members);
    return STROMA_OK;
}

/* Adjusted means of every factor's levels, or their differences from the reference level. */
static stroma_status put_means(stat_job *j, model *m, bool contrasts, stroma_error *err)
{
    const size_t p = m->fit->columns;
    double *l = stat_alloc(j, 2 * p, sizeof *l, err), *reference = l + p;
    bool first = true;
    if (l == NULL) return STROMA_E_NOMEM;
    stat_member(&m->members, contrasts ? "contrasts" : "ls_means");
    stroma_buffer_putc(&m->members, '[');
    for (size_t v = 0; v < m->formula->variables_len; v++) {
        const stroma_formula_factor *f = &m->data->factors[v];
        for (size_t k = contrasts ? 1 : 0; f->is_factor && k < f->levels_len; k++) {
            stroma_formula_ls_mean(m->data, v, k, l);
            stroma_formula_ls_mean(m->data, v, 0, reference);
            for (size_t c = 0; contrasts && c < p; c++)
                l[c] -= reference[c];
            const stroma_stat s = stroma_linear_contrast(m->fit, l, 0, j->level);
            const char *name =
                contrasts
                    ? stroma_arena_printf(&j->arena, "%s: %s - %s", m->formula->variables[v].label,
                                          f->levels[k], f->levels[0])
                    : stroma_arena_printf(&j->arena, "%s: %s", m->formula->variables[v].label,
                                          f->levels[k]);
            STROMA_TRY(
                put_part(j, m, &s, contrasts ? "contrast" : "adjusted mean", name, first, err));
            first = false;
        }
    }
    stroma_buffer_putc(&m->members, ']');
    stat_member_end(&m->members);
    return STROMA_OK;
}

static stroma_status put_whole(stat_job *j, model *m, const char *text, stroma_error *err)
{
    const stroma_linear_model *fit = m->fit;
    stat_result r = { .stat = stroma_stat_empty("linear_model"), .label = text, .p_adjusted = NAN };
    STROMA_TRY(stat_members_keep(j, &m->members, &r.members, err));
    r.json_only = true;
    r.stat.variant = "least squares";
    r.stat.n_used = fit->rows;
    if (!isnan(fit->f)) {
        r.stat.statistic_name = "F";
        r.stat.statistic = fit->f;
        r.stat.df = fit->df_model;
        r.stat.df2 = fit->df_residual;
        r.stat.p = fit->f_p;
    }
    r.stat.effect_name = "R2";
    r.stat.effect = fit->r_squared;
    r.stat.reason = fit->df_residual > 0 ? "" : "no residual degrees of freedom";
    return stat_put_result(j, &r, err);
}

const char *stat_term_name(stat_job *j, const stroma_formula *f, size_t term)
{
    const char *text = NULL;
    for (size_t v = 0; v < f->variables_len; v++) {
        if ((f->terms[term] >> v & 1) == 0) continue;
        text = text == NULL ? stroma_arena_strdup(&j->arena, f->variables[v].label)
                            : stroma_arena_printf(&j->arena, "%s:%s", text, f->variables[v].label);
        if (text == NULL) return NULL;
    }
    return text;
}

stroma_status stat_formula_exclusions(stat_job *j, const stroma_formula_data *d, stroma_error *err)
{
    for (size_t i = 0; i < d->excluded_len; i++) {
        const char *why = stroma_arena_strdup(&j->arena, d->excluded[i].reason);
        if (why == NULL) return stroma_no_memory(err);
        for (size_t k = 0; k < d->excluded[i].n; k++)
            stat_exclude(j, why);
    }
    return STROMA_OK;
}

static stroma_status formula_data(stat_job *j, bool censored, stroma_formula **f,
                                  stroma_formula_data **d, stroma_error *err)
{
    stroma_formula_levels *levels = NULL;
    size_t n = 0;
    const char *text = cli_text(j->cli, "formula");
    if (text == NULL) {
        (void)stroma_fail(err, STROMA_E_USAGE, "option --formula is missing");
        stroma_hint(err, "as --formula 'change ~ baseline + arm'");
        return STROMA_E_USAGE;
    }
    if (j->table == NULL) return stroma_fail(err, STROMA_E_USAGE, "this method needs a file");
    STROMA_TRY(stroma_formula_parse(text, f, err));
    if ((*f)->covariance != NULL)
        return stroma_fail(err, STROMA_E_USAGE, "this model has no covariance term, found %s(…)",
                           (*f)->covariance);
    (*f)->event = cli_text(j->cli, "event");
    (*f)->censored = censored;
    STROMA_TRY(stat_formula_levels(j, &levels, &n, err));
    STROMA_TRY(stroma_formula_apply(*f, j->table, j->rows, j->rows_len, levels, n, d, err));
    return stat_formula_exclusions(j, *d, err);
}

stroma_status stat_formula_data(stat_job *j, stroma_formula **f, stroma_formula_data **d,
                                stroma_error *err)
{
    return formula_data(j, false, f, d, err);
}

stroma_status stat_formula_censored(stat_job *j, stroma_formula **f, stroma_formula_data **d,
                                    stroma_error *err)
{
    return formula_data(j, true, f, d, err);
}

static stroma_status fill(stat_job *j, model *m, stroma_error *err)
{
    if (cli_given(j->cli, "event"))
        return stroma_fail(err, STROMA_E_USAGE, "--event is for outcomes of two classes, not lm");
    STROMA_TRY(stat_formula_data(j, &m->formula, &m->data, err));
    STROMA_TRY(stroma_linear_model_fit(&m->data->design, m->data->y, NULL, &m->fit, err));
    STROMA_TRY(put_coefficients(j, m, err));
    stat_member_matrix(&m->members, "covariance", m->fit->covariance, m->fit->columns);
    stat_member_number(&m->members, "minus2_log_likelihood", m->fit->minus2_log_likelihood);
    stat_member_number(&m->members, "residual_sd", m->fit->residual_sd);
    stat_member_number(&m->members, "df_residual", m->fit->df_residual);
    stat_member_number(&m->members, "r_squared", m->fit->r_squared);
    stat_member_number(&m->members, "r_squared_adjusted", m->fit->r_squared_adjusted);
    STROMA_TRY(put_means(j, m, false, err));
    STROMA_TRY(put_means(j, m, true, err));
    return put_whole(j, m, cli_text(j->cli, "formula"), err);
}

stroma_status stat_run_lm(stat_job *j, stroma_error *err)
{
    model m = { 0 };
    stroma_buffer_init(&m.members, STAT_MEMBERS_BYTES_MAX);
    const stroma_status s = fill(j, &m, err);
    model_free(&m);
    return s;
}
