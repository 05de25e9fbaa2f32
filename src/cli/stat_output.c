/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of results, in every form. JSON is an array of objects with fixed keys; what is null has
 * its reason in states{}. */
#include "stat_job.h"

#include "stroma/json.h"
#include "stroma/memory.h"
#include "stroma/number.h"

#include <math.h>
#include <string.h>

enum { JSON_BYTES_MAX = 1 << 28 };

stroma_status stat_put_result(stat_job *j, const stat_result *r, stroma_error *err)
{
    STROMA_TRY(stroma_grow(&j->results, &j->results_capacity, j->results_len + 1,
                           sizeof *j->results, err));
    stat_result *to = &j->results[j->results_len++];
    *to = *r;
    to->by = j->by;
    to->excluded = j->excluded;
    return STROMA_OK;
}

stroma_status stat_put(stat_job *j, const stroma_stat *s, const char *label, stroma_error *err)
{
    const stat_result r = { .stat = *s, .label = label, .p_adjusted = NAN };
    return stat_put_result(j, &r, err);
}

static const char *text_or_null(const char *s)
{
    return s == NULL || s[0] == '\0' ? NULL : s;
}

static void interval(stroma_json *j, const char *method, double level, double lower, double upper)
{
    stroma_json_begin_object(j);
    stroma_json_put_string(j, "method", text_or_null(method));
    stroma_json_put_number(j, "level", level);
    stroma_json_put_number(j, "lower", lower);
    stroma_json_put_number(j, "upper", upper);
    stroma_json_end_object(j);
}

/* Why a number is null. */
static void state(stroma_json *j, const char *key, double x, const char *name, const char *reason)
{
    if (isfinite(x)) return;
    if (isinf(x))
        stroma_json_put_string(j, key, x > 0 ? "infinite" : "minus infinite");
    else
        stroma_json_put_string(j, key,
                               text_or_null(reason) != NULL ? reason
                               : text_or_null(name) == NULL ? "not part of this method"
                                                            : "could not be computed");
}

static void states(stroma_json *j, const stat_result *r)
{
    const stroma_stat *s = &r->stat;
    stroma_json_key(j, "states");
    stroma_json_begin_object(j);
    state(j, "estimate", s->estimate, s->estimate_name, s->reason);
    state(j, "se", s->se, "", s->reason);
    state(j, "df", s->df, "", s->reason);
    state(j, "statistic", s->statistic, s->statistic_name, s->reason);
    state(j, "p", s->p, "", s->reason);
    state(j, "p_adjusted", r->p_adjusted, "", "no adjustment asked for");
    state(j, "lower", s->lower, s->interval_method, s->reason);
    state(j, "upper", s->upper, s->interval_method, s->reason);
    stroma_json_end_object(j);
}

static void effect(stroma_json *j, const stroma_stat *s)
{
    stroma_json_key(j, "effect");
    if (text_or_null(s->effect_name) == NULL) {
        stroma_json_null(j);
        return;
    }
    stroma_json_begin_object(j);
    stroma_json_put_string(j, "name", s->effect_name);
    stroma_json_put_number(j, "value", s->effect);
    stroma_json_put_number(j, "lower", s->effect_lower);
    stroma_json_put_number(j, "upper", s->effect_upper);
    stroma_json_end_object(j);
}

static void counts(stroma_json *j, const stat_result *r)
{
    stroma_json_key(j, "n");
    stroma_json_begin_object(j);
    stroma_json_put_int(j, "used", (int64_t)r->stat.n_used);
    if (r->stat.n1 > 0 || r->stat.n2 > 0) {
        stroma_json_put_int(j, "group1", (int64_t)r->stat.n1);
        stroma_json_put_int(j, "group2", (int64_t)r->stat.n2);
    }
    stroma_json_key(j, "excluded");
    stroma_json_begin_array(j);
    for (size_t i = 0; i < r->excluded.len; i++) {
        stroma_json_begin_object(j);
        stroma_json_put_string(j, "reason", r->excluded.reason[i]);
        stroma_json_put_int(j, "n", (int64_t)r->excluded.n[i]);
        stroma_json_end_object(j);
    }
    stroma_json_end_array(j);
    stroma_json_end_object(j);
}

