/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files to measurements: the driver, and where a row belongs. */
#include "import.h"

#include "stroma/date.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *import_text(import_source *src, size_t column, size_t row)
{
    if (column == SIZE_MAX) return NULL;
    char buf[64];
    const char *text = stroma_table_cell_text(src->t, column, row, buf);
    if (text == NULL || text[0] == '\0') return NULL;
    return text == buf ? stroma_arena_strdup(&src->s->arena, text) : text;
}

const char *import_mapped(const stroma_yaml_node *map, const char *text)
{
    const stroma_yaml_node *n = stroma_yaml_get(map, text);
    return n != NULL && n->type == STROMA_YAML_SCALAR ? n->text : text;
}

void import_finding(import_source *src, const import_cell *cell, const char *code,
                    stroma_severity severity, bool fatal, const char *message, const char *action)
{
    const study *s = src->s;
    const stroma_finding f = {
        .code = code,
        .severity = severity,
        .file = src->path,
        .line = src->t == NULL ? 0 : src->t->source_rows[cell->row],
        .column = cell->column == NULL ? NULL : cell->column->name,
        .subject = cell->subject == STUDY_NONE ? NULL : s->subjects.items[cell->subject].id,
        .visit = cell->visit == STUDY_NONE ? NULL : s->visits.items[cell->visit].id,
        .param = cell->column == NULL || cell->column->param == STUDY_NONE
                     ? NULL
                     : s->params.items[cell->column->param].id,
        .value = cell->raw,
        .message = message,
        .rule = "every cell can be read as what the study file says it is",
        .action = action
    };
    if (fatal)
        study_fatal(src->s, STROMA_E_MALFORMED, &f);
    else
        study_finding(src->s, &f);
}

/* The visit of a study day: the window that holds it, the nearest target when windows overlap. */
static int32_t visit_of_day(const study *s, int32_t day)
{
    int32_t best = STUDY_NONE;
    int64_t best_distance = INT64_MAX;
    for (size_t i = 0; i < s->visits.len; i++) {
        const study_visit *v = &s->visits.items[i];
        if (v->window_low == STUDY_DAY_UNKNOWN && v->window_high == STUDY_DAY_UNKNOWN) continue;
        if (v->window_low != STUDY_DAY_UNKNOWN && day < v->window_low) continue;
        if (v->window_high != STUDY_DAY_UNKNOWN && day > v->window_high) continue;
        const int64_t d = v->day == STUDY_DAY_UNKNOWN ? 0 : (int64_t)day - v->day;
        if ((d < 0 ? -d : d) < best_distance) {
            best_distance = d < 0 ? -d : d;
            best = (int32_t)i;
        }
    }
    return best;
}

static int32_t visit_by_text(const import_source *src, const char *text)
{
    const study *s = src->s;
    const char *id = import_mapped(stroma_yaml_get(src->node, "visit_map"), text);
    int32_t v = study_find_visit(s, id);
    for (size_t i = 0; v == STUDY_NONE && i < s->visits.len; i++)
        if (strcmp(s->visits.items[i].label, id) == 0) v = (int32_t)i;
    return v;
}

/* Where the visit stands behind the subject in one cell ("Pt028.2"): the separator, or NULL. */
static const char *visit_separator(const import_source *src, const char *cell)
{
    const char *separator = stroma_yaml_text(src->node, "visit_after", NULL);
    return separator == NULL || cell == NULL ? NULL : strrchr(cell, separator[0]);
}

static const char *subject_text(import_source *src, size_t row)
{
    const char *cell = import_text(src, src->subject, row), *at = visit_separator(src, cell);
    return at == NULL ? cell : stroma_arena_strndup(&src->s->arena, cell, (size_t)(at - cell));
}

static bool has_visits(const import_source *src)
{
    return src->visit != SIZE_MAX || stroma_yaml_get(src->node, "visit_after") != NULL;
}

