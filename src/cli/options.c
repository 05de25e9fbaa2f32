/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the words of the command line to the options of one command. */
#include "context.h"

#include "stroma/memory.h"
#include "stroma/number.h"
#include "stroma/suggest.h"

#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const cli_option cli_global_options[] = {
    { .name = "help", .letter = 'h', .kind = CLI_FLAG, .help = "print this text and exit" },
    { .name = "quiet", .letter = 'q', .kind = CLI_FLAG, .help = "say nothing but errors" },
    { .name = "verbose",
      .letter = 'v',
      .kind = CLI_FLAG,
      .help = "say more; twice for still more",
      .many = true },
    { .name = "color",
      .kind = CLI_CHOICE,
      .metavar = "WHEN",
      .choices = "auto|always|never",
      .default_text = "auto",
      .help = "colour on the terminal; NO_COLOR in the environment means never" },
    { .name = "no-progress", .kind = CLI_FLAG, .help = "no progress line" },
    { .name = "threads",
      .letter = 'j',
      .kind = CLI_COUNT,
      .metavar = "N",
      .default_text = "0",
      .help = "threads to use, 0 = one a processor; results do not depend on it",
      .lower = 0,
      .upper = 1024 },
    { .name = "error-format",
      .kind = CLI_CHOICE,
      .metavar = "FORMAT",
      .choices = "text|json",
      .default_text = "text",
      .help = "form of errors and findings on standard error" },
    { 0 }
};

static cli_slot *slot_by_name(const cli_context *c, const char *name, size_t n)
{
    for (size_t i = 0; i < c->n_slots; i++) {
        const char *have = c->slots[i].option->name;
        if (strncmp(have, name, n) == 0 && have[n] == '\0') return &c->slots[i];
    }
    return NULL;
}

static cli_slot *slot_by_letter(const cli_context *c, char letter)
{
    for (size_t i = 0; i < c->n_slots; i++)
        if (c->slots[i].option->letter == letter) return &c->slots[i];
    return NULL;
}

static stroma_status add_slots(cli_context *c, const cli_option *o, size_t *capacity,
                               stroma_error *err)
{
    for (; o != NULL && o->name != NULL; o++) {
        STROMA_TRY(stroma_grow(&c->slots, capacity, c->n_slots + 1, sizeof *c->slots, err));
        c->slots[c->n_slots++] = (cli_slot){ .option = o };
    }
    return STROMA_OK;
}

static stroma_status unknown_option(const cli_context *c, const char *word, size_t n,
                                    stroma_error *err)
{
    const stroma_status s =
        stroma_fail(err, STROMA_E_USAGE, "unknown option \"--%.*s\"", (int)n, word);
    const char *names[256];
    size_t n_names = 0;
    for (; n_names < c->n_slots && n_names < 256; n_names++)
        names[n_names] = c->slots[n_names].option->name;
    char *typed = stroma_strndup(word, n);
    const char *near = typed == NULL ? NULL : stroma_nearest(typed, names, n_names);
    const char *verb = c->command->verb == NULL ? "" : c->command->verb;
    const char *gap = c->command->verb == NULL ? "" : " ";
    if (near != NULL)
        stroma_hint(err, "did you mean --%s?", near);
    else
        stroma_hint(err, "see `stroma %s%s%s --help`", c->command->noun, gap, verb);
    stroma_free(typed);
    return s;
}

static stroma_status check_choice(const cli_option *o, const char *value, stroma_error *err)
{
    const size_t n = strlen(value);
    for (const char *p = o->choices; n > 0;) {
        const size_t len = strcspn(p, "|");
        if (len == n && memcmp(p, value, n) == 0) return STROMA_OK;
        if (p[len] == '\0') break;
        p += len + 1;
    }
    const stroma_status s =
        stroma_fail(err, STROMA_E_USAGE, "option --%s: unknown value \"%s\"", o->name, value);
    stroma_hint(err, "one of %s", o->choices);
    return s;
}

