#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fail when a module includes a header of a module it may not use (DESIGN: ranks, never a neighbour)."""
import pathlib
import re
import sys

RANKS = [
    {"base"}, {"table"}, {"stats"}, {"models", "curve", "fcs"},
    {"cytometry", "immunoassay", "potency", "clinical"}, {"study"},
    {"biomarker", "evidence", "operations"}, {"simulate"}, {"report"}, {"cli"},
]
RANK = {m: i for i, ms in enumerate(RANKS) for m in ms}
# Public headers whose name is not their module's: header stem -> module.
HEADERS = {
    "arena": "base", "buffer": "base", "date": "base", "diag": "base", "error": "base", "file": "base",
    "hash": "base", "interrupt": "base", "json": "base", "memory": "base", "number": "base", "parallel": "base",
    "progress": "base", "random": "base", "schema": "base", "sort": "base", "suggest": "base", "utf8": "base",
    "yaml": "base", "score": "clinical",
    "response": "clinical", "parameter": "clinical",
}


def module_of(include: str) -> str | None:
    stem = re.match(r"[a-z0-9]+", include)[0]
    return HEADERS.get(stem, stem if stem in RANK else None)


def main(root: str) -> int:
    bad = 0
    for path in sorted(pathlib.Path(root, "src").rglob("*.[ch]")):
        me = path.relative_to(pathlib.Path(root, "src")).parts[0]
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            m = re.match(r'\s*#\s*include\s+"(stroma/)?([a-z0-9_]+)(?:[/.])', line)
            if not m:
                continue
            other = module_of(m[2]) if m[1] else (m[2] if m[2] in RANK and "/" in line else None)
            if m[1] and other is None:
                print(f"{path}:{n}: public header {m[2]}.h belongs to no known module (tools/check_layers.py)")
                bad = 1
            elif not m[1] and other is not None and other != me:
                print(f"{path}:{n}: {me} must not include a private header of {other}")
                bad = 1
            elif other is not None and other != me and RANK[other] >= RANK[me]:
                print(f"{path}:{n}: {me} must not include {other}")
                bad = 1
    return bad


sys.exit(main(sys.argv[1]))