static void one(stroma_json *j, const stat_result *r)
{
    const stroma_stat *s = &r->stat;
    stroma_json_begin_object(j);
    stroma_json_put_string(j, "method", s->method);
    stroma_json_put_string(j, "variant", text_or_null(s->variant));
    stroma_json_put_string(j, "by", r->by);
    stroma_json_put_string(j, "comparison", r->label);
    stroma_json_put_string(j, "state", s->not_estimable ? "not_estimable" : "present");
    stroma_json_put_string(j, "reason", text_or_null(s->reason));
    if (r->note != NULL) stroma_json_put_string(j, "note", r->note);
    counts(j, r);
    stroma_json_put_string(j, "estimate_name", text_or_null(s->estimate_name));
    stroma_json_put_number(j, "estimate", s->estimate);
    stroma_json_put_number(j, "se", s->se);
    stroma_json_put_number(j, "df", s->df);
    stroma_json_put_number(j, "df2", s->df2);
    stroma_json_put_string(j, "statistic_name", text_or_null(s->statistic_name));
    stroma_json_put_number(j, "statistic", s->statistic);
    stroma_json_put_number(j, "p", s->p);
    stroma_json_put_number(j, "p_adjusted", r->p_adjusted);
    stroma_json_key(j, "interval");
    interval(j, s->interval_method, s->level, s->lower, s->upper);
    effect(j, s);
    for (const char *m = r->members; m != NULL && *m != '\0';) {
        /* members are kept as key, 0, value, 0, …, 0 */
        stroma_json_key(j, m);
        m += strlen(m) + 1;
        stroma_json_raw(j, m);
        m += strlen(m) + 1;
    }
    states(j, r);
    stroma_json_end_object(j);
}

void stat_json_stat(stroma_buffer *b, const char *term, const stroma_stat *s)
{
    stroma_json j;
    stroma_json_init(&j, b, 0);
    stroma_json_begin_object(&j);
    stroma_json_put_string(&j, "term", term);
    stroma_json_put_number(&j, "estimate", s->estimate);
    stroma_json_put_number(&j, "se", s->se);
    stroma_json_put_number(&j, "df", s->df);
    stroma_json_put_number(&j, "statistic", s->statistic);
    stroma_json_put_number(&j, "p", s->p);
    stroma_json_put_number(&j, "lower", s->lower);
    stroma_json_put_number(&j, "upper", s->upper);
    if (text_or_null(s->effect_name) != NULL) effect(&j, s);
    if (text_or_null(s->reason) != NULL) stroma_json_put_string(&j, "reason", s->reason);
    stroma_json_end_object(&j);
}

static stroma_status write_json(const stat_job *j, bool lines, stroma_error *err)
{
    stroma_buffer b;
    stroma_buffer_init(&b, JSON_BYTES_MAX);
    stroma_json json;
    stroma_json_init(&json, &b, lines ? 0 : 2);
    if (!lines) stroma_json_begin_array(&json);
    for (size_t i = 0; i < j->results_len; i++) {
        if (j->results[i].flat_only) continue;
        if (lines) stroma_json_init(&json, &b, 0);
        one(&json, &j->results[i]);
        if (lines) stroma_buffer_putc(&b, '\n');
    }
    if (!lines) {
        stroma_json_end_array(&json);
        stroma_buffer_putc(&b, '\n');
    }
    const stroma_status s = cli_emit_buffer(j->cli, &b, err);
    stroma_buffer_clear(&b);
    return s;
}

static const char *const column_names[] = { "by",        "method", "variant",    "comparison",
                                            "n",         "n1",     "n2",         "excluded",
                                            "estimate",  "se",     "df",         "df2",
                                            "statistic", "p",      "p_adjusted", "interval_method",
                                            "level",     "lower",  "upper",      "effect_name",
                                            "effect",    "reason" };
enum { COLUMNS = sizeof column_names / sizeof column_names[0] };

static const char *number(double x, bool pretty, char *buf)
{
    if (isnan(x)) return NULL;
    return pretty ? stroma_format_significant(x, 5, buf) : stroma_format_double(x, buf);
}

static const char *count(size_t n, char *buf)
{
    return n == 0 ? NULL : stroma_format_double((double)n, buf);
}

