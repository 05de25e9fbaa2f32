/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model_files.h"

#include "stroma/memory.h"
#include "stroma/number.h"
#include "stroma/suggest.h"
#include "stroma/table_read.h"

#include <math.h>
#include <string.h>

stroma_status model_table(cli_context *c, const char *path, stroma_table **out, stroma_error *err)
{
    stroma_table_read_options o = STROMA_TABLE_READ_OPTIONS_INIT;
    const char *const *given = NULL;
    const size_t n = cli_texts(c, "missing", &given);
    const char **missing = stroma_alloc_array(n + 1, sizeof *missing);
    if (missing == NULL) return stroma_no_memory(err);
    missing[0] = "NA";
    for (size_t i = 0; i < n; i++)
        missing[i + 1] = given[i];
    o.missing = missing;
    o.missing_len = n + 1;
    o.threads = cli_threads(c);
    stroma_diag d;
    stroma_diag_init(&d);
    const stroma_status s = stroma_table_read(path, &o, out, &d, err);
    cli_print_findings(c, &d);
    stroma_diag_clear(&d);
    stroma_free(missing);
    return s;
}

const char *model_setting(const cli_context *c, const char *option, const char *name)
{
    const char *const *given = NULL, *found = NULL;
    const size_t n = cli_texts(c, option, &given), len = strlen(name);
    for (size_t i = 0; i < n; i++)
        if (strncmp(given[i], name, len) == 0 && given[i][len] == '=') found = given[i] + len + 1;
    return found;
}

stroma_status model_check_settings(const cli_context *c, const char *option,
                                   const char *const *names, size_t n, stroma_error *err)
{
    const char *const *given = NULL;
    const size_t settings = cli_texts(c, option, &given);
    for (size_t i = 0; i < settings; i++) {
        const size_t len = strcspn(given[i], "=");
        bool known = false;
        if (given[i][len] != '=' || len == 0 || given[i][len + 1] == '\0')
            return stroma_fail(err, STROMA_E_USAGE, "--%s \"%.60s\" is not NAME=VALUE", option,
                               given[i]);
        for (size_t k = 0; k < n && !known; k++)
            known = strlen(names[k]) == len && strncmp(names[k], given[i], len) == 0;
        if (known) continue;
        char word[64];
        const size_t cut = len < sizeof word - 1 ? len : sizeof word - 1;
        memcpy(word, given[i], cut);
        word[cut] = '\0';
        const char *near = stroma_nearest(word, names, n);
        (void)stroma_fail(err, STROMA_E_USAGE, "--%s: the model has no input \"%s\"", option, word);
        if (near != NULL) stroma_hint(err, "did you mean \"%s\"?", near);
        return STROMA_E_USAGE;
    }
    return STROMA_OK;
}

stroma_status model_list(stroma_arena *a, const char *text, const char ***out, size_t *n,
                         stroma_error *err)
{
    *n = 1;
    for (const char *p = text; *p != '\0'; p++)
        *n += *p == ',';
    *out = stroma_arena_alloc(a, *n, sizeof **out);
    if (*out == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < *n; i++) {
        const size_t len = strcspn(text, ",");
        (*out)[i] = stroma_arena_strndup(a, text, len);
        if ((*out)[i] == NULL) return stroma_no_memory(err);
        if (len == 0) return stroma_fail(err, STROMA_E_USAGE, "a list has an empty name");
        text += len + (text[len] == ',');
    }
    return STROMA_OK;
}

bool model_visit_day(const char *visit, int32_t *day)
{
    const char *at = strrchr(visit, '@');
    if (at != NULL) visit = at + 1;
    int64_t n = 0;
    if (strcmp(visit, "baseline") == 0) {
        *day = 0;
        return true;
    }
    if ((visit[0] != 'W' && visit[0] != 'D') ||
        !stroma_parse_int(visit + 1, strlen(visit + 1), &n) || n < -10000 || n > 10000)
        return false;
    *day = (int32_t)(visit[0] == 'W' ? 7 * n : n);
    return true;
}

stroma_status model_emit(cli_context *c, stroma_model *m, stroma_error *err)
{
    stroma_buffer b;
    stroma_buffer_init(&b, STROMA_MODEL_FILE_BYTES_MAX);
    stroma_status s = stroma_model_write(m, &b, err);
    if (s == STROMA_OK) s = cli_emit_buffer(c, &b, err);
    stroma_buffer_clear(&b);
    return s;
}

const char *model_figure(const stroma_model_figure *f, char *out, size_t size)
{
    char x[3][STROMA_NUMBER_TEXT_MAX];
    const double v[3] = { f->value, f->lower, f->upper };
    if (!isfinite(f->value)) return "not estimable";
    for (size_t i = 0; i < 3; i++)
        (void)stroma_format_fixed(v[i], 3, x[i]);
    stroma_buffer b;
    stroma_buffer_init(&b, size);
    stroma_buffer_printf(&b, isfinite(f->lower) ? "%s (%s to %s)" : "%s", x[0], x[1], x[2]);
    const size_t n = b.len < size ? b.len : size - 1;
    if (b.data != NULL) memcpy(out, b.data, n);
    out[b.data != NULL ? n : 0] = '\0';
    stroma_buffer_clear(&b);
    return out;
}
