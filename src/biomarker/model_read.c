/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A model from JSON of unknown origin. */
#include "model_internal.h"
#include "model_parse.h"
#include "model_schema.h"

#include "stroma/biomarker_model_file.h"
#include "stroma/date.h"
#include "stroma/file.h"
#include "stroma/hash.h"

#include <math.h>
#include <string.h>

enum { ARENA_BYTES_MAX = 1 << 28 };

static const char *const no_others[] = { NULL };

static stroma_status object(json_t *from, const char *key, stroma_model *m,
                            const model_field *fields, const char *const *others, json_t **out,
                            stroma_error *err)
{
    json_t *o = NULL;
    STROMA_TRY(model_member(from, key, JSON_OBJECT, &o, err));
    if (out != NULL) *out = o;
    const stroma_status s = model_fields_read(o, &m->arena, m, fields, others, err);
    return s == STROMA_OK ? s : stroma_in(err, s, "%s", key);
}

/* A whole number of the top level. */
static stroma_status whole(json_t *from, const char *key, double upper, double *out,
                           stroma_error *err)
{
    json_t *x = json_object_get(from, key);
    if (x == NULL) return stroma_fail(err, STROMA_E_MALFORMED, "key \"%s\" is missing", key);
    *out = json_is_number(x) ? json_number_value(x) : -1;
    if (*out >= 1 && *out <= upper && *out == floor(*out)) return STROMA_OK;
    return stroma_fail(err, STROMA_E_MALFORMED,
                       "key \"%s\" is not a whole number within 1 and %.0f", key, upper);
}

static stroma_status read_head(json_t *root, stroma_model *m, stroma_error *err)
{
    json_t *o = NULL;
    double version = 0;
    STROMA_TRY(model_member(root, "schema", JSON_STRING, &o, err));
    if (strcmp(json_string_value(o), model_schema_name) != 0)
        return stroma_fail(err, STROMA_E_MALFORMED, "schema \"%.40s\" is not \"%s\"",
                           json_string_value(o), model_schema_name);
    STROMA_TRY(whole(root, "schema_version", 1e6, &version, err));
    if (version != STROMA_MODEL_SCHEMA) {
        (void)stroma_fail(err, STROMA_E_MALFORMED, "schema version %.0f is not known, only %d",
                          version, STROMA_MODEL_SCHEMA);
        stroma_hint(err, "a newer stroma wrote this model; read it with that one");
        return STROMA_E_MALFORMED;
    }
    STROMA_TRY(model_member(root, "research_use_only", JSON_STRING, &o, err));
    if (strcmp(json_string_value(o), model_research_use) != 0)
        return stroma_fail(err, STROMA_E_MALFORMED,
                           "key \"research_use_only\" does not hold the statement of this schema");
    STROMA_TRY(whole(root, "version", 1e6, &version, err));
    m->version = (uint32_t)version;
    STROMA_TRY(object(root, "about", m, model_fields_top, no_others, NULL, err));
    STROMA_TRY(object(root, "landmark", m, model_fields_landmark, no_others, NULL, err));
    return object(root, "outcome", m, model_fields_outcome, no_others, NULL, err);
}

static stroma_status check_quantiles(const stroma_model_input *in, stroma_error *err)
{
    if (in->measured == 0) return STROMA_OK;
    double before = in->minimum;
    for (size_t q = 0; q <= STROMA_MODEL_QUANTILES; q++) {
        const double x = q < STROMA_MODEL_QUANTILES ? in->quantile[q] : in->maximum;
        if (!(x >= before))
            return stroma_fail(err, STROMA_E_MALFORMED,
                               "minimum, quantiles and maximum do not ascend");
        before = x;
    }
    return STROMA_OK;
}

static stroma_status check_natural(double natural, double scaled, double size, const char *what,
                                   stroma_error *err)
{
    if (fabs(natural - scaled) <= 1e-9 * (fabs(scaled) + size)) return STROMA_OK;
    return stroma_fail(err, STROMA_E_MALFORMED, "%s %.10g is not that of the scaled ones, %.10g",
                       what, natural, scaled);
}

