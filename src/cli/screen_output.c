/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "screen_output.h"

#include "stroma/json.h"
#include "stroma/memory.h"
#include "stroma/number.h"

#include <math.h>
#include <string.h>

enum { JSON_BYTES_MAX = 1 << 30, FLAGS_TEXT_MAX = 128 };
static const char log_scale[] = "natural logarithm";

static const char *text_or_null(const char *s)
{
    return s == NULL || s[0] == '\0' ? NULL : s;
}

static const char *label_of(const stroma_biomarker_frame *f, const stroma_screen_candidate *c)
{
    const stroma_biomarker_column *column = &f->columns[c->column];
    return text_or_null(column->label) == NULL ? column->name : column->label;
}

static const char *role_of(const stroma_screen_candidate *c)
{
    return c->control ? (c->in_family ? "control in family" : "negative control") : "candidate";
}

static const char *shift_scale(const stroma_biomarker_frame *f, const stroma_screen *s,
                               const stroma_screen_candidate *c)
{
    if (s->question == STROMA_QUESTION_PREDICTIVE) return NULL;
    return f->columns[c->column].log_scale ? log_scale : "value";
}

static void put_stat(stroma_json *j, const char *key, const stroma_stat *s, const char *scale)
{
    stroma_json_key(j, key);
    if (text_or_null(s->estimate_name) == NULL) {
        stroma_json_null(j);
        return;
    }
    stroma_json_begin_object(j);
    stroma_json_put_string(j, "name", s->estimate_name);
    stroma_json_put_string(j, "variant", text_or_null(s->variant));
    if (scale != NULL) stroma_json_put_string(j, "scale", scale);
    stroma_json_put_number(j, "estimate", s->estimate);
    stroma_json_put_number(j, "se", s->se);
    stroma_json_put_string(j, "interval_method", text_or_null(s->interval_method));
    stroma_json_put_number(j, "level", s->level);
    stroma_json_put_number(j, "lower", s->lower);
    stroma_json_put_number(j, "upper", s->upper);
    if (scale != NULL && strcmp(scale, log_scale) == 0) { /* a shift of logarithms is a ratio */
        stroma_json_put_number(j, "ratio", exp(s->estimate));
        stroma_json_put_number(j, "ratio_lower", exp(s->lower));
        stroma_json_put_number(j, "ratio_upper", exp(s->upper));
    }
    stroma_json_put_string(j, "reason", text_or_null(s->reason));
    stroma_json_end_object(j);
}

static void put_group(stroma_json *j, const char *key, const stroma_screen_group *g)
{
    stroma_json_key(j, key);
    stroma_json_begin_object(j);
    stroma_json_put_int(j, "n", (int64_t)g->n);
    stroma_json_put_number(j, "median", g->median);
    stroma_json_put_string(j, "median_state", stroma_cell_state_name(g->state));
    stroma_json_end_object(j);
}

static const char *group_name(const stroma_screen *s, int which)
{
    if (!s->binary) return "all";
    if (s->question == STROMA_QUESTION_PHARMACODYNAMIC) return which == 0 ? "control" : "treated";
    return which == 0 ? "without_event" : "with_event";
}

static void put_flags(stroma_json *j, const stroma_screen_candidate *c)
{
    stroma_json_key(j, "flags");
    stroma_json_begin_array(j);
    for (unsigned i = 0; i < STROMA_SCREEN_FLAGS; i++)
        if (c->flags & 1U << i) stroma_json_string(j, stroma_screen_flag_name(1U << i));
    stroma_json_end_array(j);
}

