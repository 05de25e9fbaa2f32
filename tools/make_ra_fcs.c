/* SPDX-License-Identifier: GPL-3.0-or-later */
/* make_ra_fcs [FOLDER [CELLS.csv]]: flow cytometry files of the simulated trial of
 * examples/ra-trial, and truth.tsv with what was planted in each. Written by stroma's own writer.
 * Same bytes on any machine of one CPU family.
 *
 * ASSUMPTIONS, each a choice of this program and none a finding:
 *  1. One tube a subject at weeks 0, 4 and 12 (CD3, CD4, CD25, FoxP3, IL-17A after stimulation),
 * and at each of these visits one set of FMO controls (CD25, FoxP3, IL-17A) of a pooled donor.
 *  2. 5,000 events: about half CD3+ CD4+, 22 % CD3+ CD4-, 13 % lymphocytes without CD3, 4-5 %
 *     monocytes (CD4 dim), 5 % debris, 3 % dead cells, 2.5 % doublets; shares vary by tube.
 *  3. Treg (CD25 high, FoxP3+) and Th17 (IL-17A+) are the percentages of CD4+ cells that cells.csv
 *     gives, to the nearest whole cell. No cell is both. Truth counts single living cells.
 *  4. Stained cells are log-normal, others are autofluorescence; the light then spreads over the
 *     detectors by the matrix of $SPILLOVER, is counted as photons (variance 6 × light) and gets
 *     electronic noise. Staining varies by 6 % between tubes. */
#include "ra_fcs.h"

#include "stroma/buffer.h"
#include "stroma/fcs_write.h"
#include "stroma/file.h"
#include "stroma/memory.h"
#include "stroma/number.h"
#include "stroma/parallel.h"

#include <stdio.h>
#include <string.h>

enum { TUBES_MAX = 1024, NAME_MAX_BYTES = 64, THREADS = 4 };
static const char SIMULATED[] =
    "SIMULATED: nobody was measured; every event was drawn by tools/make_ra_fcs.c of stroma";

static const stroma_fcs_out_parameter parameters[RA_FCS_CHANNELS] = {
    [FSC] = { .name = "FSC-A", .range = 262144 },
    [SSC] = { .name = "SSC-A", .range = 262144 },
    [CD3] = { .name = "PerCP-Cy5.5-A", .stain = "CD3", .range = 262144 },
    [CD4] = { .name = "FITC-A", .stain = "CD4", .range = 262144 },
    [CD25] = { .name = "APC-A", .stain = "CD25", .range = 262144 },
    [FOXP3] = { .name = "PE-A", .stain = "FoxP3", .range = 262144 },
    [IL17A] = { .name = "PE-Cy7-A", .stain = "IL-17A", .range = 262144 },
    [TIME] = { .name = "Time", .range = 262144 },
};

typedef struct tube {
    char file[NAME_MAX_BYTES], subject[16], visit[8];
    const char *control; /* "FoxP3" of an FMO tube, or NULL */
    ra_fcs_tube made;
} tube;

typedef struct job {
    const char *folder;
    tube *tubes;
} job;

/* ---- which tubes ---- */

/* The next cell of a line of cells.csv, which has neither quotes nor blanks. */
static const char *cell_end(const char *at, const char *end)
{
    while (at < end && *at != ',' && *at != '\n' && *at != '\r')
        at++;
    return at;
}

