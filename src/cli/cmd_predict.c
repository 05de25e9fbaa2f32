/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma predict: what a model says of each row of a file. */
#include "predict_page.h"

#include "stroma/date.h"
#include "stroma/json.h"
#include "stroma/memory.h"
#include "stroma/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CELL_BYTES_MAX = 1 << 22, COLUMNS = 21, HASH_SHOWN = 12 };

static const char *const names[COLUMNS] = {
    "row",          "subject",     "state",           "answer",   "probability",
    "lower",        "upper",       "level",           "interval", "set",
    "set_level",    "p_responder", "p_non_responder", "distance", "distance_percentile",
    "out_of_range", "inputs",      "notes",           "model",    "simulated",
    "use"
};
static const cli_cell_type types[COLUMNS] = { CLI_CELL_NUMBER, CLI_CELL_TEXT,   CLI_CELL_TEXT,
                                              CLI_CELL_TEXT,   CLI_CELL_NUMBER, CLI_CELL_NUMBER,
                                              CLI_CELL_NUMBER, CLI_CELL_NUMBER, CLI_CELL_TEXT,
                                              CLI_CELL_JSON,   CLI_CELL_NUMBER, CLI_CELL_NUMBER,
                                              CLI_CELL_NUMBER, CLI_CELL_NUMBER, CLI_CELL_NUMBER,
                                              CLI_CELL_NUMBER, CLI_CELL_JSON,   CLI_CELL_JSON,
                                              CLI_CELL_TEXT,   CLI_CELL_BOOL,   CLI_CELL_TEXT };

/* On a terminal: what a person reads. The other forms have all of it. */
static const size_t shown[] = { 0, 1, 3, 4, 5, 6, 9, 14, 17 };
enum { SHOWN = sizeof shown / sizeof *shown };

typedef struct predict_job {
    cli_context *c;
    stroma_model *m;
    stroma_table *table;
    predict_inputs in;
    stroma_predictor *predictor;
    stroma_predict_value *values;
    predict_origin *origins;
    stroma_buffer inputs, notes, why, words, cell[COLUMNS];
    size_t subject; /* column, or SIZE_MAX */
    bool expiry_unchecked;
    bool table_form, arrays; /* what the form of the output can hold */
    bool checked;            /* this version, on other patients */
    size_t without, unclear;
    predict_page *page; /* with --page */
} predict_job;

static const char *answer_of(const stroma_prediction *r)
{
    static const char *const answers[] = { "unlike anything in training", "responder",
                                           "non-responder", "cannot tell" };
    return r->answered ? answers[r->set] : NULL;
}

static const char *set_json(const stroma_prediction *r)
{
    static const char *const sets[] = { "[]", "[\"responder\"]", "[\"non-responder\"]",
                                        "[\"responder\",\"non-responder\"]" };
    return r->answered ? sets[r->set] : "null";
}

static const char *set_word(stroma_prediction_set s)
{
    static const char *const words[] = { "neither", "responder", "non-responder", "both" };
    return words[s];
}

static void put_change(stroma_json *j, const stroma_predicted_input *o)
{
    stroma_json_key(j, "set_changes");
    if (!isfinite(o->set_at)) {
        stroma_json_null(j);
        return;
    }
    stroma_json_begin_object(j);
    stroma_json_put_string(j, "when", o->set_above ? "above" : "below");
    stroma_json_put_number(j, "value", o->set_at);
    stroma_json_put_string(j, "to", set_word(o->set_becomes));
    stroma_json_end_object(j);
}

static void put_input(stroma_json *j, const predict_job *w, size_t i, const stroma_prediction *r)
{
    const stroma_model_input *in = &w->m->inputs[i];
    const predict_origin *o = &w->origins[i];
    stroma_json_begin_object(j);
    stroma_json_put_string(j, "name", in->name);
    stroma_json_put_number(j, "reported", o->reported);
    stroma_json_put_string(j, "state",
                           stroma_cell_state_name((stroma_cell_state)w->values[i].state));
    stroma_json_put_string(j, "unit", in->unit);
    stroma_json_put_bool(j, "unit_converted", o->converted);
    stroma_json_put_bool(j, "bridged", o->bridged);
    if (r->answered) {
        const stroma_predicted_input *p = &r->inputs[i];
        stroma_json_put_number(j, "used", p->used);
        stroma_json_put_string(j, "treated", stroma_treatment_name(p->treatment));
        stroma_json_put_bool(j, "out_of_range", p->out_of_range);
        stroma_json_put_number(j, "training_minimum", in->minimum);
        stroma_json_put_number(j, "training_maximum", in->maximum);
        stroma_json_put_number(j, "half_at", p->half_at);
        put_change(j, p);
    }
    stroma_json_end_object(j);
}

