/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Delimiter and decimal mark, from the first records, with libcsv deciding what a record is. */
#include "csv_private.h"

#include "stroma/number.h"

#include <csv.h>
#include <string.h>

enum { SAMPLE_BYTES = 256 * 1024, SAMPLE_RECORDS = 500 };

typedef struct dialect_scan {
    size_t cells; /* in this record */
    size_t records;
    size_t header;         /* cells of the first record */
    size_t equal;          /* records with as many */
    size_t commas, points; /* numbers with that decimal mark */
} dialect_scan;

static bool number_with(csv_text cell, char mark)
{
    double x;
    return memchr(cell.data, mark, cell.size) != NULL &&
           stroma_parse_double(cell.data, cell.size, mark, &x);
}

static void on_cell(void *s, size_t n, void *data)
{
    dialect_scan *d = data;
    d->cells++;
    csv_text cell = stroma_csv_trim((csv_text){ n == 0 ? "" : s, n });
    if (d->records == 0 || d->records >= SAMPLE_RECORDS || cell.size == 0) return;
    stroma_cell_state state;
    (void)stroma_csv_censored(&cell, &state);
    if (number_with(cell, ',')) d->commas++;
    if (number_with(cell, '.')) d->points++;
}

static void on_record(int c, void *data)
{
    (void)c;
    dialect_scan *d = data;
    if (d->records < SAMPLE_RECORDS) {
        if (d->records == 0) d->header = d->cells;
        d->equal += d->cells == d->header;
        d->records++;
    }
    d->cells = 0;
}

static stroma_status scan(csv_text sample, char delimiter, bool whole, dialect_scan *out,
                          stroma_error *err)
{
    *out = (dialect_scan){ 0 };
    struct csv_parser p;
    stroma_csv_parser_init(&p, delimiter, 0);
    size_t n = csv_parse(&p, sample.data, sample.size, on_cell, on_record, out);
    if (n == sample.size && whole && csv_fini(&p, on_cell, on_record, out) != 0) n = 0;
    csv_free(&p);
    return n == sample.size ? STROMA_OK : stroma_no_memory(err);
}

static bool ends_with(const char *name, const char *ending)
{
    const size_t n = strlen(name), k = strlen(ending);
    return n >= k && strcmp(name + n - k, ending) == 0;
}

/* The delimiter whose records agree best with the header; more columns between equals. */
static stroma_status find_delimiter(csv_text sample, const char *name, bool whole, csv_dialect *out,
                                    stroma_error *err)
{
    static const char candidates[] = { ',', ';', '\t', '|' };
    double best = 0;
    size_t best_columns = 0;
    out->delimiter = ends_with(name, ".tsv") || ends_with(name, ".tab") ? '\t' : ',';
    for (size_t i = 0; i < sizeof candidates; i++) {
        dialect_scan d;
        STROMA_TRY(scan(sample, candidates[i], whole, &d, err));
        if (d.header < 2 || d.records == 0) continue;
        const double agree = (double)d.equal / (double)d.records;
        if (agree == best && d.records > 1) out->delimiter_unsure = true;
        if (agree < best || (agree == best && d.header <= best_columns)) continue;
        if (agree > best) out->delimiter_unsure = false;
        best = agree;
        best_columns = d.header;
        out->delimiter = candidates[i];
    }
    return STROMA_OK;
}

stroma_status stroma_csv_detect_dialect(csv_text text, const char *name,
                                        const stroma_table_read_options *opts, csv_dialect *out,
                                        stroma_error *err)
{
    *out = (csv_dialect){ .delimiter = opts->delimiter, .decimal = opts->decimal };
    csv_text sample = text;
    const bool whole = text.size <= SAMPLE_BYTES;
    if (!whole) sample.size = SAMPLE_BYTES;
    if (out->delimiter == 0) STROMA_TRY(find_delimiter(sample, name, whole, out, err));
    if (out->decimal != 0) return STROMA_OK;
    out->decimal = '.';
    if (out->delimiter == ',') return STROMA_OK; /* "1,234" in quotes is as likely 1234 */
    dialect_scan d;
    STROMA_TRY(scan(sample, out->delimiter, whole, &d, err));
    if (d.commas > d.points) out->decimal = ',';
    out->comma_found = d.commas > d.points;
    out->both_marks = d.commas > 0 && d.points > 0;
    return STROMA_OK;
}
