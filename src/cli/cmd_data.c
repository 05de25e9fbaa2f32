/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma data show | info | convert: what is in a data file. */
#include "cli.h"

#include "stroma/memory.h"
#include "stroma/number.h"
#include "stroma/table_read.h"
#include "stroma/table_write.h"

#include <math.h>
#include <string.h>

enum { LABELS_TEXT_MAX = 1 << 20 };

#define DATA_INPUT_OPTIONS                                                               \
    { .name = "input-format",                                                            \
      .kind = CLI_CHOICE,                                                                \
      .metavar = "FORMAT",                                                               \
      .choices = "csv|xpt|dataset-json|sas7bdat|sav|por|dta",                            \
      .help = "format of FILE (default: recognised from its bytes)" },                   \
        { .name = "member",                                                              \
          .kind = CLI_TEXT,                                                              \
          .metavar = "NAME",                                                             \
          .help = "data set of a SAS transport file that holds several" },               \
        { .name = "catalog",                                                             \
          .kind = CLI_PATH,                                                              \
          .metavar = "FILE",                                                             \
          .help = "SAS catalog (.sas7bcat) with the value labels" },                     \
        { .name = "column",                                                              \
          .kind = CLI_TEXT,                                                              \
          .metavar = "NAME",                                                             \
          .many = true,                                                                  \
          .help = "only this column" },                                                  \
        { .name = "missing",                                                             \
          .kind = CLI_TEXT,                                                              \
          .metavar = "TEXT",                                                             \
          .many = true,                                                                  \
          .help = "a text that means missing, as NA" },                                  \
        { .name = "not-done",                                                            \
          .kind = CLI_TEXT,                                                              \
          .metavar = "TEXT",                                                             \
          .many = true,                                                                  \
          .help = "a text that means not done, as ND" },                                 \
        { .name = "delimiter",                                                           \
          .kind = CLI_TEXT,                                                              \
          .metavar = "CHAR",                                                             \
          .help = "between the cells of a CSV file: , ; | or tab (default: detected)" }, \
    {                                                                                    \
        .name = "decimal", .kind = CLI_TEXT, .metavar = "CHAR",                          \
        .help = "decimal mark of a CSV file: . or , (default: detected)"                 \
    }

static stroma_status one_char(const cli_context *c, const char *option, char *out,
                              stroma_error *err)
{
    const char *s = cli_text(c, option);
    *out = 0;
    if (s == NULL) return STROMA_OK;
    if (strcmp(s, "tab") == 0 || strcmp(s, "\\t") == 0) {
        *out = '\t';
        return STROMA_OK;
    }
    if (strlen(s) != 1)
        return stroma_fail(err, STROMA_E_USAGE, "--%s \"%s\": one character is expected", option,
                           s);
    *out = s[0];
    return STROMA_OK;
}

/* Read FILE with the input options; the findings are printed. */
static stroma_status read_input(const cli_context *c, stroma_table **out, stroma_diag *diag,
                                stroma_error *err)
{
    const char *const *args = NULL;
    (void)cli_args(c, &args);
    stroma_table_read_options o = STROMA_TABLE_READ_OPTIONS_INIT;
    o.format = cli_text(c, "input-format");
    o.member = cli_text(c, "member");
    o.catalog = cli_text(c, "catalog");
    o.keep_len = cli_texts(c, "column", &o.keep);
    o.missing_len = cli_texts(c, "missing", &o.missing);
    o.not_done_len = cli_texts(c, "not-done", &o.not_done);
    o.threads = cli_threads(c);
    STROMA_TRY(one_char(c, "delimiter", &o.delimiter, err));
    STROMA_TRY(one_char(c, "decimal", &o.decimal, err));
    stroma_diag_init(diag);
    const stroma_status s = stroma_table_read(args[0], &o, out, diag, err);
    cli_print_findings(c, diag);
    if (s != STROMA_OK) stroma_diag_clear(diag);
    return s;
}

/* --strict: warnings are failure; without it the findings on stderr are enough. */
static stroma_status close_input(const cli_context *c, stroma_table *t, stroma_diag *diag,
                                 stroma_status s)
{
    if (s == STROMA_OK && cli_given(c, "strict")) s = cli_findings_status(c, diag);
    stroma_table_free(t);
    stroma_diag_clear(diag);
    return s;
}

