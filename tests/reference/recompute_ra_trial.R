# SPDX-License-Identifier: GPL-3.0-or-later
# Every number of examples/ra-trial again, from the CSV files alone and by R alone: scores, responses, groups, sets,
# descriptions, tests, intervals, families. Nothing of stroma is read. Not run by the tests (R is no dependency); what it wrote
# is ra_trial_results.csv, which tools/check_ra_results.py holds a fresh run to.
#
#   Rscript tests/reference/recompute_ra_trial.R examples/ra-trial/data tests/reference/ra_trial_results.csv
#
# Made with R 4.2.2, base packages only.
options(digits = 17, stringsAsFactors = FALSE, warn = 1)

# ---- tests, each from its textbook definition ----
snap <- function(d) round(d, 9) # differences of printed decimals: 0.3 - 0.1 and 0.4 - 0.2 are tied
miettinen_nurminen <- function(x1, n1, x2, n2, level = 0.95) {
  p1 <- x1 / n1; p2 <- x2 / n2; N <- n1 + n2; C <- x1 + x2
  score <- function(d) {
    L3 <- N; L2 <- (n1 + 2 * n2) * d - N - C; L1 <- (n2 * d - N - 2 * x2) * d + C; L0 <- x2 * d * (1 - d)
    q <- (L2 / (3 * L3))^3 - L1 * L2 / (6 * L3^2) + L0 / (2 * L3)
    s <- sign(q); if (s == 0) s <- 1
    p <- s * sqrt(max(0, (L2 / (3 * L3))^2 - L1 / (3 * L3)))
    a <- if (p == 0) 0 else (pi + acos(max(-1, min(1, q / p^3)))) / 3
    r2 <- min(1, max(0, 2 * p * cos(a) - L2 / (3 * L3))); r1 <- min(1, max(0, r2 + d))
    v <- (r1 * (1 - r1) / n1 + r2 * (1 - r2) / n2) * N / (N - 1)
    if (v <= 0) return(if (p1 - p2 == d) 0 else Inf)
    (p1 - p2 - d)^2 / v
  }
  z2 <- qchisq(level, 1); d <- p1 - p2; f <- function(x) score(x) - z2
  lo <- if (d <= -1) -1 else uniroot(f, c(-1 + 1e-10, d - 1e-12), tol = 1e-13)$root
  hi <- if (d >= 1) 1 else uniroot(f, c(d + 1e-12, 1 - 1e-10), tol = 1e-13)$root
  c(estimate = d, lower = lo, upper = hi)
}
clopper <- function(x, n, level = 0.95) {
  a <- (1 - level) / 2
  c(if (x == 0) 0 else qbeta(a, x, n - x + 1), if (x == n) 1 else qbeta(1 - a, x + 1, n - x))
}
# distribution of the doubled rank sum of m of the scores, by counting (Streitberg & Roehmel)
ranksum_dist <- function(scores, m) {
  S <- sum(scores); w <- matrix(0, m + 1, S + 1); w[1, 1] <- 1
  for (s in scores) {
    for (k in m:1) # sizes downwards: each score is used once
      w[k + 1, (s + 1):(S + 1)] <- w[k + 1, (s + 1):(S + 1)] + w[k, 1:(S + 1 - s)]
  }
  w[m + 1, ] / sum(w[m + 1, ])
}
mann_whitney <- function(x, y, level = 0.95) {
  n1 <- length(x); n2 <- length(y); r <- rank(c(x, y)); W <- sum(r[seq_len(n1)]) - n1 * (n1 + 1) / 2
  d <- ranksum_dist(as.integer(round(2 * r)), n1)
  t <- 2 * sum(r[seq_len(n1)]); mid <- n1 * (n1 + n2 + 1); at <- seq_along(d) - 1
  p <- min(1, sum(d[abs(at - mid) >= abs(t - mid) - 1e-9]))
  q <- which(cumsum(d) >= (1 - level) / 2 * (1 - 1e-12))[1] - 1       # doubled rank sum
  k <- max(1, ceiling((q - n1 * (n1 + 1)) / 2)); all <- sort(outer(x, y, "-"))
  list(W = W, p = p, est = median(all), lo = all[k], hi = all[length(all) - k + 1], auc = W / n1 / n2,
       ties = any(duplicated(c(x, y))))
}
mann_whitney_normal <- function(x, y, level = 0.95) {
  h <- suppressWarnings(wilcox.test(x, y, exact = FALSE, correct = TRUE, conf.int = TRUE, tol.root = 1e-12))
  n1 <- length(x); n2 <- length(y); all <- sort(outer(x, y, "-"))
  list(W = unname(h$statistic), p = h$p.value, est = median(all), lo = h$conf.int[1], hi = h$conf.int[2],
       auc = unname(h$statistic) / n1 / n2, ties = TRUE)
}
signrank_test <- function(d, level = 0.95) {
  d <- d[d != 0]; n <- length(d)
  if (n == 0) return(NULL)
  r <- rank(abs(d)); V <- sum(r[d > 0]); s <- as.integer(round(2 * r)); w <- 1
  for (k in s) { a <- c(w, rep(0, k)); b <- c(rep(0, k), w); w <- (a + b) / 2 }
  at <- seq_along(w) - 1; mid <- sum(s) / 2
  p <- min(1, sum(w[abs(at - mid) >= abs(2 * V - mid) - 1e-9]))
  o <- outer(d, d, "+") / 2; walsh <- sort(o[lower.tri(o, TRUE)])
  k <- qsignrank((1 - level) / 2, n); reach <- psignrank(0, n) <= (1 - level) / 2; k <- max(k, 1)
  list(V = V, n = n, p = p, est = median(walsh), lo = if (reach) walsh[k] else NA,
       hi = if (reach) walsh[length(walsh) - k + 1] else NA, effect = (2 * V - sum(r)) / sum(r))
}
hedges_limits <- function(t, df, scale, level = 0.95) { # noncentralities, times J and the scale
  J <- exp(lgamma(df / 2) - lgamma((df - 1) / 2)) / sqrt(df / 2)
  f <- function(prob) uniroot(function(n) suppressWarnings(pt(t, df, n)) - prob, c(t - 12, t + 12), tol = 1e-12)$root
  c(J * t * scale, J * scale * f((1 + level) / 2), J * scale * f((1 - level) / 2))
}
# ---- the data, from the CSV files alone ----
args <- commandArgs(TRUE)
dir <- args[1]; out <- args[2]
read <- function(f) read.csv(file.path(dir, f), colClasses = "character", na.strings = character(), check.names = FALSE)
num <- function(v) suppressWarnings(as.numeric(v))
subj <- read("subjects.csv"); subj <- subj[order(subj$subject), ]
ids <- subj$subject
V <- c("W0", "W1", "W2", "W3", "W4", "W12", "W24", "W48")
M <- list(); L <- list() # M[[param]]: subject x visit values; L: TRUE where below the limit
blank <- function() matrix(NA_real_, length(ids), length(V), dimnames = list(ids, V))
for (f in c("visits.csv", "cells.csv", "antibodies.csv", "labs.csv", "haq.csv")) {
  d <- read(f)
  for (p in setdiff(names(d), c("subject", "visit", "day", "aids_or_help"))) {
    m <- blank()
    for (i in rev(seq_len(nrow(d)))) m[d$subject[i], d$visit[i]] <- num(d[[p]][i]) # first row of a cell stays
    M[[p]] <- m
  }
}
cyt <- read("cytokines.csv")
cn <- c(`TNF-alpha` = "tnf_alpha_pg_ml", `IFN-gamma` = "ifn_gamma_pg_ml", `IL-1beta` = "il_1beta_pg_ml",
        `IL-2R` = "sil_2r_pg_ml", `IL-6` = "il_6_pg_ml", `IL-8` = "il_8_pg_ml", `IL-10` = "il_10_pg_ml")
