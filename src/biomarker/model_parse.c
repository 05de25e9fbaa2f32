/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model_parse.h"

/* Nesting is limited before the parser sees it, which is recursive. */
static stroma_status check_depth(const char *data, size_t size, int depth_max, stroma_error *err)
{
    int depth = 0;
    bool text = false;
    for (size_t i = 0; i < size; i++) {
        const char c = data[i];
        if (text) {
            if (c == '\\')
                i++;
            else if (c == '"')
                text = false;
        } else if (c == '"') {
            text = true;
        } else if (c == '{' || c == '[') {
            if (++depth > depth_max)
                return stroma_fail_byte(err, STROMA_E_MALFORMED, i, "nested deeper than %d levels",
                                        depth_max);
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return STROMA_OK;
}

stroma_status model_parse_json(const char *data, size_t size, size_t limit, int depth_max,
                               json_t **out, stroma_error *err)
{
    json_error_t why;
    *out = NULL;
    if (size > limit)
        return stroma_fail(err, STROMA_E_USAGE, "%zu bytes; at most %zu are read", size, limit);
    if (size == 0) return stroma_fail(err, STROMA_E_MALFORMED, "the file is empty");
    STROMA_TRY(check_depth(data, size, depth_max, err));
    *out = json_loadb(data, size, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &why);
    if (*out == NULL && json_error_code(&why) == json_error_out_of_memory)
        return stroma_no_memory(err);
    if (*out == NULL)
        return stroma_fail_at(err, STROMA_E_MALFORMED, why.line, why.column, "not JSON: %s",
                              why.text);
    if (json_is_object(*out)) return STROMA_OK;
    return stroma_fail(err, STROMA_E_MALFORMED, "the document is no object in braces");
}
