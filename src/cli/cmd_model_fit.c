/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma model fit: a model of the chance of response. */
#include "model_files.h"

#include "stroma/date.h"
#include "stroma/hash.h"
#include "stroma/memory.h"
#include "stroma/number.h"

#include <math.h>
#include <string.h>

enum { ARENA_BYTES_MAX = 1 << 30, FIGURE_TEXT = 120 };

/* Everything between the options and the library. */
typedef struct fit_job {
    cli_context *c;
    stroma_arena arena;
    stroma_table *table;
    stroma_biomarker_frame *frame;
    stroma_model_spec spec;
    stroma_model_grouping *groupings;
} fit_job;

static stroma_status needed(const cli_context *c, const char *option, const char *hint,
                            stroma_error *err)
{
    if (cli_given(c, option)) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_USAGE, "option --%s is missing", option);
    stroma_hint(err, "%s", hint);
    return STROMA_E_USAGE;
}

static stroma_status check_needed(const cli_context *c, stroma_error *err)
{
    static const char *const options[][2] = {
        { "outcome", "name the column of the outcome: --outcome responder" },
        { "event", "say which word counts as response: --event yes" },
        { "predictors", "name them all, also those that a lasso may drop: --predictors il6,crp" },
        { "landmark", "say when the predictors are known: --landmark baseline, or W4" },
    };
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        STROMA_TRY(needed(c, options[i][0], options[i][1], err));
    return STROMA_OK;
}

static stroma_status read_frame(fit_job *j, const char *path, stroma_error *err)
{
    stroma_biomarker_frame_spec s = STROMA_BIOMARKER_FRAME_SPEC_INIT;
    const char **names = NULL, **logs = NULL;
    STROMA_TRY(check_needed(j->c, err));
    STROMA_TRY(model_list(&j->arena, cli_text(j->c, "predictors"), &names, &s.candidates_len, err));
    s.candidates = names;
    if (cli_given(j->c, "log")) {
        STROMA_TRY(model_list(&j->arena, cli_text(j->c, "log"), &logs, &s.log_scale_len, err));
        s.log_scale = logs;
    }
    s.subject = cli_text(j->c, "subject");
    s.outcome = cli_text(j->c, "outcome");
    s.event = cli_text(j->c, "event");
    STROMA_TRY(model_table(j->c, path, &j->table, err));
    STROMA_TRY(stroma_biomarker_frame_from_table(j->table, &s, &j->frame, err));
    stroma_hash h;
    if (strcmp(path, "-") == 0) return STROMA_OK;
    STROMA_TRY(stroma_hash_file(path, &h, NULL, err));
    (void)stroma_hash_format(&h, j->frame->sha256);
    return STROMA_OK;
}

static stroma_status setting_number(const cli_context *c, const char *option, const char *name,
                                    double *out, stroma_error *err)
{
    const char *text = model_setting(c, option, name);
    if (text == NULL || stroma_parse_double(text, strlen(text), '.', out)) return STROMA_OK;
    return stroma_fail(err, STROMA_E_USAGE, "--%s %s=%.40s: not a number", option, name, text);
}

static stroma_status describe_input(fit_job *j, stroma_biomarker_column *col, stroma_error *err)
{
    const char *text = NULL;
    if ((text = model_setting(j->c, "unit", col->name)) != NULL) col->unit = text;
    if ((text = model_setting(j->c, "assay", col->name)) != NULL) col->assay = text;
    STROMA_TRY(setting_number(j->c, "lloq", col->name, &col->lloq, err));
    STROMA_TRY(setting_number(j->c, "uloq", col->name, &col->uloq, err));
    double day = NAN;
    STROMA_TRY(setting_number(j->c, "day", col->name, &day, err));
    if (isfinite(day))
        col->day =
            (int32_t)ceil(fmax(-1e6, fmin(1e6, day))); /* half past the landmark is past it */
    else
        (void)(strchr(col->name, '@') != NULL && model_visit_day(col->name, &col->day));
    return STROMA_OK;
}

