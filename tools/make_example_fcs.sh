#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# usage: make_example_fcs.sh GENERATOR EXAMPLE STAMP
# The files of events of examples/ra-trial, where they are not there or older than what makes them: they
# are not committed. truth.tsv is written last; each file is renamed into place, so that two builds may
# do it at once.
set -euo pipefail
generator=$1 example=$2 stamp=$3
made=$example/data/fcs/truth.tsv
if [ ! -f "$made" ] || [ "$generator" -nt "$made" ] || [ "$example/data/cells.csv" -nt "$made" ]; then
    "$generator" "$example/data/fcs" "$example/data/cells.csv"
fi
touch "$stamp"
