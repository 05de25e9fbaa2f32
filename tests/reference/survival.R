# SPDX-License-Identifier: GPL-3.0-or-later
# Writes survival_small.csv (simulated subjects) and survival.csv (what R says of them).
# Run in this folder: Rscript survival.R       R 4.2.2, survival 3.5-3, cmprsk 2.2-11
library(survival)
options(digits = 17)
set.seed(20261129)
n <- 60
d <- data.frame(id = rep(1:30, 2), arm = rep(c("a", "b", "c"), 20), x = round(rnorm(n), 2),
                z = rbinom(n, 1, 0.5), site = rep(1:4, 15))
d$stop <- ceiling(rexp(n, 0.1 * exp(0.5 * d$x + 0.4 * (d$arm == "b"))))
d$start <- pmax(0, d$stop - sample(1:12, n, TRUE))
d$cause <- sample(0:2, n, TRUE, c(0.35, 0.45, 0.2))
d$status <- as.integer(d$cause > 0)
write.csv(d, "survival_small.csv", row.names = FALSE, quote = FALSE)
out <- list()
put <- function(case, what, value) out[[length(out) + 1]] <<- data.frame(case, what, value = value)

km <- function(case, fit, times, horizon) {
  s <- summary(fit, times = times, extend = FALSE)
  for (i in seq_along(s$time)) {
    k <- paste0(s$strata[i], "@", s$time[i])
    k <- sub("arm=", "", k)
    put(case, paste0(k, " n"), s$n.risk[i]); put(case, paste0(k, " s"), s$surv[i])
    put(case, paste0(k, " se"), s$std.err[i]); put(case, paste0(k, " lo"), s$lower[i])
    put(case, paste0(k, " hi"), s$upper[i])
  }
  q <- quantile(fit, c(0.25, 0.5, 0.75))
  for (g in seq_len(nrow(q$quantile))) for (p in 1:3) {
    k <- paste0(c("a", "b", "c")[g], " q", c(25, 50, 75)[p])
    put(case, k, q$quantile[g, p]); put(case, paste(k, "lo"), q$lower[g, p])
    put(case, paste(k, "hi"), q$upper[g, p])
  }
  m <- survival:::survmean(fit, rmean = horizon)$matrix
  for (g in 1:3) {
    put(case, paste0(c("a", "b", "c")[g], " rmst"), m[g, "rmean"])
    put(case, paste0(c("a", "b", "c")[g], " rmst se"), m[g, "se(rmean)"])
  }
}
km("km loglog", survfit(Surv(stop, status) ~ arm, d, conf.type = "log-log"), c(3, 7.5, 12), 15)
km("km log", survfit(Surv(stop, status) ~ arm, d, conf.type = "log"), c(3, 7.5, 12), 15)
km("km plain", survfit(Surv(stop, status) ~ arm, d, conf.type = "plain"), c(3, 7.5, 12), 15)
late <- survfit(Surv(start, stop, status) ~ 1, d, conf.type = "log-log")
s <- summary(late, times = c(2, 5, 11))
for (i in 1:3) {
  put("late", paste0("@", s$time[i], " n"), late$n.risk[match(s$time[i], late$time)])
  put("late", paste0("@", s$time[i], " s"), s$surv[i]); put("late", paste0("@", s$time[i], " se"), s$std.err[i])
}

for (rho in c(0, 1, 0.5)) {
  t <- survdiff(Surv(stop, status) ~ arm, d, rho = rho)
  put(paste("test", rho), "chi2", t$chisq)
  for (g in 1:3) { put(paste("test", rho), paste0("o", g - 1), t$obs[g]); put(paste("test", rho), paste0("e", g - 1), t$exp[g]) }
  put(paste("strata test", rho), "chi2", survdiff(Surv(stop, status) ~ arm + strata(site), d, rho = rho)$chisq)
}

