#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make examples/ra-trial/data again and compare it byte for byte with what is committed."""
import pathlib
import subprocess
import sys
import tempfile


def main(generator: str, readme: str) -> int:
    committed = pathlib.Path(readme).parent / "data"
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([generator, folder], check=True)
        made = {p.name: p.read_bytes() for p in pathlib.Path(folder).iterdir()}
    have = {p.name: p.read_bytes() for p in committed.glob("*.csv")}
    bad = sorted(made.keys() ^ have.keys())
    for name in bad:
        print(f"{name}: {'not committed' if name in made else 'no longer made'}")
    for name in sorted(made.keys() & have.keys()):
        if made[name] != have[name]:
            bad.append(name)
            print(f"{name}: differs from what the generator writes; run {generator} {committed}")
    print(f"{len(made)} files made, {len(bad)} differ")
    return 1 if bad or not made else 0


sys.exit(main(*sys.argv[1:]))
