/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gating-ML 2.0: every event of every expected result of the compliance tests (bioc gatingMLData,
 * sets 1 to 4), FlowKit's single-gate files, and what is written read again. */
#include "stroma_test.h"

#include "stroma/cytometry_gates.h"

#include <dirent.h>
#include <libxml/xmlschemas.h>
#include <math.h>
#include <string.h>
#include <zlib.h>

static const char *const suites[4][2] = { { "gates1.xml", "data1.fcs" },
                                          { "gates2.xml", "data2.fcs" },
                                          { "gates3.xml", "9399_1_3_NKR.fcs" },
                                          { "gates4.xml", "9399_1_3_NKR.fcs" } };

/* A path below gatingml2, or NULL when the data root is absent. */
static const char *data_path(char out[512], const char *folder, const char *name)
{
    char relative[400];
    (void)snprintf(relative, sizeof relative, "flow/gatingml2/%s%s%s", folder,
                   name[0] == '\0' ? "" : "/", name);
    const char *path = test_data(relative);
    if (path == NULL) return NULL;
    assert_true(strlen(path) < 512);
    memcpy(out, path, strlen(path) + 1);
    return out;
}

static void ok(stroma_status s, const stroma_error *err)
{
    if (s != STROMA_OK) fail_msg("%s%s (line %ld)", err->context, err->message, (long)err->line);
}

typedef struct sample {
    stroma_fcs *file;
    const stroma_fcs_dataset *data;
    const stroma_compensation *fcs;
    stroma_arena arena;
} sample;

static void open_sample(const char *name, sample *out)
{
    char path[512];
    stroma_error err = STROMA_ERROR_INIT;
    stroma_arena_init(&out->arena, 1 << 20);
    ok(stroma_fcs_open(data_path(path, "fcs", name), NULL, NULL, &out->file, &err), &err);
    out->data = stroma_fcs_preferred(out->file);
    ok(stroma_compensation_from_fcs(out->data, name, &out->arena, NULL, &out->fcs, &err), &err);
}

static void close_sample(sample *s)
{
    stroma_fcs_close(s->file);
    stroma_arena_clear(&s->arena);
}

static void evaluate(const stroma_gate_set *set, const sample *x, int threads,
                     stroma_membership *out)
{
    stroma_error err = STROMA_ERROR_INIT;
    const stroma_gate_options o = { .version = 1, .threads = threads, .fcs = x->fcs };
    ok(stroma_gates_evaluate(set, x->data, &o, out, &err), &err);
}

/* The id in the XML file of a result file. */
static const char *id_of(const char *set, const char *result, char out[256])
{
    char path[512], line[600];
    (void)snprintf(out, 256, "%s", result);
    FILE *f = fopen(data_path(path, "gate_id_aliases.tsv", ""), "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL) {
        char *name = strchr(line, '\t'), *id = name == NULL ? NULL : strchr(name + 1, '\t');
        if (id == NULL) continue;
        *name++ = '\0';
        *id++ = '\0';
        id[strcspn(id, "\r\n")] = '\0';
        if (strcmp(line, set) == 0 && strcmp(name, result) == 0) (void)snprintf(out, 256, "%s", id);
    }
    (void)fclose(f);
    return out;
}

typedef struct tally {
    size_t files;
    unsigned long long events, wrong;
} tally;

/* A digit a line, 0 or 1. */
static void compare_file(const char *path, const char *what, const stroma_membership *m,
                         size_t gate, tally *t)
{
    unsigned long long n = 0, wrong = 0;
    char line[64];
    gzFile f = gzopen(path, "rb");
    assert_non_null(f);
    while (gzgets(f, line, sizeof line) != NULL) {
        if (line[0] != '0' && line[0] != '1') continue;
        if (n >= m->n_events) fail_msg("%s: more lines than events", what);
        wrong += stroma_membership_has(m, gate, n) != (line[0] == '1');
        n++;
    }
    (void)gzclose(f);
    if (n != m->n_events)
        fail_msg("%s: %llu lines for %llu events", what, n, (unsigned long long)m->n_events);
    if (wrong > 0) print_message("# %s: %llu of %llu events differ\n", what, wrong, n);
    t->files++;
    t->events += n;
    t->wrong += wrong;
}

