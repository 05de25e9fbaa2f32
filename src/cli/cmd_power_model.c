/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma power model: how many subjects a prediction model needs, and what n subjects support. */
#include "power_options.h"

#include "stroma/models_riley.h"
#include "stroma/number.h"

#include <math.h>
#include <string.h>

typedef struct model_job {
    const cli_context *cli;
    cli_grid *grid;
    bool pretty;
    size_t parameters;
    double prevalence, r2;
    stroma_riley_targets targets;
} model_job;

/* NaN and 0 sizes are empty cells. */
static stroma_status put(const model_job *j, const char *criterion, double target, size_t n,
                         double value, stroma_error *err)
{
    char t[3][STROMA_NUMBER_TEXT_MAX];
    const char *const cells[] = { criterion,
                                  isnan(target) ? NULL : stroma_format_double(target, t[0]),
                                  n == 0 ? NULL : stroma_format_double((double)n, t[1]),
                                  isnan(value) ? NULL
                                  : j->pretty  ? stroma_format_significant(value, 4, t[2])
                                               : stroma_format_double(value, t[2]) };
    return cli_grid_row(j->grid, cells, err);
}

static stroma_status missing(const char *option, const char *hint, stroma_error *err)
{
    (void)stroma_fail(err, STROMA_E_USAGE, "option --%s is missing", option);
    stroma_hint(err, "%s", hint);
    return STROMA_E_USAGE;
}

static double target(double given, double otherwise)
{
    return given == 0 ? otherwise : given;
}

static stroma_status put_sizes(const model_job *j, const stroma_riley *r, const char *third,
                               double third_target, stroma_error *err)
{
    const double none = (double)NAN;
    const stroma_riley_targets *t = &j->targets;
    STROMA_TRY(put(j, "R² Cox-Snell", none, 0, r->r2_cs, err));
    STROMA_TRY(put(j, "R² Nagelkerke", none, 0, r->r2_nagelkerke, err));
    STROMA_TRY(put(j, "shrinkage", target(t->shrinkage, 0.9), r->n_shrinkage, none, err));
    STROMA_TRY(put(j, "optimism of R²", target(t->optimism, 0.05), r->n_optimism,
                   r->optimism_shrinkage, err));
    STROMA_TRY(put(j, third, third_target, r->n_risk, none, err));
    if (r->n_mean > 0)
        STROMA_TRY(put(j, "overall mean", target(t->residual_margin, 1.1), r->n_mean, none, err));
    if (r->n_error > 0)
        STROMA_TRY(put(j, "mean error of the risks (not in the minimum)",
                       target(t->prediction_error, 0.05), r->n_error, none, err));
    STROMA_TRY(put(j, "minimum", none, r->n, none, err));
    if (!isnan(r->events)) STROMA_TRY(put(j, "events at the minimum", none, 0, r->events, err));
    return put(j, isnan(r->events) ? "subjects per parameter" : "events per parameter", none, 0,
               r->events_per_parameter, err);
}

/* R² from --r2, --nagelkerke or --auc. */
static stroma_status read_r2(model_job *j, double r2_max, bool binary, stroma_error *err)
{
    const cli_context *c = j->cli;
    const int given = cli_given(c, "r2") + cli_given(c, "nagelkerke") + cli_given(c, "auc");
    if (given != 1 || (cli_given(c, "auc") && !binary)) {
        (void)stroma_fail(err, STROMA_E_USAGE,
                          "give one of --r2, --nagelkerke and --auc (the last "
                          "for a yes/no outcome)");
        stroma_hint(err, "what an earlier model reached, after correction for optimism; without "
                         "one, --nagelkerke 0.15");
        return STROMA_E_USAGE;
    }
    j->r2 = cli_number(c, "r2", 0);
    if (cli_given(c, "nagelkerke")) j->r2 = cli_number(c, "nagelkerke", 0) * r2_max;
    if (cli_given(c, "auc"))
        j->r2 = stroma_riley_r2_from_auc(cli_number(c, "auc", 0), j->prevalence);
    return STROMA_OK;
}

