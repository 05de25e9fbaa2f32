/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the header and the caller's wishes to what is read how. */
#include "csv_private.h"

#include "stroma/memory.h"

#include <stdio.h>
#include <string.h>

enum { COLUMNS_MAX = 65536 };

static stroma_status header_error(const csv_plan *plan, int64_t line, stroma_diag *diag,
                                  stroma_error *err, const csv_code code, const char *column,
                                  const char *message)
{
    stroma_csv_find(plan, diag, code, STROMA_ERROR,
                    &(stroma_finding){ .line = line, .column = column, .message = message });
    return stroma_fail_at(err, STROMA_E_MALFORMED, line, 0, "%s", message);
}

static stroma_status name_empty(csv_plan *plan, const csv_header *header, size_t i,
                                stroma_diag *diag, stroma_error *err)
{
    char message[200];
    char *name = stroma_arena_printf(plan->arena, "column_%zu", i + 1);
    if (name == NULL) return stroma_no_memory(err);
    (void)snprintf(message, sizeof message,
                   "cell %zu of the header is empty; the column is called \"%s\"", i + 1, name);
    header->names[i] = name;
    stroma_csv_find(plan, diag, CSV_HEADER_EMPTY, STROMA_WARNING,
                    &(stroma_finding){ .line = header->line, .column = name, .message = message });
    return STROMA_OK;
}

/* Note the name of column @p i. @return its twin so far, or -1. */
static stroma_status note_name(const csv_header *header, stroma_text_index *seen, size_t i,
                               int32_t *twin, stroma_error *err)
{
    const char *name = header->names[i];
    const size_t n = strlen(name);
    const uint32_t hash = stroma_text_hash(name, n);
    *twin = stroma_text_index_find(seen, header->names, sizeof *header->names, name, n, hash);
    return *twin >= 0 ? STROMA_OK : stroma_text_index_add(seen, hash, n, (int32_t)i, err);
}

/* Columns of one name become NAME_1, NAME_2, …: no use of the bare name can mean the wrong one.
 * @param root for each column the first of its name
 * @param count zeros, a place a column */
static stroma_status number_twins(csv_plan *plan, const csv_header *header, const int32_t *root,
                                  size_t *count, stroma_diag *diag, stroma_error *err)
{
    char message[320];
    for (size_t i = 0; i < header->len; i++)
        if (root[i] != (int32_t)i) count[root[i]] = 1; /* has a twin */
    for (size_t i = 0; i < header->len; i++) {
        const size_t r = (size_t)root[i];
        if (count[r] == 0) continue;
        char *name = stroma_arena_printf(plan->arena, "%s_%zu", plan->columns[r].name, count[r]++);
        if (name == NULL) return stroma_no_memory(err);
        (void)snprintf(message, sizeof message,
                       "the header names \"%.100s\" more than once; cell %zu is called \"%.100s\"",
                       plan->columns[r].name, i + 1, name);
        header->names[i] = name;
        stroma_csv_find(
            plan, diag, CSV_HEADER_TWICE, STROMA_WARNING,
            &(stroma_finding){ .line = header->line, .column = name, .message = message });
    }
    return STROMA_OK;
}

/* NAME_1 that stands in the header already. */
static stroma_status refuse_twins(csv_plan *plan, const csv_header *header, stroma_text_index *seen,
                                  stroma_diag *diag, stroma_error *err)
{
    char message[200];
    stroma_text_index_reset(seen);
    for (size_t i = 0; i < header->len; i++) {
        int32_t twin = -1;
        STROMA_TRY(note_name(header, seen, i, &twin, err));
        plan->columns[i].name = header->names[i];
        if (twin < 0) continue;
        (void)snprintf(message, sizeof message,
                       "the header names \"%.100s\" twice (cells %d and %zu)", header->names[i],
                       twin + 1, i + 1);
        (void)header_error(plan, header->line, diag, err, CSV_HEADER_TWICE, header->names[i],
                           message);
        stroma_hint(err, "give each column a name of its own");
        return STROMA_E_MALFORMED;
    }
    return STROMA_OK;
}