/* "missing", and with the letter of a tagged missing value "missing .a" */
static const char *state_text(const stroma_table *t, size_t column, size_t row, char buf[32])
{
    const stroma_table_column *c = &t->columns[column];
    const char *name = stroma_cell_state_name(stroma_table_state(t, column, row));
    if (c->tags == NULL || c->tags[row] == 0) return name;
    (void)snprintf(buf, 32, "%s .%c", name, c->tags[row]);
    return buf;
}

/* What show and convert write: the columns, each with its states behind it when asked. */
typedef struct data_view {
    const stroma_table *t;
    size_t step; /* 2 with states, else 1 */
    size_t n;
    char **state_names;
    const char **names, **cells;
    cli_cell_type *types;
    char (*text)[64];
    char (*states)[32];
} data_view;

static void view_clear(data_view *v)
{
    for (size_t i = 0; v->state_names != NULL && i < v->t->columns_len; i++)
        stroma_free(v->state_names[i]);
    stroma_free(v->state_names);
    stroma_free(v->names);
    stroma_free(v->cells);
    stroma_free(v->types);
    stroma_free(v->text);
    stroma_free(v->states);
}

static stroma_status view_init(data_view *v, const stroma_table *t, bool states, stroma_error *err)
{
    *v = (data_view){ .t = t, .step = states ? 2 : 1 };
    v->n = t->columns_len * v->step;
    v->state_names = stroma_alloc_array(t->columns_len, sizeof *v->state_names);
    v->names = stroma_alloc_array(v->n, sizeof *v->names);
    v->cells = stroma_alloc_array(v->n, sizeof *v->cells);
    v->types = stroma_alloc_array(v->n, sizeof *v->types);
    v->text = stroma_alloc_array(t->columns_len, sizeof *v->text);
    v->states = stroma_alloc_array(t->columns_len, sizeof *v->states);
    if (v->state_names == NULL || v->names == NULL || v->cells == NULL || v->types == NULL ||
        v->text == NULL || v->states == NULL)
        return stroma_no_memory(err);
    for (size_t i = 0; i < t->columns_len; i++) {
        v->names[i * v->step] = t->columns[i].name;
        v->types[i * v->step] =
            t->columns[i].type == STROMA_COLUMN_NUMBER ? CLI_CELL_NUMBER : CLI_CELL_TEXT;
        if (!states) continue;
        v->state_names[i] = stroma_asprintf("%s.state", t->columns[i].name);
        if (v->state_names[i] == NULL) return stroma_no_memory(err);
        v->names[i * 2 + 1] = v->state_names[i];
        v->types[i * 2 + 1] = CLI_CELL_TEXT;
    }
    return STROMA_OK;
}

static stroma_status view_write(cli_context *c, data_view *v, int64_t rows, stroma_error *err)
{
    cli_grid *g = NULL;
    STROMA_TRY(cli_grid_new(c, "stroma.data/1", v->names, v->types, v->n, &g, err));
    stroma_status s = STROMA_OK;
    for (size_t row = 0; row < v->t->rows_len && (int64_t)row < rows && s == STROMA_OK; row++) {
        for (size_t i = 0; i < v->t->columns_len; i++) {
            const char *text = stroma_table_cell_text(v->t, i, row, v->text[i]);
            v->cells[i * v->step] = text[0] == '\0' ? NULL : text;
            if (v->step == 2) v->cells[i * 2 + 1] = state_text(v->t, i, row, v->states[i]);
        }
        s = cli_grid_row(g, v->cells, err);
    }
    return cli_grid_end(g, s, err);
}

static stroma_status write_view(cli_context *c, const stroma_table *t, bool states, int64_t rows,
                                stroma_error *err)
{
    data_view v;
    stroma_status s = view_init(&v, t, states, err);
    if (s == STROMA_OK) s = view_write(c, &v, rows, err);
    view_clear(&v);
    return s;
}

static stroma_status run_show(cli_context *c, stroma_error *err)
{
    stroma_table *t = NULL;
    stroma_diag diag;
    STROMA_TRY(read_input(c, &t, &diag, err));
    const stroma_status s =
        write_view(c, t, cli_given(c, "states"), cli_count(c, "rows", INT64_MAX), err);
    return close_input(c, t, &diag, s);
}

static stroma_status run_convert(cli_context *c, stroma_error *err)
{
    stroma_table *t = NULL;
    stroma_diag diag;
    const char *path = cli_text(c, "output"), *dot = strrchr(path, '.');
    STROMA_TRY(read_input(c, &t, &diag, err));
    stroma_status s = STROMA_OK;
    if (dot != NULL && strcmp(dot, ".xlsx") == 0)
        s = stroma_table_write_xlsx(t, path, cli_given(c, "force"), err);
    else
        s = write_view(c, t, cli_given(c, "states"), INT64_MAX, err);
    if (s == STROMA_OK && strcmp(path, "-") != 0)
        cli_say(c, "%zu rows, %zu columns: %s", t->rows_len, t->columns_len, path);
    return close_input(c, t, &diag, s);
}

