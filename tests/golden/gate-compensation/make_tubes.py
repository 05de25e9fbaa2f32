#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write two tubes of four events. FL2-A less s times FL1-A of each, for s = 0, 0.5 and 0.9:
60, 10, -30; 30, 30, 30; 90, 40, 0; 10, 5, 1. At or above 20 are 3, 2 and 1 of them.

plain.fcs has no matrix, own.fcs says that 0.9 of FL1-A shows in FL2-A."""
import pathlib
import struct

EVENTS = [(100, 60), (0, 30), (100, 90), (10, 10)]
for name, more in (("plain", {}), ("own", {"$SPILLOVER": "2,FL1-A,FL2-A,1,0.9,0,1"})):
    names = {"$PAR": "2", "$TOT": "4", "$BYTEORD": "1,2,3,4", "$DATATYPE": "F", "$MODE": "L", "$NEXTDATA": "0",
             "$BEGINDATA": "1024", "$ENDDATA": str(1023 + 8 * len(EVENTS))} | more
    for i in (1, 2):
        names |= {f"$P{i}N": f"FL{i}-A", f"$P{i}B": "32", f"$P{i}R": "262144", f"$P{i}E": "0,0"}
    text = "|" + "".join(f"{k}|{v}|" for k, v in names.items())
    data = b"".join(struct.pack("<2f", *e) for e in EVENTS)
    head = "FCS3.1    %8d%8d%8d%8d%8d%8d" % (58, 57 + len(text), 1024, 1023 + len(data), 0, 0)
    pathlib.Path(name + ".fcs").write_bytes((head + text).encode().ljust(1024) + data)
