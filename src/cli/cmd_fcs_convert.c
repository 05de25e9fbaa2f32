/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma fcs convert: events of FCS files as FCS 3.1, text or plain columns. */
#include "fcs_targets.h"
#include "stroma_config.h"

#include "stroma/fcs_export.h"
#include "stroma/hash.h"
#include "stroma/memory.h"
#include "stroma/number.h"

#include <string.h>
#include <strings.h>

static const cli_option options[] = {
    { .name = "output",
      .letter = 'o',
      .kind = CLI_PATH,
      .metavar = "FILE|DIR",
      .default_text = "-",
      .help = "write here; a folder for several inputs (made if absent)" },
    { .name = "to",
      .kind = CLI_CHOICE,
      .metavar = "FORM",
      .choices = "fcs|csv|tsv|columns",
      .help = "form of the output (default: by the ending of --output, else tsv)" },
    { .name = "type",
      .kind = CLI_CHOICE,
      .metavar = "TYPE",
      .choices = "float|double|int",
      .help =
          "type of the numbers of FCS output (default: as they are; mixed types become double)" },
    { .name = "stored",
      .kind = CLI_FLAG,
      .help = "text and columns: values as stored, amplification, gain and time step not applied" },
    { .name = "dataset",
      .kind = CLI_TEXT,
      .metavar = "N|all",
      .help = "data set to convert, as info numbers them from 0 (default: the one to analyse); all "
              "for FCS" },
    { .name = "no-provenance",
      .kind = CLI_FLAG,
      .help = "FCS and columns: leave out what names the source file's hash" },
    CLI_OPTION_FORCE,
    CLI_OPTION_STRICT,
    { .name = NULL },
};
static const char *const examples[] = {
    "stroma fcs convert sample.lmd -o sample.fcs",
    "stroma fcs convert sample.fcs --to csv -o sample.csv",
    "stroma fcs convert data/ --to columns -o columns/",
    NULL,
};

static const char *form_of(const cli_context *c)
{
    static const char *const endings[] = { "fcs", "csv", "tsv", "columns" };
    const char *asked = cli_text(c, "to"), *out = cli_text(c, "output");
    if (asked != NULL) return asked;
    const char *dot = strrchr(out, '.');
    for (size_t i = 0; dot != NULL && i < sizeof endings / sizeof endings[0]; i++)
        if (strcasecmp(dot + 1, endings[i]) == 0) return endings[i];
    return "tsv";
}

static stroma_fcs_type type_of(const cli_context *c)
{
    const char *asked = cli_text(c, "type");
    if (asked == NULL) return 0;
    return asked[0] == 'f'   ? STROMA_FCS_FLOAT
           : asked[0] == 'd' ? STROMA_FCS_DOUBLE
                             : STROMA_FCS_INTEGER;
}

static bool all_datasets(const cli_context *c)
{
    const char *asked = cli_text(c, "dataset");
    return asked != NULL && strcmp(asked, "all") == 0;
}

static stroma_status check_options(const cli_context *c, stroma_error *err)
{
    const bool fcs = strcmp(form_of(c), "fcs") == 0;
    const char *asked = cli_text(c, "dataset");
    int64_t n = 0;
    if (asked != NULL && strcmp(asked, "all") != 0 &&
        (!stroma_parse_int(asked, strlen(asked), &n) || n < 0))
        return stroma_fail(err, STROMA_E_USAGE, "--dataset \"%s\": a number from 0 on, or all",
                           asked);
    if (!fcs && cli_given(c, "type"))
        return stroma_fail(err, STROMA_E_USAGE, "--type is for FCS output; this is %s", form_of(c));
    if (!fcs && all_datasets(c))
        return stroma_fail(err, STROMA_E_USAGE, "%s output holds one data set; give its number",
                           form_of(c));
    if (fcs && cli_given(c, "stored"))
        return stroma_fail(err, STROMA_E_USAGE,
                           "--stored is for text and columns; FCS keeps stored values");
    return STROMA_OK;
}

