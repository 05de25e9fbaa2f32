/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows that are not measurements: events and therapies. */
#include "import.h"

#include "stroma/number.h"

#include <math.h>
#include <string.h>

/* Text of a declared field of this row, or NULL. */
static const char *field(import_source *src, const char *name, size_t row)
{
    const char *column = stroma_yaml_text(stroma_yaml_get(src->node, "fields"), name, NULL);
    if (column == NULL) return NULL;
    const size_t i = stroma_table_find(src->t, column);
    return i == SIZE_MAX ? NULL : import_text(src, i, row);
}

/* Whether the row says anything of an event or therapy. A REDCap export has the rows of all its
 * instruments in one file: those of the others are empty here. */
static bool says_nothing(import_source *src, size_t row)
{
    const stroma_yaml_node *fields = stroma_yaml_get(src->node, "fields");
    for (size_t i = 0; fields != NULL && fields->type == STROMA_YAML_MAP && i < fields->len; i++)
        if (field(src, fields->keys[i]->text, row) != NULL) return false;
    return src->kind == SIZE_MAX || import_text(src, src->kind, row) == NULL;
}

static bool fields_exist(import_source *src, const char *const *known)
{
    const stroma_yaml_node *fields = stroma_yaml_get(src->node, "fields");
    bool all = true;
    for (size_t i = 0; fields != NULL && fields->type == STROMA_YAML_MAP && i < fields->len; i++) {
        size_t k = 0;
        while (known[k] != NULL && strcmp(known[k], fields->keys[i]->text) != 0)
            k++;
        if (known[k] == NULL) {
            study_fatal(
                src->s, STROMA_E_MALFORMED,
                &(stroma_finding){ .code = "STROMA-STUDY-004",
                                   .severity = STROMA_ERROR,
                                   .line = fields->keys[i]->line,
                                   .value = fields->keys[i]->text,
                                   .message = "this layout has no such field",
                                   .rule = "the study file follows its format",
                                   .action = "docs/formats/study-file.md lists the fields" });
            all = false;
        } else if (fields->items[i]->type == STROMA_YAML_SCALAR) {
            all = import_find_column(src, fields->items[i]->text, fields->items[i]) != SIZE_MAX &&
                  all;
        }
    }
    return all;
}

static double number_field(import_source *src, const char *name, size_t row)
{
    const char *text = field(src, name, row);
    double x = NAN;
    if (text == NULL || stroma_parse_double(text, strlen(text), src->decimal, &x)) return x;
    const import_cell cell = {
        .row = row, .subject = STUDY_NONE, .visit = STUDY_NONE, .raw = text
    };
    import_finding(src, &cell, "STROMA-DATA-011", STROMA_ERROR, true, "not a number",
                   "correct the cell, or declare it under missing:");
    return NAN;
}

static int32_t day_field(import_source *src, const char *name, size_t row)
{
    return import_study_day(src, number_field(src, name, row));
}

static int32_t grade_field(import_source *src, size_t row)
{
    const double x = number_field(src, "grade", row);
    if (isnan(x) || (x >= 0 && x <= 5 && x == floor(x))) return isnan(x) ? -1 : (int32_t)x;
    const import_cell cell = {
        .row = row, .subject = STUDY_NONE, .visit = STUDY_NONE, .raw = field(src, "grade", row)
    };
    import_finding(src, &cell, "STROMA-DATA-011", STROMA_ERROR, true, "not a grade from 0 to 5",
                   "correct the cell, or declare it under missing:");
    return -1;
}

static const char *const event_kinds[] = { "adverse_event", "infusion", "rescue",
                                           "procedure",     "finding",  "milestone" };

bool import_is_event_kind(const char *word)
{
    for (size_t i = 0; word != NULL && i < sizeof event_kinds / sizeof event_kinds[0]; i++)
        if (strcmp(event_kinds[i], word) == 0) return true;
    return false;
}

