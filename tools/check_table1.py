#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The RA paper's Table 1 (S3-30 to S3-33, audit A1): read as SD the paper's marks come out, read as SEM none does.

usage: check_table1.py STROMA TABLE1.csv"""
import csv
import json
import subprocess
import sys


def p_values(stroma: str, table: str, error: str) -> dict:
    out = subprocess.run([stroma, "stat", "t", "--error", error, "--by", "analyte", "--format", "json", table],
                         check=True, capture_output=True, text=True).stdout
    return {r["by"]: r["p"] for r in json.loads(out)}


def main(stroma: str, table: str) -> int:
    with open(table, newline="") as f:
        marked = {r["analyte"] for r in csv.DictReader(f) if r["mark"] == "*"}
    sd, sem = p_values(stroma, table, "sd"), p_values(stroma, table, "sem")
    bad = 0
    if {a for a, p in sd.items() if p < 0.05} != marked or len(marked) != 3:
        bad += 1
        print(f"as SD: {sd}, marked: {marked}")
    if len(sem) != 11 or any(p < 0.05 for p in sem.values()):
        bad += 1
        print(f"as SEM: {sem}")
    # by hand for hemoglobin as SD: difference 12.31, se = sqrt((19.82^2 + 16.62^2) / 28) = 4.8882, t = 2.5183
    if abs(sd["hemoglobin"] - 0.0148837748) > 1e-9:
        bad += 1
        print(f"hemoglobin: {sd['hemoglobin']}")
    print(f"{len(sd)} rows, {bad} checks failed")
    return 1 if bad else 0


sys.exit(main(*sys.argv[1:]))
