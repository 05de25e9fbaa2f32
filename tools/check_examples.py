#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run an example and ask its study.db what its README promises.

usage: check_examples.py STROMA STUDY.yaml   (which example it is, the folder's name says)"""
import csv
import math
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

GROUP_SIZES = "SELECT g.group_id, count(*) FROM group_member g WHERE grouping_id = '{}' AND group_id IS NOT NULL GROUP BY 1"
RATE = "SELECT group_a, n1, n_used FROM result WHERE analysis_id = '{}' AND visit_id = '{}' ORDER BY result_id"
FINDINGS = "SELECT code, subject_id, visit_id FROM finding WHERE severity <> 'note' AND category <> 'cytometry' ORDER BY 1, 2"
CLASS = "SELECT value FROM measurement WHERE param_id = 'cdai_crohn_{}' AND visit_id = 'day10'"

PASSED = ("SELECT c.name, round(r.estimate, 2), round(c.p_max_t, 2) FROM candidate c JOIN result r USING (result_id) "
          "WHERE c.biomarker_id = '{}' AND c.p_max_t < 0.05 ORDER BY c.ord")
WHO = "SELECT n, n_events FROM biomarker WHERE biomarker_id = '{}'"
ESTIMATE = ("SELECT round(estimate, {2}), round(lower, {2}), round(upper, {2}) FROM result "
            "WHERE analysis_id = '{0}' AND label LIKE '%: {1}'")
SAYS = "SELECT count(*) FROM biomarker_text WHERE biomarker_id = '{}' AND text LIKE '%{}%'"

# example -> [(what, SQL, expected rows)]
PROMISES = {
    "ra-trial": [
        ("simulated", "SELECT value FROM meta WHERE key = 'simulated'", [("1",)]),
        ("response groups", GROUP_SIZES.format("response"),
         [("control", 53), ("no_response", 24), ("response", 28)]),
        ("IFN-gamma groups (S3-58)", GROUP_SIZES.format("ifn_timing"), [("after", 16), ("before", 12), ("never", 24)]),
        ("prednisone reduced (S3-41)", GROUP_SIZES.format("taper"), [("other", 29), ("tapered", 23)]),
        ("response rate (S3-34, S3-53)", RATE.format("response_rate", "W12"), [("MSCT", 28, 52), ("PLACEBO", 3, 53)]),
        ("relapse (S3-39)", RATE.format("relapse_rate", "W24"), [("response", 2, 28)]),
        ("findings", FINDINGS, [("STROMA-VISIT-001", "080", "W24"), ("STROMA-VISIT-002", "068", "W2"),
                                ("STROMA-VISIT-003", "042", "W3")]),
        ("files of events", "SELECT role, count(*), min(state), sum(n_events) FROM cytometry_sample GROUP BY 1",
         [("fmo", 9, "present", 45000), ("sample", 314, "present", 1570000)]),
        ("every number from events is there (S3-19, S3-48)",
         "SELECT param_id, count(*) FROM measurement JOIN derivation USING (derivation_id) WHERE method LIKE 'cytometry:%' AND state = 'present' "
         "GROUP BY 1", [("th17_pct_fcs", 314), ("treg_pct_fcs", 314), ("treg_th17_log_ratio", 314)]),
        ("the edge of CD25 is from the FMO of its visit",
         "SELECT count(*) FROM cytometry_gate g JOIN cytometry_sample s USING (sample_id) WHERE g.gate_id = 'Treg' AND s.role = 'sample' AND "
         "g.rule LIKE 'CD25: fmo of data/fcs/FMO_CD25_' || s.visit_id || '.fcs; %'", [(314,)]),
        ("every p of the groups made from the outcome is withheld",
         "SELECT count(*) FROM result WHERE analysis_id IN ('fig2', 'table1') AND visit_id <> 'W0' AND p IS NOT NULL",
         [(0,)]),
        ("S3-54 before infusion IFN-gamma alone passes",
         "SELECT name FROM candidate WHERE biomarker_id = 'before_infusion' AND p_max_t < 0.05", [("ifn_gamma_pg_ml@W0",)]),
        ("S3-57 no infection near a rise of IFN-gamma", SAYS.format("by_week_4", "infection: recorded in the 14 days up to the rise in 0 of "),
         [(1,)]),
        ("A7 the planted interaction is found", "SELECT name FROM candidate WHERE biomarker_id = 'who_gains' AND p_max_t < 0.05",
         [("ifn_gamma_pg_ml@W0",)]),
        ("S3-72 a model of one input is a file", "SELECT json_array_length(model, '$.inputs') FROM biomarker WHERE model IS NOT NULL",
         [(1,)]),
        ("lost to follow-up (S3-43)", "SELECT arm_id, n FROM flow_node WHERE stage = 'follow_up' ORDER BY ord",
         [("MSCT", 50), ("PLACEBO", 48)]),
    ],
    "crohn-case": [
        ("CR-70 (S0-19, S0-25)", CLASS.format("resp70"), [(0.0,)]),
        ("CR-100", CLASS.format("resp100"), [(0.0,)]),
        ("remission", CLASS.format("remission"), [(0.0,)]),
        ("change of CDAI", "SELECT value FROM measurement WHERE param_id = 'cdai_change'", [(-55.0,)]),
        ("NK cells (S0-31)", "SELECT value FROM measurement WHERE param_id = 'nk_pct' ORDER BY measurement_id",
         [(4.52,), (14.5,)]),
        ("no day is made up (S0-56)",
         "SELECT (SELECT count(*) FROM measurement WHERE study_day IS NOT NULL) + "
         "(SELECT count(*) FROM event WHERE study_day IS NOT NULL)", [(0,)]),
        ("narrative against values (S0-10, S0-12)", "SELECT code, param_id FROM finding WHERE severity = 'warning' ORDER BY 2",
         [("STROMA-CONSIST-002", "fecal_calprotectin_mg_kg"), ("STROMA-CONSIST-002", "mcv_fl")]),
        ("doses in cells/kg (S0-16)", "SELECT DISTINCT dose FROM therapy WHERE dose_unit = 'cells/kg'", [(2e6,)]),
    ],
    "ra-ifng-published": [
        ("A5 sensitivity before infusion (S3-58)", ESTIMATE.format("before", "sensitivity", 3), [(0.429, 0.265, 0.609)]),
        ("A5 specificity", ESTIMATE.format("before", "specificity", 3), [(1.0, 0.862, 1.0)]),
        ("A5 NPV", ESTIMATE.format("before", "NPV", 2), [(0.6, 0.45, 0.74)]),
        ("A5 AUC of the rule", ESTIMATE.format("before", "AUC of the rule", 2), [(0.71, 0.62, 0.81)]),
        ("A5 Firth odds ratio (S3-56)", ESTIMATE.format("before", "odds ratio (Firth)", 1), [(37.1, 4.3, 4878.1)]),
        ("A5 Firth p", "SELECT round(p, 6) FROM result WHERE analysis_id = 'before' AND method = 'logistic_firth'",
         [(0.000104,)]),
        ("A5 the two windows are two questions", "SELECT question, landmark_id FROM biomarker ORDER BY ord",
         [("prognostic", "W0"), ("early_response", "W4")]),
        ("A6 who would be left out", SAYS.format("before", "16 of 28 (57 %)"), [(1,)]),
        ("A7 no control arm", SAYS.format("before", "audit A7"), [(1,)]),
        ("A7 stands once for both questions", "SELECT count(*), sum(text LIKE 'IFN-gamma before infusion; IFN-gamma up to week 4: %') FROM claim "
         "WHERE kind = 'cannot_conclude' AND text LIKE '%audit A7%'", [(1, 1)]),
        ("A8 not portable", SAYS.format("before", "audit A8"), [(1,)]),
        ("A9 49 looks", SAYS.format("before", "49 looks%92 %"), [(1,)]),
    ],
    "mg-cytokines": [
        ("who enters", WHO.format("steroid"), [(68, 41)]),
        ("what passes", PASSED.format("steroid"), [("il_2_pg_ml@V0", 0.25, 0.01), ("cxcl4_pg_ml@V0", 0.27, 0.02)]),
        ("A8 healthy above 2 pg/mL", "SELECT n1, n_used FROM result WHERE analysis_id = 'above_two' AND group_a = 'healthy'",
         [(32, 40)]),
    ],
    "impact": [
        ("first landmark", WHO.format("first_sample"), [(91, 11)]),
        ("second landmark", WHO.format("second_sample"), [(49, 7)]),
        ("nothing passes at the first", PASSED.format("first_sample"), []),
        ("what passes at the second", PASSED.format("second_sample"),
         [("il1ra_log10_pg_ml@V2", 0.89, 0.03), ("fractalkine_log10_pg_ml@V2", 0.88, 0.03)]),
    ],
    "arthritis": [("subjects", "SELECT count(*) FROM subject", [(302,)])],
    "lupus-access": [("subjects", "SELECT count(*) FROM subject", [(46,)]),
                     ("A7 both arms enter", WHO.format("who_gains"), [(45, 27)]),
                     ("nobody is said to gain", PASSED.format("who_gains"), []),
                     ("early response", PASSED.format("week8"), [("upcr@W8", 0.7, 0.04)])],
}


# Percentages that were planted in the files of events, and how near their estimates must lie: the mean
# difference (percentage points), and the share of 95 % intervals that hold what was planted. Planted are
# whole cells of each tube, so the counts have no sampling error of their own: the intervals hold them more
# often than 95 of 100 times, and a gate that lets cells of its neighbour in shows in the mean.
PLANTED = {"treg_pct_fcs": ("treg", 0.05), "th17_pct_fcs": ("th17", 0.05)}
VALUES = ("SELECT f.path, s.value, s.lower, s.upper, s.n_of FROM cytometry_statistic s JOIN cytometry_sample t USING (sample_id) "
          "JOIN input_file f USING (file_id) WHERE s.param_id = ?")


def recover(db: sqlite3.Connection, folder: pathlib.Path) -> list[str]:
    """What of the planted populations was not found again; one word a line."""
    with open(folder / "data/fcs/truth.tsv", newline="") as f:
        truth = {f"data/fcs/{row['file']}": row for row in csv.DictReader(f, delimiter="\t")}
    faults = []
    for param, (cells, most) in PLANTED.items():
        rows = db.execute(VALUES, (param,)).fetchall()
        planted = [100 * int(truth[r[0]][cells]) / int(truth[r[0]]["cd4"]) for r in rows]
        bias = math.fsum(r[1] - x for r, x in zip(rows, planted)) / len(rows)
        held = sum(r[2] <= x <= r[3] for r, x in zip(rows, planted)) / len(rows)
        cd4 = math.fsum(r[4] / int(truth[r[0]]["cd4"]) for r in rows) / len(rows)
        print(f"{param}: {len(rows)} tubes, mean difference {bias:.3f} points, {100 * held:.1f} % of the intervals hold it, CD4 cells {100 * cd4:.2f} %")
        if len(rows) != 314 or abs(bias) > most or held < 0.95 or abs(cd4 - 1) > 0.01:
            faults.append(param)
    rows = db.execute(VALUES, ("treg_th17_log_ratio",)).fetchall()
    planted = [math.log(int(truth[r[0]]["treg"]) / int(truth[r[0]]["th17"])) for r in rows]
    held = sum(r[2] <= x <= r[3] for r, x in zip(rows, planted)) / len(rows)
    if held < 0.95:
        faults.append(f"log ratio: {held}")
    return faults


def main(stroma: str, study: str) -> int:
    needs_data = "${STROMA_DATA_ROOT}" in pathlib.Path(study).read_text()
    if needs_data and not pathlib.Path(os.environ.get("STROMA_DATA_ROOT", ""), "clinical").is_dir():
        print("skipped: STROMA_DATA_ROOT holds no data")
        return 77
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder, "out")
        subprocess.run([stroma, "run", study, "-o", str(out)], check=True)
        db = sqlite3.connect(out / "study.db")
        promises = PROMISES[pathlib.Path(study).parent.name]
        for what, sql, expected in promises:
            rows = db.execute(sql).fetchall()
            if rows != expected:
                bad += 1
                print(f"{what}: {rows}, expected {expected}")
        if pathlib.Path(study).parent.name == "ra-trial":
            faults = recover(db, pathlib.Path(study).parent)
            bad += len(faults)
            print("".join(f"not recovered: {f}\n" for f in faults), end="")
        items = db.execute("SELECT count(*) FROM item").fetchone()[0]
        db.close()
        if items == 0 or not (out / "report.html").is_file():
            bad += 1
            print("no report was written")
    print(f"{len(promises)} promises, {bad} broken")
    return 1 if bad else 0


sys.exit(main(*sys.argv[1:]))