static stroma_status import_event(import_source *src, size_t row, stroma_error *err)
{
    int32_t subject = STUDY_NONE, visit = STUDY_NONE, day = STUDY_DAY_UNKNOWN;
    bool skip = false;
    STROMA_TRY(import_place_row(src, row, &subject, &visit, &day, &skip, err));
    if (skip) return STROMA_OK;
    const char *kind = stroma_yaml_text(src->node, "kind", NULL);
    if (src->kind != SIZE_MAX) kind = import_text(src, src->kind, row);
    if (kind == NULL) kind = field(src, "kind", row);
    const char *term = field(src, "term", row);
    const import_cell cell = { .row = row, .subject = subject, .visit = visit, .raw = kind };
    if (!import_is_event_kind(kind) || term == NULL) {
        const bool no_term = term == NULL;
        import_finding(
            src, &cell, "STROMA-DATA-013", STROMA_ERROR, true,
            no_term ? "an event has no term" : "unknown kind of event",
            no_term ? "give the term, or remove what else the row says of an event"
                    : "kinds: adverse_event, infusion, rescue, procedure, finding, milestone");
        return STROMA_OK;
    }
    study_event *e = STUDY_ADD(&src->s->events, err);
    if (e == NULL) return stroma_no_memory(err);
    const int32_t own_day = day_field(src, "day", row);
    *e = (study_event){ .subject = subject,
                        .visit = visit,
                        .kind = kind,
                        .term = term,
                        .serious = field(src, "serious", row),
                        .related = field(src, "related", row),
                        .action = field(src, "action", row),
                        .outcome = field(src, "outcome", row),
                        .detail = field(src, "detail", row),
                        .day = own_day != STUDY_DAY_UNKNOWN ? own_day : day,
                        .end_day = day_field(src, "end_day", row),
                        .grade = grade_field(src, row),
                        .file = src->file,
                        .row = src->t->source_rows[row] };
    return STROMA_OK;
}

stroma_status import_events(import_source *src, stroma_error *err)
{
    static const char *const known[] = { "kind",    "term",    "day",     "end_day",
                                         "grade",   "serious", "related", "action",
                                         "outcome", "detail",  NULL };
    if (!fields_exist(src, known)) return STROMA_OK;
    for (size_t r = 0; r < src->t->rows_len; r++)
        if (!says_nothing(src, r)) STROMA_TRY(import_event(src, r, err));
    return STROMA_OK;
}

/* Doses a day of the usual abbreviations; NaN when the word is not one of them. */
static double times_a_day(const char *frequency)
{
    static const struct {
        const char *word;
        double times;
    } words[] = { { "qd", 1 },
                  { "od", 1 },
                  { "daily", 1 },
                  { "once daily", 1 },
                  { "/d", 1 },
                  { "bid", 2 },
                  { "twice daily", 2 },
                  { "tid", 3 },
                  { "qid", 4 },
                  { "qod", 0.5 },
                  { "weekly", 1.0 / 7 },
                  { "qw", 1.0 / 7 },
                  { "every 2 weeks", 1.0 / 14 } };
    for (size_t i = 0; frequency != NULL && i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i].word, frequency) == 0) return words[i].times;
    return NAN;
}

static stroma_status import_therapy(import_source *src, size_t row, stroma_error *err)
{
    int32_t subject = STUDY_NONE, visit = STUDY_NONE, day = STUDY_DAY_UNKNOWN;
    bool skip = false;
    STROMA_TRY(import_place_row(src, row, &subject, &visit, &day, &skip, err));
    const char *drug = field(src, "drug", row);
    const import_cell cell = { .row = row, .subject = subject, .visit = visit };
    if (!skip && drug == NULL)
        import_finding(src, &cell, "STROMA-DATA-014", STROMA_ERROR, true, "a therapy has no drug",
                       "give the drug, or remove the row");
    if (skip || drug == NULL) return STROMA_OK;
    study_therapy *t = STUDY_ADD(&src->s->therapies, err);
    if (t == NULL) return stroma_no_memory(err);
    const char *ongoing_text = field(src, "ongoing", row);
    double ongoing = 0;
    if (ongoing_text != NULL && !import_parse_flag(ongoing_text, &ongoing))
        import_finding(src, &cell, "STROMA-DATA-007", STROMA_ERROR, true,
                       "ongoing is not a yes or no", "write 1/0, yes/no or true/false");
    const double dose = number_field(src, "dose", row);
    const char *frequency = field(src, "frequency", row);
    *t = (study_therapy){ .subject = subject,
                          .drug = drug,
                          .class_name = field(src, "class", row),
                          .dose = dose,
                          .dose_unit = field(src, "dose_unit", row),
                          .frequency = frequency,
                          .daily_dose = dose * times_a_day(frequency),
                          .start_day = day_field(src, "start_day", row),
                          .end_day = day_field(src, "end_day", row),
                          .start_text = field(src, "start_text", row),
                          .end_text = field(src, "end_text", row),
                          .response = field(src, "response", row),
                          .reason_stopped = field(src, "reason_stopped", row),
                          .ongoing = ongoing > 0,
                          .file = src->file,
                          .row = src->t->source_rows[row] };
    return STROMA_OK;
}

stroma_status import_therapies(import_source *src, stroma_error *err)
{
    static const char *const known[] = { "drug",      "class",     "dose",           "dose_unit",
                                         "frequency", "start_day", "end_day",        "start_text",
                                         "end_text",  "response",  "reason_stopped", "ongoing",
                                         NULL };
    if (!fields_exist(src, known)) return STROMA_OK;
    for (size_t r = 0; r < src->t->rows_len; r++)
        if (!says_nothing(src, r)) STROMA_TRY(import_therapy(src, r, err));
    return STROMA_OK;
}
