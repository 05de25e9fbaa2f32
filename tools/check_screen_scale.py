#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proteome is screened in bounded memory: what 20,000 candidates take, permutations add nothing to.

usage: check_screen_scale.py STROMA

Skipped (77) where the system does not tell the peak of a process."""
import pathlib
import random
import subprocess
import sys
import tempfile

try:
    import resource
except ImportError:
    sys.exit(77)
CANDIDATES, PATIENTS, EVENTS = 20000, 52, 28
MOST_MB = 150  # twice what it takes: a second copy of everything would show
MORE_MB = 16  # for ten times the permutations


def write(path: pathlib.Path) -> None:
    values = random.Random(20261129)
    with path.open("w") as out:
        out.write("id,response," + ",".join(f"m{k}" for k in range(CANDIDATES)) + "\n")
        for i in range(PATIENTS):
            row = (f"{values.lognormvariate(0, 1):.3f}" for _ in range(CANDIDATES))
            out.write(f"{i},{'yes' if i < EVENTS else 'no'}," + ",".join(row) + "\n")


def peak_mb(stroma: str, table: pathlib.Path, permutations: int) -> float:
    """of the largest process so far: run the smaller one first"""
    out = table.with_suffix(f".{permutations}.tsv")
    subprocess.run([stroma, "biomarker", "screen", table, "--subject", "id", "--outcome", "response", "--event", "yes",
                    "--permutations", str(permutations), "--quiet", "-o", out], check=True)
    rows = out.read_text().count("\n") - 1
    if rows != CANDIDATES:
        sys.exit(f"{rows} candidates of {CANDIDATES} came back")
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main(stroma: str) -> int:
    with tempfile.TemporaryDirectory(prefix="stroma-scale-") as folder:
        table = pathlib.Path(folder, "proteome.csv")
        write(table)
        few, many = peak_mb(stroma, table, 100), peak_mb(stroma, table, 1000)
    print(f"{CANDIDATES} candidates: {few:.0f} MB at the peak with 100 permutations, {many:.0f} MB with 1000")
    return 0 if few <= MOST_MB and many - few <= MORE_MB else 1


sys.exit(main(sys.argv[1]))