static void put_candidate(stroma_json *j, const stroma_biomarker_frame *f, const stroma_screen *s,
                          const stroma_screen_candidate *c)
{
    stroma_json_begin_object(j);
    stroma_json_put_string(j, "candidate", f->columns[c->column].name);
    stroma_json_put_string(j, "label", f->columns[c->column].label);
    stroma_json_put_string(j, "unit", f->columns[c->column].unit);
    stroma_json_put_string(j, "role", role_of(c));
    stroma_json_put_string(j, "state", c->reason[0] != '\0' ? "not_estimable" : "present");
    stroma_json_put_string(j, "reason", text_or_null(c->reason));
    stroma_json_put_string(j, "direction", stroma_screen_direction_name(c->direction));
    stroma_json_key(j, "n");
    stroma_json_begin_object(j);
    stroma_json_put_int(j, "used", (int64_t)c->n);
    stroma_json_put_int(j, "missing", (int64_t)c->missing);
    stroma_json_put_int(j, "below_limit", (int64_t)c->below);
    stroma_json_put_int(j, "above_limit", (int64_t)c->above);
    stroma_json_put_int(j, "tied_within_limit", (int64_t)c->tied_within);
    stroma_json_end_object(j);
    put_group(j, group_name(s, 0), &c->group[0]);
    if (s->binary) put_group(j, group_name(s, 1), &c->group[1]);
    put_stat(j, "effect", &c->effect, NULL);
    put_stat(j, "shift", &c->shift, shift_scale(f, s, c));
    stroma_json_put_number(j, "z", c->z);
    stroma_json_put_number(j, "p", c->p);
    stroma_json_put_string(j, "p_method", text_or_null(c->p_method));
    stroma_json_put_number(j, "p_permutation", c->p_permutation);
    stroma_json_put_number(j, "p_max_t", c->p_max_t);
    stroma_json_put_number(j, "p_min_p", c->p_min_p);
    stroma_json_put_number(j, "p_holm", c->p_holm);
    stroma_json_put_number(j, "q_bh", c->q_bh);
    stroma_json_put_number(j, "q_by", c->q_by);
    stroma_json_put_number(j, "batch_p", c->batch_p);
    put_flags(j, c);
    stroma_json_end_object(j);
}

static void put_notes(stroma_json *j, const stroma_screen *s)
{
    stroma_json_key(j, "notes");
    stroma_json_begin_array(j);
    for (size_t i = 0; i < s->notes.len; i++) {
        stroma_json_begin_object(j);
        stroma_json_put_string(j, "code", s->notes.items[i].code);
        stroma_json_put_string(j, "severity", stroma_severity_name(s->notes.items[i].severity));
        stroma_json_put_string(j, "candidate", s->notes.items[i].column);
        stroma_json_put_string(j, "message", s->notes.items[i].message);
        stroma_json_end_object(j);
    }
    stroma_json_end_array(j);
}

static void put_subjects(stroma_json *j, const stroma_biomarker_frame *f, const stroma_screen *s)
{
    stroma_json_key(j, "n");
    stroma_json_begin_object(j);
    stroma_json_put_int(j, "used", (int64_t)s->n);
    if (s->binary) {
        stroma_json_put_int(j, group_name(s, 0), (int64_t)s->groups[0]);
        stroma_json_put_int(j, group_name(s, 1), (int64_t)s->groups[1]);
    }
    if (f->treated != NULL && s->question != STROMA_QUESTION_PHARMACODYNAMIC) {
        stroma_json_put_int(j, "control_arm", (int64_t)s->arms[0]);
        stroma_json_put_int(j, "treated_arm", (int64_t)s->arms[1]);
    }
    stroma_json_key(j, "excluded");
    stroma_json_begin_array(j);
    for (size_t i = 0; i < f->excluded_len; i++) {
        stroma_json_begin_object(j);
        stroma_json_put_string(j, "reason", f->excluded[i].reason);
        stroma_json_put_int(j, "n", (int64_t)f->excluded[i].n);
        stroma_json_end_object(j);
    }
    stroma_json_end_array(j);
    stroma_json_end_object(j);
}

