/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat roc`: a marker against a yes/no outcome. */
#include "stat_members.h"
#include "stat_methods.h"

#include "stroma/memory.h"
#include "stroma/models_roc.h"
#include "stroma/number.h"

#include <math.h>
#include <string.h>

/* One or two columns of the same rows. */
typedef struct roc_input {
    size_t column[2];
    const char *name[2];
    size_t markers, rows;
    double *value[2];
    stroma_cell_state *state[2];
    bool *event;
    double lower_limit, upper_limit; /* of the first marker, NaN when nothing is censored */
    size_t below, above;
    stroma_roc_sample sample[2];
    stroma_roc_bootstrap bootstrap;
} roc_input;

stroma_status stat_direction(const stat_job *j, stroma_roc_direction *out, stroma_error *err)
{
    const char *text = cli_text(j->cli, "direction");
    if (text == NULL) {
        (void)stroma_fail(err, STROMA_E_USAGE, "option --direction is missing");
        stroma_hint(err, "declare where the event is expected: --direction higher or --direction "
                         "lower; it is never taken from the data");
        return STROMA_E_USAGE;
    }
    *out = strcmp(text, "lower") == 0 ? STROMA_ROC_LOWER : STROMA_ROC_HIGHER;
    return STROMA_OK;
}

/* A measured or censored number; anything else is left out and counted. */
bool stat_marker(stat_job *j, size_t column, size_t row, double *x, stroma_cell_state *state)
{
    *state = stroma_table_state(j->table, column, row);
    if (*state != STROMA_BELOW_LIMIT && *state != STROMA_ABOVE_LIMIT)
        return stat_number(j, column, row, x);
    *x = j->table->columns[column].numbers[row];
    return true;
}

static stroma_status columns_of(stat_job *j, roc_input *in, stroma_error *err)
{
    static const char *const options[] = { "value", "versus" };
    in->markers = cli_given(j->cli, "versus") ? 2 : 1;
    for (size_t m = 0; m < in->markers; m++) {
        STROMA_TRY(stat_column(j, options[m], &in->column[m], err));
        const stroma_table_column *c = &j->table->columns[in->column[m]];
        in->name[m] = c->name;
        if (c->type == STROMA_COLUMN_TEXT)
            return stroma_fail(err, STROMA_E_USAGE, "column \"%s\" is text, not a number", c->name);
        in->value[m] = stat_alloc(j, j->rows_len, sizeof(double), err);
        in->state[m] = stat_alloc(j, j->rows_len, sizeof(stroma_cell_state), err);
        if (in->value[m] == NULL || in->state[m] == NULL) return STROMA_E_NOMEM;
    }
    in->event = stat_alloc(j, j->rows_len, sizeof *in->event, err);
    return in->event == NULL ? STROMA_E_NOMEM : STROMA_OK;
}

static stroma_status outcome_of(stat_job *j, size_t *group, const char ***names, size_t *k,
                                size_t *event, stroma_error *err)
{
    const char *text = cli_text(j->cli, "event");
    STROMA_TRY(stat_column(j, "group", group, err));
    STROMA_TRY(stat_levels(j, *group, true, names, k, err));
    if (text == NULL) {
        (void)stroma_fail(err, STROMA_E_USAGE, "option --event is missing");
        stroma_hint(err, "say which value of \"%s\" is the event: --event yes",
                    j->table->columns[*group].name);
        return STROMA_E_USAGE;
    }
    for (*event = 0; *event < *k; ++*event)
        if (strcmp((*names)[*event], text) == 0) return STROMA_OK;
    return stroma_fail(err, STROMA_E_USAGE, "no row has \"%s\" in column \"%s\"", text,
                       j->table->columns[*group].name);
}

static stroma_status read_rows(stat_job *j, roc_input *in, stroma_error *err)
{
    size_t group = 0, k = 0, event = 0;
    const char **names = NULL;
    STROMA_TRY(columns_of(j, in, err));
    STROMA_TRY(outcome_of(j, &group, &names, &k, &event, err));
    for (size_t i = 0; i < j->rows_len; i++) {
        const size_t row = j->rows[i], r = in->rows;
        size_t code = 0;
        bool whole = stat_code(j, group, row, names, k, &code);
        for (size_t m = 0; whole && m < in->markers; m++)
            whole = stat_marker(j, in->column[m], row, &in->value[m][r], &in->state[m][r]);
        if (!whole) continue;
        in->event[in->rows++] = code == event;
    }
    in->lower_limit = in->upper_limit = NAN;
    for (size_t r = 0; r < in->rows; r++) {
        if (in->state[0][r] == STROMA_BELOW_LIMIT) {
            in->below++;
            in->lower_limit = fmax(in->lower_limit, in->value[0][r]);
        }
        if (in->state[0][r] == STROMA_ABOVE_LIMIT) {
            in->above++;
            in->upper_limit = fmin(in->upper_limit, in->value[0][r]);
        }
    }
    return STROMA_OK;
}

/* Positives before negatives, in the order of the rows. */
static stroma_status split(stat_job *j, roc_input *in, stroma_roc_direction d, stroma_error *err)
{
    for (size_t m = 0; m < in->markers; m++) {
        const stroma_status s = stroma_roc_tie_censored(in->value[m], in->state[m], in->rows, err);
        if (s != STROMA_OK) return stroma_in(err, s, "column \"%s\"", in->name[m]);
        double *x = stat_alloc(j, in->rows, sizeof *x, err);
        if (x == NULL) return STROMA_E_NOMEM;
        size_t n = 0, positive = 0;
        for (int pass = 0; pass < 2; pass++) {
            for (size_t r = 0; r < in->rows; r++)
                if (in->event[r] == (pass == 0)) x[n++] = in->value[m][r];
            if (pass == 0) positive = n;
        }
        in->sample[m] = (stroma_roc_sample){ x, positive, x + positive, n - positive, d };
    }
    return STROMA_OK;
}

static stroma_status interval_of(const stat_job *j, stroma_auc_interval *out, stroma_error *err)
{
    static const char *const names[] = { "delong", "logit", "hanley-mcneil", "bootstrap" };
    const char *text = cli_text(j->cli, "interval");
    *out = STROMA_AUC_DELONG;
    for (int i = 0; i < STROMA_AUC_INTERVALS; i++) {
        *out = (stroma_auc_interval)i;
        if (text == NULL || strcmp(text, names[i]) == 0) return STROMA_OK;
    }
    (void)stroma_fail(err, STROMA_E_USAGE, "--interval \"%s\" is not known to this method", text);
    stroma_hint(err, "one of delong (default), logit, hanley-mcneil, bootstrap");
    return STROMA_E_USAGE;
}

static stroma_status curve_member(const stroma_roc_sample *s, stroma_buffer *b, stroma_error *err)
{
    stroma_roc_point *p = NULL;
    size_t n = 0;
    if (s->positive_len == 0 || s->negative_len == 0) return STROMA_OK;
    STROMA_TRY(stroma_roc_curve(s, &p, &n, err));
    stroma_json v;
    stat_member(b, "curve");
    stroma_json_init(&v, b, 0);
    stroma_json_begin_array(&v);
    for (size_t i = 0; i < n; i++) {
        stroma_json_begin_object(&v);
        stroma_json_put_number(&v, "threshold", p[i].threshold);
        stroma_json_put_int(&v, "tp", (int64_t)p[i].tp);
        stroma_json_put_int(&v, "fp", (int64_t)p[i].fp);
        stroma_json_put_number(&v, "sensitivity", p[i].sensitivity);
        stroma_json_put_number(&v, "specificity", p[i].specificity);
        stroma_json_end_object(&v);
    }
    stroma_json_end_array(&v);
    stat_member_end(b);
    stroma_free(p);
    return STROMA_OK;
}

/* A result with members that @p b holds. */
static stroma_status put_with(stat_job *j, const stroma_stat *s, const char *label,
                              stroma_buffer *b, stroma_error *err)
{
    stat_result r = { .stat = *s, .label = label, .p_adjusted = NAN };
    STROMA_TRY(stat_members_keep(j, b, &r.members, err));
    return stat_put_result(j, &r, err);
}

static stroma_status put_auc(stat_job *j, const roc_input *in, size_t m, stroma_error *err)
{
    stroma_auc_options o = STROMA_AUC_OPTIONS_INIT;
    stroma_stat s;
    stroma_buffer b;
    STROMA_TRY(interval_of(j, &o.interval, err));
    o.level = j->level;
    o.bootstrap = in->bootstrap;
    STROMA_TRY(stroma_auc(&in->sample[m], &o, &s, err));
    stroma_buffer_init(&b, STAT_MEMBERS_BYTES_MAX);
    stat_member_text(&b, "direction", cli_text(j->cli, "direction"));
    stat_member_text(&b, "event", cli_text(j->cli, "event"));
    if (m == 0) {
        stat_member_number(&b, "n_below_limit", (double)in->below);
        stat_member_number(&b, "n_above_limit", (double)in->above);
    }
    stroma_status status = curve_member(&in->sample[m], &b, err);
    if (status == STROMA_OK) status = put_with(j, &s, in->name[m], &b, err);
    stroma_buffer_clear(&b);
    return status;
}

static stroma_status put_difference(stat_job *j, const roc_input *in, stroma_error *err)
{
    stroma_stat s;
    STROMA_TRY(stroma_auc_compare_paired(&in->sample[0], &in->sample[1], j->level, &s, err));
    return stat_put(j, &s, stroma_arena_printf(&j->arena, "%s - %s", in->name[0], in->name[1]),
                    err);
}

/* "specificity 0.9-1" */
static stroma_status put_partial(stat_job *j, const roc_input *in, stroma_error *err)
{
    static const char *const axes[] = { "specificity ", "sensitivity " };
    const char *text = cli_text(j->cli, "partial");
    stroma_roc_range range = { 0 };
    bool ok = false;
    for (int a = 0; a < 2 && !ok; a++) {
        const size_t head = strlen(axes[a]);
        if (strncmp(text, axes[a], head) != 0) continue;
        const char *from = text + head, *dash = strchr(from, '-');
        ok = dash != NULL && stroma_parse_double(from, (size_t)(dash - from), '.', &range.from) &&
             stroma_parse_double(dash + 1, strlen(dash + 1), '.', &range.to);
        range.axis = (stroma_roc_axis)a;
    }
    if (!ok) {
        (void)stroma_fail(err, STROMA_E_USAGE, "--partial \"%s\" is no range", text);
        stroma_hint(err, "write --partial 'specificity 0.9-1'");
        return STROMA_E_USAGE;
    }
    for (int k = 0; k < 2; k++) {
        stroma_stat s;
        range.standardise = k == 1;
        STROMA_TRY(stroma_auc_partial(&in->sample[0], &range, j->level, &in->bootstrap, &s, err));
        STROMA_TRY(
            stat_put(j, &s, stroma_arena_printf(&j->arena, "%s: %s", in->name[0], text), err));
    }
    return STROMA_OK;
}

/* ">2", ">=2", "<2" or "<=2": the sign must be that of the direction. */
stroma_status stat_cutoff(const stat_job *j, const char *text, stroma_roc_direction d,
                          double *threshold, bool *inclusive, stroma_error *err)
{
    const char sign = d == STROMA_ROC_LOWER ? '<' : '>';
    const char *p = text;
    const bool right = *p == sign;
    p += *p == '<' || *p == '>';
    *inclusive = *p == '=';
    p += *inclusive;
    while (*p == ' ')
        p++;
    if (right && stroma_parse_double(p, strlen(p), '.', threshold)) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_USAGE, "--cutoff \"%s\" is no rule for --direction %s", text,
                      cli_text(j->cli, "direction"));
    stroma_hint(err, "write --cutoff '%c2' or --cutoff '%c=2'", sign, sign);
    return STROMA_E_USAGE;
}

static stroma_status refuse_beyond_limit(const roc_input *in, double threshold, stroma_error *err)
{
    const bool below = in->below > 0 && threshold < in->lower_limit;
    if (!below && !(in->above > 0 && threshold > in->upper_limit)) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_DEGENERATE,
                      "cut-off %g lies %s the limit %g of column \"%s\": censored values cannot be "
                      "classified",
                      threshold, below ? "below" : "above",
                      below ? in->lower_limit : in->upper_limit, in->name[0]);
    stroma_hint(err, "choose a cut-off within the limits of the assay");
    return STROMA_E_DEGENERATE;
}

static stroma_status put_classes(stat_job *j, const roc_input *in, const stroma_roc_cutoff *c,
                                 const char *rule, stroma_error *err)
{
    const stroma_stat all[] = { c->sensitivity, c->specificity, c->ppv, c->npv, c->accuracy };
    for (size_t i = 0; i < 5; i++) {
        stroma_stat s = all[i];
        s.method = "roc_cutoff";
        s.variant = "given beforehand";
        const char *label =
            stroma_arena_printf(&j->arena, "%s %s: %s", in->name[0], rule, s.estimate_name);
        stroma_buffer b;
        stroma_buffer_init(&b, STAT_MEMBERS_BYTES_MAX);
        if (i == 0) {
            stat_member_number(&b, "tp", (double)c->tp);
            stat_member_number(&b, "fp", (double)c->fp);
            stat_member_number(&b, "fn", (double)c->fn);
            stat_member_number(&b, "tn", (double)c->tn);
            stat_member_number(&b, "lr_positive", c->lr_positive);
            stat_member_number(&b, "lr_negative", c->lr_negative);
            stat_member_number(&b, "odds_ratio", c->odds_ratio);
        }
        const stroma_status status = put_with(j, &s, label, &b, err);
        stroma_buffer_clear(&b);
        STROMA_TRY(status);
    }
    return STROMA_OK;
}

static stroma_status put_predictive(stat_job *j, const roc_input *in, const stroma_roc_cutoff *c,
                                    const char *rule, stroma_error *err)
{
    stroma_stat values[2];
    const double prevalence = cli_number(j->cli, "prevalence", 0);
    stroma_roc_predictive(c, prevalence, j->level, &values[0], &values[1]);
    for (size_t i = 0; i < 2; i++)
        STROMA_TRY(
            stat_put(j, &values[i],
                     stroma_arena_printf(&j->arena, "%s %s: %s at prevalence %g", in->name[0], rule,
                                         values[i].estimate_name, prevalence),
                     err));
    return STROMA_OK;
}

static stroma_status put_cutoff(stat_job *j, const roc_input *in, stroma_error *err)
{
    const char *rule = cli_text(j->cli, "cutoff");
    stroma_roc_cutoff c;
    double threshold = 0;
    bool inclusive = false;
    STROMA_TRY(stat_cutoff(j, rule, in->sample[0].direction, &threshold, &inclusive, err));
    STROMA_TRY(refuse_beyond_limit(in, threshold, err));
    STROMA_TRY(stroma_roc_at(&in->sample[0], threshold, inclusive, STROMA_PROPORTION_WILSON,
                             j->level, &c, err));
    STROMA_TRY(put_classes(j, in, &c, rule, err));
    return cli_given(j->cli, "prevalence") ? put_predictive(j, in, &c, rule, err) : STROMA_OK;
}

/* What the searched cut-off is worth: members of its object in JSON, rows of their own in flat
 * forms. */
static stroma_status put_search_worth(stat_job *j, const roc_input *in, const stroma_roc_search *f,
                                      stroma_error *err)
{
    const struct {
        const char *name, *variant;
        double value;
    } rows[] = { { "sensitivity", "apparent", f->sensitivity },
                 { "sensitivity", "corrected for optimism", f->sensitivity_corrected },
                 { "specificity", "apparent", f->specificity },
                 { "specificity", "corrected for optimism", f->specificity_corrected } };
    if (f->cutoff.not_estimable) return STROMA_OK;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        stat_result r = { .stat = stroma_stat_empty("roc_searched_cutoff"),
                          .label =
                              stroma_arena_printf(&j->arena, "%s: %s", in->name[0], rows[i].name),
                          .p_adjusted = NAN,
                          .flat_only = true };
        r.stat.variant = rows[i].variant;
        r.stat.estimate = rows[i].value;
        r.stat.n_used = f->cutoff.n_used;
        r.stat.n1 = f->cutoff.n1;
        r.stat.n2 = f->cutoff.n2;
        if (r.label == NULL) return stroma_no_memory(err);
        STROMA_TRY(stat_put_result(j, &r, err));
    }
    return STROMA_OK;
}

/* The cut-off of the data, with what the search costs. */
static stroma_status put_search(stat_job *j, const roc_input *in, stroma_error *err)
{
    stroma_roc_search f;
    stroma_stat p;
    stroma_buffer b;
    STROMA_TRY(stroma_roc_search_cutoff(&in->sample[0], j->level, &in->bootstrap, &f, err));
    STROMA_TRY(stroma_roc_max_selected(&in->sample[0], 0.1, &p, err));
    stroma_buffer_init(&b, STAT_MEMBERS_BYTES_MAX);
    stat_member_number(&b, "sensitivity_apparent", f.sensitivity);
    stat_member_number(&b, "specificity_apparent", f.specificity);
    stat_member_number(&b, "youden_apparent", f.youden);
    stat_member_number(&b, "sensitivity_corrected", f.sensitivity_corrected);
    stat_member_number(&b, "specificity_corrected", f.specificity_corrected);
    stat_member_number(&b, "youden_corrected", f.youden_corrected);
    stat_member_number(&b, "optimism_mcse", f.optimism_mcse);
    stat_member_number(&b, "cutoffs_tied", (double)f.tied);
    stat_member_number(&b, "resamples", (double)in->bootstrap.resamples);
    stat_member_number(&b, "resamples_failed", (double)f.resamples_failed);
    stat_member_number(&b, "seed", (double)in->bootstrap.seed);
    const stroma_status s =
        put_with(j, &f.cutoff, stroma_arena_printf(&j->arena, "%s: cut-off", in->name[0]), &b, err);
    stroma_buffer_clear(&b);
    STROMA_TRY(s);
    STROMA_TRY(put_search_worth(j, in, &f, err));
    /* its cut-off may be another one than that of the Youden index */
    return stat_put(
        j, &p, stroma_arena_printf(&j->arena, "%s: cut-off of the largest |z|", in->name[0]), err);
}

/* The rows of one level of --between, as a sample of their own. */
static stroma_status read_level(stat_job *j, size_t column, const char *const *names, size_t level,
                                stroma_roc_direction d, roc_input *in, stroma_error *err)
{
    size_t *const all = j->rows;
    size_t all_len = j->rows_len, code = 0;
    size_t *rows = stat_alloc(j, all_len, sizeof *rows, err), n = 0;
    if (rows == NULL) return STROMA_E_NOMEM;
    for (size_t i = 0; i < all_len; i++) {
        if (stroma_table_state(j->table, column, all[i]) != STROMA_PRESENT) {
            /* of no level: counted once, not once a level */
            if (level == 0) (void)stat_code(j, column, all[i], names, 2, &code);
            continue;
        }
        char text[64];
        if (strcmp(stroma_table_cell_text(j->table, column, all[i], text), names[level]) == 0)
            rows[n++] = all[i];
    }
    j->rows = rows;
    j->rows_len = n;
    stroma_status s = read_rows(j, in, err);
    if (s == STROMA_OK) s = split(j, in, d, err);
    j->rows = all;
    j->rows_len = all_len;
    if (s != STROMA_OK)
        return stroma_in(err, s, "%s \"%s\"", cli_text(j->cli, "between"), names[level]);
    in->name[0] = stroma_arena_printf(&j->arena, "%s, %s", in->name[0], names[level]);
    return in->name[0] == NULL ? stroma_no_memory(err) : STROMA_OK;
}

/* The same marker in two groups of subjects. */
static stroma_status run_between(stat_job *j, stroma_roc_direction d,
                                 const stroma_roc_bootstrap *bootstrap, stroma_error *err)
{
    roc_input in[2];
    const char **names = NULL;
    size_t column = 0, k = 0;
    stroma_stat s;
    if (cli_given(j->cli, "versus") || cli_given(j->cli, "partial") ||
        cli_given(j->cli, "cutoff") || cli_given(j->cli, "search"))
        return stroma_fail(err, STROMA_E_USAGE,
                           "--between compares areas only: it does not go with --versus, "
                           "--partial, --cutoff or --search");
    STROMA_TRY(stat_column(j, "between", &column, err));
    STROMA_TRY(stat_levels(j, column, false, &names, &k, err));
    if (k != 2)
        return stroma_fail(err, STROMA_E_DEGENERATE,
                           "--between compares two groups, column \"%s\" has %zu",
                           j->table->columns[column].name, k);
    for (size_t g = 0; g < 2; g++) {
        in[g] = (roc_input){ 0 };
        STROMA_TRY(read_level(j, column, names, g, d, &in[g], err));
        in[g].bootstrap = *bootstrap;
        STROMA_TRY(put_auc(j, &in[g], 0, err));
    }
    STROMA_TRY(stroma_auc_compare_unpaired(&in[0].sample[0], &in[1].sample[0], j->level, &s, err));
    return stat_put(j, &s, stroma_arena_printf(&j->arena, "%s - %s", names[0], names[1]), err);
}

static stroma_status run_whole(stat_job *j, stroma_roc_direction d,
                               const stroma_roc_bootstrap *bootstrap, stroma_error *err)
{
    roc_input in = { .bootstrap = *bootstrap };
    STROMA_TRY(read_rows(j, &in, err));
    STROMA_TRY(split(j, &in, d, err));
    for (size_t m = 0; m < in.markers; m++)
        STROMA_TRY(put_auc(j, &in, m, err));
    if (in.markers == 2) STROMA_TRY(put_difference(j, &in, err));
    if (cli_given(j->cli, "partial")) STROMA_TRY(put_partial(j, &in, err));
    if (cli_given(j->cli, "cutoff")) STROMA_TRY(put_cutoff(j, &in, err));
    return cli_given(j->cli, "search") ? put_search(j, &in, err) : STROMA_OK;
}

stroma_status stat_run_roc(stat_job *j, stroma_error *err)
{
    stroma_roc_direction d = STROMA_ROC_HIGHER;
    STROMA_TRY(stat_direction(j, &d, err));
    const stroma_roc_bootstrap bootstrap = { .resamples =
                                                 (size_t)cli_count(j->cli, "resamples", 2000),
                                             .seed = (uint64_t)cli_count(j->cli, "seed", 1),
                                             .threads = cli_threads(j->cli) };
    return cli_given(j->cli, "between") ? run_between(j, d, &bootstrap, err)
                                        : run_whole(j, d, &bootstrap, err);
}
