/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma biomarker noise`: responder rates from published numbers, without a patient's data. */
#include "biomarker_rates.h"

#include "stroma/memory.h"

#include <math.h>

enum { ARENA_BYTES_MAX = 1 << 24 };
static const char nobody[] = "nobody changes";
static const char regression[] = "nobody changes, regression to the mean";
static const char alike[] = "all change alike";

typedef struct question {
    double error, baseline_mean, baseline_sd, mean_change, sd_change, drop;
    size_t controls;
    bool common, rule;
} question;

static stroma_status read_question(const cli_context *c, question *q, stroma_error *err)
{
    *q = (question){ .error = cli_number(c, "measurement-sd", 0),
                     .baseline_mean = cli_number(c, "baseline-mean", NAN),
                     .baseline_sd = cli_number(c, "baseline-sd", NAN),
                     .mean_change = cli_number(c, "mean-change", NAN),
                     .sd_change = cli_number(c, "sd-change", NAN),
                     .drop = cli_number(c, "drop", 0),
                     .controls = (size_t)cli_count(c, "controls", 0),
                     .rule = cli_given(c, "rule") };
    q->common = !isnan(q->mean_change);
    if (!(q->error > 0) && isnan(q->sd_change))
        return stroma_fail(err, STROMA_E_USAGE, "option --measurement-sd is missing");
    if (!(q->drop > 0) && !q->rule)
        return stroma_fail(err, STROMA_E_USAGE,
                           "neither --drop nor --rule says what a response is");
    if (q->rule && (isnan(q->baseline_mean) || isnan(q->baseline_sd))) {
        (void)stroma_fail(err, STROMA_E_USAGE, "--rule needs --baseline-mean and --baseline-sd");
        stroma_hint(err, "the response depends on where a patient starts");
        return STROMA_E_USAGE;
    }
    if (q->common && isnan(q->sd_change)) q->sd_change = sqrt(2) * q->error;
    return STROMA_OK;
}

static stroma_status by_drop(stat_job *j, const question *q, stroma_error *err)
{
    stroma_noise_rate r = { NAN, 0, NAN, NAN, 0, 0 };
    const char *label = stroma_arena_printf(&j->arena, "fall of more than %g", q->drop);
    if (label == NULL) return stroma_no_memory(err);
    r.rate = stroma_responder_rate(0, sqrt(2) * q->error, q->drop);
    STROMA_TRY(biomarker_put_rate(j, &r, nobody, label, err));
    if (q->controls > 0)
        STROMA_TRY(biomarker_put_none(j, stroma_no_responder(r.rate, q->controls), label, err));
    r.rate = stroma_responder_rate(q->mean_change, q->sd_change, q->drop);
    return q->common ? biomarker_put_rate(j, &r, alike, label, err) : STROMA_OK;
}

static const char eular[] = "EULAR good or moderate";

static stroma_status put_model(stat_job *j, const stroma_noise_model *m, const char *variant,
                               stroma_noise_rate *r, stroma_error *err)
{
    STROMA_TRY(stroma_noise_responders(m, stroma_response_eular, NULL, r, err));
    return biomarker_put_rate(j, r, variant, eular, err);
}

/* Nobody changes. */
static stroma_status error_alone(stat_job *j, const question *q, stroma_noise_model m,
                                 stroma_error *err)
{
    stroma_noise_rate r;
    m.sd_change = sqrt(2) * q->error;
    STROMA_TRY(put_model(j, &m, nobody, &r, err));
    if (q->controls > 0)
        STROMA_TRY(biomarker_put_none(j, stroma_no_responder(r.rate, q->controls), eular, err));
    m.error_sd = q->error;
    return q->baseline_sd >= q->error ? put_model(j, &m, regression, &r, err) : STROMA_OK;
}

static stroma_status by_rule(stat_job *j, const question *q, stroma_error *err)
{
    stroma_noise_model m = STROMA_NOISE_MODEL_INIT;
    stroma_noise_rate r;
    m.baseline_mean = q->baseline_mean;
    m.baseline_sd = q->baseline_sd;
    m.draws = (size_t)cli_count(j->cli, "draws", 200000);
    m.seed = (uint64_t)cli_count(j->cli, "seed", 1);
    if (q->error > 0) STROMA_TRY(error_alone(j, q, m, err));
    m.mean_change = q->mean_change;
    m.sd_change = q->sd_change;
    return q->common ? put_model(j, &m, alike, &r, err) : STROMA_OK;
}

static stroma_status run(cli_context *c, stroma_error *err)
{
    question q;
    STROMA_TRY(read_question(c, &q, err));
    stat_job j = { .cli = c };
    stroma_arena_init(&j.arena, ARENA_BYTES_MAX);
    stroma_status s = q.drop > 0 ? by_drop(&j, &q, err) : STROMA_OK;
    if (s == STROMA_OK && q.rule) s = by_rule(&j, &q, err);
    if (s == STROMA_OK) s = stat_write(&j, err);
    stroma_free(j.results);
    stroma_arena_clear(&j.arena);
    return s;
}

static const cli_option options[] = {
    { .name = "measurement-sd",
      .kind = CLI_NUMBER,
      .metavar = "SD",
      .lower = 1e-12,
      .upper = 1e12,
      .help = "error of one measurement (DAS28: 0.68)" },
    { .name = "drop",
      .kind = CLI_NUMBER,
      .metavar = "X",
      .lower = 1e-12,
      .upper = 1e12,
      .help = "a fall of more than this counts as a response" },
    { .name = "rule",
      .kind = CLI_CHOICE,
      .metavar = "NAME",
      .choices = "eular",
      .help = "response rule on baseline and follow-up: EULAR good or moderate" },
    { .name = "baseline-mean",
      .kind = CLI_NUMBER,
      .metavar = "X",
      .help = "mean of the baseline, for --rule" },
    { .name = "baseline-sd",
      .kind = CLI_NUMBER,
      .metavar = "SD",
      .lower = 1e-12,
      .upper = 1e12,
      .help = "SD of the baseline, for --rule" },
    { .name = "mean-change",
      .kind = CLI_NUMBER,
      .metavar = "X",
      .help = "mean change (after - before): also the rate if all patients changed alike" },
    { .name = "sd-change",
      .kind = CLI_NUMBER,
      .metavar = "SD",
      .lower = 1e-12,
      .upper = 1e12,
      .help = "SD of that change (default: measurement error alone)" },
    { .name = "controls",
      .kind = CLI_COUNT,
      .metavar = "N",
      .upper = 1e9,
      .help = "also the chance that none of N patients responds by error alone" },
    { .name = "draws",
      .kind = CLI_COUNT,
      .metavar = "N",
      .default_text = "200000",
      .lower = 1000,
      .upper = 1e9,
      .help = "simulated patients, for --rule" },
    CLI_OPTION_SEED,
    CLI_OPTION_FORMAT,
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    { .name = NULL },
};
static const char *const examples[] = {
    "stroma biomarker noise --measurement-sd 0.68 --rule eular --baseline-mean 6 --baseline-sd 0.8",
    "stroma biomarker noise --measurement-sd 0.68 --drop 1.2 --controls 53",
    NULL,
};

const cli_command cli_cmd_biomarker_noise = {
    .noun = "biomarker",
    .verb = "noise",
    .summary = "how many responders measurement error alone makes",
    .usage = "",
    .description =
        "From published numbers, without a patient's data: the share of responders when nobody "
        "changes and only the error of two measurements moves the score, and when all patients "
        "change alike. With a file of patients use `stroma biomarker heterogeneity`.",
    .options = options,
    .examples = examples,
    .run = run,
};