static stroma_status read_input(json_t *from, stroma_model *m, size_t i, stroma_error *err)
{
    static const char *const others[] = { "coefficient_natural", "quantiles", NULL };
    stroma_model_input *in = &m->inputs[i];
    STROMA_TRY(model_fields_read(from, &m->arena, in, model_fields_input, others, err));
    json_t *o = json_object_get(from, "quantiles");
    if (o == NULL) return stroma_fail(err, STROMA_E_MALFORMED, "key \"quantiles\" is missing");
    if (in->measured == 0) /* all are null */
        for (size_t q = 0; q < STROMA_MODEL_QUANTILES; q++)
            in->quantile[q] = NAN;
    else
        STROMA_TRY(model_numbers_read(o, "quantiles", STROMA_MODEL_QUANTILES, in->quantile, err));
    STROMA_TRY(check_quantiles(in, err));
    if (in->log_scale && in->measured > 0 && !(in->minimum > 0))
        return stroma_fail(err, STROMA_E_MALFORMED, "minimum %g has no logarithm", in->minimum);
    o = json_object_get(from, "coefficient_natural");
    if (!json_is_number(o))
        return stroma_fail(err, STROMA_E_MALFORMED,
                           "key \"coefficient_natural\" is missing or no number");
    STROMA_TRY(check_natural(json_number_value(o), model_natural_coefficient(in), 0,
                             "coefficient_natural", err));
    for (size_t k = 0; k < i; k++)
        if (strcmp(m->inputs[k].name, in->name) == 0)
            return stroma_fail(err, STROMA_E_MALFORMED, "input \"%s\" stands there twice",
                               in->name);
    return STROMA_OK;
}

static stroma_status read_inputs(json_t *root, stroma_model *m, stroma_error *err)
{
    json_t *all = NULL;
    STROMA_TRY(model_member(root, "inputs", JSON_ARRAY, &all, err));
    m->inputs_len = json_array_size(all);
    if (m->inputs_len == 0 || m->inputs_len > STROMA_MODEL_INPUTS_MAX)
        return stroma_fail(err, STROMA_E_MALFORMED, "%zu inputs; a model has 1 to %d",
                           m->inputs_len, STROMA_MODEL_INPUTS_MAX);
    m->inputs = stroma_arena_alloc(&m->arena, m->inputs_len, sizeof *m->inputs);
    if (m->inputs == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < m->inputs_len; i++) {
        const stroma_status s = read_input(json_array_get(all, i), m, i, err);
        if (s != STROMA_OK) return stroma_in(err, s, "input %zu", i + 1);
    }
    return object(root, "rules", m, model_fields_rules, no_others, NULL, err);
}

static stroma_status read_matrix(json_t *from, const char *key, stroma_model *m, size_t rows,
                                 size_t columns, double **out, stroma_error *err)
{
    *out = stroma_arena_alloc(&m->arena, rows * columns, sizeof **out);
    if (*out == NULL) return stroma_no_memory(err);
    return model_matrix_read(from, key, rows, columns, *out, err);
}

static stroma_status check_symmetric(const double *a, size_t n, const char *key, stroma_error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (!(a[i * n + i] >= 0))
            return stroma_fail(err, STROMA_E_MALFORMED, "key \"%s\": the diagonal has %g", key,
                               a[i * n + i]);
        for (size_t k = 0; k < i; k++)
            if (fabs(a[i * n + k] - a[k * n + i]) >
                1e-9 * (fabs(a[i * n + i]) + fabs(a[k * n + k])))
                return stroma_fail(err, STROMA_E_MALFORMED,
                                   "key \"%s\" is not symmetric in row %zu", key, i + 1);
    }
    return STROMA_OK;
}

static stroma_status read_intercept(json_t *root, stroma_model *m, stroma_error *err)
{
    static const model_field fields[] = {
        { "scaled", MODEL_FINITE, offsetof(stroma_model, intercept) },
        { "uncorrected", MODEL_NUMBER, offsetof(stroma_model, uncorrected_intercept) },
        { NULL, 0, 0 }
    };
    static const char *const others[] = { "natural", NULL };
    json_t *o = NULL, *x = NULL;
    STROMA_TRY(object(root, "intercept", m, fields, others, &o, err));
    x = json_object_get(o, "natural");
    if (!json_is_number(x))
        return stroma_fail(err, STROMA_E_MALFORMED,
                           "intercept: key \"natural\" is missing or no number");
    double size = 1;
    for (size_t j = 0; j < m->inputs_len; j++)
        size += fabs(m->inputs[j].coefficient / m->inputs[j].scale * m->inputs[j].centre);
    return check_natural(json_number_value(x), model_natural_intercept(m), size,
                         "natural intercept", err);
}

