#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# usage: check_mpi.sh STROMA STROMA_MPI|none
# A screen split over 1, 2 and 4 processes gives the bytes of one process without MPI; a failure is told
# once, and ends all of them. Skipped (77) without stroma-mpi or mpirun.
set -euo pipefail
stroma=$1 mpi=$2
[ "$mpi" != none ] || { echo "no stroma-mpi in this build (no MPI, or a sanitizer)" >&2; exit 77; }
command -v mpirun >/dev/null || { echo "no mpirun on this machine" >&2; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
awk 'BEGIN {
    printf "id,response,plate"; for (k = 1; k <= 40; k++) printf ",m%d", k; print ""
    for (i = 0; i < 41; i++) {
        printf "%d,%s,%s", i, i % 3 == 0 ? "yes" : "no", i % 2 ? "a" : "b"
        for (k = 1; k <= 40; k++) printf ",%s", (i * k) % 17 == 3 ? "NA" : sin(i * 97.3 + k * k * 13.7)
        print ""
    }
}' >"$folder/data.csv"

run() { mpirun --oversubscribe --allow-run-as-root -n "$1" "$mpi" biomarker screen "${@:2}"; }
options=("$folder/data.csv" --subject id --outcome response --event yes --permutations 1001 --format json)
for more in '' '--batch plate' '--statistic t'; do
    # shellcheck disable=SC2086
    "$stroma" biomarker screen "${options[@]}" $more >"$folder/one" 2>"$folder/one.err"
    for n in 1 2 4; do
        # shellcheck disable=SC2086
        run $n "${options[@]}" $more >"$folder/many" 2>"$folder/many.err"
        cmp "$folder/one" "$folder/many" || { echo "$n processes differ ($more)"; exit 1; }
        cmp "$folder/one.err" "$folder/many.err" || { echo "$n processes say something else"; exit 1; }
    done
done
if run 2 "${options[@]}" --arm nothing >"$folder/out" 2>"$folder/err"; then
    echo "a failure was success"; exit 1
fi
[ "$(grep -c '^stroma: error' "$folder/err")" = 1 ] || { echo "the error is not told once"; exit 1; }
echo "the same bytes for 1, 2 and 4 processes"