/* One thing to know: an item of an array, or a part of a text. */
static void put_note(predict_job *w, stroma_json *j, const char *text)
{
    if (w->page != NULL) predict_page_note(w->page, text);
    if (w->arrays)
        stroma_json_string(j, text);
    else
        stroma_buffer_printf(&w->words, "%s%s", w->words.len > 0 ? "; " : "", text);
}

/* Everything to know about a row. */
static void collect_notes(predict_job *w, const stroma_prediction *r, const char *refused,
                          stroma_json *j)
{
    stroma_buffer *t = &w->why;
    if (refused != NULL) {
        put_note(w, j, refused);
        return;
    }
    for (size_t i = 0; stroma_prediction_note(w->predictor, r, i, t); i++) {
        put_note(w, j, t->data);
        stroma_buffer_reset(t);
    }
    for (size_t i = 0; i < w->m->inputs_len; i++) {
        const predict_origin *o = &w->origins[i];
        const char *name = w->m->inputs[i].name;
        stroma_buffer_reset(t);
        if (o->assay_unknown)
            stroma_buffer_printf(t, "assay of %s not declared; the model was made with \"%s\"",
                                 name, w->m->inputs[i].assay);
        else if (o->bridged)
            stroma_buffer_printf(t, "%s comes over a bridge from another assay%s", name,
                                 o->extrapolated ? ", beyond its pairs" : "");
        if (t->len > 0) put_note(w, j, t->data);
    }
    if (w->expiry_unchecked) put_note(w, j, "expiry not checked: no --date");
    if (!w->checked) put_note(w, j, "this version has not been checked on other patients");
}

static void put_notes(predict_job *w, const stroma_prediction *r, const char *refused)
{
    stroma_json j;
    stroma_json_init(&j, &w->notes, 0);
    stroma_buffer_reset(&w->why);
    stroma_buffer_reset(&w->words);
    if (w->arrays) stroma_json_begin_array(&j);
    collect_notes(w, r, refused, &j);
    if (w->arrays) stroma_json_end_array(&j);
}

static void put_number(stroma_buffer *b, double x, bool brief)
{
    char text[STROMA_NUMBER_TEXT_MAX];
    if (!isfinite(x)) return;
    stroma_buffer_puts(b, brief ? stroma_format_fixed(x, 3, text)
                                : stroma_format_significant(x, 10, text));
}

/* A number of the row as text, six digits; an empty cell where there is none. */
static void put_numbers(predict_job *w, const stroma_prediction *r)
{
    const double x[COLUMNS] = { [4] = r->probability,
                                [5] = r->lower,
                                [6] = r->upper,
                                [11] = r->p_event,
                                [12] = r->p_no_event,
                                [13] = r->distance,
                                [14] = r->distance_percentile };
    static const size_t at[] = { 4, 5, 6, 11, 12, 13, 14 };
    for (size_t k = 0; k < sizeof at / sizeof *at; k++)
        put_number(&w->cell[at[k]], r->answered ? x[at[k]] : (double)NAN, w->table_form);
    stroma_buffer_printf(&w->cell[7], "%g", w->m->level);
    stroma_buffer_printf(&w->cell[10], "%g", cli_number(w->c, "set-level", 0.9));
    if (r->answered) stroma_buffer_printf(&w->cell[15], "%zu", r->out_of_range);
}

/* The buffers of a row, filled. */
static stroma_status fill_row(predict_job *w, size_t row, const stroma_prediction *r,
                              const char *refused, stroma_error *err)
{
    stroma_json j;
    for (size_t i = 0; i < COLUMNS; i++)
        stroma_buffer_reset(&w->cell[i]);
    stroma_buffer_reset(&w->inputs);
    stroma_buffer_reset(&w->notes);
    stroma_json_init(&j, &w->inputs, 0);
    stroma_json_begin_array(&j);
    for (size_t i = 0; i < w->m->inputs_len; i++)
        put_input(&j, w, i, r);
    stroma_json_end_array(&j);
    put_notes(w, r, refused);
    put_numbers(w, r);
    stroma_buffer_printf(&w->cell[0], "%zu", row + 1);
    stroma_buffer_printf(&w->cell[18], "%.*s", HASH_SHOWN, w->m->sha256);
    for (size_t i = 0; i < COLUMNS; i++)
        STROMA_TRY(stroma_buffer_status(&w->cell[i], err));
    STROMA_TRY(stroma_buffer_status(&w->inputs, err));
    STROMA_TRY(stroma_buffer_status(&w->words, err));
    return stroma_buffer_status(&w->notes, err);
}

