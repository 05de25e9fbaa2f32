#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Speed of a gated sample of 1,000,000 events x 18 channels: stages, `stroma gate stats` as it is called, a
folder of 500 files, and the same job by the peers that are installed, with their counts beside ours.

usage: bench_cytometry.py BENCH_CYTOMETRY MAKE_FCS_BENCH STROMA GATES [EVENTS [FILES [RUNS]]]"""
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from pathlib import Path

STAINS = ("FITC-A PE-A PE-CF594-A PerCP-Cy5.5-A PE-Cy7-A APC-A AF700-A APC-Cy7-A BV421-A BV510-A BV605-A BV711-A "
          "BV786-A").split()
LIMIT_S, LIMIT_MIB = 0.25, 200  # of the job on 1,000,000 events
FOLDER_EVENTS = 20000

# Each peer reads what it is given as JSON and prints JSON: version, counts, medians in the last gate.
FLOWIO = """
import json, sys
import flowio, flowutils, numpy as np
from flowutils import compensate, gating, transforms
job = json.loads(sys.argv[1])
fcs = flowio.FlowData(job["file"])
x = fcs.as_array(preprocess=False)
names = list(fcs.pnn_labels)
text = (fcs.text.get("spillover") or fcs.text["spill"]).split(",")
n = int(text[0])
at = [names.index(c) for c in text[1:n + 1]]
x = compensate.compensate(x, np.array(text[n + 1:], float).reshape(n, n), at)
linear = x[:, at].copy()
x = transforms.logicle(x, at)
inside, counts = np.arange(len(x)), {}
for g in job["gates"]:
    v = x[np.ix_(inside, [names.index(d["name"]) for d in g["dims"]])]
    if g["vertices"]:
        keep = gating.points_in_polygon(np.array(g["vertices"]), v)
    else:
        keep = np.ones(len(v), bool)
        for k, d in enumerate(g["dims"]):
            keep &= (v[:, k] >= d["min"]) & (v[:, k] < d["max"])
    inside = inside[np.asarray(keep, bool)]
    counts[g["id"]] = len(inside)
medians = np.median(linear[inside], axis=0)
print(json.dumps({"version": flowio.__version__ + " + " + flowutils.__version__, "counts": counts,
                  "medians": dict(zip([names[i] for i in at], medians))}))
"""
FLOWKIT = """
import json, sys
import flowkit, numpy as np
job = json.loads(sys.argv[1])
sample = flowkit.Sample(job["file"])
result = flowkit.parse_gating_xml(job["xml"]).gate_sample(sample)
counts = {g["id"]: int(result.get_gate_count(g["id"])) for g in job["gates"]}
inside = result.get_gate_membership(job["gates"][-1]["id"])
sample.apply_compensation(sample.metadata.get("spillover") or sample.metadata["spill"])
x = sample.get_events(source="comp")
medians = {c: float(np.median(x[inside, sample.get_channel_index(c)])) for c in job["stains"]}
print(json.dumps({"version": flowkit.__version__, "counts": counts, "medians": medians}))
"""
# flowCore's logicle ends at M, not at 1.
FLOWCORE = """
suppressMessages(library(flowCore))
f <- read.FCS(FILE, transformation = FALSE, truncate_max_range = FALSE)
m <- Filter(Negate(is.null), spillover(f))[[1]]
f <- compensate(f, m)
linear <- exprs(f)[, colnames(m)]
f <- transform(f, transformList(colnames(m), logicleTransform(w = 0.5, t = 262144, m = 4.5, a = 0)))
inside <- seq_len(nrow(f)); counts <- c()
for (g in GATES) {
  edges <- sweep(g$edges, 2, ifelse(g$dims %in% colnames(m), 4.5, 1), "*")
  colnames(edges) <- g$dims
  r <- filter(f, if (g$polygon) polygonGate(.gate = edges) else rectangleGate(.gate = edges))
  inside <- inside[as(r, "logical")]; f <- Subset(f, r)
  counts <- c(counts, sprintf('"%s": %d', g$id, length(inside)))
}
medians <- sprintf('"%s": %.17g', colnames(m), apply(linear[inside, ], 2, median))
cat(sprintf('{"version": "%s", "counts": {%s}, "medians": {%s}}', packageVersion("flowCore"),
            paste(counts, collapse = ", "), paste(medians, collapse = ", ")))