static void put_head(stroma_json *j, const stroma_biomarker_frame *f, const stroma_screen *s,
                     const char *family)
{
    stroma_json_put_string(j, "schema", "stroma.screen/1");
    stroma_json_put_string(j, "question", stroma_biomarker_question_name(s->question));
    stroma_json_put_string(j, "family", family);
    stroma_json_put_string(j, "outcome", f->outcome_name);
    stroma_json_put_string(j, "event", f->event);
    stroma_json_key(j, "simulated");
    stroma_json_bool(j, f->simulated);
    put_subjects(j, f, s);
    stroma_json_put_string(j, "statistic",
                           s->statistic == STROMA_SCREEN_RANKS ? "ranks" : "values");
    stroma_json_put_int(j, "family_size", (int64_t)s->family);
    stroma_json_put_int(j, "negative_controls", (int64_t)s->controls);
    stroma_json_put_int(j, "negative_controls_showing", (int64_t)s->controls_showing);
    stroma_json_put_int(j, "permutations", (int64_t)s->permutations);
    stroma_json_key(j, "all_arrangements");
    stroma_json_bool(j, s->exact);
    stroma_json_put_int(j, "seed", (int64_t)s->seed);
    stroma_json_put_int(j, "blocks", (int64_t)s->blocks);
    stroma_json_key(j, "batch_adjusted");
    stroma_json_bool(j, s->batch_adjusted);
    stroma_json_put_number(j, "batch_outcome_p", s->batch_outcome_p);
    stroma_json_put_string(j, "batch_outcome_method", text_or_null(s->batch_outcome_method));
}

static stroma_status write_json(const cli_context *c, const stroma_biomarker_frame *f,
                                const stroma_screen *s, const char *family, const size_t *order,
                                stroma_error *err)
{
    const bool lines = strcmp(cli_format(c), "jsonl") == 0;
    stroma_buffer b;
    stroma_json j;
    stroma_buffer_init(&b, JSON_BYTES_MAX);
    stroma_json_init(&j, &b, lines ? 0 : 2);
    if (!lines) {
        stroma_json_begin_object(&j);
        put_head(&j, f, s, family);
        stroma_json_key(&j, "candidates");
        stroma_json_begin_array(&j);
    }
    for (size_t i = 0; i < s->candidates_len; i++) {
        if (lines) stroma_json_init(&j, &b, 0);
        put_candidate(&j, f, s, &s->candidates[order[i]]);
        if (lines) stroma_buffer_putc(&b, '\n');
    }
    if (!lines) {
        stroma_json_end_array(&j);
        put_notes(&j, s);
        stroma_json_end_object(&j);
        stroma_buffer_putc(&b, '\n');
    }
    const stroma_status status = cli_emit_buffer(c, &b, err);
    stroma_buffer_clear(&b);
    return status;
}

enum { IN_TABLE = 1, IS_NUMBER = 2, IS_P = 4, IS_COUNT = 8 };
static const struct {
    const char *name;
    int what;
} columns[] = {
    { "candidate", IN_TABLE },
    { "role", IN_TABLE },
    { "n", IN_TABLE | IS_NUMBER | IS_COUNT },
    { "missing", IS_NUMBER | IS_COUNT },
    { "below_limit", IS_NUMBER | IS_COUNT },
    { "above_limit", IS_NUMBER | IS_COUNT },
    { "n_without", IS_NUMBER | IS_COUNT },
    { "n_with", IS_NUMBER | IS_COUNT },
    { "median_without", IN_TABLE },
    { "median_with", IN_TABLE },
    { "effect_name", IN_TABLE },
    { "effect", IN_TABLE | IS_NUMBER },
    { "effect_lower", IN_TABLE | IS_NUMBER },
    { "effect_upper", IN_TABLE | IS_NUMBER },
    { "shift_name", 0 },
    { "shift", IS_NUMBER },
    { "shift_lower", IS_NUMBER },
    { "shift_upper", IS_NUMBER },
    { "z", IS_NUMBER },
    { "p", IN_TABLE | IS_NUMBER | IS_P },
    { "p_method", 0 },
    { "p_permutation", IS_NUMBER | IS_P },
    { "p_max_t", IN_TABLE | IS_NUMBER | IS_P },
    { "p_min_p", IS_NUMBER | IS_P },
    { "p_holm", IS_NUMBER | IS_P },
    { "q_bh", IN_TABLE | IS_NUMBER | IS_P },
    { "q_by", IS_NUMBER | IS_P },
    { "batch_p", IS_NUMBER | IS_P },
    { "flags", IN_TABLE },
    { "reason", IN_TABLE },
};
enum { COLUMNS = sizeof columns / sizeof columns[0] };

