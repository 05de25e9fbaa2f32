/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the words of the command line to a command and its exit code. */
#include "context.h"
#include "split.h"
#include "stroma_config.h"

#include "stroma/interrupt.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    stroma_interrupt_request();
}

/* Unless it is ignored already, as nohup and shells do for work in the background. */
static void stop_on(int signal_number)
{
    struct sigaction now, stop = { .sa_handler = on_interrupt, .sa_flags = SA_RESETHAND };
    if (sigaction(signal_number, NULL, &now) == 0 && now.sa_handler != SIG_IGN)
        (void)sigaction(signal_number, &stop, NULL);
}

/* The first Ctrl-C asks the work to stop; the handler is then gone, and a second one kills. A
 * terminal that is closed and a plain kill ask the same, so that nothing half-written stays. A
 * closed pipe and a file that may not grow on are error codes of write(), not a death. */
static void set_signals(void)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    stop_on(SIGINT);
    stop_on(SIGTERM);
    stop_on(SIGHUP);
    (void)sigaction(SIGPIPE, &ignore, NULL);
    (void)sigaction(SIGXFSZ, &ignore, NULL);
}

/* A program started with a standard stream closed would get its number for the next file it opens:
 * occupy it, the wrong way round, so that its use is still an error. */
static void hold_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) == -1)
            (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

static bool asks_for_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* The form of errors must be known before the first one. */
static bool wants_json_errors(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--error-format=json") == 0) return true;
        if (strcmp(argv[i], "--error-format") == 0 && i + 1 < argc)
            return strcmp(argv[i + 1], "json") == 0;
    }
    return false;
}

static stroma_status run_command(cli_context *c, const cli_command *command, int argc, char **argv,
                                 stroma_error *err)
{
    STROMA_TRY(cli_parse(c, command, argc, argv, err));
    if (cli_given(c, "help")) return cli_help_command(stdout, command, err);
    STROMA_TRY(cli_check_outputs(c, err));
    stroma_status s = command->run(c, err);
    cli_progress_wipe();
    if ((s == STROMA_OK || s == STROMA_FOUND) && stroma_interrupted())
        s = stroma_interrupt_check(err); /* not finished, though the loop came to an end */
    return s;
}

static stroma_status dispatch(cli_context *c, int argc, char **argv, stroma_error *err)
{
    if (argc < 2) {
        STROMA_TRY(cli_help_overview(stderr, err));
        return stroma_fail(err, STROMA_E_USAGE, "%s", "");
    }
    const char *noun = argv[1];
    if (asks_for_help(noun)) return cli_help_overview(stdout, err);
    if (strcmp(noun, "--version") == 0) {
        static const char text[] = "stroma " STROMA_VERSION "\n";
        return cli_write(text, sizeof text - 1, err);
    }
    if (strcmp(noun, "--about") == 0) {
        cli_about(stdout);
        return STROMA_OK;
    }
    const cli_command *alone = cli_find(noun, NULL);
    if (alone != NULL) return run_command(c, alone, argc - 2, argv + 2, err);
    if (!cli_is_noun(noun)) return cli_unknown_command(noun, NULL, err);
    if (argc > 2 && asks_for_help(argv[2])) return cli_help_noun(stdout, noun, err);
    if (argc < 3 || argv[2][0] == '-') {
        STROMA_TRY(cli_help_noun(stderr, noun, err));
        return stroma_fail(err, STROMA_E_USAGE, "%s", "");
    }
    const cli_command *command = cli_find(noun, argv[2]);
    if (command == NULL) return cli_unknown_command(noun, argv[2], err);
    return run_command(c, command, argc - 3, argv + 3, err);
}

/* An error without a message was already told in full (the overview on stderr). */
static bool worth_printing(stroma_status s, const stroma_error *err)
{
    return s != STROMA_OK && s != STROMA_FOUND && s != STROMA_E_PIPE &&
           !(s == STROMA_E_USAGE && err->status == s && err->message[0] == '\0');
}

int main(int argc, char **argv)
{
    hold_standard_streams();
    set_signals();
    stroma_error err = STROMA_ERROR_INIT;
    stroma_status s = cli_split_begin(&argc, &argv, &err);
    cli_context c = { .error_json = wants_json_errors(argc, argv),
                      .command_line = cli_quote_command_line(argc, argv) };
    if (s == STROMA_OK) s = dispatch(&c, argc, argv, &err);
    if (worth_printing(s, &err) && cli_split_is_first()) {
        err.status = s;
        cli_print_error(&c, &err);
    }
    stroma_error close_err = STROMA_ERROR_INIT;
    const stroma_status closed = cli_close_stdout(&close_err);
    if (closed != STROMA_OK && (s == STROMA_OK || s == STROMA_FOUND)) {
        s = closed;
        if (worth_printing(s, &close_err)) cli_print_error(&c, &close_err);
    }
    cli_context_clear(&c);
    return (int)cli_split_end(s);
}
