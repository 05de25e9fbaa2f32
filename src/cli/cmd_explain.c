/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The long form of a finding's code, or of an exit code. */
#include "context.h"
#include "finding_codes.h"

#include "stroma/number.h"
#include "stroma/suggest.h"

#include <string.h>

enum { CODES_MAX = 2048 };

/* The exit codes are explained here: they belong to the program. */
static const stroma_code status_codes[] = {
    { "STROMA_OK", "exit code 0: the work is done",
      "Everything that was asked for is in the output. Findings of lower severity may have been "
      "printed; --strict would have turned warnings into exit code 1." },
    { "STROMA_FOUND", "exit code 1: done, and something was found",
      "The command ran to its end and its purpose is to find things: check found errors in the "
      "data, verify found files that changed, or --strict was given and there were warnings. The "
      "output is complete." },
    { "STROMA_E_USAGE", "exit code 2: the request is not valid",
      "An option, an argument or a key of the study file is unknown, missing or out of range, or "
      "the request would overwrite a file without --force. Nothing was computed. The hint names "
      "the nearest valid spelling where there is one." },
    { "STROMA_E_MALFORMED", "exit code 3: a file breaks its own format",
      "An input file is truncated, contradicts itself or is of another format than its name says. "
      "The message gives the line and column, or the byte. Repair the file or export it again; "
      "the original should stay as it was, since its hash is part of the record." },
    { "STROMA_E_INCONSISTENT", "exit code 4: two inputs disagree",
      "Each input is valid on its own, but they do not fit together: a subject of the visits is "
      "not in the list of subjects, a column named in the study file is not in the data, units "
      "differ, or an output belongs to other inputs." },
    { "STROMA_E_DEGENERATE", "exit code 5: the data cannot support the computation",
      "There are too few values, no variance, or a model that these data cannot determine. The "
      "message says which condition failed, with its number. No result is given rather than a "
      "wrong one." },
    { "STROMA_E_IO", "exit code 6: an input or output operation failed",
      "A file could not be opened, read or written: it is missing, may not be read, or the disk is "
      "full. Outputs are written to a temporary name and renamed, so an earlier output is still "
      "whole." },
    { "STROMA_E_NOMEM", "exit code 7: memory ran out",
      "The work needs more memory than there is. Fewer threads (--threads), fewer columns or a "
      "smaller number of resamples need less." },
    { "STROMA_E_INTERNAL", "exit code 70: a bug in stroma",
      "Something happened that the program holds to be impossible. Please report it with the "
      "command line and the smallest input that shows it; never send patient data." },
    { "STROMA_E_INTERRUPTED", "exit code 130: interrupted",
      "Ctrl-C or SIGINT asked the work to stop. An earlier output is still whole." },
    { "STROMA_E_PIPE", "exit code 141: the reader of the output went away",
      "The program behind the pipe, as `head`, closed it before everything was written. This is "
      "usual and is not reported." },
};

static size_t collect(const stroma_code **out, size_t room)
{
    size_t n = 0;
    for (size_t k = 0; k < sizeof status_codes / sizeof status_codes[0] && n < room; k++)
        out[n++] = &status_codes[k];
    for (size_t i = 0; cli_finding_codes[i] != NULL; i++) {
        size_t n_module = 0;
        const stroma_code *codes = cli_finding_codes[i](&n_module);
        for (size_t k = 0; k < n_module && n < room; k++)
            out[n++] = &codes[k];
    }
    return n;
}

/* "3" is the exit code 3. */
static const char *status_name_of(const char *word)
{
    int64_t number = 0;
    if (!stroma_parse_int(word, strlen(word), &number)) return word;
#define CLI_NAME_(name, value, text) \
    if (number == (value)) return #name;
    STROMA_STATUS_LIST(CLI_NAME_)
#undef CLI_NAME_
    return word;
}

static const stroma_code *find(const stroma_code *const *codes, size_t n, const char *word)
{
    const char *name = status_name_of(word);
    for (size_t i = 0; i < n; i++)
        if (strcmp(codes[i]->code, name) == 0) return codes[i];
    return NULL;
}

static stroma_status unknown(const stroma_code *const *codes, size_t n, const char *word,
                             stroma_error *err)
{
    const char *names[CODES_MAX];
    for (size_t i = 0; i < n; i++)
        names[i] = codes[i]->code;
    const stroma_status s = stroma_fail(err, STROMA_E_USAGE, "unknown code \"%s\"", word);
    const char *near = stroma_nearest(word, names, n);
    if (near != NULL)
        stroma_hint(err, "did you mean %s?", near);
    else
        stroma_hint(err, "`stroma explain` lists all codes");
    return s;
}

static stroma_status list(cli_context *c, const stroma_code *const *codes, size_t n,
                          stroma_error *err)
{
    static const char *const names[] = { "code", "title" };
    static const cli_cell_type types[] = { CLI_CELL_TEXT, CLI_CELL_TEXT };
    cli_grid *g = NULL;
    STROMA_TRY(cli_grid_new(c, "stroma.codes/1", names, types, 2, &g, err));
    stroma_status s = STROMA_OK;
    for (size_t i = 0; i < n && s == STROMA_OK; i++) {
        const char *const cells[] = { codes[i]->code, codes[i]->title };
        s = cli_grid_row(g, cells, err);
    }
    return cli_grid_end(g, s, err);
}

static stroma_status run(cli_context *c, stroma_error *err)
{
    const stroma_code *codes[CODES_MAX];
    const size_t n = collect(codes, CODES_MAX);
    const char *const *words;
    const size_t n_words = cli_args(c, &words);
    if (n_words == 0) return list(c, codes, n, err);
    for (size_t i = 0; i < n_words; i++) {
        const stroma_code *code = find(codes, n, words[i]);
        if (code == NULL) return unknown(codes, n, words[i], err);
        printf("%s%s: %s\n\n", i == 0 ? "" : "\n", code->code, code->title);
        cli_put_wrapped(stdout, code->explanation, 0, 0);
    }
    return STROMA_OK;
}

static const cli_option options[] = {
    CLI_OPTION_FORMAT, CLI_OPTION_OUTPUT, CLI_OPTION_FORCE, { 0 }
};
static const char *const examples[] = { "stroma explain STROMA_E_DEGENERATE", "stroma explain 3",
                                        "stroma explain --format json", NULL };

const cli_command cli_cmd_explain = {
    .noun = "explain",
    .summary = "say what a code in a message means and what to do",
    .usage = "[CODE...]",
    .max_args = -1,
    .description = "Findings carry a code, as in \"warning[STROMA-CSV-003]\"; an exit code is "
                   "given by its number or its name. Without CODE, all codes are listed.",
    .options = options,
    .examples = examples,
    .run = run
};
