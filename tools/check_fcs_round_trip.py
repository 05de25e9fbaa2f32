#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real FCS files, converted and scrubbed, have the events they had.

usage: check_fcs_round_trip.py STROMA     (environment: STROMA_DATA_ROOT public data; exit 77 without it)

Of every file below flow/: `fcs convert --dataset all` gives the same linear sums, `fcs scrub` the same
stored and linear ones, and DATA that stand byte for byte in the original. No value of a removed keyword
of four letters or more is left in the scrubbed file's TEXT, but where a finding says so."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile


def stats(stroma: str, path: pathlib.Path) -> list[list[str]]:
    out = subprocess.run([stroma, "fcs", "stats", "--format", "tsv", path], capture_output=True, text=True)
    return [line.split("\t")[1:] for line in out.stdout.splitlines()[1:]]


def last_segment(data: bytes) -> bytes:
    """DATA of a single data set that stroma wrote."""
    begin, end = int(data[26:34]), int(data[34:42])
    return data[begin:end + 1] if begin else b""


looked_for = 0


def left_over(p: subprocess.CompletedProcess, original: bytes, scrubbed: bytes) -> list[str]:
    """Removed keywords whose value still stands in what is before DATA, and that no finding names."""
    text = original[int(original[10:18]):int(original[18:26]) + 1]
    delimiter = re.escape(text[:1])
    kept = scrubbed[:int(scrubbed[26:34]) or len(scrubbed)]
    global looked_for
    bad = []
    for row in p.stdout.splitlines()[1:]:
        _, dataset, keyword, action, *_ = row.split("\t")
        if dataset != "0" or action != "removed":
            continue
        m = re.search(delimiter + rb"\s*" + re.escape(keyword.encode()) + rb"\s*" + delimiter + rb"([^" + delimiter + rb"]*)",
                      text, re.I)
        value = m[1].strip() if m else b""
        if len(value) < 4 or re.fullmatch(rb"[-+0-9.eE]+", value):
            continue
        looked_for += 1
        if value in kept and "STROMA-FCS-105" not in p.stderr:
            bad.append(f"scrubbed: the value of {keyword} is still there")
    return bad


def check(stroma: str, path: pathlib.Path, folder: pathlib.Path) -> list[str]:
    before = stats(stroma, path)
    bad = []
    new = folder / "converted.fcs"
    p = subprocess.run([stroma, "fcs", "convert", path, "--dataset", "all", "--force", "-o", new],
                       capture_output=True, text=True)
    after = stats(stroma, new) if p.returncode <= 1 else []
    # dataset, n_events, channel, name; then three raw and three linear values
    if [r[:4] + r[7:] for r in before] != [r[:4] + r[7:] for r in after]:
        bad.append("converted: the linear values differ " + p.stderr)
    new = folder / "scrubbed.fcs"
    p = subprocess.run([stroma, "fcs", "scrub", path, "--force", "-o", new, "--format", "tsv"],
                       capture_output=True, text=True)
    after = stats(stroma, new) if p.returncode <= 1 else []
    if before != after:
        bad.append("scrubbed: the values differ " + p.stderr)
    elif len({r[0] for r in before}) == 1 and last_segment(new.read_bytes()) not in path.read_bytes():
        bad.append("scrubbed: DATA are not those of the original")
    return bad + left_over(p, path.read_bytes(), new.read_bytes()) if p.returncode <= 1 else bad


def main(stroma: str) -> int:
    root = pathlib.Path(os.environ.get("STROMA_DATA_ROOT", "/nonexistent"), "flow")
    if not root.is_dir():
        print("no flow/ below STROMA_DATA_ROOT")
        return 77
    files = sorted(p for p in root.rglob("*") if p.is_file() and p.open("rb").read(3) == b"FCS"
                   and p.stat().st_size < 5_000_000)
    failed = read = empty = 0
    with tempfile.TemporaryDirectory() as folder:
        for path in files:
            if not stats(stroma, path):
                empty += 1  # refused by the reader; the test of the reader knows which
                continue
            bad = check(stroma, path, pathlib.Path(folder))
            read += 1
            for line in bad:
                print(f"{path.relative_to(root)}: {line}")
            failed += bool(bad)
    print(f"{read} files, {failed} differ; {empty} more have no readable channel; "
          f"{looked_for} removed values looked for")
    return 1 if failed or not read or not looked_for else 0


sys.exit(main(*sys.argv[1:]))
