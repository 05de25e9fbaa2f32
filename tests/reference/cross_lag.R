# SPDX-License-Identifier: GPL-3.0-or-later
# Simulated series (cross_lag.csv, seed 5) and the cross-lagged regressions of them by lm() with the
# cluster-robust covariance of sandwich::vcovCL(type = "HC1"): the numbers in tests/unit/test_alignment.c.
# Made with R 4.2.2, sandwich 3.0-2. Not run by the tests.
#
#   Rscript tests/reference/cross_lag.R > tests/reference/cross_lag.csv        (numbers: standard error)
suppressMessages(library(sandwich))
options(digits = 17)
set.seed(5)
rows <- NULL
for (i in 1:12) {
  day <- sort(sample(seq(0, 84, 7), 6))
  x <- round(rnorm(6, 3, 1), 2)
  y <- round(5 - 0.5 * c(3, x[-6]) + rnorm(6, 0, 0.8), 2)
  x[sample(6, 1)] <- NA
  rows <- rbind(rows, data.frame(subject = i, day, x, y))
}
rows$y[c(9, 40)] <- NA
cat("# SPDX-License-Identifier: GPL-3.0-or-later\n# simulated: tests/reference/cross_lag.R\n")
write.csv(rows, row.names = FALSE, quote = FALSE)
z <- rows
for (v in c("day", "x", "y")) z[[v]] <- (z[[v]] - mean(z[[v]], na.rm = TRUE)) / sd(z[[v]], na.rm = TRUE)
before <- function(v, k, day) {           # last value before a day, not older than 60 days
  ok <- which(!is.na(v) & k < day)
  if (length(ok) == 0 || day - max(k[ok]) > 60) NA else max(ok)
}
for (dir in c("x to y", "y to x")) for (diff in c(FALSE, TRUE)) {
  target <- if (dir == "x to y") "y" else "x"; other <- if (dir == "x to y") "x" else "y"
  d <- NULL
  for (i in unique(z$subject)) {
    s <- z[z$subject == i, ]; k <- rows$day[rows$subject == i]
    for (r in seq_along(k)) {
      if (is.na(s[[target]][r])) next
      a <- before(s[[target]], k, k[r]); b <- before(s[[other]], k, k[r])
      if (is.na(a) || is.na(b)) next
      y <- s[[target]][r]; o <- s[[target]][a]; x <- s[[other]][b]
      if (diff) {
        a2 <- before(s[[target]], k, k[a]); b2 <- before(s[[other]], k, k[b])
        if (is.na(a2) || is.na(b2)) next
        y <- y - o; o <- o - s[[target]][a2]; x <- x - s[[other]][b2]
      }
      d <- rbind(d, data.frame(i, y, o, x, day = s$day[r]))
    }
  }
  m <- lm(y ~ o + x + day, d)
  v <- vcovCL(m, cluster = d$i, type = "HC1")
  message(sprintf("%s %s n %d subjects %d b %.15g se %.15g", dir, if (diff) "differences" else "lagged", nrow(d),
                  length(unique(d$i)), coef(m)["x"], sqrt(v["x", "x"])))
}
