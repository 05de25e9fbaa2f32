/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Completion scripts for shells, printed from the command table. */
#include "context.h"

#include <string.h>

/* Text inside single quotes of a shell: ' is the only sign that ends them. fish knows \' there. */
static void put_quoted(stroma_buffer *b, const char *text, bool fish)
{
    stroma_buffer_putc(b, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            stroma_buffer_puts(b, fish ? "\\'" : "'\\''");
        else if (*text == '\\' && fish)
            stroma_buffer_puts(b, "\\\\");
        else
            stroma_buffer_putc(b, *text);
    }
    stroma_buffer_putc(b, '\'');
}

static void put_choices(stroma_buffer *b, const char *choices)
{
    for (; *choices != '\0'; choices++)
        stroma_buffer_putc(b, *choices == '|' ? ' ' : *choices);
}

static bool first_of_noun(size_t i)
{
    return i == 0 || strcmp(cli_commands[i - 1]->noun, cli_commands[i]->noun) != 0;
}

static void put_nouns(stroma_buffer *b)
{
    for (size_t i = 0; cli_commands[i] != NULL; i++)
        if (first_of_noun(i))
            stroma_buffer_printf(b, "%s%s", i == 0 ? "" : " ", cli_commands[i]->noun);
}

static void put_verbs(stroma_buffer *b, const char *noun)
{
    const char *gap = "";
    for (size_t i = 0; cli_commands[i] != NULL; i++) {
        if (strcmp(cli_commands[i]->noun, noun) != 0 || cli_commands[i]->verb == NULL) continue;
        stroma_buffer_printf(b, "%s%s", gap, cli_commands[i]->verb);
        gap = " ";
    }
}

static void put_command_name(stroma_buffer *b, const cli_command *m)
{
    stroma_buffer_printf(b, "%s%s%s", m->noun, m->verb == NULL ? "" : " ",
                         m->verb == NULL ? "" : m->verb);
}

static void bash_words(stroma_buffer *b, const cli_option *o)
{
    for (; o != NULL && o->name != NULL; o++)
        stroma_buffer_printf(b, " --%s", o->name);
}

/* What stands after an option that takes a value. */
static void bash_values(stroma_buffer *b, const cli_command *m, const cli_option *o)
{
    for (; o != NULL && o->name != NULL; o++) {
        if (o->kind == CLI_FLAG) continue;
        stroma_buffer_puts(b, "    '");
        put_command_name(b, m);
        stroma_buffer_printf(b, " --%s'", o->name);
        if (o->letter != 0) {
            stroma_buffer_puts(b, "|'");
            put_command_name(b, m);
            stroma_buffer_printf(b, " -%c'", o->letter);
        }
        stroma_buffer_puts(b, ") ");
        if (o->kind == CLI_PATH) {
            stroma_buffer_puts(b, "files=1");
        } else {
            stroma_buffer_puts(b, "words='");
            if (o->choices != NULL) put_choices(b, o->choices);
            stroma_buffer_puts(b, "'");
        }
        stroma_buffer_puts(b, "; value=1 ;;\n");
    }
}