/* Data sets first … first + n − 1 of the file are wanted. */
static stroma_status pick(const cli_context *c, const stroma_fcs *f, const char *path,
                          stroma_diag *diag, size_t *first, size_t *n, stroma_error *err)
{
    const char *asked = cli_text(c, "dataset");
    int64_t number = 0;
    *n = 1;
    if (asked == NULL) {
        *first = stroma_fcs_preferred(f)->index;
        if (stroma_fcs_len(f) > 1)
            stroma_diag_add(
                diag, &(stroma_finding){ .code = "STROMA-FCS-108",
                                         .severity = STROMA_NOTE,
                                         .file = path,
                                         .message = "the file holds further data sets; one is "
                                                    "converted",
                                         .action = "--dataset picks another one, or all" });
        return STROMA_OK;
    }
    if (all_datasets(c)) {
        *first = 0;
        *n = stroma_fcs_len(f);
        return STROMA_OK;
    }
    (void)stroma_parse_int(asked, strlen(asked), &number);
    *first = (size_t)number;
    if ((uint64_t)number < stroma_fcs_len(f)) return STROMA_OK;
    return stroma_fail(err, STROMA_E_USAGE,
                       "file \"%s\": there is no data set %s; it has %zu, counted from 0", path,
                       asked, stroma_fcs_len(f));
}

/* ---- FCS ---- */

enum { PROVENANCE = 4, ACTION_MAX_BYTES = 64 };

static bool same_type(const stroma_fcs_dataset *d, stroma_fcs_type type)
{
    for (size_t j = 0; j < d->parameters_len; j++)
        if (d->parameters[j].type != type) return false;
    return true;
}

static size_t provenance(const cli_context *c, const stroma_fcs_dataset *d, const char *sha256,
                         char action[ACTION_MAX_BYTES], stroma_fcs_pair out[PROVENANCE])
{
    const stroma_fcs_type type = type_of(c);
    const char *asked = cli_text(c, "type");
    if (cli_given(c, "no-provenance")) return 0;
    (void)snprintf(action, ACTION_MAX_BYTES, "fcs convert%s%s", asked == NULL ? "" : " --type ",
                   asked == NULL ? "" : asked);
    out[0] = (stroma_fcs_pair){ "$ORIGINALITY", type == 0 || same_type(d, type) ? "NonDataModified"
                                                                                : "DataModified" };
    out[1] = (stroma_fcs_pair){ "STROMA_VERSION", STROMA_VERSION };
    out[2] = (stroma_fcs_pair){ "STROMA_ACTION", action };
    out[3] = (stroma_fcs_pair){ "STROMA_SOURCE_SHA256", sha256 };
    return PROVENANCE;
}

static stroma_status rewrite_sets(const cli_context *c, const stroma_fcs *f, size_t first, size_t n,
                                  const char *sha256, char action[ACTION_MAX_BYTES],
                                  stroma_fcs_rewrite **rewrites, stroma_fcs_content *sets,
                                  stroma_error *err)
{
    stroma_fcs_pair extra[PROVENANCE];
    for (size_t i = 0; i < n; i++) {
        const stroma_fcs_dataset *d = stroma_fcs_get(f, first + i);
        stroma_fcs_rewrite_options o = STROMA_FCS_REWRITE_OPTIONS_INIT;
        o.type = type_of(c);
        o.extra = extra;
        o.extra_len = provenance(c, d, sha256, action, extra);
        STROMA_TRY(stroma_fcs_rewrite_new(d, &o, &rewrites[i], err));
        sets[i] = *stroma_fcs_rewrite_content(rewrites[i]);
    }
    return STROMA_OK;
}

static stroma_status put_fcs(const cli_context *c, const stroma_fcs *f, const char *path,
                             size_t first, size_t n, const char *sha256, fcs_output *out,
                             stroma_diag *diag, stroma_error *err)
{
    stroma_fcs_rewrite **rewrites = stroma_alloc_array(n, sizeof *rewrites);
    stroma_fcs_content *sets = stroma_alloc_array(n, sizeof *sets);
    stroma_fcs_write_options o = STROMA_FCS_WRITE_OPTIONS_INIT;
    stroma_fcs_changes changes;
    char action[ACTION_MAX_BYTES]; /* the keywords point to it until they are written */
    o.crc = true;
    o.round = type_of(c) == STROMA_FCS_INTEGER;
    stroma_status s = rewrites == NULL || sets == NULL ? stroma_no_memory(err) : STROMA_OK;
    if (s == STROMA_OK) s = rewrite_sets(c, f, first, n, sha256, action, rewrites, sets, err);
    if (s == STROMA_OK) s = stroma_fcs_write_to(fcs_output_put, out, sets, n, &o, &changes, err);
    if (s == STROMA_OK) stroma_fcs_report_changes(&changes, path, diag);
    for (size_t i = 0; rewrites != NULL && i < n; i++)
        stroma_fcs_rewrite_free(rewrites[i]);
    stroma_free(rewrites);
    stroma_free(sets);
    return s;
}

/* ---- one file ---- */

