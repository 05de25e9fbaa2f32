/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file cli.h
 *  The command line: one const table of commands drives parsing, help, completion and the man-page
 *  test. A command is one file `cmd_<noun>.c` and one line in commands.c. */
#ifndef STROMA_CLI_H
#define STROMA_CLI_H
#include "stroma/buffer.h"
#include "stroma/diag.h"
#include "stroma/error.h"

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
    bool many;
} cli_option;

typedef struct cli_context cli_context;

typedef struct cli_command {
    const char *noun;       /* "score" */
    const char *verb;       /* "compute", or NULL for a one-word command as `run` */
    const char *summary;    /* one line */
    const char *usage;      /* positionals: "--score ID FILE" */
    int min_args, max_args; /* positionals; max_args -1 = any number */
    const char *description;
    const cli_option *options; /* ends with a NULL name; the global ones are added by themselves */
    const char *const *examples; /* NULL-terminated "stroma …" lines */
    stroma_status (*run)(cli_context *c, stroma_error *err);
} cli_command;

/* The table: NULL-terminated, in the order of help. */
extern const cli_command *const cli_commands[];

/* What was given. Names without dashes; asking for an option that the command lacks is a bug. */
bool cli_given(const cli_context *c, const char *option);
const char *cli_text(const cli_context *c,
                     const char *option); /* value, else default_text, else NULL */
size_t cli_texts(const cli_context *c, const char *option, const char *const **out);
int64_t cli_count(const cli_context *c, const char *option, int64_t otherwise);
double cli_number(const cli_context *c, const char *option, double otherwise);
size_t cli_args(const cli_context *c, const char *const **out);

/* Global options every command has: --help, --quiet, --verbose, --color, --no-progress, --threads,
 * --error-format text|json */
int cli_threads(const cli_context *c);
bool cli_quiet(const cli_context *c);
bool cli_color(const cli_context *c, FILE *f);

/* Data go to stdout through here, so that a closed pipe is 141 and a full disk is an error. */
stroma_status cli_write(const void *data, size_t n, stroma_error *err);
/* Words for people go to stderr, unless --quiet. */
void cli_say(const cli_context *c, const char *fmt, ...) STROMA_PRINTF(2, 3);
/* Print findings (stderr) in the house format. */
void cli_print_findings(const cli_context *c, const stroma_diag *d);

/* A table on its way out, in any --format: table|tsv|csv|json|jsonl. Cells are text plus a type, so
 * that JSON writes numbers as numbers, and null where the text is NULL. */
typedef enum cli_cell_type { CLI_CELL_TEXT, CLI_CELL_NUMBER, CLI_CELL_BOOL } cli_cell_type;
typedef struct cli_grid cli_grid;
stroma_status cli_grid_new(const cli_context *c, const char *schema, const char *const *names,
                           const cli_cell_type *types, size_t n, cli_grid **out, stroma_error *err);
stroma_status cli_grid_row(cli_grid *g, const char *const *cells, stroma_error *err);
/* Write what is left and free; also when an error ended the work (then nothing more is written). */
stroma_status cli_grid_end(cli_grid *g, stroma_status so_far, stroma_error *err);
#endif
