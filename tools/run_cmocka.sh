#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# usage: run_cmocka.sh PROGRAM
# cmocka calls a skipped test "not ok 2 # SKIP name", which readers of TAP count as a failure.
set -o pipefail
"$@" | sed -u -E 's/^not ok ([0-9]+) # SKIP (.*)$/ok \1 - \2 # SKIP/'
