/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the framework shares among its own files; commands include cli.h alone. */
#ifndef STROMA_CLI_CONTEXT_H
#define STROMA_CLI_CONTEXT_H
#include "cli.h"

/* One option of the running command and what was given for it. */
typedef struct cli_slot {
    const cli_option *option;
    const char **values;
    size_t n_values, capacity;
    size_t times; /* given how often, also for flags */
    bool read;    /* somebody asked for it */
} cli_slot;

struct cli_context {
    const cli_command *command;
    cli_slot *slots;
    size_t n_slots;
    const char **args;
    size_t n_args, args_capacity;
    char *command_line;
    bool error_json; /* known before the options are, so that their errors obey it */
};

extern const cli_option cli_global_options[];

/* Fill @p c from the words behind the command's name. */
stroma_status cli_parse(cli_context *c, const cli_command *command, int argc, char **argv,
                        stroma_error *err);
void cli_context_clear(cli_context *c);
char *cli_quote_command_line(int argc, char **argv);

/* help.c */
const cli_command *cli_find(const char *noun, const char *verb);
bool cli_is_noun(const char *noun);
stroma_status cli_help_overview(FILE *f, stroma_error *err);
stroma_status cli_help_noun(FILE *f, const char *noun, stroma_error *err);
stroma_status cli_help_command(FILE *f, const cli_command *m, stroma_error *err);
stroma_status cli_unknown_command(const char *noun, const char *verb, stroma_error *err);
void cli_about(FILE *f);

/* progress.c */
void cli_progress_wipe(void);

/* own_input.c: USAGE when an output is one of the inputs, or holds events and would hold none. */
stroma_status cli_check_outputs(const cli_context *c, stroma_error *err);

/* output.c */
stroma_status cli_close_stdout(stroma_error *err);
/* Control characters made visible, so that a file cannot steer the terminal. */
void cli_put_clean(FILE *f, const char *text);
#endif
