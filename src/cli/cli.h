/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file cli.h
 *  The command line: one const table of commands drives parsing, help, completion and the man-page
 *  test. A command is one file `cmd_<noun>.c` and one line in commands.c. */
#ifndef STROMA_CLI_H
#define STROMA_CLI_H
#include "stroma/buffer.h"
#include "stroma/diag.h"
#include "stroma/error.h"
#include "stroma/progress.h"

#include <stdbool.h>
#include <stdio.h>

typedef enum cli_kind {
    CLI_FLAG,   /* present or not */
    CLI_TEXT,   /* any text; may be given several times when `many` */
    CLI_PATH,   /* a file name (completed as one) */
    CLI_COUNT,  /* integer within lower..upper */
    CLI_NUMBER, /* double within lower..upper */
    CLI_CHOICE  /* one of choices, separated by '|' */
} cli_kind;

typedef struct cli_option {
    const char *name; /* "format" for --format; a NULL name ends the list */
    char letter;      /* only o q v h f j, or 0 */
    cli_kind kind;
    const char *metavar;      /* "FILE" */
    const char *choices;      /* "table|tsv|csv|json|jsonl" */
    const char *default_text; /* shown in help and returned by cli_text(), or NULL */
    const char *help;         /* one line, lower case, with the unit */
    double lower, upper;      /* for CLI_COUNT and CLI_NUMBER; equal = unbounded */
    bool many;                /* given again, it adds; else giving it twice is an error */
} cli_option;

/* Options that mean the same in every command that has them. */
#define CLI_OPTION_FORMAT                                                                  \
    {                                                                                      \
        .name = "format", .letter = 'f', .kind = CLI_CHOICE, .metavar = "FORMAT",          \
        .choices = "table|tsv|csv|json|jsonl",                                             \
        .help = "form of the output (default: table on a terminal; else by the ending of " \
                "--output, else tsv)"                                                      \
    }
#define CLI_OPTION_OUTPUT                                                                          \
    {                                                                                              \
        .name = "output", .letter = 'o', .kind = CLI_PATH, .metavar = "FILE", .default_text = "-", \
        .help = "write to this file instead of standard output"                                    \
    }
#define CLI_OPTION_FORCE                                                             \
    {                                                                                \
        .name = "force", .kind = CLI_FLAG, .help = "replace the output if it exists" \
    }
#define CLI_OPTION_STRICT                                                                \
    {                                                                                    \
        .name = "strict", .kind = CLI_FLAG, .help = "warnings are failure (exit code 1)" \
    }
#define CLI_OPTION_SEED                                                                        \
    {                                                                                          \
        .name = "seed", .kind = CLI_COUNT, .metavar = "N", .default_text = "1", .upper = 9e15, \
        .help = "seed of the random numbers"                                                   \
    }
#define CLI_OPTION_LEVEL                                                                    \
    {                                                                                       \
        .name = "level", .kind = CLI_NUMBER, .metavar = "FRACTION", .default_text = "0.95", \
        .lower = 0.5, .upper = 0.999999, .help = "confidence level as a fraction"           \
    }
#define CLI_OPTION_MISSING                                                    \
    {                                                                         \
        .name = "missing", .kind = CLI_TEXT, .metavar = "TEXT", .many = true, \
        .help = "a text that means missing, besides NA and the empty cell"    \
    }

typedef struct cli_context cli_context;

typedef struct cli_command {
    const char *noun;       /* "score" */
    const char *verb;       /* "compute", or NULL for a one-word command as `run` */
    const char *summary;    /* one line */
    const char *usage;      /* positionals: "--score ID FILE" */
    int min_args, max_args; /* positionals; max_args -1 = any number */
    const char *description;
    const cli_option *options;   /* ends with a NULL name, or NULL; the global ones are added */
    const char *const *examples; /* NULL-terminated "stroma …" lines */
    stroma_status (*run)(cli_context *c, stroma_error *err);
} cli_command;

/* The table: NULL-terminated, in the order of help. Commands of one noun stand together. */
extern const cli_command *const cli_commands[];
/* What a noun with several verbs is about, for the list of `stroma help`; ends with a NULL name. */
typedef struct cli_noun {
    const char *name, *summary;
} cli_noun;
extern const cli_noun cli_nouns[];

