/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma score compute: one score for every row of a file. */
#include "cli.h"
#include "score_columns.h"
#include "score_words.h"

#include "stroma/json.h"
#include "stroma/memory.h"
#include "stroma/table_read.h"

#include <string.h>

enum { CELL_MAX_BYTES = 1 << 14 };

static void value_json(stroma_score_kind kind, double number, const char *word, stroma_buffer *b)
{
    char text[STROMA_NUMBER_TEXT_MAX];
    stroma_json j;
    stroma_json_init(&j, b, 0);
    switch (kind) {
    case STROMA_SCORE_NUMBER: stroma_buffer_puts(b, cli_score_number(number, text)); break;
    case STROMA_SCORE_BOOL: stroma_buffer_puts(b, number > 0 ? "true" : "false"); break;
    case STROMA_SCORE_WORD: stroma_json_string(&j, word); break;
    case STROMA_SCORE_OUTPUTS: stroma_buffer_puts(b, "null"); break;
    }
}

void cli_score_value_json(const stroma_score *s, const stroma_score_result *r, stroma_buffer *b)
{
    if (r->state == STROMA_PRESENT)
        value_json(s->kind, r->number, r->word, b);
    else
        stroma_buffer_puts(b, "null");
}

void cli_score_outputs_json(const stroma_score *s, const stroma_score_result *r, stroma_buffer *b)
{
    stroma_buffer_putc(b, '{');
    for (size_t i = 0; i < s->outputs_len; i++) {
        const stroma_score_output_value *v = &r->outputs[i];
        stroma_buffer_printf(b, "%s\"%s\":", i > 0 ? "," : "", s->outputs[i].name);
        if (v->state == STROMA_PRESENT)
            value_json(s->outputs[i].kind, v->number, v->word, b);
        else
            stroma_buffer_puts(b, "null");
    }
    stroma_buffer_putc(b, '}');
}

/* Buffers that are filled anew for every row. */
typedef struct row_text {
    stroma_buffer value, outputs, reason, row;
} row_text;

static void row_text_init(row_text *t)
{
    stroma_buffer_init(&t->value, CELL_MAX_BYTES);
    stroma_buffer_init(&t->outputs, CELL_MAX_BYTES);
    stroma_buffer_init(&t->reason, CELL_MAX_BYTES);
    stroma_buffer_init(&t->row, CELL_MAX_BYTES);
}

static void row_text_clear(row_text *t)
{
    stroma_buffer_clear(&t->value);
    stroma_buffer_clear(&t->outputs);
    stroma_buffer_clear(&t->reason);
    stroma_buffer_clear(&t->row);
}

static stroma_status write_row(cli_grid *g, const stroma_score *score, size_t row,
                               const stroma_score_result *r, row_text *t, stroma_error *err)
{
    stroma_buffer_reset(&t->value);
    stroma_buffer_reset(&t->outputs);
    stroma_buffer_reset(&t->reason);
    stroma_buffer_reset(&t->row);
    cli_score_value_json(score, r, &t->value);
    cli_score_outputs_json(score, r, &t->outputs);
    stroma_buffer_printf(&t->row, "%zu", row + 1);
    /* One field tells both why there is no value and what to know about one that is there. */
    stroma_buffer_puts(&t->reason, r->reason);
    for (size_t i = 0; i < r->flags_len; i++)
        stroma_buffer_printf(&t->reason, "%s%s", t->reason.len > 0 ? "; " : "", r->flags[i]);
    STROMA_TRY(stroma_buffer_status(&t->value, err));
    STROMA_TRY(stroma_buffer_status(&t->outputs, err));
    STROMA_TRY(stroma_buffer_status(&t->reason, err));
    STROMA_TRY(stroma_buffer_status(&t->row, err));
    const char *const cells[] = { t->row.data,     t->value.data,
                                  t->outputs.data, stroma_cell_state_name(r->state),
                                  r->band,         t->reason.len > 0 ? t->reason.data : NULL };
    return cli_grid_row(g, cells, err);
}

static stroma_status compute_rows(const score_columns *columns, const stroma_table *table,
                                  const stroma_score_options *opts, cli_grid *g, size_t *without,
                                  stroma_error *err)
{
    row_text text;
    row_text_init(&text);
    stroma_status s = STROMA_OK;
    for (size_t row = 0; row < table->rows_len && s == STROMA_OK; row++) {
        stroma_score_result r;
        s = score_columns_compute(columns, table, row, opts, &r, err);
        if (s == STROMA_OK && r.state != STROMA_PRESENT) (*without)++;
        if (s == STROMA_OK) s = write_row(g, columns->score, row, &r, &text, err);
    }
    row_text_clear(&text);
    return s;
}

static stroma_status take_settings(const cli_context *c, const stroma_score *score,
                                   double settings[STROMA_SCORE_SETTINGS_MAX], stroma_error *err)
{
    for (size_t i = 0; i < score->settings_len; i++)
        settings[i] = score->settings[i].value;
    const char *const *given = NULL;
    const size_t n = cli_texts(c, "set", &given);
    for (size_t i = 0; i < n; i++) {
        const char *eq = strchr(given[i], '=');
        char name[64];
        const size_t len = eq == NULL ? 0 : (size_t)(eq - given[i]);
        if (len == 0 || len >= sizeof name)
            return stroma_fail(err, STROMA_E_USAGE, "--set \"%.60s\" is not NAME=VALUE", given[i]);
        memcpy(name, given[i], len);
        name[len] = '\0';
        const size_t k = stroma_score_setting_find(score, name);
        if (k == SIZE_MAX) {
            const stroma_status s = stroma_fail(
                err, STROMA_E_USAGE, "score \"%s\" has no setting \"%s\"", score->id, name);
            stroma_hint(err, "`stroma score explain %s` lists its settings", score->id);
            return s;
        }
        if (!stroma_parse_double(eq + 1, strlen(eq + 1), '.', &settings[k]))
            return stroma_fail(err, STROMA_E_USAGE, "setting \"%s\": \"%.40s\" is not a number",
                               name, eq + 1);
    }
    return STROMA_OK;
}