static const char *visit_text(import_source *src, size_t row)
{
    if (src->visit != SIZE_MAX) return import_text(src, src->visit, row);
    const char *at = visit_separator(src, import_text(src, src->subject, row));
    return at == NULL ? "first" : at + 1;
}

/* A repeat instance (REDCap) can have a visit of its own: "event#2" is looked up before "event". */
static int32_t visit_named(import_source *src, const char *text, size_t row)
{
    const char *instance = import_text(src, src->repeat, row);
    if (instance != NULL) {
        const char *both = stroma_arena_printf(&src->s->arena, "%s#%s", text, instance);
        const int32_t v = both == NULL ? STUDY_NONE : visit_by_text(src, both);
        if (v != STUDY_NONE) return v;
    }
    return visit_by_text(src, text);
}

int32_t import_study_day(const import_source *src, double x)
{
    stroma_study_day d = { study_whole_day(x) };
    if (d.n == STUDY_DAY_UNKNOWN) return STUDY_DAY_UNKNOWN;
    if (src->cdisc_days && !stroma_study_day_from_cdisc(d.n, &d)) return STUDY_DAY_UNKNOWN;
    return d.n;
}

/* Study day of a row from its day or date column. */
static int32_t day_of_row(import_source *src, size_t row, int32_t subject)
{
    const study *s = src->s;
    if (src->day != SIZE_MAX) {
        const double x = stroma_table_number(src->t, src->day, row);
        const int32_t day = import_study_day(src, x);
        const import_cell cell = { .row = row,
                                   .subject = subject,
                                   .visit = STUDY_NONE,
                                   .raw = import_text(src, src->day, row) };
        if (day == STUDY_DAY_UNKNOWN && !isnan(x))
            import_finding(src, &cell, "STROMA-DATA-011", STROMA_ERROR, true, "not a study day",
                           src->cdisc_days ? "day_numbering: cdisc has no day 0"
                                           : "give a whole number of days since day 0");
        return day;
    }
    if (src->date != SIZE_MAX && s->subjects.items[subject].day0_days != INT32_MIN) {
        const double x = stroma_table_number(src->t, src->date, row);
        if (isnan(x)) return STUDY_DAY_UNKNOWN;
        const double days =
            src->t->columns[src->date].type == STROMA_COLUMN_DATETIME ? x / 86400 : x;
        return study_whole_day(floor(days) - s->subjects.items[subject].day0_days);
    }
    return STUDY_DAY_UNKNOWN;
}

stroma_status import_place_row(import_source *src, size_t row, int32_t *subject, int32_t *visit,
                               int32_t *day, bool *skip, stroma_error *err)
{
    study *s = src->s;
    *visit = STUDY_NONE;
    *skip = false;
    import_cell cell = { .row = row, .subject = STUDY_NONE, .visit = STUDY_NONE };
    const char *id = s->id;
    if (src->subject != SIZE_MAX) {
        id = subject_text(src, row);
        if (id == NULL) {
            *skip = true;
            import_finding(src, &cell, "STROMA-DATA-001", STROMA_ERROR, true,
                           "a row has no subject", "give the subject, or remove the row");
            return STROMA_OK;
        }
    }
    STROMA_TRY(study_subject_for(s, id, subject, err));
    study_subject *who = &s->subjects.items[*subject];
    if (who->first_file == STUDY_NONE) {
        who->first_file = src->file;
        who->first_row = src->t->source_rows[row];
    }
    *day = day_of_row(src, row, *subject);
    cell.subject = *subject;
    if (!has_visits(src)) {
        if (*day != STUDY_DAY_UNKNOWN) *visit = visit_of_day(s, *day);
        *skip = *day == STUDY_DAY_UNKNOWN && strcmp(src->layout, "visit") == 0;
        if (*skip)
            import_finding(src, &cell, "STROMA-DATA-002", STROMA_ERROR, true,
                           "a row has no study day, and no column says its visit",
                           "give its day or date, or a column with the visit");
        return STROMA_OK;
    }
    cell.raw = visit_text(src, row);
    *visit = cell.raw == NULL ? STUDY_NONE : visit_named(src, cell.raw, row);
    if (*visit == STUDY_NONE) {
        *skip = true;
        import_finding(src, &cell, "STROMA-DATA-002", STROMA_ERROR, true,
                       cell.raw == NULL ? "a row has no visit" : "the study file has no such visit",
                       "declare the visit, or map it by visit_map");
    }
    return STROMA_OK;
}