for (a in names(cn)) {
  d <- cyt[cyt$analyte == a, ]; m <- blank(); l <- m; l[] <- FALSE
  for (i in rev(seq_len(nrow(d)))) {
    below <- startsWith(d$value[i], "<")
    m[d$subject[i], d$visit[i]] <- num(sub("^<", "", d$value[i])); l[d$subject[i], d$visit[i]] <- below
  }
  M[[cn[[a]]]] <- m; L[[cn[[a]]]] <- l == 1
}
names(M)[names(M) == "global_health_mm"] <- "gh_0_100"
for (p in c("age_years", "disease_duration_years", "weight_kg")) M[[p]] <- setNames(num(subj[[p]]), ids)

# ---- scores ----
M$das28_esr4 <- 0.56 * sqrt(M$tjc28) + 0.28 * sqrt(M$sjc28) + 0.70 * log(pmax(M$esr_mm_h, 1)) + 0.014 * M$gh_0_100
M$das28_crp4 <- 0.56 * sqrt(M$tjc28) + 0.28 * sqrt(M$sjc28) + 0.36 * log(M$crp_mg_L + 1) + 0.014 * M$gh_0_100 + 0.96
cats <- list(dressing = c("dress", "shampoo"), arising = c("stand_up", "get_in_bed"),
             eating = c("cut_meat", "lift_cup", "open_milk"), walking = c("walk_flat", "climb_steps"),
             hygiene = c("wash_dry", "take_bath", "toilet"), reach = c("reach_overhead", "bend_down"),
             grip = c("car_doors", "open_jars", "turn_taps"), activities = c("errands", "get_in_car", "chores"))