static stroma_status read_draws(json_t *root, stroma_model *m, stroma_error *err)
{
    json_t *o = json_object_get(root, "draws"), *x = NULL;
    if (o == NULL) return stroma_fail(err, STROMA_E_MALFORMED, "key \"draws\" is missing");
    if (json_is_null(o)) return STROMA_OK;
    STROMA_TRY(model_member(root, "draws", JSON_OBJECT, &o, err));
    STROMA_TRY(model_member(o, "are", JSON_STRING, &x, err));
    m->draws_are = strcmp(json_string_value(x), "posterior") == 0   ? "posterior"
                   : strcmp(json_string_value(x), "bootstrap") == 0 ? "bootstrap"
                                                                    : NULL;
    if (m->draws_are == NULL)
        return stroma_fail(err, STROMA_E_MALFORMED, "draws: \"%.40s\" is not known",
                           json_string_value(x));
    STROMA_TRY(model_member(o, "values", JSON_ARRAY, &x, err));
    m->draws_len = json_array_size(x);
    if (json_object_size(o) != 2)
        return stroma_fail(err, STROMA_E_MALFORMED, "draws: an unknown key");
    if (m->draws_len < 2 || m->draws_len > STROMA_MODEL_DRAWS_MAX)
        return stroma_fail(err, STROMA_E_MALFORMED, "%zu draws; a model keeps 2 to %d",
                           m->draws_len, STROMA_MODEL_DRAWS_MAX);
    return read_matrix(x, "draws", m, m->draws_len, 1 + m->inputs_len, &m->draws, err);
}

static stroma_status read_covariance(json_t *root, stroma_model *m, stroma_error *err)
{
    const size_t k = 1 + m->inputs_len;
    json_t *o = json_object_get(root, "covariance");
    if (o == NULL) return stroma_fail(err, STROMA_E_MALFORMED, "key \"covariance\" is missing");
    if (json_is_null(o)) return STROMA_OK;
    STROMA_TRY(read_matrix(o, "covariance", m, k, k, &m->covariance, err));
    return check_symmetric(m->covariance, k, "covariance", err);
}

static stroma_status read_fit(json_t *root, stroma_model *m, stroma_error *err)
{
    json_t *o = NULL;
    STROMA_TRY(object(root, "method", m, model_fields_method, no_others, NULL, err));
    if (!(m->level > 0.5 && m->level < 1))
        return stroma_fail(err, STROMA_E_MALFORMED, "method: level %g is not within 0.5 and 1",
                           m->level);
    STROMA_TRY(read_intercept(root, m, err));
    STROMA_TRY(model_member(root, "recalibration", JSON_ARRAY, &o, err));
    STROMA_TRY(model_numbers_read(o, "recalibration", 2, m->recalibration, err));
    STROMA_TRY(read_covariance(root, m, err));
    return read_draws(root, m, err);
}

static stroma_status read_excluded(json_t *training, stroma_model *m, stroma_error *err)
{
    json_t *all = NULL;
    STROMA_TRY(model_member(training, "excluded", JSON_ARRAY, &all, err));
    m->excluded_len = json_array_size(all);
    if (m->excluded_len > STROMA_BIOMARKER_EXCLUDED_MAX)
        return stroma_fail(err, STROMA_E_MALFORMED, "%zu reasons of exclusion, at most %d",
                           m->excluded_len, STROMA_BIOMARKER_EXCLUDED_MAX);
    for (size_t i = 0; i < m->excluded_len; i++) {
        const model_field fields[] = {
            { "reason", MODEL_TEXT_REQUIRED, (size_t)((char *)&m->excluded[i].reason - (char *)m) },
            { "n", MODEL_COUNT, (size_t)((char *)&m->excluded[i].n - (char *)m) },
            { NULL, 0, 0 }
        };
        STROMA_TRY(model_fields_read(json_array_get(all, i), &m->arena, m, fields, no_others, err));
    }
    return STROMA_OK;
}

