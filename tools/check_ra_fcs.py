#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The generated FCS files of the simulated trial hold what truth.tsv and cells.csv say.

usage: check_ra_fcs.py MAKE_RA_FCS STROMA CELLS.csv

A second run gives the same bytes. The planted percentages are those of cells.csv to the nearest cell. In
every tenth file, compensated and gated by fixed limits (no code of stroma's cytometry), CD4, Treg and
Th17 cells are found again, within 15 and 3 cells; an FMO tube shows none of the
cells whose antibody it lacks."""
import csv
import pathlib
import subprocess
import sys
import tempfile

LIMITS = {"CD3": 1800, "CD4": 2200, "CD25": 3000, "FoxP3": 1400, "IL-17A": 1500}


def inverse(m):
    n = len(m)
    rows = [r[:] + [float(i == j) for j in range(n)] for i, r in enumerate(m)]
    for i in range(n):
        rows[i] = [v / rows[i][i] for v in rows[i]]
        for j in range(n):
            if j != i:
                f = rows[j][i]
                rows[j] = [a - f * b for a, b in zip(rows[j], rows[i])]
    return [r[n:] for r in rows]


def keywords(data):
    text = data[int(data[10:18]):int(data[18:26]) + 1].decode()
    parts = text[1:-1].split(text[0])
    return dict(zip(parts[::2], parts[1::2]))


def events(stroma, path):
    out = subprocess.run([stroma, "fcs", "convert", path, "--to", "tsv"], capture_output=True, text=True, check=True)
    lines = out.stdout.splitlines()
    names = lines[0].split("\t")
    return names, [[float(v) for v in line.split("\t")] for line in lines[1:]]


def counts(stroma, path):
    kw = keywords(path.read_bytes())
    spill = kw["$SPILLOVER"].split(",")
    n = int(spill[0])
    v = [float(x) for x in spill[1 + n:]]
    unmix = inverse([v[i * n:i * n + n] for i in range(n)])
    names, rows = events(stroma, path)
    at = [names.index(x) for x in spill[1:1 + n]]
    stains = [kw[f"$P{i + 1}S"] for i in at]
    found = {"cd4": 0, "treg": 0, "th17": 0}
    for row in rows:
        if not (38000 < row[0] < 92000 and 12000 < row[1] < 42000):
            continue
        on = {s: sum(row[at[k]] * unmix[k][d] for k in range(n)) > LIMITS[s] for d, s in enumerate(stains)}
        if on["CD3"] and on["CD4"]:
            found["cd4"] += 1
            found["treg"] += on["CD25"] and on["FoxP3"]
            found["th17"] += on["IL-17A"]
    return found


def check_planted(truth, cells):
    want = {(r["subject"], r["visit"]): r for r in cells if r["visit"] in ("W0", "W4", "W12")}
    samples = [r for r in truth if not r["fmo"]]
    bad = []
    if {(r["subject"], r["visit"]) for r in samples} != set(want):
        bad.append("the files are not those of cells.csv")
    for r in samples:
        row = want.get((r["subject"], r["visit"]))
        for pop in ("treg", "th17"):
            pct = 100 * int(r[pop]) / int(r["cd4"])
            if row is None or abs(pct - float(row[f"{pop}_pct_cd4"])) > 50 / int(r["cd4"]) + 1e-9:
                bad.append(f"{r['file']}: {pop} {pct}")
    return bad


def check_found(stroma, folder, truth):
    bad = []
    for r in truth[::10] + [r for r in truth if r["fmo"]]:
        found = counts(stroma, folder / r["file"])
        for pop, n in found.items():
            lacks = {"treg": ("CD25", "FoxP3"), "th17": ("IL-17A",)}.get(pop, ())
            want = 0 if r["fmo"] in lacks else int(r[pop])
            if abs(n - want) > (15 if pop == "cd4" else 3):
                bad.append(f"{r['file']}: {pop} found {n}, planted {want}")
    return bad


def main(make, stroma, cells):
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        folders = [pathlib.Path(one), pathlib.Path(two)]
        for folder in folders:
            subprocess.run([make, folder, cells], check=True)
        names = sorted(p.name for p in folders[0].iterdir())
        bad = [f"{n}: differs in a second run" for n in names
               if (folders[0] / n).read_bytes() != (folders[1] / n).read_bytes()]
        with open(folders[0] / "truth.tsv", encoding="utf-8") as f:
            truth = list(csv.DictReader(f, delimiter="\t"))
        if sorted([r["file"] for r in truth] + ["truth.tsv"]) != names:
            bad.append("truth.tsv does not list the files")
        with open(cells, encoding="utf-8") as f:
            bad += check_planted(truth, list(csv.DictReader(f)))
        bad += check_found(stroma, folders[0], truth)
        for r in truth:
            if "SIMULATED" not in keywords((folders[0] / r["file"]).read_bytes()):
                bad.append(r["file"] + ": is not marked as simulated")
    print("\n".join(bad + [f"{len(truth)} files, {len(bad)} faults"]))
    return 1 if bad or not truth else 0


sys.exit(main(*sys.argv[1:]))