static stroma_status describe_inputs(fit_job *j, stroma_error *err)
{
    static const char *const options[] = { "unit", "assay", "lloq", "uloq", "day" };
    const size_t n = j->frame->columns_len;
    const char **names = stroma_arena_alloc(&j->arena, n, sizeof *names);
    if (names == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++)
        names[i] = j->frame->columns[i].name;
    for (size_t o = 0; o < sizeof options / sizeof *options; o++)
        STROMA_TRY(model_check_settings(j->c, options[o], names, n, err));
    for (size_t i = 0; i < n; i++)
        STROMA_TRY(describe_input(j, &j->frame->columns[i], err));
    return STROMA_OK;
}

static stroma_status day_option(const cli_context *c, const char *option, const char *visit,
                                int32_t *day, stroma_error *err)
{
    if (cli_given(c, option))
        *day = (int32_t)cli_count(c, option, 0);
    else if (visit != NULL && !model_visit_day(visit, day)) {
        (void)stroma_fail(err, STROMA_E_USAGE, "visit \"%.40s\" says no study day", visit);
        stroma_hint(err, "name it baseline, W4 or D28, or give its day: --%s DAY", option);
        return STROMA_E_USAGE;
    }
    return STROMA_OK;
}

static stroma_status take_options(fit_job *j, stroma_error *err)
{
    const cli_context *c = j->c;
    stroma_model_spec *s = &j->spec;
    s->id = cli_text(c, "id");
    s->name = cli_text(c, "name");
    s->intended_use = cli_text(c, "intended-use");
    s->population = cli_text(c, "population");
    s->expiry = cli_text(c, "expiry");
    s->landmark = cli_text(c, "landmark");
    s->over_budget = cli_text(c, "over-budget");
    STROMA_TRY(day_option(c, "landmark-day", s->landmark, &s->landmark_day, err));
    STROMA_TRY(day_option(c, "outcome-day", NULL, &s->outcome_day, err));
    (void)stroma_model_method_parse(cli_text(c, "method"), &s->method);
    (void)stroma_model_missing_parse(cli_text(c, "missing-inputs"), &s->missing);
    (void)stroma_model_censored_parse(cli_text(c, "censored"), &s->censored);
    const bool penalised = s->method == STROMA_MODEL_RIDGE || s->method == STROMA_MODEL_LASSO ||
                           s->method == STROMA_MODEL_ELASTIC_NET;
    if (cli_given(c, "lambda") && !penalised)
        return stroma_fail(err, STROMA_E_USAGE, "--lambda is for ridge, lasso and elastic-net");
    if (cli_given(c, "prior-scale") && s->method != STROMA_MODEL_BAYES)
        return stroma_fail(err, STROMA_E_USAGE, "--prior-scale is for --method bayes");
    s->lambda = cli_number(c, "lambda", -1);
    s->prior_scale = cli_number(c, "prior-scale", 2.5);
    s->level = cli_number(c, "level", 0.95);
    s->r2_cs = cli_number(c, "r2", 0.2);
    s->bootstrap = (size_t)cli_count(c, "bootstrap", 500);
    s->folds = (size_t)cli_count(c, "folds", 10);
    s->repeats = (size_t)cli_count(c, "repeats", 10);
    s->seed = (uint64_t)cli_count(c, "seed", 1);
    s->threads = cli_threads(c);
    s->simulated = cli_given(c, "simulated");
    stroma_date day;
    if (s->expiry != NULL && !stroma_date_parse(s->expiry, strlen(s->expiry), &day))
        return stroma_fail(err, STROMA_E_USAGE, "--expiry \"%.40s\" is not a date as 2027-01-31",
                           s->expiry);
    return STROMA_OK;
}

