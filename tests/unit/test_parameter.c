/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma_test.h"

#include "stroma/parameter.h"
#include "stroma/score.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

static void ids_and_codes_are_unique(void **state)
{
    (void)state;
    size_t n = 0;
    const stroma_parameter *t = stroma_parameter_table(&n);
    assert_true(n > 180);
    for (size_t i = 0; i < n; i++) {
        const size_t len = strlen(t[i].paramcd);
        if (len < 1 || len > 8) fail_msg("PARAMCD %s", t[i].paramcd);
        for (size_t k = 0; k < len; k++)
            assert_true(isupper(t[i].paramcd[k]) || isdigit(t[i].paramcd[k]));
        assert_true(t[i].label[0] != '\0' && strlen(t[i].label) <= 60);
        if (t[i].unit != NULL && stroma_unit_canonical(t[i].unit) != t[i].unit &&
            (stroma_unit_canonical(t[i].unit) == NULL ||
             strcmp(stroma_unit_canonical(t[i].unit), t[i].unit) != 0))
            fail_msg("unit %s of %s is not canonical", t[i].unit, t[i].id);
        if (t[i].kind == STROMA_PARAMETER_NUMBER) assert_true(t[i].lower < t[i].upper);
        for (size_t j = 0; j < i; j++) {
            if (strcasecmp(t[i].id, t[j].id) == 0 || strcmp(t[i].paramcd, t[j].paramcd) == 0 ||
                strcasecmp(t[i].label, t[j].label) == 0)
                fail_msg("%s and %s share a name", t[i].id, t[j].id);
        }
        /* Every way to name it finds it, and nothing else. */
        if (stroma_parameter_find(t[i].id) != &t[i] ||
            stroma_parameter_find(t[i].paramcd) != &t[i] ||
            stroma_parameter_find(t[i].label) != &t[i])
            fail_msg("one of the names of %s finds something else", t[i].id);
    }
}

static void aliases_are_not_other_names(void **state)
{
    (void)state;
    size_t n = 0;
    const stroma_parameter *t = stroma_parameter_table(&n);
    for (size_t i = 0; i < n; i++) {
        if (t[i].aliases == NULL) continue;
        char copy[200];
        (void)snprintf(copy, sizeof copy, "%s", t[i].aliases);
        char *rest = copy;
        for (char *word; (word = strtok_r(rest, " ", &rest)) != NULL;)
            if (stroma_parameter_find(word) != &t[i])
                fail_msg("alias %s of %s names something else", word, t[i].id);
    }
}

static void names_that_say_too_little_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *hint;
    } cases[] = { { "CDAI", "write cdai_crohn or cdai_ra" },
                  { "cdai", "write cdai_crohn or cdai_ra" },
                  { "gh", "write gh_0_100 (mm) or gh_0_10 (cm)" },
                  { "GH", "write gh_0_100 (mm) or gh_0_10 (cm)" },
                  { "crp", "write crp_mg_L or crp_mg_dL" },
                  { "CRP", "write crp_mg_L or crp_mg_dL" },
                  { "das28", "write das28_esr4, das28_esr3, das28_crp4 or das28_crp3" },
                  { "esr_mmh", "did you mean \"esr_mm_h\"?" },
                  { "qqqqq", "`stroma score parameters` shows all parameters" } };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        stroma_error err = STROMA_ERROR_INIT;
        const stroma_parameter *p = NULL;
        assert_int_equal(stroma_parameter_get(cases[i].name, &p, &err), STROMA_E_USAGE);
        assert_null(p);
        assert_string_equal(err.hint, cases[i].hint);
    }
    assert_string_equal(stroma_parameter_find("esr")->id, "esr_mm_h");
    assert_string_equal(stroma_parameter_find("crp_mg_l")->id, "crp_mg_L");
}

static void scores_and_parameters_agree(void **state)
{
    (void)state;
    size_t n = 0;
    const stroma_score *const *t = stroma_score_table(&n);
    for (size_t i = 0; i < n; i++) {
        const stroma_score *s = t[i];
        const stroma_parameter *p = stroma_parameter_find_id(s->id);
        if (p == NULL) fail_msg("score %s is no parameter", s->id);
        assert_string_equal(p->paramcd, s->paramcd);
        assert_string_equal(p->label, s->label);
        for (size_t k = 0; k < s->inputs_len; k++) {
            const stroma_score_input *in = &s->inputs[k];
            char copy[200];
            (void)snprintf(copy, sizeof copy, "%s", in->param);
            char *rest = copy;
            for (char *id; (id = strtok_r(rest, "|", &rest)) != NULL;)
                if (stroma_parameter_find_id(id) == NULL)
                    fail_msg("input %s of %s: no parameter %s", in->name, s->id, id);
            for (size_t m = 0; in->items_prefix != NULL && m < in->items_len; m++) {
                (void)snprintf(copy, sizeof copy, "%s%s", in->items_prefix, in->items[m]);
                if (stroma_parameter_find_id(copy) == NULL)
                    fail_msg("input %s of %s: no parameter %s", in->name, s->id, copy);
            }
        }
        for (size_t k = 0; k < s->outputs_len; k++)
            if (stroma_parameter_find_id(s->outputs[k].param) == NULL)
                fail_msg("output %s of %s: no parameter %s", s->outputs[k].name, s->id,
                         s->outputs[k].param);
    }
}

