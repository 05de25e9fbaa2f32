/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stroma gate calibrate: the beads of a day, from their file to a line. */
#include "cli.h"
#include "gate_file.h"

#include "stroma/cytometry_population_table.h"
#include "stroma/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { COLUMNS = 13 };

typedef struct beads {
    const char *channel;
    double assigned[STROMA_BEADS_MAX]; /* NaN: blank */
    size_t len;
} beads;

/* "FITC-A=blank,2500,6500,…" */
static stroma_status parse_assigned(const char *text, char *channel, size_t size, beads *out,
                                    stroma_error *err)
{
    const char *eq = strrchr(text, '=');
    *out = (beads){ .channel = channel };
    if (eq == NULL || eq == text || (size_t)(eq - text) >= size) {
        const stroma_status s =
            stroma_fail(err, STROMA_E_USAGE, "--assigned \"%.80s\" is not CHANNEL=V,V,…", text);
        stroma_hint(err, "values of the certificate from dim to bright, blank for one without");
        return s;
    }
    memcpy(channel, text, (size_t)(eq - text));
    channel[eq - text] = '\0';
    for (const char *p = eq + 1;; p++) {
        const size_t n = strcspn(p, ",");
        if (out->len == STROMA_BEADS_MAX)
            return stroma_fail(err, STROMA_E_USAGE, "--assigned: more than %d beads",
                               (int)STROMA_BEADS_MAX);
        double *v = &out->assigned[out->len++];
        *v = (double)NAN;
        if (!(n == 5 && strncmp(p, "blank", 5) == 0) &&
            (!stroma_parse_double(p, n, '.', v) || !(*v > 0)))
            return stroma_fail(err, STROMA_E_USAGE,
                               "--assigned: \"%.*s\" is neither \"blank\" nor a number above 0",
                               (int)(n > 40 ? 40 : n), p);
        p += n;
        if (*p == '\0') return STROMA_OK;
    }
}

static stroma_status read_column(const gate_file *f, const char *channel, double *x,
                                 stroma_error *err)
{
    stroma_event_column c;
    STROMA_TRY(stroma_column_find(f->data, f->compensation, channel, &c, err));
    stroma_column_reader *r = NULL;
    STROMA_TRY(stroma_column_reader_open(f->data, &c, 1, &r, err));
    stroma_status s = STROMA_OK;
    for (uint64_t e = 0; e < f->data->n_events && s == STROMA_OK; e += STROMA_COLUMN_BLOCK) {
        const uint64_t left = f->data->n_events - e;
        double *out = x + e;
        s = stroma_column_reader_read(
            r, e, left < STROMA_COLUMN_BLOCK ? (size_t)left : STROMA_COLUMN_BLOCK, &out, err);
    }
    stroma_column_reader_close(r);
    return s;
}

static const char *number(double x, int digits, char *out)
{
    double rounded = x;
    if (!isfinite(x)) return NULL;
    (void)stroma_format_significant(x, digits, out);
    (void)stroma_parse_double(out, strlen(out), '.', &rounded);
    return stroma_format_double(rounded, out);
}

static stroma_status write_rows(cli_grid *g, const gate_file *f, const beads *b,
                                const stroma_peak *peak, const stroma_bead_calibration *line,
                                stroma_error *err)
{
    const bool slope_odd = line->slope < 0.9 || line->slope > 1.1;
    size_t used = 0;
    for (size_t i = 0; i < b->len; i++) {
        const bool in = !isnan(b->assigned[i]);
        char text[9][STROMA_NUMBER_TEXT_MAX], bead[24], events[24];
        (void)snprintf(bead, sizeof bead, "%zu", i + 1);
        (void)snprintf(events, sizeof events, "%llu", (unsigned long long)peak[i].events);
        const char *const cells[COLUMNS] = { f->path,
                                             b->channel,
                                             bead,
                                             events,
                                             number(100 * peak[i].share, 6, text[0]),
                                             number(peak[i].median, 10, text[1]),
                                             number(peak[i].rcv_percent, 6, text[2]),
                                             in ? number(b->assigned[i], 15, text[3]) : NULL,
                                             in ? number(line->residual_percent[used], 6, text[4])
                                                : NULL,
                                             number(line->slope, 10, text[5]),
                                             number(line->intercept, 10, text[6]),
                                             number(line->r_squared, 10, text[7]),
                                             slope_odd ? "slope-not-near-1" : NULL };
        used += in ? 1 : 0;
        STROMA_TRY(cli_grid_row(g, cells, err));
    }
    return STROMA_OK;
}

static stroma_status calibrate_channel(const cli_context *c, cli_grid *g, const gate_file *f,
                                       const char *text, stroma_error *err)
{
    char channel[256];
    beads b;
    STROMA_TRY(parse_assigned(text, channel, sizeof channel, &b, err));
    double *x = stroma_alloc_array((size_t)f->data->n_events, sizeof *x);
    if (x == NULL) return stroma_no_memory(err);
    stroma_peak peak[STROMA_BEADS_MAX];
    double median[STROMA_BEADS_MAX];
    stroma_bead_calibration line;
    stroma_status s = read_column(f, channel, x, err);
    if (s == STROMA_OK)
        s = stroma_peaks_find(x, (size_t)f->data->n_events, b.len,
                              cli_number(c, "min-share", 2) / 100, 0, peak, err);
    stroma_free(x);
    for (size_t i = 0; i < b.len && s == STROMA_OK; i++)
        median[i] = peak[i].median;
    if (s == STROMA_OK) s = stroma_bead_calibrate(median, b.assigned, b.len, &line, err);
    if (s != STROMA_OK) return stroma_in(err, s, "channel \"%s\"", channel);
    return write_rows(g, f, &b, peak, &line, err);
}