static stroma_status read_line(const char *at, const char *end, int64_t line, tube *t, bool *asked,
                               stroma_error *err)
{
    double pct[2] = { 0, 0 };
    for (int k = 0; k < 5; k++) {
        const char *stop = cell_end(at, end);
        const size_t n = (size_t)(stop - at);
        bool fine = n > 0;
        if (k == 0 && fine) fine = snprintf(t->subject, sizeof t->subject, "%.*s", (int)n, at) > 0;
        if (k == 1 && fine) fine = snprintf(t->visit, sizeof t->visit, "%.*s", (int)n, at) > 0;
        if (k >= 3 && fine) fine = stroma_parse_double(at, n, '.', &pct[k - 3]);
        if (fine && k >= 3) fine = pct[k - 3] > 0 && pct[k - 3] < 50;
        if (!fine)
            return stroma_fail_at(err, STROMA_E_MALFORMED, line, k + 1,
                                  "\"%.*s\" is not expected here", (int)n, at);
        at = stop < end ? stop + 1 : end;
    }
    t->made.treg_pct_cd4 = pct[0];
    t->made.th17_pct_cd4 = pct[1];
    *asked =
        strcmp(t->visit, "W0") == 0 || strcmp(t->visit, "W4") == 0 || strcmp(t->visit, "W12") == 0;
    return STROMA_OK;
}

static stroma_status add_samples(const stroma_bytes *csv, tube *tubes, size_t *n, stroma_error *err)
{
    static const char head[] = "subject,visit,day,treg_pct_cd4,th17_pct_cd4\n";
    const char *at = (const char *)csv->data, *end = at + csv->size;
    if (csv->size < sizeof head || memcmp(at, head, sizeof head - 1) != 0)
        return stroma_fail_at(err, STROMA_E_MALFORMED, 1, 1, "the columns are not %s", head);
    int64_t line = 1;
    for (at += sizeof head - 1; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop == NULL ? end : stop;
        tube t = { .made.without = -1 };
        bool asked = false;
        STROMA_TRY(read_line(at, stop, ++line, &t, &asked, err));
        at = stop < end ? stop + 1 : end;
        if (!asked) continue;
        if (*n >= TUBES_MAX)
            return stroma_fail(err, STROMA_E_USAGE, "more than %d tubes", TUBES_MAX);
        (void)snprintf(t.file, sizeof t.file, "%s_%s_tregth17.fcs", t.subject, t.visit);
        t.made.item = (uint64_t)*n;
        tubes[(*n)++] = t;
    }
    return STROMA_OK;
}

static stroma_status add_controls(tube *tubes, size_t *n, stroma_error *err)
{
    static const char *const visits[] = { "W0", "W4", "W12" };
    static const struct {
        const char *name;
        int channel;
    } markers[] = { { "CD25", CD25 }, { "FoxP3", FOXP3 }, { "IL-17A", IL17A } };
    for (size_t v = 0; v < 3; v++)
        for (size_t m = 0; m < 3; m++) {
            if (*n >= TUBES_MAX)
                return stroma_fail(err, STROMA_E_USAGE, "more than %d tubes", TUBES_MAX);
            tube t = { .subject = "FMO", .control = markers[m].name };
            (void)snprintf(t.visit, sizeof t.visit, "%s", visits[v]);
            (void)snprintf(t.file, sizeof t.file, "FMO_%s_%s.fcs", markers[m].name, visits[v]);
            t.made = (ra_fcs_tube){ .treg_pct_cd4 = 2.7,
                                    .th17_pct_cd4 = 2.8,
                                    .without = markers[m].channel,
                                    .item = 1000000 + 10 * v + m };
            tubes[(*n)++] = t;
        }
    return STROMA_OK;
}

/* ---- files ---- */

static stroma_status fill(void *context, uint64_t first, size_t n, double *const *out,
                          stroma_error *err)
{
    (void)err;
    const float *row = (const float *)context + first * RA_FCS_CHANNELS;
    for (size_t i = 0; i < n; i++, row += RA_FCS_CHANNELS)
        for (size_t j = 0; j < RA_FCS_CHANNELS; j++)
            out[j][i] = (double)row[j];
    return STROMA_OK;
}

