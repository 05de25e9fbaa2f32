/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stat_survival_data.h"

#include "stroma/number.h"

#include <math.h>
#include <string.h>

/* Columns of the table, SIZE_MAX where not asked for. */
typedef struct columns {
    size_t time, status, entry, group, strata, cluster;
    const char *event, *censored;
} columns;

static stroma_status named_column(const stat_job *j, const char *name, const char *option,
                                  size_t *out, stroma_error *err)
{
    if (name == NULL) return stat_column(j, option, out, err);
    *out = stroma_table_find(j->table, name);
    if (*out != SIZE_MAX) return STROMA_OK;
    return stroma_fail(err, STROMA_E_USAGE, "no column \"%s\" in the file", name);
}

static stroma_status optional_column(const stat_job *j, const char *name, const char *option,
                                     size_t *out, stroma_error *err)
{
    *out = SIZE_MAX;
    if (name == NULL && !cli_given(j->cli, option)) return STROMA_OK;
    return named_column(j, name, option, out, err);
}

/* --status COLUMN --event VALUE, or --event COLUMN=VALUE, or --event COLUMN of zeros and ones. */
static stroma_status status_of(stat_job *j, const stat_survival_names *names, columns *c,
                               stroma_error *err)
{
    const char *event = names->event != NULL ? names->event : cli_text(j->cli, "event");
    c->event = event;
    c->censored = cli_text(j->cli, "censored");
    if (names->status != NULL || cli_given(j->cli, "status") || event == NULL)
        return named_column(j, names->status, "status", &c->status, err);
    const char *equals = strchr(event, '=');
    const size_t len = equals == NULL ? strlen(event) : (size_t)(equals - event);
    const char *name = stroma_arena_strndup(&j->arena, event, len);
    if (name == NULL) return stroma_no_memory(err);
    c->event = equals == NULL ? NULL : equals + 1;
    c->status = stroma_table_find(j->table, name);
    if (c->status != SIZE_MAX) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_USAGE, "option --status is missing");
    stroma_hint(err, "name the column that says what happened, and which value is the event: "
                     "--status COLUMN --event VALUE");
    return STROMA_E_USAGE;
}

static stroma_status find_columns(stat_job *j, const stat_survival_names *names, columns *c,
                                  stroma_error *err)
{
    if (j->table == NULL) return stroma_fail(err, STROMA_E_USAGE, "this method needs a file");
    STROMA_TRY(named_column(j, names->time, "time", &c->time, err));
    STROMA_TRY(status_of(j, names, c, err));
    STROMA_TRY(optional_column(j, names->entry, "entry", &c->entry, err));
    STROMA_TRY(optional_column(j, NULL, "group", &c->group, err));
    STROMA_TRY(optional_column(j, NULL, "strata", &c->strata, err));
    return optional_column(j, NULL, "cluster", &c->cluster, err);
}

/* Which of the column's values are what. */
typedef struct statuses {
    const char **names;
    uint32_t *codes;
    size_t k;
} statuses;

/* A method without competing events ends the follow-up where one happens; that is to be seen. */
static void say_merged(const stat_job *j, const columns *c, const statuses *s)
{
    size_t n = 0;
    stroma_buffer b;
    stroma_buffer_init(&b, 4096);
    for (size_t i = 0; i < s->k; i++) {
        if (s->codes[i] == 1) continue;
        stroma_buffer_printf(&b, "%s\"%.60s\"", n++ > 0 ? ", " : "", s->names[i]);
    }
    if (n > 1 && stroma_buffer_status(&b, NULL) == STROMA_OK)
        cli_say(j->cli,
                "note: %s of column \"%s\" all count as censored; where one of them precludes "
                "\"%s\", ask cumulative-incidence",
                (const char *)b.data, j->table->columns[c->status].name, c->event);
    stroma_buffer_clear(&b);
}

