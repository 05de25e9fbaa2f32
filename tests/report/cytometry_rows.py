# SPDX-License-Identifier: GPL-3.0-or-later
"""The cytometry tables of the fixture databases (make_fixture.py): three patients of the trial at three
visits with an FMO control a visit; events drawn from made-up mixtures, gated and binned here, so that
counts, percentages, gates and densities belong together. One Treg gate was not found."""
import json
import math
import random

BINS = 64
LOW, HIGH = -0.12, 1.0
T, M, A = 262144.0, 4.0, 0.7
VISITS = ("bl", "w4", "w12")
SUBJECTS = ("004", "011", "025")
BARE = ("004", "w12")  # of it no densities were kept
AXES = {  # id -> (label, marker, channel, compensated, scale)
    "FSC-A": ("FSC-A", None, "FSC-A", 0, "linear"), "SSC-A": ("SSC-A", None, "SSC-A", 0, "linear"),
    "CD3": ("CD3 (APC-A)", "CD3", "APC-A", 1, "asinh"), "CD4": ("CD4 (FITC-A)", "CD4", "FITC-A", 1, "asinh"),
    "CD25": ("CD25 (PE-A)", "CD25", "PE-A", 1, "asinh"), "FoxP3": ("FoxP3 (BV421-A)", "FoxP3", "BV421-A", 1, "asinh")}


def asinh_scale(x):  # Gating-ML 2.0 fasinh
    return (math.asinh(x * math.sinh(M * math.log(10)) / T) + A * math.log(10)) / ((M + A) * math.log(10))


def asinh_linear(y):
    return math.sinh(y * (M + A) * math.log(10) - A * math.log(10)) * T / math.sinh(M * math.log(10))


def on_scale(axis, x):
    return x / T if AXES[axis][4] == "linear" else asinh_scale(x)


def to_linear(axis, y):
    return None if y is None else y * T if AXES[axis][4] == "linear" else asinh_linear(y)


def ticks(axis):
    out = []
    if AXES[axis][4] == "linear":
        return [dict(at=k * 65536 / T, linear=k * 65536, label=f"{k * 64}K" if k else "0") for k in range(5)]
    for sign in (-1, 1):
        for k in range(2, 6):
            for digit in range(1, 10):
                x = sign * digit * 10.0 ** k
                at = asinh_scale(x)
                if LOW <= at <= HIGH:
                    name = ("−" if sign < 0 else "") + "10" + "²³⁴⁵"[k - 2]
                    out.append(dict(at=at, linear=x, label=name if digit == 1 and k > 2 else ""))
    out.append(dict(at=asinh_scale(0), linear=0, label="0"))
    return sorted(out, key=lambda t: t["at"])


def events(rng, n, treg, foxp3):
    """Rows of (FSC, SSC, CD3, CD4, CD25, FoxP3); a share treg of the CD4 cells is Treg."""
    rows = []
    for _ in range(n):
        u = rng.random()
        if u < 0.15:  # debris
            rows.append((abs(rng.gauss(15000, 8000)), abs(rng.gauss(20000, 15000)), *(rng.gauss(0, 300) for _ in range(4))))
            continue
        base = (rng.gauss(90000, 9000), rng.gauss(35000, 7000))
        cd3 = rng.lognormvariate(9.2, 0.35) if u < 0.8 else rng.gauss(0, 350)
        cd4 = rng.lognormvariate(8.9, 0.3) if u < 0.55 else rng.gauss(0, 350)
        is_treg = u < 0.55 and rng.random() < treg
        cd25 = rng.lognormvariate(8.6, 0.3) if is_treg else abs(rng.gauss(250, 450)) - 150
        fox = rng.lognormvariate(8.1, 0.35) if is_treg and foxp3 else rng.gauss(60, 260)
        rows.append((*base, cd3, cd4, cd25, fox))
    return [dict(zip(AXES, r)) for r in rows]