/* The table row of each frame row, by the subject's id. */
static size_t row_of(const fit_job *j, size_t subject, const char *id)
{
    char buf[STROMA_CELL_TEXT_MAX];
    for (size_t r = 0; r < j->table->rows_len; r++) {
        if (subject == SIZE_MAX) {
            int64_t n = 0;
            if (stroma_parse_int(id, strlen(id), &n)) return (size_t)n - 1;
        } else if (strcmp(stroma_table_cell_text(j->table, subject, r, buf), id) == 0) {
            return r;
        }
    }
    return SIZE_MAX;
}

static stroma_status read_grouping(fit_job *j, const char *name, stroma_model_grouping *out,
                                   stroma_error *err)
{
    const size_t n = j->frame->n, column = stroma_table_find(j->table, name);
    const size_t subject = cli_given(j->c, "subject")
                               ? stroma_table_find(j->table, cli_text(j->c, "subject"))
                               : SIZE_MAX;
    if (column == SIZE_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "--fairness: no column \"%.60s\"", name);
    size_t *code = stroma_arena_alloc(&j->arena, n, sizeof *code);
    const char **levels = stroma_arena_alloc(&j->arena, n, sizeof *levels);
    if (code == NULL || levels == NULL) return stroma_no_memory(err);
    *out = (stroma_model_grouping){ .column = name, .code = code, .levels = levels };
    for (size_t i = 0; i < n; i++) {
        char buf[STROMA_CELL_TEXT_MAX];
        const size_t row = row_of(j, subject, j->frame->subject[i]);
        code[i] = SIZE_MAX;
        if (row >= j->table->rows_len ||
            stroma_table_state(j->table, column, row) != STROMA_PRESENT)
            continue;
        const char *text = stroma_table_cell_text(j->table, column, row, buf);
        size_t k = 0;
        while (k < out->levels_len && strcmp(levels[k], text) != 0)
            k++;
        if (k == out->levels_len) {
            levels[k] = stroma_arena_strdup(&j->arena, text);
            if (levels[k] == NULL) return stroma_no_memory(err);
            out->levels_len++;
        }
        code[i] = k;
    }
    if (out->levels_len <= 20) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_USAGE, "--fairness: column \"%s\" has %zu levels, at most 20",
                      name, out->levels_len);
    stroma_hint(err, "make bands of a number, as age: under 40, 40 to 60, …");
    return STROMA_E_USAGE;
}

static stroma_status read_groupings(fit_job *j, stroma_error *err)
{
    const char *const *names = NULL;
    const size_t n = cli_texts(j->c, "fairness", &names);
    j->groupings = stroma_arena_alloc(&j->arena, n, sizeof *j->groupings);
    if (j->groupings == NULL && n > 0) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++)
        STROMA_TRY(read_grouping(j, names[i], &j->groupings[i], err));
    j->spec.groupings = j->groupings;
    j->spec.groupings_len = n;
    return STROMA_OK;
}

/* What a person should know before using the file. */
static void say(const cli_context *c, const stroma_model *m)
{
    char a[FIGURE_TEXT], b[FIGURE_TEXT];
    cli_say(c,
            "%s model of \"%s\" = %s: %zu subjects, %zu with the event; %zu of %zu supported "
            "parameters",
            stroma_model_method_name(m->method), m->outcome_name, m->event, m->n, m->events,
            m->inputs_len, m->budget.supported);
    if (m->incomplete > 0) cli_say(c, "%zu subjects without an input were left out", m->incomplete);
    for (size_t i = 0; i < m->inputs_len; i++)
        if (m->inputs[i].day == STROMA_BIOMARKER_DAY_UNKNOWN)
            cli_say(c, "note: the day of input \"%s\" is not declared (--day %s=0)",
                    m->inputs[i].name, m->inputs[i].name);
    if (m->budget.reason != NULL)
        cli_say(c, "more parameters than the data support, because: %s", m->budget.reason);
    cli_say(c, "AUC %s apparent, %s corrected for optimism",
            model_figure(&m->apparent.auc, a, sizeof a),
            model_figure(&m->optimism.auc, b, sizeof b));
    if (m->apparent.auc.value >= 1)
        cli_say(c,
                "note: the predictors tell the classes apart without an error; mostly that means "
                "that the outcome was made from one of them, or the other way round");
    cli_say(c, "calibration slope %s corrected", model_figure(&m->optimism.slope, a, sizeof a));
    if (m->optimism.failed > 0)
        cli_say(c, "%zu of %zu resamples failed, the first: %s", m->optimism.failed,
                m->optimism.resamples, m->optimism.first_failure);
    if (m->cv.failed > 0)
        cli_say(c, "%zu of %zu cross-validation folds failed", m->cv.failed,
                m->cv.folds * m->cv.repeats);
    if (m->simulated) cli_say(c, "simulated data");
}