cox <- function(case, f) {
  s <- summary(f)
  for (i in seq_along(coef(f))) {
    put(case, paste0("b", i - 1), coef(f)[i]); put(case, paste0("v", i - 1), if (is.null(f$naive.var)) f$var[i, i] else f$naive.var[i, i])
    put(case, paste0("se", i - 1), sqrt(f$var[i, i]))
  }
  put(case, "ll0", f$loglik[1]); put(case, "ll1", f$loglik[2]); put(case, "score", f$score)
  w <- drop(coef(f) %*% solve(f$var) %*% coef(f))
  put(case, "wald", w)
  put(case, "c", s$concordance[1]); put(case, "c se", s$concordance[2])
}
zph <- function(case, f, clocks = c("km", "identity", "log", "rank")) for (g in clocks) {
  z <- cox.zph(f, transform = g)
  for (i in seq_len(nrow(z$table))) put(case, paste0("zph ", g, i - 1), z$table[i, 1])
}
base <- function(case, f, nd, times) {
  b <- survfit(f, newdata = nd, conf.type = "log-log")
  s <- summary(b, times = times)
  for (i in seq_along(times)) {
    put(case, paste0("S", i - 1), s$surv[i]); put(case, paste0("S", i - 1, " se"), s$std.err[i] )
    put(case, paste0("S", i - 1, " lo"), s$lower[i]); put(case, paste0("S", i - 1, " hi"), s$upper[i])
  }
}
tight <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 60)
nd <- data.frame(arm = "b", x = 0.7, z = 1)
for (ties in c("efron", "breslow")) {
  f <- coxph(Surv(stop, status) ~ arm + x + z, d, ties = ties, control = tight)
  cox(ties, f); zph(ties, f); base(ties, f, nd, c(3, 8, 14))
  f <- coxph(Surv(start, stop, status) ~ arm + x + z, d, ties = ties, control = tight)
  cox(paste(ties, "late"), f); zph(paste(ties, "late"), f); base(paste(ties, "late"), f, nd, c(3, 8, 14))
  f <- coxph(Surv(stop, status) ~ arm + x + z + strata(site), d, ties = ties, control = tight)
  cox(paste(ties, "strata"), f); zph(paste(ties, "strata"), f, c("km", "identity"))
  f <- coxph(Surv(start, stop, status) ~ arm + x + z + strata(site) + cluster(id), d, ties = ties, control = tight)
  cox(paste(ties, "all"), f)
  f <- coxph(Surv(stop, status) ~ arm + x + z + cluster(id), d, ties = ties, control = tight)
  cox(paste(ties, "cluster"), f)
}
f <- coxph(Surv(stop, status) ~ arm + x + z, d, control = tight)
put("efron", "wald arm", drop(coef(f)[1:2] %*% solve(f$var[1:2, 1:2]) %*% coef(f)[1:2]))
# profile limits of x: where the profile likelihood falls by qchisq(0.95, 1) / 2
f <- coxph(Surv(stop, status) ~ arm + x + z, d, control = tight)
drop <- function(b) 2 * (f$loglik[2] - coxph(Surv(stop, status) ~ arm + z + offset(b * x), d, control = tight)$loglik[2]) - qchisq(0.95, 1)
put("profile", "lo", uniroot(drop, coef(f)["x"] - c(3, 0), tol = 1e-12)$root)
put("profile", "hi", uniroot(drop, coef(f)["x"] + c(0, 3), tol = 1e-12)$root)