static void compare_suite(int number, tally *t)
{
    char path[512], set_name[16], id[256], what[300];
    stroma_error err = STROMA_ERROR_INIT;
    stroma_gate_set set;
    stroma_membership m;
    sample x;
    (void)snprintf(set_name, sizeof set_name, "set_%d", number);
    ok(stroma_gates_read(data_path(path, "xml", suites[number - 1][0]), NULL, NULL, &set, &err),
       &err);
    open_sample(suites[number - 1][1], &x);
    evaluate(&set, &x, 2, &m);
    char folder[64];
    (void)snprintf(folder, sizeof folder, "expected/%s", set_name);
    DIR *d = opendir(data_path(path, folder, ""));
    assert_non_null(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (strncmp(e->d_name, "Results_", 8) != 0) continue;
        char name[256];
        const char *dot = strstr(e->d_name, ".txt");
        (void)snprintf(name, sizeof name, "%.*s", (int)(dot - e->d_name - 8), e->d_name + 8);
        const int gate = stroma_gate_find(&set, id_of(set_name, name, id));
        (void)snprintf(what, sizeof what, "%s %s", set_name, name);
        if (gate < 0) fail_msg("%s: no such gate", what);
        char file[512];
        compare_file(data_path(file, folder, e->d_name), what, &m, (size_t)gate, t);
    }
    (void)closedir(d);
    stroma_membership_clear(&m);
    stroma_gate_set_clear(&set);
    close_sample(&x);
}

static void test_suites(void **state)
{
    char path[512];
    (void)state;
    if (data_path(path, "xml", "gates1.xml") == NULL) skip();
    tally all = { 0 };
    for (int i = 1; i <= 4; i++) {
        tally t = { 0 };
        compare_suite(i, &t);
        print_message("# set %d: %zu result files, %llu events compared, %llu differ\n", i, t.files,
                      t.events, t.wrong);
        all.files += t.files;
        all.events += t.events;
        all.wrong += t.wrong;
    }
    print_message("# in all: 4 sets, %zu result files, %llu events compared, %llu differ\n",
                  all.files, all.events, all.wrong);
    assert_int_equal(all.files, 139);
    assert_int_equal(all.wrong, 0);
}

/* FlowKit's files hold gates of set 1, one or a few each; where set 1 has a result for a gate it is
 * the truth. Theirs leave no gate unread. */
static void test_single_gate_files(void **state)
{
    char path[512], name[300], file[512];
    (void)state;
    if (data_path(path, "flowkit_single_gate_xml", "") == NULL) skip();
    sample x;
    open_sample("data1.fcs", &x);
    tally t = { 0 };
    size_t read = 0;
    DIR *d = opendir(path);
    assert_non_null(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (strstr(e->d_name, ".xml") == NULL) continue;
        stroma_error err = STROMA_ERROR_INIT;
        stroma_gate_set set;
        stroma_membership m;
        ok(stroma_gates_read(data_path(file, "flowkit_single_gate_xml", e->d_name), NULL, NULL,
                             &set, &err),
           &err);
        read++;
        evaluate(&set, &x, 1, &m);
        for (size_t g = 0; g < set.gates_len; g++) {
            (void)snprintf(name, sizeof name, "Results_%s.txt.gz", set.gates[g].id);
            char what[700];
            (void)snprintf(what, sizeof what, "%s %s", e->d_name, set.gates[g].id);
            /* FlowKit's Polygon4 is another one, on compensated channels. */
            if (strcmp(set.gates[g].id, "Polygon4") != 0 &&
                data_path(file, "expected/set_1", name) != NULL)
                compare_file(file, what, &m, g, &t);
            if (strcmp(set.gates[g].id, "ParRectangle1") == 0 &&
                strcmp(e->d_name, "gml_parent_quadrant_rect_gate.xml") == 0)
                compare_file(data_path(file, "flowkit_single_gate_xml", "Results_ParQuadRect.txt"),
                             what, &m, g, &t);
        }
        stroma_membership_clear(&m);
        stroma_gate_set_clear(&set);
    }
    (void)closedir(d);
    close_sample(&x);
    print_message("# %zu files read, %zu gates with a result, %llu events compared, %llu differ\n",
                  read, t.files, t.events, t.wrong);
    assert_true(read >= 47);
    assert_true(t.files >= 60);
    assert_int_equal(t.wrong, 0);
}

