/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stroma_biomarker_answer() says: every way a question can go, on questions made by hand.
 * Audits A5-A10, checklist S3-22, S3-54, S3-57, S3-72. */
#include "test_answer.h"

#include <stdio.h>

static stroma_arena arena;
static stroma_study_answer out;

static int start(void **state)
{
    (void)state;
    stroma_arena_init(&arena, (size_t)1 << 24);
    out = (stroma_study_answer){ .arena = &arena };
    return 0;
}

static int stop(void **state)
{
    (void)state;
    ask_clear(&out);
    stroma_arena_clear(&arena);
    return 0;
}

static void answer_it(const asked *a)
{
    stroma_error err = STROMA_ERROR_INIT;
    ask_clear(&out);
    out = (stroma_study_answer){ .arena = &arena };
    const stroma_status st = stroma_biomarker_answer(&a->q, &out, &err);
    if (st != STROMA_OK) fail_msg("%s: %s%s", stroma_status_name(st), err.context, err.message);
}

static bool said(const char *kind, const char *fragment)
{
    for (size_t i = 0; i < out.texts.len; i++)
        if (strcmp(out.texts.items[i].kind, kind) == 0 &&
            strstr(out.texts.items[i].text, fragment) != NULL)
            return true;
    return false;
}

static void must_say(const char *kind, const char *fragment)
{
    if (said(kind, fragment)) return;
    for (size_t i = 0; i < out.texts.len; i++)
        print_message("%s: %s: %s\n", out.texts.items[i].kind, out.texts.items[i].title,
                      out.texts.items[i].text);
    fail_msg("no %s says \"%s\"", kind, fragment);
}

static const stroma_study_answer_result *find_result(const char *label)
{
    for (size_t i = 0; i < out.results.len; i++)
        if (strstr(out.results.items[i].label, label) != NULL) return &out.results.items[i];
    return NULL;
}

static const stroma_stat *stat_of(const char *label)
{
    const stroma_study_answer_result *r = find_result(label);
    if (r == NULL) {
        for (size_t i = 0; i < out.results.len; i++)
            print_message("%s\n", out.results.items[i].label);
        fail_msg("no result \"%s\"", label);
    }
    return &r->stat;
}

static stroma_study_answer_candidate candidate(size_t variable)
{
    for (size_t i = 0; i < out.candidates.len; i++)
        if (out.candidates.items[i].variable == variable) return out.candidates.items[i];
    fail_msg("variable %zu is no candidate", variable);
    return (stroma_study_answer_candidate){ 0 };
}

static size_t points(const char *kind)
{
    size_t n = 0;
    for (size_t i = 0; i < out.points.len; i++)
        n += strcmp(out.points.items[i].kind, kind) == 0;
    return n;
}

/* Nothing that a reader could take for more than these data show. */
static void words_are_guarded(void)
{
    static const char *const banned[] = { "predicts",    "no difference", "no effect",     "proves",
                                          "significant", "(null)",        "not associated" };
    for (size_t i = 0; i < out.texts.len; i++)
        for (size_t k = 0; k < sizeof banned / sizeof banned[0]; k++)
            if (strstr(out.texts.items[i].text, banned[k]) != NULL)
                fail_msg("\"%s\" in \"%s\"", banned[k], out.texts.items[i].text);
}

/* ---- the screen ---- */

static void test_yes_no_outcome(void **state)
{
    (void)state;
    asked a;
    ask_start(&a);
    answer_it(&a);
    assert_null(out.refused);
    assert_int_equal(out.candidates.len, 4);
    /* the most evidence first, the negative control last and outside the family */
    assert_int_equal(out.candidates.items[0].variable, MARKER);
    assert_int_equal(out.candidates.items[3].variable, CONTROL);
    assert_true(candidate(MARKER).p_max_t < 0.05);
    assert_true(isnan(candidate(CONTROL).p_max_t));
    const stroma_study_answer_result *r = &out.results.items[out.candidates.items[0].result];
    assert_string_equal(r->adjust_method, "max-T");
    assert_true(r->p_adjusted == candidate(MARKER).p_max_t && r->stat.estimate > 0.8);
    assert_int_equal(r->stat.n1, 20);
    must_say("note", "An association with the outcome is shown for 1 of 3 candidates after");
    must_say("note", "awaits another cohort");
    must_say("note", "3 looks, each at p < 0.05");
    must_say("heterogeneity", "Not asked");
    must_say("cannot_conclude", "in one arm only");
    assert_false(said("cannot_conclude", "after treatment"));
    assert_non_null(strstr(out.settings, "\"family\":3"));
    assert_non_null(strstr(out.settings, "\"negative_controls\":1"));
    assert_true(points("roc") > 0 && points("roc_band") > 0);
    assert_null(out.model);
    assert_null(out.model_reason);
    words_are_guarded();
}

