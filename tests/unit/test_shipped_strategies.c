/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every shipped strategy on a tube whose cells are known, and what must not change its gates. */
#include "stroma_test.h"

#include "stroma/cytometry_strategy.h"
#include "stroma/fcs_write.h"
#include "stroma/random.h"

#include <math.h>
#include <string.h>

enum { EVENTS = 10000, PARAMETERS = 20, KINDS = 6, CHECKS = 12 };
static const double Z95 = 1.959963984540054, FMO_LETS_IN = 0.005;

/* A kind of cell: its share, and the markers that it has. Kinds are called a, b, c, … */
typedef struct kind {
    double share;
    const char *markers; /* " CD3 CD4 " */
} kind;
/* Kinds in a population and in the one that is 100 %. */
typedef struct check {
    const char *population, *kinds, *of, *of_kinds;
    bool fmo; /* gated at the 99.5th percentile of an FMO tube: 0.5 % of the negatives are let in */
} check;
typedef struct tube {
    const char *strategy;
    kind kinds[KINDS];
    check checks[CHECKS];
} tube;

#define MSC "CD73 CD90 CD105"
static const tube tubes[] = {
    { "treg",
      { { 0.04, " CD3 CD4 CD25 FoxP3 " },
        { 0.46, " CD3 CD4 CD127 " },
        { 0.2, " CD3 CD127 " },
        { 0.25, " " },
        { 0.05, " Viability CD3 CD25 FoxP3 " } },
      { { "T", "abc", "live", "abcd", false },
        { "CD4", "ab", "T", "abc", false },
        { "Treg", "a", "CD4", "ab", false } } },
    { "th17",
      { { 0.01, " CD3 CD4 IL-17A " },
        { 0.49, " CD3 CD4 " },
        { 0.2, " CD3 " },
        { 0.25, " " },
        { 0.05, " Viability IL-17A " } },
      { { "CD4", "ab", "T", "abc", false }, { "Th17", "a", "CD4", "ab", false } } },
    { "treg-th17",
      { { 0.04, " CD3 CD4 CD25 FoxP3 " },
        { 0.015, " CD3 CD4 IL-17A " },
        { 0.445, " CD3 CD4 " },
        { 0.2, " CD3 " },
        { 0.3, " " } },
      { { "CD4", "abc", "T", "abcd", false },
        { "Treg", "a", "CD4", "abc", false },
        { "Th17", "b", "CD4", "abc", false } } },
    { "switched-memory-b",
      { { 0.03, " CD19 CD20 CD27 " },
        { 0.03, " CD19 CD20 CD27 IgD " },
        { 0.14, " CD19 CD20 IgD " },
        { 0.5, " CD3 CD27 " },
        { 0.25, " " },
        { 0.05, " Viability CD19 CD20 CD27 " } },
      { { "B", "abc", "live", "abcde", false },
        { "switched_memory", "a", "B", "abc", false },
        { "unswitched_memory", "b", "B", "abc", false } } },
    { "nk",
      { { 0.09, " CD56 CD16 " },
        { 0.03, " CD56 " },
        { 0.03, " CD3 CD56 " },
        { 0.55, " CD3 " },
        { 0.25, " " },
        { 0.05, " Viability CD56 " } },
      { { "NK", "ab", "live", "abcde", false },
        { "NKT_like", "c", "live", "abcde", false },
        { "NK_CD16pos", "a", "NK", "ab", false } } },
    { "t-cell-homing",
      { { 0.1, " CD3 CCR4 CCR7 " },
        { 0.25, " CD3 CCR7 CXCR4 " },
        { 0.25, " CD3 " },
        { 0.35, " CXCR4 " },
        { 0.05, " Viability CD3 CCR4 " } },
      { { "T", "abc", "live", "abcd", false },
        { "CCR4pos", "a", "T", "abc", true },
        { "CCR7pos", "ab", "T", "abc", true },
        { "CXCR4pos", "b", "T", "abc", true } } },
    { "dc-maturation",
      { { 0.4, " CD80 CD83 CD86 " },
        { 0.45, " CD86 " },
        { 0.1, " " },
        { 0.05, " Viability CD83 " } },
      { { "CD80pos", "a", "live", "abc", true },
        { "CD83pos", "a", "live", "abc", true },
        { "CD86pos", "ab", "live", "abc", true } } },
    { "msc-identity",
      { { 0.92, " " MSC " " },
        { 0.01, " " MSC " HLA-DR " },
        { 0.02, " CD45 CD34 CD14 " },
        { 0.05, " Viability CD45 " } },
      { { "CD73pos", "ab", "live", "abc", true },
        { "CD90pos", "ab", "live", "abc", true },
        { "CD105pos", "ab", "live", "abc", true },
        { "CD45pos", "c", "live", "abc", true },
        { "CD34pos", "c", "live", "abc", true },
        { "CD14pos", "c", "live", "abc", true },
        { "CD11bpos", "", "live", "abc", true },
        { "CD79apos", "", "live", "abc", true },
        { "CD19pos", "", "live", "abc", true },
        { "HLA_DRpos", "b", "live", "abc", true } } },
};
enum { TUBES = sizeof tubes / sizeof tubes[0] };