static void same_text(const char *a, const char *b)
{
    if ((a == NULL) != (b == NULL) || (a != NULL && strcmp(a, b) != 0))
        fail_msg("\"%s\" is not \"%s\"", a == NULL ? "NULL" : a, b == NULL ? "NULL" : b);
}

static void same_gate(const stroma_gate_set *x, const stroma_gate_set *y, const stroma_gate *a,
                      const stroma_gate *b)
{
    same_text(a->label, b->label);
    same_text(a->method, b->method);
    same_text(a->parameters, b->parameters);
    same_text(a->quadrant_gate, b->quadrant_gate);
    assert_true(a->confidence == b->confidence || (isnan(a->confidence) && isnan(b->confidence)));
    assert_int_equal(a->kind, b->kind);
    same_text(a->parent < 0 ? NULL : x->gates[a->parent].id,
              b->parent < 0 ? NULL : y->gates[b->parent].id);
    assert_int_equal(a->dims_len, b->dims_len);
    for (size_t i = 0; i < a->dims_len; i++) {
        const stroma_gate_dimension *p = &a->dims[i], *q = &b->dims[i];
        same_text(p->name, q->name);
        same_text(p->divider, q->divider);
        assert_true(p->lower == q->lower && p->upper == q->upper);
        assert_int_equal(p->ratio, q->ratio);
        assert_int_equal(p->compensation, q->compensation);
        assert_int_equal(p->transform, q->transform);
    }
    assert_int_equal(a->vertices_len, b->vertices_len);
    for (size_t i = 0; i < 2 * a->vertices_len; i++)
        assert_true(a->vertices[i] == b->vertices[i]);
    for (size_t i = 0; a->kind == STROMA_GATE_ELLIPSOID && i < a->dims_len * a->dims_len; i++)
        assert_true(a->covariance[i] == b->covariance[i] &&
                    a->mean[i % a->dims_len] == b->mean[i % a->dims_len]);
    assert_true(a->distance_square == b->distance_square);
    assert_int_equal(a->uses_len, b->uses_len);
    for (size_t i = 0; i < a->uses_len; i++) {
        same_text(x->gates[a->uses[i].gate].id, y->gates[b->uses[i].gate].id);
        assert_int_equal(a->uses[i].complement, b->uses[i].complement);
    }
    if (a->kind == STROMA_GATE_BOOLEAN) assert_int_equal(a->operation, b->operation);
}

