/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Help for people, all of it from the command table. */
#include "context.h"

#include "stroma/number.h"
#include "stroma/suggest.h"
#include "stroma/utf8.h"

#include <stdio.h>
#include <string.h>

enum { LINE_WIDTH = 79, OPTION_COLUMN = 26, NAMES_MAX = 256 };

const cli_command *cli_find(const char *noun, const char *verb)
{
    for (size_t i = 0; cli_commands[i] != NULL; i++) {
        const cli_command *m = cli_commands[i];
        if (strcmp(m->noun, noun) != 0 || (m->verb == NULL) != (verb == NULL)) continue;
        if (verb == NULL || strcmp(m->verb, verb) == 0) return m;
    }
    return NULL;
}

bool cli_is_noun(const char *noun)
{
    for (size_t i = 0; cli_commands[i] != NULL; i++)
        if (strcmp(cli_commands[i]->noun, noun) == 0) return true;
    return false;
}

stroma_status cli_unknown_command(const char *noun, const char *verb, stroma_error *err)
{
    const char *names[NAMES_MAX];
    size_t n = 0;
    for (size_t i = 0; cli_commands[i] != NULL && n < NAMES_MAX; i++) {
        const cli_command *m = cli_commands[i];
        if (verb == NULL)
            names[n++] = m->noun;
        else if (strcmp(m->noun, noun) == 0)
            names[n++] = m->verb;
    }
    const char *gap = verb == NULL ? "" : " ", *second = verb == NULL ? "" : verb;
    const stroma_status s =
        stroma_fail(err, STROMA_E_USAGE, "unknown command \"%s%s%s\"", noun, gap, second);
    const char *near = stroma_nearest(verb == NULL ? noun : verb, names, n);
    if (near == NULL)
        stroma_hint(err, "see `stroma help%s%s`", gap, verb == NULL ? "" : noun);
    else if (verb == NULL)
        stroma_hint(err, "did you mean `stroma %s`?", near);
    else
        stroma_hint(err, "did you mean `stroma %s %s`?", noun, near);
    return s;
}

/* Words of text from column `column` on, later lines indented by `indent`. */
void cli_put_wrapped(FILE *f, const char *text, size_t column, size_t indent)
{
    bool first = true;
    while (*text != '\0') {
        const size_t n = strcspn(text, " \n");
        char word[256];
        (void)snprintf(word, sizeof word, "%.*s", (int)n, text);
        const size_t width = stroma_utf8_width(word);
        if (!first && column + 1 + width > LINE_WIDTH) {
            fprintf(f, "\n%*s", (int)indent, "");
            column = indent;
            first = true;
        }
        fprintf(f, "%s%.*s", first ? "" : " ", (int)n, text);
        column += width + (first ? 0 : 1);
        first = false;
        text += n;
        if (*text == '\n') { /* a line break in the text stays one */
            fprintf(f, "\n%*s", text[1] == '\n' ? 0 : (int)indent, "");
            column = indent;
            first = true;
        }
        if (*text != '\0') text++;
    }
    fputc('\n', f);
}

static const char *noun_summary(const char *noun)
{
    for (size_t i = 0; cli_nouns[i].name != NULL; i++)
        if (strcmp(cli_nouns[i].name, noun) == 0) return cli_nouns[i].summary;
    for (size_t i = 0; cli_commands[i] != NULL; i++)
        if (strcmp(cli_commands[i]->noun, noun) == 0) return cli_commands[i]->summary;
    return "";
}

stroma_status cli_help_overview(FILE *f, stroma_error *err)
{
    fputs("stroma: from the raw data of a cell-therapy trial to who responded\n\n"
          "usage: stroma COMMAND [options] INPUT...\n\n"
          "commands:\n",
          f);
    const char *before = "";
    for (size_t i = 0; cli_commands[i] != NULL; i++) {
        const char *noun = cli_commands[i]->noun;
        if (strcmp(noun, before) == 0) continue;
        before = noun;
        fprintf(f, "  %-11s ", noun);
        cli_put_wrapped(f, noun_summary(noun), 14, 14);
    }
    fputs("\n`stroma help COMMAND` or `stroma COMMAND --help` says more.\n"
          "For research use only: not for diagnosis or for decisions on a patient's care.\n",
          f);
    if (ferror(f)) return stroma_fail(err, STROMA_E_IO, "could not write the help text");
    return STROMA_OK;
}

