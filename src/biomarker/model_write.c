/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A model as JSON. */
#include "model_schema.h"

#include "stroma/biomarker_model_file.h"
#include "stroma/hash.h"

double model_natural_coefficient(const stroma_model_input *in)
{
    return in->coefficient / in->scale;
}

double model_natural_intercept(const stroma_model *m)
{
    double a = m->intercept;
    for (size_t j = 0; j < m->inputs_len; j++)
        a -= m->inputs[j].coefficient / m->inputs[j].scale * m->inputs[j].centre;
    return a;
}

/* The members of the top level, each on a line of its own where that is asked for. */
typedef struct writer {
    stroma_buffer *b;
    bool pretty, begun;
    stroma_json j; /* of the member that is being written */
} writer;

static stroma_json *member(writer *w, const char *key)
{
    stroma_buffer_puts(w->b, w->begun ? "," : "{");
    if (w->pretty) stroma_buffer_putc(w->b, '\n');
    w->begun = true;
    stroma_json_init(&w->j, w->b, 0);
    stroma_json_string(&w->j, key);
    stroma_buffer_putc(w->b, ':');
    stroma_json_init(&w->j, w->b, 0);
    return &w->j;
}

static void object(writer *w, const char *key, const void *base, const model_field *fields)
{
    stroma_json *j = member(w, key);
    stroma_json_begin_object(j);
    model_fields_write(j, base, fields);
    stroma_json_end_object(j);
}

static void write_inputs(writer *w, const stroma_model *m)
{
    stroma_json *j = member(w, "inputs");
    stroma_json_begin_array(j);
    for (size_t i = 0; i < m->inputs_len; i++) {
        const stroma_model_input *in = &m->inputs[i];
        stroma_json_begin_object(j);
        model_fields_write(j, in, model_fields_input);
        stroma_json_put_number(j, "coefficient_natural", model_natural_coefficient(in));
        stroma_json_key(j, "quantiles");
        model_numbers_write(j, in->quantile, STROMA_MODEL_QUANTILES);
        stroma_json_end_object(j);
    }
    stroma_json_end_array(j);
}

static void write_fit(writer *w, const stroma_model *m)
{
    const size_t k = 1 + m->inputs_len;
    object(w, "method", m, model_fields_method);
    stroma_json *j = member(w, "intercept");
    stroma_json_begin_object(j);
    stroma_json_put_number(j, "scaled", m->intercept);
    stroma_json_put_number(j, "natural", model_natural_intercept(m));
    stroma_json_put_number(j, "uncorrected", m->uncorrected_intercept);
    stroma_json_end_object(j);
    model_numbers_write(member(w, "recalibration"), m->recalibration, 2);
    j = member(w, "covariance");
    if (m->covariance == NULL)
        stroma_json_null(j);
    else
        model_matrix_write(j, m->covariance, k, k);
    j = member(w, "draws");
    if (m->draws == NULL) {
        stroma_json_null(j);
        return;
    }
    stroma_json_begin_object(j);
    stroma_json_put_string(j, "are", m->draws_are);
    stroma_json_key(j, "values");
    model_matrix_write(j, m->draws, m->draws_len, k);
    stroma_json_end_object(j);
}

static void write_training(writer *w, const stroma_model *m)
{
    stroma_json *j = member(w, "training");
    stroma_json_begin_object(j);
    model_fields_write(j, m, model_fields_training);
    stroma_json_key(j, "excluded");
    stroma_json_begin_array(j);
    for (size_t i = 0; i < m->excluded_len; i++) {
        stroma_json_begin_object(j);
        stroma_json_put_string(j, "reason", m->excluded[i].reason);
        stroma_json_put_int(j, "n", (int64_t)m->excluded[i].n);
        stroma_json_end_object(j);
    }
    stroma_json_end_array(j);
    stroma_json_key(j, "learned_from");
    stroma_json_begin_array(j);
    for (size_t i = 0; i < m->learned_from_len; i++)
        stroma_json_string(j, m->learned_from[i]);
    stroma_json_end_array(j);
    stroma_json_end_object(j);
}

static void put_numbers(stroma_json *j, const char *key, const double *x, size_t n)
{
    stroma_json_key(j, key);
    model_numbers_write(j, x, n);
}