static stroma_status work(fit_job *j, const char *path, stroma_error *err)
{
    STROMA_TRY(read_frame(j, path, err));
    STROMA_TRY(describe_inputs(j, err));
    STROMA_TRY(take_options(j, err));
    STROMA_TRY(read_groupings(j, err));
    stroma_model *m = NULL;
    STROMA_TRY(stroma_model_fit(j->frame, &j->spec, &m, err));
    const stroma_status s = model_emit(j->c, m, err);
    if (s == STROMA_OK) say(j->c, m);
    stroma_model_free(m);
    return s;
}

static stroma_status run(cli_context *c, stroma_error *err)
{
    const char *const *args = NULL;
    (void)cli_args(c, &args);
    fit_job j = { .c = c, .spec = STROMA_MODEL_SPEC_INIT };
    stroma_arena_init(&j.arena, ARENA_BYTES_MAX);
    const stroma_status s = work(&j, args[0], err);
    stroma_biomarker_frame_free(j.frame);
    stroma_table_free(j.table);
    stroma_arena_clear(&j.arena);
    return s;
}

#define TEXT_OPTION(name_, metavar_, help_)                                       \
    {                                                                             \
        .name = (name_), .kind = CLI_TEXT, .metavar = (metavar_), .help = (help_) \
    }
#define SETTING(name_, metavar_, help_)                                                         \
    {                                                                                           \
        .name = (name_), .kind = CLI_TEXT, .metavar = (metavar_), .help = (help_), .many = true \
    }
