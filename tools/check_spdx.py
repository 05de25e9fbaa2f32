#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every source file names its licence in its first five lines."""
import pathlib
import sys

SUFFIXES = {".c", ".h", ".cpp", ".py", ".sh", ".js", ".mjs", ".css", ".sql"}
root = pathlib.Path(sys.argv[1])
bad = 0
for folder in ("src", "include", "tests", "tools", "bench", "examples"):
    for path in sorted((root / folder).rglob("*")):
        if path.suffix not in SUFFIXES or "node_modules" in path.parts or not path.is_file():
            continue
        head = path.read_bytes()[:600].decode("utf-8", "replace").splitlines()[:5]
        if not any("SPDX-License-Identifier: GPL-3.0-or-later" in line for line in head):
            print(f"{path}: no SPDX line")
            bad = 1
sys.exit(bad)
