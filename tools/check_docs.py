#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the commands that the documents show, and compares what they print.

usage: STROMA=path/to/stroma check_docs.py [--accept] ROOT [FILE.md…]     (default: all of ROOT)

In a block marked ```console, a line `$ COMMAND` is run (a line that ends in a backslash goes on); the
lines up to the next command are what it prints on a terminal, standard error included. `...` on a line
of its own stands for any lines, within a line for any text. A block after a line
`<!-- file: PATH -->` is written to that file. A command must end with 0; write
`|| echo "exit code $?"` where it does not. The blocks of one file run one after the other in a fresh
copy of ROOT/examples. A block after a line `<!-- from PATH -->` must stand so in that file; a line with
only `…` stands for lines left out. What stands between `<!-- begin: COMMAND -->` and `<!-- end -->` is the
command's output; ending in `| as-table`, its tab-separated output as a table. Links to files must lead somewhere. --accept writes what was printed in place of what did not match."""
import argparse
import difflib
import os
import pathlib
import pty
import re
import shutil
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"^(?:<!-- file: (?P<file>\S+) -->\n```\w+|```console)\n(?P<text>.*?)^```$",
                   re.MULTILINE | re.DOTALL)

QUOTE = re.compile(r"^<!-- from (\S+) -->\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)

GENERATED = re.compile(r"^(<!-- begin: (.+) -->\n)(.*?)^<!-- end -->$", re.MULTILINE | re.DOTALL)


def generate(command, folder, env):
    """Markdown that a command prints"""
    words = command.removesuffix("| as-table")
    out = subprocess.run(["bash", "-c", words], cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True,
                         text=True, check=True).stdout
    if words == command:
        return out.strip("\n") + "\n"
    rows = [[cell.replace("|", "\\|") for cell in line.split("\t")] for line in out.splitlines()]
    rows.insert(1, ["---"] * len(rows[0]))
    return "".join("| " + " | ".join(row) + " |\n" for row in rows)


def check_quotes(path, root, text):
    """lines that say which quoted source is not in its file any more"""
    wrong = []
    for source, quoted in QUOTE.findall(text):
        have = (root / source).read_text() if (root / source).is_file() else ""
        for part in re.split(r"^\s*…\n", quoted, flags=re.MULTILINE):
            if part not in have:
                wrong.append(f"{path.name}: not in {source}: {part.splitlines()[:2]}")
    return wrong


def check_links(path, root, text):
    """lines that say which link to a file leads nowhere"""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", prose)
    return [f"{path.name}: link to {link} leads nowhere" for link in links
            if "://" not in link and not (path.parent / link).exists()]


def commands(block):
    """[(command lines, expected lines)] of the text of one block"""
    found = []
    for line in block.splitlines():
        if found and found[-1][0][-1].endswith("\\") and not found[-1][1]:
            found[-1][0].append(line)
        elif line.startswith("$ "):
            found.append(([line], []))
        elif found:
            found[-1][1].append(line)
        else:
            raise ValueError(f"a console block begins with a command, not with {line!r}")
    return found


def run(command, folder, env):
    """(exit code, lines) as on a terminal without colours"""
    terminal, program = pty.openpty()
    child = subprocess.Popen(["bash", "-c", command], cwd=folder, env=env, stdin=subprocess.DEVNULL,
                             stdout=program, stderr=program)
    os.close(program)
    out = b""
    while True:
        try:
            got = os.read(terminal, 65536)
        except OSError:  # the other end is closed
            break
        if not got:
            break
        out += got
    os.close(terminal)
    text = out.decode().replace("\r\n", "\n")
    text = re.sub(r"[^\n]*\r\x1b\[K", "", text)  # the progress line, written and wiped
    return child.wait(), [line.rstrip() for line in text.splitlines()]


def matches(want, got):
    parts = []
    for line in want:
        if line.strip() == "...":
            parts.append(r"(?:[^\n]*\n)*?")
        else:
            parts.append("[^\n]*".join(re.escape(p) for p in line.rstrip().split("...")) + r"\n")
    return re.fullmatch("".join(parts), "".join(line + "\n" for line in got)) is not None


def check_file(path, root, stroma, accept):
    """(number of commands, lines that say what is wrong)"""
    text = path.read_text()
    wrong, n = [], 0
    with tempfile.TemporaryDirectory() as folder:
        made = root / "examples/ra-trial/data/fcs"  # 50 MB that no document changes: not copied
        shutil.copytree(root / "examples", pathlib.Path(folder, "examples"), ignore=lambda path, names: [n for n in names if pathlib.Path(path, n) == made])
        if made.is_dir():
            pathlib.Path(folder, "examples/ra-trial/data/fcs").symlink_to(made.resolve())
        binaries = pathlib.Path(folder, ".bin")
        binaries.mkdir()
        (binaries / "stroma").symlink_to(stroma)
        env = {k: v for k, v in os.environ.items() if not k.startswith("STROMA")}
        env |= {"PATH": f"{binaries}:{env['PATH']}", "TERM": "dumb", "LC_ALL": "C.UTF-8"}

        def block(match):
            nonlocal n
            if match["file"]:
                target = pathlib.Path(folder, match["file"])
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(match["text"])
                return match[0]
            shown = []
            for lines, want in commands(match["text"]):
                n += 1
                command = "\n".join(lines)[2:]
                code, got = run(command, folder, env)
                if code != 0:
                    wrong.append(f"{path.name}: {lines[0]}: exit code {code}: {got[-3:]}")
                if code != 0 or not matches(want, got):
                    if code == 0 and not accept:
                        wrong.append(f"{path.name}: {lines[0]}: other output:")
                        wrong.extend(difflib.unified_diff(want, got, "document", "program", lineterm=""))
                    if accept and code == 0:
                        want = [next((w for w in want if "..." in w and matches([w], [line])), line) for line in got]
                shown += lines + want
            return "```console\n" + "".join(line + "\n" for line in shown) + "```"

        def generated(match):
            nonlocal n
            n += 1
            now = generate(match[2], folder, env)
            if now != match[3] and not accept:
                wrong.append(f"{path.name}: {match[2]}: the generated part is not current")
            return match[1] + (now if accept else match[3]) + "<!-- end -->"

        changed = GENERATED.sub(generated, BLOCK.sub(block, text))
    if accept and changed != text:
        path.write_text(changed)
    return n, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    parser.add_argument("--accept", action="store_true", help="write what was printed into the documents")
    options = parser.parse_args()
    stroma = pathlib.Path(os.environ["STROMA"]).resolve()
    root = options.root.resolve()
    if not options.files:
        options.files = sorted(root.glob("*.md")) + sorted((root / "docs").rglob("*.md")) + sorted(
            root.glob("examples/*/*.md"))
    try:
        for end in pty.openpty():
            os.close(end)
    except OSError as reason:  # a container without /dev/pts: the commands need a terminal of their own
        print(f"1..0 # SKIP no pseudo-terminal here: {reason}")
        return 0
    print(f"1..{len(options.files)}")
    failed = False
    for i, path in enumerate(options.files, 1):
        n, wrong = check_file(path, root, stroma, options.accept)
        wrong += check_quotes(path, root, path.read_text()) + check_links(path, root, path.read_text())
        print(f"{'not ok' if wrong else 'ok'} {i} - {path.name}, {n} commands")
        for line in wrong:
            print("#", line)
        failed = failed or bool(wrong)
    return 1 if failed else 0


sys.exit(main())