haq <- read("haq.csv"); M$haq_di <- blank()
for (i in rev(seq_len(nrow(haq)))) {
  aids <- strsplit(haq$aids_or_help[i], "[+; ]+")[[1]]
  s <- sapply(names(cats), function(k) {
    v <- num(unlist(haq[i, paste0("haq_", cats[[k]])])); v <- v[!is.na(v)]
    if (!length(v)) return(NA)
    if (k %in% aids) max(v, 2) else max(v)
  })
  M$haq_di[haq$subject[i], haq$visit[i]] <- if (sum(!is.na(s)) >= 6) mean(s, na.rm = TRUE) else NA
}
milli <- function(x) floor(abs(x) * 1000 + 0.5 + 1e-7) * sign(x)
change <- function(m, from = "W0") { d <- m - m[, from]; d[, from] <- NA; d }
E <- matrix(NA_character_, length(ids), length(V), dimnames = list(ids, V)) # EULAR response
for (v in V[-1]) {
  x <- milli(M$das28_esr4[, v]); d <- milli(M$das28_esr4[, "W0"] - M$das28_esr4[, v])
  E[, v] <- ifelse(is.na(d), NA, ifelse(d > 1200 & x <= 3200, "good",
                   ifelse(d <= 600 | (d <= 1200 & x > 5100), "none", "moderate")))
}
M$treg_th17_ratio <- ifelse(M$th17_pct_cd4 >= 0.1, M$treg_pct_cd4 / M$th17_pct_cd4, NA)
M$das28_change <- change(M$das28_esr4)
haq_change <- change(M$haq_di)
haq_improved <- ifelse(is.na(haq_change), NA, ifelse(haq_change <= -0.22 + 1e-9, "yes", "no"))
pred_change <- change(M$prednisone_mg_d)
pred_reduced <- ifelse(is.na(pred_change), NA, ifelse(pred_change < 0, "yes", "no"))
I <- M$ifn_gamma_pg_ml; IL <- L$ifn_gamma_pg_ml
top <- function(vs) apply(I[, vs, drop = FALSE], 1, function(x) if (all(is.na(x))) NA else max(x, na.rm = TRUE)) # visits without a value are passed over
topL <- function(vs) apply(IL[, vs, drop = FALSE] | is.na(I[, vs, drop = FALSE]), 1, all)
M$ifn_peak_pg_ml <- blank(); L$ifn_peak_pg_ml <- blank() == 1; L$ifn_peak_pg_ml[] <- FALSE
M$ifn_peak_pg_ml[, "W0"] <- I[, "W0"]; M$ifn_peak_pg_ml[, "W4"] <- top(c("W1", "W2", "W3", "W4"))
L$ifn_peak_pg_ml[, "W0"] <- IL[, "W0"]; L$ifn_peak_pg_ml[, "W4"] <- topL(c("W1", "W2", "W3", "W4"))
late <- c("W1", "W2", "W3", "W4", "W12"); M$ifn_change_pg_ml <- blank()
M$ifn_change_pg_ml[, "W12"] <- ifelse(topL(late) | IL[, "W0"], NA, snap(top(late) - I[, "W0"]))
# course of the response: kept, lost in part (still more than 0.6 below baseline), lost
course <- E; course[] <- NA
for (i in ids) {
  had <- FALSE
  for (v in V[-1]) {
    if (is.na(E[i, v])) next
    ok <- E[i, v] != "none"; drop <- milli(M$das28_esr4[i, "W0"] - M$das28_esr4[i, v])
    course[i, v] <- if (ok) "response" else if (!had) "no_response" else if (drop > 600) "partial_relapse" else "relapse"
    had <- had || ok
  }
}

# ---- sets and groups ----
post <- function(m) !is.na(m[, "W0"]) & apply(!is.na(m[, -1]), 1, any)
sets <- list(all_randomised = rep(TRUE, length(ids)), full_analysis = unname(post(M$das28_esr4)),
             safety = subj$treated == "1",
             completers = unname(!is.na(M$das28_esr4[, "W48"])))
resp <- !is.na(E[, "W12"]) & E[, "W12"] %in% c("good", "moderate"); msct <- subj$arm == "MSCT"
hi0 <- I[, "W0"] > 2 & !IL[, "W0"]; hi4 <- M$ifn_peak_pg_ml[, "W4"] > 2 & !L$ifn_peak_pg_ml[, "W4"]
timing <- ifelse(!msct, NA, ifelse(hi0 %in% TRUE, "before", ifelse(hi4 %in% TRUE, "after",
          ifelse(is.na(hi0) | is.na(hi4), NA, "never"))))
