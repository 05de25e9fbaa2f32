/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of a sample, against loops over its events. */
#include "population_fixture.h"

#include "stroma/sort.h"

#include <stdlib.h>

enum { N = 4000 };
static double events[N][TUBE_CHANNELS], control_events[N][TUBE_CHANNELS];
static stroma_gate_set gates;
static tube sample, control;
static stroma_panel panel;

static int begin(void **state)
{
    (void)state;
    for (int i = 0; i < N; i++) {
        events[i][0] = i % 400;
        events[i][1] = i % 3 == 0 ? 0 : 1000 + i % 7;
        events[i][2] = (i * 7919) % 5000 - 500;
        events[i][3] = (i * 31) % 10 * 150;
        memcpy(control_events[i], events[i], sizeof events[i]);
        control_events[i][2] = (i * 7919) % 200 - 40;
    }
    events[1501][2] = (double)NAN;
    events[1502][2] = (double)INFINITY;
    tree_make(&gates);
    tube_open(&events[0][0], N, "$DATE|02-Mar-2020|$SMNO|S1|", "sample", &sample);
    tube_open(&control_events[0][0], N, "$DATE|2020-Mar-02|$P3S|FMO|", "fmo", &control);
    tube_gate(&sample, &gates);
    tube_gate(&control, &gates);
    stroma_panel_init(&panel);
    assert_true(stroma_panel_marker_add(&panel, "CD25") != SIZE_MAX);
    assert_true(stroma_panel_marker_add(&panel, "LD") != SIZE_MAX);
    return 0;
}

static int end(void **state)
{
    (void)state;
    tube_close(&sample);
    tube_close(&control);
    stroma_gate_set_clear(&gates);
    stroma_panel_clear(&panel);
    return 0;
}

static bool in(const double *e, const char *id)
{
    const bool cells = e[0] >= 100, live = cells && e[3] < 1000, cd4 = live && e[1] >= 500;
    return strcmp(id, "ungated") == 0 ? true
           : strcmp(id, "Cells") == 0 ? cells
           : strcmp(id, "Live") == 0  ? live
           : strcmp(id, "CD4") == 0   ? cd4
           : strcmp(id, "Treg") == 0  ? cd4 && e[2] >= 2000 && isfinite(e[2])
           : strcmp(id, "Th17") == 0  ? cd4 && e[2] < 300
                                      : cells && e[2] >= 0 && e[2] < 1000;
}

static size_t count_of(const char *id)
{
    size_t n = 0;
    for (int i = 0; i < N; i++)
        n += in(events[i], id);
    return n;
}

static double median_of(double (*e)[TUBE_CHANNELS], const char *id)
{
    double x[N];
    size_t n = 0;
    for (int i = 0; i < N; i++)
        if (in(e[i], id) && isfinite(e[i][2])) x[n++] = e[i][2];
    stroma_sort_doubles(x, n);
    return n % 2 == 1 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2;
}

static const stroma_population_row *find(const stroma_population_table *t, const char *population,
                                         const char *statistic, const char *of)
{
    for (size_t i = 0; i < t->rows_len; i++) {
        const stroma_population_row *r = &t->rows[i];
        if (strcmp(r->population, population) == 0 &&
            strcmp(r->value.definition->id, statistic) == 0 &&
            (of == NULL || (r->of != NULL && strcmp(r->of, of) == 0)))
            return r;
    }
    fail_msg("no row %s %s", population, statistic);
    return NULL;
}

static void tabulate(const stroma_population_request *r, stroma_population_table *t)
{
    stroma_error err = STROMA_ERROR_INIT;
    if (stroma_population_tabulate(&sample.tube, r, NULL, t, &err) != STROMA_OK)
        fail_msg("%s%s", err.context, err.message);
}