static const cli_option options[] = {
    TEXT_OPTION("outcome", "COLUMN", "column of the outcome"),
    TEXT_OPTION("event", "WORD", "the word of the outcome that counts as response"),
    TEXT_OPTION("predictors", "A,B,…",
                "all candidate predictors; each counts as a parameter, also when dropped"),
    { .name = "method",
      .kind = CLI_CHOICE,
      .metavar = "METHOD",
      .choices = "firth|ridge|lasso|elastic-net|bayes",
      .default_text = "firth",
      .help = "how the coefficients are kept from running away" },
    TEXT_OPTION("landmark", "VISIT",
                "when the predictors are known: baseline, W4, D28, or any name with "
                "--landmark-day"),
    { .name = "landmark-day",
      .kind = CLI_COUNT,
      .metavar = "DAY",
      .lower = -10000,
      .upper = 100000,
      .help = "study day of the landmark" },
    { .name = "outcome-day",
      .kind = CLI_COUNT,
      .metavar = "DAY",
      .lower = -10000,
      .upper = 100000,
      .help = "study day of the outcome" },
    SETTING("day", "NAME=DAY", "study day of a predictor; NAME@W4 says it by itself"),
    SETTING("unit", "NAME=UNIT", "unit of a predictor"),
    SETTING("assay", "NAME=ASSAY", "assay of a predictor; predictions refuse another one"),
    SETTING("lloq", "NAME=X", "lower limit of quantification of a predictor, in its unit"),
    SETTING("uloq", "NAME=X", "upper limit of quantification of a predictor, in its unit"),
    TEXT_OPTION("log", "A,B,…", "predictors that enter as their logarithm; * means all"),
    { .name = "missing-inputs",
      .kind = CLI_CHOICE,
      .metavar = "RULE",
      .choices = "complete-case|median|regression",
      .default_text = "complete-case",
      .help = "subjects without a predictor: left out, or filled inside every loop" },
    { .name = "censored",
      .kind = CLI_CHOICE,
      .metavar = "RULE",
      .choices = "expected|half",
      .default_text = "expected",
      .help = "what a value below its limit stands for: its expectation there, or half the limit" },
    { .name = "lambda",
      .kind = CLI_NUMBER,
      .metavar = "X",
      .lower = 1e-12,
      .upper = 1e12,
      .help = "weight of the penalty (default: by repeated cross-validation)" },
    { .name = "prior-scale",
      .kind = CLI_NUMBER,
      .metavar = "X",
      .default_text = "2.5",
      .lower = 1e-3,
      .upper = 1e3,
      .help = "bayes: SD of the normal prior on coefficients of standardised predictors" },
    { .name = "level",
      .kind = CLI_NUMBER,
      .metavar = "FRACTION",
      .default_text = "0.95",
      .lower = 0.501,
      .upper = 0.9999,
      .help = "level of intervals as a fraction" },
    { .name = "r2",
      .kind = CLI_NUMBER,
      .metavar = "X",
      .default_text = "0.2",
      .lower = 0.001,
      .upper = 0.999,
      .help = "Cox-Snell R2 that can be expected, for the permission to fit" },
    TEXT_OPTION("over-budget", "REASON",
                "fit more predictors than the data support; the reason stands in the model"),
    { .name = "bootstrap",
      .kind = CLI_COUNT,
      .metavar = "N",
      .default_text = "500",
      .lower = 20,
      .upper = 100000,
      .help = "resamples for the optimism" },
    { .name = "folds",
      .kind = CLI_COUNT,
      .metavar = "K",
      .default_text = "10",
      .lower = 2,
      .upper = 100,
      .help = "folds of cross-validation" },
    { .name = "repeats",
      .kind = CLI_COUNT,
      .metavar = "R",
      .default_text = "10",
      .lower = 1,
      .upper = 1000,
      .help = "repeats of cross-validation" },
    SETTING("fairness", "COLUMN", "show performance apart for each level of this column"),
    TEXT_OPTION("subject", "COLUMN", "column of the subject's id"),
    TEXT_OPTION("id", "ID", "short name of the model"),
    TEXT_OPTION("name", "TEXT", "title of the model"),
    TEXT_OPTION("intended-use", "TEXT", "what the model is for, for its card"),
    TEXT_OPTION("population", "TEXT", "which patients it is for, for its card"),
    TEXT_OPTION("expiry", "DATE", "last day on which it may be used, as 2027-01-31"),
    { .name = "simulated",
      .kind = CLI_FLAG,
      .help = "the data are simulated; every output says so" },
    CLI_OPTION_MISSING,
    CLI_OPTION_SEED,
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    { .name = NULL },
};
static const char *const examples[] = {
    "stroma model fit patients.csv --outcome responder --event yes --predictors ifng --log ifng "
    "--landmark baseline -o model.json",
    "stroma model fit patients.csv --outcome responder --event yes --predictors ifng,crp --method "
    "ridge --landmark W4 --over-budget 'both are in the protocol' -o model.json",
    NULL
};

const cli_command cli_cmd_model_fit = {
    .noun = "model",
    .verb = "fit",
    .summary = "a model of the chance of response, with everything predictions need",
    .usage = "FILE --outcome COLUMN --event WORD --predictors A,B --landmark VISIT",
    .min_args = 1,
    .max_args = 1,
    .description =
        "FILE has one row a subject. First it is asked how many candidate predictors the data "
        "support (Riley's criteria); more are refused with exit code 5 unless --over-budget says "
        "why. A predictor dated after the landmark is refused. Rules for missing and censored "
        "values, scaling and the choice of the penalty are learned anew in every resample. The "
        "model is JSON; `stroma model card` shows it to people.",
    .options = options,
    .examples = examples,
    .run = run,
};