typedef struct row_text {
    char number[COLUMNS][STROMA_NUMBER_TEXT_MAX];
    char median[2][STROMA_NUMBER_TEXT_MAX + 1];
    char flags[FLAGS_TEXT_MAX];
} row_text;

/* Columns of the two groups are named after them; a number as outcome has one group. */
static const char *head_of(const stroma_screen *s, size_t i)
{
    const bool arms = s->question == STROMA_QUESTION_PHARMACODYNAMIC;
    if (i != 6 && i != 7 && i != 8 && i != 9) return columns[i].name;
    if (!s->binary) return i == 6 ? "n_all" : i == 8 ? "median_all" : NULL;
    if (!arms) return columns[i].name;
    return i == 6   ? "n_control"
           : i == 7 ? "n_treated"
           : i == 8 ? "median_control"
                    : "median_treated";
}

static const char *number(double x, size_t column, bool pretty, row_text *t)
{
    if (isnan(x)) return NULL;
    if (!pretty || columns[column].what & IS_COUNT)
        return stroma_format_double(x, t->number[column]);
    return columns[column].what & IS_P ? stroma_format_p(x, t->number[column])
                                       : stroma_format_significant(x, 4, t->number[column]);
}

static const char *median(const stroma_screen_group *g, int which, bool pretty, row_text *t)
{
    if (isnan(g->median)) return NULL;
    char *text = t->median[which];
    text[0] = '\0';
    if (g->state == STROMA_BELOW_LIMIT) *text++ = '<';
    if (g->state == STROMA_ABOVE_LIMIT) *text++ = '>';
    (void)(pretty ? stroma_format_significant(g->median, 4, text)
                  : stroma_format_double(g->median, text));
    return t->median[which];
}

static const char *flags(const stroma_screen_candidate *c, row_text *t)
{
    size_t n = 0;
    t->flags[0] = '\0';
    for (unsigned i = 0; i < STROMA_SCREEN_FLAGS; i++)
        if (c->flags & 1U << i) {
            const int took = snprintf(t->flags + n, sizeof t->flags - n, "%s%s", n > 0 ? "; " : "",
                                      stroma_screen_flag_name(1U << i));
            n += took < 0 ? 0 : (size_t)took;
        }
    return text_or_null(t->flags);
}

static void cells_of(const stroma_biomarker_frame *f, const stroma_screen *s,
                     const stroma_screen_candidate *c, bool pretty, row_text *t, const char *out[])
{
    const double numbers[COLUMNS] = {
        [2] = (double)c->n,
        [3] = (double)c->missing,
        [4] = (double)c->below,
        [5] = (double)c->above,
        [6] = (double)c->group[0].n,
        [7] = s->binary ? (double)c->group[1].n : (double)NAN,
        [11] = c->effect.estimate,
        [12] = c->effect.lower,
        [13] = c->effect.upper,
        [15] = c->shift.estimate,
        [16] = c->shift.lower,
        [17] = c->shift.upper,
        [18] = c->z,
        [19] = c->p,
        [21] = c->p_permutation,
        [22] = c->p_max_t,
        [23] = c->p_min_p,
        [24] = c->p_holm,
        [25] = c->q_bh,
        [26] = c->q_by,
        [27] = c->batch_p,
    };
    for (size_t i = 0; i < COLUMNS; i++)
        out[i] = columns[i].what & IS_NUMBER ? number(numbers[i], i, pretty, t) : NULL;
    out[0] = pretty ? label_of(f, c) : f->columns[c->column].name;
    out[1] = role_of(c);
    out[8] = median(&c->group[0], 0, pretty, t);
    out[9] = median(&c->group[1], 1, pretty, t);
    out[10] = text_or_null(c->effect.estimate_name);
    out[14] = text_or_null(c->shift.estimate_name);
    out[20] = text_or_null(c->p_method);
    out[28] = flags(c, t);
    out[29] = text_or_null(c->reason);
}

