# SPDX-License-Identifier: GPL-3.0-or-later
# The front door; the build itself is Meson's.
PREFIX ?= /usr/local
DESTDIR ?=
BUILD := build/release
STROMA := $(BUILD)/src/cli/stroma
EXAMPLES := ra-trial crohn-case ra-ifng-published
.PHONY: help demo build test test-long lint bench install clean

help:
	@echo "make demo      build stroma, run the examples into out/, say where the reports are"
	@echo "make test      build with gcc and with clang's sanitizers, run all tests"
	@echo "make test-long the simulations of 10,000 data sets, which take minutes"
	@echo "make lint      clang-format and clang-tidy over all sources"
	@echo "make bench     measure speed"
	@echo "make install   install below PREFIX ($(PREFIX)), staged below DESTDIR"
	@echo "make clean     remove build/ and out/"
	@echo
	@echo "demo and test install the Debian packages that are missing, and say which."

build:
	@tools/setup_debian.sh build
	@tools/build_release.sh $(BUILD) $(PREFIX)

demo: build
	@set -e; for name in $(EXAMPLES); do \
	    echo; $(STROMA) run examples/$$name/study.yaml -o out/$$name; \
	done
	@tools/demo_end.sh $(STROMA) $(EXAMPLES)

test:
	@tools/setup_debian.sh test
	@tools/ci_test.sh

test-long:
	@tools/setup_debian.sh test
	@test -f build/gcc/build.ninja || CC=gcc CXX=g++ meson setup build/gcc --werror -Dtests=enabled
	@meson test -C build/gcc --setup long --suite long --verbose

lint:
	@tools/setup_debian.sh lint
	@test -f build/gcc/build.ninja || meson setup build/gcc --werror -Dtests=enabled
	@ninja -C build/gcc
	@tools/check_format.sh . ; format=$$?; tools/run_clang_tidy.sh build/gcc && exit $$format

bench: build
	@meson test -C $(BUILD) --benchmark --verbose

install: build
	@DESTDIR=$(DESTDIR) meson install -C $(BUILD) --no-rebuild
	@if [ -z "$(DESTDIR)" ] && [ "$$(id -u)" -eq 0 ]; then ldconfig; fi

clean:
	@rm -rf build out