static stroma_status calibrate_file(cli_context *c, const gate_file *f, stroma_error *err)
{
    static const char *const names[COLUMNS] = { "file",        "channel",       "bead",
                                                "events",      "share_percent", "median",
                                                "rcv_percent", "assigned",      "residual_percent",
                                                "slope",       "intercept",     "r_squared",
                                                "flags" };
    static const cli_cell_type types[COLUMNS] = { CLI_CELL_TEXT,   CLI_CELL_TEXT,   CLI_CELL_NUMBER,
                                                  CLI_CELL_NUMBER, CLI_CELL_NUMBER, CLI_CELL_NUMBER,
                                                  CLI_CELL_NUMBER, CLI_CELL_NUMBER, CLI_CELL_NUMBER,
                                                  CLI_CELL_NUMBER, CLI_CELL_NUMBER, CLI_CELL_NUMBER,
                                                  CLI_CELL_TEXT };
    const char *const *assigned = NULL;
    const size_t n = cli_texts(c, "assigned", &assigned);
    if (n == 0) {
        const stroma_status s = stroma_fail(err, STROMA_E_USAGE, "--assigned is needed");
        stroma_hint(err, "as --assigned FITC-A=blank,2500,6500,19000,55000,150000");
        return s;
    }
    cli_grid *g = NULL;
    STROMA_TRY(cli_grid_new(c, "stroma.gate_calibrate/1", names, types, COLUMNS, &g, err));
    stroma_status s = STROMA_OK;
    for (size_t i = 0; i < n && s == STROMA_OK; i++)
        s = calibrate_channel(c, g, f, assigned[i], err);
    return cli_grid_end(g, s, err);
}

static stroma_status run_calibrate(cli_context *c, stroma_error *err)
{
    const char *const *args = NULL;
    (void)cli_args(c, &args);
    stroma_diag found;
    stroma_diag_init(&found);
    gate_file f;
    gate_opening opening;
    gate_opening_init(&opening);
    opening.as_recorded = strcmp(cli_text(c, "compensation"), "none") == 0;
    stroma_status s = gate_file_open(args[0], &opening, &found, &f, err);
    if (s == STROMA_OK) {
        s = calibrate_file(c, &f, err);
        if (s != STROMA_OK && s != STROMA_E_USAGE) s = stroma_in(err, s, "file \"%s\"", args[0]);
        gate_file_close(&f);
    }
    cli_print_findings(c, &found);
    const stroma_status seen = cli_findings_status(c, &found);
    stroma_diag_clear(&found);
    return s == STROMA_OK ? seen : s;
}

static const cli_option options[] = {
    { .name = "assigned",
      .kind = CLI_TEXT,
      .metavar = "CHANNEL=V,V,…",
      .help = "values of the certificate (MESF, ABC, MEF) from dim to bright; blank: a bead "
              "without",
      .many = true },
    { .name = "compensation",
      .kind = CLI_CHOICE,
      .metavar = "WHICH",
      .choices = "file|none",
      .default_text = "none",
      .help = "matrix for the values: beads carry one dye in every channel, so none" },
    { .name = "min-share",
      .kind = CLI_NUMBER,
      .metavar = "PERCENT",
      .default_text = "2",
      .lower = 0.01,
      .upper = 50,
      .help = "events that a peak must hold" },
    CLI_OPTION_FORMAT,
    CLI_OPTION_OUTPUT,
    CLI_OPTION_FORCE,
    CLI_OPTION_STRICT,
    { .name = NULL },
};
static const char *const examples[] = {
    "stroma gate calibrate beads.fcs --assigned FITC-A=blank,2500,6500,19000,55000,150000 -o "
    "day1.tsv",
    "stroma gate calibrate beads.fcs --assigned PE-A=1500,4400,14500,43800,131200 --min-share 5",
    NULL
};

const cli_command cli_cmd_gate_calibrate = {
    .noun = "gate",
    .verb = "calibrate",
    .summary = "a line from the intensity of beads to their assigned values",
    .usage = "--assigned CHANNEL=V,V,… BEADS.fcs",
    .min_args = 1,
    .max_args = 1,
    .description =
        "Finds as many peaks as beads are assigned, by a density whose bandwidth is lowered until "
        "that many peaks hold --min-share of the events each, and fits log10(assigned) to "
        "log10(median). One row a bead: events, share, median, robust CV, assigned value, residual "
        "of the line, slope, intercept, R². A slope outside 0.9 to 1.1 is flagged. Another number "
        "of peaks is exit code 5. The output is the --calibration of `stroma gate stats`.",
    .options = options,
    .examples = examples,
    .run = run_calibrate,
};
