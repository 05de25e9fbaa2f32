# SPDX-License-Identifier: GPL-3.0-or-later
# The front door; the build itself is Meson's.
PREFIX ?= /usr/local
DESTDIR ?=
BUILD := build/release
EXAMPLES := ra-trial crohn-case
.PHONY: help demo build test lint bench install clean

help:
	@echo "make demo      build stroma, run the examples into out/, say where the reports are"
	@echo "make test      build with gcc and with clang's sanitizers, run all tests"
	@echo "make lint      clang-tidy over all sources"
	@echo "make bench     measure speed"
	@echo "make install   install below PREFIX ($(PREFIX)), staged below DESTDIR"
	@echo "make clean     remove build/ and out/"

build:
	@tools/setup_debian.sh build
	@test -f $(BUILD)/build.ninja || meson setup $(BUILD) --buildtype=release --prefix=$(PREFIX) -Dtests=disabled
	@ninja -C $(BUILD)

demo: build
	@set -e; for name in $(EXAMPLES); do \
	    $(BUILD)/src/cli/stroma run examples/$$name/study.yaml -o out/$$name --force; \
	    echo "report: out/$$name/report.html"; \
	done

test:
	@tools/setup_debian.sh test
	@tools/ci_test.sh

lint:
	@tools/setup_debian.sh test
	@test -f build/gcc/build.ninja || meson setup build/gcc --werror
	@ninja -C build/gcc
	@tools/check_format.sh . ; format=$$?; tools/run_clang_tidy.sh build/gcc && exit $$format

bench: build
	@meson test -C $(BUILD) --benchmark --verbose

install: build
	@meson configure $(BUILD) --prefix=$(PREFIX)
	@DESTDIR=$(DESTDIR) meson install -C $(BUILD)

clean:
	@rm -rf build out
