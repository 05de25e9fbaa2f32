#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every name that a library defines for others begins with stroma_.

usage: check_symbols.py NM LIBRARY...   (.a: global names; .so: exported names)"""
import re
import subprocess
import sys

# Sanitizers and coverage add names of their own, all in the compiler's name space.
COMPILER = re.compile(r"^(__|(_init|_fini|_edata|_end)$)")


def names(nm: str, library: str) -> list[str]:
    dynamic = ["-D"] if ".so" in library else []
    out = subprocess.run([nm, *dynamic, "-g", "--defined-only", library], capture_output=True, text=True, check=True)
    return [parts[2] for line in out.stdout.splitlines() if len(parts := line.split()) == 3]


def main(nm: str, libraries: list[str]) -> int:
    bad = 0
    for library in libraries:
        found = names(nm, library)
        if ".so" in library and not any(name.startswith("stroma_") for name in found):
            print(f"{library}: exports no stroma_ name at all")
            bad = 1
        for name in found:
            if not name.startswith("stroma_") and not COMPILER.match(name):
                print(f"{library}: {name} is global but does not begin with stroma_")
                bad = 1
    return bad


sys.exit(main(sys.argv[1], sys.argv[2:]))
