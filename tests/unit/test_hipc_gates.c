/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two HIPC Lyoplate samples that openCyto gated (flowWorkspaceData, see the manifest of the data):
 * its gates give its events, and the shipped strategies find nearly the same populations. */
#include "stroma_test.h"

#include "stroma/cytometry_strategy.h"
#include "stroma/file.h"

#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <zlib.h>

enum { GATES_MAX = 40, FARTHEST = 1000000000 };

typedef struct sample {
    stroma_fcs *fcs;
    const stroma_fcs_dataset *d;
    char *path[GATES_MAX]; /* of the truth: "/boundary/nonDebris" */
    size_t gates;
    unsigned char *truth; /* events × gates, 0 or 1 */
} sample;

static char *data_path(const char *folder, const char *file)
{
    char name[300];
    (void)snprintf(name, sizeof name, "flow/panels/%s/%s", folder, file);
    const char *path = test_data(name);
    return path == NULL ? NULL : stroma_strdup(path);
}

static void read_truth(sample *s, const char *path)
{
    static char line[20000];
    gzFile f = gzopen(path, "rb");
    assert_non_null(f);
    assert_non_null(gzgets(f, line, sizeof line));
    for (char *p = strtok(line, ",\r\n"); p != NULL; p = strtok(NULL, ",\r\n")) {
        assert_true(s->gates < GATES_MAX);
        s->path[s->gates++] = stroma_strdup(p);
    }
    s->truth = stroma_alloc_array((size_t)s->d->n_events * s->gates, 1);
    for (size_t e = 0; e < s->d->n_events; e++) {
        assert_non_null(gzgets(f, line, sizeof line));
        for (size_t g = 0; g < s->gates; g++)
            s->truth[e * s->gates + g] = line[2 * g] == '1';
    }
    assert_null(gzgets(f, line, sizeof line));
    (void)gzclose(f);
}

/* false: the data are not here. */
static bool open_sample(sample *s, const char *folder, const char *stem)
{
    char name[200];
    stroma_error err = STROMA_ERROR_INIT;
    *s = (sample){ .fcs = NULL };
    (void)snprintf(name, sizeof name, "%s.transformed.fcs", stem);
    char *fcs = data_path(folder, name);
    (void)snprintf(name, sizeof name, "%s.membership.csv.gz", stem);
    char *truth = data_path(folder, name);
    const bool there = fcs != NULL && truth != NULL;
    if (there) {
        assert_int_equal(stroma_fcs_open(fcs, NULL, NULL, &s->fcs, &err), STROMA_OK);
        s->d = stroma_fcs_preferred(s->fcs);
        read_truth(s, truth);
    }
    stroma_free(fcs);
    stroma_free(truth);
    return there;
}

static void close_sample(sample *s)
{
    for (size_t g = 0; g < s->gates; g++)
        stroma_free(s->path[g]);
    stroma_free(s->truth);
    stroma_fcs_close(s->fcs);
}

static size_t truth_of(const sample *s, const char *path)
{
    for (size_t g = 0; g < s->gates; g++)
        if (strcmp(s->path[g], path) == 0) return g;
    fail_msg("no gate %s in the truth", path);
    return 0;
}

static double limit(const json_t *list, size_t i)
{
    const double x = json_number_value(json_array_get(list, i));
    return x >= 1e300 ? (double)INFINITY : x <= -1e300 ? -(double)INFINITY : x;
}

