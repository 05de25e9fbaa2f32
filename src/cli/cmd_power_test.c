/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma power test: power, size or detectable effect of a test, by formula and by simulation. */
#include "power_options.h"

#include "stroma/models_simulated_power.h"
#include "stroma/number.h"
#include "stroma/suggest.h"

#include <math.h>
#include <string.h>

enum { SIZES_MAX = 64, METHODS_MAX = 128 };

/* One line of the answer; NaN and 0 sizes are empty cells. */
typedef struct line {
    const char *source, *unit, *effect_name, *reason;
    size_t n1, n2, n_total, n1_stable, runs, failed;
    double effect, alpha, power, lower, upper, n1_exact, events, alpha_actual, critical;
} line;

/* A method by formula, by simulation, or both. */
typedef struct power_job {
    const cli_context *cli;
    const char *name;
    const stroma_power_method *formula;
    const stroma_simulated_test *simulated;
    stroma_power_design design;
    stroma_simulated_options options;
    bool simulate;
    double target; /* power asked for; NaN */
    line lines[2 * SIZES_MAX];
    size_t lines_len;
} power_job;

static const char *const columns[] = {
    "method",      "source", "n1",           "n2",        "n_total", "n_enrolled", "unit",
    "effect_name", "effect", "alpha",        "power",     "lower",   "upper",      "n1_exact",
    "n1_stable",   "events", "alpha_actual", "reject_at", "runs",    "failed",     "reason"
};
enum { COLUMNS = sizeof columns / sizeof columns[0] };

static const char *number(double x, bool pretty, char *buf)
{
    if (!isfinite(x)) return NULL;
    return pretty ? stroma_format_significant(x, 5, buf) : stroma_format_double(x, buf);
}

static const char *whole(size_t n, char *buf)
{
    return n == 0 ? NULL : stroma_format_double((double)n, buf);
}

/* The cells of a line; @p t is room for the numbers. */
static void fill_cells(const power_job *j, const line *l, bool pretty,
                       char t[][STROMA_NUMBER_TEXT_MAX], const char *out[])
{
    const double dropout = cli_number(j->cli, "dropout", 0);
    const double enrolled = ceil((double)l->n_total / (1 - dropout) - 1e-9);
    const bool p = pretty;
    const char *const cells[COLUMNS] = {
        j->name,
        l->source,
        whole(l->n1, t[0]),
        whole(l->n2, t[1]),
        whole(l->n_total, t[2]),
        dropout > 0 ? whole((size_t)enrolled, t[3]) : NULL,
        l->unit,
        l->effect_name,
        number(l->effect, p, t[4]),
        number(l->alpha, false, t[5]),
        number(l->power, p, t[6]),
        number(l->lower, p, t[7]),
        number(l->upper, p, t[8]),
        number(l->n1_exact, p, t[9]),
        whole(l->n1_stable, t[10]),
        number(l->events, p, t[11]),
        number(l->alpha_actual, p, t[12]),
        number(l->critical, false, t[13]),
        whole(l->runs, t[14]),
        l->runs > 0 ? stroma_format_double((double)l->failed, t[15]) : NULL,
        l->reason == NULL || l->reason[0] == '\0' ? NULL : l->reason
    };
    memcpy(out, cells, sizeof cells);
}

static bool is_text(size_t column)
{
    return column < 2 || column == 6 || column == 7 || column == COLUMNS - 1;
}