static stroma_status check_range(const cli_option *o, const char *value, double x,
                                 stroma_error *err)
{
    if (!(o->lower < o->upper) || (x >= o->lower && x <= o->upper)) return STROMA_OK;
    char lower[STROMA_NUMBER_TEXT_MAX], upper[STROMA_NUMBER_TEXT_MAX];
    return stroma_fail(err, STROMA_E_USAGE, "option --%s: %s is not within %s to %s", o->name,
                       value, stroma_format_double(o->lower, lower),
                       stroma_format_double(o->upper, upper));
}

static stroma_status check_value(const cli_option *o, const char *value, stroma_error *err)
{
    double x = 0;
    int64_t n = 0;
    switch (o->kind) {
    case CLI_FLAG:
    case CLI_TEXT: return STROMA_OK;
    case CLI_PATH:
        if (value[0] != '\0') return STROMA_OK;
        return stroma_fail(err, STROMA_E_USAGE, "option --%s: the file name is empty", o->name);
    case CLI_CHOICE: return check_choice(o, value, err);
    case CLI_COUNT:
        if (!stroma_parse_int(value, strlen(value), &n))
            return stroma_fail(err, STROMA_E_USAGE, "option --%s: \"%s\" is not a whole number",
                               o->name, value);
        return check_range(o, value, (double)n, err);
    case CLI_NUMBER:
        if (!stroma_parse_double(value, strlen(value), '.', &x))
            return stroma_fail(err, STROMA_E_USAGE, "option --%s: \"%s\" is not a number", o->name,
                               value);
        return check_range(o, value, x, err);
    }
    return stroma_bug(err, "kind of option", __FILE__, __LINE__);
}

static stroma_status give(cli_slot *slot, const char *value, stroma_error *err)
{
    if (slot->times > 0 && !slot->option->many && slot->option->kind != CLI_FLAG) {
        const stroma_status s =
            stroma_fail(err, STROMA_E_USAGE, "option --%s is given twice", slot->option->name);
        stroma_hint(err, "give it once: \"%s\" or \"%s\"", slot->values[0], value);
        return s;
    }
    slot->times++;
    if (value == NULL) return STROMA_OK;
    STROMA_TRY(check_value(slot->option, value, err));
    STROMA_TRY(
        stroma_grow(&slot->values, &slot->capacity, slot->n_values + 1, sizeof *slot->values, err));
    slot->values[slot->n_values++] = value;
    return STROMA_OK;
}

/* "--name", "--name=value" or "--name value"; *i moves past a value that is a word of its own. */
static stroma_status parse_long(cli_context *c, int argc, char **argv, int *i, stroma_error *err)
{
    const char *word = argv[*i] + 2;
    const size_t n = strcspn(word, "=");
    cli_slot *slot = slot_by_name(c, word, n);
    if (slot == NULL) return unknown_option(c, word, n, err);
    const bool attached = word[n] == '=';
    if (slot->option->kind == CLI_FLAG) {
        if (attached)
            return stroma_fail(err, STROMA_E_USAGE, "option --%s takes no value, got \"%s\"",
                               slot->option->name, word + n + 1);
        return give(slot, NULL, err);
    }
    if (attached) return give(slot, word + n + 1, err);
    if (*i + 1 >= argc)
        return stroma_fail(err, STROMA_E_USAGE, "option --%s needs a value (%s)",
                           slot->option->name, slot->option->metavar);
    return give(slot, argv[++*i], err);
}

