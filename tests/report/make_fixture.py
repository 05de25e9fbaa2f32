#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a made-up study.db for the tests of the report: make_fixture.py trial|case OUT.db [paper]

"trial" has the shape of a 105-patient trial of two arms and eight visits, "case" that of one patient
with days partly unknown. No number in it is real. Same arguments, same rows.
"""
import functools
import json
import math
import pathlib
import random
import sqlite3
import sys

import cytometry_rows

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "src" / "study" / "schema.sql"
EVIL = "</script><img src=x onerror=alert(1)>"


# --- small statistics: the report prints what it finds in the tables, so the fixture fills them ---
def betainc(a, b, x):
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - betainc(b, a, 1 - x)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    f, c, d = 1.0, 1.0, 0.0
    for i in range(400):
        m = i // 2
        if i == 0:
            num = 1.0
        elif i % 2 == 0:
            num = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        else:
            num = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 / ((1 + num * d) or 1e-30)
        c = (1 + num / c) or 1e-30
        f *= c * d
        if abs(1 - c * d) < 1e-14:
            break
    return front * (f - 1)


def bisect(fn, lo, hi):
    for _ in range(80):
        mid = (lo + hi) / 2
        lo, hi = (mid, hi) if fn(mid) < 0 else (lo, mid)
    return (lo + hi) / 2


def p_t(t, df):
    return betainc(df / 2, 0.5, df / (df + t * t))


@functools.lru_cache(None)
def q_t(df):
    return bisect(lambda t: 0.05 - p_t(t, df), 0, 200)


def clopper(x, n):
    low = 0.0 if x == 0 else bisect(lambda p: betainc(x, n - x + 1, p) - 0.025, 0, 1)
    high = 1.0 if x == n else bisect(lambda p: betainc(x + 1, n - x, p) - 0.975, 0, 1)
    return low, high


def moments(v):
    n = len(v)
    m = math.fsum(v) / n
    sd = math.sqrt(math.fsum((x - m) ** 2 for x in v) / (n - 1)) if n > 1 else None
    return n, m, sd


def quantile(v, q):
    v = sorted(v)
    h = (len(v) - 1) * q
    i = int(h)
    return v[i] + (h - i) * (v[min(i + 1, len(v) - 1)] - v[i])


class Db:
    def __init__(self, path):
        pathlib.Path(path).unlink(missing_ok=True)
        self.con = sqlite3.connect(path)
        self.con.executescript(SCHEMA.read_text(encoding="utf-8"))
        self.next_item = {}

    def add(self, table, **kw):
        cols = ",".join(kw)
        self.con.execute(f"INSERT INTO {table}({cols}) VALUES({','.join('?' * len(kw))})", list(kw.values()))

    def meta(self, **kw):
        for k, v in kw.items():
            self.add("meta", key=k, value=v)

    def item(self, item_id, section, kind, title, spec=None, caption="", origin=None):
        n = self.next_item[section] = self.next_item.get(section, 0) + 1
        self.add("item", item_id=item_id, section_id=section, ord=n, kind=kind, title=title, caption=caption,
                 spec=json.dumps(spec or {}, ensure_ascii=False), origin=origin)

    def result(self, **kw):
        row = dict(excluded="[]", set_id="fas", estimand="descriptive", method="", variant="", n_used=0,
                   estimate_name="", interval_method="", statistic_name="", adjust_method="", effect_name="",
                   state="present", family="descriptive")
        row.update(kw)
        self.add("result", **row)

    def param(self, pid, code, label, unit, category, decimals=1, log=0, lloq=None, low=None, high=None,
              kind="number", derived=0, uloq=None):
        n = self.next_item["param"] = self.next_item.get("param", 0) + 1
        self.add("parameter", param_id=pid, ord=n, paramcd=code, label=label, unit=unit, kind=kind, category=category,
                 decimals=decimals, log_scale=log, lloq=lloq, uloq=uloq, ref_low=low, ref_high=high, derived=derived)


# --- the trial -----------------------------------------------------------------------------------
VISITS = [("bl", "Baseline", 0), ("w1", "W1", 1), ("w2", "W2", 2), ("w3", "W3", 3), ("w4", "W4", 4),
          ("w12", "W12", 12), ("w24", "W24", 24), ("w48", "W48", 48)]
LABS = [("wbc", "WBC", "White cells", "×10⁹/L", 1, 3.5, 9.5, 6.4, 1.9), ("hb", "HGB", "Haemoglobin", "g/L", 0, 115, 150, 101, 14),
        ("plt", "PLAT", "Platelets", "×10⁹/L", 0, 94, 268, 263, 70), ("alt", "ALT", "Alanine aminotransferase", "U/L", 0, 7, 40, 22, 8),
        ("ast", "AST", "Aspartate aminotransferase", "U/L", 0, 13, 35, 23, 7), ("alb", "ALB", "Albumin", "g/L", 1, 40, 55, 32.5, 4.6),
        ("creat", "CREAT", "Creatinine", "µmol/L", 0, 41, 81, 55, 11), ("urea", "BUN", "Urea", "mmol/L", 1, 2.6, 7.5, 5.1, 1.2),
        ("bili", "BILI", "Total bilirubin", "µmol/L", 1, 3.4, 20.5, 9.4, 3.2),
        ("igg", "IGG", "Immunoglobulin G", "g/L", 1, 7, 16, 14.8, 3.5), ("c3", "C3", "Complement C3", "g/L", 2, 0.9, 1.8, 1.2, 0.21)]
CYTO = [("il6", "IL6", "IL-6", 38, 0.35), ("tnfa", "TNFA", "TNF-α", 17, 0.5), ("il10", "IL10", "IL-10", 4.5, 1.8),
        ("il1b", "IL1B", "IL-1β", 2.2, 1), ("il2r", "IL2R", "IL-2R", 480, 1), ("il8", "IL8", "IL-8", 24, 1)]


def trial_parameters(db):
    p = db.param
    p("age_years", "AGE", "Age", "years", "demographic", 0)
    p("sex", "SEX", "Sex", "", "demographic", 0, kind="word")
    p("duration_years", "DURATION", "Disease duration", "years", "demographic", 1)
    p("hostile", "HOSTILE", EVIL + " a label that is very long, as labels of laboratories are when nobody shortens them",
      "=1+1", "demographic", 0)
    p("das28_esr4", "DAS28ESR", "DAS28-ESR", "", "score", 2, derived=1)
    p("haq_di", "HAQDI", "HAQ-DI", "", "score", 2, derived=1)
    p("esr_mm_h", "ESR", "ESR", "mm/h", "acute_phase", 0)
    p("crp_mg_l", "CRP", "CRP", "mg/L", "acute_phase", 1, log=1, lloq=0.5)
    p("anti_ccp_u_ml", "ACCP", "Anti-CCP", "U/mL", "serology", 0, log=1, lloq=7, uloq=500)
    p("rf_iu_ml", "RF", "Rheumatoid factor", "IU/mL", "serology", 0, log=1, lloq=10, uloq=2000)
    p("ratio_treg_th17", "TREGTH17", "Treg/Th17", "", "cell", 2, derived=1)
    for pid, code, label, _, _ in CYTO:
        p(pid + "_pg_ml", code, label, "pg/mL", "cytokine", 1, log=1, lloq=1.2)
    p("ifng_pg_ml", "IFNG", "IFN-γ", "pg/mL", "cytokine", 2, log=1, lloq=0.3)
    p("ifng_peak_pg_ml", "IFNGPEAK", "Peak IFN-γ to week 4", "pg/mL", "cytokine", 2, log=1, lloq=0.3, derived=1)
    p("prednisone_mg_d", "PRED", "Prednisone", "mg/d", "dose", 1)
    for pid, code, label, unit, dec, lo, hi, _, _ in LABS:
        p(pid, code, label, unit, "lab", dec, low=lo, high=hi)
    p("das28_change_w12", "DAS28CHG", "DAS28-ESR, change to week 12", "", "score", 2, derived=1)
    p("ifng_change_w4", "IFNGCHG", "IFN-γ, change to week 4", "pg/mL", "cytokine", 2, derived=1)
    p("eular_w12", "EULAR", "EULAR response at week 12", "", "response", 0, kind="word", derived=1)


def trial_subjects(db, rng):
    subjects = []
    for i in range(1, 106):
        arm = "msct" if i <= 52 else "control"
        group = "control" if arm == "control" else "response" if i <= 28 else "no_response"
        last = 7
        if i in (33, 47):
            last = 5 if i == 33 else 6
        if i in (60, 71, 82, 93, 104):
            last = 4 + i % 3
        reason = None
        if last < 7:
            reason = EVIL if i == 33 else "moved away" if i % 2 else "=1+1"
        subjects.append(dict(id=f"{i:03d}", arm=arm, group=group, last=last, n=i,
                             timing="before" if i <= 12 else "after" if i <= 28 else None,
                             eff=rng.gauss(0, 0.25)))
        db.add("subject", subject_id=f"{i:03d}", display_id=f"{i:03d}", arm_id=arm, ord=i,
               disposition="completed" if last == 7 else "lost_to_follow_up", disposition_reason=reason,
               disposition_day=None if last == 7 else VISITS[last][2] * 7 + 3, last_visit_id=VISITS[last][0])
    return subjects


def curve(week, start, end, speed):
    return end + (start - end) * math.exp(-week / speed)


def value_of(pid, s, week, rng):
    """One made-up value, by the patterns of an anti-rheumatic trial."""
    responds, e = s["group"] == "response", s["eff"]
    if pid == "das28_esr4":
        return max(1.2, curve(week, 5.9, 3.1 if responds else 5.7, 5) + e + rng.gauss(0, 0.3))
    if pid == "haq_di":
        return min(3, max(0, round((curve(week, 1.7, 0.7 if responds else 1.6, 6) + e / 2 + rng.gauss(0, 0.15)) * 8) / 8))
    if pid == "esr_mm_h":
        return max(2, round(curve(week, 58, 24 if responds else 55, 5) * math.exp(e + rng.gauss(0, 0.2))))
    if pid == "crp_mg_l":
        return curve(week, 27, 5 if responds else 25, 4) * math.exp(2 * e + rng.gauss(0, 0.6))
    if pid == "anti_ccp_u_ml":
        return 180 * math.exp(3 * e + rng.gauss(0, 0.8))
    if pid == "rf_iu_ml":
        return 150 * math.exp(3 * e + rng.gauss(0, 0.9))
    if pid == "ratio_treg_th17":
        return curve(week, 1.1, 2.6 if responds else 1.15, 6) * math.exp(e / 2 + rng.gauss(0, 0.2))
    if pid == "ifng_pg_ml":
        if not responds:
            return 0.55 * math.exp(rng.gauss(0, 0.6))
        early = s["timing"] == "before"
        peak = 9 if (week <= 4 if early else 1 <= week <= 4) else 0.8
        return peak * math.exp(rng.gauss(0, 0.45))
    if pid == "prednisone_mg_d":
        base = 7.5 + 2.5 * (s["n"] % 4)
        if responds and s["n"] <= 23:
            return max(0, round((base * curve(week, 1, 0.1, 14)) / 1.25) * 1.25)
        return base
    for name, _, _, level, fall in CYTO:
        if pid == name + "_pg_ml":
            f = 1.0
            if responds and fall != 1:
                f = 1 + (fall - 1) * math.exp(-((week - 4) / 6) ** 2) if fall > 1 else curve(week, 1, fall, 4)
            return level * f * math.exp(e + rng.gauss(0, 0.5))
    for name, _, _, _, dec, lo, hi, m, sd in LABS:
        if pid == name:
            shift = {"alb": 8.1, "hb": 12, "plt": -40}.get(name, 0) if responds and week > 0 else 0
            return max(0.1, rng.gauss(m + shift, sd))
    raise KeyError(pid)


def visits_of(pid):
    if pid in [x[0] for x in LABS]:
        return [0, 5]
    if pid in ("anti_ccp_u_ml", "rf_iu_ml"):
        return [0, 5]
    return range(8)


def trial_measurements(db, subjects, rng):
    params = {r[0]: dict(dec=r[1], lloq=r[2], uloq=r[3], low=r[4], high=r[5], derived=r[6]) for r in db.con.execute(
        "SELECT param_id, decimals, lloq, uloq, ref_low, ref_high, derived FROM parameter")}
    data = {}
    row = [1]

    def put(s, v, pid, x, state="present", text=None, reason=None, deriv=None):
        p = params[pid]
        flag = None
        if isinstance(x, float) and state == "present":
            x = round(x, p["dec"] + (3 if p["derived"] else 0))
            if p["lloq"] is not None and x < p["lloq"]:
                x, state = p["lloq"], "below_limit"
            elif p["uloq"] is not None and x > p["uloq"]:
                x, state = p["uloq"], "above_limit"
            if p["low"] is not None:
                flag = "low" if x < p["low"] else "high" if x > p["high"] else "normal"
        day = None if v is None else VISITS[v][2] * 7 + s["n"] % 3
        row[0] += 1
        db.add("measurement", subject_id=s["id"], visit_id=None if v is None else VISITS[v][0],
               study_day=day, param_id=pid, value=x, text=text, state=state, reason=reason,
               ref_low=p["low"], ref_high=p["high"], ref_flag=flag, derivation_id=deriv,
               file_id=None if deriv else 2, row=None if deriv else row[0], column_name=None if deriv else pid,
               raw=None if deriv else (f"<{x}" if state == "below_limit" else "" if x is None else str(x)))
        data[(s["id"], v, pid)] = (x, state, text)

    db.add("derivation", derivation_id=1, method="score:das28_esr4", version="1", formula="0.56·√TJC28 + 0.28·√SJC28 + 0.70·ln(ESR) + 0.014·GH",
           source="Prevoo 1995", params="{}")
    db.add("derivation", derivation_id=2, method="change", version="1", formula="value − baseline", source="", params="{}")
    series = ["das28_esr4", "haq_di", "esr_mm_h", "crp_mg_l", "anti_ccp_u_ml", "rf_iu_ml", "ratio_treg_th17", "ifng_pg_ml",
              "prednisone_mg_d"] + [c[0] + "_pg_ml" for c in CYTO] + [x[0] for x in LABS]
    for s in subjects:
        put(s, 0, "age_years", float(rng.randint(24, 74)))
        put(s, 0, "sex", None, text="female" if rng.random() < 0.8 else "male")
        put(s, 0, "duration_years", max(0.5, rng.gauss(9, 5)))
        put(s, 0, "hostile", float(rng.randint(1, 9)))
        for pid in series:
            for v in visits_of(pid):
                if v > s["last"]:
                    continue
                x = float(value_of(pid, s, VISITS[v][2], rng))
                u = rng.random()
                deriv = 1 if params[pid]["derived"] else None
                if v not in (0, 5) and u < 0.02:
                    put(s, v, pid, None, "missing" if u < 0.01 else "not_done", reason=EVIL if u < 0.001 else "sample lost", deriv=deriv)
                else:
                    put(s, v, pid, x, deriv=deriv)
        got = [data[(s["id"], v, "ifng_pg_ml")] for v in range(5) if data.get((s["id"], v, "ifng_pg_ml"), (None,))[0] is not None]
        top = max(got, key=lambda c: c[0])
        put(s, None, "ifng_peak_pg_ml", top[0] if top[1] == "below_limit" else float(top[0]), top[1], deriv=2)
        d0, d12 = data[(s["id"], 0, "das28_esr4")], data.get((s["id"], 5, "das28_esr4"))
        if d12:
            put(s, 5, "das28_change_w12", d12[0] - d0[0], deriv=2)
            drop = d0[0] - d12[0]
            word = "good" if d12[0] <= 3.2 and drop > 1.2 else "moderate" if drop > 0.6 and d12[0] <= 5.1 else "none"
            put(s, 5, "eular_w12", None, text=word, deriv=2)
        i0, i4 = data[(s["id"], 0, "ifng_pg_ml")], data.get((s["id"], 4, "ifng_pg_ml"))
        if i4 and i4[0] is not None:
            put(s, 4, "ifng_change_w4", i4[0] - i0[0], deriv=2)
    return data


def trial_groups(db, subjects):
    db.add("grouping", grouping_id="arm", ord=1, label="Arm", rule="as randomised", origin_ancestors="[]", missing_rule="none missing")
    db.add("grouping", grouping_id="response", ord=2, label="EULAR response at week 12", rule="good or moderate EULAR response at week 12, in the treated arm",
           landmark_visit_id="w12", landmark_day=84, origin_param_id="eular_w12",
           origin_ancestors='["das28_esr4","esr_mm_h"]', missing_rule="non-response (composite strategy)")
    db.add("grouping", grouping_id="timing", ord=3, label="When IFN-γ first exceeded 2 pg/mL", rule="among responders: before or after the first infusion",
           landmark_visit_id="w4", landmark_day=28, origin_param_id="ifng_pg_ml", origin_ancestors='["ifng_pg_ml"]', missing_rule="left out")
    groups = {"arm": [("msct", "MSCT", "highlight"), ("control", "Control", "control")],
              "response": [("response", "Response", "response"), ("no_response", "No response", "no_response"), ("control", "Control", "control")],
              "timing": [("before", "Before", "response"), ("after", "After", "highlight")]}
    members = {}
    for g, rows in groups.items():
        for n, (gid, label, role) in enumerate(rows, 1):
            db.add("group_of", grouping_id=g, group_id=gid, ord=n, label=label, colour_role=role)
            members[(g, gid)] = [s for s in subjects if {"arm": s["arm"], "response": s["group"], "timing": s["timing"]}[g] == gid]
            for s in members[(g, gid)]:
                db.add("group_member", grouping_id=g, subject_id=s["id"], group_id=gid, imputed=1 if g == "response" and s["n"] == 33 else 0)
    return groups, members


def summaries(db, data, groups, members, set_id="fas"):
    for pid, kind, low, log in db.con.execute("SELECT param_id, kind, ref_low, log_scale FROM parameter").fetchall():
        visits = sorted({k[1] for k in data if k[2] == pid}, key=lambda v: -1 if v is None else v)
        for (g, gid), who in members.items():
            for v in visits:
                cells = [data.get((s["id"], v, pid)) for s in who]
                words = [c[2] for c in cells if c and c[2]]
                vals = [(c[0] / 2 if c[1] == "below_limit" else c[0]) for c in cells if c and c[0] is not None]
                ranks = [c[0] for c in cells if c and c[0] is not None]
                row = dict(param_id=pid, visit_id=None if v is None else VISITS[v][0], grouping_id=g, group_id=gid, set_id=set_id,
                           n=len(words) or len(vals), n_expected=len(who), n_missing=len(who) - (len(words) or len(vals)),
                           n_below_limit=sum(1 for c in cells if c and c[1] == "below_limit"),
                           n_above_limit=sum(1 for c in cells if c and c[1] == "above_limit"), censored_rule="none")
                if kind == "word":
                    row["counts"] = json.dumps({w: words.count(w) for w in sorted(set(words))})
                elif len(vals) > 1:
                    n, m, sd = moments(vals)
                    h = q_t(n - 1) * sd / math.sqrt(n)
                    row.update(mean=m, sd=sd, sem=sd / math.sqrt(n), mean_lower=m - h, mean_upper=m + h, median=quantile(ranks, .5),
                               q1=quantile(ranks, .25), q3=quantile(ranks, .75), minimum=min(ranks), maximum=max(ranks))
                    if log:
                        row["censored_rule"] = "limit/2 for mean, rank for median"
                    if low is not None:
                        flags = ["low" if x < low else "high" if x > db.high[pid] else "normal" for x in ranks]
                        row["counts"] = json.dumps({k: flags.count(k) for k in ("low", "normal", "high")})
                db.add("summary", **row)


def trial_results(db, data, members, paper):
    fam = {}
    rows = []

    def value(s, v, pid):
        c = data.get((s["id"], v, pid))
        return None if c is None else c[0]

    def two(aid, family, pid, g, a, b, label, circular=False, v=5):
        ca = [value(s, v, pid) - value(s, 0, pid) for s in members[(g, a)] if None not in (value(s, v, pid), value(s, 0, pid))]
        cb = [value(s, v, pid) - value(s, 0, pid) for s in members[(g, b)] if None not in (value(s, v, pid), value(s, 0, pid))]
        na, ma, sa = moments(ca)
        nb, mb, sb = moments(cb)
        se = math.sqrt(sa * sa / na + sb * sb / nb)
        df = se ** 4 / ((sa * sa / na) ** 2 / (na - 1) + (sb * sb / nb) ** 2 / (nb - 1))
        t = (ma - mb) / se
        r = dict(analysis_id=aid, family=family, label=label, param_id=pid, visit_id=VISITS[v][0], visit2_id="bl", grouping_id=g,
                 group_a=a, group_b=b, method="Welch t", variant="two-sided", n_used=na + nb, n1=na, n2=nb,
                 excluded=json.dumps([{"reason": "missing " + VISITS[v][1], "n": 7}]), estimate_name="difference of mean changes",
                 estimate=ma - mb, se=se, interval_method="t", level=0.95, lower=ma - mb - q_t(df) * se, upper=ma - mb + q_t(df) * se,
                 statistic_name="t", statistic=t, df=df, p=p_t(t, df), adjust_method="Holm",
                 effect_name="Hedges g", effect=(ma - mb) / math.sqrt((sa * sa + sb * sb) / 2), estimand="treatment policy")
        if circular:
            r.update(state="circular", reason="the groups were made from DAS28-ESR, which stands behind this comparison")
            if not paper:
                r.update(p=None, adjust_method="")
        rows.append(r)

    def paired(aid, family, pid, g, a, circular=False, v=5):
        c = [value(s, v, pid) - value(s, 0, pid) for s in members[(g, a)] if None not in (value(s, v, pid), value(s, 0, pid))]
        n, m, sd = moments(c)
        se = sd / math.sqrt(n)
        t = m / se if se > 0 else 0.0
        label = f"{pid}, {a}: {VISITS[v][1]} − baseline"
        r = dict(analysis_id=aid, family=family, label=label, param_id=pid, visit_id=VISITS[v][0], visit2_id="bl", grouping_id=g, group_a=a,
                 method="paired t", variant="two-sided", n_used=n, n1=n, estimate_name="mean change", estimate=m, se=se,
                 interval_method="t", level=0.95, lower=m - q_t(n - 1) * se, upper=m + q_t(n - 1) * se, statistic_name="t", statistic=t,
                 df=n - 1, p=p_t(t, n - 1), adjust_method="Holm", effect_name="Cohen d", effect=m / sd if sd > 0 else 0.0)
        if circular:
            r.update(state="circular", reason="responders were chosen by this parameter")
            if not paper:
                r.update(p=None, adjust_method="")
        rows.append(r)

    for pid in ("das28_esr4", "haq_di", "esr_mm_h", "crp_mg_l"):
        two("change_w12_arm", "clinical", pid, "arm", "msct", "control", f"{pid}, change to W12, MSCT − Control")
        two("change_w12_response", "response groups", pid, "response", "response", "no_response",
            f"{pid}, change to W12, Response − No response", circular=pid != "haq_di")
        for v in range(1, 8):
            paired("marks", "figure marks", pid, "response", "response", circular=pid != "haq_di", v=v)
    for c in CYTO:
        two("cytokines_w12", "cytokines", c[0] + "_pg_ml", "arm", "msct", "control", f"{c[2]}, change to W12, MSCT − Control")
    for lab in LABS:
        for a in ("response", "no_response"):
            paired("labs_before_after", "safety labs", lab[0], "response", a)
    rows.append(dict(analysis_id="change_w12_arm", family="clinical", label="Rare subset, MSCT − Control", param_id="ifng_pg_ml",
                     method="Mann-Whitney", variant="exact", n_used=1, n1=1, n2=0, state="not_estimable", reason="control has no value"))
    for r in rows:
        if r.get("p") is not None:
            fam.setdefault(r["family"], []).append(r)
    for same in fam.values():
        worst = 0.0
        for i, r in enumerate(sorted(same, key=lambda q: q["p"])):
            worst = max(worst, min(1.0, r["p"] * (len(same) - i)))
            r["p_adjusted"] = worst
    for r in rows:
        db.result(**r)
    for pid in ("age_years", "sex", "duration_years", "das28_esr4", "haq_di", "esr_mm_h", "crp_mg_l", "prednisone_mg_d"):
        d = 0.12 if pid == "sex" else None
        if d is None:
            a, b = ([value(s, 0, pid) for s in members[("arm", k)]] for k in ("msct", "control"))
            _, ma, sa = moments(a)
            _, mb, sb = moments(b)
            d = (ma - mb) / math.sqrt((sa * sa + sb * sb) / 2)
        db.result(analysis_id="baseline_smd", label=f"{pid} at baseline", param_id=pid, visit_id="bl", grouping_id="arm", group_a="msct",
                  group_b="control", method="smd", n_used=105, n1=52, n2=53, estimate_name="standardised difference", estimate=d)
    for aid, label, g, gid, x, n in (
            [("response_rate", "EULAR response at week 12", "arm", "msct", 28, 52), ("response_rate", "EULAR response at week 12", "arm", "control", 0, 53)] +
            [("ae", term, "arm", gid, x, n) for term, a, b in (("Chills or fever (≤ 39 °C)", 3, 0), ("Headache", 4, 5), (EVIL, 1, 0),
                                                              ("=1+1", 0, 2), ("Serious infection", 0, 0), ("Graft-versus-host disease", 0, 0))
             for gid, x, n in (("msct", a, 52), ("control", b, 53))]):
        lo, hi = clopper(x, n)
        db.result(analysis_id=aid, label=label, grouping_id=g, group_a=gid, method="proportion", variant="", n_used=n, n1=x, visit_id="w12" if aid == "response_rate" else None,
                  estimate_name="proportion", estimate=x / n, interval_method="Clopper-Pearson", level=0.95, lower=lo, upper=hi)
    db.result(analysis_id="response_difference", family="clinical", label="EULAR response at week 12, MSCT − Control", grouping_id="arm", group_a="msct",
              group_b="control", visit_id="w12", method="Fisher exact", variant="two-sided", n_used=105, n1=52, n2=53, estimate_name="risk difference",
              estimate=28 / 52, interval_method="Newcombe", level=0.95, lower=0.392, upper=0.668, p=1.7e-11, p_adjusted=8.5e-11, adjust_method="Holm")
    xs, ys = [], []
    for s in members[("response", "response")]:
        if None not in (value(s, 4, "ifng_change_w4"), value(s, 5, "das28_change_w12")):
            xs.append(value(s, 4, "ifng_change_w4"))
            ys.append(value(s, 5, "das28_change_w12"))
    n, mx, sx = moments(xs)
    _, my, sy = moments(ys)
    r = math.fsum((x - mx) * (y - my) for x, y in zip(xs, ys)) / ((n - 1) * sx * sy)
    z, h = math.atanh(r), 1.959964 / math.sqrt(n - 3)
    db.result(analysis_id="ifng_das28", family="exploratory", label="ΔDAS28-ESR against ΔIFN-γ, responders", param_id="ifng_change_w4", param2_id="das28_change_w12",
              visit_id="w4", visit2_id="w12", grouping_id="response", group_a="response", method="Pearson", n_used=n, estimate_name="r", estimate=r, interval_method="Fisher z",
              level=0.95, lower=math.tanh(z - h), upper=math.tanh(z + h), p=p_t(r * math.sqrt((n - 2) / (1 - r * r)), n - 2), p_adjusted=0.61, adjust_method="Holm")


def trial_flow(db):
    rows = [("enrolled", None, "enrolment", None, "Assessed for eligibility", 118, [("not meeting inclusion criteria", 9), ("declined to take part", 4)]),
            ("randomised", "enrolled", "enrolment", None, "Randomised", 105, []),
            ("a_msct", "randomised", "allocation", "msct", "Allocated to MSCT", 52, [("received the infusion", 52)]),
            ("a_control", "randomised", "allocation", "control", "Allocated to control", 53, [("received the infusion", 53)]),
            ("f_msct", "a_msct", "follow_up", "msct", "Completed week 48", 50, [("lost to follow-up", 2)]),
            ("f_control", "a_control", "follow_up", "control", "Completed week 48", 48, [("lost to follow-up, address unknown after a move", 5)]),
            ("n_msct", "f_msct", "analysis", "msct", "Full analysis set", 52, [("left out", 0)]),
            ("n_control", "f_control", "analysis", "control", "Full analysis set", 53, [("left out", 0)]),
            ("r_yes", "n_msct", "response", "msct", "EULAR response at week 12", 28, [("relapse by week 24", 2)]),
            ("r_no", "n_msct", "response", "msct", "No response", 24, []),
            ("r_control", "n_control", "response", "control", "No response", 53, [])]
    for n, (nid, parent, stage, arm, label, count, details) in enumerate(rows, 1):
        db.add("flow_node", node_id=nid, parent_id=parent, ord=n, stage=stage, arm_id=arm, label=label, n=count,
               details=json.dumps([{"label": a, "n": b} for a, b in details]))


def trial_biomarkers(db):
    """Four questions: a large family with hostile texts, one of an interaction, one without an answer, one with nothing at all."""
    title = EVIL + " =1+1 \u2028 of a very long question that nobody shortened before it was printed"
    card = [{"title": "Use", "text": EVIL}, {"title": "=1+1", "text": "@SUM(1)"}, {"text": "without a title"}]
    for n, (bid, label, question, event, n_events, refused, card_text, why) in enumerate([
            ("many", title, "prognostic", EVIL, 28, None, json.dumps(card), None),
            ("gains", "Who gains", "predictive", None, None, None, None, "the question is predictive"),
            ("refused", "Refused", "predictive", "Response", 0, "there is no control arm " + EVIL, None, EVIL),
            ("empty", "Empty", "pharmacodynamic", "Response", 0, None, None, None)], 1):
        db.add("biomarker", biomarker_id=bid, ord=n, label=label, question=question, outcome="EULAR response " + EVIL, event=event,
               landmark_id=None if bid == "empty" else "bl", landmark_day=0, outcome_day=84, set_id="fas", n=52, n_events=n_events,
               excluded=json.dumps([{"reason": "no outcome " + EVIL, "n": 3}, {"reason": "left before the landmark", "n": 2}] if bid == "many" else []),
               settings="{}", refused=refused, model="{}" if card_text else None, model_card=card_text, model_reason=why)
    rng = random.Random(7)
    for bid, count, name, null in (("many", 64, "AUC", 0.5), ("gains", 2, "difference of AUCs", 0.0)):
        for i in range(count):
            control, tested = i >= 60, i % 13 != 12
            p = min(1.0, 10 ** (-6 + i * 0.1))
            x = null + rng.choice((-1, 1)) * max(0.0, 0.4 - i / 150)
            label = EVIL if i == 0 else "=1+1" if i == 1 else f"Candidate {i} µg/mL"
            result = None
            if tested:
                db.result(analysis_id=bid, family=bid, label=label, method="screen", variant="exact", n_used=52, n1=28, n2=24, estimate_name=name,
                          estimate=x, lower=x - 0.15, upper=x + 0.15, level=0.9 if bid == "gains" else 0.95, p=p, p_adjusted=None if control else min(1.0, p * 60), adjust_method="max-T")
                result = db.con.execute("SELECT max(result_id) FROM result").fetchone()[0]
            db.add("candidate", biomarker_id=bid, ord=i, name=f"c{i}@bl", param_id="ifng_pg_ml", visit_id="bl", label=label, unit="pg/mL",
                   role="negative_control" if control else "candidate", n_used=52 if tested else 0, n_below=i, n_above=0, n_missing=0,
                   p_max_t=None if control or not tested else min(1.0, p * 60), q=None if control or not tested else p,
                   flags=json.dumps(["near constant", EVIL] if i == 2 else []), result_id=result, reason=None if tested else "circular: " + EVIL)
    points = [("roc", s, k / 10, (k / 10) ** (0.3 + s_n / 10), None, None, f"{s}: AUC 0.7") for s_n, s in enumerate(("c0@bl", "c1@bl", EVIL, "c3@bl", "c4@bl", "c5@bl", "c6@bl"))
              for k in range(11)]
    points += [("roc_band", "c0@bl", k / 10, (k / 10) ** 0.3, (k / 10) ** 0.6, 1.0, None) for k in range(11)]
    points += [("cutoff", s, 0.2, 0.7, 0.5, 0.85, EVIL + " > 2 pg/mL") for s in ("c0@bl", "c1@bl", "not drawn")]
    points += [("calibration", "cross-validated", k / 10, k / 10, k / 12, min(1.0, k / 8), EVIL) for k in range(1, 10)]
    points += [("calibration_groups", "cross-validated", k / 4, k / 4, k / 6, min(1.0, k / 3), "5 of 13 had the event") for k in range(1, 4)]
    points += [("decision_curve", s, k / 20, 0.3 - k / 40, None, None, s) for s in ("model", "everybody") for k in range(1, 20)]
    points += [("alignment", EVIL, float(7 * w), -w / 10, -w / 10 - 0.3, -w / 10 + 0.3, EVIL) for w in range(-3, 9)]
    for n, (kind, series, x, y, lower, upper, label) in enumerate(points):
        db.add("curve_point", biomarker_id="many", kind=kind, series=series, ord=n, x=x, y=y, lower=lower, upper=upper, n=52, label=label)
    for what, estimate, state in (("sensitivity", 0.7, "present"), ("AUC of the rule", 0.66, "present"), ("not judged", None, "not_estimable")):
        db.result(analysis_id="many", family="many", label=f"{EVIL} > 2 pg/mL: {what}", method="roc_cutoff", n_used=52, estimate_name=what, estimate=estimate,
                  lower=None if estimate is None else 0.5, upper=None if estimate is None else 0.85, level=0.95, adjust_method="none", state=state,
                  reason=None if estimate is not None else EVIL)
    db.result(analysis_id="many", family="many", label="searched: maximally selected test", method="roc_max_selected", n_used=52, estimate_name="cut-off",
              estimate=1.84, p=0.0321, adjust_method="none")
    for n, (kind, head, text) in enumerate([("note", EVIL, EVIL), ("heterogeneity", "Are there responders at all?", "Not asked: " + EVIL),
                                           ("cannot_conclude", "=1+1", "Line\nbreak\tand tab")]):
        db.add("biomarker_text", biomarker_id="many", ord=n, kind=kind, title=head, text=text)
    for k, pid in enumerate(("ifng_pg_ml", "il6_pg_ml", "tnfa_pg_ml", "hostile")):
        for n, vid in enumerate(("bl", "w1", "w12")): # nobody is expected at w1
            expected = 0 if vid == "w1" else 105
            db.add("summary", param_id=pid, visit_id=vid, grouping_id="all", group_id="all", set_id="fas", n=max(0, expected - 5 - 30 * k),
                   n_expected=expected, n_missing=min(expected, 5 + 30 * k), n_below_limit=0 if vid == "w1" else 10 - k, n_above_limit=0, censored_rule="none")
    for bid in ("many", "gains", "refused", "empty"):
        for kind in ("biomarker_table", "forest", "volcano", "candidate_table", "roc_curve", "cutoff_table", "model_table", "calibration", "decision_curve", "alignment"):
            db.item(f"{bid}_{kind}", "biomarkers", kind, f"{kind} of {bid}", dict(biomarker=bid))
    db.item("one_curve", "biomarkers", "roc_curve", "One curve", dict(biomarker="many", series="c0@bl"))
    db.item("plain_curve", "biomarkers", "roc_curve", "A curve without a cut-off", dict(biomarker="many", series="c2@bl"))
    db.item("no_such_curve", "biomarkers", "roc_curve", "A curve that is not there", dict(biomarker="many", series="</script>"))
    db.item("map", "biomarkers", "missing_map", "What was measured when", dict(params=["il6_pg_ml", "ifng_pg_ml", "tnfa_pg_ml", "hostile", "no such"], set="fas"))


def trial_items(db):
    for n, (sid, title, intro) in enumerate([
            ("flow", "Participants", "Who was enrolled, treated and analysed."), ("efficacy", "Disease activity", "The four clinical measures over 48 weeks."),
            ("biomarkers", "Cells and cytokines", ""), ("subgroup", "IFN-γ subgroups", "Exploratory."), ("safety", "Safety", ""),
            ("methods", "Methods and checks", "")], 1):
        db.add("section", section_id=sid, ord=n, title=title, intro=intro)
    db.item("flow", "flow", "flow", "Participant flow", origin="S3-44")
    db.item("baseline", "flow", "baseline_table", "Baseline characteristics",
            dict(params=["age_years", "sex", "duration_years", "hostile", "das28_esr4", "haq_di", "esr_mm_h", "crp_mg_l", "prednisone_mg_d"], grouping="arm",
                 set="fas", visit="bl", analysis="baseline_smd"), origin="S3-36")
    for letter, pid, title in (("2a", "das28_esr4", "DAS28-ESR"), ("2b", "haq_di", "HAQ-DI"), ("2c", "esr_mm_h", "ESR"), ("2d", "crp_mg_l", "CRP")):
        spec = dict(param=pid, grouping="response", set="fas", points=True, statistic="median" if pid == "crp_mg_l" else "mean", row="fig2", panel=letter,
                    free_scale=True, analysis="marks")
        if pid == "das28_esr4":
            spec["cutoff"] = {"value": 3.2, "label": "low disease activity"}
        db.item("fig" + letter, "efficacy", "time_course", title, spec, origin="S3-45")
    db.item("fig2e", "efficacy", "spaghetti", "Prednisone dose", dict(param="prednisone_mg_d", grouping="response", group="response", set="fas", panel="2e"), origin="S3-46")
    db.item("rates", "efficacy", "rates", "EULAR response at week 12", dict(analysis="response_rate"), origin="S3-53")
    db.item("rate_table", "efficacy", "rate_table", "Response rates", dict(analyses=["response_rate", "response_difference"]))
    db.item("changes", "efficacy", "result_table", "Change to week 12", dict(analyses=["change_w12_arm", "change_w12_response"]))
    db.item("das28_summary", "efficacy", "summary_table", "DAS28-ESR by visit", dict(param="das28_esr4", grouping="response", set="fas"))
    for letter, pid, title in (("3a", "anti_ccp_u_ml", "Anti-CCP"), ("3b", "rf_iu_ml", "Rheumatoid factor")):
        db.item("fig" + letter, "biomarkers", "dot_plot", title, dict(param=pid, grouping="response", visits=["bl", "w12"], set="fas", row="fig3", panel=letter), origin="S3-47")
    db.item("fig3d", "biomarkers", "time_course", "Treg/Th17", dict(param="ratio_treg_th17", grouping="response", set="fas", points=True, statistic="mean", panel="3d"), origin="S3-49")
    for letter, c in zip("abcdef", CYTO):
        db.item("fig4" + letter, "biomarkers", "time_course", c[2], dict(param=c[0] + "_pg_ml", grouping="response", set="fas", points=True, statistic="median", row="fig4",
                panel="4" + letter), origin="S3-50")
    db.item("fig5a", "subgroup", "dot_plot", "Peak IFN-γ to week 4", dict(param="ifng_peak_pg_ml", grouping="response", visits=[], set="fas", panel="5a",
            cutoff={"value": 2.0, "label": "cut-off of the paper"}), origin="S3-55")
    for letter, pid, title in (("5b", "ratio_treg_th17", "Treg/Th17"), ("5c", "il6_pg_ml", "IL-6"), ("5d", "tnfa_pg_ml", "TNF-α"), ("5e", "il10_pg_ml", "IL-10")):
        db.item("fig" + letter, "subgroup", "time_course", title, dict(param=pid, grouping="timing", set="fas", points=True, statistic="mean", row="fig5", free_scale=True,
                panel=letter), origin="S3-59")
    db.item("fig5f", "subgroup", "scatter", "ΔDAS28-ESR against ΔIFN-γ", dict(x={"param": "ifng_change_w4", "visit": "w4"}, y={"param": "das28_change_w12", "visit": "w12"},
            grouping="response", set="fas", analysis="ifng_das28", panel="5f"), origin="S3-61")
    db.item("table1", "safety", "before_after_table", "Safety laboratory values before and after", dict(params=[x[0] for x in LABS], grouping="response",
            groups=["response", "no_response"], set="fas", visits=["bl", "w12"], analysis="labs_before_after"), origin="S3-30")
    db.item("ae", "safety", "event_table", "Adverse events", dict(grouping="arm", set="safety", analysis="ae"), origin="S3-28")
    db.item("findings", "methods", "findings_table", "Findings")
    db.item("tests", "methods", "tests_table", "All tests of this run")
    db.item("files", "methods", "files_table", "Input files")
    db.item("methods", "methods", "text", "Methods", dict(text="Made-up data & <b>no markup</b>. " + EVIL))


def make_trial(path, paper):
    db, rng = Db(path), random.Random(20160708)
    db.meta(schema="stroma.study/1", stroma_version="0.1.0", study_id="FIXTURE", title="Fixture trial " + EVIL, disease="ra", simulated="1",
            layout="trial", style="paper" if paper else "stroma", day0="first infusion", seed="20160708", pseudonymised="0", config="{}",
            headline="28 of 52 treated patients responded at week 12 (54 %, 95 % CI 39–68).", headline_json="{}", study_file_sha256="0" * 64)
    db.add("input_file", file_id=1, path="study.yaml", role="study", format="yaml", sha256="1" * 64, n_bytes=4711)
    db.add("input_file", file_id=2, path="visits \"γ\" <b>.csv", role="data", format="csv", sha256="2" * 64, n_bytes=123456, n_rows=812, n_columns=40)
    db.add("arm", arm_id="msct", ord=1, label="MSCT", role="treated", description="10⁶ cells/kg")
    db.add("arm", arm_id="control", ord=2, label="Control", role="control")
    for n, (vid, label, week) in enumerate(VISITS):
        db.add("visit", visit_id=vid, ord=n + 1, label=label, week=week, time_unit="week", target_day=week * 7, baseline=1 if n == 0 else 0)
    trial_parameters(db)
    db.high = dict(db.con.execute("SELECT param_id, ref_high FROM parameter"))
    subjects = trial_subjects(db, rng)
    data = trial_measurements(db, subjects, rng)
    for n, (sid, label, text) in enumerate([("fas", "Full analysis set", "all randomised"), ("safety", "Safety set", "all infused")], 1):
        db.add("analysis_set", set_id=sid, ord=n, label=label, definition=text)
        for s in subjects:
            db.add("analysis_set_member", set_id=sid, subject_id=s["id"], included=1)
    groups, members = trial_groups(db, subjects)
    summaries(db, data, groups, members)
    trial_results(db, data, members, paper)
    trial_flow(db)
    trial_items(db)
    trial_biomarkers(db)
    cytometry_rows.add_cytometry(db)
    cytometry_rows.add_items(db)
    for n, s in enumerate(("004", "011", "025")):
        db.add("event", subject_id=s, kind="adverse_event", term="Chills or fever (≤ 39 °C)", study_day=0, end_day=0, visit_id="bl", grade=1, serious="no",
               related="yes", action="none", outcome="recovered", detail=EVIL if n == 0 else None)
    for code, sev, cat, sub, vis, par, val, msg in (
            ("STROMA-CHECK-004", "warning", "visits", "033", "w24", None, None, "visit missing after dropout"),
            ("STROMA-CHECK-011", "error", "values", "017", "w2", "esr_mm_h", "=1+1", "value is not a number " + EVIL),
            ("STROMA-CHECK-019", "note", "doses", None, None, None, "106 cells/kg", "a superscript may be lost: 10⁶ read as 106")):
        db.add("finding", code=code, severity=sev, category=cat, file="visits.csv", line=12, column_name="esr", subject_id=sub, visit_id=vis, param_id=par,
               value=val, message=msg, rule="ESR is a number from 0 to 200 mm/h", action="correct the source or declare the code", audit="A17")
    db.add("check_done", check_id="visits", ord=1, label="Visit windows", n_checked=812, n_findings=1)
    db.add("claim", kind="cannot_conclude", title="Blinding", text="The paper does not say who was blinded.", numbers="{}")
    db.con.commit()


# --- the single case -----------------------------------------------------------------------------
def make_case(path):
    db = Db(path)
    db.meta(schema="stroma.study/1", stroma_version="0.1.0", study_id="CASE", title="Fixture case", disease="crohn", simulated="1", layout="case", style="stroma",
            day0="first infusion (date unknown)", seed="1", pseudonymised="0", config="{}", headline="One patient; no conclusion for others.", headline_json="{}",
            study_file_sha256="0" * 64)
    db.add("input_file", file_id=1, path="case.csv", role="data", format="csv", sha256="3" * 64, n_bytes=900, n_rows=20, n_columns=6)
    for n, (vid, label, day) in enumerate([("tm7", "T−7", -7), ("t0", "T0", 0), ("t2", "T+2", 2), ("t7", "T+7", 7), ("t14", "T+14", 14), ("t28", "T+28", 28),
                                           ("late", "After the last infusion", None)]):
        db.add("visit", visit_id=vid, ord=n + 1, label=label, week=day, time_unit="day", target_day=day, baseline=1 if vid == "t0" else 0)
    db.add("subject", subject_id="P1", display_id="P1", ord=1)
    db.add("analysis_set", set_id="all", ord=1, label="The patient", definition="one patient")
    db.add("analysis_set_member", set_id="all", subject_id="P1", included=1)
    p = db.param
    p("ic50", "IC50", "Methylprednisolone IC50", "ng/mL", "cell", 1, log=1)
    p("cdai_crohn", "CDAICD", "CDAI (Crohn)", "", "score", 0, high=150)
    for m in ("CCR7", "CCR4", "CXCR4"):
        p(m.lower() + "_index", m, m, "MFI index", "cell", 1)
    p("hb_g_dl", "HGB", "Haemoglobin", "g/dL", "lab", 1, low=12, high=16)
    p("calprotectin", "CALPRO", "Faecal calprotectin", "mg/kg", "lab", 0, high=50, log=1)
    p("nk_pct", "NK", "NK cells", "% of lymphocytes", "cell", 2, low=5, high=15)
    p("igg_mg_dl", "IGG", "Immunoglobulin G", "mg/dL", "lab", 0, low=700, high=1600)
    p("cdai_crohn_change", "CDAICHG", "CDAI (Crohn), change", "", "score", 0, derived=1)
    p("nk_pct_change", "NKCHG", "NK cells, change", "% of lymphocytes", "cell", 2, derived=1)

    def put(pid, visit, day, x, state="present", reason=None, lo=None, hi=None):
        flag = None if x is None or (lo is None and hi is None) else "low" if lo is not None and x < lo else "high" if hi is not None and x > hi else "normal"
        db.add("measurement", subject_id="P1", visit_id=visit, study_day=day, param_id=pid, value=x, state=state, reason=reason, ref_low=lo, ref_high=hi,
               ref_flag=flag, file_id=1, row=2, column_name=pid, raw=None if x is None else str(x))
    for visit, day, x in (("tm7", -7, 12.0), ("t0", 0, 11.5), ("t7", 7, 3.1), ("t14", 14, 2.6), ("t28", 28, 45.0)):
        put("ic50", visit, day, x)
    put("cdai_crohn", "t0", 0, 270.0, hi=150)
    put("cdai_crohn", "late", None, 215.0, hi=150)
    for k, (a, b, c) in {"ccr7": (14, 6.2, 13.1), "ccr4": (9, 4.1, 8.7), "cxcr4": (22, 9.3, 11.2)}.items():
        for visit, day, x in (("t0", 0, a), ("t2", 2, b), ("t7", 7, c)):
            put(k + "_index", visit, day, float(x))
    put("hb_g_dl", "t0", 0, 9.2, lo=12, hi=16)
    put("hb_g_dl", "late", None, None, "not_done", "not reported")
    put("calprotectin", "t0", 0, 2200.0, hi=50)
    put("calprotectin", "late", None, None, "missing", "not reported")
    put("nk_pct", "t0", 0, 4.52, lo=5, hi=15)
    put("nk_pct", "late", None, 14.5, lo=5, hi=15)
    put("igg_mg_dl", "t0", 0, 1780.0, lo=700, hi=1600)
    db.add("derivation", derivation_id=1, method="change", version="1", formula="value − value before", source="", params="{}")
    for pid in ("cdai_crohn", "nk_pct"):
        (a, x), (b, y) = db.con.execute("SELECT measurement_id, value FROM measurement WHERE param_id = ? ORDER BY measurement_id", (pid,)).fetchall()
        cur = db.con.execute("INSERT INTO measurement(subject_id, visit_id, param_id, value, state, derivation_id) VALUES('P1', 'late', ?, ?, 'present', 1)",
                             (pid + "_change", y - x))
        for n, i in enumerate((a, b)):
            db.add("measurement_input", measurement_id=cur.lastrowid, input_id=i, ord=n)
    for drug, cls, dose, unit, freq, a, b, at, bt, resp, why, on in (
            ("Mesalazine", "5-ASA", 2.4, "g", "daily", None, None, "age 24", "age 26", "none", "no effect", 0),
            ("Azathioprine", "immunosuppressant", 100, "mg", "daily", None, None, "age 26", None, None, "pancreatitis", 0),
            ("Dapsone", "sulfone", 50, "mg", "bid", None, None, "before T−7", None, None, None, 1),
            ("Prednisone", "steroid", 25, "mg", "daily", -30, 28, None, None, "dependent", None, 1),
            ("Infliximab " + EVIL, "anti-TNF", 10, "mg/kg", "per infusion", None, None, "after T+28", None, "transient", None, 0)):
        db.add("therapy", subject_id="P1", drug=drug, **{"class": cls}, dose=float(dose), dose_unit=unit, frequency=freq, start_day=a, end_day=b, start_text=at,
               end_text=bt, response=resp, reason_stopped=why, ongoing=on)
    for kind, term, day, visit, detail in (("infusion", "MSC infusion 1", 0, "t0", "2 × 10⁶ cells/kg"), ("infusion", "MSC infusion 2", None, None, "day not reported"),
                                          ("rescue", "Infliximab rescue", None, "late", "10 days after the second infusion the patient worsened"),
                                          ("milestone", "Listed for HSCT", None, "late", "=1+1")):
        db.add("event", subject_id="P1", kind=kind, term=term, study_day=day, visit_id=visit, detail=detail)
    db.add("section", section_id="case", ord=1, title="The case", intro="One patient.")
    db.item("course", "case", "timeline", "Course of the case", dict(subject="P1", tracks=[
        dict(kind="param", params=["ic50"], label="Methylprednisolone IC50"), dict(kind="param", params=["cdai_crohn"], label="CDAI"),
        dict(kind="therapy", label="Therapies"), dict(kind="event", label="Events")]), origin="S0-54")
    db.item("receptors", "case", "timeline", "Chemokine receptors of T cells", dict(subject="P1", tracks=[
        dict(kind="param", params=["ccr7_index", "ccr4_index", "cxcr4_index"], label="MFI index"), dict(kind="event", label="Events")]), origin="S0-55")
    db.item("labs", "case", "change_table", "Before and after", dict(subject="P1", params=["cdai_crohn", "hb_g_dl", "calprotectin", "nk_pct", "igg_mg_dl"],
            visits=["t0", "late"], statements={"cdai_crohn": "fell by less than 70: no CR-70 response, no remission"}), origin="S0-31")
    db.item("files", "case", "files_table", "Input files")
    db.item("findings", "case", "findings_table", "Findings")
    db.add("check_done", check_id="narrative", ord=1, label="Narrative against values", n_checked=9, n_findings=0)
    db.con.commit()


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4) or sys.argv[1] not in ("trial", "case"):
        sys.exit(__doc__)
    if sys.argv[1] == "trial":
        make_trial(sys.argv[2], len(sys.argv) == 4 and sys.argv[3] == "paper")
    else:
        make_case(sys.argv[2])