static const char *notes_of(const predict_job *w)
{
    if (w->arrays) return w->notes.data;
    return w->words.len > 0 ? w->words.data : NULL;
}

static const char *set_of(const predict_job *w, const stroma_prediction *r)
{
    if (w->arrays) return set_json(r);
    return r->answered ? set_word(r->set) : NULL;
}

static stroma_status write_row(predict_job *w, size_t row, const stroma_prediction *r,
                               const char *refused, cli_grid *g, stroma_error *err)
{
    char buf[STROMA_CELL_TEXT_MAX];
    const char *cells[COLUMNS], *some[SHOWN];
    STROMA_TRY(fill_row(w, row, r, refused, err));
    for (size_t i = 0; i < COLUMNS; i++)
        cells[i] = w->cell[i].len > 0 ? w->cell[i].data : NULL;
    if (w->subject != SIZE_MAX) cells[1] = stroma_table_cell_text(w->table, w->subject, row, buf);
    cells[2] = refused != NULL ? "refused" : r->answered ? "present" : "not_estimable";
    cells[3] = answer_of(r);
    cells[8] = r->answered && r->interval_method[0] != '\0' ? r->interval_method : NULL;
    cells[9] = set_of(w, r);
    cells[16] = w->inputs.data;
    cells[17] = notes_of(w);
    cells[19] = w->m->simulated ? "true" : "false";
    cells[20] = "research only";
    if (!w->table_form) return cli_grid_row(g, cells, err);
    for (size_t i = 0; i < SHOWN; i++)
        some[i] = cells[shown[i]];
    return cli_grid_row(g, some, err);
}

static stroma_status add_to_page(predict_job *w, size_t row, const stroma_prediction *r,
                                 const char *refused, stroma_error *err)
{
    char buf[STROMA_CELL_TEXT_MAX];
    const char *id = buf;
    if (w->subject != SIZE_MAX)
        id = stroma_table_cell_text(w->table, w->subject, row, buf);
    else
        (void)snprintf(buf, sizeof buf, "of row %zu", row + 1);
    return predict_page_add(w->page,
                            &(predict_page_row){ .id = id,
                                                 .answer = answer_of(r),
                                                 .refused = refused,
                                                 .prediction = r,
                                                 .values = w->values,
                                                 .origins = w->origins,
                                                 .set_level = cli_number(w->c, "set-level", 0.9) },
                            err);
}

static stroma_status rows(predict_job *w, cli_grid *g, stroma_error *err)
{
    for (size_t row = 0; row < w->table->rows_len; row++) {
        stroma_buffer why;
        stroma_prediction r = { .answered = false };
        stroma_buffer_init(&why, 1 << 16);
        const bool usable = predict_inputs_row(&w->in, row, w->values, w->origins, &why);
        stroma_status s = stroma_buffer_status(&why, err);
        if (cli_given(w->c, "smooth")) stroma_predictor_smooth(w->predictor, row);
        if (s == STROMA_OK && usable) s = stroma_predict(w->predictor, w->values, &r, err);
        if (s == STROMA_OK) s = write_row(w, row, &r, usable ? NULL : why.data, g, err);
        if (s == STROMA_OK && w->page != NULL)
            s = add_to_page(w, row, &r, usable ? NULL : why.data, err);
        stroma_buffer_clear(&why);
        STROMA_TRY(s);
        w->without += !r.answered;
        w->unclear += r.answered && (r.set == STROMA_SET_BOTH || r.set == STROMA_SET_NONE);
    }
    return STROMA_OK;
}

