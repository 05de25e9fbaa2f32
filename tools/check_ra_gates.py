#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The planted cells of the simulated trial are found again by the shipped strategy treg-th17.

usage: check_ra_gates.py STROMA MAKE_RA_FCS CELLS.csv

Makes the FCS files, gates every tube with the FMO tubes of its visit and again without, and compares counts and
percentages with truth.tsv."""
import csv
import io
import math
import pathlib
import subprocess
import sys
import tempfile

LEVEL_Z = 1.959963984540054


def wilson(k, n):
    p, z2 = k / n, LEVEL_Z * LEVEL_Z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = LEVEL_Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return middle - half, middle + half


def learn(stroma, folder, files, fmo):
    command = [stroma, "gate", "learn", "--strategy", "treg-th17", "--format", "tsv", "--quiet"]
    for marker, file in fmo.items():
        command += ["--fmo", f"{marker}={folder / file}"]
    out = subprocess.run(command + [str(folder / f) for f in files], capture_output=True, text=True, check=True).stdout
    found, states = {}, {}
    for row in csv.DictReader(io.StringIO(out), delimiter="\t"):
        name = pathlib.Path(row["file"]).name
        if row["n"]:
            found.setdefault(name, {})[row["population"]] = int(row["n"])
        if row["state"] in ("found", "fallback", "not_estimable"):
            states[row["population"], row["method"] or "none"] = states.get((row["population"], row["method"] or "none"), 0) + 1
    return found, states


def summary(truth, found, label):
    """(population, share of intervals that hold the planted percentage, bias in % points of CD4)"""
    rows = []
    for population, column in (("Treg", "treg"), ("Th17", "th17")):
        held, bias, n = 0, 0.0, 0
        for t in truth:
            f = found[t["file"]]
            if population not in f:
                continue
            low, high = wilson(f[population], f["CD4"])
            planted = int(t[column]) / int(t["cd4"])
            held += low <= planted <= high
            bias += f[population] / f["CD4"] - planted
            n += 1
        rows.append((population, held / max(n, 1), 100 * bias / max(n, 1), n))
        print(f"# {label}: {population}: {n} tubes, planted percentage in the 95 % interval of {held / max(n, 1):.1%}, "
              f"bias {100 * bias / max(n, 1):+.3f} % points of CD4")
    error = [abs(found[t["file"]]["CD4"] - int(t["cd4"])) / int(t["cd4"]) for t in truth]
    print(f"# {label}: CD4: largest error {max(error):.2%}, mean {sum(error) / len(error):.2%}")
    return rows, max(error)


def main(stroma, make, cells):
    print("TAP version 13")
    with tempfile.TemporaryDirectory() as tmp:
        folder = pathlib.Path(tmp)
        subprocess.run([make, tmp, cells], check=True, capture_output=True)
        truth = list(csv.DictReader((folder / "truth.tsv").open(encoding="utf-8"), delimiter="\t"))
        samples = [t for t in truth if not t["fmo"]]
        controls = [t for t in truth if t["fmo"]]
        with_fmo, without = {}, {}
        all_states = {}
        for visit in sorted({t["visit"] for t in samples}):
            files = [t["file"] for t in samples if t["visit"] == visit]
            fmo = {t["fmo"]: t["file"] for t in controls if t["visit"] == visit}
            found, states = learn(stroma, folder, files, fmo)
            with_fmo |= found
            without |= learn(stroma, folder, files, {})[0]
            for k, v in states.items():
                all_states[k] = all_states.get(k, 0) + v
        rows, error = summary(samples, with_fmo, "with FMO tubes")
        rows_without, _ = summary(samples, without, "without")
    for k, v in sorted(all_states.items()):
        print(f"# {k[0]}: {v} edges by {k[1]}")
    ok = [("every tube has CD4, Treg and Th17", all(n == len(samples) for _, _, _, n in rows)),
          ("CD4 counts within 2 %", error < 0.02),
          ("bias below 0.1 % points", all(abs(b) < 0.1 for _, _, b, _ in rows)),
          ("every planted percentage lies in its interval", all(h == 1 for _, h, _, _ in rows)),
          ("without FMO tubes most are found too", all(n >= 0.9 * len(samples) for _, _, _, n in rows_without))]
    print(f"1..{len(ok)}")
    for i, (text, good) in enumerate(ok, 1):
        print(f"{'ok' if good else 'not ok'} {i} - {text}")
    return 0 if all(good for _, good in ok) else 1


sys.exit(main(*sys.argv[1:]))
