/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma biomarker heterogeneity`: are there responders at all? */
#include "biomarker_rates.h"
#include "stat_members.h"

#include "stroma/biomarker_heterogeneity.h"

#include <math.h>
#include <string.h>

enum { TEXT_BYTES_MAX = 1 << 16, ARMS = 2 };

/* One row a subject. */
typedef struct rows {
    size_t value, followup, baseline, group; /* columns; SIZE_MAX: not given */
    const char *arm_name[ARMS];
    stroma_change_arm arm[ARMS]; /* treated, control */
    size_t arms;
    stroma_replicates replicates;
    bool replicated;
} rows;

static stroma_status optional_column(const stat_job *j, const char *option, size_t *column,
                                     stroma_error *err)
{
    *column = SIZE_MAX;
    return cli_given(j->cli, option) ? stat_column(j, option, column, err) : STROMA_OK;
}

static stroma_status find_columns(const stat_job *j, rows *r, stroma_error *err)
{
    STROMA_TRY(optional_column(j, "value", &r->value, err));
    STROMA_TRY(optional_column(j, "followup", &r->followup, err));
    STROMA_TRY(optional_column(j, "baseline", &r->baseline, err));
    STROMA_TRY(optional_column(j, "group", &r->group, err));
    if ((r->value == SIZE_MAX) == (r->followup == SIZE_MAX)) {
        (void)stroma_fail(err, STROMA_E_USAGE, "either --value or --followup is needed");
        stroma_hint(err, "--value names a column of changes (after - before); --followup, with "
                         "--baseline, one of scores after treatment");
        return STROMA_E_USAGE;
    }
    if (r->followup != SIZE_MAX && r->baseline == SIZE_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "--followup needs --baseline");
    return STROMA_OK;
}

/* The two arms by name. */
static stroma_status find_arms(stat_job *j, rows *r, stroma_error *err)
{
    const char **names = NULL, *treated = cli_text(j->cli, "treated");
    size_t k = 0;
    r->arms = 1;
    if (r->group == SIZE_MAX) return STROMA_OK;
    STROMA_TRY(stat_levels(j, r->group, false, &names, &k, err));
    if (treated == NULL) {
        (void)stroma_fail(err, STROMA_E_USAGE, "option --treated is missing");
        stroma_hint(err, "say which value of \"%s\" is the treated arm",
                    j->table->columns[r->group].name);
        return STROMA_E_USAGE;
    }
    r->arm_name[0] = treated;
    r->arm_name[1] = cli_text(j->cli, "control");
    r->arms = ARMS;
    for (size_t i = 0; i < k && r->arm_name[1] == NULL; i++)
        if (k == ARMS && strcmp(names[i], treated) != 0) r->arm_name[1] = names[i];
    if (r->arm_name[1] == NULL && k < ARMS) {
        (void)stroma_fail(err, STROMA_E_DEGENERATE, "column \"%s\" has %zu of two arms",
                          j->table->columns[r->group].name, k);
        stroma_hint(err, "leave --group out when there is one treated arm and no other");
        return STROMA_E_DEGENERATE;
    }
    if (r->arm_name[1] == NULL) {
        (void)stroma_fail(err, STROMA_E_USAGE, "\"%s\" has %zu arms",
                          j->table->columns[r->group].name, k);
        stroma_hint(err, "say which one is compared with: --control NAME");
        return STROMA_E_USAGE;
    }
    for (size_t a = 0; a < ARMS; a++) {
        bool found = false;
        for (size_t i = 0; i < k; i++)
            found = found || strcmp(names[i], r->arm_name[a]) == 0;
        if (!found)
            return stroma_fail(err, STROMA_E_USAGE, "no row has \"%s\" in column \"%s\"",
                               r->arm_name[a], j->table->columns[r->group].name);
    }
    return STROMA_OK;
}

/* Change and baseline of a row; false (and counted) when one is not there. */
static bool read_row(stat_job *j, const rows *r, size_t row, double *change, double *baseline)
{
    if (r->baseline != SIZE_MAX && !stat_number(j, r->baseline, row, baseline)) return false;
    if (!stat_number(j, r->value != SIZE_MAX ? r->value : r->followup, row, change)) return false;
    if (r->value == SIZE_MAX) *change -= *baseline;
    return true;
}

static stroma_status read_arms(stat_job *j, rows *r, stroma_error *err)
{
    double *change[ARMS], *baseline[ARMS];
    for (size_t a = 0; a < ARMS; a++) {
        change[a] = stat_alloc(j, j->rows_len, sizeof(double), err);
        baseline[a] = stat_alloc(j, j->rows_len, sizeof(double), err);
        if (change[a] == NULL || baseline[a] == NULL) return STROMA_E_NOMEM;
        r->arm[a].change = change[a];
        r->arm[a].baseline = r->baseline == SIZE_MAX ? NULL : baseline[a];
    }
    for (size_t i = 0; i < j->rows_len; i++) {
        size_t a = 0;
        double x = 0, b = 0;
        if (r->arms == ARMS && !stat_code(j, r->group, j->rows[i], r->arm_name, ARMS, &a)) continue;
        if (!read_row(j, r, j->rows[i], &x, &b)) continue;
        change[a][r->arm[a].n] = x;
        baseline[a][r->arm[a].n++] = b;
    }
    return STROMA_OK;
}

/* --replicates A,B,…: columns that measure the same thing in the same subject. */
static stroma_status read_replicates(stat_job *j, rows *r, stroma_error *err)
{
    const char *list = cli_text(j->cli, "replicates");
    size_t columns = 1, n = 0;
    if (list == NULL) return STROMA_OK;
    for (const char *p = list; *p != '\0'; p++)
        columns += *p == ',';
    double *value = stat_alloc(j, columns * j->rows_len, sizeof *value, err);
    size_t *subject = stat_alloc(j, columns * j->rows_len, sizeof *subject, err);
    if (value == NULL || subject == NULL) return STROMA_E_NOMEM;
    while (true) {
        const size_t len = strcspn(list, ",");
        const char *name = stroma_arena_strndup(&j->arena, list, len);
        if (name == NULL) return stroma_no_memory(err);
        const size_t column = stroma_table_find(j->table, name);
        if (column == SIZE_MAX)
            return stroma_fail(err, STROMA_E_USAGE, "--replicates: no column \"%s\" in the file",
                               name);
        for (size_t i = 0; i < j->rows_len; i++) {
            if (stroma_table_state(j->table, column, j->rows[i]) != STROMA_PRESENT) continue;
            if (!stat_number(j, column, j->rows[i], &value[n])) continue;
            subject[n++] = i;
        }
        if (list[len] == '\0') break;
        list += len + 1;
    }
    r->replicated = true;
    return stroma_replicate_error(value, subject, n, j->rows_len, j->level, &r->replicates, err);
}

static stroma_status options_of(const stat_job *j, const rows *r, stroma_heterogeneity_options *o,
                                stroma_error *err)
{
    *o = (stroma_heterogeneity_options)STROMA_HETEROGENEITY_OPTIONS_INIT;
    o->level = j->level;
    o->alpha = cli_number(j->cli, "alpha", 0.05);
    o->mixture.alpha = fmax(o->mixture.alpha, o->alpha);
    o->adjust_baseline = cli_given(j->cli, "adjusted");
    o->drop = cli_number(j->cli, "drop", 0);
    o->error.sd = cli_number(j->cli, "measurement-sd", 0);
    if (r->replicated && o->error.sd > 0)
        return stroma_fail(err, STROMA_E_USAGE,
                           "--measurement-sd and --replicates both give the error");
    if (r->replicated && !r->replicates.sd.not_estimable)
        o->error = (stroma_measurement_error){ r->replicates.sd.estimate, r->replicates.sd.df };
    if (cli_text(j->cli, "rule") != NULL) {
        if (r->baseline == SIZE_MAX)
            return stroma_fail(err, STROMA_E_USAGE, "--rule eular needs --baseline");
        o->responds = stroma_response_eular;
        o->rule_name = "EULAR good or moderate";
    }
    o->mixture.unequal_variances = cli_given(j->cli, "unequal");
    o->mixture.resamples = (size_t)cli_count(j->cli, "resamples", 1999);
    o->mixture.seed = (uint64_t)cli_count(j->cli, "seed", 1);
    o->mixture.threads = cli_threads(j->cli);
    return STROMA_OK;
}

static stroma_status put_with(stat_job *j, const stroma_stat *s, const char *label,
                              stroma_buffer *b, stroma_error *err)
{
    stat_result r = { .stat = *s, .label = label, .p_adjusted = NAN };
    const stroma_status status = stat_members_keep(j, b, &r.members, err);
    stroma_buffer_clear(b);
    return status == STROMA_OK ? stat_put_result(j, &r, err) : status;
}

static void sentences_member(stroma_buffer *b, const char *text)
{
    stroma_json v;
    stat_member(b, "sentences");
    stroma_json_init(&v, b, 0);
    stroma_json_begin_array(&v);
    for (const char *line = text; *line != '\0';) {
        char one[512];
        const size_t len = strcspn(line, "\n");
        (void)snprintf(one, sizeof one, "%.*s", (int)len, line);
        stroma_json_string(&v, one);
        line += len + (line[len] == '\n');
    }
    stroma_json_end_array(&v);
    stat_member_end(b);
}

static stroma_status put_verdict(stat_job *j, const stroma_heterogeneity *h, const char *text,
                                 stroma_error *err)
{
    stroma_buffer b;
    stroma_stat s = stroma_stat_empty("heterogeneity");
    stroma_buffer_init(&b, STAT_MEMBERS_BYTES_MAX);
    s.variant = stroma_heterogeneity_verdict_name(h->verdict);
    s.reason = h->verdict_reason;
    s.not_estimable = h->verdict == STROMA_HETEROGENEITY_CANNOT_JUDGE;
    s.n1 = h->treated_sd.n_used;
    s.n2 = h->control_sd.n_used;
    s.n_used = s.n1 + s.n2;
    s.p = fmin(h->p_ratio_adjusted, h->p_mixture_adjusted); /* fmin leaves out NaN */
    stat_member_text(&b, "verdict", s.variant);
    stat_member_number(&b, "alpha", h->alpha);
    stat_member_number(&b, "p_ratio_adjusted", h->p_ratio_adjusted);
    stat_member_number(&b, "p_mixture_adjusted", h->p_mixture_adjusted);
    sentences_member(&b, text);
    return put_with(j, &s, NULL, &b, err);
}

static stroma_status put_mixture(stat_job *j, const stroma_mixture *m, const char *arm,
                                 stroma_error *err)
{
    static const char *const names[][2] = { { "weight_lower", "weight_upper" },
                                            { "mean_lower", "mean_upper" },
                                            { "sd_lower", "sd_upper" } };
    stroma_buffer b;
    stroma_buffer_init(&b, STAT_MEMBERS_BYTES_MAX);
    for (size_t k = 0; k < 2; k++) {
        stat_member_number(&b, names[0][k], m->weight[k]);
        stat_member_number(&b, names[1][k], m->mean[k]);
        stat_member_number(&b, names[2][k], m->sd[k]);
    }
    stat_member_number(&b, "log_likelihood_one", m->log_likelihood_one);
    stat_member_number(&b, "log_likelihood_two", m->log_likelihood_two);
    stat_member_number(&b, "log_likelihood_skewed", m->log_likelihood_skewed);
    stat_member_number(&b, "skew", m->skew);
    stat_member_number(&b, "tail", m->tail);
    stat_member_number(&b, "p_both", m->p);
    stat_member_number(&b, "p_mcse", m->p_mcse);
    stat_member_number(&b, "resamples", (double)m->resamples);
    stat_member_number(&b, "skewed_resamples", (double)m->skewed_resamples);
    STROMA_TRY(put_with(j, &m->test, arm, &b, err));
    return stat_put(j, &m->skewed, arm, err);
}

static stroma_status put_rates(stat_job *j, const stroma_rate_pair *r, const char *label,
                               stroma_error *err)
{
    if (r->observed.not_estimable) return STROMA_OK;
    stroma_stat s = r->observed;
    s.method = "responder_rate";
    s.variant = "seen";
    STROMA_TRY(stat_put(j, &s, label, err));
    STROMA_TRY(biomarker_put_rate(j, &r->noise, "nobody changes", label, err));
    STROMA_TRY(biomarker_put_rate(j, &r->regression, "nobody changes, regression to the mean",
                                  label, err));
    STROMA_TRY(biomarker_put_rate(j, &r->common, "all change alike", label, err));
    return biomarker_put_none(j, r->p_none, label, err);
}

static stroma_status put_variation(stat_job *j, const rows *r, const stroma_heterogeneity *h,
                                   stroma_error *err)
{
    if (r->arms == 1) {
        STROMA_TRY(stat_put(j, &h->treated_sd, "all", err));
        return stat_put(j, &h->sd_ratio, NULL, err); /* says why there is none */
    }
    const char *both = stroma_arena_printf(&j->arena, "%s / %s", r->arm_name[0], r->arm_name[1]);
    STROMA_TRY(stat_put(j, &h->treated_sd, r->arm_name[0], err));
    STROMA_TRY(stat_put(j, &h->control_sd, r->arm_name[1], err));
    STROMA_TRY(stat_put(j, &h->sd_ratio, both, err));
    STROMA_TRY(stat_put(j, &h->f_test, both, err));
    return stat_put(j, &h->effect_sd, both, err);
}

static stroma_status put_groups(stat_job *j, const rows *r, const stroma_heterogeneity *h,
                                stroma_error *err)
{
    STROMA_TRY(put_mixture(j, &h->mixture, r->arms == ARMS ? r->arm_name[0] : "all", err));
    if (h->control_mixture.test.not_estimable) return STROMA_OK;
    return put_mixture(j, &h->control_mixture, r->arm_name[1], err);
}

static stroma_status put_error(stat_job *j, const rows *r, const stroma_heterogeneity *h,
                               stroma_error *err)
{
    const char *arm = r->arms == ARMS ? r->arm_name[0] : "all";
    if (r->baseline != SIZE_MAX) STROMA_TRY(stat_put(j, &h->baseline_share, arm, err));
    if (r->replicated) {
        STROMA_TRY(stat_put(j, &r->replicates.sd, "replicates", err));
        STROMA_TRY(stat_put(j, &r->replicates.reliability, "replicates", err));
    }
    return stat_put(j, &h->reliability, arm, err);
}

static stroma_status put_all(stat_job *j, const rows *r, const stroma_heterogeneity *h,
                             const char *text, stroma_error *err)
{
    const char *fall = stroma_arena_printf(&j->arena, "fall of more than %g", h->drop_used);
    STROMA_TRY(put_verdict(j, h, text, err));
    STROMA_TRY(put_variation(j, r, h, err));
    STROMA_TRY(put_groups(j, r, h, err));
    STROMA_TRY(put_error(j, r, h, err));
    STROMA_TRY(put_rates(j, &h->drop, fall, err));
    return put_rates(j, &h->rule, h->rule_name, err);
}

static stroma_status answer(stat_job *j, stroma_error *err)
{
    rows r = { 0 };
    stroma_heterogeneity_options o;
    stroma_heterogeneity h;
    stroma_buffer text;
    STROMA_TRY(find_columns(j, &r, err));
    STROMA_TRY(find_arms(j, &r, err));
    STROMA_TRY(read_replicates(j, &r, err));
    STROMA_TRY(read_arms(j, &r, err));
    STROMA_TRY(options_of(j, &r, &o, err));
    if (j->not_number != NULL) return STROMA_E_MALFORMED; /* said by the caller */
    STROMA_TRY(
        stroma_heterogeneity_compute(&r.arm[0], r.arms == ARMS ? &r.arm[1] : NULL, &o, &h, err));
    stroma_buffer_init(&text, TEXT_BYTES_MAX);
    stroma_heterogeneity_sentences(&h, &text);
    stroma_status s = stroma_buffer_status(&text, err);
    if (s == STROMA_OK) s = put_all(j, &r, &h, text.data, err);
    if (s == STROMA_OK && text.len > 0) cli_say(j->cli, "%.*s", (int)text.len - 1, text.data);
    stroma_buffer_clear(&text);
    return s;
}

static stroma_status run(cli_context *c, stroma_error *err)
{
    const char *const *args = NULL;
    (void)cli_args(c, &args);
    return stat_run_file(c, args[0], answer, err);
}

static const cli_option options[] = {
    { .name = "value",
      .kind = CLI_TEXT,
      .metavar = "COLUMN",
      .help = "column of the changes, after - before" },
    { .name = "followup",
      .kind = CLI_TEXT,
      .metavar = "COLUMN",
      .help = "instead of --value: scores after treatment; change is this less --baseline" },
    { .name = "baseline", .kind = CLI_TEXT, .metavar = "COLUMN", .help = "scores at baseline" },
    { .name = "group",
      .kind = CLI_TEXT,
      .metavar = "COLUMN",
      .help = "column of the arms; without it all rows are one treated arm" },
    { .name = "treated",
      .kind = CLI_TEXT,
      .metavar = "NAME",
      .help = "which value of --group is the treated arm" },
    { .name = "control",
      .kind = CLI_TEXT,
      .metavar = "NAME",
      .help = "which one it is compared with (default: the other one of two)" },
    { .name = "measurement-sd",
      .kind = CLI_NUMBER,
      .metavar = "SD",
      .lower = 1e-12,
      .upper = 1e12,
      .help = "error of one measurement, taken as known (DAS28: 0.68)" },
    { .name = "replicates",
      .kind = CLI_TEXT,
      .metavar = "A,B,…",
      .help = "columns that measure the same thing: the error is estimated from them" },
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
    { .name = "adjusted",
      .kind = CLI_FLAG,
      .help = "look at what baseline does not explain of change, in each arm" },
    { .name = "unequal",
      .kind = CLI_FLAG,
      .help = "let the two groups of the mixture have different variances" },
    { .name = "alpha",
      .kind = CLI_NUMBER,
      .metavar = "FRACTION",
      .default_text = "0.05",
      .lower = 1e-6,
      .upper = 0.5,
      .help = "level of the verdict" },
    { .name = "resamples",
      .kind = CLI_COUNT,
      .metavar = "N",
      .default_text = "1999",
      .lower = 99,
      .upper = 1e6,
      .help = "size of the reference distributions of the mixture" },
    CLI_OPTION_LEVEL,
    CLI_OPTION_MISSING,
    CLI_OPTION_SEED,
    CLI_OPTION_FORMAT,
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    { .name = NULL },
};
static const char *const examples[] = {
    "stroma biomarker heterogeneity --baseline das28_w0 --followup das28_w12 --group arm --treated "
    "msc --measurement-sd 0.68 --rule eular patients.csv",
    "stroma biomarker heterogeneity --value change --drop 1.2 patients.csv",
    NULL,
};

const cli_command cli_cmd_biomarker_heterogeneity = {
    .noun = "biomarker",
    .verb = "heterogeneity",
    .summary = "do patients differ in their response by more than noise?",
    .usage = "FILE",
    .min_args = 1,
    .max_args = 1,
    .description =
        "To be asked before any analysis of responders. FILE has a row a subject. Three questions: "
        "does change vary more in the treated than in the control arm; is change two groups rather "
        "than one, skewed or not; how many responders would measurement error alone make. The "
        "sentences on standard error say what was found and what it does not show; rows with a "
        "missing cell are left out, counted and named.",
    .options = options,
    .examples = examples,
    .run = run,
};
