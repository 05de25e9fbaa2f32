#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the data cases of a folder: a small file, a few edits, and what the program must say about it.

usage: run_data_cases.py FOLDER [NAME…]      (environment: STROMA the program, STROMA_DATA_ROOT public data)

FOLDER/**/*.toml, one case each:
    base = "xpt5"            a function of FOLDER/bases.py, or "data:PATH" below the data root (skipped when absent)
    name = "lab.xpt"         file name, when not the base's own
    noun = "model"           default data
    command = "show"         stroma NOUN COMMAND FILE ARGS… (of data: --format tsv too)
    args = ["--states"]
    env = { NAME = "value" } "{cases}" in a value is FOLDER
    exit = 3                 default 0
    error = "regex"          must be found in standard error (default: standard error is empty)
    stdout = "exact text"    default: not looked at when exit is not 0
    [[edit]]                 in order:
    truncate = 100           keep so many bytes (negative: drop so many from the end)
    at = 10                  with bytes = "ff 00" (hexadecimal) or text = "…": overwrite
    insert = 10              with bytes or text: insert before
    replace = "old"          with text = "new": the first place where it stands (must exist)
    append = "text"          or bytes
Prints TAP."""
import importlib.util
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib


class Skip(Exception):
    pass


def load_base(case, bases):
    base = case["base"]
    if not base.startswith("data:"):
        return getattr(bases, base)()
    path = pathlib.Path(os.environ.get("STROMA_DATA_ROOT", "/nonexistent"), base[5:])
    if not path.is_file():
        raise Skip("no " + base[5:] + " below STROMA_DATA_ROOT")
    return path.name, path.read_bytes()


def payload(edit):
    return bytes.fromhex(edit["bytes"]) if "bytes" in edit else edit["text"].encode()


def apply(edit, data):
    if "truncate" in edit:
        return data[:edit["truncate"]]
    if "append" in edit:
        return data + edit["append"].encode()
    if "replace" in edit:
        old = edit["replace"].encode()
        if old not in data:
            raise ValueError("the base does not hold " + edit["replace"])
        return data.replace(old, payload(edit), 1)
    new = payload(edit)
    if "insert" in edit:
        return data[:edit["insert"]] + new + data[edit["insert"]:]
    at = edit["at"] if edit["at"] >= 0 else len(data) + edit["at"]
    return data[:at] + new + data[at + len(new):]


def bases_folder(bases):
    return pathlib.Path(bases.__file__).resolve().parent


def run(path, bases, stroma):
    """Complaints, none when the case holds."""
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    known = {"base", "name", "command", "args", "exit", "error", "stdout", "edit", "env", "why", "noun"}
    if set(case) - known:
        return ["unknown key " + ", ".join(sorted(set(case) - known))]
    name, data = load_base(case, bases)
    for edit in case.get("edit", []):
        data = apply(edit, data)
    want = case.get("exit", 0)
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, case.get("name", name))
        file.write_bytes(data)
        noun = case.get("noun", "data")
        command = [stroma, noun, case.get("command", "show"), file.name, *case.get("args", [])]
        if noun == "data":
            command += ["--format", "tsv"]
        env = {k: v for k, v in os.environ.items() if not k.startswith("STROMA_READSTAT_TIMEOUT")}
        extra = {k: v.replace("{cases}", str(bases_folder(bases))) for k, v in case.get("env", {}).items()}
        p = subprocess.run(command, cwd=folder, capture_output=True, timeout=60, env=env | extra)
    out, err = p.stdout.decode("utf-8", "replace"), p.stderr.decode("utf-8", "replace")
    bad = []
    if p.returncode != want:
        bad.append(f"exit {p.returncode}, expected {want}")
    if "error" in case and not re.search(case["error"], err):
        bad.append("standard error does not match: " + case["error"])
    if "error" not in case and err:
        bad.append("standard error is not empty")
    if "stdout" in case and out != case["stdout"]:
        bad.append("standard output differs")
    if bad:
        bad += ["stdout| " + x for x in out.splitlines()[:20]] + ["stderr| " + x for x in err.splitlines()[:20]]
    return bad


def main(folder, names):
    spec = importlib.util.spec_from_file_location("bases", pathlib.Path(folder, "bases.py"))
    bases = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode = True
    spec.loader.exec_module(bases)
    stroma = os.environ["STROMA"]
    cases = sorted(p for p in pathlib.Path(folder).rglob("*.toml") if not names or p.stem in names)
    print(f"TAP version 13\n1..{len(cases)}")
    failed = 0
    for i, path in enumerate(cases, 1):
        label = path.relative_to(folder).with_suffix("")
        try:
            bad = run(path, bases, stroma)
        except Skip as e:
            print(f"ok {i} - {label} # SKIP {e}")
            continue
        except (ValueError, KeyError, AttributeError, subprocess.TimeoutExpired, tomllib.TOMLDecodeError) as e:
            bad = [f"{type(e).__name__}: {e}"]
        print(f"{'not ok' if bad else 'ok'} {i} - {label}")
        for line in bad:
            print("# " + line)
        failed += bool(bad)
    return 1 if failed or not cases else 0


sys.exit(main(sys.argv[1], set(sys.argv[2:])))