static stroma_status name_columns(csv_plan *plan, const csv_header *header, stroma_text_index *seen,
                                  stroma_diag *diag, stroma_error *err)
{
    int32_t *root = stroma_alloc_array(header->len, sizeof *root);
    size_t *count = stroma_alloc_array(header->len, sizeof *count);
    stroma_status st = root == NULL || count == NULL ? stroma_no_memory(err) : STROMA_OK;
    bool twins = false;
    for (size_t i = 0; i < header->len && st == STROMA_OK; i++) {
        if (header->names[i][0] == '\0') st = name_empty(plan, header, i, diag, err);
        if (st == STROMA_OK) st = note_name(header, seen, i, &root[i], err);
        plan->columns[i].name = header->names[i];
        twins = twins || root[i] >= 0;
        if (root[i] < 0) root[i] = (int32_t)i;
    }
    if (st == STROMA_OK && twins) st = number_twins(plan, header, root, count, diag, err);
    if (st == STROMA_OK && twins) st = refuse_twins(plan, header, seen, diag, err);
    stroma_free(root);
    stroma_free(count);
    return st;
}

static stroma_status absent(const csv_plan *plan, const csv_header *header, const char *name,
                            stroma_diag *diag, stroma_error *err)
{
    char names[300] = "";
    size_t at = 0;
    for (size_t i = 0; i < header->len; i++) {
        const int n =
            snprintf(names + at, sizeof names - at, "%s%s", i == 0 ? "" : ", ", header->names[i]);
        if (n < 0 || (size_t)n >= sizeof names - at) break;
        at += (size_t)n;
    }
    char message[200];
    (void)snprintf(message, sizeof message, "there is no column \"%.100s\"", name);
    (void)header_error(plan, header->line, diag, err, CSV_COLUMN_ABSENT, name, message);
    stroma_hint(err, "the columns are: %s", names);
    return STROMA_E_MALFORMED;
}

static stroma_status choose_columns(csv_plan *plan, const csv_header *header,
                                    const stroma_text_index *seen, stroma_diag *diag,
                                    stroma_error *err)
{
    const stroma_table_read_options *o = plan->opts;
    for (size_t i = 0; i < plan->columns_len; i++)
        plan->columns[i].kept = o->keep_len == 0;
    for (size_t i = 0; i < o->keep_len; i++) {
        const size_t n = strlen(o->keep[i]);
        const int32_t k = stroma_text_index_find(seen, header->names, sizeof *header->names,
                                                 o->keep[i], n, stroma_text_hash(o->keep[i], n));
        if (k < 0) return absent(plan, header, o->keep[i], diag, err);
        plan->columns[k].kept = true;
    }
    for (size_t i = 0; i < o->columns_len; i++) {
        const stroma_column_spec *spec = &o->columns[i];
        const size_t n = strlen(spec->name);
        const int32_t k = stroma_text_index_find(seen, header->names, sizeof *header->names,
                                                 spec->name, n, stroma_text_hash(spec->name, n));
        if (k < 0 || !spec->typed) continue;
        plan->columns[k].declared = plan->columns[k].known = true;
        plan->columns[k].type = spec->type;
    }
    for (size_t i = 0; i < plan->columns_len; i++)
        plan->columns[i].active = plan->columns[i].kept;
    return STROMA_OK;
}

/* A header of numbers alone is a first row of data. */
static void judge_header(const csv_plan *plan, const csv_header *header, stroma_diag *diag)
{
    for (size_t i = 0; i < header->len; i++) {
        const csv_text name = { header->names[i], strlen(header->names[i]) };
        if (stroma_csv_type_of(&plan->words, name) != STROMA_COLUMN_NUMBER) return;
    }
    stroma_csv_find(plan, diag, CSV_HEADER_NUMBERS, STROMA_WARNING,
                    &(stroma_finding){
                        .line = header->line,
                        .value = header->names[0],
                        .message = "all cells of the header are numbers; it may be a row of data",
                    });
}

stroma_status stroma_csv_plan_columns(csv_plan *plan, const csv_header *header, stroma_diag *diag,
                                      stroma_error *err)
{
    if (header->open_quote)
        return header_error(plan, header->line, diag, err, CSV_OPEN_QUOTE, NULL,
                            "a quote opened in the header is never closed");
    if (header->len == 0) return stroma_fail(err, STROMA_E_MALFORMED, "the file has no header");
    if (header->len > COLUMNS_MAX)
        return stroma_fail_at(err, STROMA_E_MALFORMED, header->line, 0,
                              "the header has %zu cells, more than the limit of %d", header->len,
                              (int)COLUMNS_MAX);
    plan->columns = stroma_alloc_array(header->len, sizeof *plan->columns);
    if (plan->columns == NULL) return stroma_no_memory(err);
    plan->columns_len = header->len;
    judge_header(plan, header, diag);
    stroma_text_index seen = { 0 };
    stroma_status s = name_columns(plan, header, &seen, diag, err);
    if (s == STROMA_OK) s = choose_columns(plan, header, &seen, diag, err);
    stroma_free(seen.slots);
    return s;
}
