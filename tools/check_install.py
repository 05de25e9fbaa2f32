#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install into a scratch folder and use what is there: the program, its helper, the pages, the library.

usage: check_install.py MESON BUILD SOURCE PREFIX CC [C_ARGS…]"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile


def run(*command, **options) -> str:
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          stdin=subprocess.DEVNULL, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def expect(what: str, good: bool) -> None:
    if not good:
        sys.exit(f"not as expected: {what}")
    print(f"ok {what}")


def check_program(root: pathlib.Path, scratch: pathlib.Path, source: pathlib.Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(scratch)}
    stroma = root / "bin" / "stroma"
    expect("the program runs", re.match(r"stroma \d+\.\d+\.\d+", run(stroma, "--version", env=environment)) is not None)
    sys.path.insert(0, str(source / "tests" / "data"))
    sys.dont_write_bytecode = True
    import bases
    name, data = bases.sav()
    (scratch / name).write_bytes(data)
    shown = run(stroma, "data", "show", scratch / name, env=environment)
    expect("the program finds its helper", "RA-001\t1\t2016-01-04" in shown)
    table = json.loads(run(stroma, "help", "--json", env=environment))
    for noun in sorted({command["noun"] for command in table["commands"]}):
        page = root / "share" / "man" / "man1" / f"stroma-{noun}.1"
        expect(f"page stroma-{noun}(1)", page.is_file() and page.stat().st_size > 0)
    for page in ("man1/stroma.1", "man5/stroma-formats.5"):
        expect(f"page {page}", (root / "share" / "man" / page).is_file())
    for shell, place in {"bash": "bash-completion/completions/stroma", "zsh": "zsh/site-functions/_stroma",
                         "fish": "fish/vendor_completions.d/stroma.fish"}.items():
        text = (root / "share" / place).read_text(encoding="utf-8")
        expect(f"completion for {shell}", text == run(stroma, "completion", shell, env=environment))


def check_library(root: pathlib.Path, scratch: pathlib.Path, source: pathlib.Path, prefix: str, cc: list[str]) -> None:
    # pkg-config names the final place; here the files lie below the scratch folder.
    found = list(root.rglob("stroma.pc"))
    expect("stroma.pc", len(found) == 1)
    environment = dict(os.environ, PKG_CONFIG_PATH=str(found[0].parent))
    flags = run("pkg-config", f"--define-variable=prefix={root}", "--cflags", "--libs", "stroma", env=environment).split()
    expect(f"pkg-config names the library ({prefix})", "-lstroma" in flags and f"-I{root}/include" in flags)
    program = scratch / "client"
    run(*cc, "-std=c17", "-Wall", "-Wextra", "-Werror", source / "tests/install/client.c", "-o", program, *flags)
    said = run(program, env={"LD_LIBRARY_PATH": str(found[0].parent.parent)})
    expect("a client program uses the library (upper 97.5 % limit of 0 of 10 is 0.3085)", said == "0.3085\n")


def main(meson: str, build: str, source: str, prefix: str, *cc: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        run(meson, "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", scratch / "staged")
        root = scratch / "staged" / prefix.lstrip("/")
        check_program(root, scratch, pathlib.Path(source))
        check_library(root, scratch, pathlib.Path(source), prefix, list(cc))


main(*sys.argv[1:])