/* All lines; a terminal has no room for columns that are empty throughout. */
static stroma_status write(const power_job *j, stroma_error *err)
{
    const bool pretty = strcmp(cli_format(j->cli), "table") == 0;
    char t[COLUMNS][STROMA_NUMBER_TEXT_MAX];
    const char *cells[COLUMNS], *names[COLUMNS];
    cli_cell_type types[COLUMNS];
    bool used[COLUMNS];
    size_t n = 0;
    for (size_t c = 0; c < COLUMNS; c++)
        used[c] = !pretty;
    for (size_t i = 0; pretty && i < j->lines_len; i++) {
        fill_cells(j, &j->lines[i], pretty, t, cells);
        for (size_t c = 0; c < COLUMNS; c++)
            used[c] |= cells[c] != NULL;
    }
    for (size_t c = 0; c < COLUMNS; c++) {
        if (!used[c]) continue;
        types[n] = is_text(c) ? CLI_CELL_TEXT : CLI_CELL_NUMBER;
        names[n++] = columns[c];
    }
    cli_grid *g = NULL;
    STROMA_TRY(cli_grid_new(j->cli, "stroma.power/1", names, types, n, &g, err));
    stroma_status s = STROMA_OK;
    for (size_t i = 0; s == STROMA_OK && i < j->lines_len; i++) {
        fill_cells(j, &j->lines[i], pretty, t, cells);
        n = 0;
        for (size_t c = 0; c < COLUMNS; c++)
            if (used[c]) cells[n++] = cells[c];
        s = cli_grid_row(g, cells, err);
    }
    return cli_grid_end(g, s, err);
}

static void put(power_job *j, const line *l)
{
    j->lines[j->lines_len++] = *l;
}

static void put_formula(power_job *j, const stroma_power *p)
{
    const line l = { .source = "formula",
                     .unit = p->method->unit,
                     .effect_name = p->method->effect_name,
                     .reason = p->reason,
                     .n1 = p->n1,
                     .n2 = p->n2,
                     .n_total = p->n_total,
                     .n1_stable = p->n1_stable,
                     .effect = p->not_estimable && p->n_total == 0 ? j->design.effect : p->effect,
                     .alpha = p->alpha,
                     .power = p->power,
                     .lower = NAN,
                     .upper = NAN,
                     .n1_exact = p->n1_fractional,
                     .events = p->events,
                     .alpha_actual = p->alpha_actual,
                     .critical = p->critical };
    put(j, &l);
}

static double alpha_of(const power_job *j)
{
    const bool inferiority = strcmp(j->name, "non-inferiority") == 0;
    return j->design.alpha > 0 ? j->design.alpha : inferiority ? 0.025 : 0.05;
}

static void put_simulated(power_job *j, const stroma_simulated_power *s, double effect)
{
    const line l = { .source = "simulation",
                     .unit = j->formula != NULL   ? j->formula->unit
                             : s->n2 > 0          ? "group 1"
                             : s->n_total > s->n1 ? "each group"
                                                  : "subjects",
                     .effect_name = s->test->effect_name,
                     .n1 = s->n1,
                     .n2 = s->n2,
                     .n_total = s->n_total,
                     .effect = s->test->effect_name == NULL ? (double)NAN : effect,
                     .alpha = alpha_of(j),
                     .power = s->power,
                     .lower = s->lower,
                     .upper = s->upper,
                     .n1_exact = NAN,
                     .events = NAN,
                     .alpha_actual = NAN,
                     .critical = NAN,
                     .runs = s->runs,
                     .failed = s->failed };
    put(j, &l);
}

static stroma_status simulate_at(power_job *j, size_t n1, size_t n2, double effect,
                                 stroma_error *err)
{
    stroma_simulated_power s;
    stroma_power_design d = j->design;
    d.effect = effect;
    STROMA_TRY(stroma_simulate_power(j->simulated, &d, n1, n2, &j->options, &s, err));
    put_simulated(j, &s, effect);
    return STROMA_OK;
}

/* At a given size: power, or with --power the effect that is detected. */
static stroma_status at_size(power_job *j, size_t n1, size_t n2, stroma_error *err)
{
    stroma_power p;
    double effect = j->design.effect;
    if (j->formula != NULL) {
        if (isnan(j->target))
            STROMA_TRY(stroma_power_compute(j->formula, &j->design, n1, n2, &p, err));
        else
            STROMA_TRY(stroma_power_effect(j->formula, &j->design, n1, n2, j->target, &p, err));
        put_formula(j, &p);
        if (p.not_estimable && !isnan(j->target)) return STROMA_OK;
        effect = p.effect;
    }
    return j->simulate ? simulate_at(j, n1, n2, effect, err) : STROMA_OK;
}

