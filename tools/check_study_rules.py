#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of the analyses that a study of a few made-up values shows: what is tested, what is circular, how labels say who is in.
Usage: check_study_rules.py STROMA"""
import json
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

STUDY = """
stroma: 1
study: { id: RULES, title: Rules, disease: none, layout: trial, simulated: true, primary: das28_esr4 }
arms:
  - { id: A, label: Active, role: treated }
  - { id: C, label: Control, role: control }
visits:
  - { id: W0, label: Baseline, time: 0, baseline: true }
  - { id: W4, label: Week 4, time: 4 }
  - { id: W12, label: Week 12, time: 12 }
parameters:
  - { id: marker, paramcd: MARKER, label: Marker, category: lab, decimals: 1 }
  - { id: site, paramcd: SITE, label: Site, kind: word, category: demographic }
data:
  - file: subjects.csv
    layout: subject
    subject: subject
    columns: { arm: { role: arm }, site: site }
  - file: visits.csv
    layout: visit
    subject: subject
    visit: visit
    columns: { das28: das28_esr4, marker: marker }
scores:
  - { id: eular_response, inputs: { das28_baseline: das28_esr4, das28_followup: das28_esr4 } }
derive:
  - { id: peak, method: maximum, of: marker, visits: [W0, W4, W12], at: W12, label: Peak }
  - { id: das28_change, method: change, of: das28_esr4, label: Change }
  - { id: none, method: threshold, of: marker, above: 1000, label: Never }
groups:
  - id: activity
    label: Activity at baseline
    landmark: W0
    groups:
      - { id: high, label: High, when: [{ param: das28_esr4, visit: W0, above: 5.1 }] }
      - { id: low, label: Low, otherwise: true }
  - id: response
    label: Response
    landmark: W12
    within: [A]
    groups:
      - { id: yes, label: Response, when: [{ param: eular_response, visit: W12, in: [good, moderate] }] }
      - { id: no, label: No response, otherwise: true }
      - { id: control, label: Controls, arm: C }
analyses:
  - { id: wide, method: describe, params: [marker], visit: W12, level: 0.5 }
  - { id: course, method: time_course, params: [marker], tests: [between] }
  - { id: subgroups, method: compare, params: [marker], visit: W12, grouping: activity }
  - { id: pairs, method: before_after, test: signed_rank, params: [marker], visits: [W0, W12], groups: [A] }
  - { id: xy, method: correlation, x: { param: marker, visit: W0 }, y: { param: das28_change, visit: W12 },
      grouping: response, groups: [yes, no] }
  - { id: balance, method: smd, params: [site], visit: W0 }
  - { id: rate, method: proportion, param: none, visit: W12, success: ["1"], missing: nonresponse }
report: []
"""
# marker: after - before is 0.3, 0.3, -0.3, -0.3, 0.5, 0.9, … in decimals, and not in binary
BEFORE = [0.1, 0.4, 0.4, 1.4, 2.1, 3.0, 0.2, 0.7, 1.3, 1.1, 2.2, 3.3]
AFTER = [0.4, 0.7, 0.1, 1.1, 2.6, 3.9, 0.9, 0.2, 1.9, 1.5, 2.0, 4.0]
SITES = ["x", "y", "z", "x", "y", "x", "z", "y", "x", "x", "z", "y"]
bad = 0


def hold(what: str, truth: bool) -> None:
    global bad
    bad += not truth
    print(("ok      " if truth else "WRONG   ") + what)


def write(folder: pathlib.Path) -> pathlib.Path:
    subjects = ["subject,arm,site"] + [f"{i:02},{'A' if i < 7 else 'C'},{SITES[i - 1]}" for i in range(1, 13)]
    visits = ["subject,visit,das28,marker"]
    for i in range(12):
        last = 2.0 + 0.3 * (i % 6) if i % 2 else 5.0 + 0.1 * i
        rows = [("W0", 4.6 + 0.2 * (i % 6), BEFORE[i]), ("W4", 4.5, BEFORE[i] + 1), ("W12", last, AFTER[i])]
        visits += [f"{i + 1:02},{v},{d:.2f},{m:.1f}" for v, d, m in rows if not (i == 3 and v == "W4")]
    (folder / "subjects.csv").write_text("\n".join(subjects) + "\n", encoding="utf-8")
    (folder / "visits.csv").write_text("\n".join(visits) + "\n", encoding="utf-8")
    path = folder / "study.yaml"
    path.write_text(STUDY, encoding="utf-8")
    return path


def judge(db: sqlite3.Connection) -> None:
    def rows(analysis: str) -> list:
        return db.execute("SELECT * FROM result WHERE analysis_id = ? ORDER BY result_id", (analysis,)).fetchall()

    hold("randomised arms are not tested at baseline", [r["visit_id"] for r in rows("course")] == ["W4", "W12"])
    hold("groups known at baseline may be compared later", [r["state"] for r in rows("subgroups")] == ["present"])
    pairs = rows("pairs")[0]
    # differences of A: 0.3 0.3 -0.3 -0.3 0.5 0.9: ranks 2.5 (four times), 5, 6
    hold("equal decimal differences tie: V = 16", pairs["statistic"] == 16 and "ties" in pairs["variant"])
    pooled, within = rows("xy")[0], rows("xy")[1:]
    hold("a pooled correlation says whose it is", pooled["label"].endswith(": Response + No response"))
    hold("groups made from y are circular for a correlation", {r["state"] for r in within} == {"circular"})
    site = rows("balance")[0]
    shares = [[s.count(w) / 6 for w in "yz"] for s in (SITES[:6], SITES[6:])]
    (a, b), (c, d) = shares
    s11, s22 = (a * (1 - a) + c * (1 - c)) / 2, (b * (1 - b) + d * (1 - d)) / 2
    s12, u, v = -(a * b + c * d) / 2, a - c, b - d
    want = ((s22 * u * u - 2 * s12 * u * v + s11 * v * v) / (s11 * s22 - s12 * s12)) ** 0.5
    hold("three categories: the distance over all", abs(site["estimate"] - want) < 1e-12 and "all categories" in site["label"])
    peak = db.execute("SELECT flags FROM measurement WHERE param_id = 'peak' AND subject_id = '04'").fetchone()[0]
    hold("a peak over fewer visits says so", json.loads(peak or "[]") == ["2 of 3 visits have a value"])
    rate = rows("rate")
    hold("no event is zero events, not an unknown number", [r["n1"] for r in rate] == [0, 0])
    hold("missing as non-response promises no rescue rule", all("rescue" not in r["estimand"] for r in rate))
    m = db.execute("SELECT mean, sem, mean_upper, n FROM summary WHERE param_id = 'marker' AND visit_id = 'W12' AND grouping_id = 'arm'"
                   " AND group_id = 'A'").fetchone()
    hold("summaries have 95 % intervals whoever asks", abs((m["mean_upper"] - m["mean"]) / m["sem"] - 2.570581835636) < 1e-9)


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        study = write(folder)
        subprocess.run([sys.argv[1], "run", str(study), "-o", str(folder / "out"), "--always", "--quiet"], check=True)
        db = sqlite3.connect(folder / "out" / "study.db")
        db.row_factory = sqlite3.Row
        judge(db)
        db.close()
        study.write_text(STUDY.replace("id: rate, method: proportion,", "id: rate, method: proportion, test: fisher,"), encoding="utf-8")
        run = subprocess.run([sys.argv[1], "run", str(study), "-o", str(folder / "out2"), "--always"], capture_output=True, text=True)
        hold("an unknown interval of a proportion is refused", run.returncode != 0 and "fisher" in run.stderr)
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