/* A curve climbs from (0, 0) to (1, 1). */
static void test_curve_is_whole(void **state)
{
    (void)state;
    asked a;
    ask_start(&a);
    answer_it(&a);
    stroma_study_answer_point last = { .x = -1 };
    size_t n = 0;
    for (size_t i = 0; i < out.points.len; i++) {
        const stroma_study_answer_point *p = &out.points.items[i];
        if (strcmp(p->kind, "roc") != 0 || strcmp(p->series, "ifn@W0") != 0) continue;
        if (n++ == 0) assert_true(p->x == 0 && p->y == 0);
        assert_true(p->x >= last.x && p->y >= last.y);
        assert_int_equal(p->n, ASK_N);
        assert_non_null(strstr(p->label, "IFN-gamma: AUC 0."));
        last = *p;
    }
    assert_true(n > 2 && last.x == 1 && last.y == 1);
}

static void test_nobody(void **state)
{
    (void)state;
    asked a;
    ask_start(&a);
    a.q.n = 0;
    answer_it(&a);
    assert_string_equal(out.refused, "nobody with an outcome is in the population");
    assert_int_equal(out.results.len + out.candidates.len + out.points.len, 0);
}

static void test_one_class(void **state)
{
    (void)state;
    asked a;
    ask_start(&a);
    for (size_t i = 0; i < ASK_N; i++)
        a.outcome[i] = 1;
    a.q.cutoffs_len = 1;
    a.q.model = &a.model;
    answer_it(&a);
    assert_non_null(out.refused);
    assert_int_equal(out.points.len, 0);
    assert_null(out.model);
    must_say("heterogeneity", "Not asked"); /* stands there all the same */
}

static void test_number_as_outcome(void **state)
{
    (void)state;
    asked a;
    ask_start(&a);
    a.q.event_label = NULL;
    for (size_t i = 0; i < ASK_N; i++)
        a.outcome[i] = log(a.value[MARKER][i]) + 0.2 * sin((double)(5 * i));
    a.q.cutoffs_len = 1;
    a.q.model = &a.model;
    answer_it(&a);
    assert_null(out.refused);
    assert_int_equal(out.candidates.items[0].variable, MARKER);
    assert_string_equal(stat_of("IFN-gamma")->estimate_name, "rho");
    assert_int_equal(points("roc"), 0);
    assert_string_equal(out.model_reason, "a model is of a yes/no outcome");
    /* a cut-off that cannot be judged is not passed over in silence */
    assert_true(stat_of("not judged")->not_estimable);
    assert_non_null(strstr(stat_of("not judged")->reason, "yes/no outcome"));
    words_are_guarded();
}

static void test_all_circular(void **state)
{
    (void)state;
    asked a;
    ask_start(&a);
    for (size_t k = 0; k < ASK_VARIABLES; k++)
        a.variable[k].circular = "DAS28 at week 0 stands behind both";
    a.q.cutoffs_len = 1;
    a.q.model = &a.model;
    answer_it(&a);
    assert_null(out.refused);
    assert_int_equal(out.candidates.len, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_true(out.candidates.items[i].result == SIZE_MAX);
        assert_string_equal(out.candidates.items[i].reason,
                            "circular: DAS28 at week 0 stands behind both");
    }
    assert_int_equal(points("roc"), 0);
    assert_non_null(strstr(stat_of("not judged")->reason, "stands behind both"));
    assert_non_null(strstr(out.model_reason, "IFN-gamma: circular: DAS28"));
    assert_null(out.settings);
    must_say("note", "No candidate could be tested");
}