static stroma_status read_learned(json_t *training, stroma_model *m, stroma_error *err)
{
    enum { FILES_MAX = 1000 };
    json_t *all = NULL;
    stroma_hash unused;
    STROMA_TRY(model_member(training, "learned_from", JSON_ARRAY, &all, err));
    const size_t n = json_array_size(all);
    if (n > FILES_MAX)
        return stroma_fail(err, STROMA_E_MALFORMED,
                           "key \"learned_from\" has %zu items, at most %d", n, FILES_MAX);
    m->learned_from = stroma_arena_alloc(&m->arena, n, sizeof *m->learned_from);
    if (m->learned_from == NULL && n > 0) return stroma_no_memory(err);
    for (; m->learned_from_len < n; m->learned_from_len++) {
        const json_t *x = json_array_get(all, m->learned_from_len);
        if (!json_is_string(x) ||
            !stroma_hash_parse(json_string_value(x), json_string_length(x), &unused))
            return stroma_fail(err, STROMA_E_MALFORMED,
                               "key \"learned_from\": item %zu is not 64 hexadecimal digits",
                               m->learned_from_len + 1);
        m->learned_from[m->learned_from_len] = stroma_arena_strdup(&m->arena, json_string_value(x));
        if (m->learned_from[m->learned_from_len] == NULL) return stroma_no_memory(err);
    }
    return STROMA_OK;
}

static stroma_status read_training(json_t *root, stroma_model *m, stroma_error *err)
{
    static const char *const others[] = { "excluded", "learned_from", NULL };
    json_t *o = NULL;
    stroma_hash unused;
    STROMA_TRY(object(root, "training", m, model_fields_training, others, &o, err));
    STROMA_TRY(read_excluded(o, m, err));
    STROMA_TRY(read_learned(o, m, err));
    if (m->events == 0 || m->events >= m->n)
        return stroma_fail(err, STROMA_E_MALFORMED, "training: %zu events of %zu subjects",
                           m->events, m->n);
    if (m->added > m->n || m->added_events > m->added || m->added_events > m->events)
        return stroma_fail(err, STROMA_E_MALFORMED, "training: %zu of %zu subjects were added",
                           m->added, m->n);
    if (m->training_sha256 != NULL && m->training_sha256[0] != '\0' &&
        !stroma_hash_parse(m->training_sha256, strlen(m->training_sha256), &unused))
        return stroma_fail(err, STROMA_E_MALFORMED,
                           "training: sha256 is not 64 hexadecimal digits");
    m->budget.n = m->n - m->added;
    m->budget.events = m->events - m->added_events;
    return object(root, "budget", m, model_fields_budget, no_others, NULL, err);
}

/* Several arrays of one length, of at most STROMA_MODEL_CURVE numbers. */
static stroma_status read_lines(json_t *from, const char *key, const char *const *names,
                                double *const *to, size_t *len, stroma_error *err)
{
    json_t *o = NULL, *x = NULL;
    size_t n = 0;
    STROMA_TRY(model_member(from, key, JSON_OBJECT, &o, err));
    for (; names[n] != NULL; n++) {
        STROMA_TRY(model_member(o, names[n], JSON_ARRAY, &x, err));
        if (n == 0) *len = json_array_size(x);
        if (*len > STROMA_MODEL_CURVE)
            return stroma_fail(err, STROMA_E_MALFORMED, "key \"%s\" has %zu numbers, at most %d",
                               names[n], *len, STROMA_MODEL_CURVE);
        STROMA_TRY(model_numbers_read(x, names[n], *len, to[n], err));
    }
    if (json_object_size(o) == n) return STROMA_OK;
    return stroma_fail(err, STROMA_E_MALFORMED, "%s: an unknown key", key);
}