static stroma_status find_size(power_job *j, stroma_error *err)
{
    enum { N_MAX = 100000 };
    stroma_power p;
    stroma_simulated_power s;
    if (j->formula == NULL) {
        STROMA_TRY(
            stroma_simulate_size(j->simulated, &j->design, j->target, N_MAX, &j->options, &s, err));
        put_simulated(j, &s, j->design.effect);
        return STROMA_OK;
    }
    STROMA_TRY(stroma_power_size(j->formula, &j->design, j->target, &p, err));
    put_formula(j, &p);
    if (!j->simulate || p.not_estimable) return STROMA_OK;
    return simulate_at(j, p.n1, p.n2, j->design.effect, err);
}

static stroma_status solve(power_job *j, stroma_error *err)
{
    double n[SIZES_MAX];
    size_t sizes = 0;
    if (!cli_given(j->cli, "n")) return find_size(j, err);
    STROMA_TRY(power_numbers(j->cli, "n", n, SIZES_MAX, &sizes, err));
    const size_t n2 = (size_t)cli_count(j->cli, "n2", 0);
    for (size_t i = 0; i < sizes; i++) {
        if (!(n[i] >= 1) || n[i] > 1e8 || n[i] != floor(n[i]))
            return stroma_fail(err, STROMA_E_USAGE, "--n takes whole numbers, not %g", n[i]);
        STROMA_TRY(at_size(j, (size_t)n[i], n2, err));
    }
    return STROMA_OK;
}

static stroma_status list(const cli_context *c, stroma_error *err)
{
    static const char *const names[] = {
        "method", "needs", "n", "formula", "simulation", "summary"
    };
    static const cli_cell_type types[] = { CLI_CELL_TEXT, CLI_CELL_TEXT, CLI_CELL_TEXT,
                                           CLI_CELL_TEXT, CLI_CELL_TEXT, CLI_CELL_TEXT };
    const stroma_power_method *m = NULL;
    const stroma_simulated_test *t = NULL;
    cli_grid *g = NULL;
    STROMA_TRY(cli_grid_new(c, "stroma.power_methods/1", names, types, 6, &g, err));
    stroma_status s = STROMA_OK;
    for (size_t i = 0; s == STROMA_OK && (m = stroma_power_list(i)) != NULL; i++) {
        const bool both = stroma_simulated_find(m->name) != NULL;
        const char *const cells[] = { m->name,   m->needs, m->unit, "yes", both ? "yes" : "no",
                                      m->summary };
        s = cli_grid_row(g, cells, err);
    }
    for (size_t i = 0; s == STROMA_OK && (t = stroma_simulated_list(i)) != NULL; i++) {
        if (stroma_power_find(t->name) != NULL) continue;
        const char *const cells[] = { t->name, t->needs, t->two_groups ? "group 1" : "subjects",
                                      "no",    "yes",    t->summary };
        s = cli_grid_row(g, cells, err);
    }
    return cli_grid_end(g, s, err);
}

static stroma_status unknown(const char *name, stroma_error *err)
{
    const char *names[METHODS_MAX];
    size_t n = 0;
    for (size_t i = 0; stroma_power_list(i) != NULL && n < METHODS_MAX; i++)
        names[n++] = stroma_power_list(i)->name;
    for (size_t i = 0; stroma_simulated_list(i) != NULL && n < METHODS_MAX; i++)
        names[n++] = stroma_simulated_list(i)->name;
    const char *near = stroma_nearest(name, names, n);
    (void)stroma_fail(err, STROMA_E_USAGE, "no method \"%s\"", name);
    if (near != NULL)
        stroma_hint(err, "did you mean \"%s\"?", near);
    else
        stroma_hint(err, "`stroma power test list` names the methods");
    return STROMA_E_USAGE;
}