def wilson(k, n):
    if n == 0:
        return None, None
    z, p = 1.959963984540054, k / n
    mid, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return 100 * (mid - half) / (1 + z * z / n), 100 * (mid + half) / (1 + z * z / n)


def packed(counts):
    out, empty = [], 0
    for c in counts:
        if c == 0:
            empty += 1
            continue
        if empty:
            out.append(f"-{empty}")
        empty = 0
        out.append(str(c))
    return " ".join(out + ([f"-{empty}"] if empty else []))


def bins_of(axis):
    return (0.0, 1.0) if AXES[axis][4] == "linear" else (LOW, HIGH)


def add_density(db, sample, gate, parent, rows, x, y):
    counts, beyond = [0] * (BINS * (BINS if y else 1)), dict(x_below=0, x_above=0, y_below=0, y_above=0)
    for row in rows:
        place = 0
        for axis, name, stride in ((x, "x", 1), (y, "y", BINS)):
            if axis is None:
                continue
            low, high = bins_of(axis)
            v = on_scale(axis, row[axis])
            beyond[name + "_below"] += v < low
            beyond[name + "_above"] += v >= high
            place += stride * min(BINS - 1, max(0, math.floor((v - low) / (high - low) * BINS)))
        counts[place] += 1
    db.add("cytometry_density", sample_id=sample, gate_id=gate, parent_id=parent, entry_id="treg", x_axis_id=x, y_axis_id=y, n_x=BINS,
           n_y=BINS if y else 1, n_events=len(rows), n_not_numbers=0, highest=max(counts), counts=packed(counts), **beyond)


def dim(axis):
    _, _, channel, compensated, scale = AXES[axis]
    return dict(name=channel, axis=axis, compensation="FCS" if compensated else "none", scale=scale, t=T,
                **({} if scale == "linear" else {"m": M, "a": A}))


def inside(gate, row):
    values = [on_scale(a, row[a]) for a in gate["axes"]]
    if "vertices" in gate:
        odd, v = False, gate["vertices"]
        for (x0, y0), (x1, y1) in zip(v, v[1:] + v[:1]):
            if (y0 > values[1]) != (y1 > values[1]) and values[0] < (x1 - x0) * (values[1] - y0) / (y1 - y0) + x0:
                odd = not odd
        return odd
    return all((lo is None or v >= lo) and (hi is None or v < hi) for v, lo, hi in zip(values, gate["lower"], gate["upper"]))


def geometry(gate):
    if "vertices" in gate:
        return dict(vertices=gate["vertices"], linear=dict(vertices=[[to_linear(a, v) for a, v in zip(gate["axes"], p)] for p in gate["vertices"]]))
    ends = {k: gate[k] for k in ("lower", "upper")}
    return dict(ends, linear={k: [to_linear(a, v) for a, v in zip(gate["axes"], e)] for k, e in ends.items()})


def add_gate(db, gate, sample, ord_, **kw):
    row = dict(entry_id="treg", sample_id=sample, gate_id=gate["id"], ord=ord_, parent_id=gate["parent"], label=gate["label"],
               kind="polygon" if "vertices" in gate else "rectangle", dims=json.dumps([dim(a) for a in gate["axes"]]),
               geometry=json.dumps(geometry(gate)), found=1)
    row.update(kw)
    db.add("cytometry_gate", **row)
    return db.con.execute("SELECT last_insert_rowid()").fetchone()[0]


FIXED = [dict(id="lymphocytes", parent=None, label="Lymphocytes", axes=["FSC-A", "SSC-A"],
              vertices=[[0.22, 0.02], [0.52, 0.02], [0.52, 0.26], [0.3, 0.26], [0.22, 0.12]]),
         dict(id="cd4", parent="lymphocytes", label="CD4 T cells", axes=["CD3", "CD4"],
              lower=[asinh_scale(2000), asinh_scale(1800)], upper=[None, None])]