/* There is no clock here: the day of use is declared. */
static stroma_status check_expiry(predict_job *w, stroma_error *err)
{
    const char *text = cli_text(w->c, "date"), *allow = cli_text(w->c, "allow");
    stroma_date today = { 0 }, last = { 0 };
    if (text != NULL && !stroma_date_parse(text, strlen(text), &today))
        return stroma_fail(err, STROMA_E_USAGE, "--date \"%.40s\" is not a date as 2026-11-30",
                           text);
    if (w->m->expiry == NULL) return STROMA_OK;
    if (text == NULL) {
        w->expiry_unchecked = true;
        cli_say(w->c, "note: the model may be used until %s; that was not checked, give --date",
                w->m->expiry);
        return STROMA_OK;
    }
    (void)stroma_date_parse(w->m->expiry, strlen(w->m->expiry), &last);
    if (today.days <= last.days) return STROMA_OK;
    if (allow != NULL) {
        cli_say(w->c, "note: the model expired on %s", w->m->expiry);
        return STROMA_OK;
    }
    (void)stroma_fail(err, STROMA_E_INCONSISTENT, "the model expired on %s, and it is %s",
                      w->m->expiry, text);
    stroma_hint(err, "validate it on recent patients and give it a new date, or --allow expired");
    return STROMA_E_INCONSISTENT;
}

static stroma_status prepare(predict_job *w, stroma_error *err)
{
    const char *const *args = NULL;
    (void)cli_args(w->c, &args);
    STROMA_TRY(stroma_model_read_file(args[0], &w->m, err));
    STROMA_TRY(check_expiry(w, err));
    STROMA_TRY(stroma_predictor_new(w->m, cli_number(w->c, "set-level", 0.9), &w->predictor, err));
    STROMA_TRY(model_table(w->c, args[1], &w->table, err));
    const char *subject = cli_text(w->c, "subject");
    w->subject = subject == NULL ? SIZE_MAX : stroma_table_find(w->table, subject);
    if (subject != NULL && w->subject == SIZE_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "--subject: no column \"%.60s\"", subject);
    w->values = stroma_alloc_array(w->m->inputs_len, sizeof *w->values);
    w->origins = stroma_alloc_array(w->m->inputs_len, sizeof *w->origins);
    if (w->values == NULL || w->origins == NULL) return stroma_no_memory(err);
    const stroma_status s = predict_inputs_open(w->c, w->m, w->table, &w->in, err);
    return s == STROMA_OK ? s : stroma_in(err, s, "file \"%s\"", args[1]);
}

/* Forms without arrays get words in their place. */
static stroma_status open_grid(predict_job *w, cli_grid **g, stroma_error *err)
{
    const char *some[COLUMNS];
    cli_cell_type kinds[COLUMNS];
    w->table_form = strcmp(cli_format(w->c), "table") == 0;
    w->arrays = strncmp(cli_format(w->c), "json", 4) == 0;
    for (size_t i = 0; i < w->m->validations_len; i++)
        w->checked = w->checked || w->m->validations[i].version == w->m->version;
    const size_t n = w->table_form ? SHOWN : COLUMNS;
    for (size_t i = 0; i < n; i++) {
        const size_t at = w->table_form ? shown[i] : i;
        some[i] = names[at];
        kinds[i] = !w->arrays && (at == 9 || at == 17) ? CLI_CELL_TEXT : types[at];
    }
    return cli_grid_new(w->c, "stroma.prediction/1", some, kinds, n, g, err);
}

static stroma_status work(predict_job *w, stroma_error *err)
{
    STROMA_TRY(prepare(w, err));
    cli_say(w->c,
            "for research use only: not for diagnosis, and not for decisions on a patient's "
            "care%s",
            w->m->simulated ? " (model of simulated data)" : "");
    cli_grid *g = NULL;
    if (cli_given(w->c, "page")) STROMA_TRY(predict_page_new(w->m, &w->page, err));
    STROMA_TRY(open_grid(w, &g, err));
    stroma_status s = rows(w, g, err);
    s = cli_grid_end(g, s, err);
    if (s == STROMA_OK && w->page != NULL)
        s = predict_page_write(w->page, cli_text(w->c, "page"), cli_given(w->c, "force"), err);
    if (s != STROMA_OK) return s;
    if (w->without > 0)
        cli_say(w->c, "note: %zu of %zu rows have no answer; the reason stands in each", w->without,
                w->table->rows_len);
    return w->without > 0 && cli_given(w->c, "strict") ? STROMA_FOUND : STROMA_OK;
}

/* No output replaces the other one, and none is begun that another would stop. */
static stroma_status check_outputs(const cli_context *c, stroma_error *err)
{
    const char *const out[] = { cli_text(c, "output"), cli_text(c, "page") };
    for (size_t i = 0; i < 2; i++) {
        if (out[i] == NULL || strcmp(out[i], "-") == 0) continue;
        if (cli_given(c, "force") || access(out[i], F_OK) != 0) continue;
        (void)stroma_fail(err, STROMA_E_USAGE, "file \"%s\" exists", out[i]);
        stroma_hint(err, "give another name, or --force to replace it");
        return STROMA_E_USAGE;
    }
    if (out[1] != NULL && out[0] != NULL && strcmp(out[0], out[1]) == 0)
        return stroma_fail(err, STROMA_E_USAGE, "--output and --page are one file");
    return STROMA_OK;
}