/* Whether a list of names for people has this one. */
static bool is_named(const char *list, const char *name)
{
    const size_t len = strlen(name);
    for (const char *p = strstr(list, name); p != NULL; p = strstr(p + 1, name)) {
        const bool begins = p == list || strchr(" [|(", p[-1]) != NULL;
        if (begins && (p[len] == '\0' || strchr(" ]|)", p[len]) != NULL)) return true;
    }
    return false;
}

/* A number that the formula does not look at would seem to have been taken into account. */
static stroma_status refuse_unused(const power_job *j, stroma_error *err)
{
    static const char *const names[] = {
        "delta",  "sd",         "sd2",   "margin",       "p1",          "p2",       "p",
        "null",   "r",          "auc",   "hazard-ratio", "odds-ratio",  "f",        "means",
        "groups", "prevalence", "cells", "categories",   "correlation", "retention"
    };
    if (j->formula == NULL || j->simulate) return STROMA_OK;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!cli_given(j->cli, names[i]) || is_named(j->formula->needs, names[i])) continue;
        (void)stroma_fail(err, STROMA_E_USAGE, "--%s is no part of the formula of \"%s\"", names[i],
                          j->name);
        stroma_hint(err, "it takes %s; `stroma power test list` names other methods",
                    j->formula->needs);
        return STROMA_E_USAGE;
    }
    return STROMA_OK;
}

static stroma_status read_job(const cli_context *c, power_job *j, stroma_error *err)
{
    j->formula = stroma_power_find(j->name);
    j->simulated = stroma_simulated_find(j->name);
    j->simulate = cli_given(c, "simulate");
    if (j->formula == NULL && j->simulated == NULL) return unknown(j->name, err);
    if (j->formula == NULL && !j->simulate) {
        (void)stroma_fail(err, STROMA_E_USAGE, "there is no formula for \"%s\"", j->name);
        stroma_hint(err, "simulate it: --simulate 10000");
        return STROMA_E_USAGE;
    }
    if (j->simulated == NULL && j->simulate)
        return stroma_fail(err, STROMA_E_USAGE, "\"%s\" cannot be simulated yet", j->name);
    const bool two = j->formula != NULL ? j->formula->two_groups : j->simulated->two_groups;
    if (cli_given(c, "censored") && !j->simulate)
        return stroma_fail(err, STROMA_E_USAGE, "--censored needs --simulate: no formula knows it");
    if (cli_given(c, "n2") && !two)
        return stroma_fail(err, STROMA_E_USAGE, "\"%s\" has no second group for --n2", j->name);
    if (cli_given(c, "n2") && !cli_given(c, "n"))
        return stroma_fail(err, STROMA_E_USAGE, "--n2 needs --n");
    if (!cli_given(c, "n") && !cli_given(c, "power")) {
        (void)stroma_fail(err, STROMA_E_USAGE, "neither --n nor --power is given");
        stroma_hint(err, "--n N asks for the power, --power 0.8 for the size, both for the effect "
                         "that is detected");
        return STROMA_E_USAGE;
    }
    STROMA_TRY(refuse_unused(j, err));
    j->target = cli_number(c, "power", NAN);
    j->options = (stroma_simulated_options)STROMA_SIMULATED_OPTIONS_INIT;
    j->options.runs = (size_t)cli_count(c, "simulate", 10000);
    j->options.seed = (uint64_t)cli_count(c, "seed", 1);
    j->options.threads = cli_threads(c);
    const char *shape = cli_text(c, "distribution");
    for (int i = 0; i < STROMA_POWER_SHAPES; i++)
        if (strcmp(stroma_power_shape_name((stroma_power_shape)i), shape) == 0)
            j->options.shape = (stroma_power_shape)i;
    const bool effect_wanted = isnan(j->target) || !cli_given(c, "n");
    const char *name = j->formula != NULL ? j->formula->effect_name : j->simulated->effect_name;
    return power_design(c, j->name, name, effect_wanted, &j->design, err);
}