red48 <- pred_reduced[, "W48"] == "yes"
G <- list(arm = subj$arm, all = rep("all", length(ids)),
          response = unname(ifelse(!msct, "control", ifelse(resp, "response", "no_response"))),
          ifn_timing = unname(timing),
          # a subject without the data is left out; a non-responder is known not to belong whatever the dose
          taper = unname(ifelse(!msct, NA, ifelse(!is.na(E[, "W12"]) & !resp, "other",
                  ifelse(!is.na(red48) & !red48, "other", ifelse(resp & red48, "tapered", NA))))))
sets$responders <- G$response == "response"
sets$per_protocol <- sets$full_analysis # nobody deviated, all were treated

# ---- writing ----
rows <- list()
put <- function(key, field, value) {
  if (length(value) != 1) stop(key, " ", field)
  rows[[length(rows) + 1]] <<- c(key, field, if (is.na(value)) "" else if (is.character(value)) value else format(value, digits = 11))
}
text <- function(...) paste(sapply(list(...), function(x) if (is.null(x) || is.na(x)) "-" else x), collapse = "|")
half <- function(p) { m <- M[[p]]; if (!is.null(L[[p]])) { w <- which(L[[p]]); m[w] <- m[w] / 2 }; m }
value <- function(p, v) { m <- half(p); if (is.matrix(m)) m[, v] else m }
at_of <- function(p, v) if (is.matrix(M[[p]])) v else NA
for (s in names(sets)) put(text("set", s), "members", paste(ids[sets[[s]]], collapse = "+"))
for (g in names(G)) for (k in unique(G[[g]][!is.na(G[[g]])])) put(text("member", g, k), "members", paste(ids[G[[g]] %in% k], collapse = "+"))
for (p in c("das28_esr4", "das28_crp4", "haq_di", "treg_th17_ratio", "das28_change", "ifn_peak_pg_ml", "ifn_change_pg_ml"))
  for (v in V) { x <- M[[p]][, v]; x <- x[!is.na(x)] # as stored: the limit where a value is below it
    if (length(x)) { k <- text("value", p, v); put(k, "n", length(x)); put(k, "sum", sum(x)); put(k, "squares", sum(x^2)) } }
for (p in c("eular_response", "course")) for (v in V[-1]) { x <- table((if (p == "course") course else E)[, v])
  for (z in names(x)) put(text("value", p, v), paste0("count:", z), x[[z]]) }

seen <- character()
describe <- function(p, v, g, groups, set) for (k in groups) {
  v1 <- at_of(p, v); key <- text("summary", p, v1, g, k, set)
  if (key %in% seen) next
  seen <<- c(seen, key)
  w <- sets[[set]] & G[[g]] %in% k; x <- value(p, v)[w]; n <- sum(!is.na(x)); x <- x[!is.na(x)]
  below <- if (is.null(L[[p]])) 0 else sum(L[[p]][w, v], na.rm = TRUE)
  put(key, "n", n); put(key, "n_expected", sum(w)); put(key, "n_missing", sum(w) - n); put(key, "n_below_limit", below)
  if (n == 0) next
  if (2 * below < n) {
    s <- if (n > 1) sd(x) else NA; h <- if (n > 1) qt(0.975, n - 1) * s / sqrt(n) else NA
    put(key, "mean", mean(x)); put(key, "sd", s); put(key, "sem", s / sqrt(n))
    put(key, "mean_lower", mean(x) - h); put(key, "mean_upper", mean(x) + h)
  } else for (f in c("mean", "sd", "sem", "mean_lower", "mean_upper")) put(key, f, NA)
  q <- quantile(x, c(.5, .25, .75, 0, 1), type = QT, names = FALSE)
  put(key, "median", q[1]); put(key, "q1", q[2]); put(key, "q3", q[3]); put(key, "minimum", q[4]); put(key, "maximum", q[5])
}
describe_words <- function(p, m, v, g, groups, set) for (k in groups) {
  key <- text("summary", p, v, g, k, set)
  if (key %in% seen) next
  seen <<- c(seen, key)
  w <- sets[[set]] & G[[g]] %in% k; x <- if (is.matrix(m)) m[w, v] else m[w]
  put(key, "n", sum(!is.na(x))); put(key, "n_expected", sum(w)); put(key, "n_missing", sum(is.na(x)))
  for (z in sort(unique(x[!is.na(x)]))) put(key, paste0("count:", z), sum(x == z, na.rm = TRUE))
}

