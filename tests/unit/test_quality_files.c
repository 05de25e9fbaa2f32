/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quality of real files (STROMA_DATA_ROOT/flow; public, none is in the tree).
 *
 * 111.fcs is the example of PeacoQC's vignette: the channels of its green laser are dark in the
 * first 750 events (medians of G780-A in 50 events: −89 … 389, later 1500) and reach their level by
 * event 1000. PeacoQC removes what lies there: its rule (bins of 500 events that overlap by 250,
 * 6 MAD about the median, margins removed, compensated; a numpy version with medians as peaks and a
 * mean of three bins as spline) takes the first three bins, 10.4 % of the events, up to event 1299;
 * no other bin. */
#include "stroma_test.h"

#include "stroma/cytometry_quality.h"

#include <string.h>

static bool check(const char *name, stroma_quality *q)
{
    char path[600];
    stroma_fcs *f = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    (void)snprintf(path, sizeof path, "flow/%s", name);
    const char *at = test_data(path);
    if (at == NULL) return false;
    if (stroma_fcs_open(at, NULL, NULL, &f, &err) != STROMA_OK) fail_msg("%s", err.message);
    if (stroma_quality_run(stroma_fcs_preferred(f), NULL, q, &err) != STROMA_OK)
        fail_msg("%s: %s", name, err.message);
    stroma_fcs_close(f);
    return true;
}

static const stroma_quality_result *result_of(const stroma_quality *q, const char *id)
{
    for (size_t i = 0; i < q->results_len; i++)
        if (strcmp(q->results[i].check->id, id) == 0) return &q->results[i];
    fail_msg("there is no check \"%s\"", id);
    return NULL;
}

static void agrees_with_peacoqc_in_kind(void **state)
{
    (void)state;
    stroma_quality q;
    if (!check("qc/111.fcs", &q)) skip();
    const stroma_quality_result *r = result_of(&q, "signal");
    const uint32_t bit = UINT32_C(1) << (size_t)(r - q.results);
    assert_int_equal(r->verdict, STROMA_QUALITY_BAD);
    for (size_t e = 0; e < q.n_events; e++) {
        if (e < 750) assert_true(q.flags[e] & bit);
        if (e >= 1299) assert_false(q.flags[e] & bit);
    }
    assert_int_equal(result_of(&q, "flow_rate")->verdict, STROMA_QUALITY_GOOD);
    assert_int_equal(result_of(&q, "drift")->verdict, STROMA_QUALITY_GOOD);
    stroma_quality_clear(&q);
}

/* What each file is known to be: sampled ones are out of order, old clocks count whole seconds. */
static void real_files_are_judged_as_they_are(void **state)
{
    (void)state;
    static const struct {
        const char *name, *id;
        stroma_quality_verdict verdict;
    } want[] = {
        { "gatingml2/example/166889.fcs", "signal", STROMA_QUALITY_GOOD },
        { "gatingml2/example/166889.fcs", "drift", STROMA_QUALITY_GOOD },
        { "gatingml2/example/166889.fcs", "flow_rate", STROMA_QUALITY_GOOD },
        { "gatingml2/fcs/9399_1_3_NKR.fcs", "signal", STROMA_QUALITY_GOOD },
        { "gatingml2/fcs/9399_1_3_NKR.fcs", "drift", STROMA_QUALITY_GOOD },
        { "vendors/100715.fcs", "signal", STROMA_QUALITY_GOOD },
        { "gatingml2/example/166889.fcs", "gaps", STROMA_QUALITY_GOOD },
        { "vendors/Data001.fcs", "gaps", STROMA_QUALITY_GOOD },
        { "panels/cytof_stim_cd25_il17/130515_C2_stim_CD19-.fcs", "signal",
          STROMA_QUALITY_CANNOT_JUDGE },
        { "panels/cytof_stim_cd25_il17/130515_C2_stim_CD19-.fcs", "negative_pile",
          STROMA_QUALITY_CANNOT_JUDGE },
        /* 8159 of 20949 events of FL3-H are 1023 of 1024 */
        { "vendors/Data001.fcs", "saturation", STROMA_QUALITY_BAD },
        { "panels/lsr_ccr7_SDY736/T_Hs60003C200900407A_00.581924.fcs", "signal",
          STROMA_QUALITY_CANNOT_JUDGE },
        { "vendors/E18_02.fcs", "few_events", STROMA_QUALITY_BAD },
        /* Original_ID and HDR-CE count events: no drift */
        { "panels/omip021_ccr7/Donor1.fcs", "drift", STROMA_QUALITY_GOOD },
        { "vendors/EY_2013-07-19_PBS_FCS_3.1_Custom_Add_Well_A1.001.fcs", "drift",
          STROMA_QUALITY_GOOD },
    };
    size_t looked = 0;
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        stroma_quality q;
        if (!check(want[i].name, &q)) continue;
        const stroma_quality_result *r = result_of(&q, want[i].id);
        if (r->verdict != want[i].verdict)
            fail_msg("%s %s: %s: %s", want[i].name, want[i].id,
                     stroma_quality_verdict_name(r->verdict), r->detail);
        stroma_quality_clear(&q);
        looked++;
    }
    if (looked == 0) skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_peacoqc_in_kind),
        cmocka_unit_test(real_files_are_judged_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
