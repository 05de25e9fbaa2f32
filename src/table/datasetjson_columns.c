/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "datasetjson_columns.h"

#include <string.h>

static const struct {
    const char *name;
    dsj_kind kind;
} data_types[] = {
    { "string", DSJ_TEXT },     { "URI", DSJ_TEXT },     { "integer", DSJ_INTEGER },
    { "float", DSJ_FLOAT },     { "double", DSJ_FLOAT }, { "decimal", DSJ_DECIMAL },
    { "boolean", DSJ_BOOLEAN }, { "date", DSJ_DATE },    { "datetime", DSJ_DATETIME },
    { "time", DSJ_TIME },
};

static const char *text_of(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s == NULL || s[0] == '\0' ? NULL : s;
}

static stroma_status parse_one(const json_t *j, dsj_column *c, stroma_error *err)
{
    if (!json_is_object(j)) return stroma_fail(err, STROMA_E_MALFORMED, "it is not an object");
    const char *oid = text_of(j, "itemOID");
    if (oid == NULL) return stroma_fail(err, STROMA_E_MALFORMED, "it has no itemOID");
    c->name = text_of(j, "name");
    if (c->name == NULL) c->name = oid;
    c->label = text_of(j, "label");
    c->format = text_of(j, "displayFormat");
    c->type_name = text_of(j, "dataType");
    if (c->type_name == NULL)
        return stroma_fail(err, STROMA_E_MALFORMED, "\"%s\" has no dataType", c->name);
    for (size_t i = 0; i < sizeof data_types / sizeof data_types[0]; i++)
        if (strcmp(data_types[i].name, c->type_name) == 0) {
            c->kind = data_types[i].kind;
            return STROMA_OK;
        }
    (void)stroma_fail(err, STROMA_E_MALFORMED, "\"%s\" has the unknown dataType \"%s\"", c->name,
                      c->type_name);
    stroma_hint(err, "Dataset-JSON 1.1 has string, integer, decimal, float, double, boolean, date, "
                     "datetime, time and URI");
    return STROMA_E_MALFORMED;
}

stroma_status dsj_columns_parse(const json_t *columns, dsj_column **out, size_t *n,
                                stroma_error *err)
{
    *out = NULL;
    *n = 0;
    if (!json_is_array(columns) || json_array_size(columns) == 0)
        return stroma_fail(err, STROMA_E_MALFORMED, "\"columns\" is not an array of columns");
    const size_t len = json_array_size(columns);
    dsj_column *c = stroma_alloc_array(len, sizeof *c);
    if (c == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < len; i++) {
        const stroma_status s = parse_one(json_array_get(columns, i), &c[i], err);
        if (s != STROMA_OK) {
            stroma_free(c);
            return stroma_in(err, s, "column %zu", i + 1);
        }
    }
    *out = c;
    *n = len;
    return STROMA_OK;
}

stroma_column_type dsj_column_type(const dsj_column *c)
{
    if (c->as_text) return STROMA_COLUMN_TEXT;
    switch (c->kind) {
    case DSJ_TEXT: return STROMA_COLUMN_TEXT;
    case DSJ_DATE: return STROMA_COLUMN_DATE;
    case DSJ_DATETIME: return STROMA_COLUMN_DATETIME;
    case DSJ_TIME: return STROMA_COLUMN_TIME;
    case DSJ_INTEGER:
    case DSJ_FLOAT:
    case DSJ_DECIMAL:
    case DSJ_BOOLEAN: break;
    }
    return STROMA_COLUMN_NUMBER;
}