static void put_bash(stroma_buffer *b)
{
    stroma_buffer_puts(b, "# bash completion for stroma; made by `stroma completion bash`\n"
                          "_stroma() {\n"
                          "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                          "  local name=${COMP_WORDS[1]} words='' files='' value=''\n"
                          "  # \"--format=json\" comes as three words\n"
                          "  if [[ $cur == '=' ]]; then cur='';\n"
                          "  elif [[ $prev == '=' ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
                          "  if (( COMP_CWORD == 1 )); then\n"
                          "    COMPREPLY=($(compgen -W '");
    put_nouns(b);
    stroma_buffer_puts(b, " --version --about --help' -- \"$cur\"))\n"
                          "    return\n"
                          "  fi\n"
                          "  case $name in\n");
    for (size_t i = 0; cli_commands[i] != NULL; i++) {
        if (!first_of_noun(i) || cli_commands[i]->verb == NULL) continue;
        stroma_buffer_printf(b,
                             "    %s)\n"
                             "      if (( COMP_CWORD == 2 )); then\n"
                             "        COMPREPLY=($(compgen -W '",
                             cli_commands[i]->noun);
        put_verbs(b, cli_commands[i]->noun);
        stroma_buffer_puts(b, "' -- \"$cur\"))\n"
                              "        return\n"
                              "      fi\n"
                              "      name=\"$name ${COMP_WORDS[2]}\" ;;\n");
    }
    stroma_buffer_puts(b, "  esac\n"
                          "  case \"$name $prev\" in\n");
    for (size_t i = 0; cli_commands[i] != NULL; i++) {
        bash_values(b, cli_commands[i], cli_commands[i]->options);
        bash_values(b, cli_commands[i], cli_global_options);
    }
    stroma_buffer_puts(b, "  esac\n"
                          "  if [[ -z $value && $cur == -* ]]; then\n"
                          "    case $name in\n");
    for (size_t i = 0; cli_commands[i] != NULL; i++) {
        stroma_buffer_puts(b, "      '");
        put_command_name(b, cli_commands[i]);
        stroma_buffer_puts(b, "') words='");
        bash_words(b, cli_commands[i]->options);
        bash_words(b, cli_global_options);
        stroma_buffer_puts(b, "' ;;\n");
    }
    stroma_buffer_puts(b, "    esac\n"
                          "  elif [[ -z $value ]]; then\n"
                          "    case $name in\n"
                          "      help) (( COMP_CWORD == 2 )) && words='");
    put_nouns(b);
    stroma_buffer_puts(b, "' ;;\n"
                          "      *) files=1 ;;\n"
                          "    esac\n"
                          "  fi\n"
                          "  if [[ $files ]]; then\n"
                          "    compopt -o filenames\n"
                          "    local IFS=$'\\n'\n"
                          "    COMPREPLY=($(compgen -f -- \"$cur\"))\n"
                          "  else\n"
                          "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
                          "  fi\n"
                          "}\n"
                          "complete -F _stroma stroma\n");
}

/* One specification of zsh's _arguments: '--name=[help]:metavar:action'. */
static void zsh_option(stroma_buffer *b, const cli_option *o, const char *dashes, const char *name)
{
    stroma_buffer spec;
    stroma_buffer_init(&spec, 1U << 16);
    const bool takes_value = o->kind != CLI_FLAG, long_name = dashes[1] == '-';
    stroma_buffer_printf(&spec, "%s%s%s%s[", o->many ? "*" : "", dashes, name,
                         !takes_value ? ""
                         : long_name  ? "="
                                      : "+");
    for (const char *p = o->help == NULL ? "" : o->help; *p != '\0'; p++) {
        if (*p == '[' || *p == ']' || *p == ':' || *p == '\\') stroma_buffer_putc(&spec, '\\');
        stroma_buffer_putc(&spec, *p);
    }
    stroma_buffer_putc(&spec, ']');
    if (takes_value) {
        stroma_buffer_printf(&spec, ":%s:", o->metavar == NULL ? "value" : o->metavar);
        if (o->kind == CLI_PATH) stroma_buffer_puts(&spec, "_files");
        if (o->choices != NULL) {
            stroma_buffer_putc(&spec, '(');
            put_choices(&spec, o->choices);
            stroma_buffer_putc(&spec, ')');
        }
    }
    if (spec.status != STROMA_OK) b->status = spec.status;
    stroma_buffer_puts(b, " \\\n        ");
    put_quoted(b, spec.data == NULL ? "" : spec.data, false);
    stroma_buffer_clear(&spec);
}

static void zsh_options(stroma_buffer *b, const cli_option *o)
{
    for (; o != NULL && o->name != NULL; o++) {
        const char letter[] = { o->letter, '\0' };
        zsh_option(b, o, "--", o->name);
        if (o->letter != 0) zsh_option(b, o, "-", letter);
    }
}

static void put_zsh(stroma_buffer *b)
{
    stroma_buffer_puts(b, "#compdef stroma\n"
                          "# made by `stroma completion zsh`\n"
                          "_stroma() {\n"
                          "  local name=$words[2]\n"
                          "  if (( CURRENT == 2 )); then\n"
                          "    compadd -- ");
    put_nouns(b);
    stroma_buffer_puts(b, " --version --about --help\n"
                          "    return\n"
                          "  fi\n"
                          "  case $name in\n");
    for (size_t i = 0; cli_commands[i] != NULL; i++) {
        if (!first_of_noun(i) || cli_commands[i]->verb == NULL) continue;
        stroma_buffer_printf(b, "    %s)\n      if (( CURRENT == 3 )); then\n        compadd -- ",
                             cli_commands[i]->noun);
        put_verbs(b, cli_commands[i]->noun);
        stroma_buffer_puts(b, "\n        return\n      fi\n"
                              "      name=\"$name $words[3]\"\n"
                              "      shift words; (( CURRENT-- )) ;;\n");
    }
    stroma_buffer_puts(b, "  esac\n"
                          "  shift words; (( CURRENT-- ))\n"
                          "  case $name in\n");
    for (size_t i = 0; cli_commands[i] != NULL; i++) {
        stroma_buffer_puts(b, "    '");
        put_command_name(b, cli_commands[i]);
        stroma_buffer_puts(b, "')\n      _arguments -S");
        zsh_options(b, cli_commands[i]->options);
        zsh_options(b, cli_global_options);
        stroma_buffer_puts(b, " \\\n        '*:file:_files' ;;\n");
    }
    stroma_buffer_puts(b, "  esac\n"
                          "}\n"
                          "if [[ $funcstack[1] == _stroma ]]; then _stroma \"$@\"; "
                          "else compdef _stroma stroma; fi\n");
}