static stroma_status supports(const model_job *j, stroma_error *err)
{
    stroma_riley_support s;
    const double none = (double)NAN;
    const stroma_riley_targets *t = &j->targets;
    const size_t n = (size_t)cli_count(j->cli, "n", 0);
    const size_t events = cli_given(j->cli, "events-seen")
                              ? (size_t)cli_count(j->cli, "events-seen", 0)
                              : (size_t)round(j->prevalence * (double)n);
    STROMA_TRY(stroma_riley_supports(n, events, j->r2, t, &s, err));
    STROMA_TRY(put(j, "parameters supported: shrinkage", target(t->shrinkage, 0.9), n,
                   (double)s.by_shrinkage, err));
    STROMA_TRY(put(j, "parameters supported: optimism", target(t->optimism, 0.05), n,
                   (double)s.by_optimism, err));
    STROMA_TRY(put(j, "parameters supported", none, n, (double)s.parameters, err));
    STROMA_TRY(
        put(j, "overall risk known within", target(t->risk_margin, 0.05), n, s.risk_margin, err));
    return put(j, "shrinkage to expect", none, n, stroma_riley_shrinkage(j->parameters, n, j->r2),
               err);
}

static stroma_status binary(model_job *j, stroma_error *err)
{
    stroma_riley r;
    if (!cli_given(j->cli, "prevalence"))
        return missing("prevalence", "share of subjects with the event, as 0.54", err);
    j->prevalence = cli_number(j->cli, "prevalence", 0);
    STROMA_TRY(read_r2(j, stroma_riley_r2_max(j->prevalence), true, err));
    STROMA_TRY(stroma_riley_binary(j->parameters, j->prevalence, j->r2, &j->targets, &r, err));
    STROMA_TRY(put_sizes(j, &r, "overall risk", target(j->targets.risk_margin, 0.05), err));
    return cli_given(j->cli, "n") ? supports(j, err) : STROMA_OK;
}

static stroma_status continuous(model_job *j, stroma_error *err)
{
    stroma_riley r;
    STROMA_TRY(read_r2(j, 1, false, err));
    STROMA_TRY(stroma_riley_continuous(j->parameters, j->r2, cli_number(j->cli, "mean", 0),
                                       cli_number(j->cli, "sd", 0), &j->targets, &r, err));
    return put_sizes(j, &r, "residual SD", target(j->targets.residual_margin, 1.1), err);
}

static stroma_status survival(model_job *j, stroma_error *err)
{
    static const char *const needed[] = { "rate", "horizon", "mean-follow-up" };
    stroma_riley r;
    for (size_t i = 0; i < 3; i++)
        if (!cli_given(j->cli, needed[i]))
            return missing(needed[i], "rate, horizon and mean follow-up in one unit of time", err);
    const stroma_riley_times t = { cli_number(j->cli, "rate", 0), cli_number(j->cli, "horizon", 0),
                                   cli_number(j->cli, "mean-follow-up", 0) };
    const double events = t.rate * t.mean_follow_up;
    STROMA_TRY(read_r2(j, -expm1(2 * events * (log(events) - 1)), false, err));
    STROMA_TRY(stroma_riley_survival(j->parameters, j->r2, &t, &j->targets, &r, err));
    return put_sizes(j, &r, "overall risk", target(j->targets.risk_margin, 0.05), err);
}

static stroma_status validation(model_job *j, stroma_error *err)
{
    stroma_riley_validation v;
    const double none = (double)NAN;
    if (!cli_given(j->cli, "prevalence") || !cli_given(j->cli, "auc"))
        return missing(cli_given(j->cli, "auc") ? "prevalence" : "auc",
                       "--validate needs the --prevalence and the --auc that are expected", err);
    STROMA_TRY(stroma_riley_validate(cli_number(j->cli, "prevalence", 0),
                                     cli_number(j->cli, "auc", 0),
                                     cli_number(j->cli, "threshold", NAN), NULL, &v, err));
    STROMA_TRY(put(j, "width of observed/expected", 0.2, v.n_oe, none, err));
    STROMA_TRY(put(j, "width of the calibration slope", 0.2, v.n_slope, none, err));
    STROMA_TRY(put(j, "width of the AUC", 0.1, v.n_auc, none, err));
    if (v.n_net_benefit > 0)
        STROMA_TRY(
            put(j, "width of the standardised net benefit", 0.2, v.n_net_benefit, none, err));
    STROMA_TRY(put(j, "minimum", none, v.n, none, err));
    return put(j, "events at the minimum", none, 0, v.events, err);
}

