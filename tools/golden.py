#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Golden tests of the command line.

usage: STROMA=path/to/stroma golden.py [--accept] [-k TEXT] FOLDER

FOLDER/NAME/ holds one case:
  cmd             a bash script; `stroma` is the program under test
  stdout.exact    what it must print; or stdout.glob, where a line `...` stands for any lines and `*`
                  within a line for any text; or stdout.tsv, a table compared with `tolerance`;
                  none of them: it must print nothing
  stderr.exact    the same for standard error
  exit            the exit code, 0 when there is no such file
  tolerance       lines `COLUMN RELATIVE ABSOLUTE` for stdout.tsv; COLUMN `*` is every other numeric one
  anything else   input files; the case runs in a copy of its folder

A script that exits with 77 is skipped, its last line on standard error says why. --accept writes what
the program printed in place of what was expected (a .glob that still matches is kept)."""
import argparse
import concurrent.futures
import difflib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

RESERVED = {"cmd", "exit", "tolerance"}
SKIP = 77


def number(text):
    try:
        return float(text)
    except ValueError:
        return None


def glob_matches(pattern, text):
    parts = []
    for line in pattern.splitlines(keepends=True):
        if line.rstrip("\n") == "...":
            parts.append(r"(?:[^\n]*\n)*?")
        else:
            parts.append("[^\n]*".join(re.escape(p) for p in line.split("*")))
    return re.fullmatch("".join(parts), text) is not None


def tolerances(case):
    path = case / "tolerance"
    if not path.exists():
        return {}
    rows = [line.split() for line in path.read_text().splitlines() if line.strip() and line[0] != "#"]
    return {name: (float(relative), float(absolute)) for name, relative, absolute in rows}


def compare_tables(want, got, allowed):
    """Lines that say what differs; numbers may differ by the tolerance of their column."""
    want_rows = [line.split("\t") for line in want.splitlines()]
    got_rows = [line.split("\t") for line in got.splitlines()]
    if not want_rows or not got_rows or want_rows[0] != got_rows[0]:
        return [f"header: expected {want_rows[:1]}, got {got_rows[:1]}"]
    if len(want_rows) != len(got_rows):
        return [f"rows: expected {len(want_rows) - 1}, got {len(got_rows) - 1}"]
    wrong = []
    for n, (a, b) in enumerate(zip(want_rows[1:], got_rows[1:]), 2):
        if len(a) != len(b):
            wrong.append(f"line {n}: expected {len(a)} cells, got {len(b)}")
            continue
        for name, x, y in zip(want_rows[0], a, b):
            relative, absolute = allowed.get(name, allowed.get("*", (0.0, 0.0)))
            p, q = number(x), number(y)
            if p is not None and q is not None:
                if abs(p - q) <= max(absolute, relative * abs(p)):
                    continue
            elif x == y:
                continue
            wrong.append(f"line {n}, column {name}: expected {x}, got {y}")
    return wrong


def check_stream(case, stream, got):
    """(lines that say what is wrong, name of the file that holds the expectation)"""
    for kind in ("exact", "glob", "tsv"):
        path = case / f"{stream}.{kind}"
        if not path.exists():
            continue
        want = path.read_text(encoding="utf-8")
        if kind == "glob":
            same = glob_matches(want, got)
        elif kind == "tsv":
            return compare_tables(want, got, tolerances(case)), path.name
        else:
            same = want == got
        if same:
            return [], path.name
        return list(difflib.unified_diff(want.splitlines(), got.splitlines(), path.name, stream, lineterm="")), path.name
    if got:
        return [f"{stream}: expected nothing, got:"] + got.splitlines(), f"{stream}.exact"
    return [], f"{stream}.exact"


def run_case(case, stroma):
    """(stdout, stderr, exit code)"""
    with tempfile.TemporaryDirectory(prefix="stroma-golden-") as scratch:
        work, tools, home = (pathlib.Path(scratch, x) for x in ("work", "bin", "home"))
        shutil.copytree(case, work, ignore=lambda _, names: [
            n for n in names if n in RESERVED or re.fullmatch(r"(stdout|stderr)\.(exact|glob|tsv)", n)])
        tools.mkdir()
        home.mkdir()
        (tools / "stroma").symlink_to(stroma)
        env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "STROMA_CPU", "SOURCE_DATE_EPOCH")}
        env |= {"PATH": f"{tools}:{env.get('PATH', '/usr/bin:/bin')}", "STROMA": str(stroma), "HOME": str(home),
                "LC_ALL": "C.UTF-8", "TERM": "dumb", "TZ": "UTC"}
        done = subprocess.run(["bash", str(case / "cmd")], cwd=work, env=env, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=120, check=False)
    out, err = (x.decode("utf-8", "backslashreplace") for x in (done.stdout, done.stderr))
    return out, err, done.returncode


def accept(case, out, err, code):
    for stream, got in (("stdout", out), ("stderr", err)):
        wrong, name = check_stream(case, stream, got)
        if not wrong:
            continue
        if name.endswith(".glob"):
            (case / name).unlink()
            name = f"{stream}.exact"
        if got:
            (case / name).write_text(got, encoding="utf-8")
        else:
            (case / name).unlink(missing_ok=True)
    if code:
        (case / "exit").write_text(f"{code}\n")
    else:
        (case / "exit").unlink(missing_ok=True)


def judge(case, stroma, accepting):
    """(state, lines)"""
    try:
        out, err, code = run_case(case, stroma)
    except subprocess.TimeoutExpired:
        return "not ok", ["did not end within 120 s"]
    if code == SKIP:
        return "skip", err.strip().splitlines()[-1:] or ["no reason given"]
    if accepting:
        accept(case, out, err, code)
        return "ok", []
    want = int((case / "exit").read_text()) if (case / "exit").exists() else 0
    wrong = [] if code == want else [f"exit code: expected {want}, got {code}"]
    return ("ok", []) if not (wrong := wrong + check_stream(case, "stdout", out)[0] +
                              check_stream(case, "stderr", err)[0]) else ("not ok", wrong)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--accept", action="store_true", help="take what is printed as what is expected")
    parser.add_argument("-k", default="", metavar="TEXT", help="only cases whose name contains this")
    options = parser.parse_args()
    stroma = pathlib.Path(os.environ["STROMA"]).resolve()
    cases = sorted(p.parent for p in options.folder.resolve().glob("*/cmd") if options.k in p.parent.name)
    print(f"1..{len(cases)}")
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        results = pool.map(lambda c: judge(c, stroma, options.accept), cases)
        for n, (case, (state, lines)) in enumerate(zip(cases, results), 1):
            if state == "skip":
                print(f"ok {n} - {case.name} # SKIP {' '.join(lines)}")
                continue
            print(f"{state} {n} - {case.name}")
            for line in lines:
                print(f"# {line}")
            failed += state == "not ok"
    return 1 if failed or not cases else 0


sys.exit(main())
