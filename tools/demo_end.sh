#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# usage: demo_end.sh STROMA EXAMPLE…     what to look at after `make demo`, and what to try next
set -euo pipefail
stroma=$1; shift
echo
echo "Open a report in a browser (it needs no network):"
for name in "$@"; do echo "  $PWD/out/$name/report.html"; done
echo
echo "Then try, from this folder:"
row() { printf '  %-34s %s\n' "$1" "$2"; }
row "where a number comes from" "$stroma trace out/ra-trial/study.db --subject 017 --visit W12 --param DAS28ESR"
row "what the checks of the data find" "$stroma check examples/ra-trial/study.yaml"
row "that nothing has changed since" "$stroma verify out/ra-trial"
row "everything else" "$stroma help"