/* "1 = male; 2 = female; .a = refused" */
static void labels_text(const stroma_table_column *c, stroma_buffer *b)
{
    char number[STROMA_NUMBER_TEXT_MAX];
    stroma_buffer_reset(b);
    for (size_t i = 0; i < c->value_labels_len; i++) {
        const stroma_value_label *l = &c->value_labels[i];
        if (i > 0) stroma_buffer_puts(b, "; ");
        if (l->tag != 0)
            stroma_buffer_printf(b, ".%c", l->tag);
        else
            stroma_buffer_puts(b,
                               l->text != NULL ? l->text : stroma_format_double(l->number, number));
        stroma_buffer_printf(b, " = %s", l->label);
    }
}

enum { INFO_COLUMNS = 14 };
static const char *const info_names[INFO_COLUMNS] = {
    "column",   "type",     "label",       "unit",       "format", "present", "missing",
    "not_done", "censored", "other_state", "n_distinct", "min",    "max",     "value_labels"
};
static const cli_cell_type info_types[INFO_COLUMNS] = {
    CLI_CELL_TEXT,   CLI_CELL_TEXT,   CLI_CELL_TEXT,   CLI_CELL_TEXT,   CLI_CELL_TEXT,
    CLI_CELL_NUMBER, CLI_CELL_NUMBER, CLI_CELL_NUMBER, CLI_CELL_NUMBER, CLI_CELL_NUMBER,
    CLI_CELL_NUMBER, CLI_CELL_TEXT,   CLI_CELL_TEXT,   CLI_CELL_TEXT,
};

typedef struct column_summary {
    size_t states[STROMA_CELL_STATE_COUNT];
    size_t lowest, highest; /* rows, SIZE_MAX without a present number */
} column_summary;

static column_summary summarise(const stroma_table *t, size_t column)
{
    column_summary s = { .lowest = SIZE_MAX, .highest = SIZE_MAX };
    const stroma_table_column *c = &t->columns[column];
    for (size_t row = 0; row < t->rows_len; row++) {
        const stroma_cell_state state = stroma_table_state(t, column, row);
        s.states[state]++;
        if (state != STROMA_PRESENT || c->numbers == NULL) continue;
        if (s.lowest == SIZE_MAX || c->numbers[row] < c->numbers[s.lowest]) s.lowest = row;
        if (s.highest == SIZE_MAX || c->numbers[row] > c->numbers[s.highest]) s.highest = row;
    }
    return s;
}

static stroma_status info_row(cli_grid *g, const stroma_table *t, size_t column, stroma_buffer *b,
                              stroma_error *err)
{
    const stroma_table_column *c = &t->columns[column];
    const column_summary s = summarise(t, column);
    const size_t censored = s.states[STROMA_BELOW_LIMIT] + s.states[STROMA_ABOVE_LIMIT];
    const size_t other = t->rows_len - s.states[STROMA_PRESENT] - s.states[STROMA_MISSING] -
                         s.states[STROMA_NOT_DONE] - censored;
    char counts[5][32], distinct[32], lo[64], hi[64];
    const size_t n[5] = { s.states[STROMA_PRESENT], s.states[STROMA_MISSING],
                          s.states[STROMA_NOT_DONE], censored, other };
    for (size_t i = 0; i < 5; i++)
        (void)snprintf(counts[i], sizeof counts[i], "%zu", n[i]);
    (void)snprintf(distinct, sizeof distinct, "%zu", c->dictionary_len);
    labels_text(c, b);
    STROMA_TRY(stroma_buffer_status(b, err));
    const char *cells[INFO_COLUMNS] = {
        c->name,
        stroma_column_type_name(c->type),
        c->label,
        c->unit,
        c->format,
        counts[0],
        counts[1],
        counts[2],
        counts[3],
        counts[4],
        c->type == STROMA_COLUMN_TEXT ? distinct : NULL,
        s.lowest == SIZE_MAX ? NULL : stroma_table_cell_text(t, column, s.lowest, lo),
        s.highest == SIZE_MAX ? NULL : stroma_table_cell_text(t, column, s.highest, hi),
        b->len == 0 ? NULL : b->data,
    };
    return cli_grid_row(g, cells, err);
}

