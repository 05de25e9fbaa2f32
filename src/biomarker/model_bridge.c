/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model_internal.h"
#include "model_parse.h"

#include "stroma/biomarker_bridge.h"
#include "stroma/file.h"
#include "stroma/hash.h"

#include <math.h>
#include <string.h>

enum { BRIDGE_BYTES_MAX = 1 << 16, BRIDGE_DEPTH_MAX = 3, BRIDGE_VERSION = 1 };

#define B(key_, kind_, member_)                               \
    {                                                         \
        key_, MODEL_##kind_, offsetof(stroma_bridge, member_) \
    }
static const model_field fields[] = {
    B("input", TEXT_REQUIRED, input),
    B("from_assay", TEXT_REQUIRED, from_assay),
    B("to_assay", TEXT_REQUIRED, to_assay),
    B("unit", TEXT, unit),
    B("source", TEXT, source),
    B("source_sha256", TEXT, source_sha256),
    B("n", COUNT, fit.n),
    B("error_ratio", POSITIVE, fit.error_ratio),
    B("level", FRACTION, level),
    B("slope", FINITE, fit.slope.estimate),
    B("intercept", FINITE, fit.intercept.estimate),
    B("variance_intercept", FINITE, fit.variance_intercept),
    B("covariance", FINITE, fit.covariance),
    B("variance_slope", FINITE, fit.variance_slope),
    B("error_variance_x", FINITE, fit.error_variance_x),
    B("error_variance_y", FINITE, fit.error_variance_y),
    B("x_min", FINITE, fit.x_min),
    B("x_max", FINITE, fit.x_max),
    B("correlation", NUMBER, fit.correlation),
    { NULL, 0, 0 },
};
#undef B

void stroma_bridge_free(stroma_bridge *b)
{
    if (b == NULL) return;
    stroma_arena_clear(&b->arena);
    stroma_free(b);
}

static stroma_status bridge_new(stroma_bridge **out, stroma_error *err)
{
    *out = stroma_alloc_array(1, sizeof **out);
    if (*out == NULL) return stroma_no_memory(err);
    stroma_arena_init(&(*out)->arena, 1 << 20);
    return STROMA_OK;
}

static stroma_status keep(stroma_bridge *b, const char **to, const char *text, stroma_error *err)
{
    *to = stroma_arena_strdup(&b->arena, text);
    return *to == NULL && text != NULL ? stroma_no_memory(err) : STROMA_OK;
}

static stroma_status fit(const stroma_bridge_spec *spec, const double *x, const double *y, size_t n,
                         stroma_bridge *b, stroma_error *err)
{
    STROMA_TRY(keep(b, &b->input, spec->input, err));
    STROMA_TRY(keep(b, &b->from_assay, spec->from_assay, err));
    STROMA_TRY(keep(b, &b->to_assay, spec->to_assay, err));
    STROMA_TRY(keep(b, &b->unit, spec->unit, err));
    STROMA_TRY(keep(b, &b->source, spec->source, err));
    STROMA_TRY(keep(b, &b->source_sha256, spec->source_sha256, err));
    b->level = spec->deming.level;
    STROMA_TRY(stroma_deming_fit(x, y, n, &spec->deming, &b->fit, err));
    const stroma_stat *slope = &b->fit.slope;
    if (slope->not_estimable)
        return stroma_fail(err, STROMA_E_DEGENERATE, "no line through %zu pairs: %s", n,
                           slope->reason);
    if (slope->lower > 0) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_DEGENERATE,
                      "%zu pairs do not show that the assays rise together: slope %.3g (%.3g to "
                      "%.3g)",
                      n, slope->estimate, slope->lower, slope->upper);
    stroma_hint(err, "measure more specimens with both, over the whole range");
    return STROMA_E_DEGENERATE;
}

stroma_status stroma_bridge_fit(const stroma_bridge_spec *spec, const double *x, const double *y,
                                size_t n, stroma_bridge **out, stroma_error *err)
{
    *out = NULL;
    stroma_bridge *b = NULL;
    STROMA_TRY(bridge_new(&b, err));
    const stroma_status s = fit(spec, x, y, n, b, err);
    if (s == STROMA_OK)
        *out = b;
    else
        stroma_bridge_free(b);
    return s;
}

/* The document without its closing brace. */
static void content(const stroma_bridge *b, stroma_buffer *out)
{
    stroma_json j;
    stroma_json_init(&j, out, 0);
    stroma_json_begin_object(&j);
    stroma_json_put_string(&j, "schema", "stroma.bridge");
    stroma_json_put_int(&j, "schema_version", BRIDGE_VERSION);
    stroma_json_put_string(&j, "scale", b->fit.scale == STROMA_SCALE_LOG ? "log" : "natural");
    model_fields_write(&j, b, fields);
}

static stroma_status hash_of(const stroma_bridge *b, char *text, stroma_error *err)
{
    stroma_buffer c;
    stroma_hash h;
    stroma_buffer_init(&c, BRIDGE_BYTES_MAX);
    content(b, &c);
    const stroma_status s = stroma_buffer_status(&c, err);
    if (s == STROMA_OK) {
        stroma_hash_bytes(c.data, c.len, &h);
        (void)stroma_hash_format(&h, text);
    }
    stroma_buffer_clear(&c);
    return s;
}

