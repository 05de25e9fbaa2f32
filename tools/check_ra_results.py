#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run examples/ra-trial and compare every number of study.db with those that R computed from the same CSV files
(tests/reference/recompute_ra_trial.R). Parameters from FCS files, which R does not read, are summed up here anew. Usage: check_ra_results.py STROMA STUDY.YAML RESULTS.CSV [STUDY.DB]"""
import csv
import json
import pathlib
import sqlite3
import statistics
import subprocess
import sys
import tempfile

RESULT = ("estimate se lower upper statistic df df2 p p_adjusted effect effect_lower effect_upper n_used n1 n2 state").split()
SUMMARY = ("n n_expected n_missing n_below_limit mean sd sem mean_lower mean_upper median q1 q3 minimum maximum").split()
# Names that only one of the two programs gives: a standard error of a proportion, the risk difference, rho.
NOT_IN_R = {("proportion", "se"), ("risk_difference", "se"), ("spearman", "se"), ("proportion", "n2")}
VALUES = ("das28_esr4 das28_crp4 haq_di treg_th17_ratio das28_change ifn_peak_pg_ml ifn_change_pg_ml "
          "eular_response course").split()


def key(*parts) -> str:
    return "|".join("-" if p is None or p == "" else str(p) for p in parts)


def from_events(db: sqlite3.Connection) -> set:
    return {p for p, in db.execute("SELECT DISTINCT param_id FROM measurement JOIN input_file USING (file_id) WHERE format = 'fcs'")}


def check_events(db: sqlite3.Connection, params: set) -> tuple[int, int]:
    """Summaries of these parameters against the values themselves: how many agree, how many do not."""
    sets, groups, values = {}, {}, {}
    for s, subject in db.execute("SELECT set_id, subject_id FROM analysis_set_member WHERE included"):
        sets.setdefault(s, set()).add(subject)
    for g, k, subject in db.execute("SELECT grouping_id, group_id, subject_id FROM group_member"):
        groups.setdefault((g, k), set()).add(subject)
    for p, v, subject, x in db.execute("SELECT param_id, visit_id, subject_id, value FROM measurement WHERE state = 'present'"):
        if p in params:
            values.setdefault((p, v), {})[subject] = x
    same = bad = 0
    for row in db.execute("SELECT * FROM summary"):
        if row["param_id"] not in params:
            continue
        who = sets[row["set_id"]]
        if row["group_id"] != "all":
            who = who & groups[row["grouping_id"], row["group_id"]]
        x = [y for s, y in values.get((row["param_id"], row["visit_id"]), {}).items() if s in who]
        want = {"n": len(x), "n_expected": len(who)}
        if x:
            want |= {"mean": statistics.fmean(x), "median": statistics.median(x), "minimum": min(x), "maximum": max(x)}
        if len(x) > 1:
            want["sd"] = statistics.stdev(x)
        for field, w in want.items():
            wrong = row[field] is None or abs(row[field] - w) > 1e-9 * max(1, abs(w))
            same, bad = same + (not wrong), bad + wrong
            if wrong:
                print(f"{row['param_id']} {row['visit_id']} {row['group_id']} {field}: {row[field]}, from its values {w}")
    return same, bad


def ours(db: sqlite3.Connection) -> tuple[dict, set]:
    """Every number by (key, field), and the keys whose rows must all be in the reference."""
    have = {}
    for s, members in db.execute("SELECT set_id, group_concat(subject_id, '+') FROM (SELECT * FROM analysis_set_member "
                                 "WHERE included ORDER BY subject_id) GROUP BY set_id"):
        have[key("set", s), "members"] = members
    for g, k, members in db.execute("SELECT grouping_id, group_id, group_concat(subject_id, '+') FROM "
                                    "(SELECT * FROM group_member ORDER BY subject_id) GROUP BY 1, 2"):
        have[key("member", g, k), "members"] = members
    for p, v, value, text in db.execute(
            "SELECT param_id, visit_id, value, text FROM measurement WHERE derivation_id IS NOT NULL "
            f"AND state IN ('present', 'below_limit') AND param_id IN ({','.join('?' * len(VALUES))})", VALUES):
        k = key("value", p, v)
        for field, add in ((("n", 1), ("sum", value), ("squares", value * value)) if text is None
                           else (("count:" + text, 1),)):
            have[k, field] = have.get((k, field), 0) + add
    events = from_events(db)
    for row in db.execute("SELECT * FROM summary"):
        if row["param_id"] in events:
            continue
        k = key("summary", *(row[c] for c in ("param_id", "visit_id", "grouping_id", "group_id", "set_id")))
        words = row["counts"] is not None and row["median"] is None
        have.update({(k, f): row[f] for f in (SUMMARY[:3] if words else SUMMARY)})
        if words:
            have.update({(k, "count:" + w): n for w, n in json.loads(row["counts"]).items()})
    for row in db.execute("SELECT * FROM result WHERE analysis_id NOT IN (SELECT biomarker_id FROM biomarker)"):
        if row["param_id"] in events:
            continue
        event = row["param_id"] is None
        k = key("result", row["analysis_id"], row["label"].replace(",", "") if event else row["param_id"],
                row["visit_id"], row["param2_id"], row["visit2_id"],
                row["grouping_id"] if row["method"] != "spearman" or row["group_a"] else None,
                row["group_a"], row["group_b"], row["method"])
        if (k, "state") in have:
            print("two rows of", k)
        have.update({(k, f): row[f] for f in RESULT if (row["method"], f) not in NOT_IN_R})
        have[k, "excluded"] = sum(e["n"] for e in json.loads(row["excluded"]))
    return have


def differs(mine, theirs: str, tolerance: float) -> bool:
    if theirs == "" or mine is None:
        return not (theirs == "" and mine is None)
    if isinstance(mine, str):
        return mine != theirs
    want = float(theirs)
    return abs(mine - want) > tolerance * max(1e-12, abs(want)) and abs(mine - want) > 1e-12


def main() -> int:
    stroma, study, reference = sys.argv[1:4]
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out"
        path = pathlib.Path(sys.argv[4]) if len(sys.argv) > 4 else out / "study.db"
        if len(sys.argv) < 5:
            subprocess.run([stroma, "run", study, "-o", str(out), "--always", "--quiet"], check=True)
        db = sqlite3.connect(path)
        db.row_factory = sqlite3.Row
        have = ours(db)
        same, bad = check_events(db, from_events(db))
        db.close()
    print(f"{same} numbers of parameters from FCS files agree with their values, {bad} do not")
    if same == 0:
        print("there is none")
        bad = 1
    seen = set()
    with open(reference, newline="", encoding="utf-8") as f:
        for row in csv.DictReader(f):
            for field, _, want in (v.partition("=") for v in row["values"].split(" ")):
                at = row["key"], field
                seen.add(at)
                wrong = want != "" if at not in have else differs(have[at], want, float(row["tolerance"]))
                bad += wrong
                same += not wrong
                if wrong:
                    print(f"{row['key']} {field}: {have.get(at, 'not in study.db')!r}, expected {want!r}")
    for k, field in have:
        if (k, field) not in seen and have[k, field] not in (None, 0):
            bad += 1
            print(f"{k} {field}: {have[k, field]!r}, and the reference has nothing")
    print(f"{same} numbers agree, {bad} do not")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
