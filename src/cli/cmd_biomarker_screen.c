/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma biomarker screen: many candidates against one outcome. */
#include "cli.h"
#include "screen_output.h"
#include "split.h"

#include "stroma/memory.h"
#include "stroma/number.h"
#include "stroma/table_read.h"

#include <string.h>

enum { NAMES_BYTES_MAX = 1 << 26 };

/* Names of an option that takes a list, split at commas. */
typedef struct name_list {
    const char **names;
    size_t len, capacity;
} name_list;

static stroma_status split_names(const cli_context *c, const char *option, stroma_arena *a,
                                 name_list *out, stroma_error *err)
{
    const char *const *given = NULL;
    const size_t n = cli_texts(c, option, &given);
    for (size_t i = 0; i < n; i++)
        for (const char *p = given[i];; p++) {
            const size_t len = strcspn(p, ",");
            STROMA_TRY(
                stroma_grow(&out->names, &out->capacity, out->len + 1, sizeof *out->names, err));
            out->names[out->len] = stroma_arena_strndup(a, p, len);
            if (out->names[out->len++] == NULL) return stroma_no_memory(err);
            p += len;
            if (*p == '\0') break;
        }
    return STROMA_OK;
}

typedef struct screen_input {
    stroma_arena arena;
    name_list candidates, controls, logs, missing;
    stroma_table *table;
    stroma_biomarker_frame *frame;
    stroma_screen_direction *directions; /* one a candidate, when some have their own */
} screen_input;

static void input_clear(screen_input *in)
{
    stroma_free(in->candidates.names);
    stroma_free(in->controls.names);
    stroma_free(in->logs.names);
    stroma_free(in->missing.names);
    stroma_free(in->directions);
    stroma_table_free(in->table);
    stroma_biomarker_frame_free(in->frame);
    stroma_arena_clear(&in->arena);
}

static stroma_status read_table(const cli_context *c, const char *path, screen_input *in,
                                stroma_error *err)
{
    stroma_table_read_options o = STROMA_TABLE_READ_OPTIONS_INIT;
    STROMA_TRY(
        stroma_grow(&in->missing.names, &in->missing.capacity, 1, sizeof *in->missing.names, err));
    in->missing.names[in->missing.len++] = "NA";
    STROMA_TRY(split_names(c, "missing", &in->arena, &in->missing, err));
    o.missing = in->missing.names;
    o.missing_len = in->missing.len;
    o.threads = cli_threads(c);
    stroma_diag d;
    stroma_diag_init(&d);
    const stroma_status s = stroma_table_read(path, &o, &in->table, &d, err);
    cli_print_findings(c, &d);
    stroma_diag_clear(&d);
    return s;
}

static stroma_status day_of(const char *text, const char *option, int32_t *out, stroma_error *err)
{
    int64_t day = 0;
    if (!stroma_parse_int(text, strlen(text), &day) || day < -100000 || day > 100000)
        return stroma_fail(err, STROMA_E_USAGE, "--%s \"%s\" is not a study day", option, text);
    *out = (int32_t)day;
    return STROMA_OK;
}

/* --day NAME=DAY, or --day DAY for all candidates. */
static stroma_status take_days(const cli_context *c, stroma_biomarker_frame *f, stroma_error *err)
{
    const char *const *given = NULL;
    const size_t n = cli_texts(c, "day", &given);
    for (size_t i = 0; i < n; i++) {
        const char *eq = strrchr(given[i], '=');
        int32_t day = 0;
        STROMA_TRY(day_of(eq == NULL ? given[i] : eq + 1, "day", &day, err));
        bool found = false;
        for (size_t k = 0; k < f->columns_len; k++) {
            const char *name = f->columns[k].name;
            const size_t len = eq == NULL ? 0 : (size_t)(eq - given[i]);
            if (eq != NULL && (strncmp(name, given[i], len) != 0 || name[len] != '\0')) continue;
            f->columns[k].day = day;
            found = true;
        }
        if (!found)
            return stroma_fail(err, STROMA_E_USAGE, "--day \"%s\" names no candidate", given[i]);
    }
    const char *landmark = cli_text(c, "landmark-day"), *outcome = cli_text(c, "outcome-day");
    if (landmark != NULL) STROMA_TRY(day_of(landmark, "landmark-day", &f->landmark_day, err));
    return outcome == NULL ? STROMA_OK : day_of(outcome, "outcome-day", &f->outcome_day, err);
}

