#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is killed, or that may not write, leaves the earlier output whole.

usage: check_run_killed.py STROMA CASE_FOLDER

Runs the study of CASE_FOLDER once, then again and again with --always: killed at a time that moves
through the whole run, and with a limit on the size of files that ends it early. After each the output
must verify, unless a run had got to its end: then that one must."""
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

KILLS = 20


def limit_files(n_bytes):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, n_bytes))


def main():
    stroma, case = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2])
    with tempfile.TemporaryDirectory(prefix="stroma-killed-") as scratch:
        for name in ("study.yaml", "visits.csv"):
            shutil.copy(case / name, scratch)
        run = [stroma, "run", "study.yaml", "-o", "out", "--always"]
        options = {"cwd": scratch, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}

        def whole(when):
            done = subprocess.run([stroma, "verify", "out"], capture_output=True, text=True, cwd=scratch, check=False)
            if done.returncode != 0:
                sys.exit(f"{when}: the output is not whole\n{done.stdout}{done.stderr}")

        start = time.monotonic()
        subprocess.run(run, check=True, **options)
        seconds = time.monotonic() - start
        whole("after the first run")
        killed = 0
        for k in range(KILLS):
            process = subprocess.Popen(run, **options)
            time.sleep(seconds * (k + 0.5) / KILLS)
            process.kill()
            process.communicate()
            killed += process.returncode == -signal.SIGKILL
            whole(f"kill {k}")
        refused = 0
        for n_bytes in (0, 4096, 65536, 200000, 600000):
            done = subprocess.run(run, preexec_fn=lambda n=n_bytes: limit_files(n), check=False, **options)
            if done.returncode not in (0, 6) or (done.returncode == 6 and "error" not in done.stderr):
                sys.exit(f"limit {n_bytes}: exit {done.returncode}\n{done.stderr}")
            refused += done.returncode == 6
            whole(f"limit of {n_bytes} bytes")
        left = sorted(p.name for p in pathlib.Path(scratch).iterdir() if p.name.startswith("out.tmp"))
        print(f"{killed} of {KILLS} runs killed, {refused} of 5 refused by a full disk, output whole after each; "
              f"{len(left)} staged folders left by the killed ones")
        if killed < KILLS // 2 or refused < 3 or len(left) > killed:
            sys.exit("too few runs were stopped to say anything")


main()
