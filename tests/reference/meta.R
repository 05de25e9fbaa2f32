# SPDX-License-Identifier: GPL-3.0-or-later
# Writes meta.csv: what R says of the made-up studies below (the same counts stand in test_meta.c).
# Run in this folder: Rscript meta.R       R 4.2.2, metafor 3.8-1
suppressMessages(library(metafor))
options(digits = 17)
d <- data.frame(e1 = c(3, 0, 12, 5, 7, 1, 22, 4, 0, 9, 15), n1 = c(40, 22, 60, 31, 55, 18, 120, 36, 25, 44, 70),
                e2 = c(9, 2, 15, 14, 8, 6, 31, 4, 3, 21, 11), n2 = c(41, 20, 58, 30, 60, 20, 118, 35, 26, 45, 71))
out <- list()
put <- function(case, what, value) out[[length(out) + 1]] <<- data.frame(case, what, value = as.numeric(value))
tight <- list(threshold = 1e-14, maxiter = 10000)
for (measure in c("RR", "OR", "RD", "PLO")) {
  e <- if (measure == "PLO") escalc(measure = "PLO", xi = e1, ni = n1, data = d)
       else escalc(measure = measure, ai = e1, n1i = n1, ci = e2, n2i = n2, data = d)
  for (i in seq_len(nrow(d))) { put(measure, paste0("y", i - 1), e$yi[i]); put(measure, paste0("v", i - 1), e$vi[i]) }
  for (method in c("FE", "REML", "DL", "PM")) for (test in if (method == "FE") "z" else c("z", "knha")) {
    r <- if (method == "REML") rma(yi, vi, data = e, method = method, test = test, control = tight)
         else if (method == "PM") rma(yi, vi, data = e, method = method, test = test, control = list(tol = 1e-14, maxiter = 10000))
         else rma(yi, vi, data = e, method = method, test = test)
    k <- paste(measure, method, test)
    put(k, "b", r$b); put(k, "se", r$se); put(k, "lo", r$ci.lb); put(k, "hi", r$ci.ub); put(k, "p", r$pval)
    put(k, "Q", r$QE)
    if (method != "FE") { put(k, "tau2", r$tau2); put(k, "I2", r$I2 / 100); put(k, "H2", r$H2) }
    if (method == "REML") {
      put(k, "tau2 se", r$se.tau2); put(k, "ll", r$fit.stats["ll", "REML"])
      ci <- confint(r, control = list(tol = 1e-12, maxiter = 10000))$random
      put(k, "tau2 lo", ci["tau^2", 2]); put(k, "tau2 hi", ci["tau^2", 3])
      if (test == "knha") { p <- predict(r); put(k, "pi lo", p$pi.lb); put(k, "pi hi", p$pi.ub) }
    }
  }
  t <- regtest(e$yi, e$vi, model = "lm")
  put(measure, "egger", t$zval); put(measure, "egger p", t$pval)
}
# the binomial model, by integrate() and optim(): no quadrature of anybody's
ll <- function(par) sum(sapply(seq_len(nrow(d)), function(i) {
  f <- function(u) exp(dbinom(d$e1[i], d$n1[i], plogis(par[1] + abs(par[2]) * u), log = TRUE) + dnorm(u, log = TRUE))
  log(integrate(f, -12, 12, rel.tol = 1e-13, subdivisions = 2000)$value)
}))
o <- optim(c(-2, 0.5), ll, control = list(fnscale = -1, reltol = 1e-15, maxit = 5000))
o <- optim(o$par, ll, method = "BFGS", control = list(fnscale = -1, reltol = 1e-16), hessian = FALSE)
h <- optimHess(o$par, ll, control = list(ndeps = c(1e-3, 1e-3)))
put("binomial", "b", o$par[1]); put("binomial", "tau", abs(o$par[2])); put("binomial", "ll", o$value)
put("binomial", "se", sqrt(solve(-h)[1, 1]))
f <- glm(cbind(e1, n1 - e1) ~ 1, binomial, d)
put("binomial", "lrt", f$deviance)
at <- function(tau) 2 * (o$value - optimize(function(m) ll(c(m, tau)), c(-4, 0), maximum = TRUE, tol = 1e-10)$objective) - qchisq(0.95, 1)
put("binomial", "tau hi", uniroot(at, abs(o$par[2]) + c(0, 3), tol = 1e-9)$root)
if (at(0) > 0) put("binomial", "tau lo", uniroot(at, c(0, abs(o$par[2])), tol = 1e-9)$root)
# arms without an event and a wide spread: the integrands are cut off on one side; a dense sum instead
z <- data.frame(e = c(0, 0, 6, 1, 0, 9, 0), n = c(10, 12, 11, 14, 60, 10, 400))
lz <- function(par) sum(sapply(seq_len(nrow(z)), function(i) {
  u <- seq(-14, 14, by = 2e-4)
  v <- dbinom(z$e[i], z$n[i], plogis(par[1] + abs(par[2]) * u), log = TRUE) + dnorm(u, log = TRUE)
  max(v) + log(sum(exp(v - max(v))) * 2e-4)
}))
o <- optim(c(-3, 3), lz, control = list(fnscale = -1, reltol = 1e-15, maxit = 5000))
o <- optim(o$par, lz, method = "BFGS", control = list(fnscale = -1, reltol = 1e-16))
for (i in 1:4) { # Newton on numerical derivatives
  e <- 1e-3 * diag(2)
  g <- sapply(1:2, function(k) (8 * (lz(o$par + e[k, ]) - lz(o$par - e[k, ])) - (lz(o$par + 2 * e[k, ]) - lz(o$par - 2 * e[k, ]))) / 12e-3)
  o$par <- o$par - solve(optimHess(o$par, lz, control = list(ndeps = c(1e-3, 1e-3))), g)
}
o$value <- lz(o$par)
put("zeros", "b", o$par[1]); put("zeros", "tau", abs(o$par[2])); put("zeros", "ll", o$value)
put("zeros", "se", sqrt(solve(-optimHess(o$par, lz, control = list(ndeps = c(1e-3, 1e-3))))[1, 1]))
if (requireNamespace("lme4", quietly = TRUE)) {
  d$study <- factor(seq_len(nrow(d)))
  g <- lme4::glmer(cbind(e1, n1 - e1) ~ 1 + (1 | study), d, binomial, nAGQ = 25)
  put("lme4", "b", lme4::fixef(g)); put("lme4", "tau", g@theta); put("lme4", "se", sqrt(vcov(g)[1, 1]))
}
r <- do.call(rbind, out)
r <- r[!is.na(r$value), ]
con <- file("meta.csv", "w")
writeLines(c("# Made by meta.R: R 4.2.2, metafor 3.8-1. Tolerances stand in test_meta.c.", "case,what,value"), con)
writeLines(sprintf("%s,%s,%.17g", r$case, r$what, r$value), con)
close(con)