/* "-q", "-qv", "-o FILE" or "-oFILE". */
static stroma_status parse_letters(cli_context *c, int argc, char **argv, int *i, stroma_error *err)
{
    const char *word = argv[*i] + 1;
    if (word[1] != '\0' && slot_by_name(c, word, strcspn(word, "=")) != NULL) {
        const stroma_status s = stroma_fail(err, STROMA_E_USAGE, "unknown option \"%s\"", argv[*i]);
        stroma_hint(err, "did you mean -%s?", argv[*i]);
        return s;
    }
    for (const char *p = word; *p != '\0'; p++) {
        cli_slot *slot = slot_by_letter(c, *p);
        if (slot == NULL) {
            const stroma_status s =
                stroma_fail(err, STROMA_E_USAGE, "unknown option \"%s\"", argv[*i]);
            stroma_hint(err, "long options begin with two dashes; a file name that begins with a "
                             "dash goes after --");
            return s;
        }
        if (slot->option->kind == CLI_FLAG) {
            STROMA_TRY(give(slot, NULL, err));
            continue;
        }
        if (p[1] != '\0') return give(slot, p + 1, err);
        if (*i + 1 >= argc)
            return stroma_fail(err, STROMA_E_USAGE, "option -%c needs a value (%s)", *p,
                               slot->option->metavar);
        return give(slot, argv[++*i], err);
    }
    return STROMA_OK;
}

static bool negative_number(const char *word)
{
    return word[0] == '-' && ((word[1] >= '0' && word[1] <= '9') || word[1] == '.');
}

static stroma_status add_arg(cli_context *c, const char *word, stroma_error *err)
{
    STROMA_TRY(stroma_grow(&c->args, &c->args_capacity, c->n_args + 1, sizeof *c->args, err));
    c->args[c->n_args++] = word;
    return STROMA_OK;
}

static stroma_status check_args(const cli_context *c, stroma_error *err)
{
    const cli_command *m = c->command;
    const char *verb = m->verb == NULL ? "" : m->verb, *gap = m->verb == NULL ? "" : " ";
    const char *usage = m->usage == NULL ? "" : m->usage;
    stroma_status s = STROMA_OK;
    if (c->n_args < (size_t)m->min_args)
        s = stroma_fail(err, STROMA_E_USAGE, "an argument is missing: %zu given, %d needed",
                        c->n_args, m->min_args);
    else if (m->max_args >= 0 && c->n_args > (size_t)m->max_args)
        s = stroma_fail(err, STROMA_E_USAGE, "argument \"%s\" is one too many",
                        c->args[m->max_args]);
    if (s != STROMA_OK)
        stroma_hint(err, "usage: stroma %s%s%s%s%s", m->noun, gap, verb,
                    usage[0] == '\0' ? "" : " ", usage);
    return s;
}

stroma_status cli_parse(cli_context *c, const cli_command *command, int argc, char **argv,
                        stroma_error *err)
{
    c->command = command;
    size_t capacity = 0;
    STROMA_TRY(add_slots(c, command->options, &capacity, err));
    STROMA_TRY(add_slots(c, cli_global_options, &capacity, err));
    bool only_args = false;
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        if (only_args || word[0] != '-' || word[1] == '\0' || negative_number(word))
            STROMA_TRY(add_arg(c, word, err));
        else if (strcmp(word, "--") == 0)
            only_args = true;
        else if (word[1] == '-')
            STROMA_TRY(parse_long(c, argc, argv, &i, err));
        else
            STROMA_TRY(parse_letters(c, argc, argv, &i, err));
        if (cli_given(c, "help")) return STROMA_OK; /* whatever follows */
    }
    return check_args(c, err);
}

void cli_context_clear(cli_context *c)
{
    for (size_t i = 0; i < c->n_slots; i++)
        stroma_free(c->slots[i].values);
    stroma_free(c->slots);
    stroma_free(c->args);
    stroma_free(c->command_line);
    *c = (cli_context){ 0 };
}