/* Rows that fell into a visit by their day: of several in one window the nearest to the target
 * stays, the others become unscheduled (no visit). */
static stroma_status keep_nearest(import_source *src, int32_t *row_visit,
                                  const int32_t *row_subject, const int32_t *row_day,
                                  stroma_error *err)
{
    const study *s = src->s;
    const size_t cells = s->subjects.len * s->visits.len;
    int64_t *best = stroma_alloc_array(cells, sizeof *best);
    if (best == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < cells; i++)
        best[i] = -1;
    for (size_t r = 0; r < src->t->rows_len; r++) {
        if (row_visit[r] == STUDY_NONE || row_subject[r] == STUDY_NONE) continue;
        const study_visit *v = &s->visits.items[row_visit[r]];
        int64_t *b = &best[(size_t)row_subject[r] * s->visits.len + (size_t)row_visit[r]];
        if (*b < 0) {
            *b = (int64_t)r;
            continue;
        }
        const int32_t target = v->day == STUDY_DAY_UNKNOWN ? 0 : v->day;
        const int32_t here = row_day[r] - target, there = row_day[*b] - target;
        const bool nearer = (here < 0 ? -here : here) < (there < 0 ? -there : there);
        row_visit[nearer ? (size_t)*b : r] = STUDY_NONE;
        if (nearer) *b = (int64_t)r;
    }
    stroma_free(best);
    return STROMA_OK;
}

static stroma_status import_row(import_source *src, size_t row, int32_t subject, int32_t visit,
                                int32_t day, stroma_error *err)
{
    for (size_t k = 0; k < src->columns_len; k++) {
        const import_column *c = &src->columns[k];
        if (c->column == SIZE_MAX || c->role != NULL) continue;
        const bool fixed = c->of_subject || strcmp(src->layout, "subject") == 0;
        const import_cell cell = { .column = c,
                                   .row = row,
                                   .subject = subject,
                                   .visit = c->visit != STUDY_NONE ? c->visit
                                            : fixed                ? STUDY_NONE
                                                                   : visit,
                                   .day = fixed || c->visit != STUDY_NONE ? STUDY_DAY_UNKNOWN : day,
                                   .raw = import_text(src, c->column, row),
                                   .unit = c->unit_column == SIZE_MAX
                                               ? c->unit
                                               : import_text(src, c->unit_column, row) };
        STROMA_TRY(import_cell_value(src, &cell, err));
    }
    return STROMA_OK;
}

/* One row of a file in value layout: which parameter it is stands in a cell. */
static stroma_status import_named_row(import_source *src, size_t row, size_t param_column,
                                      size_t value_column, const int32_t place[3], size_t *left_out,
                                      stroma_error *err)
{
    const char *name = import_text(src, param_column, row);
    const import_column *found = NULL;
    for (size_t k = 0; name != NULL && found == NULL && k < src->columns_len; k++)
        if (!src->columns[k].of_subject && strcmp(src->columns[k].name, name) == 0)
            found = &src->columns[k];
    if (found == NULL) {
        ++*left_out;
        return STROMA_OK;
    }
    import_column c = *found;
    c.column = value_column;
    const import_cell cell = {
        .column = &c,
        .row = row,
        .subject = place[0],
        .visit = c.visit != STUDY_NONE ? c.visit : place[1],
        .day = place[2],
        .by_window = !has_visits(src) && c.visit == STUDY_NONE && place[1] != STUDY_NONE,
        .raw = import_text(src, value_column, row),
        .unit = c.unit_column == SIZE_MAX ? c.unit : import_text(src, c.unit_column, row)
    };
    return import_cell_value(src, &cell, err);
}

