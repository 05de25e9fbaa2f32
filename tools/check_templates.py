#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every template of `stroma init` runs on data in the shape it asks for: those of the examples.

usage: check_templates.py STROMA EXAMPLES_FOLDER"""
import csv
import pathlib
import shutil
import subprocess
import sys
import tempfile


def cohort_data(source: pathlib.Path, target: pathlib.Path) -> None:
    target.mkdir()
    shutil.copy(source / "cytokines.csv", target)
    with open(source / "subjects.csv", newline="") as f, open(target / "subjects.csv", "w", newline="") as g:
        out = csv.writer(g, lineterminator="\n")
        out.writerow(["subject", "sex", "age_years", "responder"])
        for row in csv.DictReader(f):
            out.writerow([row["subject"], row["sex"], row["age_years"], int(row["arm"] == "MSCT")])


def main(stroma: str, examples: str) -> int:
    root = pathlib.Path(examples)
    bad = 0
    names = ("ra-trial", "crohn-case", "biomarker-cohort")
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            here = pathlib.Path(folder)
            if name == "biomarker-cohort":
                cohort_data(root / "ra-trial/data", here / "data")
            else:
                shutil.copytree(root / name / "data", here / "data", ignore=shutil.ignore_patterns("fcs"))
            study = here / "study.yaml"
            subprocess.run([stroma, "init", "--template", name, "-o", str(study)], check=True)
            done = subprocess.run([stroma, "run", str(study), "-o", str(here / "out")])
            if done.returncode != 0 or not (here / "out/report.html").is_file():
                bad += 1
                print(f"{name}: no report, exit status {done.returncode}")
    print(f"{len(names)} templates, {bad} do not run")
    return 1 if bad else 0


sys.exit(main(*sys.argv[1:]))