def add_sample(db, number, subject, visit, role, rows, marker=None):
    name = f"fcs/{'FMO_FoxP3' if role == 'fmo' else subject}_{visit}.fcs"
    db.add("input_file", file_id=100 + number, path=name, role="data", format="fcs", sha256=f"{number:064x}", n_bytes=58 + 32 * len(rows), n_rows=len(rows),
           n_columns=8)
    db.add("cytometry_sample", sample_id=number, entry_id="treg", ord=number - 1, file_id=100 + number, dataset=0, subject_id=subject, visit_id=visit, role=role,
           marker=marker, first_event=0, n_events=len(rows), n_excluded=0, acquired_on="2018-04-11", cytometer="Simulated 8-colour",
           compensation="$SPILLOVER", compensation_sha256="c" * 64, condition=1.34, findings="[]", state="present")
    for ord_, (check, label) in enumerate((("flow_rate", "Flow rate"), ("margin", "Events at the margin"))):
        flagged = int(len(rows) * (0.002 + 0.06 * (subject == "025" and check == "flow_rate")))
        db.add("cytometry_quality", sample_id=number, check_id=check, ord=ord_, label=label, n_checked=len(rows), n_flagged=flagged,
               fraction=flagged / len(rows), state="flagged" if flagged > 0.05 * len(rows) else "passed", detail=f"{flagged} of {len(rows)} events")


def add_population(db, sample, gate, row, ord_, n, n_parent, total, reason=None):
    low, high = (None, None) if reason else wilson(n, n_parent)
    db.add("cytometry_population", sample_id=sample, gate_id=gate["id"], gate_row=row, ord=ord_, parent_id=gate["parent"], label=gate["label"],
           n=None if reason else n, n_parent=None if reason else n_parent, pct_parent=None if reason or not n_parent else 100 * n / n_parent, lower=low,
           upper=high, pct_total=None if reason else 100 * n / total, state="not_estimable" if reason else "present", reason=reason,
           flags=json.dumps([f"{n} events, below the floor of 50"]) if not reason and n < 50 else None)
    return db.con.execute("SELECT last_insert_rowid()").fetchone()[0]


def add_subject_sample(db, number, subject, visit, control, threshold, rows, fixed_rows):
    add_sample(db, number, subject, visit, "sample", rows)
    reason = "the valley of CD25 was not found" if (subject, visit) == ("025", "w12") else None
    treg = dict(id="treg", parent="cd4", label="Treg", axes=["CD25", "FoxP3"], lower=[asinh_scale(1500), asinh_scale(threshold)], upper=[None, None])
    own = add_gate(db, treg, number, 2, method="fmo", parameters=json.dumps(dict(quantile=0.995)), confidence=None if reason else 0.95, reason=reason,
                   rule=f"FoxP3: 99.5th percentile of FMO_FoxP3_{visit}.fcs inside CD4 T cells; CD25: valley", found=0 if reason else 1)
    parent, total, ids = rows, len(rows), {}
    for ord_, (gate, row) in enumerate([*zip(FIXED, fixed_rows), (treg, own)]):
        kept = (subject, visit) != BARE
        if kept:
            add_density(db, number, gate["id"], gate["parent"], parent, *gate["axes"])
        if kept and gate is treg:
            add_density(db, number, "treg", "cd4", parent, "FoxP3", None)
        now = [r for r in parent if inside(gate, r)]
        ids[gate["id"]] = add_population(db, number, gate, row, ord_, len(now), len(parent), total, reason if gate is treg else None)
        last, parent = len(parent), now
    low, high = (None, None) if reason else wilson(len(parent), last)
    value = None if reason else 100 * len(parent) / last
    db.add("measurement", subject_id=subject, visit_id=visit, param_id="treg_pct_fcs", value=value, state="not_estimable" if reason else "present", reason=reason,
           file_id=100 + number)
    measured = db.con.execute("SELECT last_insert_rowid()").fetchone()[0]
    db.add("cytometry_statistic", sample_id=number, param_id="treg_pct_fcs", measurement_id=measured, statistic="percent", population_id=ids["treg"],
           of_population_id=ids["cd4"], control_sample_id=control, value=value, lower=low, upper=high, level=0.95, interval_method="Wilson",
           n=None if reason else len(parent), n_of=None if reason else last, definition="100 × treg / cd4", state="not_estimable" if reason else "present",
           reason=reason)