static stroma_status put_form(const cli_context *c, const stroma_fcs *f, const char *path,
                              fcs_output *out, stroma_diag *diag, stroma_error *err)
{
    const char *form = form_of(c);
    const stroma_fcs_scale scale = cli_given(c, "stored") ? STROMA_FCS_STORED : STROMA_FCS_LINEAR;
    size_t first = 0, n = 0, size = 0;
    char sha256[STROMA_HASH_TEXT_MAX];
    stroma_hash hash;
    STROMA_TRY(pick(c, f, path, diag, &first, &n, err));
    const stroma_fcs_dataset *d = stroma_fcs_get(f, first);
    if (strcmp(form, "csv") == 0 || strcmp(form, "tsv") == 0)
        return stroma_fcs_write_text(fcs_output_put, out, d, scale, form[0] == 'c' ? ',' : '\t',
                                     err);
    const unsigned char *bytes = stroma_fcs_bytes(f, &size);
    stroma_hash_bytes(bytes, size, &hash);
    (void)stroma_hash_format(&hash, sha256);
    if (strcmp(form, "fcs") == 0) return put_fcs(c, f, path, first, n, sha256, out, diag, err);
    return stroma_fcs_write_columns(fcs_output_put, out, d, scale,
                                    cli_given(c, "no-provenance") ? NULL : sha256, err);
}

typedef struct job {
    const cli_context *c;
    bool folder;
} job;

static stroma_status convert(const cli_context *c, const char *path, const char *target,
                             stroma_diag *diag, stroma_error *err)
{
    stroma_fcs *f = NULL;
    fcs_output out = { NULL };
    const bool to_file = strcmp(target, "-") != 0;
    stroma_status s = to_file ? fcs_not_onto_itself(path, target, err) : STROMA_OK;
    if (s == STROMA_OK) s = stroma_fcs_open(path, NULL, diag, &f, err);
    if (s == STROMA_OK && to_file)
        s = stroma_file_stream_open(target, cli_given(c, "force"), &out.file, err);
    if (s == STROMA_OK) s = put_form(c, f, path, &out, diag, err);
    if (to_file) s = stroma_file_stream_close(out.file, s, err);
    stroma_fcs_close(f);
    return s;
}

static stroma_status convert_input(const fcs_task *t, fcs_result *r)
{
    const job *j = t->context;
    if (!j->folder) return convert(j->c, r->path, cli_text(j->c, "output"), &r->diag, &r->err);
    char *target = fcs_target(cli_text(j->c, "output"), r->path, form_of(j->c));
    const stroma_status s = target == NULL ? stroma_no_memory(&r->err)
                                           : convert(j->c, r->path, target, &r->diag, &r->err);
    stroma_free(target);
    return s;
}

static stroma_status nothing_to_print(const fcs_task *t, const fcs_result *r, stroma_error *err)
{
    (void)t;
    (void)r;
    (void)err;
    return STROMA_OK;
}

static void nothing_to_release(void *data)
{
    (void)data;
}

static stroma_status run(cli_context *c, stroma_error *err)
{
    const char *const *args = NULL;
    const size_t n = cli_args(c, &args);
    const char *out = cli_text(c, "output");
    fcs_inputs in;
    STROMA_TRY(check_options(c, err));
    STROMA_TRY(fcs_inputs_find(args, n, &in, err));
    job j = { .c = c, .folder = fcs_into_folder(&in, out) };
    stroma_status s = STROMA_OK;
    if (j.folder && strcmp(out, "-") == 0) {
        s = stroma_fail(err, STROMA_E_USAGE, "%zu files cannot become one stream", in.len);
        stroma_hint(err, "give a folder with -o DIR");
    } else if (j.folder) {
        s = fcs_check_targets(&in, out, form_of(c), err);
    }
    const fcs_task task = { .what = "converting FCS files",
                            .work = convert_input,
                            .emit = nothing_to_print,
                            .release = nothing_to_release,
                            .context = &j };
    if (s == STROMA_OK) s = fcs_inputs_run(c, &in, &task, err);
    fcs_inputs_clear(&in);
    return s;
}

const cli_command cli_cmd_fcs_convert = {
    .noun = "fcs",
    .verb = "convert",
    .summary = "events of FCS files as FCS 3.1, text or plain columns",
    .usage = "[--to FORM] [-o FILE|DIR] FILE…",
    .min_args = 1,
    .max_args = -1,
    .description =
        "FCS output is 3.1, little endian, with all keywords of the input and a check sum. Types "
        "stay as they are unless --type says otherwise; linear values never change but by the "
        "rounding that a finding counts. Text and columns hold linear values: amplification and "
        "gain are undone and time is in seconds, unless --stored. Of a file with several data sets "
        "the one to analyse is taken. Folders are searched for FCS files.",
    .options = options,
    .examples = examples,
    .run = run,
};