/* ---- making a tube ---- */

typedef struct bytes {
    unsigned char *data;
    size_t len, capacity;
} bytes;
typedef struct made {
    bytes file;
    stroma_fcs *fcs;
    char kind[EVENTS];
} made;
static double column[PARAMETERS][EVENTS];
static size_t columns;

static stroma_status take(void *context, const void *data, size_t n, stroma_error *err)
{
    bytes *b = context;
    STROMA_TRY(stroma_grow(&b->data, &b->capacity, b->len + n, 1, err));
    memcpy(b->data + b->len, data, n);
    b->len += n;
    return STROMA_OK;
}

static stroma_status give(void *context, uint64_t first, size_t n, double *const *out,
                          stroma_error *err)
{
    (void)context;
    (void)err;
    for (size_t k = 0; k < columns; k++)
        memcpy(out[k], &column[k][first], n * sizeof *out[k]);
    return STROMA_OK;
}

static bool has(const char *markers, const char *marker)
{
    char word[40];
    (void)snprintf(word, sizeof word, " %s ", marker);
    return strstr(markers, word) != NULL;
}

static size_t draw_kind(const tube *t, stroma_random *r)
{
    double u = stroma_random_uniform(r);
    size_t k = 0;
    while (k + 1 < KINDS && t->kinds[k + 1].markers != NULL && u >= t->kinds[k].share)
        u -= t->kinds[k++].share;
    return k;
}

static double value_of(const char *marker, const tube *t, size_t which, const char *without,
                       double noise, size_t event, stroma_random *r)
{
    const double z = stroma_random_normal(r);
    if (strcmp(marker, "FSC-A") == 0) return 90000 + 9000 * z;
    if (strcmp(marker, "SSC-A") == 0) return 40000 + 5000 * z;
    if (strcmp(marker, "FSC-H") == 0) return 0.8 * column[0][event] * (1 + 0.02 * z);
    const bool positive = has(t->kinds[which].markers, marker) && strcmp(marker, without) != 0;
    return positive ? 8000 * exp(0.3 * z) : noise * z;
}

/* @param without stain that is left out ("" none)  @param lacks channel that is not there */
static void make(const tube *t, const stroma_panel *p, const char *without, const char *lacks,
                 double noise, uint64_t seed, made *out)
{
    static char name[PARAMETERS][20];
    stroma_fcs_out_parameter par[PARAMETERS];
    stroma_random r;
    stroma_error err = STROMA_ERROR_INIT;
    memset(out, 0, sizeof *out);
    memset(par, 0, sizeof par);
    stroma_random_init(&r, seed, 1, 1);
    for (size_t i = 0; i < EVENTS; i++)
        out->kind[i] = (char)('a' + draw_kind(t, &r));
    columns = 0;
    for (size_t m = 0; m < p->markers_len; m++) {
        const char *marker = p->markers[m].name;
        if (strcmp(marker, lacks) == 0) continue;
        assert_true(columns < PARAMETERS);
        (void)snprintf(name[columns], sizeof name[0], p->markers[m].scatter ? "%s" : "Det%.10s-A",
                       marker);
        par[columns].name = name[columns];
        par[columns].stain = p->markers[m].scatter ? NULL : marker;
        par[columns].range = 262144;
        for (size_t i = 0; i < EVENTS; i++)
            column[columns][i] =
                value_of(marker, t, (size_t)(out->kind[i] - 'a'), without, noise, i, &r);
        columns++;
    }
    const stroma_fcs_content c = { .n_events = EVENTS,
                                   .type = STROMA_FCS_FLOAT,
                                   .parameters = par,
                                   .parameters_len = columns,
                                   .fill = give };
    assert_int_equal(stroma_fcs_write_to(take, &out->file, &c, 1, NULL, NULL, &err), STROMA_OK);
    assert_int_equal(
        stroma_fcs_open_memory(out->file.data, out->file.len, "made", NULL, NULL, &out->fcs, &err),
        STROMA_OK);
}

