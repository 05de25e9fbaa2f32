#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Build twice (gcc with warnings as errors; clang with address and undefined sanitizers and fuzzing),
# run all tests of both, and close with one line "N passed, N failed, N skipped".
set -uo pipefail
cd "$(dirname "$0")/.."

no_build() {
    echo "failed: the build in $1"
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
}
configure() { # BUILD [meson options]
    local build=$1; shift
    [ -f "$build/build.ninja" ] || meson setup "$build" "$@" || { rm -rf "$build"; return 1; }
}
CC=gcc CXX=g++ configure build/gcc --werror -Dtests=enabled || no_build build/gcc
CC=clang CXX=clang++ configure build/asan --werror -Dtests=enabled \
    -Db_sanitize=address,undefined -Db_lundef=false -Dfuzzing=true || no_build build/asan
quiet=(--quiet)
[ -t 1 ] && quiet=()
ninja -C build/gcc "${quiet[@]}" || no_build build/gcc
ninja -C build/asan "${quiet[@]}" || no_build build/asan

export UBSAN_OPTIONS=${UBSAN_OPTIONS:-halt_on_error=1:print_stacktrace=1}
logs=()
for build in build/gcc build/asan; do
    rm -f "$build"/meson-logs/testlog.*
    meson test -C "$build" --no-rebuild --print-errorlogs --num-processes "$(nproc)" || true # counted below
    logs+=("$build/meson-logs/testlog.junit.xml")
done
python3 tools/ci_count.py "${logs[@]}"