# ---- circular or not ----
outcome <- c("tjc28", "sjc28", "esr_mm_h", "gh_0_100", "das28_esr4", "das28_change", "eular_response", "crp_mg_L", "das28_crp4")
of_ifn <- c("ifn_gamma_pg_ml", "ifn_peak_pg_ml", "ifn_change_pg_ml")
circular <- function(p, v, g, predictor = FALSE) {
  if (g == "response") return(p %in% outcome || (match(v, V) > 1 && !(predictor && match(v, V) < match("W12", V))))
  if (g == "ifn_timing") return(p %in% of_ifn || (match(v, V) > 1 && match(v, V) <= match("W4", V)))
  FALSE
}
R <- list() # tests of a family wait for the adjustment
result <- function(analysis, family, adjust, p1, v1, p2, v2, g, a, b, set, r, circ = FALSE) {
  key <- text("result", analysis, p1, v1, p2, v2, g, a, b, r$method)
  for (f in setdiff(names(r), c("p", "method"))) put(key, f, r[[f]])
  put(key, "state", if (circ) "circular" else "present")
  if ("p" %in% names(r)) R[[length(R) + 1]] <<- list(key = key, family = family, adjust = adjust, p = if (circ) NA else r$p)
}
ranked <- c("esr_mm_h", "crp_mg_L", "anti_ccp_u_ml", "rf_iu_ml", "tnf_alpha_pg_ml", "ifn_gamma_pg_ml", "il_1beta_pg_ml",
            "sil_2r_pg_ml", "il_6_pg_ml", "il_8_pg_ml", "il_10_pg_ml", "ifn_peak_pg_ml")
pick <- function(p, v, g, k, set) { w <- sets[[set]] & G[[g]] %in% k; setNames(value(p, v)[w], ids[w]) }
lost <- function(n) as.numeric(n)
two <- function(analysis, family, adjust, p, v, g, a, b, set, circ, ranks = p %in% ranked) {
  x0 <- pick(p, v, g, a, set); y0 <- pick(p, v, g, b, set); x <- x0[!is.na(x0)]; y <- y0[!is.na(y0)]
  miss <- sum(is.na(x0)) + sum(is.na(y0))
  r <- if (ranks) {
    w <- if (length(x) + length(y) > 280) mann_whitney_normal(x, y) else mann_whitney(x, y)
    list(method = "mann_whitney", estimate = w$est, lower = w$lo, upper = w$hi, statistic = w$W, p = w$p, effect = w$auc)
  } else {
    h <- t.test(x, y); n <- length(x); m <- length(y)
    sp <- sqrt(((n - 1) * var(x) + (m - 1) * var(y)) / (n + m - 2)); sc <- sqrt(1 / n + 1 / m)
    e <- hedges_limits((mean(x) - mean(y)) / (sp * sc), n + m - 2, sc)
    list(method = "welch_t", estimate = mean(x) - mean(y), se = h$stderr, lower = h$conf.int[1], upper = h$conf.int[2],
         statistic = unname(h$statistic), df = unname(h$parameter), p = h$p.value, effect = e[1], effect_lower = e[2], effect_upper = e[3])
  }
  r <- c(r, list(n_used = length(x) + length(y), n1 = length(x), n2 = length(y), excluded = lost(miss)))
  result(analysis, family, adjust, p, at_of(p, v), NA, NA, g, a, b, set, r, circ)
}
several <- function(analysis, family, adjust, p, v, g, groups, set, circ, ranks = p %in% ranked) {
  x <- unlist(lapply(groups, function(k) pick(p, v, g, k, set))); k <- rep(groups, sapply(groups, function(k) length(pick(p, v, g, k, set))))
  ok <- !is.na(x); x <- x[ok]; k <- factor(k[ok])
  r <- if (ranks) { h <- kruskal.test(x, k)
    list(method = "kruskal_wallis", statistic = unname(h$statistic), df = unname(h$parameter), p = h$p.value, effect = unname(h$statistic) / (length(x) - 1))
  } else { a <- anova(lm(x ~ k))
    list(method = "anova", statistic = a$F[1], df = a$Df[1], df2 = a$Df[2], p = a$`Pr(>F)`[1], effect = a$`Sum Sq`[1] / sum(a$`Sum Sq`)) }
  result(analysis, family, adjust, p, v, NA, NA, g, NA, NA, set, c(r, list(n_used = length(x), excluded = lost(sum(!ok)))), circ)
}
pairs <- function(analysis, family, adjust, p, v, from, g, k, set, circ, ranks = p %in% ranked) {
  x <- pick(p, v, g, k, set); y <- pick(p, from, g, k, set); ok <- !is.na(x) & !is.na(y); all <- length(x); x <- x[ok]; y <- y[ok]
  if (ranks) {
    w <- signrank_test(snap(x - y))
    r <- list(method = "signed_rank", estimate = w$est, lower = w$lo, upper = w$hi, statistic = w$V, p = w$p, effect = w$effect,
              n_used = w$n, n1 = length(x))
  } else {
    h <- t.test(x, y, paired = TRUE); n <- length(x); e <- hedges_limits(unname(h$statistic), n - 1, 1 / sqrt(n))
    r <- list(method = "paired_t", estimate = mean(x - y), se = h$stderr, lower = h$conf.int[1], upper = h$conf.int[2],
              statistic = unname(h$statistic), df = n - 1, p = h$p.value, effect = e[1], effect_lower = e[2], effect_upper = e[3], n_used = n)
  }
  result(analysis, family, adjust, p, v, NA, from, g, k, NA, set, c(r, list(excluded = lost(all - length(x)))), circ)
}
measured <- function(p, v) !is.matrix(M[[p]]) || v %in% MEASURED(p)
between <- function(analysis, family, adjust, p, v, g, groups, set, circ, ranks = p %in% ranked) {
  if (length(groups) > 2) several(analysis, family, adjust, p, v, g, groups, set, circ, ranks)
  for (i in seq_along(groups)) for (j in seq_along(groups)) if (i < j)
    two(analysis, family, adjust, p, v, g, groups[i], groups[j], set, circ, ranks)
}
time_course <- function(analysis, family, adjust, params, g, groups, tests, set = "full_analysis", visits = V, ranks = NULL) {
  for (p in params) { last <- NA
    rk <- if (is.null(ranks)) p %in% ranked else ranks
    for (v in visits) if (measured(p, v)) {
      describe(p, v, g, groups, set); circ <- circular(p, v, g)
      for (k in groups) {
        if ("within" %in% tests && v != BASE) pairs(analysis, family, adjust, p, v, BASE, g, k, set, circ)
        if ("consecutive" %in% tests && !is.na(last)) pairs(analysis, family, adjust, p, v, last, g, k, set, circ)
      }
      # arms are compared after baseline only: at baseline randomisation made any difference by chance
      if ("between" %in% tests && !(g == "arm" && v == BASE)) between(analysis, family, adjust, p, v, g, groups, set, circ, rk)
      last <- v
    } }
}
compare <- function(analysis, family, adjust, params, visits, g, groups, set = "full_analysis", predictor = FALSE, ranks = NULL)
  for (p in params) for (v in visits) if (measured(p, v)) {
    describe(p, v, g, groups, set)
    between(analysis, family, adjust, p, v, g, groups, set, circular(p, v, g, predictor), if (is.null(ranks)) p %in% ranked else ranks)
  }
