/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma model validate, recalibrate, update: a model meets further patients. */
#include "model_cohort.h"

#include "stroma/file.h"
#include "stroma/number.h"

#include <math.h>

enum { COLUMNS = 6 };

typedef struct revise_job {
    cli_context *c;
    stroma_model *m;
    model_cohort k;
} revise_job;

static stroma_status revise_open(revise_job *j, stroma_error *err)
{
    const char *const *args = NULL;
    (void)cli_args(j->c, &args);
    STROMA_TRY(stroma_model_read_file(args[0], &j->m, err));
    return model_cohort_read(j->c, j->m, args[1], &j->k, err);
}

static void revise_close(revise_job *j)
{
    model_cohort_free(&j->k);
    stroma_model_free(j->m);
}

static const char *number(double x, char *buf)
{
    return isfinite(x) ? stroma_format_significant(x, 6, buf) : NULL;
}

/* measure, at, value, lower, upper, note */
static stroma_status put(cli_grid *g, const char *what, double at, const stroma_model_figure *f,
                         const char *note, stroma_error *err)
{
    char x[4][STROMA_NUMBER_TEXT_MAX];
    const char *const cells[COLUMNS] = { what,
                                         number(at, x[0]),
                                         number(f->value, x[1]),
                                         number(f->lower, x[2]),
                                         number(f->upper, x[3]),
                                         note != NULL && note[0] != '\0' ? note : NULL };
    return cli_grid_row(g, cells, err);
}

static stroma_status put_curves(cli_grid *g, const stroma_model_performance *o, stroma_error *err)
{
    for (size_t k = 0; k < o->curve_len; k++) {
        const stroma_model_figure f = { o->curve_observed[k], o->curve_lower[k],
                                        o->curve_upper[k] };
        STROMA_TRY(put(g, "calibration_curve", o->curve_predicted[k], &f, NULL, err));
    }
    for (size_t k = 0; k < o->net_benefit_len; k++) {
        const stroma_model_figure f = { o->net_benefit[k], NAN, NAN },
                                  all = { o->net_benefit_all[k], NAN, NAN };
        STROMA_TRY(put(g, "net_benefit", o->threshold[k], &f, NULL, err));
        STROMA_TRY(put(g, "net_benefit_all", o->threshold[k], &all, NULL, err));
    }
    return STROMA_OK;
}