static stroma_status read_frame(const cli_context *c, screen_input *in, stroma_error *err)
{
    stroma_biomarker_frame_spec spec = STROMA_BIOMARKER_FRAME_SPEC_INIT;
    spec.subject = cli_text(c, "subject");
    spec.outcome = cli_text(c, "outcome");
    spec.event = cli_text(c, "event");
    spec.arm = cli_text(c, "arm");
    spec.treated = cli_text(c, "treated");
    spec.batch = cli_text(c, "batch");
    spec.stratum = cli_text(c, "stratum");
    if (spec.outcome == NULL) {
        (void)stroma_fail(err, STROMA_E_USAGE, "option --outcome is missing");
        stroma_hint(err, "name the column of the outcome, and the word that counts: --outcome "
                         "response --event yes");
        return STROMA_E_USAGE;
    }
    STROMA_TRY(split_names(c, "candidates", &in->arena, &in->candidates, err));
    STROMA_TRY(split_names(c, "negative-controls", &in->arena, &in->controls, err));
    STROMA_TRY(split_names(c, "log", &in->arena, &in->logs, err));
    spec.candidates = in->candidates.names;
    spec.candidates_len = in->candidates.len;
    spec.negative_controls = in->controls.names;
    spec.negative_controls_len = in->controls.len;
    spec.log_scale = in->logs.names;
    spec.log_scale_len = in->logs.len;
    if (!stroma_biomarker_question_parse(cli_text(c, "question"), &spec.question))
        return stroma_fail(err, STROMA_E_USAGE, "unknown question");
    STROMA_TRY(stroma_biomarker_frame_from_table(in->table, &spec, &in->frame, err));
    stroma_table_free(in->table); /* a wide one is as large as the frame */
    in->table = NULL;
    for (size_t i = 0; i < in->controls.len; i++)
        if (stroma_biomarker_frame_find(in->frame, in->controls.names[i]) == SIZE_MAX)
            return stroma_fail(err, STROMA_E_USAGE, "negative control \"%s\" is no candidate",
                               in->controls.names[i]);
    return take_days(c, in->frame, err);
}

static stroma_screen_direction direction_of(const char *text)
{
    return strcmp(text, "higher") == 0  ? STROMA_SCREEN_HIGHER
           : strcmp(text, "lower") == 0 ? STROMA_SCREEN_LOWER
                                        : STROMA_SCREEN_TWO_SIDED;
}

/* --higher and --lower name candidates with a direction of their own. */
static stroma_status take_directions(const cli_context *c, screen_input *in, stroma_error *err)
{
    static const char *const options_of[] = { "higher", "lower" };
    if (!cli_given(c, "higher") && !cli_given(c, "lower")) return STROMA_OK;
    const size_t n = in->frame->columns_len;
    in->directions = stroma_alloc_array(n, sizeof *in->directions);
    if (in->directions == NULL) return stroma_no_memory(err);
    for (size_t k = 0; k < n; k++)
        in->directions[k] = direction_of(cli_text(c, "direction"));
    for (size_t side = 0; side < 2; side++) {
        name_list names = { NULL, 0, 0 };
        stroma_status s = split_names(c, options_of[side], &in->arena, &names, err);
        for (size_t i = 0; s == STROMA_OK && i < names.len; i++) {
            const size_t k = stroma_biomarker_frame_find(in->frame, names.names[i]);
            if (k == SIZE_MAX)
                s = stroma_fail(err, STROMA_E_USAGE, "--%s \"%s\" names no candidate",
                                options_of[side], names.names[i]);
            else
                in->directions[k] = direction_of(options_of[side]);
        }
        stroma_free(names.names);
        STROMA_TRY(s);
    }
    return STROMA_OK;
}

