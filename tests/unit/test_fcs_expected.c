/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real files of 25 cytometers and synthetic odd ones, with the statistics of three other readers:
 * smallest, largest and sum of each channel, stored and scaled (flow/expected_stats.tsv); the first
 * and last event of each odd file (flow/malformed/synthetic/expected.tsv). */
#include "fcs_build.h"

#include "stroma/number.h"

#include <math.h>

enum { CELLS = 16, LINE_MAX_BYTES = 4096 };

static size_t split_line(char *line, char **cell)
{
    size_t n = 0;
    line[strcspn(line, "\r\n")] = '\0';
    for (char *p = line; n < CELLS; p++) {
        cell[n++] = p;
        p += strcspn(p, "\t");
        if (*p == '\0') break;
        *p = '\0';
    }
    for (size_t i = n; i < CELLS; i++)
        cell[i] = line + strlen(line);
    return n;
}

static double number(const char *text)
{
    double x = NAN;
    assert_true(stroma_parse_double(text, strlen(text), '.', &x));
    return x;
}

static bool near_to(double x, double y, double relative)
{
    return fabs(x - y) <= relative * fabs(y);
}

/* Where the table is wrong, and why.
 * s10a01: FlowIO raises ten to floats that are linear already (up to 1e39); FCS 3.0 says that $PnE
 * of floating-point data must be 0,0, so it means nothing. 0877408774: two empty values,
 * "$P3S\\$P4S\\$P6N\FL1-A\". Readers that take each doubled delimiter for a literal one lose the
 * name of channel 6, which BD$P6N gives once more as FL1-A. */
static bool scale_is_wrong(const char *file, long channel)
{
    return strcmp(file, "vendors/s10a01.FCS") == 0 &&
           (channel == 3 || channel == 4 || channel == 5 || channel == 7);
}

static const char *right_name(const char *file, long channel, const char *name)
{
    return strncmp(file, "vendors/0877408774.", 19) == 0 && channel == 6 ? "FL1-A" : name;
}

typedef struct open_file {
    char name[512];
    stroma_fcs *file;
    stroma_fcs_summary *sums[8];
} open_file;

static void close_file(open_file *f)
{
    for (size_t i = 0; i < 8; i++)
        stroma_free(f->sums[i]);
    stroma_fcs_close(f->file);
    *f = (open_file){ 0 };
}

static void open_next(open_file *f, const char *name)
{
    char below[600];
    stroma_error err = STROMA_ERROR_INIT;
    close_file(f);
    (void)snprintf(f->name, sizeof f->name, "%s", name);
    (void)snprintf(below, sizeof below, "flow/%s", name);
    const char *path = test_data(below);
    if (path == NULL) print_message("# %s is missing\n", name);
    assert_non_null(path);
    const stroma_status s = stroma_fcs_open(path, NULL, NULL, &f->file, &err);
    if (s != STROMA_OK) print_message("# %s: %s\n", name, err.message);
    assert_int_equal(s, STROMA_OK);
    assert_true(stroma_fcs_len(f->file) <= 8);
    for (size_t i = 0; i < stroma_fcs_len(f->file); i++) {
        const stroma_fcs_dataset *d = stroma_fcs_get(f->file, i);
        f->sums[i] = stroma_alloc_array(d->parameters_len, sizeof *f->sums[i]);
        assert_int_equal(stroma_fcs_summarise(d, name, NULL, f->sums[i], &err), STROMA_OK);
    }
}

static bool row_holds(const open_file *f, char *const *cell)
{
    const size_t set = (size_t)number(cell[1]);
    const long channel = (long)number(cell[3]);
    const stroma_fcs_dataset *d = stroma_fcs_get(f->file, set);
    if (d == NULL || d->n_events != (uint64_t)number(cell[2]) ||
        (size_t)channel > d->parameters_len)
        return false;
    const stroma_fcs_summary *s = &f->sums[set][channel - 1];
    if (strcmp(d->parameters[channel - 1].name, right_name(cell[0], channel, cell[4])) != 0)
        return false;
    if (s->stored_min != number(cell[5]) || s->stored_max != number(cell[6]) ||
        !near_to(s->stored_sum, number(cell[7]), 1e-13))
        return false;
    if (cell[9][0] == '\0') return true;
    if (scale_is_wrong(cell[0], channel))
        return s->linear_min == s->stored_min && s->linear_max == s->stored_max;
    /* one unit in the last place is the difference of two libraries' powers */
    return near_to(s->linear_min, number(cell[9]), 3e-16) &&
           near_to(s->linear_max, number(cell[10]), 3e-16) &&
           near_to(s->linear_sum, number(cell[11]), 1e-13);
}