static void write_performance(writer *w, const stroma_model *m)
{
    const stroma_model_performance *a = &m->apparent;
    stroma_json *j = member(w, "performance");
    stroma_json_begin_object(j);
    stroma_json_key(j, "apparent");
    stroma_json_begin_object(j);
    model_fields_write(j, a, model_fields_performance);
    stroma_json_key(j, "curve");
    stroma_json_begin_object(j);
    put_numbers(j, "predicted", a->curve_predicted, a->curve_len);
    put_numbers(j, "observed", a->curve_observed, a->curve_len);
    put_numbers(j, "lower", a->curve_lower, a->curve_len);
    put_numbers(j, "upper", a->curve_upper, a->curve_len);
    stroma_json_end_object(j);
    stroma_json_key(j, "decision");
    stroma_json_begin_object(j);
    put_numbers(j, "threshold", a->threshold, a->net_benefit_len);
    put_numbers(j, "net_benefit", a->net_benefit, a->net_benefit_len);
    put_numbers(j, "net_benefit_all", a->net_benefit_all, a->net_benefit_len);
    stroma_json_end_object(j);
    stroma_json_end_object(j);
    stroma_json_key(j, "optimism");
    stroma_json_begin_object(j);
    model_fields_write(j, m, model_fields_optimism);
    stroma_json_end_object(j);
    stroma_json_key(j, "cross_validation");
    stroma_json_begin_object(j);
    model_fields_write(j, m, model_fields_cv);
    stroma_json_end_object(j);
    stroma_json_key(j, "groups");
    stroma_json_begin_array(j);
    for (size_t i = 0; i < m->groups_len; i++) {
        stroma_json_begin_object(j);
        model_fields_write(j, &m->groups[i], model_fields_group);
        stroma_json_end_object(j);
    }
    stroma_json_end_array(j);
    stroma_json_end_object(j);
}

static void write_reference(writer *w, const stroma_model *m)
{
    stroma_json *j = member(w, "validations");
    stroma_json_begin_array(j);
    for (size_t i = 0; i < m->validations_len; i++) {
        stroma_json_begin_object(j);
        model_fields_write(j, &m->validations[i], model_fields_validation);
        stroma_json_end_object(j);
    }
    stroma_json_end_array(j);
    j = member(w, "distance");
    if (m->correlation == NULL) {
        stroma_json_null(j);
    } else {
        stroma_json_begin_object(j);
        stroma_json_key(j, "correlation");
        model_matrix_write(j, m->correlation, m->inputs_len, m->inputs_len);
        put_numbers(j, "squared", m->distance, m->distance_len);
        stroma_json_end_object(j);
    }
    j = member(w, "conformal");
    stroma_json_begin_object(j);
    stroma_json_put_int(j, "folds", (int64_t)m->folds);
    stroma_json_key(j, "coefficients");
    model_matrix_write(j, m->fold_coefficients, m->folds, 1 + m->inputs_len);
    put_numbers(j, "log_odds", m->calibration_score, m->calibration_len);
    stroma_json_key(j, "class");
    stroma_json_begin_array(j);
    for (size_t i = 0; i < m->calibration_len; i++)
        stroma_json_int(j, m->calibration_class[i]);
    stroma_json_end_array(j);
    stroma_json_key(j, "fold");
    stroma_json_begin_array(j);
    for (size_t i = 0; i < m->calibration_len; i++)
        stroma_json_int(j, m->calibration_fold[i]);
    stroma_json_end_array(j);
    stroma_json_end_object(j);
}

static void write_top(writer *w, const stroma_model *m)
{
    stroma_json_string(member(w, "schema"), model_schema_name);
    stroma_json_int(member(w, "schema_version"), STROMA_MODEL_SCHEMA);
    stroma_json_string(member(w, "research_use_only"), model_research_use);
    stroma_json_int(member(w, "version"), m->version);
    object(w, "about", m, model_fields_top);
    object(w, "landmark", m, model_fields_landmark);
    object(w, "outcome", m, model_fields_outcome);
}

void model_write_content(const stroma_model *m, bool pretty, stroma_buffer *b)
{
    writer w = { .b = b, .pretty = pretty };
    write_top(&w, m);
    write_inputs(&w, m);
    object(&w, "rules", m, model_fields_rules);
    write_fit(&w, m);
    write_training(&w, m);
    object(&w, "budget", m, model_fields_budget);
    write_performance(&w, m);
    write_reference(&w, m);
}

stroma_status stroma_model_write(stroma_model *m, stroma_buffer *out, stroma_error *err)
{
    char text[STROMA_HASH_TEXT_MAX];
    STROMA_TRY(stroma_model_hash(m, text, err));
    m->sha256 = stroma_arena_strdup(&m->arena, text);
    if (m->sha256 == NULL) return stroma_no_memory(err);
    model_write_content(m, true, out);
    stroma_buffer_printf(out, ",\n\"sha256\":\"%s\"\n}\n", text);
    return stroma_buffer_status(out, err);
}

stroma_status stroma_model_hash(const stroma_model *m, char *text, stroma_error *err)
{
    stroma_buffer b;
    stroma_hash h;
    stroma_buffer_init(&b, STROMA_MODEL_FILE_BYTES_MAX);
    model_write_content(m, false, &b);
    stroma_buffer_putc(&b, '}');
    const stroma_status s = stroma_buffer_status(&b, err);
    if (s == STROMA_OK) {
        stroma_hash_bytes(b.data, b.len, &h);
        (void)stroma_hash_format(&h, text);
    }
    stroma_buffer_clear(&b);
    return s;
}
