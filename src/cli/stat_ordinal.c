/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat ordinal`: an ordered outcome by formula. */
#include "stat_members.h"
#include "stat_methods.h"

#include "stroma/models_ordinal.h"

#include <math.h>
#include <string.h>

/* What is freed together. */
typedef struct model {
    stat_ordered ordered;
    stroma_ordinal_model *fit;
    stroma_buffer members;
} model;

static stroma_status options_of(const stat_job *j, stroma_ordinal_options *o, stroma_error *err)
{
    const char *variant = cli_text(j->cli, "variant"), *interval = cli_text(j->cli, "interval");
    o->level = j->level;
    if (interval != NULL && strcmp(interval, "wald") == 0) {
        o->interval = STROMA_LOGISTIC_WALD;
    } else if (interval != NULL && strcmp(interval, "profile") != 0) {
        (void)stroma_fail(err, STROMA_E_USAGE, "--interval \"%s\" is not known to this method",
                          interval);
        stroma_hint(err, "one of profile (default), wald");
        return STROMA_E_USAGE;
    }
    if (variant == NULL || strcmp(variant, "ml") == 0) return STROMA_OK;
    if (strcmp(variant, "ridge") != 0) {
        (void)stroma_fail(err, STROMA_E_USAGE, "--variant \"%s\" is not known to this method",
                          variant);
        stroma_hint(err, "one of ml (default), ridge");
        return STROMA_E_USAGE;
    }
    o->ridge = cli_number(j->cli, "lambda", 0);
    if (cli_given(j->cli, "lambda")) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_USAGE, "option --lambda is missing");
    stroma_hint(err, "the weight of the penalty is declared, or chosen by cross-validation");
    return STROMA_E_USAGE;
}

static stroma_status put_terms(stat_job *j, model *m, stroma_error *err)
{
    const stroma_ordinal_model *fit = m->fit;
    const stat_ordered *o = &m->ordered;
    const bool alone = fit->separation != STROMA_SEPARATION_NONE && fit->reason[0] != '\0';
    bool first = true;
    stat_member(&m->members, "coefficients");
    stroma_buffer_putc(&m->members, '[');
    for (size_t c = 0; c < fit->columns; c++) {
        stroma_stat s = fit->terms[c];
        if (fit->aliased[c] && strcmp(o->data->design.names[c], "(Intercept)") == 0) continue;
        if (alone && s.reason == fit->reason)
            s.reason = "the categories are separated: use --variant ridge with --lambda";
        STROMA_TRY(stat_put_coefficient(j, &m->members, &s, "coefficient", o->data->design.names[c],
                                        first, err));
        first = false;
    }
    stroma_buffer_putc(&m->members, ']');
    stat_member_end(&m->members);
    stat_member(&m->members, "thresholds");
    stroma_buffer_putc(&m->members, '[');
    for (size_t k = 0; k + 1 < fit->categories; k++) {
        const char *name = stroma_arena_printf(&j->arena, "%s | %s", o->names[k], o->names[k + 1]);
        if (name == NULL) return stroma_no_memory(err);
        STROMA_TRY(stat_put_coefficient(j, &m->members, &fit->threshold_terms[k], "threshold", name,
                                        k == 0, err));
    }
    stroma_buffer_putc(&m->members, ']');
    stat_member_end(&m->members);
    return STROMA_OK;
}

/* Likelihood-ratio test of every term of the formula. */
static stroma_status put_tests(stat_job *j, model *m, stroma_error *err)
{
    const stat_ordered *o = &m->ordered;
    size_t *columns = stat_alloc(j, o->data->design.columns, sizeof *columns, err);
    if (columns == NULL) return STROMA_E_NOMEM;
    stat_member(&m->members, "tests");
    stroma_buffer_putc(&m->members, '[');
    for (size_t t = 0; t < o->formula->terms_len && !(m->fit->ridge > 0); t++) {
        stroma_stat s;
        const size_t n = stat_ordered_columns(o, t, columns);
        const char *label = stat_term_name(j, o->formula, t);
        if (label == NULL) return stroma_no_memory(err);
        STROMA_TRY(
            stroma_ordinal_joint_test(&o->data->design, o->y, o->categories, columns, n, &s, err));
        STROMA_TRY(stat_put_coefficient(j, &m->members, &s, "test of term", label, t == 0, err));
    }
    stroma_buffer_putc(&m->members, ']');
    stat_member_end(&m->members);
    return STROMA_OK;
}

/* Brant's test, together and by coefficient. */
static stroma_status put_brant(stat_job *j, model *m, stroma_error *err)
{
    const stat_ordered *o = &m->ordered;
    const stroma_design *d = &o->data->design;
    stroma_stat together, *terms = stat_alloc(j, d->columns, sizeof *terms, err);
    if (terms == NULL) return STROMA_E_NOMEM;
    STROMA_TRY(stroma_ordinal_brant(d, o->y, o->categories, &together, terms, err));
    stat_member(&m->members, "proportional_odds");
    stroma_buffer_putc(&m->members, '[');
    STROMA_TRY(stat_put_coefficient(j, &m->members, &together, "proportional odds",
                                    "all coefficients", true, err));
    for (size_t c = 0; c < d->columns && !together.not_estimable; c++)
        if (!terms[c].not_estimable)
            STROMA_TRY(stat_put_coefficient(j, &m->members, &terms[c], "proportional odds",
                                            d->names[c], false, err));
    stroma_buffer_putc(&m->members, ']');
    stat_member_end(&m->members);
    return STROMA_OK;
}

static void put_counts(model *m)
{
    stroma_json v;
    stat_member(&m->members, "categories");
    stroma_json_init(&v, &m->members, 0);
    stroma_json_begin_array(&v);
    for (size_t k = 0; k < m->fit->categories; k++) {
        stroma_json_begin_object(&v);
        stroma_json_put_string(&v, "category", m->ordered.names[k]);
        stroma_json_put_int(&v, "n", (int64_t)m->fit->counts[k]);
        stroma_json_end_object(&v);
    }
    stroma_json_end_array(&v);
    stat_member_end(&m->members);
}

static stroma_status fill(stat_job *j, model *m, stroma_error *err)
{
    stroma_ordinal_options o = STROMA_ORDINAL_OPTIONS_INIT;
    STROMA_TRY(options_of(j, &o, err));
    STROMA_TRY(stat_ordered_data(j, &m->ordered, err));
    const stat_ordered *d = &m->ordered;
    STROMA_TRY(stroma_ordinal_fit(&d->data->design, d->y, d->categories, &o, &m->fit, err));
    const stroma_ordinal_model *fit = m->fit;
    STROMA_TRY(put_terms(j, m, err));
    STROMA_TRY(put_tests(j, m, err));
    STROMA_TRY(put_brant(j, m, err));
    put_counts(m);
    stat_put_parameters(d, &m->members);
    stat_member_matrix(&m->members, "covariance", fit->covariance,
                       fit->categories - 1 + fit->columns);
    stat_member_number(&m->members, "minus2_log_likelihood", -2 * fit->log_likelihood);
    stat_member_number(&m->members, "minus2_log_likelihood_null", -2 * fit->log_likelihood_null);
    stat_member_text(&m->members, "separation", stroma_separation_name(fit->separation));
    stat_result r = { .stat = fit->likelihood_ratio,
                      .label = cli_text(j->cli, "formula"),
                      .p_adjusted = NAN,
                      .json_only = true };
    STROMA_TRY(stat_members_keep(j, &m->members, &r.members, err));
    return stat_put_result(j, &r, err);
}

stroma_status stat_run_ordinal(stat_job *j, stroma_error *err)
{
    model m = { 0 };
    if (cli_given(j->cli, "event"))
        return stroma_fail(err, STROMA_E_USAGE,
                           "--event is for outcomes of two classes, not ordinal");
    stroma_buffer_init(&m.members, STAT_MEMBERS_BYTES_MAX);
    const stroma_status s = fill(j, &m, err);
    stroma_buffer_clear(&m.members);
    stroma_ordinal_free(m.fit);
    stat_ordered_free(&m.ordered);
    return s;
}