static void statistics(void **state)
{
    (void)state;
    const char *path = test_data("flow/expected_stats.tsv");
    if (path == NULL) skip();
    FILE *table = fopen(path, "r");
    assert_non_null(table);
    static char line[LINE_MAX_BYTES];
    char *cell[CELLS];
    open_file f = { 0 };
    size_t rows = 0, files = 0, wrong = 0;
    while (fgets(line, sizeof line, table) != NULL) {
        if (line[0] == '#' || strncmp(line, "file\t", 5) == 0) continue;
        assert_true(split_line(line, cell) >= 12);
        if (strcmp(f.name, cell[0]) != 0) {
            open_next(&f, cell[0]);
            files++;
        }
        rows++;
        if (row_holds(&f, cell)) continue;
        print_message("# %s data set %s channel %s\n", cell[0], cell[1], cell[3]);
        wrong++;
    }
    (void)fclose(table);
    close_file(&f);
    print_message("# %zu channels of %zu files\n", rows, files);
    assert_int_equal(wrong, 0);
    assert_true(rows >= 2470 && files >= 80);
}

/* "1.5 2 3" against the event, stored or scaled. */
static bool event_holds(const stroma_fcs_dataset *d, stroma_fcs_scale scale, uint64_t event,
                        const char *want)
{
    for (size_t j = 0; j < d->parameters_len; j++) {
        const size_t n = strcspn(want, " ");
        double x = 0, y = 0, *const out[] = { &y };
        if (!stroma_parse_double(want, n, '.', &x) ||
            stroma_fcs_read(d, scale, event, 1, &j, 1, out, NULL) != STROMA_OK ||
            !near_to(y, x, scale == STROMA_FCS_STORED ? 0 : 3e-16))
            return false;
        want += n + (want[n] == ' ');
    }
    return want[0] == '\0';
}

static bool odd_file_holds(char *const *cell)
{
    char below[600];
    (void)snprintf(below, sizeof below, "flow/malformed/synthetic/%s", cell[0]);
    const char *path = test_data(below);
    if (path == NULL) return false;
    fcs_opened o = { .err = STROMA_ERROR_INIT };
    stroma_diag_init(&o.diag);
    o.status = stroma_fcs_open(path, NULL, &o.diag, &o.file, &o.err);
    bool holds = false;
    if (strcmp(cell[1], "error") == 0) {
        holds = o.status == STROMA_E_MALFORMED && o.err.message[0] != '\0' &&
                o.err.offset != UINT64_MAX;
    } else if (o.status == STROMA_OK) {
        const stroma_fcs_dataset *d = stroma_fcs_get(o.file, 0);
        stroma_fcs_summary sums[16];
        if (d->parameters_len <= 16)
            holds = stroma_fcs_summarise(d, path, &o.diag, sums, NULL) == STROMA_OK;
        holds &= stroma_fcs_len(o.file) == (size_t)number(cell[2]);
        if (cell[3][0] != '\0')
            holds &= d->n_events == (uint64_t)number(cell[3]) &&
                     d->parameters_len == (size_t)number(cell[4]);
        if (cell[5][0] != '\0') holds &= event_holds(d, STROMA_FCS_STORED, 0, cell[5]);
        if (cell[6][0] != '\0')
            holds &= event_holds(d, STROMA_FCS_STORED, d->n_events - 1, cell[6]);
        if (cell[7][0] != '\0') holds &= event_holds(d, STROMA_FCS_LINEAR, 0, cell[7]);
        if (cell[8][0] != '\0')
            holds &= event_holds(d, STROMA_FCS_LINEAR, d->n_events - 1, cell[8]);
        /* one that is fine has no warning, the others have one */
        const bool warned = stroma_diag_count(&o.diag, STROMA_WARNING) > 0;
        holds &= warned == (strstr(cell[1], "warning") != NULL);
    }
    if (!holds) print_message("# %s: %s\n", cell[0], o.err.message);
    fcs_close(&o);
    return holds;
}

static void odd_files(void **state)
{
    (void)state;
    const char *path = test_data("flow/malformed/synthetic/expected.tsv");
    if (path == NULL) skip();
    FILE *table = fopen(path, "r");
    assert_non_null(table);
    static char line[LINE_MAX_BYTES];
    char *cell[CELLS];
    size_t rows = 0, wrong = 0;
    while (fgets(line, sizeof line, table) != NULL) {
        if (line[0] == '#' || strncmp(line, "file\t", 5) == 0) continue;
        (void)split_line(line, cell);
        rows++;
        wrong += !odd_file_holds(cell);
    }
    (void)fclose(table);
    print_message("# %zu odd files\n", rows);
    assert_int_equal(wrong, 0);
    assert_true(rows >= 28);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(statistics), cmocka_unit_test(odd_files) };
    return cmocka_run_group_tests_name("fcs_expected", tests, NULL, NULL);
}