static stroma_status run(cli_context *c, stroma_error *err)
{
    const char *const *args = NULL;
    (void)cli_args(c, &args);
    if (strcmp(args[0], "list") == 0) return list(c, err);
    power_job j = { .cli = c, .name = args[0] };
    STROMA_TRY(read_job(c, &j, err));
    STROMA_TRY(solve(&j, err));
    return write(&j, err);
}

static const cli_option options[] = {
    { .name = "n",
      .kind = CLI_TEXT,
      .metavar = "N,…",
      .help = "size of the first (or only) group; several give a curve" },
    { .name = "n2",
      .kind = CLI_COUNT,
      .metavar = "N",
      .lower = 1,
      .upper = 1e8,
      .help = "size of the second group (default: --ratio times --n)" },
    { .name = "power",
      .kind = CLI_NUMBER,
      .metavar = "FRACTION",
      .lower = 0.01,
      .upper = 0.999999,
      .help = "power to be reached: gives the size, or with --n the effect that is detected" },
    { .name = "ratio",
      .kind = CLI_NUMBER,
      .metavar = "X",
      .default_text = "1",
      .lower = 1e-3,
      .upper = 1000,
      .help = "second group to first (auc: negatives to positives)" },
    { .name = "alpha",
      .kind = CLI_NUMBER,
      .metavar = "FRACTION",
      .lower = 1e-9,
      .upper = 0.499,
      .help = "error of the first kind (default: 0.05 two-sided, 0.025 for non-inferiority)" },
    { .name = "one-sided", .kind = CLI_FLAG, .help = "test in the direction of the effect only" },
    { .name = "dropout",
      .kind = CLI_NUMBER,
      .metavar = "FRACTION",
      .lower = 0,
      .upper = 0.99,
      .help = "share of subjects without an outcome: gives n_enrolled (mmrm: use --retention)" },
    POWER_DESIGN_OPTIONS,
    { .name = "simulate",
      .kind = CLI_COUNT,
      .metavar = "RUNS",
      .lower = 100,
      .upper = 1e7,
      .help = "draw so many data sets and run the test on each" },
    { .name = "distribution",
      .kind = CLI_CHOICE,
      .metavar = "SHAPE",
      .choices = "normal|lognormal|exponential|t5|uniform",
      .default_text = "normal",
      .help = "shape of simulated outcomes, at the same mean and SD" },
    CLI_OPTION_SEED,
    CLI_OPTION_FORMAT,
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    { .name = NULL },
};
static const char *const examples[] = {
    "stroma power test list",
    "stroma power test t --delta 1.2 --sd 1.4 --power 0.9",
    "stroma power test fisher --p1 0.29 --p2 0.54 --n 52",
    "stroma power test mann-whitney --delta 0.8 --n 20,30,40 --simulate 5000 --distribution "
    "lognormal",
    "stroma power test mmrm --delta 5 --sd 10 --correlation 0.6 --retention 1,0.9,0.8 --power 0.8",
    NULL,
};

const cli_command cli_cmd_power_test = {
    .noun = "power",
    .verb = "test",
    .summary = "power, size or detectable effect of a test",
    .usage = "METHOD",
    .min_args = 1,
    .max_args = 1,
    .description =
        "`stroma power test list` names the methods and what each needs. --n asks for the power, "
        "--power for the smallest size, both for the effect that is detected. Formulas are exact "
        "where the test is (t, equivalence, analysis of variance, counts), else the usual "
        "approximations; --simulate shows what the test really does.",
    .options = options,
    .examples = examples,
    .run = run,
};