static void counts_and_shares_are_those_of_loops(void **state)
{
    (void)state;
    static const char *const ids[] = { "Cells", "Live", "CD4", "Treg", "Th17", "Dim" };
    static const char *const parents[] = { "ungated", "Cells", "Live", "CD4", "CD4", "Cells" };
    static const char *const of[] = { "Cells", "ungated" };
    stroma_population_request r = STROMA_POPULATION_REQUEST_INIT;
    r.of = of;
    r.of_len = 2;
    r.dead_marker = "LD";
    r.panel = &panel;
    stroma_population_table t;
    tabulate(&r, &t);
    assert_string_equal(t.rows[0].population, "ungated");
    assert_null(t.rows[0].parent);
    assert_true(t.rows[0].value.value == N);
    for (size_t i = 0; i < 6; i++) {
        const double n = (double)count_of(ids[i]), parent = (double)count_of(parents[i]);
        const stroma_population_row *c = find(&t, ids[i], "count", NULL);
        const stroma_population_row *p = find(&t, ids[i], "percent", parents[i]);
        assert_true(c->value.value == n && (double)c->count == n);
        assert_true(p->value.value == 100 * (n / parent) && (double)p->parent_count == parent);
        assert_true(p->value.lower < p->value.value && p->value.value < p->value.upper);
        if (i > 0) /* also of all cells, and of everything */
            assert_true(find(&t, ids[i], "percent", "ungated")->value.value == 100 * (n / N));
        const bool dead = i == 0 || i == 5; /* not below Live */
        assert_int_equal((c->value.flags & STROMA_FLAG_DEAD_CELLS_INCLUDED) != 0, dead);
        assert_true(c->value.flags & STROMA_FLAG_FEW_PARENT_EVENTS); /* 4,000 events in all */
    }
    /* ungated: 1; Cells: count, one share; Live, Dim: one share more; CD4, Treg, Th17: two more */
    assert_int_equal(t.rows_len, 1 + 2 + 2 * 3 + 3 * 4);
    stroma_population_table_clear(&t);
}

static stroma_population_request with_marker(const stroma_definition **d,
                                             const stroma_population_control *c)
{
    static const char *const markers[] = { "CD25" };
    stroma_population_request r = STROMA_POPULATION_REQUEST_INIT;
    d[0] = stroma_definition_find("mfi");
    d[1] = stroma_definition_find("mfi_ratio");
    d[2] = stroma_definition_find("mfi_difference");
    r.marker = markers;
    r.markers_len = 1;
    r.statistic = d;
    r.statistics_len = 3;
    r.panel = &panel;
    r.controls = c;
    r.controls_len = c == NULL ? 0 : 1;
    r.no_dead_rule = true;
    r.options.resamples = 200;
    return r;
}

static void markers_meet_their_control(void **state)
{
    (void)state;
    const stroma_population_control c = { "CD25", control.tube, 0 };
    const stroma_definition *d[3];
    stroma_population_request r = with_marker(d, &c);
    stroma_population_table t;
    tabulate(&r, &t);
    static const char *const ids[] = { "ungated", "Cells", "Live", "CD4", "Treg", "Th17", "Dim" };
    /* What is gated on CD25 itself is compared with the nearest ancestor that is not. */
    static const char *const read_in[] = {
        "ungated", "Cells", "Live", "CD4", "CD4", "CD4", "Cells"
    };
    for (size_t i = 0; i < 7; i++) {
        const double m = median_of(events, ids[i]), k = median_of(control_events, read_in[i]);
        const stroma_population_row *mfi = find(&t, ids[i], "mfi", "FL2-A");
        const stroma_population_row *ratio = find(&t, ids[i], "mfi_ratio", NULL);
        assert_true(mfi->value.value == m);
        assert_true(find(&t, ids[i], "mfi_difference", NULL)->value.value == m - k);
        assert_true(ratio->value.value == m / k);
        assert_true(ratio->value.lower <= m / k && m / k <= ratio->value.upper);
        assert_int_equal((ratio->value.flags & STROMA_FLAG_CONTROL_PARENT) != 0, i >= 4);
        assert_string_equal(ratio->control, "fmo");
        assert_string_equal(ratio->marker, "CD25");
        assert_null(mfi->control);
    }
    const stroma_population_row *all = find(&t, "ungated", "mfi", NULL);
    assert_int_equal(all->value.left_out, 2);
    assert_int_equal(all->value.n, N - 2);
    assert_true(all->value.flags & STROMA_FLAG_VALUES_LEFT_OUT);
    stroma_population_table_clear(&t);
}