/* What was given. Names without dashes; asking for an option that the command lacks is a bug. */
/* An option that was given and that nobody asked for, or NULL. */
const char *cli_unread(const cli_context *c);
bool cli_given(const cli_context *c, const char *option);
/* The value (the last one when `many`), else default_text, else NULL. */
const char *cli_text(const cli_context *c, const char *option);
/* All values of a `many` option, in order; the default is not among them. */
size_t cli_texts(const cli_context *c, const char *option, const char *const **out);
/* Numbers are checked while parsing: value, else default_text, else @p otherwise. */
int64_t cli_count(const cli_context *c, const char *option, int64_t otherwise);
double cli_number(const cli_context *c, const char *option, double otherwise);
size_t cli_args(const cli_context *c, const char *const **out);
/* The whole command line, quoted for a shell, for provenance. */
const char *cli_command_line(const cli_context *c);

/* Global options every command has: --help, --quiet, --verbose, --color, --no-progress, --threads,
 * --error-format text|json */
int cli_threads(const cli_context *c); /* at least 1 */
bool cli_quiet(const cli_context *c);
int cli_verbose(const cli_context *c); /* how often -v was given */
bool cli_color(const cli_context *c, FILE *f);

/* Data go to stdout through here, so that a closed pipe is 141 and a full disk is an error. */
stroma_status cli_write(const void *data, size_t n, stroma_error *err);
/* A whole output at once: to --output (not over an existing file without --force) where the command
 * has that option and it is not "-", else to stdout. */
stroma_status cli_emit(const cli_context *c, const void *data, size_t n, stroma_error *err);
/* The same for a buffer; says so when the buffer had failed. */
stroma_status cli_emit_buffer(const cli_context *c, const stroma_buffer *b, stroma_error *err);
/* To be handed to long work: a line on the terminal after one second, unless --quiet, --no-progress
 * or stderr is no terminal. Never NULL. */
const stroma_progress *cli_progress(const cli_context *c);
/* Text broken at blanks to lines of 79 columns: it begins in @p column, later lines are indented.
 */
void cli_put_wrapped(FILE *f, const char *text, size_t column, size_t indent);
/* Words for people go to stderr, unless --quiet. A line break is added. */
void cli_say(const cli_context *c, const char *fmt, ...) STROMA_PRINTF(2, 3);
/* Print findings (stderr) in the house format; notes only with --verbose; --quiet leaves errors. At
 * most 20 of a code are printed unless --verbose, and the rest is counted. */
void cli_print_findings(const cli_context *c, const stroma_diag *d);
/* STROMA_FOUND for errors, and with --strict (where the command has it) for warnings too. */
stroma_status cli_findings_status(const cli_context *c, const stroma_diag *d);
/* Print an error that does not end the command (stderr), as main() would: for commands that carry
 * on with the next input. */
void cli_print_error(const cli_context *c, const stroma_error *err);

/* The form that a command should write: "table", "tsv", "csv", "json" or "jsonl". */
const char *cli_format(const cli_context *c);

/* A number as a cell: for people, in a table, six digits of a fraction, else all it takes to read
 * it back. NULL of what is not finite. @param out STROMA_NUMBER_TEXT_MAX */
const char *cli_cell_number(const cli_context *c, double x, char *out);

/* A table on its way out, in any --format: table|tsv|csv|json|jsonl. Cells are text plus a type, so
 * that JSON writes numbers as numbers, and null where the text is NULL. JSON is
 * {"schema":…,"rows":[{name: cell, …}, …]}; jsonl is one row object a line. */
typedef enum cli_cell_type {
    CLI_CELL_TEXT,
    CLI_CELL_NUMBER, /* text that is no number ("NaN", "") becomes null in JSON */
    CLI_CELL_BOOL,   /* "true" or "false" */
    CLI_CELL_JSON    /* one complete JSON value; a lone string is unquoted in the other forms */
} cli_cell_type;
typedef struct cli_grid cli_grid;
stroma_status cli_grid_new(const cli_context *c, const char *schema, const char *const *names,
                           const cli_cell_type *types, size_t n, cli_grid **out, stroma_error *err);
stroma_status cli_grid_row(cli_grid *g, const char *const *cells, stroma_error *err);
/* Write what is left and free; also when an error ended the work (then nothing more is written).
 * @p g may be NULL. */
stroma_status cli_grid_end(cli_grid *g, stroma_status so_far, stroma_error *err);
#endif
