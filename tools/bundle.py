#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install the locked scripts with npm and join the ones the report carries into one file.

usage: bundle.py NPM SOURCE_DIR WORK_DIR OUT
Minified builds are joined as they are, so no bundler is needed; the licences go in front.
Offline after the first time: npm is asked to prefer its cache, and is not asked at all while the
lock file is the one that was installed last. Builds that share WORK_DIR take turns."""
import fcntl
import hashlib
import pathlib
import re
import shutil
import subprocess
import sys
import typing

SCRIPTS = [
    "vega/build/vega.min.js",
    "vega-lite/build/vega-lite.min.js",
    "vega-interpreter/build/vega-interpreter.min.js",
]
# Packages whose code stands inside those builds.
INSIDE = re.compile(r"^(vega($|-)|d3-|delaunator$|robust-predicates$|internmap$|topojson-client$|tslib$|"
                    r"json-stringify-pretty-compact$)")


def install(npm: str, source: pathlib.Path, work: pathlib.Path) -> typing.IO:
    lock = (source / "package-lock.json").read_bytes()
    stamp = work / "node_modules" / ".stroma-installed"
    want = hashlib.sha256(lock + (source / "package.json").read_bytes()).hexdigest()
    work.mkdir(parents=True, exist_ok=True)
    turn = (work / "lock").open("w")
    fcntl.flock(turn, fcntl.LOCK_EX)  # until this program ends
    if stamp.is_file() and stamp.read_text() == want:
        return turn
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(source / name, work / name)
    run = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"],
        cwd=work, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if run.returncode != 0:
        sys.exit(f"{run.stdout}\nbundle.py: npm could not install the report's scripts ({source}/package-lock.json).\n"
                 "The first build needs the network once; later ones do not.")
    stamp.write_text(want)
    return turn


def licences(modules: pathlib.Path) -> str:
    texts: dict[str, list[str]] = {}
    for package in sorted(p for p in modules.iterdir() if INSIDE.match(p.name)):
        for name in ("LICENSE", "LICENSE.txt", "LICENSE.md", "license"):
            if (package / name).is_file():
                text = (package / name).read_text(encoding="utf-8").strip().replace("*/", "* /")
                texts.setdefault(text, []).append(package.name)
                break
    return "\n\n".join(f"{', '.join(names)}:\n{text}" for text, names in texts.items())


def main() -> None:
    npm, source, work, out = sys.argv[1], *map(pathlib.Path, sys.argv[2:5])
    turn = install(npm, source, work)  # noqa: F841 held to the end
    modules = work / "node_modules"
    parts = ["/*! Third-party scripts of the report, with their licences.\n" + licences(modules) + "\n*/\n"]
    for script in SCRIPTS:
        text = (modules / script).read_text(encoding="utf-8")
        parts.append(re.sub(r"\n?//# sourceMappingURL=.*\s*$", "", text) + "\n")
    out.write_text("".join(parts), encoding="utf-8")


main()