/* Only events of the populations that are asked for are held: alone, all finite or not, one inside
 * another, and such that neither holds the other. */
static void some_populations_are_as_among_all(void **state)
{
    (void)state;
    static const char *const sets[][3] = { { "Treg" },          { "CD4" },
                                           { "CD4", "Th17" },   { "Treg", "Dim" },
                                           { "Dim", "Treg" },   { "Th17", "Dim", "Treg" },
                                           { "Live", "Cells" }, { "Treg", "ungated" } };
    const stroma_definition *d[3];
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        stroma_population_request r = with_marker(d, NULL);
        stroma_population_table t;
        r.statistics_len = 1;
        r.population = sets[i];
        while (r.populations_len < 3 && sets[i][r.populations_len] != NULL)
            r.populations_len++;
        tabulate(&r, &t);
        for (size_t k = 0; k < r.populations_len; k++) {
            const stroma_population_row *mfi = find(&t, sets[i][k], "mfi", "FL2-A");
            assert_true(mfi->value.value == median_of(events, sets[i][k]));
            assert_int_equal(mfi->value.n + mfi->value.left_out, count_of(sets[i][k]));
        }
        stroma_population_table_clear(&t);
    }
}

static void a_small_limit_gives_the_same_table(void **state)
{
    (void)state;
    const stroma_population_control c = { NULL, control.tube, 0 };
    const stroma_definition *d[3];
    static const char *const markers[] = { "CD25", "FL1-A", "FSC-A" };
    stroma_population_request r = with_marker(d, &c);
    r.marker = markers;
    r.markers_len = 3;
    stroma_population_table whole, piecewise;
    tabulate(&r, &whole);
    r.limit_bytes = 1; /* one column at a time */
    tabulate(&r, &piecewise);
    assert_int_equal(whole.rows_len, piecewise.rows_len);
    for (size_t i = 0; i < whole.rows_len; i++) {
        const stroma_population_value *a = &whole.rows[i].value, *b = &piecewise.rows[i].value;
        assert_ptr_equal(a->definition, b->definition);
        assert_string_equal(whole.rows[i].population, piecewise.rows[i].population);
        assert_true(a->value == b->value || (isnan(a->value) && isnan(b->value)));
        assert_true(a->lower == b->lower || (isnan(a->lower) && isnan(b->lower)));
    }
    stroma_population_table_clear(&whole);
    stroma_population_table_clear(&piecewise);
}

static void what_is_missing_has_a_reason(void **state)
{
    (void)state;
    const stroma_definition *d[3];
    stroma_population_request r = with_marker(d, NULL);
    stroma_population_table t;
    tabulate(&r, &t);
    assert_string_equal(find(&t, "CD4", "mfi_ratio", NULL)->value.reason,
                        "no control of this marker was given");
    stroma_population_table_clear(&t);
    d[1] = stroma_definition_find("stain_index");
    r.statistics_len = 2;
    tabulate(&r, &t);
    assert_string_equal(find(&t, "Treg", "stain_index", NULL)->value.reason,
                        "neither negatives nor a control were given");
    stroma_population_table_clear(&t);
    r.negative = "Th17";
    tabulate(&r, &t);
    assert_true(find(&t, "Treg", "stain_index", NULL)->value.value > 0);
    assert_string_equal(find(&t, "Treg", "stain_index", NULL)->control, "Th17");
    stroma_population_table_clear(&t);
}

