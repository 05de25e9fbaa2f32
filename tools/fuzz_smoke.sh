#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# usage: fuzz_smoke.sh FUZZER CORPUS [libFuzzer options]
# libFuzzer writes what it finds into the first folder it is given: give it a scratch one.
set -eu
fuzzer=$1; corpus=$2; shift 2
scratch=$(mktemp -d); trap 'rm -rf "$scratch"' EXIT
"$fuzzer" "$@" -artifact_prefix="$PWD/" "$scratch" "$corpus"
