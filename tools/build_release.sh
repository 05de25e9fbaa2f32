#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# usage: build_release.sh BUILD PREFIX
# The program as it is installed, without the tests, and the generated files of examples/ra-trial. Says
# little where nobody watches.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1 prefix=$2
quiet=(--quiet)
[ -t 1 ] && quiet=()
if [ ! -f "$build/build.ninja" ]; then
    echo "stroma: building in $build; the first time takes a few minutes"
    mkdir -p build
    if ! meson setup "$build" --buildtype=release --prefix="$prefix" --libdir=lib -Dtests=disabled >build/setup.log 2>&1; then
        cat build/setup.log >&2
        rm -rf "$build"
        exit 1
    fi
elif [ "$(meson introspect "$build" --buildoptions |
    python3 -c 'import json, sys; print(*[o["value"] for o in json.load(sys.stdin) if o["name"] == "prefix"])')" \
    != "$prefix" ]; then
    meson configure "$build" --prefix="$prefix"
fi
ninja -C "$build" "${quiet[@]}"
generator=$build/tools/make_ra_fcs
made=examples/ra-trial/data/fcs/truth.tsv # written last
if [ ! -f "$made" ] || [ "$generator" -nt "$made" ] || [ examples/ra-trial/data/cells.csv -nt "$made" ]; then
    "$generator"
fi