def add_cytometry(db):
    rng = random.Random(4)
    db.param("treg_pct_fcs", "TREGFCS", "Treg by flow cytometry", "%", "cell", decimals=2)
    db.add("cytometry_entry", entry_id="treg", ord=0, label="Treg panel", panel="treg_th17", panel_sha256="a" * 64, gates="treg_th17", gates_kind="strategy",
           gates_sha256="b" * 64, level=0.95, settings=json.dumps(dict(floor=50, qc="mark")))
    for ord_, (axis, (label, marker, channel, compensated, scale)) in enumerate(AXES.items()):
        low, high = bins_of(axis)
        db.add("cytometry_axis", entry_id="treg", axis_id=axis, ord=ord_, label=label, marker=marker, channel=channel, compensated=compensated, scale=scale, t=T,
               m=None if scale == "linear" else M, a=None if scale == "linear" else A, low=low, high=high, ticks=json.dumps(ticks(axis), ensure_ascii=False))
    fixed_rows = [add_gate(db, g, None, k) for k, g in enumerate(FIXED)]
    number = 0
    for v, visit in enumerate(VISITS):
        number += 1
        control, rows = number, events(rng, 3000, 0.05, foxp3=False)
        add_sample(db, control, None, visit, "fmo", rows, "FoxP3")
        for gate in FIXED:
            rows = [r for r in rows if inside(gate, r)]
        threshold = sorted(r["FoxP3"] for r in rows)[int(0.995 * len(rows))]
        add_density(db, control, "treg", "cd4", rows, "CD25", "FoxP3")
        add_density(db, control, "treg", "cd4", rows, "FoxP3", None)
        for k, subject in enumerate(SUBJECTS):
            number += 1
            add_subject_sample(db, number, subject, visit, control, threshold, events(rng, 3000, 0.03 + 0.02 * v + 0.01 * k, foxp3=True), fixed_rows)


def add_items(db):
    """Every flow figure and table, and what they say where nothing was kept."""
    db.add("section", section_id="flow_cytometry", ord=9, title="Flow cytometry", intro="Events that were made up.")
    for item, kind, title, spec in (
            ("strategy", "gating_strategy", "Gating strategy", {}),
            ("strategy_none", "gating_strategy", "A subject without files", dict(subject="001")),
            ("strategy_bare", "gating_strategy", "A sample without densities", dict(subject="004", visit="w12")),
            ("flow_visits", "cytometry_visits", "Treg by group", dict(population="treg", grouping="response")),
            ("flow_named", "cytometry_visits", "Treg of two subjects", dict(population="Treg", subjects=["025", "004"], visits=["bl", "w12"])),
            ("flow_cd4", "cytometry_visits", "CD4 of one subject", dict(population="cd4", subjects=["011"], visits=["bl"])),
            ("overlay", "cytometry_overlay", "FoxP3 over its FMO", dict(population="treg", marker="FoxP3")),
            ("overlay_none", "cytometry_overlay", "CD25, of which no histogram was kept", dict(population="treg", marker="CD25")),
            ("populations", "population_table", "Populations", {}),
            ("populations_one", "population_table", "Treg at the end", dict(population="treg", visits=["w12"])),
            ("samples", "cytometry_quality_table", "Samples", {})):
        db.item(item, "flow_cytometry", kind, title, dict(spec, entry="treg"))
