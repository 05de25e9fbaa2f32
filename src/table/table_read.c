/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/table_read.h"

#include "reader.h"
#include "reader_common.h"

#include "stroma/file.h"

#include <stdio.h>
#include <string.h>

/* Every format, one line each; earlier ones win ties. */
static const stroma_reader *const readers[] = {
    &stroma_csv_reader,      &stroma_xpt_reader,      &stroma_datasetjson_reader,
    &stroma_sas7bdat_reader, &stroma_sas7bcat_reader, &stroma_sav_reader,
    &stroma_por_reader,      &stroma_dta_reader,      NULL,
};

/* Lower-case extension with its dot and a blank, ".csv ", or "" */
static void extension_of(const char *name, char *out, size_t out_size)
{
    const char *slash = strrchr(name, '/');
    const char *dot = strrchr(slash == NULL ? name : slash, '.');
    out[0] = '\0';
    if (dot == NULL || strlen(dot) + 2 > out_size) return;
    size_t n = 0;
    for (; dot[n] != '\0'; n++)
        out[n] = (char)(dot[n] >= 'A' && dot[n] <= 'Z' ? dot[n] + 32 : dot[n]);
    out[n] = ' ';
    out[n + 1] = '\0';
}

/* What the readers of files with this extension saw, or all readers when it is "":
 * "csv: a NUL byte at byte 12; xpt: no header record". @return how many. */
static size_t say_why(const stroma_reader_input *in, const char *extension, char *out, size_t size)
{
    size_t at = 0, n_readers = 0;
    for (const stroma_reader *const *r = readers; *r != NULL; r++) {
        char why[STROMA_WHY_MAX] = "";
        if (extension[0] != '\0' && strstr((*r)->extensions, extension) == NULL) continue;
        (void)(*r)->detect(in, why);
        const int n =
            snprintf(out + at, size - at, "%s%s: %s", at == 0 ? "" : "; ", (*r)->name, why);
        if (n < 0 || (size_t)n >= size - at) break;
        at += (size_t)n;
        n_readers++;
    }
    return n_readers;
}

/* The reader that the file's name asks for says why it cannot; without such a name, all do. */
static stroma_status refuse(const stroma_reader_input *in, stroma_error *err)
{
    const char *what = stroma_foreign_file(in);
    if (what != NULL) {
        char title[120] = "";
        if (reader_html_title(in->data, in->size, title, sizeof title) && title[0] != '\0')
            stroma_fail(err, STROMA_E_MALFORMED,
                        "this is an HTML page (\"%s\"), not a data file that can be read", title);
        else
            stroma_fail(err, STROMA_E_MALFORMED, "this is %s, not a data file that can be read",
                        what);
        stroma_hint(err, strcmp(what, "an HTML page") == 0
                             ? "the download may have failed: look at the file in a browser"
                         : strcmp(what, "a YAML file") == 0
                             ? "a study file goes to `stroma run` or `stroma check`"
                             : "save or export the data as CSV");
        return STROMA_E_MALFORMED;
    }
    char seen[400] = "", extension[32];
    extension_of(in->name, extension, sizeof extension);
    if (extension[0] == '\0' || say_why(in, extension, seen, sizeof seen) == 0)
        (void)say_why(in, "", seen, sizeof seen);
    stroma_fail(err, STROMA_E_MALFORMED, "the format is not recognised (%s)", seen);
    stroma_hint(err, "name the format if you know it, or export the data as CSV");
    return STROMA_E_MALFORMED;
}

static const stroma_reader *choose(const stroma_reader_input *in)
{
    char extension[32];
    extension_of(in->name, extension, sizeof extension);
    const stroma_reader *best = NULL;
    int best_score = 0;
    for (const stroma_reader *const *r = readers; *r != NULL; r++) {
        char why[STROMA_WHY_MAX] = "";
        int score = 2 * (*r)->detect(in, why);
        if (score > 0 && extension[0] != '\0' && strstr((*r)->extensions, extension) != NULL)
            score++;
        if (score > best_score) {
            best = (*r);
            best_score = score;
        }
    }
    return best;
}

static stroma_status named(const char *format, const stroma_reader **out, stroma_error *err)
{
    char names[200] = "";
    size_t at = 0;
    for (const stroma_reader *const *r = readers; *r != NULL; r++) {
        if (strcmp((*r)->name, format) == 0) {
            *out = (*r);
            return STROMA_OK;
        }
        const int n =
            snprintf(names + at, sizeof names - at, "%s%s", at == 0 ? "" : ", ", (*r)->name);
        if (n < 0 || (size_t)n >= sizeof names - at) break;
        at += (size_t)n;
    }
    stroma_fail(err, STROMA_E_USAGE, "there is no file format \"%s\"", format);
    stroma_hint(err, "the formats are: %s", names);
    return STROMA_E_USAGE;
}

static stroma_status read_input(const stroma_reader_input *in,
                                const stroma_table_read_options *opts, stroma_table **out,
                                stroma_diag *diag, stroma_error *err)
{
    static const stroma_table_read_options defaults = STROMA_TABLE_READ_OPTIONS_INIT;
    if (opts == NULL) opts = &defaults;
    if (in->size == 0) return stroma_fail(err, STROMA_E_MALFORMED, "the file is empty");
    const stroma_reader *reader = NULL;
    if (opts->format != NULL)
        STROMA_TRY(named(opts->format, &reader, err));
    else
        reader = choose(in);
    if (reader == NULL) return refuse(in, err);
    STROMA_TRY(reader->read(in, opts, out, diag, err));
    const stroma_status s = stroma_table_keep(*out, in->name, &(*out)->source, err);
    if (s != STROMA_OK) {
        stroma_table_free(*out);
        *out = NULL;
    }
    return s;
}

stroma_status stroma_table_read(const char *path, const stroma_table_read_options *opts,
                                stroma_table **out, stroma_diag *diag, stroma_error *err)
{
    *out = NULL;
    stroma_bytes bytes;
    STROMA_TRY(stroma_bytes_read(path, 0, &bytes, err));
    const bool stream = strcmp(path, "-") == 0;
    const stroma_reader_input in = {
        .name = stream ? "standard input" : path,
        .path = stream ? NULL : path,
        .data = bytes.size == 0 ? (const unsigned char *)"" : bytes.data,
        .size = bytes.size,
    };
    const stroma_status s = read_input(&in, opts, out, diag, err);
    stroma_bytes_clear(&bytes);
    return stream ? stroma_in(err, s, "standard input") : stroma_in(err, s, "file \"%s\"", path);
}

stroma_status stroma_table_read_bytes(const char *name, const void *data, size_t size,
                                      const stroma_table_read_options *opts, stroma_table **out,
                                      stroma_diag *diag, stroma_error *err)
{
    *out = NULL;
    const stroma_reader_input in = {
        .name = name == NULL ? "" : name,
        .data = size == 0 ? (const unsigned char *)"" : data,
        .size = size,
    };
    return stroma_in(err, read_input(&in, opts, out, diag, err), "file \"%s\"", in.name);
}

bool stroma_table_is_redcap(const stroma_table *t)
{
    static const char *const added[] = { "redcap_event_name", "redcap_repeat_instrument",
                                         "redcap_repeat_instance" };
    for (size_t i = 0; i < sizeof added / sizeof added[0]; i++)
        if (stroma_table_find(t, added[i]) != SIZE_MAX) return true;
    return false;
}
