/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stat_job.h"

#include "stroma/memory.h"
#include "stroma/suggest.h"
#include "stroma/table_read.h"

#include <string.h>

enum { ARENA_BYTES_MAX = 1 << 30, METHODS_MAX = 64 };

static const cli_option options[] = {
    { .name = "value", .kind = CLI_TEXT, .metavar = "COLUMN", .help = "column of the values" },
    { .name = "group",
      .kind = CLI_TEXT,
      .metavar = "COLUMN",
      .help = "column of the groups or conditions" },
    { .name = "levels",
      .kind = CLI_TEXT,
      .metavar = "A,B,…",
      .help = "groups to compare, reference first (default: all, in sort order); with "
              "--formula: 'arm=a,b;sex=f,m'" },
    { .name = "x", .kind = CLI_TEXT, .metavar = "COLUMN", .help = "first column of pairs" },
    { .name = "y", .kind = CLI_TEXT, .metavar = "COLUMN", .help = "second column of pairs" },
    CLI_OPTION_MISSING,
    { .name = "by",
      .kind = CLI_TEXT,
      .metavar = "COLUMN",
      .help = "repeat for each level of this column" },
    { .name = "subject",
      .kind = CLI_TEXT,
      .metavar = "COLUMN",
      .help = "column that names the subject of a repeated measurement" },
    { .name = "baseline",
      .kind = CLI_TEXT,
      .metavar = "COLUMN",
      .help = "column of the baseline value (ancova, mi, change-baseline)" },
    { .name = "formula",
      .kind = CLI_TEXT,
      .metavar = "FORMULA",
      .help = "model as in R: 'change ~ baseline + arm', mmrm with '+ us(visit | "
              "subject)'" },
    { .name = "error",
      .kind = CLI_CHOICE,
      .metavar = "KIND",
      .choices = "sd|sem",
      .help = "the file holds group, mean, error, n; what the error is" },
    { .name = "counts",
      .kind = CLI_TEXT,
      .metavar = "A,B/C,D",
      .help = "a table of counts, row by row, instead of a file" },
    { .name = "events",
      .kind = CLI_COUNT,
      .metavar = "N",
      .upper = 1e9,
      .help = "subjects with the event, instead of a file" },
    { .name = "n", .kind = CLI_COUNT, .metavar = "N", .upper = 1e9, .help = "all subjects" },
    { .name = "event",
      .kind = CLI_TEXT,
      .metavar = "VALUE",
      .help = "which value of the outcome (or --status) column is the event" },
    { .name = "direction",
      .kind = CLI_CHOICE,
      .metavar = "WHERE",
      .choices = "higher|lower",
      .help = "roc: values that are expected with the event; declared, never taken from the data" },
    { .name = "versus",
      .kind = CLI_TEXT,
      .metavar = "COLUMN",
      .help = "roc: a second marker of the same subjects to compare with" },
    { .name = "between",
      .kind = CLI_TEXT,
      .metavar = "COLUMN",
      .help = "roc: compare the marker in the two groups of subjects this column makes" },
    { .name = "cutoff",
      .kind = CLI_TEXT,
      .metavar = "RULE",
      .help = "roc: classify by a rule fixed beforehand, as '>2' or '>=2'; mi: what a response "
              "is, as '<=-10' or '<=-50%' of --baseline" },
    { .name = "prevalence",
      .kind = CLI_NUMBER,
      .metavar = "FRACTION",
      .lower = 1e-9,
      .upper = 0.999999999,
      .help = "roc: predictive values of --cutoff where this fraction has the event" },
    { .name = "search",
      .kind = CLI_FLAG,
      .help = "roc: search the cut-off in these data, and say what the search costs" },
    { .name = "partial",
      .kind = CLI_TEXT,
      .metavar = "RANGE",
      .help = "roc: area under a part of the curve, as 'specificity 0.9-1'" },
    { .name = "resamples",
      .kind = CLI_COUNT,
      .metavar = "N",
      .default_text = "2000",
      .lower = 100,
      .upper = 1e7,
      .help = "resamples of a bootstrap (roc, validate, bootstrap, censored --method ros), or of a "
              "permutation "
              "test (there 10000 unless given)" },
    { .name = "folds",
      .kind = CLI_COUNT,
      .metavar = "N",
      .lower = 2,
      .upper = 1e6,
      .help = "validate: cross-validate in so many folds instead of resampling" },
    { .name = "repeats",
      .kind = CLI_COUNT,
      .metavar = "N",
      .default_text = "20",
      .lower = 1,
      .upper = 1e5,
      .help = "validate: divisions into folds" },
    { .name = "tune",
      .kind = CLI_COUNT,
      .metavar = "FOLDS",
      .lower = 2,
      .upper = 1e6,
      .help = "logistic, validate: choose --lambda by cross-validation; in validate anew in each "
              "resample" },
    { .name = "tune-rule",
      .kind = CLI_CHOICE,
      .metavar = "RULE",
      .choices = "min|1se",
      .default_text = "min",
      .help = "--tune: least deviance, or the largest penalty within one standard error of it" },
    { .name = "thresholds",
      .kind = CLI_TEXT,
      .metavar = "P,P,…",
      .help = "calibration: net benefit of treating from these probabilities up" },
    { .name = "prior",
      .kind = CLI_TEXT,
      .metavar = "PRIOR",
      .default_text = "normal(2.5)",
      .help = "logistic --variant bayes: prior of the slopes of scaled inputs, as normal(2.5), "
              "cauchy(2.5) or t(7,2.5)" },
    { .name = "prior-intercept",
      .kind = CLI_NUMBER,
      .metavar = "SCALE",
      .default_text = "10",
      .lower = 1e-6,
      .upper = 1e6,
      .help = "bayes: scale of the prior of the log odds at the mean of the inputs" },
    { .name = "scaling",
      .kind = CLI_CHOICE,
      .metavar = "KIND",
      .choices = "gelman|sd|none",
      .default_text = "gelman",
      .help = "bayes: inputs with SD 1/2, two values one apart (gelman); SD 1; as they are" },
    { .name = "draws",
      .kind = CLI_COUNT,
      .metavar = "N",
      .default_text = "1000",
      .lower = 100,
      .upper = 1e6,
      .help = "bayes: draws of each of four chains" },
    { .name = "corr",
      .kind = CLI_CHOICE,
      .metavar = "KIND",
      .choices = "independence|exchangeable|ar1|unstructured",
      .default_text = "exchangeable",
      .help = "gee: working association of a subject's visits" },
    { .name = "variance",
      .kind = CLI_CHOICE,
      .metavar = "KIND",
      .choices = "sandwich|kauermann-carroll|mancl-derouen|fay-graubard",
      .default_text = "kauermann-carroll",
      .help = "gee: sandwich, or its correction for few subjects" },
    { .name = "statistic",
      .kind = CLI_TEXT,
      .metavar = "NAME",
      .default_text = "mean",
      .help = "bootstrap: mean, median, sd, cv, geometric-mean, trimmed-mean, difference, "
              "ratio-of-means, median-difference or correlation" },
    { .name = "lambda",
      .kind = CLI_NUMBER,
      .metavar = "X",
      .lower = 1e-12,
      .upper = 1e12,
      .help = "logistic, ordinal, validate: weight of the penalty (glmnet's scale)" },
    { .name = "alpha",
      .kind = CLI_NUMBER,
      .metavar = "FRACTION",
      .default_text = "0.5",
      .lower = 0,
      .upper = 1,
      .help = "logistic: part of the lasso in elastic-net" },
    { .name = "df",
      .kind = CLI_CHOICE,
      .metavar = "METHOD",
      .choices = "satterthwaite|kr|kr-linear|kr-natural",
      .help = "mmrm: standard errors and df (default: kr-linear; with ml: satterthwaite)" },
    { .name = "estimation",
      .kind = CLI_CHOICE,
      .metavar = "METHOD",
      .choices = "reml|ml",
      .default_text = "reml",
      .help = "mmrm: restricted or full maximum likelihood" },
    { .name = "fallback",
      .kind = CLI_TEXT,
      .metavar = "A,B,…",
      .help = "mmrm: structures to try in this order when one cannot be estimated, as toeph,ar1h" },
    { .name = "weights",
      .kind = CLI_CHOICE,
      .metavar = "KIND",
      .choices = "equal|observed",
      .default_text = "equal",
      .help = "mmrm: what adjusted means average over: levels alike, or as often as they occur" },
    { .name = "scale",
      .kind = CLI_CHOICE,
      .metavar = "SCALE",
      .choices = "log|natural",
      .help = "scale of errors or of the assumed shape (default: log for censored, tobit and "
              "impute-censored, natural for the others)" },
    { .name = "upper",
      .kind = CLI_TEXT,
      .metavar = "COLUMN",
      .help = "censored, tobit: upper end where a value is only known to lie between two; empty "
              "where it was measured" },
    { .name = "visit",
      .kind = CLI_TEXT,
      .metavar = "COLUMN",
      .help = "mi, tipping-point, missing, gee: column of the visits" },
    { .name = "covariates",
      .kind = CLI_TEXT,
      .metavar = "A,B,…",
      .help = "mi, tipping-point: columns of covariates besides --baseline" },
    { .name = "strategy",
      .kind = CLI_CHOICE,
      .metavar = "RULE",
      .choices = "mar|j2r|cr|cir",
      .default_text = "mar",
      .help = "mi, tipping-point: what is assumed after dropout: missing at random, jump to "
              "reference, copy reference, copy increments in reference" },
    { .name = "imputation",
      .kind = CLI_CHOICE,
      .metavar = "KIND",
      .choices = "bayes|bootstrap|conditional-mean",
      .default_text = "bayes",
      .help = "mi, tipping-point: posterior draws, fits to bootstrap samples, or conditional means "
              "with jackknife variance" },
    { .name = "imputations",
      .kind = CLI_COUNT,
      .metavar = "N",
      .lower = 2,
      .upper = 10000,
      .help = "mi, tipping-point: completed sets (default 100); impute-censored: completed samples "
              "(default 20)" },
    { .name = "completed",
      .kind = CLI_FLAG,
      .help = "impute-censored: write the completed samples instead of the pooled means" },
    { .name = "error-ratio",
      .kind = CLI_NUMBER,
      .metavar = "X",
      .lower = 1e-12,
      .upper = 1e12,
      .help = "deming: variance of the errors of y over that of x; declared, never estimated" },
    { .name = "separate",
      .kind = CLI_FLAG,
      .help = "mi, tipping-point: covariance and slopes of each group by themselves" },
    { .name = "structure",
      .kind = CLI_TEXT,
      .metavar = "NAME",
      .default_text = "us",
      .help = "mi, tipping-point: covariance of bootstrap and conditional-mean draws" },
    { .name = "delta",
      .kind = CLI_TEXT,
      .metavar = "SHIFT",
      .help = "mi: added to imputed values after dropout, as 2 (every group but the reference), "
              "'drug=2' or by visit 'drug=0,1,2'" },
    { .name = "cumulative",
      .kind = CLI_FLAG,
      .help = "mi, tipping-point: shifts add up over the visits after dropout" },
    { .name = "ice",
      .kind = CLI_TEXT,
      .metavar = "COLUMN",
      .help = "mi, tipping-point: column with the first visit after the intercurrent event; "
              "default: the first visit after the last value" },
    { .name = "ice-strategy",
      .kind = CLI_TEXT,
      .metavar = "NAME",
      .default_text = "hypothetical",
      .help = "treatment policy, hypothetical, composite or while on treatment (ICH E9(R1))" },
    { .name = "grid",
      .kind = CLI_TEXT,
      .metavar = "LOW:HIGH:STEP",
      .help = "tipping-point: shifts of the groups but the reference" },
    { .name = "grid-reference",
      .kind = CLI_TEXT,
      .metavar = "LOW:HIGH:STEP",
      .help = "tipping-point: shifts of the reference" },
    { .name = "limit",
      .kind = CLI_NUMBER,
      .metavar = "X",
      .lower = -1e12,
      .upper = 1e12,
      .help = "tipping-point: search the shift from 0 to here that changes the conclusion" },
    { .name = "at",
      .kind = CLI_TEXT,
      .metavar = "VALUE",
      .help = "tipping-point: the visit, default the last; deming: X,… to carry over to y's "
              "method" },
    { .name = "bounds",
      .kind = CLI_TEXT,
      .metavar = "LOW,HIGH",
      .help = "equivalence: largest difference either way that does not matter, declared" },
    { .name = "cv-analytical",
      .kind = CLI_NUMBER,
      .metavar = "FRACTION",
      .lower = 0,
      .upper = 10,
      .help = "rcv: coefficient of variation of the assay, as 0.03" },
    { .name = "cv-within",
      .kind = CLI_NUMBER,
      .metavar = "FRACTION",
      .lower = 0,
      .upper = 10,
      .help = "rcv: within-subject biological coefficient of variation" },
    { .name = "error-sd",
      .kind = CLI_NUMBER,
      .metavar = "X",
      .lower = 0,
      .upper = 1e100,
      .help = "change-baseline: SD of the error of one reading, declared" },
    { .name = "error-df",
      .kind = CLI_NUMBER,
      .metavar = "X",
      .lower = 1,
      .upper = 1e9,
      .help = "change-baseline: degrees of freedom behind --error-sd (default: taken as known)" },
    { .name = "windows",
      .kind = CLI_TEXT,
      .metavar = "A-B,C-D",
      .help = "change-correlation: study days of the two changes, as 0-84,0-28" },
    { .name = "variant", .kind = CLI_TEXT, .metavar = "NAME", .help = "variant of the method" },
    { .name = "method",
      .kind = CLI_TEXT,
      .metavar = "NAME",
      .help = "kind of correlation, of pairwise comparison, or of summary of censored values" },
    { .name = "adjust",
      .kind = CLI_TEXT,
      .metavar = "NAME",
      .help = "none, bonferroni, holm, hochberg, hommel, BH or BY (default: holm)" },
    { .name = "interval",
      .kind = CLI_TEXT,
      .metavar = "NAME",
      .help = "kind of interval, where a method has several" },
    { .name = "alternative",
      .kind = CLI_CHOICE,
      .metavar = "SIDE",
      .choices = "two-sided|less|greater",
      .default_text = "two-sided",
      .help = "alternative hypothesis" },
    { .name = "null",
      .kind = CLI_NUMBER,
      .metavar = "X",
      .default_text = "0",
      .help = "value under the null hypothesis" },
    CLI_OPTION_LEVEL,
    { .name = "time",
      .kind = CLI_TEXT,
      .metavar = "COLUMN",
      .help = "survival: column of the time to the event or the last visit" },
    { .name = "status",
      .kind = CLI_TEXT,
      .metavar = "COLUMN",
      .help = "survival: column that says what happened at that time; --event names its value "
              "(default: 1, with 0 for censored)" },
    { .name = "censored",
      .kind = CLI_TEXT,
      .metavar = "VALUE",
      .help = "survival: the value of --status for nothing happened; others compete with --event" },
    { .name = "entry",
      .kind = CLI_TEXT,
      .metavar = "COLUMN",
      .help = "survival: column of the time from which on the row is at risk" },
    { .name = "strata",
      .kind = CLI_TEXT,
      .metavar = "COLUMN",
      .help = "column of strata: each with a hazard of its own (survival), relabelled or drawn "
              "within (permutation, bootstrap)" },
    { .name = "cluster",
      .kind = CLI_TEXT,
      .metavar = "COLUMN",
      .help = "cox: column of subjects or centres, for a robust variance" },
    { .name = "landmark",
      .kind = CLI_NUMBER,
      .metavar = "TIME",
      .help = "survival: only those at risk at this time, counted from it" },
    { .name = "times",
      .kind = CLI_TEXT,
      .metavar = "A,B,…",
      .help = "survival: times to give survival, incidence or AUC at" },
    { .name = "horizon",
      .kind = CLI_NUMBER,
      .metavar = "TIME",
      .help = "survival: mean survival up to this time" },
    { .name = "rho",
      .kind = CLI_NUMBER,
      .metavar = "X",
      .lower = -10,
      .upper = 10,
      .help = "survival: a further test, weighted by the survival to this power" },
    { .name = "ties",
      .kind = CLI_CHOICE,
      .metavar = "METHOD",
      .choices = "efron|breslow",
      .default_text = "efron",
      .help = "cox: several events at one time" },
    { .name = "clock",
      .kind = CLI_CHOICE,
      .metavar = "SCALE",
      .choices = "km|identity|log|rank",
      .default_text = "km",
      .help = "cox: scale of time for the test of proportional hazards" },
    { .name = "controls",
      .kind = CLI_CHOICE,
      .metavar = "WHO",
      .choices = "event-free|not-cases",
      .default_text = "event-free",
      .help = "time-roc: whether those with a competing event are controls" },
    { .name = "measure",
      .kind = CLI_CHOICE,
      .metavar = "KIND",
      .choices = "rr|or|rd|proportion|generic",
      .help =
          "meta: risk ratio, odds ratio, risk difference, proportion, or estimates with errors" },
    { .name = "columns",
      .kind = CLI_TEXT,
      .metavar = "A,B,…",
      .help = "meta: events,n,events_control,n_control; proportion: events,n; generic: "
              "estimate,se; a+b is the sum of two columns" },
    { .name = "study",
      .kind = CLI_TEXT,
      .metavar = "COLUMN",
      .help = "meta: column of the names of the studies" },
    { .name = "knapp-hartung",
      .kind = CLI_FLAG,
      .help = "meta: variance from the spread of the studies, t distribution" },
    CLI_OPTION_SEED,
    CLI_OPTION_FORMAT,
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    { .name = NULL },
};
static const char *const examples[] = {
    "stroma stat t --error sd --by analyte table1.csv",
    "stroma stat t-paired --x before --y after visits.csv",
    "stroma stat fisher --counts 28,24/0,53",
    "stroma stat roc --value ifng --group responder --event yes --direction higher data.csv",
    "stroma stat logistic --formula 'responder ~ ifng' --event yes --variant firth data.csv",
    "stroma stat ordinal --formula 'grade ~ arm' --levels 'grade=none,some,marked' data.csv",
    "stroma stat gee --formula 'grade ~ arm + visit' --subject id --visit visit visits.csv",
    "stroma stat validate --formula 'responder ~ ifng' --event yes --variant firth data.csv",
    "stroma stat mmrm --formula 'chg ~ base + arm * visit + us(visit | id)' visits.csv",
    "stroma stat bootstrap --statistic median --value ifng --interval bca data.csv",
    "stroma stat proportion --events 28 --n 52 --interval wilson",
    "stroma stat survival --time days --status state --event dead --group arm --times 180,365 "
    "data.csv",
    "stroma stat cox --formula 'days ~ arm + age' --status state --event dead data.csv",
    "stroma stat meta --measure proportion --columns responders,n --study trial arms.csv",
    "stroma stat mi --value chg --visit visit --subject id --group arm --baseline base "
    "--strategy j2r visits.csv",
    "stroma stat tobit --formula 'ifng ~ arm + das28' data.csv",
    "stroma stat deming --x old --y new --error-ratio 1 --at 12.5 bridge.csv",
    NULL,
};