static void same_set(const stroma_gate_set *x, const stroma_gate_set *y)
{
    assert_int_equal(x->gates_len, y->gates_len);
    assert_int_equal(x->transforms_len, y->transforms_len);
    assert_int_equal(x->ratios_len, y->ratios_len);
    assert_int_equal(x->compensations_len, y->compensations_len);
    for (size_t i = 0; i < x->gates_len; i++) {
        const int k = stroma_gate_find(y, x->gates[i].id);
        if (k < 0) fail_msg("gate \"%s\" is gone", x->gates[i].id);
        same_gate(x, y, &x->gates[i], &y->gates[k]);
    }
    for (size_t i = 0; i < x->transforms_len; i++) {
        const stroma_transform *a = &x->transforms[i], *b = &y->transforms[i];
        same_text(a->id, b->id);
        assert_true(a->kind == b->kind && a->t == b->t && a->w == b->w && a->m == b->m &&
                    a->a == b->a && a->bound_min == b->bound_min && a->bound_max == b->bound_max);
    }
    for (size_t i = 0; i < x->ratios_len; i++) {
        const stroma_gate_ratio *a = &x->ratios[i], *b = &y->ratios[i];
        same_text(a->id, b->id);
        same_text(a->numerator, b->numerator);
        same_text(a->denominator, b->denominator);
        assert_true(a->a == b->a && a->b == b->b && a->c == b->c && a->bound_min == b->bound_min &&
                    a->bound_max == b->bound_max);
    }
    for (size_t i = 0; i < x->compensations_len; i++) {
        const stroma_compensation *a = &x->compensations[i], *b = &y->compensations[i];
        same_text(a->id, b->id);
        same_text(a->source, b->source);
        assert_true(a->fluorochromes_len == b->fluorochromes_len &&
                    a->detectors_len == b->detectors_len);
        assert_memory_equal(a->unmixing, b->unmixing,
                            a->fluorochromes_len * a->detectors_len * sizeof(double));
    }
}

/* The schema of the standard says yes; without the data root nobody is asked. */
static void validate(const stroma_buffer *xml)
{
    char path[512];
    if (data_path(path, "xsd", "Gating-ML.v2.0.xsd") == NULL) return;
    xmlSchemaParserCtxt *p = xmlSchemaNewParserCtxt(path);
    xmlSchema *schema = xmlSchemaParse(p);
    assert_non_null(schema);
    xmlSchemaValidCtxt *v = xmlSchemaNewValidCtxt(schema);
    xmlDoc *doc = xmlReadMemory(xml->data, (int)xml->len, "written.xml", NULL, XML_PARSE_NONET);
    assert_non_null(doc);
    assert_int_equal(xmlSchemaValidateDoc(v, doc), 0);
    xmlFreeDoc(doc);
    xmlSchemaFreeValidCtxt(v);
    xmlSchemaFree(schema);
    xmlSchemaFreeParserCtxt(p);
}

/* Write, read again: the same set; write that: the same bytes. */
static void round_trip(const stroma_gate_set *set, stroma_gate_set *again)
{
    stroma_error err = STROMA_ERROR_INIT;
    stroma_buffer first, second;
    stroma_buffer_init(&first, 64 << 20);
    stroma_buffer_init(&second, 64 << 20);
    ok(stroma_gates_write(set, &first, &err), &err);
    validate(&first);
    ok(stroma_gates_parse(first.data, first.len, "again.xml", NULL, NULL, again, &err), &err);
    same_set(set, again);
    ok(stroma_gates_write(again, &second, &err), &err);
    assert_int_equal(first.len, second.len);
    assert_memory_equal(first.data, second.data, first.len);
    stroma_buffer_clear(&first);
    stroma_buffer_clear(&second);
}

static void test_round_trip_suites(void **state)
{
    char path[512];
    (void)state;
    if (data_path(path, "xml", "gates1.xml") == NULL) skip();
    size_t gates = 0;
    for (int i = 0; i < 4; i++) {
        stroma_error err = STROMA_ERROR_INIT;
        stroma_gate_set set, again;
        stroma_membership a, b;
        sample x;
        ok(stroma_gates_read(data_path(path, "xml", suites[i][0]), NULL, NULL, &set, &err), &err);
        round_trip(&set, &again);
        open_sample(suites[i][1], &x);
        evaluate(&set, &x, 1, &a);
        evaluate(&again, &x, 3, &b); /* the bits do not depend on the threads either */
        for (size_t g = 0; g < set.gates_len; g++) {
            const size_t k = (size_t)stroma_gate_find(&again, set.gates[g].id);
            assert_memory_equal(a.bits + g * a.words, b.bits + k * b.words,
                                a.words * sizeof *a.bits);
            gates++;
        }
        stroma_membership_clear(&a);
        stroma_membership_clear(&b);
        stroma_gate_set_clear(&set);
        stroma_gate_set_clear(&again);
        close_sample(&x);
    }
    print_message("# %zu gates written, read and evaluated again: the same events\n", gates);
    assert_true(gates > 150);
}