static void drop(made *m)
{
    stroma_fcs_close(m->fcs);
    stroma_free(m->file.data);
}

static stroma_panel_tube tube_of(const made *m)
{
    return (stroma_panel_tube){ stroma_fcs_preferred(m->fcs), NULL, "made.fcs" };
}

/* ---- asking ---- */

typedef struct asked {
    stroma_gating_strategy *s;
    stroma_panel p;
    stroma_gating_result r;
    stroma_membership m;
    stroma_diag diag;
} asked;

static void open_strategy(asked *a, const char *name)
{
    stroma_error err = STROMA_ERROR_INIT;
    *a = (asked){ .s = NULL };
    stroma_diag_init(&a->diag);
    assert_int_equal(stroma_gating_strategy_read(name, NULL, &a->s, &err), STROMA_OK);
    assert_int_equal(stroma_panel_read(name, NULL, &a->p, &err), STROMA_OK);
    assert_int_equal(stroma_gating_strategy_markers(a->s, &a->p, &err), STROMA_OK);
}

static void apply(asked *a, const made *sample, const stroma_gating_control *fmo, size_t fmo_len)
{
    stroma_error err = STROMA_ERROR_INIT;
    const stroma_panel_tube t = tube_of(sample);
    const stroma_gating_input in = {
        .strategy = a->s, .panel = &a->p, .sample = t, .fmo = fmo, .fmo_len = fmo_len
    };
    assert_int_equal(stroma_panel_fit_scales(&a->p, &t, 1, &a->diag, &err), STROMA_OK);
    assert_int_equal(stroma_gating_learn(&in, &a->r, &a->diag, &err), STROMA_OK);
    assert_int_equal(stroma_gates_evaluate(&a->r.gates, t.data, NULL, &a->m, &err), STROMA_OK);
}

static void close_strategy(asked *a)
{
    stroma_membership_clear(&a->m);
    stroma_gating_result_clear(&a->r);
    stroma_gating_strategy_free(a->s);
    stroma_panel_clear(&a->p);
    stroma_diag_clear(&a->diag);
}

static size_t findings(const stroma_diag *d, const char *code, stroma_severity severity)
{
    size_t n = 0;
    for (size_t i = 0; i < d->len; i++)
        n += strcmp(d->items[i].code, code) == 0 && d->items[i].severity == severity;
    return n;
}

static double planted(const made *m, const char *kinds)
{
    double n = 0;
    for (size_t i = 0; i < EVENTS; i++)
        n += strchr(kinds, m->kind[i]) != NULL;
    return n;
}

static double counted(const asked *a, const char *id)
{
    const int g = stroma_gate_find(&a->r.gates, id);
    if (g < 0) fail_msg("%s has no gate", id);
    return (double)a->m.count[g];
}

/* The planted share lies in the Wilson interval of what was counted. */
static void check_share(const char *strategy, const asked *a, const made *m, const check *c)
{
    const double k = counted(a, c->population), n = counted(a, c->of), p = k / n, z2 = Z95 * Z95;
    const double middle = (p + z2 / (2 * n)) / (1 + z2 / n),
                 half = Z95 * sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n);
    double truth = planted(m, c->kinds) / planted(m, c->of_kinds);
    if (c->fmo) truth += FMO_LETS_IN * (1 - truth);
    print_message("%-18s %-18s %6.3f %% planted, %6.3f %% found (%.3f to %.3f)\n", strategy,
                  c->population, 100 * truth, 100 * p, 100 * (middle - half),
                  100 * (middle + half));
    if (truth < middle - half || truth > middle + half)
        fail_msg("%s: %s is outside of its interval", strategy, c->population);
}

