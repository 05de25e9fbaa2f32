# SPDX-License-Identifier: GPL-3.0-or-later
# Step-down maxT and minP over all arrangements of the outcome, by plain loops: what screen.csv holds.
# usage: Rscript screen.R FOLDER_OF_THIS_FILE [DATA_ROOT] > screen.csv
args <- commandArgs(TRUE)
here <- args[1]

wilcoxon_z <- function(x, y) { # on the measured subjects, tie-corrected
  ok <- !is.na(x); x <- x[ok]; y <- y[ok]; m <- length(x); n1 <- sum(y)
  if (n1 == 0 || n1 == m) return(0)
  r <- rank(x); s <- r - mean(r)
  sum(s * y) / sqrt(n1 * (m - n1) / (m * (m - 1)) * sum(s^2))
}
van_elteren_z <- function(x, y, block) {
  t <- 0; v <- 0
  for (b in unique(block)) {
    ok <- block == b & !is.na(x); m <- sum(ok); n1 <- sum(y[ok])
    if (m < 2) next
    s <- rank(x[ok]); s <- s - mean(s); w <- 1 / (m + 1)
    t <- t + w * sum(s * y[ok]); v <- v + w^2 * n1 * (m - n1) / (m * (m - 1)) * sum(s^2)
  }
  if (v > 1e-12) t / sqrt(v) else 0
}
welch_t <- function(x, y) {
  ok <- !is.na(x); a <- x[ok & y == 1]; b <- x[ok & y == 0]
  if (length(a) < 2 || length(b) < 2) return(0)
  v <- var(a) / length(a) + var(b) / length(b)
  if (v < 1e-14) 0 else (mean(a) - mean(b)) / sqrt(v)
}
mean_z <- function(x, y, block) { # block-centred values over their permutation standard deviation
  t <- 0; v <- 0
  for (b in unique(block)) {
    ok <- block == b & !is.na(x); m <- sum(ok); n1 <- sum(y[ok])
    if (m < 2) next
    s <- x[ok] - mean(x[ok])
    t <- t + sum(s * y[ok]); v <- v + n1 * (m - n1) / (m * (m - 1)) * sum(s^2)
  }
  if (v > 1e-12) t / sqrt(v) else 0
}
arrangements <- function(y, block) { # rows: all labellings with the blocks' numbers of events
  all <- matrix(0L, 1, length(y))
  for (b in unique(block)) {
    at <- which(block == b); k <- sum(y[at]); sets <- combn(length(at), k)
    all <- all[rep(seq_len(nrow(all)), each = ncol(sets)), , drop = FALSE]
    for (j in seq_len(nrow(all))) {
      s <- sets[, (j - 1) %% ncol(sets) + 1]
      all[j, at] <- 0L; all[j, at[s]] <- 1L
    }
  }
  all
}
step_down <- function(z, observed) { # z: arrangements × candidates, sizes in the declared direction
  b <- nrow(z); order <- order(-observed)
  slack <- 1 - 1e-10
  own <- sapply(seq_along(observed), function(k) mean(z[, k] >= observed[k] * slack - (observed[k] < 0) * 1e-9))
  top <- rep(-Inf, b); p <- numeric(length(observed))
  for (k in rev(order)) {
    top <- pmax(top, z[, k]); p[k] <- mean(top >= observed[k] * slack - (observed[k] < 0) * 1e-9)
  }
  p[order] <- cummax(p[order])
  # minP: each column as p-values among itself
  pz <- apply(z, 2, function(c) rank(-round(c, 9), ties.method = "max") / b)
  order <- order(own); low <- rep(Inf, b); q <- numeric(length(own))
  for (k in rev(order)) { low <- pmin(low, pz[, k]); q[k] <- mean(low <= own[k] + 1e-12) }
  q[order] <- cummax(q[order])
  list(own = own, max_t = p, min_p = q)
}
out <- function(case, names, z, s) for (k in seq_along(names))
  cat(sprintf("%s,%s,%.15g,%.15g,%.15g,%.15g\n", case, names[k], z[k], s$own[k], s$max_t[k], s$min_p[k]))

cat("# Written by screen.R (", R.version.string, "); all arrangements, so nothing is random.\n", sep = "")
cat("case,candidate,z,p,p_max_t,p_min_p\n")
d <- read.csv(file.path(here, "screen_data.csv"), comment.char = "#")
one <- rep(1, nrow(d)); y <- d$event
m <- paste0("m", 1:5); g <- c(m[1:2], "g1", "g2", "g3", "m5")
case <- function(name, columns, block, statistic, size) {
  a <- arrangements(y, block)
  z <- sapply(columns, function(k) apply(a, 1, function(l) size(statistic(d[[k]], l))))
  z0 <- sapply(columns, function(k) statistic(d[[k]], y))
  out(name, columns, z0, step_down(z, sapply(z0, size)))
}
case("complete", m, one, wilcoxon_z, abs)
case("gaps", g, one, wilcoxon_z, abs)
case("higher", g, one, wilcoxon_z, identity)
case("blocks", m, d$batch, function(x, l) van_elteren_z(x, l, d$batch), abs)
case("blocks_gaps", g, d$batch, function(x, l) van_elteren_z(x, l, d$batch), abs)
case("welch", g, one, welch_t, abs)
case("mean_blocks", g, d$batch, function(x, l) mean_z(x, l, d$batch), abs)

if (length(args) > 1) { # real cytokines; ranks make it a matrix product
  real <- function(name, d, first, groups) {
    d <- d[d$Group %in% groups, ]; y <- as.integer(d$Group == groups[2])
    x <- as.matrix(d[, first:ncol(d)]); keep <- apply(x, 2, function(c) length(unique(c)) > 1)
    s <- apply(x[, keep], 2, function(c) { r <- rank(c); r <- r - mean(r)
      r / sqrt(sum(y) * sum(1 - y) / (length(y) * (length(y) - 1)) * sum(r^2)) })
    sets <- combn(length(y), sum(y)); l <- matrix(0, ncol(sets), length(y))
    l[cbind(rep(seq_len(ncol(sets)), each = nrow(sets)), as.vector(sets))] <- 1
    z0 <- as.vector(y %*% s)
    out(name, colnames(s), z0, step_down(abs(l %*% s), abs(z0)))
  }
  e <- read.csv(file.path(args[2], "clinical/cytokine/CytoProfile_ExampleData1.csv"))
  real("cyto1", e[e$Treatment == "CD3/CD28" & e$Time == 20, ], 4, c("ND", "T2D"))
}