/* A family of none: only a cut-off is asked. */
static void test_no_family(void **state)
{
    (void)state;
    asked a;
    ask_start(&a);
    for (size_t k = 0; k < ASK_VARIABLES; k++)
        a.variable[k].in_family = false;
    a.q.cutoffs_len = 1;
    answer_it(&a);
    assert_int_equal(out.candidates.len, 0);
    assert_false(said("note", "looks"));
    assert_true(stat_of("sensitivity")->estimate > 0.5);
}

static void test_several_limits(void **state)
{
    (void)state;
    asked a;
    ask_start(&a);
    a.value[NOISE][0] = 0.5;
    a.state[NOISE][0] = STROMA_BELOW_LIMIT;
    a.value[NOISE][1] = 1.5; /* a limit above values that were measured */
    a.state[NOISE][1] = STROMA_BELOW_LIMIT;
    a.value[NOISE][2] = NAN;
    a.state[NOISE][2] = STROMA_MISSING;
    answer_it(&a);
    const stroma_study_answer_candidate c = candidate(NOISE);
    assert_int_equal(c.n_below, 2);
    assert_int_equal(c.n_missing, 1);
    assert_int_equal(c.n_used, ASK_N - 1);
    assert_non_null(strstr(c.flags, "values tied within the limits"));
}

/* A lower limit above an upper one: no order is known, which is no reason to end the run. */
static void test_limits_that_cross(void **state)
{
    (void)state;
    asked a;
    ask_start(&a);
    a.q.cutoffs_len = 1;
    a.q.model = &a.model;
    a.value[MARKER][0] = 10;
    a.state[MARKER][0] = STROMA_BELOW_LIMIT;
    a.value[MARKER][1] = 5;
    a.state[MARKER][1] = STROMA_ABOVE_LIMIT;
    answer_it(&a);
    assert_null(out.refused);
    assert_non_null(strstr(stat_of("not judged")->reason, "order"));
    for (size_t i = 0; i < out.points.len; i++)
        assert_string_not_equal(out.points.items[i].series, "ifn@W0");
    for (size_t k = 0; k < ASK_VARIABLES; k++)
        (void)candidate(k); /* all are listed */
}

static void test_constant_candidate(void **state)
{
    (void)state;
    asked a;
    ask_start(&a);
    for (size_t i = 0; i < ASK_N; i++)
        a.value[NOISE][i] = 3;
    answer_it(&a);
    assert_non_null(candidate(NOISE).reason);
    assert_true(isnan(candidate(NOISE).p_max_t));
    must_say("note", "1 of 2 candidates");
}

static void test_negative_control_shows(void **state)
{
    (void)state;
    asked a;
    ask_start(&a);
    a.variable[NOISE].negative_control = true;
    memcpy(a.value[NOISE], a.value[MARKER], sizeof a.value[NOISE]);
    answer_it(&a);
    must_say("note", "il6@W0: negative control shows");
}

static void test_batches(void **state)
{
    (void)state;
    asked a;
    ask_start(&a);
    a.q.batch = a.batch;
    a.q.batch_name = a.batch_name;
    a.q.batches_len = 2;
    answer_it(&a);
    assert_non_null(strstr(out.settings, "\"batch_adjusted\":true"));
    for (size_t i = 0; i < ASK_N; i++)
        a.batch[i] = i < 18; /* with the outcome */
    answer_it(&a);
    must_say("note", "batch and outcome go together");
    must_say("note", "Within each arm or batch (");
}

/* ---- questions ---- */