static void test_planted(void **state)
{
    (void)state;
    static made sample, fmo[PARAMETERS];
    size_t shipped = 0;
    (void)stroma_gating_strategies(&shipped);
    assert_int_equal(shipped, TUBES);
    for (size_t i = 0; i < TUBES; i++) {
        const tube *t = &tubes[i];
        stroma_gating_control control[PARAMETERS];
        size_t n = 0;
        asked a;
        open_strategy(&a, t->strategy);
        make(t, &a.p, "", "", 90, 100 + i, &sample);
        for (size_t m = 0; m < a.p.markers_len; m++) {
            if (!a.p.markers[m].fmo) continue;
            make(t, &a.p, a.p.markers[m].name, "", 90, 200 + 20 * i + m, &fmo[n]);
            control[n] = (stroma_gating_control){ a.p.markers[m].name, tube_of(&fmo[n]) };
            n++;
        }
        apply(&a, &sample, control, n);
        assert_int_equal(a.r.not_estimable, 0);
        for (size_t k = 0; k < CHECKS && t->checks[k].population != NULL; k++)
            check_share(t->strategy, &a, &sample, &t->checks[k]);
        assert_int_equal(findings(&a.diag, "STROMA-PANEL-011", STROMA_WARNING), 0);
        assert_int_equal(findings(&a.diag, "STROMA-PANEL-012", STROMA_WARNING), 0);
        close_strategy(&a);
        drop(&sample);
        for (size_t k = 0; k < n; k++)
            drop(&fmo[k]);
    }
}

static const tube *homing(void)
{
    return &tubes[5];
}

static void test_absent_marker(void **state)
{
    (void)state;
    static made sample;
    asked a;
    open_strategy(&a, "t-cell-homing");
    make(homing(), &a.p, "", "CXCR4", 90, 7, &sample);
    apply(&a, &sample, NULL, 0);
    assert_true(counted(&a, "T") > 5000 && counted(&a, "CCR4pos") > 900);
    assert_int_equal(stroma_gate_find(&a.r.gates, "CXCR4pos"), -1);
    const stroma_gating_row *row = &a.r.rows[a.r.rows_len - 1];
    assert_string_equal(row->population, "CXCR4pos");
    assert_int_equal(row->state, STROMA_GATING_LEFT_OUT);
    assert_non_null(strstr(row->reason, "marker absent"));
    assert_int_equal(findings(&a.diag, "STROMA-LEARN-008", STROMA_NOTE), 1);
    assert_int_equal(findings(&a.diag, "STROMA-PANEL-004", STROMA_NOTE), 1);
    assert_int_equal(findings(&a.diag, "STROMA-PANEL-004", STROMA_WARNING), 0);
    close_strategy(&a);
    drop(&sample);
}

/* ---- the files beside a sample ---- */

static double edge_of(const asked *a, const char *id)
{
    return a->r.gates.gates[stroma_gate_find(&a->r.gates, id)].dims[0].lower;
}

/* Edge of T in the first of three tubes whose negatives are of different width. */
static double edge_among(const char *panel, const made *three, size_t n, size_t *said)
{
    asked a;
    stroma_error err = STROMA_ERROR_INIT;
    open_strategy(&a, "th17");
    stroma_panel_clear(&a.p);
    assert_int_equal(stroma_panel_parse(panel, strlen(panel), "p", NULL, &a.p, &err), STROMA_OK);
    assert_int_equal(stroma_gating_strategy_markers(a.s, &a.p, &err), STROMA_OK);
    const stroma_panel_tube all[3] = { tube_of(&three[0]), tube_of(&three[1]), tube_of(&three[2]) };
    assert_int_equal(stroma_panel_fit_scales(&a.p, all, n, &a.diag, &err), STROMA_OK);
    *said = findings(&a.diag, "STROMA-PANEL-011", STROMA_WARNING);
    const stroma_gating_input in = { .strategy = a.s, .panel = &a.p, .sample = all[0] };
    assert_int_equal(stroma_gating_learn(&in, &a.r, &a.diag, &err), STROMA_OK);
    const double edge = edge_of(&a, "T");
    close_strategy(&a);
    return edge;
}