static stroma_status code_statuses(stat_job *j, const stat_survival_names *names, columns *c,
                                   statuses *s, stroma_error *err)
{
    bool seen = false;
    const char *column = j->table->columns[c->status].name;
    STROMA_TRY(stat_levels(j, c->status, false, &s->names, &s->k, err));
    s->codes = stat_alloc(j, s->k, sizeof *s->codes, err);
    if (s->codes == NULL) return STROMA_E_NOMEM;
    const bool plain = c->event == NULL && c->censored == NULL;
    if (names->causes && c->censored == NULL && s->k > 2) {
        (void)stroma_fail(err, STROMA_E_USAGE, "option --censored is missing");
        stroma_hint(err, "say which value of \"%s\" means that nothing had happened", column);
        return STROMA_E_USAGE;
    }
    for (size_t i = 0; i < s->k; i++) {
        const bool event = c->event != NULL ? strcmp(s->names[i], c->event) == 0
                           : plain          ? strcmp(s->names[i], "1") == 0
                                            : strcmp(s->names[i], c->censored) != 0;
        const bool censored = c->censored == NULL || strcmp(s->names[i], c->censored) == 0;
        if (plain && !event && strcmp(s->names[i], "0") != 0) {
            (void)stroma_fail(err, STROMA_E_USAGE, "column \"%s\" has \"%.60s\", not only 0 and 1",
                              column, s->names[i]);
            stroma_hint(err, "say which value is the event: --event VALUE");
            return STROMA_E_USAGE;
        }
        s->codes[i] = event ? 1 : names->causes && !censored ? 2 : 0;
        seen = seen || event;
    }
    if (c->event == NULL) c->event = plain ? "1" : "any";
    if (!names->causes && seen) say_merged(j, c, s);
    if (seen || plain) return STROMA_OK;
    return stroma_fail(err, STROMA_E_USAGE, "no row has \"%s\" in column \"%s\"", c->event, column);
}

/* Codes of an optional column. */
typedef struct coding {
    size_t column, k, **out;
    const char **names;
} coding;

static stroma_status prepare(stat_job *j, coding *c, bool use_levels, stroma_error *err)
{
    if (c->column == SIZE_MAX) return STROMA_OK;
    STROMA_TRY(stat_levels(j, c->column, use_levels, &c->names, &c->k, err));
    *c->out = stat_alloc(j, j->rows_len, sizeof **c->out, err);
    return *c->out == NULL ? STROMA_E_NOMEM : STROMA_OK;
}

static void read_rows(stat_job *j, const columns *c, const statuses *s, coding *codings,
                      stat_survival *out)
{
    for (size_t i = 0; i < j->rows_len; i++) {
        const size_t row = j->rows[i], to = out->n;
        size_t code = 0;
        double time = 0, entry = 0;
        bool whole = stat_number(j, c->time, row, &time) &&
                     (c->entry == SIZE_MAX || stat_number(j, c->entry, row, &entry)) &&
                     stat_code(j, c->status, row, s->names, s->k, &code);
        for (size_t k = 0; whole && k < 3; k++)
            whole = codings[k].column == SIZE_MAX ||
                    stat_code(j, codings[k].column, row, codings[k].names, codings[k].k,
                              &(*codings[k].out)[to]);
        if (!whole) continue;
        out->stop[to] = time;
        if (out->start != NULL) out->start[to] = entry;
        out->event[to] = s->codes[code];
        out->row[to] = row;
        out->n++;
    }
}

/* Keep those in at the landmark; the others are counted by what had happened to them. */
static stroma_status at_landmark(stat_job *j, stat_survival *s, stroma_error *err)
{
    if (!cli_given(j->cli, "landmark")) return STROMA_OK;
    const double landmark = cli_number(j->cli, "landmark", 0);
    const stroma_survival_data d = stat_survival_view(s);
    stroma_landmark_state *state = stat_alloc(j, s->n, sizeof *state, err);
    size_t *in = stat_alloc(j, s->n, sizeof *in, err), n = 0;
    double *time = stat_alloc(j, s->n, sizeof *time, err);
    if (state == NULL || in == NULL || time == NULL) return STROMA_E_NOMEM;
    STROMA_TRY(stroma_landmark(&d, landmark, NULL, state, in, time, &n, err));
    for (size_t i = 0; i < s->n; i++)
        if (state[i] != STROMA_LANDMARK_IN) stat_exclude(j, stroma_landmark_state_name(state[i]));
    for (size_t i = 0; i < n; i++) {
        s->stop[i] = time[i];
        s->event[i] = s->event[in[i]];
        s->row[i] = s->row[in[i]];
        size_t *codes[] = { s->group, s->stratum, s->cluster };
        for (size_t k = 0; k < 3; k++)
            if (codes[k] != NULL) codes[k][i] = codes[k][in[i]];
    }
    s->start = NULL;
    s->n = n;
    if (n > 0) return STROMA_OK;
    return stroma_fail(err, STROMA_E_DEGENERATE, "nobody is at risk at landmark %g", landmark);
}