static stroma_status screen(const cli_context *c, screen_input *in, stroma_error *err)
{
    stroma_screen_options o = STROMA_SCREEN_OPTIONS_INIT;
    stroma_screen_split split;
    o.direction = direction_of(cli_text(c, "direction"));
    STROMA_TRY(take_directions(c, in, err));
    o.directions = in->directions;
    o.statistic =
        strcmp(cli_text(c, "statistic"), "t") == 0 ? STROMA_SCREEN_VALUES : STROMA_SCREEN_RANKS;
    o.permutations = (size_t)cli_count(c, "permutations", 10000);
    o.seed = (uint64_t)cli_count(c, "seed", 1);
    o.level = cli_number(c, "level", 0.95);
    o.alpha = cli_number(c, "alpha", 0.05);
    o.min_p = cli_given(c, "min-p");
    o.batch_ignored = cli_given(c, "ignore-batch");
    o.controls_in_family = cli_given(c, "controls-in-family");
    o.censored_max_frac = cli_number(c, "max-censored", 0.5);
    o.threads = cli_threads(c);
    o.split = cli_split_permutations(&split);
    stroma_screen *s = NULL;
    STROMA_TRY(stroma_biomarker_screen(in->frame, &o, &s, err));
    stroma_status status = STROMA_OK;
    if (cli_split_is_first()) {
        status = cli_screen_write(c, in->frame, s, cli_text(c, "family"), err);
        cli_print_findings(c, &s->notes);
        cli_screen_say(c, in->frame, s);
    }
    if (status == STROMA_OK) status = cli_findings_status(c, &s->notes);
    stroma_screen_free(s);
    return status;
}

static stroma_status run(cli_context *c, stroma_error *err)
{
    const char *const *args = NULL;
    (void)cli_args(c, &args);
    screen_input in = { .table = NULL };
    stroma_arena_init(&in.arena, NAMES_BYTES_MAX);
    stroma_status s = read_table(c, args[0], &in, err);
    if (s != STROMA_OK) { /* names the file itself */
        input_clear(&in);
        return s;
    }
    s = read_frame(c, &in, err);
    if (s == STROMA_OK) s = screen(c, &in, err);
    if (s != STROMA_OK && s != STROMA_FOUND && s != STROMA_E_PIPE)
        s = stroma_in(err, s, "file \"%s\"", args[0]);
    input_clear(&in);
    return s;
}