static void units(void **state)
{
    (void)state;
    static const struct {
        const char *param, *from, *to;
        double x, want;
    } cases[] = {
        { "crp_mg_L", "mg/dL", "mg/L", 1.2, 12 },
        { NULL, "mg/l", "mg/dl", 12, 1.2 },
        { "gh_0_100", "cm", "mm", 5.5, 55 },
        { NULL, "0-10", "0-100", 7, 70 },
        { NULL, "mm", "cm", 3, 0.3 },
        { "hct_pct", "fraction", "%", 0.4, 40 },
        { NULL, "L/L", "%", 0.385, 38.5 },
        { "hemoglobin_g_l", "g/dL", "g/L", 13.2, 132 },
        { "bilirubin_umol_l", "mg/dL", "\xC2\xB5mol/L", 2, 34.2 },
        { "bilirubin_mg_dL", "\xCE\xBCmol/L", "mg/dL", 34.2, 2 },
        { "creatinine_umol_l", "mg/dL", "umol/L", 1, 88.4 },
        { "glucose_mmol_l", "mg/dL", "mmol/L", 180.16, 10 },
        { "fecal_calprotectin_mg_kg", "ug/g", "mg/kg", 2200, 2200 },
        { "il_6_pg_ml", "ng/L", "pg/mL", 3.5, 3.5 },
        { "wbc_10e9_l", "10^3/uL", "10^9/L", 6.1, 6.1 },
        { NULL, "mm/hr", "mm/h", 20, 20 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double y = NAN;
        assert_int_equal(
            stroma_unit_convert(cases[i].param, cases[i].from, cases[i].to, cases[i].x, &y, NULL),
            STROMA_OK);
        if (!(fabs(y - cases[i].want) <= 1e-12 * fabs(cases[i].want)))
            fail_msg("%g %s is %g %s, wanted %g", cases[i].x, cases[i].from, y, cases[i].to,
                     cases[i].want);
    }
    stroma_error err = STROMA_ERROR_INIT;
    double y = 0;
    /* A molar mass is the substance's: without the parameter there is no conversion. */
    assert_int_equal(stroma_unit_convert(NULL, "mg/dL", "umol/L", 1, &y, &err), STROMA_E_USAGE);
    assert_string_equal(err.message, "no conversion from mg/dL to umol/L is declared");
    assert_string_equal(err.hint, "known from and to umol/L: mmol/L");
    assert_int_equal(stroma_unit_convert("rf_iu_ml", "U/mL", "IU/mL", 1, &y, &err), STROMA_E_USAGE);
    assert_string_equal(err.hint, "no conversion from or to IU/mL is declared");
    assert_int_equal(stroma_unit_convert(NULL, "mg/dK", "mg/L", 1, &y, &err), STROMA_E_USAGE);
    assert_string_equal(err.message, "unknown unit \"mg/dK\"");
    assert_null(stroma_unit_canonical(""));
}

/* S3-68: the soluble receptors that were high before treatment and fell in responders. */
static void soluble_receptors_are_known(void **state)
{
    (void)state;
    static const char *const names[][2] = { { "sTNFR1", "stnfr1_pg_ml" },
                                            { "TNFR1", "stnfr1_pg_ml" },
                                            { "sIL2R", "sil_2r_pg_ml" } };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const stroma_parameter *p = stroma_parameter_find(names[i][0]);
        if (p == NULL) fail_msg("%s is not known", names[i][0]);
        assert_string_equal(p->id, names[i][1]);
        assert_string_equal(p->unit, "pg/mL");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_and_codes_are_unique),
        cmocka_unit_test(aliases_are_not_other_names),
        cmocka_unit_test(names_that_say_too_little_are_refused),
        cmocka_unit_test(scores_and_parameters_agree),
        cmocka_unit_test(soluble_receptors_are_known),
        cmocka_unit_test(units),
    };
    return cmocka_run_group_tests_name("parameter", tests, NULL, NULL);
}