static stroma_status import_rows(import_source *src, const int32_t *subject, const int32_t *visit,
                                 const int32_t *day, stroma_error *err)
{
    const bool named = strcmp(src->layout, "value") == 0;
    const size_t param_column =
        named ? import_find_column(src, stroma_yaml_text(src->node, "param", NULL), src->node)
              : SIZE_MAX;
    const size_t value_column =
        named ? import_find_column(src, stroma_yaml_text(src->node, "value", NULL), src->node)
              : SIZE_MAX;
    if (named && (param_column == SIZE_MAX || value_column == SIZE_MAX)) return STROMA_OK;
    size_t left_out = 0;
    for (size_t r = 0; r < src->t->rows_len; r++) {
        if (subject[r] == STUDY_NONE) continue;
        STROMA_TRY(import_row(src, r, subject[r], visit[r], day[r], err));
        const int32_t place[3] = { subject[r], visit[r], day[r] };
        if (named)
            STROMA_TRY(import_named_row(src, r, param_column, value_column, place, &left_out, err));
    }
    if (left_out > 0) {
        char message[96];
        (void)snprintf(message, sizeof message,
                       "%zu row%s of names that the study file does not map", left_out,
                       left_out == 1 ? "" : "s");
        study_finding(src->s,
                      &(stroma_finding){ .code = "STROMA-DATA-003",
                                         .severity = STROMA_NOTE,
                                         .file = src->path,
                                         .message = message,
                                         .rule = "rows are used or counted",
                                         .action = "map them under names: if they matter" });
    }
    return STROMA_OK;
}

static void count_unscheduled(import_source *src, const int32_t *subject, const int32_t *visit,
                              const int32_t *day)
{
    size_t n = 0;
    for (size_t r = 0; r < src->t->rows_len; r++)
        n += subject[r] != STUDY_NONE && visit[r] == STUDY_NONE && day[r] != STUDY_DAY_UNKNOWN;
    if (n == 0) return;
    char message[128];
    (void)snprintf(message, sizeof message,
                   "%zu rows lie in no visit's window, or farther from its day than another row",
                   n);
    study_finding(src->s, &(stroma_finding){ .code = "STROMA-DATA-016",
                                             .severity = STROMA_NOTE,
                                             .file = src->path,
                                             .message = message,
                                             .rule = "rows are used or counted",
                                             .action = "their values are kept as unscheduled and "
                                                       "enter no score and no analysis" });
}

static stroma_status import_measurements(import_source *src, stroma_error *err)
{
    const size_t n = src->t->rows_len;
    int32_t *place = stroma_alloc_array(3 * n + 1, sizeof *place);
    if (place == NULL) return stroma_no_memory(err);
    int32_t *subject = place, *visit = place + n, *day = place + 2 * n;
    stroma_status st = STROMA_OK;
    for (size_t r = 0; st == STROMA_OK && r < n; r++) {
        bool skip = false;
        st = import_place_row(src, r, &subject[r], &visit[r], &day[r], &skip, err);
        if (skip) subject[r] = STUDY_NONE;
    }
    if (st == STROMA_OK && !has_visits(src) && strcmp(src->layout, "visit") == 0)
        st = keep_nearest(src, visit, subject, day, err);
    if (st == STROMA_OK && !has_visits(src)) count_unscheduled(src, subject, visit, day);
    if (st == STROMA_OK) st = import_rows(src, subject, visit, day, err);
    stroma_free(place);
    return st;
}

