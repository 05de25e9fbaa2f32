#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exported PMML gives the probabilities of `stroma predict`.

usage: check_pmml.py STROMA

Fits models to generated data, exports them, works the XML out with an evaluator of its own (the part of
PMML 4.4 that a RegressionModel needs), and compares patient by patient. Prints TAP."""
import csv
import json
import math
import pathlib
import random
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

NS = "{http://www.dmg.org/PMML-4_4}"
FUNCTIONS = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b,
             "ln": math.log}


def generate(path, rows, seed, with_gaps):
    r = random.Random(seed)
    with open(path, "w", newline="", encoding="utf-8") as f:
        w = csv.writer(f, lineterminator="\n")
        w.writerow(["id", "ifng", "crp", "age", "responder"])
        for i in range(rows):
            x, c, age = r.gauss(0, 1), r.gauss(2, 0.6), round(r.gauss(50, 12))
            p = 1 / (1 + math.exp(-(0.2 + 1.1 * x - 0.5 * (c - 2) + 0.02 * (age - 50))))
            crp = "" if with_gaps and i % 9 == 2 else f"{math.exp(c):.2f}"
            w.writerow([f"S{i}", f"{math.exp(x):.3f}", crp, age, "yes" if r.random() < p else "no"])


def term(e, values):
    """Value of an expression; None when an input is missing"""
    tag = e.tag.removeprefix(NS)
    if tag == "FieldRef":
        return values[e.get("field")]
    if tag == "Constant":
        return float(e.text)
    if tag == "Apply":
        arguments = [term(x, values) for x in e]
        return None if None in arguments else FUNCTIONS[e.get("function")](*arguments)
    raise ValueError("no expression: " + tag)


def probability(root, patient):
    """Of the first category; None where the model has no answer"""
    model = root.find(NS + "RegressionModel")
    values = {}
    for f in model.find(NS + "MiningSchema"):
        if f.get("usageType") == "target":
            continue
        text = patient[f.get("name")]
        if text == "" and f.get("missingValueTreatment") == "returnInvalid":
            return None
        values[f.get("name")] = float(text or f.get("missingValueReplacement"))
    for d in model.find(NS + "LocalTransformations"):
        values[d.get("name")] = term(d[0], values)
    first, second = model.findall(NS + "RegressionTable")
    scores = [float(t.get("intercept")) + sum(float(x.get("coefficient")) * values[x.get("name")] for x in t)
              for t in (first, second)]
    assert model.get("normalizationMethod") == "logit" and scores[1] == 0 and len(second) == 0
    return 1 / (1 + math.exp(-scores[0]))


def check_order(root):
    """complaints about the order of elements, which the schema of PMML fixes"""
    wanted = {"PMML": ["Header", "DataDictionary", "RegressionModel"],
              "Header": ["Extension", "Application", "Annotation"],
              "RegressionModel": ["MiningSchema", "Output", "LocalTransformations", "RegressionTable"]}
    bad = []
    for e in root.iter():
        order = wanted.get(e.tag.removeprefix(NS))
        places = [order.index(c.tag.removeprefix(NS)) for c in e] if order else []
        if places != sorted(places):
            bad.append("elements of " + e.tag.removeprefix(NS) + " out of order")
    names = [f.get("name") for f in root.find(NS + "DataDictionary")]
    used = [f.get("name") for f in root.iter(NS + "MiningField")]
    return bad + ([] if sorted(names) == sorted(used) else ["fields of dictionary and schema differ"])


def check(stroma, folder, options, gaps, recalibrate):
    """complaints about one model"""
    run = lambda *a: subprocess.run([stroma, *a], cwd=folder, check=True, capture_output=True, text=True).stdout
    generate(folder / "train.csv", 150, 1, gaps)
    generate(folder / "new.csv", 40, 2, gaps)
    run("model", "fit", "train.csv", "--outcome", "responder", "--event", "yes", "--predictors", "ifng,crp,age",
        "--log", "ifng,crp", "--landmark", "baseline", "--bootstrap", "20", "--repeats", "1", "--folds", "2",
        "--over-budget", "a test", "-o", "m.json", "--force", "-q", *options)
    model = "m.json"
    if recalibrate:
        generate(folder / "second.csv", 300, 3, gaps)
        run("model", "recalibrate", "m.json", "second.csv", "--slope", "-o", "r.json", "--force", "-q")
        model = "r.json"
    root = ET.fromstring(run("model", "export", model, "--pmml"))
    bad = check_order(root)
    lines = run("predict", model, "new.csv", "--format", "jsonl", "-q").splitlines()
    with open(folder / "new.csv", encoding="utf-8") as f:
        patients = list(csv.DictReader(f))
    for patient, line in zip(patients, lines, strict=True):
        mine, theirs = json.loads(line)["probability"], probability(root, patient)
        if (mine is None) != (theirs is None) or (mine is not None and abs(mine - theirs) > 1e-9 * mine):
            bad.append(f"{patient['id']}: predict {mine}, PMML {theirs}")
    return bad


CASES = [
    ("firth", [], False, False),
    ("no answer for a missing input", [], True, False),
    ("ridge, median for a missing input",
     ["--method", "ridge", "--lambda", "0.05", "--missing-inputs", "median"], True, False),
    ("lasso, recalibrated", ["--method", "lasso", "--lambda", "0.02"], False, True),
]


def main(stroma):
    print(f"TAP version 13\n1..{len(CASES)}")
    failed = 0
    for i, (name, *case) in enumerate(CASES, 1):
        with tempfile.TemporaryDirectory() as folder:
            bad = check(stroma, pathlib.Path(folder), *case)
        print(f"{'not ok' if bad else 'ok'} {i} - {name}")
        for line in bad[:10]:
            print("# " + line)
        failed += bool(bad)
    return 1 if failed else 0


sys.exit(main(str(pathlib.Path(sys.argv[1]).resolve())))
