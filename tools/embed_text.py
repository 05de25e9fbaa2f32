#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turn a text file into a C header with one character array.  usage: embed_text.py NAME INPUT OUTPUT"""
import pathlib
import sys

name, source, target = sys.argv[1:]
lines = [l for l in pathlib.Path(source).read_text(encoding="utf-8").splitlines(keepends=True) if not l.startswith("--")]
data = "".join(lines).encode() + b"\0"
rows = (",".join(map(str, data[i:i + 24])) for i in range(0, len(data), 24))
body = ",\n    ".join(rows)
pathlib.Path(target).write_text(
    f"/* SPDX-License-Identifier: GPL-3.0-or-later */\n/* Made by tools/embed_text.py. */\n"
    f"static const unsigned char {name}[] = {{\n    {body}\n}};\n", encoding="utf-8")
