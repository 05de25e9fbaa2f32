#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fail on calls the house does not use; a line may carry `ci-allow` with its reason."""
import pathlib
import re
import sys

EVERYWHERE = {
    "strcpy": "snprintf or stroma_strdup", "strcat": "stroma_buffer", "sprintf": "snprintf",
    "strtok": "a scanner", "gets": "stroma_bytes_read", "atoi": "stroma_parse_int",
    "atof": "stroma_parse_double", "strtol": "stroma_parse_int", "strtod": "stroma_parse_double",
    "sscanf": "a parser", "exit": "return a status", "abort": "return a status", "assert": "STROMA_BUG_IF",
    "localtime": "stroma_date", "strerror": "strerror_r", "rand": "stroma_random", "qsort": "stroma_sort",
}
OUTSIDE_BASE = {"malloc": "stroma_alloc_array", "calloc": "stroma_alloc_array", "realloc": "stroma_grow",
                "free": "stroma_free"}
BELOW_CLI = {"printf": "findings or results", "puts": "findings or results", "fopen": "stroma_bytes_read"}


def main(root: str) -> int:
    bad = 0
    for path in sorted(pathlib.Path(root, "src").rglob("*.[ch]")):
        module = path.relative_to(pathlib.Path(root, "src")).parts[0]
        banned = dict(EVERYWHERE)
        if module != "base":
            banned |= OUTSIDE_BASE
        if module != "cli":
            banned |= BELOW_CLI
        call = re.compile(r"(?<![A-Za-z0-9_.>])(" + "|".join(banned) + r")\s*\(")
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            code = re.sub(r'"(?:[^"\\]|\\.)*"', '""', line)
            code = re.sub(r"/\*.*?\*/|//.*|^\s*\*.*", "", code)
            m = call.search(code)
            if m and "ci-allow" not in line:
                print(f"{path}:{n}: {m[1]}() is not used here; use {banned[m[1]]}")
                bad = 1
    return bad


sys.exit(main(sys.argv[1]))
