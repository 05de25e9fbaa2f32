#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# usage: run_clang_tidy.sh BUILD [FILE…]     all sources of src/ when no file is named
set -eu
build=$1; shift
jobs=$(nproc)
if [ $# -eq 0 ]; then
    git ls-files -z -- 'src/*.c' | xargs -0 -n 4 -P "$jobs" clang-tidy -p "$build" --quiet --extra-arg=-Wno-unknown-warning-option
else
    clang-tidy -p "$build" --quiet --extra-arg=-Wno-unknown-warning-option "$@"
fi
