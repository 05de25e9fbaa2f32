/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small question about biomarkers, made by hand, for the tests of answers: 40 subjects, 20 with
 * the event; a marker that goes with it, two of noise, and a negative control. */
#ifndef STROMA_TEST_ANSWER_H
#define STROMA_TEST_ANSWER_H
#include "stroma_test.h"

#include "stroma/biomarker_answer.h"

#include <math.h>
#include <string.h>

enum { ASK_N = 40, ASK_VARIABLES = 4, MARKER = 0, NOISE = 1, OTHER = 2, CONTROL = 3 };

typedef struct asked {
    stroma_study_biomarker q;
    stroma_study_variable variable[ASK_VARIABLES];
    stroma_study_cutoff cutoff;
    stroma_study_model model;
    stroma_study_heterogeneity heterogeneity;
    size_t predictor[ASK_VARIABLES];
    double value[ASK_VARIABLES][ASK_N], outcome[ASK_N], change[ASK_N], baseline[ASK_N];
    uint8_t state[ASK_VARIABLES][ASK_N], treated[ASK_N];
    size_t batch[ASK_N];
    const char *batch_name[2], *subject[ASK_N];
} asked;

static inline void ask_variable(asked *a, size_t k, const char *name, const char *label)
{
    a->variable[k] = (stroma_study_variable){ .name = name,
                                              .param = name,
                                              .visit = "W0",
                                              .label = label,
                                              .unit = "pg/mL",
                                              .lloq = NAN,
                                              .uloq = NAN,
                                              .range_low = NAN,
                                              .range_high = NAN,
                                              .in_family = true,
                                              .value = a->value[k],
                                              .state = a->state[k] };
    for (size_t i = 0; i < ASK_N; i++) {
        const double noise = sin((double)(7 * i + 3 * k + 1)) + 0.3 * cos((double)(11 * i * k));
        a->value[k][i] = exp(noise + (k == MARKER && a->outcome[i] > 0 ? 1.6 : 0));
        a->state[k][i] = STROMA_PRESENT;
    }
}

static inline void ask_start(asked *a)
{
    *a = (asked){ 0 };
    for (size_t i = 0; i < ASK_N; i++) {
        a->subject[i] = "S";
        a->outcome[i] = i < ASK_N / 2;
        a->treated[i] = i % 2 == 0;
        a->batch[i] = i % 3 == 0;
        a->baseline[i] = 5 + sin((double)i);
        a->change[i] = -1.5 * (a->treated[i] != 0) + cos((double)(3 * i));
    }
    a->batch_name[0] = "plate 1";
    a->batch_name[1] = "plate 2";
    ask_variable(a, MARKER, "ifn@W0", "IFN-gamma");
    ask_variable(a, NOISE, "il6@W0", "IL-6");
    ask_variable(a, OTHER, "tnf@W0", "TNF-alpha");
    ask_variable(a, CONTROL, "il8@W0", "IL-8");
    a->variable[CONTROL].negative_control = true;
    a->cutoff = (stroma_study_cutoff){
        .variable = MARKER, .value = 2, .origin = "prespecified", .source = "the protocol"
    };
    a->heterogeneity = (stroma_study_heterogeneity){ .label = "DAS28, week 12",
                                                     .n = ASK_N,
                                                     .change = a->change,
                                                     .baseline = a->baseline,
                                                     .treated = a->treated,
                                                     .measurement_sd = 0.4,
                                                     .responder_drop = 1.2 };
    a->model = (stroma_study_model){ .method = "firth",
                                     .predictors = a->predictor,
                                     .predictors_len = 1,
                                     .bootstrap = 20,
                                     .folds = 2,
                                     .repeats = 1 };
    a->q = (stroma_study_biomarker){ .id = "before",
                                     .label = "Before infusion",
                                     .question = "prognostic",
                                     .landmark = "W0",
                                     .landmark_label = "Week 0",
                                     .outcome_day = 84,
                                     .outcome_is_later = true,
                                     .outcome_label = "EULAR, week 12",
                                     .event_label = "Response",
                                     .source = "study.yaml",
                                     .sha256 = "",
                                     .n = ASK_N,
                                     .subject = a->subject,
                                     .outcome = a->outcome,
                                     .variables = a->variable,
                                     .variables_len = ASK_VARIABLES,
                                     .cutoffs = &a->cutoff,
                                     .statistic = "wilcoxon",
                                     .direction = "two_sided",
                                     .permutations = 200,
                                     .level = 0.95,
                                     .seed = 7,
                                     .threads = 1 };
}

static inline void ask_clear(stroma_study_answer *x)
{
    stroma_free(x->results.items);
    stroma_free(x->candidates.items);
    stroma_free(x->points.items);
    stroma_free(x->texts.items);
}
#endif
