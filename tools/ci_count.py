#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Print one closing line 'N passed, N failed, N skipped' for Meson's test runs.

usage: ci_count.py BUILD/meson-logs/testlog.junit.xml…

Each case of a TAP program counts. Meson's JUnit file leaves out how a program itself ended (a
timeout, a crash after the last case), so testlog.json beside it is read too: a program that did not
end well without a failed case is one failure. A run without any test is a failure."""
import json
import pathlib
import sys
import xml.etree.ElementTree as ET

GOOD = {"OK", "EXPECTEDFAIL"}


def subtests(junit: pathlib.Path) -> dict[str, list[str]]:
    """Full name of the test -> state of each of its cases."""
    found: dict[str, list[str]] = {}
    for case in ET.parse(junit).getroot().iter("testcase"):
        state = "passed"
        if case.find("skipped") is not None:
            state = "skipped"
        elif case.find("failure") is not None or case.find("error") is not None:
            state = "failed"
        found.setdefault(case.get("classname", ""), []).append(state)
        if state == "failed" and "." in case.get("classname", ""):
            print(f"failed: {junit.parts[-3]}: {case.get('classname')}: {case.get('name')}")
    return found


def count(junit: pathlib.Path) -> dict[str, int]:
    total = {"passed": 0, "failed": 0, "skipped": 0}
    cases = subtests(junit)
    for line in (junit.parent / "testlog.json").read_text(encoding="utf-8").splitlines():
        test = json.loads(line)
        name, result = test["name"], test["result"]
        states = next((v for k, v in cases.items() if k.split(".", 1)[-1] == name), None)
        if states is None:
            states = ["skipped" if result == "SKIP" else "passed" if result in GOOD else "failed"]
            if states == ["failed"]:
                print(f"failed: {junit.parts[-3]}: {name}: {result}")
        elif result not in GOOD and result != "SKIP" and "failed" not in states:
            states = [*states, "failed"]
            print(f"failed: {junit.parts[-3]}: {name}: ended with {result}")
        for state in states:
            total[state] += 1
    return total


def main(paths: list[str]) -> int:
    total = {"passed": 0, "failed": 0, "skipped": 0}
    for path in paths:
        one = count(pathlib.Path(path))
        if sum(one.values()) == 0:
            print(f"failed: {path}: no test ran")
            one["failed"] = 1
        for state, n in one.items():
            total[state] += n
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    return int(total["failed"] != 0 or total["passed"] == 0)


sys.exit(main(sys.argv[1:]))