static stroma_status read_apparent(json_t *from, stroma_model *m, stroma_error *err)
{
    static const char *const others[] = { "curve", "decision", NULL };
    static const char *const curve[] = { "predicted", "observed", "lower", "upper", NULL };
    static const char *const decision[] = { "threshold", "net_benefit", "net_benefit_all", NULL };
    stroma_model_performance *a = &m->apparent;
    json_t *o = NULL;
    double *const lines[] = { a->curve_predicted, a->curve_observed, a->curve_lower,
                              a->curve_upper };
    double *const benefits[] = { a->threshold, a->net_benefit, a->net_benefit_all };
    STROMA_TRY(model_member(from, "apparent", JSON_OBJECT, &o, err));
    STROMA_TRY(model_fields_read(o, &m->arena, a, model_fields_performance, others, err));
    STROMA_TRY(read_lines(o, "curve", curve, lines, &a->curve_len, err));
    return read_lines(o, "decision", decision, benefits, &a->net_benefit_len, err);
}

/* An array of objects of one kind. */
typedef struct list_kind {
    const char *key;
    size_t size;
    const model_field *fields;
} list_kind;

static stroma_status read_list(json_t *from, const list_kind *kind, stroma_model *m, void **out,
                               size_t *len, stroma_error *err)
{
    enum { LIST_MAX = 1000 };
    json_t *all = NULL;
    STROMA_TRY(model_member(from, kind->key, JSON_ARRAY, &all, err));
    *len = json_array_size(all);
    if (*len > LIST_MAX)
        return stroma_fail(err, STROMA_E_MALFORMED, "key \"%s\" has %zu items, at most %d",
                           kind->key, *len, LIST_MAX);
    *out = stroma_arena_alloc(&m->arena, *len, kind->size);
    if (*out == NULL && *len > 0) return stroma_no_memory(err);
    for (size_t i = 0; i < *len; i++) {
        const stroma_status s =
            model_fields_read(json_array_get(all, i), &m->arena, (char *)*out + i * kind->size,
                              kind->fields, no_others, err);
        if (s != STROMA_OK) return stroma_in(err, s, "%s %zu", kind->key, i + 1);
    }
    return STROMA_OK;
}

static stroma_status read_performance(json_t *root, stroma_model *m, stroma_error *err)
{
    const list_kind groups = { "groups", sizeof *m->groups, model_fields_group };
    const list_kind validations = { "validations", sizeof *m->validations,
                                    model_fields_validation };
    json_t *o = NULL;
    void *list = NULL;
    STROMA_TRY(model_member(root, "performance", JSON_OBJECT, &o, err));
    const stroma_status s = read_apparent(o, m, err);
    if (s != STROMA_OK) return stroma_in(err, s, "performance");
    STROMA_TRY(object(o, "optimism", m, model_fields_optimism, no_others, NULL, err));
    STROMA_TRY(object(o, "cross_validation", m, model_fields_cv, no_others, NULL, err));
    STROMA_TRY(read_list(o, &groups, m, &list, &m->groups_len, err));
    m->groups = list;
    if (json_object_size(o) != 4)
        return stroma_fail(err, STROMA_E_MALFORMED, "performance: an unknown key");
    STROMA_TRY(read_list(root, &validations, m, &list, &m->validations_len, err));
    m->validations = list;
    return STROMA_OK;
}

static stroma_status read_squared(json_t *from, stroma_model *m, stroma_error *err)
{
    json_t *x = NULL;
    STROMA_TRY(model_member(from, "squared", JSON_ARRAY, &x, err));
    m->distance_len = json_array_size(x);
    if (m->distance_len > 1000)
        return stroma_fail(err, STROMA_E_MALFORMED, "%zu distances, at most 1000", m->distance_len);
    m->distance = stroma_arena_alloc(&m->arena, m->distance_len, sizeof *m->distance);
    if (m->distance == NULL && m->distance_len > 0) return stroma_no_memory(err);
    STROMA_TRY(model_numbers_read(x, "squared", m->distance_len, m->distance, err));
    for (size_t i = 0; i < m->distance_len; i++)
        if (!(m->distance[i] >= (i == 0 ? 0 : m->distance[i - 1])))
            return stroma_fail(err, STROMA_E_MALFORMED,
                               "key \"squared\" does not ascend at item %zu", i + 1);
    return STROMA_OK;
}

