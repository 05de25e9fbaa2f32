#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# usage: setup_debian.sh build|test|lint
# Install the Debian packages that are missing; nothing is asked, and nothing is done (nor is the
# network needed) when all are there. `build` is what the program and the demo need, `test` adds what
# the tests need, `lint` what the linter needs.
set -euo pipefail

build=(gcc g++ make meson ninja-build pkg-config python3 libgsl-dev r-mathlib libreadstat-dev libcsv-dev
    libjansson-dev libxml2-dev libsodium-dev libsqlite3-dev libxlsxwriter-dev libopenblas-dev liblapacke-dev libyaml-dev
    libseccomp-dev zlib1g-dev scdoc)
tests=(clang libclang-rt-14-dev clang-format libcmocka-dev chromium fonts-dejavu-core git libopenmpi-dev openmpi-bin)

case ${1:-build} in
    build) wanted=("${build[@]}") ;;
    test) wanted=("${build[@]}" "${tests[@]}") ;;
    lint) wanted=("${build[@]}" "${tests[@]}" clang-tidy) ;;
    *) echo "usage: $0 build|test|lint" >&2; exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "setup: this is not Debian; it needs the like of: ${wanted[*]} nodejs npm" >&2
    exit 0
fi

missing=()
for package in "${wanted[@]}"; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing+=("$package")
done
# Node may come from elsewhere: only where there is none.
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "setup: missing packages; as root: apt-get install --no-install-recommends ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
echo "setup: installing ${missing[*]}" >&2
apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
        -o Dpkg::Use-Pty=0 "$@" </dev/null >&2
}
apt update
apt install --no-install-recommends "${missing[@]}"