static void test_predictive(void **state)
{
    (void)state;
    asked a;
    ask_start(&a);
    a.q.question = "predictive";
    answer_it(&a);
    assert_non_null(strstr(out.refused, "there is no control arm"));
    a.q.treated = a.treated;
    a.q.cutoffs_len = 1;
    answer_it(&a);
    assert_null(out.refused);
    must_say("note", "interaction with the treatment");
    assert_false(said("note", "association"));
    assert_false(said("cannot_conclude", "in one arm only"));
    /* a curve of the outcome would answer another question */
    assert_int_equal(points("roc"), 0);
    assert_non_null(strstr(stat_of("not judged")->reason, "who gains"));
    words_are_guarded();
}

static void test_pharmacodynamic(void **state)
{
    (void)state;
    asked a;
    ask_start(&a);
    a.q.question = "pharmacodynamic";
    a.q.treated = a.treated;
    for (size_t k = 0; k < ASK_VARIABLES; k++) {
        a.variable[k].day = 28;
        for (size_t i = 0; i < ASK_N; i++)
            a.value[k][i] *= k == OTHER && a.treated[i] ? 20 : 1;
    }
    a.q.cutoffs_len = 1;
    a.q.model = &a.model;
    answer_it(&a);
    assert_null(out.refused);
    assert_int_equal(out.candidates.items[0].variable, OTHER);
    must_say("note", "the arms are compared; this says nothing of the outcome");
    must_say("note", "between the arms");
    assert_false(said("heterogeneity", ""));
    assert_false(said("cannot_conclude", ""));
    assert_int_equal(points("roc"), 0);
    assert_non_null(strstr(stat_of("not judged")->reason, "pharmacodynamic"));
    assert_non_null(strstr(out.model_reason, "pharmacodynamic"));
    words_are_guarded();
}

static void test_early_response(void **state)
{
    (void)state;
    asked a;
    ask_start(&a);
    a.q.question = "early_response";
    a.q.landmark = "W4";
    a.q.landmark_label = "Week 4";
    a.q.landmark_day = 28;
    a.variable[MARKER].day = 28;
    a.q.looks = 49;
    answer_it(&a);
    must_say("cannot_conclude", "what is known at Week 4 is known after treatment");
    must_say("note", "49 looks");
    assert_false(said("note", "the adjusted p-values allow for it"));
    /* both arms together: still no answer to who gains */
    a.q.treated = a.treated;
    answer_it(&a);
    must_say("cannot_conclude", "its interaction with treatment is not tested here");
}

/* A candidate dated after the landmark does not get by, also where the study let it. */
static void test_late_candidate(void **state)
{
    (void)state;
    asked a;
    ask_start(&a);
    a.variable[NOISE].day = 28;
    answer_it(&a);
    assert_non_null(strstr(out.refused, "candidate \"il6@W0\" is dated day 28"));
}

/* ---- cut-offs ---- */

static void test_cutoff_given(void **state)
{
    (void)state;
    asked a;
    ask_start(&a);
    a.q.cutoffs_len = 1;
    a.variable[MARKER].lloq = 0.01;
    size_t tp = 0, fp = 0;
    for (size_t i = 0; i < ASK_N; i++) {
        tp += a.outcome[i] > 0 && a.value[MARKER][i] > 2;
        fp += a.outcome[i] <= 0 && a.value[MARKER][i] > 2;
    }
    answer_it(&a);
    assert_true(stat_of("IFN-gamma > 2 pg/mL: sensitivity")->estimate == (double)tp / 20);
    assert_true(stat_of("IFN-gamma > 2 pg/mL: specificity")->estimate == 1 - (double)fp / 20);
    assert_string_equal(stat_of("specificity")->variant, "given beforehand");
    assert_true(stat_of("odds ratio (Firth)")->lower > 1);
    assert_true(stat_of("AUC of the rule")->estimate > 0.5);
    char text[160];
    (void)snprintf(text, sizeof text,
                   "The rule holds in %zu of 20 with the event and in %zu of 20 without", tp, fp);
    must_say("note", text);
    assert_int_equal(points("cutoff"), 1);
    assert_false(said("note", "S3-22"));
}