static stroma_status find_method(const char *name, const stat_method **out, stroma_error *err)
{
    const char *names[METHODS_MAX];
    size_t n = 0;
    for (*out = stat_methods; (*out)->name != NULL; ++*out) {
        if (strcmp((*out)->name, name) == 0) return STROMA_OK;
        if (n < METHODS_MAX) names[n++] = (*out)->name;
    }
    const char *near = stroma_nearest(name, names, n);
    (void)stroma_fail(err, STROMA_E_USAGE, "no method \"%s\"", name);
    if (near != NULL)
        stroma_hint(err, "did you mean \"%s\"?", near);
    else
        stroma_hint(err, "`stroma stat list` names the methods");
    return STROMA_E_USAGE;
}

static stroma_status list_methods(const cli_context *c, stroma_error *err)
{
    static const char *const names[] = { "method", "needs", "summary" };
    static const cli_cell_type types[] = { CLI_CELL_TEXT, CLI_CELL_TEXT, CLI_CELL_TEXT };
    cli_grid *g = NULL;
    STROMA_TRY(cli_grid_new(c, "stroma.stat_methods/1", names, types, 3, &g, err));
    stroma_status s = STROMA_OK;
    for (const stat_method *m = stat_methods; s == STROMA_OK && m->name != NULL; m++) {
        const char *const cells[] = { m->name, m->needs, m->summary };
        s = cli_grid_row(g, cells, err);
    }
    return cli_grid_end(g, s, err);
}

