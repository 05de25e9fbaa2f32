#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Stands in for stroma-readstat.
exec sleep 60