static stroma_status write_info(cli_context *c, const stroma_table *t, stroma_error *err)
{
    cli_grid *g = NULL;
    stroma_buffer labels;
    stroma_buffer_init(&labels, LABELS_TEXT_MAX);
    STROMA_TRY(
        cli_grid_new(c, "stroma.data.info/1", info_names, info_types, INFO_COLUMNS, &g, err));
    stroma_status s = STROMA_OK;
    for (size_t i = 0; i < t->columns_len && s == STROMA_OK; i++)
        s = info_row(g, t, i, &labels, err);
    stroma_buffer_clear(&labels);
    return cli_grid_end(g, s, err);
}

static stroma_status run_info(cli_context *c, stroma_error *err)
{
    stroma_table *t = NULL;
    stroma_diag diag;
    STROMA_TRY(read_input(c, &t, &diag, err));
    const stroma_status s = write_info(c, t, err);
    if (s == STROMA_OK)
        cli_say(c, "%zu rows, %zu columns%s%s%s%s", t->rows_len, t->columns_len,
                t->name == NULL ? "" : "; data set ", t->name == NULL ? "" : t->name,
                t->label == NULL ? "" : "; ", t->label == NULL ? "" : t->label);
    return close_input(c, t, &diag, s);
}

static const cli_option show_options[] = {
    { .name = "rows",
      .kind = CLI_COUNT,
      .metavar = "N",
      .lower = 0,
      .upper = 9e15,
      .help = "only the first N rows" },
    { .name = "states", .kind = CLI_FLAG, .help = "behind each column, the state of its cells" },
    DATA_INPUT_OPTIONS,
    CLI_OPTION_FORMAT,
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    CLI_OPTION_STRICT,
    { .name = NULL },
};
static const cli_option info_options[] = {
    DATA_INPUT_OPTIONS, CLI_OPTION_FORMAT, CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,   CLI_OPTION_STRICT, { .name = NULL },
};
static const cli_option convert_options[] = {
    { .name = "states",
      .kind = CLI_FLAG,
      .help = "behind each column, the state of its cells (CSV, TSV, JSON)" },
    DATA_INPUT_OPTIONS,
    CLI_OPTION_FORMAT,
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    CLI_OPTION_STRICT,
    { .name = NULL },
};
static const char *const show_examples[] = { "stroma data show visits.csv --rows 10",
                                             "stroma data show adsl.xpt --column USUBJID "
                                             "--column TRTSDT --format tsv",
                                             NULL };
static const char *const info_examples[] = { "stroma data info adsl.xpt",
                                             "stroma data info survey.sav --format json", NULL };
static const char *const convert_examples[] = { "stroma data convert adsl.dsjc -o adsl.csv",
                                                "stroma data convert study.sas7bdat -o study.xlsx",
                                                NULL };

const cli_command cli_cmd_data_show = {
    .noun = "data",
    .verb = "show",
    .summary = "print a data file as a table",
    .usage = "FILE",
    .min_args = 1,
    .max_args = 1,
    .description = "Reads CSV and TSV, SAS transport files (XPT 5 and 8), CDISC Dataset-JSON 1.1 "
                   "(.json, .ndjson, "
                   ".dsjc), SAS data sets, SPSS (.sav, .zsav, .por) and Stata (.dta) files. The "
                   "format is recognised "
                   "from the bytes. Cells without a value are empty; --states says why.",
    .options = show_options,
    .examples = show_examples,
    .run = run_show,
};
const cli_command cli_cmd_data_info = {
    .noun = "data",
    .verb = "info",
    .summary = "describe the columns of a data file",
    .usage = "FILE",
    .min_args = 1,
    .max_args = 1,
    .description =
        "One row a column: type, label, unit, display format of the source, how many cells have a "
        "value "
        "and how many have none and why, distinct texts, smallest and largest value, value labels.",
    .options = info_options,
    .examples = info_examples,
    .run = run_info,
};
const cli_command cli_cmd_data_convert = {
    .noun = "data",
    .verb = "convert",
    .summary = "write a data file as CSV, TSV, JSON or Excel",
    .usage = "FILE -o OUT.csv|.tsv|.json|.jsonl|.xlsx",
    .min_args = 1,
    .max_args = 1,
    .description = "The ending of the output decides its form. Dates become ISO 8601 in text and "
                   "Excel dates in "
                   "workbooks; texts stay texts in Excel, whatever they begin with.",
    .options = convert_options,
    .examples = convert_examples,
    .run = run_convert,
};