/* Once for the whole file, or once for each level of --by in order of first appearance. */
static stroma_status run_levels(stat_job *j, const stat_method *m, stroma_error *err)
{
    const size_t all = j->table == NULL ? 0 : j->table->rows_len;
    j->rows = stat_alloc(j, all, sizeof *j->rows, err);
    bool *done = stat_alloc(j, all, sizeof *done, err);
    if (j->rows == NULL || done == NULL) return STROMA_E_NOMEM;
    for (size_t i = 0; i < all; i++)
        j->rows[j->rows_len++] = i;
    if (j->table == NULL || !cli_given(j->cli, "by")) return m->run(j, err);
    size_t by = 0;
    STROMA_TRY(stat_column(j, "by", &by, err));
    for (size_t first = 0; first < all; first++) {
        char buf[64], other[64];
        if (done[first] || stroma_table_state(j->table, by, first) != STROMA_PRESENT) continue;
        j->by = stroma_arena_strdup(&j->arena, stroma_table_cell_text(j->table, by, first, buf));
        if (j->by == NULL) return stroma_no_memory(err);
        j->rows_len = 0;
        j->excluded = (stat_excluded){ 0 };
        for (size_t i = first; i < all; i++) {
            if (done[i] || stroma_table_state(j->table, by, i) != STROMA_PRESENT ||
                strcmp(stroma_table_cell_text(j->table, by, i, other), j->by) != 0)
                continue;
            done[i] = true;
            j->rows[j->rows_len++] = i;
        }
        const stroma_status s = m->run(j, err);
        if (s != STROMA_OK) return stroma_in(err, s, "%s \"%s\"", cli_text(j->cli, "by"), j->by);
    }
    return STROMA_OK;
}