ancova <- function(analysis, family, adjust, params, visits, groups, set = "full_analysis") for (p in params) for (v in visits) {
  w <- sets[[set]] & G$arm %in% groups; y <- M[[p]][w, v] - M[[p]][w, BASE]; b <- M[[p]][w, BASE]; a <- (G$arm[w] == groups[1]) + 0
  ok <- !is.na(y) & !is.na(b); f <- lm(y ~ a + b, subset = ok); s <- coef(summary(f))["a", ]; ci <- confint(f)["a", ]
  result(analysis, family, adjust, p, v, NA, BASE, "arm", groups[1], groups[2], set,
         list(method = "ancova", estimate = s[[1]], se = s[[2]], lower = ci[[1]], upper = ci[[2]], statistic = s[[3]], df = f$df.residual,
              p = s[[4]], n_used = sum(ok), n1 = sum(a[ok] == 1), n2 = sum(a[ok] == 0), excluded = lost(sum(!ok))))
}
proportion <- function(analysis, p, m, visits, success, missing, g = "arm", groups = c("MSCT", "PLACEBO"), set = "full_analysis")
  for (v in visits) { if (missing == "nonresponse") set <- "all_randomised"; describe_words(p, m, v, g, groups, set)
    for (k in groups) { w <- sets[[set]] & G[[g]] %in% k; x <- m[w, v]; s <- sum(x %in% success)
      n <- if (missing == "nonresponse") sum(w) else sum(!is.na(x)); ci <- clopper(s, n)
      result(analysis, NA, NA, p, v, NA, NA, g, k, NA, set, list(method = "proportion", estimate = s / n, lower = ci[1], upper = ci[2],
             n_used = n, n1 = s, excluded = lost(if (missing == "nonresponse") 0 else sum(w) - n))) } }
