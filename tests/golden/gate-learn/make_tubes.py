#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the tubes of the case: simulated events of four channels, FCS 3.1, float32.

tubes of two days in day1/ and day2/, an FMO of CD25 of each, a reference tube, and beads.fcs"""
import pathlib
import random
import struct

CHANNELS = [("FSC-A", ""), ("FL1-A", "CD4"), ("FL2-A", "CD25"), ("FL3-A", "LD")]


def fcs(path, channels, rows, **keywords):
    names = {"$BYTEORD": "1,2,3,4", "$DATATYPE": "F", "$MODE": "L", "$NEXTDATA": "0", "$PAR": str(len(channels)),
             "$TOT": str(len(rows)), "$BEGINDATA": "2048", "$ENDDATA": str(2047 + 4 * len(channels) * len(rows))}
    for i, (name, stain) in enumerate(channels, 1):
        names |= {f"$P{i}N": name, f"$P{i}B": "32", f"$P{i}R": "262144", f"$P{i}E": "0,0"}
        if stain:
            names[f"$P{i}S"] = stain
    names |= {"$" + k: v for k, v in keywords.items()}
    text = "|" + "".join(f"{k}|{v}|" for k, v in names.items())
    data = b"".join(struct.pack(f"<{len(channels)}f", *r) for r in rows)
    head = "FCS3.1    %8d%8d%8d%8d%8d%8d" % (58, 57 + len(text), 2048, 2047 + len(data), 0, 0)
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((head + text).encode().ljust(2048) + data)


def normal(r):
    return sum(r.random() for _ in range(12)) - 6


def cell(r, treg, th17, cd25):
    kind = r.random()
    live = r.random() < 0.9
    cd4 = 3000 + 500 * normal(r) if kind < 0.5 else 100 * normal(r)
    spot = r.random()
    bright = cd25 * (2.5 if spot < treg and kind < 0.5 else 0.25 if spot > 1 - th17 else 1)
    return (60000 + 9000 * normal(r), cd4, bright * (400 + 90 * normal(r)) + 60 * normal(r),
            150 * normal(r) if live else 6000 + 900 * normal(r))


def tube(path, seed, n, day, treg=0.06, th17=0.02, cd25=1.0, stain="CD25", beads=0, **keywords):
    r = random.Random(seed)
    rows = [cell(r, treg, th17, cd25) for _ in range(n)]
    rows += [(5000 + 300 * normal(r), 50000, 50000, 100 * normal(r)) for _ in range(beads)]
    channels = [(c, stain if s == "CD25" else s) for c, s in CHANNELS]
    fcs(path, channels, rows, DATE=day, **keywords)


tube("day1/s1.fcs", 1, 6000, "02-MAR-2020", beads=500, SMNO="S1", VOL="60000", BTIM="09:00:00", ETIM="09:01:00")
tube("day2/s1.fcs", 2, 6000, "09-MAR-2020", treg=0.03, cd25=0.7, beads=450, SMNO="S1", VOL="60", BTIM="09:00:00",
     ETIM="09:01:00")
tube("fmo1.fcs", 3, 4000, "02-MAR-2020", cd25=0.05, stain="")
tube("fmo2.fcs", 4, 4000, "09-MAR-2020", cd25=0.05, stain="")
tube("reference1.fcs", 5, 4000, "02-MAR-2020")
tube("reference2.fcs", 6, 4000, "09-MAR-2020", cd25=0.7)
r = random.Random(7)
fcs("beads.fcs", [("FSC-A", ""), ("FL2-A", "")],
    [(5000 + 300 * normal(r), b * (1 + 0.05 * normal(r)) + 5 * normal(r)) for b in
     (5, 180, 520, 1500, 4700, 12800) for _ in range(700)])
