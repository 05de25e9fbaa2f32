#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""stroma-readstat, stopped in the middle of a file, has a system call filter, no privileges to gain, no
other file open and no environment of ours. (It is stopped by a pipe that nobody empties.) Prints TAP."""
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import bases


def status(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def main():
    name, small = bases.sav()
    small = small[:80] + struct.pack("<i", -1) + small[84:]  # number of cases: unknown
    many = small + (b"RA-004  " + struct.pack("<dd", 1.0, 0.0)) * 100000
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, name)
        file.write_bytes(many)
        command = ["/bin/sh", "-c", 'exec "$0" sav 3<"$1"', os.environ["STROMA_READSTAT_HELPER"], str(file)]
        p = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        s = {}
        for _ in range(200):
            time.sleep(0.05)
            s = status(p.pid)
            if s["State"][0] == "S" and s["Seccomp"] == "2":
                break
        fds = sorted(int(x) for x in os.listdir(f"/proc/{p.pid}/fd"))
        limits = pathlib.Path(f"/proc/{p.pid}/limits").read_text(encoding="ascii")
        core = [x.split()[4] for x in limits.splitlines() if x.startswith("Max core")]
        checks = [("waits for its pipe", s["State"][0] == "S"), ("has a system call filter", s["Seccomp"] == "2"),
                  ("cannot gain privileges", s["NoNewPrivs"] == "1"), ("has the file and standard streams only", fds == [0, 1, 2, 3]),
                  ("leaves no core file", core == ["0"])]
        out = p.stdout.read()
        checks.append(("goes on when the pipe is emptied", p.wait(30) == 0 and out[-13:-12] == b"E"))
    print(f"TAP version 13\n1..{len(checks)}")
    for i, (label, ok) in enumerate(checks, 1):
        print(f"{'ok' if ok else 'not ok'} {i} - {label}")
    return 0 if all(ok for _, ok in checks) else 1


sys.exit(main())