# Firth: maximise l(b) + log det I(b) / 2 with R's own l and I at fixed b
firth <- function(formula, data, ties, p) {
  at <- function(b) {
    g <- coxph(formula, data, init = b, control = coxph.control(iter.max = 0), ties = ties)
    g$loglik[2] - log(det(g$var)) / 2
  }
  o <- optim(rep(0, p), at, method = "BFGS", control = list(fnscale = -1, reltol = 1e-16, maxit = 1000))
  o <- optim(o$par, at, method = "Nelder-Mead", control = list(fnscale = -1, reltol = 1e-16, maxit = 5000))
  list(b = o$par, l = o$value, l0 = at(rep(0, p)))
}
for (ties in c("efron", "breslow")) {
  g <- firth(Surv(stop, status) ~ x + z, d, ties, 2)
  put(paste("firth", ties), "b0", g$b[1]); put(paste("firth", ties), "b1", g$b[2])
  put(paste("firth", ties), "lr", 2 * (g$l - g$l0))
}
# nobody with z = 1 fails
dm <- d; dm$status[dm$z == 1] <- 0
g <- firth(Surv(stop, status) ~ x + z, dm, "efron", 2)
put("firth monotone", "b0", g$b[1]); put("firth monotone", "b1", g$b[2]); put("firth monotone", "lr", 2 * (g$l - g$l0))

fc <- factor(d$cause, 0:2, c("cens", "one", "two"))
ci <- survfit(Surv(stop, fc) ~ arm, d, conf.type = "log-log")
s <- summary(ci, times = c(3, 7.5, 12))
for (i in seq_along(s$time)) {
  k <- paste0(sub("arm=", "", s$strata[i]), "@", s$time[i])
  put("cuminc", paste(k, "p"), s$pstate[i, 2]); put("cuminc", paste(k, "se"), s$std.err[i, 2])
  put("cuminc", paste(k, "lo"), s$lower[i, 2]); put("cuminc", paste(k, "hi"), s$upper[i, 2])
}
if (requireNamespace("cmprsk", quietly = TRUE)) {
  g <- cmprsk::cuminc(d$stop, d$cause, d$arm)
  put("gray", "1", g$Tests[1, 1]); put("gray", "2", g$Tests[2, 1])
  g <- cmprsk::cuminc(d$stop, d$cause, d$arm, strata = d$site)
  put("gray strata", "1", g$Tests[1, 1]); put("gray strata", "2", g$Tests[2, 1])
}

# AUC(t) by inverse probability of censoring, its variance from numerical derivatives in the weights
auc <- function(w, t, late = FALSE) {
  o <- order(d$stop); u <- sort(unique(d$stop[d$cause == 0]))
  G <- function(at, left) { # events before censorings at the same time
    k <- if (left) u < at else u <= at
    p <- 1
    for (v in u[k]) p <- p * (1 - sum(w[d$stop == v & d$cause == 0]) / sum(w[d$stop > v | (d$stop == v & d$cause == 0)]))
    p
  }
  case <- d$stop <= t & d$cause == 1
  W <- w * case / sapply(d$stop, G, TRUE)
  V <- w * (d$stop > t) / G(t, FALSE)
  if (late) V <- V + w * (d$stop <= t & d$cause == 2) / sapply(d$stop, G, TRUE)
  h <- outer(d$x, d$x, ">") + outer(d$x, d$x, "==") / 2
  sum(W %o% V * h) / (sum(W) * sum(V))
}
for (late in c(FALSE, TRUE)) for (t in c(4, 9)) {
  w <- rep(1, n); a <- auc(w, t, late); e <- 1e-5
  inf <- sapply(1:n, function(i) { p <- w; q <- w; p[i] <- 1 + e; q[i] <- 1 - e; (auc(p, t, late) - auc(q, t, late)) / (2 * e) })
  k <- paste0(if (late) "other " else "", "auc", t)
  put("time roc", k, a); put("time roc", paste(k, "se"), sqrt(sum(inf^2)))
}
r <- do.call(rbind, out)
r <- r[!is.na(r$value), ]
con <- file("survival.csv", "w")
writeLines(c("# Made by survival.R: R 4.2.2, survival 3.5-3, cmprsk 2.2-11. Tolerances stand in test_survival.c and test_cox.c.", "case,what,value"), con)
writeLines(sprintf("%s,%s,%.17g", r$case, r$what, r$value), con)
close(con)
