/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "context.h"
#include "stroma_config.h"

#include "stroma/json.h"

#include <string.h>

static const char *kind_name(cli_kind kind)
{
    switch (kind) {
    case CLI_FLAG: return "flag";
    case CLI_TEXT: return "text";
    case CLI_PATH: return "path";
    case CLI_COUNT: return "count";
    case CLI_NUMBER: return "number";
    case CLI_CHOICE: return "choice";
    }
    return "?";
}

static void json_choices(stroma_json *j, const char *choices)
{
    stroma_json_key(j, "choices");
    if (choices == NULL) {
        stroma_json_null(j);
        return;
    }
    stroma_json_begin_array(j);
    for (const char *p = choices;; p++) {
        const size_t n = strcspn(p, "|");
        char word[128];
        (void)snprintf(word, sizeof word, "%.*s", (int)n, p);
        stroma_json_string(j, word);
        p += n;
        if (*p == '\0') break;
    }
    stroma_json_end_array(j);
}

static void json_options(stroma_json *j, const cli_option *o)
{
    stroma_json_begin_array(j);
    for (; o != NULL && o->name != NULL; o++) {
        const char letter[2] = { o->letter, '\0' };
        const bool bounded = o->lower < o->upper;
        stroma_json_begin_object(j);
        stroma_json_put_string(j, "name", o->name);
        stroma_json_put_string(j, "letter", o->letter == 0 ? NULL : letter);
        stroma_json_put_string(j, "kind", kind_name(o->kind));
        stroma_json_put_string(j, "metavar", o->metavar);
        json_choices(j, o->choices);
        stroma_json_put_string(j, "default", o->default_text);
        stroma_json_put_string(j, "help", o->help);
        stroma_json_key(j, "lower");
        if (bounded)
            stroma_json_number(j, o->lower);
        else
            stroma_json_null(j);
        stroma_json_key(j, "upper");
        if (bounded)
            stroma_json_number(j, o->upper);
        else
            stroma_json_null(j);
        stroma_json_put_bool(j, "many", o->many);
        stroma_json_end_object(j);
    }
    stroma_json_end_array(j);
}

static void json_command(stroma_json *j, const cli_command *m)
{
    stroma_json_begin_object(j);
    stroma_json_put_string(j, "noun", m->noun);
    stroma_json_put_string(j, "verb", m->verb);
    stroma_json_put_string(j, "summary", m->summary);
    stroma_json_put_string(j, "usage", m->usage);
    stroma_json_put_int(j, "min_args", m->min_args);
    stroma_json_put_int(j, "max_args", m->max_args);
    stroma_json_put_string(j, "description", m->description);
    stroma_json_key(j, "options");
    json_options(j, m->options);
    stroma_json_key(j, "examples");
    stroma_json_begin_array(j);
    for (size_t i = 0; m->examples != NULL && m->examples[i] != NULL; i++)
        stroma_json_string(j, m->examples[i]);
    stroma_json_end_array(j);
    stroma_json_end_object(j);
}

static void json_exit_codes(stroma_json *j)
{
    static const struct {
        int code;
        const char *name, *text;
    } codes[] = {
#define CLI_CODE_(name, number, text) { number, #name, text },
        STROMA_STATUS_LIST(CLI_CODE_)
#undef CLI_CODE_
    };
    stroma_json_key(j, "exit_codes");
    stroma_json_begin_array(j);
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        stroma_json_begin_object(j);
        stroma_json_put_int(j, "code", codes[i].code);
        stroma_json_put_string(j, "name", codes[i].name);
        stroma_json_put_string(j, "text", codes[i].text);
        stroma_json_end_object(j);
    }
    stroma_json_end_array(j);
}

static stroma_status help_json(const char *noun, const char *verb, stroma_error *err)
{
    stroma_buffer b;
    stroma_json j;
    stroma_buffer_init(&b, 16U << 20);
    stroma_json_init(&j, &b, 2);
    stroma_json_begin_object(&j);
    stroma_json_put_string(&j, "schema", "stroma.help/1");
    stroma_json_put_string(&j, "version", STROMA_VERSION);
    stroma_json_key(&j, "nouns");
    stroma_json_begin_object(&j);
    for (size_t i = 0; cli_nouns[i].name != NULL; i++)
        if (cli_is_noun(cli_nouns[i].name))
            stroma_json_put_string(&j, cli_nouns[i].name, cli_nouns[i].summary);
    stroma_json_end_object(&j);
    stroma_json_key(&j, "commands");
    stroma_json_begin_array(&j);
    for (size_t i = 0; cli_commands[i] != NULL; i++) {
        const cli_command *m = cli_commands[i];
        if (noun != NULL && strcmp(noun, m->noun) != 0) continue;
        if (verb != NULL && (m->verb == NULL || strcmp(verb, m->verb) != 0)) continue;
        json_command(&j, m);
    }
    stroma_json_end_array(&j);
    stroma_json_key(&j, "global_options");
    json_options(&j, cli_global_options);
    json_exit_codes(&j);
    stroma_json_end_object(&j);
    stroma_buffer_putc(&b, '\n');
    stroma_status s = stroma_buffer_status(&b, err);
    if (s == STROMA_OK) s = cli_write(b.data, b.len, err);
    stroma_buffer_clear(&b);
    return s;
}

static stroma_status run(cli_context *c, stroma_error *err)
{
    const char *const *args;
    const size_t n = cli_args(c, &args);
    const char *noun = n > 0 ? args[0] : NULL, *verb = n > 1 ? args[1] : NULL;
    if (noun != NULL && !cli_is_noun(noun)) return cli_unknown_command(noun, NULL, err);
    if (verb != NULL && cli_find(noun, verb) == NULL) return cli_unknown_command(noun, verb, err);
    if (cli_given(c, "json")) return help_json(noun, verb, err);
    if (noun == NULL) return cli_help_overview(stdout, err);
    const cli_command *m = cli_find(noun, verb);
    return m == NULL ? cli_help_noun(stdout, noun, err) : cli_help_command(stdout, m, err);
}

static const cli_option options[] = { { .name = "json",
                                        .kind = CLI_FLAG,
                                        .help =
                                            "the command table as JSON (schema stroma.help/1)" },
                                      { 0 } };
static const char *const examples[] = { "stroma help", "stroma help help", NULL };

const cli_command cli_cmd_help = { .noun = "help",
                                   .summary = "say what a command does and takes",
                                   .usage = "[COMMAND [VERB]]",
                                   .max_args = 2,
                                   .description =
                                       "Prints the same text as COMMAND --help. Without a command, "
                                       "the list of commands.",
                                   .options = options,
                                   .examples = examples,
                                   .run = run };