/* The gate of one row of gates.tsv. */
static void add_given(stroma_gate_set *set, const char *path, const char *parent, const char *type,
                      const json_t *spec)
{
    const json_t *dims = json_object_get(spec, "dims"), *ops = json_object_get(spec, "ops");
    const int above = strcmp(parent, "root") == 0 ? -1 : stroma_gate_find(set, parent);
    const size_t n = json_array_size(dims);
    stroma_gate_dimension *d = stroma_gate_dimensions(set, n);
    stroma_gate *g = stroma_gate_set_add(set);
    g->id = g->label = stroma_arena_strdup(&set->arena, path);
    g->parent = above;
    g->dims = d;
    g->dims_len = n;
    for (size_t k = 0; k < n; k++)
        d[k].name = stroma_arena_strdup(&set->arena, json_string_value(json_array_get(dims, k)));
    if (strcmp(type, "ellipse") == 0) {
        const double far = json_number_value(json_object_get(spec, "dist"));
        g->kind = STROMA_GATE_ELLIPSOID;
        g->mean = stroma_arena_alloc(&set->arena, n, sizeof *g->mean);
        g->covariance = stroma_arena_alloc(&set->arena, n * n, sizeof *g->covariance);
        for (size_t k = 0; k < n; k++) {
            g->mean[k] = limit(json_object_get(spec, "mean"), k);
            for (size_t j = 0; j < n; j++)
                g->covariance[k * n + j] =
                    limit(json_array_get(json_object_get(spec, "cov"), k), j);
        }
        g->distance_square = far * far;
    } else if (strcmp(type, "polygon") == 0) {
        const json_t *v = json_object_get(spec, "vertices");
        g->kind = STROMA_GATE_POLYGON;
        g->vertices_len = json_array_size(v);
        g->vertices = stroma_arena_alloc(&set->arena, 2 * g->vertices_len, sizeof *g->vertices);
        for (size_t k = 0; k < g->vertices_len; k++)
            for (size_t j = 0; j < 2; j++) /* open sides: farther out than any event */
                g->vertices[2 * k + j] =
                    fmax(-FARTHEST, fmin(FARTHEST, limit(json_array_get(v, k), j)));
    } else if (strcmp(type, "bool") == 0) {
        const json_t *names = json_array_get(ops, 0);
        g->kind = STROMA_GATE_BOOLEAN;
        g->operation = STROMA_GATE_AND;
        g->uses_len = json_array_size(names);
        g->uses = stroma_arena_alloc(&set->arena, g->uses_len, sizeof *g->uses);
        for (size_t k = 0; k < g->uses_len; k++) {
            const char *name = json_string_value(json_array_get(names, k));
            g->uses[k].complement = strncmp(name, "NOT ", 4) == 0;
            if (g->uses[k].complement) name += 4;
            g->uses[k].gate =
                stroma_gate_find(set, stroma_arena_printf(&set->arena, "%s/%s", parent, name));
            assert_true(g->uses[k].gate >= 0);
        }
    } else {
        g->kind = STROMA_GATE_RECTANGLE;
        for (size_t k = 0; k < n; k++) {
            d[k].lower = limit(json_object_get(spec, "min"), k);
            d[k].upper = limit(json_object_get(spec, "max"), k);
        }
    }
}

static void read_given(const char *path, stroma_gate_set *set)
{
    stroma_bytes b;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_bytes_read(path, 0, &b, &err), STROMA_OK);
    char *text = stroma_strndup((const char *)b.data, b.size);
    stroma_bytes_clear(&b);
    /* 1e999 means infinity, and is no number that jansson takes. */
    for (char *p = strstr(text, "1e999"); p != NULL; p = strstr(p, "1e999"))
        memcpy(p, "1e300", 5);
    char *save = NULL;
    (void)strtok_r(text, "\n", &save);
    for (char *row = strtok_r(NULL, "\n", &save); row != NULL; row = strtok_r(NULL, "\n", &save)) {
        char *cell[6], *in = row;
        for (size_t i = 0; i < 6; i++) {
            cell[i] = in;
            in = strchr(in, '\t');
            if (in != NULL) *in++ = '\0';
            if (i < 5) assert_non_null(in);
        }
        json_t *spec = json_loads(cell[5], JSON_DECODE_ANY, NULL);
        assert_non_null(spec);
        add_given(set, cell[1], cell[2], cell[3], spec);
        json_decref(spec);
    }
    stroma_free(text);
}

static void compare_given(const char *folder, const char *stem, size_t gates)
{
    sample s;
    char name[200];
    if (!open_sample(&s, folder, stem)) skip();
    stroma_gate_set set;
    stroma_membership m;
    stroma_error err = STROMA_ERROR_INIT;
    stroma_gate_set_init(&set);
    (void)snprintf(name, sizeof name, "%s.gates.tsv", stem);
    char *path = data_path(folder, name);
    read_given(path, &set);
    stroma_free(path);
    assert_int_equal(set.gates_len, gates);
    assert_int_equal(s.gates, gates);
    assert_int_equal(stroma_gate_set_check(&set, &err), STROMA_OK);
    assert_int_equal(stroma_gates_evaluate(&set, s.d, NULL, &m, &err), STROMA_OK);
    size_t wrong = 0;
    for (size_t g = 0; g < set.gates_len; g++) {
        const size_t t = truth_of(&s, set.gates[g].id);
        for (size_t e = 0; e < s.d->n_events; e++)
            wrong += stroma_membership_has(&m, g, e) != (s.truth[e * s.gates + t] == 1);
    }
    print_message("%s: %zu gates, %zu events, %zu differences\n", folder, set.gates_len,
                  (size_t)s.d->n_events, wrong);
    assert_int_equal(wrong, 0);
    stroma_membership_clear(&m);
    stroma_gate_set_clear(&set);
    close_sample(&s);
}