static stroma_status read_distance(json_t *root, stroma_model *m, stroma_error *err)
{
    const size_t p = m->inputs_len;
    json_t *o = json_object_get(root, "distance"), *x = NULL;
    if (o == NULL) return stroma_fail(err, STROMA_E_MALFORMED, "key \"distance\" is missing");
    if (json_is_null(o)) return STROMA_OK;
    STROMA_TRY(model_member(root, "distance", JSON_OBJECT, &o, err));
    STROMA_TRY(model_member(o, "correlation", JSON_ARRAY, &x, err));
    STROMA_TRY(read_matrix(x, "correlation", m, p, p, &m->correlation, err));
    STROMA_TRY(check_symmetric(m->correlation, p, "correlation", err));
    if (json_object_size(o) != 2)
        return stroma_fail(err, STROMA_E_MALFORMED, "distance: an unknown or missing key");
    return read_squared(o, m, err);
}

/* Whole numbers below a bound, one a calibration row. */
static stroma_status read_codes(json_t *from, const char *key, const stroma_model *m, size_t below,
                                double *room, stroma_error *err)
{
    json_t *x = NULL;
    STROMA_TRY(model_member(from, key, JSON_ARRAY, &x, err));
    STROMA_TRY(model_numbers_read(x, key, m->calibration_len, room, err));
    for (size_t i = 0; i < m->calibration_len; i++)
        if (!(room[i] >= 0 && room[i] < (double)below) || room[i] != floor(room[i]))
            return stroma_fail(err, STROMA_E_MALFORMED,
                               "key \"%s\": item %zu is %g, not a whole number below %zu", key,
                               i + 1, room[i], below);
    return STROMA_OK;
}

static stroma_status read_calibration(json_t *o, stroma_model *m, stroma_error *err)
{
    json_t *x = NULL;
    stroma_arena *a = &m->arena;
    STROMA_TRY(model_member(o, "log_odds", JSON_ARRAY, &x, err));
    const size_t n = json_array_size(x);
    m->calibration_len = n;
    if (n > m->n || n > STROMA_MODEL_SUBJECTS_MAX)
        return stroma_fail(err, STROMA_E_MALFORMED, "%zu calibration scores of %zu subjects", n,
                           m->n);
    m->calibration_score = stroma_arena_alloc(a, n, sizeof(double));
    m->calibration_class = stroma_arena_alloc(a, n, 1);
    m->calibration_fold = stroma_arena_alloc(a, n, sizeof *m->calibration_fold);
    double *room = stroma_arena_alloc(a, n, sizeof *room);
    if (m->calibration_score == NULL || m->calibration_class == NULL ||
        m->calibration_fold == NULL || room == NULL)
        return stroma_no_memory(err);
    STROMA_TRY(model_numbers_read(x, "log_odds", n, m->calibration_score, err));
    STROMA_TRY(read_codes(o, "class", m, 2, room, err));
    for (size_t i = 0; i < n; i++)
        m->calibration_class[i] = (uint8_t)room[i];
    STROMA_TRY(read_codes(o, "fold", m, m->folds, room, err));
    for (size_t i = 0; i < n; i++)
        m->calibration_fold[i] = (uint16_t)room[i];
    return STROMA_OK;
}

static stroma_status read_conformal(json_t *root, stroma_model *m, stroma_error *err)
{
    json_t *o = NULL, *x = NULL;
    double folds = 0;
    STROMA_TRY(model_member(root, "conformal", JSON_OBJECT, &o, err));
    STROMA_TRY(whole(o, "folds", STROMA_MODEL_FOLDS_MAX, &folds, err));
    m->folds = (size_t)folds;
    if (json_object_size(o) != 5)
        return stroma_fail(err, STROMA_E_MALFORMED, "conformal: an unknown or missing key");
    STROMA_TRY(model_member(o, "coefficients", JSON_ARRAY, &x, err));
    STROMA_TRY(
        read_matrix(x, "coefficients", m, m->folds, 1 + m->inputs_len, &m->fold_coefficients, err));
    const stroma_status s = read_calibration(o, m, err);
    return s == STROMA_OK ? s : stroma_in(err, s, "conformal");
}