static const cli_option options[] = {
    { .name = "outcome",
      .kind = CLI_TEXT,
      .metavar = "COLUMN",
      .help = "the outcome: a number, or words of which --event counts" },
    { .name = "event",
      .kind = CLI_TEXT,
      .metavar = "WORD",
      .help = "the word of the outcome that counts as response" },
    { .name = "question",
      .kind = CLI_CHOICE,
      .metavar = "QUESTION",
      .choices = "prognostic|predictive|pharmacodynamic|early_response",
      .default_text = "prognostic",
      .help = "what the candidates are to answer" },
    { .name = "candidates",
      .kind = CLI_TEXT,
      .metavar = "A,B",
      .help = "columns to screen (default: every column of numbers)",
      .many = true },
    { .name = "negative-controls",
      .kind = CLI_TEXT,
      .metavar = "A,B",
      .help = "candidates that should show nothing: a family of their own",
      .many = true },
    { .name = "controls-in-family",
      .kind = CLI_FLAG,
      .help = "the negative controls count in the family" },
    { .name = "family", .kind = CLI_TEXT, .metavar = "NAME", .help = "name of the family" },
    { .name = "direction",
      .kind = CLI_CHOICE,
      .metavar = "SIDE",
      .choices = "higher|lower|two-sided",
      .default_text = "two-sided",
      .help = "where responders are expected, declared beforehand" },
    { .name = "higher",
      .kind = CLI_TEXT,
      .metavar = "A,B",
      .help = "candidates expected higher in responders, whatever --direction says",
      .many = true },
    { .name = "lower",
      .kind = CLI_TEXT,
      .metavar = "A,B",
      .help = "candidates expected lower in responders",
      .many = true },
    { .name = "statistic",
      .kind = CLI_CHOICE,
      .metavar = "NAME",
      .choices = "wilcoxon|t",
      .default_text = "wilcoxon",
      .help = "ranks (also for censored values), or means" },
    { .name = "log",
      .kind = CLI_TEXT,
      .metavar = "A,B|*",
      .help = "candidates analysed as logarithms; * for all",
      .many = true },
    { .name = "permutations",
      .kind = CLI_COUNT,
      .metavar = "N",
      .default_text = "10000",
      .help = "permutations of the outcome",
      .lower = 100,
      .upper = STROMA_SCREEN_PERMUTATIONS_MAX },
    { .name = "min-p", .kind = CLI_FLAG, .help = "adjusted p by step-down minP too" },
    { .name = "subject", .kind = CLI_TEXT, .metavar = "COLUMN", .help = "column of subject ids" },
    { .name = "arm", .kind = CLI_TEXT, .metavar = "COLUMN", .help = "column of the arm" },
    { .name = "treated", .kind = CLI_TEXT, .metavar = "WORD", .help = "its word for the treated" },
    { .name = "batch",
      .kind = CLI_TEXT,
      .metavar = "COLUMN",
      .help = "plate, centre or run: checked, and compared within" },
    { .name = "ignore-batch",
      .kind = CLI_FLAG,
      .help = "check the batches only; compare across them" },
    { .name = "stratum",
      .kind = CLI_TEXT,
      .metavar = "COLUMN",
      .help = "compare and permute within these groups" },
    { .name = "day",
      .kind = CLI_TEXT,
      .metavar = "[NAME=]DAY",
      .help = "study day of a candidate, or of all",
      .many = true },
    { .name = "landmark-day",
      .kind = CLI_TEXT,
      .metavar = "DAY",
      .help = "no candidate may be dated later" },
    { .name = "outcome-day", .kind = CLI_TEXT, .metavar = "DAY", .help = "day of the outcome" },
    { .name = "level",
      .kind = CLI_NUMBER,
      .metavar = "FRACTION",
      .default_text = "0.95",
      .help = "confidence level of the intervals",
      .lower = 0.5,
      .upper = 0.9999 },
    { .name = "alpha",
      .kind = CLI_NUMBER,
      .metavar = "P",
      .default_text = "0.05",
      .help = "adjusted p from which a negative control or a batch is said to show",
      .lower = 0.0001,
      .upper = 0.5 },
    { .name = "max-censored",
      .kind = CLI_NUMBER,
      .metavar = "FRACTION",
      .default_text = "0.5",
      .help = "candidates with more values beyond a limit are flagged",
      .lower = 0.01,
      .upper = 1 },
    { .name = "missing",
      .kind = CLI_TEXT,
      .metavar = "TEXT",
      .help = "a cell text that means missing, beside empty and NA",
      .many = true },
    CLI_OPTION_SEED,
    CLI_OPTION_FORMAT,
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    CLI_OPTION_STRICT,
    { .name = NULL },
};
static const char *const examples[] = {
    "stroma biomarker screen baseline.csv --outcome response --event yes --day 0 --log '*'",
    "stroma biomarker screen week1.csv --outcome response --event yes --question early_response "
    "--day 7 --landmark-day 7 --outcome-day 84 --negative-controls il_1b,il_8 --batch plate",
    NULL
};

const cli_command cli_cmd_biomarker_screen = {
    .noun = "biomarker",
    .verb = "screen",
    .summary = "many candidates against one outcome, adjusted for their number",
    .usage = "FILE",
    .min_args = 1,
    .max_args = 1,
    .description =
        "FILE has one row a subject. Every candidate is tested against the outcome, with its "
        "effect, raw p and p adjusted over the declared family: step-down maxT by permuting the "
        "outcome, Holm, and false discovery rates. The question decides what is tested and what is "
        "refused: predictive and pharmacodynamic need a control arm, early_response a landmark "
        "before the outcome, and a candidate dated after it is refused by name. Values below a "
        "limit (\"<2\") are tied. Rows without an outcome are left out and counted. The result "
        "does "
        "not depend on the number of threads, nor on STROMA_CPU (base, avx2, avx512), which limits "
        "the instructions used. stroma-mpi does the same on several machines: mpirun -n 4 "
        "stroma-mpi biomarker screen FILE …",
    .options = options,
    .examples = examples,
    .run = run,
};