static stroma_status put_check(cli_grid *g, const stroma_revision *r, stroma_error *err)
{
    const stroma_model_performance *o = &r->performance;
    const stroma_model_figure none = { NAN, NAN, NAN };
    const struct {
        const char *name;
        stroma_model_figure figure;
        const char *note;
    } lines[] = {
        { "n", { (double)o->n, NAN, NAN }, NULL },
        { "events", { (double)o->events, NAN, NAN }, NULL },
        { "auc", o->auc, NULL },
        { "brier", o->brier, NULL },
        { "scaled_brier", { o->scaled_brier, NAN, NAN }, NULL },
        { "calibration_in_the_large", o->intercept, NULL },
        { "calibration_slope", o->slope, o->reason },
        { "observed_expected", o->observed_expected, NULL },
        { "log_odds_mean_training", { r->training_mean, NAN, NAN }, NULL },
        { "log_odds_sd_training", { r->training_sd, NAN, NAN }, NULL },
        { "log_odds_mean_cohort", { r->cohort_mean, NAN, NAN }, NULL },
        { "log_odds_sd_cohort", { r->cohort_sd, NAN, NAN }, NULL },
        { "membership_auc", r->membership, NULL },
        { "advice", none, stroma_advice_text(r->advice) },
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        STROMA_TRY(put(g, lines[i].name, NAN, &lines[i].figure, lines[i].note, err));
    return put_curves(g, o, err);
}

static stroma_status record(revise_job *j, const stroma_revision *r, const char *path,
                            stroma_error *err)
{
    stroma_buffer b;
    STROMA_TRY(stroma_model_add_validation(j->m, &j->k.cohort, r, err));
    stroma_buffer_init(&b, STROMA_MODEL_FILE_BYTES_MAX);
    stroma_status s = stroma_model_write(j->m, &b, err);
    if (s == STROMA_OK) s = stroma_file_write(path, b.data, b.len, cli_given(j->c, "force"), err);
    stroma_buffer_clear(&b);
    return s;
}

static stroma_status validate(revise_job *j, stroma_error *err)
{
    static const char *const names[COLUMNS] = {
        "measure", "at", "value", "lower", "upper", "note"
    };
    static const cli_cell_type types[COLUMNS] = { CLI_CELL_TEXT,   CLI_CELL_NUMBER, CLI_CELL_NUMBER,
                                                  CLI_CELL_NUMBER, CLI_CELL_NUMBER, CLI_CELL_TEXT };
    stroma_revision r;
    cli_grid *g = NULL;
    STROMA_TRY(revise_open(j, err));
    STROMA_TRY(stroma_model_check(j->m, &j->k.cohort, cli_number(j->c, "level", 0.95), &r, err));
    if (cli_given(j->c, "record")) STROMA_TRY(record(j, &r, cli_text(j->c, "record"), err));
    STROMA_TRY(cli_grid_new(j->c, "stroma.model_check/1", names, types, COLUMNS, &g, err));
    const stroma_status s = put_check(g, &r, err);
    STROMA_TRY(cli_grid_end(g, s, err));
    cli_say(j->c, "%s", stroma_advice_text(r.advice));
    return STROMA_OK;
}

static stroma_status run_validate(cli_context *c, stroma_error *err)
{
    revise_job j = { .c = c };
    const stroma_status s = validate(&j, err);
    revise_close(&j);
    return s;
}

static stroma_status run_recalibrate(cli_context *c, stroma_error *err)
{
    revise_job j = { .c = c };
    const bool slope = cli_given(c, "slope");
    stroma_status s = revise_open(&j, err);
    if (s == STROMA_OK) s = stroma_model_recalibrate(j.m, &j.k.cohort, slope, err);
    if (s == STROMA_OK) s = model_emit(c, j.m, err);
    if (s == STROMA_OK) cli_say(c, "version %u: %s", (unsigned)j.m->version, j.m->change);
    revise_close(&j);
    return s;
}

static stroma_status run_update(cli_context *c, stroma_error *err)
{
    revise_job j = { .c = c };
    stroma_status s = revise_open(&j, err);
    if (s == STROMA_OK) s = stroma_model_update(j.m, &j.k.cohort, err);
    if (s == STROMA_OK) s = model_emit(c, j.m, err);
    if (s == STROMA_OK) cli_say(c, "version %u: %s", (unsigned)j.m->version, j.m->change);
    revise_close(&j);
    return s;
}

static const cli_option validate_options[] = {
    MODEL_COHORT_OPTIONS,
    { .name = "level",
      .kind = CLI_NUMBER,
      .metavar = "FRACTION",
      .default_text = "0.95",
      .lower = 0.501,
      .upper = 0.9999,
      .help = "level of intervals as a fraction" },
    { .name = "record",
      .kind = CLI_PATH,
      .metavar = "FILE",
      .help = "write the model with this check on record" },
    CLI_OPTION_FORMAT,
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    { .name = NULL },
};
static const cli_option recalibrate_options[] = {
    MODEL_COHORT_OPTIONS,
    { .name = "slope", .kind = CLI_FLAG, .help = "the slope as well, not the intercept alone" },
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    { .name = NULL },
};
static const cli_option update_options[] = {
    MODEL_COHORT_OPTIONS, CLI_OPTION_OUTPUT, CLI_OPTION_FORCE, { .name = NULL }
};
static const char *const validate_examples[] = {
    "stroma model validate model.json second-cohort.csv",
    "stroma model validate model.json second-cohort.csv --record checked.json", NULL
};
static const char *const recalibrate_examples[] = {
    "stroma model recalibrate model.json second-cohort.csv -o model-2.json",
    "stroma model recalibrate model.json second-cohort.csv --slope -o model-2.json", NULL
};
static const char *const update_examples[] = {
    "stroma model update model.json new-patients.csv -o model-2.json",
    "stroma model validate model-2.json next-patients.csv", NULL
};

const cli_command cli_cmd_model_validate = {
    .noun = "model",
    .verb = "validate",
    .summary = "check a model on other patients",
    .usage = "MODEL.json FILE",
    .min_args = 2,
    .max_args = 2,
    .description =
        "AUC, Brier score, calibration in the large, slope and curve, observed over expected, "
        "decision curve, how different the patients are from those in training, and what to do, by "
        "rule. The training file itself is refused. --record writes the model with the check in "
        "it; "
        "the file it was read from becomes its parent.",
    .options = validate_options,
    .examples = validate_examples,
    .run = run_validate,
};
const cli_command cli_cmd_model_recalibrate = {
    .noun = "model",
    .verb = "recalibrate",
    .summary = "fit the probabilities to other patients, as a new version",
    .usage = "MODEL.json FILE",
    .min_args = 2,
    .max_args = 2,
    .description = "The log odds become a + b times those of the model, b = 1 unless --slope. The "
                   "new version names its parent by hash. It has not been checked until other "
                   "patients have checked it.",
    .options = recalibrate_options,
    .examples = recalibrate_examples,
    .run = run_recalibrate,
};
const cli_command cli_cmd_model_update = {
    .noun = "model",
    .verb = "update",
    .summary = "let a model learn from further patients, as a new version",
    .usage = "MODEL.json FILE",
    .min_args = 2,
    .max_args = 2,
    .description =
        "Before it learns from the patients it is checked on them, and that is put on record. Its "
        "coefficients and their covariance are the prior, the new patients the data; nobody's data "
        "but theirs are needed. For methods firth and bayes.",
    .options = update_options,
    .examples = update_examples,
    .run = run_update,
};