static stroma_status run(cli_context *c, stroma_error *err)
{
    STROMA_TRY(check_outputs(c, err));
    predict_job w = { .c = c };
    stroma_buffer_init(&w.inputs, CELL_BYTES_MAX);
    stroma_buffer_init(&w.notes, CELL_BYTES_MAX);
    stroma_buffer_init(&w.why, CELL_BYTES_MAX);
    stroma_buffer_init(&w.words, CELL_BYTES_MAX);
    for (size_t i = 0; i < COLUMNS; i++)
        stroma_buffer_init(&w.cell[i], 4096);
    const stroma_status s = work(&w, err);
    for (size_t i = 0; i < COLUMNS; i++)
        stroma_buffer_clear(&w.cell[i]);
    stroma_buffer_clear(&w.inputs);
    stroma_buffer_clear(&w.notes);
    stroma_buffer_clear(&w.why);
    stroma_buffer_clear(&w.words);
    predict_page_free(w.page);
    predict_inputs_close(&w.in);
    stroma_predictor_free(w.predictor);
    stroma_free(w.values);
    stroma_free(w.origins);
    stroma_table_free(w.table);
    stroma_model_free(w.m);
    return s;
}

#define SETTING(name_, metavar_, help_)                                                         \
    {                                                                                           \
        .name = (name_), .kind = CLI_TEXT, .metavar = (metavar_), .help = (help_), .many = true \
    }
static const cli_option options[] = {
    { .name = "date",
      .kind = CLI_TEXT,
      .metavar = "DATE",
      .help = "the day of use, as 2026-11-30, to check the model's expiry" },
    { .name = "allow",
      .kind = CLI_CHOICE,
      .metavar = "WHAT",
      .choices = "expired",
      .help = "use a model after its expiry" },
    { .name = "set-level",
      .kind = CLI_NUMBER,
      .metavar = "FRACTION",
      .default_text = "0.9",
      .lower = 0.5,
      .upper = 0.999,
      .help = "share of each class that the sets are to cover" },
    { .name = "smooth",
      .kind = CLI_FLAG,
      .help = "break ties in the sets at random, by seed and row: exact coverage where many values "
              "are tied" },
    SETTING("column", "NAME=HEADER", "header of an input in this file"),
    SETTING("unit", "NAME=UNIT", "unit of an input in this file; converted where that is declared"),
    SETTING("assay", "NAME=ASSAY", "assay of an input in this file (or a column NAME_assay)"),
    { .name = "bridge",
      .kind = CLI_PATH,
      .metavar = "FILE",
      .many = true,
      .help = "a bridge between assays, from `stroma model bridge`" },
    { .name = "subject",
      .kind = CLI_TEXT,
      .metavar = "COLUMN",
      .help = "column of the subject's id" },
    { .name = "page",
      .kind = CLI_PATH,
      .metavar = "FILE.html",
      .help = "also write a page for people: a patient a section, values among those of the "
              "training patients, what would change the answer" },
    CLI_OPTION_MISSING,
    CLI_OPTION_FORMAT,
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    CLI_OPTION_STRICT,
    { .name = NULL },
};
static const char *const examples[] = {
    "stroma predict model.json patients.csv --format jsonl --date 2026-11-30",
    "stroma predict model.json patients.csv --unit ifng=ng/L --assay ifng=ELISA --bridge "
    "bridge.json",
    "stroma predict out/models/before_infusion.json patients.csv --subject id --page page.html",
    NULL
};

const cli_command cli_cmd_predict = {
    .noun = "predict",
    .summary = "the chance of response of each row of a file, and what cannot be said",
    .usage = "MODEL.json FILE",
    .min_args = 2,
    .max_args = 2,
    .description =
        "For research use only. A line a row: probability with interval; the conformal set "
        "(responder, non-responder, both: cannot tell, none: unlike anything in training); "
        "distance "
        "from the training patients; how each input was treated, and which value of it would "
        "change "
        "the answer. Values of another assay are refused unless bridged, units are converted only "
        "where --unit says so. FILE holds reported values, not raw signals.",
    .options = options,
    .examples = examples,
    .run = run,
};