/* Ids that XML does not allow, texts that need care, and what only custom_info can hold. */
static void test_round_trip_odd(void **state)
{
    stroma_error err = STROMA_ERROR_INIT;
    stroma_gate_set set, again;
    (void)state;
    stroma_gate_set_init(&set);
    const char *const ids[] = { "/Lymphocytes/CD4+", "9 lives", "CD4\"<&>\n\tü", "plain" };
    for (size_t i = 0; i < 4; i++) {
        stroma_gate *g = stroma_gate_set_add(&set);
        g->id = ids[i];
        g->label = i == 3 ? "a label" : ids[i];
        g->parent = (int)i - 1;
        g->kind = STROMA_GATE_RECTANGLE;
        g->dims = stroma_gate_dimensions(&set, 1);
        g->dims_len = 1;
        g->dims[0].name = "APC-A & <co>";
        g->dims[0].lower = 0.1 + 0.2;
        g->dims[0].transform = 0;
        if (i == 2) {
            g->method = "valley";
            g->parameters = "{\"pivot\": 0.5}";
            g->confidence = 0.875;
        }
    }
    stroma_transform *t = stroma_gate_set_add_transform(&set);
    ok(stroma_transform_make(STROMA_TRANSFORM_LOGICLE, 262144, 0.5, 4.5, 0, NULL, t, &err), &err);
    t->id = "logicle 1";
    for (size_t i = 0; i < 2; i++) { /* two of four quadrants, one on both dividers */
        stroma_gate *g = stroma_gate_set_add(&set);
        g->id = g->label = i == 0 ? "Q1: CD4-" : "Q2";
        g->kind = STROMA_GATE_QUADRANT;
        g->quadrant_gate = "Q 1-4";
        g->dims_len = 2 - i;
        g->dims = stroma_gate_dimensions(&set, 2);
        for (size_t k = 0; k < 2; k++) {
            g->dims[k].name = k == 0 ? "A" : "B";
            g->dims[k].divider = k == 0 ? "dA" : "dB";
        }
        g->dims[0].upper = i == 0 ? 3 : (double)INFINITY;
        g->dims[0].lower = i == 0 ? -(double)INFINITY : 3;
        g->dims[1].lower = -5;
    }
    round_trip(&set, &again);
    stroma_gate_set_clear(&set);
    stroma_gate_set_clear(&again);
}

static void test_write_refusals(void **state)
{
    stroma_error err = STROMA_ERROR_INIT;
    stroma_gate_set set;
    stroma_buffer out;
    (void)state;
    stroma_gate_set_init(&set);
    stroma_buffer_init(&out, 1 << 20);
    for (size_t i = 0; i < 2; i++) {
        stroma_gate *g = stroma_gate_set_add(&set);
        g->id = g->label = i == 0 ? "left" : "right";
        g->kind = STROMA_GATE_QUADRANT;
        g->quadrant_gate = "Q";
        g->dims_len = 1;
        g->dims = stroma_gate_dimensions(&set, 1);
        g->dims[0].name = "A";
    }
    set.gates[0].dims[0].upper = 5; /* they overlap: no dividers do that */
    set.gates[1].dims[0].lower = 3;
    assert_int_equal(stroma_gates_write(&set, &out, &err), STROMA_E_USAGE);
    assert_non_null(strstr(err.message, "is not one interval between its dividers"));
    stroma_buffer_clear(&out);
    stroma_gate_set_clear(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_suites),
        cmocka_unit_test(test_single_gate_files),
        cmocka_unit_test(test_round_trip_suites),
        cmocka_unit_test(test_round_trip_odd),
        cmocka_unit_test(test_write_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