/* A8, S3-22 */
static void test_cutoff_of_another_assay(void **state)
{
    (void)state;
    asked a;
    ask_start(&a);
    a.q.cutoffs_len = 1;
    a.cutoff.origin = "literature";
    answer_it(&a);
    must_say("note", "one laboratory's number is not another's");
    must_say("note", "No limit of quantification is declared");
    a.cutoff.assay = "bead assay";
    a.variable[MARKER].assay = "ELISA";
    answer_it(&a);
    must_say("note", "defined on bead assay; the values here are from ELISA");
    a.variable[MARKER].assay = "bead assay";
    answer_it(&a);
    assert_false(said("note", "A8"));
}

static void test_cutoff_below_limit(void **state)
{
    (void)state;
    asked a;
    ask_start(&a);
    a.q.cutoffs_len = 1;
    a.variable[MARKER].lloq = 2.5;
    answer_it(&a);
    assert_non_null(strstr(stat_of("not judged")->reason, "below the limit of quantification"));
    assert_null(find_result("sensitivity"));
    assert_int_equal(points("cutoff"), 0);
}

/* Values may be censored at a limit that was not declared: 2 is not known to be beyond it. */
static void test_cutoff_within_censored(void **state)
{
    (void)state;
    asked a;
    ask_start(&a);
    a.q.cutoffs_len = 1;
    for (size_t i = 0; i < ASK_N; i += 5) {
        a.value[MARKER][i] = 3;
        a.state[MARKER][i] = STROMA_BELOW_LIMIT;
    }
    answer_it(&a);
    assert_non_null(strstr(stat_of("not judged")->reason, "limit"));
    assert_null(find_result("sensitivity"));
    a.cutoff.value = 3.5; /* above every limit: they are all on one side */
    answer_it(&a);
    assert_non_null(find_result("sensitivity"));
    for (size_t i = 0; i < ASK_N; i += 5)
        a.state[MARKER][i] = STROMA_ABOVE_LIMIT;
    answer_it(&a);
    assert_non_null(strstr(stat_of("not judged")->reason, "limit"));
    a.cutoff.value = 2.5;
    answer_it(&a);
    assert_non_null(find_result("sensitivity"));
}

static void test_cutoff_found_here(void **state)
{
    (void)state;
    asked a;
    ask_start(&a);
    a.q.cutoffs_len = 1;
    a.cutoff.value = NAN;
    a.cutoff.search = true;
    a.cutoff.origin = "found_here";
    answer_it(&a);
    const stroma_stat *at = stat_of("threshold, interval of the whole search");
    assert_true(at->lower <= at->estimate && at->estimate <= at->upper);
    assert_true(stat_of("Youden index, apparent")->estimate >
                stat_of("Youden index, optimism-corrected")->estimate);
    assert_true(stat_of("maximally selected test")->p < 0.05);
}

static void test_cutoff_without_values(void **state)
{
    (void)state;
    asked a;
    ask_start(&a);
    a.q.cutoffs_len = 1;
    for (size_t i = 0; i < ASK_N / 2; i++) {
        a.state[MARKER][i] = STROMA_MISSING;
        a.value[MARKER][i] = NAN;
    }
    answer_it(&a);
    assert_string_equal(stat_of("not judged")->reason, "nobody with the event has a value");
}

/* A flag is its own cut-off. */
static void test_flag(void **state)
{
    (void)state;
    asked a;
    ask_start(&a);
    a.q.cutoffs_len = 1;
    a.variable[MARKER].flag = true;
    a.variable[MARKER].unit = "";
    a.cutoff.value = 0.5;
    for (size_t i = 0; i < ASK_N; i++)
        a.value[MARKER][i] = a.value[MARKER][i] > 2;
    answer_it(&a);
    assert_non_null(find_result("IFN-gamma: sensitivity"));
    a.cutoff.label = "IFN-gamma was seen";
    a.cutoff.below = true; /* the other way round */
    answer_it(&a);
    assert_true(stat_of("IFN-gamma was seen: sensitivity")->estimate < 0.5);
}

/* ---- heterogeneity ---- */