static stroma_status read_file(const cli_context *c, const char *path, stroma_table **table,
                               stroma_error *err)
{
    stroma_table_read_options o = STROMA_TABLE_READ_OPTIONS_INIT;
    const char *const *given = NULL;
    const size_t n = cli_texts(c, "missing", &given);
    const char **missing = stroma_alloc_array(n + 1, sizeof *missing);
    if (missing == NULL) return stroma_no_memory(err);
    missing[0] = "NA";
    for (size_t i = 0; i < n; i++)
        missing[i + 1] = given[i];
    o.missing = missing;
    o.missing_len = n + 1;
    o.threads = cli_threads(c);
    stroma_diag d;
    stroma_diag_init(&d);
    const stroma_status s = stroma_table_read(path, &o, table, &d, err);
    cli_print_findings(c, &d);
    stroma_diag_clear(&d);
    stroma_free(missing);
    return s;
}

/* What the method said, unless a numeric column was not one. */
static stroma_status numbers_only(const stat_job *j, stroma_status s, stroma_error *err)
{
    if (j->not_number == NULL || s == STROMA_E_NOMEM || s == STROMA_E_INTERNAL) return s;
    if (err != NULL) *err = (stroma_error)STROMA_ERROR_INIT;
    (void)stroma_fail(err, STROMA_E_MALFORMED, "%s", j->not_number);
    stroma_hint(err, "correct the cell, or say that it means missing: --missing TEXT");
    return STROMA_E_MALFORMED;
}