static void test_given_b(void **state)
{
    (void)state;
    compare_given("hipc_bcell_opencyto", "12828_1_Bcell_C01", 22);
}

static void test_given_nk(void **state)
{
    (void)state;
    compare_given("hipc_nk_opencyto", "DC_MONO_NK_12828001_001", 23);
}

/* F1 of events of a found gate and of the truth. */
static double f1(const sample *s, const stroma_gating_result *r, const stroma_membership *m,
                 const char *id, const char *path)
{
    const int g = stroma_gate_find(&r->gates, id);
    const size_t t = truth_of(s, path);
    size_t both = 0, own = 0, theirs = 0;
    assert_true(g >= 0);
    for (size_t e = 0; e < s->d->n_events; e++) {
        const bool a = stroma_membership_has(m, (size_t)g, e), b = s->truth[e * s->gates + t] == 1;
        both += a && b;
        own += a;
        theirs += b;
    }
    const double f = 2 * (double)both / (double)(own + theirs);
    print_message("%-24s F1 %.4f: %zu found, %zu of openCyto, %zu in both\n", id, f, own, theirs,
                  both);
    return f;
}

static void learn(const char *strategy, const char *panel, const sample *s, stroma_gating_result *r,
                  stroma_membership *m)
{
    stroma_gating_strategy *st = NULL;
    stroma_panel p;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_gating_strategy_read(strategy, NULL, &st, &err), STROMA_OK);
    assert_int_equal(stroma_panel_read(test_source(panel), NULL, &p, &err), STROMA_OK);
    assert_int_equal(stroma_gating_strategy_markers(st, &p, &err), STROMA_OK);
    const stroma_panel_tube tube = { s->d, NULL, "hipc" };
    assert_int_equal(stroma_panel_fit_scales(&p, &tube, 1, NULL, &err), STROMA_OK);
    const stroma_gating_input in = { .strategy = st, .panel = &p, .sample = tube };
    assert_int_equal(stroma_gating_learn(&in, r, NULL, &err), STROMA_OK);
    assert_int_equal(stroma_gate_set_check(&r->gates, &err), STROMA_OK);
    assert_int_equal(stroma_gates_evaluate(&r->gates, s->d, NULL, m, &err), STROMA_OK);
    assert_int_equal(r->not_estimable, 0);
    stroma_gating_strategy_free(st);
    stroma_panel_clear(&p);
}

static void test_learned_b(void **state)
{
    (void)state;
    sample s;
    stroma_gating_result r;
    stroma_membership m;
    if (!open_sample(&s, "hipc_bcell_opencyto", "12828_1_Bcell_C01")) skip();
    learn("switched-memory-b", "tests/strategies/hipc-b.panel.yaml", &s, &r, &m);
    const char *const b = "/boundary/nonDebris/lymph/Live/CD19andCD20";
    char path[200];
    assert_true(f1(&s, &r, &m, "lymphocytes", "/boundary/nonDebris/lymph") > 0.95);
    assert_true(f1(&s, &r, &m, "live", "/boundary/nonDebris/lymph/Live") > 0.95);
    assert_true(f1(&s, &r, &m, "B", b) > 0.95);
    (void)snprintf(path, sizeof path, "%s/CD27gate", b);
    (void)f1(&s, &r, &m, "memory", path);
    (void)snprintf(path, sizeof path, "%s/IgD-CD27+", b);
    assert_true(f1(&s, &r, &m, "switched_memory", path) >= 0.9);
    (void)snprintf(path, sizeof path, "%s/IgD+CD27+", b);
    (void)f1(&s, &r, &m, "unswitched_memory", path);
    stroma_membership_clear(&m);
    stroma_gating_result_clear(&r);
    close_sample(&s);
}

static void test_learned_nk(void **state)
{
    (void)state;
    sample s;
    stroma_gating_result r;
    stroma_membership m;
    if (!open_sample(&s, "hipc_nk_opencyto", "DC_MONO_NK_12828001_001")) skip();
    learn("nk", "tests/strategies/hipc-nk.panel.yaml", &s, &r, &m);
    assert_true(f1(&s, &r, &m, "NK", "/boundary/Monocytes/Live/CD14-Lineage-/CD56+") >= 0.9);
    stroma_membership_clear(&m);
    stroma_gating_result_clear(&r);
    close_sample(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_given_b),
        cmocka_unit_test(test_given_nk),
        cmocka_unit_test(test_learned_b),
        cmocka_unit_test(test_learned_nk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