stroma_status stat_read_survival(stat_job *j, const stat_survival_names *names, stat_survival *out,
                                 stroma_error *err)
{
    columns c = { 0 };
    statuses s = { 0 };
    *out = (stat_survival){ 0 };
    STROMA_TRY(find_columns(j, names, &c, err));
    STROMA_TRY(code_statuses(j, names, &c, &s, err));
    out->event_name = c.event;
    coding codings[] = { { .column = c.group, .out = &out->group },
                         { .column = c.strata, .out = &out->stratum },
                         { .column = c.cluster, .out = &out->cluster } };
    for (size_t k = 0; k < 3; k++)
        STROMA_TRY(prepare(j, &codings[k], k == 0, err));
    out->groups = codings[0].k;
    out->group_names = codings[0].names;
    out->strata = codings[1].k;
    out->clusters = codings[2].k;
    out->row = stat_alloc(j, j->rows_len, sizeof *out->row, err);
    out->stop = stat_alloc(j, j->rows_len, sizeof *out->stop, err);
    out->event = stat_alloc(j, j->rows_len, sizeof *out->event, err);
    if (c.entry != SIZE_MAX) out->start = stat_alloc(j, j->rows_len, sizeof *out->start, err);
    if (out->row == NULL || out->stop == NULL || out->event == NULL ||
        (c.entry != SIZE_MAX && out->start == NULL))
        return STROMA_E_NOMEM;
    read_rows(j, &c, &s, codings, out);
    if (out->n == 0) {
        const char *why = j->excluded.len > 0 ? j->excluded.reason[0] : "the file has none";
        return stroma_fail(err, STROMA_E_DEGENERATE, "no row is whole: %s", why);
    }
    return at_landmark(j, out, err);
}

stroma_survival_data stat_survival_view(const stat_survival *s)
{
    return (stroma_survival_data){ .n = s->n,
                                   .start = s->start,
                                   .stop = s->stop,
                                   .event = s->event,
                                   .group = s->group,
                                   .groups = s->groups,
                                   .stratum = s->stratum,
                                   .strata = s->strata };
}

stroma_status stat_numbers(stat_job *j, const char *option, double **out, size_t *n,
                           stroma_error *err)
{
    const char *p = cli_text(j->cli, option);
    *n = 0;
    *out = stat_alloc(j, p == NULL ? 1 : strlen(p) + 1, sizeof **out, err);
    if (*out == NULL) return STROMA_E_NOMEM;
    while (p != NULL && *p != '\0') {
        const size_t len = strcspn(p, ",");
        if (!stroma_parse_double(p, len, '.', &(*out)[*n]) || !isfinite((*out)[*n]) ||
            (*out)[*n] < 0) {
            (void)stroma_fail(err, STROMA_E_USAGE, "--%s: \"%.*s\" is no time", option, (int)len,
                              p);
            stroma_hint(err, "write --%s 180,365", option);
            return STROMA_E_USAGE;
        }
        ++*n;
        p += len + (p[len] == ',');
    }
    return STROMA_OK;
}

stroma_status stat_survival_scale(const stat_job *j, stroma_survival_scale *out, stroma_error *err)
{
    const char *text = cli_text(j->cli, "interval");
    *out = STROMA_SURVIVAL_LOG_LOG;
    for (int i = 0; text != NULL && i < STROMA_SURVIVAL_SCALES; i++) {
        *out = (stroma_survival_scale)i;
        if (strcmp(text, stroma_survival_scale_name(*out)) == 0) return STROMA_OK;
    }
    if (text == NULL) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_USAGE, "--interval \"%s\" is not known to this method", text);
    stroma_hint(err, "one of log-log (default), log, plain");
    return STROMA_E_USAGE;
}