static void put_spillover(stroma_buffer *b)
{
    char text[STROMA_NUMBER_TEXT_MAX];
    stroma_buffer_printf(b, "%d", RA_FCS_STAINS);
    for (int k = 0; k < RA_FCS_STAINS; k++)
        stroma_buffer_printf(b, ",%s", parameters[CD3 + k].name);
    for (int k = 0; k < RA_FCS_STAINS; k++)
        for (int d = 0; d < RA_FCS_STAINS; d++)
            stroma_buffer_printf(b, ",%s", stroma_format_double(ra_fcs_spillover[k][d], text));
}

static stroma_status write_with(const char *path, const tube *t, float *rows, const char *spillover,
                                stroma_error *err)
{
    char tube_name[64], sample[32];
    (void)snprintf(tube_name, sizeof tube_name, t->control == NULL ? "Treg/Th17 %s" : "FMO %s",
                   t->control == NULL ? t->visit : t->control);
    (void)snprintf(sample, sizeof sample, "%s_%s", t->subject, t->visit);
    const stroma_fcs_pair keywords[] = {
        { "$FIL", t->file },
        { "$CYT", "NovoCyte 3000 (SIMULATED)" },
        { "$CYTSN", "SIMULATED" },
        { "$INST", "SIMULATED" },
        { "$PROJ", "RA-MSCT-SIM" },
        { "$COM", SIMULATED },
        { "$SRC", t->subject },
        { "$SMNO", sample },
        { "$CELLS", t->control == NULL ? "PBMC" : "PBMC of a pooled donor, one antibody left out" },
        { "$TIMESTEP", "0.001" },
        { "$VOL", "25000" },
        { "$SPILLOVER", spillover },
        { "$P1V", "420" },
        { "$P2V", "460" },
        { "$P3V", "495" },
        { "$P4V", "435" },
        { "$P5V", "500" },
        { "$P6V", "510" },
        { "$P7V", "530" },
        { "$P3L", "488" },
        { "$P4L", "488" },
        { "$P5L", "640" },
        { "$P6L", "488" },
        { "$P7L", "488" },
        { "$P3F", "695/40" },
        { "$P4F", "530/30" },
        { "$P5F", "675/30" },
        { "$P6F", "572/28" },
        { "$P7F", "780/60" },
        { "TUBE NAME", tube_name },
        { "VISIT", t->visit },
        { "FMO CONTROL", t->control },
        { "SIMULATED", SIMULATED },
    };
    const stroma_fcs_content content = { .keywords = keywords,
                                         .keywords_len = sizeof keywords / sizeof keywords[0],
                                         .n_events = RA_FCS_EVENTS,
                                         .type = STROMA_FCS_FLOAT,
                                         .parameters = parameters,
                                         .parameters_len = RA_FCS_CHANNELS,
                                         .fill = fill,
                                         .context = rows };
    stroma_fcs_write_options o = STROMA_FCS_WRITE_OPTIONS_INIT;
    o.overwrite = o.crc = true;
    return stroma_fcs_write(path, &content, 1, &o, NULL, err);
}

static stroma_status write_tube(const char *folder, tube *t, stroma_error *err)
{
    stroma_buffer spillover;
    stroma_buffer_init(&spillover, 1 << 16);
    put_spillover(&spillover);
    float *rows = stroma_alloc_array((size_t)RA_FCS_EVENTS * RA_FCS_CHANNELS, sizeof *rows);
    char *path = stroma_path_join(folder, t->file);
    stroma_status s = rows == NULL || path == NULL ? stroma_no_memory(err)
                                                   : stroma_buffer_status(&spillover, err);
    if (s == STROMA_OK) s = ra_fcs_make_events(&t->made, rows, err);
    if (s == STROMA_OK) s = write_with(path, t, rows, spillover.data, err);
    stroma_free(path);
    stroma_free(rows);
    stroma_buffer_clear(&spillover);
    return s;
}

static stroma_status write_tubes(size_t begin, size_t end, int worker, void *context,
                                 stroma_error *err)
{
    (void)worker;
    const job *j = context;
    for (size_t i = begin; i < end; i++)
        STROMA_TRY(write_tube(j->folder, &j->tubes[i], err));
    return STROMA_OK;
}