static void ratios_and_cells_per_volume(void **state)
{
    (void)state;
    static const stroma_population_pair pair = { "Treg", "Th17" };
    stroma_population_request r = STROMA_POPULATION_REQUEST_INIT;
    r.pairs = &pair;
    r.pairs_len = 1;
    r.no_dead_rule = true;
    r.absolute = STROMA_ABSOLUTE_BEADS;
    r.beads = "Dim";
    r.beads_per_ul = 40;
    stroma_population_table t;
    tabulate(&r, &t);
    const double treg = (double)count_of("Treg"), th17 = (double)count_of("Th17");
    const stroma_population_row *l = find(&t, "Treg", "log_ratio", "Th17");
    assert_true(fabs(l->value.value - log(treg / th17)) < 1e-14);
    assert_string_equal(l->value.interval, "delta method on the log scale");
    assert_string_equal((l + 1)->value.interval, "bootstrap percentile");
    const stroma_population_row *c = find(&t, "Treg", "cells_per_ul_beads", "Dim");
    assert_true(fabs(c->value.value - treg / (double)count_of("Dim") * 40) < 1e-12);
    stroma_population_table_clear(&t);
    r.absolute = STROMA_ABSOLUTE_VOLUME;
    r.volume_ul = 50;
    r.dilution = 2;
    tabulate(&r, &t);
    assert_true(find(&t, "Treg", "cells_per_ul_volume", NULL)->value.value == treg * (2 / 50.0));
    stroma_population_table_clear(&t);
    r.volume_ul = (double)NAN; /* which the file does not say */
    stroma_diag diag;
    stroma_diag_init(&diag);
    assert_int_equal(stroma_population_tabulate(&sample.tube, &r, &diag, &t, NULL), STROMA_OK);
    assert_string_equal(find(&t, "Treg", "cells_per_ul_volume", NULL)->value.reason,
                        "the file does not say which volume was acquired");
    assert_int_equal(diag.len, 1);
    assert_string_equal(diag.items[0].code, "STROMA-POP-008");
    stroma_diag_clear(&diag);
    stroma_population_table_clear(&t);
}

static void expect_refusal(const stroma_population_request *r, stroma_status status,
                           const char *message)
{
    stroma_population_table t;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_population_tabulate(&sample.tube, r, NULL, &t, &err), status);
    assert_string_equal(err.message, message);
    stroma_population_table_clear(&t);
}

static void requests_that_do_not_fit(void **state)
{
    (void)state;
    static const char *const no[] = { "Tregs" };
    stroma_population_request r = STROMA_POPULATION_REQUEST_INIT;
    r.no_dead_rule = true;
    r.population = no;
    r.populations_len = 1;
    expect_refusal(&r, STROMA_E_INCONSISTENT, "there is no population \"Tregs\"");
    r.populations_len = 0;
    static const stroma_population_pair pair = { "Treg", "ungated" };
    r.pairs = &pair;
    r.pairs_len = 1;
    expect_refusal(&r, STROMA_E_USAGE, "a ratio needs two populations, not \"Treg/ungated\"");
    const stroma_definition *d[3];
    stroma_population_request m = with_marker(d, NULL);
    d[0] = stroma_definition_find("percent");
    expect_refusal(&m, STROMA_E_USAGE, "\"percent\" is not a number of a marker");
}