/* The cells of a result; @p text is room for the numbers. */
static void flat_cells(const stat_result *r, bool pretty, char text[][STROMA_NUMBER_TEXT_MAX],
                       const char *out[])
{
    const stroma_stat *s = &r->stat;
    size_t left_out = 0;
    for (size_t i = 0; i < r->excluded.len; i++)
        left_out += r->excluded.n[i];
    const char *cells[COLUMNS] = {
        r->by,
        s->method,
        text_or_null(s->variant),
        r->label,
        stroma_format_double((double)s->n_used, text[4]),
        count(s->n1, text[5]),
        count(s->n2, text[6]),
        stroma_format_double((double)left_out, text[7]),
        number(s->estimate, pretty, text[8]),
        number(s->se, pretty, text[9]),
        number(s->df, pretty, text[10]),
        number(s->df2, pretty, text[11]),
        number(s->statistic, pretty, text[12]),
        isnan(s->p) ? NULL
        : pretty    ? stroma_format_p(s->p, text[13])
                    : stroma_format_double(s->p, text[13]),
        isnan(r->p_adjusted) ? NULL
        : pretty             ? stroma_format_p(r->p_adjusted, text[14])
                             : stroma_format_double(r->p_adjusted, text[14]),
        text_or_null(s->interval_method),
        text_or_null(s->interval_method) == NULL ? NULL : number(s->level, false, text[16]),
        number(s->lower, pretty, text[17]),
        number(s->upper, pretty, text[18]),
        text_or_null(s->effect_name),
        number(s->effect, pretty, text[20]),
        text_or_null(s->reason) == NULL ? r->note : s->reason,
    };
    memcpy(out, cells, sizeof cells);
}

static stroma_status write_flat(const stat_job *j, bool pretty, stroma_error *err)
{
    char text[COLUMNS][STROMA_NUMBER_TEXT_MAX];
    const char *cells[COLUMNS], *names[COLUMNS];
    cli_cell_type types[COLUMNS];
    bool used[COLUMNS];
    size_t n = 0;
    for (size_t c = 0; c < COLUMNS; c++)
        used[c] = !pretty; /* a terminal has no room for columns that are empty throughout */
    for (size_t i = 0; pretty && i < j->results_len; i++) {
        flat_cells(&j->results[i], pretty, text, cells);
        for (size_t c = 0; c < COLUMNS; c++)
            used[c] |= cells[c] != NULL && !j->results[i].json_only;
    }
    for (size_t c = 0; c < COLUMNS; c++) {
        if (!used[c]) continue;
        const bool is_text = c < 4 || c == 15 || c == 19 || c == 21;
        types[n] = is_text ? CLI_CELL_TEXT : CLI_CELL_NUMBER;
        names[n++] = column_names[c];
    }
    cli_grid *g = NULL;
    STROMA_TRY(cli_grid_new(j->cli, "stroma.stat/1", names, types, n, &g, err));
    stroma_status s = STROMA_OK;
    for (size_t i = 0; s == STROMA_OK && i < j->results_len; i++) {
        if (j->results[i].json_only) continue;
        flat_cells(&j->results[i], pretty, text, cells);
        n = 0;
        for (size_t c = 0; c < COLUMNS; c++)
            if (used[c]) cells[n++] = cells[c];
        s = cli_grid_row(g, cells, err);
    }
    return cli_grid_end(g, s, err);
}

stroma_status stat_write(const stat_job *j, stroma_error *err)
{
    const char *format = cli_format(j->cli);
    if (j->written) return STROMA_OK;
    if (strcmp(format, "json") == 0) return write_json(j, false, err);
    if (strcmp(format, "jsonl") == 0) return write_json(j, true, err);
    return write_flat(j, strcmp(format, "table") == 0, err);
}

/* Values below a limit are low, not missing: without them a mean is too high. */
void stat_say_beyond_limit(const stat_job *j)
{
    size_t most = 0;
    for (size_t i = 0; i < j->results_len; i++) {
        const stat_excluded *e = &j->results[i].excluded;
        size_t n = 0;
        for (size_t k = 0; k < e->len; k++)
            if (strstr(e->reason[k], "below_limit") != NULL ||
                strstr(e->reason[k], "above_limit") != NULL)
                n += e->n[k];
        if (n > most) most = n;
    }
    if (most > 0)
        cli_say(j->cli,
                "note: %zu rows were left out for a value beyond a limit, which is not missing: "
                "their absence shifts the rest (censored, censored-test, tobit … take them)",
                most);
}

/* An option that does nothing would seem to have done something. */
stroma_status stat_refuse_unread(const stat_job *j, const char *method, stroma_error *err)
{
    const char *option = cli_unread(j->cli);
    if (option == NULL) return STROMA_OK;
    return stroma_fail(err, STROMA_E_USAGE, "method \"%s\" has no use for --%s here", method,
                       option);
}