static stroma_status check_top(json_t *root, const stroma_model *m, stroma_error *err)
{
    static const char *const known[] = { "schema",     "schema_version", "research_use_only",
                                         "version",    "about",          "landmark",
                                         "outcome",    "inputs",         "rules",
                                         "method",     "intercept",      "recalibration",
                                         "covariance", "draws",          "training",
                                         "budget",     "performance",    "validations",
                                         "distance",   "conformal",      "sha256",
                                         NULL };
    static const model_field none[] = { { NULL, 0, 0 } };
    stroma_arena unused = { 0 };
    stroma_date day;
    stroma_hash hash;
    STROMA_TRY(model_fields_read(root, &unused, NULL, none, known, err));
    if (m->expiry != NULL && !stroma_date_parse(m->expiry, strlen(m->expiry), &day))
        return stroma_fail(err, STROMA_E_MALFORMED, "expiry \"%.40s\" is not a date as 2027-01-31",
                           m->expiry);
    if (m->version > 1 && m->parent == NULL)
        return stroma_fail(err, STROMA_E_MALFORMED, "version %u names no parent",
                           (unsigned)m->version);
    if (m->parent != NULL && !stroma_hash_parse(m->parent, strlen(m->parent), &hash))
        return stroma_fail(err, STROMA_E_MALFORMED, "key \"parent\" is not 64 hexadecimal digits");
    return STROMA_OK;
}

static stroma_status check_hash(json_t *root, stroma_model *m, stroma_error *err)
{
    char text[STROMA_HASH_TEXT_MAX];
    json_t *o = NULL;
    STROMA_TRY(model_member(root, "sha256", JSON_STRING, &o, err));
    STROMA_TRY(stroma_model_hash(m, text, err));
    if (strcmp(text, json_string_value(o)) != 0) {
        (void)stroma_fail(
            err, STROMA_E_INCONSISTENT,
            "the content is not what its hash says: %.12s… stands there, %.12s… it is",
            json_string_value(o), text);
        stroma_hint(err, "the file was changed after stroma wrote it; ask for the original");
        return STROMA_E_INCONSISTENT;
    }
    m->sha256 = stroma_arena_strdup(&m->arena, text);
    return m->sha256 == NULL ? stroma_no_memory(err) : STROMA_OK;
}

static stroma_status fill(json_t *root, bool hashed, stroma_model *m, stroma_error *err)
{
    STROMA_TRY(read_head(root, m, err));
    STROMA_TRY(read_inputs(root, m, err));
    STROMA_TRY(read_fit(root, m, err));
    STROMA_TRY(read_training(root, m, err));
    STROMA_TRY(read_performance(root, m, err));
    STROMA_TRY(read_distance(root, m, err));
    STROMA_TRY(read_conformal(root, m, err));
    STROMA_TRY(check_top(root, m, err));
    return hashed ? check_hash(root, m, err) : STROMA_OK;
}

stroma_status model_read_content(const char *data, size_t size, bool hashed, stroma_model **out,
                                 stroma_error *err)
{
    json_t *root = NULL;
    stroma_model *m = NULL;
    *out = NULL;
    stroma_status s = model_parse_json(data, size, STROMA_MODEL_FILE_BYTES_MAX,
                                       STROMA_MODEL_DEPTH_MAX, &root, err);
    if (s == STROMA_OK) s = model_new(ARENA_BYTES_MAX, &m, err);
    if (s == STROMA_OK) s = fill(root, hashed, m, err);
    json_decref(root);
    if (s == STROMA_OK)
        *out = m;
    else
        stroma_model_free(m);
    return s;
}

stroma_status stroma_model_read(const char *data, size_t size, stroma_model **out,
                                stroma_error *err)
{
    return model_read_content(data, size, true, out, err);
}

stroma_status stroma_model_read_file(const char *path, stroma_model **out, stroma_error *err)
{
    stroma_bytes b = { 0 };
    *out = NULL;
    stroma_status s = stroma_bytes_read(path, STROMA_MODEL_FILE_BYTES_MAX, &b, err);
    if (s == STROMA_OK) s = stroma_model_read((const char *)b.data, b.size, out, err);
    stroma_bytes_clear(&b);
    return s == STROMA_OK ? s : stroma_in(err, s, "model \"%s\"", path);
}