/* A strategy did not find it: that is rows with the reason, not the end of the table. */
static void absent_populations_are_rows(void **state)
{
    (void)state;
    static const char *const asked[] = { "CD4", "Gone" };
    static const char *const of[] = { "Lost", "ungated", "Treg" };
    static const stroma_population_pair pair = { "Treg", "Gone" };
    static const stroma_population_absent absent[] = {
        { "Lost", "CD4", "one peak" },
        { "Gone", "Lost", "its parent \"Lost\" has no gate" },
    };
    stroma_population_request r = STROMA_POPULATION_REQUEST_INIT;
    r.no_dead_rule = true;
    r.absent = absent;
    r.absent_len = 2;
    r.population = asked;
    r.populations_len = 2;
    r.of = of;
    r.of_len = 3;
    r.pairs = &pair;
    r.pairs_len = 1;
    stroma_population_table t;
    tabulate(&r, &t);
    /* CD4 and Gone: count, percent of the parent and of all (Treg is no ancestor); the ratio */
    assert_int_equal(t.rows_len, 7);
    assert_string_equal(t.rows[0].population, "CD4");
    const stroma_population_row *gone = find(&t, "Gone", "count", NULL);
    assert_true(gone->absent && isnan(gone->value.value));
    assert_string_equal(gone->parent, "Lost");
    assert_string_equal(gone->value.reason, absent[1].reason);
    assert_string_equal(find(&t, "Gone", "percent", "Lost")->value.reason, absent[1].reason);
    assert_string_equal(find(&t, "Gone", "percent", "ungated")->value.reason, absent[1].reason);
    assert_string_equal(find(&t, "Treg", "log_ratio", "Gone")->value.reason, absent[1].reason);
    stroma_population_table_clear(&t);
    r.populations_len = 0; /* all: both of them, and a marker's numbers are not lost either */
    const stroma_definition *d[3];
    const stroma_population_request m = with_marker(d, NULL);
    r.panel = m.panel;
    r.marker = m.marker;
    r.markers_len = m.markers_len;
    r.statistic = m.statistic;
    r.statistics_len = 1;
    r.pairs_len = 0;
    tabulate(&r, &t);
    size_t absent_rows = 0;
    for (size_t i = 0; i < t.rows_len; i++)
        absent_rows += t.rows[i].absent;
    assert_int_equal(absent_rows, 4 + 4); /* count, two shares and the marker of each */
    assert_string_equal(find(&t, "Lost", d[0]->id, NULL)->value.reason, "one peak");
    stroma_population_table_clear(&t);
}

/* The control's $DATE, and other keywords, against a sample of 02-Mar-2020. */
static void controls_belong_to_the_visit(void **state)
{
    (void)state;
    static const struct {
        const char *more;
        stroma_status status;
        unsigned flags; /* also when any is allowed */
        const char *message;
    } cases[] = {
        { "$DATE|02-MAR-20|", STROMA_OK, 0, "" },
        { "$DATE|2 Mar 2020|", STROMA_OK, 0, "" },
        { "$DATE|02-03-2020|", STROMA_OK, 0, "" },
        { "$DATE|2020-03-02|", STROMA_OK, 0, "" },
        { "$DATE|03-Mar-2020|", STROMA_E_INCONSISTENT, STROMA_FLAG_CONTROL_OTHER_DAY,
          "control \"c\" is of 03-Mar-2020, the sample \"sample\" of 02-Mar-2020" },
        { "", STROMA_OK, STROMA_FLAG_CONTROL_UNDATED, "" },
        { "$DATE|soon|", STROMA_OK, STROMA_FLAG_CONTROL_UNDATED, "" },
        { "$DATE|31-Feb-2020|", STROMA_OK, STROMA_FLAG_CONTROL_UNDATED, "" },
        { "$DATE|02-Mar-2020|$P3S|unstained|", STROMA_OK, 0, "" },
        { "$DATE|02-Mar-2020|$P2S|CD8|", STROMA_E_INCONSISTENT, STROMA_FLAG_CONTROL_OTHER_PANEL,
          "control \"c\": channel \"FL1-A\" of sample \"sample\" has another marker in the "
          "control" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tube c;
        tube_open(&control_events[0][0], 3, cases[i].more, "c", &c);
        unsigned flags = 0;
        stroma_error err = STROMA_ERROR_INIT;
        stroma_diag diag;
        stroma_diag_init(&diag);
        const stroma_status s = stroma_population_control_check(&sample.tube, &c.tube, &panel,
                                                                "CD25", false, &flags, &diag, &err);
        assert_int_equal(s, cases[i].status);
        assert_string_equal(err.message, cases[i].message);
        assert_int_equal(diag.len, s == STROMA_OK && cases[i].flags != 0);
        assert_int_equal(stroma_population_control_check(&sample.tube, &c.tube, &panel, "CD25",
                                                         true, &flags, NULL, NULL),
                         STROMA_OK);
        assert_int_equal(flags, cases[i].flags);
        stroma_diag_clear(&diag);
        tube_close(&c);
    }
}

static void a_voltage_makes_another_setting(void **state)
{
    (void)state;
    tube a, b;
    tube_open(&control_events[0][0], 3, "$DATE|02-Mar-2020|$P3V|500|", "a", &a);
    tube_open(&control_events[0][0], 3, "$DATE|02-Mar-2020|$P3V|510|", "b", &b);
    unsigned flags = 0;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_population_control_check(&a.tube, &b.tube, &panel, "CD25", false,
                                                     &flags, NULL, &err),
                     STROMA_E_INCONSISTENT);
    assert_string_equal(err.message, "control \"b\": channel \"FL2-A\" of sample \"a\" has another "
                                     "voltage in the control");
    tube_close(&a);
    tube_close(&b);
}

