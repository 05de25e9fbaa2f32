#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run examples/rapport on the real data and compare study.db with R's answers. Skipped (77) when the
data are not there."""
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

MONTHS = (3, 6, 9, 12)
TOL = 1e-9
bad = 0
done = 0


def same(what: str, ours, theirs) -> None:
    global bad, done
    done += 1
    close = ours is not None and abs(ours - theirs) <= TOL * max(1.0, abs(theirs))
    if not close:
        bad += 1
        print(f"{what}: {ours}, expected {theirs}")


def counts(db: sqlite3.Connection, column: str, param: str, visit: str) -> dict:
    rows = db.execute(f"SELECT {column}, count(*) FROM measurement WHERE param_id = ? AND visit_id = ? "
                      "AND state = 'present' GROUP BY 1", (param, visit))
    return dict(rows.fetchall())


def compare_response(db: sqlite3.Connection, want: dict) -> None:
    n = db.execute("SELECT count(*) FROM subject").fetchone()[0]
    same("subjects", n, want["n_subjects"])
    for m in MONTHS:
        have = counts(db, "text", "eular_response", f"M{m}")
        for word, k in want[f"eular_0_{m}"].items():
            same(f"EULAR {word} at month {m}", have.get(word, 0), k)
        same(f"EULAR not evaluable at month {m}", n - sum(have.values()), want[f"n_missing_{m}"])


def compare_summaries(db: sqlite3.Connection, want: dict) -> None:
    for key, param in (("das", "das28_esr4"), ("haq", "haq_di")):
        for m in (0, *MONTHS):
            expected = want[f"{key}{m}"]
            row = db.execute("SELECT n, mean, sd, median, q1, q3 FROM summary WHERE param_id = ? AND visit_id = ? "
                             "AND grouping_id = 'all' AND set_id = 'all_randomised'", (param, f"M{m}")).fetchone()
            have = dict(zip(("n", "mean", "sd", "median", "q1", "q3"), row))
            for name in have.keys() & expected.keys():
                same(f"{key}{m} {name}", have[name], expected[name])
            bands = counts(db, "band", param, f"M{m}")
            for band, k in expected.get("category", {}).items():
                same(f"{key}{m} {band}", bands.get(band, 0), k)


def main(stroma: str, study: str) -> int:
    root = pathlib.Path(os.environ.get("STROMA_DATA_ROOT", "/nonexistent"))
    expected = root / "clinical/expected/rapport_ra.json"
    if not expected.is_file():
        print(f"skipped: no {expected}")
        return 77
    want = json.loads(expected.read_text())
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder, "out")
        subprocess.run([stroma, "run", study, "-o", str(out)], check=True)
        db = sqlite3.connect(out / "study.db")
        compare_response(db, want)
        compare_summaries(db, want)
        improved = counts(db, "value", "haq_improved", "M12").get(1.0, 0)
        same("HAQ improved by 0.22 or more at month 12", improved, want["haq_improved_ge_0.22_0_12"])
        db.close()
    print(f"{done} numbers compared, {bad} differ")
    return 1 if bad or done < 83 else 0


sys.exit(main(*sys.argv[1:]))