static void fish_option(stroma_buffer *b, const cli_option *o, const char *condition)
{
    stroma_buffer_printf(b, "complete -c stroma%s -l %s", condition, o->name);
    if (o->letter != 0) stroma_buffer_printf(b, " -s %c", o->letter);
    if (o->kind != CLI_FLAG) stroma_buffer_puts(b, o->kind == CLI_PATH ? " -r -F" : " -x");
    if (o->choices != NULL) {
        stroma_buffer_puts(b, " -a '");
        put_choices(b, o->choices);
        stroma_buffer_putc(b, '\'');
    }
    if (o->help != NULL) {
        stroma_buffer_puts(b, " -d ");
        put_quoted(b, o->help, true);
    }
    stroma_buffer_putc(b, '\n');
}

static void put_fish(stroma_buffer *b)
{
    stroma_buffer_puts(b, "# fish completion for stroma; made by `stroma completion fish`\n"
                          "function __stroma_is\n"
                          "    set -l words (commandline -opc)\n"
                          "    set -e words[1]\n"
                          "    test (count $words) -ge (count $argv); or return 1\n"
                          "    test \"$words[1..\"(count $argv)\"]\" = \"$argv\"\n"
                          "end\n"
                          "function __stroma_words\n"
                          "    test (count (commandline -opc)) -eq $argv[1]\n"
                          "end\n");
    for (size_t i = 0; cli_commands[i] != NULL; i++) {
        const cli_command *m = cli_commands[i];
        if (first_of_noun(i))
            stroma_buffer_printf(b, "complete -c stroma -f -n '__stroma_words 1' -a %s\n", m->noun);
        char condition[160];
        if (m->verb == NULL) {
            (void)snprintf(condition, sizeof condition, " -n '__stroma_is %s'", m->noun);
        } else {
            stroma_buffer_printf(
                b, "complete -c stroma -f -n '__stroma_is %s; and __stroma_words 2' -a %s -d ",
                m->noun, m->verb);
            put_quoted(b, m->summary, true);
            stroma_buffer_putc(b, '\n');
            (void)snprintf(condition, sizeof condition, " -n '__stroma_is %s %s'", m->noun,
                           m->verb);
        }
        for (const cli_option *o = m->options; o != NULL && o->name != NULL; o++)
            fish_option(b, o, condition);
    }
    for (const cli_option *o = cli_global_options; o->name != NULL; o++)
        fish_option(b, o, "");
}

static stroma_status run(cli_context *c, stroma_error *err)
{
    const char *const *args;
    (void)cli_args(c, &args);
    stroma_buffer b;
    stroma_buffer_init(&b, 16U << 20);
    stroma_status s = STROMA_OK;
    if (strcmp(args[0], "bash") == 0) {
        put_bash(&b);
    } else if (strcmp(args[0], "zsh") == 0) {
        put_zsh(&b);
    } else if (strcmp(args[0], "fish") == 0) {
        put_fish(&b);
    } else {
        s = stroma_fail(err, STROMA_E_USAGE, "unknown shell \"%s\"", args[0]);
        stroma_hint(err, "one of bash, zsh, fish");
    }
    if (s == STROMA_OK) s = stroma_buffer_status(&b, err);
    if (s == STROMA_OK) s = cli_write(b.data, b.len, err);
    stroma_buffer_clear(&b);
    return s;
}

static const char *const examples[] = {
    "stroma completion bash > ~/.local/share/bash-completion/completions/stroma",
    "stroma completion fish > ~/.config/fish/completions/stroma.fish", NULL
};

const cli_command cli_cmd_completion = {
    .noun = "completion",
    .summary = "print the completion script of a shell",
    .usage = "bash|zsh|fish",
    .min_args = 1,
    .max_args = 1,
    .description = "An installed stroma has its completions in place already; this prints them for "
                   "other places.",
    .examples = examples,
    .run = run
};
