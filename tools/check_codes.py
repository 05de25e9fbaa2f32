#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every finding code in the sources is explained by `stroma explain`, and the other way round.

usage: check_codes.py STROMA ROOT"""
import pathlib
import re
import subprocess
import sys


def main(stroma: str, root: str) -> int:
    out = subprocess.run([stroma, "explain", "--format", "tsv"], capture_output=True, text=True, check=True).stdout
    explained = {line.split("\t")[0] for line in out.splitlines()[1:] if line.startswith("STROMA-")}
    bad = 0
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
