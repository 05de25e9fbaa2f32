#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every finding code in the sources is explained by `stroma explain`, and the other way round; the handbook lists them
all once, in the same order.

usage: check_codes.py STROMA ROOT [--accept]   (--accept writes the list into the handbook)"""
import pathlib
import re
import subprocess
import sys


def listed_in_handbook(rows: list[list[str]], root: str, accept: bool) -> int:
    path = pathlib.Path(root, "docs/handbook/checks.md")
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    at = [i for i, line in enumerate(lines) if line.startswith("| STROMA-")]
    wanted = [f"| {code} | {title} |\n" for code, title in rows]
    if [lines[i] for i in at] == wanted:
        return 0
    if not accept:
        print(f"{path}: its list of codes is not that of `stroma explain` (tools/check_codes.py STROMA . --accept)")
        return 1
    rest = [line for line in lines if not line.startswith("| STROMA-")]
    path.write_text("".join(rest[:at[0]] + wanted + rest[at[0]:]), encoding="utf-8")
    return 0


def main(stroma: str, root: str, accept: str = "") -> int:
    out = subprocess.run([stroma, "explain", "--format", "tsv"], capture_output=True, text=True, check=True).stdout
    rows = [line.split("\t") for line in out.splitlines()[1:] if line.startswith("STROMA-")]
    explained = {code for code, _ in rows}
    bad = listed_in_handbook([row for row in rows if not row[0].startswith("STROMA-E-")], root, bool(accept))
    for code in sorted(explained):
        if sum(row[0] == code for row in rows) > 1:
            print(f"{code} is explained twice (src/cli/finding_codes.c)")
            bad = 1
    used = set()
    for path in sorted(pathlib.Path(root, "src").rglob("*.[ch]")):
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for code in re.findall(r"STROMA-[A-Z0-9]+-[0-9]{3}", line):
                used.add(code)
                if code not in explained:
                    print(f"{path}:{n}: {code} has no explanation (src/cli/finding_codes.c)")
                    bad = 1
    for code in sorted(explained - used):
        print(f"{code} is explained but never found")
        bad = 1
    return bad


sys.exit(main(*sys.argv[1:]))
