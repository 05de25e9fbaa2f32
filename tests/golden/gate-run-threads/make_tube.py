#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write tube.fcs: 20,000 events, uniform over the ranges of the gates, so that each thread has blocks of its own."""
import pathlib
import random
import struct

CHANNELS = ["FSC-A", "FSC-H", "SSC-A", "FL1-A", "FL2-A"]
EVENTS = 20000
r = random.Random(20)
names = {"$PAR": "5", "$TOT": str(EVENTS), "$BYTEORD": "1,2,3,4", "$DATATYPE": "F", "$MODE": "L", "$NEXTDATA": "0",
         "$BEGINDATA": "1024", "$ENDDATA": str(1023 + 20 * EVENTS)}
for i, name in enumerate(CHANNELS, 1):
    names |= {f"$P{i}N": name, f"$P{i}B": "32", f"$P{i}R": "262144", f"$P{i}E": "0,0"}
text = "|" + "".join(f"{k}|{v}|" for k, v in names.items())
data = b"".join(struct.pack("<5f", 30000 + 60000 * (x := r.random()), (30000 + 60000 * x) * (0.7 + 0.5 * r.random()),
                            50000 * r.random(), 20000 * r.random() - 500, 20000 * r.random() - 500)
                for _ in range(EVENTS))
head = "FCS3.1    %8d%8d%8d%8d%8d%8d" % (58, 57 + len(text), 1024, 1023 + len(data), 0, 0)
pathlib.Path("tube.fcs").write_bytes((head + text).encode().ljust(1024) + data)