"""


def gates_of(path):
    """The gates as plain data: each is inside the one before it."""
    def local(name):
        return name.rsplit("}", 1)[-1]

    gates = []
    for e in xml.parse(path).getroot():
        if not local(e.tag).endswith("Gate"):
            continue
        a = {local(k): v for k, v in e.attrib.items()}
        if a.get("parent_id") != (gates[-1]["id"] if gates else None):
            sys.exit(f"bench_cytometry.py: {path}: gate {a['id']} is not inside the one before it")
        dims, vertices = [], []
        for part in e:
            if local(part.tag) == "dimension":
                d = {local(k): v for k, v in part.attrib.items()}
                dims.append({"name": list(part[0].attrib.values())[0], "min": float(d.get("min", "-inf")),
                             "max": float(d.get("max", "inf"))})
            else:
                vertices.append([float(list(c.attrib.values())[0]) for c in part])
        gates.append({"id": a["id"], "dims": dims, "vertices": vertices})
    return gates


def run(command, out=subprocess.PIPE):
    """Output, wall and CPU seconds, peak MiB of a command and of nothing else."""
    with tempfile.TemporaryFile() as f:
        begin = os.times().elapsed
        child = subprocess.Popen(command, stdout=f, stderr=subprocess.PIPE)
        message = child.stderr.read().decode(errors="replace")
        _, status, used = os.wait4(child.pid, 0)
        wall = os.times().elapsed - begin
        child.returncode = os.waitstatus_to_exitcode(status)
        f.seek(0)
        text = f.read().decode()
    return {"code": child.returncode, "text": text, "message": message, "wall": wall, "user": used.ru_utime,
            "system": used.ru_stime, "cpu": used.ru_utime + used.ru_stime, "mib": used.ru_maxrss / 1024}


def best(command, runs):
    """The run that took least CPU time: what others do on the machine only adds."""
    return min((run(command) for _ in range(runs)), key=lambda r: r["cpu"])


def line(name, r):
    print(f"{name:44} {r['user']:7.3f} {r['system']:7.3f} {r['wall']:7.3f} {r['mib']:8.0f}")


def needs(r, name):
    if r["code"] not in (0, 1):
        sys.exit(f"bench_cytometry.py: {name} failed with {r['code']}: {r['message']}")
    return r


def ours(r):
    """Counts of all populations and medians of the last one, from the table that was printed."""
    rows = list(csv.DictReader(r["text"].splitlines()))
    return ({w["population"]: int(w["count"]) for w in rows},
            {w["of"]: float(w["value"]) for w in rows if w["statistic"] == "mfi"})


def jobs(stroma, path, gates, runs):
    last = gates_of(gates)[-1]["id"]
    stats = [stroma, "gate", "stats", "--gates", gates, "--dead-cell-marker", "none", "--threads", "1", "--format",
             "csv"]
    markers = ["--mfi", ",".join(STAINS)]
    print(f"\n{'as one program, one thread':44} {'user s':>7} {'system':>7} {'wall':>7} {'peak MiB':>8}")
    one = needs(best(stats + markers + ["--population", last, path], runs), "gate stats")
    line("gate stats, 13 medians in the last", one)
    every = needs(best(stats + markers + [path], runs), "gate stats")
    line("gate stats, 13 medians in each and ungated", every)
    line("gate stats, counts alone", needs(best(stats + [path], runs), "gate stats"))
    said = "within" if one["cpu"] <= LIMIT_S and one["mib"] <= LIMIT_MIB else "beyond"
    print(f"{said} {LIMIT_S} s and {LIMIT_MIB} MiB (of 1,000,000 events)")
    return one, every


def folder(stroma, make, gates, files, where):
    """Copies of one smaller file: threads 1 against as many as there are cores, and the same bytes."""
    tubes = Path(where, "tubes")
    tubes.mkdir()
    first = tubes / "000.fcs"
    subprocess.run([make, first, str(FOLDER_EVENTS)], check=True, stdout=subprocess.DEVNULL)
    for i in range(1, files):
        os.link(first, tubes / f"{i:03}.fcs")
    cores = max(2, len(os.sched_getaffinity(0)))
    print(f"\n{f'folder of {files} files, {FOLDER_EVENTS} events each':44} {'user s':>7} {'system':>7} {'wall':>7} "
          f"{'peak MiB':>8}")
    took = {}
    for threads in (1, cores):
        took[threads] = needs(run([stroma, "gate", "stats", "--gates", gates, "--dead-cell-marker", "none", "--mfi",
                                   ",".join(STAINS), "--threads", str(threads), "--format", "csv", tubes]), "folder")
        line(f"threads {threads}", took[threads])
    if took[1]["text"] != took[cores]["text"]:
        sys.exit(f"bench_cytometry.py: threads 1 and {cores} printed different bytes")
    print(f"same bytes; {took[1]['wall'] / took[cores]['wall']:.2f} times as fast on {cores} threads "
          f"(load of the machine: {os.getloadavg()[0]:.1f})")


def in_r(gates):
    """The gates as R writes them: vertices, or two rows of lower and upper edges."""
    parts = []
    for g in gates:
        rows = g["vertices"] or [[d["min"] for d in g["dims"]], [d["max"] for d in g["dims"]]]
        edges = ", ".join("c(" + ", ".join(str(v).replace("inf", "Inf") for v in row) + ")" for row in rows)
        dims = ", ".join(json.dumps(d["name"]) for d in g["dims"])
        parts.append(f'list(id = "{g["id"]}", polygon = {"TRUE" if g["vertices"] else "FALSE"}, dims = c({dims}), '
                     f'edges = rbind({edges}))')
    return "list(" + ", ".join(parts) + ")"


def peers(path, gates):
    """Of each peer: what tells whether it is here, and the job as its command."""
    job = json.dumps({"file": path, "xml": gates, "gates": gates_of(gates), "stains": STAINS})
    r = f"FILE <- {json.dumps(path)}; GATES <- {in_r(gates_of(gates))}\n{FLOWCORE}"
    return {"FlowIO + FlowUtils": ([sys.executable, "-c", "import flowio, flowutils"],
                                   [sys.executable, "-c", FLOWIO, job]),
            "FlowKit": ([sys.executable, "-c", "import flowkit"], [sys.executable, "-c", FLOWKIT, job]),
            "flowCore": (["Rscript", "-e", "library(flowCore)"], ["Rscript", "-e", r])}


def compare(name, test, command, counts, medians, one, runs):
    if shutil.which(test[0]) is None or subprocess.run(test, capture_output=True).returncode != 0:
        print(f"{name} is not installed: no ratio")
        return
    r = best(command, runs)
    if r["code"] != 0:
        print(f"{name} is installed, but failed: {(r['message'].strip().splitlines() or ['without a word'])[-1]}")
        return
    found = json.loads(r["text"])
    line(f"{name} {found['version']}", r)
    differs = {g: (n, counts[g]) for g, n in found["counts"].items() if n != counts[g]}
    worst = max(abs(m - medians[c]) / abs(m) for c, m in found["medians"].items())
    print(f"  takes {r['cpu'] / one['cpu']:.1f} times the CPU time and {r['mib'] / one['mib']:.1f} times the memory; "
          f"counts {'agree' if not differs else f'differ (theirs, ours): {differs}'}; medians to {worst:.1g}")


def main(program, make, stroma, gates, events="1000000", files="500", runs="5"):
    where = tempfile.mkdtemp(prefix="bench-cytometry-")
    try:
        path = str(Path(where, "bench.fcs"))
        subprocess.run([make, path, events], check=True)
        subprocess.run([program, path, gates, runs], check=True)
        one, every = jobs(stroma, path, gates, int(runs))
        counts, medians = ours(every)[0], ours(one)[1]
        print()
        for name, (test, command) in peers(path, gates).items():
            compare(name, test, command, counts, medians, one, max(1, int(runs) // 2))
        folder(stroma, make, gates, int(files), where)
    finally:
        shutil.rmtree(where)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