stroma_status cli_help_noun(FILE *f, const char *noun, stroma_error *err)
{
    if (!cli_is_noun(noun)) return cli_unknown_command(noun, NULL, err);
    fprintf(f, "stroma %s: %s\n\n", noun, noun_summary(noun));
    for (size_t i = 0; cli_commands[i] != NULL; i++) {
        const cli_command *m = cli_commands[i];
        if (strcmp(m->noun, noun) != 0 || m->verb == NULL) continue;
        fprintf(f, "  stroma %s %s%s%s\n      ", noun, m->verb, m->usage == NULL ? "" : " ",
                m->usage == NULL ? "" : m->usage);
        cli_put_wrapped(f, m->summary, 6, 6);
    }
    fprintf(f, "\n`stroma help %s VERB` says more.\n", noun);
    return STROMA_OK;
}

static void put_option(FILE *f, const cli_option *o)
{
    char left[160];
    const char *gap = o->metavar == NULL ? "" : " ",
               *metavar = o->metavar == NULL ? "" : o->metavar;
    if (o->letter != 0)
        (void)snprintf(left, sizeof left, "  -%c, --%s%s%s", o->letter, o->name, gap, metavar);
    else
        (void)snprintf(left, sizeof left, "      --%s%s%s", o->name, gap, metavar);
    const size_t width = stroma_utf8_width(left);
    if (width + 2 > OPTION_COLUMN)
        fprintf(f, "%s\n%*s", left, OPTION_COLUMN, "");
    else
        fprintf(f, "%s%*s", left, (int)(OPTION_COLUMN - width), "");
    char text[1024], lower[STROMA_NUMBER_TEXT_MAX], upper[STROMA_NUMBER_TEXT_MAX];
    int n = snprintf(text, sizeof text, "%s", o->help == NULL ? "" : o->help);
    if (o->choices != NULL && n > 0 && (size_t)n < sizeof text)
        n += snprintf(text + n, sizeof text - (size_t)n, "; one of %s", o->choices);
    if (o->lower < o->upper && n > 0 && (size_t)n < sizeof text)
        n += snprintf(text + n, sizeof text - (size_t)n, "; %s to %s",
                      stroma_format_double(o->lower, lower), stroma_format_double(o->upper, upper));
    if (o->many && o->kind != CLI_FLAG && n > 0 && (size_t)n < sizeof text)
        n += snprintf(text + n, sizeof text - (size_t)n, "; may be given several times");
    if (o->default_text != NULL && n > 0 && (size_t)n < sizeof text)
        (void)snprintf(text + n, sizeof text - (size_t)n, " [default: %s]", o->default_text);
    cli_put_wrapped(f, text, OPTION_COLUMN, OPTION_COLUMN);
}

static void put_exit_codes(FILE *f)
{
    fputs("\nexit codes:\n", f);
#define CLI_EXIT_(name, number, text) fprintf(f, "  %-3d %s\n", number, text);
    STROMA_STATUS_LIST(CLI_EXIT_)
#undef CLI_EXIT_
}

stroma_status cli_help_command(FILE *f, const cli_command *m, stroma_error *err)
{
    const char *gap = m->verb == NULL ? "" : " ", *verb = m->verb == NULL ? "" : m->verb;
    fprintf(f, "stroma %s%s%s: %s\n\nusage: stroma %s%s%s [options]%s%s\n", m->noun, gap, verb,
            m->summary, m->noun, gap, verb, m->usage == NULL ? "" : " ",
            m->usage == NULL ? "" : m->usage);
    if (m->description != NULL) {
        fputc('\n', f);
        cli_put_wrapped(f, m->description, 0, 0);
    }
    if (m->options != NULL && m->options[0].name != NULL) {
        fputs("\noptions:\n", f);
        for (const cli_option *o = m->options; o->name != NULL; o++)
            put_option(f, o);
    }
    fputs("\noptions of every command:\n", f);
    for (const cli_option *o = cli_global_options; o->name != NULL; o++)
        put_option(f, o);
    if (m->examples != NULL) {
        fputs("\nexamples:\n", f);
        for (size_t i = 0; m->examples[i] != NULL; i++)
            fprintf(f, "  %s\n", m->examples[i]);
    }
    put_exit_codes(f);
    if (ferror(f)) return stroma_fail(err, STROMA_E_IO, "could not write the help text");
    return STROMA_OK;
}
