/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma biomarker align`: does the response move when the marker rises, and which moves first? */
#include "stat_members.h"

#include "stroma/biomarker_alignment.h"
#include "stroma/number.h"
#include "stroma/sort.h"

#include <math.h>
#include <string.h>

enum { STATES = STROMA_EVENT_UNKNOWN + 1 };

/* The series as the library takes it, and the names of its subjects. */
typedef struct visits {
    stroma_series series;
    size_t *subject;
    double *day, *marker, *response;
    stroma_cell_state *state;
    const char **name;
    stroma_event *events;
    size_t count[STATES], not_judged;
} visits;

typedef struct visit_key {
    size_t row, subject;
    double day;
} visit_key;

static int by_subject_and_day(const void *a, const void *b, void *context)
{
    const visit_key *x = a, *y = b;
    (void)context;
    if (x->subject != y->subject) return x->subject < y->subject ? -1 : 1;
    return x->day < y->day ? -1 : x->day > y->day;
}

static stroma_status number_column(const stat_job *j, const char *option, size_t *column,
                                   stroma_error *err)
{
    STROMA_TRY(stat_column(j, option, column, err));
    const stroma_table_column *c = &j->table->columns[*column];
    if (c->type == STROMA_COLUMN_TEXT)
        return stroma_fail(err, STROMA_E_USAGE, "column \"%s\" is text, not a number", c->name);
    return STROMA_OK;
}

/* Rows with subject and day, in the order the library wants. */
static stroma_status keys_of(stat_job *j, visits *v, visit_key **out, size_t *n, stroma_error *err)
{
    size_t subject = 0, day = 0;
    STROMA_TRY(stat_column(j, "subject", &subject, err));
    STROMA_TRY(number_column(j, "day", &day, err));
    STROMA_TRY(stat_levels(j, subject, false, &v->name, &v->series.subjects, err));
    visit_key *k = stat_alloc(j, j->rows_len, sizeof *k, err);
    if (k == NULL) return STROMA_E_NOMEM;
    *n = 0;
    for (size_t i = 0; i < j->rows_len; i++) {
        visit_key *to = &k[*n];
        to->row = j->rows[i];
        if (stat_code(j, subject, to->row, v->name, v->series.subjects, &to->subject) &&
            stat_number(j, day, to->row, &to->day))
            ++*n;
    }
    *out = k;
    return stroma_sort(k, *n, sizeof *k, by_subject_and_day, NULL, err);
}

static stroma_status same_day(const stat_job *j, const visits *v, const visit_key *k, size_t n,
                              stroma_error *err)
{
    (void)j;
    for (size_t i = 1; i < n; i++)
        if (by_subject_and_day(&k[i - 1], &k[i], NULL) == 0)
            return stroma_fail(err, STROMA_E_INCONSISTENT,
                               "subject \"%s\" has two rows of day %g (data rows %zu and %zu)",
                               v->name[k[i].subject], k[i].day, k[i - 1].row + 1, k[i].row + 1);
    return STROMA_OK;
}

static stroma_status read_visits(stat_job *j, visits *v, stroma_error *err)
{
    size_t marker = 0, response = 0, n = 0;
    visit_key *k = NULL;
    STROMA_TRY(keys_of(j, v, &k, &n, err));
    STROMA_TRY(same_day(j, v, k, n, err));
    STROMA_TRY(number_column(j, "marker", &marker, err));
    STROMA_TRY(number_column(j, "response", &response, err));
    if (marker == response)
        return stroma_fail(err, STROMA_E_USAGE,
                           "\"%s\" is marker and response: it cannot precede itself",
                           j->table->columns[marker].name);
    v->subject = stat_alloc(j, n, sizeof *v->subject, err);
    v->day = stat_alloc(j, 3 * n, sizeof *v->day, err);
    v->state = stat_alloc(j, n, sizeof *v->state, err);
    v->events = stat_alloc(j, v->series.subjects, sizeof *v->events, err);
    if (v->subject == NULL || v->day == NULL || v->state == NULL || v->events == NULL)
        return STROMA_E_NOMEM;
    v->marker = v->day + n;
    v->response = v->day + 2 * n;
    for (size_t i = 0; i < n; i++) {
        v->subject[i] = k[i].subject;
        v->day[i] = k[i].day;
        v->state[i] = stroma_table_state(j->table, marker, k[i].row);
        const bool censored =
            v->state[i] == STROMA_BELOW_LIMIT || v->state[i] == STROMA_ABOVE_LIMIT;
        v->marker[i] = censored ? j->table->columns[marker].numbers[k[i].row] : (double)NAN;
        if (!censored && !stat_number(j, marker, k[i].row, &v->marker[i])) v->marker[i] = NAN;
        if (!stat_number(j, response, k[i].row, &v->response[i])) v->response[i] = NAN;
    }
    v->series.rows = n;
    v->series.subject = v->subject;
    v->series.day = v->day;
    v->series.marker = v->marker;
    v->series.marker_state = v->state;
    v->series.response = v->response;
    return STROMA_OK;
}

static stroma_status find_events(const stat_job *j, visits *v, stroma_error *err)
{
    const bool fold = cli_given(j->cli, "fold"), cutoff = cli_given(j->cli, "cutoff");
    if (fold == cutoff) {
        (void)stroma_fail(err, STROMA_E_USAGE, "either --cutoff or --fold is needed");
        stroma_hint(err, "declare what a rise is: --cutoff 2 (above 2) or --fold 3 (three times "
                         "the baseline); it is never searched in the data");
        return STROMA_E_USAGE;
    }
    const stroma_rise_rule rule = { fold ? STROMA_RISE_FOLD : STROMA_RISE_ABOVE,
                                    cli_number(j->cli, fold ? "fold" : "cutoff", 0),
                                    cli_given(j->cli, "midpoint") };
    STROMA_TRY(stroma_events_find(&v->series, &rule, v->events, err));
    for (size_t i = 0; i < v->series.subjects; i++) {
        v->count[v->events[i].state]++;
        v->not_judged += v->events[i].not_judged;
    }
    return STROMA_OK;
}

/* "-28:0" */
static stroma_status window_of(const stat_job *j, const char *option, double *from, double *to,
                               stroma_error *err)
{
    const char *text = cli_text(j->cli, option), *colon = strchr(text, ':');
    if (colon != NULL && stroma_parse_double(text, (size_t)(colon - text), '.', from) &&
        stroma_parse_double(colon + 1, strlen(colon + 1), '.', to))
        return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_USAGE, "--%s \"%s\" is no range of days", option, text);
    stroma_hint(err, "write --%s=FROM:TO, as --before=-28:0", option);
    return STROMA_E_USAGE;
}

static stroma_status options_of(const stat_job *j, stroma_alignment_options *o,
                                stroma_cross_lag_options *c, stroma_error *err)
{
    *o = (stroma_alignment_options)STROMA_ALIGNMENT_OPTIONS_INIT;
    *c = (stroma_cross_lag_options)STROMA_CROSS_LAG_OPTIONS_INIT;
    STROMA_TRY(window_of(j, "before", &o->before_from, &o->before_to, err));
    STROMA_TRY(window_of(j, "after", &o->after_from, &o->after_to, err));
    STROMA_TRY(window_of(j, "lags", &o->lag_from, &o->lag_to, err));
    o->baseline_events = !cli_given(j->cli, "no-baseline-events");
    o->shuffle = strcmp(cli_text(j->cli, "shuffle"), "visits") == 0 ? STROMA_SHUFFLE_VISITS
                                                                    : STROMA_SHUFFLE_SUBJECTS;
    o->direction = strcmp(cli_text(j->cli, "direction"), "rise") == 0 ? STROMA_CHANGE_RISE
                                                                      : STROMA_CHANGE_FALL;
    o->trend = cli_given(j->cli, "trend");
    c->gap_most_days = cli_number(j->cli, "gap", 60);
    c->first_differences = cli_given(j->cli, "first-differences");
    c->log_marker = cli_given(j->cli, "log-marker");
    o->level = c->level = j->level;
    o->resamples = c->resamples = (size_t)cli_count(j->cli, "resamples", 1999);
    o->seed = c->seed = (uint64_t)cli_count(j->cli, "seed", 1);
    o->threads = c->threads = cli_threads(j->cli);
    return STROMA_OK;
}

static void events_member(const visits *v, stroma_buffer *b)
{
    stroma_json w;
    stat_member(b, "events");
    stroma_json_init(&w, b, 0);
    stroma_json_begin_array(&w);
    for (size_t i = 0; i < v->series.subjects; i++) {
        const stroma_event *e = &v->events[i];
        stroma_json_begin_object(&w);
        stroma_json_put_string(&w, "subject", v->name[i]);
        stroma_json_put_string(&w, "state", stroma_event_state_name(e->state));
        stroma_json_put_number(&w, "day", e->day);
        stroma_json_put_number(&w, "previous_day", e->previous_day);
        stroma_json_put_int(&w, "not_judged", (int64_t)e->not_judged);
        stroma_json_end_object(&w);
    }
    stroma_json_end_array(&w);
    stat_member_end(b);
}

/* One row a state of the event; the first one carries all events. */
static stroma_status put_events(stat_job *j, const visits *v, stroma_error *err)
{
    for (size_t k = 0; k < STATES; k++) {
        stroma_stat s = stroma_stat_empty("events");
        stat_result r = { .p_adjusted = NAN };
        stroma_buffer b;
        s.variant = stroma_event_state_name((stroma_event_state)k);
        s.n_used = v->count[k];
        stroma_buffer_init(&b, STAT_MEMBERS_BYTES_MAX);
        if (k == 0) events_member(v, &b);
        r.stat = s;
        const stroma_status status = stat_members_keep(j, &b, &r.members, err);
        stroma_buffer_clear(&b);
        STROMA_TRY(status);
        STROMA_TRY(stat_put_result(j, &r, err));
    }
    return STROMA_OK;
}

static stroma_status put_order(stat_job *j, const stroma_cross_lag *c, const char *marker,
                               const char *response, stroma_error *err)
{
    stroma_stat s = c->difference;
    STROMA_TRY(stat_put(j, &c->marker_to_response,
                        stroma_arena_printf(&j->arena, "%s before, %s now", marker, response),
                        err));
    STROMA_TRY(stat_put(j, &c->response_to_marker,
                        stroma_arena_printf(&j->arena, "%s before, %s now", response, marker),
                        err));
    s.method = "temporal_order";
    s.variant = stroma_temporal_order_name(c->order);
    return stat_put(j, &s, "first - second", err);
}

static void say_events(const stat_job *j, const visits *v)
{
    cli_say(
        j->cli,
        "%zu subjects: the marker rose in %zu, was up at baseline in %zu (aligned at day 0), never "
        "rose in %zu; %zu cannot be dated",
        v->series.subjects, v->count[STROMA_EVENT_RISE], v->count[STROMA_EVENT_AT_BASELINE],
        v->count[STROMA_EVENT_NONE],
        v->count[STROMA_EVENT_FIRST_SEEN] + v->count[STROMA_EVENT_UNKNOWN]);
    if (v->not_judged > 0)
        cli_say(j->cli, "%zu censored values may lie on either side of the cut-off", v->not_judged);
}

static void say_order(const stat_job *j, const stroma_cross_lag *c, const char *marker,
                      const char *response)
{
    static const char no_cause[] = "order in time, not cause";
    switch (c->order) {
    case STROMA_ORDER_CANNOT_JUDGE:
        cli_say(j->cli, "order in time: cannot be judged (%s)", c->difference.reason);
        return;
    case STROMA_ORDER_NOT_SHOWN:
        cli_say(j->cli,
                "order in time: no link between %s and %s is shown, which is no proof of "
                "none",
                marker, response);
        return;
    case STROMA_ORDER_NOT_TOLD_APART:
        cli_say(j->cli, "order in time: %s and %s are linked; which comes first cannot be told",
                marker, response);
        return;
    case STROMA_ORDER_MARKER_FIRST:
        cli_say(j->cli, "order in time: %s precedes %s (%s)", marker, response, no_cause);
        return;
    case STROMA_ORDER_RESPONSE_FIRST:
        cli_say(j->cli, "order in time: %s precedes %s (%s)", response, marker, no_cause);
        return;
    }
}

static stroma_status put_alignment(stat_job *j, const visits *v, const stroma_alignment_options *o,
                                   stroma_error *err)
{
    const char *response = cli_text(j->cli, "response");
    stroma_stat s;
    STROMA_TRY(stroma_alignment_test(&v->series, v->events, o, &s, err));
    STROMA_TRY(stat_put(j, &s, response, err));
    STROMA_TRY(stroma_alignment_lag(&v->series, v->events, o, &s, err));
    return stat_put(j, &s, response, err);
}

static stroma_status compute(stat_job *j, const visits *v, const stroma_alignment_options *o,
                             const stroma_cross_lag_options *co, stroma_error *err)
{
    const char *marker = cli_text(j->cli, "marker"), *response = cli_text(j->cli, "response");
    stroma_cross_lag c;
    STROMA_TRY(put_events(j, v, err));
    STROMA_TRY(put_alignment(j, v, o, err));
    STROMA_TRY(stroma_cross_lag_test(&v->series, co, &c, err));
    STROMA_TRY(put_order(j, &c, marker, response, err));
    say_events(j, v);
    say_order(j, &c, marker, response);
    return STROMA_OK;
}

static stroma_status answer(stat_job *j, stroma_error *err)
{
    visits v = { 0 };
    stroma_alignment_options o;
    stroma_cross_lag_options co;
    STROMA_TRY(options_of(j, &o, &co, err));
    STROMA_TRY(read_visits(j, &v, err));
    if (j->not_number != NULL) return STROMA_E_MALFORMED; /* said by the caller */
    STROMA_TRY(find_events(j, &v, err));
    return compute(j, &v, &o, &co, err);
}

static stroma_status run(cli_context *c, stroma_error *err)
{
    const char *const *args = NULL;
    (void)cli_args(c, &args);
    return stat_run_file(c, args[0], answer, err);
}

static const cli_option options[] = {
    { .name = "subject", .kind = CLI_TEXT, .metavar = "COLUMN", .help = "column of the subjects" },
    { .name = "day",
      .kind = CLI_TEXT,
      .metavar = "COLUMN",
      .help = "column of the study days; 0 is the first infusion" },
    { .name = "marker",
      .kind = CLI_TEXT,
      .metavar = "COLUMN",
      .help = "the marker whose rise is the event; <2 and >100 are censored" },
    { .name = "response", .kind = CLI_TEXT, .metavar = "COLUMN", .help = "what is to move" },
    { .name = "cutoff",
      .kind = CLI_NUMBER,
      .metavar = "X",
      .help = "the event is the first marker value above this" },
    { .name = "fold",
      .kind = CLI_NUMBER,
      .metavar = "X",
      .lower = 1.000001,
      .upper = 1e9,
      .help = "the event is the first value of at least X times the baseline" },
    { .name = "midpoint",
      .kind = CLI_FLAG,
      .help = "date the rise midway between the last visit below and the first above" },
    { .name = "before",
      .kind = CLI_TEXT,
      .metavar = "FROM:TO",
      .default_text = "-28:0",
      .help = "window before, in days since the event" },
    { .name = "after",
      .kind = CLI_TEXT,
      .metavar = "FROM:TO",
      .default_text = "7:35",
      .help = "window after, in days since the event" },
    { .name = "lags",
      .kind = CLI_TEXT,
      .metavar = "FROM:TO",
      .default_text = "0:56",
      .help = "lags that are looked at, in days" },
    { .name = "direction",
      .kind = CLI_CHOICE,
      .metavar = "WHERE",
      .choices = "fall|rise",
      .default_text = "fall",
      .help = "where the response is expected to go; declared, never taken from the data" },
    { .name = "shuffle",
      .kind = CLI_CHOICE,
      .metavar = "AMONG",
      .choices = "subjects|visits",
      .default_text = "subjects",
      .help = "what event days are shuffled among; visits do not take care of a common course" },
    { .name = "no-baseline-events",
      .kind = CLI_FLAG,
      .help = "leave out subjects whose marker was up at baseline" },
    { .name = "trend",
      .kind = CLI_FLAG,
      .help = "take out a common linear trend before the lag is looked for" },
    { .name = "gap",
      .kind = CLI_NUMBER,
      .metavar = "DAYS",
      .default_text = "60",
      .lower = 1e-6,
      .upper = 1e6,
      .help = "order: a value before that is older than this is none" },
    { .name = "first-differences",
      .kind = CLI_FLAG,
      .help = "order: changes on changes, so that lasting differences between subjects drop out" },
    { .name = "log-marker", .kind = CLI_FLAG, .help = "order: logarithm of the marker" },
    { .name = "resamples",
      .kind = CLI_COUNT,
      .metavar = "N",
      .default_text = "1999",
      .lower = 99,
      .upper = 1e6,
      .help = "permutations, and bootstrap samples of subjects" },
    CLI_OPTION_LEVEL,
    CLI_OPTION_MISSING,
    CLI_OPTION_SEED,
    CLI_OPTION_FORMAT,
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    { .name = NULL },
};
static const char *const examples[] = {
    "stroma biomarker align --subject id --day day --marker ifng --response das28 --cutoff 2 "
    "visits.csv",
    "stroma biomarker align --subject id --day day --marker ifng --response treg --fold 3 "
    "--direction rise --after 14:28 visits.csv",
    NULL,
};

const cli_command cli_cmd_biomarker_align = {
    .noun = "biomarker",
    .verb = "align",
    .summary = "does a response move when a marker rises, and after how many days?",
    .usage = "FILE",
    .min_args = 1,
    .max_args = 1,
    .description =
        "FILE has a row a subject and visit. Every subject is aligned at the day its marker first "
        "rose, as declared by --cutoff or --fold. Change of the response about that day and the "
        "lag "
        "of the change are compared with shuffled alignments; cross-lagged regressions ask which "
        "of the two moves first. What comes first in time need not be the cause.",
    .options = options,
    .examples = examples,
    .run = run,
};