/* Every subject of the file, and what its columns with a role say of them. */
static stroma_status read_subjects(import_source *src, stroma_error *err)
{
    const bool roles = strcmp(src->layout, "event") != 0 && strcmp(src->layout, "therapy") != 0;
    for (size_t r = 0; r < src->t->rows_len; r++) {
        const char *id = src->subject == SIZE_MAX ? src->s->id : subject_text(src, r);
        import_cell cell = { .row = r, .visit = STUDY_NONE };
        if (id == NULL) continue; /* found when the row is placed */
        STROMA_TRY(study_subject_for(src->s, id, &cell.subject, err));
        for (size_t k = 0; roles && k < src->columns_len; k++) {
            cell.column = &src->columns[k];
            if (cell.column->role == NULL || cell.column->column == SIZE_MAX) continue;
            cell.raw = import_text(src, cell.column->column, r);
            import_role_value(src, &cell);
        }
    }
    return STROMA_OK;
}

static stroma_status open_entry(import_source *src, study *s, const stroma_yaml_node *node,
                                stroma_error *err)
{
    *src = (import_source){
        .s = s,
        .node = node,
        .layout = stroma_yaml_text(node, "layout", "visit"),
        .path = stroma_yaml_text(node, "file", ""),
        .decimal = strcmp(stroma_yaml_text(node, "decimal", "point"), "comma") == 0 ? ',' : '.'
    };
    stroma_status st = import_plan(src, err);
    if (st == STROMA_OK) st = import_read_table(src, err);
    stroma_table **kept = STUDY_ADD(&s->tables, st == STROMA_OK ? err : NULL);
    if (kept != NULL)
        *kept = src->t;
    else
        stroma_table_free(src->t);
    if (kept == NULL && st == STROMA_OK) st = stroma_no_memory(err);
    return st != STROMA_OK || src->t == NULL ? st : read_subjects(src, err);
}

static stroma_status import_entry(import_source *src, stroma_error *err)
{
    if (src->t == NULL) return STROMA_OK; /* its faults are findings */
    if (strcmp(src->layout, "event") == 0) return import_events(src, err);
    if (strcmp(src->layout, "therapy") == 0) return import_therapies(src, err);
    return import_measurements(src, err);
}

/* A date becomes a study day once day 0 is known. */
static void date_dispositions(study *s)
{
    for (size_t i = 0; i < s->subjects.len; i++) {
        study_subject *who = &s->subjects.items[i];
        if (who->disposition_day == STUDY_DAY_UNKNOWN && who->day0_days != INT32_MIN &&
            who->disposition_date_days != INT32_MIN)
            who->disposition_day =
                study_whole_day((double)who->disposition_date_days - who->day0_days);
    }
}

static void find_last_visits(study *s)
{
    for (size_t i = 0; i < s->measurements.len; i++) {
        const study_measurement *m = &s->measurements.items[i];
        study_subject *who = &s->subjects.items[m->subject];
        const bool measured = m->state == STROMA_PRESENT || m->state == STROMA_BELOW_LIMIT ||
                              m->state == STROMA_ABOVE_LIMIT;
        if (m->visit > who->last_visit && measured && s->visits.items[m->visit].scheduled)
            who->last_visit = m->visit;
    }
}

stroma_status study_import(study *s, stroma_error *err)
{
    const stroma_yaml_node *list = stroma_yaml_get(s->root, "data");
    const size_t n = list == NULL ? 0 : list->len;
    import_source *sources = stroma_alloc_array(n, sizeof *sources);
    if (sources == NULL) return stroma_no_memory(err);
    stroma_status st = STROMA_OK;
    for (size_t i = 0; st == STROMA_OK && i < n; i++)
        st = study_entry_done(s, open_entry(&sources[i], s, list->items[i], err), err);
    date_dispositions(s);
    for (size_t i = 0; st == STROMA_OK && i < n; i++)
        st = study_entry_done(s, import_entry(&sources[i], err), err);
    for (size_t i = 0; i < n; i++)
        stroma_free(sources[i].columns);
    stroma_free(sources);
    STROMA_TRY(st);
    if (s->subjects.len == 0 && s->n_fatal == 0)
        return stroma_in(err, stroma_fail(err, STROMA_E_DEGENERATE, "the data hold no subject"),
                         "study file \"%s\"", s->path);
    find_last_visits(s);
    return STROMA_OK;
}
