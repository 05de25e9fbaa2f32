#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# usage: check_format.sh ROOT
# The sources are as clang-format 14 leaves them (other versions differ). 77 = skipped.
set -eu
cd "$1"
tool=$(command -v clang-format-14 || command -v clang-format || true)
if [ -z "$tool" ]; then echo "clang-format is not installed"; exit 77; fi
case $("$tool" --version) in *"version 14."*) ;; *) echo "$("$tool" --version) is not version 14"; exit 77 ;; esac
git rev-parse --git-dir >/dev/null 2>&1 || { echo "not a git checkout"; exit 77; }
git ls-files -z -- '*.c' '*.h' | xargs -0 "$tool" --dry-run -Werror
