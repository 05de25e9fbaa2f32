#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times bench_survival against R's survival on the same subjects, and prints the ratios.

usage: bench_survival.py BENCH_SURVIVAL [SUBJECTS]      without Rscript or its survival: our times alone"""
import shutil
import subprocess
import sys
import tempfile

PEER = """
suppressMessages(library(survival)); d <- read.csv(commandArgs(TRUE)[1])
s <- function(what, f) { t <- system.time(r <- f())[["elapsed"]]; cat(what, t, "s\\n"); invisible(r) }
a <- s("survfit", function() survfit(Surv(time, dead) ~ sex, d, conf.type = "log-log"))
b <- s("survdiff", function() survdiff(Surv(time, dead) ~ sex, d))
m <- s("coxph", function() coxph(Surv(time, dead) ~ sex + age + score, d))
z <- s("cox.zph", function() cox.zph(m))
cat("chi2", format(b$chisq, digits = 10), "coefficients", format(coef(m), digits = 9), "\\n")
"""


def times(text):
    return {w[0]: float(w[1]) for line in text.splitlines() if len(w := line.split()) == 3 and w[2] == "s"}


def main(program, subjects="228000"):
    with tempfile.NamedTemporaryFile(suffix=".csv") as f:
        ours = subprocess.run([program, subjects, f.name], check=True, capture_output=True, text=True).stdout
        print(ours, end="")
        if shutil.which("Rscript") is None:
            print("no Rscript here: no ratio")
            return 0
        peer = subprocess.run(["Rscript", "-e", PEER, f.name], capture_output=True, text=True)
        if peer.returncode != 0:
            print("R has no survival here: no ratio")
            return 0
    print("R survival:")
    print(peer.stdout, end="")
    mine, theirs = times(ours), times(peer.stdout)
    theirs["survdiff+coxph"] = theirs["survdiff"] + theirs["coxph"]
    for what in mine:
        print(f"ratio {what}: {theirs[what] / mine[what]:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
