#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every command has its man page, and every option of the command table stands in it.

usage: check_man_options.py STROMA FOLDER_OF_BUILT_PAGES"""
import json
import pathlib
import re
import subprocess
import sys


def plain(page: str) -> str:
    """roff without fonts and escapes."""
    page = re.sub(r"\\f[BIRP]", "", page)
    return page.replace("\\-", "-").replace("\\&", "").replace("\\(en", "-")


def main(stroma: str, folder: str) -> int:
    table = json.loads(subprocess.run([stroma, "help", "--json"], capture_output=True, text=True, check=True).stdout)
    bad = 0
    for command in table["commands"]:
        path = pathlib.Path(folder, f"stroma-{command['noun']}.1")
        if not path.exists():
            print(f"{path.name} is missing: add the noun to docs/man/meson.build")
            bad = 1
            continue
        text = plain(path.read_text(encoding="utf-8"))
        for option in command["options"] + table["global_options"]:
            if not re.search(rf"--{re.escape(option['name'])}(?![\w-])", text):
                print(f"{path.name}: option --{option['name']} is not described")
                bad = 1
            if option["letter"] and not re.search(rf"(?<![\w-])-{option['letter']}(?![\w-])", text):
                print(f"{path.name}: option -{option['letter']} is not described")
                bad = 1
        if command["verb"] and command["verb"] not in text:
            print(f"{path.name}: {command['verb']} is not described")
            bad = 1
    return bad


sys.exit(main(*sys.argv[1:]))