static stroma_status write_truth(const char *folder, const tube *tubes, size_t n, stroma_error *err)
{
    char text[STROMA_NUMBER_TEXT_MAX];
    stroma_buffer b;
    stroma_buffer_init(&b, 1 << 22);
    stroma_buffer_puts(&b, "file\tsubject\tvisit\tfmo\tevents\tdebris\tdead\tdoublets\tmonocytes\t"
                           "non_t\tcd3_cd4neg\tcd4\ttreg\tth17\ttreg_pct_cd4\tth17_pct_cd4\n");
    for (size_t i = 0; i < n; i++) {
        const tube *t = &tubes[i];
        const int *c = t->made.count;
        stroma_buffer_printf(&b, "%s\t%s\t%s\t%s\t%d", t->file, t->subject, t->visit,
                             t->control == NULL ? "" : t->control, RA_FCS_EVENTS);
        for (int p = DEBRIS; p <= CD8; p++)
            stroma_buffer_printf(&b, "\t%d", c[p]);
        stroma_buffer_printf(&b, "\t%d\t%d\t%d", c[CD4_CONVENTIONAL] + c[CD4_TREG] + c[CD4_TH17],
                             c[CD4_TREG], c[CD4_TH17]);
        stroma_buffer_printf(&b, "\t%s", stroma_format_double(t->made.treg_pct_cd4, text));
        stroma_buffer_printf(&b, "\t%s\n", stroma_format_double(t->made.th17_pct_cd4, text));
    }
    char *path = stroma_path_join(folder, "truth.tsv");
    stroma_status s = path == NULL ? stroma_no_memory(err) : stroma_buffer_status(&b, err);
    if (s == STROMA_OK) s = stroma_file_write(path, b.data, b.len, true, err);
    stroma_free(path);
    stroma_buffer_clear(&b);
    return s;
}

/* truth.tsv comes last: where it stands, all files are there. */
static stroma_status make_all(const char *folder, const char *cells, stroma_error *err)
{
    tube *tubes = stroma_alloc_array(TUBES_MAX, sizeof *tubes);
    if (tubes == NULL) return stroma_no_memory(err);
    stroma_bytes csv;
    size_t n = 0;
    stroma_status s = stroma_bytes_read(cells, (size_t)1 << 24, &csv, err);
    if (s == STROMA_OK) {
        s = stroma_in(err, add_samples(&csv, tubes, &n, err), "file \"%s\"", cells);
        stroma_bytes_clear(&csv);
    }
    if (s == STROMA_OK) s = add_controls(tubes, &n, err);
    if (s == STROMA_OK) s = stroma_make_directory(folder, err);
    job j = { .folder = folder, .tubes = tubes };
    if (s == STROMA_OK) s = stroma_parallel_for(n, THREADS, 1, write_tubes, &j, err);
    if (s == STROMA_OK) s = write_truth(folder, tubes, n, err);
    stroma_free(tubes);
    return s;
}

int main(int argc, char **argv)
{
    if (argc > 3) {
        (void)fputs("usage: make_ra_fcs [FOLDER [CELLS.csv]]\n", stderr);
        return STROMA_E_USAGE;
    }
    stroma_error err = STROMA_ERROR_INIT;
    const stroma_status s = make_all(argc > 1 ? argv[1] : "examples/ra-trial/data/fcs",
                                     argc > 2 ? argv[2] : "examples/ra-trial/data/cells.csv", &err);
    if (s != STROMA_OK && err.line > 0)
        (void)fprintf(stderr, "make_ra_fcs: %sline %lld: %s\n", err.context, (long long)err.line,
                      err.message);
    else if (s != STROMA_OK)
        (void)fprintf(stderr, "make_ra_fcs: %s%s\n", err.context, err.message);
    return (int)s;
}