stroma_status stroma_bridge_write(stroma_bridge *b, stroma_buffer *out, stroma_error *err)
{
    char text[STROMA_HASH_TEXT_MAX];
    STROMA_TRY(hash_of(b, text, err));
    STROMA_TRY(keep(b, &b->sha256, text, err));
    content(b, out);
    stroma_buffer_printf(out, ",\"sha256\":\"%s\"}\n", text);
    return stroma_buffer_status(out, err);
}

static stroma_status check(const stroma_bridge *b, stroma_error *err)
{
    const stroma_deming *d = &b->fit;
    if (d->n < 3)
        return stroma_fail(err, STROMA_E_MALFORMED, "%zu pairs; a bridge needs three", d->n);
    if (!(b->level > 0.5 && b->level < 1))
        return stroma_fail(err, STROMA_E_MALFORMED, "level %g is not within 0.5 and 1", b->level);
    if (d->slope.estimate == 0)
        return stroma_fail(err, STROMA_E_MALFORMED, "a slope of 0 bridges nothing");
    if (!(d->variance_intercept >= 0 && d->variance_slope >= 0 && d->error_variance_x >= 0 &&
          d->error_variance_y >= 0))
        return stroma_fail(err, STROMA_E_MALFORMED, "a variance is negative");
    if (!(d->x_min <= d->x_max))
        return stroma_fail(err, STROMA_E_MALFORMED, "x_min %g is above x_max %g", d->x_min,
                           d->x_max);
    return STROMA_OK;
}

static stroma_status check_schema(const json_t *root, stroma_error *err)
{
    json_t *o = NULL;
    STROMA_TRY(model_member(root, "schema", JSON_STRING, &o, err));
    if (strcmp(json_string_value(o), "stroma.bridge") != 0)
        return stroma_fail(err, STROMA_E_MALFORMED, "schema \"%.40s\" is not \"stroma.bridge\"",
                           json_string_value(o));
    o = json_object_get(root, "schema_version");
    if (!json_is_number(o) || json_number_value(o) != BRIDGE_VERSION)
        return stroma_fail(err, STROMA_E_MALFORMED, "schema version is not known, only %d",
                           BRIDGE_VERSION);
    return STROMA_OK;
}

static stroma_status check_hash(const json_t *root, stroma_bridge *b, stroma_error *err)
{
    json_t *o = NULL;
    char text[STROMA_HASH_TEXT_MAX];
    STROMA_TRY(model_member(root, "sha256", JSON_STRING, &o, err));
    STROMA_TRY(hash_of(b, text, err));
    if (strcmp(text, json_string_value(o)) != 0)
        return stroma_fail(err, STROMA_E_INCONSISTENT,
                           "the content is not what its hash says: %.12s… stands there, %.12s… it "
                           "is",
                           json_string_value(o), text);
    return keep(b, &b->sha256, text, err);
}

static stroma_status fill(json_t *root, stroma_bridge *b, stroma_error *err)
{
    static const char *const others[] = { "schema", "schema_version", "scale", "sha256", NULL };
    json_t *o = NULL;
    STROMA_TRY(check_schema(root, err));
    STROMA_TRY(model_fields_read(root, &b->arena, b, fields, others, err));
    STROMA_TRY(model_member(root, "scale", JSON_STRING, &o, err));
    if (strcmp(json_string_value(o), "log") == 0)
        b->fit.scale = STROMA_SCALE_LOG;
    else if (strcmp(json_string_value(o), "natural") != 0)
        return stroma_fail(err, STROMA_E_MALFORMED, "scale \"%.40s\" is not known",
                           json_string_value(o));
    b->fit.slope.level = b->fit.intercept.level = b->level;
    STROMA_TRY(check(b, err));
    return check_hash(root, b, err);
}

stroma_status stroma_bridge_read(const char *data, size_t size, stroma_bridge **out,
                                 stroma_error *err)
{
    json_t *root = NULL;
    stroma_bridge *b = NULL;
    *out = NULL;
    stroma_status s = model_parse_json(data, size, BRIDGE_BYTES_MAX, BRIDGE_DEPTH_MAX, &root, err);
    if (s == STROMA_OK) s = bridge_new(&b, err);
    if (s == STROMA_OK) s = fill(root, b, err);
    json_decref(root);
    if (s == STROMA_OK)
        *out = b;
    else
        stroma_bridge_free(b);
    return s;
}

stroma_status stroma_bridge_read_file(const char *path, stroma_bridge **out, stroma_error *err)
{
    stroma_bytes b = { 0 };
    *out = NULL;
    stroma_status s = stroma_bytes_read(path, BRIDGE_BYTES_MAX, &b, err);
    if (s == STROMA_OK) s = stroma_bridge_read((const char *)b.data, b.size, out, err);
    stroma_bytes_clear(&b);
    return s == STROMA_OK ? s : stroma_in(err, s, "bridge \"%s\"", path);
}

bool stroma_bridge_convert(const stroma_bridge *b, double x, double *value, double *variance,
                           bool *extrapolated)
{
    stroma_bridged y;
    if (!stroma_deming_convert(&b->fit, x, &y)) return false;
    const double se = b->fit.scale == STROMA_SCALE_LOG ? y.y * y.se_reading : y.se_reading;
    *value = y.y;
    *variance = se * se;
    *extrapolated = y.extrapolated;
    return isfinite(*value) && isfinite(*variance);
}