/* What the vendors write; see MANIFEST: Attune G11, Accuri B01, MACSQuant EY, Aurora NL-2000. */
static void volumes_are_decided_by_the_flow_rate(void **state)
{
    (void)state;
    static const struct {
        const char *more, *unit, *code;
        double volume_ul, rate;
    } cases[] = {
        { "$VOL|46000|$BTIM|09:50:15|$ETIM|09:50:30|", "nL", NULL, 46, 184 },
        { "$VOL|25016|$BTIM|21:28:25.56|$ETIM|21:30:07.99|", "nL", NULL, 25.016,
          25.016 / (102.43 / 60) },
        { "$VOL|10957|", "nL", NULL, 10.957, (double)NAN },
        { "$VOL|        36.6|$BTIM|18:39:40.59|$ETIM|18:41:43.49|", "µL", "STROMA-POP-006", 36.6,
          36.6 / (122.9 / 60) },
        { "$VOL|60000|$BTIM|23:59:30|$ETIM|00:00:30|", "nL", NULL, 60, 60 },
        { "$VOL|0.001|$BTIM|09:00:00|$ETIM|09:01:00|", "", "STROMA-POP-007", (double)NAN,
          (double)NAN },
        { "$VOL|many|", "", NULL, (double)NAN, (double)NAN },
        { "$VOL|-5|", "", NULL, (double)NAN, (double)NAN },
        { "P$COUNTVOLUME|0.2|", "mL", NULL, 200, (double)NAN },
        { "", "", NULL, (double)NAN, (double)NAN },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tube c;
        stroma_diag diag;
        stroma_acquired_volume v;
        stroma_diag_init(&diag);
        tube_open(&control_events[0][0], 3, cases[i].more, "c", &c);
        stroma_acquired_volume_find(c.tube.data, "c", &diag, &v);
        assert_string_equal(v.unit, cases[i].unit);
        assert_true(fabs(v.volume_ul - cases[i].volume_ul) < 1e-9 ||
                    (isnan(v.volume_ul) && isnan(cases[i].volume_ul)));
        assert_true(fabs(v.rate_ul_min - cases[i].rate) < 1e-9 ||
                    (isnan(v.rate_ul_min) && isnan(cases[i].rate)));
        assert_int_equal(diag.len, cases[i].code != NULL);
        if (cases[i].code != NULL) assert_string_equal(diag.items[0].code, cases[i].code);
        stroma_diag_clear(&diag);
        tube_close(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_and_shares_are_those_of_loops),
        cmocka_unit_test(markers_meet_their_control),
        cmocka_unit_test(some_populations_are_as_among_all),
        cmocka_unit_test(a_small_limit_gives_the_same_table),
        cmocka_unit_test(what_is_missing_has_a_reason),
        cmocka_unit_test(ratios_and_cells_per_volume),
        cmocka_unit_test(requests_that_do_not_fit),
        cmocka_unit_test(absent_populations_are_rows),
        cmocka_unit_test(controls_belong_to_the_visit),
        cmocka_unit_test(a_voltage_makes_another_setting),
        cmocka_unit_test(volumes_are_decided_by_the_flow_rate),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
