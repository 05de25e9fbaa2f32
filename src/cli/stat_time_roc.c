/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat time-roc`: a marker against who has had the event by a time. */
#include "stat_survival_data.h"

#include "stroma/memory.h"
#include "stroma/models_time_roc.h"

#include <math.h>
#include <string.h>

typedef struct input {
    stat_survival in;
    size_t markers;
    const char *name[2];
    double *value[2];
    double lower_limit, upper_limit; /* of the first marker, NaN when nothing is censored there */
    stroma_time_roc_sample sample;
    stroma_time_roc_interval interval;
} input;

static stroma_status interval_of(const stat_job *j, stroma_time_roc_interval *out,
                                 stroma_error *err)
{
    const char *text = cli_text(j->cli, "interval");
    *out = STROMA_TIME_ROC_PLAIN;
    if (text == NULL || strcmp(text, "plain") == 0) return STROMA_OK;
    *out = STROMA_TIME_ROC_LOGIT;
    if (strcmp(text, "logit") == 0) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_USAGE, "--interval \"%s\" is not known to this method", text);
    stroma_hint(err, "one of plain (default), logit");
    return STROMA_E_USAGE;
}

/* Values of one marker for the rows that have times; rows without one are marked in @p out. */
static stroma_status read_marker(stat_job *j, input *in, size_t m, const char *option, bool *out,
                                 stroma_error *err)
{
    size_t column = 0;
    STROMA_TRY(stat_column(j, option, &column, err));
    const stroma_table_column *c = &j->table->columns[column];
    in->name[m] = c->name;
    if (c->type == STROMA_COLUMN_TEXT)
        return stroma_fail(err, STROMA_E_USAGE, "column \"%s\" is text, not a number", c->name);
    double *x = stat_alloc(j, in->in.n, sizeof *x, err);
    stroma_cell_state *state = stat_alloc(j, in->in.n, sizeof *state, err);
    if (x == NULL || state == NULL) return STROMA_E_NOMEM;
    for (size_t i = 0; i < in->in.n; i++) {
        state[i] = STROMA_PRESENT;
        if (!out[i] && !stat_marker(j, column, in->in.row[i], &x[i], &state[i])) {
            out[i] = true;
        }
    }
    size_t kept = 0; /* those who have one, side by side, for the ties */
    for (size_t i = 0; i < in->in.n; i++) {
        if (out[i]) continue;
        if (m == 0 && state[i] == STROMA_BELOW_LIMIT) in->lower_limit = fmax(in->lower_limit, x[i]);
        if (m == 0 && state[i] == STROMA_ABOVE_LIMIT) in->upper_limit = fmin(in->upper_limit, x[i]);
        x[kept] = x[i];
        state[kept++] = state[i];
    }
    const stroma_status s = stroma_roc_tie_censored(x, state, kept, err);
    if (s != STROMA_OK) return stroma_in(err, s, "column \"%s\"", c->name);
    for (size_t i = in->in.n; i-- > 0;)
        x[i] = out[i] ? (double)NAN : x[--kept];
    in->value[m] = x;
    return STROMA_OK;
}

static void drop(input *in, const bool *out)
{
    stat_survival *s = &in->in;
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (out[i]) continue;
        s->stop[n] = s->stop[i];
        s->event[n] = s->event[i];
        for (size_t m = 0; m < in->markers; m++)
            in->value[m][n] = in->value[m][i];
        n++;
    }
    s->n = n;
}

static stroma_status read_all(stat_job *j, input *in, stroma_error *err)
{
    static const char *const options[] = { "value", "versus" };
    const stat_survival_names names = { .causes = true };
    stroma_roc_direction direction = STROMA_ROC_HIGHER;
    if (cli_given(j->cli, "entry"))
        return stroma_fail(err, STROMA_E_USAGE, "time-roc takes no delayed entry (--entry)");
    STROMA_TRY(stat_direction(j, &direction, err));
    STROMA_TRY(interval_of(j, &in->interval, err));
    STROMA_TRY(stat_read_survival(j, &names, &in->in, err));
    bool *out = stat_alloc(j, in->in.n, sizeof *out, err);
    if (out == NULL) return STROMA_E_NOMEM;
    in->markers = cli_given(j->cli, "versus") ? 2 : 1;
    in->lower_limit = in->upper_limit = NAN;
    for (size_t m = 0; m < in->markers; m++)
        STROMA_TRY(read_marker(j, in, m, options[m], out, err));
    drop(in, out);
    in->sample = (stroma_time_roc_sample){ .n = in->in.n,
                                           .marker = in->value[0],
                                           .stop = in->in.stop,
                                           .event = in->in.event,
                                           .cause = 1,
                                           .direction = direction };
    if (strcmp(cli_text(j->cli, "controls"), "not-cases") == 0)
        in->sample.controls = STROMA_TIME_ROC_NOT_CASES;
    return STROMA_OK;
}

static stroma_status curve_member(const input *in, double time, stroma_buffer *b, stroma_error *err)
{
    stroma_roc_point *p = NULL;
    size_t n = 0;
    STROMA_TRY(stroma_time_roc_curve(&in->sample, time, &p, &n, err));
    stroma_json v;
    stat_member(b, "curve");
    stroma_json_init(&v, b, 0);
    stroma_json_begin_array(&v);
    for (size_t i = 0; i < n; i++) {
        stroma_json_begin_object(&v);
        stroma_json_put_number(&v, "threshold", p[i].threshold);
        stroma_json_put_number(&v, "sensitivity", p[i].sensitivity);
        stroma_json_put_number(&v, "specificity", p[i].specificity);
        stroma_json_end_object(&v);
    }
    stroma_json_end_array(&v);
    stat_member_end(b);
    stroma_free(p);
    return STROMA_OK;
}

static stroma_status fill_auc(stat_job *j, const input *in, size_t m, double time, stroma_buffer *b,
                              stroma_error *err)
{
    stroma_time_roc_sample s = in->sample;
    stroma_time_roc_counts counts;
    stat_result r = { .p_adjusted = NAN };
    s.marker = in->value[m];
    STROMA_TRY(stroma_time_roc_auc(&s, time, in->interval, j->level, NULL, &counts, &r.stat, err));
    r.label = stroma_arena_printf(&j->arena, "%s: %s by %g", in->name[m], in->in.event_name, time);
    if (r.label == NULL) return stroma_no_memory(err);
    stat_member_number(b, "time", time);
    stat_member_text(b, "direction", cli_text(j->cli, "direction"));
    stat_member_text(b, "controls_are", cli_text(j->cli, "controls"));
    stat_member_number(b, "cases", (double)counts.cases);
    stat_member_number(b, "controls", (double)counts.controls);
    stat_member_number(b, "competing_events", (double)counts.competing);
    stat_member_number(b, "censored_before", (double)counts.unknown);
    stat_member_number(b, "not_censored_frac", counts.not_censored);
    if (m == 0 && !r.stat.not_estimable) STROMA_TRY(curve_member(in, time, b, err));
    STROMA_TRY(stat_members_keep(j, b, &r.members, err));
    return stat_put_result(j, &r, err);
}

static stroma_status put_auc(stat_job *j, const input *in, size_t m, double time, stroma_error *err)
{
    stroma_buffer b;
    stroma_buffer_init(&b, STAT_MEMBERS_BYTES_MAX);
    const stroma_status s = fill_auc(j, in, m, time, &b, err);
    stroma_buffer_clear(&b);
    return s;
}

static stroma_status put_cutoff(stat_job *j, const input *in, double time, stroma_error *err)
{
    const char *rule = cli_text(j->cli, "cutoff");
    double threshold = 0;
    bool inclusive = false;
    stroma_stat s[2];
    STROMA_TRY(stat_cutoff(j, rule, in->sample.direction, &threshold, &inclusive, err));
    if (threshold < in->lower_limit || threshold > in->upper_limit)
        return stroma_fail(
            err, STROMA_E_DEGENERATE,
            "cut-off %g lies beyond a limit of column \"%s\": censored values cannot "
            "be classified",
            threshold, in->name[0]);
    STROMA_TRY(
        stroma_time_roc_at(&in->sample, time, threshold, inclusive, j->level, &s[0], &s[1], err));
    for (size_t i = 0; i < 2; i++) {
        s[i].method = "time_roc_cutoff";
        s[i].variant = "given beforehand";
        STROMA_TRY(stat_put(j, &s[i],
                            stroma_arena_printf(&j->arena, "%s %s: %s by %g", in->name[0], rule,
                                                s[i].estimate_name, time),
                            err));
    }
    return STROMA_OK;
}

stroma_status stat_run_time_roc(stat_job *j, stroma_error *err)
{
    input in = { 0 };
    double *times = NULL;
    size_t n = 0;
    STROMA_TRY(read_all(j, &in, err));
    STROMA_TRY(stat_numbers(j, "times", &times, &n, err));
    if (n == 0) {
        (void)stroma_fail(err, STROMA_E_USAGE, "option --times is missing");
        stroma_hint(err, "by when shall the event have happened? --times 180,365");
        return STROMA_E_USAGE;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t m = 0; m < in.markers; m++)
            STROMA_TRY(put_auc(j, &in, m, times[i], err));
        if (in.markers == 2) {
            stroma_stat s;
            STROMA_TRY(
                stroma_time_roc_compare(&in.sample, in.value[1], times[i], j->level, &s, err));
            STROMA_TRY(stat_put(
                j, &s,
                stroma_arena_printf(&j->arena, "%s - %s: by %g", in.name[0], in.name[1], times[i]),
                err));
        }
        if (cli_given(j->cli, "cutoff")) STROMA_TRY(put_cutoff(j, &in, times[i], err));
    }
    return STROMA_OK;
}