/* Text in single quotes where a shell would otherwise change it. */
char *cli_quote_command_line(int argc, char **argv)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "-_=+./:,@%^";
    stroma_buffer b;
    stroma_buffer_init(&b, 4U << 20);
    for (int i = 0; i < argc; i++) {
        const char *word = i == 0 ? "stroma" : argv[i];
        if (i > 0) stroma_buffer_putc(&b, ' ');
        if (word[0] != '\0' && word[strspn(word, safe)] == '\0') {
            stroma_buffer_puts(&b, word);
            continue;
        }
        stroma_buffer_putc(&b, '\'');
        for (; *word != '\0'; word++) {
            if (*word == '\'')
                stroma_buffer_puts(&b, "'\\''");
            else
                stroma_buffer_putc(&b, *word);
        }
        stroma_buffer_putc(&b, '\'');
    }
    if (b.status == STROMA_OK) return b.data; /* now the caller's */
    stroma_buffer_clear(&b);
    return NULL;
}

static const cli_slot *slot(const cli_context *c, const char *option)
{
    cli_slot *s = slot_by_name(c, option, strlen(option));
    if (s != NULL) {
        s->read = true;
        return s;
    }
    fprintf(stderr, "stroma: bug: command \"%s\" asks for option \"%s\", which it lacks\n",
            c->command->noun, option);
    _exit(STROMA_E_INTERNAL);
}

const char *cli_unread(const cli_context *c)
{
    /* asked for at the end, or what a script may give to every command */
    static const char *const always[] = { "format",      "output", "force",        "quiet",
                                          "verbose",     "color",  "error-format", "threads",
                                          "no-progress", "seed",   "help" };
    for (size_t i = 0; i < c->n_slots; i++) {
        bool fine = c->slots[i].read || c->slots[i].times == 0;
        for (size_t k = 0; !fine && k < sizeof always / sizeof always[0]; k++)
            fine = strcmp(c->slots[i].option->name, always[k]) == 0;
        if (!fine) return c->slots[i].option->name;
    }
    return NULL;
}

bool cli_given(const cli_context *c, const char *option)
{
    return slot(c, option)->times > 0;
}

const char *cli_text(const cli_context *c, const char *option)
{
    const cli_slot *s = slot(c, option);
    return s->n_values > 0 ? s->values[s->n_values - 1] : s->option->default_text;
}

size_t cli_texts(const cli_context *c, const char *option, const char *const **out)
{
    const cli_slot *s = slot(c, option);
    *out = s->values;
    return s->n_values;
}

int64_t cli_count(const cli_context *c, const char *option, int64_t otherwise)
{
    const char *text = cli_text(c, option);
    int64_t n = otherwise;
    if (text != NULL && !stroma_parse_int(text, strlen(text), &n)) n = otherwise;
    return n;
}

double cli_number(const cli_context *c, const char *option, double otherwise)
{
    const char *text = cli_text(c, option);
    double x = otherwise;
    if (text != NULL && !stroma_parse_double(text, strlen(text), '.', &x)) x = otherwise;
    return x;
}

size_t cli_args(const cli_context *c, const char *const **out)
{
    *out = c->args;
    return c->n_args;
}

const char *cli_command_line(const cli_context *c)
{
    return c->command_line == NULL ? "stroma" : c->command_line;
}

int cli_threads(const cli_context *c)
{
    const int64_t asked = cli_count(c, "threads", 0);
    if (asked > 0) return (int)asked;
    cpu_set_t set;
    const int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return n < 1 ? 1 : n;
}

bool cli_quiet(const cli_context *c)
{
    return cli_given(c, "quiet");
}

int cli_verbose(const cli_context *c)
{
    return (int)slot(c, "verbose")->times;
}

bool cli_color(const cli_context *c, FILE *f)
{
    const char *when = c->n_slots == 0 ? "auto" : cli_text(c, "color");
    if (when[0] == 'n') return false;
    if (when[1] == 'l') return true; /* "always" */
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    if (no_color != NULL && no_color[0] != '\0') return false;
    return isatty(fileno(f)) && term != NULL && strcmp(term, "dumb") != 0;
}