static stroma_status run(cli_context *c, stroma_error *err)
{
    static const char *const names[] = { "criterion", "target", "n", "value" };
    static const cli_cell_type types[] = { CLI_CELL_TEXT, CLI_CELL_NUMBER, CLI_CELL_NUMBER,
                                           CLI_CELL_NUMBER };
    model_job j = { .cli = c, .targets = STROMA_RILEY_TARGETS_INIT };
    const char *outcome = cli_text(c, "outcome");
    j.pretty = strcmp(cli_format(c), "table") == 0;
    j.parameters = (size_t)cli_count(c, "parameters", 0);
    j.targets.shrinkage = cli_number(c, "shrinkage", 0.9);
    j.targets.risk_margin = cli_number(c, "risk-margin", 0.05);
    if (!cli_given(c, "parameters") && !cli_given(c, "validate"))
        return missing("parameters", "count every coefficient that is a candidate", err);
    STROMA_TRY(cli_grid_new(c, "stroma.prediction_model_size/1", names, types, 4, &j.grid, err));
    const stroma_status s = cli_given(c, "validate")             ? validation(&j, err)
                            : strcmp(outcome, "continuous") == 0 ? continuous(&j, err)
                            : strcmp(outcome, "survival") == 0   ? survival(&j, err)
                                                                 : binary(&j, err);
    return cli_grid_end(j.grid, s, err);
}

static const cli_option options[] = {
    { .name = "outcome",
      .kind = CLI_CHOICE,
      .metavar = "KIND",
      .choices = "binary|continuous|survival",
      .default_text = "binary",
      .help = "what is predicted" },
    { .name = "parameters",
      .kind = CLI_COUNT,
      .metavar = "P",
      .lower = 1,
      .upper = 1e6,
      .help = "candidate coefficients, those that are dropped too" },
    POWER_FRACTION("prevalence", "share of subjects with the event"),
    POWER_FRACTION("r2", "anticipated R²: Cox-Snell, adjusted for optimism (continuous: R²)"),
    POWER_FRACTION("nagelkerke", "the same as a share of its largest possible value"),
    { .name = "auc",
      .kind = CLI_NUMBER,
      .metavar = "FRACTION",
      .lower = 0.5,
      .upper = 0.999999,
      .help = "anticipated area under the ROC curve, instead of R²" },
    { .name = "n",
      .kind = CLI_COUNT,
      .metavar = "N",
      .lower = 2,
      .upper = 1e8,
      .help = "subjects at hand: gives the parameters that they support" },
    { .name = "events-seen",
      .kind = CLI_COUNT,
      .metavar = "N",
      .upper = 1e8,
      .help = "of --n subjects (default: as --prevalence has)" },
    POWER_FRACTION("shrinkage", "least shrinkage (default 0.9)"),
    POWER_FRACTION("risk-margin", "margin of the overall risk (default 0.05)"),
    POWER_NUMBER("mean", "X", "continuous: mean of the outcome, with --sd (default: not asked)"),
    POWER_NUMBER("sd", "X", "continuous: its standard deviation"),
    POWER_NUMBER("rate", "X", "survival: events a subject and unit of time"),
    POWER_NUMBER("horizon", "T", "survival: time for which risks are predicted"),
    POWER_NUMBER("mean-follow-up", "T", "survival: mean follow-up"),
    { .name = "validate",
      .kind = CLI_FLAG,
      .help = "sizes to validate a model with this --auc in other patients" },
    POWER_FRACTION("threshold", "validate: risk above which one is treated, for the net benefit"),
    CLI_OPTION_FORMAT,
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    { .name = NULL },
};
static const char *const examples[] = {
    "stroma power model --parameters 7 --prevalence 0.54 --r2 0.2 --n 52",
    "stroma power model --parameters 3 --prevalence 0.3 --auc 0.75",
    "stroma power model --validate --prevalence 0.3 --auc 0.75 --threshold 0.2",
    NULL,
};

const cli_command cli_cmd_power_model = {
    .noun = "power",
    .verb = "model",
    .summary = "size of a prediction model (Riley's criteria)",
    .description =
        "Subjects that a prediction model with --parameters needs, by criterion, and with --n how "
        "many parameters these subjects support. A parameter is a coefficient that was looked at, "
        "not only one that was kept.",
    .options = options,
    .examples = examples,
    .run = run,
};