difference <- function(analysis, family, adjust, p, m, v, success, groups, missing = "nonresponse", set = "full_analysis") {
  c4 <- sapply(groups, function(k) { w <- sets[[set]] & G$arm %in% k; x <- m[w, v]; c(sum(x %in% success), sum(w)) })
  ci <- miettinen_nurminen(c4[1, 1], c4[2, 1], c4[1, 2], c4[2, 2])
  result(analysis, family, adjust, p, v, NA, NA, "arm", groups[1], groups[2], set,
         list(method = "risk_difference", estimate = ci[[1]], lower = ci[[2]], upper = ci[[3]],
              p = fisher.test(rbind(c4[1, ], c4[2, ] - c4[1, ]))$p.value, n_used = sum(c4[2, ]), n1 = c4[2, 1], n2 = c4[2, 2], excluded = 0))
}
smd <- function(analysis, params, v, words, groups = c("MSCT", "PLACEBO"), set = "all_randomised", g = "arm") {
  for (p in params) { describe(p, v, g, groups, set)
    x <- pick(p, v, g, groups[1], set); y <- pick(p, v, g, groups[2], set); x <- x[!is.na(x)]; y <- y[!is.na(y)]
    result(analysis, NA, NA, p, at_of(p, v), NA, NA, g, groups[1], groups[2], set,
           list(method = "smd", estimate = (mean(x) - mean(y)) / sqrt((var(x) + var(y)) / 2), n_used = length(x) + length(y), n1 = length(x), n2 = length(y))) }
  for (p in names(words)) { m <- words[[p]]; describe_words(p, m, NA, g, groups, set)
    w1 <- m[sets[[set]] & G[[g]] %in% groups[1]]; w2 <- m[sets[[set]] & G[[g]] %in% groups[2]]; w1 <- w1[!is.na(w1)]; w2 <- w2[!is.na(w2)]
    lev <- unique(m[!is.na(m)]); T1 <- sapply(lev, function(z) mean(w1 == z)); T2 <- sapply(lev, function(z) mean(w2 == z))
    est <- if (length(lev) == 2) unname((T1[1] - T2[1]) / sqrt((T1[1] * (1 - T1[1]) + T2[1] * (1 - T2[1])) / 2)) else {
      a <- T1[-1]; b <- T2[-1]; S <- -(outer(a, a) + outer(b, b)) / 2; diag(S) <- (a * (1 - a) + b * (1 - b)) / 2
      sqrt(drop(t(a - b) %*% solve(S) %*% (a - b))) } # Yang & Dalton 2012
    result(analysis, NA, NA, p, NA, NA, NA, g, groups[1], groups[2], set,
           list(method = "smd", estimate = est, n_used = length(w1) + length(w2), n1 = length(w1), n2 = length(w2))) }
}
spearman <- function(analysis, family, adjust, px, vx, py, vy, g, groups, set = "full_analysis") {
  one <- function(w, k, circ) {
    x0 <- value(px, vx)[w]; y0 <- value(py, vy)[w]; ok <- !is.na(x0) & !is.na(y0); x <- x0[ok]; y <- y0[ok]
    h <- suppressWarnings(cor.test(x, y, method = "spearman", exact = FALSE)); r <- unname(h$estimate); n <- length(x)
    z <- qnorm(0.975) * sqrt((1 + r^2 / 2) / (n - 3))
    result(analysis, family, adjust, px, vx, py, vy, if (is.na(k)) NA else g, k, NA, set,
           list(method = "spearman", estimate = r, lower = tanh(atanh(r) - z), upper = tanh(atanh(r) + z), statistic = unname(h$statistic),
                df = n - 2, p = 2 * pt(-abs(r) * sqrt((n - 2) / (1 - r^2)), n - 2), n_used = n, excluded = lost(sum(!ok))), circ)
  }
  one(sets[[set]] & G[[g]] %in% groups, NA, FALSE)
  if (length(groups) > 1) for (k in groups) one(sets[[set]] & G[[g]] %in% k, k, circular(px, vx, g) || circular(py, vy, g))
}
finish <- function() {
  fam <- sapply(R, function(r) r$family); p <- sapply(R, function(r) r$p); how <- sapply(R, function(r) r$adjust)
  adj <- p
  for (f in unique(fam)) { w <- fam == f & !is.na(p); if (any(w)) adj[w] <- p.adjust(p[w], c(none = "none", holm = "holm", bh = "BH", bonferroni = "bonferroni")[[how[w][1]]]) }
  for (i in seq_along(R)) { put(R[[i]]$key, "p", p[i]); put(R[[i]]$key, "p_adjusted", adj[i]) }
  t <- do.call(rbind, rows); key <- factor(t[, 1], levels = unique(t[, 1]))
  lines <- vapply(split(paste0(t[, 2], "=", t[, 3]), key), paste, "", collapse = " ")
  writeLines(c("key,tolerance,values", paste(levels(key), "1e-06", lines, sep = ",")), out)
}