static void test_heterogeneity(void **state)
{
    (void)state;
    asked a;
    ask_start(&a);
    a.q.heterogeneity = &a.heterogeneity;
    answer_it(&a);
    assert_string_equal(out.texts.items[0].kind, "heterogeneity"); /* before any marker */
    assert_true(stat_of("DAS28, week 12: SD of change, treated to control")->estimate > 0);
    must_say("heterogeneity", "Heterogeneity of response");
    a.heterogeneity.treated = NULL;
    a.heterogeneity.measurement_sd = NAN;
    answer_it(&a);
    assert_true(stat_of("SD of change, treated to control")->not_estimable);
    must_say("heterogeneity", "single-arm");
    a.heterogeneity.n = 0;
    answer_it(&a);
    must_say("heterogeneity", "");
    words_are_guarded();
}

/* ---- the model ---- */

static void test_model(void **state)
{
    (void)state;
    asked a;
    ask_start(&a);
    a.q.model = &a.model;
    answer_it(&a);
    if (out.model_reason != NULL) fail_msg("%s", out.model_reason);
    assert_non_null(strstr(out.model, "\"ifn@W0\""));
    assert_non_null(strstr(out.model_card, "None in other patients"));
    assert_null(strstr(out.model_card, "(null)"));
    assert_true(stat_of("model: AUC, apparent")->estimate > 0.8);
    assert_true(stat_of("model: AUC, optimism-corrected")->lower <=
                stat_of("model: AUC, optimism-corrected")->estimate);
    assert_true(points("calibration_groups") == 4 && points("decision_curve") > 19);
}

/* Riley's criteria: three inputs of 40 subjects are refused, unless a reason is given. */
static void test_model_beyond_budget(void **state)
{
    (void)state;
    asked a;
    ask_start(&a);
    a.q.model = &a.model;
    a.model.predictors_len = 3;
    a.predictor[1] = NOISE;
    a.predictor[2] = OTHER;
    answer_it(&a);
    assert_null(out.model);
    assert_non_null(strstr(out.model_reason, "parameter"));
    assert_int_equal(out.candidates.len, 4); /* the rest is there */
    a.model.over_budget = "to show the card";
    answer_it(&a);
    assert_non_null(out.model);
    assert_non_null(strstr(out.model_card, "Fitted all the same: to show the card"));
}

static void test_model_of_circular_input(void **state)
{
    (void)state;
    asked a;
    ask_start(&a);
    a.q.model = &a.model;
    a.variable[MARKER].circular = "DAS28 stands behind both";
    answer_it(&a);
    assert_null(out.model);
    assert_string_equal(out.model_reason, "IFN-gamma: circular: DAS28 stands behind both");
}

/* ---- always ---- */

enum { COURSE = 5 };

/* A marker that rises on day 14 in the first half and never in the others; a response that falls
 * two weeks after the rise. */
typedef struct course_asked {
    stroma_study_alignment in;
    int32_t day[COURSE];
    double marker[ASK_N * COURSE], response[ASK_N * COURSE], actual[ASK_N * COURSE];
    uint8_t state[ASK_N * COURSE];
} course_asked;

static void ask_course(course_asked *c, asked *a)
{
    for (size_t v = 0; v < COURSE; v++)
        c->day[v] = (int32_t)(14 * v);
    for (size_t i = 0; i < ASK_N; i++)
        for (size_t v = 0; v < COURSE; v++) {
            const size_t at = i * COURSE + v;
            c->marker[at] = i < ASK_N / 2 && v >= 1 ? 9 : 1;
            c->response[at] = sin((double)(5 * i + v)) - (i < ASK_N / 2 && v >= 2 ? 2 : 0);
            c->actual[at] = NAN;
            c->state[at] = STROMA_PRESENT;
        }
    c->in = (stroma_study_alignment){ .marker = "IFN-gamma",
                                      .response = "DAS28",
                                      .above = 2,
                                      .fold = NAN,
                                      .expect_fall = true,
                                      .visits = COURSE,
                                      .visit_day = c->day,
                                      .marker_value = c->marker,
                                      .response_value = c->response,
                                      .marker_state = c->state,
                                      .response_state = c->state,
                                      .day = c->actual };
    a->q.alignments = &c->in;
    a->q.alignments_len = 1;
}