stroma_status stat_run_file(const cli_context *c, const char *path,
                            stroma_status (*answer)(stat_job *j, stroma_error *err),
                            stroma_error *err)
{
    stroma_table *table = NULL;
    STROMA_TRY(read_file(c, path, &table, err));
    stat_job j = { .cli = c, .table = table, .level = cli_number(c, "level", 0.95) };
    stroma_arena_init(&j.arena, ARENA_BYTES_MAX);
    j.rows = stat_alloc(&j, table->rows_len, sizeof *j.rows, err);
    stroma_status s = j.rows == NULL ? STROMA_E_NOMEM : STROMA_OK;
    for (; s == STROMA_OK && j.rows_len < table->rows_len; j.rows_len++)
        j.rows[j.rows_len] = j.rows_len;
    if (s == STROMA_OK) s = numbers_only(&j, answer(&j, err), err);
    if (s == STROMA_OK) s = stat_write(&j, err);
    stroma_free(j.results);
    stroma_arena_clear(&j.arena);
    stroma_table_free(table);
    return s;
}

static stroma_status run(cli_context *c, stroma_error *err)
{
    const char *const *args = NULL;
    const stat_method *m = NULL;
    const size_t n = cli_args(c, &args);
    if (strcmp(args[0], "list") == 0 && n == 1) return list_methods(c, err);
    STROMA_TRY(find_method(args[0], &m, err));
    if (n == 1 && !cli_given(c, "counts") && !cli_given(c, "events") &&
        !cli_given(c, "cv-within")) {
        (void)stroma_fail(err, STROMA_E_USAGE, "method \"%s\" needs a file", m->name);
        stroma_hint(err, "stroma stat %s %s FILE.csv", m->name, m->needs);
        return STROMA_E_USAGE;
    }
    stroma_table *table = NULL;
    if (n == 2) STROMA_TRY(read_file(c, args[1], &table, err));
    const char *side = cli_text(c, "alternative");
    stat_job j = { .cli = c, .table = table, .level = cli_number(c, "level", 0.95) };
    j.alternative = strcmp(side, "less") == 0      ? STROMA_LESS
                    : strcmp(side, "greater") == 0 ? STROMA_GREATER
                                                   : STROMA_TWO_SIDED;
    stroma_arena_init(&j.arena, ARENA_BYTES_MAX);
    stroma_status s = numbers_only(&j, run_levels(&j, m, err), err);
    if (s == STROMA_OK) s = stat_refuse_unread(&j, m->name, err);
    if (s == STROMA_OK) s = stat_write(&j, err);
    if (s == STROMA_OK) stat_say_beyond_limit(&j);
    stroma_free(j.results);
    stroma_arena_clear(&j.arena);
    stroma_table_free(table);
    return s;
}

const cli_command cli_cmd_stat = {
    .noun = "stat",
    .summary = "one statistical method on one table",
    .usage = "METHOD [FILE]",
    .min_args = 1,
    .max_args = 2,
    .description =
        "`stroma stat list` names the methods and the options each needs. FILE is CSV, "
        "TSV, SAS, SPSS or Stata, - is standard input. Rows with a missing cell are left "
        "out, counted and named. JSON is an array of results; a quantity that cannot be "
        "computed is null, with its reason in states{}.",
    .options = options,
    .examples = examples,
    .run = run,
};