static stroma_status compute_table(cli_context *c, const stroma_score *score,
                                   const stroma_table *table, char decimal, stroma_error *err)
{
    static const char *const names[] = { "row", "value", "outputs", "state", "band", "reason" };
    static const cli_cell_type types[] = { CLI_CELL_NUMBER, CLI_CELL_JSON, CLI_CELL_JSON,
                                           CLI_CELL_TEXT,   CLI_CELL_TEXT, CLI_CELL_TEXT };
    const char *censored = cli_text(c, "censored");
    double settings[STROMA_SCORE_SETTINGS_MAX] = { 0 };
    STROMA_TRY(take_settings(c, score, settings, err));
    const stroma_score_options opts = { .version = 1,
                                        .censored = strcmp(censored, "limit") == 0
                                                        ? STROMA_CENSORED_LIMIT
                                                    : strcmp(censored, "half") == 0
                                                        ? STROMA_CENSORED_HALF
                                                        : STROMA_CENSORED_REFUSE,
                                        .settings = settings };
    score_columns columns;
    STROMA_TRY(score_columns_bind(score, table, decimal, &columns, err));
    stroma_buffer ignored;
    stroma_buffer_init(&ignored, CELL_MAX_BYTES);
    score_columns_ignored(&columns, table, &ignored);
    if (ignored.len > 0 && ignored.data != NULL)
        cli_say(c, "note: columns not used by %s: %s", score->id, ignored.data);
    stroma_buffer_clear(&ignored);
    cli_grid *g = NULL;
    size_t without = 0;
    STROMA_TRY(cli_grid_new(c, "stroma.score/1", names, types, 6, &g, err));
    stroma_status s = compute_rows(&columns, table, &opts, g, &without, err);
    s = cli_grid_end(g, s, err);
    if (s != STROMA_OK || without == 0) return s;
    cli_say(c, "note: %zu of %zu rows have no value; the reason stands in each", without,
            table->rows_len);
    return cli_given(c, "strict") ? STROMA_FOUND : STROMA_OK;
}

static stroma_status run_compute(cli_context *c, stroma_error *err)
{
    const char *const *args = NULL;
    (void)cli_args(c, &args);
    const stroma_score *score = NULL;
    const char *id = cli_text(c, "score"), *decimal = cli_text(c, "decimal");
    if (id == NULL) {
        const stroma_status s = stroma_fail(err, STROMA_E_USAGE, "--score is needed");
        stroma_hint(err, "`stroma score list` shows all scores");
        return s;
    }
    STROMA_TRY(stroma_score_get(id, &score, err));
    stroma_table *table = NULL;
    stroma_diag found;
    stroma_diag_init(&found);
    stroma_status s =
        score_columns_read(score, args[0], decimal == NULL ? 0 : decimal[0], &table, &found, err);
    cli_print_findings(c, &found);
    stroma_diag_clear(&found);
    if (s == STROMA_OK) {
        s = compute_table(c, score, table, decimal == NULL ? 0 : decimal[0], err);
        if (s != STROMA_OK && s != STROMA_FOUND) s = stroma_in(err, s, "file \"%s\"", args[0]);
    }
    stroma_table_free(table);
    return s;
}

static const cli_option options[] = {
    { .name = "score",
      .kind = CLI_TEXT,
      .metavar = "ID",
      .help = "the score, as in `stroma score list`" },
    { .name = "set",
      .kind = CLI_TEXT,
      .metavar = "NAME=VALUE",
      .help = "change a setting of the score, as in `stroma score explain ID`",
      .many = true },
    { .name = "censored",
      .kind = CLI_CHOICE,
      .metavar = "RULE",
      .choices = "refuse|limit|half",
      .default_text = "refuse",
      .help = "what \"<0.5\" and \">100\" stand for: nothing, the limit, half the limit" },
    { .name = "decimal",
      .kind = CLI_CHOICE,
      .metavar = "MARK",
      .choices = ".|,",
      .help = "decimal mark of the file (default: found from the file)" },
    CLI_OPTION_FORMAT,
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    CLI_OPTION_STRICT,
    { .name = NULL },
};
static const char *const examples[] = {
    "stroma score compute --score das28_esr4 --format jsonl visits.csv",
    "stroma score compute --score cdai_crohn_response --set strict=1 crohn.csv", NULL
};

const cli_command cli_cmd_score_compute = {
    .noun = "score",
    .verb = "compute",
    .summary = "one score for every row of a file",
    .usage = "--score ID FILE",
    .min_args = 1,
    .max_args = 1,
    .description =
        "Reads columns named as the score's inputs and writes a line a row: row, value, outputs, "
        "state, "
        "band, reason. Lists stand in one cell (dressing 1|0, aids_or_help walking+arising) or in "
        "a "
        "column an item (haq_dress, or dressing_1). A row that cannot be scored has its state and "
        "the "
        "reason; that is no failure unless --strict is given. Numbers are written with at most ten "
        "decimals. FILE may be - for standard input.",
    .options = options,
    .examples = examples,
    .run = run_compute,
};