static size_t aligned(void)
{
    const stroma_study_answer_result *r = find_result("change from before the rise");
    return r == NULL ? SIZE_MAX : r->stat.n1;
}

/* S3-57: an infection in the days up to a rise is counted, and left out where that was asked.
 * Subject 0 had one on the day of the rise, 1 one that ended in the window, 2 one before it, 3 one
 * after the rise, and 30 one without a rise. */
static void test_other_cause_of_a_rise(void **state)
{
    (void)state;
    static const size_t subject[] = { 0, 1, 2, 3, 30 };
    static const double first[] = { 14, -20, -9, 15, 10 }, last[] = { 20, 7, -1, 15, 10 };
    stroma_study_other_cause cause = {
        .label = "Infection", .days = 14, .n = 5, .subject = subject, .first = first, .last = last
    };
    course_asked c;
    asked a;
    ask_start(&a);
    ask_course(&c, &a);
    answer_it(&a);
    assert_false(said("note", "Infection"));
    assert_int_equal(aligned(), ASK_N / 2);
    c.in.other_cause = &cause;
    answer_it(&a);
    must_say("note", "Infection: recorded in the 14 days up to the rise in 2 of 20; these are "
                     "aligned like the others. ");
    assert_int_equal(aligned(), ASK_N / 2);
    cause.leave_out = true;
    cause.undated = 1;
    answer_it(&a);
    must_say("note", "in 2 of 20; these are not aligned. 1 more have no day");
    must_say("note", "The marker rose in 20 of 40");
    assert_int_equal(aligned(), ASK_N / 2 - 2);
    cause.days = 0;
    answer_it(&a);
    must_say("note", "in 1 of 20;");
    cause.n = 0;
    answer_it(&a);
    must_say("note", "in 0 of 20. ");
}

static void same_answers(const stroma_study_answer *a, const stroma_study_answer *b)
{
    assert_int_equal(a->results.len, b->results.len);
    assert_int_equal(a->points.len, b->points.len);
    for (size_t i = 0; i < a->results.len; i++) {
        assert_string_equal(a->results.items[i].label, b->results.items[i].label);
        assert_memory_equal(&a->results.items[i].stat.estimate, &b->results.items[i].stat.estimate,
                            sizeof(double));
        assert_memory_equal(&a->results.items[i].p_adjusted, &b->results.items[i].p_adjusted,
                            sizeof(double));
    }
    for (size_t i = 0; i < a->points.len; i++)
        assert_memory_equal(&a->points.items[i].lower, &b->points.items[i].lower, sizeof(double));
    assert_string_equal(a->model, b->model);
    assert_string_equal(a->model_card, b->model_card);
}

static void test_threads(void **state)
{
    (void)state;
    asked a;
    ask_start(&a);
    a.q.cutoffs_len = 1;
    a.q.model = &a.model;
    a.q.heterogeneity = &a.heterogeneity;
    answer_it(&a);
    stroma_study_answer first = out;
    out = (stroma_study_answer){ 0 };
    a.q.threads = 4;
    answer_it(&a);
    same_answers(&first, &out);
    ask_clear(&first);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, start, stop)
    const struct CMUnitTest tests[] = {
        T(test_yes_no_outcome),
        T(test_curve_is_whole),
        T(test_nobody),
        T(test_one_class),
        T(test_number_as_outcome),
        T(test_all_circular),
        T(test_no_family),
        T(test_several_limits),
        T(test_limits_that_cross),
        T(test_constant_candidate),
        T(test_negative_control_shows),
        T(test_batches),
        T(test_predictive),
        T(test_pharmacodynamic),
        T(test_early_response),
        T(test_late_candidate),
        T(test_cutoff_given),
        T(test_cutoff_of_another_assay),
        T(test_cutoff_below_limit),
        T(test_cutoff_within_censored),
        T(test_cutoff_found_here),
        T(test_cutoff_without_values),
        T(test_flag),
        T(test_heterogeneity),
        T(test_model),
        T(test_model_beyond_budget),
        T(test_model_of_circular_input),
        T(test_other_cause_of_a_rise),
        T(test_threads),
    };
    return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}