# ---- the analyses of examples/ra-trial/study.yaml ----
QT <- 7; BASE <- "W0"
RANKED <- "triglycerides_mmol_l"; ranked <- c(ranked, RANKED)
MEASURED <- function(p) V[apply(!is.na(M[[p]]), 2, any)]
ARMS <- c("MSCT", "PLACEBO"); RG <- c("response", "no_response", "control"); ok <- c("good", "moderate")
proportion("response_rate", "eular_response", E, "W12", ok, "nonresponse")
ancova("das28_ancova", "primary", "none", "das28_esr4", "W12", ARMS)
difference("response_difference", "secondary", "holm", "eular_response", E, "W12", ok, ARMS)
ancova("haq_ancova", "secondary", "holm", "haq_di", "W12", ARMS)
proportion("haq_rate", "haq_improved", haq_improved, "W12", "yes", "nonresponse")
time_course("arm_course", "arm_course", "holm", c("das28_esr4", "haq_di"), "arm", ARMS, "between")
cytokines <- c("tnf_alpha_pg_ml", "il_6_pg_ml", "il_10_pg_ml", "il_1beta_pg_ml", "sil_2r_pg_ml", "il_8_pg_ml")
compare("immune_by_arm", "immune_by_arm", "bh", c(cytokines, "treg_th17_ratio"), c("W4", "W12"), "arm", ARMS)
ancova("labs_by_arm", "labs_by_arm", "holm", c("albumin_g_l", "hemoglobin_g_l", "platelets_10e9_l"), "W48", ARMS)
smd("baseline", c("age_years", "disease_duration_years", "weight_kg", "das28_esr4", "haq_di", "tjc28", "sjc28", "esr_mm_h",
    "crp_mg_L", "gh_0_100", "anti_ccp_u_ml", "rf_iu_ml", "treg_th17_ratio", "ifn_gamma_pg_ml", "prednisone_mg_d"), "W0",
    list(sex = c(F = "female", M = "male")[subj$sex]))
time_course("fig2", "paper_fig2", "bonferroni", c("das28_esr4", "haq_di", "esr_mm_h", "crp_mg_L"), "response", RG, c("within", "between"))
time_course("fig3", "paper_fig3", "bonferroni", c("anti_ccp_u_ml", "rf_iu_ml", "treg_th17_ratio"), "response", RG, c("within", "between"))
time_course("fig4", "paper_fig4", "bonferroni", cytokines, "response", RG, c("within", "between"))
compare("fig5a", "ifn_predictor", "holm", "ifn_peak_pg_ml", c("W0", "W4"), "response", RG[1:2], predictor = TRUE)
time_course("fig5be", "paper_fig5be", "bonferroni", c("treg_th17_ratio", "il_6_pg_ml", "tnf_alpha_pg_ml", "il_10_pg_ml"),
            "ifn_timing", c("before", "after"), "consecutive")
spearman("fig5f", "association", "holm", "ifn_change_pg_ml", "W12", "das28_change", "W12", "response", RG[1:2])
spearman("fig5f_peak", "association", "holm", "ifn_peak_pg_ml", "W4", "das28_change", "W12", "response", RG[1:2])
table1 <- c("total_protein_g_l", "albumin_g_l", "globulin_g_l", "cholesterol_mmol_l", "triglycerides_mmol_l", "creatinine_umol_l",
            "urea_mmol_l", "glucose_mmol_l", "wbc_10e9_l", "hemoglobin_g_l", "platelets_10e9_l")
for (p in table1) {
  for (v in c("W0", "W48")) describe(p, v, "response", c("no_response", "response"), "safety")
  for (k in c("no_response", "response")) pairs("table1", "paper_table1", "holm", p, "W48", "W0", "response", k, "safety", circular(p, "W48", "response"))
}
proportion("durability", "eular_response", E, c("W24", "W48"), ok, "nonresponse", "response", "response")
proportion("relapse_rate", "course", course, c("W24", "W48"), c("relapse", "partial_relapse"), "leave_out", "response", "response")
proportion("taper_rate", "prednisone_reduced", pred_reduced, "W48", "yes", "nonresponse", "response", RG)
# what figures and tables show beside the tested groups
for (p in table1) for (v in c("W0", "W48")) describe(p, v, "response", RG, "safety")
for (p in c("treg_th17_ratio", "il_6_pg_ml", "tnf_alpha_pg_ml", "il_10_pg_ml")) for (v in V)
  describe(p, v, "ifn_timing", c("before", "after", "never"), "full_analysis")
for (v in c("W0", "W4")) describe("ifn_peak_pg_ml", v, "response", RG, "full_analysis")
for (v in V) describe("prednisone_mg_d", v, "taper", c("tapered", "other"), "full_analysis")
ae <- read("adverse_events.csv")
for (t in unique(c("any event", "any serious event", "Infusion reaction: fever or chills", "Graft-versus-host disease", "Serious infection",
                   "Thromboembolism", "Malignancy", "Ectopic tissue formation", "Death", ae$term))) for (k in ARMS) {
  w <- ids[sets$safety & G$arm == k]
  s <- length(unique(ae$subject[ae$subject %in% w & (t == "any event" | (t == "any serious event" & ae$serious == "yes") | ae$term == t)]))
  ci <- clopper(s, length(w))
  result("adverse_events", NA, NA, gsub("[,\"]", "", t), NA, NA, NA, "arm", k, NA, "safety",
         list(method = "proportion", estimate = s / length(w), lower = ci[1], upper = ci[2], n_used = length(w), n1 = s))
}
finish()
cat(length(rows), "numbers of", length(unique(sapply(rows, `[`, 1))), "rows\n")
