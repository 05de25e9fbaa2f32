#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write tube.fcs: 6,000 simulated events. The laser of FL1-A is off in the first 500, nothing comes for 5 s after event 3,000,
and FL2-A is at its top in every 50th event."""
import pathlib
import random
import struct

NAMES = ["FSC-A", "FSC-H", "FL1-A", "FL2-A", "Time"]
r = random.Random(7)
rows, t = [], 0.0
for i in range(6000):
    t += (5.0 if i == 3000 else 0.0) + 0.004 * r.random()
    size = 60000 + 6000 * (sum(r.random() for _ in range(12)) - 6)
    fl1 = (20 if i < 500 else 900 + 8000 * (r.random() < 0.5)) * (0.5 + r.random())
    rows.append((size, size / (1.04 + 0.04 * r.random()), fl1, 262143.0 if i % 50 == 0 else 300 * r.random(), int(t * 1000)))
text = {"$BYTEORD": "1,2,3,4", "$DATATYPE": "F", "$MODE": "L", "$NEXTDATA": "0", "$PAR": "5", "$TOT": str(len(rows)), "$TIMESTEP": "0.001",
        "$BEGINDATA": "2048", "$ENDDATA": str(2047 + 20 * len(rows))}
for i, name in enumerate(NAMES, 1):
    text |= {f"$P{i}N": name, f"$P{i}B": "32", f"$P{i}R": "262144", f"$P{i}E": "0,0"}
words = "|" + "".join(f"{k}|{v}|" for k, v in text.items())
data = b"".join(struct.pack("<5f", *row) for row in rows)
head = "FCS3.1    %8d%8d%8d%8d%8d%8d" % (58, 57 + len(words), 2048, 2047 + len(data), 0, 0)
pathlib.Path("tube.fcs").write_bytes((head + words).encode().ljust(2048) + data)
