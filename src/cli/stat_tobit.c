/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat tobit`, `impute-censored`: a response beyond limits by formula, and its completed
 * values. */
#include "stat_censored.h"

#include "stroma/memory.h"
#include "stroma/models_imputation.h"
#include "stroma/number.h"

#include <math.h>
#include <string.h>

/* What is freed together. */
typedef struct model {
    stroma_formula *formula;
    stroma_formula_data *data;
    stroma_tobit *fit;
    stroma_censored_sample sample;
    stroma_tobit_options options;
    stroma_buffer members;
} model;

static void model_free(model *m)
{
    stroma_buffer_clear(&m->members);
    stroma_tobit_free(m->fit);
    stroma_formula_data_free(m->data);
    stroma_formula_free(m->formula);
}

static stroma_status fit(stat_job *j, model *m, stroma_error *err)
{
    if (cli_given(j->cli, "event"))
        return stroma_fail(err, STROMA_E_USAGE, "--event is for outcomes of two classes");
    m->options.shape = stat_censored_shape(j);
    m->options.level = j->level;
    STROMA_TRY(stat_censored_interval(j, &m->options.interval, err));
    STROMA_TRY(stat_formula_censored(j, &m->formula, &m->data, err));
    STROMA_TRY(stat_formula_bounds(j, m->formula, m->data, &m->sample, err));
    return stroma_tobit_fit(&m->data->design, &m->sample, &m->options, &m->fit, err);
}

static const char *advice_of(const model *m)
{
    const char *text = stroma_censored_advice(m->fit->counts.censored_frac);
    return text[0] == '\0' ? NULL : text;
}

/* One row of the flat forms, one object of the list of coefficients. */
static stroma_status put_term(stat_job *j, model *m, const stroma_stat *s, const char *name,
                              const char *variant, bool first, stroma_error *err)
{
    if (name == NULL) return stroma_no_memory(err);
    if (!first) stroma_buffer_putc(&m->members, ',');
    stat_json_stat(&m->members, name, s);
    stat_result r = { .stat = *s, .label = name, .p_adjusted = NAN, .flat_only = true };
    r.stat.variant = variant;
    if (s == &m->fit->sigma) r.note = advice_of(m);
    return stat_put_result(j, &r, err);
}

static stroma_status put_coefficients(stat_job *j, model *m, stroma_error *err)
{
    stat_member(&m->members, "coefficients");
    stroma_buffer_putc(&m->members, '[');
    for (size_t c = 0; c < m->fit->columns; c++)
        STROMA_TRY(put_term(j, m, &m->fit->terms[c],
                            stroma_arena_strdup(&j->arena, m->data->design.names[c]), "coefficient",
                            c == 0, err));
    STROMA_TRY(put_term(j, m, &m->fit->sigma, "sigma", "spread", false, err));
    stroma_buffer_putc(&m->members, ']');
    stat_member_end(&m->members);
    return STROMA_OK;
}

/* Likelihood-ratio test of each term that no other term contains. */
static stroma_status put_tests(stat_job *j, model *m, stroma_error *err)
{
    const stroma_formula *f = m->formula;
    const stroma_design *d = &m->data->design;
    bool first = true;
    size_t *columns = stat_alloc(j, d->columns, sizeof *columns, err);
    if (columns == NULL) return STROMA_E_NOMEM;
    stat_member(&m->members, "tests");
    stroma_buffer_putc(&m->members, '[');
    for (size_t t = 0; t < f->terms_len; t++) {
        const size_t n = stat_term_columns(f, m->data, t, columns);
        if (n == 0) continue;
        stroma_stat s;
        STROMA_TRY(stroma_tobit_joint_test(d, &m->sample, &m->options, columns, n, &s, err));
        STROMA_TRY(put_term(j, m, &s, stat_term_name(j, f, t), "likelihood ratio", first, err));
        first = false;
    }
    stroma_buffer_putc(&m->members, ']');
    stat_member_end(&m->members);
    return STROMA_OK;
}

static void infinite_member(model *m)
{
    stroma_json v;
    stat_member(&m->members, "infinite");
    stroma_json_init(&v, &m->members, 0);
    stroma_json_begin_array(&v);
    for (size_t c = 0; c < m->fit->columns; c++)
        if (m->fit->infinite[c]) stroma_json_string(&v, m->data->design.names[c]);
    stroma_json_end_array(&v);
    stat_member_end(&m->members);
}

static stroma_status put_whole(stat_job *j, model *m, stroma_error *err)
{
    const stroma_tobit *fit = m->fit;
    stroma_buffer *b = &m->members;
    stat_member_matrix(b, "covariance", fit->covariance, fit->columns + 1);
    stat_member_text(b, "scale", fit->shape == STROMA_SHAPE_LOGNORMAL ? "log" : "natural");
    stat_member_number(b, "minus2_log_likelihood", -2 * fit->log_likelihood);
    stat_member_number(b, "minus2_log_likelihood_null", -2 * fit->log_likelihood_null);
    stat_member_number(b, "aic", 2 * ((double)fit->rank + 1) - 2 * fit->log_likelihood);
    stat_censored_members(b, &fit->counts);
    infinite_member(m);
    stat_result r = { .stat = fit->likelihood_ratio,
                      .label = cli_text(j->cli, "formula"),
                      .p_adjusted = NAN,
                      .note = advice_of(m),
                      .json_only = true };
    if (fit->reason[0] != '\0') {
        r.stat.reason = fit->reason;
        stat_member_text(b, "hint",
                         "compare the groups by ranks instead: stroma stat censored-test");
    }
    STROMA_TRY(stat_members_keep(j, b, &r.members, err));
    return stat_put_result(j, &r, err);
}

static stroma_status run_tobit(stat_job *j, model *m, stroma_error *err)
{
    STROMA_TRY(fit(j, m, err));
    STROMA_TRY(put_coefficients(j, m, err));
    STROMA_TRY(put_tests(j, m, err));
    return put_whole(j, m, err);
}

stroma_status stat_run_tobit(stat_job *j, stroma_error *err)
{
    model m = { 0 };
    stroma_buffer_init(&m.members, STAT_MEMBERS_BYTES_MAX);
    const stroma_status s = run_tobit(j, &m, err);
    model_free(&m);
    return s;
}

/* Completed samples, and what is analysed in each: means of the groups on the scale of the model.
 */
typedef struct completed {
    size_t imputations, k;
    double *value; /* imputations × rows */
    size_t *codes; /* group of each row */
    const char **names;
    uint64_t seed;
    double *estimate, *variance; /* imputations */
} completed;

/* The groups must be in the imputation model, or their difference is imputed away. */
static stroma_status groups_of(stat_job *j, const model *m, completed *c, stroma_error *err)
{
    const size_t n = m->sample.n;
    c->k = 1;
    c->codes = stat_alloc(j, n, sizeof *c->codes, err);
    c->names = stat_alloc(j, 1, sizeof *c->names, err);
    if (c->codes == NULL || c->names == NULL) return STROMA_E_NOMEM;
    c->names[0] = m->formula->response;
    if (!cli_given(j->cli, "group")) return STROMA_OK;
    const char *group = cli_text(j->cli, "group");
    for (size_t v = 0; v < m->formula->variables_len; v++) {
        if (strcmp(m->formula->variables[v].column, group) != 0) continue;
        const stroma_formula_factor *f = &m->data->factors[v];
        if (!f->is_factor)
            return stroma_fail(err, STROMA_E_USAGE,
                               "write factor(%s) in the formula: \"%s\" holds "
                               "numbers",
                               group, group);
        c->k = f->levels_len;
        c->names = f->levels;
        for (size_t i = 0; i < n; i++)
            c->codes[i] = m->data->codes[v * n + i];
        return STROMA_OK;
    }
    (void)stroma_fail(err, STROMA_E_USAGE, "--group %s is not in the formula", group);
    stroma_hint(
        err, "values imputed without the group would hide its difference: add it to the formula");
    return STROMA_E_USAGE;
}

/* Mean and squared error of group k in one completed sample. */
static void mean_of(const completed *c, const model *m, size_t sample, size_t k, double *mean,
                    double *variance, size_t *count)
{
    const size_t n = m->sample.n;
    const bool logs = m->options.shape == STROMA_SHAPE_LOGNORMAL;
    double sum = 0, squares = 0;
    *count = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < n; i++) {
            if (c->codes[i] != k) continue;
            const double v = c->value[sample * n + i], y = logs ? log(v) : v;
            if (pass == 0) {
                sum += y;
                ++*count;
            } else {
                squares += (y - *mean) * (y - *mean);
            }
            *mean = sum / (double)*count;
        }
    *variance = squares / ((double)*count - 1) / (double)*count;
}

static stroma_status put_pooled(stat_job *j, const completed *c, const model *m, size_t k,
                                size_t from, stroma_error *err)
{
    const bool logs = m->options.shape == STROMA_SHAPE_LOGNORMAL, pair = from != SIZE_MAX;
    double df = 0;
    size_t n1 = 0, n2 = 0;
    for (size_t s = 0; s < c->imputations; s++) {
        double a = 0, va = 0, b = 0, vb = 0;
        mean_of(c, m, s, k, &a, &va, &n1);
        if (pair) mean_of(c, m, s, from, &b, &vb, &n2);
        c->estimate[s] = a - b;
        c->variance[s] = va + vb;
        const double spread = va * va / ((double)n1 - 1) + (pair ? vb * vb / ((double)n2 - 1) : 0);
        df += (va + vb) * (va + vb) / spread / (double)c->imputations;
    }
    const stroma_imputation_estimate pooled =
        stroma_rubin_pool(c->estimate, c->variance, c->imputations, df, j->level);
    stroma_stat s = pooled.stat;
    s.effect_name = "FMI";
    s.effect = pooled.missing_information;
    s.method = "impute_censored";
    s.variant = stroma_arena_printf(&j->arena, "%s, %zu imputations, seed %llu",
                                    logs ? "log scale" : "natural scale", c->imputations,
                                    (unsigned long long)c->seed);
    if (s.variant == NULL) return stroma_no_memory(err);
    s.n_used = n1 + n2;
    s.n1 = pair ? n1 : 0;
    s.n2 = n2;
    s.estimate_name = pair ? "mean difference" : "mean";
    if (!pair) { /* nobody asked whether a mean is 0 */
        s.statistic_name = "";
        s.statistic = s.p = (double)NAN;
    }
    const char *label = pair
                            ? stroma_arena_printf(&j->arena, "%s - %s", c->names[k], c->names[from])
                            : stroma_arena_strdup(&j->arena, c->names[k]);
    if (label == NULL) return stroma_no_memory(err);
    stroma_buffer b;
    stroma_buffer_init(&b, STAT_MEMBERS_BYTES_MAX);
    stat_member_number(&b, "imputations", (double)c->imputations);
    stat_member_number(&b, "seed", (double)c->seed);
    stat_member_text(&b, "imputation_model", cli_text(j->cli, "formula"));
    if (logs) {
        stat_member_number(&b, pair ? "ratio" : "geometric_mean", exp(s.estimate));
        stat_member_number(&b, pair ? "ratio_lower" : "geometric_mean_lower", exp(s.lower));
        stat_member_number(&b, pair ? "ratio_upper" : "geometric_mean_upper", exp(s.upper));
    }
    stat_result r = { .stat = s, .label = label, .p_adjusted = NAN };
    const stroma_status status = stat_members_keep(j, &b, &r.members, err);
    stroma_buffer_clear(&b);
    return status == STROMA_OK ? stat_put_result(j, &r, err) : status;
}

/* The table once for each completed sample: its number, the line of the file, and the value; what
 * other analyses need is joined by the line. */
static stroma_status write_completed(stat_job *j, const completed *c, const model *m,
                                     stroma_error *err)
{
    static const cli_cell_type types[] = { CLI_CELL_NUMBER, CLI_CELL_NUMBER, CLI_CELL_NUMBER,
                                           CLI_CELL_TEXT };
    const char *const names[] = { "imputation", "line", m->formula->response, "origin" };
    cli_grid *g = NULL;
    char text[3][STROMA_NUMBER_TEXT_MAX];
    const size_t n = m->sample.n;
    STROMA_TRY(cli_grid_new(j->cli, "stroma.completed/1", names, types, 4, &g, err));
    stroma_status s = STROMA_OK;
    for (size_t k = 0; s == STROMA_OK && k < c->imputations * n; k++) {
        const size_t i = k % n, sample = k / n + 1;
        const bool measured = m->sample.low[i] == m->sample.high[i];
        const char *const cells[] = {
            stroma_format_double((double)sample, text[0]),
            stroma_format_double((double)j->table->source_rows[m->data->table_rows[i]], text[1]),
            stroma_format_double(c->value[k], text[2]),
            measured                   ? "measured"
            : isinf(m->sample.low[i])  ? "imputed below limit"
            : isinf(m->sample.high[i]) ? "imputed above limit"
                                       : "imputed between limits"
        };
        s = cli_grid_row(g, cells, err);
    }
    j->written = true;
    cli_say(j->cli, "%zu completed samples of %zu values, seed %llu", c->imputations, n,
            (unsigned long long)c->seed);
    return cli_grid_end(g, s, err);
}

static stroma_status put_all_pooled(stat_job *j, const completed *c, const model *m,
                                    stroma_error *err)
{
    for (size_t k = 0; k < c->k; k++)
        STROMA_TRY(put_pooled(j, c, m, k, SIZE_MAX, err));
    for (size_t k = 1; k < c->k; k++)
        STROMA_TRY(put_pooled(j, c, m, k, 0, err));
    return STROMA_OK;
}

static stroma_status run_impute(stat_job *j, model *m, stroma_error *err)
{
    completed c = { .imputations = (size_t)cli_count(j->cli, "imputations", 20),
                    .seed = (uint64_t)cli_count(j->cli, "seed", 1) };
    const bool table = cli_given(j->cli, "completed");
    if (table && j->by != NULL)
        return stroma_fail(err, STROMA_E_USAGE, "--completed writes one table: leave out --by");
    STROMA_TRY(fit(j, m, err));
    if (!table) STROMA_TRY(groups_of(j, m, &c, err));
    if (m->sample.n > 0 && c.imputations > SIZE_MAX / m->sample.n) return stroma_no_memory(err);
    c.value = stat_alloc(j, c.imputations * m->sample.n, sizeof *c.value, err);
    c.estimate = stat_alloc(j, c.imputations, sizeof *c.estimate, err);
    c.variance = stat_alloc(j, c.imputations, sizeof *c.variance, err);
    if (c.value == NULL || c.estimate == NULL || c.variance == NULL) return STROMA_E_NOMEM;
    STROMA_TRY(stroma_tobit_impute(m->fit, &m->data->design, &m->sample, c.imputations, c.seed,
                                   c.value, err));
    return table ? write_completed(j, &c, m, err) : put_all_pooled(j, &c, m, err);
}

stroma_status stat_run_impute_censored(stat_job *j, stroma_error *err)
{
    model m = { 0 };
    stroma_buffer_init(&m.members, STAT_MEMBERS_BYTES_MAX);
    const stroma_status s = run_impute(j, &m, err);
    model_free(&m);
    return s;
}
