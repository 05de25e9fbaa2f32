/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fcs_targets.h"

#include "stroma/interrupt.h"
#include "stroma/memory.h"
#include "stroma/sort.h"

#include <string.h>
#include <strings.h>
#include <sys/stat.h>

bool fcs_into_folder(const fcs_inputs *in, const char *out)
{
    const size_t n = strlen(out);
    return in->len > 1 || (n > 0 && out[n - 1] == '/') || stroma_path_is_directory(out);
}

char *fcs_target(const char *out, const char *path, const char *ending)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1, *dot = strrchr(name, '.');
    /* "tube.001" is a name of its own, beside "tube.002" */
    const bool known = dot != NULL && dot != name &&
                       (strcasecmp(dot, ".fcs") == 0 || strcasecmp(dot, ".lmd") == 0);
    const size_t n = known ? (size_t)(dot - name) : strlen(name);
    const size_t k = strlen(out);
    return stroma_asprintf(k > 0 && out[k - 1] == '/' ? "%s%.*s.%s" : "%s/%.*s.%s", out, (int)n,
                           name, ending);
}

static int by_text(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static stroma_status same_names(char **targets, size_t n, stroma_error *err)
{
    STROMA_TRY(stroma_sort(targets, n, sizeof *targets, by_text, NULL, err));
    for (size_t i = 1; i < n; i++)
        if (strcmp(targets[i - 1], targets[i]) == 0) {
            const stroma_status s =
                stroma_fail(err, STROMA_E_USAGE, "two inputs would become \"%s\"", targets[i]);
            stroma_hint(err, "convert them into different folders");
            return s;
        }
    return STROMA_OK;
}

/* A folder is made where it is not there, but not one that looks like a file. */
static stroma_status named_as_folder(const char *out, const char *ending, stroma_error *err)
{
    const char *dot = strrchr(out, '.');
    if (dot == NULL || strcasecmp(dot + 1, ending) != 0 || stroma_path_is_directory(out))
        return STROMA_OK;
    const stroma_status s =
        stroma_fail(err, STROMA_E_USAGE, "\"%s\" is one file, and there are several inputs", out);
    stroma_hint(err, "name a folder; one that is to end so is made beforehand");
    return s;
}

stroma_status fcs_check_targets(const fcs_inputs *in, const char *out, const char *ending,
                                stroma_error *err)
{
    if (in->len > 1) STROMA_TRY(named_as_folder(out, ending, err));
    char **targets = stroma_alloc_array(in->len, sizeof *targets);
    if (targets == NULL) return stroma_no_memory(err);
    stroma_status s = STROMA_OK;
    for (size_t i = 0; i < in->len && s == STROMA_OK; i++) {
        targets[i] = fcs_target(out, in->paths[i], ending);
        if (targets[i] == NULL) s = stroma_no_memory(err);
    }
    if (s == STROMA_OK) s = same_names(targets, in->len, err);
    for (size_t i = 0; i < in->len; i++)
        stroma_free(targets[i]);
    stroma_free(targets);
    return s == STROMA_OK ? stroma_make_directory(out, err) : s;
}

stroma_status fcs_not_onto_itself(const char *path, const char *target, stroma_error *err)
{
    struct stat a, b;
    if (stat(path, &a) != 0 || stat(target, &b) != 0 || a.st_dev != b.st_dev ||
        a.st_ino != b.st_ino)
        return STROMA_OK;
    const stroma_status s = stroma_fail(err, STROMA_E_USAGE, "\"%s\" is the input itself", target);
    stroma_hint(err, "an acquired file is never changed; give another name");
    return s;
}

stroma_status fcs_output_put(void *output, const void *bytes, size_t n, stroma_error *err)
{
    const fcs_output *o = output;
    STROMA_TRY(stroma_interrupt_check(err));
    return o->file != NULL ? stroma_file_stream_write(o->file, bytes, n, err)
                           : cli_write(bytes, n, err);
}