static void test_one_alone_as_among_three(void **state)
{
    (void)state;
    static made three[3];
    const char *shipped = stroma_panel_text("th17"),
               *fitted = "stroma_panel: 1\nid: p\nscale: { W: auto }\nmarkers: { CD3: ~ }\n";
    asked a;
    size_t said = 0;
    open_strategy(&a, "th17");
    for (size_t i = 0; i < 3; i++)
        make(&tubes[1], &a.p, "", "", 60.0 + 150.0 * (double)i, 30 + i, &three[i]);
    const double alone = edge_among(shipped, three, 1, &said);
    assert_int_equal(said, 0);
    assert_true(edge_among(shipped, three, 3, &said) == alone);
    assert_int_equal(said, 0);
    /* auto: another edge with others beside it, and that is said. */
    const double fitted_alone = edge_among(fitted, three, 1, &said);
    assert_true(said > 0);
    assert_true(edge_among(fitted, three, 3, &said) != fitted_alone);
    /* A written panel has the fitted scales, fixed. */
    stroma_error err = STROMA_ERROR_INIT;
    stroma_panel p;
    stroma_buffer b;
    const stroma_panel_tube all[3] = { tube_of(&three[0]), tube_of(&three[1]), tube_of(&three[2]) };
    assert_int_equal(stroma_panel_parse(fitted, strlen(fitted), "p", NULL, &p, &err), STROMA_OK);
    assert_int_equal(stroma_gating_strategy_markers(a.s, &p, &err), STROMA_OK);
    assert_int_equal(stroma_panel_fit_scales(&p, all, 3, NULL, &err), STROMA_OK);
    stroma_buffer_init(&b, 1 << 16);
    assert_int_equal(stroma_panel_write(&p, &b, &err), STROMA_OK);
    stroma_buffer_putc(&b, '\0');
    const double frozen = edge_among(b.data, three, 1, &said);
    assert_int_equal(said, 0);
    assert_true(frozen == edge_among(fitted, three, 3, &said));
    stroma_buffer_clear(&b);
    stroma_panel_clear(&p);
    close_strategy(&a);
    for (size_t i = 0; i < 3; i++)
        drop(&three[i]);
}

/* ---- events that are on a scale already; public files ---- */

static bool learn_file(asked *a, const char *strategy, const char *file, stroma_fcs **f)
{
    stroma_error err = STROMA_ERROR_INIT;
    const char *path = test_data(file);
    if (path == NULL) return false;
    open_strategy(a, strategy);
    assert_int_equal(stroma_fcs_open(path, NULL, NULL, f, &err), STROMA_OK);
    const stroma_fcs_dataset *d = stroma_fcs_preferred(*f);
    stroma_arena arena;
    stroma_arena_init(&arena, 1 << 24);
    const stroma_compensation *matrix = NULL;
    assert_int_equal(stroma_compensation_from_fcs(d, path, &arena, NULL, &matrix, &err), STROMA_OK);
    const stroma_panel_tube t = { d, matrix, path };
    const stroma_gating_input in = { .strategy = a->s, .panel = &a->p, .sample = t };
    assert_int_equal(stroma_panel_fit_scales(&a->p, &t, 1, &a->diag, &err), STROMA_OK);
    assert_int_equal(stroma_gating_learn(&in, &a->r, &a->diag, &err), STROMA_OK);
    stroma_gate_options o = STROMA_GATE_OPTIONS_INIT;
    o.fcs = matrix;
    assert_int_equal(stroma_gates_evaluate(&a->r.gates, d, &o, &a->m, &err), STROMA_OK);
    stroma_arena_clear(&arena);
    return true;
}

static void test_scaled_already(void **state)
{
    (void)state;
    asked a;
    stroma_fcs *f = NULL;
    if (!learn_file(&a, "switched-memory-b",
                    "flow/panels/hipc_bcell_opencyto/12828_1_Bcell_C01.transformed.fcs", &f))
        skip();
    assert_int_equal(findings(&a.diag, "STROMA-PANEL-012", STROMA_WARNING), 1);
    close_strategy(&a);
    stroma_fcs_close(f);
}

static void test_open_panels(void **state)
{
    (void)state;
    static const char *const files[] = {
        "flow/panels/omip021_ccr7/Donor1.fcs",
        "flow/panels/lsr_ccr7_SDY736/Hs90208C20090205_00.583331.fcs",
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        asked a;
        stroma_fcs *f = NULL;
        if (!learn_file(&a, "t-cell-homing", files[i], &f)) skip();
        print_message("%s: %.0f lymphocytes, %.0f T\n", files[i], counted(&a, "lymphocytes"),
                      counted(&a, "T"));
        assert_true(counted(&a, "T") > 0.3 * counted(&a, "lymphocytes"));
        assert_int_equal(findings(&a.diag, "STROMA-PANEL-012", STROMA_WARNING), 0);
        close_strategy(&a);
        stroma_fcs_close(f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_planted),
        cmocka_unit_test(test_absent_marker),
        cmocka_unit_test(test_one_alone_as_among_three),
        cmocka_unit_test(test_scaled_already),
        cmocka_unit_test(test_open_panels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
