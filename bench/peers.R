# SPDX-License-Identifier: GPL-3.0-or-later
# What bench_peers compares with: reads the files it wrote into FOLDER and prints "NAME SECONDS RESULT" a
# line, or "NAME missing PACKAGE". Reading and loading are not timed.
# usage: Rscript peers.R FOLDER
folder <- commandArgs(TRUE)[1]
file <- function(name) read.csv(file.path(folder, paste0(name, ".csv")))
best <- function(times, f) {
  took <- Inf
  for (k in seq_len(times)) { gc(FALSE); t <- system.time(r <- f())[["elapsed"]]; took <- min(took, t) }
  list(took, r)
}
report <- function(name, package, times, make) {
  if (package != "" && !suppressWarnings(suppressPackageStartupMessages(require(package, character.only = TRUE, quietly = TRUE)))) {
    cat(name, "missing", paste0("r-cran-", tolower(package)), "\n")
    return(invisible())
  }
  b <- best(times, make())
  cat(sprintf("%s %.4f %.10g\n", name, b[[1]], b[[2]]))
}

report("screen", "", 3, function() {
  d <- file("screen"); y <- d$event; x <- as.matrix(d[, -1]); n <- length(y)
  function() { # step-down maxT of standardised rank sums by one matrix product
    s <- apply(x, 2, function(c) { r <- rank(c); r <- r - mean(r); r / sqrt(sum(r^2)) })
    s <- s * sqrt((n - 1) / (sum(y) * (n - sum(y)) / n))
    set.seed(1)
    z <- abs(crossprod(s, replicate(10000, sample(y))))
    z0 <- abs(drop(crossprod(s, y))); order <- order(-z0); top <- rep(0, 10000); p <- numeric(length(z0))
    for (k in rev(order)) { top <- pmax(top, z[k, ]); p[k] <- (1 + sum(top >= z0[k] * (1 - 1e-10))) / 10001 }
    p[order] <- cummax(p[order])
    min(p)
  }
})
report("auc_bootstrap", "pROC", 2, function() {
  d <- file("auc"); r <- roc(d$event, d$value, direction = "<", quiet = TRUE)
  function() { set.seed(1); ci.auc(r, method = "bootstrap", boot.n = 2000, progress = "none")[1] }
})
report("wilcoxon_exact", "coin", 2, function() {
  d <- file("wilcoxon"); d$event <- factor(d$event, levels = c(1, 0))
  function() { # ten tests
    for (k in 1:10) p <- pvalue(wilcox_test(value ~ event, d, distribution = "exact"))
    as.numeric(p)
  }
})
report("mmrm_fit", "nlme", 1, function() {
  d <- file("mmrm"); d$visit <- factor(d$visit); d$at <- as.integer(d$visit)
  function() -2 * as.numeric(logLik(gls(y ~ (baseline + arm) * visit, d, method = "REML",
    correlation = corSymm(form = ~ at | subject), weights = varIdent(form = ~ 1 | visit))))
})
report("lasso_path", "glmnet", 3, function() {
  d <- file("lasso"); x <- as.matrix(d[, -1]); y <- d$event
  function() { g <- glmnet(x, y, family = "binomial", nlambda = 100, lambda.min.ratio = 1e-2, thresh = 1e-9)
    max(g$df) }
})