static stroma_status write_flat(const cli_context *c, const stroma_biomarker_frame *f,
                                const stroma_screen *s, const size_t *order, stroma_error *err)
{
    const bool pretty = strcmp(cli_format(c), "table") == 0;
    const char *names[COLUMNS], *all[COLUMNS], *cells[COLUMNS];
    cli_cell_type types[COLUMNS];
    size_t which[COLUMNS], n = 0;
    row_text t;
    for (size_t i = 0; i < COLUMNS; i++) {
        if (pretty && !(columns[i].what & IN_TABLE)) continue;
        if ((names[n] = head_of(s, i)) == NULL) continue;
        types[n] = columns[i].what & IS_NUMBER ? CLI_CELL_NUMBER : CLI_CELL_TEXT;
        which[n++] = i;
    }
    cli_grid *g = NULL;
    STROMA_TRY(cli_grid_new(c, "stroma.screen/1", names, types, n, &g, err));
    stroma_status status = STROMA_OK;
    for (size_t i = 0; status == STROMA_OK && i < s->candidates_len; i++) {
        cells_of(f, s, &s->candidates[order[i]], pretty, &t, all);
        for (size_t k = 0; k < n; k++)
            cells[k] = all[which[k]];
        status = cli_grid_row(g, cells, err);
    }
    return cli_grid_end(g, status, err);
}

stroma_status cli_screen_write(const cli_context *c, const stroma_biomarker_frame *f,
                               const stroma_screen *s, const char *family, stroma_error *err)
{
    const char *format = cli_format(c);
    size_t *order = stroma_alloc_array(s->candidates_len, sizeof *order);
    if (order == NULL) return stroma_no_memory(err);
    stroma_status status = stroma_screen_order(s, order, err);
    char *name = family != NULL
                     ? stroma_strdup(family)
                     : stroma_asprintf("%s: %s", stroma_biomarker_question_name(s->question),
                                       f->outcome_name == NULL ? "outcome" : f->outcome_name);
    if (name == NULL && status == STROMA_OK) status = stroma_no_memory(err);
    if (status == STROMA_OK)
        status = strncmp(format, "json", 4) == 0 ? write_json(c, f, s, name, order, err)
                                                 : write_flat(c, f, s, order, err);
    stroma_free(name);
    stroma_free(order);
    return status;
}

/* An AUC of 0 or 1 that chance does not explain. */
static void say_separated(const cli_context *c, const stroma_biomarker_frame *f,
                          const stroma_screen *s)
{
    for (size_t k = 0; k < s->candidates_len; k++) {
        const stroma_screen_candidate *x = &s->candidates[k];
        if (s->question == STROMA_QUESTION_PHARMACODYNAMIC ||
            !(x->flags & STROMA_SCREEN_SEPARATED) || !(x->p_max_t <= s->alpha))
            continue;
        cli_say(c, "note: %s tells the outcome without an error: was the outcome made from it?",
                f->columns[x->column].name);
    }
}

void cli_screen_say(const cli_context *c, const stroma_biomarker_frame *f, const stroma_screen *s)
{
    size_t small = 0, first = SIZE_MAX;
    for (size_t k = 0; k < s->candidates_len; k++) {
        const stroma_screen_candidate *x = &s->candidates[k];
        if (!x->in_family) continue;
        small += x->p_max_t <= s->alpha;
        const stroma_screen_candidate *least = first == SIZE_MAX ? NULL : &s->candidates[first];
        if (least == NULL || x->p_max_t < least->p_max_t ||
            (x->p_max_t <= least->p_max_t && x->p < least->p))
            first = k;
    }
    if (first == SIZE_MAX) {
        cli_say(c, "screen (%s): no candidate could be tested",
                stroma_biomarker_question_name(s->question));
        return;
    }
    char p[STROMA_NUMBER_TEXT_MAX], alpha[STROMA_NUMBER_TEXT_MAX];
    cli_say(c,
            "screen (%s): %zu candidates, %zu subjects; adjusted p at most %s for %zu of them, the "
            "smallest is %s (%s)%s",
            stroma_biomarker_question_name(s->question), s->family, s->n,
            stroma_format_double(s->alpha, alpha), small,
            stroma_format_p(s->candidates[first].p_max_t, p),
            f->columns[s->candidates[first].column].name,
            small == 0 ? "; that is no evidence that there is nothing" : "");
    say_separated(c, f, s);
}
