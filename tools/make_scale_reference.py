#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write tests/reference/logicle.tsv: points of the logicle and hyperlog scales to 25 digits.

The definitions as published (Moore & Parks 2012 Cytometry A 81:273, Gating-ML 2.0 §6), in decimal
arithmetic of 60 digits, solved by Newton's method from above and then checked to bracket the root.
Nothing of stroma is used, and none of its rearrangements. Parameters and x are doubles, printed so
that they read back; what is computed is the value at exactly those doubles.
"""
import random
import sys
from decimal import Decimal as D, getcontext

getcontext().prec = 60
LN10 = D(10).ln()


def logicle(t, w, m, a):
    w_ = w / (m + a)
    x2 = a / (m + a)
    x1, x0 = x2 + w_, x2 + 2 * w_
    b = (m + a) * LN10
    low, high = D(0), b  # d: 2 (ln d − ln b) + w (d + b) = 0
    for _ in range(260):
        d = (low + high) / 2
        if 2 * (d.ln() - b.ln()) + w_ * (d + b) > 0:
            high = d
        else:
            low = d
    d = b if w == 0 else high
    ca = (x0 * (b + d)).exp()
    fa = (b * x1).exp() - ca * (-d * x1).exp()
    k = t / (b.exp() - fa - ca * (-d).exp())
    c, f = ca * k, fa * k

    def value(y):
        return k * (b * y).exp() - c * (-d * y).exp() - f

    def slope(y):
        return k * b * (b * y).exp() + c * d * (-d * y).exp()

    return x1, value, slope


def hyperlog(t, w, m, a):
    w_ = w / (m + a)
    x2 = a / (m + a)
    x1, x0 = x2 + w_, x2 + 2 * w_
    b = (m + a) * LN10
    ca = (b * x0).exp() / w_
    fa = (b * x1).exp() + ca * x1
    k = t / (b.exp() + ca - fa)
    c, f = ca * k, fa * k

    def value(y):
        return k * (b * y).exp() + c * y - f

    def slope(y):
        return k * b * (b * y).exp() + c

    return x1, value, slope


def solve(x1, value, slope, x):
    size = abs(x)
    y = x1
    step = D(1)
    while value(y) < size:  # convex above x1: Newton comes down from a point above the root
        y += step
    for _ in range(400):
        move = (value(y) - size) / slope(y)
        y -= move
        if abs(move) < D(10) ** -45:
            break
    eps = D(10) ** -35
    assert x == 0 or value(y - eps) < size < value(y + eps), (x, y)
    return y if x >= 0 else 2 * x1 - y


def parameters():
    yield from [(262144.0, 0.5, 4.5, 0.0), (262144.0, 0.0, 4.5, 0.0), (262144.0, 2.0, 6.375, 0.0),
                (1000.0, 1.0, 4.0, -1.0), (1000.0, 2.0, 4.0, -2.0), (1000.0, 2.0, 4.0, 0.0), (1.0, 0.0, 2.0, 2.0),
                (10000.0, 1.0, 2.0, -1.0), (1e7, 4.0, 8.0, -4.0), (1e7, 4.0, 8.0, 0.0), (1e7, 0.0, 8.0, 8.0),
                (1.0, 0.001, 8.0, 0.0), (262144.0, 1.25, 4.5, 2.0), (4194304.0, 0.0, 5.5, 0.0),
                (262144.0, 8.0, 16.0, -8.0), (262144.0, 12.0, 24.0, 0.0)]
    r = random.Random(20061)
    for _ in range(44):
        m = round(r.uniform(2, 8), 3)
        w = round(r.uniform(0, m / 2) * r.choice([1, 1, 0.25, 0.01]), 4)
        a = round(r.uniform(-w, m - 2 * w), 3)
        if not -w <= a <= m - 2 * w:
            a = 0.0
        yield float("%.4g" % 10 ** r.uniform(0, 7)), w, m, a


def places(r, t):
    sizes = [0.0, 1e-12, t, t * 10, t * 1e6] + [float("%.4g" % (t * 10 ** r.uniform(-7, 0))) for _ in range(7)]
    for s in sizes:
        yield s
        if s > 0:
            yield -s


def main():
    r = random.Random(2012)
    out = ["# Points of the logicle and hyperlog scales (1.0 at T), written by tools/make_scale_reference.py in",
           "# decimal arithmetic of 60 digits; y is right to all 25 digits printed.", "scale\tt\tw\tm\ta\tx\ty"]
    for name, make in ("logicle", logicle), ("hyperlog", hyperlog):
        for p in parameters():
            if name == "hyperlog" and p[1] == 0:
                continue
            curve = make(*(D(v) for v in p))
            for x in places(r, p[0]):
                y = solve(*curve, D(x))
                out.append("\t".join([name] + [repr(v) for v in p] + [repr(x), f"{y:.25g}"]))
    sys.stdout.write("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
